/* stored.c - what a Xapian database keeps of a document: values for sorting and
 * conditions, data for showing it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr, memmem */
#endif
#include "backend/xapian/impl.h"

#include "engine/docmeta.h"
#include "indexer/read_record.h"

/* ---- values ------------------------------------------------------------------- */

/* The value of a slot in the candidate; NULL: none.  Candidates rise. */
static const char *
value_here(xap_run *r, xap_field *f, size_t *n)
{
	const xap_calls *call = &r->c->b->call;
	xapc_docid did;
	xapc_status st;

	if (f->ended)
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

/* The identifier: the one term that begins with Q. */
static cdg_status
value_id(xap_run *r, ref_doc *d)
{
	const xap_calls *call = &r->c->b->call;
	xapc_terms *it;
	xapc_status st;

	XAP_TRY(r->c, r->err, call->database_terms(r->c->h->db, r->did, &it, &r->c->err));
	st = call->terms_skip_to(it, "Q", 1, &r->c->err);
	if (st == XAPC_OK) {
		size_t n;
		const char *term = call->terms_term(it, &n);

		if (n && *term == 'Q')
			d->id = (doc_str){ arena_strndup(&r->temp, term + 1, n - 1), n - 1 };
	}
	call->terms_free(it);
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
		while (xap_value_next(&in, &r->scratch, &v))
			if (!value_add(r, d, &cap, f, &v))
				return err_nomem(r->err);
	}
	if (r->need_id)
		CDG_TRY(value_id(r, d));
	return r->temp.failed ? err_nomem(r->err) : CDG_OK;
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

typedef struct stored_args {
	uint64_t doc;
	buf *meta, *text;
} stored_args;

/* The record, which is the last line of the data. */
static cdg_status
stored_record(xap_call *c, const stored_args *a, const char *p, size_t n, cdg_error *err)
{
	static const char mark[] = "record=";
	const char *at = memmem(p, n, mark, sizeof mark - 1);
	read_record_error why;
	unsigned repeated;
	read_build build;
	buf scratch;
	bool ok;

	if (!at)
		return err_set(err, CDG_E_CORRUPT, "%s: document %llu has no record", c->b->path,
			       (unsigned long long)a->doc + 1);
	at += sizeof mark - 1;
	read_build_init(&build);
	buf_init(&scratch);
	read_build_reset(&build);
	ok = read_record_parse(&build, &scratch, at, (size_t)(p + n - at), &repeated, &why) && read_build_finish(&build);
	if (ok && a->meta)
		stored_meta(&c->b->base, a->meta, &build.doc);
	if (ok && a->text)
		buf_put(a->text, build.doc.text.p, build.doc.text.n);
	read_build_fini(&build);
	buf_fini(&scratch);
	if (!ok)
		return err_set(err, CDG_E_CORRUPT, "%s: the record of document %llu is damaged at byte %zu: %s",
			       c->b->path, (unsigned long long)a->doc + 1, why.offset, why.message);
	return (a->meta && a->meta->failed) || (a->text && a->text->failed) ? err_nomem(err) : CDG_OK;
}

static cdg_status
stored_on(xap_call *c, void *ctx, cdg_error *err)
{
	const stored_args *a = ctx;
	const xap_calls *call = &c->b->call;
	xapc_string data = XAPC_STRING_INIT;
	xapc_document *doc = NULL;
	cdg_status st;

	if (call->database_document(c->h->db, (xapc_docid)(a->doc + 1), 0, &doc, &c->err) != XAPC_OK ||
	    call->document_data(doc, &data, &c->err) != XAPC_OK)
		st = xap_fail(c, err);
	else
		st = stored_record(c, a, data.data, data.len, err);
	call->string_free(&data);
	call->document_free(doc);
	return st;
}

cdg_status
xap_stored(const backend *b, uint64_t doc, buf *meta, buf *text, cdg_error *err)
{
	stored_args a = { doc, meta, text };

	return xap_with(b, stored_on, &a, err);
}
