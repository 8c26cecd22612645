// SPDX-License-Identifier: Apache-2.0
#include "retrier.h"

#include <csignal>
#include <utility>

namespace bindtrace {

Span span_of(const std::function<void()>& act) {
  Span span;
  span.before_ns = realtime_ns();
  act();
  span.after_ns = realtime_ns();
  return span;
}

Span span_of(const Tried& tried) {
  return {tried.before_ns, tried.after_ns};
}

Span kill_and_wait(Child& child) {
  return span_of([&] {
    send_signal(child.pid(), SIGKILL);
    child.join();
  });
}

Span Closer::close() {
  child.release();
  return child.hear<Span>();
}

Closer close_later(const Netns& netns, const std::function<Fd()>& open_socket) {
  Child child(netns, "bt-holder", [&](const Line& line) {
    Fd socket = open_socket();
    line.tell(held_by_me(socket));
    line.wait_for_release();
    line.tell(span_of([&] { socket.close(); }));
    line.wait_for_release();
  });
  const Held held = child.hear<Held>();
  return {std::move(child), held};
}

Retrier::Retrier(const Netns& netns, const std::function<Tried()>& attempt, const std::string& comm)
    : child_(netns, comm, [&](const Line& line) {
        while (true) {
          line.tell(attempt());
          line.wait_for_release();
        }
      }) {
  first_ = child_.hear<Tried>();
}

Tried Retrier::again() {
  child_.release();
  return child_.hear<Tried>();
}

}  // namespace bindtrace
