/* indexing.h - a corpus indexed once and measured, for the commands that do it.
 *
 * The work is done in a process of its own, so that its peak memory is its own
 * and a run that dies (killed for want of memory, a full disk) takes nothing of
 * what was measured before with it.
 */
#ifndef BENCH_INDEXING_H
#define BENCH_INDEXING_H

#include "base/err.h"

enum { INDEXING_PARTS = 8 };
extern const char *const indexing_part_names[INDEXING_PARTS];

typedef struct indexing_plan {
	const char *dir;             /* not there yet, or empty */
	const char *const *paths;
	size_t npaths;
	const char *lang;            /* "auto", "none", a code */
	unsigned threads;            /* 0: one a processor */
	uint64_t memory;             /* bytes; 0: the default */
	bool store, jsonl, several;  /* several: do not merge into one segment */
} indexing_plan;

typedef struct indexing_figures {
	double seconds, cpu;         /* wall clock; user and system time of all threads */
	uint64_t documents, failed, text_bytes, input_bytes, tokens, peak_memory;
	uint64_t segments, terms, postings, occurrences;
	uint64_t bytes, parts[INDEXING_PARTS];
} indexing_figures;

cdg_status indexing_run(const indexing_plan *p, indexing_figures *f, cdg_error *err);
/* What an index that is there holds; fills all from `segments` on. */
cdg_status indexing_survey(const char *dir, indexing_figures *f, cdg_error *err);

/* Is there something at path other than an empty folder? */
bool indexing_taken(const char *path);
/* Remove the files of an index folder that has a MANIFEST, then the folder. */
cdg_status indexing_remove(const char *dir, cdg_error *err);

#endif
