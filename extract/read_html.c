/* read_html.c - HTML to readable text, by the events of libxml2's HTML parser;
 * no tree is built and nothing is fetched.
 *
 * Space and headings are compose.h's. What is not text of the page (scripts, styles,
 * navigation, footers, the head) is dropped.
 *
 * The state of each open element is on a stack of bits; a page nested deeper
 * than HTML_DEPTH is read to that point and says so.
 */
#include "extract/read_file.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <strings.h>

#include "engine/kind.h"
#include "extract/compose.h"

enum {
	HTML_DEPTH = 2048,
	HTML_TITLE_MAX = 2000,
	HTML_CHARSET_LOOK = 64 << 10,
};

/* What an element does. */
enum { HTML_DROP = 1, HTML_PRE = 2, HTML_HEADING = 4, HTML_TITLE = 8, HTML_HEAD = 16 };

static const struct html_element {
	const char *name;
	uint8_t does;
	uint8_t before, after; /* compose_break */
} html_elements[] = {
	{ "address", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "article", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "aside", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "blockquote", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "body", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "br", 0, COMPOSE_LINE, COMPOSE_NONE },
	{ "button", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE },
	{ "caption", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "center", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "dd", 0, COMPOSE_LINE, COMPOSE_LINE },
	{ "details", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "div", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "dl", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "dt", 0, COMPOSE_LINE, COMPOSE_LINE },
	{ "fieldset", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "figcaption", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "figure", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "footer", HTML_DROP, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "form", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "h1", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "h2", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "h3", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "h4", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "h5", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "h6", HTML_HEADING, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "head", HTML_HEAD, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "header", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "hr", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "iframe", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE },
	{ "li", 0, COMPOSE_LINE, COMPOSE_LINE },
	{ "main", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "nav", HTML_DROP, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "noscript", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE },
	{ "object", 0, COMPOSE_SPACE, COMPOSE_SPACE },
	{ "ol", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "option", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE },
	{ "p", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "pre", HTML_PRE, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "script", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE },
	{ "section", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "select", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE },
	{ "style", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE },
	{ "summary", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "svg", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE },
	{ "table", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
	{ "td", 0, COMPOSE_TAB, COMPOSE_TAB },
	{ "template", HTML_DROP, COMPOSE_NONE, COMPOSE_NONE },
	{ "textarea", HTML_DROP, COMPOSE_SPACE, COMPOSE_SPACE },
	{ "th", 0, COMPOSE_TAB, COMPOSE_TAB },
	{ "title", HTML_TITLE, COMPOSE_NONE, COMPOSE_NONE },
	{ "tr", 0, COMPOSE_LINE, COMPOSE_LINE },
	{ "ul", 0, COMPOSE_PARAGRAPH, COMPOSE_PARAGRAPH },
};

typedef struct html {
	read_build *b;
	htmlParserCtxtPtr parser;
	const struct html_element *stack[HTML_DEPTH]; /* NULL: an element of no effect */
	unsigned depth, drop, pre, head, in_title;
	bool too_deep;
	compose c;
	buf title; /* of <title> */
} html;

static int
html_compare(const void *name, const void *element)
{
	return strcmp(name, ((const struct html_element *)element)->name);
}

static const struct html_element *
html_find(const xmlChar *name)
{
	return bsearch(name, html_elements, countof(html_elements), sizeof *html_elements,
		       html_compare);
}

/* ---- text ----------------------------------------------------------- */

static void
html_title_text(html *h, const char *p, size_t n)
{
	if (h->title.len + n <= HTML_TITLE_MAX)
		buf_put(&h->title, p, n);
}

static void
html_characters(void *ctx, const xmlChar *s, int len)
{
	html *h = ctx;
	const char *p = (const char *)s;
	size_t n = (size_t)(len < 0 ? 0 : len);

	if (h->drop || n == 0)
		return;
	if (h->in_title)
		html_title_text(h, p, n);
	else if (h->head)
		return;
	else if (h->pre)
		compose_raw(&h->c, p, n);
	else
		compose_text(&h->c, p, n);
}

/* ---- metadata ------------------------------------------------------- */

static doc_str
html_attribute(const xmlChar **atts, const char *name)
{
	for (; atts && atts[0]; atts += 2)
		if (strcmp((const char *)atts[0], name) == 0 && atts[1])
			return read_str((const char *)atts[1], strlen((const char *)atts[1]));
	return read_str(NULL, 0);
}

static bool
html_is(doc_str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

static bool
html_is_one_of(doc_str s, const char *const *words)
{
	for (; *words; words++)
		if (html_is(s, *words))
			return true;
	return false;
}

static void
html_meta(html *h, const xmlChar **atts)
{
	static const char *const dates[] = { "article:published_time", "dc.date", "dcterms.date",
					     "dc.date.issued", "dcterms.issued", "dcterms.created",
					     "date", "pubdate", "publishdate", "datepublished",
					     "citation_publication_date", "citation_date", NULL };
	static const char *const authors[] = { "author", "dc.creator", "dcterms.creator",
					       "citation_author", NULL };
	document *d = &h->b->doc;
	doc_str name = html_attribute(atts, "name"), content = html_attribute(atts, "content");
	doc_date date;

	if (!name.p)
		name = html_attribute(atts, "property");
	if (!name.p)
		name = html_attribute(atts, "itemprop");
	if (!name.p)
		name = html_attribute(atts, "http-equiv");
	if (!name.p || !content.p)
		return;
	content = read_str_trim(content);
	if (html_is_one_of(name, dates)) {
		if (!d->has_date && doc_parse_date(content.p, content.n, &date)) {
			d->has_date = true;
			d->date = date;
		}
	} else if (html_is_one_of(name, authors) && content.n) {
		read_build_string(h->b, read_str("author", 6),
				  read_build_copy(h->b, content.p, content.n), false);
	} else if ((html_is(name, "content-language") || html_is(name, "dc.language")) &&
		   !d->lang.n) {
		d->lang = read_build_copy(h->b, content.p, content.n);
	}
}

static void
html_attributes(html *h, const char *name, const xmlChar **atts)
{
	document *d = &h->b->doc;
	doc_str s;

	if (strcmp(name, "html") == 0) {
		s = html_attribute(atts, "lang");
		if (!s.n)
			s = html_attribute(atts, "xml:lang");
		if (s.n)
			d->lang = read_build_copy(h->b, s.p, s.n);
	} else if (strcmp(name, "meta") == 0) {
		html_meta(h, atts);
	} else if (strcmp(name, "link") == 0 && !d->url.n &&
		   html_is(html_attribute(atts, "rel"), "canonical")) {
		s = read_str_trim(html_attribute(atts, "href"));
		if (s.n)
			d->url = read_build_copy(h->b, s.p, s.n);
	}
}

/* ---- elements ------------------------------------------------------- */

static void
html_start(void *ctx, const xmlChar *name, const xmlChar **atts)
{
	html *h = ctx;
	const struct html_element *e = html_find(name);

	if (h->depth == HTML_DEPTH) {
		h->too_deep = true;
		xmlStopParser(h->parser);
		return;
	}
	h->stack[h->depth++] = e;
	html_attributes(h, (const char *)name, atts);
	if (!e)
		return;
	compose_ask(&h->c, (compose_break)e->before);
	h->drop += (e->does & HTML_DROP) != 0;
	h->pre += (e->does & HTML_PRE) != 0;
	h->head += (e->does & HTML_HEAD) != 0;
	h->in_title += (e->does & HTML_TITLE) != 0 && h->head && !h->drop;
	if ((e->does & HTML_HEADING) && !h->drop)
		compose_heading_begin(&h->c, (unsigned)(e->name[1] - '0'), tree_kind_name(TREE_SECTION));
}

static void
html_end(void *ctx, const xmlChar *name)
{
	html *h = ctx;
	const struct html_element *e;

	(void)name; /* the parser closes what it opened, in order */
	if (h->depth == 0)
		return;
	e = h->stack[--h->depth];
	if (!e)
		return;
	if ((e->does & HTML_HEADING) && h->c.rank == (unsigned)(e->name[1] - '0'))
		compose_heading_end(&h->c);
	h->drop -= (e->does & HTML_DROP) != 0;
	h->pre -= (e->does & HTML_PRE) != 0;
	h->head -= (e->does & HTML_HEAD) != 0;
	if ((e->does & HTML_TITLE) && h->in_title)
		h->in_title--;
	compose_ask(&h->c, (compose_break)e->after);
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
		if (strncasecmp(p, word, k) != 0)
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
		if (strncasecmp(p, "body", 4) == 0)
			break;
		if (strncasecmp(p, "meta", 4) != 0)
			continue;
		close = memchr(p, '>', (size_t)(end - p));
		found = html_meta_charset(p + 4, close ? close : end);
	}
	return found;
}

static void
html_finish(html *h, const char *path)
{
	document *d = &h->b->doc;
	doc_str title = compose_collapse((char *)h->title.p, h->title.len);

	compose_end(&h->c);
	if (title.n)
		d->title = read_build_copy(h->b, title.p, title.n);
	else
		d->title = h->c.first_heading.n ? h->c.first_heading : read_file_name(path);
	if (h->too_deep)
		read_build_warn(h->b, "elements nested more than %d deep: read to there", HTML_DEPTH);
	if (h->title.failed)
		h->b->failed = true;
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
	compose_init(&h->c, b);
	text = html_without_zeros(b, text);
	if (text.n && !b->failed)
		html_parse(h, text);
	html_finish(h, path);
	buf_fini(&h->title);
	mem_free(h);
	return !b->failed && !b->text.failed;
}
