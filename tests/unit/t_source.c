/* t_source.c - paths to items: order, chunks, compression, walks, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "indexer/reader.h"

static char root[] = "/tmp/t_source.XXXXXX";
static char start_dir[PATH_MAX];

static int
setup(void **state)
{
	(void)state;
	if (!getcwd(start_dir, sizeof start_dir) || !mkdtemp(root) || chdir(root) != 0)
		return -1;
	return 0;
}

static int
teardown(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "chmod -R u+rwx %s; rm -rf %s", root, root);
	if (chdir(start_dir) != 0)
		return -1;
	return system(command) == 0 ? 0 : -1;
}

static void
put(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
puts_to(const char *path, const char *s)
{
	put(path, s, strlen(s));
}

static void
dir(const char *path)
{
	assert_int_equal(mkdir(path, 0777), 0);
}

/* All items of these paths (NULL-terminated), a line each. */
static char *
items(const source_options *options, const char *const *paths)
{
	static const char *const kinds[] = { "records", "file", "unchanged", "skipped", "failed" };
	static const char *const formats[] = { "auto", "jsonl", "csv", "text", "md", "html", "document" };
	source *s = source_new(options, NULL);
	source_item *it;
	uint64_t done, total;
	buf out;

	buf_init(&out);
	for (; *paths; paths++)
		assert_int_equal(source_add_path(s, *paths, NULL), CDG_OK);
	for (;;) {
		assert_int_equal(source_next(s, &it, NULL), CDG_OK);
		if (!it)
			break;
		buf_printf(&out, "%s %s", kinds[it->kind], it->path);
		if (it->kind == SOURCE_RECORDS || it->kind == SOURCE_FILE)
			buf_printf(&out, " %s", formats[it->format]);
		if (it->kind == SOURCE_RECORDS) {
			buf_printf(&out, " @%llu line %llu%s [", (unsigned long long)it->offset,
				   (unsigned long long)it->first_line, it->last ? " last" : "");
			if (it->n > 200)
				buf_printf(&out, "%zu bytes", it->n);
			else
				buf_put(&out, it->data, it->n);
			buf_puts(&out, "]");
		}
		if (it->message)
			buf_printf(&out, ": %s", it->message);
		buf_puts(&out, "\n");
		source_item_free(it);
	}
	source_progress(s, &done, &total);
	if (total)
		assert_int_equal(done, total);
	source_free(s);
	(void)buf_cstr(&out);
	return (char *)out.p;
}

static void
check(const source_options *options, const char *path, const char *want)
{
	const char *paths[] = { path, NULL };
	char *got = items(options, paths);

	assert_string_equal(got, want);
	free(got);
}

static void
test_walk(void **state)
{
	static const char *const exclude[] = { "skip*" }, *const include[] = { "*.txt" };
	static const char *const below[] = { "sub/*" };
	source_options o = { 0 };

	(void)state;
	dir("w");
	dir("w/sub");
	dir("w/skipped");
	dir("w/.hidden");
	puts_to("w/b.txt", "b");
	puts_to("w/B.md", "b");
	puts_to("w/a.html", "a");
	puts_to("w/.dot.txt", "d");
	puts_to("w/sub/c.TXT", "c");
	puts_to("w/sub/d.txt", "d");
	puts_to("w/skipped/e.txt", "e");
	puts_to("w/.hidden/f.txt", "f");
	puts_to("w/g.bin", "g");
	check(&o, "w", "file w/B.md md\nfile w/a.html html\nfile w/b.txt text\nskipped w/g.bin: text of a type that is not known by its name\n"
	      "file w/skipped/e.txt text\nfile w/sub/c.TXT text\nfile w/sub/d.txt text\n");
	o.exclude = exclude;
	o.nexclude = 1;
	o.include = include;
	o.ninclude = 1;
	check(&o, ".//w/./", "file w/b.txt text\nfile w/sub/d.txt text\n");
	check(&o, "w/skipped/e.txt", "file w/skipped/e.txt text\n");
	o.include = below;
	check(&o, "w", "file w/sub/c.TXT text\nfile w/sub/d.txt text\n");
	o.ninclude = 0;
	o.hidden = true;
	check(&o, "w", "file w/.dot.txt text\nfile w/.hidden/f.txt text\nfile w/B.md md\nfile w/a.html html\nfile w/b.txt text\n"
	      "skipped w/g.bin: text of a type that is not known by its name\nfile w/sub/c.TXT text\nfile w/sub/d.txt text\n");
	assert_int_equal(chdir("w/sub"), 0);
	memset(&o, 0, sizeof o);
	check(&o, ".", "file c.TXT text\nfile d.txt text\n");
	check(&o, "./d.txt", "file d.txt text\n");
	check(&o, "../b.txt", "file ../b.txt text\n");
	assert_int_equal(chdir("../.."), 0);
	o.max_file_size = 3;
	puts_to("big.txt", "1234");
	check(&o, "big.txt", "skipped big.txt: larger than the limit of 3 bytes\n");
}

