// SPDX-License-Identifier: Apache-2.0
#include "sink/otlp_client.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "base/version.h"
#include "sink/gzip.h"

namespace bindtrace {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostOfAnAnswer = 64U << 10U;
constexpr milliseconds kLongestConnect{5000};
constexpr milliseconds kLongestPoll{1000};

struct Body {
  std::string text;
  bool whole = true;
};

std::size_t take(const char* bytes, std::size_t /*one*/, std::size_t size, void* to) {
  auto& body = *static_cast<Body*>(to);
  if (body.text.size() + size > kMostOfAnAnswer) {
    body.whole = false;
    return 0;  // ends the transfer
  }
  body.text.append(bytes, size);
  return size;
}

Result<void> check_readable(const char* name, const std::string& path) {
  if (path.empty() || ::access(path.c_str(), R_OK) == 0) {
    return {};
  }
  const auto reason = fail_errno(errno, fmt::format("OTEL_EXPORTER_OTLP_{}: read {}", name, path));
  return fail(ErrorKind::kUsage, reason.value().message + ": give a file of PEM that can be read");
}

}  // namespace

OtlpClient::OtlpClient(const CurlLibrary& curl, const OtlpOptions& options)
    : curl_(curl),
      options_(options),
      multi_(curl.multi_init(), curl.multi_cleanup),
      easy_(curl.easy_init(), curl.easy_cleanup),
      headers_(nullptr, curl.slist_free_all) {}

Result<std::unique_ptr<OtlpClient>> OtlpClient::open(const OtlpOptions& options) {
  const auto curl = load_curl();
  if (!curl) {
    return tl::unexpected(curl.error());
  }
  std::unique_ptr<OtlpClient> client(new OtlpClient(**curl, options));
  if (auto done = client->set_up(); !done) {
    return tl::unexpected(done.error());
  }
  return client;
}

Result<void> OtlpClient::check(CURLcode code, std::string_view what) const {
  if (code == CURLE_OK) {
    return {};
  }
  return fail(ErrorKind::kUsage, fmt::format("OTLP: {}: {}", what, curl_.easy_strerror(code)));
}

Result<void> OtlpClient::add_header(const std::string& line) {
  curl_slist* longer = curl_.slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) {
    return check(CURLE_OUT_OF_MEMORY, line);
  }
  (void)headers_.release();
  headers_.reset(longer);
  return {};
}

Result<void> OtlpClient::set_certificates() {
  CURL* easy = easy_.get();
  for (const auto& [name, path, option] : {std::tuple("CERTIFICATE", options_.certificate, CURLOPT_CAINFO),
                                           {"CLIENT_CERTIFICATE", options_.client_certificate, CURLOPT_SSLCERT},
                                           {"CLIENT_KEY", options_.client_key, CURLOPT_SSLKEY}}) {
    if (auto readable = check_readable(name, path); !readable) {
      return readable;
    }
    if (!path.empty()) {
      if (auto set = check(curl_.easy_setopt(easy, option, path.c_str()), name); !set) {
        return set;
      }
    }
  }
  return {};
}

Result<void> OtlpClient::set_up() {
  CURL* easy = easy_.get();
  if (!multi_ || easy == nullptr) {
    return check(CURLE_FAILED_INIT, "start libcurl");
  }
  std::vector<std::string> lines{"Content-Type: application/x-protobuf", "Expect:"};  // no "100-continue" first
  if (options_.gzip) {
    lines.emplace_back("Content-Encoding: gzip");
  }
  for (const auto& [name, value] : options_.headers) {
    lines.push_back(value.empty() ? name + ';'
                                  : fmt::format("{}: {}", name, value));  // CURLOPT_HTTPHEADER: so an empty one is sent
  }
  for (const std::string& line : lines) {
    if (auto added = add_header(line); !added) {
      return added;
    }
  }
  const std::string agent = fmt::format("bindtrace/{}", version());
  const long connect_ms = std::min(options_.timeout, kLongestConnect).count();
  const long timeout_ms = options_.timeout.count();
  // What is an error here is a fault of the build or of the URL.
  for (const CURLcode code :
       {curl_.easy_setopt(easy, CURLOPT_URL, options_.url.c_str()),
        curl_.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"), curl_.easy_setopt(easy, CURLOPT_PROXY, ""),
        curl_.easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1),
        curl_.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L), curl_.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L),
        curl_.easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L),  // does not wait for a name that is being looked up
        curl_.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms),
        curl_.easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms),
        curl_.easy_setopt(easy, CURLOPT_USERAGENT, agent.c_str()),
        curl_.easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get()),
        curl_.easy_setopt(easy, CURLOPT_WRITEFUNCTION, take)}) {
    if (auto set = check(code, options_.url); !set) {
      return set;
    }
  }
  return set_certificates();
}

// Of an easy handle of its own: curl_easy_perform() could not be woken up.
CURLcode OtlpClient::perform() {
  curl_.multi_add_handle(multi_.get(), easy_.get());
  int running = 1;
  while (running > 0 && Clock::now() < deadline_.load()) {
    if (curl_.multi_perform(multi_.get(), &running) != CURLM_OK) {
      break;
    }
    if (running > 0) {
      const auto left = std::min<Clock::duration>(deadline_.load() - Clock::now(), kLongestPoll);
      const auto wait = std::max(std::chrono::ceil<milliseconds>(left), milliseconds(0));
      curl_.multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
    }
  }
  CURLcode result = CURLE_ABORTED_BY_CALLBACK;
  int left = 0;
  while (const CURLMsg* message = curl_.multi_info_read(multi_.get(), &left)) {
    result = message->data.result;
  }
  curl_.multi_remove_handle(multi_.get(), easy_.get());
  return result;
}

OtlpAnswer OtlpClient::post(const std::string& request) {
  CURL* easy = easy_.get();
  const std::string packed = options_.gzip ? gzip(request) : std::string();
  const std::string& sent = options_.gzip ? packed : request;
  Body body;
  std::array<char, CURL_ERROR_SIZE> words{};
  curl_.easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  curl_.easy_setopt(easy, CURLOPT_ERRORBUFFER, words.data());
  curl_.easy_setopt(easy, CURLOPT_POSTFIELDS, sent.data());
  curl_.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent.size()));
  const CURLcode result = perform();
  curl_.easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  OtlpAnswer answer;
  if (result != CURLE_OK && body.whole) {
    answer.trouble = words[0] != '\0' ? words.data() : curl_.easy_strerror(result);
    return answer;
  }
  long status = 0;
  curl_off_t seconds = 0;
  curl_.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_.easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  answer.status = static_cast<int>(status);
  answer.body = std::move(body.text);
  answer.whole = body.whole;
  if (seconds > 0) {
    answer.retry_after = std::chrono::seconds(seconds);
  }
  return answer;
}

void OtlpClient::end_by(Clock::time_point deadline) {
  deadline_ = deadline;
  curl_.multi_wakeup(multi_.get());
}

}  // namespace bindtrace
