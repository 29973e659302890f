/* build.c - see build.h.
 *
 * The tokens of a field are gathered by term first, so that stems and folds are
 * worked out once a term; then each becomes a posting. */
#include "backend/xapian/build.h"

#include <stdio.h>
#include <xxhash.h>

#include "base/mem.h"
#include "indexer/analyze.h"
#include "extract/write_record.h"

enum { BUILD_BATCH = 256, BUILD_SAMPLE = 300 };

/* A distinct term of a field of the document. */
typedef struct build_term {
	uint32_t at, stem_at;  /* in names */
	uint16_t len, stem_len;
	bool foreign;          /* other words have it as their stem */
} build_term;

struct xap_builder {
	const xap_calls *call;
	text_analyzer *an;
	xapc_document *doc;
	xapc_error err;
	build_term *terms;
	size_t nterms, terms_cap;
	uint32_t *slots;       /* open addressing: index + 1 */
	size_t nslots;
	buf names, prefix, key, other, data, value;
};

xap_builder *
xap_builder_new(const xap_calls *call, cdg_error *err)
{
	xap_builder *b = mem_calloc(1, sizeof *b);

	if (!b) {
		err_nomem(err);
		return NULL;
	}
	b->call = call;
	b->an = text_analyzer_new(err);
	if (!b->an) {
		xap_builder_free(b);
		return NULL;
	}
	return b;
}

void
xap_builder_free(xap_builder *b)
{
	if (!b)
		return;
	if (b->an)
		text_analyzer_free(b->an);
	mem_free(b->terms);
	mem_free(b->slots);
	buf_fini(&b->names);
	buf_fini(&b->prefix);
	buf_fini(&b->key);
	buf_fini(&b->other);
	buf_fini(&b->data);
	buf_fini(&b->value);
	mem_free(b);
}

/* ---- postings --------------------------------------------------------------- */

#define BUILD_KEY(b) (const char *)(b)->key.p, (b)->key.len

static bool
put_term(xap_builder *b, uint32_t wdf)
{
	return !b->key.failed && b->call->document_add_term(b->doc, BUILD_KEY(b), wdf, &b->err) == XAPC_OK;
}

static bool
put_posting(xap_builder *b, uint32_t pos, uint32_t wdf)
{
	return !b->key.failed && b->call->document_add_posting(b->doc, BUILD_KEY(b), pos + XAP_POSITION_FIRST, wdf,
							       &b->err) == XAPC_OK;
}

/* The term in b->key is JOINED here: say so. */
static bool
put_joined(xap_builder *b, const text_token *t)
{
	char width = (char)('0' + t->width);

	buf_put(&b->other, b->key.p, b->key.len);
	xap_helper(&b->key, "X-J", &b->prefix, (const char *)b->other.p, b->other.len, &width, 1);
	b->other.len = 0;
	return put_posting(b, t->pos, 0);
}

/* ---- distinct terms ----------------------------------------------------------- */

/* Where a term is, or would be. */
static size_t
term_slot(const xap_builder *b, const char *p, size_t n)
{
	size_t k = (size_t)XXH3_64bits(p, n) & (b->nslots - 1);

	for (; b->slots[k]; k = (k + 1) & (b->nslots - 1)) {
		const build_term *e = &b->terms[b->slots[k] - 1];
		if (e->len == n && !memcmp(b->names.p + e->at, p, n))
			break;
	}
	return k;
}

static bool
terms_grow(xap_builder *b)
{
	size_t n = b->nslots ? b->nslots * 2 : 1024;
	uint32_t *slots;

	if (b->nterms * 2 < b->nslots)
		return true;
	slots = mem_calloc(n, sizeof *slots);
	if (!slots)
		return false;
	mem_free(b->slots);
	b->slots = slots;
	b->nslots = n;
	for (size_t i = 0; i < b->nterms; i++)
		slots[term_slot(b, (const char *)b->names.p + b->terms[i].at, b->terms[i].len)] = (uint32_t)i + 1;
	return true;
}

/* What is to be known once of a term: accents it has. */
static bool
term_first(xap_builder *b, const text_token *t)
{
	char fold[TEXT_TERM_MAX];
	size_t n = text_fold(t->term, t->len, fold);

	if (n == t->len && !memcmp(fold, t->term, n))
		return true;
	xap_helper(&b->key, "X-A", &b->prefix, fold, n, t->term, t->len);
	return put_term(b, 0);
}

