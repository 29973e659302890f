/* xls.c - Excel 97 to 2003 and 5.0/95 (.xls, .xlt).
 *
 * One document, as xlsx.c makes it: sheet by sheet, hidden ones too, each a section with its
 * name as the heading; a row is a line, a tab stands between cells that have something in
 * them; numbers as they are, dates and percentages by the format of the cell; formulas with
 * the result that is stored; then comments and boxes of text.  Metadata from the summaries. */
#include <stdio.h>

#include "engine/kind.h"
#include "extract/compose.h"
#include "extract/reader/biff.h"
#include "extract/reader/meta.h"
#include "extract/reader/embedded.h"
#include "extract/reader/office_old.h"
#include "extract/reader/xlsx.h"

enum {
	R_FORMULA = 0x06,
	R_EOF = 0x0a,
	R_NOTE = 0x1c,
	R_1904 = 0x22,
	R_PASSWORD = 0x2f,
	R_PAGE = 0x42,
	R_OBJECT = 0x5d,
	R_SHEET = 0x85,
	R_NUMBERS_RK = 0xbd,
	R_RICH_LABEL = 0xd6,
	R_STYLE = 0xe0,
	R_STRINGS = 0xfc,
	R_LABEL_SHARED = 0xfd,
	R_BOX = 0x1b6,
	R_NUMBER = 0x203,
	R_LABEL = 0x204,
	R_BOOL = 0x205,
	R_RESULT = 0x207,
	R_NUMBER_RK = 0x27e,
	R_FORMAT = 0x41e,
	R_BEGIN = 0x809,
	XLS_BIFF8 = 0x600,
	XLS_CHART = 0x20,
	XLS_NOTES = 20000
};

typedef struct xls_sheet {
	doc_str name;
	uint32_t at;
} xls_sheet;

typedef struct xls_box {
	uint16_t object;
	bool note;
	uint16_t row, col;
	size_t start, end; /* in boxes_text */
} xls_box;

typedef struct xls {
	ole *o;
	read_build *b;
	compose c;
	buf stream, value;
	codepages pages;
	biff biff;
	xlsx_styles styles;
	bool epoch1904;
	buf strings; /* shared ones, one behind the other */
	size_t *ends;
	size_t nends, ends_cap;
	xls_sheet *sheets;
	size_t nsheets, sheets_cap;
	xls_box *boxes; /* of the sheet */
	size_t nboxes, boxes_cap;
	buf boxes_text;
	uint32_t *by_object; /* 1 + index of the box of an object; 65,536 */
	uint16_t object;     /* the last one */
	long row;	 /* that is being written; -1: none */
	const char *why; /* it cannot be read; NULL: it can */
	bool nomem;
} xls;

/* ---- the workbook --------------------------------------------------------------------- */

static void
xls_begin(xls *x, biff_record *r)
{
	uint16_t version = biff_u16(r);

	x->biff.wide = version >= XLS_BIFF8;
	if (version < 0x500)
		x->why = "a workbook of Excel 4 or older";
}

static void
xls_sheet_named(xls *x, biff_record *r)
{
	uint32_t at = biff_u32(r);

	biff_u16(r);
	x->value.len = 0;
	biff_string(r, true, &x->value);
	if (x->nsheets == XLSX_SHEETS)
		return;
	if (!mem_grow(&x->sheets, &x->sheets_cap, x->nsheets + 1, sizeof *x->sheets)) {
		x->nomem = true;
		return;
	}
	x->sheets[x->nsheets++] = (xls_sheet){ read_build_copy(x->b, (const char *)x->value.p, x->value.len), at };
}

static void
xls_strings(xls *x, biff_record *r)
{
	biff_u32(r);
	for (uint32_t n = biff_u32(r); n && !r->bad && !x->nomem; n--) {
		biff_string(r, false, &x->strings);
		if (!mem_grow(&x->ends, &x->ends_cap, x->nends + 1, sizeof *x->ends))
			x->nomem = true;
		else
			x->ends[x->nends++] = x->strings.len;
	}
	x->o->damaged |= r->bad;
}

static void
xls_format(xls *x, biff_record *r)
{
	uint16_t id = biff_u16(r);

	x->value.len = 0;
	biff_string(r, !x->biff.wide, &x->value);
	if (!xlsx_styles_add(&x->styles, id, read_str((const char *)x->value.p, x->value.len)))
		x->nomem = true;
}

static void
xls_style(xls *x, biff_record *r)
{
	biff_u16(r);
	if (!xlsx_styles_add_cell(&x->styles, biff_u16(r)))
		x->nomem = true;
}

/* What stands before the sheets. */
static void
xls_globals(xls *x)
{
	biff_record r;

	while (!x->nomem && !x->why && biff_next(&x->biff, &r) && r.id != R_EOF) {
		if (r.id == R_BEGIN)
			xls_begin(x, &r);
		else if (r.id == R_PASSWORD)
			x->why = "a workbook that is encrypted with a password";
		else if (r.id == R_PAGE)
			x->biff.page = biff_u16(&r);
		else if (r.id == R_1904)
			x->epoch1904 = biff_u16(&r);
		else if (r.id == R_SHEET)
			xls_sheet_named(x, &r);
		else if (r.id == R_STRINGS)
			xls_strings(x, &r);
		else if (r.id == R_FORMAT)
			xls_format(x, &r);
		else if (r.id == R_STYLE)
			xls_style(x, &r);
	}
}

