/* flush_internal.h - what the files of the flush share: the sorted terms, the
 * classes, and the parts that are written side by side. */
#ifndef INDEXER_FLUSH_INTERNAL_H
#define INDEXER_FLUSH_INTERNAL_H

#include "indexer/flush.h"

/* One entry of one worker's inverter.  Sorted by field, term, worker. */
typedef struct flush_term {
	uint64_t key;     /* field, then the first six bytes */
	uint32_t addr;
	uint32_t worker;
} flush_term;

/* Where the list of a term went, for the classes. */
typedef struct flush_place {
	uint64_t post;    /* df 1: document | ttf << 32 */
	uint32_t df, post_len;
} flush_place;

/* That a term is in a class. */
typedef struct flush_rec {
	uint64_t key;     /* field, then the first six bytes of the fold or stem */
	uint32_t ord;     /* the term */
	uint32_t str;     /* in the pool: u8 length, u8 has mask, bytes, u64 mask; or FLUSH_SAME */
} flush_rec;
#define FLUSH_SAME UINT32_MAX /* the stem is the term, in all languages */

typedef struct flush_recs {
	flush_rec *p;
	size_t n, cap;
	buf pool;
	bool failed;
} flush_recs;

/* One part: files NAME.dict.N and so on, in order of N. */
typedef struct flush_part {
	unsigned number;
	size_t first, end;      /* range of terms (in `terms`) or of records */
	uint64_t first_ord;
	pwriter dict, post, pos;
	char *dict_path, *post_path, *pos_path;
	bool has_pos;
	pfile post_file;        /* opened when written */
	cdg_status status;
	cdg_error err;
} flush_part;

typedef struct flush_parts {
	flush_part *p;
	size_t n;
} flush_parts;

typedef struct flush {
	const flush_input *in;
	flush_term *terms;
	size_t nterms;          /* elements of terms */
	uint64_t nords;         /* different terms */
	uint32_t *heads;        /* ord -> first of its terms; NULL: the same number */
	flush_place *places;    /* by ord */
	uint64_t *self;         /* bit by ord: alone in its stem class, and equal to it */
	flush_recs fold, stem;
	flush_parts term_parts, fold_parts, stem_parts;
} flush;

CDG_INLINE const inv_entry *
flush_entry(const flush *f, const flush_term *t)
{
	return inverter_entry(f->in->workers[t->worker].inv, t->addr);
}
CDG_INLINE size_t
flush_head(const flush *f, uint64_t ord)
{
	return f->heads ? f->heads[ord] : (size_t)ord;
}
CDG_INLINE bool
flush_cancelled(const flush *f)
{
	return f->in->cancel && atomic_load_explicit(f->in->cancel, memory_order_relaxed);
}
/* field and the first six bytes, so that keys sort as (field, bytes) do */
CDG_INLINE uint64_t
flush_key(unsigned field, const uint8_t *s, size_t n)
{
	uint64_t k = (uint64_t)field << 48;
	for (unsigned i = 0; i < 6 && i < n; i++)
		k |= (uint64_t)s[i] << (40 - 8 * i);
	return k;
}
CDG_INLINE int
flush_compare(const uint8_t *a, size_t na, const uint8_t *b, size_t nb)
{
	int c = memcmp(a, b, min_size(na, nb));
	return c ? c : (na > nb) - (na < nb);
}

/* flush_sort.c: fills terms, heads, nords */
cdg_status flush_sort_terms(flush *f, cdg_error *err);
void flush_sort_recs(const flush *f, flush_recs *r);
/* Bytes of a record's class. */
const uint8_t *flush_rec_bytes(const flush *f, const flush_recs *r, const flush_rec *rec, size_t *len);
uint64_t flush_rec_mask(const flush_recs *r, const flush_rec *rec);
bool flush_rec_same(const flush *f, const flush_recs *r, const flush_rec *a, const flush_rec *b);
/* The ord of a term, or UINT64_MAX. */
uint64_t flush_find_term(const flush *f, unsigned field, const uint8_t *s, size_t n);

/* flush_stem.c: fills fold, stem, self */
cdg_status flush_collect_classes(flush *f, cdg_error *err);

/* flush_term.c */
cdg_status flush_write_terms(flush *f, flush_part *part, cdg_error *err);

/* flush_class.c */
cdg_status flush_write_classes(flush *f, flush_part *part, unsigned kind, flush_recs *r, cdg_error *err);

#endif
