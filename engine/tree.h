/* tree.h - the structure of each document on the axis of its token positions
 * (.tree file): title, sentences, paragraphs, pages, sections, and anchors that
 * tie a position to a byte of the text, where the tokenizer may restart.
 *
 * LAYOUT (kind "TREE"; little-endian; offsets are file offsets)
 *
 *   at         size           what
 *   64         data_end - 64  blobs, back to back; a document's tree offset (.docs
 *                             file) is where its blob begins, and documents with the
 *                             same structure may share one
 *   data_end   0..7           zeros up to a multiple of 8
 *   end - 16   8              u64 data_end
 *   end - 8    8              u64 number of blobs
 *   (end = payload end, see pfile.h)
 *
 * A BLOB.  varint = LEB128.
 *   varint  bytes that follow
 *   varint  title_len                 positions [0, title_len) are the title
 *   varint  body_pos - title_len      the first position of the text
 *   varint  end_pos - body_pos        one past the last position
 *   varint  nsent, npage, nsect, nanchor
 *   varint  sent_bytes                present if nsent > 0
 *   varint  page_bytes                present if npage > 0
 *   varint  sect_bytes                present if nsect > 0
 *           (the anchor stream takes the rest)
 *   index of sentences: (nsent-1)/128 entries of 12 bytes, for sentences 128, 256, ...
 *           u32 position of that sentence
 *           u32 position of the last paragraph start before or at it (0 if none)
 *           u32 where its bytes begin in the sentence stream
 *   index of pages:     (npage-1)/16 entries of 8 bytes, for pages 16, 32, ...
 *           u32 start position, u32 where its bytes begin in its stream
 *   index of sections:  (nsect-1)/16 entries of 8 bytes, the same
 *   index of anchors:   (nanchor-1)/64 entries of 16 bytes, for anchors 64, 128, ...
 *           u32 position, u32 byte, u32 code point, u32 where its bytes begin
 *   sentence stream: per start, varint (pos - previous pos) << 1 | is_paragraph;
 *           the previous of the first is 0; strictly increasing
 *   page stream, section stream: per span, in order of start (outer first),
 *           varint start - previous start (of the first: start)
 *           varint end - start
 *           varint up: its parent is the span `up` before it in this stream; 0 = none
 *           u8     kind
 *           varint level
 *           varint label bytes, then the label (UTF-8)
 *   anchor stream: per anchor
 *           varint pos - previous pos      (the previous of the first is body_pos)
 *           varint byte - previous byte    (0)
 *           varint (byte - previous byte) - (code point - previous code point)
 * An index is empty for 0 elements.  In an index entry the stream goes on from
 * the entry: the first delta of that element is not to be added to it again.
 *
 * Spans of kind page have a stream of their own, because pages cut across
 * articles.  Within a stream spans nest; `up` names the latest-starting span
 * still open at the start.
 *
 * Threads: a tree is read by any number of threads, each with its own
 * tree_view.  Builders and parts belong to one thread at a time.
 */
#ifndef ENGINE_TREE_H
#define ENGINE_TREE_H

#include "engine/kind.h"
#include "engine/pfile.h"
#include "engine/store.h"

#define TREE_KIND PFILE_KIND('T', 'R', 'E', 'E')

enum {
	TREE_SENT_STEP = 128,
	TREE_SPAN_STEP = 16,
	TREE_ANCHOR_STEP = 64,
	TREE_TRAILER = 16
};

typedef struct tree_section {
	uint32_t start, end; /* positions [start, end) */
	uint32_t level;
	uint32_t index;      /* number within its stream */
	const char *label;   /* borrowed from the file, no NUL */
	uint32_t label_len;
	uint8_t kind;        /* tree_kind */
} tree_section;

typedef struct tree_anchor {
	uint32_t pos, byte, cp; /* position; byte and code point offset in the text */
} tree_anchor;

/* ---- building ------------------------------------------------------------- */

typedef struct tree_span tree_span;
typedef struct tree_builder {
	buf sents, anchors, labels, work;
	tree_span *spans;
	size_t nspans, cap_spans;
	cdg_status status; /* sticky */
} tree_builder;

void tree_builder_init(tree_builder *b);
void tree_builder_fini(tree_builder *b);
/* Start a document. */
void tree_builder_begin(tree_builder *b);
/* A sentence starts at pos; not before the one given last (the same again is
 * the same start).  Paragraph starts are sentence starts. */
void tree_builder_sentence(tree_builder *b, uint32_t pos, bool paragraph);
/* A section [start, end) in any order; the label is copied.  An end before the
 * start counts as the start; both are cut to end_pos. */
void tree_builder_section(tree_builder *b, tree_kind kind, uint32_t level, const char *label,
			  size_t label_len, uint32_t start, uint32_t end);
/* pos, byte and code point do not decrease.  {body_pos, 0, 0} is implied. */
void tree_builder_anchor(tree_builder *b, uint32_t pos, uint32_t byte, uint32_t cp);
/* Append the blob to out.  Needs title_len <= body_pos <= end_pos.  CDG_E_ARG
 * if the calls since begin broke a rule above. */
cdg_status tree_builder_end(tree_builder *b, uint32_t title_len, uint32_t body_pos, uint32_t end_pos,
			    buf *out, cdg_error *err);

/* Small blobs that were written and where, for documents that have the same: short
 * texts without sections often do.  Of those with one hash the last TREE_WAYS stay. */
