/* rtf.c - Rich Text Format.
 *
 * There is no well-kept library for it, so the parser is our own: groups, control words
 * and destinations as in the specification (1.9.1), as far as text, its structure and
 * metadata go.  Paragraphs with an outline level, of their own or of their style, are
 * sections; rows of tables are lines; footnotes follow their paragraph; headers, footers
 * and remarks come last, once.  Deleted and hidden text is none.  Files do not say where
 * pages end.
 *
 * Characters stand in the code page of their font, or as UTF-16 with a number of bytes
 * behind them that older readers show instead (\ucN).  Whatever a destination is that is
 * marked as one to be passed over, and is not known here, is passed over. */
#include <stdio.h>

#include "extract/read_file.h"
#include "extract/reader/embedded.h"
#include "extract/reader/readers.h"
#include "extract/reader/rtf_out.h"
#include "extract/word.h"

enum {
	RTF_DEPTH = 512, /* groups in groups; deeper ones are passed over */
	RTF_FONTS = 65536,
	RTF_STYLES = 4096,
	RTF_WORD_MAX = 32,
};

typedef enum rtf_where { W_TEXT, W_FONTS, W_STYLES, W_INFO, W_SKIP } rtf_where;

typedef struct rtf_state {
	uint8_t where, alternative; /* rtf_where */
	uint8_t sink;
	uint8_t key; /* meta_key of the value */
	bool opens_aside, opens_value, hidden, deleted, starred;
	int8_t outline;
	bool in_table;
	uint16_t font;
	unsigned uc;
} rtf_state;

typedef struct rtf {
	const char *at, *end;
	rtf_out out;
	rtf_state s, stack[RTF_DEPTH];
	unsigned depth;
	size_t over; /* groups deeper than the stack */
	unsigned ansi; /* code page of the file */
	uint16_t *pages; /* code pages by font; 0: that of the file */
	unsigned font; /* that is defined */
	uint16_t plain; /* font of text that names none */
	int8_t styles[RTF_STYLES]; /* outline levels */
	int style; /* that is defined; -1: none */
	int8_t style_outline;
	unsigned skip; /* characters that older readers show */
	int year, month, day;
	bool too_deep, nomem;
	doc_str lang;
} rtf;

/* ---- words ---------------------------------------------------------------------------- */

typedef enum rtf_does {
	R_SKIP,     /* a destination that is no text */
	R_ASIDE,    /* arg: kind of what stands aside */
	R_VALUE,    /* arg: key of metadata */
	R_WHERE,    /* arg: rtf_where */
	R_THROUGH,  /* a destination of text, though marked to be passed over */
	R_CHAR,     /* arg: code point */
	R_BREAK,    /* arg: compose_break */
	R_PAR,
	R_CELL,
	R_ROW,
	R_PARD,
	R_PLAIN,
	R_INTBL,
	R_STYLE,
	R_OUTLINE,
	R_FONT,
	R_CHARSET,
	R_PAGE,     /* a code page; arg 0: the number says which */
	R_DEFAULT_FONT,
	R_LANG,
	R_HIDDEN,
	R_DELETED,
	R_UC,
	R_UNICODE,
	R_BIN,
	R_UPR,
	R_YEAR,
	R_MONTH,
	R_DAY
} rtf_does;

