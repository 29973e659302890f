/* gather.h - runs a reader over bytes, and gathers what comes out as lines: "D id|title|text",
 * "R id|bytes" for records, "S id|why" and "P id|why" for what was skipped or not read. */
#ifndef TESTS_EXTRACT_GATHER_H
#define TESTS_EXTRACT_GATHER_H

#include "tests/extract/sink.h"

typedef struct gather {
	extract_job job;
	buf out;
	unsigned documents, records, problems, skipped;
	cdg_status status;
	cdg_error err;
} gather;

static inline cdg_status
gather_document(void *ctx, const document *d, const char *warning, cdg_error *err)
{
	gather *g = ctx;

	(void)err;
	g->documents++;
	sink_check_text(d->id);
	sink_check_text(d->title);
	sink_check_text(d->url);
	sink_check(d);
	buf_printf(&g->out, "D %.*s|%.*s|%.*s", (int)d->id.n, d->id.p, (int)d->title.n, d->title.p ? d->title.p : "",
		   (int)min_size(d->text.n, 2000), d->text.p ? d->text.p : "");
	if (d->url.n)
		buf_printf(&g->out, "|url=%.*s", (int)d->url.n, d->url.p);
	if (d->has_date) {
		char date[24];

		buf_printf(&g->out, "|date=%.*s", (int)doc_format_date(d->date, date), date);
	}
	for (size_t i = 0; i < d->nfields; i++) {
		const doc_field *f = &d->fields[i];

		sink_check_text(f->string);
		if (sink_is_own_field(f))
			continue;
		buf_printf(&g->out, "|%.*s=%.*s", (int)f->name.n, f->name.p, (int)f->string.n, f->string.p);
	}
	buf_printf(&g->out, "%s%s\n", warning[0] ? "|warning=" : "", warning);
	return CDG_OK;
}

static inline cdg_status
gather_records(void *ctx, const char *name, extract_format format, const char *data, size_t n, cdg_error *err)
{
	gather *g = ctx;

	(void)format;
	(void)data;
	(void)err;
	g->records++;
	buf_printf(&g->out, "R %s|%zu\n", name, n);
	return CDG_OK;
}

static inline cdg_status
gather_problem(void *ctx, const char *name, bool skipped, const char *why, cdg_error *err)
{
	gather *g = ctx;

	(void)err;
	*(skipped ? &g->skipped : &g->problems) += 1;
	sink_check_text(read_str(name, strlen(name)));
	buf_printf(&g->out, "%c %s|%s\n", skipped ? 'S' : 'P', name, why);
	return CDG_OK;
}

static inline gather *
gather_new(void)
{
	gather *g = calloc(1, sizeof *g);
	extract_sink sink = { .ctx = g, .document = gather_document, .records = gather_records, .problem = gather_problem };

	assert_non_null(g);
	extract_job_init(&g->job, &sink);
	buf_init(&g->out);
	return g;
}

static inline void
gather_free(gather *g)
{
	extract_job_fini(&g->job);
	buf_fini(&g->out);
	free(g);
}

/* The lines that `reader` (NULL: extract_read) gives for the bytes, which are copied, so that
 * a reader that looks behind them is seen by ASan. */
static inline const char *
gather_read(gather *g, extract_reader *reader, const char *name, const void *data, size_t n)
{
	char *copy = malloc(n ? n : 1);
	extract_input in = { .name = name, .data = copy, .n = n };

	assert_non_null(copy);
	if (n)
		memcpy(copy, data, n);
	g->out.len = 0;
	g->documents = g->records = g->problems = g->skipped = 0;
	extract_job_reset(&g->job);
	g->status = (reader ? reader : extract_read)(&g->job, &in, &g->err);
	free(copy);
	return buf_cstr(&g->out);
}

/* line stands in what was gathered, whole or as the beginning of a line. */
static inline void
gather_has(gather *g, const char *line)
{
	const char *all = buf_cstr(&g->out), *at = all;
	size_t n = strlen(line);

	for (;;) {
		if (strncmp(at, line, n) == 0)
			return;
		at = strchr(at, '\n');
		if (!at++)
			fail_msg("no line '%s' in:\n%.3000s%s", line, all, g->status ? g->err.message : "");
	}
}

/* Every prefix of a power of two, and near them, and every one of few bytes: no crash, and
 * never silence. */
static inline void
gather_cut(gather *g, extract_reader *reader, const char *name, const char *data, size_t n)
{
	for (size_t k = 0; k < n; k += k < 64 ? 1 : k / 64) {
		gather_read(g, reader, name, data, k);
		if (g->status == CDG_OK && !g->documents && !g->records && !g->problems && !g->skipped)
			fail_msg("%s cut at %zu: nothing is said", name, k);
	}
}

/* Random bytes changed, in `rounds` copies. */
static inline void
gather_damage(gather *g, extract_reader *reader, const char *name, const char *data, size_t n, unsigned rounds)
{
	char *copy = malloc(n);

	assert_non_null(copy);
	for (unsigned i = 0; i < rounds; i++) {
		memcpy(copy, data, n);
		for (unsigned k = 1 + unit_below(8); k; k--)
			copy[unit_below((uint32_t)n)] = (char)unit_rand();
		gather_read(g, reader, name, copy, n);
		if (g->status != CDG_OK && g->status != CDG_E_LIMIT)
			fail_msg("%s: status %d: %s", name, g->status, g->err.message);
	}
	free(copy);
}

#endif
