/* column_build.c - collecting metadata values and writing .cols files; see
 * column.h for the layout.
 *
 * A builder keeps, per field, its distinct values (found by a hash table) and
 * one (document, value number) pair a value in the order they came.  Writing
 * takes one field at a time over all builders: sorts the distinct values that a
 * document of the segment still uses, gives them ordinals, and lays the pairs
 * out by document.  What it needs for that is freed before the next field.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "engine/column.h"

#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

enum { STRING_MAX = 1 << 30 };

typedef struct distinct {
	uint64_t bits; /* number or date: a key that sorts as the value; string: its pointer */
	uint32_t len;
	uint32_t hash_type; /* hash with the type in the low 2 bits */
} distinct;

typedef struct pair {
	uint32_t doc, id;
} pair;

typedef struct build_field {
	uint16_t field;
	bool list;
	pair *pairs;
	size_t npairs, cap_pairs;
	distinct *values;
	size_t nvalues, cap_values;
	uint32_t *slots; /* value number + 1, 0 = free; nslots is a power of two */
	size_t nslots;
} build_field;

struct column_builder {
	arena strings;
	build_field **fields; /* by field number, NULL: not met */
	size_t nfields;
};

/* ---- keys --------------------------------------------------------------------- */

static uint64_t
column_number_key(double x)
{
	uint64_t u;

	if (isnan(x))
		return UINT64_MAX; /* one NaN, above all */
	if (x == 0)
		x = 0; /* no -0 */
	memcpy(&u, &x, 8);
	return u >> 63 ? ~u : u | (uint64_t)1 << 63;
}

static double
column_key_number(uint64_t key)
{
	double x;

	if (key == UINT64_MAX)
		return (double)NAN;
	key = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
	memcpy(&x, &key, 8);
	return x;
}

static uint64_t
column_date_key(int32_t day, uint8_t precision)
{
	return (uint64_t)((uint32_t)day ^ 0x80000000u) << 8 | precision;
}

CDG_INLINE unsigned
distinct_type(const distinct *v)
{
	return v->hash_type & 3;
}

CDG_INLINE const char *
distinct_string(const distinct *v)
{
	return (const char *)(uintptr_t)v->bits;
}

/* ---- the builder ---------------------------------------------------------------- */

column_builder *
column_builder_new(void)
{
	column_builder *b = mem_calloc(1, sizeof *b);
	if (b)
		arena_init(&b->strings);
	return b;
}

static void
build_field_free(build_field *f)
{
	if (!f)
		return;
	mem_free(f->pairs);
	mem_free(f->values);
	mem_free(f->slots);
	mem_free(f);
}

void
column_builder_reset(column_builder *b)
{
	for (size_t i = 0; i < b->nfields; i++) {
		build_field_free(b->fields[i]);
		b->fields[i] = NULL;
	}
	arena_reset(&b->strings);
}

void
column_builder_free(column_builder *b)
{
	if (!b)
		return;
	column_builder_reset(b);
	arena_fini(&b->strings);
	mem_free(b->fields);
	mem_free(b);
}

size_t
column_builder_bytes(const column_builder *b)
{
	size_t n = sizeof *b + b->nfields * sizeof *b->fields + b->strings.bytes;

	for (size_t i = 0; i < b->nfields; i++) {
		const build_field *f = b->fields[i];
		if (f)
			n += sizeof *f + f->cap_pairs * sizeof *f->pairs +
			     f->cap_values * sizeof *f->values + f->nslots * sizeof *f->slots;
	}
	return n;
}

static build_field *
build_field_get(column_builder *b, uint16_t field)
{
	size_t had = b->nfields;

	if (field >= had) {
		if (!mem_grow(&b->fields, &b->nfields, (size_t)field + 1, sizeof *b->fields))
			return NULL;
		memset(b->fields + had, 0, (b->nfields - had) * sizeof *b->fields);
	}
	if (!b->fields[field]) {
		b->fields[field] = mem_calloc(1, sizeof **b->fields);
		if (b->fields[field])
			b->fields[field]->field = field;
	}
	return b->fields[field];
}

