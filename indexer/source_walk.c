/* source_walk.c - see source_walk.h.
 *
 * A depth-first walk with one frame a folder: its names are read at once, each is
 * looked at in the order of inodes, which is how file systems lay them out, and then
 * they are sorted by bytes, so that the order does not depend on the file system.
 * The folder is closed again: the number of open descriptors does not either.
 *
 * Symbolic links are followed.  A folder is entered once a walk, by device and
 * inode: a link to a folder above is reported as a loop, another way to the
 * same folder as already read (with links to links the number of ways can be
 * exponential).
 *
 * A folder's .cdgignore and .cdgindex.conf hold for all below it.
 */
#include "indexer/source_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "indexer/ignore.h"

/* What stat says of a name, as of when its folder was read. */
typedef struct walk_stat {
	int error;
	mode_t mode;
	uint64_t dev, ino, size;
	int64_t mtime_ns;
} walk_stat;

typedef struct walk_name {
	char *name;
	uint64_t ino; /* of the name itself */
	walk_stat st;
} walk_name;

typedef struct walk_frame {
	size_t path_len; /* of the folder in w->path, with its slash */
	arena names_arena;
	walk_name *names;
	size_t n, at;
	uint64_t dev, ino;
	ignore_rules *ignore;    /* NULL: none of its own */
	const settings *settings; /* its own or those above; NULL: none */
	char *broken;            /* what is wrong with its settings */
	bool doubtful;           /* its settings, or some above, could not be read */
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
	const settings *own; /* of the folder of a file that was named */
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
	ignore_free(f->ignore);
	settings_unref(f->settings);
	mem_free(f->broken);
}

void
source_walk_free(source_walk *w)
{
	if (!w)
		return;
	while (w->nframes)
		walk_frame_fini(&w->frames[--w->nframes]);
	settings_unref(w->own);
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
walk_note(source_walk *w, const walk_stat *st, bool *known)
{
	size_t i;

	if (w->nseen * 2 >= w->seen_cap && !walk_seen_grow(w))
		return false;
	i = walk_seen_slot(w->seen, w->seen_cap, st->dev, st->ino);
	*known = w->seen[i].used;
	if (!*known) {
		walk_seen s = { st->dev, st->ino, true };
		w->seen[i] = s;
		w->nseen++;
	}
	return true;
}

/* As a shell pattern, whose star takes slashes too, or as in .gitignore. */
static bool
walk_matches(const char *const *patterns, size_t n, const char *below, const char *base, bool folder)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], below, 0) == 0 || fnmatch(patterns[i], base, 0) == 0 ||
		    ignore_pattern_matches(patterns[i], below, folder))
			return true;
	return false;
}

/* Do the .cdgignore files leave w->path out?  The innermost that says something. */
static bool
walk_ignored(const source_walk *w, bool folder)
{
	for (size_t i = w->nframes; i-- > 0;) {
		const walk_frame *f = &w->frames[i];
		ignore_verdict v = f->ignore ? ignore_match(f->ignore, (const char *)w->path.p + f->path_len, folder) :
					       IGNORE_UNDECIDED;
		if (v != IGNORE_UNDECIDED)
			return v == IGNORE_OUT;
	}
	return false;
}

static bool
walk_is_ours(const char *base)
{
	return strcmp(base, IGNORE_NAME) == 0 || strcmp(base, SETTINGS_NAME) == 0;
}

/* Whether a name found in a folder is wanted; below and base are parts of
 * w->path. */
