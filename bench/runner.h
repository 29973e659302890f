/* runner.h - an index opened for measuring: the query engine without the public
 * interface around it, so that nothing is timed but the search itself.
 *
 * One bench_index may be shared by threads; each thread has its own runner.
 */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include "backend/backend.h"
#include "engine/segment.h"

typedef struct runner {
	backend *be;           /* shared */
	const snapshot *snap;  /* of be */
	text_analyzer *an;     /* own */
	ast query;             /* of the last parse */
	search_result found;   /* of the last search */
	cdg_error err;
	bm25_params bm25;
	bool exhaustive;       /* the slow twin of every executor */
} runner;

/* What is asked of one search. */
typedef struct runner_ask {
	uint32_t k; /* best documents; 0: none, no scores are made */
	bool total; /* count all matches exactly */
} runner_ask;

/* Open the index at dir, with k1 = 1.2, b = 0.75. */
cdg_status runner_open(runner *r, const char *dir);
/* A second one on the same index, for another thread; close it before `first`. */
cdg_status runner_share(runner *r, const runner *first);
void runner_close(runner *r, bool shared);

/* Parse in the syntax of the search-benchmark-game, or in our own (default_or:
 * words that nothing joins are alternatives) into r->query. */
cdg_status runner_parse_game(runner *r, const char *text, size_t n);
cdg_status runner_parse(runner *r, const char *text, size_t n, bool default_or);
/* Evaluate r->query into r->found. */
cdg_status runner_search(runner *r, runner_ask ask);

/* The identifier of a document appended to out. */
cdg_status runner_id(runner *r, uint64_t doc, buf *meta, buf *out);

#endif
