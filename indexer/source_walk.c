/* source_walk.c - see source_walk.h.
 *
 * A depth-first walk with one frame a folder: its names are read at once,
 * sorted by bytes and the folder closed again, so that neither the order nor
 * the number of open descriptors depends on the file system.
 *
 * Symbolic links are followed.  A folder is entered once a walk, by device and
 * inode: a link to a folder above is reported as a loop, another way to the
 * same folder as already read (with links to links the number of ways can be
 * exponential).
 */
#include "indexer/source_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"

typedef struct walk_frame {
	size_t path_len; /* of the folder in w->path, with its slash */
	arena names_arena;
	char **names;
	size_t n, at;
	dev_t dev;
	ino_t ino;
} walk_frame;

typedef struct walk_seen {
	uint64_t dev, ino;
	bool used;
} walk_seen;

struct source_walk {
	const source_options *options;
	walk_frame *frames;
	size_t nframes, frames_cap;
	buf path;
	size_t root_len; /* where the path below the root begins */
	bool pending;    /* the root itself has not been looked at */
	walk_seen *seen; /* open addressing, power of two */
	size_t nseen, seen_cap;
	char message[256];
};

source_walk *
source_walk_new(const source_options *options)
{
	source_walk *w = mem_calloc(1, sizeof *w);

	if (w)
		w->options = options;
	return w;
}

static void
walk_frame_fini(walk_frame *f)
{
	arena_fini(&f->names_arena);
	mem_free(f->names);
}

void
source_walk_free(source_walk *w)
{
	if (!w)
		return;
	while (w->nframes)
		walk_frame_fini(&w->frames[--w->nframes]);
	mem_free(w->frames);
	mem_free(w->seen);
	buf_fini(&w->path);
	mem_free(w);
}

static size_t
walk_seen_slot(const walk_seen *table, size_t cap, uint64_t dev, uint64_t ino)
{
	size_t i = (size_t)(((dev * 0x9e3779b97f4a7c15u) ^ ino) * 0xff51afd7ed558ccdu >> 20);

	for (i &= cap - 1; table[i].used; i = (i + 1) & (cap - 1))
		if (table[i].dev == dev && table[i].ino == ino)
			break;
	return i;
}

static bool
walk_seen_grow(source_walk *w)
{
	size_t cap = w->seen_cap ? w->seen_cap * 2 : 64;
	walk_seen *table = mem_calloc(cap, sizeof *table);

	if (!table)
		return false;
	for (size_t i = 0; i < w->seen_cap; i++)
		if (w->seen[i].used)
			table[walk_seen_slot(table, cap, w->seen[i].dev, w->seen[i].ino)] =
			    w->seen[i];
	mem_free(w->seen);
	w->seen = table;
	w->seen_cap = cap;
	return true;
}

/* Notes a folder; *known if it was noted before. */
static bool
walk_note(source_walk *w, const struct stat *st, bool *known)
{
	size_t i;

	if (w->nseen * 2 >= w->seen_cap && !walk_seen_grow(w))
		return false;
	i = walk_seen_slot(w->seen, w->seen_cap, st->st_dev, st->st_ino);
	*known = w->seen[i].used;
	if (!*known) {
		walk_seen s = { st->st_dev, st->st_ino, true };
		w->seen[i] = s;
		w->nseen++;
	}
	return true;
}

static bool
walk_matches(const char *const *patterns, size_t n, const char *below, const char *base)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], below, 0) == 0 || fnmatch(patterns[i], base, 0) == 0)
			return true;
	return false;
}

/* Whether a name found in a folder is wanted; below and base are parts of
 * w->path. */
static bool
walk_wanted(const source_walk *w, const char *base, bool folder)
{
	const source_options *o = w->options;
	const char *below = (const char *)w->path.p + w->root_len;

	if (base[0] == '.' && !o->hidden)
		return false;
	if (walk_matches(o->exclude, o->nexclude, below, base))
		return false;
	return folder || o->ninclude == 0 || walk_matches(o->include, o->ninclude, below, base);
}

void
source_walk_normalise(buf *out, const char *path)
{
	out->len = 0;
	if (*path == '/')
		buf_put_u8(out, '/');
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n && !(n == 1 && *path == '.')) {
			if (out->len && out->p[out->len - 1] != '/')
				buf_put_u8(out, '/');
			buf_put(out, path, n);
		}
		path += n;
		path += strspn(path, "/");
	}
	if (out->len == 0)
		buf_put_u8(out, '.');
	buf_cstr(out);
}

bool
source_walk_begin(source_walk *w, const char *path)
{
	source_walk_normalise(&w->path, path);
	w->pending = true;
	return !w->path.failed;
}

static int
walk_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All names of the folder, sorted; false when memory is out.  A folder that
 * cannot be listed to its end sets *error. */
static bool
walk_list(walk_frame *f, DIR *dir, int *error)
{
	size_t cap = 0;
	struct dirent *e;

	*error = 0;
	for (;;) {
		errno = 0;
		e = readdir(dir);
		if (!e)
			break;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (!mem_grow(&f->names, &cap, f->n + 1, sizeof *f->names))
			return false;
		f->names[f->n] = arena_strndup(&f->names_arena, e->d_name, strlen(e->d_name));
		if (!f->names[f->n])
			return false;
		f->n++;
	}
	*error = errno;
	if (f->n)
		qsort(f->names, f->n, sizeof *f->names, walk_compare);
	return true;
}

