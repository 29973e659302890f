/* page_lines.c - the concordance: each match in a line with the words around it. */
#include <stdio.h>

#include "daemon/page.h"
#include "daemon/param.h"
#include "daemon/settings.h"

enum { LINES = 50, CONTEXT = 80 };

static const struct {
	const char *name;
	cdg_line_order order;
	word_id word;
} orders[] = {
	{ "document", CDG_LINES_DOCUMENT, W_KWIC_ORDER },
	{ "left", CDG_LINES_LEFT, W_KWIC_LEFT },
	{ "right", CDG_LINES_RIGHT, W_KWIC_RIGHT },
};

static size_t
order_of(const web_call *c)
{
	const web_pair *s = web_param(c, "sort");

	for (size_t i = 0; s && i < countof(orders); i++)
		if (!strcmp(s->value, orders[i].name))
			return i;
	return 0;
}

/* List or lines: the same search seen otherwise.  What `sort` means differs. */
void
page_put_views(page *p, bool lines)
{
	page_put(p, "<nav class=\"choice\" aria-labelledby=\"view\"><span id=\"view\">");
	page_say(p, W_VIEW, NULL, NULL);
	page_put(p, "</span><ul>\n<li><a href=\"");
	page_put_link(p, &(page_link){ .path = "/search", .set = { { "sort", NULL }, { "n", NULL } } });
	page_put(p, lines ? "\">" : "\" aria-current=\"true\">");
	page_say(p, W_VIEW_LIST, NULL, NULL);
	page_put(p, "</a></li>\n<li><a href=\"");
	page_put_link(p, &(page_link){ .path = "/docs/concordance", .set = { { "sort", NULL }, { "n", NULL }, { "more", NULL } } });
	page_put(p, lines ? "\" aria-current=\"true\">" : "\">");
	page_say(p, W_VIEW_KWIC, NULL, NULL);
	page_put(p, "</a></li>\n</ul></nav>\n");
}

static void
put_orders(page *p)
{
	page_put(p, "<nav class=\"choice\" aria-labelledby=\"sort\"><span id=\"sort\">");
	page_say(p, W_KWIC_SORT, NULL, NULL);
	page_put(p, "</span><ul>\n");
	for (size_t i = 0; i < countof(orders); i++) {
		page_put(p, "<li><a href=\"");
		page_put_link(p, &(page_link){ .path = "/docs/concordance", .set = { { "sort", i ? orders[i].name : NULL } } });
		page_put(p, i == order_of(p->c) ? "\" aria-current=\"true\">" : "\">");
		page_say(p, orders[i].word, NULL, NULL);
		page_put(p, "</a></li>\n");
	}
	page_put(p, "</ul></nav>\n");
}

static void
put_cell(page *p, const cdg_line *l, const char *class, const char *text)
{
	buf_printf(p->o, "<td class=\"%s\"", class);
	if (*l->lang) {
		page_put(p, " lang=\"");
		page_text(p, l->lang);
		page_put(p, "\"");
	}
	page_put(p, "><bdi>");
	page_text(p, text);
	page_put(p, "</bdi></td>");
}

static void
put_line(page *p, const cdg_line *l)
{
	char at[24];

	snprintf(at, sizeof at, "%llu", (unsigned long long)l->start);
	page_put(p, "<tr>");
	put_cell(p, l, "l", l->left);
	page_put(p, "<td class=\"m\"");
	if (*l->lang) {
		page_put(p, " lang=\"");
		page_text(p, l->lang);
		page_put(p, "\"");
	}
	page_put(p, "><a href=\"");
	page_put_link(p, &(page_link){ .path = "/doc", .fragment = "at",
				       .set = { { "id", l->id }, { "at", at }, { "sort", NULL }, { "n", NULL }, { "view", orders[order_of(p->c)].name } } });
	page_put(p, "\"><mark>");
	page_text(p, l->match);
	page_put(p, "</mark></a></td>");
	put_cell(p, l, "r", l->right);
	page_put(p, "<td class=\"d\" title=\"");
	page_text(p, *l->title ? l->title : l->id);
	page_put(p, "\">");
	if (*l->date) { /* first, for titles are cut */
		page_text(p, l->date);
		page_put(p, " \xc2\xb7 ");
	}
	if (*l->page) {
		page_say(p, W_PAGE_NO, l->page, NULL);
		page_put(p, " \xc2\xb7 ");
	}
	page_text(p, *l->title ? l->title : l->id);
	page_put(p, "</td></tr>\n");
}

