// SPDX-License-Identifier: Apache-2.0
#include "sink/gzip.h"

#include <zlib.h>

#include <new>

namespace bindtrace {

std::string gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;  // as zlib.h says
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();  // all that can fail
  }
  std::string packed(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in =
      reinterpret_cast<z_const Bytef*>(const_cast<char*>(bytes.data()));  // NOLINT(*-const-cast): zlib's type
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&stream, Z_FINISH);  // ends in one go: there is room for all of it
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace bindtrace
