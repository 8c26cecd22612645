// SPDX-License-Identifier: Apache-2.0
// The wording that all forms share. Names from outside are in it as they are: the forms escape them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/event.h"

namespace bindtrace {

// "nginx.service", where it runs as a service; else "nginx[1234]".
std::string victim_name(const Incident& incident);

// "bind tcp 0.0.0.0:80", "listen on tcp 0.0.0.0:80"
std::string request_words(const Request& request);

// "LISTEN", "bound" (no connections in that protocol), "bound, not listening", "TIME_WAIT"
std::string state_words(const HolderSocket& socket);

// "LISTEN 0.0.0.0:80"
std::string socket_words(const HolderSocket& socket);

// Who holds it where no process is named: "no process", "the kernel itself", "a process that is not known"
std::string unnamed_words(const Incident& incident, const HolderSocket& socket);

// What tells a reader where a process belongs: script behind an interpreter, container, unit; where
// there is none of these, the executable.
std::vector<std::string> whereabouts(const Process& process);

// The same of who has the socket: where that is a stand-in, for whom: "for app.socket".
std::vector<std::string> whereabouts(const Holder& holder);

// "started by sshd[512] > bash[700]", of a process that no service or container tells more of; empty where there is
// nothing to tell.
std::string lineage_words(const Process& process);

// "in netns blue", "in netns 4026532281"; empty where it is bindtrace's own.
std::string netns_words(const Incident& incident);

// Those whose socket could have refused, in the incident's order.
std::vector<const Holder*> contenders(const Incident& incident);

// The whole story on one line.
std::string story(const Incident& incident);

// "tcp 0.0.0.0:80 free after 1.9 s: nginx[811] exited"
std::string released_words(const Released& released);
// "nginx[1234] bound tcp 0.0.0.0:80 on attempt 5, 1.9 s after it was first refused"
std::string bound_words(const Bound& bound);

// "nginx.service could not bind tcp 0.0.0.0:80 another 37 times in 10 s, 38 in all: held by nginx[811] (...)"
std::string summary_words(const EpisodeSummary& summary);

// "7 failures are not shown: 5 lost, the ring was full; 2 lost, no map entry was free"
std::string lost_words(const EventsLost& lost);

// "fd 6", "fds 6, 7, 8 and 3 more"; empty where none is known.
std::string fd_words(const std::vector<std::uint32_t>& fds);

}  // namespace bindtrace
