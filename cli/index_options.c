/* index_options.c - cdgindex's options: docs/man/cdgindex.1 is what they mean.
 *
 * The first argument that is no option may name a command; after -- everything
 * is a path.
 */
#include "cli/index_options.h"

#include <getopt.h>
#include <stdlib.h>

#include "cli/cli.h"

enum {
	OPT_JSONL = 256,
	OPT_CSV,
	OPT_INCLUDE,
	OPT_EXCLUDE,
	OPT_HIDDEN,
	OPT_MAX_FILE_SIZE,
	OPT_LANG,
	OPT_NO_STORE,
	OPT_NO_SECTION_TITLES,
	OPT_THREADS,
	OPT_MEMORY,
	OPT_EXTRACT_MEMORY,
	OPT_EXTRACT_TIMEOUT,
	OPT_OCR,
	OPT_OCR_TIMEOUT,
	OPT_XML_MAP,
	OPT_URL_BASE,
	OPT_MIRROR,
	OPT_OPTIMIZE,
	OPT_REORDER,
	OPT_PAIRS,
	OPT_BACKEND,
	OPT_SHARDS,
	OPT_PRUNE,
	OPT_WATCH,
	OPT_KEEP_DUPLICATES,
	OPT_FORCE,
	OPT_CHECKSUM,
	OPT_RETRY_FAILED,
	OPT_STRICT,
	OPT_DRY_RUN,
	OPT_FAILED,
	OPT_SKIPPED,
	OPT_DUPLICATES,
	OPT_JSON,
	OPT_TERMS,
	OPT_TERM,
	OPT_DOC,
	OPT_IDS,
	OPT_FORMAT,
	OPT_HELP,
	OPT_VERSION
};

