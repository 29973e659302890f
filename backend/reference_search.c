/* reference_search.c - which documents a tree matches, with what score, in what
 * order; the fall-back; facets; highlighted places.
 *
 * Every document is looked at, every match is kept, all are sorted.
 */
#define _GNU_SOURCE
#include "backend/reference_impl.h"

#include "engine/dict.h"
#include "engine/doctab.h"

/* ---- state -------------------------------------------------------------------- */

static float
search_average_titled(uint64_t text, uint64_t title, uint64_t ndocs, float weight)
{
	double sum = (double)text + ((double)weight - 1.0) * (double)title;
	float avg = ndocs ? (float)(sum / (double)ndocs) : 1.0f;

	return avg > 0 ? avg : 1.0f;
}

cdg_status
ref_search_init(ref_search *s, const ref_index *ref, const search_request *rq, search_result *out,
		cdg_error *err)
{
	uint64_t tokens[2] = { 0 };

	memset(s, 0, sizeof *s);
	s->ref = ref;
	s->rq = rq;
	s->out = out;
	s->langs = rq->langs ? rq->langs : ref_langs(ref);
	arena_init(&s->mem);
	arena_init(&s->scratch);
	for (size_t i = 0; i < ref->ndocs; i++) {
		tokens[0] += ref->docs[i].axis.length;
		tokens[1] += ref->docs[i].name.length;
	}
	for (int f = 0; f < 2; f++)
		s->avg[f] = bm25_avg(tokens[f], ref->ndocs);
	s->xapian_average = ref->ndocs ? (double)(tokens[0] + tokens[1]) / (double)ref->ndocs : 0;
	s->avg_titled = search_average_titled(tokens[0], tokens[1], ref->ndocs, rq->title_weight);
	s->an = text_analyzer_new(err);
	return s->an ? CDG_OK : CDG_E_NOMEM;
}

void
ref_search_fini(ref_search *s)
{
	arena_fini(&s->mem);
	arena_fini(&s->scratch);
	if (s->an)
		text_analyzer_free(s->an);
}

/* ---- one document --------------------------------------------------------------- */

static float
search_length(uint32_t tokens)
{
	return (float)norm_decode(norm_encode(tokens));
}

static double
search_xapian_length(const ref_search *s, const ref_doc *d)
{
	return bm25_xapian_length(&s->rq->xbm25, (double)d->axis.length + (double)d->name.length,
				  s->xapian_average);
}

/* What a match gets besides. */
static int32_t
search_xapian_extra(const ref_search *s, const ref_doc *d)
{
	if (!s->rq->xapian || !(s->rq->xbm25.k2 > 0) || !s->xapian_units)
		return 0;
	return (int32_t)lrint(bm25_xapian_extra(&s->rq->xbm25, s->xapian_units, search_xapian_length(s, d)) *
			      (double)s->scale);
}

/* BM25 of a unit that has these spans. */
static int32_t
search_score(ref_search *s, const ref_node *n, const ref_doc *d, const ref_spans *spans)
{
	float tf = (float)spans->n, dl, inv;

	if (n->field >= REF_FIRST || !n->scored)
		return 0;
	if (s->rq->xapian)
		return (int32_t)lrint(bm25_xapian_score(&s->rq->xbm25, (double)n->boost * n->xidf, spans->n,
							search_xapian_length(s, d)) *
				      (double)s->scale);
	if (n->field == REF_TITLE) {
		inv = bm25_inv(s->rq->bm25, search_length(d->name.length), s->avg[1]);
		return bm25_score(n->weight, tf, inv, s->scale);
	}
	dl = search_length(d->axis.length);
	if (s->rq->title_weight != 1.0f) {
		float extra = s->rq->title_weight - 1.0f;
		uint32_t in_title = 0;

		for (size_t i = 0; i < spans->n; i++)
			in_title += spans->at[i].start < d->title_end;
		tf += extra * (float)in_title;
		dl += extra * search_length(d->name.length);
		inv = bm25_inv(s->rq->bm25, dl, s->avg_titled);
	} else {
		inv = bm25_inv(s->rq->bm25, dl, s->avg[0]);
	}
	return bm25_score(n->weight, tf, inv, s->scale);
}

