/* render_view_html.c - the text of a view as HTML.
 *
 * One walk through the text.  What begins or ends at a character is done in this
 * order: a match ends, sections end (which end the paragraph), sections begin, pages
 * begin, a match begins.  Elements always nest, whatever the sections do: a mark ends
 * with its paragraph and goes on in the next one.
 *
 * Nothing of the document comes out unescaped, and no control character does. */
#include "backend/api_view.h"
#include "backend/render.h"
#include "query/snippet.h"

enum { HTML_OPEN_MAX = 32, HTML_LINE_MAX = 200 };

typedef enum html_block { BLOCK_NONE, BLOCK_PARAGRAPH, BLOCK_HEADING } html_block;

typedef struct html {
	const cdg_view *v;
	buf out;
	cdg_write_fn write;
	void *ctx;
	const char *p, *end;   /* rest of the text */
	uint64_t cp;           /* of p */
	html_block block;
	unsigned level;        /* of the heading */
	bool heading;          /* the line that begins is the title of a section */
	size_t open[HTML_OPEN_MAX], nopen; /* sections */
	size_t section, page, match;       /* the next of each */
	bool in_match;                     /* v->matches[match] is open */
	bool marked;                       /* its first mark was written */
} html;

/* ---- elements ------------------------------------------------------------ */

static void
mark_begin(html *h)
{
	if (h->marked)
		buf_puts(&h->out, "<mark class=\"more\">");
	else
		buf_printf(&h->out, "<mark id=\"m%llu\">", (unsigned long long)(h->v->v.first + h->match + 1));
	h->marked = true;
}

static void
block_begin(html *h)
{
	if (h->block != BLOCK_NONE)
		return;
	h->block = h->heading ? BLOCK_HEADING : BLOCK_PARAGRAPH;
	h->level = min_u32(2 + (h->nopen ? (uint32_t)h->nopen - 1 : 0), 6);
	if (h->heading)
		buf_printf(&h->out, "<h%u>", h->level);
	else
		buf_puts(&h->out, "<p>");
	h->heading = false;
	if (h->in_match)
		mark_begin(h);
}

static void
block_end(html *h)
{
	if (h->block == BLOCK_NONE)
		return;
	if (h->in_match)
		buf_puts(&h->out, "</mark>");
	if (h->block == BLOCK_HEADING)
		buf_printf(&h->out, "</h%u>\n", h->level);
	else
		buf_puts(&h->out, "</p>\n");
	h->block = BLOCK_NONE;
}

static void
section_end(html *h)
{
	block_end(h);
	h->heading = false;
	h->nopen--;
	buf_puts(&h->out, "</section>\n");
}

/* The line at p without white space around. */
static size_t
line_at(const html *h, const char **from)
{
	const char *p = h->p, *e;

	while (p < h->end && (uint8_t)*p <= ' ')
		p++;
	for (e = p; e < h->end && *e != '\n' && e - p < HTML_LINE_MAX;)
		e++;
	while (e > p && (uint8_t)e[-1] <= ' ')
		e--;
	*from = p;
	return (size_t)(e - p);
}

/* Is the line that begins here the title of the section? */
static bool
is_title(const html *h, const view_node *n)
{
	size_t label = strlen(n->label), len;
	const char *line;

	if (n->kind == TREE_PARAGRAPH || n->kind == TREE_TABLE || n->kind == TREE_FOOTNOTE || n->start < h->v->v.start)
		return false;
	len = line_at(h, &line);
	if (n->kind == TREE_HEADING)
		return len > 0;
	if (!label || !len || len >= HTML_LINE_MAX)
		return false;
	return len >= label ? !memcmp(line, n->label, label) : !memcmp(line, n->label, len);
}

static void
section_begin(html *h, size_t i)
{
	const view_node *n = &h->v->v.sections.at[i];

	if (n->end <= h->cp || h->nopen == HTML_OPEN_MAX)
		return;
	block_end(h);
	h->open[h->nopen++] = i;
	buf_printf(&h->out, "<section id=\"s%zu\" class=\"%s\"", i + 1, tree_kind_name(n->kind));
	h->heading = is_title(h, n);
	if (!h->heading && *n->label) {
		buf_puts(&h->out, " aria-label=\"");
		snippet_escape(&h->out, n->label, strlen(n->label));
		buf_puts(&h->out, "\"");
	}
	buf_puts(&h->out, ">\n");
}