static const struct option long_options[] = {
	{ "index", required_argument, NULL, 'd' },
	{ "jsonl", no_argument, NULL, OPT_JSONL },
	{ "csv", no_argument, NULL, OPT_CSV },
	{ "include", required_argument, NULL, OPT_INCLUDE },
	{ "exclude", required_argument, NULL, OPT_EXCLUDE },
	{ "hidden", no_argument, NULL, OPT_HIDDEN },
	{ "max-file-size", required_argument, NULL, OPT_MAX_FILE_SIZE },
	{ "lang", required_argument, NULL, OPT_LANG },
	{ "no-store", no_argument, NULL, OPT_NO_STORE },
	{ "no-section-titles", no_argument, NULL, OPT_NO_SECTION_TITLES },
	{ "threads", required_argument, NULL, OPT_THREADS },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "extract-memory", required_argument, NULL, OPT_EXTRACT_MEMORY },
	{ "extract-timeout", required_argument, NULL, OPT_EXTRACT_TIMEOUT },
	{ "ocr", required_argument, NULL, OPT_OCR },
	{ "ocr-timeout", required_argument, NULL, OPT_OCR_TIMEOUT },
	{ "xml-map", required_argument, NULL, OPT_XML_MAP },
	{ "url-base", required_argument, NULL, OPT_URL_BASE },
	{ "mirror", required_argument, NULL, OPT_MIRROR },
	{ "optimize", no_argument, NULL, OPT_OPTIMIZE },
	{ "reorder", no_argument, NULL, OPT_REORDER },
	{ "pairs", no_argument, NULL, OPT_PAIRS },
	{ "backend", required_argument, NULL, OPT_BACKEND },
	{ "shards", required_argument, NULL, OPT_SHARDS },
	{ "prune", optional_argument, NULL, OPT_PRUNE },
	{ "watch", optional_argument, NULL, OPT_WATCH },
	{ "keep-duplicates", no_argument, NULL, OPT_KEEP_DUPLICATES },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "checksum", no_argument, NULL, OPT_CHECKSUM },
	{ "retry-failed", no_argument, NULL, OPT_RETRY_FAILED },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "failed", no_argument, NULL, OPT_FAILED },
	{ "skipped", no_argument, NULL, OPT_SKIPPED },
	{ "duplicates", no_argument, NULL, OPT_DUPLICATES },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "terms", optional_argument, NULL, OPT_TERMS },
	{ "term", required_argument, NULL, OPT_TERM },
	{ "doc", required_argument, NULL, OPT_DOC },
	{ "ids", no_argument, NULL, OPT_IDS },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"Usage: cdgindex [-d INDEX] [options] PATH...\n"
	"       cdgindex [-d INDEX] check | stat | dump | merge | snapshot DIR | delete ID... | import FROM\n"
	"Add files, folders and records to an index, or look after it.\n"
	"\n"
	"  -d, --index DIR         the index ($CDG_INDEX, ./.cdgsearch, or your default one)\n"
	"      --jsonl             all inputs are JSON records; - is standard input\n"
	"      --csv               all inputs are CSV\n"
	"      --include GLOB      in folders, only files that match; may be repeated\n"
	"      --exclude GLOB      in folders, leave out what matches; may be repeated\n"
	"      --hidden            also names that begin with a dot\n"
	"      --max-file-size N   skip larger files (K, M, G)\n"
	"      --lang LANG         auto, none (no stemming), or a code such as en\n"
	"      --no-store          do not keep the text: no snippets, a smaller index\n"
	"      --no-section-titles no field section of what the outer sections are called\n"
	"      --threads N         threads at work (one a processor)\n"
	"      --memory N          memory to use (1G)\n"
	"      --extract-memory N  memory for each process that reads documents (1G)\n"
	"      --extract-timeout S seconds that reading a document may take (60)\n"
	"      --ocr CMD           a program that reads scanned PDFs and pictures: given a path, it\n"
	"                          prints text, a form feed between pages\n"
	"      --ocr-timeout S     seconds that it may take, for each page that it prints (600)\n"
	"      --xml-map FILE      what the elements of XML files mean (docs/formats/xml.md)\n"
	"      --url-base DIR=URL  the address of a folder, and so of the files in it; may be repeated\n"
	"      --mirror DIR        the folders in DIR are hosts, as wget -r makes them; may be repeated\n"
	"      --optimize          merge everything into one segment at the end\n"
	"      --reorder           with --optimize or merge: put documents with the same words\n"
	"                          together; smaller, faster to search, slower to make\n"
	"      --pairs             with --optimize or merge: lists of pairs of frequent words,\n"
	"                          for phrases of them; a larger index\n"
	"      --backend NAME      a new index is native (the default) or xapian, a database of libxapian\n"
	"      --shards N          with xapian: N databases behind a stub file\n"
	"      --prune[=force]     drop documents whose source has vanished (force: also if that is most of them)\n"
	"      --watch[=poll:N]    go on, and index what changes (poll: look each N seconds, as for\n"
	"                          network file systems)\n"
	"      --keep-duplicates   files with the same bytes are documents of their own\n"
	"      --force             index again what has not changed\n"
	"      --checksum          tell by the bytes of files what has changed, not by size and time\n"
	"      --retry-failed      read unchanged files again of which something failed\n"
	"      --strict            exit status 2 if anything could not be read\n"
	"      --dry-run           say what would be done, change nothing\n"
	"  -q                      only errors\n"
	"  -v                      say more; twice, more still\n"
	"      --help, --version\n"
	"      --                  end of options: what follows are paths\n"
	"\n"
	"Commands:\n"
	"  check                   verify every byte and every structure\n"
	"  stat [--failed|--skipped|--duplicates] [--json]\n"
	"                          numbers and sizes; what could not be read, and why; what was\n"
	"                          left out, and why; files with the same bytes\n"
	"  dump --terms [PREFIX] | --term TERM | --doc ID | --ids\n"
	"  dump --format FORMAT    every document: jsonl (reads back as it was), opensearch-bulk\n"
	"  import FROM             all documents of another index or Xapian database\n"
	"  merge [--reorder] [--pairs]  one segment, without what was deleted\n"
	"  snapshot DIR            a copy by hard links\n"
	"  delete ID... | -        by identifier, or from standard input\n"
	"\n"
	"Exit status: 0 done (what could not be read is named, and kept in stat --failed),\n"
	"1 nothing to do it on, 2 an error, or a PATH that cannot be read at all.\n";

