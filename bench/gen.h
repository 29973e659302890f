/* gen.h - the model of a synthetic corpus: a vocabulary by the law of Zipf and
 * Mandelbrot, topics, recurring phrases, bursts, and the shape of documents.
 *
 * EVERY BYTE IS DECIDED BY INTEGERS.  No function of libm and no floating point
 * takes part, so a seed gives the same bytes on every machine.  Document i
 * depends on the parameters, the seed and i alone: documents can be made in any
 * order, and again (the queries are cut out of them).
 *
 * Probabilities are out of 65536.  A gen_model is 600 KB and does not grow; it
 * is only read once made, and may be shared by threads.
 */
#ifndef BENCH_GEN_H
#define BENCH_GEN_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	GEN_LENGTHS = 33,        /* quantiles 0/32 .. 32/32 of words a document */
	GEN_EXACT = 1 << 14,     /* ranks with a probability (and a cached word) of their own */
	GEN_STEPS = 32,          /* then so many to each doubling of the rank, flat inside */
	GEN_SLOTS = GEN_EXACT + GEN_STEPS * 16,
	GEN_WORD_MAX = 24,
	GEN_REAL_WORDS = 160,    /* ranks below are real words, the first GEN_STOP stop words */
	GEN_STOP = 96,
	GEN_TOPICS = 512,
	GEN_VOCABULARY_MAX = 1 << 28,
	GEN_WORDS_MAX = 1 << 22  /* words a document */
};

typedef struct gen_params {
	uint32_t zipf_s;      /* exponent, thousandths: p(r) ~ 1 / (r + q)^s, r from 1 */
	uint32_t zipf_q;      /* hundredths */
	uint32_t vocabulary;  /* ranks */
	uint32_t repeat;      /* a word is one of the document's own again */
	uint32_t topic;       /* a word is of the document's topics */
	uint32_t phrase;      /* a recurring phrase begins */
	uint32_t sentence;    /* words a sentence, mean */
	uint32_t lengths[GEN_LENGTHS];
} gen_params;

extern const gen_params gen_defaults;

/* What a parameter may be; false with a message. */
bool gen_params_check(const gen_params *p, cdg_error *err);

typedef struct gen_word {
	uint8_t len;
	char s[GEN_WORD_MAX];
} gen_word;

typedef struct gen_slot {
	uint32_t below, other; /* alias method: this slot if a random u32 < below */
} gen_slot;

typedef struct gen_model {
	gen_params p;
	uint64_t seed;
	bool plain;             /* words a-z and spaces alone, no titles */
	uint32_t nslots;
	gen_slot slots[GEN_SLOTS];
	gen_slot phrase_slots[4096];
	gen_word words[GEN_EXACT];
} gen_model;

/* On the heap; NULL: no memory. */
gen_model *gen_model_new(const gen_params *p, uint64_t seed, bool plain);
void gen_model_free(gen_model *m);

/* splitmix64 (Steele, Lea and Flood 2014): any u64 is a state. */
CDG_INLINE uint64_t
gen_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}
/* Below n, from the upper half of a random number. */
CDG_INLINE uint32_t
gen_below(uint64_t random, uint32_t n)
{
	return (uint32_t)(((random >> 32) * n) >> 32);
}
uint64_t gen_mix(uint64_t a, uint64_t b);

/* A rank from 0 by the vocabulary's law. */
uint32_t gen_rank(const gen_model *m, uint64_t *state);
/* The word of a rank: distinct words for distinct ranks, a to z only; returns
 * its length. */
size_t gen_spell(uint32_t rank, char out[GEN_WORD_MAX]);
CDG_INLINE void
gen_put_word(const gen_model *m, uint32_t rank, buf *out)
{
	if (likely(rank < GEN_EXACT))
		buf_put(out, m->words[rank].s, m->words[rank].len);
	else if (likely(buf_reserve(out, GEN_WORD_MAX)))
		out->len += gen_spell(rank, (char *)out->p + out->len);
}
/* Rank j of a topic, and word i of recurring phrase k (UINT32_MAX: it has ended). */
uint32_t gen_topic_rank(const gen_model *m, uint32_t topic, uint32_t j);
uint32_t gen_phrase_rank(const gen_model *m, uint32_t k, uint32_t i);
uint32_t gen_phrase(const gen_model *m, uint64_t *state);

/* Document `number` as a JSON record with its newline, appended.  *text, *end:
 * where the bytes of its text (as in JSON) are in out. */
void gen_document(const gen_model *m, uint64_t number, buf *out, size_t *text, size_t *end);

/* A set of queries for the first ndocs documents, as lines of JSON, to f;
 * `count` of each kind.  CDG_E_IO: f says why. */
cdg_status gen_queries(const gen_model *m, uint64_t ndocs, uint32_t count, FILE *f, cdg_error *err);

/* Parameters of a corpus of JSON records at path. */
cdg_status gen_fit(const char *path, gen_params *out, cdg_error *err);

#endif
