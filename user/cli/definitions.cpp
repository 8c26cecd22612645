// SPDX-License-Identifier: Apache-2.0
#include "cli/definitions.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include <fmt/format.h>

namespace bindtrace {
namespace {

constexpr const char* kDescription =
    "Watches for \"Address already in use\": who asked for which address, who held it\n"
    "at that instant, why the kernel refused, and what to do.";
constexpr const char* kTrace = "trace";
constexpr const char* kFilters =
    "Filters: whose failures are shown. Repeat an option, or use a list, for alternatives; all options must hold";
constexpr const char* kDestinations = "Destinations beside the output; what one could not take is counted";
constexpr const char* kDoctor = "doctor";
constexpr const char* kWho = "who";
constexpr const char* kReport = "report";
constexpr const char* kSchema = "schema";

constexpr const char* kFooter =
    "\nResults go to stdout (run: to stderr), messages to stderr. Ctrl-C stops and prints a tally.\n"
    "Exit status: 0 fine (who: free), 1 who: in use, and with --exit-code: conflicts, 2 wrong usage,\n"
    "3 a privilege is missing, 4 the kernel cannot do it, 5 internal error; run: that of its command.";

void define_filters(CLI::App& app, TypedFilter& typed) {
  const auto add = [&](const char* name, std::vector<std::string>& values, const char* help, const char* form) {
    // One value each time: what follows may be the command.
    app.add_option(name, values, help)->type_name(form)->allow_extra_args(false)->group(kFilters);
  };
  add("-p,--pid", typed.pids, "Of these processes, by their ids in the initial pid namespace: 812,813", "LIST");
  add("-n,--comm", typed.comms, "Of processes of this name (its first 15 bytes count)", "NAME");
  add("-u,--uid", typed.uids, "Of these users, by number or name: 33,www-data", "LIST");
  add("-P,--port", typed.ports, "For these ports: 80,8000-8010", "LIST");
  add("--proto", typed.protocols, "tcp, udp, udplite, icmp, mptcp, sctp, unix, netlink, vsock", "LIST");
  app.add_flag("-4", typed.ipv4, "For IPv4 addresses")->group(kFilters);
  app.add_flag("-6", typed.ipv6, "For IPv6 addresses")->group(kFilters);
  add("-c,--cgroup", typed.cgroups, "In this cgroup or below it: a name at any level, or a path from the root",
      "NAME|/PATH");
  add("--netns", typed.netns, "In this network namespace: inode number, name of ip netns, or path", "INODE|NAME|PATH");
  add("--unit", typed.units, "Of this unit of systemd, which need not exist yet: nginx", "NAME");
}

void define_destinations(CLI::App& app, Typed& typed) {
  const auto add = [&](const char* name, std::string& value, const char* help, const char* form) {
    app.add_option(name, value, help)->type_name(form)->group(kDestinations);
  };
  add("--log-file", typed.log_file, "Append the records to this file, as JSON Lines; SIGHUP opens it again", "PATH");
  add("--log-max-size", typed.log_max_size, "Rename the file to PATH.1 before it grows beyond this (10M; 0: never)",
      "BYTES");
  add("--log-keep", typed.log_keep, "How many such older files stay (5)", "N");
  app.add_flag("--journald", typed.journald, "To the journal, where they show in systemctl status of the victim's unit")
      ->group(kDestinations);
  add("--otlp", typed.otlp, "To an OpenTelemetry endpoint by HTTP: http://127.0.0.1:4318, or env", "URL");
  add("--metrics-file", typed.metrics_file, "Keep counters in this file, for the node_exporter's textfile collector",
      "PATH");
}

// Levenshtein's, in one row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (const char from : a) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (from == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

bool Command::takes(const CLI::Option& option) const {
  return std::find(options.begin(), options.end(), option.get_name()) != options.end();
}

const std::array<Command, 5>& commands_with_few_options() {
  static const std::array<Command, 5> commands{
      Command{
          kRun, Action::kRun, {"--json",         "--output",   "--color",     "--args", "--all-repeats",  "--log-file",
                               "--log-max-size", "--log-keep", "--journald",  "--otlp", "--metrics-file", "--exit-code",
                               "--no-bound-by",  "--attach",   "--ring-size", "--pid",  "--comm",         "--uid",
                               "--port",         "--proto",    "-4",          "-6",     "--cgroup",       "--netns",
                               "--unit",         "-v"}},
      Command{kDoctor, Action::kDoctor, {"--json", "--attach", "--no-bound-by", "-v"}},
      Command{kReport, Action::kReport, {"-v"}}, Command{kSchema, Action::kSchema, {}},
      Command{kWho, Action::kWho, {"--json", "--netns", "--args", "--color", "-v"}}};
  return commands;
}

void define(CLI::App& app, Typed& typed) {
  app.description(kDescription);
  app.name("bindtrace");
  app.set_help_flag("-h,--help", "Show this and end");
  app.add_flag("-j,--json", typed.json, "JSON Lines, the same as -o json");
  app.add_option("-o,--output", typed.output, "text, line or json (text on a terminal, else line)")->type_name("FORM");
  app.add_option("--color", typed.color, "auto, always or never (NO_COLOR is honoured)")->type_name("WHEN");
  app.add_flag("--args", typed.args,
               "Show command lines; a secret is hidden where its name says so (--password X, token=X, -p X, -u NAME:X, "
               "the user of a URL), and shown where nothing does (X alone, -a X, sh -c 'cmd --password X')");
  app.add_flag("--all-repeats", typed.all_repeats,
               "Show each failure; by default those that repeat one are counted, and summed up now and then");
  app.add_flag("--no-bound-by", typed.no_bound_by,
               "Do not record who makes each bind: cheaper, but only who has a socket is known then");
  app.add_option("--attach", typed.attach, "Where in the kernel to look: auto, fexit, kprobe or tracepoint")
      ->type_name("TIER");
  app.add_option("--ring-size", typed.ring_size, "Size of the ring buffer, a power of two: 256K, 4M")
      ->type_name("BYTES");
  app.add_option("-d,--duration", typed.duration, "Stop after this time: 30, 500ms, 10m, 2h")->type_name("TIME");
  app.add_option("--max-events", typed.max_events, "Stop after this many failures")->type_name("N");
  app.add_flag("--exit-code", typed.exit_code, "End with 1 if there was a conflict (run: unless its command failed)");
  app.add_option("--ready-fd", typed.ready_fd, "Write a byte to this descriptor once attached")->type_name("FD");
  app.add_flag("-v", typed.verbosity, "Say more on stderr; -vv says all");
  app.add_flag("--version", typed.version, "Show the version and end");
  app.add_option("--config", typed.config, "Take from this file what the command line does not say")->type_name("FILE");
  app.add_flag(
      "--check-config", typed.check_config,
      "Say whether the configuration is right, /etc/bindtrace/bindtrace.toml unless --config names one, and end");
  define_destinations(app, typed);
  define_filters(app, typed.filter);
  app.add_subcommand(kTrace, "Watch and explain until Ctrl-C (the default)")->fallthrough();
  app.add_subcommand(kRun,
                     "Run a command (run -- CMD ARG...), and explain what it and all that it starts could not bind")
      ->fallthrough();
  app.add_subcommand(kDoctor, "Say what this host allows: tier, cost, privileges, blind spots")->fallthrough();
  app.add_subcommand(kWho, "Say who has an address now, and whether a bind of it would succeed; binds nothing itself")
      ->fallthrough()
      ->add_option("TARGET", typed.target, "80, 80/udp, 127.0.0.1:80, [::1]:80, /run/app.sock or @abstract")
      ->required();
  app.add_subcommand(kSchema, "Print the JSON Schema of the records")->fallthrough();
  CLI::App* report = app.add_subcommand(kReport, "Say what happened, from recordings of bindtrace -j")->fallthrough();
  report->add_option("FILE", typed.recordings, "Recordings; - is stdin")->required();
  report->add_option("--html", typed.html_file, "Write a page with a timeline for each address to this file instead")
      ->type_name("FILE");
  for (const Command& command : commands_with_few_options()) {
    app.get_subcommand(command.name)
        ->footer(command.options.empty()
                     ? "It takes none of the options of bindtrace."
                     : fmt::format("Of the options of bindtrace it takes {}.", fmt::join(command.options, ", ")));
  }
  app.require_subcommand(0, 1);
  app.footer(kFooter);
}

std::string nearest_option(const CLI::App& app, std::string_view typed) {
  std::string best;
  std::size_t best_distance = 3;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (const std::size_t distance = edit_distance(typed, "--" + name); distance < best_distance) {
        best = "--" + name;
        best_distance = distance;
      }
    }
  }
  return best;
}

}  // namespace bindtrace
