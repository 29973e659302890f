/* read_csv.h - comma, semicolon and tab separated values (RFC 4180): record
 * boundaries for the source, records for the reader. */
#ifndef EXTRACT_READ_CSV_H
#define EXTRACT_READ_CSV_H

#include "extract/read_build.h"

typedef enum read_csv_state {
	READ_CSV_START,  /* at the beginning of a field */
	READ_CSV_PLAIN,  /* within a field without quotes */
	READ_CSV_QUOTED, /* within quotes: line ends are data */
	READ_CSV_CLOSED  /* after a quote that ends the field, unless another follows */
} read_csv_state;

typedef struct read_csv_scan {
	read_csv_state state;
} read_csv_scan;

/* ',' ';' or tab, whichever the first line has most of outside quotes. */
char read_csv_separator(const char *p, size_t n);

/* The end (behind the line end) of the first record of p[0, n) that is not
 * empty; 0 if it does not end there. */
size_t read_csv_first(read_csv_scan *scan, const char *p, size_t n, char separator);

/* The end of the last whole record of p[from, n), 0 if there is none.  scan is
 * the state at from, and is carried to n. */
size_t read_csv_last(read_csv_scan *scan, const char *p, size_t from, size_t n, char separator);

/* Is it, by its header, a table and no record file: has it no column that is text?
 * head may be cut, in the header too: then what is there of it counts. */
bool read_csv_is_table(const char *head, size_t n);

/* The cells of the record at *at, one after the other, until cell says false; *at moves
 * behind it.  False: memory is out, or a quote is never closed (*at is then end). */
typedef bool read_csv_cell(void *ctx, size_t column, doc_str value);
bool read_csv_row(const char **at, const char *end, char separator, buf *scratch, read_csv_cell *cell, void *ctx);

/* ---- records -------------------------------------------------------- */

typedef struct read_csv {
	char separator;
	doc_str *names; /* of the columns, in names_arena */
	uint8_t *keys;	/* read_key of the columns */
	size_t ncolumns;
	arena names_arena;
} read_csv;

void read_csv_init(read_csv *csv);
void read_csv_fini(read_csv *csv);
/* Take the header in.  False: why says what is wrong with it, or memory is out
 * (why is empty). */
bool read_csv_begin(read_csv *csv, const char *header, size_t n, char separator, char *why,
		    size_t why_size);

/* Parse the record at *at, not an empty line, into b (reset by the caller) and
 * move *at behind it.  False: why says what is wrong, or memory is out. */
bool read_csv_record(const read_csv *csv, read_build *b, buf *scratch, const char **at,
		     const char *end, char *why, size_t why_size);

#endif
