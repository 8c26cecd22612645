# SPDX-License-Identifier: Apache-2.0
"""What strace saw: the files that OPTIONS make it write, one a thread, to failures and the lives of the threads.

listen() names no address and bind() no protocol, and -yy finds neither where the kernel has no *_diag modules. Both
follow from earlier calls on the same socket, which is known by its inode wherever its descriptor went.
"""

import ipaddress
import pathlib
import re
from typing import NamedTuple, Optional

from failure import CHOSEN, Failure

# A file a thread spares unfinished calls; all strings in hexadecimal need no unquoting rules; -A for a pid used again.
OPTIONS = ["-ff", "--seccomp-bpf", "-A", "-y", "-xx", "--pidns-translation", "-ttt", "-s", "256",
           "-e", "trace=bind,clone,clone3,fork,getsockname,listen,socket,vfork"]

_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)(?:<(?P<path>[^>]*)>)?"
                   r"(?: /\* (?P<translated>\d+) in strace's PID NS \*/)?(?: (?P<errno>E\w+))?")
_DESCRIPTOR = re.compile(r"\d+<([^>]*)>")
_SOCKET_PATH = re.compile(r"socket:\[(\d+)\]")
_HEX_BYTE = re.compile(r"\\x([0-9a-f]{2})")
_TRANSPORTS = {
    ("SOCK_STREAM", "IPPROTO_IP"): "tcp",
    ("SOCK_STREAM", "IPPROTO_TCP"): "tcp",
    ("SOCK_STREAM", "IPPROTO_MPTCP"): "mptcp",
    ("SOCK_STREAM", "IPPROTO_SCTP"): "sctp",
    ("SOCK_SEQPACKET", "IPPROTO_SCTP"): "sctp",
    ("SOCK_DGRAM", "IPPROTO_IP"): "udp",
    ("SOCK_DGRAM", "IPPROTO_UDP"): "udp",
    ("SOCK_DGRAM", "IPPROTO_UDPLITE"): "udplite",
    ("SOCK_DGRAM", "IPPROTO_ICMP"): "icmp",
    ("SOCK_DGRAM", "IPPROTO_ICMPV6"): "icmp",
}
_TRANSPORT_OF_FAMILY = {"AF_UNIX": "unix", "AF_NETLINK": "netlink", "AF_VSOCK": "vsock"}
_INTERNET = {"AF_INET": ("ipv4", "0.0.0.0"), "AF_INET6": ("ipv6", "::")}
_CIDS = {"VMADDR_CID_ANY": 0xFFFFFFFF, "VMADDR_CID_HYPERVISOR": 0, "VMADDR_CID_LOCAL": 1, "VMADDR_CID_HOST": 2}


class Unreadable(Exception):
    """A line that must be understood and is not: never counted as agreement."""


class Call(NamedTuple):
    time: float
    tid: int
    name: str
    arguments: str
    result: int
    path: str
    errno: str


class Life(NamedTuple):
    """When a thread id meant a thread of the workload, and of which process."""

    pid: int
    born: float
    died: float


class Socket:
    def __init__(self, domain, transport):
        self.domain = domain
        self.transport = transport
        self.family, wildcard = _INTERNET.get(domain, (None, ""))
        self.bound = (wildcard, None if self.family is None else 0)


def _bytes(text):
    return bytes(int(byte, 16) for byte in _HEX_BYTE.findall(text))


