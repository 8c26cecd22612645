/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bind and listen by io_uring (6.11+) on the tracepoint tier: no system call of theirs ends,
 * so the completion of the request is what tells.
 */
#ifndef BINDTRACE_IO_URING_BPF_H
#define BINDTRACE_IO_URING_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "entry.bpf.h"
#include "hooks.bpf.h"
#include "macros.h"

/*
 * The kernel's copy of the address: alone in the request's data (later kernels, 6.18.44 among them), or inside a
 * struct io_async_msghdr. BTF does not tell which; but that struct begins with a pointer, whose low bits are never
 * the family of the socket.
 */
static __always_inline __u64 bt_io_uring_sockaddr(struct io_kiocb *request, struct sock *sk)
{
	struct io_async_msghdr *kept = BPF_CORE_READ(request, async_data);
	__u16 family = 0;

	bpf_probe_read_kernel(&family, sizeof(family), kept);
	if (family == BPF_CORE_READ(sk, __sk_common.skc_family) || family == AF_INET)
		return (__u64)kept;
	return (__u64)kept + bpf_core_field_offset(kept->addr);
}

static __always_inline int bt_io_uring_complete(struct io_kiocb *request, int ret, enum bt_turn turn)
{
	struct bt_call call = {.entry = BT_ENTRY_IO_URING};
	struct sock *sk;
	__u8 opcode;

	bool succeeded = !ret && turn == BT_INNER_FIRST;

	if (ret != -EADDRINUSE && !succeeded)
		return 0;
	opcode = BPF_CORE_READ(request, opcode);
	if (opcode != IORING_OP_BIND && opcode != IORING_OP_LISTEN)
		return 0;
	sk = bt_socket_in(BPF_CORE_READ(request, file));
	if (succeeded) {
		if (sk && opcode == IORING_OP_BIND && bt_records_binds())
			bt_note_bind(sk, BPF_CORE_READ(sk, __sk_common.skc_num));
		if (sk)
			bt_watch_any(sk);
		return 0;
	}
	if (opcode == IORING_OP_LISTEN)
		return bt_listen(sk, &call, turn);
	call.sockaddr = bt_io_uring_sockaddr(request, sk);
	call.length = BPF_CORE_READ((struct io_bind *)request, addr_len);
	call.from_kernel = 1;
	return bt_bind(sk, &call, turn);
}

#endif
