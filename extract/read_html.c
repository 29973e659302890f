/* read_html.c - HTML to readable text, by the events of libxml2's HTML parser;
 * no tree is built and nothing is fetched.
 *
 * Space and headings are compose.h's.  What cannot be text (scripts, styles, the head) is
 * dropped at once; what is around the text of a page is cut out at its end (html_cut.c).
 *
 * The state of each open element is on a stack; a page nested deeper than HTML_DEPTH is
 * read to that point and says so.
 */
#include "extract/html.h"

#include <libxml/parser.h>

#include "extract/read_file.h"

enum {
	HTML_TITLE_MAX = 2000,
	HTML_CHARSET_LOOK = 64 << 10,
};

static const html_element html_elements[] = {
	{ "a", HTML_LINK, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "address", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "article", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_ARTICLE },
	{ "aside", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_ASIDE },
	{ "base", HTML_META, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "blockquote", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "body", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "br", 0, COMPOSE_LINE, COMPOSE_NONE, SPAN_NONE },
	{ "button", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE, SPAN_NONE },
	{ "caption", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "center", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "dd", 0, COMPOSE_LINE, COMPOSE_LINE, SPAN_NONE },
	{ "details", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "dialog", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NAMED },
	{ "div", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "dl", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "dt", 0, COMPOSE_LINE, COMPOSE_LINE, SPAN_NONE },
	{ "fieldset", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "figcaption", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "figure", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "footer", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_FOOTER },
	{ "form", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "frame", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "h1", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "h2", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "h3", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "h4", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "h5", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "h6", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "head", HTML_HEAD, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "header", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "hr", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "html", HTML_META, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "iframe", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE, SPAN_NONE },
	{ "img", HTML_IMAGE, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "li", 0, COMPOSE_LINE, COMPOSE_LINE, SPAN_NONE },
	{ "link", HTML_META, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "main", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_MAIN },
	{ "meta", HTML_META, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "nav", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NAV },
	{ "noframes", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "noscript", 0, COMPOSE_SPACE, COMPOSE_SPACE, SPAN_HIDDEN },
	{ "object", 0, COMPOSE_SPACE, COMPOSE_SPACE, SPAN_NONE },
	{ "ol", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "option", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE, SPAN_NONE },
	{ "p", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "pre", HTML_PRE, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "rp", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "rt", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "rtc", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "script", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "section", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "select", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE, SPAN_NONE },
	{ "style", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "summary", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "sup", HTML_SUP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "svg", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "table", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
	{ "td", HTML_CELL, COMPOSE_TAB, COMPOSE_TAB, SPAN_NONE },
	{ "template", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "textarea", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE, SPAN_NONE },
	{ "th", HTML_CELL, COMPOSE_TAB, COMPOSE_TAB, SPAN_NONE },
	{ "time", HTML_META, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "title", HTML_TITLE, COMPOSE_NONE, COMPOSE_NONE, SPAN_NONE },
	{ "tr", HTML_ROW, COMPOSE_LINE, COMPOSE_LINE, SPAN_NONE },
	{ "ul", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH, SPAN_NONE },
};

static int
html_compare(const void *name, const void *element)
{
	return strcmp(name, ((const html_element *)element)->name);
}

static const html_element *
html_find(html *h, const xmlChar *name)
{
	size_t slot = ((uintptr_t)name >> 3 ^ (uintptr_t)name >> 10) % HTML_CACHE;

	if (h->cache[slot].name != name) {
		h->cache[slot].name = name;
		h->cache[slot].e =
		    bsearch(name, html_elements, countof(html_elements), sizeof *html_elements, html_compare);
	}
	return h->cache[slot].e;
}

/* ---- text ----------------------------------------------------------- */

/* A block in a cell makes a new line only if the cell has text before it and behind. */
static void
html_ask(html *h, compose_break how)
{
	if (h->cell && how >= COMPOSE_LINE) {
		if (h->b->text.len + 1 > h->cell && how > h->later)
			h->later = how;
		return;
	}
	compose_ask(&h->c, how);
}

static void
html_append(buf *to, size_t max, const char *p, size_t n)
{
	if (to->len + n <= max)
		buf_put(to, p, n);
}

static void
html_seen(html *h, const char *p, size_t n)
{
	size_t text = 0;

	for (size_t i = 0; i < n; i++)
		text += (unsigned char)p[i] > ' ';
	if (text && h->later) {
		compose_ask(&h->c, h->later);
		h->later = COMPOSE_NONE;
	}
	h->seen.text += text;
	if (h->link)
		h->seen.links += text;
}

static void
html_characters(void *ctx, const xmlChar *s, int len)
{
	html *h = ctx;
	const char *p = (const char *)s;
	size_t n = (size_t)(len < 0 ? 0 : len);

	if (h->json)
		html_append(&h->jsonld, HTML_JSON_MAX, p, n);
	if (h->drop || n == 0)
		return;
	if (h->in_title) {
		html_append(&h->title, HTML_TITLE_MAX, p, n);
		return;
	}
	if (h->head)
		return;
	html_seen(h, p, n);
	if (h->pre)
		compose_raw(&h->c, p, n);
	else
		compose_text(&h->c, p, n);
}

/* ---- elements ------------------------------------------------------- */

/* h1 to h6, or role=heading; 0: none. */
static uint8_t
html_rank(const html_element *e, const xmlChar **atts)
{
	doc_str level;

	if (e && (e->does & HTML_HEADING))
		return (uint8_t)(e->name[1] - '0');
	if (!atts || !word_is(html_attribute(atts, "role"), "heading"))
		return 0;
	level = html_attribute(atts, "aria-level");
	return level.n == 1 && level.p[0] >= '1' && level.p[0] <= '9' ? (uint8_t)(level.p[0] - '0') : 2;
}

static void
html_open_link(html *h, html_open *o, const xmlChar **atts)
{
	doc_str to = html_attribute(atts, "href");

	if (h->sup) /* the number of a footnote is not part of the word */
		compose_ask(&h->c, COMPOSE_SPACE);
	if (!to.n || to.p[0] == '#')
		return;
	o->link = true;
	h->link++;
	h->seen.count++;
}

static void
html_image(html *h, const xmlChar **atts)
{
	size_t before = h->b->text.len;

	if (h->drop || h->head)
		return;
	compose_alt(&h->c, html_attribute(atts, "alt"));
	if (h->b->text.len > before)
		html_seen(h, (char *)h->b->text.p + before, h->b->text.len - before);
}

/* What elements with a name of their own do. */
static void
html_open_effect(html *h, html_open *o, const xmlChar **atts)
{
	const html_element *e = o->e;

	if (e->does & HTML_LINK)
		html_open_link(h, o, atts);
	if (e->does & HTML_IMAGE)
		html_image(h, atts);
	if (e->before >= COMPOSE_LINE || (e->does & HTML_CELL))
		html_cut_block(h);
	if (e->does & (HTML_CELL | HTML_ROW)) {
		h->later = COMPOSE_NONE;
		h->cell = 0;
	}
	html_ask(h, (compose_break)e->before);
	if (e->does & HTML_CELL)
		h->cell = h->b->text.len + 1;
	h->drop += (e->does & HTML_DROP) != 0;
	h->json += (e->does & HTML_DROP) && word_is(html_attribute(atts, "type"), "application/ld+json");
	h->pre += (e->does & HTML_PRE) != 0;
	h->head += (e->does & HTML_HEAD) != 0;
	h->in_title += (e->does & HTML_TITLE) != 0 && h->head && !h->drop;
	if (e->does & HTML_SUP) {
		h->sup++;
		if (h->link)
			compose_ask(&h->c, COMPOSE_SPACE);
	}
}

static void
html_start(void *ctx, const xmlChar *name, const xmlChar **atts)
{
	html *h = ctx;
	html_open *o;

	if (h->depth == HTML_DEPTH) {
		h->too_deep = true;
		xmlStopParser(h->parser);
		return;
	}
	o = &h->stack[h->depth++];
	*o = (html_open){ .e = html_find(h, name), .start = h->b->text.len, .before = h->seen };
	if (atts && o->e && (o->e->does & HTML_META))
		html_meta_element(h, (const char *)name, atts);
	if (!h->drop) {
		o->why = o->e ? o->e->why : SPAN_NONE;
		if (atts && !(o->e && (o->e->does & HTML_META)) && h->depth > 2)
			o->why = (uint8_t)html_cut_why((html_why)o->why, atts);
		h->main += o->why == SPAN_MAIN || o->why == SPAN_ARTICLE;
	}
	if (o->e)
		html_open_effect(h, o, atts);
	o->rank = h->drop ? 0 : html_rank(o->e, atts);
	if (o->rank && !h->c.rank)
		compose_heading_begin(&h->c, o->rank, NULL);
	else
		o->rank = 0;
}

static void
html_close_effect(html *h, const html_open *o)
{
	const html_element *e = o->e;

	if (e->after >= COMPOSE_LINE || (e->does & HTML_CELL))
		html_cut_block(h);
	if (e->does & (HTML_CELL | HTML_ROW)) {
		h->cell = 0;
		h->later = COMPOSE_NONE;
	}
	h->drop -= (e->does & HTML_DROP) != 0;
	h->pre -= (e->does & HTML_PRE) != 0;
	h->head -= (e->does & HTML_HEAD) != 0;
	h->json = 0;
	h->link -= o->link;
	if ((e->does & HTML_TITLE) && h->in_title)
		h->in_title--;
	if ((e->does & HTML_SUP) && h->sup)
		h->sup--;
	html_ask(h, (compose_break)e->after);
}

static void
html_end(void *ctx, const xmlChar *name)
{
	html *h = ctx;
	const html_open *o;

	(void)name; /* the parser closes what it opened, in order */
	if (h->depth == 0)
		return;
	o = &h->stack[--h->depth];
	if (o->rank == 1 && h->c.heading_begun) {
		h->h1 = h->h1 ? h->h1 : h->c.heading_start + 1;
		h->main_h1 |= h->main > 0;
	}
	if (o->rank)
		compose_heading_end(&h->c);
	if (!h->drop)
		html_cut_close(h, o);
	h->main -= o->why == SPAN_MAIN || o->why == SPAN_ARTICLE;
	if (o->e)
		html_close_effect(h, o);
}

static void
html_quiet(void *ctx, const char *msg, ...)
{
	(void)ctx;
	(void)msg;
}

/* ---- whole pages ---------------------------------------------------- */

/* The value of charset= in a tag, p behind "<meta". */
static doc_str
html_meta_charset(const char *p, const char *end)
{
	static const char word[] = "charset";
	const char *from;
	size_t k = sizeof word - 1;

	for (; end - p > (ptrdiff_t)k; p++) {
		if (!word_starts(p, end, word))
			continue;
		for (from = p + k; from < end && compose_is_space(*from);)
			from++;
		if (from == end || *from++ != '=')
			continue;
		while (from < end && (compose_is_space(*from) || *from == '"' || *from == '\''))
			from++;
		for (p = from; p < end && *p && !strchr("\"' \t\r\n\f;>/", *p);)
			p++;
		return read_str(from, (size_t)(p - from));
	}
	return read_str("", 0);
}

doc_str
read_html_charset(doc_str raw)
{
	const char *p = raw.p, *end = raw.p + min_size(raw.n, HTML_CHARSET_LOOK);
	doc_str found = { "", 0 };

	while (!found.n && p < end) {
		const char *close;

		p = memchr(p, '<', (size_t)(end - p));
		if (!p || end - p < 6)
			break;
		p++;
		if (word_starts(p, end, "body"))
			break;
		if (!word_starts(p, end, "meta"))
			continue;
		close = memchr(p, '>', (size_t)(end - p));
		found = html_meta_charset(p + 4, close ? close : end);
	}
	return found;
}

static void
html_finish(html *h, const char *path)
{
	compose_end(&h->c);
	html_cut_finish(h);
	html_meta_finish(h, path);
	if (h->too_deep)
		read_build_warn(h->b, "elements nested more than %d deep: read to there", HTML_DEPTH);
}

static void
html_parse(html *h, doc_str text)
{
	htmlParserCtxtPtr parser = htmlNewParserCtxt();

	if (!parser) {
		h->b->failed = true;
		return;
	}
	memset(parser->sax, 0, sizeof *parser->sax);
	parser->sax->startElement = html_start;
	parser->sax->endElement = html_end;
	parser->sax->characters = html_characters;
	parser->sax->ignorableWhitespace = html_characters;
	parser->sax->cdataBlock = html_characters;
	parser->sax->error = html_quiet;
	parser->sax->fatalError = html_quiet;
	parser->sax->warning = html_quiet;
	parser->userData = h;
	h->parser = parser;
	(void)htmlCtxtReadMemory(parser, text.p, (int)text.n, NULL, "UTF-8",
				 HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
				     HTML_PARSE_NOWARNING | HTML_PARSE_IGNORE_ENC);
	if (parser->errNo == XML_ERR_NO_MEMORY)
		h->b->failed = true;
	if (parser->myDoc)
		xmlFreeDoc(parser->myDoc);
	htmlFreeParserCtxt(parser);
}

/* The parser takes zero bytes for the end of its input. */
static doc_str
html_without_zeros(read_build *b, doc_str s)
{
	char *copy;

	if (!s.n || !memchr(s.p, 0, s.n))
		return s;
	copy = (char *)(uintptr_t)read_build_copy(b, s.p, s.n).p;
	if (b->failed)
		return s;
	for (size_t i = 0; i < s.n; i++)
		if (!copy[i])
			copy[i] = ' ';
	return read_str(copy, s.n);
}

bool
read_html(read_build *b, const char *path, doc_str text)
{
	html *h = mem_calloc(1, sizeof *h);

	if (!h)
		return false;
	h->b = b;
	h->first = SIZE_MAX;
	compose_init(&h->c, b);
	text = html_without_zeros(b, text);
	if (text.n && !b->failed)
		html_parse(h, text);
	html_finish(h, path);
	buf_fini(&h->title);
	buf_fini(&h->jsonld);
	mem_free(h->spans);
	mem_free(h);
	return !b->failed && !b->text.failed;
}
