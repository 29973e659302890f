/* docx.c - DOCX (also DOCM, DOTX, DOTM and strict Office Open XML).
 *
 * One document: the body in order, with headings (by outline level, of the paragraph or
 * its style) as sections, tables as sections of kind table, footnotes and endnotes behind
 * their paragraph as sections of kind footnote, pages where the file says where they
 * began when it was last shown.  Numbers of lists and headings are part of the text.
 * Behind the body: headers and footers, each once, and comments.
 *
 * Insertions that are tracked are text, deletions are not; nor is hidden text.
 * Title, author, subject, keywords, description, publisher (the company), type (the
 * category), the dates of creation and change are those of the properties. */
#include "extract/read_file.h"
#include "extract/reader/docx_walk.h"
#include "extract/reader/office.h"

typedef struct docx {
	package *p;
	const char *name; /* of the file */
	opc_rels root, rels;
	docx_styles styles;
	docx_lists lists;
	docx_notes notes;
	read_build scratch; /* text of notes, comments and headers */
	docx_walk walk, aside;
	part_result result;
} docx;

static cdg_status
docx_aside(docx *d, long member, cdg_error *err)
{
	d->aside.c.pending = COMPOSE_NONE;
	return part_parse(d->p, (size_t)member, &docx_walk_reader, &d->aside, &d->result, err);
}

/* A header or footer has no element of its own kind: all of the part is one note. */
static cdg_status
docx_header(docx *d, long member, cdg_error *err)
{
	docx_notes *into = &d->notes;
	size_t i = into->count;

	if (!mem_grow(&into->notes, &into->cap, i + 1, sizeof *into->notes))
		return err_nomem(err);
	into->notes[into->count++] = (docx_note){ (long)i, 'h', d->scratch.text.len, 0, "", false };
	CDG_TRY(docx_aside(d, member, err));
	into->notes[i].end = d->scratch.text.len;
	return CDG_OK;
}

static cdg_status
docx_asides(docx *d, cdg_error *err)
{
	static const char *const types[] = { "footnotes", "endnotes", "comments" };

	docx_walk_init(&d->aside, &d->scratch, &d->styles, &d->lists, true);
	d->aside.into = &d->notes;
	for (size_t i = 0; i < countof(types); i++) {
		long member = opc_rels_type(&d->rels, types[i]);

		if (member >= 0)
			CDG_TRY(docx_aside(d, member, err));
	}
	for (size_t i = 0; i < d->rels.count; i++) {
		const opc_rel *rel = &d->rels.rels[i];

		if (rel->member >= 0 && (strcmp(rel->type, "header") == 0 || strcmp(rel->type, "footer") == 0))
			CDG_TRY(docx_header(d, rel->member, err));
	}
	return CDG_OK;
}

static bool
docx_repeats(const docx *d, size_t i)
{
	const char *text = (const char *)d->scratch.text.p;
	const docx_note *a = &d->notes.notes[i];

	for (size_t k = 0; k < i; k++) {
		const docx_note *b = &d->notes.notes[k];

		if (b->kind == a->kind && b->end - b->start == a->end - a->start &&
		    memcmp(text + b->start, text + a->start, a->end - a->start) == 0)
			return true;
	}
	return false;
}

/* What belongs to no place of the body, behind it. */
static void
docx_append(docx *d)
{
	compose *c = &d->walk.c;
	const char *text = (const char *)d->scratch.text.p;
	size_t headers = 0;

	compose_section_end(c, 0);
	for (size_t i = 0; i < d->notes.count; i++) {
		const docx_note *n = &d->notes.notes[i];

		if (n->end <= n->start || (n->kind != 'h' && n->kind != 'c'))
			continue;
		if (n->kind == 'h' && (headers++ > 100 || docx_repeats(d, i)))
			continue;
		compose_ask(c, COMPOSE_PARAGRAPH);
		if (n->kind == 'c') {
			compose_raw(c, "[Comment", 8);
			if (*n->author) {
				compose_raw(c, ", ", 2);
				compose_text(c, n->author, strlen(n->author));
			}
			compose_raw(c, "] ", 2);
		}
		compose_raw(c, text + n->start, n->end - n->start);
	}
}

/* ---- the document ------------------------------------------------------------- */

static cdg_status
docx_body(docx *d, read_build *b, size_t member, cdg_error *err)
{
	docx_walk *w = &d->walk;

	docx_walk_init(w, b, &d->styles, &d->lists, false);
	w->notes = &d->notes;
	w->notes_text = (const char *)d->scratch.text.p;
	compose_page(&w->c, read_str("1", 1));
	CDG_TRY(part_parse(d->p, member, &docx_walk_reader, w, &d->result, err));
	docx_walk_end(w);
	docx_append(d);
	grid_finish(b);
	compose_end(&w->c);
	if (!w->rendered)
		grid_without_pages(b);
	meta_langs_end(&w->langs, b, read_str(d->styles.lang, strlen(d->styles.lang)));
	meta_title_else(b, w->title.n ? w->title : w->c.first_heading);
	meta_title_else(b, read_file_name(d->name));
	if (w->nomem || d->aside.nomem || d->scratch.text.failed || d->scratch.failed)
		b->failed = true;
	return CDG_OK;
}

static cdg_status
docx_read(docx *d, read_build *b, const char *main_part, cdg_error *err)
{
	CDG_TRY(opc_rels_read(&d->root, d->p, "", err));
	CDG_TRY(opc_rels_read(&d->rels, d->p, main_part, err));
	CDG_TRY(opc_meta(b, d->p, &d->root, err));
	CDG_TRY(docx_styles_read(&d->styles, d->p, opc_rels_type(&d->rels, "styles"), err));
	CDG_TRY(docx_lists_read(&d->lists, d->p, opc_rels_type(&d->rels, "numbering"), err));
	CDG_TRY(docx_asides(d, err));
	return docx_body(d, b, (size_t)package_find(d->p, main_part), err);
}

cdg_status
office_docx(extract_job *job, const extract_input *in, package *p, const char *main_part, cdg_error *err)
{
	read_build *b = extract_begin(job, in);
	docx *d = mem_calloc(1, sizeof *d);
	cdg_status st;

	if (!d)
		return err_nomem(err);
	d->p = p;
	d->name = in->name;
	read_build_init(&d->scratch);
	arena_init(&d->styles.strings);
	arena_init(&d->lists.strings);
	arena_init(&d->notes.strings);
	st = docx_read(d, b, main_part, err);
	if (st == CDG_OK)
		part_warn(b, d->result);
	if (st == CDG_OK)
		st = office_give(job, in, p, "docx", err);
	docx_walk_fini(&d->walk);
	docx_walk_fini(&d->aside);
	opc_rels_fini(&d->root);
	opc_rels_fini(&d->rels);
	docx_styles_fini(&d->styles);
	docx_lists_fini(&d->lists);
	mem_free(d->notes.notes);
	arena_fini(&d->notes.strings);
	read_build_fini(&d->scratch);
	mem_free(d);
	return st;
}
