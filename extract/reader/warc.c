/* warc.c - archives of the Web (WARC 0.17 to 1.1; plain, or compressed as a whole or by
 * record) as folders: `crawl.warc.gz/http://host/page` is a document.
 *
 * Read are response (of HTTP with status 200), resource and conversion records.  The
 * address becomes the url, WARC-Date the field `retrieved`; the media type and charset
 * of the answer help to tell what it is.  Other records are passed over: those that a
 * person might look for (other statuses, revisits) are counted in one line at the end.
 * One record is in memory at a time.  A length that lies costs its record: the next one
 * is looked for. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <archive.h>

#include "extract/compose.h"
#include "extract/reader/http.h"
#include "extract/reader/readers.h"
#include "extract/reader/unpack.h"
#include "extract/word.h"

enum {
	WARC_HEAD = 64 << 10,
	WARC_KEEP = 1 << 20 /* bytes behind us that are worth moving the rest for */
};

typedef struct warc {
	unpack u;
	size_t at;      /* in u.data */
	unpack_end end; /* UNPACK_MORE: there is more to come */
	buf url, room;
	uint64_t records, given, statuses, revisits, lengths;
} warc;

typedef struct warc_record {
	doc_str type, uri, date; /* in w->u.data: gone with the next warc_need */
	uint64_t length;
	http_type media;
	char when[40];
} warc_record;

static const char *
warc_here(const warc *w)
{
	return w->u.data.p ? (const char *)w->u.data.p + w->at : "";
}

static size_t
warc_left(const warc *w)
{
	return w->u.data.len - w->at;
}

/* There shall be n bytes from here, if the file has them. */
static cdg_status
warc_need(warc *w, size_t n, cdg_error *err)
{
	if (w->at > WARC_KEEP) {
		memmove(w->u.data.p, warc_here(w), warc_left(w));
		w->u.data.len -= w->at;
		w->at = 0;
	}
	if (warc_left(w) >= n || w->end != UNPACK_MORE)
		return CDG_OK;
	return unpack_read(&w->u, w->at + n, &w->end, err);
}

static cdg_status
warc_pass(warc *w, uint64_t n, cdg_error *err)
{
	while (n) {
		size_t step = n < WARC_KEEP ? (size_t)n : WARC_KEEP;

		CDG_TRY(warc_need(w, step, err));
		step = min_size(step, warc_left(w));
		if (!step) {
			w->lengths++;
			return CDG_OK;
		}
		w->at += step;
		n -= step;
	}
	return CDG_OK;
}

static bool
warc_is_start(const char *p, size_t n)
{
	return n >= 6 && memcmp(p, "WARC/", 5) == 0 && p[5] >= '0' && p[5] <= '9';
}

/* To the next line that begins a record, or the end. */
static cdg_status
warc_search(warc *w, cdg_error *err)
{
	for (;;) {
		const char *found, *from;

		CDG_TRY(warc_need(w, WARC_KEEP, err));
		if (!warc_left(w))
			return CDG_OK;
		from = warc_here(w);
		found = memmem(from, warc_left(w), "\nWARC/", 6);
		if (found) {
			w->at += (size_t)(found - from) + 1;
			CDG_TRY(warc_need(w, 8, err));
			if (warc_is_start(warc_here(w), warc_left(w)))
				return CDG_OK;
		} else if (w->end != UNPACK_MORE || warc_left(w) < 6) {
			w->at = w->u.data.len;
		} else {
			w->at = w->u.data.len - 5;
		}
	}
}

/* Behind blank lines; *got: a record begins here. */
static cdg_status
warc_next(warc *w, bool *got, cdg_error *err)
{
	for (;;) {
		CDG_TRY(warc_need(w, 8, err));
		if (!warc_left(w) || !compose_is_space(*warc_here(w)))
			break;
		w->at++;
	}
	if (warc_left(w) && !warc_is_start(warc_here(w), warc_left(w))) {
		w->lengths++;
		CDG_TRY(warc_search(w, err));
	}
	*got = warc_is_start(warc_here(w), warc_left(w));
	return CDG_OK;
}

