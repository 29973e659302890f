/* pdf_meta.c - what a PDF says of itself.  See pdf.h.
 *
 * title      the document's own, unless it is the name of a file that some program left
 *            there; else that of the XMP packet, else the largest letters of the first
 *            page, else the file's name
 * date       when it was made, else when it was changed; "modified" the latter
 * author, subject, keywords, publisher, description and titles in other languages
 *            ("title_de") */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "extract/reader/pdf.h"

#include <stdio.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "extract/compose.h"
#include "extract/read_file.h"
#include "extract/word.h"

enum {
	META_MAX = 4000, /* bytes of one value */
	META_XMP_MAX = 1 << 20,
	META_TITLE_MAX = 300,
};

static doc_str
meta_name(const char *name)
{
	return read_str(name, strlen(name));
}

/* A string as one line, copied; cut if it is far too long. */
static doc_str
meta_copy(read_build *b, const char *s)
{
	doc_str out = s ? read_build_copy(b, s, min_size(strlen(s), META_MAX)) : read_str("", 0);
	char *p = (char *)(uintptr_t)out.p;

	for (size_t i = 0; i < out.n; i++)
		if ((unsigned char)p[i] < ' ')
			p[i] = ' ';
	return read_str_trim(out);
}

static doc_str
meta_take(read_build *b, gchar *s)
{
	doc_str out = meta_copy(b, s);

	g_free(s);
	return out;
}

static void
meta_field(read_build *b, const char *name, doc_str value)
{
	if (value.n)
		read_build_string(b, meta_name(name), value, false);
}

static bool
meta_has(const read_build *b, const char *name)
{
	for (size_t i = 0; i < b->doc.nfields; i++)
		if (b->fields[i].name.n == strlen(name) && !memcmp(b->fields[i].name.p, name, strlen(name)))
			return true;
	return false;
}

/* Keywords as a list: separated by semicolons, or else by commas. */
static void
meta_keywords(read_build *b, doc_str s)
{
	char by = memchr(s.p, ';', s.n) ? ';' : ',';

	for (size_t i = 0; i < s.n;) {
		const char *p = s.p + i, *end = memchr(p, by, s.n - i);
		size_t n = end ? (size_t)(end - p) : s.n - i;
		doc_str word = read_str_trim(read_str(p, n));

		if (word.n)
			read_build_string(b, meta_name("keywords"), word, true);
		i += n + 1;
	}
}

/* ---- dates --------------------------------------------------------------------- */

/* Whether the file writes a date of this name that is not empty. */
static bool
meta_says_date(const extract_input *in, const char *name)
{
	const char *p = memmem(in->data, in->n, name, strlen(name)), *end = in->data + in->n;

	if (!p)
		return false;
	for (p += strlen(name); p < end && (*p == ' ' || *p == '\r' || *p == '\n');)
		p++;
	return end - p > 1 && *p == '(' && p[1] != ')';
}

static bool
meta_date(read_build *b, const extract_input *in, const char *name, GDateTime *when, char text[16])
{
	int year = when ? g_date_time_get_year(when) : 0;

	if (when && year >= 1900 && year < 2200) {
		snprintf(text, 16, "%04d-%02d-%02d", year, g_date_time_get_month(when),
			 g_date_time_get_day_of_month(when));
	} else {
		text[0] = 0;
		if (when || meta_says_date(in, name))
			read_build_warn(b, "%s is not a date: left out", name + 1);
	}
	if (when)
		g_date_time_unref(when);
	return text[0] != 0;
}

static void
meta_dates(PopplerDocument *doc, const extract_input *in, read_build *b)
{
	char made[16], changed[16];
	bool has_made = meta_date(b, in, "/CreationDate", poppler_document_get_creation_date_time(doc), made);
	bool has_changed = meta_date(b, in, "/ModDate", poppler_document_get_modification_date_time(doc), changed);

	if (has_made || has_changed)
		read_build_known(b, READ_KEY_DATE, meta_copy(b, has_made ? made : changed));
	if (has_changed)
		meta_field(b, "modified", meta_copy(b, changed));
}

/* ---- XMP ------------------------------------------------------------------------ */

static bool
meta_is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && !strcmp((const char *)n->name, name);
}

/* The texts of rdf:li below a Dublin Core element: one value, or one a language. */
static void
meta_xmp_item(read_build *b, const char *element, xmlNode *li)
{
	static const char *const names[][2] = {
		{ "title", "title" },	  { "creator", "author" },   { "description", "description" },
		{ "subject", "keywords" }, { "publisher", "publisher" },
	};
	xmlChar *text = xmlNodeGetContent(li);
	xmlChar *lang = xmlGetNsProp(li, (const xmlChar *)"lang", XML_XML_NAMESPACE);
	bool plain = !lang || !strcmp((const char *)lang, "x-default") || strlen((const char *)lang) > 20;
	doc_str value = meta_copy(b, (const char *)text);
	char name[64];

	if (!strcmp(element, "description") && meta_has(b, "subject"))
		value.n = 0; /* they are the same thing (XMP specification, part 3) */
	for (size_t i = 0; value.n && i < countof(names); i++) {
		if (strcmp(element, names[i][0]) != 0)
			continue;
		snprintf(name, sizeof name, plain ? "%s" : "%s_%s", names[i][1], plain ? "" : (const char *)lang);
		if (i == 0 && plain)
			b->doc.title = b->doc.title.n ? b->doc.title : value;
		else if (!plain || !meta_has(b, names[i][1]) || i == 3)
			read_build_string(b, plain ? meta_name(names[i][1]) : meta_copy(b, name), value, i == 3);
	}
	xmlFree(text);
	xmlFree(lang);
}

