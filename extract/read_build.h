/* read_build.h - the document under construction, shared by all readers.
 *
 * Owns the arrays behind document.fields and .sections, an arena for strings
 * that are made (not borrowed), a text buffer, and the text of warnings.
 * Sticky: `failed` is set when memory is out, and checked once a document.
 * One thread; values live until read_build_reset.
 */
#ifndef EXTRACT_READ_BUILD_H
#define EXTRACT_READ_BUILD_H

#include "base/buf.h"
#include "base/mem.h"
#include "extract/document.h"

typedef enum read_key {
	READ_KEY_OTHER,
	READ_KEY_ID,
	READ_KEY_TITLE,
	READ_KEY_DATE,
	READ_KEY_LANG,
	READ_KEY_URL,
	READ_KEY_TEXT
} read_key;

/* Ranks of sections are 1 to READ_BUILD_RANKS - 1, as those of <h1>, <h2>, ...: deeper
 * ones are taken as the last. */
enum { READ_BUILD_RANKS = 32 };

typedef struct read_build {
	document doc;
	doc_field *fields;
	size_t fields_cap;
	doc_section *sections;
	size_t sections_cap;
	arena strings;
	buf text;
	struct {
		size_t index; /* into sections */
		unsigned rank;
	} open[READ_BUILD_RANKS]; /* sections that have not ended; outermost first */
	unsigned nopen;
	size_t page; /* 1 + index of the page that has not ended; 0: none */
	char warning[400]; /* NUL-terminated; "" if there is none */
	size_t warning_len;
	bool failed;
} read_build;

void read_build_init(read_build *b);
void read_build_fini(read_build *b);
void read_build_reset(read_build *b);
/* Completes b->doc; false when memory was out at any time since the reset. */
bool read_build_finish(read_build *b);

void read_build_warn(read_build *b, const char *fmt, ...) CDG_PRINTF(2, 3);
doc_str read_build_copy(read_build *b, const char *p, size_t n);

read_key read_build_key(const char *p, size_t n);
/* Set what `key` names (not READ_KEY_OTHER) from a string. A date that is none
 * is dropped with a warning. */
void read_build_known(read_build *b, read_key key, doc_str value);

/* A metadata value; strings are borrowed, and become dates when they look it. */
void read_build_string(read_build *b, doc_str name, doc_str value, bool list);
void read_build_number(read_build *b, doc_str name, doc_str written, double value, bool list);
/* The same for sources without types: numbers are recognised too. */
void read_build_untyped(read_build *b, doc_str name, doc_str value, bool list);
/* A section of a kind (a static string of engine/kind.h) that begins at `start` of the
 * text, with its heading or number.  Ends the open sections of the same and lower
 * ranks (larger numbers).  The level is the depth of nesting, so that an <h3> directly
 * below an <h1> has level 2.  Copies label. */
void read_build_section(read_build *b, size_t start, unsigned rank, const char *kind, doc_str label);
/* The same of kind "section", for headings. */
void read_build_heading(read_build *b, size_t start, unsigned rank, doc_str label);
/* Ends, at `end` of the text, the open sections of this rank and lower ones. */
void read_build_end(read_build *b, size_t end, unsigned rank);
/* A page, which stands beside the sections and cuts across them: the one before ends. */
void read_build_page(read_build *b, size_t start, doc_str label);
/* The static string of a kind of section; "other" if there is no such kind. */
const char *read_build_kind(const char *p, size_t n);
/* Forgets sections without a label, which are of no use to anyone, and counts the levels
 * anew.  After read_build_close. */
void read_build_prune(read_build *b);
/* End all open sections, and the page, at the end of the text. */
void read_build_close(read_build *b, size_t end);

typedef enum read_number {
	READ_NUMBER_NONE, /* not a number as JSON writes it */
	READ_NUMBER_OK,
	READ_NUMBER_HUGE /* one, but beyond a double */
} read_number;
/* The whole of p[0, n). */
read_number read_build_parse_number(const char *p, size_t n, double *out);

CDG_INLINE doc_str
read_str(const char *p, size_t n)
{
	doc_str s = { p, n };

	return s;
}
doc_str read_str_trim(doc_str s);

#endif
