// SPDX-License-Identifier: Apache-2.0
#include "probe/ring.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <utility>

namespace bindtrace {

struct Ring::Receiver {
  // Set during consume():
  const OnRecord* on_record = nullptr;
  std::size_t taken = 0;
  std::size_t most = 0;

  // A negative answer ends libbpf's loop, after this record.
  static int take(void* context, void* data, std::size_t size) {
    auto* self = static_cast<Receiver*>(context);
    (*self->on_record)({static_cast<const std::byte*>(data), size});
    return ++self->taken < self->most ? 0 : -ECANCELED;
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

Result<std::size_t> Ring::consume(const OnRecord& on_record, std::size_t most) {
  receiver_->on_record = &on_record;
  receiver_->taken = 0;
  receiver_->most = most;
  const int ended = ring_buffer__consume(ring_.get());
  receiver_->on_record = nullptr;
  if (ended < 0 && ended != -ECANCELED) {
    return fail_errno(-ended, "read the ring buffer");
  }
  return receiver_->taken;
}

}  // namespace bindtrace
