/* queue.c - the pool of threads. Lanes are clients by hash: each is a FIFO, and those that
 * hold work stand in a ring from which the threads take one piece a turn.  A lane never has
 * all threads: those beyond `share` are spare, for who comes while one client's heavy
 * searches have the others.  One mutex guards all; it is held for a few pointers. */
#include "daemon/queue.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/err.h"
#include "base/mem.h"

enum { LANES = 1024 }; /* two clients in one lane share its turns; one more lane is for work that is done alone */

typedef struct lane {
	work *first, **last;
	struct lane *next; /* in the ring of those with work */
	unsigned running;
	bool stands; /* in the ring */
} lane;

struct work_queue {
	pthread_mutex_t lock;
	pthread_cond_t some, gone; /* gone: a thread ended */
	lane lanes[LANES + 1];
	lane *head, *tail;
	size_t waiting, most;
	bool ending;
	unsigned nthreads, share; /* share: of one lane at a time */
	unsigned alive;           /* threads that have not ended */
	pthread_t threads[];
};

static unsigned
share_of(const work_queue *q, const lane *l)
{
	return l == &q->lanes[LANES] ? 1 : q->share;
}

/* To the end of the ring, if it has work and may have it run. */
static void
lane_stand(work_queue *q, lane *l)
{
	if (l->stands || !l->first || l->running >= share_of(q, l))
		return;
	l->stands = true;
	l->next = NULL;
	if (q->tail)
		q->tail->next = l;
	else
		q->head = l;
	q->tail = l;
	pthread_cond_signal(&q->some);
}

static work *
queue_take(work_queue *q, lane **from)
{
	lane *l = *from = q->head;
	work *w = l->first;

	q->head = l->next;
	if (!q->head)
		q->tail = NULL;
	l->stands = false;
	l->first = w->next;
	l->running++;
	q->waiting--;
	lane_stand(q, l); /* its turn comes again behind the others */
	return w;
}

static void *
queue_thread(void *arg)
{
	work_queue *q = arg;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		lane *from;
		work *w;

		while (!q->head && !q->ending)
			pthread_cond_wait(&q->some, &q->lock);
		if (!q->head)
			break;
		w = queue_take(q, &from);
		pthread_mutex_unlock(&q->lock);
		w->run(w); /* which may free it */
		pthread_mutex_lock(&q->lock);
		from->running--;
		lane_stand(q, from);
	}
	q->alive--;
	pthread_cond_signal(&q->gone);
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

cdg_status
queue_open(unsigned share, size_t most, work_queue **out, cdg_error *err)
{
	unsigned threads = share + (share + 1) / 2;
	work_queue *q = mem_calloc(1, sizeof *q + threads * sizeof *q->threads);
	pthread_condattr_t attr;

	*out = q;
	if (!q)
		return err_nomem(err);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->some, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->gone, &attr);
	pthread_condattr_destroy(&attr);
	q->most = most;
	q->share = share;
	for (; q->nthreads < threads; q->nthreads++) {
		pthread_mutex_lock(&q->lock);
		q->alive++;
		pthread_mutex_unlock(&q->lock);
		if (!pthread_create(&q->threads[q->nthreads], NULL, queue_thread, q))
			continue;
		pthread_mutex_lock(&q->lock);
		q->alive--;
		pthread_mutex_unlock(&q->lock);
		queue_stop(q, UINT64_MAX);
		queue_free(q);
		*out = NULL;
		return err_set(err, CDG_E_IO, "cannot start %u threads", threads);
	}
	return CDG_OK;
}

bool
queue_push(work_queue *q, work *w)
{
	lane *l = &q->lanes[w->alone ? LANES : w->client % LANES];
	bool taken;

	w->next = NULL;
	pthread_mutex_lock(&q->lock);
	taken = q->waiting < q->most && !q->ending;
	if (taken) {
		q->waiting++;
		if (l->first)
			*l->last = w;
		else
			l->first = w;
		l->last = &w->next;
		lane_stand(q, l);
	}
	pthread_mutex_unlock(&q->lock);
	return taken;
}

size_t
queue_length(work_queue *q)
{
	size_t n;

	pthread_mutex_lock(&q->lock);
	n = q->waiting;
	pthread_mutex_unlock(&q->lock);
	return n;
}

/* All that waits, as a list; the ring and the lanes are empty then. */
static work *
take_waiting(work_queue *q)
{
	work *all = NULL, **end = &all;

	for (size_t i = 0; i <= LANES; i++) {
		lane *l = &q->lanes[i];

		if (l->first) {
			*end = l->first;
			end = l->last;
		}
		l->first = NULL;
		l->stands = false;
	}
	q->head = q->tail = NULL;
	q->waiting = 0;
	return all;
}

bool
queue_stop(work_queue *q, uint64_t until_ns)
{
	struct timespec until = { .tv_sec = (time_t)(until_ns / 1000000000), .tv_nsec = (long)(until_ns % 1000000000) };
	work *left;
	bool gone;

	if (!q)
		return true;
	pthread_mutex_lock(&q->lock);
	q->ending = true;
	left = take_waiting(q);
	pthread_cond_broadcast(&q->some);
	pthread_mutex_unlock(&q->lock);
	for (work *next; left; left = next) {
		next = left->next;
		left->refuse(left);
	}
	pthread_mutex_lock(&q->lock);
	while (q->alive && pthread_cond_timedwait(&q->gone, &q->lock, &until) != ETIMEDOUT)
		;
	gone = !q->alive;
	pthread_mutex_unlock(&q->lock);
	for (; gone && q->nthreads; q->nthreads--)
		pthread_join(q->threads[q->nthreads - 1], NULL);
	return gone;
}

void
queue_free(work_queue *q)
{
	if (!q)
		return;
	pthread_cond_destroy(&q->some);
	pthread_cond_destroy(&q->gone);
	pthread_mutex_destroy(&q->lock);
	mem_free(q);
}