static void
test_links(void **state)
{
	source_options o = { 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "l/sock" };
	int fd;

	(void)state;
	dir("l");
	dir("l/d");
	puts_to("l/d/x.txt", "x");
	assert_int_equal(symlink("..", "l/d/up"), 0);
	assert_int_equal(symlink("d", "l/e"), 0);
	assert_int_equal(symlink("d/x.txt", "l/file.txt"), 0);
	assert_int_equal(symlink("nowhere", "l/gone.txt"), 0);
	assert_int_equal(symlink("self", "l/self"), 0);
	assert_int_equal(mkfifo("l/pipe", 0666), 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	check(&o, "l",
	      "skipped l/d/up: a link to a folder above: not followed\n"
	      "file l/d/x.txt text\n"
	      "skipped l/e: the same folder was read under another name\n"
	      "file l/file.txt text\n"
	      "failed l/gone.txt: cannot read: No such file or directory\n"
	      "skipped l/pipe: not a regular file\n"
	      "failed l/self: cannot read: Too many levels of symbolic links\n"
	      "skipped l/sock: not a regular file\n");
	close(fd);
	check(&o, "not-there", "failed not-there: cannot read: No such file or directory\n");
}

static void
test_unreadable(void **state)
{
	source_options o = { 0 };

	(void)state;
	if (geteuid() == 0) {
		print_message("SKIP: root can read everything\n");
		return;
	}
	dir("u");
	dir("u/closed");
	puts_to("u/no.txt", "x");
	puts_to("u/yes.txt", "x");
	chmod("u/closed", 0);
	chmod("u/no.txt", 0);
	check(&o, "u", "failed u/closed: cannot open the folder: Permission denied\n"
	      "failed u/no.txt: cannot open: Permission denied\nfile u/yes.txt text\n");
}

static bool
unchanged(void *ctx, const source_file *file)
{
	return strcmp(file->path, ctx) == 0;
}

static void
test_unchanged(void **state)
{
	char known[] = "n/b.jsonl";
	source_options o = { .unchanged = unchanged, .hook_ctx = known };

	(void)state;
	dir("n");
	puts_to("n/a.jsonl", "{}\n");
	puts_to("n/b.jsonl", "{}\n");
	check(&o, "n", "records n/a.jsonl jsonl @0 line 1 last [{}\n]\nunchanged n/b.jsonl\n");
}

static void
test_sniff(void **state)
{
	static const struct {
		const char *name, *content, *want;
	} cases[] = {
		{ "a.jsonl", "[{\"text\":1}]", "failed a.jsonl: a JSON array is not a record file: write one object a line, for example with jq -c '.[]'\n" },
		{ "b.jsonl", "{\n \"text\": 1\n}\n", "failed b.jsonl: JSON objects over several lines: write one object a line, for example with jq -c .\n" },
		{ "c.json", "{\"text\":1}\n", "records c.json jsonl @0 line 1 last [{\"text\":1}\n]\n" },
		{ "d.json", "5", "skipped d.json: JSON that is not records\n" },
		{ "e.txt", "%PDF-1.4 ...", "file e.txt document\n" },
		{ "f.txt", " <!DOCTYPE html><p>", "file f.txt html\n" },
		{ "g", "plain words", "file g text\n" },
		{ "h", "{\"text\":1}", "records h jsonl @0 line 1 last [{\"text\":1}]\n" },
		{ "i.jsonl", "", "records i.jsonl jsonl @0 line 1 last []\n" },
		{ "j.txt", "", "file j.txt text\n" },
		{ "k.jsonl", "\xef\xbb\xbf{}\n", "records k.jsonl jsonl @3 line 1 last [{}\n]\n" },
		{ "l.zip", "PK\3\4xxxx", "file l.zip document\n" },
		{ "lx", "{\\rtf1 x}", "file lx document\n" },
		{ "ly.html", "\x89PNG\r\n", "skipped ly.html: an image\n" },
		{ "lz.eml", "some words", "file lz.eml document\n" },
		{ "m.ndjson", "{}", "records m.ndjson jsonl @0 line 1 last [{}]\n" },
	};
	source_options o = { 0 };
	static const char utf16[] = "\xff\xfe{\0}\0\n\0\xe4\0";
	static const char utf16_plain[] = "{\0}\0\n\0";
	static const char binary[] = "a\1\2b\3\4\5\6cdefgh";

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		puts_to(cases[i].name, cases[i].content);
		check(&o, cases[i].name, cases[i].want);
	}
	put("u16.jsonl", utf16, sizeof utf16 - 1);
	check(&o, "u16.jsonl", "records u16.jsonl jsonl @0 line 1 last [{}\n\xc3\xa4]\n");
	put("u16b.jsonl", utf16_plain, sizeof utf16_plain - 1);
	check(&o, "u16b.jsonl", "records u16b.jsonl jsonl @0 line 1 last [{}\n]\n");
	put("bin", binary, sizeof binary - 1);
	check(&o, "bin", "skipped bin: a binary file of unknown type\n");
	o.format = SOURCE_JSONL;
	check(&o, "g", "records g jsonl @0 line 1 last [plain words]\n");
}

