/* lex_field.c - fields, whole values and ranges: name:word, name:="Value",
 * name:2013..2018, name>=2015-06, name:[2013..2018}.
 *
 * The lexer does not know which fields exist; a name is what looks like one and
 * is directly followed by a colon and a value.  Web addresses, C++ names and
 * clock times are not.
 */
#define _GNU_SOURCE
#include "query/lex.h"

static bool
lex_name_start(char c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || c == '_';
}

static bool
lex_name_char(char c)
{
	return lex_name_start(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

static bool
lex_same_word(const char *p, size_t n, const char *word)
{
	if (n != strlen(word))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((p[i] | 0x20) != word[i])
			return false;
	return true;
}

bool
lex_bound_simple(const char *p, size_t n)
{
	size_t i = n && (*p == '-' || *p == '+');

	if (i >= n || p[i] < '0' || p[i] > '9' || p[n - 1] == '.')
		return false;
	for (; i < n; i++) {
		if (p[i] == '.' && i + 1 < n && p[i + 1] == '.')
			return false;
		if (!p[i] || !strchr("0123456789.:,TZ+-_", p[i]))
			return false;
	}
	return true;
}

/* A string at i in straight quotes in which "" stands for one quote; returns the
 * position after it, or i. */
static size_t
lex_string(const lexer *lx, size_t i, lex_span *out)
{
	const char *s = lx->s;
	size_t k;

	if (i >= lx->n || s[i] != '"')
		return i;
	for (k = i + 1; k < lx->n; k++) {
		if (s[k] != '"')
			continue;
		if (k + 1 < lx->n && s[k + 1] == '"') {
			k++;
			continue;
		}
		*out = (lex_span){ s + i + 1, k - i - 1, true };
		return k + 1;
	}
	return i;
}

/* Take the token up to `end` as decided. */
static bool
lex_take(lexer *lx, lex_token *t, lex_kind kind, size_t end)
{
	t->kind = (uint8_t)kind;
	lx->at = end;
	lex_suffix(lx, t, false);
	return true;
}

/* ^boost at the end of an unquoted value. */
static size_t
lex_value_end(const lexer *lx, size_t i, size_t end)
{
	const char *hat = memrchr(lx->s + i, '^', end - i);
	double v;

	if (hat && hat > lx->s + i && hat + 1 < lx->s + end &&
	    lex_number(lx->s, end, (size_t)(hat - lx->s) + 1, &v) == end)
		return (size_t)(hat - lx->s);
	return end;
}

/* name:="Value" and name:=value */
static bool
lex_value(lexer *lx, lex_token *t, size_t i)
{
	size_t end = lex_string(lx, i, &t->text), open, len;
	int family;

	if (end > i)
		return lex_take(lx, t, LEX_VALUE, end);
	open = lex_quote_open(lx->s, lx->n, i, &family);
	if (open) { /* another kind of quote, or one that is not closed */
		lexer sub = { lx->s, lx->n, i, LEX_OPEN };
		lex_token q;
		lex_next(&sub, &q);
		t->text = q.text;
		t->closed = q.closed;
		if (!q.text.n)
			return false;
		t->boost = q.boost;
		t->kind = LEX_VALUE;
		lx->at = q.end;
		return true;
	}
	if (!lex_wordish(lx->s, lx->n, i))
		return false;
	len = lex_value_end(lx, i, lex_chunk(lx, i)) - i;
	t->text = (lex_span){ lx->s + i, len, false };
	return lex_take(lx, t, LEX_VALUE, i + len);
}

/* One bound inside brackets; * and nothing are "unbounded". */
static size_t
lex_bracket_bound(const lexer *lx, size_t i, lex_span *out)
{
	const char *s = lx->s;
	size_t end, blank;

	while ((blank = lex_blank(s, lx->n, i)))
		i += blank;
	end = lex_string(lx, i, out);
	if (end == i) {
		while (end < lx->n && !lex_blank(s, lx->n, end) && !strchr("]}[{\"()|", s[end]) &&
		       !(s[end] == '.' && end + 1 < lx->n && s[end + 1] == '.'))
			end++;
		if (end > i && !(end == i + 1 && s[i] == '*'))
			*out = (lex_span){ s + i, end - i, false };
	}
	while ((blank = lex_blank(s, lx->n, end)))
		end += blank;
	return end;
}

/* name:[lo..hi] and name:{lo TO hi}, braces exclude the bound. */
static bool
lex_bracket(lexer *lx, lex_token *t, size_t i)
{
	const char *s = lx->s;

	t->lo_open = s[i] == '{';
	i = lex_bracket_bound(lx, i + 1, &t->lo);
	if (i + 2 >= lx->n || (memcmp(s + i, "..", 2) && memcmp(s + i, "TO", 2)))
		return false;
	i = lex_bracket_bound(lx, i + 2, &t->hi);
	if (i >= lx->n || (s[i] != ']' && s[i] != '}'))
		return false;
	t->hi_open = s[i] == '}';
	t->lo_open &= t->lo.p != NULL;
	t->hi_open &= t->hi.p != NULL;
	return lex_take(lx, t, LEX_RANGE, i + 1);
}

/* 2015-06 or 2015-06-30, complete. */
static bool
lex_is_date(const char *p, size_t n)
{
	static const char shape[] = "dddd-dd-dd";

	if (n != 7 && n != 10)
		return false;
	for (size_t i = 0; i < n; i++)
		if (shape[i] == 'd' ? p[i] < '0' || p[i] > '9' : p[i] != '-')
			return false;
	return true;
}

/* lo..hi in an unquoted value, and a date, which is the range of its days. */
static bool
lex_dots(lexer *lx, lex_token *t, size_t i)
{
	const char *p = lx->s + i, *dots;
	size_t n = lex_value_end(lx, i, lex_chunk(lx, i)) - i;

	bool path = lex_same_word(t->name.p, t->name.n, "path");

	if (path && memchr(p, '/', n)) /* ../laws */
		return false;
	if (lex_is_date(p, n) && !path && !lex_same_word(t->name.p, t->name.n, "title")) {
		t->lo = t->hi = (lex_span){ p, n, false };
		return lex_take(lx, t, LEX_RANGE, i + n);
	}
	dots = memmem(p, n, "..", 2);
	if (!dots || (dots + 2 < p + n && dots[2] == '.') ||
	    memmem(dots + 2, (size_t)(p + n - dots) - 2, "..", 2))
		return false;
	if (dots > p)
		t->lo = (lex_span){ p, (size_t)(dots - p), false };
	if (dots + 2 < p + n)
		t->hi = (lex_span){ dots + 2, (size_t)(p + n - dots) - 2, false };
	return lex_take(lx, t, LEX_RANGE, i + n);
}

/* name>=x name>x name<=x name<x name=x, where x is a number, a date or quoted. */
static bool
lex_compare(lexer *lx, lex_token *t, size_t i)
{
	char op = lx->s[i];
	bool equal = op == '=' || (i + 1 < lx->n && lx->s[i + 1] == '=');
	size_t end;
	lex_span bound = { 0 };

	i += op != '=' && equal ? 2 : 1;
	end = op == '=' ? i : lex_string(lx, i, &bound);
	if (end == i) {
		if (i >= lx->n || lex_blank(lx->s, lx->n, i))
			return false;
		end = lex_value_end(lx, i, lex_chunk(lx, i));
		if (!lex_bound_simple(lx->s + i, end - i))
			return false;
		bound = (lex_span){ lx->s + i, end - i, false };
	}
	if (op != '<')
		t->lo = bound;
	if (op != '>')
		t->hi = bound;
	t->lo_open = op == '>' && !equal;
	t->hi_open = op == '<' && !equal;
	return lex_take(lx, t, LEX_RANGE, end);
}

/* After name: at i. */
static bool
lex_after_colon(lexer *lx, lex_token *t, size_t i)
{
	const char *s = lx->s;
	size_t n = lx->n;

	if (i >= n || lex_blank(s, n, i) || s[i] == ')' || s[i] == '|' || s[i] == ':' ||
	    (i + 1 < n && s[i] == '/' && s[i + 1] == '/'))
		return false;
	if (s[i] == '=' && lex_value(lx, t, i + 1))
		return true;
	if ((s[i] == '[' || s[i] == '{') && lex_bracket(lx, t, i))
		return true;
	t->lo = t->hi = (lex_span){ 0 };
	t->lo_open = t->hi_open = false;
	if (s[i] == '*' && lex_value_end(lx, i, lex_chunk(lx, i)) == i + 1)
		return lex_take(lx, t, LEX_RANGE, i + 1);
	if (s[i] != '(' && s[i] != '"' && !(s[i] == '`' && lex_literal(s, n, i)) &&
	    lex_dots(lx, t, i))
		return true;
	t->kind = LEX_FIELD;
	lx->at = i;
	return true;
}

/* IN section:"..." : the name that follows IN, or 0. */
static size_t
lex_in_section(const lexer *lx)
{
	size_t i = lx->at + 2, blank;

	if (lx->n - lx->at < 12 || memcmp(lx->s + lx->at, "IN", 2) || !lex_blank(lx->s, lx->n, i))
		return 0;
	while ((blank = lex_blank(lx->s, lx->n, i)))
		i += blank;
	return lx->n - i > 8 && !memcmp(lx->s + i, "section:", 8) && !lex_blank(lx->s, lx->n, i + 8) ?
		       i :
		       0;
}

bool
lex_field(lexer *lx, lex_token *t)
{
	const char *s = lx->s;
	size_t i = lx->at;

	if (!lex_name_start(s[i]))
		return false;
	if (s[i] == 'I' && (i = lex_in_section(lx))) {
		t->section = true;
		t->kind = LEX_FIELD;
		lx->at = i + 8;
		return true;
	}
	i = lx->at;
	while (i < lx->n && lex_name_char(s[i]))
		i++;
	t->name = (lex_span){ s + lx->at, i - lx->at, false };
	t->text = t->name;
	if (i >= lx->n)
		return false;
	if (s[i] == '<' || s[i] == '>' || s[i] == '=')
		return lex_compare(lx, t, i);
	if (s[i] != ':' || lex_same_word(t->name.p, t->name.n, "http") ||
	    lex_same_word(t->name.p, t->name.n, "https") ||
	    lex_same_word(t->name.p, t->name.n, "mailto"))
		return false;
	return lex_after_colon(lx, t, i + 1);
}
