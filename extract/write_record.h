/* write_record.h - a document as the JSON record that read_record.c reads back
 * to the same document: metadata with their types and lists, sections under
 * "_sections" as [start, end, level, kind, label], start and end in bytes of the
 * text.
 */
#ifndef EXTRACT_WRITE_RECORD_H
#define EXTRACT_WRITE_RECORD_H

#include "base/buf.h"
#include "extract/document.h"

/* Appended, one line without its end. */
void write_record(buf *out, const document *doc);

/* A JSON string with its quotes; p is valid UTF-8. */
void write_record_string(buf *out, const char *p, size_t n);
/* A number, as short as reads back to it. */
void write_record_number(buf *out, double x);
/* Only ,"key":value of the metadata fields. */
void write_record_fields(buf *out, const document *doc);

#endif
