/* postings.h - one posting list: which documents have a term, how often (tf),
 * where (positions) and in which written form (codes).  Writer and reader.
 *
 * FORMAT.  A list of df documents is cut in blocks of POST_BLOCK; the last may
 * be short.  With df > POST_BLOCK the list begins with its skip data:
 *
 *   average length f32  (not in files of variant 0)
 *   impacts of the list u64
 *   last document of block  u32 [nb]
 *   offset of block         u32 [nb]   from the end of the skip data, in .post
 *   offset of its positions u32 [nb]   from the term's place in .pos (HAS_POS)
 *   impacts of block        u64 [nb]
 *   impacts of super block  u64 [(nb+31)/32]
 *
 * then the blocks, back to back:
 *
 *   documents: u8 64, u16 nbytes and a bit set of that many: bit i is document
 *         base + 1 + i, where base is the last document of the block before (-1
 *         at the start); or else a chunk of the deltas minus one
 *   chunk of (tf - 1)
 *
 * A CHUNK is n <= POST_BLOCK numbers as bit-packed low parts of b bits, and
 * exceptions: u8 b (| 0x80 if exceptions follow: u8 count, u8 h), ceil(n*b/8)
 * bytes, count indices of 7 bits packed, count high parts (value >> b) of h bits
 * packed.  (PFOR: Zukowski, Heman, Nes, Boncz 2006, "Super-scalar RAM-CPU cache
 * compression".)
 *
 * In .pos, for each doc block: all its positions, S = sum of tf, as chunks
 * of POST_BLOCK and a rest: per document the first position, then the deltas
 * minus one; then, if the term HAS_CODES, its S codes:
 *   u8 0: all zero | u8 1, varint code: all the same | u8 2, chunks as above.
 *
 * With df == 1 there is no .post part: document and tf are in the dictionary.
 *
 * IMPACTS, a u64, are from the low byte up three pairs (tf u8, norm u8), tf rising
 * and norm rising, each doc being dominated by one pair (tf not above, norm not
 * below); tf 255 stands for 255 and more; unused pairs repeat the last.  They
 * hold for every k1, b and average length.  Then u16 the RATIO: a code for at
 * least the largest tf / (k1 * (1 - b + b * length / average)) of its documents,
 * with k1 = 1.2, b = 0.75 and the list's average length.  BM25 is a function of
 * that alone, so under these parameters the ratio is the tightest ceiling there
 * is, and under others it can be corrected (query/plan.c).  In files of variant 0
 * there are four pairs and no ratio.
 *
 * CODES say how a token was written: 0 as the term (lower case), 1 Title, 2
 * UPPER, +3 when a hyphen joins it to the next token; 6 + i is entry i of
 * the term's table of forms in the dictionary.
 */
#ifndef ENGINE_POSTINGS_H
#define ENGINE_POSTINGS_H

#include "engine/bitpack.h"
#include "engine/doctab.h"
#include "engine/pfile.h"

enum {
	POST_BLOCK = 128,
	POST_SUPER = 32, /* blocks a super block */
	POST_BITSET = 64,
	POST_INDEX_BITS = 7,
	POST_CODE_HYPHEN = 3,
	POST_CODE_FORMS = 6
};
#define POST_END UINT32_MAX /* the document after the last */

/* Everything the dictionary knows of one list. */
typedef struct post_meta {
	uint32_t df;
	uint64_t ttf;           /* sum of tf */
	uint64_t post, pos;     /* places in .post and .pos */
	uint32_t post_len;
	uint64_t pos_len;
	bool has_pos, has_codes, wide; /* wide: some form covers more than one position */
	uint32_t single_doc;    /* df == 1 */
	bool inline_pos;        /* df == 1, ttf == 1: the position is here */
	uint32_t single_pos;
} post_meta;

/* ---- writing -------------------------------------------------------- */

enum { POST_PAIRS = 3, POST_PAIRS_0 = 4 }; /* of an impact word; in variant 0 */
#define POST_RATIO_K1 1.2f
#define POST_RATIO_B 0.75f

/* What the ratio multiplies a tf by: the float arithmetic of query/bm25.h, step by step. */
CDG_INLINE float
post_ratio_inv(uint8_t norm, float avg)
{
	return 1.0f / (POST_RATIO_K1 * ((1.0f - POST_RATIO_B) + POST_RATIO_B * ((float)norm_decode(norm) / avg)));
}

/* The code of a ratio: five bits of exponent and eleven of mantissa, rounded up;
 * 65535 stands for any ratio. */
