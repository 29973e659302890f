/* column.h - metadata of documents by field (.cols file): sorted distinct values
 * and, per document, their ordinals.  Filters, ranges, sorting and facets work
 * on ordinals and never look at a value in a loop.
 *
 * LAYOUT (kind "COLS"; little-endian; offsets are file offsets; every array
 * begins at a multiple of 8, gaps are zero)
 *
 *   64        arrays of all fields
 *   dir_at    64 bytes a field, ascending by field:
 *       0   u16  field (index-wide number)
 *       2   u8   width: 1, 2 or 4 = single-valued, bytes per document; 0 = multi-valued
 *       3   u8   flags: 1 = values came as a list
 *       4   u32  nnumbers
 *       8   u32  ndates
 *       12  u32  nstrings
 *       16  u64  numbers_at: f64[nnumbers], ascending; NaN (one) last; no -0
 *       24  u64  dates_at: i32 day[ndates] since 1970-01-01, then u8 precision[ndates]
 *                (0 year, 1 month, 2 day); ascending by (day, precision)
 *       32  u64  strings_at: u64 offset[ngroups+1] from strings_at, then the
 *                strings, ascending by bytes (unsigned), all different, in
 *                ngroups = ceil(nstrings/16) groups of 16 (the last may be
 *                shorter).  Group g is bytes [offset[g], offset[g+1]), no gaps;
 *                offset[0] = 8*(ngroups+1).  A group:
 *                  first  varint n, n bytes
 *                  next   varint s = how many bytes it shares with the string
 *                         before (as many as it can), varint k, k bytes
 *       40  u64  docs_at:
 *                single: ordinal+1 of each document in `width` bytes, 0 = none
 *                multi:  u32 begin[ndocs+1] (begin[0] = 0), then
 *                        u32 ordinal[nords]; document d has ordinals
 *                        [begin[d], begin[d+1]), in the order given
 *       48  u64  nords: number of (document, value) pairs
 *       56  u64  zero
 *   end - 16  u64  dir_at
 *   end - 8   u32  nfields
 *   end - 4   u32  ndocs
 *   (end = payload end, see pfile.h)
 *
 * Ordinals count through numbers, then dates, then strings: ordinal order is
 * value order.  A field has at most 2^32 - 2 pairs in a segment.
 *
 * Threads: columns are read by any number of threads.  A builder belongs to one
 * thread at a time.
 */
#ifndef ENGINE_COLUMN_H
#define ENGINE_COLUMN_H

#include "engine/pfile.h"

#define COLUMN_KIND PFILE_KIND('C', 'O', 'L', 'S')

enum {
	COLUMN_DIR = 64,     /* bytes of a directory entry */
	COLUMN_TRAILER = 16,
	COLUMN_GROUP = 16    /* strings */
};
#define COLUMN_NONE UINT32_MAX

/* In the order of sorting. */
typedef enum column_type { COLUMN_NUMBER = 0, COLUMN_DATE = 1, COLUMN_STRING = 2 } column_type;

typedef struct column_value {
	uint8_t type;      /* column_type */
	uint8_t precision; /* date */
	int32_t day;       /* date */
	double number;
	const char *p;     /* string: borrowed, not NULL */
	size_t n;
} column_value;

CDG_INLINE column_value
column_number(double x)
{
	column_value v = { .type = COLUMN_NUMBER, .number = x };
	return v;
}
CDG_INLINE column_value
column_date(int32_t day, uint8_t precision)
{
	column_value v = { .type = COLUMN_DATE, .precision = precision, .day = day };
	return v;
}
CDG_INLINE column_value
column_string(const char *p, size_t n)
{
	column_value v = { .type = COLUMN_STRING, .p = p, .n = n };
	return v;
}
/* Total order: <0, 0, >0.  All NaN are equal and above all numbers; -0 == 0. */
int column_compare(const column_value *a, const column_value *b);
/* How many bytes a and b, both of at least n, begin with in common. */
size_t column_common(const char *a, const char *b, size_t n);

/* ---- building (column_build.c) --------------------------------------------- */

typedef struct column column;
typedef struct column_builder column_builder;

column_builder *column_builder_new(void); /* NULL: memory is out */
void column_builder_free(column_builder *b);
/* Add one value of a document; documents in any order, the values of one
 * document and field in their order.  `list`: it came as a list. */
cdg_status column_builder_add(column_builder *b, uint32_t doc, uint16_t field,
			      const column_value *value, bool list, cdg_error *err);
/* Add a whole column of a segment (merging): map[d] is the new number of
 * document d, UINT32_MAX = deleted; NULL map: doc + first. */
cdg_status column_builder_add_column(column_builder *b, const column *c, const uint32_t *map,
				     uint32_t first, cdg_error *err);
