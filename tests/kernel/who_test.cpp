// SPDX-License-Identifier: Apache-2.0
// `bindtrace who` on a real kernel: it names who has the address, and its word on a bind is what a bind then meets.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "local_sockets.h"
#include "record.h"
#include "scenario.h"
#include "tracer.h"

namespace bindtrace {
namespace {

constexpr int kFree = 0;
constexpr int kInUse = 1;
constexpr int kUsage = 2;

// unix(7), SCM_RIGHTS: the socket has an owner no more, and lives until it is taken.
void send_descriptor(int through, int fd) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  must(sendmsg(through, &message, 0) == 1, "sendmsg");
}

class Who : public testing::Test {
 protected:
  [[nodiscard]] const Netns& netns() const { return netns_; }

  // In this test's network namespace, from outside of it.
  Record ask(const std::string& target, int status) const { return ask_in(netns_, target, status); }
  static Record ask_in(const Netns& netns, const std::string& target, int status) {
    const Ended ended = run_tracer({"who", target, "-j", "--netns", std::to_string(netns.inode())});
    EXPECT_EQ(ended.status, status) << ended.out << ended.err;
    EXPECT_EQ(ended.err, "");
    Record record = Record::parse(ended.out);
    EXPECT_EQ(record.at("event.name"), "bindtrace.who");
    EXPECT_EQ(record.at("bindtrace.state"), status == kFree ? "free" : "in_use") << record.text();
    return record;
  }

  static void expect_holder(const Record& record, const Held& held) {
    const Record holder = record.holder();
    EXPECT_EQ(record.at("bindtrace.holder_status"), "found") << record.text();
    EXPECT_EQ(holder.at("pid"), held.pid) << record.text();
    EXPECT_EQ(holder.at("comm"), "bt-holder") << record.text();
    EXPECT_EQ(holder.at("fds"), nlohmann::json::array({held.fd})) << record.text();
    EXPECT_EQ(holder.at("socket.inode"), held.inode) << record.text();
    EXPECT_EQ(holder.at("socket.blocking"), true) << record.text();
  }

  // What was said of each bind, against such a bind. SO_REUSEADDR is tried where something was said of it.
  void expect_true(const Record& record, Request request) const {
    for (const nlohmann::json& bind : record.at("bindtrace.binds")) {
      request.endpoint.address = bind.at("address");
      request.options = {.v6only = false};
      EXPECT_EQ(outcome_of(request), bind.at("plain")) << record.text();
      request.options.reuseaddr = true;
      EXPECT_EQ(outcome_of(request), bind.at("reuseaddr")) << record.text();
    }
  }

 private:
  [[nodiscard]] std::string outcome_of(const Request& request) const {
    Child child(netns_, "bt-victim", [&](const Line& line) {
      Request plain = request;
      if (plain.endpoint.address.find(':') == std::string::npos) {
        plain.options.v6only.reset();
      }
      const Fd socket = make_socket(plain);
      line.tell(try_bind(socket.get(), plain.endpoint));
    });
    const int error = child.hear<int>();
    return error == 0 ? "free" : error == EADDRINUSE ? "in_use" : "error " + std::to_string(error);
  }

