/* answer.c - cdgbench answer: whole answers in process, as the daemon makes them.
 *
 * Threads take queries from one counter for a number of seconds: search, passages,
 * JSON into memory.  What a server for the same queries does beyond that is what it
 * costs.  bench/load.py runs this beside the server.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/sysinfo.h>

#include "backend/api.h"
#include "bench/load.h"
#include "bench/measure.h"
#include "bench/tool.h"

enum { ANSWER_THREADS_MAX = 1024, ANSWER_SNIPPET_LENGTH = 200, ANSWER_TIME_LIMIT_MS = 2000 };

typedef struct answer_plan {
	const char *dir;
	uint64_t threads, seconds, limit, snippets;
	bool each; /* every query once: print the answers */
	queries set;
	cdg_index *index;
	_Atomic size_t next;
	double until; /* microseconds */
} answer_plan;

typedef struct answer_worker {
	pthread_t thread;
	answer_plan *plan;
	buf out;
	double *took;
	size_t n, cap;
	uint64_t bytes;
	cdg_status st;
	cdg_error err;
} answer_worker;

static const char help[] =
	"Usage: cdgbench answer [-d INDEX] [options] QUERIES\n"
	"Answer a file of queries in process with all that a server does: search, passages,\n"
	"JSON.  Prints a JSON object: answers a second, microseconds of an answer, bytes.\n"
	"\n"
	"  -d, --index DIR     the index ($CDG_INDEX, ./.cdgsearch, or your default one)\n"
	"      --threads N     (the number of processors)\n"
	"      --seconds N     (5)\n"
	"      --limit N       hits (10)\n"
	"      --snippets N    passages of a hit (2)\n"
	"      --each          instead print the answer to each query once, without its time\n";

static int
answer_write(void *ctx, const char *p, size_t n)
{
	buf *out = ctx;

	buf_put(out, p, n);
	return out->failed;
}

static cdg_status
answer_print(const cdg_results *r, buf *out, cdg_error *err)
{
	cdg_printer *printer;
	cdg_status st;

	CDG_TRY(cdg_printer_new(CDG_FORMAT_JSON, answer_write, out, &printer, err));
	st = cdg_printer_print(printer, r, NULL, err);
	cdg_printer_free(printer);
	return st;
}

/* Everything is made and freed for each, as for a request. */
static cdg_status
answer_one(const answer_plan *p, const queries_item *q, buf *out, cdg_error *err)
{
	cdg_request *rq;
	cdg_results *r;
	cdg_status st;

	out->len = 0;
	CDG_TRY(cdg_request_new(&rq, err));
	cdg_request_set_time_limit(rq, ANSWER_TIME_LIMIT_MS);
	st = cdg_request_set_limit(rq, p->limit, err);
	if (st == CDG_OK)
		st = cdg_request_set_snippets(rq, (uint32_t)p->snippets, ANSWER_SNIPPET_LENGTH, err);
	if (st == CDG_OK)
		st = cdg_search(p->index, rq, q->text, q->len, &r, err);
	if (st == CDG_OK) {
		st = answer_print(r, out, err);
		cdg_results_free(r);
	}
	cdg_request_free(rq);
	return st;
}

static void *
answer_thread(void *arg)
{
	answer_worker *w = arg;
	answer_plan *p = w->plan;
	double start = bench_now_us(), now;

	for (; w->st == CDG_OK && start < p->until; start = now) {
		size_t i = atomic_fetch_add(&p->next, 1) % p->set.n;

		w->st = answer_one(p, &p->set.q[i], &w->out, &w->err);
		now = bench_now_us();
		if (!mem_grow(&w->took, &w->cap, w->n + 1, sizeof *w->took))
			w->st = err_nomem(&w->err);
		else
			w->took[w->n++] = now - start;
		w->bytes += w->out.len;
	}
	return NULL;
}

/* ---- the command ----------------------------------------------------------- */

static const struct option options[] = {
	{ "index", required_argument, NULL, 'd' },   { "threads", required_argument, NULL, 't' },
	{ "seconds", required_argument, NULL, 's' }, { "limit", required_argument, NULL, 'n' },
	{ "snippets", required_argument, NULL, 'p' }, { "each", no_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },          { NULL, 0, NULL, 0 },
};

