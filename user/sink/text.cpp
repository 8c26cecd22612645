// SPDX-License-Identifier: Apache-2.0
// The causal block: who wanted the address, who held it, why it was refused, what to do.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "sink/holder_lines.h"
#include "sink/paint.h"
#include "sink/phrases.h"
#include "sink/render.h"

namespace bindtrace {
namespace {

constexpr std::size_t kErrorColumn = 91;
constexpr std::size_t kShownHolders = 4;

// Characters, not bytes: continuation bytes take no column.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padding(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return std::string(used < width ? width - used : 0, ' ');
}

// One process on a line of the block; name and user are aligned over the block.
struct ProcessRow {
  const Process* process = nullptr;
  std::vector<std::string> details;
};

std::string user_words(const Process& process) {
  return process.uid != 0 && process.user ? fmt::format("uid {} ({})", process.uid, *process.user)
                                          : fmt::format("uid {}", process.uid);
}

class Block {
 public:
  Block(const Incident& incident, bool colour) : incident_(incident), paint_(colour) {}

  std::string render_holders() {
    const std::vector<ProcessRow> held = held_rows();
    for (const ProcessRow& row : held) {
      measure(row);
    }
    holders(held);
    return std::move(out_);
  }

  std::string render() {
    const ProcessRow wanted{&incident_.victim, wanted_details()};
    const std::vector<ProcessRow> held = held_rows();
    measure(wanted);
    for (const ProcessRow& row : held) {
      measure(row);
    }
    header();
    line("wanted by", process_line(wanted, paint_.victim(incident_.victim.comm)));
    holders(held);
    const Diagnosis& diagnosis = incident_.diagnosis;
    line("why", Paint::plain(diagnosis.summary) + "   " + paint_.certainty(diagnosis.certainty));
    for (std::size_t i = 0; i < diagnosis.advice.size(); ++i) {
      line(i == 0 ? "do" : "", Paint::plain(diagnosis.advice[i]));
    }
    return std::move(out_);
  }

 private:
  void line(std::string_view key, std::string_view text) {
    fmt::format_to(std::back_inserter(out_), "  {:<12}{}\n", key, text);
  }

  void header() {
    const std::string time = local_time_ms(event_ns());
    const std::string who = victim_name(incident_);
    const std::string what = Paint::plain(" could not " + request_words(incident_.failure.request));
    const std::string visible = time + "  " + Paint::plain(who) + what;
    const std::string gap = padding(visible, kErrorColumn - 2) + "  ";
    out_ += time + "  " + paint_.victim(who) + what + gap + paint_.victim("EADDRINUSE") + '\n';
  }

  void holders(const std::vector<ProcessRow>& rows) {
    std::string_view key = "held by";
    if (unnamed_first()) {
      line(key, Paint::plain(unnamed_socket()));
      key = "";
    }
    const std::size_t shown = std::min(rows.size(), kShownHolders);
    for (std::size_t i = 0; i < shown; ++i) {
      line(key, process_line(rows[i], paint_.holder(rows[i].process->comm)));
      key = "";
    }
    if (const std::size_t more = rows.size() - shown + owners_without_record(incident_.failure); more > 0) {
      line("", fmt::format("and {} more", more));
    }
  }

  [[nodiscard]] std::string process_line(const ProcessRow& row, std::string_view painted_comm) const {
    const Process& process = *row.process;
    const std::string name = Paint::plain(label(process));
    const std::string user = Paint::plain(user_words(process));
    return fmt::format("{}{}{}  {}{}  {}", painted_comm, paint_.faint(fmt::format("[{}]", process.pid)),
                       padding(name, name_columns_), user, padding(user, user_columns_),
                       Paint::plain(fmt::format("{}", fmt::join(row.details, ", "))));
  }

  void measure(const ProcessRow& row) {
    name_columns_ = std::max(name_columns_, columns(Paint::plain(label(*row.process))));
    user_columns_ = std::max(user_columns_, columns(Paint::plain(user_words(*row.process))));
  }

  [[nodiscard]] std::vector<std::string> wanted_details() const {
    std::vector<std::string> details = whereabouts(incident_.victim);
    add(netns_words(incident_), details);
    if (incident_.victim.start_boottime_ns != 0) {
      details.push_back("started " + start_words(incident_.victim));
    }
    add(lineage_words(incident_.victim), details);
    add_command(incident_.victim, details);
    return details;
  }

