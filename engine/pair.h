/* pair.h - the lists of pairs of frequent words: for two words next to each
 * other, which documents have them so, and how often.  With it a phrase of two
 * such words is one list, and a longer one begins with the documents that have
 * its pairs.
 *
 * A WORD here is a fold class of the text field (the folded form of a term), one
 * of the segment's most frequent, none of whose terms has a form that covers
 * several positions.  The segment's words are complete: two of them that have no
 * list never stand next to each other.  tf counts the positions p where a term
 * of the first class is at p and one of the second at p + 1.
 *
 * The file .pair is optional: a segment may be without.  One that has no words
 * says that none were wanted, or that too few were frequent.
 *
 * FILE (.pair): lists, words, rows, index, trailer (all in the payload).
 *   lists    as in .post, documents and frequencies, without positions, in the
 *            order of the rows and of the pairs in them
 *   words    n entries in rising order of bytes: u8 length, bytes
 *   rows     of word i: for each word j that follows it anywhere, j rising:
 *            varint j - j before (the first: j), varint df, then
 *              df 1:  varint document, varint tf - 1
 *              else:  varint ttf - df, varint bytes of its list
 *   index    n times u32 offset of word i in `words`, u64 offset of its row in
 *            the file, u64 place of its first list; then once more the ends
 *   trailer  (48 bytes) u64 number of words, u64 number of pairs, u64 offsets of
 *            words, rows and index, u64 number of words wanted
 */
#ifndef ENGINE_PAIR_H
#define ENGINE_PAIR_H

#include "engine/postings.h"

enum { PAIR_WORDS_MAX = 4096, PAIR_INDEX_ENTRY = 20, PAIR_TRAILER = 48, PAIR_NONE = UINT32_MAX };
#define PAIR_KIND PFILE_KIND('P', 'A', 'I', 'R')

/* ---- reading (any number of threads) --------------------------------- */

typedef struct pair_index {
	pfile file;       /* its lists are read with post_open(c, &file, NULL, ...) */
	bool present;     /* the segment has the file */
	uint32_t nwords, wanted; /* wanted: at most so many were to be chosen */
	uint64_t npairs;
	uint64_t words, rows, index; /* offsets */
} pair_index;

/* Open; a file that is not there is no error: present is false then. */
cdg_status pair_open(pair_index *x, const char *path, const segment_id *id, cdg_error *err);
void pair_close(pair_index *x);
/* Number of a word by its folded form, or PAIR_NONE. */
uint32_t pair_word(const pair_index *x, const char *fold, size_t len);
/* The list of words a and b; false: they never stand so (or damage, which the
 * file remembers). */
bool pair_find(const pair_index *x, uint32_t a, uint32_t b, post_meta *meta);
/* Every structure and list.  norms: length bytes of the text field. */
cdg_status pair_check(const pair_index *x, uint32_t ndocs, const uint8_t *norms, cdg_error *err);

/* ---- writing (one thread) -------------------------------------------- */

typedef struct pair_writer pair_writer;

typedef struct pair_name {
	const uint8_t *p;
	uint32_t len;
} pair_name;
/* words: n folded forms of at most 255 bytes in rising order of bytes, borrowed
 * until pair_writer_finish.  `to` was opened with PAIR_KIND; the caller finishes it. */
cdg_status pair_writer_new(pair_writer **out, pwriter *to, const pair_name *words, uint32_t n, uint32_t wanted,
			   float avg_len, cdg_error *err);
void pair_writer_free(pair_writer *w);
/* Documents of one pair, rising; pairs in the order of (a, b). */
void pair_writer_begin(pair_writer *w, uint32_t a, uint32_t b);
void pair_writer_add(pair_writer *w, uint32_t doc, uint32_t tf, uint8_t norm);
cdg_status pair_writer_end(pair_writer *w, cdg_error *err);
/* Words, rows, index and trailer. */
cdg_status pair_writer_finish(pair_writer *w, cdg_error *err);

#endif
