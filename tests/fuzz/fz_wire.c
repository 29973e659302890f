/* fz_wire.c - any bytes as messages between the indexer and a worker, in both directions:
 * no crash, and what wire.h promises of what is taken. */
#include <stdlib.h>

#include "extract/wire.h"
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool ok)
{
	if (!ok)
		abort();
}

static void
require_utf8(doc_str s)
{
	text_clean clean;
	const char *view;
	size_t n;
	buf out;

	buf_init(&out);
	require(text_sanitize(s.p, s.n, &out, &view, &n, &clean, NULL) == CDG_OK && clean.replaced == 0);
	require(!s.n || s.p);
	buf_fini(&out);
}

static void
check_document(const document *d)
{
	require_utf8(d->id);
	require_utf8(d->title);
	require_utf8(d->url);
	require_utf8(d->lang);
	require_utf8(d->text);
	for (size_t i = 0; i < d->nfields; i++) {
		require_utf8(d->fields[i].name);
		require_utf8(d->fields[i].string);
		require(d->fields[i].type <= DOC_DATE);
	}
	for (size_t i = 0; i < d->nsections; i++) {
		const doc_section *s = &d->sections[i];

		require(s->start <= s->end && s->end <= d->text.n && s->kind);
		require(!i || s->start >= s[-1].start);
		require_utf8(s->label);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wire_records records;
	wire_problem problem;
	uint64_t number;
	wire_end end;
	wire_job job;
	doc_str name;
	read_build b;

	read_build_init(&b);
	if (wire_get_document(data, size, &b))
		check_document(&b.doc);
	read_build_fini(&b);
	if (wire_get_job(data, size, &job)) {
		require_utf8(job.name);
		require(job.nbad <= WIRE_BAD_MAX);
	}
	if (wire_get_records(data, size, &records))
		require_utf8(records.name);
	if (wire_get_problem(data, size, &problem)) {
		require_utf8(problem.name);
		require_utf8(problem.why);
	}
	if (wire_get_member(data, size, &number, &name))
		require_utf8(name);
	if (wire_get_end(data, size, &end))
		require_utf8(end.failure);
	return 0;
}
