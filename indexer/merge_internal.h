/* merge_internal.h - what the files merge*.c share.
 *
 *   merge.c        the order of the steps, threads, errors, cleaning up
 *   merge_input.c  inputs: which documents live, their new numbers and languages
 *   merge_keys.c   k-way iteration over dictionaries; ranges of the term space
 *   merge_order.c  another order of the documents, if one is asked for
 *   merge_gather.c postings that come in the wrong order, sorted
 *   merge_term.c   terms: lists with positions, tables of forms
 *   merge_class.c  fold and stem classes
 *   merge_docs.c   document table, stored text, trees, columns
 *   merge_join.c   the parts into the files of the segment
 *
 * A PART is a range of keys of one kind (terms, fold classes, stem classes)
 * that one thread merges into a dictionary and lists of its own.  First all
 * term parts, which fill the maps from old ordinals to new ones; then the class
 * parts, which need them and find out which terms are SELF; then the join.
 *
 * LANGUAGES are renumbered: bit k of a "language set" here is the k-th
 * language that any live document has, so that a set takes 1, 2, 4 or 8 bytes
 * a term, and none when there is one language only (lang_width 0).
 */
#ifndef INDEXER_MERGE_INTERNAL_H
#define INDEXER_MERGE_INTERNAL_H

#include "engine/segment.h"
#include "indexer/merge.h"

#define MERGE_DEAD UINT32_MAX
#define MERGE_KIND_DICT PFILE_KIND('D', 'I', 'C', 'T')
#define MERGE_KIND_POST PFILE_KIND('P', 'O', 'S', 'T')
#define MERGE_KIND_POS PFILE_KIND('P', 'O', 'S', 'N')

typedef struct merge_input {
	segment seg;
	bool opened;
	uint32_t ndocs, nlive;
	uint32_t base;        /* new number of its first live document */
	const uint64_t *alive; /* a bit a document; NULL: all live */
	uint32_t *rank;       /* live documents before each word of `alive` */
	const uint32_t *order; /* the merge's */
	uint64_t langs;       /* of live documents, as in the manifest */
	uint8_t *lang;        /* number of its language a document; NULL: all have lang_set */
	uint64_t lang_set;
	uint64_t nterms;      /* ordinals of terms are below */
	uint32_t *ords;       /* old ordinal of a term -> new, or MERGE_DEAD */
	uint8_t *lang_sets;   /* per old ordinal: languages of its live documents */
} merge_input;

typedef struct merge_part {
	unsigned kind, index;
	uint64_t *from, *to;   /* per input: ordinals of the range */
	bool own_lists;        /* lists go to files of its own, to be copied */
	pwriter dict_out, post_out, pos_out;
	pwriter *post, *pos;   /* where lists go */
	dict_writer dict;
	post_writer lists;
	post_ratios titles;    /* for lists of the title */
	uint64_t nkeys;        /* terms written */
	uint8_t *lang_sets;    /* kind DICT_TERM: per local ordinal */
	size_t lang_cap;
	size_t touched;        /* bytes of inputs read since the last forgetting */
	uint64_t progress;
} merge_part;

typedef struct merge {
	const char *dir;
	const merge_options *opt;
	merge_input *in;
	size_t n;
	manifest_segment out;
	uint8_t lang_of[64];   /* language id -> number */
	unsigned nlangs, lang_width;
	uint64_t all_langs;
	uint32_t *order;       /* new number of each live document, counted through the inputs;
	                        * NULL: that order itself */
	uint8_t *lang_sets;    /* per new ordinal of a term */
	_Atomic uint64_t *self; /* bit per new ordinal of a term */
	uint64_t nterms;
	merge_part *parts;     /* nranges of terms, of fold, of stem classes */
	size_t nranges, nparts;
	pwriter dict, post, pos;
	size_t memory;         /* bytes to stay below */
	size_t room;           /* bytes of postings a thread may keep aside to sort them */
	size_t window;         /* input bytes a thread may map before it forgets them */
	uint64_t total;
	_Atomic uint64_t done, reported;
	_Atomic bool stopped;  /* an error in some thread */
	cdg_status status;
	cdg_error err;
} merge;

/* ---- merge.c -------------------------------------------------------- */

/* CDG_E_CANCELLED if this merge is to stop. */
cdg_status merge_poll(merge *m, cdg_error *err);
/* Remove a file of the new segment; needs no memory. */
void merge_unlink(const merge *m, const char *ext);
/* Count bytes of input as done. */
void merge_progress(merge *m, uint64_t bytes);

/* ---- merge_input.c -------------------------------------------------- */

cdg_status merge_inputs_open(merge *m, const manifest_segment *const *inputs, cdg_error *err);
void merge_inputs_close(merge *m);
/* Let the kernel take back the pages of the inputs that are mapped now. */
void merge_forget(merge *m);

/* Number of a document below ndocs among all live ones in order, or MERGE_DEAD. */
CDG_INLINE uint32_t
merge_count(const merge_input *in, uint32_t doc)
{
	uint64_t w, bit = (uint64_t)1 << (doc % 64);
	if (likely(!in->alive))
		return in->base + doc;
	w = in->alive[doc / 64];
	if (!(w & bit))
		return MERGE_DEAD;
	return in->base + in->rank[doc / 64] + (uint32_t)__builtin_popcountll(w & (bit - 1));
}

/* Its new number, or MERGE_DEAD. */
CDG_INLINE uint32_t
merge_doc(const merge_input *in, uint32_t doc)
{
	uint32_t n = merge_count(in, doc);
	return unlikely(in->order != NULL) && n != MERGE_DEAD ? in->order[n] : n;
}

