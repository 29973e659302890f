/* post_read.c - the reading half of postings.h.
 *
 * Bytes are trusted for nothing: each block load checks that the block lies in
 * its list, that widths are possible, that documents rise and stay below
 * ndocs.  That costs a few instructions a block of 128.
 */
#include "engine/post_internal.h"

bool
post_damage(post_cursor *c, const pfile *f, const uint8_t *at, const char *why)
{
	pfile_damaged(f, at ? (size_t)(at - f->map.at) : (size_t)c->meta.post, why);
	c->bad = true;
	c->doc = POST_END;
	c->block = c->nb;
	c->n = c->i = 0;
	return false;
}

void
post_open(post_cursor *c, const pfile *post, const pfile *pos, const post_meta *meta, uint32_t ndocs)
{
	size_t skip, nb, nsuper, head = post->variant ? 12 : 8;

	memset(c, 0, offsetof(post_cursor, docs));
	c->post = post;
	c->pos = pos;
	c->meta = *meta;
	c->ndocs = ndocs;
	c->block = c->pos_block = c->chunk = c->codes_block = UINT32_MAX;
	c->nb = (meta->df + POST_BLOCK - 1) / POST_BLOCK;
	c->list_impacts = UINT64_MAX; /* tf 255, norm 255: see impact use */
	if (!meta->df || meta->df > ndocs) {
		c->nb = 0;
		post_damage(c, post, NULL, "document frequency is impossible");
		return;
	}
	if (meta->df == 1)
		return;
	if (c->nb == 1) {
		c->data = (size_t)meta->post;
		if (!pfile_ok(post, c->data, meta->post_len))
			post_damage(c, post, NULL, "list is outside its file");
		return;
	}
	nb = c->nb;
	nsuper = (nb + POST_SUPER - 1) / POST_SUPER;
	skip = head + nb * (4 + 4 + (meta->has_pos ? 4 : 0) + 8) + nsuper * 8;
	if (skip > meta->post_len || !pfile_ok(post, (size_t)meta->post, skip)) {
		c->nb = 0; /* bounds are asked for before a block is: there is no skip data */
		post_damage(c, post, NULL, "skip data is outside its list");
		return;
	}
	if (post->variant)
		memcpy(&c->avg, post->map.at + meta->post, 4);
	if (post->variant && !(c->avg > 0 && c->avg < 1e30f)) {
		c->nb = 0;
		post_damage(c, post, NULL, "average length is impossible");
		return;
	}
	c->list_impacts = load_u64(post->map.at + meta->post + head - 8);
	c->skip_last = post->map.at + meta->post + head;
	c->skip_off = c->skip_last + 4 * nb;
	c->skip_pos = c->skip_off + 4 * nb;
	c->skip_imp = c->skip_pos + (meta->has_pos ? 4 * nb : 0);
	c->skip_super = c->skip_imp + 8 * nb;
	c->data = (size_t)meta->post + skip;
}

void
post_close(post_cursor *c)
{
	mem_free(c->many);
	mem_free(c->codes);
	c->many = c->codes = NULL;
	c->many_cap = c->codes_cap = 0;
}

static bool
post_load_single(post_cursor *c)
{
	if (c->meta.single_doc >= c->ndocs || c->meta.ttf == 0 || c->meta.ttf > UINT32_MAX)
		return post_damage(c, c->post, NULL, "document of a single posting is out of range");
	c->docs[0] = c->doc = c->meta.single_doc;
	c->tfs[0] = (uint32_t)c->meta.ttf;
	c->tf_loaded = true;
	return true;
}

/* Documents of a block, from p; returns where the tf chunk begins, or NULL. */
static const uint8_t *
post_read_docs(post_cursor *c, const uint8_t *p, const uint8_t *end, uint32_t base)
{
	unsigned type;
	chunk_head h;
	size_t len;

	if (p >= end)
		return NULL;
	type = *p++;
	if (type == POST_BITSET) {
		size_t nbytes;
		if (end - p < 2)
			return NULL;
		nbytes = load_u16(p);
		p += 2;
		if ((size_t)(end - p) < nbytes || nbytes > 1024 ||
		    bitpack_bits(p, nbytes, base, c->docs, POST_BLOCK) != c->n)
			return NULL;
		return p + nbytes;
	}
	p--;
	len = chunk_parse(p, end, c->n, &h);
	if (!len)
		return NULL;
	if (likely(!h.exceptions)) {
		bitpack_unpack_delta(h.low, c->n, h.b, base, c->docs);
	} else {
		bitpack_unpack(h.low, c->n, h.b, c->docs);
		if (!chunk_patch(&h, c->n, c->docs))
			return NULL;
		bitpack_sum(c->docs, c->n, base);
	}
	if (unlikely(h.b + h.high > 24)) /* sums could wrap: only here */
		for (uint32_t i = 1; i < c->n; i++)
			if (c->docs[i] <= c->docs[i - 1])
				return NULL;
	return p + len;
}

