/* section_titles.c - see section_titles.h. */
#include "extract/section_titles.h"

#include <string.h>
#include <strings.h>

#include "extract/numbering_mark.h"
#include "text/text.h"

enum { MARK_SEEN = 40, LABEL_SEEN = 400 }; /* bytes: of a name and number, of a label */

/* ---- numbers ------------------------------------------------------------------------ */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r'))
		i++;
	return i;
}

/* Blanks, dashes, points and colons from p[i] on. */
static size_t
skip_separators(const char *p, size_t n, size_t i)
{
	static const char *const marks[] = { ".", ":", "-", "\xe2\x80\x94", "\xe2\x80\x93", "\xef\xbc\x9a", "\xe3\x80\x81", "\xe3\x80\x80", "\xc2\xa0" };

	for (size_t was = n + 1; was != i;) {
		was = i;
		i += blanks(p + i, n - i);
		for (size_t m = 0; m < countof(marks); m++) {
			size_t len = strlen(marks[m]);

			if (i + len <= n && !memcmp(p + i, marks[m], len))
				i += len;
		}
	}
	return i;
}

/* "PART II" of "PART II—GENERAL": name and number that go up to a long dash. */
static size_t
before_dash(const char *p, size_t n)
{
	for (size_t i = 1; i + 3 <= n && i < MARK_SEEN; i++)
		if (p[i] == '\xe2' && p[i + 1] == '\x80' && (p[i + 2] == '\x93' || p[i + 2] == '\x94')) {
			size_t len = i;
			mark m;

			while (len && p[len - 1] == ' ')
				len--;
			m = mark_parse(p, len);
			return m.type && !m.bare && m.n == len ? skip_separators(p, n, i) : 0;
		}
	return 0;
}

/* "IV." "A." "B)" */
static size_t
outline_mark(const char *p, size_t n)
{
	size_t i = strspn(p, "IVXLC");

	if (!i && n && p[0] >= 'A' && p[0] <= 'Z')
		i = 1;
	if (!i || i > 7 || i >= n || (p[i] != '.' && p[i] != ')') || (i + 1 < n && p[i + 1] != ' '))
		return 0;
	return skip_separators(p, n, i + 1);
}

