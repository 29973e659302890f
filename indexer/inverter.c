/* inverter.c - see inverter.h.
 *
 * A token finds its term in the span's table.  What a new term will need of the
 * large tables is fetched while other terms are at work, so that no step waits: its
 * slot at once, LAG new terms later what the slot names is noted, and AHEAD terms
 * before its turn, when the span is closed, that entry is fetched.  Then the guess is
 * verified, because the table may have changed meanwhile.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "indexer/inverter.h"

#include <sys/mman.h>
#include <xxhash.h>

#include "engine/postings.h"

enum {
	SLOTS_FIRST = 1 << 15,
	FORM_SLOTS_FIRST = 1 << 10,
	REGION_START = 128,          /* address 0 means none; an entry read there has no term */
	RECORD_MAX = 32 + 4 * INV_SPAN_TOKENS,
	CHUNK = 65536, CHUNK_SMALL = 4096,
	CHUNK_LINK = 4,
	/* more than a span can need of the region */
	SPAN_NEED = 2 * INV_BUCKETS * CHUNK + INV_SPAN_TOKENS * 400,
	LAG = 8, AHEAD = 12
};
#define INVERTER_MAX ((uint64_t)UINT32_MAX - 65536)
#define INVERTER_LEAST ((uint64_t)16 << 20)

/* ---- memory --------------------------------------------------------- */

