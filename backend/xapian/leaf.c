/* leaf.c - words of a query in a Xapian database: which terms they mean, and
 * how frequent those are.
 *
 * The terms are those of scheme.h; databases of others lack most of the helpers,
 * and then a word is just its term and its stem.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr, memmem */
#endif
#include "backend/xapian/impl.h"

bool
xap_run_fail(xap_run *r)
{
	r->s.failure = xap_fail(r->c, r->err);
	return false;
}

bool
xap_run_nomem(xap_run *r)
{
	r->s.failure = err_nomem(r->err);
	return false;
}

/* Bytes that live as long as the search; p NULL: no memory. */
xap_text
xap_keep(xap_run *r, const buf *b)
{
	xap_text t = { NULL, b->len };

	if (!b->failed)
		t.p = arena_strndup(&r->s.mem, b->len ? (const char *)b->p : "", b->len);
	if (!t.p)
		xap_run_nomem(r);
	return t;
}

bool
xap_termfreq(xap_run *r, xap_text key, xapc_count *out)
{
	const xap_calls *call = &r->c->b->call;

	if (xap_told_df(r, key, out))
		return true;
	if (call->database_termfreq(r->c->h->db, key.p, key.n, out, &r->c->err) != XAPC_OK)
		return xap_run_fail(r);
	xap_told_keep_df(r, key, *out);
	return true;
}

/* Calls fn for each term of the database that begins so. */
static bool
run_terms(xap_run *r, const buf *prefix, xap_terms_fn *fn, void *ctx)
{
	const xap_calls *call = &r->c->b->call;
	xapc_terms *it;
	xapc_status st;
	bool ok = true;

	if (prefix->failed)
		return xap_run_nomem(r);
	if (r->c->b->shards)
		return xap_told_terms(r, (xap_text){ (const char *)prefix->p, prefix->len }, fn, ctx);
	if (call->database_all_terms(r->c->h->db, (const char *)prefix->p, prefix->len, &it, &r->c->err) != XAPC_OK)
		return xap_run_fail(r);
	while (ok && (st = call->terms_next(it, &r->c->err)) != XAPC_END) {
		size_t n = 0;
		const char *term = st == XAPC_OK ? call->terms_term(it, &n) : NULL;

		ok = term ? fn(r, ctx, term, n, it, 0) : xap_run_fail(r);
	}
	call->terms_free(it);
	return ok;
}

/* ---- terms ------------------------------------------------------------------- */

static bool
wide_add(xap_run *r, xap_term *t, xap_text key, uint8_t width)
{
	xap_wide *more = arena_alloc(&r->s.mem, (t->nwide + 1) * sizeof *more);

	if (!more)
		return xap_run_nomem(r);
	if (t->nwide)
		memcpy(more, t->wide, t->nwide * sizeof *more);
	more[t->nwide++] = (xap_wide){ key, width };
	t->wide = more;
	return true;
}

typedef struct wide_ctx {
	xap_term *t;
	size_t len; /* of a helper term but its last byte, the width */
} wide_ctx;

static bool
wide_term(xap_run *r, void *ctx, const char *term, size_t n, xapc_terms *it, xapc_count known)
{
	wide_ctx *w = ctx;
	xap_text key = { arena_strndup(&r->s.mem, term, n), n };

	(void)it, (void)known;
	if (n != w->len + 1 || term[n - 1] < '2' || term[n - 1] > '0' + TEXT_JOIN_MAX)
		return true;
	return key.p ? wide_add(r, w->t, key, (uint8_t)(term[n - 1] - '0')) : xap_run_nomem(r);
}

/* Of a term so long that the helper's end is a hash. */
static bool
term_wide_each(xap_run *r, const xap_leaf *l, xap_term *t)
{
	for (char width = '2'; width <= '0' + TEXT_JOIN_MAX; width++) {
		xap_text key;
		xapc_count df;

		xap_helper(&r->key, "X-J", &l->prefix, t->key.p, t->key.n, &width, 1);
		if (!xap_termfreq(r, (xap_text){ (const char *)r->key.p, r->key.len }, &df))
			return false;
		if (!df)
			continue;
		key = xap_keep(r, &r->key);
		if (!key.p || !wide_add(r, t, key, (uint8_t)(width - '0')))
			return false;
	}
	return true;
}

