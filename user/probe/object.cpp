// SPDX-License-Identifier: Apache-2.0
#include "probe/object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "probe/iterator.h"

namespace bindtrace {
namespace {

constexpr const char* kWhoami = "whoami";
constexpr const char* kSearch = "search_files";
constexpr const char* kWalk = "walk_port";
constexpr const char* kSeed = "seed_binders";
constexpr const char* kSignals = "note_signals";
constexpr const char* kEntered = "bt_entered";
constexpr const char* kBinders = "bt_binders";
constexpr const char* kStops = "bt_stops";

constexpr unsigned kSignalArguments = 5;  // of signal_generate: (signal, info, task, group, result)

// libbpf returns negative errno values.
tl::unexpected<Error> refused(int negative_errno, const std::string& doing) {
  auto error = fail_errno(-negative_errno, doing);
  if (negative_errno == -EPERM) {
    error.value().kind = ErrorKind::kPrivilege;
  }
  return error;
}

// Kprobes are made by perf_event_open(2). Debian's kernels add the level 3 to perf_event_paranoid, and start with it:
// "no unprivileged use", for which CAP_PERFMON is not enough.
tl::unexpected<Error> cannot_attach(const bpf_program* program, int os_error) {
  const std::string_view place = bpf_program__section_name(program);  // as in "kprobe/__sys_bind"
  if (os_error == ENOENT && bpf_program__type(program) == BPF_PROG_TYPE_KPROBE) {
    const std::string function(place.substr(place.find('/') + 1));
    return fail(ErrorKind::kUnsupported, "this kernel has no function " + function + " to set a kprobe on");
  }
  if (os_error == EACCES) {
    return fail(ErrorKind::kPrivilege,
                "perf_event_open(2) is not allowed: it needs CAP_PERFMON, and CAP_SYS_ADMIN where "
                "kernel.perf_event_paranoid is above 2");
  }
  return refused(-os_error, "attach to " + std::string(place));
}

std::uint64_t tick_ns() {
  timespec resolution{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);  // one jiffy
  return static_cast<std::uint64_t>(resolution.tv_nsec);
}

Result<void> configure(bpf_object* object, const Object::Settings& settings) {
  if (int error = bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "bt_ring"), settings.ring_bytes)) {
    return refused(error, "set the ring's size");
  }
  const bt_config config{
      .tick_ns = tick_ns(), .preemptible = settings.preemptible ? 1U : 0U, .bound_by = settings.bound_by ? 1U : 0U};
  bpf_map* map = bpf_object__find_map_by_name(object, ".rodata.config");
  if (int error = bpf_map__set_initial_value(map, &config, sizeof config)) {
    return refused(error, "set the programs' configuration");
  }
  bpf_map* filter = bpf_object__find_map_by_name(object, ".rodata.filter");
  if (int error = settings.filter.empty()
                      ? 0
                      : bpf_map__set_initial_value(filter, settings.filter.data(), settings.filter.size())) {
    return refused(error, "set the programs' filters");
  }
  return {};
}

void select_programs(bpf_object* object, std::span<const char* const> programs) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const std::string_view name = bpf_program__name(program);
    bpf_program__set_autoload(program, std::find(programs.begin(), programs.end(), name) != programs.end());
  }
}

}  // namespace

Variant variant_of_this_kernel() {
  const int has_loop = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, nullptr);
  return has_loop == 1 ? Variant::kLoop : Variant::kBounded;
}

void Object::FreeObject::operator()(bpf_object* object) const {
  bpf_object__close(object);
}
void Object::FreeLink::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}
Object::Object(std::vector<const char*> programs, bpf_object* object)
    : programs_(std::move(programs)), object_(object) {}
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() {
  detach();
}

Result<Object> Object::open(Variant variant, std::vector<const char*> programs) {
  const auto elf = embedded_object(variant);
  if (!elf) {
    return tl::unexpected(elf.error());
  }
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "bindtrace");
  bpf_object* opened = bpf_object__open_mem(elf->data(), elf->size(), &options);
  if (opened == nullptr) {
    return refused(-errno, "open the BPF object");
  }
  return Object(std::move(programs), opened);
}

