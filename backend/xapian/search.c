/* search.c - a search of a Xapian database: libxapian finds candidates by a
 * query that no match escapes, and backend/reference_search.c evaluates them
 * with what leaf.c says of their words.  What libxapian can answer alone it
 * does (direct.c).
 */
#include "backend/xapian/impl.h"

#include "backend/xapian/direct.h"
#include "base/file.h"

enum { DEADLINE_STEP = 64 };

/* ---- candidates -------------------------------------------------------------- */

typedef struct cand_list {
	xapc_query **q;
	size_t n, cap;
} cand_list;

static bool cand_make(xap_run *r, const ref_node *n, xapc_query **out);

static void
cand_free(xap_run *r, cand_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		r->c->b->call.query_free(l->q[i]);
	mem_free(l->q);
}

static bool
cand_push(xap_run *r, cand_list *l, xapc_query *q)
{
	if (mem_grow(&l->q, &l->cap, l->n + 1, sizeof *l->q)) {
		l->q[l->n++] = q;
		return true;
	}
	r->c->b->call.query_free(q);
	r->s.failure = err_nomem(r->err);
	return false;
}

static bool
cand_status(xap_run *r, xapc_status st)
{
	return st == XAPC_OK || xap_run_fail(r);
}

static bool
cand_combine(xap_run *r, xapc_op op, cand_list *l, xapc_query **out)
{
	const xap_calls *call = &r->c->b->call;

	if (!l->n)
		return cand_status(r, call->query_match_nothing(out, &r->c->err));
	return cand_status(r, call->query_combine(op, (const xapc_query *const *)l->q, l->n, 0, out, &r->c->err));
}

static bool
cand_term(xap_run *r, cand_list *l, xap_text key)
{
	xapc_query *q;

	return cand_status(r, r->c->b->call.query_term(key.p, key.n, 1, 0, &q, &r->c->err)) && cand_push(r, l, q);
}

/* The documents that have a value of the field. */
static bool
cand_field(xap_run *r, cand_list *l, const ref_node *n)
{
	xapc_query *q;

	if (n->field == REF_ID || !r->c->b->own)
		return cand_status(r, r->c->b->call.query_match_all(&q, &r->c->err)) && cand_push(r, l, q);
	xap_helper(&r->key, "X-F", NULL, n->q->field, strlen(n->q->field), NULL, 0);
	return cand_term(r, l, (xap_text){ (const char *)r->key.p, r->key.len });
}

static bool
cand_id(xap_run *r, cand_list *l, const q_node *q)
{
	xap_id(&r->key, q->raw ? q->raw : q->term, q->raw ? q->raw_len : q->term_len);
	return cand_term(r, l, (xap_text){ (const char *)r->key.p, r->key.len });
}

/* Could a word of a metadata field be a number or a date, whose value is compared? */
static bool
cand_is_value(const q_node *q)
{
	return q_is_value(q) || (q->type == Q_TERM && q->term_len && strchr("0123456789+-.", q->term[0]));
}

static bool
cand_words(xap_run *r, cand_list *l, const ref_node *n)
{
	const xap_leaf *leaf = n->own;
	xapc_query *q;

	if (!leaf)
		return true;
	if (leaf->begins.p) {
		if (!cand_status(r, r->c->b->call.query_wildcard(leaf->begins.p, leaf->begins.n, 0, XAPC_LIMIT_FIRST,
								  XAPC_OP_OR, &q, &r->c->err)) ||
		    !cand_push(r, l, q))
			return false;
		if (!leaf->accents.p)
			return true;
		return cand_status(r, r->c->b->call.query_wildcard(leaf->accents.p, leaf->accents.n, 0,
								   XAPC_LIMIT_FIRST, XAPC_OP_OR, &q, &r->c->err)) &&
		       cand_push(r, l, q);
	}
	if (leaf->raw.p)
		return cand_term(r, l, leaf->raw);
	for (size_t i = 0; i < leaf->nmember; i++)
		if (!cand_term(r, l, leaf->member[i].term.key))
			return false;
	return true;
}

