// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs, one thin function a hook; what they do is in the headers. Built twice:
 * with bpf_loop (kernels from 5.17) and, with BT_BOUNDED, without it (5.10 to 5.16).
 *
 * fexit tier: inner hooks see the kernel's copy of the address and every path that
 * reaches them; outer hooks report what has no inner hook (bind to port 0 with no port
 * left). kprobe tier: the same, see kprobe.bpf.h. tracepoint tier: every system call's
 * exit; the fd is followed to its socket.
 *
 * One event each, though several programs may meet one failure: see bt_turn.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "binder.bpf.h"
#include "bits.bpf.h"
#include "entry.bpf.h"
#include "macros.h"
#include "turn.bpf.h"

char _license[] SEC("license") = "Dual BSD/GPL";

/* get_port returned ret: 1 on 5.10, -EADDRINUSE later. Port 0 is left to the outer hook. */
static __always_inline int bt_inner(struct sock *sk, unsigned short port, int ret, enum bt_turn turn)
{
	struct bt_call call = {.port = port};

	if (!ret) {
		if (turn == BT_INNER_FIRST)
			bt_on_bound(sk);
		return 0;
	}
	if (!port)
		return 0;
	/* listen() sets the state before it asks for the port. */
	call.operation = BT_OP_BIND + bt_equal(BPF_CORE_READ(sk, __sk_common.skc_state), TCP_LISTEN);
	bt_handle(sk, &call, turn);
	return 0;
}

static __always_inline int bt_outer(int fd, void *address, int ret, __u8 operation, enum bt_turn turn)
{
	struct bt_call call = {.operation = operation};
	struct sock *sk;

	if (ret != -EADDRINUSE)
		return 0;
	sk = bt_socket_of(fd);
	if (!bt_is_inet(sk))
		return 0;
	if (operation == BT_OP_BIND)
		call.user_address = (__u64)address;
	else
		call.port = BPF_CORE_READ(sk, __sk_common.skc_num);
	bt_handle(sk, &call, turn);
	return 0;
}

static __always_inline int bt_sys_exit(struct pt_regs *regs, long ret, enum bt_turn turn)
{
	struct bt_call call = {};
	struct bt_args args;
	struct sock *sk;

	if (ret != -EADDRINUSE && !(turn == BT_INNER_FIRST && bt_wants_success(regs, ret)))
		return 0;
	call.entry = bt_bind_call(regs, &call.operation, &args);
	if (!call.operation)
		return 0;
	sk = bt_socket_of(args.fd);
	if (!bt_is_inet(sk))
		return 0;
	if (!ret) {
		bt_on_bound(sk);
		return 0;
	}
	if (call.operation == BT_OP_BIND)
		call.user_address = args.address;
	else
		call.port = BPF_CORE_READ(sk, __sk_common.skc_num);
	bt_handle(sk, &call, turn);
	return 0;
}

/* The name ends with the turn: bare, _2, _3. */
#define BT_GET_PORT(name, function, turn)                                                                    \
	SEC("fexit/" function)                                                                               \
	int BPF_PROG(name, struct sock *sk, unsigned short port, int ret)                                    \
	{                                                                                                    \
		return bt_inner(sk, port, ret, turn);                                                        \
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

SEC("fexit/__sys_bind")
int BPF_PROG(bind_fexit, int fd, void *address, int length, int ret)
{
	return bt_outer(fd, address, ret, BT_OP_BIND, BT_OUTER_FIRST);
}

SEC("fexit/__sys_bind")
int BPF_PROG(bind_fexit_2, int fd, void *address, int length, int ret)
{
	return bt_outer(fd, address, ret, BT_OP_BIND, BT_OUTER_SECOND);
}

SEC("fexit/__sys_listen")
int BPF_PROG(listen_fexit, int fd, int backlog, int ret)
{
	return bt_outer(fd, NULL, ret, BT_OP_LISTEN, BT_OUTER_FIRST);
}

SEC("fexit/__sys_listen")
int BPF_PROG(listen_fexit_2, int fd, int backlog, int ret)
{
	return bt_outer(fd, NULL, ret, BT_OP_LISTEN, BT_OUTER_SECOND);
}

#define BT_SYS_EXIT(name, turn)                                                                              \
	SEC("tp_btf/sys_exit")                                                                               \
	int BPF_PROG(name, struct pt_regs *regs, long ret)                                                   \
	{                                                                                                    \
		return bt_sys_exit(regs, ret, turn);                                                         \
	}

BT_SYS_EXIT(sys_exit_tp, BT_INNER_FIRST)
BT_SYS_EXIT(sys_exit_tp_2, BT_INNER_SECOND)
BT_SYS_EXIT(sys_exit_tp_3, BT_INNER_THIRD)

#include "kprobe.bpf.h" /* calls bt_inner and bt_outer */

/* Run once by user space (BPF_PROG_TEST_RUN): which tgid the programs see it under. */
SEC("raw_tp")
int whoami(void *ctx)
{
	bt_live.self_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