static void
put_table(page *p, const cdg_lines *x)
{
	static const word_id heads[] = { W_KWIC_COL_LEFT, W_KWIC_COL_MATCH, W_KWIC_COL_RIGHT, W_KWIC_COL_DOC };
	static const char *const classes[] = { "l", "m", "r", "d" };

	page_put(p, "<table class=\"lines\"><caption class=\"unseen\">");
	page_say(p, W_KWIC_CAPTION, NULL, NULL);
	page_put(p, "</caption>\n<thead><tr>");
	for (size_t i = 0; i < countof(heads); i++) {
		buf_printf(p->o, "<th scope=\"col\" class=\"%s\">", classes[i]);
		page_say(p, heads[i], NULL, NULL);
		page_put(p, "</th>");
	}
	page_put(p, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < cdg_lines_count(x); i++) {
		cdg_line l = cdg_lines_at(x, i);

		put_line(p, &l);
	}
	page_put(p, "</tbody></table>\n");
}

static void
put_lines(page *p, const search_params *sp, const cdg_lines *x)
{
	uint64_t total = cdg_lines_get(x, CDG_LINES_TOTAL);

	page_begin(p, p->q, true);
	page_put(p, "<div class=\"all-lines\">\n<div class=\"found\"><h1>");
	if (!total)
		page_say(p, W_FOUND_NONE, NULL, NULL);
	else if (total == 1)
		page_say(p, W_KWIC_LINE_ONE, NULL, NULL);
	else
		page_count(p, W_KWIC_LINES, total);
	page_put(p, "</h1><p>");
	page_count(p, cdg_lines_get(x, CDG_LINES_DOCUMENTS) == 1 ? W_FOUND_ONE : W_FOUND, cdg_lines_get(x, CDG_LINES_DOCUMENTS));
	page_put(p, " \xc2\xb7 ");
	page_put_time(p, cdg_lines_get(x, CDG_LINES_MICROSECONDS));
	page_put(p, "</p></div>\n");
	page_put_asked(p);
	page_put_chips(p);
	page_put_notes(p, cdg_lines_parsed(x), cdg_lines_warning(x, 0) != NULL, false);
	for (size_t i = 0; cdg_lines_warning(x, i); i++)
		page_put_note(p, cdg_lines_warning(x, i));
	page_end_notes(p, cdg_lines_warning(x, 0) != NULL);
	page_put(p, "<div class=\"bar\">");
	put_orders(p);
	page_put_views(p, true);
	page_put(p, "</div>\n");
	if (cdg_lines_count(x)) {
		put_table(p, x);
	} else if (!total) {
		page_put(p, "<p class=\"nothing\">");
		page_say(p, W_NONE_HINT, NULL, NULL);
		page_put(p, "</p>\n");
	}
	page_put_paging(p, "/docs/concordance", sp->n, sp->offset, total);
	page_put_export(p, "/docs/concordance", total);
	page_put(p, "</div>\n");
	page_end(p);
}

void
page_lines(web_call *c)
{
	search_params sp;
	cdg_lines *x;
	cdg_error err;
	page p;

	if (search_params_read_some(c, &sp, PARAM_PLACE)) {
		page_init(&p, c);
		if (!web_param(c, "n")) {
			sp.n = LINES < c->set->max_hits ? LINES : c->set->max_hits;
			cdg_request_set_limit(sp.request, sp.n, NULL);
		}
		if (!sp.len) {
			page_home(&p);
		} else if (cdg_concordance(c->index, sp.request, sp.q, sp.len, orders[order_of(c)].order, CONTEXT, 0, &x, &err) != CDG_OK) {
			web_fail(c, &err);
		} else {
			lines_note(c, x);
			put_lines(&p, &sp, x);
			cdg_lines_free(x);
		}
	}
	search_params_free(&sp);
}