static void
test_chunks(void **state)
{
	source_options o = { .chunk_size = 8 };

	(void)state;
	puts_to("c.jsonl", "{1}\n{2}\n{3}\n{a long one}\n{4}\n");
	check(&o, "c.jsonl",
	      "records c.jsonl jsonl @0 line 1 [{1}\n{2}\n]\n"
	      "records c.jsonl jsonl @8 line 3 [{3}\n]\n"
	      "records c.jsonl jsonl @12 line 4 [{a long one}\n]\n"
	      "records c.jsonl jsonl @25 line 5 last [{4}\n]\n");
	puts_to("d.csv", "id;text\r\n1;\"a\nb\nc\n\"\"d\"\n2;x\n3;y");
	check(&o, "d.csv",
	      "records d.csv csv @9 line 2 [1;\"a\nb\nc\n\"\"d\"\n]\n"
	      "records d.csv csv @23 line 6 last [2;x\n3;y]\n");
	puts_to("e.csv", "text\n\"never\nclosed\nat all\n");
	check(&o, "e.csv", "records e.csv csv @5 line 2 last [\"never\nclosed\nat all\n]\n");
	puts_to("f.csv", "id,text");
	check(&o, "f.csv", "records f.csv csv @7 line 1 last []\n");
	puts_to("g.csv", "");
	check(&o, "g.csv", "records g.csv csv @0 line 1 last []\n");
	/* A record beyond the limit is left out and said to be; the rest is read. */
	o.record_max = 20;
	puts_to("i.jsonl", "{1}\n{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n{2}\n{bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
	check(&o, "i.jsonl", "records i.jsonl jsonl @0 line 1 [{1}\n]\n"
	      "failed i.jsonl: line 2: a record of more than 20 bytes\n"
	      "records i.jsonl jsonl @58 line 3 [{2}\n]\n"
	      "failed i.jsonl: line 4: a record of more than 20 bytes\n"
	      "records i.jsonl jsonl @93 line 5 last []\n");
	o.record_max = 0;
	/* Exactly full. */
	puts_to("h.jsonl", "{12345}\n{12345}\n");
	check(&o, "h.jsonl", "records h.jsonl jsonl @0 line 1 [{12345}\n]\nrecords h.jsonl jsonl @8 line 2 [{12345}\n]\n"
	      "records h.jsonl jsonl @16 line 3 last []\n");
}

/* ---- compression ---------------------------------------------------- */

static void
pack(const char *codec, const char *p, size_t n, buf *out)
{
	size_t cap = n + n / 2 + 4096, k = 0;

	assert_true(buf_reserve(out, cap));
	if (strcmp(codec, "zst") == 0) {
		k = ZSTD_compress(out->p + out->len, cap, p, n, 3);
	} else if (strcmp(codec, "lz4") == 0) {
		k = LZ4F_compressFrame(out->p + out->len, cap, p, n, NULL);
	} else if (strcmp(codec, "xz") == 0) {
		assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, (const uint8_t *)p, n,
							 out->p + out->len, &k, cap), LZMA_OK);
	} else {
		z_stream z = { 0 };
		deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
		z.next_in = (Bytef *)(uintptr_t)p;
		z.avail_in = (uInt)n;
		z.next_out = out->p + out->len;
		z.avail_out = (uInt)cap;
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		k = cap - z.avail_out;
		deflateEnd(&z);
	}
	out->len += k;
}

