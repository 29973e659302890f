/* xlsx.h - how the cells of a workbook show numbers. */
#ifndef EXTRACT_READER_XLSX_H
#define EXTRACT_READER_XLSX_H

#include "extract/reader/opc.h"

enum { XLSX_SHEETS = 10000, XLSX_NUMBER_MAX = 48 };

typedef enum xlsx_format { XLSX_PLAIN, XLSX_DATE, XLSX_TIME, XLSX_PERCENT } xlsx_format;

typedef struct xlsx_styles {
	uint8_t *cells; /* xlsx_format of a style of cells */
	size_t ncells, cells_cap;
	struct {
		long id;
		xlsx_format format;
	} *own; /* formats that the workbook defines */
	size_t nown, own_cap;
} xlsx_styles;

cdg_status xlsx_styles_read(xlsx_styles *s, package *p, long member, cdg_error *err);
/* One more format that the workbook defines, one more style of cells, which has a format by
 * its number; false: memory is out. */
bool xlsx_styles_add(xlsx_styles *s, long id, doc_str code);
bool xlsx_styles_add_cell(xlsx_styles *s, long id);
void xlsx_styles_fini(xlsx_styles *s);
xlsx_format xlsx_styles_format(const xlsx_styles *s, long cell);
/* Days since the end of 1899, or the beginning of 1904; out holds XLSX_NUMBER_MAX. */
void xlsx_write(char *out, double value, xlsx_format format, bool epoch1904);

#endif
