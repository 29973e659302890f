/* t_merge.c - merging gives what indexing the live documents at once gives.
 *
 * Random documents in several languages, with capitals, compounds, accents,
 * ideographs and metadata, go through the real writer in batches, with updates
 * and deletes between them.  The merged segment is compared, key by key and
 * posting by posting, with the one segment of a second index that got only the
 * documents still live, in the same order.
 */
#include "tests/unit/unit.h"

#include "engine/check.h"
#include "engine/segment.h"
#include "indexer/merge.h"
#include "indexer/writer.h"

enum { DOCS_MAX = 4000, TEXT_MAX = 4096 };

typedef struct made {
	char id[16], text[TEXT_MAX], title[128];
	const char *lang;
	double number;
	bool alive;
} made;

typedef struct world {
	char a[64], b[64];       /* folders: batches, and all at once */
	made *docs;
	size_t n;
	uint64_t rng;
	manifest m;
	const manifest_segment **inputs;
} world;

static uint64_t
rnd(world *w, uint64_t n)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return w->rng % n;
}

/* ---- documents ------------------------------------------------------ */

static const char *const words[] = {
	"law", "laws", "Law", "LAW", "policy", "policies", "Policy", "reform", "reforms", "reforming",
	"reformed", "top-level", "Top-Level", "toplevel", "der", "die", "das", "Gesetz", "Gesetze", "gesetz",
	"running", "run", "runs", "adopt\xc3\xa9", "adopt\xc3\xa9" "e", "adopte", "\xc3\xa9tat", "etat", "Etat",
	"\xe6\x94\xbf\xe7\xad\x96\xe6\x96\x87\xe4\xbb\xb6", "\xe6\x94\xb9\xe9\x9d\xa9", "iPhone", "IPhone",
	"McDonald", "supply-side", "Supply-Side", "3.14", "1,000", "2020", "the", "The", "of", "and", "to",
	"r\xc3\xa9sum\xc3\xa9", "resume", "Resume", "stra\xc3\x9f" "e", "strasse", "H\xc3\xa4user", "Haus", "hausen",
	"design", "designs", "nation", "national", "nations", "x", "y", "z", "\xc2\xa7",
};
static const char *const langs[] = { "en", "de", "fr", "zh", "" };

static void
make_word(world *w, char *out, size_t cap)
{
	if (rnd(w, 4) == 0)
		snprintf(out, cap, rnd(w, 3) ? "w%llu" : "Word%llus", (unsigned long long)rnd(w, 1500));
	else
		snprintf(out, cap, "%s", words[rnd(w, rnd(w, 2) ? countof(words) : 12)]);
}

static void
make_text(world *w, char *out, size_t cap, size_t n)
{
	size_t at = 0;

	out[0] = 0;
	while (n-- && at + 80 < cap) {
		char word[40];
		make_word(w, word, sizeof word);
		at += (size_t)snprintf(out + at, cap - at, "%s%s", word, rnd(w, 12) ? " " : ". ");
	}
}

static void
make_doc(world *w, made *d, unsigned id, unsigned nlangs)
{
	snprintf(d->id, sizeof d->id, "doc%u", id);
	make_text(w, d->text, sizeof d->text, 1 + rnd(w, rnd(w, 9) ? 60 : 500));
	make_text(w, d->title, sizeof d->title, rnd(w, 5));
	d->lang = langs[rnd(w, nlangs)];
	d->number = (double)rnd(w, 50);
	d->alive = true;
}

static doc_str
str(const char *s)
{
	return (doc_str){ s, strlen(s) };
}

static void
add_doc(writer *wr, const made *d)
{
	doc_field fields[2] = {
		{ .name = str("number"), .type = DOC_NUMBER, .number = d->number },
		{ .name = str("kind"), .type = DOC_STRING, .string = str(d->number > 25 ? "Annual Plan" : "L\xc3\xb6w") },
	};
	document doc = { .id = str(d->id), .title = str(d->title), .lang = str(d->lang), .text = str(d->text),
			 .fields = fields, .nfields = 2 };
	OK(writer_add_document(wr, &doc, err));
}

