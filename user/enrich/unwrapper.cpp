// SPDX-License-Identifier: Apache-2.0
#include "enrich/unwrapper.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "enrich/container_finder.h"
#include "enrich/proc_text.h"
#include "enrich/proxy_arguments.h"
#include "enrich/served_namespace.h"

namespace bindtrace {
namespace {

constexpr std::size_t kMostKnown = 256;

std::vector<std::string> argv_of(const ProcDir& dir) {
  const auto text = dir.read_file("cmdline");
  return text ? parse_cmdline(*text, text->size() == ProcDir::kSmallFile) : std::vector<std::string>{};
}

// The first process of a pid namespace manages what is there. Absent: no manager, another tool of that name.
std::optional<ManagerOf> manager_of(const Process& process, const std::vector<std::string>& argv) {
  if (process.pid == 1 || process.vpid == 1U) {
    return ManagerOf::kSystem;
  }
  const bool of_user = std::find(argv.begin(), argv.end(), "--user") != argv.end();
  return of_user ? std::optional(ManagerOf::kUser) : std::nullopt;
}

// A manager's sockets with a peer are its own business.
bool takes_traffic(const HolderSocket& socket) {
  const bool closed = socket.state == SocketState::kClose || socket.state == SocketState::kBoundInactive;
  return socket.state == SocketState::kListen || (closed && !is_connection_oriented(socket.local.transport));
}

void put(const FoundContainer& container, OnBehalf& on_behalf) {
  on_behalf.container_id = container.id;
  if (container.runtime) {
    on_behalf.container_runtime = container.runtime;
  }
  if (!container.alone) {
    on_behalf.doubt = "several containers share that network namespace; this one was there first";
  }
}

}  // namespace

Unwrapper::Unwrapper(const Options& options, const ProcessReader& processes)
    : proc_root_(options.proc_root),
      cgroup_root_(options.cgroup_root),
      processes_(processes),
      budget_(options.clocks, options.divisor, options.limit_ns) {}

std::optional<OnBehalf> Unwrapper::unwrap(const Holder& holder) {
  if (!holder.process) {
    return std::nullopt;
  }
  const Process& process = *holder.process;
  const auto stand_in = stand_in_of(process.program.name, process.comm);
  if (!stand_in || (*stand_in == StandIn::kSystemd && !takes_traffic(holder.socket))) {
    return std::nullopt;
  }
  const Key key{process.pid, process.start_boottime_ns, holder.socket.inode.value_or(0)};
  if (const auto known = known_.find(key); known != known_.end()) {
    return known->second;
  }
  const auto dir = processes_.open(process.pid, process.start_boottime_ns);
  const auto manager = *stand_in != StandIn::kSystemd
                           ? std::optional(ManagerOf::kSystem)
                           : manager_of(process, dir ? argv_of(*dir) : std::vector<std::string>{});
  if (!manager) {
    return std::nullopt;
  }
  OnBehalf on_behalf{.stand_in = *stand_in};
  if (!dir) {
    on_behalf.doubt = fmt::format("{} could not be looked at any more", label(process));
    return on_behalf;
  }
  if (budget_.spent()) {
    on_behalf.doubt = "too many failures at once: it was not looked for";
    return on_behalf;
  }
  on_behalf = budget_.pay_for([&] { return look(holder, *dir, *stand_in, *manager); });
  if (process.uid != 0 && !on_behalf.doubt) {
    on_behalf.doubt = fmt::format("{} is not root's: that it is what it says is not established", label(process));
  }
  if (on_behalf.unit || on_behalf.container_id) {
    if (known_.size() >= kMostKnown) {
      known_.clear();
    }
    known_.emplace(key, on_behalf);
  }
  return on_behalf;
}

OnBehalf Unwrapper::look(const Holder& holder, const ProcDir& dir, StandIn stand_in, ManagerOf manager) const {
  if (stand_in == StandIn::kSystemd) {
    return find_socket_unit(holder, dir, manager, cgroup_root_);
  }
  OnBehalf on_behalf{.stand_in = stand_in};
  look_for_published_port(holder, dir, on_behalf);
  return on_behalf;
}

void Unwrapper::look_for_published_port(const Holder& holder, const ProcDir& dir, OnBehalf& on_behalf) const {
  const std::vector<std::string> argv = argv_of(dir);
  if (on_behalf.stand_in == StandIn::kConmon) {
    ConmonArguments arguments = parse_conmon(argv);
    on_behalf.container_id = std::move(arguments.container_id);
    on_behalf.container_name = std::move(arguments.container_name);
    on_behalf.container_runtime = std::move(arguments.runtime);
    if (on_behalf.container_id) {
      on_behalf.evidence.push_back(fmt::format("the command line of {} names the container", label(*holder.process)));
    } else {
      on_behalf.doubt = fmt::format("the command line of {} names no container", label(*holder.process));
    }
  } else if (on_behalf.stand_in == StandIn::kDockerProxy) {
    look_behind_docker_proxy(dir, argv, on_behalf);
  } else {
    look_behind_namespace(holder, dir, on_behalf);
  }
}

void Unwrapper::look_behind_docker_proxy(const ProcDir& dir, const std::vector<std::string>& argv,
                                         OnBehalf& on_behalf) const {
  on_behalf.container_runtime = "docker";
  const auto target = parse_docker_proxy(argv);
  const auto own = netns_of(dir);
  if (!target || !own) {
    on_behalf.doubt = "its command line names no container's address";
    return;
  }
  on_behalf.address = to_string(target->address, target->port);
  const auto containers = ContainerFinder(proc_root_).with_address(target->address, *own);
  if (containers.size() == 1) {
    on_behalf.evidence.push_back(
        fmt::format("docker-proxy forwards to {}, an address of that container", *on_behalf.address));
    put(containers.front(), on_behalf);
  } else {
    on_behalf.doubt = fmt::format("{} the address {} that it forwards to",
                                  containers.empty() ? "no container was found that has" : "several containers have",
                                  to_string(target->address));
  }
}

void Unwrapper::look_behind_namespace(const Holder& holder, const ProcDir& dir, OnBehalf& on_behalf) const {
  const auto netns = served_namespace(proc_root_, holder.process->pid, dir, on_behalf.stand_in);
  if (!netns) {
    on_behalf.doubt = "the network namespace that it forwards to could not be told";
    return;
  }
  const auto container = ContainerFinder(proc_root_).in_namespace(*netns);
  if (!container) {
    on_behalf.doubt = "no process of a container was found in the network namespace that it forwards to";
    return;
  }
  on_behalf.evidence.push_back(
      fmt::format("{} forwards to the network namespace of that container", label(*holder.process)));
  put(*container, on_behalf);
}

}  // namespace bindtrace
