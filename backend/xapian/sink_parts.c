/* sink_parts.c - the databases that a sink writes to: where they are, opened,
 * committed, compacted. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "backend/xapian/sink_impl.h"
#include "base/file.h"

#define STUB_FILE "XAPIANDB"
enum { PATH_BYTES = 4096 };

/* ---- folders ------------------------------------------------------------------- */

static void
parts_remove(const char *dir)
{
	char **names = NULL, path[PATH_BYTES];
	size_t n = 0;

	if (!file_is_dir(dir) || file_list(dir, &names, &n, NULL) != CDG_OK)
		return;
	for (size_t i = 0; i < n; i++)
		if (file_join(path, sizeof path, dir, names[i], NULL) == CDG_OK)
			file_unlink(path, NULL);
	file_list_free(names, n);
	rmdir(dir);
}

/* Folder of part i. */
static cdg_status
parts_path(const xap_sink *s, unsigned i, char *out, cdg_error *err)
{
	char name[64];

	if (!s->stub && !s->temporary) {
		if (strlen(s->dir) >= PATH_BYTES)
			return err_set(err, CDG_E_LIMIT, "the path is too long: %.200s", s->dir);
		memcpy(out, s->dir, strlen(s->dir) + 1);
		return CDG_OK;
	}
	snprintf(name, sizeof name, s->stub ? "shard-%u" : XAP_SOURCES "/part-%u", i);
	return file_join(out, PATH_BYTES, s->dir, name, err);
}

/* Lines of our own stub file; 0: there is none, or it is not ours. */
static unsigned
parts_of_stub(const char *dir)
{
	char path[PATH_BYTES], line[256], want[64];
	unsigned n = 0;
	FILE *f;

	if (file_join(path, sizeof path, dir, STUB_FILE, NULL) != CDG_OK || !(f = fopen(path, "re")))
		return 0;
	while (fgets(line, sizeof line, f)) {
		snprintf(want, sizeof want, "auto shard-%u\n", n);
		if (strcmp(line, want) != 0 || ++n > XAP_SHARDS_MAX) {
			n = 0;
			break;
		}
	}
	fclose(f);
	return n;
}

static bool
parts_has(const char *dir, const char *name)
{
	char path[PATH_BYTES];

	return file_join(path, sizeof path, dir, name, NULL) == CDG_OK && file_exists(path);
}

/* Nothing but our own list of sources. */
static bool
parts_is_empty(const char *dir)
{
	char **names = NULL;
	size_t n = 0, others = 0;

	if (!file_exists(dir))
		return true;
	if (file_list(dir, &names, &n, NULL) != CDG_OK)
		return false;
	for (size_t i = 0; i < n; i++)
		others += strcmp(names[i], XAP_SOURCES) != 0 && strncmp(names[i], "shard-", 6) != 0;
	file_list_free(names, n);
	return !others;
}

/* What is there, and what the parts will be. */
static cdg_status
parts_settle(xap_sink *s, cdg_error *err)
{
	const xap_sink_options *o = &s->options;
	unsigned n = parts_of_stub(s->dir);

	if (n) {
		if (o->shards && o->shards != n)
			return err_set(err, CDG_E_ARG, "%s has %u shards, not %u: index into a new folder to have another number",
				       s->dir, n, o->shards);
		s->stub = true;
		s->nparts = n;
		return CDG_OK;
	}
	if (parts_has(s->dir, "iamglass")) {
		if (o->shards > 1)
			return err_set(err, CDG_E_ARG, "%s is one database, not %u shards: index into a new folder", s->dir,
				       o->shards);
		s->nparts = 1;
		return CDG_OK;
	}
	if (!parts_is_empty(s->dir))
		return err_set(err, CDG_E_ARG,
			       "%s is no Xapian database that cdgindex can write to, and not empty: give another folder",
			       s->dir);
	s->stub = o->shards > 1;
	s->temporary = !s->stub && o->threads > 1;
	s->nparts = s->stub ? o->shards : s->temporary ? o->threads : 1;
	return CDG_OK;
}

/* ---- opening --------------------------------------------------------------------- */