/* ---- one record -------------------------------------------------------- */

/* The head, which is passed; length 0 and no type where there is none. */
static cdg_status
warc_head(warc *w, warc_record *r, cdg_error *err)
{
	doc_str head, length;
	size_t n = 0;

	*r = (warc_record){ .length = 0 };
	for (size_t want = 4096; !n && want <= WARC_HEAD; want *= 2) {
		CDG_TRY(warc_need(w, want, err));
		n = http_head(warc_here(w), min_size(warc_left(w), WARC_HEAD));
	}
	if (!n) {
		w->lengths++;
		w->at += min_size(6, warc_left(w));
		return warc_search(w, err);
	}
	head = read_str(warc_here(w), n);
	r->type = http_header(head, "WARC-Type");
	r->uri = http_header(head, "WARC-Target-URI");
	r->date = http_header(head, "WARC-Date");
	length = http_header(head, "Content-Length");
	http_type_parse(http_header(head, "Content-Type"), &r->media);
	if (r->uri.n >= 2 && r->uri.p[0] == '<' && r->uri.p[r->uri.n - 1] == '>')
		r->uri = read_str(r->uri.p + 1, r->uri.n - 2);
	if (r->date.n < sizeof r->when)
		memcpy(r->when, r->date.p, r->date.n);
	w->url.len = 0;
	buf_put(&w->url, r->uri.p, r->uri.n);
	(void)buf_cstr(&w->url);
	if (w->url.failed)
		return err_nomem(err);
	w->at += n;
	if (http_number(length, &r->length))
		return CDG_OK;
	w->lengths++;
	r->type.n = 0;
	return warc_search(w, err);
}

static cdg_status
warc_give(warc *w, const warc_record *r, const char *body, size_t n, cdg_error *err)
{
	const extract_field when = { "retrieved", r->when };
	extract_input inner = { .data = body, .n = n };

	w->given++;
	inner.url = buf_cstr(&w->url);
	inner.content_type = r->media.type[0] ? r->media.type : NULL;
	inner.charset = r->media.charset[0] ? r->media.charset : NULL;
	inner.fields = &when;
	inner.nfields = r->when[0] ? 1 : 0;
	return extract_member(w->u.job, w->u.in, buf_cstr(&w->url), &inner, err);
}

/* The answer of a server, or, of other protocols, the thing itself. */
static cdg_status
warc_answer(warc *w, warc_record *r, size_t n, cdg_error *err)
{
	http_answer a;
	char why[160];

	if (!http_parse(warc_here(w), n, &a))
		return warc_give(w, r, warc_here(w), n, err);
	if (a.status != 200) {
		w->statuses++;
		return CDG_OK;
	}
	http_type_parse(http_header(a.head, "Content-Type"), &r->media);
	CDG_TRY(http_decode(w->u.job, w->u.in, &a, &w->room, why, sizeof why, err));
	if (a.n || !*why)
		CDG_TRY(warc_give(w, r, a.body, a.n, err));
	w->given += *why != 0;
	if (*why)
		return extract_member_problem(w->u.job, w->u.in, buf_cstr(&w->url), false, err, "%s", why);
	return CDG_OK;
}

/* Where in a block of n bytes another record begins, because the length lies. */
static size_t
warc_overrun(const warc *w, size_t n)
{
	const char *from = warc_here(w), *p = from, *end = from + n;

	while ((p = memmem(p, (size_t)(end - p), "\r\n\r\nWARC/", 9)) != NULL) {
		size_t left = warc_left(w) - (size_t)(p + 4 - from), head = http_head(p + 4, min_size(left, WARC_HEAD));

		if (head && http_header(read_str(p + 4, head), "WARC-Type").n)
			return (size_t)(p - from);
		p += 9;
	}
	return n;
}

