/* ole.c - see ole.h. */
#include "extract/reader/ole.h"

#include <strings.h>

enum {
	OLE_HEADER = 512,
	OLE_IN_HEADER = 109, /* numbers of sectors of the table, in the header */
	OLE_DIRENT = 128,
};

static const uint32_t ole_last = 0xfffffffa; /* larger numbers are no sectors */
static const uint32_t ole_unread = 0xfffffff0; /* that part of the table is not in the file */

static const uint8_t *
ole_sector(const ole *o, uint32_t i)
{
	uint64_t at = ((uint64_t)i + 1) << o->shift;

	return i < o->sectors && at < o->n ? o->data + at : NULL;
}

/* Bytes of a sector that are in the file: the last one may be cut. */
static size_t
ole_sector_size(const ole *o, uint32_t i)
{
	uint64_t at = ((uint64_t)i + 1) << o->shift;

	return at < o->n ? min_size((size_t)1 << o->shift, o->n - (size_t)at) : 0;
}

/* The sector behind i in its chain.  Where the table is lost they are taken to follow each
 * other, as they mostly do. */
static uint32_t
ole_after(ole *o, uint32_t i)
{
	if (o->fat[i] != ole_unread)
		return o->fat[i];
	o->damaged = true;
	return i + 1;
}

/* ---- tables --------------------------------------------------------------------------- */

static void
ole_fat_part(ole *o, size_t *filled, uint32_t sector)
{
	const uint8_t *p = ole_sector(o, sector);
	size_t per = (size_t)1 << (o->shift - 2), have = p ? ole_sector_size(o, sector) / 4 : 0;

	for (size_t i = 0; i < per && *filled < o->sectors; i++, ++*filled)
		if (i < have)
			o->fat[*filled] = load_u32(p + 4 * i);
	if (have < per)
		o->damaged = true;
}

/* The header names the first sectors of the table, a chain of others the rest. */
static void
ole_fat(ole *o)
{
	size_t per = ((size_t)1 << (o->shift - 2)) - 1, filled = 0;
	uint32_t next = load_u32(o->data + 68);

	for (size_t i = 0; i < o->sectors; i++)
		o->fat[i] = ole_unread;
	for (size_t i = 0; i < OLE_IN_HEADER && filled < o->sectors; i++) {
		uint32_t at = load_u32(o->data + 76 + 4 * i);

		if (at >= ole_last)
			return;
		ole_fat_part(o, &filled, at);
	}
	for (uint32_t steps = 0; next < ole_last && filled < o->sectors && steps < o->sectors; steps++) {
		const uint8_t *p = ole_sector(o, next);

		if (!p || ole_sector_size(o, next) < (size_t)1 << o->shift) {
			o->damaged = true;
			return;
		}
		for (size_t i = 0; i < per && filled < o->sectors; i++)
			if (load_u32(p + 4 * i) < ole_last)
				ole_fat_part(o, &filled, load_u32(p + 4 * i));
		next = load_u32(p + 4 * per);
	}
}

/* A chain of sectors, up to `size` bytes; with `known`, less is damage. */
static cdg_status
ole_chain(ole *o, uint32_t at, uint64_t size, bool known, buf *out, cdg_error *err)
{
	out->len = 0;
	size = size < o->n ? size : o->n;
	CDG_TRY(extract_charge(o->job, o->in, 0, err));
	for (uint32_t steps = 0; at < o->sectors && out->len < size && steps < o->sectors; steps++) {
		size_t k = min_size(ole_sector_size(o, at), (size_t)size - out->len);

		if (!k)
			break;
		CDG_TRY(extract_charge(o->job, o->in, k, err));
		buf_put(out, ole_sector(o, at), k);
		at = ole_after(o, at);
	}
	if (out->len < size && known)
		o->damaged = true;
	return out->failed ? err_nomem(err) : CDG_OK;
}

static cdg_status
ole_mini_chain(ole *o, uint32_t at, uint64_t size, buf *out, cdg_error *err)
{
	size_t step = (size_t)1 << o->mini_shift;

	out->len = 0;
	for (size_t steps = 0; out->len < size && steps < o->nmini && at < o->nmini; steps++) {
		size_t from = (size_t)at << o->mini_shift;
		size_t k = from < o->mini.len ? min_size(step, o->mini.len - from) : 0;

		k = min_size(k, (size_t)size - out->len);
		if (!k)
			break;
		CDG_TRY(extract_charge(o->job, o->in, k, err));
		buf_put(out, o->mini.p + from, k);
		at = o->mini_fat[at];
	}
	if (out->len < size)
		o->damaged = true;
	return out->failed ? err_nomem(err) : CDG_OK;
}

static cdg_status
ole_mini(ole *o, cdg_error *err)
{
	buf table;
	cdg_status st;

	buf_init(&table);
	st = ole_chain(o, load_u32(o->data + 60), o->n, false, &table, err);
	if (st == CDG_OK && table.len >= 4) {
		o->nmini = table.len / 4;
		o->mini_fat = mem_dup(table.p, o->nmini * 4);
		if (!o->mini_fat)
			st = err_nomem(err);
	}
	buf_fini(&table);
	if (st == CDG_OK && o->nmini)
		st = ole_chain(o, o->entries[OLE_ROOT].start, o->entries[OLE_ROOT].size, true, &o->mini, err);
	return st;
}

/* ---- names ---------------------------------------------------------------------------- */

