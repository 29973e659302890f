/* api_writer.c - changing an index through the public interface: a config, and
 * a writer that joins indexer/source.h and indexer/writer.h.
 *
 * One thread at a time, but for the cancel flag, which anyone may set.
 */
#include "backend/http/remote.h"
#include "backend/each.h"
#include "backend/xapian/open.h"
#include "backend/xapian/sink.h"
#include "extract/ocr.h"
#include "extract/xml_map.h"
#include "indexer/read_record.h"
#include "indexer/source_walk.h"
#include "indexer/sources_db.h"
#include "indexer/writer.h"

#include <unistd.h>

enum { API_GLOBS_MAX = 1000, API_PATHS_AGAIN = 4096, API_BASES_MAX = 100 };

_Static_assert(CDG_WRITER_CSV == 6 && CDG_WRITER_RETRY_FAILED == 8 && CDG_WRITER_RENAMED == 17, "numbers are pinned");

struct cdg_writer_config {
	arena mem;
	writer_options o;
	source_options s;
	ocr_options ocr; /* strings in mem; o.documents.ocr is this one, or NULL */
	const char *ocr_command;
	doc_str xml_map; /* its text */
	settings_base bases[API_BASES_MAX];
	size_t nbases;
	const char *include[API_GLOBS_MAX], *exclude[API_GLOBS_MAX];
	bool jsonl, csv, xapian;
	unsigned shards;
	cdg_message_fn message;
	void *message_ctx;
	cdg_progress_fn progress;
	void *progress_ctx;
};

struct cdg_writer {
	atomic_bool cancel;
	writer *w;
	xap_sink *sink; /* of a Xapian database */
	cdg_writer_config *config; /* its own copy */
	char *path;
	/* for records */
	read_build build;
	buf scratch, clean;
};

cdg_status
cdg_writer_config_new(cdg_writer_config **out, cdg_error *err)
{
	*out = mem_calloc(1, sizeof **out);
	if (!*out)
		return err_nomem(err);
	arena_init(&(*out)->mem);
	return CDG_OK;
}

void
cdg_writer_config_free(cdg_writer_config *c)
{
	if (!c)
		return;
	arena_fini(&c->mem);
	mem_free(c);
}

