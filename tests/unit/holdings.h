// SPDX-License-Identifier: Apache-2.0
// A kernel side that knows who has which socket open, who bound it, and who was told to stop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire.h"

namespace bindtrace {

class Holdings {
 public:
  struct Entry {
    std::uint32_t pid = 0;
    std::uint64_t start_boottime_ns = 0;
    std::string comm;
    std::uint32_t fd = 0;
    std::uint64_t inode = 0;
    std::uint8_t state = 10;      // TCP_LISTEN
    std::uint16_t sock_type = 1;  // SOCK_STREAM
  };

  void add(const Entry& entry);
  void fail_with(tl::unexpected<Error> error) { error_ = std::move(error.value()); }

  struct Bind {
    std::uint64_t inode = 0;
    std::uint32_t pid = 0;
    std::uint64_t start_boottime_ns = 0;
    std::string comm;
    std::uint64_t ktime_ns = 0;
    std::uint16_t port = 80;
    bool seeded = false;
  };
  void note(const Bind& bind);
  [[nodiscard]] std::optional<std::vector<std::byte>> find_binding(std::uint64_t inode) const;

  void note(const bt_stop& stop) { stops_[static_cast<std::uint32_t>(stop.tgid)] = stop; }
  [[nodiscard]] std::optional<std::vector<std::byte>> find_stop(std::uint32_t pid) const;

  // A query by inode gets those with it, a query by address gets all.
  Result<std::vector<std::byte>> search(std::span<const std::byte> query);
  [[nodiscard]] const std::optional<bt_query>& last_query() const { return last_query_; }

 private:
  std::vector<bt_holding> all_;
  std::map<std::uint64_t, bt_binder> binders_;
  std::map<std::uint32_t, bt_stop> stops_;
  std::optional<Error> error_;
  std::optional<bt_query> last_query_;
};

}  // namespace bindtrace
