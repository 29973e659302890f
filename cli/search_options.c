/* search_options.c - cdgsearch's options: docs/man/cdgsearch.1 is what they
 * mean.  Nonsense is refused here, with what would be right. */
#include "cli/search_options.h"

#include <getopt.h>
#include <stdlib.h>

#include "cli/cli.h"

enum {
	OPT_OFFSET = 256,
	OPT_FORMAT,
	OPT_BATCH,
	OPT_DEFAULT_OP,
	OPT_SORT,
	OPT_FILTER,
	OPT_FACET,
	OPT_K1,
	OPT_B,
	OPT_WEIGHT,
	OPT_WEIGHTING,
	OPT_SNIPPETS,
	OPT_SNIPPET_LENGTH,
	OPT_TIME_LIMIT,
	OPT_LANG,
	OPT_STEM_PHRASES,
	OPT_STRICT,
	OPT_EXPLAIN,
	OPT_COLOR,
	OPT_RUN_ID,
	OPT_VIEW,
	OPT_RANGE,
	OPT_KWIC,
	OPT_CONTEXT,
	OPT_SUGGEST,
	OPT_DID_YOU_MEAN,
	OPT_NO_SUGGEST,
	OPT_HELP,
	OPT_VERSION
};

static const struct option long_options[] = {
	{ "index", required_argument, NULL, 'd' },
	{ "offset", required_argument, NULL, OPT_OFFSET },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "batch", required_argument, NULL, OPT_BATCH },
	{ "default-op", required_argument, NULL, OPT_DEFAULT_OP },
	{ "sort", required_argument, NULL, OPT_SORT },
	{ "filter", required_argument, NULL, OPT_FILTER },
	{ "facet", required_argument, NULL, OPT_FACET },
	{ "k1", required_argument, NULL, OPT_K1 },
	{ "b", required_argument, NULL, OPT_B },
	{ "weight", required_argument, NULL, OPT_WEIGHT },
	{ "weighting", required_argument, NULL, OPT_WEIGHTING },
	{ "snippets", required_argument, NULL, OPT_SNIPPETS },
	{ "snippet-length", required_argument, NULL, OPT_SNIPPET_LENGTH },
	{ "time-limit", required_argument, NULL, OPT_TIME_LIMIT },
	{ "lang", required_argument, NULL, OPT_LANG },
	{ "stem-phrases", no_argument, NULL, OPT_STEM_PHRASES },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ "explain", no_argument, NULL, OPT_EXPLAIN },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "colour", required_argument, NULL, OPT_COLOR },
	{ "run-id", required_argument, NULL, OPT_RUN_ID },
	{ "view", required_argument, NULL, OPT_VIEW },
	{ "range", required_argument, NULL, OPT_RANGE },
	{ "kwic", optional_argument, NULL, OPT_KWIC },
	{ "context", required_argument, NULL, OPT_CONTEXT },
	{ "suggest", no_argument, NULL, OPT_SUGGEST },
	{ "did-you-mean", no_argument, NULL, OPT_DID_YOU_MEAN },
	{ "no-suggest", no_argument, NULL, OPT_NO_SUGGEST },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"Usage: cdgsearch [-d INDEX] [options] QUERY...\n"
	"       cdgsearch [-d INDEX] [options] --batch FILE\n"
	"       cdgsearch [-d INDEX] [options] --view ID [QUERY...]\n"
	"Search an index made by cdgindex, or a Xapian database.\n"
	"\n"
	"  -d, --index INDEX       the index ($CDG_INDEX, ./.cdgsearch, or your default one);\n"
	"                          a Xapian database, a stub file of one, or host:port;\n"
	"                          http://host:port of a cdgsearchd\n"
	"  -n N                    at most N hits (10)\n"
	"      --offset N          pass over the first N hits\n"
	"      --format FORMAT     text, json, jsonl, csv, trec, ids or count\n"
	"      --batch FILE        queries from FILE, one a line; - is standard input\n"
	"      --default-op OP     words that no operator joins: and (the default), or\n"
	"      --filter QUERY      documents must match this too; may be repeated\n"
	"      --sort KEY,...      score, date or a field; -KEY is descending\n"
	"      --facet FIELD[:N]   count the matches by the values of FIELD\n"
	"      --facet year[:N]    by year or month of their date, in order of time; also FIELD:year\n"
	"      --facet FIELD:open[:N]  as if no --filter were about FIELD\n"
	"      --k1 X  --b X       BM25's parameters (1.2, 0.75)\n"
	"      --weight title=X    an occurrence in the title counts X times\n"
	"      --weighting NAME    bm25 (the default), or xapian-bm25[:k1=X,b=X,...], as libxapian weighs\n"
	"      --lang CODE         take the query's words in this language\n"
	"      --stem-phrases      words in quotes match by stem too\n"
	"      --strict            every warning is an error\n"
	"      --snippets N        passages a hit (2)\n"
	"      --snippet-length N  characters of a passage, about (200)\n"
	"      --time-limit MS     after which the best found so far is the answer\n"
	"      --view ID           the text of a document, with the query's matches marked; text or json\n"
	"      --range FROM:TO     of it, only these characters\n"
	"      --kwic[=ORDER]      a concordance: each occurrence in its context; by document,\n"
	"                          left or right context; text, json or csv\n"
	"      --context N[w]      characters (40), or words, on each side of it\n"
	"      --explain           how the query was understood and scored\n"
	"      --color WHEN        auto, always, never\n"
	"      --run-id NAME       last column of --format trec\n"
	"      --suggest           what the QUERY may become: lines of kind, documents, text\n"
	"      --did-you-mean      look for a better spelling where little is found (the default for text)\n"
	"      --no-suggest        do not\n"
	"  -q                      no warnings\n"
	"  -v                      say more\n"
	"      --help, --version\n"
	"      --                  end of options: a query may begin with a minus sign\n"
	"\n"
	"Quote the query for the shell: cdgsearch '\"top-level design\" AND reform'\n"
	"Exit status: 0 something was found, 1 nothing was, 2 an error.\n";

