#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the oracle makes of both witnesses' words, without root and without either of them."""

import pathlib
import tempfile
import unittest

import comparison
import strace_log
from failure import CHOSEN, Failure

REFUSED = "= -1 EADDRINUSE (Address already in use)"


def in_hex(text):
    return "".join(f"\\x{byte:02x}" for byte in text.encode("latin-1"))


SOCKET = f"3<{in_hex('socket:[77]')}>"
TCP = f"socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = {SOCKET}"
UNIX = f"socket(AF_UNIX, SOCK_STREAM, 0) = {SOCKET}"


def internet(address, port):
    return f'{{sa_family=AF_INET, sin_port=htons({port}), sin_addr=inet_addr("{in_hex(address)}")}}'


def read(*threads):
    """A log of one file a thread, of ids from 100; a line each microsecond."""
    with tempfile.TemporaryDirectory() as directory:
        for count, lines in enumerate(threads):
            path = pathlib.Path(directory, f"strace.{100 + count}")
            path.write_text("".join(f"{count + i / 1e6:.6f} {line}\n" for i, line in enumerate(lines)))
        return strace_log.Log(list(pathlib.Path(directory).iterdir()), 0.0)


def told_by(*lines):
    return [failure.told()[2:] for failure in read(lines).failures]


def failure(time=1.0, tid=100, address="127.0.0.1", port=80, operation="bind"):
    return Failure(time, tid, 100, operation, "tcp", "ipv4", address, port)


class StraceLog(unittest.TestCase):
    def test_a_refused_bind_has_its_sockets_protocol_and_the_address_asked_for(self):
        self.assertEqual(told_by(TCP, f"bind({SOCKET}, {internet('127.0.0.1', 80)}, 16) {REFUSED}"),
                         [("bind", "tcp", "ipv4", "127.0.0.1", 80)])

    def test_what_succeeds_or_fails_otherwise_is_none(self):
        self.assertEqual(told_by(TCP, f"bind({SOCKET}, {internet('1.2.3.4', 80)}, 16) = -1 EACCES (Permission denied)",
                                 f"bind({SOCKET}, {internet('127.0.0.1', 80)}, 16) = 0", f"listen({SOCKET}, 5) = 0"), [])

    def test_a_flow_label_and_a_scope_are_no_part_of_an_address(self):
        told = told_by(
            f"socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = {SOCKET}",
            f"bind({SOCKET}, {{sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(7), inet_pton(AF_INET6, "
            f'"{in_hex("fe80::1")}", &sin6_addr), sin6_scope_id=if_nametoindex("{in_hex("lo")}")}}, 28) {REFUSED}')
        self.assertEqual(told, [("bind", "udp", "ipv6", "fe80::1", 53)])

    def test_an_unspecified_family_is_that_of_ipv4(self):
        data = in_hex("\x1f\x90\x7f\0\0\x01" + 8 * "\0")
        self.assertEqual(told_by(TCP, f'bind({SOCKET}, {{sa_family=AF_UNSPEC, sa_data="{data}"}}, 16) {REFUSED}'),
                         [("bind", "tcp", "ipv4", "127.0.0.1", 8080)])

    def test_names_of_unix_sockets_keep_their_bytes(self):
        told = told_by(UNIX, f'bind({SOCKET}, {{sa_family=AF_UNIX, sun_path=@"{in_hex("a") + chr(92)}x00"}}, 5) {REFUSED}',
                       f'bind({SOCKET}, {{sa_family=AF_UNIX, sun_path="{in_hex("/a, b)" + chr(34))}"}}, 9) {REFUSED}')
        self.assertEqual(told, [("bind", "unix", None, "@a\0", None), ("bind", "unix", None, '/a, b)"', None)])

    def test_netlink_and_vsock_addresses_are_unsigned_numbers(self):
        told = told_by(
            f"socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = {SOCKET}",
            f"bind({SOCKET}, {{sa_family=AF_NETLINK, nl_pid=-2, nl_groups=00000000}}, 12) {REFUSED}",
            f"socket(AF_VSOCK, SOCK_STREAM, 0) = {SOCKET}",
            f"bind({SOCKET}, {{sa_family=AF_VSOCK, svm_cid=VMADDR_CID_ANY, svm_port=0x4d2, svm_flags=0}}, 16) {REFUSED}")
        self.assertEqual(told, [("bind", "netlink", None, "4294967294", None),
                                ("bind", "vsock", None, "4294967295:1234", None)])

    def test_a_refused_listen_has_the_address_that_another_thread_bound(self):
        log = read([TCP, f"bind({SOCKET}, {internet('127.0.0.1', 80)}, 16) = 0", "clone(flags=CLONE_THREAD) = 101"],
                   [f"listen({SOCKET}, 5) {REFUSED}"])
        self.assertEqual([failure.told() for failure in log.failures],
                         [(101, 100, "listen", "tcp", "ipv4", "127.0.0.1", 80)])

    def test_a_port_that_the_kernel_chose_is_known_once_its_name_was_asked_for(self):
        bound = [TCP, f"bind({SOCKET}, {internet('127.0.0.1', 0)}, 16) = 0"]
        refused = f"listen({SOCKET}, 5) {REFUSED}"
        name = f"getsockname({SOCKET}, {internet('127.0.0.1', 32768)}, [16]) = 0"
        self.assertEqual(told_by(*bound, refused)[0][-1], CHOSEN)
        self.assertEqual(told_by(*bound, name, refused)[0][-1], 32768)

    def test_a_listen_without_bind_asked_for_any_port(self):
        self.assertEqual(told_by(TCP, f"listen({SOCKET}, 5) {REFUSED}"), [("listen", "tcp", "ipv4", "0.0.0.0", 0)])

    def test_a_thread_in_a_namespace_of_ids_belongs_to_its_process(self):
        log = read(["clone3({flags=CLONE_VM|CLONE_THREAD}, 88) = 2 /* 101 in strace's PID NS */"], ["+++ exited with 0 +++"])
        self.assertEqual(log.lives[101].pid, 100)
        self.assertEqual(log.lives[101].died, 1.0)

    def test_a_refusal_that_it_does_not_understand_is_no_agreement(self):
        for line in (f"bind({SOCKET}, {internet('127.0.0.1', 80)}, 16) {REFUSED}", f"bind(3, 0x7f {REFUSED}"):
            with self.assertRaises(strace_log.Unreadable):
                read([line])


