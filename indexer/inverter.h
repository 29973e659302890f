/* inverter.h - tokens in, streams of postings in memory out.  One a worker thread;
 * nothing is shared until the flush, when others only read.
 *
 * Three places of growing size, so that what does not stay in a cache is touched
 * as seldom as can be:
 *
 * SPAN: tokens, of several documents if these are short, are first gathered by term in
 * a small table that stays in the nearer caches, INV_SPAN_TOKENS at a time.
 *
 * ENTRIES: when a span is closed each of its terms is looked up once in a hash table
 * of (32 bits of hash, address) that leads to the entries: header, bytes of the term.
 *
 * LOGS: its occurrences then go, a record for each document, to the end of one of
 * INV_BUCKETS logs, by the term's hash; each is a chain of chunks.  inverter_gather sorts the records
 * of a log by term, a log at a time, so that each term has its stream in one piece.
 *
 * Terms, forms and logs live in one region of address space that is reserved at once
 * and filled from both ends (INVERTER_MAX bytes, 32-bit addresses), so that nothing
 * ever moves and a reset gives all of it back to the system.
 *
 * RECORD, of the occurrences of a term in a document and span:
 *
 *   varint  number of the entry in its bucket                  (in a log only)
 *   varint  (document - document before (first: + 1)) << 3 | coded << 2 | kind
 *   u8      code bytes << 1 | has high                         if kind is INV_ODD
 *   varint  bits 16 and up of the positions                    if it has high, else 0
 *   varint  number of occurrences                              unless kind is INV_ONE
 *   u16     low bits of the first position
 *   u8      position - position before - 1, of each other one  if kind is INV_NARROW
 *   u16     the same                                           if kind is INV_BROAD, INV_ODD
 *   u8, u16 code of each                                       if coded (u8 unless kind is INV_ODD)
 *
 * The difference is 0 where a record goes on with the document of the one before.
 * Codes are those of engine/postings.h; the number of a form counts in this
 * inverter only.
 */
#ifndef INDEXER_INVERTER_H
#define INDEXER_INVERTER_H

#include "base/base.h"
#include "text/text.h"

enum {
	INVERTER_FORMS_MAX = (1 << 16) - 16, /* of one term; what comes then counts as lower case */
	INV_SPAN_TOKENS = 32768,
	INV_SPAN_SLOTS = 2 * INV_SPAN_TOKENS
};

typedef struct inv_entry {
	uint64_t langs;     /* languages of the documents, a bit each */
	uint32_t bytes;     /* of its records */
	uint32_t stream;    /* where they are, when gathered */
	uint32_t number;    /* in its bucket */
	uint32_t last_doc, last_pos;
	uint32_t forms;     /* address of the newest form, 0: none */
	uint16_t field;
	uint8_t len;
	bool coded;         /* some code is not 0 */
	uint8_t term[];
} inv_entry;

enum { INV_ONE, INV_NARROW, INV_BROAD, INV_ODD, INV_CODED = 4, INV_FLAGS = 3 };
enum { INV_BUCKETS = 256, INV_RAW_MAX = 255 };

typedef struct inv_form {
	uint32_t before;    /* the form found before this, 0: none */
	uint32_t index, entry;
	uint8_t width, len;
	uint8_t raw[];
} inv_form;

/* A term of the span. */
typedef struct inv_item {
	uint64_t a, b;      /* the first 16 bytes, zeros behind */
	uint32_t hash;
	uint32_t entry;     /* 0: not known yet, and then it has no more than 16 bytes */
	uint32_t guess;     /* the entry if it is in the first place one looks */
	uint16_t field, slot;
	uint16_t codes;     /* of its occurrences, ored */
	uint8_t len;
} inv_item;

/* Neighbouring tokens of one document whose positions share the bits from 16 up. */
typedef struct inv_piece {
	uint32_t end;       /* number of the token after the last */
	uint32_t doc, high;
	uint64_t lang;
} inv_piece;

typedef struct inv_span {
	uint32_t n, nitems, npieces; /* the last piece is open */
	uint16_t slots[INV_SPAN_SLOTS]; /* item + 1; 0 free */
	uint16_t count[INV_SPAN_TOKENS]; /* by item */
	uint16_t item[INV_SPAN_TOKENS], pos[INV_SPAN_TOKENS], code[INV_SPAN_TOKENS]; /* by token */
	/* by item, then token: piece << 16 | low bits of the position; code */
	uint32_t place[INV_SPAN_TOKENS];
	uint16_t place_code[INV_SPAN_TOKENS];
	uint16_t run[INV_SPAN_TOKENS], run_code[INV_SPAN_TOKENS]; /* of one piece */
	uint32_t next[INV_SPAN_TOKENS]; /* by item: where the next occurrence goes */
	inv_piece pieces[INV_SPAN_TOKENS + 1];
	inv_item items[INV_SPAN_TOKENS];
} inv_span;

/* The records of a bucket.  A chunk begins with the address of the next one. */
typedef struct inv_log {
	uint32_t at, end;   /* where the next byte goes; end of the chunk */
	uint32_t first;     /* chunk, 0: none */
	uint32_t bytes;
	uint32_t entries;
} inv_log;

