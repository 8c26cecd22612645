/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernel constants that are macros, which BTF cannot carry; each with its header. */
#ifndef BINDTRACE_MACROS_H
#define BINDTRACE_MACROS_H

#define EADDRINUSE 98 /* uapi/asm-generic/errno.h */

#define AF_UNSPEC 0 /* linux/socket.h */
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define AF_VSOCK 40

#define IPPROTO_ICMP 1 /* uapi/linux/in.h */
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_ICMPV6 58
#define IPPROTO_SCTP 132
#define IPPROTO_UDPLITE 136
#define IPPROTO_MPTCP 262

#define TCP_ESTABLISHED 1 /* net/tcp_states.h */
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_LISTEN 10

#define SYS_BIND 2 /* uapi/linux/net.h: socketcall */
#define SYS_LISTEN 4

#define S_IFMT 00170000 /* uapi/linux/stat.h */
#define S_IFSOCK 0140000

#define PF_EXITING 0x00000004 /* linux/sched.h */
#define PF_IO_WORKER 0x00000010
#define PF_KTHREAD 0x00200000

#define SIGHUP 1 /* uapi/asm-generic/signal.h */
#define SIGINT 2
#define SIGQUIT 3
#define SIGKILL 9
#define SIGTERM 15

#define SI_USER 0 /* uapi/asm-generic/siginfo.h */
#define SI_QUEUE -1
#define SI_TKILL -6

#define SIGNAL_GROUP_EXIT 0x00000004 /* linux/sched/signal.h */

#define SEND_SIG_PRIV 1ULL      /* linux/sched/signal.h: instead of a pointer, "from the kernel" */
#define TRACE_SIGNAL_IGNORED 1 /* trace/events/signal.h */

#endif