static void
meta_xmp_walk(read_build *b, xmlNode *node, bool keywords)
{
	for (xmlNode *n = node; n; n = n->next) {
		const char *dc = n->ns && n->ns->href ? (const char *)n->ns->href : "";

		if (meta_is(n, "RDF") || meta_is(n, "Description") || meta_is(n, "xmpmeta")) {
			meta_xmp_walk(b, n->children, keywords);
		} else if (n->type == XML_ELEMENT_NODE && !strcmp(dc, "http://purl.org/dc/elements/1.1/") &&
			   !(keywords && meta_is(n, "subject"))) {
			for (xmlNode *list = n->children; list; list = list->next)
				for (xmlNode *li = list->children; li; li = li->next)
					if (meta_is(li, "li"))
						meta_xmp_item(b, (const char *)n->name, li);
		}
	}
}

static void
meta_xmp(PopplerDocument *doc, read_build *b)
{
	gchar *packet = poppler_document_get_metadata(doc);
	size_t n = packet ? strlen(packet) : 0;
	xmlDoc *xml = NULL;

	if (n && n <= META_XMP_MAX)
		xml = xmlReadMemory(packet, (int)n, NULL, "UTF-8",
				    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_RECOVER);
	if (xml)
		meta_xmp_walk(b, xmlDocGetRootElement(xml), meta_has(b, "keywords"));
	xmlFreeDoc(xml);
	g_free(packet);
}

/* ---- the title ------------------------------------------------------------------- */

/* What programs leave there. */
static bool
meta_is_title(doc_str s)
{
	static const char *const names[] = { ".doc", ".docx", ".dot", ".pdf", ".indd", ".qxd", ".qxp", ".tex", ".dvi", ".wpd",
					     ".rtf", ".odt", ".ps", ".eps", ".ppt", ".pptx", ".xls", ".xlsx", ".pmd", ".fm",
					     ".p65", ".txt", ".tmp", ".ai" };
	static const char *const none[] = { "untitled", "title", "document", "document1", "microsoft word", "pdf" };

	for (size_t i = 0; i < countof(names); i++)
		if (word_ends(s, names[i]))
			return false;
	for (size_t i = 0; i < countof(none); i++)
		if (word_is(s, none[i]))
			return false;
	/* "797273_v2_indd": a name without an extension */
	if (s.n && !memchr(s.p, ' ', s.n) && (memchr(s.p, '_', s.n) || (s.p[0] >= '0' && s.p[0] <= '9')))
		return false;
	return s.n > 0 && !(s.n > 4 && word_starts(s.p, s.p + s.n, "tmp-")) && !memchr(s.p, '\\', s.n) &&
	       !(s.n > 16 && word_starts(s.p, s.p + s.n, "Microsoft Word -"));
}

static bool
meta_is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

/* The first lines of the first page in its largest letters, if they stand out. */
static doc_str
meta_largest(const pdf_text *t, read_build *b)
{
	const pdf_page *page = t->npages ? &t->pages[0] : NULL;
	float largest = 0, sum = 0, letters = 0;
	uint32_t first = 0, last = 0, n;
	doc_str title;

	for (uint32_t i = page ? page->first : 0; page && i < page->end; i++) {
		const pdf_line *l = &t->lines[i];
		float size = l->y2 - l->y1;

		if (l->n > 3 && l->x2 - l->x1 < size)
			continue; /* runs up the page, as the mark of an archive does */
		sum += size * (float)l->n;
		letters += (float)l->n;
		if (l->n > 3 && l->x2 - l->x1 > size && size > largest * 1.05f && l->y1 < page->height * 0.6f) {
			largest = size;
			first = i;
		}
	}
	if (!page || letters < 1 || largest < 1.25f * sum / letters || t->lines[first].dropped)
		return read_str("", 0);
	for (last = first; last + 1 < page->end && last - first < 5; last++) {
		const pdf_line *l = &t->lines[last + 1];
		float size = l->y2 - l->y1;

		/* what is dropped is not in the text, and what stands apart may be in front */
		if (size < 0.95f * largest || size > 1.05f * largest || l->dropped ||
		    l->out < t->lines[last].out + t->lines[last].n || l->out + l->n > t->lines[first].out + META_TITLE_MAX)
			break;
	}
	n = t->lines[last].out + t->lines[last].n - t->lines[first].out;
	title = read_build_copy(b, (const char *)b->text.p + t->lines[first].out, n);
	if (!b->failed && n > 1 && meta_is_small(title.p[0]) && meta_is_small(title.p[1]))
		return read_str("", 0); /* the middle of a sentence, beside a box or a bullet of a large font */
	return b->failed ? title : compose_collapse((char *)(uintptr_t)title.p, title.n);
}

void
pdf_meta(PopplerDocument *doc, const extract_input *in, const pdf_text *t, read_build *b)
{
	doc_str title = meta_take(b, poppler_document_get_title(doc));

	b->doc.title = meta_is_title(title) ? title : read_str("", 0);
	meta_field(b, "author", meta_take(b, poppler_document_get_author(doc)));
	meta_field(b, "subject", meta_take(b, poppler_document_get_subject(doc)));
	meta_keywords(b, meta_take(b, poppler_document_get_keywords(doc)));
	meta_dates(doc, in, b);
	meta_xmp(doc, b);
	if (!meta_is_title(b->doc.title))
		b->doc.title = meta_largest(t, b);
	if (!b->doc.title.n)
		b->doc.title = read_file_name(in->name);
}