/* A word, a whole value, or alternatives of such, against the values of a
 * metadata field. */
static bool
search_values(const ref_node *n, const ref_doc *d)
{
	const q_node *q = n->q;
	bool whole = q_is_value(q);
	const char *p = whole ? q->raw : q->term;
	size_t len = whole ? q->raw_len : q->term_len;

	if (n->type == Q_SYN)
		for (size_t i = 0; i < n->nchild; i++)
			if (search_values(n->child[i], d))
				return true;
	if (n->type != Q_TERM || n->field < REF_FIRST || n->field == REF_UNKNOWN || !p)
		return false;
	if (q->mode == Q_GLOB) {
		for (size_t i = 0; i < d->nvalues; i++)
			if (d->values[i].field == n->field && ref_value_globs(&d->values[i], q->raw, q->raw_len))
				return true;
		return false;
	}
	if (n->field == REF_ID)
		return q->raw ? !ref_compare_bytes(d->id.p, d->id.n, q->raw, q->raw_len) :
				!ref_compare_bytes(d->id.p, d->id.n, p, len);
	for (size_t i = 0; i < d->nvalues; i++)
		if (d->values[i].field == n->field && ref_value_is(&d->values[i], p, len, whole))
			return true;
	return false;
}

static bool
search_unit(ref_search *s, const ref_node *n, const ref_doc *d, int64_t *units)
{
	ref_spans spans = ref_find(s, n, d);

	if (spans.n)
		*units += search_score(s, n, d, &spans);
	return spans.n > 0 || search_values(n, d);
}

/* An identifier is a string; a very long one counts by the key that the index
 * keeps of it. */
static bool
search_id_range(const ref_node *n, const ref_doc *d)
{
	char key[DICT_KEY_MAX];
	ref_value v = { .type = DOC_STRING, .string = { key, 0 } };

	v.string.n = dict_id_key(d->id.p, d->id.n, key);
	return ref_value_between(&v, n->q);
}

static bool
search_range(const ref_node *n, const ref_doc *d)
{
	if (n->nothing)
		return false;
	if (n->field == REF_ID)
		return search_id_range(n, d);
	for (size_t i = 0; i < d->nvalues; i++)
		if (d->values[i].field == n->field && ref_value_between(&d->values[i], n->q))
			return true;
	return false;
}

/* Does d match?  Then its score is added to *units. */
static bool
search_matches(ref_search *s, const ref_node *n, const ref_doc *d, int64_t *units)
{
	int64_t sum = 0, ignored = 0;
	size_t matched = 0;
	bool yes;

	if (n->unit)
		return search_unit(s, n, d, units);
	switch (n->type) {
	case Q_ALL:
		return true;
	case Q_RANGE:
		return search_range(n, d);
	case Q_AND:
	case Q_OR:
		for (size_t i = 0; i < n->nchild; i++)
			matched += search_matches(s, n->child[i], d, &sum);
		yes = matched && (n->type == Q_OR || matched == n->nchild);
		break;
	case Q_NOT:
		yes = n->nchild && search_matches(s, n->child[0], d, &sum);
		for (size_t i = 1; yes && i < n->nchild; i++)
			yes = !search_matches(s, n->child[i], d, &ignored);
		break;
	case Q_MAYBE:
		yes = n->nchild && search_matches(s, n->child[0], d, &sum);
		for (size_t i = 1; yes && i < n->nchild; i++)
			search_matches(s, n->child[i], d, &sum);
		break;
	default:
		return false;
	}
	if (yes)
		*units += sum;
	return yes;
}

/* ---- all documents ---------------------------------------------------------------- */

/* What a search looks for. */
typedef struct search_job {
	ref_node *root;
	ref_node **filters;
	const ref_node *any; /* the OR of a fall-back, or NULL */
} search_job;

typedef struct search_matched {
	search_hit *at;
	size_t n, cap;
	uint32_t clauses; /* of the fall-back, matched by these */
} search_matched;

