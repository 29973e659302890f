/* fast_probe.c - documents sought in a list, a block of it at a time (see fast.h).
 *
 * Documents come rising and in numbers.  Those that one block of the list can have
 * are matched with all of it together, so that no document waits for the one
 * before; a block that none of its documents can profit from is not read.  The
 * cursor stays on a place that is not beyond the last document asked for.
 */
#include "query/fast.h"

uint32_t
probe_group(const uint32_t *docs, uint32_t n, uint32_t last)
{
	return bitpack_upto(docs, min_u32(n, POST_BLOCK), last);
}

uint32_t
probe_find(post_cursor *c, uint32_t target)
{
	uint32_t k = c->block;

	if (k < c->nb && c->docs[c->n - 1] >= target)
		return k;
	if (k != UINT32_MAX && k >= c->nb)
		return c->nb;
	k = post_find_block(c, max_u32(c->hint, k == UINT32_MAX ? 0 : c->nb > 1 ? k : k + 1), target);
	c->hint = k;
	if (k >= c->nb)
		post_finish(c);
	return k;
}

/* ---- which documents in which blocks ----------------------------------- */

/* Documents that one block can have: n of them from number `from` on. */
typedef struct probe_part {
	uint32_t block, from, n;
} probe_part;

enum { PROBE_PARTS = 32, PROBE_AHEAD = 6 };

typedef struct probe_plan {
	uint32_t n, next; /* parts; the document after the last part */
	probe_part part[PROBE_PARTS];
} probe_plan;

/* The next parts of documents [i, end).  A list of one block is loaded already. */
static void
plan_parts(probe_plan *p, post_cursor *c, const uint32_t *docs, uint32_t i, uint32_t end)
{
	uint32_t k = max_u32(c->hint, c->block == UINT32_MAX ? 0 : c->block), m;

	for (p->n = 0; i < end && p->n < PROBE_PARTS; i += m) {
		k = post_find_block(c, k, docs[i]);
		if (k >= c->nb)
			break;
		m = bitpack_upto(docs + i, end - i, c->nb > 1 ? post_block_last(c, k) : c->docs[c->n - 1]);
		if (!m) { /* a list of one block that is wholly before */
			k = c->nb;
			break;
		}
		p->part[p->n++] = (probe_part){ k, i, m };
	}
	c->hint = k;
	p->next = i;
}

/* The blocks of parts to come are fetched meanwhile. */
static void
plan_expect(const probe_plan *p, const post_cursor *c, uint32_t j)
{
	if (j < p->n && c->skip_off) /* neither short nor made in memory */
		post_expect_block(c, p->part[j].block);
}

/* ---- without scores ---------------------------------------------------- */

static bool
post_dense(const post_cursor *c)
{
	return (uint64_t)c->meta.df * 8 > c->ndocs;
}

/* The documents of a part; damage ends the list. */
static uint32_t
filter_part(post_cursor *c, probe_part t, const uint32_t *docs, bool has, uint32_t *out)
{
	post_set s;

	if (t.block != c->block && post_dense(c) && post_block_set(c, t.block, &s))
		return bitpack_filter_set(s.bits, s.nbits, s.first, docs + t.from, t.n, has, out);
	if (t.block != c->block && !post_load(c, t.block))
		return 0;
	return bitpack_filter(c->docs, c->n, docs + t.from, t.n, has, out);
}

uint32_t
post_filter(post_cursor *c, uint32_t *docs, uint32_t n, bool has)
{
	uint32_t kept = 0, i = 0;
	probe_plan p;

	if (c->nb == 1 && c->block == UINT32_MAX)
		post_load(c, 0);
	do {
		plan_parts(&p, c, docs, i, n);
		for (uint32_t j = 0; j < PROBE_AHEAD; j++)
			plan_expect(&p, c, j);
		for (uint32_t j = 0; j < p.n; j++) {
			plan_expect(&p, c, j + PROBE_AHEAD);
			kept += filter_part(c, p.part[j], docs, has, docs + kept);
		}
		i = p.next;
	} while (p.n == PROBE_PARTS && i < n);
	if (i < n && !c->bad)
		post_finish(c);
	for (; !has && i < n; i++)
		docs[kept++] = docs[i];
	return kept;
}

/* ---- with scores ------------------------------------------------------ */

/* Documents of a batch that a list has: those of a part are together.  They are scored
 * when all parts were matched, so that the match of a block needs not be known before
 * the next is begun. */
typedef struct probe_hits {
	uint8_t which[POST_BLOCK + 16], at[POST_BLOCK + 16]; /* of the part; in its block */
	uint32_t n;
	uint32_t found[PROBE_PARTS];
	post_tf_place place[PROBE_PARTS];
} probe_hits;