static const char *const commands[] = { NULL, "check", "stat", "dump", "merge", "snapshot", "delete", "import" };

static bool
good(const char *option, cdg_status st, const cdg_error *err)
{
	if (st != CDG_OK)
		cli_usage("%s: %s", option, err->message);
	return st == CDG_OK;
}

static bool
parse_flag(index_options *o, const char *option, cdg_writer_flag flag, int on)
{
	cdg_error err;

	return good(option, cdg_writer_config_set(o->config, flag, on, &err), &err);
}

/* DIR=URL: the last = before the URL's scheme, which has none. */
static bool
parse_url_base(cdg_writer_config *c, const char *arg)
{
	const char *eq = strchr(arg, '='), *scheme = strstr(arg, "://");
	cdg_error err;
	char *dir;
	bool ok;

	for (const char *next = eq; next && scheme && next < scheme; next = strchr(next + 1, '='))
		eq = next;
	if (!eq || eq == arg)
		return cli_usage("--url-base: '%.100s' is not DIR=URL", arg) == CLI_OK;
	dir = strndup(arg, (size_t)(eq - arg));
	ok = dir ? good("--url-base", cdg_writer_config_add_url_base(c, dir, eq + 1, &err), &err) :
		   cli_usage("out of memory") == CLI_OK;
	free(dir);
	return ok;
}