static void
kill_doc(world *w, const char *id)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->docs[i].alive && !strcmp(w->docs[i].id, id))
			w->docs[i].alive = false;
}

/* ---- two indexes ---------------------------------------------------- */

static const writer_options options = { .threads = 1, .no_merge = true, .no_sync = true,
					.memory = (uint64_t)256 << 20, .lang_mode = WRITER_LANG_FIXED };

static void
world_begin(world *w, uint64_t seed)
{
	memset(w, 0, sizeof *w);
	w->rng = seed * 2654435761u | 1;
	w->docs = calloc(DOCS_MAX, sizeof *w->docs);
	assert_non_null(w->docs);
	strcpy(w->a, "/tmp/cdg-t-merge-a-XXXXXX");
	strcpy(w->b, "/tmp/cdg-t-merge-b-XXXXXX");
	assert_non_null(mkdtemp(w->a));
	assert_non_null(mkdtemp(w->b));
}

static void
remove_dir(const char *dir)
{
	char **names, path[400];
	size_t n;

	OK(file_list(dir, &names, &n, err));
	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		unlink(path);
	}
	file_list_free(names, n);
	rmdir(dir);
}

static void
world_end(world *w)
{
	manifest_fini(&w->m);
	remove_dir(w->a);
	remove_dir(w->b);
	free(w->docs);
	free(w->inputs);
}

/* Batches into folder a; every `update`-th document replaces an earlier one,
 * and after each batch some are deleted.  kill: one in so many; 0: none. */
static void
world_batches(world *w, size_t batches, size_t each, unsigned nlangs, unsigned update, unsigned kill)
{
	for (size_t b = 0; b < batches; b++) {
		writer *wr;
		OK(writer_open(w->a, &options, &wr, err));
		for (size_t i = 0; i < each; i++) {
			made *d = &w->docs[w->n];
			unsigned id = update && w->n && rnd(w, update) == 0 ? (unsigned)rnd(w, w->n) : (unsigned)w->n;
			made tmp;
			make_doc(w, &tmp, id, nlangs);
			kill_doc(w, tmp.id);
			*d = tmp;
			w->n++;
			add_doc(wr, d);
		}
		OK(writer_commit(wr, NULL, NULL, err));
		for (size_t i = 0; kill && i < w->n; i++)
			if (w->docs[i].alive && rnd(w, kill) == 0) {
				bool found;
				OK(writer_delete_id(wr, w->docs[i].id, strlen(w->docs[i].id), &found, err));
				assert_true(found);
				w->docs[i].alive = false;
			}
		OK(writer_commit(wr, NULL, NULL, err));
		writer_close(wr);
	}
	OK(manifest_load(&w->m, w->a, err));
	w->inputs = calloc(w->m.nsegs + 1, sizeof *w->inputs);
	for (size_t i = 0; i < w->m.nsegs; i++)
		w->inputs[i] = &w->m.segs[i];
}

/* All live documents into one segment of folder b; order: the new number of each, or
 * NULL. */
static void
world_at_once(world *w, const uint32_t *order, segment *out)
{
	const made **docs = calloc(w->n + 1, sizeof *docs);
	manifest m;
	writer *wr;
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->docs[i].alive) {
			docs[order ? order[n] : n] = &w->docs[i];
			n++;
		}
	OK(writer_open(w->b, &options, &wr, err));
	for (size_t i = 0; i < n; i++)
		add_doc(wr, docs[i]);
	free(docs);
	OK(writer_commit(wr, NULL, NULL, err));
	writer_close(wr);
	OK(manifest_load(&m, w->b, err));
	assert_int_equal(m.nsegs, 1);
	OK(segment_open(out, w->b, &m.segs[0], err));
	manifest_fini(&m);
}

/* ---- comparing ------------------------------------------------------ */

