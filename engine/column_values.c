/* column_values.c - see column.h: the values of a column: ordinal to value,
 * value to ordinal, and their check.
 *
 * Strings are front-coded in groups.  A search by value is done in place: a
 * binary search over the first strings of the groups, then a walk through one
 * group that compares only the bytes a string does not share with the one
 * before.  Reading by ordinal puts the string together in a cursor.  Everything
 * is bounded by the bytes of the group: a string is never longer than these, so
 * damaged lengths cannot ask for much memory.
 */
#include "engine/column.h"

#include <math.h>

int
column_compare(const column_value *a, const column_value *b)
{
	size_t n;
	int c;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	switch (a->type) {
	case COLUMN_NUMBER:
		if (isnan(a->number) || isnan(b->number))
			return (isnan(a->number) != 0) - (isnan(b->number) != 0);
		return (a->number > b->number) - (a->number < b->number);
	case COLUMN_DATE:
		if (a->day != b->day)
			return a->day < b->day ? -1 : 1;
		return (a->precision > b->precision) - (a->precision < b->precision);
	default:
		n = min_size(a->n, b->n);
		c = n ? memcmp(a->p, b->p, n) : 0;
		return c ? c : (a->n > b->n) - (a->n < b->n);
	}
}

size_t
column_common(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		uint64_t x = load_u64(a + i) ^ load_u64(b + i);
		if (x)
			return i + (unsigned)__builtin_ctzll(x) / 8;
	}
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

static bool
column_bad(const column *c, uint64_t at, const char *why)
{
	pfile_damaged(&c->cols->f, at, why);
	return false;
}

/* ---- strings -------------------------------------------------------------------- */

CDG_INLINE uint32_t
column_ngroups(const column *c)
{
	return c->nstrings / COLUMN_GROUP + (c->nstrings % COLUMN_GROUP != 0);
}

/* The bytes of a group. */
static bool
column_group(const column *c, uint32_t g, rd *out)
{
	const pfile *f = &c->cols->f;
	uint64_t lo, hi, room = pfile_end(f) - c->strings_at, at = c->strings_at + 8 * (uint64_t)g;
	const uint8_t *p = pfile_at(f, at, 16);

	if (!p)
		return false;
	lo = load_u64(p);
	hi = load_u64(p + 8);
	if (lo < 8 * ((uint64_t)column_ngroups(c) + 1) || lo > hi || hi > room)
		return column_bad(c, at, "a group of strings lies outside the file");
	p = pfile_at(f, c->strings_at + lo, hi - lo);
	if (p)
		*out = rd_make(p, hi - lo);
	return p != NULL;
}

typedef struct column_part {
	const char *p; /* the bytes that are not shared */
	size_t shared, n;
} column_part;

/* The next string of a group, or its first; `before` is the length of the one
 * before. */
static bool
column_part_next(const column *c, rd *r, bool first, size_t before, column_part *out)
{
	uint64_t at = (uint64_t)(r->at - c->cols->f.map.at), shared = first ? 0 : rd_varint(r), n = rd_varint(r);

	if (r->bad || shared > before || n > rd_left(r))
		return column_bad(c, at, "a string lies outside its group");
	out->shared = shared;
	out->n = n;
	out->p = (const char *)rd_bytes(r, n);
	return true;
}

/* Take the string at cur->rest into the cursor. */
static bool
cursor_take(const column *c, column_cursor *cur, bool first)
{
	column_part part;

	if (!column_part_next(c, &cur->rest, first, cur->value.len, &part))
		return false;
	cur->value.len = part.shared;
	buf_put(&cur->value, part.p, part.n);
	return !cur->value.failed;
}

static bool
cursor_seek(const column *c, uint32_t i, column_cursor *cur)
{
	if (cur->c != c || i < cur->at || i / COLUMN_GROUP != cur->at / COLUMN_GROUP) {
		cur->c = NULL;
		cur->value.len = 0;
		if (!column_group(c, i / COLUMN_GROUP, &cur->rest) || !cursor_take(c, cur, true))
			return false;
		cur->c = c;
		cur->at = i - i % COLUMN_GROUP;
	}
	for (; cur->at < i; cur->at++)
		if (!cursor_take(c, cur, false)) {
			cur->c = NULL;
			return false;
		}
	return true;
}

void
column_cursor_fini(column_cursor *cur)
{
	buf_fini(&cur->value);
	memset(cur, 0, sizeof *cur);
}

