/* doctab.c - see doctab.h.  Where each array lies follows from the number of
 * documents and the mask of constant arrays, so reader and writer share
 * doctab_layout and the file needs no directory.
 */
#include "engine/doctab.h"

enum { ALIGN = 64, FIRST = PFILE_HEADER + 64, HEAD = 8 /* bytes used of the 64 */ };

struct doctab_packed {
	uint64_t store, hash;
	uint32_t tree_lo, length, source;
	uint8_t tree_hi, norm_text, norm_title, lang;
};

/* Where the arrays of n documents begin; returns where the payload ends. */
static uint64_t
doctab_layout(uint32_t n, uint32_t constant, size_t at[DOCTAB_COLS])
{
	uint64_t p = FIRST;

	for (unsigned c = 0; c < DOCTAB_COLS; c++) {
		at[c] = p;
		p += (constant >> c & 1 ? 1 : (uint64_t)n) * doctab_width(c);
		p = (p + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
	}
	return p;
}

/* ---- writing ---------------------------------------------------------------- */

void
doctab_writer_init(doctab_writer *w)
{
	memset(w, 0, sizeof *w);
}

void
doctab_writer_fini(doctab_writer *w)
{
	mem_free(w->rows);
	memset(w, 0, sizeof *w);
}

void
doctab_writer_reset(doctab_writer *w)
{
	w->n = 0;
}

cdg_status
doctab_writer_add(doctab_writer *w, const doctab_row *row, cdg_error *err)
{
	doctab_packed p = { .store = row->store, .hash = row->hash, .tree_lo = (uint32_t)row->tree,
			    .length = row->length, .source = row->source,
			    .tree_hi = (uint8_t)(row->tree >> 32), .norm_text = row->norm_text,
			    .norm_title = row->norm_title, .lang = row->lang };

	if (row->tree >> 40)
		return err_set(err, CDG_E_LIMIT, "the structure file of a segment is larger than 1 TB");
	if (w->n >= UINT32_MAX - 1)
		return err_set(err, CDG_E_LIMIT, "a segment has more than %u documents", UINT32_MAX - 1);
	if (!mem_grow(&w->rows, &w->cap, w->n + 1, sizeof *w->rows))
		return err_nomem(err);
	w->rows[w->n++] = p;
	return CDG_OK;
}

static doctab_row
doctab_unpack(const doctab_packed *p)
{
	doctab_row r = { .norm_text = p->norm_text, .norm_title = p->norm_title, .lang = p->lang,
			 .length = p->length, .source = p->source, .store = p->store,
			 .tree = (uint64_t)p->tree_hi << 32 | p->tree_lo, .hash = p->hash };
	return r;
}

doctab_row
doctab_writer_get(const doctab_writer *w, size_t i)
{
	return doctab_unpack(&w->rows[i]);
}

void
doctab_writer_set_store(doctab_writer *w, size_t i, uint64_t store)
{
	w->rows[i].store = store;
}

/* from[d] = input << 32 | row of document d of the segment. */
static cdg_status
doctab_invert(const doctab_input *in, size_t n, uint32_t ndocs, uint64_t *from, cdg_error *err)
{
	uint64_t found = 0;

	memset(from, 0xff, (size_t)ndocs * sizeof *from);
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; in[i].w && r < in[i].w->n; r++) {
			uint64_t doc = in[i].map ? in[i].map[r] : (uint64_t)in[i].first + r;
			if (in[i].map && doc == UINT32_MAX)
				continue;
			if (doc >= ndocs || from[doc] != UINT64_MAX)
				return err_set(err, CDG_E_ARG, "document %llu of a segment of %u comes twice or is none",
					       (unsigned long long)doc, ndocs);
			from[doc] = (uint64_t)i << 32 | r;
			found++;
		}
	if (found != ndocs)
		return err_set(err, CDG_E_ARG, "%llu documents of a segment of %u are missing",
			       (unsigned long long)(ndocs - found), ndocs);
	return CDG_OK;
}

static uint64_t
doctab_cell(const doctab_input *in, const doctab_packed *p, doctab_col col)
{
	uint64_t tree = ((uint64_t)p->tree_hi << 32 | p->tree_lo) + in->base_tree;

	switch (col) {
	case DOCTAB_NORM_TEXT: return p->norm_text;
	case DOCTAB_NORM_TITLE: return p->norm_title;
	case DOCTAB_LANG: return p->lang;
	case DOCTAB_TREE_HI: return tree >> 32;
	case DOCTAB_TREE_LO: return (uint32_t)tree;
	case DOCTAB_LENGTH: return p->length;
	case DOCTAB_SOURCE: return p->source;
	case DOCTAB_STORE: return p->store;
	default: return p->hash;
	}
}

/* The element of a document, `from` as doctab_invert made it. */
static uint64_t
doctab_from(const doctab_input *in, uint64_t from, doctab_col col)
{
	const doctab_input *i = &in[from >> 32];
	return doctab_cell(i, &i->w->rows[(uint32_t)from], col);
}

static bool
doctab_is_constant(const doctab_input *in, const uint64_t *from, uint32_t ndocs, doctab_col col)
{
	uint32_t d = 0;

	while (d < ndocs && doctab_from(in, from[d], col) == doctab_from(in, from[0], col))
		d++;
	return ndocs && d == ndocs;
}

