/* micro.c - cdgbench micro: the inner loops alone, in nanoseconds an item and
 * gigabytes a second, against what the memory gives.
 *
 * Each loop runs until it has taken MICRO_SLICE, seven times; the best time
 * counts, for noise only ever adds.  Lists come from an index: the given one, or
 * a synthetic one.  "% of read" compares with a plain sum over 256 MB.
 */
#include <stdlib.h>

#include "bench/fixture.h"
#include "bench/load.h"
#include "bench/measure.h"
#include "bench/tool.h"
#include "engine/bitpack.h"
#include "query/fast.h"

enum { MICRO_REPEATS = 7, MICRO_VALUES = 1 << 14, MICRO_DOCS = 60000 };
static const double micro_slice = 20000; /* microseconds */

/* A loop: does its work once. Items and bytes of input of one run are known. */
typedef void (*micro_fn)(void *ctx);

typedef struct micro {
	bool json;
	double read; /* GB/s */
	volatile uint64_t sink;
	runner r;
	fixture fx;
} micro;

static double
micro_time(micro_fn fn, void *ctx)
{
	double best = 1e30;

	fn(ctx);
	for (int i = 0; i < MICRO_REPEATS; i++) {
		double start = bench_now_us(), took;
		uint64_t runs = 0;

		do {
			fn(ctx);
			runs++;
			took = bench_now_us() - start;
		} while (took < micro_slice);
		best = took / (double)runs < best ? took / (double)runs : best;
	}
	return best * 1000; /* ns a run */
}

static void
micro_report(micro *m, const char *name, double ns, double items, double bytes)
{
	double gbs = bytes > 0 ? bytes / ns : 0;

	if (m->json)
		printf("{\"loop\":\"%s\",\"ns_per_item\":%.4f,\"items\":%.0f,\"gb_per_s\":%.3f,\"share_of_read\":%.4f}\n",
		       name, ns / items, items, gbs, m->read > 0 ? gbs / m->read : 0);
	else if (bytes > 0)
		printf("%-52s %10.3f ns/item %8.2f GB/s %6.1f %% of read\n", name, ns / items, gbs,
		       m->read > 0 ? 100 * gbs / m->read : 0);
	else
		printf("%-52s %10.3f ns/item\n", name, ns / items);
	fflush(stdout);
}

/* ---- memory ---------------------------------------------------------------- */

typedef struct micro_memory {
	uint64_t *p, *q;
	size_t n;
	uint64_t sum;
} micro_memory;

static void
memory_read(void *ctx)
{
	micro_memory *b = ctx;
	uint64_t s[8] = { 0 };

	for (size_t i = 0; i + 8 <= b->n; i += 8)
		for (int j = 0; j < 8; j++)
			s[j] += b->p[i + (size_t)j];
	b->sum += s[0] + s[1] + s[2] + s[3] + s[4] + s[5] + s[6] + s[7];
}

static void
memory_copy(void *ctx)
{
	micro_memory *b = ctx;

	memcpy(b->q, b->p, b->n / 2 * sizeof *b->p);
}

static int
micro_memory_run(micro *m)
{
	micro_memory b = { .n = (size_t)32 << 20 };
	double ns;

	b.p = mem_alloc(b.n * sizeof *b.p);
	if (!b.p)
		return tool_nomem();
	memset(b.p, 1, b.n * sizeof *b.p);
	b.q = b.p + b.n / 2;
	ns = micro_time(memory_read, &b);
	m->read = (double)(b.n * sizeof *b.p) / ns;
	micro_report(m, "memory: read 256 MB", ns, (double)b.n, (double)(b.n * sizeof *b.p));
	micro_report(m, "memory: copy 128 MB", micro_time(memory_copy, &b), (double)(b.n / 2),
		     (double)(b.n / 2 * sizeof *b.p));
	m->sink += b.sum;
	mem_free(b.p);
	return TOOL_OK;
}

/* ---- unpacking -------------------------------------------------------------- */

typedef struct micro_pack {
	uint8_t *packed;
	uint32_t *values;
	unsigned width;
	size_t stride; /* bytes of a block */
} micro_pack;

static void
unpack(void *ctx)
{
	micro_pack *p = ctx;

	for (size_t b = 0; b < MICRO_VALUES / POST_BLOCK; b++)
		bitpack_unpack(p->packed + b * p->stride, POST_BLOCK, p->width, p->values);
}