/* Of a foreign database: has the field values, which are compared? */
static bool
cand_has_values(const xap_run *r, uint32_t field)
{
	for (size_t i = 0; i < r->nfields; i++)
		if (r->fields[i].number == field)
			return r->fields[i].type != XAP_VALUE_NONE;
	return false;
}

static bool
cand_leaf(xap_run *r, const ref_node *n, xapc_query **out)
{
	cand_list l = { 0 };
	bool ok = true, unknown = n->field == REF_UNKNOWN;

	if (!r->c->b->own && n->field >= REF_FIRST && !unknown && cand_has_values(r, n->field))
		ok = cand_field(r, &l, n);
	else if (!r->c->b->own)
		;
	else if (n->q->type == Q_TERM && n->field == REF_ID)
		ok = cand_id(r, &l, n->q);
	else if (n->field >= REF_FIRST && !unknown && cand_is_value(n->q))
		ok = cand_field(r, &l, n);
	if (ok && !n->nothing && !unknown)
		ok = cand_words(r, &l, n);
	ok = ok && cand_combine(r, XAPC_OP_OR, &l, out);
	cand_free(r, &l);
	return ok;
}

/* Of all children, by an operator. */
static bool
cand_children(xap_run *r, const ref_node *n, xapc_op op, xapc_query **out)
{
	cand_list l = { 0 };
	bool ok = true;

	for (size_t i = 0; i < n->nchild && ok; i++) {
		xapc_query *q;

		ok = cand_make(r, n->child[i], &q) && cand_push(r, &l, q);
	}
	ok = ok && cand_combine(r, op, &l, out);
	cand_free(r, &l);
	return ok;
}

/* An exact phrase of words that are one term with positions: libxapian may look at
 * the positions first. */
static bool
cand_is_plain(const ref_node *n)
{
	if (n->q->n || n->nothing || n->nchild < 2)
		return false;
	for (size_t i = 0; i < n->nchild; i++) {
		const xap_leaf *l = n->child[i]->own;
		const q_node *q = n->child[i]->q;

		if (!l || l->begins.p || l->foreign || l->strict || l->nmember != 1 || q->mode == Q_STEM ||
		    l->member[0].term.nwide || (i && q->offset <= n->child[i - 1]->q->offset))
			return false;
	}
	return true;
}

static bool
cand_phrase(xap_run *r, const ref_node *n, xapc_query **out)
{
	uint32_t window = n->child[n->nchild - 1]->q->offset - n->child[0]->q->offset + 1;
	cand_list l = { 0 };
	bool ok = true;

	for (size_t i = 0; i < n->nchild && ok; i++)
		ok = cand_term(r, &l, ((const xap_leaf *)n->child[i]->own)->member[0].term.key);
	ok = ok && cand_status(r, r->c->b->call.query_combine(XAPC_OP_PHRASE, (const xapc_query *const *)l.q, l.n,
							      window, out, &r->c->err));
	cand_free(r, &l);
	return ok;
}

/* A query that finds at least what the node matches. */
static bool
cand_make(xap_run *r, const ref_node *n, xapc_query **out)
{
	const xap_calls *call = &r->c->b->call;
	cand_list l = { 0 };
	bool ok;

	switch (n->type) {
	case Q_ALL:
		return cand_status(r, call->query_match_all(out, &r->c->err));
	case Q_TERM:
	case Q_PREFIX:
		return cand_leaf(r, n, out);
	case Q_PHRASE:
		return cand_is_plain(n) ? cand_phrase(r, n, out) : cand_children(r, n, XAPC_OP_AND, out);
	case Q_AND:
	case Q_NEAR:
	case Q_ADJ:
		return cand_children(r, n, XAPC_OP_AND, out);
	case Q_OR:
	case Q_SYN:
		return cand_children(r, n, XAPC_OP_OR, out);
	case Q_NOT:
	case Q_MAYBE:
		return n->nchild ? cand_make(r, n->child[0], out) :
				   cand_status(r, call->query_match_nothing(out, &r->c->err));
	case Q_RANGE:
		ok = n->nothing || cand_field(r, &l, n);
		ok = ok && cand_combine(r, XAPC_OP_OR, &l, out);
		cand_free(r, &l);
		return ok;
	default:
		return cand_status(r, call->query_match_nothing(out, &r->c->err));
	}
}