/* Where the term in t->key covers several positions. */
bool
xap_term_wide(xap_run *r, const xap_leaf *l, xap_term *t)
{
	wide_ctx w = { .t = t };
	buf prefix;
	bool ok;

	if (t->key.n + l->prefix.len > XAP_TERM_MAX / 2)
		return term_wide_each(r, l, t);
	buf_init(&prefix);
	xap_helper(&prefix, "X-J", &l->prefix, t->key.p, t->key.n, "", 0);
	w.len = prefix.len;
	ok = run_terms(r, &prefix, wide_term, &w);
	buf_fini(&prefix);
	return ok;
}

/* The term in r->key; *t->df 0: it is nowhere. */
static bool
term_fill(xap_run *r, const xap_leaf *l, xap_term *t)
{
	memset(t, 0, sizeof *t);
	t->key = xap_keep(r, &r->key);
	if (!t->key.p || !xap_termfreq(r, t->key, &t->df))
		return false;
	return !t->df || !r->c->b->own || xap_term_wide(r, l, t);
}

static xap_member *
member_add(xap_run *r, xap_leaf *l)
{
	xap_member *more = arena_zalloc(&r->s.mem, (l->nmember + 1) * sizeof *more);

	if (!more) {
		xap_run_nomem(r);
		return NULL;
	}
	if (l->nmember)
		memcpy(more, l->member, l->nmember * sizeof *more);
	l->member = more;
	return &more[l->nmember++];
}

static bool
leaf_has(const xap_leaf *l, const buf *key)
{
	for (size_t i = 0; i < l->nmember; i++)
		if (l->member[i].term.key.n == key->len && !memcmp(l->member[i].term.key.p, key->p, key->len))
			return true;
	return false;
}

/* The member for r->key, *m, if it is not there yet and a term of the database; else NULL. */
static bool
leaf_take(xap_run *r, xap_leaf *l, xap_member **m)
{
	xap_term t;

	*m = NULL;
	if (leaf_has(l, &r->key))
		return true;
	if (!term_fill(r, l, &t))
		return false;
	if (!t.df)
		return true;
	*m = member_add(r, l);
	if (*m)
		(*m)->term = t;
	return *m != NULL;
}

bool
xap_leaf_add(xap_run *r, xap_leaf *l)
{
	xap_member *m;

	return leaf_take(r, l, &m);
}

static bool
leaf_add_word(xap_run *r, xap_leaf *l, const char *term, size_t n)
{
	xap_word(&r->key, &l->prefix, term, n);
	return xap_leaf_add(r, l);
}

/* ---- words without their accents ------------------------------------------------ */

typedef struct fold_ctx {
	xap_leaf *l;
	size_t skip; /* bytes before the word in a helper term */
	bool (*fn)(xap_run *r, xap_leaf *l, const char *word, size_t n);
} fold_ctx;

static bool
fold_term(xap_run *r, void *ctx, const char *term, size_t n, xapc_terms *it, xapc_count known)
{
	const fold_ctx *f = ctx;
	char word[XAP_TERM_MAX];

	(void)it, (void)known;
	if (n < f->skip || n - f->skip > sizeof word)
		return true;
	memcpy(word, term + f->skip, n - f->skip);
	return f->fn(r, f->l, word, n - f->skip);
}

/* Each word with accents that is `fold` without. */
static bool
leaf_each_accented(xap_run *r, xap_leaf *l, const char *fold, size_t n,
		   bool (*fn)(xap_run *r, xap_leaf *l, const char *word, size_t n))
{
	fold_ctx f = { .l = l, .fn = fn };
	buf prefix;
	bool ok;

	if (!r->c->b->own)
		return true;
	buf_init(&prefix);
	xap_helper(&prefix, "X-A", &l->prefix, fold, n, "", 0);
	f.skip = prefix.len;
	ok = run_terms(r, &prefix, fold_term, &f);
	buf_fini(&prefix);
	return ok;
}

static bool
leaf_fold(xap_run *r, xap_leaf *l, const char *fold, size_t n)
{
	return leaf_add_word(r, l, fold, n) && leaf_each_accented(r, l, fold, n, leaf_add_word);
}

/* ---- stems ------------------------------------------------------------------------- */

