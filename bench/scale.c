/* scale.c - cdgbench scale: the same measurements over a list of sizes and
 * numbers of threads.
 *
 * For each size: a synthetic corpus is made, indexed with each number of
 * threads, its queries are measured in one thread and in several.  Each figure
 * is a line of JSON, appended to the file of results and synced before the next
 * one is begun: what was measured stays when a later size dies.  Corpus and
 * index of a size are removed before the next, unless --keep.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/generate.h"
#include "bench/indexing.h"
#include "bench/load.h"
#include "bench/tool.h"

enum { SCALE_SIZES_MAX = 32, SCALE_THREADS_MAX = 16 };

/* One row of the table at the end. */
typedef struct scale_row {
	uint64_t docs, bytes, threads;
	indexing_figures index;
	load_figures latency;
	double qps;
} scale_row;

typedef struct scale {
	const char *dir, *out;
	uint64_t sizes[SCALE_SIZES_MAX], threads[SCALE_THREADS_MAX];
	size_t nsizes, nthreads;
	uint64_t seed, rounds, length, per_kind, memory, k;
	bool keep, plain;
	int fd; /* of the results */
	scale_row rows[SCALE_SIZES_MAX * SCALE_THREADS_MAX];
	size_t nrows;
	char corpus[4096], queries[4096], index[4096];
} scale;

static const char help[] =
	"Usage: cdgbench scale --dir DIR [options]\n"
	"Generate, index and query over a list of sizes and numbers of threads.\n"
	"\n"
	"      --dir DIR       where corpora and indexes are made\n"
	"      --sizes LIST    documents (1k,10k,100k)\n"
	"      --threads LIST  for indexing and for throughput (1,2)\n"
	"  -o, --out FILE      results, JSON lines, appended (DIR/scale.jsonl)\n"
	"      --seed S        of the corpora (1)\n"
	"      --length N      median words a document (100)\n"
	"      --plain         letters a-z alone, no titles\n"
	"      --per-kind N    queries of each kind (50)\n"
	"      --rounds N      how often each query runs (3)\n"
	"      --top K         best documents asked for (10)\n"
	"      --memory N      memory for indexing (1G)\n"
	"      --keep          leave corpora and indexes there\n"
	"      --peers LIST    beside these engines, with curves (--peers x --help says more)\n";

static const struct option options[] = {
	{ "dir", required_argument, NULL, 'D' },      { "sizes", required_argument, NULL, 's' },
	{ "threads", required_argument, NULL, 't' },  { "out", required_argument, NULL, 'o' },
	{ "seed", required_argument, NULL, 'S' },     { "length", required_argument, NULL, 'l' },
	{ "plain", no_argument, NULL, 'p' },          { "per-kind", required_argument, NULL, 'k' },
	{ "rounds", required_argument, NULL, 'r' },   { "top", required_argument, NULL, 'T' },
	{ "memory", required_argument, NULL, 'm' },   { "keep", no_argument, NULL, 'K' },
	{ "help", no_argument, NULL, 'h' },           { NULL, 0, NULL, 0 },
};

static int
scale_options_parse(scale *s, int argc, char **argv)
{
	int opt;
	bool good = true;

	tool_numbers("--sizes", "1k,10k,100k", 1, s->sizes, SCALE_SIZES_MAX, &s->nsizes);
	tool_numbers("--threads", "1,2", 1, s->threads, SCALE_THREADS_MAX, &s->nthreads);
	s->seed = 1;
	s->rounds = 3;
	s->length = 100;
	s->per_kind = 50;
	s->k = 10;
	while (good && (opt = getopt_long(argc, argv, ":o:", options, NULL)) != -1) {
		switch (opt) {
		case 'D': s->dir = optarg; break;
		case 's': good = tool_numbers("--sizes", optarg, 1, s->sizes, SCALE_SIZES_MAX, &s->nsizes); break;
		case 't': good = tool_numbers("--threads", optarg, 1, s->threads, SCALE_THREADS_MAX, &s->nthreads); break;
		case 'o': s->out = optarg; break;
		case 'S': good = tool_number("--seed", optarg, 0, UINT64_MAX, &s->seed); break;
		case 'l': good = tool_number("--length", optarg, 1, 100000, &s->length); break;
		case 'p': s->plain = true; break;
		case 'k': good = tool_number("--per-kind", optarg, 1, 100000, &s->per_kind); break;
		case 'r': good = tool_number("--rounds", optarg, 1, 255, &s->rounds); break;
		case 'T': good = tool_number("--top", optarg, 1, 1000000, &s->k); break;
		case 'm': good = tool_bytes("--memory", optarg, 16 << 20, &s->memory); break;
		case 'K': s->keep = true; break;
		case 'h': fputs(help, stdout); exit(tool_finish());
		default: return tool_bad_option(opt, argv);
		}
	}
	for (size_t i = 0; good && i < s->nthreads; i++)
		if (s->threads[i] > 1024)
			return tool_usage("--threads: at most 1024");
	if (!good)
		return TOOL_ERROR;
	if (optind < argc)
		return tool_usage("'%.100s' is one argument too many", argv[optind]);
	return s->dir ? TOOL_OK : tool_usage("where? Give --dir DIR");
}

