/* told.c - what a database on other hosts has said of its terms, kept with the
 * handle: each question is a way there and back, and planning a query asks many,
 * again for each hit whose places are shown.
 *
 * A handle shows one state of the database, so that nothing here grows old.  It is
 * emptied when the handle is reopened, and before a search if there is too much.
 */
#include <xxhash.h>

#include "backend/xapian/impl.h"

enum { TOLD_MAX = 1 << 16, TOLD_BYTES = 16 << 20, TOLD_LIST_MAX = 4096 };

typedef struct told_entry {
	const char *key;
	size_t n;
	char kind;             /* 'f' number of documents, 'l' list of terms */
	xapc_count df;
	const xap_told_term *list;
	size_t nlist;
	struct told_entry *next;
} told_entry;

struct xap_told {
	told_entry *bucket[4096];
	size_t n, bytes;
	arena mem;
};

void
xap_told_free(xap_told *t)
{
	if (t)
		arena_fini(&t->mem);
	mem_free(t);
}

static told_entry **
told_bucket(xap_told *t, char kind, xap_text key)
{
	return &t->bucket[(XXH3_64bits(key.p, key.n) + (uint64_t)kind) % countof(t->bucket)];
}

static const told_entry *
told_find(xap_run *r, char kind, xap_text key)
{
	xap_told *t = r->c->h->told;

	if (!t)
		return NULL;
	for (const told_entry *e = *told_bucket(t, kind, key); e; e = e->next)
		if (e->kind == kind && e->n == key.n && !memcmp(e->key, key.p, key.n))
			return e;
	return NULL;
}

static bool
told_is_full(const xap_told *t)
{
	return t && (t->n >= TOLD_MAX || t->bytes > TOLD_BYTES);
}

void
xap_told_trim(xap_handle *h)
{
	if (!told_is_full(h->told))
		return;
	xap_told_free(h->told);
	h->told = NULL;
}

/* A new entry; NULL: it will be asked for again. */
static told_entry *
told_add(xap_run *r, char kind, xap_text key)
{
	xap_handle *h = r->c->h;
	told_entry *e, **at;

	if (!r->c->b->shards || told_is_full(h->told))
		return NULL;
	if (!h->told) {
		h->told = mem_calloc(1, sizeof *h->told);
		if (!h->told)
			return NULL;
		arena_init(&h->told->mem);
	}
	e = arena_zalloc(&h->told->mem, sizeof *e);
	if (e)
		e->key = arena_strndup(&h->told->mem, key.p, key.n);
	if (!e || !e->key)
		return NULL;
	e->n = key.n;
	e->kind = kind;
	at = told_bucket(h->told, kind, key);
	e->next = *at;
	*at = e;
	h->told->n++;
	h->told->bytes += sizeof *e + key.n;
	return e;
}

bool
xap_told_df(xap_run *r, xap_text key, xapc_count *df)
{
	const told_entry *e = told_find(r, 'f', key);

	if (e)
		*df = e->df;
	return e != NULL;
}

void
xap_told_keep_df(xap_run *r, xap_text key, xapc_count df)
{
	told_entry *e = told_add(r, 'f', key);

	if (e)
		e->df = df;
}

/* ---- lists of terms -------------------------------------------------------------- */

/* All terms that begin so, in r->s.mem. */
static bool
told_ask(xap_run *r, xap_text prefix, xap_told_term **list, size_t *n)
{
	const xap_calls *call = &r->c->b->call;
	xap_told_term *at = NULL;
	size_t cap = 0;
	xapc_terms *it;
	xapc_status st;

	*n = 0;
	if (call->database_all_terms(r->c->h->db, prefix.p, prefix.n, &it, &r->c->err) != XAPC_OK)
		return xap_run_fail(r);
	while ((st = call->terms_next(it, &r->c->err)) == XAPC_OK && mem_grow(&at, &cap, *n + 1, sizeof *at)) {
		size_t len;
		const char *term = call->terms_term(it, &len);

		at[*n] = (xap_told_term){ arena_strndup(&r->s.mem, term, len), len, 0 };
		st = call->terms_termfreq(it, &at[(*n)++].df, &r->c->err);
		if (st != XAPC_OK || r->s.mem.failed)
			break;
	}
	call->terms_free(it);
	*list = at;
	if (st == XAPC_END)
		return true;
	if (st != XAPC_OK)
		return xap_run_fail(r);
	r->s.failure = err_nomem(r->err);
	return false;
}

static void
told_keep_list(xap_run *r, xap_text prefix, const xap_told_term *list, size_t n)
{
	told_entry *e = n <= TOLD_LIST_MAX ? told_add(r, 'l', prefix) : NULL;
	arena *mem = e ? &r->c->h->told->mem : NULL;
	xap_told_term *kept = e ? arena_alloc(mem, n * sizeof *kept + 1) : NULL;

	if (!e)
		return;
	e->kind = 0; /* found only once it is whole */
	for (size_t i = 0; kept && i < n; i++) {
		kept[i] = (xap_told_term){ arena_strndup(mem, list[i].p, list[i].n), list[i].n, list[i].df };
		r->c->h->told->bytes += sizeof *kept + list[i].n;
		if (!kept[i].p)
			return;
	}
	if (!kept)
		return;
	e->list = kept;
	e->nlist = n;
	e->kind = 'l';
}

bool
xap_told_terms(xap_run *r, xap_text prefix, xap_terms_fn *fn, void *ctx)
{
	const told_entry *e = told_find(r, 'l', prefix);
	xap_told_term *list = NULL;
	size_t n = e ? e->nlist : 0;
	bool ok = e || told_ask(r, prefix, &list, &n);

	if (ok && !e) {
		xap_text key = { arena_strndup(&r->s.mem, prefix.p, prefix.n), prefix.n };

		if (key.p)
			told_keep_list(r, key, list, n);
	}
	for (size_t i = 0; ok && i < n; i++) {
		const xap_told_term *t = e ? &e->list[i] : &list[i];

		ok = fn(r, ctx, t->p, t->n, NULL, t->df);
	}
	mem_free(list);
	return ok;
}