// The tier's programs and more.
Result<void> Object::load_with(const std::vector<const char*>& more) {
  std::vector<const char*> wanted = programs_;
  wanted.insert(wanted.end(), more.begin(), more.end());
  select_programs(object_.get(), wanted);
  if (int error = bpf_object__load(object_.get())) {
    return refused(error, "load the BPF programs");
  }
  return {};
}

Result<Object> Object::load(Tier tier, const Settings& settings) {
  const auto kernel = KernelTypes::load();
  if (!kernel) {
    return tl::unexpected(kernel.error());
  }
  auto object = open(settings.variant, programs_of(tier, settings.preemptible, *kernel));
  if (!object) {
    return object;
  }
  bpf_object* opened = object->object_.get();
  if (auto done = configure(opened, settings); !done) {
    return tl::unexpected(done.error());
  }
  bpf_map__set_autocreate(bpf_object__find_map_by_name(opened, kEntered), tier == Tier::kKprobe);
  bpf_map__set_autocreate(bpf_object__find_map_by_name(opened, kBinders), settings.bound_by);
  object->ending_hooks_ = ending_hooks_of(tier, *kernel);
  object->endings_attach_once_ = tier == Tier::kFexit && settings.variant == Variant::kBounded;
  std::vector<const char*> more{kWhoami, kSearch, kWalk};
  for (const EndingHook& hook : object->ending_hooks_) {
    more.push_back(hook.program);
  }
  if (settings.bound_by) {
    more.push_back(kSeed);
  }
  if (kernel->tracepoint_arguments("signal_generate") == kSignalArguments) {
    more.push_back(kSignals);
  }
  if (auto done = object->load_with(more); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = object->open_records(settings.bound_by); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = object->map_memory(); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = object->learn_own_tgid(); !done) {
    return tl::unexpected(done.error());
  }
  return object;
}

Result<Object> Object::load_to_ask(Variant variant) {
  auto object = open(variant, {});
  if (object) {
    if (auto done = object->load_with({kWhoami, kWalk, kSearch}); !done) {
      return tl::unexpected(done.error());
    }
    if (auto done = object->map_memory(); !done) {
      return tl::unexpected(done.error());
    }
    if (auto done = object->learn_own_tgid(); !done) {
      return tl::unexpected(done.error());
    }
  }
  return object;
}

Result<void> Object::open_records(bool bound_by) {
  if (bound_by) {
    auto binders = Records::of(object_.get(), kBinders, offsetof(bt_binder, busy));
    if (!binders) {
      return tl::unexpected(binders.error());
    }
    binders_ = *std::move(binders);
  }
  auto stops = Records::of(object_.get(), kStops, offsetof(bt_stop, busy));
  if (!stops) {
    return tl::unexpected(stops.error());
  }
  stops_ = *std::move(stops);
  return {};
}

Result<void> Object::map_memory() {
  for (const auto& [name, memory] :
       {std::pair{".data.live", &live_memory_}, std::pair{".data.query", &query_memory_},
        std::pair{".data.answer", &answer_memory_}, std::pair{".data.watch", &watch_memory_}}) {
    auto mapped = MapMemory::of(bpf_object__find_map_by_name(object_.get(), name), MapMemory::Access::kWrite);
    if (!mapped) {
      return tl::unexpected(mapped.error());
    }
    *memory = *std::move(mapped);
  }
  return {};
}

// getpid() is of our own pid namespace; the programs see the initial one.
Result<void> Object::learn_own_tgid() {
  const int program = bpf_program__fd(bpf_object__find_program_by_name(object_.get(), kWhoami));
  LIBBPF_OPTS(bpf_test_run_opts, options);
  if (int error = bpf_prog_test_run_opts(program, &options)) {
    return refused(error, "run a BPF program");
  }
  return {};
}

Result<void> Object::attach() {
  for (const char* name : programs_) {
    const bpf_program* program = bpf_object__find_program_by_name(object_.get(), name);
    bpf_link* link = bpf_program__attach(program);
    if (link == nullptr) {
      return cannot_attach(program, errno);
    }
    links_.emplace_back(link);
  }
  attach_signals();
  __atomic_store_n(&live().counters.unpaired, 0, __ATOMIC_RELAXED);  // while half of a pair was attached
  return {};
}

