/* api_dump_doc.c - one document as it is stored, and all identifiers. */
#include "backend/each.h"

static void
dump_field(buf *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_puts(out, name);
	buf_puts(out, ": ");
	for (; *value; value++)
		buf_put_u8(out, (uint8_t)*value < 0x20 ? ' ' : (uint8_t)*value);
	buf_puts(out, "\n");
}

static cdg_status
dump_meta(const cdg_index *index, const buf *meta, buf *out, cdg_error *err)
{
	cdg_results box = { 0 };
	api_hit hit = { 0 };
	cdg_status st;

	arena_init(&box.mem);
	st = api_hit_meta(index, &box, &hit, meta->p, meta->len, err);
	if (st == CDG_OK) {
		dump_field(out, "id", hit.id);
		dump_field(out, "title", hit.title);
		dump_field(out, "url", hit.url);
		dump_field(out, "lang", hit.lang);
		dump_field(out, "date", hit.date);
		for (size_t i = 0; i < hit.nfields; i++)
			dump_field(out, hit.fields[i].name, hit.fields[i].value);
	}
	arena_fini(&box.mem);
	return st;
}

static cdg_status
dump_sections(const segment *s, uint32_t doc, buf *out, cdg_error *err)
{
	tree_section_iter it;
	tree_section sec;
	tree_view v;
	uint64_t off;

	if (!doctab_tree(&s->docs, doc, &off) || !tree_view_open(&s->tree, off, &v))
		return segment_error(s, err);
	buf_printf(out, "positions: title 0 to %u, text %u to %u\n", v.title_len, v.body_pos, v.end_pos);
	for (int pages = 0; pages < 2; pages++)
		for (tree_sections(&v, pages, &it); tree_section_next(&it, &sec);) {
			buf_printf(out, "%*s%s %u to %u: ", (int)min_u32(2 * sec.level, 20), "",
				   tree_kind_name(sec.kind), sec.start, sec.end);
			for (uint32_t i = 0; i < sec.label_len; i++)
				buf_put_u8(out, (uint8_t)sec.label[i] < 0x20 ? ' ' : (uint8_t)sec.label[i]);
			buf_puts(out, "\n");
		}
	return segment_error(s, err);
}

cdg_status
cdg_index_dump_document(const cdg_index *index, const char *id, size_t len, cdg_write_fn write, void *ctx,
			cdg_error *err)
{
	const segment *s;
	buf meta, text, out;
	uint32_t local = 0;
	uint64_t doc;
	cdg_status st;

	CDG_TRY(api_native(index, err));
	doc = snapshot_by_id(index->snap, id, len);
	CDG_TRY(snapshot_error(index->snap, err));
	s = doc == UINT64_MAX ? NULL : snapshot_find(index->snap, doc, &local);
	if (!s)
		return err_set(err, CDG_E_NOTFOUND, "no document '%.*s' (cdgindex dump --ids lists them)",
			       (int)min_size(len, 300), id);
	buf_init(&meta);
	buf_init(&text);
	buf_init(&out);
	st = index->be->ops->stored(index->be, doc, &meta, &text, err);
	if (st == CDG_OK)
		st = dump_meta(index, &meta, &out, err);
	if (st == CDG_OK)
		st = dump_sections(s, local, &out, err);
	if (st == CDG_OK) {
		buf_puts(&out, "\n");
		st = api_flush(&out, write, ctx, err);
	}
	if (st == CDG_OK && text.len && text.p[text.len - 1] != '\n')
		buf_puts(&text, "\n");
	if (st == CDG_OK)
		st = api_flush(&text, write, ctx, err);
	buf_fini(&meta);
	buf_fini(&text);
	buf_fini(&out);
	return st;
}

static cdg_status
dump_segment_ids(const segment *s, store_cursor *c, buf *meta, buf *out, cdg_write_fn write, void *ctx,
		 cdg_error *err)
{
	docmeta m;
	uint64_t ref;

	store_cursor_use(c, &s->store);
	for (uint32_t doc = 0; doc < s->info.docs; doc++) {
		if (!segment_is_live(s, doc))
			continue;
		if (!doctab_store(&s->docs, doc, &ref))
			return segment_error(s, err);
		meta->len = 0;
		CDG_TRY(store_meta(c, ref, meta, err));
		if (!docmeta_parse(&m, meta->p, meta->len))
			return err_corrupt(err, s->store.f.path, 0, "the metadata of document %u is damaged", doc);
		for (size_t i = 0; i < m.id_len; i++)
			buf_put_u8(out, m.id[i] == '\n' || m.id[i] == '\r' ? ' ' : (uint8_t)m.id[i]);
		buf_puts(out, "\n");
		CDG_TRY(api_flush_large(out, write, ctx, err));
	}
	return CDG_OK;
}

typedef struct dump_id_run {
	cdg_write_fn write;
	void *ctx;
	buf out;
	uint64_t n;
} dump_id_run;

static cdg_status
dump_id_one(void *ctx, const document *doc, cdg_error *err)
{
	dump_id_run *r = ctx;

	r->n++;
	for (size_t i = 0; i < doc->id.n; i++)
		buf_put_u8(&r->out, doc->id.p[i] == '\n' || doc->id.p[i] == '\r' ? ' ' : (uint8_t)doc->id.p[i]);
	buf_puts(&r->out, "\n");
	return api_flush_large(&r->out, r->write, r->ctx, err);
}

/* Of an index that is not native. */
static cdg_status
dump_ids_each(const cdg_index *index, cdg_write_fn write, void *ctx, cdg_error *err)
{
	dump_id_run r = { .write = write, .ctx = ctx };
	cdg_status st = each_document(index, dump_id_one, &r, err);

	if (st == CDG_OK)
		st = api_flush(&r.out, write, ctx, err);
	buf_fini(&r.out);
	if (st == CDG_OK && !r.n)
		return err_set(err, CDG_E_NOTFOUND, "%s has no documents", index->path);
	return st;
}

cdg_status
cdg_index_dump_ids(const cdg_index *index, cdg_write_fn write, void *ctx, cdg_error *err)
{
	store_cursor c;
	buf meta, out;
	cdg_status st;

	CDG_TRY(api_here(index, err));
	if (!index->snap)
		return dump_ids_each(index, write, ctx, err);
	store_cursor_init(&c, NULL);
	buf_init(&meta);
	buf_init(&out);
	st = CDG_OK;
	for (size_t i = 0; st == CDG_OK && i < index->snap->nsegs; i++)
		st = dump_segment_ids(&index->snap->segs[i], &c, &meta, &out, write, ctx, err);
	if (st == CDG_OK)
		st = api_flush(&out, write, ctx, err);
	store_cursor_fini(&c);
	buf_fini(&meta);
	buf_fini(&out);
	if (st == CDG_OK && !index->snap->nlive)
		return err_set(err, CDG_E_NOTFOUND, "%s has no documents", index->path);
	return st;
}
