/* locate.h - token positions of a document's text as bytes and characters of it,
 * and as the page and sections they are in.
 *
 * Only the stretch that is asked for is unpacked and analysed again, from the
 * nearest anchor of the structure tree, so a place costs the same in a page and in
 * a 30 MB code.  A text that is at hand whole (a Xapian database's) is analysed once.
 *
 * A locator belongs to one thread and to one document at a time.
 */
#ifndef QUERY_LOCATE_H
#define QUERY_LOCATE_H

#include "engine/segment.h"
#include "query/search.h"

enum { LOCATE_PATH_MAX = 16 };

/* A text that is at hand whole, whose tokens begin at body_pos; sections as a reader
 * gives them (bytes of the text), outer ones first. */
typedef struct snippet_section {
	uint32_t start, end;
	const char *label;
	size_t label_len;
	uint32_t level;
	uint8_t kind; /* tree_kind */
	bool page;
} snippet_section;
typedef struct snippet_source {
	const char *text;
	size_t n;
	uint32_t body_pos;
	const snippet_section *sections;
	size_t nsections;
} snippet_source;

/* One token of the stretch at hand; consecutive positions. */
typedef struct locate_token {
	uint32_t start, end; /* bytes from the stretch's beginning */
} locate_token;

typedef struct locator {
	const segment *seg;
	const snippet_source *whole; /* instead of seg */
	tree_view tree;              /* of whole: body_pos and end_pos only */
	uint32_t text_len;           /* bytes */
	buf text;                    /* the stretch */
	tree_anchor anchor;          /* where it begins */
	locate_token *places;
	size_t nplaces;
	uint32_t first;              /* position of places[0] */
	/* the module's own */
	size_t places_cap;
	uint32_t *sentences;         /* of whole: positions where one begins */
	size_t nsentences, sentences_cap;
	store_cursor own, *store;    /* store: own, or the caller's */
	uint64_t ref;
	uint32_t known_byte, known_cp; /* of the stretch: a byte whose character is known */
	text_analyzer *an;
	cdg_error *err;
} locator;

/* an, err: the caller's, as long as the locator is used. */
void locate_init(locator *l, text_analyzer *an, cdg_error *err);
void locate_fini(locator *l);
/* A document of a segment; its text may be empty (text_len 0). */
cdg_status locate_doc(locator *l, const segment *seg, uint32_t doc);
/* The same in two steps: its tree, then (when it is known how much of the text will be
 * needed, see store_expect) its text. */
cdg_status locate_open(locator *l, const segment *seg, uint32_t doc);
cdg_status locate_lengths(locator *l);
/* A text that is at hand, which outlives its use. */
cdg_status locate_whole(locator *l, const snippet_source *from);

/* Bytes of the text up to the end of the stretch that locate_stretch would read. */
uint64_t locate_reach(const locator *l, uint32_t from, uint32_t to);
/* Have the stretch that holds positions [from, to], both of the text.  Fewer places
 * than that are there when the text has fewer tokens than it should. */
cdg_status locate_stretch(locator *l, uint32_t from, uint32_t to);
/* The same, unless the stretch at hand has them. */
cdg_status locate_cover(locator *l, uint32_t from, uint32_t to);
/* Where the sentence around pos of the stretch begins; false: not known. */
bool locate_sentence(locator *l, uint32_t pos, uint32_t *start);
/* The character of the text that begins at a byte of the stretch. */
uint64_t locate_cp(locator *l, uint32_t byte);
/* Characters in n bytes. */
uint64_t locate_chars(const uint8_t *p, size_t n);
/* Where characters begin: the byte of character cp, or the end of the text, and how
 * many characters that is. */
cdg_status locate_byte(locator *l, uint64_t cp, uint32_t *byte, uint64_t *reached);
/* Append bytes [from, to) of the text. */
cdg_status locate_text(locator *l, uint32_t from, uint32_t to, buf *out);

/* Page and sections of a position of the stretch at hand. */
typedef struct locate_where {
	char *page;       /* its label, NULL = none known */
	char **section;   /* path, outer to inner */
	size_t nsection;
} locate_where;
cdg_status locate_describe(locator *l, uint32_t pos, locate_where *out);
void locate_where_fini(locate_where *w);

#endif