static cdg_status
search_plan(ref_search *s, const q_node *root, search_job *job, cdg_error *err)
{
	double extra;

	memset(job, 0, sizeof *job);
	s->xapian_units = 0;
	job->root = ref_plan(s, root, true);
	job->filters = arena_zalloc(&s->mem, (s->rq->nfilters + 1) * sizeof *job->filters);
	if (!job->root || !job->filters)
		return err_nomem(err);
	extra = s->rq->xapian ? bm25_xapian_extra(&s->rq->xbm25, s->xapian_units, s->rq->xbm25.min_normlen) : 0;
	s->scale = bm25_scale(ref_plan_weights(job->root) + extra);
	for (size_t i = 0; i < s->rq->nfilters; i++) {
		job->filters[i] = ref_plan(s, s->rq->filters[i], false);
		if (!job->filters[i])
			return err_nomem(err);
	}
	return CDG_OK;
}

static bool
search_filtered(ref_search *s, const search_job *job, const ref_doc *d)
{
	int64_t ignored = 0;

	for (size_t i = 0; i < s->rq->nfilters; i++)
		if (!search_matches(s, job->filters[i], d, &ignored))
			return false;
	return true;
}

/* How many alternatives of the fall-back the document has. */
static uint32_t
search_clauses(ref_search *s, const ref_node *any, const ref_doc *d)
{
	uint32_t n = 0;
	int64_t ignored = 0;

	for (size_t i = 0; i < any->nchild; i++)
		n += search_matches(s, any->child[i], d, &ignored);
	return n;
}

/* All that match; with job->any only those that match most of its clauses. */
static cdg_status
search_all(ref_search *s, const search_job *job, search_matched *m, cdg_error *err)
{
	for (size_t i = 0; i < s->ref->ndocs; i++) {
		const ref_doc *d = &s->ref->docs[i];
		int64_t units = 0;
		uint32_t clauses = 0;
		bool yes;

		arena_reset(&s->scratch);
		yes = !d->dead && search_filtered(s, job, d) &&
		      search_matches(s, job->root, d, &units);
		if (yes && job->any)
			clauses = search_clauses(s, job->any, d);
		if (s->scratch.failed)
			return err_nomem(err);
		if (!yes || clauses < m->clauses)
			continue;
		if (clauses > m->clauses)
			m->n = 0;
		m->clauses = clauses;
		units += search_xapian_extra(s, d);
		if (!mem_grow(&m->at, &m->cap, m->n + 1, sizeof *m->at))
			return err_nomem(err);
		m->at[m->n++] = (search_hit){ i, (float)((double)units / (double)s->scale),
					      (int32_t)units };
	}
	return CDG_OK;
}

/* The alternatives in a relaxed tree: NOT(AND(OR, ...), ...) or less. */
static const ref_node *
search_alternatives(const ref_node *n)
{
	if (n->type == Q_NOT && n->nchild)
		return search_alternatives(n->child[0]);
	if (n->type == Q_OR)
		return n;
	if (n->type == Q_AND)
		for (size_t i = 0; i < n->nchild; i++)
			if (n->child[i]->type == Q_OR)
				return n->child[i];
	return NULL;
}

/* ---- order --------------------------------------------------------------------------- */

typedef struct search_order {
	const ref_index *ref;
	const search_request *rq;
	const uint32_t *fields; /* of the sort keys */
} search_order;

static int
order_field(const search_order *o, uint32_t field, bool descending, const search_hit *a,
	    const search_hit *b)
{
	const ref_value *x = ref_value_first(&o->ref->docs[a->doc], field);
	const ref_value *y = ref_value_first(&o->ref->docs[b->doc], field);
	int c;

	if (!x || !y)
		return (x == NULL) - (y == NULL); /* missing last, either way */
	c = ref_value_compare(x, y);
	return descending ? -c : c;
}

static int
order_compare(const void *pa, const void *pb, void *ctx)
{
	const search_hit *a = pa, *b = pb;
	const search_order *o = ctx;

	for (size_t i = 0; i < o->rq->nsort; i++) {
		const sort_key *key = &o->rq->sort[i];
		int c;

		if (key->kind == SORT_SCORE) {
			c = (a->units > b->units) - (a->units < b->units);
			c = key->descending ? -c : c;
		} else {
			c = order_field(o, o->fields[i], key->descending, a, b);
		}
		if (c)
			return c;
	}
	if (!o->rq->nsort && a->units != b->units)
		return a->units > b->units ? -1 : 1;
	return (a->doc > b->doc) - (a->doc < b->doc);
}

