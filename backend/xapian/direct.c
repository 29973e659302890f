/* direct.c - see direct.h.
 *
 * What is left to libxapian: words of one term that never covers several
 * positions, joined by AND, OR, NOT and MAYBE, and conditions that are sets of
 * documents by terms.  A phrase is not: here it weighs as one, by its own
 * occurrences, and libxapian adds up the weights of its words.
 */
#include "backend/xapian/direct.h"

#include <math.h>

#include "base/file.h"

enum { DIRECT_MORE = 16 };

typedef struct direct_list {
	xapc_query *q[2];   /* joined so far, and the next */
	bool any;
} direct_list;

static bool direct_make(xap_run *r, const ref_node *n, bool scored, xapc_query **out);

/* Not expressible, or a failure (r->s.failure). */
static bool
direct_status(xap_run *r, xapc_status st)
{
	return st == XAPC_OK || xap_run_fail(r);
}

/* l := l op q; frees q. */
static bool
direct_join(xap_run *r, direct_list *l, xapc_op op, xapc_query *q)
{
	const xap_calls *call = &r->c->b->call;
	xapc_query *joined;
	bool ok;

	l->q[1] = q;
	if (!l->any) {
		l->q[0] = q;
		l->any = true;
		return true;
	}
	ok = direct_status(r, call->query_combine(op, (const xapc_query *const *)l->q, 2, 0, &joined, &r->c->err));
	call->query_free(l->q[0]);
	call->query_free(q);
	l->q[0] = ok ? joined : NULL;
	return ok;
}

/* The list as a query; nothing in it matches nothing. */
static bool
direct_take(xap_run *r, direct_list *l, bool ok, xapc_query **out)
{
	const xap_calls *call = &r->c->b->call;

	if (ok && !l->any)
		return direct_status(r, call->query_match_nothing(out, &r->c->err));
	if (!ok && l->any)
		call->query_free(l->q[0]);
	*out = l->q[0];
	return ok;
}

/* *q := what it finds, weighing `factor` times; 0: no weight. */
static bool
direct_scale(xap_run *r, double factor, xapc_query **q)
{
	const xap_calls *call = &r->c->b->call;
	xapc_query *scaled;
	bool ok;

	if (factor == 1)
		return true;
	ok = direct_status(r, call->query_scale(*q, factor, &scaled, &r->c->err));
	call->query_free(*q);
	*q = ok ? scaled : NULL;
	return ok;
}

/* ---- words --------------------------------------------------------------------- */

static bool
direct_term(xap_run *r, direct_list *l, xap_text key)
{
	xapc_query *q;

	return direct_status(r, r->c->b->call.query_term(key.p, key.n, 1, 0, &q, &r->c->err)) &&
	       direct_join(r, l, XAPC_OP_OR, q);
}

static bool
direct_begins(xap_run *r, direct_list *l, xap_text begins)
{
	xapc_query *q;

	return !begins.p || (direct_status(r, r->c->b->call.query_wildcard(begins.p, begins.n, 0, XAPC_LIMIT_FIRST,
									   XAPC_OP_OR, &q, &r->c->err)) &&
			     direct_join(r, l, XAPC_OP_OR, q));
}

/* Where the term covers several positions it occurs once more than libxapian counts;
 * `all`: and wherever it is. */
static bool
direct_split(xap_run *r, const xap_term *t, bool all)
{
	xap_text *more = arena_alloc(&r->s.mem, (r->nsplit + t->nwide + 1) * sizeof *more);

	if (!more)
		return xap_run_nomem(r);
	if (r->nsplit)
		memcpy(more, r->split, r->nsplit * sizeof *more);
	for (size_t i = 0; i < t->nwide; i++)
		more[r->nsplit++] = t->wide[i].key;
	if (all)
		more[r->nsplit++] = t->key;
	r->split = more;
	return true;
}

/* Does libxapian weigh the word as we do: by one term, each occurrence once, but in
 * the documents of r->split?  Of several stems that is the most frequent; the others,
 * of other languages, are mostly rare. */
static bool
direct_weighs(xap_run *r, const xap_leaf *leaf)
{
	size_t main = 0;

	if (leaf->begins.p || leaf->strict || (leaf->nmember > 1 && !leaf->member[0].term.stem))
		return false;
	for (size_t i = 1; i < leaf->nmember; i++)
		main = leaf->member[i].term.df > leaf->member[main].term.df ? i : main;
	for (size_t i = 0; i < leaf->nmember; i++)
		if (!direct_split(r, &leaf->member[i].term, i != main) || !direct_split(r, &leaf->member[i].word, false))
			return false;
	return true;
}

