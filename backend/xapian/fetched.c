/* fetched.c - a candidate on another host, evaluated from its record.
 *
 * The protocol sends positions and terms of a document in a message each, after a
 * question each.  The record that cdgindex keeps in the data comes as one, with all
 * values; its text, analysed again as it was for the index, says the same.  Only of
 * a document without its text (--no-store) are positions asked for.
 */
#include "backend/xapian/impl.h"

#include "indexer/analyze.h"

enum { FETCHED_BATCH = 256 };

/* A token, in r->temp. */
typedef struct fetched_token {
	const char *term, *raw, *stem; /* stem NULL: not asked for yet */
	uint32_t pos, nraw;
	uint8_t len, nstem, width, kind;
	bool hyphen;
} fetched_token;

typedef struct fetched_tokens {
	fetched_token *at;
	size_t n, cap;
	uint32_t length;   /* without JOINED ones */
	uint32_t next_pos;
	uint32_t field;
	struct fetched_tokens *next;
} fetched_tokens;

struct xap_fetched {
	bool here;             /* of the candidate */
	xapc_document *from;
	xap_document d;
	text_lang lang;
	fetched_tokens axis, name;
	fetched_tokens *fields;
	xapc_string value;
};

/* ---- tokens --------------------------------------------------------------------- */

static bool
tokens_grow(xap_run *r, fetched_tokens *to, size_t more)
{
	size_t cap = to->cap ? to->cap : 512;
	fetched_token *at;

	if (to->n + more <= to->cap)
		return true;
	while (cap < to->n + more)
		cap *= 2;
	at = arena_alloc(&r->temp, cap * sizeof *at);
	if (!at)
		return false;
	if (to->n)
		memcpy(at, to->at, to->n * sizeof *at);
	to->at = at;
	to->cap = cap;
	return true;
}

static bool
tokens_add(xap_run *r, doc_str s, uint32_t pos, fetched_tokens *to)
{
	text_token batch[FETCHED_BATCH];
	size_t n;

	text_begin(r->s.an, s.p ? s.p : "", s.n, pos);
	while ((n = text_next(r->s.an, batch, FETCHED_BATCH)) > 0) {
		if (!tokens_grow(r, to, n))
			return false;
		for (size_t i = 0; i < n; i++) {
			const text_token *t = &batch[i];
			bool joined = t->kind == TEXT_JOINED;

			to->at[to->n++] = (fetched_token){
				.term = arena_strndup(&r->temp, t->term, t->len), .raw = s.p + t->start,
				.pos = t->pos, .nraw = t->end - t->start, .len = t->len, .kind = t->kind,
				.width = joined ? t->width : 0, .hyphen = t->flags & TEXT_HYPHEN };
			to->length += !joined;
		}
	}
	to->next_pos = text_next_pos(r->s.an);
	return !r->temp.failed;
}

static bool
fetched_analyse(xap_run *r, xap_fetched *f)
{
	const document *d = &f->d.build.doc;

	f->axis = f->name = (fetched_tokens){ 0 };
	f->fields = NULL;
	if (!tokens_add(r, d->title, 0, &f->name) || !tokens_add(r, d->title, 0, &f->axis))
		return false;
	return tokens_add(r, d->text, analyze_body_pos(f->axis.next_pos), &f->axis);
}

/* The tokens of all values of a name, as build.c numbers them. */
static bool
fetched_field(xap_run *r, xap_fetched *f, xap_text name, fetched_tokens *to)
{
	const document *d = &f->d.build.doc;
	const struct {
		const char *name;
		doc_str value;
	} known[] = { { "url", d->url }, { "lang", d->lang } };
	bool any = false;

	for (size_t i = 0; i < d->nfields + countof(known); i++) {
		bool own = i < d->nfields;
		const char *of = own ? d->fields[i].name.p : known[i - d->nfields].name;
		size_t nof = own ? d->fields[i].name.n : strlen(of);
		doc_str value = own ? d->fields[i].string : known[i - d->nfields].value;

		if (nof != name.n || memcmp(of, name.p, nof) != 0 || (own ? d->fields[i].type != DOC_STRING : !value.n))
			continue;
		if (!tokens_add(r, value, any ? to->next_pos + ANALYZE_VALUE_GAP : 0, to))
			return false;
		any = true;
	}
	return true;
}

static const fetched_tokens *
fetched_tokens_of(xap_run *r, xap_fetched *f, uint32_t field)
{
	fetched_tokens *to;
	size_t i = 0;

	if (field == REF_TEXT)
		return &f->axis;
	if (field == REF_TITLE)
		return &f->name;
	for (to = f->fields; to; to = to->next)
		if (to->field == field)
			return to;
	while (i < r->nfields && r->fields[i].number != field)
		i++;
	to = arena_zalloc(&r->temp, sizeof *to);
	if (!to || (i < r->nfields && !fetched_field(r, f, r->fields[i].name, to))) {
		r->s.failure = err_nomem(r->err);
		return &f->name;
	}
	to->field = field;
	to->next = f->fields;
	f->fields = to;
	return to;
}

/* ---- words ------------------------------------------------------------------------- */

/* Is the term of the database the one of these bytes, behind `skip` bytes of prefix? */
static bool
word_is(xap_run *r, const xap_leaf *l, const xap_term *t, const char *p, size_t n)
{
	size_t skip = l->prefix.len + t->stem;

	if (t->key.n == skip + n && !memcmp(t->key.p + skip, p, n))
		return true;
	if (t->key.n < XAP_TERM_CUT)
		return false;
	if (t->stem)
		xap_stem(&r->key, &l->prefix, p, n);
	else
		xap_word(&r->key, &l->prefix, p, n);
	return r->key.len == t->key.n && !memcmp(r->key.p, t->key.p, t->key.n);
}

