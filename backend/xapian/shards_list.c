/* shards_list.c - lists of shards as people write them: on the command line, and
 * in stub files. */
#include <stdio.h>

#include "backend/xapian/shards_impl.h"
#include "base/file.h"

enum { LIST_DEPTH = 8, LIST_FILE_MAX = 1 << 20, LIST_PATH = 4096 };

#define STUB_FILE "XAPIANDB"

/* ---- names of servers ---------------------------------------------------------- */

/* host:port or [::1]:port in p[0, n); *host its bytes, without the brackets. */
static bool
list_server(const char *p, size_t n, const char **host, size_t *host_len, unsigned *port)
{
	size_t colon = n;
	unsigned v = 0;

	while (colon && p[colon - 1] != ':')
		colon--;
	if (colon < 2 || colon == n || n - colon > 5 || memchr(p, '/', n))
		return false;
	for (size_t i = colon; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(p[i] - '0');
	}
	*host = p;
	*host_len = colon - 1;
	if (p[0] == '[') {
		if (colon < 4 || p[colon - 2] != ']')
			return false;
		*host = p + 1;
		*host_len = colon - 3;
	}
	*port = v;
	return v > 0 && v < 65536;
}

/* The next part of p[0, n), up to a separator; p and n move behind it. */
static size_t
list_part(const char **p, size_t *n, char separator, const char **part)
{
	const char *end = memchr(*p, separator, *n);
	size_t len = end ? (size_t)(end - *p) : *n;

	*part = *p;
	*p += len + (end != NULL);
	*n -= len + (end != NULL);
	return len;
}

bool
shards_is_list(const char *path)
{
	size_t n = strlen(path);

	for (const char *p = path; n;) {
		const char *shard_at, *at, *host;
		size_t len = list_part(&p, &n, ',', &shard_at), host_len;
		unsigned port;

		if (!len)
			return false;
		while (len) {
			size_t one = list_part(&shard_at, &len, '|', &at);

			if (!list_server(at, one, &host, &host_len, &port))
				return false;
		}
	}
	return path[0] != 0;
}

/* ---- shards ----------------------------------------------------------------------- */

static shard_replica *
list_add_replica(shard *to, const char *name, size_t n)
{
	shard_replica *r;

	if (!mem_grow(&to->replica, &to->cap, to->n + 1, sizeof *to->replica))
		return NULL;
	r = &to->replica[to->n];
	*r = (shard_replica){ .name = mem_strndup(name, n) };
	if (!r->name)
		return NULL;
	to->n++;
	return r;
}

static cdg_status
list_add_shard(shards *s, shard **out, cdg_error *err)
{
	if (s->n == SHARDS_MAX)
		return err_set(err, CDG_E_LIMIT, "more than %d shards", SHARDS_MAX);
	if (!mem_grow(&s->at, &s->cap, s->n + 1, sizeof *s->at))
		return err_nomem(err);
	s->at[s->n] = (shard){ 0 };
	*out = &s->at[s->n++];
	return CDG_OK;
}

/* One way to reach a shard: host:port, or :program and its arguments. */
static cdg_status
list_replica(shards *s, shard *to, const char *p, size_t n, cdg_error *err)
{
	const char *host, *space;
	size_t host_len;
	unsigned port = 0;
	shard_replica *r;

	if (to->n == SHARDS_REPLICAS_MAX)
		return err_set(err, CDG_E_LIMIT, "more than %d replicas of a shard", SHARDS_REPLICAS_MAX);
	if (n < 2 || (p[0] != ':' && !list_server(p, n, &host, &host_len, &port)))
		return err_set(err, CDG_E_ARG, "'%.*s' is neither host:port nor :program", (int)min_size(n, 200), p);
	r = list_add_replica(to, p, n);
	if (!r)
		return err_nomem(err);
	r->port = port;
	if (port) {
		r->host = mem_strndup(host, host_len);
		return r->host ? CDG_OK : err_nomem(err);
	}
	space = memchr(p, ' ', n);
	host_len = space ? (size_t)(space - p) : n;
	r->kind = SHARD_PROG;
	r->host = mem_strndup(p + 1, host_len - 1);
	r->args = mem_strndup(space ? space + 1 : "", space ? n - host_len - 1 : 0);
	s->has_prog = true;
	return r->host && r->args ? CDG_OK : err_nomem(err);
}

/* The replicas of one shard, parted by bars. */
static cdg_status
list_shard(shards *s, const char *p, size_t n, cdg_error *err)
{
	shard *to;

	CDG_TRY(list_add_shard(s, &to, err));
	do {
		const char *at;
		size_t len = list_part(&p, &n, '|', &at);

		while (len && at[len - 1] == ' ')
			len--;
		while (len && *at == ' ')
			at++, len--;
		CDG_TRY(list_replica(s, to, at, len, err));
	} while (n);
	return CDG_OK;
}

static cdg_status
list_local(shards *s, const char *path, int flags, cdg_error *err)
{
	shard *to;
	shard_replica *r;

	CDG_TRY(list_add_shard(s, &to, err));
	r = list_add_replica(to, path, strlen(path));
	if (!r)
		return err_nomem(err);
	r->kind = SHARD_LOCAL;
	r->flags = flags;
	r->host = mem_strdup(path);
	return r->host ? CDG_OK : err_nomem(err);
}

