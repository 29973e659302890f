/* sources_db.c - see sources_db.h. */
#include "indexer/sources_db.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

#include "base/file.h"
#include "engine/pfile.h"
#include "indexer/sources_copies.h"

static const segment_id no_id;

void
sources_db_init(sources_db *db)
{
	memset(db, 0, sizeof *db);
	db->next_id = 1;
}

void
sources_db_fini(sources_db *db)
{
	for (size_t i = 0; i < db->n; i++) {
		mem_free(db->p[i].path);
		mem_free(db->p[i].failure);
	}
	for (size_t i = 0; i < db->nfailures; i++)
		mem_free(db->failures[i].message);
	mem_free(db->p);
	mem_free(db->slots);
	mem_free(db->by_id);
	mem_free(db->failures);
	skipped_fini(&db->skipped);
	memset(db, 0, sizeof *db);
}

/* ---- tables --------------------------------------------------------- */

static size_t
slot_of(const sources_db *db, const char *path)
{
	size_t at = XXH3_64bits(path, strlen(path)) & (db->nslots - 1);

	while (db->slots[at] && strcmp(db->p[db->slots[at] - 1].path, path) != 0)
		at = (at + 1) & (db->nslots - 1);
	return at;
}

static bool
slots_rebuild(sources_db *db, size_t nslots)
{
	uint32_t *slots = mem_calloc(nslots, sizeof *slots);

	if (!slots)
		return false;
	mem_free(db->slots);
	db->slots = slots;
	db->nslots = nslots;
	for (size_t i = 0; i < db->n; i++)
		db->slots[slot_of(db, db->p[i].path)] = (uint32_t)i + 1;
	return true;
}

static bool
ids_note(sources_db *db, size_t index)
{
	size_t had = db->by_id_cap;
	uint32_t id = db->p[index].id;

	if (!mem_grow(&db->by_id, &db->by_id_cap, (size_t)id + 1, sizeof *db->by_id))
		return false;
	memset(db->by_id + had, 0, (db->by_id_cap - had) * sizeof *db->by_id);
	db->by_id[id] = (uint32_t)index + 1;
	return true;
}

sources_entry *
sources_db_find(sources_db *db, const char *path)
{
	uint32_t i = db->nslots ? db->slots[slot_of(db, path)] : 0;
	return i ? &db->p[i - 1] : NULL;
}

sources_entry *
sources_db_failed_above(sources_db *db, const char *path, bool now)
{
	char copy[4096]; /* the longest path that can be opened */
	size_t n = strlen(path);
	sources_entry *e;

	if (n >= sizeof copy)
		return NULL;
	memcpy(copy, path, n + 1);
	while (n) {
		while (n && copy[n - 1] != '/')
			n--;
		if (n > 1)
			n--;
		if (!n)
			strcpy(copy, "."); /* above every relative path */
		else
			copy[n] = 0;
		e = sources_db_find(db, copy);
		if (e && (now ? e->unreadable : e->failure && !e->seen))
			return e;
		if (n == 1 && copy[0] == '/')
			break;
	}
	return NULL;
}

sources_entry *
sources_db_by_id(sources_db *db, uint32_t id)
{
	uint32_t i = id < db->by_id_cap ? db->by_id[id] : 0;
	return i ? &db->p[i - 1] : NULL;
}

static sources_entry *
entry_add(sources_db *db, const char *path, size_t len, uint32_t id)
{
	sources_entry *e;

	if ((db->n + 1) * 2 > db->nslots && !slots_rebuild(db, db->nslots ? db->nslots * 2 : 64))
		return NULL;
	if (!mem_grow(&db->p, &db->cap, db->n + 1, sizeof *db->p))
		return NULL;
	e = &db->p[db->n];
	memset(e, 0, sizeof *e);
	e->path = mem_strndup(path, len);
	if (!e->path)
		return NULL;
	e->id = id;
	if (!ids_note(db, db->n)) {
		mem_free(e->path);
		return NULL;
	}
	db->slots[slot_of(db, e->path)] = (uint32_t)++db->n;
	return e;
}

