/* open.c - see open.h. */
#include "backend/xapian/impl.h"

#include <stdio.h>

#include "base/file.h"

enum { STUB_DEPTH = 8, STUB_MAX = 1 << 20, PATH_BYTES = 4096 };

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

/* host:port, also [::1]:port. */
static bool
open_is_host(const char *path, size_t *host, unsigned *port)
{
	const char *colon = strrchr(path, ':');
	unsigned long v = 0;

	if (!colon || colon == path || !colon[1] || strlen(colon + 1) > 5 || strchr(path, '/'))
		return false;
	for (const char *p = colon + 1; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		v = v * 10 + (unsigned long)(*p - '0');
	}
	*host = (size_t)(colon - path);
	*port = (unsigned)v;
	return v > 0 && v < 65536;
}

bool
xap_is_database(const char *path)
{
	size_t host;
	unsigned port;

	if (file_is_dir(path))
		return open_is_folder(path);
	return file_exists(path) ? open_is_file(path) : open_is_host(path, &host, &port);
}

/* ---- stub files ------------------------------------------------------------------ */

/* libxapian follows them without end: look first where they lead. */
static cdg_status
open_check_stub(const char *path, unsigned depth, cdg_error *err)
{
	char file[PATH_BYTES], next[PATH_BYTES];
	char *at, *line;
	const char *slash;
	buf b;
	cdg_status st = CDG_OK;

	if (depth > STUB_DEPTH)
		return err_set(err, CDG_E_ARG, "%s: stub files that name one another, or more than %d deep", path,
			       STUB_DEPTH);
	if (file_is_dir(path)) {
		CDG_TRY(file_join(file, sizeof file, path, "XAPIANDB", err));
		if (!file_exists(file) || open_has(path, "iamglass"))
			return CDG_OK;
		path = file;
	} else if (!file_exists(path) || !open_is_file(path)) {
		return CDG_OK;
	}
	buf_init(&b);
	if (file_read(path, STUB_MAX, &b, NULL) != CDG_OK)
		b.len = 0; /* a large file is a database */
	buf_put_u8(&b, 0);
	slash = strrchr(path, '/');
	for (line = b.failed ? NULL : strtok_r((char *)b.p, "\n", &at); line && st == CDG_OK;
	     line = strtok_r(NULL, "\n", &at)) {
		char *to = strchr(line, ' ');

		if (!to || (strncmp(line, "auto ", 5) != 0 && strncmp(line, "stub ", 5) != 0))
			continue;
		to++;
		snprintf(next, sizeof next, "%.*s%s", *to == '/' || !slash ? 0 : (int)(slash - path + 1), path, to);
		st = open_check_stub(next, depth + 1, err);
	}
	buf_fini(&b);
	return st;
}

/* ---- handles ----------------------------------------------------------------------- */

cdg_status
xap_fail(xap_call *c, cdg_error *err)
{
	return xap_error(&c->err, c->b->path, err);
}

static cdg_status
handle_new(xap_call *c, cdg_error *err)
{
	const xap_backend *b = c->b;
	xap_handle *h = mem_calloc(1, sizeof *h);
	xapc_status st;

	if (!h)
		return err_nomem(err);
	if (b->host)
		st = b->call.database_open_tcp(b->host, XAPC_NUL, b->port, 30000, 10000, &h->db, &c->err);
	else
		st = b->call.database_open(b->path, XAPC_NUL, 0, &h->db, &c->err);
	if (st != XAPC_OK) {
		mem_free(h);
		return xap_fail(c, err);
	}
	c->h = h;
	return CDG_OK;
}

static void
handle_free(const xap_backend *b, xap_handle *h)
{
	if (h)
		b->call.database_free(h->db);
	mem_free(h);
}

/* A handle is no part of what callers see of the backend. */
static xap_backend *
open_mutable(const xap_backend *b)
{
	union {
		const xap_backend *in;
		xap_backend *out;
	} drop = { b };

	return drop.out;
}

static cdg_status
handle_take(xap_call *c, cdg_error *err)
{
	xap_backend *b = open_mutable(c->b);

	pthread_mutex_lock(&b->lock);
	c->h = b->spare;
	if (c->h) {
		b->spare = c->h->next;
		b->nspare--;
	}
	pthread_mutex_unlock(&b->lock);
	return c->h ? CDG_OK : handle_new(c, err);
}

static void
handle_give(xap_call *c)
{
	xap_backend *b = open_mutable(c->b);
	bool kept;

	pthread_mutex_lock(&b->lock);
	kept = b->nspare < XAP_SPARES;
	if (kept) {
		c->h->next = b->spare;
		b->spare = c->h;
		b->nspare++;
	}
	pthread_mutex_unlock(&b->lock);
	if (!kept)
		handle_free(b, c->h);
}

