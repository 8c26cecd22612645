# SPDX-License-Identifier: Apache-2.0
"""Where two witnesses of the same failures differ."""

import collections
import difflib

from failure import CHOSEN

# Both take their times from the wall clock, the one before and the other at the end of a call. Thread ids are used
# again after at least many thousands of others.
_SLACK_S = 1.0


def of_workload(failures, lives):
    """Those of the workload's own threads, and those of others by the same ids; the machine's other processes go."""
    own, strangers = [], []
    for failure in failures:
        life = lives.get(failure.tid)
        if life:
            lived = life.born - _SLACK_S <= failure.time <= life.died + _SLACK_S
            (own if lived else strangers).append(failure)
    return own, strangers


def _by_thread(failures):
    threads = collections.defaultdict(list)
    for failure in failures:
        threads[failure.tid].append(failure)
    return threads


def _without_port(failure):
    return failure.told()[:-1]


def _keys(failures, vague):
    return [(*_without_port(failure), CHOSEN) if _without_port(failure) in vague else failure.told()
            for failure in failures]


def differences(expected, actual):
    """One line each; the calls of a thread have an order, those of two threads have not."""
    lines = []
    expected = _by_thread(expected)
    actual = _by_thread(actual)
    for tid in sorted(expected.keys() | actual.keys()):
        ours, theirs = expected[tid], actual[tid]
        vague = {_without_port(failure) for failure in ours if failure.port == CHOSEN}
        matcher = difflib.SequenceMatcher(None, _keys(ours, vague), _keys(theirs, vague), autojunk=False)
        for tag, first, last, other_first, other_last in matcher.get_opcodes():
            if tag == "equal":
                continue
            pairs = min(last - first, other_last - other_first)
            for i in range(pairs):
                lines.append(f"different: strace {ours[first + i]}, bindtrace {theirs[other_first + i]}")
            lines += [f"missing: {failure}" for failure in ours[first + pairs:last]]
            lines += [f"extra: {failure}" for failure in theirs[other_first + pairs:other_last]]
    return lines
