// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bindtrace {

// libbpf's own words go to our log, and for -v only: a tier that is refused is no trouble while another works.
void log_libbpf();

}  // namespace bindtrace