sources_entry *
sources_db_get(sources_db *db, const char *path)
{
	sources_entry *e = sources_db_find(db, path);

	if (e)
		return e;
	if (db->next_id == UINT32_MAX)
		return NULL;
	e = entry_add(db, path, strlen(path), db->next_id);
	if (e) {
		db->next_id++;
		db->changed = true;
	}
	return e;
}

bool
sources_path_below(const char *path, const char *root)
{
	size_t n = strlen(root);

	if (n == 1 && root[0] == '.')
		return path[0] != '/';
	if (strncmp(path, root, n) != 0)
		return false;
	return path[n] == 0 || path[n] == '/' || (n && root[n - 1] == '/');
}

bool
sources_db_rename(sources_db *db, uint32_t id, const char *path)
{
	sources_entry *e = sources_db_by_id(db, id);
	char *copy = e ? mem_strdup(path) : NULL;

	if (!copy)
		return false;
	mem_free(e->path);
	e->path = copy;
	db->changed = true;
	return slots_rebuild(db, db->nslots); /* open addressing: nothing can be taken out */
}

void
sources_db_sweep(sources_db *db, const uint8_t *mark, uint8_t value)
{
	size_t n = 0;

	for (size_t i = 0; i < db->n; i++)
		if (mark[db->p[i].id] == value)
			sources_db_clear_failures(db, db->p[i].id);
	for (size_t i = 0; i < db->n; i++) {
		sources_entry *e = &db->p[i];
		db->by_id[e->id] = 0;
		if (mark[e->id] == value) {
			mem_free(e->path);
			mem_free(e->failure);
			db->changed = true;
		} else {
			db->by_id[e->id] = (uint32_t)n + 1;
			db->p[n++] = *e;
		}
	}
	db->n = n;
	if (!db->nslots)
		return;
	memset(db->slots, 0, db->nslots * sizeof *db->slots);
	for (size_t i = 0; i < db->n; i++)
		db->slots[slot_of(db, db->p[i].path)] = (uint32_t)i + 1;
}

static bool
sources_any_failure(const sources_db *db)
{
	for (size_t i = 0; i < db->n; i++)
		if (db->p[i].failure)
			return true;
	return false;
}

void
sources_db_clear_failures(sources_db *db, uint32_t source)
{
	sources_entry *e = sources_db_by_id(db, source);
	size_t n = 0;

	if (!e || !e->failure)
		return;
	for (size_t i = 0; i < db->nfailures; i++) {
		if (db->failures[i].source == source) {
			mem_free(db->failures[i].message);
			db->failed_total--;
		} else {
			db->failures[n++] = db->failures[i];
		}
	}
	db->nfailures = n;
	mem_free(e->failure);
	e->failure = NULL;
	db->changed = true;
	/* Of failures that were only counted nobody knows whose they were; they are
	 * gone for certain when no source has any. */
	if (db->failed_total > db->nfailures && !sources_any_failure(db))
		db->failed_total = 0;
}

bool
sources_db_failed_with(const sources_db *db, const sources_entry *e, const char *words)
{
	if (!e->failure)
		return false;
	for (size_t i = 0; i < db->nfailures; i++)
		if (db->failures[i].source == e->id && strstr(db->failures[i].message, words))
			return true;
	return strstr(e->failure, words) != NULL;
}

bool
sources_db_fail(sources_db *db, uint32_t source, uint64_t line, const char *message)
{
	sources_entry *e = sources_db_by_id(db, source);
	char *last = mem_strdup(message), *text;

	if (!last)
		return false;
	db->changed = true;
	db->failed_total++;
	if (e) {
		mem_free(e->failure);
		e->failure = last;
	} else {
		mem_free(last);
	}
	if (db->nfailures >= SOURCES_FAILURES_MAX)
		return true;
	text = mem_strdup(message);
	if (!text || !mem_grow(&db->failures, &db->failures_cap, db->nfailures + 1, sizeof *db->failures)) {
		mem_free(text);
		return false;
	}
	db->failures[db->nfailures++] = (sources_failure){ source, line, text };
	return true;
}