static void
ole_entry_read(ole_entry *e, const uint8_t *p, bool large)
{
	size_t n = load_u16(p + 64) / 2;

	memset(e, 0, sizeof *e);
	n = n ? min_size(n - 1, sizeof e->name - 1) : 0;
	for (size_t i = 0; i < n; i++) {
		uint16_t c = load_u16(p + 2 * i);

		e->name[i] = (char)(c && c < 0x7f ? c : '?');
	}
	e->type = p[66];
	e->parent = e->first = e->next = OLE_NONE;
	e->left = load_u32(p + 68);
	e->right = load_u32(p + 72);
	e->child = load_u32(p + 76);
	e->start = load_u32(p + 116);
	e->size = large ? load_u64(p + 120) : load_u32(p + 120);
}

/* Who stands in which storage: each entry once, whatever the tree says. */
static cdg_status
ole_tree(ole *o, cdg_error *err)
{
	uint32_t *todo = mem_alloc(o->nentries * sizeof *todo);
	size_t n = 0;

	if (!todo)
		return err_nomem(err);
	o->entries[OLE_ROOT].seen = true;
	todo[n++] = OLE_ROOT;
	while (n) {
		uint32_t at = todo[--n];
		const ole_entry *e = &o->entries[at];
		const uint32_t next[] = { e->left, e->right, e->child };

		for (size_t i = 0; i < countof(next); i++) {
			ole_entry *to;

			if (next[i] >= o->nentries || (i == 2 && e->type == OLE_STREAM) || (i < 2 && at == OLE_ROOT))
				continue;
			to = &o->entries[next[i]];
			if (to->seen || to->type == OLE_FREE)
				continue;
			to->seen = true;
			to->parent = i == 2 ? (int32_t)at : e->parent;
			todo[n++] = next[i];
		}
	}
	mem_free(todo);
	for (size_t i = o->nentries; i--;) {
		ole_entry *e = &o->entries[i];

		if (!e->seen || e->parent < 0)
			continue;
		e->next = o->entries[e->parent].first;
		o->entries[e->parent].first = (int32_t)i;
	}
	return CDG_OK;
}

static cdg_status
ole_names(ole *o, cdg_error *err)
{
	bool large = load_u16(o->data + 26) >= 4;
	cdg_status st;
	buf dir;

	buf_init(&dir);
	st = ole_chain(o, load_u32(o->data + 48), o->n, false, &dir, err);
	for (size_t i = 0; st == CDG_OK && i + OLE_DIRENT <= dir.len && o->nentries < OLE_ENTRIES; i += OLE_DIRENT) {
		if (!mem_grow(&o->entries, &o->entries_cap, o->nentries + 1, sizeof *o->entries))
			st = err_nomem(err);
		else
			ole_entry_read(&o->entries[o->nentries++], dir.p + i, large);
	}
	buf_fini(&dir);
	if (st == CDG_OK && o->nentries && o->entries[OLE_ROOT].type == OLE_TOP)
		st = ole_tree(o, err);
	return st;
}

bool
ole_open(ole *o, extract_job *job, const extract_input *in, const char **why, cdg_status *st, cdg_error *err)
{
	memset(o, 0, sizeof *o);
	o->job = job;
	o->in = in;
	o->data = (const uint8_t *)in->data;
	o->n = in->n;
	*st = CDG_OK;
	*why = "an office document of before 2007 that ends in its first sector";
	if (o->n <= OLE_HEADER)
		return false;
	o->shift = load_u16(o->data + 30);
	o->mini_shift = load_u16(o->data + 32);
	o->cutoff = load_u32(o->data + 56);
	*why = "an office document of before 2007 whose header is damaged";
	if (memcmp(o->data, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) != 0 || o->shift < 7 || o->shift > 16 || o->mini_shift < 4 ||
	    o->mini_shift > o->shift || o->n <= (size_t)1 << o->shift)
		return false;
	o->sectors = (uint32_t)min_size((o->n - 1) >> o->shift, ole_unread - 1);
	o->fat = mem_alloc(o->sectors * sizeof *o->fat);
	if (!o->fat) {
		*st = err_nomem(err);
		return false;
	}
	ole_fat(o);
	*st = ole_names(o, err);
	*why = "an office document of before 2007 whose list of streams is cut off or damaged";
	if (*st != CDG_OK || !o->nentries || o->entries[OLE_ROOT].type != OLE_TOP)
		return false;
	*st = ole_mini(o, err);
	return *st == CDG_OK;
}

void
ole_close(ole *o)
{
	mem_free(o->fat);
	mem_free(o->mini_fat);
	mem_free(o->entries);
	buf_fini(&o->mini);
}

/* ---- streams -------------------------------------------------------------------------- */

long
ole_first(const ole *o, long storage)
{
	return o->entries[storage].first;
}

long
ole_next(const ole *o, long entry)
{
	return o->entries[entry].next;
}

long
ole_find(const ole *o, long storage, const char *name)
{
	long i = ole_first(o, storage);

	while (i != OLE_NONE && strcasecmp(o->entries[i].name, name) != 0)
		i = ole_next(o, i);
	return i;
}

cdg_status
ole_read(ole *o, long stream, buf *out, cdg_error *err)
{
	const ole_entry *e;

	out->len = 0;
	if (stream < 0 || (size_t)stream >= o->nentries || o->entries[stream].type != OLE_STREAM)
		return CDG_OK;
	e = &o->entries[stream];
	if (e->size < o->cutoff)
		return ole_mini_chain(o, e->start, e->size, out, err);
	return ole_chain(o, e->start, e->size, true, out, err);
}
