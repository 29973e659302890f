/* check.c - see check.h.  Slow and thorough; one thread; reads every byte. */
#include "engine/check.h"

#include "engine/docmeta.h"

/* ---- posting lists --------------------------------------------------- */

static bool
impact_covers(const post_cursor *c, uint64_t impacts, uint32_t tf, uint8_t norm)
{
	if (c->avg != 0 && (float)tf * post_ratio_inv(norm, c->avg) > post_ratio(impacts))
		return false;
	for (int i = 0; i < (c->avg != 0 ? POST_PAIRS : POST_PAIRS_0); i++, impacts >>= 16) {
		unsigned t = impacts & 255, n = impacts >> 8 & 255;
		if ((t == 255 || tf <= t) && norm >= n)
			return true;
	}
	return false;
}

static cdg_status
check_post_bad(const post_cursor *c, const char *why, cdg_error *err)
{
	return err_corrupt(err, c->post->path, (uint64_t)c->meta.post, "%s", why);
}

static cdg_status
check_block(post_cursor *c, const uint8_t *norms, uint32_t ncodes, uint64_t *ttf, uint32_t *last, cdg_error *err)
{
	if (!post_load_tfs(c))
		return pfile_error(c->post, err);
	for (c->i = 0; c->i < c->n; c->i++) {
		uint32_t doc = c->doc = c->docs[c->i], tf = c->tfs[c->i], n;
		const uint32_t *pos, *codes;
		if (doc >= c->ndocs || (*last != UINT32_MAX && doc <= *last))
			return check_post_bad(c, "documents do not rise", err);
		*last = doc;
		*ttf += tf;
		if (norms && c->nb > 1 &&
		    (!impact_covers(c, post_block_impacts(c, c->block), tf, norms[doc]) ||
		     !impact_covers(c, post_super_impacts(c, c->block / POST_SUPER), tf, norms[doc]) ||
		     !impact_covers(c, c->list_impacts, tf, norms[doc])))
			return check_post_bad(c, "impacts do not cover a document", err);
		if (!c->meta.has_pos)
			continue;
		pos = post_positions(c, &n);
		if (!pos)
			return c->nomem ? err_nomem(err) : pfile_error(c->pos, err);
		if (n != tf)
			return check_post_bad(c, "number of positions is not the frequency", err);
		for (uint32_t i = 1; i < n; i++)
			if (pos[i] <= pos[i - 1])
				return err_corrupt(err, c->pos->path, c->meta.pos, "positions do not rise");
		if (!c->meta.has_codes)
			continue;
		codes = post_codes(c);
		if (!codes)
			return c->nomem ? err_nomem(err) : pfile_error(c->pos, err);
		for (uint32_t i = 0; i < n; i++)
			if (codes[i] >= ncodes)
				return err_corrupt(err, c->pos->path, c->meta.pos, "a form is not in the table");
	}
	return CDG_OK;
}

cdg_status
post_check(post_cursor *c, const pfile *post, const pfile *pos, const post_meta *meta, uint32_t ndocs,
	   const uint8_t *norms, uint32_t ncodes, cdg_error *err)
{
	uint64_t ttf = 0, df = 0;
	uint32_t last = UINT32_MAX;
	cdg_status st = CDG_OK;

	post_open(c, post, pos, meta, ndocs);
	for (uint32_t b = 0; st == CDG_OK && !c->bad && post_load(c, b); b++) {
		df += c->n;
		st = check_block(c, norms, ncodes, &ttf, &last, err);
	}
	if (st == CDG_OK && c->bad)
		st = atomic_load(&post->bad) ? pfile_error(post, err) : pfile_error(pos, err);
	if (st == CDG_OK && (ttf != meta->ttf || df != meta->df))
		st = check_post_bad(c, "sums differ from the dictionary's", err);
	post_close(c);
	return st;
}

/* ---- dictionary ------------------------------------------------------ */

