// SPDX-License-Identifier: Apache-2.0
#include "probe/kernel_types.h"

#include <bpf/btf.h>

#include <cerrno>
#include <string>

namespace bindtrace {

void KernelTypes::Free::operator()(btf* types) const {
  btf__free(types);
}

Result<KernelTypes> KernelTypes::load() {
  btf* types = btf__load_vmlinux_btf();
  if (types == nullptr) {
    return fail_errno(errno, "read the kernel's type information");
  }
  return KernelTypes(types);
}

bool KernelTypes::has_function(const char* name) const {
  return btf__find_by_name_kind(types_.get(), name, BTF_KIND_FUNC) > 0;
}

bool KernelTypes::has_struct(const char* name) const {
  return btf__find_by_name_kind(types_.get(), name, BTF_KIND_STRUCT) > 0;
}

// typedef void (*btf_trace_NAME)(void *data, arguments...);
unsigned KernelTypes::tracepoint_arguments(const char* name) const {
  const int id = btf__find_by_name_kind(types_.get(), (std::string("btf_trace_") + name).c_str(), BTF_KIND_TYPEDEF);
  if (id <= 0) {
    return 0;
  }
  const btf_type* pointer = btf__type_by_id(types_.get(), btf__type_by_id(types_.get(), static_cast<__u32>(id))->type);
  const btf_type* prototype = btf__type_by_id(types_.get(), pointer->type);
  return btf_vlen(prototype) - 1U;
}

}  // namespace bindtrace
