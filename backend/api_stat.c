/* api_stat.c - the numbers of an index, as a table for people or as JSON.
 *
 * Terms are counted by segment and added up: a term that is in three segments
 * counts three times, until they are merged.  Counting by language reads the
 * language bytes of all documents.
 */
#include "backend/api.h"
#include "backend/xapian/care.h"

#include <stdio.h>

enum { STAT_PARTS = 10 };

static const char *const stat_names[STAT_PARTS] = {
	"dictionary", "postings", "positions", "documents", "text", "structure", "fields", "deletes", "pairs", "other",
};

typedef struct stat_sum {
	uint64_t parts[STAT_PARTS], bytes;
	uint64_t terms, docs, live, text_tokens, title_tokens;
	uint64_t langs[256];
	bool stored;
} stat_sum;

static cdg_status
stat_segment(stat_sum *sum, const segment *s, cdg_error *err)
{
	const pfile *files[] = { &s->dict.file, &s->post, &s->pos, &s->docs.f, &s->store.f,
				 &s->tree.f,	&s->cols.f, &s->live.f, &s->pairs.file };

	for (size_t i = 0; i < countof(files); i++)
		sum->parts[i] += files[i]->map.len;
	sum->parts[STAT_PARTS - 2] += s->pairpost.map.len;
	sum->terms += s->dict.kind_count[DICT_TERM];
	sum->docs += s->info.docs;
	sum->live += s->info.live;
	sum->text_tokens += s->info.tokens[0];
	sum->title_tokens += s->info.tokens[1];
	sum->stored |= s->info.store;
	for (uint32_t i = 0; i < s->info.docs; i++) {
		uint8_t lang;
		if (!segment_is_live(s, i))
			continue;
		if (!doctab_u8(&s->docs, DOCTAB_LANG, i, &lang))
			return segment_error(s, err);
		sum->langs[lang]++;
	}
	return CDG_OK;
}

/* MANIFEST and sources-N. */
static uint64_t
stat_other(const snapshot *snap)
{
	char path[4096], name[64];
	uint64_t bytes = 0;
	file_map map;

	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof name, i ? "sources-%llu" : MANIFEST_NAME,
			 (unsigned long long)snap->manifest.sources);
		if (file_join(path, sizeof path, snap->dir, name, NULL) != CDG_OK ||
		    file_map_open(path, &map, NULL) != CDG_OK)
			continue;
		bytes += map.len;
		file_map_close(&map);
	}
	return bytes;
}

/* ---- JSON ------------------------------------------------------------------- */

static void
stat_json_langs(const stat_sum *sum, buf *out)
{
	const char *sep = "";

	buf_puts(out, ",\"languages\":{");
	for (unsigned i = 0; i < countof(sum->langs); i++) {
		const char *code = text_lang_code((text_lang)i);

		if (!sum->langs[i])
			continue;
		buf_puts(out, sep);
		api_put_json(out, code, strlen(code));
		buf_printf(out, ":%llu", (unsigned long long)sum->langs[i]);
		sep = ",";
	}
	buf_puts(out, "}");
}

static void
stat_json(const cdg_index *index, const stat_sum *sum, buf *out)
{
	const snapshot *snap = index->snap;

	buf_puts(out, "{\"path\":");
	api_put_json(out, index->path, strlen(index->path));
	buf_printf(out,
		   ",\"format\":%d,\"generation\":%llu,\"documents\":%llu,\"deleted\":%llu,\"segments\":%zu,"
		   "\"terms\":%llu,\"tokens\":%llu,\"title_tokens\":%llu,\"stored\":%s,\"bytes\":%llu,"
		   "\"parts\":{",
		   PFILE_FORMAT, (unsigned long long)snap->manifest.generation, (unsigned long long)sum->live,
		   (unsigned long long)(sum->docs - sum->live), snap->nsegs, (unsigned long long)sum->terms,
		   (unsigned long long)sum->text_tokens, (unsigned long long)sum->title_tokens,
		   sum->stored ? "true" : "false", (unsigned long long)sum->bytes);
	for (size_t i = 0; i < STAT_PARTS; i++)
		buf_printf(out, "%s\"%s\":%llu", i ? "," : "", stat_names[i], (unsigned long long)sum->parts[i]);
	buf_puts(out, "}");
	stat_json_langs(sum, out);
	buf_puts(out, ",\"fields\":[");
	for (size_t i = 0; i < snap->manifest.nfields; i++) {
		if (i)
			buf_puts(out, ",");
		api_put_json(out, snap->manifest.fields[i], strlen(snap->manifest.fields[i]));
	}
	buf_puts(out, "]}\n");
}