bool
post_load(post_cursor *c, uint32_t b)
{
	size_t from = 0, to = c->meta.post_len;
	uint32_t base = UINT32_MAX;
	const uint8_t *p;

	c->i = 0;
	if (b >= c->nb || c->bad) {
		c->doc = POST_END;
		c->block = c->nb;
		c->n = 0;
		return false;
	}
	c->block = b;
	c->n = b + 1 < c->nb ? POST_BLOCK : c->meta.df - b * POST_BLOCK;
	if (c->meta.df == 1)
		return post_load_single(c);
	if (c->nb > 1) {
		from = load_u32(c->skip_off + 4 * (size_t)b);
		to = b + 1 < c->nb ? load_u32(c->skip_off + 4 * (size_t)b + 4)
				   : c->meta.post_len - (c->data - (size_t)c->meta.post);
		if (b)
			base = load_u32(c->skip_last + 4 * (size_t)b - 4);
	}
	if (to < from || !pfile_ok(c->post, c->data + from, to - from))
		return post_damage(c, c->post, c->post->map.at + c->data, "block is outside its list");
	p = c->post->map.at + c->data + from;
	c->block_end = p + (to - from);
	c->tf_at = post_read_docs(c, p, c->block_end, base);
	c->tf_loaded = false;
	if (!c->tf_at)
		return post_damage(c, c->post, p, "documents of a block are unreadable");
	if (c->docs[c->n - 1] >= c->ndocs || (b && (base >= c->ndocs || c->docs[0] <= base)) ||
	    (c->nb > 1 && c->docs[c->n - 1] != load_u32(c->skip_last + 4 * (size_t)b)))
		return post_damage(c, c->post, p, "documents of a block are out of range");
	c->doc = c->docs[0];
	return true;
}

/* A chunk of no low bits: all documents from the first on but for the exceptions,
 * each of which leaves as many out as it says. */
static bool
post_gaps(post_set *s, const uint8_t *p, const uint8_t *end)
{
	uint32_t index[POST_BLOCK + 16], gap[POST_BLOCK + 16], at = 0, n = POST_BLOCK;
	chunk_head h;
	bitpack_chunk k;
	size_t len;

	if (s->nbits < n || s->nbits > POST_SET_BITS || (*p & 0x7f) || !(len = chunk_parse(p, end, n, &h)))
		return false;
	memset(s->room, 0xff, s->nbits / 64 * 8 + 8);
	k = chunk_of(&h, n);
	bitpack_unpack(k.indices, k.exceptions, POST_INDEX_BITS, index);
	bitpack_unpack(k.highs, k.exceptions, k.h, gap);
	for (unsigned i = 0; i < h.exceptions; i++) {
		uint32_t from = index[i] + at;
		if ((i && index[i] <= index[i - 1]) || index[i] >= n || gap[i] > s->nbits - n - at)
			return false; /* for who loads it to see */
		for (uint32_t j = from, left = gap[i], m; left; j += m, left -= m) {
			uint8_t *word = s->room + j / 64 * 8;
			m = min_u32(left, 64 - j % 64);
			store_u64(word, load_u64(word) & ~(UINT64_MAX >> (64 - m) << (j % 64)));
		}
		at += gap[i];
	}
	s->bits = s->room;
	s->tf = (post_tf_place){ p + len, end, n };
	return n + at == s->nbits;
}

