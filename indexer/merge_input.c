/* merge_input.c - the inputs of a merge: opened, their live documents counted
 * and numbered, their languages found.  Written once, before the threads start;
 * read by all of them afterwards, but for `ords` and `lang_sets`, of which each
 * term part fills its own range.
 */
#include "indexer/merge_internal.h"

static cdg_status
merge_input_count(merge_input *in, cdg_error *err)
{
	const segment *s = &in->seg;
	size_t nwords = live_nwords(in->ndocs);

	in->nlive = in->ndocs;
	if (s->has_deletes) {
		in->alive = s->live.words;
		in->rank = mem_alloc((nwords + 1) * sizeof *in->rank);
		if (!in->rank)
			return err_nomem(err);
		in->nlive = 0;
		for (size_t w = 0; w < nwords; w++) {
			in->rank[w] = in->nlive;
			in->nlive += (uint32_t)__builtin_popcountll(in->alive[w]);
		}
	}
	for (uint32_t d = 0; d < in->ndocs; d++) {
		uint8_t lang;
		if (merge_doc(in, d) == MERGE_DEAD)
			continue;
		if (!doctab_u8(&s->docs, DOCTAB_LANG, d, &lang))
			return pfile_error(&s->docs.f, err);
		in->langs |= (uint64_t)1 << (lang & 63);
	}
	return CDG_OK;
}

/* Sums of lengths of the live documents. */
static cdg_status
merge_input_tokens(const merge_input *in, uint64_t tokens[2], cdg_error *err)
{
	const segment *s = &in->seg;

	if (!in->alive) {
		tokens[0] += s->info.tokens[0];
		tokens[1] += s->info.tokens[1];
		return CDG_OK;
	}
	for (uint32_t d = 0; d < in->ndocs; d++) {
		uint32_t length;
		uint64_t at;
		tree_view v;
		if (merge_doc(in, d) == MERGE_DEAD)
			continue;
		if (!doctab_u32(&s->docs, DOCTAB_LENGTH, d, &length) || !doctab_tree(&s->docs, d, &at))
			return pfile_error(&s->docs.f, err);
		if (!tree_view_open(&s->tree, at, &v))
			return pfile_error(&s->tree.f, err);
		tokens[0] += length;
		tokens[1] += v.title_len; /* a token a position */
	}
	return CDG_OK;
}

static cdg_status
merge_input_open(merge *m, merge_input *in, const manifest_segment *info, cdg_error *err)
{
	uint64_t keys = 0;

	CDG_TRY(segment_open(&in->seg, m->dir, info, err));
	in->opened = true;
	in->ndocs = in->seg.docs.ndocs;
	in->nterms = in->seg.dict.kind_count[DICT_TERM];
	for (unsigned k = DICT_TERM; k <= DICT_ID; k++)
		keys += in->seg.dict.kind_count[k] <= in->seg.dict.nkeys ? in->seg.dict.kind_count[k] : UINT32_MAX;
	if (keys != in->seg.dict.nkeys || in->nterms >= UINT32_MAX) {
		pfile_damaged(&in->seg.dict.file, PFILE_HEADER, "the numbers of keys do not add up");
		return pfile_error(&in->seg.dict.file, err);
	}
	CDG_TRY(merge_input_count(in, err));
	return merge_input_tokens(in, m->out.tokens, err);
}

/* Number the languages of all inputs; then those of each document. */
static cdg_status
merge_number_langs(merge *m, cdg_error *err)
{
	for (size_t i = 0; i < m->n; i++)
		m->out.langs |= m->in[i].langs;
	for (unsigned l = 0; l < 64; l++)
		if (m->out.langs >> l & 1)
			m->lang_of[l] = (uint8_t)m->nlangs++;
	m->all_langs = m->nlangs < 64 ? ((uint64_t)1 << m->nlangs) - 1 : UINT64_MAX;
	m->lang_width = m->nlangs <= 1 ? 0 : m->nlangs <= 8 ? 1 : m->nlangs <= 16 ? 2 : m->nlangs <= 32 ? 4 : 8;
	for (size_t i = 0; i < m->n; i++) {
		merge_input *in = &m->in[i];
		in->lang_set = merge_lang_pack(m, in->langs);
		if (__builtin_popcountll(in->langs) <= 1)
			continue;
		in->lang = mem_alloc(in->ndocs);
		if (!in->lang)
			return err_nomem(err);
		for (uint32_t d = 0; d < in->ndocs; d++) {
			uint8_t lang;
			if (!doctab_u8(&in->seg.docs, DOCTAB_LANG, d, &lang))
				return pfile_error(&in->seg.docs.f, err);
			in->lang[d] = m->lang_of[lang & 63];
		}
	}
	return CDG_OK;
}

