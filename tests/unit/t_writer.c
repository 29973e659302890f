/* Tests of the writer: what is indexed is what the analysis says, whatever the
 * number of threads and the memory; replacing, skipping, pruning, committing. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "engine/check.h"
#include "engine/docmeta.h"
#include "engine/segment.h"
#include "indexer/analyze.h"
#include "indexer/writer.h"

static const char *const words[] = {
	"the", "The", "THE", "of", "policy", "policies", "Policy", "reform", "reforms", "top-level", "Top-Level",
	"toplevel", "iPhone", "McDonald", "1,000", "1000", "resum\xc3\xa9", "resume", "R\xc3\xa9sum\xc3\xa9", "\xc2\xa7",
	"\xe4\xb8\xad\xe5\x9b\xbd\xe6\x94\xbf\xe5\xba\x9c", ("Stra\xc3\x9f" "e"), "gehen", "geht", "U.S.C.", "don't",
	"running", "runs", "ran", "x", "y", "z", "supply-side-reform", "a.", "b.\n\n", "c?", "\n\nPart"
};

static void
put_text(buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t r = unit_below(20);
		if (r == 0)
			buf_printf(b, "w%u ", unit_below(3000));
		else
			buf_printf(b, "%s ", words[unit_below(countof(words))]);
	}
}

/* A record file of n documents; ids repeat when `repeat`. */
static void
write_records(const char *path, unsigned n, bool repeat)
{
	static const char *const langs[] = { "en", "de", "zh", "xx", "" };
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (unsigned i = 0; i < n; i++) {
		buf b = { 0 };
		put_text(&b, unit_below(10) ? unit_below(60) : unit_below(3000));
		for (size_t k = 0; k < b.len; k++)
			if (b.p[k] == '\n')
				b.p[k] = '\t';
		buf_cstr(&b);
		fprintf(f, "{\"id\":\"id-%u\",\"title\":\"Title %u of Policies\",\"lang\":\"%s\",\"date\":\"20%02u-01-02\",",
			repeat ? unit_below(n / 2) : i, i, langs[unit_below(countof(langs))], i % 30);
		fprintf(f, "\"kind\":[\"law %u\",\"act\"],\"rank\":%u,\"text\":\"", i % 7, i);
		for (size_t k = 0; k < b.len; k++)
			b.p[k] == '\t' ? fputs("\\n", f) : fputc(b.p[k], f);
		fputs("\"}\n", f);
		buf_fini(&b);
	}
	fclose(f);
}

typedef struct job {
	writer_options options;
	writer_stats stats;
	const char *prune;
	cdg_status status;
} job;

static cdg_status
job_run(job *j, const char *dir, const char *path)
{
	source_options so = { .chunk_size = 20000 };
	cdg_error err = { 0 };
	writer *w;
	source *s;
	cdg_status st = writer_open(dir, &j->options, &w, &err);

	if (st != CDG_OK)
		return st;
	writer_hook(w, &so);
	s = source_new(&so, &err);
	assert_non_null(s);
	assert_int_equal(source_add_path(s, path, &err), CDG_OK);
	st = writer_add_source(w, s, NULL, NULL, &err);
	source_free(s);
	if (st == CDG_OK && j->prune)
		st = writer_prune(w, &j->prune, 1, &err);
	if (st == CDG_OK)
		st = writer_commit(w, NULL, NULL, &err);
	if (st != CDG_OK)
		printf("%s\n", err.message);
	j->stats = *writer_get_stats(w);
	writer_close(w);
	return st;
}

static snapshot *
open_checked(const char *dir)
{
	snapshot *s;
	cdg_error err = { 0 };

	assert_int_equal(snapshot_open(dir, &s, &err), CDG_OK);
	for (size_t i = 0; i < s->nsegs; i++)
		if (segment_check(&s->segs[i], &err) != CDG_OK)
			fail_msg("%s", err.message);
	return s;
}

static char *
join(const char *dir, const char *name)
{
	char *p = malloc(4096);
	snprintf(p, 4096, "%s/%s", dir, name);
	return p;
}

/* ---- against the analysis itself -------------------------------------- */