/* ---- file ----------------------------------------------------------- */

static cdg_status
sources_path(char *out, size_t cap, const char *dir, uint64_t generation, cdg_error *err)
{
	char name[40];

	snprintf(name, sizeof name, "sources-%" PRIu64, generation);
	return file_join(out, cap, dir, name, err);
}

static void
put_string(buf *b, const char *s)
{
	size_t n = s ? strlen(s) : 0;

	buf_put_varint(b, n);
	buf_put(b, s, n);
}

static void
save_skipped(buf *b, const skipped_list *l)
{
	buf_put_varint(b, l->more);
	buf_put_varint(b, l->n);
	for (size_t i = 0; i < l->n; i++) {
		put_string(b, l->p[i].path);
		put_string(b, l->p[i].reason);
	}
}

cdg_status
sources_db_save(const sources_db *db, const char *dir, uint64_t generation, bool sync, cdg_error *err)
{
	char path[4096];
	bool copies;
	pwriter w;
	buf b = { 0 };

	CDG_TRY(sources_path(path, sizeof path, dir, generation, err));
	buf_put_varint(&b, db->next_id);
	buf_put_varint(&b, db->n);
	for (size_t i = 0; i < db->n; i++) {
		const sources_entry *e = &db->p[i];
		buf_put_varint(&b, e->id);
		put_string(&b, e->path);
		buf_put_varint(&b, e->size);
		buf_put_varint(&b, zigzag(e->mtime_ns));
		buf_put_u8(&b, (uint8_t)(e->complete | e->records << 1 | e->hashed << 2 | e->copy << 3 |
					 (e->settings != 0) << 4 | e->by_path << 5));
		if (e->hashed)
			buf_put_u64(&b, e->hash);
		if (e->copy)
			buf_put_varint(&b, e->of);
		if (e->settings)
			buf_put_u64(&b, e->settings);
		buf_put_varint(&b, e->docs);
		put_string(&b, e->failure);
	}
	buf_put_varint(&b, db->failed_total);
	buf_put_varint(&b, db->nfailures);
	for (size_t i = 0; i < db->nfailures; i++) {
		buf_put_varint(&b, db->failures[i].source);
		buf_put_varint(&b, db->failures[i].line);
		put_string(&b, db->failures[i].message);
	}
	copies = sources_copies_any(db);
	if (copies || db->skipped.n || db->skipped.more)
		save_skipped(&b, &db->skipped);
	if (copies)
		sources_copies_put(&b, db);
	if (b.failed) {
		buf_fini(&b);
		return err_nomem(err);
	}
	cdg_status st = pwriter_open(&w, path, SOURCES_KIND, &no_id, err);
	if (st == CDG_OK) {
		pwriter_put(&w, b.p, b.len);
		st = pwriter_finish(&w, sync, err);
	}
	buf_fini(&b);
	return st;
}

static char *
get_string(rd *r, bool *ok)
{
	uint64_t n = rd_varint(r);
	const uint8_t *p = n <= rd_left(r) ? rd_bytes(r, (size_t)n) : NULL;
	char *s;

	if (!p) {
		r->bad = true;
		return NULL;
	}
	s = mem_strndup((const char *)p, (size_t)n);
	if (!s)
		*ok = false;
	return s;
}