static bool
cand_all(xap_run *r, const ref_job *job, xapc_query **out)
{
	cand_list l = { 0 };
	xapc_query *q;
	bool ok = cand_make(r, job->root, &q) && cand_push(r, &l, q);

	for (size_t i = 0; i < r->s.rq->nfilters && ok; i++)
		ok = cand_make(r, job->filters[i], &q) && cand_push(r, &l, q);
	ok = ok && cand_combine(r, XAPC_OP_AND, &l, out);
	cand_free(r, &l);
	return ok;
}

/* Their numbers, rising. */
static bool
cand_find(xap_run *r, const xapc_query *q, xapc_mset **out)
{
	const xap_calls *call = &r->c->b->call;
	xapc_enquire *enq = NULL;
	xapc_weight *none = NULL;
	bool ok = call->enquire_new(r->c->h->db, &enq, &r->c->err) == XAPC_OK &&
		  call->weight_new_bool(&none, &r->c->err) == XAPC_OK &&
		  call->enquire_set_weighting(enq, none, &r->c->err) == XAPC_OK &&
		  call->enquire_set_docid_order(enq, XAPC_ASCENDING, &r->c->err) == XAPC_OK &&
		  call->enquire_set_query(enq, q, 0, &r->c->err) == XAPC_OK &&
		  call->enquire_mset(enq, 0, UINT32_MAX, 0, NULL, NULL, out, &r->c->err) == XAPC_OK;

	call->weight_free(none);
	call->enquire_free(enq);
	return ok || xap_run_fail(r);
}

/* ---- evaluating ---------------------------------------------------------------- */

/* The candidate as the evaluation sees it: lengths and values. */
static cdg_status
run_document(xap_run *r, ref_doc *d)
{
	xapc_count length;

	memset(d, 0, sizeof *d);
	arena_reset(&r->temp);
	if (r->c->b->shards && r->c->b->own) {
		CDG_TRY(xap_fetch(r, &d->axis.length));
		return xap_values(r, d);
	}
	XAP_TRY(r->c, r->err, r->c->b->call.database_doclength(r->c->h->db, r->did, &length, &r->c->err));
	d->axis.length = length;
	return xap_values(r, d);
}

/* A match is needed for sorting and facets, with its values. */
static cdg_status
run_retain(xap_run *r, const ref_doc *d)
{
	ref_doc *copy = arena_alloc(&r->s.mem, sizeof *copy);

	if (!copy)
		return err_nomem(r->err);
	*copy = *d;
	copy->values = arena_alloc(&r->s.mem, d->nvalues * sizeof *d->values + 1);
	if (!copy->values)
		return err_nomem(r->err);
	for (size_t i = 0; i < d->nvalues; i++) {
		copy->values[i] = d->values[i];
		if (d->values[i].type == DOC_STRING)
			copy->values[i].string.p = arena_strndup(&r->s.mem, d->values[i].string.p, d->values[i].string.n);
	}
	copy->id.p = arena_strndup(&r->s.mem, d->id.p ? d->id.p : "", d->id.n);
	r->job.at[r->job.n - 1].doc = copy;
	return r->s.mem.failed ? err_nomem(r->err) : CDG_OK;
}

static bool
run_late(const xap_run *r)
{
	uint64_t deadline = r->s.rq->deadline_ns;

	return deadline && clock_ns() > deadline;
}

/* Each candidate; *late: the time was up before the last. */
static cdg_status
run_each(xap_run *r, const xapc_mset *m, bool *late)
{
	const search_request *rq = r->s.rq;
	const xap_calls *call = &r->c->b->call;
	xapc_count n = call->mset_size(m), step = r->c->b->shards ? 1 : DEADLINE_STEP;

	xap_run_rewind(r);
	for (xapc_count i = 0; i < n && !*late; i++) {
		size_t had = r->job.n;
		ref_doc d;

		if (i % step == step - 1)
			*late = run_late(r);
		XAP_TRY(r->c, r->err, call->mset_docid(m, i, &r->did, &r->c->err));
		CDG_TRY(run_document(r, &d));
		CDG_TRY(ref_job_offer(&r->s, &r->job, &d, r->did - 1, r->err));
		if (r->job.n && (r->job.n != had || r->job.at[r->job.n - 1].hit.doc == r->did - 1) &&
		    (rq->nsort || rq->nfacets))
			CDG_TRY(run_retain(r, &d));
	}
	return CDG_OK;
}