static void
same_list(const segment *x, const dict_entry *ex, const segment *y, const dict_entry *ey)
{
	static post_cursor a, b;

	assert_int_equal(ex->meta.df, ey->meta.df);
	assert_int_equal(ex->meta.ttf, ey->meta.ttf);
	assert_int_equal(ex->meta.has_pos, ey->meta.has_pos);
	assert_int_equal(ex->meta.has_codes, ey->meta.has_codes);
	assert_int_equal(ex->meta.wide, ey->meta.wide);
	assert_int_equal(ex->meta.inline_pos, ey->meta.inline_pos);
	assert_int_equal(ex->meta.post_len, ey->meta.post_len);
	assert_int_equal(ex->meta.pos_len, ey->meta.pos_len);
	segment_cursor(x, ex, &a);
	segment_cursor(y, ey, &b);
	for (;;) {
		uint32_t n, k;
		const uint32_t *p, *q;
		assert_int_equal(post_next(&a), post_next(&b));
		assert_false(a.bad || b.bad);
		if (a.doc == POST_END)
			break;
		if (a.i == 0)
			assert_true(post_block_impacts(&a, a.block) == post_block_impacts(&b, b.block));
		assert_int_equal(post_tf(&a), post_tf(&b));
		if (!ex->meta.has_pos)
			continue;
		p = post_positions(&a, &n);
		q = post_positions(&b, &k);
		assert_int_equal(n, k);
		assert_memory_equal(p, q, n * sizeof *p);
		p = post_codes(&a);
		q = post_codes(&b);
		assert_int_equal(p == NULL, q == NULL);
		if (p)
			assert_memory_equal(p, q, n * sizeof *p);
	}
	post_close(&a);
	post_close(&b);
}

static void
same_members(const dict_entry *x, const dict_entry *y)
{
	dict_member_iter a, b;
	dict_member m, n;

	assert_int_equal(x->nmembers, y->nmembers);
	dict_members(x, &a);
	dict_members(y, &b);
	while (dict_member_next(&a, &m)) {
		assert_true(dict_member_next(&b, &n));
		assert_int_equal(m.ord, n.ord);
		assert_true(m.mask == n.mask);
	}
}

static void
same_dict(const segment *x, const segment *y)
{
	static dict_iter a, b;

	for (unsigned k = 1; k < 5; k++)
		assert_int_equal(x->dict.kind_count[k], y->dict.kind_count[k]);
	dict_seek_ord(&a, &x->dict, 0);
	dict_seek_ord(&b, &y->dict, 0);
	while (dict_next(&a)) {
		assert_true(dict_next(&b));
		assert_int_equal(a.key_len, b.key_len);
		assert_memory_equal(a.key, b.key, a.key_len);
		assert_int_equal(a.e.ord, b.e.ord);
		assert_int_equal(a.e.alias, b.e.alias);
		assert_int_equal(a.e.is_class, b.e.is_class);
		assert_int_equal(a.e.self_stem, b.e.self_stem);
		assert_int_equal(a.e.forms_len, b.e.forms_len);
		if (a.e.forms_len)
			assert_memory_equal(a.e.forms, b.e.forms, a.e.forms_len);
		if (a.e.is_class)
			same_members(&a.e, &b.e);
		if (a.e.kind == DICT_ID)
			assert_int_equal(a.e.meta.single_doc, b.e.meta.single_doc);
		else if (!a.e.alias)
			same_list(x, &a.e, y, &b.e);
	}
	assert_false(dict_next(&b));
	assert_false(x->dict.file.bad || y->dict.file.bad);
}

static void
same_record(const segment *x, store_cursor *a, uint64_t ref_a, store_cursor *b, uint64_t ref_b)
{
	buf p = { 0 }, q = { 0 };

	(void)x;
	OK(store_meta(a, ref_a, &p, err));
	OK(store_meta(b, ref_b, &q, err));
	OK(store_text(a, ref_a, 0, UINT32_MAX, &p, err));
	OK(store_text(b, ref_b, 0, UINT32_MAX, &q, err));
	assert_int_equal(p.len, q.len);
	assert_memory_equal(p.p, q.p, p.len);
	buf_fini(&p);
	buf_fini(&q);
}