cdg_status
xap_with(const backend *be, xap_fn *fn, void *ctx, cdg_error *err)
{
	xap_call c = { .b = (const xap_backend *)(const void *)be };
	cdg_status st;

	CDG_TRY(handle_take(&c, err));
	for (int tries = 0;; tries++) {
		c.err.status = XAPC_OK;
		st = fn(&c, ctx, err);
		if (st == CDG_OK || !(c.err.status == XAPC_E_DATABASE_MODIFIED ||
				      (c.err.status == XAPC_E_DOC_NOT_FOUND && !tries)) ||
		    tries == XAP_TRIES)
			break; /* (a document may be one that this handle is too old to know) */
		if (c.b->call.database_reopen(c.h->db, NULL, &c.err) != XAPC_OK) {
			st = xap_fail(&c, err);
			break;
		}
	}
	/* a connection that failed is not used again */
	if (c.err.status == XAPC_E_NETWORK || c.err.status == XAPC_E_NETWORK_TIMEOUT)
		handle_free(c.b, c.h);
	else
		handle_give(&c);
	return st;
}

/* ---- names of fields ------------------------------------------------------------------ */

uint16_t
xap_name(const backend *be, const char *name, size_t n)
{
	xap_backend *b = open_mutable((const xap_backend *)(const void *)be);
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
	xap_backend *b = open_mutable((const xap_backend *)(const void *)be);
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

	for (xap_handle *h = b->spare, *next; h; h = next) {
		next = h->next;
		handle_free(b, h);
	}
	for (size_t i = 0; i < b->nnames; i++)
		mem_free(b->names[i]);
	mem_free(b->names);
	pthread_mutex_destroy(&b->lock);
	xap_map_fini(&b->map);
	mem_free(b->host);
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
	.snippets = xap_snippets,
};

/* ---- opening ------------------------------------------------------------------------------ */

/* Languages: of a database of ours, by its terms; else English, if it has stems. */
static cdg_status
open_langs(xap_call *c, xap_backend *b, cdg_error *err)
{
	static const char prefix[] = "X-L:";
	xapc_terms *it;
	xapc_status st;

	XAP_TRY(c, err, b->call.database_all_terms(c->h->db, prefix, sizeof prefix - 1, &it, &c->err));
	while ((st = b->call.terms_next(it, &c->err)) == XAPC_OK) {
		size_t n;
		const char *term = b->call.terms_term(it, &n);

		b->langs |= (uint64_t)1 << (text_lang_id(term + sizeof prefix - 1, n - (sizeof prefix - 1)) & 63);
	}
	b->call.terms_free(it);
	if (!b->own)
		b->langs = (uint64_t)1 << TEXT_LANG_EN;
	return st == XAPC_END ? CDG_OK : xap_fail(c, err);
}

static cdg_status
open_look(xap_call *c, void *ctx, cdg_error *err)
{
	xap_backend *b = ctx;
	xapc_string format = XAPC_STRING_INIT;
	xapc_count docs;
	int positions;
	bool newer;

	XAP_TRY(c, err, b->call.database_doccount(c->h->db, &docs, &c->err));
	XAP_TRY(c, err, b->call.database_metadata(c->h->db, XAP_KEY_FORMAT, XAPC_NUL, &format, &c->err));
	XAP_TRY(c, err, b->call.database_has_positions(c->h->db, &positions, &c->err));
	b->positions = positions != 0;
	b->ndocs = docs;
	b->own = format.len == sizeof XAP_FORMAT - 1 && !memcmp(format.data, XAP_FORMAT, format.len);
	newer = format.len && !b->own;
	b->call.string_free(&format);
	if (newer)
		return err_set(err, CDG_E_VERSION, "%s was written by a newer cdgindex", b->path);
	return open_langs(c, b, err);
}

static cdg_status
open_fill(xap_backend *b, const char *path, cdg_error *err)
{
	size_t host;

	b->base.ops = &xap_ops;
	b->path = mem_strdup(path);
	if (!b->path)
		return err_nomem(err);
	CDG_TRY(xap_load(&b->call, err));
	if (!file_exists(path) && open_is_host(path, &host, &b->port)) {
		bool bracket = path[0] == '[' && host > 2 && path[host - 1] == ']';

		b->host = mem_strndup(path + bracket, host - 2 * bracket);
		if (!b->host)
			return err_nomem(err);
	} else {
		CDG_TRY(open_check_stub(path, 0, err));
	}
	CDG_TRY(xap_with(&b->base, open_look, b, err));
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