cdg_status
cdg_writer_config_set_threads(cdg_writer_config *c, unsigned threads, cdg_error *err)
{
	if (threads > 1024)
		return err_set(err, CDG_E_ARG, "at most 1024 threads");
	c->o.threads = threads;
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_memory(cdg_writer_config *c, uint64_t bytes, cdg_error *err)
{
	if (bytes && bytes < (uint64_t)16 << 20)
		return err_set(err, CDG_E_ARG, "a writer needs at least 16M of memory");
	c->o.memory = bytes;
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_extract_memory(cdg_writer_config *c, uint64_t bytes, cdg_error *err)
{
	if (bytes && bytes < (uint64_t)64 << 20)
		return err_set(err, CDG_E_ARG, "a process that reads documents needs at least 64M of memory");
	c->o.documents.memory = bytes;
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_extract_timeout(cdg_writer_config *c, unsigned seconds, cdg_error *err)
{
	if (seconds > 86400)
		return err_set(err, CDG_E_ARG, "reading a document may take a day (86400 seconds) at most");
	c->o.documents.seconds = seconds;
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_ocr(cdg_writer_config *c, const char *command, cdg_error *err)
{
	c->ocr_command = NULL;
	c->o.documents.ocr = NULL;
	c->s.images = false;
	if (!command)
		return CDG_OK;
	CDG_TRY(ocr_parse(&c->mem, command, &c->ocr, err));
	c->ocr_command = arena_strndup(&c->mem, command, strlen(command));
	if (!c->ocr_command)
		return err_nomem(err);
	c->o.documents.ocr = &c->ocr;
	c->s.images = true;
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_ocr_timeout(cdg_writer_config *c, unsigned seconds, cdg_error *err)
{
	if (seconds > 86400)
		return err_set(err, CDG_E_ARG, "OCR may take a day (86400 seconds) at most");
	c->ocr.seconds = seconds;
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_xml_map(cdg_writer_config *c, const char *path, cdg_error *err)
{
	buf text = { 0 };
	cdg_status st = path ? extract_xml_map_read(path, &text, err) : CDG_OK;

	c->xml_map = read_str("", 0);
	if (st == CDG_OK && text.len)
		c->xml_map = read_str(arena_strndup(&c->mem, (char *)text.p, text.len), text.len);
	buf_fini(&text);
	return st == CDG_OK && c->mem.failed ? err_nomem(err) : st;
}

cdg_status
cdg_writer_config_add_url_base(cdg_writer_config *c, const char *dir, const char *url, cdg_error *err)
{
	settings_base base = { 0 };
	buf path = { 0 };

	if (!dir || !*dir)
		return err_set(err, CDG_E_ARG, "which folder?");
	if (url && !strstr(url, "://"))
		return err_set(err, CDG_E_ARG, "'%.100s' is no address: give one such as https://host/folder/", url);
	if (c->nbases == API_BASES_MAX)
		return err_set(err, CDG_E_LIMIT, "more than %d folders with an address", API_BASES_MAX);
	source_walk_normalise(&path, dir);
	base.dir = arena_strndup(&c->mem, (char *)path.p, path.len);
	base.url = url ? arena_strndup(&c->mem, url, strlen(url)) : NULL;
	if (path.failed || c->mem.failed) {
		buf_fini(&path);
		return err_nomem(err);
	}
	buf_fini(&path);
	c->bases[c->nbases++] = base;
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_lang(cdg_writer_config *c, const char *lang, cdg_error *err)
{
	text_lang id = text_lang_id(lang, strlen(lang));

	if (!strcmp(lang, "auto")) {
		c->o.lang_mode = WRITER_LANG_AUTO;
	} else if (!strcmp(lang, "none")) {
		c->o.lang_mode = WRITER_LANG_NONE;
	} else if (id != TEXT_LANG_NONE) {
		c->o.lang_mode = WRITER_LANG_FIXED;
		c->o.lang = id;
	} else {
		return err_set(err, CDG_E_ARG,
			       "'%s' is not a language I know: give auto, none, or a code such as en, "
			       "de or zh",
			       lang);
	}
	return CDG_OK;
}

cdg_status
cdg_writer_config_set(cdg_writer_config *c, cdg_writer_flag flag, int on, cdg_error *err)
{
	switch (flag) {
	case CDG_WRITER_STORE: c->o.no_store = !on; break;
	case CDG_WRITER_FORCE: c->o.force = on != 0; break;
	case CDG_WRITER_OPTIMIZE: c->o.optimize = on != 0; break;
	case CDG_WRITER_DRY_RUN: c->o.dry_run = on != 0; break;
	case CDG_WRITER_HIDDEN: c->s.hidden = on != 0; break;
	case CDG_WRITER_JSONL: c->jsonl = on != 0; break;
	case CDG_WRITER_CSV: c->csv = on != 0; break;
	case CDG_WRITER_CHECKSUM: c->o.checksum = on != 0; break;
	case CDG_WRITER_RETRY_FAILED: c->o.retry_failed = on != 0; break;
	case CDG_WRITER_REORDER: c->o.reorder = on != 0; break;
	case CDG_WRITER_KEEP_DUPLICATES: c->o.keep_copies = on != 0; break;
	case CDG_WRITER_PRUNE_MOST: c->o.prune_most = on != 0; break;
	case CDG_WRITER_SECTION_TITLES: c->o.no_titles = !on; break;
	case CDG_WRITER_PAIRS: c->o.pairs = on != 0; break;
	default: return err_set(err, CDG_E_ARG, "there is no writer flag %d", (int)flag);
	}
	if (c->jsonl && c->csv)
		return err_set(err, CDG_E_ARG, "inputs cannot be JSON and CSV at once");
	c->s.format = c->jsonl ? SOURCE_JSONL : c->csv ? SOURCE_CSV : SOURCE_AUTO;
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_backend(cdg_writer_config *c, const char *name, cdg_error *err)
{
	c->xapian = !strcmp(name, "xapian");
	if (!c->xapian && strcmp(name, "native") != 0)
		return err_set(err, CDG_E_ARG, "there is no backend '%.60s': give native or xapian", name);
	return CDG_OK;
}

cdg_status
cdg_writer_config_set_shards(cdg_writer_config *c, unsigned shards, cdg_error *err)
{
	if (shards > XAP_SHARDS_MAX)
		return err_set(err, CDG_E_ARG, "at most %d shards", XAP_SHARDS_MAX);
	c->shards = shards;
	return CDG_OK;
}

static cdg_status
api_glob(cdg_writer_config *c, const char **list, size_t *n, const char *glob, cdg_error *err)
{
	if (!glob || !*glob)
		return err_set(err, CDG_E_ARG, "an empty pattern matches nothing");
	if (*n == API_GLOBS_MAX)
		return err_set(err, CDG_E_LIMIT, "more than %d patterns", API_GLOBS_MAX);
	list[*n] = arena_strndup(&c->mem, glob, strlen(glob));
	if (!list[*n])
		return err_nomem(err);
	++*n;
	return CDG_OK;
}

cdg_status
cdg_writer_config_include(cdg_writer_config *c, const char *glob, cdg_error *err)
{
	return api_glob(c, c->include, &c->s.ninclude, glob, err);
}

cdg_status
cdg_writer_config_exclude(cdg_writer_config *c, const char *glob, cdg_error *err)
{
	return api_glob(c, c->exclude, &c->s.nexclude, glob, err);
}

cdg_status
cdg_writer_config_set_max_file_size(cdg_writer_config *c, uint64_t bytes, cdg_error *err)
{
	(void)err;
	c->s.max_file_size = bytes;
	return CDG_OK;
}

void
cdg_writer_config_on_message(cdg_writer_config *c, cdg_message_fn fn, void *ctx)
{
	c->message = fn;
	c->message_ctx = ctx;
}

void
cdg_writer_config_on_file(cdg_writer_config *c, cdg_file_fn fn, void *ctx)
{
	c->o.file = fn;
	c->o.file_ctx = ctx;
}

void
cdg_writer_config_on_progress(cdg_writer_config *c, cdg_progress_fn fn, void *ctx)
{
	c->progress = fn;
	c->progress_ctx = ctx;
}

/* ---- the writer ------------------------------------------------------- */

static void
api_message(void *ctx, const char *path, uint64_t line, bool warning, const char *text)
{
	const cdg_writer_config *c = ctx;

	c->message(c->message_ctx, path, line, warning, text);
}

static void
api_progress(void *ctx, const writer_progress *p)
{
	const cdg_writer_config *c = ctx;

	if (c->progress)
		c->progress(c->progress_ctx, p->phase ? p->phase : "", p->done, p->total,
			    p->stats->documents, p->stats->text_bytes);
}

/* A copy that owns its strings. */
static cdg_status
api_config_copy(const cdg_writer_config *from, cdg_writer_config **out, cdg_error *err)
{
	cdg_writer_config *c;
	cdg_status st = cdg_writer_config_new(&c, err);

	if (st != CDG_OK)
		return st;
	if (from) {
		arena mem = c->mem;

		*c = *from;
		c->mem = mem;
		c->s.ninclude = c->s.nexclude = c->nbases = 0;
		if (from->xml_map.n)
			c->xml_map.p = arena_strndup(&c->mem, from->xml_map.p, from->xml_map.n);
		st = c->mem.failed ? err_nomem(err) : CDG_OK;
		for (size_t i = 0; st == CDG_OK && i < from->nbases; i++)
			st = cdg_writer_config_add_url_base(c, from->bases[i].dir, from->bases[i].url, err);
		for (size_t i = 0; st == CDG_OK && i < from->s.ninclude; i++)
			st = cdg_writer_config_include(c, from->include[i], err);
		for (size_t i = 0; st == CDG_OK && i < from->s.nexclude; i++)
			st = cdg_writer_config_exclude(c, from->exclude[i], err);
		if (st == CDG_OK)
			st = cdg_writer_config_set_ocr(c, from->ocr_command, err);
	}
	c->s.include = c->include;
	c->s.exclude = c->exclude;
	if (c->message) {
		c->o.message = api_message;
		c->o.message_ctx = c;
	}
	if (st != CDG_OK)
		cdg_writer_config_free(c);
	else
		*out = c;
	return st;
}

/* The writer's own folder is then one inside the database's. */
static cdg_status
api_open_xapian(cdg_writer *w, cdg_error *err)
{
	writer_options *o = &w->config->o;
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	xap_sink_options so = { .threads = o->threads ? o->threads : n > 0 ? (unsigned)n : 1,
				.shards = w->config->shards, .no_store = o->no_store, .force = o->force,
				.no_sync = o->no_sync };
	char dir[4096];

	if (o->optimize)
		return err_set(err, CDG_E_ARG, "a Xapian database is merged by xapian-compact, not here");
	if (file_exists(w->path) ? !file_is_dir(w->path) : xap_is_database(w->path))
		return err_set(err, CDG_E_ARG, "%s is a server, a stub file or a single file: give the folder of a database",
			       w->path);
	CDG_TRY(file_join(dir, sizeof dir, w->path, XAP_SOURCES, err));
	o->commit_seconds = UINT32_MAX; /* all at once, at the end */
	if (!o->dry_run) {
		CDG_TRY(file_mkdirs(w->path, err));
		CDG_TRY(xap_sink_open(w->path, &so, &w->sink, err));
	}
	o->sink = &xap_sink_ops;
	o->sink_ctx = w->sink;
	return writer_open(dir, o, &w->w, err);
}

static cdg_status
api_open_writer(cdg_writer *w, cdg_error *err)
{
	bool there = xap_is_database(w->path);

	if (w->config->xapian || there)
		return api_open_xapian(w, err);
	if (w->config->shards)
		return err_set(err, CDG_E_ARG, "shards are for --backend xapian: an index of our own needs none");
	return writer_open(w->path, &w->config->o, &w->w, err);
}

cdg_status
cdg_writer_open(const char *path, const cdg_writer_config *config, cdg_writer **out, cdg_error *err)
{
	cdg_writer *w;
	cdg_status st;

	if (!path || !*path || !out)
		return err_set(err, CDG_E_ARG, "cdg_writer_open: path and out must be given");
	*out = NULL;
	if (remote_is_address(path))
		return err_set(err, CDG_E_ARG, "%s: a server is not written to here; it may take POST /docs", path);
	w = mem_calloc(1, sizeof *w);
	if (!w)
		return err_nomem(err);
	read_build_init(&w->build);
	w->path = mem_strdup(path);
	st = w->path ? api_config_copy(config, &w->config, err) : err_nomem(err);
	if (st == CDG_OK) {
		w->config->o.cancel = &w->cancel;
		st = api_open_writer(w, err);
	}
	if (st != CDG_OK) {
		cdg_writer_close(w);
		return st;
	}
	*out = w;
	return CDG_OK;
}

void
cdg_writer_close(cdg_writer *w)
{
	if (!w)
		return;
	if (w->w)
		writer_close(w->w);
	xap_sink_close(w->sink);
	cdg_writer_config_free(w->config);
	read_build_fini(&w->build);
	buf_fini(&w->scratch);
	buf_fini(&w->clean);
	mem_free(w->path);
	mem_free(w);
}

void
cdg_writer_cancel(cdg_writer *w)
{
	atomic_store(&w->cancel, true);
}

cdg_status
cdg_writer_add_record(cdg_writer *w, const char *json, size_t len, cdg_error *err)
{
	read_record_error why;
	unsigned repeated = 0;
	text_clean clean;
	const char *view;
	size_t n;

	w->clean.len = 0;
	if (len >= SOURCE_RECORD_MAX)
		return err_set(err, CDG_E_LIMIT, "a record of %zu bytes is too long", len);
	CDG_TRY(text_sanitize(json, len, &w->clean, &view, &n, &clean, err));
	read_build_reset(&w->build);
	if (!read_record_parse(&w->build, &w->scratch, view, n, &repeated, &why)) {
		if (w->build.failed)
			return err_nomem(err);
		return err_set(err, CDG_E_INPUT, "the record is not valid at byte %zu: %s", why.offset,
			       why.message);
	}
	if (!read_build_finish(&w->build))
		return err_nomem(err);
	if (!w->build.doc.id.n)
		return err_set(err, CDG_E_INPUT, "the record has no \"id\"");
	return writer_add_document(w->w, &w->build.doc, err);
}

typedef struct api_importer {
	cdg_writer *w;
	uint64_t n;
} api_importer;

static cdg_status
api_import(void *ctx, const document *doc, cdg_error *err)
{
	api_importer *i = ctx;

	if (atomic_load(&i->w->cancel))
		return err_set(err, CDG_E_CANCELLED, "cancelled");
	CDG_TRY(writer_add_document(i->w->w, doc, err));
	if (++i->n % 1000 == 0 && i->w->config->progress)
		i->w->config->progress(i->w->config->progress_ctx, "reading", 0, 0, i->n, 0);
	return CDG_OK;
}

cdg_status
cdg_writer_import(cdg_writer *w, const cdg_index *from, uint64_t *documents, cdg_error *err)
{
	api_importer i = { w, 0 };
	cdg_status st = each_document(from, api_import, &i, err);

	if (documents)
		*documents = i.n;
	return st;
}

static cdg_status
api_add_sources(cdg_writer *w, source *src, const char *const *paths, size_t n, cdg_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(paths[i], "-"))
			CDG_TRY(source_add_stdin(src, w->config->s.format, err));
		else
			CDG_TRY(source_add_path(src, paths[i], err));
	return writer_add_source(w->w, src, w->config->progress ? api_progress : NULL, w->config, err);
}

/* A folder with an address that is in none of the paths, and none of them in it, is a mistake:
 * one is written from the root and the other is not, perhaps. */
static cdg_status
api_check_bases(const cdg_writer_config *c, const char *const *paths, size_t n, cdg_error *err)
{
	buf path = { 0 };
	bool failed = false;

	for (size_t i = 0; i < c->nbases; i++) {
		const char *dir = c->bases[i].dir;
		bool found = false;

		for (size_t k = 0; k < n && !found; k++) {
			source_walk_normalise(&path, paths[k]);
			failed |= path.failed;
			found = path.failed || sources_path_below(buf_cstr(&path), dir) ||
				sources_path_below(dir, buf_cstr(&path));
		}
		if (!found && n) {
			buf_fini(&path);
			return err_set(err, CDG_E_ARG, "no path that is named is in the folder %.200s, which has an address, or "
				       "above it: write both from the root, or neither", dir);
		}
	}
	buf_fini(&path);
	return failed ? err_nomem(err) : CDG_OK;
}

cdg_status
cdg_writer_add_paths(cdg_writer *w, const char *const *paths, size_t n, cdg_error *err)
{
	const cdg_writer_config *c = w->config;
	source_options s = c->s;
	source *src;
	cdg_status st;

	CDG_TRY(api_check_bases(c, paths, n, err));
	CDG_TRY(settings_global(c->xml_map, c->bases, c->nbases, &s.settings, err));
	writer_hook(w->w, &s);
	src = source_new(&s, err);
	st = src ? api_add_sources(w, src, paths, n, err) : CDG_E_NOMEM;
	source_free(src);
	settings_unref(s.settings);
	return st;
}

cdg_status
cdg_writer_prune(cdg_writer *w, const char *const *paths, size_t n, cdg_error *err)
{
	uint64_t before = writer_get_stats(w->w)->orphans;
	const char *again[API_PATHS_AGAIN];
	size_t k = 0;

	CDG_TRY(writer_prune(w->w, paths, n, err));
	if (writer_get_stats(w->w)->orphans == before)
		return CDG_OK;
	/* what another file had is now to be read from its copies */
	for (size_t i = 0; i < n && k < API_PATHS_AGAIN; i++)
		if (strcmp(paths[i], "-") != 0)
			again[k++] = paths[i];
	return cdg_writer_add_paths(w, again, k, err);
}

cdg_status
cdg_writer_delete(cdg_writer *w, const char *id, size_t len, int *found, cdg_error *err)
{
	bool was = false;
	cdg_status st = writer_delete_id(w->w, id, len, &was, err);

	if (found)
		*found = was;
	return st;
}

cdg_status
cdg_writer_commit(cdg_writer *w, cdg_error *err)
{
	return writer_commit(w->w, api_progress, w->config, err);
}

uint64_t
cdg_writer_get(const cdg_writer *w, cdg_writer_figure which)
{
	const writer_stats *s = writer_get_stats(w->w);

	switch (which) {
	case CDG_WRITER_DOCUMENTS: return s->documents;
	case CDG_WRITER_REPLACED: return s->replaced;
	case CDG_WRITER_UNCHANGED: return s->unchanged;
	case CDG_WRITER_UNCHANGED_FILES: return s->unchanged_files;
	case CDG_WRITER_DELETED: return s->deleted;
	case CDG_WRITER_FILES: return s->files;
	case CDG_WRITER_SKIPPED: return s->skipped;
	case CDG_WRITER_FAILED: return s->failed;
	case CDG_WRITER_WARNINGS: return s->warnings;
	case CDG_WRITER_TEXT_BYTES: return s->text_bytes;
	case CDG_WRITER_TOKENS: return s->tokens;
	case CDG_WRITER_INVALID_UTF8: return s->invalid_utf8;
	case CDG_WRITER_PEAK_MEMORY: return s->peak_rss;
	case CDG_WRITER_MICROSECONDS: return s->seconds > 0 ? (uint64_t)(s->seconds * 1e6) : 0;
	case CDG_WRITER_DUPLICATES: return s->duplicates;
	case CDG_WRITER_FAILED_BEFORE: return s->failed_before;
	case CDG_WRITER_COPIES: return s->copies;
	case CDG_WRITER_RENAMED: return s->renamed;
	case CDG_WRITER_NO_LANDLOCK: return s->no_landlock;
	}
	return 0;
}

/* ---- failures ---------------------------------------------------------- */

typedef struct api_failures {
	cdg_message_fn fn;
	void *ctx;
} api_failures;

static void
api_failure(void *ctx, const writer_failure *f)
{
	const api_failures *a = ctx;

	a->fn(a->ctx, f->path, f->line, 0, f->message);
}

cdg_status
cdg_index_failures(const char *path, cdg_message_fn fn, void *ctx, uint64_t *total, cdg_error *err)
{
	api_failures a = { fn, ctx };
	uint64_t n = 0;
	char dir[4096];
	cdg_status st = CDG_OK;

	if (xap_is_database(path)) {
		st = file_join(dir, sizeof dir, path, XAP_SOURCES, err);
		path = dir;
	}
	if (st == CDG_OK)
		st = writer_failures(path, api_failure, &a, &n, err);

	if (total)
		*total = n;
	return st;
}
