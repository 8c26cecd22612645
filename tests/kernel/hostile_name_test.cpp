// SPDX-License-Identifier: Apache-2.0
// A process may give itself any name: it must not break a record, nor write to the reader's terminal.
#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>

#include "cgroup.h"
#include "tier_test.h"

namespace bindtrace {
namespace {

constexpr char kHostileName[] = "a\nb\x1b[2J\xff\x9b\x80z";

constexpr char kHostileCgroup[] = "bt-\x1b[2J\xff\x9b.service";  // the kernel refuses a newline there

constexpr auto kEscape = nlohmann::json::error_handler_t::replace;

// UTF-8 without C0 (but newlines), DEL and C1.
bool is_harmless(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
  for (size_t i = 0; i < text.size(); i++) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f || c1) {
      return false;
    }
  }
  return true;
}

std::string in_brackets(pid_t pid) {
  return '[' + std::to_string(pid) + ']';
}

class HostileName : public SharedTracerTest {
 protected:
  Holder hold_in(const Cgroup& cgroup, const Request& request) {
    Child child(netns(), "bt-holder", [&](const Line& line) {
      cgroup.enter();
      const Fd socket = serve(request);
      line.tell(held_by_me(socket));
      line.wait_for_release();
    });
    const Held held = child.hear<Held>();
    return {std::move(child), held};
  }
  Victim fail_in(const Cgroup& cgroup, const Request& request) {
    return bindtrace::fail_in(netns(), "bt-victim", [&](const Line& line) {
      cgroup.enter();
      const Fd socket = make_socket(request);
      line.tell(bind_and_tell(socket, request.endpoint));
      line.wait_for_release();
    });
  }
};

TEST_P(HostileName, YieldsValidJson) {
  const Request request{Transport::kTcp, {"127.0.0.1", 8001}, {}};
  const Holder holder = hold(netns(), request, kHostileName);
  const Victim victim = fail_to_bind(netns(), request, kHostileName);

  const Record record = only_conflict_of(victim);  // parsed strictly: bad UTF-8 or a raw control byte throws

  EXPECT_EQ(record.at("process.pid"), victim.tried.pid) << record.text();
  EXPECT_EQ(record.holder().at("pid"), holder.held.pid) << record.text();
  EXPECT_EQ(record.at("process.executable.name"), record.holder().at("comm")) << record.text();
  EXPECT_TRUE(record.at("process.executable.name").get<std::string>().starts_with("a")) << record.text();
}

TEST_P(HostileName, DoesNotReachATerminalAndTheTextNamesAddressVictimAndHolder) {
  Tracer text(tier(), {"-o", "text"}, Tracer::Output::kText);
  const Request request{Transport::kTcp, {"127.0.0.7", 8002}, {}};
  const Holder holder = hold(netns(), request, kHostileName);
  const Victim victim = fail_to_bind(netns(), request, kHostileName);

  text.text_with(in_brackets(victim.tried.pid));
  const Ended ended = text.stop(SIGINT);

  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(is_harmless(ended.out)) << nlohmann::json(ended.out).dump(-1, ' ', true, kEscape);
  EXPECT_NE(ended.out.find("127.0.0.7:8002"), std::string::npos) << ended.out;
  const size_t wanted = ended.out.find("wanted by");
  ASSERT_NE(wanted, std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find(in_brackets(victim.tried.pid), wanted), std::string::npos) << ended.out;
  const size_t held = ended.out.find("held by", wanted);
  ASSERT_NE(held, std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find(in_brackets(holder.held.pid), held), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("why", held), std::string::npos) << ended.out;
}

TEST_P(HostileName, OfACgroupYieldsValidJson) {
  EXPECT_THROW(Cgroup("bt-a\nb"), std::runtime_error) << "newlines are to be tested too";
  const Cgroup cgroup(kHostileCgroup);
  const Request request{Transport::kTcp, {"127.0.0.1", 8003}, {}};
  const Holder holder = hold_in(cgroup, request);
  const Victim victim = fail_in(cgroup, request);

  const Record record = only_conflict_of(victim);

  EXPECT_EQ(record.at("process.linux.cgroup"), "/bt-\x1b[2J\xef\xbf\xbd\xef\xbf\xbd.service") << record.text();
  EXPECT_EQ(record.at("bindtrace.unit"), "bt-\x1b[2J\xef\xbf\xbd\xef\xbf\xbd.service") << record.text();
  EXPECT_EQ(record.holder().at("unit"), record.at("bindtrace.unit")) << record.text();
}

TEST_P(HostileName, OfACgroupDoesNotReachATerminal) {
  Tracer text(tier(), {"-o", "text"}, Tracer::Output::kText);
  const Cgroup cgroup(kHostileCgroup);
  const Request request{Transport::kTcp, {"127.0.0.1", 8004}, {}};
  const Holder holder = hold_in(cgroup, request);
  const Victim victim = fail_in(cgroup, request);

  text.text_with(in_brackets(victim.tried.pid));
  const Ended ended = text.stop(SIGINT);

  EXPECT_TRUE(is_harmless(ended.out)) << nlohmann::json(ended.out).dump(-1, ' ', true, kEscape);
  EXPECT_NE(ended.out.find("bt-\\x1b[2J\\xff\\x9b.service"), std::string::npos) << ended.out;
}

BINDTRACE_ON_ONE_TIER_UNLESS_SHORT(HostileName);

}  // namespace
}  // namespace bindtrace
