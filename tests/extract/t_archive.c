/* t_archive.c - archives and compressed files, made here by libarchive: what is in them,
 * what is passed over, limits, and bytes as they should not be. */
#include <archive.h>
#include <archive_entry.h>

#include "extract/reader/archive_name.h"
#include "tests/extract/gather.h"

typedef struct made {
	char *p;
	size_t n, cap;
} made;

static la_ssize_t
made_write(struct archive *a, void *ctx, const void *p, size_t n)
{
	made *m = ctx;

	(void)a;
	if (m->n + n > m->cap) {
		m->cap = 2 * (m->n + n);
		m->p = realloc(m->p, m->cap);
		assert_non_null(m->p);
	}
	memcpy(m->p + m->n, p, n);
	m->n += n;
	return (la_ssize_t)n;
}

static struct archive *
make_open(made *m, int format, int filter, const char *options)
{
	struct archive *a = archive_write_new();

	memset(m, 0, sizeof *m);
	if (format == ARCHIVE_FORMAT_AR_GNU)
		assert_int_equal(archive_write_set_format_ar_svr4(a), ARCHIVE_OK);
	else if (format == ARCHIVE_FORMAT_AR_BSD)
		assert_int_equal(archive_write_set_format_ar_bsd(a), ARCHIVE_OK);
	else
		assert_int_equal(archive_write_set_format(a, format), ARCHIVE_OK);
	if (filter)
		assert_int_equal(archive_write_add_filter(a, filter), ARCHIVE_OK);
	if (options)
		assert_int_equal(archive_write_set_options(a, options), ARCHIVE_OK);
	archive_write_set_passphrase(a, "secret");
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open2(a, m, NULL, made_write, NULL, NULL), ARCHIVE_OK);
	return a;
}

static void
make_entry(struct archive *a, unsigned type, const char *name, const char *data, size_t n)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, (la_int64_t)n);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(e, "one.txt");
	if (archive_write_header(a, e) >= ARCHIVE_WARN && n)
		archive_write_data(a, data, n);
	archive_entry_free(e);
}

static void
make_file(struct archive *a, const char *name, const char *text)
{
	make_entry(a, AE_IFREG, name, text, strlen(text));
}

