/* queue.h - the threads that answer, and who is next.
 *
 * Work waits by client, and clients take turns: one that sends a thousand queries delays
 * another by one query a thread, not by a thousand.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include "base/base.h"

typedef struct work_queue work_queue;
typedef struct work {
	struct work *next;
	uint64_t client;            /* whose turn it takes: a hash of its address */
	bool alone;                 /* after all others of this kind, whoever's: they would wait for one another */
	void (*run)(struct work *w); /* called by a thread of the pool */
	void (*refuse)(struct work *w); /* called instead when the queue ends before its turn */
} work;

/* Threads: share, and half as many again, of which one client never has any: it has `share` at
 * most at a time. */
cdg_status queue_open(unsigned share, size_t most, work_queue **out, cdg_error *err);
/* False: the queue is full or ends, w was not taken. */
bool queue_push(work_queue *q, work *w);
size_t queue_length(work_queue *q);
/* Takes no more work from now on, refuses what waits, and waits for the threads until then
 * (clock_ns).  False: a thread is still at work; the queue cannot be freed.  NULL is allowed. */
bool queue_stop(work_queue *q, uint64_t until_ns);
/* After queue_stop, and when nobody can push any more.  NULL is allowed. */
void queue_free(work_queue *q);

#endif
