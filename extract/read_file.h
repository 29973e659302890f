/* read_file.h - files that are one document: what each format makes of the
 * bytes.  All take valid UTF-8, fill b->doc (reset by the
 * caller; id and path are the caller's business) and may borrow from the text.
 * False: memory is out. */
#ifndef EXTRACT_READ_FILE_H
#define EXTRACT_READ_FILE_H

#include "extract/read_build.h"

/* Plain text: a title of its own if the first line stands apart. */
bool read_text(read_build *b, const char *path, doc_str text);
/* Markdown: front matter, title, headings as sections, light markup taken off. */
bool read_md(read_build *b, const char *path, doc_str text);
/* HTML: title, metadata, headings as sections.  The text is UTF-8 by now,
 * whatever the document says of itself. */
bool read_html(read_build *b, const char *path, doc_str text);
/* The charset that raw bytes of HTML declare near their beginning; n 0: none. */
doc_str read_html_charset(doc_str raw);
/* The front matter that text begins with (--- lines): its keys into b, and what
 * follows is returned. */
doc_str read_front(read_build *b, doc_str text);

/* The file name without folders, as a title of last resort. */
doc_str read_file_name(const char *path);

#endif
