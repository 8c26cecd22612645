// SPDX-License-Identifier: Apache-2.0
// `bindtrace run -- CMD`: the command's own failures and those of all that it starts, and its exit status.
#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "entering.h"
#include "run_role.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

Endpoint wanted() {
  return {"127.0.0.1", 9501};
}

class Run : public TierTest {
 protected:
  // In this test's network namespace.
  Ended run(const std::vector<std::string>& options, const std::vector<std::string>& command) {
    std::vector<std::string> arguments{"run", "--attach=" + tier()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), command.begin(), command.end());
    return run_tracer(arguments, entering(netns()));
  }

  static std::vector<Record> conflicts_in(const std::string& lines) {
    std::vector<Record> conflicts;
    for (size_t start = 0, end = 0; (end = lines.find('\n', start)) != std::string::npos; start = end + 1) {
      const std::string line = lines.substr(start, end - start);
      if (line.starts_with('{')) {  // others are messages
        if (Record record = Record::parse(line); record.at("event.name") == "bindtrace.bind.conflict") {
          conflicts.push_back(std::move(record));
        }
      }
    }
    return conflicts;
  }
};

TEST_P(Run, TellsTheStoryWhenTheCommandHasSaidItsOwnAndKeepsItsStatus) {
  const Holder holder = hold(netns(), {Transport::kTcp, wanted(), {}});

  const Ended ended = run({"--color=never"}, command_that_fails(wanted()));

  EXPECT_EQ(ended.status, kBindFailed) << ended.err;
  EXPECT_EQ(ended.out, kSaid) << "stdout is the command's";
  EXPECT_NE(ended.err.find("could not bind tcp 127.0.0.1:9501"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("held by     bt-holder[" + std::to_string(holder.held.pid) + "]"), std::string::npos)
      << ended.err;
}

TEST_P(Run, ShowsOfAllFailuresThoseOfTheCommandsDescendantsAlone) {
  const Holder holder = hold(netns(), {Transport::kTcp, wanted(), {}});
  Child other(netns(), "bt-other", [&](const Line&) {
    const Fd socket = make_socket({Transport::kTcp, wanted(), {}});
    while (true) {
      try_bind(socket.get(), wanted());
      usleep(20'000);  // the tracers of other tests explain each of these
    }
  });

  const Ended ended = run({"-j"}, command_whose_orphan_fails(wanted()));

  EXPECT_EQ(ended.status, kBindFailed) << ended.err;
  const std::vector<Record> conflicts = conflicts_in(ended.err);
  ASSERT_EQ(conflicts.size(), 1U) << ended.err;
  EXPECT_NE(conflicts[0].at("process.pid"), other.pid());
  EXPECT_EQ(conflicts[0].holder().at("pid"), holder.held.pid) << conflicts[0].text();
  const nlohmann::json ancestors = conflicts[0].at("process.ancestors");
  ASSERT_FALSE(ancestors.empty());
  EXPECT_EQ(ancestors[0].at("comm"), "bindtrace") << "who takes orphans in: " << conflicts[0].text();
}

TEST_P(Run, PassesSignalsOnToTheCommand) {
  EXPECT_EQ(run({}, command_that_terminates_its_parent()).status, kTerminated);
}

TEST_P(Run, SaysThatThereWasNothing) {
  const Ended ended = run({"--exit-code"}, {"/proc/self/exe", "--version"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(ended.out.starts_with("bindtrace ")) << ended.out;
  // Where a program is preempted in some other call meanwhile, that might have been one of the command's.
  const bool some_missed = ended.err.find("0 failures: 0 seen") != std::string::npos &&
                           ended.err.find("the kernel missed at most") != std::string::npos;
  EXPECT_TRUE(some_missed || ended.err.find("nothing of it failed to bind") != std::string::npos) << ended.err;
}

TEST_P(Run, HasTheStatusOfAShellWhereTheCommandCannotBeRun) {
  const Ended missing = run({}, {"/nowhere/at/all"});
  EXPECT_EQ(missing.status, 127) << missing.err;
  EXPECT_NE(missing.err.find("run '/nowhere/at/all': No such file or directory"), std::string::npos) << missing.err;
  EXPECT_EQ(run({}, {"/proc"}).status, 126);
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(Run);

}  // namespace
}  // namespace bindtrace
