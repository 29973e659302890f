/* shards.c - see shards.h: which replicas answer, and what is said of those that
 * do not. */
#include <stdio.h>

#include "backend/xapian/shards_impl.h"
#include "base/file.h"

enum { RETRY_MS = 1000, RETRY_DOUBLINGS = 5, PROBE_MS = 2000 };

/* ---- up and down ---------------------------------------------------------------- */

void
shard_up(shards *s, shard_replica *r)
{
	s->state += r->down;
	r->down = false;
	r->failures = 0;
}

void
shard_down(shards *s, shard_replica *r, const char *why)
{
	unsigned doublings = r->failures < RETRY_DOUBLINGS ? r->failures : RETRY_DOUBLINGS;

	s->state += !r->down;
	r->down = true;
	r->failures++;
	r->retry_ns = clock_ns() + ((uint64_t)RETRY_MS << doublings) * 1000000;
	snprintf(r->why, sizeof r->why, "%s", why);
}

void
shard_reason(const xapc_error *why, unsigned timeout_ms, char *out)
{
	if (why->status == XAPC_E_NETWORK_TIMEOUT)
		snprintf(out, SHARDS_WHY, "no answer within %u ms", timeout_ms);
	else
		snprintf(out, SHARDS_WHY, "%.190s", why->cause[0] ? why->cause : why->message);
}

/* ---- asking in the background --------------------------------------------------------- */

typedef struct shard_probe {
	shards *s;
	shard_replica *r;
} shard_probe;

static void *
probe_run(void *arg)
{
	shard_probe *p = arg;
	shards *s = p->s;
	xapc_database *db = NULL;
	xapc_error why = { 0 };
	char text[SHARDS_WHY];
	xapc_status st = shard_open(s, p->r, PROBE_MS, PROBE_MS, &db, &why);

	shard_reason(&why, PROBE_MS, text);
	pthread_mutex_lock(&s->lock);
	p->r->asked = false;
	if (st == XAPC_OK)
		shard_up(s, p->r);
	else
		shard_down(s, p->r, text);
	pthread_mutex_unlock(&s->lock);
	s->call.database_free(db);
	shards_unref(s);
	mem_free(p);
	return NULL;
}

/* With the lock. */
static void
probe_start(shards *s, shard_replica *r)
{
	shard_probe *p = mem_alloc(sizeof *p);
	pthread_t thread;

	if (!p)
		return;
	*p = (shard_probe){ s, r };
	s->refs++;
	r->asked = true;
	if (pthread_create(&thread, NULL, probe_run, p) == 0) {
		pthread_detach(thread);
		return;
	}
	s->refs--;
	r->asked = false;
	mem_free(p);
}

static void
probe_due(shards *s)
{
	uint64_t now = clock_ns();

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->at[i].n; k++) {
			shard_replica *r = &s->at[i].replica[k];

			if (r->down && !r->asked && now >= r->retry_ns)
				probe_start(s, r);
		}
}

/* ---- what a connection is made of -------------------------------------------------------- */

void
shards_use_fini(shards_use *u)
{
	mem_free(u->replica);
	u->replica = NULL;
}

static bool
shard_has_up(const shard *x)
{
	for (size_t k = 0; k < x->n; k++)
		if (!x->replica[k].down)
			return true;
	return false;
}

bool
shards_is_current(shards *s, shards_use *u)
{
	bool current = true;

	pthread_mutex_lock(&s->lock);
	probe_due(s);
	if (u->seen != s->state)
		for (size_t i = 0; i < s->n && current; i++)
			current = u->replica[i] < 0 ? !shard_has_up(&s->at[i]) :
						      !s->at[i].replica[u->replica[i]].down;
	if (current)
		u->seen = s->state;
	pthread_mutex_unlock(&s->lock);
	return current;
}

/* Is it the replica that libxapian names: "remote:tcp(host:port)"? */
static bool
shard_is_named(const shard_replica *r, const char *context)
{
	char name[1024];

	if (r->kind == SHARD_TCP)
		snprintf(name, sizeof name, "remote:tcp(%s:%u)", r->host, r->port);
	else if (r->kind == SHARD_PROG)
		snprintf(name, sizeof name, "remote:prog(%s %s)", r->host, r->args);
	else
		return false;
	return strncmp(name, context, 250) == 0; /* of a context that may be cut */
}

void
shards_failed(shards *s, const shards_use *u, const xapc_error *why, bool used)
{
	char text[SHARDS_WHY];

	if (used && why->status != XAPC_E_NETWORK_TIMEOUT)
		return; /* connecting anew will tell */
	shard_reason(why, u->timeout_ms, text);
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++) {
		shard_replica *r = u->replica[i] < 0 ? NULL : &s->at[i].replica[u->replica[i]];

		if (r && shard_is_named(r, why->context))
			shard_down(s, r, text);
	}
	pthread_mutex_unlock(&s->lock);
}

void
shards_describe(shards *s, size_t i, char *out, size_t size)
{
	const shard *x = &s->at[i];
	const char *why = "";
	char names[300];
	size_t n = 0;

	names[0] = 0;
	pthread_mutex_lock(&s->lock);
	for (size_t k = 0; k < x->n; k++) {
		if (n < sizeof names - 1)
			n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", k ? "|" : "", x->replica[k].name);
		if (x->replica[k].down)
			why = x->replica[k].why;
	}
	snprintf(out, size, "shard %zu of %zu (%s) is missing: %s", i + 1, s->n, names, why[0] ? why : "no answer");
	pthread_mutex_unlock(&s->lock);
}

size_t
shards_count(const shards *s)
{
	return s->n;
}

/* ---- begin and end ------------------------------------------------------------------------ */

void
shards_ref(shards *s)
{
	pthread_mutex_lock(&s->lock);
	s->refs++;
	pthread_mutex_unlock(&s->lock);
}

void
shards_unref(shards *s)
{
	size_t left;

	pthread_mutex_lock(&s->lock);
	left = --s->refs;
	pthread_mutex_unlock(&s->lock);
	if (left)
		return;
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->at[i].n; k++) {
			mem_free(s->at[i].replica[k].name);
			mem_free(s->at[i].replica[k].host);
			mem_free(s->at[i].replica[k].args);
		}
		mem_free(s->at[i].replica);
	}
	mem_free(s->at);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

void
shards_free(shards *s)
{
	if (s)
		shards_unref(s);
}

cdg_status
shards_read(const char *path, const xap_calls *call, shards **out, cdg_error *err)
{
	shards *s = mem_calloc(1, sizeof *s);
	cdg_status st;

	*out = NULL;
	if (!s)
		return err_nomem(err);
	s->call = *call;
	s->refs = 1;
	pthread_mutex_init(&s->lock, NULL);
	st = shards_parse(s, path, err);
	if (st == CDG_OK && shards_has_remote(s))
		*out = s;
	else
		shards_free(s);
	return st;
}
