/* merge_keys.c - iterating several dictionaries together, and cutting them in
 * ranges.
 *
 * A heap of streams, each an input's keys of one kind, gives the keys in rising
 * order, all streams at the same key as one group.  Keys are compared without
 * their kind, so that terms and stem classes can be walked side by side.  A
 * heap belongs to one thread.
 */
#include "indexer/merge_internal.h"

cdg_status
merge_heap_init(merge_heap *h, size_t nstreams, cdg_error *err)
{
	memset(h, 0, sizeof *h);
	h->cap = nstreams;
	h->streams = mem_calloc(nstreams + 1, sizeof *h->streams);
	h->order = mem_calloc(nstreams + 1, sizeof *h->order);
	h->group = mem_calloc(nstreams + 1, sizeof *h->group);
	if (h->streams && h->order && h->group)
		return CDG_OK;
	merge_heap_fini(h);
	return err_nomem(err);
}

void
merge_heap_fini(merge_heap *h)
{
	mem_free(h->streams);
	mem_free(h->order);
	mem_free(h->group);
	memset(h, 0, sizeof *h);
}

static int
merge_key_cmp(const dict_iter *a, const dict_iter *b)
{
	size_t an = a->key_len - 1, bn = b->key_len - 1;
	int c = memcmp(a->key + 1, b->key + 1, an < bn ? an : bn);
	return c ? c : (an > bn) - (an < bn);
}

static bool
merge_heap_less(const merge_heap *h, uint32_t a, uint32_t b)
{
	int c = merge_key_cmp(&h->streams[a].it, &h->streams[b].it);
	return c ? c < 0 : a < b;
}

static void
merge_heap_push(merge_heap *h, uint32_t s)
{
	size_t i = h->n++;

	for (; i && merge_heap_less(h, s, h->order[(i - 1) / 2]); i = (i - 1) / 2)
		h->order[i] = h->order[(i - 1) / 2];
	h->order[i] = s;
}

static uint32_t
merge_heap_pop(merge_heap *h)
{
	uint32_t top = h->order[0], s = h->order[--h->n];
	size_t i = 0;

	for (size_t k; (k = 2 * i + 1) < h->n; i = k) {
		if (k + 1 < h->n && merge_heap_less(h, h->order[k + 1], h->order[k]))
			k++;
		if (!merge_heap_less(h, h->order[k], s))
			break;
		h->order[i] = h->order[k];
	}
	if (h->n)
		h->order[i] = s;
	return top;
}

/* The next key of a stream, back into the heap if there is one. */
static cdg_status
merge_heap_advance(merge_heap *h, uint32_t s, cdg_error *err)
{
	merge_stream *st = &h->streams[s];

	st->more = st->it.next_ord < st->end;
	if (!st->more)
		return CDG_OK;
	if (!dict_next(&st->it))
		return pfile_error(&st->it.d->file, err);
	merge_heap_push(h, s);
	return CDG_OK;
}

cdg_status
merge_heap_add(merge_heap *h, const merge *m, uint32_t input, uint64_t from, uint64_t to, cdg_error *err)
{
	uint32_t s = 0;

	while (s < h->cap && h->streams[s].it.d)
		s++;
	assert(s < h->cap);
	h->streams[s].input = input;
	h->streams[s].end = to;
	h->streams[s].it.d = &m->in[input].seg.dict;
	if (from >= to)
		return CDG_OK;
	dict_seek_ord(&h->streams[s].it, &m->in[input].seg.dict, from);
	if (h->streams[s].it.next_ord != from)
		return pfile_error(&m->in[input].seg.dict.file, err);
	return merge_heap_advance(h, s, err);
}

cdg_status
merge_heap_next(merge_heap *h, bool *more, cdg_error *err)
{
	for (size_t i = 0; i < h->ngroup; i++)
		CDG_TRY(merge_heap_advance(h, h->group[i], err));
	h->ngroup = 0;
	*more = h->n > 0;
	if (!h->n)
		return CDG_OK;
	h->group[h->ngroup++] = merge_heap_pop(h);
	while (h->n && merge_key_cmp(&h->streams[h->order[0]].it, &h->streams[h->group[0]].it) == 0)
		h->group[h->ngroup++] = merge_heap_pop(h);
	return CDG_OK;
}

