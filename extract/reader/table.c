/* table.c - comma and tab separated values without a column of text: not records but a
 * table, and one document.  A line a row, cells apart by tabs, the header first; the
 * title is the file's name.  Text as long as the limit is read, the rest is left out. */
#include "engine/kind.h"
#include "extract/compose.h"
#include "extract/read_csv.h"
#include "extract/read_encoding.h"
#include "extract/read_file.h"
#include "extract/reader/readers.h"

static bool
table_cell(void *ctx, size_t column, doc_str value)
{
	compose *c = ctx;

	if (column)
		compose_ask(c, COMPOSE_TAB);
	compose_text(c, value.p, value.n);
	return !c->b->text.failed;
}

static void
table_rows(extract_job *job, read_build *b, const char *p, size_t n)
{
	const char *end = p + n;
	char separator = read_csv_separator(p, n);
	size_t most = min_size((size_t)job->limits.text, UINT32_MAX / 2);
	read_csv_scan scan;
	compose c;
	buf scratch;

	buf_init(&scratch);
	compose_init(&c, b);
	while (p < end && b->text.len <= most && !b->text.failed && !b->failed) {
		/* a record at a time, so that the scratch is as large as one */
		size_t record;

		scan.state = READ_CSV_START;
		record = read_csv_first(&scan, p, (size_t)(end - p), separator);
		record = record ? record : (size_t)(end - p);
		compose_ask(&c, COMPOSE_LINE);
		if (!read_csv_row(&p, p + record, separator, &scratch, table_cell, &c) && !scratch.failed)
			read_build_warn(b, "a quote is opened and never closed: read to there");
		b->failed |= scratch.failed;
	}
	compose_end(&c);
	buf_fini(&scratch);
}

cdg_status
extract_table(extract_job *job, const extract_input *in, cdg_error *err)
{
	read_build *b = extract_begin(job, in);
	doc_str charset = { in->charset ? in->charset : "", in->charset ? strlen(in->charset) : 0 };
	uint64_t replaced = 0;
	const char *view;
	size_t n;
	cdg_status st;
	buf clean;

	buf_init(&clean);
	st = read_encoding_declared(in->data, in->n, charset.p, charset.n, &clean, &view, &n, &replaced, err);
	if (st == CDG_OK) {
		table_rows(job, b, view, n);
		b->doc.title = read_file_name(in->name);
		b->doc.replaced += replaced;
		st = extract_give(job, in, extract_format_name(EXTRACT_CSV), err);
	}
	buf_fini(&clean);
	return st;
}