typedef struct checker {
	const segment *s;
	cdg_error *err;
	post_cursor *cursor;
	uint64_t post, pos;        /* where the next lists must begin */
	uint64_t ids;
	uint64_t *seen;            /* documents that have an id */
	size_t key_len;
	uint8_t key[DICT_KEY_HEAD + DICT_KEY_MAX + 1];
} checker;

static cdg_status
check_dict_bad(const checker *k, const dict_iter *it, const char *why)
{
	uint64_t at = it->r.at ? (uint64_t)(it->r.at - it->d->file.map.at) : 0;
	return err_corrupt(k->err, it->d->file.path, at, "%s", why);
}

static cdg_status
check_members(checker *k, const dict_iter *it)
{
	dict_member_iter mi;
	dict_member m;
	uint64_t last = 0, n = 0;

	dict_members(&it->e, &mi);
	while (dict_member_next(&mi, &m)) {
		dict_iter t;
		if (n++ && m.ord <= last)
			return check_dict_bad(k, it, "members of a class do not rise");
		last = m.ord;
		dict_seek_ord(&t, &k->s->dict, m.ord);
		if (!dict_next(&t) || t.e.kind != DICT_TERM || t.e.field != it->e.field)
			return check_dict_bad(k, it, "a member of a class is not a term of its field");
	}
	return n == it->e.nmembers ? CDG_OK : check_dict_bad(k, it, "members of a class are unreadable");
}

static cdg_status
check_list(checker *k, const dict_iter *it, const pfile *post)
{
	const post_meta *m = &it->e.meta;
	const uint8_t *norms = it->e.field < 2 && it->e.kind != DICT_ID ? k->s->norms[it->e.field] : NULL;

	if ((m->df > 1 && m->post != k->post) || (m->has_pos && !m->inline_pos && m->pos != k->pos))
		return check_dict_bad(k, it, "lists do not follow one another");
	if (m->post + m->post_len > pfile_end(post) || m->pos + m->pos_len > pfile_end(&k->s->pos))
		return check_dict_bad(k, it, "a list reaches past the end of its file");
	k->post += m->post_len;
	k->pos += m->pos_len;
	return post_check(k->cursor, post, &k->s->pos, m, k->s->info.docs, norms,
			  POST_CODE_FORMS + dict_form_count(&it->e), k->err);
}

static cdg_status
check_key(checker *k, const dict_iter *it)
{
	if (k->key_len && (memcmp(k->key, it->key, min_size(k->key_len, it->key_len)) > 0 ||
			   (it->key_len <= k->key_len && !memcmp(k->key, it->key, it->key_len))))
		return check_dict_bad(k, it, "keys do not rise");
	memcpy(k->key, it->key, it->key_len);
	k->key_len = it->key_len;
	return CDG_OK;
}

static cdg_status
check_entry(checker *k, const dict_iter *it)
{
	CDG_TRY(check_key(k, it));
	if (it->e.kind < DICT_TERM || it->e.kind > DICT_ID)
		return check_dict_bad(k, it, "a key is of no known kind");
	if (it->e.is_class)
		CDG_TRY(check_members(k, it));
	if (!it->e.alias)
		CDG_TRY(check_list(k, it, &k->s->post));
	if (it->e.kind == DICT_ID) {
		uint32_t d = it->e.meta.single_doc;
		if (it->e.meta.df != 1 || d >= k->s->info.docs)
			return check_dict_bad(k, it, "a document id is not of one document");
		k->seen[d / 64] |= (uint64_t)1 << (d % 64);
		k->ids++;
	}
	return CDG_OK;
}

