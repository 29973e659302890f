/* print.c - the canonical text of a tree.
 *
 * Everything is written out: AND, OR, the field of every leaf, parentheses
 * around every operand that is not one word or phrase.  So the text means the
 * same with any default operator, and parses back to an equal tree.  What a
 * person cannot type goes between backticks (`term`) or as <@offset> in quotes.
 */
#include "query/ast.h"
#include "query/glob.h"
#include "query/lex.h"

#include <stdio.h>

static void print_node(const q_node *q, buf *out, bool operand);

/* ---- pieces ----------------------------------------------------------- */

static void
print_hex(uint8_t c, buf *out)
{
	static const char hex[] = "0123456789abcdef";

	buf_put_u8(out, '\\');
	buf_put_u8(out, (uint8_t)hex[c >> 4]);
	buf_put_u8(out, (uint8_t)hex[c & 15]);
}

/* The inside of a literal: blanks, what the lexer looks for, and bytes that are
 * not UTF-8 as two hex digits each. */
static void
print_escaped(const char *s, size_t n, buf *out)
{
	const char *end = s + n;

	while (s < end) {
		const char *at = s;
		uint32_t c = text_decode(&at, end);
		if (c <= ' ' || c == 0x7f || (c < 0x80 && strchr("`\\\"()|", (int)c)) ||
		    (c == 0xfffd && at - s != 3))
			print_hex((uint8_t)*s++, out);
		else
			for (; s < at; s++)
				buf_put_u8(out, (uint8_t)*s);
	}
}

static void
print_literal(const q_node *q, buf *out)
{
	buf_put_u8(out, '`');
	if (q->type == Q_TERM)
		buf_printf(out, "\\k%u", q->kind);
	else if (q->cjk1)
		buf_printf(out, "\\k%u", TEXT_CJK_LAST);
	else
		buf_puts(out, "\\k0");
	print_escaped(q->term, q->term_len, out);
	buf_put_u8(out, '`');
}

/* `term`raw` and a hyphen if one must follow. */
static void
print_strict_literal(const q_node *q, buf *out)
{
	print_literal(q, out);
	print_escaped(q->raw, q->raw_len, out);
	buf_puts(out, q->hyphen ? "`-" : "`");
}

/* The word of a TERM or PREFIX, without what tells its mode. */
static void
print_term(const q_node *q, buf *out)
{
	if (q->type == Q_TERM && q->mode == Q_STRICT) {
		if (q->plain)
			buf_put(out, q->raw, q->raw_len);
		else
			print_strict_literal(q, out);
		return;
	}
	if (q->plain)
		buf_put(out, q->term, q->term_len);
	else
		print_literal(q, out);
	if (q->type == Q_PREFIX && (!q->cjk1 || !q->plain))
		buf_put_u8(out, '*');
}

static void
print_string(const char *s, size_t n, buf *out)
{
	buf_put_u8(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"')
			buf_put_u8(out, '"');
		buf_put_u8(out, (uint8_t)s[i]);
	}
	buf_put_u8(out, '"');
}

/* The fewest digits that read back as the same float; the locale has no say in
 * the decimal point. */
static void
print_boost(const q_node *q, buf *out)
{
	char s[32];
	double v;
	size_t n;

	if (q->boost == 1)
		return;
	for (int digits = 1; digits <= 9; digits++) {
		snprintf(s, sizeof s, "^%.*g", digits, (double)q->boost);
		for (char *c = s; *c; c++)
			if (*c == ',')
				*c = '.';
		n = strlen(s);
		if (lex_number(s, n, 1, &v) == n && (float)v == q->boost)
			break;
	}
	buf_puts(out, s);
}

static void
print_field(const char *field, buf *out)
{
	if (field) {
		buf_puts(out, field);
		buf_put_u8(out, ':');
	}
}

/* In path: words and quotes with * ? or / would be patterns of whole paths;
 * literals and quotes with a distance are not. */
static bool
print_is_path(const char *field)
{
	return field && !strcmp(field, "path");
}

/* Would what has been written from `from` on, in quotes, be read as a pattern? */
static bool
print_as_pattern(const char *field, const buf *out, size_t from)
{
	return print_is_path(field) && glob_is_pattern((const char *)out->p + from, out->len - from);
}

/* ---- phrases ---------------------------------------------------------- */

