// SPDX-License-Identifier: Apache-2.0
#include "sink/json_fields.h"

#include <algorithm>

#include "base/escape.h"

namespace bindtrace {
namespace {

constexpr std::uint64_t kNsPerUs = 1000;

template <typename Number>
Json json_number(const std::optional<Number>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json start_time(const Process& process, const BootClock& clock) {
  return process.start_boottime_ns == 0 ? Json(nullptr) : Json(rfc3339_utc(clock.unix_ns(process.start_boottime_ns)));
}

Json address_json(const std::optional<IpAddress>& address) {
  return address ? Json(to_string(*address)) : Json(nullptr);
}

Json transport_json(Transport transport) {
  return transport == Transport::kUnknown ? Json(nullptr) : Json(to_string(transport));
}

Json bound_by_json(const std::optional<BoundBy>& binder) {
  Json object;
  object["pid"] = binder ? Json(binder->pid) : Json(nullptr);
  object["comm"] = binder ? json_text(binder->comm) : Json(nullptr);
  object["alive"] = binder && binder->alive ? Json(*binder->alive) : Json(nullptr);
  object["ms_ago"] = binder ? json_number(binder->ms_ago) : Json(nullptr);
  return object;
}

Json on_behalf_of_json(const std::optional<OnBehalf>& on_behalf) {
  const bool known = on_behalf.has_value();
  Json object;
  object["unit"] = known ? json_text(on_behalf->unit) : Json(nullptr);
  object["container_id"] = known ? json_text(on_behalf->container_id) : Json(nullptr);
  object["container_name"] = known ? json_text(on_behalf->container_name) : Json(nullptr);
  object["container_runtime"] = known ? json_text(on_behalf->container_runtime) : Json(nullptr);
  object["proxy"] = known ? Json(to_string(on_behalf->stand_in)) : Json(nullptr);
  object["address"] = known ? json_text(on_behalf->address) : Json(nullptr);
  return object;
}

Json local_address(const Endpoint& endpoint) {
  return endpoint.name ? json_text(*endpoint.name) : address_json(endpoint.address);
}

Json socket_json(const Holder& holder) {
  const HolderSocket& socket = holder.socket;
  Json object;
  object["inode"] = json_number(socket.inode);
  object["state"] = socket.state == SocketState::kUnknown ? Json(nullptr) : Json(to_string(socket.state));
  object["address"] = local_address(socket.local);
  object["port"] = json_number(socket.local.port);
  object["peer"] = socket.peer ? Json(to_string(socket.peer->address, socket.peer->port)) : Json(nullptr);
  object["reuseaddr"] = socket.options.reuseaddr;
  object["reuseport"] = socket.options.reuseport;
  object["v6only"] = json_number(socket.options.v6only);
  object["blocking"] = json_number(holder.blocking);
  object["rule"] = json_text(holder.rule);
  object["time_wait_ms_left"] = json_number(socket.time_wait_ms_left);
  return object;
}

// Null where the port's table was not looked at: an empty count would say "nobody".
Json sockets_on_port(const Failure& failure) {
  if (!failure.walked) {
    return nullptr;
  }
  Json object;
  object["total"] = failure.socket_count;
  object["by_state"] = Json::object();
  for (const StateCount& entry : failure.by_state) {
    object["by_state"][std::string(to_string(entry.state))] = entry.count;
  }
  object["truncated"] = failure.walk_truncated;
  return object;
}

// Null where the kernel side did not look, or what it saw did not arrive.
Json owners_found(const Scan& scan) {
  const bool looked = scan.status == ScanStatus::kComplete || scan.status == ScanStatus::kTruncated;
  return looked ? Json(scan.owners_found) : Json(nullptr);
}

// Null where nobody looked.
void add_lineage(const std::optional<Lineage>& lineage, Json& object) {
  object["ancestors"] = lineage ? Json::array() : Json(nullptr);
  object["ancestors_cut"] = lineage ? json_text(lineage->cut) : Json(nullptr);
  if (!lineage) {
    return;
  }
  for (const Ancestor& ancestor : lineage->ancestors) {
    object["ancestors"].push_back({{"pid", ancestor.pid}, {"comm", json_text(ancestor.comm)}});
  }
}

// What every holder has of a process, null where there is none.
Json process_json(const Process* process, const BootClock& clock) {
  Json object;
  const bool known = process != nullptr;
  object["pid"] = known ? Json(process->pid) : Json(nullptr);
  object["comm"] = known ? json_text(process->comm) : Json(nullptr);
  object["alive"] = known && process->alive ? Json(*process->alive) : Json(nullptr);
  object["fds"] = Json::array();
  object["executable"] = known ? json_text(process->program.path) : Json(nullptr);
  object["program"] = known ? json_text(shown_program(process->program)) : Json(nullptr);
  object["command_line"] = known ? json_text(process->command_line) : Json(nullptr);
  object["parent_pid"] = known ? json_number(process->parent_pid) : Json(nullptr);
  add_lineage(known ? process->lineage : std::nullopt, object);
  object["vpid"] = known ? json_number(process->vpid) : Json(nullptr);
  object["user_id"] = known ? Json(process->uid) : Json(nullptr);
  object["user_name"] = known ? json_text(process->user) : Json(nullptr);
  object["start_time"] = known ? start_time(*process, clock) : Json(nullptr);
  object["unit"] = known ? json_text(process->place.unit) : Json(nullptr);
  object["container_id"] = known ? json_text(process->place.container_id) : Json(nullptr);
  return object;
}

Json holder_json(const Holder& holder, const BootClock& clock) {
  Json object = process_json(holder.process ? &*holder.process : nullptr, clock);
  object["fds"] = Json(holder.fds);
  object["bound_by"] = bound_by_json(holder.bound_by);
  object["on_behalf_of"] = on_behalf_of_json(holder.on_behalf);
  object["source"] = holder.source ? Json(to_string(*holder.source)) : Json(nullptr);
  object["seen_after_us"] = holder.seen_after_ns ? Json(*holder.seen_after_ns / kNsPerUs) : Json(nullptr);
  object["closed_since"] = json_number(holder.closed_since);
  object["socket"] = socket_json(holder);
  return object;
}

}  // namespace

Json json_text(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(sanitize_utf8(text));
}

Json json_text(const std::optional<std::string>& text) {
  return text ? json_text(*text) : Json(nullptr);
}

void add_network(const Endpoint& wanted, Json& record) {
  Json& network = record["network"];
  network["transport"] = transport_json(wanted.transport);
  network["type"] = wanted.address ? Json(to_string(wanted.address->family)) : Json(nullptr);
  network["local"]["address"] = local_address(wanted);
  network["local"]["port"] = json_number(wanted.port);
}

void add_process(const Process& of, const BootClock& clock, Json& record) {
  Json& process = record["process"];
  process["pid"] = of.pid;
  process["thread"]["id"] = nullptr;
  process["executable"]["name"] = json_text(of.comm);
  process["executable"]["path"] = json_text(of.program.path);
  process["command_line"] = json_text(of.command_line);
  process["parent_pid"] = json_number(of.parent_pid);
  add_lineage(of.lineage, process);
  process["creation"]["time"] = start_time(of, clock);
  process["user"]["id"] = of.uid;
  process["user"]["name"] = json_text(of.user);
  process["linux"]["cgroup"] = json_text(of.cgroup);
  process["vpid"] = json_number(of.vpid);
  process["program"] = json_text(shown_program(of.program));
  Json& container = record["container"];
  container["id"] = json_text(of.place.container_id);
  container["name"] = nullptr;
  container["runtime"] = json_text(of.place.container_runtime);
  record["k8s"]["pod"]["uid"] = json_text(of.place.pod_uid);
}

void add_victim(const Incident& incident, Json& record) {
  add_process(incident.victim, incident.clock, record);
  if (incident.failure.tid != 0) {
    record["process"]["thread"]["id"] = incident.failure.tid;
  }
}

void add_request(const Incident& incident, Json& own) {
  const Request& request = incident.failure.request;
  own["operation"] = to_string(request.operation);
  own["entry"] = request.entry == Entry::kUnknown ? Json(nullptr) : Json(to_string(request.entry));
  own["tier"] = json_text(incident.tier);
  own["address_source"] = to_string(request.address_source);
  own["unit"] = json_text(incident.victim.place.unit);
  own["netns"] = request.netns == 0 ? Json(nullptr) : Json(request.netns);
  own["netns_name"] = json_text(incident.netns_name);
  Json& socket = own["socket"];
  socket["reuseaddr"] = request.options.reuseaddr;
  socket["reuseport"] = request.options.reuseport;
  socket["v6only"] = json_number(request.options.v6only);
  socket["device"] = json_number(request.options.device);
  socket["inode"] = json_number(request.inode);
  own["sockets_on_port"] = sockets_on_port(incident.failure);
  own["owners_found"] = owners_found(incident.failure.scan);
}

void add_holders(const Incident& incident, Json& own) {
  own["holder_status"] = to_string(incident.holder_status);
  own["holder_reason"] = json_text(incident.holder_reason);
  own["holders"] = Json::array();
  for (const Holder& holder : incident.holders) {
    own["holders"].push_back(holder_json(holder, incident.clock));
  }
}

const Json* main_holder(const Json& own) {
  const auto holders = own.find("holders");
  if (holders == own.end() || holders->empty()) {
    return nullptr;
  }
  const auto blocking = std::find_if(holders->begin(), holders->end(),
                                     [](const Json& holder) { return holder.at("socket").at("blocking") == true; });
  return blocking != holders->end() ? &*blocking : &holders->front();
}

void add_stop(const Diagnosis& diagnosis, Json& own) {
  const auto& told = diagnosis.told_to_stop;
  const bool has_sender = told && told->stop.sender;
  Json& stop = own["stop"];
  stop["pid"] = told ? Json(told->pid) : Json(nullptr);
  stop["signal"] = told ? Json(signal_name(told->stop.signal)) : Json(nullptr);
  stop["ms_ago"] = told ? Json(told->stop.ms_ago) : Json(nullptr);
  stop["ignored"] = told ? Json(told->stop.ignored) : Json(nullptr);
  stop["sender"]["pid"] = has_sender ? Json(told->stop.sender->pid) : Json(nullptr);
  stop["sender"]["comm"] = has_sender ? json_text(told->stop.sender->comm) : Json(nullptr);
}

void add_host(const HostFacts* host, Json& record) {
  const bool known = host != nullptr;
  record["host"]["name"] = known ? json_text(host->name) : Json(nullptr);
  record["host"]["id"] = known ? json_text(host->id) : Json(nullptr);
  record["os"]["version"] = known ? json_text(host->os_version) : Json(nullptr);
  record["service"]["version"] = known ? json_text(host->service_version) : Json(nullptr);
  record["bindtrace"]["boot_id"] = known ? json_text(host->boot_id) : Json(nullptr);
}

}  // namespace bindtrace
