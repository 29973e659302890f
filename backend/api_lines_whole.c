/* api_lines_whole.c - concordances of Xapian databases: libxapian finds the documents,
 * and each is read whole; so their number is limited. */
#include "backend/api_lines.h"

typedef struct whole_call {
	lines_call *c;
	uint64_t doc;
	const lines_entry *e; /* lines to be made, or NULL: a document to be counted */
	size_t n;
	cdg_line *const *to;
} whole_call;

static cdg_status
whole_document(void *ctx, const snippet_source *text, const search_span *spans, size_t n, cdg_error *err)
{
	whole_call *w = ctx;
	search_span *own = search_copy(spans, n);
	cdg_status st = own ? locate_whole(&w->c->l, text) : err_nomem(err);

	if (st == CDG_OK && w->e)
		for (size_t i = 0; i < w->n && st == CDG_OK; i++)
			st = lines_fill(w->c, w->doc, &w->e[i].span, w->to[i]);
	else if (st == CDG_OK)
		st = lines_document(w->c, w->doc, own, search_join(own, n, text->body_pos), true);
	mem_free(own);
	return st;
}

cdg_status
lines_fill_whole(lines_call *c, const lines_entry *e, size_t n, cdg_line *const *to)
{
	const backend *be = c->a.index->be;
	whole_call w = { c, e->doc, e, n, to };

	return be->ops->whole(be, &c->a.sr, e->doc, NULL, 0, c->a.an, whole_document, &w, c->err);
}

static cdg_status
whole_one(lines_call *c, uint64_t doc)
{
	const backend *be = c->a.index->be;
	whole_call w = { c, doc, NULL, 0, NULL };
	search_span *spans;
	size_t n;
	cdg_status st;

	CDG_TRY(be->ops->spans(be, &c->a.sr, doc, &spans, &n, c->err));
	st = be->ops->whole(be, &c->a.sr, doc, spans, n, c->a.an, whole_document, &w, c->err);
	mem_free(spans);
	return st;
}

static int
hit_cmp(const void *a, const void *b)
{
	const search_hit *x = a, *y = b;

	return (x->doc > y->doc) - (x->doc < y->doc);
}

cdg_status
lines_each_whole(lines_call *c)
{
	const backend *be = c->a.index->be;
	search_request rq = c->a.sr;
	search_result *f = &c->a.found;

	rq.offset = 0;
	rq.limit = CDG_LINES_DOCUMENTS_MAX;
	rq.want_total = true;
	CDG_TRY(be->ops->search(be, &rq, f, c->err));
	if (f->nhits > 1)
		qsort(f->hits, f->nhits, sizeof *f->hits, hit_cmp);
	for (size_t i = 0; i < f->nhits && !c->stop && !c->late && !f->timed_out; i++) {
		CDG_TRY(whole_one(c, f->hits[i].doc));
		f->timed_out = rq.deadline_ns && clock_ns() > rq.deadline_ns && i + 1 < f->nhits;
	}
	if (f->total > f->nhits && !f->timed_out)
		api_warn(&c->out->r, "a Xapian database: the best %zu of %llu documents were read", f->nhits,
			 (unsigned long long)f->total);
	c->out->total_exact = f->total_exact && f->total <= f->nhits;
	return CDG_OK;
}
