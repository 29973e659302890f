/* smoke.c - cdgbench smoke: do all executors still give the known results?
 *
 * On a small corpus that is always the same, each query is evaluated as usual
 * and exhaustively, for several commands; identifiers, scores and counts of the
 * two must be equal.  A digest of each class is compared with those in a file
 * (bench/smoke.digest), so that `git bisect run` finds the change that altered
 * results even where both executors agree.
 *
 * Instructions are counted by class where the kernel lets us (perf_event), for
 * they are stable where time is not.  Where it does not, bench/smoke.sh runs
 * `smoke --measure` under callgrind, which collects inside smoke_measured alone.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "bench/fixture.h"
#include "bench/load.h"
#include "bench/tool.h"

enum { SMOKE_DOCS = 10000, SMOKE_PER_KIND = 12, SMOKE_EXECUTORS = 16 };

typedef struct smoke_command {
	const char *name;
	runner_ask ask;
} smoke_command;

static const smoke_command commands[] = {
	{ "TOP_10", { 10, false } },     { "TOP_100", { 100, false } }, { "TOP_1000", { 1000, false } },
	{ "TOP_10_COUNT", { 10, true } }, { "COUNT", { 0, true } },
};

typedef struct smoke {
	fixture fx;
	queries set;
	runner fast, slow;
	const char *digests, *write;
	FILE *out;              /* --write */
	buf meta, a, b;
	struct {
		const char *name;
		size_t n;
	} executors[SMOKE_EXECUTORS];
	int perf;               /* descriptor, -1: none */
	size_t wrong, changed;
} smoke;

/* ---- instructions ---------------------------------------------------------- */

