/* flush_sort.c - the entries of all inverters in the order of the dictionary,
 * and the same for the records of classes.  Most comparisons are decided by
 * field and six bytes, which lie in the array itself.
 */
#include "indexer/flush_internal.h"

enum { SORT_TASK = 1 << 15, SORT_SMALL = 16 };

/* ---- terms ---------------------------------------------------------- */

static bool
term_less(const flush *f, const flush_term *a, const flush_term *b)
{
	const inv_entry *x, *y;
	int c;

	if (a->key != b->key)
		return a->key < b->key;
	x = flush_entry(f, a);
	y = flush_entry(f, b);
	c = flush_compare(x->term, x->len, y->term, y->len);
	return c ? c < 0 : a->worker < b->worker;
}

static void
term_insertion(const flush *f, flush_term *t, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		flush_term x = t[i];
		size_t j = i;
		for (; j && term_less(f, &x, &t[j - 1]); j--)
			t[j] = t[j - 1];
		t[j] = x;
	}
}

static void
term_sift(const flush *f, flush_term *t, size_t i, size_t n)
{
	for (size_t c; (c = 2 * i + 1) < n; i = c) {
		flush_term x;
		if (c + 1 < n && term_less(f, &t[c], &t[c + 1]))
			c++;
		if (!term_less(f, &t[i], &t[c]))
			return;
		x = t[i];
		t[i] = t[c];
		t[c] = x;
	}
}

static void
term_heap(const flush *f, flush_term *t, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		term_sift(f, t, i, n);
	for (size_t i = n; i-- > 1;) {
		flush_term x = t[0];
		t[0] = t[i];
		t[i] = x;
		term_sift(f, t, 0, i);
	}
}

/* Median of three into t[0]. */
static void
term_pivot(const flush *f, flush_term *t, size_t n)
{
	flush_term *a = &t[0], *b = &t[n / 2], *c = &t[n - 1], *m, x;

	if (term_less(f, a, b))
		m = term_less(f, b, c) ? b : term_less(f, a, c) ? c : a;
	else
		m = term_less(f, a, c) ? a : term_less(f, b, c) ? c : b;
	x = *a;
	*a = *m;
	*m = x;
}

/* Quick sort; no two are equal.  Past `depth` levels a heap sort bounds it. */
static void
term_sort(const flush *f, flush_term *t, size_t n, unsigned depth)
{
	while (n > SORT_SMALL) {
		size_t i = 0, j = n;
		flush_term pivot, x;
		if (!depth--) {
			term_heap(f, t, n);
			return;
		}
		term_pivot(f, t, n);
		pivot = t[0];
		for (;;) {
			do
				i++;
			while (i < n && term_less(f, &t[i], &pivot));
			do
				j--;
			while (term_less(f, &pivot, &t[j]));
			if (i >= j)
				break;
			x = t[i];
			t[i] = t[j];
			t[j] = x;
		}
		t[0] = t[j];
		t[j] = pivot;
		if (n > SORT_TASK) {
			flush_term *left = t;
#pragma omp task firstprivate(f, left, j, depth)
			term_sort(f, left, j, depth);
		} else {
			term_sort(f, t, j, depth);
		}
		t += j + 1;
		n -= j + 1;
	}
	term_insertion(f, t, n);
}

static unsigned
sort_depth(size_t n)
{
	unsigned d = 4;
	for (; n; n >>= 1)
		d += 2;
	return d;
}

/* The terms of one worker to out; returns how many. */
static size_t
terms_of(const flush *f, size_t worker, flush_term *out)
{
	const inverter *v = f->in->workers[worker].inv;
	size_t n = 0;

	for (uint64_t i = 0; i <= v->mask; i++) {
		const inv_entry *e;
		if (!v->slots[i])
			continue;
		e = inverter_entry(v, (uint32_t)v->slots[i]);
		if (e->last_doc == UINT32_MAX)
			continue; /* memory ended before its first posting */
		out[n++] = (flush_term){ flush_key(e->field, e->term, e->len), (uint32_t)v->slots[i],
					 (uint32_t)worker };
	}
	return n;
}

static cdg_status
terms_gather(flush *f, cdg_error *err)
{
	size_t nworkers = f->in->nworkers, n = 0;
	size_t *first = mem_calloc(nworkers + 1, sizeof *first), *count = mem_calloc(nworkers + 1, sizeof *count);
	bool ok;

	if (first && count) {
		for (size_t w = 0; w < nworkers; w++)
			first[w + 1] = first[w] + f->in->workers[w].inv->count;
#pragma omp parallel for schedule(dynamic, 1) num_threads(f->in->threads)
		for (size_t w = 0; w < nworkers; w++)
			count[w] = terms_of(f, w, f->terms + first[w]);
		for (size_t w = 0; w < nworkers; n += count[w++])
			memmove(f->terms + n, f->terms + first[w], count[w] * sizeof *f->terms);
		f->nterms = n;
	}
	ok = first && count;
	mem_free(first);
	mem_free(count);
	return ok ? CDG_OK : err_nomem(err);
}