/* ---- for people ---------------------------------------------------------------- */

static void
stat_row(buf *out, const char *name, uint64_t n)
{
	buf_printf(out, "%-16s %15llu\n", name, (unsigned long long)n);
}

static void
stat_text(const cdg_index *index, const stat_sum *sum, buf *out)
{
	const snapshot *snap = index->snap;

	buf_printf(out, "index            %s\n", index->path);
	stat_row(out, "documents", sum->live);
	if (sum->docs != sum->live)
		stat_row(out, "deleted", sum->docs - sum->live);
	stat_row(out, "tokens", sum->text_tokens);
	stat_row(out, "terms", sum->terms);
	stat_row(out, "segments", snap->nsegs);
	stat_row(out, "generation", snap->manifest.generation);
	buf_puts(out, "\nbytes by part\n");
	for (size_t i = 0; i < STAT_PARTS; i++)
		buf_printf(out, "  %-14s %15llu  %4.1f%%\n", stat_names[i], (unsigned long long)sum->parts[i],
			   sum->bytes ? 100.0 * (double)sum->parts[i] / (double)sum->bytes : 0.0);
	buf_printf(out, "  %-14s %15llu\n", "all", (unsigned long long)sum->bytes);
	buf_puts(out, "\ndocuments by language\n");
	for (unsigned i = 0; i < countof(sum->langs); i++)
		if (sum->langs[i])
			buf_printf(out, "  %-14s %15llu\n", i ? text_lang_code((text_lang)i) : "(none)",
				   (unsigned long long)sum->langs[i]);
	buf_puts(out, "\nfields\n ");
	for (size_t i = 0; i < snap->manifest.nfields; i++)
		buf_printf(out, " %s", snap->manifest.fields[i]);
	buf_puts(out, snap->manifest.nfields ? "\n\nsegments\n" : " (none)\n\nsegments\n");
	for (size_t i = 0; i < snap->nsegs; i++) {
		const manifest_segment *s = &snap->segs[i].info;
		char hex[33];

		segment_id_hex(&s->id, hex);
		buf_printf(out, "  %s  %10u documents, %10u live, %14llu bytes\n", hex, s->docs, s->live,
			   (unsigned long long)s->bytes);
	}
}

cdg_status
cdg_index_stat(const cdg_index *index, int json, cdg_write_fn write, void *ctx, cdg_error *err)
{
	stat_sum sum = { 0 };
	cdg_status st;
	buf out;

	CDG_TRY(api_here(index, err));
	if (!index->snap) {
		buf_init(&out);
		st = xap_stat(index->be, json != 0, &out, err);
		if (st == CDG_OK)
			st = api_flush(&out, write, ctx, err);
		buf_fini(&out);
		return st;
	}
	for (size_t i = 0; i < index->snap->nsegs; i++)
		CDG_TRY(stat_segment(&sum, &index->snap->segs[i], err));
	sum.parts[STAT_PARTS - 1] = stat_other(index->snap);
	for (size_t i = 0; i < STAT_PARTS; i++)
		sum.bytes += sum.parts[i];
	buf_init(&out);
	if (json)
		stat_json(index, &sum, &out);
	else
		stat_text(index, &sum, &out);
	st = api_flush(&out, write, ctx, err);
	buf_fini(&out);
	return st;
}