/* The records of a file put together, and the last failure. */
static void
collect(const char *path, buf *data, buf *failure, uint64_t *lines)
{
	source_options o = { .chunk_size = 5000 };
	source *s = source_new(&o, NULL);
	source_item *it;

	*lines = 0;
	data->len = failure->len = 0;
	assert_int_equal(source_add_path(s, path, NULL), CDG_OK);
	for (;;) {
		assert_int_equal(source_next(s, &it, NULL), CDG_OK);
		if (!it)
			break;
		assert_int_equal(failure->len, 0); /* nothing follows it */
		if (it->kind == SOURCE_RECORDS) {
			assert_int_equal(it->offset, data->len);
			assert_int_equal(it->first_line, *lines + 1);
			for (size_t i = 0; i < it->n; i++)
				*lines += it->data[i] == '\n';
			buf_put(data, it->data, it->n);
		} else {
			assert_int_equal(it->kind, SOURCE_FAILED);
			buf_puts(failure, it->message);
		}
		source_item_free(it);
	}
	(void)buf_cstr(failure);
	source_free(s);
}

static void
test_compressed(void **state)
{
	static const char *const codecs[] = { "zst", "lz4", "gz", "xz" };
	unsigned seed = (unsigned)time(NULL);
	buf plain, packed, data, failure;
	uint64_t lines;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	buf_init(&plain);
	buf_init(&packed);
	buf_init(&data);
	buf_init(&failure);
	while (plain.len < 300000) {
		buf_puts(&plain, "{\"text\":\"");
		for (int i = rand() % 2000; i > 0; i--)
			buf_put_u8(&plain, (uint8_t)('a' + rand() % 26));
		buf_puts(&plain, "\"}\n");
	}
	for (size_t i = 0; i < countof(codecs); i++) {
		const char *p = (char *)plain.p;
		size_t half = plain.len / 2;
		char path[40];

		snprintf(path, sizeof path, "packed.jsonl.%s", codecs[i]);
		packed.len = 0;
		pack(codecs[i], p, plain.len, &packed);
		put(path, packed.p, packed.len);
		collect(path, &data, &failure, &lines);
		assert_int_equal(failure.len, 0);
		assert_int_equal(data.len, plain.len);
		assert_memory_equal(data.p, plain.p, plain.len);

		/* Cut at any place: whole records before it, then a failure. */
		for (int k = 0; k < 12; k++) {
			size_t cut = 8 + (size_t)rand() % (packed.len - 9);
			put(path, packed.p, cut);
			collect(path, &data, &failure, &lines);
			if (failure.len == 0)
				fail_msg("%s cut at %zu of %zu: no failure", path, cut, packed.len);
			assert_true(data.len < plain.len);
			assert_memory_equal(data.p ? (char *)data.p : "", p, data.len);
			assert_true(data.len == 0 || data.p[data.len - 1] == '\n');
		}
		/* Damaged: never a crash, never silently less than all. */
		for (int k = 0; k < 30; k++) {
			size_t at = 8 + (size_t)rand() % (packed.len - 8);
			packed.p[at] ^= (uint8_t)(1 + rand() % 255);
			put(path, packed.p, packed.len);
			collect(path, &data, &failure, &lines);
			if (failure.len == 0)
				assert_int_equal(data.len, plain.len);
			packed.len = 0;
			pack(codecs[i], p, plain.len, &packed);
		}
		/* Two members in a row, the second under a name that says nothing. */
		packed.len = 0;
		pack(codecs[i], p, half, &packed);
		pack(codecs[i], p + half, plain.len - half, &packed);
		put("two.jsonl", packed.p, packed.len);
		collect("two.jsonl", &data, &failure, &lines);
		assert_int_equal(failure.len, 0);
		assert_int_equal(data.len, plain.len);
		assert_memory_equal(data.p, plain.p, plain.len);
		/* Something foreign behind it. */
		buf_puts(&packed, "foreign bytes");
		put("two.jsonl", packed.p, packed.len);
		collect("two.jsonl", &data, &failure, &lines);
		assert_true(failure.len > 0);
	}
	buf_fini(&plain);
	buf_fini(&packed);
	buf_fini(&data);
	buf_fini(&failure);
}

