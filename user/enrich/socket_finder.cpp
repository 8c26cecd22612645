// SPDX-License-Identifier: Apache-2.0
#include "enrich/socket_finder.h"

#include <utility>

namespace bindtrace {

SocketFinder::SocketFinder(Options options)
    : search_(std::move(options.search)),
      clocks_(options.clocks),
      budget_(std::move(options.clocks), options.divisor, options.limit_ns) {}

Result<std::vector<Holding>> SocketFinder::find(const SocketQuery& query, Transport transport, const Failure& failure) {
  if (!search_) {
    return fail(ErrorKind::kUnsupported, "no search for its process was made");
  }
  if (failure.probing) {
    return fail(ErrorKind::kSystem, "one of a series of ports that were tried: no search for its process was made");
  }
  if (budget_.spent()) {
    return fail(ErrorKind::kSystem, "too many failures at once: the search for its process was left out");
  }
  const auto bytes = budget_.pay_for([&] { return search_(encode(query)); });
  ended_boottime_ns_ = clocks_().boottime_ns;
  if (!bytes) {
    return with_context(bytes.error(), "the search for its process failed");
  }
  return decode_holdings(*bytes, transport);
}

}  // namespace bindtrace
