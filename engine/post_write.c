/* post_write.c - the writing half of postings.h.
 *
 * One post_writer is used by one thread for many lists.  Blocks are encoded as
 * they fill; the skip data of a list is held back to its end, when its size is
 * known and it goes to .post before the blocks.  Positions stream out at once.
 */
#include "engine/chunk.h"
#include "engine/postings.h"

/* ---- impacts -------------------------------------------------------- */

static void
impact_clear(impact_set *s)
{
	memset(s, 0, sizeof *s);
}

typedef struct impact {
	uint8_t tf, norm;
} impact;

static float
impact_score(const post_writer *w, impact p)
{
	float x = (float)p.tf * w->ratios->inv[p.norm];
	return p.tf == 255 ? 1.0f : x / (1.0f + x);
}

/* Bit i: byte i of eight is not 0. */
CDG_INLINE uint64_t
bytes_set(uint64_t x)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7f;
	uint64_t high = (((x & low) + low) | x) & ~low;

	return (high >> 7) * 0x0102040810204080 >> 56;
}

/* The pairs that no other pair dominates, norm and tf rising. */
static unsigned
impact_frontier(const impact_set *s, impact *out)
{
	unsigned n = 0, best = 0;

	for (unsigned from = 0; from < 256; from += 64) {
		uint64_t m = 0;
		for (unsigned i = 0; i < 64; i += 8)
			m |= bytes_set(load_u64(s->tf + from + i)) << i;
		for (; m; m &= m - 1) { /* the few that are better cannot be guessed: no branch */
			unsigned norm = from + (unsigned)__builtin_ctzll(m), tf = s->tf[norm];
			out[n] = (impact){ (uint8_t)tf, (uint8_t)norm };
			n += tf > best;
			best = tf > best ? tf : best;
		}
	}
	return n;
}

/* Join neighbours until three are left, each time the two whose join (larger
 * tf, smaller norm) scores least at nominal BM25: so the largest score, which
 * is what prunes, stays exact as long as it can. */
static uint64_t
impact_pack(const post_writer *w, impact *p, unsigned n, float ratio)
{
	uint64_t v = (uint64_t)post_ratio_code(ratio) << 48;

	while (n > POST_PAIRS) {
		unsigned at = 0;
		float least = 2;
		for (unsigned i = 0; i + 1 < n; i++) {
			float x = impact_score(w, (impact){ p[i + 1].tf, p[i].norm });
			if (x < least) {
				least = x;
				at = i;
			}
		}
		p[at].tf = p[at + 1].tf;
		memmove(p + at + 1, p + at + 2, (n - at - 2) * sizeof *p);
		n--;
	}
	for (unsigned i = 0; i < POST_PAIRS; i++) {
		impact q = p[i < n ? i : n - 1];
		v |= (uint64_t)(q.tf | (unsigned)q.norm << 8) << (16 * i);
	}
	return v;
}

CDG_INLINE float
max_float(float a, float b)
{
	return a > b ? a : b;
}

/* The impacts of a set, which is also put into another one (or NULL): what is dominated
 * in the one is so in the other, and has no larger ratio. */
static uint64_t
impact_close(const post_writer *w, const impact_set *s, impact_set *into)
{
	impact p[256];
	unsigned n = impact_frontier(s, p);
	float ratio = s->ratio;

	for (unsigned i = 0; i < n; i++)
		ratio = max_float(ratio, (float)p[i].tf * w->ratios->inv[p[i].norm]);
	if (into) {
		into->ratio = max_float(into->ratio, ratio);
		for (unsigned i = 0; i < n; i++)
			into->tf[p[i].norm] = (uint8_t)max_u32(into->tf[p[i].norm], p[i].tf);
	}
	return impact_pack(w, p, n, ratio);
}

/* The same of the documents of the open block. */
static uint64_t
impact_block(const post_writer *w, impact_set *into)
{
	impact_set block;
	uint32_t most = 0;

	impact_clear(&block);
	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t tf = w->tfs[i] < 255 ? w->tfs[i] + 1 : 255;
		uint8_t *of = &block.tf[w->norms[i]];
		*of = tf > *of ? (uint8_t)tf : *of;
		most |= w->tfs[i];
	}
	for (uint32_t i = 0; i < w->n && most >= 255; i++) /* where a tf was cut off */
		block.ratio = max_float(block.ratio, (float)(w->tfs[i] + 1) * w->ratios->inv[w->norms[i]]);
	return impact_close(w, &block, into);
}

/* ---- chunks and codes ------------------------------------------------ */

_Static_assert((int)CHUNK_MOST == POST_BLOCK && (int)CHUNK_INDEX_BITS == POST_INDEX_BITS, "one format");

static void
chunks_write(const uint32_t *v, size_t n, buf *out)
{
	for (size_t at = 0; at < n; at += POST_BLOCK) {
		size_t k = min_size(POST_BLOCK, n - at);
		chunk_write(v + at, k, chunk_plan(v + at, k, 0), out);
	}
}

