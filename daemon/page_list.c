/* page_list.c - what stands around a list, of documents or of lines: time, notes, pages,
 * export. */
#include <stdio.h>

#include "daemon/page.h"
#include "daemon/settings.h"

enum { PAGES_AROUND = 2 };

void
page_put_time(page *p, uint64_t us)
{
	char text[32];

	if (us < 1000000) {
		snprintf(text, sizeof text, us < 10000 ? "%.1f" : "%.0f", (double)us / 1e3);
		page_say(p, W_MILLISECONDS, text, NULL);
	} else {
		snprintf(text, sizeof text, "%.1f", (double)us / 1e6);
		page_say(p, W_SECONDS, text, NULL);
	}
}

/* What was asked, for paper has no search box. */
void
page_put_asked(page *p)
{
	page_put(p, "<p class=\"paper\">");
	page_text(p, *p->q ? p->q : "*");
	page_put(p, "</p>\n");
}

void
page_put_notes(page *p, const char *parsed, bool notes, bool timed_out)
{
	if (strcmp(parsed, p->q)) {
		page_put(p, "<p class=\"understood\">");
		page_say(p, W_UNDERSTOOD, NULL, NULL);
		page_put(p, " <code>");
		page_text(p, parsed);
		page_put(p, "</code></p>\n");
	}
	if (!notes && !timed_out)
		return;
	page_put(p, "<section class=\"notes\" aria-labelledby=\"notes\"><h2 id=\"notes\">");
	page_say(p, W_NOTES, NULL, NULL);
	page_put(p, "</h2><ul>\n");
	if (timed_out) {
		page_put(p, "<li>");
		page_say(p, W_TIMED_OUT, NULL, NULL);
		page_put(p, "</li>\n");
	}
}

void
page_put_note(page *p, const char *warning)
{
	bool own;
	buf text;

	buf_init(&text);
	own = words_put_note(&text, p->lang, warning);
	page_put(p, own ? "<li>" : "<li lang=\"en\">");
	page_put(p, buf_cstr(&text));
	page_put(p, "</li>\n");
	p->o->failed |= text.failed;
	buf_fini(&text);
}

void
page_end_notes(page *p, bool notes)
{
	if (notes)
		page_put(p, "</ul></section>\n");
}

/* ---- pages ------------------------------------------------------------------------------ */

typedef struct paging {
	page *p;
	const char *path;
	uint64_t n, now;
} paging;

static void
put_page_link(const paging *g, uint64_t number, word_id id)
{
	char offset[24], text[32];
	page *p = g->p;

	snprintf(offset, sizeof offset, "%llu", (unsigned long long)((number - 1) * g->n));
	words_number(p->lang, number, text, sizeof text);
	page_put(p, id == W_PREVIOUS ? "<li><a rel=\"prev\" href=\"" : id == W_NEXT ? "<li><a rel=\"next\" href=\"" : "<li><a href=\"");
	page_put_link(p, &(page_link){ .path = g->path, .set = { { "offset", number > 1 ? offset : NULL } } });
	if (id == W_PAGE_N) {
		page_put(p, "\" aria-label=\"");
		page_say(p, W_PAGE_N, text, NULL);
	}
	page_put(p, number == g->now ? "\" aria-current=\"page\">" : "\">");
	if (id == W_PAGE_N)
		page_put(p, text);
	else
		page_say(p, id, NULL, NULL);
	page_put(p, "</a></li>\n");
}

void
page_put_paging(page *p, const char *path, uint64_t n, uint64_t offset, uint64_t total)
{
	paging g = { p, path, n ? n : 1, 0 };
	uint64_t most = p->c->set->max_offset / g.n + 1, pages = (total + g.n - 1) / g.n, from, to;

	if (pages > most)
		pages = most;
	if (pages < 2)
		return;
	g.now = offset / g.n + 1;
	from = g.now > PAGES_AROUND ? g.now - PAGES_AROUND : 1;
	to = g.now + PAGES_AROUND < pages ? g.now + PAGES_AROUND : pages;
	page_put(p, "<nav class=\"paging\" aria-label=\"");
	page_say(p, W_PAGING, NULL, NULL);
	page_put(p, "\"><ul>\n");
	if (g.now > 1)
		put_page_link(&g, g.now - 1, W_PREVIOUS);
	if (from > 1)
		put_page_link(&g, 1, W_PAGE_N);
	if (from > 2)
		page_put(p, "<li class=\"gap\">\xe2\x80\xa6</li>\n");
	for (uint64_t i = from; i <= to; i++)
		put_page_link(&g, i, W_PAGE_N);
	if (g.now < pages)
		put_page_link(&g, g.now + 1, W_NEXT);
	page_put(p, "</ul></nav>\n");
}

/* ---- export ------------------------------------------------------------------------------ */

void
page_put_export(page *p, const char *path, uint64_t total)
{
	static const char *const formats[][2] = { { "csv", "CSV" }, { "json", "JSON" } };
	uint64_t most = p->c->set->max_hits;
	char n[24], text[32];

	if (!total)
		return;
	snprintf(n, sizeof n, "%llu", (unsigned long long)(total < most ? total : most));
	page_put(p, "<p class=\"export\">");
	page_say(p, W_EXPORT, NULL, NULL);
	if (total > most) {
		page_put(p, " (");
		page_say(p, W_EXPORT_LIMIT, words_number(p->lang, most, text, sizeof text), NULL);
		page_put(p, ")");
	}
	for (size_t i = 0; i < countof(formats); i++) {
		buf_printf(p->o, " <a download=\"results.%s\" href=\"", formats[i][0]);
		page_put_link(p, &(page_link){ .path = path,
					       .set = { { "q", *p->q ? p->q : "*" }, { "n", n }, { "more", NULL } } });
		if (!strcmp(path, "/search"))
			buf_printf(p->o, "&amp;snippets=%d", PAGE_PASSAGES);
		buf_printf(p->o, "&amp;format=%s%s\">%s</a>", formats[i][0], i ? "" : "&amp;sheet=1", formats[i][1]);
	}
	page_put(p, "</p>\n");
}
