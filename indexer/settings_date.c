/* settings_date.c - see settings_date.h. */
#include "indexer/settings_date.h"

#include <string.h>

const char *
settings_date_wrong(const char *pattern, size_t n)
{
	unsigned year = 0, month = 0, day = 0;

	for (size_t i = 0; i < n; i++) {
		if (pattern[i] != '%')
			continue;
		i++;
		if (i + 1 < n && pattern[i] == '-' && (pattern[i + 1] == 'm' || pattern[i + 1] == 'd'))
			i++;
		switch (i < n ? pattern[i] : 0) {
		case 'Y':
		case 'y': year++; break;
		case 'm': month++; break;
		case 'd': day++; break;
		case '%': break;
		default: return "has a % that is none of %Y, %y, %m, %d, %-m, %-d and %%";
		}
	}
	if (year != 1 || month > 1 || day > 1)
		return "needs %Y or %y once, and %m and %d at most once";
	return day && !month ? "has %d without %m" : NULL;
}

static bool
take_digits(const char **at, unsigned n, int *out)
{
	*out = 0;
	for (unsigned i = 0; i < n; i++, ++*at) {
		if (**at < '0' || **at > '9')
			return false;
		*out = *out * 10 + (**at - '0');
	}
	return true;
}

/* One digit, or two where there are two. */
static bool
take_few(const char **at, int *out)
{
	int first, second;

	if (!take_digits(at, 1, &first))
		return false;
	*out = first;
	if (**at >= '0' && **at <= '9' && take_digits(at, 1, &second))
		*out = first * 10 + second;
	return true;
}

/* As strptime has it: 69 is 1969, 68 is 2068. */
static bool
take_short_year(const char **at, int *out)
{
	if (!take_digits(at, 2, out))
		return false;
	*out += *out < 69 ? 2000 : 1900;
	return true;
}

typedef struct found {
	int year, month, day;
} found;

/* One element, which is no star, at the beginning of the name; moves both. */
static bool
match_element(const char **p, const char **name, found *f)
{
	char c = *(*p)++;

	if (c == '?') {
		if (!**name)
			return false;
		while (((unsigned char)*++*name & 0xc0) == 0x80)
			;
		return true;
	}
	if (c == '%') {
		switch (c = *(*p)++) {
		case '-': return take_few(name, *(*p)++ == 'm' ? &f->month : &f->day);
		case 'y': return take_short_year(name, &f->year);
		case 'Y': return take_digits(name, 4, &f->year);
		case 'm': return take_digits(name, 2, &f->month);
		case 'd': return take_digits(name, 2, &f->day);
		default: break;
		}
	}
	return **name && *(*name)++ == c;
}

static bool
is_day(const found *f)
{
	if (f->year < 1 || f->month == 0 || f->month > 12)
		return false;
	return f->day < 0 || (f->month > 0 && f->day > 0 && f->day <= date_month_days(f->year, f->month));
}

bool
settings_date_match(const char *pattern, size_t n, const char *name, doc_date *out)
{
	const char *p = pattern, *end = pattern + n, *star = NULL, *from = name;
	found f = { -1, -1, -1 };

	while (p < end || *name) {
		if (p < end && *p == '*') {
			star = ++p;
			from = name;
			continue;
		}
		if (p < end && match_element(&p, &name, &f) && (p < end || *name || is_day(&f)))
			continue;
		if (!star || !*from)
			return false;
		name = ++from;
		p = star;
	}
	if (!is_day(&f))
		return false;
	out->day = doc_day(f.year, f.month > 0 ? f.month : 1, f.day > 0 ? f.day : 1);
	out->precision = f.day > 0 ? DOC_DAY : f.month > 0 ? DOC_MONTH : DOC_YEAR;
	return true;
}
