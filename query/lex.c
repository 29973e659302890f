/* lex.c - see lex.h.  Blanks, quotes, chunks, operators; fields and ranges are
 * in lex_field.c.
 *
 * A chunk runs from a non-blank to the next blank, quote, parenthesis or bar.
 * Whether it is an operator, a prefix or plain text is decided on the whole
 * chunk, so that text that merely contains operator characters stays text.
 */
#define _GNU_SOURCE
#include "query/lex.h"

#include "text/text.h"

enum { LEX_Q_ASCII = 1, LEX_Q_CURLY, LEX_Q_GUILLEMET, LEX_Q_CORNER, LEX_Q_WHITE_CORNER };

void
lex_init(lexer *lx, const char *s, size_t n)
{
	memset(lx, 0, sizeof *lx);
	lx->s = s;
	lx->n = n;
	lx->last = LEX_OPEN; /* as after an opening parenthesis */
}

static uint32_t
lex_decode(const char *s, size_t n, size_t i, size_t *len)
{
	const char *at = s + i;
	uint32_t c = text_decode(&at, s + n);

	*len = (size_t)(at - (s + i));
	return c;
}

size_t
lex_blank(const char *s, size_t n, size_t i)
{
	size_t len;
	uint32_t c;

	if (i >= n)
		return 0;
	if ((uint8_t)s[i] < 0x80)
		return (uint8_t)s[i] <= ' ' || s[i] == 0x7f;
	c = lex_decode(s, n, i, &len);
	switch (c) {
	case 0x85:
	case 0xa0:
	case 0x1680:
	case 0x2028:
	case 0x2029:
	case 0x202f:
	case 0x205f:
	case 0x3000:
	case 0xfeff:
	/* the punctuation of Chinese and Japanese, which is written without spaces */
	case 0x3001:
	case 0x3002:
	case 0xff01:
	case 0xff0c:
	case 0xff1a:
	case 0xff1b:
	case 0xff1f:
		return len;
	default:
		return c >= 0x2000 && c <= 0x200a ? len : 0;
	}
}

/* The family of a quotation mark, 0 for other characters. */
static int
lex_quote_family(uint32_t c)
{
	switch (c) {
	case '"':
		return LEX_Q_ASCII;
	case 0x201c:
	case 0x201d:
	case 0x201e:
	case 0x201f:
		return LEX_Q_CURLY;
	case 0xab:
	case 0xbb:
		return LEX_Q_GUILLEMET;
	case 0x300c:
	case 0x300d:
		return LEX_Q_CORNER;
	case 0x300e:
	case 0x300f:
		return LEX_Q_WHITE_CORNER;
	default:
		return 0;
	}
}

size_t
lex_quote_open(const char *s, size_t n, size_t i, int *family)
{
	size_t len;

	if (i >= n)
		return 0;
	if ((uint8_t)s[i] < 0x80) {
		*family = s[i] == '"' ? LEX_Q_ASCII : 0;
		return s[i] == '"';
	}
	*family = lex_quote_family(lex_decode(s, n, i, &len));
	return *family ? len : 0;
}

/* Does c close a quote of this family?  Curly quotes may be closed by a straight
 * one (keyboards mix them), and a corner only by the closing corner. */
static bool
lex_quote_closes(uint32_t c, int family)
{
	switch (family) {
	case LEX_Q_CURLY:
		return lex_quote_family(c) == LEX_Q_CURLY || c == '"';
	case LEX_Q_CORNER:
		return c == 0x300d;
	case LEX_Q_WHITE_CORNER:
		return c == 0x300f;
	default:
		return lex_quote_family(c) == family;
	}
}

bool
lex_wordish(const char *s, size_t n, size_t i)
{
	uint8_t c;
	int family;

	if (i >= n)
		return false;
	c = (uint8_t)s[i];
	if (c < 0x80)
		return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '_';
	if ((c & 0xc0) == 0x80) {
		/* inside a character: judge it from its first byte */
		while (i && ((uint8_t)s[i] & 0xc0) == 0x80)
			i--;
	}
	return !lex_blank(s, n, i) && !lex_quote_open(s, n, i, &family);
}

size_t
lex_digits(const char *s, size_t n, size_t i, uint32_t max, uint32_t *value)
{
	uint64_t v = 0;

	for (; i < n && s[i] >= '0' && s[i] <= '9'; i++)
		if (v <= max)
			v = v * 10 + (uint64_t)(s[i] - '0');
	*value = (uint32_t)(v > max ? max + 1 : v);
	return i;
}