static bool
build_rehash(build_field *f)
{
	size_t n = f->nslots ? f->nslots * 2 : 16;
	uint32_t *slots = mem_calloc(n, sizeof *slots);

	if (!slots)
		return false;
	for (size_t i = 0; i < f->nvalues; i++) {
		size_t at = (f->values[i].hash_type >> 2) & (n - 1);
		while (slots[at])
			at = (at + 1) & (n - 1);
		slots[at] = (uint32_t)i + 1;
	}
	mem_free(f->slots);
	f->slots = slots;
	f->nslots = n;
	return true;
}

static bool
distinct_equal(const distinct *a, const distinct *b)
{
	if (a->hash_type != b->hash_type || a->len != b->len)
		return false;
	if (distinct_type(a) != COLUMN_STRING)
		return a->bits == b->bits;
	return memcmp(distinct_string(a), distinct_string(b), a->len) == 0;
}

/* What a value looks like among the distinct; strings still point to the caller's. */
static distinct
distinct_make(const column_value *v)
{
	distinct d = { 0, 0, 0 };
	uint64_t h;

	if (v->type == COLUMN_STRING) {
		d.bits = (uintptr_t)(v->n ? v->p : "");
		d.len = (uint32_t)v->n;
		h = XXH3_64bits(v->n ? v->p : "", v->n);
	} else {
		d.bits = v->type == COLUMN_NUMBER ? column_number_key(v->number) :
						    column_date_key(v->day, v->precision);
		h = XXH3_64bits(&d.bits, 8);
	}
	d.hash_type = (uint32_t)h << 2 | v->type;
	return d;
}

/* The number of a value, new or known. */
static cdg_status
build_intern(column_builder *b, build_field *f, const column_value *v, uint32_t *id, cdg_error *err)
{
	distinct d;
	size_t at;

	if (v->type > COLUMN_STRING || (v->type == COLUMN_DATE && v->precision > 2))
		return err_set(err, CDG_E_ARG, "a metadata value has no type");
	if (v->type == COLUMN_STRING && v->n > STRING_MAX)
		return err_set(err, CDG_E_LIMIT, "a metadata value has %zu bytes; the limit is %d", v->n,
			       STRING_MAX);
	if (f->nvalues >= f->nslots / 4 * 3 && !build_rehash(f))
		return err_nomem(err);
	d = distinct_make(v);
	for (at = (d.hash_type >> 2) & (f->nslots - 1); f->slots[at]; at = (at + 1) & (f->nslots - 1))
		if (distinct_equal(&f->values[f->slots[at] - 1], &d)) {
			*id = f->slots[at] - 1;
			return CDG_OK;
		}
	if (f->nvalues >= UINT32_MAX - 2)
		return err_set(err, CDG_E_LIMIT, "a field has too many different values");
	if (!mem_grow(&f->values, &f->cap_values, f->nvalues + 1, sizeof *f->values))
		return err_nomem(err);
	if (v->type == COLUMN_STRING) {
		char *p = arena_strndup(&b->strings, distinct_string(&d), d.len);
		if (!p)
			return err_nomem(err);
		d.bits = (uintptr_t)p;
	}
	f->values[f->nvalues] = d;
	*id = (uint32_t)f->nvalues++;
	f->slots[at] = *id + 1;
	return CDG_OK;
}

static cdg_status
build_pair(build_field *f, uint32_t doc, uint32_t id, cdg_error *err)
{
	if (f->npairs >= UINT32_MAX - 2)
		return err_set(err, CDG_E_LIMIT, "a field has too many values");
	if (!mem_grow(&f->pairs, &f->cap_pairs, f->npairs + 1, sizeof *f->pairs))
		return err_nomem(err);
	f->pairs[f->npairs].doc = doc;
	f->pairs[f->npairs].id = id;
	f->npairs++;
	return CDG_OK;
}

cdg_status
column_builder_add(column_builder *b, uint32_t doc, uint16_t field, const column_value *value, bool list,
		   cdg_error *err)
{
	build_field *f = build_field_get(b, field);
	uint32_t id;

	if (!f)
		return err_nomem(err);
	CDG_TRY(build_intern(b, f, value, &id, err));
	f->list |= list;
	return build_pair(f, doc, id, err);
}

