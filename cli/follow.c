/* follow.c - see follow.h.
 *
 * inotify only says that something has changed: each pass looks at all of the paths
 * again, as any run does, which costs 3 ms a thousand files.  So nothing that the
 * kernel drops, and no folder that moves while it is looked at, can be missed for
 * long.  A pass begins when nothing has happened for QUIET_MS, or PATIENCE_MS after
 * the first change, and not before ten times the last pass has gone by.
 *
 * Between two passes no writer is open: others may change the index.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cli/follow.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/watch.h"

enum {
	QUIET_MS = 700,
	PATIENCE_MS = 3000,
	LIMIT_SECONDS = 60, /* between looks when not all folders can be watched */
	RETRY_MS = 2000,    /* another writer has the index */
	REST = 10,          /* a pass is at most a part of this of the time */
	DEPTH_MAX = 1000
};

typedef struct follower {
	const index_options *o;
	const char *index;
	int fd;              /* of inotify; -1: only time passes */
	uint64_t every_ms;   /* look anyway; 0: never */
	uint8_t *known;      /* by watch: met in this tour of the folders */
	size_t known_cap;
	bool full;           /* there was no watch left */
	bool rewatch;        /* folders have come or gone */
	uint64_t dirty_at, dirty_last; /* when the first change came, and the last; 0: none */
	uint64_t rest_until;
	uint64_t passes, added, replaced, renamed, deleted, failed;
	char said[512];      /* the last complaint, which is made once */
} follower;

static uint64_t
now_ms(void)
{
	return clock_ns() / 1000000;
}

/* What is the same each time is said once. */
static void
complain(follower *f, const char *text)
{
	if (strcmp(f->said, text) != 0)
		cli_error("%s", text);
	snprintf(f->said, sizeof f->said, "%.500s", text);
}

/* ---- folders ----------------------------------------------------------------- */

static bool
is_index(const follower *f, const struct stat *st)
{
	struct stat own;

	return !stat(f->index, &own) && own.st_dev == st->st_dev && own.st_ino == st->st_ino;
}

static void
say_full(follower *f)
{
	if (f->full)
		return;
	f->full = true;
	if (!f->every_ms)
		f->every_ms = LIMIT_SECONDS * 1000;
	cli_error("the system watches no more folders for you (sysctl fs.inotify.max_user_watches raises the limit): "
		  "all is looked at each %llu seconds as well", (unsigned long long)f->every_ms / 1000);
}

/* *again: the folder was met before, under this or another name. */
static bool
watch_one(follower *f, const char *path, bool *again)
{
	int wd = inotify_add_watch(f->fd, path, IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
						    IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
	size_t had = f->known_cap;

	*again = false;
	if (wd < 0 && errno == ENOSPC)
		say_full(f);
	if (wd < 0)
		return false;
	if (!mem_grow(&f->known, &f->known_cap, (size_t)wd + 1, sizeof *f->known))
		return false;
	memset(f->known + had, 0, f->known_cap - had);
	*again = f->known[wd];
	f->known[wd] = 1;
	return true;
}

static void watch_below(follower *f, char *path, size_t len, unsigned depth);

static void
watch_entry(follower *f, char *path, size_t len, const struct dirent *e, unsigned depth)
{
	size_t n = strlen(e->d_name);
	struct stat st;

	if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || (e->d_name[0] == '.' && !f->o->hidden))
		return;
	if ((e->d_type != DT_DIR && e->d_type != DT_LNK && e->d_type != DT_UNKNOWN) || len + n + 2 > PATH_MAX)
		return;
	path[len] = '/';
	memcpy(path + len + 1, e->d_name, n + 1);
	if (!stat(path, &st) && S_ISDIR(st.st_mode) && !is_index(f, &st))
		watch_below(f, path, len + 1 + n, depth + 1);
	path[len] = 0;
}

/* path has room for PATH_MAX bytes. */
static void
watch_below(follower *f, char *path, size_t len, unsigned depth)
{
	struct dirent *e;
	bool again;
	DIR *dir;

	if (depth > DEPTH_MAX || f->full || !watch_one(f, path, &again) || again)
		return;
	dir = opendir(path);
	if (!dir)
		return;
	while ((e = readdir(dir)))
		watch_entry(f, path, len, e, depth);
	closedir(dir);
}

