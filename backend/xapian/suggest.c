/* suggest.c - words and values of a Xapian database that begin as what is being typed.
 *
 * By its list of terms, of which a bounded part is read; where shards are on other hosts that
 * would be a way there and back for each, so there are none then.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "backend/xapian/impl.h"

#include <string.h>

#include "query/suggest.h"

enum { SUGGEST_TERMS = 50000 };

typedef struct suggest_call {
	xap_call *c;
	text_analyzer *an;
	const char *line;
	size_t n;
	uint32_t limit;
	struct suggestions *out;
	/* of the words that are looked for now */
	arena *mem;
	suggest_word *words;
	size_t cap, nwords;
} suggest_call;

/* The prefix of a field's terms; false: it has none. */
static bool
suggest_prefix(const xap_backend *b, const char *field, buf *out)
{
	size_t n = field ? strlen(field) : 0;
	const xap_map_field *f;

	if (b->own || !field || !strcmp(field, "text") || !strcmp(field, "title")) {
		xap_put_prefix(out, field, n);
		return true;
	}
	f = xap_map_find(&b->map, field, n);
	if (f && f->prefix)
		buf_puts(out, f->prefix);
	return f && f->prefix;
}

/* Most documents first, then as they come. */
static bool
suggest_offer(suggest_call *s, const char *p, size_t len, uint64_t df)
{
	suggest_word *out = s->words;
	size_t i = s->nwords;
	const char *copy;

	if (!s->cap || (i == s->cap && out[i - 1].df >= df))
		return true;
	copy = arena_strndup(s->mem, p, len);
	if (!copy)
		return false;
	for (i -= i == s->cap; i && out[i - 1].df < df; i--)
		out[i] = out[i - 1];
	out[i] = (suggest_word){ .term = copy, .len = len, .df = df };
	s->nwords += s->nwords < s->cap;
	return true;
}

/* Of a word with a prefix of several letters that itself begins with a capital one, Omega puts a
 * colon between; so the term of a longer prefix is none of ours. */
static bool
suggest_is_word(const char *p, size_t n)
{
	return n && !(*p >= 'A' && *p <= 'Z') && *p != ':' && !memchr(p, 0x1e, n);
}

/* Databases of others may have any bytes. */
static bool
suggest_is_text(const char *p, size_t n)
{
	for (const char *end = p + n; p < end;)
		if (text_decode(&p, end) == 0xfffd)
			return false;
	return true;
}

enum { BEHIND_1F = UINT32_MAX };

/* Of the terms that begin with key, what is behind `skip` bytes, or behind the last 1f (scheme.h). */
static cdg_status
suggest_scan(suggest_call *s, const buf *key, size_t skip, cdg_error *err)
{
	xap_call *c = s->c;
	const xap_calls *call = &c->b->call;
	xapc_terms *it = NULL;
	xapc_status st;

	if (key->failed)
		return err_nomem(err);
	st = call->database_all_terms(c->h->db, (const char *)key->p, key->len, &it, &c->err);
	for (unsigned i = 0; it && st == XAPC_OK && i < SUGGEST_TERMS; i++) {
		const char *term, *sep;
		xapc_count df = 0;
		size_t n = 0, from;

		st = call->terms_next(it, &c->err);
		term = st == XAPC_OK ? call->terms_term(it, &n) : NULL;
		sep = term && skip == BEHIND_1F ? memrchr(term, 0x1f, n) : NULL;
		from = sep ? (size_t)(sep + 1 - term) : skip;
		if (!term || n < from || !suggest_is_word(term + from, n - from) || !suggest_is_text(term + from, n - from))
			continue;
		st = call->terms_termfreq(it, &df, &c->err);
		if (st == XAPC_OK && !suggest_offer(s, term + from, n - from, df))
			break;
	}
	if (it)
		call->terms_free(it);
	if (s->mem->failed)
		return err_nomem(err);
	return st == XAPC_OK || st == XAPC_END ? CDG_OK : xap_fail(c, err);
}

static cdg_status
suggest_terms(void *ctx, const char *field, const suggest_begin *b, arena *mem, suggest_word *out, size_t cap, size_t *n,
	      cdg_error *err)
{
	suggest_call *s = ctx;
	buf prefix, key;
	cdg_status st = CDG_OK;

	s->mem = mem;
	s->words = out;
	s->cap = cap;
	s->nwords = 0;
	buf_init(&prefix);
	buf_init(&key);
	if (suggest_prefix(s->c->b, field, &prefix)) {
		size_t skip = prefix.len;

		buf_put(&key, prefix.p, prefix.len);
		buf_put(&key, b->plain, b->plain_len);
		st = suggest_scan(s, &key, skip, err);
		key.len = 0;
		if (st == CDG_OK && s->c->b->own && !field) { /* those with accents, by what they are without */
			xap_helper(&key, "X-A", &prefix, b->plain, b->plain_len, NULL, 0);
			st = suggest_scan(s, &key, BEHIND_1F, err);
		} else if (st == CDG_OK && (b->typed_len != b->plain_len || memcmp(b->typed, b->plain, b->plain_len) != 0)) {
			buf_put(&key, prefix.p, prefix.len);
			buf_put(&key, b->typed, b->typed_len);
			st = suggest_scan(s, &key, skip, err);
		}
	}
	buf_fini(&prefix);
	buf_fini(&key);
	*n = s->nwords;
	return st;
}

static cdg_status
suggest_on(xap_call *c, void *ctx, cdg_error *err)
{
	suggest_call *s = ctx;

	s->c = c;
	suggestions_fini(s->out); /* of a try before */
	return suggest_by(suggest_terms, s, s->an, s->line, s->n, s->limit, s->out, err);
}

cdg_status
xap_suggest(const backend *b, text_analyzer *an, const char *line, size_t n, uint32_t limit, struct suggestions *out,
	    cdg_error *err)
{
	suggest_call s = { .an = an, .line = line, .n = n, .limit = limit, .out = out };

	return ((const xap_backend *)(const void *)b)->shards ? CDG_OK : xap_with(b, suggest_on, &s, err);
}
