/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The holders: every socket on the port that was asked for, out of the kernel's own
 * bind tables, while the failing call is still running. The table's lock is gone by
 * then, so each socket is checked again when it is read (port and namespace).
 *
 * One flat step over three levels of list keeps the verifier's work small:
 *   tcp up to 6.7   bhash chain -> bucket -> owners
 *   tcp from 6.8    bhash chain -> bucket -> bhash2 -> owners
 *   udp             hash chain  -> sockets
 */
#ifndef BINDTRACE_WALK_BPF_H
#define BINDTRACE_WALK_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bits.bpf.h"
#include "flavours.h"
#include "loop.bpf.h"
#include "macros.h"
#include "socket.bpf.h"
#include "state.bpf.h"
#include "wire.h"

/* New sockets go to the head of the list, so the listener may come last: keep by class. */
#define BT_KEEP_BLOCKING 10 /* overlaps, and listens or is bound only */
#define BT_KEEP_OTHER 4     /* overlaps: connected, closing, TIME_WAIT */
#define BT_KEEP_APART 2     /* another address or device */
_Static_assert(BT_KEEP_BLOCKING + BT_KEEP_OTHER + BT_KEEP_APART == BT_MAX_HOLDERS, "slots");

static __always_inline __u32 bt_time_wait_ms(struct sock *sk)
{
	struct inet_timewait_sock *tw = (void *)sk;
	__s64 left = BPF_CORE_READ(tw, tw_timer.expires) - bpf_jiffies64();

	return left > 0 ? left * bt_config.tick_ns / 1000000 : 0;
}

/*
 * Sockets to look for in the fd tables: those most likely to block. The newest comes first in the walk; of several
 * listeners the newest and the oldest are kept, and a listener before one that is bound only.
 */
static __always_inline void bt_keep_target(struct bt_work *work, __u64 file, __u64 inode, __u8 state)
{
	__u32 slot;

	if (state == TCP_LISTEN) {
		slot = work->listeners ? 1 : 0;
		if (!slot) {
			work->file[1] = work->file[0];
			work->inode[1] = work->inode[0];
		}
		work->listeners++;
	} else if (state != TCP_CLOSE) {
		if (!work->spare_file) {
			work->spare_file = file;
			work->spare_inode = inode;
		}
		return;
	} else {
		slot = work->file[0] ? 1 : 0;
		if (work->file[slot])
			return;
	}
	work->file[slot & 1] = file;
	work->inode[slot & 1] = inode;
}

static __always_inline bool bt_is_on_port(const struct sock_common *common, const struct bt_work *work)
{
	return common->skc_num == work->port && (__u64)common->skc_net.net == work->net;
}

/* Its inode, and what its flags say of that; a TIME_WAIT socket has none. */
static __always_inline void bt_keep(struct bt_work *work, struct bt_kept *kept, struct sock *sk, struct socket *socket,
				    __u8 flags, __u8 state)
{
	struct file *file;

	kept->sk = (__u64)sk;
	kept->inode = 0;
	kept->state = state;
	kept->flags = flags;
	if (flags & BT_SOCK_TIMEWAIT)
		return;
	file = BPF_CORE_READ(socket, file);
	if (!socket) {
		kept->flags = flags | BT_SOCK_ORPHAN;
	} else if (!file) {
		kept->flags = flags | BT_SOCK_NO_FILE;
	} else {
		kept->inode = bt_socket_inode(socket);
		if (flags & BT_SOCK_OVERLAPS)
			bt_keep_target(work, (__u64)file, kept->inode, state);
	}
}