static const struct rtf_word {
	const char *name;
	uint8_t does;
	uint16_t arg;
} rtf_words[] = {
	{ "annotation", R_ASIDE, 'c' },	 { "ansi", R_PAGE, 1252 },	   { "ansicpg", R_PAGE, 0 },
	{ "atnauthor", R_SKIP, 0 },	 { "atndate", R_SKIP, 0 },	   { "atnid", R_SKIP, 0 },
	{ "author", R_VALUE, META_AUTHOR }, { "bin", R_BIN, 0 },	   { "bkmkend", R_SKIP, 0 },
	{ "bkmkstart", R_SKIP, 0 },	 { "bullet", R_CHAR, 0x2022 },	   { "category", R_VALUE, META_TYPE },
	{ "cell", R_CELL, 0 },		 { "colortbl", R_SKIP, 0 },	   { "company", R_VALUE, META_PUBLISHER },
	{ "creatim", R_VALUE, META_CREATED }, { "deff", R_DEFAULT_FONT, 0 }, { "deflang", R_LANG, 1 },
	{ "deleted", R_DELETED, 0 },	 { "do", R_THROUGH, 0 },	   { "doccomm", R_VALUE, META_DESCRIPTION },
	{ "dptxbxtext", R_THROUGH, 0 },	 { "dy", R_DAY, 0 },		   { "emdash", R_CHAR, 0x2014 },
	{ "emspace", R_CHAR, 0x2003 },	 { "endash", R_CHAR, 0x2013 },	   { "enspace", R_CHAR, 0x2002 },
	{ "f", R_FONT, 0 },		 { "falt", R_SKIP, 0 },		   { "fcharset", R_CHARSET, 0 },
	{ "fldinst", R_SKIP, 0 },	 { "fldrslt", R_THROUGH, 0 },	   { "fonttbl", R_WHERE, W_FONTS },
	{ "footer", R_ASIDE, 'h' },	 { "footerf", R_ASIDE, 'h' },	   { "footerl", R_ASIDE, 'h' },
	{ "footerr", R_ASIDE, 'h' },	 { "footnote", R_ASIDE, 'n' },	   { "header", R_ASIDE, 'h' },
	{ "headerf", R_ASIDE, 'h' },	 { "headerl", R_ASIDE, 'h' },	   { "headerr", R_ASIDE, 'h' },
	{ "info", R_WHERE, W_INFO },	 { "intbl", R_INTBL, 0 },	   { "keywords", R_VALUE, META_KEYWORDS },
	{ "lang", R_LANG, 0 },		 { "ldblquote", R_CHAR, 0x201c },  { "line", R_BREAK, COMPOSE_LINE },
	{ "lquote", R_CHAR, 0x2018 },	 { "mac", R_PAGE, 10000 },	   { "mo", R_MONTH, 0 },
	{ "nestcell", R_BREAK, COMPOSE_TAB }, { "nestrow", R_BREAK, COMPOSE_LINE }, { "nonesttables", R_SKIP, 0 },
	{ "nonshppict", R_SKIP, 0 },	 { "objdata", R_SKIP, 0 },	   { "outlinelevel", R_OUTLINE, 0 },
	{ "page", R_BREAK, COMPOSE_LINE }, { "par", R_PAR, 0 },		   { "pard", R_PARD, 0 },
	{ "pc", R_PAGE, 437 },		 { "pca", R_PAGE, 850 },	   { "pict", R_SKIP, 0 },
	{ "plain", R_PLAIN, 0 },	 { "qmspace", R_CHAR, 0x2005 },	   { "rdblquote", R_CHAR, 0x201d },
	{ "result", R_THROUGH, 0 },	 { "revtim", R_VALUE, META_MODIFIED }, { "row", R_ROW, 0 },
	{ "rquote", R_CHAR, 0x2019 },	 { "s", R_STYLE, 0 },		   { "sect", R_PAR, 0 },
	{ "shpinst", R_THROUGH, 0 },	 { "shptxt", R_THROUGH, 0 },	   { "softcol", R_THROUGH, 0 },
	{ "sp", R_SKIP, 0 },		 { "stylesheet", R_WHERE, W_STYLES }, { "subject", R_VALUE, META_SUBJECT },
	{ "tab", R_BREAK, COMPOSE_TAB }, { "tc", R_SKIP, 0 },		   { "title", R_VALUE, META_TITLE },
	{ "u", R_UNICODE, 0 },		 { "uc", R_UC, 0 },		   { "ud", R_UPR, 1 },
	{ "upr", R_UPR, 0 },		 { "v", R_HIDDEN, 0 },		   { "xe", R_SKIP, 0 },
	{ "yr", R_YEAR, 0 },
};

static int
rtf_word_order(const void *name, const void *word)
{
	return strcmp(name, ((const struct rtf_word *)word)->name);
}

/* ---- groups ------------------------------------------------------------------------------ */

static rtf_sink
rtf_sink_of(const rtf *r)
{
	return r->s.hidden || r->s.deleted || r->s.where == W_SKIP || r->over ? RTF_NOWHERE : (rtf_sink)r->s.sink;
}

static void
rtf_open(rtf *r)
{
	r->skip = 0;
	if (r->depth == RTF_DEPTH) {
		r->over++;
		r->too_deep = true;
		return;
	}
	r->stack[r->depth++] = r->s;
	r->s.opens_aside = r->s.opens_value = r->s.starred = false;
}