/* zstd with a window of 2^28, as --long=28 writes it. */
static void
test_long_window(void **state)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	const char *line = "{\"text\":\"x\"}\n";
	buf packed, data, failure;
	uint64_t lines;

	(void)state;
	buf_init(&packed);
	buf_init(&data);
	buf_init(&failure);
	assert_true(buf_reserve(&packed, 4096));
	ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, 28);
	ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 0);
	{
		ZSTD_inBuffer in = { line, strlen(line), 0 };
		ZSTD_outBuffer out = { packed.p, packed.cap, 0 };
		assert_int_equal(ZSTD_compressStream2(c, &out, &in, ZSTD_e_continue), ZSTD_compressStream2(c, &out, &in, ZSTD_e_continue));
		assert_int_equal(ZSTD_compressStream2(c, &out, &in, ZSTD_e_end), 0);
		packed.len = out.pos;
	}
	ZSTD_freeCCtx(c);
	put("long.jsonl.zst", packed.p, packed.len);
	collect("long.jsonl.zst", &data, &failure, &lines);
	assert_int_equal(failure.len, 0);
	assert_int_equal(data.len, strlen(line));
	buf_fini(&packed);
	buf_fini(&data);
	buf_fini(&failure);
}

/* A single record of 40 MB among small ones. */
static void
test_giant(void **state)
{
	static const char *const paths[] = { "giant.jsonl", NULL };
	source_options o = { 0 };
	size_t n = 40u << 20;
	buf b;
	char *got;

	(void)state;
	buf_init(&b);
	buf_puts(&b, "{\"text\":\"a\"}\n{\"text\":\"");
	assert_true(buf_reserve(&b, n + 100));
	memset(b.p + b.len, 'x', n);
	b.len += n;
	buf_puts(&b, "\"}\n{\"text\":\"b\"}\n");
	put("giant.jsonl", b.p, b.len);
	buf_fini(&b);
	got = items(&o, paths);
	assert_non_null(strstr(got, "records giant.jsonl jsonl @0 line 1 [{\"text\":\"a\"}\n]"));
	assert_non_null(strstr(got, "records giant.jsonl jsonl @13 line 2 last [41943065 bytes]"));
	free(got);
}

static void
test_stdin(void **state)
{
	static const char *const paths[] = { "-", NULL };
	source_options o = { 0 };
	int saved = dup(STDIN_FILENO), fds[2];
	char *got;

	(void)state;
	for (int round = 0; round < 2; round++) {
		const char *in = round ? "words" : "{\"text\":1}\n{\"text\":2}\n";
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(write(fds[1], in, strlen(in)), strlen(in));
		close(fds[1]);
		assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
		close(fds[0]);
		got = items(&o, paths);
		assert_string_equal(got, round ? "failed -: only records can be read from a pipe\n" :
					     "records - jsonl @0 line 1 last [{\"text\":1}\n{\"text\":2}\n]\n");
		free(got);
	}
	dup2(saved, STDIN_FILENO);
	close(saved);
}

