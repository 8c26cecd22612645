/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way of the records to user space: when the reader is woken, how much of the ring one that
 * floods it may take, and where a failure's record is drafted.
 *
 * A wake-up costs more than all the rest of a record, so there is at most one a millisecond. The
 * reader looks again by itself until it has found nothing for a while (user/app/pace.h).
 *
 * "self" is bindtrace's own self-check, of which nothing is counted.
 */
#ifndef BINDTRACE_RING_BPF_H
#define BINDTRACE_RING_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "state.bpf.h"
#include "wire.h"

#define BT_WAKE_NS 1000000ULL

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 2 * 1024 * 1024); /* user space sets the size */
} bt_ring SEC(".maps");

/*
 * Of a record that is sent now: what was sent less than a millisecond after a wake-up is found by
 * the reader's next look. Where a program may be preempted between this and the sending the kernel
 * decides instead, by whether the reader had caught up.
 */
static __always_inline __u64 bt_wake_flags(__u64 now)
{
	if (now - bt_live.woken_ns < BT_WAKE_NS)
		return bt_config.preemptible ? 0 : BPF_RB_NO_WAKEUP;
	bt_live.woken_ns = now;
	return BPF_RB_FORCE_WAKEUP;
}

/* Only the last quarter is free: kept for those who do not flood. */
static __always_inline bool bt_ring_is_crowded(void)
{
	__u64 size = bpf_ringbuf_query(&bt_ring, BPF_RB_RING_SIZE);

	return bpf_ringbuf_query(&bt_ring, BPF_RB_AVAIL_DATA) > size / 4 * 3;
}

#ifdef BT_BOUNDED

/* Drafted in the ring itself, whole: to own a draft takes a swap whose result is used (5.12+). */
static __always_inline struct bt_failure *bt_open_failure(bool self)
{
	struct bt_failure *failure = bpf_ringbuf_reserve(&bt_ring, sizeof(*failure), 0);

	if (!failure && !self)
		bt_count(lost_ring);
	return failure;
}

static __always_inline bool bt_send_failure(struct bt_failure *failure, bool self, __u64 flags)
{
	bpf_ringbuf_submit(failure, flags);
	return true;
}

#else

#define BT_DRAFTS 256	/* a power of two */
#define BT_DRAFTS_CPU 4 /* more tasks than these are never inside the programs on one CPU */

struct bt_draft {
	struct bt_failure failure;
	__u32 busy;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BT_DRAFTS);
	__type(key, __u32);
	__type(value, struct bt_draft);
} bt_drafts SEC(".maps");

/* Drafted outside the ring, which then takes as much as there are holders. */
static __always_inline struct bt_failure *bt_open_failure(bool self)
{
	__u32 first = bpf_get_smp_processor_id() * BT_DRAFTS_CPU;

#pragma unroll
	for (__u32 i = 0; i < BT_DRAFTS_CPU; i++) {
		__u32 slot = (first + i) & (BT_DRAFTS - 1);
		struct bt_draft *draft = bpf_map_lookup_elem(&bt_drafts, &slot);

		if (draft && !__sync_val_compare_and_swap(&draft->busy, 0, 1))
			return &draft->failure;
	}
	if (!self)
		bt_count(lost_map);
	return NULL;
}

static __always_inline bool bt_send_failure(struct bt_failure *failure, bool self, __u64 flags)
{
	struct bt_draft *draft = (void *)failure;
	__u64 holders = failure->holder_count;
	long error;

	asm volatile("" : "+r"(holders)); /* or clang checks one copy and passes another */
	if (holders > BT_MAX_HOLDERS)
		holders = BT_MAX_HOLDERS;
	asm volatile("" : "+r"(holders)); /* or clang multiplies by a negative number, which old verifiers do not follow */
	error = bpf_ringbuf_output(&bt_ring, failure, BT_FAILURE_SIZE(holders), flags);
	__sync_val_compare_and_swap(&draft->busy, 1, 0);
	if (error && !self)
		bt_count(lost_ring);
	return !error;
}

#endif

#endif
