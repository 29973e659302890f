/* api_search.c - from a query's bytes to results: parse, search, fill hits.
 *
 * One call, one thread; the trees live in the call, the results own copies.
 */
#include "backend/api.h"
#include "backend/http/remote.h"

#include <stdio.h>

#include "query/spell.h"

enum { API_TRIES = 3, API_HIT_NS = 100000 /* to read the metadata of a hit, when a block is unpacked for each */ };

void
api_warn(cdg_results *r, const char *fmt, ...)
{
	char text[1024];
	const char *copy;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	copy = api_string(&r->mem, text, strlen(text));
	for (size_t i = 0; copy && i < r->nwarnings; i++)
		if (!strcmp(r->warnings[i], copy))
			return;
	if (!copy || !mem_grow(&r->warnings, &r->warnings_cap, r->nwarnings + 1, sizeof *r->warnings))
		r->mem.failed = true;
	else
		r->warnings[r->nwarnings++] = copy;
}

static q_parse_options
api_parse_options(const api_call *c)
{
	return (q_parse_options){
		.default_or = c->rq->default_or,
		.strict = c->rq->strict,
		.stem_phrases = c->rq->stem_phrases,
		.langs = c->rq->langs ? c->rq->langs : c->index->be->ops->langs(c->index->be),
	};
}

static cdg_status
api_parse(api_call *c, const char *query, size_t len, ast *out, const char *what, cdg_error *err)
{
	q_parse_options opt = api_parse_options(c);

	if (out != &c->query)
		opt.default_or = false;
	CDG_TRY(q_parse(query, len, &opt, c->an, out, err));
	for (size_t i = 0; i < out->nwarnings; i++)
		api_warn(c->r, "%s%s", what, out->warnings[i]);
	return CDG_OK;
}

static cdg_status
api_parse_filters(api_call *c, cdg_error *err)
{
	const cdg_request *rq = c->rq;

	if (!rq->nfilters)
		return CDG_OK;
	c->filters = mem_calloc(rq->nfilters, sizeof *c->filters);
	c->trees = mem_calloc(rq->nfilters, sizeof *c->trees);
	if (!c->filters || !c->trees)
		return err_nomem(err);
	for (size_t i = 0; i < rq->nfilters; i++) {
		ast_init(&c->filters[i]);
		c->nfilters = i + 1;
		CDG_TRY(api_parse(c, rq->filters[i].p, rq->filters[i].n, &c->filters[i], "filter: ", err));
		c->trees[i] = c->filters[i].root;
	}
	return CDG_OK;
}

uint64_t
api_reserve_ns(const cdg_request *rq)
{
	uint64_t most = rq->time_limit_ms * 250000, want = rq->limit * API_HIT_NS;

	return want < most ? want : most;
}

static void
api_prepare(api_call *c, uint64_t start)
{
	const cdg_request *rq = c->rq;
	search_request *sr = &c->sr;

	sr->root = c->query.root;
	if (c->query.relaxable && !rq->default_or && !rq->strict)
		sr->relaxed = q_relax(&c->query, c->query.root);
	sr->filters = c->trees;
	sr->nfilters = c->nfilters;
	sr->offset = (uint32_t)rq->offset;
	sr->limit = (uint32_t)rq->limit;
	sr->bm25.k1 = (float)rq->k1;
	sr->bm25.b = (float)rq->b;
	sr->title_weight = (float)rq->title_weight;
	sr->xapian = rq->weighting == API_WEIGHTING_XAPIAN || !c->index->snap;
	sr->xbm25 = rq->xbm25;
	if (!c->index->snap && (rq->weighting == API_WEIGHTING_BM25 || rq->title_weight != 1))
		api_warn(c->r, "a Xapian database is ranked by xapian-bm25: %s is left out",
			 rq->weighting == API_WEIGHTING_BM25 ? "--weighting bm25" : "the weight of the title");
	sr->langs = rq->langs;
	sr->sort = rq->sort;
	sr->nsort = rq->nsort;
	sr->want_total = rq->want_total;
	sr->exhaustive = rq->exhaustive;
	if (rq->time_limit_ms)
		sr->deadline_ns = start + rq->time_limit_ms * 1000000 - api_reserve_ns(rq);
}

/* What the search found out, in words. */
static void
api_found_warnings(api_call *c)
{
	const search_result *f = &c->found;

	for (size_t i = 0; i < f->nwarnings; i++)
		api_warn(c->r, "%s", f->warnings[i]);
	if (f->relaxed)
		api_warn(c->r, "no document has all %u words; showing those with %s%u of them",
			 f->relaxed_of, f->relaxed_matched == 1 ? "" : "up to ", f->relaxed_matched);
	if (f->timed_out && c->rq->time_limit_ms)
		api_warn(c->r, "the time limit of %llu ms passed: these are the best found until then",
			 (unsigned long long)c->rq->time_limit_ms);
	else if (f->timed_out)
		api_warn(c->r, "the time limit passed: these are the best found until then");
}

