// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/config_file.h"
#include "cli/options.h"

namespace bindtrace {
namespace {

using Variables = std::map<std::string, std::string>;

// With this text in the file that --config names.
Result<Options> parsed(const std::string& config, std::vector<const char*> arguments = {},
                       const Variables& variables = {}) {
  arguments.insert(arguments.begin(), {"bindtrace", "--config", "b.toml"});
  const auto environment = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  Host host;
  host.read_config = [&](const std::string& path) {
    EXPECT_EQ(path, "b.toml");
    return Result<std::string>(config);
  };
  return parse(static_cast<int>(arguments.size()), arguments.data(), environment, host);
}

std::string complaint(const std::string& config, std::vector<const char*> arguments = {}) {
  const auto options = parsed(config, std::move(arguments));
  return options ? "" : options.error().message;
}

TEST(ConfigFile, HasTheLongOptionsAsKeys) {
  const auto options = parsed(
      "# comment\n"
      "log-file = \"/var/log/a # b.jsonl\"  # comment\n"
      "log-keep = 3\n"
      "journald = true\n"
      "port = [80, \"8000-8010\"]\n"
      "comm = ['a, b', \"c\"]\n");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->log_file->path, "/var/log/a # b.jsonl");
  EXPECT_EQ(options->log_file->keep, 3U);
  EXPECT_EQ(options->log_file->max_bytes, 10U << 20U);
  EXPECT_TRUE(options->journald);
  EXPECT_EQ(options->filter.ports.size(), 2U);
  EXPECT_EQ(options->filter.comms, (std::vector<std::string>{"a, b", "c"}));
}

TEST(ConfigFile, IsBeatenByTheEnvironmentAndThatByTheCommandLine) {
  const std::string config = "max-events = 1\nring-size = \"64K\"\nduration = 1\njournald = true\nport = [1, 2]\n";
  const auto options =
      parsed(config, {"--max-events", "3", "-P", "3"},
             {{"BINDTRACE_MAX_EVENTS", "2"}, {"BINDTRACE_RING_SIZE", "128K"}, {"BINDTRACE_JOURNALD", "false"}});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->max_events, 3U);
  EXPECT_EQ(options->ring_bytes, 128U << 10U);
  EXPECT_EQ(options->duration, std::chrono::seconds(1));
  EXPECT_FALSE(options->journald);
  EXPECT_EQ(options->filter.ports.size(), 1U);
}

TEST(ConfigFile, GivesWayToTheOtherSpellingOfTheForm) {
  EXPECT_EQ(parsed("json = true\n", {"-o", "text"})->output, OutputForm::kText);
  EXPECT_EQ(parsed("output = \"text\"\n", {"-j"})->output, OutputForm::kJson);
  EXPECT_EQ(parsed("output = \"text\"\n", {}, {{"BINDTRACE_JSON", "true"}})->output, OutputForm::kJson);
  EXPECT_NE(complaint("json = true\noutput = \"text\"\n").find("exclude each other"), std::string::npos);
}

TEST(ConfigFile, WithAnUnknownKeyIsRefusedByItsLine) {
  EXPECT_EQ(complaint("json = true\n\nprot = 80\n"), "b.toml:3: there is no setting 'prot': did you mean proto?");
  EXPECT_EQ(complaint("[output]\njson = true\n"),
            "b.toml:1: 'output' is no setting: a value is a text, a whole number, true or false, or an array of these");
  EXPECT_EQ(complaint("version = true\n"), "b.toml:1: 'version' is for the command line only");
  EXPECT_EQ(complaint("config = \"a\"\n"), "b.toml:1: 'config' is for the command line only");
}

TEST(ConfigFile, ThatIsNoTomlIsRefusedByItsLine) {
  EXPECT_TRUE(complaint("json = true\nport = [80\n").starts_with("b.toml:"));
  EXPECT_TRUE(complaint("json = true\njson = false\n").starts_with("b.toml:2: "));
  EXPECT_TRUE(complaint(std::string("json = tr\0ue\n", 13)).starts_with("b.toml:1: "));
  EXPECT_TRUE(complaint("\xff\n").starts_with("b.toml:1: "));
}

TEST(ConfigFile, WithAValueThatDoesNotFitIsRefused) {
  EXPECT_EQ(complaint("journald = \"yes\"\n"), "b.toml:1: 'journald': it is true or false");
  EXPECT_EQ(complaint("journald = [true, false]\n"), "b.toml:1: 'journald': it is true or false");
  EXPECT_EQ(complaint("duration = [1, 2]\n"), "b.toml:1: 'duration': it takes one value");
  EXPECT_EQ(complaint("duration = 1.5\n").substr(0, 10), "b.toml:1: ");
  EXPECT_EQ(complaint("max-events = -1\n"), "--max-events '-1' is no count: give a number of 1 or more");
}

TEST(ConfigFile, ThatCannotBeReadSaysWhy) {
  const std::vector<const char*> argv{"bindtrace", "--check-config"};
  Host host;
  host.read_config = [](const std::string& path) -> Result<std::string> {
    return fail(ErrorKind::kUsage, "no " + path);
  };
  const auto options = parse(
      static_cast<int>(argv.size()), argv.data(), [](auto&) { return std::nullopt; }, host);
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().message, "no /etc/bindtrace/bindtrace.toml");
}

TEST(Environment, GivesWhatACommandTakes) {
  const std::vector<const char*> argv{"bindtrace", "who", "80"};
  const Variables variables{
      {"BINDTRACE_JSON", "true"}, {"BINDTRACE_PORT", "no port"}, {"BINDTRACE_DURATION", "no time"}};
  const auto environment = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  const auto options = parse(static_cast<int>(argv.size()), argv.data(), environment, Host{});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->output, OutputForm::kJson);
}

TEST(Environment, WithAValueThatDoesNotFitIsRefusedByItsName) {
  const auto options = parsed("", {}, {{"BINDTRACE_JOURNALD", "2"}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().message, "BINDTRACE_JOURNALD is '2': it is true or false");
}

TEST(Destinations, ThatDoNotFitAreRefused) {
  EXPECT_EQ(complaint("log-keep = 3\n"), "--log-max-size and --log-keep are of a log file: give --log-file too");
  EXPECT_EQ(complaint("log-file = \"a\"\nlog-max-size = \"1K\"\n"),
            "--log-max-size '1K' does not fit: give 64K or more, as in 10M, or 0 for no limit");
  EXPECT_EQ(complaint("otlp = \"127.0.0.1:4318\"\n").substr(0, 36), "--otlp '127.0.0.1:4318' is no URL: g");
  EXPECT_EQ(parsed("log-file = \"a\"\nlog-max-size = 0\n")->log_file->max_bytes, 0U);
}

}  // namespace
}  // namespace bindtrace
