/* concord.c - see concord.h. */
#include "query/concord.h"

#include "query/snippet.h"

/* The stretch around a match, with `around` tokens on each side; *core and *last are
 * its tokens there.  False: it is not in the text. */
static bool
concord_stretch(locator *l, const search_span *span, uint32_t around, size_t *core, size_t *last, cdg_status *st)
{
	uint32_t from = span->start - min_u32(span->start - l->tree.body_pos, around);
	uint32_t to = span->end - 1;

	*st = CDG_OK;
	if (!l->text_len || span->start < l->tree.body_pos || to >= l->tree.end_pos)
		return false;
	to += min_u32(l->tree.end_pos - 1 - to, around);
	*st = locate_cover(l, from, to);
	if (*st != CDG_OK || span->start < l->first)
		return false;
	*core = span->start - l->first;
	*last = span->end - 1 - l->first;
	return *last < l->nplaces;
}

/* Bytes on one line: runs of white space and controls are a space, at the ends only
 * where it stands between this and the match. */
static char *
concord_copy(const uint8_t *p, size_t n, bool before, bool after)
{
	buf out = { 0 };

	buf_reserve(&out, n + 1);
	for (size_t i = 0; i < n; i++) {
		bool space = p[i] <= ' ' || p[i] == 0x7f;
		if (!space)
			buf_put_u8(&out, p[i]);
		else if (out.len ? out.p[out.len - 1] != ' ' : before)
			buf_put_u8(&out, ' ');
	}
	if (!after && out.len && out.p[out.len - 1] == ' ')
		out.len--;
	buf_cstr(&out);
	if (out.failed) {
		buf_fini(&out);
		return NULL;
	}
	return (char *)out.p;
}

/* How many tokens around fit. */
static void
concord_extent(const locator *l, size_t core, size_t last, uint32_t context, bool words, size_t *a, size_t *b)
{
	const uint8_t *t = l->text.p;
	const locate_token *p = l->places;
	uint64_t left = 0, right = 0;

	*a = core;
	*b = last + 1;
	if (words) {
		*a -= min_size(core, context);
		*b += min_size(l->nplaces - *b, context);
		return;
	}
	while (*a) {
		left += locate_chars(t + p[*a - 1].start, p[*a].start - p[*a - 1].start);
		if (left > context)
			break;
		--*a;
	}
	while (*b < l->nplaces) {
		right += locate_chars(t + p[*b - 1].end, p[*b].end - p[*b - 1].end);
		if (right > context)
			break;
		++*b;
	}
}

cdg_status
concord_make(locator *l, const search_span *span, uint32_t context, bool words, concord_line *out)
{
	size_t core, last, a, b;
	uint32_t lo, hi, from, to;
	cdg_status st;

	memset(out, 0, sizeof *out);
	if (!concord_stretch(l, span, context, &core, &last, &st))
		return st;
	concord_extent(l, core, last, context, words, &a, &b);
	lo = l->places[a].start;
	hi = l->places[b - 1].end;
	snippet_widen(&l->text, &lo, &hi);
	from = l->places[core].start;
	to = l->places[last].end;
	out->start = locate_cp(l, from);
	out->end = locate_cp(l, to);
	out->left = concord_copy(l->text.p + lo, from - lo, false, true);
	out->match = concord_copy(l->text.p + from, to - from, false, false);
	out->right = concord_copy(l->text.p + to, hi - to, true, false);
	if (!out->left || !out->match || !out->right)
		return err_nomem(l->err);
	return locate_describe(l, span->start, &out->where);
}

void
concord_line_fini(concord_line *line)
{
	mem_free(line->left);
	mem_free(line->match);
	mem_free(line->right);
	locate_where_fini(&line->where);
	memset(line, 0, sizeof *line);
}

/* ---- sorting ----------------------------------------------------------------- */

typedef struct concord_words {
	char word[CONCORD_KEY_WORDS][CONCORD_KEY_MAX];
	size_t len[CONCORD_KEY_WORDS];
	size_t n; /* seen so far; the last ones are kept, in turn */
} concord_words;

/* A word's folded bytes, of CJK its first character. */
static void
words_add(concord_words *w, const text_token *t)
{
	char fold[TEXT_TERM_MAX];
	size_t n = text_fold(t->term, t->len, fold), at = w->n++ % CONCORD_KEY_WORDS;

	if (t->kind == TEXT_CJK) {
		const char *p = fold;
		text_decode(&p, fold + n);
		n = (size_t)(p - fold);
	}
	w->len[at] = min_size(n, CONCORD_KEY_MAX);
	memcpy(w->word[at], fold, w->len[at]);
}

/* The words in bytes [from, to) of the stretch; stops after `most` if not 0. */
static void
words_read(locator *l, uint32_t from, uint32_t to, size_t most, concord_words *w)
{
	text_token tok[32];
	size_t n;

	text_begin(l->an, (const char *)l->text.p + from, to - from, 0);
	while ((!most || w->n < most) && (n = text_next(l->an, tok, countof(tok))))
		for (size_t i = 0; i < n && (!most || w->n < most); i++)
			if (tok[i].kind != TEXT_JOINED)
				words_add(w, &tok[i]);
}

/* Words one after the other, with a byte between them that is below all of theirs. */
static size_t
words_key(const concord_words *w, bool backwards, char *key)
{
	size_t have = min_size(w->n, CONCORD_KEY_WORDS), len = 0;

	for (size_t i = 0; i < have; i++) {
		size_t k = (backwards ? w->n - 1 - i : w->n - have + i) % CONCORD_KEY_WORDS;
		size_t n = min_size(w->len[k], CONCORD_KEY_MAX - len);
		memcpy(key + len, w->word[k], n);
		len += n;
		if (len < CONCORD_KEY_MAX)
			key[len++] = 1;
	}
	return len;
}

cdg_status
concord_key(locator *l, const search_span *span, bool left, char *key, size_t *n)
{
	concord_words w = { .n = 0 };
	size_t core, last;
	cdg_status st;

	*n = 0;
	if (!concord_stretch(l, span, CONCORD_KEY_WORDS, &core, &last, &st))
		return st;
	if (left && core)
		words_read(l, l->places[core - min_size(core, CONCORD_KEY_WORDS)].start, l->places[core].start, 0, &w);
	else if (!left && last + 1 < l->nplaces)
		words_read(l, l->places[last + 1].start,
			   l->places[min_size(l->nplaces - 1, last + CONCORD_KEY_WORDS)].end, CONCORD_KEY_WORDS, &w);
	*n = words_key(&w, left, key);
	return CDG_OK;
}
