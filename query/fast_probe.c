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
	uint32_t m = 0;

	n = min_u32(n, POST_BLOCK);
	while (m + 8 <= n && docs[m + 7] <= last)
		m += 8;
	while (m < n && docs[m] <= last)
		m++;
	return m;
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

static uint32_t
probe_last(const post_cursor *c, uint32_t k)
{
	return k == c->block ? c->docs[c->n - 1] : post_block_last(c, k);
}

/* Of m documents, those that are in the set or are not; returns how many. */
static uint32_t
filter_set(const uint8_t *set, uint32_t first, uint32_t nbits, const uint32_t *docs, uint32_t m, bool has, uint32_t *out)
{
	uint32_t kept = 0;

	for (uint32_t j = 0; j < m; j++) {
		uint32_t d = docs[j] - first; /* before the first: very large */
		bool in = d < nbits && (set[d / 8] >> (d % 8) & 1);
		out[kept] = docs[j];
		kept += in == has;
	}
	return kept;
}

uint32_t
post_filter(post_cursor *c, uint32_t *docs, uint32_t n, bool has)
{
	uint8_t which[POST_BLOCK + 16], at[POST_BLOCK + 16], room[POST_SET_ROOM];
	bool dense = (uint64_t)c->meta.df * 8 > c->ndocs;
	uint32_t kept = 0, i = 0;

	while (i < n) {
		uint32_t k = probe_find(c, docs[i]), m, found, next = 0, first, nbits;
		const uint8_t *set;
		if (dense && k < c->nb && k != c->block && (set = post_block_set(c, k, room, &first, &nbits))) {
			m = probe_group(docs + i, n - i, post_block_last(c, k));
			kept += filter_set(set, first, nbits, docs + i, m, has, docs + kept);
			i += m;
			continue;
		}
		if (k >= c->nb || (k != c->block && !post_load(c, k)))
			break;
		m = probe_group(docs + i, n - i, c->docs[c->n - 1]);
		if (!m) { /* only a list of one block can be wholly before */
			post_finish(c);
			break;
		}
		found = bitpack_match(c->docs, c->n, docs + i, m, which, at);
		for (uint32_t j = 0; j < found; j++) {
			if (has)
				docs[kept++] = docs[i + which[j]];
			else
				while (next < which[j])
					docs[kept++] = docs[i + next++];
			next = which[j] + 1u;
		}
		for (; !has && next < m; next++)
			docs[kept++] = docs[i + next];
		i += m;
	}
	for (; !has && i < n; i++)
		docs[kept++] = docs[i];
	return kept;
}

/* ---- with scores ------------------------------------------------------ */

/* Documents that were found and are not scored yet. */
typedef struct probe_found {
	uint32_t docs[POST_BLOCK + 16], tfs[POST_BLOCK + 16], place[POST_BLOCK + 16], n;
} probe_found;

/* Add the units of what was found to where they belong. */
static void
probe_score(const block_scorer *b, const seg_eval *se, probe_found *f, int32_t *units)
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

uint32_t
block_probe(block_scorer *b, const seg_eval *se, uint32_t *docs, int32_t *units, uint32_t n, bool only, int64_t above)
{
	uint8_t which[POST_BLOCK + 16], at[POST_BLOCK + 16];
	post_cursor *c = b->c;
	uint32_t hits = 0, m, found;
	probe_found f = { .n = 0 };

	for (uint32_t i = 0; i < n; i += m) {
		uint32_t k = probe_find(c, docs[i]);
		bool scored;
		if (k >= c->nb)
			break;
		m = probe_group(docs + i, n - i, probe_last(c, k));
		if (k != c->block) {
			if (m && !probe_hopeful(b, se->p, k, units + i, m, above))
				continue;
			if (!block_load(b, k))
				break;
			m = probe_group(docs + i, n - i, c->docs[c->n - 1]);
		}
		if (!m) {
			post_finish(c);
			break;
		}
		found = bitpack_match(c->docs, c->n, docs + i, m, which, at);
		scored = b->scored == c->block; /* also every list in memory */
		if (!found || (!scored && !post_load_tfs(c)))
			continue;
		if (f.n + found > POST_BLOCK)
			probe_score(b, se, &f, units);
		for (uint32_t j = 0; j < found; j++) {
			uint32_t from = i + which[j], to = only ? hits : from;
			docs[to] = docs[from];
			units[to] = units[from] + (scored ? b->units[at[j]] : 0);
			hits++;
			if (!scored) {
				f.docs[f.n] = docs[to];
				f.tfs[f.n] = c->tfs[at[j]];
				f.place[f.n++] = to;
			}
		}
	}
	if (f.n)
		probe_score(b, se, &f, units);
	return hits;
}
