/* read.c - extract_read: which reader takes a file, or a file inside a file. */
#include "extract/reader/readers.h"

#include "text/text.h"

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
		return extract_wanted(job) ? job->sink.records(job->sink.ctx, in->name, sniffed.format, in->data, in->n, err)
					   : CDG_OK;
	if (!read_by_format[sniffed.format])
		return extract_problem(job, in, true, err, "%s is not read yet", extract_format_name(sniffed.format));
	return read_by_format[sniffed.format](job, in, err);
}

/* The member is announced; false: it is not to be read. */
static bool
read_enter(extract_job *job, const char *name, cdg_status *st, cdg_error *err)
{
	uint64_t number = job->members++;

	for (size_t i = 0; i < job->nbad; i++)
		if (job->bad[i] == number)
			return false;
	if (job->sink.member)
		*st = job->sink.member(job->sink.ctx, name, err);
	return *st == CDG_OK;
}

cdg_status
extract_member(extract_job *job, const extract_input *in, const char *name, const extract_input *inner, cdg_error *err)
{
	extract_input member = *inner;
	text_clean clean = { 0 };
	buf path, out;
	const char *view;
	size_t n;
	cdg_status st;

	if (in->depth + 1 > EXTRACT_DEPTH)
		return extract_problem(job, in, false, err, "archives in archives, more than %d deep", EXTRACT_DEPTH);
	buf_init(&path);
	buf_init(&out);
	st = text_sanitize(name, strlen(name), &out, &view, &n, &clean, err);
	if (st == CDG_OK) {
		buf_printf(&path, "%s/%.*s", in->name, (int)n, view);
		member.name = buf_cstr(&path);
		member.depth = in->depth + 1;
		if (path.failed)
			st = err_nomem(err);
		else if (read_enter(job, member.name, &st, err))
			st = extract_read(job, &member, err);
	}
	buf_fini(&path);
	buf_fini(&out);
	return st;
}
