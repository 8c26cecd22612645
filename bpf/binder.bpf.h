/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who made each bind, for kernels without bpf_loop (BT_BOUNDED), where the task list
 * cannot be scanned: a record at every successful bind, keyed by the socket's inode.
 * "Made the bind" is not "holds it now": the binder may have exited and left the
 * descriptor to an heir, so the table of a living binder is read at the failure,
 * and a dead one is reported as what it is.
 */
#ifndef BINDTRACE_BINDER_BPF_H
#define BINDTRACE_BINDER_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "state.bpf.h"
#include "task.bpf.h"

#ifdef BT_BOUNDED

struct bt_binder {
	__u64 leader; /* the task_struct, to be read only after its identity was checked */
	struct bt_task task;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64); /* socket inode */
	__type(value, struct bt_binder);
} bt_binders SEC(".maps");

static const struct bt_binder bt_fresh_binder = {};

static __always_inline void bt_note_bind(struct sock *sk)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct bt_binder *binder;
	__u64 inode;

	inode = bt_socket_inode(BPF_CORE_READ(sk, sk_socket));
	if (!inode)
		return;
	bpf_map_update_elem(&bt_binders, &inode, &bt_fresh_binder, BPF_ANY);
	binder = bpf_map_lookup_elem(&bt_binders, &inode);
	if (!binder)
		return;
	binder->leader = (__u64)BPF_CORE_READ(task, group_leader);
	bt_fill_task(&binder->task, task);
}

/* The binder's leader while that is still the same process; else 0. Its files tell whether it lives. */
static __always_inline __u64 bt_living_binder(__u64 inode)
{
	struct bt_binder *binder = bpf_map_lookup_elem(&bt_binders, &inode);
	struct task_struct *leader;

	if (!inode || !binder)
		return 0;
	leader = (void *)binder->leader;
	if ((__u32)BPF_CORE_READ(leader, tgid) != binder->task.tgid ||
	    BPF_CORE_READ(leader, start_boottime) != binder->task.start_boottime_ns)
		return 0;
	return binder->leader;
}

/* Sends who bound the target. */
static __noinline int bt_send_binder(struct bt_work *work, __u32 target)
{
	struct bt_binder *binder;
	struct bt_owner *owner;
	__u64 inode;

	if (!work)
		return 0;
	inode = work->inode[target & 1];
	if (!inode)
		return 0;
	binder = bpf_map_lookup_elem(&bt_binders, &inode);
	if (!binder)
		return 0;
	owner = bpf_ringbuf_reserve(&bt_ring, sizeof(*owner), 0);
	if (!owner) {
		bt_count(scans_lost);
		return 0;
	}
	bt_fill_head(&owner->head, BT_RECORD_OWNER, work->ktime_ns);
	bpf_probe_read_kernel(&owner->task, sizeof(owner->task), &binder->task);
	owner->source = BT_OWNER_MAP;
	owner->targets = 1 << (target & 1);
	owner->fd_base = 0;
	owner->fd_bits[0] = 0;
	owner->fd_bits[1] = 0;
	owner->inode[0] = work->inode[0];
	owner->inode[1] = work->inode[1];
	bpf_ringbuf_submit(owner, 0);
	work->sent++;
	return 0;
}

#endif

#endif