/* heads and nords of the sorted terms. */
static cdg_status
terms_number(flush *f, cdg_error *err)
{
	size_t n = 0;

	if (f->in->nworkers == 1) {
		f->nords = f->nterms;
		return CDG_OK;
	}
	f->heads = mem_alloc(f->nterms * sizeof *f->heads);
	if (!f->heads)
		return err_nomem(err);
	for (size_t i = 0; i < f->nterms; i++) {
		if (i && f->terms[i].key == f->terms[i - 1].key) {
			const inv_entry *a = flush_entry(f, &f->terms[i - 1]), *b = flush_entry(f, &f->terms[i]);
			if (a->len == b->len && memcmp(a->term, b->term, a->len) == 0)
				continue;
		}
		f->heads[n++] = (uint32_t)i;
	}
	f->nords = n;
	return CDG_OK;
}

cdg_status
flush_sort_terms(flush *f, cdg_error *err)
{
	uint64_t n = 0;

	for (size_t w = 0; w < f->in->nworkers; w++)
		n += f->in->workers[w].inv->count;
	if (n >= UINT32_MAX)
		return err_set(err, CDG_E_LIMIT, "too many different terms in one segment");
	f->terms = mem_alloc(n * sizeof *f->terms);
	if (!f->terms)
		return err_nomem(err);
	CDG_TRY(terms_gather(f, err));
#pragma omp parallel num_threads(f->in->threads)
#pragma omp single
	term_sort(f, f->terms, f->nterms, sort_depth(f->nterms));
	return terms_number(f, err);
}

uint64_t
flush_find_term(const flush *f, unsigned field, const uint8_t *s, size_t n)
{
	uint64_t lo = 0, hi = f->nords, key = flush_key(field, s, n);

	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		const flush_term *t = &f->terms[flush_head(f, mid)];
		const inv_entry *e = flush_entry(f, t);
		int c = t->key != key ? (t->key < key ? -1 : 1) : flush_compare(e->term, e->len, s, n);
		if (c == 0)
			return mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return UINT64_MAX;
}

/* ---- records -------------------------------------------------------- */

const uint8_t *
flush_rec_bytes(const flush *f, const flush_recs *r, const flush_rec *rec, size_t *len)
{
	if (rec->str == FLUSH_SAME) {
		const inv_entry *e = flush_entry(f, &f->terms[flush_head(f, rec->ord)]);
		*len = e->len;
		return e->term;
	}
	*len = r->pool.p[rec->str];
	return r->pool.p + rec->str + 2;
}

uint64_t
flush_rec_mask(const flush_recs *r, const flush_rec *rec)
{
	const uint8_t *p;

	if (rec->str == FLUSH_SAME)
		return UINT64_MAX;
	p = r->pool.p + rec->str;
	return p[1] ? load_u64(p + 2 + p[0]) : UINT64_MAX;
}

bool
flush_rec_same(const flush *f, const flush_recs *r, const flush_rec *a, const flush_rec *b)
{
	const uint8_t *x, *y;
	size_t nx, ny;

	if (a->key != b->key)
		return false;
	x = flush_rec_bytes(f, r, a, &nx);
	y = flush_rec_bytes(f, r, b, &ny);
	return nx == ny && memcmp(x, y, nx) == 0;
}

static bool
rec_less(const flush *f, const flush_recs *r, const flush_rec *a, const flush_rec *b)
{
	const uint8_t *x, *y;
	size_t nx, ny;
	int c;

	if (a->key != b->key)
		return a->key < b->key;
	x = flush_rec_bytes(f, r, a, &nx);
	y = flush_rec_bytes(f, r, b, &ny);
	c = flush_compare(x, nx, y, ny);
	return c ? c < 0 : a->ord < b->ord;
}

/* Merge sort by runs: terms came in order, and so did most of their stems. */
static void
rec_merge(const flush *f, const flush_recs *r, const flush_rec *a, size_t na, const flush_rec *b, size_t nb,
	  flush_rec *out)
{
	while (na && nb) {
		if (rec_less(f, r, b, a)) {
			*out++ = *b++;
			nb--;
		} else {
			*out++ = *a++;
			na--;
		}
	}
	memcpy(out, a, na * sizeof *a); /* what is left of b lies there already */
}

/* Sorts p[0, n) with tmp[0, n); the result is in p. */
static void
rec_sort(const flush *f, const flush_recs *r, flush_rec *p, flush_rec *tmp, size_t n)
{
	size_t half = n / 2;

	if (n <= SORT_SMALL) {
		for (size_t i = 1; i < n; i++) {
			flush_rec x = p[i];
			size_t j = i;
			for (; j && rec_less(f, r, &x, &p[j - 1]); j--)
				p[j] = p[j - 1];
			p[j] = x;
		}
		return;
	}
	if (n > SORT_TASK) {
#pragma omp task
		rec_sort(f, r, p, tmp, half);
		rec_sort(f, r, p + half, tmp + half, n - half);
#pragma omp taskwait
	} else {
		rec_sort(f, r, p, tmp, half);
		rec_sort(f, r, p + half, tmp + half, n - half);
	}
	if (!rec_less(f, r, &p[half], &p[half - 1]))
		return;
	memcpy(tmp, p, half * sizeof *p);
	rec_merge(f, r, tmp, half, p + half, n - half, p);
}

void
flush_sort_recs(const flush *f, flush_recs *r)
{
	flush_rec *tmp = mem_alloc((r->n + 1) * sizeof *tmp);

	if (!tmp) {
		r->failed = true;
		return;
	}
#pragma omp parallel num_threads(f->in->threads)
#pragma omp single
	rec_sort(f, r, r->p, tmp, r->n);
	mem_free(tmp);
}