static void
merge_input_forget(const merge_input *in)
{
	const segment *s = &in->seg;
	const pfile *files[] = { &s->dict.file, &s->post, &s->pos, &s->docs.f, &s->store.f, &s->tree.f, &s->cols.f };

	for (size_t k = 0; k < countof(files); k++)
		pfile_forget(files[k], 0, files[k]->map.len);
}

cdg_status
merge_inputs_open(merge *m, const manifest_segment *const *inputs, cdg_error *err)
{
	uint64_t ndocs = 0;

	m->in = mem_calloc(m->n, sizeof *m->in);
	if (!m->in)
		return err_nomem(err);
	for (size_t i = 0; i < m->n; i++) {
		merge_input *in = &m->in[i];
		CDG_TRY(merge_input_open(m, in, inputs[i], err));
		if (ndocs + in->nlive >= UINT32_MAX)
			return err_set(err, CDG_E_LIMIT, "too many documents for one segment");
		in->base = (uint32_t)ndocs;
		ndocs += in->nlive;
		merge_input_forget(in); /* of many small ones opening alone reads more than the memory */
		m->out.store |= inputs[i]->store;
		m->total += in->seg.post.data_len + in->seg.pos.data_len + in->seg.store.f.data_len +
			    in->seg.tree.f.data_len;
	}
	m->out.docs = m->out.live = (uint32_t)ndocs;
	CDG_TRY(merge_number_langs(m, err));
	for (size_t i = 0; i < m->n && ndocs; i++) {
		merge_input *in = &m->in[i];
		in->ords = mem_alloc(((size_t)in->nterms + 1) * sizeof *in->ords);
		in->lang_sets = mem_alloc(((size_t)in->nterms + 1) * (m->lang_width ? m->lang_width : 1));
		if (!in->ords || !in->lang_sets)
			return err_nomem(err);
		memset(in->ords, 0xff, (size_t)in->nterms * sizeof *in->ords);
	}
	return CDG_OK;
}

void
merge_inputs_close(merge *m)
{
	for (size_t i = 0; m->in && i < m->n; i++) {
		merge_input *in = &m->in[i];
		if (in->opened)
			segment_close(&in->seg);
		mem_free(in->rank);
		mem_free(in->lang);
		mem_free(in->ords);
		mem_free(in->lang_sets);
	}
	mem_free(m->in);
	m->in = NULL;
}

void
merge_forget(merge *m)
{
	for (size_t i = 0; i < m->n; i++)
		merge_input_forget(&m->in[i]);
}

uint8_t
merge_norm(const merge_input *in, unsigned field, uint32_t doc)
{
	return field < 2 ? in->seg.norms[field][doc] : 0;
}

/* ---- language sets -------------------------------------------------- */

uint64_t
merge_lang_get(const merge *m, const uint8_t *sets, uint64_t i)
{
	uint64_t set = 0;
	if (!m->lang_width)
		return 1;
	memcpy(&set, sets + i * m->lang_width, m->lang_width);
	return set;
}

void
merge_lang_set(const merge *m, uint8_t *sets, uint64_t i, uint64_t set)
{
	memcpy(sets + i * m->lang_width, &set, m->lang_width);
}

uint64_t
merge_lang_pack(const merge *m, uint64_t mask)
{
	uint64_t set = 0;
	if (mask == UINT64_MAX)
		return m->all_langs;
	for (uint64_t left = mask & m->out.langs; left; left &= left - 1)
		set |= (uint64_t)1 << m->lang_of[__builtin_ctzll(left)];
	return set;
}

uint64_t
merge_lang_unpack(const merge *m, uint64_t set)
{
	uint64_t mask = 0;
	for (uint64_t left = m->out.langs; left; left &= left - 1)
		if (set >> m->lang_of[__builtin_ctzll(left)] & 1)
			mask |= left & -left;
	return mask;
}
