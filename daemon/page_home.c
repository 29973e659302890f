/* page_home.c - the page without a query, and the one that says what went wrong. */
#include <stdio.h>

#include "daemon/handlers.h"
#include "daemon/page.h"
#include "daemon/settings.h"

/* What can be typed, by example; the examples are links. */
static const struct {
	const char *query;
	word_id what;
} examples[] = {
	{ "water supply", W_EX_WORDS },
	{ "\"climate change\"", W_EX_PHRASE },
	{ "energy OR transport", W_EX_OR },
	{ "water -waste", W_EX_NOT },
	{ "tax NEAR/5 reform", W_EX_NEAR },
	{ "govern*", W_EX_PREFIX },
	{ "title:act", W_EX_TITLE },
	{ "date:2013..2018", W_EX_DATE },
};

static void
put_examples(page *p)
{
	page_put(p, "<section class=\"examples\" aria-labelledby=\"ex\"><h2 id=\"ex\">");
	page_say(p, W_EXAMPLES, NULL, NULL);
	page_put(p, "</h2>\n<dl>\n");
	for (size_t i = 0; i < countof(examples); i++) {
		page_put(p, "<div><dt><a href=\"");
		page_put_link(p, &(page_link){ .path = "/search", .set = { { "q", examples[i].query } }, .no_filters = true });
		page_put(p, "\"><code>");
		page_text(p, examples[i].query);
		page_put(p, "</code></a></dt><dd>");
		page_say(p, examples[i].what, NULL, NULL);
		page_put(p, "</dd></div>\n");
	}
	page_put(p, "</dl></section>\n");
}

void
page_home(page *p)
{
	uint64_t n = cdg_index_documents(p->c->index);

	page_begin(p, NULL, false);
	page_put(p, "<div class=\"home\">\n<h1>");
	page_text(p, p->c->set->title);
	page_put(p, "</h1>\n<p class=\"intro\">");
	if (n == 1)
		page_say(p, W_INTRO_ONE, NULL, NULL);
	else
		page_count(p, W_INTRO, n);
	page_put(p, "</p>\n");
	page_form(p, true);
	put_examples(p);
	page_put(p, "</div>\n");
	page_end(p);
}

/* GET /; a program is told where the search is. */
void
answer_home(web_call *c)
{
	page p;

	page_init(&p, c);
	page_home(&p);
}

void
page_problem(web_call *c, unsigned status, const char *detail)
{
	word_id what = status == 404 ? W_PROBLEM_404 : status >= 500 ? W_PROBLEM_503 : W_PROBLEM_400;
	char title[24];
	page p;

	page_init(&p, c);
	snprintf(title, sizeof title, "%u", status);
	page_begin(&p, title, true);
	page_put(&p, "<div class=\"problem\">\n<h1>");
	page_say(&p, W_PROBLEM_TITLE, NULL, NULL);
	page_put(&p, "</h1>\n<p>");
	page_say(&p, what, NULL, NULL);
	page_put(&p, "</p>\n<p class=\"detail\" lang=\"en\">");
	html_text(p.o, title);
	page_put(&p, " \xc2\xb7 ");
	page_text(&p, detail);
	page_put(&p, "</p>\n<p><a href=\"");
	page_text(&p, c->prefix);
	page_put(&p, "/\">");
	page_say(&p, W_PROBLEM_BACK, NULL, NULL);
	page_put(&p, "</a></p>\n</div>\n");
	page_end(&p);
}