class Comparison(unittest.TestCase):
    def test_witnesses_agree_whatever_the_order_of_two_threads(self):
        both = [failure(tid=100), failure(tid=101, port=81)]
        self.assertEqual(comparison.differences(both, both[::-1]), [])

    def test_each_failure_counts(self):
        one = failure()
        self.assertEqual(comparison.differences([one, one], [one]), [f"missing: {one}"])
        self.assertEqual(comparison.differences([one], [one, one]), [f"extra: {one}"])

    def test_another_address_or_operation_is_different(self):
        for other in (failure(port=81), failure(address="0.0.0.0"), failure(operation="listen")):
            self.assertEqual(comparison.differences([failure()], [other]),
                             [f"different: strace {failure()}, bindtrace {other}"])

    def test_a_port_that_strace_cannot_know_is_any_port_of_that_address(self):
        unknown = failure(port=CHOSEN)
        self.assertEqual(comparison.differences([unknown], [failure(port=32768)]), [])
        self.assertEqual(len(comparison.differences([unknown], [failure(address="::1", port=32768)])), 1)

    def test_other_processes_and_other_lives_of_an_id_do_not_count(self):
        lives = {100: strace_log.Life(100, 10.0, 20.0)}
        early, ours, late = failure(time=5.0), failure(time=15.0), failure(time=25.0)
        self.assertEqual(comparison.of_workload([early, ours, late, failure(time=15.0, tid=101)], lives),
                         ([ours], [early, late]))


if __name__ == "__main__":
    unittest.main()
