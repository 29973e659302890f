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
impact_add(impact_set *s, uint32_t tf, uint8_t norm)
{
	uint8_t t = tf > 255 ? 255 : (uint8_t)tf;
	if (t > s->tf[norm]) {
		s->tf[norm] = t;
		s->used[norm / 64] |= (uint64_t)1 << (norm % 64);
	}
}

static void
impact_clear(impact_set *s)
{
	s->ratio = 0;
	for (unsigned w = 0; w < 4; w++) {
		for (uint64_t m = s->used[w]; m; m &= m - 1)
			s->tf[64 * w + (unsigned)__builtin_ctzll(m)] = 0;
		s->used[w] = 0;
	}
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

/* The pairs that no other pair dominates, norm and tf rising. */
static unsigned
impact_frontier(const impact_set *s, impact *out)
{
	unsigned n = 0, best = 0;
	for (unsigned w = 0; w < 4; w++) {
		for (uint64_t m = s->used[w]; m; m &= m - 1) {
			unsigned norm = 64 * w + (unsigned)__builtin_ctzll(m);
			if (s->tf[norm] > best) {
				best = s->tf[norm];
				out[n++] = (impact){ (uint8_t)best, (uint8_t)norm };
			}
		}
	}
	return n;
}

/* Join neighbours until three are left, each time the two whose join (larger
 * tf, smaller norm) scores least at nominal BM25: so the largest score, which
 * is what prunes, stays exact as long as it can. */
static uint64_t
impact_pack(const post_writer *w, const impact_set *s)
{
	impact p[256];
	unsigned n = impact_frontier(s, p);
	uint64_t v = (uint64_t)post_ratio_code(s->ratio) << 48;

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

static void
impact_fold(impact_set *into, const impact_set *from)
{
	into->ratio = from->ratio > into->ratio ? from->ratio : into->ratio;
	for (unsigned w = 0; w < 4; w++)
		for (uint64_t m = from->used[w]; m; m &= m - 1) {
			unsigned norm = 64 * w + (unsigned)__builtin_ctzll(m);
			impact_add(into, from->tf[norm], (uint8_t)norm);
		}
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
	impact_clear(&w->list);
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
	uint32_t delta[POST_BLOCK + 16], base = w->base, span = w->last - w->base;
	size_t set_bytes = ((size_t)span + 7) / 8;
	chunk_shape shape;
	uint8_t *set;

	for (uint32_t i = 0; i < w->n; i++) {
		delta[i] = w->docs[i] - base - 1;
		base = w->docs[i];
	}
	/* exceptions cost time in the hottest loop: they must save some bytes */
	shape = chunk_plan(delta, w->n, 4);
	if (set_bytes + 3 > shape.bytes || shape.b + shape.high == 0) {
		chunk_write(delta, w->n, shape, &w->data);
		return;
	}
	if (!buf_reserve(&w->data, 3 + set_bytes))
		return;
	w->data.p[w->data.len++] = POST_BITSET;
	w->data.p[w->data.len++] = (uint8_t)set_bytes;
	w->data.p[w->data.len++] = (uint8_t)(set_bytes >> 8);
	set = w->data.p + w->data.len;
	memset(set, 0, set_bytes);
	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t bit = w->docs[i] - w->base - 1;
		set[bit / 8] |= (uint8_t)(1u << (bit % 8));
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

static void
post_flush_block(post_writer *w)
{
	if (!w->n)
		return;
	buf_put_u32(&w->skip_last, w->last);
	buf_put_u32(&w->skip_off, (uint32_t)w->data.len);
	if (w->has_pos) {
		uint64_t at = pwriter_tell(w->pos) - w->pos_start;
		if (at > UINT32_MAX)
			post_fail(w, CDG_E_LIMIT, "one term has more than 4 GiB of positions in a segment");
		buf_put_u32(&w->skip_pos, (uint32_t)at);
	}
	for (uint32_t i = 0; i < w->n; i++) {
		float x = (float)(w->tfs[i] + 1) * w->ratios->inv[w->norms[i]];
		w->block.ratio = x > w->block.ratio ? x : w->block.ratio;
		impact_add(&w->block, w->tfs[i] + 1, w->norms[i]);
	}
	buf_put_u64(&w->skip_imp, impact_pack(w, &w->block));
	impact_fold(&w->super, &w->block);
	impact_clear(&w->block);
	if (++w->super_n == POST_SUPER) {
		buf_put_u64(&w->skip_super, impact_pack(w, &w->super));
		impact_fold(&w->list, &w->super);
		impact_clear(&w->super);
		w->super_n = 0;
	}
	post_write_docs(w);
	chunks_write(w->tfs, w->n, &w->data);
	if (w->has_pos)
		post_write_positions(w);
	w->base = w->last;
	w->n = 0;
	w->nvalues = 0;
	w->any_code = false;
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

/* A document in the open block, its positions and codes left out. */
CDG_INLINE void
post_add_doc(post_writer *w, uint32_t doc, uint32_t tf, uint8_t norm)
{
	w->docs[w->n] = w->last = doc;
	w->tfs[w->n] = tf - 1;
	w->norms[w->n] = norm;
	w->n++;
	w->df++;
	w->ttf += tf;
}

void
post_add(post_writer *w, uint32_t doc, uint32_t tf, const uint32_t *pos, const uint32_t *codes, uint8_t norm)
{
	if (w->n == POST_BLOCK)
		post_flush_block(w);
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
post_reserve(post_writer *w, uint32_t tf)
{
	if (unlikely(w->n == POST_BLOCK))
		post_flush_block(w);
	return likely(post_room(w, tf)) ? w->values + w->nvalues : NULL;
}

void
post_add_reserved(post_writer *w, uint32_t doc, uint32_t tf, bool any_code, uint8_t norm)
{
	post_add_doc(w, doc, tf, norm);
	w->any_code |= any_code;
	w->nvalues += tf;
}

/* Skip data and blocks of a list of several blocks. */
static void
post_write_list(post_writer *w)
{
	uint8_t list[12];

	if (w->super_n) {
		buf_put_u64(&w->skip_super, impact_pack(w, &w->super));
		impact_fold(&w->list, &w->super);
		impact_clear(&w->super);
	}
	memcpy(list, &w->ratios->avg, 4);
	store_u64(list + 4, impact_pack(w, &w->list));
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
	} else {
		post_flush_block(w);
		if (w->df > POST_BLOCK)
			post_write_list(w);
		else
			pwriter_put(w->post, w->data.p, w->data.len);
		impact_clear(&w->super);
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