/* ---- results --------------------------------------------------------------- */

/* A line to the file of results, on the disk before this returns. */
static cdg_status
scale_record(scale *s, const char *line, cdg_error *err)
{
	CDG_TRY(file_write_fd(s->fd, line, strlen(line), s->out, err));
	return fsync(s->fd) && errno != EINVAL && errno != EROFS ? err_errno(err, "write", s->out) : CDG_OK;
}

static cdg_status
record_corpus(scale *s, uint64_t docs, const generate_figures *g, cdg_error *err)
{
	char line[512];

	snprintf(line, sizeof line, "{\"step\":\"generate\",\"docs\":%llu,\"seed\":%llu,\"bytes\":%llu,"
		 "\"seconds\":%.3f,\"xxh3\":\"%016llx\"}\n", (unsigned long long)docs, (unsigned long long)s->seed,
		 (unsigned long long)g->bytes, g->seconds, (unsigned long long)g->hash);
	return scale_record(s, line, err);
}

static cdg_status
record_index(scale *s, const scale_row *r, cdg_error *err)
{
	const indexing_figures *f = &r->index;
	char line[1024];
	int n = snprintf(line, sizeof line, "{\"step\":\"index\",\"docs\":%llu,\"threads\":%llu,\"seconds\":%.3f,"
			 "\"cpu_seconds\":%.3f,\"text_bytes\":%llu,\"tokens\":%llu,\"peak_memory\":%llu,"
			 "\"postings\":%llu,\"bytes\":%llu,\"parts\":{", (unsigned long long)r->docs,
			 (unsigned long long)r->threads, f->seconds, f->cpu, (unsigned long long)f->text_bytes,
			 (unsigned long long)f->tokens, (unsigned long long)f->peak_memory,
			 (unsigned long long)f->postings, (unsigned long long)f->bytes);

	for (size_t i = 0; i < INDEXING_PARTS; i++)
		n += snprintf(line + n, sizeof line - (size_t)n, "%s\"%s\":%llu", i ? "," : "", indexing_part_names[i],
			      (unsigned long long)f->parts[i]);
	snprintf(line + n, sizeof line - (size_t)n, "}}\n");
	return scale_record(s, line, err);
}

static cdg_status
record_query(scale *s, const char *class, const scale_row *r, const load_figures *f, cdg_error *err)
{
	char line[512];

	snprintf(line, sizeof line, "{\"step\":\"query\",\"docs\":%llu,\"threads\":%llu,\"class\":\"%.60s\",\"top\":%llu,"
		 "\"queries\":%zu,\"mean_us\":%.2f,\"p50_us\":%.2f,\"p95_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f,"
		 "\"qps\":%.1f}\n", (unsigned long long)r->docs, (unsigned long long)r->threads, class,
		 (unsigned long long)s->k, f->n, f->mean, f->p50, f->p95, f->p99, f->p999, r->qps);
	return scale_record(s, line, err);
}

static void
table(const scale *s)
{
	printf("%10s %4s %9s %8s %8s %9s %9s %9s %9s %9s %10s\n", "documents", "thr", "text MB", "index s", "MB/s",
	       "index MB", "memory MB", "mean us", "p50", "p99", "queries/s");
	for (size_t i = 0; i < s->nrows; i++) {
		const scale_row *r = &s->rows[i];
		double mb = (double)r->index.text_bytes / 1e6;

		printf("%10llu %4llu %9.1f %8.2f %8.1f %9.1f %9.1f %9.1f %9.1f %9.1f %10.0f\n",
		       (unsigned long long)r->docs, (unsigned long long)r->threads, mb, r->index.seconds,
		       r->index.seconds > 0 ? mb / r->index.seconds : 0, (double)r->index.bytes / 1e6,
		       (double)r->index.peak_memory / 1e6, r->latency.mean, r->latency.p50, r->latency.p99, r->qps);
	}
}

/* ---- one size ---------------------------------------------------------------- */

typedef struct scale_buffers {
	double *median, *wall, *part;
	uint64_t *total;
} scale_buffers;

/* Latency by tag once, and throughput of this row's threads. */
static cdg_status
scale_measure(scale *s, runner *r, const queries *set, scale_buffers *b, scale_row *row, bool classes, cdg_error *err)
{
	load_plan p = { .set = set, .ask = { .k = (uint32_t)s->k }, .default_or = true, .rounds = (unsigned)s->rounds };

	if (load_latency(r, &p, b->median, b->wall, b->total) != CDG_OK) {
		*err = r->err;
		return err->status;
	}
	for (size_t t = 0; classes && t < set->ntags; t++) {
		scale_row one = { .docs = row->docs, .threads = 1 };
		load_figures f;
		size_t n = 0;

		for (size_t i = 0; i < set->n; i++)
			if (set->q[i].tags >> t & 1)
				b->part[n++] = b->median[i];
		f = load_summary(b->part, n);
		one.qps = f.mean > 0 ? 1e6 / f.mean : 0;
		CDG_TRY(record_query(s, set->tags[t], &one, &f, err));
	}
	row->latency = load_summary(b->median, set->n);
	CDG_TRY(load_throughput(r, &p, (unsigned)row->threads, b->wall, &row->qps, err));
	return record_query(s, "all", row, &row->latency, err);
}

