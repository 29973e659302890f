/* reference_order.c - matches become an answer: sorted, counted by facets, and
 * the page that was asked for. */
#define _GNU_SOURCE
#include "backend/reference_impl.h"

/* ---- order --------------------------------------------------------------------------- */

typedef struct search_order {
	const search_request *rq;
	const uint32_t *fields; /* of the sort keys */
} search_order;

static int
order_field(uint32_t field, bool descending, const ref_matched *a, const ref_matched *b)
{
	const ref_value *x = ref_value_first(a->doc, field);
	const ref_value *y = ref_value_first(b->doc, field);
	int c;

	if (!x || !y)
		return (x == NULL) - (y == NULL); /* missing last, either way */
	c = ref_value_compare(x, y);
	return descending ? -c : c;
}

static int
order_compare(const void *pa, const void *pb, void *ctx)
{
	const ref_matched *a = pa, *b = pb;
	const search_order *o = ctx;

	for (size_t i = 0; i < o->rq->nsort; i++) {
		const sort_key *key = &o->rq->sort[i];
		int c;

		if (key->kind == SORT_SCORE) {
			c = (a->hit.units > b->hit.units) - (a->hit.units < b->hit.units);
			c = key->descending ? -c : c;
		} else {
			c = order_field(o->fields[i], key->descending, a, b);
		}
		if (c)
			return c;
	}
	if (!o->rq->nsort && a->hit.units != b->hit.units)
		return a->hit.units > b->hit.units ? -1 : 1;
	return (a->hit.doc > b->hit.doc) - (a->hit.doc < b->hit.doc);
}

static uint32_t
search_field(ref_search *s, const char *name)
{
	return s->source ? s->source->field(s, name) : ref_field(s->ref, name);
}

/* A field that has columns, or REF_UNKNOWN with a warning. */
static uint32_t
search_column(ref_search *s, const char *name)
{
	uint32_t field = search_field(s, name);

	if (field == REF_UNKNOWN)
		search_warn(s->out, "no field named %s", name);
	return field;
}

static cdg_status
search_sort(ref_search *s, ref_job *m, cdg_error *err)
{
	uint32_t *fields = arena_zalloc(&s->mem, (s->rq->nsort + 1) * sizeof *fields);
	search_order o = { s->rq, fields };

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
facet_document(facet_list *l, const ref_doc *d, uint32_t field, facet_period period)
{
	size_t from = l->n;

	for (size_t i = 0; i < d->nvalues; i++) {
		char text[REF_VALUE_TEXT], *copy;
		doc_str v;

		if (d->values[i].field != field || (period != FACET_VALUES && d->values[i].type != DOC_DATE))
			continue;
		if (period == FACET_VALUES)
			v = ref_value_text(&d->values[i], text);
		else
			v = (doc_str){ text, search_period(d->values[i].date.day, (uint8_t)d->values[i].date.precision,
							   period, text) };
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

/* Of periods the latest stay, else the most frequent ones. */
static void
facet_cut(ref_search *s, const facet_request *rq, facet_list *l, bool by_time)
{
	size_t drop = rq->limit && l->n > rq->limit ? l->n - rq->limit : 0;

	if (by_time && drop)
		search_warn(s->out, "facet %s: the latest %zu of %zu periods", rq->field, l->n - drop, l->n);
	if (!by_time && l->n > 1)
		qsort(l->at, l->n, sizeof *l->at, facet_by_count);
	for (size_t i = 0; i < drop; i++)
		mem_free(l->at[by_time ? i : l->n - drop + i].value);
	if (by_time && drop)
		memmove(l->at, l->at + drop, (l->n - drop) * sizeof *l->at);
	l->n -= drop;
}

static bool
facet_count(ref_search *s, const ref_job *m, const facet_request *rq, facet_result *out)
{
	facet_request fr = search_facet(rq, rq->bare && search_field(s, rq->field) != REF_UNKNOWN);
	uint32_t field = search_column(s, fr.field);
	facet_list l = { 0 };
	bool ok = true;

	out->by_time = fr.period != FACET_VALUES;
	for (size_t i = 0; ok && i < m->n; i++) {
		size_t had = l.n;

		ok = facet_document(&l, m->at[i].doc, field, fr.period);
		out->missing += out->by_time && l.n == had;
	}
	facet_merge(&l, 0, true);
	facet_cut(s, rq, &l, out->by_time);
	out->values = l.at;
	out->n = l.n;
	return ok;
}

static cdg_status
search_facets(ref_search *s, const ref_job *m, cdg_error *err)
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

/* ---- the page ---------------------------------------------------------------------------- */

static cdg_status
search_page(ref_search *s, const ref_job *m, cdg_error *err)
{
	search_result *out = s->out;
	size_t from = min_size(s->rq->offset, m->n), n = min_size(s->rq->limit, m->n - from);

	out->total = m->n;
	out->total_exact = true;
	if (out->relaxed) {
		out->relaxed_matched = m->any ? m->clauses : 1;
		out->relaxed_of = m->any ? (uint32_t)m->any->nchild : 1;
	}
	if (!n)
		return CDG_OK;
	out->hits = mem_alloc(n * sizeof *out->hits);
	if (!out->hits)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++)
		out->hits[i] = m->at[from + i].hit;
	out->nhits = n;
	return CDG_OK;
}

cdg_status
ref_job_finish(ref_search *s, ref_job *job, cdg_error *err)
{
	CDG_TRY(search_sort(s, job, err));
	CDG_TRY(search_facets(s, job, err));
	return search_page(s, job, err);
}
