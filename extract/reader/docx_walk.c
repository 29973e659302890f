/* docx_walk.c - see docx_walk.h.
 *
 * Notes are written behind the paragraph
 * that refers to them, or behind the table it stands in. */
#include "extract/reader/docx_walk.h"

#include <stdio.h>
#include <strings.h>

#include "engine/kind.h"

enum {
	D_P = 1,
	D_PPR,
	D_PSTYLE,
	D_OUTLINE,
	D_NUM,
	D_LEVEL,
	D_BREAK_BEFORE,
	D_R,
	D_RPR,
	D_VANISH,
	D_LANG,
	D_T,
	D_TAB,
	D_BR,
	D_CR,
	D_HYPHEN,
	D_SYM,
	D_IMAGE,
	D_RENDERED,
	D_FIELD,
	D_FOOTNOTE_REF,
	D_ENDNOTE_REF,
	D_FOOTNOTE,
	D_ENDNOTE,
	D_COMMENT,
	D_TBL,
	D_TBL_CAPTION,
	D_TR,
	D_TC,
	D_BOX,
	D_DEL,
	D_SKIP
};

static const part_word walk_words[] = {
	{ "Fallback", OPC_COMPAT, D_SKIP },
	{ "br", OPC_WORD, D_BR },
	{ "comment", OPC_WORD, D_COMMENT },
	{ "cr", OPC_WORD, D_CR },
	{ "del", OPC_WORD, D_DEL },
	{ "docPr", OPC_DRAWING, D_IMAGE },
	{ "endnote", OPC_WORD, D_ENDNOTE },
	{ "endnoteReference", OPC_WORD, D_ENDNOTE_REF },
	{ "fldChar", OPC_WORD, D_FIELD },
	{ "footnote", OPC_WORD, D_FOOTNOTE },
	{ "footnoteReference", OPC_WORD, D_FOOTNOTE_REF },
	{ "ilvl", OPC_WORD, D_LEVEL },
	{ "lang", OPC_WORD, D_LANG },
	{ "lastRenderedPageBreak", OPC_WORD, D_RENDERED },
	{ "moveFrom", OPC_WORD, D_SKIP },
	{ "noBreakHyphen", OPC_WORD, D_HYPHEN },
	{ "numId", OPC_WORD, D_NUM },
	{ "numberingChange", OPC_WORD, D_SKIP },
	{ "outlineLvl", OPC_WORD, D_OUTLINE },
	{ "p", OPC_WORD, D_P },
	{ "pPr", OPC_WORD, D_PPR },
	{ "pPrChange", OPC_WORD, D_SKIP },
	{ "pStyle", OPC_WORD, D_PSTYLE },
	{ "pageBreakBefore", OPC_WORD, D_BREAK_BEFORE },
	{ "ptab", OPC_WORD, D_TAB },
	{ "r", OPC_WORD, D_R },
	{ "rPr", OPC_WORD, D_RPR },
	{ "rPrChange", OPC_WORD, D_SKIP },
	{ "rt", OPC_WORD, D_SKIP },
	{ "sdtPr", OPC_WORD, D_SKIP },
	{ "sectPr", OPC_WORD, D_SKIP },
	{ "sym", OPC_WORD, D_SYM },
	{ "t", OPC_WORD, D_T },
	{ "t", OPC_MATH, D_T },
	{ "tab", OPC_WORD, D_TAB },
	{ "tabs", OPC_WORD, D_SKIP },
	{ "tbl", OPC_WORD, D_TBL },
	{ "tblCaption", OPC_WORD, D_TBL_CAPTION },
	{ "tblGridChange", OPC_WORD, D_SKIP },
	{ "tblPrChange", OPC_WORD, D_SKIP },
	{ "tc", OPC_WORD, D_TC },
	{ "tcPrChange", OPC_WORD, D_SKIP },
	{ "tr", OPC_WORD, D_TR },
	{ "trPrChange", OPC_WORD, D_SKIP },
	{ "txbxContent", OPC_WORD, D_BOX },
	{ "vanish", OPC_WORD, D_VANISH },
};

/* ---- pages ----------------------------------------------------------------- */

/* A break asked for twice, by hand and as the last program saw it, is one. */
static void
walk_page(docx_walk *w)
{
	char label[16];
	int n;

	if (w->into || w->c.b->text.len == w->page_start)
		return;
	n = snprintf(label, sizeof label, "%u", ++w->page);
	compose_page(&w->c, read_str(label, (size_t)n));
	w->page_start = w->c.b->text.len;
}

/* ---- notes ------------------------------------------------------------------ */

