// SPDX-License-Identifier: Apache-2.0
#include "enrich/unit_files.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace bindtrace {
namespace {

using Entry = RootDirectory::Entry;
using Kind = RootDirectory::Kind;

constexpr std::string_view kSuffix = ".socket";
constexpr std::size_t kMostUnits = 4096;

std::string last_component(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

// "app@.socket" for "app@1.socket"; empty: no instance.
std::string template_of(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos || at + 1 + kSuffix.size() >= name.size()) {
    return "";
  }
  return std::string(name.substr(0, at + 1)) + std::string(kSuffix);
}

class UnitReader {
 public:
  UnitReader(const RootDirectory& root, const UnitSearchPath& search_path) : root_(root), path_(search_path) {
    for (const std::string& directory : path_.directories) {
      auto entries = root_.list(directory);
      listings_.push_back(entries ? *std::move(entries) : std::vector<Entry>{});
    }
  }

  std::vector<SocketUnit> read() {
    find_units();
    find_enabled_instances();
    std::vector<SocketUnit> units;
    for (const auto& [name, file] : files_) {
      if (units.size() >= kMostUnits) {
        break;
      }
      if (auto unit = read_unit(name, file)) {
        units.push_back(*std::move(unit));
      }
    }
    return units;
  }

 private:
  // The first directory that has a name decides on it. A link to another name makes an alias of that one, which is
  // found by its own name, and a link of an instance to its template is that instance.
  void find_units() {
    for (std::size_t i = 0; i < listings_.size(); ++i) {
      for (const Entry& entry : listings_[i]) {
        if (entry.name.ends_with(kSuffix) && entry.kind != Kind::kDirectory && decided_.insert(entry.name).second) {
          const std::string file = path_.directories[i] + '/' + entry.name;
          if (entry.kind == Kind::kFile || !is_alias(entry.name, file)) {
            files_.emplace(entry.name, file);
          }
        }
      }
    }
  }

  [[nodiscard]] bool is_alias(const std::string& name, const std::string& file) const {
    const auto target = root_.read_link(file);
    const std::string other = target ? last_component(*target) : "";
    return other.ends_with(kSuffix) && other != name && other != template_of(name);
  }

  // Instances are enabled by links, whose name alone counts.
  void find_enabled_instances() {
    for (const std::string& directory : path_.directories) {
      const auto entries = root_.list(directory + "/sockets.target.wants");
      for (const Entry& entry : entries ? *entries : std::vector<Entry>{}) {
        const auto origin = files_.find(template_of(entry.name));
        if (entry.name.ends_with(kSuffix) && origin != files_.end() && decided_.insert(entry.name).second) {
          files_.emplace(entry.name, origin->second);
        }
      }
    }
  }

  // An empty file and a link to /dev/null mask: the manager does not load such a unit.
  [[nodiscard]] std::optional<SocketUnit> read_unit(const std::string& name, const std::string& file) const {
    const auto text = root_.read_file(file);
    if (!text || text->empty()) {
      return std::nullopt;
    }
    SocketUnit unit{.name = name, .runtime_directory = path_.runtime_directory};
    read_unit_text(*text, file, unit);
    for (const auto& [drop_in, path] : drop_ins_of(name)) {
      if (const auto more = root_.read_file(path)) {
        read_unit_text(*more, path, unit);
      }
    }
    return unit;
  }

  // Directories of "a-b@1.socket", the most particular first.
  static std::vector<std::string> drop_in_directories(const std::string& name) {
    std::vector<std::string> names{name};
    const std::string origin = template_of(name);
    if (!origin.empty()) {
      names.push_back(origin);
    }
    const std::string& base = origin.empty() ? name : origin;
    const std::size_t end = std::min(base.find('@'), base.size() - kSuffix.size());
    const std::string suffix = base.substr(end);
    for (std::size_t dash = base.rfind('-', end); dash != std::string::npos && dash > 0;
         dash = base.rfind('-', dash - 1)) {
      names.push_back(base.substr(0, dash + 1) + suffix);
    }
    names.emplace_back("socket");
    return names;
  }

  // By their names, in whose order they are read; of one name the first found counts.
  [[nodiscard]] std::map<std::string, std::string> drop_ins_of(const std::string& name) const {
    std::map<std::string, std::string> found;
    for (const std::string& owner : drop_in_directories(name)) {
      for (std::size_t i = 0; i < listings_.size(); ++i) {
        if (!has_directory(listings_[i], owner + ".d")) {
          continue;
        }
        const std::string directory = fmt::format("{}/{}.d", path_.directories[i], owner);
        const auto entries = root_.list(directory);
        for (const Entry& entry : entries ? *entries : std::vector<Entry>{}) {
          if (entry.name.ends_with(".conf")) {
            found.try_emplace(entry.name, directory + '/' + entry.name);
          }
        }
      }
    }
    return found;
  }

  static bool has_directory(const std::vector<Entry>& sorted, const std::string& name) {
    const auto found =
        std::lower_bound(sorted.begin(), sorted.end(), name,
                         [](const Entry& entry, const std::string& other) { return entry.name < other; });
    return found != sorted.end() && found->name == name;
  }

  const RootDirectory& root_;
  const UnitSearchPath& path_;
  std::vector<std::vector<Entry>> listings_;  // one for each directory
  std::set<std::string> decided_;             // names that have a file, or are aliases
  std::map<std::string, std::string> files_;  // by name
};

}  // namespace

UnitSearchPath system_search_path() {
  return {{"/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
           "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system",
           "/run/systemd/system.attached", "/run/systemd/generator", "/usr/local/lib/systemd/system",
           "/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/generator.late"},
          "/run"};
}

UnitSearchPath user_search_path(std::uint32_t uid, const std::optional<std::string>& home) {
  const std::string runtime = fmt::format("/run/user/{}", uid);
  UnitSearchPath path{{}, runtime};
  const auto add = [&](const std::string& directory) { path.directories.push_back(directory); };
  if (home) {
    add(*home + "/.config/systemd/user.control");
  }
  add(runtime + "/systemd/user.control");
  add(runtime + "/systemd/transient");
  add(runtime + "/systemd/generator.early");
  if (home) {
    add(*home + "/.config/systemd/user");
  }
  add("/etc/systemd/user");
  add(runtime + "/systemd/user");
  add("/run/systemd/user");
  add(runtime + "/systemd/generator");
  if (home) {
    add(*home + "/.local/share/systemd/user");
  }
  add("/usr/local/share/systemd/user");
  add("/usr/share/systemd/user");
  add("/usr/local/lib/systemd/user");
  add("/usr/lib/systemd/user");
  add(runtime + "/systemd/generator.late");
  return path;
}

std::vector<SocketUnit> read_socket_units(const RootDirectory& root, const UnitSearchPath& search_path) {
  return UnitReader(root, search_path).read();
}

}  // namespace bindtrace