static __always_inline void bt_visit(struct bt_work *work, struct sock *sk)
{
	const struct sock_common *common;
	struct socket *socket = NULL;
	__u32 device, slot, *kept, limit;
	struct bt_reach reach;
	__u8 address[16];
	__u8 flags, state;
	bool blocking;

	if ((__u64)sk == work->sk)
		return;
	common = bt_read_common(&work->common, sk);
	if (!bt_is_on_port(common, work))
		return;
	state = common->skc_state;
	flags = bt_option_flags(common);
	if (state == TCP_TIME_WAIT) {
		/* FIN_WAIT2 without a process is kept in the same short form. */
		state = BPF_CORE_READ((struct inet_timewait_sock *)sk, tw_substate);
		flags |= BT_SOCK_TIMEWAIT;
	} else {
		socket = BPF_CORE_READ(sk, sk_socket);
		if (work->own_socket && (__u64)socket == work->own_socket)
			return; /* an MPTCP socket's own subflow shares its struct socket */
	}
	work->sockets++;
	if (state < BT_MAX_STATES)
		work->by_state[state]++;

	bt_fill_address(address, common);
	bt_reach_from(&reach, common->skc_family, address, flags / BT_SOCK_V6ONLY & 1);
	device = common->skc_bound_dev_if;
	flags |= BT_SOCK_OVERLAPS * (bt_overlaps(&work->reach, &reach) &
				     (bt_zero(device) | bt_zero(work->device) | bt_equal(device, work->device)));

	blocking = state == TCP_LISTEN || state == TCP_CLOSE;
	if (!(flags & BT_SOCK_OVERLAPS)) {
		kept = &work->kept_apart;
		limit = BT_KEEP_APART;
	} else if (blocking) {
		kept = &work->kept_blocking;
		limit = BT_KEEP_BLOCKING;
	} else {
		kept = &work->kept_other;
		limit = BT_KEEP_OTHER;
	}
	slot = work->kept_count;
	if (*kept >= limit || slot >= BT_MAX_HOLDERS) {
		work->not_kept = 1;
		return;
	}
	(*kept)++;
	work->kept_count = slot + 1;
	bt_keep(work, &work->kept[slot], sk, socket, flags, state);
}

static __always_inline void bt_fill_bucket(struct bt_bucket *out, struct inet_bind_bucket *tb)
{
	if (out->present)
		return;
	out->present = 1;
	out->fastuid = BPF_CORE_READ(tb, fastuid.val);
	out->fast_family = BPF_CORE_READ(tb, fast_sk_family);
	out->fast_v6only = BPF_CORE_READ(tb, fast_ipv6_only);
	out->fastreuse = BPF_CORE_READ(tb, fastreuse);
	out->fastreuseport = BPF_CORE_READ(tb, fastreuseport);
	if (out->fast_family == AF_INET6)
		bt_read_v6(out->fast_address, &tb->fast_v6_rcv_saddr);
	else
		bpf_probe_read_kernel(out->fast_address, 4, &tb->fast_rcv_saddr);
}

static __always_inline void bt_enter_bucket(struct bt_work *work, struct inet_bind_bucket *tb)
{
	struct inet_bind_bucket___v6_7 *old = (void *)tb;

	if (BPF_CORE_READ(tb, port) != work->port || (__u64)BPF_CORE_READ(tb, ib_net.net) != work->net)
		return;
	bt_fill_bucket(&work->bucket, tb);
	if (bpf_core_field_exists(old->owners))
		work->node = (__u64)BPF_CORE_READ(old, owners.first);
	else
		work->tb2 = (__u64)BPF_CORE_READ(tb, bhash2.first);
}

BT_STEP bt_walk_step(__u32 i, void *ctx)
{
	struct bt_work *work = *(struct bt_work **)ctx;
	__u64 node = work->node;

	if (node) {
		work->node = (__u64)BPF_CORE_READ((struct hlist_node *)node, next);
		bt_visit(work, (struct sock *)(node - work->node_offset));
		return 0;
	}
	if (bpf_core_field_exists(((struct inet_bind_bucket *)0)->bhash2) && work->tb2) {
		struct inet_bind2_bucket *tb2 =
			(void *)work->tb2 - bpf_core_field_offset(struct inet_bind2_bucket, bhash_node);

		work->tb2 = (__u64)BPF_CORE_READ(tb2, bhash_node.next);
		work->node = (__u64)BPF_CORE_READ(tb2, owners.first);
		return 0;
	}
	if (work->tb) {
		struct inet_bind_bucket *tb =
			(void *)work->tb - bpf_core_field_offset(struct inet_bind_bucket, node);

		work->tb = (__u64)BPF_CORE_READ(tb, node.next);
		bt_enter_bucket(work, tb);
		return 0;
	}
	return 1;
}
BT_LOOPS(bt_walk_step)

/* Ring memory cannot be handed to a noinline function before 6.2, a struct on the stack can. */
struct bt_walk {
	struct bt_work *work;
	struct bt_failure *failure;
};

