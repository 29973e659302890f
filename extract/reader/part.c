/* part.c - see part.h. */
#include "extract/reader/part.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

enum { PART_SPACES = 16 };

typedef struct part {
	const part_reader *reader;
	void *ctx;
	part_result *result;
	xmlParserCtxtPtr parser;
	unsigned depth, skip; /* skip: depth of the element that is passed over; 0: none */
	uint8_t ids[PART_DEPTH];
	struct {
		const xmlChar *uri; /* interned by the parser */
		uint8_t space;
	} spaces[PART_SPACES];
	unsigned nspaces;
	bool nomem;
} part;

struct part_atts {
	part *part;
	const xmlChar *name;
	const xmlChar **atts; /* name, prefix, namespace, value, end of value */
	int n;
};

static unsigned
part_space(part *x, const xmlChar *uri)
{
	unsigned space;

	if (!uri)
		return x->reader->space("");
	for (unsigned i = 0; i < x->nspaces; i++)
		if (x->spaces[i].uri == uri)
			return x->spaces[i].space;
	space = x->reader->space((const char *)uri);
	if (x->nspaces < PART_SPACES) {
		x->spaces[x->nspaces].uri = uri;
		x->spaces[x->nspaces++].space = (uint8_t)space;
	}
	return space;
}

static unsigned
part_find(part *x, const xmlChar *name, const xmlChar *uri)
{
	size_t lo = 0, hi = x->reader->nwords;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const part_word *w = &x->reader->words[mid];
		int c = strcmp((const char *)name, w->name);

		if (c == 0)
			c = (int)part_space(x, uri) - (int)w->space;
		if (c == 0)
			return w->id;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return 0;
}

doc_str
part_att(const part_atts *atts, unsigned space, const char *name)
{
	for (int i = 0; i < atts->n; i++) {
		const xmlChar **a = atts->atts + 5 * (ptrdiff_t)i;

		if (strcmp((const char *)a[0], name) == 0 && (space == PART_ANY || part_space(atts->part, a[2]) == space))
			return read_str((const char *)a[3], (size_t)(a[4] - a[3]));
	}
	return read_str(NULL, 0);
}

long
part_number(doc_str s, long fallback)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	long v = 0;

	if (i == s.n || s.n - i > 9)
		return fallback;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return fallback;
		v = v * 10 + (s.p[i] - '0');
	}
	return s.p[0] == '-' ? -v : v;
}

long
part_att_number(const part_atts *atts, unsigned space, const char *name, long fallback)
{
	return part_number(part_att(atts, space, name), fallback);
}

const char *
part_name(const part_atts *atts)
{
	return (const char *)atts->name;
}

/* ---- events ---------------------------------------------------------- */

static void
part_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nspaces,
	   const xmlChar **spaces, int natts, int ndefaulted, const xmlChar **atts)
{
	part *x = ctx;
	part_atts a = { x, name, atts, natts };

	(void)prefix;
	(void)nspaces;
	(void)spaces;
	(void)ndefaulted;
	if (x->depth == PART_DEPTH) {
		x->result->too_deep = true;
		xmlStopParser(x->parser);
		return;
	}
	x->depth++;
	if (x->skip)
		return;
	x->ids[x->depth - 1] = (uint8_t)part_find(x, name, uri);
	if (!x->reader->start(x->ctx, x->ids[x->depth - 1], &a))
		x->skip = x->depth;
}

static void
part_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	part *x = ctx;

	(void)name; /* the parser sees to it that elements end in order */
	(void)prefix;
	(void)uri;
	if (x->depth == 0)
		return;
	x->depth--;
	if (!x->skip)
		x->reader->end(x->ctx, x->ids[x->depth]);
	else if (x->skip == x->depth + 1)
		x->skip = 0;
}

static void
part_characters(void *ctx, const xmlChar *s, int n)
{
	part *x = ctx;

	if (!x->skip && n > 0)
		x->reader->text(x->ctx, (const char *)s, (size_t)n);
}

static void
part_error(void *ctx, xmlErrorPtr e)
{
	part *x = ctx;

	if (e->level == XML_ERR_FATAL || e->code == XML_ERR_NO_MEMORY)
		x->result->broken = true;
	x->nomem |= e->code == XML_ERR_NO_MEMORY;
}

/* Elements that are open where the bytes stop. */
static void
part_unwind(part *x)
{
	while (x->depth)
		part_end(x, NULL, NULL, NULL);
}

static xmlParserCtxtPtr
part_parser(part *x)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = part_start,
		.endElementNs = part_end,
		.characters = part_characters,
		.cdataBlock = part_characters,
		.ignorableWhitespace = part_characters,
		.serror = part_error,
	};
	xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, x, NULL, 0, NULL);

	/* A charset that is declared is not looked up: parts are UTF-8, or UTF-16 by their
	 * first bytes. */
	if (parser)
		xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_IGNORE_ENC);
	return parser;
}

static bool
part_push(void *ctx, const char *bytes, size_t n)
{
	part *x = ctx;

	while (n && !x->result->too_deep && !x->nomem) {
		size_t k = min_size(n, 1 << 20);

		if (xmlParseChunk(x->parser, bytes, (int)k, 0) && x->parser->disableSAX)
			return false;
		bytes += k;
		n -= k;
	}
	return !x->result->too_deep && !x->nomem;
}

static cdg_status
part_run(package *p, size_t member, doc_str xml, part *x, cdg_error *err)
{
	cdg_status st = CDG_OK;

	x->parser = part_parser(x);
	if (!x->parser)
		return err_nomem(err);
	if (p)
		st = package_stream(p, member, part_push, x, err);
	else
		part_push(x, xml.p, xml.n);
	if (!x->result->too_deep && !x->nomem)
		(void)xmlParseChunk(x->parser, "", 0, 1);
	part_unwind(x);
	if (x->parser->myDoc)
		xmlFreeDoc(x->parser->myDoc);
	xmlFreeParserCtxt(x->parser);
	return x->nomem ? err_nomem(err) : st;
}

static cdg_status
part_any(package *p, size_t member, doc_str xml, const part_reader *reader, void *ctx, part_result *result,
	 cdg_error *err)
{
	part_result none = { false, false };
	part *x = mem_calloc(1, sizeof *x);
	cdg_status st;

	if (!x)
		return err_nomem(err);
	x->reader = reader;
	x->ctx = ctx;
	x->result = result ? result : &none;
	st = part_run(p, member, xml, x, err);
	mem_free(x);
	return st;
}

cdg_status
part_parse(package *p, size_t member, const part_reader *reader, void *ctx, part_result *result, cdg_error *err)
{
	return part_any(p, member, read_str("", 0), reader, ctx, result, err);
}

cdg_status
part_parse_bytes(doc_str xml, const part_reader *reader, void *ctx, part_result *result, cdg_error *err)
{
	return part_any(NULL, 0, xml, reader, ctx, result, err);
}

void
part_warn(read_build *b, part_result result)
{
	if (result.broken)
		read_build_warn(b, "damaged XML: read as far as it goes");
	if (result.too_deep)
		read_build_warn(b, "elements nested more than %d deep: read to there", PART_DEPTH);
}
