/* known.c - see known.h: the hooks of writer_hook.
 *
 * Out of memory is no failure here: a file is then read as if it was new.
 */
#include "indexer/known.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "indexer/writer_internal.h"

enum { HASH_PART = 256 << 10, SAME_MAX = 64 };

/* ---- tables ----------------------------------------------------------- */

static void
map_fini(known_map *m)
{
	mem_free(m->keys);
	mem_free(m->ids);
	memset(m, 0, sizeof *m);
}

void
known_fini(known_files *k)
{
	map_fini(&k->by_hash);
	map_fini(&k->by_size);
	map_fini(&k->by_head);
	map_fini(&k->by_name);
	k->filled = k->named = false;
}

/* Keys are sizes or hashes: both are mixed. */
static size_t
map_slot(const known_map *m, uint64_t key)
{
	return (size_t)((key ^ key >> 32) * 0x9e3779b97f4a7c15u >> 20) & (m->cap - 1);
}

static bool
map_grow(known_map *m)
{
	known_map to = { .cap = m->cap ? m->cap * 2 : 256, .n = m->n };

	to.keys = mem_calloc(to.cap, sizeof *to.keys);
	to.ids = mem_calloc(to.cap, sizeof *to.ids);
	if (!to.keys || !to.ids) {
		map_fini(&to);
		return false;
	}
	for (size_t i = 0; i < m->cap; i++) {
		size_t at = m->ids[i] ? map_slot(&to, m->keys[i]) : 0;
		if (!m->ids[i])
			continue;
		while (to.ids[at])
			at = (at + 1) & (to.cap - 1);
		to.keys[at] = m->keys[i];
		to.ids[at] = m->ids[i];
	}
	map_fini(m);
	*m = to;
	return true;
}

/* The id'th of a key: 0 when there are no more.  *at begins as SIZE_MAX. */
static uint32_t
map_next(const known_map *m, uint64_t key, size_t *at)
{
	if (!m->cap)
		return 0;
	*at = *at == SIZE_MAX ? map_slot(m, key) : (*at + 1) & (m->cap - 1);
	for (; m->ids[*at]; *at = (*at + 1) & (m->cap - 1))
		if (m->keys[*at] == key)
			return m->ids[*at];
	return 0;
}

/* At most SAME_MAX ids a key: more would only be looked through for nothing. */
static void
map_add(known_map *m, uint64_t key, uint32_t id)
{
	size_t at = SIZE_MAX;
	uint32_t had;

	if ((m->n + 1) * 2 > m->cap && !map_grow(m))
		return;
	for (unsigned n = 0; (had = map_next(m, key, &at)) != 0; n++)
		if (had == id || n == SAME_MAX)
			return;
	m->keys[at] = key;
	m->ids[at] = id;
	m->n++;
}

/* Files that have documents, or would, if there were any in them. */
static void
known_fill(writer *w)
{
	if (w->known.filled)
		return;
	w->known.filled = true;
	for (size_t i = 0; i < w->sources.n; i++) {
		const sources_entry *e = &w->sources.p[i];
		if (!e->hashed || e->copy || !e->size)
			continue;
		map_add(&w->known.by_hash, e->hash, e->id);
		map_add(&w->known.by_size, e->size, e->id);
	}
}

/* ---- bytes ------------------------------------------------------------ */

static bool
known_cancelled(const writer *w)
{
	const atomic_bool *c = w->options.cancel;
	return c && atomic_load_explicit(c, memory_order_relaxed);
}