/* ---- options with a grammar of their own --------------------------------------- */

static int
parse_choice(const char *option, const char *arg, const char *const *names, size_t n, const char *list)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(arg, names[i]))
			return (int)i;
	cli_usage("%s: '%.100s' is not one of %s", option, arg, list);
	return -1;
}

/* arg[0, n) is "year", "month" or ends in one of them behind a colon. */
static bool
is_period(const char *arg, size_t n)
{
	static const char *const names[] = { "year", "month" };

	for (size_t i = 0; i < 2; i++) {
		size_t k = strlen(names[i]);

		if (n >= k && !memcmp(arg + n - k, names[i], k) && (n == k || arg[n - k - 1] == ':'))
			return true;
	}
	return false;
}

/* FIELD[:N], where the field may end in :year or :month, or :open.  A timeline is shown
 * whole unless N is given. */
static bool
parse_facet(search_options *o, const char *arg, cdg_error *err)
{
	const char *colon = strrchr(arg, ':'), *name = colon ? colon + 1 : arg;
	bool open = colon && !strcmp(name, "open"), period = is_period(arg, open ? (size_t)(colon - arg) : strlen(arg));
	uint64_t n = period ? CDG_LIMIT_MAX : 10;
	char field[1024];
	size_t len = colon && !period && !open ? (size_t)(colon - arg) : strlen(arg);

	if (colon && !period && !open && !cli_number("--facet", name, 1, CDG_LIMIT_MAX, &n))
		return false;
	if (len >= sizeof field) {
		cli_usage("--facet: the name of the field is too long");
		return false;
	}
	memcpy(field, arg, len);
	field[len] = 0;
	if (cdg_request_add_facet(o->request, field, (uint32_t)n, err) == CDG_OK)
		return true;
	cli_usage("--facet: %s", err->message);
	return false;
}

/* "FROM:TO", either of which may be left out. */
static bool
parse_range(search_options *o, const char *arg)
{
	const char *colon = strchr(arg, ':');
	char from[32] = "";

	if (!colon || (size_t)(colon - arg) >= sizeof from) {
		cli_usage("--range: write FROM:TO, for example 5000:9000, not '%.100s'", arg);
		return false;
	}
	memcpy(from, arg, (size_t)(colon - arg));
	o->to = UINT64_MAX;
	if ((*from && !cli_number("--range", from, 0, UINT32_MAX, &o->from)) ||
	    (colon[1] && !cli_number("--range", colon + 1, 0, UINT32_MAX, &o->to)))
		return false;
	if (o->to < o->from)
		cli_usage("--range: '%.100s' ends before it begins", arg);
	return o->to >= o->from;
}

/* "N" characters or "Nw" words. */
static bool
parse_context(search_options *o, const char *arg)
{
	char number[32] = "";
	size_t n = strlen(arg);

	o->words = n && arg[n - 1] == 'w';
	n -= o->words;
	if (n >= sizeof number) {
		cli_usage("--context: '%.100s' is not a number", arg);
		return false;
	}
	memcpy(number, arg, n);
	return cli_number("--context", number, 0, 1000, &o->context);
}

