// SPDX-License-Identifier: Apache-2.0
// A .socket unit of systemd by the text of its files (systemd.socket(5)), and whether a socket is one of its. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/failure.h"

namespace bindtrace {

struct SocketUnit {
  struct Listen {
    std::string directive;  // "ListenStream"
    std::string value;      // specifiers replaced
    std::string file;       // that says so
  };

  std::string name;                        // "app.socket", "app@.socket" for a template whose instance is not known
  std::string runtime_directory = "/run";  // %t; "/run/user/1000" for units of a user
  std::vector<Listen> listens{};
  std::optional<std::string> service{};
  std::string protocol{};  // SocketProtocol=
  bool accept = false;     // a service of its own for each connection
};

// Reads on: a file that comes later adds, or takes back by an empty value. Values with specifiers that cannot be
// replaced are left out.
void read_unit_text(std::string_view text, const std::string& file, SocketUnit& unit);

// "app.service"; for an accepting unit the template "app@.service".
std::string service_of(const SocketUnit& unit);

// The first of its directives that the socket is of; null: none.
const SocketUnit::Listen* find_listen(const SocketUnit& unit, const HolderSocket& socket);

}  // namespace bindtrace