static void
unpack_delta(void *ctx)
{
	micro_pack *p = ctx;

	for (size_t b = 0; b < MICRO_VALUES / POST_BLOCK; b++)
		bitpack_unpack_delta(p->packed + b * p->stride, POST_BLOCK, p->width, 0, p->values);
}

static int
micro_unpack_run(micro *m)
{
	static const unsigned widths[] = { 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32 };
	micro_pack p = { 0 };
	char name[64];

	p.packed = mem_calloc(MICRO_VALUES * 4 + 4096, 1);
	p.values = mem_calloc(POST_BLOCK + 16, sizeof *p.values);
	if (!p.packed || !p.values) {
		mem_free(p.packed);
		mem_free(p.values);
		return tool_nomem();
	}
	for (size_t i = 0; i < MICRO_VALUES * 4; i++)
		p.packed[i] = (uint8_t)(i * 2654435761u >> 13);
	for (size_t i = 0; i < countof(widths); i++) {
		p.width = widths[i];
		p.stride = bitpack_bytes(POST_BLOCK, p.width);
		snprintf(name, sizeof name, "unpack %2u bits", p.width);
		micro_report(m, name, micro_time(unpack, &p), MICRO_VALUES, (double)(MICRO_VALUES / POST_BLOCK * p.stride));
		snprintf(name, sizeof name, "unpack and sum %2u bits", p.width);
		micro_report(m, name, micro_time(unpack_delta, &p), MICRO_VALUES,
			     (double)(MICRO_VALUES / POST_BLOCK * p.stride));
	}
	mem_free(p.packed);
	mem_free(p.values);
	return TOOL_OK;
}

/* ---- lists ------------------------------------------------------------------- */

typedef struct micro_lists {
	const segment *seg;
	dict_entry e[2];
	char names[2][32];
	uint32_t step;        /* seek: so many documents on */
	uint64_t sum;
	seg_eval *se;
	const plan_node *node;
	post_cursor *c, *d;   /* for use inside the loops */
} micro_lists;

/* The text term whose number of documents is nearest to `want`, short lists
 * apart. */
static bool
find_term(const segment *s, uint32_t want, dict_entry *out, char name[32])
{
	dict_iter it;
	uint32_t best = UINT32_MAX;

	dict_seek(&it, &s->dict, DICT_TERM, DICT_FIELD_TEXT, "", 0);
	while (dict_next(&it) && it.e.kind == DICT_TERM && it.e.field == DICT_FIELD_TEXT) {
		uint32_t df = it.e.meta.df, off = df > want ? df - want : want - df;
		size_t n;
		const char *p = dict_iter_bytes(&it, &n);

		if (off >= best || df < 2 || n > 30)
			continue;
		best = off;
		*out = it.e;
		memcpy(name, p, n);
		name[n] = 0;
	}
	return best != UINT32_MAX;
}

static void
list_decode(void *ctx)
{
	micro_lists *l = ctx;

	segment_cursor(l->seg, &l->e[0], l->c);
	for (uint32_t b = 0; post_load(l->c, b); b++)
		l->sum += l->c->docs[l->c->n - 1];
	post_close(l->c);
}

static void
list_decode_tfs(void *ctx)
{
	micro_lists *l = ctx;

	segment_cursor(l->seg, &l->e[0], l->c);
	for (uint32_t b = 0; post_load(l->c, b) && post_load_tfs(l->c); b++)
		l->sum += l->c->tfs[0];
	post_close(l->c);
}

static void
list_seek(void *ctx)
{
	micro_lists *l = ctx;

	segment_cursor(l->seg, &l->e[0], l->c);
	for (uint32_t doc = 0; (doc = post_seek(l->c, doc)) != POST_END; doc += l->step)
		l->sum += doc;
	post_close(l->c);
}

/* The two lists leap to one another's documents. */
static void
list_intersect(void *ctx)
{
	micro_lists *l = ctx;
	uint32_t a, b;

	segment_cursor(l->seg, &l->e[0], l->c);
	segment_cursor(l->seg, &l->e[1], l->d);
	for (a = post_seek(l->d, 0); a != POST_END; a = post_next(l->d)) {
		b = post_seek(l->c, a);
		l->sum += a == b;
		if (b == POST_END)
			break;
	}
	post_close(l->c);
	post_close(l->d);
}

static void
list_positions(void *ctx)
{
	micro_lists *l = ctx;
	uint32_t n;

	segment_cursor(l->seg, &l->e[0], l->c);
	for (uint32_t doc = post_seek(l->c, 0); doc != POST_END; doc = post_next(l->c)) {
		const uint32_t *p = post_positions(l->c, &n);

		l->sum += p ? p[n - 1] : 0;
	}
	post_close(l->c);
}

