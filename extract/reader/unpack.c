/* unpack.c - see unpack.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* newlocale */
#endif
#include "extract/reader/unpack.h"

#include <archive.h>
#include <pthread.h>
#include <stdio.h>

enum { UNPACK_PIECE = 256 << 10 };

static locale_t unpack_utf8;

static void
unpack_make_locale(void)
{
	unpack_utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

void
unpack_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, unpack_make_locale);
}

locale_t
unpack_enter(void)
{
	unpack_init();
	return unpack_utf8 ? uselocale(unpack_utf8) : (locale_t)0;
}

void
unpack_leave(locale_t before)
{
	if (before)
		uselocale(before);
}

static const struct {
	const char *magic;
	uint8_t n, filter;
} unpack_filters[] = {
	{ "\x1f\x8b", 2, ARCHIVE_FILTER_GZIP },		{ "BZh", 3, ARCHIVE_FILTER_BZIP2 },
	{ "\xfd" "7zXZ", 5, ARCHIVE_FILTER_XZ },	{ "\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD },
	{ "\x04\x22\x4d\x18", 4, ARCHIVE_FILTER_LZ4 },	{ "\x1f\x9d", 2, ARCHIVE_FILTER_COMPRESS },
	{ "LZIP", 4, ARCHIVE_FILTER_LZIP },
};

int
unpack_filter(const extract_input *in)
{
	for (size_t i = 0; i < countof(unpack_filters); i++)
		if (in->n >= unpack_filters[i].n &&
		    memcmp(in->data, unpack_filters[i].magic, unpack_filters[i].n) == 0)
			return unpack_filters[i].filter;
	return ARCHIVE_FILTER_NONE;
}

/* Formats by name, not all there are: some open other files, or start programs. */
static int
unpack_formats(struct archive *a, int filter, bool raw)
{
	int bad = 0;

	/* that of compress looks at its input when it is made: libarchive has to choose it */
	if (filter == ARCHIVE_FILTER_COMPRESS)
		bad |= archive_read_support_filter_compress(a);
	else if (filter != ARCHIVE_FILTER_NONE)
		bad |= archive_read_append_filter(a, filter);
	if (raw)
		return bad | archive_read_set_format(a, ARCHIVE_FORMAT_RAW);
	bad |= archive_read_support_format_tar(a);
	bad |= archive_read_support_format_cpio(a);
	bad |= archive_read_support_format_ar(a);
	if (filter != ARCHIVE_FILTER_NONE)
		return bad;
	bad |= archive_read_support_format_zip(a);
	bad |= archive_read_support_format_7zip(a);
	bad |= archive_read_support_format_iso9660(a);
	bad |= archive_read_support_format_rar(a);
	return bad | archive_read_support_format_rar5(a);
}

cdg_status
unpack_open(unpack *u, int filter, bool raw, cdg_error *err)
{
	u->a = archive_read_new();
	if (!u->a || unpack_formats(u->a, filter, raw) < ARCHIVE_WARN)
		return err_nomem(err);
	/* what is wrong with it is said by the first header */
	u->opened = archive_read_open_memory(u->a, u->in->data, u->in->n) >= ARCHIVE_WARN;
	return CDG_OK;
}

void
unpack_close(unpack *u)
{
	if (u->a)
		archive_read_free(u->a);
	u->a = NULL;
}

const char *
unpack_why(const unpack *u, char *out, size_t cap)
{
	const char *s = archive_error_string(u->a);

	snprintf(out, cap, "%s", s ? s : "cut short");
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 127)
			*p = '?';
	return out;
}

/* n bytes more have come out. */
static cdg_status
unpack_count(unpack *u, size_t n, unpack_end *end, cdg_error *err)
{
	uint64_t free_until = u->in->depth ? 0 : 4 * (uint64_t)u->in->n;

	u->total += n;
	if (u->copied)
		return CDG_OK;
	if (u->total > EXTRACT_SMALL && u->total / EXTRACT_RATIO > u->in->n)
		*end = UNPACK_BOMB;
	if (u->total <= free_until || *end == UNPACK_BOMB)
		return CDG_OK;
	return extract_charge(u->job, u->in, u->total - n < free_until ? u->total - free_until : n, err);
}

cdg_status
unpack_read(unpack *u, size_t want, unpack_end *end, cdg_error *err)
{
	*end = UNPACK_MORE;
	while (u->data.len < want && *end == UNPACK_MORE) {
		size_t n = min_size(want - u->data.len, UNPACK_PIECE);
		la_ssize_t got;

		if (!buf_reserve(&u->data, n))
			return err_nomem(err);
		got = archive_read_data(u->a, u->data.p + u->data.len, n);
		if (got == ARCHIVE_RETRY)
			continue;
		if (got <= 0) {
			*end = got == 0 ? UNPACK_DONE : UNPACK_DAMAGED;
			break;
		}
		u->data.len += (size_t)got;
		CDG_TRY(unpack_count(u, (size_t)got, end, err));
	}
	return CDG_OK;
}

cdg_status
unpack_skip(unpack *u, unpack_end *end, cdg_error *err)
{
	*end = UNPACK_MORE;
	while (*end == UNPACK_MORE) {
		u->data.len = 0;
		CDG_TRY(unpack_read(u, UNPACK_PIECE, end, err));
	}
	u->data.len = 0;
	return CDG_OK;
}

/* After the problem with a member was told. */
static cdg_status
unpack_problem(unpack *u, const char *name, unpack_end end, cdg_error *err)
{
	char why[256];

	if (end == UNPACK_LARGE)
		return extract_member_problem(u->job, u->in, name, false, err, "larger than %llu bytes when unpacked",
					      (unsigned long long)u->job->limits.member);
	if (end == UNPACK_BOMB)
		return extract_member_problem(u->job, u->in, name, false, err,
					      "unpacks to more than %d times its size: left, with what follows it",
					      EXTRACT_RATIO);
	return extract_member_problem(u->job, u->in, name, false, err, "damaged: %s (%zu bytes of it are read)",
				      unpack_why(u, why, sizeof why), u->data.len);
}

cdg_status
unpack_member(unpack *u, const char *name, unpack_end *end, cdg_error *err)
{
	size_t most = (size_t)(u->job->limits.member < SIZE_MAX / 2 ? u->job->limits.member : SIZE_MAX / 2);
	extract_format format;
	bool wanted;

	CDG_TRY(unpack_read(u, EXTRACT_HEAD, end, err));
	format = extract_sniff(name, (char *)u->data.p, u->data.len).format;
	wanted = format != EXTRACT_UNKNOWN && (format != EXTRACT_IMAGE || u->job->scans);
	if (wanted && *end == UNPACK_MORE) {
		CDG_TRY(unpack_read(u, most + 1, end, err));
		if (*end == UNPACK_MORE)
			*end = UNPACK_LARGE;
	}
	/* what is not wanted says so itself, by its first bytes */
	if (*end == UNPACK_MORE || *end == UNPACK_DONE || (*end == UNPACK_DAMAGED && u->data.len)) {
		extract_input inner = { .data = u->data.p ? (char *)u->data.p : "", .n = u->data.len };

		CDG_TRY(extract_member(u->job, u->in, name, &inner, err));
	}
	if (*end == UNPACK_MORE)
		*end = UNPACK_DONE;
	return *end == UNPACK_DONE ? CDG_OK : unpack_problem(u, name, *end, err);
}
