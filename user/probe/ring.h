// SPDX-License-Identifier: Apache-2.0
// The reading end of the ring buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/result.h"

struct ring_buffer;

namespace bindtrace {

class Ring {
 public:
  // The bytes are valid during the call only.
  using OnRecord = std::function<void(std::span<const std::byte>)>;

  static Result<Ring> open(int map_fd);

  // Readable when there are records.
  [[nodiscard]] int poll_fd() const;
  // Takes what is there now, but no more than `most` records, and returns how many that were.
  Result<std::size_t> consume(const OnRecord& on_record, std::size_t most = SIZE_MAX);

 private:
  struct Free {
    void operator()(ring_buffer* ring) const;
  };
  struct Receiver;

  Ring(std::unique_ptr<Receiver> receiver, ring_buffer* ring);

  std::unique_ptr<Receiver> receiver_;  // its address is libbpf's callback context
  std::unique_ptr<ring_buffer, Free> ring_;

 public:
  Ring(Ring&&) noexcept;
  Ring& operator=(Ring&&) noexcept;
  ~Ring();
};

}  // namespace bindtrace
