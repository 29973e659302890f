/* victim.h - the small index that the hard tests break, and the questions they
 * ask it: words, phrases, AND, OR, NOT, prefix, range, fields, sorting, facets,
 * strict forms, proximity, Chinese; each answer with metadata and snippets as
 * one line of JSON.
 *
 * The documents are a function of their number, so an index can be made again
 * and every answer is known.  A header because drivers of four folders and a
 * fuzzer use it, each in one file.  One thread.
 */
#ifndef TESTS_CORRUPT_VICTIM_H
#define TESTS_CORRUPT_VICTIM_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend/api.h"
#include "engine/check.h"
#include "indexer/writer.h"

/* ---- random numbers (splitmix64) -------------------------------------- */

CDG_UNUSED static uint64_t
victim_rand(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

CDG_UNUSED static uint64_t
victim_env(const char *name, uint64_t otherwise)
{
	const char *s = getenv(name);
	return s && *s ? strtoull(s, NULL, 10) : otherwise;
}

/* SEED, or one from the clock. */
CDG_UNUSED static uint64_t
victim_seed(void)
{
	return victim_env("SEED", clock_ns() % 1000000007u);
}

/* A new empty folder; where memory serves as a disk if there is such a place. */
CDG_UNUSED static void
victim_folder(char out[64], const char *name)
{
	snprintf(out, 64, "%s/cdg-%s.XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", name);
	if (!mkdtemp(out)) {
		perror(out);
		exit(2);
	}
}

/* Remove a flat folder. */
CDG_UNUSED static void
victim_remove(const char *dir)
{
	char **names, path[4096];
	size_t n;

	if (file_list(dir, &names, &n, NULL) != CDG_OK)
		return;
	for (size_t i = 0; i < n; i++)
		if (file_join(path, sizeof path, dir, names[i], NULL) == CDG_OK)
			unlink(path);
	file_list_free(names, n);
	rmdir(dir);
}

/* ---- documents ---------------------------------------------------------- */

static const char *const victim_words[] = {
	"the", "of", "and", "policy", "reform", "design", "plan", "to", "in", "government", "data",
	"governing", "supply", "level", "shall", "reforms", "Design", "PLAN", "public", "adoptée", "Straße",
	"water", "energy", "climate", "tax", "3.14", "2020", "citizens", "rights", "law", "health", "über",
	"education", "market", "budget", "labour", "trade", "soil", "harbour", "ministers"
};

/* Number `number`: deterministic.  `words` of text, about. */
CDG_UNUSED static void
victim_text(uint64_t number, unsigned words, buf *text)
{
	uint64_t r = number * 2 + 1;

	for (unsigned i = 0; i < words; i++) {
		uint64_t x = victim_rand(&r);
		/* low numbers are frequent */
		size_t w = (size_t)((x & 0xffff) * (x >> 16 & 0xffff) >> 16) * countof(victim_words) >> 16;
		buf_puts(text, victim_words[w]);
		buf_puts(text, i % 11 == 10 ? ".\n\n" : i % 5 == 4 ? ". " : " ");
		if ((x >> 40) % 16 == 0)
			buf_puts(text, "top-level design of supply-side reform ");
		if ((x >> 48) % 16 == 0)
			buf_puts(text, "供给侧结构性改革 ");
	}
}

typedef struct victim_doc {
	document doc;
	doc_field fields[4];
	doc_section sections[3];
	char id[32], title[64];
	buf text;
} victim_doc;

CDG_UNUSED static void
victim_make(victim_doc *v, uint64_t number, unsigned words)
{
	static const char *const types[] = { "law", "plan", "speech" }, *const codes[] = { "en", "de", "zh" };
	document *d = &v->doc;

	v->text.len = 0;
	victim_text(number, words, &v->text);
	memset(d, 0, sizeof *d);
	d->id.n = (size_t)snprintf(v->id, sizeof v->id, "doc-%llu", (unsigned long long)number);
	d->id.p = v->id;
	d->title.n = (size_t)snprintf(v->title, sizeof v->title, "Plan %llu of the %s", (unsigned long long)number,
				      number % 2 ? "ministers" : "harbour");
	d->title.p = number % 7 ? v->title : NULL;
	d->title.n = d->title.p ? d->title.n : 0;
	d->lang = (doc_str){ codes[number % 3], 2 };
	if (number % 5 == 0)
		d->url = (doc_str){ "https://example.org/a", 21 };
	d->text = (doc_str){ (const char *)v->text.p, v->text.len };
	d->has_date = number % 11 != 0;
	d->date = (doc_date){ .day = doc_day(2010 + (int)(number % 12), 1 + (int)(number % 11), 1 + (int)(number % 27)),
			      .precision = (uint8_t)(number % 3 == 0 ? DOC_YEAR : number % 3 == 1 ? DOC_MONTH : DOC_DAY) };
	v->fields[0] = (doc_field){ .name = { "type", 4 }, .type = DOC_STRING,
				    .string = { types[number % 3], strlen(types[number % 3]) } };
	v->fields[1] = (doc_field){ .name = { "n", 1 }, .type = DOC_NUMBER, .number = (double)number / 4 };
	v->fields[2] = (doc_field){ .name = { "tags", 4 }, .type = DOC_STRING, .list = true, .string = { "red", 3 } };
	v->fields[3] = (doc_field){ .name = { "tags", 4 }, .type = DOC_STRING, .list = true, .string = { "blue", 4 } };
	d->fields = v->fields;
	d->nfields = number % 4 ? 2 : 4;
	if (d->text.n > 60) {
		uint32_t n = (uint32_t)d->text.n, half = n / 2;
		while (half < n && ((uint8_t)d->text.p[half] & 0xc0) == 0x80)
			half++;
		v->sections[0] = (doc_section){ .start = 0, .end = half, .level = 1, .label = { "12", 2 }, .kind = "page" };
		v->sections[1] = (doc_section){ .start = 0, .end = n, .level = 1, .label = { "Part II", 7 }, .kind = "part" };
		v->sections[2] = (doc_section){ .start = half, .end = n, .level = 2, .label = { "Art. 5", 6 }, .kind = "article" };
		d->sections = v->sections;
		d->nsections = 3;
	}
}

CDG_UNUSED static cdg_status
victim_add(writer *w, uint64_t number, unsigned words, cdg_error *err)
{
	victim_doc v = { 0 };
	cdg_status st;

	victim_make(&v, number, words);
	st = v.text.failed ? err_nomem(err) : writer_add_document(w, &v.doc, err);
	buf_fini(&v.text);
	return st;
}

/* ---- the index ------------------------------------------------------------ */

/* Records from a file, one of them bad, so that there is a sources-N. */
CDG_UNUSED static cdg_status
victim_add_file(writer *w, const char *dir, cdg_error *err)
{
	char path[4096];
	source_options so = { 0 };
	source *src;
	cdg_status st;
	FILE *f;

	snprintf(path, sizeof path, "%s.jsonl", dir);
	f = fopen(path, "w");
	if (!f)
		return err_errno(err, "create", path);
	fputs("{\"id\": \"rec-1\", \"text\": \"A record of the harbour. Design and reform.\", \"n\": 7}\n"
	      "{\"id\": \"rec-2\", \"text\": [1, }\n"
	      "{\"id\": \"rec-3\", \"text\": \"Governance of data\", \"type\": \"law\"}\n", f);
	fclose(f);
	writer_hook(w, &so);
	src = source_new(&so, err);
	st = src ? source_add_path(src, path, err) : CDG_E_NOMEM;
	if (st == CDG_OK)
		st = writer_add_source(w, src, NULL, NULL, err);
	source_free(src);
	unlink(path);
	return st;
}

/* Two segments of `docs` and docs/8 + 3 documents (and a long one), some of the
 * first deleted, some replaced by the second. */
CDG_UNUSED static cdg_status
victim_build(const char *dir, unsigned docs, unsigned words, cdg_error *err)
{
	writer_options opt = { .threads = 1, .no_merge = true, .no_sync = true, .pairs = true, .lang_mode = WRITER_LANG_FIXED };
	writer *w;
	cdg_status st = writer_open(dir, &opt, &w, err);

	CDG_TRY(st);
	for (unsigned i = 0; i < docs && st == CDG_OK; i++)
		st = victim_add(w, i, words, err);
	if (st == CDG_OK)
		st = victim_add(w, 100000, words * 30, err);
	if (st == CDG_OK)
		st = writer_commit(w, NULL, NULL, err);
	for (unsigned i = 0; i < docs / 8 && st == CDG_OK; i++)
		st = victim_add(w, i * 5 % docs, words + 1, err);
	for (unsigned i = 0; i < 3 && st == CDG_OK; i++)
		st = victim_add(w, docs + i, words * 3, err);
	if (st == CDG_OK)
		st = victim_add_file(w, dir, err);
	if (st == CDG_OK)
		st = writer_commit(w, NULL, NULL, err);
	for (unsigned i = 0; i < docs && st == CDG_OK; i += 9) {
		char id[32];
		bool found;
		size_t n = (size_t)snprintf(id, sizeof id, "doc-%u", i);
		st = writer_delete_id(w, id, n, &found, err);
	}
	if (st == CDG_OK)
		st = writer_commit(w, NULL, NULL, err);
	writer_close(w);
	return st;
}

/* ---- the questions ---------------------------------------------------------- */

typedef struct victim_query {
	const char *text, *sort, *facet, *filter;
	bool or, explain, strict_stems;
} victim_query;

static const victim_query victim_queries[] = {
	{ .text = "design" },
	{ .text = "\"top-level design\"" },
	{ .text = "reform AND policy AND data" },
	{ .text = "energy climate harbour tax reform", .or = true },
	{ .text = "reform NOT design", .filter = "type:plan" },
	{ .text = "gov*", .sort = "-date,n" },
	{ .text = "policy date:2013..2018 n:2..40", .explain = true },
	{ .text = "the", .facet = "type", .sort = "n" },
	{ .text = "=Design OR =\"top-level Design\" OR =PLAN" },
	{ .text = "改革" },
	{ .text = "改", .facet = "tags" },
	{ .text = "title:harbour (tags:red OR type:law)" },
	{ .text = "reform NEAR/6 policy", .explain = true },
	{ .text = "reform /s water OR plan ADJ/3 data" },
	{ .text = "nosuchword \"of the reform policy\"~4", },
	{ .text = "reforms straße", .or = true },
	{ .text = "\"of the\"" },
	{ .text = "\"to the in\" policy" },
};
enum { VICTIM_QUERIES = countof(victim_queries) };

static int
victim_write(void *ctx, const char *bytes, size_t n)
{
	buf_put(ctx, bytes, n);
	return 0;
}

CDG_UNUSED static cdg_status
victim_request(const victim_query *q, cdg_request **out, cdg_error *err)
{
	cdg_request *rq;
	cdg_status st;

	CDG_TRY(cdg_request_new(&rq, err));
	st = cdg_request_set_limit(rq, 3, err);
	if (st == CDG_OK)
		st = cdg_request_set_snippets(rq, 1, 80, err);
	if (st == CDG_OK && q->sort)
		st = cdg_request_set_sort(rq, q->sort, err);
	if (st == CDG_OK && q->facet)
		st = cdg_request_add_facet(rq, q->facet, 5, err);
	if (st == CDG_OK && q->filter)
		st = cdg_request_add_filter(rq, q->filter, strlen(q->filter), err);
	cdg_request_set_default_or(rq, q->or);
	cdg_request_set_explain(rq, q->explain);
	if (st == CDG_OK)
		*out = rq;
	else
		cdg_request_free(rq);
	return st;
}

/* Question `i`: the answer, without its time, appended to out. */
CDG_UNUSED static cdg_status
victim_ask(const cdg_index *x, size_t i, buf *out, cdg_error *err)
{
	cdg_request *rq;
	cdg_results *r;
	cdg_printer *p;
	cdg_status st;

	CDG_TRY(victim_request(&victim_queries[i], &rq, err));
	st = cdg_search(x, rq, victim_queries[i].text, strlen(victim_queries[i].text), &r, err);
	cdg_request_free(rq);
	CDG_TRY(st);
	r->took_us = 0;
	st = cdg_printer_new(CDG_FORMAT_JSON, victim_write, out, &p, err);
	if (st == CDG_OK) {
		st = cdg_printer_print(p, r, NULL, err);
		cdg_printer_free(p);
	}
	cdg_results_free(r);
	return st == CDG_OK && out->failed ? err_nomem(err) : st;
}

#endif
