/* dict_write.c - the writing half of dict.h.  One thread per writer. */
#include "engine/dict.h"
#include "engine/dict_flags.h"

#include <stdio.h>
#include <xxhash.h>

size_t
dict_id_key(const char *id, size_t len, char *out)
{
	char hex[17];
	if (len <= DICT_KEY_MAX) {
		memcpy(out, id, len);
		return len;
	}
	memcpy(out, id, DICT_KEY_MAX - 16);
	snprintf(hex, sizeof hex, "%016llx", (unsigned long long)XXH3_64bits(id, len));
	memcpy(out + DICT_KEY_MAX - 16, hex, 16);
	return DICT_KEY_MAX;
}

void
dict_writer_init(dict_writer *w, pwriter *out, uint64_t post, uint64_t pos)
{
	memset(w, 0, sizeof *w);
	w->out = out;
	w->post = post;
	w->pos = pos;
}

void
dict_writer_fini(dict_writer *w)
{
	buf_fini(&w->block);
	buf_fini(&w->index);
	buf_fini(&w->entry);
	memset(w, 0, sizeof *w);
}

static void
dict_flush_block(dict_writer *w)
{
	if (!w->n)
		return;
	buf_put_u64(&w->index, pwriter_tell(w->out));
	buf_put_u64(&w->index, w->nkeys - w->n);
	if (w->block.failed) /* reported by dict_writer_finish */
		return;
	w->block.p[DICT_AT_COUNT] = (uint8_t)w->n;
	pwriter_put(w->out, w->block.p, w->block.len);
	w->block.len = 0;
	w->n = 0;
	w->nblocks++;
	w->last_len = 0;
}

static void
dict_put_meta(dict_writer *w, const post_meta *m)
{
	buf *b = &w->block;

	if (m->df == 1) {
		buf_put_varint(b, m->single_doc);
		if (!m->inline_pos)
			buf_put_varint(b, m->ttf - 1);
	} else {
		buf_put_varint(b, m->df);
		buf_put_varint(b, m->ttf - m->df);
		buf_put_varint(b, m->post_len);
		w->post += m->post_len;
	}
	if (m->has_pos && m->inline_pos) {
		buf_put_varint(b, m->single_pos);
	} else if (m->has_pos) {
		buf_put_varint(b, m->pos_len);
		w->pos += m->pos_len;
	}
}

static void
dict_put_members(buf *b, const dict_member *m, size_t n)
{
	uint64_t last = 0;

	buf_put_varint(b, n);
	for (size_t i = 0; i < n; i++) {
		bool all = m[i].mask == UINT64_MAX;
		buf_put_varint(b, (m[i].ord - last) << 1 | !all);
		if (!all)
			buf_put_varint(b, m[i].mask);
		last = m[i].ord;
	}
}

/* Begin an entry: open a block if needed, the key front-coded. */
static void
dict_put_key(dict_writer *w, unsigned kind, unsigned field, const void *key, size_t len)
{
	uint8_t full[DICT_KEY_HEAD + DICT_KEY_MAX + 1];
	size_t full_len = DICT_KEY_HEAD + len, shared = 0;
	buf *b = &w->block;

	assert(len <= DICT_KEY_MAX);
	full[0] = (uint8_t)kind;
	full[1] = (uint8_t)(field >> 8);
	full[2] = (uint8_t)field;
	memcpy(full + DICT_KEY_HEAD, key, len);
	if (!w->n) {
		b->len = 0;
		buf_put_u64(b, w->post);
		buf_put_u64(b, w->pos);
		buf_put_u64(b, w->nkeys);
		buf_put_u8(b, 0);
	} else {
		while (shared < full_len && shared < w->last_len && full[shared] == w->last[shared])
			shared++;
	}
	buf_put_varint(b, shared);
	buf_put_varint(b, full_len - shared);
	buf_put(b, full + shared, full_len - shared);
	memcpy(w->last, full, full_len);
	w->last_len = full_len;
	w->kind_count[kind < 5 ? kind : 0]++;
}

