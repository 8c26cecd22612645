// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/words.h"

namespace bindtrace {
namespace {

constexpr std::size_t kShownStories = 50;
constexpr std::size_t kShownRanks = 10;

std::string end_of(const Story& story) {
  std::string words;
  if (story.released_after_ms) {
    words = "free after " + humanised(*story.released_after_ms * kNsPerMs);
  }
  if (story.bound_ns) {
    words += (words.empty() ? "" : ", ") + story.bound_label + " got it";
  }
  return words.empty() ? "not seen to end" : words;
}

// "nginx.service (nginx[1234])", or one of them where both say the same.
std::string party_words(const Party& party) {
  return party.label.empty() || party.label.starts_with(party.name + "[")
             ? (party.label.empty() ? party.name : party.label)
             : fmt::format("{} ({})", party.name, party.label);
}

std::string story_block(const Story& story) {
  return fmt::format("{}  {} wanted {}: {}, {}\n  held by {}; {} [{}]\n", local_date_time(story.first_ns),
                     escape_terminal(party_words(story.victim)), escape_terminal(story.address),
                     counted(story.failures, "failure"), escape_terminal(end_of(story)),
                     escape_terminal(story.holder ? party_words(*story.holder) : "nobody that was found"),
                     escape_terminal(story.cause), escape_terminal(story.certainty));
}

std::string ranking_block(std::string_view title, const Ranking& ranking) {
  std::string text = fmt::format("\n{}\n", title);
  for (std::size_t i = 0; i < std::min(ranking.size(), kShownRanks); ++i) {
    text += fmt::format("  {:>8}  {}\n", ranking[i].second, escape_terminal(ranking[i].first));
  }
  if (ranking.size() > kShownRanks) {
    text += fmt::format("            and {} more\n", ranking.size() - kShownRanks);
  }
  return text;
}

std::string head(const Report& report) {
  if (!report.begin_ns) {
    return "no records\n";
  }
  return fmt::format("{} of {}, recorded from {} to {}\n", counted(report.failures, "failure"),
                     report.stories.size() == 1 ? "1 story" : fmt::format("{} stories", report.stories.size()),
                     local_date_time(*report.begin_ns), local_date_time(*report.end_ns));
}

}  // namespace

std::string render_report(const Report& report) {
  std::string text = head(report);
  for (const std::string& sentence : gaps(report)) {
    text += fmt::format("note: {}\n", escape_terminal(sentence));
  }
  if (report.stories.empty()) {
    return text;
  }
  text += '\n';
  for (std::size_t i = 0; i < std::min(report.stories.size(), kShownStories); ++i) {
    text += story_block(report.stories[i]);
  }
  if (report.stories.size() > kShownStories) {
    text += fmt::format("and {} more stories; --html has all\n", report.stories.size() - kShownStories);
  }
  text += ranking_block("failures by address", ranking(report.stories, address_name));
  text += ranking_block("by who was refused", ranking(report.stories, victim_name));
  text += ranking_block("by who had it", ranking(report.stories, holder_name));
  text += ranking_block("by cause", ranking(report.stories, cause_name));
  if (const auto times = times_to_free(report.stories)) {
    text += fmt::format("\ntime until an address was free: {} in the middle, {} at the longest ({})\n",
                        humanised(times->median_ms * kNsPerMs), humanised(times->longest_ms * kNsPerMs),
                        counted(times->count, "time"));
  }
  return text;
}

}  // namespace bindtrace
