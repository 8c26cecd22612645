// SPDX-License-Identifier: Apache-2.0
#include "filter_scenario.h"

#include <csignal>

namespace bindtrace {

Request tcp_at(uint16_t port) {
  return {Transport::kTcp, {"127.0.0.1", port}, {}};
}

// The shared ones would see all that these tests do, and look into it.
FilterTest::FilterTest() {
  stop_shared_tracers();
}

Options FilterTest::here(const Options& more) const {
  Options options{"--netns", std::to_string(netns().inode())};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

Victim FilterTest::fail_after(const std::function<void()>& something, const Request& request) const {
  return fail_in(netns(), "bt-victim", [&](const Line& line) {
    something();
    const Fd socket = make_socket(request);
    line.tell(bind_and_tell(socket, request.endpoint));
    line.wait_for_release();
  });
}

Victim FilterTest::fail_within(const Cgroup& cgroup, const Request& request) const {
  return fail_after([&] { cgroup.enter(); }, request);
}

void FilterTest::expect_shown(Tracer& tracer, const std::vector<pid_t>& shown, const std::vector<pid_t>& hidden) {
  for (const pid_t pid : shown) {
    tracer.conflict_of(pid);  // before it has to end: then what is late is lost
  }
  const Ended ended = tracer.stop(SIGINT);
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.err.find(" filtered"), std::string::npos) << ended.err;
  for (const pid_t pid : shown) {
    EXPECT_EQ(tracer.conflicts_of(pid).size(), 1U) << pid;
  }
  for (const pid_t pid : hidden) {
    EXPECT_TRUE(tracer.conflicts_of(pid).empty()) << pid;
  }
  const Record& last = tracer.last_record();
  const auto accounts = accounts_of(last);
  ASSERT_TRUE(accounts) << last.text();
  EXPECT_EQ(accounts->attempted, static_cast<int64_t>(shown.size())) << last.text();
  EXPECT_EQ(accounts->attempted, accounts->emitted) << last.text();
  EXPECT_GE(last.at("bindtrace.stats.filtered"), hidden.size()) << last.text();
}

void FilterTest::expect_shown(Tracer& tracer, const Victim& shown, const Victim& hidden) {
  expect_shown(tracer, {shown.tried.pid}, {hidden.tried.pid});
}

}  // namespace bindtrace
