// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/words.h"

namespace bindtrace {
namespace {

constexpr std::int64_t kShortGapNs = 1'000'000'000;  // a restart is no time without bindtrace

Story story_from(const Moment& first) {
  Story story;
  story.host = first.host;
  story.address = first.address;
  story.netns = first.netns;
  story.victim = first.victim;
  story.holder = first.holder;
  story.held_since_ns = first.held_since_ns;
  story.cause = first.cause;
  story.certainty = first.certainty;
  story.message = first.message;
  story.first_ns = story.last_ns = first.unix_ns;
  return story;
}

class Collector {
 public:
  explicit Collector(Report& report) : report_(report) {}

  void add(const Moment& moment) {
    switch (moment.kind) {
      case MomentKind::kFailure:
      case MomentKind::kSummary:
        add_tries(moment);
        break;
      case MomentKind::kReleased:
        release(moment);
        break;
      case MomentKind::kBound:
        bind(moment);
        break;
      case MomentKind::kLost:
        report_.lost += moment.lost;
        report_.suppressed += moment.suppressed;
        break;
      case MomentKind::kStarted:
        report_.runs.push_back({moment.host, moment.unix_ns, std::nullopt});
        break;
      case MomentKind::kStopped:
        end_run(moment);
        break;
    }
  }

 private:
  // An id is unique on its host; so is a story in an address.
  using Key = std::tuple<std::string, std::string, std::string>;

  static Key key_of(const Moment& moment) { return {moment.host, moment.address, moment.story}; }

  void add_tries(const Moment& moment) {
    const auto [known, is_new] = stories_.try_emplace(key_of(moment), report_.stories.size());
    if (is_new) {
      report_.stories.push_back(story_from(moment));
    }
    Story& story = report_.stories[known->second];
    const std::uint64_t more = moment.failures > story.failures ? moment.failures - story.failures : 0;
    story.failures += more;
    story.last_ns = std::max(story.last_ns, moment.unix_ns);
    story.tries.push_back({moment.unix_ns, more});
    report_.failures += more;
  }

  Story* story_of(const Moment& moment) {
    const auto known = stories_.find(key_of(moment));
    return known == stories_.end() ? nullptr : &report_.stories[known->second];
  }

  void release(const Moment& moment) {
    if (Story* story = story_of(moment)) {
      story->released_ns = moment.unix_ns;
      story->released_after_ms = moment.released_after_ms;
      story->released_message = moment.message;
    }
  }

  void bind(const Moment& moment) {
    if (Story* story = story_of(moment)) {
      story->bound_ns = moment.unix_ns;
      story->bound_label = moment.victim.label;
      story->bound_message = moment.message;
    }
  }

  void end_run(const Moment& moment) {
    for (auto run = report_.runs.rbegin(); run != report_.runs.rend(); ++run) {
      if (run->host == moment.host && !run->end_ns) {
        run->end_ns = moment.unix_ns;
        return;
      }
    }
  }

  Report& report_;
  std::map<Key, std::size_t> stories_;
};

// Runs of one host one after the other; two at once are normal.
void add_idle_times(const std::vector<Run>& runs, std::vector<std::string>& sentences) {
  std::map<std::string, const Run*> last;
  for (const Run& run : runs) {
    const Run*& before = last[run.host];
    if (before != nullptr && before->end_ns && run.start_ns - *before->end_ns > kShortGapNs) {
      sentences.push_back(fmt::format("bindtrace was not running from {} to {}{}", local_date_time(*before->end_ns),
                                      local_date_time(run.start_ns), run.host.empty() ? "" : " on " + run.host));
    }
    if (before == nullptr || !before->end_ns || !run.end_ns || *run.end_ns > *before->end_ns) {
      before = &run;
    }
  }
}

}  // namespace

Report report_of(Recording recording) {
  Report report;
  Collector collector(report);
  for (const Moment& moment : recording.moments) {
    collector.add(moment);
  }
  if (!recording.moments.empty()) {
    report.begin_ns = recording.moments.front().unix_ns;
    report.end_ns = recording.moments.back().unix_ns;
  }
  recording.moments.clear();
  report.recording = std::move(recording);
  return report;
}

Ranking ranking(const std::vector<Story>& stories, std::string (*name_of)(const Story&)) {
  std::map<std::string, std::uint64_t> failures;
  for (const Story& story : stories) {
    if (std::string name = name_of(story); !name.empty()) {
      failures[std::move(name)] += story.failures;
    }
  }
  Ranking ranked(failures.begin(), failures.end());
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return ranked;
}

std::string address_name(const Story& story) {
  return story.address;
}
std::string victim_name(const Story& story) {
  return story.victim.name;
}
std::string holder_name(const Story& story) {
  return story.holder ? story.holder->name : "";
}
std::string cause_name(const Story& story) {
  return story.cause;
}

std::vector<std::string> gaps(const Report& report) {
  std::vector<std::string> sentences;
  add_idle_times(report.runs, sentences);
  const auto unended =
      std::count_if(report.runs.begin(), report.runs.end(), [](const Run& run) { return !run.end_ns; });
  if (unended > 0) {
    sentences.push_back(counted(static_cast<std::uint64_t>(unended), "run") +
                        " of bindtrace did not say that it ended: it was killed, or goes on");
  }
  if (report.lost > 0) {
    sentences.push_back(counted(report.lost, "failure") + " lost before they could be recorded");
  }
  if (report.suppressed > 0) {
    sentences.push_back(counted(report.suppressed, "failure") + " suppressed: their users had too many");
  }
  if (report.recording.unreadable > 0) {
    sentences.push_back(counted(report.recording.unreadable, "line") + " could not be read");
  }
  if (report.recording.torn) {
    sentences.emplace_back("the last line was not whole");
  }
  if (report.recording.from_the_future > 0) {
    sentences.push_back(counted(report.recording.from_the_future, "record") +
                        " of another major version left out: take a bindtrace of that version");
  }
  if (report.recording.newer > 0) {
    sentences.push_back(counted(report.recording.newer, "record") + " of a newer bindtrace read as far as known");
  }
  return sentences;
}

std::optional<TimesToFree> times_to_free(const std::vector<Story>& stories) {
  std::vector<std::int64_t> times;
  for (const Story& story : stories) {
    if (story.released_after_ms) {
      times.push_back(*story.released_after_ms);
    }
  }
  if (times.empty()) {
    return std::nullopt;
  }
  std::sort(times.begin(), times.end());
  return TimesToFree{times.size(), times[times.size() / 2], times.back()};
}

}  // namespace bindtrace
