/* exec_facet.c - how many matching documents have each value of a field. */
#include <math.h>
#include <stdio.h>

#include "base/date.h"
#include "query/exec_impl.h"

typedef struct facet_list {
	facet_value *v;
	size_t n, cap;
} facet_list;

/* A value as a person would write it; mem_free'd. */
static char *
facet_text(const column_value *v)
{
	char text[40];

	if (v->type == COLUMN_STRING)
		return mem_strndup(v->p, v->n);
	if (v->type == COLUMN_DATE) {
		date_format((cal_date){ v->day, v->precision }, text);
		return mem_strdup(text);
	}
	for (int digits = 15; digits <= 17; digits++) { /* as people write it: 10, not 1e+01 */
		snprintf(text, sizeof text, "%.*g", digits, v->number);
		if (strtod(text, NULL) == v->number)
			break;
	}
	return mem_strdup(text);
}

static int
facet_by_text(const void *a, const void *b)
{
	return strcmp(((const facet_value *)a)->value, ((const facet_value *)b)->value);
}

static int
facet_by_count(const void *a, const void *b)
{
	const facet_value *x = a, *y = b;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->value, y->value);
}

/* The values that were counted, as text. */
static cdg_status
facet_take(const column *c, const uint32_t *counts, facet_list *l, column_cursor *cur, cdg_error *err)
{
	for (uint32_t i = 0; i < column_nvalues(c); i++) {
		column_value v;
		char *text;
		if (!counts[i])
			continue;
		if (!column_get(c, i, &v, cur))
			return column_error(c, cur, err);
		if (!mem_grow(&l->v, &l->cap, l->n + 1, sizeof *l->v) || !(text = facet_text(&v)))
			return err_nomem(err);
		l->v[l->n].value = text;
		l->v[l->n++].count = counts[i];
	}
	return CDG_OK;
}

static cdg_status
facet_segment(exec *x, size_t seg, unsigned field, facet_list *l)
{
	const column *c = column_find(&x->snap->segs[seg].cols, (uint16_t)field);
	column_cursor cur = { 0 };
	uint32_t *counts;
	cdg_status st;

	if (!c)
		return CDG_OK;
	counts = mem_calloc(column_nvalues(c), sizeof *counts);
	if (!counts)
		return err_nomem(x->err);
	st = column_count(c, x->bits[seg], counts) ? facet_take(c, counts, l, &cur, x->err) :
						     pfile_error(&c->cols->f, x->err);
	column_cursor_fini(&cur);
	mem_free(counts);
	return st;
}

/* Join equal values of several segments, order, cut. */
static void
facet_finish(facet_list *l, uint32_t limit)
{
	size_t n = 0;

	if (l->n > 1)
		qsort(l->v, l->n, sizeof *l->v, facet_by_text);
	for (size_t i = 0; i < l->n; i++) {
		if (n && !strcmp(l->v[n - 1].value, l->v[i].value)) {
			l->v[n - 1].count += l->v[i].count;
			mem_free(l->v[i].value);
		} else {
			l->v[n++] = l->v[i];
		}
	}
	l->n = n;
	if (n > 1)
		qsort(l->v, n, sizeof *l->v, facet_by_count);
	while (l->n > limit)
		mem_free(l->v[--l->n].value);
}

static void
facet_drop(search_result *r)
{
	for (size_t i = 0; i < r->nfacets; i++) {
		for (size_t j = 0; j < r->facets[i].n; j++)
			mem_free(r->facets[i].values[j].value);
		mem_free(r->facets[i].values);
	}
	mem_free(r->facets);
	r->facets = NULL;
	r->nfacets = 0;
}

cdg_status
exec_facets(exec *x)
{
	search_result *r = x->out;

	facet_drop(r);
	r->facets = mem_calloc(x->rq->nfacets, sizeof *r->facets);
	if (!r->facets)
		return err_nomem(x->err);
	r->nfacets = x->rq->nfacets;
	for (size_t f = 0; f < x->rq->nfacets; f++) {
		const facet_request *fr = &x->rq->facets[f];
		unsigned field = plan_field_id(&x->plan, fr->field);
		facet_list l = { 0 };
		cdg_status st = CDG_OK;
		if (field == UINT32_MAX)
			search_warn(r, "no field named '%s' in this index", fr->field);
		for (size_t i = 0; field != UINT32_MAX && i < x->snap->nsegs && st == CDG_OK; i++)
			st = facet_segment(x, i, field, &l);
		facet_finish(&l, fr->limit);
		r->facets[f].values = l.v;
		r->facets[f].n = l.n;
		CDG_TRY(st);
	}
	return CDG_OK;
}
