/* numbering_line.h - the lines of a text that begin with a number, and what stands around
 * them, for numbering.c. */
#ifndef EXTRACT_NUMBERING_LINE_H
#define EXTRACT_NUMBERING_LINE_H

#include "base/mem.h"
#include "extract/numbering_mark.h"

typedef struct numbering_line {
	mark m;
	uint32_t start;	       /* of the number, in the text */
	uint32_t head, head_n; /* the heading; head_n 0: none */
	bool strong;	       /* stands as headings do */
	bool dense;	       /* nothing but the heading before the next number */
	bool again;	       /* another of its type and number follows */
	bool contents;	       /* an entry of a table of contents */
} numbering_line;

/* Those that may be headings or items, *lines on the heap.  False: memory is out. */
bool numbering_scan(doc_str text, numbering_line **lines, size_t *n);

#endif