static void
page_begin(html *h, size_t i)
{
	buf_printf(&h->out, "<span id=\"p%zu\" class=\"page\" role=\"doc-pagebreak\" aria-label=\"", i + 1);
	snippet_escape(&h->out, h->v->v.pages.at[i].label, strlen(h->v->v.pages.at[i].label));
	buf_puts(&h->out, "\"></span>");
}

/* ---- the walk --------------------------------------------------------------- */

static void
match_end(html *h)
{
	if (h->block != BLOCK_NONE)
		buf_puts(&h->out, "</mark>");
	h->in_match = false;
	h->match++;
}

/* All that begins or ends at h->cp. */
static void
happen(html *h)
{
	const view *v = &h->v->v;

	if (h->in_match && v->matches[h->match].end <= h->cp)
		match_end(h);
	for (size_t i = 0; i < h->nopen;) {
		if (v->sections.at[h->open[i]].end > h->cp) {
			i++;
			continue;
		}
		while (h->nopen > i)
			section_end(h);
	}
	for (; h->section < v->sections.n && v->sections.at[h->section].start <= h->cp; h->section++)
		section_begin(h, h->section);
	for (; h->page < v->pages.n && v->pages.at[h->page].start <= h->cp; h->page++)
		if (v->pages.at[h->page].start >= v->start)
			page_begin(h, h->page);
	while (!h->in_match && h->match < v->nmatches && v->matches[h->match].start <= h->cp) {
		h->marked = false;
		if (v->matches[h->match].end <= h->cp) {
			h->match++; /* before the range */
			continue;
		}
		h->in_match = true;
		if (h->block != BLOCK_NONE)
			mark_begin(h);
	}
}

/* The next character at which something happens. */
static uint64_t
next_event(const html *h)
{
	const view *v = &h->v->v;
	uint64_t next = v->end;

	for (size_t i = 0; i < h->nopen; i++)
		if (v->sections.at[h->open[i]].end < next)
			next = v->sections.at[h->open[i]].end;
	if (h->section < v->sections.n && v->sections.at[h->section].start < next)
		next = v->sections.at[h->section].start;
	if (h->page < v->pages.n && v->pages.at[h->page].start < next)
		next = v->pages.at[h->page].start;
	if (h->match < v->nmatches) {
		uint64_t at = h->in_match ? v->matches[h->match].end : v->matches[h->match].start;
		if (at < next)
			next = at;
	}
	return next;
}

/* A line end: of the paragraph, if a blank line follows, or of a heading. */
static void
line_end(html *h)
{
	const char *p = h->p;

	if (h->block == BLOCK_HEADING) {
		block_end(h);
		return;
	}
	while (p < h->end && *p != '\n' && (uint8_t)*p <= ' ')
		p++;
	if (h->block == BLOCK_PARAGRAPH && p < h->end && *p == '\n')
		block_end(h);
	else if (h->block == BLOCK_PARAGRAPH)
		buf_put_u8(&h->out, '\n');
}

static void
put_char(html *h)
{
	const char *from = h->p;
	uint32_t c = text_decode(&h->p, h->end);

	h->cp++;
	if (c == '\n') {
		line_end(h);
		return;
	}
	if (c == ' ' || c == '\t') {
		if (h->block != BLOCK_NONE)
			buf_put_u8(&h->out, (uint8_t)c);
		return;
	}
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return; /* no HTML has these */
	block_begin(h);
	snippet_escape(&h->out, from, (size_t)(h->p - from));
}

static cdg_status
put_text(html *h, cdg_error *err)
{
	while (h->p < h->end) {
		uint64_t next;

		happen(h);
		next = next_event(h);
		do
			put_char(h);
		while (h->p < h->end && h->cp < next);
		CDG_TRY(api_flush_large(&h->out, h->write, h->ctx, err));
	}
	if (h->in_match)
		match_end(h);
	while (h->nopen)
		section_end(h);
	block_end(h);
	return api_flush(&h->out, h->write, h->ctx, err);
}

cdg_status
cdg_view_write_html(const cdg_view *v, cdg_write_fn write, void *ctx, cdg_error *err)
{
	html h = { .v = v, .write = write, .ctx = ctx, .p = v->text, .cp = v->v.start };
	cdg_status st;

	h.end = v->text + (v->text ? strlen(v->text) : 0);
	st = put_text(&h, err);
	buf_fini(&h.out);
	return st;
}
