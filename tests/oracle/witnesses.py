# SPDX-License-Identifier: Apache-2.0
"""Runs one command under strace in a network namespace of its own while bindtrace watches from outside."""

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

import strace_log

_READY_S = 60
_QUIET_S = 0.5
_QUIET_AT_MOST_S = 60
_PR_SET_CHILD_SUBREAPER = 36
_IN_NAMESPACE = 'ip link set lo up && exec strace "$@"'


class Broken(Exception):
    """The run itself failed; nothing can be said of what the witnesses told."""


def adopt_orphans():
    """What a workload leaves behind becomes a child of this process, so that it can be found and ended."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot adopt orphans")


def _children(spared):
    with open("/proc/thread-self/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split() if int(pid) != spared]


def _end_leftovers(spared):
    """Ends each child but the spared one, then what these had themselves; says how many were still running."""
    ended = 0
    while children := _children(spared):
        for pid in children:
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                ended += 1
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    return ended


def _await_quiet(file):
    """bindtrace gives up what it could not write soon after it is told to end, and counts that as lost."""
    deadline = time.monotonic() + _QUIET_AT_MOST_S
    size = None
    while size != (size := os.stat(file).st_size) and time.monotonic() < deadline:
        time.sleep(_QUIET_S)


@contextlib.contextmanager
def _watching(bindtrace, logs):
    ready, signal_ready = os.pipe()
    with (open(f"{logs}/events.jsonl", "wb") as events, open(f"{logs}/bindtrace.stderr", "wb") as messages,
          subprocess.Popen([bindtrace, "-j", "--all-repeats", "--ready-fd", str(signal_ready)], stdout=events, stderr=messages,
                           pass_fds=[signal_ready]) as tracer):
        os.close(signal_ready)
        try:
            if not select.select([ready], [], [], _READY_S)[0] or not os.read(ready, 1):
                raise Broken(f"bindtrace does not start: see {logs}/bindtrace.stderr")
            yield tracer
            _await_quiet(f"{logs}/events.jsonl")
            tracer.send_signal(signal.SIGINT)
            if tracer.wait(_READY_S) != 0:
                raise Broken(f"bindtrace ended with {tracer.returncode}: see {logs}/bindtrace.stderr")
        except subprocess.TimeoutExpired as error:
            raise Broken("bindtrace does not stop") from error
        finally:
            os.close(ready)
            tracer.kill()


def _run(command, logs, scratch, tracer, timeout_s):
    with open(f"{logs}/output", "wb") as output:
        run = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", _IN_NAMESPACE, "sh", *strace_log.OPTIONS, "-o", f"{logs}/strace", "--",
             *command], cwd=scratch, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        status = run.wait(timeout_s)
    except subprocess.TimeoutExpired:
        status = "a timeout"
    finally:
        run.kill()
        run.wait()
        leftovers = _end_leftovers(tracer.pid)
    if status != 0 or leftovers:
        raise Broken(f"the workload ended with {status} and left {leftovers} processes: see {logs}/output")


def record(bindtrace, command, logs, timeout_s):
    """Leaves events.jsonl, strace.TID and output in the directory logs; returns when the command was started."""
    scratch = tempfile.mkdtemp(prefix="bindtrace-oracle.")
    os.chmod(scratch, 0o711)  # a workload may take another user
    try:
        with _watching(bindtrace, logs) as tracer:
            started = time.time()
            _run(command, logs, scratch, tracer, timeout_s)
            return started
    finally:
        shutil.rmtree(scratch)
