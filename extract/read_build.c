/* read_build.c - see read_build.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strtod_l */
#endif
#include "extract/read_build.h"

#include "engine/kind.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	/* Arrays and buffers that one giant document has blown up are given
	 * back at the next reset. */
	BUILD_KEEP_TEXT = 16 << 20,
	BUILD_KEEP_FIELDS = 1 << 16,
};

void
read_build_init(read_build *b)
{
	memset(b, 0, sizeof *b);
	arena_init(&b->strings);
	buf_init(&b->text);
}

void
read_build_fini(read_build *b)
{
	mem_free(b->fields);
	mem_free(b->sections);
	arena_fini(&b->strings);
	buf_fini(&b->text);
	memset(b, 0, sizeof *b);
}

void
read_build_reset(read_build *b)
{
	memset(&b->doc, 0, sizeof b->doc);
	b->warning[0] = 0;
	b->warning_len = 0;
	b->nopen = 0;
	b->page = 0;
	b->failed = false;
	if (b->strings.bytes > BUILD_KEEP_TEXT) {
		arena_fini(&b->strings);
		arena_init(&b->strings);
	} else {
		arena_reset(&b->strings);
	}
	if (b->text.cap > BUILD_KEEP_TEXT || b->text.failed)
		buf_fini(&b->text);
	b->text.len = 0;
	if (b->fields_cap > BUILD_KEEP_FIELDS) {
		mem_free(b->fields);
		b->fields = NULL;
		b->fields_cap = 0;
	}
	if (b->sections_cap > BUILD_KEEP_FIELDS) {
		mem_free(b->sections);
		b->sections = NULL;
		b->sections_cap = 0;
	}
}

bool
read_build_finish(read_build *b)
{
	b->doc.fields = b->fields;
	b->doc.sections = b->sections;
	return !b->failed && !b->text.failed && !b->strings.failed;
}

void
read_build_warn(read_build *b, const char *fmt, ...)
{
	size_t left = sizeof b->warning - b->warning_len;
	va_list ap;
	int n;

	if (left < 3)
		return;
	if (b->warning_len) {
		memcpy(b->warning + b->warning_len, "; ", 3);
		b->warning_len += 2;
		left -= 2;
	}
	va_start(ap, fmt);
	n = vsnprintf(b->warning + b->warning_len, left, fmt, ap);
	va_end(ap);
	if (n > 0)
		b->warning_len += min_size((size_t)n, left - 1);
}

doc_str
read_build_copy(read_build *b, const char *p, size_t n)
{
	char *q = n ? arena_strndup(&b->strings, p, n) : (char *)(uintptr_t)"";

	if (!q) {
		b->failed = true;
		return read_str("", 0);
	}
	return read_str(q, n);
}

