/* rtf_out.h - where the text of an RTF file, or one of Word (doc.h), goes: bytes of many code pages become UTF-8,
 * and the body, what stands aside of it, or the value of a property. */
#ifndef EXTRACT_READER_RTF_OUT_H
#define EXTRACT_READER_RTF_OUT_H

#include "extract/reader/codepage.h"
#include "extract/reader/grid.h"
#include "extract/reader/meta.h"

enum { RTF_ASIDES = 20000 };

typedef enum rtf_sink { RTF_NOWHERE, RTF_BODY, RTF_ASIDE, RTF_VALUE } rtf_sink;

typedef struct rtf_aside {
	char kind; /* 'n' note, 'c' remark, 'h' header */
	size_t start, end;
} rtf_aside;

typedef struct rtf_out {
	read_build *b, scratch; /* scratch: text of what stands aside */
	compose c, aside;
	grid grid;
	buf bytes; /* of the run, in its code page */
	buf utf8;
	buf value;
	unsigned page; /* code page of bytes */
	uint16_t high; /* first half of a surrogate pair; 0: none */
	codepages pages;
	rtf_aside *asides;
	size_t nasides, asides_cap, shown, open; /* open: 1 + index of the one that is */
	unsigned notes;
	meta_langs langs;
	/* the paragraph */
	int outline; /* of the paragraph; -1: none */
	bool in_table, begun, row_begun, cell_begun;
	bool nomem;
} rtf_out;

void rtf_out_init(rtf_out *o, read_build *b);
void rtf_out_fini(rtf_out *o);
/* A byte of text in a code page, for a sink. */
void rtf_out_byte(rtf_out *o, rtf_sink sink, unsigned page, char c);
void rtf_out_flush(rtf_out *o, rtf_sink sink);
/* A unit of UTF-16. */
void rtf_out_unit(rtf_out *o, rtf_sink sink, uint16_t unit);
void rtf_out_text(rtf_out *o, rtf_sink sink, const char *utf8, size_t n);
void rtf_out_break(rtf_out *o, rtf_sink sink, compose_break how);
void rtf_out_paragraph(rtf_out *o, rtf_sink sink);
void rtf_out_cell(rtf_out *o, rtf_sink sink);
void rtf_out_row(rtf_out *o, rtf_sink sink);
/* False: something stands aside already. */
bool rtf_out_aside(rtf_out *o, char kind);
void rtf_out_aside_end(rtf_out *o);
void rtf_out_end(rtf_out *o);

/* rtf.c: all of a file into b, but for a title where it has none; false: memory is out. */
bool rtf_read(read_build *b, const char *data, size_t n);

#endif