/* NULL: memory, or b->err. */
static build_term *
term_find(xap_builder *b, const text_token *t, text_lang lang, bool stems)
{
	char stem[TEXT_TERM_MAX];
	build_term *e;
	size_t k;

	if (!terms_grow(b) || !mem_grow(&b->terms, &b->terms_cap, b->nterms + 1, sizeof *b->terms))
		return NULL;
	k = term_slot(b, t->term, t->len);
	if (b->slots[k])
		return &b->terms[b->slots[k] - 1];
	e = &b->terms[b->nterms];
	*e = (build_term){ .at = (uint32_t)b->names.len, .len = t->len };
	buf_put(&b->names, t->term, t->len);
	if (stems) {
		e->stem_at = (uint32_t)b->names.len;
		e->stem_len = (uint16_t)text_stem(b->an, lang, t->term, t->len, stem);
		buf_put(&b->names, stem, e->stem_len);
	}
	if (b->names.failed || !term_first(b, t))
		return NULL;
	b->slots[k] = (uint32_t)++b->nterms;
	return e;
}

static void
terms_reset(xap_builder *b)
{
	if (b->nslots)
		memset(b->slots, 0, b->nslots * sizeof *b->slots);
	b->nterms = b->names.len = 0;
}

static bool
term_is_stem(const xap_builder *b, const build_term *e)
{
	return e->stem_len == e->len && !memcmp(b->names.p + e->at, b->names.p + e->stem_at, e->len);
}

/* Terms that are not their own stems, beside words whose stem they are. */
static bool
terms_note_foreign(xap_builder *b)
{
	for (size_t i = 0; i < b->nterms; i++) {
		const build_term *e = &b->terms[i];
		size_t k = term_slot(b, (const char *)b->names.p + e->stem_at, e->stem_len);

		if (b->slots[k])
			b->terms[b->slots[k] - 1].foreign = true;
	}
	for (size_t i = 0; i < b->nterms; i++) {
		const build_term *e = &b->terms[i];

		if (!e->foreign || term_is_stem(b, e))
			continue;
		xap_helper(&b->key, "X-N", &b->prefix, (const char *)b->names.p + e->at, e->len, NULL, 0);
		if (!put_term(b, 0))
			return false;
	}
	return true;
}

/* ---- tokens --------------------------------------------------------------------- */

typedef struct build_field {
	doc_str text;
	uint32_t pos;
	text_lang lang;
	bool stems;   /* text and title: they have stems, and weigh */
} build_field;

static bool
put_token(xap_builder *b, const build_field *f, const text_token *t)
{
	bool joined = t->kind == TEXT_JOINED;
	uint32_t wdf = f->stems && !joined;
	const char *raw = f->text.p + t->start;
	size_t nraw = t->end - t->start;
	const build_term *e = term_find(b, t, f->lang, f->stems);

	if (!e)
		return false;
	xap_word(&b->key, &b->prefix, t->term, t->len);
	if (!put_posting(b, t->pos, wdf) || (joined && !put_joined(b, t)))
		return false;
	if (f->stems) {
		bool own = term_is_stem(b, e) || joined;

		xap_stem(&b->key, &b->prefix, (const char *)b->names.p + e->stem_at, e->stem_len);
		if (own ? !put_term(b, wdf) : !put_posting(b, t->pos, wdf))
			return false;
		if (joined && !put_joined(b, t))
			return false;
	}
	if (nraw != t->len || memcmp(raw, t->term, nraw) != 0) {
		xap_helper(&b->key, "X-W", &b->prefix, t->term, t->len, raw, nraw);
		if (!put_posting(b, t->pos, 0))
			return false;
	}
	if (t->flags & TEXT_HYPHEN) {
		xap_helper(&b->key, "X-H", &b->prefix, "", 0, NULL, 0);
		return put_posting(b, t->pos, 0);
	}
	return true;
}