static void
make_close(struct archive *a)
{
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

static made
make_usual(int format, int filter)
{
	made m;
	struct archive *a = make_open(&m, format, filter, NULL);
	bool ar = (format & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR;

	if (!ar)
		make_entry(a, AE_IFDIR, "d", NULL, 0);
	make_file(a, "one.txt", "The first of the texts.\n");
	if (!ar)
		make_entry(a, AE_IFLNK, "link", NULL, 0);
	make_file(a, ar ? "page.html" : "d/page.html", "<html><title>T</title><p>Second</html>");
	make_file(a, "._one.txt", "resource fork");
	make_file(a, ar ? ".DS_Store" : "__MACOSX/x", "resource fork");
	make_file(a, "r.jsonl", "{\"text\":\"third\"}\n");
	make_close(a);
	return m;
}

static const struct {
	const char *name;
	int format, filter;
} kinds[] = {
	{ "a.tar", ARCHIVE_FORMAT_TAR_USTAR, 0 },	{ "a.tar", ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, 0 },
	{ "a.tar", ARCHIVE_FORMAT_TAR_GNUTAR, 0 },	{ "a.zip", ARCHIVE_FORMAT_ZIP, 0 },
	{ "a.7z", ARCHIVE_FORMAT_7ZIP, 0 },		{ "a.cpio", ARCHIVE_FORMAT_CPIO_POSIX, 0 },
	{ "a.cpio", ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, 0 }, { "a.ar", ARCHIVE_FORMAT_AR_GNU, 0 },
	{ "a.ar", ARCHIVE_FORMAT_AR_BSD, 0 },		{ "a.iso", ARCHIVE_FORMAT_ISO9660, 0 },
	{ "a.tgz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP },
	{ "a.tar.bz2", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2 },
	{ "a.tar.xz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ },
	{ "a.tar.zst", ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_ZSTD },
	{ "a.tar.lz4", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZ4 },
	{ "a.tar.Z", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_COMPRESS },
	{ "a.tar.lz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZIP },
	{ "a.cpio.gz", ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_GZIP },
};

static void
t_kinds(void **state)
{
	gather *g = gather_new();

	(void)state;
	for (size_t i = 0; i < countof(kinds); i++) {
		bool ar = (kinds[i].format & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR;
		made m = make_usual(kinds[i].format, kinds[i].filter);
		char line[200];

		gather_read(g, kinds[i].format == ARCHIVE_FORMAT_ZIP ? extract_archive : NULL, kinds[i].name, m.p, m.n);
		assert_int_equal(g->status, CDG_OK);
		snprintf(line, sizeof line, "D %s/one.txt|one.txt|The first of the texts.", kinds[i].name);
		gather_has(g, line);
		snprintf(line, sizeof line, "D %s/%spage.html|T|Second", kinds[i].name, ar ? "" : "d/");
		gather_has(g, line);
		snprintf(line, sizeof line, "R %s/r.jsonl|17", kinds[i].name);
		gather_has(g, line);
		if (g->documents != 2 || g->records != 1 || g->problems || g->skipped)
			fail_msg("%s gives more:\n%s", kinds[i].name, buf_cstr(&g->out));
		free(m.p);
	}
	gather_free(g);
}

static void
t_bad_bytes(void **state)
{
	gather *g = gather_new();

	(void)state;
	unit_seed("archive");
	g->job.limits.member = 1 << 20;
	for (size_t i = 0; i < countof(kinds); i++) {
		extract_reader *reader = kinds[i].format == ARCHIVE_FORMAT_ZIP ? extract_archive : NULL;
		made m = make_usual(kinds[i].format, kinds[i].filter);

		gather_cut(g, reader, kinds[i].name, m.p, m.n);
		gather_cut(g, reader, "other.pdf", m.p, m.n);
		gather_damage(g, reader, kinds[i].name, m.p, m.n, 300);
		free(m.p);
	}
	gather_free(g);
}

/* One file, compressed. */
static made
make_packed(int filter, const char *data, size_t n)
{
	made m;
	struct archive *a = make_open(&m, ARCHIVE_FORMAT_RAW, filter, NULL);

	make_entry(a, AE_IFREG, "x", data, n);
	make_close(a);
	return m;
}

static void
t_compressed(void **state)
{
	static const struct {
		const char *name;
		int filter;
	} filters[] = { { "n.txt.gz", ARCHIVE_FILTER_GZIP }, { "n.txt.bz2", ARCHIVE_FILTER_BZIP2 },
			{ "n.txt.xz", ARCHIVE_FILTER_XZ },   { "n.txt.zst", ARCHIVE_FILTER_ZSTD },
			{ "n.txt.lz4", ARCHIVE_FILTER_LZ4 }, { "n.txt.Z", ARCHIVE_FILTER_COMPRESS } };
	const char *text = "A text of a length that is worth the while, worth the while, worth the while.\n";
	gather *g = gather_new();
	char line[300];
	made twice;

	(void)state;
	for (size_t i = 0; i < countof(filters); i++) {
		made m = make_packed(filters[i].filter, text, strlen(text)), both = { 0 };

		gather_read(g, NULL, filters[i].name, m.p, m.n);
		snprintf(line, sizeof line, "D %s/n.txt|n.txt|A text", filters[i].name);
		gather_has(g, line);
		gather_cut(g, NULL, filters[i].name, m.p, m.n);
		if (filters[i].filter != ARCHIVE_FILTER_COMPRESS) { /* one behind the other */
			made_write(NULL, &both, m.p, m.n);
			made_write(NULL, &both, m.p, m.n);
			gather_read(g, NULL, filters[i].name, both.p, both.n);
			if (!strstr(buf_cstr(&g->out), "while.\nA text"))
				fail_msg("%s twice: %s", filters[i].name, buf_cstr(&g->out));
		}
		free(both.p);
		free(m.p);
	}
	{
		made m = make_packed(ARCHIVE_FILTER_GZIP, text, strlen(text));

		twice = make_packed(ARCHIVE_FILTER_XZ, m.p, m.n);
		gather_read(g, NULL, "d/n.txt.gz.xz", twice.p, twice.n);
		gather_has(g, "D d/n.txt.gz.xz/n.txt.gz/n.txt|n.txt|A text");
		free(m.p);
		free(twice.p);
	}
	gather_free(g);
}

static void
t_limits(void **state)
{
	static char large[200000];
	gather *g = gather_new();
	struct archive *a;
	made m;

	(void)state;
	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (char)(i % 61 ? 'a' + i * i % 26 : '\n');
	a = make_open(&m, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, NULL);
	make_file(a, "before.txt", "before");
	make_entry(a, AE_IFREG, "large.txt", large, sizeof large);
	make_file(a, "behind.txt", "behind");
	make_close(a);
	g->job.limits.member = 100000;
	gather_read(g, NULL, "l.tgz", m.p, m.n);
	gather_has(g, "D l.tgz/before.txt|");
	gather_has(g, "P l.tgz/large.txt|larger than 100000 bytes when unpacked");
	gather_has(g, "D l.tgz/behind.txt|");
	g->job.limits.member = 1 << 20;
	g->job.limits.unpacked = 100000;
	gather_read(g, NULL, "l.tgz", m.p, m.n);
	assert_int_equal(g->status, CDG_E_LIMIT);
	gather_has(g, "D l.tgz/before.txt|");
	g->job.limits = extract_limits_default;
	g->job.limits.documents = 2;
	gather_read(g, NULL, "l.tgz", m.p, m.n);
	gather_has(g, "P l.tgz|more than 2 entries");
	g->job.limits = extract_limits_default;
	g->job.skip = 0;
	free(m.p);
	gather_free(g);
}

/* Text of which a gigabyte is a megabyte: left at its ratio, nothing else lost. */
static void
t_bomb(void **state)
{
	enum { BOMB = 200 << 20 };
	char *zeros = malloc(BOMB);
	gather *g = gather_new();
	struct archive *a;
	made m, inner;

	(void)state;
	memset(zeros, 'a', BOMB);
	inner = make_packed(ARCHIVE_FILTER_GZIP, zeros, BOMB);
	gather_read(g, NULL, "bomb.txt.gz", inner.p, inner.n);
	gather_has(g, "P bomb.txt.gz/bomb.txt|unpacks to more than");
	assert_int_equal(g->status, CDG_OK);
	a = make_open(&m, ARCHIVE_FORMAT_TAR_USTAR, 0, NULL);
	make_file(a, "before.txt", "before");
	make_entry(a, AE_IFREG, "bomb.gz", inner.p, inner.n);
	make_file(a, "behind.txt", "behind");
	make_close(a);
	gather_read(g, NULL, "b.tar", m.p, m.n);
	gather_has(g, "D b.tar/before.txt|");
	gather_has(g, "P b.tar/bomb.gz/bomb|unpacks to more than");
	gather_has(g, "D b.tar/behind.txt|");
	free(m.p);
	/* zeros are no text: told by the first of them, nothing is unpacked */
	memset(zeros, 0, BOMB);
	free(inner.p);
	inner = make_packed(ARCHIVE_FILTER_GZIP, zeros, BOMB);
	gather_read(g, NULL, "zeros.gz", inner.p, inner.n);
	gather_has(g, "S zeros.gz/zeros|a binary file");
	assert_true(g->job.unpacked < 1 << 20);
	/* a tar that is gone through all the same */
	a = make_open(&m, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, NULL);
	make_file(a, "before.txt", "before");
	make_entry(a, AE_IFREG, "zeros", zeros, BOMB);
	make_close(a);
	gather_read(g, NULL, "z.tgz", m.p, m.n);
	gather_has(g, "D z.tgz/before.txt|");
	gather_has(g, "P z.tgz|unpacks to more than");
	free(m.p);
	free(inner.p);
	free(zeros);
	gather_free(g);
}

static void
t_deep(void **state)
{
	gather *g = gather_new();
	made m = make_packed(ARCHIVE_FILTER_GZIP, "text\n", 5);

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		made next = make_packed(ARCHIVE_FILTER_GZIP, m.p, m.n);

		free(m.p);
		m = next;
	}
	gather_read(g, NULL, "deep.gz", m.p, m.n);
	assert_int_equal(g->problems, 1);
	assert_non_null(strstr(buf_cstr(&g->out), "more than 8 deep"));
	free(m.p);
	gather_free(g);
}

static void
t_encrypted(void **state)
{
	gather *g = gather_new();
	struct archive *a;
	made m;

	(void)state;
	a = make_open(&m, ARCHIVE_FORMAT_ZIP, 0, "encryption=traditional");
	make_file(a, "one.txt", "text");
	make_file(a, "two.txt", "text");
	make_close(a);
	gather_read(g, extract_archive, "e.zip", m.p, m.n);
	gather_has(g, "P e.zip/one.txt|encrypted");
	gather_has(g, "P e.zip/two.txt|encrypted");
	free(m.p);
	gather_free(g);
}

static void
tar_header(char *h, const char *name, const char *size, size_t n)
{
	unsigned sum = 0;

	memset(h, 0, 512);
	snprintf(h, 100, "%s", name);
	memcpy(h + 100, "0000644", 7);
	memcpy(h + 124, size, n);
	h[156] = '0';
	memcpy(h + 257, "ustar\0" "00", 8);
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
}

static void
t_sizes(void **state)
{
	static const struct {
		const char *size;
		size_t n;
	} sizes[] = { { "77777777777", 11 }, { "-0000000001", 11 },	{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0", 12 },
		      { "zzzzzzzzzzz", 11 }, { "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12 }, { "", 0 } };
	gather *g = gather_new();
	char tar[4096];

	(void)state;
	for (size_t i = 0; i < countof(sizes); i++) {
		memset(tar, 0, sizeof tar);
		tar_header(tar, "one.txt", "00000000005", 11);
		memcpy(tar + 512, "first", 5);
		tar_header(tar + 1024, "two.txt", sizes[i].size, sizes[i].n);
		memcpy(tar + 1536, "second", 6);
		gather_read(g, NULL, "s.tar", tar, sizeof tar);
		gather_has(g, "D s.tar/one.txt|one.txt|first");
		if (!g->problems && !g->skipped)
			fail_msg("size %zu: nothing is said:\n%s", i, buf_cstr(&g->out));
	}
	gather_free(g);
}

static void
t_names(void **state)
{
	static const struct {
		const char *raw, *path;
	} cases[] = { { "../../etc/passwd", "etc/passwd" }, { "/abs/x", "abs/x" }, { "./a//b/./c", "a/b/c" },
		      { "", "unnamed-7" },		   { "..", "unnamed-7" },  { NULL, "unnamed-7" },
		      { "na\x8bve/r\x82sum\x82.txt", "naïve/résumé.txt" },
		      { "d\xe9j\xe0 vu.txt", "déjà vu.txt" } };
	archive_names names = { .zip = false };
	buf out;

	(void)state;
	buf_init(&out);
	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(archive_name(&names, cases[i].raw, 7, &out, NULL), CDG_OK);
		assert_string_equal(buf_cstr(&out), cases[i].path);
	}
	assert_true(archive_name_is_litter("a/__MACOSX/b"));
	assert_true(archive_name_is_litter("a/Thumbs.db"));
	assert_true(archive_name_is_litter("[Content_Types].xml"));
	assert_true(archive_name_is_litter("word/_rels/document.xml.rels"));
	assert_false(archive_name_is_litter("rels"));
	assert_false(archive_name_is_litter("a/_b"));
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_kinds),	cmocka_unit_test(t_bad_bytes), cmocka_unit_test(t_compressed),
		cmocka_unit_test(t_limits),	cmocka_unit_test(t_bomb),      cmocka_unit_test(t_deep),
		cmocka_unit_test(t_encrypted),	cmocka_unit_test(t_sizes),     cmocka_unit_test(t_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