/* The code a token must have; that of a form must lead to its raw bytes. */
static void
check_code(const dict_entry *e, const text_token *t, const char *text, uint32_t code)
{
	const char *raw;
	unsigned width;
	size_t len, want = t->end - t->start;

	if (t->form != TEXT_FORM_OTHER && t->kind != TEXT_JOINED) {
		assert_int_equal(code, t->form + (t->flags & TEXT_HYPHEN ? POST_CODE_HYPHEN : 0));
		return;
	}
	assert_true(code >= POST_CODE_FORMS);
	assert_true(dict_form(e, code - POST_CODE_FORMS, &raw, &len, &width));
	assert_int_equal(len, want + (t->flags & TEXT_HYPHEN ? 1 : 0));
	assert_memory_equal(raw, text + t->start, want);
	assert_int_equal(width, t->kind == TEXT_JOINED ? t->width : 1);
}

static void
check_token(const segment *s, unsigned field, uint32_t doc, const text_token *t, const char *text)
{
	post_cursor c;
	dict_entry e;
	const uint32_t *pos, *codes;
	uint32_t n, i;

	assert_true(dict_find(&s->dict, DICT_TERM, field, t->term, t->len, &e));
	segment_cursor(s, &e, &c);
	assert_int_equal(post_seek(&c, doc), doc);
	pos = post_positions(&c, &n);
	assert_non_null(pos);
	for (i = 0; i < n && pos[i] != t->pos; i++)
		;
	assert_true(i < n);
	codes = e.meta.has_codes ? post_codes(&c) : NULL;
	check_code(&e, t, text, codes ? codes[i] : 0);
	post_close(&c);
}

/* The stem class must have the document, with at least this term's tf. */
static void
check_stem(const segment *s, text_analyzer *an, unsigned field, uint32_t doc, text_lang lang, const text_token *t)
{
	char stem[TEXT_TERM_MAX + 1];
	size_t n = text_stem(an, lang, t->term, t->len, stem);
	dict_entry e;
	post_cursor c;

	if (!dict_find(&s->dict, DICT_STEM, field, stem, n, &e)) {
		assert_true(dict_find(&s->dict, DICT_TERM, field, stem, n, &e));
		assert_true(e.self_stem);
		assert_int_equal(n, t->len);
		return;
	}
	if (e.alias) {
		dict_member_iter it = { 0 };
		dict_member m;
		dict_iter entry;
		dict_members(&e, &it);
		assert_true(dict_member_next(&it, &m));
		dict_seek_ord(&entry, &s->dict, m.ord);
		assert_true(dict_next(&entry));
		e = entry.e;
	}
	segment_cursor(s, &e, &c);
	assert_int_equal(post_seek(&c, doc), doc);
	post_close(&c);
}

static uint64_t
check_field(const segment *s, text_analyzer *an, unsigned field, uint32_t doc, text_lang lang, const char *p,
	    size_t n, uint32_t pos, uint32_t *end)
{
	text_token t[256];
	char copy[256][TEXT_TERM_MAX + 1];
	text_analyzer *other = text_analyzer_new(NULL);
	uint64_t tokens = 0;
	size_t k;

	text_begin(an, p, n, pos);
	while ((k = text_next(an, t, 256)) > 0)
		for (size_t i = 0; i < k; i++) {
			memcpy(copy[i], t[i].term, t[i].len);
			t[i].term = copy[i];
			check_token(s, field, doc, &t[i], p);
			if (field < DICT_FIELD_FIRST)
				check_stem(s, other, field, doc, lang, &t[i]);
			tokens += t[i].kind != TEXT_JOINED;
		}
	*end = text_next_pos(an);
	text_analyzer_free(other);
	return tokens;
}

static void
check_document(const segment *s, text_analyzer *an, store_cursor *sc, uint32_t doc)
{
	buf meta = { 0 }, text = { 0 };
	doctab_row row;
	docmeta m;
	uint32_t end, text_end;
	uint64_t n;

	assert_true(doctab_get(&s->docs, doc, &row));
	assert_int_equal(store_meta(sc, row.store, &meta, NULL), CDG_OK);
	assert_int_equal(store_text(sc, row.store, 0, UINT32_MAX, &text, NULL), CDG_OK);
	assert_true(docmeta_parse(&m, meta.p, meta.len));
	check_field(s, an, DICT_FIELD_TITLE, doc, row.lang, m.title, m.title_len, 0, &end);
	n = check_field(s, an, DICT_FIELD_TEXT, doc, row.lang, m.title, m.title_len, 0, &end);
	n += check_field(s, an, DICT_FIELD_TEXT, doc, row.lang, (char *)text.p, text.len, analyze_body_pos(end),
			 &text_end);
	assert_int_equal(row.length, n);
	assert_int_equal(m.nfields, 3);
	buf_fini(&meta);
	buf_fini(&text);
}

