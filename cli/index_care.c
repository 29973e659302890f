/* index_care.c - check, stat, dump, merge, snapshot, delete, import. */
#include "cli/index_care.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/watch.h"

/* ---- reading --------------------------------------------------------------- */

/* The end of a command that wrote to standard output. */
static int
care_end(cdg_status st, const cdg_error *err)
{
	int code = cli_finish();

	if (st == CDG_E_CANCELLED) /* the reader of the pipe had enough, or the disk is full */
		return code;
	if (st == CDG_OK)
		return code;
	cli_fail(err);
	return st == CDG_E_NOTFOUND ? CLI_NOTHING : CLI_ERROR;
}

int
care_check(const index_options *o, const char *path)
{
	cdg_index *x;
	cdg_error err;
	cdg_status st;

	if (cdg_index_open(path, &x, &err) != CDG_OK)
		return cli_fail(&err);
	st = cdg_index_check(x, o->quiet ? NULL : cli_write, NULL, &err);
	if (st == CDG_OK && !o->quiet) {
		static const char sound[] = " is sound\n";

		cli_write(NULL, path, strlen(path));
		cli_write(NULL, sound, sizeof sound - 1);
	}
	cdg_index_close(x);
	if (cli_finish() != CLI_OK)
		return CLI_ERROR;
	return st == CDG_OK ? CLI_OK : cli_fail(&err);
}

/* stat --failed, --skipped, --duplicates. */
static int
care_sources(const index_options *o, const char *path)
{
	cdg_source_list what = o->failed ? CDG_SOURCES_FAILED : o->skipped ? CDG_SOURCES_SKIPPED : CDG_SOURCES_DUPLICATES;
	uint64_t total = 0;
	cdg_error err;
	cdg_status st = cdg_index_list_sources(path, what, o->json, cli_write, NULL, &total, &err);
	int code = care_end(st, &err);

	if (st != CDG_OK)
		return st == CDG_E_NOTFOUND ? CLI_ERROR : code;
	if (o->quiet || o->json)
		return code;
	if (o->failed)
		cli_error("%s could not be read", cli_count(total, "input"));
	else if (o->skipped)
		cli_error("%s skipped or read in part", cli_count(total, "file"));
	else
		cli_error("%s with the bytes of another", cli_count(total, "file"));
	return code;
}

int
care_stat(const index_options *o, const char *path)
{
	cdg_index *x;
	cdg_error err;
	cdg_status st;

	if (o->failed || o->skipped || o->duplicates)
		return care_sources(o, path);
	if (cdg_index_open(path, &x, &err) != CDG_OK)
		return cli_fail(&err);
	st = cdg_index_stat(x, o->json, cli_write, NULL, &err);
	cdg_index_close(x);
	return care_end(st, &err);
}

int
care_dump(const index_options *o, const char *path)
{
	cdg_index *x;
	cdg_error err;
	cdg_status st;

	if (cdg_index_open(path, &x, &err) != CDG_OK)
		return cli_fail(&err);
	if (o->terms)
		st = cdg_index_dump_terms(x, o->prefix, o->prefix ? strlen(o->prefix) : 0, cli_write, NULL, &err);
	else if (o->term)
		st = cdg_index_dump_term(x, o->term, strlen(o->term), cli_write, NULL, &err);
	else if (o->doc)
		st = cdg_index_dump_document(x, o->doc, strlen(o->doc), cli_write, NULL, &err);
	else if (o->format)
		st = cdg_index_dump_records(x, o->format, cli_write, NULL, &err);
	else
		st = cdg_index_dump_ids(x, cli_write, NULL, &err);
	cdg_index_close(x);
	return care_end(st, &err);
}

int
care_snapshot(const index_options *o, const char *path)
{
	cdg_error err;

	if (cdg_index_snapshot(path, o->args[0], &err) != CDG_OK)
		return cli_fail(&err);
	if (!o->quiet)
		printf("%s is a copy of %s\n", o->args[0], path);
	return CLI_OK;
}

/* ---- writing ---------------------------------------------------------------- */

/* Only an index that is there: looking after one must not make one. */
static int
care_writer(const index_options *o, const char *path, progress *p, cdg_writer **w)
{
	cdg_index *x;
	cdg_error err;

	if (cdg_index_open(path, &x, &err) != CDG_OK)
		return cli_fail(&err);
	cdg_index_close(x);
	progress_init(p, o->quiet, o->verbose);
	cdg_writer_config_on_message(o->config, progress_message, p);
	cdg_writer_config_on_progress(o->config, progress_update, p);
	if (cdg_writer_open(path, o->config, w, &err) != CDG_OK)
		return cli_fail(&err);
	watch_begin(*w);
	return CLI_OK;
}

static int
care_commit(cdg_writer *w, progress *p)
{
	cdg_error err;
	cdg_status st = cdg_writer_commit(w, &err);

	progress_end(p);
	if (st == CDG_OK)
		return CLI_OK;
	if (st == CDG_E_CANCELLED) {
		cli_error("stopped: the index is as it was");
		return CLI_ERROR;
	}
	return cli_fail(&err);
}

