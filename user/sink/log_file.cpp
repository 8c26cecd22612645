// SPDX-License-Identifier: Apache-2.0
#include "sink/log_file.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "sink/record_file.h"

namespace bindtrace {

Result<std::shared_ptr<LogFile>> LogFile::open(Options options) {
  auto file = open_record_file(options.path);
  if (!file) {
    return tl::unexpected(file.error());
  }
  return std::shared_ptr<LogFile>(new LogFile(std::move(options), *std::move(file)));
}

LogFile::LogFile(Options options, UniqueFd file) : options_(std::move(options)), file_(std::move(file)) {
  set_pattern("%v");
}

void LogFile::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  reopen();
  if (const auto appended = append({line.data(), line.size()}); !appended) {
    ++lost_;
    complain(appended.error());
    return;
  }
  ++written_;
}

Result<void> LogFile::append(std::string_view line) {
  if (auto whole = take_back(); !whole) {
    return whole;
  }
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) {
    return fail_errno(errno, "look at " + options_.path);
  }
  auto size = static_cast<std::uint64_t>(status.st_size);
  if (options_.max_bytes != 0 && size != 0 && size + line.size() > options_.max_bytes) {
    rotate();
    size = ::fstat(file_.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : size;
  }
  return write_whole(line, size);
}

// All of it or nothing: what a full disk took of it is taken back.
Result<void> LogFile::write_whole(std::string_view line, std::uint64_t size) {
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t part = ::write(file_.get(), line.data() + done, line.size() - done);
    if (part < 0 && errno != EINTR) {
      auto failed = fail_errno(errno, "write to " + options_.path);
      if (done > 0) {
        whole_until_ = size;
        (void)take_back();  // where it fails it is tried before the next line
      }
      return failed;
    }
    done += part > 0 ? static_cast<std::size_t>(part) : 0;
  }
  return {};
}

Result<void> LogFile::take_back() {
  if (whole_until_ && ::ftruncate(file_.get(), static_cast<off_t>(*whole_until_)) != 0) {
    return fail_errno(errno, "take back a part of a line in " + options_.path);
  }
  whole_until_.reset();
  return {};
}

std::string LogFile::older(std::uint64_t number) const {
  return options_.path + "." + std::to_string(number);
}

// Where it cannot be done the file grows on, rather than lose lines.
void LogFile::rotate() {
  for (std::uint64_t number = options_.keep; number > 1; --number) {
    (void)std::rename(older(number - 1).c_str(), older(number).c_str());
  }
  const int moved =
      options_.keep == 0 ? ::unlink(options_.path.c_str()) : std::rename(options_.path.c_str(), older(1).c_str());
  if (moved != 0) {
    complain(fail_errno(errno, "rotate " + options_.path).value());
    return;
  }
  reopen();
}

void LogFile::reopen() {
  if (!is_moved()) {
    return;  // it is locked by ourselves
  }
  auto file = open_record_file(options_.path);
  if (!file) {
    complain(file.error());
    return;
  }
  file_ = *std::move(file);
  whole_until_.reset();
}

bool LogFile::is_moved() const {
  struct stat ours {};
  struct stat named {};
  return ::stat(options_.path.c_str(), &named) != 0 ||
         (::fstat(file_.get(), &ours) == 0 && (ours.st_dev != named.st_dev || ours.st_ino != named.st_ino));
}

void LogFile::complain(const Error& error) {
  if (complaint_.due()) {
    spdlog::warn("the log file is in trouble: {}; it is tried again with each record", error.message);
  }
}

}  // namespace bindtrace
