/* embedded.c - see embedded.h.
 *
 * An object of another program is a storage (OLE).  What is in it, its streams say: a whole office
 * document of 2007 or later (Package), a file with its name (\1Ole10Native: MS-OLEDS 2.3.6), the file
 * that Acrobat and others put there (CONTENTS), or the streams of an older document. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "extract/reader/embedded.h"

#include <stdio.h>
#include <zlib.h>

#include "extract/reader/office_old.h"
#include "extract/reader/opc.h"

static bool
is_ole(const char *p, size_t n)
{
	return n > 8 && !memcmp(p, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
}

/* ---- a storage ------------------------------------------------------------------ */

typedef struct embedded_old {
	ole *o;
	long storage;
} embedded_old;

static cdg_status
embedded_choose(void *ctx, const extract_input *member, cdg_error *err)
{
	const embedded_old *e = ctx;

	return office_old_choose(e->o, e->storage, member, err);
}

/* The NUL-terminated string at *at; *at moves behind it.  NULL: it does not end. */
static const char *
native_string(const buf *native, size_t *at)
{
	const char *s = (const char *)native->p + *at;
	const char *nul = *at < native->len ? memchr(s, 0, native->len - *at) : NULL;

	if (nul)
		*at += (size_t)(nul - s) + 1;
	return nul ? s : NULL;
}

/* From `at` on: the name shown, the path it had, eight bytes of which the last four are the length of
 * another path, that path, size, the file.  *name, unless it is empty, and the bytes of the file point into native. */
static bool
native_file(const buf *native, size_t at, const char **name, const char **data, size_t *n)
{
	const char *label = at <= native->len ? native_string(native, &at) : NULL, *path = label ? native_string(native, &at) : NULL;
	uint64_t skip;

	if (!path || native->len - at < 12)
		return false;
	skip = load_u32(native->p + at + 4);
	if (skip > native->len - at - 12)
		return false;
	at += 8 + skip;
	*n = min_size(load_u32(native->p + at), native->len - at - 4);
	*data = (const char *)native->p + at + 4;
	for (const char *p = label; *p; p++)
		if (*p == '\\' || *p == '/')
			label = p + 1;
	*name = *label ? label : *name;
	return *n > 0;
}

/* A member that has its parent's name; `name` may be any bytes. */
static cdg_status
embedded_bytes(extract_job *job, const extract_input *in, const char *name, const char *data, size_t n, cdg_error *err)
{
	const extract_field parent = { "parent", in->name };
	extract_input inner = { .data = data, .n = n, .fields = &parent, .nfields = 1 };

	return extract_member(job, in, name, &inner, err);
}

static cdg_status
embedded_storage(ole *o, long storage, extract_job *job, const extract_input *in, const char *name, cdg_error *err)
{
	static const char *const whole[] = { "Package", "CONTENTS" };
	long native = ole_find(o, storage, "\1Ole10Native");
	cdg_status st = CDG_OK;
	const char *data;
	bool found = false;
	size_t n;
	buf bytes;

	buf_init(&bytes);
	if (native != OLE_NONE) {
		st = ole_read(o, native, &bytes, err);
		found = st == CDG_OK && native_file(&bytes, 6, &name, &data, &n);
	}
	for (size_t i = 0; st == CDG_OK && !found && i < countof(whole); i++) {
		st = ole_read(o, ole_find(o, storage, whole[i]), &bytes, err);
		data = (const char *)bytes.p;
		n = bytes.len;
		found = n > 0;
	}
	if (st == CDG_OK && found) {
		st = embedded_bytes(job, in, name, data, n, err);
	} else if (st == CDG_OK) {
		const extract_field parent = { "parent", in->name };
		extract_input inner = { .fields = &parent, .nfields = 1 };
		embedded_old old = { o, storage };

		st = extract_member_by(job, in, name, &inner, embedded_choose, &old, err);
	}
	buf_fini(&bytes);
	return st;
}

/* A formula, a drawing of Office, a picture: nothing to read. */
static bool
embedded_is_drawing(const ole *o, long storage)
{
	static const char *const streams[] = { "Equation Native", "\1CompObjGraph", "\3OCXNAME", "OCXDATA" };

	for (size_t i = 0; i < countof(streams); i++)
		if (ole_find(o, storage, streams[i]) != OLE_NONE)
			return true;
	return false;
}

static cdg_status
embedded_storages(ole *o, long pool, const char *prefix, const extract_input *in, cdg_error *err)
{
	cdg_status st = CDG_OK;
	unsigned count = 0;
	char name[32];

	for (long i = ole_first(o, pool); st == CDG_OK && i != OLE_NONE && count < EMBEDDED_MOST; i = ole_next(o, i)) {
		if (o->entries[i].type != OLE_STORAGE || strncmp(o->entries[i].name, prefix, strlen(prefix)) != 0 ||
		    embedded_is_drawing(o, i))
			continue;
		snprintf(name, sizeof name, "object-%u", ++count);
		st = embedded_storage(o, i, o->job, in, name, err);
	}
	return st;
}

