/* part.h - XML by events, for formats whose words are known: each reader gives a table
 * of the elements it cares for, and is called with their numbers.
 *
 * Entities are never expanded nor declared, nothing is fetched, and nothing is built: a
 * part of any size is read in pieces.  What is not well-formed is read as far as it goes,
 * elements nested deeper than PART_DEPTH end the part; part_result tells.  One thread. */
#ifndef EXTRACT_READER_PART_H
#define EXTRACT_READER_PART_H

#include "extract/reader/package.h"

enum { PART_DEPTH = 1024, PART_ANY = 255 };

/* A table is sorted by name, then by space. */
typedef struct part_word {
	const char *name;
	uint8_t space; /* what the reader's own function says of a namespace */
	uint8_t id;    /* not 0, which is any other element */
} part_word;

typedef struct part_atts part_atts;

typedef struct part_reader {
	const part_word *words;
	size_t nwords;
	unsigned (*space)(const char *uri); /* a number below PART_ANY; "": no namespace */
	/* False: the element and what is in it are passed over; no end is told. */
	bool (*start)(void *ctx, unsigned id, const part_atts *atts);
	void (*end)(void *ctx, unsigned id);
	/* Valid UTF-8; may come in pieces. */
	void (*text)(void *ctx, const char *p, size_t n);
} part_reader;

typedef struct part_result {
	bool broken;   /* not well-formed somewhere */
	bool too_deep;
} part_result;

/* Value of an attribute; p NULL: it is not there.  Lives as long as the call. */
doc_str part_att(const part_atts *atts, unsigned space, const char *name);
/* The same as a number of at most nine digits; otherwise fallback. */
long part_att_number(const part_atts *atts, unsigned space, const char *name, long fallback);
/* Local name of the element. */
const char *part_name(const part_atts *atts);

cdg_status part_parse(package *p, size_t member, const part_reader *reader, void *ctx, part_result *result,
		      cdg_error *err);
cdg_status part_parse_bytes(doc_str xml, const part_reader *reader, void *ctx, part_result *result, cdg_error *err);

/* Tells it in the warning of a document. */
void part_warn(read_build *b, part_result result);

CDG_INLINE bool
part_is(doc_str s, const char *word)
{
	return s.p && s.n == strlen(word) && memcmp(s.p, word, s.n) == 0;
}
/* A decimal number in s, with or without a sign; otherwise fallback. */
long part_number(doc_str s, long fallback);

#endif
