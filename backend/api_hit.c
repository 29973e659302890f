/* api_hit.c - a document number becomes a hit: its metadata from the store, its
 * snippets from the places that matched. */
#include "backend/api.h"

#include <stdlib.h>

#include "extract/document.h"
#include "query/snippet.h"

static const char *
api_date(arena *mem, int32_t day, uint8_t precision)
{
	doc_date d = { day, precision };
	char text[32];

	return api_string(mem, text, doc_format_date(d, text));
}

/* A value as text: strings and dates as they are, numbers as JSON has them. */
static const char *
api_value(arena *mem, const docmeta_value *v)
{
	const char *out;
	buf b;

	if (v->type == DOCMETA_STRING)
		return api_string(mem, v->string, v->len);
	if (v->type == DOCMETA_DATE)
		return api_date(mem, v->day, v->precision);
	buf_init(&b);
	api_put_number(&b, v->number, 17);
	out = b.failed ? NULL : api_string(mem, (char *)b.p, b.len);
	mem->failed |= b.failed;
	buf_fini(&b);
	return out;
}

const char *
api_field_name(const cdg_index *index, uint16_t field)
{
	const manifest *m = index->snap ? &index->snap->manifest : NULL;
	const char *name = NULL;

	if (m && field >= 2 && (size_t)(field - 2) < m->nfields)
		name = m->fields[field - 2];
	else if (!m && index->be->ops->field_name)
		name = index->be->ops->field_name(index->be, field);
	return name ? name : "";
}

/* nfields is an untrusted number: the array grows with what is really there. */
static cdg_status
api_hit_fields(const cdg_index *index, cdg_results *r, api_hit *hit, docmeta *m, cdg_error *err)
{
	api_field *list = NULL;
	size_t cap = 0, n = 0;
	docmeta_value v;

	for (uint32_t i = 0; i < m->nfields && docmeta_next(m, &v); i++) {
		const char *name = api_field_name(index, v.field);

		if (!mem_grow(&list, &cap, n + 1, sizeof *list)) {
			mem_free(list);
			return err_nomem(err);
		}
		list[n].name = api_string(&r->mem, name, strlen(name));
		list[n].value = api_value(&r->mem, &v);
		list[n].type = v.type;
		list[n++].list = v.list;
	}
	hit->fields = arena_alloc(&r->mem, n * sizeof *list + 1);
	if (hit->fields && n)
		memcpy(hit->fields, list, n * sizeof *list);
	hit->nfields = hit->fields ? n : 0;
	mem_free(list);
	return r->mem.failed ? err_nomem(err) : CDG_OK;
}

cdg_status
api_hit_meta(const cdg_index *index, cdg_results *r, api_hit *hit, const void *meta, size_t n, cdg_error *err)
{
	docmeta m;

	if (!docmeta_parse(&m, meta, n))
		return err_set(err, CDG_E_CORRUPT,
			       "the stored metadata of a document is damaged: run cdgindex check");
	hit->id = api_string(&r->mem, m.id, m.id_len);
	hit->title = api_string(&r->mem, m.title, m.title_len);
	hit->url = api_string(&r->mem, m.url, m.url_len);
	hit->lang = api_string(&r->mem, m.lang, m.lang_len);
	hit->date = m.has_date ? api_date(&r->mem, m.day, m.precision) : "";
	return api_hit_fields(index, r, hit, &m, err);
}

/* ---- snippets ----------------------------------------------------------- */

static const char *
api_cstr(arena *mem, const char *s)
{
	return s ? api_string(mem, s, strlen(s)) : "";
}

static void
api_snippet_copy(arena *mem, api_hit *hit, api_snippet *to, const snippet *from)
{
	to->text = api_string(mem, from->text, from->text_len);
	to->html = api_cstr(mem, from->html);
	to->page = api_cstr(mem, from->where.page);
	to->link = from->where.page ? api_link(mem, hit, from->where.page) : NULL;
	hit->link = hit->link ? hit->link : to->link;
	to->start = from->start;
	to->end = from->end;
	to->sections = arena_zalloc(mem, from->where.nsection * sizeof *to->sections + 1);
	to->nsections = to->sections ? from->where.nsection : 0;
	for (size_t i = 0; i < to->nsections; i++)
		to->sections[i] = api_cstr(mem, from->where.section[i]);
}

typedef struct api_fill {
	const cdg_index *index;
	const cdg_request *rq;
	const search_request *sr;
	cdg_results *r;
	text_analyzer *an;
	store_cursor store;
	buf meta;
	const q_node *title; /* what is asked of titles, or NULL */
	bool late;           /* no more passages */
} api_fill;

