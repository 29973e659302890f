/* numeral.h - the numbers of lists and headings, as words of the document. */
#ifndef EXTRACT_READER_NUMERAL_H
#define EXTRACT_READER_NUMERAL_H

#include "base/buf.h"

typedef enum numeral {
	NUMERAL_NONE,
	NUMERAL_DECIMAL,
	NUMERAL_DECIMAL_ZERO, /* 01 */
	NUMERAL_LETTERS,      /* a ... z aa bb */
	NUMERAL_LETTERS_UPPER,
	NUMERAL_BASE26, /* a ... z aa ab, as ODF counts */
	NUMERAL_BASE26_UPPER,
	NUMERAL_ROMAN,
	NUMERAL_ROMAN_UPPER,
	NUMERAL_ORDINAL, /* 1st */
	NUMERAL_CJK,     /* 十五 */
	NUMERAL_CJK_DIGITS,
	NUMERAL_CJK_LEGAL, /* 壹拾伍 */
	NUMERAL_CYRILLIC,
	NUMERAL_CYRILLIC_UPPER,
	NUMERAL_CIRCLED,
	NUMERAL_BULLET, /* no number: what stands in front is a sign */
} numeral;

/* Appends n (from 0) written so. */
void numeral_write(buf *out, numeral how, unsigned n);

#endif
