/* index.c - cdgbench index: a corpus indexed and measured. */
#include <stdlib.h>

#include "base/file.h"
#include "bench/indexing.h"
#include "bench/tool.h"

static const char help[] =
	"Usage: cdgbench index [-d] DIR [options] CORPUS...\n"
	"       cdgbench index --game CORPUS DIR\n"
	"Index files into DIR, which must not be there yet, and measure it.\n"
	"\n"
	"  -d, --index DIR     where the index is made; stays there\n"
	"      --game          as the search-benchmark-game has it: no stems, no stored\n"
	"                      text, JSON records, one segment\n"
	"      --lang LANG     auto, none, or a code (auto)\n"
	"      --no-store      do not keep the text\n"
	"      --jsonl         all inputs are JSON records\n"
	"      --segments      leave several segments (otherwise they are merged)\n"
	"      --threads N     threads at work (one a processor)\n"
	"      --memory N      memory to use (1G)\n"
	"      --replace       an index that is in DIR is removed first\n"
	"      --json          a JSON object, instead of a table\n";

static const struct option options[] = {
	{ "index", required_argument, NULL, 'd' },   { "game", no_argument, NULL, 'g' },
	{ "lang", required_argument, NULL, 'l' },    { "no-store", no_argument, NULL, 'n' },
	{ "jsonl", no_argument, NULL, 'J' },         { "segments", no_argument, NULL, 's' },
	{ "threads", required_argument, NULL, 't' }, { "memory", required_argument, NULL, 'm' },
	{ "replace", no_argument, NULL, 'r' },       { "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },          { NULL, 0, NULL, 0 },
};

typedef struct index_options {
	indexing_plan plan;
	bool replace, json;
} index_options;

static void
game_settings(indexing_plan *p)
{
	p->lang = "none";
	p->store = false;
	p->jsonl = true;
}

static int
index_options_parse(index_options *o, int argc, char **argv)
{
	uint64_t n;
	int opt;
	bool good = true;

	o->plan = (indexing_plan){ .lang = "auto", .store = true };
	while (good && (opt = getopt_long(argc, argv, ":d:", options, NULL)) != -1) {
		switch (opt) {
		case 'd': o->plan.dir = optarg; break;
		case 'g': game_settings(&o->plan); break;
		case 'l': o->plan.lang = optarg; break;
		case 'n': o->plan.store = false; break;
		case 'J': o->plan.jsonl = true; break;
		case 's': o->plan.several = true; break;
		case 't':
			good = tool_number("--threads", optarg, 1, 1024, &n);
			o->plan.threads = good ? (unsigned)n : 0;
			break;
		case 'm': good = tool_bytes("--memory", optarg, 16 << 20, &o->plan.memory); break;
		case 'r': o->replace = true; break;
		case 'j': o->json = true; break;
		case 'h': fputs(help, stdout); exit(tool_finish());
		default: return tool_bad_option(opt, argv);
		}
	}
	if (!good)
		return TOOL_ERROR;
	if (!o->plan.dir && argc - optind >= 2)
		o->plan.dir = argv[--argc];
	o->plan.paths = (const char *const *)(argv + optind);
	o->plan.npaths = (size_t)(argc - optind);
	if (!o->plan.dir || !*o->plan.dir || !o->plan.npaths)
		return tool_usage("give the files to index and the folder to make");
	return TOOL_OK;
}

static double
per(double a, double b)
{
	return b > 0 ? a / b : 0;
}

static void
report_json(const indexing_plan *p, const indexing_figures *f)
{
	buf b;

	buf_init(&b);
	buf_puts(&b, "{\"index\":");
	tool_put_json(&b, p->dir, strlen(p->dir));
	buf_printf(&b, ",\"threads\":%u,\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"documents\":%llu,\"failed\":%llu,"
		   "\"text_bytes\":%llu,\"input_bytes\":%llu,\"tokens\":%llu,\"mb_per_s\":%.2f,"
		   "\"documents_per_s\":%.0f,\"peak_memory\":%llu,\"segments\":%llu,\"terms\":%llu,"
		   "\"postings\":%llu,\"occurrences\":%llu,\"bytes\":%llu,\"bytes_per_posting\":%.4f,"
		   "\"bytes_per_position\":%.4f,\"parts\":{",
		   p->threads, f->seconds, f->cpu, (unsigned long long)f->documents, (unsigned long long)f->failed,
		   (unsigned long long)f->text_bytes, (unsigned long long)f->input_bytes, (unsigned long long)f->tokens,
		   per((double)f->text_bytes / 1e6, f->seconds), per((double)f->documents, f->seconds),
		   (unsigned long long)f->peak_memory, (unsigned long long)f->segments, (unsigned long long)f->terms,
		   (unsigned long long)f->postings, (unsigned long long)f->occurrences, (unsigned long long)f->bytes,
		   per((double)f->parts[1], (double)f->postings), per((double)f->parts[2], (double)f->occurrences));
	for (size_t i = 0; i < INDEXING_PARTS; i++)
		buf_printf(&b, "%s\"%s\":%llu", i ? "," : "", indexing_part_names[i], (unsigned long long)f->parts[i]);
	buf_puts(&b, "}}\n");
	fputs(buf_cstr(&b), stdout);
	buf_fini(&b);
}

static void
report_table(const indexing_figures *f)
{
	printf("time             %12.2f s, processor %.2f s\n", f->seconds, f->cpu);
	printf("documents        %12llu   %.0f/s\n", (unsigned long long)f->documents,
	       per((double)f->documents, f->seconds));
	printf("text             %12.1f MB  %.1f MB/s\n", (double)f->text_bytes / 1e6,
	       per((double)f->text_bytes / 1e6, f->seconds));
	printf("tokens           %12llu   %.2f million/s\n", (unsigned long long)f->tokens,
	       per((double)f->tokens / 1e6, f->seconds));
	printf("peak memory      %12.1f MB\n", (double)f->peak_memory / 1e6);
	printf("segments         %12llu\n", (unsigned long long)f->segments);
	printf("terms            %12llu\n", (unsigned long long)f->terms);
	printf("postings         %12llu   %.3f bytes each\n", (unsigned long long)f->postings,
	       per((double)f->parts[1], (double)f->postings));
	printf("occurrences      %12llu   %.3f bytes each\n", (unsigned long long)f->occurrences,
	       per((double)f->parts[2], (double)f->occurrences));
	printf("size             %12.1f MB  %.1f %% of the text\n", (double)f->bytes / 1e6,
	       100 * per((double)f->bytes, (double)f->text_bytes));
	for (size_t i = 0; i < INDEXING_PARTS; i++)
		printf("  %-14s %12.1f MB  %4.1f %%\n", indexing_part_names[i], (double)f->parts[i] / 1e6,
		       100 * per((double)f->parts[i], (double)f->bytes));
}

int
index_main(int argc, char **argv)
{
	index_options o = { 0 };
	indexing_figures f;
	cdg_error err;
	int code = index_options_parse(&o, argc, argv);

	if (code != TOOL_OK)
		return code;
	for (size_t i = 0; i < o.plan.npaths; i++)
		if (!file_exists(o.plan.paths[i]))
			return tool_error("cannot read %s: there is no such file", o.plan.paths[i]);
	if (indexing_taken(o.plan.dir)) {
		if (!o.replace)
			return tool_error("%s is there already: it would be an update that is measured; give "
					  "another folder, or --replace", o.plan.dir);
		if (indexing_remove(o.plan.dir, &err) != CDG_OK)
			return tool_fail(&err);
	}
	if (indexing_run(&o.plan, &f, &err) != CDG_OK)
		return tool_fail(&err);
	if (o.json)
		report_json(&o.plan, &f);
	else
		report_table(&f);
	code = tool_finish();
	if (code == TOOL_OK && f.failed)
		code = tool_error("%llu inputs could not be read; the figures are without them",
				  (unsigned long long)f.failed);
	if (code == TOOL_OK && !f.documents)
		code = TOOL_NOTHING;
	return code;
}