/* The title with its matches; spans are those of the document, asked: what is asked of
 * titles, or NULL. */
static cdg_status
api_hit_title(const cdg_index *index, const search_request *sr, const q_node *asked, cdg_results *r, api_hit *hit,
	      uint64_t doc, const search_span *spans, size_t n, text_analyzer *an, cdg_error *err)
{
	search_span *more = NULL, *all = NULL;
	size_t nmore = 0, len = hit->title ? strlen(hit->title) : 0;
	search_request rq = *sr;
	char *html = NULL;
	cdg_status st = CDG_OK;

	if (!len || (!asked && (!n || spans[0].start >= len)))
		return CDG_OK;
	if (asked) {
		rq.root = asked;
		rq.nfilters = 0;
		st = index->be->ops->spans(index->be, &rq, doc, &more, &nmore, err);
	}
	if (st == CDG_OK && n + nmore) {
		all = mem_alloc((n + nmore) * sizeof *all);
		st = all ? CDG_OK : err_nomem(err);
	}
	if (all) {
		if (n)
			memcpy(all, spans, n * sizeof *all);
		if (nmore)
			memcpy(all + n, more, nmore * sizeof *all);
		st = snippet_title(hit->title, len, all, n + nmore, an, &html, err);
	}
	if (html)
		hit->title_html = api_string(&r->mem, html, strlen(html));
	mem_free(html);
	mem_free(all);
	mem_free(more);
	return st;
}

cdg_status
api_title(const cdg_index *index, const search_request *sr, cdg_results *r, api_hit *hit, uint64_t doc,
	  const search_span *spans, size_t n, text_analyzer *an, cdg_error *err)
{
	const q_node *asked;
	ast title;
	cdg_status st;

	ast_init(&title);
	st = snippet_title_query(&title, sr->root, &asked, err);
	if (st == CDG_OK)
		st = api_hit_title(index, sr, asked, r, hit, doc, spans, n, an, err);
	ast_fini(&title);
	return st;
}

typedef struct api_whole {
	const snippet_options *opt;
	snippet_list *list;
} api_whole;

static cdg_status
api_whole_snippets(void *ctx, const snippet_source *text, const search_span *spans, size_t n, cdg_error *err)
{
	api_whole *w = ctx;

	return snippet_make_text(text, spans, n, w->opt, w->list, err);
}

/* Of a segment: with the metadata, which are unpacked in the same step. */
static cdg_status
api_doc_snippets(api_fill *f, const segment *seg, uint32_t local, const search_span *spans, size_t n,
		 const snippet_options *opt, snippet_list *list, api_hit *hit, uint64_t doc, cdg_error *err)
{
	f->meta.len = 0;
	CDG_TRY(snippet_make(seg, local, spans, n, opt, list, err));
	CDG_TRY(api_hit_meta(f->index, f->r, hit, f->meta.p, f->meta.len, err));
	return api_hit_copies(f->index, f->r, hit, doc, err);
}

static cdg_status
api_hit_snippets(api_fill *f, api_hit *hit, uint64_t doc, cdg_error *err)
{
	snippet_options opt = { f->rq->snippets, f->rq->snippet_length, f->an, &f->store, &f->meta, f->sr->deadline_ns };
	snippet_list list = { 0 };
	search_span *spans = NULL;
	size_t n = 0;
	uint32_t local;
	const backend *be = f->index->be;
	const segment *seg = f->index->snap ? snapshot_find(f->index->snap, doc, &local) : NULL;
	cdg_status st = be->ops->spans(be, f->sr, doc, &spans, &n, err);

	if (st == CDG_OK && seg)
		st = api_doc_snippets(f, seg, local, spans, n, &opt, &list, hit, doc, err);
	if (st == CDG_OK)
		st = api_hit_title(f->index, f->sr, f->title, f->r, hit, doc, spans, n, f->an, err);
	if (st == CDG_OK && !seg)
		st = be->ops->whole(be, f->sr, doc, spans, n, f->an, api_whole_snippets, &(api_whole){ &opt, &list }, err);
	mem_free(spans);
	if (st == CDG_OK) {
		hit->snippets = arena_zalloc(&f->r->mem, list.n * sizeof *hit->snippets + 1);
		hit->nsnippets = hit->snippets ? list.n : 0;
		for (size_t i = 0; i < hit->nsnippets; i++)
			api_snippet_copy(&f->r->mem, hit, &hit->snippets[i], &list.s[i]);
	}
	snippet_list_fini(&list);
	return st;
}

