/* api_care.c - looking after an index: verify it, copy it by hard links. */
#include "backend/api.h"
#include "backend/xapian/care.h"
#include "backend/xapian/open.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/check.h"
#include "indexer/sources_db.h"

/* The list of sources of this snapshot.  A commit that came between has removed
 * it and written the next: that one is as good to look at. */
static cdg_status
care_load_sources(sources_db *db, const cdg_index *index, uint64_t *number, cdg_error *err)
{
	cdg_status st;

	for (int tries = 0;; tries++) {
		uint64_t newest = *number;
		manifest m;

		st = sources_db_load(db, index->path, *number, err);
		if (st == CDG_OK || st == CDG_E_CORRUPT || st == CDG_E_NOMEM || tries == 20)
			return st;
		if (manifest_load(&m, index->path, NULL) == CDG_OK) {
			newest = m.sources;
			manifest_fini(&m);
		}
		if (newest == *number)
			return st;
		*number = newest;
	}
}

static cdg_status
care_sources(const cdg_index *index, buf *line, cdg_error *err)
{
	uint64_t number = index->snap->manifest.sources;
	sources_db db;
	cdg_status st;

	if (!number)
		return CDG_OK;
	st = care_load_sources(&db, index, &number, err);
	buf_printf(line, "sources-%llu: ", (unsigned long long)number);
	if (st != CDG_OK) {
		buf_printf(line, "%s\n", err->message);
		return st;
	}
	buf_printf(line, "%zu source%s, %zu failure%s: sound\n", db.n, db.n == 1 ? "" : "s", db.nfailures,
		   db.nfailures == 1 ? "" : "s");
	sources_db_fini(&db);
	return CDG_OK;
}

static cdg_status
care_check_xapian(const cdg_index *index, cdg_write_fn report, void *ctx, cdg_error *err)
{
	cdg_status st;
	buf text;

	buf_init(&text);
	st = xap_check(index->be, &text, err);
	if (report && !text.failed)
		api_flush(&text, report, ctx, NULL);
	buf_fini(&text);
	return st;
}

cdg_status
cdg_index_check(const cdg_index *index, cdg_write_fn report, void *ctx, cdg_error *err)
{
	const snapshot *snap = index->snap;
	cdg_error first = { 0 }, now = { 0 };
	cdg_status worst = CDG_OK, st;
	buf line;

	CDG_TRY(api_here(index, err));
	if (!index->snap)
		return care_check_xapian(index, report, ctx, err);
	buf_init(&line);
	for (size_t i = 0; i < snap->nsegs; i++) {
		const segment *s = &snap->segs[i];
		char hex[33];

		st = segment_check(s, &now);
		segment_id_hex(&s->info.id, hex);
		buf_printf(&line, "segment %s: %u document%s: %s%s\n", hex, s->info.docs, s->info.docs == 1 ? "" : "s",
			   st == CDG_OK ? "sound" : "", st == CDG_OK ? "" : now.message);
		if (st != CDG_OK && worst == CDG_OK) {
			worst = st;
			first = now;
		}
		if (report && api_flush(&line, report, ctx, err) != CDG_OK)
			break;
		line.len = 0;
	}
	st = care_sources(index, &line, &now);
	if (st != CDG_OK && worst == CDG_OK) {
		worst = st;
		first = now;
	}
	if (report)
		api_flush(&line, report, ctx, NULL);
	buf_fini(&line);
	if (worst != CDG_OK) {
		if (err)
			*err = first;
		return worst;
	}
	/* what holds between segments */
	return snapshot_check(snap, err);
}

/* ---- snapshot --------------------------------------------------------------- */

static cdg_status
care_link(const char *from_dir, const char *to_dir, const char *name, cdg_error *err)
{
	char from[4096], to[4096];

	CDG_TRY(file_join(from, sizeof from, from_dir, name, err));
	CDG_TRY(file_join(to, sizeof to, to_dir, name, err));
	if (!link(from, to))
		return CDG_OK;
	if (errno == EXDEV)
		return err_set(err, CDG_E_ARG,
			       "%s is on another file system than %s, where hard links cannot reach: give "
			       "a folder on the same one, and copy that",
			       to_dir, from_dir);
	return err_errno(err, "cannot make the link", to);
}

