/* document.h - what a reader yields and the indexer takes: one document with
 * its metadata, its text and the sections of its text.
 *
 * All strings are UTF-8, already sanitised (text_sanitize), with lengths, and
 * borrowed: they live until the reader is asked for the next document.
 */
#ifndef EXTRACT_DOCUMENT_H
#define EXTRACT_DOCUMENT_H

#include "base/date.h"

typedef struct doc_str {
	const char *p; /* NULL: absent */
	size_t n;
} doc_str;

typedef enum doc_type {
	DOC_STRING = 0,
	DOC_NUMBER = 1,
	DOC_DATE = 2
} doc_type;

/* Dates are those of base/date.h. */
typedef cal_date doc_date;
enum { DOC_YEAR = DATE_YEAR, DOC_MONTH = DATE_MONTH, DOC_DAY = DATE_DAY };

/* One value of one field.  A list is several entries with the same name, in
 * order. */
typedef struct doc_field {
	doc_str name;
	uint8_t type; /* doc_type */
	bool list;    /* came as a list (so a list of one stays a list) */
	doc_str string;
	double number;
	doc_date date;
} doc_field;

/* A section of the text: bytes [start, end), label as a person would cite it
 * ("Part II", "Art. 5", "2. Data governance"), kind a word of docs/format.md
 * ("section", "page", ...).  Sections are given in order of start, outer first,
 * and nest. level 1 is outermost. */
typedef struct doc_section {
	uint32_t start, end;
	uint16_t level;
	doc_str label;
	const char *kind; /* static string */
} doc_section;

typedef struct document {
	doc_str id, title, url, lang, text;
	bool has_date;
	doc_date date;
	const doc_field *fields;
	size_t nfields;
	const doc_section *sections;
	size_t nsections;
	uint64_t replaced; /* invalid UTF-8 sequences replaced on the way in */
} document;

/* base/date.h under the names of this layer. */
CDG_INLINE bool
doc_parse_date(const char *s, size_t n, doc_date *out)
{
	return date_parse(s, n, out);
}
CDG_INLINE size_t
doc_format_date(doc_date d, char *out)
{
	return date_format(d, out);
}
CDG_INLINE int32_t
doc_day(int year, int month, int day)
{
	return date_day(year, month, day);
}
CDG_INLINE void
doc_civil(int32_t day, int *year, int *month, int *mday)
{
	date_civil(day, year, month, mday);
}

#endif
