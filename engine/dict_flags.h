/* dict_flags.h - the bits of a dictionary entry, and what the files behind
 * dict.h share. */
#ifndef ENGINE_DICT_FLAGS_H
#define ENGINE_DICT_FLAGS_H

#include "engine/dict.h"

enum {
	DICT_SINGLE = 1,
	DICT_POS = 2,
	DICT_CODES = 4,
	DICT_WIDE = 8,
	DICT_FORMS = 16,
	DICT_CLASS = 32, /* not in a DICT_TERM */
	DICT_SELF = 32,  /* in a DICT_TERM */
	DICT_ALIAS = 64,
	DICT_INLINE = 128,
	DICT_AT_COUNT = 24, /* offset of n in a block; its entries follow */
	DICT_TRAILER = 64
};

/* ---- dict_read.c, for dict_find.c --------------------------------------- */

/* Place of block b, and where it must end. */
bool dict_block_at(const dict *d, uint64_t b, size_t *at, size_t *end);
/* Stand before the first entry of block b; false (and at the end) on damage. */
bool dict_enter(dict_iter *it, uint64_t b);
/* Damage at the place of `it`, which is then at the end.  False. */
bool dict_damage(dict_iter *it, const char *why);
/* What follows the bytes of a key with this head: all of an entry.  Sets r->bad. */
void dict_read_entry(rd *r, const uint8_t *head, uint64_t ord, uint64_t post, uint64_t pos, dict_entry *e);

/* ---- dict_find.c -------------------------------------------------------- */

typedef struct dict_top dict_top;
void dict_top_free(dict *d);

#endif