static void
test_analysis(void **state)
{
	char *dir = unit_mkdir(), *file = join(dir, "in.jsonl"), *index = join(dir, "index");
	text_analyzer *an = text_analyzer_new(NULL);
	job j = { .options = { .threads = 3, .no_sync = true } };
	snapshot *s;

	(void)state;
	write_records(file, 300, false);
	assert_int_equal(job_run(&j, index, file), CDG_OK);
	assert_int_equal(j.stats.documents, 300);
	s = open_checked(index);
	assert_int_equal(s->nlive, 300);
	for (size_t i = 0; i < s->nsegs; i++) {
		store_cursor sc;
		store_cursor_init(&sc, &s->segs[i].store);
		for (uint32_t d = 0; d < s->segs[i].info.docs; d++)
			check_document(&s->segs[i], an, &sc, d);
		store_cursor_fini(&sc);
	}
	snapshot_unref(s);
	text_analyzer_free(an);
	free(file);
	free(index);
	unit_rmdir(dir);
}

/* ---- the same whatever the threads -------------------------------------- */

static void
same_payload(const pfile *a, const pfile *b)
{
	assert_int_equal(pfile_end(a), pfile_end(b));
	assert_memory_equal(a->map.at + PFILE_HEADER, b->map.at + PFILE_HEADER, pfile_end(a) - PFILE_HEADER);
}

/* The same keys with the same entries; where blocks end may differ. */
static void
same_dict(const dict *a, const dict *b)
{
	dict_iter x, y;
	uint64_t n = 0;

	dict_seek_ord(&x, a, 0);
	dict_seek_ord(&y, b, 0);
	while (dict_next(&x)) {
		assert_true(dict_next(&y));
		n++;
		assert_int_equal(x.key_len, y.key_len);
		assert_memory_equal(x.key, y.key, x.key_len);
		assert_memory_equal(&x.e.meta, &y.e.meta, sizeof x.e.meta);
		assert_int_equal(x.e.alias, y.e.alias);
		assert_int_equal(x.e.self_stem, y.e.self_stem);
		assert_int_equal(x.e.nmembers, y.e.nmembers);
		assert_int_equal(x.e.forms_len, y.e.forms_len);
		if (x.e.forms_len)
			assert_memory_equal(x.e.forms, y.e.forms, x.e.forms_len);
	}
	assert_int_equal(n, a->nkeys);
	assert_int_equal(n, b->nkeys);
}

static void
test_threads(void **state)
{
	char *dir = unit_mkdir(), *file = join(dir, "in.jsonl");
	snapshot *s[3];

	(void)state;
	write_records(file, 2000, true);
	for (unsigned i = 0; i < 3; i++) {
		char name[20], *index;
		job j = { .options = { .threads = i == 2 ? 5 : i + 1, .no_sync = true, .no_merge = true } };
		snprintf(name, sizeof name, "index%u", i);
		index = join(dir, name);
		assert_int_equal(job_run(&j, index, file), CDG_OK);
		assert_int_equal(j.stats.documents, 2000);
		s[i] = open_checked(index);
		assert_int_equal(s[i]->nsegs, 1);
		assert_int_equal(s[i]->nlive + j.stats.duplicates, 2000);
		assert_true(j.stats.duplicates > 500);
		free(index);
		if (i == 0)
			continue;
		same_dict(&s[0]->segs[0].dict, &s[i]->segs[0].dict);
		same_payload(&s[0]->segs[0].post, &s[i]->segs[0].post);
		same_payload(&s[0]->segs[0].pos, &s[i]->segs[0].pos);
		same_payload(&s[0]->segs[0].cols.f, &s[i]->segs[0].cols.f);
		assert_int_equal(s[0]->nlive, s[i]->nlive);
		assert_memory_equal(s[0]->segs[0].live.words, s[i]->segs[0].live.words, 8 * live_nwords(2000));
	}
	for (unsigned i = 0; i < 3; i++)
		snapshot_unref(s[i]);
	free(file);
	unit_rmdir(dir);
}

