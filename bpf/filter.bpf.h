/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether the user asked for this victim. What is off costs nothing: the verifier knows the
 * filters and drops the branches. What cannot be known is not "no": such a victim is wanted.
 */
#ifndef BINDTRACE_FILTER_BPF_H
#define BINDTRACE_FILTER_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bits.bpf.h"
#include "call.bpf.h"
#include "macros.h"
#include "state.bpf.h"
#include "task.bpf.h"
#include "wire.h"

#define BT_FILTER_LEVELS 16 /* of cgroups: who is deeper down is wanted, whatever is above */
#define BT_FILTER_ANCESTORS 64 /* who has more of them is wanted, whoever they are */
#define BT_NAME_WORDS (BT_FILTER_NAME_LEN / 8)

const volatile struct bt_filter bt_filter SEC(".rodata.filter") = {};

/* 1 when first <= port <= last, else 0. */
static __always_inline __u64 bt_in_range(__u64 port, __u64 first, __u64 last)
{
	return (((port - first) | (last - port)) >> 63) ^ 1;
}

/* 1 when the value is one of the array, else 0. */
#define bt_is_among(value, array)                                                                            \
	({                                                                                                   \
		__u64 bt_value = (value), bt_found = 0;                                                      \
		_Pragma("unroll") for (__u32 bt_i = 0; bt_i < sizeof(array) / sizeof((array)[0]); bt_i++)    \
			bt_found |= bt_equal((array)[bt_i], bt_value);                                       \
		bt_found;                                                                                    \
	})

static __always_inline __u64 bt_comm_is_wanted(struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	__u64 comm[BT_COMM_LEN / 8] = {}; /* before 5.15 the kernel leaves an older name behind the NUL */
	__u64 found = 0;

	bpf_probe_read_kernel_str(comm, sizeof(comm), &leader->comm);
#pragma unroll
	for (__u32 i = 0; i < BT_FILTER_COMMS; i++)
		found |= bt_equal(comm[0], bt_filter.comms[i][0]) & bt_equal(comm[1], bt_filter.comms[i][1]);
	return found;
}

/* 0: none that can be asked for. */
static __always_inline __u64 bt_transport_of(struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u16 protocol = bt_protocol_of(sk, BPF_CORE_READ(sk, sk_socket));
	__u64 inet = bt_equal(protocol, IPPROTO_TCP) * BT_TRANSPORT_TCP |
		     bt_equal(protocol, IPPROTO_UDP) * BT_TRANSPORT_UDP |
		     bt_equal(protocol, IPPROTO_UDPLITE) * BT_TRANSPORT_UDPLITE |
		     bt_equal(protocol, IPPROTO_ICMP) * BT_TRANSPORT_ICMP |
		     bt_equal(protocol, IPPROTO_ICMPV6) * BT_TRANSPORT_ICMP |
		     bt_equal(protocol, IPPROTO_MPTCP) * BT_TRANSPORT_MPTCP |
		     bt_equal(protocol, IPPROTO_SCTP) * BT_TRANSPORT_SCTP;

	return (bt_equal(family, AF_INET) | bt_equal(family, AF_INET6)) * inet |
	       bt_equal(family, AF_UNIX) * BT_TRANSPORT_UNIX |
	       bt_equal(family, AF_NETLINK) * BT_TRANSPORT_NETLINK |
	       bt_equal(family, AF_VSOCK) * BT_TRANSPORT_VSOCK;
}

/* Port and family of what was asked for, as in the record: AF_UNSPEC counts as IPv4. */
static __always_inline __u64 bt_address_is_wanted(struct sock *sk, const struct bt_call *call)
{
	__u64 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u64 inet = bt_equal(family, AF_INET) | bt_equal(family, AF_INET6);
	__u64 port = call->port, unread = 0, in_range = 0, by_family;
	__u16 head[2] = {}; /* family and port of a sockaddr_in or sockaddr_in6 */

	if (call->sockaddr) {
		unread = bt_zero(bt_read_sockaddr(head, sizeof(head), call, 0)) ^ 1;
		family = head[0];
		port = bpf_ntohs(head[1]);
	}
	by_family = bt_equal(family, AF_INET6);
	by_family = (by_family & bt_filter.ipv6) | ((by_family ^ 1) & bt_filter.ipv4);
	if (!(bt_filter.ipv4 | bt_filter.ipv6))
		by_family = 1;
#pragma unroll
	for (__u32 i = 0; i < BT_FILTER_PORTS; i++)
		in_range |= bt_in_range(port, bt_filter.ports[i].first, bt_filter.ports[i].last);
	if (!bt_filter.by_port)
		in_range = 1;
	return inet & (unread | (by_family & in_range));
}

