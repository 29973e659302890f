/* handle.c - open databases: taken for one call, given back, thrown away when
 * their connection failed. */
#include "backend/xapian/impl.h"

#include "base/file.h"

#include <time.h>

enum { MS = 1000000 };

xap_backend *
xap_mutable(const xap_backend *b)
{
	union {
		const xap_backend *in;
		xap_backend *out;
	} drop = { b };

	return drop.out;
}

cdg_status
xap_fail(xap_call *c, cdg_error *err)
{
	return xap_error(&c->err, c->b->path, err);
}

static unsigned
handle_left_ms(uint64_t deadline_ns)
{
	uint64_t now = clock_ns(), left = deadline_ns > now ? (deadline_ns - now) / MS : 0;

	return left < 3600000 ? (unsigned)left : 3600000;
}

static cdg_status
handle_new(xap_call *c, uint64_t deadline_ns, cdg_error *err)
{
	const xap_backend *b = c->b;
	xap_handle *h = mem_calloc(1, sizeof *h);
	cdg_status st = CDG_OK;

	if (!h)
		return err_nomem(err);
	if (b->shards)
		st = shards_connect(b->shards, handle_left_ms(deadline_ns), &h->use, &h->db, err);
	else if (b->call.database_open(b->path, XAPC_NUL, 0, &h->db, &c->err) != XAPC_OK)
		st = xap_fail(c, err);
	if (st != CDG_OK) {
		mem_free(h);
		return st;
	}
	c->h = h;
	return CDG_OK;
}

static void
handle_free(const xap_backend *b, xap_handle *h)
{
	if (!h)
		return;
	if (b->shards)
		shards_disconnect(b->shards, h->db);
	else
		b->call.database_free(h->db);
	xap_told_free(h->told);
	shards_use_fini(&h->use);
	mem_free(h);
}

static xap_handle *
handle_spare(xap_backend *b)
{
	xap_handle *h;

	pthread_mutex_lock(&b->lock);
	h = b->spare;
	if (h) {
		b->spare = h->next;
		b->nspare--;
	}
	pthread_mutex_unlock(&b->lock);
	return h;
}

void
xap_close_handles(xap_backend *b)
{
	xap_handle *h;

	while ((h = handle_spare(b)))
		handle_free(b, h);
}

/* Would a new connection be another one: to other hosts, or with about the patience
 * that this call has? */
static bool
handle_is_fit(const xap_backend *b, xap_handle *h, unsigned left_ms)
{
	unsigned patience = left_ms / 5 * 2;

	return shards_is_current(b->shards, &h->use) && h->use.timeout_ms <= patience + patience / 8 &&
	       h->use.timeout_ms >= patience / 2;
}

static cdg_status
handle_take(xap_call *c, uint64_t deadline_ns, cdg_error *err)
{
	xap_backend *b = xap_mutable(c->b);

	while ((c->h = handle_spare(b))) {
		if (!b->shards || handle_is_fit(b, c->h, handle_left_ms(deadline_ns)))
			return CDG_OK;
		handle_free(b, c->h);
	}
	return handle_new(c, deadline_ns, err);
}

static void
handle_give(xap_call *c)
{
	xap_backend *b = xap_mutable(c->b);
	bool kept;

	c->h->used = true;
	pthread_mutex_lock(&b->lock);
	kept = b->nspare < XAP_SPARES;
	if (kept) {
		c->h->next = b->spare;
		b->spare = c->h;
		b->nspare++;
	}
	pthread_mutex_unlock(&b->lock);
	if (!kept)
		handle_free(b, c->h);
	c->h = NULL;
}

static bool
handle_lost(const xap_call *c)
{
	return c->b->shards && (c->err.status == XAPC_E_NETWORK || c->err.status == XAPC_E_NETWORK_TIMEOUT);
}

/* A connection failed: with those that are as old as it, it is not used again. */
static void
handle_drop(xap_call *c)
{
	xap_backend *b = xap_mutable(c->b);

	shards_failed(b->shards, &c->h->use, &c->err, c->h->used);
	handle_free(b, c->h);
	c->h = NULL;
	xap_close_handles(b);
}

/* A writer that commits without a pause gets ahead of a slow reader each time: wait a
 * little longer before each try, 0.3 s in all. */
static void
handle_pause(int tries)
{
	struct timespec t = { 0, (long)tries * tries * 1000000 };

	if (tries)
		nanosleep(&t, NULL);
}

/* Once, on the newest state that a handle can have. */
static cdg_status
with_handle(xap_call *c, xap_fn *fn, void *ctx, cdg_error *err)
{
	cdg_status st = CDG_OK;

	c->err.status = XAPC_OK;
	if (c->b->shards && fn != xap_look && c->h->use.missing < c->b->missing)
		st = xap_look(c, xap_mutable(c->b), err);
	if (st == CDG_OK)
		st = fn(c, ctx, err);
	/* a document may be one that this handle is too old to know */
	for (int tries = 0; st != CDG_OK && tries < XAP_TRIES; tries++) {
		if (c->err.status != XAPC_E_DATABASE_MODIFIED && (c->err.status != XAPC_E_DOC_NOT_FOUND || tries))
			break;
		handle_pause(tries);
		if (c->b->call.database_reopen(c->h->db, NULL, &c->err) != XAPC_OK)
			return xap_fail(c, err);
		xap_told_free(c->h->told);
		c->h->told = NULL;
		c->err.status = XAPC_OK;
		st = fn(c, ctx, err);
	}
	return st;
}

cdg_status
xap_with_limit(const backend *be, uint64_t deadline_ns, xap_fn *fn, void *ctx, cdg_error *err)
{
	xap_call c = { .b = (const xap_backend *)(const void *)be };
	cdg_status st;

	if (!deadline_ns)
		deadline_ns = clock_ns() + (uint64_t)SHARDS_LIMIT_MS * MS;
	for (int tries = 0;; tries++) {
		CDG_TRY(handle_take(&c, deadline_ns, err));
		st = with_handle(&c, fn, ctx, err);
		if (!handle_lost(&c))
			break;
		handle_drop(&c);
		if (tries == XAP_TRIES || !handle_left_ms(deadline_ns))
			return st;
	}
	handle_give(&c);
	return st;
}

cdg_status
xap_with(const backend *be, xap_fn *fn, void *ctx, cdg_error *err)
{
	return xap_with_limit(be, 0, fn, ctx, err);
}

static cdg_status
missing_shard(const xap_call *c, size_t i, cdg_status st, cdg_error *err)
{
	char text[512];

	shards_describe(c->b->shards, i, text, sizeof text);
	return err_set(err, st, "%s", text);
}

cdg_status
xap_has_shard(const xap_call *c, uint64_t doc, cdg_error *err)
{
	size_t i;

	if (!c->b->shards || !c->h->use.missing)
		return CDG_OK;
	i = (size_t)(doc % shards_count(c->b->shards));
	return c->h->use.replica[i] >= 0 ? CDG_OK : missing_shard(c, i, CDG_E_NOTFOUND, err);
}

cdg_status
xap_is_partial(const xap_call *c, cdg_error *err)
{
	size_t i = 0;

	while (c->h->use.replica[i] >= 0)
		i++;
	return missing_shard(c, i, CDG_E_IO, err);
}
