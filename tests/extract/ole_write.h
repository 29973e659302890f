/* ole_write.h - makes compound files for the tests: storages and streams, in sectors of 512
 * bytes, small streams in sectors of 64.  The tree of names is a list, which readers take. */
#ifndef TESTS_EXTRACT_OLE_WRITE_H
#define TESTS_EXTRACT_OLE_WRITE_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { OLE_WRITE_ROOT = 0, OLE_WRITE_MOST = 120, OLE_WRITE_SECTOR = 512, OLE_WRITE_MINI = 64, OLE_WRITE_CUTOFF = 4096 };

static const uint32_t ole_write_end_mark = 0xfffffffe, ole_write_none = 0xffffffff;

typedef struct ole_write_entry {
	char name[32];
	int parent;
	bool storage;
	buf data;
	uint32_t start;
} ole_write_entry;

typedef struct ole_writer {
	ole_write_entry entries[OLE_WRITE_MOST];
	unsigned n;
	uint32_t fat[60000], mini[60000];
	uint32_t nfat, nmini;
	buf body, small;
} ole_writer;

static inline int
ole_write_add(ole_writer *w, int parent, const char *name, bool storage)
{
	ole_write_entry *e = &w->entries[w->n];

	if (w->n == OLE_WRITE_MOST)
		abort();
	memset(e, 0, sizeof *e);
	memcpy(e->name, name, min_size(strlen(name), sizeof e->name - 1));
	e->parent = parent;
	e->storage = storage;
	return (int)w->n++;
}

static inline void
ole_write_begin(ole_writer *w)
{
	w->n = w->nfat = w->nmini = 0;
	buf_init(&w->body);
	buf_init(&w->small);
	ole_write_add(w, -1, "Root Entry", true);
}

static inline int
ole_write_storage(ole_writer *w, int parent, const char *name)
{
	return ole_write_add(w, parent, name, true);
}

static inline void
ole_write_stream(ole_writer *w, int parent, const char *name, const void *data, size_t n)
{
	int i = ole_write_add(w, parent, name, false);

	buf_put(&w->entries[i].data, n ? data : "", n);
}

/* Bytes into sectors, with their chain in a table; the number of the first. */
static inline uint32_t
ole_write_chain(buf *body, uint32_t *table, uint32_t *used, size_t sector, const buf *data)
{
	uint32_t first = *used, count = (uint32_t)((data->len + sector - 1) / sector);

	if (!data->len)
		return ole_write_end_mark;
	if (*used + count > 60000)
		abort();
	buf_put(body, data->p, data->len);
	buf_zero(body, count * sector - data->len);
	for (uint32_t i = 0; i < count; i++)
		table[(*used)++] = i + 1 < count ? first + i + 1 : ole_write_end_mark;
	return first;
}

static inline void
ole_write_entry_put(ole_writer *w, unsigned i, buf *dir)
{
	const ole_write_entry *e = &w->entries[i];
	size_t n = strlen(e->name), at = dir->len;
	uint32_t next = ole_write_none, child = ole_write_none;

	for (unsigned k = w->n; k-- > 1;) {
		if (w->entries[k].parent == (int)i)
			child = k;
		if (i && k > i && w->entries[k].parent == e->parent)
			next = k;
	}
	for (size_t k = 0; k < n; k++)
		buf_put_u16(dir, (uint8_t)e->name[k]);
	buf_zero(dir, 64 - 2 * n);
	buf_put_u16(dir, (uint16_t)(2 * (n + 1)));
	buf_put_u8(dir, i ? (e->storage ? 1 : 2) : 5);
	buf_put_u8(dir, 1);
	buf_put_u32(dir, ole_write_none);
	buf_put_u32(dir, next);
	buf_put_u32(dir, child);
	buf_zero(dir, 36);
	buf_put_u32(dir, e->start);
	buf_put_u32(dir, (uint32_t)e->data.len);
	buf_zero(dir, 128 - (dir->len - at));
}

static inline uint32_t
ole_write_table(ole_writer *w, const uint32_t *table, uint32_t n)
{
	uint32_t first;
	buf b;

	buf_init(&b);
	for (uint32_t i = 0; i < n; i++)
		buf_put_u32(&b, table[i]);
	while (b.len % OLE_WRITE_SECTOR)
		buf_put_u32(&b, ole_write_none);
	first = ole_write_chain(&w->body, w->fat, &w->nfat, OLE_WRITE_SECTOR, &b);
	buf_fini(&b);
	return first;
}

/* The file; forgets what the writer holds. */
static inline void
ole_write_end(ole_writer *w, buf *out)
{
	uint32_t dir, mini, tables = 1, at;
	ole_write_entry *root = &w->entries[0];
	buf names;

	for (unsigned i = 1; i < w->n; i++) {
		ole_write_entry *e = &w->entries[i];

		e->start = e->storage ? 0
			   : e->data.len < OLE_WRITE_CUTOFF
				   ? ole_write_chain(&w->small, w->mini, &w->nmini, OLE_WRITE_MINI, &e->data)
				   : ole_write_chain(&w->body, w->fat, &w->nfat, OLE_WRITE_SECTOR, &e->data);
	}
	buf_put(&root->data, w->small.p ? w->small.p : (uint8_t *)"", w->small.len);
	root->start = ole_write_chain(&w->body, w->fat, &w->nfat, OLE_WRITE_SECTOR, &root->data);
	mini = ole_write_table(w, w->mini, w->nmini);
	buf_init(&names);
	for (unsigned i = 0; i < w->n; i++)
		ole_write_entry_put(w, i, &names);
	while (names.len % OLE_WRITE_SECTOR)
		buf_zero(&names, 128);
	dir = ole_write_chain(&w->body, w->fat, &w->nfat, OLE_WRITE_SECTOR, &names);
	buf_fini(&names);
	while (tables * 128 < w->nfat + tables)
		tables++;
	at = w->nfat;
	for (uint32_t i = 0; i < tables; i++)
		w->fat[w->nfat++] = 0xfffffffd;

	buf_init(out);
	buf_put(out, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
	buf_zero(out, 16);
	buf_put_u16(out, 0x3e);
	buf_put_u16(out, 3);
	buf_put_u16(out, 0xfffe);
	buf_put_u16(out, 9);
	buf_put_u16(out, 6);
	buf_zero(out, 10);
	buf_put_u32(out, tables);
	buf_put_u32(out, dir);
	buf_put_u32(out, 0);
	buf_put_u32(out, OLE_WRITE_CUTOFF);
	buf_put_u32(out, mini);
	buf_put_u32(out, (w->nmini + 127) / 128);
	buf_put_u32(out, ole_write_end_mark);
	buf_put_u32(out, 0);
	for (uint32_t i = 0; i < 109; i++)
		buf_put_u32(out, i < tables ? at + i : ole_write_none);
	buf_put(out, w->body.p, w->body.len);
	for (uint32_t i = 0; i < tables * 128; i++)
		buf_put_u32(out, i < w->nfat ? w->fat[i] : ole_write_none);
	for (unsigned i = 0; i < w->n; i++)
		buf_fini(&w->entries[i].data);
	buf_fini(&w->body);
	buf_fini(&w->small);
}

#endif