cdg_status
column_error(const column *c, const column_cursor *cur, cdg_error *err)
{
	return cur->value.failed ? err_nomem(err) : pfile_error(&c->cols->f, err);
}

/* ---- by ordinal ------------------------------------------------------------------- */

static bool
column_get_number(const column *c, uint32_t i, column_value *out)
{
	const uint8_t *p = pfile_at(&c->cols->f, c->numbers_at + 8 * (uint64_t)i, 8);

	if (p)
		memcpy(&out->number, p, 8);
	return p != NULL;
}

static bool
column_get_date(const column *c, uint32_t i, column_value *out)
{
	const pfile *f = &c->cols->f;
	const uint8_t *day = pfile_at(f, c->dates_at + 4 * (uint64_t)i, 4);
	const uint8_t *precision = pfile_at(f, c->dates_at + 4 * (uint64_t)c->ndates + i, 1);

	out->type = COLUMN_DATE;
	if (!day || !precision)
		return false;
	out->day = (int32_t)load_u32(day);
	out->precision = *precision;
	return true;
}

bool
column_get(const column *c, uint32_t ord, column_value *out, column_cursor *cur)
{
	memset(out, 0, sizeof *out);
	if (ord < c->nnumbers)
		return column_get_number(c, ord, out);
	ord -= c->nnumbers;
	if (ord < c->ndates)
		return column_get_date(c, ord, out);
	ord -= c->ndates;
	if (ord >= c->nstrings)
		return column_bad(c, c->docs_at, "an ordinal has no value");
	if (!cursor_seek(c, ord, cur))
		return false;
	*out = column_string(cur->value.p ? (const char *)cur->value.p : "", cur->value.len);
	return true;
}

/* ---- by value ------------------------------------------------------------------------ */

/* Is the first string of group g above the n bytes at p? */
static bool
column_group_above(const column *c, uint32_t g, const column_value *v, bool *above)
{
	column_part head;
	column_value x;
	rd r;

	if (!column_group(c, g, &r) || !column_part_next(c, &r, true, 0, &head))
		return false;
	x = column_string(head.p, head.n);
	*above = column_compare(&x, v) > 0;
	return true;
}

/* Walk the group whose first string is the last first one not above v: *i is
 * the number of the first string above v, *same if the one before is v.
 *
 * All strings passed are below v.  `m` is how many bytes the one before has in
 * common with v: a string that shares more than these with it is below v too;
 * else the bytes it does not share decide. */
static bool
column_walk(const column *c, uint32_t g, const column_value *v, uint32_t *i, bool *same)
{
	uint32_t n = min_u32(COLUMN_GROUP, c->nstrings - g * COLUMN_GROUP);
	size_t m = 0, before = 0;
	rd r;

	*same = false;
	if (!column_group(c, g, &r))
		return false;
	for (*i = g * COLUMN_GROUP; n-- && !*same; ++*i) {
		column_part part;
		size_t k;
		if (!column_part_next(c, &r, *i % COLUMN_GROUP == 0, before, &part))
			return false;
		before = part.shared + part.n;
		if (part.shared > m)
			continue;
		k = column_common(part.p, v->p + part.shared, min_size(part.n, v->n - part.shared));
		m = part.shared + k;
		if (k == part.n)
			*same = m == v->n;
		else if (m == v->n || (uint8_t)part.p[k] > (uint8_t)v->p[m])
			break;
	}
	return true;
}

/* The number of the first string above v, and whether the one before is v. */
static bool
column_search(const column *c, const column_value *v, uint32_t *i, bool *same)
{
	column_value x = column_string(v->n ? v->p : "", v->n);
	uint32_t lo = 0, hi = column_ngroups(c);

	*i = 0;
	*same = false;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		bool above;
		if (!column_group_above(c, mid, &x, &above))
			return false;
		if (above)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo == 0 || column_walk(c, lo - 1, &x, i, same);
}

/* The first ordinal of a number or date that compares to v as > -1 (or > 0: above). */
static bool
column_bound_fixed(const column *c, const column_value *v, bool above, uint32_t *ord)
{
	bool number = v->type == COLUMN_NUMBER;
	uint32_t lo = 0, hi = number ? c->nnumbers : c->ndates;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		column_value x = { 0 };
		int cmp;
		if (number ? !column_get_number(c, mid, &x) : !column_get_date(c, mid, &x))
			return false;
		cmp = column_compare(&x, v);
		if (cmp > 0 || (cmp == 0 && !above))
			hi = mid;
		else
			lo = mid + 1;
	}
	*ord = number ? lo : c->nnumbers + lo;
	return true;
}

