// SPDX-License-Identifier: Apache-2.0
#include "sequels.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kLater = 1'918'000'000;

Sequel sequel() {
  const Incident incident = nginx_restart();
  return {.endpoint = incident.failure.request.endpoint,
          .netns = incident.failure.request.netns,
          .place = incident.victim.place,
          .first = incident.failure.head.key,
          .failures = 4,
          .ktime_ns = kFailureTime + kLater,
          .observed_boottime_ns = kFailureTime + kLater + 100'000,
          .tier = "fexit",
          .host = test_host(),
          .clock = incident.clock};
}

}  // namespace

Sighting sighting(SightingKind kind, std::uint64_t after_ns, std::uint32_t pid, std::string_view comm) {
  const Request request = bare_incident().failure.request;
  Sighting seen;
  seen.kind = kind;
  seen.head.key.ktime_ns = kFailureTime + after_ns;
  seen.task.pid = pid;
  seen.task.start_boottime_ns = kFailureTime - kSecond;
  seen.task.comm = comm;
  seen.socket = listener();
  seen.netns = request.netns;
  if (kind == SightingKind::kBound) {
    seen.socket.inode = 5000 + pid;
    seen.socket.state = SocketState::kClose;
  } else {
    seen.socket.inode.reset();
  }
  return seen;
}

Failure answer(const std::vector<HolderSocket>& sockets, std::uint64_t after_ns) {
  Failure failure;
  failure.head.key.ktime_ns = kFailureTime + after_ns;
  failure.walked = true;
  failure.sockets = sockets;
  return failure;
}

Released released() {
  Released event;
  event.sequel = sequel();
  event.after_ns = kLater;
  event.how = LetGo::kExited;
  event.pid = 811;
  event.comm = "nginx";
  return event;
}

Bound bound() {
  Bound event;
  event.sequel = sequel();
  event.process = nginx_restart().victim;
  event.attempt = 5;
  return event;
}

}  // namespace bindtrace