/* All of it will be written to soon, in no order: better at once than page by page. */
static uint64_t *
table_new(uint64_t n)
{
	void *p = mmap(NULL, n * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	return p;
}

static void
table_free(uint64_t *t, uint32_t mask)
{
	if (t)
		munmap(t, ((uint64_t)mask + 1) * 8);
}

cdg_status
inverter_init(inverter *v, uint64_t limit, bool small, cdg_error *err)
{
	uint64_t n = limit && limit < INVERTER_MAX ? limit : INVERTER_MAX;
	void *p = MAP_FAILED;

	memset(v, 0, sizeof *v);
	for (n = (n + 4095) & ~(uint64_t)4095; n >= INVERTER_LEAST || n == limit; n /= 2) {
		p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (p != MAP_FAILED)
			break;
	}
	if (p == MAP_FAILED)
		return err_nomem(err);
	v->base = p;
	v->reserved = v->chunks = n & ~(uint64_t)(CHUNK - 1);
	v->mapped = n;
	v->chunk = small ? CHUNK_SMALL : CHUNK;
	v->used = REGION_START;
	v->slots = table_new(SLOTS_FIRST);
	v->form_slots = table_new(FORM_SLOTS_FIRST);
	v->mask = SLOTS_FIRST - 1;
	v->form_mask = FORM_SLOTS_FIRST - 1;
	v->span = mem_calloc(1, sizeof *v->span);
	if (!v->slots || !v->form_slots || !v->span) {
		inverter_fini(v);
		return err_nomem(err);
	}
	return CDG_OK;
}

static void
streams_free(inverter *v)
{
	if (v->streams)
		munmap(v->streams, v->streams_len);
	v->streams = NULL;
	v->streams_len = 0;
}

static void
span_clear(inv_span *s)
{
	for (uint32_t i = 0; i < s->nitems; i++)
		s->slots[s->items[i].slot] = 0;
	memset(s->count, 0, s->nitems * sizeof *s->count);
	s->n = s->nitems = s->npieces = 0;
}

void
inverter_fini(inverter *v)
{
	if (v->base)
		munmap(v->base, v->mapped);
	streams_free(v);
	table_free(v->slots, v->mask);
	table_free(v->form_slots, v->form_mask);
	mem_free(v->span);
	memset(v, 0, sizeof *v);
}

/* A small table again, if memory for it can be had; else the one there is, empty. */
static void
table_restart(uint64_t **slots, uint32_t *mask, uint32_t n)
{
	uint64_t *t = *mask >= n ? table_new(n) : NULL;

	if (!t) {
		madvise(*slots, ((uint64_t)*mask + 1) * 8, MADV_DONTNEED);
		return;
	}
	table_free(*slots, *mask);
	*slots = t;
	*mask = n - 1;
}

void
inverter_reset(inverter *v)
{
	span_clear(v->span);
	streams_free(v);
	memset(v->log, 0, sizeof v->log);
	madvise(v->base, v->used, MADV_DONTNEED);
	madvise(v->base + v->chunks, v->reserved - v->chunks, MADV_DONTNEED);
	table_restart(&v->slots, &v->mask, SLOTS_FIRST);
	table_restart(&v->form_slots, &v->form_mask, FORM_SLOTS_FIRST);
	v->used = REGION_START;
	v->chunks = v->reserved;
	v->count = v->form_count = 0;
	v->full = false;
}

uint64_t
inverter_bytes(const inverter *v)
{
	return v->used + v->reserved - v->chunks + ((uint64_t)v->mask + 1 + v->form_mask + 1) * 8 + sizeof *v->span;
}

/* n bytes at an address that is a multiple of 8; 0: full. */
static uint32_t
region_take(inverter *v, uint32_t n)
{
	uint64_t at = (v->used + 7) & ~(uint64_t)7;

	if (unlikely(at + n + 64 > v->chunks)) {
		v->full = true;
		return 0;
	}
	v->used = at + n;
	return (uint32_t)at;
}

/* The slots hold the hash, so the terms need not be looked at. */
static bool
table_double(uint64_t **slots, uint32_t *mask)
{
	uint64_t n = ((uint64_t)*mask + 1) * 2;
	uint64_t *t = table_new(n);

	if (!t)
		return false;
	for (uint64_t i = 0; i <= *mask; i++) {
		uint64_t s = (*slots)[i], at = (s >> 32) & (n - 1);
		if (!s)
			continue;
		while (t[at])
			at = (at + 1) & (n - 1);
		t[at] = s;
	}
	table_free(*slots, *mask);
	*slots = t;
	*mask = (uint32_t)(n - 1);
	return true;
}

/* ---- terms ---------------------------------------------------------- */

CDG_INLINE uint64_t
mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* The first 16 bytes of a term, zeros behind it, and the hash of all. */
typedef struct term_key {
	uint64_t a, b;
	uint32_t hash;
} term_key;

static const uint64_t head_mask[17][2] = {
#define M(n) (((uint64_t)1 << (8 * (n))) - 1)
	{ 0, 0 }, { M(1), 0 }, { M(2), 0 }, { M(3), 0 }, { M(4), 0 }, { M(5), 0 }, { M(6), 0 }, { M(7), 0 },
	{ ~(uint64_t)0, 0 }, { ~(uint64_t)0, M(1) }, { ~(uint64_t)0, M(2) }, { ~(uint64_t)0, M(3) },
	{ ~(uint64_t)0, M(4) }, { ~(uint64_t)0, M(5) }, { ~(uint64_t)0, M(6) }, { ~(uint64_t)0, M(7) },
	{ ~(uint64_t)0, ~(uint64_t)0 }
#undef M
};

/* Reads up to 16 bytes in one go and cuts off what is not the term's: bytes of
 * the same page can be read whosever they are, but a sanitizer would not know. */
CDG_INLINE void
term_head(const char *s, size_t n, uint64_t *a, uint64_t *b)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	bool whole = n >= 16;
#else
	bool whole = n >= 16 || ((uintptr_t)s & 4095) <= 4096 - 16;
#endif
	size_t k = n < 16 ? n : 16;

	if (likely(whole)) {
		*a = load_u64(s) & head_mask[k][0];
		*b = load_u64(s + 8) & head_mask[k][1];
	} else {
		char tmp[16] = { 0 };
		for (size_t i = 0; i < k; i++)
			tmp[i] = s[i];
		*a = load_u64(tmp);
		*b = load_u64(tmp + 8);
	}
}

CDG_INLINE term_key
term_key_of(const char *s, size_t n, uint64_t seed)
{
	term_key k;
	uint64_t h;

	term_head(s, n, &k.a, &k.b);
	h = mix(k.a ^ (0x9e3779b97f4a7c15u + seed), k.b ^ (0xd6e8feb86659fd93u + n));
	if (unlikely(n > 16))
		h ^= XXH3_64bits(s, n);
	k.hash = (uint32_t)(h ^ h >> 32);
	return k;
}