/* ids[ord] = 1 for each value that a document which stays has. */
static cdg_status
build_mark(const column *c, const uint32_t *map, uint32_t *ids, cdg_error *err)
{
	for (uint32_t d = 0; d < c->cols->ndocs; d++) {
		column_list l;
		if (map && map[d] == UINT32_MAX)
			continue;
		column_doc(c, d, &l);
		for (uint32_t i = 0; i < l.n; i++) {
			uint32_t ord = column_list_at(&l, i);
			if (ord >= column_nvalues(c)) {
				pfile_damaged(&c->cols->f, c->docs_at, "an ordinal has no value");
				return pfile_error(&c->cols->f, err);
			}
			ids[ord] = 1;
		}
	}
	return CDG_OK;
}

/* The marked values, in order: each group of strings is read once.  ids[ord] =
 * number + 1. */
static cdg_status
build_add_values(column_builder *b, build_field *f, const column *c, uint32_t *ids, cdg_error *err)
{
	column_cursor cur = { 0 };
	cdg_status st = CDG_OK;

	for (uint32_t ord = 0; st == CDG_OK && ord < column_nvalues(c); ord++) {
		column_value v;
		if (!ids[ord])
			continue;
		st = column_get(c, ord, &v, &cur) ? build_intern(b, f, &v, &ids[ord], err) :
						    column_error(c, &cur, err);
		ids[ord]++;
	}
	column_cursor_fini(&cur);
	return st;
}

static cdg_status
build_add_docs(build_field *f, const column *c, const uint32_t *map, uint32_t first, const uint32_t *ids,
	       cdg_error *err)
{
	for (uint32_t d = 0; d < c->cols->ndocs; d++) {
		uint32_t doc = map ? map[d] : d + first;
		column_list l;
		if (doc == UINT32_MAX)
			continue;
		column_doc(c, d, &l);
		for (uint32_t i = 0; i < l.n; i++) {
			uint32_t ord = column_list_at(&l, i);
			if (ord >= column_nvalues(c) || !ids[ord]) { /* the file changed under us */
				pfile_damaged(&c->cols->f, c->docs_at, "an ordinal has no value");
				return pfile_error(&c->cols->f, err);
			}
			CDG_TRY(build_pair(f, doc, ids[ord] - 1, err));
		}
	}
	return atomic_load(&c->cols->f.bad) ? pfile_error(&c->cols->f, err) : CDG_OK;
}

cdg_status
column_builder_add_column(column_builder *b, const column *c, const uint32_t *map, uint32_t first,
			  cdg_error *err)
{
	build_field *f = build_field_get(b, c->field);
	uint32_t *ids = f ? mem_calloc(column_nvalues(c), sizeof *ids) : NULL;
	cdg_status st;

	if (!ids)
		return err_nomem(err);
	f->list |= c->list;
	st = build_mark(c, map, ids, err);
	if (st == CDG_OK)
		st = build_add_values(b, f, c, ids, err);
	if (st == CDG_OK)
		st = build_add_docs(f, c, map, first, ids, err);
	mem_free(ids);
	return st;
}

/* ---- writing one field ------------------------------------------------------------ */

typedef struct sorted {
	uint64_t key;      /* the bits; of a string, 8 bytes after what all have in common */
	uint32_t src_type; /* builder << 2 | type */
	uint32_t id;
} sorted;

typedef struct field_write {
	column_builder *const *builders;
	size_t n;
	const uint32_t *const *maps;
	const uint32_t *nmap;
	uint32_t ndocs;
	uint16_t field;
	uint32_t **ords;   /* per builder: value number -> ordinal */
	uint32_t *begin;   /* ndocs + 1 */
	sorted *values;
	size_t nvalues;
	uint32_t count[3]; /* distinct values by type */
	uint64_t nords;
	uint32_t most;     /* values of one document */
	bool list;
} field_write;

static const build_field *
field_source(const field_write *w, size_t b)
{
	const column_builder *cb = w->builders[b];
	return cb && w->field < cb->nfields ? cb->fields[w->field] : NULL;
}

