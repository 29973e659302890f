/* foreign.c - databases that others wrote: what their documents are, from data as
 * Omega has it (lines NAME=VALUE), and from a mapping file where there is one.
 *
 * omindex and scriptindex keep a caption, a sample of the text, the URL, the type
 * and the like.  Data of another form are the document's text as they are.
 */
#include "backend/xapian/impl.h"

#include <stdio.h>
#include <stdlib.h>

#include "indexer/read_record.h"

/* Seconds since 1970 as a day. */
static void
foreign_time(read_build *b, doc_str v)
{
	char text[32], *end;
	long long seconds;

	if (!v.n || v.n >= sizeof text || b->doc.has_date)
		return;
	memcpy(text, v.p, v.n);
	text[v.n] = 0;
	seconds = strtoll(text, &end, 10);
	if (*end || seconds < 0 || seconds > 253402300799)
		return;
	b->doc.has_date = true;
	b->doc.date = (doc_date){ (int32_t)(seconds / 86400), DOC_DAY };
}

static void
foreign_field(const xap_map *map, read_build *b, doc_str name, doc_str value)
{
	const char *to = xap_map_name(map, name.p, name.n);
	doc_date date;
	read_key key;

	if (to)
		name = (doc_str){ to, strlen(to) };
	key = read_build_key(name.p, name.n);
	if (key == READ_KEY_DATE && !doc_parse_date(value.p, value.n, &date))
		foreign_time(b, value);
	else if (key == READ_KEY_OTHER)
		read_build_untyped(b, name, value, false);
	else
		read_build_known(b, key, value);
}

/* Is it lines of NAME=VALUE? */
static bool
foreign_is_lines(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && ((p[i] | 0x20) >= 'a' ? (p[i] | 0x20) <= 'z' : p[i] == '_' || (p[i] >= '0' && p[i] <= '9')))
		i++;
	return i && i < n && p[i] == '=';
}

static void
foreign_lines(const xap_map *map, read_build *b, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		const char *eq = memchr(p, '=', (size_t)(stop - p));

		if (eq && eq > p)
			foreign_field(map, b, (doc_str){ p, (size_t)(eq - p) }, (doc_str){ eq + 1, (size_t)(stop - eq - 1) });
		p = nl ? nl + 1 : end;
	}
}

/* Bytes as valid UTF-8, in the document's own memory. */
static bool
foreign_clean(xap_document *d)
{
	const char *view;
	size_t n;
	text_clean clean;
	buf out;
	bool ok;

	buf_init(&out);
	ok = text_sanitize(d->data.data ? d->data.data : "", d->data.len, &out, &view, &n, &clean, NULL) == CDG_OK;
	ok = ok && !out.failed;
	d->scratch.len = 0;
	buf_put(&d->scratch, view, ok ? n : 0);
	buf_fini(&out);
	return ok && !d->scratch.failed;
}

/* A term that tells the document: Q (scriptindex), U (omindex); else its number. */
static cdg_status
foreign_id(xap_call *c, const xapc_document *from, read_build *b, cdg_error *err)
{
	const xap_calls *call = &c->b->call;
	char text[32];
	xapc_terms *it;
	xapc_docid did;
	xapc_status st;

	XAP_TRY(c, err, call->document_docid(from, &did, &c->err));
	XAP_TRY(c, err, call->database_terms(c->h->db, did, &it, &c->err));
	st = call->terms_skip_to(it, "Q", 1, &c->err);
	if (st == XAPC_OK) {
		size_t n;
		const char *term = call->terms_term(it, &n);

		if (n > 1 && *term == 'Q')
			b->doc.id = read_build_copy(b, term + 1, n - 1);
	}
	call->terms_free(it);
	if (st != XAPC_OK && st != XAPC_END)
		return xap_fail(c, err);
	if (!b->doc.id.n && b->doc.url.n)
		b->doc.id = b->doc.url;
	if (!b->doc.id.n) {
		snprintf(text, sizeof text, "%u", did);
		b->doc.id = read_build_copy(b, text, strlen(text));
	}
	return CDG_OK;
}

