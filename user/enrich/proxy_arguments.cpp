// SPDX-License-Identifier: Apache-2.0
#include "enrich/proxy_arguments.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string_view>
#include <system_error>
#include <vector>

namespace bindtrace {
namespace {

template <typename Number>
std::optional<Number> number_from(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// "--name VALUE" and "--name=VALUE"; the first counts. Names come with their dashes.
std::optional<std::string> value_of(std::span<const std::string> argv, std::initializer_list<std::string_view> names) {
  for (std::size_t i = 1; i < argv.size(); ++i) {
    for (const std::string_view name : names) {
      if (argv[i] == name && i + 1 < argv.size()) {
        return argv[i + 1];
      }
      if (argv[i].size() > name.size() && argv[i].starts_with(name) && argv[i][name.size()] == '=') {
        return argv[i].substr(name.size() + 1);
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> unless_empty(std::optional<std::string> text) {
  return text && !text->empty() ? std::move(text) : std::nullopt;
}

bool is_container_id(const std::optional<std::string>& text) {
  constexpr std::size_t kDigits = 64;
  return text && text->size() == kDigits && text->find_first_not_of("0123456789abcdef") == std::string::npos;
}

// The arguments that belong to no option, where all options that take a value are known.
std::vector<std::string> operands_of(std::span<const std::string> argv,
                                     std::initializer_list<std::string_view> options_with_value) {
  std::vector<std::string> operands;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (!argv[i].starts_with('-')) {
      operands.push_back(argv[i]);
    } else if (std::find(options_with_value.begin(), options_with_value.end(), argv[i]) != options_with_value.end()) {
      ++i;
    }
  }
  return operands;
}

}  // namespace

std::optional<IpAddress> parse_ip(const std::string& text) {
  IpAddress address;
  if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
    return address;
  }
  address.family = Family::kIpv6;
  return ::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1 ? std::optional(address) : std::nullopt;
}

ConmonArguments parse_conmon(std::span<const std::string> argv) {
  ConmonArguments arguments;
  if (auto id = value_of(argv, {"-c", "--cid"}); is_container_id(id)) {
    arguments.container_id = std::move(id);
  }
  arguments.container_name = unless_empty(value_of(argv, {"-n", "--name"}));
  const std::string exit_command = value_of(argv, {"--exit-command"}).value_or("");
  const std::string exit_dir = value_of(argv, {"--exit-dir"}).value_or("");
  if (exit_command.ends_with("podman") || exit_dir.find("/libpod/") != std::string::npos) {
    arguments.runtime = "podman";
  } else if (exit_dir.find("/crio") != std::string::npos) {
    arguments.runtime = "cri-o";
  }
  return arguments;
}

std::optional<ContainerAddress> parse_docker_proxy(std::span<const std::string> argv) {
  const auto address = parse_ip(value_of(argv, {"-container-ip", "--container-ip"}).value_or(""));
  const auto port = number_from<std::uint16_t>(value_of(argv, {"-container-port", "--container-port"}).value_or(""));
  return address && port ? std::optional(ContainerAddress{*address, *port}) : std::nullopt;
}

ServedNamespace parse_slirp4netns(std::span<const std::string> argv) {
  const auto operands =
      operands_of(argv, {"-e", "--exit-fd", "-r", "--ready-fd", "-m", "--mtu", "-a", "--api-socket", "--cidr",
                         "--netns-type", "--userns-path", "--outbound-addr", "--outbound-addr6", "--macaddress"});
  if (operands.empty()) {
    return {};
  }
  if (value_of(argv, {"--netns-type"}) == "path") {
    return {.path = operands.front()};
  }
  return {.pid = number_from<std::uint32_t>(operands.front())};
}

// It takes a pid as its operand too; not all of its options are known here, so that an operand cannot be told from the
// value of one.
ServedNamespace parse_pasta(std::span<const std::string> argv) {
  return {.path = unless_empty(value_of(argv, {"--netns"}))};
}

}  // namespace bindtrace
