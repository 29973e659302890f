/* dict_read.c - the reading half of dict.h: opening, entries one after another,
 * and what is inside an entry.  Looking a key up is in dict_find.c.
 *
 * A dict_iter decodes into its own key buffer; everything else points into the
 * mapped file.
 */
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
	dict_top_free(d);
	pfile_close(&d->file);
}

bool
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

bool
dict_damage(dict_iter *it, const char *why)
{
	size_t at = it->r.at ? (size_t)(it->r.at - it->d->file.map.at) : 0;
	pfile_damaged(&it->d->file, at, why);
	it->left = 0;
	it->block = it->d->nblocks;
	return false;
}

bool
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
dict_read_meta(rd *r, unsigned flags, post_meta *m)
{
	m->has_pos = flags & DICT_POS;
	m->has_codes = flags & DICT_CODES;
	m->wide = flags & DICT_WIDE;
	if (flags & DICT_SINGLE) {
		m->df = 1;
		m->single_doc = rd_varint32(r);
		m->ttf = flags & DICT_INLINE ? 1 : rd_varint(r) + 1;
	} else {
		m->df = rd_varint32(r);
		m->ttf = rd_varint(r) + m->df;
		m->post_len = rd_varint32(r);
		if (m->df < 2)
			r->bad = true;
	}
	if (m->has_pos && (flags & DICT_INLINE)) {
		m->inline_pos = true;
		m->single_pos = rd_varint32(r);
	} else if (m->has_pos) {
		m->pos_len = rd_varint(r);
	}
	if (m->pos_len > UINT64_MAX / 4 || m->ttf < m->df)
		r->bad = true;
}

void
dict_read_entry(rd *r, const uint8_t *head, uint64_t ord, uint64_t post, uint64_t pos, dict_entry *e)
{
	unsigned flags = rd_u8(r);

	memset(e, 0, sizeof *e);
	e->ord = ord;
	e->kind = head[0];
	e->field = (uint16_t)(head[1] << 8 | head[2]);
	e->alias = flags & DICT_ALIAS;
	e->is_class = e->kind != DICT_TERM && (flags & (DICT_CLASS | DICT_ALIAS));
	e->self_stem = e->kind == DICT_TERM && (flags & DICT_SELF);
	if (e->alias && !e->is_class)
		r->bad = true;
	if (!e->alias) {
		e->meta.post = post;
		e->meta.pos = pos;
		dict_read_meta(r, flags, &e->meta);
	}
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
	dict_read_entry(&it->r, it->key, it->next_ord++, it->post, it->pos, &it->e);
	it->post += it->e.meta.post_len;
	it->pos += it->e.meta.pos_len;
	if (it->r.bad)
		return dict_damage(it, "a dictionary entry is unreadable");
	return true;
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
