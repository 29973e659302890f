/* doc.c - Word 97 to 2003 (.doc, .dot), and the text of Word 6 and 95.
 *
 * One document: the body in order, with headings (by outline level, of the paragraph or its
 * style) as sections, tables as sections of kind table, footnotes and endnotes behind their
 * paragraph as sections of kind footnote, numbers of lists and headings as part of the text;
 * behind the body what stands in boxes, headers and footers (each once) and comments.  Of
 * fields the result is text, not the instruction; deleted and hidden text is none.  Files do
 * not say where pages end.  Metadata as in docx.c, from the summaries.
 *
 * The text is in pieces of 8 or 16 bits a character that stand anywhere in the file, in the
 * order of a table (files that were "fast saved" have many).  Of Word 6 and 95 text, cells
 * and notes are read, without styles. */
#include "extract/reader/doc.h"

#include "extract/read_file.h"
#include "extract/reader/embedded.h"
#include "extract/reader/office_old.h"

enum {
	FIB_VERSION = 2,
	FIB_LANGUAGE = 6,
	FIB_FLAGS = 10,
	FIB_COMPLEX = 0x4,
	FIB_ENCRYPTED = 0x100,
	FIB_TABLE1 = 0x200,
	FIB_PARTS = 0x4c,
	FIB_TABLES = 0x9a,
	FIB_OLD_PARTS = 0x34,
	FIB_OLD_CLX = 0x160,
	DOC_PIECES = 1 << 20
};

rd
doc_table_at(const doc *d, unsigned which)
{
	size_t slot = FIB_TABLES + 8 * (size_t)which;
	uint32_t at, n;

	if (d->old || slot + 8 > d->main.len)
		return rd_make("", 0);
	at = load_u32(d->main.p + slot);
	n = load_u32(d->main.p + slot + 4);
	if (at >= d->table.len)
		return rd_make("", 0);
	return rd_make(d->table.p + at, min_size(n, d->table.len - at));
}

/* What is behind the end of the stream is cut off; one character stands in one piece only, so
 * that more of them than the stream has bytes are none. */
static void
doc_piece_add(doc *d, uint32_t n, uint64_t at, bool wide)
{
	size_t size = wide ? 2 : 1, left = at < d->main.len ? (d->main.len - (size_t)at) / size : 0;

	if (n > left || d->npieces == DOC_PIECES || n > d->main.len - d->total) {
		d->o->damaged = true;
		n = (uint32_t)min_size(min_size(n, left), d->main.len - d->total);
		if (d->npieces == DOC_PIECES)
			return;
	}
	if (!mem_grow(&d->pieces, &d->pieces_cap, d->npieces + 1, sizeof *d->pieces)) {
		d->nomem = true;
		return;
	}
	d->pieces[d->npieces++] = (doc_piece){ d->total, n, (uint32_t)at, wide };
	d->total += n;
}

/* Character positions, one more than there are pieces, then what each is. */
static void
doc_piece_table(doc *d, const uint8_t *p, size_t n)
{
	size_t count = n >= 16 ? (n - 4) / 12 : 0;
	const uint8_t *pcd = p + 4 * (count + 1);

	for (size_t i = 0; i < count && !d->nomem; i++) {
		uint32_t from = load_u32(p + 4 * i), to = load_u32(p + 4 * i + 4), fc = load_u32(pcd + 8 * i + 2);

		if (to < from || from != d->total) {
			d->o->damaged = true;
			return;
		}
		if (d->old)
			doc_piece_add(d, to - from, fc, false);
		else if (fc & 0x40000000)
			doc_piece_add(d, to - from, (fc & 0x3fffffff) / 2, false);
		else
			doc_piece_add(d, to - from, fc & 0x3fffffff, true);
	}
}

static void
doc_clx(doc *d, rd r)
{
	while (rd_left(&r) && !r.bad) {
		uint8_t kind = rd_u8(&r);
		size_t n;

		if (kind == 1) { /* changes of properties */
			rd_bytes(&r, rd_u16(&r));
		} else if (kind == 2) {
			n = min_size(rd_u32(&r), rd_left(&r));
			doc_piece_table(d, r.at, n);
			return;
		} else {
			return;
		}
	}
}

/* Where there is no table, the text stands in one piece. */
static void
doc_pieces_read(doc *d)
{
	const uint8_t *fib = d->main.p;
	uint32_t from = load_u32(fib + 0x18), to = load_u32(fib + 0x1c);

	if (!d->old) {
		doc_clx(d, doc_table_at(d, DOC_CLX));
	} else if (load_u16(fib + FIB_FLAGS) & FIB_COMPLEX) {
		uint32_t at = load_u32(fib + FIB_OLD_CLX), n = load_u32(fib + FIB_OLD_CLX + 4);

		if (at < d->main.len)
			doc_clx(d, rd_make(fib + at, min_size(n, d->main.len - at)));
	}
	if (!d->npieces && from < to && !d->nomem) {
		d->o->damaged |= !d->old;
		doc_piece_add(d, to - from, from, false);
	}
}

