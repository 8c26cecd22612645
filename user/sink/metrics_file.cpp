// SPDX-License-Identifier: Apache-2.0
#include "sink/metrics_file.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace bindtrace {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kSuffix = ".prom";
constexpr seconds kInterval{1};  // between writes, and between looks at one that is not done
constexpr seconds kLongestRetry{10};
constexpr minutes kBeat{5};
constexpr seconds kQueued{5};  // until it is known what became of records that another destination has not sent

bool ends_in(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_any_queued(const AgentStopped& account) {
  return std::any_of(account.exports.begin(), account.exports.end(),
                     [](const ExportStats& each) { return each.queued > 0 && each.name != "metrics"; });
}

// Whether the path itself is to blame, and not the state of the machine.
bool is_wrong_path(int os_error) {
  return os_error == ENOENT || os_error == ENOTDIR || os_error == EISDIR;
}

std::string_view remedy(int os_error) {
  switch (os_error) {
    case ENOENT:
    case ENOTDIR:
      return "make the directory first, and let node_exporter read it: --collector.textfile.directory";
    case EISDIR:
      return "name a file in it";
    default:
      return "name a file in a directory that bindtrace may write to";
  }
}

}  // namespace

Result<std::unique_ptr<MetricsFile>> MetricsFile::open(const std::string& path, Now now, Replace replace) {
  if (!ends_in(path, kSuffix)) {
    return fail(
        ErrorKind::kUsage,
        fmt::format("--metrics-file {}: node_exporter reads only files that end in {}: name it so", path, kSuffix));
  }
  if (const auto possible = try_to_replace(path); !possible) {
    const int os_error = possible.error().os_error;
    return fail(is_wrong_path(os_error) ? ErrorKind::kUsage : ErrorKind::kSystem,
                fmt::format("--metrics-file: {}; {}", possible.error().message, remedy(os_error)));
  }
  return std::unique_ptr<MetricsFile>(new MetricsFile(path, std::move(now), std::move(replace)));
}

// The first one is of the start: what the file said until then is of another run.
void MetricsFile::write(const Event& event) {
  metrics_.note(event);
  taken_++;
  has_news_ = true;
  if (const auto* stopped = std::get_if<AgentStopped>(&event)) {
    ended_ = true;
    save(*stopped);
  }
}

void MetricsFile::count(const Incident& incident) {
  metrics_.count(incident);
  has_news_ = true;
}

std::optional<MetricsFile::Clock::time_point> MetricsFile::next_work() const {
  if (ended_) {
    return std::nullopt;
  }
  if (saving_) {
    return saving_->looked + kInterval;
  }
  return has_news_ ? std::optional(not_before_) : beat_;
}

void MetricsFile::work(const Account& account) {
  note_outcome();
  const auto now = now_();
  if (saving_) {
    saving_->looked = now;  // it hangs
  } else if (const auto due = next_work(); due && *due <= now) {
    save(account());
  }
}

void MetricsFile::settle(Clock::time_point deadline) {
  worker_.settle(deadline);
  note_outcome();
}

void MetricsFile::finish(Clock::time_point deadline) {
  worker_.finish(deadline);
  note_outcome();
}

ExportStats MetricsFile::stats() const {
  const std::uint64_t rest = taken_ - in_file_;
  return {.name = "metrics", .written = in_file_, .lost = failing_ ? rest : 0, .queued = failing_ ? 0 : rest};
}

void MetricsFile::save(const AgentStopped& account) {
  auto job = std::make_shared<std::packaged_task<Result<void>()>>(
      [replace = replace_, path = path_, text = metrics_.text(account)] { return replace(path, text); });
  saving_ = Saving{job->get_future(), now_(), taken_, is_any_queued(account)};
  has_news_ = false;
  worker_.submit([job] { (*job)(); });
}

void MetricsFile::note_outcome() {
  if (!saving_ || saving_->done.wait_for(seconds{0}) != std::future_status::ready) {
    return;
  }
  const auto saved = saving_->done.get();
  const auto looked = saving_->looked;
  failing_ = !saved;
  if (saved) {
    in_file_ = saving_->taken;
    retry_ = kInterval;
    not_before_ = looked + kInterval;
    beat_ = looked + (saving_->others_queue ? kQueued : Clock::duration(kBeat));
  } else {
    complain(saved.error(), looked);
    has_news_ = true;
    not_before_ = looked + retry_;
    retry_ = std::min<Clock::duration>(2 * retry_, kLongestRetry);
  }
  saving_.reset();
}

void MetricsFile::complain(const Error& error, Clock::time_point now) {
  if (complaint_.due(now)) {
    spdlog::warn("--metrics-file: {}; it is tried again", error.message);
  }
}

}  // namespace bindtrace
