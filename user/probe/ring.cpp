// SPDX-License-Identifier: Apache-2.0
#include "probe/ring.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <utility>

namespace bindtrace {

struct Ring::Receiver {
  const OnRecord* on_record = nullptr;  // set during consume()

  static int take(void* context, void* data, std::size_t size) {
    const auto* self = static_cast<const Receiver*>(context);
    (*self->on_record)({static_cast<const std::byte*>(data), size});
    return 0;
  }
};

void Ring::Free::operator()(ring_buffer* ring) const {
  ring_buffer__free(ring);
}

Ring::Ring(std::unique_ptr<Receiver> receiver, ring_buffer* ring) : receiver_(std::move(receiver)), ring_(ring) {}
Ring::Ring(Ring&&) noexcept = default;
Ring& Ring::operator=(Ring&&) noexcept = default;
Ring::~Ring() = default;

Result<Ring> Ring::open(int map_fd) {
  auto receiver = std::make_unique<Receiver>();
  ring_buffer* ring = ring_buffer__new(map_fd, &Receiver::take, receiver.get(), nullptr);
  if (ring == nullptr) {
    return fail_errno(errno, "open the ring buffer");
  }
  return Ring(std::move(receiver), ring);
}

int Ring::poll_fd() const {
  return ring_buffer__epoll_fd(ring_.get());
}

Result<std::size_t> Ring::consume(const OnRecord& on_record) {
  receiver_->on_record = &on_record;
  const int taken = ring_buffer__consume(ring_.get());
  receiver_->on_record = nullptr;
  if (taken < 0) {
    return fail_errno(-taken, "read the ring buffer");
  }
  return static_cast<std::size_t>(taken);
}

}  // namespace bindtrace