enum { POST_RATIO_ANY = 65535, POST_RATIO_BASE = (127 - 15) << 11 };
CDG_INLINE uint16_t
post_ratio_code(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, 4);
	if (!(x > 0x1p-15f))
		return 0;
	bits = (bits + 4095) >> 12;
	return bits - POST_RATIO_BASE < POST_RATIO_ANY ? (uint16_t)(bits - POST_RATIO_BASE) : POST_RATIO_ANY;
}
CDG_INLINE float
post_ratio(uint64_t impacts)
{
	uint32_t code = (uint32_t)(impacts >> 48), bits = code == POST_RATIO_ANY ? 0x7f800000 : (code + POST_RATIO_BASE) << 12;
	float x;

	memcpy(&x, &bits, 4);
	return x;
}

typedef struct impact_set {
	float ratio;         /* the largest */
	uint8_t tf[256];     /* by norm: the largest tf, capped at 255; 0: none */
} impact_set;

/* By what the ratio multiplies a tf, for an average length. */
typedef struct post_ratios {
	float avg, inv[256]; /* by norm */
} post_ratios;

typedef struct post_writer {
	pwriter *post, *pos;
	post_ratios own;     /* of post_writer_init */
	const post_ratios *ratios; /* in use: that, or others for a list of another field */
	/* the list being written */
	bool has_pos, has_codes;
	uint32_t n;          /* documents in the open block */
	uint32_t df, last, base;
	uint64_t ttf, pos_start;
	uint32_t docs[POST_BLOCK + 16], tfs[POST_BLOCK + 16];
	uint8_t norms[POST_BLOCK];
	uint32_t *values, *codes;    /* of the open block */
	size_t nvalues, values_cap, codes_cap;
	bool any_code;
	buf data, scratch, skip_last, skip_off, skip_pos, skip_imp, skip_super;
	impact_set super, list;
	uint32_t super_n;
	cdg_status status;
	cdg_error err;
} post_writer;

/* avg_len: average length of the field; where it is another when searching, the
 * ceilings are not as tight. */
void post_writer_init(post_writer *w, pwriter *post, pwriter *pos, float avg_len);
void post_writer_fini(post_writer *w);
/* The files may be changed between terms. */
void post_begin(post_writer *w, bool has_pos, bool has_codes);
/* Documents in rising order.  pos: tf rising positions (ignored without
 * has_pos); codes: tf codes, or NULL for all 0. norm: the field's length byte
 * of the document. */
void post_add(post_writer *w, uint32_t doc, uint32_t tf, const uint32_t *pos, const uint32_t *codes,
	      uint8_t norm);
/* The same in two steps, without a copy (has_pos): room for tf numbers in all, to be
 * filled with the first position and then the gaps (position - position before - 1),
 * and for as many codes (has_codes); then the document.  May be asked again for more
 * of the same document, which keeps what was filled.  16 numbers behind them may be
 * written too.  NULL: no memory, which post_end says.  any_code: some code is not 0. */
uint32_t *post_reserve_slow(post_writer *w, uint32_t tf);
CDG_INLINE uint32_t *
post_reserve(post_writer *w, uint32_t tf)
{
	size_t need = w->nvalues + tf + 16;

	if (unlikely(w->n == POST_BLOCK || need > w->values_cap || (w->has_codes && need > w->codes_cap)))
		return post_reserve_slow(w, tf);
	return w->values + w->nvalues;
}
CDG_INLINE uint32_t *
post_reserved_codes(post_writer *w)
{
	return w->codes + w->nvalues;
}
/* A document in the open block, its positions and codes left out. */
CDG_INLINE void
post_add_doc(post_writer *w, uint32_t doc, uint32_t tf, uint8_t norm)
{
	w->docs[w->n] = w->last = doc;
	w->tfs[w->n] = tf - 1;
	w->norms[w->n] = norm;
	w->n++;
	w->df++;
	w->ttf += tf;
}
CDG_INLINE void
post_add_reserved(post_writer *w, uint32_t doc, uint32_t tf, bool any_code, uint8_t norm)
{
	post_add_doc(w, doc, tf, norm);
	w->any_code |= any_code;
	w->nvalues += tf;
}
/* Close the list and describe it.  df == 0 gives an empty meta. */
cdg_status post_end(post_writer *w, post_meta *out, cdg_error *err);

/* ---- reading -------------------------------------------------------- */

enum { POST_CURSOR_PAD = 44, POST_ALIGN = 64, POST_RUNS = 16, POST_PICK = 16 };

/* A cursor over one list.  Begin: post_open; then post_next_block or
 * post_seek.  On damage the cursor jumps to POST_END and `bad` is set; the
 * file remembers the place.  All memory is inside, nothing to free but by
 * post_close (positions of very frequent terms in one document). */
