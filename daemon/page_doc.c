/* page_doc.c - a document with its matches marked: the text in parts, the outline, what is
 * known of it, how to cite it.
 *
 * Parameters: id; q and filters of the search; part, from 0; at, a character: the match there,
 * or the first one after it, has the anchor `at`. */
#include <stdio.h>

#include "daemon/page.h"
#include "daemon/page_doc.h"
#include "daemon/param.h"

enum { OUTLINE_MAX = 400, OUTLINE_DEPTH = 8 };

/* ---- the way through the matches ----------------------------------------------------------- */

void
doc_put_match_link(doc_page *d, uint64_t number)
{
	uint64_t first = cdg_view_get(d->v, CDG_VIEW_FIRST_MATCH), part = d->part;
	char text[24], anchor[24];

	snprintf(anchor, sizeof anchor, "m%llu", (unsigned long long)number);
	if (number > first && number - first <= cdg_view_match_count(d->v))
		part = doc_part_of(d, cdg_view_match_start(d->v, number - first - 1));
	if (part == d->part) { /* no need to load it again */
		buf_printf(d->p->o, "#%s", anchor);
		return;
	}
	snprintf(text, sizeof text, "%llu", (unsigned long long)part);
	page_put_link(d->p, &(page_link){ .path = "/doc", .set = { { "part", part ? text : NULL } }, .fragment = anchor });
}

/* The match that the steps before and after go from is between these two: of the place that
 * was asked for, else of the beginning of the part.  They go round at the ends. */
static void
find_steps(const doc_page *d, uint64_t *before, uint64_t *after)
{
	uint64_t n = cdg_view_get(d->v, CDG_VIEW_MATCHES), first = cdg_view_get(d->v, CDG_VIEW_FIRST_MATCH);
	uint64_t here = doc_match_at(d), next = 0;

	while (!here && next < cdg_view_match_count(d->v) && cdg_view_match_start(d->v, next) < cdg_view_get(d->v, CDG_VIEW_START))
		next++;
	*before = here ? here - 1 : first + next;
	*after = here ? here + 1 : first + next + 1;
	if (!*before)
		*before = n;
	if (*after > n)
		*after = 1;
}

static void
put_step(doc_page *d, uint64_t number, const char *step, word_id id)
{
	page *p = d->p;

	buf_printf(p->o, "<a data-step=\"%s\" href=\"", step);
	doc_put_match_link(d, number);
	page_put(p, "\">");
	page_say(p, id, NULL, NULL);
	page_put(p, "</a> ");
}

static void
put_matches(doc_page *d)
{
	uint64_t n = cdg_view_get(d->v, CDG_VIEW_MATCHES), before, after;
	page *p = d->p;

	if (!*p->q)
		return;
	page_put(p, "<nav class=\"matches\" aria-label=\"");
	page_say(p, W_DOC_MATCHES_OF, NULL, NULL);
	page_put(p, "\"><p>");
	if (!n)
		page_say(p, W_DOC_NO_MATCH, NULL, NULL);
	else if (n == 1)
		page_say(p, W_DOC_MATCH_ONE, NULL, NULL);
	else
		page_count(p, W_DOC_MATCHES, n);
	page_put(p, "</p>");
	if (n) {
		find_steps(d, &before, &after);
		buf_printf(p->o, "<p class=\"steps\" data-total=\"%llu\" data-said=\"", (unsigned long long)n);
		page_text(p, page_word(p, W_DOC_MATCH_N));
		page_put(p, "\" data-first=\"");
		doc_put_match_link(d, 1);
		page_put(p, "\" data-last=\"");
		doc_put_match_link(d, n);
		page_put(p, "\">");
		put_step(d, before, "-1", W_DOC_PREV);
		put_step(d, after, "1", W_DOC_NEXT);
		page_put(p, "<output></output></p>");
	}
	page_put(p, "</nav>\n");
}

/* Another query in the same document. */
static void
put_find(doc_page *d)
{
	page *p = d->p;

	page_put(p, "<form class=\"find\" action=\"");
	page_text(p, p->c->prefix);
	page_put(p, "/doc\" method=\"get\"><label for=\"find\">");
	page_say(p, W_DOC_QUERY, NULL, NULL);
	page_put(p, "</label> <span><input id=\"find\" name=\"q\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" "
		    "maxlength=\"4000\" value=\"");
	page_text(p, p->q);
	page_put(p, "\"><button>");
	page_say(p, W_DOC_FIND, NULL, NULL);
	page_put(p, "</button></span>\n<input type=\"hidden\" name=\"id\" value=\"");
	page_text(p, d->id);
	page_put(p, "\">\n");
	page_hidden(p, "hl");
	page_put(p, "</form>\n");
}

/* ---- outline ------------------------------------------------------------------------------ */

