/* page_search.c - GET /search for a browser, and the page without a query. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/handlers.h"
#include "daemon/page.h"
#include "daemon/param.h"
#include "daemon/settings.h"

/* ---- above the list ------------------------------------------------------------------- */

/* One of several ways to see the list, the current one marked. */
static void
put_choice(page *p, const char *name, const char *value, word_id id)
{
	const web_pair *now = web_param(p->c, name);
	bool is_now = !strcmp(now ? now->value : "", value);

	page_put(p, "<li><a href=\"");
	page_put_link(p, &(page_link){ .path = "/search", .set = { { name, value } } });
	page_put(p, is_now ? "\" aria-current=\"true\">" : "\">");
	page_say(p, id, NULL, NULL);
	page_put(p, "</a></li>\n");
}

static void
put_sorts(page *p)
{
	if (!page_has_field(p, "date"))
		return;
	page_put(p, "<nav class=\"choice\" aria-labelledby=\"sort\"><span id=\"sort\">");
	page_say(p, W_SORT, NULL, NULL);
	page_put(p, "</span><ul>\n");
	put_choice(p, "sort", "", W_BY_RELEVANCE);
	put_choice(p, "sort", "-date", W_BY_NEWEST);
	put_choice(p, "sort", "date", W_BY_OLDEST);
	page_put(p, "</ul></nav>\n");
}

static void
put_total(page *p, const search_params *sp, const cdg_results *r)
{
	uint64_t total = cdg_results_total(r);
	size_t n = cdg_results_count(r);
	char from[32], to[32];

	page_put(p, "<div class=\"found\"><h1>");
	if (!total)
		page_say(p, W_FOUND_NONE, NULL, NULL);
	else if (total == 1)
		page_say(p, W_FOUND_ONE, NULL, NULL);
	else
		page_count(p, cdg_results_total_exact(r) ? W_FOUND : W_FOUND_LEAST, total);
	page_put(p, "</h1><p>");
	if (n && total > n) {
		page_say(p, W_SHOWING, words_number(p->lang, sp->offset + 1, from, sizeof from),
			 words_number(p->lang, sp->offset + n, to, sizeof to));
		page_put(p, " \xc2\xb7 ");
	}
	page_put_time(p, cdg_results_took_us(r));
	page_put(p, "</p></div>\n");
	page_put_asked(p);
}

/* What was understood, and what was not. */
static void
put_notes(page *p, const cdg_results *r)
{
	size_t n = cdg_results_warning_count(r);
	bool timed_out = cdg_results_timed_out(r) != 0;

	page_put_notes(p, cdg_results_parsed(r), n > 0, timed_out);
	for (size_t i = 0; i < n; i++)
		if (!timed_out || strncmp(cdg_results_warning(r, i), "the time limit", 14)) /* it is said above */
			page_put_note(p, cdg_results_warning(r, i));
	page_end_notes(p, n > 0 || timed_out);
}

/* The same search, a word spelt otherwise. */
static void
put_meant(page *p, const cdg_results *r)
{
	const char *q = cdg_results_suggestion(r);

	if (!*q)
		return;
	page_put(p, "<p class=\"mean\">");
	page_say(p, W_DID_YOU_MEAN, NULL, NULL);
	page_put(p, " <a href=\"");
	page_put_link(p, &(page_link){ .path = "/search", .set = { { "q", q } } });
	page_put(p, "\">");
	page_text(p, q);
	page_put(p, "</a>?</p>\n");
}

static void
put_nothing(page *p)
{
	const web_pair *f = web_param(p->c, "filter");

	page_put(p, "<p class=\"nothing\">");
	page_say(p, W_NONE_HINT, NULL, NULL);
	page_put(p, "</p>\n");
	if (f && f->len) {
		page_put(p, "<p><a href=\"");
		page_put_link(p, &(page_link){ .path = "/search", .no_filters = true });
		page_put(p, "\">");
		page_say(p, W_NONE_FILTERS, NULL, NULL);
		page_put(p, "</a></p>\n");
	}
}

/* ---- the page ---------------------------------------------------------------------------- */

static void
put_results(page *p, const search_params *sp, const cdg_results *r)
{
	page_begin(p, p->q, true);
	page_put(p, "<div class=\"columns\">\n<div class=\"results\">\n");
	put_total(p, sp, r);
	page_put_chips(p);
	put_meant(p, r);
	put_notes(p, r);
	if (cdg_results_count(r)) {
		page_put(p, "<div class=\"bar\">");
		put_sorts(p);
		page_put_views(p, false);
		page_put(p, "<p class=\"to-side\"><a href=\"#filters\">");
		page_say(p, W_TO_FILTERS, NULL, NULL);
		page_put(p, "</a></p></div>\n<h2 class=\"unseen\">");
		page_say(p, W_RESULTS, NULL, NULL);
		page_put(p, "</h2>\n<ol class=\"hits\">\n");
		for (size_t i = 0; i < cdg_results_count(r); i++)
			page_put_hit(p, r, i);
		page_put(p, "</ol>\n");
		page_put_paging(p, "/search", sp->n, sp->offset, cdg_results_total(r));
		page_put_export(p, "/search", cdg_results_total(r));
	} else if (!cdg_results_total(r)) {
		put_nothing(p);
	}
	page_put(p, "</div>\n");
	if (page_has_facets(p, r))
		page_put_facets(p, r);
	page_put(p, "</div>\n");
	page_end(p);
}

/* What a page wants that an address need not say. */
static void
ask_more(page *p, search_params *sp)
{
	if (!web_param(p->c, "snippets"))
		cdg_request_set_snippets(sp->request, PAGE_PASSAGES, PAGE_PASSAGE_LENGTH, NULL);
	cdg_request_set_suggest(sp->request, 1);
	if (!web_param(p->c, "facet"))
		page_add_facets(p, sp->request);
}

void
page_search(web_call *c)
{
	const web_pair *f = web_param(c, "filter");
	search_params sp;
	cdg_results *r;
	cdg_error err;
	page p;

	if (search_params_read(c, &sp)) {
		bool all = !sp.len && f && f->len;

		page_init(&p, c);
		if (!sp.len && !all) {
			page_home(&p);
		} else if (ask_more(&p, &sp), cdg_search(c->index, sp.request, all ? "*" : sp.q, all ? 1 : sp.len, &r, &err) != CDG_OK) {
			web_fail(c, &err);
		} else {
			search_note(c, &sp, r);
			put_results(&p, &sp, r);
			cdg_results_free(r);
		}
	}
	search_params_free(&sp);
}