/* Values of metadata that are compared as numbers or dates, or whole. */
static bool
direct_is_value(const ref_node *n)
{
	const q_node *q = n->q;
	const xap_leaf *leaf = n->own;

	return n->field >= REF_FIRST && ((leaf && leaf->foreign) ||
	       n->field == REF_ID || q_is_value(q) || (q->term_len && strchr("0123456789+-.", q->term[0])));
}

static bool
direct_word(xap_run *r, const ref_node *n, bool scored, xapc_query **out)
{
	const xap_leaf *leaf = n->own;
	direct_list l = { 0 };
	bool ok = true;

	scored &= n->scored && n->field < REF_FIRST;
	if (n->field == REF_UNKNOWN || n->nothing)
		return direct_take(r, &l, n->field == REF_UNKNOWN || !direct_is_value(n), out);
	if (direct_is_value(n) || (scored && !direct_weighs(r, leaf)) || (leaf->strict && !leaf->raw.p) ||
	    (leaf->strict && n->ask_hyphen))
		return false;
	if (leaf->begins.p)
		ok = direct_begins(r, &l, leaf->begins) && direct_begins(r, &l, leaf->accents);
	else if (leaf->raw.p)
		ok = direct_term(r, &l, leaf->raw);
	for (size_t i = 0; ok && !leaf->begins.p && !leaf->raw.p && i < leaf->nmember; i++)
		ok = direct_term(r, &l, leaf->member[i].term.key);
	return direct_take(r, &l, ok, out) && direct_scale(r, scored ? (double)n->boost : 0, out);
}

/* ---- the tree ---------------------------------------------------------------------- */

static bool
direct_children(xap_run *r, const ref_node *n, size_t from, xapc_op op, bool scored, xapc_query **out)
{
	direct_list l = { 0 };
	bool ok = true;

	for (size_t i = from; i < n->nchild && ok; i++) {
		xapc_query *q;

		ok = direct_make(r, n->child[i], scored, &q) && direct_join(r, &l, op, q);
	}
	return direct_take(r, &l, ok, out);
}

/* The first child op the others, of which any will do. */
static bool
direct_first(xap_run *r, const ref_node *n, xapc_op op, bool scored, xapc_query **out)
{
	direct_list l = { 0 };
	xapc_query *q;
	bool ok;

	if (!n->nchild)
		return direct_take(r, &l, true, out);
	ok = direct_make(r, n->child[0], scored, &q) && direct_join(r, &l, op, q);
	if (ok && n->nchild > 1)
		ok = direct_children(r, n, 1, XAPC_OP_OR, scored && op == XAPC_OP_AND_MAYBE, &q) &&
		     direct_join(r, &l, op, q);
	return direct_take(r, &l, ok, out);
}

/* A field that has any value at all. */
static bool
direct_range(xap_run *r, const ref_node *n, xapc_query **out)
{
	direct_list l = { 0 };
	const q_node *q = n->q;

	if (n->nothing)
		return direct_take(r, &l, true, out);
	if (q->lo || q->hi || n->field == REF_ID || !r->c->b->own)
		return false;
	xap_helper(&r->key, "X-F", NULL, q->field, strlen(q->field), NULL, 0);
	return direct_take(r, &l, direct_term(r, &l, (xap_text){ (const char *)r->key.p, r->key.len }), out) &&
	       direct_scale(r, 0, out);
}

static bool
direct_make(xap_run *r, const ref_node *n, bool scored, xapc_query **out)
{
	direct_list none = { 0 };

	switch (n->type) {
	case Q_NONE:
		return direct_take(r, &none, true, out);
	case Q_ALL:
		return direct_status(r, r->c->b->call.query_match_all(out, &r->c->err)) && direct_scale(r, 0, out);
	case Q_TERM:
	case Q_PREFIX:
		return direct_word(r, n, scored, out);
	case Q_AND:
		return direct_children(r, n, 0, XAPC_OP_AND, scored, out);
	case Q_OR:
		return direct_children(r, n, 0, XAPC_OP_OR, scored, out);
	case Q_SYN:
		return !(n->unit && n->scored && scored) && direct_children(r, n, 0, XAPC_OP_OR, false, out);
	case Q_NOT:
		return direct_first(r, n, XAPC_OP_AND_NOT, scored, out);
	case Q_MAYBE:
		return direct_first(r, n, XAPC_OP_AND_MAYBE, scored, out);
	case Q_RANGE:
		return direct_range(r, n, out);
	default:
		return false;
	}
}

