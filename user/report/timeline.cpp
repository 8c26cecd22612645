// SPDX-License-Identifier: Apache-2.0
#include "report/timeline.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/words.h"

namespace bindtrace {
namespace {

constexpr int kLeft = 230;   // of the lanes: the names stand before
constexpr int kWidth = 870;  // of the lanes
constexpr int kLane = 34;
constexpr int kBar = 20;
constexpr int kMostLanes = 40;
constexpr int kAxis = 34;
constexpr std::size_t kShownName = 26;
constexpr int kTicks = 6;

std::string shortened(const std::string& name) {
  return name.size() <= kShownName ? name : "…" + name.substr(name.size() - kShownName + 1);
}

class Drawing {
 public:
  Drawing(std::int64_t begin_ns, std::int64_t end_ns) : begin_ns_(begin_ns), end_ns_(end_ns) {}

  [[nodiscard]] double x(std::int64_t unix_ns) const {
    const double share = static_cast<double>(unix_ns - begin_ns_) / static_cast<double>(end_ns_ - begin_ns_);
    return kLeft + kWidth * std::clamp(share, 0.0, 1.0);
  }

  int add_lane(std::string_view kind, const std::string& name) {
    const int top = lanes_++ * kLane;
    body_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">{}<title>{}</title></text>\n", kind, kLeft - 10,
                         top + kBar - 4, escape_html(shortened(name)), escape_html(name));
    body_ += fmt::format("<line class=\"lane\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>\n", kLeft, kLeft + kWidth,
                         middle(top), middle(top));
    return top;
  }

  void add_hold(int top, std::int64_t from_ns, std::int64_t to_ns, std::string_view kind, const std::string& title) {
    body_ += fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" rx=\"3\"><title>{}</title></rect>\n",
        kind, x(from_ns), top + 2, std::max(x(to_ns) - x(from_ns), 3.0), kBar, escape_html(title));
  }

  void add_try(int top, std::int64_t unix_ns, const std::string& title) {
    body_ += fmt::format("<circle class=\"try\" cx=\"{:.1f}\" cy=\"{}\" r=\"4\"><title>{}</title></circle>\n",
                         x(unix_ns), middle(top), escape_html(title));
  }

  // Many, of which no times are known but the ends of the time.
  void add_tries(int top, std::int64_t from_ns, std::int64_t to_ns, const std::string& title) {
    body_ +=
        fmt::format("<line class=\"tries\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\"><title>{}</title></line>\n",
                    x(from_ns), x(to_ns), middle(top), middle(top), escape_html(title));
  }

  void add_count(int top, std::int64_t from_ns, std::int64_t to_ns, std::uint64_t failures) {
    body_ += fmt::format("<text class=\"count\" x=\"{:.1f}\" y=\"{}\">{} ×</text>\n", (x(from_ns) + x(to_ns)) / 2,
                         middle(top) - 6, failures);
  }

  // A mark through all lanes so far.
  void add_mark(std::string_view kind, std::int64_t unix_ns, const std::string& title) {
    marks_ +=
        fmt::format("<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"0\" y2=\"{}\"><title>{}</title></line>\n",
                    kind, x(unix_ns), x(unix_ns), lanes_ * kLane, escape_html(title));
  }

  void add_got(int top, std::int64_t unix_ns, const std::string& title) {
    body_ += fmt::format("<path class=\"got\" d=\"M{:.1f} {} l5 6 l9 -12\"><title>{}</title></path>\n", x(unix_ns) - 2,
                         top + kBar / 2 + 1, escape_html(title));
  }

  void add_text(const std::string& text) {
    const int top = lanes_++ * kLane;
    body_ +=
        fmt::format("<text class=\"more\" x=\"{}\" y=\"{}\">{}</text>\n", kLeft, top + kBar - 4, escape_html(text));
  }

  [[nodiscard]] std::string svg() const {
    const int height = lanes_ * kLane;
    return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\">\n{}{}{}</svg>\n", kLeft + kWidth + 40, height + kAxis,
                       axis(height), marks_, body_);
  }

 private:
  static int middle(int top) { return top + kBar / 2 + 2; }

  [[nodiscard]] std::string axis(int height) const {
    std::string text;
    const bool one_day = same_local_day(begin_ns_, end_ns_);
    const bool is_short = end_ns_ - begin_ns_ < 10'000'000'000;
    for (int i = 0; i <= kTicks; ++i) {
      const std::int64_t at = begin_ns_ + (end_ns_ - begin_ns_) / kTicks * i;
      const std::string label = is_short ? local_time_ms(at) : one_day ? local_time(at) : local_date_time(at);
      text += fmt::format(
          "<line class=\"tick\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1}\"/>"
          "<text class=\"time\" x=\"{0:.1f}\" y=\"{2}\">{3}</text>\n",
          x(at), height + 6, height + 22, label);
    }
    return text;
  }

  std::int64_t begin_ns_;
  std::int64_t end_ns_;
  int lanes_ = 0;
  std::string body_;
  std::string marks_;
};

// When the holder is known to have had it: from its bind, or the first failure, to its release, or the last failure.
std::int64_t hold_begin(const Story& story) {
  return std::min(story.held_since_ns.value_or(story.first_ns), story.first_ns);
}
std::int64_t hold_end(const Story& story) {
  return story.released_ns.value_or(story.last_ns);
}

// One lane for each name, in the order of first appearance.
class Lanes {
 public:
  Lanes(Drawing& drawing, std::string_view kind) : drawing_(drawing), kind_(kind) {}

