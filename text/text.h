/* text.h - bytes to tokens.  The one analysis that indexer, query parser and
 * reference backend share; whatever this file says a token is, is what the
 * index holds.
 *
 * LAYERS OF A WORD.  A token has four forms, from the page to the index:
 *   raw    the bytes on the page                      "Top-", "Adoptée"
 *   term   NFKC case-folded, accents KEPT             "top",  "adoptée"
 *   fold   term without diacritics                    "top",  "adoptee"
 *   stem   text_fold(snowball(term)) of a language    "top",  "adopt"
 * The index has a posting list with positions per term; fold and stem are
 * classes of terms.  `form` says how raw differs from term.
 *
 * POSITIONS count tokens from `first_pos`.  A hyphenated compound "top-level"
 * gives top@p, level@p+1 and then the JOINED token toplevel@p with width 2
 * (emitted after its last part); so does a line-end hyphenation.  Han, kana,
 * hangul and the scripts written without spaces (Thai, Lao, Khmer, Myanmar) have one position a
 * character: at each position the bigram that begins there, or the single
 * character where the run ends.
 *
 * Sentence and paragraph starts and safe restart points are flags on tokens.
 *
 * Threads: an analyzer belongs to one thread; the free functions that take no
 * analyzer are thread-safe.
 */
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"

enum {
	/* Longest term in bytes.  A longer one becomes its first bytes (cut at
	 * a character), then U+2026, then 16 hex digits of the XXH3-64 of the
	 * whole: still found exactly by a query that has it whole. */
	TEXT_TERM_MAX = 255,
	/* Parts of a compound that are joined; a longer chain is not joined. */
	TEXT_JOIN_MAX = 8,
};

typedef enum text_kind {
	TEXT_WORD,     /* letters, perhaps with digits, apostrophes, & */
	TEXT_NUMBER,   /* begins with a digit and has no letter: 3.14  1,000 (term "1000") */
	TEXT_CJK,      /* two characters of a script without spaces */
	TEXT_CJK_LAST, /* the last character of such a run */
	TEXT_SYMBOL,   /* the section and paragraph signs */
	TEXT_JOINED    /* "toplevel" for top-level; width = number of parts */
} text_kind;

/* How raw differs from term. */
typedef enum text_form {
	TEXT_FORM_LOWER, /* raw == term */
	TEXT_FORM_TITLE, /* first character in upper case, the rest as in term */
	TEXT_FORM_UPPER, /* all cased characters in upper case; two or more characters */
	TEXT_FORM_OTHER  /* anything else: the raw bytes are text[start,end) */
} text_form;

enum {
	TEXT_SENTENCE = 1,  /* a sentence begins at this token (also set with PARAGRAPH) */
	TEXT_PARAGRAPH = 2, /* a paragraph begins at this token */
	TEXT_RESTART = 4,   /* text_begin at this token's start, with its pos, gives the same tokens */
	TEXT_HYPHEN = 8,    /* a hyphen follows directly and joins to the next token */
	TEXT_ACCENT = 16    /* fold differs from term */
};

typedef struct text_token {
	const char *term;    /* len bytes, no NUL; borrowed until the next text_next/text_begin */
	uint32_t start, end; /* byte range in the text */
	uint32_t pos;
	uint8_t len;
	uint8_t width;       /* positions covered: parts for JOINED, 2 for CJK, else 1 */
	uint8_t kind;        /* text_kind */
	uint8_t form;        /* text_form */
	uint8_t flags;
} text_token;

typedef struct text_analyzer text_analyzer;

text_analyzer *text_analyzer_new(cdg_error *err); /* NULL: out of memory */
void text_analyzer_free(text_analyzer *an);

/* Start on n bytes of UTF-8 at s, which stay the caller's and must outlive the
 * analysis.  Invalid bytes separate tokens (text_sanitize replaces them first).
 * n <= UINT32_MAX - 16. */
void text_begin(text_analyzer *an, const char *s, size_t n, uint32_t first_pos);