static bool
leaf_add_stem(xap_run *r, xap_leaf *l, const char *stem, size_t n)
{
	xap_member *m;

	xap_stem(&r->key, &l->prefix, stem, n);
	if (!leaf_take(r, l, &m))
		return false;
	if (!m)
		return true;
	m->term.stem = true;
	xap_word(&r->key, &l->prefix, stem, n);
	if (!term_fill(r, l, &m->word))
		return false;
	if (!m->word.df) {
		m->word.key.p = NULL;
		return true;
	}
	xap_helper(&r->key, "X-N", &l->prefix, stem, n, NULL, 0);
	m->foreign.key = xap_keep(r, &r->key);
	if (!m->foreign.key.p || !xap_termfreq(r, m->foreign.key, &m->foreign.df))
		return false;
	if (!m->foreign.df)
		m->foreign.key.p = NULL;
	return true;
}

/* The stems of a word in all the languages. */
static bool
leaf_stems_of(xap_run *r, xap_leaf *l, const char *term, size_t n)
{
	char stem[TEXT_TERM_MAX];

	for (unsigned lang = 0; lang < text_lang_count(); lang++) {
		size_t len;

		if (!(r->s.langs >> lang & 1))
			continue;
		len = text_stem(r->s.an, (text_lang)lang, term, n, stem);
		if (!leaf_add_stem(r, l, stem, len))
			return false;
	}
	return true;
}

/* Those of the word, and of every word that differs from it by accents only. */
static bool
leaf_stem(xap_run *r, xap_leaf *l, const ref_node *n, const char *fold, size_t len)
{
	xapc_count df = 0;

	if (!leaf_stems_of(r, l, n->q->term, n->q->term_len))
		return false;
	xap_word(&r->key, &l->prefix, fold, len);
	if (!xap_termfreq(r, (xap_text){ (const char *)r->key.p, r->key.len }, &df))
		return false;
	if (df && !leaf_stems_of(r, l, fold, len))
		return false;
	return leaf_each_accented(r, l, fold, len, leaf_stems_of);
}

/* ---- strict words --------------------------------------------------------------------- */

static bool
leaf_other(xap_run *r, void *ctx, const char *term, size_t n, xapc_terms *it, xapc_count known)
{
	xap_leaf *l = ctx;
	xap_text *more = arena_alloc(&r->s.mem, (l->nothers + 1) * sizeof *more);
	char *copy = arena_strndup(&r->s.mem, term, n);

	(void)it, (void)known;
	if (!more || !copy)
		return xap_run_nomem(r);
	if (l->nothers)
		memcpy(more, l->others, l->nothers * sizeof *more);
	more[l->nothers++] = (xap_text){ copy, n };
	l->others = more;
	return true;
}

static bool
leaf_strict(xap_run *r, xap_leaf *l, ref_node *n, bool slot)
{
	const q_node *q = n->q;
	const char *raw = q->raw ? q->raw : "";
	xapc_count df;

	l->strict = true;
	n->ask_hyphen = slot;
	if (!leaf_add_word(r, l, q->term, q->term_len))
		return false;
	if (slot) {
		xap_helper(&r->key, "X-H", &l->prefix, "", 0, NULL, 0);
		l->hyphen = xap_keep(r, &r->key);
		if (!l->hyphen.p)
			return false;
	}
	if (q->raw_len == q->term_len && !memcmp(raw, q->term, q->raw_len)) {
		xap_helper(&r->scratch, "X-W", &l->prefix, q->term, q->term_len, "", 0);
		return run_terms(r, &r->scratch, leaf_other, l);
	}
	xap_helper(&r->key, "X-W", &l->prefix, q->term, q->term_len, raw, q->raw_len);
	l->raw = xap_keep(r, &r->key);
	if (!l->raw.p || !xap_termfreq(r, l->raw, &df))
		return false;
	n->nothing = !df; /* nobody wrote it like this; it has its weight though */
	return true;
}

/* ---- beginnings ---------------------------------------------------------------------------- */

static bool
prefix_term(xap_run *r, void *ctx, const char *term, size_t n, xapc_terms *it, xapc_count known)
{
	xapc_count df = known, *max = ctx;

	(void)term;
	(void)n;
	if (it && r->c->b->call.terms_termfreq(it, &df, &r->c->err) != XAPC_OK)
		return xap_run_fail(r);
	*max = df > *max ? df : *max;
	return true;
}