static cdg_status
check_dict(checker *k)
{
	const segment *s = k->s;
	uint64_t counts[5] = { 0 }, n = 0;
	dict_iter it;

	k->post = k->pos = PFILE_HEADER;
	dict_seek(&it, &s->dict, 0, 0, NULL, 0);
	while (dict_next(&it)) {
		if (it.e.ord != n++)
			return check_dict_bad(k, &it, "ordinals do not count up");
		CDG_TRY(check_entry(k, &it));
		counts[it.e.kind]++;
	}
	CDG_TRY(segment_error(s, k->err));
	if (n != s->dict.nkeys || counts[1] != s->dict.kind_count[1] || counts[2] != s->dict.kind_count[2] ||
	    counts[3] != s->dict.kind_count[3] || counts[4] != s->dict.kind_count[4])
		return err_corrupt(k->err, s->dict.file.path, pfile_end(&s->dict.file) - 64,
				   "number of keys differs from the trailer");
	if (k->post != pfile_end(&s->post))
		return err_corrupt(k->err, s->post.path, k->post, "bytes that no term uses");
	if (k->pos != pfile_end(&s->pos))
		return err_corrupt(k->err, s->pos.path, k->pos, "bytes that no term uses");
	return CDG_OK;
}

/* ---- pairs ----------------------------------------------------------- */

/* Of the two words of a pair each is a frequent term of the text. */
static cdg_status
check_pair_words(checker *k, const dict_iter *it)
{
	size_t len;
	const uint8_t *key = (const uint8_t *)dict_iter_bytes(it, &len);

	if (it->e.kind != DICT_PAIR || it->e.field != DICT_FIELD_TEXT || len != DICT_PAIR_KEY || it->e.alias ||
	    it->e.is_class || it->e.meta.has_pos)
		return check_dict_bad(k, it, "a key is not of a pair");
	for (unsigned i = 0; i < 2; i++) {
		dict_entry e;
		if (!dict_at(&k->s->dict, __builtin_bswap32(load_u32(key + 4 * i)), &e) || e.kind != DICT_TERM ||
		    e.field != DICT_FIELD_TEXT || e.meta.df <= k->s->info.docs / SEGMENT_PAIR_SHARE)
			return check_dict_bad(k, it, "a word of a pair is not a frequent term of the text");
	}
	return CDG_OK;
}

static cdg_status
check_pairs(checker *k)
{
	const segment *s = k->s;
	uint64_t n = 0;
	dict_iter it;

	if (!s->info.pairs)
		return CDG_OK;
	k->post = PFILE_HEADER;
	k->key_len = 0;
	dict_seek(&it, &s->pairs, 0, 0, NULL, 0);
	for (; dict_next(&it); n++) {
		CDG_TRY(check_key(k, &it));
		CDG_TRY(check_pair_words(k, &it));
		CDG_TRY(check_list(k, &it, &s->pairpost));
	}
	CDG_TRY(segment_error(s, k->err));
	if (n != s->pairs.nkeys)
		return err_corrupt(k->err, s->pairs.file.path, pfile_end(&s->pairs.file) - 64,
				   "number of keys differs from the trailer");
	if (k->post != pfile_end(&s->pairpost))
		return err_corrupt(k->err, s->pairpost.path, k->post, "bytes that no pair uses");
	return CDG_OK;
}

/* ---- documents ------------------------------------------------------- */

/* Every document: its row, its tree, its record, its id. */
static cdg_status
check_document(checker *k, store_cursor *c, uint32_t doc, uint64_t tokens[2], buf *meta)
{
	const segment *s = k->s;
	doctab_row row;
	tree_view v;
	docmeta m;
	docmeta_value value;
	uint32_t meta_len, text_len;

	if (!doctab_get(&s->docs, doc, &row))
		return pfile_error(&s->docs.f, k->err);
	if (!tree_view_open(&s->tree, row.tree, &v))
		return pfile_error(&s->tree.f, k->err);
	if (row.norm_text != norm_encode(row.length))
		return err_corrupt(k->err, s->docs.f.path, PFILE_HEADER, "length byte of document %u is wrong", doc);
	if (row.lang >= 64 || !(s->info.langs >> row.lang & 1))
		return err_corrupt(k->err, s->docs.f.path, PFILE_HEADER, "language of document %u is not in the manifest", doc);
	tokens[0] += row.length;
	CDG_TRY(store_lengths(c, row.store, &meta_len, &text_len, k->err));
	meta->len = 0;
	CDG_TRY(store_meta(c, row.store, meta, k->err));
	if (!docmeta_parse(&m, meta->p, meta->len))
		return err_corrupt(k->err, s->store.f.path, row.store >> 32, "metadata of document %u is unreadable", doc);
	for (uint32_t i = 0; i < m.nfields; i++)
		if (!docmeta_next(&m, &value))
			return err_corrupt(k->err, s->store.f.path, row.store >> 32, "a field of document %u is unreadable", doc);
	if (segment_is_live(s, doc) && segment_by_id(s, m.id, m.id_len) != doc)
		return err_corrupt(k->err, s->dict.file.path, 0, "document %u is not found by its id", doc);
	return segment_error(s, k->err);
}

