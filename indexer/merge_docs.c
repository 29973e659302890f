/* merge_docs.c - document table, stored text, trees and columns of the merged
 * segment.  Independent of terms, so it runs beside them in one thread.
 *
 * From an input without deletes, stored blocks and trees are copied as they are
 * and only the places in the table move; else each live document is copied.
 * Another order of documents changes the table and the columns alone: texts and
 * trees may lie in any.
 */
#include "indexer/merge_internal.h"

typedef struct merge_docs_state {
	merge *m;
	pwriter text, tree, docs, cols;
	store_joiner store;
	tree_joiner trees;
	store_cursor cursor;
	doctab_writer rows;
	column_builder *columns;
	merge_part step;      /* for merge_part_step only */
} merge_docs_state;

static cdg_status
docs_open(merge_docs_state *s, pwriter *w, const char *ext, uint32_t kind, cdg_error *err)
{
	char *path = segment_path(s->m->dir, &s->m->out.id, ext);
	cdg_status st = path ? pwriter_open(w, path, kind, &s->m->out.id, err) : err_nomem(err);

	mem_free(path);
	return st;
}

static cdg_status
docs_add(merge_docs_state *s, const merge_input *in, uint32_t d, bool whole, uint32_t base_block,
	 uint64_t shift, cdg_error *err)
{
	const segment *seg = &in->seg;
	doctab_row row;

	if (!doctab_get(&seg->docs, d, &row))
		return pfile_error(&seg->docs.f, err);
	if (whole) {
		row.store = store_rebase(row.store, base_block);
		row.tree += shift;
	} else {
		CDG_TRY(store_copy_record(&s->store, &s->cursor, row.store, &row.store, err));
		CDG_TRY(tree_copy(&s->trees, &seg->tree, row.tree, &row.tree, err));
	}
	return doctab_writer_add(&s->rows, &row, err);
}

static cdg_status
docs_input(merge_docs_state *s, const merge_input *in, cdg_error *err)
{
	const segment *seg = &in->seg;
	uint32_t base_block = 0;
	uint64_t shift = 0, bytes = seg->store.f.data_len + seg->tree.f.data_len, told = 0;

	if (!in->alive) {
		CDG_TRY(store_append(&s->store, &seg->store, &base_block, err));
		CDG_TRY(tree_append(&s->trees, &seg->tree, &shift, err));
		told = bytes;
		CDG_TRY(merge_part_step(s->m, &s->step, told, err));
	}
	store_cursor_use(&s->cursor, &seg->store);
	for (uint32_t d = 0; d < in->ndocs; d++) {
		uint64_t now = in->alive ? bytes / in->ndocs : 0;
		told += now;
		CDG_TRY(merge_part_step(s->m, &s->step, now, err));
		if (merge_doc(in, d) != MERGE_DEAD)
			CDG_TRY(docs_add(s, in, d, !in->alive, base_block, shift, err));
	}
	return merge_part_step(s->m, &s->step, bytes - told, err);
}

/* The values of an input's live documents. */
static cdg_status
docs_columns(merge_docs_state *s, const merge_input *in, cdg_error *err)
{
	const columns *cols = &in->seg.cols;
	uint32_t *map = NULL;
	cdg_status st = CDG_OK;

	if ((in->alive || in->order) && cols->nfields) {
		map = mem_alloc(in->ndocs * sizeof *map);
		if (!map)
			return err_nomem(err);
		for (uint32_t d = 0; d < in->ndocs; d++)
			map[d] = merge_doc(in, d);
	}
	for (uint32_t f = 0; st == CDG_OK && f < cols->nfields; f++) {
		st = column_builder_add_column(s->columns, &cols->fields[f], map, in->base, err);
		if (st == CDG_OK)
			st = merge_poll(s->m, err);
	}
	mem_free(map);
	return st;
}

static cdg_status
docs_write_text(merge_docs_state *s, cdg_error *err)
{
	merge *m = s->m;

	CDG_TRY(docs_open(s, &s->text, "text", STORE_KIND, err));
	CDG_TRY(docs_open(s, &s->tree, "tree", TREE_KIND, err));
	CDG_TRY(store_joiner_init(&s->store, &s->text, err));
	tree_joiner_init(&s->trees, &s->tree);
	doctab_writer_init(&s->rows);
	store_cursor_init(&s->cursor, &m->in[0].seg.store);
	for (size_t i = 0; i < m->n; i++)
		CDG_TRY(docs_input(s, &m->in[i], err));
	CDG_TRY(store_joiner_finish(&s->store, err));
	CDG_TRY(tree_joiner_finish(&s->trees, err));
	CDG_TRY(pwriter_finish(&s->text, m->opt->sync, err));
	return pwriter_finish(&s->tree, m->opt->sync, err);
}

static cdg_status
docs_write_rows(merge_docs_state *s, cdg_error *err)
{
	doctab_input in = { .w = &s->rows, .map = s->m->order };

	CDG_TRY(docs_open(s, &s->docs, "docs", DOCTAB_KIND, err));
	CDG_TRY(doctab_write(&s->docs, &in, 1, s->m->out.docs, err));
	doctab_writer_fini(&s->rows);
	return pwriter_finish(&s->docs, s->m->opt->sync, err);
}

static cdg_status
docs_write_columns(merge_docs_state *s, cdg_error *err)
{
	column_builder *const builders[] = { s->columns = column_builder_new() };

	if (!s->columns)
		return err_nomem(err);
	for (size_t i = 0; i < s->m->n; i++)
		CDG_TRY(docs_columns(s, &s->m->in[i], err));
	CDG_TRY(docs_open(s, &s->cols, "cols", COLUMN_KIND, err));
	CDG_TRY(column_write(&s->cols, builders, 1, NULL, NULL, s->m->out.docs, err));
	return pwriter_finish(&s->cols, s->m->opt->sync, err);
}

cdg_status
merge_docs(merge *m, cdg_error *err)
{
	merge_docs_state s;
	cdg_status st;

	memset(&s, 0, sizeof s);
	s.m = m;
	st = docs_write_text(&s, err);
	if (st == CDG_OK)
		st = docs_write_rows(&s, err);
	if (st == CDG_OK)
		st = docs_write_columns(&s, err);
	store_joiner_fini(&s.store);
	tree_joiner_fini(&s.trees);
	store_cursor_fini(&s.cursor);
	doctab_writer_fini(&s.rows);
	column_builder_free(s.columns);
	pwriter_abort(&s.text);
	pwriter_abort(&s.tree);
	pwriter_abort(&s.docs);
	pwriter_abort(&s.cols);
	return st;
}
