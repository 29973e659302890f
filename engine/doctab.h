/* doctab.h - the fixed-size facts of each document of a segment (.docs file),
 * one contiguous array a fact; and the one-byte code of field lengths.
 *
 * LAYOUT (kind "DOCS"; little-endian).  n = ndocs; every array begins at the
 * next multiple of 64, in this order, padding is zero:
 *
 *   at    size   what
 *   64    4      u32 ndocs
 *   68    4      u32 mask: bit c (a doctab_col) says that all n elements of
 *                array c are equal and the array is stored with this one
 *                element; never set for norms and lengths, nor with n = 0
 *   72    56     zero
 *   128   n      u8  norm_text[n]    norm_encode of the tokens of the text
 *   ...   n      u8  norm_title[n]   the same of the title
 *   ...   n      u8  lang[n]         index-wide number of the language
 *   ...   n      u8  tree_hi[n]      tree offset, bits 32..39
 *   ...   4n     u32 tree_lo[n]      tree offset, bits 0..31
 *   ...   4n     u32 length[n]       tokens of title and text
 *   ...   4n     u32 source[n]       index-wide number of the source
 *   ...   8n     u64 store[n]        ref of the stored record, store.h
 *   ...   8n     u64 hash[n]         hash of the content
 *   ...          zeros to a multiple of 64; the payload ends here
 *
 * Threads: a doctab is read by any number of threads.
 */
#ifndef ENGINE_DOCTAB_H
#define ENGINE_DOCTAB_H

#include "engine/pfile.h"

#define DOCTAB_KIND PFILE_KIND('D', 'O', 'C', 'S')

typedef enum doctab_col {
	DOCTAB_NORM_TEXT,
	DOCTAB_NORM_TITLE,
	DOCTAB_LANG,
	DOCTAB_TREE_HI,
	DOCTAB_TREE_LO,
	DOCTAB_LENGTH,
	DOCTAB_SOURCE,
	DOCTAB_STORE,
	DOCTAB_HASH,
	DOCTAB_COLS
} doctab_col;

/* Those stored in full even if all elements are equal: doctab_norms, doctab_lengths. */
#define DOCTAB_FULL (1u << DOCTAB_NORM_TEXT | 1u << DOCTAB_NORM_TITLE | 1u << DOCTAB_LENGTH)

typedef struct doctab_row {
	uint8_t norm_text, norm_title, lang;
	uint32_t length, source;
	uint64_t store, tree; /* tree < 2^40 */
	uint64_t hash;
} doctab_row;

/* ---- writing --------------------------------------------------------------- */

typedef struct doctab_packed doctab_packed;
typedef struct doctab_writer {
	doctab_packed *rows; /* 32 bytes each */
	size_t n, cap;
} doctab_writer;

void doctab_writer_init(doctab_writer *w);
void doctab_writer_fini(doctab_writer *w); /* safe on a zeroed writer */
/* Forget the rows, keep the memory. */
void doctab_writer_reset(doctab_writer *w);
/* Row number w->n.  CDG_E_LIMIT for a tree offset of 2^40 or more. */
cdg_status doctab_writer_add(doctab_writer *w, const doctab_row *row, cdg_error *err);
/* Row i as it was added. */
doctab_row doctab_writer_get(const doctab_writer *w, size_t i);
/* Another store ref for row i. */
void doctab_writer_set_store(doctab_writer *w, size_t i, uint64_t store);

/* One worker's rows on their way into a segment. */
typedef struct doctab_input {
	const doctab_writer *w;
	const uint32_t *map; /* row -> document of the segment, UINT32_MAX = left out; NULL: in order from first */
	uint32_t first;      /* with map NULL */
	uint64_t base_tree;  /* tree_join's, added to tree offsets */
} doctab_input;

/* Each document of [0, ndocs) must come from exactly one row, else CDG_E_ARG.
 * `out` was opened with DOCTAB_KIND; the caller finishes it. */
