// SPDX-License-Identifier: Apache-2.0
#include "tracer.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "child.h"
#include "settings.h"
#include "sockets.h"

namespace bindtrace {
namespace {

constexpr double kStartSeconds = 30;
constexpr double kRecordSeconds = 10;
constexpr double kEndSeconds = 10;
constexpr int kPipeBytes = 1 << 20;  // room for what arrives while nobody reads
constexpr int kReadyFd = 3;
constexpr int kExecFd = 4;

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2 failed");
  }
  fcntl(ends[0], F_SETPIPE_SZ, kPipeBytes);
  return {Fd(ends[0]), Fd(ends[1])};
}

struct Spawned {
  pid_t pid;
  Fd out;
  Fd err;
  Fd ready;
};

// BINDTRACE_* settings of the tests are no settings of the tracer.
void forget_own_settings() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; entry++) {
    const std::string_view text(*entry);
    if (text.starts_with("BINDTRACE")) {
      names.emplace_back(text.substr(0, text.find('=')));
    }
  }
  for (const std::string& name : names) {
    unsetenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  }
}

[[noreturn]] void become_tracer(const std::string& path, const std::vector<std::string>& arguments,
                                const BeforeExec& before_exec) {
  std::vector<char*> argv;
  std::string name = "bindtrace";
  std::vector<std::string> copies = arguments;
  argv.push_back(name.data());
  std::transform(copies.begin(), copies.end(), std::back_inserter(argv), [](std::string& a) { return a.data(); });
  argv.push_back(nullptr);

  must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl(PR_SET_PDEATHSIG)");
  forget_own_settings();
  // Opened first: before_exec may take away the right to reach the file.
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  must(file.open(), path.c_str());
  must(dup3(file.get(), kExecFd, O_CLOEXEC) == kExecFd || file.get() == kExecFd, "dup3");
  if (before_exec) {
    before_exec();
  }
  syscall(SYS_close_range, kExecFd + 1U, ~0U, 0U);
  execv(path.c_str(), argv.data());
  fexecve(kExecFd, argv.data(), environ);
  must(false, path.c_str());
  std::abort();
}

Spawned spawn(const std::vector<std::string>& arguments, const BeforeExec& before_exec) {
  const std::string path = tracer_path();
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  Pipe ready = make_pipe();
  const Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const pid_t pid = fork();
  if (pid < 0) {
    throw std::runtime_error("fork failed");
  }
  if (pid == 0) {
    // High copies first, so that no dup2 overwrites a descriptor that is still to be copied.
    const int high_null = fcntl(null.get(), F_DUPFD_CLOEXEC, 64);
    const int high_out = fcntl(out.write.get(), F_DUPFD_CLOEXEC, 64);
    const int high_err = fcntl(err.write.get(), F_DUPFD_CLOEXEC, 64);
    const int high_ready = fcntl(ready.write.get(), F_DUPFD_CLOEXEC, 64);
    must(dup2(high_null, STDIN_FILENO) >= 0 && dup2(high_out, STDOUT_FILENO) >= 0 &&
             dup2(high_err, STDERR_FILENO) >= 0 && dup2(high_ready, kReadyFd) >= 0,
         "dup2");
    become_tracer(path, arguments, before_exec);
  }
  return {pid, std::move(out.read), std::move(err.read), std::move(ready.read)};
}

// Appends what is there; false at the end of the file.
bool read_into(std::string& text, int fd) {
  char buffer[1 << 16];
  const ssize_t size = read(fd, buffer, sizeof(buffer));
  if (size < 0) {
    return errno == EINTR || errno == EAGAIN;
  }
  text.append(buffer, static_cast<size_t>(size));
  return size > 0;
}

int milliseconds_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