static cdg_status
scale_query(scale *s, scale_row *row, bool classes, cdg_error *err)
{
	queries set;
	runner r;
	scale_buffers b;
	cdg_status st;

	CDG_TRY(queries_load(&set, s->queries, err));
	b.median = mem_calloc(set.n, sizeof *b.median);
	b.part = mem_calloc(set.n, sizeof *b.part);
	b.total = mem_calloc(set.n, sizeof *b.total);
	b.wall = mem_calloc(set.n, s->rounds * sizeof *b.wall);
	st = b.median && b.part && b.total && b.wall ? runner_open(&r, s->index) : err_nomem(&r.err);
	if (st == CDG_OK) {
		st = scale_measure(s, &r, &set, &b, row, classes, err);
		runner_close(&r, false);
	} else {
		*err = r.err;
	}
	mem_free(b.median);
	mem_free(b.part);
	mem_free(b.total);
	mem_free(b.wall);
	queries_free(&set);
	return st;
}

static cdg_status
scale_index(scale *s, scale_row *row, bool classes, cdg_error *err)
{
	const char *paths[] = { s->corpus };
	indexing_plan p = { .dir = s->index, .paths = paths, .npaths = 1, .lang = "none", .jsonl = true,
			    .threads = (unsigned)row->threads, .memory = s->memory };

	if (indexing_taken(s->index))
		CDG_TRY(indexing_remove(s->index, err));
	CDG_TRY(indexing_run(&p, &row->index, err));
	CDG_TRY(record_index(s, row, err));
	return scale_query(s, row, classes, err);
}

static cdg_status
scale_clean(const scale *s, cdg_error *err)
{
	if (s->keep)
		return CDG_OK;
	file_unlink(s->corpus, NULL);
	file_unlink(s->queries, NULL);
	return indexing_taken(s->index) ? indexing_remove(s->index, err) : CDG_OK;
}

static cdg_status
scale_size(scale *s, uint64_t docs, cdg_error *err)
{
	generate_plan g = { .params = gen_defaults, .seed = s->seed, .ndocs = docs, .plain = s->plain,
			    .per_kind = s->per_kind, .out = s->corpus, .queries = s->queries };
	generate_figures made;
	cdg_status st;

	snprintf(s->corpus, sizeof s->corpus, "%s/scale-%llu.jsonl", s->dir, (unsigned long long)docs);
	snprintf(s->queries, sizeof s->queries, "%s/scale-%llu.queries.jsonl", s->dir, (unsigned long long)docs);
	snprintf(s->index, sizeof s->index, "%s/scale-%llu.cdg", s->dir, (unsigned long long)docs);
	generate_scale_lengths(&g.params, s->length);
	st = generate_run(&g, &made, err);
	if (st == CDG_OK)
		st = record_corpus(s, docs, &made, err);
	for (size_t t = 0; t < s->nthreads && st == CDG_OK; t++) {
		scale_row *row = &s->rows[s->nrows];

		*row = (scale_row){ .docs = docs, .threads = s->threads[t] };
		st = scale_index(s, row, t == 0, err);
		s->nrows += st == CDG_OK;
	}
	if (st != CDG_OK) {
		scale_clean(s, NULL);
		return st;
	}
	return scale_clean(s, err);
}

int
scale_main(int argc, char **argv)
{
	static scale s;
	static char out[4096];
	cdg_error err;
	cdg_status st = CDG_OK;
	int code = scale_options_parse(&s, argc, argv);

	if (code != TOOL_OK)
		return code;
	if (strlen(s.dir) > 3000)
		return tool_usage("--dir: the name is too long");
	if (file_mkdirs(s.dir, &err) != CDG_OK)
		return tool_fail(&err);
	snprintf(out, sizeof out, "%s/scale.jsonl", s.dir);
	s.out = s.out ? s.out : out;
	s.fd = open(s.out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (s.fd < 0)
		return tool_error("cannot write %s: %s", s.out, strerror(errno));
	for (size_t i = 0; i < s.nsizes && st == CDG_OK; i++) {
		fprintf(stderr, "cdgbench scale: %llu documents\n", (unsigned long long)s.sizes[i]);
		st = scale_size(&s, s.sizes[i], &err);
	}
	if (close(s.fd) && st == CDG_OK)
		st = err_errno(&err, "write", s.out);
	if (st != CDG_OK)
		tool_fail(&err);
	if (s.nrows)
		table(&s);
	code = tool_finish();
	if (st != CDG_OK)
		code = tool_error("stopped; what was measured until then is in %s", s.out);
	return code;
}
