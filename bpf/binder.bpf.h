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
 * Kernels of the bounded variant cannot swap a value atomically to own a slot (BPF_FETCH is 5.12+): theirs is an LRU
 * hash all the same.
 */
#ifndef BINDTRACE_BINDER_BPF_H
#define BINDTRACE_BINDER_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "ring.bpf.h"
#include "state.bpf.h"
#include "task.bpf.h"

#define bt_records_binds() (bt_config.bound_by)
#define BT_BINDERS 16384 /* a power of two; 900 KiB */

#ifdef BT_BOUNDED

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, BT_BINDERS);
	__type(key, __u64); /* socket inode */
	__type(value, struct bt_binder);
} bt_binders SEC(".maps");

static __always_inline void bt_put_binder(__u64 inode, __u16 port, struct task_struct *task, bool seeded)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct bt_binder binder = {
		.inode = inode,
		.ktime_ns = bpf_ktime_get_boot_ns(),
		.start_boottime_ns = BPF_CORE_READ(leader, start_boottime),
		.tgid = BPF_CORE_READ(leader, tgid),
		.port = port,
		.seeded = seeded,
	};

	bpf_probe_read_kernel(binder.comm, sizeof(binder.comm), &leader->comm);
	bpf_map_update_elem(&bt_binders, &inode, &binder, seeded ? BPF_NOEXIST : BPF_ANY);
}

#else

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

#endif
