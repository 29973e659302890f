/* reference_field.c - values of metadata fields, in the reference backend.
 *
 * What someone types is compared with a value by the value's own type: with a
 * number if it reads as one, with a date if it names a year, month or day.
 * Pure functions.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/reference_impl.h"

static size_t
field_digits(const char *p, size_t n, size_t i)
{
	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	return i;
}

/* [+-] digits [. digits] [e [+-] digits], all of it. */
static bool
field_number(const char *p, size_t n, double *out)
{
	size_t i = n && (*p == '-' || *p == '+'), start = i, digits;
	char text[64], *end;

	if (n >= sizeof text)
		return false;
	i = field_digits(p, n, i);
	digits = i - start;
	if (i < n && p[i] == '.') {
		start = ++i;
		i = field_digits(p, n, i);
		digits += i - start;
	}
	if (!digits)
		return false;
	if (i < n && (p[i] | 0x20) == 'e') {
		i += 1 + (i + 1 < n && (p[i + 1] == '-' || p[i + 1] == '+'));
		if (field_digits(p, n, i) == i)
			return false;
		i = field_digits(p, n, i);
	}
	if (i != n)
		return false;
	memcpy(text, p, n);
	text[n] = 0;
	*out = strtod(text, &end);
	return end == text + n && isfinite(*out);
}

/* The first and last day of what a date names. */
static bool
field_period(const char *p, size_t n, int32_t *first, int32_t *last)
{
	cal_date period;

	if (!date_parse(p, n, &period))
		return false;
	*first = period.day;
	*last = date_last_day(period);
	return true;
}

bool
ref_value_is(const ref_value *v, const char *p, size_t n, bool whole)
{
	int32_t first, last;
	double x;

	switch (v->type) {
	case DOC_NUMBER:
		return field_number(p, n, &x) && x == v->number;
	case DOC_DATE:
		return field_period(p, n, &first, &last) && v->date.day >= first &&
		       v->date.day <= last;
	default:
		return whole && !ref_compare_bytes(v->string.p, v->string.n, p, n);
	}
}

/* ---- patterns: every way to read the stars is tried -------------------------- */

typedef struct field_text {
	const char *p, *end;
} field_text;

static const char *
field_char_end(const char *p, const char *end)
{
	do
		p++;
	while (p < end && ((unsigned char)*p & 0xc0) == 0x80);
	return p;
}

/* From here to the end of the path or of one of its folders; `below`: of a folder. */
static bool
field_glob_here(field_text g, field_text s, bool at_part, bool below)
{
	const char *rest = g.p;

	if (g.p == g.end)
		return s.p < s.end ? *s.p == '/' : !below;
	while (rest < g.end && *rest == '*')
		rest++;
	if (rest - g.p > 1 && at_part && rest < g.end && *rest == '/') { /* folders, or none */
		for (const char *at = s.p;; at++) {
			if ((at == s.p || at[-1] == '/') &&
			    field_glob_here((field_text){ rest + 1, g.end }, (field_text){ at, s.end }, true, below))
				return true;
			if (at == s.end)
				return false;
		}
	}
	if (rest > g.p) { /* characters */
		for (const char *at = s.p;; at = field_char_end(at, s.end)) {
			if (field_glob_here((field_text){ rest, g.end }, (field_text){ at, s.end }, false, below))
				return true;
			if (at == s.end || (rest - g.p == 1 && *at == '/'))
				return false;
		}
	}
	if (s.p == s.end || (*g.p == '?' ? *s.p == '/' : *g.p != *s.p))
		return false;
	return field_glob_here((field_text){ g.p + 1, g.end },
			       (field_text){ *g.p == '?' ? field_char_end(s.p, s.end) : s.p + 1, s.end },
			       *g.p == '/', below);
}

bool
ref_value_globs(const ref_value *v, const char *pattern, size_t n)
{
	field_text g = { pattern, pattern + n }, s = { v->string.p, v->string.p + v->string.n };
	bool root = n && *pattern == '/', below;

	if (v->type != DOC_STRING)
		return false;
	if (n == 1 && root)
		return true;
	if (root) {
		g.p++;
		s.p += s.p < s.end && *s.p == '/';
	}
	while (g.end > g.p && g.end[-1] == '/')
		g.end--;
	below = n && pattern[n - 1] == '/';
	for (const char *at = s.p;; at++) {
		if ((at == s.p || at[-1] == '/') && field_glob_here(g, (field_text){ at, s.end }, true, below))
			return true;
		if (root || at == s.end)
			return false;
	}
}

/* Does v lie on the right side of one bound?  side: -1 lower, +1 upper. */
static bool
field_inside(const ref_value *v, const char *bound, int side, bool open)
{
	size_t n;
	int32_t first, last;
	double x;
	int c;

	if (!bound)
		return true;
	n = strlen(bound);
	switch (v->type) {
	case DOC_NUMBER:
		if (!field_number(bound, n, &x))
			return false;
		c = v->number < x ? -1 : v->number > x;
		break;
	case DOC_DATE:
		if (!field_period(bound, n, &first, &last))
			return false;
		/* a day inside the period is equal to it */
		c = v->date.day < first ? -1 : v->date.day > last;
		break;
	default:
		c = ref_compare_bytes(v->string.p, v->string.n, bound, n);
	}
	return c ? (c < 0) == (side > 0) : !open;
}

bool
ref_value_between(const ref_value *v, const q_node *range)
{
	return field_inside(v, range->lo, -1, range->lo_open) &&
	       field_inside(v, range->hi, +1, range->hi_open);
}

static int
field_rank(const ref_value *v)
{
	return v->type == DOC_NUMBER ? 0 : v->type == DOC_DATE ? 1 : 2;
}

int
ref_value_compare(const ref_value *a, const ref_value *b)
{
	int ra = field_rank(a), rb = field_rank(b);

	if (ra != rb)
		return ra < rb ? -1 : 1;
	switch (a->type) {
	case DOC_NUMBER:
		return a->number < b->number ? -1 : a->number > b->number;
	case DOC_DATE:
		if (a->date.day != b->date.day)
			return a->date.day < b->date.day ? -1 : 1;
		return (a->date.precision > b->date.precision) -
		       (a->date.precision < b->date.precision);
	default:
		return ref_compare_bytes(a->string.p, a->string.n, b->string.p, b->string.n);
	}
}

doc_str
ref_value_text(const ref_value *v, char *out)
{
	switch (v->type) {
	case DOC_NUMBER:
		/* 15 digits are enough for what people write; 17 for every double */
		for (int digits = 15; digits <= 17; digits++) {
			snprintf(out, REF_VALUE_TEXT, "%.*g", digits, v->number);
			if (strtod(out, NULL) == v->number)
				break;
		}
		return (doc_str){ out, strlen(out) };
	case DOC_DATE:
		return (doc_str){ out, date_format(v->date, out) };
	default:
		return v->string;
	}
}

const ref_value *
ref_value_first(const ref_doc *d, uint32_t field)
{
	for (size_t i = 0; i < d->nvalues; i++)
		if (d->values[i].field == field)
			return &d->values[i];
	return NULL;
}