/* The way from the victim's cgroup up to the root. */
struct bt_climb {
	struct kernfs_node *node; /* NULL: above the root */
	__u64 level;
	__u64 seen; /* which of bt_filter.names[] were met */
	__u64 name[BT_NAME_WORDS];
};

/* These two are functions of their own for the sake of old verifiers, which may take such loops inline for endless. */
static __noinline long bt_meet_name(__u32 i, struct bt_climb *climb)
{
	const volatile struct bt_filter_name *wanted;
	__u64 differ = 0, level;

	if (i >= BT_FILTER_NAMES || i >= bt_filter.name_count)
		return 1;
	wanted = &bt_filter.names[i];
	level = wanted->level;
#pragma unroll
	for (__u32 j = 0; j < BT_NAME_WORDS; j++)
		differ |= climb->name[j] ^ ((const volatile __u64 *)wanted->name)[j];
	climb->seen |= (bt_zero(differ) & (bt_zero(level) | bt_equal(level, climb->level))) << i;
	return 0;
}

static __noinline long bt_climb_step(__u32 i, struct bt_climb *climb)
{
	struct kernfs_node *node = climb->node;

	if (!node)
		return 1;
	__builtin_memset(climb->name, 0, sizeof(climb->name));
	bpf_probe_read_kernel_str(climb->name, sizeof(climb->name), BPF_CORE_READ(node, name));
	for (__u32 j = 0; j < BT_FILTER_NAMES; j++)
		if (bt_meet_name(j, climb))
			break;
	climb->node = bt_kernfs_parent(node, false);
	climb->level--;
	return 0;
}

/* What is not static and takes nothing is verified once a program, not on each way to each call. */
__noinline int bt_cgroup_is_wanted(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	struct bt_climb climb = {};
	__u64 by_path = 0;

	if (!bt_filter.by_cgroup && !bt_filter.by_unit)
		return 1;
	climb.node = BPF_CORE_READ(cgroup, kn);
	climb.level = BPF_CORE_READ(cgroup, level);
	for (__u32 i = 0; i < BT_FILTER_LEVELS; i++)
		if (bt_climb_step(i, &climb))
			break;
	if (climb.node)
		return 1;
#pragma unroll
	for (__u32 i = 0; i < BT_FILTER_CGROUPS; i++)
		by_path |= bt_zero(bt_filter.cgroups[i] & ~climb.seen);
	if (!bt_filter.by_cgroup)
		by_path = 1;
	if (bt_filter.by_unit)
		by_path &= bt_zero(bt_filter.units & climb.seen) ^ 1;
	return by_path;
}

/*
 * What bindtrace runs, and all that it starts: user space takes in the orphans among them (PR_SET_CHILD_SUBREAPER), so
 * that whoever daemonises still has it among its ancestors.
 */
__noinline int bt_is_descendant(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	for (__u32 i = 0; i < BT_FILTER_ANCESTORS; i++) {
		__u32 tgid;

		task = BPF_CORE_READ(task, real_parent);
		tgid = BPF_CORE_READ(task, tgid);
		if (tgid == bt_live.self_tgid)
			return 1;
		if (tgid <= 1)
			return 0;
	}
	return 1;
}

__noinline int bt_task_is_wanted(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u64 wanted = 1;

	if (bt_filter.by_pid)
		wanted &= bt_is_among(tgid, bt_filter.pids);
	if (bt_filter.by_uid)
		wanted &= bt_is_among(BPF_CORE_READ(task, cred, euid.val), bt_filter.uids);
	if (bt_filter.by_comm)
		wanted &= bt_comm_is_wanted(task);
	if (bt_filter.by_descent)
		wanted &= bt_is_descendant();
	return wanted;
}

static __noinline int bt_request_is_wanted(struct sock *sk, const struct bt_call *call)
{
	__u64 wanted = 1;

	if (bt_filter.by_netns)
		wanted &= bt_is_among(BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum), bt_filter.netns);
	if (bt_filter.transports)
		wanted &= bt_zero(bt_transport_of(sk) & bt_filter.transports) ^ 1;
	if (bt_filter.by_port || bt_filter.ipv4 || bt_filter.ipv6)
		wanted &= bt_address_is_wanted(sk, call);
	return wanted;
}

/* In parts, for their stacks: one after the other they need less than 512 bytes. */
static __noinline int bt_wanted(struct sock *sk, const struct bt_call *call)
{
	if (!bt_filter.on || bpf_get_current_pid_tgid() >> 32 == bt_live.self_tgid)
		return 1;
	return bt_task_is_wanted() && bt_request_is_wanted(sk, call) && bt_cgroup_is_wanted();
}

#endif