/* A record whose block is wanted, from here. */
static cdg_status
warc_block(warc *w, warc_record *r, bool answer, cdg_error *err)
{
	size_t n, used;

	if (r->length > w->u.job->limits.member) {
		CDG_TRY(extract_member_problem(w->u.job, w->u.in, buf_cstr(&w->url), false, err,
					       "larger than %llu bytes", (unsigned long long)w->u.job->limits.member));
		return warc_pass(w, r->length, err);
	}
	n = used = (size_t)r->length;
	CDG_TRY(warc_need(w, n + 8192, err)); /* and the head of the next */
	if (warc_left(w) < n || (warc_left(w) > n && !compose_is_space(warc_here(w)[n]))) {
		used = warc_overrun(w, min_size(n, warc_left(w)));
		w->lengths += used < n;
		n = used;
	}
	if (answer)
		CDG_TRY(warc_answer(w, r, n, err));
	else
		CDG_TRY(warc_give(w, r, warc_here(w), n, err));
	w->at += used;
	return CDG_OK;
}

static cdg_status
warc_record_read(warc *w, cdg_error *err)
{
	bool answer, thing;
	warc_record r;

	CDG_TRY(warc_head(w, &r, err));
	if (!r.type.n)
		return CDG_OK;
	w->records++;
	answer = word_is(r.type, "response");
	thing = word_is(r.type, "resource") || word_is(r.type, "conversion");
	w->revisits += word_is(r.type, "revisit");
	if (!r.uri.n || strncasecmp(buf_cstr(&w->url), "dns:", 4) == 0 || (!answer && !thing))
		return warc_pass(w, r.length, err);
	return warc_block(w, &r, answer, err);
}

static cdg_status
warc_sum(warc *w, cdg_error *err)
{
	extract_job *job = w->u.job;
	const extract_input *in = w->u.in;
	char why[256];

	if (w->end == UNPACK_DAMAGED)
		CDG_TRY(extract_problem(job, in, false, err, "damaged: %s (%llu records before that)",
					unpack_why(&w->u, why, sizeof why), (unsigned long long)w->records));
	if (w->end == UNPACK_BOMB)
		CDG_TRY(extract_problem(job, in, false, err, "unpacks to more than %d times its size: left",
					EXTRACT_RATIO));
	if (!w->given && !w->lengths && !w->statuses && !w->revisits && w->end == UNPACK_DONE)
		CDG_TRY(extract_problem(job, in, true, err, "an archive of the Web without pages"));
	if (w->lengths)
		CDG_TRY(extract_problem(job, in, false, err, "records that say a wrong length, or are cut short: %llu",
					(unsigned long long)w->lengths));
	if (w->statuses || w->revisits)
		CDG_TRY(extract_problem(job, in, true, err, "answers with a status other than 200: %llu, revisits: %llu",
					(unsigned long long)w->statuses, (unsigned long long)w->revisits));
	return CDG_OK;
}

cdg_status
extract_warc(extract_job *job, const extract_input *in, cdg_error *err)
{
	warc w = { .u = { .job = job, .in = in }, .end = UNPACK_MORE };
	int filter = unpack_filter(in);
	locale_t before = unpack_enter();
	struct archive_entry *entry;
	cdg_status st = unpack_open(&w.u, filter, true, err);
	bool got = true;

	w.u.copied = filter == ARCHIVE_FILTER_NONE;
	if (st == CDG_OK && archive_read_next_header(w.u.a, &entry) < ARCHIVE_WARN)
		w.end = UNPACK_DAMAGED;
	while (st == CDG_OK && got) {
		st = warc_next(&w, &got, err);
		if (st == CDG_OK && got)
			st = warc_record_read(&w, err);
	}
	if (st == CDG_OK)
		st = warc_sum(&w, err);
	unpack_close(&w.u);
	buf_fini(&w.u.data);
	buf_fini(&w.url);
	buf_fini(&w.room);
	unpack_leave(before);
	return st;
}