cdg_status
embedded_ole(ole *o, long storage, const extract_input *in, cdg_error *err)
{
	long pool = ole_find(o, storage, "ObjectPool");

	if (pool != OLE_NONE && o->entries[pool].type == OLE_STORAGE)
		CDG_TRY(embedded_storages(o, pool, "_", in, err));
	return embedded_storages(o, storage, "MBD", in, err);
}

cdg_status
embedded_file(extract_job *job, const extract_input *in, const char *name, const char *data, size_t n, cdg_error *err)
{
	const extract_input inner = { .name = in->name, .data = data, .n = n, .depth = in->depth };
	const char *why;
	cdg_status st;
	ole o;

	if (!is_ole(data, n))
		return embedded_bytes(job, in, name, data, n, err);
	if (ole_open(&o, job, &inner, &why, &st, err))
		st = embedded_is_drawing(&o, OLE_ROOT) ? CDG_OK : embedded_storage(&o, OLE_ROOT, job, in, name, err);
	else if (st == CDG_OK)
		st = extract_member_problem(job, in, name, false, err, "%s", why);
	ole_close(&o);
	return st;
}

static cdg_status
embedded_unpack(extract_job *job, const extract_input *in, const char *data, size_t n, buf *out, cdg_error *err)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)min_size(n, UINT32_MAX) };
	cdg_status st = CDG_OK;
	uint8_t part[16 << 10];
	int got = Z_OK;

	if (inflateInit(&z) != Z_OK)
		return err_nomem(err);
	while (st == CDG_OK && got == Z_OK && out->len <= job->limits.member) {
		z.next_out = part;
		z.avail_out = sizeof part;
		got = inflate(&z, Z_NO_FLUSH);
		st = extract_charge(job, in, sizeof part - z.avail_out, err);
		buf_put(out, part, sizeof part - z.avail_out);
	}
	inflateEnd(&z);
	return out->failed ? err_nomem(err) : st;
}

cdg_status
embedded_packed(extract_job *job, const extract_input *in, const char *name, const char *data, size_t n, cdg_error *err)
{
	cdg_status st = CDG_OK;
	buf bytes;

	buf_init(&bytes);
	if (n > 4)
		st = embedded_unpack(job, in, data + 4, n - 4, &bytes, err);
	if (st == CDG_OK && bytes.len)
		st = embedded_file(job, in, name, (const char *)bytes.p, bytes.len, err);
	else if (st == CDG_OK)
		st = extract_member_problem(job, in, name, false, err, "an embedded object that cannot be unpacked");
	buf_fini(&bytes);
	return st;
}

/* ---- RTF ------------------------------------------------------------------------ */

static int
rtf_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The bytes that stand in hex from p on. */
static void
rtf_bytes(const char *p, const char *end, buf *out)
{
	int high = -1, digit;

	out->len = 0;
	for (; p < end && *p != '}' && *p != '{' && *p != '\\'; p++) {
		if ((digit = rtf_digit(*p)) < 0)
			continue;
		if (high >= 0)
			buf_put_u8(out, (uint8_t)(high << 4 | digit));
		high = high >= 0 ? -1 : digit;
	}
}

/* An object as OLE 1 has it (MS-OLEDS 2.2.5): version, kind, three strings of which the first is
 * the class, the native bytes.  0: it is not. */
static size_t
rtf_native(const buf *b, bool *packager)
{
	size_t at = 8;

	for (unsigned i = 0; i < 3; i++) {
		uint32_t n = at + 4 <= b->len ? load_u32(b->p + at) : UINT32_MAX;

		if (n > b->len - min_size(b->len, at + 4))
			return 0;
		if (i == 0)
			*packager = n >= 7 && !memcmp(b->p + at + 4, "Package", 7);
		at += 4 + (size_t)n;
	}
	return at + 4 < b->len ? at + 4 : 0;
}

static cdg_status
embedded_rtf_one(extract_job *job, const extract_input *in, const char *name, const buf *b, cdg_error *err)
{
	bool packager = false;
	size_t at = rtf_native(b, &packager), n;
	const char *data;

	if (at && packager && native_file(b, at + 2, &name, &data, &n))
		return embedded_bytes(job, in, name, data, n, err);
	if (at && is_ole((const char *)b->p + at, b->len - at))
		return embedded_file(job, in, name, (const char *)b->p + at, b->len - at, err);
	return extract_member_problem(job, in, name, true, err, "an embedded object of a kind that is not known");
}