/* ---- one by one ----------------------------------------------------------- */

static cdg_status
add(writer *w, const char *id, const char *text)
{
	document d = { .id = { id, strlen(id) }, .text = { text, strlen(text) }, .lang = { "en", 2 } };
	return writer_add_document(w, &d, NULL);
}

static uint32_t
df_of(const char *dir, const char *term, uint64_t *nlive)
{
	snapshot *s = open_checked(dir);
	uint32_t n = 0;

	for (size_t i = 0; i < s->nsegs; i++) {
		dict_entry e;
		post_cursor c;
		if (!dict_find(&s->segs[i].dict, DICT_TERM, 0, term, strlen(term), &e))
			continue;
		segment_cursor(&s->segs[i], &e, &c);
		while (post_next(&c) != POST_END)
			n += segment_is_live(&s->segs[i], c.doc);
		post_close(&c);
	}
	*nlive = s->nlive;
	snapshot_unref(s);
	return n;
}

static void
test_replace(void **state)
{
	char *dir = unit_mkdir();
	writer_options o = { .threads = 1, .no_sync = true, .no_merge = true };
	writer *w, *second;
	uint64_t nlive;
	bool found;
	cdg_error err;

	(void)state;
	assert_int_equal(writer_open(dir, &o, &w, &err), CDG_OK);
	assert_int_equal(writer_open(dir, &o, &second, &err), CDG_E_BUSY);
	assert_int_equal(add(w, "a", "first apple"), CDG_OK);
	assert_int_equal(add(w, "b", "banana"), CDG_OK);
	assert_int_equal(add(w, "a", "second apple"), CDG_OK);
	assert_int_equal(add(w, "", "no id"), CDG_E_ARG);
	assert_int_equal(writer_commit(w, NULL, NULL, &err), CDG_OK);
	assert_int_equal(writer_get_stats(w)->duplicates, 1);
	assert_int_equal(df_of(dir, "first", &nlive), 0);
	assert_int_equal(df_of(dir, "second", &nlive), 1);
	assert_int_equal(nlive, 2);

	assert_int_equal(add(w, "a", "third apple"), CDG_OK);
	assert_int_equal(add(w, "b", "banana"), CDG_OK);
	assert_int_equal(writer_get_stats(w)->unchanged, 1);
	assert_int_equal(writer_commit(w, NULL, NULL, &err), CDG_OK);
	assert_int_equal(writer_get_stats(w)->replaced, 1);
	assert_int_equal(df_of(dir, "second", &nlive), 0);
	assert_int_equal(df_of(dir, "apple", &nlive), 1);
	assert_int_equal(nlive, 2);

	/* another version, and then the old one again: the last one stays */
	assert_int_equal(add(w, "b", "cherry"), CDG_OK);
	assert_int_equal(add(w, "b", "banana"), CDG_OK);
	assert_int_equal(writer_commit(w, NULL, NULL, &err), CDG_OK);
	assert_int_equal(df_of(dir, "banana", &nlive), 1);
	assert_int_equal(df_of(dir, "cherry", &nlive), 0);
	assert_int_equal(nlive, 2);

	assert_int_equal(writer_delete_id(w, "b", 1, &found, &err), CDG_OK);
	assert_true(found);
	assert_int_equal(writer_delete_id(w, "nope", 4, &found, &err), CDG_OK);
	assert_false(found);
	assert_int_equal(add(w, "c", "not committed"), CDG_OK);
	assert_int_equal(df_of(dir, "banana", &nlive), 1);
	assert_int_equal(writer_rollback(w, &err), CDG_OK);
	assert_int_equal(writer_commit(w, NULL, NULL, &err), CDG_OK);
	assert_int_equal(df_of(dir, "banana", &nlive), 1);
	assert_int_equal(df_of(dir, "committed", &nlive), 0);
	assert_int_equal(writer_delete_id(w, "b", 1, &found, &err), CDG_OK);
	assert_int_equal(writer_commit(w, NULL, NULL, &err), CDG_OK);
	assert_int_equal(df_of(dir, "banana", &nlive), 0);
	assert_int_equal(nlive, 1);
	writer_close(w);

	o.optimize = true;
	assert_int_equal(writer_open(dir, &o, &w, &err), CDG_OK);
	assert_int_equal(writer_commit(w, NULL, NULL, &err), CDG_OK);
	writer_close(w);
	assert_int_equal(df_of(dir, "third", &nlive), 1);
	assert_int_equal(nlive, 1);
	unit_rmdir(dir);
}

