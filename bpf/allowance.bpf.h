/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Token buckets: how much of something may happen at once and over time. One word each, the time
 * until which it is spent (the generic cell rate algorithm): two CPUs that meet in it let one more
 * or less through, and no count depends on it.
 */
#ifndef BINDTRACE_ALLOWANCE_BPF_H
#define BINDTRACE_ALLOWANCE_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "state.bpf.h"

#define BT_SECOND_NS 1000000000ULL

/* A failing process and all that share its user and cgroup. No port, no pid: these a flood can vary. */
#define BT_FAILURES_BURST 4096
#define BT_FAILURES_PER_SECOND 1000
#define BT_FEW_FAILURES 256 /* at once: not yet a flood */

struct bt_source {
	__u64 cgroup_id;
	__u64 uid;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct bt_source);
	__type(value, __u64);
} bt_spent_until SEC(".maps");

/* How many are spent at `now`, in time. */
static __always_inline __u64 bt_spent_ns(const __u64 *until, __u64 now)
{
	__u64 then = *(const volatile __u64 *)until;

	return then > now ? then - now : 0;
}

/* Takes one of `burst`, which come back at one an interval; false: there is none. */
static __always_inline bool bt_take(__u64 *until, __u64 now, __u64 interval_ns, __u32 burst)
{
	__u64 spent = bt_spent_ns(until, now);

	if (spent > (burst - 1) * interval_ns)
		return false;
	if (!spent)
		*(volatile __u64 *)until = now;
	__sync_fetch_and_add(until, interval_ns);
	return true;
}

/* Searches of the fd tables, of all sources together: what they cost is a limited share of a CPU. */
#define BT_SCAN_BURST 2048
#define BT_SCAN_PER_SECOND 100

static __always_inline bool bt_may_scan(__u64 now)
{
	return bt_take(&bt_live.scans_until_ns, now, BT_SECOND_NS / BT_SCAN_PER_SECOND, BT_SCAN_BURST);
}

enum bt_verdict {
	BT_WITHIN, /* the source has failed a few times */
	BT_FLOOD,  /* many times: it may not fill the ring */
	BT_BEYOND, /* too many */
};

/* Whether the caller's source may report one more failure. */
static __always_inline enum bt_verdict bt_judge_source(__u64 now)
{
	const __u64 interval_ns = BT_SECOND_NS / BT_FAILURES_PER_SECOND;
	struct bt_source source = {
		.cgroup_id = bpf_get_current_cgroup_id(),
		.uid = (__u32)bpf_get_current_uid_gid(),
	};
	__u64 *until = bpf_map_lookup_elem(&bt_spent_until, &source);

	if (!until) {
		__u64 fresh = 0;

		bpf_map_update_elem(&bt_spent_until, &source, &fresh, BPF_NOEXIST);
		until = bpf_map_lookup_elem(&bt_spent_until, &source);
		if (!until)
			return BT_WITHIN; /* the map is full of others: none is held against it */
	}
	if (!bt_take(until, now, interval_ns, BT_FAILURES_BURST))
		return BT_BEYOND;
	return bt_spent_ns(until, now) > BT_FEW_FAILURES * interval_ns ? BT_FLOOD : BT_WITHIN;
}

#endif
