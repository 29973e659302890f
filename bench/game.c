/* game.c - cdgbench game: the protocol of the public search-benchmark-game.
 *
 * A line COMMAND<TAB>query on standard input, one line back: COUNT and
 * TOP_N_COUNT give the number of matching documents, TOP_N gives 1 as the
 * game's own engines do, a command that is not known gives UNSUPPORTED.  Each
 * answer is flushed, for whoever drives this times line by line.
 *
 * HITS_N is ours: the N best as id:score with spaces between, so that results
 * can be compared.  A byte of an identifier that is a space, a colon, a per cent
 * sign or a control character is written as %XX.
 *
 * A line that breaks the protocol ends the program with a message and exit
 * status 2; all answers before it have been written.
 */
#include "bench/tool.h"

#include <errno.h>
#include <stdlib.h>

#include "bench/runner.h"

typedef enum game_kind { GAME_UNKNOWN, GAME_COUNT, GAME_TOP, GAME_TOP_COUNT, GAME_HITS } game_kind;

enum { GAME_K_MAX = 1000000 };

/* What a command is; *k is its N. */
static game_kind
game_command(const char *s, size_t n, uint32_t *k)
{
	bool hits = n > 5 && !memcmp(s, "HITS_", 5);
	size_t i = hits ? 5 : 4;
	uint64_t v = 0;

	*k = 0;
	if (n == 5 && !memcmp(s, "COUNT", 5))
		return GAME_COUNT;
	if (!hits && (n < 5 || memcmp(s, "TOP_", 4)))
		return GAME_UNKNOWN;
	for (; i < n && s[i] >= '0' && s[i] <= '9' && v <= GAME_K_MAX; i++)
		v = 10 * v + (uint64_t)(s[i] - '0');
	if (v < 1 || v > GAME_K_MAX)
		return GAME_UNKNOWN;
	*k = (uint32_t)v;
	if (i == n)
		return hits ? GAME_HITS : GAME_TOP;
	return !hits && n - i == 6 && !memcmp(s + i, "_COUNT", 6) ? GAME_TOP_COUNT : GAME_UNKNOWN;
}

static void
put_escaped(buf *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] <= ' ' || p[i] == ':' || p[i] == '%' || p[i] == 0x7f)
			buf_printf(out, "%%%02X", p[i]);
		else
			buf_put_u8(out, p[i]);
	}
}

static cdg_status
game_hits(runner *r, buf *out)
{
	buf meta, id;
	cdg_status st = CDG_OK;

	buf_init(&meta);
	buf_init(&id);
	for (size_t i = 0; i < r->found.nhits && st == CDG_OK; i++) {
		id.len = 0;
		st = runner_id(r, r->found.hits[i].doc, &meta, &id);
		if (i)
			buf_put_u8(out, ' ');
		put_escaped(out, id.p, id.len);
		buf_printf(out, ":%.9g", (double)r->found.hits[i].score);
	}
	buf_fini(&meta);
	buf_fini(&id);
	return st;
}

/* One request into one answer without its newline. */
static cdg_status
game_answer(runner *r, game_kind kind, uint32_t k, const char *query, size_t n, buf *out)
{
	runner_ask ask = { .k = k, .total = kind == GAME_COUNT || kind == GAME_TOP_COUNT };

	if (kind == GAME_UNKNOWN) {
		buf_puts(out, "UNSUPPORTED");
		return CDG_OK;
	}
	CDG_TRY(runner_parse_game(r, query, n));
	CDG_TRY(runner_search(r, ask));
	if (kind == GAME_HITS)
		return game_hits(r, out);
	buf_printf(out, "%llu", kind == GAME_TOP ? 1ULL : (unsigned long long)r->found.total);
	return CDG_OK;
}

