/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records that the BPF programs write into the ring buffer: the one header
 * that both sides share. Integers are in host order (ports too), addresses in
 * network order, times are CLOCK_BOOTTIME nanoseconds. Strings end with NUL; one
 * that leaves no room for another character may have been cut. Both compilers
 * assert the sizes below; a record is recognised by its head alone, so a newer
 * program may append fields, but to bt_failure, which ends with as many holders as
 * it has.
 */
#ifndef BINDTRACE_WIRE_H
#define BINDTRACE_WIRE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define BT_COMM_LEN 16 /* TASK_COMM_LEN */
#define BT_EXE_LEN 64
#define BT_ARGS_LEN 128
#define BT_CGROUP_LEVELS 4
#define BT_CGROUP_LEN 96 /* holds cri-containerd-<64 hex digits>.scope */
#define BT_MAX_HOLDERS 16
#define BT_MAX_TARGETS 2
#define BT_MAX_STATES 16
#define BT_UNIX_LEN 108 /* sun_path, unix(7) */

enum bt_record_type {
	BT_RECORD_FAILURE = 1, /* struct bt_failure */
	BT_RECORD_SCAN = 2,    /* struct bt_scan */
	BT_RECORD_OWNER = 3,   /* struct bt_owner */
	BT_RECORD_BOUND = 4,   /* struct bt_sighting: a bind or listen that succeeded */
	BT_RECORD_FREED = 5,   /* struct bt_sighting: a socket that is about to give its address up */
};

enum bt_operation {
	BT_OP_BIND = 1,
	BT_OP_LISTEN = 2,
};

enum bt_entry {
	BT_ENTRY_UNKNOWN = 0,
	BT_ENTRY_SYSCALL = 1,
	BT_ENTRY_COMPAT = 2,
	BT_ENTRY_IO_URING = 3,
	BT_ENTRY_KERNEL = 4,
};

enum bt_address_source {
	BT_ADDRESS_KERNEL = 1, /* the kernel's own copy: cannot be forged */
	BT_ADDRESS_USER = 2,   /* read again from the caller's memory */
};

enum bt_socket_flag {
	BT_SOCK_REUSEADDR = 1 << 0,
	BT_SOCK_REUSEPORT = 1 << 1,
	BT_SOCK_V6ONLY = 1 << 2,
	BT_SOCK_ORPHAN = 1 << 3,   /* no struct socket: closed, or not accepted yet */
	BT_SOCK_NO_FILE = 1 << 4,  /* a struct socket without a file: the kernel's own */
	BT_SOCK_TIMEWAIT = 1 << 5, /* an inet_timewait_sock (TIME_WAIT or FIN_WAIT2): no inode, uid or cgroup */
	BT_SOCK_OVERLAPS = 1 << 6, /* address and device overlap the request */
};

enum bt_failure_flag {
	BT_FAIL_SCAN_FOLLOWS = 1 << 0, /* a BT_RECORD_SCAN with the same head follows */
	BT_FAIL_TRUNCATED = 1 << 1,    /* the walk met its step limit */
	BT_FAIL_HOLDERS_CUT = 1 << 2,  /* more sockets than BT_MAX_HOLDERS; all are counted */
	BT_FAIL_WALKED = 1 << 3,       /* the bind table of this protocol was walked */
	BT_FAIL_NO_PARSE = 1 << 4,     /* the caller's sockaddr could not be read */
	BT_FAIL_SELF = 1 << 5,         /* this process's own self-check: counted nowhere */
	BT_FAIL_PROBING = 1 << 6,      /* the thread tries one port after another: nobody was looked for */
	BT_FAIL_SCAN_SKIPPED = 1 << 7, /* over the rate limit of scans: nobody was looked for */
};

enum bt_scan_status {
	BT_SCAN_COMPLETE = 1,  /* every process was looked at */
	BT_SCAN_TRUNCATED = 2, /* the slot or step limit came first */
};

/* (ktime_ns, pid_tgid) is the same in all records of one failure and in no other. */
struct bt_head {
	__u32 type; /* enum bt_record_type */
	__u32 cpu;
	__u64 ktime_ns;
	__u64 pid_tgid; /* initial pid namespace: tgid << 32 | tid */
};

/* A process, as the kernel knew it at the failure; pids are of the initial namespace. */
struct bt_task {
	__u64 start_boottime_ns; /* of the thread group leader */
	__u64 cgroup_id;         /* unified (v2) hierarchy */
	__u64 exe_inode;         /* 0: no executable (kernel thread, exiting) */
	__u32 exe_dev;           /* kernel's dev_t: major << 20 | minor */
	__u32 tgid;
	__u32 uid; /* effective uid in the initial user namespace */
	__u32 parent_tgid;
	__u8 exiting; /* PF_EXITING was set */
	__u8 kernel_thread;
	__u8 pad[6];
	char comm[BT_COMM_LEN]; /* of the thread group leader */
	char parent_comm[BT_COMM_LEN];
	char exe_name[BT_EXE_LEN];                      /* last component of the path */
	char cgroup[BT_CGROUP_LEVELS][BT_CGROUP_LEN]; /* [0] the leaf, then its ancestors */
};

