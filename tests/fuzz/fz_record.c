/* fz_record.c - any bytes as record files and documents.  What comes out must
 * be valid UTF-8 with sections inside the text.
 *
 * The first byte chooses the format.  Built with -DFUZZ_MAIN (no libFuzzer):
 * each argument is a file to run, or a number of seconds to run random
 * variations of built-in seeds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "extract/read_encoding.h"
#include "extract/read_file.h"
#include "indexer/reader.h"
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_check_string(doc_str s)
{
	text_clean clean = { 0 };
	const char *view;
	size_t n;
	buf out;

	if (!s.p)
		return;
	/* A byte order mark inside a value is a character like any other. */
	if (s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		s = read_str(s.p + 3, s.n - 3);
	buf_init(&out);
	if (text_sanitize(s.p, s.n, &out, &view, &n, &clean, NULL) == CDG_OK && clean.replaced)
		abort();
	buf_fini(&out);
}

static void
fuzz_check(const document *d)
{
	fuzz_check_string(d->id);
	fuzz_check_string(d->title);
	fuzz_check_string(d->lang);
	fuzz_check_string(d->url);
	fuzz_check_string(d->text);
	if (!d->id.n || !d->text.p)
		abort();
	for (size_t i = 0; i < d->nfields; i++) {
		fuzz_check_string(d->fields[i].name);
		fuzz_check_string(d->fields[i].string);
	}
	for (size_t i = 0; i < d->nsections; i++) {
		const doc_section *s = &d->sections[i];
		if (s->start > s->end || s->end > d->text.n || s->level == 0)
			abort();
		if (i && s->start < s[-1].start)
			abort();
		fuzz_check_string(s->label);
	}
}

static void
fuzz_records(source_format format, const char *p, size_t n)
{
	source_item item = { .kind = SOURCE_RECORDS, .format = format, .path = "f", .first_line = 1,
			     .last = true, .separator = ',', .data = p, .n = n };
	reader *r = reader_new(NULL, NULL);

	if (format == SOURCE_CSV) {
		item.header = "id,text,date,x";
		item.header_n = strlen(item.header);
	}
	if (r && reader_begin(r, &item, NULL) == CDG_OK)
		for (;;) {
			const document *d;
			reader_failure fail;
			if (reader_next(r, &d, &fail, NULL) != CDG_OK || (!d && !fail.set))
				break;
			if (d)
				fuzz_check(d);
		}
	reader_free(r);
}

static void
fuzz_file(source_format format, const char *p, size_t n)
{
	read_build b;
	buf out;
	const char *view;
	uint64_t replaced;
	doc_str charset = { "", 0 };

	buf_init(&out);
	read_build_init(&b);
	read_build_reset(&b);
	if (format == SOURCE_HTML)
		charset = read_html_charset(read_str(p, n));
	if (read_encoding_declared(p, n, charset.p, charset.n, &out, &view, &n, &replaced, NULL) ==
	    CDG_OK) {
		bool ok = format == SOURCE_HTML	    ? read_html(&b, "f", read_str(view, n)) :
			  format == SOURCE_MARKDOWN ? read_md(&b, "f", read_str(view, n)) :
						      read_text(&b, "f", read_str(view, n));
		if (!b.doc.id.n)
			b.doc.id = read_str("f", 1);
		if (ok && read_build_finish(&b))
			fuzz_check(&b.doc);
	}
	read_build_fini(&b);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const source_format formats[] = { SOURCE_JSONL, SOURCE_JSONL, SOURCE_CSV, SOURCE_TEXT,
						 SOURCE_MARKDOWN, SOURCE_HTML };
	source_format format;
	char *copy;

	if (size == 0)
		return 0;
	format = formats[data[0] % countof(formats)];
	copy = malloc(size); /* exact, so that reading past the end is seen */
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	copy = realloc(copy, size > 1 ? size - 1 : 1);
	if (format == SOURCE_JSONL || format == SOURCE_CSV)
		fuzz_records(format, copy, size - 1);
	else
		fuzz_file(format, copy, size - 1);
	free(copy);
	return 0;
}

#ifdef FUZZ_MAIN
static const char *const seeds[] = {
	"\0{\"id\":\"a\",\"title\":\"T\",\"date\":\"2013-11-12\",\"lang\":\"en\",\"text\":\"x\\u00e4\\ud83d\\ude00\\n\"}\n",
	"\0{\"text\":\"a\",\"o\":{\"p\":[1,2.5e3,true,null,{\"q\":\"2013-01\"}]},\"n\":-0.1}\n{\"text\":\"b\"}",
	"\2a,\"b \"\"c\"\"\nd\",2013,5\r\n,x\n\"open",
	"\3Title\n\nText \xe4\xf6\xfc and more",
	"\4---\ntitle: \"x\"\ntags: [a, 'b']\nl:\n- c\n---\n# H *e* [l](u) ![i](v) `c`\n\nSet\n===\n```\nf\n```\n| a | b |\n|--|--|\n<!-- c -->\n",
	"\5<html lang=de><head><title>T</title><meta charset=gb2312></head><body><h1>A<h2>B</h2><p>x<table><tr><td>1<td>2</table><script>s</script><pre> q\n r</pre>&auml;&#0;",
};

static void
fuzz_random(unsigned seconds)
{
	unsigned seed = (unsigned)time(NULL);
	time_t until = time(NULL) + seconds;
	static const char chars[] = "{}[]\",:\\ud8n\n\r\t`*_#|<>!()-=/&;'\0\xc3\xa4\xff\xfe";
	uint8_t data[2000];
	unsigned long runs = 0;

	printf("seed %u\n", seed);
	srand(seed);
	for (; runs % 64 || time(NULL) < until; runs++) {
		const char *s = seeds[(size_t)rand() % countof(seeds)];
		size_t n = strlen(s + 1) + 1, k = (size_t)rand() % 12;

		memcpy(data, s, n);
		while (k-- && n > 1) {
			size_t at = 1 + (size_t)rand() % (n - 1), m = 1 + (size_t)rand() % 8;
			switch (rand() % 4) {
			case 0:
				data[at] = (uint8_t)chars[(size_t)rand() % sizeof chars];
				break;
			case 1:
				data[at] = (uint8_t)rand();
				break;
			case 2: /* drop */
				m = min_size(m, n - at);
				memmove(data + at, data + at + m, n - at - m);
				n -= m;
				break;
			default: /* double a piece */
				m = min_size(m * 8, n - at);
				if (n + m > sizeof data)
					break;
				memmove(data + at + m, data + at, n - at);
				n += m;
			}
		}
		LLVMFuzzerTestOneInput(data, n);
	}
	printf("%lu runs\n", runs);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *end;
		unsigned long seconds = strtoul(argv[i], &end, 10);
		buf b;
		FILE *f;

		if (!*end) {
			fuzz_random((unsigned)seconds);
			continue;
		}
		f = fopen(argv[i], "rb");
		buf_init(&b);
		while (f && buf_reserve(&b, 4096)) {
			size_t n = fread(b.p + b.len, 1, 4096, f);
			if (!n)
				break;
			b.len += n;
		}
		LLVMFuzzerTestOneInput(b.p, b.len);
		buf_fini(&b);
		if (f)
			fclose(f);
	}
	return 0;
}
#endif
