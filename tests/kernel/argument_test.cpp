// SPDX-License-Identifier: Apache-2.0
// The arguments of a victim that has ended before anybody could read them in /proc.
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "run_role.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

// A copy of this test binary named nginx.
class Nginx {
 public:
  Nginx() {
    char directory[] = "/tmp/bt-nginx-XXXXXX";
    must(mkdtemp(directory) != nullptr, "mkdtemp");
    directory_ = directory;
    std::filesystem::copy_file(own_executable(), path());
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;
  ~Nginx() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::string path() const { return directory_ / "nginx"; }

 private:
  std::filesystem::path directory_;
};

class ArgumentsOf : public TierTest {
 protected:
  // Asks as "nginx ... -t" for an address that is taken, and more.
  [[nodiscard]] std::vector<std::string> config_test(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = command_that_fails(wanted_);
    command[0] = nginx_.path();
    command.emplace_back("-t");
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }

  // The conflict of the command, told by a tracer that has seen nothing of it while it ran.
  Record conflict_of(std::vector<std::string> command) {
    Tracer own(tier(), {"--args"});
    std::optional<Stopped> stopped(own.pid());
    Child child(netns(), "bt-victim", [&](const Line&) {
      std::vector<char*> argv;
      argv.reserve(command.size() + 1);
      for (std::string& word : command) {
        argv.push_back(word.data());
      }
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      must(false, argv[0]);
    });
    const pid_t pid = child.pid();
    EXPECT_EQ(child.join(), kBindFailed);
    stopped.reset();
    return own.conflict_of(pid);
  }

 private:
  Endpoint wanted_{"127.0.0.1", 5330};
  Holder holder_ = hold(netns(), {Transport::kTcp, wanted_, {}});
  Nginx nginx_;
};

TEST_P(ArgumentsOf, AConfigTestThatHasEndedTellThatItWasOne) {
  const std::vector<std::string> command = config_test();

  const Record record = conflict_of(command);

  EXPECT_EQ(record.at("bindtrace.cause"), "config_test") << record.text();
  EXPECT_EQ(record.at("process.command_line"), command[0] + " " + command[1] + " 127.0.0.1 5330 -t") << record.text();
  EXPECT_TRUE(record.at("process.executable.path").is_null()) << "it is gone: " << record.text();
}

// What is longer than a record has room for is not told in part.
TEST_P(ArgumentsOf, ALongCommandLineAreCutAtAWholeOne) {
  const Record record = conflict_of(config_test({std::string(200, 'x')}));

  EXPECT_EQ(record.at("bindtrace.cause"), "config_test") << record.text();
  EXPECT_TRUE(record.at("process.command_line").is_null()) << record.text();
}

BINDTRACE_ON_EVERY_TIER_UNLESS_SHORT(ArgumentsOf);

}  // namespace
}  // namespace bindtrace
