/* suggest.h - what a line that is being typed may become: completions of its last
 * word by the words of the index, what follows there, values of fields, titles.
 *
 *   suggest.c        the line read; the parts put together
 *   suggest_word.c   words of a dictionary that begin so
 *   suggest_text.c   what follows a word or phrase, from the texts at some of its places
 *   suggest_join.c   which words stand behind others
 *   suggest_field.c  values of fields, identifiers, titles
 *
 * All work is bounded: dictionaries and documents beyond the limits below are looked
 * at in part.  Any number of threads may ask one snapshot at once.
 */
#ifndef QUERY_SUGGEST_H
#define QUERY_SUGGEST_H

#include "engine/segment.h"
#include "text/text.h"

enum {
	SUGGEST_LINE_MAX = 2000, /* bytes of a line; a longer one has no suggestions */
	SUGGEST_MAX = 100,       /* most suggestions */
	SUGGEST_SCAN = 200000,   /* words of a segment looked at */
	SUGGEST_SAMPLE = 48,     /* documents whose text is looked at, at a time; at most 64 */
	SUGGEST_VALUES = 4096    /* a field with more values: only those that begin so are looked at */
};

typedef enum suggest_kind { SUGGEST_WORD, SUGGEST_PHRASE, SUGGEST_VALUE, SUGGEST_TITLE } suggest_kind;

typedef struct suggestion {
	const char *text;   /* the line, if this is chosen; a title: itself */
	size_t len;
	uint8_t kind;       /* suggest_kind */
	uint64_t documents; /* that have the word or value, deleted ones included; 0: not known */
	const char *id;     /* TITLE: the document's, else NULL */
	size_t id_len;
} suggestion;

/* A word of a dictionary. */
typedef struct suggest_word {
	const char *term;
	size_t len;
	uint64_t df;
	uint64_t here;  /* documents that have it behind the words before, about */
} suggest_word;

typedef struct suggestions {
	arena mem;
	suggestion *s;
	size_t n;
} suggestions;

/* At most `limit` suggestions for the line, which is valid UTF-8 of any characters.
 * On success *out is to be freed by suggestions_fini; on failure it is empty. */
cdg_status suggest(const snapshot *snap, text_analyzer *an, const char *line, size_t n, uint32_t limit,
		   suggestions *out, cdg_error *err);
/* The beginning of a word, as it was typed and without accents. */
typedef struct suggest_begin {
	const char *typed, *plain;
	size_t typed_len, plain_len;
} suggest_begin;

/* Puts at most `cap` words of a field (NULL: the text) that begin in one of these ways into out,
 * those with most documents first, strings in mem. */
typedef cdg_status suggest_terms_fn(void *ctx, const char *field, const suggest_begin *begin, arena *mem,
				    suggest_word *out, size_t cap, size_t *n, cdg_error *err);
/* The same of a dictionary of another kind: words and values only. */
cdg_status suggest_by(suggest_terms_fn *fn, void *ctx, text_analyzer *an, const char *line, size_t n, uint32_t limit,
		      suggestions *out, cdg_error *err);
void suggestions_fini(suggestions *s);

#endif
