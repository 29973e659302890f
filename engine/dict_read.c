/* dict_read.c - the reading half of dict.h.
 *
 * A lookup is a binary search over the first keys of the blocks, in place, and
 * a scan of at most one block.  A dict_iter decodes into its own key buffer;
 * everything else points into the mapped file.
 */
#include "engine/dict.h"
#include "engine/dict_flags.h"

cdg_status
dict_open(dict *d, const char *path, const segment_id *id, cdg_error *err)
{
	const uint8_t *t;
	size_t end;

	memset(d, 0, sizeof *d);
	CDG_TRY(pfile_open(&d->file, path, PFILE_KIND('D', 'I', 'C', 'T'), id, err));
	end = pfile_end(&d->file);
	t = end >= PFILE_HEADER + DICT_TRAILER ? pfile_at(&d->file, end - DICT_TRAILER, DICT_TRAILER) : NULL;
	if (t) {
		d->nkeys = load_u64(t);
		d->nblocks = load_u64(t + 8);
		d->index = load_u64(t + 16);
		for (unsigned k = 1; k < 5; k++)
			d->kind_count[k] = load_u64(t + 24 + 8 * (k - 1));
		if (d->index < PFILE_HEADER || d->index > end || d->nblocks > (end - d->index) / 16 ||
		    d->index + 16 * d->nblocks + DICT_TRAILER != end || d->nkeys > d->nblocks * DICT_BLOCK)
			t = NULL;
	}
	if (!t) {
		cdg_status st;
		pfile_damaged(&d->file, end, "dictionary trailer is wrong");
		st = pfile_error(&d->file, err);
		dict_close(d);
		return st;
	}
	return CDG_OK;
}

void
dict_close(dict *d)
{
	pfile_close(&d->file);
}

/* Place of block b, and where it must end. */
static bool
dict_block_at(const dict *d, uint64_t b, size_t *at, size_t *end)
{
	const uint8_t *p = pfile_at(&d->file, d->index + 16 * b, b + 1 < d->nblocks ? 32 : 16);
	if (!p)
		return false;
	*at = load_u64(p);
	*end = b + 1 < d->nblocks ? load_u64(p + 16) : d->index;
	if (*at < PFILE_HEADER || *end > d->index || *end < *at || *end - *at < DICT_AT_COUNT + 1) {
		pfile_damaged(&d->file, d->index + 16 * b, "dictionary index is wrong");
		return false;
	}
	return true;
}

static bool
dict_damage(dict_iter *it, const char *why)
{
	size_t at = it->r.at ? (size_t)(it->r.at - it->d->file.map.at) : 0;
	pfile_damaged(&it->d->file, at, why);
	it->left = 0;
	it->block = it->d->nblocks;
	return false;
}

/* Stand before the first entry of block b. */
static bool
dict_enter(dict_iter *it, uint64_t b)
{
	size_t at, end;
	const uint8_t *p;

	it->left = 0;
	it->block = b;
	it->key_len = 0;
	if (b >= it->d->nblocks || !dict_block_at(it->d, b, &at, &end) ||
	    !(p = pfile_at(&it->d->file, at, end - at))) {
		it->block = it->d->nblocks;
		return false;
	}
	it->post = load_u64(p);
	it->pos = load_u64(p + 8);
	it->next_ord = load_u64(p + 16);
	it->left = p[DICT_AT_COUNT];
	it->r = rd_make(p + DICT_AT_COUNT + 1, end - at - DICT_AT_COUNT - 1);
	if (!it->left || it->left > DICT_BLOCK)
		return dict_damage(it, "a dictionary block has an impossible number of keys");
	return true;
}

