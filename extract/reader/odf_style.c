/* odf_style.c - see odf.h. */
#include "extract/reader/odf.h"

enum { ODF_STYLES_MAX = 100000, ODF_LISTS_MAX = 2000 };

unsigned
odf_space(const char *uri)
{
	static const char oasis[] = "urn:oasis:names:tc:opendocument:xmlns:", old[] = "http://openoffice.org/2000/";
	static const struct {
		const char *name;
		uint8_t space;
	} known[] = {
		{ "office", ODF_OFFICE }, { "style", ODF_STYLE },		{ "text", ODF_TEXT },
		{ "table", ODF_TABLE },	  { "drawing", ODF_DRAW },		{ "presentation", ODF_PRESENTATION },
		{ "meta", ODF_META },	  { "xsl-fo-compatible", ODF_FO },
	};

	if (!*uri)
		return ODF_NONE;
	if (strstr(uri, "purl.org/dc/"))
		return ODF_META;
	if (strcmp(uri, "http://www.w3.org/1999/XSL/Format") == 0)
		return ODF_FO;
	if (strncmp(uri, oasis, sizeof oasis - 1) == 0)
		uri += sizeof oasis - 1;
	else if (strncmp(uri, old, sizeof old - 1) == 0)
		uri += sizeof old - 1;
	else
		return ODF_OTHER;
	for (size_t i = 0; i < countof(known); i++) {
		size_t n = strlen(known[i].name);

		if (strncmp(uri, known[i].name, n) == 0 && (!uri[n] || uri[n] == ':'))
			return known[i].space;
	}
	return ODF_OTHER;
}

void
odf_styles_init(odf_styles *s)
{
	memset(s, 0, sizeof *s);
	arena_init(&s->strings);
}

void
odf_styles_fini(odf_styles *s)
{
	mem_free(s->styles);
	mem_free(s->lists);
	mem_free(s->by_name);
	arena_fini(&s->strings);
}

static const char *
odf_copy(odf_styles *s, doc_str v)
{
	const char *copy = v.n ? arena_strndup(&s->strings, v.p, v.n) : "";

	s->nomem |= !copy;
	return copy ? copy : "";
}

/* ---- styles of paragraphs ------------------------------------------------------ */

static size_t
odf_hash(const char *p, size_t n)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 29);
}

/* The slot of a name, or the empty one where it belongs. */
static uint32_t *
odf_slot(const odf_styles *s, const char *p, size_t n)
{
	size_t i = odf_hash(p, n) & (s->slots - 1);

	for (;; i = (i + 1) & (s->slots - 1)) {
		const char *name = s->by_name[i] ? s->styles[s->by_name[i] - 1].name : NULL;

		if (!name || (strncmp(name, p, n) == 0 && !name[n]))
			return &s->by_name[i];
	}
}

static bool
odf_index(odf_styles *s)
{
	size_t slots = s->slots ? 2 * s->slots : 256;
	uint32_t *table;

	if (s->slots > 2 * s->nstyles)
		return true;
	table = mem_calloc(slots, sizeof *table);
	if (!table)
		return false;
	mem_free(s->by_name);
	s->by_name = table;
	s->slots = slots;
	for (size_t i = 0; i < s->nstyles; i++)
		*odf_slot(s, s->styles[i].name, strlen(s->styles[i].name)) = (uint32_t)i + 1;
	return true;
}

void
odf_style_begin(odf_styles *s, const part_atts *atts)
{
	doc_str family = part_att(atts, ODF_STYLE, "family");

	s->style = NULL;
	if (!part_is(family, "paragraph") || s->nstyles == ODF_STYLES_MAX)
		return;
	if (!mem_grow(&s->styles, &s->styles_cap, s->nstyles + 1, sizeof *s->styles) || !odf_index(s)) {
		s->nomem = true;
		return;
	}
	s->style = &s->styles[s->nstyles++];
	s->style->name = odf_copy(s, part_att(atts, ODF_STYLE, "name"));
	s->style->parent = odf_copy(s, part_att(atts, ODF_STYLE, "parent-style-name"));
	s->style->list = odf_copy(s, part_att(atts, ODF_STYLE, "list-style-name"));
	s->style->page = part_att(atts, ODF_STYLE, "master-page-name").n > 0;
	*odf_slot(s, s->style->name, strlen(s->style->name)) = (uint32_t)s->nstyles;
}

void
odf_style_properties(odf_styles *s, const part_atts *atts)
{
	if (s->style && part_is(part_att(atts, ODF_FO, "break-before"), "page"))
		s->style->page = true;
}

const odf_style *
odf_style_find(const odf_styles *s, doc_str name)
{
	uint32_t i = s->slots && name.p ? *odf_slot(s, name.p, name.n) : 0;

	return i ? &s->styles[i - 1] : NULL;
}

