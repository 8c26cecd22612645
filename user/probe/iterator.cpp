// SPDX-License-Identifier: Apache-2.0
#include "probe/iterator.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"

namespace bindtrace {
namespace {

constexpr std::size_t kChunk = 32'768;  // the kernel's own buffer: PAGE_SIZE << 3 (bpf_seq_read)

}  // namespace

Result<std::vector<std::byte>> run_iterator(int program_fd) {
  const UniqueFd link(bpf_link_create(program_fd, 0, BPF_TRACE_ITER, nullptr));
  if (!link.valid()) {
    return fail_errno(errno, "attach a BPF iterator");
  }
  const UniqueFd iterator(bpf_iter_create(link.get()));
  if (!iterator.valid()) {
    return fail_errno(errno, "make a BPF iterator");
  }
  std::vector<std::byte> output;
  std::array<std::byte, kChunk> chunk{};
  while (true) {
    const ssize_t got = ::read(iterator.get(), chunk.data(), chunk.size());
    // EAGAIN: a million objects without output (bpf_seq_read); the next read goes on from there.
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
      continue;
    }
    if (got < 0) {
      return fail_errno(errno, "read a BPF iterator");
    }
    if (got == 0) {
      return output;
    }
    output.insert(output.end(), chunk.begin(), chunk.begin() + got);
  }
}

}  // namespace bindtrace
