/* package.c - see package.h.
 *
 * libarchive goes through a zip once, front to back.  Members are mostly wanted in that
 * order, so the archive stays open where it is, and is begun again for a member further
 * in front; PACKAGE_STEPS bounds what a package in the worst order can cost.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* qsort_r */
#endif
#include "extract/reader/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <strings.h>

enum {
	PACKAGE_STEPS = 20 << 20, /* headers read, in all */
	PACKAGE_PATH = 1000,
};

struct package {
	extract_job *job;
	const extract_input *in;
	struct archive *archive; /* NULL: begin again */
	size_t at;               /* members whose headers were read since then */
	package_member *members;
	size_t count, cap;
	uint32_t *by_name;
	arena names;
	uint64_t left; /* bytes that may still come out */
	unsigned long steps;
	char trouble[200];
};

static void
package_say(package *p, const char *what, const char *why)
{
	if (!p->trouble[0])
		snprintf(p->trouble, sizeof p->trouble, "%s%s%s", what, why ? ": " : "", why ? why : "");
}

static void
package_leave(package *p)
{
	if (p->archive)
		archive_read_free(p->archive);
	p->archive = NULL;
	p->at = 0;
}

static cdg_status
package_begin(package *p, cdg_error *err)
{
	package_leave(p);
	p->archive = archive_read_new();
	if (!p->archive || archive_read_support_format_zip(p->archive) != ARCHIVE_OK)
		return err_nomem(err);
	if (archive_read_open_memory(p->archive, p->in->data, p->in->n) != ARCHIVE_OK)
		package_say(p, "not a readable zip archive", archive_error_string(p->archive));
	return CDG_OK;
}

/* The header of the next member; NULL: there is none. */
static struct archive_entry *
package_step(package *p)
{
	struct archive_entry *entry;
	int r;

	do {
		if (p->steps++ > PACKAGE_STEPS) {
			package_say(p, "members too many and out of order", NULL);
			return NULL;
		}
		r = archive_read_next_header(p->archive, &entry);
	} while (r == ARCHIVE_RETRY);
	if (r == ARCHIVE_OK || r == ARCHIVE_WARN) {
		p->at++;
		return entry;
	}
	if (r != ARCHIVE_EOF)
		package_say(p, "damaged zip archive", archive_error_string(p->archive));
	return NULL;
}

static cdg_status
package_list(package *p, cdg_error *err)
{
	struct archive_entry *entry;

	while (p->trouble[0] == 0 && (entry = package_step(p)) != NULL) {
		const char *name = archive_entry_pathname_utf8(entry);
		package_member *m;

		if (p->count == PACKAGE_MEMBERS) {
			package_say(p, "more members than are looked at", NULL);
			break;
		}
		if (!name)
			name = archive_entry_pathname(entry);
		if (!name)
			name = "";
		if (!mem_grow(&p->members, &p->cap, p->count + 1, sizeof *p->members))
			return err_nomem(err);
		m = &p->members[p->count++];
		m->name = arena_strndup(&p->names, name, strlen(name));
		m->encrypted = archive_entry_is_data_encrypted(entry) > 0;
		if (!m->name)
			return err_nomem(err);
	}
	return CDG_OK;
}

/* Equal but for case: as bytes; then in order of place. */
static int
package_compare(const package *p, uint32_t a, uint32_t b)
{
	int c = strcasecmp(p->members[a].name, p->members[b].name);

	if (c == 0)
		c = strcmp(p->members[a].name, p->members[b].name);
	return c ? c : (a > b) - (a < b);
}

static int
package_order(const void *a, const void *b, void *p)
{
	return package_compare(p, *(const uint32_t *)a, *(const uint32_t *)b);
}

static cdg_status
package_sort(package *p, cdg_error *err)
{
	p->by_name = mem_alloc((p->count + 1) * sizeof *p->by_name);
	if (!p->by_name)
		return err_nomem(err);
	for (size_t i = 0; i < p->count; i++)
		p->by_name[i] = (uint32_t)i;
	qsort_r(p->by_name, p->count, sizeof *p->by_name, package_order, p);
	return CDG_OK;
}

cdg_status
package_open(package **out, extract_job *job, const extract_input *in, cdg_error *err)
{
	package *p = mem_calloc(1, sizeof *p);
	cdg_status st;

	*out = p;
	if (!p)
		return err_nomem(err);
	p->job = job;
	p->in = in;
	p->left = (uint64_t)PACKAGE_FREE + (uint64_t)PACKAGE_RATIO * in->n;
	arena_init(&p->names);
	st = package_begin(p, err);
	if (st == CDG_OK)
		st = package_list(p, err);
	if (st == CDG_OK)
		st = package_sort(p, err);
	package_leave(p);
	if (st != CDG_OK) {
		package_close(p);
		*out = NULL;
	}
	return st;
}

