// SPDX-License-Identifier: Apache-2.0
// The two parts of most scenarios: a process that holds a port, and one that fails to get it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <sys/types.h>

#include "child.h"
#include "netns.h"
#include "sockets.h"

namespace bindtrace {

int64_t realtime_ns();

// A socket that a process holds, as that process sees it.
struct Held {
  pid_t pid = 0;
  int fd = -1;
  uint64_t inode = 0;
};
Held held_by_me(const Fd& socket);

// A bind or listen that was tried, as the process that tried it saw it.
struct Tried {
  pid_t pid = 0;
  pid_t tid = 0;
  pid_t parent = 0;
  uid_t uid = 0;
  int error = 0;
  int fd = -1;
  uint64_t inode = 0;
  int64_t before_ns = 0;  // CLOCK_REALTIME
  int64_t after_ns = 0;
};
// `attempt` returns 0 or errno.
Tried try_and_tell(const Fd& socket, const std::function<int()>& attempt);
Tried bind_and_tell(const Fd& socket, const Endpoint& endpoint);
Tried listen_and_tell(const Fd& socket);

// A process that serves the request (bound, and listening if TCP) until it is released or destroyed.
struct Holder {
  Child child;
  Held held;
};
Holder hold(const Netns& netns, const Request& request, const std::string& comm = "bt-holder");

// A process that tried and stays until it is released or destroyed.
// Throws std::runtime_error unless the kernel said EADDRINUSE: then the scenario shows nothing.
struct Victim {
  Child child;
  Tried tried;
};
Victim fail_to_bind(const Netns& netns, const Request& request, const std::string& comm = "bt-victim");
// The same for any body that tells a Tried.
Victim fail_in(const Netns& netns, const std::string& comm, const Child::Body& body);

// Two sockets that SO_REUSEADDR let bind one port, of which only one may listen.
struct ListenConflict {
  Holder holder;
  Victim victim;
};
// `attempt` listens on the victim's socket and tells how that went.
ListenConflict fail_to_listen(const Netns& netns, Request request,
                              const std::function<Tried(const Fd&)>& attempt = listen_and_tell);

// A process that has the request's socket from its parent, which bound it and has exited.
struct Heir {
  Child parent;
  pid_t binder;  // its pid
  Held held;
};
Heir inherit(const Netns& netns, const Request& request);  // from "bt-parent" to "bt-heir"

// Becomes another program that holds the request's endpoint: a copy of this test binary under the path
// `copy`. For the body of a child; it tells a Held.
[[noreturn]] void become_other_program(const Line& line, const std::string& copy, const Endpoint& endpoint);
// The other side of it, in main(): runs the role and returns true if the arguments ask for one.
bool play_role(int argc, char** argv);

}  // namespace bindtrace