static cdg_status
doctab_put(pwriter *out, const doctab_input *in, const uint64_t *from, uint32_t ndocs, cdg_error *err)
{
	static const uint8_t zero[FIRST - PFILE_HEADER - HEAD];
	uint32_t constant = 0;

	for (unsigned c = 0; c < DOCTAB_COLS; c++)
		if (!(DOCTAB_FULL >> c & 1) && doctab_is_constant(in, from, ndocs, c))
			constant |= 1u << c;
	pwriter_put(out, &ndocs, 4);
	pwriter_put(out, &constant, 4);
	pwriter_put(out, zero, sizeof zero);
	for (unsigned c = 0; c < DOCTAB_COLS; c++) {
		size_t width = doctab_width(c);
		uint32_t stored = constant >> c & 1 ? 1 : ndocs;
		for (uint32_t d = 0; d < stored; d++) {
			uint64_t v = doctab_from(in, from[d], c);
			if (c == DOCTAB_TREE_HI && v > UINT8_MAX)
				return err_set(err, CDG_E_LIMIT,
					       "the structure file of a segment is larger than 1 TB");
			pwriter_put(out, &v, width); /* little-endian: the low bytes come first */
		}
		pwriter_align(out, ALIGN);
	}
	return CDG_OK;
}

cdg_status
doctab_write(pwriter *out, const doctab_input *in, size_t n, uint32_t ndocs, cdg_error *err)
{
	uint64_t *from = mem_alloc((size_t)ndocs * sizeof *from);
	cdg_status st = from ? doctab_invert(in, n, ndocs, from, err) : err_nomem(err);

	if (st == CDG_OK)
		st = doctab_put(out, in, from, ndocs, err);
	mem_free(from);
	return st;
}

/* ---- reading ---------------------------------------------------------------- */

cdg_status
doctab_open(doctab *d, const char *path, const segment_id *id, cdg_error *err)
{
	const uint8_t *p;
	cdg_status st;

	memset(d, 0, sizeof *d);
	CDG_TRY(pfile_open(&d->f, path, DOCTAB_KIND, id, err));
	p = pfile_at(&d->f, PFILE_HEADER, 64);
	if (p) {
		d->ndocs = load_u32(p);
		d->constant = load_u32(p + 4);
		if (d->ndocs != UINT32_MAX && !(d->constant & DOCTAB_FULL) && !(d->constant >> DOCTAB_COLS) &&
		    (d->ndocs || !d->constant) &&
		    doctab_layout(d->ndocs, d->constant, d->at) == pfile_end(&d->f))
			return CDG_OK;
	}
	pfile_damaged(&d->f, PFILE_HEADER, "number of documents does not fit the file");
	st = pfile_error(&d->f, err);
	doctab_close(d);
	return st;
}

void
doctab_close(doctab *d)
{
	pfile_close(&d->f);
	memset(d, 0, sizeof *d);
}

const uint8_t *
doctab_norms(const doctab *d, doctab_col which)
{
	return pfile_at(&d->f, d->at[which], d->ndocs);
}

const uint32_t *
doctab_lengths(const doctab *d)
{
	return (const void *)pfile_at(&d->f, d->at[DOCTAB_LENGTH], (size_t)d->ndocs * 4);
}

bool
doctab_get(const doctab *d, uint32_t doc, doctab_row *row)
{
	return doctab_u8(d, DOCTAB_NORM_TEXT, doc, &row->norm_text) &&
	       doctab_u8(d, DOCTAB_NORM_TITLE, doc, &row->norm_title) &&
	       doctab_u8(d, DOCTAB_LANG, doc, &row->lang) &&
	       doctab_u32(d, DOCTAB_LENGTH, doc, &row->length) &&
	       doctab_u32(d, DOCTAB_SOURCE, doc, &row->source) &&
	       doctab_u64(d, DOCTAB_STORE, doc, &row->store) && doctab_tree(d, doc, &row->tree) &&
	       doctab_u64(d, DOCTAB_HASH, doc, &row->hash);
}

cdg_status
doctab_check(const doctab *d, cdg_error *err)
{
	uint64_t end;

	CDG_TRY(pfile_check(&d->f, err));
	for (unsigned c = 0; c <= DOCTAB_COLS; c++) {
		uint64_t at = c ? d->at[c - 1] + doctab_stored(d, c - 1) * doctab_width(c - 1) :
				  PFILE_HEADER + HEAD;
		end = c < DOCTAB_COLS ? d->at[c] : pfile_end(&d->f);
		for (; at < end; at++)
			if (d->f.map.at[at])
				return err_corrupt(err, d->f.path, at, "padding is not zero");
	}
	return CDG_OK;
}

/* ---- lengths in one byte ------------------------------------------------------ */

/* A number of up to 32 bits in a float of 4 significant bits, the leading one
 * implied: 0..7 are themselves, then (exponent + 1) << 3 | mantissa. */
static uint32_t
float4_encode(uint32_t v)
{
	unsigned shift = bits_u32(v) - 4;

	if (bits_u32(v) < 4)
		return v;
	return (shift + 1) << 3 | (v >> shift & 7);
}

static uint32_t
float4_decode(uint32_t code)
{
	return code < 8 ? code : (8 | (code & 7)) << ((code >> 3) - 1);
}

/* The largest length has code 231, so 24 of the 256 codes are left for the
 * smallest lengths. */
enum { NORM_FREE = 24 };

uint8_t
norm_encode(uint32_t length)
{
	length = min_u32(length, INT32_MAX);
	return (uint8_t)(length < NORM_FREE ? length : NORM_FREE + float4_encode(length - NORM_FREE));
}

uint32_t
norm_decode(uint8_t code)
{
	return code < NORM_FREE ? code : NORM_FREE + float4_decode(code - NORM_FREE);
}
