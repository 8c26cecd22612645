// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/options.h"
#include "cli/quantity.h"

namespace bindtrace {
namespace {

using Variables = std::map<std::string, std::string>;

Result<Options> parsed(const std::vector<const char*>& arguments, const Variables& variables = {}) {
  std::vector<const char*> argv{"bindtrace"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto environment = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return parse(static_cast<int>(argv.size()), argv.data(), environment, Host{});
}

TEST(CommandLine, WithoutArgumentsTraces) {
  const auto options = parsed({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->action, Action::kTrace);
  EXPECT_FALSE(options->output);
  EXPECT_FALSE(options->show_args);
  EXPECT_EQ(options->attach, AttachChoice::kAuto);
  EXPECT_FALSE(options->duration);
  EXPECT_FALSE(options->ready_fd);
}

TEST(CommandLine, TraceMayBeSaid) {
  EXPECT_EQ(parsed({"trace", "-j"})->output, OutputForm::kJson);
  EXPECT_EQ(parsed({"-j", "trace"})->output, OutputForm::kJson);
}

TEST(CommandLine, DoctorTakesWhatChangesWhatItTries) {
  const auto options = parsed({"doctor", "-j", "--attach=kprobe", "--no-bound-by", "-v"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->action, Action::kDoctor);
  EXPECT_EQ(options->output, OutputForm::kJson);
  EXPECT_EQ(options->attach, AttachChoice::kKprobe);
  EXPECT_FALSE(options->bound_by);
  EXPECT_EQ(options->verbosity, 1);
}

TEST(CommandLine, RunLeavesWhatFollowsToItsCommand) {
  const auto options = parsed({"run", "-j", "-P", "80", "--exit-code", "--", "npm", "-j", "--", "--version"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->action, Action::kRun);
  EXPECT_EQ(options->output, OutputForm::kJson);
  EXPECT_TRUE(options->exit_code);
  EXPECT_EQ(options->filter.ports.size(), 1U);
  EXPECT_EQ(options->command, (std::vector<std::string>{"npm", "-j", "--", "--version"}));
  EXPECT_EQ(parsed({"-6", "run", "--", "x"})->filter.families, std::vector<Family>{Family::kIpv6});
}

TEST(CommandLine, ReportTakesFilesAndAPage) {
  const auto options = parsed({"report", "a.jsonl", "-", "--html", "page.html"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->action, Action::kReport);
  EXPECT_EQ(options->recordings, (std::vector<std::string>{"a.jsonl", "-"}));
  EXPECT_EQ(options->html_file, "page.html");
}

TEST(CommandLine, WhoTakesATargetAndANamespace) {
  const auto options = parsed({"who", "127.0.0.1:80/udp", "-j", "--args"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->action, Action::kWho);
  EXPECT_EQ(to_string(*options->target), "udp 127.0.0.1:80");
  EXPECT_EQ(options->output, OutputForm::kJson);
  EXPECT_EQ(parsed({"who", "80", "--netns", "7"})->filter.netns, std::vector<std::uint32_t>{7});
}

TEST(CommandLine, WhoRefusesWhatItCannotTake) {
  EXPECT_EQ(parsed({"who", "http"}).error().message.find("'http' has no port"), 0U);
  EXPECT_EQ(parsed({"who", "80", "-P", "80"}).error().message,
            "the command 'who' does not take --port: it takes --json, --netns, --args, --color, -v");
  EXPECT_EQ(parsed({"who", "80", "--netns", "7", "--netns", "8"}).error().message,
            "--netns is given more than once: who asks in one network namespace");
  EXPECT_EQ(parsed({"who"}).error().kind, ErrorKind::kUsage);
}

TEST(CommandLine, TakesEveryOption) {
  const auto options = parsed({"-o", "line", "--color=always", "--args", "--attach=tracepoint", "--ring-size", "1M",
                               "-d", "1.5s", "--max-events", "3", "--ready-fd", "7", "-vv"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->output, OutputForm::kLine);
  EXPECT_EQ(options->color, ColorMode::kAlways);
  EXPECT_TRUE(options->show_args);
  EXPECT_EQ(options->attach, AttachChoice::kTracepoint);
  EXPECT_EQ(options->ring_bytes, 1U << 20U);
  EXPECT_EQ(options->duration, std::chrono::milliseconds(1500));
  EXPECT_EQ(options->max_events, 3U);
  EXPECT_EQ(options->ready_fd, 7);
  EXPECT_EQ(options->verbosity, 2);
}

TEST(CommandLine, ShowsEachRepeatOnlyWhereThatIsAskedFor) {
  EXPECT_FALSE(parsed({})->all_repeats);
  EXPECT_TRUE(parsed({"--all-repeats"})->all_repeats);
}

TEST(CommandLine, TakesEveryTier) {
  EXPECT_EQ(parsed({"--attach=auto"})->attach, AttachChoice::kAuto);
  EXPECT_EQ(parsed({"--attach=fexit"})->attach, AttachChoice::kFexit);
  EXPECT_EQ(parsed({"--attach=kprobe"})->attach, AttachChoice::kKprobe);
  EXPECT_EQ(parsed({"--attach=tracepoint"})->attach, AttachChoice::kTracepoint);
}

TEST(CommandLine, TakesEveryFilter) {
  const auto options = parsed({"-p", "812", "-n", "nginx", "-u", "33", "-P", "80", "--proto", "tcp", "-4", "-6", "-c",
                               "system.slice", "--netns", "4026531840", "--unit", "nginx", "trace"});
  ASSERT_TRUE(options) << options.error().message;
  const Filter& filter = options->filter;
  EXPECT_EQ(filter.pids.size(), 1U);
  EXPECT_EQ(filter.comms.size(), 1U);
  EXPECT_EQ(filter.uids.size(), 1U);
  EXPECT_EQ(filter.ports.size(), 1U);
  EXPECT_EQ(filter.transports.size(), 1U);
  EXPECT_EQ(filter.families.size(), 2U);
  EXPECT_EQ(filter.cgroups.size(), 1U);
  EXPECT_EQ(filter.netns.size(), 1U);
  EXPECT_EQ(filter.units.size(), 1U);
}

TEST(CommandLine, WithoutAFilterAsksForAll) {
  EXPECT_TRUE(parsed({})->filter.empty());
}

TEST(CommandLine, AFilterThatIsRepeatedHasAllItsValues) {
  const auto options = parsed({"--port=80", "-P", "443", "-j"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->filter.ports.size(), 2U);
  EXPECT_EQ(options->output, OutputForm::kJson);
}

TEST(CommandLine, HelpIsTextToPrint) {
  const auto options = parsed({"--help"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->action, Action::kShowHelp);
  for (const char* option : {"--json", "--output", "--color", "--args", "--attach", "--ring-size", "--duration",
                             "--max-events", "--ready-fd", "--version", "--port", "--unit", "doctor", "Exit status"}) {
    EXPECT_NE(options->message.find(option), std::string::npos) << option;
  }
}

TEST(CommandLine, VersionIsTextToPrint) {
  const auto options = parsed({"--version"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->action, Action::kShowVersion);
  EXPECT_TRUE(options->message.starts_with("bindtrace "));
}

TEST(CommandLine, ColourFollowsTheFlagBeforeTheEnvironment) {
  EXPECT_EQ(parsed({})->color, ColorMode::kAuto);
  EXPECT_EQ(parsed({}, {{"NO_COLOR", "1"}})->color, ColorMode::kNever);
  EXPECT_EQ(parsed({}, {{"NO_COLOR", ""}})->color, ColorMode::kAuto);
  EXPECT_EQ(parsed({}, {{"TERM", "dumb"}})->color, ColorMode::kNever);
  EXPECT_EQ(parsed({"--color", "always"}, {{"NO_COLOR", "1"}})->color, ColorMode::kAlways);
}

struct Refused {
  std::vector<const char*> arguments;
  std::string message;
};

class CommandLineError : public testing::TestWithParam<Refused> {};

TEST_P(CommandLineError, NamesInputAndRemedyOnOneLine) {
  const auto options = parsed(GetParam().arguments);
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(options.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Errors, CommandLineError,
    testing::Values(
        Refused{{"--jsno"}, "there is no option '--jsno': did you mean --json?"},
        Refused{{"--ring-sise=4M"}, "there is no option '--ring-sise=4M': did you mean --ring-size?"},
        Refused{{"--frobnicate"}, "there is no option '--frobnicate': see --help"},
        Refused{{"whom", "80"},
                "there is no command 'whom': there are trace, run, who, report, doctor and schema, see --help"},
        Refused{{"trace", "trance"}, "the command 'trace' takes no argument, but has 'trance': see --help"},
        Refused{{"trace", "trace"}, "the command 'trace' takes no argument, but has 'trace': see --help"},
        Refused{{"doctor", "who"}, "the command 'doctor' takes no argument, but has 'who': see --help"},
        Refused{{"doctor", "trace"}, "the command 'doctor' takes no argument, but has 'trace': see --help"},
        Refused{{"run"}, "there is nothing to run: give the command behind --, as in bindtrace run -- nginx"},
        Refused{{"run", "nginx"}, "the command to run follows --, as in bindtrace run -- nginx"},
        Refused{{"-j", "--", "nginx", "-t"}, "only run takes a command: bindtrace run -- nginx -t"},
        Refused{{"run", "-d", "3", "--", "nginx"},
                "the command 'run' does not take --duration: it takes --json, --output, --color, --args, "
                "--all-repeats, --log-file, "
                "--log-max-size, --log-keep, --journald, --otlp, --metrics-file, "
                "--exit-code, --no-bound-by, --attach, --ring-size, --pid, --comm, --uid, --port, --proto, -4, -6, "
                "--cgroup, --netns, --unit, -v"},
        Refused{{"doctor", "--duration", "3"},
                "the command 'doctor' does not take --duration: it takes --json, --attach, --no-bound-by, -v"},
        Refused{{"doctor", "--args"},
                "the command 'doctor' does not take --args: it takes --json, --attach, --no-bound-by, -v"},
        Refused{{"-o", "json", "doctor"},
                "the command 'doctor' does not take --output: it takes --json, --attach, --no-bound-by, -v"},
        Refused{{"-o", "xml"}, "--output 'xml' does not exist: use one of text, line, json"},
        Refused{{"-j", "-o", "text"}, "--json and --output text exclude each other: use one"},
        Refused{{"--color=blue"}, "--color 'blue' does not exist: use one of auto, always, never"},
        Refused{{"--attach=xdp"}, "--attach 'xdp' does not exist: use one of auto, fexit, kprobe, tracepoint"},
        Refused{{"--ring-size=5M"},
                "--ring-size '5M' does not fit: give a power of two from 4K to 1024M, as in 256K or 4M"},
        Refused{{"--ring-size=1K"},
                "--ring-size '1K' does not fit: give a power of two from 4K to 1024M, as in 256K or 4M"},
        Refused{{"-d", "soon"}, "--duration 'soon' is no time: give seconds, or a number with ms, s, m or h"},
        Refused{{"-d", "0"}, "--duration '0' is no time: give seconds, or a number with ms, s, m or h"},
        Refused{{"--max-events=0"}, "--max-events '0' is no count: give a number of 1 or more"},
        Refused{{"--max-events=-1"}, "--max-events '-1' is no count: give a number of 1 or more"},
        Refused{{"--ready-fd=x"}, "--ready-fd 'x' is no descriptor: give the number of an open one, as in 3"},
        Refused{{"-P", "http"},
                "--port 'http' is no port: give numbers from 0 to 65535 and ranges of them, as in 80,8000-8010"},
        Refused{{"-P", "80", "443"},
                "there is no command '443': there are trace, run, who, report, doctor and schema, see --help"},
        Refused{{"--ready-fd"}, "--ready-fd: 1 required FD missing: see --help"}));

TEST(OutputForm, IsTextOnATerminalAndALineElsewhere) {
  EXPECT_EQ(output_form(Options{}, true), OutputForm::kText);
  EXPECT_EQ(output_form(Options{}, false), OutputForm::kLine);
  Options json;
  json.output = OutputForm::kJson;
  EXPECT_EQ(output_form(json, true), OutputForm::kJson);
  Options run;
  run.action = Action::kRun;
  EXPECT_EQ(output_form(run, false), OutputForm::kText) << "it is read when the command has ended";
}

TEST(Colour, IsForTerminalsUnlessSaidOtherwise) {
  Options options;
  EXPECT_TRUE(use_color(options, true));
  EXPECT_FALSE(use_color(options, false));
  options.color = ColorMode::kAlways;
  EXPECT_TRUE(use_color(options, false));
  options.color = ColorMode::kNever;
  EXPECT_FALSE(use_color(options, true));
}

TEST(Duration, IsSecondsUnlessItHasAUnit) {
  EXPECT_EQ(parse_duration("90"), std::chrono::seconds(90));
  EXPECT_EQ(parse_duration("500ms"), std::chrono::milliseconds(500));
  EXPECT_EQ(parse_duration("10m"), std::chrono::minutes(10));
  EXPECT_EQ(parse_duration("2h"), std::chrono::hours(2));
}

TEST(Duration, WhatIsNoTimeIsNone) {
  for (const char* text : {"", "s", "-1", "1x", "1 s", "nan", "inf", "1e400", "1e99", "0.0001"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Bytes, TakeKAndM) {
  EXPECT_EQ(parse_bytes("4096"), 4096U);
  EXPECT_EQ(parse_bytes("256K"), 256U * 1024);
  EXPECT_EQ(parse_bytes("4m"), 4U * 1024 * 1024);
}

TEST(Bytes, ThatOverflowAreNone) {
  EXPECT_FALSE(parse_bytes("18446744073709551615K"));
  EXPECT_FALSE(parse_bytes("99999999999999999999"));
}

}  // namespace
}  // namespace bindtrace
