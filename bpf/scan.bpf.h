/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The owners: which processes have the blocking sockets in their fd tables, found
 * while the failing call is still running, so that a holder that exits right
 * afterwards is named. Needs no state and costs nothing on success: the victim's own
 * table first, then every process of the task list. 0.6 to 0.9 ms for 573 processes
 * with 135,000 descriptors; limited in slots and in rate.
 */
#ifndef BINDTRACE_SCAN_BPF_H
#define BINDTRACE_SCAN_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "allowance.bpf.h"
#include "bits.bpf.h"
#include "loop.bpf.h"
#include "macros.h"
#include "ring.bpf.h"
#include "state.bpf.h"
#include "task.bpf.h"
#include "wire.h"

#define BT_SCAN_SLOTS 262144
#define BT_SCAN_CHUNK 32

/* A leader that exited has no files any more; its threads go on and share theirs. */
static __always_inline struct fdtable *bt_fdtable(struct task_struct *leader)
{
	struct files_struct *files = BPF_CORE_READ(leader, files);

	if (!files) {
		struct list_head *last = BPF_CORE_READ(leader, signal, thread_head.prev);
		struct task_struct *thread =
			(void *)last - bpf_core_field_offset(struct task_struct, thread_node);

		files = BPF_CORE_READ(thread, files);
	}
	return BPF_CORE_READ(files, fdt);
}

static __always_inline void bt_open_table(struct bt_work *work, struct task_struct *leader)
{
	struct fdtable *table;

	work->task = (__u64)leader;
	work->fd = 0;
	work->max_fds = 0;
	work->tasks++;
	if (BPF_CORE_READ(leader, flags) & PF_KTHREAD)
		return;
	table = bt_fdtable(leader);
	work->fds = (__u64)BPF_CORE_READ(table, fd);
	work->max_fds = BPF_CORE_READ(table, max_fds);
}

/* Opens the next process's table; false when all have been read. */
static __always_inline bool bt_next_table(struct bt_work *work)
{
	struct task_struct *task = (void *)work->task;
	struct list_head *next = BPF_CORE_READ(task, tasks.next);

	task = (void *)next - bpf_core_field_offset(struct task_struct, tasks);
	if (!next || (__u64)task == work->first_task)
		return false;
	bt_open_table(work, task);
	return true;
}

static __always_inline void bt_note_found(struct bt_work *work, __u32 fd, __u32 targets)
{
	struct bt_found *found;
	__u32 n = work->found_count;

	/* A further chunk of the same table: user space completes the descriptors. */
	if (work->last_found == work->task) {
		if (n <= BT_MAX_FOUND)
			work->found[(n - 1) & (BT_MAX_FOUND - 1)].targets |= targets;
		return;
	}
	work->last_found = work->task;
	work->found_count = n + 1;
	if (n >= BT_MAX_FOUND)
		return;
	found = &work->found[n & (BT_MAX_FOUND - 1)];
	found->task = work->task;
	found->chunk = work->fds + fd * sizeof(__u64);
	found->fd_base = fd;
	found->targets = targets;
}

/*
 * Chunk by chunk; the kernel allocates fd tables in multiples of BITS_PER_LONG, so none is short. Only whether a chunk
 * has a target is found out here, without a branch a slot; where in the chunk is read again when it is sent.
 */