static void
same_docs(const segment *x, const segment *y)
{
	store_cursor a, b;

	assert_int_equal(x->docs.ndocs, y->docs.ndocs);
	store_cursor_init(&a, &x->store);
	store_cursor_init(&b, &y->store);
	for (uint32_t d = 0; d < x->docs.ndocs; d++) {
		doctab_row r, s;
		tree_view v, u;
		assert_true(doctab_get(&x->docs, d, &r) && doctab_get(&y->docs, d, &s));
		assert_int_equal(r.norm_text, s.norm_text);
		assert_int_equal(r.norm_title, s.norm_title);
		assert_int_equal(r.lang, s.lang);
		assert_int_equal(r.length, s.length);
		assert_true(r.hash == s.hash);
		same_record(x, &a, r.store, &b, s.store);
		assert_true(tree_view_open(&x->tree, r.tree, &v) && tree_view_open(&y->tree, s.tree, &u));
		assert_int_equal(v.title_len, u.title_len);
		assert_int_equal(v.body_pos, u.body_pos);
		assert_int_equal(v.end_pos, u.end_pos);
	}
	store_cursor_fini(&a);
	store_cursor_fini(&b);
	assert_int_equal(x->cols.nfields, y->cols.nfields);
	for (uint32_t f = 0; f < x->cols.nfields; f++) {
		const column *c = &x->cols.fields[f], *k = &y->cols.fields[f];
		assert_int_equal(c->field, k->field);
		assert_int_equal(column_nvalues(c), column_nvalues(k));
		for (uint32_t d = 0; d < x->docs.ndocs; d++)
			assert_int_equal(column_doc_first(c, d), column_doc_first(k, d));
	}
}

/* Each number once; some documents have another than they had. */
static void
check_order(const uint32_t *order, uint32_t n)
{
	uint8_t *seen = calloc(n, 1);
	uint32_t moved = 0;

	assert_non_null(order);
	for (uint32_t i = 0; i < n; i++) {
		assert_true(order[i] < n && !seen[order[i]]);
		seen[order[i]] = 1;
		moved += order[i] != i;
	}
	assert_true(n < 200 || moved > n / 2);
	free(seen);
}

static void
merge_and_compare(world *w, const merge_options *asked)
{
	uint32_t *order = NULL;
	merge_options with = *asked, *opt = &with;
	manifest_segment out;
	segment merged, once;

	with.order = &order;
	OK(merge_segments(w->a, w->inputs, w->m.nsegs, opt, &out, err));
	if (opt->reorder)
		check_order(order, out.docs);
	else
		assert_null(order);
	OK(segment_open(&merged, w->a, &out, err));
	OK(segment_check(&merged, err));
	world_at_once(w, order, &once);
	mem_free(order);
	assert_int_equal(out.docs, once.info.docs);
	assert_int_equal(out.live, out.docs);
	assert_true(out.tokens[0] == once.info.tokens[0]);
	assert_true(out.tokens[1] == once.info.tokens[1]);
	assert_true(out.langs == once.info.langs);
	assert_int_equal(out.store, once.info.store);
	same_dict(&merged, &once);
	same_docs(&merged, &once);
	segment_close(&merged);
	segment_close(&once);
}

static void
run(const char *what, size_t batches, size_t each, unsigned nlangs, unsigned update, unsigned kill,
    const merge_options *opt)
{
	uint64_t seed = (uint64_t)time(NULL) + (uint64_t)clock();
	world w;

	print_message("%s: seed %llu\n", what, (unsigned long long)seed);
	world_begin(&w, seed);
	world_batches(&w, batches, each, nlangs, update, kill);
	merge_and_compare(&w, opt);
	world_end(&w);
}

/* ---- tests ---------------------------------------------------------- */

static void
test_one_language(void **state)
{
	const merge_options opt = { 0 };
	(void)state;
	run("one language", 4, 60, 1, 0, 0, &opt);
}

static void
test_languages(void **state)
{
	const merge_options opt = { 0 };
	(void)state;
	for (int i = 0; i < 4; i++)
		run("several languages", 3, 25, countof(langs), 0, 0, &opt);
}

static void
test_deletes(void **state)
{
	const merge_options opt = { 0 };
	(void)state;
	for (int i = 0; i < 6; i++)
		run("updates and deletes", 4, 20, countof(langs), 4, 4, &opt);
}

