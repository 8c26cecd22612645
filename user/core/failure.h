// SPDX-License-Identifier: Apache-2.0
// A bind or listen that failed with EADDRINUSE, as the kernel side saw it: decoded values only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/endpoint.h"
#include "core/socket_state.h"

namespace bindtrace {

// The same in all records of one failure and in no other.
struct EventKey {
  std::uint64_t ktime_ns = 0;  // CLOCK_BOOTTIME
  std::uint64_t pid_tgid = 0;

  friend bool operator==(const EventKey&, const EventKey&) = default;
  friend bool operator<(const EventKey& a, const EventKey& b) {
    return std::tie(a.ktime_ns, a.pid_tgid) < std::tie(b.ktime_ns, b.pid_tgid);
  }
};

struct Head {
  EventKey key;
  std::uint32_t cpu = 0;
};

// A name that the kernel side may have had to cut to fit its record.
struct Name {
  std::string text;
  bool cut = false;

  friend bool operator==(const Name&, const Name&) = default;
};

// A file, as far as it can be told without its path.
struct FileId {
  std::uint64_t inode = 0;
  std::uint32_t device = 0;  // the kernel's dev_t: major << 20 | minor

  friend bool operator==(const FileId&, const FileId&) = default;
};

// A process at the moment of the failure; pids are of the initial namespace.
struct Task {
  std::uint32_t pid = 0;
  std::uint64_t start_boottime_ns = 0;  // with pid, its identity
  std::uint32_t uid = 0;                // effective
  std::optional<std::uint32_t> parent_pid;
  std::optional<std::uint64_t> cgroup_id;
  std::optional<FileId> executable;
  std::string comm;
  std::string parent_comm;
  Name executable_name;            // last component of the path; empty: none
  std::vector<Name> cgroup_names;  // the leaf first, without the root; at most kCgroupLevels
  bool exiting = false;
  bool kernel_thread = false;
  std::string arguments;       // of a victim: the first bytes of what /proc/PID/cmdline shows; empty: not known
  bool arguments_cut = false;  // there are more
};

// With fewer names than this the whole path is known.
inline constexpr std::size_t kCgroupLevels = 4;

enum class Operation { kBind, kListen };
enum class Entry { kUnknown, kSyscall, kCompat, kIoUring, kKernel };
enum class AddressSource { kKernel, kUser };

struct SocketOptions {
  bool reuseaddr = false;
  bool reuseport = false;
  std::optional<bool> v6only = false;   // absent: cannot be told, see the request's decoder
  std::optional<std::uint32_t> device;  // interface index; absent: any interface
};

// What was asked for.
struct Request {
  Endpoint endpoint;  // address and port absent where the caller's sockaddr could not be read
  Operation operation = Operation::kBind;
  Entry entry = Entry::kUnknown;
  AddressSource address_source = AddressSource::kKernel;
  SocketOptions options;
  std::optional<std::uint64_t> inode;  // of the victim's socket
  std::uint32_t netns = 0;             // inode number of the network namespace
  std::uint32_t uid = 0;               // of the socket
  std::uint32_t mount_ns = 0;          // inode number of the victim's mount namespace
  FileId root;                         // of its root directory
  std::vector<std::byte> wire;         // the record's bytes: a search for its address is asked with them
};

// What the bind bucket remembers of its sockets; TCP's answer depends on it.
struct Bucket {
  std::int32_t fastreuse = 0;
  std::int32_t fastreuseport = 0;
  std::uint32_t fastuid = 0;
  bool fast_v6only = false;
  std::optional<IpAddress> fast_address;
};

// A socket on the port that was asked for.
struct HolderSocket {
  SocketState state = SocketState::kUnknown;
  Endpoint local;
  std::optional<Endpoint> peer;
  SocketOptions options;
  std::optional<std::uint64_t> inode;              // absent for an orphan or TIME_WAIT
  std::optional<std::uint64_t> cgroup_id;          // of its creator
  std::optional<std::uint32_t> uid;                // absent for TIME_WAIT
  std::optional<std::uint32_t> time_wait_ms_left;  // until the kernel drops it: TIME_WAIT, FIN_WAIT2
  bool orphan = false;                             // no process can have it: closed, or not accepted yet
  bool kernel_socket = false;                      // a struct socket without a file
  bool time_wait = false;
  bool connection = false;  // ESTABLISHED, and not of datagrams; told only of sockets found without a bind table
  bool overlaps = false;    // address and device overlap the request: only such a socket can block
};

struct StateCount {
  SocketState state = SocketState::kUnknown;
  std::uint32_t count = 0;
};

enum class ScanStatus {
  kNotAsked,   // the kernel side looked for no owners
  kComplete,   // every process was looked at
  kTruncated,  // the slot or step limit came first
  kSkipped,    // over the rate limit: nothing was looked at
  kMissed,     // the scan's record did not arrive
};

// How the search for the owners of the blocking sockets went.
struct Scan {
  Head head;
  ScanStatus status = ScanStatus::kNotAsked;
  std::vector<std::uint64_t> inodes;  // the sockets looked for
  std::uint64_t end_ktime_ns = 0;
  std::uint32_t tasks = 0;
  std::uint32_t slots = 0;
  std::uint32_t owners_found = 0;
  std::uint32_t owners_sent = 0;
};

struct OwnedSocket {
  std::uint64_t inode = 0;
  std::vector<std::uint32_t> fds;
};

// A process that was seen with one of the sockets looked for during the failing call.
struct Owner {
  Head head;
  Task task;
  std::vector<OwnedSocket> sockets;
};

struct Failure {
  Head head;
  Task victim;
  std::uint32_t tid = 0;
  Request request;
  std::optional<Bucket> bucket;
  std::vector<HolderSocket> sockets;  // a sample by class when sockets_cut
  std::uint32_t socket_count = 0;     // all on the port, the victim's own left out
  std::vector<StateCount> by_state;   // the same by state; only states that occur
  bool walked = false;                // the protocol's bind table was looked at
  bool walk_truncated = false;        // the step limit came first
  bool sockets_cut = false;           // more sockets than the record holds
  bool scan_follows = false;
  bool probing = false;     // the thread tries one port after another: no owners were looked for
  bool self_check = false;  // our own probe of the hooks: never shown, never counted
  Scan scan;
  std::vector<Owner> owners;
};

// How many sockets are on the port, where all of them were seen and are in that state; 0: others are there, or may be.
std::uint32_t count_if_all_are(const Failure& failure, SocketState state);

// Processes that the scan found with the sockets and whose records are not here: it sends a few, and the ring may be
// full.
std::size_t owners_without_record(const Failure& failure);

std::string_view to_string(Operation operation);
std::string_view to_string(Entry entry);
std::string_view to_string(AddressSource source);

}  // namespace bindtrace
