/* page_marked.c - the text of a document as the library writes it, with the character that
 * each match is at, for the script to cite it, and steps to the match
 * before and after behind each match: shown for the one that the address names, so that one
 * can go from match to match without JavaScript. */
#include <stdlib.h>

#include "daemon/page_doc.h"

uint64_t
doc_match_at(const doc_page *d)
{
	uint64_t first = cdg_view_get(d->v, CDG_VIEW_FIRST_MATCH);

	if (d->at == UINT64_MAX)
		return 0;
	for (size_t i = 0; i < cdg_view_match_count(d->v); i++)
		if (cdg_view_match_end(d->v, i) > d->at)
			return cdg_view_match_start(d->v, i) < cdg_view_get(d->v, CDG_VIEW_END) ? first + i + 1 : 0;
	return 0;
}

static void
put_step(doc_page *d, uint64_t to, int by, word_id id, const char *sign)
{
	page *p = d->p;

	buf_printf(p->o, "<a data-to=\"%d\" href=\"", by);
	doc_put_match_link(d, to);
	page_put(p, "\" title=\"");
	page_say(p, id, NULL, NULL);
	page_put(p, "\" aria-label=\"");
	page_say(p, id, NULL, NULL);
	page_put(p, "\">");
	page_put(p, sign);
	page_put(p, "</a>");
}

static void
put_steps(doc_page *d, uint64_t number)
{
	uint64_t total = cdg_view_get(d->v, CDG_VIEW_MATCHES);
	page *p = d->p;

	if (total < 2)
		return;
	buf_printf(p->o, "<span class=\"step\" lang=\"%s\">", words_code(p->lang));
	if (number > 1)
		put_step(d, number - 1, -1, W_DOC_PREV, "\xe2\x80\xb9");
	buf_printf(p->o, " %llu/%llu ", (unsigned long long)number, (unsigned long long)total);
	if (number < total)
		put_step(d, number + 1, 1, W_DOC_NEXT, "\xe2\x80\xba");
	page_put(p, "</span>");
}

static bool
is_shown(unsigned char c)
{
	return c > ' ' && c != 0x7f && (c & 0xc0) != 0x80;
}

/* The place in the HTML of the character `at` of the text, which is not in a match: what is
 * shown of the text is the same in both, but for white space. */
static const char *
place_of(const doc_page *d, const char *html)
{
	uint64_t start = cdg_view_get(d->v, CDG_VIEW_START), cp = start, n = 0;

	for (const char *t = cdg_view_text(d->v); *t && cp < d->at; t++)
		if (((unsigned char)*t & 0xc0) != 0x80) {
			cp++;
			n += is_shown((unsigned char)*t) && (unsigned char)*t != 0xc2; /* C1 controls are not shown */
		}
	for (; *html; html++)
		if (*html == '<') {
			html = strchr(html, '>');
			if (!html)
				break;
		} else if (is_shown((unsigned char)*html) && (unsigned char)*html != 0xc2) {
			if (!n--)
				return html;
			if (*html == '&')
				html += strcspn(html, ";");
		}
	return NULL;
}

/* HTML of the text, where what stands between two cells of a table can be seen. */
static void
put_html(doc_page *d, const char *html, size_t n)
{
	const char *end = html + n, *from = html;
	bool tag = false;

	for (; html < end; html++) {
		tag = *html == '<' || (tag && *html != '>');
		if (tag || *html != '\t')
			continue;
		buf_put(d->p->o, from, (size_t)(html - from));
		page_put(d->p, "<span class=\"tab\"></span>");
		from = html;
	}
	buf_put(d->p->o, from, (size_t)(end - from));
}

/* Markup cannot be in the text, which is escaped: what looks like a mark is one. */
static void
put_with_steps(doc_page *d, const char *html)
{
	static const char mark[] = "<mark id=\"m", end[] = "</mark>";
	uint64_t here = doc_match_at(d), first = cdg_view_get(d->v, CDG_VIEW_FIRST_MATCH);
	const char *m;

	if (!here && d->at != UINT64_MAX) {
		const char *place = place_of(d, html), *from = place ? place : html;

		put_html(d, html, (size_t)(from - html));
		page_put(d->p, "<span id=\"at\"></span>");
		html = from;
	}
	while ((m = strstr(html, mark))) {
		uint64_t number = strtoull(m + sizeof mark - 1, NULL, 10);
		const char *after = strstr(m, end);

		if (!after)
			break;
		after += sizeof end - 1;
		put_html(d, html, (size_t)(m - html));
		if (number == here)
			page_put(d->p, "<span id=\"at\"></span>");
		buf_printf(d->p->o, "%s%llu\" data-at=\"%llu", mark, (unsigned long long)number,
			   (unsigned long long)cdg_view_match_start(d->v, number - first - 1));
		m = strchr(m + sizeof mark - 1, '"');
		buf_put(d->p->o, m, (size_t)(after - m));
		put_steps(d, number);
		html = after;
	}
	put_html(d, html, strlen(html));
}

static int
to_buf(void *ctx, const char *bytes, size_t n)
{
	buf_put(ctx, bytes, n);
	return ((buf *)ctx)->failed;
}

void
doc_put_marked(doc_page *d)
{
	buf html;

	buf_init(&html);
	if (cdg_view_write_html(d->v, to_buf, &html, NULL) != CDG_OK)
		html.failed = true;
	put_with_steps(d, buf_cstr(&html));
	d->p->o->failed |= html.failed;
	buf_fini(&html);
}
