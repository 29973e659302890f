/* dict.h - the dictionary of a segment: sorted keys, front-coded in blocks,
 * each with the place and statistics of its posting list.
 *
 * KEYS are kind u8, field u16 big-endian, bytes (0 to 255).  So all terms come
 * first, then the fold classes, the stem classes and the document ids, each by
 * field and then by bytes.  ORDINALS number the keys from 0.
 *
 *   DICT_TERM  a term as text/ defines it (accents kept): documents, tf,
 *              positions, codes.
 *   DICT_FOLD  all terms with this fold.  Written only if some member's fold
 *              differs from the member itself; without it the class of x is
 *              the term x alone.
 *   DICT_STEM  all occurrences whose stem (by the language of their document)
 *              is this.  Always written (as an alias if need be) unless the class
 *              is one term that equals its stem in every document; that term
 *              carries SELF.  Fields of metadata have no stem classes.
 *   DICT_ID    a document id (longer than 255 bytes: its first 239 bytes and 16
 *              hex digits of the XXH3-64 of all); df 1, no positions.
 *
 *   DICT_PAIR  two terms side by side, in a dictionary of its own (segment.h): the
 *              ordinals of both, u32 big-endian each; documents and tf, no positions.
 *
 * A class with two members or more has a list of its own (documents and summed
 * tf, no positions; positions are those of its members).  A class with one
 * member, wholly in it, is an ALIAS: no list, the member's is used.
 *
 * FILE (.dict): blocks, index, trailer.
 *   block   u64 post, u64 pos: places of its first list; u64 first ordinal; u8
 *           n (1..64); n entries
 *   entry   varint bytes shared with the key before (0 for the first), varint
 *           n of further bytes, those bytes, u8 flags, then
 *             not ALIAS, SINGLE:  varint document; unless INLINE: varint ttf - 1
 *             not ALIAS, else:    varint df, varint ttf - df, varint bytes in .post
 *             POS and INLINE:     varint position
 *             POS, else:          varint bytes in .pos
 *             FORMS:              varint bytes, then that many: each form
 *                                 u8 width, u8 n, n raw bytes
 *             CLASS or ALIAS (not of a DICT_TERM): varint members, each varint (ordinal delta
 *                                 << 1 | has mask) and perhaps varint mask
 *           Lists follow one another in .post and .pos in the order of keys.
 *           In a DICT_TERM the bit of CLASS is SELF (see DICT_STEM).
 *   index   per block u64 offset, u64 first ordinal
 *   trailer (64 bytes, at the end of the payload) u64 keys, blocks, offset of
 *           index, then 5 u64: number of keys of kind 1..4, 0
 * A member's mask has bit L set if it counts in documents of language L; no
 * mask: in all.
 */
#ifndef ENGINE_DICT_H
#define ENGINE_DICT_H

#include "engine/postings.h"

enum { DICT_TERM = 1, DICT_FOLD = 2, DICT_STEM = 3, DICT_ID = 4, DICT_PAIR = 5, DICT_PAIR_KEY = 8 };
enum { DICT_KEY_MAX = 255, DICT_KEY_HEAD = 3, DICT_BLOCK = 64 };
enum { DICT_FIELD_TEXT = 0, DICT_FIELD_TITLE = 1, DICT_FIELD_FIRST = 2 };

typedef struct dict {
	pfile file;
	uint64_t nkeys, nblocks, index;
	uint64_t kind_count[5];
	_Atomic(struct dict_top *) top; /* see dict_find.c; NULL until a key is looked up */
} dict;

typedef struct dict_member {
	uint64_t ord;
	uint64_t mask; /* UINT64_MAX: all languages */
} dict_member;

/* What an entry says.  Pointers are into the file. */
typedef struct dict_entry {
	uint64_t ord;
	uint8_t kind;
	uint16_t field;
	post_meta meta;        /* meta.df == 0 for an alias */
	bool alias, is_class;
	bool self_stem;        /* DICT_TERM: this term alone is its own stem class */
	const uint8_t *forms;  /* table of forms, NULL = none */
	size_t forms_len;
	const uint8_t *members;
	size_t members_len;    /* bytes from `members` to the end of the file's sound part */
	uint32_t nmembers;
} dict_entry;

