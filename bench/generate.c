/* generate.c - cdgbench generate: a synthetic corpus and queries for it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "bench/gen.h"
#include "bench/generate.h"
#include "bench/tool.h"

enum { OUT_CHUNK = 1 << 20 };

static const char help[] =
	"Usage: cdgbench generate --docs N [options]\n"
	"Write a synthetic corpus, one JSON record a line.  A seed gives the same bytes on\n"
	"every machine, and document i does not depend on how many there are.\n"
	"\n"
	"      --docs N        documents (k, m, g: thousands, ...)\n"
	"      --seed S        another seed, another corpus (1)\n"
	"      --from I        begin with document I (0); N counts from there\n"
	"  -o, --out FILE      instead of standard output\n"
	"      --length N      median words a document (as fitted: 227)\n"
	"      --plain         letters a-z and spaces alone, without titles and fields\n"
	"      --queries FILE  also write queries that fit the corpus, as JSON lines\n"
	"      --per-kind N    queries of each kind (50)\n"
	"      --fit CORPUS    take the parameters from these JSON records\n"
	"      --params P      s=1.378,q=7.25,vocabulary=1048576,repeat=0.4,topic=0.14,\n"
	"                      phrase=0.03,sentence=21,lengths=1:20:...  (33 quantiles)\n"
	"      --show          print the parameters, as --params takes them, and end\n"
	"  -v                  say at the end how much, how fast, and the XXH3 of it\n";

static const struct option options[] = {
	{ "docs", required_argument, NULL, 'n' },    { "seed", required_argument, NULL, 's' },
	{ "from", required_argument, NULL, 'f' },    { "out", required_argument, NULL, 'o' },
	{ "length", required_argument, NULL, 'l' },  { "plain", no_argument, NULL, 'p' },
	{ "queries", required_argument, NULL, 'q' }, { "per-kind", required_argument, NULL, 'k' },
	{ "fit", required_argument, NULL, 'F' },     { "params", required_argument, NULL, 'P' },
	{ "show", no_argument, NULL, 'S' },          { "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

typedef struct generate_options {
	generate_plan plan;
	const char *fit;
	uint64_t length;
	bool show, verbose, docs;
} generate_options;

/* ---- parameters as text --------------------------------------------------- */

typedef struct param_name {
	const char *name;
	size_t at;
	double scale;
} param_name;

static const param_name params[] = {
	{ "s", offsetof(gen_params, zipf_s), 1000 },
	{ "q", offsetof(gen_params, zipf_q), 100 },
	{ "vocabulary", offsetof(gen_params, vocabulary), 1 },
	{ "repeat", offsetof(gen_params, repeat), 65536 },
	{ "topic", offsetof(gen_params, topic), 65536 },
	{ "phrase", offsetof(gen_params, phrase), 65536 },
	{ "sentence", offsetof(gen_params, sentence), 1 },
};

static void
show(const gen_params *p)
{
	for (size_t i = 0; i < countof(params); i++) {
		uint32_t v;

		memcpy(&v, (const char *)p + params[i].at, sizeof v);
		printf("%s=%.10g,", params[i].name, v / params[i].scale);
	}
	printf("lengths=");
	for (int i = 0; i < GEN_LENGTHS; i++)
		printf("%s%u", i ? ":" : "", p->lengths[i]);
	putchar('\n');
}

static bool
parse_lengths(gen_params *p, const char *s, const char **end)
{
	for (int i = 0; i < GEN_LENGTHS; i++) {
		char *stop;

		p->lengths[i] = (uint32_t)strtoul(s, &stop, 10);
		if (stop == s || (i + 1 < GEN_LENGTHS && *stop != ':'))
			return false;
		s = stop + (i + 1 < GEN_LENGTHS);
	}
	*end = s;
	return true;
}

static bool
parse_param(gen_params *p, const char *s, const char **end)
{
	size_t n = strcspn(s, "=");

	if (s[n] != '=')
		return false;
	if (n == 7 && !strncmp(s, "lengths", n))
		return parse_lengths(p, s + n + 1, end);
	for (size_t i = 0; i < countof(params); i++)
		if (strlen(params[i].name) == n && !strncmp(s, params[i].name, n)) {
			char *stop;
			double x = strtod(s + n + 1, &stop) * params[i].scale + 0.5;
			uint32_t v;

			if (stop == s + n + 1 || !(x >= 0 && x < 4e9))
				return false;
			v = (uint32_t)x;
			memcpy((char *)p + params[i].at, &v, sizeof v);
			*end = stop;
			return true;
		}
	return false;
}

static bool
parse_params(gen_params *p, const char *s)
{
	cdg_error err;

	for (const char *at = s; *at;) {
		if (!parse_param(p, at, &at) || (*at && *at++ != ',')) {
			tool_usage("--params: '%.100s' is not a list of NAME=NUMBER (see --show)", s);
			return false;
		}
	}
	if (gen_params_check(p, &err))
		return true;
	tool_usage("--params: %s", err.message);
	return false;
}

void
generate_scale_lengths(gen_params *p, uint64_t median)
{
	uint64_t now = p->lengths[GEN_LENGTHS / 2];

	for (int i = 0; i < GEN_LENGTHS; i++) {
		uint64_t n = p->lengths[i] * median / now;

		p->lengths[i] = (uint32_t)(n < 1 ? 1 : n > GEN_WORDS_MAX ? GEN_WORDS_MAX : n);
	}
}