/* ---- files ------------------------------------------------------------------ */

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Set the time of a file's last change. */
static void
set_mtime(const char *path, time_t seconds)
{
	struct timespec t[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

/* What has not changed is told by size and time, and by the bytes where those
 * cannot tell or are not trusted. */
static void
test_hash(void **state)
{
	char *dir = unit_mkdir(), *in = join(dir, "in"), *index = join(dir, "index");
	char *a = join(in, "a.txt"), *r = join(in, "r.jsonl");
	job j = { .options = { .threads = 2, .no_sync = true, .no_merge = true } };
	uint64_t nlive;

	(void)state;
	assert_int_equal(mkdir(in, 0777), 0);
	write_file(a, "alpha text\n");
	write_file(r, "{\"id\":\"1\",\"text\":\"uno\"}\n");
	set_mtime(a, 1000000);
	set_mtime(r, 1000000);
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.documents, 2);

	/* touched: the bytes are the same, so is the file; noted once, not read twice */
	set_mtime(a, 2000000);
	set_mtime(r, 2000000);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(job_run(&j, index, in), CDG_OK);
		assert_int_equal(j.stats.unchanged_files, 2);
		assert_int_equal(j.stats.files, 0);
	}

	/* changed behind the back of size and time: seen by the bytes only */
	write_file(a, "omega text\n");
	write_file(r, "{\"id\":\"1\",\"text\":\"due\"}\n");
	set_mtime(a, 2000000);
	set_mtime(r, 2000000);
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.unchanged_files, 2);
	assert_int_equal(df_of(index, "omega", &nlive), 0);
	j.options.checksum = true;
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.unchanged_files, 0);
	assert_int_equal(j.stats.replaced, 2);
	assert_int_equal(df_of(index, "omega", &nlive), 1);
	assert_int_equal(df_of(index, "due", &nlive), 1);
	assert_int_equal(nlive, 2);
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.unchanged_files, 2);

	/* another time and other bytes of the same number */
	j.options.checksum = false;
	write_file(a, "gamma text\n");
	set_mtime(a, 3000000);
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.unchanged_files, 1);
	assert_int_equal(df_of(index, "gamma", &nlive), 1);
	free(a);
	free(r);
	free(in);
	free(index);
	unit_rmdir(dir);
}

static void
test_sources(void **state)
{
	char *dir = unit_mkdir(), *in = join(dir, "in"), *index = join(dir, "index");
	char *a = join(in, "a.txt"), *b = join(in, "b.txt"), *r = join(in, "r.jsonl");
	job j = { .options = { .threads = 2, .no_sync = true, .no_merge = true } };
	uint64_t nlive;

	(void)state;
	assert_int_equal(mkdir(in, 0777), 0);
	write_file(a, "alpha text\n");
	write_file(b, "beta text\n");
	write_file(r, "{\"id\":\"1\",\"text\":\"uno\"}\nbroken\n{\"id\":\"2\",\"text\":\"due\"}\n");
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.documents, 4);
	assert_int_equal(j.stats.failed, 1);
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.documents, 0);
	assert_int_equal(j.stats.unchanged_files, 3);

	/* one file changes, one vanishes, one record goes and one comes */
	write_file(a, "alpha text, longer now\n");
	unlink(b);
	write_file(r, "{\"id\":\"2\",\"text\":\"due\"}\n{\"id\":\"3\",\"text\":\"tre e quattro\"}\n");
	j.prune = in;
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.documents, 2);
	assert_int_equal(j.stats.unchanged, 1);
	assert_int_equal(j.stats.replaced, 1);
	assert_int_equal(j.stats.deleted, 2);
	assert_int_equal(df_of(index, "uno", &nlive), 0);
	assert_int_equal(df_of(index, "beta", &nlive), 0);
	assert_int_equal(df_of(index, "longer", &nlive), 1);
	assert_int_equal(df_of(index, "quattro", &nlive), 1);
	assert_int_equal(nlive, 3);

	/* the same again by force, then into one segment */
	j.options.force = j.options.optimize = true;
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.replaced, 3);
	assert_int_equal(j.stats.deleted, 0);
	assert_int_equal(df_of(index, "due", &nlive), 1);
	assert_int_equal(nlive, 3);
	free(a);
	free(b);
	free(r);
	free(in);
	free(index);
	unit_rmdir(dir);
}

