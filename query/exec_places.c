/* exec_places.c - where a query matches: in one document, or in all of them one after
 * the other.  The words and phrases of the text that score have places; conditions
 * and fields have none. */
#include "query/exec_impl.h"
#include "query/interval.h"

enum { PLACES_STEP = 8 }; /* documents between looks at the clock */

typedef struct span_list {
	search_span *s;
	size_t n, cap;
} span_list;

/* What has places, in one segment. */
typedef struct units {
	interval **iv;
	const plan_node **node; /* of each */
	size_t n, cap, node_cap;
} units;

/* Have two leaves the same places? */
static bool
leaf_same(const plan_node *a, const plan_node *b, size_t seg)
{
	const plan_lists *x = &a->seg[seg], *y = &b->seg[seg];

	if (a->strict || b->strict || a->width != b->width || x->nterms != y->nterms)
		return false;
	for (uint32_t i = 0; i < x->nterms; i++)
		if (x->terms[i].entry.ord != y->terms[i].entry.ord || x->terms[i].mask != y->terms[i].mask ||
		    x->terms[i].codes || y->terms[i].codes)
			return false;
	return true;
}

/* A word that a query repeats a hundred times is looked at once. */
static bool
units_have(const units *u, const plan_node *n, size_t seg)
{
	for (size_t i = 0; n->type == PLAN_LEAF && i < u->n; i++)
		if (u->node[i]->type == PLAN_LEAF && leaf_same(u->node[i], n, seg))
			return true;
	return false;
}

static bool
units_make(seg_eval *se, const plan_node *n, units *u)
{
	if (n->type == PLAN_LEAF || n->type == PLAN_INTERVAL) {
		if (!n->scored || n->field != DICT_FIELD_TEXT || units_have(u, n, se->segno))
			return true;
		if (!mem_grow(&u->iv, &u->cap, u->n + 1, sizeof(interval *)) ||
		    !mem_grow(&u->node, &u->node_cap, u->n + 1, sizeof(plan_node *)))
			return false;
		u->node[u->n] = n;
		u->iv[u->n] = interval_make(se, n, NULL);
		return u->iv[u->n++] != NULL;
	}
	for (uint32_t i = 0; i < (n->type == PLAN_NOT ? 1 : n->nchild); i++)
		if (!units_make(se, n->child[i], u))
			return false;
	return true;
}

static int
spans_cmp(const void *a, const void *b)
{
	const search_span *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* The distinct places in a document, sorted; documents rise. */
static bool
units_spans(const units *u, uint32_t doc, span_list *out)
{
	size_t n = 0;

	out->n = 0;
	for (size_t i = 0; i < u->n; i++) {
		size_t k;
		const search_span *s = interval_spans(u->iv[i], doc, &k);
		if (!mem_grow(&out->s, &out->cap, out->n + k, sizeof *s))
			return false;
		if (k)
			memcpy(out->s + out->n, s, k * sizeof *s);
		out->n += k;
	}
	if (u->n > 1 && out->n > 1)
		qsort(out->s, out->n, sizeof *out->s, spans_cmp);
	for (size_t i = 0; i < out->n; i++)
		if (!n || spans_cmp(&out->s[n - 1], &out->s[i]) != 0)
			out->s[n++] = out->s[i];
	out->n = n;
	return true;
}

cdg_status
exec_spans(const snapshot *snap, const search_request *rq, uint64_t doc, search_span **spans, size_t *n,
	   cdg_error *err)
{
	arena mem;
	plan p;
	seg_eval se;
	search_result notes = { 0 };
	span_list l = { 0 };
	units u = { 0 };
	uint32_t local;
	const segment *s = snapshot_find(snap, doc, &local);
	uint64_t nomem = snapshot_nomem(snap);
	cdg_status st;

	*spans = NULL;
	*n = 0;
	if (!s)
		return err_set(err, CDG_E_ARG, "no document number %llu", (unsigned long long)doc);
	arena_init(&mem);
	st = plan_make(&p, &mem, snap, rq, rq->root, &notes, err);
	search_result_fini(&notes);
	if (st == CDG_OK) {
		seg_eval_init(&se, &p, (size_t)(s - snap->segs), &mem);
		if (!units_make(&se, p.root, &u) || !units_spans(&u, local, &l) || se.failed)
			st = err_nomem(err);
		seg_eval_fini(&se);
	}
	if (st == CDG_OK)
		st = segment_error(s, err);
	if (st == CDG_OK && snapshot_nomem(snap) != nomem)
		st = err_nomem(err);
	arena_fini(&mem);
	mem_free(u.iv);
	mem_free(u.node);
	if (st != CDG_OK) {
		mem_free(l.s);
		return st;
	}
	*spans = l.s;
	*n = l.n;
	return CDG_OK;
}

/* ---- all documents --------------------------------------------------------- */

typedef struct walk {
	exec *x;
	exec_places_fn *fn;
	void *ctx;
	units units;
	span_list spans;
} walk;

static cdg_status
walk_docs(walk *w, size_t seg, seg_eval *se, iter *it, bool *stop)
{
	const segment *s = &w->x->snap->segs[seg];
	uint32_t i = 0;

	for (uint32_t doc = it->seek(it, 0); doc != POST_END && !*stop; doc = it->seek(it, doc + 1)) {
		if (se->late || (++i % PLACES_STEP == 0 && exec_late(w->x)))
			break;
		if (!segment_is_live(s, doc) || !iter_confirm(it))
			continue;
		if (!units_spans(&w->units, doc, &w->spans) || se->failed)
			return err_nomem(w->x->err);
		if (se->late) /* some of its places may be left out */
			break;
		CDG_TRY(w->fn(w->ctx, s->base + doc, w->spans.s, w->spans.n, stop, w->x->err));
	}
	return CDG_OK;
}

static cdg_status
walk_segment(walk *w, size_t seg, bool *stop)
{
	seg_eval se;
	arena mem;
	iter *it;
	cdg_status st;

	arena_init(&mem);
	w->units.n = 0;
	it = exec_begin(w->x, &se, &mem, seg, false);
	if (it && units_make(&se, w->x->plan.root, &w->units))
		st = walk_docs(w, seg, &se, it, stop);
	else
		st = err_nomem(w->x->err);
	exec_late(w->x);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(&w->x->snap->segs[seg], w->x->err) : st;
}

cdg_status
exec_places(const snapshot *snap, const search_request *rq, exec_places_fn *fn, void *ctx, search_result *notes,
	    cdg_error *err)
{
	exec x = { .snap = snap, .rq = rq, .out = notes, .err = err };
	walk w = { .x = &x, .fn = fn, .ctx = ctx };
	uint64_t nomem = snapshot_nomem(snap);
	bool stop = false;
	cdg_status st;

	arena_init(&x.mem);
	st = plan_make(&x.plan, &x.mem, snap, rq, rq->root, notes, err);
	for (size_t i = 0; st == CDG_OK && i < snap->nsegs && !stop && !x.timed_out; i++)
		st = walk_segment(&w, i, &stop);
	if (st == CDG_OK && snapshot_nomem(snap) != nomem)
		st = err_nomem(err);
	notes->timed_out = x.timed_out;
	mem_free(w.units.iv);
	mem_free(w.units.node);
	mem_free(w.spans.s);
	arena_fini(&x.mem);
	return st;
}