/* What kinds of words a phrase has, to choose its mark. */
typedef struct print_words {
	size_t stem, fold, strict, other;
} print_words;

static void
print_count(const q_node *q, print_words *w)
{
	for (size_t i = 0; i < q->nchild; i++) {
		const q_node *c = q->child[i];
		if (c->type != Q_TERM) {
			w->other += !c->cjk1;
			print_count(c, w);
		} else if (c->mode == Q_STRICT) {
			w->strict++;
		} else if (c->kind == TEXT_WORD) {
			if (c->mode == Q_STEM)
				w->stem++;
			else
				w->fold++;
		} else if (c->kind != TEXT_CJK) {
			w->other++; /* in strict quotes a number would be strict */
		}
	}
}

static char
print_mark(const q_node *q)
{
	print_words w = { 0 };

	print_count(q, &w);
	if (w.strict && !w.stem && !w.fold && !w.other)
		return '=';
	return w.stem && !w.fold && !w.strict ? '~' : 0;
}

/* Characters that stay apart whatever stands next to them: Han, kana, hangul
 * syllables. */
static bool
print_is_run(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
	       (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa) ||
	       (c >= 0xac00 && c <= 0xd7a3);
}

/* The second character of a plain bigram of such characters, else NULL. */
static const char *
print_second(const q_node *q)
{
	const char *at, *second, *end;

	if (q->type != Q_TERM || q->kind != TEXT_CJK || !q->plain || q->mode != Q_FOLD)
		return NULL;
	at = q->term;
	end = q->term + q->term_len;
	if (!print_is_run(text_decode(&at, end)) || at >= end)
		return NULL;
	second = at;
	return print_is_run(text_decode(&at, end)) && at == end ? second : NULL;
}

/* CD written after AB without a space: 2 if it stands next to it, 1 if it is BC
 * and only C is to be written, 0 if not. */
static int
print_join(const q_node *a, const q_node *b)
{
	const char *a2 = print_second(a), *b2 = print_second(b);

	if (!a2 || !b2)
		return 0;
	if (b->offset == a->offset + 2)
		return 2;
	return b->offset == a->offset + 1 &&
			       (size_t)(b2 - b->term) == a->term_len - (size_t)(a2 - a->term) &&
			       !memcmp(a2, b->term, (size_t)(b2 - b->term)) ?
		       1 :
		       0;
}

static void print_slots(const q_node *q, char mark, buf *out);

static bool
print_is_strict(const q_node *q)
{
	return q->type == Q_TERM && q->mode == Q_STRICT && q->plain;
}

/* Can "a-b" be written for slot i and the one behind it?  Not if b is written as
 * a literal, which it is when the same is asked of b and denied. */
static bool
print_hyphen(const q_node *phrase, size_t i)
{
	enum { LONGEST = 64 }; /* words joined; longer chains are written as literals */
	const size_t n = phrase->nchild, last = n - i > LONGEST ? i + LONGEST : n;

	for (; i < last && print_is_strict(phrase->child[i]); i++) {
		const q_node *a = phrase->child[i];
		if (!a->hyphen)
			return true;
		if (i + 1 == n || phrase->child[i + 1]->offset != a->offset + q_width(a))
			return false;
	}
	return false;
}

/* A slot; true if a hyphen joins it to the next, which it does where `joined`. */
static bool
print_slot(const q_node *q, char mark, bool joined, buf *out)
{
	char own = q->type != Q_TERM ? 0 : q->mode == Q_STRICT ? '=' : q->mode == Q_STEM ? '~' : 0;

	if (q->type == Q_SYN) {
		buf_put_u8(out, '(');
		for (size_t i = 0; i < q->nchild; i++) {
			if (i)
				buf_put_u8(out, '|');
			if (q->child[i]->type == Q_PHRASE)
				print_slots(q->child[i], mark, out);
			else
				print_slot(q->child[i], mark, false, out);
		}
		buf_put_u8(out, ')');
		return false;
	}
	if (q->type != Q_TERM && q->type != Q_PREFIX) {
		print_node(q, out, true); /* no parser makes this */
		return false;
	}
	if (own && own != mark)
		buf_put_u8(out, (uint8_t)own);
	if (own == '=' && q->hyphen && !joined) {
		print_strict_literal(q, out);
		return false;
	}
	print_term(q, out);
	return own == '=' && q->hyphen;
}

