/* text_internal.h - what the files of text/ share: the analyzer, character
 * classes, decoding.  Not for other modules.
 *
 * One class per character drives both scanners.  The ASCII half of the table
 * is constant; for other characters the class comes from Unicode properties
 * and is remembered in the analyzer (class_cache), as is the case
 * folding where one character maps to one.
 */
#ifndef TEXT_TEXT_INTERNAL_H
#define TEXT_TEXT_INTERNAL_H

#include "text/text.h"

struct UNormalizer2;
struct sb_stemmer;
typedef struct text_detector text_detector; /* text_detect.c */

/* Order matters: from CLASS_LETTER on, a token begins here. */
enum {
	CLASS_UNKNOWN, /* cache only */
	CLASS_END,     /* past the end of the text */
	CLASS_OTHER,   /* separates, and means nothing for sentences */
	CLASS_SPACE,
	CLASS_NEWLINE,
	CLASS_PARA,   /* paragraph separator U+2029 */
	CLASS_DOT,    /* full stop: also inside acronyms and numbers */
	CLASS_COMMA,  /* also inside numbers */
	CLASS_BANG,   /* other ends of sentences that want white space after them */
	CLASS_STOP,   /* ends of sentences that want none: ideographic full stop */
	CLASS_OPEN,   /* opening quote or bracket */
	CLASS_CLOSE,  /* closing quote or bracket */
	CLASS_QUOTE,  /* straight quote, either */
	CLASS_APOS,   /* apostrophes; also closing single quote */
	CLASS_MID,    /* stays between letters: middle dot, gershayim */
	CLASS_HYPHEN, /* joins words */
	CLASS_AMP,
	CLASS_UNDER,
	CLASS_MARK,   /* combining marks: continue a word */
	CLASS_IGNORE, /* soft hyphen, joiners, format characters */
	CLASS_LETTER,
	CLASS_DIGIT,
	CLASS_CJK,
	CLASS_SYMBOL, /* section and paragraph signs */
	CLASS_SUPER,  /* superscript digits: a token apart from the word before */
	CLASS_ODD     /* one character that reads as letters or digits: one half, kg */
};

enum {
	CLASS_DIRECT = 0x3400, /* below, and the 256 from U+FF00: class remembered */
	CLASS_CACHE = CLASS_DIRECT + 0x100,
	FOLD_CACHE = 0x800,   /* characters whose folding is remembered */
	WINDOW = 16384,       /* bytes classified at once by the ASCII path */
	TERM_ROOM = 65536,    /* terms of one batch that are not in the text */
	CHUNK = 256,          /* UTF-16 units normalised at once */
	CHUNK_GROWTH = 18     /* most units that one becomes (U+FDFA) */
};

struct text_analyzer {
	/* the text */
	const char *s;
	size_t n;
	size_t at;           /* end of the last token: the gap before the next begins here */
	size_t last_start;   /* the last word, for abbreviations; last_start == at: none */
	uint32_t pos;
	uint8_t pending;     /* flags for the next token */
	bool in_chain;       /* at is a part of a hyphenated chain too long to join */
	bool forced;         /* test hook: no ASCII path */

	/* the batch being filled */
	text_token *out;
	size_t out_len, out_cap;
	size_t terms_len;

	/* ASCII window: text[win_base, +win_len) in lower case and as bit sets */
	size_t win_base, win_len;
	uint8_t win_any[WINDOW / 8 + 16]; /* letter, digit, or not ASCII */
	uint8_t win_digit[WINDOW / 8 + 16];
	uint8_t win_upper[WINDOW / 8 + 16];
	uint8_t win_hard[WINDOW / 8 + 16]; /* the run of letters or digits before may go on here */
	uint8_t win_mark[WINDOW / 8 + 16]; /* in a gap: may begin a sentence or a paragraph */
	char win_lower[WINDOW + 64];

	char terms[TERM_ROOM];
	uint16_t chunk[CHUNK + 4];
	uint16_t chunk_out[CHUNK * CHUNK_GROWTH];

	uint8_t class_cache[CLASS_CACHE];
	uint16_t fold_cache[FOLD_CACHE]; /* 0 unknown, FOLD_MANY: not one to one */

	const struct UNormalizer2 *casefold;
	struct sb_stemmer *stemmers[TEXT_LANG_COUNT_MAX];
	text_detector *detector; /* made on first use */
};

enum { FOLD_MANY = 0xffff };

