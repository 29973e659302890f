/* read_date.c - see read_date.h. */
#include "extract/read_date.h"

#include "extract/word.h"

static bool
date_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
date_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "jan" to "january", also "jan." and "sept": 1 to 12, or 0. */
static int
date_month(const char *s, size_t n)
{
	static const char *const names[] = { "january", "february", "march",	 "april",   "may",	"june",
					     "july",	"august",   "september", "october", "november", "december" };

	for (int m = 0; n >= 3 && m < 12; m++)
		if (n <= strlen(names[m]) && strncasecmp(s, names[m], n) == 0)
			return m + 1;
	return 0;
}

static bool
date_make(int year, int month, int day, doc_date *out)
{
	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > date_month_days(year, month))
		return false;
	*out = (doc_date){ date_day(year, month, day), DOC_DAY };
	return true;
}

/* The first three of: a month, a number of one or two digits, one of four. */
static bool
date_words(const char *s, const char *end, doc_date *out)
{
	int year = 0, month = 0, day = 0;

	while (s < end && !(year && month && day)) {
		const char *from = s;
		int v = 0;

		if (date_is_digit(*s)) {
			for (; s < end && date_is_digit(*s) && s - from < 5; s++)
				v = v * 10 + (*s - '0');
			if (s - from == 4 && !year)
				year = v;
			else if (s - from <= 2 && !day && !year)
				day = v;
			else
				return false;
			if (word_starts(s, end, "st") || word_starts(s, end, "nd") || word_starts(s, end, "rd") ||
			    word_starts(s, end, "th"))
				s += 2;
		} else if (date_is_letter(*s)) {
			while (s < end && date_is_letter(*s))
				s++;
			v = date_month(from, (size_t)(s - from));
			if (v && month)
				return false;
			month = v ? v : month;
		} else {
			s++;
		}
	}
	return month && date_make(year, month, day, out);
}

bool
read_date(const char *s, size_t n, doc_date *out)
{
	size_t digits = 0;

	while (n && (unsigned char)*s <= ' ') {
		s++;
		n--;
	}
	if (n > 64 || n == 0)
		return false;
	if (doc_parse_date(s, n, out))
		return true;
	while (digits < n && date_is_digit(s[digits]))
		digits++;
	if (digits == 8 && (n == 8 || !date_is_letter(s[8]) || s[8] == 'T')) {
		int v[8];

		for (size_t i = 0; i < 8; i++)
			v[i] = s[i] - '0';
		return date_make(v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3], v[4] * 10 + v[5], v[6] * 10 + v[7], out);
	}
	return date_words(s, s + n, out);
}
