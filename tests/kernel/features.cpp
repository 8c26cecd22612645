// SPDX-License-Identifier: Apache-2.0
#include "features.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <system_error>

#include <linux/vm_sockets.h>
#include <netinet/in.h>

#include "child.h"
#include "compat.h"
#include "io_uring.h"
#include "link.h"
#include "local_sockets.h"
#include "settings.h"

namespace bindtrace {
namespace {

constexpr uint16_t kVxlanPort = 4789;

int try_socket(int type, int protocol) {
  return Fd(socket(AF_INET, type, protocol)).open() ? 0 : errno;
}

// Each returns 0 or errno, and runs in a process and a namespace of its own.
using Probe = int (*)();

const std::map<std::string, Probe>& probes() {
  static const std::map<std::string, Probe> all{
      {"udplite", [] { return try_socket(SOCK_DGRAM, IPPROTO_UDPLITE); }},
      {"mptcp", [] { return try_socket(SOCK_STREAM, IPPROTO_MPTCP); }},
      {"sctp", [] { return try_socket(SOCK_STREAM, IPPROTO_SCTP); }},
      {"vsock", [] { return try_vsock(VMADDR_CID_ANY); }},
      {"vsock_loopback", [] { return try_vsock(VMADDR_CID_LOCAL); }},
      {"vxlan", [] { return make_vxlan("bt-vxlan", kVxlanPort); }},
      {"compat", try_compat},
      {"io_uring_bind", try_ring_bind},
  };
  return all;
}

// Empty if the kernel has it.
std::string why_missing(Probe probe) {
  const Netns netns;
  Child child(netns, "bt-probe", [&](const Line& line) { line.tell(probe()); });
  try {
    const int error = child.hear<int>();
    return error != 0 ? std::generic_category().message(error) : "";
  } catch (const std::runtime_error& error) {
    return error.what();  // it was killed: the kernel has no such call
  }
}

bool expected(const std::string& feature) {
  const std::vector<std::string> features = features_to_expect();
  for (const std::string& name : features) {
    if (probes().count(name) == 0) {
      throw std::runtime_error("BINDTRACE_EXPECT names a feature that the tests do not know: " + name);
    }
  }
  return std::find(features.begin(), features.end(), feature) != features.end();
}

}  // namespace

std::vector<std::string> tiers_with(const std::string& feature, const std::string& suite,
                                    const std::vector<std::string>& tiers) {
  static std::map<std::string, std::string> reasons;  // by suite: GoogleTest asks once for each of its tests
  if (expected(feature)) {
    return tiers;
  }
  auto known = reasons.find(suite);
  if (known == reasons.end()) {
    known = reasons.emplace(suite, why_missing(probes().at(feature))).first;
    if (!known->second.empty()) {
      std::printf("[ LEFT OUT ] %s: this kernel has no %s: %s\n", suite.c_str(), feature.c_str(),
                  known->second.c_str());
    }
  }
  return known->second.empty() ? tiers : std::vector<std::string>{};
}

}  // namespace bindtrace
