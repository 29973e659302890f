/* dict_find.c - looking a key or an ordinal up in a dictionary (dict.h).
 *
 * A lookup is a binary search over the first keys of the blocks and a scan of
 * one block.  Both are made cheap, for a short query spends most of its time
 * here:
 *
 * TOP.  The binary search meets the same few thousand blocks again and again.
 * The first 16 bytes of their first keys are remembered in a heap-ordered table
 * (slot 1 is the middle block, slots 2 and 3 the middles of the halves ...) of at
 * most DICT_TOP slots.  It is made by the first lookup and a slot is filled when
 * a search comes by, so opening a dictionary costs nothing and a process that
 * looks up one word reads the blocks it would have read anyway.  A slot is only
 * ever written with the one value that is right for it, so threads need no lock.
 *
 * SCAN.  Entries before the wanted one are passed over without being decoded but
 * for the lengths of their lists, which place the next ones.  Keys are
 * front-coded, so one comparison a byte suffices: an entry that shares more with
 * its predecessor than the wanted key does is still too small.
 *
 * Everything is checked as if it were hostile: lengths against the block, and
 * numbers are loaded eight bytes at a time, which the padding of the file
 * allows.  What was passed over is not validated otherwise; the entry that is
 * returned is (dict_read_entry, as in dict_next).
 */
#include "engine/dict_flags.h"

enum { DICT_TOP = 4096, DICT_FULL = DICT_KEY_HEAD + DICT_KEY_MAX };

/* A key to look for, with its head. */
typedef struct dict_key {
	uint64_t hi, lo; /* first 16 bytes, big-endian, zero-padded */
	size_t len;
	uint8_t bytes[DICT_FULL + 1];
} dict_key;

/* ---- keys ------------------------------------------------------------- */

/* The bytes [from, from + 8) of a key as a number of the same order. */
static uint64_t
key_word(const uint8_t *key, size_t len, size_t from)
{
	uint8_t b[8] = { 0 };

	if (likely(len >= from + 8))
		return __builtin_bswap64(load_u64(key + from));
	for (size_t i = from; i < len; i++)
		b[i - from] = key[i];
	return __builtin_bswap64(load_u64(b));
}

static int
key_cmp(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
	int c = memcmp(a, b, an < bn ? an : bn);
	return c ? c : (an > bn) - (an < bn);
}

static void
key_make(dict_key *k, unsigned kind, unsigned field, const void *key, size_t len)
{
	len = min_size(len, DICT_KEY_MAX);
	k->bytes[0] = (uint8_t)kind;
	k->bytes[1] = (uint8_t)(field >> 8);
	k->bytes[2] = (uint8_t)field;
	if (len)
		memcpy(k->bytes + DICT_KEY_HEAD, key, len);
	k->len = DICT_KEY_HEAD + len;
	k->hi = key_word(k->bytes, k->len, 0);
	k->lo = key_word(k->bytes, k->len, 8);
}

/* ---- top -------------------------------------------------------------- */

typedef struct top_slot {
	_Atomic uint64_t hi, lo; /* of the first key; hi == 0: not known yet */
} top_slot;

struct dict_top {
	size_t n; /* slots, a power of two; slot 0 is not used */
	top_slot slot[];
};

void
dict_top_free(dict *d)
{
	mem_free(atomic_load_explicit(&d->top, memory_order_relaxed));
	atomic_store_explicit(&d->top, NULL, memory_order_relaxed);
}

/* The table, made on the first call.  NULL: no memory, do without. */
static dict_top *
top_get(const dict *cd)
{
	dict *d = (dict *)(uintptr_t)cd; /* a cache: no change that can be seen */
	dict_top *t = atomic_load_explicit(&d->top, memory_order_acquire), *none = NULL;
	size_t n = 2;

	if (likely(t != NULL))
		return t;
	while (n < DICT_TOP && n < d->nblocks)
		n *= 2;
	t = mem_calloc(1, sizeof *t + n * sizeof *t->slot);
	if (!t)
		return NULL;
	t->n = n;
	if (atomic_compare_exchange_strong_explicit(&d->top, &none, t, memory_order_acq_rel, memory_order_acquire))
		return t;
	mem_free(t); /* another thread was first */
	return none;
}