static void
list_score(void *ctx)
{
	micro_lists *l = ctx;
	int32_t units[POST_BLOCK + 16];

	for (uint32_t i = 0; i < MICRO_VALUES / POST_BLOCK; i++) {
		block_units(l->se, l->node, l->c->docs, l->c->tfs, l->c->n, units);
		l->sum += (uint64_t)units[0];
	}
}

/* Scoring: a block of the list under a plan of one word. */
static int
micro_score(micro *m, micro_lists *l)
{
	search_request rq = { .limit = 10, .bm25 = { 1.2f, 0.75f }, .title_weight = 1, .an = m->r.an };
	search_result notes = { 0 };
	seg_eval se;
	arena mem;
	plan p;
	int code = TOOL_OK;

	arena_init(&mem);
	if (runner_parse_game(&m->r, l->names[0], strlen(l->names[0])) != CDG_OK) {
		arena_fini(&mem);
		return tool_fail(&m->r.err);
	}
	rq.root = m->r.query.root;
	if (plan_make(&p, &mem, m->r.snap, &rq, rq.root, &notes, &m->r.err) != CDG_OK) {
		code = tool_fail(&m->r.err);
	} else if (p.root->type == PLAN_LEAF) {
		seg_eval_init(&se, &p, 0, &mem);
		l->se = &se;
		l->node = p.root;
		segment_cursor(l->seg, &l->e[0], l->c);
		if (post_load(l->c, 0) && post_load_tfs(l->c))
			micro_report(m, "score a block", micro_time(list_score, l),
				     (double)(MICRO_VALUES / POST_BLOCK) * l->c->n,
				     9.0 * (MICRO_VALUES / POST_BLOCK) * l->c->n);
		post_close(l->c);
		seg_eval_fini(&se);
	}
	search_result_fini(&notes);
	arena_fini(&mem);
	return code;
}

static void
micro_lists_of(micro *m, micro_lists *l, const char *kind)
{
	static const uint32_t steps[] = { 1, 16, 256, 4096 };
	double df = l->e[0].meta.df, bytes = l->e[0].meta.post_len;
	char name[256];

	snprintf(name, sizeof name, "decode documents, %s", kind);
	micro_report(m, name, micro_time(list_decode, l), df, 0);
	snprintf(name, sizeof name, "decode documents and tf, %s", kind);
	micro_report(m, name, micro_time(list_decode_tfs, l), df, bytes);
	for (size_t i = 0; i < countof(steps) && steps[i] < l->seg->info.docs / 4; i++) {
		double seeks = 0;

		l->step = steps[i];
		segment_cursor(l->seg, &l->e[0], l->c);
		for (uint32_t doc = 0; (doc = post_seek(l->c, doc)) != POST_END; doc += l->step)
			seeks++;
		post_close(l->c);
		snprintf(name, sizeof name, "seek %u on, %s", steps[i], kind);
		micro_report(m, name, micro_time(list_seek, l), seeks, 0);
	}
	if (l->e[0].meta.has_pos) {
		snprintf(name, sizeof name, "positions, %s", kind);
		micro_report(m, name, micro_time(list_positions, l), (double)l->e[0].meta.ttf,
			     (double)l->e[0].meta.pos_len);
	}
}

static int
micro_lists_run(micro *m)
{
	static const struct {
		const char *name;
		uint32_t part;
	} kinds[] = { { "dense", 1 }, { "medium", 16 }, { "sparse", 256 } };
	micro_lists l = { .seg = &m->r.snap->segs[0] };
	dict_entry found[countof(kinds)];
	uint32_t ndocs = l.seg->info.docs;
	char name[96];
	int code = TOOL_OK;

	l.c = mem_calloc(1, sizeof *l.c);
	l.d = mem_calloc(1, sizeof *l.d);
	for (size_t i = 0; l.c && l.d && i < countof(kinds); i++) {
		if (!find_term(l.seg, ndocs / kinds[i].part, &l.e[0], l.names[0])) {
			code = tool_error("there are no terms to measure with");
			break;
		}
		found[i] = l.e[0];
		snprintf(name, sizeof name, "%s (%u of %u)", kinds[i].name, l.e[0].meta.df, ndocs);
		micro_lists_of(m, &l, name);
		if (i == 0)
			code = micro_score(m, &l);
		for (size_t j = 0; j < i; j++) {
			l.e[0] = found[j];
			l.e[1] = found[i];
			snprintf(name, sizeof name, "intersect %s with %s", kinds[j].name, kinds[i].name);
			micro_report(m, name, micro_time(list_intersect, &l), (double)l.e[1].meta.df, 0);
		}
	}
	if (!l.c || !l.d)
		code = tool_nomem();
	mem_free(l.c);
	mem_free(l.d);
	m->sink += l.sum;
	return code;
}

