// SPDX-License-Identifier: Apache-2.0
// Sockets that hold a port without listening on it: only bound, closed and waiting, or without a process.
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr char kReady = 'r';
constexpr int kTimeWaitMs = 60'000;  // TCP_TIMEWAIT_LEN of the kernel

class SocketState : public SharedTracerTest {
 protected:
  // The only socket on the port must be in `state` and belong to no process.
  static Record expect_nobody(const Record& record, const std::string& state) {
    EXPECT_EQ(record.at("bindtrace.holder_status"), "none") << record.text();
    EXPECT_TRUE(record.at("bindtrace.holder_reason").is_string()) << record.text();
    EXPECT_EQ(record.holders().size(), 1U) << record.text();
    EXPECT_TRUE(record.holder().at("pid").is_null()) << record.text();
    EXPECT_EQ(record.holder().at("socket.state"), state) << record.text();
    return record.holder();
  }
};

// One connection to `endpoint`, both ends of it in this process; the listener is closed.
struct Connection {
  Fd server;
  Fd client;
};
Connection connection_at(const Endpoint& endpoint) {
  const Fd listener = serve({Transport::kTcp, endpoint, {}});
  Fd client = connect_to(endpoint);
  return {accept_from(listener.get()), std::move(client)};
}

void read_end(const Fd& socket) {
  char byte = 0;
  must(read(socket.get(), &byte, 1) == 0, "read the end of the connection");
}

// Sends an acknowledgement that is due now.
void acknowledge(const Fd& socket) {
  const int yes = 1;
  must(setsockopt(socket.get(), IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes)) == 0, "setsockopt(TCP_QUICKACK)");
}

TEST_P(SocketState, ASocketThatIsOnlyBoundIsNamed) {
  const Endpoint endpoint{"127.0.0.1", 4001};
  Child bound(netns(), "bt-holder", [&](const Line& line) {
    const Fd socket = make_socket({Transport::kTcp, endpoint, {}});
    bind_socket(socket.get(), endpoint);
    line.tell(held_by_me(socket));
    line.wait_for_release();
  });
  const Held held = bound.hear<Held>();

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, endpoint, {}}));

  expect_holder(record, held, "bt-holder");
  EXPECT_EQ(record.holder().at("socket.state"), "CLOSE") << record.text();
  EXPECT_TRUE(record.holder().at("socket.time_wait_ms_left").is_null()) << record.text();
}

TEST_P(SocketState, AConnectedSocketIsNamedWithItsPeer) {
  const Endpoint endpoint{"127.0.0.1", 4002};
  Child connected(netns(), "bt-holder", [&](const Line& line) {
    const Connection connection = connection_at(endpoint);
    line.tell(held_by_me(connection.server));
    line.wait_for_release();
  });
  const Held held = connected.hear<Held>();

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, endpoint, {}}));

  expect_holder(record, held, "bt-holder");
  EXPECT_EQ(record.holder().at("socket.state"), "ESTABLISHED") << record.text();
  EXPECT_FALSE(record.holder().at("socket.peer").is_null()) << record.text();
}

TEST_P(SocketState, TimeWaitIsTheCauseAndSaysHowLongItLasts) {
  const Endpoint endpoint{"127.0.0.1", 4003};
  Child server(netns(), "bt-holder", [&](const Line& line) {
    Connection connection = connection_at(endpoint);
    connection.server.close();  // first, so that the wait is on the server's port
    read_end(connection.client);
    connection.client.close();
    line.tell(kReady);
    line.wait_for_release();
  });
  server.hear<char>();

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, endpoint, {}}));

  expect_endpoint(record, "tcp", endpoint);
  EXPECT_EQ(record.at("bindtrace.cause"), "time_wait") << record.text();
  EXPECT_EQ(record.at("bindtrace.certainty"), "certain") << record.text();
  const Record holder = expect_nobody(record, "TIME_WAIT");
  const nlohmann::json left = holder.at("socket.time_wait_ms_left");
  ASSERT_TRUE(left.is_number_integer()) << record.text();
  EXPECT_GT(left, 0) << record.text();
  EXPECT_LE(left, kTimeWaitMs) << record.text();
}

TEST_P(SocketState, TimeWaitOfAnOutgoingConnectionIsNoListenersFault) {
  const Endpoint endpoint{"127.0.0.1", 4006};
  Child client(netns(), "bt-holder", [&](const Line& line) {
    Connection connection = connection_at(endpoint);
    sockaddr_in local{};
    socklen_t size = sizeof(local);
    must(getsockname(connection.client.get(), reinterpret_cast<sockaddr*>(&local), &size) == 0, "getsockname");
    connection.client.close();  // first, so that the wait is on the client's port
    read_end(connection.server);
    connection.server.close();
    line.tell(ntohs(local.sin_port));
    line.wait_for_release();
  });
  const Endpoint outgoing{"127.0.0.1", client.hear<std::uint16_t>()};

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, outgoing, {}}));

  EXPECT_EQ(record.at("bindtrace.cause"), "time_wait") << record.text();
  EXPECT_EQ(record.at("bindtrace.certainty"), "certain") << record.text();
  EXPECT_NE(record.text().find("only closed outgoing connections"), std::string::npos) << record.text();
}

TEST_P(SocketState, AConnectionThatOnlyThePeerKeepsOpenHasNoHolder) {
  const Endpoint endpoint{"127.0.0.1", 4004};
  Child server(netns(), "bt-holder", [&](const Line& line) {
    Connection connection = connection_at(endpoint);
    connection.server.close();
    read_end(connection.client);
    acknowledge(connection.client);
    line.tell(kReady);
    line.wait_for_release();
  });
  server.hear<char>();

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, endpoint, {}}));

  expect_nobody(record, "FIN_WAIT2");
  EXPECT_EQ(record.at("bindtrace.cause"), "closing_connection") << record.text();
}

TEST_P(SocketState, AClosedConnectionWithUnsentDataHasNoHolder) {
  const Endpoint endpoint{"127.0.0.1", 4005};
  Child server(netns(), "bt-holder", [&](const Line& line) {
    Connection connection = connection_at(endpoint);
    // More than the peer, which does not read, takes in: the FIN waits behind it.
    const std::string data(1 << 20, 'x');
    while (send(connection.server.get(), data.data(), data.size(), MSG_DONTWAIT) > 0) {
    }
    must(errno == EAGAIN, "send");
    connection.server.close();
    line.tell(kReady);
    line.wait_for_release();
  });
  server.hear<char>();

  const Record record = only_conflict_of(fail_to_bind(netns(), {Transport::kTcp, endpoint, {}}));

  expect_nobody(record, "FIN_WAIT1");
  EXPECT_EQ(record.at("bindtrace.cause"), "closing_connection") << record.text();
}

BINDTRACE_ON_EVERY_TIER(SocketState);

}  // namespace
}  // namespace bindtrace
