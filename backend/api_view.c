/* api_view.c - one document to be read: found by its identifier, with the matches of
 * a query.  The places are those of a search (the op `spans`). */
#include "backend/api_view.h"
#include "backend/http/remote.h"

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

typedef struct view_call {
	cdg_view *out;
	locator l;
	uint64_t from, to;
} view_call;

static cdg_status
view_whole(void *ctx, const snippet_source *text, const search_span *spans, size_t n, cdg_error *err)
{
	view_call *c = ctx;
	search_span *own = search_copy(spans, n);
	cdg_status st = own ? locate_whole(&c->l, text) : err_nomem(err);

	if (st == CDG_OK)
		st = view_make(&c->l, own, n, c->from, c->to, &c->out->v);
	mem_free(own);
	return st;
}

/* Where the query matches, by the tree that a search would have used. */
static cdg_status
view_spans(api_call *a, uint64_t doc, search_span **spans, size_t *n, cdg_error *err)
{
	const backend *be = a->index->be;

	*spans = NULL;
	*n = 0;
	if (a->sr.root->type == Q_NONE || a->sr.root->type == Q_ALL)
		return CDG_OK;
	CDG_TRY(be->ops->spans(be, &a->sr, doc, spans, n, err));
	if (*n || !a->sr.relaxed)
		return CDG_OK;
	mem_free(*spans);
	a->sr.root = a->sr.relaxed;
	return be->ops->spans(be, &a->sr, doc, spans, n, err);
}

static cdg_status
view_title(api_call *a, cdg_view *v, uint64_t doc, search_span *spans, size_t n, cdg_error *err)
{
	return v->hit.title && *v->hit.title ? api_title(a->index, &a->sr, &v->r, &v->hit, doc, spans, n, a->an, err) :
					       CDG_OK;
}

static cdg_status
view_run(view_call *c, api_call *a, const char *id, size_t idlen, cdg_error *err)
{
	const cdg_index *index = a->index;
	cdg_view *v = c->out;
	search_span *spans = NULL;
	size_t n = 0;
	uint32_t local;
	uint64_t doc;
	buf meta = { 0 };
	cdg_status st = api_find(index, id, idlen, &doc, &meta, err);
	const segment *seg = st == CDG_OK && index->snap ? snapshot_find(index->snap, doc, &local) : NULL;

	if (st == CDG_OK)
		st = api_hit_meta(index, &v->r, &v->hit, meta.p, meta.len, err);
	if (st == CDG_OK)
		st = view_spans(a, doc, &spans, &n, err);
	if (st == CDG_OK && a->sr.deadline_ns && clock_ns() > a->sr.deadline_ns)
		api_warn(&v->r, "the time limit passed: matches are left out");
	else if (st == CDG_OK)
		st = view_title(a, v, doc, spans, n, err);
	if (st == CDG_OK && seg) {
		st = locate_doc(&c->l, seg, local);
		if (st == CDG_OK)
			st = view_make(&c->l, spans, n, c->from, c->to, &v->v);
	} else if (st == CDG_OK) {
		st = index->be->ops->whole(index->be, &a->sr, doc, spans, n, a->an, view_whole, c, err);
	}
	mem_free(spans);
	buf_fini(&meta);
	return st;
}

/* What is said besides. */
static cdg_status
view_finish(cdg_view *v, cdg_error *err)
{
	v->text = api_string(&v->r.mem, (const char *)v->v.text.p, v->v.text.len);
	buf_fini(&v->v.text);
	if (v->v.cut)
		api_warn(&v->r, "the text is cut after %d characters: ask for the rest by its range", CDG_VIEW_TEXT_MAX);
	if (!v->v.length)
		api_warn(&v->r, "the index keeps no text of this document");
	return v->r.mem.failed ? err_nomem(err) : CDG_OK;
}

cdg_status
cdg_index_view(const cdg_index *index, const cdg_request *request, const char *query, size_t len, const char *id,
	       size_t idlen, uint64_t from, uint64_t to, cdg_view **out, cdg_error *err)
{
	uint64_t start = clock_ns();
	view_call c = { .from = from, .to = to };
	api_call a;
	cdg_status st;

	*out = NULL;
	if (from > to)
		return err_set(err, CDG_E_ARG, "a range of text ends before it begins");
	c.out = mem_calloc(1, sizeof *c.out);
	if (!c.out)
		return err_nomem(err);
	arena_init(&c.out->r.mem);
	if (index->http) {
		st = remote_view(index->http, request, query ? query : "", query ? len : 0, id, idlen, from, to, c.out, err);
	} else {
		st = api_call_begin(&a, index, request, &c.out->r, query ? query : "", query ? len : 0, start, err);
		locate_init(&c.l, a.an, err);
		if (st == CDG_OK)
			st = view_run(&c, &a, id, idlen, err);
		locate_fini(&c.l);
		api_call_end(&a);
		if (st == CDG_OK)
			st = view_finish(c.out, err);
	}
	if (st != CDG_OK) {
		cdg_view_free(c.out);
		return st;
	}
	c.out->took_us = (clock_ns() - start) / 1000;
	*out = c.out;
	return CDG_OK;
}

