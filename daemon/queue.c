/* queue.c - the pool of threads. Lanes are clients by hash: each is a FIFO, and those that
 * hold work stand in a ring from which the threads take one piece a turn.  A lane never has
 * all threads: those beyond `share` are spare, for who comes while one client's heavy
 * searches have the others.  One mutex guards all; it is held for a few pointers. */
#include "daemon/queue.h"

#include <pthread.h>

#include "base/err.h"
#include "base/mem.h"

enum { LANES = 1024 }; /* two clients in one lane share its turns */

typedef struct lane {
	work *first, **last;
	struct lane *next; /* in the ring of those with work */
	unsigned running;
	bool stands; /* in the ring */
} lane;

struct work_queue {
	pthread_mutex_t lock;
	pthread_cond_t some;
	lane lanes[LANES];
	lane *head, *tail;
	size_t waiting, most;
	bool ending;
	unsigned nthreads, share; /* share: of one lane at a time */
	pthread_t threads[];
};

/* To the end of the ring, if it has work and may have it run. */
static void
lane_stand(work_queue *q, lane *l)
{
	if (l->stands || !l->first || l->running >= q->share)
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

		while (!q->head && !(q->ending && !q->waiting))
			pthread_cond_wait(&q->some, &q->lock);
		if (!q->head)
			break;
		w = queue_take(q, &from);
		pthread_mutex_unlock(&q->lock);
		w->run(w); /* which may free it */
		pthread_mutex_lock(&q->lock);
		from->running--;
		lane_stand(q, from);
		if (q->ending && !q->waiting)
			pthread_cond_broadcast(&q->some);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

cdg_status
queue_open(unsigned share, size_t most, work_queue **out, cdg_error *err)
{
	unsigned threads = share + (share + 1) / 2;
	work_queue *q = mem_calloc(1, sizeof *q + threads * sizeof *q->threads);

	*out = q;
	if (!q)
		return err_nomem(err);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->some, NULL);
	q->most = most;
	q->share = share;
	for (; q->nthreads < threads; q->nthreads++)
		if (pthread_create(&q->threads[q->nthreads], NULL, queue_thread, q)) {
			queue_close(q);
			*out = NULL;
			return err_set(err, CDG_E_IO, "cannot start thread %u of %u", q->nthreads + 1, threads);
		}
	return CDG_OK;
}

bool
queue_push(work_queue *q, work *w)
{
	lane *l = &q->lanes[w->client % LANES];
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

void
queue_close(work_queue *q)
{
	if (!q)
		return;
	pthread_mutex_lock(&q->lock);
	q->ending = true;
	pthread_cond_broadcast(&q->some);
	pthread_mutex_unlock(&q->lock);
	for (unsigned i = 0; i < q->nthreads; i++)
		pthread_join(q->threads[i], NULL);
	pthread_cond_destroy(&q->some);
	pthread_mutex_destroy(&q->lock);
	mem_free(q);
}
