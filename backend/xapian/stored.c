/* stored.c - what a Xapian database keeps of a document: values for sorting and
 * conditions, data for showing it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr, memmem */
#endif
#include "backend/xapian/impl.h"

#include "engine/docmeta.h"
#include "indexer/analyze.h"
#include "indexer/read_record.h"
#include "query/snippet.h"

/* ---- values ------------------------------------------------------------------- */

/* The value of a slot in the candidate; NULL: none.  Candidates rise. */
static const char *
value_here(xap_run *r, xap_field *f, size_t *n)
{
	const xap_calls *call = &r->c->b->call;
	xapc_docid did;
	xapc_status st;

	if (xap_is_fetched(r))
		return xap_fetched_value(r, f->slot, n);
	if (f->ended || f->slot == XAPC_NO_SLOT)
		return NULL;
	if (!f->it && call->database_values(r->c->h->db, f->slot, &f->it, &r->c->err) != XAPC_OK) {
		xap_run_fail(r);
		return NULL;
	}
	st = call->values_skip_to(f->it, r->did, &r->c->err);
	f->ended = st == XAPC_END;
	if (st == XAPC_OK)
		st = call->values_docid(f->it, &did, &r->c->err);
	if (st != XAPC_OK && st != XAPC_END)
		xap_run_fail(r);
	return st == XAPC_OK && did == r->did ? call->values_value(f->it, n) : NULL;
}

static bool
value_add(xap_run *r, ref_doc *d, size_t *cap, const xap_field *f, const xap_value *v)
{
	ref_value *out;

	if (d->nvalues == *cap) {
		size_t more = *cap ? *cap * 2 : 8;
		ref_value *list = arena_alloc(&r->temp, more * sizeof *list);

		if (!list)
			return false;
		if (d->nvalues)
			memcpy(list, d->values, d->nvalues * sizeof *list);
		d->values = list;
		*cap = more;
	}
	out = &d->values[d->nvalues++];
	*out = (ref_value){ .field = f->number };
	out->type = v->type == XAP_NUMBER ? DOC_NUMBER : v->type == XAP_DATE ? DOC_DATE : DOC_STRING;
	out->number = v->number;
	out->date = (doc_date){ v->day, v->precision };
	if (v->type == XAP_STRING)
		out->string = (doc_str){ arena_strndup(&r->temp, v->string, v->n), v->n };
	return !r->temp.failed;
}

/* ---- data ----------------------------------------------------------------------- */

static void
stored_value(const backend *b, buf *meta, const doc_field *f)
{
	docmeta_value v = { .field = xap_name(b, f->name.p, f->name.n), .type = f->type, .list = f->list,
			    .string = f->string.p, .len = f->string.n, .number = f->number,
			    .day = f->date.day, .precision = f->date.precision };

	docmeta_put_value(meta, &v);
}

static void
stored_meta(const backend *b, buf *meta, const document *d)
{
	docmeta m = { .id = d->id.p, .id_len = d->id.n, .title = d->title.p, .title_len = d->title.n,
		      .url = d->url.p, .url_len = d->url.n, .lang = d->lang.p, .lang_len = d->lang.n,
		      .has_date = d->has_date, .day = d->date.day, .precision = d->date.precision,
		      .nfields = (uint32_t)d->nfields };

	docmeta_put(meta, &m);
	for (size_t i = 0; i < d->nfields; i++)
		stored_value(b, meta, &d->fields[i]);
}

/* The record, which is the last line of the data. */
cdg_status
xap_stored_record(xap_call *c, uint64_t doc, xap_document *d, cdg_error *err)
{
	static const char mark[] = "record=";
	const char *p = d->data.data, *at = p ? memmem(p, d->data.len, mark, sizeof mark - 1) : NULL;
	read_record_error why = { { 0 }, 0 };
	unsigned repeated;

	if (!at)
		return err_set(err, CDG_E_CORRUPT, "%s: document %llu has no record in its data", c->b->path,
			       (unsigned long long)doc + 1);
	at += sizeof mark - 1;
	if (read_record_parse(&d->build, &d->scratch, at, (size_t)(p + d->data.len - at), &repeated, &why) &&
	    read_build_finish(&d->build))
		return CDG_OK;
	if (d->build.failed)
		return err_nomem(err);
	return err_set(err, CDG_E_CORRUPT, "%s: the record of document %llu is damaged at byte %zu: %s", c->b->path,
		       (unsigned long long)doc + 1, why.offset, why.message);
}

