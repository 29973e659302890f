/* pptx.c - PPTX (also PPTM, PPSX, POTX and strict Office Open XML).
 *
 * One document: slide by slide, each a page with its number; its title is a section.
 * Tables are sections of kind table, drawings made of text (SmartArt) follow the slide,
 * then its comments and the speaker's notes.  Dates, footers and numbers that stand on
 * every slide are left out.  Metadata as in docx.c. */
#include <stdio.h>

#include "extract/read_file.h"
#include "extract/reader/grid.h"
#include "extract/reader/meta.h"
#include "extract/reader/office.h"
#include "extract/reader/opc.h"

enum { SLIDES_MAX = 20000 };

enum { S_SHAPE = 1, S_HOLDER, S_P, S_BR, S_T, S_RUN, S_TBL, S_TR, S_TC, S_SLIDE_ID, S_COMMENT, S_IMAGE, S_SKIP };

static const part_word slide_words[] = {
	{ "Fallback", OPC_COMPAT, S_SKIP }, { "br", OPC_DRAWING, S_BR },	{ "cNvPr", OPC_SLIDE, S_IMAGE },
	{ "extLst", OPC_SLIDE, S_SKIP },
	{ "p", OPC_DRAWING, S_P },	    { "ph", OPC_SLIDE, S_HOLDER },	{ "rPr", OPC_DRAWING, S_RUN },
	{ "sldId", OPC_SLIDE, S_SLIDE_ID }, { "sp", OPC_SLIDE, S_SHAPE },	{ "t", OPC_DRAWING, S_T },
	{ "tbl", OPC_DRAWING, S_TBL },	{ "tc", OPC_DRAWING, S_TC },
	{ "text", OPC_SLIDE, S_COMMENT },   { "tr", OPC_DRAWING, S_TR },
};

typedef struct pptx {
	package *p;
	compose c;
	grid grid;
	meta_langs langs;
	long *slides; /* members, in order */
	size_t nslides, slides_cap;
	const opc_rels *rels; /* of the presentation, while it is read */
	bool notes;   /* only the body of them is text */
	bool in_text, dropped, title_shape;
	part_result result;
	bool nomem;
} pptx;

static void
pptx_slide_id(pptx *x, const part_atts *atts)
{
	long member = opc_rels_id(x->rels, part_att(atts, OPC_REL, "id"));

	if (member < 0 || x->nslides == SLIDES_MAX)
		return;
	if (!mem_grow(&x->slides, &x->slides_cap, x->nslides + 1, sizeof *x->slides)) {
		x->nomem = true;
		return;
	}
	x->slides[x->nslides++] = member;
}

static void
pptx_holder(pptx *x, doc_str type)
{
	static const char *const everywhere[] = { "dt", "ftr", "hdr", "sldNum", "sldImg" };

	x->title_shape = part_is(type, "title") || part_is(type, "ctrTitle");
	for (size_t i = 0; i < countof(everywhere); i++)
		x->dropped |= part_is(type, everywhere[i]);
	if (x->notes)
		x->dropped = !part_is(type, "body");
	else if (x->title_shape)
		compose_heading_begin(&x->c, 1, NULL);
}

static void
pptx_shape(pptx *x, bool begins)
{
	if (!begins)
		compose_heading_end(&x->c);
	x->dropped = begins && x->notes;
	x->title_shape = false;
	compose_ask(&x->c, COMPOSE_PARAGRAPH);
}

static bool
pptx_start(void *ctx, unsigned id, const part_atts *atts)
{
	pptx *x = ctx;

	switch (id) {
	case S_SKIP:
		return false;
	case S_SLIDE_ID:
		if (x->rels)
			pptx_slide_id(x, atts);
		break;
	case S_SHAPE:
		pptx_shape(x, true);
		break;
	case S_HOLDER:
		pptx_holder(x, part_att(atts, PART_ANY, "type"));
		break;
	case S_P:
		if (x->grid.depth)
			grid_paragraph(&x->grid);
		else
			compose_ask(&x->c, x->title_shape ? COMPOSE_SPACE : COMPOSE_LINE);
		break;
	case S_BR:
		compose_ask(&x->c, COMPOSE_LINE);
		break;
	case S_RUN:
		meta_langs_begin(&x->langs, part_att(atts, PART_ANY, "lang"));
		break;
	case S_TBL:
		grid_table(&x->grid, read_str("", 0));
		break;
	case S_TR:
		grid_row(&x->grid);
		break;
	case S_TC:
		grid_cell(&x->grid);
		break;
	case S_COMMENT:
		compose_ask(&x->c, COMPOSE_PARAGRAPH);
		compose_raw(&x->c, "[Comment] ", 10);
		x->in_text = true;
		break;
	case S_IMAGE:
		if (!x->notes) {
			compose_ask(&x->c, COMPOSE_LINE);
			compose_alt(&x->c, part_att(atts, OPC_NONE, "descr"));
		}
		break;
	case S_T:
		x->in_text = true;
		break;
	default:
		break;
	}
	return true;
}

