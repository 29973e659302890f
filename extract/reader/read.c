/* read.c - extract_read: which reader takes a file. */
#include "extract/reader/readers.h"

static extract_reader *const read_by_format[EXTRACT_FORMATS] = {
	[EXTRACT_TEXT] = extract_text,
	[EXTRACT_MARKDOWN] = extract_text,
	[EXTRACT_HTML] = extract_text,
};

cdg_status
extract_read(extract_job *job, const extract_input *in, cdg_error *err)
{
	extract_sniffed sniffed = extract_sniff(in->name, in->data, in->n < 4096 ? in->n : 4096);

	if (sniffed.format == EXTRACT_UNKNOWN)
		return extract_problem(job, in, true, err, "%s", sniffed.why);
	if (sniffed.format == EXTRACT_CSV || sniffed.format == EXTRACT_JSONL)
		return job->sink.records(job->sink.ctx, in->name, sniffed.format, in->data, in->n, err);
	if (!read_by_format[sniffed.format])
		return extract_problem(job, in, true, err, "%s is not read yet", extract_format_name(sniffed.format));
	return read_by_format[sniffed.format](job, in, err);
}