static void
count_failure(void *ctx, const writer_failure *f)
{
	unsigned *n = ctx;
	assert_non_null(strstr(f->path, "in.jsonl"));
	assert_int_equal(f->line, 2 * ++*n);
}

static void
test_failures(void **state)
{
	char *dir = unit_mkdir(), *file = join(dir, "in.jsonl"), *index = join(dir, "index");
	job j = { .options = { .threads = 3, .no_sync = true } };
	uint64_t total;
	unsigned n = 0;
	FILE *f = fopen(file, "w");

	(void)state;
	for (int i = 0; i < 12000; i++)
		fprintf(f, "{\"id\":\"%d\",\"text\":\"t\"}\n{bad %d\n", i, i);
	fclose(f);
	assert_int_equal(job_run(&j, index, file), CDG_OK);
	assert_int_equal(j.stats.failed, 12000);
	assert_int_equal(writer_failures(index, count_failure, &n, &total, NULL), CDG_OK);
	assert_int_equal(total, 12000);
	assert_int_equal(n, 10000);
	free(file);
	free(index);
	unit_rmdir(dir);
}

static size_t
count_files(const char *dir)
{
	char **names;
	size_t n;

	assert_int_equal(file_list(dir, &names, &n, NULL), CDG_OK);
	file_list_free(names, n);
	return n;
}

/* Broken off, nothing stays; the next run does it all. */
static void
test_cancel(void **state)
{
	char *dir = unit_mkdir(), *file = join(dir, "in.jsonl"), *index = join(dir, "index");
	atomic_bool cancel = true;
	job j = { .options = { .threads = 2, .no_sync = true, .cancel = &cancel } };

	(void)state;
	write_records(file, 100, false);
	assert_int_equal(job_run(&j, index, file), CDG_E_CANCELLED);
	assert_int_equal(count_files(index), 1); /* the lock */
	cancel = false;
	assert_int_equal(job_run(&j, index, file), CDG_OK);
	assert_int_equal(j.stats.documents, 100);
	free(file);
	free(index);
	unit_rmdir(dir);
}

/* Once something is committed, break off. */
static void
break_off(void *ctx, const writer_progress *p)
{
	atomic_bool *cancel = ctx;

	if (p->stats->commits)
		*cancel = true;
}

/* A slow disk. */
static bool
slow_hook(void *ctx, const source_file *file)
{
	(void)ctx, (void)file;
	usleep(40000);
	return false;
}

/* A long run commits now and then, so that one that is broken off has not worked
 * for nothing: the next goes on from there. */
static void
test_resume(void **state)
{
	char *dir = unit_mkdir(), *in = join(dir, "in"), *index = join(dir, "index");
	atomic_bool cancel = false;
	job j = { .options = { .threads = 2, .no_sync = true, .cancel = &cancel, .commit_seconds = 1 } };
	source_options so = { .unchanged = slow_hook };
	unsigned files = 0, whole;
	writer *w;
	source *src;
	snapshot *s;

	(void)state;
	assert_int_equal(mkdir(in, 0777), 0);
	for (; files < 60; files++) {
		char name[32], text[64], *path;
		snprintf(name, sizeof name, "%02u.txt", files);
		snprintf(text, sizeof text, "file number %u", files);
		path = join(in, name);
		write_file(path, text);
		free(path);
	}
	assert_int_equal(writer_open(index, &j.options, &w, NULL), CDG_OK);
	src = source_new(&so, NULL);
	assert_non_null(src);
	assert_int_equal(source_add_path(src, in, NULL), CDG_OK);
	assert_int_equal(writer_add_source(w, src, break_off, &cancel, NULL), CDG_E_CANCELLED);
	assert_true(writer_get_stats(w)->commits >= 1);
	source_free(src);
	writer_close(w);
	s = open_checked(index);
	whole = (unsigned)s->nlive;
	assert_true(whole > 0 && whole < files);
	snapshot_unref(s);
	cancel = false;
	assert_int_equal(job_run(&j, index, in), CDG_OK);
	assert_int_equal(j.stats.unchanged_files, whole);
	assert_int_equal(j.stats.documents, files - whole);
	s = open_checked(index);
	assert_int_equal(s->nlive, files);
	snapshot_unref(s);
	free(in);
	free(index);
	unit_rmdir(dir);
}

