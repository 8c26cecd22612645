/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One failure, from the socket and the call to a record in the ring. The record is sent
 * before the scan for the owners begins.
 */
#ifndef BINDTRACE_REPORT_BPF_H
#define BINDTRACE_REPORT_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "entry.bpf.h"
#include "macros.h"
#include "socket.bpf.h"
#include "state.bpf.h"
#include "task.bpf.h"
#include "walk.bpf.h"
#include "wire.h"

/* How the failure was seen. */
struct bt_call {
	__u64 user_address; /* sockaddr in the caller's memory; 0: take the socket's */
	__u16 port;         /* with user_address 0 */
	__u8 operation;     /* enum bt_operation */
	__u8 entry;         /* enum bt_entry; BT_ENTRY_UNKNOWN: find out */
};

/* struct sockaddr_in and sockaddr_in6, as far as they go. */
struct bt_sockaddr {
	__u16 family;
	__be16 port;
	__u8 v4_or_flow[4];
	__u8 v6[16];
	__u32 scope;
};

static __always_inline void bt_request_from_socket(struct bt_request *request, struct sock *sk, __u16 port)
{
	request->address_source = BT_ADDRESS_KERNEL;
	request->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	request->port = port;
	if (request->family == AF_INET6)
		bt_read_v6(request->address, &sk->__sk_common.skc_v6_rcv_saddr);
	else
		bpf_probe_read_kernel(request->address, 4, &sk->__sk_common.skc_rcv_saddr);
}

/* Read at exit, when the kernel has faulted the page in. False: it cannot be read now. */
static __always_inline bool bt_request_from_user(struct bt_request *request, __u64 address)
{
	struct bt_sockaddr sa = {};

	request->address_source = BT_ADDRESS_USER;
	if (bpf_probe_read_user(&sa, 8, (void *)address))
		return false;
	if (sa.family == AF_INET6 && bpf_probe_read_user(&sa, sizeof(sa), (void *)address))
		return false;
	request->port = bpf_ntohs(sa.port);
	if (sa.family == AF_INET6) {
		request->family = AF_INET6;
		bt_copy16(request->address, sa.v6);
		if (!request->device)
			request->device = sa.scope;
	} else {
		request->family = AF_INET; /* __inet_bind takes AF_UNSPEC for it */
		__builtin_memcpy(request->address, sa.v4_or_flow, 4);
	}
	return true;
}

static __always_inline void bt_fill_request(struct bt_failure *failure, struct sock *sk, const struct bt_call *call)
{
	struct bt_request *request = &failure->request;

	__builtin_memset(request, 0, sizeof(*request));
	request->operation = call->operation;
	request->inode = bt_socket_inode(BPF_CORE_READ(sk, sk_socket));
	request->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	request->device = BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if);
	request->uid = BPF_CORE_READ(sk, sk_uid.val);
	request->protocol = BPF_CORE_READ(sk, sk_protocol);
	request->sock_type = BPF_CORE_READ(sk, sk_type);
	request->flags = bt_option_flags(sk);
	if (!call->user_address)
		bt_request_from_socket(request, sk, call->port);
	else if (!bt_request_from_user(request, call->user_address))
		failure->flags |= BT_FAIL_NO_PARSE;
}

static __always_inline void bt_start_work(struct bt_work *work, struct bt_failure *failure, struct sock *sk)
{
	const struct bt_request *request = &failure->request;
	__u8 address[16];

	work->ktime_ns = failure->head.ktime_ns;
	work->sk = (__u64)sk;
	work->own_socket = (__u64)BPF_CORE_READ(sk, sk_socket);
	work->net = (__u64)BPF_CORE_READ(sk, __sk_common.skc_net.net);
	work->port = request->port;
	work->device = request->device;
	bt_copy16(address, request->address);
	bt_reach_from(&work->reach, request->family, address, request->flags / BT_SOCK_V6ONLY & 1);
}

/* A function of its own, for its stack: the scan needs the same 512 bytes afterwards. */
static __noinline int bt_report(struct sock *sk, const struct bt_call *call)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 id = bpf_get_current_pid_tgid();
	bool self = id >> 32 == bt_live.self_tgid;
	struct bt_failure *failure;
	struct bt_work *work;

	if (!self)
		bt_count(attempted);
	bpf_map_update_elem(&bt_work, &id, &bt_fresh_work, BPF_ANY);
	work = bpf_map_lookup_elem(&bt_work, &id);
	if (!work) {
		if (!self)
			bt_count(lost_map);
		return 0;
	}
	failure = bpf_ringbuf_reserve(&bt_ring, sizeof(*failure), 0);
	if (!failure) {
		if (!self)
			bt_count(lost_ring);
		return 0;
	}
	bt_fill_head(&failure->head, BT_RECORD_FAILURE, bpf_ktime_get_boot_ns());
	bt_fill_task(&failure->victim, task);
	failure->tid = (__u32)id;
	failure->flags = self ? BT_FAIL_SELF : 0;
	failure->sockets = 0;
	failure->holder_count = 0;
	__builtin_memset(failure->by_state, 0, sizeof(failure->by_state));
	__builtin_memset(&failure->bucket, 0, sizeof(failure->bucket));
	bt_fill_request(failure, sk, call);
	bt_start_work(work, failure, sk);
	if (failure->request.port)
		bt_walk(work, failure, sk);
	/* After the walk: branches before it multiply what old verifiers follow. */
	failure->request.entry = call->entry ? call->entry : bt_entry();
	if (work->file[0]) {
		work->wants_scan = 1;
		failure->flags |= BT_FAIL_SCAN_FOLLOWS;
	}
	bpf_ringbuf_submit(failure, 0);
	return 0;
}

#endif
