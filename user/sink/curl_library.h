// SPDX-License-Identifier: Apache-2.0
// libcurl, loaded by who asks for it and not with every start: it brings forty libraries along, 8 ms and 6 MB, into a
// process that is root's.
#pragma once

#include <curl/curl.h>

#include "base/result.h"

namespace bindtrace {

// Its functions, by their names without curl_ (libcurl(3)).
struct CurlLibrary {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_cleanup) multi_cleanup;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_wakeup) multi_wakeup;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
};

// Ready to be used, and there until the end. An Error says what to install. Before any thread starts.
Result<const CurlLibrary*> load_curl();

}  // namespace bindtrace