static bool
walk_wanted(const source_walk *w, const char *base, bool folder)
{
	const source_options *o = w->options;
	const char *below = (const char *)w->path.p + w->root_len;

	if (base[0] == '.' && (!o->hidden || walk_is_ours(base)))
		return false;
	if (o->nexclude && walk_matches(o->exclude, o->nexclude, below, base, folder))
		return false;
	if (!folder && o->ninclude && !walk_matches(o->include, o->ninclude, below, base, folder))
		return false;
	return !walk_ignored(w, folder);
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

/* ---- folders -------------------------------------------------------- */

static void
walk_take_stat(walk_stat *to, int result, const struct stat *st)
{
	to->error = result ? errno : 0;
	if (result)
		return;
	to->mode = st->st_mode;
	to->dev = st->st_dev;
	to->ino = st->st_ino;
	to->size = (uint64_t)st->st_size;
	to->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static int
walk_compare(const void *a, const void *b)
{
	return strcmp(((const walk_name *)a)->name, ((const walk_name *)b)->name);
}

static int
walk_compare_ino(const void *a, const void *b)
{
	uint64_t x = ((const walk_name *)a)->ino, y = ((const walk_name *)b)->ino;
	return (x > y) - (x < y);
}

static bool
walk_add_name(walk_frame *f, size_t *cap, const struct dirent *e)
{
	walk_name *n;

	if (!mem_grow(&f->names, cap, f->n + 1, sizeof *f->names))
		return false;
	n = &f->names[f->n];
	memset(n, 0, sizeof *n);
	n->ino = e->d_ino;
	n->name = arena_strndup(&f->names_arena, e->d_name, strlen(e->d_name));
	f->n += n->name != NULL;
	return n->name != NULL;
}

/* All names of the folder; false when memory is out.  A folder that
 * cannot be listed to its end sets *error. */
static bool
walk_list(const source_walk *w, walk_frame *f, DIR *dir, int *error)
{
	bool hidden = w->options->hidden;
	size_t cap = 0;
	struct dirent *e;
	struct stat st;

	for (;;) {
		errno = 0;
		e = readdir(dir);
		if (!e)
			break;
		if (e->d_name[0] == '.' &&
		    (!hidden || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) && !walk_is_ours(e->d_name))
			continue;
		if (!walk_add_name(f, &cap, e))
			return false;
	}
	*error = errno;
	if (!f->n)
		return true;
	qsort(f->names, f->n, sizeof *f->names, walk_compare_ino);
	for (size_t i = 0; i < f->n; i++)
		walk_take_stat(&f->names[i].st, fstatat(dirfd(dir), f->names[i].name, &st, 0), &st);
	qsort(f->names, f->n, sizeof *f->names, walk_compare);
	return true;
}

static const walk_name *
walk_find(const walk_frame *f, const char *name)
{
	walk_name key = { .name = (char *)(uintptr_t)name };

	return f->n ? bsearch(&key, f->names, f->n, sizeof *f->names, walk_compare) : NULL;
}

/* What the folder at w->path, its slash included, says of those below it.  *why: its
 * list of what to leave out cannot be read, so nobody knows what is wanted. */
static cdg_status
walk_rules(source_walk *w, walk_frame *f, cdg_error *why)
{
	const walk_frame *above = w->nframes ? &w->frames[w->nframes - 1] : NULL;
	const walk_name *name = walk_find(f, IGNORE_NAME);
	size_t len = w->path.len;
	cdg_status st = CDG_OK;

	f->settings = settings_ref(above ? above->settings : w->options->settings);
	f->doubtful = above && above->doubtful;
	if (name && !S_ISDIR(name->st.mode)) {
		buf_puts(&w->path, IGNORE_NAME);
		st = S_ISREG(name->st.mode) ? ignore_load(buf_cstr(&w->path), &f->ignore, why) :
					      err_set(why, CDG_E_INPUT, IGNORE_NAME " is not a regular file");
		w->path.len = len;
	}
	name = walk_find(f, SETTINGS_NAME);
	if (st == CDG_OK && name && !S_ISDIR(name->st.mode)) {
		const settings *own = NULL;
		buf_puts(&w->path, SETTINGS_NAME);
		st = S_ISREG(name->st.mode) ? settings_load(buf_cstr(&w->path), f->settings, &own, why) :
					      err_set(why, CDG_E_INPUT, "not a regular file");
		w->path.len = len;
		if (st == CDG_OK) {
			settings_unref(f->settings);
			f->settings = own;
		} else if (st != CDG_E_NOMEM) {
			f->doubtful = true;
			f->broken = mem_strdup(why->message);
			st = f->broken ? CDG_OK : CDG_E_NOMEM;
		}
	}
	return w->path.failed ? CDG_E_NOMEM : st;
}

static bool
walk_is_above(const source_walk *w, const walk_stat *st)
{
	for (size_t i = 0; i < w->nframes; i++)
		if (w->frames[i].dev == st->dev && w->frames[i].ino == st->ino)
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

/* May the folder at w->path be entered?  Else the entry says why not, if that is
 * worth a word.  False: no memory. */
static bool
walk_may_enter(source_walk *w, const walk_stat *st, source_walk_entry *entry, bool *may)
{
	bool known;

	*may = false;
	/* one that was named itself may hold both, documents and an index */
	if (!entry->named && w->options->own_ino && w->options->own_ino == st->ino &&
	    w->options->own_dev == st->dev)
		return true;
	if (!walk_note(w, st, &known))
		return false;
	if (known) {
		entry->skip = true; /* nothing is missed by it */
		walk_report(w, entry,
			    walk_is_above(w, st) ? "a link to a folder above: not followed" :
						   "the same folder was read under another name",
			    0);
	} else if (!entry->named && walk_is_index(w)) {
		entry->skip = true;
		walk_report(w, entry, "an index of cdgsearch: not read", 0);
	} else {
		*may = true;
	}
	return true;
}

/* The names of the folder at w->path.  False: no memory. */
static bool
walk_open(source_walk *w, walk_frame *f, source_walk_entry *entry, bool *opened)
{
	int error = 0;
	bool ok;
	DIR *dir = opendir((const char *)w->path.p);

	*opened = dir != NULL;
	if (!dir) {
		walk_report(w, entry, "cannot open the folder", errno);
		return true;
	}
	ok = walk_list(w, f, dir, &error);
	closedir(dir);
	if (error)
		walk_report(w, entry, "cannot list the whole folder", error);
	return ok;
}

/* Enter the folder at w->path.  entry->message is set where it is not entered,
 * or only in part. */
static bool
walk_enter(source_walk *w, const walk_stat *st, source_walk_entry *entry)
{
	walk_frame f = { .dev = st->dev, .ino = st->ino };
	size_t len = w->path.len, root_len = w->root_len;
	cdg_error why = { 0 };
	cdg_status got;
	bool may, opened;

	if (!walk_may_enter(w, st, entry, &may))
		return false;
	if (!may)
		return true;
	if (!mem_grow(&w->frames, &w->frames_cap, w->nframes + 1, sizeof *w->frames))
		return false;
	if (!walk_open(w, &f, entry, &opened)) {
		walk_frame_fini(&f);
		return false;
	}
	if (!opened)
		return true;
	if (w->nframes == 0 && strcmp((const char *)w->path.p, ".") == 0)
		w->path.len = 0;
	else if (w->path.p[w->path.len - 1] != '/')
		buf_put_u8(&w->path, '/');
	if (w->nframes == 0)
		w->root_len = w->path.len;
	f.path_len = w->path.len;
	got = walk_rules(w, &f, &why);
	if (got != CDG_OK) {
		walk_frame_fini(&f);
		w->root_len = root_len;
		buf_puts(&w->path, len > f.path_len ? "." : ""); /* the folder "." */
		w->path.len = len;
		buf_cstr(&w->path);
		walk_report(w, entry, "not entered, since its " IGNORE_NAME " cannot be read: say with it what to leave out, "
				      "or remove it", 0);
		return got != CDG_E_NOMEM && !w->path.failed;
	}
	buf_cstr(&w->path);
	w->frames[w->nframes++] = f;
	return true;
}

/* A file that was named has the settings of its folder; false: no memory. */
static bool
walk_own_settings(source_walk *w, source_walk_entry *entry)
{
	const char *path = (const char *)w->path.p, *slash = strrchr(path, '/');
	cdg_error why = { 0 };
	cdg_status got = CDG_OK;
	struct stat st;
	buf name = { 0 };

	settings_unref(w->own);
	w->own = NULL;
	if (slash)
		buf_put(&name, path, (size_t)(slash + 1 - path));
	buf_puts(&name, SETTINGS_NAME);
	if (!stat(buf_cstr(&name), &st))
		got = S_ISREG(st.st_mode) ? settings_load(buf_cstr(&name), w->options->settings, &w->own, &why) :
					    err_set(&why, CDG_E_INPUT, "not a regular file");
	if (got != CDG_OK)
		snprintf(w->message, sizeof w->message, "not read, for the settings of its folder are wrong (%s): %.160s",
			 SETTINGS_NAME, why.message);
	if (got != CDG_OK)
		entry->message = w->message;
	else if (!w->own)
		w->own = settings_ref(w->options->settings);
	entry->settings = w->own;
	got = name.failed ? CDG_E_NOMEM : got;
	buf_fini(&name);
	return got != CDG_E_NOMEM;
}

/* A name of something that this process has open: a pipe of the shell's, which has a writer. */
static bool
walk_is_open_already(const char *path)
{
	return strcmp(path, "/dev/stdin") == 0 || strncmp(path, "/dev/fd/", 8) == 0 || strncmp(path, "/proc/self/fd/", 14) == 0;
}

static bool
walk_describe(source_walk *w, const walk_stat *st, source_walk_entry *entry)
{
	const walk_frame *f = w->nframes ? &w->frames[w->nframes - 1] : NULL;

	entry->regular = S_ISREG(st->mode);
	entry->settings = f ? f->settings : NULL;
	entry->doubtful = f && f->doubtful;
	if (entry->regular) {
		entry->size = st->size;
		entry->mtime_ns = st->mtime_ns;
	} else if (!entry->named) {
		entry->skip = true;
		walk_report(w, entry, "not a regular file", 0);
	} else if (!walk_is_open_already((const char *)w->path.p) || S_ISSOCK(st->mode) || S_ISBLK(st->mode)) {
		walk_report(w, entry,
			    S_ISFIFO(st->mode) ? "a named pipe: give what comes out of it to standard input (-)" :
			    S_ISSOCK(st->mode) ? "a socket, not a file" : "a device, not a file", 0);
	}
	return f || !entry->regular || walk_own_settings(w, entry);
}

/* Look at w->path, whose last part is base (NULL: the path that was added).
 * *give: the entry is for the caller. */
static bool
walk_visit(source_walk *w, const char *base, const walk_stat *st, source_walk_entry *entry, bool *give)
{
	const walk_frame *f = w->nframes ? &w->frames[w->nframes - 1] : NULL;

	*give = false;
	entry->named = base == NULL;
	if (base && f && f->broken && strcmp(base, SETTINGS_NAME) == 0) {
		entry->message = f->broken;
		*give = true;
		return true;
	}
	if (base && !walk_wanted(w, base, !st->error && S_ISDIR(st->mode)))
		return true;
	if (st->error) {
		walk_report(w, entry, "cannot read", st->error);
		*give = true;
		return true;
	}
	if (S_ISDIR(st->mode)) {
		if (!walk_enter(w, st, entry))
			return false;
		*give = entry->message != NULL;
		return !w->path.failed;
	}
	*give = true;
	return walk_describe(w, st, entry);
}

bool
source_walk_next(source_walk *w, source_walk_entry *entry)
{
	bool give = false;

	memset(entry, 0, sizeof *entry);
	if (w->pending) {
		struct stat sb;
		walk_stat st = { 0 };

		w->pending = false;
		walk_take_stat(&st, stat((const char *)w->path.p, &sb), &sb);
		if (!walk_visit(w, NULL, &st, entry, &give))
			return false;
	}
	while (!give && w->nframes) {
		walk_frame *f = &w->frames[w->nframes - 1];
		const walk_name *name;

		if (f->at == f->n) {
			walk_frame_fini(f);
			w->nframes--;
			continue;
		}
		w->path.len = f->path_len;
		name = &f->names[f->at++];
		buf_puts(&w->path, name->name);
		buf_cstr(&w->path);
		if (w->path.failed || !walk_visit(w, name->name, &name->st, entry, &give))
			return false;
	}
	if (give)
		entry->path = buf_cstr(&w->path);
	return !w->path.failed;
}
