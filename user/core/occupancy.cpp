// SPDX-License-Identifier: Apache-2.0
#include "core/occupancy.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/blocking.h"

namespace bindtrace {
namespace {

// What is there is in the way, and was found by its address: options do not matter.
Prospect prospect_of_name(const Incident& found) {
  if (is_path(found.failure.request.endpoint)) {
    return !found.path_file                         ? Prospect::kUnknown
           : *found.path_file == PathFile::kNothing ? Prospect::kFree
                                                    : Prospect::kInUse;
  }
  const bool held =
      std::any_of(found.holders.begin(), found.holders.end(), [](const Holder& h) { return h.socket.overlaps; });
  if (held) {
    return Prospect::kInUse;
  }
  return found.holder_status == HolderStatus::kSkipped ? Prospect::kUnknown : Prospect::kFree;
}

Prospect prospect_on_port(const Failure& failure, bool reuseaddr) {
  Request request = failure.request;
  request.options.reuseaddr = reuseaddr;
  const bool blocked = std::any_of(failure.sockets.begin(), failure.sockets.end(),
                                   [&](const HolderSocket& socket) { return could_block(socket, request); });
  if (blocked) {
    return Prospect::kInUse;
  }
  return failure.walk_truncated || failure.sockets_cut ? Prospect::kUnknown : Prospect::kFree;
}

}  // namespace

Outlook outlook_of(const Incident& found) {
  const Failure& failure = found.failure;
  if (!failure.walked) {
    return {failure.request.endpoint, prospect_of_name(found), std::nullopt};
  }
  return {failure.request.endpoint, prospect_on_port(failure, false), prospect_on_port(failure, true)};
}

Prospect prospect_of(const Occupancy& occupancy) {
  Prospect all = Prospect::kFree;
  for (const Outlook& outlook : occupancy.outlooks) {
    if (outlook.plain == Prospect::kInUse) {
      return Prospect::kInUse;
    }
    if (outlook.plain == Prospect::kUnknown) {
      all = Prospect::kUnknown;
    }
  }
  return all;
}

std::string_view to_string(Prospect prospect) {
  switch (prospect) {
    case Prospect::kFree:
      return "free";
    case Prospect::kInUse:
      return "in_use";
    case Prospect::kUnknown:
      break;
  }
  return "unknown";
}

std::string asked_words(const Endpoint& asked) {
  return asked.name || asked.address ? to_string(asked)
                                     : fmt::format("{} port {}", to_string(asked.transport), asked.port.value_or(0));
}

}  // namespace bindtrace
