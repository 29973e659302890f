/* Tests of lists of pairs of frequent words: what is in them, that phrases find and score
 * the same by them, and what comes of a segment that is merged, stopped or damaged. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/native.h"
#include "engine/check.h"
#include "indexer/pairs.h"
#include "indexer/writer.h"
#include "query/ast.h"

enum { DOCS = 1500, QUERIES = 3000, WORDS = 14, LONG = 100000 };

/* From frequent to rare; the last four are seldom enough to have no pairs. */
static const char *const words[WORDS] = { "the", "of", "and", "who", "be", "to", "or", "not", "is", "by", "uk", "rare", "lord", "rings" };
static char *dir;
static uint8_t *text[DOCS]; /* words, by number */
static unsigned length[DOCS];

static unsigned
some_word(void)
{
	return unit_below(9) ? unit_below(1 + unit_below(10)) : unit_below(80) ? unit_below(10) : 10 + unit_below(4);
}

static void
make_documents(writer *w)
{
	char id[16], *body = malloc(8 * LONG);

	assert_non_null(body);
	for (unsigned d = 0; d < DOCS; d++) {
		size_t at = 0;
		document doc = { .id = { id, 0 }, .text = { body, 0 } };

		length[d] = d ? 1 + unit_below(unit_below(8) ? 30 : 400) : LONG; /* more than are looked at at once */
		text[d] = malloc(length[d]);
		assert_non_null(text[d]);
		for (unsigned i = 0; i < length[d]; i++) {
			/* the same again makes pairs of one word */
			text[d][i] = (uint8_t)(i && !unit_below(12) ? text[d][i - 1] : some_word());
			at += (size_t)snprintf(body + at, 8 * LONG - at, "%s ", words[text[d][i]]);
		}
		doc.id.n = (size_t)snprintf(id, sizeof id, "d%u", d);
		doc.text.n = at;
		OK(writer_add_document(w, &doc, err));
	}
	free(body);
}

static void
run(writer_options opt, bool fill, unsigned deletes)
{
	writer *w;

	opt.threads = 1;
	opt.no_sync = true;
	opt.lang_mode = WRITER_LANG_NONE;
	OK(writer_open(dir, &opt, &w, err));
	if (fill)
		make_documents(w);
	for (unsigned i = 0; i < deletes; i++) {
		char id[16];
		bool found;
		size_t n = (size_t)snprintf(id, sizeof id, "d%u", i * 7 % DOCS);
		OK(writer_delete_id(w, id, n, &found, err));
	}
	OK(writer_commit(w, NULL, NULL, err));
	writer_close(w);
}

static int
make_index(void **state)
{
	(void)state;
	unit_seed("t_pairs");
	dir = unit_mkdir();
	run((writer_options){ .optimize = true, .pairs = true }, true, 0);
	return 0;
}

static int
drop_index(void **state)
{
	(void)state;
	unit_rmdir(dir);
	for (unsigned d = 0; d < DOCS; d++)
		free(text[d]);
	return 0;
}

/* ---- what is in them ---------------------------------------------------- */

static bool
word_entry(const segment *s, unsigned i, dict_entry *e)
{
	return dict_find(&s->dict, DICT_TERM, DICT_FIELD_TEXT, words[i], strlen(words[i]), e);
}

/* The list of a pair against the documents: so often in each. */
static unsigned
check_pair(const segment *s, const dict_entry *e, unsigned a, unsigned b)
{
	post_cursor *c = calloc(1, sizeof *c);
	uint64_t ttf = 0;
	unsigned df = 0;

	segment_cursor(s, e, c);
	for (unsigned d = 0; d < DOCS; d++) {
		unsigned tf = 0;
		for (unsigned i = 0; i + 1 < length[d]; i++)
			tf += text[d][i] == a && text[d][i + 1] == b;
		if (!tf)
			continue;
		assert_int_equal(post_next(c), d);
		assert_int_equal(post_tf(c), tf);
		ttf += tf;
		df++;
	}
	assert_true(post_next(c) == POST_END);
	assert_int_equal(e->meta.df, df);
	assert_int_equal(e->meta.ttf, ttf);
	post_close(c);
	free(c);
	return df;
}

