// SPDX-License-Identifier: Apache-2.0
#include "probe/embedded_objects.h"

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <span>

// Made by the build from the compressed files, see cmake/Bpf.cmake.
// NOLINTBEGIN(readability-identifier-naming): as cmake calls the libraries
extern "C" {
extern const std::byte bindtrace_loop_begin[];
extern const std::byte bindtrace_loop_end[];
extern const std::byte bindtrace_bounded_begin[];
extern const std::byte bindtrace_bounded_end[];
}
// NOLINTEND(readability-identifier-naming)

namespace bindtrace {
namespace {

constexpr int kGzip = MAX_WBITS + 16;  // as inflateInit2() wants it told

std::span<const std::byte> compressed(Variant variant) {
  switch (variant) {
    case Variant::kLoop:
      return {bindtrace_loop_begin, bindtrace_loop_end};
    case Variant::kBounded:
      break;
  }
  return {bindtrace_bounded_begin, bindtrace_bounded_end};
}

// The last four bytes of a gzip file are the size of what is in it (RFC 1952).
std::uint32_t size_inside(std::span<const std::byte> file) {
  std::uint32_t size = 0;
  std::memcpy(&size, file.last(sizeof size).data(), sizeof size);
  return size;
}

}  // namespace

Result<std::vector<std::byte>> embedded_object(Variant variant) {
  const auto file = compressed(variant);
  std::vector<std::byte> object(size_inside(file));
  z_stream stream{};
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(file.data()));  // NOLINT(*-const-cast): only read
  stream.avail_in = static_cast<uInt>(file.size());
  stream.next_out = reinterpret_cast<Bytef*>(object.data());
  stream.avail_out = static_cast<uInt>(object.size());
  int done = inflateInit2(&stream, kGzip);
  if (done == Z_OK) {
    done = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
  }
  if (done != Z_STREAM_END) {
    return fail(ErrorKind::kInternal, "the BPF object inside this program cannot be decompressed");
  }
  return object;
}

}  // namespace bindtrace
