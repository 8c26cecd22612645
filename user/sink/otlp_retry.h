// SPDX-License-Identifier: Apache-2.0
// What an answer to a batch means, and when to try again: the rules of OTLP/HTTP
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace bindtrace {

struct OtlpAnswer {
  int status = 0;                                   // of HTTP; 0: none came
  std::optional<std::chrono::seconds> retry_after;  // from now
  std::string body;
  bool whole = true;    // the body; where it is larger than we read, or broke off, it is not
  std::string trouble;  // of the connection, where there is no status
};

enum class Verdict { kTaken, kTryAgain, kRefused };

struct OtlpJudgement {
  Verdict verdict = Verdict::kTryAgain;
  std::uint64_t rejected = 0;                     // of what was taken: records that are lost
  std::optional<std::chrono::milliseconds> wait;  // as the server asks; five minutes at most
  std::string reason;                             // "503", a clause; empty where all is well
};

OtlpJudgement judge(const OtlpAnswer& answer);

// Before the next try, where the server does not say: doubles from 1 s to 60 s, of which chance takes up to half.
// `chance` is in [0, 1).
std::chrono::milliseconds backoff(unsigned failures, double chance);

}  // namespace bindtrace
