// SPDX-License-Identifier: Apache-2.0
#include "sink/otlp_retry.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sink/otlp_encode.h"

namespace bindtrace {
namespace {

using std::chrono::milliseconds;

constexpr std::array kTryAgain{429, 502, 503, 504};
constexpr std::chrono::seconds kLongestWait{300};
constexpr milliseconds kFirstBackoff{1000};
constexpr milliseconds kLongestBackoff{60'000};

// A server's words for a person, as far as they are text.
std::string quoted(const std::string& body) {
  constexpr std::size_t kMost = 200;
  const bool is_text = std::none_of(body.begin(), body.end(), [](char c) { return c >= 0 && c < ' ' && c != '\n'; });
  if (body.empty() || !is_text) {
    return "";
  }
  const std::size_t end = std::min({body.find('\n'), body.size(), kMost});
  return fmt::format(": \"{}\"", body.substr(0, end));
}

OtlpJudgement judgement(Verdict verdict, std::string reason) {
  OtlpJudgement made;
  made.verdict = verdict;
  made.reason = std::move(reason);
  return made;
}

OtlpJudgement judge_success(const OtlpAnswer& answer) {
  const auto reply = answer.whole ? decode_reply(answer.body) : std::nullopt;
  if (!reply) {
    return judgement(Verdict::kRefused,
                     fmt::format("answered {}, but not as OTLP does: is there an OTLP endpoint?", answer.status));
  }
  OtlpJudgement taken = judgement(Verdict::kTaken, "");
  taken.rejected = reply->rejected;
  if (reply->rejected > 0) {
    taken.reason = fmt::format("rejected {} of a batch{}", reply->rejected, quoted(reply->message));
  }
  return taken;
}

}  // namespace

OtlpJudgement judge(const OtlpAnswer& answer) {
  constexpr int kOk = 200;
  constexpr int kNotOk = 300;
  if (answer.status == 0) {
    return judgement(Verdict::kTryAgain, answer.trouble);
  }
  if (answer.status >= kOk && answer.status < kNotOk) {
    return judge_success(answer);
  }
  OtlpJudgement refused = judgement(Verdict::kRefused, fmt::format("answered {}", answer.status));
  if (std::find(kTryAgain.begin(), kTryAgain.end(), answer.status) == kTryAgain.end()) {
    refused.reason += quoted(answer.body);
    return refused;
  }
  refused.verdict = Verdict::kTryAgain;
  if (answer.retry_after) {
    refused.wait = std::clamp(*answer.retry_after, std::chrono::seconds(0), kLongestWait);
  }
  return refused;
}

milliseconds backoff(unsigned failures, double chance) {
  constexpr unsigned kMostDoublings = 6;  // more than enough for the longest
  const auto doubled = kFirstBackoff * (1U << std::min(failures, kMostDoublings));
  const auto most = std::min<milliseconds>(doubled, kLongestBackoff);
  return most - std::chrono::duration_cast<milliseconds>(most * (chance / 2));
}

}  // namespace bindtrace