static cdg_status
part_run(const cdg_index *index, const char *id, uint64_t from, uint64_t to, cdg_view *v, cdg_error *err)
{
	uint64_t doc = snapshot_by_id(index->snap, id, strlen(id));
	const segment *seg;
	uint32_t local;
	locator l;
	view text = { 0 };
	cdg_status st;

	CDG_TRY(snapshot_error(index->snap, err));
	if (doc == UINT64_MAX)
		return err_set(err, CDG_E_NOTFOUND, "no document '%.300s'", id);
	seg = snapshot_find(index->snap, doc, &local);
	locate_init(&l, NULL, err); /* words are not looked at */
	st = locate_doc(&l, seg, local);
	if (st == CDG_OK)
		st = view_text(&l, from, to, &text);
	locate_fini(&l);
	v->v.text = text.text;
	v->v.start = text.start;
	v->v.end = text.end;
	v->v.cut = text.cut;
	return st;
}

cdg_status
api_view_part(const cdg_index *index, const cdg_view *whole, uint64_t from, uint64_t to, cdg_view **out, cdg_error *err)
{
	cdg_view *v = mem_calloc(1, sizeof *v);
	cdg_status st;

	*out = NULL;
	if (!v)
		return err_nomem(err);
	v->hit = whole->hit;
	v->v = whole->v;
	v->v.text = (buf){ 0 };
	v->r.query = whole->r.query;
	v->r.parsed = whole->r.parsed;
	v->borrows = true;
	arena_init(&v->r.mem);
	st = part_run(index, or_empty(whole->hit.id), from, to, v, err);
	if (st == CDG_OK) {
		v->text = api_string(&v->r.mem, (const char *)v->v.text.p, v->v.text.len);
		st = v->text ? CDG_OK : err_nomem(err);
	}
	buf_fini(&v->v.text);
	if (st == CDG_OK)
		*out = v;
	else
		cdg_view_free(v);
	return st;
}

void
cdg_view_free(cdg_view *v)
{
	if (!v)
		return;
	if (v->borrows)
		memset(&v->v, 0, sizeof v->v);
	view_fini(&v->v);
	arena_fini(&v->r.mem);
	mem_free(v->r.warnings);
	mem_free(v);
}

/* ---- what can be asked ------------------------------------------------------ */

const char *
cdg_view_id(const cdg_view *v)
{
	return or_empty(v->hit.id);
}

const char *
cdg_view_title(const cdg_view *v)
{
	return or_empty(v->hit.title);
}

const char *
cdg_view_title_html(const cdg_view *v)
{
	return or_empty(v->hit.title_html);
}

const char *
cdg_view_url(const cdg_view *v)
{
	return or_empty(v->hit.url);
}

const char *
cdg_view_lang(const cdg_view *v)
{
	return or_empty(v->hit.lang);
}

const char *
cdg_view_date(const cdg_view *v)
{
	return or_empty(v->hit.date);
}

size_t
cdg_view_field_count(const cdg_view *v)
{
	return v->hit.nfields;
}

const char *
cdg_view_field_name(const cdg_view *v, size_t f)
{
	return f < v->hit.nfields ? or_empty(v->hit.fields[f].name) : "";
}

const char *
cdg_view_field_value(const cdg_view *v, size_t f)
{
	return f < v->hit.nfields ? or_empty(v->hit.fields[f].value) : "";
}

const char *
cdg_view_query(const cdg_view *v)
{
	return or_empty(v->r.query);
}

const char *
cdg_view_parsed(const cdg_view *v)
{
	return or_empty(v->r.parsed);
}

const char *
cdg_view_warning(const cdg_view *v, size_t i)
{
	return i < v->r.nwarnings ? v->r.warnings[i] : NULL;
}

const char *
cdg_view_text(const cdg_view *v)
{
	return or_empty(v->text);
}

uint64_t
cdg_view_get(const cdg_view *v, cdg_view_figure which)
{
	switch (which) {
	case CDG_VIEW_LENGTH: return v->v.length;
	case CDG_VIEW_START: return v->v.start;
	case CDG_VIEW_END: return v->v.end;
	case CDG_VIEW_CUT: return v->v.cut;
	case CDG_VIEW_MATCHES: return v->v.total;
	case CDG_VIEW_FIRST_MATCH: return v->v.first;
	case CDG_VIEW_SECTIONS: return v->v.sections.total;
	case CDG_VIEW_PAGES: return v->v.pages.total;
	case CDG_VIEW_MICROSECONDS: return v->took_us;
	}
	return 0;
}

size_t
cdg_view_match_count(const cdg_view *v)
{
	return v->v.nmatches;
}

uint64_t
cdg_view_match_start(const cdg_view *v, size_t i)
{
	return i < v->v.nmatches ? v->v.matches[i].start : 0;
}

uint64_t
cdg_view_match_end(const cdg_view *v, size_t i)
{
	return i < v->v.nmatches ? v->v.matches[i].end : 0;
}

static cdg_part
view_part(const view_nodes *nodes, size_t i)
{
	cdg_part p = { "", "", "", 0, 0, 0, 0 };
	const view_node *n;

	if (i >= nodes->n)
		return p;
	n = &nodes->at[i];
	p.kind = tree_kind_name(n->kind);
	p.label = n->label;
	p.page = or_empty(n->page);
	p.depth = n->depth;
	p.start = n->start;
	p.end = n->end;
	p.matches = n->matches;
	return p;
}

size_t
cdg_view_section_count(const cdg_view *v)
{
	return v->v.sections.n;
}

cdg_part
cdg_view_section(const cdg_view *v, size_t i)
{
	return view_part(&v->v.sections, i);
}

size_t
cdg_view_page_count(const cdg_view *v)
{
	return v->v.pages.n;
}

cdg_part
cdg_view_page(const cdg_view *v, size_t i)
{
	return view_part(&v->v.pages, i);
}
