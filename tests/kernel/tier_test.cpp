// SPDX-License-Identifier: Apache-2.0
#include "tier_test.h"

#include <csignal>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

namespace bindtrace {
namespace {

std::map<std::string, std::unique_ptr<Tracer>>& shared_tracers() {
  static std::map<std::string, std::unique_ptr<Tracer>> tracers;
  return tracers;
}

// A tier that did not start once is not tried again for every test.
std::map<std::string, std::string>& start_failures() {
  static std::map<std::string, std::string> failures;
  return failures;
}

Tracer& shared_tracer(const std::string& tier) {
  if (const auto failed = start_failures().find(tier); failed != start_failures().end()) {
    throw std::runtime_error(failed->second);
  }
  if (const auto running = shared_tracers().find(tier); running != shared_tracers().end()) {
    return *running->second;
  }
  try {
    auto started = std::make_unique<Tracer>(tier);
    return *(shared_tracers()[tier] = std::move(started));
  } catch (const std::exception& error) {
    start_failures()[tier] = error.what();
    throw;
  }
}

void expect_balanced_accounts(const Tracer& tracer) {
  const Record& last = tracer.last_record();
  const auto accounts = accounts_of(last);
  ASSERT_TRUE(accounts.has_value()) << "not bindtrace.agent.stopped with numbers: " << last.text();
  EXPECT_EQ(accounts->attempted, accounts->emitted + accounts->suppressed + accounts->lost) << last.text();
}

class SharedTracers : public testing::Environment {
  void TearDown() override { stop_shared_tracers(); }
};

[[maybe_unused]] const testing::Environment* const kSharedTracersEnd =
    testing::AddGlobalTestEnvironment(new SharedTracers);

}  // namespace

void SharedTracerTest::SetUp() {
  for (const auto& [tier, tracer] : shared_tracers()) {
    tracer->drain();  // also those of other tiers: their pipes must not fill
    tracer->forget_records();
  }
  tracer_ = &shared_tracer(tier());
}

void settle(Tracer& tracer) {
  const Netns netns;
  const Request request{Transport::kTcp, {"127.0.0.1", 1}, {}};
  const Victim last = fail_in(netns, "bt-fence", [&](const Line& line) {
    const Fd first = serve(request);
    const Fd second = make_socket(request);
    line.tell(bind_and_tell(second, request.endpoint));
    line.wait_for_release();
  });
  tracer.conflict_of(last.tried.pid);
}

Record TierTest::only_conflict_of(Tracer& tracer, const Victim& victim) const {
  tracer.conflict_of(victim.tried.pid);
  settle(tracer);
  const std::vector<Record> found = tracer.conflicts_of(victim.tried.pid);
  EXPECT_EQ(found.size(), 1U) << found.front().text() << found.back().text();
  EXPECT_EQ(found.front().at("bindtrace.netns"), netns_.inode());
  EXPECT_EQ(found.front().at("bindtrace.tier"), GetParam());
  return found.front();
}

void expect_victim(const Record& record, const Victim& victim, const std::string& comm) {
  const Tried& tried = victim.tried;
  EXPECT_EQ(record.at("process.pid"), tried.pid) << record.text();
  EXPECT_EQ(record.at("process.thread.id"), tried.tid) << record.text();
  EXPECT_EQ(record.at("process.parent_pid"), tried.parent) << record.text();
  EXPECT_EQ(record.at("process.user.id"), tried.uid) << record.text();
  EXPECT_EQ(record.at("process.executable.name"), comm) << record.text();
  EXPECT_EQ(record.at("bindtrace.socket.inode"), tried.inode) << record.text();
}

void expect_holder(const Record& record, const Held& held, const std::string& comm) {
  EXPECT_EQ(record.at("bindtrace.holder_status"), "found") << record.text();
  const Record holder = record.holder();
  EXPECT_EQ(holder.at("pid"), held.pid) << record.text();
  EXPECT_EQ(holder.at("comm"), comm) << record.text();
  EXPECT_EQ(holder.at("socket.inode"), held.inode) << record.text();
  EXPECT_EQ(holder.at("source"), "kernel_at_failure") << record.text();
  EXPECT_EQ(holder.at("fds"), nlohmann::json::array({held.fd})) << record.text();
}

void expect_searched_holder(const Record& record, const Held& held, const std::string& comm) {
  EXPECT_EQ(record.at("bindtrace.holder_status"), "found") << record.text();
  const Record holder = record.holder();
  EXPECT_EQ(holder.at("pid"), held.pid) << record.text();
  EXPECT_EQ(holder.at("comm"), comm) << record.text();
  EXPECT_EQ(holder.at("fds"), nlohmann::json::array({held.fd})) << record.text();
  EXPECT_EQ(holder.at("source"), "iterator") << record.text();
  EXPECT_EQ(holder.at("socket.inode"), held.inode) << record.text();
  EXPECT_EQ(holder.at("socket.address"), record.at("network.local.address")) << record.text();
  EXPECT_EQ(holder.at("socket.blocking"), true) << record.text();
}

void expect_call(const Record& record, const std::string& operation, const std::string& entry) {
  EXPECT_EQ(record.at("error.type"), "EADDRINUSE") << record.text();
  EXPECT_EQ(record.at("bindtrace.operation"), operation) << record.text();
  if (kernel_has_bpf_loop() || !record.at("bindtrace.entry").is_null()) {  // 5.10 may not know
    EXPECT_EQ(record.at("bindtrace.entry"), entry) << record.text();
  }
}

void expect_endpoint(const Record& record, const std::string& transport, const Endpoint& endpoint) {
  const bool ipv6 = endpoint.address.find(':') != std::string::npos;
  EXPECT_EQ(record.at("network.transport"), transport) << record.text();
  EXPECT_EQ(record.at("network.type"), ipv6 ? "ipv6" : "ipv4") << record.text();
  EXPECT_EQ(record.at("network.local.address"), endpoint.address) << record.text();
  EXPECT_EQ(record.at("network.local.port"), endpoint.port) << record.text();
}

void expect_local_endpoint(const Record& record, const std::string& transport, const std::string& address) {
  EXPECT_EQ(record.at("network.transport"), transport) << record.text();
  EXPECT_TRUE(record.at("network.type").is_null()) << record.text();
  EXPECT_EQ(record.at("network.local.address"), address) << record.text();
  EXPECT_TRUE(record.at("network.local.port").is_null()) << record.text();
}

void stop_shared_tracers() {
  const auto tracers = std::exchange(shared_tracers(), {});
  for (const auto& [tier, tracer] : tracers) {
    const Ended ended = tracer->stop(SIGINT);
    EXPECT_EQ(ended.status, 0) << tier << ": " << ended.err;
    expect_balanced_accounts(*tracer);
  }
}

}  // namespace bindtrace
