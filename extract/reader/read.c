/* read.c - extract_read: which reader takes a file, or a file inside a file. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "extract/read_csv.h"
#include "extract/read_file.h"
#include "extract/reader/readers.h"

static extract_reader *const read_by_format[EXTRACT_FORMATS] = {
	[EXTRACT_TEXT] = extract_text,
	[EXTRACT_MARKDOWN] = extract_text,
	[EXTRACT_HTML] = extract_text,
	[EXTRACT_ARCHIVE] = extract_archive,
	[EXTRACT_COMPRESSED] = extract_compressed,
	[EXTRACT_WARC] = extract_warc,
	[EXTRACT_MAIL] = extract_mail,
	[EXTRACT_MBOX] = extract_mbox,
	[EXTRACT_RTF] = extract_rtf,
	[EXTRACT_ZIP] = extract_zip,
	[EXTRACT_XML] = extract_xml,
	[EXTRACT_PDF] = extract_pdf,
	[EXTRACT_OLE] = extract_ole,
};

static bool
read_is_fodf(const extract_input *in)
{
	return memmem(in->data, min_size(in->n, 4096), "<office:document", 16) != NULL;
}

/* A picture of a page, unless it came with a page or a message, of which it is an ornament. */
static cdg_status
read_image(extract_job *job, const extract_input *in, const char *why, cdg_error *err)
{
	const char *suffix = in->data[0] == '\x89' ? ".png" : in->data[0] == '\xff' ? ".jpg" : ".tif";

	if (!job->scans || in->content_type)
		return extract_problem(job, in, true, err, "%s", why);
	extract_begin(job, in)->doc.title = read_file_name(in->name);
	return extract_give_scan(job, in, "image", suffix, err);
}

cdg_status
extract_read(extract_job *job, const extract_input *in, cdg_error *err)
{
	extract_sniffed sniffed = extract_sniff_as(in->name, in->content_type, in->data, min_size(in->n, EXTRACT_HEAD));

	if (!in->depth)
		job->size = in->n;
	if (sniffed.format == EXTRACT_UNKNOWN)
		return extract_problem(job, in, true, err, "%s", sniffed.why);
	if (sniffed.format == EXTRACT_IMAGE)
		return read_image(job, in, sniffed.why, err);
	if (sniffed.format == EXTRACT_TEXT && in->depth && !in->content_type &&
	    extract_format_named(in->name) == EXTRACT_UNKNOWN && extract_has_ending(in->name))
		return extract_problem(job, in, true, err, "%s", extract_why_unnamed);
	if (sniffed.format == EXTRACT_CSV && read_csv_is_table(in->data, min_size(in->n, EXTRACT_HEAD)))
		return extract_table(job, in, err);
	if (sniffed.format == EXTRACT_CSV || sniffed.format == EXTRACT_JSONL)
		return extract_wanted(job) ? job->sink.records(job->sink.ctx, in->name, sniffed.format, in->data, in->n, err)
					   : CDG_OK;
	if (sniffed.format == EXTRACT_XML && read_is_fodf(in))
		return extract_fodf(job, in, err);
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
extract_member_by(extract_job *job, const extract_input *in, const char *name, const extract_input *inner,
		  extract_inside *read, void *ctx, cdg_error *err)
{
	extract_input member = *inner;
	cdg_status st;
	buf path;

	if (in->depth + 1 > EXTRACT_DEPTH)
		return extract_problem(job, in, false, err, "archives in archives, more than %d deep", EXTRACT_DEPTH);
	buf_init(&path);
	st = extract_member_name(in, name, &path, err);
	if (st == CDG_OK) {
		member.name = buf_cstr(&path);
		member.depth = in->depth + 1;
		if (read_enter(job, member.name, &st, err))
			st = read(ctx, &member, err);
	}
	buf_fini(&path);
	return st;
}

static cdg_status
read_bytes(void *ctx, const extract_input *member, cdg_error *err)
{
	return extract_read(ctx, member, err);
}

cdg_status
extract_member(extract_job *job, const extract_input *in, const char *name, const extract_input *inner, cdg_error *err)
{
	return extract_member_by(job, in, name, inner, read_bytes, job, err);
}
