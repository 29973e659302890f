/* suggest_impl.h - what the files of suggest.h share. */
#ifndef QUERY_SUGGEST_IMPL_H
#define QUERY_SUGGEST_IMPL_H

#include "query/lex.h"
#include "query/plan.h"
#include "query/suggest.h"

enum { SUGGEST_WORDS = 128, SUGGEST_TRIED = 48, SUGGEST_CONTEXT = 3, SUGGEST_AHEAD = 8 };

/* A word as the analyzer has it. */
typedef struct suggest_token {
	const char *term;
	size_t len;
	uint32_t pos, at, end; /* bytes of the line */
	uint8_t kind;
} suggest_token;

/* What is being typed at the end of a line. */
typedef struct suggest_line {
	const char *s;
	size_t n;
	size_t at;             /* where the last word or value begins; n: a new one */
	bool plain;            /* there is nothing but these words */
	bool quoted;           /* they stand in an open quote */
	bool title;            /* they are to be in the title */
	suggest_token *words;  /* the words of the run, the one that is being typed included */
	size_t nwords;
	bool typing;           /* the last of them is being typed: no blank follows */
	const char *field;     /* a value of this field is being typed, or NULL */
	char open;             /* of a value: " in a quote, = after field:=, ( in a group, else 0 */
	const char *value;
	size_t value_len;
} suggest_line;

typedef struct suggest_run {
	const snapshot *snap;
	text_analyzer *an;
	const suggest_line *line;
	uint32_t limit;
	suggestions *out;
	cdg_error *err;
} suggest_run;

/* Add the line with `n` bytes at p instead of what follows its place `at`, unless it is
 * there already or the line itself.  False: no memory. */
bool suggest_add(suggest_run *r, suggest_kind kind, const char *p, size_t n, uint64_t documents);

/* ---- suggest_word.c ------------------------------------------------------ */

/* More documents first, then by bytes; for qsort. */
int suggest_word_cmp(const void *a, const void *b);

/* The most frequent words of a dictionary field whose fold begins with `prefix` (cjk: whose
 * term does), best first, at most `cap`; strings in mem.  Not *n when memory is out
 * (mem->failed). */
void suggest_words(const snapshot *snap, unsigned field, const char *prefix, size_t len, bool cjk, arena *mem,
		   suggest_word *out, size_t cap, size_t *n);
/* How a word is mostly written, where that is with a hyphen; else as it is. */
void suggest_written(suggest_run *r, unsigned field, suggest_word *w);
/* Documents of a word, its accents as they are. */
uint64_t suggest_documents(const snapshot *snap, unsigned field, const char *term, size_t len);

/* ---- suggest_text.c ------------------------------------------------------ */

/* What follows in the texts behind `words` (the last n of them, one after the other). */
typedef struct suggest_next {
	const char *text;              /* up to SUGGEST_AHEAD words in lower case, with a blank or a hyphen
	                                * before each, but for characters without spaces */
	uint16_t len;
	uint16_t end[SUGGEST_AHEAD];   /* of each word */
	uint8_t n;
	uint64_t documents;            /* bit by document looked at */
} suggest_next;

typedef struct suggest_found {
	arena *mem;
	suggest_next *at;              /* on the heap */
	size_t n, cap;
} suggest_found;

/* Collect them; prefix (folded) of the first, or NULL. */
cdg_status suggest_follow(suggest_run *r, const suggest_token *words, size_t n, const char *prefix, size_t prefix_len,
			  suggest_found *found);
/* The most frequent beginnings of them, best first: of one word (words), or of as many
 * as go together.  At most cap; returns how many. */
typedef struct suggest_count {
	const char *text;
	size_t len;
	unsigned documents;
} suggest_count;
size_t suggest_first(suggest_found *found, suggest_count *out, size_t cap);
/* Those that at least `least` documents have. */
size_t suggest_together(suggest_found *found, unsigned least, suggest_count *out, size_t cap);

/* The words as a phrase; NULL: no memory. */
q_node *suggest_phrase(ast *a, const suggest_token *w, size_t n);

/* ---- suggest_join.c ------------------------------------------------------ */

/* Set `here` of each of the nw words, likely ones first. */
cdg_status suggest_join(suggest_run *r, const suggest_token *words, size_t n, suggest_word *w, size_t nw);

/* ---- suggest_field.c ----------------------------------------------------- */

cdg_status suggest_values(suggest_run *r);
/* Values of the line's field as suggestions, those with most documents first; id: they are
 * identifiers. */
cdg_status suggest_put_values(suggest_run *r, suggest_word *v, size_t n, bool id);
cdg_status suggest_titles(suggest_run *r, uint32_t want);

#endif