/* The end of an entry of the stylesheet: {\s1\outlinelevel0 heading 1;} */
static void
rtf_style_end(rtf *r)
{
	char *name = (char *)r->out.value.p;
	size_t n = r->out.value.len;

	if (r->style >= 0 && r->style < RTF_STYLES) {
		if (r->style_outline < 0 && n >= 9 && word_starts(name, name + n, "heading ") && name[8] >= '1' && name[8] <= '9')
			r->style_outline = (int8_t)(name[8] - '1');
		r->styles[r->style] = r->style_outline;
	}
	r->style = -1;
	r->style_outline = -1;
	r->out.value.len = 0;
}

static void
rtf_value_end(rtf *r)
{
	rtf_out *o = &r->out;
	meta_key key = (meta_key)r->s.key;
	char date[48];
	int n;

	if (key == META_CREATED || key == META_MODIFIED) {
		n = snprintf(date, sizeof date, "%04d-%02d-%02d", r->year, r->month, r->day);
		if (r->year > 0)
			meta_set(o->b, key, read_str(date, (size_t)n));
		r->year = r->month = r->day = 0;
	} else if (o->value.len && !o->value.failed) {
		meta_set(o->b, key, read_str((const char *)o->value.p, o->value.len));
	}
	o->value.len = 0;
}

static void
rtf_close(rtf *r)
{
	rtf_state ended = r->s;

	r->skip = 0;
	if (r->over) {
		r->over--;
		return;
	}
	rtf_out_flush(&r->out, rtf_sink_of(r));
	if (!r->depth)
		return;
	if (ended.opens_value)
		rtf_value_end(r);
	r->s = r->stack[--r->depth];
	if (ended.where == W_STYLES)
		rtf_style_end(r);
	if (ended.opens_aside)
		rtf_out_aside_end(&r->out);
	r->out.outline = r->s.outline;
	if (rtf_sink_of(r) == RTF_BODY && !r->out.begun)
		r->out.in_table = r->s.in_table;
}

/* ---- what words do ------------------------------------------------------------------------ */

static unsigned
rtf_page(const rtf *r)
{
	unsigned page = r->s.where == W_FONTS || r->s.where == W_INFO ? 0 : r->pages[r->s.font];

	return page ? page : r->ansi;
}

static void
rtf_destination(rtf *r, const struct rtf_word *w)
{
	rtf_out_flush(&r->out, rtf_sink_of(r));
	if (w->does == R_SKIP) {
		r->s.where = W_SKIP;
	} else if (w->does == R_ASIDE) {
		if (r->s.where == W_SKIP)
			return;
		if (rtf_out_aside(&r->out, (char)w->arg)) {
			r->s.opens_aside = true;
			r->s.sink = RTF_ASIDE;
		} else {
			r->s.where = W_SKIP;
		}
	} else if (w->does == R_VALUE) {
		if (r->s.where != W_INFO)
			return;
		r->s.sink = RTF_VALUE;
		r->s.key = (uint8_t)w->arg;
		r->s.opens_value = true;
		r->out.value.len = 0;
	} else if (w->does == R_WHERE && r->s.where == W_TEXT) {
		r->s.where = (uint8_t)w->arg;
		r->s.sink = w->arg == W_STYLES ? RTF_VALUE : RTF_NOWHERE;
		r->out.value.len = 0;
	}
}

static void
rtf_font(rtf *r, const struct rtf_word *w, long n)
{
	uint16_t font = (uint16_t)n;

	if (w->does == R_CHARSET) {
		if (r->s.where == W_FONTS)
			r->pages[r->font] = (uint16_t)codepage_of_charset(n);
	} else if (r->s.where == W_FONTS) {
		r->font = font;
	} else if (w->does == R_DEFAULT_FONT) {
		r->plain = r->s.font = font;
	} else {
		r->s.font = font;
	}
}

static void
rtf_set_outline(rtf *r, int outline)
{
	r->s.outline = (int8_t)(outline >= 0 && outline < 9 ? outline : -1);
	if (rtf_sink_of(r) == RTF_BODY)
		r->out.outline = r->s.outline;
}

