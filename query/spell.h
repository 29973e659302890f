/* spell.h - "did you mean": a query whose words are in no document, or in far fewer than
 * words that are spelt nearly so, with these instead.
 *
 * Any number of threads may ask one snapshot at once. */
#ifndef QUERY_SPELL_H
#define QUERY_SPELL_H

#include "engine/segment.h"
#include "query/search.h"

enum {
	SPELL_FEW = 10,   /* a query with as many documents is not looked at unless a word has none */
	SPELL_WORDS = 4,  /* words of a query that are corrected */
	SPELL_NEAR = 8    /* candidates of each */
};

/* A word of the dictionary near another. */
typedef struct spell_word {
	char term[TEXT_TERM_MAX + 1];
	size_t len;
	unsigned distance; /* letters changed, left out, added, or swapped with the next */
	uint64_t df;
} spell_word;

/* The words within `most` (1 or 2) of a term, but for itself, by distance and documents; at most
 * cap.  They begin with its first letter or, at distance 1, its second (two were swapped, or one
 * is too much): other first letters are seldom what is wrong, and would cost ten times as much.
 * Returns how many. */
size_t spell_near(const snapshot *snap, unsigned field, const char *term, size_t len, unsigned most,
		  spell_word *out, size_t cap);

/* Append to out the corrected query, if one has more documents than `total`, those the query
 * has when all its words count; nothing if there is none.  rq: filters and the like;
 * its tree is not used. */
cdg_status spell_correct(const snapshot *snap, const search_request *rq, const q_parse_options *opt,
			 text_analyzer *an, const char *query, size_t n, uint64_t total, buf *out, cdg_error *err);

#endif