static bool
column_bound(const column *c, const column_value *v, bool above, uint32_t *ord)
{
	uint32_t i;
	bool same;

	if (v->type != COLUMN_STRING)
		return column_bound_fixed(c, v, above, ord);
	if (!column_search(c, v, &i, &same))
		return false;
	*ord = c->nnumbers + c->ndates + i - (same && !above);
	return true;
}

bool
column_lower_bound(const column *c, const column_value *v, uint32_t *ord)
{
	return column_bound(c, v, false, ord);
}

bool
column_upper_bound(const column *c, const column_value *v, uint32_t *ord)
{
	return column_bound(c, v, true, ord);
}

uint32_t
column_equal(const column *c, const char *p, size_t n)
{
	column_value v = column_string(p, n);
	uint32_t i;
	bool same;

	if (!column_search(c, &v, &i, &same) || !same)
		return COLUMN_NONE;
	return c->nnumbers + c->ndates + i - 1;
}

/* ---- check ----------------------------------------------------------------------------- */

static cdg_status
column_check_fixed(const column *c, cdg_error *err)
{
	const pfile *f = &c->cols->f;
	column_cursor none = { 0 };
	column_value prev = { 0 }, v;

	for (uint32_t i = 0; i < c->nnumbers + c->ndates; i++) {
		if (!column_get(c, i, &v, &none))
			return pfile_error(f, err);
		if (v.type == COLUMN_NUMBER && v.number == 0 && signbit(v.number))
			return err_corrupt(err, f->path, c->numbers_at + 8 * (uint64_t)i, "a number is -0");
		if (v.type == COLUMN_DATE && v.precision > 2)
			return err_corrupt(err, f->path, c->dates_at, "precision of date %u is %u",
					   i - c->nnumbers, v.precision);
		if (i && column_compare(&prev, &v) >= 0)
			return err_corrupt(err, f->path, v.type == COLUMN_NUMBER ? c->numbers_at : c->dates_at,
					   "values of field %u do not ascend at %u", c->field, i);
		prev = v;
	}
	return CDG_OK;
}

/* Does the string ascend from the one in the cursor, sharing all it can? */
static bool
column_check_part(const column_part *part, const buf *before, bool first)
{
	column_value a, b;

	if (first) {
		a = column_string((const char *)before->p, before->len);
		b = column_string(part->p, part->n);
		return column_compare(&a, &b) < 0;
	}
	/* it goes on where the other ends, or with a greater byte */
	return part->n && (part->shared == before->len || (uint8_t)*part->p > before->p[part->shared]);
}

static cdg_status
column_check_group(const column *c, uint32_t g, column_cursor *cur, cdg_error *err)
{
	const pfile *f = &c->cols->f;
	uint32_t first = g * COLUMN_GROUP, n = min_u32(COLUMN_GROUP, c->nstrings - first);

	if (!column_group(c, g, &cur->rest))
		return pfile_error(f, err);
	for (uint32_t i = 0; i < n; i++) {
		rd ahead = cur->rest;
		column_part part;
		if (!column_part_next(c, &ahead, i == 0, cur->value.len, &part))
			return pfile_error(f, err);
		if ((i || g) && !column_check_part(&part, &cur->value, i == 0))
			return err_corrupt(err, f->path, (uint64_t)(cur->rest.at - f->map.at),
					   "string %u of field %u does not ascend", first + i, c->field);
		if (!cursor_take(c, cur, i == 0))
			return column_error(c, cur, err);
	}
	if (rd_left(&cur->rest))
		return err_corrupt(err, f->path, (uint64_t)(cur->rest.at - f->map.at),
				   "a group of strings of field %u has bytes left over", c->field);
	return CDG_OK;
}

cdg_status
column_check_values(const column *c, cdg_error *err)
{
	const pfile *f = &c->cols->f;
	column_cursor cur = { 0 };
	cdg_status st = column_check_fixed(c, err);

	if (st == CDG_OK && load_u64(f->map.at + c->strings_at) != 8 * ((uint64_t)column_ngroups(c) + 1))
		st = err_corrupt(err, f->path, c->strings_at, "strings of field %u begin wrongly", c->field);
	for (uint32_t g = 0; st == CDG_OK && g < column_ngroups(c); g++)
		st = column_check_group(c, g, &cur, err);
	column_cursor_fini(&cur);
	return st;
}
