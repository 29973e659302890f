/* measure.h - what the measuring programs of this folder share: the file of
 * queries, the flat file of documents, the clock, and the summary.
 *
 * All of them measure alike, so that their figures may be compared: every query
 * is run once to warm up, then in `rounds` rounds over the whole file (not
 * back to back, so that caches are as a mixed load leaves them).  All engines
 * work in one thread with everything in memory, so a run's time is the
 * processor time of the thread, which other processes disturb less than the
 * clock on the wall.  A query's time is the median of its rounds; mean, p50 and
 * p99 of a class are over its queries.  `wall99` is the p99 of the wall clock
 * over all single runs, with what others did to them.
 *
 * One thread.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct bench_query {
	const char *cls, *text; /* NUL-terminated, in the set's buffer */
	size_t len;
	double *us, *wall;      /* one a round: processor, wall clock */
	double median;
	uint64_t total, hits;   /* of the last run */
} bench_query;

typedef struct bench_set {
	char *buffer;
	bench_query *q;
	size_t n;
	unsigned rounds;
} bench_set;

/* Runs one query and sets its total and hits; false ends the program. */
typedef bool (*bench_run_fn)(void *ctx, bench_query *q);

static inline double
bench_clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static inline double
bench_now_us(void)
{
	return bench_clock_us(CLOCK_MONOTONIC);
}

static inline double
bench_cpu_us(void)
{
	return bench_clock_us(CLOCK_THREAD_CPUTIME_ID);
}

static inline void
bench_die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(2);
}

static inline void *
bench_alloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		bench_die("bench", "out of memory");
	return p;
}

static inline char *
bench_slurp(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *p;

	if (!f || fstat(fileno(f), &st))
		bench_die(path, "cannot be read");
	*size = (size_t)st.st_size;
	p = bench_alloc(*size + 1, 1);
	if (fread(p, 1, *size, f) != *size)
		bench_die(path, "cannot be read");
	fclose(f);
	return p;
}

/* Lines of class TAB query; others are passed over. */
static inline void
bench_load(bench_set *s, const char *path, unsigned rounds)
{
	size_t size, lines = 1;
	char *p, *end, *tab, *nl;

	s->buffer = bench_slurp(path, &size);
	end = s->buffer + size;
	for (p = s->buffer; p < end; p++)
		lines += *p == '\n';
	s->q = bench_alloc(lines, sizeof *s->q);
	s->n = 0;
	s->rounds = rounds ? rounds : 1;
	for (p = s->buffer; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		*nl = '\0';
		tab = strchr(p, '\t');
		if (!tab || *p == '#')
			continue;
		*tab = '\0';
		s->q[s->n].cls = p;
		s->q[s->n].text = tab + 1;
		s->q[s->n].len = (size_t)(nl - tab - 1);
		s->q[s->n].us = bench_alloc(s->rounds, sizeof(double));
		s->q[s->n].wall = bench_alloc(s->rounds, sizeof(double));
		s->n++;
	}
}

static inline void
bench_unload(bench_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->q[i].us);
		free(s->q[i].wall);
	}
	free(s->q);
	free(s->buffer);
}

static inline int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value that `share` of the n sorted ones do not pass. */
static inline double
bench_quantile(const double *v, size_t n, double share)
{
	size_t i = (size_t)(share * (double)n);

	return n ? v[i < n ? i : n - 1] : 0;
}

static inline bool
bench_measure(bench_set *s, bench_run_fn run, void *ctx)
{
	double *v = bench_alloc(s->rounds, sizeof *v);

	for (size_t i = 0; i < s->n; i++)
		if (!run(ctx, &s->q[i]))
			return false;
	for (unsigned r = 0; r < s->rounds; r++)
		for (size_t i = 0; i < s->n; i++) {
			double wall = bench_now_us(), start = bench_cpu_us();

			if (!run(ctx, &s->q[i]))
				return false;
			s->q[i].us[r] = bench_cpu_us() - start;
			s->q[i].wall[r] = bench_now_us() - wall;
		}
	for (size_t i = 0; i < s->n; i++) {
		memcpy(v, s->q[i].us, s->rounds * sizeof *v);
		qsort(v, s->rounds, sizeof *v, bench_compare);
		s->q[i].median = v[s->rounds / 2];
	}
	free(v);
	return true;
}

/* One class: queries [at, end) of the set. */
static inline void
bench_report_class(const bench_set *s, size_t at, size_t end, const char *engine, bool json)
{
	size_t n = end - at, all = n * s->rounds;
	double *v = bench_alloc(n, sizeof *v), *w = bench_alloc(all, sizeof *w);
	double sum = 0, total = 0;

	for (size_t i = 0; i < n; i++) {
		v[i] = s->q[at + i].median;
		sum += v[i];
		total += (double)s->q[at + i].total;
		memcpy(w + i * s->rounds, s->q[at + i].wall, s->rounds * sizeof *w);
	}
	qsort(v, n, sizeof *v, bench_compare);
	qsort(w, all, sizeof *w, bench_compare);
	printf(json ? "{\"engine\":\"%s\",\"class\":\"%s\",\"queries\":%zu,\"mean\":%.2f,\"p50\":%.2f,"
		      "\"p99\":%.2f,\"wall99\":%.2f,\"matches\":%.1f}\n"
		    : "%-14s %-14s %4zu  mean %9.1f  p50 %9.1f  p99 %9.1f  wall99 %9.1f us  matches %9.1f\n",
	       engine, s->q[at].cls, n, sum / (double)n, bench_quantile(v, n, 0.5), bench_quantile(v, n, 0.99),
	       bench_quantile(w, all, 0.99), total / (double)n);
	free(v);
	free(w);
}

/* All classes; the queries of a class follow one another in the file. */
static inline void
bench_report(const bench_set *s, const char *engine, bool json)
{
	for (size_t at = 0, end; at < s->n; at = end) {
		for (end = at; end < s->n && !strcmp(s->q[end].cls, s->q[at].cls);)
			end++;
		bench_report_class(s, at, end, engine, json);
	}
}

/* class, query, matches, median time of each query: for comparing engines. */
static inline void
bench_write_counts(const bench_set *s, const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		bench_die(path, "cannot be written");
	for (size_t i = 0; i < s->n; i++)
		fprintf(f, "%s\t%s\t%llu\t%.1f\n", s->q[i].cls, s->q[i].text, (unsigned long long)s->q[i].total,
			s->q[i].median);
	if (fclose(f))
		bench_die(path, "cannot be written");
}

/* ---- documents without JSON around them -------------------------------- */

/* The file corpus.py makes: for each document the length of its title and its
 * text (32 bits each, little endian), then both. */
typedef struct bench_docs {
	const char *p, *end;
	uint64_t text_bytes;
} bench_docs;

static inline void
bench_docs_open(bench_docs *d, const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) || st.st_size == 0)
		bench_die(path, "cannot be read");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		bench_die(path, "cannot be mapped");
	close(fd);
	d->p = (const char *)p;
	d->end = d->p + st.st_size;
	d->text_bytes = 0;
}

static inline bool
bench_docs_next(bench_docs *d, const char **title, uint32_t *ntitle, const char **text, uint32_t *ntext)
{
	if (d->end - d->p < 8)
		return false;
	memcpy(ntitle, d->p, 4);
	memcpy(ntext, d->p + 4, 4);
	*title = d->p + 8;
	if ((uint64_t)(d->end - *title) < (uint64_t)*ntitle + *ntext)
		bench_die("documents", "file is cut short");
	*text = *title + *ntitle;
	d->p = *text + *ntext;
	d->text_bytes += *ntext;
	return true;
}

#endif