typedef struct accent_ctx {
	const xap_leaf *l;
	xapc_count max;
} accent_ctx;

/* A helper term: the word behind its separator. */
static bool
accent_term(xap_run *r, void *ctx, const char *term, size_t n, xapc_terms *it, xapc_count known)
{
	accent_ctx *a = ctx;
	const char *at = memrchr(term, XAP_SEPARATOR, n);
	xapc_count df;

	(void)it, (void)known;
	if (!at)
		return true;
	xap_word(&r->key, &a->l->prefix, at + 1, (size_t)(term + n - at - 1));
	if (!xap_termfreq(r, (xap_text){ (const char *)r->key.p, r->key.len }, &df))
		return false;
	a->max = df > a->max ? df : a->max;
	return true;
}

bool
xap_leaf_begins(xap_run *r, xap_leaf *l, ref_node *n)
{
	buf key = r->key;
	xapc_count max = 0;
	bool ok;

	buf_init(&r->key); /* the callbacks use it */
	l->begins = xap_keep(r, &key);
	ok = l->begins.p && run_terms(r, &key, prefix_term, &max);
	n->df = max;
	buf_fini(&key);
	return ok;
}

static bool
leaf_prefix(xap_run *r, xap_leaf *l, ref_node *n, const char *fold, size_t len)
{
	bool cjk1 = n->q->cjk1;
	accent_ctx a = { .l = l };
	buf key;
	bool ok;

	xap_word(&r->key, &l->prefix, cjk1 ? n->q->term : fold, cjk1 ? n->q->term_len : len);
	ok = xap_leaf_begins(r, l, n);
	buf_init(&key);
	if (ok && !cjk1) {
		xap_helper(&key, "X-A", &l->prefix, fold, len, NULL, 0);
		l->accents = xap_keep(r, &key);
		ok = l->accents.p && run_terms(r, &key, accent_term, &a);
	}
	n->df = a.max > n->df ? a.max : n->df;
	buf_fini(&key);
	return ok;
}

/* ---- the plan of a word ---------------------------------------------------------------------- */

/* Documents that have any of several terms. */
static bool
leaf_count_union(xap_run *r, const xap_leaf *l, uint64_t *out)
{
	const xap_calls *call = &r->c->b->call;
	xapc_bytes *terms = arena_alloc(&r->s.mem, l->nmember * sizeof *terms);
	xapc_enquire *enq = NULL;
	xapc_query *q = NULL;
	xapc_mset *m = NULL;
	xapc_matches n = { 0 };
	bool ok;

	if (!terms)
		return xap_run_nomem(r);
	for (size_t i = 0; i < l->nmember; i++)
		terms[i] = (xapc_bytes){ l->member[i].term.key.p, l->member[i].term.key.n };
	ok = call->query_combine_terms(XAPC_OP_OR, terms, l->nmember, 0, &q, &r->c->err) == XAPC_OK &&
	     call->enquire_new(r->c->h->db, &enq, &r->c->err) == XAPC_OK &&
	     call->enquire_set_query(enq, q, 0, &r->c->err) == XAPC_OK &&
	     call->enquire_mset(enq, 0, 0, UINT32_MAX, NULL, NULL, &m, &r->c->err) == XAPC_OK &&
	     call->mset_matches(m, &n, &r->c->err) == XAPC_OK;
	*out = n.estimated;
	call->mset_free(m);
	call->enquire_free(enq);
	call->query_free(q);
	return ok || xap_run_fail(r);
}

static bool
leaf_count(xap_run *r, const xap_leaf *l, ref_node *n)
{
	bool fold = n->q->mode != Q_STEM && !l->strict;

	if (n->q->type == Q_PREFIX)
		return true;
	if (fold && l->nmember > 1)
		return leaf_count_union(r, l, &n->df);
	for (size_t i = 0; i < l->nmember; i++)
		n->df = l->member[i].term.df > n->df ? l->member[i].term.df : n->df;
	return true;
}

xap_run *
xap_run_of(ref_search *s)
{
	return s->source_ctx;
}

