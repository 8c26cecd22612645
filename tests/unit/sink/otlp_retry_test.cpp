// SPDX-License-Identifier: Apache-2.0
#include "sink/otlp_retry.h"

#include <gtest/gtest.h>

namespace bindtrace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

OtlpAnswer answer(int status, const std::string& body = "") {
  OtlpAnswer made;
  made.status = status;
  made.body = body;
  return made;
}

// ExportLogsServiceResponse{partial_success{rejected_log_records: 2, error_message: "old"}}
const std::string kTwoRejected("\x0a\x07\x08\x02\x12\x03old", 9);

TEST(OtlpJudgement, TriesAgainForWhatTheSpecificationNames) {
  for (const int status : {429, 502, 503, 504}) {
    EXPECT_EQ(judge(answer(status)).verdict, Verdict::kTryAgain) << status;
  }
}

TEST(OtlpJudgement, TriesAgainWithoutAConnection) {
  OtlpAnswer none;
  none.trouble = "connection refused";
  EXPECT_EQ(judge(none).verdict, Verdict::kTryAgain);
  EXPECT_EQ(judge(none).reason, "connection refused");
}

TEST(OtlpJudgement, GivesUpForAllOthers) {
  for (const int status : {301, 302, 307, 400, 401, 403, 404, 405, 408, 413, 415, 500, 501, 505}) {
    EXPECT_EQ(judge(answer(status)).verdict, Verdict::kRefused) << status;
  }
}

TEST(OtlpJudgement, QuotesAServersWordsAsFarAsTheyAreText) {
  EXPECT_EQ(judge(answer(400, "no such field\nmore")).reason, "answered 400: \"no such field\"");
  EXPECT_EQ(judge(answer(400, "\x08\x03\x12")).reason, "answered 400");
  EXPECT_LT(judge(answer(400, std::string(60'000, 'a'))).reason.size(), 250U);
}

TEST(OtlpJudgement, TakesAnEmptyAnswerAsAYes) {
  const OtlpJudgement judgement = judge(answer(200));
  EXPECT_EQ(judgement.verdict, Verdict::kTaken);
  EXPECT_EQ(judgement.rejected, 0U);
  EXPECT_EQ(judgement.reason, "");
}

// Fluent Bit answers so.
TEST(OtlpJudgement, TakesACreatedAsAYes) {
  EXPECT_EQ(judge(answer(201)).verdict, Verdict::kTaken);
}

TEST(OtlpJudgement, CountsWhatWasRejectedAndDoesNotSendItAgain) {
  const OtlpJudgement judgement = judge(answer(200, kTwoRejected));
  EXPECT_EQ(judgement.verdict, Verdict::kTaken);
  EXPECT_EQ(judgement.rejected, 2U);
  EXPECT_EQ(judgement.reason, "rejected 2 of a batch: \"old\"");
}

TEST(OtlpJudgement, DoesNotTakeAnyOkForADelivery) {
  EXPECT_EQ(judge(answer(200, "<html>")).verdict, Verdict::kRefused);
  OtlpAnswer endless = answer(200);
  endless.whole = false;
  EXPECT_EQ(judge(endless).verdict, Verdict::kRefused);
}

TEST(OtlpJudgement, WaitsAsLongAsTheServerAsksButNoDay) {
  OtlpAnswer busy = answer(503);
  EXPECT_FALSE(judge(busy).wait);
  busy.retry_after = seconds(7);
  EXPECT_EQ(judge(busy).wait, milliseconds(7000));
  busy.retry_after = seconds(1'000'000'000);
  EXPECT_EQ(judge(busy).wait, milliseconds(300'000));
  busy.retry_after = seconds(-5);
  EXPECT_EQ(judge(busy).wait, milliseconds(0));
}

TEST(OtlpBackoff, DoublesUpToAMinute) {
  EXPECT_EQ(backoff(0, 0), milliseconds(1000));
  EXPECT_EQ(backoff(1, 0), milliseconds(2000));
  EXPECT_EQ(backoff(5, 0), milliseconds(32'000));
  EXPECT_EQ(backoff(6, 0), milliseconds(60'000));
  EXPECT_EQ(backoff(4'000'000'000U, 0), milliseconds(60'000));
}

TEST(OtlpBackoff, IsShorterByChanceByHalfAtMost) {
  EXPECT_EQ(backoff(1, 0.5), milliseconds(1500));
  EXPECT_GT(backoff(0, 0.999), milliseconds(500));
}

}  // namespace
}  // namespace bindtrace
