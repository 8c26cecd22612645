# SPDX-License-Identifier: Apache-2.0
"""What bindtrace said: its JSON Lines to failures and to its own account of them."""

import datetime
import json

from failure import Failure


class Recording:
    """failures in the order of time; errors: where its account contradicts it or itself; dropped: how many
    failures of the whole machine it counted and did not show."""

    def __init__(self, file):
        self.failures = []
        self.errors = []
        self.dropped = 0
        stopped = None
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                name = record["event"]["name"]
                if name == "bindtrace.bind.conflict":
                    self.failures.append(_failure(record))
                elif name == "bindtrace.agent.stopped":
                    stopped = record["bindtrace"]["stats"]
        self.failures.sort(key=lambda failure: failure.time)
        if stopped is None:
            self.errors.append("the recording has no end: no bindtrace.agent.stopped")
        else:
            self._audit(stopped)

    def _audit(self, stats):
        self.dropped = stats["suppressed"] + sum(stats["lost"].values())
        if stats["attempted"] != stats["emitted"] + self.dropped:
            self.errors.append(f"the account does not add up: {stats}")
        if stats["emitted"] != len(self.failures):
            self.errors.append(f"{stats['emitted']} emitted by its account, {len(self.failures)} in the recording")


def _failure(record):
    network = record["network"]
    process = record["process"]
    return Failure(datetime.datetime.fromisoformat(record["timestamp"]).timestamp(), process["thread"]["id"],
                   process["pid"], record["bindtrace"]["operation"], network["transport"], network["type"],
                   network["local"]["address"], network["local"]["port"])
