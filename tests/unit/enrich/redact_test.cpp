// SPDX-License-Identifier: Apache-2.0
#include "enrich/redact.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

struct Line {
  std::vector<std::string> argv;
  std::string shown;
};

class Redact : public testing::TestWithParam<Line> {};

TEST_P(Redact, ShowsNoSecret) {
  EXPECT_EQ(redacted_command_line(GetParam().argv), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Redact,
    testing::Values(Line{{}, ""}, Line{{"nginx", "-g", "daemon off;"}, "nginx -g daemon off;"},
                    Line{{"x", "--password=hunter2"}, "x --password=***"},
                    Line{{"x", "--db-pass", "hunter2"}, "x --db-pass ***"},
                    Line{{"x", "-token", "abc", "-port", "80"}, "x -token *** -port 80"},
                    Line{{"x", "--API_KEY=abc"}, "x --API_KEY=***"},
                    Line{{"java", "-Dsecret.value=abc", "Main"}, "java -Dsecret.value=*** Main"},
                    Line{{"x", "--no-password", "--port=80"}, "x --no-password --port=80"},
                    Line{{"x", "http://user:pw@host/p?a=1"}, "x http://***@host/p?a=1"},
                    Line{{"x", "postgres://u:p@ss@host/db"}, "x postgres://***@host/db"},
                    Line{{"x", "http://host/a@b"}, "x http://host/a@b"},
                    Line{{"x", "http://host/?token=abc&page=2"}, "x http://host/?token=***&page=2"},
                    Line{{"x", "host=db password=abc user=me"}, "x host=db password=*** user=me"},
                    Line{{"curl", "-H", "Authorization: Bearer abc"}, "curl -H Authorization:***"},
                    Line{{"mysql", "-u", "root", "-p", "s3cret", "db"}, "mysql -u root -p *** db"},
                    Line{{"mysql", "-uroot", "-ps3cret"}, "mysql -uroot -p***"},
                    Line{{"/usr/bin/mysql", "-uroot", "-psecret", "db"}, "/usr/bin/mysql -uroot -p*** db"},
                    Line{{"mariadb-dump", "-psecret"}, "mariadb-dump -p***"}, Line{{"mysql", "-p"}, "mysql -p"},
                    Line{{"sshpass", "-phunter", "ssh"}, "sshpass -p*** ssh"},
                    Line{{"x", "--password=a&b c;d,e", "f"}, "x --password=*** f"},
                    Line{{"java", "-Ddb.password=a=b,c", "Main"}, "java -Ddb.password=*** Main"},
                    Line{{"x", "--url=http://h/?token=abc&page=2"}, "x --url=http://h/?token=***&page=2"},
                    Line{{"x", "-port=80", "-prefix", "/srv"}, "x -port=80 -prefix /srv"},
                    Line{{"curl", "-u", "root:toor", "http://h/"}, "curl -u *** http://h/"},
                    Line{{"curl", "-uroot:toor", "--proxy-user", "a:b"}, "curl -u*** --proxy-user ***"},
                    Line{{"curl", "--user=root:toor"}, "curl --user=***"}, Line{{"x", "--password="}, "x --password="},
                    Line{{"x", "--password"}, "x --password"}));

// The limits that --help speaks of.
TEST(Redact, WhatHasNoTellingNameBeforeItIsShown) {
  const auto shown = [](const std::vector<std::string>& argv) { return redacted_command_line(argv); };
  EXPECT_EQ(shown({"redis-cli", "-a", "hunter2"}), "redis-cli -a hunter2");
  EXPECT_EQ(shown({"x", "-phunter"}), "x -phunter");
  EXPECT_EQ(shown({"sh", "-c", "x --password hunter2"}), "sh -c x --password hunter2");
}

TEST(Redact, ALongLineIsCut) {
  const std::string line = redacted_command_line(std::vector<std::string>{"java", std::string(10'000, 'x')});
  EXPECT_EQ(line.size(), 512U);
  EXPECT_TRUE(line.ends_with("..."));
}

}  // namespace
}  // namespace bindtrace
