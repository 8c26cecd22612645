/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What each kind of hook knows of a bind or listen, made into one bt_call. */
#ifndef BINDTRACE_HOOKS_BPF_H
#define BINDTRACE_HOOKS_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bits.bpf.h"
#include "entry.bpf.h"
#include "macros.h"
#include "turn.bpf.h"

/* get_port returned ret: 1 on 5.10, -EADDRINUSE later. Port 0 is left to the outer hook. */
static __always_inline int bt_get_port(struct sock *sk, unsigned short port, int ret, enum bt_turn turn)
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

/* A bind that returned ret; from_kernel: the sockaddr is the kernel's copy, not the caller's memory. */
static __always_inline int bt_bind(struct sock *sk, const struct bt_args *args, bool from_kernel, long ret, __u8 entry,
				   enum bt_turn turn)
{
	struct bt_call call = {
		.sockaddr = args->address,
		.length = args->length,
		.from_kernel = from_kernel,
		.operation = BT_OP_BIND,
		.entry = entry,
	};

	if (ret == -EADDRINUSE && sk)
		bt_handle(sk, &call, turn);
	return 0;
}

/* A listen that returned ret: only IP families refuse it for the address, which the socket has. */
static __always_inline int bt_listen(struct sock *sk, long ret, __u8 entry, enum bt_turn turn)
{
	struct bt_call call = {.operation = BT_OP_LISTEN, .entry = entry};

	if (ret != -EADDRINUSE || !sk)
		return 0;
	call.port = BPF_CORE_READ(sk, __sk_common.skc_num);
	bt_handle(sk, &call, turn);
	return 0;
}

static __always_inline int bt_sys_exit(struct pt_regs *regs, long ret, enum bt_turn turn)
{
	struct bt_args args = {};
	__u8 operation = 0;
	struct sock *sk;
	__u8 entry;

	if (ret != -EADDRINUSE && !(turn == BT_INNER_FIRST && bt_wants_success(regs, ret)))
		return 0;
	entry = bt_bind_call(regs, &operation, &args);
	if (!operation)
		return 0;
	sk = bt_socket_of(args.fd);
	if (!ret && sk)
		bt_on_bound(sk);
	if (operation == BT_OP_LISTEN)
		return bt_listen(sk, ret, entry, turn);
	return bt_bind(sk, &args, false, ret, entry, turn);
}

#endif