/* The document of a number, from its data. */
static cdg_status
stored_load(xap_call *c, uint64_t doc, xap_document *d, cdg_error *err)
{
	const xap_calls *call = &c->b->call;
	xapc_document *from = NULL;
	cdg_status st;

	memset(d, 0, sizeof *d);
	read_build_init(&d->build);
	read_build_reset(&d->build);
	CDG_TRY(xap_has_shard(c, doc, err));
	if (call->database_document(c->h->db, (xapc_docid)(doc + 1), 0, &from, &c->err) != XAPC_OK ||
	    call->document_data(from, &d->data, &c->err) != XAPC_OK)
		st = xap_fail(c, err);
	else
		st = c->b->own ? xap_stored_record(c, doc, d, err) : xap_foreign_document(c, from, d, err);
	call->document_free(from);
	return st;
}

static void
stored_free(xap_call *c, xap_document *d)
{
	c->b->call.string_free(&d->data);
	read_build_fini(&d->build);
	buf_fini(&d->scratch);
}

/* ---- values of a candidate ------------------------------------------------------- */

/* One that is too long for a term is whole in the data only. */
static cdg_status
value_long_id(xap_run *r, ref_doc *d)
{
	xap_document doc;
	cdg_status st = stored_load(r->c, r->did - 1, &doc, r->err);

	if (st == CDG_OK)
		d->id = (doc_str){ arena_strndup(&r->temp, doc.build.doc.id.p, doc.build.doc.id.n), doc.build.doc.id.n };
	stored_free(r->c, &doc);
	return st;
}

/* The identifier: the one term that begins with Q. */
static cdg_status
value_id(xap_run *r, ref_doc *d)
{
	const xap_calls *call = &r->c->b->call;
	xapc_terms *it;
	xapc_status st;
	bool cut = false;

	if (xap_is_fetched(r)) {
		d->id = xap_fetched_id(r);
		return CDG_OK;
	}
	XAP_TRY(r->c, r->err, call->database_terms(r->c->h->db, r->did, &it, &r->c->err));
	st = call->terms_skip_to(it, "Q", 1, &r->c->err);
	if (st == XAPC_OK) {
		size_t n;
		const char *term = call->terms_term(it, &n);

		if (n && *term == 'Q')
			d->id = (doc_str){ arena_strndup(&r->temp, term + 1, n - 1), n - 1 };
		cut = n > XAP_TERM_CUT - 4 && n > 17 && term[n - 17] == 0x1e;
	}
	call->terms_free(it);
	if (cut)
		return value_long_id(r, d);
	return st == XAPC_OK || st == XAPC_END ? CDG_OK : xap_fail(r->c, r->err);
}

cdg_status
xap_values(xap_run *r, ref_doc *d)
{
	size_t cap = 0;

	for (size_t i = 0; i < r->nfields; i++) {
		xap_field *f = &r->fields[i];
		size_t n = 0;
		const char *p = value_here(r, f, &n);
		rd in = rd_make(p, p ? n : 0);
		xap_value v;

		if (r->s.failure)
			return r->s.failure;
		if (!r->c->b->own) {
			if (p && xap_foreign_value(r, f, p, n, &v) && !value_add(r, d, &cap, f, &v))
				return err_nomem(r->err);
			continue;
		}
		while (xap_value_next(&in, &r->scratch, &v))
			if (!value_add(r, d, &cap, f, &v))
				return err_nomem(r->err);
	}
	if (r->need_id)
		CDG_TRY(value_id(r, d));
	return r->temp.failed ? err_nomem(r->err) : CDG_OK;
}

typedef struct stored_args {
	uint64_t doc;
	buf *meta, *text;
} stored_args;

static cdg_status
stored_on(xap_call *c, void *ctx, cdg_error *err)
{
	const stored_args *a = ctx;
	xap_document d;
	cdg_status st = stored_load(c, a->doc, &d, err);

	if (st == CDG_OK && a->meta)
		stored_meta(&c->b->base, a->meta, &d.build.doc);
	if (st == CDG_OK && a->text)
		buf_put(a->text, d.build.doc.text.p, d.build.doc.text.n);
	stored_free(c, &d);
	if (st == CDG_OK && ((a->meta && a->meta->failed) || (a->text && a->text->failed)))
		return err_nomem(err);
	return st;
}

cdg_status
xap_stored(const backend *b, uint64_t doc, buf *meta, buf *text, cdg_error *err)
{
	stored_args a = { doc, meta, text };

	return xap_with(b, stored_on, &a, err);
}

/* ---- texts ------------------------------------------------------------------------ */

typedef struct whole_args {
	const search_request *rq;
	uint64_t doc;
	const search_span *spans;
	size_t n;
	text_analyzer *an;
	backend_whole_fn *fn;
	void *ctx;
	bool done; /* fn was called: what it made is not to be made again */
} whole_args;

