/* generate.h - a synthetic corpus written to a file, for the commands that need
 * one; what it looks like is gen.h's. */
#ifndef BENCH_GENERATE_H
#define BENCH_GENERATE_H

#include "bench/gen.h"

typedef struct generate_plan {
	gen_params params;
	uint64_t seed, ndocs, from, per_kind;
	bool plain;
	const char *out;     /* NULL: standard output */
	const char *queries; /* NULL: none */
} generate_plan;

typedef struct generate_figures {
	uint64_t bytes, hash; /* XXH3-64 of the corpus */
	double seconds;
	bool complete;       /* all documents were written */
} generate_figures;

cdg_status generate_run(const generate_plan *g, generate_figures *f, cdg_error *err);

/* The same distribution of lengths around another median. */
void generate_scale_lengths(gen_params *p, uint64_t median);

#endif
