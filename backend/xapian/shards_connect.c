/* shards_connect.c - one database of all shards, within a time.
 *
 * A GROUP is one such attempt: a thread for each replica that is asked, and the
 * caller, who waits for them until his time is over.  A thread that comes back
 * after that frees what it got and says that the replica answers.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "backend/xapian/shards_impl.h"
#include "base/file.h"

enum { CONNECT_MAX_MS = 2000, CONNECT_MIN_MS = 20, ANSWER_MIN_MS = 50 };

typedef enum asked { ASKED_NOT, ASKED_NOW, ASKED_DONE } asked;

typedef struct group_shard {
	xapc_database *db;  /* of the replica that was first */
	int won;            /* below 0: none so far */
	uint8_t asked[SHARDS_REPLICAS_MAX];
	uint64_t since[SHARDS_REPLICAS_MAX];
	bool skip[SHARDS_REPLICAS_MAX]; /* known to be down */
	unsigned pending;
	uint64_t next_ns;   /* when the next replica is asked besides */
	bool settled;
} group_shard;

typedef struct group {
	shards *s;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t refs;
	bool left;          /* the caller did */
	unsigned timeout_ms, connect_ms;
	group_shard *at;
} group;

typedef struct attempt {
	group *g;
	size_t shard, replica;
} attempt;

xapc_status
shard_open(const shards *s, const shard_replica *r, unsigned timeout_ms, unsigned connect_ms, xapc_database **out,
	   xapc_error *err)
{
	switch (r->kind) {
	case SHARD_TCP:
		return s->call.database_open_tcp(r->host, XAPC_NUL, r->port, timeout_ms, connect_ms, out, err);
	case SHARD_PROG:
		return s->call.database_open_prog(r->host, XAPC_NUL, r->args, XAPC_NUL, timeout_ms, out, err);
	default:
		return s->call.database_open(r->host, XAPC_NUL, r->flags, out, err);
	}
}

/* ---- groups ---------------------------------------------------------------------- */

static group *
group_new(shards *s, unsigned timeout_ms, unsigned connect_ms)
{
	group *g = mem_calloc(1, sizeof *g);
	pthread_condattr_t attr;

	if (!g)
		return NULL;
	g->at = mem_calloc(s->n, sizeof *g->at);
	if (!g->at) {
		mem_free(g);
		return NULL;
	}
	for (size_t i = 0; i < s->n; i++)
		g->at[i].won = -1;
	g->s = s;
	g->refs = 1;
	g->timeout_ms = timeout_ms;
	g->connect_ms = connect_ms;
	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&g->changed, &attr);
	pthread_condattr_destroy(&attr);
	shards_ref(s);
	return g;
}

/* By the caller, for libxapian counts without atomics. */
static void
group_drop(group *g)
{
	for (size_t i = 0; i < g->s->n; i++) {
		g->s->call.database_free(g->at[i].db);
		g->at[i].db = NULL;
	}
}

static void
group_unref(group *g)
{
	shards *s = g->s;
	size_t left;

	pthread_mutex_lock(&g->lock);
	left = --g->refs;
	pthread_mutex_unlock(&g->lock);
	if (left)
		return;
	pthread_cond_destroy(&g->changed);
	pthread_mutex_destroy(&g->lock);
	mem_free(g->at);
	mem_free(g);
	shards_unref(s);
}

/* ---- one replica -------------------------------------------------------------------- */

static void *
attempt_run(void *arg)
{
	attempt *a = arg;
	group *g = a->g;
	shards *s = g->s;
	group_shard *x = &g->at[a->shard];
	shard_replica *r = &s->at[a->shard].replica[a->replica];
	xapc_database *db = NULL;
	xapc_error why = { 0 };
	char text[SHARDS_WHY];
	xapc_status st = shard_open(s, r, g->timeout_ms, g->connect_ms, &db, &why);

	shard_reason(&why, g->timeout_ms, text);
	pthread_mutex_lock(&s->lock);
	if (st == XAPC_OK)
		shard_up(s, r);
	else
		shard_down(s, r, text);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&g->lock);
	x->asked[a->replica] = ASKED_DONE;
	x->pending--;
	if (st == XAPC_OK && !g->left && x->won < 0) {
		x->won = (int)a->replica;
		x->db = db;
		db = NULL;
	}
	pthread_cond_signal(&g->changed);
	pthread_mutex_unlock(&g->lock);
	s->call.database_free(db);
	group_unref(g);
	mem_free(a);
	return NULL;
}