/* A tour of all folders: those that have a watch keep it. */
static void
watch_all(follower *f)
{
	char path[PATH_MAX];

	f->rewatch = false;
	if (f->fd < 0)
		return;
	if (f->known_cap)
		memset(f->known, 0, f->known_cap);
	for (size_t i = 0; i < f->o->nargs; i++) {
		size_t n = strlen(f->o->args[i]);
		struct stat st;

		if (n >= sizeof path || stat(f->o->args[i], &st))
			continue;
		memcpy(path, f->o->args[i], n + 1);
		while (n > 1 && path[n - 1] == '/')
			path[--n] = 0;
		if (!S_ISDIR(st.st_mode)) { /* its folder tells when it is replaced */
			char *slash = strrchr(path, '/');
			bool again;
			if (slash)
				slash[slash == path] = 0;
			watch_one(f, slash ? path : ".", &again);
		} else {
			watch_below(f, path, n, 0);
		}
	}
}

/* ---- events ------------------------------------------------------------------- */

static void
note_change(follower *f)
{
	f->dirty_last = now_ms();
	if (!f->dirty_at)
		f->dirty_at = f->dirty_last;
}

static void
note_event(follower *f, const struct inotify_event *e)
{
	if (e->mask & (IN_ISDIR | IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF))
		f->rewatch = true;
	if (e->mask & IN_IGNORED)
		return;
	if (e->len && e->name[0] == '.' && !f->o->hidden && strcmp(e->name, ".cdgignore") != 0 &&
	    strcmp(e->name, ".cdgindex.conf") != 0)
		return;
	note_change(f);
}