static bool
direct_all(xap_run *r, xapc_query **out)
{
	direct_list l = { 0 };
	xapc_query *q;
	bool ok = direct_make(r, r->job.root, true, &q) && direct_join(r, &l, XAPC_OP_FILTER, q);

	for (size_t i = 0; i < r->s.rq->nfilters && ok; i++)
		ok = direct_make(r, r->job.filters[i], false, &q) && direct_join(r, &l, XAPC_OP_FILTER, q);
	return direct_take(r, &l, ok, out);
}

/* ---- asking --------------------------------------------------------------------------- */

static int
direct_compare(const void *a, const void *b)
{
	const search_hit *x = a, *y = b;

	if (x->units != y->units)
		return x->units > y->units ? -1 : 1;
	return x->doc < y->doc ? -1 : x->doc > y->doc;
}

static bool
direct_hits(xap_run *r, const xapc_mset *m, search_hit *hits, xapc_count n)
{
	const xap_calls *call = &r->c->b->call;

	for (xapc_count i = 0; i < n; i++) {
		xapc_docid did;
		double w;

		if (call->mset_docid(m, i, &did, &r->c->err) != XAPC_OK ||
		    call->mset_weight(m, i, &w, &r->c->err) != XAPC_OK)
			return xap_run_fail(r);
		hits[i].doc = did - 1;
		hits[i].units = (int32_t)lrint(w * (double)r->s.scale);
		hits[i].score = (float)((double)hits[i].units / (double)r->s.scale);
	}
	if (n > 1)
		qsort(hits, n, sizeof *hits, direct_compare);
	return true;
}

/* The best `want`; *more: how many were asked for do not settle which those are,
 * for the last are equal but for the rounding of sums. */
static cdg_status
direct_page(xap_run *r, const xapc_mset *m, xapc_count asked, bool *more)
{
	const search_request *rq = r->s.rq;
	search_result *out = r->s.out;
	xapc_count n = r->c->b->call.mset_size(m);
	size_t want = (size_t)rq->offset + rq->limit, from = min_size(rq->offset, n);
	search_hit *hits = mem_alloc((n + 1) * sizeof *hits);

	if (!hits)
		return err_nomem(r->err);
	if (!direct_hits(r, m, hits, n)) {
		mem_free(hits);
		return r->s.failure;
	}
	*more = rq->limit && n == asked && n > want && hits[n - 1].units == hits[want - 1].units;
	out->nhits = min_size(rq->limit, n - from);
	memmove(hits, hits + from, out->nhits * sizeof *hits);
	mem_free(out->hits);
	out->hits = hits;
	return CDG_OK;
}

/* Seconds left, after which libxapian stops counting. */
static double
direct_seconds(uint64_t deadline_ns)
{
	uint64_t now = clock_ns();

	return deadline_ns > now ? (double)(deadline_ns - now) * 1e-9 : 1e-6;
}

static cdg_status
direct_ask(xap_run *r, xapc_enquire *enq)
{
	const search_request *rq = r->s.rq;
	const xap_calls *call = &r->c->b->call;
	search_result *out = r->s.out;
	xapc_count least = rq->want_total ? UINT32_MAX : rq->limit ? 0 : 1;
	uint64_t asked = rq->limit ? (uint64_t)rq->offset + rq->limit + DIRECT_MORE : 0;

	if (rq->deadline_ns && call->enquire_set_time_limit(enq, direct_seconds(rq->deadline_ns), &r->c->err) != XAPC_OK)
		return xap_fail(r->c, r->err);
	for (bool more = true; more; asked *= 4) {
		xapc_count max = asked < UINT32_MAX ? (xapc_count)asked : UINT32_MAX;
		xapc_mset *m = NULL;
		xapc_matches n = { 0 };
		cdg_status st = CDG_OK;

		if (call->enquire_mset(enq, 0, max, least, NULL, NULL, &m, &r->c->err) != XAPC_OK ||
		    call->mset_matches(m, &n, &r->c->err) != XAPC_OK)
			st = xap_fail(r->c, r->err);
		more = false;
		if (st == CDG_OK)
			st = direct_page(r, m, max, &more);
		call->mset_free(m);
		if (st != CDG_OK)
			return st;
		out->total = n.lower;
		out->total_exact = n.lower == n.upper;
		out->timed_out = rq->want_total && !out->total_exact;
		more &= max < UINT32_MAX;
	}
	return CDG_OK;
}