static bool
parse_weight(search_options *o, const char *arg, cdg_error *err)
{
	const char *eq = strchr(arg, '=');
	char field[256];
	double x;

	if (!eq || eq == arg || (size_t)(eq - arg) >= sizeof field) {
		cli_usage("--weight: write FIELD=X, for example title=3, not '%.100s'", arg);
		return false;
	}
	memcpy(field, arg, (size_t)(eq - arg));
	field[eq - arg] = 0;
	if (!cli_real("--weight", eq + 1, 0, 1000, &x))
		return false;
	if (cdg_request_set_weight(o->request, field, x, err) == CDG_OK)
		return true;
	cli_usage("--weight: %s", err->message);
	return false;
}

/* The status of a setter as a message that names the option. */
static bool
good(const char *option, cdg_status st, const cdg_error *err)
{
	if (st != CDG_OK)
		cli_usage("%s: %s", option, err->message);
	return st == CDG_OK;
}

/* ---- one option ------------------------------------------------------------------ */

static bool
parse_request(search_options *o, int opt, const char *arg)
{
	static const char *const ops[] = { "and", "or" };
	cdg_request *rq = o->request;
	cdg_error err;
	uint64_t n;
	double x;
	int choice;

	switch (opt) {
	case OPT_OFFSET:
		return cli_number("--offset", arg, 0, CDG_LIMIT_MAX, &n) &&
		       good("--offset", cdg_request_set_offset(rq, n, &err), &err);
	case OPT_DEFAULT_OP:
		choice = parse_choice("--default-op", arg, ops, countof(ops), "and, or");
		cdg_request_set_default_or(rq, choice == 1);
		return choice >= 0;
	case OPT_SORT: return good("--sort", cdg_request_set_sort(rq, arg, &err), &err);
	case OPT_FILTER: return good("--filter", cdg_request_add_filter(rq, arg, strlen(arg), &err), &err);
	case OPT_FACET: return parse_facet(o, arg, &err);
	case OPT_K1:
		return cli_real("--k1", arg, 0, 1000, &x) && good("--k1", cdg_request_set_k1(rq, x, &err), &err);
	case OPT_B: return cli_real("--b", arg, 0, 1, &x) && good("--b", cdg_request_set_b(rq, x, &err), &err);
	case OPT_WEIGHT: return parse_weight(o, arg, &err);
	case OPT_WEIGHTING: return good("--weighting", cdg_request_set_weighting(rq, arg, &err), &err);
	case OPT_TIME_LIMIT:
		if (!cli_number("--time-limit", arg, 1, 86400000, &n))
			return false;
		cdg_request_set_time_limit(rq, n);
		return true;
	case OPT_LANG: return good("--lang", cdg_request_set_lang(rq, arg, &err), &err);
	case OPT_STEM_PHRASES: cdg_request_set_stem_phrases(rq, 1); return true;
	case OPT_STRICT: cdg_request_set_strict(rq, 1); return true;
	case OPT_EXPLAIN: cdg_request_set_explain(rq, 1); return true;
	default: return false;
	}
}

static bool
parse_option(search_options *o, int opt, const char *arg)
{
	static const char *const colors[] = { "auto", "always", "never" };
	static const char *const orders[] = { "document", "left", "right" };
	int choice;

	switch (opt) {
	case 'd': o->index = arg; return true;
	case 'n': return cli_number("-n", arg, 0, CDG_LIMIT_MAX, &o->limit);
	case 'q': o->quiet = true; return true;
	case 'v': o->verbose++; return true;
	case OPT_BATCH: o->batch = arg; return true;
	case OPT_RUN_ID: o->run_id = arg; return true;
	case OPT_VIEW: o->view = arg; return true;
	case OPT_RANGE: return parse_range(o, arg);
	case OPT_KWIC:
		choice = arg ? parse_choice("--kwic", arg, orders, countof(orders), "document, left, right") : 0;
		o->kwic = choice + 1;
		return choice >= 0;
	case OPT_CONTEXT: return parse_context(o, arg);
	case OPT_SUGGEST: o->suggest = true; return true;
	case OPT_DID_YOU_MEAN: o->spell = 1; return true;
	case OPT_NO_SUGGEST: o->spell = -1; return true;
	case OPT_FORMAT:
		if (cdg_format_find(arg, &o->format) == CDG_OK)
			return true;
		cli_usage("--format: '%.100s' is not one of text, json, jsonl, csv, trec, ids, count", arg);
		return false;
	case OPT_COLOR:
		choice = parse_choice("--color", arg, colors, countof(colors), "auto, always, never");
		o->color = choice >= 0 ? (search_color)choice : COLOR_AUTO;
		return choice >= 0;
	case OPT_SNIPPETS: return cli_number("--snippets", arg, 0, 100, &o->snippets);
	case OPT_SNIPPET_LENGTH: return cli_number("--snippet-length", arg, 20, 100000, &o->snippet_length);
	default: return parse_request(o, opt, arg);
	}
}

