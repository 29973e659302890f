/* sources_copies.c - see sources_copies.h.
 *
 * varint n, then each source that has copies, ascending: varint id, varint copies, each varint
 * bytes, path; then the u32 length of all this, and a mark of four letters. */
#include "indexer/sources_copies.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "engine/pfile.h"
#include "indexer/sources_db.h"

#define COPIES_MARK PFILE_KIND('C', 'O', 'P', 'Y')
enum { COPIES_TAIL = 8 };

/* ---- writing ------------------------------------------------------------------- */

bool
sources_copies_any(const sources_db *db)
{
	for (size_t i = 0; i < db->n; i++)
		if (db->p[i].copy)
			return true;
	return false;
}

static int
by_source(const void *a, const void *b)
{
	const sources_entry *x = *(const sources_entry *const *)a, *y = *(const sources_entry *const *)b;

	return x->of != y->of ? (x->of > y->of) - (x->of < y->of) : strcmp(x->path, y->path);
}

void
sources_copies_put(buf *out, const sources_db *db)
{
	const sources_entry **list = mem_alloc((db->n + 1) * sizeof *list);
	size_t n = 0, sources = 0, at = out->len;

	if (!list) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < db->n; i++)
		if (db->p[i].copy)
			list[n++] = &db->p[i];
	if (n)
		qsort(list, n, sizeof *list, by_source);
	for (size_t i = 0; i < n; i++)
		sources += i == 0 || list[i]->of != list[i - 1]->of;
	buf_put_varint(out, sources);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && list[end]->of == list[i]->of;)
			end++;
		buf_put_varint(out, list[i]->of);
		buf_put_varint(out, end - i);
		for (size_t k = i; k < end; k++) {
			buf_put_varint(out, strlen(list[k]->path));
			buf_put(out, list[k]->path, strlen(list[k]->path));
		}
	}
	mem_free(list);
	buf_put_u32(out, (uint32_t)(out->len - at));
	buf_put_u32(out, COPIES_MARK);
	out->failed |= out->len - at > UINT32_MAX;
}

/* ---- reading ------------------------------------------------------------------- */

/* The length of the table that ends at end; 0: there is none. */
static size_t
table_length(const uint8_t *end, size_t before)
{
	rd tail;
	uint32_t n;

	if (before < COPIES_TAIL)
		return 0;
	tail = rd_make(end - COPIES_TAIL, COPIES_TAIL);
	n = rd_u32(&tail);
	return rd_u32(&tail) == COPIES_MARK && n <= before - COPIES_TAIL ? n : 0;
}

bool
sources_copies_skip(rd *r)
{
	size_t left = rd_left(r);

	if (left && table_length(r->at + left, left) != left - COPIES_TAIL)
		return false;
	return !left || rd_bytes(r, left) != NULL;
}

static bool
load_source(sources_copies *c, rd *r)
{
	sources_copied s = { .source = rd_varint32(r) };
	uint64_t n = rd_varint(r);

	if (r->bad || !n || n > rd_left(r) || (c->n && c->p[c->n - 1].source >= s.source))
		return false;
	s.paths = arena_alloc(&c->mem, (size_t)n * sizeof *s.paths);
	for (; s.paths && s.n < n; s.n++) {
		uint64_t bytes = rd_varint(r);
		const uint8_t *p = bytes <= rd_left(r) ? rd_bytes(r, (size_t)bytes) : NULL;

		s.paths[s.n] = p ? arena_strndup(&c->mem, (const char *)p, (size_t)bytes) : NULL;
		if (!s.paths[s.n])
			return false;
	}
	if (!s.paths || !mem_grow(&c->p, &c->cap, c->n + 1, sizeof *c->p)) {
		c->mem.failed = true;
		return false;
	}
	c->p[c->n++] = s;
	return true;
}

static void
load_table(sources_copies *c, const pfile *f)
{
	size_t end = pfile_end(f), n;
	uint64_t sources;
	rd r;

	if (end < PFILE_HEADER + COPIES_TAIL || !pfile_ok(f, end - COPIES_TAIL, COPIES_TAIL))
		return;
	n = table_length(f->map.at + end, end - PFILE_HEADER);
	if (!n || !pfile_ok(f, end - COPIES_TAIL - n, n))
		return;
	r = rd_make(f->map.at + end - COPIES_TAIL - n, n);
	sources = rd_varint(&r);
	for (uint64_t i = 0; i < sources; i++)
		if (!load_source(c, &r)) {
			c->n = 0; /* damaged, or by chance looks like a table */
			return;
		}
}

sources_copies *
sources_copies_load(const char *dir, uint64_t generation)
{
	static const segment_id no_id;
	sources_copies *c = mem_calloc(1, sizeof *c);
	char name[40], path[4096];
	pfile f;

	if (!c)
		return NULL;
	arena_init(&c->mem);
	snprintf(name, sizeof name, "sources-%" PRIu64, generation);
	if (generation && file_join(path, sizeof path, dir, name, NULL) == CDG_OK &&
	    pfile_open(&f, path, SOURCES_KIND, &no_id, NULL) == CDG_OK) {
		load_table(c, &f);
		pfile_close(&f);
	}
	if (!c->mem.failed)
		return c;
	sources_copies_free(c);
	return NULL;
}

void
sources_copies_free(sources_copies *c)
{
	if (!c)
		return;
	arena_fini(&c->mem);
	mem_free(c->p);
	mem_free(c);
}

const sources_copied *
sources_copies_find(const sources_copies *c, uint32_t source)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->p[mid].source < source)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->n && c->p[low].source == source ? &c->p[low] : NULL;
}