static void
walk_note(docx_walk *w, char kind, long id)
{
	docx_notes *all = w->notes;
	char label[24];
	int n;

	for (size_t i = 0; i < all->count; i++) {
		docx_note *note = &all->notes[i];

		if (note->kind != kind || note->id != id || note->end == note->start || note->shown)
			continue;
		n = snprintf(label, sizeof label, "%u", ++w->notes_shown[kind == 'e']);
		compose_ask(&w->c, COMPOSE_PARAGRAPH);
		compose_section(&w->c, GRID_RANK_NOTE, tree_kind_name(TREE_FOOTNOTE), read_str(label, (size_t)n));
		compose_raw(&w->c, "[", 1);
		compose_raw(&w->c, label, (size_t)n);
		compose_raw(&w->c, "] ", 2);
		compose_raw(&w->c, w->notes_text + note->start, note->end - note->start);
		compose_section_end(&w->c, GRID_RANK_NOTE);
		note->shown = true;
		compose_ask(&w->c, COMPOSE_PARAGRAPH);
		return;
	}
}

static void
walk_notes(docx_walk *w)
{
	unsigned n = w->nwaiting;

	w->nwaiting = 0;
	for (unsigned i = 0; i < n; i++)
		walk_note(w, w->waiting[i].kind, w->waiting[i].id);
}

static void
walk_refer(docx_walk *w, char kind, const part_atts *atts)
{
	if (!w->notes || w->codes)
		return;
	if (w->nwaiting == DOCX_WAITING)
		walk_notes(w);
	w->waiting[w->nwaiting].kind = kind;
	w->waiting[w->nwaiting++].id = part_att_number(atts, OPC_WORD, "id", -1);
}

/* False: a line between text and notes, not a note. */
static bool
walk_note_begin(docx_walk *w, char kind, const part_atts *atts)
{
	docx_notes *into = w->into;
	doc_str type = part_att(atts, OPC_WORD, "type"), author = part_att(atts, OPC_WORD, "author");

	if (!into || w->note || into->count >= DOCX_NOTES || (type.n && !part_is(type, "normal")))
		return false;
	if (!mem_grow(&into->notes, &into->cap, into->count + 1, sizeof *into->notes)) {
		w->nomem = true;
		return false;
	}
	w->note = &into->notes[into->count++];
	*w->note = (docx_note){ part_att_number(atts, OPC_WORD, "id", -1), kind, w->c.b->text.len, w->c.b->text.len, "", false };
	if (author.n)
		w->note->author = arena_strndup(&into->strings, author.p, author.n);
	if (!w->note->author) {
		w->note->author = "";
		w->nomem = true;
	}
	w->c.pending = COMPOSE_NONE;
	return true;
}

static void
walk_note_end(docx_walk *w)
{
	const buf *text = &w->c.b->text;
	docx_note *n = w->note;

	if (!n)
		return;
	compose_heading_end(&w->c);
	w->c.pending = COMPOSE_NONE;
	n->end = text->len;
	while (n->end > n->start && compose_is_space((char)text->p[n->end - 1]))
		n->end--;
	while (n->start < n->end && compose_is_space((char)text->p[n->start]))
		n->start++;
	w->note = NULL;
}

/* ---- paragraphs --------------------------------------------------------------- */

static void
walk_paragraph(docx_walk *w)
{
	w->p = (docx_paragraph){ .props = { -1, -1, -1 } };
	if (!w->merge)
		grid_paragraph(&w->grid);
	w->merge = false;
	w->p.start = w->c.b->text.len;
}

/* Headings begin and numbers are written as soon as the properties are known. */
static void
walk_ready(docx_walk *w)
{
	docx_paragraph *p = &w->p;
	docx_props style = docx_style_props(w->styles, p->style);

	if (p->ready)
		return;
	p->ready = true;
	if (p->style) {
		p->title = strcasecmp(p->style->name, "title") == 0;
		p->caption = strcasecmp(p->style->name, "caption") == 0;
	}
	if (p->props.outline < 0)
		p->props.outline = style.outline;
	if (p->props.num < 0) {
		p->props.num = style.num;
		p->props.level = p->props.level < 0 ? style.level : p->props.level;
	}
	if (p->props.outline >= 0 && p->props.outline < DOCX_BODY && !w->into && !w->boxes)
		compose_heading_begin(&w->c, (unsigned)p->props.outline + 1, NULL);
	if (p->props.num > 0) {
		w->number.len = 0;
		docx_lists_number(w->lists, w->styles, p->props, p->style, &w->number);
		compose_text(&w->c, (const char *)w->number.p, w->number.len);
		compose_ask(&w->c, COMPOSE_SPACE);
		w->nomem |= w->number.failed;
	}
}