/* Entries are followed by at least 16 bytes of the region. */
CDG_INLINE bool
term_is(const inv_entry *e, const term_key *k, unsigned field, const char *term, size_t len)
{
	size_t n = len < 16 ? len : 16;
	uint64_t differ = ((load_u64(e->term) ^ k->a) & head_mask[n][0]) |
			  ((load_u64(e->term + 8) ^ k->b) & head_mask[n][1]) |
			  (uint64_t)((e->field ^ field) | (unsigned)(e->len ^ len));

	if (unlikely(differ))
		return false;
	return len <= 16 || memcmp(e->term, term, len) == 0;
}

static CDG_NOINLINE uint32_t
term_insert(inverter *v, uint32_t hash, unsigned field, const char *term, size_t len)
{
	uint32_t addr, at;
	inv_entry *e;

	if ((uint64_t)v->count * 2 > v->mask) {
		if (v->mask >= (uint32_t)1 << 30 || !table_double(&v->slots, &v->mask)) {
			v->full = true;
			return 0;
		}
	}
	addr = region_take(v, (uint32_t)(offsetof(inv_entry, term) + len));
	if (!addr)
		return 0;
	e = (inv_entry *)(void *)(v->base + addr);
	*e = (inv_entry){ .last_doc = UINT32_MAX, .number = v->log[hash >> 24].entries++, .field = (uint16_t)field,
			  .len = (uint8_t)len };
	memcpy(e->term, term, len);
	at = hash & v->mask;
	while (v->slots[at])
		at = (at + 1) & v->mask;
	v->slots[at] = (uint64_t)hash << 32 | addr;
	v->count++;
	return addr;
}

static CDG_NOINLINE uint32_t
term_find(inverter *v, const term_key *k, unsigned field, const char *term, size_t len)
{
	for (uint32_t at = k->hash & v->mask;; at = (at + 1) & v->mask) {
		uint64_t s = v->slots[at];
		if (!s)
			return term_insert(v, k->hash, field, term, len);
		if ((uint32_t)(s >> 32) == k->hash && term_is(inverter_entry(v, (uint32_t)s), k, field, term, len))
			return (uint32_t)s;
	}
}

/* ---- forms ---------------------------------------------------------- */

static bool
form_is(const inv_form *f, uint32_t entry, const uint8_t *raw, size_t len, unsigned width)
{
	return f->entry == entry && f->len == len && f->width == width && memcmp(f->raw, raw, len) == 0;
}

static uint32_t
form_insert(inverter *v, inv_entry *e, uint32_t entry, uint64_t hash, const uint8_t *raw, size_t len,
	    unsigned width)
{
	uint32_t index = e->forms ? inverter_form(v, e->forms)->index + 1 : 0, addr, at;
	inv_form *f;

	if (index >= INVERTER_FORMS_MAX)
		return 0;
	if ((uint64_t)v->form_count * 2 > v->form_mask && !table_double(&v->form_slots, &v->form_mask)) {
		v->full = true;
		return 0;
	}
	addr = region_take(v, (uint32_t)(sizeof *f + len));
	if (!addr)
		return 0;
	f = (inv_form *)(void *)(v->base + addr);
	f->before = e->forms;
	f->index = index;
	f->entry = entry;
	f->width = (uint8_t)width;
	f->len = (uint8_t)len;
	memcpy(f->raw, raw, len);
	e->forms = addr;
	for (at = (uint32_t)hash & v->form_mask; v->form_slots[at]; at = (at + 1) & v->form_mask)
		;
	v->form_slots[at] = hash << 32 | addr;
	v->form_count++;
	return POST_CODE_FORMS + index;
}