/* Tokens of a piece; the position behind them, UINT32_MAX for a failure. */
static uint32_t
put_tokens(xap_builder *b, const build_field *f)
{
	text_token batch[BUILD_BATCH];
	size_t n;

	text_begin(b->an, f->text.p ? f->text.p : "", f->text.n, f->pos);
	while ((n = text_next(b->an, batch, BUILD_BATCH)) > 0)
		for (size_t i = 0; i < n; i++)
			if (!put_token(b, f, &batch[i]))
				return UINT32_MAX;
	return text_next_pos(b->an);
}

static bool
put_texts(xap_builder *b, const document *doc, text_lang lang)
{
	build_field f = { .text = doc->title, .lang = lang, .stems = true };
	uint32_t end;

	b->prefix.len = 0;
	terms_reset(b);
	end = put_tokens(b, &f);
	if (end == UINT32_MAX)
		return false;
	f.text = doc->text;
	f.pos = analyze_body_pos(end);
	if (put_tokens(b, &f) == UINT32_MAX || !terms_note_foreign(b))
		return false;
	xap_put_prefix(&b->prefix, "title", 5);
	terms_reset(b);
	f.text = doc->title;
	f.pos = 0;
	return put_tokens(b, &f) != UINT32_MAX && terms_note_foreign(b);
}

/* ---- metadata ---------------------------------------------------------------------- */

static void
put_field_value(buf *out, const doc_field *f)
{
	if (f->type == DOC_NUMBER)
		xap_put_number(out, f->number);
	else if (f->type == DOC_DATE)
		xap_put_date(out, f->date.day, f->date.precision);
	else
		xap_put_string(out, f->string.p ? f->string.p : "", f->string.n);
}

/* All values of the name that value `first` has: words, the value slot, presence. */
static bool
put_field(xap_builder *b, const doc_field *fields, size_t n, size_t first, text_lang lang)
{
	doc_str name = fields[first].name;
	build_field f = { .lang = lang };

	b->prefix.len = b->value.len = 0;
	xap_put_prefix(&b->prefix, name.p, name.n);
	terms_reset(b);
	for (size_t i = first; i < n; i++) {
		if (fields[i].name.n != name.n || memcmp(fields[i].name.p, name.p, name.n) != 0)
			continue;
		put_field_value(&b->value, &fields[i]);
		if (fields[i].type != DOC_STRING)
			continue;
		f.text = fields[i].string;
		f.pos = put_tokens(b, &f);
		if (f.pos == UINT32_MAX)
			return false;
		f.pos += ANALYZE_VALUE_GAP;
	}
	xap_helper(&b->key, "X-F", NULL, name.p, name.n, NULL, 0);
	return !b->value.failed && put_term(b, 0) &&
	       b->call->document_set_value(b->doc, xap_slot(name.p, name.n), (const char *)b->value.p, b->value.len,
					   &b->err) == XAPC_OK;
}

static bool
put_fields(xap_builder *b, const doc_field *fields, size_t n, text_lang lang)
{
	for (size_t i = 0; i < n; i++) {
		bool again = false;

		for (size_t k = 0; k < i && !again; k++)
			again = fields[k].name.n == fields[i].name.n &&
				!memcmp(fields[k].name.p, fields[i].name.p, fields[i].name.n);
		if (!again && !put_field(b, fields, n, i, lang))
			return false;
	}
	return true;
}

static doc_str
build_str(const char *s)
{
	return (doc_str){ s, strlen(s) };
}

/* url, lang and date are fields like others. */
static bool
put_metadata(xap_builder *b, const document *doc, text_lang lang)
{
	doc_field known[3];
	size_t n = 0;

	if (doc->url.n)
		known[n++] = (doc_field){ .name = build_str("url"), .type = DOC_STRING, .string = doc->url };
	if (doc->lang.n)
		known[n++] = (doc_field){ .name = build_str("lang"), .type = DOC_STRING, .string = doc->lang };
	if (doc->has_date)
		known[n++] = (doc_field){ .name = build_str("date"), .type = DOC_DATE, .date = doc->date };
	return put_fields(b, doc->fields, doc->nfields, lang) && put_fields(b, known, n, lang);
}

/* ---- boolean terms and values as Omega has them ---------------------------------------- */

