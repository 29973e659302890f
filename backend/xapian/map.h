/* map.h - how a database that others wrote is to be read: which prefixes and
 * values its fields have, and how its words are stemmed.
 *
 * Omega's conventions are built in.  A mapping file adds to them, NAME.map beside
 * the database or cdgsearch.map in its folder:
 *
 *   # comment
 *   stem english                  how words are stemmed (none: not at all)
 *   text subject XSUBJECT         words with a prefix
 *   term ext E                    whole values as terms with a prefix
 *   value pages 5 number          a value: number, string, yyyymmdd or time
 *   data headline title           a line of the data and what it is here: title,
 *                                 text, url, id, lang, date or the name of a field
 */
#ifndef BACKEND_XAPIAN_MAP_H
#define BACKEND_XAPIAN_MAP_H

#include "base/buf.h"
#include "base/err.h"

typedef enum xap_value_type {
	XAP_VALUE_NONE,
	XAP_VALUE_NUMBER,   /* sortable_serialise */
	XAP_VALUE_STRING,
	XAP_VALUE_YYYYMMDD, /* also YYYYMM, YYYY, and more digits behind */
	XAP_VALUE_TIME      /* seconds since 1970: 4 bytes big-endian, or a number */
} xap_value_type;

typedef struct xap_map_field {
	char *name, *prefix; /* prefix NULL: no terms */
	bool words;          /* text, not whole values */
	uint8_t type;        /* xap_value_type */
	uint32_t slot;
} xap_map_field;

typedef struct xap_map_data {
	char *from, *to;
} xap_map_data;

typedef struct xap_map {
	char *stem;
	xap_map_field *fields;
	size_t nfields, fields_cap;
	xap_map_data *data;
	size_t ndata, data_cap;
} xap_map;

/* Omega's, and what the file beside `path` says, if there is one.  CDG_E_INPUT
 * names the line that is wrong. */
cdg_status xap_map_load(xap_map *m, const char *path, cdg_error *err);
void xap_map_fini(xap_map *m);
const xap_map_field *xap_map_find(const xap_map *m, const char *name, size_t n);
/* What a line of the data is here; NULL: nobody says. */
const char *xap_map_name(const xap_map *m, const char *name, size_t n);

#endif