doc_str
read_str_trim(doc_str s)
{
	while (s.n && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

read_key
read_build_key(const char *p, size_t n)
{
	switch (n) {
	case 2:
		return memcmp(p, "id", 2) == 0 ? READ_KEY_ID : READ_KEY_OTHER;
	case 3:
		return memcmp(p, "url", 3) == 0 ? READ_KEY_URL : READ_KEY_OTHER;
	case 4:
		if (memcmp(p, "text", 4) == 0)
			return READ_KEY_TEXT;
		if (memcmp(p, "date", 4) == 0)
			return READ_KEY_DATE;
		return memcmp(p, "lang", 4) == 0 ? READ_KEY_LANG : READ_KEY_OTHER;
	case 5:
		return memcmp(p, "title", 5) == 0 ? READ_KEY_TITLE : READ_KEY_OTHER;
	default:
		return READ_KEY_OTHER;
	}
}

static void
build_date(read_build *b, doc_str value)
{
	b->doc.has_date = doc_parse_date(value.p, value.n, &b->doc.date);
	if (!b->doc.has_date && read_str_trim(value).n)
		read_build_warn(b, "date \"%.*s\" is not YYYY, YYYY-MM or YYYY-MM-DD: left out",
				(int)min_size(value.n, 40), value.p);
}

void
read_build_known(read_build *b, read_key key, doc_str value)
{
	switch (key) {
	case READ_KEY_ID:
		b->doc.id = value;
		break;
	case READ_KEY_TITLE:
		b->doc.title = value;
		break;
	case READ_KEY_DATE:
		build_date(b, value);
		break;
	case READ_KEY_LANG:
		b->doc.lang = value;
		break;
	case READ_KEY_URL:
		b->doc.url = value;
		break;
	case READ_KEY_TEXT:
		b->doc.text = value;
		break;
	case READ_KEY_OTHER:
		break;
	}
}

/* ---- fields and sections -------------------------------------------- */

static doc_field *
build_field(read_build *b, doc_str name, doc_str value, bool list)
{
	doc_field *f;

	if (!mem_grow(&b->fields, &b->fields_cap, b->doc.nfields + 1, sizeof *b->fields)) {
		b->failed = true;
		return NULL;
	}
	f = &b->fields[b->doc.nfields++];
	memset(f, 0, sizeof *f);
	f->name = name;
	f->string = value;
	f->list = list;
	return f;
}

/* YYYY-MM or YYYY-MM-DD, perhaps with a time behind T; nothing looser, since
 * the value may mean anything. */
static bool
build_looks_like_date(doc_str s)
{
	if (s.n < 7 || s.n > 40 || s.p[4] != '-')
		return false;
	for (size_t i = 0; i < 7; i++)
		if (i != 4 && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	if (s.n == 7)
		return true;
	if (s.n < 10 || s.p[7] != '-' || s.p[8] < '0' || s.p[8] > '9' || s.p[9] < '0' ||
	    s.p[9] > '9')
		return false;
	return s.n == 10 || s.p[10] == 'T';
}

void
read_build_string(read_build *b, doc_str name, doc_str value, bool list)
{
	doc_field *f = build_field(b, name, value, list);

	if (f && build_looks_like_date(value) && doc_parse_date(value.p, value.n, &f->date))
		f->type = DOC_DATE;
}

void
read_build_number(read_build *b, doc_str name, doc_str written, double value, bool list)
{
	doc_field *f = build_field(b, name, written, list);

	if (f) {
		f->type = DOC_NUMBER;
		f->number = value;
	}
}

void
read_build_untyped(read_build *b, doc_str name, doc_str value, bool list)
{
	double number;

	for (size_t i = 0; i < value.n && i < 40; i++)
		if (value.p[i] == 'e' || value.p[i] == 'E') /* "1e5" may be a code */
			goto string;
	/* Leading zeros are for codes ("007"), which the number grammar refuses. */
	if (value.n <= 40 && read_build_parse_number(value.p, value.n, &number) == READ_NUMBER_OK) {
		read_build_number(b, name, value, number, list);
		return;
	}
string:
	read_build_string(b, name, value, list);
}

void
read_build_end(read_build *b, size_t end, unsigned rank)
{
	while (b->nopen && b->open[b->nopen - 1].rank >= rank)
		b->sections[b->open[--b->nopen].index].end = (uint32_t)end;
}

static doc_section *
build_section(read_build *b, size_t start, const char *kind, doc_str label)
{
	doc_section *s;

	if (!mem_grow(&b->sections, &b->sections_cap, b->doc.nsections + 1, sizeof *b->sections)) {
		b->failed = true;
		return NULL;
	}
	s = &b->sections[b->doc.nsections++];
	*s = (doc_section){ .start = (uint32_t)start, .end = (uint32_t)start, .level = 1,
			    .label = read_build_copy(b, label.p, label.n), .kind = kind };
	return s;
}

void
read_build_section(read_build *b, size_t start, unsigned rank, const char *kind, doc_str label)
{
	doc_section *s;

	rank = rank < READ_BUILD_RANKS ? rank : READ_BUILD_RANKS - 1;
	read_build_end(b, start, rank);
	s = build_section(b, start, kind, label);
	if (!s)
		return;
	s->level = (uint16_t)(b->nopen + 1);
	b->open[b->nopen].index = (size_t)(s - b->sections);
	b->open[b->nopen++].rank = rank;
}

void
read_build_heading(read_build *b, size_t start, unsigned rank, doc_str label)
{
	read_build_section(b, start, rank, tree_kind_name(TREE_SECTION), label);
}

void
read_build_page(read_build *b, size_t start, doc_str label)
{
	if (b->page)
		b->sections[b->page - 1].end = (uint32_t)start;
	b->page = build_section(b, start, tree_kind_name(TREE_PAGE), label) ? b->doc.nsections : 0;
}

const char *
read_build_kind(const char *p, size_t n)
{
	char name[32] = "";

	memcpy(name, p, min_size(n, sizeof name - 1));
	return tree_kind_name(tree_kind_find(name));
}

void
read_build_prune(read_build *b)
{
	const char *page = tree_kind_name(TREE_PAGE);
	uint32_t ends[UINT8_MAX];
	uint16_t depth = 0;
	size_t kept = 0;

	for (size_t i = 0; i < b->doc.nsections; i++) {
		doc_section s = b->sections[i];

		if (s.kind != page) {
			if (!s.label.n)
				continue;
			while (depth && ends[depth - 1] <= s.start)
				depth--;
			if (depth < countof(ends))
				ends[depth++] = s.end;
			s.level = depth;
		}
		b->sections[kept++] = s;
	}
	b->doc.nsections = kept;
}

void
read_build_close(read_build *b, size_t end)
{
	read_build_end(b, end, 0);
	if (b->page)
		b->sections[b->page - 1].end = (uint32_t)end;
	b->page = 0;
}

/* ---- numbers -------------------------------------------------------- */

/* The C locale's strtod, whatever locale the program runs in. */
static read_number
build_number_slow(const char *p, size_t n, double *out)
{
	char *copy = mem_strndup(p, n);
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

	if (copy && c)
		*out = strtod_l(copy, NULL, c);
	if (c)
		freelocale(c);
	mem_free(copy);
	return copy && c && *out - *out == 0 ? READ_NUMBER_OK : READ_NUMBER_HUGE;
}

static const char *
build_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Decimal digits of at most 2^53 and powers of ten up to 22 are exact doubles,
 * and so one multiplication or division rounds once, as strtod does. */
read_number
read_build_parse_number(const char *p, size_t n, double *out)
{
	static const double ten[] = { 1e0,  1e1,  1e2,	1e3,  1e4,  1e5,  1e6,	1e7,
				      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	const char *end = p + n, *s = p, *from;
	uint64_t mantissa = 0;
	size_t digits, scale = 0;
	bool minus = s < end && *s == '-';
	double v;

	s += minus;
	from = s;
	s = build_digits(s, end);
	digits = (size_t)(s - from);
	if (digits == 0 || (digits > 1 && *from == '0'))
		return READ_NUMBER_NONE;
	if (s < end && *s == '.') {
		from = ++s;
		s = build_digits(s, end);
		scale = (size_t)(s - from);
		if (scale == 0)
			return READ_NUMBER_NONE;
	}
	if (s < end && (*s == 'e' || *s == 'E')) {
		s++;
		s += s < end && (*s == '+' || *s == '-');
		from = s;
		s = build_digits(s, end);
		if (s == from || s != end)
			return READ_NUMBER_NONE;
		return build_number_slow(p, n, out);
	}
	if (s != end)
		return READ_NUMBER_NONE;
	if (digits + scale > 18)
		return build_number_slow(p, n, out);
	for (s = p + minus; s < end; s++)
		if (*s != '.')
			mantissa = mantissa * 10 + (uint64_t)(*s - '0');
	if (mantissa > (uint64_t)1 << 53)
		return build_number_slow(p, n, out);
	v = (double)mantissa / ten[scale];
	*out = minus ? -v : v;
	return READ_NUMBER_OK;
}