static void
test_alone(void **state)
{
	const merge_options opt = { .memory = 16 << 20 };
	(void)state;
	run("one segment, mostly deleted", 1, 200, 3, 2, 2, &opt);
}

static void
test_many(void **state)
{
	const merge_options opt = { 0 };
	(void)state;
	run("many small ones", 30, 6, countof(langs), 5, 8, &opt);
}

static void
test_parts(void **state)
{
	const merge_options opt = { .threads = 3, .parts = 7 };
	(void)state;
	for (int i = 0; i < 3; i++)
		run("threads and parts", 4, 80, countof(langs), 6, 6, &opt);
}

static void
test_large(void **state)
{
	const merge_options opt = { .threads = 2, .memory = 8 << 20 };
	(void)state;
	run("lists of many blocks", 3, 900, 2, 12, 30, &opt);
}

static void
test_reorder(void **state)
{
	const merge_options opt = { .reorder = true };
	(void)state;
	run("reordered, one segment", 1, 400, 2, 0, 0, &opt);
	for (int i = 0; i < 3; i++)
		run("reordered, updates and deletes", 4, 90, countof(langs), 4, 4, &opt);
	run("reordered, too few to halve", 2, 10, 2, 0, 3, &opt);
}

static void
test_reorder_threads(void **state)
{
	const merge_options opt = { .reorder = true, .threads = 3, .parts = 5 };
	(void)state;
	run("reordered, threads and parts", 3, 400, countof(langs), 6, 6, &opt);
}

/* So little memory that documents are ordered in stretches and long lists are sorted
 * in slices. */
static void
test_reorder_small_memory(void **state)
{
	const merge_options opt = { .reorder = true, .threads = 2, .memory = 32 << 10 };
	(void)state;
	run("reordered in pieces", 3, 900, 2, 12, 30, &opt);
}

/* The same order with any number of threads; and a second time nothing is gained that
 * the first time did not. */
static void
test_reorder_same(void **state)
{
	uint32_t *one = NULL, *two = NULL;
	manifest_segment out;
	world w;
	(void)state;

	world_begin(&w, (uint64_t)time(NULL));
	world_batches(&w, 2, 700, 3, 9, 0);
	for (unsigned threads = 1; threads < 6; threads += 2) {
		merge_options opt = { .reorder = true, .threads = threads, .order = threads == 1 ? &one : &two };
		OK(merge_segments(w.a, w.inputs, w.m.nsegs, &opt, &out, err));
		if (threads > 1)
			assert_memory_equal(one, two, out.docs * sizeof *one);
		mem_free(two);
		two = NULL;
	}
	mem_free(one);
	world_end(&w);
}

static size_t
count_files(const char *dir)
{
	char **names;
	size_t n;
	OK(file_list(dir, &names, &n, err));
	file_list_free(names, n);
	return n;
}

static void
test_all_dead(void **state)
{
	const merge_options opt = { 0 };
	manifest_segment out;
	size_t before;
	world w;
	(void)state;

	world_begin(&w, 5);
	world_batches(&w, 2, 10, 2, 0, 1);
	before = count_files(w.a);
	if (w.m.nsegs) {
		OK(merge_segments(w.a, w.inputs, w.m.nsegs, &opt, &out, err));
		assert_int_equal(out.docs, 0);
	}
	assert_int_equal(count_files(w.a), before);
	world_end(&w);
}

typedef struct stopper {
	_Atomic bool cancel;
	const char *phase;
	uint64_t calls, last, total;
	bool stop;
} stopper;

static void
on_progress(void *ctx, const char *phase, uint64_t done, uint64_t total)
{
	stopper *s = ctx;
	if (s->phase != phase)
		s->last = 0;
	s->phase = phase;
	assert_true(done >= s->last && done <= total);
	s->last = done;
	s->total = total;
	s->calls++;
	if (s->stop)
		s->cancel = true;
}