/* A field that has columns, or REF_UNKNOWN with a warning. */
static uint32_t
search_column(ref_search *s, const char *name)
{
	uint32_t field = ref_field(s->ref, name);

	if (field == REF_UNKNOWN)
		search_warn(s->out, "no field named %s", name);
	return field;
}

static cdg_status
search_sort(ref_search *s, search_matched *m, cdg_error *err)
{
	uint32_t *fields = arena_zalloc(&s->mem, (s->rq->nsort + 1) * sizeof *fields);
	search_order o = { s->ref, s->rq, fields };

	if (!fields)
		return err_nomem(err);
	for (size_t i = 0; i < s->rq->nsort; i++)
		if (s->rq->sort[i].kind == SORT_FIELD)
			fields[i] = search_column(s, s->rq->sort[i].field);
	if (m->n > 1)
		qsort_r(m->at, m->n, sizeof *m->at, order_compare, &o);
	return CDG_OK;
}

/* ---- facets ---------------------------------------------------------------------------- */

static int
facet_by_value(const void *a, const void *b)
{
	return strcmp(((const facet_value *)a)->value, ((const facet_value *)b)->value);
}

static int
facet_by_count(const void *a, const void *b)
{
	const facet_value *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return facet_by_value(a, b);
}

typedef struct facet_list {
	facet_value *at;
	size_t n, cap;
} facet_list;

/* Sort and put equal values together. */
static void
facet_merge(facet_list *l, size_t from, bool add)
{
	size_t n = from;

	if (l->n - from > 1)
		qsort(l->at + from, l->n - from, sizeof *l->at, facet_by_value);
	for (size_t i = from; i < l->n; i++) {
		if (n > from && !facet_by_value(&l->at[n - 1], &l->at[i])) {
			l->at[n - 1].count += add ? l->at[i].count : 0;
			mem_free(l->at[i].value);
		} else {
			l->at[n++] = l->at[i];
		}
	}
	l->n = n;
}

/* The different values of one document, each once. */
static bool
facet_document(facet_list *l, const ref_doc *d, uint32_t field)
{
	size_t from = l->n;

	for (size_t i = 0; i < d->nvalues; i++) {
		char text[REF_VALUE_TEXT], *copy;
		doc_str v;

		if (d->values[i].field != field)
			continue;
		v = ref_value_text(&d->values[i], text);
		copy = mem_strndup(v.p, v.n);
		if (!copy || !mem_grow(&l->at, &l->cap, l->n + 1, sizeof *l->at)) {
			mem_free(copy);
			return false;
		}
		l->at[l->n++] = (facet_value){ copy, 1 };
	}
	facet_merge(l, from, false);
	return true;
}

static bool
facet_count(ref_search *s, const search_matched *m, const facet_request *rq, facet_result *out)
{
	uint32_t field = search_column(s, rq->field);
	facet_list l = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < m->n; i++)
		ok = facet_document(&l, &s->ref->docs[m->at[i].doc], field);
	facet_merge(&l, 0, true);
	if (l.n > 1)
		qsort(l.at, l.n, sizeof *l.at, facet_by_count);
	while (rq->limit && l.n > rq->limit)
		mem_free(l.at[--l.n].value);
	out->values = l.at;
	out->n = l.n;
	return ok;
}

static cdg_status
search_facets(ref_search *s, const search_matched *m, cdg_error *err)
{
	search_result *out = s->out;

	if (!s->rq->nfacets)
		return CDG_OK;
	out->facets = mem_calloc(s->rq->nfacets, sizeof *out->facets);
	if (!out->facets)
		return err_nomem(err);
	for (; out->nfacets < s->rq->nfacets; out->nfacets++)
		if (!facet_count(s, m, &s->rq->facets[out->nfacets], &out->facets[out->nfacets])) {
			out->nfacets++;
			return err_nomem(err);
		}
	return CDG_OK;
}

/* ---- search ------------------------------------------------------------------------------ */