static int
known_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A full part, or what there is; -1: it cannot be read. */
static ssize_t
known_part(int fd, char *part, size_t cap)
{
	size_t have = 0;

	while (have < cap) {
		ssize_t n = read(fd, part + have, cap - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* Hash of the bytes of a file; false: it cannot be had, which reading it will
 * say. */
static bool
known_hash(const writer *w, const char *path, uint64_t size, uint64_t *out)
{
	int fd = known_open(path);
	char *part = fd < 0 ? NULL : mem_alloc(HASH_PART);
	XXH3_state_t *state = part ? XXH3_createState() : NULL;
	uint64_t sum = 0;
	ssize_t n = -1;

	if (state) {
		XXH3_64bits_reset(state);
		while ((n = known_part(fd, part, HASH_PART)) > 0) {
			XXH3_64bits_update(state, part, (size_t)n);
			sum += (uint64_t)n;
			if (sum > size || known_cancelled(w))
				break;
		}
		*out = XXH3_64bits_digest(state);
	}
	XXH3_freeState(state);
	mem_free(part);
	if (fd >= 0)
		close(fd);
	return n == 0 && sum == size;
}

/* A hash may be equal by accident or by intent: a copy has the same bytes. */
static bool
known_same_bytes(const writer *w, const char *a, const char *b)
{
	int fa = known_open(a), fb = known_open(b);
	char *part = fa < 0 || fb < 0 ? NULL : mem_alloc(2 * HASH_PART);
	ssize_t na = -1, nb;

	while (part && !known_cancelled(w)) {
		na = known_part(fa, part, HASH_PART);
		nb = known_part(fb, part + HASH_PART, HASH_PART);
		if (na != nb || na <= 0 || memcmp(part, part + HASH_PART, (size_t)na) != 0) {
			na = na != nb ? -1 : na;
			break;
		}
		na = -1;
	}
	mem_free(part);
	if (fa >= 0)
		close(fa);
	if (fb >= 0)
		close(fb);
	return na == 0;
}

static int64_t
stat_mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* ---- names of record files ------------------------------------------------ */

/* Records without an id are called by the name of their file and their line, wherever it
 * stands.  Of several files with one name, the first that was ever listed is called so, and
 * the others by their paths. */

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static uint64_t
name_key(const char *path)
{
	const char *name = name_of(path);

	return XXH3_64bits(name, strlen(name));
}

bool
known_same_name(const char *a, const char *b)
{
	return strcmp(name_of(a), name_of(b)) == 0;
}

/* Another record file that is called by the name that e has, and is there; of any age, or
 * only one that was listed before e.  NULL: none. */
static sources_entry *
name_other(writer *w, const sources_entry *e, bool older)
{
	uint64_t key = name_key(e->path);
	size_t at = SIZE_MAX;
	struct stat st;
	uint32_t id;

	for (size_t i = 0; !w->known.named && i < w->sources.n; i++) {
		const sources_entry *f = &w->sources.p[i];
		if (f->records && !f->by_path)
			map_add(&w->known.by_name, name_key(f->path), f->id);
	}
	w->known.named = true;
	while ((id = map_next(&w->known.by_name, key, &at)) != 0) {
		sources_entry *f = sources_db_by_id(&w->sources, id);
		if (f && f->id != e->id && !(older && f->id > e->id) && f->records && !f->by_path &&
		    known_same_name(f->path, e->path) && (f->seen || !lstat(f->path, &st)))
			return f;
	}
	return NULL;
}

void
known_name(writer *w, sources_entry *e)
{
	sources_entry *f = e->by_path ? NULL : name_other(w, e, true);

	if (f) {
		/* where both had the name so far, records of one have taken the place of the other's */
		if (e->records) {
			e->renumbered = true;
			f->complete &= f->seen;
		}
		e->by_path = true;
	} else if (!e->by_path) {
		map_add(&w->known.by_name, name_key(e->path), e->id);
	}
	e->records = true;
}

/* ---- files that are known ----------------------------------------------- */

/* Does the file of e, as far as one knows now, have these bytes and documents? */
static bool
known_holds(const sources_entry *e, uint64_t hash)
{
	struct stat st;

	if (e->copy || (e->hashed ? e->hash != hash : !e->claimed || e->claim != hash))
		return false;
	if (e->seen)
		return !e->unreadable;
	return e->complete && !stat(e->path, &st) && (uint64_t)st.st_size == e->size &&
	       stat_mtime_ns(&st) == e->mtime_ns;
}

/* Was it listed since its pages, or some, are pictures, when nobody could read these? */
static bool
known_unread_pages(const writer *w, const sources_entry *e)
{
	const char *lacking = skipped_reason(&w->sources.skipped, e->path);

	return (lacking && strstr(lacking, "OCR is needed")) || sources_db_failed_with(&w->sources, e, "OCR is needed") ||
	       sources_db_failed_with(&w->sources, e, "no text on any of ");
}

static bool
hook_unchanged(void *ctx, const source_file *file)
{
	writer *w = ctx;
	const sources_entry *e = w->options.force ? NULL : sources_db_find(&w->sources, file->path), *of;
	uint64_t hash;

	if (!e || !e->complete || e->size != file->size || (w->options.retry_failed && e->failure))
		return false;
	/* for want of the program that reads them, which may be there now */
	if (e->failure && strstr(e->failure, "cdg-extract"))
		return false;
	if (w->options.documents.ocr && known_unread_pages(w, e))
		return false;
	if (e->records && !e->by_path && name_other(w, e, false))
		return false;
	/* with settings that are wrong now, nothing is read again until they are right */
	if (e->settings != file->settings && !file->doubtful)
		return false;
	if (e->copy) {
		of = w->options.keep_copies ? NULL : sources_db_by_id(&w->sources, e->of);
		if (!of || of->settings != e->settings || !known_holds(of, e->hash))
			return false;
	}
	if (e->mtime_ns == file->mtime_ns && !w->options.checksum)
		return true;
	return e->hashed && known_hash(w, file->path, file->size, &hash) && hash == e->hash;
}

/* The hash of all bytes, if anything of the same size, or with the same beginning,
 * is there to compare it with; else the file is noted, so that the next one is.  The
 * ones that were noted get their hashes now. */
static bool
known_full_hash(writer *w, const source_file *file, sources_entry *e, uint64_t *hash)
{
	known_files *k = &w->known;
	uint64_t key = file->n ? XXH3_64bits_withSeed(file->head, file->n, file->size) : file->size;
	size_t at = SIZE_MAX;
	uint32_t id = map_next(&k->by_head, key, &at);
	bool any = id != 0;

	for (; id; id = map_next(&k->by_head, key, &at)) {
		sources_entry *f = sources_db_by_id(&w->sources, id);
		if (!f || f->id == e->id || f->size != file->size)
			continue;
		if (!f->hashed && !f->claimed)
			f->claimed = known_hash(w, f->path, f->size, &f->claim);
		if (f->hashed || f->claimed)
			map_add(&k->by_hash, f->hashed ? f->hash : f->claim, f->id);
	}
	map_add(&k->by_head, key, e->id);
	at = SIZE_MAX;
	while (!any && (id = map_next(&k->by_size, file->size, &at)) != 0)
		any = id != e->id;
	return any && known_hash(w, file->path, file->size, hash);
}

/* A record file that was only moved to another folder: even records without an id
 * have the same one, from its name. */
static bool
known_moved_records(const writer *w, const source_file *file, const sources_entry *f)
{
	struct stat st;

	return file->records && f->records && !f->by_path && f->settings == file->settings && f->complete && !f->failure && !f->seen && !w->options.force &&
	       known_same_name(file->path, f->path) && lstat(f->path, &st) && errno == ENOENT;
}

/* A record file is looked for under its old path, and nothing else. */
static source_known
known_records(writer *w, const source_file *file, const char **other)
{
	size_t at = SIZE_MAX;
	uint64_t hash;
	uint32_t id;

	if (sources_db_find(&w->sources, file->path) || !map_next(&w->known.by_size, file->size, &at))
		return SOURCE_KNOWN_NEW;
	at = SIZE_MAX;
	for (bool hashed = false; (id = map_next(&w->known.by_size, file->size, &at)) != 0;) {
		const sources_entry *f = sources_db_by_id(&w->sources, id);
		if (!f || !known_moved_records(w, file, f))
			continue;
		if (!hashed && !known_hash(w, file->path, file->size, &hash))
			return SOURCE_KNOWN_NEW;
		hashed = true;
		if (!f->hashed || f->hash != hash)
			continue;
		*other = f->path;
		return SOURCE_KNOWN_MOVED;
	}
	return SOURCE_KNOWN_NEW;
}

/* Only to tell: what becomes of the other is settled at the end (known_moved). */
static const char *
known_path_before(const writer *w, const sources_entry *e, uint64_t hash, uint64_t size)
{
	size_t at = SIZE_MAX;
	struct stat st;
	uint32_t id;

	if (!w->options.file)
		return NULL;
	while ((id = map_next(&w->known.by_hash, hash, &at)) != 0) {
		const sources_entry *f = sources_db_by_id((sources_db *)(uintptr_t)&w->sources, id);
		if (f && f != e && !f->seen && !f->copy && f->hashed && f->hash == hash && f->size == size &&
		    lstat(f->path, &st) && errno == ENOENT)
			return f->path;
	}
	return NULL;
}

static source_known
hook_known(void *ctx, const source_file *file, const char **other, source_hash *hash)
{
	writer *w = ctx;
	sources_entry *e;
	size_t at = SIZE_MAX;
	uint32_t id;

	if (!file->size) /* nothing to be the same */
		return SOURCE_KNOWN_NEW;
	known_fill(w);
	if (file->records)
		return known_records(w, file, other);
	e = w->options.keep_copies ? NULL : sources_db_get(&w->sources, file->path);
	if (!e)
		return SOURCE_KNOWN_NEW;
	e->claimed = e->seen = false;
	if (file->n == file->size)
		hash->xxh3 = XXH3_64bits(file->head, file->n);
	else if (!known_full_hash(w, file, e, &hash->xxh3))
		return SOURCE_KNOWN_NEW;
	hash->known = true;
	while ((id = map_next(&w->known.by_hash, hash->xxh3, &at)) != 0) {
		const sources_entry *f = sources_db_by_id(&w->sources, id);
		if (!f || f->id == e->id || f->size != file->size || f->settings != file->settings || !known_holds(f, hash->xxh3) ||
		    !known_same_bytes(w, file->path, f->path))
			continue;
		*other = f->path;
		return SOURCE_KNOWN_COPY;
	}
	*other = known_path_before(w, e, hash->xxh3, file->size);
	e->claimed = true;
	e->claim = hash->xxh3;
	map_add(&w->known.by_hash, e->claim, e->id);
	return SOURCE_KNOWN_NEW;
}

/* ---- files that have another path ----------------------------------------- */

/* Is there a file that was met in this run with the bytes of e, which was not, and
 * whose path is gone? */
static bool
known_has_moved(const writer *w, const sources_entry *e)
{
	size_t at = SIZE_MAX;
	struct stat st;
	uint32_t id;

	if (e->seen || !e->hashed || e->copy || !e->size)
		return false;
	while ((id = map_next(&w->known.by_hash, e->hash, &at)) != 0) {
		const sources_entry *f = sources_db_by_id((sources_db *)(uintptr_t)&w->sources, id);
		if (f && f->id != e->id && f->seen && f->hashed && !f->copy && f->hash == e->hash &&
		    f->size == e->size && f->records == e->records && (f->read || !w->options.keep_copies))
			return lstat(e->path, &st) && errno == ENOENT;
	}
	return false;
}

bool
known_moved(writer *w, uint8_t *moved)
{
	bool any = false;

	if (!w->known.filled)
		return false; /* no file came that was not listed */
	for (size_t i = 0; i < w->sources.n; i++) {
		const sources_entry *e = &w->sources.p[i];
		if (e->seen && e->read && e->hashed && !e->copy && e->size)
			map_add(&w->known.by_hash, e->hash, e->id);
	}
	for (size_t i = 0; i < w->sources.n; i++) {
		const sources_entry *e = &w->sources.p[i];
		moved[e->id] = known_has_moved(w, e);
		w->stats.renamed += moved[e->id];
		any |= moved[e->id];
	}
	return any;
}

void
writer_hook(writer *w, source_options *options)
{
	struct stat st;

	if (!stat(w->dir, &st)) {
		options->own_dev = st.st_dev;
		options->own_ino = st.st_ino;
	}
	options->unchanged = hook_unchanged;
	options->known = hook_known;
	options->hook_ctx = w;
}