/* Position of the first token of the text. */
static uint32_t
whole_body(text_analyzer *an, doc_str title)
{
	text_token batch[64];

	text_begin(an, title.p ? title.p : "", title.n, 0);
	while (text_next(an, batch, countof(batch)))
		;
	return analyze_body_pos(text_next_pos(an));
}

static cdg_status
whole_of(const document *d, whole_args *a, const search_span *spans, size_t n, cdg_error *err)
{
	snippet_section *list = mem_calloc(d->nsections + 1, sizeof *list);
	snippet_source from = { .text = d->text.p, .n = d->text.n, .sections = list, .nsections = d->nsections };
	cdg_status st;

	if (!list)
		return err_nomem(err);
	for (size_t i = 0; i < d->nsections; i++) {
		const doc_section *s = &d->sections[i];
		tree_kind kind = tree_kind_find(s->kind);

		list[i] = (snippet_section){ .start = s->start, .end = s->end, .label = s->label.p,
					     .label_len = s->label.n, .level = s->level, .kind = (uint8_t)kind,
					     .page = kind == TREE_PAGE };
	}
	from.body_pos = whole_body(a->an, d->title);
	a->done = true;
	st = a->fn(a->ctx, &from, spans, n, err);
	mem_free(list);
	return st;
}

/* What others keep of a text is not what they indexed: look for the words in it. */
static cdg_status
whole_foreign(const document *d, whole_args *a, cdg_error *err)
{
	ref_index *ref = ref_new(err);
	search_span *spans = NULL;
	size_t n = 0;
	cdg_status st = ref ? ref_add(ref, d, TEXT_LANG_EN, err) : CDG_E_NOMEM;
	search_request rq = *a->rq;

	rq.langs = (uint64_t)1 << TEXT_LANG_EN;
	if (st == CDG_OK)
		st = ref_backend(ref)->ops->spans(ref_backend(ref), &rq, 0, &spans, &n, err);
	if (st == CDG_OK)
		st = whole_of(d, a, spans, n, err);
	mem_free(spans);
	ref_free(ref);
	return st;
}

static cdg_status
whole_on(xap_call *c, void *ctx, cdg_error *err)
{
	whole_args *a = ctx;
	xap_document d;
	cdg_status st;

	if (a->done)
		return err_set(err, CDG_E_IO, "%s was changed while a document was read", c->b->path);
	st = stored_load(c, a->doc, &d, err);
	if (st == CDG_OK)
		st = c->b->own ? whole_of(&d.build.doc, a, a->spans, a->n, err) :
				 whole_foreign(&d.build.doc, a, err);
	stored_free(c, &d);
	return st;
}

cdg_status
xap_whole(const backend *b, const search_request *rq, uint64_t doc, const search_span *spans, size_t n,
	  text_analyzer *an, backend_whole_fn *fn, void *ctx, cdg_error *err)
{
	whole_args a = { rq, doc, spans, n, an, fn, ctx, false };

	return xap_with_limit(b, rq->deadline_ns, whole_on, &a, err);
}

/* ---- all documents -------------------------------------------------------------- */

typedef struct walk_args {
	xap_document_fn *fn;
	void *ctx;
	xapc_docid last; /* done */
} walk_args;

static cdg_status
walk_on(xap_call *c, void *ctx, cdg_error *err)
{
	walk_args *a = ctx;
	const xap_calls *call = &c->b->call;
	xapc_postings *it;
	xapc_status xs;
	cdg_status st = CDG_OK;

	if (c->h->use.missing)
		return xap_is_partial(c, err);
	XAP_TRY(c, err, call->database_postings(c->h->db, "", 0, &it, &c->err));
	xs = call->postings_skip_to(it, a->last + 1, &c->err);
	for (; st == CDG_OK && xs == XAPC_OK; xs = call->postings_next(it, &c->err)) {
		xapc_docid did = call->postings_docid(it);
		xap_document d;

		st = stored_load(c, did - 1, &d, err);
		if (st == CDG_OK && !c->b->own && c->b->positions)
			st = xap_foreign_words(c, did, &d, err);
		if (st == CDG_OK)
			st = a->fn(a->ctx, &d.build.doc, err);
		stored_free(c, &d);
		if (st == CDG_OK)
			a->last = did;
	}
	call->postings_free(it);
	return st != CDG_OK || xs == XAPC_OK || xs == XAPC_END ? st : xap_fail(c, err);
}

cdg_status
xap_each_document(const backend *b, xap_document_fn *fn, void *ctx, cdg_error *err)
{
	walk_args a = { fn, ctx, 0 };

	return xap_with(b, walk_on, &a, err);
}