/* The code of a form that is not the term in lower, title or upper case. */
static CDG_NOINLINE uint32_t
form_code(inverter *v, uint32_t entry, const text_token *t, const char *text)
{
	inv_entry *e = (inv_entry *)(void *)(v->base + entry);
	uint8_t raw[INV_RAW_MAX + 1];
	size_t len = min_size(t->end - t->start, INV_RAW_MAX - 1);
	unsigned width = t->kind == TEXT_JOINED ? t->width : 1;
	uint64_t hash;

	memcpy(raw, text + t->start, len);
	if (t->flags & TEXT_HYPHEN)
		raw[len++] = '-';
	if (e->forms && form_is(inverter_form(v, e->forms), entry, raw, len, width))
		return POST_CODE_FORMS + inverter_form(v, e->forms)->index;
	hash = mix(XXH3_64bits(raw, len) ^ entry, 0x9e3779b97f4a7c15u + width);
	hash = (uint32_t)(hash ^ hash >> 32);
	for (uint32_t at = (uint32_t)hash & v->form_mask; v->form_slots[at]; at = (at + 1) & v->form_mask) {
		uint64_t s = v->form_slots[at];
		if (s >> 32 == hash && form_is(inverter_form(v, (uint32_t)s), entry, raw, len, width))
			return POST_CODE_FORMS + inverter_form(v, (uint32_t)s)->index;
	}
	return form_insert(v, e, entry, hash, raw, len, width);
}

/* ---- postings ------------------------------------------------------- */

static uint32_t
log_chunk(inverter *v)
{
	if (unlikely(v->used + 64 + v->chunk > v->chunks)) {
		v->full = true;
		return 0;
	}
	v->chunks -= v->chunk;
	store_u32(v->base + v->chunks, 0);
	return (uint32_t)v->chunks;
}

/* Bytes to a log over the end of its chunk; false: no room, and nothing was put. */
static CDG_NOINLINE bool
log_put(inverter *v, inv_log *l, const uint8_t *p, size_t n)
{
	const inv_log before = *l;

	while (n) {
		size_t k = min_size(n, l->end - l->at);
		if (k) {
			memcpy(v->base + l->at, p, k);
		} else {
			uint32_t addr = log_chunk(v);
			if (!addr) { /* no half record may stay */
				*l = before;
				return false;
			}
			if (l->first)
				store_u32(v->base + l->end - v->chunk, addr);
			else
				l->first = addr;
			l->at = addr + CHUNK_LINK;
			l->end = addr + v->chunk;
		}
		l->at += (uint32_t)k;
		p += k;
		n -= k;
	}
	return true;
}

/* Leaves of n positions of one term those that rise, from above `least` on; returns
 * how many.  (The same term twice at one place counts once.) */
static uint32_t
rising(uint16_t *pos, uint16_t *codes, uint32_t n, int64_t least)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < n; i++)
		if (pos[i] > least) {
			least = pos[k] = pos[i];
			codes[k++] = codes[i];
		}
	return k;
}

/* All gaps ored: bits 16 and up are set if positions do not rise. */
CDG_INLINE uint32_t
gaps_of(const uint16_t *pos, uint32_t n)
{
	uint32_t any = 0;

	for (uint32_t i = 1; i < n; i++)
		any |= (uint32_t)pos[i] - pos[i - 1] - 1;
	return any;
}

/* A record into p, which has room for 24 + 4 * n bytes. */
CDG_INLINE uint8_t *
record_write(uint8_t *p, uint32_t docs, uint32_t high, const uint16_t *pos, const uint16_t *codes,
	     uint32_t n, uint32_t any_gap, uint32_t any_code)
{
	bool odd = unlikely(high || any_code > 255);
	unsigned kind = odd ? INV_ODD : n == 1 ? INV_ONE : any_gap < 256 ? INV_NARROW : INV_BROAD;

	p = varint_write(p, (uint64_t)docs << INV_FLAGS | kind | (any_code ? INV_CODED : 0));
	if (odd) {
		*p++ = (uint8_t)((any_code > 255 ? 2 : 1) << 1 | (high != 0));
		if (high)
			p = varint_write(p, high);
	}
	if (kind != INV_ONE)
		p = varint_write(p, n);
	store_u16(p, pos[0]);
	p += 2;
	if (kind == INV_NARROW) {
		for (uint32_t i = 1; i < n; i++)
			*p++ = (uint8_t)(pos[i] - pos[i - 1] - 1);
	} else {
		for (uint32_t i = 1; i < n; i++, p += 2)
			store_u16(p, (uint16_t)(pos[i] - pos[i - 1] - 1));
	}
	if (!any_code)
		return p;
	if (unlikely(any_code > 255)) {
		memcpy(p, codes, 2 * n);
		return p + 2 * n;
	}
	for (uint32_t i = 0; i < n; i++)
		*p++ = (uint8_t)codes[i];
	return p;
}