static int
generate_options_parse(generate_options *o, int argc, char **argv)
{
	generate_plan *g = &o->plan;
	const char *text = NULL;
	cdg_error err;
	int opt;
	bool good = true;

	*g = (generate_plan){ .params = gen_defaults, .seed = 1, .per_kind = 50 };
	while (good && (opt = getopt_long(argc, argv, ":o:v", options, NULL)) != -1) {
		switch (opt) {
		case 'n': good = o->docs = tool_number("--docs", optarg, 1, 1ULL << 40, &g->ndocs); break;
		case 's': good = tool_number("--seed", optarg, 0, UINT64_MAX, &g->seed); break;
		case 'f': good = tool_number("--from", optarg, 0, 1ULL << 40, &g->from); break;
		case 'o': g->out = optarg; break;
		case 'l': good = tool_number("--length", optarg, 1, 100000, &o->length); break;
		case 'p': g->plain = true; break;
		case 'q': g->queries = optarg; break;
		case 'k': good = tool_number("--per-kind", optarg, 1, 100000, &g->per_kind); break;
		case 'F': o->fit = optarg; break;
		case 'P': text = optarg; break;
		case 'S': o->show = true; break;
		case 'v': o->verbose = true; break;
		case 'h': fputs(help, stdout); exit(tool_finish());
		default: return tool_bad_option(opt, argv);
		}
	}
	if (!good)
		return TOOL_ERROR;
	if (optind < argc)
		return tool_usage("'%.100s' is one argument too many", argv[optind]);
	if (!o->docs && !o->show)
		return tool_usage("how many documents? Give --docs N");
	if (o->fit && gen_fit(o->fit, &g->params, &err) != CDG_OK)
		return tool_fail(&err);
	if (text && !parse_params(&g->params, text))
		return TOOL_ERROR;
	if (o->length)
		generate_scale_lengths(&g->params, o->length);
	return TOOL_OK;
}

/* ---- writing -------------------------------------------------------------- */

static cdg_status
generate_documents(const gen_model *m, const generate_plan *g, int fd, const char *name, generate_figures *f,
		   cdg_error *err)
{
	XXH3_state_t *hash = XXH3_createState();
	cdg_status st = CDG_OK;
	size_t text, end;
	buf out;

	if (!hash)
		return err_nomem(err);
	XXH3_64bits_reset(hash);
	buf_init(&out);
	for (uint64_t i = 0; i < g->ndocs && st == CDG_OK; i++) {
		gen_document(m, g->from + i, &out, &text, &end);
		if (out.failed) {
			st = err_nomem(err);
		} else if (out.len >= OUT_CHUNK || i + 1 == g->ndocs) {
			XXH3_64bits_update(hash, out.p, out.len);
			f->bytes += out.len;
			st = file_write_fd(fd, out.p, out.len, name, err);
			out.len = 0;
		}
	}
	f->hash = XXH3_64bits_digest(hash);
	XXH3_freeState(hash);
	buf_fini(&out);
	return st;
}

static cdg_status
generate_queries(const gen_model *m, const generate_plan *g, cdg_error *err)
{
	FILE *f = fopen(g->queries, "w");
	cdg_status st;

	if (!f)
		return err_errno(err, "write", g->queries);
	st = gen_queries(m, g->from + g->ndocs, (uint32_t)g->per_kind, f, err);
	if (fclose(f) && st == CDG_OK)
		st = err_errno(err, "write", g->queries);
	return st;
}

cdg_status
generate_run(const generate_plan *g, generate_figures *f, cdg_error *err)
{
	gen_model *m = gen_model_new(&g->params, g->seed, g->plain);
	const char *name = g->out ? g->out : "standard output";
	uint64_t start = clock_ns();
	cdg_status st = CDG_OK;
	int fd = STDOUT_FILENO;

	memset(f, 0, sizeof *f);
	if (!m)
		return err_nomem(err);
	if (g->out)
		fd = open(g->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		st = err_errno(err, "write", g->out);
	if (st == CDG_OK)
		st = generate_documents(m, g, fd, name, f, err);
	f->seconds = (double)(clock_ns() - start) / 1e9;
	if (g->out && fd >= 0 && close(fd) && st == CDG_OK)
		st = err_errno(err, "write", g->out);
	f->complete = st == CDG_OK;
	if (st == CDG_OK && g->queries)
		st = generate_queries(m, g, err);
	gen_model_free(m);
	return st;
}

int
generate_main(int argc, char **argv)
{
	generate_options o = { 0 };
	generate_figures f;
	cdg_error err;
	int code = generate_options_parse(&o, argc, argv);

	if (code != TOOL_OK)
		return code;
	if (o.show) {
		show(&o.plan.params);
		return tool_finish();
	}
	if (generate_run(&o.plan, &f, &err) != CDG_OK) {
		tool_fail(&err);
		return f.complete ? TOOL_ERROR : tool_error("the corpus is not complete: %llu of its bytes were written or begun",
				  (unsigned long long)f.bytes);
	}
	if (o.verbose)
		fprintf(stderr, "%llu documents, %llu bytes, %.1f MB/s, XXH3 %016llx\n",
			(unsigned long long)o.plan.ndocs, (unsigned long long)f.bytes,
			f.seconds > 0 ? (double)f.bytes / 1e6 / f.seconds : 0, (unsigned long long)f.hash);
	return TOOL_OK;
}