cdg_status
xap_candidates(xap_run *r, const xapc_query *also, bool *late)
{
	const xap_calls *call = &r->c->b->call;
	xapc_query *q = NULL, *both = NULL;
	xapc_mset *m = NULL;
	cdg_status st;

	if (!cand_all(r, &r->job, &q))
		return r->s.failure ? r->s.failure : err_nomem(r->err);
	if (also && call->query_combine(XAPC_OP_AND, (const xapc_query *[]){ q, also }, 2, 0, &both, &r->c->err) != XAPC_OK) {
		call->query_free(q);
		return xap_fail(r->c, r->err);
	}
	st = cand_find(r, both ? both : q, &m) ? run_each(r, m, late) : r->s.failure;
	call->mset_free(m);
	call->query_free(both);
	call->query_free(q);
	return st;
}

/* Fields of sort keys and facets must be read, too. */
static void
run_note_fields(xap_run *r)
{
	const search_request *rq = r->s.rq;

	for (size_t i = 0; i < rq->nsort; i++)
		if (rq->sort[i].kind == SORT_FIELD)
			xap_source.field(&r->s, rq->sort[i].field);
	for (size_t i = 0; i < rq->nfacets; i++) {
		xap_source.field(&r->s, rq->facets[i].field);
		if (rq->facets[i].bare)
			xap_source.field(&r->s, "date");
	}
}

static cdg_status
run_search(xap_run *r)
{
	const search_request *rq = r->s.rq;
	search_result *out = r->s.out;
	bool late = false, done = false;

	run_note_fields(r);
	CDG_TRY(ref_job_plan(&r->s, rq->root, &r->job, r->err));
	CDG_TRY(xap_direct(r, &done));
	if (done)
		return CDG_OK;
	out->executor = "candidates of libxapian";
	CDG_TRY(xap_candidates(r, NULL, &late));
	if (!r->job.n && rq->relaxed && !late) {
		CDG_TRY(ref_job_plan(&r->s, rq->relaxed, &r->job, r->err));
		r->job.any = ref_alternatives(r->job.root);
		CDG_TRY(xap_candidates(r, NULL, &late));
		out->relaxed = r->job.n > 0;
	}
	CDG_TRY(ref_job_finish(&r->s, &r->job, r->err));
	out->timed_out = late;
	out->total_exact = !late;
	return CDG_OK;
}

/* ---- begin and end ---------------------------------------------------------------- */

cdg_status
xap_run_init(xap_run *r, xap_call *c, const search_request *rq, search_result *out, cdg_error *err)
{
	xapc_count ndocs;

	memset(r, 0, sizeof *r);
	xap_told_trim(c->h);
	r->c = c;
	r->err = err;
	r->s.rq = rq;
	r->s.out = out;
	r->s.source = &xap_source;
	r->s.source_ctx = r;
	r->s.langs = rq->langs ? rq->langs : c->b->langs;
	arena_init(&r->s.mem);
	arena_init(&r->s.scratch);
	arena_init(&r->temp);
	XAP_TRY(c, err, c->b->call.database_doccount(c->h->db, &ndocs, &c->err));
	r->s.ndocs = ndocs;
	XAP_TRY(c, err, c->b->call.database_average_length(c->h->db, &r->s.xapian_average, &c->err));
	r->s.an = text_analyzer_new(err);
	return r->s.an ? CDG_OK : CDG_E_NOMEM;
}

