// SPDX-License-Identifier: Apache-2.0
// What the tracer has loaded, asked of the kernel: the programs of one tier and no other.
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <linux/bpf.h>
#include <sys/syscall.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

// The line "prog_id:\tN" of a BPF program's descriptor.
std::set<uint32_t> program_ids(pid_t pid) {
  std::set<uint32_t> ids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fdinfo")) {
    std::ifstream lines(entry.path());
    bool is_program = false;
    uint32_t id = 0;
    for (std::string name, value; lines >> name && std::getline(lines, value);) {
      is_program = is_program || name == "prog_jited:";  // a link's descriptor has a prog_id too
      id = name == "prog_id:" ? static_cast<uint32_t>(std::stoul(value)) : id;
    }
    if (is_program) {
      ids.insert(id);
    }
  }
  return ids;
}

std::string program_name(uint32_t id) {
  bpf_attr by_id{};
  by_id.prog_id = id;
  const Fd program(static_cast<int>(syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &by_id, sizeof by_id)));
  bpf_prog_info info{};
  bpf_attr query{};
  query.info.bpf_fd = static_cast<uint32_t>(program.get());
  query.info.info_len = sizeof info;
  query.info.info = reinterpret_cast<uint64_t>(&info);
  return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &query, sizeof query) == 0 ? info.name : "?";
}

std::string tier_of_program(const std::string& name) {
  for (const auto& [mark, tier] :
       {std::pair{"_fexit", "fexit"}, std::pair{"_fentry", "fexit"}, std::pair{"_entry", "kprobe"},
        std::pair{"_return", "kprobe"}, std::pair{"_tp", "tracepoint"}}) {
    if (name.find(mark) != std::string::npos) {
      return tier;
    }
  }
  return name;
}

std::set<std::string> tiers_loaded(pid_t pid) {
  std::set<std::string> tiers;
  for (const uint32_t id : program_ids(pid)) {
    tiers.insert(tier_of_program(program_name(id)));
  }
  return tiers;
}

// And those that are of no tier.
std::set<std::string> programs_with(const std::string& tier) {
  return {tier, "note_signals", "search_files", "seed_binders", "walk_port", "whoami"};
}

class Programs : public SharedTracerTest {};

TEST_P(Programs, OfTheChosenTierAloneAreLoaded) {
  EXPECT_EQ(tiers_loaded(tracer().pid()), programs_with(tier()));
}

BINDTRACE_ON_EVERY_TIER(Programs);

TEST(AutomaticChoice, TakesTheFirstTierThatWorksAndLeavesNothingOfTheOthers) {
  const std::string first = tier_taken_by_default();
  Tracer automatic("auto");
  automatic.drain();

  EXPECT_EQ(automatic.records().front().at("bindtrace.tier"), first);
  EXPECT_EQ(tiers_loaded(automatic.pid()), programs_with(first));
}

}  // namespace
}  // namespace bindtrace
