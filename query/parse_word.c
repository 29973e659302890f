/* parse_word.c - a piece of text to the slots of a phrase.
 *
 * The piece goes through the same analysis as documents do; each token becomes
 * a slot whose offset is its position.  A hyphenated compound becomes one slot,
 * (its parts in order | the joined word); a run of CJK characters becomes the
 * bigrams that cover it.  All tokens of a piece are copied before a node is
 * made, because making a node may analyse its term once more (to learn whether
 * q_print may write it bare).
 */
#include "query/parse_impl.h"

#include <stdio.h>

enum { WORD_BATCH = 64 };

void
word_push(parser *p, q_node *node, uint32_t offset)
{
	if (!node)
		return;
	if (!mem_grow(&p->slot, &p->slot_cap, p->nslot + 1, sizeof *p->slot)) {
		p->failed = true;
		return;
	}
	node->offset = offset;
	p->slot[p->nslot++] = node;
}

/* Analyse into p->word; returns the number of positions. */
static uint32_t
word_analyse(parser *p, const char *s, size_t n)
{
	text_token batch[WORD_BATCH];
	size_t got;

	p->nword = 0;
	text_begin(p->an, s, n, 0);
	while (!p->failed && (got = text_next(p->an, batch, WORD_BATCH))) {
		if (parse_full(p, p->nword + got))
			break;
		if (!mem_grow(&p->word, &p->word_cap, p->nword + got, sizeof *p->word)) {
			p->failed = true;
			break;
		}
		for (size_t i = 0; i < got; i++) {
			const text_token *t = &batch[i];
			char *term = arena_strndup(&p->a->mem, t->term, t->len);
			if (!term) {
				p->failed = true;
				return 0;
			}
			p->word[p->nword++] =
			    (word_token){ term, t->len, t->start, t->end, t->pos,
					  t->width, t->kind, t->flags };
		}
	}
	return text_next_pos(p->an);
}

/* Bytes that mean something to the lexer never go bare; the rest is safe inside
 * a word. */
static bool
word_safe(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)s[i];
		if (c <= ' ' || c == 0x7f || strchr("\"()|^~*:<>=`+-!/\\?", c))
			return false;
	}
	return lex_wordish(s, n, 0) || (n && s[0] != '&');
}

/* Does text analyse to this one term, and with strict to these raw bytes? */
static bool
word_is_plain(parser *p, const char *s, size_t n, const char *term, size_t len, uint8_t kind,
	      bool raw)
{
	text_token t[2 * TEXT_JOIN_MAX];
	size_t got;

	if (raw ? memchr(s, '"', n) || memchr(s, '`', n) || memchr(s, '<', n) : !word_safe(s, n))
		return false;
	text_begin(p->an, s, n, 0);
	got = text_next(p->an, t, countof(t));
	if (got != (kind == TEXT_CJK ? 2 : 1) || t[0].kind != kind || t[0].len != len ||
	    memcmp(t[0].term, term, len))
		return false;
	if (raw && (t[0].start != 0 || t[0].end != n))
		return false;
	return !text_next(p->an, t, countof(t));
}

static q_node *
word_leaf(parser *p, q_type type, const char *term, size_t len)
{
	q_node *q = parse_node(p, type, 0);

	if (!q)
		return NULL;
	p->leaves++;
	q->term = term;
	q->term_len = len;
	q->field = p->field;
	return q;
}

static q_node *
word_prefix(parser *p, const char *term, size_t len, bool cjk1)
{
	char fold[TEXT_TERM_MAX];
	q_node *q;

	if (!cjk1) {
		size_t n = text_fold(term, len, fold);
		term = arena_strndup(&p->a->mem, fold, n);
		if (!term) {
			p->failed = true;
			return NULL;
		}
		len = n;
	}
	q = word_leaf(p, Q_PREFIX, term, len);
	if (!q)
		return NULL;
	q->cjk1 = cjk1;
	q->plain = cjk1 ? word_is_plain(p, term, len, term, len, TEXT_CJK_LAST, false) :
			  word_is_plain(p, term, len, term, len, TEXT_WORD, false) ||
			      word_is_plain(p, term, len, term, len, TEXT_NUMBER, false);
	return q;
}

