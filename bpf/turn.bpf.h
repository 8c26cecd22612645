/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who deals with a failure when several programs meet it. One call passes the inner hook
 * and then the outer one, and where the kernel may preempt a program each hook has several
 * of the same code: a program that a preempted task has not left yet is skipped for every
 * other task on that CPU (the kernel's recursion guard, prog->active). Then the next in
 * turn takes over, so that a failure goes unseen only if all of them are held at once.
 *
 * Each leaves its turn in the thread's work entry. "Dealt with already" means: the entry
 * is of this socket, and of an earlier turn. A later one was left by an earlier call.
 */
#ifndef BINDTRACE_TURN_BPF_H
#define BINDTRACE_TURN_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "filter.bpf.h"
#include "report.bpf.h"
#include "scan.bpf.h"
#include "state.bpf.h"

enum bt_turn {
	BT_INNER_FIRST = 1,
	BT_INNER_SECOND,
	BT_INNER_THIRD,
	BT_MIDDLE_FIRST, /* __sys_bind_socket, which __sys_bind may call or hold inlined */
	BT_MIDDLE_SECOND,
	BT_OUTER_FIRST,
	BT_OUTER_SECOND,
};

/* Longer than a throttled task stays between two hooks; kernel_bind, which passes no outer hook, leaves its entry. */
#define BT_MARK_NS 60000000000ULL

/* sk is the failure's socket: itself, or by the struct socket that an MPTCP socket shares with its first subflow. */
static __always_inline bool bt_is_about(const struct bt_work *work, struct sock *sk)
{
	__u64 socket = (__u64)BPF_CORE_READ(sk, sk_socket);

	return work->sk == (__u64)sk || (socket && work->own_socket == socket);
}

/* The mark alone, so that the programs whose turn comes later do not count it again. */
static __noinline int bt_leave_out(struct sock *sk)
{
	bt_count(filtered);
	bt_open_work(bpf_get_current_pid_tgid(), sk);
	return 0;
}

static __always_inline void bt_handle(struct sock *sk, const struct bt_call *call, enum bt_turn turn)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct bt_work *work = NULL;

	if (turn != BT_INNER_FIRST) {
		work = bpf_map_lookup_elem(&bt_work, &id);
		if (work && (!bt_is_about(work, sk) || work->turn >= turn ||
			     bpf_ktime_get_boot_ns() - work->ktime_ns > BT_MARK_NS))
			work = NULL;
	}
	if (!work) {
		if (bt_wanted(sk, call))
			bt_report(sk, call);
		else
			bt_leave_out(sk);
		work = bpf_map_lookup_elem(&bt_work, &id);
		if (!work)
			return;
	}
	work->turn = turn;
	if (call->no_table)
		return;
	/* Where it may be preempted, the first program stays short: it is skipped less often then. */
	if (!work->wants_scan || (turn == BT_INNER_FIRST && bt_config.preemptible))
		return;
	work->wants_scan = 0;
	bt_scan();
}

#endif