int
care_merge(const index_options *o, const char *path)
{
	cdg_writer *w;
	cdg_error err;
	progress p;
	int code;

	if (cdg_writer_config_set(o->config, CDG_WRITER_OPTIMIZE, 1, &err) != CDG_OK)
		return cli_fail(&err);
	code = care_writer(o, path, &p, &w);
	if (code != CLI_OK)
		return code;
	code = care_commit(w, &p);
	watch_end();
	cdg_writer_close(w);
	return code;
}

int
care_import(const index_options *o, const char *path)
{
	uint64_t n = 0;
	cdg_writer *w;
	cdg_index *from;
	cdg_error err;
	cdg_status st;
	progress p;
	int code = CLI_ERROR;

	if (cdg_index_open(o->args[0], &from, &err) != CDG_OK)
		return cli_fail(&err);
	progress_init(&p, o->quiet, o->verbose);
	cdg_writer_config_on_message(o->config, progress_message, &p);
	cdg_writer_config_on_progress(o->config, progress_update, &p);
	/* documents come one after the other, and keep their order */
	cdg_writer_config_set_threads(o->config, 1, NULL);
	if (cdg_writer_open(path, o->config, &w, &err) != CDG_OK) {
		cdg_index_close(from);
		return cli_fail(&err);
	}
	watch_begin(w);
	st = cdg_writer_import(w, from, &n, &err);
	if (st == CDG_OK)
		code = care_commit(w, &p);
	else if (st == CDG_E_CANCELLED)
		cli_error("stopped: %s is as it was", path);
	else
		cli_fail(&err);
	progress_end(&p);
	if (code == CLI_OK && !o->quiet)
		printf("%s from %s\n", cli_count(n, "document"), o->args[0]);
	watch_end();
	cdg_writer_close(w);
	cdg_index_close(from);
	return code;
}

typedef struct deletion {
	cdg_writer *w;
	uint64_t deleted, missing;
	uint64_t files;  /* deleted, and still there as files */
	char file[300];  /* the first of them */
	bool quiet;
} deletion;

/* The document of a file has the file's path as its identifier. */
static void
note_file(deletion *d, const char *id, size_t len)
{
	char path[4096];
	struct stat st;

	if (len >= sizeof path || memchr(id, 0, len))
		return;
	memcpy(path, id, len);
	path[len] = 0;
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return;
	if (!d->files++)
		snprintf(d->file, sizeof d->file, "%.290s", path);
}

/* Someone who deletes a document whose file stays will wonder later. */
static void
say_files(const deletion *d)
{
	static const char what[] = "until it changes, or you index it with --force; --exclude keeps it out for good";

	if (d->files == 1)
		cli_error("note: the file %s is still there: it stays out of the index %s", d->file, what);
	else if (d->files)
		cli_error("note: %s of these documents are still there (%s, ...): each stays out of the index %s",
			  cli_count(d->files, "file"), d->file, what);
}

static bool
delete_one(deletion *d, const char *id, size_t len)
{
	cdg_error err;
	int found = 0;

	if (cdg_writer_delete(d->w, id, len, &found, &err) != CDG_OK) {
		cli_fail(&err);
		return false;
	}
	d->deleted += found != 0;
	if (found)
		note_file(d, id, len);
	d->missing += !found;
	if (!found && !d->quiet && d->missing <= PROGRESS_NAMED)
		cli_error("no document '%.*s'", (int)(len < 300 ? len : 300), id);
	return true;
}

static bool
delete_lines(deletion *d)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool good = true;

	while (good && (n = getline(&line, &cap, stdin)) >= 0) {
		if (n && line[n - 1] == '\n')
			n--;
		if (n && line[n - 1] == '\r')
			n--;
		if (n)
			good = delete_one(d, line, (size_t)n);
	}
	if (ferror(stdin)) {
		cli_error("cannot read standard input: %s", strerror(errno));
		good = false;
	}
	free(line);
	return good;
}

int
care_delete(const index_options *o, const char *path)
{
	deletion d = { .quiet = o->quiet };
	bool good = true;
	progress p;
	int code = care_writer(o, path, &p, &d.w);

	if (code != CLI_OK)
		return code;
	for (size_t i = 0; good && i < o->nargs; i++)
		good = strcmp(o->args[i], "-") ? delete_one(&d, o->args[i], strlen(o->args[i])) : delete_lines(&d);
	code = good ? CLI_OK : CLI_ERROR;
	if (good && d.deleted)
		code = care_commit(d.w, &p);
	else if (good)
		code = CLI_NOTHING;
	if (d.missing > PROGRESS_NAMED && !o->quiet)
		cli_error("and %s more that are not there", cli_commas(d.missing - PROGRESS_NAMED));
	if (code == CLI_OK && !o->quiet)
		printf("%s deleted\n", cli_count(d.deleted, "document"));
	if (code == CLI_OK && !o->quiet)
		say_files(&d);
	watch_end();
	cdg_writer_close(d.w);
	return code;
}
