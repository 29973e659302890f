/* inverter.c - see inverter.h.
 *
 * A batch of tokens goes through four passes, so that the cache misses of
 * different tokens overlap: hash and ask for the slot; read the slot and ask for
 * the entry; ask for the end of its stream; append.  The last pass verifies what
 * the second one guessed, because the table may have changed meanwhile.
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
	LEVEL_MAX = 12,
	BATCH = 64
};
#define INVERTER_MAX ((uint64_t)UINT32_MAX - 65536)
#define INVERTER_LEAST ((uint64_t)16 << 20)

/* ---- memory --------------------------------------------------------- */

static uint64_t *
table_new(uint64_t n)
{
	void *p = mmap(NULL, n * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
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
inverter_init(inverter *v, uint64_t limit, bool huge, cdg_error *err)
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
	v->reserved = n;
	v->huge = huge;
	v->used = REGION_START;
	if (huge)
		madvise(p, n, MADV_HUGEPAGE);
	v->slots = table_new(SLOTS_FIRST);
	v->form_slots = table_new(FORM_SLOTS_FIRST);
	v->mask = SLOTS_FIRST - 1;
	v->form_mask = FORM_SLOTS_FIRST - 1;
	if (!v->slots || !v->form_slots) {
		inverter_fini(v);
		return err_nomem(err);
	}
	return CDG_OK;
}

void
inverter_fini(inverter *v)
{
	if (v->base)
		munmap(v->base, v->reserved);
	table_free(v->slots, v->mask);
	table_free(v->form_slots, v->form_mask);
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
	madvise(v->base, v->used, MADV_DONTNEED);
	table_restart(&v->slots, &v->mask, SLOTS_FIRST);
	table_restart(&v->form_slots, &v->form_mask, FORM_SLOTS_FIRST);
	v->used = REGION_START;
	v->count = v->form_count = 0;
	v->full = false;
}

uint64_t
inverter_bytes(const inverter *v)
{
	return v->used + ((uint64_t)v->mask + 1 + v->form_mask + 1) * 8;
}

/* n bytes at an address that is a multiple of 8 (align 7) or any (0); 0: full. */
static uint32_t
region_take(inverter *v, uint32_t n, uint32_t align)
{
	uint64_t at = (v->used + align) & ~(uint64_t)align;

	if (unlikely(at + n + 64 > v->reserved)) {
		v->full = true;
		return 0;
	}
	v->used = at + n;
	return (uint32_t)at;
}

/* The slots hold the hash, so the terms need not be looked at. */
static bool
table_double(uint64_t **slots, uint32_t *mask, bool huge)
{
	uint64_t n = ((uint64_t)*mask + 1) * 2;
	uint64_t *t = table_new(n);

	if (!t)
		return false;
	if (huge && n * 8 >= 4 << 20)
		madvise(t, n * 8, MADV_HUGEPAGE);
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
	uint32_t size = (uint32_t)(sizeof(inv_entry) + len + INV_SLICE_MIN + 7) & ~7u, addr, at;
	inv_entry *e;

	if ((uint64_t)v->count * 2 > v->mask) {
		if (v->mask >= (uint32_t)1 << 30 || !table_double(&v->slots, &v->mask, v->huge)) {
			v->full = true;
			return 0;
		}
	}
	addr = region_take(v, size, 7);
	if (!addr)
		return 0;
	e = (inv_entry *)(void *)(v->base + addr);
	e->at = addr + (uint32_t)(sizeof *e + len);
	e->end = addr + size - INV_LINK;
	e->last_doc = UINT32_MAX;
	e->last_pos = 0;
	e->langs = 0;
	e->forms = 0;
	e->field = (uint16_t)field;
	e->len = (uint8_t)len;
	e->level = 0;
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
	if ((uint64_t)v->form_count * 2 > v->form_mask && !table_double(&v->form_slots, &v->form_mask, false)) {
		v->full = true;
		return 0;
	}
	addr = region_take(v, (uint32_t)(sizeof *f + len), 7);
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

CDG_INLINE uint32_t
slice_size(unsigned level)
{
	return 24u << (level - 1);
}

/* Bytes into the stream over the end of slices. */
static CDG_NOINLINE void
stream_put(inverter *v, inv_entry *e, const uint8_t *p, size_t n)
{
	const inv_entry before = { .at = e->at, .end = e->end, .level = e->level };

	while (n) {
		size_t k = min_size(n, e->end - e->at);
		memcpy(v->base + e->at, p, k);
		e->at += (uint32_t)k;
		p += k;
		n -= k;
		if (n) {
			unsigned level = e->level & INV_LEVEL, next = level < LEVEL_MAX ? level + 1 : level;
			uint32_t size = slice_size(next), addr = region_take(v, size, 0);
			if (!addr) { /* no half occurrence may stay */
				e->at = before.at;
				e->end = before.end;
				e->level = before.level;
				return;
			}
			store_u32(v->base + e->end, addr);
			e->at = addr;
			e->end = addr + size - INV_LINK;
			e->level = (uint8_t)((e->level & ~INV_LEVEL) | next);
		}
	}
}

/* Any occurrence. */
static CDG_NOINLINE void
stream_add_slow(inverter *v, inv_entry *e, uint32_t pos, uint32_t code)
{
	uint8_t tmp[INV_OCCURRENCE_MAX], *p = tmp;
	size_t n;

	if (e->last_doc == v->doc) {
		if (pos <= e->last_pos)
			return; /* the same term twice at one place */
		p = varint_write(p, (uint64_t)(pos - e->last_pos) << 2 | (code ? 2 : 0));
	} else {
		p = varint_write(p, (uint64_t)pos << 2 | (code ? 2 : 0) | 1);
		p = varint_write(p, v->doc - e->last_doc);
		e->last_doc = v->doc;
		e->langs |= v->lang;
	}
	e->last_pos = pos;
	if (code) {
		p = varint_write(p, code);
		e->level |= INV_CODES;
	}
	n = (size_t)(p - tmp);
	if (n > e->end - e->at) {
		stream_put(v, e, tmp, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		v->base[e->at + i] = tmp[i];
	e->at += (uint32_t)n;
}

/* A value below 2^28 as a varint in the low bytes; *len of them. */
CDG_INLINE uint64_t
varint_word(uint64_t x, unsigned *len)
{
	static const uint64_t more[5] = { 0, 0, 0x80, 0x8080, 0x808080 };
	unsigned n = 1u + (x >= 0x80) + (x >= 0x4000) + (x >= 0x200000);

	*len = n;
	return (x & 0x7f) | (x & 0x3f80) << 1 | (x & 0x1fc000) << 2 | (x & 0xfe00000) << 3 | more[n];
}

/* Lengths of varints, new documents and codes come in no order a processor
 * could guess, so the usual case is one word made without a branch. */
CDG_INLINE void
stream_add(inverter *v, inv_entry *e, uint32_t pos, uint32_t code)
{
	uint64_t first = e->last_doc != v->doc, some = code != 0, keep = 0 - first;
	uint32_t delta = first ? pos : pos - e->last_pos;
	uint32_t docs = v->doc - e->last_doc;
	unsigned len, doc_len;
	uint64_t word, doc_word;

	if (unlikely((delta | (uint32_t)((pos <= e->last_pos) & !first) << 31) >> 26 || docs >> 21 || code >> 7 ||
		     e->end - e->at < 8)) {
		stream_add_slow(v, e, pos, code);
		return;
	}
	word = varint_word((uint64_t)delta << 2 | some << 1 | first, &len);
	doc_word = varint_word(docs, &doc_len);
	word |= (doc_word & keep) << (8 * len);
	len += doc_len & (unsigned)keep;
	word |= (uint64_t)code << ((8 * len) & 63); /* code 0 where len is 8 */
	store_u64(v->base + e->at, word);
	e->at += len + (unsigned)some;
	e->last_doc = v->doc;
	e->langs |= v->lang;
	e->last_pos = pos;
	e->level |= (uint8_t)(some << 7);
}

CDG_INLINE uint32_t
token_code(inverter *v, uint32_t entry, const text_token *t, const char *text)
{
	if (likely(t->form != TEXT_FORM_OTHER && t->kind != TEXT_JOINED))
		return t->form + (t->flags & TEXT_HYPHEN ? POST_CODE_HYPHEN : 0u);
	return form_code(v, entry, t, text);
}

static void
add_batch(inverter *v, unsigned field, const text_token *t, size_t n, const char *text)
{
	term_key key[BATCH];
	uint32_t entry[BATCH];

	for (size_t i = 0; i < n; i++) {
		key[i] = term_key_of(t[i].term, t[i].len, field);
		__builtin_prefetch(&v->slots[key[i].hash & v->mask]);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t at = key[i].hash & v->mask;
		uint64_t s = v->slots[at];
		if (unlikely((uint32_t)(s >> 32) != key[i].hash))
			s = v->slots[(at + 1) & v->mask];
		entry[i] = (uint32_t)s;
		__builtin_prefetch(v->base + entry[i], 1);
	}
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(v->base + inverter_entry(v, entry[i])->at, 1);
	for (size_t i = 0; i < n; i++) {
		uint32_t at = entry[i];
		if (unlikely(!term_is(inverter_entry(v, at), &key[i], field, t[i].term, t[i].len))) {
			at = term_find(v, &key[i], field, t[i].term, t[i].len);
			if (unlikely(!at))
				continue;
		}
		stream_add(v, (inv_entry *)(void *)(v->base + at), t[i].pos, token_code(v, at, &t[i], text));
	}
}

void
inverter_add(inverter *v, unsigned field, const text_token *t, size_t n, const char *text)
{
	while (n && !v->full) {
		size_t k = min_size(n, BATCH);
		add_batch(v, field, t, k, text);
		t += k;
		n -= k;
	}
}

/* ---- reading -------------------------------------------------------- */

uint64_t
inverter_stream_bytes(const inverter *v, uint32_t entry)
{
	const inv_entry *e = inverter_entry(v, entry);
	unsigned level = e->level & INV_LEVEL;
	uint64_t n = 0;

	for (unsigned l = 1; l < level; l++)
		n += slice_size(l);
	if (level == LEVEL_MAX) {
		/* of the last size there may be many: follow the links */
		uint32_t at = entry + ((uint32_t)(sizeof *e + e->len + INV_SLICE_MIN + 7) & ~7u) - INV_LINK;
		for (unsigned l = 1; at != e->end; l++) {
			uint32_t size = slice_size(l < LEVEL_MAX ? l : LEVEL_MAX);
			at = load_u32(v->base + at) + size - INV_LINK;
			n += l > LEVEL_MAX ? size : 0;
		}
	}
	return n;
}

void
inv_reader_open(inv_reader *r, const inverter *v, uint32_t entry)
{
	const inv_entry *e = inverter_entry(v, entry);
	uint32_t size = (uint32_t)(sizeof *e + e->len + INV_SLICE_MIN + 7) & ~7u;

	r->v = v;
	r->slice = entry + (uint32_t)(sizeof *e + e->len);
	r->slice_end = entry + size - INV_LINK;
	r->stop = e->at;
	r->level = 0;
	r->end = false;
	r->doc = UINT32_MAX;
	r->pos = 0;
	r->at = r->limit = r->data;
	inv_reader_next(r);
}

/* The rest of the buffer to its front, and as much of the stream behind it. */
void
inv_reader_fill(inv_reader *r)
{
	size_t have = (size_t)(r->limit - r->at);

	memmove(r->data, r->at, have);
	while (have < INV_READ && r->slice != r->stop) {
		bool last = r->stop > r->slice && r->stop <= r->slice_end;
		uint32_t end = last ? r->stop : r->slice_end;
		size_t k = min_size(end - r->slice, INV_READ - have);
		memcpy(r->data + have, r->v->base + r->slice, k);
		have += k;
		r->slice += (uint32_t)k;
		if (r->slice == r->slice_end && r->slice != r->stop) {
			if (r->level < LEVEL_MAX)
				r->level++;
			r->slice = load_u32(r->v->base + r->slice_end);
			r->slice_end = r->slice + slice_size(r->level) - INV_LINK;
		}
	}
	r->at = r->data;
	r->limit = r->data + have;
}