static void
codes_write(const uint32_t *codes, size_t n, buf *out)
{
	uint32_t most = 0, least = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		most = max_u32(most, codes[i]);
		least = min_u32(least, codes[i]);
	}
	if (!most) {
		buf_put_u8(out, 0);
	} else if (most == least) {
		buf_put_u8(out, 1);
		buf_put_varint(out, most);
	} else {
		buf_put_u8(out, 2);
		chunks_write(codes, n, out);
	}
}

/* ---- lists ---------------------------------------------------------- */

void
post_writer_init(post_writer *w, pwriter *post, pwriter *pos, float avg_len)
{
	memset(w, 0, sizeof *w);
	w->post = post;
	w->pos = pos;
	w->ratios = &w->own;
	w->own.avg = avg_len > 0 ? avg_len : 1.0f;
	for (unsigned i = 0; i < 256; i++)
		w->own.inv[i] = post_ratio_inv((uint8_t)i, w->own.avg);
}

void
post_writer_fini(post_writer *w)
{
	buf_fini(&w->data);
	buf_fini(&w->scratch);
	buf_fini(&w->skip_last);
	buf_fini(&w->skip_off);
	buf_fini(&w->skip_pos);
	buf_fini(&w->skip_imp);
	buf_fini(&w->skip_super);
	mem_free(w->values);
	mem_free(w->codes);
	memset(w, 0, sizeof *w);
}

void
post_begin(post_writer *w, bool has_pos, bool has_codes)
{
	w->has_pos = has_pos;
	w->has_codes = has_codes && has_pos;
	w->n = w->df = w->super_n = 0;
	w->last = w->base = UINT32_MAX;
	w->ttf = 0;
	w->nvalues = 0;
	w->any_code = false;
	w->pos_start = has_pos ? pwriter_tell(w->pos) : 0;
	w->data.len = w->skip_last.len = w->skip_off.len = 0;
	w->skip_pos.len = w->skip_imp.len = w->skip_super.len = 0;
}

static void
post_fail(post_writer *w, cdg_status st, const char *why)
{
	if (w->status == CDG_OK)
		w->status = err_set(&w->err, st, "%s", why);
}

static void
post_write_docs(post_writer *w)
{
	uint32_t delta[POST_BLOCK + 16], base = w->base, span = w->last - w->base, at = 0;
	size_t set_bytes = ((size_t)span + 7) / 8;
	chunk_shape shape;
	uint64_t word = 0;
	uint8_t *set;

	delta[0] = w->docs[0] - base - 1;
	for (uint32_t i = 1; i < w->n; i++)
		delta[i] = w->docs[i] - w->docs[i - 1] - 1;
	/* exceptions cost time in the hottest loop: they must save some bytes */
	shape = chunk_plan(delta, w->n, 4);
	if (set_bytes + 3 > shape.bytes || shape.b + shape.high == 0) {
		chunk_write(delta, w->n, shape, &w->data);
		return;
	}
	if (!buf_reserve(&w->data, 3 + set_bytes + 8))
		return;
	w->data.p[w->data.len++] = POST_BITSET;
	w->data.p[w->data.len++] = (uint8_t)set_bytes;
	w->data.p[w->data.len++] = (uint8_t)(set_bytes >> 8);
	set = w->data.p + w->data.len;
	memset(set, 0, set_bytes);
	for (uint32_t i = 0; i < w->n; i++) { /* a word is stored with each of its bits: no branch, no load */
		uint32_t bit = w->docs[i] - base - 1;
		word = (bit / 64 == at ? word : 0) | (uint64_t)1 << (bit % 64);
		at = bit / 64;
		store_u64(set + 8 * (size_t)at, word);
	}
	w->data.len += set_bytes;
}

static void
post_write_positions(post_writer *w)
{
	buf *out = &w->scratch;

	out->len = 0;
	chunks_write(w->values, w->nvalues, out);
	if (w->has_codes) {
		if (w->any_code)
			codes_write(w->codes, w->nvalues, out);
		else
			buf_put_u8(out, 0);
	}
	if (out->failed)
		post_fail(w, CDG_E_NOMEM, "out of memory");
	else
		pwriter_put(w->pos, out->p, out->len);
}

/* The open block in the skip data. */
static void
post_skip_block(post_writer *w)
{
	buf_put_u32(&w->skip_last, w->last);
	buf_put_u32(&w->skip_off, (uint32_t)w->data.len);
	if (w->has_pos) {
		uint64_t at = pwriter_tell(w->pos) - w->pos_start;
		if (at > UINT32_MAX)
			post_fail(w, CDG_E_LIMIT, "one term has more than 4 GiB of positions in a segment");
		buf_put_u32(&w->skip_pos, (uint32_t)at);
	}
	buf_put_u64(&w->skip_imp, impact_block(w, &w->super));
	if (++w->super_n == POST_SUPER) {
		buf_put_u64(&w->skip_super, impact_close(w, &w->super, &w->list));
		impact_clear(&w->super);
		w->super_n = 0;
	}
}

