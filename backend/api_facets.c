/* api_facets.c - what is counted by facets, into results; and facets that leave their own
 * filters out ("lang:open").
 *
 * Such a facet is that of the same search without the filters that ask for nothing but its
 * field: what each value would find instead of those that are chosen, or beside them.  A
 * search of its own, and only where there are such filters.
 */
#include "backend/api.h"

/* Every leaf is about the field, and there is one: *any. */
static bool
is_about(const q_node *n, const char *field, bool *any)
{
	for (size_t i = 0; i < n->nchild; i++)
		if (!is_about(n->child[i], field, any))
			return false;
	if (n->nchild || n->type == Q_ALL || n->type == Q_NONE)
		return true;
	*any = true;
	return n->field && !strcmp(n->field, field);
}

static bool
is_own(const q_node *filter, const char *field)
{
	bool any = false;

	return is_about(filter, field, &any) && any;
}

/* Whether it is to be counted by another search. */
static bool
is_apart(const api_call *c, size_t facet)
{
	for (size_t i = 0; c->rq->facet_open[facet] && i < c->nfilters; i++)
		if (is_own(c->trees[i], c->rq->facets[facet].field))
			return true;
	return false;
}

cdg_status
api_facets_ask(api_call *c, cdg_error *err)
{
	const cdg_request *rq = c->rq;
	facet_request *with;
	size_t n = 0;

	if (!rq->nfacets)
		return CDG_OK;
	with = arena_alloc(&c->r->mem, rq->nfacets * sizeof *with);
	if (!with)
		return err_nomem(err);
	for (size_t i = 0; i < rq->nfacets; i++)
		if (!is_apart(c, i))
			with[n++] = rq->facets[i];
	c->sr.facets = with;
	c->sr.nfacets = n;
	return CDG_OK;
}

/* ---- into results ------------------------------------------------------------------------ */

static void
facet_copy(cdg_results *r, const facet_result *from, api_facet *to)
{
	to->missing = from->missing;
	to->values = arena_zalloc(&r->mem, from->n * sizeof *to->values + 1);
	to->n = to->values ? from->n : 0;
	for (size_t k = 0; k < to->n; k++) {
		const char *v = api_string(&r->mem, from->values[k].value, strlen(from->values[k].value));

		to->values[k].value = v ? arena_strndup(&r->mem, v, strlen(v)) : NULL;
		to->values[k].count = from->values[k].count;
	}
}

/* The search without the facet's own filters. */
static cdg_status
facet_apart(api_call *c, size_t facet, api_facet *to, cdg_error *err)
{
	search_request sr = c->sr;
	search_result found;
	const q_node **others = arena_alloc(&c->r->mem, (c->nfilters + 1) * sizeof *others);

	if (!others)
		return err_nomem(err);
	sr.filters = others;
	sr.nfilters = 0;
	for (size_t i = 0; i < c->nfilters; i++)
		if (!is_own(c->trees[i], c->rq->facets[facet].field))
			others[sr.nfilters++] = c->trees[i];
	sr.facets = &c->rq->facets[facet];
	sr.nfacets = 1;
	sr.offset = sr.limit = 0;
	sr.nsort = 0;
	sr.want_total = true; /* so that it is relaxed where that would be */
	CDG_TRY(c->index->be->ops->search(c->index->be, &sr, &found, err));
	for (size_t i = 0; i < found.nwarnings; i++)
		api_warn(c->r, "%s", found.warnings[i]);
	c->found.timed_out |= found.timed_out;
	if (found.nfacets)
		facet_copy(c->r, &found.facets[0], to);
	search_result_fini(&found);
	return CDG_OK;
}

cdg_status
api_facets(api_call *c, cdg_error *err)
{
	cdg_results *r = c->r;
	size_t with = 0;

	r->nfacets = 0;
	r->facets = arena_zalloc(&r->mem, c->rq->nfacets * sizeof *r->facets + 1);
	for (; r->facets && r->nfacets < c->rq->nfacets; r->nfacets++) {
		size_t i = r->nfacets;
		api_facet *to = &r->facets[i];

		to->field = api_string(&r->mem, c->rq->facet_names[i], strlen(c->rq->facet_names[i]));
		if (is_apart(c, i))
			CDG_TRY(facet_apart(c, i, to, err));
		else if (with < c->found.nfacets)
			facet_copy(r, &c->found.facets[with++], to);
	}
	return r->mem.failed ? err_nomem(err) : CDG_OK;
}
