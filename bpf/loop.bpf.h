/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One loop form for both variants of the object. A step is a static noinline
 * function `long step(__u32 i, void *ctx)` that returns 1 to stop.
 *
 * bpf_loop (5.17+) is verified once for any number of steps. Without it (the
 * BT_BOUNDED object, for 5.10 to 5.16) the verifier walks every iteration, so the
 * number of steps is small; a program that only mentions bpf_loop does not load there.
 *
 * State must live in ring or map memory, never in constants on the caller's stack:
 * up to 6.6 the callback is verified once, with the caller's constants, and branches
 * that look dead are removed (fixed by ab5cfac139ab, "bpf: verify callbacks as if
 * they are called unknown number of times").
 */
#ifndef BINDTRACE_LOOP_BPF_H
#define BINDTRACE_LOOP_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#ifdef BT_BOUNDED
#define BT_WALK_STEPS 128
#define BT_SCAN_STEPS 160
#define bt_loop(steps, step, ctx)                                                                            \
	do {                                                                                                 \
		for (__u32 bt_i = 0; bt_i < (steps); bt_i++)                                                 \
			if (step(bt_i, ctx))                                                                 \
				break;                                                                       \
	} while (0)
#else
#define BT_WALK_STEPS 65536
#define BT_SCAN_STEPS 65536
#define bt_loop(steps, step, ctx) bpf_loop(steps, step, ctx, 0)
#endif

#endif
