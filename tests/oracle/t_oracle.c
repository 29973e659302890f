/* t_oracle.c - the native engine against the reference backend, on real
 * documents and random queries: the same documents, the same order, scores equal
 * to the last bit, the same totals, facets and places.
 *
 *   t_oracle --corpus FILE [--docs N] [--skip N] [--cut BYTES] [--queries N]
 *            [--seed S] [--only K] [--segments N] [--deletes PERCENT]
 *            [--merge | --reorder] [--portable | --avx2] [--failures N] [--verbose]
 *            [--self]
 *
 * FILE is what cdgindex takes.  --cut shortens texts; --only runs query K alone;
 * --merge merges all segments after the deletes, --reorder also makes lists of pairs and lets the merge choose
 * the order of the documents, which the reference then takes over; --self compares the reference
 * with itself (does the harness work, how much do the queries find).  --xapian
 * compares with a Xapian database of the same documents instead, its weighting on
 * both sides, --segments being its shards.
 * Without arguments: a few settings on the small corpus of ../shared.
 *
 * Exits 0 when all agree, 1 on a difference, 2 when it could not be tried.
 */
#define _GNU_SOURCE
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend/native.h"
#include "backend/reference.h"
#include "backend/xapian/open.h"
#include "backend/xapian/sink.h"
#include "base/cpu.h"
#include "base/file.h"
#include "engine/docmeta.h"
#include "indexer/reader.h"
#include "indexer/writer.h"
#include "tests/common/oracle_check.h"
#include "tests/oracle/mapped.h"

typedef struct oracle {
	/* from the command line */
	const char *corpus;
	uint64_t docs, skip, cut, queries, seed, only, segments, deletes, failures;
	bool merge, reorder, self, verbose, xapian;
	bool unsorted; /* documents are in another order: none among equals */
	/* made */
	ref_index *ref;
	vocab words;
	text_analyzer *an;
	char dir[64];
	writer *w;
	xap_sink *sink; /* with --xapian, instead of w */
	backend *native;
	uint64_t seen, added, since;
	uint64_t *ids; /* hashes of the ids so far: a second one would replace the first */
	size_t ids_cap;
} oracle;

static cdg_status
oracle_fail(const char *what, const cdg_error *err)
{
	fprintf(stderr, "t_oracle: %s: %s\n", what, err->message[0] ? err->message : "failed");
	return err->status ? err->status : CDG_E_INPUT;
}

/* ---- building ---------------------------------------------------------------------- */

/* Is the id new?  A linear search would do; documents are few. */
static bool
oracle_new_id(oracle *o, doc_str id)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < id.n; i++)
		h = (h ^ (uint8_t)id.p[i]) * 1099511628211u;
	for (uint64_t i = 0; i < o->added; i++)
		if (o->ids[i] == h)
			return false;
	if (!mem_grow(&o->ids, &o->ids_cap, o->added + 1, sizeof *o->ids))
		return false;
	o->ids[o->added] = h;
	return true;
}

/* As the writer would hand it over. */
static cdg_status
oracle_add_xapian(oracle *o, const document *doc, text_lang lang, cdg_error *err)
{
	document d = *doc;
	int what = 0;

	if (lang != TEXT_LANG_NONE) {
		d.lang.p = text_lang_code(lang);
		d.lang.n = strlen(d.lang.p);
	}
	return xap_sink_ops.add(o->sink, 0, &d, lang, o->added, o->added, 0, &what, err);
}

static cdg_status
oracle_add(oracle *o, const document *doc, cdg_error *err)
{
	document d = *doc, plain;
	text_lang lang = text_lang_id(d.lang.p ? d.lang.p : "", d.lang.n);

	if (o->seen++ < o->skip || !oracle_new_id(o, d.id))
		return CDG_OK;
	if (o->cut && d.text.n > o->cut) {
		d.text.n = o->cut;
		while (d.text.n && ((uint8_t)d.text.p[d.text.n] & 0xc0) == 0x80)
			d.text.n--;
		d.nsections = 0; /* they may reach beyond the end */
	}
	o->added++;
	plain = d;
	if (o->xapian) /* which has no field of their titles */
		plain.nsections = 0;
	CDG_TRY(ref_add(o->ref, &plain, lang, err));
	if (!vocab_add(&o->words, &plain, lang))
		return err_nomem(err);
	if (o->self)
		return CDG_OK;
	if (o->xapian)
		return oracle_add_xapian(o, &d, lang, err);
	CDG_TRY(writer_add_document(o->w, &d, err));
	if (++o->since < (o->docs + o->segments - 1) / o->segments)
		return CDG_OK;
	o->since = 0;
	return writer_commit(o->w, NULL, NULL, err);
}