  Netns netns_;
};

TEST_F(Who, AFreePortIsFree) {
  const Record record = ask("9301", kFree);
  EXPECT_TRUE(record.holders().empty()) << record.text();
  ASSERT_EQ(record.at("bindtrace.binds").size(), 2U) << record.text();
  expect_true(record, {Transport::kTcp, {"", 9301}, {}});
}

TEST_F(Who, AListenerIsNamed) {
  const Request request{Transport::kTcp, {"0.0.0.0", 9302}, {.reuseaddr = true}};
  const Holder holder = hold(netns(), request);
  const Record record = ask("9302", kInUse);
  expect_holder(record, holder.held);
  EXPECT_EQ(record.holder().at("socket.state"), "LISTEN");
  expect_true(record, request);
}

TEST_F(Who, ASocketThatIsOnlyBoundIsNamed) {
  const Request request{Transport::kTcp, {"127.0.0.1", 9303}, {.reuseaddr = true}};
  Child bound(netns(), "bt-holder", [&](const Line& line) {
    const Fd socket = make_socket(request);
    bind_socket(socket.get(), request.endpoint);
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const Held held = bound.hear<Held>();
  const Record record = ask("127.0.0.1:9303", kInUse);
  expect_holder(record, held);
  EXPECT_EQ(record.at("bindtrace.binds").at(0).at("reuseaddr"), "free") << record.text();
  expect_true(record, request);
}

TEST_F(Who, AListenerOfAnotherAddressIsInNobodysWay) {
  const Holder holder = hold(netns(), {Transport::kTcp, {"127.0.0.1", 9304}, {}});
  const Record record = ask("127.0.0.2:9304", kFree);
  ASSERT_EQ(record.holders().size(), 1U) << record.text();
  EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
  EXPECT_EQ(record.holder().at("socket.blocking"), false);
  expect_true(record, {Transport::kTcp, {"", 9304}, {}});
  expect_true(ask("9304", kInUse), {Transport::kTcp, {"", 9304}, {}});
}

TEST_F(Who, AListenerOfIpv6AloneLeavesIpv4Free) {
  const Holder holder = hold(netns(), {Transport::kTcp, {"::", 9305}, {.v6only = true}});
  const Record record = ask("9305", kInUse);
  expect_holder(record, holder.held);
  EXPECT_EQ(record.at("bindtrace.binds").at(0).at("plain"), "free") << record.text();
  EXPECT_EQ(record.at("bindtrace.binds").at(1).at("plain"), "in_use") << record.text();
  expect_true(record, {Transport::kTcp, {"", 9305}, {}});
}

TEST_F(Who, AUdpSocketIsNamedWhereUdpIsAskedFor) {
  const Request request{Transport::kUdp, {"127.0.0.1", 9306}, {}};
  const Holder holder = hold(netns(), request);
  ask("9306", kFree);
  const Record record = ask("9306/udp", kInUse);
  expect_holder(record, holder.held);
  expect_true(record, request);
}

TEST_F(Who, TimeWaitIsNobodysAndSaysHowLongItLasts) {
  const Request request{Transport::kTcp, {"127.0.0.1", 9307}, {.reuseaddr = true}};
  Child server(netns(), "bt-holder", [&](const Line& line) {
    Fd listener = serve(request);
    Fd client = connect_to(request.endpoint);
    Fd accepted = accept_from(listener.get());
    listener.close();
    accepted.close();  // first, so that the wait is on the server's port
    char byte = 0;
    must(read(client.get(), &byte, 1) == 0, "read the end of the connection");
    client.close();
    line.tell(byte);
    line.wait_for_release();
  });
  server.hear<char>();
  const Record record = ask("9307", kInUse);
  EXPECT_EQ(record.at("bindtrace.holder_status"), "none") << record.text();
  EXPECT_EQ(record.holder().at("socket.state"), "TIME_WAIT") << record.text();
  EXPECT_TRUE(record.holder().at("socket.time_wait_ms_left").is_number_integer()) << record.text();
  expect_true(record, request);
}

TEST_F(Who, ASocketThatNobodyHasADescriptorOfIsNobodysAndStillThere) {
  Child sender(netns(), "bt-holder", [&](const Line& line) {
    Fd listener = serve({Transport::kTcp, {"127.0.0.1", 9311}, {}});
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "socketpair");
    send_descriptor(pair[0], listener.get());  // and nobody takes it
    listener.close();
    line.tell(Held{});
    line.wait_for_release();
  });
  sender.hear<Held>();
  const Record record = ask("9311", kInUse);
  EXPECT_EQ(record.at("bindtrace.holder_status"), "none") << record.text();
}

TEST_F(Who, TheHeirOfASocketIsNamed) {
  const Heir heir = inherit(netns(), {Transport::kTcp, {"127.0.0.1", 9308}, {}});
  const Record record = ask("9308", kInUse);
  EXPECT_EQ(record.holder().at("pid"), heir.held.pid) << record.text();
  EXPECT_EQ(record.holder().at("comm"), "bt-heir") << record.text();
}

TEST_F(Who, NamespacesAreApart) {
  const Netns other;
  const Holder holder = hold(other, {Transport::kTcp, {"127.0.0.1", 9309}, {}});
  ask("9309", kFree);
  expect_holder(ask_in(other, "9309", kInUse), holder.held);
}

TEST_F(Who, AnAbstractNameIsNamed) {
  const Holder holder = hold(netns(), unix_name("bt-who"));
  const Record record = ask("@bt-who", kInUse);
  EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
  EXPECT_EQ(record.at("network.local.address"), "@bt-who");
  ask("@bt-who-else", kFree);
}

TEST_F(Who, APathIsItsListenersOrStaleOrFree) {
  const std::string path = "/tmp/bt-who-" + std::to_string(getpid());
  unlink(path.c_str());
  ask(path, kFree);
  {
    const Holder holder = hold(netns(), unix_path(path));
    const Record record = ask(path, kInUse);
    EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
  }
  const Record stale = ask(path, kInUse);
  EXPECT_TRUE(stale.holders().empty()) << stale.text();
  EXPECT_EQ(stale.at("bindtrace.holder_status"), "none") << stale.text();
  unlink(path.c_str());
}

TEST_F(Who, WritesForPeopleInTheFirstPlace) {
  const Holder holder = hold(netns(), {Transport::kTcp, {"127.0.0.1", 9310}, {}});
  const Ended ended = run_tracer({"who", "9310", "--netns", std::to_string(netns().inode())});
  EXPECT_EQ(ended.status, kInUse) << ended.err;
  EXPECT_EQ(ended.out.find("tcp port 9310 in network namespace " + std::to_string(netns().inode()) + ": in use\n"), 0U)
      << ended.out;
  EXPECT_NE(ended.out.find("  held by     bt-holder[" + std::to_string(holder.held.pid) + "]"), std::string::npos)
      << ended.out;
  EXPECT_NE(ended.out.find("LISTEN 127.0.0.1:9310, fd " + std::to_string(holder.held.fd)), std::string::npos)
      << ended.out;
  EXPECT_NE(ended.out.find("of [::]:9310 would be refused, with SO_REUSEADDR too\n"), std::string::npos) << ended.out;
}

TEST_F(Who, SaysInOneLineWhatItWasNotAbleToAsk) {
  const Ended wrong = run_tracer({"who", "http"});
  EXPECT_EQ(wrong.status, kUsage);
  const Ended nowhere = run_tracer({"who", "80", "--netns", "1"});
  EXPECT_EQ(nowhere.status, kUsage) << nowhere.err;
  EXPECT_NE(nowhere.err.find("there is no network namespace 1"), std::string::npos) << nowhere.err;
}

}  // namespace
}  // namespace bindtrace