typedef struct post_cursor {
	const pfile *post, *pos;
	post_meta meta;
	uint32_t ndocs;           /* documents of the segment: all ids are below */
	uint32_t nb;              /* blocks */
	uint32_t block;           /* loaded block, nb = none yet / at end */
	uint32_t n, i;            /* documents in it; current one */
	uint32_t hint;            /* no block before will be asked for again */
	uint32_t doc;             /* == docs[i], or POST_END */
	bool bad;
	bool nomem;               /* bad for want of memory, not by damage */
	bool tf_loaded;
	const uint8_t *skip_last, *skip_off, *skip_pos, *skip_imp, *skip_super; /* nb > 1 */
	uint64_t list_impacts;
	float avg;                /* average length of its ratios; 0: there are none */
	size_t data;              /* offset of the first block in .post */
	const uint8_t *tf_at, *block_end;
	/* positions of the loaded block */
	uint32_t pos_block;       /* block the next six are for, or UINT32_MAX */
	const uint8_t *pos_start, *pos_end; /* its bytes */
	const uint8_t *pos_at;    /* where chunk number pos_next begins */
	uint32_t pos_next;
	uint32_t chunk;           /* chunk that runs is of, UINT32_MAX = none */
	bool chunk_wide;          /* runs are the numbers as they are */
	uint32_t *many;           /* heap: positions of a document with more than POST_BLOCK */
	size_t many_cap;
	uint32_t *codes;          /* heap: codes of block codes_block */
	size_t codes_cap;
	uint32_t codes_block;
	uint8_t align[POST_CURSOR_PAD]; /* the arrays begin at a cache line, if the cursor does */
	uint32_t docs[POST_BLOCK + 16], tfs[POST_BLOCK + 16], sums[POST_BLOCK + 16];
	/* from POST_RUNS on, and 0 before, the sums of each number of the chunk and those before, a number being
	 * a difference minus one and counted as the difference */
	uint32_t runs[POST_RUNS + POST_BLOCK + 16], pos_out[POST_BLOCK + 16];
} post_cursor;
_Static_assert(offsetof(post_cursor, docs) % POST_ALIGN == 0, "adjust POST_CURSOR_PAD");

/* Before the first document; `doc` is not valid until a next or seek. */
void post_open(post_cursor *c, const pfile *post, const pfile *pos, const post_meta *meta, uint32_t ndocs);
void post_close(post_cursor *c);

/* Put the cursor behind the last document. */
CDG_INLINE void
post_finish(post_cursor *c)
{
	c->doc = POST_END;
	c->block = c->nb;
	c->n = c->i = 0;
}
/* Put it before the first. */
CDG_INLINE void
post_rewind(post_cursor *c)
{
	if (c->bad)
		return;
	c->doc = 0;
	c->block = c->pos_block = c->chunk = c->codes_block = UINT32_MAX;
	c->n = c->i = c->hint = 0;
}
/* Decode block b: c->docs[0..n), i = 0.  False at the end or on damage. */
bool post_load(post_cursor *c, uint32_t b);
/* The tf of the loaded block, decoded on demand; c->tfs. */
bool post_load_tfs(post_cursor *c);

/* Where the tf of a block are; holds when the cursor is at another. */
typedef struct post_tf_place {
	const uint8_t *at, *end;
	uint32_t n;
} post_tf_place;
/* Of the loaded block. */
CDG_INLINE post_tf_place
post_tf_of(const post_cursor *c)
{
	return (post_tf_place){ c->tf_at, c->block_end, c->n };
}
/* The tf of m <= POST_BLOCK documents at rising places of a block.  at and tfs have room for
 * 16 more.  False: damage; it ends the cursor. */
bool post_pick_tfs(post_cursor *c, const post_tf_place *p, const uint8_t *at, uint32_t m, uint32_t *tfs);

/* First document >= target (target must not go back); POST_END after the last. */
uint32_t post_seek_slow(post_cursor *c, uint32_t target);
CDG_INLINE uint32_t
post_next(post_cursor *c)
{
	if (likely(c->block < c->nb && c->i + 1 < c->n))
		return c->doc = c->docs[++c->i];
	if (c->block == UINT32_MAX)
		post_load(c, 0);
	else if (c->block < c->nb)
		post_load(c, c->block + 1);
	return c->doc;
}
uint32_t post_seek(post_cursor *c, uint32_t target);
CDG_INLINE uint32_t
post_tf(post_cursor *c)
{
	if (unlikely(!c->tf_loaded) && !post_load_tfs(c))
		return 1;
	return c->tfs[c->i];
}

