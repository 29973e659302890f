/* random_vocab.h - what random queries are made of: words, runs of words, field
 * values and dates taken from real documents; and the random numbers.
 *
 * Everything is a function of the documents and a seed.
 */
#ifndef TESTS_COMMON_RANDOM_VOCAB_H
#define TESTS_COMMON_RANDOM_VOCAB_H

#include "base/mem.h"
#include "extract/document.h"
#include "text/text.h"

/* ---- random numbers ------------------------------------------------------ */

typedef struct rnd {
	uint64_t state;
} rnd;

rnd rnd_seed(uint64_t seed, uint64_t stream);
uint64_t rnd_next(rnd *r);
/* Below n (n > 0). */
uint32_t rnd_below(rnd *r, uint32_t n);
/* True in p of 100. */
bool rnd_chance(rnd *r, unsigned p);

/* ---- words ------------------------------------------------------------------ */

enum { VOCAB_RUN = 6, VOCAB_BANDS = 4 };

typedef struct vocab_token {
	doc_str term, raw;
	uint8_t kind, width;
	bool hyphen;
} vocab_token;

/* Tokens at consecutive positions, and the bytes they were made from. */
typedef struct vocab_run {
	vocab_token token[VOCAB_RUN];
	unsigned n;
	doc_str text;
	bool title;
} vocab_run;

typedef struct vocab_doc {
	size_t first, n; /* runs */
	doc_str id;
} vocab_doc;

typedef struct vocab_field {
	const char *name;
	doc_str *values; /* as someone would type them */
	uint8_t *types;  /* doc_type */
	size_t n, values_cap, types_cap;
	uint64_t seen;
} vocab_field;

typedef struct vocab_word {
	vocab_token token;
	uint32_t count;
} vocab_word;

typedef struct vocab {
	arena mem;
	text_analyzer *an;
	vocab_run *runs;
	size_t nruns, runs_cap;
	vocab_doc *docs;
	size_t ndocs, docs_cap;
	vocab_field *fields;
	size_t nfields, fields_cap;
	vocab_word *words; /* of the runs, after vocab_ready the most frequent first */
	size_t nwords, words_cap;
	uint32_t *slots;
	size_t nslots;
	doc_str *joined;   /* terms of compounds */
	size_t njoined, joined_cap;
	rnd r;             /* of sampling */
} vocab;

/* All return false when memory is out. */
bool vocab_init(vocab *v, uint64_t seed);
void vocab_fini(vocab *v);
bool vocab_add(vocab *v, const document *doc, text_lang lang);
bool vocab_ready(vocab *v);

/* A run of words, of document `doc` if that is below ndocs and has one.  NULL:
 * the vocabulary is empty. */
const vocab_run *vocab_pick_run(const vocab *v, rnd *r, size_t doc);
/* One word: of the document, or of a random band of frequency. */
const vocab_token *vocab_pick_word(const vocab *v, rnd *r, size_t doc);
/* A field with values, or NULL. */
const vocab_field *vocab_pick_field(const vocab *v, rnd *r);
size_t vocab_pick_doc(const vocab *v, rnd *r);

#endif
