/* archive_name.h - names of members: any bytes to a path in UTF-8 without a root, "."
 * or "..".  Pure; one thread. */
#ifndef EXTRACT_READER_ARCHIVE_NAME_H
#define EXTRACT_READER_ARCHIVE_NAME_H

#include "base/buf.h"
#include "extract/job.h"

typedef struct archive_names {
	const char *(*guess)(const extract_input *in); /* of a zip: asked once, at the first odd name */
	const extract_input *in;
	const char *charset; /* of the whole archive; NULL: each by itself */
	bool zip, guessed;
} archive_names;

/* The charset of names, one a line, that are not all UTF-8; what MS-DOS wrote in Europe
 * is told from Windows by which of its bytes are letters. */
const char *archive_name_charset(const char *names, size_t n);
/* *out: the path; "unnamed-N" where there is none.  raw may be NULL. */
cdg_status archive_name(archive_names *names, const char *raw, uint64_t number, buf *out, cdg_error *err);
/* What systems leave in archives, and nobody wrote. */
bool archive_name_is_litter(const char *path);
/* The last part of the name of a compressed file without its suffix. */
cdg_status archive_name_unpacked(const char *path, buf *out, cdg_error *err);

#endif
