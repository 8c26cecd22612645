// SPDX-License-Identifier: Apache-2.0
#include "sink/journal_fields.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/escape.h"
#include "sink/json_head.h"

namespace bindtrace {
namespace {

struct Field {
  std::string_view name;
  const char* place;  // RFC 6901
};

constexpr std::array kFields{
    Field{"BINDTRACE_EVENT", "/event/name"},
    Field{"BINDTRACE_EVENT_ID", "/event/id"},
    Field{"BINDTRACE_CAUSE", "/bindtrace/cause"},
    Field{"BINDTRACE_CERTAINTY", "/bindtrace/certainty"},
    Field{"BINDTRACE_CONFLICT_ID", "/bindtrace/episode/id"},
    Field{"BINDTRACE_ATTEMPT", "/bindtrace/episode/attempt"},
    Field{"BINDTRACE_REPEAT_COUNT", "/bindtrace/episode/repeat_count"},
    Field{"BINDTRACE_OPERATION", "/bindtrace/operation"},
    Field{"BINDTRACE_TRANSPORT", "/network/transport"},
    Field{"BINDTRACE_LOCAL_ADDRESS", "/network/local/address"},
    Field{"BINDTRACE_LOCAL_PORT", "/network/local/port"},
    Field{"BINDTRACE_PID", "/process/pid"},
    Field{"BINDTRACE_COMM", "/process/executable/name"},
    Field{"BINDTRACE_UNIT", "/bindtrace/unit"},
    Field{"BINDTRACE_CONTAINER_ID", "/container/id"},
    Field{"BINDTRACE_HOLDER_STATUS", "/bindtrace/holder_status"},
    Field{"BINDTRACE_RELEASED_AFTER_MS", "/bindtrace/released_after_ms"},
};

constexpr std::array kHolderFields{
    Field{"BINDTRACE_HOLDER_PID", "/pid"},
    Field{"BINDTRACE_HOLDER_COMM", "/comm"},
    Field{"BINDTRACE_HOLDER_UNIT", "/unit"},
    Field{"BINDTRACE_HOLDER_CONTAINER_ID", "/container_id"},
    Field{"BINDTRACE_HOLDER_STATE", "/socket/state"},
};

// Of each kind of record; packaging/bindtrace.catalog explains them.
struct MessageId {
  std::string_view event;
  std::string_view id;
};
constexpr std::array kMessageIds{
    MessageId{"bindtrace.bind.conflict", "0d917b0bd81345dab3b2022d6459c9a0"},
    MessageId{"bindtrace.conflict.summary", "1658468bbb494ad6a592a2cae997c449"},
    MessageId{"bindtrace.conflict.released", "5c653c7575a641b1a8a7f37bf3cf52b5"},
    MessageId{"bindtrace.conflict.bound", "7bbcefcae1814d92b9d5da93a1a8ef4c"},
    MessageId{"bindtrace.events.lost", "b526236a2b7e467085ad3bb690408406"},
    MessageId{"bindtrace.agent.started", "4161d7ce498c45a69023ffa4e45bbc0c"},
    MessageId{"bindtrace.agent.stopped", "dcccb3d252f94e719fc40c87df85064a"},
};

// One line that journalctl shows as it is.
std::string plain(const Json& value) {
  return value.is_string() ? escape_terminal(value.get_ref<const std::string&>()) : value.dump();
}

class Fields {
 public:
  void add(std::string_view name, std::string_view value) {
    all_.push_back(std::string(name) + '=' + std::string(value));
  }

  template <typename Array>
  void add_all(const Array& fields, const Json& record) {
    for (const Field& field : fields) {
      const Json::json_pointer place(field.place);
      if (record.contains(place) && !record[place].is_null()) {
        add(field.name, plain(record[place]));
      }
    }
  }

  std::vector<std::string> take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

void add_advice(const Json& own, Fields& fields) {
  std::string advice;
  for (const Json& sentence : own.value("advice", Json::array())) {
    advice += (advice.empty() ? "" : "; ") + plain(sentence);
  }
  if (!advice.empty()) {
    fields.add("BINDTRACE_ADVICE", advice);
  }
}

// Whose record it is for systemctl and journalctl; null: nobody's.
const CgroupIdentity* place_of(const Event& event) {
  return std::visit(
      [](const auto& one) -> const CgroupIdentity* {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Kind, Incident>) {
          return &one.victim.place;
        } else if constexpr (std::is_same_v<Kind, EpisodeSummary>) {
          return &one.latest.victim.place;
        } else if constexpr (std::is_same_v<Kind, Released> || std::is_same_v<Kind, Bound>) {
          return &one.sequel.place;
        } else {
          return nullptr;
        }
      },
      event);
}

void add_object(const Event& event, Fields& fields) {
  const CgroupIdentity* place = place_of(event);
  if (place == nullptr || !place->unit) {
    return;
  }
  if (place->user_manager_uid) {
    fields.add("OBJECT_SYSTEMD_USER_UNIT", *place->unit);
    fields.add("OBJECT_SYSTEMD_OWNER_UID", std::to_string(*place->user_manager_uid));
  } else {
    fields.add("OBJECT_SYSTEMD_UNIT", *place->unit);
  }
}

}  // namespace

std::vector<std::string> journal_fields(const Event& event) {
  const Json record = record_of(event);
  const std::string& name = record["event"]["name"].get_ref<const std::string&>();
  const auto id =
      std::find_if(kMessageIds.begin(), kMessageIds.end(), [&](const auto& one) { return one.event == name; });
  Fields fields;
  fields.add("MESSAGE", plain(record["message"]));
  fields.add("PRIORITY", record["severity"] == "WARN" ? "4" : "6");
  fields.add("SYSLOG_IDENTIFIER", "bindtrace");
  if (id != kMessageIds.end()) {
    fields.add("MESSAGE_ID", id->id);
  }
  add_object(event, fields);
  fields.add_all(kFields, record);
  if (const Json* holder = main_holder(record["bindtrace"])) {
    fields.add_all(kHolderFields, *holder);
  }
  add_advice(record["bindtrace"], fields);
  std::string line = json_line(record);
  line.pop_back();
  fields.add("BINDTRACE_RECORD", line);
  return fields.take();
}

}  // namespace bindtrace