/* The next tokens, at most cap (>= 2 * TEXT_JOIN_MAX); 0 at the end.  Batches
 * are cut so that a token's term stays valid for the whole batch. */
size_t text_next(text_analyzer *an, text_token *tokens, size_t cap);

/* The position after the last token emitted so far. */
uint32_t text_next_pos(const text_analyzer *an);

/* Test hook: take the Unicode path also for ASCII. */
void text_force_unicode(text_analyzer *an, bool on);

/* ---- forms ---------------------------------------------------------- */

/* term without diacritics into out (TEXT_TERM_MAX bytes); returns the length. */
size_t text_fold(const char *term, size_t len, char *out);

/* The raw bytes of a term in form LOWER, TITLE or UPPER, by simple upper-case
 * mappings, into out (2 * TEXT_TERM_MAX bytes); returns the length.  A form
 * is one of these three only when this gives exactly text[start,end). */
size_t text_raw_form(const char *term, size_t len, text_form form, char *out);

/* ---- languages ------------------------------------------------------ */

/* Languages are small numbers, fixed for ever (they are written to disk):
 * 0 is "none" (no stemming); text_lang_code(id) is the ISO 639-1 code.
 * Unknown and unsupported codes map to 0 by text_lang_id.  zh, ja, ko and other
 * languages without a Snowball stemmer have ids of their own and stem their
 * Latin words as English. */
typedef uint8_t text_lang;
enum { TEXT_LANG_NONE = 0, TEXT_LANG_EN = 1, TEXT_LANG_COUNT_MAX = 64 };
text_lang text_lang_id(const char *code, size_t len); /* "en", "en-US", "eng", "english", any case */
const char *text_lang_code(text_lang lang);           /* "" for 0 */
unsigned text_lang_count(void);                       /* ids are below this */

/* Best guess for UTF-8 text, TEXT_LANG_NONE when there is too little to tell; but
 * a text of a few words in ASCII letters that nothing marks as another language
 * counts as English.
 * Reads two samples of 2 KB, one at the beginning, one further on.  Cheap enough
 * for every document (about 10 us). */
text_lang text_detect(text_analyzer *an, const char *s, size_t n);

/* Stem of a term in a language (Snowball's; in English also without the s of a
 * word that has no vowel: pcbs), folded: into out (TEXT_TERM_MAX bytes), returns
 * the length.  Numbers, symbols and CJK terms, and TEXT_LANG_NONE, give the fold
 * itself.  Not cached: the indexer asks once a distinct term. */
size_t text_stem(text_analyzer *an, text_lang lang, const char *term, size_t len, char *out);

/* Is a term one of the words that hold sentences and questions together (the, of,
 * what, should) and say nothing of what they are about?  English only. */
bool text_is_function_word(text_lang lang, const char *term, size_t len);

/* True for characters of the scripts that are indexed by bigrams. */
bool text_is_cjk(uint32_t codepoint);

/* ---- bytes in ------------------------------------------------------- */

typedef struct text_clean {
	uint64_t replaced; /* invalid sequences that became U+FFFD */
	bool transcoded;   /* came as UTF-16 or UTF-32 (by byte order mark) */
	bool bom;
} text_clean;

/* Append the n bytes at s to out as valid UTF-8: byte order mark removed,
 * UTF-16/32 with a mark transcoded, each maximal invalid sequence replaced by
 * U+FFFD and counted (as the Unicode Standard 3.9 recommends). NUL is kept.
 * Valid input without a mark is returned by *view without a copy (then out is
 * untouched and *view == s); otherwise *view points into out. */
cdg_status text_sanitize(const char *s, size_t n, buf *out, const char **view, size_t *view_len,
			 text_clean *clean, cdg_error *err);

/* Decode one character at *at < end; advances; invalid bytes give U+FFFD and
 * advance by one.  Never reads past end. */
uint32_t text_decode(const char **at, const char *end);
/* Encode; returns the number of bytes (1 to 4). */
size_t text_encode(uint32_t codepoint, char *out);

#endif