int shell_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Ended run_tracer(const std::vector<std::string>& arguments, const BeforeExec& before_exec) {
  const Spawned tracer = spawn(arguments, before_exec);
  const auto deadline = std::chrono::steady_clock::now() + time_limit(kStartSeconds);
  Ended ended;
  bool out_open = true;
  bool err_open = true;
  while (out_open || err_open) {
    pollfd polls[] = {{out_open ? tracer.out.get() : -1, POLLIN, 0}, {err_open ? tracer.err.get() : -1, POLLIN, 0}};
    if (poll(polls, 2, milliseconds_until(deadline)) <= 0) {
      kill_and_reap(tracer.pid);
      throw std::runtime_error("the tracer does not end; it said: " + ended.err);
    }
    if (polls[0].revents != 0) {
      out_open = read_into(ended.out, tracer.out.get());
    }
    if (polls[1].revents != 0) {
      err_open = read_into(ended.err, tracer.err.get());
    }
  }
  ended.status = shell_status(wait_for_exit(tracer.pid, kEndSeconds));
  return ended;
}

Tracer::Tracer(const std::string& tier, const std::vector<std::string>& options, Output output,
               const BeforeExec& before_exec)
    : output_(output) {
  std::vector<std::string> arguments = {"--attach=" + tier, "--ready-fd", std::to_string(kReadyFd)};
  if (output != Output::kText) {
    arguments.emplace_back("-j");
  }
  if (output != Output::kStories) {
    arguments.emplace_back("--all-repeats");
  }
  arguments.insert(arguments.end(), options.begin(), options.end());
  Spawned tracer = spawn(arguments, before_exec);
  pid_ = tracer.pid;
  out_ = std::move(tracer.out);
  err_ = std::move(tracer.err);
  fcntl(err_.get(), F_SETFL, O_NONBLOCK);
  try {
    await_ready(std::move(tracer.ready));
  } catch (...) {
    kill_and_reap(pid_);
    throw;
  }
}

Tracer::~Tracer() {
  kill_and_reap(pid_);
}

void Tracer::await_ready(Fd ready) {
  const auto deadline = Clock::now() + time_limit(kStartSeconds);
  pollfd poll_ready{ready.get(), POLLIN, 0};
  const int polled = poll(&poll_ready, 1, milliseconds_until(deadline));
  char byte = 0;
  if (polled != 1 || read(ready.get(), &byte, 1) != 1) {
    if (polled == 1) {
      // It ends: its last words come before the end of its stderr.
      fcntl(err_.get(), F_SETFL, 0);
      while (read_into(messages_, err_.get())) {
      }
    } else {
      read_err();
    }
    throw std::runtime_error("the tracer did not get ready; it said: " + messages_);
  }
}

void Tracer::read_err() {
  pollfd poll_err{err_.get(), POLLIN, 0};
  while (poll(&poll_err, 1, 0) == 1 && read_into(messages_, err_.get())) {
  }
}

bool Tracer::read_more(Clock::time_point deadline) {
  while (!ended_) {
    pollfd polls[] = {{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}};
    if (poll(polls, 2, milliseconds_until(deadline)) <= 0) {
      return false;
    }
    if (polls[1].revents != 0 && !read_into(messages_, err_.get())) {
      err_.close();
    }
    if (polls[0].revents != 0) {
      ended_ = !read_into(text_, out_.get());
      split_lines();
      return !ended_;
    }
  }
  return false;
}

void Tracer::split_lines() {
  if (output_ == Output::kText) {
    return;
  }
  size_t start = 0;
  for (size_t end = 0; (end = text_.find('\n', start)) != std::string::npos; start = end + 1) {
    records_.push_back(Record::parse(std::string_view(text_).substr(start, end - start)));
    std::this_thread::sleep_for(per_line_);
  }
  text_.erase(0, start);
  if (ended_ && !text_.empty()) {
    throw std::runtime_error("the tracer's last line is not whole: " + text_);
  }
}

void Tracer::drain() {
  while (read_more(Clock::now())) {
  }
}

