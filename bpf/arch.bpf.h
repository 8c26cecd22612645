/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* System call number and arguments out of the registers, by architecture. */
#ifndef BINDTRACE_ARCH_BPF_H
#define BINDTRACE_ARCH_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>

#include "flavours.h"
#include "task.bpf.h"

#if defined(__TARGET_ARCH_x86)

#define BT_NR_BIND 49
#define BT_NR_LISTEN 50
#define BT_NR_IO_URING_ENTER 426
#define BT_NR_COMPAT_SOCKETCALL 102
#define BT_NR_COMPAT_BIND 361
#define BT_NR_COMPAT_LISTEN 363
#define BT_THREAD_SIZE 16384 /* asm/page_64_types.h, until 5.16 and without KASAN */
#define BT_TS_COMPAT 0x0002 /* asm/thread_info.h: a 32-bit system call is active */

static __always_inline long bt_syscall_nr(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax);
}

/* The same of registers that the verifier knows: the cheapest way to look at a system call. */
static __always_inline long bt_traced_nr(const struct pt_regs *regs)
{
	return regs->orig_ax;
}

/* Of the caller, as bt_current() returns it. */
static __always_inline bool bt_syscall_is_compat(struct task_struct *task)
{
	const struct task_struct___x86 *t = (const void *)task;

	return bt_get(BT_KNOWN, t, thread_info.status) & BT_TS_COMPAT;
}

struct bt_args {
	__u64 fd, address, length;
};

static __always_inline void bt_traced_args(const struct pt_regs *regs, struct bt_args *args)
{
	args->fd = regs->di;
	args->address = regs->si;
	args->length = regs->dx;
}

/* Of a 32-bit call; its registers may hold anything above 32 bits. */
static __always_inline void bt_compat_args(const struct pt_regs *regs, struct bt_args *args)
{
	args->fd = (__u32)regs->bx;
	args->address = (__u32)regs->cx;
	args->length = (__u32)regs->dx;
}

#elif defined(__TARGET_ARCH_arm64)

#define BT_NR_BIND 200
#define BT_NR_LISTEN 201
#define BT_NR_IO_URING_ENTER 426
#define BT_NR_COMPAT_SOCKETCALL 102
#define BT_NR_COMPAT_BIND 282
#define BT_NR_COMPAT_LISTEN 284

static __always_inline long bt_syscall_nr(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

static __always_inline long bt_traced_nr(const struct pt_regs *regs)
{
	return regs->syscallno;
}

static __always_inline bool bt_syscall_is_compat(struct task_struct *task)
{
	return false;
}

struct bt_args {
	__u64 fd, address, length;
};

static __always_inline void bt_traced_args(const struct pt_regs *regs, struct bt_args *args)
{
	args->fd = regs->orig_x0; /* x0 holds the result by now */
	args->address = regs->regs[1];
	args->length = regs->regs[2];
}

static __always_inline void bt_compat_args(const struct pt_regs *regs, struct bt_args *args)
{
	bt_traced_args(regs, args);
}

#else
#error "bindtrace knows x86-64 and arm64"
#endif

#endif