static void
rtf_paragraph_word(rtf *r, const struct rtf_word *w, long n)
{
	switch (w->does) {
	case R_PARD:
		rtf_set_outline(r, -1);
		r->s.in_table = false;
		break;
	case R_INTBL:
		r->s.in_table = true;
		break;
	case R_STYLE:
		if (r->s.where == W_STYLES)
			r->style = (int)n;
		else if (n >= 0 && n < RTF_STYLES)
			rtf_set_outline(r, r->styles[n]);
		break;
	default:
		if (r->s.where == W_STYLES)
			r->style_outline = (int8_t)(n >= 0 && n < 9 ? n : -1);
		else
			rtf_set_outline(r, (int)n);
		break;
	}
	if (rtf_sink_of(r) == RTF_BODY && !r->out.begun)
		r->out.in_table = r->s.in_table;
}

static void
rtf_break_word(rtf *r, const struct rtf_word *w)
{
	rtf_sink sink = rtf_sink_of(r);

	if (r->s.where != W_TEXT || sink == RTF_NOWHERE)
		return;
	if (w->does == R_BREAK)
		rtf_out_break(&r->out, sink, (compose_break)w->arg);
	else if (w->does == R_PAR)
		rtf_out_paragraph(&r->out, sink);
	else if (w->does == R_CELL)
		rtf_out_cell(&r->out, sink);
	else
		rtf_out_row(&r->out, sink);
}

static void
rtf_state_word(rtf *r, const struct rtf_word *w, bool given, long n)
{
	switch (w->does) {
	case R_PAGE:
		if (w->arg)
			r->ansi = w->arg;
		else if (n > 0 && n < 65536)
			r->ansi = (unsigned)n;
		break;
	case R_PLAIN:
		r->s.hidden = false;
		r->s.font = r->plain;
		break;
	case R_LANG:
		if (w->arg)
			r->lang = codepage_language(n);
		else
			meta_langs_begin(&r->out.langs, codepage_language(n));
		break;
	case R_HIDDEN:
		r->s.hidden = !given || n;
		break;
	case R_DELETED:
		r->s.deleted = !given || n;
		break;
	case R_UC:
		r->s.uc = n >= 0 && n < 100 ? (unsigned)n : 1;
		break;
	case R_UPR: /* the same twice, in the code page and in Unicode: the second is taken */
		if (w->arg) {
			r->s.where = r->s.where == W_SKIP ? r->s.alternative : r->s.where;
		} else {
			r->s.alternative = r->s.where;
			r->s.where = W_SKIP;
		}
		break;
	case R_YEAR:
		r->year = (int)n;
		break;
	case R_MONTH:
		r->month = (int)n;
		break;
	default:
		r->day = (int)n;
		break;
	}
}

static void
rtf_do(rtf *r, const struct rtf_word *w, bool given, long n)
{
	rtf_sink sink = rtf_sink_of(r);

	if (w->does <= R_THROUGH)
		rtf_destination(r, w);
	else if (w->does == R_CHAR)
		rtf_out_unit(&r->out, sink, w->arg);
	else if (w->does == R_UNICODE) {
		rtf_out_unit(&r->out, sink, (uint16_t)n);
		r->skip = r->s.uc;
	} else if (w->does == R_BIN) {
		size_t k = n > 0 ? (size_t)n : 0;

		r->at += min_size(k, (size_t)(r->end - r->at));
	} else if (w->does <= R_ROW) {
		rtf_break_word(r, w);
	} else {
		rtf_out_flush(&r->out, sink);
		if (w->does == R_FONT || w->does == R_CHARSET || w->does == R_DEFAULT_FONT)
			rtf_font(r, w, n);
		else if (w->does == R_PARD || (w->does >= R_INTBL && w->does <= R_OUTLINE))
			rtf_paragraph_word(r, w, n);
		else
			rtf_state_word(r, w, given, n);
	}
}

/* ---- bytes -------------------------------------------------------------------------------- */

static void
rtf_byte(rtf *r, char c)
{
	rtf_sink sink;

	if (r->skip) {
		r->skip--;
		return;
	}
	sink = rtf_sink_of(r);
	if (r->s.where == W_STYLES && c == ';')
		return;
	if (sink != RTF_NOWHERE)
		rtf_out_byte(&r->out, sink, rtf_page(r), c);
}