/* A block's documents as bits: bit i is document first + i.  None of the nbits is beyond
 * the segment's documents. */
enum { POST_SET_BITS = 2048, POST_SET_ROOM = POST_SET_BITS / 8 + 8 };
typedef struct post_set {
	const uint8_t *bits;
	uint32_t first, nbits;
	post_tf_place tf;
	uint8_t room[POST_SET_ROOM];
} post_set;
/* Block b so, if it is stored as a bit set or has few gaps; loads nothing.  False: it is
 * not. */
bool post_block_set(const post_cursor *c, uint32_t b, post_set *s);

/* Last document of block b (from the skip data; loads nothing). */
CDG_INLINE uint32_t
post_block_last(const post_cursor *c, uint32_t b)
{
	return c->nb > 1 ? load_u32(c->skip_last + 4 * (size_t)b) : c->ndocs - 1;
}
/* Block b will be wanted: let it come meanwhile.  nb > 1. */
CDG_INLINE void
post_expect_block(const post_cursor *c, uint32_t b)
{
	const uint8_t *p = c->post->map.at + c->data + load_u32(c->skip_off + 4 * (size_t)b);

	if (p < c->post->map.at + c->post->data_len) { /* what is damaged is seen when it is read */
		__builtin_prefetch(p);
		__builtin_prefetch(p + 64);
	}
}
/* The first block >= from whose last document is >= target; nb if none. */
uint32_t post_find_block(const post_cursor *c, uint32_t from, uint32_t target);
CDG_INLINE uint64_t
post_block_impacts(const post_cursor *c, uint32_t b)
{
	return c->nb > 1 ? load_u64(c->skip_imp + 8 * (size_t)b) : c->list_impacts;
}
CDG_INLINE uint64_t
post_super_impacts(const post_cursor *c, uint32_t super)
{
	return c->nb > 1 ? load_u64(c->skip_super + 8 * (size_t)super) : c->list_impacts;
}

/* The positions of the current document: *n of them, rising; borrowed until
 * the next call on this cursor.  NULL on damage or without positions. */
const uint32_t *post_positions(post_cursor *c, uint32_t *n);
/* The positions of the loaded block will be wanted: let them come meanwhile. */
CDG_INLINE void
post_expect_positions(const post_cursor *c)
{
	const uint8_t *p;

	if (c->nb < 2 || c->block >= c->nb || !c->meta.has_pos)
		return;
	p = c->pos->map.at + c->meta.pos + load_u32(c->skip_pos + 4 * (size_t)c->block);
	if (p < c->pos->map.at + c->pos->data_len) /* what is damaged is seen when it is read */
		for (unsigned i = 0; i < 4; i++)
			__builtin_prefetch(p + 64 * i);
}
/* The same a piece at a time, without a copy: n of them are v[i] + plus, mod 2^32.  False at
 * the end, or on damage; a piece holds until the next call on this cursor. */
typedef struct post_piece {
	const uint32_t *v;
	uint32_t n, plus;
	uint32_t left, from, at; /* own: so many to come, from that number of the block on; least position */
} post_piece;
bool post_pieces(post_cursor *c, post_piece *p); /* before the first */
bool post_next_piece(post_cursor *c, post_piece *p);
/* How often two words, off_a and off_b (one of them 0) from where their phrase begins, stand
 * as they should, in n documents of their loaded blocks: numbers ia[k] and ib[k], rising.
 * It may be told as `enough` where it is more than that.  POST_MEET_UNKNOWN: not told (both
 * have many positions; damage; no vectors here).  Moves the cursors in their blocks. */
enum { POST_MEET_UNKNOWN = 255 };
void post_meet(post_cursor *a, const uint8_t *ia, uint32_t off_a, post_cursor *b, const uint8_t *ib, uint32_t off_b,
	       uint32_t n, unsigned enough, uint8_t *met);
/* Their codes (call after post_positions); NULL means all 0 (or damage: bad). */
const uint32_t *post_codes(post_cursor *c);

/* Verify a whole list against its meta: order, ranges, sums, impacts that
 * cover every document.  norms: of the field, ndocs bytes, or NULL (no impacts
 * to check).  ncodes: codes must be below.  The cursor is for scratch.
 * CDG_E_CORRUPT. */
cdg_status post_check(post_cursor *c, const pfile *post, const pfile *pos, const post_meta *meta, uint32_t ndocs,
		      const uint8_t *norms, uint32_t ncodes, cdg_error *err);

#endif