/* What was asked for. */
struct bt_request {
	__u64 inode;     /* of the victim's socket; 0: none */
	__u32 netns;     /* inode number of the network namespace */
	__u32 device;    /* SO_BINDTODEVICE or the scope of a link-local address; 0: any */
	__u32 uid;       /* socket's uid */
	__u16 family;    /* AF_*; for IP as in the address asked for, which may differ from the socket's */
	__u16 protocol;  /* of the socket: IPPROTO_* for IP */
	__u16 sock_type; /* SOCK_* */
	__u16 port;
	__u8 operation;      /* enum bt_operation */
	__u8 entry;          /* enum bt_entry */
	__u8 address_source; /* enum bt_address_source */
	__u8 flags;          /* enum bt_socket_flag of the victim's socket */
	/*
	 * IPv6; IPv4 in the first four bytes; AF_NETLINK: the port id; AF_VSOCK: port, then cid,
	 * as in sockaddr_vm; these in host order.
	 */
	__u8 address[16];
	__u32 name_length; /* AF_UNIX: bytes of name[] that were asked for */
	char name[BT_UNIX_LEN]; /* sun_path; an abstract name begins with NUL and may hold others */
	/* Where the caller's paths begin: */
	__u64 root_inode; /* of its root directory */
	__u32 root_dev;   /* kernel's dev_t */
	__u32 mount_ns;   /* inode number of its mount namespace */
};

/* What the bind bucket remembers; TCP's answer depends on it (inet_csk_get_port). */
struct bt_bucket {
	__u32 fastuid;
	__u16 fast_family;
	__u8 present;
	__u8 fast_v6only;
	__s8 fastreuse;
	__s8 fastreuseport;
	__u8 pad[2];
	__u8 fast_address[16]; /* IPv4 in the first four bytes when fast_family is AF_INET */
};

/* A socket on the port that was asked for. */
struct bt_socket {
	__u64 inode;     /* of its fd; 0: orphan or TIME_WAIT */
	__u64 cgroup_id; /* of its creator, unified hierarchy; 0: unknown */
	__u32 uid;       /* meaningless with BT_SOCK_TIMEWAIT */
	__u32 device;
	__u32 time_wait_ms; /* until it is gone; with BT_SOCK_TIMEWAIT only */
	__u16 family;
	__u16 port;
	__u16 peer_port;
	__u8 state; /* TCP_* of include/net/tcp_states.h */
	__u8 flags; /* enum bt_socket_flag */
	__u8 address[16];
	__u8 peer[16];
};

struct bt_failure {
	struct bt_head head;
	struct bt_task victim;
	struct bt_request request;
	struct bt_bucket bucket;
	__u32 flags;                   /* enum bt_failure_flag */
	__u32 sockets;                 /* on the port, the victim's own left out */
	__u32 by_state[BT_MAX_STATES]; /* the same by state */
	__u32 holder_count;            /* of holders[] */
	__u32 tid;
	/* The victim's arguments, one after the other, each with its NUL (as /proc/PID/cmdline): their first bytes. */
	__u32 args_length; /* of them all; 0: not known */
	__u32 pad;
	char args[BT_ARGS_LEN];
	struct bt_socket holders[BT_MAX_HOLDERS]; /* the record may end after the last of holder_count */
};
#define BT_FAILURE_SIZE(count) (__builtin_offsetof(struct bt_failure, holders) + (count) * sizeof(struct bt_socket))

/* Who holds the sockets that block: one per failure that has BT_FAIL_SCAN_FOLLOWS. */
struct bt_scan {
	struct bt_head head;
	__u64 inode[BT_MAX_TARGETS]; /* the sockets looked for; 0: none */
	__u64 ktime_end_ns;
	__u32 status; /* enum bt_scan_status */
	__u32 tasks;
	__u32 slots;
	__u32 owners_found;
	__u32 owners_sent; /* BT_RECORD_OWNER records of this scan in the ring */
	__u32 pad;
};

struct bt_owner {
	struct bt_head head;
	struct bt_task task;
	__u32 targets; /* bit i: it has inode[i] in its fd table */
	__u32 fd_base;
	__u32 fd_bits[BT_MAX_TARGETS]; /* bit n: fd_base + n is a descriptor of inode[i]; there may be more */
	__u64 inode[BT_MAX_TARGETS];
};

