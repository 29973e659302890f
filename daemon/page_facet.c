/* page_facet.c - what the found documents can be narrowed down to: lists of values with
 * counts, each a link, and the chips of what is chosen. */
#include <ctype.h>
#include <stdio.h>

#include "daemon/page.h"

enum { FACETS_MAX = 8, YEARS_MAX = 1000, LONG_VALUE = 120 };

/* Fields whose values are each of one document, or are shown otherwise. */
static bool
is_listed(const char *field)
{
	static const char *const not[] = { "date", "url", "path", "id", "title", "number", "description", "pages", "summary",
					   "subject", "message_id", "created", "modified" };

	for (size_t i = 0; i < countof(not); i++)
		if (!strcmp(field, not[i]))
			return false;
	return true;
}

void
page_add_facets(page *p, cdg_request *rq)
{
	const web_pair *more = web_param(p->c, "more");
	size_t n, used = 0;
	const char *const *fields = page_fields(p, &n);

	if (page_has_field(p, "date"))
		cdg_request_add_facet(rq, "date:year", YEARS_MAX, NULL);
	for (size_t i = 0; i < n && used < FACETS_MAX; i++) {
		bool all = more && !strcmp(more->value, fields[i]);

		if (is_listed(fields[i]) &&
		    cdg_request_add_facet(rq, fields[i], all ? PAGE_VALUES_MORE : PAGE_VALUES + 1, NULL) == CDG_OK)
			used++;
	}
}

/* ---- chosen ones --------------------------------------------------------------------- */

/* What a filter is called: its field and value, or itself. */
static void
put_filter(page *p, const char *filter)
{
	const char *field, *value;

	if (!page_filter_read(p, filter, &field, &value)) {
		page_text(p, filter);
		return;
	}
	page_field(p, field);
	page_put(p, p->lang == WORDS_ZH ? "：" : ": ");
	page_value(p, field, value);
}

void
page_put_chips(page *p)
{
	const web_pair *f;
	size_t n = 0;

	for (size_t at = 0; (f = web_param_at(p->c, "filter", &at));) {
		if (!f->len)
			continue;
		if (!n++) {
			page_put(p, "<nav class=\"chips\" aria-label=\"");
			page_say(p, W_ACTIVE_FILTERS, NULL, NULL);
			page_put(p, "\"><ul>\n");
		}
		page_put(p, "<li><a href=\"");
		page_put_link(p, &(page_link){ .path = "/search", .drop = f->value });
		page_put(p, "\"><span class=\"unseen\">");
		page_say(p, W_REMOVE_FILTER, "", NULL);
		page_put(p, " </span>");
		put_filter(p, f->value);
		page_put(p, " <span class=\"x\" aria-hidden=\"true\">\xc3\x97</span></a></li>\n");
	}
	if (n > 1) {
		page_put(p, "<li class=\"all\"><a href=\"");
		page_put_link(p, &(page_link){ .path = "/search", .no_filters = true });
		page_put(p, "\">");
		page_say(p, W_REMOVE_ALL, NULL, NULL);
		page_put(p, "</a></li>\n");
	}
	if (n)
		page_put(p, "</ul></nav>\n");
}

/* ---- lists of values -------------------------------------------------------------------- */

static bool
is_chosen(page *p, const char *filter)
{
	const web_pair *f;

	for (size_t at = 0; (f = web_param_at(p->c, "filter", &at));)
		if (!strcmp(f->value, filter))
			return true;
	return false;
}

static void
put_value(page *p, const cdg_results *r, size_t f, size_t v)
{
	const char *field = cdg_facet_field(r, f), *value = cdg_facet_value(r, f, v), *filter = page_filter(p, field, value);
	char count[32];
	bool chosen;

	if (!filter)
		return;
	chosen = is_chosen(p, filter);
	page_put(p, "<li><a href=\"");
	page_put_link(p, &(page_link){ .path = "/search", .add = chosen ? NULL : filter, .drop = chosen ? filter : NULL });
	page_put(p, chosen ? "\" aria-current=\"true\"><span class=\"v\">" : "\"><span class=\"v\">");
	page_value(p, field, value);
	page_put(p, "</span> <span class=\"n\">");
	page_put(p, words_number(p->lang, cdg_facet_documents(r, f, v), count, sizeof count));
	page_put(p, "</span></a></li>\n");
}

/* A list that tells nothing: of values that are each of one document. */
static bool
is_worth(const cdg_results *r, size_t f)
{
	size_t n = cdg_facet_value_count(r, f);

	if (!n || strlen(cdg_facet_value(r, f, 0)) > LONG_VALUE)
		return false;
	return cdg_facet_documents(r, f, 0) > 1 || (n < 4 && cdg_results_total(r) < 4);
}

static void
put_facet(page *p, const cdg_results *r, size_t f)
{
	const web_pair *more = web_param(p->c, "more");
	const char *field = cdg_facet_field(r, f);
	size_t n = cdg_facet_value_count(r, f);
	bool all = more && !strcmp(more->value, field);

	buf_printf(p->o, "<section class=\"facet\" aria-labelledby=\"f%zu\"><h3 id=\"f%zu\">", f, f);
	page_field(p, field);
	page_put(p, "</h3>\n<ul>\n");
	for (size_t v = 0; v < n && (all || v < PAGE_VALUES); v++)
		put_value(p, r, f, v);
	page_put(p, "</ul>\n");
	if (all || n > PAGE_VALUES) {
		char id[32];

		snprintf(id, sizeof id, "f%zu", f);
		page_put(p, "<p class=\"more\"><a href=\"");
		page_put_link(p, &(page_link){ .path = "/search", .set = { { "more", all ? NULL : field } }, .fragment = id });
		buf_printf(p->o, "\" aria-describedby=\"f%zu\">", f);
		page_say(p, all ? W_FEWER_VALUES : W_MORE_VALUES, NULL, NULL);
		page_put(p, "</a></p>\n");
	}
	page_put(p, "</section>\n");
}

void
page_put_facets(page *p, const cdg_results *r)
{
	page_put(p, "<aside id=\"filters\" class=\"side\" aria-labelledby=\"side\">\n<h2 id=\"side\">");
	page_say(p, W_FILTERS, NULL, NULL);
	page_put(p, "</h2>\n");
	for (size_t f = 0; f < cdg_results_facet_count(r); f++)
		if (strstr(cdg_facet_field(r, f), ":year"))
			page_put_years(p, r, f);
		else if (is_worth(r, f))
			put_facet(p, r, f);
	page_put(p, "</aside>\n");
}