static int
perf_open(void)
{
	struct perf_event_attr at = { .type = PERF_TYPE_HARDWARE, .size = sizeof at,
				      .config = PERF_COUNT_HW_INSTRUCTIONS, .disabled = 1, .exclude_kernel = 1,
				      .exclude_hv = 1 };

	return (int)syscall(SYS_perf_event_open, &at, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static void
perf_start(int fd)
{
	if (fd < 0)
		return;
	ioctl(fd, PERF_EVENT_IOC_RESET, 0);
	ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
}

static uint64_t
perf_stop(int fd)
{
	uint64_t n = 0;

	if (fd < 0)
		return 0;
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	return read(fd, &n, sizeof n) == (ssize_t)sizeof n ? n : 0;
}

/* All queries with this tag, once with each command.  Its name is what callgrind
 * is told to collect inside of. */
CDG_NOINLINE cdg_status smoke_measured(smoke *s, uint64_t tag);
CDG_NOINLINE cdg_status
smoke_measured(smoke *s, uint64_t tag)
{
	load_plan p = { .set = &s->set, .default_or = true };

	for (size_t c = 0; c < countof(commands); c++) {
		p.ask = commands[c].ask;
		for (size_t i = 0; i < s->set.n; i++)
			if (s->set.q[i].tags & tag)
				CDG_TRY(load_one(&s->fast, &p, &s->set.q[i]));
	}
	return CDG_OK;
}

/* ---- results ---------------------------------------------------------------- */

static void
note_executor(smoke *s, const char *name)
{
	for (size_t i = 0; name && i < SMOKE_EXECUTORS; i++) {
		if (!s->executors[i].name)
			s->executors[i].name = name;
		if (!strcmp(s->executors[i].name, name)) {
			s->executors[i].n++;
			return;
		}
	}
}

/* The result at hand as text: total if asked for, then id and score of each. */
static cdg_status
smoke_result(smoke *s, runner *r, const load_plan *p, const queries_item *q, buf *out)
{
	out->len = 0;
	CDG_TRY(load_one(r, p, q));
	if (p->ask.total)
		buf_printf(out, "%llu", (unsigned long long)r->found.total);
	for (size_t i = 0; i < r->found.nhits; i++) {
		uint32_t bits;

		memcpy(&bits, &r->found.hits[i].score, sizeof bits);
		buf_puts(out, " ");
		CDG_TRY(runner_id(r, r->found.hits[i].doc, &s->meta, out));
		buf_printf(out, ":%08x", bits);
	}
	return out->failed ? err_nomem(&r->err) : CDG_OK;
}

static cdg_status
smoke_query(smoke *s, const smoke_command *c, const queries_item *q, XXH3_state_t *digest)
{
	load_plan p = { .set = &s->set, .ask = c->ask, .default_or = true };
	cdg_status st = smoke_result(s, &s->slow, &p, q, &s->b);

	if (st != CDG_OK) {
		s->fast.err = s->slow.err;
		return st;
	}
	CDG_TRY(smoke_result(s, &s->fast, &p, q, &s->a));
	note_executor(s, s->fast.found.executor);
	if (s->a.len != s->b.len || memcmp(s->a.p, s->b.p, s->a.len)) {
		if (s->wrong++ < 5)
			tool_error("%s of %s: '%s' gives\n  %.200s\nexhaustively\n  %.200s", c->name, q->text,
				   s->fast.found.executor ? s->fast.found.executor : "?", buf_cstr(&s->a),
				   buf_cstr(&s->b));
	}
	XXH3_64bits_update(digest, q->text, q->len + 1);
	XXH3_64bits_update(digest, s->a.p, s->a.len);
	return CDG_OK;
}

/* What the file of digests has for a class; false: nothing. */
static bool
stored_digest(const char *text, const char *class, char out[17])
{
	size_t n = strlen(class);

	for (const char *at = text; at && *at; at = strchr(at, '\n'), at += at != NULL)
		if (!strncmp(at, class, n) && at[n] == ' ' && strlen(at + n + 1) >= 16) {
			memcpy(out, at + n + 1, 16);
			out[16] = 0;
			return true;
		}
	return false;
}

static void
report_class(smoke *s, const char *class, uint64_t digest, uint64_t instructions)
{
	char hex[17], want[17];
	const char *verdict = "";

	snprintf(hex, sizeof hex, "%016llx", (unsigned long long)digest);
	if (s->digests) {
		bool known = stored_digest(s->digests, class, want);

		verdict = !known ? "  not known" : strcmp(hex, want) ? "  CHANGED" : "";
		s->changed += *verdict != 0;
	}
	if (instructions)
		printf("%-14s %s %14llu instructions%s\n", class, hex, (unsigned long long)instructions, verdict);
	else
		printf("%-14s %s%s\n", class, hex, verdict);
	if (s->out)
		fprintf(s->out, "%s %s\n", class, hex);
}

static cdg_status
smoke_class(smoke *s, size_t tag)
{
	XXH3_state_t *digest = XXH3_createState();
	cdg_status st = CDG_OK;
	uint64_t n;

	if (!digest)
		return err_nomem(&s->fast.err);
	XXH3_64bits_reset(digest);
	for (size_t c = 0; c < countof(commands) && st == CDG_OK; c++)
		for (size_t i = 0; i < s->set.n && st == CDG_OK; i++)
			if (s->set.q[i].tags >> tag & 1)
				st = smoke_query(s, &commands[c], &s->set.q[i], digest);
	perf_start(s->perf);
	if (st == CDG_OK)
		st = smoke_measured(s, 1ULL << tag);
	n = perf_stop(s->perf);
	if (st == CDG_OK)
		report_class(s, s->set.tags[tag], XXH3_64bits_digest(digest), n);
	XXH3_freeState(digest);
	return st;
}

/* ---- the command -------------------------------------------------------------- */

static int
smoke_verdict(const smoke *s)
{
	for (size_t i = 0; i < SMOKE_EXECUTORS && s->executors[i].name; i++)
		printf("%6zu searches by: %s\n", s->executors[i].n, s->executors[i].name);
	if (s->perf < 0)
		printf("instruction counts: the kernel gives none here (perf_event: no hardware counter); "
		       "bench/smoke.sh takes callgrind's\n");
	if (s->wrong)
		return tool_error("%zu results differ from the exhaustive ones", s->wrong);
	if (s->changed) {
		tool_error("results of %zu classes are not the stored ones; if that is meant: "
			   "cdgbench smoke --write bench/smoke.digest", s->changed);
		return TOOL_NOTHING;
	}
	printf("all results are equal%s\n", s->digests ? ", and as stored" : "");
	return tool_finish();
}

static int
smoke_run(smoke *s, bool measure)
{
	uint64_t mask = 0;

	for (size_t t = 0; t < s->set.ntags; t++) {
		/* classes with a colon are parts of the others */
		if (strchr(s->set.tags[t], ':'))
			continue;
		mask |= 1ULL << t;
		if (measure)
			printf("%s\n", s->set.tags[t]);
		if ((measure ? smoke_measured(s, 1ULL << t) : smoke_class(s, t)) != CDG_OK)
			return tool_fail(&s->fast.err);
		fflush(stdout);
	}
	if (measure || !mask)
		return tool_finish();
	return smoke_verdict(s);
}

static const char help[] =
	"Usage: cdgbench smoke [--digest FILE] [--write FILE] [--dir DIR] [--measure]\n"
	"Compare all executors with the exhaustive one, and results with stored digests.\n"
	"\n"
	"      --digest FILE  the digests that are expected (bench/smoke.digest)\n"
	"      --write FILE   write the digests of today\n"
	"      --dir DIR      make the corpus and its index there, or use what is there\n"
	"      --measure      only run the queries, once: to be run under callgrind\n"
	"Exit status: 0 equal, 1 not as stored, 2 executors differ, or an error.\n";

static const struct option options[] = {
	{ "digest", required_argument, NULL, 'd' }, { "write", required_argument, NULL, 'w' },
	{ "dir", required_argument, NULL, 'D' },    { "measure", no_argument, NULL, 'm' },
	{ "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
};

static int
smoke_open(smoke *s, const char *dir, const char *digest, buf *stored)
{
	cdg_error err;

	if (digest && file_read(digest, 1 << 20, stored, &err) != CDG_OK)
		return tool_fail(&err);
	s->digests = digest ? buf_cstr(stored) : NULL;
	if (s->write && !(s->out = fopen(s->write, "w")))
		return tool_error("cannot write %s: %s", s->write, strerror(errno));
	if (fixture_open(&s->fx, dir, SMOKE_DOCS, SMOKE_PER_KIND, &err) != CDG_OK)
		return tool_fail(&err);
	if (queries_load(&s->set, s->fx.queries, &err) != CDG_OK)
		return tool_fail(&err);
	if (runner_open(&s->fast, s->fx.index) != CDG_OK || runner_share(&s->slow, &s->fast) != CDG_OK)
		return tool_fail(&s->fast.err);
	s->slow.exhaustive = true;
	s->perf = perf_open();
	return TOOL_OK;
}

int
smoke_main(int argc, char **argv)
{
	smoke s = { .perf = -1 };
	const char *dir = NULL, *digest = NULL;
	bool measure = false;
	buf stored;
	int opt, code;

	while ((opt = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (opt) {
		case 'd': digest = optarg; break;
		case 'w': s.write = optarg; break;
		case 'D': dir = optarg; break;
		case 'm': measure = true; break;
		case 'h': fputs(help, stdout); return tool_finish();
		default: return tool_bad_option(opt, argv);
		}
	}
	if (optind < argc)
		return tool_usage("'%.100s' is one argument too many", argv[optind]);
	buf_init(&stored);
	code = smoke_open(&s, dir, digest, &stored);
	if (code == TOOL_OK)
		code = smoke_run(&s, measure);
	if (s.out && fclose(s.out) && code == TOOL_OK)
		code = tool_error("cannot write %s: %s", s.write, strerror(errno));
	if (s.perf >= 0)
		close(s.perf);
	runner_close(&s.slow, true);
	runner_close(&s.fast, false);
	queries_free(&s.set);
	fixture_close(&s.fx);
	buf_fini(&s.meta);
	buf_fini(&s.a);
	buf_fini(&s.b);
	buf_fini(&stored);
	return code;
}