static cdg_status
oracle_read_item(oracle *o, reader *r, const source_item *item, cdg_error *err)
{
	reader_failure fail;
	const document *doc;

	CDG_TRY(reader_begin(r, item, err));
	while (o->added < o->docs) {
		CDG_TRY(reader_next(r, &doc, &fail, err));
		if (fail.set && !fail.warning)
			fprintf(stderr, "t_oracle: %s:%" PRIu64 ": %s\n", fail.path, fail.line, fail.message);
		else if (!doc)
			break;
		else
			CDG_TRY(oracle_add(o, doc, err));
	}
	return CDG_OK;
}

static cdg_status
oracle_read(oracle *o, cdg_error *err)
{
	source_options opt = { 0 };
	source *src = source_new(&opt, err);
	reader *r = reader_new(NULL, err);
	source_item *item;
	cdg_status st = src && r ? source_add_path(src, o->corpus, err) : CDG_E_NOMEM;

	while (st == CDG_OK && o->added < o->docs) {
		st = source_next(src, &item, err);
		if (st != CDG_OK || !item)
			break;
		if (item->kind == SOURCE_FAILED)
			st = err_set(err, CDG_E_INPUT, "%s", item->message);
		else
			st = oracle_read_item(o, r, item, err);
		source_item_free(item);
	}
	reader_free(r);
	source_free(src);
	return st;
}

static cdg_status
oracle_open_writer(oracle *o, bool optimize, cdg_error *err)
{
	/* the language is what the document says and nothing else, as in oracle_add */
	writer_options opt = { .threads = 1, .lang_mode = WRITER_LANG_FIXED, .lang = TEXT_LANG_NONE,
			       .no_merge = !optimize, .optimize = optimize, .reorder = o->reorder, .pairs = o->reorder,
			       .no_sync = true, .commit_seconds = 1 << 20 };

	return writer_open(o->dir, &opt, &o->w, err);
}

static cdg_status
oracle_open_xapian(oracle *o, cdg_error *err)
{
	xap_sink_options opt = { .threads = 1, .shards = (unsigned)(o->segments > 1 ? o->segments : 0), .no_sync = true };

	return xap_sink_open(o->dir, &opt, &o->sink, err);
}

static cdg_status
oracle_commit_close(oracle *o, cdg_error *err)
{
	cdg_status st = writer_commit(o->w, NULL, NULL, err);

	writer_close(o->w);
	o->w = NULL;
	return st;
}

/* Delete some documents in both, merge if asked. */
static cdg_status
oracle_delete(oracle *o, cdg_error *err)
{
	rnd r = rnd_seed(o->seed, UINT64_MAX);

	for (uint64_t i = 0; i < ref_ndocs(o->ref); i++) {
		doc_str id = o->words.docs[i].id;
		bool found = true;

		if (!rnd_chance(&r, (unsigned)o->deletes))
			continue;
		ref_kill(o->ref, i);
		if (o->xapian)
			CDG_TRY(xap_sink_ops.delete_id(o->sink, id.p, id.n, &found, err));
		else if (!o->self)
			CDG_TRY(writer_delete_id(o->w, id.p, id.n, &found, err));
		if (!found)
			return err_set(err, CDG_E_NOTFOUND, "'%s' is not there to delete", id.p);
	}
	return CDG_OK;
}

/* The id of a document of a backend; m's pointers are into meta. */
static cdg_status
oracle_id(const backend *b, uint64_t doc, buf *meta, docmeta *m, cdg_error *err)
{
	meta->len = 0;
	CDG_TRY(b->ops->stored(b, doc, meta, NULL, err));
	if (!docmeta_parse(m, meta->p, meta->len))
		return err_set(err, CDG_E_CORRUPT, "metadata of document %" PRIu64 " is unreadable", doc);
	return CDG_OK;
}

/* The order that the merge chose, for the reference: documents are known by their ids,
 * which are few enough to be looked for one by one. */