  // Absent: there are too many.
  std::optional<int> of(const std::string& name) {
    const auto known = tops_.find(name);
    if (known != tops_.end()) {
      return known->second;
    }
    if (tops_.size() >= kMostLanes) {
      left_out_ = true;
      return std::nullopt;
    }
    return tops_[name] = drawing_.add_lane(kind_, name);
  }
  [[nodiscard]] bool left_out() const { return left_out_; }

 private:
  Drawing& drawing_;
  std::string_view kind_;
  std::map<std::string, int> tops_;
  bool left_out_ = false;
};

// Of one holder, whatever stories it is in.
struct Hold {
  const Party* holder = nullptr;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  bool begin_is_known = false;
  bool end_is_known = false;
  std::set<std::string> causes;
};

void extend(Hold& hold, const Story& story) {
  hold.begin_ns = std::min(hold.begin_ns, hold_begin(story));
  hold.begin_is_known |= story.held_since_ns.has_value();
  hold.end_is_known |= story.released_ns.has_value();
  hold.end_ns = std::max(hold.end_ns, hold_end(story));
  hold.causes.insert(story.cause);
}

std::vector<Hold> holds_of(std::span<const Story* const> stories) {
  std::vector<Hold> holds;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  for (const Story* story : stories) {
    if (!story->holder) {
      continue;
    }
    const auto [at, is_new] = known.try_emplace({story->holder->name, story->holder->label}, holds.size());
    if (is_new) {
      holds.push_back({&*story->holder, hold_begin(*story), hold_end(*story), false, false, {}});
    }
    extend(holds[at->second], *story);
  }
  return holds;
}

std::string hold_title(const Hold& hold) {
  return fmt::format("{} had it {} {} {} {}; {}", hold.holder->label.empty() ? hold.holder->name : hold.holder->label,
                     hold.begin_is_known ? "from" : "at the latest from", local_date_time(hold.begin_ns),
                     hold.end_is_known ? "to" : "until after", local_date_time(hold.end_ns),
                     fmt::join(hold.causes, ", "));
}

void draw_holders(std::span<const Story* const> stories, Drawing& drawing) {
  Lanes lanes(drawing, "holder");
  for (const Hold& hold : holds_of(stories)) {
    if (const auto top = lanes.of(hold.holder->name)) {
      drawing.add_hold(*top, hold.begin_ns, hold.end_ns, hold.end_is_known ? "hold" : "hold open", hold_title(hold));
    }
  }
  if (lanes.left_out()) {
    drawing.add_text("and other holders");
  }
}

// Single failures are dots; what a summary counts lies somewhere between the record before and it.
void draw_tries(const Story& story, int top, Drawing& drawing) {
  std::int64_t last_ns = story.first_ns;
  for (const Tries& tries : story.tries) {
    const std::string title = fmt::format("{}: {} of {}, {}", local_date_time(tries.unix_ns),
                                          counted(tries.failures, "failure"), story.victim.label, story.cause);
    if (tries.failures > 1 && tries.unix_ns > last_ns) {
      drawing.add_tries(top, last_ns, tries.unix_ns, title);
    }
    drawing.add_try(top, tries.unix_ns, title);
    last_ns = tries.unix_ns;
  }
  if (story.failures > 1) {
    drawing.add_count(top, story.first_ns, last_ns, story.failures);
  }
}

void draw_victims(std::span<const Story* const> stories, Drawing& drawing) {
  Lanes lanes(drawing, "victim");
  for (const Story* story : stories) {
    const auto top = lanes.of(story->victim.name);
    if (!top) {
      continue;
    }
    draw_tries(*story, *top, drawing);
    if (story->bound_ns) {
      drawing.add_got(*top, *story->bound_ns, local_date_time(*story->bound_ns) + ": " + story->bound_message);
    }
  }
  if (lanes.left_out()) {
    drawing.add_text("and others that were refused");
  }
}

}  // namespace

std::string draw_timeline(std::span<const Story* const> stories, std::int64_t begin_ns, std::int64_t end_ns) {
  Drawing drawing(begin_ns, std::max(end_ns, begin_ns + 1));
  draw_holders(stories, drawing);
  draw_victims(stories, drawing);
  for (const Story* story : stories) {
    if (story->released_ns) {
      drawing.add_mark("freed", *story->released_ns,
                       local_date_time(*story->released_ns) + ": " + story->released_message);
    }
  }
  return drawing.svg();
}

std::string timeline_style() {
  return R"(svg { width: 100%; max-width: 1150px; font: 12px system-ui, sans-serif; }
svg text { fill: #333; } svg .holder, svg .victim { text-anchor: end; } svg .holder { font-weight: 600; }
svg .time { text-anchor: middle; fill: #777; font-size: 11px; } svg .more { fill: #777; font-style: italic; }
svg .tick { stroke: #eee; } svg .lane { stroke: #ddd; }
svg .hold { fill: #4a78b5; } svg .hold.open { fill: #9db7d8; }
svg .try { fill: #c8372d; } svg .tries { stroke: #c8372d; stroke-opacity: .55; stroke-width: 5; }
svg .count { text-anchor: middle; fill: #c8372d; font-size: 11px; }
svg .freed { stroke: #2b8a3e; stroke-width: 2; stroke-dasharray: 5 3; }
svg .got { stroke: #2b8a3e; stroke-width: 3; fill: none; }
)";
}

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : sanitize_utf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace bindtrace