/* Powers of ten up to 22 are exact in a double, so mantissa and power give the
 * correctly rounded value in one operation for all that is written with up to
 * 15 digits; the locale has no say. */
static double
lex_scale(uint64_t mantissa, int power)
{
	static const double tens[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
				       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	double v = (double)mantissa;

	for (; power > 22 && v < 1e30; power -= 22)
		v *= tens[22];
	for (; power < -22 && v > 0; power += 22)
		v /= tens[22];
	if (power < -22)
		return 0;
	return power > 22 ? 1e30 : power >= 0 ? v * tens[power] : v / tens[-power];
}

size_t
lex_number(const char *s, size_t n, size_t i, double *value)
{
	size_t start = i, digits = 0, used = 0;
	uint64_t mantissa = 0;
	int power = 0;
	bool dot = false;

	for (; i < n; i++) {
		if (s[i] == '.' && !dot) {
			dot = true;
			continue;
		}
		if (s[i] < '0' || s[i] > '9')
			break;
		digits++;
		if (used < 15) {
			mantissa = mantissa * 10 + (uint64_t)(s[i] - '0');
			used += mantissa != 0;
			power -= dot && power > -400;
		} else {
			power += !dot && power < 400;
		}
	}
	if (!digits)
		return start;
	if (i + 1 < n && (s[i] | 0x20) == 'e') {
		size_t k = i + 1 + (s[i + 1] == '-' || s[i + 1] == '+');
		uint32_t e;
		size_t end = lex_digits(s, n, k, 400, &e);
		if (end > k) {
			power += s[i + 1] == '-' ? -(int)e : (int)e;
			i = end;
		}
	}
	*value = lex_scale(mantissa, power);
	return i;
}

/* Take a number as a boost. */
static void
lex_set_boost(lex_token *t, double v)
{
	t->bad_boost = !(v <= LEX_BOOST_MAX);
	t->boost = t->bad_boost ? (float)LEX_BOOST_MAX : (float)v;
}

static void
lex_set_n(lex_token *t, uint32_t n)
{
	t->bad_n = n > LEX_NEAR_MAX;
	t->n = min_u32(n, LEX_NEAR_MAX);
}

void
lex_suffix(lexer *lx, lex_token *t, bool slop)
{
	const char *s = lx->s;

	if (slop && lx->at + 1 < lx->n && s[lx->at] == '~') {
		uint32_t n;
		size_t end = lex_digits(s, lx->n, lx->at + 1, LEX_NEAR_MAX, &n);
		if (end > lx->at + 1) {
			lex_set_n(t, n);
			t->has_slop = true;
			lx->at = end;
		}
	}
	if (lx->at + 1 < lx->n && s[lx->at] == '^') {
		double v;
		size_t end = lex_number(s, lx->n, lx->at + 1, &v);
		if (end > lx->at + 1) {
			lex_set_boost(t, v);
			lx->at = end;
		}
	}
	t->end = lx->at;
}

/* The quote that opens with `open` bytes at lx->at. */
static void
lex_quote(lexer *lx, lex_token *t, size_t open, int family)
{
	size_t i = lx->at + open, len = 0;

	t->kind = LEX_QUOTE;
	t->text.p = lx->s + i;
	while (i < lx->n) {
		uint32_t c = (uint8_t)lx->s[i];
		len = 1;
		if (c >= 0x80)
			c = lex_decode(lx->s, lx->n, i, &len);
		if ((c == '"' || c >= 0x80) && lex_quote_closes(c, family)) {
			t->closed = true;
			break;
		}
		i += len;
	}
	t->text.n = i - (size_t)(t->text.p - lx->s);
	lx->at = t->closed ? i + len : i;
	lex_suffix(lx, t, true);
}

size_t
lex_literal(const char *s, size_t n, size_t i)
{
	for (size_t k = i + 1; k < n; k++) {
		if (s[k] == '`')
			return k > i + 1 ? k : 0;
		if ((uint8_t)s[k] <= ' ' || strchr("\"()|", s[k]))
			return 0;
	}
	return 0;
}

/* True for an operator that may stand directly before a parenthesis. */
static bool
lex_is_operator(const char *p, size_t n)
{
	static const char *const words[] = { "AND", "OR", "NOT", "NEAR", "ADJ", "MAYBE" };
	const char *slash = memchr(p, '/', min_size(n, 5));
	size_t head = slash ? (size_t)(slash - p) : n;

	if (slash)
		return head && head + 1 < n && p[n - 1] >= '0' && p[n - 1] <= '9' &&
		       ((head == 4 && !memcmp(p, "NEAR", 4)) || (head == 3 && !memcmp(p, "ADJ", 3)) ||
			(head == 1 && (p[0] | 0x20) == 'w') ||
			(head == 3 && (p[0] | 0x20) == 'p' && (p[1] | 0x20) == 'r' &&
			 (p[2] | 0x20) == 'e'));
	for (size_t i = 0; i < countof(words); i++)
		if (n == strlen(words[i]) && !memcmp(p, words[i], n))
			return true;
	return false;
}

/* "(b)" at i: a parenthesis with a few letters or digits that is text. */
static size_t
lex_text_paren(const char *s, size_t n, size_t i)
{
	size_t chars = 0, k = i + 1;

	while (k < n && chars <= LEX_TEXT_PAREN && lex_wordish(s, n, k)) {
		size_t len = 1;
		if ((uint8_t)s[k] >= 0x80)
			lex_decode(s, n, k, &len);
		k += len;
		chars++;
	}
	return chars && chars <= LEX_TEXT_PAREN && k < n && s[k] == ')' ? k + 1 : 0;
}

size_t
lex_chunk(const lexer *lx, size_t i)
{
	const char *s = lx->s;
	size_t start = i, n = lx->n;
	int family;

	while (i < n) {
		uint8_t c = (uint8_t)s[i];
		if (c <= ' ' || c == 0x7f || c == '|' || c == '"' || c == ')')
			break;
		if (c == '(') {
			size_t end = i > start && (lex_wordish(s, n, i - 1) || s[i - 1] == ')') &&
						     !lex_is_operator(s + start, i - start) ?
					     lex_text_paren(s, n, i) :
					     0;
			if (!end)
				break;
			i = end;
			continue;
		}
		if (c < 0x80) {
			i++;
			continue;
		}
		if (lex_blank(s, n, i) || lex_quote_open(s, n, i, &family))
			break;
		do
			i++;
		while (i < n && ((uint8_t)s[i] & 0xc0) == 0x80);
	}
	return i > start ? i : start + 1;
}

/* The distance of NEAR/5, w/5 ...: digits after a slash to the end. */
static bool
lex_distance(lex_token *t, const char *p, size_t n, size_t slash)
{
	uint32_t v;

	if (slash + 1 >= n || lex_digits(p, n, slash + 1, LEX_NEAR_MAX, &v) != n)
		return false;
	lex_set_n(t, v);
	return true;
}

/* w/5, pre/5, w/s, /p as Westlaw and Lexis users type them, in any case. */
static bool
lex_westlaw(lex_token *t, const char *p, size_t n)
{
	static const char pre[] = "pre";
	size_t slash;

	for (slash = 0; slash < n && slash < 3 && p[slash] != '/'; slash++)
		if ((p[slash] | 0x20) != pre[slash] && !(slash == 0 && (p[0] | 0x20) == 'w'))
			return false;
	if (slash >= n || p[slash] != '/' || (slash == 1 && (p[0] | 0x20) != 'w') || slash == 2)
		return false;
	if (n == slash + 2 && ((p[n - 1] | 0x20) == 's' || (p[n - 1] | 0x20) == 'p')) {
		t->kind = LEX_LATER;
		return true;
	}
	if (!slash || !lex_distance(t, p, n, slash))
		return false;
	t->kind = slash == 1 ? LEX_NEAR : LEX_ADJ;
	return true;
}

/* word^2 and word~1 at the end of a chunk. */
static void
lex_word_suffix(lex_token *t)
{
	const char *p = t->text.p;
	const char *cut = memrchr(p, '^', t->text.n);
	double v;

	if (cut > p && (size_t)(cut - p) + 1 < t->text.n &&
	    lex_number(p, t->text.n, (size_t)(cut - p) + 1, &v) == t->text.n) {
		lex_set_boost(t, v);
		t->text.n = (size_t)(cut - p);
	}
	t->whole = t->text.n;
	cut = memrchr(p, '~', t->text.n);
	if (cut > p && lex_wordish(p, t->text.n, (size_t)(cut - p) - 1) &&
	    ((size_t)(cut - p) + 1 == t->text.n ||
	     lex_number(p, t->text.n, (size_t)(cut - p) + 1, &v) == t->text.n)) {
		t->fuzzy = true;
		t->text.n = (size_t)(cut - p);
	}
}

/* * and *:*, perhaps with a boost. */
static bool
lex_all(lex_token *t, const char *p, size_t n)
{
	if (*p != '*')
		return false;
	t->text = (lex_span){ p, n, false };
	lex_word_suffix(t);
	n = t->text.n;
	if (t->fuzzy || !(n == 1 || (n == 3 && !memcmp(p, "*:*", 3)))) {
		t->fuzzy = t->bad_boost = false;
		t->boost = 1;
		return false;
	}
	t->kind = LEX_ALL;
	return true;
}

/* A whole chunk that is an operator. */
static bool
lex_operator(lex_token *t, const char *p, size_t n)
{
	static const struct {
		const char *text;
		uint8_t kind;
	} ops[] = {
		{ "AND", LEX_AND },   { "&&", LEX_AND },   { "OR", LEX_OR },
		{ "NOT", LEX_NOT },   { "NEAR", LEX_NEAR }, { "ADJ", LEX_ADJ },
		{ "MAYBE", LEX_MAYBE },
	};

	for (size_t i = 0; i < countof(ops); i++) {
		if (n == strlen(ops[i].text) && !memcmp(p, ops[i].text, n)) {
			t->kind = ops[i].kind;
			t->n = LEX_NEAR_DEFAULT;
			return true;
		}
	}
	if (n > 5 && !memcmp(p, "NEAR/", 5) && lex_distance(t, p, n, 4)) {
		t->kind = LEX_NEAR;
		return true;
	}
	if (n > 4 && !memcmp(p, "ADJ/", 4) && lex_distance(t, p, n, 3)) {
		t->kind = LEX_ADJ;
		return true;
	}
	return lex_all(t, p, n) || lex_westlaw(t, p, n);
}

/* Stars and question marks: a prefix, a pattern, or punctuation. */
static void
lex_word_wild(lex_token *t)
{
	const char *p = t->text.p;
	size_t n = t->text.n, star = n;

	if (memmem(p, n, "://", 3) || memchr(p, '@', n))
		return; /* an address */
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '*' && star == n)
			star = i;
		if (p[i] == '?' && i && lex_wordish(p, n, i - 1) && lex_wordish(p, n, i + 1))
			t->wild = true;
		if (p[i] == '*' && lex_wordish(p, n, i + 1))
			t->wild = true;
	}
	if (star < n && !t->wild && star && lex_wordish(p, n, star - 1)) {
		t->prefix = true;
		t->text.n = star;
	}
}