static cdg_status
oracle_reorder(oracle *o, cdg_error *err)
{
	size_t n = ref_ndocs(o->ref), moved = 0;
	uint32_t *order = mem_calloc(n + 1, sizeof *order);
	buf *metas = mem_calloc(n + 1, sizeof *metas), got = { 0 };
	docmeta *ids = mem_calloc(n + 1, sizeof *ids), m;
	cdg_status st = order && metas && ids ? CDG_OK : err_nomem(err);

	for (size_t i = 0; st == CDG_OK && i < n; i++)
		st = oracle_id(ref_backend(o->ref), i, &metas[i], &ids[i], err);
	for (size_t i = 0; st == CDG_OK && i < n; i++) {
		size_t k = 0;
		st = oracle_id(o->native, i, &got, &m, err);
		while (st == CDG_OK && k < n && (ids[k].id_len != m.id_len || memcmp(ids[k].id, m.id, m.id_len) != 0))
			k++;
		if (st == CDG_OK && k == n)
			st = err_set(err, CDG_E_NOTFOUND, "'%.*s' is new", (int)m.id_len, m.id);
		order[i] = (uint32_t)k;
		moved += k != i;
	}
	if (st == CDG_OK && !ref_reorder(o->ref, order))
		st = err_nomem(err);
	printf("%zu of %zu documents have another place\n", moved, n);
	for (size_t i = 0; metas && i < n; i++)
		buf_fini(&metas[i]);
	buf_fini(&got);
	mem_free(metas);
	mem_free(ids);
	mem_free(order);
	return st;
}

/* A deleted document is in no statistics of libxapian. */
static cdg_status
oracle_finish_xapian(oracle *o, cdg_error *err)
{
	uint64_t shards = o->segments > 1 ? o->segments : 1, numbers = (ref_ndocs(o->ref) + 1) * shards;
	backend *mapped;
	bool rising;

	CDG_TRY(xap_sink_ops.commit(o->sink, err));
	CDG_TRY(oracle_delete(o, err));
	ref_compact(o->ref);
	CDG_TRY(xap_sink_ops.commit(o->sink, err));
	CDG_TRY(xap_open(o->dir, &o->native, err));
	mapped = mapped_new(o->native, numbers, ref_backend(o->ref), ref_ndocs(o->ref), &rising);
	if (!mapped)
		return err_set(err, CDG_E_CORRUPT, "the database has other documents");
	o->native = mapped;
	o->unsorted = !rising;
	return CDG_OK;
}

static cdg_status
oracle_build(oracle *o, cdg_error *err)
{
	cdg_status st;

	o->ref = ref_new(err);
	o->an = text_analyzer_new(err);
	if (!o->ref || !o->an || !vocab_init(&o->words, o->seed))
		return err_nomem(err);
	if (!o->self) {
		snprintf(o->dir, sizeof o->dir, "%s/t_oracle.XXXXXX", "/tmp");
		if (!mkdtemp(o->dir))
			return err_errno(err, "make", o->dir);
		CDG_TRY(o->xapian ? oracle_open_xapian(o, err) : oracle_open_writer(o, false, err));
	}
	CDG_TRY(oracle_read(o, err));
	if (!o->added || !vocab_ready(&o->words))
		return err_set(err, CDG_E_INPUT, "no documents in %s", o->corpus);
	if (o->xapian)
		return oracle_finish_xapian(o, err);
	if (!o->self)
		CDG_TRY(writer_commit(o->w, NULL, NULL, err));
	CDG_TRY(oracle_delete(o, err));
	if (o->merge)
		ref_compact(o->ref);
	if (o->self)
		return CDG_OK;
	CDG_TRY(oracle_commit_close(o, err));
	if (o->merge) {
		CDG_TRY(oracle_open_writer(o, true, err));
		CDG_TRY(oracle_commit_close(o, err));
	}
	st = native_open(o->dir, &o->native, err);
	if (st == CDG_OK && o->reorder)
		st = oracle_reorder(o, err);
	return st;
}

/* ---- the documents themselves ----------------------------------------------------------- */

static bool
oracle_same_str(const char *a, size_t an, const char *b, size_t bn)
{
	return an == bn && (!an || !memcmp(a, b, an));
}

/* The same document under each number, as stored: id, title, text, count of
 * fields (their numbers are each backend's own). */
