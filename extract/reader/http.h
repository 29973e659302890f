/* http.h - heads of "Name: value" lines, and answers of HTTP as an archive of the Web keeps
 * them: head, transfer and content encodings.  One thread; nothing is kept between calls. */
#ifndef EXTRACT_READER_HTTP_H
#define EXTRACT_READER_HTTP_H

#include "base/buf.h"
#include "extract/job.h"

/* The bytes of p[0, n) up to and with the blank line that ends a head; 0: there is none. */
size_t http_head(const char *p, size_t n);
/* The first value of this name, trimmed; n 0: none. */
doc_str http_header(doc_str head, const char *name);
/* A decimal number; false: none, or beyond 2^63. */
bool http_number(doc_str s, uint64_t *out);

typedef struct http_type {
	char type[128], charset[64]; /* in small letters, NUL-terminated; "" if not said */
} http_type;
/* "text/html; charset=UTF-8" */
void http_type_parse(doc_str value, http_type *out);

typedef struct http_answer {
	unsigned status;
	doc_str head;
	const char *body; /* in the bytes given, or after http_decode in a buffer */
	size_t n;
} http_answer;

/* False: this is no answer. */
bool http_parse(const char *p, size_t n, http_answer *out);
/* Takes the encodings off, which is charged to the job.  a->body may point into *room
 * then.  *why: "" or what is wrong; what could be had before that is in a->body. */
cdg_status http_decode(extract_job *job, const extract_input *in, http_answer *a, buf *room, char *why, size_t cap,
		       cdg_error *err);

#endif