typedef struct inverter {
	uint8_t *base;
	uint64_t mapped, reserved, used; /* used: terms and forms, from the bottom */
	uint64_t chunks;    /* the lowest chunk: they are taken from the top */
	uint64_t *slots;    /* hash << 32 | address; 0 free */
	uint32_t mask;
	uint32_t count;     /* entries */
	uint64_t *form_slots;
	uint32_t form_mask, form_count;
	inv_span *span;
	inv_log log[INV_BUCKETS];
	uint32_t chunk;     /* bytes of one, a power of two */
	uint8_t *streams;   /* gathered; NULL: not yet */
	size_t streams_len;
	bool full;          /* no room: this document and all until the reset are not complete */
} inverter;

/* limit: most bytes of terms and records (0: as much as addresses allow).
 * small: little memory is to be used, so chunks are small. */
cdg_status inverter_init(inverter *v, uint64_t limit, bool small, cdg_error *err);
void inverter_fini(inverter *v);
/* Forget everything; memory goes back to the system. */
void inverter_reset(inverter *v);
/* Bytes in use. */
uint64_t inverter_bytes(const inverter *v);

/* The tokens that follow are of this document (not falling from call to call). */
void inverter_begin(inverter *v, uint32_t doc, text_lang lang);
/* No more tokens of this document; v->full: it did not fit as a whole, documents before
 * it did. */
void inverter_end(inverter *v);
/* No more tokens at all: the last ones too go to the logs. */
void inverter_finish(inverter *v);
/* Tokens of one field in the order of the text; `text` is what their start and
 * end count in. */
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

/* inverter_finish, and the logs become streams: once, before streams are read; nothing can be added until
 * the next reset. */
cdg_status inverter_gather(inverter *v, cdg_error *err);

/* ---- reading a stream (inverter_gather.c) ---------------------------- */

typedef struct inv_reader {
	const uint8_t *at, *limit;
	bool end;            /* no further record */
	/* the record read ahead: n occurrences in one document */
	bool first;          /* of its document; true at the end */
	uint8_t gap_bytes;   /* of each distance: 1, 2 */
	uint8_t code_bytes;  /* of each code: 0 (all codes are 0), 1, 2 */
	uint32_t doc, n, pos; /* pos: of the first */
	const uint8_t *gaps, *codes; /* n - 1 times position - position before - 1; n codes */
} inv_reader;

void inv_reader_open(inv_reader *r, const inverter *v, uint32_t entry);

/* A varint of the inverter's own; one that holds a document's difference and INV_FLAGS
 * flags has more than 32 bits. */
CDG_INLINE uint64_t
inv_take_varint(const uint8_t **p)
{
	uint64_t x = *(*p)++;

	if (likely(x < 0x80))
		return x;
	x &= 0x7f;
	for (unsigned shift = 7; shift < 64; shift += 7) {
		uint64_t b = *(*p)++;
		x |= (b & 0x7f) << shift;
		if (b < 0x80)
			break;
	}
	return x;
}

/* What a record (its number left out) says of itself. */
CDG_INLINE void
inv_record_parse(inv_reader *r)
{
	const uint8_t *p = r->at;
	uint64_t head = inv_take_varint(&p);
	unsigned kind = head & 3, code_bytes = head >> 2 & 1;
	uint32_t high = 0;

	r->first = head >> INV_FLAGS != 0;
	r->doc += (uint32_t)(head >> INV_FLAGS);
	r->gap_bytes = kind <= INV_NARROW ? 1 : 2;
	if (unlikely(kind == INV_ODD)) {
		unsigned odd = *p++;
		code_bytes = code_bytes ? odd >> 1 : 0;
		if (odd & 1)
			high = (uint32_t)inv_take_varint(&p);
	}
	r->code_bytes = (uint8_t)code_bytes;
	r->n = kind == INV_ONE ? 1 : (uint32_t)inv_take_varint(&p);
	r->pos = high << 16 | load_u16(p);
	r->gaps = p + 2;
	r->codes = r->gaps + (size_t)(r->n - 1) * r->gap_bytes;
	r->at = r->codes + (size_t)r->n * code_bytes;
}

/* Read one record ahead, or set r->end. */
CDG_INLINE void
inv_reader_next(inv_reader *r)
{
	if (unlikely(r->at == r->limit)) {
		r->end = r->first = true;
		return;
	}
	inv_record_parse(r);
}

/* Distance of occurrence i, from 1 up, to the one before, minus one. */
CDG_INLINE uint32_t
inv_reader_gap(const inv_reader *r, uint32_t i)
{
	return r->gap_bytes == 1 ? r->gaps[i - 1] : load_u16(r->gaps + 2 * (size_t)(i - 1));
}
CDG_INLINE uint32_t
inv_reader_code(const inv_reader *r, uint32_t i)
{
	return r->code_bytes == 1 ? r->codes[i] : r->code_bytes ? load_u16(r->codes + 2 * (size_t)i) : 0;
}

#endif
