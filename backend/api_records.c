/* api_records.c - whole documents out of an index and into another: as records,
 * for OpenSearch, or by importing. */
#include "backend/each.h"
#include "extract/write_record.h"

typedef struct records_run {
	bool bulk;
	cdg_write_fn write;
	void *ctx;
	buf out;
	uint64_t n;
} records_run;

/* An action and a document for _bulk of OpenSearch and Elasticsearch. */
static void
records_bulk(buf *out, const document *doc)
{
	document bare = *doc;

	bare.sections = NULL;
	bare.nsections = 0;
	buf_puts(out, "{\"index\":{\"_id\":");
	write_record_string(out, doc->id.p ? doc->id.p : "", doc->id.n);
	buf_puts(out, "}}\n");
	write_record(out, &bare);
}

static cdg_status
records_one(void *ctx, const document *doc, cdg_error *err)
{
	records_run *r = ctx;

	r->n++;
	if (r->bulk)
		records_bulk(&r->out, doc);
	else
		write_record(&r->out, doc);
	buf_put_u8(&r->out, '\n');
	return api_flush_large(&r->out, r->write, r->ctx, err);
}

cdg_status
cdg_index_dump_records(const cdg_index *index, const char *format, cdg_write_fn write, void *ctx, cdg_error *err)
{
	records_run r = { .write = write, .ctx = ctx };
	cdg_status st;

	r.bulk = !strcmp(format, "opensearch-bulk");
	if (!r.bulk && strcmp(format, "jsonl") != 0)
		return err_set(err, CDG_E_ARG, "'%.60s' is not one of jsonl, opensearch-bulk", format);
	st = each_document(index, records_one, &r, err);
	if (st == CDG_OK)
		st = api_flush(&r.out, write, ctx, err);
	buf_fini(&r.out);
	if (st == CDG_OK && !r.n)
		return err_set(err, CDG_E_NOTFOUND, "%s has no documents", index->path);
	return st;
}
