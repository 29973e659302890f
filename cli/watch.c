/* watch.c - see watch.h.  The handler touches lock-free atomics only. */
#include "cli/watch.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static _Atomic(cdg_writer *) running;
static atomic_int signals;

static void
on_signal(int sig)
{
	cdg_writer *w = atomic_load(&running);

	if (atomic_fetch_add(&signals, 1) || !w)
		_exit(128 + sig);
	cdg_writer_cancel(w);
}

void
watch_begin(cdg_writer *w)
{
	struct sigaction sa = { .sa_handler = on_signal };

	atomic_store(&running, w);
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

void
watch_end(void)
{
	atomic_store(&running, NULL);
}
