// SPDX-License-Identifier: Apache-2.0
// Tasks that share one CPU and fail at the same time. Where the kernel preempts a program it skips it for the others
// (docs/decisions/0003, 0005): what is not reported then is counted, and the kprobe tier, which is not preempted,
// reports all.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <sched.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

// Below the burst of the scans (BT_SCAN_BURST in bpf/scan.bpf.h), so that each failure is due its holder.
constexpr int kMostFailures = 2000;
constexpr uint16_t kFirstPort = 12'001;
constexpr const char* kLoopback = "127.0.0.1";

void share_one_cpu() {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  must(sched_setaffinity(0, sizeof(first), &first) == 0, "sched_setaffinity");
}

// Where no program is preempted, tasks come between the programs of no tier.
std::vector<std::string> tiers_that_tasks_disturb() {
  return kernel_preempts_programs() ? tiers_to_test() : tiers_unless_short();
}

class SharedCpu : public TierTest {
 protected:
  // Each request fails in a loop in a task of its own. Returns the records of each, after the accounts are checked:
  // what is not reported must be counted, and `exactly` allows none of that.
  std::vector<std::vector<Record>> fail_at_once(const std::vector<Request>& requests, bool exactly) {
    stop_shared_tracers();
    Tracer own(tier(), {"--ring-size", "16M"});
    const int count = static_cast<int>(requests.size());
    const int each = std::min(storm_size() / 5, kMostFailures) / count;
    std::vector<Child> tasks;
    for (const Request& request : requests) {
      tasks.emplace_back(netns(), "bt-preempted", [&](const Line& line) {
        share_one_cpu();
        const Fd socket = make_socket(request);
        line.tell('r');
        line.wait_for_release();
        int failed = 0;
        for (int i = 0; i < each; i++) {
          failed += try_bind(socket.get(), request.endpoint) == EADDRINUSE ? 1 : 0;
        }
        line.tell(failed);
      });
      tasks.back().hear<char>();
    }
    for (Child& task : tasks) {
      task.release();
    }
    for (Child& task : tasks) {
      EXPECT_EQ(task.hear<int>(), each);
    }
    settle(own);
    const Ended ended = own.stop(SIGINT);
    EXPECT_EQ(ended.status, 0) << ended.err;

    std::vector<std::vector<Record>> records;
    int reported = 0;
    for (const Child& task : tasks) {
      records.push_back(own.conflicts_of(task.pid()));
      EXPECT_LE(records.back().size(), each) << "more than failed";
      reported += static_cast<int>(records.back().size());
    }
    expect_accounts(own.last_record(), each * count, reported, exactly);
    return records;
  }

 private:
  void expect_accounts(const Record& last, int failed, int reported, bool exactly) const {
    const auto accounts = accounts_of(last);
    ASSERT_TRUE(accounts.has_value()) << last.text();
    ASSERT_TRUE(last.at("bindtrace.missed").is_number_integer()) << last.text();
    const int missed = last.at("bindtrace.missed").get<int>();
    EXPECT_EQ(accounts->attempted, accounts->emitted + accounts->suppressed + accounts->lost) << last.text();
    EXPECT_GE(reported + accounts->lost + missed, failed) << last.text();
    std::printf("%s: of %d failures %d reported; missed at most %d\n", tier().c_str(), failed, reported, missed);
    if (exactly) {
      EXPECT_EQ(reported, failed) << last.text();
    }
  }
};

TEST_P(SharedCpu, EveryFailureOfItsTasksIsReportedOnceWithItsHolder) {
  std::vector<Request> requests;
  std::vector<Holder> holders;
  for (int i = 0; i < tasks_on_one_cpu(); i++) {
    requests.push_back({Transport::kTcp, {kLoopback, static_cast<uint16_t>(kFirstPort + i)}, {}});
    holders.push_back(hold(netns(), requests.back()));
  }

  const bool exactly = tier() == "kprobe" || !kernel_preempts_programs();
  const std::vector<std::vector<Record>> records = fail_at_once(requests, exactly);

  int reported = 0;
  int named = 0;
  for (size_t i = 0; i < requests.size(); i++) {
    for (const Record& record : records[i]) {
      ASSERT_EQ(record.at("network.local.port"), requests[i].endpoint.port) << record.text();
      const Record holder = record.holder();
      const nlohmann::json pid = holder.at("pid");
      ASSERT_EQ(pid, holders[i].held.pid) << record.text();
      reported++;
      named += holder.at("source") == "kernel_at_failure" ? 1 : 0;
    }
  }
  std::printf("%s: of %d reports %d name the holder that the kernel saw\n", tier().c_str(), reported, named);
  if (exactly) {
    EXPECT_EQ(named, reported);
  }
}

// The outer hook alone tells of these: there is no inner one to stand in for it.
TEST_P(SharedCpu, EveryExhaustionOfThePortsIsReportedOnce) {
  netns().set("ipv4/ip_local_port_range", std::to_string(kFirstPort) + " " + std::to_string(kFirstPort));
  const Holder tcp = hold(netns(), {Transport::kTcp, {"0.0.0.0", kFirstPort}, {}});
  const Holder udp = hold(netns(), {Transport::kUdp, {"0.0.0.0", kFirstPort}, {}});
  std::vector<Request> requests;
  requests.reserve(static_cast<size_t>(tasks_on_one_cpu()));
  for (int i = 0; i < tasks_on_one_cpu(); i++) {
    requests.push_back({i % 2 == 0 ? Transport::kTcp : Transport::kUdp, {kLoopback, 0}, {}});
  }

  // 5.10 keeps a kretprobe one call a CPU that is not running inside its function, later kernels 10 and more.
  const bool exactly = tier() == "kprobe" ? kernel_has_bpf_loop() : !kernel_preempts_programs();
  for (const std::vector<Record>& of_one : fail_at_once(requests, exactly)) {
    for (const Record& record : of_one) {
      ASSERT_EQ(record.at("network.local.address"), kLoopback) << record.text();
      ASSERT_EQ(record.at("network.local.port"), 0) << record.text();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(On, SharedCpu, testing::ValuesIn(tiers_that_tasks_disturb()), tier_name);

}  // namespace
}  // namespace bindtrace