/* A worker opens a file that was there, whole, when the walk saw it. */
static void
test_vanished(void **state)
{
	source_options o = { 0 };
	reader *r = reader_new(NULL, NULL);

	(void)state;
	for (int round = 0; round < 3; round++) {
		source *s = source_new(&o, NULL);
		const document *d;
		reader_failure fail;
		source_item *it;

		puts_to("v.txt", "Title\n\ntext");
		assert_int_equal(source_add_path(s, "v.txt", NULL), CDG_OK);
		assert_int_equal(source_next(s, &it, NULL), CDG_OK);
		assert_int_equal(it->size, 11);
		if (round == 1)
			unlink("v.txt");
		if (round == 2)
			assert_int_equal(truncate("v.txt", 3), 0);
		assert_int_equal(reader_begin(r, it, NULL), CDG_OK);
		assert_int_equal(reader_next(r, &d, &fail, NULL), CDG_OK);
		if (round == 0) {
			assert_memory_equal(d->title.p, "Title", 5);
			assert_memory_equal(d->id.p, "v.txt", 5);
			assert_false(fail.set);
		} else {
			assert_null(d);
			assert_true(fail.set && !fail.warning);
			assert_string_equal(fail.message, round == 1 ? "cannot open: No such file or directory" :
								      "changed while it was read");
		}
		assert_int_equal(reader_next(r, &d, &fail, NULL), CDG_OK);
		assert_true(!d && !fail.set);
		source_item_free(it);
		source_free(s);
	}
	reader_free(r);
}

/* The real corpus: every record is read. */
static void
test_corpus(void **state)
{
	char path[PATH_MAX + 60];
	source_options o = { 0 };
	source *s;
	reader *r;
	source_item *it;
	size_t docs = 0;

	(void)state;
	snprintf(path, sizeof path, "%s/../shared/corpora/demo-policy.jsonl.zst", start_dir);
	if (access(path, R_OK) != 0) {
		print_message("SKIP: no ../shared/corpora/demo-policy.jsonl.zst\n");
		return;
	}
	s = source_new(&o, NULL);
	r = reader_new(NULL, NULL);
	assert_int_equal(source_add_path(s, path, NULL), CDG_OK);
	while (source_next(s, &it, NULL) == CDG_OK && it) {
		const document *d;
		reader_failure fail;

		assert_int_equal(it->kind, SOURCE_RECORDS);
		assert_int_equal(reader_begin(r, it, NULL), CDG_OK);
		for (;;) {
			assert_int_equal(reader_next(r, &d, &fail, NULL), CDG_OK);
			assert_false(fail.set);
			if (!d)
				break;
			docs++;
			assert_true(d->text.n > 0 && d->replaced == 0);
		}
		source_item_free(it);
	}
	assert_int_equal(docs, 946);
	source_free(s);
	reader_free(r);
}

/* Every allocation that fails is reported, and nothing leaks. */
static void
test_no_memory(void **state)
{
	source_options o = { .chunk_size = 16 };
	bool through = false;

	(void)state;
	dir("m");
	dir("m/d");
	puts_to("m/a.jsonl", "{1}\n{2}\n{33333333333333333}\n{4}\n");
	puts_to("m/b.csv", "id,text\n1,x\n2,y\n");
	puts_to("m/d/c.txt", "x");
	for (long k = 1; !through && k < 500; k++) {
		cdg_status st = CDG_E_NOMEM;
		source_item *it = NULL;
		source *s;

		mem_fail_after(k, true);
		s = source_new(&o, NULL);
		if (s)
			st = source_add_path(s, "m", NULL);
		while (st == CDG_OK) {
			st = source_next(s, &it, NULL);
			if (st == CDG_OK && !it) {
				through = true;
				break;
			}
			source_item_free(it);
		}
		mem_fail_after(0, false);
		if (!through)
			assert_int_equal(st, CDG_E_NOMEM);
		source_free(s);
	}
	assert_true(through);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),	    cmocka_unit_test(test_links),
		cmocka_unit_test(test_unreadable),  cmocka_unit_test(test_unchanged),
		cmocka_unit_test(test_sniff),	    cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_compressed),  cmocka_unit_test(test_long_window),
		cmocka_unit_test(test_giant),	    cmocka_unit_test(test_stdin),
		cmocka_unit_test(test_vanished),    cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
