/* flush_stem.c - in which fold and stem classes the terms are, found before
 * the first of them is written: a term's entry says whether it is a stem class
 * by itself.
 *
 * Each term is stemmed once for each language it occurs in.  Where all these
 * agree it is in one class; else in several, with a mask of languages in each.
 * Records of ranges of terms are made side by side and then put together.
 */
#include "indexer/flush_internal.h"

#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_thread_num() 0
#endif

enum { STEM_RANGE = 1 << 14 };

static void
rec_put(flush_recs *r, unsigned field, const char *s, size_t n, uint64_t ord, uint64_t mask, bool same)
{
	flush_rec *rec;

	if (r->failed || !mem_grow(&r->p, &r->cap, r->n + 1, sizeof *r->p)) {
		r->failed = true;
		return;
	}
	rec = &r->p[r->n++];
	rec->key = flush_key(field, (const uint8_t *)s, n);
	rec->ord = (uint32_t)ord;
	rec->str = FLUSH_SAME;
	if (same && mask == UINT64_MAX)
		return;
	if (r->pool.len + 512 > FLUSH_SAME || !buf_reserve(&r->pool, n + 10)) {
		r->failed = true;
		return;
	}
	rec->str = (uint32_t)r->pool.len;
	buf_put_u8(&r->pool, (uint8_t)n);
	buf_put_u8(&r->pool, mask != UINT64_MAX);
	buf_put(&r->pool, s, n);
	if (mask != UINT64_MAX)
		buf_put_u64(&r->pool, mask);
}

static bool
is_ascii(const uint8_t *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] & 0x80)
			return false;
	return true;
}

static uint64_t
term_langs(const flush *f, uint64_t ord)
{
	size_t i = flush_head(f, ord), end = ord + 1 < f->nords ? flush_head(f, ord + 1) : f->nterms;
	uint64_t langs = 0;

	for (; i < end; i++)
		langs |= flush_entry(f, &f->terms[i])->langs;
	return langs;
}

/* One term in several languages: a record for each different stem. */
static void
stem_languages(flush_recs *r, text_analyzer *an, const inv_entry *e, uint64_t ord, uint64_t langs)
{
	char stem[TEXT_LANG_COUNT_MAX][TEXT_TERM_MAX + 1];
	size_t len[TEXT_LANG_COUNT_MAX], n = 0;
	uint64_t mask[TEXT_LANG_COUNT_MAX];

	for (uint64_t m = langs; m; m &= m - 1) {
		unsigned lang = (unsigned)__builtin_ctzll(m);
		size_t i;
		len[n] = text_stem(an, (text_lang)lang, (const char *)e->term, e->len, stem[n]);
		for (i = 0; i < n; i++)
			if (len[i] == len[n] && memcmp(stem[i], stem[n], len[n]) == 0)
				break;
		if (i == n)
			mask[n++] = 0;
		mask[i] |= (uint64_t)1 << lang;
	}
	for (size_t i = 0; i < n; i++)
		rec_put(r, e->field, stem[i], len[i], ord, n == 1 ? UINT64_MAX : mask[i],
			len[i] == e->len && memcmp(stem[i], e->term, e->len) == 0);
}

static void
collect_range(const flush *f, uint64_t first, uint64_t end, text_analyzer *an, flush_recs *fold,
	      flush_recs *stem)
{
	char out[TEXT_TERM_MAX + 1];

	for (uint64_t ord = first; ord < end; ord++) {
		const inv_entry *e = flush_entry(f, &f->terms[flush_head(f, ord)]);
		uint64_t langs;
		size_t n;
		if (!is_ascii(e->term, e->len)) {
			n = text_fold((const char *)e->term, e->len, out);
			if (n != e->len || memcmp(out, e->term, n) != 0)
				rec_put(fold, e->field, out, n, ord, UINT64_MAX, false);
		}
		if (e->field >= DICT_FIELD_FIRST)
			continue;
		langs = term_langs(f, ord);
		if (langs & (langs - 1)) {
			stem_languages(stem, an, e, ord, langs);
			continue;
		}
		n = text_stem(an, langs ? (text_lang)__builtin_ctzll(langs) : TEXT_LANG_NONE,
			      (const char *)e->term, e->len, out);
		rec_put(stem, e->field, out, n, ord, UINT64_MAX, n == e->len && memcmp(out, e->term, n) == 0);
	}
}