static cdg_status
check_documents(checker *k)
{
	const segment *s = k->s;
	uint64_t tokens[2] = { 0 };
	store_cursor c;
	buf meta = { 0 };
	cdg_status st = CDG_OK;

	store_cursor_init(&c, &s->store);
	for (uint32_t d = 0; d < s->info.docs && st == CDG_OK; d++)
		st = check_document(k, &c, d, tokens, &meta);
	store_cursor_fini(&c);
	buf_fini(&meta);
	if (st == CDG_OK && tokens[0] != s->info.tokens[0])
		st = err_corrupt(k->err, s->docs.f.path, PFILE_HEADER, "lengths sum to %llu, the manifest says %llu",
				 (unsigned long long)tokens[0], (unsigned long long)s->info.tokens[0]);
	return st;
}

cdg_status
segment_check(const segment *s, cdg_error *err)
{
	checker k = { .s = s, .err = err };
	cdg_status st;

	CDG_TRY(pfile_check(&s->dict.file, err));
	CDG_TRY(pfile_check(&s->post, err));
	CDG_TRY(pfile_check(&s->pos, err));
	CDG_TRY(doctab_check(&s->docs, err));
	CDG_TRY(store_check(&s->store, err));
	CDG_TRY(tree_check(&s->tree, err));
	CDG_TRY(columns_check(&s->cols, err));
	if (s->info.pairs) {
		CDG_TRY(pfile_check(&s->pairs.file, err));
		CDG_TRY(pfile_check(&s->pairpost, err));
	}
	if (s->has_deletes)
		CDG_TRY(live_check(&s->live, err));
	k.cursor = mem_calloc(1, sizeof *k.cursor);
	k.seen = mem_calloc(live_nwords(s->info.docs) + 1, sizeof *k.seen);
	st = k.cursor && k.seen ? check_dict(&k) : err_nomem(err);
	if (st == CDG_OK)
		st = check_pairs(&k);
	if (st == CDG_OK)
		st = check_documents(&k);
	mem_free(k.cursor);
	mem_free(k.seen);
	return st;
}

/* A live id in two segments would be found twice. */
static cdg_status
check_ids(const snapshot *snap, size_t seg, cdg_error *err)
{
	const segment *s = &snap->segs[seg];
	dict_iter it;

	dict_seek(&it, &s->dict, DICT_ID, 0, NULL, 0);
	while (dict_next(&it)) {
		if (!segment_is_live(s, it.e.meta.single_doc))
			continue;
		for (size_t j = seg + 1; j < snap->nsegs; j++) {
			const segment *t = &snap->segs[j];
			dict_entry e;
			size_t n;
			const char *id = dict_iter_bytes(&it, &n);
			if (dict_find(&t->dict, DICT_ID, 0, id, n, &e) && segment_is_live(t, e.meta.single_doc))
				return err_corrupt(err, t->dict.file.path, 0, "document id '%.*s' is live in two segments",
						   (int)n, id);
		}
	}
	return segment_error(s, err);
}

cdg_status
snapshot_check(const snapshot *snap, cdg_error *err)
{
	for (size_t i = 0; i < snap->nsegs; i++)
		CDG_TRY(segment_check(&snap->segs[i], err));
	for (size_t i = 0; i + 1 < snap->nsegs; i++)
		CDG_TRY(check_ids(snap, i, err));
	return CDG_OK;
}