/* A token as a leaf; s is the text that was analysed. */
static q_node *
word_term(parser *p, const word_token *w, const char *s, q_mode mode)
{
	bool stems = w->kind == TEXT_WORD || w->kind == TEXT_JOINED;
	q_node *q = word_leaf(p, Q_TERM, w->term, w->len);

	if (!q)
		return NULL;
	if (w->kind == TEXT_CJK || (mode == Q_STEM && !stems))
		mode = Q_FOLD;
	q->mode = (uint8_t)mode;
	q->kind = w->kind == TEXT_JOINED ? TEXT_WORD : w->kind;
	if (w->kind == TEXT_JOINED && !word_is_plain(p, w->term, w->len, w->term, w->len,
						     TEXT_WORD, false) &&
	    word_is_plain(p, w->term, w->len, w->term, w->len, TEXT_NUMBER, false)) {
		q->kind = TEXT_NUMBER; /* 12-13 joined is a number */
		q->mode = mode == Q_STEM ? Q_FOLD : (uint8_t)mode;
	}
	q->width = w->kind == TEXT_CJK ? 2 : 1;
	if (mode == Q_STRICT) {
		q->raw_len = w->end - w->start;
		q->raw = arena_strndup(&p->a->mem, s + w->start, q->raw_len);
		if (!q->raw) {
			p->failed = true;
			return NULL;
		}
		q->hyphen = (w->flags & TEXT_HYPHEN) != 0;
		q->plain = word_is_plain(p, q->raw, q->raw_len, w->term, w->len, w->kind, true);
	} else {
		q->plain = word_is_plain(p, w->term, w->len, w->term, w->len, q->kind, false);
	}
	return q;
}

/* The run of CJK tokens [i, ...): pushes bigrams, returns the token after it. */
static size_t
word_run(parser *p, size_t i, const char *s, bool spread, uint32_t off)
{
	size_t end = i;
	uint32_t first = p->word[i].pos;

	while (end < p->nword && p->word[end].kind == TEXT_CJK)
		end++;
	if (end == i) { /* one character alone */
		word_push(p, word_prefix(p, p->word[i].term, p->word[i].len, true), off + first);
		return i + 1;
	}
	for (size_t k = i; k < end; k++)
		if (spread || (p->word[k].pos - first) % 2 == 0 || k + 1 == end)
			word_push(p, word_term(p, &p->word[k], s, Q_FOLD), off + p->word[k].pos);
	return end < p->nword && p->word[end].kind == TEXT_CJK_LAST ? end + 1 : end;
}

q_node *
word_phrase(parser *p, size_t base, uint32_t slop)
{
	size_t n = p->nslot > base ? p->nslot - base : 0;
	q_node *q;

	p->nslot = base;
	if (!n)
		return NULL;
	if (n == 1) {
		p->slot[base]->offset = 0;
		return p->slot[base];
	}
	q = parse_over(p, Q_PHRASE, p->slot + base, n);
	if (!q)
		return NULL;
	q->n = slop;
	q->span = word_span(q->child, n);
	return q;
}

uint32_t
word_span(q_node *const *slot, size_t n)
{
	bool cjk = false;

	for (size_t i = 0; i < n; i++)
		cjk |= slot[i]->type == Q_PREFIX ? slot[i]->cjk1 : slot[i]->kind == TEXT_CJK;
	return cjk ? slot[n - 1]->offset + q_width(slot[n - 1]) : 0;
}

/* The slots of a compound's parts, and its joined form, become one slot. */
static void
word_join(parser *p, size_t base, const word_token *w, const char *s, q_mode mode, bool prefix,
	  uint32_t off)
{
	q_node *pair[2];
	size_t first = p->nslot;

	while (first > base && p->slot[first - 1]->offset >= off + w->pos)
		first--;
	if (first == p->nslot)
		return;
	for (size_t i = first; i < p->nslot; i++)
		p->slot[i]->offset -= off + w->pos;
	pair[0] = word_phrase(p, first, 0);
	pair[1] = prefix ? word_prefix(p, w->term, w->len, false) : word_term(p, w, s, mode);
	if (!pair[0] || !pair[1])
		return;
	pair[0]->offset = pair[1]->offset = 0;
	word_push(p, parse_over(p, Q_SYN, pair, 2), off + w->pos);
}

void
word_slots(parser *p, const char *s, size_t n, q_mode mode, bool prefix, bool spread,
	   uint32_t *off)
{
	uint32_t width = word_analyse(p, s, n);
	size_t base = p->nslot, last = p->nword, i = 0;

	while (last && p->word[last - 1].kind == TEXT_JOINED)
		last--;
	while (i < p->nword && !p->failed) {
		const word_token *w = &p->word[i];
		bool star = prefix && i + 1 >= last;

		if (w->kind == TEXT_CJK || w->kind == TEXT_CJK_LAST) {
			i = word_run(p, i, s, spread, *off);
			continue;
		}
		if (w->kind == TEXT_JOINED) {
			if (mode != Q_STRICT)
				word_join(p, base, w, s, mode, star, *off);
		} else {
			word_push(p, star ? word_prefix(p, w->term, w->len, false) :
					    word_term(p, w, s, mode),
				  *off + w->pos);
		}
		i++;
	}
	/* A hyphen is asked between two words of one piece only. */
	if (mode == Q_STRICT && p->nslot > base)
		p->slot[p->nslot - 1]->hyphen = false;
	*off += width;
}

