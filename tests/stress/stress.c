/* stress.c - readers that search, open and reopen without pause while a writer
 * commits every 50 ms, deletes and merges: for the thread sanitizer, and for
 * whoever wants to see it run for an hour.
 *
 * Invariants that a reader verifies: a snapshot answers a question alike
 * whenever it is asked, whatever the writer does; a document whose word is
 * found has it in its text; generations rise; a document that is never deleted
 * is always found, once.
 *
 * Environment: SEED, SECONDS (20), READERS (3), THREADS of the writer (1), DIR.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>

#include "tests/corrupt/victim.h"

enum { READERS_MAX = 64, IDS = 200, CONSTANT = 5 };

typedef struct stress {
	char dir[64];
	uint64_t seed;
	unsigned threads;
	_Atomic bool stop;
	_Atomic uint64_t commits, merges, searches, opens, reopens, failures;
	_Atomic(cdg_index *) shared; /* one that all readers search at once */
} stress;

typedef struct reader {
	stress *s;
	unsigned number;
	pthread_t thread;
} reader;

static void
fail(stress *s, const char *what, const char *more)
{
	if (atomic_fetch_add(&s->failures, 1) < 20) {
		printf("not ok %s: %s\n", what, more);
		fflush(stdout);
	}
}

/* ---- the writer ---------------------------------------------------------------- */

static cdg_status
write_batch(writer *w, uint64_t *r, cdg_error *err)
{
	unsigned n = 1 + (unsigned)(victim_rand(r) % 20);
	bool found;

	for (unsigned i = 0; i < n; i++)
		CDG_TRY(victim_add(w, CONSTANT + victim_rand(r) % IDS, 4 + (unsigned)(victim_rand(r) % 60), err));
	/* the same documents again: replaced, so always there, once */
	CDG_TRY(victim_add(w, victim_rand(r) % CONSTANT, 3 + (unsigned)(victim_rand(r) % 9), err));
	for (unsigned i = 0; i < victim_rand(r) % 5; i++) {
		char id[32];
		size_t len = (size_t)snprintf(id, sizeof id, "doc-%u", (unsigned)(CONSTANT + victim_rand(r) % IDS));
		CDG_TRY(writer_delete_id(w, id, len, &found, err));
	}
	return CDG_OK;
}

static cdg_status
write_session(stress *s, uint64_t *r, cdg_error *err)
{
	writer_options opt = { .threads = s->threads, .no_sync = true, .optimize = victim_rand(r) % 8 == 0,
			       .reorder = victim_rand(r) % 2 == 0, .lang_mode = WRITER_LANG_FIXED };
	unsigned n = 1 + (unsigned)(victim_rand(r) % 12);
	writer *w;
	cdg_status st = writer_open(s->dir, &opt, &w, err);

	if (st != CDG_OK)
		return st;
	for (unsigned i = 0; i < n && st == CDG_OK && !atomic_load(&s->stop); i++) {
		st = write_batch(w, r, err);
		if (st == CDG_OK)
			st = writer_commit(w, NULL, NULL, err);
		atomic_fetch_add(&s->commits, 1);
		usleep(50000);
	}
	atomic_fetch_add(&s->merges, writer_get_stats(w)->merges);
	writer_close(w);
	return st;
}

static void *
writer_main(void *arg)
{
	stress *s = arg;
	uint64_t r = s->seed;

	while (!atomic_load(&s->stop)) {
		cdg_error err = { 0 };
		if (write_session(s, &r, &err) != CDG_OK)
			fail(s, "writer", err.message);
	}
	return NULL;
}

/* ---- readers ---------------------------------------------------------------------- */

/* The same question twice: the same answer, to the byte. */
static void
ask_twice(stress *s, const cdg_index *x, uint64_t *r)
{
	size_t q = (size_t)(victim_rand(r) % VICTIM_QUERIES);
	cdg_error err = { 0 };
	buf a = { 0 }, b = { 0 };

	if (victim_ask(x, q, &a, &err) != CDG_OK || victim_ask(x, q, &b, &err) != CDG_OK)
		fail(s, victim_queries[q].text, err.message);
	else if (a.len != b.len || memcmp(a.p, b.p, a.len) != 0)
		fail(s, victim_queries[q].text, "two answers of one snapshot differ");
	buf_fini(&a);
	buf_fini(&b);
	atomic_fetch_add(&s->searches, 2);
}

static void
look_constant(stress *s, const cdg_index *x, uint64_t *r)
{
	char id[32];
	unsigned n = (unsigned)(victim_rand(r) % CONSTANT), times = 0;
	size_t len = (size_t)snprintf(id, sizeof id, "doc-%u", n);

	for (size_t i = 0; i < x->snap->nsegs; i++) {
		uint32_t doc = segment_by_id(&x->snap->segs[i], id, len);
		times += doc != UINT32_MAX && segment_is_live(&x->snap->segs[i], doc);
	}
	if (times != 1)
		fail(s, id, times ? "is there twice" : "is gone");
}

