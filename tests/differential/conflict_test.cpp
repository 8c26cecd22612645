// SPDX-License-Identifier: Apache-2.0
// The conflict model says "refused" exactly when the kernel does: every pair of plain sockets, and any three or four.
//
//   BINDTRACE_CASES  how many cases are made at random for each protocol (default 20000)
//   BINDTRACE_SEED   of the random cases (default: another one each time; a failure names it)
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "arena.h"
#include "cases.h"
#include "core/conflict.h"

namespace bindtrace {
namespace {

constexpr std::size_t kShown = 20;

unsigned long setting(const char* name, unsigned long otherwise) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets one
  return value != nullptr ? std::strtoul(value, nullptr, 10) : otherwise;
}

class ConflictModel : public testing::TestWithParam<Transport> {
 protected:
  static void SetUpTestSuite() {
    auto loaded = PortWalk::load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    kernel.emplace(*std::move(loaded));
  }
  static void TearDownTestSuite() { kernel.reset(); }

  // In a thread of its own: its network namespace ends with it.
  template <typename Cases>
  static Tally play(const Cases& cases) {
    Tally tally;
    std::string trouble;
    std::thread([&] {
      try {
        Arena arena(*kernel);
        cases(arena, tally);
      } catch (const std::exception& error) {
        trouble = error.what();
      }
    }).join();
    EXPECT_EQ(trouble, "");
    return tally;
  }

  static void expect_agreement(const Tally& tally) {
    EXPECT_TRUE(tally.disagreements.empty());
    for (std::size_t i = 0; i < std::min(tally.disagreements.size(), kShown); i++) {
      ADD_FAILURE() << tally.disagreements[i];
    }
    EXPECT_GT(tally.refused, tally.asked / 20) << "the cases meet each other too seldom";
    EXPECT_LT(tally.refused, tally.asked);
    RecordProperty("asked", static_cast<int>(tally.asked));
    std::printf("%zu asked, %zu refused, %zu not told, %zu disagreements\n", tally.asked, tally.refused, tally.not_told,
                tally.disagreements.size());
  }

 private:
  static std::optional<PortWalk> kernel;
};

std::optional<PortWalk> ConflictModel::kernel;

TEST_P(ConflictModel, AgreesWithTheKernelOnEveryPairOfPlainSockets) {
  const Tally tally = play([](Arena& arena, Tally& counts) {
    for (const Subject& first : all_plain(GetParam())) {
      for (const Subject& second : all_plain(GetParam())) {
        arena.play({first, second}, counts);
      }
    }
  });
  expect_agreement(tally);
  EXPECT_EQ(tally.not_told, 0U);
}

TEST_P(ConflictModel, AgreesWithTheKernelOnAnyThreeOrFour) {
  const auto seed = static_cast<std::uint32_t>(setting("BINDTRACE_SEED", std::random_device()()));
  const unsigned long cases = setting("BINDTRACE_CASES", 20'000);
  SCOPED_TRACE("BINDTRACE_SEED=" + std::to_string(seed));
  const Tally tally = play([&](Arena& arena, Tally& counts) {
    std::mt19937 random(seed);
    for (unsigned long i = 0; i < cases; i++) {
      std::vector<Subject> subjects;
      const unsigned count = 3 + random() % 2;
      for (unsigned j = 0; j < count; j++) {
        subjects.push_back(any_subject(GetParam(), random));
      }
      arena.play(subjects, counts);
    }
  });
  expect_agreement(tally);
  EXPECT_LT(tally.not_told, tally.asked / 20);
}

INSTANTIATE_TEST_SUITE_P(Of, ConflictModel, testing::Values(Transport::kTcp, Transport::kUdp),
                         [](const auto& transport) { return std::string(to_string(transport.param)); });

}  // namespace
}  // namespace bindtrace
