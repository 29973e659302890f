/* inverter.h - tokens in, posting streams in memory out.  One a worker thread;
 * nothing is shared until the flush, when others only read.
 *
 * All terms, forms and postings live in one region of address space that is
 * reserved at once and filled from the bottom (INVERTER_MAX bytes, 32-bit
 * addresses), so that nothing ever moves and a reset gives all of it back to
 * the system.  A hash table of (32 bits of hash, address) leads to the entries.
 *
 * ENTRY: header, bytes of the term, first slice of its stream.  A stream grows
 * by slices of doubling size; the last four bytes of a full slice are the
 * address of the next.  In the stream, for each occurrence:
 *
 *   varint (p << 2 | has code << 1 | first of its document)
 *   varint document - document before (first: + 1)       if first of its document
 *   varint code                                          if it has one
 *
 * p is the position in the first occurrence of a document, else the distance
 * from the one before.  Codes are those of engine/postings.h; the number of a
 * form counts in this inverter only.
 */
#ifndef INDEXER_INVERTER_H
#define INDEXER_INVERTER_H

#include "base/base.h"
#include "text/text.h"

enum { INVERTER_FORMS_MAX = 1 << 16 }; /* of one term; what comes then counts as lower case */

typedef struct inv_entry {
	uint32_t at, end;   /* where the stream goes on; end of the slice, its link left out */
	uint32_t last_doc, last_pos;
	uint64_t langs;     /* languages of the documents, a bit each */
	uint32_t forms;     /* address of the newest form, 0: none */
	uint16_t field;
	uint8_t len;
	uint8_t level;      /* of the slice; | INV_CODES */
	uint8_t term[];
} inv_entry;

enum { INV_CODES = 0x80, INV_LEVEL = 0x7f, INV_SLICE_MIN = 12, INV_LINK = 4, INV_RAW_MAX = 255 };

typedef struct inv_form {
	uint32_t before;    /* the form found before this, 0: none */
	uint32_t index, entry;
	uint8_t width, len;
	uint8_t raw[];
} inv_form;

typedef struct inverter {
	uint8_t *base;
	uint64_t reserved, used;
	uint64_t *slots;    /* hash << 32 | address; 0 free */
	uint32_t mask;
	uint32_t count;     /* entries */
	uint64_t *form_slots;
	uint32_t form_mask, form_count;
	uint32_t doc;
	uint64_t lang;      /* bit of the document's language */
	bool huge;          /* ask for huge pages */
	bool full;          /* no room: this document and all until the reset are not complete */
} inverter;

/* limit: most bytes of terms and postings (0: as much as addresses allow).
 * huge: worth huge pages. */
cdg_status inverter_init(inverter *v, uint64_t limit, bool huge, cdg_error *err);
void inverter_fini(inverter *v);
/* Forget everything; memory goes back to the system. */
void inverter_reset(inverter *v);
/* Bytes in use. */
uint64_t inverter_bytes(const inverter *v);

/* The tokens that follow are of this document (rising from call to call). */
CDG_INLINE void
inverter_begin(inverter *v, uint32_t doc, text_lang lang)
{
	v->doc = doc;
	v->lang = (uint64_t)1 << (lang & 63);
}
/* Tokens of one field in the order of the text; `text` is what their start and
 * end count in.  v->full afterwards: they did not all fit. */
void inverter_add(inverter *v, unsigned field, const text_token *t, size_t n, const char *text);

CDG_INLINE const inv_entry *
inverter_entry(const inverter *v, uint32_t addr)
{
	return (const inv_entry *)(const void *)(v->base + addr);
}
CDG_INLINE const inv_form *
inverter_form(const inverter *v, uint32_t addr)
{
	return (const inv_form *)(const void *)(v->base + addr);
}

/* Length of the stream of an entry, about. */
uint64_t inverter_stream_bytes(const inverter *v, uint32_t entry);

/* ---- reading a stream ----------------------------------------------- */

enum { INV_READ = 4096, INV_OCCURRENCE_MAX = 24 };

typedef struct inv_reader {
	const inverter *v;
	uint32_t slice, slice_end, stop; /* next byte to fetch; end of its slice; end of all */
	uint8_t level;
	bool end;           /* no further occurrence */
	/* the occurrence read ahead */
	bool first;         /* of its document */
	uint32_t doc, pos, code;
	const uint8_t *at, *limit;
	uint8_t data[INV_READ + 16];
} inv_reader;

void inv_reader_open(inv_reader *r, const inverter *v, uint32_t entry);
void inv_reader_fill(inv_reader *r);

CDG_INLINE uint64_t
inv_reader_varint(inv_reader *r)
{
	uint64_t x = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint64_t b = *r->at++;
		x |= (b & 0x7f) << shift;
		if (b < 0x80)
			break;
	}
	return x;
}

/* Any occurrence. */
CDG_INLINE void
inv_reader_decode(inv_reader *r)
{
	uint64_t x = inv_reader_varint(r);

	r->first = x & 1;
	if (x & 1) {
		r->pos = (uint32_t)(x >> 2);
		r->doc += (uint32_t)inv_reader_varint(r);
	} else {
		r->pos += (uint32_t)(x >> 2);
	}
	r->code = x & 2 ? (uint32_t)inv_reader_varint(r) : 0;
}

/* The seven-bit groups of a varint of up to four bytes joined. */
CDG_INLINE uint32_t
inv_reader_join(uint64_t x)
{
	return (uint32_t)((x & 0x7f) | (x & 0x7f00) >> 1 | (x & 0x7f0000) >> 2 | (x & 0x7f000000) >> 3);
}

/* Read one occurrence ahead: r->first, doc, pos, code; or r->end.  The usual
 * one is decoded from a word without a branch on its lengths. */
CDG_INLINE void
inv_reader_next(inv_reader *r)
{
	const uint64_t ends = 0x8080808080808080u, top = (uint64_t)1 << 63;
	uint64_t word, second, first, some;
	unsigned len, doc_len, code;
	uint32_t x;

	if (unlikely(r->limit - r->at < INV_OCCURRENCE_MAX)) {
		if (r->slice != r->stop)
			inv_reader_fill(r);
		if (r->at == r->limit) {
			r->end = r->first = true;
			return;
		}
	}
	word = load_u64(r->at);
	first = word & 1;
	some = word >> 1 & 1;
	len = (unsigned)__builtin_ctzll((~word & ends) | top) + 1; /* bits */
	second = len < 64 ? word >> len : 0;
	doc_len = ((unsigned)__builtin_ctzll((~second & ends) | top) + 1) & (0u - (unsigned)first);
	code = (unsigned)(second >> (doc_len & 63)) & (0u - (unsigned)some) & 0xff;
	if (unlikely(len + doc_len > 56 || len > 32 || doc_len > 32 || code >= 0x80)) {
		inv_reader_decode(r);
		return;
	}
	x = inv_reader_join(word & (((uint64_t)1 << len) - 1)) >> 2;
	r->doc += inv_reader_join(second & (((uint64_t)1 << doc_len) - 1));
	r->first = first;
	r->pos = x + (r->pos & (uint32_t)(first - 1));
	r->code = code;
	r->at += (len + doc_len) / 8 + some;
}

#endif
