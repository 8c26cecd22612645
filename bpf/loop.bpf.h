/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One loop form for both variants of the object. A step is a function `BT_STEP step(__u32 i, void *ctx)` that returns 1
 * to stop; *ctx is the thread's work, in which all that changes is kept.
 *
 * bpf_loop (5.17+) is verified once for any number of steps. A program that only mentions it does not load on older
 * kernels (BT_BOUNDED, for 5.10 to 5.16), whose verifier follows each turn of a loop. But a function that is not static
 * is verified once, whoever calls it and however often: a loop over calls of a loop over calls of a step is followed
 * for 256 + 256 turns and one step, and makes 65536. Such a function is handed no pointer, so it finds the work itself.
 *
 * State must live in ring or map memory, never in constants on the caller's stack: up to 6.6 the callback is verified
 * once, with the caller's constants, and branches that look dead are removed (fixed by ab5cfac139ab, "bpf: verify
 * callbacks as if they are called unknown number of times").
 */
#ifndef BINDTRACE_LOOP_BPF_H
#define BINDTRACE_LOOP_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "state.bpf.h"

#define BT_STEPS 65536

#ifdef BT_BOUNDED

#define BT_TURNS 256
_Static_assert(BT_TURNS * BT_TURNS == BT_STEPS, "two loops");

#define BT_STEP static __always_inline long

/* Defines bt_loop's way to a step. */
#define BT_LOOPS(step)                                                                                       \
	__noinline int step##_once(void)                                                                     \
	{                                                                                                    \
		struct bt_work *work = bt_current_work();                                                    \
                                                                                                             \
		return work ? step(0, &work) : 1;                                                            \
	}                                                                                                    \
	__noinline int step##_often(void)                                                                    \
	{                                                                                                    \
		for (__u32 i = 0; i < BT_TURNS; i++)                                                         \
			if (step##_once())                                                                   \
				return 1;                                                                    \
		return 0;                                                                                    \
	}                                                                                                    \
	__noinline int step##_all(void)                                                                      \
	{                                                                                                    \
		for (__u32 i = 0; i < BT_TURNS; i++)                                                         \
			if (step##_often())                                                                  \
				break;                                                                       \
		return 0;                                                                                    \
	}

#define bt_loop(step, work) step##_all()

/* For few steps, with any context. */
#define bt_repeat(times, step, context)                                                                      \
	do {                                                                                                 \
		for (__u32 bt_i = 0; bt_i < (times); bt_i++)                                                 \
			if (step(bt_i, context))                                                             \
				break;                                                                       \
	} while (0)

#else

#define BT_STEP static __noinline long
#define BT_LOOPS(step)
#define bt_loop(step, work) bpf_loop(BT_STEPS, step, &(work), 0)
#define bt_repeat(times, step, context) bpf_loop(times, step, context, 0)

#endif

#endif
