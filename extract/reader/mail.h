/* mail.h - one message while it is read: shared by mail.c (headers, the whole) and
 * mail_parts.c (the tree of its parts).  One thread. */
#ifndef EXTRACT_READER_MAIL_H
#define EXTRACT_READER_MAIL_H

#include <gmime/gmime.h>

#include "extract/compose.h"
#include "extract/job.h"

typedef struct mail {
	extract_job *job;
	const extract_input *in;
	GMimeMessage *message;
	read_build *b;
	compose c;
	GPtrArray *attached;   /* GMimeObject, to be given once the message is; borrowed from it */
	GHashTable *names;     /* that attachments have had */
	const char *encrypted; /* "PGP", "S/MIME"; NULL: not */
	const char *subject;   /* a protected one, inside; borrowed; NULL: none */
	GMimePart *html;       /* the first part in HTML */
	unsigned texts;	       /* parts that gave text */
	bool deep, saved;      /* parts too deep; a page that a browser has saved */
	bool nomem;
} mail;

/* Goes through the parts: text into m->c, others into m->attached. */
cdg_status mail_parts(mail *m, cdg_error *err);
/* The attachments, as files inside of the message. */
cdg_status mail_attachments(mail *m, cdg_error *err);
/* A part's content without its transfer encoding; g_byte_array_unref. */
GByteArray *mail_content(GMimePart *part);
/* A media type in small letters: "text/html".  g_free. */
char *mail_type(GMimeObject *object);

#endif
