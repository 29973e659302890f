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

/* ---- periods ------------------------------------------------------------ */

/* The dates of a column are in order of time, so those of a period follow one
 * another: a group each. */
typedef struct facet_groups {
	facet_list list;    /* value and count of each */
	uint32_t *of;       /* by ordinal less nnumbers */
	uint32_t *seen;     /* by group: the last document counted, plus one */
} facet_groups;

static cdg_status
facet_groups_make(facet_groups *g, const column *c, facet_period period, cdg_error *err)
{
	facet_list *l = &g->list;
	column_cursor none = { 0 };

	g->of = mem_calloc((size_t)c->ndates + 1, sizeof *g->of);
	if (!g->of)
		return err_nomem(err);
	for (uint32_t i = 0; i < c->ndates; i++) {
		column_value v;
		char text[24];
		if (!column_get(c, c->nnumbers + i, &v, &none))
			return pfile_error(&c->cols->f, err);
		search_period(v.day, v.precision, period, text);
		if (!l->n || strcmp(l->v[l->n - 1].value, text) != 0) {
			char *copy = mem_strdup(text);
			if (!copy || !mem_grow(&l->v, &l->cap, l->n + 1, sizeof *l->v)) {
				mem_free(copy);
				return err_nomem(err);
			}
			l->v[l->n++] = (facet_value){ copy, 0 };
		}
		g->of[i] = (uint32_t)(l->n - 1);
	}
	g->seen = mem_calloc(l->n + 1, sizeof *g->seen);
	return g->seen ? CDG_OK : err_nomem(err);
}

/* Count a document once in each of its periods; false: it has none. */
static bool
facet_groups_add(facet_groups *g, const column *c, uint32_t doc)
{
	column_list ords;
	bool any = false;

	column_doc(c, doc, &ords);
	for (uint32_t i = 0; i < ords.n; i++) {
		uint32_t date = column_list_at(&ords, i) - c->nnumbers; /* wraps round for numbers */
		uint32_t group;
		if (date >= c->ndates)
			continue;
		any = true;
		group = g->of[date];
		if (g->seen[group] != doc + 1) {
			g->seen[group] = doc + 1;
			g->list.v[group].count++;
		}
	}
	return any;
}

static cdg_status
facet_periods(exec *x, size_t seg, unsigned field, facet_period period, facet_list *l, uint64_t *missing)
{
	const segment *s = &x->snap->segs[seg];
	const column *c = field == UINT32_MAX ? NULL : column_find(&s->cols, (uint16_t)field);
	facet_groups g = { 0 };
	cdg_status st = c ? facet_groups_make(&g, c, period, x->err) : CDG_OK;

	for (size_t w = 0; st == CDG_OK && w < live_nwords(s->info.docs); w++)
		for (uint64_t m = x->bits[seg][w]; m; m &= m - 1)
			*missing += !c || !facet_groups_add(&g, c, (uint32_t)(64 * w) + (uint32_t)__builtin_ctzll(m));
	if (c && st == CDG_OK && c->cols->f.bad)
		st = pfile_error(&c->cols->f, x->err);
	for (size_t i = 0; i < g.list.n; i++) {
		facet_value *v = &g.list.v[i];
		if (st == CDG_OK && v->count && !mem_grow(&l->v, &l->cap, l->n + 1, sizeof *l->v))
			st = err_nomem(x->err);
		if (st == CDG_OK && v->count)
			l->v[l->n++] = *v;
		else
			mem_free(v->value);
	}
	mem_free(g.list.v);
	mem_free(g.of);
	mem_free(g.seen);
	return st;
}

/* Join equal values of several segments, and order them. */
static void
facet_finish(facet_list *l, bool by_time)
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
	if (!by_time && n > 1)
		qsort(l->v, n, sizeof *l->v, facet_by_count);
}

/* Of periods the latest stay, else the most frequent ones. */
static void
facet_cut(facet_list *l, uint32_t limit, bool by_time)
{
	size_t drop = l->n > limit ? l->n - limit : 0;

	if (!drop)
		return;
	for (size_t i = 0; i < drop; i++)
		mem_free(l->v[by_time ? i : limit + i].value);
	if (by_time)
		memmove(l->v, l->v + drop, limit * sizeof *l->v);
	l->n = limit;
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

static cdg_status
facet_one(exec *x, const facet_request *asked, facet_result *out)
{
	facet_request fr = search_facet(asked, plan_field_id(&x->plan, asked->field) != UINT32_MAX);
	unsigned field = plan_field_id(&x->plan, fr.field);
	facet_list l = { 0 };
	cdg_status st = CDG_OK;
	size_t all;

	if (field == UINT32_MAX)
		search_warn(x->out, "no field named '%s' in this index", fr.field);
	out->by_time = fr.period != FACET_VALUES;
	for (size_t i = 0; i < x->snap->nsegs && st == CDG_OK; i++) {
		if (fr.period != FACET_VALUES)
			st = facet_periods(x, i, field, fr.period, &l, &out->missing);
		else if (field != UINT32_MAX)
			st = facet_segment(x, i, field, &l);
	}
	facet_finish(&l, out->by_time);
	all = l.n;
	facet_cut(&l, fr.limit, out->by_time);
	if (out->by_time && all > l.n)
		search_warn(x->out, "facet %s: the latest %zu of %zu periods", asked->field, l.n, all);
	out->values = l.v;
	out->n = l.n;
	return st;
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
	for (size_t f = 0; f < x->rq->nfacets && !exec_late(x); f++)
		CDG_TRY(facet_one(x, &x->rq->facets[f], &r->facets[f]));
	return CDG_OK;
}