/* Append the records of one range. */
static void
recs_append(flush_recs *to, flush_recs *from)
{
	size_t base = to->pool.len;

	buf_put(&to->pool, from->pool.p, from->pool.len);
	if (from->failed || to->pool.failed || base + from->pool.len > FLUSH_SAME - 512 ||
	    !mem_grow(&to->p, &to->cap, to->n + from->n, sizeof *to->p)) {
		to->failed = true;
		return;
	}
	for (size_t i = 0; i < from->n; i++) {
		flush_rec x = from->p[i];
		if (x.str != FLUSH_SAME)
			x.str += (uint32_t)base;
		to->p[to->n++] = x;
	}
}

static void
recs_fini(flush_recs *r)
{
	mem_free(r->p);
	buf_fini(&r->pool);
}

/* Terms of at least two letters are added to the records of their fold: the
 * plain terms that accented ones fold to. */
static void
fold_plain(flush *f)
{
	flush_recs *r = &f->fold;
	size_t n = r->n;

	for (size_t i = 0; i < n; i++) {
		size_t len;
		const uint8_t *s = flush_rec_bytes(f, r, &r->p[i], &len);
		uint64_t ord;
		if (i && flush_rec_same(f, r, &r->p[i - 1], &r->p[i]))
			continue;
		ord = flush_find_term(f, (unsigned)(r->p[i].key >> 48), s, len);
		if (ord != UINT64_MAX)
			rec_put(r, (unsigned)(r->p[i].key >> 48), (const char *)s, len, ord, UINT64_MAX, true);
	}
	if (r->n > n)
		flush_sort_recs(f, r);
}

static cdg_status
mark_self(flush *f, cdg_error *err)
{
	const flush_recs *r = &f->stem;

	f->self = mem_calloc(f->nords / 64 + 1, sizeof *f->self);
	if (!f->self)
		return err_nomem(err);
	for (size_t i = 0, j; i < r->n; i = j) {
		for (j = i + 1; j < r->n && flush_rec_same(f, r, &r->p[i], &r->p[j]); j++)
			;
		if (j == i + 1 && r->p[i].str == FLUSH_SAME)
			f->self[r->p[i].ord / 64] |= (uint64_t)1 << (r->p[i].ord % 64);
	}
	return CDG_OK;
}

cdg_status
flush_collect_classes(flush *f, cdg_error *err)
{
	size_t nranges = f->nords / STEM_RANGE + 1;
	flush_recs *part = mem_calloc(nranges * 2, sizeof *part);

	if (!part)
		return err_nomem(err);
#pragma omp parallel for schedule(dynamic) num_threads(f->in->threads)
	for (size_t i = 0; i < nranges; i++) {
		uint64_t first = i * STEM_RANGE, end = first + STEM_RANGE;
		collect_range(f, first, end < f->nords ? end : f->nords, f->in->analyzers[omp_get_thread_num()],
			      &part[2 * i], &part[2 * i + 1]);
	}
	for (size_t i = 0; i < nranges; i++) {
		recs_append(&f->fold, &part[2 * i]);
		recs_append(&f->stem, &part[2 * i + 1]);
		recs_fini(&part[2 * i]);
		recs_fini(&part[2 * i + 1]);
	}
	mem_free(part);
	if (!f->fold.failed && !f->stem.failed) {
		flush_sort_recs(f, &f->fold);
		flush_sort_recs(f, &f->stem);
		fold_plain(f);
	}
	if (f->fold.failed || f->stem.failed)
		return err_nomem(err);
	return mark_self(f, err);
}
