// SPDX-License-Identifier: Apache-2.0
#include "sink/journal.h"

#include <spdlog/spdlog.h>
#include <sys/uio.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <vector>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "base/once_a_minute.h"
#include "sink/journal_fields.h"

namespace bindtrace {
namespace {

constexpr const char* kSocket = "/run/systemd/journal/socket";

// libsystemd takes a journal that is not there for success.
bool is_there() {
  return ::access(kSocket, W_OK) == 0;
}

class Journal final : public Exporter {
 public:
  void write(const Event& event) override {
    const std::vector<std::string> fields = journal_fields(event);
    std::vector<iovec> parts;
    parts.reserve(fields.size());
    for (const std::string& field : fields) {
      parts.push_back({const_cast<char*>(field.data()), field.size()});  // NOLINT(*-const-cast): iovec(3type)'s type
    }
    const int sent = is_there() ? ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) : -ENOENT;
    ++(sent == 0 ? stats_.written : stats_.lost);
    if (sent != 0 && complaint_.due()) {
      spdlog::warn("the journal does not take records: {}", std::generic_category().message(-sent));
    }
  }

  [[nodiscard]] ExportStats stats() const override { return stats_; }

 private:
  ExportStats stats_{.name = "journald"};
  OnceAMinute complaint_;
};

}  // namespace

Result<std::unique_ptr<Exporter>> open_journal() {
  if (!is_there()) {
    return fail(ErrorKind::kUsage,
                std::string("no journal of systemd takes records here (") + kSocket + "): use --log-file");
  }
  return std::make_unique<Journal>();
}

}  // namespace bindtrace
