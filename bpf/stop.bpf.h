/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who was told to stop: the last signal by which a process is asked to end, or made to. User space asks for it when it
 * names a holder. A record whose start time is not the holder's is of an earlier process with that pid.
 *
 * Of all signals these five alone are looked at, so that a host's usual traffic (SIGCHLD, timers) costs a comparison.
 * Those that the kernel gives to the threads of a process that ends (exit_group, execve) do not come by here.
 *
 * The records are kept as those of binds are, for the same reasons (binder.bpf.h).
 */
#ifndef BINDTRACE_STOP_BPF_H
#define BINDTRACE_STOP_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "macros.h"
#include "wire.h"

#define BT_STOPS 4096 /* a power of two; 224 KiB */

#ifdef BT_BOUNDED

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, BT_STOPS);
	__type(key, __u64); /* tgid */
	__type(value, struct bt_stop);
} bt_stops SEC(".maps");

static __always_inline struct bt_stop *bt_find_stop(__u64 tgid)
{
	return bpf_map_lookup_elem(&bt_stops, &tgid);
}

static __always_inline void bt_put_stop(struct bt_stop *stop)
{
	bpf_map_update_elem(&bt_stops, &stop->tgid, stop, BPF_ANY);
}

#else

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BT_STOPS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct bt_stop);
} bt_stops SEC(".maps");

static __always_inline struct bt_stop *bt_find_stop(__u64 tgid)
{
	__u32 slot = tgid & (BT_STOPS - 1);

	return bpf_map_lookup_elem(&bt_stops, &slot);
}

static __always_inline void bt_put_stop(struct bt_stop *stop)
{
	struct bt_stop *slot = bt_find_stop(stop->tgid);

	if (!slot || __sync_val_compare_and_swap(&slot->busy, 0, 1))
		return;
	stop->busy = 1; /* as the slot has it */
	*slot = *stop;
	__sync_val_compare_and_swap(&slot->busy, 1, 0);
}

#endif

/* For most daemons SIGHUP means "read your files again": it stops only where nothing handles or waits for it. */
static __always_inline bool bt_asks_to_stop(int signal, struct task_struct *task)
{
	switch (signal) {
	case SIGINT:
	case SIGQUIT:
	case SIGKILL:
	case SIGTERM:
		return true;
	case SIGHUP:
		return !BPF_CORE_READ(task, sighand, action[SIGHUP - 1].sa.sa_handler) &&
		       !(BPF_CORE_READ(task, blocked.sig[0]) & 1UL << (SIGHUP - 1));
	default:
		return false;
	}
}

/*
 * Whether the caller sent it; else the caller may be whoever the kernel interrupted (a timer, Ctrl-C). Where there is no
 * more to say info is no pointer, but SEND_SIG_NOINFO (0), of a task, or SEND_SIG_PRIV.
 */
static __always_inline bool bt_is_from_caller(const struct kernel_siginfo *info)
{
	int code;

	if ((__u64)info <= SEND_SIG_PRIV)
		return (__u64)info != SEND_SIG_PRIV;
	code = BPF_CORE_READ(info, si_code);
	return code == SI_USER || code == SI_QUEUE || code == SI_TKILL;
}

/* Until it has let go of everything a process that ends gets signals too, which count for nothing. */
static __always_inline bool bt_is_ending(struct task_struct *task)
{
	return task->signal->flags & SIGNAL_GROUP_EXIT;
}

/* What a thread gets its process ends by. Of equal ones in a row the first counts: since then it was told. */
static __always_inline int bt_note_signal(int signal, struct kernel_siginfo *info, struct task_struct *task, int result)
{
	struct bt_stop stop = {.signal = signal, .ignored = result == TRACE_SIGNAL_IGNORED};
	struct bt_stop *last;

	if (!bt_asks_to_stop(signal, task) || (stop.ignored && bt_is_ending(task)))
		return 0;
	stop.tgid = task->tgid;
	stop.start_boottime_ns = task->group_leader->start_boottime;
	last = bt_find_stop(stop.tgid);
	if (last && last->tgid == stop.tgid && last->start_boottime_ns == stop.start_boottime_ns &&
	    last->signal == stop.signal && last->ignored == stop.ignored)
		return 0;
	stop.ktime_ns = bpf_ktime_get_boot_ns();
	if (bt_is_from_caller(info)) {
		struct task_struct *sender =
			BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), group_leader);

		stop.sender_tgid = BPF_CORE_READ(sender, tgid);
		bpf_probe_read_kernel(stop.sender_comm, sizeof(stop.sender_comm), &sender->comm);
	}
	bt_put_stop(&stop);
	return 0;
}

#endif
