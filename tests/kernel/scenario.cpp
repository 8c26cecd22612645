// SPDX-License-Identifier: Apache-2.0
#include "scenario.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace bindtrace {
namespace {

constexpr char kHoldRole[] = "--hold-for-test";

Victim hear_failure(Child child) {
  const Tried tried = child.hear<Tried>();
  if (tried.error != EADDRINUSE) {
    throw std::runtime_error(std::string("the scenario provoked no EADDRINUSE but: ") +
                             std::generic_category().message(tried.error));
  }
  return {std::move(child), tried};
}

}  // namespace

int64_t realtime_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Held held_by_me(const Fd& socket) {
  return {getpid(), socket.get(), inode_of(socket.get())};
}

Tried try_and_tell(const Fd& socket, const std::function<int()>& attempt) {
  Tried tried;
  tried.pid = getpid();
  tried.tid = static_cast<pid_t>(syscall(SYS_gettid));
  tried.parent = getppid();
  tried.uid = geteuid();
  tried.fd = socket.get();
  tried.inode = inode_of(socket.get());
  tried.before_ns = realtime_ns();
  tried.error = attempt();
  tried.after_ns = realtime_ns();
  return tried;
}

Tried bind_and_tell(const Fd& socket, const Endpoint& endpoint) {
  return try_and_tell(socket, [&] { return try_bind(socket.get(), endpoint); });
}

Tried listen_and_tell(const Fd& socket) {
  return try_and_tell(socket, [&] { return try_listen(socket.get()); });
}

Holder hold(const Netns& netns, const Request& request, const std::string& comm) {
  Child child(netns, comm, [&](const Line& line) {
    const Fd socket = serve(request);
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const Held held = child.hear<Held>();
  return {std::move(child), held};
}

Victim fail_in(const Netns& netns, const std::string& comm, const Child::Body& body) {
  return hear_failure(Child(netns, comm, body));
}

Victim fail_to_bind(const Netns& netns, const Request& request, const std::string& comm) {
  return fail_in(netns, comm, [&](const Line& line) {
    const Fd socket = make_socket(request);
    line.tell(bind_and_tell(socket, request.endpoint));
    line.wait_for_release();
  });
}

ListenConflict fail_to_listen(const Netns& netns, Request request, const std::function<Tried(const Fd&)>& attempt) {
  request.options.reuseaddr = true;
  Child first(netns, "bt-holder", [&](const Line& line) {
    const Fd socket = make_socket(request);
    bind_socket(socket.get(), request.endpoint);
    line.tell(held_by_me(socket));
    line.wait_for_release();
    listen_on(socket.get());
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  first.hear<Held>();
  Child second(netns, "bt-victim", [&](const Line& line) {
    const Fd socket = make_socket(request);
    bind_socket(socket.get(), request.endpoint);
    line.tell(held_by_me(socket));
    line.wait_for_release();
    line.tell(attempt(socket));
    line.wait_for_release();
  });
  second.hear<Held>();
  first.release();
  const Held held = first.hear<Held>();
  second.release();
  return {{std::move(first), held}, hear_failure(std::move(second))};
}

Heir inherit(const Netns& netns, const Request& request) {
  Child parent(netns, "bt-parent", [&](const Line& line) {
    const Fd socket = serve(request);
    if (fork() > 0) {
      return;  // we wait for this exit
    }
    must(prctl(PR_SET_NAME, "bt-heir") == 0, "prctl");
    line.wait_for_release();
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const pid_t binder = parent.pid();
  must(parent.join() == 0, "the parent's end");
  parent.release();
  const Held held = parent.hear<Held>();
  return {std::move(parent), binder, held};
}

void become_other_program(const Line& line, const std::string& copy, const Endpoint& endpoint) {
  must(fcntl(line.fd(), F_SETFD, 0) == 0, "fcntl");
  const std::string fd = std::to_string(line.fd());
  const std::string port = std::to_string(endpoint.port);
  execl(copy.c_str(), copy.c_str(), kHoldRole, fd.c_str(), endpoint.address.c_str(), port.c_str(), nullptr);
  must(false, copy.c_str());
  std::abort();
}

bool play_role(int argc, char** argv) {
  if (argc != 5 || std::strcmp(argv[1], kHoldRole) != 0) {
    return false;
  }
  const Line line(std::atoi(argv[2]));
  const Fd socket = serve({Transport::kTcp, {argv[3], static_cast<uint16_t>(std::atoi(argv[4]))}, {}});
  line.tell(held_by_me(socket));
  line.wait_for_release();
  return true;
}

}  // namespace bindtrace