/* ---- lists ----------------------------------------------------------------------- */

void
odf_list_begin(odf_styles *s, const part_atts *atts, bool headings)
{
	s->list = NULL;
	if (s->nlists == ODF_LISTS_MAX)
		return;
	if (!mem_grow(&s->lists, &s->lists_cap, s->nlists + 1, sizeof *s->lists)) {
		s->nomem = true;
		return;
	}
	s->list = &s->lists[s->nlists++];
	*s->list = (odf_list_style){ .name = headings ? "" : odf_copy(s, part_att(atts, ODF_STYLE, "name")) };
	for (size_t i = 0; i < ODF_LEVELS; i++)
		s->list->levels[i] = (odf_level){ NUMERAL_NONE, 1, 1, "", "", "" };
}

static numeral
odf_format(doc_str v, bool repeated)
{
	static const struct {
		const char *begins;
		numeral how;
	} known[] = {
		{ "01", NUMERAL_DECIMAL_ZERO },
		{ "1st", NUMERAL_ORDINAL },
		{ "i", NUMERAL_ROMAN },
		{ "I", NUMERAL_ROMAN_UPPER },
		{ "a", NUMERAL_BASE26 },
		{ "A", NUMERAL_BASE26_UPPER },
		{ "一", NUMERAL_CJK },
		{ "壹", NUMERAL_CJK_LEGAL },
		{ "①", NUMERAL_CIRCLED },
		{ "а", NUMERAL_CYRILLIC },
		{ "А", NUMERAL_CYRILLIC_UPPER },
	};

	if (!v.n)
		return NUMERAL_NONE;
	for (size_t i = 0; i < countof(known); i++) {
		size_t n = strlen(known[i].begins);

		if (v.n < n || memcmp(v.p, known[i].begins, n) != 0)
			continue;
		if (repeated && known[i].how == NUMERAL_BASE26)
			return NUMERAL_LETTERS;
		if (repeated && known[i].how == NUMERAL_BASE26_UPPER)
			return NUMERAL_LETTERS_UPPER;
		return known[i].how;
	}
	return NUMERAL_DECIMAL;
}

void
odf_list_level(odf_styles *s, const part_atts *atts, bool bullet)
{
	long i = part_att_number(atts, ODF_TEXT, "level", 0) - 1;
	odf_level *level;

	if (!s->list || i < 0 || i >= ODF_LEVELS)
		return;
	level = &s->list->levels[i];
	level->start = (unsigned)(part_att_number(atts, ODF_TEXT, "start-value", 1) & 0x3fffffff);
	level->shown = (unsigned)(part_att_number(atts, ODF_TEXT, "display-levels", 1) & 0xf);
	level->prefix = odf_copy(s, part_att(atts, ODF_STYLE, "num-prefix"));
	level->suffix = odf_copy(s, part_att(atts, ODF_STYLE, "num-suffix"));
	level->bullet = odf_copy(s, part_att(atts, ODF_TEXT, "bullet-char"));
	level->how = bullet ? NUMERAL_BULLET
			    : odf_format(part_att(atts, ODF_STYLE, "num-format"),
					 part_is(part_att(atts, ODF_STYLE, "num-letter-sync"), "true"));
}

odf_list_style *
odf_list_find(odf_styles *s, doc_str name)
{
	for (size_t i = s->nlists; i-- > 0;)
		if (name.p && part_is(name, s->lists[i].name))
			return &s->lists[i];
	return NULL;
}

void
odf_list_count(odf_list_style *list, unsigned *counts, unsigned level, unsigned start, buf *out)
{
	const odf_level *of = &list->levels[level];
	unsigned first = of->shown > level ? 0 : level + 1 - of->shown;

	if (start)
		counts[level] = start;
	else
		counts[level] = counts[level] ? counts[level] + 1 : of->start;
	for (unsigned i = level + 1; i < ODF_LEVELS; i++)
		counts[i] = 0;
	if (of->how == NUMERAL_BULLET) {
		buf_puts(out, (unsigned char)of->bullet[0] >= 0xee || !of->bullet[0] ? "\xe2\x80\xa2" : of->bullet);
		return;
	}
	if (of->how == NUMERAL_NONE)
		return;
	buf_puts(out, of->prefix);
	for (unsigned i = first; i <= level; i++) {
		const odf_level *shown = &list->levels[i];

		if (shown->how == NUMERAL_NONE || shown->how == NUMERAL_BULLET)
			continue;
		numeral_write(out, shown->how, counts[i] ? counts[i] : shown->start);
		if (i < level)
			buf_put_u8(out, '.');
	}
	buf_puts(out, of->suffix);
}