bool
post_block_set(const post_cursor *c, uint32_t b, post_set *s)
{
	uint32_t last;
	size_t from, to, nbytes;
	const uint8_t *p;

	if (c->nb < 2 || b + 1 >= c->nb)
		return false;
	from = c->data + load_u32(c->skip_off + 4 * (size_t)b);
	to = c->data + load_u32(c->skip_off + 4 * (size_t)b + 4);
	last = load_u32(c->skip_last + 4 * (size_t)b);
	s->first = b ? load_u32(c->skip_last + 4 * (size_t)b - 4) + 1 : 0;
	if (to < from + 3 || last < s->first || last >= c->ndocs || !(p = pfile_at(c->post, from, to - from)))
		return false;
	s->nbits = last - s->first + 1;
	if (*p != POST_BITSET)
		return post_gaps(s, p, p + (to - from));
	nbytes = load_u16(p + 1);
	s->nbits = min_u32((uint32_t)nbytes * 8, s->nbits);
	s->bits = p + 3;
	s->tf = (post_tf_place){ s->bits + nbytes, p + (to - from), POST_BLOCK };
	return nbytes + 3 <= to - from;
}

bool
post_load_tfs(post_cursor *c)
{
	chunk_head h;

	if (c->tf_loaded)
		return true;
	if (c->block >= c->nb)
		return false;
	if (!chunk_parse(c->tf_at, c->block_end, c->n, &h))
		return post_damage(c, c->post, c->tf_at, "frequencies of a block are unreadable");
	bitpack_unpack_plus1(h.low, c->n, h.b, c->tfs);
	if (h.exceptions) {
		bitpack_chunk k = chunk_of(&h, c->n);
		if (bitpack_patch_add(k.indices, k.highs, k.exceptions, k.h, k.b, c->tfs) >= c->n)
			return post_damage(c, c->post, c->tf_at, "frequencies of a block are unreadable");
	}
	c->tf_loaded = true;
	return true;
}

bool
post_pick_tfs(post_cursor *c, const post_tf_place *p, const uint8_t *at, uint32_t m, uint32_t *tfs)
{
	uint32_t all[POST_BLOCK + 16];
	bitpack_chunk k;
	chunk_head h;

	if (!chunk_parse(p->at, p->end, p->n, &h))
		return post_damage(c, c->post, p->at, "frequencies of a block are unreadable");
	k = chunk_of(&h, p->n);
	if (m <= POST_PICK) {
		bitpack_pick(&k, at, m, 1, tfs);
		return true;
	}
	bitpack_unpack_plus1(k.low, p->n, k.b, all);
	bitpack_patch_add(k.indices, k.highs, k.exceptions, k.h, k.b, all);
	for (uint32_t i = 0; i < m; i++)
		tfs[i] = all[at[i]];
	return true;
}

uint32_t
post_find_block(const post_cursor *c, uint32_t from, uint32_t target)
{
	uint32_t lo = from, hi, step = 1, near;

	if (c->nb <= 1)
		return from < c->nb ? from : c->nb;
	if (lo >= c->nb || load_u32(c->skip_last + 4 * (size_t)lo) >= target)
		return lo;
	/* most often it is near */
	near = min_u32(c->nb - lo, 16);
	hi = bitpack_before(c->skip_last + 4 * (size_t)lo, near, target);
	if (hi < near || lo + near == c->nb)
		return lo + hi;
	/* gallop: the answer is in (lo, hi] */
	lo += near - 1;
	for (hi = lo + 1; hi < c->nb && load_u32(c->skip_last + 4 * (size_t)hi) < target; hi += step) {
		lo = hi;
		step *= 2;
		if (step > c->nb)
			break;
	}
	if (hi > c->nb)
		hi = c->nb;
	while (lo + 1 < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (load_u32(c->skip_last + 4 * (size_t)mid) < target)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

uint32_t
post_seek_slow(post_cursor *c, uint32_t target)
{
	uint32_t b = c->block == UINT32_MAX ? 0 : c->block;

	b = post_find_block(c, b, target);
	if ((b != c->block || b >= c->nb) && !post_load(c, b))
		return POST_END;
	return post_seek(c, target);
}

uint32_t
post_seek(post_cursor *c, uint32_t target)
{
	uint32_t at;

	if (c->block >= c->nb)
		return c->block == UINT32_MAX ? post_seek_slow(c, target) : POST_END;
	if (c->doc >= target)
		return c->doc;
	if (c->docs[c->n - 1] < target) {
		if (c->block + 1 >= c->nb) {
			c->block = c->nb;
			c->n = c->i = 0;
			return c->doc = POST_END;
		}
		return post_seek_slow(c, target);
	}
	at = bitpack_rank(c->docs, c->n, target);
	c->i = at;
	return c->doc = c->docs[at];
}