static void
test_cancel_leaves_nothing(void **state)
{
	stopper s = { .cancel = true };
	merge_options opt = { .threads = 2, .parts = 3, .cancel = &s.cancel, .progress = on_progress,
			      .progress_ctx = &s };
	manifest_segment out;
	size_t before;
	cdg_error e;
	world w;
	(void)state;

	world_begin(&w, 6);
	world_batches(&w, 3, 40, 2, 0, 0);
	before = count_files(w.a);
	opt.reorder = true;
	assert_int_equal(merge_segments(w.a, w.inputs, w.m.nsegs, &opt, &out, &e), CDG_E_CANCELLED);
	assert_int_equal(count_files(w.a), before);
	opt.reorder = false;
	assert_int_equal(merge_segments(w.a, w.inputs, w.m.nsegs, &opt, &out, &e), CDG_E_CANCELLED);
	assert_true(strlen(e.message) > 0);
	assert_int_equal(count_files(w.a), before);
	s.cancel = false;
	OK(merge_segments(w.a, w.inputs, w.m.nsegs, &opt, &out, err));
	assert_int_equal(count_files(w.a), before + 7);
	assert_true(s.calls > 0 && s.last == s.total);
	world_end(&w);
}

/* Whatever byte of an input is damaged: an error or a right result, no files
 * left after an error. */
static void
test_damage(void **state)
{
	static const char *const exts[] = { "dict", "post", "pos", "docs", "text", "tree", "cols" };
	merge_options opt = { .threads = 2, .parts = 2 };
	manifest_segment out;
	world w;
	size_t before, failed = 0;
	(void)state;

	world_begin(&w, (uint64_t)time(NULL));
	world_batches(&w, 2, 30, 2, 4, 0);
	before = count_files(w.a);
	for (int i = 0; i < 60; i++) {
		const manifest_segment *s = w.inputs[rnd(&w, w.m.nsegs)];
		char *path = segment_path(w.a, &s->id, exts[i % countof(exts)]);
		cdg_error e = { 0 };
		FILE *f = fopen(path, "r+b");
		long at;
		int c;
		assert_non_null(f);
		fseek(f, 0, SEEK_END);
		at = (long)rnd(&w, (uint64_t)ftell(f));
		fseek(f, at, SEEK_SET);
		c = fgetc(f);
		fseek(f, at, SEEK_SET);
		fputc(c ^ 0x41, f);
		fflush(f);
		opt.reorder = i % 2;
		if (merge_segments(w.a, w.inputs, w.m.nsegs, &opt, &out, &e) != CDG_OK) {
			failed++;
			assert_true(strlen(e.message) > 0);
			assert_int_equal(count_files(w.a), before);
		} else {
			for (size_t k = 0; k < countof(exts); k++) {
				char *p = segment_path(w.a, &out.id, exts[k]);
				unlink(p);
				free(p);
			}
		}
		fseek(f, at, SEEK_SET);
		fputc(c, f);
		fclose(f);
		free(path);
	}
	print_message("%zu of 60 damaged bytes were met\n", failed);
	assert_true(failed > 30);
	world_end(&w);
}

/* Each allocation in turn fails: CDG_E_NOMEM, nothing left behind. */
static void
test_no_memory(void **state)
{
	manifest_segment out;
	size_t before;
	world w;
	long n;
	(void)state;

	world_begin(&w, 9);
	world_batches(&w, 2, 30, 3, 4, 4);
	for (int reorder = 0; reorder < 2; reorder++) {
		const merge_options opt = { .reorder = reorder, .memory = 4096 };
		before = count_files(w.a);
		for (n = 1; n < 5000; n++) {
			cdg_status st;
			mem_fail_after(n, false);
			st = merge_segments(w.a, w.inputs, w.m.nsegs, &opt, &out, NULL);
			mem_fail_after(0, false);
			if (st == CDG_OK)
				break;
			assert_int_equal(count_files(w.a), before);
		}
		print_message("%ld allocations failed in turn\n", n - 1);
		assert_true(n > 20 && n < 5000);
	}
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_language),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_deletes),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_reorder),
		cmocka_unit_test(test_reorder_threads),
		cmocka_unit_test(test_reorder_small_memory),
		cmocka_unit_test(test_reorder_same),
		cmocka_unit_test(test_all_dead),
		cmocka_unit_test(test_cancel_leaves_nothing),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
