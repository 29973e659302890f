/* api_find.c - a document by its identifier, in an index of any kind. */
#include "backend/api.h"

static cdg_status
find_none(const char *id, size_t len, cdg_error *err)
{
	return err_set(err, CDG_E_NOTFOUND, "no document '%.*s'", (int)min_size(len, 300), id ? id : "");
}

/* Does the document have this identifier?  Its metadata are in meta. */
static bool
find_is(const buf *meta, const char *id, size_t len)
{
	docmeta m;

	return docmeta_parse(&m, meta->p, meta->len) && m.id_len == len && (!len || !memcmp(m.id, id, len));
}

/* By a condition on a field that has the identifier as its whole value. */
static cdg_status
find_by_field(const cdg_index *index, const char *field, const char *id, size_t len, uint64_t *doc, cdg_error *err)
{
	search_request rq = { .limit = 1, .bm25 = { 1.2f, 0.75f }, .title_weight = 1, .xapian = true };
	search_result found = { 0 };
	q_node node = { .type = Q_TERM, .mode = Q_VALUE, .width = 1, .boost = 1, .field = field,
			.term = id, .term_len = len, .raw = id, .raw_len = len };
	cdg_status st;

	rq.root = &node;
	rq.xbm25 = (bm25_xapian)BM25_XAPIAN_DEFAULTS;
	st = index->be->ops->search(index->be, &rq, &found, err);
	*doc = st == CDG_OK && found.nhits ? found.hits[0].doc : UINT64_MAX;
	search_result_fini(&found);
	return st;
}

static cdg_status
find_check(const cdg_index *index, uint64_t doc, const char *id, size_t len, buf *meta, cdg_error *err)
{
	cdg_status st;

	meta->len = 0;
	if (doc == UINT64_MAX)
		return find_none(id, len, err);
	st = index->be->ops->stored(index->be, doc, meta, NULL, err);
	return st == CDG_OK && !find_is(meta, id, len) ? find_none(id, len, err) : st;
}

/* A database that others wrote takes the URL or the number where there is no
 * identifier. */
static cdg_status
find_elsewhere(const cdg_index *index, const char *id, size_t len, uint64_t *doc, buf *meta, cdg_error *err)
{
	static const char *const fields[] = { "id", "url" };
	cdg_status st = CDG_E_NOTFOUND;
	uint64_t number = 0;
	size_t digits = 0;

	for (size_t i = 0; i < countof(fields) && st == CDG_E_NOTFOUND; i++) {
		CDG_TRY(find_by_field(index, fields[i], id, len, doc, err));
		st = find_check(index, *doc, id, len, meta, err);
	}
	while (digits < len && digits < 10 && id[digits] >= '0' && id[digits] <= '9')
		number = 10 * number + (uint64_t)(id[digits++] - '0');
	if (st != CDG_E_NOTFOUND || digits < len || !number || number > UINT32_MAX)
		return st;
	*doc = number - 1;
	st = find_check(index, *doc, id, len, meta, err);
	return st == CDG_OK || st == CDG_E_NOMEM ? st : find_none(id, len, err);
}

cdg_status
api_find(const cdg_index *index, const char *id, size_t len, uint64_t *doc, buf *meta, cdg_error *err)
{
	if (!len || !id)
		return find_none("", 0, err);
	if (!index->snap)
		return find_elsewhere(index, id, len, doc, meta, err);
	*doc = snapshot_by_id(index->snap, id, len);
	CDG_TRY(snapshot_error(index->snap, err));
	if (*doc == UINT64_MAX)
		return find_none(id, len, err);
	return index->be->ops->stored(index->be, *doc, meta, NULL, err);
}