static int
answer_options(answer_plan *p, int argc, char **argv)
{
	bool good = true;
	int opt;

	p->threads = (uint64_t)get_nprocs();
	p->seconds = 5;
	p->limit = 10;
	p->snippets = 2;
	while (good && (opt = getopt_long(argc, argv, ":d:", options, NULL)) != -1) {
		switch (opt) {
		case 'd': p->dir = optarg; break;
		case 't': good = tool_number("--threads", optarg, 1, ANSWER_THREADS_MAX, &p->threads); break;
		case 's': good = tool_number("--seconds", optarg, 1, 3600, &p->seconds); break;
		case 'n': good = tool_number("--limit", optarg, 0, 10000, &p->limit); break;
		case 'p': good = tool_number("--snippets", optarg, 0, 20, &p->snippets); break;
		case 'e': p->each = true; break;
		case 'h': fputs(help, stdout); exit(tool_finish());
		default: return tool_bad_option(opt, argv);
		}
	}
	if (!good)
		return TOOL_ERROR;
	return argc - optind == 1 ? TOOL_OK : tool_usage("give one file of queries");
}

/* Answers of two programs can be compared: all of them but for the time they took. */
static int
answer_each(const answer_plan *p)
{
	static const char took[] = "\"took_us\":";
	cdg_status st = CDG_OK;
	cdg_error err;
	buf out = { 0 };

	for (size_t i = 0; i < p->set.n && st == CDG_OK; i++) {
		const char *s, *at;

		st = answer_one(p, &p->set.q[i], &out, &err);
		if (st != CDG_OK)
			break;
		s = buf_cstr(&out);
		at = strstr(s, took);
		if (at) {
			at += sizeof took - 1;
			fwrite(s, 1, (size_t)(at - s), stdout);
			at += strspn(at, "0123456789");
			putchar('0');
		}
		fputs(at ? at : s, stdout);
	}
	buf_fini(&out);
	return st == CDG_OK ? tool_finish() : tool_fail(&err);
}

static int
answer_report(answer_worker *w, unsigned threads, double seconds)
{
	size_t n = 0, at = 0;
	uint64_t bytes = 0;
	load_figures f;
	double *all;

	for (unsigned i = 0; i < threads; i++) {
		if (w[i].st != CDG_OK)
			return tool_fail(&w[i].err);
		n += w[i].n;
		bytes += w[i].bytes;
	}
	all = mem_alloc((n + 1) * sizeof *all);
	if (!all)
		return tool_nomem();
	for (unsigned i = 0; i < threads; at += w[i++].n)
		if (w[i].n)
			memcpy(all + at, w[i].took, w[i].n * sizeof *all);
	f = load_summary(all, n);
	mem_free(all);
	printf("{\"threads\":%u,\"answers\":%zu,\"qps\":%.1f,\"mean_us\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
	       "\"p999_us\":%.1f,\"bytes\":%.0f}\n",
	       threads, n, (double)n / seconds, f.mean, f.p50, f.p99, f.p999, n ? (double)bytes / (double)n : 0);
	return tool_finish();
}

static int
answer_load(answer_plan *p)
{
	answer_worker *w = mem_calloc(p->threads, sizeof *w);
	unsigned started = 0;
	double start;
	int code;

	if (!w)
		return tool_nomem();
	for (size_t i = 0; i < p->set.n && w->st == CDG_OK; i++) /* to warm up */
		w->st = answer_one(p, &p->set.q[i], &w->out, &w->err);
	start = bench_now_us();
	p->until = start + (double)p->seconds * 1e6;
	for (; started < p->threads; started++) {
		w[started].plan = p;
		if (pthread_create(&w[started].thread, NULL, answer_thread, &w[started]))
			break;
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(w[i].thread, NULL);
	code = started < p->threads ? tool_error("cannot start %u threads", (unsigned)p->threads)
				    : answer_report(w, started, (bench_now_us() - start) / 1e6);
	for (unsigned i = 0; i < started; i++) {
		buf_fini(&w[i].out);
		mem_free(w[i].took);
	}
	mem_free(w);
	return code;
}

int
answer_main(int argc, char **argv)
{
	answer_plan p = { 0 };
	cdg_error err;
	int code = answer_options(&p, argc, argv);

	if (code != TOOL_OK)
		return code;
	p.dir = tool_index(p.dir);
	if (!p.dir)
		return TOOL_ERROR;
	if (queries_load(&p.set, argv[optind], &err) != CDG_OK)
		return tool_fail(&err);
	if (cdg_index_open(p.dir, &p.index, &err) != CDG_OK)
		code = tool_fail(&err);
	else if (!p.set.n)
		code = TOOL_NOTHING;
	else
		code = p.each ? answer_each(&p) : answer_load(&p);
	cdg_index_close(p.index);
	queries_free(&p.set);
	return code;
}
