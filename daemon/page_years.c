/* page_years.c - hits over time: a bar for each year, or for so many years that there are
 * at most a dozen bars, each a link that narrows the search down to it; within one year, a bar
 * for each month. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/page.h"

enum { BARS_MAX = 12, BAR_HEIGHT = 100 };

typedef struct bars {
	int first, step, n; /* years: bar i is of [first + i * step, + step) */
	int year;           /* months of this year; 0: years */
	uint64_t before;    /* documents of years before the bars */
	uint64_t count[BARS_MAX], most;
} bars;

/* The smallest round number of years a bar so that BARS_MAX bars are enough. */
static bool
bars_lay(bars *b, int from, int to)
{
	static const int steps[] = { 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000 };

	for (size_t i = 0; i < countof(steps); i++) {
		b->step = steps[i];
		b->first = from - from % b->step;
		b->n = (to - b->first) / b->step + 1;
		if (b->n <= BARS_MAX)
			return true;
	}
	return false;
}

/* A few old ones (or wrong dates) would press all others into one bar: values are in order of
 * time, and up to a hundredth of all are left out at the beginning, if bars of many years get
 * narrower by it. */
static int
first_shown(const bars *wide, const cdg_results *r, size_t f, int from)
{
	uint64_t all = 0, left = 0;
	int to = atoi(cdg_facet_value(r, f, cdg_facet_value_count(r, f) - 1));
	bars b;

	for (size_t v = 0; v < cdg_facet_value_count(r, f); v++)
		all += cdg_facet_documents(r, f, v);
	for (size_t v = 0; wide->step > 5 && v + 1 < cdg_facet_value_count(r, f); v++) {
		left += cdg_facet_documents(r, f, v);
		if (left * 100 > all)
			break;
		if (bars_lay(&b, atoi(cdg_facet_value(r, f, v + 1)), to) && b.step < wide->step)
			from = atoi(cdg_facet_value(r, f, v + 1));
	}
	return from;
}

/* "2013-06", all of one year. */
static bool
months_fill(bars *b, const cdg_results *r, size_t f)
{
	b->first = b->step = 1;
	b->n = BARS_MAX;
	for (size_t v = 0; v < cdg_facet_value_count(r, f); v++) {
		const char *value = cdg_facet_value(r, f, v);
		int year = atoi(value), month = strlen(value) >= 7 ? atoi(value + 5) : 0;

		if (year < 1 || year > 9999 || month < 1 || month > 12 || (b->year && b->year != year))
			return false;
		b->year = year;
		b->count[month - 1] += cdg_facet_documents(r, f, v);
		if (b->count[month - 1] > b->most)
			b->most = b->count[month - 1];
	}
	return b->year != 0;
}

static bool
bars_fill(bars *b, const cdg_results *r, size_t f)
{
	size_t n = cdg_facet_value_count(r, f);
	int from = n ? atoi(cdg_facet_value(r, f, 0)) : 0, to = from;

	memset(b, 0, sizeof *b);
	if (strstr(cdg_facet_field(r, f), ":month"))
		return months_fill(b, r, f);
	for (size_t v = 0; v < n; v++) {
		int year = atoi(cdg_facet_value(r, f, v));

		from = year < from ? year : from;
		to = year > to ? year : to;
	}
	if (from < 0 || to > 9999 || !n || !bars_lay(b, from, to) || !bars_lay(b, first_shown(b, r, f, from), to))
		return false;
	for (size_t v = 0; v < n; v++) {
		int i = atoi(cdg_facet_value(r, f, v)) - b->first;

		if (i < 0) {
			b->before += cdg_facet_documents(r, f, v);
			continue;
		}
		i /= b->step;
		b->count[i] += cdg_facet_documents(r, f, v);
		if (b->count[i] > b->most)
			b->most = b->count[i];
	}
	return true;
}

/* A filter by date takes the place of the one there is. */
static const char *
date_filter(page *p)
{
	const web_pair *f;

	for (size_t at = 0; (f = web_param_at(p->c, "filter", &at));)
		if (!strncmp(f->value, "date:", 5))
			return f->value;
	return NULL;
}

const char *
page_years_facet(page *p)
{
	const char *f = date_filter(p);

	return f && strlen(f) >= 9 && strspn(f + 5, "0123456789") == 4 && (!f[9] || f[9] == '-') && !strstr(f, "..") ? "date:month" : "date:year";
}

