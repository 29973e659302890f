/* dict_flags.h - the bits of a dictionary entry, for the two halves of dict.h. */
#ifndef ENGINE_DICT_FLAGS_H
#define ENGINE_DICT_FLAGS_H

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

#endif
