/* sink.h - what the tests of readers share: what must be true of any document, and one way to
 * read bytes as a file. */
#ifndef TESTS_EXTRACT_SINK_H
#define TESTS_EXTRACT_SINK_H

#include "extract/reader/readers.h"
#include "tests/unit/unit.h"
#include "text/text.h"

/* Valid UTF-8. */
static inline void
sink_check_text(doc_str s)
{
	text_clean clean = { 0 };
	const char *view;
	size_t n;
	buf room;

	buf_init(&room);
	assert_int_equal(text_sanitize(s.p ? s.p : "", s.n, &room, &view, &n, &clean, NULL), CDG_OK);
	assert_int_equal(clean.replaced, 0);
	buf_fini(&room);
}

/* Its text, and sections that are within it, in order of where they begin. */
static inline void
sink_check(const document *d)
{
	sink_check_text(d->text);
	for (size_t i = 0; i < d->nsections; i++) {
		const doc_section *s = &d->sections[i];

		assert_true(s->start <= s->end && s->end <= d->text.n);
		assert_non_null(s->kind);
		assert_true(i == 0 || d->sections[i - 1].start <= s->start);
	}
}

/* Fields that every file has. */
static inline bool
sink_is_own_field(const doc_field *f)
{
	return (f->name.n == 4 && !memcmp(f->name.p, "path", 4)) || (f->name.n == 6 && !memcmp(f->name.p, "format", 6));
}

/* For a sink that looks at no records. */
static inline cdg_status
sink_no_records(void *ctx, const char *name, extract_format format, const char *data, size_t n, cdg_error *err)
{
	(void)ctx, (void)name, (void)format, (void)data, (void)n, (void)err;
	return CDG_OK;
}

/* Reads bytes, copied so that a look behind them is seen by ASan, as a file of this name;
 * with a limit of text (0: as always) and mappings of XML (NULL: none). */
static inline cdg_status
sink_read(const extract_sink *sink, const char *name, const void *data, size_t n, uint64_t text,
	  const struct extract_xml_map *map, cdg_error *err)
{
	extract_job *job = malloc(sizeof *job);
	char *copy = malloc(n ? n : 1);
	extract_input in = { .name = name, .data = copy, .n = n };
	cdg_status st;

	assert_non_null(job);
	assert_non_null(copy);
	memcpy(copy, data, n);
	extract_job_init(job, sink);
	if (text)
		job->limits.text = text;
	job->xml_map = map;
	st = extract_read(job, &in, err);
	extract_job_fini(job);
	free(job);
	free(copy);
	return st;
}

#endif