/* The n occurrences of a term in a piece. */
CDG_INLINE void
term_append(inverter *v, inv_log *l, inv_entry *e, const inv_piece *in, uint16_t *pos, uint16_t *codes, uint32_t n,
	    uint32_t any_code)
{
	uint32_t gaps = gaps_of(pos, n);
	int64_t least = e->last_doc == in->doc ? (int64_t)e->last_pos - ((int64_t)in->high << 16) : -1;
	uint8_t tmp[RECORD_MAX], *from, *body, *to;
	bool fits = likely(l->end - l->at >= 32 + 4 * n);

	if (unlikely(gaps > UINT16_MAX || pos[0] <= least)) {
		n = rising(pos, codes, n, least);
		if (!n)
			return;
		gaps = gaps_of(pos, n);
	}
	from = fits ? v->base + l->at : tmp;
	body = varint_write(from, e->number);
	to = record_write(body, in->doc - e->last_doc, in->high, pos, codes, n, gaps, any_code);
	if (fits)
		l->at += (uint32_t)(to - from);
	else if (!log_put(v, l, tmp, (size_t)(to - from)))
		return;
	l->bytes += (uint32_t)(to - from);
	e->bytes += (uint32_t)(to - body);
	e->last_doc = in->doc;
	e->langs |= in->lang;
	e->last_pos = in->high << 16 | pos[n - 1];
	e->coded |= any_code != 0;
}

/* For item i, some items later: guess the entry. */
CDG_INLINE void
span_guess(inverter *v, uint32_t i)
{
	inv_item *x = &v->span->items[i];
	uint32_t k = x->hash & v->mask;
	uint64_t slot = v->slots[k];

	if (unlikely((uint32_t)(slot >> 32) != x->hash))
		slot = v->slots[(k + 1) & v->mask];
	x->guess = x->entry ? x->entry : (uint32_t)slot;
}

/* The occurrences of item i, which begin at `at`, piece by piece. */
static void
span_append(inverter *v, uint32_t i, uint32_t at)
{
	inv_span *s = v->span;
	const inv_item *x = &s->items[i];
	const term_key key = { x->a, x->b, x->hash };
	uint32_t entry = x->entry, end = at + s->count[i];
	inv_log *l = &v->log[x->hash >> 24];

	if (likely(!entry)) {
		const char *term = (const char *)&x->a;
		entry = x->guess;
		if (unlikely(!term_is(inverter_entry(v, entry), &key, x->field, term, x->len)))
			entry = term_find(v, &key, x->field, term, x->len);
	}
	while (at < end && likely(entry)) {
		uint32_t piece = s->place[at] >> 16, any = 0, n = 0;
		do {
			s->run[n] = (uint16_t)s->place[at];
			any |= s->run_code[n++] = s->place_code[at++];
		} while (at < end && s->place[at] >> 16 == piece);
		term_append(v, l, (inv_entry *)(void *)(v->base + entry), &s->pieces[piece], s->run, s->run_code, n, any);
	}
}

/* Tokens by item. */
static void
span_sort(inv_span *s)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < s->nitems; i++) {
		s->next[i] = at;
		at += s->count[i];
	}
	for (uint32_t p = 0, i = 0; p < s->npieces; p++)
		for (; i < s->pieces[p].end; i++) {
			uint32_t to = s->next[s->item[i]]++;
			s->place[to] = p << 16 | s->pos[i];
			s->place_code[to] = s->code[i];
		}
}

/* The tokens from now on are of another document, or of positions with other high bits. */
static void
span_piece(inv_span *s, uint32_t doc, uint32_t high, uint64_t lang)
{
	uint32_t last = s->npieces - 1;

	if (s->npieces) {
		s->pieces[last].end = s->n;
		if (s->n == (last ? s->pieces[last - 1].end : 0))
			s->npieces--; /* it is empty */
	}
	s->pieces[s->npieces++] = (inv_piece){ s->n, doc, high, lang };
}

