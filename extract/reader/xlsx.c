/* xlsx.c - XLSX (also XLSM, XLTX and strict Office Open XML).
 *
 * One document: sheet by sheet, hidden ones too, each a section with its name as the
 * heading; a row is a line, a tab stands between cells that have something in them.
 * Numbers are written as they are, dates (by the format of the cell) as 2024-03-01,
 * percentages as such.  Comments follow their sheet.  Formulas count with the result that
 * is stored.  Metadata as in docx.c. */
#include <math.h>
#include <stdio.h>

#include "engine/kind.h"
#include "extract/compose.h"
#include "extract/read_file.h"
#include "extract/reader/meta.h"
#include "extract/reader/office.h"
#include "extract/reader/xlsx.h"

enum { X_SHEET = 1, X_BOOK, X_ROW, X_C, X_V, X_T, X_SI, X_COMMENT, X_SKIP };

static const part_word sheet_words[] = {
	{ "c", OPC_SHEET, X_C },	  { "comment", OPC_SHEET, X_COMMENT }, { "is", OPC_SHEET, X_SI },
	{ "rPh", OPC_SHEET, X_SKIP },	  { "row", OPC_SHEET, X_ROW },	       { "sheet", OPC_SHEET, X_SHEET },
	{ "si", OPC_SHEET, X_SI },	  { "t", OPC_SHEET, X_T },	       { "v", OPC_SHEET, X_V },
	{ "workbookPr", OPC_SHEET, X_BOOK },
};

typedef struct xlsx_sheet {
	doc_str name;
	long member;
} xlsx_sheet;

typedef struct xlsx {
	package *p;
	compose c;
	read_build *b;
	uint64_t most; /* bytes of text */
	opc_rels root, rels;
	const opc_rels *book; /* while the workbook is read */
	xlsx_sheet *sheets;
	size_t nsheets, sheets_cap;
	bool epoch1904;
	xlsx_styles styles;
	buf strings; /* shared ones, one behind the other */
	size_t *ends;
	size_t nends, ends_cap;
	bool shared; /* they are read */
	char type;   /* of the cell: s, i(nline), b, e, d, n */
	xlsx_format format;
	bool in_value, in_string;
	buf value;
	part_result result;
	bool nomem;
} xlsx;

static void
xlsx_sheet_named(xlsx *x, const part_atts *atts)
{
	doc_str name = part_att(atts, PART_ANY, "name");
	long member = opc_rels_id(x->book, part_att(atts, OPC_REL, "id"));

	if (member < 0 || x->nsheets == XLSX_SHEETS)
		return;
	if (!mem_grow(&x->sheets, &x->sheets_cap, x->nsheets + 1, sizeof *x->sheets)) {
		x->nomem = true;
		return;
	}
	x->sheets[x->nsheets++] = (xlsx_sheet){ read_build_copy(x->b, name.p ? name.p : "", name.n), member };
}

/* ---- cells ------------------------------------------------------------------- */

static void
xlsx_shared(xlsx *x)
{
	long i = part_number(read_str((const char *)x->value.p, x->value.len), -1);
	size_t start;

	if (i < 0 || (size_t)i >= x->nends)
		return;
	start = i ? x->ends[i - 1] : 0;
	compose_text(&x->c, (const char *)x->strings.p + start, x->ends[i] - start);
}

static void
xlsx_cell_number(xlsx *x)
{
	char out[XLSX_NUMBER_MAX];
	double v;

	if (read_build_parse_number((const char *)x->value.p, x->value.len, &v) == READ_NUMBER_OK) {
		xlsx_write(out, v, x->format, x->epoch1904);
		compose_text(&x->c, out, strlen(out));
	} else {
		compose_text(&x->c, (const char *)x->value.p, x->value.len);
	}
}

static void
xlsx_cell(xlsx *x)
{
	if (!x->value.len || x->value.failed)
		return;
	if (x->type == 's')
		xlsx_shared(x);
	else if (x->type == 'n')
		xlsx_cell_number(x);
	else if (x->type == 'b')
		compose_text(&x->c, x->value.p[0] == '1' ? "TRUE" : "FALSE", x->value.p[0] == '1' ? 4 : 5);
	else if (x->type != 'e')
		compose_text(&x->c, (const char *)x->value.p, x->value.len);
}

static void
xlsx_cell_begin(xlsx *x, const part_atts *atts)
{
	doc_str type = part_att(atts, PART_ANY, "t");

	compose_ask(&x->c, COMPOSE_TAB);
	x->value.len = 0;
	x->type = 'n';
	if (part_is(type, "s") || part_is(type, "b") || part_is(type, "e") || part_is(type, "d"))
		x->type = type.p[0];
	else if (part_is(type, "str") || part_is(type, "inlineStr"))
		x->type = 'i';
	x->format = xlsx_styles_format(&x->styles, part_att_number(atts, PART_ANY, "s", 0));
}