enum bt_query_kind {
	BT_QUERY_INODE = 1,   /* the sockets of inode[] */
	BT_QUERY_ADDRESS = 2, /* what is bound to the address of a request */
};

/* What user space asks now: search_files among all open files, walk_port in a bind table (.data.query). */
struct bt_query {
	__u32 kind;          /* enum bt_query_kind */
	__u32 vsock_address; /* AF_VSOCK: offset of local_addr in the kernel's struct vsock_sock */
	/*
	 * A descriptor of the asking process. search_files, AF_UNIX path: for the file there; -1: compare
	 * names. walk_port: an unbound socket of the protocol, in any namespace.
	 */
	__s32 fd;
	__u32 pad;
	__u64 inode[BT_MAX_HOLDERS]; /* 0: none */
	struct bt_request request;
};

/* What walk_port returns. */
enum bt_walk_result {
	BT_WALK_DONE = 0,      /* the answer is in .data.answer: a bt_failure without victim, as if the request failed now */
	BT_WALK_NO_SOCKET = 1, /* fd is no socket */
	BT_WALK_NO_NETNS = 2,  /* no network namespace has that inode number */
	BT_WALK_NO_TABLE = 3,  /* the protocol has no bind table that is walked */
	BT_WALK_NO_WORK = 4,   /* no map entry to work in */
};

/* What search_files writes: a descriptor of a socket that was looked for, and the process that has it. */
struct bt_holding {
	struct bt_task task;
	struct bt_socket socket;
	__u32 fd;
	__u16 sock_type; /* SOCK_* */
	__u16 pad;
};

/*
 * Who bound a socket: a value of the map bt_binders. From 5.17 that is an array of slots, and the socket's is the one at
 * its inode modulo their number; before, a hash by inode.
 */
struct bt_binder {
	__u64 inode;
	__u64 ktime_ns;          /* of the bind */
	__u64 start_boottime_ns; /* of the thread group leader, like tgid and comm */
	__u32 tgid;
	__u32 busy; /* it is being written */
	__u16 port;
	__u8 seeded; /* seen with the socket when bindtrace started: who bound it, and when, is not known */
	__u8 pad[5];
	char comm[BT_COMM_LEN];
};

/*
 * The last signal by which a process was told to stop: a value of the map bt_stops, kept like those of bt_binders, by
 * tgid instead of inode.
 */
struct bt_stop {
	__u64 tgid;
	__u64 ktime_ns;          /* of the first such signal in a row */
	__u64 start_boottime_ns; /* of the thread group leader */
	__u32 signal;            /* SIGHUP, SIGINT, SIGQUIT, SIGKILL or SIGTERM */
	__u32 busy;              /* it is being written */
	__u32 ignored;           /* the process ignores that signal */
	__u32 sender_tgid;       /* 0: the kernel, as on Ctrl-C */
	char sender_comm[BT_COMM_LEN];
};

/* A socket at an address that user space watches. The task is who bound it, or in whose name it gives the address up. */
struct bt_sighting {
	struct bt_head head; /* BT_RECORD_BOUND or BT_RECORD_FREED */
	struct bt_task task;
	struct bt_socket socket; /* without cgroup and time_wait_ms */
	__u32 netns;             /* inode number of the network namespace */
	__u16 protocol;          /* as in bt_request */
	__u16 name_length;       /* AF_UNIX: bytes of name[] */
	char name[BT_UNIX_LEN];
	__u32 pad;
};

#define BT_PORTS 65536

/*
 * What is followed up, memory-mapped (.data.watch): a failure sets it, user space keeps or clears it. A byte for each
 * port, so that neither side needs an atomic operation.
 */
struct bt_watch {
	__u64 lost;  /* sightings not sent: too many at once, or the ring was full */
	__u32 ports; /* not 0: some byte of port[] is not 0 */
	__u32 names; /* not 0: Unix paths and names are watched */
	__u64 period; /* of time, in which so many sightings were sent: */
	__u64 sent;
	__u8 port[BT_PORTS];
};

/* Counters, added to atomically; they live in the object's memory-mapped .data.live. */
struct bt_counters {
	__u64 attempted;  /* EADDRINUSE failures that passed the filters */
	__u64 lost_ring;  /* of these, not sent: the ring was full */
	__u64 lost_map;   /* of these, not sent: no map entry to work in */
	__u64 suppressed; /* of these, not sent: their user and cgroup had too many */
	__u64 scans_skipped;
	__u64 scans_lost; /* scan or owner records not sent; their failure was */
	__u64 unpaired;   /* kprobe tier: entries without a return and returns without an entry */
	__u64 filtered;   /* EADDRINUSE failures that did not pass the filters */
};

