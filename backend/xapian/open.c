/* open.c - see open.h. */
#include "backend/xapian/impl.h"

#include <stdio.h>

#include "base/file.h"

enum { PATH_BYTES = 4096 };

/* ---- which paths are databases ------------------------------------------------- */

static bool
open_has(const char *dir, const char *name)
{
	char path[PATH_BYTES];

	return file_join(path, sizeof path, dir, name, NULL) == CDG_OK && file_exists(path);
}

static bool
open_is_folder(const char *path)
{
	static const char *const names[] = { "iamglass", "iamchert", "iamhoney", "iamflint", "XAPIANDB" };

	for (size_t i = 0; i < countof(names); i++)
		if (open_has(path, names[i]))
			return true;
	return false;
}

/* First words of lines of a stub file. */
static bool
open_is_stub_word(const char *p, size_t n)
{
	static const char *const words[] = { "auto", "glass", "chert", "honey", "remote", "inmemory", "stub" };

	for (size_t i = 0; i < countof(words); i++)
		if (strlen(words[i]) == n && !memcmp(p, words[i], n))
			return true;
	return false;
}

/* A single-file database, or a stub file: told by the first bytes. */
static bool
open_is_file(const char *path)
{
	static const char magic[] = "\x0f\x0dXapian ";
	char head[4096];
	FILE *f = fopen(path, "re");
	size_t n, i = 0, end;

	if (!f)
		return false;
	n = fread(head, 1, sizeof head, f);
	fclose(f);
	if (n > sizeof magic && !memcmp(head, magic, sizeof magic - 1))
		return true;
	while (i < n && (head[i] == '#' || head[i] == '\n')) { /* comments */
		while (i < n && head[i] != '\n')
			i++;
		i += i < n;
	}
	end = i;
	while (end < n && head[end] >= 'a' && head[end] <= 'z')
		end++;
	return end > i && end < n && (head[end] == ' ' || head[end] == '\n') && open_is_stub_word(head + i, end - i);
}

bool
xap_is_database(const char *path)
{
	if (file_is_dir(path))
		return open_is_folder(path);
	return file_exists(path) ? open_is_file(path) : shards_is_list(path);
}

/* ---- names of fields ------------------------------------------------------------------ */

uint16_t
xap_name(const backend *be, const char *name, size_t n)
{
	xap_backend *b = xap_mutable((const xap_backend *)(const void *)be);
	size_t i = 0;

	pthread_mutex_lock(&b->lock);
	while (i < b->nnames && (strlen(b->names[i]) != n || memcmp(b->names[i], name, n) != 0))
		i++;
	if (i == b->nnames) {
		char *copy = i < XAP_NAMES_MAX ? mem_strndup(name, n) : NULL;

		if (copy && mem_grow(&b->names, &b->names_cap, i + 1, sizeof *b->names)) {
			b->names[b->nnames++] = copy;
		} else {
			mem_free(copy);
			i = SIZE_MAX - REF_FIRST;
		}
	}
	pthread_mutex_unlock(&b->lock);
	return (uint16_t)(i + REF_FIRST);
}

const char *
xap_field_name(const backend *be, uint16_t number)
{
	xap_backend *b = xap_mutable((const xap_backend *)(const void *)be);
	const char *name = NULL;

	pthread_mutex_lock(&b->lock);
	if (number >= REF_FIRST && (size_t)(number - REF_FIRST) < b->nnames)
		name = b->names[number - REF_FIRST];
	pthread_mutex_unlock(&b->lock);
	return name;
}

/* ---- the vtable ------------------------------------------------------------------------- */

static void
xap_close_backend(backend *be)
{
	xap_backend *b = (xap_backend *)(void *)be;

	xap_close_handles(b);
	for (size_t i = 0; i < b->nnames; i++)
		mem_free(b->names[i]);
	mem_free(b->names);
	pthread_mutex_destroy(&b->lock);
	xap_map_fini(&b->map);
	shards_free(b->shards);
	mem_free(b->path);
	mem_free(b);
}

static uint64_t
xap_ndocs(const backend *be)
{
	return ((const xap_backend *)(const void *)be)->ndocs;
}

