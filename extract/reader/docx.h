/* docx.h - what the files of the DOCX reader share: styles and the counting of lists. */
#ifndef EXTRACT_READER_DOCX_H
#define EXTRACT_READER_DOCX_H

#include "extract/reader/numeral.h"
#include "extract/reader/opc.h"

enum { DOCX_LEVELS = 9, DOCX_BODY = 9 }; /* outline levels below 9 are headings */

/* What a paragraph or a style says of itself; -1: nothing. */
typedef struct docx_props {
	int outline;
	long num; /* 0: none, whatever the style says */
	int level;
} docx_props;

typedef struct docx_style {
	const char *id, *name, *based;
	docx_props props;
} docx_style;

typedef struct docx_styles {
	docx_style *styles; /* by id */
	size_t count, cap;
	char lang[24]; /* of the whole document; "": not said */
	arena strings;
} docx_styles;

cdg_status docx_styles_read(docx_styles *s, package *p, long member, cdg_error *err);
void docx_styles_fini(docx_styles *s);
const docx_style *docx_style_find(const docx_styles *s, const char *id, size_t n);
/* What the style says, with what it inherits. */
docx_props docx_style_props(const docx_styles *s, const docx_style *style);

typedef struct docx_level {
	numeral how;
	unsigned start;
	int restart; /* -1: after any level above */
	bool legal;  /* all numbers decimal */
	const char *text, *style;
} docx_level;

typedef struct docx_abstract {
	long id;
	docx_level levels[DOCX_LEVELS];
	const char *link; /* a style whose list this is */
	long counts[DOCX_LEVELS];
} docx_abstract;

typedef struct docx_num {
	long id, abstract_id;
	long start[DOCX_LEVELS]; /* -1: as the abstract list says */
	const docx_level *levels[DOCX_LEVELS];
	bool used[DOCX_LEVELS];
} docx_num;

typedef struct docx_lists {
	docx_abstract *abstracts; /* by id */
	size_t nabstracts, abstracts_cap;
	docx_num *nums; /* by id */
	size_t nnums, nums_cap;
	arena strings;
} docx_lists;

cdg_status docx_lists_read(docx_lists *l, package *p, long member, cdg_error *err);
void docx_lists_fini(docx_lists *l);
/* Counts one paragraph on, and appends its number ("Article 5", "(a)", a bullet). */
void docx_lists_number(docx_lists *l, const docx_styles *s, docx_props props, const docx_style *style, buf *out);

#endif
