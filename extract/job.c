/* job.c - see job.h. */
#include "extract/job.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/text.h"

const extract_limits extract_limits_default = { (uint64_t)4 << 30, (uint64_t)512 << 20, (uint64_t)256 << 20,
					      1000000 };

void
extract_job_init(extract_job *job, const extract_sink *sink)
{
	*job = (extract_job){ .sink = *sink, .limits = extract_limits_default };
	for (size_t i = 0; i < countof(job->builds); i++)
		read_build_init(&job->builds[i]);
}

void
extract_job_fini(extract_job *job)
{
	for (size_t i = 0; i < countof(job->builds); i++)
		read_build_fini(&job->builds[i]);
}

void
extract_job_reset(extract_job *job)
{
	job->size = job->unpacked = job->documents = job->skip = job->members = 0;
	job->bad = NULL;
	job->nbad = 0;
	job->scans = false;
}

bool
extract_wanted(extract_job *job)
{
	return job->documents++ >= job->skip;
}

read_build *
extract_begin(extract_job *job, const extract_input *in)
{
	read_build *b = &job->builds[in->depth];

	read_build_reset(b);
	return b;
}

/* *s as valid UTF-8; what has to be changed is copied. */
static cdg_status
job_clean(read_build *b, doc_str *s, cdg_error *err)
{
	text_clean clean = { 0 };
	buf out;
	const char *view;
	size_t n;

	if (!s->n)
		return CDG_OK;
	buf_init(&out);
	CDG_TRY(text_sanitize(s->p, s->n, &out, &view, &n, &clean, err));
	if (view != s->p || n != s->n)
		*s = read_build_copy(b, view, n);
	b->doc.replaced += clean.replaced;
	buf_fini(&out);
	return CDG_OK;
}

static void
job_field(read_build *b, const char *name, const char *value)
{
	for (size_t i = 0; i < b->doc.nfields; i++)
		if (b->fields[i].name.n == strlen(name) && memcmp(b->fields[i].name.p, name, strlen(name)) == 0)
			return;
	read_build_string(b, read_str(name, strlen(name)), read_str(value, strlen(value)), false);
}

/* Cut at a character, sections with it. */
static void
job_cut(extract_job *job, read_build *b)
{
	document *d = &b->doc;
	size_t n = min_size((size_t)job->limits.text, UINT32_MAX);

	if (d->text.n <= n)
		return;
	read_build_warn(b, "only the first %zu of %zu bytes of text are taken", n, d->text.n);
	while (n && ((unsigned char)d->text.p[n] & 0xc0) == 0x80)
		n--;
	d->text.n = n;
	for (size_t i = 0; i < d->nsections; i++) {
		b->sections[i].start = min_u32(b->sections[i].start, (uint32_t)n);
		b->sections[i].end = min_u32(b->sections[i].end, (uint32_t)n);
	}
}

/* Complete and valid; *wanted: it is to be given. */
static cdg_status
job_complete(extract_job *job, const extract_input *in, const char *format, bool *wanted, cdg_error *err)
{
	read_build *b = &job->builds[in->depth];
	document *d = &b->doc;

	*wanted = false;
	if (job->documents >= job->limits.documents)
		return err_set(err, CDG_E_LIMIT, "%s: more than %llu documents in one file", in->name,
			       (unsigned long long)job->limits.documents);
	if (!extract_wanted(job))
		return CDG_OK;
	if (!d->id.n)
		d->id = read_str(in->name, strlen(in->name));
	if (!d->url.n && in->url)
		d->url = read_str(in->url, strlen(in->url));
	for (size_t i = 0; i < in->nfields; i++)
		job_field(b, in->fields[i].name, in->fields[i].value);
	job_field(b, "path", in->name);
	job_field(b, "format", format);
	job_cut(job, b);
	CDG_TRY(job_clean(b, &d->title, err));
	CDG_TRY(job_clean(b, &d->url, err));
	CDG_TRY(job_clean(b, &d->lang, err));
	for (size_t i = 0; i < d->nfields; i++)
		CDG_TRY(job_clean(b, &b->fields[i].string, err));
	for (size_t i = 0; i < d->nsections; i++)
		CDG_TRY(job_clean(b, &b->sections[i].label, err));
	*wanted = true;
	return read_build_finish(b) ? CDG_OK : err_nomem(err);
}

cdg_status
extract_give(extract_job *job, const extract_input *in, const char *format, cdg_error *err)
{
	const read_build *b = &job->builds[in->depth];
	bool wanted;

	CDG_TRY(job_complete(job, in, format, &wanted, err));
	return wanted ? job->sink.document(job->sink.ctx, &b->doc, b->warning, err) : CDG_OK;
}

cdg_status
extract_give_scan(extract_job *job, const extract_input *in, const char *format, const char *suffix, cdg_error *err)
{
	const read_build *b = &job->builds[in->depth];
	extract_scan scan = { .suffix = suffix, .data = in->depth ? in->data : NULL, .n = in->depth ? in->n : 0 };
	bool wanted;

	CDG_TRY(job_complete(job, in, format, &wanted, err));
	return wanted ? job->sink.scan(job->sink.ctx, &b->doc, b->warning, &scan, err) : CDG_OK;
}

static cdg_status CDG_PRINTF(5, 0)
job_problem(extract_job *job, const char *name, bool skipped, cdg_error *err, const char *fmt, va_list ap)
{
	char why[512];

	if (!extract_wanted(job))
		return CDG_OK;
	vsnprintf(why, sizeof why, fmt, ap);
	return job->sink.problem(job->sink.ctx, name, skipped, why, err);
}

cdg_status
extract_problem(extract_job *job, const extract_input *in, bool skipped, cdg_error *err, const char *fmt, ...)
{
	cdg_status st;
	va_list ap;

	va_start(ap, fmt);
	st = job_problem(job, in->name, skipped, err, fmt, ap);
	va_end(ap);
	return st;
}

cdg_status
extract_charge(extract_job *job, const extract_input *in, uint64_t n, cdg_error *err)
{
	if (n > job->limits.unpacked - job->unpacked)
		return err_set(err, CDG_E_LIMIT, "%s: more than %llu bytes come out of it", in->name,
			       (unsigned long long)job->limits.unpacked);
	job->unpacked += n;
	if (job->size && job->unpacked > EXTRACT_SMALL && job->unpacked / EXTRACT_RATIO > job->size)
		return err_set(err, CDG_E_LIMIT, "%s: unpacks to more than %d times its size, in all", in->name,
			       EXTRACT_RATIO);
	return CDG_OK;
}

cdg_status
extract_member_name(const extract_input *in, const char *name, buf *path, cdg_error *err)
{
	text_clean clean = { 0 };
	const char *view;
	cdg_status st;
	size_t n;
	buf out;

	buf_init(&out);
	st = text_sanitize(name, strlen(name), &out, &view, &n, &clean, err);
	if (st == CDG_OK) {
		buf_printf(path, "%s/%.*s", in->name, (int)n, view);
		(void)buf_cstr(path);
		st = path->failed ? err_nomem(err) : CDG_OK;
	}
	buf_fini(&out);
	return st;
}

cdg_status
extract_member_problem(extract_job *job, const extract_input *in, const char *name, bool skipped, cdg_error *err,
		       const char *fmt, ...)
{
	cdg_status st;
	va_list ap;
	buf path;

	buf_init(&path);
	st = extract_member_name(in, name, &path, err);
	va_start(ap, fmt);
	if (st == CDG_OK)
		st = job_problem(job, buf_cstr(&path), skipped, err, fmt, ap);
	va_end(ap);
	buf_fini(&path);
	return st;
}
