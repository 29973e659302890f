/* cdgindex.c - the indexing program: add and update, and the commands that look
 * after an index (index_care.c).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/follow.h"
#include "cli/index_care.h"
#include "cli/progress.h"
#include "cli/watch.h"

/* ---- a dry run -------------------------------------------------------------- */

/* What would become of a file, a line each; of those that stay as they are with -v. */
static void
say_file(void *ctx, const char *what, const char *path, const char *note)
{
	const index_options *o = ctx;
	const char *how = !strcmp(what, "renamed") ? "was " : !strcmp(what, "duplicate") ? "of " : "";

	if (!strcmp(what, "unchanged") && !o->verbose)
		return;
	printf("%-10s %s%s%s%s%s\n", what, path, *note ? " (" : "", how, note, *note ? ")" : "");
}

/* ---- adding ----------------------------------------------------------------- */

/* A path that is not there is a mistake of the call, found before anything is
 * done; with --prune this also keeps a folder that is not mounted today from
 * being taken for an empty one. */
static bool
paths_exist(const index_options *o)
{
	struct stat st;

	for (size_t i = 0; i < o->nargs; i++) {
		if (!strcmp(o->args[i], "-") || !stat(o->args[i], &st))
			continue;
		cli_error("cannot read %s: %s (nothing was done)", o->args[i], strerror(errno));
		if (o->prune && errno == ENOENT)
			cli_error("--prune does not take a path that is not there for an empty one. Is it mounted? "
				  "If it is gone for good, name the folder that it was in; or delete its "
				  "documents: cdgindex dump --ids | grep '^%s' | cdgindex delete -", o->args[i]);
		return false;
	}
	return true;
}

static void
say_count(const char *what, uint64_t n, bool always)
{
	if (n || always)
		printf("  %-13s %14s\n", what, cli_commas(n));
}

static void
say_summary(const index_options *o, const cdg_writer *w, double seconds)
{
	uint64_t docs = cdg_writer_get(w, CDG_WRITER_DOCUMENTS);
	uint64_t replaced = cdg_writer_get(w, CDG_WRITER_REPLACED);
	uint64_t bytes = cdg_writer_get(w, CDG_WRITER_TEXT_BYTES);
	char a[32], b[32], c[32];

	printf("%s\n", o->dry_run ? "would have done:" : "done:");
	say_count("added", docs - (replaced < docs ? replaced : docs), true);
	say_count("replaced", replaced, true);
	say_count("unchanged", cdg_writer_get(w, CDG_WRITER_UNCHANGED), true);
	say_count("same files", cdg_writer_get(w, CDG_WRITER_UNCHANGED_FILES), false);
	say_count("renamed", cdg_writer_get(w, CDG_WRITER_RENAMED), false);
	say_count("duplicates", cdg_writer_get(w, CDG_WRITER_COPIES), false);
	say_count("deleted", cdg_writer_get(w, CDG_WRITER_DELETED), true);
	say_count("same id", cdg_writer_get(w, CDG_WRITER_DUPLICATES), false);
	say_count("skipped", cdg_writer_get(w, CDG_WRITER_SKIPPED), false);
	say_count("failed", cdg_writer_get(w, CDG_WRITER_FAILED), true);
	say_count("failed before", cdg_writer_get(w, CDG_WRITER_FAILED_BEFORE), false);
	say_count("bad UTF-8", cdg_writer_get(w, CDG_WRITER_INVALID_UTF8), false);
	printf("  %s of text in %.1f s, %s/s; peak memory %s\n", progress_bytes((double)bytes, a), seconds,
	       progress_bytes(seconds > 0 ? (double)bytes / seconds : 0, b),
	       progress_bytes((double)cdg_writer_get(w, CDG_WRITER_PEAK_MEMORY), c));
}

static cdg_status
add_all(const index_options *o, cdg_writer *w, bool *refused, cdg_error *err)
{
	cdg_status st = cdg_writer_add_paths(w, o->args, o->nargs, err);

	*refused = false;
	if (st == CDG_OK && o->prune)
		st = cdg_writer_prune(w, o->args, o->nargs, err);
	if (st == CDG_E_LIMIT && o->prune) {
		*refused = true;
		cli_fail(err);
		st = CDG_OK;
	}
	if (st == CDG_OK && !o->dry_run)
		st = cdg_writer_commit(w, err);
	return st;
}