/* First key of block b in place (it shares nothing). */
static bool
dict_first_key(const dict *d, uint64_t b, const uint8_t **key, size_t *len)
{
	size_t at, end;
	const uint8_t *p;
	rd r;

	if (!dict_block_at(d, b, &at, &end) || !(p = pfile_at(&d->file, at, end - at)))
		return false;
	r = rd_make(p + DICT_AT_COUNT + 1, end - at - DICT_AT_COUNT - 1);
	if (rd_varint(&r) != 0)
		r.bad = true;
	*len = rd_varint32(&r);
	*key = rd_bytes(&r, *len);
	if (r.bad || *len < DICT_KEY_HEAD) {
		pfile_damaged(&d->file, at, "first key of a dictionary block is unreadable");
		return false;
	}
	return true;
}

/* Is the first key of block b <= k?  -1 on damage. */
static int
dict_probe(const dict *d, uint64_t b, const dict_key *k, top_slot *slot)
{
	const uint8_t *key;
	size_t n;

	if (slot) {
		uint64_t hi = atomic_load_explicit(&slot->hi, memory_order_acquire), lo;
		if (likely(hi && hi != k->hi))
			return hi < k->hi;
		lo = atomic_load_explicit(&slot->lo, memory_order_relaxed);
		if (hi && lo != k->lo)
			return lo < k->lo;
	}
	if (!dict_first_key(d, b, &key, &n))
		return -1;
	if (slot) {
		atomic_store_explicit(&slot->lo, key_word(key, n, 8), memory_order_relaxed);
		atomic_store_explicit(&slot->hi, key_word(key, n, 0), memory_order_release);
	}
	return key_cmp(key, n, k->bytes, k->len) <= 0;
}

/* The last block whose first key is <= key, or 0. */
static bool
dict_locate(const dict *d, const dict_key *k, uint64_t *block)
{
	dict_top *top = top_get(d);
	uint64_t lo = 0, hi = d->nblocks;
	size_t slots = top ? top->n : 0, i = 1;

	while (lo + 1 < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		int below = dict_probe(d, mid, k, i < slots ? &top->slot[i] : NULL);
		if (unlikely(below < 0))
			return false;
		if (below)
			lo = mid;
		else
			hi = mid;
		i = 2 * i + (size_t)below;
	}
	*block = lo;
	return d->nblocks > 0;
}

/* The block of an ordinal < nkeys.  Nearly all blocks are full. */
static bool
dict_locate_ord(const dict *d, uint64_t ord, uint64_t *block)
{
	uint64_t lo = ord / DICT_BLOCK, hi = d->nblocks;

	for (uint64_t step = 1; lo + step < hi; step *= 2) {
		const uint8_t *p = pfile_at(&d->file, d->index + 16 * (lo + step), 16);
		if (!p)
			return false;
		if (load_u64(p + 8) > ord) {
			hi = lo + step;
			break;
		}
		lo += step;
	}
	while (lo + 1 < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		const uint8_t *p = pfile_at(&d->file, d->index + 16 * mid, 16);
		if (!p)
			return false;
		if (load_u64(p + 8) <= ord)
			lo = mid;
		else
			hi = mid;
	}
	*block = lo;
	return lo < d->nblocks;
}

/* ---- passing over entries --------------------------------------------- */

/* The bytes [from, to] of x as one varint: seven bits of each. */
CDG_INLINE uint64_t
varint_fold(uint64_t x, unsigned from, unsigned to)
{
	x = x >> 8 * from & UINT64_MAX >> (56 - 8 * (to - from));
	x = (x & 0x007f007f007f007f) | (x & 0x7f007f007f007f00) >> 1;
	x = (x & 0x00003fff00003fff) | (x & 0x3fff00003fff0000) >> 2;
	return (x & 0x0fffffff) | (x & 0x0fffffff00000000) >> 4;
}

/* Pass over n varints in r. */
static void
skip_varints(rd *r, uint64_t n)
{
	while (n-- && !r->bad)
		rd_varint(r);
}

/* Whatever an entry may be: slow, whole. */
static bool
skip_any(dict_iter *it)
{
	rd *r = &it->r;
	unsigned flags = rd_u8(r);
	bool pos_len = (flags & DICT_POS) && !(flags & DICT_INLINE);

	if (!(flags & DICT_ALIAS)) {
		skip_varints(r, flags & DICT_SINGLE ? 1 + !(flags & DICT_INLINE) : 2);
		if (!(flags & DICT_SINGLE))
			it->post += rd_varint32(r);
		if (pos_len)
			it->pos += rd_varint(r);
		else
			skip_varints(r, (flags & DICT_POS) != 0);
	}
	if (flags & DICT_FORMS)
		rd_bytes(r, rd_varint32(r));
	if (it->key[0] != DICT_TERM && (flags & (DICT_CLASS | DICT_ALIAS)))
		for (uint64_t n = rd_varint32(r); n && !r->bad; n--)
			skip_varints(r, rd_varint(r) & 1);
	return !r->bad;
}

