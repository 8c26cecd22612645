/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who a task is: names, start time, parent, executable, cgroup. */
#ifndef BINDTRACE_TASK_BPF_H
#define BINDTRACE_TASK_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "flavours.h"
#include "macros.h"
#include "wire.h"

/*
 * A field, or 0 where there is nothing. Of what the verifier knows (KNOWN, a constant) it is a load; of anything else it
 * takes a call, and a failure reads a hundred fields. The comparison is what kernels with type tags ask for (__rcu).
 */
#define bt_get(known, pointer, field)                                                                        \
	((known) ? ((pointer) ? (pointer)->field : 0) : BPF_CORE_READ(pointer, field))

/* Whether the verifier knows what bt_current() returns: bpf_get_current_task_btf is 5.11+. */
#ifdef BT_BOUNDED
#define BT_KNOWN false
#else
#define BT_KNOWN true
#endif

static __always_inline struct task_struct *bt_current(void)
{
#ifdef BT_BOUNDED
	return (struct task_struct *)bpf_get_current_task();
#else
	return bpf_get_current_task_btf();
#endif
}

static __always_inline struct kernfs_node *bt_kernfs_parent(struct kernfs_node *kn, bool known)
{
	if (bpf_core_field_exists(((struct kernfs_node___v6_14 *)0)->parent)) {
		struct kernfs_node___v6_14 *old = (void *)kn;
		return bt_get(known, old, parent);
	}
	struct kernfs_node___v6_15 *new = (void *)kn;
	return bt_get(known, new, __parent);
}

/* The names are taken here because systemd removes the cgroup of a dead service within milliseconds. */
static __always_inline void bt_fill_cgroup(struct bt_task *out, struct task_struct *task, bool known)
{
	struct css_set *set = bt_get(known, task, cgroups);
	struct cgroup *cgroup = bt_get(known, set, dfl_cgrp);
	struct kernfs_node *kn = bt_get(known, cgroup, kn);

	out->cgroup_id = bt_get(known, kn, id);
#pragma unroll
	for (int i = 0; i < BT_CGROUP_LEVELS; i++) {
		const char *name = bt_get(known, kn, name);

		out->cgroup[i][0] = 0;
		bpf_probe_read_kernel_str(out->cgroup[i], BT_CGROUP_LEN, name);
		kn = bt_kernfs_parent(kn, known);
	}
}

static __always_inline void bt_fill_executable(struct bt_task *out, struct task_struct *task, bool known)
{
	struct mm_struct *mm = bt_get(known, task, mm);
	struct file *exe = bt_get(known, mm, exe_file);
	struct inode *inode = bt_get(known, exe, f_inode);
	struct super_block *sb = bt_get(known, inode, i_sb);
	struct dentry *dentry = bt_get(known, exe, f_path.dentry);
	const unsigned char *name = bt_get(known, dentry, d_name.name);

	out->exe_inode = bt_get(known, inode, i_ino);
	out->exe_dev = bt_get(known, sb, s_dev);
	out->exe_name[0] = 0;
	bpf_probe_read_kernel_str(out->exe_name, BT_EXE_LEN, name);
}

static __always_inline void bt_fill_comm(char *out, const struct task_struct *task, bool known)
{
	if (!known)
		bpf_probe_read_kernel(out, BT_COMM_LEN, &task->comm);
	else if (task)
		__builtin_memcpy(out, task->comm, BT_COMM_LEN);
	else
		out[0] = 0;
}

/* task may be any thread: what is reported is its process. known: to the verifier, a constant. */
static __always_inline void bt_fill_task(struct bt_task *out, struct task_struct *task, bool known)
{
	struct task_struct *leader = bt_get(known, task, group_leader);
	struct task_struct *parent = bt_get(known, leader, real_parent);
	const struct cred *cred = bt_get(known, task, cred);
	__u32 flags = bt_get(known, task, flags);

	parent = bt_get(known, parent, group_leader);
	out->start_boottime_ns = bt_get(known, leader, start_boottime);
	out->tgid = bt_get(known, task, tgid);
	out->uid = bt_get(known, cred, euid.val);
	out->parent_tgid = bt_get(known, parent, tgid);
	out->exiting = !!(flags & PF_EXITING);
	out->kernel_thread = !!(flags & PF_KTHREAD);
	__builtin_memset(out->pad, 0, sizeof(out->pad));
	bt_fill_comm(out->comm, leader, known);
	bt_fill_comm(out->parent_comm, parent, known);
	bt_fill_executable(out, task, known);
	bt_fill_cgroup(out, task, known);
}

#endif
