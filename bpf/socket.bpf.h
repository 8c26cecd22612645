/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Facts of one socket, and whether its address overlaps the one asked for. */
#ifndef BINDTRACE_SOCKET_BPF_H
#define BINDTRACE_SOCKET_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bits.bpf.h"
#include "macros.h"
#include "wire.h"

/* Only for locals and ring memory: copies what the caller knows to be 16 bytes each. */
static __always_inline void bt_copy16(void *to, const void *from)
{
	__builtin_memcpy(to, from, 16);
}

static __always_inline void bt_read_v6(__u8 *to, const struct in6_addr *from)
{
	bpf_probe_read_kernel(to, 16, from);
}

/* A copy of a struct sock_common, with room for one that grows: 136 bytes from 5.10 to 7.2. */
struct bt_common {
	__u64 words[20];
};
_Static_assert(sizeof(struct sock_common) <= sizeof(struct bt_common), "struct sock_common has grown");

static __always_inline const struct sock_common *bt_common_in(const struct bt_common *copy)
{
	return (const void *)copy;
}

/* Read at once, for its fields one by one would be a call each. All zero: it cannot be read. */
static __always_inline const struct sock_common *bt_read_common(struct bt_common *copy, const struct sock *sk)
{
	__u32 size = bpf_core_type_size(struct sock_common);

	bpf_probe_read_kernel(copy, size < sizeof(*copy) ? size : sizeof(*copy), &sk->__sk_common);
	return bt_common_in(copy);
}

static __always_inline __u8 bt_option_flags(const struct sock_common *common)
{
	__u64 reuse = BPF_CORE_READ_BITFIELD(common, skc_reuse); /* 4 bits: SK_NO_REUSE is 0 */
	__u64 reuseport = BPF_CORE_READ_BITFIELD(common, skc_reuseport);
	__u64 v6only = BPF_CORE_READ_BITFIELD(common, skc_ipv6only);

	return (bt_zero(reuse) ^ 1) * BT_SOCK_REUSEADDR | reuseport * BT_SOCK_REUSEPORT | v6only * BT_SOCK_V6ONLY;
}

/* An MPTCP socket is bound by its first subflow, a tcp sock that shares its struct socket. */
static __always_inline __u16 bt_protocol_of(struct sock *sk, struct socket *socket)
{
	struct sock *owner = BPF_CORE_READ(socket, sk);

	return BPF_CORE_READ(owner ?: sk, sk_protocol);
}

/* The name as bind got it, into BT_UNIX_LEN bytes; its length, or negative: there is none. */
static __always_inline long bt_read_unix_name(void *name, struct sock *sk)
{
	struct unix_address *address = BPF_CORE_READ((struct unix_sock *)sk, addr);
	__u64 length;

	if (!address)
		return -1;
	length = BPF_CORE_READ(address, len) - sizeof(__u16);
	asm volatile("" : "+r"(length)); /* or clang checks one copy and passes another */
	if (length > BT_UNIX_LEN || bpf_probe_read_kernel(name, length, &address->name[0].sun_path))
		return -1;
	return length;
}

/* The inode that the socket's fd shows, as in /proc/PID/fd: "socket:[inode]". */
static __always_inline __u64 bt_socket_inode(struct socket *socket)
{
	struct socket_alloc *alloc;

	if (!socket)
		return 0;
	alloc = (void *)socket - bpf_core_field_offset(struct socket_alloc, socket);
	return BPF_CORE_READ(alloc, vfs_inode.i_ino);
}

/* NULL when file is no socket's. */
static __always_inline struct sock *bt_socket_in(struct file *file)
{
	struct socket *socket;

	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* The address that it is bound to; IPv4 in the first four bytes. */
static __always_inline void bt_fill_address(__u8 *out, const struct sock_common *common)
{
	__builtin_memset(out, 0, 16);
	if (common->skc_family == AF_INET6)
		__builtin_memcpy(out, &common->skc_v6_rcv_saddr, 16);
	else
		__builtin_memcpy(out, &common->skc_rcv_saddr, 4);
}

/* TIME_WAIT sockets are a shorter struct: they have nothing beyond it. */
static __always_inline void bt_fill_common(struct bt_socket *out, const struct sock_common *common)
{
	out->family = common->skc_family;
	out->port = common->skc_num;
	out->peer_port = bpf_ntohs(common->skc_dport);
	out->device = common->skc_bound_dev_if;
	bt_fill_address(out->address, common);
	__builtin_memset(out->peer, 0, sizeof(out->peer));
	if (out->family == AF_INET6)
		__builtin_memcpy(out->peer, &common->skc_v6_daddr, 16);
	else
		__builtin_memcpy(out->peer, &common->skc_daddr, 4);
}

/* Its creator's marks; not for TIME_WAIT sockets. */
static __always_inline void bt_fill_origin(struct bt_socket *out, struct sock *sk)
{
	out->uid = BPF_CORE_READ(sk, sk_uid.val);
	if (bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		out->cgroup_id = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
}

/* What overlap depends on; one for the request, one for the socket it is held against. */
struct bt_reach {
	__u64 high, low; /* of the IPv6 address, network order; 0 for IPv4 */
	__u64 v4;        /* of the IPv4 or v4-mapped address, network order */
	__u64 is_v4;     /* these three are 0 or 1 */
	__u64 is_any6;
	__u64 v6only;
};

static __always_inline void bt_reach_from(struct bt_reach *reach, __u16 family, const __u8 *address, __u64 v6only)
{
	__u64 half[2], plain, mapped;

	__builtin_memcpy(half, address, sizeof(half));
	plain = bt_equal(family, AF_INET);
	mapped = (plain ^ 1) & bt_zero(half[0]) & bt_equal((__u32)half[1], bpf_htonl(0xffff));
	reach->high = half[0];
	reach->low = half[1];
	reach->v4 = ((__u32)half[0] & -plain) | (half[1] >> 32 & -mapped);
	reach->is_v4 = plain | mapped;
	reach->is_any6 = (plain ^ 1) & bt_zero(half[0] | half[1]);
	reach->v6only = v6only | plain; /* of an IPv4 socket: that it is one */
}

/*
 * inet_rcv_saddr_equal(sk, sk2, true) of net/ipv4/inet_connection_sock.c, a being the socket that asks: 0 or 1. An IPv4
 * socket looks at the IPv4 side of an IPv6 one only, which meets the wildcard unless it is v6only: connections of [::]:80
 * are in the way of 0.0.0.0:80.
 */
static __always_inline __u64 bt_overlaps(const struct bt_reach *a, const struct bt_reach *b)
{
	__u64 v4_side = a->is_v4 & a->v6only & bt_zero(a->v4) & ((b->is_v4 | b->v6only) ^ 1);
	__u64 both_v4 = a->is_v4 & b->is_v4;
	__u64 both_v6 = (a->is_v4 | b->is_v4) ^ 1;

	return v4_side | (a->is_any6 & ((a->v6only & b->is_v4) ^ 1)) | (b->is_any6 & ((b->v6only & a->is_v4) ^ 1)) |
	       (both_v4 & (bt_equal(a->v4, b->v4) | bt_zero(a->v4) | bt_zero(b->v4))) |
	       (both_v6 & bt_equal(a->high, b->high) & bt_equal(a->low, b->low));
}

#endif
