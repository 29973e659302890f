/* manifest.c - see manifest.h.  The writer of an index calls the changing
 * functions under its lock; loading is safe at any time. */
#include "engine/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>
#include <xxhash.h>

const char *const manifest_features[MANIFEST_FEATURES] = { "forms", "classes", "tree", "columns", "impacts",
								 "pairs" };

void
manifest_init(manifest *m)
{
	memset(m, 0, sizeof *m);
}

void
manifest_fini(manifest *m)
{
	for (size_t i = 0; i < m->nfields; i++)
		mem_free(m->fields[i]);
	mem_free(m->fields);
	mem_free(m->segs);
	memset(m, 0, sizeof *m);
}

cdg_status
manifest_copy(manifest *to, const manifest *from, cdg_error *err)
{
	manifest_init(to);
	to->generation = from->generation;
	to->sources = from->sources;
	for (size_t i = 0; i < from->nfields; i++) {
		if (!manifest_add_field(to, from->fields[i], strlen(from->fields[i]))) {
			manifest_fini(to);
			return err_nomem(err);
		}
	}
	for (size_t i = 0; i < from->nsegs; i++) {
		cdg_status st = manifest_add_segment(to, &from->segs[i], err);
		if (st != CDG_OK) {
			manifest_fini(to);
			return st;
		}
	}
	return CDG_OK;
}

unsigned
manifest_field(const manifest *m, const char *name, size_t len)
{
	for (size_t i = 0; i < m->nfields; i++)
		if (strlen(m->fields[i]) == len && !memcmp(m->fields[i], name, len))
			return (unsigned)i + 2;
	return 0;
}

unsigned
manifest_add_field(manifest *m, const char *name, size_t len)
{
	unsigned id = manifest_field(m, name, len);
	char *copy;

	if (id)
		return id;
	if (m->nfields >= MANIFEST_FIELDS_MAX || !mem_grow(&m->fields, &m->fields_cap, m->nfields + 1, sizeof *m->fields))
		return 0;
	copy = mem_strndup(name, len);
	if (!copy)
		return 0;
	m->fields[m->nfields++] = copy;
	return (unsigned)m->nfields + 1;
}

cdg_status
manifest_add_segment(manifest *m, const manifest_segment *s, cdg_error *err)
{
	if (!mem_grow(&m->segs, &m->segs_cap, m->nsegs + 1, sizeof *m->segs))
		return err_nomem(err);
	m->segs[m->nsegs++] = *s;
	return CDG_OK;
}

void
segment_id_hex(const segment_id *id, char out[33])
{
	for (unsigned i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", id->b[i]);
}

cdg_status
segment_id_new(segment_id *id, cdg_error *err)
{
	if (getrandom(id->b, sizeof id->b, 0) != (ssize_t)sizeof id->b)
		return err_errno(err, "read", "random bytes");
	return CDG_OK;
}

char *
segment_path(const char *dir, const segment_id *id, const char *ext)
{
	char hex[33];
	buf b = { 0 };

	segment_id_hex(id, hex);
	buf_printf(&b, "%s/%s.%s", dir, hex, ext);
	buf_cstr(&b);
	if (b.failed) {
		buf_fini(&b);
		return NULL;
	}
	return (char *)b.p;
}

/* ---- reading -------------------------------------------------------- */

static bool
manifest_parse_id(const char *hex, segment_id *id)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned v;
		if (sscanf(hex + 2 * i, "%2x", &v) != 1)
			return false;
		id->b[i] = (uint8_t)v;
	}
	return hex[32] == 0;
}

static cdg_status
manifest_parse_segment(manifest *m, const char *line, size_t at, const char *path, cdg_error *err)
{
	manifest_segment s;
	char hex[40];
	unsigned store;
	int end = 0;

	memset(&s, 0, sizeof s);
	if (sscanf(line, "segment %32s docs %" SCNu32 " live %" SCNu32 " livegen %" SCNu64 " text-tokens %" SCNu64
			 " title-tokens %" SCNu64 " langs %" SCNx64 " store %u bytes %" SCNu64 "%n",
		   hex, &s.docs, &s.live, &s.livegen, &s.tokens[0], &s.tokens[1], &s.langs, &store, &s.bytes, &end) != 9 ||
	    !manifest_parse_id(hex, &s.id) || s.live > s.docs || s.docs > INT32_MAX || store > 1 ||
	    m->nsegs >= MANIFEST_SEGMENTS_MAX)
		return err_corrupt(err, path, at, "line is unreadable: %.60s", line);
	s.store = store;
	s.pairs = !strcmp(line + end, " pairs 1");
	return manifest_add_segment(m, &s, err);
}