/* Documents that are not scored yet, and where their units belong. */
typedef struct probe_scores {
	uint32_t docs[POST_BLOCK + 16], tfs[POST_BLOCK + 16], place[POST_BLOCK + 16], n;
} probe_scores;

static void
probe_score(const block_scorer *b, const seg_eval *se, probe_scores *f, int32_t *units)
{
	int32_t u[POST_BLOCK + 16];

	block_units(se, b->n, f->docs, f->tfs, f->n, u);
	for (uint32_t i = 0; i < f->n; i++)
		units[f->place[i]] += u[i];
	f->n = 0;
}

/* Can any of m candidates get above with what block k gives at most? */
static bool
probe_hopeful(block_scorer *b, const plan *p, uint32_t k, const int32_t *units, uint32_t m, int64_t above)
{
	int32_t most = units[0];

	if (above < 0)
		return true;
	for (uint32_t i = 1; i < m; i++)
		most = units[i] > most ? units[i] : most;
	return (int64_t)most + block_bound(b, p, k) > above;
}

/* Find the documents of a part.  False: damage. */
static bool
probe_part_match(block_scorer *b, probe_part t, const uint32_t *docs, probe_hits *h, uint32_t j)
{
	post_cursor *c = b->c;
	post_set s;

	if (t.block != c->block && !b->mem_docs && post_dense(c) && post_block_set(c, t.block, &s)) {
		h->place[j] = s.tf;
		h->found[j] = bitpack_match_set(s.bits, s.nbits, s.first, docs + t.from, t.n, h->which + h->n,
						h->at + h->n);
	} else {
		if (t.block != c->block && !block_load(b, t.block))
			return false;
		h->place[j] = post_tf_of(c);
		h->found[j] = bitpack_match(c->docs, c->n, docs + t.from, t.n, h->which + h->n, h->at + h->n);
	}
	h->n += h->found[j];
	return true;
}

/* Bring the hits of a plan into docs and units, from number `to` on with `only`. */
static bool
probe_take(block_scorer *b, const seg_eval *se, const probe_plan *p, const probe_hits *h, uint32_t *docs,
	   int32_t *units, bool only, uint32_t to)
{
	probe_scores f; /* its arrays are filled as far as they are used */
	uint32_t at = 0;

	f.n = 0;
	for (uint32_t j = 0; j < p->n; at += h->found[j++]) {
		const probe_part *t = &p->part[j];
		const int32_t *known = b->mem_docs ? b->mem_units + (size_t)t->block * POST_BLOCK
			: b->scored == t->block ? b->units : NULL;
		if (!h->found[j])
			continue;
		if (!known && !post_pick_tfs(b->c, &h->place[j], h->at + at, h->found[j], f.tfs + f.n))
			return false;
		for (uint32_t i = at; i < at + h->found[j]; i++) {
			uint32_t from = t->from + h->which[i], dest = only ? to++ : from;
			docs[dest] = docs[from];
			units[dest] = units[from];
			if (known) {
				units[dest] += known[h->at[i]];
			} else {
				f.docs[f.n] = docs[dest];
				f.place[f.n++] = dest;
			}
		}
	}
	if (f.n)
		probe_score(b, se, &f, units);
	return true;
}

uint32_t
block_probe(block_scorer *b, const seg_eval *se, uint32_t *docs, int32_t *units, uint32_t n, bool only, int64_t above)
{
	post_cursor *c = b->c;
	uint32_t hits = 0, i = 0;
	probe_hits h;
	probe_plan p;

	if (c->nb == 1 && c->block == UINT32_MAX)
		block_load(b, 0);
	do {
		uint32_t end = min_u32(n, i + POST_BLOCK);
		plan_parts(&p, c, docs, i, end);
		for (uint32_t j = 0; j < PROBE_AHEAD; j++)
			plan_expect(&p, c, j);
		h.n = 0;
		for (uint32_t j = 0; j < p.n; j++) {
			probe_part t = p.part[j];
			plan_expect(&p, c, j + PROBE_AHEAD);
			h.found[j] = 0;
			if (t.block != c->block && !probe_hopeful(b, se->p, t.block, units + t.from, t.n, above))
				continue;
			if (!probe_part_match(b, t, docs, &h, j))
				return hits;
		}
		if (h.n && !probe_take(b, se, &p, &h, docs, units, only, hits))
			return hits;
		hits += h.n;
		if (p.next < end && p.n < PROBE_PARTS) {
			post_finish(c);
			break;
		}
		i = p.next;
	} while (i < n);
	return hits;
}
