/* odf_walk.h - the elements of ODF to text. */
#ifndef EXTRACT_READER_ODF_WALK_H
#define EXTRACT_READER_ODF_WALK_H

#include "extract/reader/grid.h"
#include "extract/reader/meta.h"
#include "extract/reader/odf.h"

enum { ODF_BOXES = 16, ODF_ASIDES = 20000 };

/* A note, a remark or a header: part of the text that stands aside. */
typedef struct odf_aside {
	char kind; /* 'n', 'a', 'h' */
	size_t start, end;
} odf_aside;

typedef struct odf_paragraph {
	size_t start;
	bool open, title;
} odf_paragraph;

typedef struct odf_out {
	compose c;
	grid grid;
	odf_paragraph p, outer[ODF_BOXES];
	unsigned boxes;
} odf_out;

typedef struct odf_walk {
	odf_out out[2]; /* the body; what stands aside */
	odf_out *o;
	read_build scratch; /* text of the second */
	read_build *b;
	odf_styles styles;
	odf_aside *asides;
	size_t nasides, asides_cap, shown; /* shown: of those before it the notes were written */
	unsigned notes;
	uint64_t most;
	char format[8]; /* "odt", ...: by what the body is */
	bool in_meta, in_body, sheets, slides, in_author;
	bool remark_begun; /* its paragraphs have not */
	bool title_frame, in_default;
	bool shown_pages; /* the file says where pages end, not only which breaks are forced */
	char lang[24]; /* of paragraphs that say nothing; "": not said */
	meta_key key;
	buf value; /* of metadata; the number of a list */
	/* lists */
	struct {
		odf_list_style *style;
		unsigned start;
		bool pending, goes_on;
	} lists[ODF_LEVELS];
	unsigned depth; /* may exceed ODF_LEVELS */
	unsigned counts[ODF_LEVELS], headings[ODF_LEVELS];
	/* tables */
	unsigned repeat;
	size_t cell_start;
	unsigned page;
	size_t page_start;
	doc_str title;
	bool nomem;
} odf_walk;

extern const part_reader odf_walk_reader;

void odf_walk_init(odf_walk *w, read_build *b, uint64_t most);
void odf_walk_fini(odf_walk *w);
/* Notes, remarks and headers are written; the document is complete. */
void odf_walk_end(odf_walk *w);

#endif
