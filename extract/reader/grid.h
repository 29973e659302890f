/* grid.h - tables of office documents: a row is a line, a tab stands between cells, and
 * what has two rows and two columns is a section of kind table; other tables are there
 * for the looks of a page.  Breaks are asked for where something begins, so that a cell
 * of one paragraph stays on the line of its row. */
#ifndef EXTRACT_READER_GRID_H
#define EXTRACT_READER_GRID_H

#include "extract/compose.h"

enum {
	GRID_DEPTH = 8, /* tables in tables that are sections */
	GRID_RANK = 20, /* of a table; those of headings are lower */
	GRID_RANK_NOTE = 29,
};

typedef struct grid {
	compose *c;
	unsigned depth;
	bool silent; /* text without sections */
	bool row_begun, cell_begun;
	struct {
		size_t section;
		unsigned rows, cells, widest;
	} at[GRID_DEPTH];
} grid;

void grid_init(grid *g, compose *c, bool silent);
void grid_table(grid *g, doc_str label);
/* The label of the table that is open, unless it has one. */
void grid_label(grid *g, doc_str label);
void grid_row(grid *g);
void grid_cell(grid *g);
void grid_table_end(grid *g);
/* The break in front of a paragraph, in a table or not. */
void grid_paragraph(grid *g);
/* At the end of a document, before compose_end: forgets tables that are none. */
void grid_finish(read_build *b);
/* Forgets the pages of a document that does not say where each of them begins: their
 * numbers would be wrong. */
void grid_without_pages(read_build *b);

#endif