BT_STEP bt_scan_step(__u32 i, void *ctx)
{
	struct bt_work *work = *(struct bt_work **)ctx;
	__u64 files[BT_SCAN_CHUNK];
	__u64 differ0 = ~0ULL, differ1 = ~0ULL; /* the top bit falls when a slot equals the target */
	__u64 file0, file1;
	__u32 fd = work->fd;

	if (fd >= work->max_fds) {
		if (bt_next_table(work))
			return 0;
		work->complete = 1;
		return 1;
	}
	if (work->slots >= BT_SCAN_SLOTS)
		return 1;
	work->fd = fd + BT_SCAN_CHUNK;
	work->slots += BT_SCAN_CHUNK;
	if (bpf_probe_read_kernel(files, sizeof(files), (void *)(work->fds + fd * sizeof(files[0]))))
		return 0;
	file0 = work->file[0];
	file1 = work->file[1] ?: file0; /* an empty slot would equal an empty target */
#pragma unroll
	for (int n = 0; n < BT_SCAN_CHUNK; n++) {
		differ0 &= bt_nonzero_sign(files[n] ^ file0);
		differ1 &= bt_nonzero_sign(files[n] ^ file1);
		asm volatile("" : "+r"(differ0), "+r"(differ1)); /* now: or clang keeps 64 results to the end */
	}
	if (!((differ0 & differ1) >> 63))
		bt_note_found(work, fd, (differ0 >> 63 ^ 1) | (differ1 >> 63 ^ 1) << 1);
	return 0;
}
BT_LOOPS(bt_scan_step)

static __always_inline __u32 bt_bits_of(const __u64 *files, __u64 file)
{
	__u32 bits = 0;

#pragma unroll
	for (int n = 0; n < BT_SCAN_CHUNK; n++) {
		bits |= bt_equal(files[n], file) << n;
		asm volatile("" : "+r"(bits));
	}
	return bits;
}

/* Sends what the next task that was found looks like now; 1: there is none. Not static: verified once. */
__noinline int bt_send_owner(void)
{
	struct bt_work *work = bt_current_work();
	__u64 files[BT_SCAN_CHUNK] = {};
	struct bt_found *found;
	struct bt_owner *owner;

	if (!work || work->sending >= work->found_count)
		return 1;
	found = &work->found[work->sending & (BT_MAX_FOUND - 1)];
	work->sending++;
	owner = bpf_ringbuf_reserve(&bt_ring, sizeof(*owner), 0);
	if (!owner) {
		bt_count(scans_lost);
		return 0;
	}
	bt_fill_head(&owner->head, BT_RECORD_OWNER, work->ktime_ns);
	bt_fill_task(&owner->task, (struct task_struct *)found->task, false);
	owner->targets = found->targets;
	if (!work->file[1])
		owner->targets &= 1;
	owner->fd_base = found->fd_base;
	bpf_probe_read_kernel(files, sizeof(files), (void *)found->chunk);
	owner->fd_bits[0] = bt_bits_of(files, work->file[0]);
	owner->fd_bits[1] = work->file[1] ? bt_bits_of(files, work->file[1]) : 0;
	owner->inode[0] = work->inode[0];
	owner->inode[1] = work->inode[1];
	bpf_ringbuf_submit(owner, BPF_RB_NO_WAKEUP); /* the scan's record follows */
	work->sent++;
	return 0;
}

/* A function of its own, for its stack; and not static, so that it is verified once. */
__noinline int bt_scan(void)
{
	struct bt_work *work = bt_current_work();
	struct bt_scan *scan;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	if (!work)
		return 0;
	work->first_task = (__u64)leader;
	bt_open_table(work, leader);
	bt_loop(bt_scan_step, work);
	for (__u32 i = 0; i < BT_MAX_FOUND; i++)
		if (bt_send_owner())
			break;

	scan = bpf_ringbuf_reserve(&bt_ring, sizeof(*scan), 0);
	if (!scan) {
		bt_count(scans_lost);
		return 0;
	}
	bt_fill_head(&scan->head, BT_RECORD_SCAN, work->ktime_ns);
	scan->inode[0] = work->inode[0];
	scan->inode[1] = work->inode[1];
	scan->ktime_end_ns = bpf_ktime_get_boot_ns();
	scan->status = work->complete ? BT_SCAN_COMPLETE : BT_SCAN_TRUNCATED;
	scan->tasks = work->tasks;
	scan->slots = work->slots;
	scan->owners_found = work->found_count;
	scan->owners_sent = work->sent;
	scan->pad = 0;
	bpf_ringbuf_submit(scan, bt_wake_flags(scan->ktime_end_ns));
	return 0;
}

#endif