void Tracer::read_for(std::chrono::milliseconds time) {
  const auto deadline = Clock::now() + time;
  while (Clock::now() < deadline && read_more(deadline)) {
  }
}

const Record& Tracer::last_record() const {
  if (records_.empty()) {
    throw std::runtime_error("the tracer wrote no record; it said: " + messages_);
  }
  return records_.back();
}

Record Tracer::conflict_of(pid_t victim) {
  wait_for_conflicts(victim, 1);
  return conflicts_of(victim).front();
}

Record Tracer::sequel(const std::string& name, const nlohmann::json& address, const nlohmann::json& port,
                      double seconds) {
  const auto is_it = [&](const Record& record) {
    return record.at("event.name") == name && record.at("network.local.address") == address &&
           record.at("network.local.port") == port;
  };
  const auto deadline = Clock::now() + time_limit(seconds);
  while (true) {
    const auto found = std::find_if(records_.begin(), records_.end(), is_it);
    if (found != records_.end()) {
      return *found;
    }
    if (!read_more(deadline)) {
      throw std::runtime_error("no " + name + " of " + address.dump() + " " + port.dump() + "; it said: " + messages_);
    }
  }
}

void Tracer::wait_for_conflicts(pid_t victim, size_t count) {
  const auto deadline = Clock::now() + time_limit(kRecordSeconds);
  for (size_t found = 0; (found = conflicts_of(victim).size()) < count;) {
    if (!read_more(deadline)) {
      throw std::runtime_error(std::to_string(found) + " of " + std::to_string(count) + " conflicts of process " +
                               std::to_string(victim) + " were reported, in " + std::to_string(records_.size()) +
                               " records" + (ended_ ? "; the tracer ended" : "") + "; it said: " + messages_);
    }
  }
}

std::vector<Record> Tracer::conflicts_of(pid_t victim) const {
  std::vector<Record> found;
  for (const Record& record : records_) {
    if (record.at("event.name") == "bindtrace.bind.conflict" && record.at("process.pid") == victim) {
      found.push_back(record);
    }
  }
  return found;
}

const std::string& Tracer::text_with(const std::string& piece) {
  const auto deadline = Clock::now() + time_limit(kRecordSeconds);
  while (text_.find(piece) == std::string::npos) {
    if (!read_more(deadline)) {
      throw std::runtime_error("\"" + piece + "\" did not come; there was: " + text_ + messages_);
    }
  }
  return text_;
}

Ended Tracer::stop(int signal) {
  drain();
  const auto start = Clock::now();
  send_signal(pid_, signal);
  const auto deadline = start + time_limit(kEndSeconds);
  while (read_more(deadline)) {
  }
  if (!ended_) {
    throw std::runtime_error("the tracer does not end; it said: " + messages_);
  }
  Ended ended;
  ended.status = shell_status(wait_for_exit(pid_, kEndSeconds));
  ended.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  pid_ = -1;
  if (err_.open()) {
    read_err();
  }
  ended.err = messages_;
  if (output_ == Output::kText) {
    ended.out = text_;
  }
  return ended;
}

std::optional<Accounts> accounts_of(const Record& record) {
  const nlohmann::json lost = record.at("bindtrace.stats.lost");
  if (record.at("event.name") != "bindtrace.agent.stopped" || !lost.is_object()) {
    return std::nullopt;
  }
  Accounts accounts;
  for (const auto& [name, number] :
       {std::pair{"attempted", &accounts.attempted}, std::pair{"emitted", &accounts.emitted},
        std::pair{"suppressed", &accounts.suppressed}}) {
    const nlohmann::json value = record.at(std::string("bindtrace.stats.") + name);
    if (!value.is_number_integer()) {
      return std::nullopt;
    }
    *number = value;
  }
  for (const auto& [reason, value] : lost.items()) {
    if (!value.is_number_integer()) {
      return std::nullopt;
    }
    accounts.lost += value.get<int64_t>();
  }
  return accounts;
}

}  // namespace bindtrace
