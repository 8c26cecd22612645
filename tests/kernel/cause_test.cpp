// SPDX-License-Identifier: Apache-2.0
// Why the port was taken: the causes that need two programs. same_process and time_wait are shown elsewhere.
#include <filesystem>
#include <string>

#include <sys/prctl.h>
#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

class Cause : public SharedTracerTest {};

// A copy of this test binary under another path, for as long as the object lives.
class OtherProgram {
 public:
  OtherProgram() { std::filesystem::copy_file(own_executable(), path_); }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;
  ~OtherProgram() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string comm() const { return std::filesystem::path(path_).filename().string().substr(0, 15); }

 private:
  std::string path_ = "/tmp/bt-other-" + std::to_string(getpid());
};

TEST_P(Cause, AnOlderProcessOfTheSameProgramIsThePreviousInstance) {
  const Request request{Transport::kTcp, {"127.0.0.1", 6001}, {}};
  Child starter(netns(), "bt-starter", [&](const Line& line) {
    if (fork() > 0) {
      return;  // so that holder and victim are not children of one master
    }
    const Fd socket = serve(request);
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const Held held = starter.hear<Held>();
  ASSERT_EQ(starter.join(), 0);
  const Victim victim = fail_to_bind(netns(), request);

  const Record record = only_conflict_of(victim);

  expect_holder(record, held, "bt-starter");
  EXPECT_EQ(record.at("bindtrace.cause"), "previous_instance") << record.text();
  EXPECT_FALSE(record.at("bindtrace.advice").empty()) << record.text();
}

TEST_P(Cause, AFellowWorkerIsAnotherInstance) {
  const Request request{Transport::kTcp, {"127.0.0.1", 6003}, {}};
  char master[16];
  ASSERT_EQ(prctl(PR_GET_NAME, master), 0);
  const Holder holder = hold(netns(), request, master);
  const Victim victim = fail_to_bind(netns(), request, master);

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("bindtrace.cause"), "another_instance") << record.text();
}

TEST_P(Cause, AnotherProgramIsNamedByItsExecutable) {
  const OtherProgram program;
  const Endpoint endpoint{"127.0.0.1", 6002};
  Child child(netns(), "bt-holder", [&](const Line& line) { become_other_program(line, program.path(), endpoint); });
  const Held held = child.hear<Held>();
  const Victim victim = fail_to_bind(netns(), {Transport::kTcp, endpoint, {}});

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("bindtrace.cause"), "other_program") << record.text();
  EXPECT_EQ(record.holder().at("executable"), program.path()) << record.text();
  expect_holder(record, held, program.comm());
}

BINDTRACE_ON_EVERY_TIER(Cause);

}  // namespace
}  // namespace bindtrace
