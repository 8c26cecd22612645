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
 * The caller, as the verifier knows it where it can (5.11+): then its fields, and those of the structures that they
 * point to, are loads instead of calls.
 */
#ifdef BT_BOUNDED
#define bt_load(pointer, field) BPF_CORE_READ(pointer, field)
#else
#define bt_load(pointer, field) ((pointer)->field)
#endif

static __always_inline struct task_struct *bt_current(void)
{
#ifdef BT_BOUNDED
	return (struct task_struct *)bpf_get_current_task();
#else
	return bpf_get_current_task_btf();
#endif
}

static __always_inline struct kernfs_node *bt_kernfs_parent(struct kernfs_node *kn)
{
	if (bpf_core_field_exists(((struct kernfs_node___v6_14 *)0)->parent)) {
		struct kernfs_node___v6_14 *old = (void *)kn;
		return BPF_CORE_READ(old, parent);
	}
	struct kernfs_node___v6_15 *new = (void *)kn;
	return BPF_CORE_READ(new, __parent);
}

/* The names are taken here because systemd removes the cgroup of a dead service within milliseconds. */
static __always_inline void bt_fill_cgroup(struct bt_task *out, struct task_struct *task)
{
	struct kernfs_node *kn = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);

	out->cgroup_id = BPF_CORE_READ(kn, id);
#pragma unroll
	for (int i = 0; i < BT_CGROUP_LEVELS; i++) {
		const char *name = BPF_CORE_READ(kn, name);

		out->cgroup[i][0] = 0;
		bpf_probe_read_kernel_str(out->cgroup[i], BT_CGROUP_LEN, name);
		kn = bt_kernfs_parent(kn);
	}
}

static __always_inline void bt_fill_executable(struct bt_task *out, struct task_struct *task)
{
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	const unsigned char *name = BPF_CORE_READ(exe, f_path.dentry, d_name.name);

	out->exe_inode = BPF_CORE_READ(exe, f_inode, i_ino);
	out->exe_dev = BPF_CORE_READ(exe, f_inode, i_sb, s_dev);
	out->exe_name[0] = 0;
	bpf_probe_read_kernel_str(out->exe_name, BT_EXE_LEN, name);
}

/* task may be any thread: what is reported is its process. */
static __always_inline void bt_fill_task(struct bt_task *out, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct task_struct *parent = BPF_CORE_READ(leader, real_parent, group_leader);
	__u32 flags = BPF_CORE_READ(task, flags);

	out->start_boottime_ns = BPF_CORE_READ(leader, start_boottime);
	out->tgid = BPF_CORE_READ(task, tgid);
	out->uid = BPF_CORE_READ(task, cred, euid.val);
	out->parent_tgid = BPF_CORE_READ(parent, tgid);
	out->exiting = !!(flags & PF_EXITING);
	out->kernel_thread = !!(flags & PF_KTHREAD);
	__builtin_memset(out->pad, 0, sizeof(out->pad));
	bpf_probe_read_kernel(out->comm, sizeof(out->comm), &leader->comm);
	bpf_probe_read_kernel(out->parent_comm, sizeof(out->parent_comm), &parent->comm);
	bt_fill_executable(out, task);
	bt_fill_cgroup(out, task);
}

#endif
