/* xml.c - XML of any kind, by libxml2's SAX2 events as the file streams by: which
 * elements are documents, sections and metadata is told by a mapping (xml_map.h), which
 * the root element chooses.
 *
 * No entity is ever expanded but those of characters: the five of XML, the names of
 * HTML, and short ones of text that the file itself declares.  Nothing is loaded and
 * nothing fetched, so that a billion laughs are as many as the file has bytes.
 */
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdio.h>

#include "extract/read_encoding.h"
#include "extract/reader/readers.h"
#include "extract/reader/xml_dialects.h"
#include "extract/reader/xml_write.h"

enum {
	XML_ATTRIBUTES = 256,	/* of one element, that are looked at */
	XML_DEFAULTED = 100,	/* attributes that a DTD adds to each element: more is an attack */
	XML_TAG_MAX = 1 << 16,	/* bytes of a tag, above which its attributes are counted: */
	XML_TAG_ATTRIBUTES = 8192, /* the parser compares each with each */
	XML_NAMES = 1 << 17,	/* different ones: its table of them has a few thousand rows */
	XML_ENTITIES = 512,
	XML_ENTITY_MAX = 32, /* bytes of an entity that stands for characters */
};

typedef struct xml_named {
	const char *name; /* in names */
	char text[XML_ENTITY_MAX];
} xml_named;

typedef struct xml_file {
	xml_writer w;
	xmlParserCtxtPtr parser;
	const char *at, *end; /* of the input */
	const char *skip;     /* why the file is not for us; NULL: it is */
	char warning[200];
	arena names;
	xml_named *named; /* entities that the file declares */
	size_t nnamed, named_cap;
	xmlEntity entity; /* the one that is asked for */
	char text[XML_ENTITY_MAX + 8];
} xml_file;

/* ---- events ------------------------------------------------------------ */

static void
xml_stop_if_failed(xml_file *f)
{
	if (f->w.status != CDG_OK)
		xmlStopParser(f->parser);
}

static void
xml_choose(xml_file *f, const char *root, const char *ns)
{
	const extract_xml_map *builtin = xml_dialects();

	f->w.common = builtin ? extract_xml_map_named(builtin, "common") : NULL;
	if (!f->w.common) {
		f->w.status = err_nomem(f->w.err);
		return;
	}
	f->w.map = extract_xml_map_find(f->w.job->xml_map, root, ns);
	if (!f->w.map)
		f->w.map = extract_xml_map_find(builtin, root, ns);
	if (!f->w.map)
		f->w.map = f->w.common;
	if (strcmp(root, "svg") == 0)
		f->skip = "an image";
}

/* What would take the parser hours. */
static bool
xml_too_much(xml_file *f, int ndefaulted)
{
	if (ndefaulted > XML_DEFAULTED)
		snprintf(f->warning, sizeof f->warning, "too many attributes by default: read to there");
	else if (xmlDictSize(f->parser->dict) > XML_NAMES)
		snprintf(f->warning, sizeof f->warning, "more than %d names of elements and attributes: read to there",
			 XML_NAMES);
	else
		return false;
	return true;
}

static void
xml_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nns, const xmlChar **nss,
	  int natts, int ndefaulted, const xmlChar **atts)
{
	xml_file *f = ctx;
	xml_attribute a[XML_ATTRIBUTES];
	size_t n = min_size((size_t)(natts < 0 ? 0 : natts), XML_ATTRIBUTES);

	(void)prefix;
	(void)nns;
	(void)nss;
	if (!f->w.map)
		xml_choose(f, (const char *)name, (const char *)uri);
	if (f->w.status != CDG_OK || f->skip || xml_too_much(f, ndefaulted)) {
		xmlStopParser(f->parser);
		return;
	}
	for (size_t i = 0; i < n; i++)
		a[i] = (xml_attribute){ (const char *)atts[5 * i], (const char *)atts[5 * i + 3],
					(size_t)(atts[5 * i + 4] - atts[5 * i + 3]) };
	xml_open(&f->w, (const char *)name, a, n);
}

static void
xml_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	xml_file *f = ctx;

	(void)name;
	(void)prefix;
	(void)uri;
	xml_close(&f->w);
	xml_stop_if_failed(f);
}

static void
xml_characters(void *ctx, const xmlChar *s, int len)
{
	xml_file *f = ctx;

	if (len > 0)
		xml_text(&f->w, (const char *)s, (size_t)len);
}

/* ---- entities ------------------------------------------------------------ */