static const distinct *
field_value(const field_write *w, const sorted *s)
{
	return &field_source(w, s->src_type >> 2)->values[s->id];
}

/* The document of the segment, or UINT32_MAX. */
CDG_INLINE uint32_t
field_doc(const field_write *w, size_t b, uint32_t doc)
{
	return w->maps && w->maps[b] ? w->maps[b][doc] : doc;
}

/* Which values are used, how many a document has. */
static cdg_status
field_count(field_write *w, size_t *distinct_used, cdg_error *err)
{
	for (size_t b = 0; b < w->n; b++) {
		const build_field *f = field_source(w, b);
		if (!f)
			continue;
		w->ords[b] = mem_calloc(f->nvalues, sizeof **w->ords);
		if (!w->ords[b])
			return err_nomem(err);
		w->list |= f->list;
		for (size_t i = 0; i < f->npairs; i++) {
			uint32_t doc = f->pairs[i].doc;
			if (w->maps && w->maps[b] && doc >= w->nmap[b])
				return err_set(err, CDG_E_ARG, "document %u of a field has no number", doc);
			doc = field_doc(w, b, doc);
			if (doc == UINT32_MAX)
				continue;
			if (doc >= w->ndocs)
				return err_set(err, CDG_E_ARG, "document %u of a field is past the last one", doc);
			w->begin[doc + 1]++;
			w->most = max_u32(w->most, w->begin[doc + 1]);
			w->nords++;
			*distinct_used += !w->ords[b][f->pairs[i].id];
			w->ords[b][f->pairs[i].id] = 1;
		}
	}
	if (w->nords >= UINT32_MAX - 1)
		return err_set(err, CDG_E_LIMIT, "a field has more than %u values", UINT32_MAX - 2);
	return CDG_OK;
}

/* The used value number i of builder b, or NULL. */
static const distinct *
field_used(const field_write *w, size_t b, size_t i)
{
	return w->ords[b][i] ? &field_source(w, b)->values[i] : NULL;
}

/* How many bytes all strings begin with in common ("https://www."). */
static size_t
field_common(const field_write *w)
{
	const distinct *first = NULL;
	size_t common = 0;

	for (size_t b = 0; b < w->n; b++) {
		const build_field *f = field_source(w, b);
		for (size_t i = 0; f && i < f->nvalues; i++) {
			const distinct *v = field_used(w, b, i);
			if (!v || distinct_type(v) != COLUMN_STRING)
				continue;
			if (!first) {
				first = v;
				common = v->len;
			}
			common = column_common(distinct_string(v), distinct_string(first), min_size(common, v->len));
		}
	}
	return common;
}

/* Of a string: 8 bytes from `skip` on, as a number that sorts like them. */
static uint64_t
field_key(const distinct *v, size_t skip)
{
	uint8_t b[8] = { 0 };
	uint64_t key;

	if (distinct_type(v) != COLUMN_STRING)
		return v->bits;
	memcpy(b, distinct_string(v) + skip, min_size(8, v->len - skip));
	memcpy(&key, b, 8);
	return __builtin_bswap64(key);
}