static void
put_outline_row(doc_page *d, const cdg_part *s, char kind, size_t i)
{
	uint64_t part = doc_part_of(d, s->start);
	char text[24], anchor[24];
	page *p = d->p;

	snprintf(anchor, sizeof anchor, "%c%zu", kind, i + 1);
	snprintf(text, sizeof text, "%llu", (unsigned long long)part);
	buf_printf(p->o, "<li class=\"d%u%s\"><a href=\"", s->depth < 4 ? s->depth : 4, s->matches ? " has" : "");
	if (part == d->part)
		buf_printf(p->o, "#%s", anchor);
	else
		page_put_link(p, &(page_link){ .path = "/doc", .set = { { "part", part ? text : NULL } }, .fragment = anchor });
	page_put(p, "\"><span class=\"v\">");
	if (kind == 'p')
		page_say(p, W_PAGE_NO, s->label, NULL);
	else
		page_text(p, s->label);
	page_put(p, "</span>");
	if (s->matches) {
		page_put(p, " <span class=\"n\">");
		page_put(p, words_number(p->lang, s->matches, text, sizeof text));
		page_put(p, "</span>");
	}
	page_put(p, "</a></li>\n");
}

/* How deep a list goes that is not too long: of a long one the sections of this part are shown,
 * and the outer ones of the others. */
static unsigned
outline_depth(const cdg_view *v, size_t n)
{
	size_t at[OUTLINE_DEPTH] = { 0 }, all = 0;
	unsigned depth = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned k = cdg_view_section(v, i).depth;

		at[k < OUTLINE_DEPTH ? k : OUTLINE_DEPTH - 1]++;
	}
	while (depth < OUTLINE_DEPTH && (all += at[depth]) <= OUTLINE_MAX)
		depth++;
	return depth;
}

/* Sections; of a document without, the pages. */
static void
put_outline(doc_page *d)
{
	size_t sections = cdg_view_section_count(d->v), pages = cdg_view_page_count(d->v), n = sections ? sections : pages;
	size_t shown = 0, left = 0;
	unsigned depth = n > OUTLINE_MAX && sections ? outline_depth(d->v, n) : OUTLINE_DEPTH;
	uint64_t start = cdg_view_get(d->v, CDG_VIEW_START), end = cdg_view_get(d->v, CDG_VIEW_END);
	page *p = d->p;

	if (n < 2)
		return;
	page_put(p, "<details class=\"outline\" open><summary><h2>");
	page_say(p, W_DOC_OUTLINE, NULL, NULL);
	page_put(p, "</h2></summary>\n<nav aria-label=\"");
	page_say(p, W_DOC_OUTLINE, NULL, NULL);
	page_put(p, "\"><ol tabindex=\"0\">\n");
	for (size_t i = 0; i < n; i++) {
		cdg_part s = sections ? cdg_view_section(d->v, i) : cdg_view_page(d->v, i);

		if (!*s.label)
			continue;
		if (n > OUTLINE_MAX && (s.depth >= depth || !sections) && (s.start >= end || s.start < start) &&
		    (sections || !s.matches || shown > OUTLINE_MAX)) {
			left++;
			continue;
		}
		put_outline_row(d, &s, sections ? 's' : 'p', i);
		shown++;
	}
	page_put(p, "</ol>");
	if (left) {
		page_put(p, "<p class=\"note\">");
		page_count(p, W_DOC_MANY, left);
		page_put(p, "</p>");
	}
	page_put(p, "</nav></details>\n");
}

/* ---- what is known of it ------------------------------------------------------------------- */

static void
put_fact(page *p, const char *field, const char *value)
{
	if (!*value)
		return;
	page_put(p, "<div><dt>");
	page_field(p, field);
	page_put(p, "</dt><dd>");
	if (html_is_web(value)) {
		page_put(p, "<a rel=\"noreferrer\" href=\"");
		html_href(p->o, value);
		page_put(p, "\">");
		page_text(p, value);
		page_put(p, "</a>");
	} else {
		page_value(p, field, value);
	}
	page_put(p, "</dd></div>\n");
}

static void
put_about(doc_page *d)
{
	const cdg_view *v = d->v;
	page *p = d->p;

	page_put(p, "<section class=\"about\" aria-labelledby=\"about\"><h2 id=\"about\">");
	page_say(p, W_DOC_ABOUT, NULL, NULL);
	page_put(p, "</h2><dl>\n");
	put_fact(p, "date", cdg_view_date(v));
	put_fact(p, "lang", cdg_view_lang(v));
	put_fact(p, "url", cdg_view_url(v));
	for (size_t i = 0; i < cdg_view_field_count(v); i++)
		put_fact(p, cdg_view_field_name(v, i), cdg_view_field_value(v, i));
	put_fact(p, "id", cdg_view_id(v));
	page_put(p, "</dl></section>\n");
}

/* ---- text --------------------------------------------------------------------------------- */

