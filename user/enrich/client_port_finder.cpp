// SPDX-License-Identifier: Apache-2.0
#include "enrich/client_port_finder.h"

#include <fcntl.h>

#include <cstddef>
#include <string>

#include "base/unique_fd.h"

namespace bindtrace {
namespace {

constexpr std::size_t kLongest = 65'536;

// By one read: a second one of such a list finds its end, wherever the first has stopped (proc_do_large_bitmap of
// kernel/sysctl.c). What is whole ends with a line break.
std::optional<std::string> read_setting(const std::filesystem::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  std::string text(kLongest, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text.ends_with('\n') ? std::optional(text) : std::nullopt;
}

}  // namespace

std::optional<ClientPorts> find_client_ports(const std::filesystem::path& proc_root) {
  const std::filesystem::path directory = proc_root / "sys/net/ipv4";
  const auto range = read_setting(directory / "ip_local_port_range");
  const auto reserved = read_setting(directory / "ip_local_reserved_ports");
  return range && reserved ? parse_client_ports(*range, *reserved) : std::nullopt;
}

std::optional<ClientPorts> find_client_ports_of(std::uint32_t netns, const std::string& netns_file,
                                                const std::filesystem::path& proc_root, const InNetns& in_netns) {
  std::optional<ClientPorts> ports;
  const auto entered = in_netns(netns_file, netns, [&] { ports = find_client_ports(proc_root); });
  if (!entered || !ports) {
    return std::nullopt;
  }
  ports->netns_file = netns_file;
  return ports;
}

}  // namespace bindtrace