void
package_close(package *p)
{
	if (!p)
		return;
	package_leave(p);
	mem_free(p->members);
	mem_free(p->by_name);
	arena_fini(&p->names);
	mem_free(p);
}

size_t
package_count(const package *p)
{
	return p->count;
}

const package_member *
package_at(const package *p, size_t i)
{
	return &p->members[i];
}

const char *
package_trouble(const package *p)
{
	return p->trouble;
}

long
package_find(const package *p, const char *name)
{
	size_t lo = 0, hi = p->count;
	long found = -1;

	while (*name == '/')
		name++;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcasecmp(p->members[p->by_name[mid]].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < p->count && strcasecmp(p->members[p->by_name[lo]].name, name) == 0; lo++) {
		if (strcmp(p->members[p->by_name[lo]].name, name) == 0)
			return (long)p->by_name[lo];
		if (found < 0)
			found = (long)p->by_name[lo];
	}
	return found;
}

static int
package_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* One step of a path, to[0, n) being the folder; its new length. */
static size_t
package_walk(char *to, size_t n, const char *step, size_t k)
{
	if (k == 2 && memcmp(step, "..", 2) == 0) {
		n -= n > 0; /* the '/' of the folder, then its name */
		while (n && to[n - 1] != '/')
			n--;
		return n;
	}
	if (k == 0 || (k == 1 && *step == '.'))
		return n;
	for (size_t i = 0; i < k; i++) {
		if (step[i] == '%' && k - i > 2 && package_hex(step[i + 1]) >= 0 && package_hex(step[i + 2]) >= 0) {
			to[n++] = (char)(package_hex(step[i + 1]) << 4 | package_hex(step[i + 2]));
			i += 2;
		} else {
			to[n++] = step[i];
		}
	}
	return n;
}

long
package_resolve(const package *p, const char *from, doc_str target)
{
	const char *slash = strrchr(from, '/');
	const char *hash = target.n ? memchr(target.p, '#', target.n) : NULL;
	size_t n = slash ? (size_t)(slash + 1 - from) : 0;
	char path[2 * PACKAGE_PATH + 2];

	if (hash)
		target.n = (size_t)(hash - target.p);
	if (!target.n || target.n > PACKAGE_PATH || n > PACKAGE_PATH)
		return -1;
	if (target.p[0] == '/')
		n = 0;
	memcpy(path, from, n);
	for (size_t i = 0; i < target.n;) {
		size_t k = i;

		while (k < target.n && target.p[k] != '/')
			k++;
		n = package_walk(path, n, target.p + i, k - i);
		if (k < target.n && n && path[n - 1] != '/')
			path[n++] = '/';
		i = k + 1;
	}
	path[n] = 0;
	return package_find(p, path);
}

/* ---- contents -------------------------------------------------------- */

static cdg_status
package_go(package *p, size_t i, bool *there, cdg_error *err)
{
	*there = false;
	if (!p->archive || i < p->at) {
		p->steps += p->count; /* the directory is read again */
		CDG_TRY(package_begin(p, err));
	}
	while (p->at <= i)
		if (!package_step(p))
			return CDG_OK;
	*there = true;
	return CDG_OK;
}

cdg_status
package_stream(package *p, size_t i, package_sink *sink, void *ctx, cdg_error *err)
{
	const char *name = p->members[i].name;
	const void *block;
	bool there;
	size_t n;
	la_int64_t offset;
	int r;

	if (p->members[i].encrypted) {
		package_say(p, name, "password-protected");
		return CDG_OK;
	}
	if (!p->left)
		return CDG_OK;
	CDG_TRY(package_go(p, i, &there, err));
	if (!there)
		return CDG_OK;
	while ((r = archive_read_data_block(p->archive, &block, &n, &offset)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		if (n > p->left) {
			p->left = 0;
			package_say(p, name, "unpacks to far more than it can hold; the rest is not read");
			return CDG_OK;
		}
		p->left -= n;
		CDG_TRY(extract_charge(p->job, p->in, n, err));
		if (n && !sink(ctx, block, n))
			return CDG_OK;
	}
	if (r != ARCHIVE_EOF)
		package_say(p, name, archive_error_string(p->archive));
	return CDG_OK;
}

typedef struct package_into {
	buf *out;
	size_t most;
} package_into;

static bool
package_append(void *ctx, const char *bytes, size_t n)
{
	package_into *into = ctx;
	size_t k = min_size(n, into->most);

	buf_put(into->out, bytes, k);
	into->most -= k;
	return k == n && !into->out->failed;
}

cdg_status
package_read(package *p, size_t i, size_t most, buf *out, cdg_error *err)
{
	package_into into = { out, most };

	CDG_TRY(package_stream(p, i, package_append, &into, err));
	if (out->failed)
		return err_nomem(err);
	return CDG_OK;
}
