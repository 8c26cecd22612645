// SPDX-License-Identifier: Apache-2.0
#include "core/successor.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

Process nginx(std::uint32_t pid) {
  return process(pid, "nginx", "/usr/sbin/nginx", kSecond);
}

Process in_container(Process process, std::string_view id) {
  process.place.container_id = id;
  return process;
}

TEST(Successor, IsTheProcessItself) {
  Process later = nginx(10);
  later.comm = "renamed";
  EXPECT_TRUE(is_successor(nginx(10), later));
}

TEST(Successor, IsNotALaterProcessWithThatPid) {
  Process other = process(10, "apache2", "/usr/sbin/apache2", kSecond / 2);
  EXPECT_FALSE(is_successor(nginx(10), other));
}

TEST(Successor, IsTheSameServiceWhateverItRuns) {
  Process first = nginx(10);
  Process next = process(11, "nginx-wrapper", "/usr/local/bin/nginx-wrapper", kSecond);
  first.place.unit = next.place.unit = "nginx.service";
  EXPECT_TRUE(is_successor(first, next));
  next.place.unit = "other.service";
  EXPECT_FALSE(is_successor(first, next));
}

TEST(Successor, IsTheSameProgramElsewhereThanInAService) {
  EXPECT_TRUE(is_successor(nginx(10), nginx(11)));
  EXPECT_FALSE(is_successor(nginx(10), process(11, "apache2", "/usr/sbin/apache2", kSecond)));
}

TEST(Successor, IsNotWhatIsStartedByHandOutsideOfTheService) {
  Process first = nginx(10);
  first.place.unit = "nginx.service";
  Process next = nginx(11);
  next.place.unit = "session-3.scope";
  EXPECT_FALSE(is_successor(first, next));
}

TEST(Successor, IsTheSameProgramOfTheSameContainer) {
  EXPECT_TRUE(is_successor(in_container(nginx(10), "a"), in_container(nginx(11), "a")));
  EXPECT_FALSE(is_successor(in_container(nginx(10), "a"), in_container(nginx(11), "b")));
  EXPECT_FALSE(is_successor(in_container(nginx(10), "a"), nginx(11)));
}

TEST(Successor, OfOneFileWithManyNamesHasTheSameName) {
  const Process first = process(10, "httpd", "/bin/busybox", kSecond);
  EXPECT_FALSE(is_successor(first, process(11, "nc", "/bin/busybox", kSecond)));
}

TEST(Successor, OfAnInterpreterRunsTheSameScript) {
  EXPECT_TRUE(is_successor(python(10, {"python3", "/srv/app.py"}), python(11, {"python3", "/srv/app.py"})));
  EXPECT_FALSE(is_successor(python(10, {"python3", "/srv/app.py"}), python(11, {"python3", "/srv/web.py"})));
}

TEST(Successor, OfAnInterpreterWhoseScriptIsNotKnownHasTheSameParent) {
  Process first = python(10, {});
  Process next = python(11, {"python3", "/srv/app.py"});
  EXPECT_FALSE(is_successor(first, next)) << "process 1 starts all sorts of things";
  first.parent_pid = next.parent_pid = 77;
  EXPECT_TRUE(is_successor(first, next));
  next.parent_pid = 78;
  EXPECT_FALSE(is_successor(first, next));
}

}  // namespace
}  // namespace bindtrace
