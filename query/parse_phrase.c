/* parse_phrase.c - what stands between quotes.
 *
 *   "the words as written"          Q_FOLD slots
 *   ="As Written"                   Q_STRICT slots; nothing inside is an operator
 *   ~"any form of the words"        Q_STEM slots (also options.stem_phrases)
 *   "(supply|demand)-side"          a slot of alternatives, Q_SYN
 *   "supply* side"                  a Q_PREFIX slot
 *   "freedom * information"         * alone: any one word
 *   "=US ~govern"                   one word strict, or by its stem
 *   "`term`", "<@3>"                for q_print: a term as the index has it, and
 *                                   the offset of the next slot (or the span)
 *
 * Text between these goes to the analyzer in one piece, as in a document.
 */
#include "query/parse_impl.h"

/* A parenthesis of the phrase. */
typedef struct phrase_paren {
	size_t open, close; /* close 0: never closed */
	bool bar;           /* has a | of its own: alternatives; else it is text */
} phrase_paren;

typedef struct phrase {
	parser *p;
	const char *s;
	size_t n, at;
	phrase_paren *paren; /* by position */
	size_t nparen, cap, cur;
	q_mode mode;
	uint32_t off;        /* of the next slot */
	uint32_t span;       /* <@n> at the end */
	bool has_span;
} phrase;

/* Find the parentheses in one pass; `link` threads the open ones. */
static void
phrase_scan(phrase *ph)
{
	size_t *open = NULL, nopen = 0, cap = 0;

	for (size_t i = 0; i < ph->n; i++) {
		if (ph->s[i] == '(') {
			if (!mem_grow(&open, &cap, nopen + 1, sizeof *open) ||
			    !mem_grow(&ph->paren, &ph->cap, ph->nparen + 1, sizeof *ph->paren)) {
				ph->p->failed = true;
				break;
			}
			ph->paren[ph->nparen] = (phrase_paren){ i, 0, false };
			open[nopen++] = ph->nparen++;
		} else if (ph->s[i] == ')' && nopen) {
			ph->paren[open[--nopen]].close = i;
		} else if (ph->s[i] == '|' && nopen) {
			ph->paren[open[nopen - 1]].bar = true;
		}
	}
	mem_free(open);
}

/* The alternatives that open at i, or NULL. */
static const phrase_paren *
phrase_alternatives(phrase *ph, size_t i)
{
	while (ph->cur < ph->nparen && ph->paren[ph->cur].open < i)
		ph->cur++;
	if (ph->cur < ph->nparen && ph->paren[ph->cur].open == i && ph->paren[ph->cur].bar &&
	    ph->paren[ph->cur].close)
		return &ph->paren[ph->cur];
	return NULL;
}

static void
phrase_text(phrase *ph, size_t from, size_t to, q_mode mode, bool prefix)
{
	if (to > from && !ph->p->failed)
		word_slots(ph->p, ph->s + from, to - from, mode, prefix, false, &ph->off);
}

static void phrase_piece(phrase *ph, size_t end, bool alternative);

/* (a|b c|d): at is on the parenthesis. */
static void
phrase_group(phrase *ph, size_t close)
{
	parser *p = ph->p;
	size_t base = p->nslot, n = 0;
	uint32_t off = ph->off, width = 0;
	q_node *syn;

	p->depth++;
	do {
		size_t first = p->nslot;
		q_node *alt;
		ph->at++; /* the parenthesis or the bar */
		ph->off = 0;
		phrase_piece(ph, close, true);
		alt = word_phrase(p, first, 0);
		if (alt) {
			word_push(p, alt, 0);
			n++;
		}
	} while (ph->at < close && !p->failed);
	p->depth--;
	ph->at = close + 1;
	ph->off = off;
	if (!n || p->failed)
		return;
	syn = n == 1 ? p->slot[base] : parse_over(p, Q_SYN, p->slot + base, n);
	p->nslot = base;
	if (!syn)
		return;
	width = q_width(syn);
	if (n == 1 && syn->type == Q_PHRASE) { /* no choice is left: its words stand here */
		for (size_t i = 0; i < syn->nchild; i++)
			word_push(p, syn->child[i], off + syn->child[i]->offset);
	} else {
		word_push(p, syn, off);
	}
	ph->off = off + width;
}

/* `term`, =`term`raw`, =`term`raw`-, `term`*: at i; the position after it, or i. */
static size_t
phrase_literal(phrase *ph, size_t i, size_t limit, q_mode mode)
{
	size_t end = lex_literal(ph->s, limit, i), raw = 0, after;
	bool prefix;
	lex_span raw_span = { 0 };
	q_node *q;

	if (!end)
		return i;
	if (mode == Q_STRICT && (raw = lex_literal(ph->s, limit, end)))
		raw_span = (lex_span){ ph->s + end + 1, raw - end - 1, false };
	prefix = !raw && end + 1 < limit && ph->s[end + 1] == '*';
	q = word_literal(ph->p, (lex_span){ ph->s + i + 1, end - i - 1, false }, raw_span,
			 mode, prefix);
	word_push(ph->p, q, ph->off);
	if (q)
		ph->off += q_width(q);
	after = (raw ? raw : end) + 1 + prefix;
	if (q && raw && after < limit && ph->s[after] == '-') {
		q->hyphen = true;
		after++;
	}
	return after;
}

