// SPDX-License-Identifier: Apache-2.0
// Any bytes give a record or an error: sizes, alignment, types that are not known, garbage.
#include "core/decode.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "wire_records.h"

namespace bindtrace {
namespace {

TEST(Decode, ARecordThatGrewIsReadByItsOldFields) {
  auto bytes = bytes_of(wire_failure());
  bytes.resize(bytes.size() + 512, std::byte{0xAA});
  EXPECT_TRUE(decode(bytes));
}

TEST(Decode, AnyAlignmentWillDo) {
  auto bytes = bytes_of(wire_failure());
  bytes.insert(bytes.begin(), std::byte{0});
  EXPECT_TRUE(decode(std::span(bytes).subspan(1)));
}

TEST(Decode, EveryTruncationIsAnError) {
  bt_failure wire = wire_failure();
  wire.holder_count = BT_MAX_HOLDERS;
  const auto bytes = bytes_of(wire);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(std::span(bytes).first(size))) << size;
  }
}

TEST(Decode, AFailureEndsWithItsLastHolder) {
  bt_failure wire = wire_failure();
  wire.holder_count = 2;
  wire.holders[1] = wire_listener();
  const auto bytes = bytes_of(wire);
  EXPECT_FALSE(decode(std::span(bytes).first(BT_FAILURE_SIZE(2) - 1)));
  const auto record = decode(std::span(bytes).first(BT_FAILURE_SIZE(2)));
  ASSERT_TRUE(record);
  const auto& failure = std::get<Failure>(*record);
  ASSERT_EQ(failure.sockets.size(), 2U);
  EXPECT_EQ(failure.sockets[1].state, SocketState::kListen);
}

TEST(Decode, MoreHoldersThanTheArrayHasIsAnError) {
  bt_failure wire = wire_failure();
  wire.holder_count = BT_MAX_HOLDERS + 1;
  const auto record = decode(bytes_of(wire));
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().kind, ErrorKind::kMalformed);
  EXPECT_EQ(record.error().message, "failure record of 2128 bytes with 17 holders");
}

TEST(Decode, ARecordTypeThatIsNotKnownIsAnError) {
  bt_failure wire = wire_failure();
  wire.head.type = 99;
  EXPECT_EQ(decode(bytes_of(wire)).error().message, "record of unknown type 99");
}

TEST(Decode, GarbageGivesARecordOrAnErrorAndNothingElse) {
  std::mt19937 random(1);  // the same garbage every time
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> bytes(random() % 2500);
    for (std::byte& byte : bytes) {
      byte = static_cast<std::byte>(random());
    }
    if (bytes.size() >= 4) {
      const auto type = static_cast<std::uint32_t>(random() % 7);
      std::memcpy(bytes.data(), &type, sizeof type);
    }
    const auto record = decode(bytes);
    EXPECT_TRUE(record || !record.error().message.empty());
  }
}

TEST(Decode, OneDamagedByteDoesNoHarm) {
  const auto whole = bytes_of(wire_failure());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto bytes = whole;
    bytes[at] = std::byte{0xFF};
    const auto record = decode(bytes);
    EXPECT_TRUE(record || record.error().kind == ErrorKind::kMalformed) << at;
  }
}

}  // namespace
}  // namespace bindtrace
