/* odf.h - what the files of the ODF reader share: namespaces, styles, lists. */
#ifndef EXTRACT_READER_ODF_H
#define EXTRACT_READER_ODF_H

#include "extract/reader/numeral.h"
#include "extract/reader/part.h"

enum { ODF_NONE, ODF_OFFICE, ODF_STYLE, ODF_TEXT, ODF_TABLE, ODF_DRAW, ODF_PRESENTATION, ODF_META, ODF_FO, ODF_OTHER };

/* Also of the formats of OpenOffice.org 1, and Dublin Core, which is ODF_META. */
unsigned odf_space(const char *uri);

enum { ODF_LEVELS = 10 };

typedef struct odf_level {
	numeral how;
	unsigned start, shown; /* shown: how many levels, this one too */
	const char *prefix, *suffix, *bullet;
} odf_level;

typedef struct odf_list_style {
	const char *name; /* "": of headings */
	odf_level levels[ODF_LEVELS];
	unsigned counts[ODF_LEVELS]; /* where the last list of this style stopped */
} odf_list_style;

typedef struct odf_style {
	const char *name, *parent, *list;
	bool page; /* a page begins in front */
} odf_style;

typedef struct odf_styles {
	odf_style *styles;
	odf_list_style *lists;
	uint32_t *by_name; /* hash table of styles; 0: empty */
	size_t nstyles, styles_cap, nlists, lists_cap, slots;
	odf_style *style;    /* that is open */
	odf_list_style *list;
	arena strings;
	bool nomem;
} odf_styles;

void odf_styles_init(odf_styles *s);
void odf_styles_fini(odf_styles *s);
/* Elements of styles, as they come. */
void odf_style_begin(odf_styles *s, const part_atts *atts);
void odf_style_properties(odf_styles *s, const part_atts *atts);
void odf_list_begin(odf_styles *s, const part_atts *atts, bool headings);
void odf_list_level(odf_styles *s, const part_atts *atts, bool bullet);
const odf_style *odf_style_find(const odf_styles *s, doc_str name);
odf_list_style *odf_list_find(odf_styles *s, doc_str name);
/* One more at this level (from 0), and its number. start: what it is to be; 0: the next. */
void odf_list_count(odf_list_style *list, unsigned *counts, unsigned level, unsigned start, buf *out);

#endif