static void
dict_read_meta(dict_iter *it, unsigned flags)
{
	rd *r = &it->r;
	post_meta *m = &it->e.meta;

	m->has_pos = flags & DICT_POS;
	m->has_codes = flags & DICT_CODES;
	m->wide = flags & DICT_WIDE;
	m->post = it->post;
	m->pos = it->pos;
	if (flags & DICT_SINGLE) {
		m->df = 1;
		m->single_doc = rd_varint32(r);
		m->ttf = flags & DICT_INLINE ? 1 : rd_varint(r) + 1;
	} else {
		m->df = rd_varint32(r);
		m->ttf = rd_varint(r) + m->df;
		m->post_len = rd_varint32(r);
		it->post += m->post_len;
		if (m->df < 2)
			r->bad = true;
	}
	if (m->has_pos && (flags & DICT_INLINE)) {
		m->inline_pos = true;
		m->single_pos = rd_varint32(r);
	} else if (m->has_pos) {
		m->pos_len = rd_varint(r);
		it->pos += m->pos_len;
	}
	if (m->pos_len > UINT64_MAX / 4 || m->ttf < m->df)
		r->bad = true;
}

static void
dict_read_entry(dict_iter *it)
{
	rd *r = &it->r;
	unsigned flags = rd_u8(r);
	dict_entry *e = &it->e;

	memset(e, 0, sizeof *e);
	e->ord = it->next_ord++;
	e->kind = it->key[0];
	e->field = (uint16_t)(it->key[1] << 8 | it->key[2]);
	e->alias = flags & DICT_ALIAS;
	e->is_class = e->kind != DICT_TERM && (flags & (DICT_CLASS | DICT_ALIAS));
	e->self_stem = e->kind == DICT_TERM && (flags & DICT_SELF);
	if (e->alias && !e->is_class)
		r->bad = true;
	if (!e->alias)
		dict_read_meta(it, flags);
	if (flags & DICT_FORMS) {
		e->forms_len = rd_varint32(r);
		e->forms = rd_bytes(r, e->forms_len);
	}
	if (e->is_class) {
		dict_member m;
		dict_member_iter mi;
		e->nmembers = rd_varint32(r);
		e->members = r->at;
		e->members_len = rd_left(r);
		dict_members(e, &mi);
		while (dict_member_next(&mi, &m))
			;
		if (mi.r.bad || !e->nmembers || (e->alias && e->nmembers != 1))
			r->bad = true;
		else
			r->at = mi.r.at;
		e->members_len = (size_t)(r->at - e->members);
	}
}

bool
dict_next(dict_iter *it)
{
	uint64_t shared, more;
	const uint8_t *p;

	while (!it->left) {
		if (it->block >= it->d->nblocks)
			return false;
		if (!dict_enter(it, it->block + 1))
			return false;
	}
	shared = rd_varint(&it->r);
	more = rd_varint(&it->r);
	if (shared > it->key_len || more > DICT_KEY_HEAD + DICT_KEY_MAX || shared + more < DICT_KEY_HEAD ||
	    shared + more > DICT_KEY_HEAD + DICT_KEY_MAX || !(p = rd_bytes(&it->r, more)))
		return dict_damage(it, "a dictionary key is unreadable");
	memcpy(it->key + shared, p, more);
	it->key_len = shared + more;
	it->left--;
	dict_read_entry(it);
	if (it->r.bad)
		return dict_damage(it, "a dictionary entry is unreadable");
	return true;
}

