/* post_positions.c - where a word stands in a document, and in which form: the other
 * reading half of postings.h.
 *
 * A chunk of positions is decoded as a whole and kept as sums from its first number on,
 * so that the positions of any document in it are differences to where it begins.
 */
#include "engine/post_internal.h"

/* Memory is out: the cursor ends, the file is as good as before. */
static void
post_no_memory(post_cursor *c)
{
	pfile_nomem(c->pos);
	c->bad = c->nomem = true;
	c->doc = POST_END;
	c->block = c->nb;
	c->n = c->i = 0;
}

bool
post_load_sums(post_cursor *c)
{
	size_t from = 0, to = (size_t)c->meta.pos_len;
	uint64_t sum = 0;

	if (c->pos_block == c->block)
		return true;
	if (c->block >= c->nb || !post_load_tfs(c))
		return false;
	if (c->nb > 1) {
		from = load_u32(c->skip_pos + 4 * (size_t)c->block);
		if (c->block + 1 < c->nb)
			to = load_u32(c->skip_pos + 4 * (size_t)c->block + 4);
	}
	if (to < from || to > c->meta.pos_len || !pfile_ok(c->pos, (size_t)c->meta.pos + from, to - from))
		return post_damage(c, c->pos, NULL, "positions are outside their term");
	sum = bitpack_totals(c->tfs, c->n, c->sums);
	if (sum > (uint64_t)(to - from) * POST_BLOCK || sum > UINT32_MAX)
		return post_damage(c, c->post, c->tf_at, "more occurrences than positions");
	c->pos_start = c->pos_at = c->pos->map.at + c->meta.pos + from;
	c->pos_end = c->pos_start + (to - from);
	c->pos_next = 0;
	c->chunk = UINT32_MAX;
	c->pos_block = c->block;
	return true;
}

bool
post_decode_chunk(post_cursor *c, uint32_t k)
{
	uint32_t total = c->sums[c->n], *out = c->runs + POST_RUNS, n = 0;
	chunk_head h;
	size_t len;

	if (k < c->pos_next) {
		c->pos_at = c->pos_start;
		c->pos_next = 0;
	}
	for (; c->pos_next <= k; c->pos_next++) {
		n = min_u32(POST_BLOCK, total - c->pos_next * POST_BLOCK);
		len = chunk_parse(c->pos_at, c->pos_end, n, &h);
		if (!len)
			return post_damage(c, c->pos, c->pos_at, "positions are unreadable");
		c->pos_at += len;
		__builtin_prefetch(c->pos_at + len); /* about where the header after the next is */
		__builtin_prefetch(c->pos_at + 2 * len);
	}
	c->chunk = k;
	c->chunk_wide = h.b + h.high > 24;
	out[-1] = 0;
	if (likely(!h.exceptions && !c->chunk_wide)) {
		bitpack_unpack_delta(h.low, n, h.b, 0, out);
		return true;
	}
	bitpack_unpack(h.low, n, h.b, out);
	if (h.exceptions && !chunk_patch(&h, n, out)) {
		c->chunk = UINT32_MAX;
		return post_damage(c, c->pos, h.low, "positions are unreadable");
	}
	if (!c->chunk_wide)
		bitpack_sum(out, n, 0);
	return true;
}

bool
post_pieces(post_cursor *c, post_piece *p)
{
	memset(p, 0, sizeof *p);
	if (!c->meta.has_pos || !c->pos)
		return false;
	if (c->meta.inline_pos && c->block < c->nb) {
		p->left = 1;
		return true;
	}
	if (!post_load_sums(c))
		return false;
	p->left = c->tfs[c->i];
	p->from = c->sums[c->i];
	return true;
}

/* Of numbers that may be too large to sum without care; false: no position can be. */
static bool
post_wide_piece(post_cursor *c, post_piece *p, uint32_t *v)
{
	uint64_t at = p->at;

	for (uint32_t j = 0; j < p->n; j++) {
		at += (uint64_t)v[j] + 1;
		v[j] = (uint32_t)(at - 1);
	}
	c->chunk = UINT32_MAX; /* for others it is to be decoded again */
	p->plus = 0;
	p->at = at < UINT32_MAX ? (uint32_t)at : UINT32_MAX;
	return at < UINT32_MAX;
}

bool
post_next_piece(post_cursor *c, post_piece *p)
{
	uint32_t in = p->from % POST_BLOCK, last;

	if (!p->left)
		return false;
	if (c->meta.inline_pos) {
		*p = (post_piece){ .v = &c->meta.single_pos, .n = 1 };
		return true;
	}
	p->n = min_u32(p->left, POST_BLOCK - in);
	if (!post_load_chunk(c, p->from / POST_BLOCK))
		return false;
	p->from += p->n;
	p->left -= p->n;
	p->v = c->runs + POST_RUNS + in;
	if (unlikely(c->chunk_wide))
		return post_wide_piece(c, p, c->runs + POST_RUNS + in) ||
		       post_damage(c, c->pos, c->pos_at, "a position is out of range");
	/* the sum of a chunk is at most 2^31: if it wraps, it is seen */
	p->plus = p->at - 1 - p->v[-1];
	last = p->v[p->n - 1] + p->plus;
	if (unlikely(last < p->at || last >= UINT32_MAX - 1))
		return post_damage(c, c->pos, c->pos_at, "a position is out of range");
	p->at = last + 1;
	return true;
}

const uint32_t *
post_positions(post_cursor *c, uint32_t *n)
{
	uint32_t *out = c->pos_out;
	post_piece p;

	*n = 0;
	if (!post_pieces(c, &p))
		return NULL;
	if (p.left > POST_BLOCK) {
		if (!mem_grow(&c->many, &c->many_cap, (size_t)p.left + 16, sizeof *c->many)) {
			post_no_memory(c);
			return NULL;
		}
		out = c->many;
	}
	while (post_next_piece(c, &p)) {
		bitpack_plus(p.v, p.n, p.plus, out + *n);
		*n += p.n;
	}
	return c->bad ? NULL : out;
}

static bool
post_read_codes(post_cursor *c, const uint8_t *p, uint32_t total)
{
	rd r = rd_make(p, (size_t)(c->pos_end - p));
	unsigned type = rd_u8(&r);
	uint32_t all = type == 1 ? rd_varint32(&r) : 0;

	if (r.bad || type > 2)
		return false;
	if (type != 2) {
		for (uint32_t i = 0; i < total; i++)
			c->codes[i] = all;
		return true;
	}
	for (uint32_t at = 0; at < total; at += POST_BLOCK) {
		size_t len = chunk_read(r.at, r.end, min_u32(POST_BLOCK, total - at), c->codes + at);
		if (!len)
			return false;
		r.at += len;
	}
	return true;
}

const uint32_t *
post_codes(post_cursor *c)
{
	uint32_t total;

	if (!c->meta.has_codes || !post_load_sums(c))
		return NULL;
	total = c->sums[c->n];
	if (c->codes_block != c->block) {
		uint32_t chunks = (total + POST_BLOCK - 1) / POST_BLOCK;
		if (!mem_grow(&c->codes, &c->codes_cap, (size_t)total + POST_BLOCK + 16, sizeof *c->codes)) {
			post_no_memory(c);
			return NULL;
		}
		if (chunks && c->pos_next != chunks && !post_load_chunk(c, chunks - 1))
			return NULL;
		if (!post_read_codes(c, c->pos_at, total)) {
			post_damage(c, c->pos, c->pos_at, "forms are unreadable");
			return NULL;
		}
		c->codes_block = c->block;
	}
	return c->codes + c->sums[c->i];
}