static void
xml_declare_entity(void *ctx, const xmlChar *name, int type, const xmlChar *public_id, const xmlChar *system_id,
		   xmlChar *content)
{
	xml_file *f = ctx;
	const char *text = (const char *)content;
	xml_named *e;

	(void)public_id;
	(void)system_id;
	if (type != XML_INTERNAL_GENERAL_ENTITY || !text || strlen(text) >= XML_ENTITY_MAX || strpbrk(text, "&<") ||
	    f->nnamed == XML_ENTITIES)
		return;
	if (!mem_grow(&f->named, &f->named_cap, f->nnamed + 1, sizeof *f->named))
		return;
	e = &f->named[f->nnamed];
	e->name = arena_strndup(&f->names, (const char *)name, strlen((const char *)name));
	memcpy(e->text, text, strlen(text) + 1);
	f->nnamed += e->name != NULL;
}

static void
xml_utf8(unsigned c, char *out)
{
	size_t n = 0;

	if (c < 0x80) {
		out[n++] = (char)c;
	} else if (c < 0x800) {
		out[n++] = (char)(0xc0 | c >> 6);
		out[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		out[n++] = (char)(0xe0 | c >> 12);
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		out[n++] = (char)(0x80 | (c & 0x3f));
	}
	out[n] = 0;
}

/* Entities that stand for characters, as if they were of XML; others as they are written. */
static xmlEntityPtr
xml_get_entity(void *ctx, const xmlChar *name)
{
	xml_file *f = ctx;
	const htmlEntityDesc *html = htmlEntityLookup(name);
	const char *text = NULL;

	for (size_t i = 0; i < f->nnamed && !text; i++)
		if (strcmp(f->named[i].name, (const char *)name) == 0)
			text = f->named[i].text;
	if (text)
		snprintf(f->text, sizeof f->text, "%s", text);
	else if (html && html->value < 0x10000)
		xml_utf8(html->value, f->text);
	else
		snprintf(f->text, sizeof f->text, strlen((const char *)name) < XML_ENTITY_MAX ? "&%s;" : " ",
			 (const char *)name);
	/* orig: else the parser hands us the text of a declaration to free */
	f->entity = (xmlEntity){ .type = XML_ENTITY_DECL, .name = name, .content = (xmlChar *)f->text,
				 .orig = (xmlChar *)f->text,
				 .length = (int)strlen(f->text), .etype = XML_INTERNAL_PREDEFINED_ENTITY };
	return &f->entity;
}

/* ---- files ---------------------------------------------------------------- */

static int
xml_read(void *ctx, char *out, int len)
{
	xml_file *f = ctx;
	size_t n = min_size((size_t)(f->end - f->at), (size_t)(len < 0 ? 0 : len));

	memcpy(out, f->at, n);
	f->at += n;
	return (int)n;
}

static void
xml_quiet(void *ctx, void *error)
{
	(void)ctx;
	(void)error;
}

static void
xml_quiet_text(void *ctx, const char *msg, ...)
{
	(void)ctx;
	(void)msg;
}

static void
xml_note_error(xml_file *f)
{
	const xmlError *e = &f->parser->lastError;
	const char *message = e->message ? e->message : "not well formed";

	if (f->parser->wellFormed || f->warning[0] || f->skip)
		return;
	snprintf(f->warning, sizeof f->warning, "line %d: %.*s: read as well as it can be", e->line,
		 (int)min_size(strcspn(message, "\n"), 120), message);
}

static cdg_status
xml_parse(xml_file *f, const char *text, size_t n)
{
	xmlSAXHandler sax;

	memset(&sax, 0, sizeof sax);
	sax.initialized = XML_SAX2_MAGIC;
	sax.startElementNs = xml_start;
	sax.endElementNs = xml_end;
	sax.characters = xml_characters;
	sax.ignorableWhitespace = xml_characters;
	sax.cdataBlock = xml_characters;
	sax.getEntity = xml_get_entity;
	sax.entityDecl = xml_declare_entity;
	sax.serror = (xmlStructuredErrorFunc)xml_quiet;
	sax.error = xml_quiet_text;
	sax.fatalError = xml_quiet_text;
	sax.warning = xml_quiet_text;
	f->at = text;
	f->end = text + n;
	f->parser = xmlCreateIOParserCtxt(&sax, f, xml_read, NULL, f, XML_CHAR_ENCODING_UTF8);
	if (!f->parser)
		return err_nomem(f->w.err);
	xmlCtxtUseOptions(f->parser, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
					 XML_PARSE_IGNORE_ENC | XML_PARSE_HUGE);
	(void)xmlParseDocument(f->parser);
	xml_note_error(f);
	if (f->parser->errNo == XML_ERR_NO_MEMORY && f->w.status == CDG_OK)
		f->w.status = err_nomem(f->w.err);
	if (f->w.status == CDG_OK && !f->skip)
		xml_finish(&f->w, f->warning); /* names on the stack are the parser's */
	if (f->parser->myDoc)
		xmlFreeDoc(f->parser->myDoc);
	xmlFreeParserCtxt(f->parser);
	return f->w.status;
}

/* The encoding that <?xml ...?> tells. */
static doc_str
xml_declared(const char *p, size_t n)
{
	const char *end = p + min_size(n, 1024), *at;

	if (n < 5 || !memchr(p, '<', min_size(n, 4)))
		return read_str("", 0);
	for (; end - p > 10 && *p != '>'; p++) {
		if (memcmp(p, "encoding", 8) != 0)
			continue;
		for (p += 8; p < end && (compose_is_space(*p) || *p == '=' || *p == '"' || *p == '\'');)
			p++;
		for (at = p; at < end && *at != '"' && *at != '\'' && *at != '>' && !compose_is_space(*at);)
			at++;
		return read_str(p, (size_t)(at - p));
	}
	return read_str("", 0);
}

/* Where a tag begins whose attributes would keep the parser busy for hours; end: none. */
static const char *
xml_find_huge_tag(const char *p, const char *end)
{
	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		const char *close = memchr(p, '>', (size_t)(end - p));
		size_t equals = 0;

		close = close ? close : end;
		for (const char *q = p; close - p > XML_TAG_MAX && q < close && (q = memchr(q, '=', (size_t)(close - q)));
		     q++)
			equals++;
		if (equals > XML_TAG_ATTRIBUTES)
			return p;
		p = close;
	}
	return end;
}