static void
walk_paragraph_end(docx_walk *w)
{
	const buf *text = &w->c.b->text;
	doc_str s;

	walk_ready(w); /* one that is empty counts too */
	if (!w->boxes)
		compose_heading_end(&w->c);
	w->merge = w->p.merged;
	if ((w->p.title || w->p.caption) && !w->into && !text->failed && text->len > w->p.start) {
		s = read_build_copy(w->c.b, (char *)text->p + w->p.start, text->len - w->p.start);
		if (!w->c.b->failed)
			s = compose_collapse((char *)(uintptr_t)s.p, s.n);
		if (w->p.title && !w->title.n)
			w->title = s;
		else if (w->p.caption)
			w->caption = s;
	} else if (text->len > w->p.start) {
		w->caption = read_str("", 0);
	}
	if (!w->grid.depth && !w->boxes && !w->merge)
		walk_notes(w);
	w->p.ready = true;
}

static void
walk_property(docx_walk *w, unsigned id, const part_atts *atts)
{
	doc_str val = part_att(atts, OPC_WORD, "val");

	if (id == D_PSTYLE && val.p)
		w->p.style = docx_style_find(w->styles, val.p, val.n);
	else if (id == D_OUTLINE)
		w->p.props.outline = (int)part_number(val, -1);
	else if (id == D_NUM)
		w->p.props.num = part_number(val, -1);
	else if (id == D_LEVEL)
		w->p.props.level = (int)part_number(val, -1);
	else if (id == D_BREAK_BEFORE && !part_is(val, "0") && !part_is(val, "false"))
		walk_page(w);
	else if (id == D_DEL)
		w->p.merged = true;
}

/* ---- runs ------------------------------------------------------------------------ */

static void
walk_field(docx_walk *w, doc_str type)
{
	if (part_is(type, "begin")) {
		if (w->nfields < DOCX_FIELDS) {
			w->fields[w->nfields++] = 1;
			w->codes++;
		} else {
			w->nested++;
		}
	} else if (w->nested) {
		w->nested -= part_is(type, "end");
	} else if (w->nfields) {
		w->codes -= w->fields[w->nfields - 1];
		w->fields[w->nfields - 1] = 0;
		w->nfields -= part_is(type, "end");
	}
}

/* A sign of a symbol font; Greek letters of the font Symbol are the only ones that are
 * words. */
static void
walk_symbol(docx_walk *w, const part_atts *atts)
{
	static const char *const greek[] = {
		"α", "β", "χ", "δ", "ε", "φ", "γ", "η", "ι", "ϕ", "κ", "λ", "μ",
		"ν", "ο", "π", "θ", "ρ", "σ", "τ", "υ", "ϖ", "ω", "ξ", "ψ", "ζ",
	};
	doc_str font = part_att(atts, OPC_WORD, "font"), code = part_att(atts, OPC_WORD, "char");
	char hex[9] = "";
	unsigned long c;

	if (!code.n || code.n >= sizeof hex)
		return;
	memcpy(hex, code.p, code.n);
	c = strtoul(hex, NULL, 16) & 0xff;
	if (part_is(font, "Symbol") && c >= 'a' && c <= 'z')
		compose_text(&w->c, greek[c - 'a'], strlen(greek[c - 'a']));
	else
		compose_text(&w->c, "\xe2\x80\xa2", 3);
}

static void
walk_break(docx_walk *w, const part_atts *atts)
{
	if (part_is(part_att(atts, OPC_WORD, "type"), "page"))
		walk_page(w);
	else
		compose_ask(&w->c, COMPOSE_LINE);
}

/* Characters that stand as elements. */
static void
walk_sign(docx_walk *w, unsigned id, const part_atts *atts)
{
	walk_ready(w);
	if (w->codes || w->p.hidden)
		return;
	if (id == D_TAB)
		compose_ask(&w->c, COMPOSE_TAB);
	else if (id == D_BR)
		walk_break(w, atts);
	else if (id == D_CR)
		compose_ask(&w->c, COMPOSE_LINE);
	else if (id == D_HYPHEN)
		compose_text(&w->c, "-", 1);
	else if (id == D_SYM)
		walk_symbol(w, atts);
	else if (id == D_IMAGE)
		compose_alt(&w->c, part_att(atts, OPC_NONE, "descr"));
	else if (id == D_RENDERED) {
		w->rendered = true;
		walk_page(w);
	}
}

/* ---- tables and boxes ------------------------------------------------------------- */

static void
walk_table_end(docx_walk *w)
{
	grid_table_end(&w->grid);
	if (!w->grid.depth && !w->boxes)
		walk_notes(w);
}