static void
test_lists(void **state)
{
	snapshot *snap;
	const segment *s;
	unsigned found = 0, short_ones = 0;

	(void)state;
	OK(snapshot_open(dir, &snap, err));
	OK(snapshot_check(snap, err));
	assert_int_equal(snap->nsegs, 1);
	s = &snap->segs[0];
	assert_true(s->info.pairs);
	for (unsigned a = 0; a < WORDS; a++)
		for (unsigned b = 0; b < WORDS; b++) {
			dict_entry x, y, e;
			if (!word_entry(s, a, &x) || !word_entry(s, b, &y) || !segment_pair(s, &x, &y, &e))
				continue;
			assert_true(a < 11 && b < 11);
			short_ones += check_pair(s, &e, a, b) < 128;
			found++;
		}
	assert_int_equal(found, s->pairs.nkeys);
	printf("%u pairs, %u in fewer than 128 documents\n", found, short_ones);
	assert_true(found > 20 && short_ones > 3 && short_ones < found);
	snapshot_unref(snap);
}

/* ---- what is found by them ---------------------------------------------- */

static void
ask(const backend *b, search_request *rq, search_result *out)
{
	OK(b->ops->search(b, rq, out, err));
}

/* A phrase of frequent words, alone or with other words; found by what is fast and by
 * scoring every match. */
static unsigned
compare(const backend *b, text_analyzer *an)
{
	search_request rq = { .limit = unit_below(4) ? 1 + unit_below(50) : 0, .bm25 = { 1.2f, 0.75f }, .title_weight = 1, .an = an };
	unsigned n = 2 + unit_below(unit_below(2) ? 1 : 5);
	q_parse_options opt = { 0 };
	search_result fast, slow;
	char query[256];
	size_t at = 0;
	unsigned hits;
	ast q;

	rq.want_total = !rq.limit || unit_below(2);
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(query + at, sizeof query - at, "%s%s", i ? " " : "\"", words[some_word()]);
	at += (size_t)snprintf(query + at, sizeof query - at, "\"");
	for (unsigned i = unit_below(2) ? 0 : 1 + unit_below(2); i; i--)
		at += (size_t)snprintf(query + at, sizeof query - at, " %s", words[unit_below(WORDS)]);
	ast_init(&q);
	OK(q_parse(query, at, &opt, an, &q, err));
	rq.root = q.root;
	ask(b, &rq, &fast);
	rq.exhaustive = true;
	ask(b, &rq, &slow);
	if (fast.nhits != slow.nhits || (rq.want_total && fast.total != slow.total))
		fail_msg("%s: %zu hits of %llu, wanted %zu of %llu", query, fast.nhits, (unsigned long long)fast.total,
			 slow.nhits, (unsigned long long)slow.total);
	for (size_t i = 0; i < fast.nhits; i++)
		if (fast.hits[i].doc != slow.hits[i].doc || fast.hits[i].units != slow.hits[i].units)
			fail_msg("%s: hit %zu is %llu with %d, wanted %llu with %d", query, i,
				 (unsigned long long)fast.hits[i].doc, fast.hits[i].units,
				 (unsigned long long)slow.hits[i].doc, slow.hits[i].units);
	hits = (unsigned)(fast.nhits + fast.total > 0);
	search_result_fini(&fast);
	search_result_fini(&slow);
	ast_fini(&q);
	return hits;
}

static void
compare_all(void)
{
	text_analyzer *an = text_analyzer_new(NULL);
	unsigned found = 0;
	backend *b;

	OK(native_open(dir, &b, err));
	for (unsigned i = 0; i < QUERIES; i++)
		found += compare(b, an);
	b->ops->close(b);
	text_analyzer_free(an);
	printf("%u of %u phrases are somewhere\n", found, QUERIES);
	assert_true(found > QUERIES / 5);
}

static void
test_phrases(void **state)
{
	(void)state;
	compare_all();
	run((writer_options){ .no_merge = true }, false, 120);
	compare_all();
}

/* ---- keeping them ------------------------------------------------------- */