cdg_status
xap_foreign_document(xap_call *c, const xapc_document *from, xap_document *d, cdg_error *err)
{
	read_build *b = &d->build;
	const char *p;
	size_t n;

	if (!foreign_clean(d))
		return err_nomem(err);
	p = (const char *)d->scratch.p;
	n = d->scratch.len;
	if (foreign_is_lines(p, n))
		foreign_lines(&c->b->map, b, p, n);
	else
		read_build_known(b, READ_KEY_TEXT, (doc_str){ p ? p : "", n });
	if (!b->doc.text.p)
		b->doc.text = (doc_str){ "", 0 };
	CDG_TRY(foreign_id(c, from, b, err));
	return read_build_finish(b) ? CDG_OK : err_nomem(err);
}

/* ---- the text, from its words ----------------------------------------------------- */

typedef struct foreign_place {
	uint32_t pos, at, len; /* in the buf of words */
} foreign_place;

typedef struct foreign_words {
	buf bytes;
	foreign_place *p;
	size_t n, cap;
} foreign_words;

static int
place_compare(const void *a, const void *b)
{
	const foreign_place *x = a, *y = b;

	return x->pos != y->pos ? (x->pos < y->pos ? -1 : 1) : (x->len > y->len ? -1 : x->len < y->len);
}

static bool
words_take(xap_call *c, xapc_terms *it, foreign_words *w)
{
	const xap_calls *call = &c->b->call;
	xapc_positions *pos;
	xapc_status st;
	size_t n, at = w->bytes.len;
	const char *term = call->terms_term(it, &n);

	if (call->terms_positions(it, &pos, &c->err) != XAPC_OK)
		return false;
	while ((st = call->positions_next(pos, &c->err)) == XAPC_OK &&
	       mem_grow(&w->p, &w->cap, w->n + 1, sizeof *w->p))
		w->p[w->n++] = (foreign_place){ call->positions_pos(pos), (uint32_t)at, (uint32_t)n };
	call->positions_free(pos);
	buf_put(&w->bytes, term, n);
	w->bytes.failed |= st == XAPC_OK; /* no memory */
	return st == XAPC_END && !w->bytes.failed;
}

static cdg_status
words_read(xap_call *c, xapc_docid did, foreign_words *w, cdg_error *err)
{
	const xap_calls *call = &c->b->call;
	xapc_terms *it;
	xapc_status st;
	bool ok = true;

	XAP_TRY(c, err, call->database_terms(c->h->db, did, &it, &c->err));
	while (ok && (st = call->terms_next(it, &c->err)) == XAPC_OK) {
		size_t n;
		const char *term = call->terms_term(it, &n);

		if (n && !(*term >= 'A' && *term <= 'Z'))
			ok = words_take(c, it, w);
	}
	call->terms_free(it);
	if (ok && st == XAPC_END)
		return CDG_OK;
	return w->bytes.failed ? err_nomem(err) : xap_fail(c, err);
}

/* A database may keep less of a text than it knows words: then these stand for it,
 * as they stood, in small letters. */
cdg_status
xap_foreign_words(xap_call *c, xapc_docid did, xap_document *d, cdg_error *err)
{
	foreign_words w = { { 0 }, NULL, 0, 0 };
	read_build *b = &d->build;
	cdg_status st = words_read(c, did, &w, err);
	uint32_t last = UINT32_MAX;

	if (w.n > 1)
		qsort(w.p, w.n, sizeof *w.p, place_compare);
	b->text.len = 0;
	for (size_t i = 0; i < w.n; i++) {
		if (w.p[i].pos == last)
			continue;
		last = w.p[i].pos;
		if (b->text.len)
			buf_put_u8(&b->text, ' ');
		buf_put(&b->text, w.bytes.p + w.p[i].at, w.p[i].len);
	}
	if (st == CDG_OK && b->text.failed)
		st = err_nomem(err);
	if (st == CDG_OK && w.n)
		b->doc.text = (doc_str){ (const char *)b->text.p, b->text.len };
	buf_fini(&w.bytes);
	mem_free(w.p);
	return st;
}