/* One part of a compound, or a whole word: what scanning found out. */
typedef struct text_word {
	size_t start, end;
	bool letter;  /* has a letter */
	bool digit;   /* begins with a digit */
	bool acronym; /* dots are left out of the term */
	bool grouped; /* thousands commas are left out */
	bool ascii;   /* only ASCII bytes */
	bool complex; /* has marks or ignored characters: needs the normaliser */
	bool odd;     /* one CLASS_ODD character */
} text_word;

extern const uint8_t text_class_ascii[128];

/* Unicode properties say; no cache. */
uint8_t text_class_find(const struct UNormalizer2 *casefold, uint32_t c);

CDG_INLINE uint8_t
text_class_get(text_analyzer *an, uint32_t c)
{
	uint32_t slot = c < CLASS_DIRECT ? c
		      : c >= 0xff00	 ? c - 0xff00 + CLASS_DIRECT
					 : CLASS_CACHE;

	if (c - 0x3400 <= 0x9fff - 0x3400 || c - 0xac00 <= 0xd7a3 - 0xac00)
		return CLASS_CJK;
	if (unlikely(slot >= CLASS_CACHE))
		return text_class_find(an->casefold, c);
	if (unlikely(an->class_cache[slot] == CLASS_UNKNOWN))
		an->class_cache[slot] = text_class_find(an->casefold, c);
	return an->class_cache[slot];
}

/* text_decode for the inner loops; p < end. */
CDG_INLINE uint32_t
text_decode_inline(const uint8_t *p, const uint8_t *end, uint32_t *len)
{
	uint32_t c = p[0];
	if (c < 0x80) {
		*len = 1;
		return c;
	}
	if (c >= 0xc2 && c < 0xe0 && end - p >= 2 && (p[1] & 0xc0) == 0x80) {
		*len = 2;
		return (c & 0x1f) << 6 | (p[1] & 0x3fu);
	}
	if ((c & 0xf0) == 0xe0 && end - p >= 3 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
		c = (c & 0x0f) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
		*len = 3;
		if (likely(c >= 0x800 && (c & 0xf800) != 0xd800))
			return c;
	} else if ((c & 0xf8) == 0xf0 && end - p >= 4 && (p[1] & 0xc0) == 0x80 &&
		   (p[2] & 0xc0) == 0x80 && (p[3] & 0xc0) == 0x80) {
		c = (c & 0x07) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
		*len = 4;
		if (c >= 0x10000 && c <= 0x10ffff)
			return c;
	}
	*len = 1;
	return 0xfffd;
}

/* Class of the character at offset i (CLASS_END behind the text), its code
 * point and its length in bytes. */
CDG_INLINE uint8_t
text_peek(text_analyzer *an, size_t i, uint32_t *c, uint32_t *len)
{
	if (unlikely(i >= an->n)) {
		*c = 0;
		*len = 0;
		return CLASS_END;
	}
	*c = text_decode_inline((const uint8_t *)an->s + i, (const uint8_t *)an->s + an->n, len);
	if (likely(*c < 0x80) && !an->forced)
		return text_class_ascii[*c];
	return text_class_get(an, *c);
}

/* text_gap.c: from an->at to the start of the next token (its offset; an->n when
 * there is none), collecting sentence and paragraph flags in an->pending. */
size_t text_gap_skip(text_analyzer *an);
/* The same for a gap [an->at, end) that is known to be ASCII; returns flags. */
uint8_t text_gap_flags(text_analyzer *an, size_t end);

/* text_window.c: classify text from an->at; then take tokens that are plain
 * ASCII words and numbers until something else comes. */
void text_window_fill(text_analyzer *an);
void text_window_run(text_analyzer *an);

/* text_scan.c: the token(s) that begin at offset i. */
void text_scan_token(text_analyzer *an, size_t i);

/* text_term.c: term of a word into `out` (TEXT_TERM_MAX bytes); length, 0 when
 * nothing is left; *hashed when it was too long. */
size_t text_term_build(text_analyzer *an, const text_word *w, char *out, bool *hashed);
/* text_fold.c: does text_fold change this term (of at most TEXT_TERM_MAX bytes)? */
bool text_fold_changes(const char *term, size_t len);

/* How raw differs from term. */
text_form text_term_form(const char *raw, size_t raw_len, const char *term, size_t len);
/* The single character that a CJK character folds to, or itself. */
uint32_t text_term_fold_one(text_analyzer *an, const uint32_t *c, size_t n);

#endif