/* More segments than the memory lets be merged at once become one in steps, and
 * the documents stay as they were. */
static void
test_optimize_in_steps(void **state)
{
	enum { SEGMENTS = 27 };
	char *dir = unit_mkdir(), *index = join(dir, "index"), *file = join(dir, "in.jsonl");
	job j = { .options = { .threads = 4, .no_sync = true, .no_merge = true, .memory = 16 << 20 } };
	snapshot *s;

	(void)state;
	for (unsigned i = 0; i < SEGMENTS; i++) {
		FILE *f = fopen(file, "w");
		assert_non_null(f);
		for (unsigned k = 0; k < 1 + i % 3 * 5; k++) /* of several sizes */
			fprintf(f, "{\"id\":\"%u-%u\",\"text\":\"word%u and %u\"}\n", i, k, i, k);
		fclose(f);
		assert_int_equal(job_run(&j, index, file), CDG_OK);
	}
	s = open_checked(index);
	assert_int_equal(s->nsegs, SEGMENTS);
	assert_int_equal(s->nlive, SEGMENTS / 3 * (1 + 6 + 11));
	snapshot_unref(s);
	j.options.optimize = true;
	assert_int_equal(job_run(&j, index, file), CDG_OK);
	assert_true(j.stats.merges > 2);
	s = open_checked(index);
	assert_int_equal(s->nsegs, 1);
	assert_int_equal(s->nlive, SEGMENTS / 3 * (1 + 6 + 11));
	for (unsigned i = 0; i < SEGMENTS; i++) {
		char id[32];
		size_t n = (size_t)snprintf(id, sizeof id, "%u-0", i);
		assert_true(segment_by_id(&s->segs[0], id, n) != UINT32_MAX);
	}
	snapshot_unref(s);
	free(file);
	free(index);
	unit_rmdir(dir);
}

/* No memory at any place: an error, nothing half-done, and then it works. */
static void
test_nomem(void **state)
{
	char *dir = unit_mkdir(), *file = join(dir, "in.jsonl"), *index = join(dir, "index");
	job j = { .options = { .threads = 1, .no_sync = true } };
	bool done = false;
	snapshot *s;

	(void)state;
	write_records(file, 20, false);
	for (long n = 1; !done && n < 100000; n += 1 + n / 8) {
		cdg_status st;
		mem_fail_after(n, false);
		source_options so = { 0 };
		writer *w = NULL;
		st = writer_open(index, &j.options, &w, NULL);
		if (st == CDG_OK) {
			source *in = source_new(&so, NULL);
			if (in && source_add_path(in, file, NULL) == CDG_OK)
				st = writer_add_source(w, in, NULL, NULL, NULL);
			else
				st = CDG_E_NOMEM;
			source_free(in);
			if (st == CDG_OK)
				st = writer_commit(w, NULL, NULL, NULL);
		}
		writer_close(w);
		mem_fail_after(0, false);
		assert_true(st == CDG_OK || st == CDG_E_NOMEM);
		done = st == CDG_OK;
	}
	assert_true(done);
	s = open_checked(index);
	assert_int_equal(s->nlive, 20);
	snapshot_unref(s);
	free(file);
	free(index);
	unit_rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_analysis), cmocka_unit_test(test_threads), cmocka_unit_test(test_replace),
		cmocka_unit_test(test_sources), cmocka_unit_test(test_hash),	 cmocka_unit_test(test_failures), cmocka_unit_test(test_cancel), cmocka_unit_test(test_resume), cmocka_unit_test(test_optimize_in_steps),
		cmocka_unit_test(test_nomem),
	};

	unit_seed("t_writer");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
