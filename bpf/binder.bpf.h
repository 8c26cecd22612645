/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who made each bind: a record at every successful one, found by the socket's inode. "Made the
 * bind" is not "holds it now": the binder may have exited and left the descriptor to an heir, or
 * passed it on. User space asks for it when it names a holder; a record that is younger than the
 * failure is of another socket.
 *
 * The records are slots of an array, written in place: an LRU hash did the same at three times
 * the cost of all else here, for it allocates a node for each new inode. Inode numbers are dealt
 * out one after the other, so that a record lasts until as many others have been made, and the
 * slot of a long-lived listener is as likely to be met as any other.
 *
 * A bind to port 0 leaves none: clients make them by the thousand.
 *
 * Kernels without bpf_loop (BT_BOUNDED) cannot scan the task list: there the record also tells
 * whose table to read at the failure, and holds all that is known of a binder that has exited.
 * Nor can they swap a value atomically to own a slot (BPF_FETCH is 5.12+): theirs is an LRU hash.
 */
#ifndef BINDTRACE_BINDER_BPF_H
#define BINDTRACE_BINDER_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "ring.bpf.h"
#include "state.bpf.h"
#include "task.bpf.h"

#ifdef BT_BOUNDED

#define bt_records_binds() true

struct bt_binder_entry {
	struct bt_binder binder;
	__u64 leader; /* the task_struct, to be read only after its identity was checked */
	struct bt_task task;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64); /* socket inode */
	__type(value, struct bt_binder_entry);
} bt_binders SEC(".maps");

static const struct bt_binder_entry bt_fresh_binder = {};

/* Too large for the stack. */
static __always_inline void bt_put_binder(__u64 inode, __u16 port, struct task_struct *task, bool seeded)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct bt_binder_entry *entry;

	if (bpf_map_update_elem(&bt_binders, &inode, &bt_fresh_binder, seeded ? BPF_NOEXIST : BPF_ANY))
		return;
	entry = bpf_map_lookup_elem(&bt_binders, &inode);
	if (!entry)
		return;
	bt_fill_task(&entry->task, task);
	entry->leader = (__u64)leader;
	entry->binder.inode = inode;
	entry->binder.ktime_ns = bpf_ktime_get_boot_ns();
	entry->binder.start_boottime_ns = entry->task.start_boottime_ns;
	entry->binder.tgid = entry->task.tgid;
	entry->binder.port = port;
	entry->binder.seeded = seeded;
	__builtin_memcpy(entry->binder.comm, entry->task.comm, sizeof(entry->binder.comm));
}

#else

#define bt_records_binds() (bt_config.bound_by)
#define BT_BINDERS 16384 /* a power of two; 900 KiB */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BT_BINDERS);
	__uint(map_flags, BPF_F_MMAPABLE); /* user space reads it without bpf(2), see map_memory.h */
	__type(key, __u32);
	__type(value, struct bt_binder);
} bt_binders SEC(".maps");

/*
 * task is one that the verifier knows: its fields are loads, not calls. Two that meet in a slot leave one record or
 * none, never a mixture.
 */
static __always_inline void bt_put_binder(__u64 inode, __u16 port, struct task_struct *task, bool seeded)
{
	struct task_struct *leader = task->group_leader;
	__u32 slot = inode & (BT_BINDERS - 1);
	struct bt_binder *binder = bpf_map_lookup_elem(&bt_binders, &slot);

	if (!binder || (seeded && binder->inode && (binder->inode == inode || !binder->seeded)) ||
	    __sync_val_compare_and_swap(&binder->busy, 0, 1))
		return;
	binder->inode = inode;
	binder->ktime_ns = bpf_ktime_get_boot_ns();
	binder->start_boottime_ns = leader->start_boottime;
	binder->tgid = task->tgid;
	binder->port = port;
	binder->seeded = seeded;
	__builtin_memcpy(binder->comm, leader->comm, sizeof(binder->comm));
	__sync_val_compare_and_swap(&binder->busy, 1, 0);
}

#endif

/* This runs at every bind to a port, path or name. port: 0 for what has none. */
static __always_inline void bt_note_bind(struct sock *sk, __u16 port)
{
	__u64 inode = bt_socket_inode(BPF_CORE_READ(sk, sk_socket));

	if (inode)
		bt_put_binder(inode, port, bt_current(), false);
}

/* What listens or is only bound; connections have no bind of their own, or are client's. */
static __always_inline int bt_seed_binder(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct sock *sk;
	__u16 family;
	__u8 state;

	if (!task || !file)
		return 0;
	sk = bt_socket_in(file);
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (!sk || (state != TCP_LISTEN && state != TCP_CLOSE))
		return 0;
	if (family == AF_UNIX ? !BPF_CORE_READ((struct unix_sock *)sk, addr)
			      : !BPF_CORE_READ(sk, __sk_common.skc_num))
		return 0;
	bt_put_binder(BPF_CORE_READ(file, f_inode, i_ino), BPF_CORE_READ(sk, __sk_common.skc_num), task, true);
	return 0;
}

#ifdef BT_BOUNDED

/* The binder's leader while that is still the same process; else 0. Its files tell whether it lives. */
static __always_inline __u64 bt_living_binder(__u64 inode)
{
	struct bt_binder_entry *binder = bpf_map_lookup_elem(&bt_binders, &inode);
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
	struct bt_binder_entry *binder;
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
	bpf_ringbuf_submit(owner, BPF_RB_NO_WAKEUP); /* the scan's record follows */
	work->sent++;
	return 0;
}

#endif

#endif
