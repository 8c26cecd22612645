// SPDX-License-Identifier: Apache-2.0
// The victim of a failure and what it asked for.
#include "core/decode.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wire_records.h"

namespace bindtrace {
namespace {

TEST(Decode, AFailureKeepsVictimAndRequest) {
  const auto failure = decoded<Failure>(wire_failure());
  EXPECT_EQ(failure.head.key.ktime_ns, 77U);
  EXPECT_EQ(failure.tid, 1235U);
  EXPECT_EQ(failure.victim.pid, 1234U);
  EXPECT_EQ(failure.victim.uid, 33U);
  EXPECT_EQ(failure.victim.parent_pid, 1U);
  EXPECT_EQ(failure.victim.comm, "nginx");
  EXPECT_EQ(failure.victim.cgroup_names, (std::vector<Name>{{"nginx.service"}, {"system.slice"}}));
  EXPECT_EQ(to_string(failure.request.endpoint), "tcp 0.0.0.0:80");
  EXPECT_EQ(failure.request.operation, Operation::kBind);
  EXPECT_EQ(failure.request.entry, Entry::kSyscall);
  EXPECT_EQ(failure.request.inode, 9100U);
  EXPECT_TRUE(failure.walked);
  EXPECT_FALSE(failure.scan_follows);
}

TEST(Decode, AFailureSaysWhetherItsOwnersAreLookedFor) {
  bt_failure wire = wire_failure();
  EXPECT_EQ(decoded<Failure>(wire).scan.status, ScanStatus::kNotAsked);
  wire.flags = BT_FAIL_SCAN_SKIPPED;
  EXPECT_EQ(decoded<Failure>(wire).scan.status, ScanStatus::kSkipped);
  EXPECT_FALSE(decoded<Failure>(wire).scan_follows);
  wire.flags = BT_FAIL_SCAN_FOLLOWS;
  EXPECT_TRUE(decoded<Failure>(wire).scan_follows);
}

TEST(Decode, TheArgumentsOfTheVictimAreTheirFirstBytes) {
  bt_failure wire = wire_failure();
  EXPECT_TRUE(decoded<Failure>(wire).victim.arguments.empty());
  put(wire.args, std::string_view("nginx\0-t\0", 9));
  wire.args_length = 9;
  EXPECT_EQ(decoded<Failure>(wire).victim.arguments, std::string("nginx\0-t\0", 9));
  EXPECT_FALSE(decoded<Failure>(wire).victim.arguments_cut);
  wire.args_length = 70'000;
  EXPECT_EQ(decoded<Failure>(wire).victim.arguments.size(), std::size_t{BT_ARGS_LEN});
  EXPECT_TRUE(decoded<Failure>(wire).victim.arguments_cut);
}

TEST(Decode, WhatTheKernelSideLeavesAtZeroIsUnknown) {
  bt_failure wire = wire_failure();
  wire.victim.parent_tgid = 0;
  wire.request.inode = 0;
  const auto failure = decoded<Failure>(wire);
  EXPECT_FALSE(failure.victim.parent_pid);
  EXPECT_FALSE(failure.victim.executable);
  EXPECT_FALSE(failure.victim.cgroup_id);
  EXPECT_FALSE(failure.request.inode);
  EXPECT_FALSE(failure.request.options.device);
  EXPECT_FALSE(failure.bucket);
}

// The kernel side ends every string with NUL, so one that is cut is a byte shorter than its field.
TEST(Decode, ANameThatLeavesNoRoomForMoreMayBeCut) {
  bt_failure wire = wire_failure();
  put(wire.victim.exe_name, std::string(BT_EXE_LEN - 1, 'e'));
  EXPECT_TRUE(decoded<Failure>(wire).victim.executable_name.cut);
  wire = wire_failure();
  put(wire.victim.exe_name, std::string(BT_EXE_LEN - 2, 'e'));
  EXPECT_FALSE(decoded<Failure>(wire).victim.executable_name.cut);
}

TEST(Decode, ANameThatFillsItsFieldEndsThere) {
  bt_failure wire = wire_failure();
  std::memset(wire.victim.comm, 'c', sizeof wire.victim.comm);
  std::memset(wire.victim.exe_name, 'e', sizeof wire.victim.exe_name);
  std::memset(wire.victim.cgroup[0], 'g', sizeof wire.victim.cgroup[0]);
  const auto failure = decoded<Failure>(wire);
  EXPECT_EQ(failure.victim.comm, std::string(BT_COMM_LEN, 'c'));
  EXPECT_EQ(failure.victim.executable_name, (Name{std::string(BT_EXE_LEN, 'e'), true}));
  EXPECT_EQ(failure.victim.cgroup_names.at(0), (Name{std::string(BT_CGROUP_LEN, 'g'), true}));
}

TEST(Decode, AThreadThatTriesPortAfterPortIsMarked) {
  bt_failure wire = wire_failure();
  EXPECT_FALSE(decoded<Failure>(wire).probing);
  wire.flags |= BT_FAIL_PROBING;
  EXPECT_TRUE(decoded<Failure>(wire).probing);
}

TEST(Decode, AnOperationWithoutMeaningIsAnError) {
  bt_failure wire = wire_failure();
  wire.request.operation = 9;
  EXPECT_EQ(decode(bytes_of(wire)).error().message, "failure record: operation 9 has no meaning");
}

TEST(Decode, AnEntryThatIsNotKnownIsUnknown) {
  bt_failure wire = wire_failure();
  wire.request.entry = 200;
  EXPECT_EQ(decoded<Failure>(wire).request.entry, Entry::kUnknown);
}

}  // namespace
}  // namespace bindtrace