/* The metadata alone, without unpacking the text. */
static cdg_status
api_meta_bytes(api_fill *f, uint64_t doc, cdg_error *err)
{
	uint32_t local;
	uint64_t ref;
	const segment *seg = snapshot_find(f->index->snap, doc, &local);

	f->meta.len = 0;
	if (!doctab_store(&seg->docs, local, &ref))
		return segment_error(seg, err);
	if (f->store.s != &seg->store)
		store_cursor_use(&f->store, &seg->store);
	return store_meta(&f->store, ref, &f->meta, err);
}

static cdg_status
api_fill_hit(api_fill *f, api_hit *hit, uint64_t doc, cdg_error *err)
{
	if (!f->index->snap) {
		f->meta.len = 0;
		CDG_TRY(f->index->be->ops->stored(f->index->be, doc, &f->meta, NULL, err));
		CDG_TRY(api_hit_meta(f->index, f->r, hit, f->meta.p, f->meta.len, err));
		return f->rq->snippets && !f->late && f->index->be->ops->whole ? api_hit_snippets(f, hit, doc, err) : CDG_OK;
	}
	if (f->rq->snippets && !f->late)
		return api_hit_snippets(f, hit, doc, err);
	CDG_TRY(api_meta_bytes(f, doc, err));
	CDG_TRY(api_hit_meta(f->index, f->r, hit, f->meta.p, f->meta.len, err));
	return api_hit_copies(f->index, f->r, hit, doc, err);
}

/* A hit's document and its place among the hits. */
typedef struct fill_place {
	uint64_t doc;
	size_t at;
} fill_place;

static int
fill_compare(const void *a, const void *b)
{
	const fill_place *x = a, *y = b;

	return x->doc < y->doc ? -1 : x->doc > y->doc;
}

/* The order in which hits are filled: by document, so that a block of the store
 * is unpacked once for all hits in it. */
static const fill_place *
fill_order(const search_result *found, arena *mem)
{
	fill_place *order = arena_alloc(mem, found->nhits * sizeof *order + 1);

	for (size_t i = 0; order && i < found->nhits; i++)
		order[i] = (fill_place){ found->hits[i].doc, i };
	if (order && found->nhits)
		qsort(order, found->nhits, sizeof *order, fill_compare);
	return order;
}

/* Passages have what the search left of the time limit, and at least a tenth of it. */
static uint64_t
fill_deadline(const cdg_request *rq, const search_request *sr)
{
	uint64_t end = sr->deadline_ns + api_reserve_ns(rq), least = clock_ns() + rq->time_limit_ms * 100000;

	return !sr->deadline_ns ? 0 : end > least ? end : least;
}

cdg_status
api_hits_fill(const cdg_index *index, const cdg_request *rq, const search_request *sr,
	      const search_result *found, cdg_results *r, text_analyzer *an, cdg_error *err)
{
	search_request more = *sr;
	api_fill f = { .index = index, .rq = rq, .sr = &more, .r = r, .an = an };
	cdg_status st = CDG_OK;
	ast title;

	const fill_place *order = fill_order(found, &r->mem);

	r->hits = arena_zalloc(&r->mem, found->nhits * sizeof *r->hits + 1);
	if (!r->hits || !order)
		return err_nomem(err);
	store_cursor_init(&f.store, index->snap && index->snap->nsegs ? &index->snap->segs[0].store : NULL);
	buf_init(&f.meta);
	ast_init(&title);
	if (rq->snippets)
		st = snippet_title_query(&title, sr->root, &f.title, err);
	more.deadline_ns = fill_deadline(rq, sr);
	for (size_t i = 0; st == CDG_OK && i < found->nhits; i++) {
		size_t at = order[i].at;

		r->hits[at].rank = rq->offset + at + 1;
		r->hits[at].score = (double)found->hits[at].score;
		f.late = f.late || (more.deadline_ns && clock_ns() > more.deadline_ns);
		st = api_fill_hit(&f, &r->hits[at], order[i].doc, err);
	}
	f.late = f.late || (more.deadline_ns && clock_ns() > more.deadline_ns);
	if (f.late && rq->snippets) {
		r->timed_out = true;
		api_warn(r, "the time limit passed: some passages are left out");
	}
	r->nhits = found->nhits;
	store_cursor_fini(&f.store);
	buf_fini(&f.meta);
	ast_fini(&title);
	return st;
}
