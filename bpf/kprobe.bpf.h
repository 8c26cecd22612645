/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kprobe tier, for kernels without BPF trampolines: the functions of the fexit tier,
 * by two programs each. A return has no arguments any more, so the entry leaves them for it.
 *
 * Either program may be skipped by the kernel: the return when more calls sleep inside the
 * function than a kretprobe has instances (from 2 a CPU; libbpf cannot ask for more), both
 * while a task on that CPU is inside a bpf(2) call on a map. One without the other is
 * counted, which works on kernels that count neither (before 6.7).
 *
 * Preemption is off while they run (trace_call_bpf): they need no backups, see turn.bpf.h.
 */
#ifndef BINDTRACE_KPROBE_BPF_H
#define BINDTRACE_KPROBE_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "state.bpf.h"
#include "turn.bpf.h"

/* A call that has been entered and has not returned: an inner one may be inside an outer one. */
enum bt_depth {
	BT_OUTER_CALL,
	BT_INNER_CALL,
};

struct bt_entered_key {
	__u64 pid_tgid;
	__u64 depth; /* enum bt_depth */
};

struct bt_entered {
	__u64 object; /* inner: the socket; outer: the sockaddr in the caller's memory */
	__u64 number; /* inner: the port; outer: the fd */
};

/* LRU: what a skipped return leaves behind must not fill it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct bt_entered_key);
	__type(value, struct bt_entered);
} bt_entered SEC(".maps");

static __always_inline int bt_enter(enum bt_depth depth, const void *object, __u32 number)
{
	struct bt_entered_key key = {.pid_tgid = bpf_get_current_pid_tgid(), .depth = depth};
	struct bt_entered call = {.object = (__u64)object, .number = number};

	if (bpf_map_update_elem(&bt_entered, &key, &call, BPF_NOEXIST)) {
		bt_count(unpaired);
		bpf_map_update_elem(&bt_entered, &key, &call, BPF_ANY);
	}
	return 0;
}

/* False: the entry was skipped. */
static __always_inline bool bt_leave(enum bt_depth depth, struct bt_entered *call)
{
	struct bt_entered_key key = {.pid_tgid = bpf_get_current_pid_tgid(), .depth = depth};
	struct bt_entered *entered = bpf_map_lookup_elem(&bt_entered, &key);

	if (!entered) {
		bt_count(unpaired);
		return false;
	}
	*call = *entered;
	bpf_map_delete_elem(&bt_entered, &key);
	return true;
}

#define BT_INNER_PROBES(name, function)                                                                      \
	SEC("kprobe/" function)                                                                              \
	int BPF_KPROBE(name##_entry, struct sock *sk, unsigned short port)                                   \
	{                                                                                                    \
		return bt_enter(BT_INNER_CALL, sk, port);                                                    \
	}                                                                                                    \
	SEC("kretprobe/" function)                                                                           \
	int BPF_KRETPROBE(name##_return, int ret)                                                            \
	{                                                                                                    \
		struct bt_entered call;                                                                      \
                                                                                                             \
		if (!bt_leave(BT_INNER_CALL, &call))                                                         \
			return 0;                                                                            \
		return bt_inner((struct sock *)call.object, call.number, ret, BT_INNER_FIRST);               \
	}

#define BT_OUTER_PROBES(name, function, operation)                                                           \
	SEC("kprobe/" function)                                                                              \
	int BPF_KPROBE(name##_entry, int fd, void *address)                                                  \
	{                                                                                                    \
		return bt_enter(BT_OUTER_CALL, address, fd);                                                 \
	}                                                                                                    \
	SEC("kretprobe/" function)                                                                           \
	int BPF_KRETPROBE(name##_return, int ret)                                                            \
	{                                                                                                    \
		struct bt_entered call;                                                                      \
                                                                                                             \
		if (!bt_leave(BT_OUTER_CALL, &call))                                                         \
			return 0;                                                                            \
		return bt_outer(call.number, (void *)call.object, ret, operation, BT_OUTER_FIRST);           \
	}

BT_INNER_PROBES(tcp, "inet_csk_get_port")
BT_INNER_PROBES(udp4, "udp_v4_get_port")
BT_INNER_PROBES(udp6, "udp_v6_get_port")
BT_OUTER_PROBES(bind, "__sys_bind", BT_OP_BIND)
BT_OUTER_PROBES(listen, "__sys_listen", BT_OP_LISTEN)

#endif
