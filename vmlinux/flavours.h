/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Layouts that other kernel versions have, one flavour each: libbpf drops what
 * follows the three underscores and matches the rest against the running kernel.
 * Each says the version and the commit that changed it; a reader must guard with a
 * bpf_core_field_exists that the compiler sees as a constant.
 */
#ifndef BINDTRACE_FLAVOURS_H
#define BINDTRACE_FLAVOURS_H

#include "vmlinux.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* Until 6.7, 8191e792c0e5 ("tcp: Unlink sk from bhash."): all sockets hang here. */
struct inet_bind_bucket___v6_7 {
	struct hlist_head owners;
};

/* Until 6.14, 633488947ef6 ("kernfs: Use RCU to access kernfs_node::parent."). */
struct kernfs_node___v6_14 {
	struct kernfs_node *parent;
};

struct kernfs_node___v6_15 {
	struct kernfs_node *__parent;
};

#if defined(__TARGET_ARCH_x86)
/* x86 alone keeps the mark of a 32-bit system call in thread_info. */
struct thread_info___x86 {
	__u32 status;
};

struct task_struct___x86 {
	struct thread_info___x86 thread_info;
};
#endif

#pragma clang attribute pop

#endif