static void
lex_word(lexer *lx, lex_token *t)
{
	t->kind = LEX_WORD;
	t->text.p = lx->s + lx->at;
	t->text.n = lex_chunk(lx, lx->at) - lx->at;
	lx->at += t->text.n;
	/* The section sign sticks to the number after it. */
	if (!(t->text.n % 2) && t->text.n <= 4 && (uint8_t)t->text.p[0] == 0xc2) {
		size_t i, blank, end = t->text.n;
		for (i = 0; i < end; i += 2)
			if (memcmp(t->text.p + i, "\xc2\xa7", 2) && memcmp(t->text.p + i, "\xc2\xb6", 2))
				break;
		if (i == end) {
			for (i = lx->at; (blank = lex_blank(lx->s, lx->n, i)); i += blank)
				;
			if (i > lx->at && i < lx->n && lx->s[i] >= '0' && lx->s[i] <= '9') {
				lx->at = lex_chunk(lx, i);
				t->text.n = (size_t)(lx->s + lx->at - t->text.p);
			}
		}
	}
	lex_word_suffix(t);
	t->regex = t->text.n > 2 && t->text.p[0] == '/' && t->text.p[t->text.n - 1] == '/' &&
		   !memchr(t->text.p + 1, '/', t->text.n - 2);
	if (!t->regex)
		lex_word_wild(t);
	t->end = lx->at;
}

