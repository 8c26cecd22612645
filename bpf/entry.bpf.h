/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* By which way the call came in, and from an fd to its socket. */
#ifndef BINDTRACE_ENTRY_BPF_H
#define BINDTRACE_ENTRY_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "arch.bpf.h"
#include "binder.bpf.h"
#include "bits.bpf.h"
#include "macros.h"
#include "wire.h"

static __always_inline bool bt_is_ip(__u16 family)
{
	return family == AF_INET || family == AF_INET6;
}

/* The caller's open file; NULL: none (any more: another thread may have closed it). */
static __always_inline struct file *bt_file_of(int fd)
{
	struct files_struct *files = bt_get(BT_KNOWN, bt_current(), files);
	struct fdtable *table = bt_get(BT_KNOWN, files, fdt);
	struct file **slots;
	struct file *file;

	if (!table || fd < 0 || (__u32)fd >= bt_get(BT_KNOWN, table, max_fds))
		return NULL;
	slots = bt_get(BT_KNOWN, table, fd);
	if (bpf_probe_read_kernel(&file, sizeof(file), slots + fd))
		return NULL;
	return file;
}

/* NULL when fd is no socket. */
static __always_inline struct sock *bt_socket_of(int fd)
{
	struct file *file = bt_file_of(fd);

	return file ? bt_socket_in(file) : NULL;
}

/* socketcall(2): the arguments are words in the caller's memory. Returns the operation. */
static __always_inline __u8 bt_socketcall(struct bt_args *args)
{
	__u64 call = args->fd;
	__u32 words[3];

	if (bpf_probe_read_user(words, sizeof(words), (void *)args->address))
		return 0;
	args->fd = words[0];
	args->address = words[1];
	args->length = words[2];
	return bt_equal(call, SYS_BIND) * BT_OP_BIND + bt_equal(call, SYS_LISTEN) * BT_OP_LISTEN;
}

/*
 * At a system call's exit: whether it was a bind or listen, by which entry, with what
 * arguments. *operation is 0 for any other call.
 */
static __always_inline __u8 bt_bind_call(struct pt_regs *regs, __u8 *operation, struct bt_args *args)
{
	__u32 nr = bt_traced_nr(regs);

	if (bt_syscall_is_compat(bt_current())) {
		bt_compat_args(regs, args);
		*operation = bt_equal(nr, BT_NR_COMPAT_BIND) * BT_OP_BIND +
			     bt_equal(nr, BT_NR_COMPAT_LISTEN) * BT_OP_LISTEN;
		if (nr == BT_NR_COMPAT_SOCKETCALL)
			*operation = bt_socketcall(args);
		return BT_ENTRY_COMPAT;
	}
	bt_traced_args(regs, args);
	*operation = bt_equal(nr, BT_NR_BIND) * BT_OP_BIND + bt_equal(nr, BT_NR_LISTEN) * BT_OP_LISTEN;
	return BT_ENTRY_SYSCALL;
}

#ifdef BT_BOUNDED

/*
 * bpf_task_pt_regs is 5.15+. Where the registers are is known for x86-64 without KASAN; anything but a bind or listen
 * there, and any other architecture, is an entry that is unknown.
 */
static __always_inline __u8 bt_entry(void)
{
#if defined(__TARGET_ARCH_x86)
	struct task_struct *task = (void *)bpf_get_current_task();
	void *stack = BPF_CORE_READ(task, stack);
	long nr = bt_syscall_nr(stack + BT_THREAD_SIZE - bpf_core_type_size(struct pt_regs));

	if (bt_syscall_is_compat(task))
		return BT_ENTRY_UNKNOWN;
	if (nr == BT_NR_BIND || nr == BT_NR_LISTEN)
		return BT_ENTRY_SYSCALL;
#endif
	return BT_ENTRY_UNKNOWN;
}

#else

/* Inside a call: io_uring's workers, 32-bit and native system calls; else the kernel itself. */
static __always_inline __u8 bt_entry(void)
{
	struct task_struct *task = bt_current();
	__u32 flags = task->flags;
	long nr;

	if (flags & PF_IO_WORKER)
		return BT_ENTRY_IO_URING;
	if (flags & PF_KTHREAD)
		return BT_ENTRY_KERNEL;
	nr = bt_traced_nr((struct pt_regs *)bpf_task_pt_regs(task));
	if (bt_syscall_is_compat(task)) {
		if (nr == BT_NR_COMPAT_BIND || nr == BT_NR_COMPAT_LISTEN || nr == BT_NR_COMPAT_SOCKETCALL)
			return BT_ENTRY_COMPAT;
		return BT_ENTRY_KERNEL;
	}
	if (nr == BT_NR_BIND || nr == BT_NR_LISTEN)
		return BT_ENTRY_SYSCALL;
	if (nr == BT_NR_IO_URING_ENTER)
		return BT_ENTRY_IO_URING;
	return BT_ENTRY_KERNEL;
}

#endif

#endif