static cdg_status
manifest_check_features(manifest *m, const char *line, const char *path, cdg_error *err)
{
	for (const char *at = line + strlen("features"); *at;) {
		size_t n;
		bool known = false;
		at += strspn(at, " ");
		n = strcspn(at, " ");
		if (!n)
			break;
		for (size_t i = 0; i < MANIFEST_FEATURES && !known; i++) {
			known = strlen(manifest_features[i]) == n && !memcmp(manifest_features[i], at, n);
			m->features |= known ? 1u << i : 0;
		}
		if (!known)
			return err_set(err, CDG_E_VERSION,
				       "%s needs the index feature '%.*s', which this program does not know: "
				       "use a newer cdgsearch", path, (int)n, at);
		at += n;
	}
	return CDG_OK;
}

static cdg_status
manifest_parse_line(manifest *m, char *line, size_t at, const char *path, cdg_error *err)
{
	unsigned id;
	int name = 0;

	if (!strncmp(line, "features", 8))
		return manifest_check_features(m, line, path, err);
	if (sscanf(line, "generation %" SCNu64, &m->generation) == 1 ||
	    sscanf(line, "sources %" SCNu64, &m->sources) == 1)
		return CDG_OK;
	if (sscanf(line, "field %u %n", &id, &name) == 1 && name) {
		unsigned got = manifest_add_field(m, line + name, strlen(line + name));
		if (got == id && id)
			return CDG_OK;
		if (!got && m->nfields < MANIFEST_FIELDS_MAX)
			return err_nomem(err);
	}
	if (!strncmp(line, "segment ", 8))
		return manifest_parse_segment(m, line, at, path, err);
	return err_corrupt(err, path, at, "line is unreadable: %.60s", line);
}

/* The checksum line at the end covers all before it. */
static cdg_status
manifest_check_sum(buf *b, const char *path, size_t *body, cdg_error *err)
{
	char want[32];
	size_t at = b->len;

	if (at < 2 || b->p[at - 1] != '\n')
		return err_corrupt(err, path, at, "file ends early");
	for (at--; at > 0 && b->p[at - 1] != '\n'; at--)
		;
	if (b->len - at != 26 || memcmp(b->p + at, "checksum ", 9) != 0)
		return err_corrupt(err, path, at, "checksum line is missing");
	/* byte by byte: a number can be written in several ways, this line in one */
	snprintf(want, sizeof want, "checksum %016" PRIx64 "\n", (uint64_t)XXH3_64bits(b->p, at));
	if (memcmp(b->p + at, want, 26) != 0)
		return err_corrupt(err, path, 0, "checksum is wrong");
	*body = at;
	return CDG_OK;
}

static cdg_status
manifest_parse(manifest *m, buf *b, const char *path, cdg_error *err)
{
	static const char magic[] = "cdgsearch-index ";
	size_t body = 0;
	unsigned version;

	buf_cstr(b);
	if (b->failed)
		return err_nomem(err);
	if (strncmp((char *)b->p, magic, strlen(magic)) != 0)
		return err_corrupt(err, path, 0, "not the manifest of a cdgsearch index");
	version = (unsigned)strtoul((char *)b->p + strlen(magic), NULL, 10);
	if (version > PFILE_FORMAT)
		return err_set(err, CDG_E_VERSION,
			       "%s has index format %u; this program reads up to %u: use a newer cdgsearch",
			       path, version, PFILE_FORMAT);
	CDG_TRY(manifest_check_sum(b, path, &body, err));
	if (version == 0 || memchr(b->p, 0, body))
		return err_corrupt(err, path, 0, "format number is wrong");
	for (char *line = (char *)b->p; line < (char *)b->p + body;) {
		char *end = strchr(line, '\n');
		*end = 0;
		if (line != (char *)b->p)
			CDG_TRY(manifest_parse_line(m, line, (size_t)(line - (char *)b->p), path, err));
		line = end + 1;
	}
	return CDG_OK;
}

