// SPDX-License-Identifier: Apache-2.0
#include "core/program.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using Argv = std::vector<std::string>;
using Text = std::optional<std::string>;

Program run(const std::string& path, const Argv& argv, const Text& cwd = std::nullopt) {
  const FileId file{std::hash<std::string>{}(path), 1};
  return program_of(path, {}, file, argv, cwd);
}

struct Command {
  std::string executable;
  Argv argv;
  Text script;
};

class Interpreter : public testing::TestWithParam<Command> {};

TEST_P(Interpreter, RunsTheProgramInItsArguments) {
  const Program program = run("/usr/bin/" + GetParam().executable, GetParam().argv);
  EXPECT_TRUE(program.interpreter);
  EXPECT_EQ(program.script, GetParam().script);
}

INSTANTIATE_TEST_SUITE_P(
    Commands, Interpreter,
    testing::Values(
        Command{"python3.11", {"python3", "/srv/app.py", "--port", "80"}, "/srv/app.py"},
        Command{"python3", {"python3", "-u", "-W", "ignore", "app.py"}, "app.py"},
        Command{"python3", {"python3", "-s", "app.py"}, "app.py"},
        Command{"python3", {"python3", "-m", "http.server", "80"}, "-m http.server"},
        Command{"python3", {"python3", "-Im", "http.server"}, "-m http.server"},
        Command{"python3", {"python3", "-mhttp.server"}, "-m http.server"},
        Command{"python3", {"python3", "-c", "import secret"}, "-c"},
        Command{"python3", {"python3", "-X", "dev", "--", "app.py"}, "app.py"},
        Command{"python3", {"python3"}, std::nullopt}, Command{"python3", {"python3", "-"}, std::nullopt},
        Command{"python3", {"python3", "-m"}, std::nullopt},
        Command{"python3", {"gunicorn: master [app]"}, std::nullopt},
        Command{"node", {"node", "server.js"}, "server.js"},
        Command{"node", {"node", "--require", "x.js", "--max-old-space-size=1", "server.js"}, "server.js"},
        Command{"nodejs", {"node", "-e", "http.createServer()"}, "-e"},
        Command{"java", {"java", "-jar", "/opt/app.jar", "--x"}, "/opt/app.jar"},
        Command{"java", {"java", "-cp", "a:b", "-Xmx1g", "-Dx=y", "org.example.Main", "80"}, "org.example.Main"},
        Command{"java", {"java", "-classpath", "a", "--add-opens", "x=y", "Main"}, "Main"},
        Command{"java", {"java", "-p", "mods", "-m", "app/org.example.Main"}, "-m app/org.example.Main"},
        Command{"java", {"java", "--module=app/Main"}, "--module app/Main"},
        Command{"java", {"java", "@options", "Main"}, std::nullopt},
        Command{"ruby3.1", {"ruby", "-I", "lib", "-W0", "bin/puma"}, "bin/puma"},
        Command{"ruby", {"puma 5.6.5 (tcp://0.0.0.0:80) [app]"}, std::nullopt},
        Command{"perl5.36.0", {"perl", "-w", "-Mstrict", "-I", "lib", "app.pl"}, "app.pl"},
        Command{"perl", {"perl", "-e", "print 1"}, "-e"},
        Command{"php8.2", {"php", "-d", "x=1", "-S", "0.0.0.0:80", "-t", "public"}, "-S 0.0.0.0:80"},
        Command{"php", {"php", "artisan", "serve"}, "artisan"},
        Command{"bash", {"/bin/bash", "-eu", "-o", "pipefail", "/srv/run.sh"}, "/srv/run.sh"},
        Command{"dash", {"sh", "-c", "exec nc -l 80"}, "-c"}, Command{"dash", {"sh", "-ec", "exec nc -l 80"}, "-c"},
        Command{"bash", {"bash", "-s"}, std::nullopt}, Command{"bash", {"bash", "+x", "run.sh"}, "run.sh"}));