static int
dict_key_cmp(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
	int c = memcmp(a, b, an < bn ? an : bn);
	return c ? c : (an > bn) - (an < bn);
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

/* The last block whose first key is <= key, or 0. */
static bool
dict_locate(const dict *d, const uint8_t *key, size_t len, uint64_t *block)
{
	uint64_t lo = 0, hi = d->nblocks;

	while (lo + 1 < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		const uint8_t *k;
		size_t n;
		if (!dict_first_key(d, mid, &k, &n))
			return false;
		if (dict_key_cmp(k, n, key, len) <= 0)
			lo = mid;
		else
			hi = mid;
	}
	*block = lo;
	return d->nblocks > 0;
}

static size_t
dict_make_key(uint8_t *full, unsigned kind, unsigned field, const void *key, size_t len)
{
	if (len > DICT_KEY_MAX)
		len = DICT_KEY_MAX;
	full[0] = (uint8_t)kind;
	full[1] = (uint8_t)(field >> 8);
	full[2] = (uint8_t)field;
	if (len)
		memcpy(full + DICT_KEY_HEAD, key, len);
	return DICT_KEY_HEAD + len;
}

bool
dict_find(const dict *d, unsigned kind, unsigned field, const void *key, size_t len, dict_entry *e)
{
	uint8_t full[DICT_KEY_HEAD + DICT_KEY_MAX + 1];
	size_t n;
	dict_iter it;
	uint64_t b;

	if (len > DICT_KEY_MAX)
		return false;
	n = dict_make_key(full, kind, field, key, len);
	if (!dict_locate(d, full, n, &b))
		return false;
	it.d = d;
	if (!dict_enter(&it, b))
		return false;
	while (it.left && dict_next(&it)) {
		int c = dict_key_cmp(it.key, it.key_len, full, n);
		if (c == 0)
			*e = it.e;
		if (c >= 0)
			return c == 0;
	}
	return false;
}

void
dict_seek(dict_iter *it, const dict *d, unsigned kind, unsigned field, const void *key, size_t len)
{
	uint8_t full[DICT_KEY_HEAD + DICT_KEY_MAX + 1];
	size_t n = dict_make_key(full, kind, field, key, len);
	uint64_t b;

	memset(it, 0, offsetof(dict_iter, key));
	it->d = d;
	it->block = d->nblocks;
	if (!dict_locate(d, full, n, &b) || !dict_enter(it, b))
		return;
	for (;;) {
		dict_iter before = *it;
		if (!dict_next(it))
			return;
		if (dict_key_cmp(it->key, it->key_len, full, n) >= 0) {
			*it = before;
			return;
		}
	}
}

void
dict_seek_ord(dict_iter *it, const dict *d, uint64_t ord)
{
	uint64_t lo = 0, hi = d->nblocks;

	memset(it, 0, offsetof(dict_iter, key));
	it->d = d;
	it->block = d->nblocks;
	if (ord >= d->nkeys)
		return;
	while (lo + 1 < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		const uint8_t *p = pfile_at(&d->file, d->index + 16 * mid, 16);
		if (!p)
			return;
		if (load_u64(p + 8) <= ord)
			lo = mid;
		else
			hi = mid;
	}
	if (!dict_enter(it, lo))
		return;
	while (it->left && it->next_ord < ord)
		if (!dict_next(it))
			return;
}

void
dict_members(const dict_entry *e, dict_member_iter *it)
{
	it->r = rd_make(e->members, e->members_len);
	it->left = e->nmembers;
	it->ord = 0;
}

bool
dict_member_next(dict_member_iter *it, dict_member *out)
{
	uint64_t v;

	if (!it->left || it->r.bad)
		return false;
	it->left--;
	v = rd_varint(&it->r);
	it->ord += v >> 1;
	out->ord = it->ord;
	out->mask = v & 1 ? rd_varint(&it->r) : UINT64_MAX;
	return !it->r.bad;
}

bool
dict_form(const dict_entry *e, uint32_t i, const char **raw, size_t *len, unsigned *width)
{
	rd r = rd_make(e->forms, e->forms_len);
	for (; rd_left(&r); i--) {
		*width = rd_u8(&r);
		*len = rd_u8(&r);
		*raw = (const char *)rd_bytes(&r, *len);
		if (r.bad)
			return false;
		if (i == 0)
			return true;
	}
	return false;
}

uint32_t
dict_form_count(const dict_entry *e)
{
	rd r = rd_make(e->forms, e->forms_len);
	uint32_t n = 0;
	while (rd_left(&r)) {
		rd_u8(&r);
		rd_bytes(&r, rd_u8(&r));
		if (r.bad)
			break;
		n++;
	}
	return n;
}
