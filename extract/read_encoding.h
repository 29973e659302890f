/* read_encoding.h - text files of unknown encoding to UTF-8. */
#ifndef EXTRACT_READ_ENCODING_H
#define EXTRACT_READ_ENCODING_H

#include "base/buf.h"
#include "base/err.h"

/* UTF-8 of the n bytes at s: *view is s itself or points into out (emptied).
 * In this order: a byte order mark; valid UTF-8; UTF-16 by its zeros; UTF-8
 * with some damage (*replaced counts what was); else what ICU's detector finds
 * likeliest, Windows-1252 if it has no opinion. */
cdg_status read_encoding(const char *s, size_t n, buf *out, const char **view, size_t *view_len,
			 uint64_t *replaced, cdg_error *err);
/* The same where the document says itself what it is in (an IANA name, not
 * NUL-terminated; n 0: nothing), believed unless the bytes are valid UTF-8. */
cdg_status read_encoding_declared(const char *s, size_t n, const char *name, size_t name_n, buf *out,
				  const char **view, size_t *view_len, uint64_t *replaced,
				  cdg_error *err);

/* What n bytes that are not UTF-8 are likeliest in: a static name that ICU knows. */
const char *read_encoding_guess(const char *s, size_t n);

#endif
