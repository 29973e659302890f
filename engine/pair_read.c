/* pair_read.c - the reading half of pair.h.  Opening verifies that the parts
 * fill the file and follow one another; words, rows and lists are verified when
 * they are touched. */
#include "engine/pair.h"

/* Does the file consist of lists, words, rows, index and trailer? */
static bool
pair_open_trailer(pair_index *x)
{
	uint64_t end = pfile_end(&x->file), n;
	const uint8_t *t;

	if (end < PFILE_HEADER + PAIR_TRAILER || !(t = pfile_at(&x->file, end - PAIR_TRAILER, PAIR_TRAILER)))
		return false;
	n = load_u64(t);
	x->npairs = load_u64(t + 8);
	x->words = load_u64(t + 16);
	x->rows = load_u64(t + 24);
	x->index = load_u64(t + 32);
	x->nwords = (uint32_t)n;
	x->wanted = load_u32(t + 40);
	return n <= PAIR_WORDS_MAX && load_u64(t + 40) <= PAIR_WORDS_MAX && n <= x->wanted && x->npairs <= n * n && x->words >= PFILE_HEADER && x->rows >= x->words &&
	       x->index >= x->rows && x->index <= end &&
	       end - x->index == PAIR_TRAILER + (n + 1) * PAIR_INDEX_ENTRY;
}

cdg_status
pair_open(pair_index *x, const char *path, const segment_id *id, cdg_error *err)
{
	cdg_status st;

	memset(x, 0, sizeof *x);
	st = pfile_open(&x->file, path, PAIR_KIND, id, err);
	if (st != CDG_OK) {
		memset(x, 0, sizeof *x);
		return st == CDG_E_NOTFOUND ? CDG_OK : st;
	}
	if (!pair_open_trailer(x)) {
		pfile_damaged(&x->file, pfile_end(&x->file), "trailer of the word pairs is wrong");
		st = pfile_error(&x->file, err);
		pair_close(x);
		return st;
	}
	x->present = true;
	return CDG_OK;
}

void
pair_close(pair_index *x)
{
	pfile_close(&x->file);
	memset(x, 0, sizeof *x);
}

static bool
pair_damaged(const pair_index *x, uint64_t at, const char *why)
{
	pfile_damaged(&x->file, (size_t)at, why);
	return false;
}

/* Entry i of the index, and the next. */
static const uint8_t *
pair_entry(const pair_index *x, uint32_t i)
{
	return pfile_at(&x->file, x->index + (uint64_t)i * PAIR_INDEX_ENTRY, 2 * PAIR_INDEX_ENTRY);
}

/* The bytes of word i; NULL on damage. */
static const uint8_t *
pair_word_bytes(const pair_index *x, uint32_t i, size_t *len)
{
	const uint8_t *e = pair_entry(x, i), *p;
	uint64_t from, to, all = x->rows - x->words;

	if (!e)
		return NULL;
	from = load_u32(e);
	to = load_u32(e + PAIR_INDEX_ENTRY);
	if (from >= to || to > all || to - from > 256) {
		pair_damaged(x, x->index + (uint64_t)i * PAIR_INDEX_ENTRY, "a word of the pairs is outside their words");
		return NULL;
	}
	p = pfile_at(&x->file, x->words + from, to - from);
	if (!p)
		return NULL;
	if ((uint64_t)p[0] + 1 != to - from) {
		pair_damaged(x, x->words + from, "length of a word of the pairs is wrong");
		return NULL;
	}
	*len = p[0];
	return p + 1;
}

uint32_t
pair_word(const pair_index *x, const char *fold, size_t len)
{
	uint32_t lo = 0, hi = x->present ? x->nwords : 0;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		size_t n;
		const uint8_t *p = pair_word_bytes(x, mid, &n);
		int c;
		if (!p)
			return PAIR_NONE;
		c = memcmp(p, fold, min_size(n, len));
		if (!c)
			c = (n > len) - (n < len);
		if (!c)
			return mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return PAIR_NONE;
}

/* ---- rows ------------------------------------------------------------ */

/* The pairs of one row, in order. */
typedef struct pair_row {
	rd r;
	bool begun;
	uint64_t b;           /* second word */
	uint64_t list, end;   /* where the next list begins; where the last must end */
	post_meta meta;
} pair_row;

static bool
pair_row_open(const pair_index *x, uint32_t a, pair_row *row)
{
	const uint8_t *e = pair_entry(x, a), *p;
	uint64_t from, to;

	memset(row, 0, sizeof *row);
	if (!e)
		return false;
	from = load_u64(e + 4);
	to = load_u64(e + PAIR_INDEX_ENTRY + 4);
	row->list = load_u64(e + 12);
	row->end = load_u64(e + PAIR_INDEX_ENTRY + 12);
	if (from < x->rows || to < from || to > x->index || row->list < PFILE_HEADER || row->end < row->list ||
	    row->end > x->words)
		return pair_damaged(x, x->index + (uint64_t)a * PAIR_INDEX_ENTRY, "a row of word pairs is outside its file");
	p = pfile_at(&x->file, from, to - from);
	if (!p)
		return false;
	row->r = rd_make(p, to - from);
	return true;
}

