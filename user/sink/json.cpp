// SPDX-License-Identifier: Apache-2.0
// The JSON Lines form: the paths written here are the contract with users.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/escape.h"
#include "sink/json_fields.h"
#include "sink/json_head.h"
#include "sink/phrases.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

// A record of the agent itself: no failure, so no kernel time. Agent is AgentStarted, AgentStopped or EventsLost.
template <typename Agent>
Json agent_json(std::string_view name, std::string_view severity, const std::string& message, const Agent& agent) {
  const HostFacts* host = agent.host.get();
  const std::string id = event_id(name, host, static_cast<std::uint64_t>(agent.unix_ns), 0);
  Json record = head_json({name, severity, agent.unix_ns, agent.unix_ns, id}, message);
  add_host(host, record);
  record["bindtrace"]["tier"] = json_text(agent.tier);
  return record;
}

Json texts(const std::vector<std::string>& all) {
  Json list = Json::array();
  for (const std::string& text : all) {
    list.push_back(sanitize_utf8(text));
  }
  return list;
}

void add_outcome(const Incident& incident, Json& own) {
  own["cause"] = to_string(incident.diagnosis.cause);
  own["certainty"] = to_string(incident.diagnosis.certainty);
  own["evidence"] = texts(incident.diagnosis.evidence);
  own["advice"] = texts(incident.diagnosis.advice);
  add_holders(incident, own);
  constexpr std::uint64_t kNsPerUs = 1000;
  own["observed_after_us"] = (incident.observed_boottime_ns - incident.failure.head.key.ktime_ns) / kNsPerUs;
}

constexpr std::string_view kConflict = "bindtrace.bind.conflict";

// Of Released and Bound.
Json sequel_json(std::string_view name, const Sequel& sequel, const std::string& message) {
  const HostFacts* host = sequel.host.get();
  Json record =
      head_json({name, "INFO", sequel.clock.unix_ns(sequel.ktime_ns), sequel.clock.unix_ns(sequel.observed_boottime_ns),
                 event_id(name, host, sequel.ktime_ns, sequel.first.pid_tgid)},
                message);
  add_network(sequel.endpoint, record);
  add_host(host, record);
  Json& own = record["bindtrace"];
  own["tier"] = json_text(sequel.tier);
  own["unit"] = json_text(sequel.place.unit);
  own["netns"] = sequel.netns == 0 ? Json(nullptr) : Json(sequel.netns);
  own["episode"]["id"] = event_id(kConflict, host, sequel.first.ktime_ns, sequel.first.pid_tgid);
  own["episode"]["first_seen"] = rfc3339_utc(sequel.clock.unix_ns(sequel.first.ktime_ns));
  return record;
}

// What this version does not find out keeps its place, so that readers need not ask whether it is there.
void add_unknown(Json& own) {
  own["released_by"] = nullptr;
  own["released_after_ms"] = nullptr;
}

Json episode_json(const Incident& incident, const EventKey& first, std::uint64_t attempt, std::uint64_t repeats) {
  Json episode;
  episode["id"] = event_id(kConflict, incident.host.get(), first.ktime_ns, first.pid_tgid);
  episode["attempt"] = attempt;
  episode["repeat_count"] = repeats;
  episode["first_seen"] = rfc3339_utc(incident.clock.unix_ns(first.ktime_ns));
  return episode;
}

// All null where the failure is told by itself.
void add_episode(const Incident& incident, Json& own) {
  if (const auto& place = incident.episode) {
    own["episode"] = episode_json(incident, place->first, place->attempt, 0);
    return;
  }
  for (const char* field : {"id", "attempt", "repeat_count", "first_seen"}) {
    own["episode"][field] = nullptr;
  }
}

// A failure with its victim, its holders and its cause; `key` makes the record's id.
Json failure_json(std::string_view name, const Incident& incident, std::uint64_t observed_boottime_ns,
                  const EventKey& key, const std::string& message) {
  const HostFacts* host = incident.host.get();
  Json record =
      head_json({name, is_benign(incident.diagnosis.cause) ? "INFO" : "WARN",
                 incident.clock.unix_ns(incident.failure.head.key.ktime_ns),
                 incident.clock.unix_ns(observed_boottime_ns), event_id(name, host, key.ktime_ns, key.pid_tgid)},
                message);
  record["error"]["type"] = "EADDRINUSE";
  add_network(incident.failure.request.endpoint, record);
  add_victim(incident, record);
  add_host(host, record);
  Json& own = record["bindtrace"];
  add_request(incident, own);
  add_outcome(incident, own);
  return record;
}

