// SPDX-License-Identifier: Apache-2.0
#include "core/incident.h"

#include <fmt/format.h>

namespace bindtrace {

std::string_view to_string(HolderSource source) {
  switch (source) {
    case HolderSource::kKernelAtFailure:
      return "kernel_at_failure";
    case HolderSource::kProcfs:
      return "procfs";
    case HolderSource::kIterator:
      break;
  }
  return "iterator";
}

std::string_view to_string(HolderStatus status) {
  switch (status) {
    case HolderStatus::kFound:
      return "found";
    case HolderStatus::kGone:
      return "gone";
    case HolderStatus::kChanged:
      return "changed";
    case HolderStatus::kKernel:
      return "kernel";
    case HolderStatus::kNone:
      return "none";
    case HolderStatus::kSkipped:
      break;
  }
  return "skipped";
}

std::string_view to_string(PathFile file) {
  switch (file) {
    case PathFile::kSocket:
      return "a socket file";
    case PathFile::kRegular:
      return "a regular file";
    case PathFile::kDirectory:
      return "a directory";
    case PathFile::kSymbolicLink:
      return "a symbolic link";
    case PathFile::kOther:
      return "a file that is no socket";
    case PathFile::kNothing:
      break;
  }
  return "nothing";
}

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::kConfigTest:
      return "config_test";
    case Cause::kPortProbe:
      return "port_probe";
    case Cause::kPortsExhausted:
      return "ports_exhausted";
    case Cause::kStaleSocketFile:
      return "stale_socket_file";
    case Cause::kSameProcess:
      return "same_process";
    case Cause::kKernelSocket:
      return "kernel_socket";
    case Cause::kSocketUnit:
      return "socket_unit";
    case Cause::kContainerPort:
      return "container_port";
    case Cause::kInheritedSocket:
      return "inherited_socket";
    case Cause::kReuseportMismatch:
      return "reuseport_mismatch";
    case Cause::kClientPort:
      return "client_port";
    case Cause::kTimeWait:
      return "time_wait";
    case Cause::kClosingConnection:
      return "closing_connection";
    case Cause::kPreviousInstance:
      return "previous_instance";
    case Cause::kAnotherInstance:
      return "another_instance";
    case Cause::kOtherProgram:
      return "other_program";
    case Cause::kUnknown:
      break;
  }
  return "unknown";
}

bool is_benign(Cause cause) {
  return cause == Cause::kConfigTest || cause == Cause::kPortProbe;
}

std::string_view to_string(Certainty certainty) {
  switch (certainty) {
    case Certainty::kCertain:
      return "certain";
    case Certainty::kLikely:
      return "likely";
    case Certainty::kUnknown:
      break;
  }
  return "unknown";
}

std::string label(const Process& process) {
  return fmt::format("{}[{}]", process.comm, process.pid);
}

std::string label(const BoundBy& binder) {
  return fmt::format("{}[{}]", binder.comm, binder.pid);
}

bool same_process(const Process& process, const BoundBy& binder) {
  return process.pid == binder.pid && process.start_boottime_ns == binder.start_boottime_ns;
}

bool same_process(const Process& a, const Process& b) {
  return a.pid == b.pid && a.start_boottime_ns == b.start_boottime_ns;
}

}  // namespace bindtrace
