// SPDX-License-Identifier: Apache-2.0
// The program of the very first example: a Python script whose second socket binds the address of its first.
// Only where BINDTRACE_PYTHON names an interpreter; there it must pass.
#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr char kScript[] = R"(
import os, socket, sys
first = socket.socket()
first.bind(("127.0.0.1", 0))
first.listen()
second = socket.socket()
try:
    second.bind(first.getsockname())
except OSError as error:
    told = "%d %d %d %d" % (os.getpid(), first.getsockname()[1], first.fileno(), error.errno)
line = int(sys.argv[1])
os.write(line, told.encode().ljust(64, b"\0"))
os.read(line, 1)
)";

struct Told {
  char text[64];
};

std::vector<std::string> tiers_where_python_is() {
  return python_interpreter().empty() ? std::vector<std::string>{} : tiers_to_test();
}

class PythonScript : public SharedTracerTest {};

TEST_P(PythonScript, WhoseSecondSocketBindsTheAddressOfItsFirstIsOneEvent) {
  const std::string python = python_interpreter();
  Child child(netns(), "bt-python", [&](const Line& line) {
    must(fcntl(line.fd(), F_SETFD, 0) == 0, "fcntl");
    const std::string fd = std::to_string(line.fd());
    execl(python.c_str(), python.c_str(), "-c", kScript, fd.c_str(), nullptr);
    must(false, python.c_str());
  });
  const Told told = child.hear<Told>();
  int pid = 0;
  int port = 0;
  int fd = 0;
  int error = 0;
  ASSERT_EQ(std::sscanf(told.text, "%d %d %d %d", &pid, &port, &fd, &error), 4) << told.text;
  ASSERT_EQ(error, EADDRINUSE);

  const Record record = tracer().conflict_of(pid);
  settle(tracer());

  EXPECT_EQ(tracer().conflicts_of(pid).size(), 1U);
  EXPECT_EQ(record.at("process.pid"), child.pid()) << record.text();
  EXPECT_EQ(record.at("network.local.address"), "127.0.0.1") << record.text();
  EXPECT_EQ(record.at("network.local.port"), port) << record.text();
  EXPECT_EQ(record.holder().at("pid"), pid) << record.text();
  EXPECT_EQ(record.holder().at("socket.port"), port) << record.text();
  EXPECT_EQ(record.at("bindtrace.cause"), "same_process") << record.text();
  EXPECT_EQ(record.holder().at("fds"), nlohmann::json::array({fd})) << record.text();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PythonScript);
INSTANTIATE_TEST_SUITE_P(On, PythonScript, testing::ValuesIn(tiers_where_python_is()), tier_name);

}  // namespace
}  // namespace bindtrace