/* Pass over what follows a key.  Entries whose numbers end within eight bytes,
 * which are nearly all, take no loop.  False: it does not fit the block. */
CDG_INLINE bool
skip_entry(dict_iter *it)
{
	const uint64_t stops = 0x8080808080808080;
	const uint8_t *p = it->r.at;
	uint64_t x, m;
	unsigned flags, last;

	if (unlikely(p >= it->r.end))
		return false;
	flags = *p;
	x = load_u64(p + 1);
	m = ~x & stops; /* ends of varints */
	if (flags & DICT_ALIAS) {
		/* one member, its ordinal, perhaps its mask */
		if ((flags & DICT_FORMS) || (x & 255) != 1 || it->key[0] == DICT_TERM)
			return skip_any(it);
		m &= m - 1;
		if (x >> 8 & 1)
			m &= m - 1;
		if (unlikely(!m))
			return skip_any(it);
		last = (unsigned)__builtin_ctzll(m) / 8;
	} else if ((flags & DICT_FORMS) || ((flags & DICT_CLASS) && it->key[0] != DICT_TERM)) {
		return skip_any(it);
	} else {
		unsigned before;
		m &= m - 1;
		if (flags & DICT_SINGLE) {
			if (flags & DICT_INLINE) /* document, perhaps the position */
				m = flags & DICT_POS ? m : ~x & stops;
			else if (flags & DICT_POS) { /* document, tf, bytes of positions */
				before = (unsigned)__builtin_ctzll(m | 1ull << 63) / 8;
				m &= m - 1;
				last = (unsigned)__builtin_ctzll(m | 1ull << 63) / 8;
				if (likely(m))
					it->pos += varint_fold(x, before + 1, last);
			}
			if (unlikely(!m))
				return skip_any(it);
			last = (unsigned)__builtin_ctzll(m) / 8;
		} else {
			uint64_t m3 = m & (m - 1), m4 = m3 & (m3 - 1), end = flags & DICT_POS ? m4 : m3, len;
			unsigned third;
			if (unlikely(!end || (flags & DICT_INLINE)))
				return skip_any(it);
			before = (unsigned)__builtin_ctzll(m) / 8;
			third = (unsigned)__builtin_ctzll(m3) / 8;
			last = (unsigned)__builtin_ctzll(end) / 8;
			len = varint_fold(x, before + 1, third);
			if (unlikely(len > UINT32_MAX))
				return false;
			it->post += len;
			if (flags & DICT_POS)
				it->pos += varint_fold(x, third + 1, last);
		}
	}
	it->r.at = p + 2 + last;
	return it->r.at <= it->r.end;
}

/* Head of the next entry: how much its key shares with the one before, and the
 * rest of it, which is left in place at it->r.at.  NULL on damage. */
CDG_INLINE const uint8_t *
scan_key(dict_iter *it, size_t *shared, size_t *more)
{
	rd *r = &it->r;
	const uint8_t *p = r->at;

	if (likely(rd_left(r) >= 2 && !((p[0] | p[1]) & 0x80))) {
		*shared = p[0];
		*more = p[1];
		r->at = p += 2;
	} else {
		*shared = rd_varint(r);
		*more = rd_varint(r);
		p = r->at;
	}
	if (unlikely(r->bad || *shared > it->key_len || *more > DICT_FULL || *shared + *more < DICT_KEY_HEAD ||
		     *shared + *more > DICT_FULL || *more >= rd_left(r)))
		return NULL;
	/* of the key only the head is kept: it says how to read the entry */
	for (size_t i = *shared; unlikely(i < DICT_KEY_HEAD) && i < *shared + *more; i++)
		it->key[i] = p[i - *shared];
	it->key_len = *shared + *more;
	r->at += *more;
	return p;
}

/* ---- lookups ---------------------------------------------------------- */

typedef enum scan_end { SCAN_FOUND, SCAN_ABOVE, SCAN_OUT, SCAN_DAMAGE } scan_end;

/* Pass over the entries of a block that are below k: *passed of them.  FOUND: it
 * stands behind the bytes of the very key.  OUT: all are below. */