static void
put_bar(page *p, const bars *b, int i)
{
	int from = b->first + i * b->step, to = from + b->step - 1;
	uint64_t height = b->most ? (b->count[i] * (BAR_HEIGHT - 2) + b->most - 1) / b->most : 0;
	char years[32], filter[40], count[32];

	if (b->year) {
		snprintf(years, sizeof years, "%04d-%02d", b->year, from);
		snprintf(filter, sizeof filter, "date:%04d-%02d", b->year, from);
	} else {
		snprintf(years, sizeof years, to > from ? "%04d\xe2\x80\x93%04d" : "%04d", from, to);
		snprintf(filter, sizeof filter, to > from ? "date:%04d..%04d" : "date:%04d", from, to);
	}
	words_number(p->lang, b->count[i], count, sizeof count);
	page_put(p, "<li>");
	if (b->count[i]) {
		page_put(p, "<a href=\"");
		page_put_link(p, &(page_link){ .path = "/search", .add = filter, .drop = date_filter(p) });
		page_put(p, "\" aria-label=\"");
		page_say(p, W_TIMELINE_BAR, years, count);
		page_put(p, "\" title=\"");
		page_say(p, W_TIMELINE_BAR, years, count);
		page_put(p, "\">");
	} else {
		page_put(p, "<span class=\"none\">");
	}
	buf_printf(p->o,
		   "<svg viewBox=\"0 0 10 %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
		   "<rect y=\"%llu\" width=\"10\" height=\"%llu\"/></svg><span class=\"y\">",
		   BAR_HEIGHT, (unsigned long long)(BAR_HEIGHT - height), (unsigned long long)height);
	/* of a dozen years there is room for two digits each */
	if (b->year)
		buf_printf(p->o, "%d", from);
	else
		buf_printf(p->o, b->n > 6 && b->step == 1 ? "<span aria-hidden=\"true\">\xe2\x80\x99%02d</span>" : "%04d",
		   b->n > 6 && b->step == 1 ? from % 100 : from);
	page_put(p, b->count[i] ? "</span></a></li>\n" : "</span></span></li>\n");
}

/* Out of what the bars show: from a month to its year, from that to all. */
static void
put_wider(page *p)
{
	const char *f = date_filter(p);
	char year[16], filter[24];
	bool month = f && f[5 + strspn(f + 5, "0123456789")] == '-' && !strstr(f, "..");

	if (!f)
		return;
	snprintf(year, sizeof year, "%.4s", f + 5);
	snprintf(filter, sizeof filter, "date:%s", year);
	page_put(p, "<p class=\"wider\"><a href=\"");
	page_put_link(p, &(page_link){ .path = "/search", .add = month ? filter : NULL, .drop = f });
	page_put(p, "\">");
	page_say(p, month ? W_TIMELINE_YEAR : W_TIMELINE_ALL, year, NULL);
	page_put(p, "</a></p>\n");
}

static void
put_before(page *p, const bars *b)
{
	char year[16], filter[24], count[32];

	if (!b->before)
		return;
	snprintf(year, sizeof year, "%d", b->first - 1);
	snprintf(filter, sizeof filter, "date:..%04d", b->first - 1);
	page_put(p, "<p class=\"wider\"><a href=\"");
	page_put_link(p, &(page_link){ .path = "/search", .add = filter, .drop = date_filter(p) });
	page_put(p, "\">");
	page_say(p, W_TIMELINE_BEFORE, year, words_number(p->lang, b->before, count, sizeof count));
	page_put(p, "</a></p>\n");
}

void
page_put_years(page *p, const cdg_results *r, size_t facet)
{
	uint64_t missing = cdg_facet_missing(r, facet);
	char year[12];
	bars b;

	if (!bars_fill(&b, r, facet))
		return;
	buf_printf(p->o, "<section class=\"years%s\" aria-labelledby=\"years\"><h3 id=\"years\">",
		   b.n > 6 && b.step > 1 ? " long" : b.n < 4 ? " few" : "");
	snprintf(year, sizeof year, "%d", b.year);
	page_say(p, b.year ? W_TIMELINE_MONTHS : W_TIMELINE, year, NULL);
	page_put(p, "</h3>\n<ol>\n");
	for (int i = 0; i < b.n; i++)
		put_bar(p, &b, i);
	page_put(p, "</ol>\n");
	put_wider(p);
	put_before(p, &b);
	if (missing) {
		page_put(p, "<p class=\"note\">");
		page_count(p, W_NO_DATE, missing);
		page_put(p, "</p>\n");
	}
	page_put(p, "</section>\n");
}
