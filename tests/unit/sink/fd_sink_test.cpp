// SPDX-License-Identifier: Apache-2.0
#include "sink/fd_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace bindtrace {
namespace {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

FdSink::Render always(std::string text) {
  return [text = std::move(text)](const Event&) { return text; };
}

TEST(FdSink, WritesWhatTheFormSays) {
  const Pipe pipe = make_pipe();
  FdSink sink(pipe.write_end.get(), always("one line\n"));
  ASSERT_TRUE(sink.write(AgentStarted{}));
  std::array<char, 64> got{};
  EXPECT_EQ(::read(pipe.read_end.get(), got.data(), got.size()), 9);
  EXPECT_STREQ(got.data(), "one line\n");
}

TEST(FdSink, AReaderThatHasGoneIsEpipe) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe = make_pipe();
  pipe.read_end.reset();
  FdSink sink(pipe.write_end.get(), always("x\n"));
  const auto written = sink.write(AgentStarted{});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().os_error, EPIPE);
}

TEST(FdSink, AReaderThatDoesNotReadIsGivenUpWhenCancelled) {
  const Pipe pipe = make_pipe();
  const Pipe cancel = make_pipe();
  ASSERT_EQ(::write(cancel.write_end.get(), "x", 1), 1);
  FdSink sink(pipe.write_end.get(), always(std::string(1 << 20, 'x')), cancel.read_end.get());
  const auto written = sink.write(AgentStarted{});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().os_error, ECANCELED);
}

TEST(FdSink, WhatCanBeWrittenAtOnceIsWrittenAlthoughCancelled) {
  const Pipe pipe = make_pipe();
  const Pipe cancel = make_pipe();
  ASSERT_EQ(::write(cancel.write_end.get(), "x", 1), 1);
  FdSink sink(pipe.write_end.get(), always("last\n"), cancel.read_end.get());
  EXPECT_TRUE(sink.write(AgentStarted{}));
}

TEST(FdSink, ALineThatWasBrokenOffIsFinishedBeforeTheNext) {
  const Pipe pipe = make_pipe();
  const Pipe cancel = make_pipe();
  ASSERT_EQ(::fcntl(pipe.read_end.get(), F_SETPIPE_SZ, 8192), 8192);
  ASSERT_EQ(::write(cancel.write_end.get(), "x", 1), 1);
  std::string line = std::string(10000, 'x') + '\n';
  FdSink sink(
      pipe.write_end.get(), [&](const Event&) { return line; }, cancel.read_end.get());
  ASSERT_FALSE(sink.write(AgentStarted{}));
  EXPECT_TRUE(sink.unfinished());
  std::array<char, 8192> got{};
  ASSERT_EQ(::read(pipe.read_end.get(), got.data(), got.size()), 8192);

  line = "next\n";
  EXPECT_TRUE(sink.write(AgentStarted{}));

  EXPECT_FALSE(sink.unfinished());
  const ssize_t size = ::read(pipe.read_end.get(), got.data(), got.size());
  EXPECT_EQ(std::string(got.data(), static_cast<std::size_t>(size)), std::string(10000 - 8192, 'x') + "\nnext\n");
}

TEST(FdSink, ARecordOfWhichNothingIsOutIsDropped) {
  const Pipe pipe = make_pipe();
  const Pipe cancel = make_pipe();
  ASSERT_EQ(::fcntl(pipe.read_end.get(), F_SETPIPE_SZ, 4096), 4096);
  ASSERT_EQ(::write(cancel.write_end.get(), "x", 1), 1);
  FdSink sink(pipe.write_end.get(), always(std::string(4095, 'x') + '\n'), cancel.read_end.get());
  ASSERT_TRUE(sink.write(AgentStarted{}));
  EXPECT_FALSE(sink.write(AgentStarted{}));
  EXPECT_FALSE(sink.unfinished());
}

TEST(FdSink, NothingToShowIsNothingWritten) {
  FdSink sink(-1, always(""));
  EXPECT_TRUE(sink.write(AgentStarted{}));
}

}  // namespace
}  // namespace bindtrace