cdg_status dict_open(dict *d, const char *path, const segment_id *id, cdg_error *err);
void dict_close(dict *d);

/* The entry of a key.  False: not there, or damage (then dict.file.bad). */
bool dict_find(const dict *d, unsigned kind, unsigned field, const void *key, size_t len, dict_entry *e);
/* The entry of an ordinal.  False: there is none, or damage. */
bool dict_at(const dict *d, uint64_t ord, dict_entry *e);

/* In order of keys.  `key` holds the whole key with its 3 bytes of head. */
typedef struct dict_iter {
	const dict *d;
	uint64_t block, next_ord;
	uint32_t left;            /* entries of the block not read yet */
	rd r;
	uint64_t post, pos;
	size_t key_len;
	uint8_t key[DICT_KEY_HEAD + DICT_KEY_MAX + 1];
	dict_entry e;
} dict_iter;

/* Stand before the first key >= (kind, field, bytes); then dict_next. */
void dict_seek(dict_iter *it, const dict *d, unsigned kind, unsigned field, const void *key, size_t len);
/* Stand before the key of this ordinal. */
void dict_seek_ord(dict_iter *it, const dict *d, uint64_t ord);
/* False at the end or on damage. */
bool dict_next(dict_iter *it);
CDG_INLINE const char *
dict_iter_bytes(const dict_iter *it, size_t *len)
{
	*len = it->key_len - DICT_KEY_HEAD;
	return (const char *)it->key + DICT_KEY_HEAD;
}

/* Members of a class or alias: call with *state zeroed. False at the end. */
typedef struct dict_member_iter {
	rd r;
	uint32_t left;
	uint64_t ord;
} dict_member_iter;
void dict_members(const dict_entry *e, dict_member_iter *it);
bool dict_member_next(dict_member_iter *it, dict_member *out);

/* Form i of the table (code POST_CODE_FORMS + i); false if there is none. */
bool dict_form(const dict_entry *e, uint32_t i, const char **raw, size_t *len, unsigned *width);
uint32_t dict_form_count(const dict_entry *e);

/* The key bytes of a pair. */
CDG_INLINE void
dict_pair_key(uint64_t first, uint64_t second, uint8_t out[DICT_PAIR_KEY])
{
	store_u64(out, __builtin_bswap64(first << 32 | second));
}

/* The key bytes of a document id. */
size_t dict_id_key(const char *id, size_t len, char *out /* DICT_KEY_MAX */);

/* ---- writing -------------------------------------------------------- */

typedef struct dict_writer {
	pwriter *out;
	buf block, index, entry;
	uint32_t n;
	uint64_t nkeys, nblocks, kind_count[5];
	uint64_t post, pos;  /* places after the last list */
	size_t last_len;
	uint8_t last[DICT_KEY_HEAD + DICT_KEY_MAX + 1];
} dict_writer;

/* post, pos: where the first list will begin. */
void dict_writer_init(dict_writer *w, pwriter *out, uint64_t post, uint64_t pos);
void dict_writer_fini(dict_writer *w);
/* A term, document id or pair (kind DICT_TERM, DICT_ID, DICT_PAIR).  Keys in rising order over
 * all calls.  forms: encoded table or NULL. */
void dict_writer_term(dict_writer *w, unsigned kind, unsigned field, const void *key, size_t len,
		      const post_meta *meta, bool self_stem, const uint8_t *forms, size_t forms_len);
/* A class; meta == NULL: an alias.  members: n >= 1 of them in order of ord. */
void dict_writer_class(dict_writer *w, unsigned kind, unsigned field, const void *key, size_t len,
		       const post_meta *meta, const dict_member *members, size_t nmembers);
/* Append all keys of another dictionary whose lists were copied behind ours:
 * to post_base + (its place - PFILE_HEADER), likewise pos.  Its own ordinals
 * inside members must already be right. */
cdg_status dict_writer_append(dict_writer *w, const dict *part, uint64_t post_base, uint64_t pos_base,
			      cdg_error *err);
/* Index and trailer; then the caller finishes the pwriter. */
cdg_status dict_writer_finish(dict_writer *w, cdg_error *err);

#endif
