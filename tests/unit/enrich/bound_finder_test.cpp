// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "enrich/enricher.h"
#include "holdings.h"
#include "incidents.h"
#include "proc_tree.h"

namespace bindtrace {
namespace {

constexpr std::uint32_t kVictim = 1234;
constexpr std::uint64_t kStartTicks = 5000;
constexpr std::uint64_t kTickNs = 10'000'000;
constexpr std::uint64_t kOwnInode = 8999;
constexpr std::uint8_t kEstablished = 1;

class BoundHolder : public testing::Test {
 protected:
  BoundHolder() {
    failure_.victim.pid = kVictim;
    failure_.victim.comm = "app";
    failure_.victim.start_boottime_ns = kStartTicks * kTickNs + 1;
    failure_.request.inode = kOwnInode;
    want(Transport::kUnix, "@name");
  }

  void want(Transport transport, const std::string& name) {
    failure_.request.endpoint = {transport, std::nullopt, std::nullopt, name};
  }

  // The victim lives, and sees the tree's directory "files" as its root.
  void let_victim_live() {
    tree_.add({.pid = kVictim, .start_ticks = kStartTicks});
    show_files_to(kVictim);
  }
  void show_files_to(std::uint32_t pid) {
    std::filesystem::create_directories(files());
    std::filesystem::create_directories(proc(pid) / "ns");
    std::filesystem::create_directory_symlink(files(), proc(pid) / "root");
    std::filesystem::remove(proc(pid) / "cwd");
    std::filesystem::create_directory_symlink(files(), proc(pid) / "cwd");
    tree_.write(proc(pid) / "ns/mnt", "");
  }
  [[nodiscard]] std::filesystem::path proc(std::uint32_t pid) const { return tree_.proc() / std::to_string(pid); }
  [[nodiscard]] std::filesystem::path files() const { return tree_.proc().parent_path() / "files"; }

  void make_socket_file(const std::string& name) {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    (files() / name).string().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << errno;
  }

  Incident enrich() {
    Enricher::Options options;
    options.proc_root = tree_.proc();
    options.etc_root = tree_.etc();
    options.search = [this](std::span<const std::byte> query) { return holdings_.search(query); };
    return Enricher(options).enrich(failure_);
  }

  ProcTree tree_;
  Holdings holdings_;
  Failure failure_;
};

TEST_F(BoundHolder, IsWhoeverHasTheSocketWithAllItsDescriptors) {
  holdings_.add({.pid = 811, .start_boottime_ns = 5, .comm = "old", .fd = 3, .inode = 9001});
  holdings_.add({.pid = 811, .start_boottime_ns = 5, .comm = "old", .fd = 4, .inode = 9001});
  holdings_.add({.pid = kVictim, .comm = "app", .fd = 3, .inode = kOwnInode});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 1U) << "not the socket that could not be bound";
  EXPECT_EQ(incident.holders[0].process->pid, 811U);
  EXPECT_EQ(incident.holders[0].fds, (std::vector<std::uint32_t>{3, 4}));
  EXPECT_EQ(incident.holders[0].socket.local, failure_.request.endpoint);
  EXPECT_EQ(incident.holders[0].source, HolderSource::kIterator);
  EXPECT_EQ(incident.holders[0].blocking, true);
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
}

TEST_F(BoundHolder, IsEachProcessThatSharesTheSocket) {
  holdings_.add({.pid = 811, .start_boottime_ns = 5, .comm = "old", .fd = 3, .inode = 9001});
  holdings_.add({.pid = 812, .start_boottime_ns = 6, .comm = "heir", .fd = 3, .inode = 9001});
  EXPECT_EQ(enrich().holders.size(), 2U);
}

TEST_F(BoundHolder, IsNotAConnectionWhereAListenerIs) {
  holdings_.add({.pid = 811, .comm = "srv", .fd = 4, .inode = 9002, .state = kEstablished});
  holdings_.add({.pid = 811, .comm = "srv", .fd = 3, .inode = 9001});
  const Incident incident = enrich();
  ASSERT_EQ(incident.holders.size(), 2U);
  EXPECT_EQ(incident.holders[0].socket.inode, 9001U);
  EXPECT_EQ(incident.holders[0].blocking, true);
  EXPECT_EQ(incident.holders[1].blocking, false);
}

TEST_F(BoundHolder, MayBeAConnectedSocketWhereThereIsNoOther) {
  holdings_.add({.pid = 811, .comm = "client", .fd = 4, .inode = 9002, .state = kEstablished});
  EXPECT_EQ(enrich().holders.at(0).blocking, true);
}

TEST_F(BoundHolder, OfDatagramsIsConnectedOrNot) {
  holdings_.add({.pid = 811, .comm = "a", .fd = 4, .inode = 9002, .state = kEstablished, .sock_type = SOCK_DGRAM});
  holdings_.add({.pid = 811, .comm = "a", .fd = 3, .inode = 9001, .state = 7, .sock_type = SOCK_DGRAM});
  const Incident incident = enrich();
  EXPECT_FALSE(incident.holders.at(0).blocking) << "which of the two is not established";
  EXPECT_FALSE(incident.holders.at(1).blocking);
}

TEST_F(BoundHolder, ThatNobodyIsAnyMoreIsGone) {
  EXPECT_EQ(enrich().holder_status, HolderStatus::kGone);
}

class PathHolder : public BoundHolder {};

TEST_F(PathHolder, IsSearchedByTheFileThatTheVictimSaw) {
  let_victim_live();
  make_socket_file("app.sock");
  want(Transport::kUnix, "/app.sock");
  holdings_.add({.pid = 811, .comm = "old", .fd = 3, .inode = 9001});
  const Incident incident = enrich();
  EXPECT_GE(holdings_.last_query()->fd, 0);
  EXPECT_EQ(incident.path_file, PathFile::kSocket);
  EXPECT_EQ(incident.holders.at(0).rule, "its bind made the file");
}

TEST_F(PathHolder, IsSearchedByARelativePathBelowTheVictimsDirectory) {
  let_victim_live();
  make_socket_file("app.sock");
  want(Transport::kUnix, "app.sock");
  EXPECT_EQ(enrich().path_file, PathFile::kSocket);
}

TEST_F(PathHolder, OfARelativePathThatLeadsElsewhereIsNotLookedFor) {
  let_victim_live();
  want(Transport::kUnix, "../app.sock");
  const Incident incident = enrich();
  EXPECT_EQ(incident.holder_status, HolderStatus::kSkipped);
  EXPECT_EQ(incident.holder_reason, "the path ../app.sock leads out of the directory that it starts from");
  EXPECT_FALSE(holdings_.last_query()) << "other files have that name";
}

TEST_F(PathHolder, OfAStaleFileIsNobody) {
  let_victim_live();
  make_socket_file("app.sock");
  want(Transport::kUnix, "/app.sock");
  holdings_.add({.pid = 811, .comm = "old", .fd = 3, .inode = 9001, .state = kEstablished});
  const Incident incident = enrich();
  EXPECT_EQ(incident.holder_status, HolderStatus::kNone);
  EXPECT_EQ(incident.holder_reason, "the file is there, but no process has the socket that made it");
}

TEST_F(PathHolder, OfAFileThatIsNoSocketIsNotLookedFor) {
  let_victim_live();
  std::filesystem::create_directory(files() / "app.sock");
  want(Transport::kUnix, "/app.sock");
  const Incident incident = enrich();
  EXPECT_EQ(incident.path_file, PathFile::kDirectory);
  EXPECT_EQ(incident.holder_status, HolderStatus::kNone);
  EXPECT_FALSE(holdings_.last_query());
}

TEST_F(PathHolder, IsNotWhatASymbolicLinkLeadsTo) {
  let_victim_live();
  make_socket_file("real.sock");
  std::filesystem::create_symlink("real.sock", files() / "app.sock");
  want(Transport::kUnix, "/app.sock");
  EXPECT_EQ(enrich().path_file, PathFile::kSymbolicLink) << "bind does not follow it";
}

TEST_F(PathHolder, OfAFileThatIsNotThereAnyMoreIsGone) {
  let_victim_live();
  want(Transport::kUnix, "/app.sock");
  EXPECT_EQ(enrich().holder_status, HolderStatus::kGone);
}

TEST_F(PathHolder, OfAFileThatIsNotThereAnyMoreMayStillHaveItsName) {
  let_victim_live();
  want(Transport::kUnix, "/app.sock");
  holdings_.add({.pid = 811, .comm = "old", .fd = 3, .inode = 9001});
  const Incident incident = enrich();
  EXPECT_EQ(holdings_.last_query()->fd, -1);
  EXPECT_EQ(incident.holder_status, HolderStatus::kFound);
}

FileId id_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return {status.st_ino, static_cast<std::uint32_t>(major(status.st_dev) << 20 | minor(status.st_dev))};
}

