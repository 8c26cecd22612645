/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What each kind of hook knows of a bind or listen, made into one bt_call. */
#ifndef BINDTRACE_HOOKS_BPF_H
#define BINDTRACE_HOOKS_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bits.bpf.h"
#include "entry.bpf.h"
#include "macros.h"
#include "turn.bpf.h"
#include "watch.bpf.h"

/*
 * What is __noinline here is off the way of most calls: what such a function saves and clears costs no other call
 * anything.
 */

static __noinline int bt_port_taken(struct sock *sk, unsigned short port, enum bt_turn turn)
{
	if (turn == BT_INNER_FIRST && bt_records_binds())
		bt_note_bind(sk, port);
	bt_watch_port(sk, port);
	return 0;
}

static __noinline int bt_port_refused(struct sock *sk, unsigned short port, enum bt_turn turn)
{
	/* listen() sets the state before it asks for the port. */
	struct bt_call call = {
		.port = port,
		.operation = BT_OP_BIND + bt_equal(BPF_CORE_READ(sk, __sk_common.skc_state), TCP_LISTEN),
	};

	bt_handle(sk, &call, turn);
	return 0;
}

/* get_port returned ret: 1 on 5.10, -EADDRINUSE later. Port 0 is left to the outer hook. */
static __always_inline int bt_get_port(struct sock *sk, unsigned short port, int ret, enum bt_turn turn)
{
	if (!port)
		return 0;
	if (ret)
		return bt_port_refused(sk, port, turn);
	return bt_records_binds() || bt_watch.ports ? bt_port_taken(sk, port, turn) : 0;
}

/* The outer hooks: each walks in place of an inner one that was skipped by preemption. */

/* A bind of the sockaddr in `call` was refused for the address. */
static __always_inline int bt_bind(struct sock *sk, struct bt_call *call, enum bt_turn turn)
{
	if (!sk)
		return 0;
	call->operation = BT_OP_BIND;
	bt_handle(sk, call, turn);
	return 0;
}

/* A listen, likewise: only IP families refuse it for the address, which the socket has. */
static __always_inline int bt_listen(struct sock *sk, struct bt_call *call, enum bt_turn turn)
{
	if (!sk)
		return 0;
	call->operation = BT_OP_LISTEN;
	call->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	bt_handle(sk, call, turn);
	return 0;
}

/* A family's own bind, with the kernel's copy of the sockaddr. */
static __always_inline int bt_family_bind(struct sock *sk, void *address, int length, int ret, enum bt_turn turn)
{
	struct bt_call call = {
		.sockaddr = (__u64)address,
		.length = length,
		.from_kernel = 1,
		.no_table = 1,
	};

	if (!ret && turn == BT_INNER_FIRST && bt_records_binds())
		bt_note_bind(sk, BPF_CORE_READ(sk, __sk_common.skc_num));
	if (!ret)
		bt_watch_name(sk);
	return ret == -EADDRINUSE ? bt_bind(sk, &call, turn) : 0;
}

static __noinline int bt_bind_socket_refused(struct socket *socket, void *address, int length, enum bt_turn turn)
{
	struct bt_call call = {
		.sockaddr = (__u64)address,
		.length = length,
		.from_kernel = 1,
	};

	return bt_bind(BPF_CORE_READ(socket, sk), &call, turn);
}

static __always_inline int bt_bind_socket(struct socket *socket, void *address, int length, int ret,
					  enum bt_turn turn)
{
	return ret == -EADDRINUSE ? bt_bind_socket_refused(socket, address, length, turn) : 0;
}

static __noinline int bt_listen_socket_refused(struct socket *socket, enum bt_turn turn)
{
	struct bt_call call = {};

	return bt_listen(BPF_CORE_READ(socket, sk), &call, turn);
}

static __always_inline int bt_listen_socket(struct socket *socket, int ret, enum bt_turn turn)
{
	return ret == -EADDRINUSE ? bt_listen_socket_refused(socket, turn) : 0;
}

static __noinline int bt_sys_bind_refused(int fd, void *address, int length, enum bt_turn turn)
{
	struct bt_call call = {
		.sockaddr = (__u64)address,
		.length = length,
	};

	return bt_bind(bt_socket_of(fd), &call, turn);
}

static __always_inline int bt_sys_bind(int fd, void *address, int length, int ret, enum bt_turn turn)
{
	return ret == -EADDRINUSE ? bt_sys_bind_refused(fd, address, length, turn) : 0;
}

static __noinline int bt_sys_listen_refused(int fd, enum bt_turn turn)
{
	struct bt_call call = {};

	return bt_listen(bt_socket_of(fd), &call, turn);
}

static __always_inline int bt_sys_listen(int fd, int ret, enum bt_turn turn)
{
	return ret == -EADDRINUSE ? bt_sys_listen_refused(fd, turn) : 0;
}

/*
 * A bind that succeeded, of a 64-bit caller. Not where the kernel was to choose the port, which nobody else asks for
 * by its number.
 */
static __always_inline void bt_note_traced_bind(struct pt_regs *regs)
{
	__u16 head[2] = {}; /* family and port */
	struct inode *inode;
	struct bt_args args;
	struct file *file;
	bool inet;

	bt_traced_args(regs, &args);
	if (bpf_probe_read_user(head, sizeof(head), (void *)args.address))
		return;
	inet = head[0] == AF_INET || head[0] == AF_INET6 || head[0] == AF_UNSPEC;
	if (inet && !head[1])
		return;
	file = bt_file_of(args.fd);
	inode = BPF_CORE_READ(file, f_inode);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFSOCK)
		bt_put_binder(BPF_CORE_READ(inode, i_ino), inet ? bpf_ntohs(head[1]) : 0, bt_current(),
			      false);
}

static __noinline int bt_traced_success(struct pt_regs *regs)
{
	bool watched = bt_watch.ports || bt_watch.names;
	struct bt_args args;

	if ((!bt_records_binds() && !watched) || bt_syscall_is_compat(bt_current()))
		return 0;
	if (bt_records_binds() && bt_traced_nr(regs) == BT_NR_BIND)
		bt_note_traced_bind(regs);
	if (watched) {
		bt_traced_args(regs, &args);
		bt_watch_any(bt_socket_of(args.fd));
	}
	return 0;
}

static __noinline int bt_traced_failure(struct pt_regs *regs, enum bt_turn turn)
{
	struct bt_call call = {};
	struct bt_args args = {};
	__u8 operation = 0;
	struct sock *sk;

	call.entry = bt_bind_call(regs, &operation, &args);
	if (!operation)
		return 0;
	sk = bt_socket_of(args.fd);
	if (operation == BT_OP_LISTEN)
		return bt_listen(sk, &call, turn);
	call.sockaddr = args.address;
	call.length = args.length;
	return bt_bind(sk, &call, turn);
}

static __always_inline int bt_sys_exit(struct pt_regs *regs, long ret, enum bt_turn turn)
{
	/* Most system calls end here. */
	if (!ret && turn == BT_INNER_FIRST && (bt_traced_nr(regs) == BT_NR_BIND || bt_traced_nr(regs) == BT_NR_LISTEN))
		return bt_traced_success(regs);
	return ret == -EADDRINUSE ? bt_traced_failure(regs, turn) : 0;
}

#endif