/* With "any of the words" a CJK run is all its bigrams, any of them. */
static q_node *
word_spread(parser *p, size_t base)
{
	q_node *q = parse_over(p, Q_OR, p->slot + base, p->nslot - base);

	for (size_t i = base; i < p->nslot; i++)
		p->slot[i]->offset = 0;
	p->nslot = base;
	return q;
}

q_node *
word_chunk(parser *p, const lex_token *t)
{
	size_t base = p->nslot;
	uint32_t off = 0;
	q_mode mode = t->mark == '=' ? Q_STRICT : Q_STEM;
	bool spread = p->opt.default_or && mode == Q_STEM, cjk = false;
	q_node *q;

	word_slots(p, t->text.p, t->text.n, mode, t->prefix, spread, &off);
	for (size_t i = 0; i < p->nword; i++)
		cjk |= p->word[i].kind == TEXT_CJK;
	if (spread && cjk && p->nslot - base > 1)
		return word_spread(p, base);
	q = word_phrase(p, base, 0);
	if (q && q->type == Q_PHRASE && cjk && mode == Q_STEM)
		q->run = true;
	if (q && (q->type == Q_PHRASE || q->type == Q_SYN))
		q->compound = !cjk && mode == Q_STEM;
	return q;
}

/* A digit of \xx. */
static int
word_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of a literal: \xx are two hex digits; \kN at the start is its kind. */
static char *
word_unescape(parser *p, lex_span in, size_t *len, int *kind)
{
	char *out = arena_alloc(&p->a->mem, in.n + 1);
	size_t n = 0, i = 0;

	if (!out) {
		p->failed = true;
		return NULL;
	}
	if (in.n > 2 && in.p[0] == '\\' && in.p[1] == 'k' && in.p[2] >= '0' &&
	    in.p[2] <= '0' + TEXT_SYMBOL) {
		*kind = in.p[2] - '0';
		i = 3;
	}
	while (i < in.n) {
		if (in.p[i] == '\\' && i + 2 < in.n && word_hex(in.p[i + 1]) >= 0 &&
		    word_hex(in.p[i + 2]) >= 0) {
			out[n++] = (char)(word_hex(in.p[i + 1]) * 16 + word_hex(in.p[i + 2]));
			i += 3;
		} else {
			out[n++] = in.p[i++];
		}
	}
	out[n] = 0;
	*len = n;
	return out;
}

q_node *
word_literal(parser *p, lex_span term, lex_span raw, q_mode mode, bool prefix)
{
	size_t len, raw_len = 0;
	int kind = -1, ignored;
	char *s, *r = NULL;
	q_node *q;

	if (parse_full(p, 1))
		return NULL;
	s = word_unescape(p, term, &len, &kind);
	if (raw.p)
		r = word_unescape(p, raw, &raw_len, &ignored);
	if (!s || (raw.p && !r))
		return NULL;
	if (len > TEXT_TERM_MAX) /* no term is longer; cut at a character */
		for (len = TEXT_TERM_MAX; len && ((uint8_t)s[len] & 0xc0) == 0x80;)
			len--;
	q = q_word(p->a, s, len, mode);
	if (!q) {
		p->failed = true;
		return NULL;
	}
	p->leaves++;
	q->field = p->field;
	if (kind >= 0) {
		q->plain &= kind == q->kind; /* else it must be printed with its kind */
		q->kind = (uint8_t)kind;
		q->width = kind == TEXT_CJK ? 2 : 1;
		q->mode = mode == Q_STEM && kind != TEXT_WORD ? Q_FOLD : (uint8_t)mode;
	}
	if (r) {
		q->raw = r;
		q->raw_len = raw_len;
		q->plain = false;
	}
	if (q->kind == TEXT_CJK && q->mode == Q_STRICT)
		q->mode = Q_FOLD; /* these have one form only */
	if (prefix) {
		q->type = Q_PREFIX;
		q->cjk1 = q->kind == TEXT_CJK_LAST;
		q->mode = q->kind = 0;
		q->width = 1;
	}
	if (q->mode != Q_STRICT) {
		q->raw = NULL;
		q->raw_len = 0;
	}
	return q;
}