static int
game_line(runner *r, const char *line, size_t n, uint64_t number, buf *out)
{
	const char *tab = memchr(line, '\t', n);
	game_kind kind;
	uint32_t k;

	out->len = 0;
	if (!tab)
		return tool_error("line %llu: no TAB; a request is COMMAND<TAB>query: '%.60s'",
				  (unsigned long long)number, tool_is_text(line, n) ? line : "(not UTF-8)");
	if (!tool_is_text(line, n))
		return tool_error("line %llu: not UTF-8, or with control characters", (unsigned long long)number);
	kind = game_command(line, (size_t)(tab - line), &k);
	if (game_answer(r, kind, k, tab + 1, n - (size_t)(tab + 1 - line), out) != CDG_OK) {
		tool_error("line %llu: %s", (unsigned long long)number, r->err.message);
		return TOOL_ERROR;
	}
	buf_put_u8(out, '\n');
	if (out->failed)
		return tool_nomem();
	if (fwrite(out->p, 1, out->len, stdout) != out->len || fflush(stdout))
		return errno == EPIPE ? TOOL_ERROR : tool_finish();
	return TOOL_OK;
}

static int
game_serve(runner *r, FILE *in)
{
	char *line = NULL;
	size_t cap = 0;
	uint64_t number = 0;
	ssize_t n;
	int code = TOOL_OK;
	buf out;

	buf_init(&out);
	while (code == TOOL_OK && (errno = 0, n = getline(&line, &cap, in)) > 0) {
		size_t len = (size_t)n;

		if (line[len - 1] == '\n')
			line[--len] = 0;
		if (len && line[len - 1] == '\r')
			line[--len] = 0;
		code = game_line(r, line, len, ++number, &out);
	}
	if (code == TOOL_OK && !feof(in))
		code = tool_error("cannot read standard input: %s", strerror(errno ? errno : EIO));
	free(line);
	buf_fini(&out);
	return code;
}

static const char help[] =
	"Usage: cdgbench game [-d INDEX] [--k1 X] [--b X] [--exhaustive] <REQUESTS\n"
	"Answer requests in the protocol of the search-benchmark-game.\n"
	"\n"
	"  -d, --index DIR   the index ($CDG_INDEX, ./.cdgsearch, or your default one)\n"
	"      --k1 X, --b X BM25 (1.2 and 0.75)\n"
	"      --exhaustive  score every match: the slow twin of the fast executors\n"
	"\n"
	"A request is a line COMMAND<TAB>query, with COMMAND one of COUNT, TOP_N,\n"
	"TOP_N_COUNT (as the game has them) and HITS_N (the N best, as id:score).\n"
	"Queries: a b (any), +a +b (all), \"a b\" (phrase), +a b (b only scores), -a.\n";

static const struct option options[] = {
	{ "index", required_argument, NULL, 'd' },
	{ "k1", required_argument, NULL, '1' },
	{ "b", required_argument, NULL, '2' },
	{ "exhaustive", no_argument, NULL, 'x' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int
game_main(int argc, char **argv)
{
	const char *dir = NULL;
	double k1 = 1.2, b = 0.75;
	bool exhaustive = false;
	runner r;
	int opt, code;

	while ((opt = getopt_long(argc, argv, ":d:", options, NULL)) != -1) {
		switch (opt) {
		case 'd': dir = optarg; break;
		case '1':
			if (!tool_real("--k1", optarg, 0, 1000, &k1))
				return TOOL_ERROR;
			break;
		case '2':
			if (!tool_real("--b", optarg, 0, 1, &b))
				return TOOL_ERROR;
			break;
		case 'x': exhaustive = true; break;
		case 'h': fputs(help, stdout); return tool_finish();
		default: return tool_bad_option(opt, argv);
		}
	}
	if (optind < argc)
		return tool_usage("'%.100s' is one argument too many", argv[optind]);
	dir = tool_index(dir);
	if (!dir)
		return TOOL_ERROR;
	if (runner_open(&r, dir) != CDG_OK)
		return tool_fail(&r.err);
	r.bm25 = (bm25_params){ (float)k1, (float)b };
	r.exhaustive = exhaustive;
	code = game_serve(&r, stdin);
	runner_close(&r, false);
	return code;
}
