/* reap.c - a thread that twice a second shuts down the sockets whose time is over.  The
 * library then sees their end, and closes them.  While the lock is held no socket of the list
 * can be closed, so that never another's descriptor is shut down. */
#include "daemon/reap.h"

#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { LOOK_MS = 500 };

struct reaped {
	reaped *next, **at;
	uint64_t until_ns; /* 0: for ever */
	int fd;
	bool idle;
	bool asked; /* a request came in on it */
};

struct reaper {
	pthread_mutex_t lock;
	pthread_cond_t end;
	pthread_t thread;
	reaped *all; /* who began to wait last comes first */
	size_t open, most;
	bool ending;
};

static void
reap_end(reaped *c)
{
	shutdown(c->fd, SHUT_RDWR);
	c->until_ns = 0;
	c->idle = false;
}

static bool
is_crowded(const reaper *r)
{
	return r->open > r->most - r->most / 8;
}

/* Ends so many of the idle ones that asked before, or did not; of them those that wait
 * longest.  How many it were. */
static size_t
end_idle(reaper *r, bool asked, size_t want)
{
	size_t n = 0, stay, ended = 0;

	for (reaped *c = r->all; c; c = c->next)
		n += c->idle && c->asked == asked;
	stay = n > want ? n - want : 0;
	for (reaped *c = r->all; c; c = c->next) {
		if (!c->idle || c->asked != asked)
			continue;
		if (stay) {
			stay--;
		} else {
			reap_end(c);
			ended++;
		}
	}
	return ended;
}

/* Until a quarter of the places is free: first those that never asked for anything, so that
 * who only holds places does not drive out who searches. */
static void
make_room(reaper *r)
{
	size_t want = r->open - (r->most - r->most / 4);

	want -= end_idle(r, false, want);
	end_idle(r, true, want);
}

static void *
reap_thread(void *arg)
{
	reaper *r = arg;

	pthread_mutex_lock(&r->lock);
	while (!r->ending) {
		struct timespec until;
		uint64_t now;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += LOOK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&r->end, &r->lock, &until);
		now = clock_ns();
		for (reaped *c = r->all; c; c = c->next)
			if (c->until_ns && c->until_ns < now)
				reap_end(c);
		if (is_crowded(r))
			make_room(r);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

cdg_status
reap_start(size_t most, reaper **out, cdg_error *err)
{
	reaper *r = mem_calloc(1, sizeof *r);
	pthread_condattr_t attr;

	*out = NULL;
	if (!r)
		return err_nomem(err);
	r->most = most;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->end, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&r->thread, NULL, reap_thread, r)) {
		mem_free(r);
		return err_set(err, CDG_E_IO, "cannot start the thread that ends slow connections");
	}
	*out = r;
	return CDG_OK;
}

void
reap_stop(reaper *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->ending = true;
	pthread_cond_signal(&r->end);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->end);
	pthread_mutex_destroy(&r->lock);
	mem_free(r);
}

static void
reap_link(reaper *r, reaped *c)
{
	c->next = r->all;
	c->at = &r->all;
	if (c->next)
		c->next->at = &c->next;
	r->all = c;
}

static void
reap_unlink(reaped *c)
{
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
}

reaped *
reap_add(reaper *r, int fd)
{
	reaped *c = mem_calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->fd = fd;
	pthread_mutex_lock(&r->lock);
	reap_link(r, c);
	r->open++;
	if (is_crowded(r))
		pthread_cond_signal(&r->end);
	pthread_mutex_unlock(&r->lock);
	return c;
}

void
reap_within(reaper *r, reaped *c, uint64_t ms)
{
	if (!c)
		return;
	pthread_mutex_lock(&r->lock);
	c->until_ns = ms ? clock_ns() + ms * 1000000 : 0;
	pthread_mutex_unlock(&r->lock);
}

void
reap_idle(reaper *r, reaped *c, uint64_t ms)
{
	if (!c)
		return;
	pthread_mutex_lock(&r->lock);
	reap_unlink(c);
	reap_link(r, c);
	c->idle = true;
	c->until_ns = clock_ns() + ms * 1000000;
	pthread_mutex_unlock(&r->lock);
}

void
reap_busy(reaper *r, reaped *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&r->lock);
	c->idle = false;
	c->asked = true;
	pthread_mutex_unlock(&r->lock);
}

void
reap_remove(reaper *r, reaped *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&r->lock);
	reap_unlink(c);
	r->open--;
	pthread_mutex_unlock(&r->lock);
	mem_free(c);
}
