# SPDX-License-Identifier: Apache-2.0
"""Used by `metrics`: programs that have an address, and programs that are refused it."""
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TCP, UDP, FLOOD = 7001, 7002, 7003

# Programs that are refused; each runs by itself.
TRY = """import errno, socket, sys
kind, port, times = getattr(socket, sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
sock = socket.socket(socket.AF_INET, kind)
for _ in range(times):
    try:
        sock.bind(("127.0.0.1", port))
        sys.exit("it was free")
    except OSError as error:
        assert error.errno == errno.EADDRINUSE
"""
ITS_OWN = """import errno, socket
first, second = socket.socket(), socket.socket()
first.bind(("127.0.0.1", 0))
first.listen()
try:
    second.bind(first.getsockname())
except OSError as error:
    assert error.errno == errno.EADDRINUSE
"""
LISTENS_TWICE = """import errno, socket
first, second = socket.socket(), socket.socket()
for sock in (first, second):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
first.bind(("127.0.0.1", 0))
second.bind(first.getsockname())
first.listen()
try:
    second.listen()
except OSError as error:
    assert error.errno == errno.EADDRINUSE
"""
STALE = """import errno, socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])
try:
    socket.socket(socket.AF_UNIX).bind(sys.argv[1])
except OSError as error:
    assert error.errno == errno.EADDRINUSE
"""


class Refused:
    """Such a program, once it was refused. It stays until the end of the block: who is gone is hard to tell about."""

    def __init__(self, script, *words):
        script += 'import signal\nprint("refused", flush=True)\nsignal.pause()\n'
        self.process = subprocess.Popen(["/usr/bin/python3", "-c", script, *map(str, words)], stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"refused\n":
            self.process.kill()
            raise AssertionError(f"it was not refused: {words}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def hold():
    holder = subprocess.Popen([f"{ROOT}/tests/oracle/hold", "tcp", "127.0.0.1", str(TCP), "udp", "127.0.0.1", str(UDP), "tcp",
                               "127.0.0.1", str(FLOOD)], stdout=subprocess.PIPE)
    holder.stdout.readline()
    return holder
