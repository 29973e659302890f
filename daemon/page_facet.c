/* page_facet.c - what the found documents can be narrowed down to: lists of values with
 * counts, each a link, and the chips of what is chosen. */
#include <stdio.h>

#include "daemon/page.h"

enum { FACETS_MAX = 8, YEARS_MAX = 1000, LONG_VALUE = 120, FIELD_MAX = 300 };
/* A list shows what else could be chosen of its field. */
#define OPEN ":open"

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

static bool
add_facet(page *p, cdg_request *rq, const char *name, uint32_t limit)
{
	cdg_status st = cdg_request_add_facet(rq, name, limit, NULL);

	p->o->failed |= st == CDG_E_NOMEM;
	return st == CDG_OK;
}

void
page_add_facets(page *p, cdg_request *rq)
{
	const web_pair *more = web_param(p->c, "more");
	size_t n, used = 0;
	const char *const *fields = page_fields(p, &n);
	page_choice chosen;
	char open[FIELD_MAX];

	if (page_has_field(p, "date"))
		add_facet(p, rq, page_years_facet(p), YEARS_MAX);
	for (size_t i = 0; i < n && used < FACETS_MAX; i++) {
		/* what is chosen is shown wherever it stands in the list */
		bool all = (more && !strcmp(more->value, fields[i])) || page_choice_of(p, fields[i], &chosen);

		snprintf(open, sizeof open, "%s" OPEN, fields[i]);
		if (is_listed(fields[i]))
			used += add_facet(p, rq, open, all ? PAGE_VALUES_MORE : PAGE_VALUES + 1);
	}
}

/* The field of a facet. */
static const char *
field_of(page *p, const cdg_results *r, size_t f)
{
	const char *name = cdg_facet_field(r, f);
	size_t n = strlen(name), open = strlen(OPEN);
	const char *field = NULL;

	if (n > open && !strcmp(name + n - open, OPEN))
		field = arena_strndup(&p->c->mem, name, n - open);
	return field ? field : name;
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

static void
begin_chip(page *p, size_t n)
{
	if (!n) {
		page_put(p, "<nav class=\"chips\" aria-label=\"");
		page_say(p, W_ACTIVE_FILTERS, NULL, NULL);
		page_put(p, "\"><ul>\n");
	}
	page_put(p, "<li><a href=\"");
}

static void
end_chip(page *p, const char *filter)
{
	page_put(p, "\"><span class=\"unseen\">");
	page_say(p, W_REMOVE_FILTER, "", NULL);
	page_put(p, " </span>");
	put_filter(p, filter);
	page_put(p, " <span class=\"x\" aria-hidden=\"true\">\xc3\x97</span></a></li>\n");
}

/* The chips of one filter: of a choice one each value. */
static size_t
put_chip(page *p, const char *filter, size_t n)
{
	page_choice c;

	if (!page_choice_read(p, filter, &c)) {
		begin_chip(p, n);
		page_put_link(p, &(page_link){ .path = "/search", .drop = filter });
		end_chip(p, filter);
		return 1;
	}
	for (size_t i = 0; i < c.n; i++) {
		const char *one = page_filter(p, c.field, c.values[i]);

		begin_chip(p, n + i);
		page_put_choice(p, filter, &c, c.values[i]);
		end_chip(p, one ? one : filter);
	}
	return c.n;
}

void
page_put_chips(page *p)
{
	const web_pair *f;
	size_t n = 0;

	for (size_t at = 0; (f = web_param_at(p->c, "filter", &at));)
		if (f->len)
			n += put_chip(p, f->value, n);
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

/* A list, and what of it is chosen by which filter. */
typedef struct facet {
	const char *field, *filter;
	size_t f;
	page_choice chosen;
} facet;

static void
put_value(page *p, const cdg_results *r, const facet *l, size_t v)
{
	const char *value = cdg_facet_value(r, l->f, v);
	char count[32];

	page_put(p, "<li><a href=\"");
	page_put_choice(p, l->filter, &l->chosen, value);
	page_put(p, page_choice_has(&l->chosen, value) ? "\" aria-current=\"true\"><span class=\"v\">" :
							"\"><span class=\"v\">");
	page_value(p, l->field, value);
	page_put(p, "</span> <span class=\"n\">");
	page_put(p, words_number(p->lang, cdg_facet_documents(r, l->f, v), count, sizeof count));
	page_put(p, "</span></a></li>\n");
}

/* A list that tells nothing: of values that are each of one document. */
static bool
is_worth(const cdg_results *r, const facet *l)
{
	size_t f = l->f, n = cdg_facet_value_count(r, f);

	if (!n || strlen(cdg_facet_value(r, f, 0)) > LONG_VALUE)
		return false;
	if (l->chosen.n)
		return true;
	return cdg_facet_documents(r, f, 0) > 1 || (n < 4 && cdg_results_total(r) < 4);
}

static void
put_facet(page *p, const cdg_results *r, const facet *l)
{
	const web_pair *more = web_param(p->c, "more");
	const char *field = l->field;
	size_t f = l->f, n = cdg_facet_value_count(r, f);
	bool all = more && !strcmp(more->value, field);

	buf_printf(p->o, "<section class=\"facet\" aria-labelledby=\"f%zu\"><h3 id=\"f%zu\">", f, f);
	page_field(p, field);
	page_put(p, "</h3>\n<ul>\n");
	for (size_t v = 0; v < n; v++)
		if (all || v < PAGE_VALUES || page_choice_has(&l->chosen, cdg_facet_value(r, f, v)))
			put_value(p, r, l, v);
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

static void
put_list(page *p, const cdg_results *r, size_t f)
{
	facet l = { .field = field_of(p, r, f), .f = f };

	l.filter = page_choice_of(p, l.field, &l.chosen);
	if (strstr(cdg_facet_field(r, f), ":year") || strstr(cdg_facet_field(r, f), ":month"))
		page_put_years(p, r, f);
	else if (is_worth(r, &l))
		put_facet(p, r, &l);
}

void
page_put_facets(page *p, const cdg_results *r)
{
	page_put(p, "<aside id=\"filters\" class=\"side\" aria-labelledby=\"side\">\n<h2 id=\"side\">");
	page_say(p, W_FILTERS, NULL, NULL);
	page_put(p, "</h2>\n");
	for (size_t f = 0; f < cdg_results_facet_count(r); f++)
		put_list(p, r, f);
	page_put(p, "</aside>\n");
}

bool
page_has_facets(page *p, const cdg_results *r)
{
	for (size_t f = 0; f < cdg_results_facet_count(r); f++)
		if (cdg_facet_value_count(r, f) && page_choice_of(p, field_of(p, r, f), &(page_choice){ 0 }))
			return true;
	return cdg_results_total(r) > 0;
}