/* Bytes that XML cannot have end the parser's reading: a copy has spaces instead. */
static cdg_status
xml_without_controls(const char **p, size_t n, buf *copy, cdg_error *err)
{
	const unsigned char *s = (const unsigned char *)*p;
	size_t i = 0;

	while (i < n && (s[i] >= 0x20 || s[i] == '\n' || s[i] == '\t' || s[i] == '\r'))
		i++;
	if (i == n)
		return CDG_OK;
	buf_put(copy, s, n);
	if (copy->failed)
		return err_nomem(err);
	for (; i < n; i++)
		if (copy->p[i] < 0x20 && copy->p[i] != '\n' && copy->p[i] != '\t' && copy->p[i] != '\r')
			copy->p[i] = ' ';
	*p = (const char *)copy->p;
	return CDG_OK;
}

static cdg_status
xml_read_text(xml_file *f, const char *text, size_t n, cdg_error *err)
{
	const char *huge;
	buf copy;
	cdg_status st;

	buf_init(&copy);
	st = xml_without_controls(&text, n, &copy, err);
	if (st == CDG_OK) {
		huge = xml_find_huge_tag(text, text + n);
		if (huge < text + n)
			snprintf(f->warning, sizeof f->warning, "a tag of more than %d attributes: read to there",
				 XML_TAG_ATTRIBUTES);
		st = xml_parse(f, text, (size_t)(huge - text));
	}
	buf_fini(&copy);
	if (st != CDG_OK)
		return st;
	if (f->skip)
		return extract_problem(f->w.job, f->w.in, true, err, "%s", f->skip);
	if (!f->w.map)
		return extract_problem(f->w.job, f->w.in, false, err, "not XML: %s",
				       f->warning[0] ? f->warning : "no element in it");
	if (!f->w.documents && f->warning[0])
		return extract_problem(f->w.job, f->w.in, false, err, "%s", f->warning);
	if (!f->w.documents)
		return extract_problem(f->w.job, f->w.in, false, err, "no document in it (read as %s)", f->w.map->name);
	return CDG_OK;
}

cdg_status
extract_xml(extract_job *job, const extract_input *in, cdg_error *err)
{
	xml_file *f = mem_calloc(1, sizeof *f);
	doc_str charset = { "", 0 };
	const char *view;
	size_t n;
	cdg_status st;
	buf clean;

	if (!f)
		return err_nomem(err);
	xml_writer_init(&f->w, job, in, err);
	arena_init(&f->names);
	buf_init(&clean);
	charset = in->charset ? read_str(in->charset, strlen(in->charset)) : xml_declared(in->data, in->n);
	st = read_encoding_declared(in->data, in->n, charset.p, charset.n, &clean, &view, &n, &f->w.replaced, err);
	if (st == CDG_OK)
		st = xml_read_text(f, view, n, err);
	xml_writer_fini(&f->w);
	mem_free(f->named);
	arena_fini(&f->names);
	buf_fini(&clean);
	mem_free(f);
	return st;
}