/* The files of a segment, .live of its generation included. */
static cdg_status
care_link_segment(const char *from, const char *to, const manifest_segment *s, cdg_error *err)
{
	static const char *const ext[] = { "dict", "post", "pos", "docs", "text", "tree", "cols" };
	char hex[33], name[96];

	segment_id_hex(&s->id, hex);
	for (size_t i = 0; i < countof(ext); i++) {
		snprintf(name, sizeof name, "%s.%s", hex, ext[i]);
		CDG_TRY(care_link(from, to, name, err));
	}
	for (unsigned i = 0; s->pairs && i < 2; i++) {
		snprintf(name, sizeof name, "%s.%s", hex, i ? "pairpost" : "pairs");
		CDG_TRY(care_link(from, to, name, err));
	}
	if (s->livegen) {
		snprintf(name, sizeof name, "%s.live-%llu", hex, (unsigned long long)s->livegen);
		CDG_TRY(care_link(from, to, name, err));
	}
	return CDG_OK;
}

static cdg_status
care_link_all(const char *from, const char *to, const manifest *m, cdg_error *err)
{
	char name[64];

	for (size_t i = 0; i < m->nsegs; i++)
		CDG_TRY(care_link_segment(from, to, &m->segs[i], err));
	if (m->sources) {
		snprintf(name, sizeof name, "sources-%llu", (unsigned long long)m->sources);
		CDG_TRY(care_link(from, to, name, err));
	}
	/* last, so that a half made copy is no index */
	return manifest_commit(m, to, err);
}

static cdg_status
care_target(const char *target, cdg_error *err)
{
	char **names = NULL;
	size_t n = 0;

	if (!file_exists(target))
		return file_mkdirs(target, err);
	if (!file_is_dir(target))
		return err_set(err, CDG_E_ARG, "%s is there and is no folder: give a new one", target);
	CDG_TRY(file_list(target, &names, &n, err));
	file_list_free(names, n);
	if (n)
		return err_set(err, CDG_E_ARG, "%s is not empty: give a new folder", target);
	return CDG_OK;
}

static void
care_clear(const char *dir)
{
	char **names = NULL, path[4096];
	size_t n = 0;

	if (file_list(dir, &names, &n, NULL) != CDG_OK)
		return;
	for (size_t i = 0; i < n; i++)
		if (file_join(path, sizeof path, dir, names[i], NULL) == CDG_OK)
			file_unlink(path, NULL);
	file_list_free(names, n);
}

cdg_status
cdg_index_snapshot(const char *path, const char *target, cdg_error *err)
{
	cdg_status st = CDG_OK;
	snapshot *snap;
	manifest m;

	if (!path || !target || !*target)
		return err_set(err, CDG_E_ARG, "a snapshot needs the folder it is to be made in");
	if (xap_is_database(path))
		return err_set(err, CDG_E_ARG, "%s is a Xapian database: copy it with xapian-compact or xapian-replicate",
			       path);
	CDG_TRY(care_target(target, err));
	/* A commit that comes between removes files of the manifest we read: then
	 * there is a newer one. */
	for (int tries = 0; tries < 20; tries++) {
		manifest_init(&m);
		st = manifest_load(&m, path, err);
		if (st == CDG_OK)
			st = care_link_all(path, target, &m, err);
		manifest_fini(&m);
		if (st == CDG_OK)
			break;
		care_clear(target);
		if (st != CDG_E_NOTFOUND && st != CDG_E_IO)
			break;
	}
	if (st != CDG_OK) {
		rmdir(target);
		return st;
	}
	CDG_TRY(snapshot_open(target, &snap, err));
	snapshot_unref(snap);
	return CDG_OK;
}