  // One row a process, with the first of its sockets.
  [[nodiscard]] std::vector<ProcessRow> held_rows() const {
    std::vector<ProcessRow> rows;
    for (const Holder* holder : contenders(incident_)) {
      if (!holder->process) {
        continue;
      }
      const bool known = std::any_of(rows.begin(), rows.end(), [&](const ProcessRow& row) {
        return same_process(*row.process, *holder->process);
      });
      if (!known) {
        rows.push_back({&*holder->process, held_details(*holder)});
      }
    }
    return rows;
  }

  [[nodiscard]] std::vector<std::string> held_details(const Holder& holder) const {
    const Process& process = *holder.process;
    const bool itself = same_process(process, incident_.victim);
    std::vector<std::string> details = itself ? std::vector<std::string>{"the same process"} : whereabouts(holder);
    details.push_back(socket_words(holder.socket));
    add(fd_words(holder.fds), details);
    if (itself) {
      return details;
    }
    if (process.start_boottime_ns != 0) {
      details.push_back(origin_words(holder));
    }
    add(lineage_words(process), details);
    if (process.alive == false) {
      details.emplace_back("has exited since");
    } else if (holder.closed_since == true) {
      details.emplace_back("has closed it since");
    }
    add_command(process, details);
    return details;
  }

  // When it bound the socket; else who did, or how old the process is: a socket carries no age.
  [[nodiscard]] std::string origin_words(const Holder& holder) const {
    const auto& binder = holder.bound_by;
    if (binder && binder->ms_ago && same_process(*holder.process, *binder)) {
      const std::int64_t ago_ns = *binder->ms_ago * kNsPerMs;
      return fmt::format("bound {} ({} ago)", time_words(event_ns() - ago_ns), humanised(ago_ns));
    }
    if (binder && !same_process(*holder.process, *binder)) {
      return fmt::format("{} {}{}", binder->ms_ago ? "bound by" : "when bindtrace started it was with", label(*binder),
                         binder->alive == false ? ", which has exited" : "");
    }
    return fmt::format("started {} ({} ago)", start_words(*holder.process), humanised(age_ns(*holder.process)));
  }

  static void add(std::string words, std::vector<std::string>& details) {
    if (!words.empty()) {
      details.push_back(std::move(words));
    }
  }

  static void add_command(const Process& process, std::vector<std::string>& details) {
    if (process.command_line) {
      details.push_back("command: " + *process.command_line);
    }
  }

  [[nodiscard]] bool unnamed_first() const {
    const auto candidates = contenders(incident_);
    return candidates.empty() || !candidates.front()->process;
  }

  // What holds the address where no process is named; why not is said under "why".
  [[nodiscard]] std::string unnamed_socket() const {
    const auto candidates = contenders(incident_);
    if (candidates.empty()) {
      return incident_.holder_status == HolderStatus::kNone ? "nobody" : "not known";
    }
    const HolderSocket& first = candidates.front()->socket;
    std::string socket = socket_words(first);
    if (first.peer) {
      socket += " with " + address_of(*first.peer);
    }
    const std::int64_t seen = std::count_if(candidates.begin(), candidates.end(), [&](const Holder* holder) {
      return !holder->process && holder->socket.state == first.state;
    });
    // The record holds a sample of them.
    const std::int64_t all = first.time_wait ? count_if_all_are(incident_.failure, first.state) : 0;
    const std::int64_t alike = std::max(seen, all);
    if (alike > 1) {
      socket += fmt::format(" and {} more like it", alike - 1);
    }
    return unnamed_words(incident_, first) + ": " + socket;
  }

  [[nodiscard]] std::int64_t event_ns() const { return incident_.clock.unix_ns(incident_.failure.head.key.ktime_ns); }

  [[nodiscard]] std::string start_words(const Process& process) const {
    return time_words(incident_.clock.unix_ns(process.start_boottime_ns));
  }

  [[nodiscard]] std::string time_words(std::int64_t unix_ns) const {
    return same_local_day(unix_ns, event_ns()) ? local_time(unix_ns) : local_date_time(unix_ns);
  }

  [[nodiscard]] std::int64_t age_ns(const Process& process) const {
    const auto age = static_cast<std::int64_t>(incident_.failure.head.key.ktime_ns - process.start_boottime_ns);
    return std::max<std::int64_t>(0, age);
  }

  const Incident& incident_;
  Paint paint_;
  std::size_t name_columns_ = 0;
  std::size_t user_columns_ = 0;
  std::string out_;
};

}  // namespace

std::string render_holders(const Incident& incident, bool colour) {
  return Block(incident, colour).render_holders();
}

std::string render_text(const Event& event, bool colour) {
  if (const auto* incident = std::get_if<Incident>(&event)) {
    return Block(*incident, colour).render();
  }
  return render_line(event, colour);
}

}  // namespace bindtrace
