// SPDX-License-Identifier: Apache-2.0
// `bindtrace doctor` on a real kernel: what it says is so, and it disturbs nobody.
#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "privilege.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr int kPrivilege = 3;

Record record_of(const Ended& ended) {
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 1) << ended.out << ended.err;
  return Record::parse(ended.out);
}

nlohmann::json finding_of(const Record& record, const std::string& tier) {
  for (const nlohmann::json& finding : record.at("bindtrace.doctor.tiers")) {
    if (finding.at("name") == tier) {
      return finding;
    }
  }
  throw std::runtime_error("nothing is said of tier " + tier + ": " + record.text());
}

// One run a tier serves all tests, for a start is dear.
const Ended& examined(const std::string& tier) {
  static std::map<std::string, Ended> runs;
  const auto known = runs.find(tier);
  return known != runs.end() ? known->second : runs[tier] = run_tracer({"doctor", "-j", "--attach=" + tier});
}

class Doctor : public TierTest {};

TEST_P(Doctor, SaysThatTheTierWorksAndWhatItCosts) {
  const Ended& ended = examined(tier());
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  const Record record = record_of(ended);

  EXPECT_EQ(record.at("event.name"), "bindtrace.doctor");
  EXPECT_EQ(record.at("bindtrace.tier"), tier());
  EXPECT_EQ(record.at("bindtrace.doctor.self_check.passed"), true) << record.text();
  EXPECT_EQ(finding_of(record, tier()).at("works"), true) << record.text();
  const nlohmann::json calls = record.at("bindtrace.doctor.cost.calls");
  ASSERT_EQ(calls.size(), 2U) << record.text();
  for (const nlohmann::json& call : calls) {
    EXPECT_GT(call.at("count"), 0) << record.text();
    EXPECT_GT(call.at("untraced_ns"), 0) << record.text();
    EXPECT_GT(call.at("traced_ns"), 0) << record.text();
  }
}

TEST_P(Doctor, SaysOfThisKernelWhatOtherTestsKnow) {
  const Record record = record_of(examined(tier()));

  EXPECT_EQ(record.at("bindtrace.doctor.btf"), true);
  EXPECT_EQ(record.at("bindtrace.doctor.variant"), kernel_has_bpf_loop() ? "loop" : "bounded") << record.text();
  if (kernel_preempts_programs()) {
    EXPECT_EQ(record.at("bindtrace.doctor.programs_may_be_preempted"), true) << record.text();
  }
  EXPECT_EQ(record.at("bindtrace.doctor.pid_namespace"), "initial") << record.text();
  EXPECT_EQ(record.at("bindtrace.doctor.capabilities.CAP_BPF.held"), true) << record.text();
}

TEST_P(Doctor, NamesTheBlindSpotsOfThisTier) {
  const Record record = record_of(examined(tier()));

  const std::string spots = record.at("bindtrace.doctor.blind_spots").dump();
  EXPECT_EQ(spots.find("kernel_bind") != std::string::npos, tier() == "tracepoint") << spots;
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(Doctor);

TEST(DoctorOnItsOwn, SaysWhyEachBetterTierDoesNotWork) {
  const Ended ended = run_tracer({"doctor", "-j"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  const Record record = record_of(ended);

  bool chosen = false;
  for (const nlohmann::json& finding : record.at("bindtrace.doctor.tiers")) {
    if (finding.at("name") == record.at("bindtrace.tier")) {
      chosen = true;
      EXPECT_EQ(finding.at("works"), true) << record.text();
    } else {
      EXPECT_EQ(finding.at("works"), chosen ? nlohmann::json() : nlohmann::json(false)) << record.text();
      EXPECT_TRUE(finding.at("reason").is_string()) << record.text();
    }
  }
  EXPECT_TRUE(chosen) << record.text();
}

TEST(DoctorOnItsOwn, IsForAPersonToo) {
  const Ended ended = run_tracer({"doctor", "--attach=" + last_tier_to_test().front()});
  ASSERT_EQ(ended.status, 0) << ended.err;

  EXPECT_TRUE(ended.out.starts_with("bindtrace ")) << ended.out;
  EXPECT_NE(ended.out.find("works here, by tier " + last_tier_to_test().front()), std::string::npos) << ended.out;
  EXPECT_EQ(ended.err, "");
}

TEST(DoctorOnItsOwn, WithoutPrivilegeNamesWhatIsMissingAndTheRemedy) {
  const Ended ended = run_tracer({"doctor"}, give_up_all_rights);
  EXPECT_EQ(ended.status, kPrivilege) << ended.err;
  EXPECT_NE(ended.out.find("missing CAP_BPF and CAP_PERFMON: run it as root"), std::string::npos) << ended.out;

  const Ended again = run_tracer({"doctor", "-j"}, give_up_all_rights);
  EXPECT_EQ(again.status, kPrivilege) << again.err;
  const Record record = record_of(again);
  EXPECT_TRUE(record.at("bindtrace.tier").is_null()) << record.text();
  EXPECT_EQ(record.at("bindtrace.doctor.capabilities.CAP_BPF.held"), false) << record.text();
  EXPECT_TRUE(record.at("bindtrace.doctor.cost").is_null()) << record.text();
  EXPECT_TRUE(record.at("bindtrace.doctor.kernel.release").is_string()) << record.text();
}

class DoctorBesideATracer : public SharedTracerTest {};

TEST_P(DoctorBesideATracer, CausesNoConflictThatTheTracerShows) {
  const Ended ended = run_tracer({"doctor", "-j", "--attach=" + tier()});
  ASSERT_EQ(ended.status, 0) << ended.err;
  ASSERT_FALSE(record_of(ended).at("bindtrace.doctor.cost").is_null()) << ended.out;
  settle(tracer());

  for (const Record& record : tracer().records()) {
    EXPECT_NE(record.at("process.executable.name"), "bindtrace") << record.text();
  }
}

BINDTRACE_ON_ONE_TIER(DoctorBesideATracer);

}  // namespace
}  // namespace bindtrace