/* No document has all: those that have most. */
static cdg_status
search_relaxed(ref_search *s, search_matched *m, cdg_error *err)
{
	search_job job;

	CDG_TRY(search_plan(s, s->rq->relaxed, &job, err));
	job.any = search_alternatives(job.root);
	CDG_TRY(search_all(s, &job, m, err));
	if (!m->n)
		return CDG_OK;
	s->out->relaxed = true;
	s->out->relaxed_matched = job.any ? m->clauses : 1;
	s->out->relaxed_of = job.any ? (uint32_t)job.any->nchild : 1;
	return CDG_OK;
}

static cdg_status
search_page(ref_search *s, const search_matched *m, cdg_error *err)
{
	search_result *out = s->out;
	size_t from = min_size(s->rq->offset, m->n), n = min_size(s->rq->limit, m->n - from);

	out->total = m->n;
	out->total_exact = true;
	out->executor = "reference";
	if (!n)
		return CDG_OK;
	out->hits = mem_dup(m->at + from, n * sizeof *out->hits);
	if (!out->hits)
		return err_nomem(err);
	out->nhits = n;
	return CDG_OK;
}

static cdg_status
search_run(ref_search *s, search_matched *m, cdg_error *err)
{
	search_job job;

	CDG_TRY(search_plan(s, s->rq->root, &job, err));
	CDG_TRY(search_all(s, &job, m, err));
	if (!m->n && s->rq->relaxed)
		CDG_TRY(search_relaxed(s, m, err));
	CDG_TRY(search_sort(s, m, err));
	CDG_TRY(search_facets(s, m, err));
	return search_page(s, m, err);
}

cdg_status
ref_run(const backend *b, const search_request *rq, search_result *out, cdg_error *err)
{
	const ref_index *ref = (const ref_index *)(const void *)b;
	ref_search s;
	search_matched m = { 0 };
	cdg_status st;

	memset(out, 0, sizeof *out);
	st = ref_search_init(&s, ref, rq, out, err);
	if (st == CDG_OK)
		st = search_run(&s, &m, err);
	ref_search_fini(&s);
	mem_free(m.at);
	if (st != CDG_OK)
		search_result_fini(out);
	return st;
}

/* ---- places --------------------------------------------------------------------------------- */

/* The spans of all scoring units in the text. */
static void
places_collect(ref_search *s, const ref_node *n, const ref_doc *d, ref_spans *out)
{
	if (n->unit && n->scored && n->field == REF_TEXT) {
		ref_spans spans = ref_find(s, n, d);

		for (size_t i = 0; i < spans.n; i++)
			ref_spans_add(s, out, spans.at[i].start, spans.at[i].end);
	}
	if (!n->unit)
		for (size_t i = 0; i < n->nchild; i++)
			places_collect(s, n->child[i], d, out);
}

/* In the tree that the document matches, the relaxed one if not the other. */
static cdg_status
places_run(ref_search *s, const ref_doc *d, ref_spans *places, cdg_error *err)
{
	search_job job;
	int64_t units = 0;

	CDG_TRY(search_plan(s, s->rq->root, &job, err));
	if (s->rq->relaxed && !search_matches(s, job.root, d, &units))
		CDG_TRY(search_plan(s, s->rq->relaxed, &job, err));
	places_collect(s, job.root, d, places);
	ref_spans_sort(places);
	return s->scratch.failed ? err_nomem(err) : CDG_OK;
}

cdg_status
ref_run_spans(const backend *b, const search_request *rq, uint64_t doc, search_span **spans,
	      size_t *n, cdg_error *err)
{
	const ref_index *ref = (const ref_index *)(const void *)b;
	search_result ignored = { 0 };
	ref_spans places = { 0 };
	ref_search s;
	cdg_status st;

	*spans = NULL;
	*n = 0;
	if (doc >= ref->ndocs)
		return err_set(err, CDG_E_NOTFOUND, "no document %llu", (unsigned long long)doc);
	st = ref_search_init(&s, ref, rq, &ignored, err);
	if (st == CDG_OK)
		st = places_run(&s, &ref->docs[doc], &places, err);
	if (st == CDG_OK && places.n) {
		*spans = mem_dup(places.at, places.n * sizeof **spans);
		*n = *spans ? places.n : 0;
		st = *spans ? CDG_OK : err_nomem(err);
	}
	ref_search_fini(&s);
	search_result_fini(&ignored);
	return st;
}