/* Does an operand begin at i, so that a + or - before it is an operator? */
static bool
lex_operand(const lexer *lx, size_t i)
{
	int family;

	if (i >= lx->n)
		return false;
	if (lx->s[i] == '=' || lx->s[i] == '~')
		i++;
	return i < lx->n && (lx->s[i] == '(' || lx->s[i] == '`' || lx->s[i] == '*' ||
			     lex_wordish(lx->s, lx->n, i) ||
			     lex_quote_open(lx->s, lx->n, i, &family));
}

/* `term`, and =`term`raw` for a strict word. */
static bool
lex_backtick(lexer *lx, lex_token *t)
{
	size_t end = lex_literal(lx->s, lx->n, lx->at), raw = 0;

	if (!end || (t->mark == '=' && !(raw = lex_literal(lx->s, lx->n, end))))
		return false;
	t->kind = LEX_LITERAL;
	t->text = (lex_span){ lx->s + lx->at + 1, end - lx->at - 1, false };
	if (raw)
		t->lo = (lex_span){ lx->s + end + 1, raw - end - 1, false };
	lx->at = (raw ? raw : end) + 1;
	if (!raw && lx->at < lx->n && lx->s[lx->at] == '*') {
		t->prefix = true;
		lx->at++;
	}
	lex_suffix(lx, t, false);
	return true;
}

