/* each.c - see each.h.
 *
 * Sections are kept as positions; their bytes are found by analysing the text
 * again. */
#include "backend/each.h"

#include "backend/xapian/open.h"

typedef struct each_run {
	const cdg_index *index;
	each_fn *fn;
	void *ctx;
	cdg_error *err;
	text_analyzer *an;
	store_cursor store;
	buf meta, text;
	doc_field *fields;
	size_t fields_cap;
	doc_section *sections;
	size_t nsections, sections_cap;
	uint32_t *starts;       /* byte of each token of the text */
	size_t nstarts, starts_cap;
} each_run;

/* ---- metadata -------------------------------------------------------------- */

static cdg_status
each_fields(each_run *e, docmeta *m, document *d)
{
	docmeta_value v;

	for (uint32_t i = 0; i < m->nfields && docmeta_next(m, &v); i++) {
		const char *name = api_field_name(e->index, v.field);
		doc_field *f;

		if (!mem_grow(&e->fields, &e->fields_cap, d->nfields + 1, sizeof *e->fields))
			return err_nomem(e->err);
		f = &e->fields[d->nfields++];
		*f = (doc_field){ .name = { name, strlen(name) }, .type = v.type, .list = v.list,
				  .string = { v.string, v.len }, .number = v.number,
				  .date = { v.day, v.precision } };
	}
	d->fields = e->fields;
	return CDG_OK;
}

/* NULL for what is empty: it was not there. */
static doc_str
each_str(const char *p, size_t n)
{
	return (doc_str){ n ? p : NULL, n };
}

/* ---- sections ----------------------------------------------------------------- */

static cdg_status
each_tokens(each_run *e, const document *d)
{
	text_token batch[256];
	size_t n;

	e->nstarts = 0;
	text_begin(e->an, d->text.p ? d->text.p : "", d->text.n, 0);
	while ((n = text_next(e->an, batch, countof(batch))) > 0) {
		if (!mem_grow(&e->starts, &e->starts_cap, e->nstarts + n, sizeof *e->starts))
			return err_nomem(e->err);
		for (size_t i = 0; i < n; i++)
			if (batch[i].kind != TEXT_JOINED)
				e->starts[e->nstarts++] = batch[i].start;
	}
	return CDG_OK;
}

/* Where the token at a position begins. */
static uint32_t
each_byte(const each_run *e, const document *d, const tree_view *v, uint32_t pos)
{
	uint32_t k = pos < v->body_pos ? 0 : pos - v->body_pos;

	return k < e->nstarts ? e->starts[k] : (uint32_t)d->text.n;
}

static cdg_status
each_stream(each_run *e, const document *d, const tree_view *v, bool pages)
{
	tree_section_iter it;
	tree_section s;

	for (tree_sections(v, pages, &it); tree_section_next(&it, &s);) {
		if (!mem_grow(&e->sections, &e->sections_cap, e->nsections + 1, sizeof *e->sections))
			return err_nomem(e->err);
		e->sections[e->nsections++] =
		    (doc_section){ .start = each_byte(e, d, v, s.start), .end = each_byte(e, d, v, s.end),
				   .level = (uint16_t)s.level, .label = { s.label, s.label_len },
				   .kind = tree_kind_name(s.kind) };
	}
	return CDG_OK;
}

static int
each_compare(const void *a, const void *b)
{
	const doc_section *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	return x->end > y->end ? -1 : x->end < y->end;
}

static cdg_status
each_sections(each_run *e, const segment *s, uint32_t doc, document *d)
{
	uint64_t off;
	tree_view v;

	e->nsections = 0;
	if (!doctab_tree(&s->docs, doc, &off) || !tree_view_open(&s->tree, off, &v))
		return segment_error(s, e->err);
	if (!d->text.n || !(tree_nsections(&v, false) + tree_nsections(&v, true)))
		return CDG_OK;
	CDG_TRY(each_tokens(e, d));
	CDG_TRY(each_stream(e, d, &v, true));
	CDG_TRY(each_stream(e, d, &v, false));
	CDG_TRY(segment_error(s, e->err));
	if (e->nsections > 1)
		qsort(e->sections, e->nsections, sizeof *e->sections, each_compare);
	d->sections = e->sections;
	d->nsections = e->nsections;
	return CDG_OK;
}

/* ---- native documents ------------------------------------------------------------ */

static cdg_status
each_one(each_run *e, const segment *s, uint32_t doc)
{
	uint32_t meta_len, text_len;
	document d = { 0 };
	uint64_t ref;
	docmeta m;

	e->meta.len = e->text.len = 0;
	if (!doctab_store(&s->docs, doc, &ref))
		return segment_error(s, e->err);
	store_cursor_use(&e->store, &s->store);
	CDG_TRY(store_lengths(&e->store, ref, &meta_len, &text_len, e->err));
	CDG_TRY(store_meta(&e->store, ref, &e->meta, e->err));
	CDG_TRY(store_text(&e->store, ref, 0, text_len, &e->text, e->err));
	if (!docmeta_parse(&m, e->meta.p, e->meta.len))
		return err_corrupt(e->err, s->store.f.path, 0, "the metadata of document %u is damaged", doc);
	d.id = each_str(m.id, m.id_len);
	d.title = each_str(m.title, m.title_len);
	d.url = each_str(m.url, m.url_len);
	d.lang = each_str(m.lang, m.lang_len);
	d.has_date = m.has_date;
	d.date = (doc_date){ m.day, m.precision };
	d.text = (doc_str){ e->text.len ? (const char *)e->text.p : "", e->text.len };
	CDG_TRY(each_fields(e, &m, &d));
	CDG_TRY(each_sections(e, s, doc, &d));
	return e->fn(e->ctx, &d, e->err);
}

static cdg_status
each_native(each_run *e)
{
	const snapshot *snap = e->index->snap;

	for (size_t i = 0; i < snap->nsegs; i++)
		for (uint32_t doc = 0; doc < snap->segs[i].info.docs; doc++)
			if (segment_is_live(&snap->segs[i], doc))
				CDG_TRY(each_one(e, &snap->segs[i], doc));
	return snapshot_error(snap, e->err);
}

cdg_status
each_document(const cdg_index *index, each_fn *fn, void *ctx, cdg_error *err)
{
	each_run e = { .index = index, .fn = fn, .ctx = ctx, .err = err };
	cdg_status st;

	CDG_TRY(api_here(index, err));
	if (!index->snap)
		return xap_each_document(index->be, fn, ctx, err);
	e.an = text_analyzer_new(err);
	if (!e.an)
		return CDG_E_NOMEM;
	store_cursor_init(&e.store, NULL);
	st = each_native(&e);
	store_cursor_fini(&e.store);
	text_analyzer_free(e.an);
	buf_fini(&e.meta);
	buf_fini(&e.text);
	mem_free(e.fields);
	mem_free(e.sections);
	mem_free(e.starts);
	return st;
}
