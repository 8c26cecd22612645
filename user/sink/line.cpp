// SPDX-License-Identifier: Apache-2.0
// One line per event, and the tally.
#include <cstdint>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "sink/paint.h"
#include "sink/phrases.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

struct LineOf {
  const Paint& paint;

  std::string operator()(const Incident& incident) const {
    const std::int64_t time = incident.clock.unix_ns(incident.failure.head.key.ktime_ns);
    return fmt::format("{}  {}  {}  {}\n", local_time_ms(time), paint.victim("EADDRINUSE"),
                       paint.holder(to_string(incident.diagnosis.cause)), Paint::plain(story(incident)));
  }
  std::string operator()(const EpisodeSummary& summary) const {
    return fmt::format("{}  {}\n", local_time_ms(summary.latest.clock.unix_ns(summary.ktime_ns)),
                       Paint::plain(summary_words(summary)));
  }
  std::string operator()(const Released& released) const { return dated(released.sequel, released_words(released)); }
  std::string operator()(const Bound& bound) const { return dated(bound.sequel, bound_words(bound)); }
  std::string operator()(const EventsLost& lost) const {
    return fmt::format("{}  {}\n", local_time_ms(lost.unix_ns), lost_words(lost));
  }
  std::string operator()(const AgentStarted& /*started*/) const { return ""; }
  std::string operator()(const AgentStopped& /*stopped*/) const { return ""; }

  static std::string dated(const Sequel& sequel, const std::string& words) {
    return fmt::format("{}  {}\n", local_time_ms(sequel.clock.unix_ns(sequel.ktime_ns)), Paint::plain(words));
  }
};

}  // namespace

std::string render_line(const Event& event, bool colour) {
  const Paint paint(colour);
  return std::visit(LineOf{paint}, event);
}

std::string render_tally(const AgentStopped& stopped) {
  const Stats& stats = stopped.stats;
  std::string tally = fmt::format("{} failure{}: {} seen, {} suppressed, {} lost (ring {}, map {}, output {})",
                                  stats.attempted, stats.attempted == 1 ? "" : "s", stats.emitted, stats.suppressed,
                                  stats.lost_ring + stats.lost_map + stats.lost_output, stats.lost_ring, stats.lost_map,
                                  stats.lost_output);
  if (stopped.filtering) {
    tally += fmt::format("; {} filtered", stats.filtered);
  }
  if (stopped.missed.value_or(0) != 0) {
    tally += fmt::format("; the kernel missed at most {} more", *stopped.missed);
  }
  return tally;
}

}  // namespace bindtrace