/* Of all that was named, nothing could be read. */
static bool
all_failed(const cdg_writer *w)
{
	return cdg_writer_get(w, CDG_WRITER_FAILED) && !cdg_writer_get(w, CDG_WRITER_DOCUMENTS) &&
	       !cdg_writer_get(w, CDG_WRITER_UNCHANGED) && !cdg_writer_get(w, CDG_WRITER_UNCHANGED_FILES) &&
	       !cdg_writer_get(w, CDG_WRITER_COPIES);
}

/* A path that was named is there, but nobody may look into it. */
static bool
named_unreadable(const index_options *o)
{
	for (size_t i = 0; i < o->nargs; i++)
		if (strcmp(o->args[i], "-") != 0 && faccessat(AT_FDCWD, o->args[i], R_OK, AT_EACCESS) != 0)
			return true;
	return false;
}

/* A broken document is a matter of the documents: it is named, counted and kept
 * in a list, and the work is done.  The call itself failed if nothing of what it
 * named could be read, or one of its paths could not at all. */
static int
say_failures(const index_options *o, const cdg_writer *w)
{
	uint64_t failed = cdg_writer_get(w, CDG_WRITER_FAILED);
	uint64_t before = cdg_writer_get(w, CDG_WRITER_FAILED_BEFORE);

	if (failed && all_failed(w)) {
		cli_error("nothing of what was named could be read");
		return CLI_ERROR;
	}
	if (failed && o->dry_run)
		cli_error("%s could not be read", cli_count(failed, "input"));
	else if (failed)
		cli_error("%s could not be read, all others are in the index (later: cdgindex stat --failed)",
			  cli_count(failed, "input"));
	if (before && (o->strict || !o->quiet))
		cli_error("%s of which something failed before, unchanged since, not read again (cdgindex stat "
			  "--failed says what; --retry-failed reads them)", cli_count(before, "file"));
	return (o->strict && (failed || before)) || (failed && named_unreadable(o)) ? CLI_ERROR : CLI_OK;
}

static int
add(const index_options *o, const char *path)
{
	uint64_t start = clock_ns();
	int code = CLI_OK;
	bool refused;
	cdg_writer *w;
	cdg_error err;
	cdg_status st;
	progress p;

	if (!paths_exist(o))
		return CLI_ERROR;
	progress_init(&p, o->quiet, o->verbose);
	cdg_writer_config_on_message(o->config, progress_message, &p);
	if (!o->quiet)
		cdg_writer_config_on_progress(o->config, progress_update, &p);
	if (o->dry_run && !o->quiet) {
		cdg_writer_config_set_threads(o->config, 1, NULL); /* in the order of the input */
		cdg_writer_config_on_file(o->config, say_file, (void *)(uintptr_t)o);
	}
	if (cdg_writer_open(path, o->config, &w, &err) != CDG_OK)
		return cli_fail(&err);
	watch_begin(w);
	st = add_all(o, w, &refused, &err);
	progress_end(&p);
	if (st == CDG_E_CANCELLED) {
		cli_error("stopped: what was committed stays, the same command goes on from there");
		code = CLI_ERROR;
	} else if (st != CDG_OK) {
		code = cli_fail(&err);
	} else {
		if (!o->quiet)
			say_summary(o, w, (double)(clock_ns() - start) / 1e9);
		if (o->verbose && cdg_writer_get(w, CDG_WRITER_NO_LANDLOCK))
			cli_error("the kernel has no Landlock: files are kept from readers of documents by seccomp alone");
		code = say_failures(o, w);
		code = refused ? CLI_ERROR : code;
	}
	watch_end();
	cdg_writer_close(w);
	return code;
}

static int
run(index_options *o)
{
	const char *path = cli_index(o->index);

	if (!path)
		return CLI_ERROR;
	switch (o->command) {
	case INDEX_ADD: return o->watch ? follow(o, path, add) : add(o, path);
	case INDEX_CHECK: return care_check(o, path);
	case INDEX_STAT: return care_stat(o, path);
	case INDEX_DUMP: return care_dump(o, path);
	case INDEX_MERGE: return care_merge(o, path);
	case INDEX_SNAPSHOT: return care_snapshot(o, path);
	case INDEX_DELETE: return care_delete(o, path);
	case INDEX_IMPORT: return care_import(o, path);
	}
	return CLI_ERROR;
}

int
main(int argc, char **argv)
{
	index_options o;
	int code;

	cli_start("cdgindex");
	code = index_options_parse(&o, argc, argv);
	if (code == CLI_OK && !o.done)
		code = run(&o);
	index_options_fini(&o);
	if (fflush(stdout) && errno != EPIPE) {
		cli_error("cannot write to standard output: %s", strerror(errno));
		code = CLI_ERROR;
	}
	return code;
}