TEST_F(PathHolder, AfterTheVictimsEndIsFoundThroughAProcessWithItsRootAndMounts) {
  tree_.add({.pid = 1});
  show_files_to(1);
  make_socket_file("app.sock");
  want(Transport::kUnix, "/app.sock");
  failure_.request.root = id_of(files());
  failure_.request.mount_ns = static_cast<std::uint32_t>(id_of(proc(1) / "ns/mnt").inode);
  EXPECT_EQ(enrich().path_file, PathFile::kSocket);

  failure_.request.mount_ns++;
  const Incident other = enrich();
  EXPECT_FALSE(other.path_file);
  EXPECT_EQ(holdings_.last_query()->fd, -1) << "by the name, within its mount namespace";
  EXPECT_EQ(other.holder_reason, "app has exited, and no process that shares its files is known");
}

TEST_F(PathHolder, OfAVictimThatEndsMeanwhileIsNotSaidToBeGone) {
  tree_.add({.pid = kVictim, .start_ticks = kStartTicks});  // and no root any more
  want(Transport::kUnix, "/app.sock");
  const Incident incident = enrich();
  EXPECT_FALSE(incident.path_file);
  EXPECT_EQ(incident.holder_status, HolderStatus::kSkipped);
  EXPECT_EQ(incident.holder_reason,
            "app does not let its root directory be seen (that takes CAP_SYS_PTRACE), and no process that shares its "
            "files is known");
}

TEST_F(PathHolder, OfAVictimThatIsNotToBeLookedIntoIsNotLookedForByARelativePath) {
  tree_.add({.pid = kVictim, .start_ticks = kStartTicks, .cwd = "/nonexistent"});
  want(Transport::kUnix, "app.sock");
  EXPECT_EQ(enrich().holder_reason,
            "the path is relative, and app, which knew its directory, does not let it be seen (that takes "
            "CAP_SYS_PTRACE)");
}

TEST_F(PathHolder, AfterTheVictimsEndIsNotLookedForByARelativePath) {
  want(Transport::kUnix, "app.sock");
  const Incident incident = enrich();
  EXPECT_EQ(incident.holder_status, HolderStatus::kSkipped);
  EXPECT_EQ(incident.holder_reason, "the path is relative, and app, which knew its directory, has exited");
  EXPECT_FALSE(holdings_.last_query());
}

}  // namespace
}  // namespace bindtrace