static scan_end
scan_block(dict_iter *it, const dict_key *k, uint32_t *passed)
{
	size_t match = 0, shared, more;

	for (*passed = 0; it->left; ++*passed, it->left--) {
		const uint8_t *p = scan_key(it, &shared, &more);
		if (unlikely(!p))
			return SCAN_DAMAGE;
		if (shared <= match) {
			size_t room = k->len - shared, i = 0, n = min_size(more, room);
			while (i < n && p[i] == k->bytes[shared + i])
				i++;
			if (i == more && i == room)
				return SCAN_FOUND;
			if (i < more && (i == room || p[i] > k->bytes[shared + i]))
				return SCAN_ABOVE;
			match = shared + i;
		}
		if (unlikely(!skip_entry(it)))
			return SCAN_DAMAGE;
	}
	return SCAN_OUT;
}

/* The entry whose key was just passed. */
static bool
scan_take(dict_iter *it, uint64_t ord, dict_entry *e)
{
	dict_read_entry(&it->r, it->key, ord, it->post, it->pos, e);
	return !it->r.bad || dict_damage(it, "a dictionary entry is unreadable");
}

bool
dict_find(const dict *d, unsigned kind, unsigned field, const void *key, size_t len, dict_entry *e)
{
	dict_key k;
	dict_iter it;
	uint64_t b;
	uint32_t passed;

	if (len > DICT_KEY_MAX || (kind < countof(d->kind_count) && kind && !d->kind_count[kind]))
		return false;
	key_make(&k, kind, field, key, len);
	if (!dict_locate(d, &k, &b))
		return false;
	it.d = d;
	if (!dict_enter(&it, b))
		return false;
	switch (scan_block(&it, &k, &passed)) {
	case SCAN_FOUND:
		return scan_take(&it, it.next_ord + passed, e);
	case SCAN_DAMAGE:
		return dict_damage(&it, "a dictionary block is unreadable");
	default:
		return false;
	}
}

bool
dict_at(const dict *d, uint64_t ord, dict_entry *e)
{
	dict_iter it;
	uint64_t b;
	size_t shared, more;

	if (ord >= d->nkeys || !dict_locate_ord(d, ord, &b))
		return false;
	it.d = d;
	if (!dict_enter(&it, b))
		return false;
	if (ord < it.next_ord || ord - it.next_ord >= it.left)
		return dict_damage(&it, "ordinals of dictionary blocks are wrong");
	for (uint64_t n = ord - it.next_ord; scan_key(&it, &shared, &more); n--) {
		if (!n)
			return scan_take(&it, ord, e);
		if (!skip_entry(&it))
			break;
	}
	return dict_damage(&it, "a dictionary block is unreadable");
}

/* ---- iterators -------------------------------------------------------- */

/* Pass over n entries of the block, keeping the key. */
static void
iter_pass(dict_iter *it, uint64_t n)
{
	size_t shared, more;

	for (; n; n--, it->left--, it->next_ord++) {
		const uint8_t *p = scan_key(it, &shared, &more);
		if (!p) {
			dict_damage(it, "a dictionary key is unreadable");
			return;
		}
		memcpy(it->key + shared, p, more);
		if (!skip_entry(it)) {
			dict_damage(it, "a dictionary entry is unreadable");
			return;
		}
	}
}

void
dict_seek(dict_iter *it, const dict *d, unsigned kind, unsigned field, const void *key, size_t len)
{
	dict_key k;
	dict_iter scan;
	uint64_t b;
	uint32_t passed;

	memset(it, 0, offsetof(dict_iter, key));
	it->d = scan.d = d;
	it->block = d->nblocks;
	key_make(&k, kind, field, key, len);
	if (!dict_locate(d, &k, &b) || !dict_enter(&scan, b))
		return;
	if (scan_block(&scan, &k, &passed) == SCAN_DAMAGE)
		dict_damage(&scan, "a dictionary block is unreadable");
	else if (dict_enter(it, b))
		iter_pass(it, passed);
}

void
dict_seek_ord(dict_iter *it, const dict *d, uint64_t ord)
{
	uint64_t b;

	memset(it, 0, offsetof(dict_iter, key));
	it->d = d;
	it->block = d->nblocks;
	if (ord >= d->nkeys || !dict_locate_ord(d, ord, &b) || !dict_enter(it, b))
		return;
	if (ord > it->next_ord)
		iter_pass(it, min_size(ord - it->next_ord, it->left));
}
