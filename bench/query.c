/* query.c - cdgbench query: latency of a file of queries by class, and
 * throughput by number of threads.
 *
 * One line (a JSON object, or a row) a command and class for latency, one a
 * command and number of threads for throughput, each written as soon as it is
 * known, so that what was measured stays when something dies later.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/sysinfo.h>

#include "bench/load.h"
#include "bench/measure.h"
#include "bench/tool.h"

enum { QUERY_COMMANDS_MAX = 16, QUERY_THREADS_MAX = 16 };

typedef struct query_command {
	char name[32];
	runner_ask ask;
} query_command;

typedef struct query_options {
	const char *dir, *out;
	query_command commands[QUERY_COMMANDS_MAX];
	size_t ncommands;
	uint64_t threads[QUERY_THREADS_MAX], rounds;
	size_t nthreads;
	bool json, game, default_or, exhaustive;
} query_options;

typedef struct query_bench {
	const query_options *o;
	queries set;
	runner r;
	load_plan plan;
	double *median, *wall, *part;
	uint64_t *total;
	FILE *out;
} query_bench;

static const char help[] =
	"Usage: cdgbench query [-d INDEX] [options] QUERIES\n"
	"Measure a file of queries: {\"text\": ..., \"tags\": [...]} lines, class<TAB>query\n"
	"lines, or a query a line.\n"
	"\n"
	"  -d, --index DIR     the index ($CDG_INDEX, ./.cdgsearch, or your default one)\n"
	"      --commands LIST of COUNT, TOP_N, TOP_N_COUNT (TOP_10)\n"
	"      --syntax game   queries as the search-benchmark-game has them; cdg: our own\n"
	"      --default-op OP what joins words in our own syntax: or, and (or)\n"
	"      --rounds N      how often each query runs after a warm-up, 1 to 255 (5)\n"
	"      --threads LIST  throughput with so many threads (1 to the processors)\n"
	"      --exhaustive    score every match: the slow twin of the fast executors\n"
	"      --out FILE      time and matches of each query: command, microseconds,\n"
	"                      matches, query, separated by tabs\n"
	"      --json          one object a line, instead of a table\n";

/* ---- options -------------------------------------------------------------- */

static bool
parse_command(const char *s, size_t n, query_command *c)
{
	char *end;
	unsigned long k;

	if (!n || n >= sizeof c->name)
		return false;
	memcpy(c->name, s, n);
	c->name[n] = 0;
	c->ask = (runner_ask){ .total = true };
	if (!strcmp(c->name, "COUNT"))
		return true;
	if (strncmp(c->name, "TOP_", 4) || c->name[4] < '1' || c->name[4] > '9')
		return false;
	k = strtoul(c->name + 4, &end, 10);
	if (k > 1000000 || (*end && strcmp(end, "_COUNT")))
		return false;
	c->ask.k = (uint32_t)k;
	c->ask.total = *end != 0;
	return true;
}

static bool
parse_commands(query_options *o, const char *list)
{
	for (o->ncommands = 0; o->ncommands < QUERY_COMMANDS_MAX;) {
		size_t n = strcspn(list, ",");

		if (!parse_command(list, n, &o->commands[o->ncommands]))
			break;
		o->ncommands++;
		if (!list[n])
			return true;
		list += n + 1;
	}
	tool_usage("--commands: '%.100s' is not a list of COUNT, TOP_N and TOP_N_COUNT", list);
	return false;
}

static bool
parse_word(const char *option, const char *arg, const char *yes, const char *no, bool *out)
{
	*out = !strcmp(arg, yes);
	if (*out || !strcmp(arg, no))
		return true;
	tool_usage("%s: '%.100s' is neither %s nor %s", option, arg, yes, no);
	return false;
}

