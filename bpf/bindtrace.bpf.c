// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs, one thin function a hook; what they do is in the headers. Built twice:
 * with bpf_loop (kernels from 5.17) and, with BT_BOUNDED, without it (5.10 to 5.16).
 *
 * fexit tier: inner hooks see the kernel's copy of the address and every path that
 * reaches them; outer hooks report what has no inner hook (other families, bind to port 0
 * with no port left). kprobe tier: the same, see kprobe.bpf.h. tracepoint tier: every
 * system call's exit, the fd followed to its socket, and the completions of io_uring.
 *
 * One event each, though several programs may meet one failure: see bt_turn. The name of
 * a program ends with its place among those of its hook: bare, _2, _3.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "hooks.bpf.h"
#include "io_uring.bpf.h"
#include "kprobe.bpf.h"
#include "port_walk.bpf.h"
#include "search.bpf.h"
#include "stop.bpf.h"
#include "watch.bpf.h"

char _license[] SEC("license") = "Dual BSD/GPL";

#define BT_GET_PORT(name, function, turn)                                                                    \
	SEC("fexit/" function)                                                                               \
	int BPF_PROG(name, struct sock *sk, unsigned short port, int ret)                                    \
	{                                                                                                    \
		return bt_get_port(sk, port, ret, turn);                                                     \
	}

BT_GET_PORT(tcp_fexit, "inet_csk_get_port", BT_INNER_FIRST)
BT_GET_PORT(tcp_fexit_2, "inet_csk_get_port", BT_INNER_SECOND)
BT_GET_PORT(tcp_fexit_3, "inet_csk_get_port", BT_INNER_THIRD)
BT_GET_PORT(udp4_fexit, "udp_v4_get_port", BT_INNER_FIRST)
BT_GET_PORT(udp4_fexit_2, "udp_v4_get_port", BT_INNER_SECOND)
BT_GET_PORT(udp4_fexit_3, "udp_v4_get_port", BT_INNER_THIRD)
BT_GET_PORT(udp6_fexit, "udp_v6_get_port", BT_INNER_FIRST)
BT_GET_PORT(udp6_fexit_2, "udp_v6_get_port", BT_INNER_SECOND)
BT_GET_PORT(udp6_fexit_3, "udp_v6_get_port", BT_INNER_THIRD)

#define BT_PING_BIND(name, turn)                                                                             \
	SEC("fexit/ping_bind")                                                                               \
	int BPF_PROG(name, struct sock *sk, void *address, int length, int ret)                              \
	{                                                                                                    \
		return bt_family_bind(sk, address, length, ret, turn);                                       \
	}

BT_PING_BIND(ping_fexit, BT_INNER_FIRST)
BT_PING_BIND(ping_fexit_2, BT_INNER_SECOND)

#define BT_FAMILY_BIND(name, function, turn)                                                                 \
	SEC("fexit/" function)                                                                               \
	int BPF_PROG(name, struct socket *socket, void *address, int length, int ret)                        \
	{                                                                                                    \
		return bt_family_bind(BPF_CORE_READ(socket, sk), address, length, ret, turn);                \
	}

BT_FAMILY_BIND(unix_fexit, "unix_bind", BT_INNER_FIRST)
BT_FAMILY_BIND(unix_fexit_2, "unix_bind", BT_INNER_SECOND)
BT_FAMILY_BIND(netlink_fexit, "netlink_bind", BT_INNER_FIRST)
BT_FAMILY_BIND(netlink_fexit_2, "netlink_bind", BT_INNER_SECOND)

#define BT_BIND_SOCKET(name, turn)                                                                           \
	SEC("fexit/__sys_bind_socket")                                                                       \
	int BPF_PROG(name, struct socket *socket, void *address, int length, int ret)                        \
	{                                                                                                    \
		return bt_bind_socket(socket, address, length, ret, turn);                                   \
	}

BT_BIND_SOCKET(bindsk_fexit, BT_MIDDLE_FIRST)
BT_BIND_SOCKET(bindsk_fexit_2, BT_MIDDLE_SECOND)

#define BT_LISTEN_SOCKET(name, turn)                                                                         \
	SEC("fexit/__sys_listen_socket")                                                                     \
	int BPF_PROG(name, struct socket *socket, int backlog, int ret)                                      \
	{                                                                                                    \
		return bt_listen_socket(socket, ret, turn);                                                  \
	}

BT_LISTEN_SOCKET(listensk_fexit, BT_MIDDLE_FIRST)
BT_LISTEN_SOCKET(listensk_fexit_2, BT_MIDDLE_SECOND)

#define BT_SYS_BIND(name, turn)                                                                              \
	SEC("fexit/__sys_bind")                                                                              \
	int BPF_PROG(name, int fd, void *address, int length, int ret)                                       \
	{                                                                                                    \
		return bt_sys_bind(fd, address, length, ret, turn);                                          \
	}

