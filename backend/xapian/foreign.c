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

/* What Omega's names are here; NULL: not shown. */
static const char *
foreign_name(const char *p, size_t n)
{
	static const char *const names[][2] = {
		{ "caption", "title" }, { "title", "title" }, { "url", "url" },	  { "sample", "text" },
		{ "text", "text" },	{ "body", "text" },   { "id", "id" },	  { "lang", "lang" },
		{ "language", "lang" }, { "date", "date" },   { "modtime", NULL },
	};

	for (size_t i = 0; i < countof(names); i++)
		if (strlen(names[i][0]) == n && !memcmp(names[i][0], p, n))
			return names[i][1];
	return p;
}

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
foreign_field(read_build *b, doc_str name, doc_str value)
{
	const char *known = foreign_name(name.p, name.n);
	read_key key;

	if (!known) {
		foreign_time(b, value);
		return;
	}
	key = known == name.p ? READ_KEY_OTHER : read_build_key(known, strlen(known));
	if (key == READ_KEY_OTHER)
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
foreign_lines(read_build *b, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		const char *eq = memchr(p, '=', (size_t)(stop - p));

		if (eq && eq > p)
			foreign_field(b, (doc_str){ p, (size_t)(eq - p) }, (doc_str){ eq + 1, (size_t)(stop - eq - 1) });
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
		foreign_lines(b, p, n);
	else
		read_build_known(b, READ_KEY_TEXT, (doc_str){ p ? p : "", n });
	if (!b->doc.text.p)
		b->doc.text = (doc_str){ "", 0 };
	CDG_TRY(foreign_id(c, from, b, err));
	return read_build_finish(b) ? CDG_OK : err_nomem(err);
}