static bool
token_begins(const xap_leaf *l, const ref_node *n, const fetched_token *t)
{
	const char *p = l->begins.p + l->prefix.len;
	size_t len = l->begins.n - l->prefix.len;
	char fold[TEXT_TERM_MAX];

	if (t->len >= len && !memcmp(t->term, p, len))
		return true;
	return !n->q->cjk1 && text_fold(t->term, t->len, fold) >= len && !memcmp(fold, p, len);
}

static bool
token_strict(const ref_node *n, const fetched_token *t)
{
	const q_node *q = n->q;

	return t->nraw == q->raw_len && !memcmp(t->raw, q->raw ? q->raw : "", t->nraw) &&
	       (!n->ask_hyphen || t->hyphen == q->hyphen);
}

/* The stem in the document's language, made once. */
static bool
token_stem(xap_run *r, const xap_fetched *f, fetched_token *t)
{
	char stem[TEXT_TERM_MAX];
	size_t n;

	if (t->stem)
		return true;
	n = text_stem(r->s.an, f->lang, t->term, t->len, stem);
	t->stem = arena_strndup(&r->temp, stem, n);
	t->nstem = (uint8_t)n;
	return t->stem != NULL;
}

static bool
token_matches(xap_run *r, const xap_fetched *f, const xap_leaf *l, const ref_node *n, fetched_token *t)
{
	if (l->begins.p)
		return token_begins(l, n, t);
	if (l->strict && !token_strict(n, t))
		return false;
	for (size_t i = 0; i < l->nmember; i++) {
		const xap_term *m = &l->member[i].term;

		if (!m->stem ? word_is(r, l, m, t->term, t->len) :
			       token_stem(r, f, t) && word_is(r, l, m, t->stem, t->nstem))
			return true;
	}
	return false;
}

bool
xap_fetched_spans(xap_run *r, const xap_leaf *l, const ref_node *n, ref_spans *out)
{
	xap_fetched *f = r->fetched;
	const fetched_tokens *list;

	if (!f || !f->here)
		return false;
	list = fetched_tokens_of(r, f, n->field);
	for (size_t i = 0; i < list->n; i++) {
		fetched_token *t = &list->at[i];

		if (token_matches(r, f, l, n, t))
			ref_spans_add(&r->s, out, t->pos, t->pos + (t->width ? t->width : l->begins.p ? 1 : n->ww));
	}
	if (r->temp.failed)
		r->s.failure = err_nomem(r->err);
	return true;
}

/* ---- the candidate ------------------------------------------------------------------- */

const char *
xap_fetched_value(xap_run *r, uint32_t slot, size_t *n)
{
	xap_fetched *f = r->fetched;

	if (r->c->b->call.document_value(f->from, slot, &f->value, &r->c->err) != XAPC_OK) {
		xap_run_fail(r);
		return NULL;
	}
	*n = f->value.len;
	return f->value.len ? f->value.data : NULL;
}

doc_str
xap_fetched_id(const xap_run *r)
{
	return r->fetched->d.build.doc.id;
}

static cdg_status
fetched_load(xap_run *r, xap_fetched *f)
{
	const xap_calls *call = &r->c->b->call;
	const char *lang;
	size_t n;

	call->document_free(f->from);
	f->from = NULL;
	XAP_TRY(r->c, r->err, call->database_document(r->c->h->db, r->did, XAPC_DOC_ASSUME_VALID, &f->from, &r->c->err));
	XAP_TRY(r->c, r->err, call->document_data(f->from, &f->d.data, &r->c->err));
	read_build_reset(&f->d.build);
	CDG_TRY(xap_stored_record(r->c, r->did - 1, &f->d, r->err));
	lang = xap_fetched_value(r, XAP_SLOT_LANG, &n);
	f->lang = lang ? (text_lang)(uint8_t)*lang : TEXT_LANG_NONE;
	return r->s.failure;
}

cdg_status
xap_fetch(xap_run *r, uint32_t *length)
{
	xap_fetched *f = r->fetched;
	xapc_count real;

	if (!f) {
		f = r->fetched = mem_calloc(1, sizeof *f);
		if (!f)
			return err_nomem(r->err);
		read_build_init(&f->d.build);
	}
	f->here = false;
	CDG_TRY(fetched_load(r, f));
	if (!fetched_analyse(r, f))
		return err_nomem(r->err);
	f->here = true;
	/* a word and its stem count once each */
	*length = 2 * (f->axis.length + f->name.length);
	if (f->d.build.doc.text.n)
		return CDG_OK;
	XAP_TRY(r->c, r->err, r->c->b->call.database_doclength(r->c->h->db, r->did, &real, &r->c->err));
	f->here = *length == real;
	*length = real;
	return CDG_OK;
}

bool
xap_is_fetched(const xap_run *r)
{
	return r->fetched && r->fetched->here;
}

void
xap_fetched_free(xap_run *r)
{
	xap_fetched *f = r->fetched;

	if (!f)
		return;
	r->c->b->call.document_free(f->from);
	r->c->b->call.string_free(&f->d.data);
	r->c->b->call.string_free(&f->value);
	read_build_fini(&f->d.build);
	buf_fini(&f->d.scratch);
	mem_free(f);
	r->fetched = NULL;
}