/* The language set of a document. */
CDG_INLINE uint64_t
merge_doc_langs(const merge_input *in, uint32_t doc)
{
	return in->lang ? (uint64_t)1 << in->lang[doc] : in->lang_set;
}

uint64_t merge_lang_get(const merge *m, const uint8_t *sets, uint64_t i);
void merge_lang_set(const merge *m, uint8_t *sets, uint64_t i, uint64_t set);
/* A mask of the dictionary as a language set, and back. */
uint64_t merge_lang_pack(const merge *m, uint64_t mask);
uint64_t merge_lang_unpack(const merge *m, uint64_t set);

/* ---- merge_keys.c --------------------------------------------------- */

/* One input's keys of one kind in a range. */
typedef struct merge_stream {
	dict_iter it;
	uint64_t end;     /* ordinal after the last */
	uint32_t input;
	bool more;        /* it.key, it.e are valid */
} merge_stream;

/* The streams in order of (key without its kind, index of the stream). */
typedef struct merge_heap {
	merge_stream *streams;
	uint32_t *order, *group; /* heap of indexes; the streams that stand at the least key */
	size_t n, cap, ngroup;
} merge_heap;

cdg_status merge_heap_init(merge_heap *h, size_t nstreams, cdg_error *err);
void merge_heap_fini(merge_heap *h);
/* Add the keys with ordinals [from, to) of an input. */
cdg_status merge_heap_add(merge_heap *h, const merge *m, uint32_t input, uint64_t from, uint64_t to,
			  cdg_error *err);
/* Step over the last group and find the next one: h->group, in order of
 * streams.  *more is false at the end. */
cdg_status merge_heap_next(merge_heap *h, bool *more, cdg_error *err);

/* Cut the term space in ranges of about equal size: fills from and to of all
 * parts. */
cdg_status merge_plan(merge *m, cdg_error *err);

/* ---- merge_order.c, merge_gather.c ---------------------------------- */

/* Choose the order of the documents. */
cdg_status merge_order(merge *m, cdg_error *err);

typedef struct merge_posting {
	uint32_t at;      /* its positions and codes */
	uint32_t tf;
	uint8_t norm;
	bool coded;       /* its codes are not all 0 */
} merge_posting;

/* The postings of a list are gathered at once, or of one slice of the new numbers after
 * the other if they do not fit the merge's `room`:
 *
 *   if (merge_gather_plan(g, m, df, ttf, per_token))
 *           merge_gather_weigh each input's list
 *   while (merge_gather_next(g, m))
 *           merge_gather_add all that merge_gather_wants; merge_gather_sort;
 *           merge_gathered */
typedef struct merge_gather {
	uint64_t *keys, *work; /* new document << 32 | number in `list` */
	merge_posting *list;
	uint32_t *values; /* first position, then gaps, as in the list */
	uint32_t *codes;
	size_t n, keys_cap, work_cap, list_cap;
	size_t nvalues, values_cap, codes_cap;
	uint32_t from, to;     /* the slice */
	unsigned slice;        /* the next */
	unsigned per_token;    /* bytes: 0 without positions, 4, 8 with codes */
	bool sliced;
	uint64_t *weights;     /* bytes that each slice takes */
} merge_gather;

void merge_gather_fini(merge_gather *g);
/* Begin with a list of so many documents and positions in all; true: it is to be weighed. */
bool merge_gather_plan(merge_gather *g, const merge *m, uint64_t df, uint64_t ttf, unsigned per_token);
/* One input's list of it, through a cursor of the caller. */
cdg_status merge_gather_weigh(merge_gather *g, merge *m, const merge_input *in, const post_meta *meta,
			      post_cursor *c, cdg_error *err);
/* The next slice; false: that was all. */
bool merge_gather_next(merge_gather *g, const merge *m);
CDG_INLINE bool
merge_gather_wants(const merge_gather *g, uint32_t doc)
{
	return doc >= g->from && doc < g->to;
}
/* pos, codes: tf each, or NULL.  False: out of memory. */
bool merge_gather_add(merge_gather *g, uint32_t doc, uint32_t tf, const uint32_t *pos, const uint32_t *codes,
		      uint8_t norm);
/* `keys` in order of documents, which are below ndocs.  False: out of memory. */
bool merge_gather_sort(merge_gather *g, uint32_t ndocs);
CDG_INLINE const merge_posting *
merge_gathered(const merge_gather *g, size_t i, uint32_t *doc)
{
	*doc = (uint32_t)(g->keys[i] >> 32);
	return &g->list[(uint32_t)g->keys[i]];
}

/* ---- parts ---------------------------------------------------------- */

cdg_status merge_part_open(merge *m, merge_part *p, cdg_error *err);
cdg_status merge_part_close(merge *m, merge_part *p, cdg_error *err);
/* Free everything; remove its files. */
void merge_part_discard(merge *m, merge_part *p);
/* Close the list that p->lists is writing. */
cdg_status merge_part_end(merge_part *p, post_meta *meta, cdg_error *err);
/* Read `bytes` of the inputs: keeps mapped memory, progress and cancelling. */
cdg_status merge_part_step(merge *m, merge_part *p, uint64_t bytes, cdg_error *err);
uint8_t merge_norm(const merge_input *in, unsigned field, uint32_t doc);

cdg_status merge_terms(merge *m, merge_part *p, cdg_error *err);
cdg_status merge_classes(merge *m, merge_part *p, cdg_error *err);

/* ---- merge_docs.c, merge_join.c ------------------------------------- */

cdg_status merge_docs(merge *m, cdg_error *err);

/* After all term parts: their ordinals become those of the segment, their
 * lists go to the segment's files. */
cdg_status merge_join_terms(merge *m, cdg_error *err);
/* After all class parts: the dictionary, and the rest of the lists. */
cdg_status merge_join(merge *m, cdg_error *err);

#endif
