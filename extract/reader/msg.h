/* msg.h - a message of Outlook while it is read: shared by msg.c (headers, the whole) and
 * msg_text.c (its text, in three kinds). */
#ifndef EXTRACT_READER_MSG_H
#define EXTRACT_READER_MSG_H

#include <gmime/gmime.h>

#include "extract/compose.h"
#include "extract/reader/codepage.h"
#include "extract/reader/ole.h"

/* Numbers of properties. */
enum {
	MSG_CLASS = 0x001a,
	MSG_SUBJECT = 0x0037,
	MSG_SENT = 0x0039,
	MSG_FOR_NAME = 0x0042, /* on whose behalf it was sent */
	MSG_FOR_ADDRESS = 0x0065,
	MSG_HEADERS = 0x007d,
	MSG_SENDER_NAME = 0x0c1a,
	MSG_SENDER_ADDRESS = 0x0c1f,
	MSG_CC = 0x0e03,
	MSG_TO = 0x0e04,
	MSG_DELIVERED = 0x0e06,
	MSG_BODY = 0x1000,
	MSG_RTF = 0x1009,
	MSG_HTML = 0x1013,
	MSG_ID = 0x1035,
	MSG_REFERENCES = 0x1039,
	MSG_REPLY_TO = 0x1042,
	MSG_NAME = 0x3001,
	MSG_ADDRESS = 0x3003,
	MSG_CREATED = 0x3007,
	MSG_DATA = 0x3701,
	MSG_FILE_SHORT = 0x3704,
	MSG_FILE = 0x3707,
	MSG_MEDIA_TYPE = 0x370e,
	MSG_CONTENT_ID = 0x3712,
	MSG_SMTP = 0x39fe,
	MSG_PAGE_INTERNET = 0x3fde,
	MSG_PAGE = 0x3ffd,
	MSG_SENDER_SMTP = 0x5d01,
	MSG_FOR_SMTP = 0x5d02,
	MSG_HIDDEN = 0x7ffe,

	MSG_LONG = 0x0003, /* types */
	MSG_TRUTH = 0x000b,
	MSG_OBJECT = 0x000d,
	MSG_BYTES_STRING = 0x001e,
	MSG_WIDE_STRING = 0x001f,
	MSG_TIME = 0x0040,
	MSG_BYTES = 0x0102
};

typedef struct msg {
	ole *o;
	const extract_input *in;
	long storage;
	read_build *b;
	compose c;
	buf properties, value, utf8;
	codepages pages;
	unsigned page;
	GHashTable *names; /* that attachments have had */
} msg;

/* The stream or storage of a property of a storage; OLE_NONE. */
long msg_find(const msg *m, long storage, unsigned id, unsigned type);
/* Of a property that is a string, in m->utf8; *found: it is there. */
cdg_status msg_string(msg *m, long storage, unsigned id, bool *found, cdg_error *err);

/* msg_text.c: the text, as it is, else from HTML, else from RTF. */
cdg_status msg_text(msg *m, cdg_error *err);

#endif
