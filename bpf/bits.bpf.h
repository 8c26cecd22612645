/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comparisons without a branch. Each branch in a loop body multiplies what the verifier
 * of kernels before 5.17 has to follow ("The sequence of 8193 jumps is too complex").
 * The empty asm keeps the compiler from seeing a comparison and making it a branch again.
 */
#ifndef BINDTRACE_BITS_BPF_H
#define BINDTRACE_BITS_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

/* The top bit is set when x is not 0; the others mean nothing. */
static __always_inline __u64 bt_nonzero_sign(__u64 x)
{
	x |= -x;
	asm volatile("" : "+r"(x));
	return x;
}

/* 1 when x is 0, else 0. */
static __always_inline __u64 bt_zero(__u64 x)
{
	return (bt_nonzero_sign(x) >> 63) ^ 1;
}

/* 1 when a and b are equal, else 0. */
static __always_inline __u64 bt_equal(__u64 a, __u64 b)
{
	return bt_zero(a ^ b);
}

#endif