TEST(Program, AProgramThatIsNoInterpreterHasNoScript) {
  const Program program = run("/usr/sbin/nginx", {"nginx", "-c", "/etc/nginx.conf"});
  EXPECT_FALSE(program.interpreter);
  EXPECT_EQ(shown_program(program), "/usr/sbin/nginx");
}

TEST(Program, ADeletedExecutableIsStillThatProgram) {
  EXPECT_EQ(run("/usr/sbin/nginx (deleted)", {}).path, "/usr/sbin/nginx");
  EXPECT_TRUE(run("/usr/sbin/nginx (deleted)", {}).deleted);
}

TEST(Program, WithoutAPathTheKernelsNameStands) {
  const Program program = program_of(std::nullopt, {"nginx"}, std::nullopt, {}, std::nullopt);
  EXPECT_EQ(program.name, "nginx");
  EXPECT_FALSE(shown_program(program));
}

TEST(Program, TextGivenToAnInterpreterIsNeverShown) {
  const Program program = run("/usr/bin/python3", {"python3", "-c", "password = 'x'"});
  EXPECT_EQ(shown_program(program), "-c");
}

TEST(SameProgram, TwoTextsAreTwoPrograms) {
  EXPECT_EQ(compare(run("/bin/sh", {"sh", "-c", "a"}), run("/bin/sh", {"sh", "-c", "b"})), Sameness::kDifferent);
}

TEST(SameProgram, TheSameScriptIsTheSameProgram) {
  EXPECT_EQ(compare(run("/usr/bin/python3", {"p", "/a.py"}), run("/usr/bin/python3", {"p", "-u", "/a.py", "--x"})),
            Sameness::kSame);
}

TEST(SameProgram, TwoScriptsOfOneInterpreterAreTwoPrograms) {
  EXPECT_EQ(compare(run("/usr/bin/python3", {"p", "/a.py"}), run("/usr/bin/python3", {"p", "/b.py"})),
            Sameness::kDifferent);
}

TEST(SameProgram, TheDirectoryOfNowDoesNotProveWhichRelativeScriptWasStarted) {
  const Program here = run("/usr/bin/python3", {"p", "./app.py"}, "/srv/one");
  EXPECT_EQ(compare(here, run("/usr/bin/python3", {"p", "app.py"}, "/srv/one")), Sameness::kAlike);
  EXPECT_EQ(compare(here, run("/usr/bin/python3", {"p", "/srv/one/app.py"})), Sameness::kAlike);
  EXPECT_EQ(compare(here, run("/usr/bin/python3", {"p", "app.py"}, "/srv/two")), Sameness::kNamesake);
  EXPECT_EQ(compare(here, run("/usr/bin/python3", {"p", "other.py"}, "/srv/one")), Sameness::kDifferent);
  EXPECT_EQ(shown_program(here), "./app.py");
}

TEST(SameProgram, ADaemonThatWentToTheRootMayHaveBeenStartedAnywhere) {
  const Program daemon = run("/usr/bin/python3", {"p", "app.py"}, "/");
  EXPECT_EQ(compare(daemon, run("/usr/bin/python3", {"p", "app.py"}, "/srv/one")), Sameness::kAlike);
  EXPECT_EQ(compare(daemon, run("/usr/bin/python3", {"p", "app.py"})), Sameness::kAlike);
  EXPECT_EQ(compare(daemon, run("/usr/bin/python3", {"p", "/srv/one/app.py"})), Sameness::kAlike);
  EXPECT_EQ(compare(daemon, run("/usr/bin/python3", {"p", "/srv/one/myapp.py"})), Sameness::kDifferent);
}

TEST(SameProgram, OneNameInTwoDirectoriesProvesNothing) {
  EXPECT_EQ(compare(run("/srv/v1/server", {}), run("/srv/v2/server", {})), Sameness::kNamesake);
  EXPECT_EQ(compare(run("/usr/bin/python3", {"p", "/v1/a.py"}), run("/usr/bin/python3", {"p", "/v2/a.py"})),
            Sameness::kNamesake);
}