static bool
has_pairs(void)
{
	snapshot *snap;
	bool has = true;

	OK(snapshot_open(dir, &snap, err));
	OK(snapshot_check(snap, err));
	for (size_t i = 0; i < snap->nsegs; i++)
		has &= snap->segs[i].info.pairs;
	snapshot_unref(snap);
	return has;
}

/* Files of the folder whose names end so. */
static unsigned
count_files(const char *end)
{
	char **names;
	unsigned found = 0;
	size_t n;

	OK(file_list(dir, &names, &n, err));
	for (size_t i = 0; i < n; i++)
		found += strlen(names[i]) > strlen(end) && !strcmp(names[i] + strlen(names[i]) - strlen(end), end);
	file_list_free(names, n);
	return found;
}

/* A merge does without unless they are asked for; then they are made once. */
static void
test_merge(void **state)
{
	(void)state;
	assert_true(has_pairs());
	run((writer_options){ .optimize = true }, false, 130);
	assert_false(has_pairs());
	assert_int_equal(count_files(".pairs") + count_files(".pairpost"), 0);
	compare_all();
	run((writer_options){ .optimize = true, .pairs = true }, false, 0);
	assert_true(has_pairs());
	assert_int_equal(count_files(".pairs"), 1);
	assert_int_equal(count_files(".pairpost"), 1);
	compare_all();
	run((writer_options){ .optimize = true, .reorder = true, .pairs = true }, false, 140);
	assert_true(has_pairs());
	compare_all();
}

/* In little memory, first words are taken one by one: the same lists. */
static void
test_little_memory(void **state)
{
	const pairs_options small = { .memory = 1 }, large = { .memory = 1 << 30 };
	uint64_t sums[2][2];
	snapshot *snap;

	(void)state;
	OK(snapshot_open(dir, &snap, err));
	for (unsigned k = 0; k < 2; k++) {
		manifest_segment info = snap->segs[0].info;
		segment s;
		info.pairs = false;
		OK(segment_open(&s, dir, &info, err));
		OK(pairs_make(&s, dir, k ? &small : &large, err));
		assert_true(s.info.pairs && s.info.bytes > info.bytes);
		sums[k][0] = load_u64(s.pairs.file.map.at + s.pairs.file.map.len - PFILE_FOOTER + 16);
		sums[k][1] = load_u64(s.pairpost.map.at + s.pairpost.map.len - PFILE_FOOTER + 16);
		segment_close(&s);
	}
	assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
	snapshot_unref(snap);
}

/* Stopped, or on a segment that is damaged, they leave no file. */
static void
test_stopped(void **state)
{
	atomic_bool cancel = true;
	const pairs_options opt = { .memory = 1 << 20, .cancel = &cancel }, plain = { .memory = 1 << 20 };
	manifest_segment info;
	snapshot *snap;
	segment s;
	cdg_error failure;
	char *path;
	int fd;

	(void)state;
	run((writer_options){ .optimize = true }, false, 150);
	OK(snapshot_open(dir, &snap, err));
	info = snap->segs[0].info;
	snapshot_unref(snap);
	OK(segment_open(&s, dir, &info, err));
	assert_int_equal(pairs_make(&s, dir, &opt, &failure), CDG_E_CANCELLED);
	assert_false(s.info.pairs);
	assert_int_equal(count_files(".pairs") + count_files(".pairpost"), 0);
	segment_close(&s);

	path = segment_path(dir, &info.id, "pos");
	assert_int_equal(chmod(path, 0600), 0);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0 && pwrite(fd, "damage", 6, 2000) == 6);
	close(fd);
	free(path);
	OK(segment_open(&s, dir, &info, err));
	assert_int_equal(pairs_make(&s, dir, &plain, &failure), CDG_E_CORRUPT);
	assert_int_equal(count_files(".pairs") + count_files(".pairpost"), 0);
	segment_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists), cmocka_unit_test(test_phrases), cmocka_unit_test(test_merge),
		cmocka_unit_test(test_little_memory), cmocka_unit_test(test_stopped),
	};
	return cmocka_run_group_tests(tests, make_index, drop_index);
}