static void
pptx_end(void *ctx, unsigned id)
{
	pptx *x = ctx;

	if (id == S_T || id == S_COMMENT)
		x->in_text = false;
	else if (id == S_SHAPE)
		pptx_shape(x, false);
	else if (id == S_TBL)
		grid_table_end(&x->grid);
}

static void
pptx_text(void *ctx, const char *p, size_t n)
{
	pptx *x = ctx;

	if (!x->in_text || x->dropped)
		return;
	compose_text(&x->c, p, n);
	meta_langs_count(&x->langs, n);
}

static const part_reader pptx_reader = { slide_words, countof(slide_words), opc_space, pptx_start, pptx_end, pptx_text };

/* A part that belongs to a slide. */
static cdg_status
pptx_part(pptx *x, size_t member, bool notes, cdg_error *err)
{
	x->notes = x->dropped = notes;
	x->in_text = x->title_shape = false;
	CDG_TRY(part_parse(x->p, member, &pptx_reader, x, &x->result, err));
	compose_heading_end(&x->c);
	x->notes = x->dropped = false;
	return CDG_OK;
}

static cdg_status
pptx_slide(pptx *x, size_t i, cdg_error *err)
{
	static const char *const types[] = { "diagramData", "comments", "notesSlide" };
	size_t member = (size_t)x->slides[i];
	cdg_status st = CDG_OK;
	char label[24];
	opc_rels rels;
	int n = snprintf(label, sizeof label, "%zu", i + 1);

	compose_section_end(&x->c, 1);
	compose_ask(&x->c, COMPOSE_PARAGRAPH);
	compose_page(&x->c, read_str(label, (size_t)n));
	CDG_TRY(pptx_part(x, member, false, err));
	st = opc_rels_read(&rels, x->p, package_at(x->p, member)->name, err);
	for (size_t t = 0; t < countof(types); t++)
		for (size_t k = 0; st == CDG_OK && k < rels.count; k++)
			if (rels.rels[k].member >= 0 && strcmp(rels.rels[k].type, types[t]) == 0) {
				compose_ask(&x->c, COMPOSE_PARAGRAPH);
				st = pptx_part(x, (size_t)rels.rels[k].member, t == 2, err);
			}
	opc_rels_fini(&rels);
	return st;
}

static cdg_status
pptx_read(pptx *x, read_build *b, const char *main_part, opc_rels *root, opc_rels *rels, cdg_error *err)
{
	CDG_TRY(opc_rels_read(root, x->p, "", err));
	CDG_TRY(opc_meta(b, x->p, root, err));
	CDG_TRY(opc_rels_read(rels, x->p, main_part, err));
	x->rels = rels;
	CDG_TRY(part_parse(x->p, (size_t)package_find(x->p, main_part), &pptx_reader, x, &x->result, err));
	x->rels = NULL;
	for (size_t i = 0; i < x->nslides; i++)
		CDG_TRY(pptx_slide(x, i, err));
	return x->nomem ? err_nomem(err) : CDG_OK;
}

cdg_status
office_pptx(extract_job *job, const extract_input *in, package *p, const char *main_part, cdg_error *err)
{
	read_build *b = extract_begin(job, in);
	pptx x = { .p = p };
	opc_rels root = { 0 }, rels = { 0 };
	cdg_status st;

	compose_init(&x.c, b);
	grid_init(&x.grid, &x.c, false);
	meta_langs_init(&x.langs);
	st = pptx_read(&x, b, main_part, &root, &rels, err);
	if (st == CDG_OK) {
		grid_finish(b);
		compose_end(&x.c);
		meta_langs_end(&x.langs, b, read_str("", 0));
		meta_title_else(b, x.c.first_heading);
		meta_title_else(b, read_file_name(in->name));
		part_warn(b, x.result);
		st = office_give(job, in, p, "pptx", err);
	}
	opc_rels_fini(&root);
	opc_rels_fini(&rels);
	mem_free(x.slides);
	return st;
}