static void
post_flush_block(post_writer *w)
{
	post_write_docs(w);
	chunks_write(w->tfs, w->n, &w->data);
	if (w->has_pos)
		post_write_positions(w);
	w->base = w->last;
	w->n = 0;
	w->nvalues = 0;
	w->any_code = false;
}

static CDG_NOINLINE void
post_full_block(post_writer *w)
{
	post_skip_block(w);
	post_flush_block(w);
}

static CDG_NOINLINE bool
post_room_more(post_writer *w, uint32_t tf)
{
	if (mem_grow(&w->values, &w->values_cap, w->nvalues + tf + 16, sizeof *w->values) &&
	    (!w->has_codes || mem_grow(&w->codes, &w->codes_cap, w->nvalues + tf + 16, sizeof *w->codes)))
		return true;
	post_fail(w, CDG_E_NOMEM, "out of memory");
	return false;
}

CDG_INLINE bool
post_room(post_writer *w, uint32_t tf)
{
	size_t need = w->nvalues + tf + 16;

	return likely(need <= w->values_cap && (!w->has_codes || need <= w->codes_cap)) ||
	       post_room_more(w, tf);
}

void
post_add(post_writer *w, uint32_t doc, uint32_t tf, const uint32_t *pos, const uint32_t *codes, uint8_t norm)
{
	if (unlikely(w->n == POST_BLOCK))
		post_full_block(w);
	post_add_doc(w, doc, tf, norm);
	if (!w->has_pos || !post_room(w, tf))
		return;
	w->values[w->nvalues] = pos[0];
	for (uint32_t i = 1; i < tf; i++)
		w->values[w->nvalues + i] = pos[i] - pos[i - 1] - 1;
	if (w->has_codes) {
		if (codes) {
			memcpy(w->codes + w->nvalues, codes, tf * sizeof *codes);
			w->any_code = true;
		} else {
			memset(w->codes + w->nvalues, 0, tf * sizeof *w->codes);
		}
	}
	w->nvalues += tf;
}

uint32_t *
post_reserve_slow(post_writer *w, uint32_t tf)
{
	if (w->n == POST_BLOCK)
		post_full_block(w);
	return post_room(w, tf) ? w->values + w->nvalues : NULL;
}

/* Skip data and blocks of a list of several blocks. */
static void
post_write_list(post_writer *w)
{
	uint8_t list[12];

	if (w->super_n)
		buf_put_u64(&w->skip_super, impact_close(w, &w->super, &w->list));
	memcpy(list, &w->ratios->avg, 4);
	store_u64(list + 4, impact_close(w, &w->list, NULL));
	impact_clear(&w->super);
	impact_clear(&w->list);
	pwriter_put(w->post, list, sizeof list);
	pwriter_put(w->post, w->skip_last.p, w->skip_last.len);
	pwriter_put(w->post, w->skip_off.p, w->skip_off.len);
	pwriter_put(w->post, w->skip_pos.p, w->skip_pos.len);
	pwriter_put(w->post, w->skip_imp.p, w->skip_imp.len);
	pwriter_put(w->post, w->skip_super.p, w->skip_super.len);
	pwriter_put(w->post, w->data.p, w->data.len);
}

cdg_status
post_end(post_writer *w, post_meta *out, cdg_error *err)
{
	uint64_t post_at = pwriter_tell(w->post);

	memset(out, 0, sizeof *out);
	out->df = w->df;
	out->ttf = w->ttf;
	out->has_pos = w->has_pos;
	out->has_codes = w->has_codes;
	out->post = post_at;
	out->pos = w->pos_start;
	if (w->df == 1) {
		out->single_doc = w->docs[0];
		if (w->has_pos && w->ttf == 1 && !w->any_code) {
			out->inline_pos = true;
			out->has_codes = false;
			out->single_pos = w->values[0];
		} else if (w->has_pos) {
			post_write_positions(w);
		}
		w->n = 0;
		w->nvalues = 0;
		w->any_code = false;
	} else if (w->df > POST_BLOCK) {
		post_full_block(w);
		post_write_list(w);
	} else if (w->df) {
		post_flush_block(w);
		pwriter_put(w->post, w->data.p, w->data.len);
	}
	if (w->data.failed || w->skip_last.failed || w->skip_off.failed || w->skip_pos.failed ||
	    w->skip_imp.failed || w->skip_super.failed)
		post_fail(w, CDG_E_NOMEM, "out of memory");
	if (pwriter_tell(w->post) - post_at > UINT32_MAX)
		post_fail(w, CDG_E_LIMIT, "one term has more than 4 GiB of postings in a segment");
	out->post_len = (uint32_t)(pwriter_tell(w->post) - post_at);
	out->pos_len = w->has_pos && !out->inline_pos ? pwriter_tell(w->pos) - w->pos_start : 0;
	if (w->status != CDG_OK && err)
		*err = w->err;
	return w->status;
}
