/* office.h - what the tests of office readers share: packages made of strings, and what a
 * reader made of them. */
#ifndef TESTS_EXTRACT_OFFICE_H
#define TESTS_EXTRACT_OFFICE_H

#include <archive.h>
#include <archive_entry.h>

#include "tests/extract/sink.h"

/* What came out: of the last document, and how many there were. */
typedef struct office_seen {
	buf text, sections, fields, why; /* sections: a line each, "level kind label|first bytes" */
	char title[200], lang[40], date[24], warning[500];
	unsigned documents, problems;
} office_seen;

static office_seen seen;

static inline void
office_copy(char *to, size_t cap, doc_str s)
{
	size_t n = s.n < cap - 1 ? s.n : cap - 1;

	memcpy(to, s.p ? s.p : "", n);
	to[n] = 0;
}

static cdg_status
office_document(void *ctx, const document *d, const char *warning, cdg_error *err)
{
	(void)ctx;
	(void)err;
	sink_check(d);
	seen.documents++;
	seen.text.len = seen.sections.len = seen.fields.len = 0;
	buf_put(&seen.text, d->text.p, d->text.n);
	office_copy(seen.title, sizeof seen.title, d->title);
	office_copy(seen.lang, sizeof seen.lang, d->lang);
	seen.date[d->has_date ? doc_format_date(d->date, seen.date) : 0] = 0;
	snprintf(seen.warning, sizeof seen.warning, "%s", warning);
	for (size_t i = 0; i < d->nsections; i++) {
		const doc_section *s = &d->sections[i];

		buf_printf(&seen.sections, "%u %s %.*s|%.*s\n", s->level, s->kind, (int)s->label.n, s->label.p,
			   (int)min_size(s->end - s->start, 12), d->text.p + s->start);
	}
	for (size_t i = 0; i < d->nfields; i++)
		buf_printf(&seen.fields, "%.*s=%.*s\n", (int)d->fields[i].name.n, d->fields[i].name.p,
			   (int)d->fields[i].string.n, d->fields[i].string.p);
	return CDG_OK;
}

static cdg_status
office_problem(void *ctx, const char *name, bool skipped, const char *why, cdg_error *err)
{
	(void)ctx;
	(void)name;
	(void)skipped;
	(void)err;
	seen.problems++;
	seen.why.len = 0;
	buf_puts(&seen.why, why);
	return CDG_OK;
}

/* Reads bytes as a file of this name, with a limit of text (0: as always). */
static inline cdg_status
office_read_limited(const char *name, const void *data, size_t n, uint64_t text)
{
	extract_sink sink = { .document = office_document, .records = sink_no_records, .problem = office_problem };
	cdg_error err;

	buf_fini(&seen.text);
	buf_fini(&seen.sections);
	buf_fini(&seen.fields);
	buf_fini(&seen.why);
	memset(&seen, 0, sizeof seen);
	return sink_read(&sink, name, data, n, text, NULL, &err);
}

static inline void
office_read(const char *name, const void *data, size_t n)
{
	assert_int_equal(office_read_limited(name, data, n, 0), CDG_OK);
}

typedef struct office_part {
	const char *name, *text;
} office_part;

static inline void
office_zip_add(struct archive *a, const char *name, const void *data, size_t n)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)n);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, data, n), (la_ssize_t)n);
	archive_entry_free(e);
}

static la_ssize_t
office_zip_write(struct archive *a, void *ctx, const void *data, size_t n)
{
	(void)a;
	buf_put(ctx, data, n);
	return (la_ssize_t)n;
}

static inline struct archive *
office_zip_begin(buf *out)
{
	struct archive *a = archive_write_new();

	buf_init(out);
	archive_write_set_format_zip(a);
	archive_write_set_bytes_per_block(a, 0);
	assert_int_equal(archive_write_open(a, out, NULL, office_zip_write, NULL), ARCHIVE_OK);
	return a;
}

static inline void
office_zip(buf *out, const office_part *parts, size_t n)
{
	struct archive *a = office_zip_begin(out);

	for (size_t i = 0; i < n; i++)
		office_zip_add(a, parts[i].name, parts[i].text, strlen(parts[i].text));
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

static inline void
office_read_zip(const char *name, const office_part *parts, size_t n)
{
	buf zip;

	office_zip(&zip, parts, n);
	office_read(name, zip.p, zip.len);
	buf_fini(&zip);
}

#define OFFICE_READ(name, ...)                                                       \
	do {                                                                         \
		const office_part parts_[] = { __VA_ARGS__ };                        \
		office_read_zip(name, parts_, countof(parts_));                      \
	} while (0)

static inline void
office_is(buf *got, const char *want)
{
	if (strcmp(buf_cstr(got), want) != 0)
		fail_msg("got:\n%s\nwanted:\n%s", buf_cstr(got), want);
}

/* Every length that is a power of two, and the bytes with some of them changed. */
static inline void
office_hurt(const char *name, const buf *whole, unsigned rounds)
{
	uint8_t *copy = malloc(whole->len);

	for (size_t n = 1; n < whole->len; n *= 2)
		office_read_limited(name, whole->p, n, 0);
	office_read_limited(name, whole->p, whole->len - 1, 0);
	for (unsigned i = 0; i < rounds; i++) {
		memcpy(copy, whole->p, whole->len);
		for (unsigned k = 0; k <= i % 8; k++)
			copy[unit_below((uint32_t)whole->len)] = (uint8_t)unit_rand();
		office_read_limited(name, copy, whole->len, 0);
	}
	free(copy);
}

#endif
