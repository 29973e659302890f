/* load.h - queries measured: latency of each in one thread, and what several
 * threads do together.
 *
 * Latency: all queries once to warm up, then `rounds` rounds over the whole set
 * (never the same query twice in a row, so that caches are as a mixed load
 * leaves them).  A query's time is the median of its rounds on the monotonic
 * clock: what other processes did to single runs drops out.  `wall` holds every
 * single run.  Timed are parsing and searching.
 *
 * Throughput: threads take queries from one counter until rounds * n have been
 * answered.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "bench/queries.h"
#include "bench/runner.h"

typedef struct load_plan {
	const queries *set;
	runner_ask ask;
	bool game;       /* syntax: the game's, else our own */
	bool default_or; /* own syntax: words that nothing joins are alternatives */
	unsigned rounds;
} load_plan;

typedef struct load_figures {
	size_t n;
	double mean, p50, p95, p99, p999, most; /* microseconds */
	double matches;                         /* mean of the totals known */
} load_figures;

/* One query parsed and evaluated by r. */
cdg_status load_one(runner *r, const load_plan *p, const queries_item *q);

/* median[i], total[i] of each query, wall[i * rounds + round]; microseconds. */
cdg_status load_latency(runner *r, const load_plan *p, double *median, double *wall, uint64_t *total);

/* n values; sorts them. */
load_figures load_summary(double *values, size_t n);

/* Queries a second of `threads` threads, and every single run's time in `wall`
 * (rounds * n). */
cdg_status load_throughput(const runner *first, const load_plan *p, unsigned threads, double *wall, double *qps,
			   cdg_error *err);

#endif