/* Puts what was kept into the record; what has left the port meanwhile is only counted. */
static __noinline long bt_fill_step(__u32 i, void *ctx)
{
	struct bt_walk *walk = ctx;
	struct bt_work *work = walk->work;
	__u32 slot = walk->failure->holder_count;
	const struct sock_common *common;
	struct bt_socket *out;
	struct bt_kept *kept;
	struct sock *sk;

	if (i >= work->kept_count || i >= BT_MAX_HOLDERS || slot >= BT_MAX_HOLDERS)
		return 1;
	asm volatile("" : "+r"(slot)); /* or clang checks one copy and uses another */
	out = &walk->failure->holders[slot & (BT_MAX_HOLDERS - 1)];
	kept = &work->kept[i];
	sk = (struct sock *)kept->sk;
	common = bt_read_common(&work->common, sk);
	if (!bt_is_on_port(common, work))
		return 0;
	walk->failure->holder_count = slot + 1;
	bt_fill_common(out, common);
	out->inode = kept->inode;
	out->state = kept->state;
	out->flags = kept->flags;
	out->cgroup_id = 0;
	out->uid = 0;
	out->time_wait_ms = 0;
	if (kept->flags & BT_SOCK_TIMEWAIT)
		out->time_wait_ms = bt_time_wait_ms(sk);
	else
		bt_fill_origin(out, sk);
	return 0;
}

static __always_inline void bt_start_tcp(struct bt_work *work, struct proto *protocol, struct net *net)
{
	struct inet_hashinfo *info = BPF_CORE_READ(protocol, h.hashinfo);
	struct inet_bind_hashbucket *bucket;
	__u32 slot;

	if (!info && bpf_core_field_exists(net->ipv4.tcp_death_row.hashinfo))
		info = BPF_CORE_READ(net, ipv4.tcp_death_row.hashinfo);
	slot = (work->port + BPF_CORE_READ(net, hash_mix)) & (BPF_CORE_READ(info, bhash_size) - 1);
	bucket = (void *)BPF_CORE_READ(info, bhash) + slot * bpf_core_type_size(struct inet_bind_hashbucket);
	work->tb = (__u64)BPF_CORE_READ(bucket, chain.first);
	work->node_offset = bpf_core_field_offset(struct sock, __sk_common.skc_bind_node);
}

static __always_inline void bt_start_udp(struct bt_work *work, struct proto *protocol, struct net *net)
{
	struct udp_table *table = NULL;
	struct udp_hslot *bucket;
	__u32 slot;

	if (bpf_core_field_exists(((struct proto *)0)->h.udp_table)) /* until 7.1, with udplite's own */
		table = BPF_CORE_READ(protocol, h.udp_table);
	if (!table && bpf_core_field_exists(net->ipv4.udp_table))
		table = BPF_CORE_READ(net, ipv4.udp_table);
	slot = (work->port + BPF_CORE_READ(net, hash_mix)) & BPF_CORE_READ(table, mask);
	bucket = (void *)BPF_CORE_READ(table, hash) + slot * bpf_core_type_size(struct udp_hslot);
	work->node = (__u64)BPF_CORE_READ(bucket, head.first);
	work->node_offset = bpf_core_field_offset(struct sock, __sk_common.skc_node);
}

/* Fills failure->holders and its counts, and picks the files that the scan looks for. work->common is the victim's. */
static __always_inline void bt_walk(struct bt_work *work, struct bt_failure *failure)
{
	struct proto *protocol = bt_common_in(&work->common)->skc_prot;
	struct bt_walk walk = {.work = work, .failure = failure};
	struct net *net = (void *)work->net;

	switch (failure->request.protocol) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		bt_start_tcp(work, protocol, net);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		bt_start_udp(work, protocol, net);
		break;
	default:
		return;
	}
	bt_loop(bt_walk_step, work);
	failure->flags |= BT_FAIL_WALKED;
	if (work->node || work->tb2 || work->tb)
		failure->flags |= BT_FAIL_TRUNCATED;
	if (work->not_kept)
		failure->flags |= BT_FAIL_HOLDERS_CUT;
	failure->sockets = work->sockets;
	__builtin_memcpy(failure->by_state, work->by_state, sizeof(failure->by_state));
	failure->bucket = work->bucket;
	bt_repeat(BT_MAX_HOLDERS, bt_fill_step, &walk);
	if (!work->file[1] && work->spare_file) {
		__u32 free = work->file[0] ? 1 : 0;

		work->file[free] = work->spare_file;
		work->inode[free] = work->spare_inode;
	}
}

#endif
