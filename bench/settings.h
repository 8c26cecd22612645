// SPDX-License-Identifier: Apache-2.0
// Under what a call is measured: nothing, a tier of bindtrace, another tracer.
#pragma once

#include <string>
#include <vector>

namespace bindtrace::bench {

enum class Watch {
  kNothing,
  kBindtrace,  // `words` are its options
  kOnlooker,   // `words` are a command that watches the whole machine
  kWrapper,    // `words` come before the command that is watched
};

struct Setting {
  std::string name;
  Watch watch = Watch::kNothing;
  std::vector<std::string> words;
};

inline std::vector<Setting> all_settings() {
  const std::vector<std::string> strace = {"strace", "-f", "-qq", "-e", "trace=bind", "-o", "/dev/null"};
  std::vector<std::string> strace_seccomp = strace;
  strace_seccomp.insert(strace_seccomp.begin() + 1, "--seccomp-bpf");
  std::vector<Setting> settings{{"nothing", Watch::kNothing, {}}};
  for (const std::string tier : {"fexit", "kprobe", "tracepoint"}) {
    settings.push_back({tier, Watch::kBindtrace, {"--attach=" + tier}});
    settings.push_back({tier + "-no-bound-by", Watch::kBindtrace, {"--attach=" + tier, "--no-bound-by"}});
  }
  settings.push_back({"bindsnoop", Watch::kOnlooker, {"/usr/sbin/bindsnoop"}});
  settings.push_back({"bindsnoop-bpfcc", Watch::kOnlooker, {"/usr/sbin/bindsnoop-bpfcc"}});
  settings.push_back({"strace-seccomp", Watch::kWrapper, strace_seccomp});
  settings.push_back({"strace", Watch::kWrapper, strace});
  return settings;
}

}  // namespace bindtrace::bench
