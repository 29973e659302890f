/* reader.h - any bytes to a reader of cdg-extract, with small limits: what comes out must be
 * valid UTF-8 with sections inside the text, and a name for every problem.
 *
 * A fuzzer is FUZZ_READER(extract_NAME, "name of the file"). */
#ifndef TESTS_FUZZ_READER_H
#define TESTS_FUZZ_READER_H

#include <stdlib.h>
#include <string.h>

#include "extract/reader/readers.h"
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_check_string(doc_str s)
{
	text_clean clean = { 0 };
	const char *view;
	size_t n;
	buf out;

	if (!s.n)
		return;
	buf_init(&out);
	if (text_sanitize(s.p, s.n, &out, &view, &n, &clean, NULL) == CDG_OK && clean.replaced)
		abort();
	buf_fini(&out);
}

static cdg_status
fuzz_document(void *ctx, const document *d, const char *warning, cdg_error *err)
{
	(void)ctx;
	(void)err;
	(void)warning;
	fuzz_check_string(d->id);
	fuzz_check_string(d->title);
	fuzz_check_string(d->url);
	fuzz_check_string(d->lang);
	if (!d->id.n)
		abort();
	for (size_t i = 0; i < d->nfields; i++)
		fuzz_check_string(d->fields[i].string);
	for (size_t i = 0; i < d->nsections; i++) {
		const doc_section *s = &d->sections[i];

		if (s->start > s->end || s->end > d->text.n || s->level == 0 || (i && s->start < s[-1].start))
			abort();
		fuzz_check_string(s->label);
	}
	return CDG_OK;
}

static cdg_status
fuzz_records(void *ctx, const char *name, extract_format format, const char *data, size_t n, cdg_error *err)
{
	(void)ctx;
	(void)format;
	(void)data;
	(void)n;
	(void)err;
	fuzz_check_string(read_str(name, strlen(name)));
	return CDG_OK;
}

static cdg_status
fuzz_problem(void *ctx, const char *name, bool skipped, const char *why, cdg_error *err)
{
	(void)ctx;
	(void)skipped;
	(void)err;
	fuzz_check_string(read_str(name, strlen(name)));
	if (!*why)
		abort();
	return CDG_OK;
}

static int
fuzz_reader(extract_reader *reader, const char *name, const uint8_t *data, size_t size)
{
	static extract_job *job;
	extract_sink sink = { .document = fuzz_document, .records = fuzz_records, .problem = fuzz_problem };
	cdg_error err = { CDG_OK, "" };
	char *copy = malloc(size ? size : 1); /* exact, so that reading past the end is seen */
	extract_input in = { .name = name, .data = copy, .n = size };
	cdg_status st;

	if (!copy)
		return 0;
	if (!job) {
		job = malloc(sizeof *job);
		if (!job)
			abort();
		extract_archive_init();
		extract_mail_init();
		extract_job_init(job, &sink);
		job->limits = (extract_limits){ .unpacked = 8 << 20, .member = 1 << 20, .text = 1 << 20, .documents = 1000 };
	}
	if (size)
		memcpy(copy, data, size);
	extract_job_reset(job);
	st = reader(job, &in, &err);
	if (st != CDG_OK && st != CDG_E_LIMIT)
		abort();
	free(copy);
	return 0;
}

#define FUZZ_READER(reader, name)                                      \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)   \
	{                                                              \
		return fuzz_reader(reader, name, data, size);          \
	}

#endif