/* Memory-mapped and shared with user space while the programs run (.data.live). */
struct bt_live {
	struct bt_counters counters;
	__u64 scans_until_ns; /* until when the allowance of scans is spent */
	__u64 woken_ns;       /* when the reader was last woken */
	__u32 self_tgid;      /* bindtrace's own, in the initial pid namespace */
	__u32 pad;
};

/* Set before load (.rodata.config). */
struct bt_config {
	__u64 tick_ns;     /* length of a jiffy: clock_getres(CLOCK_MONOTONIC_COARSE) */
	__u32 preemptible; /* the kernel may preempt a program: each hook has its backups attached */
	__u32 bound_by;    /* record who binds */
};

/* Of a socket, one bit each. */
enum bt_transport {
	BT_TRANSPORT_TCP = 1 << 0,
	BT_TRANSPORT_UDP = 1 << 1,
	BT_TRANSPORT_UDPLITE = 1 << 2,
	BT_TRANSPORT_ICMP = 1 << 3,
	BT_TRANSPORT_MPTCP = 1 << 4,
	BT_TRANSPORT_SCTP = 1 << 5,
	BT_TRANSPORT_UNIX = 1 << 6,
	BT_TRANSPORT_NETLINK = 1 << 7,
	BT_TRANSPORT_VSOCK = 1 << 8,
};

#define BT_FILTER_PIDS 16
#define BT_FILTER_UIDS 16
#define BT_FILTER_COMMS 8
#define BT_FILTER_PORTS 16
#define BT_FILTER_NETNS 8
#define BT_FILTER_CGROUPS 8
#define BT_FILTER_UNITS 8
#define BT_FILTER_NAMES 32 /* of all cgroups and units; one bit each of a __u32 */
#define BT_FILTER_NAME_LEN 104 /* longer than what may be asked for: a name that was cut is no other's */

struct bt_port_range {
	__u16 first;
	__u16 last;
};

/* A name that a cgroup on the victim's path must have. */
struct bt_filter_name {
	__u32 level; /* where: the root's children have 1; 0: at any */
	__u32 pad;
	char name[BT_FILTER_NAME_LEN]; /* padded with NUL */
};

/*
 * Which victims are wanted (.rodata.filter, set before load). All filters that are on must hold, each by one of its
 * values. An array that is not full repeats its first value: no loop depends on how many there are.
 */
struct bt_filter {
	__u32 on; /* 0: none is, and every victim is wanted */
	__u32 by_pid;
	__u32 by_uid;
	__u32 by_comm;
	__u32 by_port;
	__u32 by_netns;
	__u32 by_cgroup;
	__u32 by_unit;
	__u32 by_descent; /* of a process that descends from bindtrace itself */
	__u32 pad;
	__u32 transports; /* enum bt_transport; 0: any */
	__u16 ipv4; /* with either of these, no other family */
	__u16 ipv6;
	__u32 pids[BT_FILTER_PIDS]; /* of the thread group */
	__u32 uids[BT_FILTER_UIDS]; /* effective */
	struct bt_port_range ports[BT_FILTER_PORTS];
	__u32 netns[BT_FILTER_NETNS]; /* inode numbers */
	__u32 cgroups[BT_FILTER_CGROUPS]; /* each: which of names[] must be there */
	__u32 units; /* one of these names[] must be there */
	__u32 name_count; /* of names[] */
	__u64 comms[BT_FILTER_COMMS][BT_COMM_LEN / 8]; /* of the thread group leader, padded with NUL */
	struct bt_filter_name names[BT_FILTER_NAMES];
};

#define BT_WIRE_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#ifdef __cplusplus
#undef BT_WIRE_SIZE
#define BT_WIRE_SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#endif
BT_WIRE_SIZE(struct bt_head, 24);
BT_WIRE_SIZE(struct bt_task, 528);
BT_WIRE_SIZE(struct bt_request, 176);
BT_WIRE_SIZE(struct bt_bucket, 28);
BT_WIRE_SIZE(struct bt_socket, 72);
BT_WIRE_SIZE(struct bt_failure, 2128);
BT_WIRE_SIZE(struct bt_scan, 72);
BT_WIRE_SIZE(struct bt_owner, 584);
BT_WIRE_SIZE(struct bt_binder, 56);
BT_WIRE_SIZE(struct bt_stop, 56);
BT_WIRE_SIZE(struct bt_query, 320);
BT_WIRE_SIZE(struct bt_holding, 608);
BT_WIRE_SIZE(struct bt_sighting, 744);
BT_WIRE_SIZE(struct bt_watch, 65568);
BT_WIRE_SIZE(struct bt_live, 88);
BT_WIRE_SIZE(struct bt_config, 16);
BT_WIRE_SIZE(struct bt_filter, 4024);

#endif