static void
rtf_word_read(rtf *r)
{
	char name[RTF_WORD_MAX + 1];
	const struct rtf_word *w;
	size_t n = 0;
	long v = 0;
	bool minus, given = false, starred = r->s.starred;

	for (; r->at < r->end && (unsigned)((*r->at | 0x20) - 'a') < 26; r->at++)
		if (n < RTF_WORD_MAX)
			name[n++] = *r->at;
	name[n] = 0;
	minus = r->at < r->end && *r->at == '-';
	r->at += minus;
	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++, given = true)
		v = v < 100000000 ? v * 10 + (*r->at - '0') : v;
	if (r->at < r->end && *r->at == ' ')
		r->at++;
	w = bsearch(name, rtf_words, countof(rtf_words), sizeof *rtf_words, rtf_word_order);
	r->s.starred = false;
	if (r->over)
		return;
	if (w && !(r->skip && w->does != R_UNICODE))
		rtf_do(r, w, given, minus ? -v : v);
	else if (r->skip)
		r->skip--;
	if (!w && starred)
		r->s.where = W_SKIP;
}

static int
rtf_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* Behind a backslash. */
static void
rtf_control(rtf *r)
{
	rtf_sink sink = rtf_sink_of(r);
	char c = *r->at;

	if ((unsigned)((c | 0x20) - 'a') < 26) {
		rtf_word_read(r);
		return;
	}
	r->at++;
	if (c == '\'') {
		int hi = r->end - r->at >= 2 ? rtf_hex(r->at[0]) : -1, lo = hi >= 0 ? rtf_hex(r->at[1]) : -1;

		if (lo >= 0) {
			r->at += 2;
			rtf_byte(r, (char)(hi << 4 | lo));
		}
	} else if (c == '*') {
		r->s.starred = true;
	} else if (r->skip) {
		r->skip--;
	} else if (c == '\\' || c == '{' || c == '}') {
		rtf_byte(r, c);
	} else if (c == '~') {
		rtf_out_unit(&r->out, sink, 0xa0);
	} else if (c == '_') {
		rtf_byte(r, '-');
	} else if ((c == '\n' || c == '\r') && r->s.where == W_TEXT && sink != RTF_NOWHERE) {
		rtf_out_paragraph(&r->out, sink);
	}
}

static void
rtf_run(rtf *r)
{
	while (r->at < r->end && !r->out.b->text.failed) {
		char c = *r->at++;

		if (c == '{')
			rtf_open(r);
		else if (c == '}')
			rtf_close(r);
		else if (c == '\\' && r->at < r->end)
			rtf_control(r);
		else if (c != '\r' && c != '\n' && c)
			rtf_byte(r, c);
	}
	while (r->depth)
		rtf_close(r);
}

bool
rtf_read(read_build *b, const char *data, size_t n)
{
	rtf *r = mem_calloc(1, sizeof *r);
	uint16_t *pages = mem_calloc(RTF_FONTS, sizeof *pages);

	if (!r || !pages) {
		mem_free(r);
		mem_free(pages);
		return false;
	}
	r->at = data;
	r->end = data + n;
	r->ansi = 1252;
	r->s = (rtf_state){ .where = W_TEXT, .alternative = W_SKIP, .sink = RTF_BODY, .outline = -1, .uc = 1 };
	r->style = r->style_outline = -1;
	memset(r->styles, -1, sizeof r->styles);
	r->pages = pages;
	rtf_out_init(&r->out, b);
	rtf_run(r);
	rtf_out_end(&r->out);
	meta_langs_end(&r->out.langs, b, r->lang);
	meta_title_else(b, r->out.c.first_heading);
	if (r->too_deep)
		read_build_warn(b, "groups nested more than %d deep are left out", RTF_DEPTH);
	rtf_out_fini(&r->out);
	mem_free(pages);
	mem_free(r);
	return true;
}

cdg_status
extract_rtf(extract_job *job, const extract_input *in, cdg_error *err)
{
	read_build *b = extract_begin(job, in);

	if (!rtf_read(b, in->data, in->n))
		return err_nomem(err);
	meta_title_else(b, read_file_name(in->name));
	CDG_TRY(extract_give(job, in, "rtf", err));
	return embedded_rtf(job, in, err);
}