static void
put_text(doc_page *d)
{
	const char *lang = cdg_view_lang(d->v), *number;
	page *p = d->p;

	page_put(p, "<article id=\"text\" class=\"text\" tabindex=\"-1\" aria-label=\"");
	page_say(p, W_DOC_TEXT, NULL, NULL);
	page_put(p, "\"");
	if (*lang) {
		page_put(p, " lang=\"");
		page_text(p, lang);
		page_put(p, "\"");
	}
	if (d->part && (number = doc_label_at(cdg_view_page, cdg_view_page_count(d->v), d->v, cdg_view_get(d->v, CDG_VIEW_START)))) {
		page_put(p, " data-page=\"");
		page_text(p, number);
		page_put(p, "\"");
	}
	page_put(p, ">\n");
	if (!cdg_view_get(d->v, CDG_VIEW_LENGTH)) {
		buf_printf(p->o, "<p lang=\"%s\">", words_code(p->lang));
		page_say(p, W_DOC_EMPTY, NULL, NULL);
		page_put(p, "</p>\n");
	} else {
		doc_put_marked(d);
	}
	page_put(p, "</article>\n");
}

/* To the page of the list, or of the lines, that led here; their order is in `view`. */
static void
put_back_link(page *p)
{
	const web_pair *view = web_param(p->c, "view"), *offset = web_param(p->c, "offset");
	const char *from = offset ? offset->value : NULL;

	if (view && view->len)
		page_put_link(p, &(page_link){ .path = "/docs/concordance", .set = { { "sort", view->value }, { "offset", from } } });
	else
		page_put_link(p, &(page_link){ .path = *p->q || web_param(p->c, "filter") ? "/search" : "/",
					       .set = { { "offset", from } } });
}

static void
put_title(doc_page *d)
{
	const char *html = cdg_view_title_html(d->v), *title = cdg_view_title(d->v), *url = cdg_view_url(d->v);
	const char *lang = cdg_view_lang(d->v);
	page *p = d->p;

	page_put(p, "<div class=\"doc-head\">\n<p class=\"back\"><a href=\"");
	put_back_link(p);
	page_put(p, "\"><span aria-hidden=\"true\">\xe2\x86\x90 </span>");
	page_say(p, *p->q || web_param(p->c, "filter") ? W_DOC_BACK : W_PROBLEM_BACK, NULL, NULL);
	page_put(p, "</a></p>\n<h1");
	if (*lang && *title) {
		page_put(p, " lang=\"");
		page_text(p, lang);
		page_put(p, "\"");
	}
	page_put(p, ">");
	if (*html)
		page_put(p, html);
	else
		page_text(p, *title ? title : cdg_view_id(d->v));
	page_put(p, "</h1>\n");
	if (html_is_web(url)) {
		page_put(p, "<p class=\"origin\"><a rel=\"noreferrer\" href=\"");
		html_href(p->o, url);
		page_put(p, "\">");
		page_say(p, W_OPEN_ORIGINAL, NULL, NULL);
		page_put(p, "</a></p>\n");
	}
	if (cdg_view_get(d->v, CDG_VIEW_LENGTH))
		put_find(d);
	page_put(p, "</div>\n");
}

/* Notes on the query; what is said of the text can be seen. */
static bool
is_note(const char *warning)
{
	return strncmp(warning, "the text ", 9) && strncmp(warning, "the index keeps no text", 23);
}

static void
put_notes(doc_page *d)
{
	const char *note;
	bool any = false;

	for (size_t i = 0; *d->p->q && (note = cdg_view_warning(d->first, i)); i++) {
		if (!is_note(note))
			continue;
		if (!any)
			page_put_notes(d->p, d->p->q, true, false);
		any = true;
		page_put_note(d->p, note);
	}
	page_end_notes(d->p, any);
}

static void
put_doc(doc_page *d)
{
	page *p = d->p;

	page_begin(p, *cdg_view_title(d->v) ? cdg_view_title(d->v) : cdg_view_id(d->v), true);
	put_title(d);
	page_put(p, "<div class=\"columns doc\">\n<div class=\"reading\">\n");
	put_notes(d);
	put_matches(d);
	doc_put_parts(d, true);
	doc_put_running(d);
	put_text(d);
	doc_put_parts(d, false);
	page_put(p, "</div>\n<aside class=\"side\" aria-label=\"");
	page_say(p, W_DOC_ABOUT, NULL, NULL);
	page_put(p, "\">\n");
	put_outline(d);
	put_about(d);
	doc_put_cite(d);
	page_put(p, "</aside>\n</div>\n");
	page_end(p);
}

void
page_doc(web_call *c)
{
	const web_pair *id = web_param(c, "id");
	search_params sp;
	uint64_t part;
	doc_page d = { 0 };
	page p;

	if (search_params_read(c, &sp) && web_number(c, "at", 0, UINT32_MAX, UINT64_MAX, &d.at) &&
	    web_number(c, "part", 0, UINT32_MAX, UINT64_MAX, &part)) {
		if (!id || !id->len) {
			web_problem(c, 400, CDG_E_ARG, "parameter id: which document?");
		} else {
			page_init(&p, c);
			d.p = &p;
			d.id = id->value;
			d.request = sp.request;
			d.q = sp.q;
			d.len = sp.len;
			if (doc_open(&d, part)) {
				view_note(c, d.v);
				view_note(c, d.shown);
				put_doc(&d);
			}
			doc_close(&d);
		}
	}
	search_params_free(&sp);
}
