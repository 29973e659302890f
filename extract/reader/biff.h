/* biff.h - the records of an Excel 97 to 2003 workbook, and the strings in them, which go on
 * in records of their own (CONTINUE).  One thread. */
#ifndef EXTRACT_READER_BIFF_H
#define EXTRACT_READER_BIFF_H

#include "extract/reader/codepage.h"

enum { BIFF_CONTINUE = 0x3c };

typedef struct biff {
	const uint8_t *data;
	size_t n, at; /* at: the next record */
	bool wide;    /* strings in Unicode (BIFF8), not in a code page */
	unsigned page;
	codepages *pages;
} biff;

/* A record, or one that goes on: the bytes that are at hand. */
typedef struct biff_record {
	biff *b;
	uint16_t id;
	size_t at, end;
	bool bad; /* read beyond its end */
} biff_record;

/* False: there are no more. */
bool biff_next(biff *b, biff_record *r);
/* Goes on in the next record, if it continues this one. */
bool biff_more(biff_record *r);
uint8_t biff_u8(biff_record *r);
uint16_t biff_u16(biff_record *r);
uint32_t biff_u32(biff_record *r);
uint64_t biff_u64(biff_record *r);
void biff_skip(biff_record *r, size_t n);
/* n characters in UTF-8, behind what `out` holds.  wide: two bytes each, until a record that
 * continues says otherwise. */
void biff_chars(biff_record *r, size_t n, bool wide, buf *out);
/* A string: its length of one or two bytes, the flags, what is said of its looks. */
void biff_string(biff_record *r, bool short_length, buf *out);

#endif