TEST(SameProgram, TwoVersionsOfAnInterpreterMayRunTheSameScript) {
  EXPECT_EQ(compare(run("/usr/bin/python3.11", {"p", "/a.py"}), run("/usr/bin/python3.12", {"p", "/a.py"})),
            Sameness::kAlike);
  EXPECT_EQ(compare(run("/usr/bin/python3.11", {"p", "/a"}), run("/usr/bin/perl", {"p", "/a"})), Sameness::kDifferent);
}

TEST(SameProgram, AnInterpreterWhoseScriptIsNotKnownIsNotSaidToBeTheSame) {
  EXPECT_EQ(compare(run("/usr/bin/python3", {}), run("/usr/bin/python3", {"p", "/a.py"})), Sameness::kUnknown);
}

TEST(SameProgram, TheSameFileIsTheSameProgramWithoutAPath) {
  const Program dead = program_of(std::nullopt, {"nginx"}, FileId{7, 1}, {}, std::nullopt);
  const Program alive = program_of("/usr/sbin/nginx", {"nginx"}, FileId{7, 1}, {}, std::nullopt);
  EXPECT_EQ(compare(dead, alive), Sameness::kSame);
}

TEST(SameProgram, AnUpgradedFileUnderTheSamePathIsAlike) {
  const Program old_file = program_of("/usr/sbin/nginx (deleted)", {}, FileId{7, 1}, {}, std::nullopt);
  const Program new_file = program_of("/usr/sbin/nginx", {}, FileId{8, 1}, {}, std::nullopt);
  EXPECT_EQ(compare(old_file, new_file), Sameness::kAlike);
}

TEST(SameProgram, TwoFilesThatAreBothUnderThatPathAreOfTwoMountNamespaces) {
  const Program one = program_of("/app/server", {}, FileId{7, 1}, {}, std::nullopt);
  const Program other = program_of("/app/server", {}, FileId{7, 2}, {}, std::nullopt);
  EXPECT_EQ(compare(one, other), Sameness::kNamesake);
}

TEST(SameProgram, APathAloneIsLessThanTheSame) {
  const Program known = program_of("/usr/sbin/nginx", {}, FileId{7, 1}, {}, std::nullopt);
  const Program other = program_of("/usr/sbin/nginx", {}, std::nullopt, {}, std::nullopt);
  EXPECT_EQ(compare(known, other), Sameness::kAlike);
}

TEST(SameProgram, ANameAloneIsLessThanTheSame) {
  const Program dead = program_of(std::nullopt, {"nginx"}, std::nullopt, {}, std::nullopt);
  const Program of_another_file = program_of(std::nullopt, {"nginx"}, FileId{7, 1}, {}, std::nullopt);
  EXPECT_EQ(compare(dead, run("/usr/sbin/nginx", {})), Sameness::kAlike);
  EXPECT_EQ(compare(of_another_file, run("/usr/sbin/nginx", {})), Sameness::kNamesake);
  EXPECT_EQ(compare(dead, run("/usr/sbin/apache2", {})), Sameness::kDifferent);
}

TEST(SameProgram, ANameThatWasCutIsNoOtherName) {
  const Program dead = program_of(std::nullopt, {"long-n", true}, std::nullopt, {}, std::nullopt);
  EXPECT_EQ(compare(dead, run("/usr/bin/long-name", {})), Sameness::kAlike);
  EXPECT_EQ(compare(dead, run("/usr/bin/short", {})), Sameness::kDifferent);
}

TEST(SameProgram, WithoutAnyNameNothingIsKnown) {
  EXPECT_EQ(compare(Program{}, run("/usr/sbin/nginx", {})), Sameness::kUnknown);
}

TEST(IsInterpreter, TakesVersionsButNotLookAlikes) {
  EXPECT_TRUE(is_interpreter("python3.11"));
  EXPECT_TRUE(is_interpreter("perl5.36.0"));
  EXPECT_FALSE(is_interpreter("php-fpm8.2"));
  EXPECT_FALSE(is_interpreter("nodeexporter"));
  EXPECT_FALSE(is_interpreter(""));
}

}  // namespace
}  // namespace bindtrace
