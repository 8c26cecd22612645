// SPDX-License-Identifier: Apache-2.0
#include "sink/metrics_file.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "sink/replace_file.h"

namespace bindtrace {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kSuffix = ".prom";
constexpr seconds kInterval{1};
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

Result<std::unique_ptr<MetricsFile>> MetricsFile::open(const std::string& path, Now now) {
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
  return std::unique_ptr<MetricsFile>(new MetricsFile(path, std::move(now)));
}

// The first one is of the start: what the file said until then is of another run.
void MetricsFile::write(const Event& event) {
  metrics_.note(event);
  taken_++;
  if (const auto* stopped = std::get_if<AgentStopped>(&event)) {
    save(*stopped);
    due_.reset();
  } else {
    changed();
  }
}

void MetricsFile::count(const Incident& incident) {
  metrics_.count(incident);
  changed();
}

void MetricsFile::work(const Account& account) {
  save(account());
}

ExportStats MetricsFile::stats() const {
  const std::uint64_t rest = taken_ - in_file_;
  return {.name = "metrics", .written = in_file_, .lost = failing_ ? rest : 0, .queued = failing_ ? 0 : rest};
}

void MetricsFile::changed() {
  due_ = due_ ? std::min(*due_, not_before_) : not_before_;
}

void MetricsFile::save(const AgentStopped& account) {
  const auto saved = replace_file(path_, metrics_.text(account));
  const auto now = now_();
  failing_ = !saved;
  if (saved) {
    in_file_ = taken_;
    retry_ = kInterval;
    not_before_ = now + kInterval;
    due_ = now + (is_any_queued(account) ? kQueued : Clock::duration(kBeat));
  } else {
    complain(saved.error(), now);
    not_before_ = now + retry_;
    due_ = not_before_;
    retry_ = std::min<Clock::duration>(2 * retry_, kLongestRetry);
  }
}

void MetricsFile::complain(const Error& error, Clock::time_point now) {
  if (complaint_.due(now)) {
    spdlog::warn("--metrics-file: {}; it is tried again", error.message);
  }
}

}  // namespace bindtrace
