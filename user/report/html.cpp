// SPDX-License-Identifier: Apache-2.0
#include "report/html.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/words.h"
#include "report/timeline.h"

namespace bindtrace {
namespace {

constexpr std::int64_t kMarginPercent = 4;

constexpr std::string_view kStyle =
    R"(body { font: 15px/1.45 system-ui, sans-serif; color: #222; margin: 2em auto; max-width: 1180px; padding: 0 1em; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin: 2em 0 .3em; } h2 small { font-weight: normal; color: #666; }
.notes { background: #fff6dd; border-left: 4px solid #e0a800; padding: .4em 1em; }
.legend span { margin-right: 1.6em; white-space: nowrap; } .legend svg { width: 26px; height: 14px; vertical-align: -2px; }
table { border-collapse: collapse; font-size: 13px; margin-bottom: 1em; } td, th { text-align: left; padding: .2em 1.2em .2em 0; vertical-align: top; }
th { border-bottom: 1px solid #ccc; } td.n { text-align: right; }
)";

constexpr std::string_view kLegend =
    R"(<p class="legend"><span><svg viewBox="0 0 26 14"><rect class="hold" width="24" height="12" rx="3"/></svg> held it</span>
<span><svg viewBox="0 0 26 14"><rect class="hold open" width="24" height="12" rx="3"/></svg> held it, end not seen</span>
<span><svg viewBox="0 0 26 14"><line class="tries" x1="4" x2="20" y1="7" y2="7"/><circle class="try" cx="20" cy="7" r="4"/></svg> tried in vain, once and again</span>
<span><svg viewBox="0 0 26 14"><line class="freed" x1="8" x2="8" y1="0" y2="14"/></svg> freed</span>
<span><svg viewBox="0 0 26 14"><path class="got" d="M4 7 l5 5 l9 -10"/></svg> got it</span></p>
)";

// Stories of one address of one network namespace of one host, in the order of first failures.
using Place = std::tuple<std::string, std::uint64_t, std::string>;
std::vector<std::pair<Place, std::vector<const Story*>>> by_place(const std::vector<Story>& stories) {
  std::vector<std::pair<Place, std::vector<const Story*>>> places;
  std::map<Place, std::size_t> known;
  for (const Story& story : stories) {
    const Place place{story.host, story.netns, story.address};
    const auto [at, is_new] = known.try_emplace(place, places.size());
    if (is_new) {
      places.emplace_back(place, std::vector<const Story*>{});
    }
    places[at->second].second.push_back(&story);
  }
  return places;
}

// From the first thing to draw to the last, with some room; what was held long before begins outside.
std::pair<std::int64_t, std::int64_t> times_of(const std::vector<const Story*>& stories) {
  std::int64_t begin = stories.front()->first_ns;
  std::int64_t end = begin;
  for (const Story* story : stories) {
    begin = std::min(begin, story->first_ns);
    end = std::max({end, story->last_ns, story->released_ns.value_or(end), story->bound_ns.value_or(end)});
  }
  const std::int64_t margin = std::max<std::int64_t>((end - begin) / 100 * kMarginPercent, 50 * kNsPerMs);
  return {begin - margin, end + margin};
}

std::string story_row(const Story& story) {
  const std::string ended = story.bound_ns      ? story.bound_message
                            : story.released_ns ? story.released_message
                                                : "not seen to end";
  return fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>\n",
                     local_date_time(story.first_ns), story.failures, escape_html(story.message), escape_html(ended));
}

std::string ranking_table(std::string_view title, const Ranking& ranking) {
  constexpr std::size_t kShown = 10;
  std::string rows;
  for (std::size_t i = 0; i < std::min(ranking.size(), kShown); ++i) {
    rows +=
        fmt::format("<tr><td class=\"n\">{}</td><td>{}</td></tr>\n", ranking[i].second, escape_html(ranking[i].first));
  }
  return fmt::format("<table><tr><th>failures</th><th>{}</th></tr>\n{}</table>\n", title, rows);
}

std::string head(const Report& report) {
  if (!report.begin_ns) {
    return "<p>There is no record.</p>\n";
  }
  std::string text = fmt::format("<p>{} in {} {}, recorded from {} to {}.", counted(report.failures, "failure"),
                                 report.stories.size(), report.stories.size() == 1 ? "story" : "stories",
                                 local_date_time(*report.begin_ns), local_date_time(*report.end_ns));
  if (const auto times = times_to_free(report.stories)) {
    text += times->count == 1
                ? fmt::format(" One address was free again after {}.", humanised(times->longest_ms * kNsPerMs))
                : fmt::format(" Addresses were free again {} times: after {} in the middle, {} at the longest.",
                              times->count, humanised(times->median_ms * kNsPerMs),
                              humanised(times->longest_ms * kNsPerMs));
  }
  return text + "</p>\n";
}

std::string notes(const Report& report) {
  std::string items;
  for (const std::string& sentence : gaps(report)) {
    items += fmt::format("<li>{}</li>\n", escape_html(sentence));
  }
  return items.empty() ? "" : fmt::format("<div class=\"notes\">What is not in here:\n<ul>\n{}</ul></div>\n", items);
}

}  // namespace

std::string render_html(const Report& report) {
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>bindtrace "
      "report</title>\n<style>\n{}{}</style>"
      "</head>\n<body>\n<h1>Addresses that were in use</h1>\n{}{}",
      kStyle, timeline_style(), head(report), notes(report));
  if (!report.stories.empty()) {
    page += kLegend;
  }
  for (const auto& [place, stories] : by_place(report.stories)) {
    const auto& [host, netns, address] = place;
    const auto [begin_ns, end_ns] = times_of(stories);
    page += fmt::format("<h2>{} <small>{}{}network namespace {}</small></h2>\n", escape_html(address),
                        escape_html(host), host.empty() ? "" : ", ", netns);
    page += draw_timeline(stories, begin_ns, end_ns);
    page +=
        "<details><summary>in words</summary><table><tr><th>first</th><th>failures</th><th>what</th><th>and "
        "then</th></tr>\n";
    for (const Story* story : stories) {
      page += story_row(*story);
    }
    page += "</table></details>\n";
  }
  if (!report.stories.empty()) {
    page += "<h2>In all</h2>\n" + ranking_table("address", ranking(report.stories, address_name)) +
            ranking_table("who was refused", ranking(report.stories, victim_name)) +
            ranking_table("who had it", ranking(report.stories, holder_name)) +
            ranking_table("cause", ranking(report.stories, cause_name));
  }
  return page + "</body></html>\n";
}

}  // namespace bindtrace
