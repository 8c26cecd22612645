// SPDX-License-Identifier: Apache-2.0
#include "enrich/unit_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace bindtrace {
namespace {

class UnitFiles : public testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) { tree_.write(file, text); }
  // A unit that has that one address.
  void unit(const std::string& file, const std::string& address) {
    write(file, "[Socket]\nListenStream=" + address + "\n");
  }
  void link(const std::string& file, const std::string& target) {
    const std::filesystem::path path = tree_.root() / file;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::create_symlink(target, path);
  }

  // The addresses of each.
  std::map<std::string, std::string> read(const UnitSearchPath& path = system_search_path()) {
    const RootDirectory root(UniqueFd(::open(tree_.root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)));
    std::map<std::string, std::string> found;
    for (const SocketUnit& unit : read_socket_units(root, path)) {
      std::string& addresses = found[unit.name];
      for (const SocketUnit::Listen& listen : unit.listens) {
        addresses += (addresses.empty() ? "" : " ") + listen.value;
      }
    }
    return found;
  }

  using Units = std::map<std::string, std::string>;

  ProcTree tree_;
};

TEST_F(UnitFiles, AreFoundInAllDirectories) {
  unit("etc/systemd/system/a.socket", "1");
  unit("run/systemd/transient/b.socket", "2");
  unit("usr/lib/systemd/system/c.socket", "3");
  write("usr/lib/systemd/system/c.service", "[Socket]\nListenStream=4\n");
  EXPECT_EQ(read(), (Units{{"a.socket", "1"}, {"b.socket", "2"}, {"c.socket", "3"}}));
}

TEST_F(UnitFiles, OfTheAdministratorCountBeforeThoseOfThePackage) {
  unit("usr/lib/systemd/system/a.socket", "1");
  unit("etc/systemd/system/a.socket", "2");
  unit("run/systemd/system/a.socket", "3");
  EXPECT_EQ(read(), (Units{{"a.socket", "2"}}));
}

TEST_F(UnitFiles, AreMaskedByALinkToNothingOrAnEmptyFile) {
  unit("usr/lib/systemd/system/a.socket", "1");
  link("etc/systemd/system/a.socket", "/dev/null");
  unit("usr/lib/systemd/system/b.socket", "1");
  write("run/systemd/system/b.socket", "");
  EXPECT_EQ(read(), Units{});
}

TEST_F(UnitFiles, AnAliasIsNoUnitOfItsOwn) {
  unit("usr/lib/systemd/system/a.socket", "1");
  link("etc/systemd/system/alias.socket", "/usr/lib/systemd/system/a.socket");
  unit("usr/lib/systemd/system/alias.socket", "2");
  EXPECT_EQ(read(), (Units{{"a.socket", "1"}}));
}

TEST_F(UnitFiles, MayBeLinkedFromElsewhereWithinTheRoot) {
  unit("opt/a.socket", "1");
  link("etc/systemd/system/a.socket", "/opt/a.socket");
  link("etc/systemd/system/b.socket", "../../../../../../opt/a.socket/../b.socket");
  EXPECT_EQ(read(), (Units{{"a.socket", "1"}}));
}

TEST_F(UnitFiles, DropInsAreReadInTheOrderOfTheirNames) {
  unit("usr/lib/systemd/system/a.socket", "1");
  unit("usr/lib/systemd/system/a.socket.d/20.conf", "3");
  unit("etc/systemd/system/a.socket.d/10.conf", "2");
  write("etc/systemd/system/a.socket.d/README", "[Socket]\nListenStream=9\n");
  EXPECT_EQ(read(), (Units{{"a.socket", "1 2 3"}}));
}

TEST_F(UnitFiles, ADropInMayTakeBackAddresses) {
  unit("usr/lib/systemd/system/a.socket", "1");
  write("etc/systemd/system/a.socket.d/override.conf", "[Socket]\nListenStream=\nListenStream=2\n");
  EXPECT_EQ(read(), (Units{{"a.socket", "2"}}));
}

TEST_F(UnitFiles, OfTwoDropInsOfOneNameTheFirstFoundCounts) {
  unit("usr/lib/systemd/system/a.socket", "1");
  unit("usr/lib/systemd/system/a.socket.d/x.conf", "2");
  unit("etc/systemd/system/a.socket.d/x.conf", "3");
  unit("etc/systemd/system/socket.d/x.conf", "4");
  EXPECT_EQ(read(), (Units{{"a.socket", "1 3"}}));
}

TEST_F(UnitFiles, DropInsMayBeOfAllUnitsOrOfThoseWithAPrefix) {
  unit("usr/lib/systemd/system/a-b-c.socket", "1");
  unit("etc/systemd/system/a-b-.socket.d/1.conf", "2");
  unit("etc/systemd/system/a-.socket.d/2.conf", "3");
  unit("etc/systemd/system/socket.d/3.conf", "4");
  unit("etc/systemd/system/b-.socket.d/4.conf", "5");
  EXPECT_EQ(read(), (Units{{"a-b-c.socket", "1 2 3 4"}}));
}

TEST_F(UnitFiles, InstancesAreKnownByTheLinksThatEnableThem) {
  unit("usr/lib/systemd/system/a@.socket", "%i");
  link("etc/systemd/system/sockets.target.wants/a@80.socket", "/usr/lib/systemd/system/a@.socket");
  unit("etc/systemd/system/a@80.socket.d/1.conf", "1");
  unit("etc/systemd/system/a@.socket.d/2.conf", "2");
  EXPECT_EQ(read(), (Units{{"a@.socket", "2"}, {"a@80.socket", "80 1 2"}}));
}

TEST_F(UnitFiles, OfAUserAreInThatUsersDirectoriesToo) {
  unit("usr/lib/systemd/user/a.socket", "%t/a");
  unit("home/jo/.config/systemd/user/b.socket", "1");
  unit("run/user/1000/systemd/transient/c.socket", "2");
  unit("usr/lib/systemd/system/d.socket", "3");
  EXPECT_EQ(read(user_search_path(1000, "/home/jo")),
            (Units{{"a.socket", "/run/user/1000/a"}, {"b.socket", "1"}, {"c.socket", "2"}}));
  EXPECT_EQ(read(user_search_path(1000, std::nullopt)), (Units{{"a.socket", "/run/user/1000/a"}, {"c.socket", "2"}}));
}

TEST_F(UnitFiles, ThatAreTooLongOrNoFilesAreLeftOut) {
  unit("etc/systemd/system/a.socket", "1");
  write("etc/systemd/system/b.socket", "[Socket]\nListenStream=1\n" + std::string(70'000, '#'));
  std::filesystem::create_directories(tree_.root() / "etc/systemd/system/c.socket");
  EXPECT_EQ(::mkfifo((tree_.root() / "etc/systemd/system/d.socket").c_str(), 0600), 0);
  EXPECT_EQ(read(), (Units{{"a.socket", "1"}}));
}

}  // namespace
}  // namespace bindtrace