/* <@n> at i; the position after it, or i. */
static size_t
phrase_offset(phrase *ph, size_t i, size_t limit)
{
	size_t end, rest, blank;
	uint32_t v;

	if (i + 3 >= limit || ph->s[i + 1] != '@')
		return i;
	end = lex_digits(ph->s, limit, i + 2, UINT32_MAX / 4, &v);
	if (end == i + 2 || end >= limit || ph->s[end] != '>' || v > UINT32_MAX / 4)
		return i;
	rest = end + 1;
	while (rest < limit && (blank = lex_blank(ph->s, limit, rest)))
		rest += blank;
	if (rest >= limit || ph->s[rest] == '|') {
		ph->span = v;
		ph->has_span = true;
	} else {
		ph->off = v;
	}
	return end + 1;
}

/* =word and ~word inside quotes: at i on the mark; the position after, or i. */
static size_t
phrase_marked(phrase *ph, size_t i, size_t limit)
{
	q_mode mode = ph->s[i] == '=' ? Q_STRICT : Q_STEM;
	size_t end = i + 1;
	bool star;

	if (end < limit && ph->s[end] == '`') {
		size_t after = phrase_literal(ph, end, limit, mode);
		return after > end ? after : i;
	}
	if (!lex_wordish(ph->s, limit, end))
		return i;
	while (end < limit && !lex_blank(ph->s, limit, end) && !strchr("(|)*`<", ph->s[end]))
		end++;
	star = mode == Q_STEM && end < limit && ph->s[end] == '*';
	phrase_text(ph, i + 1, end, mode, star);
	return end + star;
}

static void
phrase_wild(const phrase *ph)
{
	parse_warn(ph->p, W_WILD, 0, 0,
		   "wildcards other than at the end of a word (as in go?ern) are not supported yet; "
		   "read as blanks");
}

/* A star at i: ends a prefix (1), stands for a word (2), or is text (0). */
static int
phrase_star(const phrase *ph, size_t i, size_t from, size_t limit)
{
	bool before = i > from && lex_wordish(ph->s, limit, i - 1);
	bool after = i + 1 < limit && (lex_wordish(ph->s, limit, i + 1) || ph->s[i + 1] == '*');

	if (before && !after)
		return 1;
	if (before || after) {
		phrase_wild(ph);
		return 0;
	}
	return 2;
}

/* What is special at i.  Flushes the text from *from on where it acts, and
 * moves *from and the cursor behind it. */
static bool
phrase_special(phrase *ph, size_t i, size_t *from, size_t limit)
{
	const phrase_paren *group;
	size_t after = i;
	bool start = i == *from || lex_blank(ph->s, limit, i - 1) || strchr("(|", ph->s[i - 1]);
	int star;

	switch (ph->s[i]) {
	case '`':
		if (!lex_literal(ph->s, limit, i))
			return false;
		phrase_text(ph, *from, i, ph->mode, false);
		after = phrase_literal(ph, i, limit, ph->mode);
		break;
	case '<':
		if (i + 1 >= limit || ph->s[i + 1] != '@')
			return false;
		phrase_text(ph, *from, i, ph->mode, false);
		after = phrase_offset(ph, i, limit);
		break;
	case '(':
		group = ph->mode == Q_STRICT ? NULL : phrase_alternatives(ph, i);
		if (!group)
			return false;
		if (ph->p->depth >= ph->p->opt.max_depth) {
			parse_warn(ph->p, W_DEPTH, 0, 0,
				   "nested too deeply; inner parentheses are ignored");
			return false;
		}
		phrase_text(ph, *from, i, ph->mode, false);
		ph->at = i;
		phrase_group(ph, group->close);
		*from = ph->at;
		return true;
	case '*':
		star = ph->mode == Q_STRICT ? 0 : phrase_star(ph, i, *from, limit);
		if (!star)
			return false;
		phrase_text(ph, *from, i, ph->mode, star == 1);
		ph->off += star == 2 && ph->off > 0; /* not before the first word */
		after = i + 1;
		break;
	case '?':
		if (i && lex_wordish(ph->s, limit, i - 1) && lex_wordish(ph->s, limit, i + 1))
			phrase_wild(ph);
		return false;
	case '=':
	case '~':
		if (!start || ph->mode == Q_STRICT ||
		    !(lex_wordish(ph->s, limit, i + 1) || (i + 1 < limit && ph->s[i + 1] == '`')))
			return false;
		phrase_text(ph, *from, i, ph->mode, false);
		after = phrase_marked(ph, i, limit);
		break;
	default:
		return false;
	}
	*from = after;
	ph->at = max_size(after, i + 1);
	return true;
}

/* One sequence of slots up to `end`, or to a bar in an alternative. */
static void
phrase_piece(phrase *ph, size_t end, bool alternative)
{
	size_t from = ph->at;

	while (ph->at < end && !ph->p->failed) {
		size_t i = ph->at;
		if (alternative && ph->s[i] == '|')
			break;
		if (!memchr("`<(*?=~", ph->s[i], 7) || !phrase_special(ph, i, &from, end))
			ph->at++;
	}
	phrase_text(ph, from, ph->at, ph->mode, false);
}

static q_mode
phrase_mode(const parser *p, char mark)
{
	if (mark == '=')
		return Q_STRICT;
	return mark == '~' || p->opt.stem_phrases ? Q_STEM : Q_FOLD;
}

q_node *
phrase_quote(parser *p, const lex_token *t)
{
	phrase ph = { .p = p, .s = t->text.p, .n = t->text.n, .mode = phrase_mode(p, t->mark) };
	size_t base = p->nslot;
	q_node *q;

	if (ph.mode != Q_STRICT)
		phrase_scan(&ph);
	phrase_piece(&ph, ph.n, false);
	mem_free(ph.paren);
	q = word_phrase(p, base, t->n);
	if (q && q->type == Q_PHRASE && ph.has_span)
		q->span = ph.span;
	return q;
}
