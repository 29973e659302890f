/* page_hit.c - one found document in the list: title, what it is, its passages. */
#include <stdio.h>

#include "daemon/page.h"

/* The address of the document on our own page, at a passage (NULL: at its beginning). */
static void
put_view_link(page *p, const char *id, const char *at)
{
	page_put_link(p, &(page_link){ .path = "/doc", .set = { { "id", id }, { "at", at } }, .fragment = at ? "at" : NULL });
}

static void
put_title(page *p, const cdg_results *r, size_t i)
{
	const char *html = cdg_hit_title_html(r, i), *title = cdg_hit_title(r, i), *lang = cdg_hit_lang(r, i);

	page_put(p, "<h3");
	if (*lang && *title) {
		page_put(p, " lang=\"");
		page_text(p, lang);
		page_put(p, "\"");
	}
	page_put(p, "><a href=\"");
	put_view_link(p, cdg_hit_id(r, i), NULL);
	page_put(p, "\">");
	if (*html)
		page_put(p, html);
	else if (*title)
		page_text(p, title);
	else
		page_text(p, cdg_hit_id(r, i));
	page_put(p, "</a></h3>\n");
}

static const char *
field_of(const cdg_results *r, size_t i, const char *name)
{
	for (size_t f = 0; f < cdg_hit_field_count(r, i); f++)
		if (!strcmp(cdg_hit_field_name(r, i, f), name))
			return cdg_hit_field_value(r, i, f);
	return "";
}

/* The host of a URL, for people to see where a link leads. */
static void
put_host(page *p, const char *url)
{
	const char *host = strstr(url, "://");
	size_t n;

	host = host ? host + 3 : url;
	n = strcspn(host, "/?#");
	if (n > 4 && !strncmp(host, "www.", 4)) {
		host += 4;
		n -= 4;
	}
	html_text_n(p->o, host, n);
}

static void
put_fact(page *p, const char *field, const char *value)
{
	if (!*value)
		return;
	page_put(p, "<li>");
	page_value(p, field, value);
	page_put(p, "</li>\n");
}

/* Date, what it is and where it is from, in a line. */
static void
put_facts(page *p, const cdg_results *r, size_t i)
{
	static const char *const shown[] = { "type", "status", "jurisdiction", "country", "collection", "category", "number", "format" };
	const char *date = cdg_hit_date(r, i), *url = cdg_hit_url(r, i), *above = field_of(r, i, "hierarchy");

	page_put(p, "<ul class=\"facts\">\n");
	if (*date) {
		page_put(p, "<li><time datetime=\"");
		page_text(p, date);
		page_put(p, "\">");
		page_text(p, date);
		page_put(p, "</time></li>\n");
	}
	for (size_t k = 0; k < countof(shown); k++)
		put_fact(p, shown[k], field_of(r, i, shown[k]));
	put_fact(p, "lang", cdg_hit_lang(r, i));
	if (html_is_web(url)) {
		page_put(p, "<li><a href=\"");
		html_href(p->o, url);
		page_put(p, "\" rel=\"noreferrer\">");
		put_host(p, url);
		page_put(p, "</a></li>\n");
	}
	page_put(p, "</ul>\n");
	if (*above) {
		page_put(p, "<p class=\"above\">");
		page_text(p, above);
		page_put(p, "</p>\n");
	}
}

/* Where the passage stands: sections, and the page with a link into the original. */
static void
put_place(page *p, const cdg_results *r, size_t i, size_t s)
{
	const char *number = cdg_snippet_page(r, i, s), *link = cdg_snippet_link(r, i, s);
	size_t n = cdg_snippet_section_count(r, i, s);

	if (!*number && !n)
		return;
	page_put(p, "<p class=\"place\">");
	if (*number) {
		bool open = html_is_web(link);

		if (open) {
			page_put(p, "<a rel=\"noreferrer\" href=\"");
			html_href(p->o, link);
			page_put(p, "\" title=\"");
			page_say(p, W_AT_PAGE, number, NULL);
			page_put(p, "\">");
		}
		page_say(p, W_PAGE_NO, number, NULL);
		page_put(p, open ? "</a>" : "");
	}
	for (size_t k = 0; k < n; k++) {
		page_put(p, k ? " <span class=\"in\" aria-hidden=\"true\">\xe2\x80\xba</span> " : *number ? " \xc2\xb7 " : "");
		page_text(p, cdg_snippet_section(r, i, s, k));
	}
	page_put(p, "</p>\n");
}

static void
put_passage(page *p, const cdg_results *r, size_t i, size_t s)
{
	const char *lang = cdg_hit_lang(r, i);
	char at[24];

	snprintf(at, sizeof at, "%llu", (unsigned long long)cdg_snippet_start(r, i, s));
	page_put(p, "<li>");
	put_place(p, r, i, s);
	page_put(p, "<a class=\"passage\" href=\"");
	put_view_link(p, cdg_hit_id(r, i), at);
	page_put(p, "\"");
	if (*lang) {
		page_put(p, " lang=\"");
		page_text(p, lang);
		page_put(p, "\"");
	}
	page_put(p, ">");
	page_put(p, cdg_snippet_html(r, i, s));
	page_put(p, "</a></li>\n");
}

void
page_put_hit(page *p, const cdg_results *r, size_t i)
{
	buf_printf(p->o, "<li class=\"hit\" value=\"%llu\"><article>\n", (unsigned long long)cdg_hit_rank(r, i));
	put_title(p, r, i);
	put_facts(p, r, i);
	if (cdg_hit_snippet_count(r, i)) {
		page_put(p, "<ul class=\"passages\">\n");
		for (size_t s = 0; s < cdg_hit_snippet_count(r, i); s++)
			put_passage(p, r, i, s);
		page_put(p, "</ul>\n");
	}
	page_put(p, "</article></li>\n");
}
