/* column.c - see column.h: the reader of .cols files and its loops over
 * documents.  Values are read in column_values.c, built in column_build.c.
 *
 * Opening reads the directory alone and verifies that every array lies inside
 * the payload.  The loops over documents verify the pages of the whole array
 * first and then run without checks of pages.
 */
#include "engine/column.h"

/* ---- opening ------------------------------------------------------------------ */

/* [at, at + n * size) lies between the header and dir_at, aligned. */
static bool
column_inside(uint64_t at, uint64_t n, uint64_t size, uint64_t dir_at)
{
	return at % 8 == 0 && at >= PFILE_HEADER && at <= dir_at && n <= (dir_at - at) / size;
}

static bool
column_parse(const columns *cs, const uint8_t *e, uint64_t dir_at, column *c)
{
	uint64_t nords = load_u64(e + 48), ndocs = cs->ndocs;

	c->cols = cs;
	c->field = load_u16(e);
	c->width = e[2];
	c->list = e[3] & 1;
	c->nnumbers = load_u32(e + 4);
	c->ndates = load_u32(e + 8);
	c->nstrings = load_u32(e + 12);
	c->numbers_at = load_u64(e + 16);
	c->dates_at = load_u64(e + 24);
	c->strings_at = load_u64(e + 32);
	c->docs_at = load_u64(e + 40);
	c->nords = (uint32_t)nords;
	if ((uint64_t)c->nnumbers + c->ndates + c->nstrings >= UINT32_MAX || nords >= UINT32_MAX)
		return false;
	if (!column_inside(c->numbers_at, c->nnumbers, 8, dir_at) ||
	    !column_inside(c->dates_at, c->ndates, 5, dir_at) ||
	    !column_inside(c->strings_at, ((uint64_t)c->nstrings + COLUMN_GROUP - 1) / COLUMN_GROUP + 1, 8, dir_at))
		return false;
	if (c->width == 0)
		return column_inside(c->docs_at, ndocs + 1 + nords, 4, dir_at);
	return (c->width == 1 || c->width == 2 || c->width == 4) && nords <= ndocs &&
	       column_inside(c->docs_at, ndocs, c->width, dir_at);
}

static cdg_status
columns_load(columns *cs, cdg_error *err)
{
	size_t end = pfile_end(&cs->f), at;
	const uint8_t *p;
	uint64_t dir_at;

	p = end >= PFILE_HEADER + COLUMN_TRAILER ? pfile_at(&cs->f, end - COLUMN_TRAILER, COLUMN_TRAILER) : NULL;
	at = end - min_size(end, COLUMN_TRAILER);
	if (!p)
		goto damaged;
	dir_at = load_u64(p);
	cs->nfields = load_u32(p + 8);
	cs->ndocs = load_u32(p + 12);
	if (cs->nfields > 65536 || dir_at < PFILE_HEADER || dir_at > end || dir_at % 8 ||
	    dir_at + (uint64_t)COLUMN_DIR * cs->nfields + COLUMN_TRAILER != end)
		goto damaged;
	cs->fields = mem_calloc(cs->nfields, sizeof *cs->fields);
	if (!cs->fields)
		return err_nomem(err);
	for (uint32_t i = 0; i < cs->nfields; i++) {
		at = dir_at + (size_t)COLUMN_DIR * i;
		p = pfile_at(&cs->f, at, COLUMN_DIR);
		if (!p || !column_parse(cs, p, dir_at, &cs->fields[i]) ||
		    (i && cs->fields[i].field <= cs->fields[i - 1].field))
			goto damaged;
	}
	return CDG_OK;
damaged:
	pfile_damaged(&cs->f, at, "directory of the fields is wrong");
	return pfile_error(&cs->f, err);
}

cdg_status
columns_open(columns *cs, const char *path, const segment_id *id, cdg_error *err)
{
	cdg_status st;

	memset(cs, 0, sizeof *cs);
	CDG_TRY(pfile_open(&cs->f, path, COLUMN_KIND, id, err));
	st = columns_load(cs, err);
	if (st != CDG_OK)
		columns_close(cs);
	return st;
}

void
columns_close(columns *cs)
{
	pfile_close(&cs->f);
	mem_free(cs->fields);
	memset(cs, 0, sizeof *cs);
}

const column *
column_find(const columns *cs, uint16_t field)
{
	uint32_t lo = 0, hi = cs->nfields;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (cs->fields[mid].field < field)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < cs->nfields && cs->fields[lo].field == field ? &cs->fields[lo] : NULL;
}

static bool
column_bad(const column *c, uint64_t at, const char *why)
{
	pfile_damaged(&c->cols->f, at, why);
	return false;
}

/* ---- documents ------------------------------------------------------------------- */