enum { TREE_SHARED = 8192, TREE_WAYS = 4, TREE_SMALL = 23 };
typedef struct tree_shared {
	uint64_t at;      /* 0: none */
	uint8_t n, bytes[TREE_SMALL];
} tree_shared;

/* The blobs of one worker in a temporary file, bounded memory. */
typedef struct tree_part {
	store_spill spill;
	buf blob;
	tree_shared *shared; /* [TREE_SHARED] of this file; `at` is one more */
	uint64_t nblobs;
} tree_part;

cdg_status tree_part_init(tree_part *p, const char *tmp_path, cdg_error *err);
void tree_part_fini(tree_part *p); /* safe on a zeroed part */
/* tree_builder_end into the part; *off is where the blob is, from 0. */
cdg_status tree_part_add(tree_part *p, tree_builder *b, uint32_t title_len, uint32_t body_pos,
			 uint32_t end_pos, uint64_t *off, cdg_error *err);

/* Write the parts one after the other and the trailer: the tree offset of a
 * document of parts[i] is base[i] + its off.  NULL parts are empty.  The parts
 * are empty afterwards.  `out` was opened with TREE_KIND; the caller finishes it. */
cdg_status tree_join(pwriter *out, tree_part **parts, size_t n, uint64_t *base, cdg_error *err);

/* ---- reading -------------------------------------------------------------- */

typedef struct tree {
	pfile f;
	uint64_t data_end, nblobs;
} tree;

cdg_status tree_open(tree *t, const char *path, const segment_id *id, cdg_error *err);
void tree_close(tree *t); /* safe on a zeroed tree */
/* Every blob is decoded and every rule of the layout verified. */
cdg_status tree_check(const tree *t, cdg_error *err);

typedef struct tree_stream {
	const uint8_t *index, *at;
	size_t bytes;
	uint32_t n;
} tree_stream;

/* One document.  Fields title_len, body_pos, end_pos may be read; the rest is
 * the module's (it remembers the last sentence, so ascending lookups are cheap). */
typedef struct tree_view {
	uint32_t title_len, body_pos, end_pos;
	const tree *t;
	uint64_t off;
	tree_stream sents, pages, sects, anchors;
	struct {
		const uint8_t *at;    /* bytes after start number i; NULL: nothing remembered */
		uint32_t i;           /* number of the start `next` */
		uint32_t pos, next;   /* the start before it, or 0; UINT32_MAX if there is none */
	} last;
} tree_view;

/* All functions below: false and nothing found when there is no such thing, or
 * when bytes are damaged; then pfile_error(&t->f) tells (t->f.bad is not 0). */
bool tree_view_open(const tree *t, uint64_t off, tree_view *v);

/* The sentence or paragraph [start, end) around pos.  The title is a sentence
 * and a paragraph of its own unless starts lie within it.  False for positions
 * outside title and text. */
bool tree_sentence_bounds(tree_view *v, uint32_t pos, uint32_t *start, uint32_t *end);
bool tree_paragraph_bounds(tree_view *v, uint32_t pos, uint32_t *start, uint32_t *end);

/* The sections around pos (pages left out), outer to inner; at most cap, the
 * innermost ones if there are more.  Returns how many. */
size_t tree_section_path(const tree_view *v, uint32_t pos, tree_section *out, size_t cap);
/* The innermost span of kind page around pos: its label is the page number. */
bool tree_page(const tree_view *v, uint32_t pos, tree_section *out);
/* The last anchor at or before pos; {body_pos, 0, 0} if there is none before.
 * False for a position before body_pos (in the title). */
bool tree_anchor_before(const tree_view *v, uint32_t pos, tree_anchor *out);
/* The first anchor after pos: an upper bound of the bytes pos is in. */
bool tree_anchor_after(const tree_view *v, uint32_t pos, tree_anchor *out);

/* All spans of a document: pages, or all others, in order of start.
 *   tree_section_iter it; tree_section s;
 *   for (tree_sections(v, false, &it); tree_section_next(&it, &s);) ... */
typedef struct tree_section_iter {
	const tree_view *v;
	const tree_stream *s;
	rd r;
	uint32_t i, start;
} tree_section_iter;
void tree_sections(const tree_view *v, bool pages, tree_section_iter *it);
bool tree_section_next(tree_section_iter *it, tree_section *out);
CDG_INLINE uint32_t
tree_nsections(const tree_view *v, bool pages)
{
	return pages ? v->pages.n : v->sects.n;
}

/* ---- merging -------------------------------------------------------------- */

typedef struct tree_joiner {
	pwriter *out;
	uint64_t nblobs;
	tree_shared *shared; /* of tree_copy; made on first use */
} tree_joiner;

void tree_joiner_init(tree_joiner *j, pwriter *out);
void tree_joiner_fini(tree_joiner *j); /* safe on a zeroed joiner */
/* One document's blob, verbatim, if the same is not there yet; *new_off is its tree
 * offset. */
cdg_status tree_copy(tree_joiner *j, const tree *src, uint64_t off, uint64_t *new_off, cdg_error *err);
cdg_status tree_append_part(tree_joiner *j, tree_part *p, uint64_t *base, cdg_error *err);
/* All blobs of a segment, verbatim: tree offset = *shift + old one (mod 2^64). */
cdg_status tree_append(tree_joiner *j, const tree *src, uint64_t *shift, cdg_error *err);
/* Trailer.  The caller then finishes the pwriter. */
cdg_status tree_joiner_finish(tree_joiner *j, cdg_error *err);

#endif
