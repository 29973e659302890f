/* watch.c - see watch.h.  The handler touches lock-free atomics and a pipe only. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif
#include "cli/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static _Atomic(cdg_writer *) running;
static atomic_int signals;
static int wake[2] = { -1, -1 };

static void
on_signal(int sig)
{
	cdg_writer *w = atomic_load(&running);
	int saved = errno;

	if (atomic_fetch_add(&signals, 1) || (!w && wake[1] < 0))
		_exit(128 + sig);
	if (wake[1] >= 0 && write(wake[1], "", 1) < 0)
		_exit(128 + sig);
	if (w)
		cdg_writer_cancel(w);
	errno = saved;
}

static void
watch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

void
watch_begin(cdg_writer *w)
{
	atomic_store(&running, w);
	watch_signals();
	if (atomic_load(&signals)) /* it came just before */
		cdg_writer_cancel(w);
}

void
watch_end(void)
{
	atomic_store(&running, NULL);
}

bool
watch_lasting(void)
{
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK))
		return false;
	watch_signals();
	return true;
}

int
watch_fd(void)
{
	return wake[0];
}

bool
watch_asked(void)
{
	return atomic_load(&signals) != 0;
}