/* The place of slot i, when it is not directly behind the one before. */
static void
print_gap(const q_node *q, size_t i, uint32_t expect, char mark, buf *out)
{
	uint32_t offset = q->child[i]->offset;

	if (offset == expect)
		return;
	if (i && mark != '=' && offset > expect && offset - expect <= 8) {
		for (; expect < offset; expect++)
			buf_puts(out, "* ");
		return;
	}
	buf_printf(out, "<@%u>", offset);
}

static void
print_slots(const q_node *q, char mark, buf *out)
{
	uint32_t expect = 0, span;
	bool cjk = false, overlap = false, hyphen = false;

	for (size_t i = 0; i < q->nchild; i++) {
		const q_node *c = q->child[i], *prev = i ? q->child[i - 1] : NULL;
		int join = prev && !overlap ? print_join(prev, c) : 0;
		overlap = join == 1;
		cjk |= c->type == Q_PREFIX ? c->cjk1 : c->type == Q_TERM && c->kind == TEXT_CJK;
		if (join == 1) {
			const char *second = print_second(c);
			buf_put(out, second, c->term_len - (size_t)(second - c->term));
		} else if (join == 2) {
			buf_put(out, c->term, c->term_len);
		} else {
			if (i)
				buf_put_u8(out, hyphen ? '-' : ' ');
			print_gap(q, i, expect, mark, out);
			expect = c->offset + q_width(c);
			/* behind a hyphen the mark of the first part still holds */
			hyphen = print_slot(c, hyphen ? '=' : mark, c->hyphen && print_hyphen(q, i), out);
		}
		expect = c->offset + q_width(c);
	}
	span = cjk ? expect : 0;
	if (q->span != span)
		buf_printf(out, "<@%u>", q->span);
}

/* The field of the first leaf, which all of a phrase share. */
static const char *
print_leaf_field(const q_node *q)
{
	while (q->nchild)
		q = q->child[0];
	return q->field;
}

static void
print_phrase(const q_node *q, buf *out)
{
	char mark = print_mark(q);
	const char *field = print_leaf_field(q);
	bool group = field && mark == '='; /* field:="..." is the whole value */
	size_t from;

	print_field(field, out);
	if (group)
		buf_put_u8(out, '(');
	if (!group && q->run && !mark) {
		/* one run of CJK characters as it was typed */
		bool bare = q->n == 0;
		for (size_t i = 0; bare && i < q->nchild; i++)
			bare = i ? print_join(q->child[i - 1], q->child[i]) == 2 ||
					   (i + 1 == q->nchild &&
					    print_join(q->child[i - 1], q->child[i]) == 1) :
				   print_second(q->child[0]) != NULL && !q->child[0]->offset;
		if (bare) {
			print_slots(q, 0, out);
			print_boost(q, out);
			return;
		}
	}
	if (mark)
		buf_put_u8(out, (uint8_t)mark);
	buf_put_u8(out, '"');
	from = out->len;
	print_slots(q, mark, out);
	buf_put_u8(out, '"');
	if (q->n || (!mark && print_as_pattern(field, out, from)))
		buf_printf(out, "~%u", q->n);
	if (group)
		buf_put_u8(out, ')');
	print_boost(q, out);
}

/* ---- leaves ----------------------------------------------------------- */

static void
print_word(const q_node *q, buf *out)
{
	bool strict = q->type == Q_TERM && q->mode == Q_STRICT;
	bool group = strict && q->field;
	/* a hyphen behind a literal is read in quotes only */
	bool quote = strict ? q->plain || q->hyphen : q->type == Q_TERM && q->mode == Q_FOLD && q->kind == TEXT_WORD;
	size_t from;

	print_field(q->field, out);
	if (q_is_value(q)) {
		if (q->mode == Q_VALUE)
			buf_put_u8(out, '=');
		print_string(q->raw, q->raw_len, out);
		print_boost(q, out);
		return;
	}
	if (group)
		buf_put_u8(out, '(');
	if (strict)
		buf_put_u8(out, '=');
	if (quote)
		buf_put_u8(out, '"');
	from = out->len;
	if (q->type == Q_PREFIX && !q->cjk1 && print_is_path(q->field)) {
		print_literal(q, out);
		buf_put_u8(out, '*');
	} else if (strict && q->hyphen) {
		print_strict_literal(q, out);
	} else {
		print_term(q, out);
	}
	if (quote)
		buf_put_u8(out, '"');
	if (quote && !strict && print_as_pattern(q->field, out, from))
		buf_puts(out, "~0");
	if (group)
		buf_put_u8(out, ')');
	print_boost(q, out);
}

