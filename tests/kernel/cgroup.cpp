// SPDX-License-Identifier: Apache-2.0
#include "cgroup.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <sys/mount.h>

#include "sockets.h"

namespace bindtrace {
namespace {

// For this process and its children, until the machine ends: a second one is the same hierarchy.
std::filesystem::path mount_unified() {
  std::string directory = "/tmp/bt-cgroup-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr || mount("none", directory.c_str(), "cgroup2", 0, nullptr) != 0) {
    throw std::runtime_error("cannot mount the unified cgroup hierarchy");
  }
  return directory;
}

std::filesystem::path unified_root() {
  std::ifstream mounts("/proc/self/mounts");
  std::string device, directory, type;
  for (std::string rest; mounts >> device >> directory >> type && std::getline(mounts, rest);) {
    if (type == "cgroup2") {
      return directory;
    }
  }
  return mount_unified();
}

}  // namespace

Cgroup::Cgroup(const std::string& path) : root_(unified_root()), path_(root_ / path) {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) {
    throw std::runtime_error("cannot make the cgroup " + path_.string() + ": " + error.message());
  }
}

// A cgroup with cgroups in it cannot be removed: those that another test needs stay.
Cgroup::~Cgroup() {
  std::error_code error;
  for (std::filesystem::path path = path_; path != root_ && !error; path = path.parent_path()) {
    std::filesystem::remove(path, error);  // rmdir(2)
  }
}

void Cgroup::enter() const {
  std::ofstream processes(path_ / "cgroup.procs");
  processes << "0" << std::flush;
  must(processes.good(), path_.c_str());
}

}  // namespace bindtrace
