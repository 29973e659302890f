/* format.h - which kind of document bytes are: by content first, by name second.
 * Pure; any thread. */
#ifndef EXTRACT_FORMAT_H
#define EXTRACT_FORMAT_H

#include "base/base.h"

typedef enum extract_format {
	EXTRACT_UNKNOWN,
	EXTRACT_TEXT,
	EXTRACT_MARKDOWN,
	EXTRACT_HTML,
	EXTRACT_XML,
	EXTRACT_PDF,
	EXTRACT_RTF,
	EXTRACT_ZIP,        /* a folder, an office document or an e-book: its members say */
	EXTRACT_ARCHIVE,    /* tar, 7-Zip, cpio, ...: a folder */
	EXTRACT_COMPRESSED, /* gzip, bzip2, xz, zstd, lz4 of one file */
	EXTRACT_WARC,
	EXTRACT_MAIL, /* one message, also a page saved with its parts (MHTML) */
	EXTRACT_MBOX,
	EXTRACT_CSV,
	EXTRACT_JSONL,
	EXTRACT_OLE, /* an office document of before 2007, or a message of Outlook: its streams say */
	EXTRACT_IMAGE, /* PNG, JPEG, TIFF: read only where pages are recognised */
	EXTRACT_FORMATS
} extract_format;

typedef struct extract_sniffed {
	extract_format format;
	const char *why; /* UNKNOWN, IMAGE: what it is, and why it is not read; static */
} extract_sniffed;

enum { EXTRACT_HEAD = 36 << 10 }; /* images of CDs tell what they are behind 32 KiB */

/* name: of the file, may be a path; head: its first bytes (EXTRACT_HEAD are enough; with 4 KiB
 * only images of CDs are missed). */
extract_sniffed extract_sniff(const char *name, const char *head, size_t n);
/* By the name alone; UNKNOWN unless it says that the content is text of some kind. */
extract_format extract_format_named(const char *name);
/* The same where a media type (in small letters, without parameters; NULL: none) was said:
 * content first, then the type, then the name. */
extract_sniffed extract_sniff_as(const char *name, const char *type, const char *head, size_t n);
/* Has the name an ending that says what it is, if only we knew it: up to eight letters
 * and digits, one letter at least?  Text with such a name may be anything (source code,
 * settings, ...), and is passed over, for this reason, unless it was asked for. */
bool extract_has_ending(const char *name);
extern const char *const extract_why_unnamed;
/* "pdf", "html", ...: the word of the metadata field `format`. */
const char *extract_format_name(extract_format format);

#endif
