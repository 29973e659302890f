/* grid.c - see grid.h. */
#include "extract/reader/grid.h"

#include "engine/kind.h"

void
grid_init(grid *g, compose *c, bool silent)
{
	memset(g, 0, sizeof *g);
	g->c = c;
	g->silent = silent;
}

void
grid_table(grid *g, doc_str label)
{
	unsigned i = g->depth++;

	compose_ask(g->c, i == 0 ? COMPOSE_PARAGRAPH : g->cell_begun ? COMPOSE_LINE : COMPOSE_NONE);
	g->row_begun = true;
	g->cell_begun = false;
	if (i >= GRID_DEPTH)
		return;
	memset(&g->at[i], 0, sizeof g->at[i]);
	if (g->silent)
		return;
	compose_section(g->c, GRID_RANK + i, tree_kind_name(TREE_TABLE), label);
	g->at[i].section = g->c->b->doc.nsections - 1;
}

void
grid_label(grid *g, doc_str label)
{
	read_build *b = g->c->b;
	size_t i;

	if (g->silent || g->depth == 0 || g->depth > GRID_DEPTH || b->failed)
		return;
	i = g->at[g->depth - 1].section;
	if (i < b->doc.nsections && !b->sections[i].label.n)
		b->sections[i].label = read_build_copy(b, label.p, label.n);
}

void
grid_row(grid *g)
{
	compose_ask(g->c, COMPOSE_LINE);
	g->row_begun = true;
	if (g->depth && g->depth <= GRID_DEPTH) {
		g->at[g->depth - 1].rows++;
		g->at[g->depth - 1].cells = 0;
	}
}

void
grid_cell(grid *g)
{
	if (!g->row_begun)
		compose_ask(g->c, COMPOSE_TAB);
	g->row_begun = g->cell_begun = false;
	if (g->depth && g->depth <= GRID_DEPTH && ++g->at[g->depth - 1].cells > g->at[g->depth - 1].widest)
		g->at[g->depth - 1].widest = g->at[g->depth - 1].cells;
}

void
grid_table_end(grid *g)
{
	read_build *b = g->c->b;
	unsigned i;

	if (g->depth == 0)
		return;
	i = --g->depth;
	if (i < GRID_DEPTH && !g->silent && !b->failed) {
		compose_section_end(g->c, GRID_RANK + i);
		if (g->at[i].rows < 2 || g->at[i].widest < 2)
			b->sections[g->at[i].section].kind = NULL;
	}
	g->cell_begun = true; /* what follows in the cell around it has a line of its own */
	g->row_begun = false;
	if (!g->depth)
		compose_ask(g->c, COMPOSE_PARAGRAPH);
}

void
grid_paragraph(grid *g)
{
	if (!g->depth)
		compose_ask(g->c, COMPOSE_PARAGRAPH);
	else if (g->cell_begun)
		compose_ask(g->c, COMPOSE_LINE);
	g->cell_begun = true;
}

void
grid_finish(read_build *b)
{
	uint32_t dropped[READ_BUILD_RANKS]; /* ends of those around */
	size_t kept = 0, n = 0;

	if (b->failed)
		return;
	read_build_close(b, b->text.len);
	for (size_t i = 0; i < b->doc.nsections; i++) {
		doc_section s = b->sections[i];

		while (n && dropped[n - 1] <= s.start)
			n--;
		if (!s.kind || (s.end <= s.start && s.kind == tree_kind_name(TREE_TABLE))) {
			if (n < countof(dropped) && s.end > s.start)
				dropped[n++] = s.end;
			continue;
		}
		if (s.kind != tree_kind_name(TREE_PAGE))
			s.level = (uint16_t)(s.level > n ? s.level - n : 1);
		b->sections[kept++] = s;
	}
	b->doc.nsections = kept;
}

void
grid_without_pages(read_build *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->doc.nsections; i++)
		if (b->sections[i].kind != tree_kind_name(TREE_PAGE))
			b->sections[kept++] = b->sections[i];
	b->doc.nsections = kept;
}
