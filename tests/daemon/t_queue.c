/* t_queue.c - clients take turns, one never has all threads, changes have one at most; and what waits
 * when the queue ends is refused, each piece once. */
#include "daemon/queue.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

#include "base/file.h"

enum { SHARE = 2, MANY = 50 };

typedef struct piece {
	work w;
	atomic_int runs, refusals;
	bool waits; /* for `go` */
} piece;

static sem_t begun, go;

static void
run(work *w)
{
	piece *p = (piece *)w;

	atomic_fetch_add(&p->runs, 1);
	sem_post(&begun);
	if (p->waits)
		sem_wait(&go);
}

static void
refuse(work *w)
{
	atomic_fetch_add(&((piece *)w)->refusals, 1);
}

static void
push(work_queue *q, piece *p, uint64_t client, bool alone, bool waits)
{
	*p = (piece){ .w = { .client = client, .alone = alone, .run = run, .refuse = refuse }, .waits = waits };
	assert_true(queue_push(q, &p->w));
}

/* However many changes wait for one another, who asks has a thread. */
static void
changes_have_one_thread(void **state)
{
	static piece changes[MANY], asked[MANY];
	work_queue *q;

	(void)state;
	assert_int_equal(queue_open(SHARE, 1000, &q, NULL), CDG_OK);
	for (int i = 0; i < MANY; i++)
		push(q, &changes[i], (uint64_t)i, true, true);
	sem_wait(&begun);
	for (int i = 0; i < MANY; i++)
		push(q, &asked[i], (uint64_t)i % 3, false, false);
	for (int i = 0; i < MANY; i++)
		sem_wait(&begun);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(atomic_load(&asked[i].runs), 1);
	for (int i = 1; i < MANY; i++)
		assert_int_equal(atomic_load(&changes[i].runs), 0);
	for (int i = 0; i < MANY; i++)
		sem_post(&go);
	for (int i = 1; i < MANY; i++)
		sem_wait(&begun);
	assert_true(queue_stop(q, UINT64_MAX));
	queue_free(q);
	for (int i = 0; i < MANY; i++) /* in order, and each */
		assert_int_equal(atomic_load(&changes[i].runs), 1);
	while (!sem_trywait(&go))
		;
}

static void
one_client_leaves_a_thread(void **state)
{
	static piece heavy[MANY], other;
	work_queue *q;

	(void)state;
	assert_int_equal(queue_open(SHARE, 1000, &q, NULL), CDG_OK);
	for (int i = 0; i < MANY; i++)
		push(q, &heavy[i], 7, false, true);
	for (int i = 0; i < SHARE; i++)
		sem_wait(&begun);
	push(q, &other, 8, false, false);
	sem_wait(&begun);
	assert_int_equal(atomic_load(&other.runs), 1);
	assert_int_equal(queue_length(q), MANY - SHARE);
	assert_false(queue_stop(q, clock_ns())); /* two are at work */
	for (int i = 0; i < MANY; i++)
		assert_int_equal(atomic_load(&heavy[i].runs) + atomic_load(&heavy[i].refusals), 1);
	assert_int_equal(queue_length(q), 0);
	assert_false(queue_push(q, &other.w));
	for (int i = 0; i < SHARE; i++)
		sem_post(&go);
	assert_true(queue_stop(q, UINT64_MAX));
	queue_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(changes_have_one_thread), cmocka_unit_test(one_client_leaves_a_thread) };

	sem_init(&begun, 0, 0);
	sem_init(&go, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
