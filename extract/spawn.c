/* spawn.c - see spawn.h.
 *
 * posix_spawn: no code of ours runs between fork and exec in what may be a program with
 * many threads.  The child gets one descriptor, its end of the socket as standard input,
 * an environment of our own, no blocked or ignored signals, and a process group of its
 * own, so that Ctrl-C ends the program in its order and not the worker below it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pidfd, closefrom, secure_getenv */
#endif
#include "extract/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static const char spawn_name[] = "cdg-extract";

static bool
spawn_try(char *out, const char *dir, size_t n)
{
	int len = snprintf(out, PATH_MAX, "%.*s/%s", (int)n, dir, spawn_name);

	return len > 0 && len < PATH_MAX && access(out, X_OK) == 0;
}

/* Beside the program that runs. */
static bool
spawn_beside(char *out)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self);

	while (n > 0 && self[n - 1] != '/')
		n--;
	return n > 0 && spawn_try(out, self, (size_t)n - 1);
}

static bool
spawn_in_path(char *out)
{
	const char *path = secure_getenv("PATH");

	while (path && *path) {
		size_t n = strcspn(path, ":");

		if (n && spawn_try(out, path, n)) /* an empty entry would be the current folder */
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

static bool
spawn_find(char *out)
{
	return spawn_beside(out) || spawn_try(out, CDG_BINDIR, strlen(CDG_BINDIR)) || spawn_in_path(out);
}

static int
spawn_process(pid_t *pid, const char *program, uint64_t memory, int sock)
{
	char bytes[24], *argv[] = { (char *)(uintptr_t)spawn_name, (char *)(uintptr_t) "--worker", bytes, NULL };
	static char *const environment[] = { (char *)(uintptr_t) "LANG=C.UTF-8", (char *)(uintptr_t) "TZ=UTC0", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int e;

	snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)memory);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawn_file_actions_init(&actions);
	e = posix_spawn_file_actions_adddup2(&actions, sock, 0);
	e = e ? e : posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_RDWR, 0);
	e = e ? e : posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_RDWR, 0);
	e = e ? e : posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	e = e ? e : posix_spawn(pid, program, &actions, &attr, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return e;
}

cdg_status
spawn_start(spawn_child *child, const char *program, uint64_t memory, unsigned tick_ms, cdg_error *err)
{
	struct timeval tick = { .tv_sec = tick_ms / 1000, .tv_usec = (suseconds_t)(tick_ms % 1000) * 1000 };
	char found[PATH_MAX];
	int pair[2], e;

	*child = (spawn_child){ -1, -1, 0 };
	if (!program)
		program = secure_getenv("CDG_EXTRACT");
	if (!program || !*program) {
		if (!spawn_find(found))
			return err_set(err, CDG_E_NOTFOUND,
				       "the program cdg-extract, which reads files of this and most other formats, is not "
				       "there: install it, or say where it is in $CDG_EXTRACT, and run this again");
		program = found;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(err, "make", "a socket");
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &tick, sizeof tick);
	e = spawn_process(&child->pid, program, memory, pair[1]);
	close(pair[1]);
	if (e) {
		close(pair[0]);
		child->pid = 0;
		return err_set(err, e == ENOENT || e == EACCES ? CDG_E_NOTFOUND : CDG_E_IO, "cannot start %.300s: %s",
			       program, strerror(e));
	}
	child->sock = pair[0];
	child->pidfd = pidfd_open(child->pid, 0);
	return CDG_OK;
}

spawn_status
spawn_stop(spawn_child *child)
{
	spawn_status status = { 0 };
	siginfo_t info = { 0 };
	int e;

	if (child->sock < 0)
		return status;
	close(child->sock);
	/* by the descriptor, since a pid that the host's own code has reaped may be another's by now */
	if (child->pidfd >= 0)
		pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
	else
		kill(child->pid, SIGKILL);
	do
		e = child->pidfd >= 0 ? waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED) :
					waitid(P_PID, (id_t)child->pid, &info, WEXITED);
	while (e < 0 && errno == EINTR);
	if (child->pidfd >= 0)
		close(child->pidfd);
	status.known = e == 0;
	if (status.known && info.si_code == CLD_EXITED)
		status.code = info.si_status;
	else if (status.known)
		status.signal = info.si_status;
	*child = (spawn_child){ -1, -1, 0 };
	return status;
}