static void
column_doc_multi(const column *c, uint32_t doc, column_list *out)
{
	const pfile *f = &c->cols->f;
	const uint8_t *p = pfile_at(f, c->docs_at + 4 * (uint64_t)doc, 8);
	uint32_t lo, hi;

	if (!p)
		return;
	lo = load_u32(p);
	hi = load_u32(p + 4);
	if (lo > hi || hi > c->nords) {
		column_bad(c, c->docs_at + 4 * (uint64_t)doc, "values of a document lie outside the file");
		return;
	}
	out->at = pfile_at(f, c->docs_at + 4 * ((uint64_t)c->cols->ndocs + 1 + lo), 4 * (size_t)(hi - lo));
	out->n = out->at ? hi - lo : 0;
}

void
column_doc(const column *c, uint32_t doc, column_list *out)
{
	out->at = NULL;
	out->n = 0;
	out->width = c->width;
	if (doc >= c->cols->ndocs)
		return;
	if (c->width == 0) {
		column_doc_multi(c, doc, out);
		return;
	}
	out->at = pfile_at(&c->cols->f, c->docs_at + (uint64_t)doc * c->width, c->width);
	if (out->at)
		out->n = column_list_at(out, 0) != COLUMN_NONE;
}

/* ---- loops over all documents ------------------------------------------------------ */

/* 64 bytes that are 0 or 1 -> 64 bits. */
CDG_INLINE uint64_t
column_pack(const uint8_t *m)
{
	uint64_t w = 0;
	for (unsigned k = 0; k < 8; k++)
		w |= (load_u64(m + 8 * k) * 0x0102040810204080u) >> 56 << (8 * k);
	return w;
}

/* The bits of n <= 64 documents from p on whose ordinal + 1 less `lo` is below
 * `span` (unsigned: below lo wraps around).  Written so that compilers turn the
 * inner loops into vectors. */
#define COLUMN_SELECT(name, type)                                                            \
	static uint64_t                                                                      \
	name(const type *p, uint32_t n, type lo, type span)                                  \
	{                                                                                    \
		uint8_t m[64];                                                               \
		if (likely(n == 64)) {                                                       \
			for (unsigned i = 0; i < 64; i++)                                    \
				m[i] = (type)(p[i] - lo) < span;                             \
		} else {                                                                     \
			memset(m, 0, sizeof m);                                              \
			for (unsigned i = 0; i < n; i++)                                     \
				m[i] = (type)(p[i] - lo) < span;                             \
		}                                                                            \
		return column_pack(m);                                                       \
	}
COLUMN_SELECT(column_select8, uint8_t)
COLUMN_SELECT(column_select16, uint16_t)
COLUMN_SELECT(column_select32, uint32_t)

/* lo, hi are ordinals + 1, [lo, hi); lo >= 1, hi - lo >= 1. */
static bool
column_select_single(const column *c, uint32_t lo, uint32_t hi, uint64_t *bits)
{
	uint32_t ndocs = c->cols->ndocs, span = hi - lo;
	uint32_t top = c->width == 1 ? UINT8_MAX : c->width == 2 ? UINT16_MAX : UINT32_MAX;
	const uint8_t *p = pfile_at(&c->cols->f, c->docs_at, (size_t)ndocs * c->width);

	if (!p)
		return false;
	if (lo > top)
		return true;
	span = min_u32(span, top - lo + 1);
	for (uint32_t d = 0; d < ndocs; d += min_u32(64, ndocs - d)) {
		uint32_t n = min_u32(64, ndocs - d);
		if (c->width == 1)
			bits[d / 64] |= column_select8(p + d, n, (uint8_t)lo, (uint8_t)span);
		else if (c->width == 2)
			bits[d / 64] |= column_select16((const uint16_t *)(const void *)p + d, n, (uint16_t)lo,
							(uint16_t)span);
		else
			bits[d / 64] |= column_select32((const uint32_t *)(const void *)p + d, n, lo, span);
	}
	return true;
}

/* The two arrays of a multi-valued column, verified. */
static bool
column_multi(const column *c, const uint32_t **begin, const uint32_t **ords)
{
	size_t n = (size_t)c->cols->ndocs + 1;
	const uint8_t *p = pfile_at(&c->cols->f, c->docs_at, 4 * (n + c->nords));

	*begin = (const uint32_t *)(const void *)p;
	*ords = p ? *begin + n : NULL;
	return p != NULL;
}

