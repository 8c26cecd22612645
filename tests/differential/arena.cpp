// SPDX-License-Identifier: Apache-2.0
#include "arena.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/conflict.h"
#include "core/port_look.h"
#include "must.h"

namespace bindtrace {
namespace {

constexpr std::uint16_t kFirstPort = 2000;
constexpr std::uint16_t kLastPort = 30000;  // below those that the kernel gives to connections

void bring_up_loopback() {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::string_view("lo").copy(static_cast<char*>(request.ifr_name), sizeof request.ifr_name);
  request.ifr_flags = IFF_UP;
  must(::ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0, "bring up lo");
}

std::string describe(const std::vector<Subject>& subjects) {
  std::string text;
  for (const Subject& subject : subjects) {
    text += (text.empty() ? "" : "; ") + to_string(subject);
  }
  return text;
}

std::string reason(const ConflictVerdict& verdict) {
  if (verdict.bucket != nullptr) {
    return std::string(verdict.bucket->name);
  }
  std::string text;
  for (const ConflictRule* rule : verdict.sockets) {
    text += (text.empty() ? "" : ",") + std::string(rule != nullptr ? rule->name : "unknown");
  }
  return text;
}

}  // namespace

Arena::Arena(PortWalk& kernel) : kernel_(kernel) {
  enter_new_namespace();
}

void Arena::enter_new_namespace() {
  must(::unshare(CLONE_NEWNET) == 0, "unshare");
  namespace_.reset(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  struct stat status {};
  must(::fstat(namespace_.get(), &status) == 0, "fstat of the network namespace");
  netns_ = static_cast<std::uint32_t>(status.st_ino);
  bring_up_loopback();
  port_ = kFirstPort;
}

std::uint16_t Arena::next_port() {
  if (port_ == kLastPort) {
    enter_new_namespace();
  }
  return port_++;
}

Failure Arena::look(const Request& request) {
  auto failure = look_at_port(request, [this](std::span<const std::byte> query) { return kernel_.walk(query); });
  if (!failure) {
    throw std::runtime_error(failure.error().message);
  }
  failure->request = request;
  return *std::move(failure);
}

bool Arena::agree(const Request& request, int error, const Failure& seen, const std::vector<Subject>& subjects,
                  Tally& tally) {
  if (error != 0 && error != EADDRINUSE) {
    throw std::runtime_error(describe(subjects) + ": " + std::generic_category().message(error));
  }
  const ConflictVerdict verdict = judge_conflict(seen);
  const bool refused = error == EADDRINUSE;
  tally.asked++;
  tally.refused += refused ? 1 : 0;
  std::string what;
  if (!verdict.refused) {
    tally.not_told++;
  } else if (*verdict.refused != refused) {
    what = refused ? "refused, the model lets it pass" : "passed, the model refuses it";
  }
  for (const HolderSocket& socket : seen.sockets) {
    if (socket.overlaps != overlaps(request, socket) && socket.inode != request.inode) {
      what = "the walk and the model do not agree on what overlaps";
    }
  }
  if (!what.empty()) {
    tally.disagreements.push_back(std::string(to_string(request.operation)) + ' ' + what + " (" + reason(verdict) +
                                  "): " + describe(subjects));
  }
  return what.empty();
}

void Arena::play(const std::vector<Subject>& subjects, Tally& tally) {
  const std::uint16_t port = next_port();
  std::vector<UniqueFd> kept;
  std::vector<Subject> played;
  for (const Subject& subject : subjects) {
    played.push_back(subject);
    UniqueFd socket = make_socket(subject);
    Request request = request_of(subject, socket, port, netns_);
    const Failure before_bind = look(request);
    const int bound = bind_it(subject, socket, port);
    if (!agree(request, bound, before_bind, played, tally)) {
      return;
    }
    if (bound != 0) {
      continue;  // the next one meets what is there without it
    }
    toggle_options(subject, socket);
    request.options.reuseaddr ^= subject.later == Later::kTogglesReuseaddr;
    request.options.reuseport ^= subject.later == Later::kTogglesReuseport;
    const bool listens = subject.transport == Transport::kTcp && subject.stage != Stage::kBound;
    if (listens) {
      request.operation = Operation::kListen;
      const Failure before_listen = look(request);
      const int listening = listen_it(socket);
      if (!agree(request, listening, before_listen, played, tally)) {
        return;
      }
      if (listening != 0) {
        kept.push_back(std::move(socket));
        continue;
      }
    }
    if (subject.stage == Stage::kConnected || subject.stage == Stage::kTimeWait) {
      connect_through(subject, socket, port, kept);
    }
    if (socket.valid()) {
      kept.push_back(std::move(socket));
    }
  }
}

}  // namespace bindtrace
