// SPDX-License-Identifier: Apache-2.0
#include "sink/otlp.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <utility>

#include "base/once_a_minute.h"
#include "base/quiet_thread.h"
#include "base/version.h"
#include "base/words.h"
#include "sink/json_head.h"
#include "sink/otlp_client.h"
#include "sink/otlp_encode.h"
#include "sink/outbox.h"

namespace bindtrace {
namespace {

using std::chrono::milliseconds;

double chance() {
  static thread_local std::mt19937 generator{std::random_device()()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

milliseconds first_age() {
  return std::chrono::duration_cast<milliseconds>(OutboxLimits().batch_age * chance());
}

class Otlp final : public Exporter {
 public:
  Otlp(std::unique_ptr<OtlpClient> client, NamedTexts resource)
      : client_(std::move(client)), more_resource_(std::move(resource)), outbox_(OutboxLimits(), first_age()) {}
  ~Otlp() override { Otlp::finish(Clock::now()); }

  void write(const Event& event) override;
  void finish(Clock::time_point deadline) override;
  [[nodiscard]] ExportStats stats() const override;

 private:
  void send_all();
  void send(const std::vector<std::string>& batch);
  void tell_full();

  std::unique_ptr<OtlpClient> client_;
  NamedTexts more_resource_;
  std::string resource_;  // does not change once the thread runs
  Outbox outbox_;
  std::thread thread_;
  OnceAMinute full_told_;
  OnceAMinute retry_told_;    // of the thread
  OnceAMinute refused_told_;  // of the thread
};

void Otlp::write(const Event& event) {
  if (outbox_.refuse_if_full()) {
    tell_full();
    return;
  }
  const Json record = record_of(event);
  if (!thread_.joinable()) {
    resource_ = encode_resource(record, more_resource_);
    thread_ = quiet_thread([this] { send_all(); });
  }
  if (!outbox_.put(encode_log_record(record))) {
    tell_full();
  }
}

void Otlp::tell_full() {
  if (full_told_.due()) {
    spdlog::warn("OTLP: too many records wait for {}: new ones are lost to it", client_->url());
  }
}

void Otlp::send_all() {
  while (true) {
    const auto batch = outbox_.next_batch();
    if (batch.empty()) {
      return;
    }
    send(batch);
  }
}

// Until it is taken, refused for good, or the end has come.
void Otlp::send(const std::vector<std::string>& batch) {
  const std::string request = encode_request(resource_, version(), batch);
  for (unsigned failures = 0;; ++failures) {
    const OtlpJudgement judgement = judge(client_->post(request));
    const std::uint64_t rejected = std::min<std::uint64_t>(judgement.rejected, batch.size());
    switch (judgement.verdict) {
      case Verdict::kTaken:
        if (rejected > 0 && refused_told_.due()) {
          spdlog::warn("OTLP: {} {}", client_->url(), judgement.reason);
        }
        outbox_.settle(batch.size() - rejected, rejected);
        return;
      case Verdict::kRefused:
        if (refused_told_.due()) {
          spdlog::warn("OTLP: {} {}; {} lost to it", client_->url(), judgement.reason,
                       batch.size() == 1 ? "1 record is" : counted(batch.size(), "record") + " are");
        }
        outbox_.settle(0, batch.size());
        return;
      case Verdict::kTryAgain:
        if (retry_told_.due()) {
          spdlog::warn("OTLP: {}: {}; trying again, up to {} wait", client_->url(), judgement.reason,
                       counted(OutboxLimits().records, "record"));
        }
        if (!outbox_.pause(judgement.wait.value_or(backoff(failures, chance())), judgement.wait.has_value())) {
          outbox_.settle(0, batch.size());
          return;
        }
    }
  }
}

void Otlp::finish(Clock::time_point deadline) {
  if (!thread_.joinable()) {
    return;
  }
  const std::uint64_t lost_before = outbox_.counts().lost;
  outbox_.end(deadline);
  client_->end_by(deadline);
  thread_.join();
  if (const auto counts = outbox_.counts(); counts.lost > 0) {
    spdlog::warn("OTLP: of {} {} were lost to {}, {} of them at the end",
                 counted(counts.written + counts.lost, "record"), counts.lost, client_->url(),
                 counts.lost - lost_before);
  }
}

ExportStats Otlp::stats() const {
  const OutboxCounts counts = outbox_.counts();
  return {.name = "otlp", .written = counts.written, .lost = counts.lost, .queued = counts.waiting};
}

}  // namespace

Result<std::unique_ptr<Exporter>> open_otlp(
    const std::string& target, const std::function<std::optional<std::string>(const std::string& name)>& variables) {
  auto options = otlp_options(target, variables);
  if (!options) {
    return tl::unexpected(options.error());
  }
  auto client = OtlpClient::open(*options);
  if (!client) {
    return tl::unexpected(client.error());
  }
  return std::make_unique<Otlp>(*std::move(client), std::move(options->resource));
}

}  // namespace bindtrace