static int
field_order(const void *pa, const void *pb, void *ctx)
{
	const sorted *a = pa, *b = pb;
	const distinct *x, *y;
	int c;

	if ((a->src_type & 3) != (b->src_type & 3))
		return (a->src_type & 3) < (b->src_type & 3) ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if ((a->src_type & 3) != COLUMN_STRING)
		return 0;
	x = field_value(ctx, a);
	y = field_value(ctx, b);
	c = memcmp(distinct_string(x), distinct_string(y), min_size(x->len, y->len));
	return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* Sort the used values, give them ordinals, keep one of those that are equal. */
static cdg_status
field_sort(field_write *w, size_t used, cdg_error *err)
{
	size_t n = 0, out = 0, skip = field_common(w);

	w->values = mem_alloc(used * sizeof *w->values);
	if (!w->values)
		return err_nomem(err);
	for (size_t b = 0; b < w->n; b++) {
		const build_field *f = field_source(w, b);
		for (size_t i = 0; f && i < f->nvalues; i++)
			if (field_used(w, b, i)) {
				sorted s = { field_key(&f->values[i], skip),
					     (uint32_t)b << 2 | distinct_type(&f->values[i]), (uint32_t)i };
				w->values[n++] = s;
			}
	}
	qsort_r(w->values, n, sizeof *w->values, field_order, w);
	for (size_t i = 0; i < n; i++) {
		sorted s = w->values[i];
		if (!out || field_order(&w->values[out - 1], &s, w) != 0) {
			w->values[out++] = s;
			w->count[s.src_type & 3]++;
		}
		w->ords[s.src_type >> 2][s.id] = (uint32_t)out - 1;
	}
	w->nvalues = out;
	return CDG_OK;
}

/* Size of string i of `v` as it is written; write it if `out`. */
static uint64_t
field_put_string(const field_write *w, const sorted *v, size_t i, pwriter *out)
{
	const distinct *d = field_value(w, &v[i]);
	uint8_t head[20], *h = head;
	size_t shared = 0;

	if (i % COLUMN_GROUP) {
		const distinct *before = field_value(w, &v[i - 1]);
		shared = column_common(distinct_string(d), distinct_string(before), min_size(d->len, before->len));
		h = varint_write(h, shared);
	}
	h = varint_write(h, d->len - shared);
	if (out) {
		pwriter_put(out, head, (size_t)(h - head));
		pwriter_put(out, distinct_string(d) + shared, d->len - shared);
	}
	return (size_t)(h - head) + d->len - shared;
}

static void
field_put_strings(const field_write *w, const sorted *v, size_t n, pwriter *out)
{
	uint64_t off = 8 * ((n + COLUMN_GROUP - 1) / COLUMN_GROUP + 1);

	for (size_t i = 0; i < n; i++) {
		if (i % COLUMN_GROUP == 0)
			pwriter_put(out, &off, 8);
		off += field_put_string(w, v, i, NULL);
	}
	pwriter_put(out, &off, 8);
	for (size_t i = 0; i < n; i++)
		field_put_string(w, v, i, out);
}

static void
field_put_values(const field_write *w, pwriter *out, uint64_t at[3])
{
	size_t nn = w->count[0], nd = w->count[1];
	const sorted *dates = w->values + nn;

	pwriter_align(out, 8);
	at[0] = pwriter_tell(out);
	for (size_t i = 0; i < nn; i++) {
		double x = column_key_number(w->values[i].key);
		pwriter_put(out, &x, 8);
	}
	at[1] = pwriter_tell(out);
	for (size_t i = 0; i < nd; i++) {
		uint32_t day = (uint32_t)(dates[i].key >> 8) ^ 0x80000000u;
		pwriter_put(out, &day, 4);
	}
	for (size_t i = 0; i < nd; i++) {
		uint8_t precision = (uint8_t)dates[i].key;
		pwriter_put(out, &precision, 1);
	}
	pwriter_align(out, 8);
	at[2] = pwriter_tell(out);
	field_put_strings(w, dates + nd, w->count[2], out);
	pwriter_align(out, 8);
}

static cdg_status
field_put_single(const field_write *w, pwriter *out, unsigned width, cdg_error *err)
{
	uint8_t *docs = mem_calloc(w->ndocs, width);

	if (!docs)
		return err_nomem(err);
	for (size_t b = 0; b < w->n; b++) {
		const build_field *f = field_source(w, b);
		for (size_t i = 0; f && i < f->npairs; i++) {
			uint32_t doc = field_doc(w, b, f->pairs[i].doc), v;
			if (doc == UINT32_MAX)
				continue;
			v = w->ords[b][f->pairs[i].id] + 1;
			memcpy(docs + (size_t)doc * width, &v, width); /* little-endian */
		}
	}
	pwriter_put(out, docs, (size_t)w->ndocs * width);
	mem_free(docs);
	return CDG_OK;
}

static cdg_status
field_put_multi(field_write *w, pwriter *out, cdg_error *err)
{
	uint32_t *ords = mem_alloc(w->nords * sizeof *ords);

	if (!ords)
		return err_nomem(err);
	for (uint32_t d = 0; d < w->ndocs; d++)
		w->begin[d + 1] += w->begin[d];
	pwriter_put(out, w->begin, 4 * ((size_t)w->ndocs + 1));
	for (size_t b = 0; b < w->n; b++) {
		const build_field *f = field_source(w, b);
		for (size_t i = 0; f && i < f->npairs; i++) {
			uint32_t doc = field_doc(w, b, f->pairs[i].doc);
			if (doc != UINT32_MAX)
				ords[w->begin[doc]++] = w->ords[b][f->pairs[i].id];
		}
	}
	pwriter_put(out, ords, 4 * w->nords);
	mem_free(ords);
	return CDG_OK;
}

static cdg_status
field_put(field_write *w, pwriter *out, buf *dir, cdg_error *err)
{
	uint64_t at[3], docs_at;
	unsigned width = 0;
	size_t used = 0;

	CDG_TRY(field_count(w, &used, err));
	if (!w->nords)
		return CDG_OK; /* every document that had it was left out */
	CDG_TRY(field_sort(w, used, err));
	field_put_values(w, out, at);
	docs_at = pwriter_tell(out);
	if (w->most <= 1) {
		width = w->nvalues <= UINT8_MAX ? 1 : w->nvalues <= UINT16_MAX ? 2 : 4;
		CDG_TRY(field_put_single(w, out, width, err));
	} else {
		CDG_TRY(field_put_multi(w, out, err));
	}
	pwriter_align(out, 8);
	buf_put_u16(dir, w->field);
	buf_put_u8(dir, (uint8_t)width);
	buf_put_u8(dir, w->list);
	for (unsigned i = 0; i < 3; i++)
		buf_put_u32(dir, w->count[i]);
	for (unsigned i = 0; i < 3; i++)
		buf_put_u64(dir, at[i]);
	buf_put_u64(dir, docs_at);
	buf_put_u64(dir, w->nords);
	buf_put_u64(dir, 0);
	return dir->failed ? err_nomem(err) : CDG_OK;
}

static cdg_status
field_write_one(field_write *w, pwriter *out, buf *dir, cdg_error *err)
{
	bool any = false;
	cdg_status st;

	for (size_t b = 0; b < w->n; b++)
		any |= field_source(w, b) != NULL;
	if (!any)
		return CDG_OK;
	w->ords = mem_calloc(w->n, sizeof *w->ords);
	w->begin = mem_calloc((size_t)w->ndocs + 1, sizeof *w->begin);
	st = w->ords && w->begin ? field_put(w, out, dir, err) : err_nomem(err);
	for (size_t b = 0; w->ords && b < w->n; b++)
		mem_free(w->ords[b]);
	mem_free(w->ords);
	mem_free(w->begin);
	mem_free(w->values);
	return st;
}

cdg_status
column_write(pwriter *out, column_builder *const *builders, size_t n, const uint32_t *const *maps,
	     const uint32_t *nmap, uint32_t ndocs, cdg_error *err)
{
	size_t most = 0;
	uint64_t dir_at;
	uint32_t nfields;
	cdg_status st = CDG_OK;
	buf dir;

	buf_init(&dir);
	if (n >= 1u << 30)
		return err_set(err, CDG_E_ARG, "too many column builders");
	for (size_t b = 0; b < n; b++)
		if (builders[b])
			most = max_size(most, builders[b]->nfields);
	for (size_t field = 0; field < most && field <= UINT16_MAX && st == CDG_OK; field++) {
		field_write w = { .builders = builders, .n = n, .maps = maps, .nmap = nmap,
				  .ndocs = ndocs, .field = (uint16_t)field };
		st = field_write_one(&w, out, &dir, err);
	}
	pwriter_align(out, 8);
	dir_at = pwriter_tell(out);
	nfields = (uint32_t)(dir.len / COLUMN_DIR);
	if (dir.len)
		pwriter_put(out, dir.p, dir.len);
	pwriter_put(out, &dir_at, 8);
	pwriter_put(out, &nfields, 4);
	pwriter_put(out, &ndocs, 4);
	buf_fini(&dir);
	return st;
}