def _field(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise Unreadable(f"no {pattern} in: {text}")
    return found[1]


def _vsock_number(name, names):
    return names[name] if name in names else int(name, 0)


def _address(text):
    """A decoded sockaddr to (address, port) in bindtrace's forms."""
    family = _field(r"sa_family=(\w+)", text)
    if family == "AF_INET":
        return _bytes(_field(r'inet_addr\("([^"]*)"', text)).decode(), int(_field(r"sin_port=htons\((\d+)\)", text))
    if family == "AF_INET6":
        address = _bytes(_field(r'inet_pton\(AF_INET6, "([^"]*)"', text)).decode()
        return address, int(_field(r"sin6_port=htons\((\d+)\)", text))
    if family == "AF_UNSPEC":  # bind() takes it for AF_INET
        raw = _bytes(_field(r'sa_data="([^"]*)"', text))
        return str(ipaddress.IPv4Address(raw[2:6])), int.from_bytes(raw[:2], "big")
    if family == "AF_UNIX":
        at, name = re.search(r'sun_path=(@?)"([^"]*)"', text).groups() if "sun_path" in text else ("", "")
        return at + _bytes(name).decode(errors="replace"), None
    if family == "AF_NETLINK":
        return str(int(_field(r"nl_pid=(-?\d+)", text)) % 2**32), None
    if family == "AF_VSOCK":
        cid = _vsock_number(_field(r"svm_cid=(\w+)", text), _CIDS)
        port = _vsock_number(_field(r"svm_port=(\w+)", text), {"VMADDR_PORT_ANY": 0xFFFFFFFF})
        return f"{cid}:{port}", None
    raise Unreadable(f"address family {family}")


def _new_socket(arguments):
    domain, kind, protocol = arguments.split(", ")
    kind = kind.split("|")[0]
    return Socket(domain, _TRANSPORT_OF_FAMILY.get(domain) or _TRANSPORTS.get((kind, protocol)))


class Log:
    """failures in the order of time; lives by thread id."""

    def __init__(self, files, started):
        self.failures = []
        self.lives = {}
        self._sockets = {}
        calls = []
        deaths = {}
        for file in files:
            tid = int(pathlib.Path(file).suffix[1:])
            deaths[tid] = float("inf")
            with open(file, encoding="ascii") as lines:
                for line in lines:
                    time, _, what = line.rstrip("\n").partition(" ")
                    if what.startswith(("+++ exited", "+++ killed")):
                        deaths[tid] = float(time)
                        continue
                    call = _CALL.match(what)
                    if call:
                        calls.append(Call(float(time), tid, call["name"], call["arguments"],
                                          int(call["translated"] or call["result"]), call["path"] or "", call["errno"] or ""))
                    elif "EADDRINUSE" in what:
                        raise Unreadable(what)
        calls.sort(key=lambda call: call.time)
        self._follow_threads(calls, deaths, started)
        for call in calls:
            self._follow_socket(call)

    def _follow_threads(self, calls, deaths, started):
        threads = {}
        for call in calls:
            if call.name in ("clone", "clone3", "fork", "vfork") and call.result > 0:
                threads[call.result] = (call.tid if "CLONE_THREAD" in call.arguments else None, call.time)
        for tid, died in deaths.items():
            born = threads.get(tid, (None, started))[1]
            pid = tid
            while threads.get(pid, (None,))[0] is not None:
                pid = threads[pid][0]
            self.lives[tid] = Life(pid, born, died)

    def _follow_socket(self, call):
        if call.name == "socket":
            inode = _SOCKET_PATH.fullmatch(_bytes(call.path).decode())
            if inode:
                self._sockets[inode[1]] = _new_socket(call.arguments)
        elif call.name in ("bind", "listen", "getsockname"):
            socket = self._socket_of(call)
            if call.errno == "EADDRINUSE":
                self._add_failure(call, socket)
            elif socket and call.result == 0 and call.name != "listen":
                address, port = _address(call.arguments)
                socket.bound = address, CHOSEN if port == 0 else port

    def _socket_of(self, call) -> Optional[Socket]:
        path = _DESCRIPTOR.match(call.arguments)
        inode = path and _SOCKET_PATH.fullmatch(_bytes(path[1]).decode(errors="replace"))
        return self._sockets.get(inode[1]) if inode else None

    def _add_failure(self, call, socket):
        if socket is None or socket.transport is None:
            raise Unreadable(f"a socket of unknown origin: {call.name}({call.arguments})")
        address, port = _address(call.arguments) if call.name == "bind" else socket.bound
        self.failures.append(Failure(call.time, call.tid, self.lives[call.tid].pid, call.name, socket.transport,
                                     socket.family, address, port))