static bool
column_select_multi(const column *c, uint32_t lo, uint32_t hi, uint64_t *bits)
{
	const uint32_t *begin, *ords;

	if (!column_multi(c, &begin, &ords))
		return false;
	for (uint32_t d = 0; d < c->cols->ndocs; d++) {
		uint32_t i = begin[d], end = begin[d + 1];
		uint64_t hit = 0; /* no branch on values: they are not predictable */
		if (unlikely(i > end || end > c->nords))
			return column_bad(c, c->docs_at + 4 * (uint64_t)d,
					  "values of a document lie outside the file");
		for (; i < end; i++)
			hit |= ords[i] - lo < hi - lo;
		bits[d / 64] |= hit << (d % 64);
	}
	return true;
}

bool
column_select_range(const column *c, uint32_t lo, uint32_t hi, uint64_t *bits)
{
	hi = min_u32(hi, column_nvalues(c));
	if (lo >= hi)
		return true;
	if (c->width)
		return column_select_single(c, lo + 1, hi + 1, bits);
	return column_select_multi(c, lo, hi, bits);
}

bool
column_select_any(const column *c, uint64_t *bits)
{
	return column_select_range(c, 0, UINT32_MAX, bits);
}

static bool
column_count_doc(const column *c, const uint8_t *p, const uint32_t *begin, const uint32_t *ords,
		 uint32_t d, uint32_t nvalues, uint32_t *counts)
{
	if (c->width) {
		column_list l = { p + (size_t)d * c->width, 1, c->width };
		uint32_t ord = column_list_at(&l, 0);
		if (ord < nvalues)
			counts[ord]++;
		else if (unlikely(ord != COLUMN_NONE))
			return column_bad(c, c->docs_at + (uint64_t)d * c->width, "an ordinal has no value");
		return true;
	}
	if (unlikely(begin[d] > begin[d + 1] || begin[d + 1] > c->nords))
		return column_bad(c, c->docs_at + 4 * (uint64_t)d, "values of a document lie outside the file");
	for (uint32_t i = begin[d]; i < begin[d + 1]; i++) {
		if (unlikely(ords[i] >= nvalues))
			return column_bad(c, c->docs_at, "an ordinal has no value");
		counts[ords[i]]++;
	}
	return true;
}

bool
column_count(const column *c, const uint64_t *bits, uint32_t *counts)
{
	uint32_t ndocs = c->cols->ndocs, nvalues = column_nvalues(c);
	const uint32_t *begin = NULL, *ords = NULL;
	const uint8_t *p = NULL;

	if (c->width)
		p = pfile_at(&c->cols->f, c->docs_at, (size_t)ndocs * c->width);
	if (c->width ? !p : !column_multi(c, &begin, &ords))
		return false;
	for (size_t w = 0; w < ((size_t)ndocs + 63) / 64; w++) {
		uint64_t m = bits ? bits[w] : UINT64_MAX;
		for (; m; m &= m - 1) {
			size_t d = w * 64 + (size_t)__builtin_ctzll(m);
			if (d >= ndocs)
				break;
			if (!column_count_doc(c, p, begin, ords, (uint32_t)d, nvalues, counts))
				return false;
		}
	}
	return true;
}

/* ---- check ---------------------------------------------------------------------------- */

static cdg_status
column_check_docs(const column *c, cdg_error *err)
{
	const pfile *f = &c->cols->f;
	const uint32_t *begin = NULL, *ords;
	uint32_t nvalues = column_nvalues(c);
	uint64_t n = 0;

	if (c->width == 0 && !column_multi(c, &begin, &ords))
		return pfile_error(f, err);
	if (begin && (begin[0] != 0 || begin[c->cols->ndocs] != c->nords))
		return err_corrupt(err, f->path, c->docs_at, "values of field %u are not all used", c->field);
	for (uint32_t d = 0; d < c->cols->ndocs; d++) {
		column_list l;
		if (begin && begin[d] > begin[d + 1])
			return err_corrupt(err, f->path, c->docs_at + 4 * (uint64_t)d,
					   "values of a document of field %u end before they begin", c->field);
		column_doc(c, d, &l);
		n += l.n;
		for (uint32_t i = 0; i < l.n; i++)
			if (column_list_at(&l, i) >= nvalues)
				return err_corrupt(err, f->path, c->docs_at,
						   "document %u has an unknown value of field %u", d, c->field);
	}
	if (n != c->nords)
		return err_corrupt(err, f->path, c->docs_at, "field %u has %llu values, not %u", c->field,
				   (unsigned long long)n, c->nords);
	return CDG_OK;
}

cdg_status
columns_check(const columns *cs, cdg_error *err)
{
	CDG_TRY(pfile_check(&cs->f, err));
	for (uint32_t i = 0; i < cs->nfields; i++) {
		CDG_TRY(column_check_values(&cs->fields[i], err));
		CDG_TRY(column_check_docs(&cs->fields[i], err));
	}
	return CDG_OK;
}