/* Forget everything, keep some memory. */
void column_builder_reset(column_builder *b);
/* Bytes held (about 8 a value, 20 and its bytes a distinct value). */
size_t column_builder_bytes(const column_builder *b);

/* Write the columns of several builders as one file.  maps[i][doc] is the
 * document of the segment for builder i's doc, UINT32_MAX = left out; maps NULL
 * or maps[i] NULL: the same number.  nmap[i] (NULL with maps NULL) is the length
 * of maps[i].  A document belongs to one builder.  `out` was opened with
 * COLUMN_KIND; the caller finishes it. */
cdg_status column_write(pwriter *out, column_builder *const *builders, size_t n,
			const uint32_t *const *maps, const uint32_t *nmap, uint32_t ndocs,
			cdg_error *err);

/* ---- reading (column.c; values and their search: column_values.c) ------------- */

struct column {
	const struct columns *cols;
	uint16_t field;
	uint8_t width;     /* 0: multi-valued */
	bool list;
	uint32_t nnumbers, ndates, nstrings;
	uint64_t numbers_at, dates_at, strings_at, docs_at;
	uint32_t nords;
};

typedef struct columns {
	pfile f;
	uint32_t ndocs, nfields;
	column *fields; /* ascending by field number */
} columns;

cdg_status columns_open(columns *c, const char *path, const segment_id *id, cdg_error *err);
void columns_close(columns *c); /* safe on zeroed columns */
cdg_status columns_check(const columns *c, cdg_error *err);
/* The part of columns_check that reads the values of one field. */
cdg_status column_check_values(const column *c, cdg_error *err);

/* NULL: no document of this segment has the field. */
const column *column_find(const columns *c, uint16_t field);

CDG_INLINE uint32_t
column_nvalues(const column *c)
{
	return c->nnumbers + c->ndates + c->nstrings;
}
/* Where a string is put together, and how far: the next string of the same
 * column costs no more than its own bytes, so walking all ordinals upwards is
 * linear; any other string costs its group up to it.  Zeroed to begin with; may
 * go from column to column while these are open; one thread at a time. */
typedef struct column_cursor {
	const column *c; /* whose string `value` is, NULL: none */
	uint32_t at;     /* its number among the strings */
	rd rest;         /* of its group */
	buf value;
} column_cursor;

void column_cursor_fini(column_cursor *cur); /* safe on a zeroed cursor */
/* A string in *out is borrowed from the cursor until its next use.  False when
 * ord is out of range, bytes are damaged or memory is out: column_error. */
bool column_get(const column *c, uint32_t ord, column_value *out, column_cursor *cur);
/* Why column_get was false. */
cdg_status column_error(const column *c, const column_cursor *cur, cdg_error *err);
/* First ordinal whose value is >= v (column_nvalues if none) into *ord. */
bool column_lower_bound(const column *c, const column_value *v, uint32_t *ord);
/* First ordinal whose value is > v. */
bool column_upper_bound(const column *c, const column_value *v, uint32_t *ord);
/* The ordinal of exactly this string, or COLUMN_NONE. */
uint32_t column_equal(const column *c, const char *p, size_t n);

/* The ordinals of one document. */
typedef struct column_list {
	const uint8_t *at;
	uint32_t n;
	uint8_t width; /* 1, 2, 4: ordinal + 1;  0: plain u32 */
} column_list;
/* out->n is 0 when it has none, or on damage. */
void column_doc(const column *c, uint32_t doc, column_list *out);
CDG_INLINE uint32_t
column_list_at(const column_list *l, uint32_t i)
{
	switch (l->width) {
	case 1: return (uint32_t)*l->at - 1;
	case 2: return (uint32_t)load_u16(l->at) - 1;
	case 4: return load_u32(l->at) - 1;
	default: return load_u32(l->at + 4 * (size_t)i);
	}
}
/* The first ordinal of a document, or COLUMN_NONE. */
CDG_INLINE uint32_t
column_doc_first(const column *c, uint32_t doc)
{
	column_list l;
	column_doc(c, doc, &l);
	return l.n ? column_list_at(&l, 0) : COLUMN_NONE;
}

/* Set the bits of all documents that have an ordinal in [lo, hi): bit d % 64 of
 * bits[d / 64].  Other bits stay.  False on damage. */
bool column_select_range(const column *c, uint32_t lo, uint32_t hi, uint64_t *bits);
/* Set the bits of all documents that have any value. */
bool column_select_any(const column *c, uint64_t *bits);
/* counts[ord] += number of documents of `bits` (NULL: all) with that ordinal; a
 * document that lists a value twice counts twice.  counts has column_nvalues
 * elements.  False on damage. */
bool column_count(const column *c, const uint64_t *bits, uint32_t *counts);

#endif
