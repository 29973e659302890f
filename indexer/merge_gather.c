/* merge_gather.c - the postings of one list, which come in the order of the inputs
 * and are to be written in another: kept aside and sorted by their new document.
 * A gatherer belongs to one thread.
 */
#include "indexer/merge_internal.h"

enum {
	SORT_FEW = 24,
	SORT_BITS = 11,
	SORT_BITS_FEW = 8,
	SLICES = 256,
	GATHERED = sizeof(merge_posting) + 2 * sizeof(uint64_t) /* of a posting, beside its positions */
};

void
merge_gather_fini(merge_gather *g)
{
	mem_free(g->keys);
	mem_free(g->work);
	mem_free(g->list);
	mem_free(g->values);
	mem_free(g->codes);
	mem_free(g->weights);
	memset(g, 0, sizeof *g);
}

/* ---- slices --------------------------------------------------------- */

bool
merge_gather_plan(merge_gather *g, const merge *m, uint64_t df, uint64_t ttf, unsigned per_token)
{
	g->per_token = per_token;
	g->slice = 0;
	g->sliced = df * GATHERED + ttf * per_token > m->room;
	if (g->sliced && g->weights)
		memset(g->weights, 0, SLICES * sizeof *g->weights);
	return g->sliced;
}

cdg_status
merge_gather_weigh(merge_gather *g, merge *m, const merge_input *in, const post_meta *meta, post_cursor *c,
		   cdg_error *err)
{
	bool bad;

	if (!g->weights && !(g->weights = mem_calloc(SLICES, sizeof *g->weights)))
		return err_nomem(err);
	post_open(c, &in->seg.post, &in->seg.pos, meta, in->ndocs);
	for (uint32_t b = 0; b < c->nb && post_load(c, b) && post_load_tfs(c); b++)
		for (uint32_t i = 0; i < c->n; i++) {
			uint32_t doc = merge_doc(in, c->docs[i]);
			if (doc != MERGE_DEAD)
				g->weights[(uint64_t)doc * SLICES / m->out.docs] +=
					GATHERED + (uint64_t)c->tfs[i] * g->per_token;
		}
	bad = c->bad;
	post_close(c);
	return bad ? pfile_error(&in->seg.post, err) : merge_poll(m, err);
}

static uint32_t
slice_begin(const merge *m, unsigned slice)
{
	return (uint32_t)(((uint64_t)slice * m->out.docs + SLICES - 1) / SLICES);
}

bool
merge_gather_next(merge_gather *g, const merge *m)
{
	uint64_t sum;

	if (g->slice == SLICES)
		return false;
	g->n = g->nvalues = 0;
	g->from = slice_begin(m, g->slice);
	if (g->sliced) {
		sum = g->weights[g->slice++];
		while (g->slice < SLICES && sum + g->weights[g->slice] <= m->room)
			sum += g->weights[g->slice++];
	} else {
		g->slice = SLICES;
	}
	g->to = slice_begin(m, g->slice);
	return true;
}

/* ---- postings ------------------------------------------------------- */

bool
merge_gather_add(merge_gather *g, uint32_t doc, uint32_t tf, const uint32_t *pos, const uint32_t *codes, uint8_t norm)
{
	merge_posting *p;
	uint32_t *v;

	if (!mem_grow(&g->keys, &g->keys_cap, g->n + 1, sizeof *g->keys) ||
	    !mem_grow(&g->list, &g->list_cap, g->n + 1, sizeof *g->list))
		return false;
	g->keys[g->n] = (uint64_t)doc << 32 | (uint32_t)g->n;
	p = &g->list[g->n++];
	*p = (merge_posting){ .at = (uint32_t)g->nvalues, .tf = tf, .norm = norm, .coded = codes != NULL };
	if (!pos)
		return true;
	if (!mem_grow(&g->values, &g->values_cap, g->nvalues + tf, sizeof *g->values) ||
	    (g->per_token > 4 && !mem_grow(&g->codes, &g->codes_cap, g->nvalues + tf, sizeof *g->codes)))
		return false;
	v = g->values + g->nvalues;
	v[0] = pos[0];
	for (uint32_t i = 1; i < tf; i++)
		v[i] = pos[i] - pos[i - 1] - 1;
	if (codes)
		memcpy(g->codes + g->nvalues, codes, tf * sizeof *codes);
	g->nvalues += tf;
	return true;
}

static void
sort_few(uint64_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t x = v[i];
		size_t j = i;
		for (; j && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* By `bits` bits from `shift` on, stable. */
static void
sort_digit(const uint64_t *from, uint64_t *to, size_t n, unsigned shift, unsigned bits)
{
	uint32_t at[1 << SORT_BITS], sum = 0;

	memset(at, 0, sizeof *at << bits);
	for (size_t i = 0; i < n; i++)
		at[from[i] >> shift & ((1u << bits) - 1)]++;
	for (uint32_t d = 0; d < 1u << bits; d++) {
		uint32_t count = at[d];
		at[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & ((1u << bits) - 1)]++] = from[i];
}

bool
merge_gather_sort(merge_gather *g, uint32_t ndocs)
{
	unsigned bits = g->n < 1 << SORT_BITS ? SORT_BITS_FEW : SORT_BITS;

	if (g->n <= SORT_FEW) {
		sort_few(g->keys, g->n);
		return true;
	}
	if (!mem_grow(&g->work, &g->work_cap, g->keys_cap, sizeof *g->work))
		return false;
	for (unsigned shift = 0; shift < 32 && ndocs >> shift; shift += bits) {
		uint64_t *keys = g->keys;
		size_t cap = g->keys_cap;
		sort_digit(keys, g->work, g->n, 32 + shift, min_u32(bits, 32 - shift));
		g->keys = g->work;
		g->keys_cap = g->work_cap;
		g->work = keys;
		g->work_cap = cap;
	}
	return true;
}
