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

static __always_inline __u8 bt_option_flags(struct sock *sk)
{
	__u64 reuse = BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuse); /* 4 bits: SK_NO_REUSE is 0 */
	__u64 reuseport = BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuseport);
	__u64 v6only = BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_ipv6only);

	return (bt_zero(reuse) ^ 1) * BT_SOCK_REUSEADDR | reuseport * BT_SOCK_REUSEPORT | v6only * BT_SOCK_V6ONLY;
}

/* An MPTCP socket is bound by its first subflow, a tcp sock that shares its struct socket. */
static __always_inline __u16 bt_protocol_of(struct sock *sk)
{
	struct sock *owner = BPF_CORE_READ(sk, sk_socket, sk);

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

/* TIME_WAIT sockets are a shorter struct: sk must not be read beyond __sk_common for them. */
static __always_inline void bt_fill_common(struct bt_socket *out, struct sock *sk)
{
	out->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	out->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	out->peer_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	out->device = BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if);
	__builtin_memset(out->address, 0, sizeof(out->address));
	__builtin_memset(out->peer, 0, sizeof(out->peer));
	if (out->family == AF_INET6) {
		bt_read_v6(out->address, &sk->__sk_common.skc_v6_rcv_saddr);
		bt_read_v6(out->peer, &sk->__sk_common.skc_v6_daddr);
	} else {
		bpf_probe_read_kernel(out->address, 4, &sk->__sk_common.skc_rcv_saddr);
		bpf_probe_read_kernel(out->peer, 4, &sk->__sk_common.skc_daddr);
	}
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
