// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs, one thin function a hook; what they do is in the headers. Built twice:
 * with bpf_loop (kernels from 5.17) and, with BT_BOUNDED, without it (5.10 to 5.16).
 *
 * fexit tier: inner hooks see the kernel's copy of the address and every path that
 * reaches them; outer hooks report what has no inner hook (bind to port 0 with no port
 * left). One event each: the inner hook leaves its work entry as a mark for the outer.
 * tracepoint tier: every system call's exit; the fd is followed to its socket.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "binder.bpf.h"
#include "bits.bpf.h"
#include "entry.bpf.h"
#include "macros.h"
#include "report.bpf.h"
#include "scan.bpf.h"

char _license[] SEC("license") = "Dual BSD/GPL";

#define BT_MARK_NS 1000000000ULL /* an older mark is not of this call */

/* get_port returned ret: 1 on 5.10, -EADDRINUSE later. Port 0 is left to the outer hook. */
static __always_inline int bt_inner(struct sock *sk, unsigned short port, int ret)
{
	struct bt_call call = {.port = port};

	if (!ret) {
		bt_on_bound(sk);
		return 0;
	}
	if (!port)
		return 0;
	/* listen() sets the state before it asks for the port. */
	call.operation = BT_OP_BIND + bt_equal(BPF_CORE_READ(sk, __sk_common.skc_state), TCP_LISTEN);
	bt_report(sk, &call);
	return 0;
}

static __always_inline int bt_inner_scan(struct sock *sk, int ret)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct bt_work *work;

	if (!ret)
		return 0;
	work = bpf_map_lookup_elem(&bt_work, &id);
	if (work && work->wants_scan && work->sk == (__u64)sk) {
		work->wants_scan = 0;
		bt_scan(work);
	}
	return 0;
}

static __always_inline int bt_outer(int fd, void *address, int ret, __u8 operation)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct bt_call call = {.operation = operation};
	struct bt_work *work;
	struct sock *sk;

	if (ret != -EADDRINUSE)
		return 0;
	sk = bt_socket_of(fd);
	work = bpf_map_lookup_elem(&bt_work, &id);
	if (work && work->sk == (__u64)sk && bpf_ktime_get_boot_ns() - work->ktime_ns < BT_MARK_NS) {
		bpf_map_delete_elem(&bt_work, &id);
		return 0;
	}
	if (!bt_is_inet(sk))
		return 0;
	if (operation == BT_OP_BIND)
		call.user_address = (__u64)address;
	else
		call.port = BPF_CORE_READ(sk, __sk_common.skc_num);
	bt_report(sk, &call);
	return 0;
}

SEC("fexit/inet_csk_get_port")
int BPF_PROG(tcp_fexit, struct sock *sk, unsigned short port, int ret)
{
	return bt_inner(sk, port, ret);
}

SEC("fexit/udp_v4_get_port")
int BPF_PROG(udp4_fexit, struct sock *sk, unsigned short port, int ret)
{
	return bt_inner(sk, port, ret);
}

SEC("fexit/udp_v6_get_port")
int BPF_PROG(udp6_fexit, struct sock *sk, unsigned short port, int ret)
{
	return bt_inner(sk, port, ret);
}

SEC("fexit/inet_csk_get_port")
int BPF_PROG(tcp_fexit_scan, struct sock *sk, unsigned short port, int ret)
{
	return bt_inner_scan(sk, ret);
}

SEC("fexit/udp_v4_get_port")
int BPF_PROG(udp4_fexit_scan, struct sock *sk, unsigned short port, int ret)
{
	return bt_inner_scan(sk, ret);
}

SEC("fexit/udp_v6_get_port")
int BPF_PROG(udp6_fexit_scan, struct sock *sk, unsigned short port, int ret)
{
	return bt_inner_scan(sk, ret);
}

SEC("fexit/__sys_bind")
int BPF_PROG(bind_fexit, int fd, void *address, int length, int ret)
{
	return bt_outer(fd, address, ret, BT_OP_BIND);
}

SEC("fexit/__sys_listen")
int BPF_PROG(listen_fexit, int fd, int backlog, int ret)
{
	return bt_outer(fd, NULL, ret, BT_OP_LISTEN);
}

static __always_inline int bt_sys_exit(struct pt_regs *regs, long ret)
{
	struct bt_call call = {};
	struct bt_args args;
	struct sock *sk;

	if (ret != -EADDRINUSE && !bt_wants_success(regs, ret))
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
	bt_report(sk, &call);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_tp, struct pt_regs *regs, long ret)
{
	return bt_sys_exit(regs, ret);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_tp_scan, struct pt_regs *regs, long ret)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct bt_work *work;

	if (ret != -EADDRINUSE)
		return 0;
	work = bpf_map_lookup_elem(&bt_work, &id);
#ifndef BT_BOUNDED
	if (!work) {
		/* The kernel skips a program that a preempted task has not left on this CPU: then this one reports. */
		bt_sys_exit(regs, ret);
		work = bpf_map_lookup_elem(&bt_work, &id);
	}
#endif
	if (!work)
		return 0;
	if (work->wants_scan)
		bt_scan(work);
	bpf_map_delete_elem(&bt_work, &id);
	return 0;
}

/* Run once by user space (BPF_PROG_TEST_RUN): which tgid the programs see it under. */
SEC("raw_tp")
int whoami(void *ctx)
{
	bt_live.self_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
