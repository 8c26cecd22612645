// SPDX-License-Identifier: Apache-2.0
#include "sink/occupancy.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sink/holder_lines.h"
#include "sink/json_fields.h"
#include "sink/json_head.h"
#include "sink/paint.h"
#include "sink/phrases.h"

namespace bindtrace {
namespace {

constexpr std::size_t kShownApart = 4;

std::string_view prospect_words(Prospect prospect) {
  switch (prospect) {
    case Prospect::kFree:
      return "free";
    case Prospect::kInUse:
      return "in use";
    case Prospect::kUnknown:
      break;
  }
  return "not known";
}

std::string headline(const Occupancy& occupancy) {
  const Incident& found = occupancy.found;
  const std::string where = found.in_other_netns
                                ? fmt::format(" in network namespace {}",
                                              found.netns_name.value_or(std::to_string(found.failure.request.netns)))
                                : "";
  return fmt::format("{}{}: {}", asked_words(occupancy.asked), where, prospect_words(prospect_of(occupancy)));
}

std::string outlook_words(const Outlook& outlook) {
  switch (outlook.plain) {
    case Prospect::kFree:
      return "would succeed";
    case Prospect::kUnknown:
      return "is not known: not all sockets on the port were looked at";
    case Prospect::kInUse:
      break;
  }
  if (is_path(outlook.endpoint)) {
    return "would be refused until the file is removed";
  }
  if (!outlook.reuseaddr) {
    return "would be refused";
  }
  switch (*outlook.reuseaddr) {
    case Prospect::kFree:
      return "would be refused, but not with SO_REUSEADDR";
    case Prospect::kInUse:
      return "would be refused, with SO_REUSEADDR too";
    case Prospect::kUnknown:
      break;
  }
  return "would be refused; with SO_REUSEADDR it is not known";
}

// What is on the port and in nobody's way.
std::vector<std::string> apart(const Incident& found) {
  std::vector<std::string> all;
  for (const Holder& holder : found.holders) {
    if (!holder.socket.overlaps) {
      all.push_back(fmt::format("{}: {}, {}", socket_words(holder.socket),
                                holder.process ? label(*holder.process) : unnamed_words(found, holder.socket),
                                holder.rule.value_or("another address")));
    }
  }
  return all;
}

void line(std::string_view key, std::string_view text, std::string& out) {
  fmt::format_to(std::back_inserter(out), "  {:<12}{}\n", key, text);
}

}  // namespace

std::string render_occupancy_text(const Occupancy& occupancy, bool colour) {
  const Incident& found = occupancy.found;
  std::string out = Paint::plain(headline(occupancy)) + '\n';
  if (contenders(found).empty()) {
    line("held by", prospect_of(occupancy) == Prospect::kUnknown ? "not known" : "nobody", out);
  } else {
    out += render_holders(found, colour);
  }
  if (found.holder_reason && prospect_of(occupancy) != Prospect::kFree) {
    line("note", Paint::plain(*found.holder_reason), out);
  }
  const std::vector<std::string> others = apart(found);
  for (std::size_t i = 0; i < std::min(others.size(), kShownApart); ++i) {
    line(i == 0 ? "beside it" : "", Paint::plain(others[i]), out);
  }
  if (others.size() > kShownApart) {
    line("", fmt::format("and {} more", others.size() - kShownApart), out);
  }
  std::string_view key = "a bind";
  for (const Outlook& outlook : occupancy.outlooks) {
    line(key, Paint::plain(fmt::format("of {} {}", address_of(outlook.endpoint), outlook_words(outlook))), out);
    key = "";
  }
  return out;
}

std::string render_occupancy_json(const Occupancy& occupancy) {
  constexpr std::string_view kName = "bindtrace.who";
  const Incident& found = occupancy.found;
  const HostFacts* host = found.host.get();
  const std::int64_t asked_ns = found.clock.unix_ns(found.failure.head.key.ktime_ns);
  const std::int64_t done_ns = found.clock.unix_ns(found.observed_boottime_ns);
  Json record = head_json(
      {kName, "INFO", asked_ns, done_ns, event_id(kName, host, found.failure.head.key.ktime_ns, found.victim.pid)},
      headline(occupancy));
  add_network(occupancy.asked, record);
  add_host(host, record);
  Json& own = record["bindtrace"];
  own["state"] = to_string(prospect_of(occupancy));
  own["netns"] = found.failure.request.netns;
  own["netns_name"] = json_text(found.netns_name);
  own["binds"] = Json::array();
  for (const Outlook& outlook : occupancy.outlooks) {
    Json bind;
    bind["address"] =
        outlook.endpoint.address ? Json(to_string(*outlook.endpoint.address)) : json_text(outlook.endpoint.name);
    bind["plain"] = to_string(outlook.plain);
    bind["reuseaddr"] = outlook.reuseaddr ? Json(to_string(*outlook.reuseaddr)) : Json(nullptr);
    own["binds"].push_back(bind);
  }
  add_holders(found, own);
  return json_line(record);
}

}  // namespace bindtrace
