// SPDX-License-Identifier: Apache-2.0
#include "probe/kernel_types.h"

#include <bpf/btf.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace bindtrace {
namespace {

constexpr __u32 kBitsPerByte = 8;

std::optional<std::uint32_t> offset_in(const btf* types, const char* name, const char* member) {
  const int id = btf__find_by_name_kind(types, name, BTF_KIND_STRUCT);
  if (id <= 0) {
    return std::nullopt;
  }
  const btf_type* type = btf__type_by_id(types, static_cast<__u32>(id));
  for (__u32 i = 0; i < btf_vlen(type); ++i) {
    const char* own_name = btf__name_by_offset(types, btf_members(type)[i].name_off);
    if (own_name != nullptr && std::strcmp(own_name, member) == 0) {
      return btf_member_bit_offset(type, i) / kBitsPerByte;
    }
  }
  return std::nullopt;
}

}  // namespace

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

std::optional<std::uint32_t> KernelTypes::offset_of(const char* type, const char* member, const char* module) const {
  if (auto offset = offset_in(types_.get(), type, member)) {
    return offset;
  }
  const std::unique_ptr<btf, Free> of_module(btf__load_module_btf(module, types_.get()));
  return of_module ? offset_in(of_module.get(), type, member) : std::nullopt;
}

}  // namespace bindtrace