void
xap_run_fini(xap_run *r)
{
	xap_run_rewind(r);
	xap_fetched_free(r);
	mem_free(r->terms);
	mem_free(r->fields);
	mem_free(r->a.p);
	mem_free(r->b.p);
	mem_free(r->w.p);
	mem_free(r->job.at);
	r->c->b->call.stem_free(r->stem);
	buf_fini(&r->key);
	buf_fini(&r->scratch);
	buf_fini(&r->data);
	arena_fini(&r->temp);
	ref_search_fini(&r->s);
}

/* What could not be searched makes the answer a part of one. */
static void
search_missing(const xap_call *c, search_result *out)
{
	const shards_use *use = &c->h->use;
	char text[512];

	if (!use->missing)
		return;
	out->total_exact = false;
	for (size_t i = 0; i < shards_count(c->b->shards); i++)
		if (use->replica[i] < 0) {
			shards_describe(c->b->shards, i, text, sizeof text);
			search_warn(out, "partial: %s", text);
		}
}

typedef struct search_args {
	const search_request *rq;
	search_result *out;
} search_args;

static cdg_status
search_on(xap_call *c, void *ctx, cdg_error *err)
{
	search_args *a = ctx;
	xap_run r;
	cdg_status st;

	memset(a->out, 0, sizeof *a->out);
	st = xap_run_init(&r, c, a->rq, a->out, err);
	if (st == CDG_OK)
		st = run_search(&r);
	if (st == CDG_OK)
		st = r.s.failure;
	xap_run_fini(&r);
	if (st == CDG_OK)
		search_missing(c, a->out);
	else
		search_result_fini(a->out);
	return st;
}

cdg_status
xap_search(const backend *b, const search_request *rq, search_result *out, cdg_error *err)
{
	search_request limited = *rq;
	search_args a = { &limited, out };

	if (((const xap_backend *)(const void *)b)->shards && !limited.deadline_ns)
		limited.deadline_ns = clock_ns() + (uint64_t)SHARDS_LIMIT_MS * 1000000;
	return xap_with_limit(b, limited.deadline_ns, search_on, &a, err);
}

/* ---- places -------------------------------------------------------------------------- */

typedef struct spans_args {
	const search_request *rq;
	uint64_t doc;
	search_span **spans;
	size_t *n;
} spans_args;

static cdg_status
spans_run(xap_run *r, const spans_args *a)
{
	ref_spans places = { 0 };
	int64_t units = 0;
	ref_doc d;

	CDG_TRY(ref_job_plan(&r->s, a->rq->root, &r->job, r->err));
	r->did = (xapc_docid)(a->doc + 1);
	CDG_TRY(run_document(r, &d));
	if (a->rq->relaxed && !ref_matches(&r->s, r->job.root, &d, &units) && !r->s.failure) {
		xap_run_rewind(r);
		CDG_TRY(ref_job_plan(&r->s, a->rq->relaxed, &r->job, r->err));
	}
	xap_run_rewind(r);
	ref_places(&r->s, r->job.root, &d, &places);
	if (r->s.failure || r->s.scratch.failed)
		return r->s.failure ? r->s.failure : err_nomem(r->err);
	if (!places.n)
		return CDG_OK;
	*a->spans = mem_dup(places.at, places.n * sizeof **a->spans);
	*a->n = *a->spans ? places.n : 0;
	return *a->spans ? CDG_OK : err_nomem(r->err);
}

static cdg_status
spans_on(xap_call *c, void *ctx, cdg_error *err)
{
	const spans_args *a = ctx;
	search_result ignored = { 0 };
	xap_run r;
	cdg_status st = xap_run_init(&r, c, a->rq, &ignored, err);

	if (st == CDG_OK)
		st = xap_has_shard(c, a->doc, err);
	if (st == CDG_OK)
		st = spans_run(&r, a);
	xap_run_fini(&r);
	search_result_fini(&ignored);
	return st;
}

cdg_status
xap_spans(const backend *b, const search_request *rq, uint64_t doc, search_span **spans, size_t *n, cdg_error *err)
{
	spans_args a = { rq, doc, spans, n };

	*spans = NULL;
	*n = 0;
	return xap_with_limit(b, rq->deadline_ns, spans_on, &a, err);
}