/* ---- tokenising -------------------------------------------------------------- */

typedef struct micro_text {
	text_analyzer *an;
	const char *p;
	size_t n;
	uint64_t tokens;
} micro_text;

static void
tokenise(void *ctx)
{
	micro_text *t = ctx;
	text_token tokens[256];
	size_t n;

	t->tokens = 0;
	text_begin(t->an, t->p, t->n, 0);
	while ((n = text_next(t->an, tokens, countof(tokens))) > 0)
		t->tokens += n;
}

static void
micro_tokenise(micro *m, const char *name, const char *piece)
{
	micro_text t = { .an = m->r.an };
	double ns;
	buf b;

	buf_init(&b);
	while (!b.failed && b.len < (1 << 20))
		buf_puts(&b, piece);
	t.p = (const char *)b.p;
	t.n = b.len;
	ns = micro_time(tokenise, &t);
	micro_report(m, name, ns, (double)(t.tokens ? t.tokens : 1), (double)t.n);
	buf_fini(&b);
}

/* ---- the command -------------------------------------------------------------- */

static int
micro_run(micro *m)
{
	int code = micro_memory_run(m);

	if (code == TOOL_OK)
		code = micro_unpack_run(m);
	if (code == TOOL_OK && m->r.snap->nsegs)
		code = micro_lists_run(m);
	if (code != TOOL_OK)
		return code;
	micro_tokenise(m, "tokenise lower case",
		       "the agency shall within thirty days report to the committee on each plan and budget ");
	micro_tokenise(m, "tokenise prose", "The Council, acting under Article 12(3), shall \xe2\x80\x93 after consulting "
		       "the Top-Level Board \xe2\x80\x93 publish its 2015 report.\n\n");
	micro_tokenise(m, "tokenise German", "Die Beh\xc3\xb6rde pr\xc3\xbc" "ft die Ma\xc3\x9fnahmen gem\xc3\xa4\xc3\x9f \xc2\xa7 4 "
		       "des Gesetzes \xc3\xbc" "ber \xc3\xb6" "ffentliche Auftr\xc3\xa4ge. ");
	micro_tokenise(m, "tokenise Chinese", "\xe6\x94\xbf\xe5\xba\x9c\xe5\xba\x94\xe5\xbd\x93\xe5\x8a\xa0\xe5\xbc\xba"
		       "\xe9\xa1\xb6\xe5\xb1\x82\xe8\xae\xbe\xe8\xae\xa1\xef\xbc\x8c");
	return tool_finish();
}

static const char help[] =
	"Usage: cdgbench micro [-d INDEX] [--json]\n"
	"Measure the inner loops: unpack by width, decode, seek, score, intersect,\n"
	"positions, tokenise; against the memory's bandwidth.\n"
	"\n"
	"  -d, --index DIR  take lists from the first segment of this index\n"
	"                   (otherwise from a synthetic one that is made for it)\n"
	"      --json       one object a line, instead of a table\n";

static const struct option options[] = {
	{ "index", required_argument, NULL, 'd' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int
micro_main(int argc, char **argv)
{
	micro m = { 0 };
	const char *dir = NULL;
	cdg_error err;
	int opt, code;

	while ((opt = getopt_long(argc, argv, ":d:", options, NULL)) != -1) {
		switch (opt) {
		case 'd': dir = optarg; break;
		case 'j': m.json = true; break;
		case 'h': fputs(help, stdout); return tool_finish();
		default: return tool_bad_option(opt, argv);
		}
	}
	if (optind < argc)
		return tool_usage("'%.100s' is one argument too many", argv[optind]);
	if (!dir && fixture_open(&m.fx, NULL, MICRO_DOCS, 10, &err) != CDG_OK)
		return tool_fail(&err);
	if (runner_open(&m.r, dir ? dir : m.fx.index) != CDG_OK) {
		fixture_close(&m.fx);
		return tool_fail(&m.r.err);
	}
	code = micro_run(&m);
	runner_close(&m.r, false);
	fixture_close(&m.fx);
	return code;
}
