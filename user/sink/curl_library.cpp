// SPDX-License-Identifier: Apache-2.0
#include "sink/curl_library.h"

#include <dlfcn.h>

#include <type_traits>

#include <fmt/format.h>

namespace bindtrace {
namespace {

constexpr const char* kName = "libcurl.so.4";

Result<const CurlLibrary*> unusable() {
  const char* why = ::dlerror();  // NOLINT(concurrency-mt-unsafe): there are no threads yet
  return fail(ErrorKind::kUsage, fmt::format("OTLP: {} cannot be loaded ({}): install libcurl4, 7.87 or newer", kName,
                                             why != nullptr ? why : "it does not start"));
}

}  // namespace

Result<const CurlLibrary*> load_curl() {
  static CurlLibrary curl{};
  void* const library = ::dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  bool whole = library != nullptr;
  const auto find = [&](const char* name, auto& function) {
    void* const found = whole ? ::dlsym(library, name) : nullptr;
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(found);  // as dlsym(3) says
    whole = found != nullptr;
  };
  find("curl_global_init", curl.global_init);
  find("curl_easy_init", curl.easy_init);
  find("curl_easy_cleanup", curl.easy_cleanup);
  find("curl_easy_setopt", curl.easy_setopt);
  find("curl_easy_getinfo", curl.easy_getinfo);
  find("curl_easy_strerror", curl.easy_strerror);
  find("curl_multi_init", curl.multi_init);
  find("curl_multi_cleanup", curl.multi_cleanup);
  find("curl_multi_add_handle", curl.multi_add_handle);
  find("curl_multi_remove_handle", curl.multi_remove_handle);
  find("curl_multi_perform", curl.multi_perform);
  find("curl_multi_poll", curl.multi_poll);
  find("curl_multi_wakeup", curl.multi_wakeup);
  find("curl_multi_info_read", curl.multi_info_read);
  find("curl_slist_append", curl.slist_append);
  find("curl_slist_free_all", curl.slist_free_all);
  if (!whole || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return unusable();
  }
  return &curl;
}

}  // namespace bindtrace