/* With the group's lock: ask replica k in a thread. */
static void
attempt_start(group *g, size_t i, size_t k)
{
	attempt *a = mem_alloc(sizeof *a);
	pthread_t thread;

	g->at[i].asked[k] = ASKED_DONE;
	if (!a)
		return;
	*a = (attempt){ g, i, k };
	g->refs++;
	g->at[i].asked[k] = ASKED_NOW;
	g->at[i].pending++;
	if (pthread_create(&thread, NULL, attempt_run, a) == 0) {
		pthread_detach(thread);
		return;
	}
	g->refs--;
	g->at[i].asked[k] = ASKED_DONE;
	g->at[i].pending--;
	mem_free(a);
}

/* How long a replica may be silent before the next is asked besides. */
static uint64_t
group_turn(const group *g)
{
	return (uint64_t)g->connect_ms * 1000000 / 4;
}

/* With the lock: the next replica of shard i; false: there is none left. */
static bool
attempt_next(group *g, size_t i, uint64_t now)
{
	group_shard *x = &g->at[i];

	for (size_t k = 0; k < g->s->at[i].n; k++)
		if (x->asked[k] == ASKED_NOT && !x->skip[k]) {
			attempt_start(g, i, k);
			x->since[k] = now;
			x->next_ns = now + group_turn(g);
			return true;
		}
	x->next_ns = UINT64_MAX;
	return false;
}

/* ---- waiting ------------------------------------------------------------------------- */

/* With the lock: ask whom it is time to ask.  *wake: when that will be so again.
 * False: nothing more is to come. */
static bool
group_step(group *g, uint64_t *wake)
{
	uint64_t now = clock_ns();
	bool open = false;

	*wake = UINT64_MAX;
	for (size_t i = 0; i < g->s->n; i++) {
		group_shard *x = &g->at[i];

		if (x->settled)
			continue;
		while (x->won < 0 && !x->pending && attempt_next(g, i, now)) {
		}
		if (x->won < 0 && x->pending && now >= x->next_ns)
			attempt_next(g, i, now);
		x->settled = x->won >= 0 || !x->pending;
		open |= !x->settled;
		if (!x->settled && x->next_ns < *wake)
			*wake = x->next_ns;
	}
	return open;
}

static void
group_wait(group *g, uint64_t until_ns)
{
	struct timespec t = { .tv_sec = (time_t)(until_ns / 1000000000), .tv_nsec = (long)(until_ns % 1000000000) };

	pthread_cond_timedwait(&g->changed, &g->lock, &t);
}

/* Who has been silent for a turn when the caller leaves is down, until it speaks. */
static void
group_leave(group *g)
{
	shards *s = g->s;
	uint64_t now = clock_ns();
	char why[SHARDS_WHY];

	g->left = true;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->at[i].n; k++) {
			uint64_t silent = now - g->at[i].since[k];

			if (g->at[i].asked[k] != ASKED_NOW || silent < group_turn(g))
				continue;
			snprintf(why, sizeof why, "no answer within %u ms", (unsigned)(silent / 1000000));
			shard_down(s, &s->at[i].replica[k], why);
		}
	pthread_mutex_unlock(&s->lock);
}

/* *skipped: somebody was not asked. */
static void
group_run(group *g, bool ask_all, bool *skipped)
{
	shards *s = g->s;
	uint64_t end = clock_ns() + (uint64_t)g->connect_ms * 1000000, wake;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->at[i].n; k++)
			*skipped |= g->at[i].skip[k] = s->at[i].replica[k].down && !ask_all;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&g->lock);
	while (group_step(g, &wake) && clock_ns() < end)
		group_wait(g, wake < end ? wake : end);
	group_leave(g);
	pthread_mutex_unlock(&g->lock);
}