static bool
parse_adding(index_options *o, int opt, const char *arg)
{
	cdg_writer_config *c = o->config;
	cdg_error err;
	uint64_t n;

	switch (opt) {
	case OPT_JSONL: return parse_flag(o, "--jsonl", CDG_WRITER_JSONL, 1);
	case OPT_CSV: return parse_flag(o, "--csv", CDG_WRITER_CSV, 1);
	case OPT_INCLUDE: return good("--include", cdg_writer_config_include(c, arg, &err), &err);
	case OPT_EXCLUDE: return good("--exclude", cdg_writer_config_exclude(c, arg, &err), &err);
	case OPT_HIDDEN: o->hidden = true; return parse_flag(o, "--hidden", CDG_WRITER_HIDDEN, 1);
	case OPT_MAX_FILE_SIZE:
		return cli_bytes("--max-file-size", arg, 1, &n) &&
		       good("--max-file-size", cdg_writer_config_set_max_file_size(c, n, &err), &err);
	case OPT_LANG: return good("--lang", cdg_writer_config_set_lang(c, arg, &err), &err);
	case OPT_NO_STORE: return parse_flag(o, "--no-store", CDG_WRITER_STORE, 0);
	case OPT_NO_SECTION_TITLES: return parse_flag(o, "--no-section-titles", CDG_WRITER_SECTION_TITLES, 0);
	case OPT_THREADS:
		return cli_number("--threads", arg, 1, 1024, &n) &&
		       good("--threads", cdg_writer_config_set_threads(c, (unsigned)n, &err), &err);
	case OPT_MEMORY:
		return cli_bytes("--memory", arg, (uint64_t)16 << 20, &n) &&
		       good("--memory", cdg_writer_config_set_memory(c, n, &err), &err);
	case OPT_EXTRACT_MEMORY:
		return cli_bytes("--extract-memory", arg, (uint64_t)64 << 20, &n) &&
		       good("--extract-memory", cdg_writer_config_set_extract_memory(c, n, &err), &err);
	case OPT_EXTRACT_TIMEOUT:
		return cli_number("--extract-timeout", arg, 1, 86400, &n) &&
		       good("--extract-timeout", cdg_writer_config_set_extract_timeout(c, (unsigned)n, &err), &err);
	case OPT_OCR: return good("--ocr", cdg_writer_config_set_ocr(c, arg, &err), &err);
	case OPT_OCR_TIMEOUT:
		return cli_number("--ocr-timeout", arg, 1, 86400, &n) &&
		       good("--ocr-timeout", cdg_writer_config_set_ocr_timeout(c, (unsigned)n, &err), &err);
	case OPT_XML_MAP: return good("--xml-map", cdg_writer_config_set_xml_map(c, arg, &err), &err);
	case OPT_URL_BASE: return parse_url_base(c, arg);
	case OPT_MIRROR: return good("--mirror", cdg_writer_config_add_url_base(c, arg, NULL, &err), &err);
	case OPT_BACKEND: return good("--backend", cdg_writer_config_set_backend(c, arg, &err), &err);
	case OPT_SHARDS:
		return cli_number("--shards", arg, 1, 1024, &n) &&
		       good("--shards", cdg_writer_config_set_shards(c, (unsigned)n, &err), &err);
	case OPT_OPTIMIZE: o->optimize = true; return parse_flag(o, "--optimize", CDG_WRITER_OPTIMIZE, 1);
	case OPT_REORDER: o->reorder = true; return parse_flag(o, "--reorder", CDG_WRITER_REORDER, 1);
	case OPT_PAIRS: o->pairs = true; return parse_flag(o, "--pairs", CDG_WRITER_PAIRS, 1);
	case OPT_FORCE: return parse_flag(o, "--force", CDG_WRITER_FORCE, 1);
	case OPT_CHECKSUM: return parse_flag(o, "--checksum", CDG_WRITER_CHECKSUM, 1);
	case OPT_RETRY_FAILED: return parse_flag(o, "--retry-failed", CDG_WRITER_RETRY_FAILED, 1);
	case OPT_STRICT: o->strict = true; return true;
	case OPT_DRY_RUN: o->dry_run = true; return parse_flag(o, "--dry-run", CDG_WRITER_DRY_RUN, 1);
	case OPT_WATCH:
		o->watch = true;
		if (arg && strncmp(arg, "poll:", 5) != 0)
			return cli_usage("--watch: '%.60s' is not poll:SECONDS", arg) == CLI_OK;
		return !arg || cli_number("--watch=poll", arg + 5, 1, 86400, &o->watch_seconds);
	case OPT_PRUNE:
		o->prune = true;
		if (arg && strcmp(arg, "force") != 0)
			return cli_usage("--prune: '%.60s' is not force", arg) == CLI_OK;
		return !arg || parse_flag(o, "--prune", CDG_WRITER_PRUNE_MOST, 1);
	case OPT_KEEP_DUPLICATES: return parse_flag(o, "--keep-duplicates", CDG_WRITER_KEEP_DUPLICATES, 1);
	default: return false;
	}
}

static bool
parse_option(index_options *o, int opt, const char *arg)
{
	switch (opt) {
	case 'd': o->index = arg; return true;
	case 'q': o->quiet = true; return true;
	case 'v': o->verbose++; return true;
	case OPT_FAILED: o->failed = true; return true;
	case OPT_SKIPPED: o->skipped = true; return true;
	case OPT_DUPLICATES: o->duplicates = true; return true;
	case OPT_JSON: o->json = true; return true;
	case OPT_TERMS:
		o->terms = true;
		o->prefix = arg;
		return true;
	case OPT_TERM: o->term = arg; return true;
	case OPT_DOC: o->doc = arg; return true;
	case OPT_IDS: o->ids = true; return true;
	case OPT_FORMAT: o->format = arg; return true;
	default: return parse_adding(o, opt, arg);
	}
}

/* ---- what only makes sense together ------------------------------------------- */

static int
settle_dump(index_options *o)
{
	int n = o->terms + (o->term != NULL) + (o->doc != NULL) + o->ids + (o->format != NULL);

	if (n != 1)
		return cli_usage("dump: give one of --terms [PREFIX], --term TERM, --doc ID, --ids, --format FORMAT");
	if (o->terms && !o->prefix && o->nargs == 1) {
		o->prefix = o->args[0];
		o->nargs = 0;
	}
	if (o->nargs)
		return cli_usage("dump: '%.100s' is one argument too many", o->args[0]);
	return CLI_OK;
}

