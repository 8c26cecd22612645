// SPDX-License-Identifier: Apache-2.0
// Sends one request at a time by libcurl, and trusts no server: no redirects, no proxy of the environment, a time
// limit, and of an answer no more than it may have.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sink/curl_library.h"
#include "sink/otlp_options.h"
#include "sink/otlp_retry.h"

namespace bindtrace {

class OtlpClient {
 public:
  using Clock = std::chrono::steady_clock;

  // An Error names what of the options cannot be. Before any thread starts.
  static Result<std::unique_ptr<OtlpClient>> open(const OtlpOptions& options);

  OtlpClient(const OtlpClient&) = delete;
  OtlpClient& operator=(const OtlpClient&) = delete;

  // Blocks for as long as the time limit says.
  OtlpAnswer post(const std::string& request);

  // By then a post that is under way has ended. From any thread.
  void end_by(Clock::time_point deadline);

  [[nodiscard]] const std::string& url() const { return options_.url; }

 private:
  OtlpClient(const CurlLibrary& curl, const OtlpOptions& options);
  [[nodiscard]] Result<void> check(CURLcode code, std::string_view what) const;
  Result<void> set_up();
  Result<void> add_header(const std::string& line);
  Result<void> set_certificates();
  CURLcode perform();

  const CurlLibrary& curl_;
  OtlpOptions options_;
  std::unique_ptr<CURLM, decltype(CurlLibrary::multi_cleanup)> multi_;  // wakes up at once, which an easy handle cannot
  std::unique_ptr<CURL, decltype(CurlLibrary::easy_cleanup)> easy_;
  std::unique_ptr<curl_slist, decltype(CurlLibrary::slist_free_all)> headers_;
  std::atomic<Clock::time_point> deadline_{Clock::time_point::max()};
};

}  // namespace bindtrace