/* Ours, or empty: then it becomes ours. */
static cdg_status
part_claim(xap_sink *s, sink_part *p, const char *path, cdg_error *err)
{
	xapc_string format = XAPC_STRING_INIT;
	xapc_count docs = 0;
	bool ours;

	if (s->call.database_doccount(p->db, &docs, &p->err) != XAPC_OK ||
	    s->call.database_metadata(p->db, XAP_KEY_FORMAT, XAPC_NUL, &format, &p->err) != XAPC_OK)
		return sink_fail(s, p, err);
	ours = format.len == sizeof XAP_FORMAT - 1 && !memcmp(format.data, XAP_FORMAT, format.len);
	s->call.string_free(&format);
	p->fresh = !docs;
	if (ours)
		return CDG_OK;
	if (docs)
		return err_set(err, CDG_E_ARG, "%s was not written by cdgindex (or by a newer one), which does not write into "
			       "others' databases: import it (cdgindex import)", path);
	if (s->call.writable_set_metadata(p->w, XAP_KEY_FORMAT, XAPC_NUL, XAP_FORMAT, XAPC_NUL, &p->err) != XAPC_OK ||
	    s->call.writable_commit(p->w, &p->err) != XAPC_OK)
		return sink_fail(s, p, err);
	return CDG_OK;
}

static cdg_status
part_open(xap_sink *s, unsigned i, cdg_error *err)
{
	sink_part *p = &s->parts[i];
	char path[PATH_BYTES];
	int flags;

	CDG_TRY(parts_path(s, i, path, err));
	/* what is there is not made anew, be it damaged */
	flags = parts_has(path, "iamglass") ? XAPC_DB_OPEN : XAPC_DB_CREATE;
	if (s->temporary)
		flags = XAPC_DB_CREATE_OR_OVERWRITE | XAPC_DB_DANGEROUS | XAPC_DB_NO_SYNC;
	if (s->options.no_sync)
		flags |= XAPC_DB_NO_SYNC;
	CDG_TRY(file_mkdirs(path, err));
	if (s->call.writable_open(path, XAPC_NUL, flags, 0, &p->w, &p->err) != XAPC_OK)
		return xap_error(&p->err, path, err);
	p->db = s->call.writable_database(p->w);
	p->changed = false;
	return part_claim(s, p, path, err);
}

static void
part_close(xap_sink *s, sink_part *p)
{
	if (p->w && p->changed && !s->temporary)
		s->call.writable_cancel_transaction(p->w, NULL);
	s->call.writable_free(p->w);
	p->w = NULL;
	p->db = NULL;
}

static cdg_status
parts_make(xap_sink *s, cdg_error *err)
{
	s->parts = mem_calloc(s->nparts, sizeof *s->parts);
	if (!s->parts)
		return err_nomem(err);
	for (unsigned i = 0; i < s->nparts; i++)
		pthread_mutex_init(&s->parts[i].lock, NULL);
	for (unsigned i = 0; i < s->nparts; i++)
		CDG_TRY(part_open(s, i, err));
	return CDG_OK;
}

static void
parts_free(xap_sink *s)
{
	char path[PATH_BYTES];

	for (unsigned i = 0; s->parts && i < s->nparts; i++) {
		sink_part *p = &s->parts[i];

		part_close(s, p);
		if (s->temporary && parts_path(s, i, path, NULL) == CDG_OK)
			parts_remove(path);
		buf_fini(&p->key);
		mem_free(p->seen);
		pthread_mutex_destroy(&p->lock);
	}
	mem_free(s->parts);
	s->parts = NULL;
}

cdg_status
sink_ready(xap_sink *s, cdg_error *err)
{
	if (s->failed)
		return err_set(err, CDG_E_ARG, "%s: the writer failed before; close it", s->dir);
	return CDG_OK;
}

