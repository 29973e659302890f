/* game.c - cdgbench game: the protocol of the public search-benchmark-game.
 *
 * A line COMMAND<TAB>query on standard input, one line back: COUNT and
 * TOP_N_COUNT give the number of matching documents, TOP_N gives 1 as the
 * game's own engines do, a command that is not known gives UNSUPPORTED.  Answers
 * are written before the program waits for more: each by itself for whoever drives
 * this line by line, many at once for a file.
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
#include <unistd.h>

#include "bench/runner.h"

typedef enum game_kind { GAME_UNKNOWN, GAME_COUNT, GAME_TOP, GAME_TOP_COUNT, GAME_HITS } game_kind;

enum { GAME_K_MAX = 1000000, GAME_READ = 1 << 16 };

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

/* What buf_printf makes of it is a tenth of the time of a short count. */
static void
put_decimal(buf *out, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	buf_put(out, digits + at, sizeof digits - at);
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
	put_decimal(out, kind == GAME_TOP ? 1 : r->found.total);
	return CDG_OK;
}

/* All answers so far are out, or why not. */
static int
game_flush(void)
{
	if (!ferror(stdout) && !fflush(stdout))
		return TOOL_OK;
	return errno == EPIPE ? TOOL_ERROR : tool_finish();
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
	return fwrite(out->p, 1, out->len, stdout) == out->len ? TOOL_OK : game_flush();
}

/* Standard input, a line at a time. */
typedef struct game_input {
	char *p;
	size_t at, end, cap;
} game_input;

/* The next line, its end replaced by a NUL; *n its length.  *line NULL: there is none. */
static int
game_next(game_input *in, char **line, size_t *n)
{
	size_t seen = in->at;
	char *stop;
	ssize_t got;

	*line = NULL;
	while (!(stop = memchr(in->p + seen, '\n', in->end - seen))) {
		int code = game_flush();
		if (code != TOOL_OK)
			return code;
		memmove(in->p, in->p + in->at, in->end - in->at);
		seen = in->end -= in->at;
		in->at = 0;
		if (!mem_grow(&in->p, &in->cap, in->end + GAME_READ, 1))
			return tool_nomem();
		do
			got = read(STDIN_FILENO, in->p + in->end, GAME_READ);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return tool_error("cannot read standard input: %s", strerror(errno));
		if (!got && !in->end)
			return TOOL_OK;
		if (!got) /* the last line lacks its end */
			in->p[in->end++] = '\n';
		in->end += (size_t)got;
	}
	*line = in->p + in->at;
	*n = (size_t)(stop - *line);
	in->at += *n + 1;
	*stop = 0;
	if (*n && (*line)[*n - 1] == '\r')
		(*line)[--*n] = 0;
	return TOOL_OK;
}

static int
game_serve(runner *r)
{
	game_input in = { 0 };
	char *line;
	uint64_t number = 0;
	size_t n;
	int code;
	buf out;

	buf_init(&out);
	in.p = mem_alloc(GAME_READ);
	in.cap = in.p ? GAME_READ : 0;
	code = in.p ? game_next(&in, &line, &n) : tool_nomem();
	while (code == TOOL_OK && line) {
		code = game_line(r, line, n, ++number, &out);
		if (code == TOOL_OK)
			code = game_next(&in, &line, &n);
	}
	if (!ferror(stdout)) { /* else it was said */
		int last = game_flush();
		code = code == TOOL_OK ? last : code;
	}
	mem_free(in.p);
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
	code = game_serve(&r);
	runner_close(&r, false);
	return code;
}