/* (b) of 31(b)(2) */
static size_t
in_brackets(const char *p, size_t n)
{
	size_t i = 1;

	while (i < n && i < 6 && (is_digit(p[i]) || ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z')))
		i++;
	return i > 1 && i < n && p[0] == '(' && p[i] == ')' ? i + 1 : 0;
}

/* "3.2.1 Scope", "47-302 Reserved", "12A Offences"; not "2013 Report", "3D", "5G" or "2nd". */
static size_t
plain_number(const char *p, size_t n)
{
	size_t i = 0, digits = 0;

	while (i < n && (is_digit(p[i]) || (i && (p[i] == '.' || p[i] == '-' || p[i] == ')')))) {
		digits += is_digit(p[i]);
		i++;
	}
	if (!digits || !is_digit(p[0]))
		return 0;
	if (i == digits && (digits > 4 || (digits == 4 && p[0] <= '2')))
		return 0; /* a year or a quantity */
	if (i < n && ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z' && digits > 1)))
		i++;
	for (size_t k = in_brackets(p + i, n - i); k; k = in_brackets(p + i, n - i))
		i += k;
	if (i < n && p[i] != ' ' && p[i] != ':')
		return 0;
	return skip_separators(p, n, i);
}

/* Names of numbers that numbering_mark.h does not look for: "Regulation .03 Scope". */
static size_t
named_number(const char *p, size_t n)
{
	static const char *const names[] = { "regulation ", "rule ", "clause ", "reg. " };

	for (size_t i = 0; i < countof(names); i++) {
		size_t len = strlen(names[i]);

		if (n > len && !strncasecmp(p, names[i], len)) {
			size_t at = len + (p[len] == '.'), k = plain_number(p + at, n - at);
			return k ? at + k : 0;
		}
	}
	return 0;
}

/* "2. Abschnitt" is a number, "2. Title search" is not one in English. */
static bool
is_ordinal(const char *p)
{
	static const char *const names[] = { "abschnitt", "unterabschnitt", "teil", "kapitel", "unterkapitel", "titel", "buch" };
	size_t i = strspn(p, "0123456789");

	if (!i || p[i] != '.' || p[i + 1] != ' ')
		return true; /* another kind of number */
	for (size_t k = 0; k < countof(names); k++)
		if (!strncasecmp(p + i + 2, names[k], strlen(names[k])))
			return true;
	return false;
}

/* Where the title begins; n: nowhere. */
static size_t
after_number(const char *p, size_t n)
{
	mark m = mark_parse(p, n);
	size_t at = before_dash(p, n);

	if (!at && m.type && !m.bare && (m.type >= MARK_PLAIN || is_ordinal(p)))
		at = skip_separators(p, n, m.rest);
	if (!at)
		at = outline_mark(p, n);
	if (!at)
		at = plain_number(p, n);
	if (!at)
		at = named_number(p, n);
	return at;
}

/* ---- titles ------------------------------------------------------------------------- */

/* Is there anything to read: not only numbers and signs. */
static bool
has_letter(const char *p, size_t n)
{
	for (const char *at = p, *end = p + n; at < end;) {
		uint32_t c = text_decode(&at, end);

		if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			return true;
		if (c >= 0xc0 && (c < 0x2000 || c > 0x2bff) && (c < 0x3000 || c > 0x303f) && (c < 0xff00 || c > 0xff20) && c != 0xfffd)
			return true;
	}
	return false;
}

/* A few letters of a Roman number, or one letter: a number as well.  "CIVIL" is none. */
static bool
is_number(const char *p, size_t n)
{
	return (n == 1 && (unsigned char)p[0] < 0x80) || (n <= 4 && strspn(p, "IVXLC") >= n) ||
	       (n <= 7 && strspn(p, "IVXL") >= n);
}

static bool
is_han(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf);
}

/* "总 则" is set wide, and is "总则".  Returns the length. */
static size_t
close_up(char *p, size_t n)
{
	const char *at = p, *end = p + n;
	size_t to = 0;
	bool han = false;

	while (at < end) {
		const char *from = at, *next;
		uint32_t c = text_decode(&at, end);

		next = at;
		if (c == ' ' && han && at < end && is_han(text_decode(&next, end)))
			continue;
		memmove(p + to, from, (size_t)(at - from));
		to += (size_t)(at - from);
		han = is_han(c);
	}
	return to;
}

static size_t
cut(const char *p, size_t n, size_t max)
{
	if (n <= max)
		return n;
	for (n = max; n && ((uint8_t)p[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

/* Points at the end, but that of "U.S." */
static size_t
trim_end(const char *p, size_t n)
{
	static const char *const marks[] = { " ", ":", ";", ",", "\xe3\x80\x82", "\xef\xbc\x9b", "\xe2\x80\xa6" };
	size_t was = n + 1;

	while (was != n) {
		was = n;
		for (size_t m = 0; m < countof(marks); m++) {
			size_t len = strlen(marks[m]);

			if (n >= len && !memcmp(p + n - len, marks[m], len))
				n -= len;
		}
		if (n >= 3 && p[n - 1] == '.' && p[n - 3] != '.' && p[n - 2] != ' ')
			n--;
	}
	return n;
}

/* Bytes of the white space there, those of other scripts too. */
static size_t
white(const char *p, size_t n)
{
	if ((uint8_t)p[0] <= ' ')
		return 1;
	if (n >= 2 && !memcmp(p, "\xc2\xa0", 2))
		return 2;
	return n >= 3 && (!memcmp(p, "\xe3\x80\x80", 3) || (!memcmp(p, "\xe2\x80", 2) && ((uint8_t)p[2] <= 0x8b || (uint8_t)p[2] == 0xaf))) ? 3 : 0;
}

/* "(Section 2)", "[Repealed]": a note where a title would be. */
static bool
is_note(const char *p, size_t n)
{
	return n && (p[0] == '(' || p[0] == '[') && memchr(p, p[0] == '(' ? ')' : ']', n) == p + n - 1;
}

size_t
section_title(doc_str label, char *out)
{
	char line[LABEL_SEEN + 1];
	size_t n = 0, at, end = cut(label.p, label.n, LABEL_SEEN);

	for (size_t i = 0; i < end;) { /* white space is one blank */
		size_t blank = white(label.p + i, end - i);

		if (!blank)
			line[n++] = label.p[i++];
		else if (n && line[n - 1] != ' ')
			line[n++] = ' ';
		i += blank;
	}
	line[n] = 0;
	at = after_number(line, n);
	n = trim_end(line, n);
	if (at >= n || !has_letter(line + at, n - at) || is_number(line + at, n - at) || is_note(line + at, n - at))
		return 0;
	n = close_up(line + at, n - at);
	n = trim_end(line + at, cut(line + at, n, SECTION_TITLE_MAX));
	memcpy(out, line + at, n);
	return n;
}

/* ---- of a document ------------------------------------------------------------------- */

typedef struct folded {
	char p[2 * TEXT_TERM_MAX];
	size_t n;
} folded;

static void
fold(const char *p, size_t n, folded *to)
{
	to->n = text_raw_form(p, cut(p, n, SECTION_TITLE_MAX), TEXT_FORM_UPPER, to->p);
}

static bool
is_same(const folded *a, const folded *b)
{
	return a->n == b->n && !memcmp(a->p, b->p, a->n);
}

static bool
is_section(const doc_section *s)
{
	static const char *const kinds[] = { "section", "part", "chapter", "article", "heading" };

	for (size_t i = 0; i < countof(kinds); i++)
		if (!strcmp(s->kind, kinds[i]))
			return true;
	return false;
}

/* What was found, to compare with: [0] is the document's title. */
typedef struct finder {
	section_titles *out;
	folded seen[SECTION_TITLES + 1];
} finder;

static void
add_title(finder *f, doc_str label)
{
	section_titles *out = f->out;
	char *at = out->bytes + out->n * SECTION_TITLE_MAX;
	folded *now = &f->seen[out->n + 1];
	size_t n = section_title(label, at);

	if (!n)
		return;
	fold(at, n, now);
	for (size_t i = 0; i <= out->n; i++)
		if (is_same(&f->seen[i], now))
			return;
	out->title[out->n++] = (doc_str){ at, n };
}

void
section_titles_find(const document *doc, section_titles *out)
{
	finder f; /* large: not cleared */
	char title[SECTION_TITLE_MAX];
	size_t seen = 0;

	f.out = out;
	out->n = 0;
	fold(title, section_title(doc->title, title), &f.seen[0]);
	for (unsigned level = 1; level <= SECTION_LEVELS && out->n < SECTION_TITLES_FEW; level++)
		for (size_t i = 0; i < doc->nsections && out->n < SECTION_TITLES; i++)
			if (doc->sections[i].level == level && is_section(&doc->sections[i]) && seen++ < SECTION_LABELS)
				add_title(&f, doc->sections[i].label);
}

bool
section_titles_due(const document *doc)
{
	if (!doc->nsections)
		return false;
	for (size_t i = 0; i < doc->nfields; i++)
		if (doc->fields[i].name.n == 7 && !memcmp(doc->fields[i].name.p, "section", 7))
			return false;
	return true;
}
