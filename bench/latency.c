/* latency.c - how long the native engine takes for ten results, in one process
 * and one thread, with the index mapped and its pages in memory.
 *
 *   latency [-j] [-t] [-f] [-r ROUNDS] [-c COUNTS] INDEX QUERIES
 *
 * QUERIES has lines of class TAB query (make_queries.py).  Timed is what a
 * server does for a query before it looks at the documents: parse and search.
 * -t counts all matches exactly, -f goes through the public interface and also
 * makes titles, metadata and snippets.  See measure.h for how it is measured.
 */
#include "backend/native.h"
#include "bench/measure.h"
#include "include/cdgsearch.h"
#include "query/ast.h"

typedef struct latency {
	backend *be;
	text_analyzer *an;
	cdg_index *index;    /* -f */
	cdg_request *request;
	bool total;
} latency;

static bool
latency_failed(const bench_query *q, const cdg_error *err)
{
	fprintf(stderr, "latency: %s: %s\n", q->text, err->message);
	return false;
}

static bool
latency_run(void *ctx, bench_query *q)
{
	latency *l = ctx;
	q_parse_options opt = {0};
	search_request rq = {.limit = 10, .bm25 = {1.2f, 0.75f}, .title_weight = 1, .want_total = l->total, .an = l->an};
	search_result found;
	cdg_error err;
	ast query;
	bool ok;

	ast_init(&query);
	ok = q_parse(q->text, q->len, &opt, l->an, &query, &err) == CDG_OK;
	rq.root = query.root;
	if (ok && query.relaxable)
		rq.relaxed = q_relax(&query, query.root);
	ok = ok && l->be->ops->search(l->be, &rq, &found, &err) == CDG_OK;
	if (ok) {
		q->total = found.relaxed ? 0 : found.total;
		q->hits = found.nhits;
		search_result_fini(&found);
	}
	ast_fini(&query);
	return ok || latency_failed(q, &err);
}

static bool
latency_run_full(void *ctx, bench_query *q)
{
	latency *l = ctx;
	cdg_results *r;
	cdg_error err;

	if (cdg_search(l->index, l->request, q->text, q->len, &r, &err) != CDG_OK)
		return latency_failed(q, &err);
	q->total = cdg_results_total(r);
	q->hits = cdg_results_count(r);
	cdg_results_free(r);
	return true;
}

static void
latency_open(latency *l, const char *dir, bool full)
{
	cdg_error err;
	cdg_status st;

	if (full) {
		st = cdg_index_open(dir, &l->index, &err);
		if (st == CDG_OK)
			st = cdg_request_new(&l->request, &err);
		if (st == CDG_OK)
			cdg_request_set_total(l->request, l->total);
	} else {
		st = native_open(dir, &l->be, &err);
		if (st == CDG_OK) {
			l->an = text_analyzer_new(&err);
			st = l->an ? CDG_OK : CDG_E_NOMEM;
		}
	}
	if (st != CDG_OK)
		bench_die(dir, err.message);
}

static void
latency_close(latency *l)
{
	if (l->index) {
		cdg_request_free(l->request);
		cdg_index_close(l->index);
		return;
	}
	text_analyzer_free(l->an);
	l->be->ops->close(l->be);
}

int
main(int argc, char **argv)
{
	latency l = {0};
	bench_set set;
	const char *counts = NULL;
	bool json = false, full = false;
	unsigned rounds = 5;
	int opt;

	while ((opt = getopt(argc, argv, "jtfr:c:")) != -1) {
		switch (opt) {
		case 'j': json = true; break;
		case 't': l.total = true; break;
		case 'f': full = true; break;
		case 'r': rounds = (unsigned)atoi(optarg); break;
		case 'c': counts = optarg; break;
		default: return 2;
		}
	}
	if (argc - optind != 2)
		bench_die("usage", "latency [-j] [-t] [-f] [-r ROUNDS] [-c COUNTS] INDEX QUERIES");
	latency_open(&l, argv[optind], full);
	bench_load(&set, argv[optind + 1], rounds);
	if (!bench_measure(&set, full ? latency_run_full : latency_run, &l))
		return 2;
	bench_report(&set, full ? "cdg+snippets" : l.total ? "cdg+total" : "cdg", json);
	if (counts)
		bench_write_counts(&set, counts);
	bench_unload(&set);
	latency_close(&l);
	return 0;
}