/* The next pair: row->b, row->meta.  False at the end, or on damage (row->r.bad). */
static bool
pair_row_next(const pair_index *x, pair_row *row)
{
	rd *r = &row->r;
	post_meta *m = &row->meta;
	uint64_t delta, df, more;

	if (!rd_left(r))
		return false;
	delta = rd_varint(r);
	df = rd_varint(r);
	memset(m, 0, sizeof *m);
	if (df == 1) {
		m->single_doc = rd_varint32(r);
		more = rd_varint(r);
	} else {
		more = rd_varint(r);
		m->post_len = rd_varint32(r);
	}
	if (r->bad || delta > x->nwords || (row->begun && !delta) || row->b + delta >= x->nwords || !df ||
	    df > INT32_MAX || more > UINT32_MAX || m->post_len > row->end - row->list) {
		r->bad = true;
		return pair_damaged(x, x->rows, "a row of word pairs is unreadable");
	}
	row->begun = true;
	row->b += delta;
	m->df = (uint32_t)df;
	m->ttf = df + more;
	m->post = row->list;
	row->list += m->post_len;
	return true;
}

bool
pair_find(const pair_index *x, uint32_t a, uint32_t b, post_meta *meta)
{
	pair_row row;

	if (a >= x->nwords || b >= x->nwords || !pair_row_open(x, a, &row))
		return false;
	while (pair_row_next(x, &row)) {
		if (row.b < b)
			continue;
		*meta = row.meta;
		return row.b == b;
	}
	return false;
}

/* ---- check ----------------------------------------------------------- */

static cdg_status
pair_bad(const pair_index *x, uint64_t at, const char *why, cdg_error *err)
{
	return err_corrupt(err, x->file.path, at, "%s", why);
}

static cdg_status
pair_check_words(const pair_index *x, cdg_error *err)
{
	const uint8_t *before = NULL;
	size_t before_len = 0;
	uint64_t at = 0;

	for (uint32_t i = 0; i < x->nwords; i++) {
		const uint8_t *e = pair_entry(x, i), *p;
		size_t n;
		int c;
		if (!e || !(p = pair_word_bytes(x, i, &n)))
			return pfile_error(&x->file, err);
		if (load_u32(e) != at)
			return pair_bad(x, x->words + at, "words of the pairs do not follow one another", err);
		c = before ? memcmp(before, p, min_size(before_len, n)) : -1;
		if (c > 0 || (!c && before_len >= n))
			return pair_bad(x, x->words + at, "words of the pairs do not rise", err);
		before = p;
		before_len = n;
		at += 1 + n;
	}
	return at == x->rows - x->words ? CDG_OK
					: pair_bad(x, x->words + at, "bytes that no word of the pairs uses", err);
}

static cdg_status
pair_check_row(const pair_index *x, uint32_t a, post_cursor *c, uint32_t ndocs, const uint8_t *norms,
	       uint64_t *n, cdg_error *err)
{
	pair_row row;

	if (!pair_row_open(x, a, &row))
		return pfile_error(&x->file, err);
	while (pair_row_next(x, &row)) {
		CDG_TRY(post_check(c, &x->file, NULL, &row.meta, ndocs, norms, 0, err));
		++*n;
	}
	if (row.r.bad)
		return pfile_error(&x->file, err);
	return row.list == row.end ? CDG_OK : pair_bad(x, row.list, "bytes that no list of word pairs uses", err);
}

cdg_status
pair_check(const pair_index *x, uint32_t ndocs, const uint8_t *norms, cdg_error *err)
{
	post_cursor *c;
	uint64_t n = 0;
	cdg_status st = CDG_OK;
	const uint8_t *first, *last;

	if (!x->present)
		return CDG_OK;
	CDG_TRY(pfile_check(&x->file, err));
	CDG_TRY(pair_check_words(x, err));
	first = pfile_at(&x->file, x->index, PAIR_INDEX_ENTRY);
	last = pfile_at(&x->file, x->index + (uint64_t)x->nwords * PAIR_INDEX_ENTRY, PAIR_INDEX_ENTRY);
	if (!first || !last)
		return pfile_error(&x->file, err);
	if (load_u64(first + 4) != x->rows || load_u64(last + 4) != x->index || load_u64(first + 12) != PFILE_HEADER ||
	    load_u64(last + 12) != x->words || load_u32(last) != x->rows - x->words)
		return pair_bad(x, x->index, "rows of word pairs do not fill their place", err);
	c = mem_calloc(1, sizeof *c);
	if (!c)
		return err_nomem(err);
	for (uint32_t a = 0; a < x->nwords && st == CDG_OK; a++)
		st = pair_check_row(x, a, c, ndocs, norms, &n, err);
	mem_free(c);
	if (st == CDG_OK && n != x->npairs)
		st = pair_bad(x, x->index, "number of word pairs differs from the trailer", err);
	return st;
}