/* ---- ranges --------------------------------------------------------- */

/* Where an input's keys of a kind begin. */
static uint64_t
merge_kind_from(const merge_input *in, unsigned kind)
{
	uint64_t ord = 0;
	for (unsigned k = DICT_TERM; k < kind; k++)
		ord += in->seg.dict.kind_count[k];
	return ord;
}

/* Set the borders between range r - 1 and r to this term key in all inputs and
 * for the three kinds. */
static cdg_status
merge_plan_border(merge *m, size_t r, unsigned field, const char *key, size_t len, cdg_error *err)
{
	for (size_t i = 0; i < m->n; i++) {
		const dict *d = &m->in[i].seg.dict;
		for (unsigned kind = DICT_TERM; kind <= DICT_STEM; kind++) {
			merge_part *p = &m->parts[(kind - DICT_TERM) * m->nranges + r];
			uint64_t lo = merge_kind_from(&m->in[i], kind), hi = lo + d->kind_count[kind];
			dict_iter it;
			dict_seek(&it, d, kind, field, key, len);
			if (d->file.bad)
				return pfile_error(&d->file, err);
			p->from[i] = it.next_ord < p[-1].from[i] ? p[-1].from[i] : it.next_ord;
			if (p->from[i] < lo)
				p->from[i] = lo;
			if (p->from[i] > hi || it.block >= d->nblocks)
				p->from[i] = hi;
			p[-1].to[i] = p->from[i];
		}
	}
	return CDG_OK;
}

/* The block of a dictionary, among its first nblocks, before which `want`
 * bytes of lists lie. */
static cdg_status
merge_plan_block(const dict *d, uint64_t nblocks, uint64_t want, uint64_t *block, cdg_error *err)
{
	uint64_t lo = 0, hi = nblocks;

	while (lo + 1 < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		const uint8_t *p = pfile_at(&d->file, d->index + 16 * mid, 8), *b;
		if (!p || !(b = pfile_at(&d->file, load_u64(p), 16)))
			return pfile_error(&d->file, err);
		/* the key itself costs something too */
		if (load_u64(b) + load_u64(b + 8) + mid * DICT_BLOCK * 16 <= want)
			lo = mid;
		else
			hi = mid;
	}
	*block = lo;
	return CDG_OK;
}

cdg_status
merge_plan(merge *m, cdg_error *err)
{
	const merge_input *big = &m->in[0];
	uint64_t nblocks, weight;

	for (size_t i = 1; i < m->n; i++)
		if (m->in[i].nterms > big->nterms)
			big = &m->in[i];
	for (size_t k = 0; k < m->nparts; k++) {
		merge_part *p = &m->parts[k];
		for (size_t i = 0; i < m->n; i++) {
			p->from[i] = merge_kind_from(&m->in[i], p->kind);
			p->to[i] = p->from[i] + m->in[i].seg.dict.kind_count[p->kind];
		}
	}
	nblocks = (big->nterms + DICT_BLOCK - 1) / DICT_BLOCK;
	if (nblocks > big->seg.dict.nblocks)
		nblocks = big->seg.dict.nblocks;
	weight = pfile_end(&big->seg.post) + pfile_end(&big->seg.pos) + big->nterms * 16;
	for (size_t r = 1; r < m->nranges && nblocks; r++) {
		dict_iter it;
		uint64_t block = 0;
		const uint8_t *p;
		size_t len;
		const char *key;
		CDG_TRY(merge_plan_block(&big->seg.dict, nblocks, weight / m->nranges * r, &block, err));
		p = pfile_at(&big->seg.dict.file, big->seg.dict.index + 16 * block + 8, 8);
		if (!p)
			return pfile_error(&big->seg.dict.file, err);
		dict_seek_ord(&it, &big->seg.dict, load_u64(p));
		if (!dict_next(&it))
			return pfile_error(&big->seg.dict.file, err);
		key = dict_iter_bytes(&it, &len);
		CDG_TRY(merge_plan_border(m, r, it.e.field, key, len, err));
	}
	return CDG_OK;
}