static cdg_status
direct_run(xap_run *r, const xapc_query *q)
{
	const bm25_xapian *p = &r->s.rq->xbm25;
	const xap_calls *call = &r->c->b->call;
	xapc_enquire *enq = NULL;
	xapc_weight *w = NULL;
	cdg_status st;

	if (call->enquire_new(r->c->h->db, &enq, &r->c->err) == XAPC_OK &&
	    call->weight_new_bm25(p->k1, p->k2, p->k3, p->b, p->min_normlen, &w, &r->c->err) == XAPC_OK &&
	    call->enquire_set_weighting(enq, w, &r->c->err) == XAPC_OK &&
	    call->enquire_set_docid_order(enq, XAPC_ASCENDING, &r->c->err) == XAPC_OK &&
	    call->enquire_set_query(enq, q, 0, &r->c->err) == XAPC_OK)
		st = direct_ask(r, enq);
	else
		st = xap_fail(r->c, r->err);
	call->weight_free(w);
	call->enquire_free(enq);
	return st;
}

/* ---- documents that libxapian weighs otherwise ----------------------------------------- */

static bool
split_query(xap_run *r, xapc_query **out)
{
	xapc_bytes *terms = arena_alloc(&r->s.mem, r->nsplit * sizeof *terms);

	if (!terms)
		return xap_run_nomem(r);
	for (size_t i = 0; i < r->nsplit; i++)
		terms[i] = (xapc_bytes){ r->split[i].p, r->split[i].n };
	return direct_status(r, r->c->b->call.query_combine_terms(XAPC_OP_OR, terms, r->nsplit, 0, out, &r->c->err));
}

/* What libxapian found joins the matches; then those of `some` are evaluated. */
static cdg_status
split_rest(xap_run *r, const xapc_query *some)
{
	search_result *out = r->s.out;
	ref_job *job = &r->job;
	uint64_t more = out->total - min_size(out->total, out->nhits);
	bool late = false, exact = out->total_exact, timed_out = out->timed_out;

	if (!mem_grow(&job->at, &job->cap, job->n + out->nhits + 1, sizeof *job->at))
		return err_nomem(r->err);
	for (size_t i = 0; i < out->nhits; i++)
		job->at[job->n++] = (ref_matched){ .hit = out->hits[i] };
	mem_free(out->hits);
	out->hits = NULL;
	out->nhits = 0;
	CDG_TRY(xap_candidates(r, some, &late));
	CDG_TRY(ref_job_finish(&r->s, job, r->err));
	out->total += more;
	out->total_exact = exact && !late;
	out->timed_out = timed_out || late;
	return CDG_OK;
}

/* Those without the terms of r->split by libxapian, whatever page is asked for; the
 * others by their candidates. */
static cdg_status
split_run(xap_run *r, const xapc_query *q)
{
	const xap_calls *call = &r->c->b->call;
	const search_request *rq = r->s.rq;
	search_request all = *rq;
	xapc_query *some, *others = NULL;
	cdg_status st = CDG_OK;

	if (!split_query(r, &some))
		return r->s.failure;
	all.limit = rq->limit ? rq->offset + rq->limit : 0;
	all.offset = 0;
	if (call->query_combine(XAPC_OP_AND_NOT, (const xapc_query *[]){ q, some }, 2, 0, &others, &r->c->err) != XAPC_OK)
		st = xap_fail(r->c, r->err);
	r->s.rq = &all;
	if (st == CDG_OK)
		st = direct_run(r, others);
	r->s.rq = rq;
	if (st == CDG_OK)
		st = split_rest(r, some);
	call->query_free(others);
	call->query_free(some);
	return st;
}

cdg_status
xap_direct(xap_run *r, bool *done)
{
	const search_request *rq = r->s.rq;
	xapc_query *q = NULL;
	cdg_status st;

	*done = false;
	if (rq->nsort || rq->nfacets || rq->exhaustive || rq->xbm25.k2 > 0)
		return CDG_OK;
	if (!direct_all(r, &q))
		return r->s.failure; /* CDG_OK: it is not for libxapian alone */
	st = r->nsplit ? split_run(r, q) : direct_run(r, q);
	r->c->b->call.query_free(q);
	if (st != CDG_OK)
		return st;
	*done = r->s.out->total || r->s.out->nhits || !rq->relaxed;
	r->s.out->executor = r->nsplit ? "libxapian, and candidates" : "libxapian alone";
	if (!*done) {
		mem_free(r->s.out->hits);
		r->s.out->hits = NULL;
	}
	return CDG_OK;
}
