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

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "hooks.bpf.h"
#include "state.bpf.h"

/* A call that has been entered and has not returned: an inner one may be inside an outer one. */
enum bt_depth {
	BT_OUTER_CALL,
	BT_MIDDLE_CALL,
	BT_INNER_CALL,
};

struct bt_entered_key {
	__u64 pid_tgid;
	__u64 depth; /* enum bt_depth */
};

/* The first arguments of the call. */
struct bt_entered {
	__u64 first, second, third;
};

/* LRU: what a skipped return leaves behind must not fill it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct bt_entered_key);
	__type(value, struct bt_entered);
} bt_entered SEC(".maps");

static __always_inline int bt_enter(enum bt_depth depth, __u64 first, __u64 second, __u64 third)
{
	struct bt_entered_key key = {.pid_tgid = bpf_get_current_pid_tgid(), .depth = depth};
	struct bt_entered call = {.first = first, .second = second, .third = third};

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

/* The body sees the call's arguments in `call` and its result in `ret`. */
#define BT_PROBES(name, function, depth, body)                                                               \
	SEC("kprobe/" function)                                                                              \
	int BPF_KPROBE(name##_entry, __u64 first, __u64 second, __u64 third)                                 \
	{                                                                                                    \
		return bt_enter(depth, first, second, third);                                                \
	}                                                                                                    \
	SEC("kretprobe/" function)                                                                           \
	int BPF_KRETPROBE(name##_return, int ret)                                                            \
	{                                                                                                    \
		struct bt_entered call;                                                                      \
                                                                                                             \
		return bt_leave(depth, &call) ? body(&call, ret) : 0;                                        \
	}

static __always_inline int bt_get_port_returned(const struct bt_entered *call, int ret)
{
	return bt_get_port((struct sock *)call->first, call->second, ret, BT_INNER_FIRST);
}

static __always_inline int bt_sock_bind_returned(const struct bt_entered *call, int ret)
{
	return bt_family_bind((struct sock *)call->first, (void *)call->second, call->third, ret, BT_INNER_FIRST);
}

static __always_inline int bt_socket_bind_returned(const struct bt_entered *call, int ret)
{
	struct socket *socket = (void *)call->first;

	return bt_family_bind(BPF_CORE_READ(socket, sk), (void *)call->second, call->third, ret, BT_INNER_FIRST);
}

static __always_inline int bt_bind_socket_returned(const struct bt_entered *call, int ret)
{
	return bt_bind_socket((struct socket *)call->first, (void *)call->second, call->third, ret, BT_MIDDLE_FIRST);
}

static __always_inline int bt_listen_socket_returned(const struct bt_entered *call, int ret)
{
	return bt_listen_socket((struct socket *)call->first, ret, BT_MIDDLE_FIRST);
}

static __always_inline int bt_bind_returned(const struct bt_entered *call, int ret)
{
	return bt_sys_bind(call->first, (void *)call->second, call->third, ret, BT_OUTER_FIRST);
}

static __always_inline int bt_listen_returned(const struct bt_entered *call, int ret)
{
	return bt_sys_listen(call->first, ret, BT_OUTER_FIRST);
}

BT_PROBES(tcp, "inet_csk_get_port", BT_INNER_CALL, bt_get_port_returned)
BT_PROBES(udp4, "udp_v4_get_port", BT_INNER_CALL, bt_get_port_returned)
BT_PROBES(udp6, "udp_v6_get_port", BT_INNER_CALL, bt_get_port_returned)
BT_PROBES(ping, "ping_bind", BT_INNER_CALL, bt_sock_bind_returned)
BT_PROBES(unix, "unix_bind", BT_INNER_CALL, bt_socket_bind_returned)
BT_PROBES(netlink, "netlink_bind", BT_INNER_CALL, bt_socket_bind_returned)
BT_PROBES(bindsk, "__sys_bind_socket", BT_MIDDLE_CALL, bt_bind_socket_returned)
BT_PROBES(listensk, "__sys_listen_socket", BT_MIDDLE_CALL, bt_listen_socket_returned)
BT_PROBES(bind, "__sys_bind", BT_OUTER_CALL, bt_bind_returned)
BT_PROBES(listen, "__sys_listen", BT_OUTER_CALL, bt_listen_returned)

#endif
