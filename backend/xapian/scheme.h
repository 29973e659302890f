/* scheme.h - which terms and values a document has in a database that cdgindex
 * writes; docs/xapian.md describes it for others.
 *
 * Writer and searcher make every term here, so that they agree.  A field's
 * prefix P is "" for the text, "S" for the title, "X" NAME ":" for metadata:
 *
 *   P term              a word with its accents, positions; counts in wdf unless JOINED
 *   Z P stem            text and title; positions only where stem and term differ
 *   Q id  L code  D M Y as Omega has them
 *   X-A P : fold 1f term     a word with accents: what it is without (no positions)
 *   X-W P : term 1f raw      a word written otherwise than its term, positions
 *   X-J P : key 1f width     of a term or stem: where it is JOINED, positions; a stem
 *                       has no positions of its own there, for the first part of the
 *                       compound may have the same stem
 *   X-H P :             where a hyphen joins a word to the next, positions
 *   X-N P : term        the document has this term, which is not its own stem, and
 *                       other words whose stem it is
 *   X-F : name          the document has this metadata field
 *   X-L : code          its language as a number knows it
 *   X-O : number        where it was read (sources, for --prune)
 *
 * A term of more than XAP_TERM_MAX bytes is cut and ends with a hash.
 */
#ifndef BACKEND_XAPIAN_SCHEME_H
#define BACKEND_XAPIAN_SCHEME_H

#include "base/buf.h"

enum {
	XAP_TERM_MAX = 245, /* of glass; a byte 0 counts twice */
	XAP_TERM_CUT = 200, /* what is left of a longer one */
	XAP_SEPARATOR = 0x1f,
	XAP_POSITION_FIRST = 1 /* positions count from here: glass reads 0 and 1 back as 1 alone */
};

/* Numbers of values.  Omega has 0 to 2 for files; a field has a number made of its name. */
enum { XAP_SLOT_DATE = 4, XAP_SLOT_HASH = 5, XAP_SLOT_LANG = 6, XAP_SLOT_FIELDS = 1000 };

/* Metadata of the database. */
#define XAP_KEY_FORMAT "cdgsearch"
#define XAP_FORMAT "1"

/* Prefix of a field, appended.  name NULL or "text", "title", else metadata. */
void xap_put_prefix(buf *out, const char *name, size_t n);
uint32_t xap_slot(const char *name, size_t n);

/* The term in out from `from` on is complete: cut it if it is too long.  True: it was. */
bool xap_close(buf *out, size_t from);

/* Whole terms, out overwritten. */
void xap_word(buf *out, const buf *prefix, const char *term, size_t n);
void xap_stem(buf *out, const buf *prefix, const char *stem, size_t n);
void xap_id(buf *out, const char *id, size_t n);
/* kind: "X-A" and its like; second NULL: none */
void xap_helper(buf *out, const char *kind, const buf *prefix, const char *first, size_t n, const char *second,
		size_t nsecond);

/* ---- values of a field ---------------------------------------------------
 *
 * One after the other, so that bytes compare as the first values do:
 *   number  01, the bits of the double, big-endian, turned so that they rise
 *   date    02, u32 big-endian of the day + 2^31, u8 precision
 *   string  03, bytes with 00 as 00 ff, 00 01
 */
enum { XAP_NUMBER = 1, XAP_DATE = 2, XAP_STRING = 3 };

typedef struct xap_value {
	uint8_t type; /* XAP_* */
	double number;
	int32_t day;
	uint8_t precision;
	const char *string; /* in the scratch buf of xap_value_next */
	size_t n;
} xap_value;

void xap_put_number(buf *out, double x);
void xap_put_date(buf *out, int32_t day, uint8_t precision);
void xap_put_string(buf *out, const char *p, size_t n);
/* False at the end, and for bytes that are no such value (r->bad). */
bool xap_value_next(rd *r, buf *scratch, xap_value *out);

#endif