/* ---- putting them together --------------------------------------------------------------- */

/* All that answered, and empty ones for the others. */
static cdg_status
group_join(group *g, shards_use *u, xapc_database **out, cdg_error *err)
{
	const xap_calls *call = &g->s->call;
	xapc_database *all = NULL, *empty = NULL;
	xapc_error why = { 0 };
	xapc_status st = call->database_new(&all, &why);

	if (st == XAPC_OK)
		st = call->database_open("", 0, XAPC_DB_INMEMORY, &empty, &why);
	for (size_t i = 0; i < g->s->n && st == XAPC_OK; i++) {
		const xapc_database *part = g->at[i].won < 0 ? empty : g->at[i].db;

		u->replica[i] = (int8_t)g->at[i].won;
		u->missing += g->at[i].won < 0;
		st = call->database_add(all, part, &why);
	}
	call->database_free(empty);
	if (st == XAPC_OK) {
		*out = all;
		return CDG_OK;
	}
	call->database_free(all);
	return xap_error(&why, "shards", err);
}

static cdg_status
connect_none(shards *s, cdg_error *err)
{
	char text[512];

	shards_describe(s, 0, text, sizeof text);
	if (s->n == 1)
		return err_set(err, CDG_E_IO, "%s", text);
	return err_set(err, CDG_E_IO, "none of the %zu shards answers: %s, and so on", s->n, text);
}

static bool
group_has_none(const group *g)
{
	for (size_t i = 0; i < g->s->n; i++)
		if (g->at[i].won >= 0)
			return false;
	return true;
}

/* Those that are up; all, if none of them is. */
static cdg_status
connect_group(shards *s, unsigned connect_ms, shards_use *use, xapc_database **out, cdg_error *err)
{
	bool skipped = true;

	for (int ask_all = 0; skipped; ask_all++) {
		group *g = group_new(s, use->timeout_ms, connect_ms);
		cdg_status st = CDG_OK;
		bool none;

		if (!g)
			return err_nomem(err);
		skipped = false;
		group_run(g, ask_all, &skipped);
		none = group_has_none(g);
		if (!none)
			st = group_join(g, use, out, err);
		group_drop(g);
		group_unref(g);
		if (!none)
			return st;
	}
	return connect_none(s, err);
}

cdg_status
shards_connect(shards *s, unsigned limit_ms, shards_use *use, xapc_database **out, cdg_error *err)
{
	unsigned connect_ms = limit_ms / 5;
	cdg_status st;

	connect_ms = connect_ms > CONNECT_MAX_MS ? CONNECT_MAX_MS : connect_ms < CONNECT_MIN_MS ? CONNECT_MIN_MS : connect_ms;
	*out = NULL;
	*use = (shards_use){ .replica = mem_calloc(s->n, 1), .timeout_ms = limit_ms / 5 * 2 };
	if (use->timeout_ms < ANSWER_MIN_MS)
		use->timeout_ms = ANSWER_MIN_MS;
	if (!use->replica)
		return err_nomem(err);
	pthread_mutex_lock(&s->lock);
	use->seen = s->state;
	pthread_mutex_unlock(&s->lock);
	st = connect_group(s, connect_ms, use, out, err);
	if (st != CDG_OK)
		shards_use_fini(use);
	return st;
}

/* ---- closing ----------------------------------------------------------------------------- */

typedef struct closing {
	void (*free)(xapc_database *db);
	xapc_database *db;
} closing;

static void *
closing_run(void *arg)
{
	closing *c = arg;

	c->free(c->db);
	mem_free(c);
	return NULL;
}

/* libxapian waits for a program to end, which one that hangs does not. */
void
shards_disconnect(const shards *s, xapc_database *db)
{
	closing *c = s->has_prog ? mem_alloc(sizeof *c) : NULL;
	pthread_t thread;

	if (c) {
		*c = (closing){ s->call.database_free, db };
		if (pthread_create(&thread, NULL, closing_run, c) == 0) {
			pthread_detach(thread);
			return;
		}
		mem_free(c);
	}
	s->call.database_free(db);
}