static bool
print_simple(const char *s)
{
	return lex_bound_simple(s, strlen(s));
}

static void
print_bound(const char *s, buf *out)
{
	if (!s)
		return;
	if (print_simple(s))
		buf_puts(out, s);
	else
		print_string(s, strlen(s), out);
}

static void
print_range(const q_node *q, buf *out)
{
	bool simple = (!q->lo || print_simple(q->lo)) && (!q->hi || print_simple(q->hi));

	buf_puts(out, q->field ? q->field : "text");
	if (!q->lo && !q->hi) {
		buf_puts(out, ":*");
	} else if (simple && q->lo && q->hi && !strcmp(q->lo, q->hi) && !q->lo_open && !q->hi_open) {
		buf_printf(out, "=%s", q->lo);
	} else if (simple && !q->hi) {
		buf_printf(out, "%s%s", q->lo_open ? ">" : ">=", q->lo);
	} else if (simple && !q->lo) {
		buf_printf(out, "%s%s", q->hi_open ? "<" : "<=", q->hi);
	} else if (simple && !q->lo_open && !q->hi_open) {
		buf_printf(out, ":%s..%s", q->lo, q->hi);
	} else {
		buf_puts(out, q->lo_open ? ":{" : ":[");
		print_bound(q->lo, out);
		buf_puts(out, "..");
		print_bound(q->hi, out);
		buf_put_u8(out, q->hi_open ? '}' : ']');
	}
	print_boost(q, out);
}

/* ---- operators -------------------------------------------------------- */

static void
print_infix(const q_node *q, size_t from, const char *op, buf *out)
{
	for (size_t i = from; i < q->nchild; i++) {
		if (i > from)
			buf_puts(out, op);
		print_node(q->child[i], out, true);
	}
}

static void
print_not(const q_node *q, buf *out)
{
	const q_node *first = q->nchild ? q->child[0] : NULL;
	bool all = first && first->type == Q_ALL && first->boost == 1 &&
		   !(q->nchild == 2 && q->child[1]->type == Q_ALL);

	if (first && !all) {
		if (first->type == Q_AND && first->boost == 1 && first->nchild > 1)
			print_infix(first, 0, " AND ", out);
		else
			print_node(first, out, true);
	}
	for (size_t i = 1; i < q->nchild; i++) {
		buf_puts(out, i > 1 || !all ? " AND NOT " : "NOT ");
		print_node(q->child[i], out, true);
	}
}

static void
print_compound(const q_node *q, buf *out)
{
	char op[32];

	switch (q->type) {
	case Q_NEAR:
	case Q_ADJ:
		snprintf(op, sizeof op, " %s/%u ", q->type == Q_NEAR ? "NEAR" : "ADJ", q->n);
		print_infix(q, 0, op, out);
		return;
	case Q_SYN:
		print_infix(q, 0, " | ", out);
		return;
	case Q_AND:
		print_infix(q, 0, " AND ", out);
		return;
	case Q_OR:
		print_infix(q, 0, " OR ", out);
		return;
	case Q_MAYBE:
		print_infix(q, 0, " MAYBE ", out);
		return;
	case Q_NOT:
		print_not(q, out);
		return;
	default:
		buf_puts(out, "NOT *"); /* Q_NONE */
	}
}

static void
print_node(const q_node *q, buf *out, bool operand)
{
	switch (q->type) {
	case Q_TERM:
	case Q_PREFIX:
		print_word(q, out);
		return;
	case Q_PHRASE:
		print_phrase(q, out);
		return;
	case Q_RANGE:
		print_range(q, out);
		return;
	case Q_ALL:
		buf_put_u8(out, '*');
		print_boost(q, out);
		return;
	default:
		break;
	}
	operand |= q->boost != 1 || q->type == Q_SYN;
	if (operand)
		buf_put_u8(out, '(');
	print_compound(q, out);
	if (operand)
		buf_put_u8(out, ')');
	print_boost(q, out);
}

void
q_print(const q_node *node, buf *out)
{
	print_node(node, out, false);
}