static bool
oracle_same_doc(oracle *o, uint64_t doc)
{
	const backend *b[2] = { ref_backend(o->ref), o->native };
	buf meta[2] = { { 0 }, { 0 } }, text[2] = { { 0 }, { 0 } };
	docmeta m[2];
	bool ok = true;

	for (int i = 0; i < 2 && ok; i++)
		ok = b[i]->ops->stored(b[i], doc, &meta[i], &text[i], NULL) == CDG_OK &&
		     docmeta_parse(&m[i], meta[i].p, meta[i].len);
	ok = ok && oracle_same_str(m[0].id, m[0].id_len, m[1].id, m[1].id_len) &&
	     oracle_same_str(m[0].title, m[0].title_len, m[1].title, m[1].title_len) &&
	     m[0].has_date == m[1].has_date && m[0].day == m[1].day &&
	     m[0].nfields == m[1].nfields &&
	     oracle_same_str((char *)text[0].p, text[0].len, (char *)text[1].p, text[1].len);
	for (int i = 0; i < 2; i++) {
		buf_fini(&meta[i]);
		buf_fini(&text[i]);
	}
	return ok;
}

static bool
oracle_same_docs(oracle *o)
{
	backend *r = ref_backend(o->ref);

	if (o->self)
		return true;
	if (r->ops->ndocs(r) != o->native->ops->ndocs(o->native)) {
		printf("live documents: want %" PRIu64 ", got %" PRIu64 "\n", r->ops->ndocs(r),
		       o->native->ops->ndocs(o->native));
		return false;
	}
	if (r->ops->langs(r) != o->native->ops->langs(o->native)) {
		printf("languages: want %" PRIx64 ", got %" PRIx64 "\n", r->ops->langs(r),
		       o->native->ops->langs(o->native));
		return false;
	}
	for (uint64_t i = 0; i < ref_ndocs(o->ref); i++) {
		if (!oracle_same_doc(o, i)) {
			printf("document %" PRIu64 " is not stored alike\n", i);
			return false;
		}
	}
	return true;
}

/* ---- queries ------------------------------------------------------------------------------- */

/* What both can do: libxapian knows one weighting. */
static void
oracle_as_xapian(const oracle *o, oracle_query *q)
{
	static const bm25_xapian defaults = BM25_XAPIAN_DEFAULTS;

	if (!q->rq.xapian)
		q->rq.xbm25 = defaults;
	q->rq.xapian = true;
	q->tolerance = 1e-6;
	if (o->unsorted)
		q->rq.nsort = 0;
	q->rq.title_weight = 1;
}

static int
oracle_run(oracle *o)
{
	const backend *want = ref_backend(o->ref), *got = o->self ? want : o->native;
	oracle_counts counts = { 0 };
	uint64_t failed = 0;

	for (uint64_t i = 0; i < o->queries && failed < o->failures; i++) {
		oracle_query q;

		if (o->only != UINT64_MAX && i != o->only)
			continue;
		if (!oracle_query_make(&q, &o->words, o->seed, i, o->an)) {
			printf("query %" PRIu64 " could not be made\n", i);
			oracle_query_fini(&q);
			return 2;
		}
		if (o->xapian)
			oracle_as_xapian(o, &q);
		if (o->verbose) {
			printf("---- query %" PRIu64 "\n", i);
			oracle_query_print(&q);
			fflush(stdout);
		}
		if (!oracle_compare(&q, want, got, &counts)) {
			failed++;
			printf("DIFFERENT: seed %" PRIu64 " query %" PRIu64 "\n", o->seed, i);
			oracle_query_print(&q);
			fflush(stdout);
			oracle_shrink(&q, want, got);
			printf("---- in short:\n");
			oracle_compare(&q, want, got, &counts);
			oracle_query_print(&q);
			printf("\n");
			fflush(stdout);
		}
		oracle_query_fini(&q);
	}
	printf("%" PRIu64 " queries, %" PRIu64 " found something, %" PRIu64 " relaxed; %" PRIu64
	       " hits and %" PRIu64 " places compared; reference %.1f s, %s %.3f s; %" PRIu64
	       " different\n",
	       counts.queries, counts.found, counts.relaxed, counts.hits, counts.places,
	       (double)counts.want_ns * 1e-9, got->ops->name, (double)counts.got_ns * 1e-9, failed);
	return failed ? 1 : 0;
}

/* ---- main ------------------------------------------------------------------------------------ */

