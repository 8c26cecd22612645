/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Everything that outlives a program run: the ring, the maps, configuration, counters. */
#ifndef BINDTRACE_STATE_BPF_H
#define BINDTRACE_STATE_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "socket.bpf.h"
#include "wire.h"

#define BT_MAX_FOUND 16 /* owners that one scan reports; a power of two */

/* Where one process was found to hold the sockets that the scan looks for. */
struct bt_found {
	__u64 task;
	__u64 chunk; /* the slots in which it was found first */
	__u32 fd_base;
	__u32 targets; /* bit i: it has inode[i] */
};

/* A socket on the port that goes into the record. */
struct bt_kept {
	__u64 sk;
	__u64 inode; /* of its fd; 0: none */
	__u8 flags; /* enum bt_socket_flag */
	__u8 state;
	__u8 pad[6];
};

/*
 * What one failing call works on, from the walk to the end of its scan. It is
 * also the mark by which the programs of one call know of each other (turn.bpf.h):
 * only failures write it. Kernel pointers are kept as numbers; they are read with
 * probe reads only, so a stale one yields a fault, not a crash.
 */
struct bt_work {
	__u64 ktime_ns;
	__u64 sk; /* the socket that failed */
	__u64 own_socket;
	__u64 net;
	struct bt_reach reach; /* the address asked for */
	__u32 device;
	__u16 port;
	__u16 pad;
	__u64 tb; /* walk: the next of the bucket chain (struct inet_bind_bucket.node) */
	__u64 tb2; /* walk: the next second-level bucket (struct inet_bind2_bucket.bhash_node) */
	__u64 node; /* walk: the next socket's list node */
	__u32 node_offset;
	__u32 sockets; /* seen on the port, and the same by state */
	__u32 by_state[BT_MAX_STATES];
	struct bt_bucket bucket;
	__u32 kept_blocking, kept_other, kept_apart; /* of kept[] */
	__u32 kept_count; /* all of them */
	__u32 not_kept;
	__u32 wants_scan;
	__u64 file[BT_MAX_TARGETS]; /* scan: the files looked for */
	__u64 inode[BT_MAX_TARGETS];
	__u32 listeners; /* among the files looked for, all that were seen */
	__u32 pad2;
	__u64 spare_file; /* a socket that overlaps but neither listens nor is bound only */
	__u64 spare_inode;
	__u64 task; /* scan: whose table is read; 0: none yet */
	__u64 first_task;
	__u64 fds;
	__u32 max_fds;
	__u32 fd;
	__u32 tasks;
	__u32 slots;
	__u64 last_found; /* the task that was found last */
	__u32 found_count; /* all */
	__u32 sent;
	__u32 sending; /* of found[] */
	__u32 complete;
	__u32 turn; /* enum bt_turn of the last program that dealt with this failure */
	/* From here on the next failure finds what this one leaves. */
	__u64 probed_ns; /* the last failure that was reported, and the port or netlink id that it was about */
	__u32 probed;
	__u32 probes; /* how many before it were of another one each, in a row */
	struct bt_common common; /* of the socket that is dealt with */
	/* As many as are counted above. */
	struct bt_kept kept[BT_MAX_HOLDERS];
	struct bt_found found[BT_MAX_FOUND];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64); /* pid_tgid */
	__type(value, struct bt_work);
} bt_work SEC(".maps");

/* NULL: it was not opened, or others have used up the map since. */
static __always_inline struct bt_work *bt_current_work(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&bt_work, &id);
}

const volatile struct bt_config bt_config SEC(".rodata.config") = {};

struct bt_live bt_live SEC(".data.live") = {};

struct bt_query bt_query SEC(".data.query") = {};

static const struct bt_work bt_fresh_work = {};

#define bt_count(field) __sync_fetch_and_add(&bt_live.counters.field, 1)

static __always_inline void bt_fill_head(struct bt_head *head, __u32 type, __u64 ktime_ns)
{
	head->type = type;
	head->cpu = bpf_get_smp_processor_id();
	head->ktime_ns = ktime_ns;
	head->pid_tgid = bpf_get_current_pid_tgid();
}

#endif
