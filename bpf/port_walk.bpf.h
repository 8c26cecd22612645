/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which sockets are on a port now, in any network namespace: the walk of a failing call, on
 * demand and without one. It needs neither setns(2) nor sock_diag, whose modules are often
 * not loaded, and sees bound sockets that do not listen.
 */
#ifndef BINDTRACE_PORT_WALK_BPF_H
#define BINDTRACE_PORT_WALK_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "entry.bpf.h"
#include "loop.bpf.h"
#include "report.bpf.h"
#include "state.bpf.h"
#include "walk.bpf.h"
#include "wire.h"

/* One runs at a time; user space clears it before. */
struct bt_failure bt_answer SEC(".data.answer") = {};

/* The namespaces are a ring, with a list head among them that is none: its "inum" is whatever lies there. */
BT_STEP bt_netns_step(__u32 i, void *context)
{
	struct bt_work *work = *(struct bt_work **)context;
	struct net *net = (void *)work->net;

	if (BPF_CORE_READ(net, ns.inum) == bt_query.request.netns) {
		work->complete = 1;
		return 1;
	}
	work->net = (__u64)BPF_CORE_READ(net, list.next) - bpf_core_field_offset(struct net, list);
	return 0;
}
BT_LOOPS(bt_netns_step)

static __always_inline int bt_walk_port(void)
{
	struct bt_failure *answer = &bt_answer;
	struct sock *sk = bt_socket_of(bt_query.fd);
	struct bt_work *work = bt_open_work(bpf_get_current_pid_tgid(), sk);

	if (!sk)
		return BT_WALK_NO_SOCKET;
	if (!work)
		return BT_WALK_NO_WORK;
	answer->request = bt_query.request;
	bt_read_common(&work->common, sk);
	bt_start_work(work, answer); /* in its own namespace, where the way to the other begins */
	bt_loop(bt_netns_step, work);
	if (!work->complete)
		return BT_WALK_NO_NETNS;
	answer->head.type = BT_RECORD_FAILURE;
	answer->head.ktime_ns = bpf_ktime_get_boot_ns();
	bt_walk(work, answer);
	return answer->flags & BT_FAIL_WALKED ? BT_WALK_DONE : BT_WALK_NO_TABLE;
}

#endif
