/* gen_queries.c - queries for a synthetic corpus, see gen.h.
 *
 * Terms come from bands of frequency; all others are cut out of documents made
 * again, so that phrases occur and the words of a conjunction meet.  The syntax
 * is what the game's and our own queries have in common: +a +b, a b, "a b";
 * prefixes (a*) are our own alone.
 */
#include <errno.h>

#include "bench/gen.h"

enum { QUERY_WORDS = 24, QUERY_TRIES = 400 };

typedef struct cutter {
	const gen_model *m;
	uint64_t rng, ndocs, next_id;
	buf doc;
	size_t text, end;
	size_t len[QUERY_WORDS], n;
	char lower[QUERY_WORDS][GEN_WORD_MAX + 1];
	FILE *f;
} cutter;

static bool
is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_stop(const cutter *c, size_t i)
{
	for (uint32_t r = 0; r < GEN_STOP; r++)
		if (c->m->words[r].len == c->len[i] && !memcmp(c->m->words[r].s, c->lower[i], c->len[i]))
			return true;
	return false;
}

static void
take_word(cutter *c, const uint8_t *p, size_t n)
{
	n = n < GEN_WORD_MAX ? n : GEN_WORD_MAX;
	for (size_t i = 0; i < n; i++)
		c->lower[c->n][i] = (char)(p[i] | 0x20);
	c->lower[c->n][n] = 0;
	c->len[c->n++] = n;
}

/* Up to `want` words that follow one another from a random place of the
 * document at hand, with one space between; their number in c->n. */
static void
cut_run(cutter *c, size_t want)
{
	const uint8_t *p = c->doc.p;
	size_t at = c->text + gen_random(&c->rng) % (c->end - c->text), from;

	c->n = 0;
	while (at < c->end && p[at] != ' ')
		at++;
	while (at < c->end && c->n < want && p[at] == ' ') {
		for (from = ++at; at < c->end && is_letter(p[at]);)
			at++;
		if (at == from || (at < c->end && p[at] != ' ' && p[at] != ',' && p[at] != '.'))
			return;
		take_word(c, p + from, at - from);
	}
}

static bool
another_document(cutter *c)
{
	c->doc.len = 0;
	gen_document(c->m, gen_random(&c->rng) % c->ndocs, &c->doc, &c->text, &c->end);
	return !c->doc.failed && c->end > c->text;
}

/* ---- what is asked --------------------------------------------------------- */

/* Which runs of words make a query of a kind. */
typedef struct query_kind {
	const char *tag, *before, *between, *after;
	size_t least, most;
	int stop; /* 1: with a stop word, -1: without, 0: either */
	bool prefix;
} query_kind;

static const query_kind kinds[] = {
	{ "and:2", "+", " +", "", 2, 2, -1, false },
	{ "and:3", "+", " +", "", 3, 3, 0, false },
	{ "and:stop", "+", " +", "", 2, 4, 1, false },
	{ "or:2", "", " ", "", 2, 2, -1, false },
	{ "or:4", "", " ", "", 4, 4, 0, false },
	{ "phrase:2", "\"", " ", "\"", 2, 2, -1, false },
	{ "phrase:3", "\"", " ", "\"", 3, 3, 0, false },
	{ "phrase:stop", "\"", " ", "\"", 2, 5, 1, false },
	{ "must-should", "+", " ", "", 2, 3, 0, false },
	{ "negated", "+", " -", "", 2, 2, -1, false },
	{ "prefix", "", "", "*", 1, 1, -1, true },
	{ "long", "", " ", "", 8, 20, 0, false },
};

static bool
fits(const cutter *c, const query_kind *k, size_t want)
{
	size_t stops = 0;

	if (c->n < want)
		return false;
	for (size_t i = 0; i < c->n; i++)
		stops += is_stop(c, i);
	if (k->prefix && c->len[0] < 5)
		return false;
	return k->stop == 0 || (k->stop > 0 ? stops > 0 && stops < c->n : stops == 0);
}

static void
put_query(cutter *c, const query_kind *k)
{
	fprintf(c->f, "{\"id\":\"%llu\",\"text\":\"", (unsigned long long)++c->next_id);
	for (const char *s = k->before; *s; s++)
		fprintf(c->f, *s == '"' ? "\\\"" : "%c", *s);
	for (size_t i = 0; i < c->n; i++)
		fprintf(c->f, "%s%.*s", i ? k->between : "", (int)(k->prefix ? (3 + c->next_id % 2) : c->len[i]),
			c->lower[i]);
	for (const char *s = k->after; *s; s++)
		fprintf(c->f, *s == '"' ? "\\\"" : "%c", *s);
	fprintf(c->f, "\",\"tags\":[\"%.*s\"", (int)strcspn(k->tag, ":"), k->tag);
	if (strchr(k->tag, ':'))
		fprintf(c->f, ",\"%s\"", k->tag);
	fputs("]}\n", c->f);
}

/* One query of a kind; none if no document has such a run of words. */
static cdg_status
cut_query(cutter *c, const query_kind *k, cdg_error *err)
{
	size_t want = k->least + gen_random(&c->rng) % (k->most - k->least + 1);

	for (int i = 0; i < QUERY_TRIES; i++) {
		if (i % 8 == 0 && !another_document(c))
			return err_nomem(err);
		cut_run(c, want);
		if (fits(c, k, want)) {
			put_query(c, k);
			break;
		}
	}
	return CDG_OK;
}

/* Terms by frequency: ranks [16^i, 16^(i+1)). */
static void
put_terms(cutter *c, uint32_t count)
{
	static const char *const bands[] = { "term:top", "term:frequent", "term:medium", "term:rare" };
	static const uint32_t first[] = { 0, 16, 256, 4096, 65536 };
	char word[GEN_WORD_MAX];

	for (size_t b = 0; b < countof(bands); b++)
		for (uint32_t i = 0; i < count; i++) {
			uint32_t rank = first[b] + gen_below(gen_random(&c->rng), first[b + 1] - first[b]);
			size_t n = gen_spell(rank, word);

			fprintf(c->f, "{\"id\":\"%llu\",\"text\":\"%.*s\",\"tags\":[\"term\",\"%s\"]}\n",
				(unsigned long long)++c->next_id, (int)n, word, bands[b]);
		}
}

cdg_status
gen_queries(const gen_model *m, uint64_t ndocs, uint32_t count, FILE *f, cdg_error *err)
{
	cutter *c = mem_calloc(1, sizeof *c);
	cdg_status st = CDG_OK;

	if (!c)
		return err_nomem(err);
	c->m = m;
	c->rng = gen_mix(m->seed, 0x71756572696573);
	c->ndocs = ndocs;
	c->f = f;
	put_terms(c, count);
	for (size_t k = 0; k < countof(kinds); k++)
		for (uint32_t i = 0; i < count && st == CDG_OK && !ferror(f); i++)
			st = cut_query(c, &kinds[k], err);
	if (st == CDG_OK && (fflush(f) || ferror(f)))
		st = err_set(err, CDG_E_IO, "cannot write queries: %s", strerror(errno));
	buf_fini(&c->doc);
	mem_free(c);
	return st;
}
