# SPDX-License-Identifier: Apache-2.0
"""One bind or listen that got EADDRINUSE, as either witness tells it."""

from typing import NamedTuple

# The port of a socket that was bound to port 0 and never asked for its name: strace cannot tell it.
CHOSEN = "?"


class Failure(NamedTuple):
    """All of it is compared but the time, which only orders the failures of a thread."""

    time: float  # seconds since the epoch
    tid: int
    pid: int
    operation: str  # bind or listen
    transport: str  # as in network.transport
    family: str | None  # ipv4, ipv6, or None
    address: str
    port: int | str | None

    def told(self):
        return self[1:]

    def __str__(self):
        address = self.address.encode("unicode_escape").decode()
        if self.family == "ipv6":
            address = f"[{address}]"
        port = "" if self.port is None else f":{self.port}"
        return f"pid {self.pid} thread {self.tid} {self.operation} {self.transport} {address}{port}"