cdg_status
manifest_load(manifest *m, const char *dir, cdg_error *err)
{
	char path[4096];
	buf b = { 0 };
	cdg_status st;

	manifest_init(m);
	CDG_TRY(file_join(path, sizeof path, dir, MANIFEST_NAME, err));
	st = file_read(path, (size_t)64 << 20, &b, err);
	if (st == CDG_E_NOTFOUND)
		err_set(err, st, "no index at %s (there is no %s in it); make one with: cdgindex -d %s PATH",
			dir, MANIFEST_NAME, dir);
	if (st == CDG_OK)
		st = manifest_parse(m, &b, path, err);
	buf_fini(&b);
	if (st != CDG_OK)
		manifest_fini(m);
	return st;
}

cdg_status
manifest_commit(const manifest *m, const char *dir, cdg_error *err)
{
	char path[4096], hex[33];
	bool pairs = false;
	buf b = { 0 };
	cdg_status st;

	CDG_TRY(file_join(path, sizeof path, dir, MANIFEST_NAME, err));
	for (size_t i = 0; i < m->nsegs; i++)
		pairs |= m->segs[i].pairs;
	buf_printf(&b, "cdgsearch-index %d\nfeatures", PFILE_FORMAT);
	for (size_t i = 0; i < MANIFEST_FEATURES - (pairs ? 0u : 1u); i++)
		buf_printf(&b, " %s", manifest_features[i]);
	buf_printf(&b, "\ngeneration %" PRIu64 "\n", m->generation);
	for (size_t i = 0; i < m->nfields; i++)
		buf_printf(&b, "field %zu %s\n", i + 2, m->fields[i]);
	buf_printf(&b, "sources %" PRIu64 "\n", m->sources);
	for (size_t i = 0; i < m->nsegs; i++) {
		const manifest_segment *s = &m->segs[i];
		segment_id_hex(&s->id, hex);
		buf_printf(&b, "segment %s docs %" PRIu32 " live %" PRIu32 " livegen %" PRIu64 " text-tokens %" PRIu64
			       " title-tokens %" PRIu64 " langs %" PRIx64 " store %d bytes %" PRIu64 "%s\n",
			   hex, s->docs, s->live, s->livegen, s->tokens[0], s->tokens[1], s->langs, s->store, s->bytes,
			   s->pairs ? " pairs 1" : "");
	}
	buf_printf(&b, "checksum %016" PRIx64 "\n", (uint64_t)XXH3_64bits(b.p, b.len));
	/* the files it names must be on disk before it is */
	st = b.failed ? err_nomem(err) : file_sync_dir(dir, err);
	if (st == CDG_OK)
		st = file_replace(path, b.p, b.len, err);
	buf_fini(&b);
	return st;
}

/* ---- leftovers ------------------------------------------------------ */

/* Is this the name of a file the index writes, and does the manifest need it? */
static bool
manifest_owns(const char *name)
{
	size_t hex = strspn(name, "0123456789abcdef");
	return (hex == 32 && name[32] == '.') || !strncmp(name, "sources-", 8) ||
	       !strcmp(name, MANIFEST_NAME ".tmp");
}

static bool
manifest_needs(const manifest *m, const char *name)
{
	static const char *const exts[] = { "dict", "post", "pos", "docs", "text", "tree", "cols" };
	char want[80], hex[33];

	if (m->sources) {
		snprintf(want, sizeof want, "sources-%" PRIu64, m->sources);
		if (!strcmp(name, want))
			return true;
	}
	for (size_t i = 0; i < m->nsegs; i++) {
		segment_id_hex(&m->segs[i].id, hex);
		if (strncmp(name, hex, 32) != 0)
			continue;
		for (size_t k = 0; k < countof(exts); k++)
			if (!strcmp(name + 33, exts[k]))
				return true;
		if (m->segs[i].pairs && (!strcmp(name + 33, "pairs") || !strcmp(name + 33, "pairpost")))
			return true;
		if (m->segs[i].livegen) {
			snprintf(want, sizeof want, "live-%" PRIu64, m->segs[i].livegen);
			return !strcmp(name + 33, want);
		}
		return false;
	}
	return false;
}

size_t
manifest_collect_garbage(const manifest *m, const char *dir)
{
	char **names, path[4096];
	size_t n, left = 0;

	if (file_list(dir, &names, &n, NULL) != CDG_OK)
		return 1;
	for (size_t i = 0; i < n; i++) {
		if (!manifest_owns(names[i]) || manifest_needs(m, names[i]))
			continue;
		if (file_join(path, sizeof path, dir, names[i], NULL) != CDG_OK || file_unlink(path, NULL) != CDG_OK)
			left++;
	}
	file_list_free(names, n);
	return left;
}