static cdg_index *
reader_move(stress *s, cdg_index *x, uint64_t *r)
{
	cdg_error err = { 0 };
	cdg_index *next = NULL;
	uint64_t before = x ? cdg_index_generation(x) : 0;

	if (x && victim_rand(r) % 2) {
		if (cdg_index_reopen(x, &next, &err) != CDG_OK)
			fail(s, "reopen", err.message);
		atomic_fetch_add(&s->reopens, 1);
		if (!next)
			return x;
	} else if (cdg_index_open(s->dir, &next, &err) != CDG_OK) {
		fail(s, "open", err.message);
		return x;
	}
	atomic_fetch_add(&s->opens, 1);
	if (cdg_index_generation(next) < before)
		fail(s, "generation", "went back");
	cdg_index_close(x);
	return next;
}

static void *
reader_main(void *arg)
{
	reader *me = arg;
	stress *s = me->s;
	uint64_t r = s->seed * 31 + me->number;
	cdg_index *x = NULL;
	cdg_error err = { 0 };

	while (!atomic_load(&s->stop)) {
		x = reader_move(s, x, &r);
		if (!x)
			break;
		for (unsigned i = 0; i < 6 && !atomic_load(&s->stop); i++)
			ask_twice(s, i % 2 ? x : atomic_load(&s->shared), &r);
		look_constant(s, x, &r);
		if (victim_rand(&r) % 16 == 0 && snapshot_check(x->snap, &err) != CDG_OK)
			fail(s, "check", err.message);
	}
	cdg_index_close(x);
	return NULL;
}

int
main(void)
{
	static stress s;
	static reader readers[READERS_MAX];
	unsigned n = (unsigned)victim_env("READERS", 3);
	uint64_t seconds = victim_env("SECONDS", 20), end;
	pthread_t writer_thread;
	cdg_error err = { 0 };
	cdg_index *x;

	n = n < READERS_MAX ? n : READERS_MAX;
	s.seed = victim_seed();
	s.threads = (unsigned)victim_env("THREADS", 1);
	printf("stress: SEED=%" PRIu64 ", %u readers, a writer with %u threads, %" PRIu64 " s\n", s.seed, n, s.threads, seconds);
	fflush(stdout);
	victim_folder(s.dir, "stress");
	if (victim_build(s.dir, CONSTANT + IDS, 8, &err) != CDG_OK) {
		fprintf(stderr, "stress: %s\n", err.message);
		return 2;
	}
	/* some of the constant ones were deleted for other tests */
	for (unsigned i = 0; i < CONSTANT; i++) {
		writer_options opt = { .threads = 1, .no_sync = true };
		writer *w;
		if (writer_open(s.dir, &opt, &w, &err) != CDG_OK || victim_add(w, i, 8, &err) != CDG_OK ||
		    writer_commit(w, NULL, NULL, &err) != CDG_OK)
			fail(&s, "start", err.message);
		writer_close(w);
	}
	if (cdg_index_open(s.dir, &x, &err) != CDG_OK) {
		fprintf(stderr, "stress: %s\n", err.message);
		return 2;
	}
	atomic_store(&s.shared, x);
	end = clock_ns() + seconds * 1000000000u;
	pthread_create(&writer_thread, NULL, writer_main, &s);
	for (unsigned i = 0; i < n; i++) {
		readers[i] = (reader){ .s = &s, .number = i };
		pthread_create(&readers[i].thread, NULL, reader_main, &readers[i]);
	}
	while (clock_ns() < end)
		usleep(20000);
	atomic_store(&s.stop, true);
	for (unsigned i = 0; i < n; i++)
		pthread_join(readers[i].thread, NULL);
	pthread_join(writer_thread, NULL);
	cdg_index_close(x);
	if (cdg_index_open(s.dir, &x, &err) != CDG_OK || snapshot_check(x->snap, &err) != CDG_OK)
		fail(&s, "the end", err.message);
	else
		printf("generation %" PRIu64 ", %" PRIu64 " documents\n", cdg_index_generation(x), cdg_index_documents(x));
	cdg_index_close(x);
	victim_remove(s.dir);
	printf("%" PRIu64 " commits, %" PRIu64 " merges, %" PRIu64 " searches, %" PRIu64 " opens, %" PRIu64 " reopens\n",
	       atomic_load(&s.commits), atomic_load(&s.merges), atomic_load(&s.searches), atomic_load(&s.opens),
	       atomic_load(&s.reopens));
	printf("%d passed, %d failed\n", atomic_load(&s.failures) == 0, atomic_load(&s.failures) != 0);
	return atomic_load(&s.failures) != 0;
}
