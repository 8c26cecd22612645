// SPDX-License-Identifier: Apache-2.0
// The ways into bind and listen beside the two system calls: those of 32-bit programs, and io_uring.
#include <functional>
#include <string>

#include "compat.h"
#include "features.h"
#include "io_uring.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

class EntryTest : public SharedTracerTest {
 protected:
  // Tries on a socket and tells how that went.
  using Attempt = std::function<Tried(const Fd&)>;

  void expect_bind(const std::string& entry, const Endpoint& endpoint, const Attempt& attempt) {
    const Request request{Transport::kTcp, endpoint, {}};
    const Holder holder = hold(netns(), request);
    const Victim victim = fail_in(netns(), "bt-victim", [&](const Line& line) {
      const Fd socket = make_socket(request);
      line.tell(attempt(socket));
      line.wait_for_release();
    });

    expect_record("bind", entry, endpoint, victim, holder.held);
  }

  void expect_listen(const std::string& entry, const Endpoint& endpoint, const Attempt& attempt) {
    const ListenConflict conflict = fail_to_listen(netns(), {Transport::kTcp, endpoint, {}}, attempt);

    expect_record("listen", entry, endpoint, conflict.victim, conflict.holder.held);
  }

 private:
  void expect_record(const std::string& operation, const std::string& entry, const Endpoint& endpoint,
                     const Victim& victim, const Held& held) {
    const Record record = only_conflict_of(victim);

    expect_call(record, operation, entry);
    expect_endpoint(record, "tcp", endpoint);
    expect_victim(record, victim, "bt-victim");
    expect_holder(record, held, "bt-holder");
  }
};

class Compat : public EntryTest {
 protected:
  void expect_bind_by(int (*bind)(int, const SocketAddress&), const Endpoint& endpoint) {
    expect_bind("compat", endpoint, [&](const Fd& socket) {
      return try_and_tell(socket, [&] { return bind(socket.get(), address_of(endpoint)); });
    });
  }
  void expect_listen_by(int (*listen)(int), const Endpoint& endpoint) {
    expect_listen("compat", endpoint,
                  [&](const Fd& socket) { return try_and_tell(socket, [&] { return listen(socket.get()); }); });
  }
};

class IoUring : public EntryTest {
 protected:
  void expect_bind_by(Submission submission, const Endpoint& endpoint) {
    expect_bind("io_uring", endpoint, [&](const Fd& socket) {
      return tell(socket, [&] { return ring_bind(socket.get(), address_of(endpoint), submission); });
    });
  }
  void expect_listen_by(Submission submission, const Endpoint& endpoint) {
    expect_listen("io_uring", endpoint, [&](const Fd& socket) {
      return tell(socket, [&] { return ring_listen(socket.get(), submission); });
    });
  }

 private:
  // The task that fails is the one that the kernel did it in.
  static Tried tell(const Fd& socket, const std::function<RingAnswer()>& attempt) {
    RingAnswer answer;
    Tried tried = try_and_tell(socket, [&] { return (answer = attempt()).error; });
    tried.tid = answer.tid;
    return tried;
  }
};

TEST_P(Compat, BindOfA32BitProgram) {
  expect_bind_by(compat_bind, {"127.0.0.1", 1401});
}

TEST_P(Compat, BindOfA32BitProgramOnIpv6) {
  expect_bind_by(compat_bind, {"::1", 1402});
}

TEST_P(Compat, ListenOfA32BitProgram) {
  expect_listen_by(compat_listen, {"127.0.0.1", 1403});
}

TEST_P(Compat, BindBySocketcall) {
  expect_bind_by(compat_socketcall_bind, {"127.0.0.1", 1404});
}

TEST_P(Compat, ListenBySocketcall) {
  expect_listen_by(compat_socketcall_listen, {"127.0.0.1", 1405});
}

TEST_P(IoUring, BindInTheCaller) {
  expect_bind_by(Submission::kInline, {"127.0.0.1", 1406});
}

TEST_P(IoUring, BindInAWorker) {
  expect_bind_by(Submission::kAsync, {"127.0.0.1", 1407});
}

TEST_P(IoUring, BindInThePollingThread) {
  expect_bind_by(Submission::kSqpoll, {"::1", 1408});
}

TEST_P(IoUring, ListenInTheCaller) {
  expect_listen_by(Submission::kInline, {"127.0.0.1", 1409});
}

TEST_P(IoUring, ListenInAWorker) {
  expect_listen_by(Submission::kAsync, {"127.0.0.1", 1410});
}

TEST_P(IoUring, ListenInThePollingThread) {
  expect_listen_by(Submission::kSqpoll, {"::1", 1411});
}

BINDTRACE_ON_EVERY_TIER_WITH("compat", Compat);
BINDTRACE_ON_EVERY_TIER_WITH("io_uring_bind", IoUring);

}  // namespace
}  // namespace bindtrace
