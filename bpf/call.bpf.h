/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a hook knows of the call that failed, and the address that it asked for. */
#ifndef BINDTRACE_CALL_BPF_H
#define BINDTRACE_CALL_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

/* How the failure was seen. */
struct bt_call {
	__u64 sockaddr;   /* the address asked for; 0: take the socket's */
	__u32 length;     /* of the sockaddr */
	__u16 port;       /* with sockaddr 0 */
	__u8 from_kernel; /* the sockaddr is the kernel's own copy */
	__u8 no_table;    /* no bind table to walk: spares old verifiers the walk and the scan */
	__u8 operation;   /* enum bt_operation */
	__u8 entry;       /* enum bt_entry; BT_ENTRY_UNKNOWN: find out */
};

/* From the caller's memory at exit, when the kernel has faulted the page in. */
static __always_inline long bt_read_sockaddr(void *to, __u32 size, const struct bt_call *call, __u32 offset)
{
	if (call->from_kernel)
		return bpf_probe_read_kernel(to, size, (void *)(call->sockaddr + offset));
	return bpf_probe_read_user(to, size, (void *)(call->sockaddr + offset));
}

#endif