static void
span_close(inverter *v)
{
	inv_span *s = v->span;
	inv_piece open;
	uint32_t at = 0;

	if (!s->npieces)
		return;
	open = s->pieces[s->npieces - 1];
	s->pieces[s->npieces - 1].end = s->n;
	for (uint32_t i = s->nitems > LAG ? s->nitems - LAG : 0; i < s->nitems; i++)
		span_guess(v, i);
	span_sort(s);
	for (uint32_t i = 0; i < s->nitems && !v->full; at += s->count[i++]) {
		__builtin_prefetch(v->base + s->items[min_u32(i + AHEAD, s->nitems - 1)].guess, 1);
		span_append(v, i, at);
	}
	span_clear(s);
	span_piece(s, open.doc, open.high, open.lang);
}

/* The item of a token's term in the span, which may be new. */
CDG_INLINE uint32_t
span_find(inverter *v, const term_key *k, unsigned field, const char *term, size_t len)
{
	inv_span *s = v->span;
	uint32_t at = (k->hash >> 8) & (INV_SPAN_SLOTS - 1), i;
	inv_item *x;

	for (; (i = s->slots[at]) != 0; at = (at + 1) & (INV_SPAN_SLOTS - 1)) {
		x = &s->items[i - 1];
		if (likely(x->hash == k->hash && x->a == k->a && x->b == k->b && x->len == len && x->field == field) &&
		    (likely(len <= 16) || memcmp(inverter_entry(v, x->entry)->term, term, len) == 0))
			return i - 1;
	}
	i = s->nitems++;
	x = &s->items[i];
	*x = (inv_item){ .a = k->a, .b = k->b, .hash = k->hash, .field = (uint16_t)field, .slot = (uint16_t)at,
			 .len = (uint8_t)len };
	s->slots[at] = (uint16_t)(i + 1);
	if (likely(len <= 16))
		__builtin_prefetch(&v->slots[k->hash & v->mask]);
	else
		x->entry = term_find(v, k, field, term, len);
	if (likely(i >= LAG))
		span_guess(v, i - LAG);
	return i;
}

/* The code of a form that only the entry knows. */
static CDG_NOINLINE uint32_t
item_code(inverter *v, const term_key *k, inv_item *x, const text_token *t, const char *text)
{
	if (!x->entry)
		x->entry = term_find(v, k, x->field, t->term, t->len);
	return x->entry ? form_code(v, x->entry, t, text) : 0;
}

void
inverter_add(inverter *v, unsigned field, const text_token *t, size_t n, const char *text)
{
	inv_span *s = v->span;

	for (const text_token *end = t + n; t < end; t++) {
		const inv_piece *in;
		term_key key;
		uint32_t i, code;
		if (unlikely(s->n == INV_SPAN_TOKENS))
			span_close(v);
		in = &s->pieces[s->npieces - 1];
		if (unlikely(t->pos >> 16 != in->high))
			span_piece(s, in->doc, t->pos >> 16, in->lang);
		if (unlikely(v->full))
			return;
		key = term_key_of(t->term, t->len, field);
		i = span_find(v, &key, field, t->term, t->len);
		if (likely(t->form != TEXT_FORM_OTHER && t->kind != TEXT_JOINED))
			code = t->form + (t->flags & TEXT_HYPHEN ? POST_CODE_HYPHEN : 0u);
		else
			code = item_code(v, &key, &s->items[i], t, text);
		s->count[i]++;
		s->item[s->n] = (uint16_t)i;
		s->pos[s->n] = (uint16_t)t->pos;
		s->code[s->n++] = (uint16_t)code;
	}
}

void
inverter_end(inverter *v)
{
	/* near the end of the region a document is done with before the next one comes */
	if (unlikely(v->chunks - v->used < SPAN_NEED))
		span_close(v);
}

void
inverter_finish(inverter *v)
{
	span_close(v);
}

void
inverter_begin(inverter *v, uint32_t doc, text_lang lang)
{
	span_piece(v->span, doc, 0, (uint64_t)1 << (lang & 63));
}