static void
read_events(follower *f)
{
	_Alignas(struct inotify_event) char part[64 << 10];
	ssize_t n;

	while ((n = read(f->fd, part, sizeof part)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(part + at);
			note_event(f, e);
			at += (ssize_t)(sizeof *e + e->len);
		}
}

/* When the next pass is due; UINT64_MAX: when something has changed. */
static uint64_t
due_at(const follower *f, uint64_t last)
{
	uint64_t due = f->every_ms ? last + f->every_ms : UINT64_MAX;

	if (f->dirty_at) {
		uint64_t quiet = f->dirty_last + QUIET_MS, most = f->dirty_at + PATIENCE_MS;
		uint64_t soon = quiet < most ? quiet : most;
		due = soon < due ? soon : due;
	}
	return due != UINT64_MAX && due < f->rest_until ? f->rest_until : due;
}

/* Until a pass is due, or a signal: then false. */
static bool
wait_due(follower *f, uint64_t last)
{
	for (;;) {
		struct pollfd p[2] = { { watch_fd(), POLLIN, 0 }, { f->fd, POLLIN, 0 } };
		uint64_t due = due_at(f, last), now = now_ms();
		int timeout = due == UINT64_MAX ? -1 : due <= now ? 0 : due - now > INT_MAX ? INT_MAX : (int)(due - now);

		if (watch_asked())
			return false;
		if (timeout == 0)
			return true;
		if (poll(p, 2, timeout) > 0 && p[1].revents)
			read_events(f);
	}
}

/* ---- passes ------------------------------------------------------------------- */

/* A path that is not there now may come back; nothing of it is pruned meanwhile. */
static bool
all_there(follower *f)
{
	char text[512];
	struct stat st;

	for (size_t i = 0; i < f->o->nargs; i++) {
		if (!stat(f->o->args[i], &st))
			continue;
		snprintf(text, sizeof text, "cannot read %.300s: %s (waiting for it)", f->o->args[i], strerror(errno));
		complain(f, text);
		return false;
	}
	return true;
}

static void
say_pass(follower *f, const cdg_writer *w)
{
	uint64_t docs = cdg_writer_get(w, CDG_WRITER_DOCUMENTS), replaced = cdg_writer_get(w, CDG_WRITER_REPLACED);
	uint64_t renamed = cdg_writer_get(w, CDG_WRITER_RENAMED), deleted = cdg_writer_get(w, CDG_WRITER_DELETED);
	uint64_t failed = cdg_writer_get(w, CDG_WRITER_FAILED), added = docs - (replaced < docs ? replaced : docs);
	time_t t = time(NULL);
	char clock[16] = "";
	struct tm tm;

	f->passes++;
	f->added += added;
	f->replaced += replaced;
	f->renamed += renamed;
	f->deleted += deleted;
	f->failed += failed;
	if (f->o->quiet || !(docs | renamed | deleted | failed))
		return;
	if (localtime_r(&t, &tm))
		strftime(clock, sizeof clock, "%H:%M:%S", &tm);
	printf("%s added %s, replaced %s, renamed %s, deleted %s, failed %s\n", clock, cli_commas(added),
	       cli_commas(replaced), cli_commas(renamed), cli_commas(deleted), cli_commas(failed));
	fflush(stdout);
}

static cdg_status
pass_run(follower *f, cdg_writer *w, cdg_error *err)
{
	cdg_status st = cdg_writer_add_paths(w, f->o->args, f->o->nargs, err);

	if (st == CDG_OK && f->o->prune)
		st = cdg_writer_prune(w, f->o->args, f->o->nargs, err);
	if (st == CDG_E_LIMIT && f->o->prune)
		complain(f, err->message);
	else if (st != CDG_OK)
		return st;
	else
		f->said[0] = 0;
	return cdg_writer_commit(w, err);
}

/* One look at everything.  False: it makes no sense to go on. */
static bool
pass(follower *f)
{
	uint64_t start = now_ms();
	cdg_writer *w;
	cdg_error err;
	cdg_status st;
	progress p;

	f->dirty_at = 0;
	if (f->rewatch)
		watch_all(f); /* before the pass: what comes meanwhile is told */
	if (!all_there(f)) {
		f->rest_until = start + RETRY_MS;
		f->rewatch = true;
		note_change(f);
		return true;
	}
	progress_init(&p, f->o->quiet, f->o->verbose);
	cdg_writer_config_on_message(f->o->config, progress_message, &p);
	cdg_writer_config_on_progress(f->o->config, progress_update, &p);
	st = cdg_writer_open(f->index, f->o->config, &w, &err);
	if (st == CDG_E_BUSY) {
		complain(f, err.message);
		f->rest_until = start + RETRY_MS;
		note_change(f);
		return true;
	}
	if (st != CDG_OK) {
		cli_fail(&err);
		return false;
	}
	watch_begin(w);
	st = pass_run(f, w, &err);
	progress_end(&p);
	if (st == CDG_OK)
		say_pass(f, w);
	watch_end();
	cdg_writer_close(w);
	if (st != CDG_OK && st != CDG_E_CANCELLED)
		cli_fail(&err);
	f->rest_until = now_ms() + REST * (now_ms() - start);
	return st == CDG_OK;
}

static int
follow_on(follower *f)
{
	uint64_t last = now_ms();
	bool good = true;

	while (good && wait_due(f, last)) {
		good = pass(f);
		last = now_ms();
	}
	if (!watch_asked())
		return CLI_ERROR;
	if (!f->o->quiet)
		printf("stopped: since the first run added %s, replaced %s, renamed %s, deleted %s, failed %s\n",
		       cli_commas(f->added), cli_commas(f->replaced), cli_commas(f->renamed), cli_commas(f->deleted),
		       cli_commas(f->failed));
	return CLI_OK;
}

int
follow(const index_options *o, const char *path, int (*first)(const index_options *o, const char *path))
{
	follower f = { .o = o, .index = path, .fd = -1, .every_ms = o->watch_seconds * 1000 };
	int code;

	for (size_t i = 0; i < o->nargs; i++)
		if (!strcmp(o->args[i], "-"))
			return cli_usage("standard input cannot be watched");
	if (!watch_lasting())
		return cli_usage("cannot watch: %s", strerror(errno));
	if (!o->watch_seconds) {
		f.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (f.fd < 0) {
			cli_error("cannot watch: %s; all is looked at each %d seconds instead", strerror(errno), LIMIT_SECONDS);
			f.every_ms = LIMIT_SECONDS * 1000;
		}
	}
	watch_all(&f);
	code = first(o, path);
	if (code == CLI_OK && !watch_asked()) {
		if (!o->quiet)
			printf("watching; Ctrl-C ends it\n");
		fflush(stdout);
		code = follow_on(&f);
	}
	if (f.fd >= 0)
		close(f.fd);
	mem_free(f.known);
	return code;
}
