// SPDX-License-Identifier: Apache-2.0
#include "cases.h"

#include <array>
#include <cstddef>

namespace bindtrace {
namespace {

struct Place {
  const char* address;
  bool v6only;
};

constexpr std::array kPlaces{
    Place{"0.0.0.0", false}, Place{"127.0.0.1", false}, Place{"127.0.0.2", false},       Place{"::", false},
    Place{"::", true},       Place{"::1", false},       Place{"::ffff:127.0.0.1", false}};

bool one_in(unsigned count, std::mt19937& random) {
  return std::uniform_int_distribution<unsigned>(1, count)(random) == 1;
}

}  // namespace

std::vector<Subject> all_plain(Transport transport) {
  std::vector<Subject> all;
  for (const Place& place : kPlaces) {
    for (unsigned options = 0; options < 4; options++) {
      Subject subject;
      subject.transport = transport;
      subject.address = place.address;
      subject.v6only = place.v6only;
      subject.reuseaddr = (options & 1U) != 0;
      subject.reuseport = (options & 2U) != 0;
      all.push_back(subject);
      if (transport == Transport::kTcp) {
        subject.stage = Stage::kListening;
        all.push_back(subject);
      }
    }
  }
  return all;
}

Subject any_subject(Transport transport, std::mt19937& random) {
  const std::vector<Subject> plain = all_plain(transport);
  Subject subject = plain[std::uniform_int_distribution<std::size_t>(0, plain.size() - 1)(random)];
  subject.on_loopback_device = one_in(4, random);
  subject.uid = one_in(4, random) ? 1000 : 0;
  if (one_in(3, random)) {
    subject.later = one_in(2, random) ? Later::kTogglesReuseaddr : Later::kTogglesReuseport;
  }
  if (one_in(5, random)) {
    subject.stage = one_in(2, random) && transport == Transport::kTcp ? Stage::kTimeWait : Stage::kConnected;
  }
  return subject;
}

}  // namespace bindtrace
