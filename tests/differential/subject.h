// SPDX-License-Identifier: Apache-2.0
// One socket of a case: what it is told to be, and how it becomes that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/unique_fd.h"
#include "core/failure.h"

namespace bindtrace {

enum class Stage { kBound, kListening, kConnected, kTimeWait };

// What is set on it after it was bound; the kernel looks at the options as they are then.
enum class Later { kNothing, kTogglesReuseaddr, kTogglesReuseport };

struct Subject {
  Transport transport = Transport::kTcp;
  std::string address;  // IPv6 if it has a colon
  bool v6only = false;
  bool reuseaddr = false;
  bool reuseport = false;
  bool on_loopback_device = false;  // SO_BINDTODEVICE
  uid_t uid = 0;
  Later later = Later::kNothing;
  Stage stage = Stage::kBound;
};

// "tcp [::]:2000 v6only reuseaddr uid 1000, then listens"
std::string to_string(const Subject& subject);

// Its request for the port, and its socket with all options set; throws std::runtime_error where the kernel refuses
// that.
UniqueFd make_socket(const Subject& subject);
Request request_of(const Subject& subject, const UniqueFd& socket, std::uint16_t port, std::uint32_t netns);

// Return 0 or errno.
int bind_it(const Subject& subject, const UniqueFd& socket, std::uint16_t port);
int listen_it(const UniqueFd& socket);

// After the bind; throws std::runtime_error where the kernel refuses that.
void toggle_options(const Subject& subject, const UniqueFd& socket);

// Makes a connection through a listener or a udp socket; what keeps it open is appended. With kTimeWait the connection
// is closed, from the subject's side first.
void connect_through(const Subject& subject, UniqueFd& socket, std::uint16_t port, std::vector<UniqueFd>& kept);

}  // namespace bindtrace
