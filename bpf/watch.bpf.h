/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The addresses that user space follows up after a failure: who binds one of them, and when a socket gives it up.
 * Where nothing is watched, a bind costs one load, and the hooks that see sockets end are not attached.
 *
 * Of tcp's sockets those with a peer are left out when they end: a busy server has thousands of them a second. User
 * space looks at the port where only they are left.
 */
#ifndef BINDTRACE_WATCH_BPF_H
#define BINDTRACE_WATCH_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bits.bpf.h"
#include "entry.bpf.h"
#include "macros.h"
#include "ring.bpf.h"
#include "socket.bpf.h"
#include "state.bpf.h"
#include "task.bpf.h"
#include "wire.h"

struct bt_watch bt_watch SEC(".data.watch") = {};

static __always_inline bool bt_is_watched(__u16 port)
{
	return bt_watch.ports && port && bt_watch.port[port];
}

/*
 * From the failure on, for user space comes to it only when the failure is explained. What it does not follow it takes
 * back when the next sighting comes.
 */
static __always_inline void bt_start_watch(const struct bt_request *request)
{
	bt_watch.port[request->port] = 1;
	bt_watch.ports = 1;
	bt_watch.names |= bt_equal(request->family, AF_UNIX);
}

static __always_inline void bt_fill_name(struct bt_sighting *out, struct sock *sk)
{
	long length = bt_read_unix_name(out->name, sk);

	if (length > 0)
		out->name_length = length;
}

/* Who binds a watched port in a loop must not fill the ring. */
#define BT_PERIOD_BITS 25 /* 34 ms */
#define BT_SIGHTINGS_A_PERIOD 64

static __always_inline bool bt_may_send_sighting(__u64 now)
{
	__u64 period = now >> BT_PERIOD_BITS;

	if (bt_watch.period != period) {
		bt_watch.period = period;
		bt_watch.sent = 0;
	}
	__sync_fetch_and_add(&bt_watch.sent, 1);
	return bt_watch.sent <= BT_SIGHTINGS_A_PERIOD;
}

/* A function of its own, for its stack. */
static __noinline int bt_send_sighting(struct sock *sk, __u32 type)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct bt_sighting *out = NULL;
	const struct sock_common *common;
	struct bt_common copy;
	struct socket *socket;

	if (bt_may_send_sighting(now))
		out = bpf_ringbuf_reserve(&bt_ring, sizeof(*out), 0);
	if (!out) {
		__sync_fetch_and_add(&bt_watch.lost, 1);
		return 0;
	}
	bt_fill_head(&out->head, type, now);
	bt_fill_task(&out->task, bt_current(), BT_KNOWN);
	common = bt_read_common(&copy, sk);
	bt_fill_common(&out->socket, common);
	socket = BPF_CORE_READ(sk, sk_socket);
	out->socket.inode = bt_socket_inode(socket);
	out->socket.cgroup_id = 0;
	out->socket.uid = BPF_CORE_READ(sk, sk_uid.val);
	out->socket.time_wait_ms = 0;
	out->socket.state = common->skc_state;
	out->socket.flags = bt_option_flags(common);
	out->netns = BPF_CORE_READ(common->skc_net.net, ns.inum);
	out->protocol = bt_protocol_of(sk, socket);
	out->name_length = 0;
	out->pad = 0;
	__builtin_memset(out->name, 0, sizeof(out->name));
	if (out->socket.family == AF_UNIX)
		bt_fill_name(out, sk);
	bpf_ringbuf_submit(out, bt_wake_flags(now));
	return 0;
}

/* A bind or listen on that port succeeded. By every program of a hook: user space does not mind two records. */
static __always_inline void bt_watch_port(struct sock *sk, __u16 port)
{
	if (bt_is_watched(port))
		bt_send_sighting(sk, BT_RECORD_BOUND);
}

/* The same of a family without ports. */
static __always_inline void bt_watch_name(struct sock *sk)
{
	if (bt_watch.names && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX)
		bt_send_sighting(sk, BT_RECORD_BOUND);
}

static __always_inline void bt_watch_any(struct sock *sk)
{
	if (bt_is_ip(BPF_CORE_READ(sk, __sk_common.skc_family)))
		bt_watch_port(sk, BPF_CORE_READ(sk, __sk_common.skc_num));
	else
		bt_watch_name(sk);
}

static __always_inline int bt_tcp_ends(struct sock *sk)
{
	if (bt_is_watched(BPF_CORE_READ(sk, __sk_common.skc_num)) && !BPF_CORE_READ(sk, __sk_common.skc_dport))
		bt_send_sighting(sk, BT_RECORD_FREED);
	return 0;
}

static __always_inline int bt_udp_ends(struct sock *sk)
{
	if (bt_is_watched(BPF_CORE_READ(sk, __sk_common.skc_num)))
		bt_send_sighting(sk, BT_RECORD_FREED);
	return 0;
}

/* Abstract names only, for a path is free when its file is gone; not of connections, which share their listener's. */
static __always_inline int bt_unix_ends(struct socket *socket)
{
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct unix_address *address;
	char first = 1;

	if (!bt_watch.names || BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_ESTABLISHED)
		return 0;
	address = BPF_CORE_READ((struct unix_sock *)sk, addr);
	if (!address || bpf_probe_read_kernel(&first, sizeof(first), &address->name[0].sun_path) || first)
		return 0;
	return bt_send_sighting(sk, BT_RECORD_FREED);
}

#endif
