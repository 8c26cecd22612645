// SPDX-License-Identifier: Apache-2.0
#include "sink/file_exporter.h"

#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "sink/render.h"

namespace bindtrace {

FileExporter::FileExporter(std::shared_ptr<LogFile> file) : file_(std::move(file)), log_("records", file_) {}

// The line ends are the sink's.
bool FileExporter::append(const Event& event) {
  const std::uint64_t lost = file_->lost();
  const std::string line = render_json(event);
  log_.log(spdlog::level::info, std::string_view(line).substr(0, line.size() - 1));
  return file_->lost() == lost;
}

void FileExporter::write(const Event& event) {
  if (const auto* started = std::get_if<AgentStarted>(&event)) {
    loss_.tier = started->tier;
    loss_.host = started->host;
  }
  if (loss_.output != 0) {
    loss_.unix_ns = read_clocks().unix_ns;
    const bool said = append(loss_);
    ++(said ? notes_written_ : notes_lost_);
    loss_.output = said ? 0 : loss_.output;
  }
  loss_.output += append(event) ? 0 : 1;
}

ExportStats FileExporter::stats() const {
  return {.name = "file", .written = file_->written() - notes_written_, .lost = file_->lost() - notes_lost_};
}

}  // namespace bindtrace
