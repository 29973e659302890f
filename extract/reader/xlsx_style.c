/* xlsx_style.c - see xlsx.h. */
#include "extract/reader/xlsx.h"

#include <math.h>
#include <stdio.h>

enum { XS_FORMAT = 1, XS_CELLS, XS_XF };
enum { XS_MAX = 200000, XS_OWN = 4000, XS_LAST_DAY = 2958465 /* 9999-12-31 */ };

static const part_word style_words[] = {
	{ "cellXfs", OPC_SHEET, XS_CELLS },
	{ "numFmt", OPC_SHEET, XS_FORMAT },
	{ "xf", OPC_SHEET, XS_XF },
};

typedef struct xs_walk {
	xlsx_styles *s;
	bool in_cells, nomem;
} xs_walk;

/* What a code of a format shows: quoted text and [colours] are no part of it. */
static xlsx_format
xs_code(doc_str code)
{
	bool time = false;

	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i];

		if (c == '"' || c == '[') {
			char close = c == '"' ? '"' : ']';

			for (i++; i < code.n && code.p[i] != close; i++)
				time |= close == ']' && (code.p[i] == 'h' || code.p[i] == 's');
		} else if (c == '\\' || c == '_' || c == '*') {
			i++;
		} else if (c == '%') {
			return XLSX_PERCENT;
		} else if (c == 'y' || c == 'd' || c == 'Y' || c == 'D') {
			return XLSX_DATE;
		} else if (c == ';') {
			break;
		} else if (c == 'G') {
			return XLSX_PLAIN; /* General */
		} else {
			time |= c == 'h' || c == 'H' || c == 's' || c == 'S';
		}
	}
	return time ? XLSX_TIME : XLSX_PLAIN;
}

static xlsx_format
xs_format(const xlsx_styles *s, long id)
{
	for (size_t i = 0; i < s->nown; i++)
		if (s->own[i].id == id)
			return s->own[i].format;
	if (id == 9 || id == 10)
		return XLSX_PERCENT;
	if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47))
		return XLSX_TIME;
	if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
		return XLSX_DATE;
	return XLSX_PLAIN;
}

bool
xlsx_styles_add(xlsx_styles *s, long id, doc_str code)
{
	if (s->nown == XS_OWN)
		return true;
	if (!mem_grow(&s->own, &s->own_cap, s->nown + 1, sizeof *s->own))
		return false;
	s->own[s->nown].id = id;
	s->own[s->nown++].format = xs_code(code);
	return true;
}

bool
xlsx_styles_add_cell(xlsx_styles *s, long id)
{
	if (s->ncells == XS_MAX)
		return true;
	if (!mem_grow(&s->cells, &s->cells_cap, s->ncells + 1, 1))
		return false;
	s->cells[s->ncells++] = (uint8_t)xs_format(s, id);
	return true;
}

static bool
xs_start(void *ctx, unsigned id, const part_atts *atts)
{
	xs_walk *w = ctx;
	long format = part_att_number(atts, PART_ANY, "numFmtId", 0);

	if (id == XS_CELLS)
		w->in_cells = true;
	else if (id == XS_FORMAT)
		w->nomem |= !xlsx_styles_add(w->s, format, part_att(atts, PART_ANY, "formatCode"));
	else if (id == XS_XF && w->in_cells)
		w->nomem |= !xlsx_styles_add_cell(w->s, format);
	return true;
}

static void
xs_end(void *ctx, unsigned id)
{
	xs_walk *w = ctx;

	if (id == XS_CELLS)
		w->in_cells = false;
}

static void
xs_text(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
}

cdg_status
xlsx_styles_read(xlsx_styles *s, package *p, long member, cdg_error *err)
{
	static const part_reader reader = { style_words, countof(style_words), opc_space, xs_start, xs_end, xs_text };
	xs_walk w = { s, false, false };

	if (member < 0)
		return CDG_OK;
	CDG_TRY(part_parse(p, (size_t)member, &reader, &w, NULL, err));
	return w.nomem ? err_nomem(err) : CDG_OK;
}

void
xlsx_styles_fini(xlsx_styles *s)
{
	mem_free(s->cells);
	mem_free(s->own);
}

xlsx_format
xlsx_styles_format(const xlsx_styles *s, long cell)
{
	return cell >= 0 && (size_t)cell < s->ncells ? (xlsx_format)s->cells[cell] : XLSX_PLAIN;
}

/* ---- numbers -------------------------------------------------------------- */

/* 1900 counts as a leap year, since Lotus 1-2-3 did. */
static void
xs_date(char *out, double value, bool time_only, bool epoch1904)
{
	double whole = floor(value);
	long second = lround((value - whole) * 86400);
	int year, month, day, n = 0;

	if (second == 86400) {
		whole += 1;
		second = 0;
	}
	if (!time_only || whole >= 1) {
		int32_t zero = epoch1904 ? date_day(1904, 1, 1) : date_day(1899, 12, whole < 60 ? 31 : 30);

		date_civil(zero + (int32_t)whole, &year, &month, &day);
		n = snprintf(out, XLSX_NUMBER_MAX, "%04d-%02d-%02d", year, month, day);
	}
	if (time_only || second)
		n += snprintf(out + n, XLSX_NUMBER_MAX - (size_t)n, "%s%02ld:%02ld", n ? " " : "", second / 3600,
			      second / 60 % 60);
	if (second % 60)
		snprintf(out + n, XLSX_NUMBER_MAX - (size_t)n, ":%02ld", second % 60);
}

void
xlsx_write(char *out, double value, xlsx_format format, bool epoch1904)
{
	bool date = format == XLSX_DATE || format == XLSX_TIME;

	if (date && value >= 0 && value < XS_LAST_DAY)
		xs_date(out, value, format == XLSX_TIME, epoch1904);
	else if (format == XLSX_PERCENT)
		snprintf(out, XLSX_NUMBER_MAX, "%.12g%%", value * 100);
	else
		snprintf(out, XLSX_NUMBER_MAX, "%.15g", value);
}