BT_SYS_BIND(bind_fexit, BT_OUTER_FIRST)
BT_SYS_BIND(bind_fexit_2, BT_OUTER_SECOND)

#define BT_SYS_LISTEN(name, turn)                                                                            \
	SEC("fexit/__sys_listen")                                                                            \
	int BPF_PROG(name, int fd, int backlog, int ret)                                                     \
	{                                                                                                    \
		return bt_sys_listen(fd, ret, turn);                                                         \
	}

BT_SYS_LISTEN(listen_fexit, BT_OUTER_FIRST)
BT_SYS_LISTEN(listen_fexit_2, BT_OUTER_SECOND)

#define BT_SYS_EXIT(name, turn)                                                                              \
	SEC("tp_btf/sys_exit")                                                                               \
	int BPF_PROG(name, struct pt_regs *regs, long ret)                                                   \
	{                                                                                                    \
		return bt_sys_exit(regs, ret, turn);                                                         \
	}

BT_SYS_EXIT(sys_exit_tp, BT_INNER_FIRST)
BT_SYS_EXIT(sys_exit_tp_2, BT_INNER_SECOND)
BT_SYS_EXIT(sys_exit_tp_3, BT_INNER_THIRD)

#ifndef BT_BOUNDED /* io_uring binds since 6.11 */

/* With the completion entry: its shape changed between 6.12 and 6.18. */
#define BT_IO_URING(name, turn)                                                                              \
	SEC("tp_btf/io_uring_complete")                                                                      \
	int BPF_PROG(name, void *ring, struct io_kiocb *request, struct io_uring_cqe *cqe)                    \
	{                                                                                                    \
		return bt_io_uring_complete(request, BPF_CORE_READ(cqe, res), turn);                         \
	}

BT_IO_URING(io_uring_tp, BT_INNER_FIRST)
BT_IO_URING(io_uring_tp_2, BT_INNER_SECOND)
BT_IO_URING(io_uring_tp_3, BT_INNER_THIRD)

/* Until then, with its members. */
#define BT_IO_URING_OLD(name, turn)                                                                          \
	SEC("tp_btf/io_uring_complete")                                                                      \
	int BPF_PROG(name, void *ring, struct io_kiocb *request, __u64 user_data, int ret)                    \
	{                                                                                                    \
		return bt_io_uring_complete(request, ret, turn);                                             \
	}

BT_IO_URING_OLD(io_uring_old_tp, BT_INNER_FIRST)
BT_IO_URING_OLD(io_uring_old_tp_2, BT_INNER_SECOND)
BT_IO_URING_OLD(io_uring_old_tp_3, BT_INNER_THIRD)

#endif

/* Sockets that give a watched address up, by tier; attached only while something is watched. */
SEC("fentry/inet_put_port")
int BPF_PROG(tcp_end_fentry, struct sock *sk)
{
	return bt_tcp_ends(sk);
}

SEC("fentry/udp_lib_unhash")
int BPF_PROG(udp_end_fentry, struct sock *sk)
{
	return bt_udp_ends(sk);
}

SEC("fentry/unix_release")
int BPF_PROG(unix_end_fentry, struct socket *socket)
{
	return bt_unix_ends(socket);
}

SEC("kprobe/inet_put_port")
int BPF_KPROBE(tcp_end_entry, struct sock *sk)
{
	return bt_tcp_ends(sk);
}

SEC("kprobe/udp_lib_unhash")
int BPF_KPROBE(udp_end_entry, struct sock *sk)
{
	return bt_udp_ends(sk);
}

SEC("kprobe/unix_release")
int BPF_KPROBE(unix_end_entry, struct socket *socket)
{
	return bt_unix_ends(socket);
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(tcp_end_tp, struct sock *sk)
{
	return bt_tcp_ends(sk);
}

/* With interrupts off, but where they are not (PREEMPT_RT): no backups, and a signal that is not seen is no failure. */
SEC("tp_btf/signal_generate")
int BPF_PROG(note_signals, int signal, struct kernel_siginfo *info, struct task_struct *task, int group, int result)
{
	return bt_note_signal(signal, info, task, result);
}

/* Every descriptor of every process, run by user space when it looks for the holders of a socket. */
SEC("iter/task_file")
int search_files(struct bpf_iter__task_file *context)
{
	return bt_search(context);
}

/* The same, once at the start: who has which bound socket. */
SEC("iter/task_file")
int seed_binders(struct bpf_iter__task_file *context)
{
	return bt_seed_binder(context);
}

/* The walk of a bind table without a failure, run by user space (BPF_PROG_TEST_RUN). */
SEC("raw_tp")
int walk_port(void *context)
{
	return bt_walk_port();
}

/* Run once by user space (BPF_PROG_TEST_RUN): which tgid the programs see it under. */
SEC("raw_tp")
int whoami(void *ctx)
{
	bt_live.self_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