static const struct option options[] = {
	{ "index", required_argument, NULL, 'd' },   { "commands", required_argument, NULL, 'c' },
	{ "syntax", required_argument, NULL, 's' },  { "default-op", required_argument, NULL, 'o' },
	{ "rounds", required_argument, NULL, 'r' },  { "threads", required_argument, NULL, 't' },
	{ "exhaustive", no_argument, NULL, 'x' },    { "out", required_argument, NULL, 'O' },
	{ "json", no_argument, NULL, 'j' },          { "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
query_options_parse(query_options *o, int argc, char **argv)
{
	int opt, cpus = get_nprocs();
	bool good = true;

	parse_commands(o, "TOP_10");
	o->rounds = 5;
	o->default_or = true;
	for (int i = 0; i < cpus && o->nthreads < QUERY_THREADS_MAX; i++)
		if (i == 0 || i + 1 == cpus || !((i + 1) & i))
			o->threads[o->nthreads++] = (uint64_t)i + 1;
	while (good && (opt = getopt_long(argc, argv, ":d:", options, NULL)) != -1) {
		switch (opt) {
		case 'd': o->dir = optarg; break;
		case 'c': good = parse_commands(o, optarg); break;
		case 's': good = parse_word("--syntax", optarg, "game", "cdg", &o->game); break;
		case 'o': good = parse_word("--default-op", optarg, "or", "and", &o->default_or); break;
		case 'r': good = tool_number("--rounds", optarg, 1, 255, &o->rounds); break;
		case 't':
			good = tool_numbers("--threads", optarg, 1, o->threads, QUERY_THREADS_MAX, &o->nthreads);
			break;
		case 'x': o->exhaustive = true; break;
		case 'O': o->out = optarg; break;
		case 'j': o->json = true; break;
		case 'h': fputs(help, stdout); exit(tool_finish());
		default: return tool_bad_option(opt, argv);
		}
	}
	for (size_t i = 0; good && i < o->nthreads; i++)
		if (o->threads[i] > 1024)
			return tool_usage("--threads: at most 1024");
	if (!good)
		return TOOL_ERROR;
	return argc - optind == 1 ? TOOL_OK : tool_usage("give one file of queries");
}

/* ---- reports -------------------------------------------------------------- */

static void
report(const query_options *o, const char *command, const char *class, uint64_t threads, const load_figures *f,
       double qps)
{
	if (o->json)
		printf("{\"command\":\"%s\",\"class\":\"%s\",\"threads\":%llu,\"queries\":%zu,\"mean_us\":%.2f,"
		       "\"p50_us\":%.2f,\"p95_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f,\"max_us\":%.2f,"
		       "\"matches\":%.1f,\"qps\":%.1f}\n",
		       command, class, (unsigned long long)threads, f->n, f->mean, f->p50, f->p95, f->p99, f->p999,
		       f->most, f->matches, qps);
	else
		printf("%-14s %-20.20s %3llu %6zu %9.1f %9.1f %9.1f %9.1f %9.1f %10.0f\n", command, class,
		       (unsigned long long)threads, f->n, f->mean, f->p50, f->p95, f->p99, f->p999, qps);
}

/* Queries with this tag (all of them: tag 0), by their medians. */
static void
report_class(query_bench *b, const query_command *c, const char *name, uint64_t tag)
{
	load_figures f;
	double matches = 0;
	size_t n = 0;

	for (size_t i = 0; i < b->set.n; i++)
		if (!tag || (b->set.q[i].tags & tag)) {
			b->part[n++] = b->median[i];
			matches += (double)b->total[i];
		}
	if (!n)
		return;
	f = load_summary(b->part, n);
	f.matches = matches / (double)n;
	report(b->o, c->name, name, 1, &f, f.mean > 0 ? 1e6 / f.mean : 0);
}

static int
report_queries(query_bench *b, const query_command *c)
{
	for (size_t i = 0; b->out && i < b->set.n; i++)
		fprintf(b->out, "%s\t%.2f\t%llu\t%s\n", c->name, b->median[i], (unsigned long long)b->total[i],
			b->set.q[i].text);
	if (b->out && (fflush(b->out) || ferror(b->out)))
		return tool_error("cannot write %s: %s", b->o->out, strerror(errno));
	return TOOL_OK;
}

static int
query_latency(query_bench *b, const query_command *c)
{
	char name[64];

	b->plan.ask = c->ask;
	if (load_latency(&b->r, &b->plan, b->median, b->wall, b->total) != CDG_OK)
		return tool_fail(&b->r.err);
	for (size_t t = 0; t < b->set.ntags; t++) {
		snprintf(name, sizeof name, "%.60s", b->set.tags[t]);
		for (char *p = name; *p; p++)
			if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
				*p = '_';
		report_class(b, c, name, 1ULL << t);
	}
	report_class(b, c, "all", 0);
	return report_queries(b, c) == TOOL_OK ? tool_finish() : TOOL_ERROR;
}

static int
query_throughput(query_bench *b, const query_command *c, uint64_t threads)
{
	load_figures f;
	cdg_error err;
	double qps;

	b->plan.ask = c->ask;
	if (load_throughput(&b->r, &b->plan, (unsigned)threads, b->wall, &qps, &err) != CDG_OK)
		return tool_fail(&err);
	f = load_summary(b->wall, b->set.n * b->plan.rounds);
	f.n = b->set.n;
	report(b->o, c->name, "throughput", threads, &f, qps);
	return tool_finish();
}

static int
query_measure(query_bench *b)
{
	const query_options *o = b->o;
	int code = TOOL_OK;

	if (!o->json)
		printf("%-14s %-20s %3s %6s %9s %9s %9s %9s %9s %10s\n", "command", "class", "thr", "n", "mean us", "p50",
		       "p95", "p99", "p99.9", "queries/s");
	for (size_t c = 0; c < o->ncommands && code == TOOL_OK; c++) {
		code = query_latency(b, &o->commands[c]);
		for (size_t t = 0; t < o->nthreads && code == TOOL_OK; t++)
			code = query_throughput(b, &o->commands[c], o->threads[t]);
	}
	return code;
}

static int
query_run(query_bench *b)
{
	const query_options *o = b->o;
	size_t n = b->set.n;

	b->plan = (load_plan){ .set = &b->set, .game = o->game, .default_or = o->default_or,
			       .rounds = (unsigned)o->rounds };
	b->r.exhaustive = o->exhaustive;
	b->median = mem_calloc(n, sizeof *b->median);
	b->part = mem_calloc(n, sizeof *b->part);
	b->total = mem_calloc(n, sizeof *b->total);
	b->wall = mem_calloc(n, o->rounds * sizeof *b->wall);
	if (!b->median || !b->part || !b->total || !b->wall)
		return tool_nomem();
	if (o->out && !(b->out = fopen(o->out, "w")))
		return tool_error("cannot write %s: %s", o->out, strerror(errno));
	return query_measure(b);
}

int
query_main(int argc, char **argv)
{
	query_options o = { 0 };
	query_bench b = { .o = &o };
	cdg_error err;
	int code = query_options_parse(&o, argc, argv);

	if (code != TOOL_OK)
		return code;
	o.dir = tool_index(o.dir);
	if (!o.dir)
		return TOOL_ERROR;
	if (queries_load(&b.set, argv[optind], &err) != CDG_OK)
		return tool_fail(&err);
	if (runner_open(&b.r, o.dir) != CDG_OK) {
		queries_free(&b.set);
		return tool_fail(&b.r.err);
	}
	code = query_run(&b);
	if (b.out && fclose(b.out) && code == TOOL_OK)
		code = tool_error("cannot write %s: %s", o.out, strerror(errno));
	mem_free(b.median);
	mem_free(b.part);
	mem_free(b.total);
	mem_free(b.wall);
	runner_close(&b.r, false);
	queries_free(&b.set);
	return code;
}