static void
doc_parts_read(doc *d)
{
	const uint8_t *p = d->main.p + (d->old ? FIB_OLD_PARTS : FIB_PARTS);
	uint64_t all = 0;

	for (size_t i = 0; i < DOC_PARTS; i++) {
		d->part[i] = (uint32_t)min_size(load_u32(p + 4 * i), d->total - (size_t)all);
		all += d->part[i];
	}
	if (!d->part[DOC_BODY])
		d->part[DOC_BODY] = d->total - (uint32_t)all;
}

/* The code page that Windows writes a language in, by the primary part of its number. */
static unsigned
doc_page_of(uint16_t lid)
{
	static const uint16_t pages[][2] = { { 0x04, 936 },  { 0x05, 1250 }, { 0x0e, 1250 }, { 0x15, 1250 }, { 0x18, 1250 },
					     { 0x1a, 1250 }, { 0x1b, 1250 }, { 0x24, 1250 }, { 0x02, 1251 }, { 0x19, 1251 },
					     { 0x22, 1251 }, { 0x23, 1251 }, { 0x08, 1253 }, { 0x1f, 1254 }, { 0x0d, 1255 },
					     { 0x01, 1256 }, { 0x25, 1257 }, { 0x26, 1257 }, { 0x27, 1257 }, { 0x1e, 874 },
					     { 0x11, 932 },  { 0x12, 949 } };

	if (lid == 0x0404 || lid == 0x0c04)
		return 950;
	for (size_t i = 0; i < countof(pages); i++)
		if (pages[i][0] == (lid & 0x3ff))
			return pages[i][1];
	return 1252;
}

/* NULL, or why the file is not read. */
static const char *
doc_head(doc *d)
{
	uint16_t version, flags;

	if (d->main.len < 0x200)
		return "a Word document that ends in its head";
	if (load_u16(d->main.p) != 0xa5ec && load_u16(d->main.p) != 0xa5dc)
		return "a Word document whose head is damaged";
	version = load_u16(d->main.p + FIB_VERSION);
	flags = load_u16(d->main.p + FIB_FLAGS);
	if (flags & FIB_ENCRYPTED)
		return "a Word document that is encrypted with a password";
	if (version < 101)
		return "a document of Word 2 or older";
	d->old = version < 193;
	d->lid = load_u16(d->main.p + FIB_LANGUAGE);
	d->page = d->old ? doc_page_of(d->lid) : 1252;
	return NULL;
}

static cdg_status
doc_streams(doc *d, long storage, const char **why, cdg_error *err)
{
	bool second;

	CDG_TRY(ole_read(d->o, ole_find(d->o, storage, "WordDocument"), &d->main, err));
	*why = doc_head(d);
	if (*why || d->old)
		return CDG_OK;
	second = load_u16(d->main.p + FIB_FLAGS) & FIB_TABLE1;
	CDG_TRY(ole_read(d->o, ole_find(d->o, storage, second ? "1Table" : "0Table"), &d->table, err));
	if (!d->table.len)
		d->o->damaged = true;
	return CDG_OK;
}

/* The language of the program that wrote the file, unless its runs say another. */
static void
doc_finish(doc *d, read_build *b)
{
	uint16_t lid = d->nstyles && d->styles[0].chars.lang ? d->styles[0].chars.lang : d->lid;

	rtf_out_end(&d->out);
	meta_langs_end(&d->out.langs, b, codepage_language(lid));
	meta_title_else(b, d->title.n ? d->title : d->out.c.first_heading);
	if (d->nomem || d->main.failed || d->table.failed)
		b->failed = true;
}

static cdg_status
doc_read(doc *d, long storage, const extract_input *in, cdg_error *err)
{
	read_build *b = extract_begin(d->o->job, in);
	const char *why;

	rtf_out_init(&d->out, b);
	CDG_TRY(doc_streams(d, storage, &why, err));
	if (why)
		return extract_problem(d->o->job, in, false, err, "%s", why);
	CDG_TRY(ole_meta(d->o, storage, b, err));
	doc_pieces_read(d);
	doc_parts_read(d);
	CDG_TRY(extract_charge(d->o->job, in, 2 * (uint64_t)d->total, err));
	doc_styles_read(d);
	doc_runs_read(d);
	doc_lists_read(d);
	doc_walk(d);
	doc_finish(d, b);
	CDG_TRY(office_old_give(d->o, in, "doc", err));
	return embedded_ole(d->o, storage, in, err);
}

cdg_status
office_doc(ole *o, long storage, const extract_input *in, cdg_error *err)
{
	doc *d = mem_calloc(1, sizeof *d);
	cdg_status st;

	if (!d)
		return err_nomem(err);
	d->o = o;
	arena_init(&d->lists.strings);
	st = doc_read(d, storage, in, err);
	rtf_out_fini(&d->out);
	docx_lists_fini(&d->lists);
	buf_fini(&d->main);
	buf_fini(&d->table);
	mem_free(d->pieces);
	mem_free(d->styles);
	mem_free(d->paras.runs);
	mem_free(d->chars.runs);
	mem_free(d);
	return st;
}