cdg_status doctab_write(pwriter *out, const doctab_input *in, size_t n, uint32_t ndocs, cdg_error *err);

/* ---- reading --------------------------------------------------------------- */

typedef struct doctab {
	pfile f;
	uint32_t ndocs;
	uint32_t constant;      /* the mask at 68 */
	size_t at[DOCTAB_COLS]; /* file offset of each array */
} doctab;

cdg_status doctab_open(doctab *d, const char *path, const segment_id *id, cdg_error *err);
void doctab_close(doctab *d); /* safe on a zeroed doctab */
cdg_status doctab_check(const doctab *d, cdg_error *err);

/* Bytes of one element. */
CDG_INLINE size_t
doctab_width(doctab_col col)
{
	return col <= DOCTAB_TREE_HI ? 1 : col <= DOCTAB_SOURCE ? 4 : 8;
}

/* Elements stored of an array. */
CDG_INLINE size_t
doctab_stored(const doctab *d, doctab_col col)
{
	return d->constant >> col & 1 ? 1 : d->ndocs;
}

/* A whole array, its pages verified: NULL when one is damaged.  Aligned to 64
 * bytes; at least 64 readable bytes follow it.  Only the arrays of DOCTAB_FULL
 * have an element for each document; others are read by doctab_u8 and its like. */
const uint8_t *doctab_norms(const doctab *d, doctab_col which); /* DOCTAB_NORM_* */
const uint32_t *doctab_lengths(const doctab *d);

/* One element: false when doc is out of range (which marks the file damaged:
 * the number came from another file) or the page is damaged. */
CDG_INLINE const uint8_t *
doctab_at(const doctab *d, doctab_col col, uint32_t doc)
{
	size_t w = doctab_width(col);
	if (unlikely(doc >= d->ndocs)) {
		pfile_damaged(&d->f, PFILE_HEADER, "a document number is past the number of documents");
		return NULL;
	}
	return pfile_at(&d->f, d->at[col] + (d->constant >> col & 1 ? 0 : doc * w), w);
}
CDG_INLINE bool
doctab_u8(const doctab *d, doctab_col col, uint32_t doc, uint8_t *out)
{
	const uint8_t *p = doctab_at(d, col, doc);
	*out = p ? *p : 0;
	return p != NULL;
}
CDG_INLINE bool
doctab_u32(const doctab *d, doctab_col col, uint32_t doc, uint32_t *out)
{
	const uint8_t *p = doctab_at(d, col, doc);
	*out = p ? load_u32(p) : 0;
	return p != NULL;
}
CDG_INLINE bool
doctab_u64(const doctab *d, doctab_col col, uint32_t doc, uint64_t *out)
{
	const uint8_t *p = doctab_at(d, col, doc);
	*out = p ? load_u64(p) : 0;
	return p != NULL;
}
CDG_INLINE bool
doctab_tree(const doctab *d, uint32_t doc, uint64_t *out)
{
	uint32_t lo;
	uint8_t hi;
	bool ok = doctab_u32(d, DOCTAB_TREE_LO, doc, &lo);
	ok = doctab_u8(d, DOCTAB_TREE_HI, doc, &hi) && ok;
	*out = (uint64_t)hi << 32 | lo;
	return ok;
}
CDG_INLINE bool
doctab_store(const doctab *d, uint32_t doc, uint64_t *out)
{
	return doctab_u64(d, DOCTAB_STORE, doc, out);
}
/* The whole row (merging, printing). */
bool doctab_get(const doctab *d, uint32_t doc, doctab_row *row);

/* ---- lengths in one byte ---------------------------------------------------
 * The code of Lucene's norms (SmallFloat.intToByte4): lengths below 24, and 24
 * to 39 are exact; above, the length less 24 is rounded down to 4 significant
 * bits.  Monotonic; norm_encode(norm_decode(b)) == b.  Lengths above INT32_MAX
 * count as that. */
uint8_t norm_encode(uint32_t length);
uint32_t norm_decode(uint8_t code);

#endif