static bool
leaf_plan(ref_search *s, ref_node *n, bool slot)
{
	xap_run *r = xap_run_of(s);
	const q_node *q = n->q;
	char fold[TEXT_TERM_MAX];
	size_t len = text_fold(q->term ? q->term : "", q->term_len, fold);
	xap_leaf *l = arena_zalloc(&s->mem, sizeof *l);
	const char *name = n->field == REF_TEXT ? NULL : n->field == REF_TITLE ? "title" : q->field;
	xap_text prefix;
	bool ok;

	if (!l)
		return xap_run_nomem(r);
	n->own = l;
	if (!r->c->b->own) {
		ok = xap_foreign_plan(r, n, l);
		goto planned;
	}
	if (q_is_value(q)) {
		n->nothing = true; /* no word: values are looked at */
		return true;
	}
	r->key.len = 0;
	xap_put_prefix(&r->key, name, name ? strlen(name) : 0);
	prefix = xap_keep(r, &r->key);
	if (!prefix.p)
		return false;
	l->prefix = (buf){ .p = (uint8_t *)(uintptr_t)prefix.p, .len = prefix.n };
	if (n->field == REF_ID)
		return true; /* no words either */
	if (q->type == Q_PREFIX)
		ok = leaf_prefix(r, l, n, fold, len);
	else if (q->mode == Q_STRICT)
		ok = leaf_strict(r, l, n, slot);
	else if (q->mode == Q_STEM && n->field < REF_FIRST)
		ok = leaf_stem(r, l, n, fold, len);
	else
		ok = leaf_fold(r, l, fold, len);
planned:
	if (!ok || n->field >= REF_FIRST)
		return ok;
	if (!leaf_count(r, l, n))
		return false;
	n->idf = bm25_idf(s->ndocs, n->df);
	n->xidf = bm25_xapian_idf(s->ndocs, n->df);
	return true;
}

/* ---- fields ------------------------------------------------------------------------------------ */

/* Does the database have the field? */
static bool
field_known(xap_run *r, const char *name, size_t n, const xap_map_field **mapped)
{
	xapc_count df = 0;

	if (!r->c->b->own) {
		*mapped = xap_map_find(&r->c->b->map, name, n);
		return *mapped != NULL;
	}
	xap_helper(&r->key, "X-F", NULL, name, n, NULL, 0);
	return xap_termfreq(r, (xap_text){ (const char *)r->key.p, r->key.len }, &df) && df;
}

/* Fields that every document may have are known even where none has. */
static uint32_t
field_find(ref_search *s, const char *name)
{
	static const struct {
		const char *name;
		uint32_t field;
	} fixed[] = { { "url", REF_URL }, { "lang", REF_LANG }, { "date", REF_DATE } };
	xap_run *r = xap_run_of(s);
	size_t n = name ? strlen(name) : 0;
	uint32_t number = REF_FIRST + (uint32_t)r->nfields;
	const xap_map_field *mapped = NULL;
	xap_field *f;

	if (!name || !strcmp(name, "text"))
		return REF_TEXT;
	if (!strcmp(name, "title"))
		return REF_TITLE;
	if (!strcmp(name, "id")) {
		r->need_id = true;
		return REF_ID;
	}
	for (size_t i = 0; i < r->nfields; i++)
		if (r->fields[i].name.n == n && !memcmp(r->fields[i].name.p, name, n))
			return r->fields[i].number;
	for (size_t i = 0; i < countof(fixed); i++)
		number = !strcmp(name, fixed[i].name) ? fixed[i].field : number;
	if (!field_known(r, name, n, &mapped) && (number < REF_ID || !r->c->b->own))
		return REF_UNKNOWN;
	if (!mem_grow(&r->fields, &r->fields_cap, r->nfields + 1, sizeof *r->fields)) {
		xap_run_nomem(r);
		return REF_UNKNOWN;
	}
	f = &r->fields[r->nfields++];
	*f = (xap_field){ .number = number, .slot = xap_slot(name, n) };
	if (mapped) {
		f->slot = mapped->type ? mapped->slot : XAPC_NO_SLOT;
		f->type = mapped->type;
	}
	f->name = (xap_text){ arena_strndup(&s->mem, name, n), n };
	if (!f->name.p)
		xap_run_nomem(r);
	return f->name.p ? number : REF_UNKNOWN;
}

const ref_source xap_source = { .field = field_find, .plan_word = leaf_plan, .word = xap_leaf_word };