// Without it a failure's story has one clause less.
void Object::attach_signals() {
  const bpf_program* program = bpf_object__find_program_by_name(object_.get(), kSignals);
  if (!bpf_program__autoload(program)) {
    return;  // the kernel has no such tracepoint as it knows
  }
  if (bpf_link* link = bpf_program__attach(program); link != nullptr) {
    links_.emplace_back(link);
    sees_signals_ = true;
  } else {
    spdlog::warn("{}: who was told to stop stays unknown", cannot_attach(program, errno).value().message);
  }
}

Result<void> Object::seed_binders() const {
  if (!binders_) {
    return {};
  }
  const auto done = run_iterator(bpf_program__fd(bpf_object__find_program_by_name(object_.get(), kSeed)));
  return done ? Result<void>{} : Result<void>(tl::unexpected(done.error()));
}

std::optional<std::vector<std::byte>> Object::binder_of(std::uint64_t inode) const {
  return binders_ ? binders_->find(inode) : std::nullopt;
}

std::optional<std::vector<std::byte>> Object::stop_of(std::uint32_t tgid) const {
  return sees_signals_ ? stops_->find(tgid) : std::nullopt;
}

std::vector<Ending> Object::attach_ending_hooks() {
  if (!ending_links_.empty()) {
    return endings_told_;
  }
  endings_told_.clear();
  for (const EndingHook& hook : ending_hooks_) {
    const bpf_program* program = bpf_object__find_program_by_name(object_.get(), hook.program);
    bpf_link* link = bpf_program__attach(program);
    if (link == nullptr) {
      spdlog::debug("{}: it is looked for instead", cannot_attach(program, errno).value().message);
      continue;
    }
    ending_links_.emplace_back(link);
    endings_told_.push_back(hook.of);
  }
  return endings_told_;
}

void Object::detach_ending_hooks() {
  if (!endings_attach_once_) {
    ending_links_.clear();
  }
}

void Object::detach() {
  ending_links_.clear();
  if (links_.empty()) {
    return;
  }
  const __u64 unpaired = __atomic_load_n(&live().counters.unpaired, __ATOMIC_RELAXED);
  while (!links_.empty()) {
    links_.pop_back();
  }
  // Not what was counted while half of a pair was detached, but entries that never found their return.
  __atomic_store_n(&live().counters.unpaired, unpaired + calls_without_return(), __ATOMIC_RELAXED);
}

std::uint64_t Object::calls_without_return() const {
  const int map = bpf_map__fd(bpf_object__find_map_by_name(object_.get(), kEntered));
  std::uint64_t count = 0;
  std::array<__u64, 2> key{};  // struct bt_entered_key
  while (bpf_map_get_next_key(map, count == 0 ? nullptr : key.data(), key.data()) == 0) {
    count++;
  }
  return count;
}

int Object::ring_fd() const {
  return bpf_map__fd(bpf_object__find_map_by_name(object_.get(), "bt_ring"));
}

int Object::search_fd() const {
  return bpf_program__fd(bpf_object__find_program_by_name(object_.get(), kSearch));
}

int Object::walk_fd() const {
  return bpf_program__fd(bpf_object__find_program_by_name(object_.get(), kWalk));
}

std::uint32_t Object::own_tgid() const {
  return live().self_tgid;
}

bt_counters Object::counters() const {
  bt_counters copy{};
  const auto read = [](const __u64& counter) { return __atomic_load_n(&counter, __ATOMIC_RELAXED); };
  copy.attempted = read(live().counters.attempted);
  copy.lost_ring = read(live().counters.lost_ring);
  copy.lost_map = read(live().counters.lost_map);
  copy.suppressed = read(live().counters.suppressed);
  copy.scans_skipped = read(live().counters.scans_skipped);
  copy.scans_lost = read(live().counters.scans_lost);
  copy.filtered = read(live().counters.filtered);
  return copy;
}

std::uint64_t Object::missed() const {
  std::uint64_t sum = __atomic_load_n(&live().counters.unpaired, __ATOMIC_RELAXED);
  for (const char* name : programs_) {
    bpf_prog_info info{};
    __u32 size = sizeof info;
    const int program = bpf_program__fd(bpf_object__find_program_by_name(object_.get(), name));
    if (bpf_obj_get_info_by_fd(program, &info, &size) == 0) {
      sum += info.recursion_misses;
    }
  }
  return sum;
}

}  // namespace bindtrace