/* False: bad bytes (r->bad) or no memory. */
static bool
load_entry(sources_db *db, rd *r)
{
	bool ok = true;
	uint32_t id = rd_varint32(r);
	char *path = get_string(r, &ok), *failure;
	sources_entry *e;
	uint8_t flags;

	if (!path)
		return false;
	if (r->bad || id == 0 || id >= db->next_id || sources_db_find(db, path) || sources_db_by_id(db, id)) {
		r->bad = true;
		mem_free(path);
		return false;
	}
	e = entry_add(db, path, strlen(path), id);
	mem_free(path);
	if (!e)
		return false;
	e->size = rd_varint(r);
	e->mtime_ns = unzigzag(rd_varint(r));
	flags = rd_u8(r);
	e->complete = flags & 1;
	e->records = flags >> 1 & 1;
	e->hashed = flags >> 2 & 1;
	e->hash = e->hashed ? rd_u64(r) : 0;
	e->copy = flags >> 3 & 1;
	e->of = e->copy ? rd_varint32(r) : 0;
	e->settings = flags >> 4 & 1 ? rd_u64(r) : 0;
	e->by_path = flags >> 5 & 1;
	if (flags >> 6 || (e->copy && (!e->of || e->of >= db->next_id)))
		r->bad = true;
	e->docs = rd_varint(r);
	failure = get_string(r, &ok);
	if (failure && *failure)
		e->failure = failure;
	else
		mem_free(failure);
	return ok && !r->bad;
}

static bool
load_failures(sources_db *db, rd *r)
{
	uint64_t n;
	bool ok = true;

	db->failed_total = rd_varint(r);
	n = rd_varint(r);
	if (n > SOURCES_FAILURES_MAX || n > db->failed_total)
		r->bad = true;
	for (uint64_t i = 0; i < n && ok && !r->bad; i++) {
		sources_failure f;
		f.source = rd_varint32(r);
		f.line = rd_varint(r);
		f.message = get_string(r, &ok);
		if (!f.message)
			break;
		if (!mem_grow(&db->failures, &db->failures_cap, db->nfailures + 1, sizeof f)) {
			mem_free(f.message);
			return false;
		}
		db->failures[db->nfailures++] = f;
	}
	return ok && !r->bad;
}

static bool
load_skipped(sources_db *db, rd *r)
{
	uint64_t n;
	bool ok = true;

	if (!rd_left(r))
		return true;
	db->skipped.more = rd_varint(r);
	n = rd_varint(r);
	if (n > SKIPPED_MAX)
		r->bad = true;
	for (uint64_t i = 0; i < n && ok && !r->bad; i++) {
		char *path = get_string(r, &ok), *reason = path ? get_string(r, &ok) : NULL;
		bool changed = false;
		if (path && reason)
			ok = skipped_note(&db->skipped, path, reason, &changed);
		if (path && reason && !changed)
			r->bad = true; /* one path twice */
		mem_free(path);
		mem_free(reason);
	}
	skipped_forget_run(&db->skipped);
	return ok && !r->bad;
}

/* db is empty on failure. */
cdg_status
sources_db_load(sources_db *db, const char *dir, uint64_t generation, cdg_error *err)
{
	char path[4096];
	cdg_status st = CDG_OK;
	uint64_t n;
	bool ok;
	pfile f;
	rd r;

	sources_db_init(db);
	if (!generation)
		return CDG_OK;
	CDG_TRY(sources_path(path, sizeof path, dir, generation, err));
	CDG_TRY(pfile_open(&f, path, SOURCES_KIND, &no_id, err));
	if (!pfile_ok(&f, PFILE_HEADER, pfile_end(&f) - PFILE_HEADER)) {
		st = pfile_error(&f, err);
		pfile_close(&f);
		return st;
	}
	r = rd_make(f.map.at + PFILE_HEADER, pfile_end(&f) - PFILE_HEADER);
	db->next_id = rd_varint32(&r);
	n = rd_varint(&r);
	for (uint64_t i = 0; i < n && load_entry(db, &r); i++)
		;
	ok = !r.bad && db->n == n && load_failures(db, &r) && load_skipped(db, &r);
	if (ok && !sources_copies_skip(&r))
		r.bad = true;
	if (r.bad)
		st = err_corrupt(err, path, (uint64_t)(r.at - f.map.at), "list of sources is inconsistent");
	else if (!ok)
		st = err_nomem(err);
	pfile_close(&f);
	if (st != CDG_OK) {
		sources_db_fini(db);
		sources_db_init(db);
	}
	return st;
}
