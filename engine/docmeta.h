/* docmeta.h - the stored metadata of one document: the bytes before its text
 * in the store, for showing hits and for merging.
 *
 *   varint n, id | varint n, title | varint n, url | varint n, language code
 *   u8 date: 0 none, else precision + 1; zigzag varint day
 *   varint fields; each: varint field id, u8 type (0 string, 1 number, 2 date)
 *   | 128 if it came as a list, value: string varint n, bytes; number 8 bytes
 *   IEEE double; date u8 precision, zigzag varint day
 */
#ifndef ENGINE_DOCMETA_H
#define ENGINE_DOCMETA_H

#include "base/buf.h"

enum { DOCMETA_STRING = 0, DOCMETA_NUMBER = 1, DOCMETA_DATE = 2 };

typedef struct docmeta_value {
	uint16_t field;
	uint8_t type;
	bool list;
	const char *string;
	size_t len;
	double number;
	int32_t day;
	uint8_t precision;
} docmeta_value;

typedef struct docmeta {
	const char *id, *title, *url, *lang; /* not NUL-terminated */
	size_t id_len, title_len, url_len, lang_len;
	bool has_date;
	int32_t day;
	uint8_t precision;
	uint32_t nfields;
	rd fields;
} docmeta;

/* Append a document's fixed part; then docmeta_put_value nfields times. */
void docmeta_put(buf *b, const docmeta *m);
void docmeta_put_value(buf *b, const docmeta_value *v);

/* Parse; strings point into p.  False if the bytes are not a docmeta. */
bool docmeta_parse(docmeta *m, const void *p, size_t n);
/* The next value, nfields times; false on damage. */
bool docmeta_next(docmeta *m, docmeta_value *v);

#endif