/* ---- all of them --------------------------------------------------------------------- */

static char *
join_arguments(char **argv, int n)
{
	size_t len = 1;
	char *all, *to;

	for (int i = 0; i < n; i++)
		len += strlen(argv[i]) + 1;
	to = all = malloc(len);
	for (int i = 0; all && i < n; i++) {
		size_t part = strlen(argv[i]);

		if (i)
			*to++ = ' ';
		memcpy(to, argv[i], part);
		to += part;
	}
	if (all)
		*to = 0;
	return all;
}

/* What a format does not show is not asked for. */
static int
settle(search_options *o)
{
	cdg_request *rq = o->request;
	cdg_error err;

	if ((o->view || o->kwic) && o->batch)
		return cli_usage("--view and --kwic answer one query: not --batch");
	if (o->view && o->kwic)
		return cli_usage("give --view or --kwic, not both");
	if (o->view && o->format != CDG_FORMAT_TEXT && o->format != CDG_FORMAT_JSON)
		return cli_usage("--view: give --format text or json");
	if (o->kwic && o->format != CDG_FORMAT_TEXT && o->format != CDG_FORMAT_JSON && o->format != CDG_FORMAT_CSV)
		return cli_usage("--kwic: give --format text, json or csv");
	if (o->format == CDG_FORMAT_COUNT)
		o->limit = 0;
	if (o->format == CDG_FORMAT_COUNT || o->format == CDG_FORMAT_IDS || o->format == CDG_FORMAT_TREC)
		o->snippets = 0;
	if (o->format == CDG_FORMAT_CSV && o->snippets > 1)
		o->snippets = 1;
	cdg_request_set_suggest(rq, o->spell > 0 || (!o->spell && o->format == CDG_FORMAT_TEXT && !o->batch));
	cdg_request_set_total(rq, o->format == CDG_FORMAT_TEXT || o->format == CDG_FORMAT_JSON ||
					  o->format == CDG_FORMAT_COUNT);
	if (cdg_request_set_limit(rq, o->limit, &err) != CDG_OK ||
	    cdg_request_set_snippets(rq, (uint32_t)o->snippets, (uint32_t)o->snippet_length, &err) != CDG_OK)
		return cli_usage("%s", err.message);
	return CLI_OK;
}

int
search_options_parse(search_options *o, int argc, char **argv)
{
	cdg_error err;
	int opt;

	memset(o, 0, sizeof *o);
	o->limit = 10;
	o->snippets = 2;
	o->snippet_length = 200;
	o->context = 40;
	o->to = UINT64_MAX;
	if (cdg_request_new(&o->request, &err) != CDG_OK)
		return cli_fail(&err);
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":d:n:qv", long_options, NULL)) != -1) {
		if (opt == OPT_HELP || opt == OPT_VERSION) {
			const char *text = opt == OPT_HELP ? help : "cdgsearch " CDG_VERSION "\n";

			o->done = true;
			cli_write(NULL, text, strlen(text));
			return cli_finish();
		}
		if (opt == ':' || opt == '?')
			return cli_bad_option(opt, argv);
		if (!parse_option(o, opt, optarg))
			return CLI_ERROR;
	}
	if (o->batch && optind < argc)
		return cli_usage("give a QUERY or --batch, not both");
	if (!o->batch && !o->view && optind == argc)
		return cli_usage("what shall be searched for? Give a QUERY, or --batch FILE");
	if (o->suggest && (o->batch || !o->limit || o->limit > 100))
		return cli_usage("--suggest: give one QUERY and -n from 1 to 100");
	if (!o->batch && !(o->query = join_arguments(argv + optind, argc - optind)))
		return cli_usage("out of memory");
	return settle(o);
}

void
search_options_fini(search_options *o)
{
	cdg_request_free(o->request);
	free(o->query);
}
