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
	void (*run)(struct work *w); /* called by a thread of the pool */
} work;

/* Threads: share, and half as many again, of which one client never has any: it has `share` at
 * most at a time. */
cdg_status queue_open(unsigned share, size_t most, work_queue **out, cdg_error *err);
/* False: the queue is full, w was not taken. */
bool queue_push(work_queue *q, work *w);
size_t queue_length(work_queue *q);
/* Ends the threads when all that waits is done. */
void queue_close(work_queue *q);

#endif