static int
settle(index_options *o)
{
	if (o->command != INDEX_STAT && (o->failed || o->skipped || o->duplicates || o->json))
		return cli_usage("--failed, --skipped, --duplicates and --json belong to the command stat");
	if (o->command != INDEX_DUMP && (o->terms || o->term || o->doc || o->ids || o->format))
		return cli_usage("--terms, --term, --doc, --ids and --format belong to the command dump");
	if (o->reorder && !o->optimize && o->command != INDEX_MERGE)
		return cli_usage("--reorder belongs to --optimize and to the command merge");
	if (o->pairs && !o->optimize && o->command != INDEX_MERGE)
		return cli_usage("--pairs belongs to --optimize and to the command merge");
	if (o->watch && (o->command != INDEX_ADD || o->dry_run))
		return cli_usage("--watch belongs to adding, and not to --dry-run");
	switch (o->command) {
	case INDEX_ADD:
		if (!o->nargs)
			return cli_usage("what shall be indexed? Give files or folders");
		for (size_t i = 0; i < o->nargs; i++)
			if (!*o->args[i])
				return cli_usage("a path is empty");
		return CLI_OK;
	case INDEX_DUMP: return settle_dump(o);
	case INDEX_SNAPSHOT:
		if (o->nargs != 1)
			return cli_usage("snapshot: give the one folder to make it in");
		return CLI_OK;
	case INDEX_IMPORT:
		if (o->nargs != 1)
			return cli_usage("import: give the one index or Xapian database to read");
		return CLI_OK;
	case INDEX_DELETE:
		if (!o->nargs)
			return cli_usage("delete: give the identifiers, or - to read them");
		return CLI_OK;
	case INDEX_CHECK:
	case INDEX_STAT:
	case INDEX_MERGE:
		if (o->failed + o->skipped + o->duplicates > 1)
			return cli_usage("stat: give one of --failed, --skipped and --duplicates");
		if (o->nargs)
			return cli_usage("%s takes no arguments: '%.100s' (a path of that name is ./%s)",
					 commands[o->command], o->args[0], commands[o->command]);
		return CLI_OK;
	}
	return CLI_ERROR;
}

/* An argument that is no option, in its turn: the first may be a command. */
static void
take_argument(index_options *o, const char *arg, bool *first)
{
	for (size_t i = 1; *first && i < countof(commands); i++)
		if (!strcmp(arg, commands[i])) {
			o->command = (index_command)i;
			*first = false;
			return;
		}
	*first = false;
	o->args[o->nargs++] = arg;
}

int
index_options_parse(index_options *o, int argc, char **argv)
{
	bool first = true;
	cdg_error err;
	int opt;

	memset(o, 0, sizeof *o);
	if (cdg_writer_config_new(&o->config, &err) != CDG_OK)
		return cli_fail(&err);
	o->args = calloc((size_t)argc + 1, sizeof *o->args);
	if (!o->args)
		return cli_usage("out of memory");
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "-:d:qv", long_options, NULL)) != -1) {
		if (opt == OPT_HELP || opt == OPT_VERSION) {
			const char *text = opt == OPT_HELP ? help : "cdgindex " CDG_VERSION "\n";

			o->done = true;
			cli_write(NULL, text, strlen(text));
			return cli_finish();
		}
		if (opt == ':' || opt == '?')
			return cli_bad_option(opt, argv);
		if (opt == 1)
			take_argument(o, optarg, &first);
		else if (!parse_option(o, opt, optarg))
			return CLI_ERROR;
	}
	while (optind < argc)
		o->args[o->nargs++] = argv[optind++];
	return settle(o);
}

void
index_options_fini(index_options *o)
{
	cdg_writer_config_free(o->config);
	free(o->args);
}