Json exports_json(const std::vector<ExportStats>& exports) {
  Json list = Json::array();
  for (const ExportStats& each : exports) {
    list.push_back({{"name", each.name}, {"written", each.written}, {"lost", each.lost}, {"queued", each.queued}});
  }
  return list;
}

struct JsonOf {
  Json operator()(const Incident& incident) const {
    const EventKey& key = incident.failure.head.key;
    Json record = failure_json(kConflict, incident, incident.observed_boottime_ns, key, story(incident));
    Json& own = record["bindtrace"];
    add_stop(incident.diagnosis, own);
    add_unknown(own);
    add_episode(incident, own);
    return record;
  }

  Json operator()(const EpisodeSummary& summary) const {
    const Incident& latest = summary.latest;
    Json record = failure_json("bindtrace.conflict.summary", latest, summary.ktime_ns,
                               {summary.ktime_ns, summary.first.pid_tgid}, summary_words(summary));
    record["bindtrace"]["episode"] = episode_json(latest, summary.first, summary.attempt, summary.repeats);
    return record;
  }

  Json operator()(const Released& released) const {
    Json record = sequel_json("bindtrace.conflict.released", released.sequel, released_words(released));
    Json& own = record["bindtrace"];
    own["released_after_ms"] = released.after_ns / static_cast<std::uint64_t>(kNsPerMs);
    Json& by = own["released_by"];
    by["pid"] = released.pid ? Json(*released.pid) : Json(nullptr);
    by["comm"] = json_text(released.comm);
    by["how"] = released.how == LetGo::kUnknown ? Json(nullptr) : Json(to_string(released.how));
    own["episode"]["attempt"] = released.sequel.failures;
    return record;
  }

  Json operator()(const Bound& bound) const {
    Json record = sequel_json("bindtrace.conflict.bound", bound.sequel, bound_words(bound));
    add_process(bound.process, bound.sequel.clock, record);
    Json& own = record["bindtrace"];
    own["operation"] = to_string(bound.operation);
    own["episode"]["attempt"] = bound.attempt;
    return record;
  }

  Json operator()(const AgentStarted& started) const {
    return agent_json("bindtrace.agent.started", "INFO", "bindtrace is watching (" + started.tier + ")", started);
  }

  Json operator()(const AgentStopped& stopped) const {
    Json record = agent_json("bindtrace.agent.stopped", "INFO", "bindtrace stopped; " + render_tally(stopped), stopped);
    Json& stats = record["bindtrace"]["stats"];
    stats["attempted"] = stopped.stats.attempted;
    stats["emitted"] = stopped.stats.emitted;
    stats["suppressed"] = stopped.stats.suppressed;
    stats["lost"]["ring"] = stopped.stats.lost_ring;
    stats["lost"]["map"] = stopped.stats.lost_map;
    stats["lost"]["output"] = stopped.stats.lost_output;
    stats["filtered"] = stopped.stats.filtered;
    Json& follow_up = record["bindtrace"]["follow_up"];
    follow_up["watched"] = stopped.follow_up.watched;
    follow_up["evicted"] = stopped.follow_up.evicted;
    follow_up["lost"] = stopped.follow_up.lost;
    record["bindtrace"]["episodes"]["evicted"] = stopped.episodes_evicted;
    record["bindtrace"]["exports"] = exports_json(stopped.exports);
    record["bindtrace"]["missed"] = stopped.missed ? Json(*stopped.missed) : Json(nullptr);
    return record;
  }

  Json operator()(const EventsLost& lost) const {
    Json record = agent_json("bindtrace.events.lost", "WARN", lost_words(lost), lost);
    record["bindtrace"]["lost"]["ring"] = lost.ring;
    record["bindtrace"]["lost"]["map"] = lost.map;
    record["bindtrace"]["lost"]["output"] = lost.output;
    record["bindtrace"]["suppressed"] = lost.suppressed;
    return record;
  }
};

}  // namespace

Json record_of(const Event& event) {
  return std::visit(JsonOf{}, event);
}

std::string render_json(const Event& event) {
  return json_line(record_of(event));
}

}  // namespace bindtrace