/* ---- stub files ---------------------------------------------------------------------- */

static cdg_status list_stub(shards *s, const char *path, unsigned depth, cdg_error *err);

/* Words that begin a line, and how libxapian is to open what follows. */
static const struct list_word {
	const char *word;
	int flags;
} list_words[] = {
	{ "auto", 0 }, { "glass", XAPC_DB_GLASS }, { "chert", XAPC_DB_CHERT },
	{ "stub", XAPC_DB_STUB }, { "inmemory", XAPC_DB_INMEMORY }, { "honey", 0 }, { "remote", -1 },
};

static const struct list_word *
list_word(const char *line, size_t n)
{
	for (size_t i = 0; i < countof(list_words); i++)
		if (strlen(list_words[i].word) == n && !memcmp(line, list_words[i].word, n))
			return &list_words[i];
	return NULL;
}

/* The stub file that a path leads to, if it is one. */
static bool
list_stub_of(const char *path, char *file)
{
	FILE *f;
	char head[16];
	size_t n;

	if (file_is_dir(path))
		return file_join(file, LIST_PATH, path, "iamglass", NULL) == CDG_OK && !file_exists(file) &&
		       file_join(file, LIST_PATH, path, STUB_FILE, NULL) == CDG_OK && file_exists(file);
	f = fopen(path, "re");
	n = f ? fread(head, 1, sizeof head, f) : 0;
	if (f)
		fclose(f);
	if (!n || head[0] == '\x0f' || strlen(path) >= LIST_PATH)
		return false; /* nothing there, or a database in a single file */
	memcpy(file, path, strlen(path) + 1);
	return true;
}

/* "auto PATH" and its like: PATH may be a stub again. */
static cdg_status
list_line_local(shards *s, const char *stub, const char *to, size_t n, int flags, unsigned depth, cdg_error *err)
{
	const char *slash = strrchr(stub, '/');
	char path[LIST_PATH], file[LIST_PATH];
	int dir = n && to[0] != '/' && slash && flags != XAPC_DB_INMEMORY ? (int)(slash - stub + 1) : 0;

	if ((size_t)snprintf(path, sizeof path, "%.*s%.*s", dir, stub, (int)n, to) >= sizeof path)
		return err_set(err, CDG_E_LIMIT, "%s: a path is too long", stub);
	if ((flags == 0 || flags == XAPC_DB_STUB) && list_stub_of(path, file))
		return list_stub(s, file, depth + 1, err);
	return list_local(s, path, flags, err);
}

static cdg_status
list_line(shards *s, const char *stub, const char *line, size_t n, unsigned depth, cdg_error *err)
{
	const char *space = memchr(line, ' ', n);
	size_t word = space ? (size_t)(space - line) : n;
	const struct list_word *w = list_word(line, word);

	if (!n || line[0] == '#')
		return CDG_OK;
	if (!w || (!space && w->flags != XAPC_DB_INMEMORY))
		return err_set(err, CDG_E_ARG, "'%.*s' begins with no word of a stub file (auto, remote, ...)",
			       (int)min_size(n, 200), line);
	line += word + (space != NULL);
	n -= word + (space != NULL);
	if (w->flags < 0)
		return list_shard(s, line, n, err);
	return list_line_local(s, stub, line, n, w->flags, depth, err);
}

static cdg_status
list_stub(shards *s, const char *path, unsigned depth, cdg_error *err)
{
	unsigned number = 0;
	cdg_error why = { 0 };
	cdg_status st = CDG_OK;
	const char *p;
	size_t n;
	buf b;

	if (depth > LIST_DEPTH)
		return err_set(err, CDG_E_ARG, "%s: stub files that name one another, or more than %d deep", path,
			       LIST_DEPTH);
	buf_init(&b);
	st = file_read(path, LIST_FILE_MAX, &b, err);
	p = (const char *)b.p;
	n = st == CDG_OK ? b.len : 0;
	while (n && st == CDG_OK) {
		const char *line;
		size_t len = list_part(&p, &n, '\n', &line);

		number++;
		if (len && line[len - 1] == '\r')
			len--;
		st = list_line(s, path, line, len, depth, &why);
		if (st != CDG_OK)
			err_set(err, st, "%s: line %u: %s", path, number, why.message);
	}
	buf_fini(&b);
	return st;
}

bool
shards_has_remote(const shards *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].replica[0].kind != SHARD_LOCAL)
			return true;
	return false;
}

cdg_status
shards_parse(shards *s, const char *path, cdg_error *err)
{
	char file[LIST_PATH];
	size_t n = strlen(path);

	if (file_exists(path))
		return list_stub_of(path, file) ? list_stub(s, file, 0, err) : CDG_OK;
	for (const char *p = path; n;) {
		const char *at;
		size_t len = list_part(&p, &n, ',', &at);

		CDG_TRY(list_shard(s, at, len, err));
	}
	return CDG_OK;
}