cdg_status
xap_sink_open(const char *dir, const xap_sink_options *options, xap_sink **out, cdg_error *err)
{
	xap_sink *s = mem_calloc(1, sizeof *s);
	cdg_status st;

	*out = NULL;
	if (!s || !(s->dir = mem_strdup(dir))) {
		mem_free(s);
		return err_nomem(err);
	}
	s->options = *options;
	st = xap_load(&s->call, err);
	if (st == CDG_OK)
		st = parts_settle(s, err);
	if (st == CDG_OK)
		st = parts_make(s, err);
	if (st != CDG_OK)
		xap_sink_close(s);
	else
		*out = s;
	return st;
}

void
xap_sink_close(xap_sink *s)
{
	if (!s)
		return;
	parts_free(s);
	for (size_t i = 0; i < SINK_WORKERS_MAX; i++)
		xap_builder_free(s->builders[i]);
	mem_free(s->dir);
	mem_free(s);
}

/* ---- committing ------------------------------------------------------------------- */

static cdg_status
commit_stub(const xap_sink *s, cdg_error *err)
{
	char path[PATH_BYTES];
	buf b;
	cdg_status st;

	CDG_TRY(file_join(path, sizeof path, s->dir, STUB_FILE, err));
	if (file_exists(path))
		return CDG_OK;
	buf_init(&b);
	for (unsigned i = 0; i < s->nparts; i++)
		buf_printf(&b, "auto shard-%u\n", i);
	st = b.failed ? err_nomem(err) : file_replace(path, b.p, b.len, err);
	buf_fini(&b);
	return st;
}

/* The parts as one, in `to`. */
static cdg_status
commit_compact(xap_sink *s, const char *to, cdg_error *err)
{
	xapc_database *all = NULL;
	xapc_error why = { 0 };
	xapc_status st = s->call.database_new(&all, &why);

	for (unsigned i = 0; i < s->nparts && st == XAPC_OK; i++)
		st = s->call.database_add(all, s->parts[i].db, &why);
	if (st == XAPC_OK)
		st = s->call.database_compact(all, to, XAPC_NUL, XAPC_COMPACT_STANDARD, 0, NULL, &why);
	s->call.database_free(all);
	return st == XAPC_OK ? CDG_OK : xap_error(&why, to, err);
}

/* iamglass last: without it there is no database. */
static cdg_status
commit_move(const char *from, const char *to, cdg_error *err)
{
	char **names = NULL, a[PATH_BYTES], b[PATH_BYTES];
	size_t n = 0;
	cdg_status st;

	CDG_TRY(file_list(from, &names, &n, err));
	st = CDG_OK;
	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < n && st == CDG_OK; i++) {
			if ((strcmp(names[i], "iamglass") == 0) != (last == 1))
				continue;
			st = file_join(a, sizeof a, from, names[i], err);
			if (st == CDG_OK)
				st = file_join(b, sizeof b, to, names[i], err);
			if (st == CDG_OK && rename(a, b) != 0)
				st = err_errno(err, "cannot move", a);
		}
	file_list_free(names, n);
	rmdir(from);
	return st;
}

/* Temporary parts become the database, which is then the only part. */
static cdg_status
commit_join(xap_sink *s, cdg_error *err)
{
	char to[PATH_BYTES];

	CDG_TRY(file_join(to, sizeof to, s->dir, XAP_SOURCES "/joined", err));
	parts_remove(to);
	CDG_TRY(commit_compact(s, to, err));
	parts_free(s);
	CDG_TRY(commit_move(to, s->dir, err));
	s->temporary = false;
	s->nparts = 1;
	return parts_make(s, err);
}

cdg_status
sink_commit(void *ctx, cdg_error *err)
{
	xap_sink *s = ctx;
	cdg_status st = sink_ready(s, err);

	for (unsigned i = 0; i < s->nparts && st == CDG_OK; i++) {
		sink_part *p = &s->parts[i];

		if (!p->changed)
			continue;
		if ((s->temporary ? s->call.writable_commit(p->w, &p->err) :
				    s->call.writable_commit_transaction(p->w, &p->err)) != XAPC_OK)
			st = sink_fail(s, p, err);
		p->changed = false;
	}
	if (st == CDG_OK && s->stub)
		st = commit_stub(s, err);
	if (st == CDG_OK && s->temporary)
		st = commit_join(s, err);
	s->failed = st != CDG_OK;
	return st;
}
