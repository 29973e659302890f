/* Tests of the writer's option reorder: when it is done, that everything stays with
 * its document, and that the order is kept by what comes after. */
#include "unit.h"

#include "engine/check.h"
#include "engine/docmeta.h"
#include "engine/segment.h"
#include "indexer/writer.h"

enum { DOCS = 400, TOPICS = 5 };

typedef struct fixture {
	char *dir, index[4096], file[4096];
	writer_options options;
	writer_stats stats;
} fixture;

static void
begin(fixture *f)
{
	memset(f, 0, sizeof *f);
	f->dir = unit_mkdir();
	snprintf(f->index, sizeof f->index, "%.4000s/index", f->dir);
	snprintf(f->file, sizeof f->file, "%.4000s/in.jsonl", f->dir);
	f->options = (writer_options){ .threads = 2, .no_sync = true, .optimize = true, .reorder = true,
				       .lang_mode = WRITER_LANG_NONE };
}

/* Records [from, from + n) by `step`, topics in turn; each says its number in its text. */
static void
write_file(const fixture *f, unsigned from, unsigned n, unsigned step)
{
	FILE *out = fopen(f->file, "w");

	assert_non_null(out);
	for (unsigned i = from; i < from + n; i += step) {
		uint32_t x = i * 2654435761u;
		fprintf(out, "{\"id\":\"d%u\",\"title\":\"T%u\",\"rank\":%u,\"text\":\"number%u", i, i, i, i);
		for (unsigned k = 0; k < 30; k++, x = x * 1664525 + 1013904223)
			fprintf(out, " t%uw%u", i % TOPICS, (x >> 16) % 40);
		fputs("\"}\n", out);
	}
	fclose(out);
}

static void
add_file(fixture *f, writer *w)
{
	source_options so = { 0 };
	source *s;

	writer_hook(w, &so);
	s = source_new(&so, NULL);
	assert_non_null(s);
	OK(source_add_path(s, f->file, err));
	OK(writer_add_source(w, s, NULL, NULL, err));
	source_free(s);
}

/* One run over the file; with add false, of nothing but a commit. */
static void
run(fixture *f, bool add)
{
	writer *w;

	OK(writer_open(f->index, &f->options, &w, err));
	if (add)
		add_file(f, w);
	OK(writer_commit(w, NULL, NULL, err));
	f->stats = *writer_get_stats(w);
	writer_close(w);
}

static unsigned
number_of(const segment *s, uint32_t doc)
{
	store_cursor c;
	doctab_row row;
	buf meta = { 0 }, text = { 0 };
	docmeta m;
	char want[32];
	unsigned n;

	assert_true(doctab_get(&s->docs, doc, &row));
	store_cursor_init(&c, &s->store);
	OK(store_meta(&c, row.store, &meta, err));
	OK(store_text(&c, row.store, 0, UINT32_MAX, &text, err));
	assert_true(docmeta_parse(&m, meta.p, meta.len));
	n = (unsigned)strtoul(m.id + 1, NULL, 10);
	snprintf(want, sizeof want, "number%u ", n);
	assert_int_equal(strncmp(buf_cstr(&text), want, strlen(want)), 0);
	buf_fini(&meta);
	buf_fini(&text);
	store_cursor_fini(&c);
	return n;
}

/* The documents in order, each with what belongs to it: its own word, rank, id. */
static snapshot *
read_order(const fixture *f, unsigned *numbers, size_t n)
{
	snapshot *s;
	size_t at = 0;

	OK(snapshot_open(f->index, &s, err));
	assert_int_equal(s->nlive, n);
	for (size_t i = 0; i < s->nsegs; i++) {
		const segment *seg = &s->segs[i];
		OK(segment_check(seg, err));
		for (uint32_t d = 0; d < seg->info.docs; d++) {
			char word[32];
			dict_entry e;
			if (!segment_is_live(seg, d))
				continue;
			numbers[at] = number_of(seg, d);
			snprintf(word, sizeof word, "number%u", numbers[at]);
			assert_true(dict_find(&seg->dict, DICT_TERM, DICT_FIELD_TEXT, word, strlen(word), &e));
			assert_int_equal(e.meta.single_doc, d);
			snprintf(word, sizeof word, "d%u", numbers[at]);
			assert_int_equal(segment_by_id(seg, word, strlen(word)), d);
			at++;
		}
	}
	assert_int_equal(at, n);
	return s;
}

static size_t
count_near(const unsigned *numbers, size_t n)
{
	size_t near = 0;

	for (size_t i = 1; i < n; i++)
		near += numbers[i] % TOPICS == numbers[i - 1] % TOPICS;
	return near;
}

/* ---- tests ---------------------------------------------------------- */

static void
test_when(void **state)
{
	unsigned one[DOCS], two[DOCS + 50];
	segment_id id;
	snapshot *s;
	fixture f;

	(void)state;
	begin(&f);
	write_file(&f, 0, DOCS, 1);
	run(&f, true);
	s = read_order(&f, one, DOCS);
	assert_int_equal(s->nsegs, 1);
	assert_true(count_near(one, DOCS) > DOCS * 3 / 4);
	id = s->segs[0].info.id;
	snapshot_unref(s);
	/* nothing new: nothing is written again */
	run(&f, true);
	assert_int_equal(f.stats.merges, 0);
	/* but asked for alone it is done, of a single segment, too */
	run(&f, false);
	assert_int_equal(f.stats.merges, 1);
	s = read_order(&f, two, DOCS);
	assert_true(memcmp(&id, &s->segs[0].info.id, sizeof id) != 0);
	snapshot_unref(s);
	/* a merge without it keeps the order, what is new comes behind */
	write_file(&f, DOCS, 50, 1);
	f.options.reorder = false;
	memcpy(one, two, sizeof one);
	run(&f, true);
	s = read_order(&f, two, DOCS + 50);
	assert_int_equal(s->nsegs, 1);
	assert_memory_equal(one, two, sizeof one);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(two[DOCS + i], DOCS + i);
	snapshot_unref(s);
	/* and with it these find their places */
	f.options.reorder = true;
	run(&f, false);
	s = read_order(&f, two, DOCS + 50);
	assert_true(count_near(two, DOCS + 50) > (DOCS + 50) * 3 / 4);
	snapshot_unref(s);
	unit_rmdir(f.dir);
}

/* What the writer knows of documents while it is open goes with them: after the new
 * order those are pruned that the file no longer has. */
static void
test_seen(void **state)
{
	const char *root;
	unsigned numbers[DOCS];
	snapshot *s;
	fixture f;
	writer *w;

	(void)state;
	begin(&f);
	f.options.reorder = false;
	write_file(&f, 0, DOCS, 1);
	run(&f, true);
	f.options.reorder = true;
	write_file(&f, 0, DOCS + 20, 2);
	OK(writer_open(f.index, &f.options, &w, err));
	add_file(&f, w);
	OK(writer_commit(w, NULL, NULL, err));
	assert_int_equal(writer_get_stats(w)->merges, 1);
	root = f.file;
	OK(writer_prune(w, &root, 1, err));
	OK(writer_commit(w, NULL, NULL, err));
	assert_int_equal(writer_get_stats(w)->deleted, DOCS / 2);
	writer_close(w);
	s = read_order(&f, numbers, DOCS / 2 + 10);
	for (size_t i = 0; i < DOCS / 2 + 10; i++)
		assert_int_equal(numbers[i] % 2, 0);
	snapshot_unref(s);
	unit_rmdir(f.dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_when), cmocka_unit_test(test_seen) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
