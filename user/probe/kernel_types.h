// SPDX-License-Identifier: Apache-2.0
// What the running kernel's BTF says of functions and types: which hooks there are to attach to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"

struct btf;

namespace bindtrace {

class KernelTypes {
 public:
  static Result<KernelTypes> load();

  [[nodiscard]] bool has_function(const char* name) const;
  [[nodiscard]] bool has_struct(const char* name) const;
  // Of a raw tracepoint, as its BPF programs get them; 0: no such tracepoint.
  [[nodiscard]] unsigned tracepoint_arguments(const char* name) const;
  // In bytes, of a struct of the kernel or else of that module. Absent: the module is not loaded or says nothing of its
  // types (before 5.11, kernel commit 36e68442d1af).
  [[nodiscard]] std::optional<std::uint32_t> offset_of(const char* type, const char* member, const char* module) const;

 private:
  struct Free {
    void operator()(btf* types) const;
  };
  explicit KernelTypes(btf* types) : types_(types) {}

  std::unique_ptr<btf, Free> types_;
};

}  // namespace bindtrace