static int
oracle_unlink(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
	(void)sb;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
oracle_fini(oracle *o)
{
	if (o->native)
		o->native->ops->close(o->native);
	if (o->w)
		writer_close(o->w);
	xap_sink_close(o->sink);
	if (o->dir[0])
		nftw(o->dir, oracle_unlink, 16, FTW_DEPTH | FTW_PHYS);
	ref_free(o->ref);
	if (o->an)
		text_analyzer_free(o->an);
	vocab_fini(&o->words);
	mem_free(o->ids);
}

static bool
oracle_flag(oracle *o, const char *arg)
{
	if (!strcmp(arg, "--merge"))
		o->merge = true;
	else if (!strcmp(arg, "--reorder"))
		o->merge = o->reorder = true;
	else if (!strcmp(arg, "--self"))
		o->self = true;
	else if (!strcmp(arg, "--xapian"))
		o->xapian = true;
	else if (!strcmp(arg, "--verbose"))
		o->verbose = true;
	else if (!strcmp(arg, "--portable"))
		cpu_limit(CPU_PORTABLE);
	else if (!strcmp(arg, "--avx2"))
		cpu_limit(CPU_AVX2);
	else
		return false;
	return true;
}

static bool
oracle_arguments(oracle *o, int argc, char **argv)
{
	const struct {
		const char *name;
		uint64_t *to;
	} numbers[] = { { "--docs", &o->docs },	      { "--skip", &o->skip },
			{ "--cut", &o->cut },	      { "--queries", &o->queries },
			{ "--seed", &o->seed },	      { "--only", &o->only },
			{ "--segments", &o->segments }, { "--deletes", &o->deletes },
			{ "--failures", &o->failures } };

	for (int i = 1; i < argc; i++) {
		size_t k;

		if (oracle_flag(o, argv[i]))
			continue;
		if (i + 1 >= argc)
			return false;
		for (k = 0; k < countof(numbers) && strcmp(argv[i], numbers[k].name) != 0; k++)
			;
		if (k < countof(numbers))
			*numbers[k].to = strtoull(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--corpus"))
			o->corpus = argv[i + 1];
		else
			return false;
		i++;
	}
	return o->corpus && o->segments && o->docs;
}

static int
oracle_one(int argc, char **argv)
{
	oracle o = { .docs = 1000, .queries = 1000, .seed = 1, .only = UINT64_MAX, .segments = 1,
		     .failures = 5 };
	cdg_error err = { 0 };
	int rc = 2;

	if (!oracle_arguments(&o, argc, argv)) {
		fprintf(stderr, "usage: t_oracle --corpus FILE [--docs N] [--queries N] [--seed S] "
				"[--segments N] [--deletes PERCENT] [--merge | --reorder] [--portable] ...\n");
		return 2;
	}
	if (!file_exists(o.corpus)) {
		printf("SKIP: %s is not there\n", o.corpus);
		return 0;
	}
	if (oracle_build(&o, &err) != CDG_OK) {
		oracle_fail(o.corpus, &err);
	} else {
		printf("%" PRIu64 " documents, seed %" PRIu64 "\n", ref_ndocs(o.ref), o.seed);
		rc = oracle_same_docs(&o) ? oracle_run(&o) : 1;
	}
	oracle_fini(&o);
	return rc;
}

/* What `make oracle` runs. */
static int
oracle_presets(void)
{
	static const char *const presets[][12] = {
		{ "--docs", "200", "--queries", "500", "--seed", "1" },
		{ "--docs", "200", "--queries", "500", "--seed", "2", "--segments", "7", "--deletes", "20" },
		{ "--docs", "200", "--queries", "300", "--seed", "3", "--segments", "2", "--deletes", "40",
		  "--merge", "--portable" },
		{ "--docs", "400", "--queries", "300", "--seed", "5", "--segments", "3", "--deletes", "10", "--reorder" },
		/* the Chinese end of the corpus */
		{ "--docs", "120", "--queries", "300", "--seed", "4", "--skip", "820", "--segments", "2",
		  "--avx2" },
	};
	int rc = 0;

	for (size_t i = 0; i < countof(presets); i++) {
		char *argv[20] = { "t_oracle", "--corpus", "../shared/corpora/demo-policy.jsonl.zst",
				   "--cut", "6000" };
		int argc = 5, one;

		for (size_t k = 0; k < countof(presets[i]) && presets[i][k]; k++)
			argv[argc++] = (char *)(uintptr_t)presets[i][k];
		cpu_limit(CPU_AVX512);
		one = oracle_one(argc, argv);
		rc = one > rc ? one : rc;
	}
	return rc;
}

int
main(int argc, char **argv)
{
	return argc == 1 ? oracle_presets() : oracle_one(argc, argv);
}