cdg_status
embedded_rtf(extract_job *job, const extract_input *in, cdg_error *err)
{
	static const char word[] = "\\objdata";
	const char *p = in->data, *end = p + in->n;
	cdg_status st = CDG_OK;
	unsigned count = 0;
	char name[32];
	buf bytes;

	buf_init(&bytes);
	while (st == CDG_OK && count < EMBEDDED_MOST && (p = memmem(p, (size_t)(end - p), word, sizeof word - 1)) != NULL) {
		p += sizeof word - 1;
		rtf_bytes(p, end, &bytes);
		snprintf(name, sizeof name, "object-%u", ++count);
		st = bytes.failed ? err_nomem(err) : extract_charge(job, in, bytes.len, err);
		if (st == CDG_OK)
			st = embedded_rtf_one(job, in, name, &bytes, err);
	}
	buf_fini(&bytes);
	return st;
}

/* ---- packages ------------------------------------------------------------------- */

static const char *
embedded_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Marks the tables behind charts: members that a part in a folder `charts` names. */
static cdg_status
embedded_charts(package *p, bool *left, cdg_error *err)
{
	for (size_t i = 0; i < package_count(p); i++) {
		const char *name = package_at(p, i)->name;
		opc_rels rels;
		cdg_status st;

		if (!strstr(name, "charts/") || strstr(name, "_rels/"))
			continue;
		st = opc_rels_read(&rels, p, name, err);
		for (size_t k = 0; st == CDG_OK && k < rels.count; k++)
			if (rels.rels[k].member >= 0)
				left[rels.rels[k].member] = true;
		opc_rels_fini(&rels);
		CDG_TRY(st);
	}
	return CDG_OK;
}

/* In OpenDocument, "Object 1" is what another program made; "Object 2/" is of its own kind, and told of. */
static bool
embedded_is_object(const char *name)
{
	return strstr(name, "/embeddings/") || (!strncmp(name, "Object ", 7) && !strchr(name, '/'));
}

/* "Object 2/content.xml" of a text or table, not of a formula or chart. */
static cdg_status
embedded_odf(package *p, size_t i, size_t *count, cdg_error *err)
{
	static const char *const bodies[] = { "<office:text", "<office:spreadsheet", "<office:presentation", "<office:drawing" };
	const char *name = package_at(p, i)->name;
	cdg_status st;
	buf text;

	if (strncmp(name, "Object ", 7) != 0 || strcmp(embedded_base(name), "content.xml") != 0)
		return CDG_OK;
	buf_init(&text);
	st = package_read(p, i, 1 << 20, &text, err);
	for (size_t k = 0; st == CDG_OK && text.len && k < countof(bodies); k++)
		*count += memmem(text.p, text.len, bodies[k], strlen(bodies[k])) != NULL;
	buf_fini(&text);
	return st;
}

static cdg_status
embedded_member(extract_job *job, const extract_input *in, package *p, size_t i, cdg_error *err)
{
	const char *name = embedded_base(package_at(p, i)->name);
	cdg_status st;
	buf bytes;

	buf_init(&bytes);
	st = package_read(p, i, job->limits.member, &bytes, err);
	if (st == CDG_OK && bytes.len)
		st = embedded_file(job, in, name, (const char *)bytes.p, bytes.len, err);
	else if (st == CDG_OK)
		st = extract_member_problem(job, in, name, false, err, "an embedded object that cannot be unpacked");
	buf_fini(&bytes);
	return st;
}

cdg_status
embedded_package(extract_job *job, const extract_input *in, package *p, cdg_error *err)
{
	size_t n = package_count(p), count = 0, unread = 0;
	cdg_status st = CDG_OK;
	bool *left;

	for (size_t i = 0; i < n; i++)
		CDG_TRY(embedded_odf(p, i, &unread, err));
	if (unread)
		CDG_TRY(extract_problem(job, in, true, err, EXTRACT_PARTLY "%zu embedded document%s", unread, unread > 1 ? "s" : ""));
	for (size_t i = 0; i < n && !count; i++)
		count += embedded_is_object(package_at(p, i)->name) && *embedded_base(package_at(p, i)->name);
	if (!count)
		return CDG_OK;
	left = mem_calloc(n, sizeof *left);
	if (!left)
		return err_nomem(err);
	st = embedded_charts(p, left, err);
	for (size_t i = count = 0; st == CDG_OK && i < n && count < EMBEDDED_MOST; i++) {
		const char *name = package_at(p, i)->name;

		if (!embedded_is_object(name) || !*embedded_base(name) || left[i])
			continue;
		count++;
		st = embedded_member(job, in, p, i, err);
	}
	mem_free(left);
	return st;
}
