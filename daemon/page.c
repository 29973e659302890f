/* page.c - head and foot of every page, and the search box. */
#include "daemon/page.h"

#include <stdio.h>

#include "daemon/settings.h"
#include "daemon/site.h"

void
page_put(page *p, const char *html)
{
	buf_puts(p->o, html);
}

void
page_text(page *p, const char *text)
{
	html_text(p->o, text);
}

const char *
page_word(const page *p, word_id id)
{
	return words_get(p->lang, id);
}

void
page_say(page *p, word_id id, const char *a, const char *b)
{
	words_put(p->o, p->lang, id, a, b);
}

void
page_count(page *p, word_id id, uint64_t n)
{
	char text[32];

	page_say(p, id, words_number(p->lang, n, text, sizeof text), NULL);
}

void
page_init(page *p, web_call *c)
{
	const web_pair *hl = web_param(c, "hl");
	const char *own = c->set && c->set->language ? c->set->language : "en";
	words_lang lang = words_find(own, strlen(own));

	p->c = c;
	p->o = &c->out;
	p->q = c->query ? c->query : "";
	lang = words_accept(web_header(c, "Accept-Language"), lang == WORDS_LANGS ? WORDS_EN : lang);
	p->lang = hl ? words_find(hl->value, hl->len) : lang;
	if (p->lang == WORDS_LANGS)
		p->lang = lang;
	if (c->type && !strncmp(c->type, "text/html", 9)) /* a page that became another one */
		return;
	c->type = "text/html; charset=utf-8";
	web_head(c, "Content-Security-Policy",
		 "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
		 "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
	web_head(c, "Content-Language", words_code(p->lang));
}

static const char *
site_title(const page *p)
{
	return p->c->set && p->c->set->title ? p->c->set->title : "cdgsearch";
}

static void
put_head(page *p, const char *title)
{
	char url[96];

	buf_printf(p->o, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<title>", words_code(p->lang));
	if (title && *title) {
		page_text(p, title);
		page_put(p, " \xe2\x80\x93 ");
	}
	page_text(p, site_title(p));
	page_put(p, "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n");
	buf_printf(p->o, "<link rel=\"stylesheet\" href=\"%s\">\n", asset_url("page.css", url, sizeof url));
	buf_printf(p->o, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n", asset_url("icon.svg", url, sizeof url));
	page_put(p, "<link rel=\"search\" type=\"application/opensearchdescription+xml\" title=\"");
	page_text(p, site_title(p));
	page_put(p, "\" href=\"");
	page_text(p, p->c->prefix);
	buf_printf(p->o, "/opensearch.xml\">\n<script src=\"%s\" defer></script>\n</head>\n",
		   asset_url("page.js", url, sizeof url));
}

/* Other indexes of the server, with the same query. */
static void
put_indexes(page *p)
{
	site *s = p->c->site;

	if (!s || site_count(s) < 2)
		return;
	page_put(p, "<nav class=\"indexes\" aria-label=\"");
	page_say(p, W_COLLECTIONS, NULL, NULL);
	page_put(p, "\"><ul>\n");
	for (size_t i = 0; i < site_count(s); i++) {
		const char *name = site_name(site_at(s, i));

		page_put(p, "<li><a href=\"/in/");
		html_query(p->o, name);
		page_put(p, *p->q ? "/search?q=" : "/");
		html_query(p->o, p->q);
		if (web_param(p->c, "hl"))
			buf_printf(p->o, "%chl=%s", *p->q ? '&' : '?', words_code(p->lang));
		page_put(p, site_at(s, i) == p->c->at ? "\" aria-current=\"true\">" : "\">");
		page_text(p, name);
		page_put(p, "</a></li>\n");
	}
	page_put(p, "</ul></nav>\n");
}

void
page_hidden(page *p, const char *name)
{
	const web_pair *v;

	for (size_t at = 0; (v = web_param_at(p->c, name, &at));) {
		if (!v->len)
			continue;
		buf_printf(p->o, "<input type=\"hidden\" name=\"%s\" value=\"", name);
		page_text(p, v->value);
		page_put(p, "\">\n");
	}
}

void
page_form(page *p, bool large)
{
	page_put(p, "<form class=\"ask\" role=\"search\" action=\"");
	page_text(p, p->c->prefix);
	page_put(p, "/search\" method=\"get\">\n<label class=\"unseen\" for=\"q\">");
	page_say(p, W_SEARCH_LABEL, NULL, NULL);
	page_put(p, "</label>\n<div class=\"box\"><input id=\"q\" name=\"q\" type=\"search\" value=\"");
	page_text(p, p->q);
	page_put(p, "\" autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" enterkeyhint=\"search\" "
		    "maxlength=\"4000\" data-suggest=\"");
	page_text(p, p->c->prefix);
	page_put(p, "/suggest\" data-count=\"");
	page_text(p, page_word(p, W_SUGGEST_COUNT));
	page_put(p, "\" data-none=\"");
	page_text(p, page_word(p, W_SUGGEST_NONE));
	page_put(p, "\" data-label=\"");
	page_text(p, page_word(p, W_SUGGESTIONS));
	page_put(p, large ? "\" autofocus><button>" : "\"><button>");
	page_say(p, W_SEARCH, NULL, NULL);
	page_put(p, "</button></div>\n");
	page_hidden(p, "sort");
	page_hidden(p, "n");
	page_hidden(p, "hl");
	page_put(p, "<p class=\"ways\"><a href=\"");
	page_put_link(p, &(page_link){ .path = "/advanced" });
	page_put(p, "\">");
	page_say(p, W_ADVANCED, NULL, NULL);
	page_put(p, "</a> <a href=\"");
	page_put_link(p, &(page_link){ .path = "/help", .no_filters = true });
	page_put(p, "\">");
	page_say(p, W_HELP, NULL, NULL);
	page_put(p, "</a></p>\n</form>\n");
}

void
page_begin(page *p, const char *title, bool box)
{
	put_head(p, title);
	page_put(p, "<body>\n<a class=\"skip\" href=\"#main\">");
	page_say(p, W_SKIP, NULL, NULL);
	page_put(p, "</a>\n<header class=\"top\"><div class=\"wide\">\n<p class=\"name\"><a href=\"");
	page_text(p, p->c->prefix);
	page_put(p, "/");
	if (web_param(p->c, "hl"))
		buf_printf(p->o, "?hl=%s", words_code(p->lang));
	page_put(p, "\">");
	page_text(p, site_title(p));
	page_put(p, "</a></p>\n");
	put_indexes(p);
	if (box)
		page_form(p, false);
	page_put(p, "</div></header>\n<main id=\"main\" class=\"wide\" tabindex=\"-1\">\n");
}

void
page_end(page *p)
{
	static const char *const names[WORDS_LANGS] = { "English", "Deutsch", "\xe4\xb8\xad\xe6\x96\x87" };
	const web_pair *offset = web_param(p->c, "offset");

	page_put(p, "</main>\n<footer class=\"foot\"><div class=\"wide\">\n<nav aria-label=\"");
	page_say(p, W_LANGUAGE_OF_PAGE, NULL, NULL);
	page_put(p, "\"><ul>\n");
	for (int i = 0; i < WORDS_LANGS; i++) {
		const char *code = words_code((words_lang)i);

		buf_printf(p->o, "<li><a lang=\"%s\" hreflang=\"%s\" href=\"", code, code);
		page_put_link(p, &(page_link){ .path = p->c->status == 200 ? p->c->path : "/",
					       .set = { { "hl", code }, { "offset", offset ? offset->value : NULL } } });
		buf_printf(p->o, "\"%s>%s</a></li>\n", (words_lang)i == p->lang ? " aria-current=\"true\"" : "", names[i]);
	}
	page_put(p, "</ul></nav>\n<p>");
	page_say(p, W_COLOPHON, NULL, NULL);
	page_put(p, "</p>\n</div></footer>\n</body>\n</html>\n");
}
