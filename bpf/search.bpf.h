/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who has a socket open now: one look at each descriptor of each process, when user space
 * asks. For sockets of which there is no bind table to walk (unix, netlink, vsock, sctp,
 * ping), for what listens on a port that is too crowded to be walked, and for those whose
 * owner was not found in the failing call.
 */
#ifndef BINDTRACE_SEARCH_BPF_H
#define BINDTRACE_SEARCH_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bits.bpf.h"
#include "entry.bpf.h"
#include "macros.h"
#include "socket.bpf.h"
#include "state.bpf.h"
#include "task.bpf.h"
#include "wire.h"

static __always_inline bool bt_is_one_of(const __u64 *inodes, __u64 inode)
{
	__u64 is = 0;

#pragma unroll
	for (int i = 0; i < BT_MAX_HOLDERS; i++) {
		is |= bt_equal(inodes[i], inode);
		asm volatile("" : "+r"(is)); /* now: or clang keeps 16 results to the end */
	}
	return inode && is;
}

/* As far as a task's paths go, they are those of the process that was refused. */
static __always_inline bool bt_same_root(struct task_struct *task)
{
	struct inode *root = BPF_CORE_READ(task, fs, root.dentry, d_inode);

	return BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum) == bt_query.request.mount_ns &&
	       BPF_CORE_READ(root, i_ino) == bt_query.request.root_inode &&
	       BPF_CORE_READ(root, i_sb, s_dev) == bt_query.request.root_dev;
}

/* The name as bind got it; user space gives a path without what follows its NUL. */
static __always_inline bool bt_has_name(struct sock *sk)
{
	const __u32 *wanted = (const __u32 *)bt_query.request.name;
	__u32 name[BT_UNIX_LEN / sizeof(__u32)] = {};
	long length = bt_read_unix_name(name, sk);
	__u32 differ = 0;

#pragma unroll
	for (__u32 i = 0; i < BT_UNIX_LEN / sizeof(__u32); i++)
		differ |= name[i] ^ wanted[i];
	return length >= 0 && !differ && (bt_query.request.name[0] || length == bt_query.request.name_length);
}

/*
 * A path is a file: found by the file itself where user space could open it; else by its name, as
 * bound by a process with the same root. An abstract name belongs to the network namespace and to
 * the type of the socket, which goes into its hash (unix_bind_abstract).
 */
static __always_inline bool bt_is_bound_to_unix(struct sock *sk, struct task_struct *task)
{
	struct inode *bound;
	struct file *file;

	if (!bt_query.request.name[0] || bt_query.fd < 0)
		return bt_has_name(sk) &&
		       (bt_query.request.name[0] ? bt_same_root(task)
						 : BPF_CORE_READ(sk, sk_type) == bt_query.request.sock_type);
	bound = BPF_CORE_READ((struct unix_sock *)sk, path.dentry, d_inode);
	file = bt_file_of(bt_query.fd);
	return bound && bound == BPF_CORE_READ(file, f_inode);
}

/* struct sockaddr_vm: port and cid; VMADDR_CID_ANY meets every cid. */
static __always_inline bool bt_is_bound_to_vsock(struct sock *sk)
{
	const __u32 any = -1;
	__u32 held[2], wanted[2];

	__builtin_memcpy(wanted, bt_query.request.address, sizeof(wanted));
	if (!bt_query.vsock_address ||
	    bpf_probe_read_kernel(held, sizeof(held), (void *)sk + bt_query.vsock_address + 4))
		return false;
	return held[0] == wanted[0] && (held[1] == wanted[1] || held[1] == any || wanted[1] == any);
}

/* TCP's are many, and it is searched by address only where the walk did not come to what listens. */
static __always_inline bool bt_is_connection(struct sock *sk)
{
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	return (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP) && state != TCP_LISTEN && state != TCP_CLOSE;
}

static __always_inline bool bt_is_bound_as_wanted(struct sock *sk, struct task_struct *task, __u16 family)
{
	const struct bt_request *request = &bt_query.request;
	bool inet = family == AF_INET || family == AF_INET6;
	bool wants_inet = request->family == AF_INET || request->family == AF_INET6;

	if (wants_inet != inet || (!inet && family != request->family) ||
	    BPF_CORE_READ(sk, sk_protocol) != request->protocol)
		return false;
	/* Files are found in any network namespace. */
	if (family == AF_UNIX && request->name[0])
		return bt_is_bound_to_unix(sk, task);
	if (BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) != request->netns)
		return false;
	if (inet)
		return request->port && BPF_CORE_READ(sk, __sk_common.skc_num) == request->port &&
		       !bt_is_connection(sk);
	if (family == AF_UNIX)
		return bt_is_bound_to_unix(sk, task);
	if (family == AF_NETLINK)
		return BPF_CORE_READ((struct netlink_sock *)sk, portid) == *(__u32 *)request->address;
	return family == AF_VSOCK && bt_is_bound_to_vsock(sk);
}

/* Whether the address overlaps the one asked for; what has no IP address was compared whole. */
static __always_inline __u8 bt_overlap_flag(const struct bt_socket *socket)
{
	const struct bt_request *request = &bt_query.request;
	struct bt_reach held, wanted;
	__u8 address[16];

	if (request->family != AF_INET && request->family != AF_INET6)
		return BT_SOCK_OVERLAPS;
	bt_copy16(address, socket->address);
	bt_reach_from(&held, socket->family, address, socket->flags / BT_SOCK_V6ONLY & 1);
	bt_copy16(address, request->address);
	bt_reach_from(&wanted, request->family, address, request->flags / BT_SOCK_V6ONLY & 1);
	return bt_overlaps(&wanted, &held) * BT_SOCK_OVERLAPS;
}

/* Only one search is made at a time; too large for the stack. */
static struct bt_holding bt_holding;
static struct bt_common bt_searched;

static __always_inline int bt_search(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct bt_socket *out = &bt_holding.socket;
	const struct sock_common *common;
	struct sock *sk;

	if (!task || !file)
		return 0;
	sk = bt_socket_in(file);
	if (!sk)
		return 0;
	out->inode = BPF_CORE_READ(file, f_inode, i_ino);
	common = bt_read_common(&bt_searched, sk);
	if (bt_query.kind == BT_QUERY_INODE ? !bt_is_one_of(bt_query.inode, out->inode)
					    : !bt_is_bound_as_wanted(sk, task, common->skc_family))
		return 0;
	bt_fill_common(out, common);
	out->cgroup_id = 0;
	bt_fill_origin(out, sk);
	out->state = common->skc_state;
	out->flags = bt_option_flags(common);
	out->flags |= bt_overlap_flag(out);
	bt_fill_task(&bt_holding.task, task, BT_KNOWN);
	bt_holding.fd = context->fd;
	bt_holding.sock_type = BPF_CORE_READ(sk, sk_type);
	bpf_seq_write(context->meta->seq, &bt_holding, sizeof(bt_holding));
	return 0;
}

#endif
