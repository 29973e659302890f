/* load.c - see load.h. */
#include "bench/load.h"

#include <pthread.h>
#include <stdatomic.h>

#include "bench/measure.h"

cdg_status
load_one(runner *r, const load_plan *p, const queries_item *q)
{
	CDG_TRY(p->game ? runner_parse_game(r, q->text, q->len) : runner_parse(r, q->text, q->len, p->default_or));
	return runner_search(r, p->ask);
}

static double
median_of(double *v, unsigned n)
{
	qsort(v, n, sizeof *v, bench_compare);
	return v[n / 2];
}

cdg_status
load_latency(runner *r, const load_plan *p, double *median, double *wall, uint64_t *total)
{
	const queries *s = p->set;
	double copy[256];

	if (p->rounds < 1 || p->rounds > countof(copy))
		return err_set(&r->err, CDG_E_ARG, "rounds: 1 to %zu", countof(copy));
	for (size_t i = 0; i < s->n; i++) {
		CDG_TRY(load_one(r, p, &s->q[i]));
		total[i] = r->found.total;
	}
	for (unsigned k = 0; k < p->rounds; k++)
		for (size_t i = 0; i < s->n; i++) {
			double start = bench_now_us();

			CDG_TRY(load_one(r, p, &s->q[i]));
			wall[i * p->rounds + k] = bench_now_us() - start;
		}
	for (size_t i = 0; i < s->n; i++) {
		memcpy(copy, wall + i * p->rounds, p->rounds * sizeof *copy);
		median[i] = median_of(copy, p->rounds);
	}
	return CDG_OK;
}

load_figures
load_summary(double *v, size_t n)
{
	load_figures f = { .n = n };
	double sum = 0;

	if (!n)
		return f;
	qsort(v, n, sizeof *v, bench_compare);
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	f.mean = sum / (double)n;
	f.p50 = bench_quantile(v, n, 0.5);
	f.p95 = bench_quantile(v, n, 0.95);
	f.p99 = bench_quantile(v, n, 0.99);
	f.p999 = bench_quantile(v, n, 0.999);
	f.most = v[n - 1];
	return f;
}

/* ---- several threads ------------------------------------------------------ */

typedef struct load_shared {
	const load_plan *plan;
	double *wall;
	_Atomic size_t next;
	size_t end;
	pthread_mutex_t gate; /* held until all threads stand ready */
	_Atomic bool failed;
} load_shared;

typedef struct load_worker {
	pthread_t thread;
	runner r;
	load_shared *shared;
	cdg_status st;
	bool open;
} load_worker;

static void *
load_thread(void *arg)
{
	load_worker *w = arg;
	load_shared *s = w->shared;
	size_t i;

	pthread_mutex_lock(&s->gate);
	pthread_mutex_unlock(&s->gate);
	while (!s->failed && (i = atomic_fetch_add(&s->next, 1)) < s->end) {
		double start = bench_now_us();

		w->st = load_one(&w->r, s->plan, &s->plan->set->q[i % s->plan->set->n]);
		s->wall[i] = bench_now_us() - start;
		if (w->st != CDG_OK)
			s->failed = true;
	}
	return NULL;
}

/* All threads from the gate to the end; false if not all could be started. */
static bool
load_run(load_worker *w, unsigned threads, load_shared *s, double *seconds)
{
	unsigned started = 0;
	double start;

	pthread_mutex_lock(&s->gate);
	while (started < threads && !pthread_create(&w[started].thread, NULL, load_thread, &w[started]))
		started++;
	if (started < threads)
		s->failed = true;
	start = bench_now_us();
	pthread_mutex_unlock(&s->gate);
	for (unsigned i = 0; i < started; i++)
		pthread_join(w[i].thread, NULL);
	*seconds = (bench_now_us() - start) / 1e6;
	return started == threads;
}

/* Close the workers; the first failure among them. */
static cdg_status
load_end(load_worker *w, unsigned threads, cdg_status st, cdg_error *err)
{
	for (unsigned i = 0; i < threads; i++) {
		if (w[i].st != CDG_OK && st == CDG_OK) {
			st = w[i].st;
			if (err)
				*err = w[i].r.err;
		}
		if (w[i].open)
			runner_close(&w[i].r, true);
	}
	mem_free(w);
	return st;
}

cdg_status
load_throughput(const runner *first, const load_plan *p, unsigned threads, double *wall, double *qps, cdg_error *err)
{
	load_shared s = { .plan = p, .wall = wall, .end = p->rounds * p->set->n, .gate = PTHREAD_MUTEX_INITIALIZER };
	load_worker *w = mem_calloc(threads, sizeof *w);
	cdg_status st = CDG_OK;
	double seconds = 0;

	if (!w)
		return err_nomem(err);
	for (unsigned i = 0; i < threads && st == CDG_OK; i++) {
		w[i].shared = &s;
		st = w[i].st = runner_share(&w[i].r, first);
		w[i].open = true;
	}
	if (st != CDG_OK)
		return load_end(w, threads, CDG_OK, err);
	if (!load_run(w, threads, &s, &seconds))
		st = err_set(err, CDG_E_LIMIT, "cannot start %u threads", threads);
	*qps = seconds > 0 ? (double)s.end / seconds : 0;
	return load_end(w, threads, st, err);
}
