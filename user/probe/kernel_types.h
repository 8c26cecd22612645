// SPDX-License-Identifier: Apache-2.0
// What the running kernel's BTF says of functions and types: which hooks there are to attach to.
#pragma once

#include <memory>

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

 private:
  struct Free {
    void operator()(btf* types) const;
  };
  explicit KernelTypes(btf* types) : types_(types) {}

  std::unique_ptr<btf, Free> types_;
};

}  // namespace bindtrace
