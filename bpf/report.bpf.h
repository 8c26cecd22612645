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

#include "allowance.bpf.h"
#include "call.bpf.h"
#include "entry.bpf.h"
#include "macros.h"
#include "ring.bpf.h"
#include "socket.bpf.h"
#include "state.bpf.h"
#include "task.bpf.h"
#include "walk.bpf.h"
#include "watch.bpf.h"
#include "wire.h"

#define BT_PROBED_BEFORE 3		   /* this many ports before this one */
#define BT_PROBED_WITHIN_NS 10000000000ULL /* from each to the next */

/* struct sockaddr_in and sockaddr_in6, as far as they go. */
struct bt_sockaddr {
	__u16 family;
	__be16 port;
	__u8 v4_or_flow[4];
	__u8 v6[16];
	__u32 scope;
};

static __always_inline void bt_ip_of_socket(struct bt_request *request, const struct sock_common *common, __u16 port)
{
	request->port = port;
	bt_fill_address(request->address, common);
}

/* False: it cannot be read now. */
static __always_inline bool bt_ip_of_sockaddr(struct bt_request *request, const struct bt_call *call)
{
	struct bt_sockaddr sa = {};

	if (bt_read_sockaddr(&sa, 8, call, 0))
		return false;
	if (sa.family == AF_INET6 && bt_read_sockaddr(&sa, sizeof(sa), call, 0))
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

/* Addresses that are not IP. False: it cannot be read now. */
static __always_inline bool bt_other_address(struct bt_request *request, const struct bt_call *call)
{
	__u64 length = call->length;

	switch (request->family) {
	case AF_UNIX:
		length -= sizeof(__u16);
		if (length > BT_UNIX_LEN)
			length = BT_UNIX_LEN;
		request->name_length = length;
		asm volatile("" : "+r"(length)); /* or clang checks one copy and passes another */
		if (length > BT_UNIX_LEN)
			return false;
		return !bt_read_sockaddr(request->name, length, call, sizeof(__u16));
	case AF_NETLINK: /* struct sockaddr_nl: family, pad, pid */
		return !bt_read_sockaddr(request->address, 4, call, 4);
	case AF_VSOCK: /* struct sockaddr_vm: family, reserved, port, cid */
		return !bt_read_sockaddr(request->address, 8, call, 4);
	default:
		return false;
	}
}

static __always_inline void bt_fill_request(struct bt_work *work, struct bt_failure *failure, struct sock *sk,
					    const struct bt_call *call)
{
	const struct sock_common *common = bt_read_common(&work->common, sk);
	struct task_struct *task = bt_current();
	struct fs_struct *fs = bt_get(BT_KNOWN, task, fs);
	struct dentry *root = bt_get(BT_KNOWN, fs, root.dentry);
	struct inode *inode = bt_get(BT_KNOWN, root, d_inode);
	struct super_block *sb = bt_get(BT_KNOWN, inode, i_sb);
	struct nsproxy *namespaces = bt_get(BT_KNOWN, task, nsproxy);
	struct mnt_namespace *mounts = bt_get(BT_KNOWN, namespaces, mnt_ns);
	struct socket *socket = (struct socket *)work->own_socket;
	struct bt_request *request = &failure->request;

	__builtin_memset(request, 0, sizeof(*request));
	request->operation = call->operation;
	request->address_source = call->sockaddr && !call->from_kernel ? BT_ADDRESS_USER : BT_ADDRESS_KERNEL;
	request->inode = bt_socket_inode(socket);
	request->netns = BPF_CORE_READ(common->skc_net.net, ns.inum);
	request->device = common->skc_bound_dev_if;
	request->uid = BPF_CORE_READ(sk, sk_uid.val);
	request->family = common->skc_family;
	request->protocol = bt_protocol_of(sk, socket);
	request->sock_type = BPF_CORE_READ(sk, sk_type);
	request->flags = bt_option_flags(common);
	request->root_inode = bt_get(BT_KNOWN, inode, i_ino);
	request->root_dev = bt_get(BT_KNOWN, sb, s_dev);
	request->mount_ns = bt_get(BT_KNOWN, mounts, ns.inum);
	if (!bt_is_ip(request->family))
		return; /* bt_other_address() */
	if (!call->sockaddr)
		bt_ip_of_socket(request, common, call->port);
	else if (!bt_ip_of_sockaddr(request, call))
		failure->flags |= BT_FAIL_NO_PARSE;
}

/* work->common is the victim's. */
static __always_inline void bt_start_work(struct bt_work *work, const struct bt_failure *failure)
{
	const struct bt_request *request = &failure->request;
	__u8 address[16];

	work->net = (__u64)bt_common_in(&work->common)->skc_net.net;
	work->port = request->port;
	work->device = request->device;
	bt_copy16(address, request->address);
	bt_reach_from(&work->reach, request->family, address, request->flags / BT_SOCK_V6ONLY & 1);
}

/* The thread's own; NULL: there is none free. Nothing of an earlier failure is left but its probes. */
static __always_inline struct bt_work *bt_open_work(__u64 id, struct sock *sk)
{
	struct bt_work *work = bpf_map_lookup_elem(&bt_work, &id);

	if (!work) {
		bpf_map_update_elem(&bt_work, &id, &bt_fresh_work, BPF_ANY);
		work = bpf_map_lookup_elem(&bt_work, &id);
		if (!work)
			return NULL;
	}
	__builtin_memset(work, 0, offsetof(struct bt_work, probed_ns));
	/* Now, so that the programs whose turn comes later do not count again what is lost here. */
	work->ktime_ns = bpf_ktime_get_boot_ns();
	work->sk = (__u64)sk;
	work->own_socket = (__u64)BPF_CORE_READ(sk, sk_socket);
	return work;
}

/*
 * A thread that is refused one port after another takes any: bindresvport(3), the kernel's NFS
 * client, resolvers that want random ports, libnl with its port ids. No scan for these. Two
 * different ones may well be two listeners of a service.
 */
static __always_inline bool bt_is_probing(struct bt_work *work, const struct bt_failure *failure)
{
	const struct bt_request *request = &failure->request;
	__u32 wanted = request->family == AF_NETLINK ? *(const __u32 *)request->address : request->port;
	bool another = work->probed && wanted && wanted != work->probed &&
		       work->ktime_ns - work->probed_ns < BT_PROBED_WITHIN_NS &&
		       failure->victim.start_boottime_ns < work->probed_ns; /* or it was another with that pid */

	work->probes = another ? work->probes + 1 : 0;
	work->probed = wanted;
	work->probed_ns = work->ktime_ns;
	return work->probes >= BT_PROBED_BEFORE;
}

/* What is not static is verified once, not on each way to each call. */
__noinline int bt_may_report(__u64 now)
{
	enum bt_verdict verdict = bt_judge_source(now);

	return verdict == BT_WITHIN || (verdict == BT_FLOOD && !bt_ring_is_crowded());
}

/* From the caller's memory, where a process may write what it likes. Its environment comes next, and stays there. */
static __always_inline void bt_fill_args(struct bt_failure *failure)
{
	struct mm_struct *mm = bt_get(BT_KNOWN, bt_current(), mm);
	__u64 start = bt_get(BT_KNOWN, mm, arg_start);
	__u64 length = bt_get(BT_KNOWN, mm, arg_end) - start;

	failure->pad = 0;
	failure->args_length = length;
	__builtin_memset(failure->args, 0, sizeof(failure->args));
	if (length > BT_ARGS_LEN)
		length = BT_ARGS_LEN;
	asm volatile("" : "+r"(length)); /* or clang checks one copy and passes another */
	if (length > BT_ARGS_LEN || bpf_probe_read_user(failure->args, length, (const void *)start))
		failure->args_length = 0;
}

static __always_inline void bt_fill_failure(struct bt_work *work, struct bt_failure *failure, struct sock *sk,
					    const struct bt_call *call)
{
	bt_fill_head(&failure->head, BT_RECORD_FAILURE, work->ktime_ns);
	bt_fill_task(&failure->victim, bt_current(), BT_KNOWN);
	failure->tid = (__u32)failure->head.pid_tgid;
	failure->sockets = 0;
	failure->holder_count = 0;
	__builtin_memset(failure->by_state, 0, sizeof(failure->by_state));
	__builtin_memset(&failure->bucket, 0, sizeof(failure->bucket));
	bt_fill_request(work, failure, sk, call);
	bt_start_work(work, failure);
	bt_start_watch(&failure->request);
	if (failure->request.port && !call->no_table)
		bt_walk(work, failure);
	/* After the walk: branches before it multiply what old verifiers follow. */
	if (!bt_is_ip(failure->request.family) && !bt_other_address(&failure->request, call))
		failure->flags |= BT_FAIL_NO_PARSE;
	bt_fill_args(failure);
	failure->request.entry = call->entry ? call->entry : bt_entry();
}

/* A function of its own, for its stack: the scan needs the same 512 bytes afterwards. */
static __noinline int bt_report(struct sock *sk, const struct bt_call *call)
{
	__u64 id = bpf_get_current_pid_tgid();
	bool self = id >> 32 == bt_live.self_tgid;
	struct bt_work *work = bt_open_work(id, sk);
	struct bt_failure *failure;
	__u64 flags = BPF_RB_NO_WAKEUP;

	if (!self)
		bt_count(attempted);
	if (!work) {
		if (!self)
			bt_count(lost_map);
		return 0;
	}
	if (!self && !bt_may_report(work->ktime_ns)) {
		bt_count(suppressed);
		return 0;
	}
	failure = bt_open_failure(self);
	if (!failure)
		return 0;
	failure->flags = self ? BT_FAIL_SELF : 0;
	bt_fill_failure(work, failure, sk, call);
	if (bt_is_probing(work, failure)) {
		failure->flags |= BT_FAIL_PROBING;
	} else if (!work->file[0]) {
		/* there is nobody to be found */
	} else if (bt_may_scan(work->ktime_ns)) {
		work->wants_scan = 1;
		failure->flags |= BT_FAIL_SCAN_FOLLOWS;
	} else {
		bt_count(scans_skipped);
		failure->flags |= BT_FAIL_SCAN_SKIPPED;
	}
	/* Where this program scans too, the scan's record wakes the reader. */
	if (!work->wants_scan || bt_config.preemptible)
		flags = bt_wake_flags(bpf_ktime_get_boot_ns());
	if (!bt_send_failure(failure, self, flags))
		work->wants_scan = 0;
	return 0;
}

#endif
