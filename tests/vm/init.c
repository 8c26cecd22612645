/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Process 1 of a test guest: prepares the machine, loads the modules in /load-modules (if there are any), runs the
 * command in /run-command, reports its status, powers off.
 *
 * /load-modules holds the paths in the order of their dependencies and /run-command the argument vector, each ended by
 * a zero byte. The command writes to ttyS1. What init itself says goes through /dev/kmsg to the console, one whole line
 * each: "bindtrace-vm: started RELEASE VERSION" and at the end "bindtrace-vm: exit STATUS", a status as a shell would
 * give it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { MAX_ARGS = 1024, NOT_EXECUTABLE = 126, NOT_FOUND = 127, SIGNAL_BASE = 128 };

static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
}

/* One write: it makes one record of the kernel's log. */
static void say(const char *format, ...)
{
	char text[512], line[600];
	va_list args;
	int kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "<4>bindtrace-vm: %s\n", text);
	if (write(kmsg, line, strlen(line)) < 0)
		power_off(); /* the host takes a missing line for a failure */
	close(kmsg);
}

static void die(const char *what)
{
	say("cannot %s: %s", what, strerror(errno));
	power_off();
}

/* A kernel without one of these file systems is still a guest: the test that needs it says so. */
static void mount_all(void)
{
	static const struct {
		const char *type, *path;
	} mounts[] = {
		{ "devtmpfs", "/dev" },
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "tmpfs", "/tmp" },
		{ "tmpfs", "/run" },
		{ "tmpfs", "/dev/shm" },
		{ "devpts", "/dev/pts" },
		{ "cgroup2", "/sys/fs/cgroup" },
		{ "bpf", "/sys/fs/bpf" },
		{ "tracefs", "/sys/kernel/tracing" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "securityfs", "/sys/kernel/security" },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].path, 0755); /* sysfs brings its own mount points */
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0, NULL))
			say("no %s at %s: %s", mounts[i].type, mounts[i].path, strerror(errno));
	}
	chmod("/tmp", 01777);
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request))
		die("find the loopback device");
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		die("bring the loopback device up");
	close(fd);
}

/* Raw, so that the host reads the very bytes that the command wrote. */
static int open_output(void)
{
	struct termios mode;
	int fd = open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &mode))
		die("open /dev/ttyS1");
	cfmakeraw(&mode);
	cfsetspeed(&mode, B115200);
	tcsetattr(fd, TCSANOW, &mode);
	return fd;
}

/* Splits a file into its strings. Returns how many there are: none if the file is missing. */
static int read_strings(const char *path, char *buffer, size_t capacity, char **strings)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, buffer, capacity - 1);
	int count = 0;

	for (char *s = buffer; s < buffer + size && count < MAX_ARGS; s += strlen(s) + 1)
		strings[count++] = s;
	strings[count] = NULL;
	close(fd);
	return count;
}

/* A guest without a module that it was given is of no use: the tests would leave out what needs it. */
static void load_modules(void)
{
	static char buffer[4096];
	static char *paths[MAX_ARGS + 1];

	read_strings("/load-modules", buffer, sizeof(buffer), paths);
	for (char **path = paths; *path; path++) {
		int fd = open(*path, O_RDONLY | O_CLOEXEC);

		if (syscall(SYS_finit_module, fd, "", 0)) {
			say("cannot load %s: %s", *path, strerror(errno));
			power_off();
		}
		close(fd);
	}
}

static _Noreturn void run_command(char **argv, int output)
{
	int input = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "bindtrace-vm: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

/* Reaps whatever ends until the command itself does. */
static int wait_for(pid_t command)
{
	int status = 0;

	for (;;) {
		pid_t pid = wait(&status);

		if (pid == command)
			break;
		if (pid < 0 && errno != EINTR)
			die("wait for the command");
	}
	return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

static void end_all_processes(void)
{
	kill(-1, SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

int main(void)
{
	static char *argv[MAX_ARGS + 1];
	static char buffer[128 * 1024];
	struct utsname kernel;
	int output, status;
	pid_t command;

	if (getpid() != 1) {
		fputs("init: only for process 1 of a guest: it ends all other processes\n", stderr);
		return 1;
	}
	umask(022);
	mount_all();
	loopback_up();
	sethostname("guest", strlen("guest"));
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "dumb", 1);
	setenv("LANG", "C.UTF-8", 1);
	if (chdir("/root"))
		die("enter /root");

	load_modules();
	if (!read_strings("/run-command", buffer, sizeof(buffer), argv))
		die("read /run-command");
	output = open_output();
	uname(&kernel);
	say("started %s %s", kernel.release, kernel.version);

	command = fork();
	if (command < 0)
		die("fork");
	if (command == 0)
		run_command(argv, output);
	status = wait_for(command);

	end_all_processes();
	tcdrain(output);
	say("exit %d", status);
	power_off();
	return 0;
}