static bool
walk_box(docx_walk *w)
{
	if (w->boxes == DOCX_BOXES)
		return false;
	w->outer[w->boxes++] = w->p;
	compose_ask(&w->c, COMPOSE_PARAGRAPH);
	return true;
}

static void
walk_box_end(docx_walk *w)
{
	if (!w->boxes)
		return;
	w->p = w->outer[--w->boxes];
	w->merge = false;
	compose_ask(&w->c, COMPOSE_PARAGRAPH);
}

/* ---- events ------------------------------------------------------------------------ */

static bool
walk_block(docx_walk *w, unsigned id, const part_atts *atts)
{
	switch (id) {
	case D_P:
		walk_paragraph(w);
		break;
	case D_TBL:
		grid_table(&w->grid, w->caption);
		w->caption = read_str("", 0);
		break;
	case D_TR:
		grid_row(&w->grid);
		break;
	case D_TC:
		grid_cell(&w->grid);
		break;
	case D_BOX:
		walk_ready(w);
		return walk_box(w);
	case D_FOOTNOTE:
		return walk_note_begin(w, 'f', atts);
	case D_ENDNOTE:
		return walk_note_begin(w, 'e', atts);
	case D_COMMENT:
		return walk_note_begin(w, 'c', atts);
	default:
		break;
	}
	return true;
}

static bool
walk_start(void *ctx, unsigned id, const part_atts *atts)
{
	docx_walk *w = ctx;

	switch (id) {
	case 0:
		return true;
	case D_SKIP:
		return false;
	case D_PPR:
		w->in_properties++;
		return true;
	case D_R:
		w->p.hidden = false;
		w->langs.now = -1;
		return true;
	case D_T:
		walk_ready(w);
		w->in_text = true;
		return true;
	case D_VANISH:
		w->p.hidden |= !w->in_properties && !part_is(part_att(atts, OPC_WORD, "val"), "0");
		return true;
	case D_LANG:
		if (!w->in_properties)
			meta_langs_begin(&w->langs, part_att(atts, OPC_WORD, "val"));
		return true;
	case D_FIELD:
		walk_field(w, part_att(atts, OPC_WORD, "fldCharType"));
		return true;
	case D_FOOTNOTE_REF:
	case D_ENDNOTE_REF:
		walk_refer(w, id == D_FOOTNOTE_REF ? 'f' : 'e', atts);
		return true;
	case D_TBL_CAPTION:
		grid_label(&w->grid, part_att(atts, OPC_WORD, "val"));
		return true;
	case D_DEL:
		if (w->in_properties)
			walk_property(w, id, atts);
		return false;
	default:
		break;
	}
	if (w->in_properties)
		walk_property(w, id, atts);
	else if (id >= D_TAB && id <= D_RENDERED)
		walk_sign(w, id, atts);
	else
		return walk_block(w, id, atts);
	return true;
}

static void
walk_end(void *ctx, unsigned id)
{
	docx_walk *w = ctx;

	switch (id) {
	case D_PPR:
		w->in_properties -= w->in_properties > 0;
		if (!w->in_properties)
			walk_ready(w);
		break;
	case D_T:
		w->in_text = false;
		break;
	case D_P:
		walk_paragraph_end(w);
		break;
	case D_TBL:
		walk_table_end(w);
		break;
	case D_BOX:
		walk_box_end(w);
		break;
	case D_FOOTNOTE:
	case D_ENDNOTE:
	case D_COMMENT:
		walk_note_end(w);
		break;
	default:
		break;
	}
}

static void
walk_text(void *ctx, const char *p, size_t n)
{
	docx_walk *w = ctx;

	if (!w->in_text || w->codes || w->p.hidden)
		return;
	compose_text(&w->c, p, n);
	meta_langs_count(&w->langs, n);
}

const part_reader docx_walk_reader = { walk_words, countof(walk_words), opc_space, walk_start, walk_end, walk_text };

void
docx_walk_init(docx_walk *w, read_build *b, const docx_styles *styles, docx_lists *lists, bool silent)
{
	memset(w, 0, sizeof *w);
	compose_init(&w->c, b);
	grid_init(&w->grid, &w->c, silent);
	w->styles = styles;
	w->lists = lists;
	meta_langs_init(&w->langs);
	w->p.ready = true;
	w->page = 1;
	buf_init(&w->number);
}

void
docx_walk_fini(docx_walk *w)
{
	buf_fini(&w->number);
}

void
docx_walk_end(docx_walk *w)
{
	compose_heading_end(&w->c);
	walk_notes(w);
}