/* ---- cells ---------------------------------------------------------------------------- */

/* Row, column and style stand at the beginning of all records of cells. */
static uint16_t
xls_cell(xls *x, biff_record *r)
{
	uint16_t row = biff_u16(r);

	biff_u16(r);
	compose_ask(&x->c, row != x->row ? COMPOSE_LINE : COMPOSE_TAB);
	x->row = row;
	return biff_u16(r);
}

static void
xls_number(xls *x, double v, uint16_t style)
{
	char out[XLSX_NUMBER_MAX];

	xlsx_write(out, v, xlsx_styles_format(&x->styles, style), x->epoch1904);
	compose_text(&x->c, out, strlen(out));
}

static double
xls_double(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

/* 30 bits of a whole number, or the upper ones of a double; perhaps in hundredths. */
static double
xls_rk(uint32_t rk)
{
	double v = rk & 2 ? (double)((int32_t)rk >> 2) : xls_double((uint64_t)(rk & ~3u) << 32);

	return rk & 1 ? v / 100 : v;
}

static void
xls_bool(xls *x, bool v)
{
	compose_text(&x->c, v ? "TRUE" : "FALSE", v ? 4 : 5);
}

static void
xls_formula(xls *x, biff_record *r)
{
	uint16_t style = xls_cell(x, r);
	uint64_t v = biff_u64(r);

	if (v >> 48 != 0xffff)
		xls_number(x, xls_double(v), style);
	else if ((v & 0xff) == 1)
		xls_bool(x, v >> 16 & 0xff);
}

static void
xls_text(xls *x, biff_record *r)
{
	x->value.len = 0;
	biff_string(r, false, &x->value);
	if (x->value.len)
		compose_text(&x->c, (const char *)x->value.p, x->value.len);
}

static void
xls_shared(xls *x, uint32_t i)
{
	size_t start;

	if (i >= x->nends || x->strings.failed) {
		x->o->damaged = true;
		return;
	}
	start = i ? x->ends[i - 1] : 0;
	if (x->ends[i] > start)
		compose_text(&x->c, (const char *)x->strings.p + start, x->ends[i] - start);
}

static void
xls_numbers(xls *x, biff_record *r)
{
	uint16_t row = biff_u16(r);

	biff_u16(r);
	compose_ask(&x->c, row != x->row ? COMPOSE_LINE : COMPOSE_TAB);
	x->row = row;
	while (r->end - r->at >= 6) {
		uint16_t style = biff_u16(r);

		xls_number(x, xls_rk(biff_u32(r)), style);
		compose_ask(&x->c, COMPOSE_TAB);
	}
}

/* ---- boxes and comments --------------------------------------------------------------- */

static void
xls_object(xls *x, biff_record *r)
{
	if (biff_u16(r) != 0x15)
		return;
	biff_u16(r);
	biff_u16(r);
	x->object = biff_u16(r);
}

/* The characters are in the record that continues this one. */
static void
xls_box_text(xls *x, biff_record *r)
{
	xls_box box = { .object = x->object, .start = x->boxes_text.len };
	size_t n;

	biff_skip(r, 10);
	n = biff_u16(r);
	if (!n || x->nboxes == XLS_NOTES || !x->biff.wide || !biff_more(r))
		return;
	biff_chars(r, n, biff_u8(r) & 1, &x->boxes_text);
	box.end = x->boxes_text.len;
	if (!x->by_object)
		x->by_object = mem_calloc(65536, sizeof *x->by_object);
	if (!x->by_object || !mem_grow(&x->boxes, &x->boxes_cap, x->nboxes + 1, sizeof *x->boxes)) {
		x->nomem = true;
		return;
	}
	x->boxes[x->nboxes++] = box;
	x->by_object[box.object] = (uint32_t)x->nboxes;
}

static void
xls_note(xls *x, biff_record *r)
{
	uint16_t row = biff_u16(r), col = biff_u16(r), object;
	uint32_t i;

	biff_u16(r);
	object = biff_u16(r);
	if (r->bad || !x->by_object)
		return;
	i = x->by_object[object];
	if (i && i <= x->nboxes && x->boxes[i - 1].object == object) {
		x->boxes[i - 1].note = true;
		x->boxes[i - 1].row = row;
		x->boxes[i - 1].col = col;
	}
}

static void
xls_boxes(xls *x)
{
	char at[40];

	for (size_t i = 0; i < x->nboxes && !x->boxes_text.failed; i++) {
		const xls_box *box = &x->boxes[i];
		unsigned col = box->col % 256, n = 0;

		compose_ask(&x->c, COMPOSE_PARAGRAPH);
		if (box->note) {
			char letters[3] = { (char)('A' + col / 26 - 1), (char)('A' + col % 26), 0 };

			n = (unsigned)snprintf(at, sizeof at, "[Comment %s%u] ", letters + (col < 26), box->row + 1u);
			compose_raw(&x->c, at, n);
		}
		compose_text(&x->c, (const char *)x->boxes_text.p + box->start, box->end - box->start);
	}
	x->nboxes = 0;
	x->boxes_text.len = 0;
}

/* ---- sheets --------------------------------------------------------------------------- */

static void
xls_record(xls *x, biff_record *r)
{
	uint16_t style;

	switch (r->id) {
	case R_LABEL_SHARED:
		xls_cell(x, r);
		xls_shared(x, biff_u32(r));
		break;
	case R_LABEL:
	case R_RICH_LABEL:
		xls_cell(x, r);
		xls_text(x, r);
		break;
	case R_RESULT: /* of the formula before */
		xls_text(x, r);
		break;
	case R_NUMBER:
		style = xls_cell(x, r);
		xls_number(x, xls_double(biff_u64(r)), style);
		break;
	case R_NUMBER_RK:
		style = xls_cell(x, r);
		xls_number(x, xls_rk(biff_u32(r)), style);
		break;
	case R_NUMBERS_RK:
		xls_numbers(x, r);
		break;
	case R_FORMULA:
		xls_formula(x, r);
		break;
	case R_BOOL:
		xls_cell(x, r);
		style = biff_u16(r);
		if (style < 0x100) /* else an error */
			xls_bool(x, style);
		break;
	case R_OBJECT:
		xls_object(x, r);
		break;
	case R_BOX:
		xls_box_text(x, r);
		break;
	case R_NOTE:
		xls_note(x, r);
		break;
	default:
		break;
	}
}

/* A chart keeps the numbers that it shows: they stand in the sheets. */
static bool
xls_is_chart(biff_record *r)
{
	biff_u16(r);
	return biff_u16(r) == XLS_CHART;
}

/* From its BEGIN to its EOF; a chart on it has those too. */
static cdg_status
xls_sheet_read(xls *x, const xls_sheet *sheet, cdg_error *err)
{
	unsigned depth = 0;
	bool chart = false;
	biff_record r;

	compose_ask(&x->c, COMPOSE_PARAGRAPH);
	compose_heading_begin(&x->c, 1, tree_kind_name(TREE_SECTION));
	compose_text(&x->c, sheet->name.p, sheet->name.n);
	compose_heading_end(&x->c);
	x->row = -1;
	x->biff.at = sheet->at;
	if (sheet->at >= x->biff.n)
		x->o->damaged = true;
	while (!x->nomem && x->b->text.len <= x->o->job->limits.text && biff_next(&x->biff, &r)) {
		if (r.id == R_BEGIN)
			chart |= !depth++ && xls_is_chart(&r);
		else if (r.id == R_EOF && depth-- <= 1)
			break;
		else if (depth == 1 && !chart)
			xls_record(x, &r);
	}
	xls_boxes(x);
	/* sheets may be said to begin anywhere: going over the same again counts */
	return extract_charge(x->o->job, x->o->in, x->biff.at > sheet->at ? x->biff.at - sheet->at : 0, err);
}

static cdg_status
xls_read(xls *x, long storage, const extract_input *in, cdg_error *err)
{
	long stream = ole_find(x->o, storage, "Workbook");

	CDG_TRY(ole_read(x->o, stream != OLE_NONE ? stream : ole_find(x->o, storage, "Book"), &x->stream, err));
	x->biff = (biff){ .data = x->stream.p, .n = x->stream.len, .page = 1252, .pages = &x->pages };
	if (x->stream.len < 8 || load_u16(x->stream.p) != R_BEGIN)
		x->why = "a workbook of Excel that does not begin as one";
	xls_globals(x);
	if (x->why)
		return extract_problem(x->o->job, in, false, err, "%s", x->why);
	CDG_TRY(ole_meta(x->o, storage, x->b, err));
	for (size_t i = 0; i < x->nsheets; i++)
		CDG_TRY(xls_sheet_read(x, &x->sheets[i], err));
	if (x->nomem || x->strings.failed || x->value.failed || x->boxes_text.failed)
		return err_nomem(err);
	compose_end(&x->c);
	CDG_TRY(office_old_give(x->o, in, "xls", err));
	return embedded_ole(x->o, storage, in, err);
}

cdg_status
office_xls(ole *o, long storage, const extract_input *in, cdg_error *err)
{
	xls x = { .o = o, .b = extract_begin(o->job, in) };
	cdg_status st;

	compose_init(&x.c, x.b);
	st = xls_read(&x, storage, in, err);
	codepages_fini(&x.pages);
	xlsx_styles_fini(&x.styles);
	buf_fini(&x.stream);
	buf_fini(&x.value);
	buf_fini(&x.strings);
	buf_fini(&x.boxes_text);
	mem_free(x.ends);
	mem_free(x.sheets);
	mem_free(x.boxes);
	mem_free(x.by_object);
	return st;
}
