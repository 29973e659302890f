/* unpack.h - what comes out of an archive or a compressed file, one member at a time,
 * held in memory and bounded: shared by the readers that rest on libarchive.
 *
 * Three bounds: a member (limits.member) is a problem of that member; what comes out of
 * a file beyond four times its size counts against limits.unpacked (extract_charge: the
 * whole job ends); beyond EXTRACT_RATIO times its size it is a bomb, and left.
 * One thread. */
#ifndef EXTRACT_READER_UNPACK_H
#define EXTRACT_READER_UNPACK_H

#include <locale.h>

#include "base/buf.h"
#include "extract/job.h"

struct archive;

typedef enum unpack_end {
	UNPACK_MORE, /* the bytes that were asked for are there */
	UNPACK_DONE, /* the member ended */
	UNPACK_DAMAGED,
	UNPACK_LARGE, /* a member over the limit */
	UNPACK_BOMB
} unpack_end;

typedef struct unpack {
	extract_job *job;
	const extract_input *in;
	struct archive *a;
	buf data;	/* of the member */
	uint64_t total; /* bytes that came out so far */
	bool opened;	/* a format was found */
	bool copied;	/* members stand in the file as they are: not counted */
} unpack;

/* In a locale of UTF-8, as libarchive needs for names, whatever that of the program is;
 * unpack_leave gives the other back.  unpack_init makes it, before the sandbox closes. */
void unpack_init(void);
locale_t unpack_enter(void);
void unpack_leave(locale_t before);

/* Which compression the file is in (ARCHIVE_FILTER_...; NONE). */
int unpack_filter(const extract_input *in);
/* Opens u->in.  raw: the bytes behind the compression as one member, else a folder. */
cdg_status unpack_open(unpack *u, int filter, bool raw, cdg_error *err);
void unpack_close(unpack *u);

/* Reads until data.len is `want`, or the member ends. */
cdg_status unpack_read(unpack *u, size_t want, unpack_end *end, cdg_error *err);
/* The rest of the member, which nobody wants, is gone through. */
cdg_status unpack_skip(unpack *u, unpack_end *end, cdg_error *err);
/* What libarchive says is wrong, in ASCII, without its end of line. */
const char *unpack_why(const unpack *u, char *out, size_t cap);

/* A member whose name is known, and of which data holds what was read before: all of it
 * is read and handed on.  *end: UNPACK_DONE, or why there is less; then the problem has been
 * told, and what there was is read. */
cdg_status unpack_member(unpack *u, const char *name, unpack_end *end, cdg_error *err);

#endif