static bool
put_short(xap_builder *b, const char *p, size_t n)
{
	b->key.len = 0;
	buf_put(&b->key, p, n);
	xap_close(&b->key, 0);
	return put_term(b, 0);
}

static bool
put_date_terms(xap_builder *b, doc_date d)
{
	char text[16];
	int y, m, day;

	doc_civil(d.day, &y, &m, &day);
	if (y < 0 || y > 9999)
		return true;
	snprintf(text, sizeof text, "D%04d%02d%02d", y, m, day);
	if (!put_short(b, text, 9) ||
	    b->call->document_set_value(b->doc, XAP_SLOT_DATE, text + 1, 8, &b->err) != XAPC_OK)
		return false;
	text[0] = 'M';
	if (!put_short(b, text, 7))
		return false;
	text[0] = 'Y';
	return put_short(b, text, 5);
}

static bool
put_known_terms(xap_builder *b, const document *doc, const xap_origin *from)
{
	const char *code = text_lang_code(from->lang);
	char text[16], lang = (char)from->lang;

	xap_id(&b->key, doc->id.p, doc->id.n);
	if (!put_term(b, 0))
		return false;
	xap_helper(&b->key, "X-L", NULL, code, strlen(code), NULL, 0);
	if (!put_term(b, 0))
		return false;
	snprintf(text, sizeof text, "L%.8s", code);
	if (*code && !put_short(b, text, strlen(text)))
		return false;
	snprintf(text, sizeof text, "%u", from->source);
	xap_helper(&b->key, "X-O", NULL, text, strlen(text), NULL, 0);
	if (from->source && !put_term(b, 0))
		return false;
	if (doc->has_date && !put_date_terms(b, doc->date))
		return false;
	b->value.len = 0;
	buf_put_u64(&b->value, from->hash);
	return !b->value.failed &&
	       b->call->document_set_value(b->doc, XAP_SLOT_HASH, (const char *)b->value.p, 8, &b->err) == XAPC_OK &&
	       b->call->document_set_value(b->doc, XAP_SLOT_LANG, &lang, lang != 0, &b->err) == XAPC_OK;
}

/* ---- data ---------------------------------------------------------------------------------- */

static void
put_line(buf *out, const char *name, const char *p, size_t n, size_t most)
{
	size_t end = min_size(n, most);

	while (end && end < n && ((uint8_t)p[end] & 0xc0) == 0x80)
		end--;
	if (!n)
		return;
	buf_puts(out, name);
	buf_put_u8(out, '=');
	for (size_t i = 0; i < end; i++)
		buf_put_u8(out, (uint8_t)p[i] < 0x20 ? ' ' : (uint8_t)p[i]);
	buf_put_u8(out, '\n');
}

/* Lines as Omega reads them, of which the last is the whole record. */
static bool
put_data(xap_builder *b, const document *doc, const xap_origin *from)
{
	document kept = *doc;
	buf *out = &b->data;

	out->len = 0;
	put_line(out, "url", doc->url.n ? doc->url.p : doc->id.p, doc->url.n ? doc->url.n : doc->id.n, 2000);
	put_line(out, "caption", doc->title.p, doc->title.n, 2000);
	put_line(out, "sample", doc->text.p, doc->text.n, BUILD_SAMPLE);
	if (from->no_store) {
		kept.text = build_str("");
		kept.nsections = 0;
	}
	buf_puts(out, "record=");
	write_record(out, &kept);
	return !out->failed &&
	       b->call->document_set_data(b->doc, (const char *)out->p, out->len, &b->err) == XAPC_OK;
}

cdg_status
xap_build(xap_builder *b, const document *doc, const xap_origin *from, xapc_document **out, cdg_error *err)
{
	bool ok;

	*out = NULL;
	b->err.status = XAPC_OK;
	if (b->call->document_new(&b->doc, &b->err) != XAPC_OK)
		return xap_error(&b->err, "a document", err);
	ok = put_texts(b, doc, from->lang) && put_metadata(b, doc, from->lang) && put_known_terms(b, doc, from) &&
	     put_data(b, doc, from);
	if (ok) {
		*out = b->doc;
		return CDG_OK;
	}
	b->call->document_free(b->doc);
	return b->err.status != XAPC_OK ? xap_error(&b->err, "a document", err) : err_nomem(err);
}