static void
dict_end_entry(dict_writer *w)
{
	w->nkeys++;
	if (++w->n == DICT_BLOCK)
		dict_flush_block(w);
}

static unsigned
dict_meta_flags(const post_meta *m)
{
	return (m->df == 1 ? DICT_SINGLE : 0) | (m->has_pos ? DICT_POS : 0) |
	       (m->has_codes ? DICT_CODES : 0) | (m->wide ? DICT_WIDE : 0) |
	       (m->inline_pos ? DICT_INLINE : 0);
}

void
dict_writer_term(dict_writer *w, unsigned kind, unsigned field, const void *key, size_t len,
		 const post_meta *meta, bool self_stem, const uint8_t *forms, size_t forms_len)
{
	bool table = forms && forms_len;

	dict_put_key(w, kind, field, key, len);
	buf_put_u8(&w->block, (uint8_t)(dict_meta_flags(meta) | (self_stem ? DICT_SELF : 0) |
					(table ? DICT_FORMS : 0)));
	dict_put_meta(w, meta);
	if (table) {
		buf_put_varint(&w->block, forms_len);
		buf_put(&w->block, forms, forms_len);
	}
	dict_end_entry(w);
}

void
dict_writer_class(dict_writer *w, unsigned kind, unsigned field, const void *key, size_t len,
		  const post_meta *meta, const dict_member *members, size_t nmembers)
{
	dict_put_key(w, kind, field, key, len);
	buf_put_u8(&w->block, (uint8_t)(meta ? dict_meta_flags(meta) | DICT_CLASS : DICT_ALIAS));
	if (meta)
		dict_put_meta(w, meta);
	dict_put_members(&w->block, members, nmembers);
	dict_end_entry(w);
}

cdg_status
dict_writer_append(dict_writer *w, const dict *part, uint64_t post_base, uint64_t pos_base, cdg_error *err)
{
	uint64_t end = part->index;

	dict_flush_block(w);
	if (!pfile_ok(&part->file, part->index, 16 * part->nblocks))
		return pfile_error(&part->file, err);
	for (uint64_t i = 0; i < part->nblocks; i++) {
		uint64_t at = load_u64(part->file.map.at + part->index + 16 * i);
		uint64_t to = i + 1 < part->nblocks ? load_u64(part->file.map.at + part->index + 16 * i + 16) : end;
		uint8_t head[DICT_AT_COUNT + 1];
		const uint8_t *p;
		if (to < at + sizeof head || !(p = pfile_at(&part->file, at, to - at)))
			return pfile_error(&part->file, err);
		memcpy(head, p, sizeof head);
		store_u64(head, load_u64(p) - PFILE_HEADER + post_base);
		store_u64(head + 8, load_u64(p + 8) - PFILE_HEADER + pos_base);
		store_u64(head + 16, w->nkeys);
		buf_put_u64(&w->index, pwriter_tell(w->out));
		buf_put_u64(&w->index, w->nkeys);
		pwriter_put(w->out, head, sizeof head);
		pwriter_put(w->out, p + sizeof head, to - at - sizeof head);
		w->nkeys += head[DICT_AT_COUNT];
		w->nblocks++;
	}
	for (unsigned k = 0; k < 5; k++)
		w->kind_count[k] += part->kind_count[k];
	return CDG_OK;
}

cdg_status
dict_writer_finish(dict_writer *w, cdg_error *err)
{
	uint8_t trailer[DICT_TRAILER] = { 0 };

	dict_flush_block(w);
	if (w->block.failed || w->index.failed)
		return err_nomem(err);
	store_u64(trailer, w->nkeys);
	store_u64(trailer + 8, w->nblocks);
	store_u64(trailer + 16, pwriter_tell(w->out));
	for (unsigned k = 1; k < 5; k++)
		store_u64(trailer + 24 + 8 * (k - 1), w->kind_count[k]);
	pwriter_put(w->out, w->index.p, w->index.len);
	pwriter_put(w->out, trailer, sizeof trailer);
	return CDG_OK;
}