static cdg_status
api_parsed(api_call *c, cdg_error *err)
{
	buf b;

	buf_init(&b);
	q_print(c->query.root, &b);
	c->r->parsed = b.failed ? NULL : api_string(&c->r->mem, (char *)b.p, b.len);
	buf_fini(&b);
	return c->r->parsed ? CDG_OK : err_nomem(err);
}

/* Did they mean another query?  Its total is all that counts, so not where that is unknown. */
static cdg_status
api_spell(api_call *c, cdg_error *err)
{
	q_parse_options opt = api_parse_options(c);
	uint64_t total = c->found.relaxed ? 0 : c->found.total;
	cdg_status st;
	buf b;

	if (!c->index->snap || c->found.timed_out || (!c->sr.limit && !c->sr.want_total))
		return CDG_OK;
	buf_init(&b);
	st = spell_correct(c->index->snap, &c->sr, &opt, c->an, c->r->query, strlen(c->r->query), total, &b, err);
	if (st == CDG_OK && b.len)
		c->r->suggestion = api_string(&c->r->mem, (char *)b.p, b.len);
	buf_fini(&b);
	return st;
}

/* Search, and fill what was found. */
static cdg_status
api_answer(api_call *c, cdg_error *err)
{
	cdg_results *r = c->r;

	CDG_TRY(c->index->be->ops->search(c->index->be, &c->sr, &c->found, err));
	CDG_TRY(api_facets(c, err));
	api_found_warnings(c);
	if (c->rq->strict && r->nwarnings)
		return err_set(err, CDG_E_QUERY, "%s", r->warnings[0]);
	r->total = c->found.total;
	r->total_exact = c->found.total_exact;
	r->timed_out = c->found.timed_out;
	r->strict = c->rq->strict;
	if (c->rq->suggest)
		CDG_TRY(api_spell(c, err));
	/* the places of a match are those of the tree that gave the hits */
	if (c->found.relaxed)
		c->sr.root = c->sr.relaxed;
	CDG_TRY(api_hits_fill(c->index, c->rq, &c->sr, &c->found, r, c->an, err));
	if (c->rq->explain)
		CDG_TRY(api_explain(c->index, &c->sr, &c->found, r, err));
	return r->mem.failed ? err_nomem(err) : CDG_OK;
}

cdg_status
api_call_begin(api_call *c, const cdg_index *index, const cdg_request *request, cdg_results *r, const char *query,
	       size_t len, uint64_t start, cdg_error *err)
{
	memset(c, 0, sizeof *c);
	c->index = index;
	c->rq = request;
	c->r = r;
	ast_init(&c->query);
	if (!request) {
		CDG_TRY(cdg_request_new(&c->own, err));
		c->rq = c->own;
	}
	c->an = api_analyzer_take(c->index, err);
	if (!c->an)
		return CDG_E_NOMEM;
	r->query = api_string(&r->mem, query, len);
	CDG_TRY(api_parse(c, query, len, &c->query, "", err));
	CDG_TRY(api_parse_filters(c, err));
	CDG_TRY(api_parsed(c, err));
	api_prepare(c, start);
	return api_facets_ask(c, err);
}

void
api_call_end(api_call *c)
{
	search_result_fini(&c->found);
	ast_fini(&c->query);
	for (size_t i = 0; i < c->nfilters; i++)
		ast_fini(&c->filters[i]);
	mem_free(c->filters);
	mem_free(c->trees);
	if (c->an)
		api_analyzer_give(c->index, c->an);
	cdg_request_free(c->own);
}

static cdg_status
api_run(api_call *c, cdg_error *err)
{
	cdg_results *r = c->r;
	size_t warned = r->nwarnings;

	/* a hit that is gone when it is to be filled: another state was searched */
	for (int tries = 0;; tries++) {
		cdg_status st = api_answer(c, err);

		if (st != CDG_E_NOTFOUND || c->index->snap || tries == API_TRIES)
			return st;
		search_result_fini(&c->found);
		r->nwarnings = warned;
		c->sr.root = c->query.root;
	}
}

cdg_status
cdg_search(const cdg_index *index, const cdg_request *request, const char *query, size_t len,
	   cdg_results **out, cdg_error *err)
{
	uint64_t start = clock_ns();
	api_call c;
	cdg_results *r;
	cdg_status st;

	*out = NULL;
	r = mem_calloc(1, sizeof *r);
	if (!r)
		return err_nomem(err);
	arena_init(&r->mem);
	if (index->http) {
		st = remote_search(index->http, request, query, len, r, err);
	} else {
		st = api_call_begin(&c, index, request, r, query, len, start, err);
		if (st == CDG_OK)
			st = api_run(&c, err);
		api_call_end(&c);
	}
	if (st != CDG_OK) {
		cdg_results_free(r);
		return st;
	}
	r->took_us = (clock_ns() - start) / 1000;
	*out = r;
	return CDG_OK;
}