static bool
xlsx_start(void *ctx, unsigned id, const part_atts *atts)
{
	xlsx *x = ctx;

	if (id == X_SKIP || x->b->text.len > x->most)
		return false;
	if (id == X_SHEET && x->book) {
		xlsx_sheet_named(x, atts);
	} else if (id == X_BOOK) {
		doc_str is = part_att(atts, PART_ANY, "date1904");

		x->epoch1904 = part_is(is, "1") || part_is(is, "true");
	} else if (id == X_ROW) {
		compose_ask(&x->c, COMPOSE_LINE);
	} else if (id == X_C) {
		xlsx_cell_begin(x, atts);
	} else if (id == X_V) {
		x->in_value = true;
	} else if (id == X_T) {
		x->in_string = true;
	} else if (id == X_COMMENT) {
		doc_str at = part_att(atts, PART_ANY, "ref");

		compose_ask(&x->c, COMPOSE_PARAGRAPH);
		compose_raw(&x->c, "[Comment ", 9);
		compose_text(&x->c, at.p ? at.p : "", at.n);
		compose_raw(&x->c, "] ", 2);
	}
	return true;
}

static void
xlsx_end(void *ctx, unsigned id)
{
	xlsx *x = ctx;

	if (id == X_V || id == X_T)
		x->in_value = x->in_string = false;
	else if (id == X_C)
		xlsx_cell(x);
	else if (id == X_SI && x->shared) {
		if (!mem_grow(&x->ends, &x->ends_cap, x->nends + 1, sizeof *x->ends))
			x->nomem = true;
		else
			x->ends[x->nends++] = x->strings.len;
	}
}

static void
xlsx_text(void *ctx, const char *p, size_t n)
{
	xlsx *x = ctx;

	if (x->in_string && x->shared)
		buf_put(&x->strings, p, n);
	else if (x->in_string && !x->in_value)
		compose_text(&x->c, p, n); /* of a cell or a comment */
	else if (x->in_value)
		buf_put(&x->value, p, n);
}

static const part_reader xlsx_reader = { sheet_words, countof(sheet_words), opc_space, xlsx_start, xlsx_end, xlsx_text };

/* ---- the workbook --------------------------------------------------------------- */

static cdg_status
xlsx_part(xlsx *x, long member, cdg_error *err)
{
	x->in_value = x->in_string = false;
	if (member < 0)
		return CDG_OK;
	return part_parse(x->p, (size_t)member, &xlsx_reader, x, &x->result, err);
}

static cdg_status
xlsx_sheet_read(xlsx *x, const xlsx_sheet *sheet, cdg_error *err)
{
	opc_rels rels;
	cdg_status st;

	compose_ask(&x->c, COMPOSE_PARAGRAPH);
	compose_heading_begin(&x->c, 1, tree_kind_name(TREE_SECTION));
	compose_text(&x->c, sheet->name.p, sheet->name.n);
	compose_heading_end(&x->c);
	CDG_TRY(xlsx_part(x, sheet->member, err));
	st = opc_rels_read(&rels, x->p, package_at(x->p, (size_t)sheet->member)->name, err);
	if (st == CDG_OK)
		st = xlsx_part(x, opc_rels_type(&rels, "comments"), err);
	opc_rels_fini(&rels);
	return st;
}

static cdg_status
xlsx_read(xlsx *x, const char *main_part, cdg_error *err)
{
	CDG_TRY(opc_rels_read(&x->root, x->p, "", err));
	CDG_TRY(opc_meta(x->b, x->p, &x->root, err));
	CDG_TRY(opc_rels_read(&x->rels, x->p, main_part, err));
	CDG_TRY(xlsx_styles_read(&x->styles, x->p, opc_rels_type(&x->rels, "styles"), err));
	x->shared = true;
	CDG_TRY(xlsx_part(x, opc_rels_type(&x->rels, "sharedStrings"), err));
	x->shared = false;
	x->book = &x->rels;
	CDG_TRY(xlsx_part(x, package_find(x->p, main_part), err));
	x->book = NULL;
	for (size_t i = 0; i < x->nsheets; i++)
		CDG_TRY(xlsx_sheet_read(x, &x->sheets[i], err));
	return x->nomem || x->strings.failed || x->value.failed ? err_nomem(err) : CDG_OK;
}

cdg_status
office_xlsx(extract_job *job, const extract_input *in, package *p, const char *main_part, cdg_error *err)
{
	read_build *b = extract_begin(job, in);
	xlsx x = { .p = p, .b = b, .most = job->limits.text };
	cdg_status st;

	compose_init(&x.c, b);
	buf_init(&x.strings);
	buf_init(&x.value);
	st = xlsx_read(&x, main_part, err);
	if (st == CDG_OK) {
		compose_end(&x.c);
		meta_title_else(b, read_file_name(in->name));
		part_warn(b, x.result);
		st = office_give(job, in, p, "xlsx", err);
	}
	opc_rels_fini(&x.root);
	opc_rels_fini(&x.rels);
	xlsx_styles_fini(&x.styles);
	buf_fini(&x.strings);
	buf_fini(&x.value);
	mem_free(x.ends);
	mem_free(x.sheets);
	return st;
}