static bool
walk_is_above(const source_walk *w, const struct stat *st)
{
	for (size_t i = 0; i < w->nframes; i++)
		if (w->frames[i].dev == st->st_dev && w->frames[i].ino == st->st_ino)
			return true;
	return false;
}

static void
walk_report(source_walk *w, source_walk_entry *entry, const char *what, int error)
{
	snprintf(w->message, sizeof w->message, "%s%s%s", what, error ? ": " : "",
		 error ? strerror(error) : "");
	entry->message = w->message;
}

/* Is the folder at w->path an index of cdgsearch? */
static bool
walk_is_index(source_walk *w)
{
	static const char magic[] = "cdgsearch-index ";
	size_t len = w->path.len;
	char head[sizeof magic - 1];
	FILE *f;
	bool yes;

	buf_puts(&w->path, "/MANIFEST");
	f = w->path.failed ? NULL : fopen(buf_cstr(&w->path), "re");
	yes = f && fread(head, 1, sizeof head, f) == sizeof head && !memcmp(head, magic, sizeof head);
	if (f)
		fclose(f);
	if (!w->path.failed) {
		w->path.len = len;
		buf_cstr(&w->path);
	}
	return yes;
}

/* Enter the folder at w->path.  entry->message is set where it is not entered,
 * or only in part. */
static bool
walk_enter(source_walk *w, const struct stat *st, source_walk_entry *entry)
{
	walk_frame f = { 0 };
	bool known, ok;
	int error;
	DIR *dir;

	/* one that was named itself may hold both, documents and an index */
	if (!entry->named && w->options->own_ino && w->options->own_ino == st->st_ino &&
	    w->options->own_dev == st->st_dev)
		return true;
	if (!walk_note(w, st, &known))
		return false;
	if (known) {
		entry->skip = true; /* nothing is missed by it */
		walk_report(w, entry,
			    walk_is_above(w, st) ? "a link to a folder above: not followed" :
						   "the same folder was read under another name",
			    0);
		return true;
	}
	if (!entry->named && walk_is_index(w)) {
		entry->skip = true;
		walk_report(w, entry, "an index of cdgsearch: not read", 0);
		return true;
	}
	if (!mem_grow(&w->frames, &w->frames_cap, w->nframes + 1, sizeof *w->frames))
		return false;
	dir = opendir((const char *)w->path.p);
	if (!dir) {
		walk_report(w, entry, "cannot open the folder", errno);
		return true;
	}
	ok = walk_list(&f, dir, &error);
	closedir(dir);
	if (!ok) {
		walk_frame_fini(&f);
		return false;
	}
	if (error)
		walk_report(w, entry, "cannot list the whole folder", error);
	f.dev = st->st_dev;
	f.ino = st->st_ino;
	if (w->nframes == 0 && strcmp((const char *)w->path.p, ".") == 0)
		w->path.len = 0;
	else if (w->path.p[w->path.len - 1] != '/')
		buf_put_u8(&w->path, '/');
	if (w->nframes == 0)
		w->root_len = w->path.len;
	f.path_len = w->path.len;
	w->frames[w->nframes++] = f;
	return true;
}

static void
walk_describe(source_walk *w, const struct stat *st, source_walk_entry *entry)
{
	entry->regular = S_ISREG(st->st_mode);
	if (entry->regular) {
		entry->size = (uint64_t)st->st_size;
		entry->mtime_ns =
		    (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	} else if (!entry->named || S_ISSOCK(st->st_mode) || S_ISBLK(st->st_mode)) {
		entry->skip = true;
		walk_report(w, entry, "not a regular file", 0);
	}
}

/* Look at w->path, whose last part is base (NULL: the path that was added).
 * *give: the entry is for the caller. */
static bool
walk_visit(source_walk *w, const char *base, source_walk_entry *entry, bool *give)
{
	struct stat st;

	*give = false;
	entry->named = base == NULL;
	if (stat((const char *)w->path.p, &st) != 0) {
		int error = errno;

		if (base && !walk_wanted(w, base, false))
			return true;
		walk_report(w, entry, "cannot read", error);
		*give = true;
		return true;
	}
	if (base && !walk_wanted(w, base, S_ISDIR(st.st_mode)))
		return true;
	if (S_ISDIR(st.st_mode)) {
		if (!walk_enter(w, &st, entry))
			return false;
		*give = entry->message != NULL;
		return !w->path.failed;
	}
	*give = true;
	walk_describe(w, &st, entry);
	return true;
}

bool
source_walk_next(source_walk *w, source_walk_entry *entry)
{
	bool give = false;

	memset(entry, 0, sizeof *entry);
	if (w->pending) {
		w->pending = false;
		if (!walk_visit(w, NULL, entry, &give))
			return false;
	}
	while (!give && w->nframes) {
		walk_frame *f = &w->frames[w->nframes - 1];

		if (f->at == f->n) {
			walk_frame_fini(f);
			w->nframes--;
			continue;
		}
		w->path.len = f->path_len;
		buf_puts(&w->path, f->names[f->at]);
		buf_cstr(&w->path);
		if (w->path.failed ||
		    !walk_visit(w, f->names[f->at++], entry, &give))
			return false;
	}
	if (give)
		entry->path = buf_cstr(&w->path);
	return !w->path.failed;
}