/* = and ~ before a word or a quote. */
static bool
lex_marked(lexer *lx, lex_token *t)
{
	char mark = lx->s[lx->at];
	int family;
	size_t open = lex_quote_open(lx->s, lx->n, lx->at + 1, &family);

	if (!open && !lex_wordish(lx->s, lx->n, lx->at + 1) &&
	    !(mark == '=' && lx->at + 1 < lx->n && lx->s[lx->at + 1] == '`'))
		return false;
	t->mark = mark;
	lx->at++;
	if (open) {
		lex_quote(lx, t, open, family);
		return true;
	}
	if (lx->s[lx->at] == '`')
		return lex_backtick(lx, t);
	lex_word(lx, t);
	return true;
}

/* Parentheses, bars, signs, quotes: what one character tells.  False: the text
 * at lx->at is a field, an operator word or a word. */
static bool
lex_punct(lexer *lx, lex_token *t, bool fresh)
{
	const char *s = lx->s;
	size_t open;
	int family;

	switch (s[lx->at]) {
	case '(':
		t->kind = LEX_OPEN;
		lx->at++;
		return true;
	case ')':
		t->kind = LEX_CLOSE;
		lx->at++;
		lex_suffix(lx, t, false);
		return true;
	case '|':
		t->kind = lx->at + 1 < lx->n && s[lx->at + 1] == '|' ? LEX_OR : LEX_BAR;
		lx->at += t->kind == LEX_OR ? 2 : 1;
		return true;
	case '`':
		return lex_backtick(lx, t);
	case '=':
	case '~':
		if (lex_marked(lx, t))
			return true;
		lx->at = t->at;
		t->mark = 0;
		return false;
	case '+':
	case '-':
	case '!':
		if (!fresh || !lex_operand(lx, lx->at + 1))
			return false;
		t->kind = s[lx->at] == '+' ? LEX_PLUS : LEX_NOT;
		lx->at++;
		return true;
	default:
		open = lex_quote_open(s, lx->n, lx->at, &family);
		if (open)
			lex_quote(lx, t, open, family);
		return open != 0;
	}
}

void
lex_next(lexer *lx, lex_token *t)
{
	size_t blank, chunk, start = lx->at;
	bool value = lx->last == LEX_FIELD, fresh;

	while ((blank = lex_blank(lx->s, lx->n, lx->at)))
		lx->at += blank;
	memset(t, 0, sizeof *t);
	t->boost = 1;
	t->at = lx->at;
	fresh = !value && (lx->at > start || lx->last == LEX_OPEN || lx->last == LEX_BAR ||
			   lx->last == LEX_OR);
	if (lx->at >= lx->n) {
		t->kind = LEX_END;
	} else if (!lex_punct(lx, t, fresh)) {
		chunk = lex_chunk(lx, lx->at);
		if (!value && lex_operator(t, lx->s + lx->at, chunk - lx->at))
			lx->at = chunk;
		else if (value || !lex_field(lx, t))
			lex_word(lx, t);
	}
	t->end = lx->at;
	lx->last = t->kind;
}
