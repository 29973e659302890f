/* lex.h - a query's bytes to lexical tokens.
 *
 * The lexer knows where words, quotes, operators and fields begin and end; it
 * does not analyse words and allocates nothing: every token points into the
 * text (valid UTF-8), which must outlive it.  It never fails: what is not an
 * operator is a word.  Linear time: no token is scanned more than a constant
 * number of times.
 */
#ifndef QUERY_LEX_H
#define QUERY_LEX_H

#include "base/base.h"

typedef enum lex_kind {
	LEX_END,
	LEX_WORD,    /* a chunk: text, mark, prefix, wild, fuzzy, regex */
	LEX_QUOTE,   /* text between the quotes, mark, slop, closed */
	LEX_LITERAL, /* `term`: text between the backticks, mark, prefix */
	LEX_ALL,     /* * or *:* */
	LEX_OPEN,
	LEX_CLOSE,   /* boost */
	LEX_AND,
	LEX_OR,
	LEX_MAYBE,
	LEX_BAR,
	LEX_NOT,     /* NOT, -, ! */
	LEX_PLUS,
	LEX_NEAR,    /* n */
	LEX_ADJ,     /* n */
	LEX_LATER,   /* /s and /p: recognised, not supported yet */
	LEX_FIELD,   /* text is the name; the operand follows at once */
	LEX_VALUE,   /* field:="...": name; text (quoted: "" stands for ") */
	LEX_RANGE    /* name; lo, hi (NULL: unbounded), lo_open, hi_open */
} lex_kind;

/* A piece of the query; quoted: doubled quotes inside stand for one. */
typedef struct lex_span {
	const char *p; /* NULL: absent */
	size_t n;
	bool quoted;
} lex_span;

typedef struct lex_token {
	uint8_t kind;
	char mark;        /* '=' strict, '~' stems (quote) or synonyms (word), else 0 */
	bool closed;      /* QUOTE: had its closing quote */
	bool prefix;      /* WORD, LITERAL: followed by * */
	bool wild;        /* WORD: * or ? inside */
	bool fuzzy;       /* WORD: ~n at its end */
	bool regex;       /* WORD: /.../ */
	bool section;     /* FIELD: IN section:... */
	bool has_slop;
	bool bad_boost;   /* out of range, clamped */
	bool bad_n;       /* distance or slop out of range, clamped */
	bool lo_open, hi_open;
	uint32_t n;       /* NEAR, ADJ: distance; QUOTE: slop */
	float boost;      /* 1 */
	size_t at, end;   /* byte range of the whole token */
	size_t whole;     /* WORD: bytes of text with its stars and ~n */
	lex_span text, name, lo, hi;
} lex_token;

typedef struct lexer {
	const char *s;
	size_t n, at;
	uint8_t last;     /* kind of the token before */
} lexer;

enum {
	LEX_NEAR_DEFAULT = 10,
	LEX_NEAR_MAX = 1000000,  /* largest distance and slop */
	LEX_BOOST_MAX = 1000000,
	LEX_TEXT_PAREN = 6       /* longest (text) directly after a word that is text: 12(b)(6) */
};

void lex_init(lexer *lx, const char *s, size_t n);
void lex_next(lexer *lx, lex_token *t);

/* ---- shared with lex_field.c and the phrase parser -------------------- */

/* Bytes of a blank at i (0: none).  NUL, controls, Unicode spaces, and the CJK
 * comma, full stop, colon, ... separate words. */
size_t lex_blank(const char *s, size_t n, size_t i);
/* Part of a word: an ASCII letter or digit, _, or any byte of a non-ASCII
 * character that is no blank and no quote. */
bool lex_wordish(const char *s, size_t n, size_t i);
/* Bytes of an opening quote at i (0: none); *family gets what closes it. */
size_t lex_quote_open(const char *s, size_t n, size_t i, int *family);
/* A decimal number [digits][.digits][e[+-]digits] at i, at most 15 significant
 * digits are used; returns its end, or i if there is none. */
size_t lex_number(const char *s, size_t n, size_t i, double *value);
/* Plain digits; returns the end (i: none); *value is clamped to max + 1. */
size_t lex_digits(const char *s, size_t n, size_t i, uint32_t max, uint32_t *value);
/* ^boost and ~slop after a quote or parenthesis; advances lx->at. */
void lex_suffix(lexer *lx, lex_token *t, bool slop);
/* End of the chunk that begins at i; at least i + 1. */
size_t lex_chunk(const lexer *lx, size_t i);
/* A field name and what follows at lx->at; false: it is text. */
bool lex_field(lexer *lx, lex_token *t);
/* A bound of a range that may be written without quotes. */
bool lex_bound_simple(const char *p, size_t n);
/* The ` at i opens a literal: returns the position of its closing `, or 0. */
size_t lex_literal(const char *s, size_t n, size_t i);

#endif