static uint64_t
xap_langs(const backend *be)
{
	return ((const xap_backend *)(const void *)be)->langs;
}

static const backend_ops xap_ops = {
	.name = "xapian",
	.close = xap_close_backend,
	.ndocs = xap_ndocs,
	.langs = xap_langs,
	.search = xap_search,
	.stored = xap_stored,
	.spans = xap_spans,
	.field_name = xap_field_name,
	.whole = xap_whole,
	.suggest = xap_suggest,
};

/* ---- opening ------------------------------------------------------------------------------ */

/* Bits of the languages that terms name; 0: none, so it is not ours. */
static cdg_status
look_langs(xap_call *c, uint64_t *langs, cdg_error *err)
{
	static const char prefix[] = "X-L:";
	const xap_calls *call = &c->b->call;
	xapc_terms *it;
	xapc_status st;

	*langs = 0;
	XAP_TRY(c, err, call->database_all_terms(c->h->db, prefix, sizeof prefix - 1, &it, &c->err));
	while ((st = call->terms_next(it, &c->err)) == XAPC_OK) {
		size_t n;
		const char *term = call->terms_term(it, &n);

		*langs |= (uint64_t)1 << (text_lang_id(term + sizeof prefix - 1, n - (sizeof prefix - 1)) & 63);
	}
	call->terms_free(it);
	return st == XAPC_END ? CDG_OK : xap_fail(c, err);
}

/* Is it ours?  Of several databases libxapian shows the metadata of the first, which
 * may be missing: then its terms tell. */
static cdg_status
look_format(xap_call *c, uint64_t langs, bool *own, cdg_error *err)
{
	const xap_calls *call = &c->b->call;
	xapc_string format = XAPC_STRING_INIT;
	bool newer;

	XAP_TRY(c, err, call->database_metadata(c->h->db, XAP_KEY_FORMAT, XAPC_NUL, &format, &c->err));
	*own = format.len == sizeof XAP_FORMAT - 1 && !memcmp(format.data, XAP_FORMAT, format.len);
	newer = format.len && !*own;
	if (!format.len && c->h->use.missing)
		*own = langs != 0;
	call->string_free(&format);
	return newer ? err_set(err, CDG_E_VERSION, "%s was written by a newer cdgindex", c->b->path) : CDG_OK;
}

/* What there is; again when a shard that was missing is back. */
cdg_status
xap_look(xap_call *c, void *ctx, cdg_error *err)
{
	xap_backend *b = ctx;
	uint64_t langs;
	xapc_count docs;
	int positions;
	bool own;

	XAP_TRY(c, err, b->call.database_doccount(c->h->db, &docs, &c->err));
	XAP_TRY(c, err, b->call.database_has_positions(c->h->db, &positions, &c->err));
	CDG_TRY(look_langs(c, &langs, err));
	CDG_TRY(look_format(c, langs, &own, err));
	pthread_mutex_lock(&b->lock);
	b->own = own;
	b->positions = positions != 0;
	b->ndocs = docs;
	b->langs = own ? langs : (uint64_t)1 << TEXT_LANG_EN;
	b->missing = c->h->use.missing;
	pthread_mutex_unlock(&b->lock);
	return CDG_OK;
}

static cdg_status
open_fill(xap_backend *b, const char *path, cdg_error *err)
{
	b->base.ops = &xap_ops;
	b->path = mem_strdup(path);
	if (!b->path)
		return err_nomem(err);
	CDG_TRY(xap_load(&b->call, err));
	CDG_TRY(shards_read(path, &b->call, &b->shards, err));
	CDG_TRY(xap_with(&b->base, xap_look, b, err));
	return b->own ? CDG_OK : xap_map_load(&b->map, path, err);
}

cdg_status
xap_open(const char *path, backend **out, cdg_error *err)
{
	xap_backend *b = mem_calloc(1, sizeof *b);
	cdg_status st;

	*out = NULL;
	if (!b)
		return err_nomem(err);
	pthread_mutex_init(&b->lock, NULL);
	st = open_fill(b, path, err);
	if (st != CDG_OK)
		xap_close_backend(&b->base);
	else
		*out = &b->base;
	return st;
}
