/* api_sources.c - the list of sources, for people: what could not be read, what
 * was skipped, which files are copies of others.
 *
 * From the committed index, with the manifest that is there now; any thread.
 */
#include "backend/api.h"
#include "backend/xapian/open.h"
#include "backend/xapian/sink.h"
#include "indexer/sources_db.h"
#include "text/text.h"

/* What becomes of the list while it is printed. */
typedef struct listing {
	bool json, first;
	buf out, clean;
	cdg_write_fn write;
	void *ctx;
} listing;

/* File names are any bytes: JSON is UTF-8. */
static cdg_status
put_name(listing *l, const char *s, cdg_error *err)
{
	text_clean clean = { 0 };
	const char *view;
	size_t n;

	if (!l->json) {
		buf_puts(&l->out, s);
		return CDG_OK;
	}
	l->clean.len = 0;
	CDG_TRY(text_sanitize(s, strlen(s), &l->clean, &view, &n, &clean, err));
	api_put_json(&l->out, view, n);
	return CDG_OK;
}

/* One input and what is said of it. */
static cdg_status
put_reason(listing *l, const char *path, uint64_t line, const char *reason, cdg_error *err)
{
	if (l->json)
		buf_puts(&l->out, l->first ? "\n{\"path\":" : ",\n{\"path\":");
	l->first = false;
	CDG_TRY(put_name(l, path, err));
	if (line)
		buf_printf(&l->out, l->json ? ",\"line\":%llu" : ":%llu", (unsigned long long)line);
	buf_puts(&l->out, l->json ? ",\"reason\":" : ": ");
	CDG_TRY(put_name(l, reason, err));
	buf_puts(&l->out, l->json ? "}" : "\n");
	return api_flush_large(&l->out, l->write, l->ctx, err);
}

static cdg_status
list_failed(listing *l, sources_db *db, uint64_t *total, cdg_error *err)
{
	*total = db->failed_total;
	for (size_t i = 0; i < db->nfailures; i++) {
		const sources_entry *e = sources_db_by_id(db, db->failures[i].source);
		CDG_TRY(put_reason(l, e ? e->path : "?", db->failures[i].line, db->failures[i].message, err));
	}
	return CDG_OK;
}

static int
skipped_compare(const void *a, const void *b)
{
	return strcmp(((const skipped_file *)a)->path, ((const skipped_file *)b)->path);
}

static cdg_status
list_skipped(listing *l, sources_db *db, uint64_t *total, cdg_error *err)
{
	skipped_list *s = &db->skipped;

	*total = s->n + s->more;
	if (s->n)
		qsort(s->p, s->n, sizeof *s->p, skipped_compare);
	for (size_t i = 0; i < s->n; i++)
		CDG_TRY(put_reason(l, s->p[i].path, 0, s->p[i].reason, err));
	return CDG_OK;
}

typedef struct listed_copy {
	const char *of, *path;
} listed_copy;

static int
copy_compare(const void *a, const void *b)
{
	const listed_copy *x = a, *y = b;
	int by_first = strcmp(x->of, y->of);

	return by_first ? by_first : strcmp(x->path, y->path);
}

/* Each file that has copies, and below it these. */
static cdg_status
put_copies(listing *l, const listed_copy *c, size_t n, cdg_error *err)
{
	for (size_t i = 0; i < n; i++) {
		bool begins = i == 0 || strcmp(c[i].of, c[i - 1].of) != 0;
		if (begins) {
			if (l->json)
				buf_puts(&l->out, i ? "]},\n{\"path\":" : "\n{\"path\":");
			CDG_TRY(put_name(l, c[i].of, err));
			buf_puts(&l->out, l->json ? ",\"copies\":[" : "\n");
		} else if (l->json) {
			buf_puts(&l->out, ",");
		}
		if (!l->json)
			buf_puts(&l->out, "    ");
		CDG_TRY(put_name(l, c[i].path, err));
		if (!l->json)
			buf_puts(&l->out, "\n");
		CDG_TRY(api_flush_large(&l->out, l->write, l->ctx, err));
	}
	if (n && l->json)
		buf_puts(&l->out, "]}");
	return CDG_OK;
}

static cdg_status
list_copies(listing *l, sources_db *db, uint64_t *total, cdg_error *err)
{
	listed_copy *c = mem_alloc((db->n + 1) * sizeof *c);
	size_t n = 0;
	cdg_status st;

	if (!c)
		return err_nomem(err);
	for (size_t i = 0; i < db->n; i++) {
		const sources_entry *of = db->p[i].copy ? sources_db_by_id(db, db->p[i].of) : NULL;
		if (of)
			c[n++] = (listed_copy){ of->path, db->p[i].path };
	}
	*total = n;
	if (n)
		qsort(c, n, sizeof *c, copy_compare);
	st = put_copies(l, c, n, err);
	mem_free(c);
	return st;
}

static cdg_status
list_load(sources_db *db, const char *path, cdg_error *err)
{
	char dir[4096];
	manifest m;
	cdg_status st;

	if (xap_is_database(path)) {
		CDG_TRY(file_join(dir, sizeof dir, path, XAP_SOURCES, err));
		path = dir;
	}
	for (int tries = 0;; tries++) {
		CDG_TRY(manifest_load(&m, path, err));
		st = sources_db_load(db, path, m.sources, err);
		manifest_fini(&m);
		/* a commit that came between has removed it and written the next */
		if (st != CDG_E_NOTFOUND || tries == 20)
			return st;
	}
}

cdg_status
cdg_index_list_sources(const char *path, cdg_source_list what, int json, cdg_write_fn write, void *ctx,
		       uint64_t *total, cdg_error *err)
{
	listing l = { .json = json != 0, .first = true, .write = write, .ctx = ctx };
	uint64_t n = 0;
	sources_db db;
	cdg_status st;

	CDG_TRY(list_load(&db, path, err));
	if (l.json)
		buf_puts(&l.out, "[");
	switch (what) {
	case CDG_SOURCES_FAILED: st = list_failed(&l, &db, &n, err); break;
	case CDG_SOURCES_SKIPPED: st = list_skipped(&l, &db, &n, err); break;
	case CDG_SOURCES_DUPLICATES: st = list_copies(&l, &db, &n, err); break;
	default: st = err_set(err, CDG_E_ARG, "there is no list of sources %d", (int)what);
	}
	if (l.json)
		buf_puts(&l.out, "\n]\n");
	if (st == CDG_OK)
		st = api_flush(&l.out, write, ctx, err);
	buf_fini(&l.out);
	buf_fini(&l.clean);
	sources_db_fini(&db);
	if (total)
		*total = n;
	return st;
}
