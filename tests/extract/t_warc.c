/* t_warc.c - archives of the Web, put together here: answers and their codings, records
 * of every kind, lengths that lie. */
#include <zlib.h>

#include "extract/reader/http.h"
#include "tests/extract/gather.h"

#define HTML "Content-Type: text/html; charset=windows-1252\r\n"

/* A record of `n` bytes; length: what it says, -1: the truth. */
static void
put_record(buf *w, const char *type, const char *uri, const char *media, const void *block, size_t n, long length)
{
	buf_printf(w, "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Date: 2014-08-20T06:36:13Z\r\n", type);
	if (uri)
		buf_printf(w, "WARC-Target-URI: %s\r\n", uri);
	buf_printf(w, "Content-Type: %s\r\nContent-Length: %ld\r\n\r\n", media, length < 0 ? (long)n : length);
	buf_put(w, block, n);
	buf_puts(w, "\r\n\r\n");
}

static void
put_answer(buf *w, const char *uri, unsigned status, const char *headers, const void *body, size_t n, long length)
{
	buf block;

	buf_init(&block);
	buf_printf(&block, "HTTP/1.1 %u Word\r\n%s\r\n", status, headers);
	buf_put(&block, body, n);
	put_record(w, "response", uri, "application/http; msgtype=response", block.p, block.len, length);
	buf_fini(&block);
}

static void
put_page(buf *w, const char *uri, const char *text)
{
	put_answer(w, uri, 200, HTML, text, strlen(text), -1);
}

/* zlib's bits: 31 gzip, 15 zlib, -15 bare. */
static void
pack(buf *out, int bits, const void *p, size_t n)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_true(buf_reserve(out, deflateBound(&z, (uLong)n) + 64));
	z.next_out = out->p + out->len;
	z.avail_out = (uInt)(out->cap - out->len);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len += z.total_out;
	deflateEnd(&z);
}

static void
put_usual(buf *w)
{
	put_record(w, "warcinfo", NULL, "application/warc-fields", "software: x\r\n", 13, -1);
	put_record(w, "request", "http://a.b/", "application/http", "GET / HTTP/1.0\r\n\r\n", 18, -1);
	put_page(w, "http://a.b/", "<html><title>One</title><p>caf\xe9 one</html>");
	put_answer(w, "http://a.b/gone", 404, HTML, "gone", 4, -1);
	put_record(w, "resource", "http://a.b/n.txt", "text/plain", "two\n", 4, -1);
	put_record(w, "conversion", "<http://a.b/c>", "text/plain", "three\n", 6, -1);
	put_record(w, "revisit", "http://a.b/", "application/http", "HTTP/1.1 304 Same\r\n\r\n", 21, -1);
	put_record(w, "metadata", "http://a.b/", "application/warc-fields", "x: y\r\n", 6, -1);
	put_record(w, "response", "dns:a.b", "text/dns", "20140820\na.b. 1 IN A 192.0.2.1\n", 31, -1);
}

static void
check_usual(gather *g, const char *name)
{
	char line[200];

	assert_int_equal(g->status, CDG_OK);
	snprintf(line, sizeof line, "D %s/http://a.b/|One|café one|url=http://a.b/|retrieved=", name);
	gather_has(g, line);
	snprintf(line, sizeof line, "D %s/http://a.b/n.txt|", name);
	gather_has(g, line);
	snprintf(line, sizeof line, "D %s/http://a.b/c|", name);
	gather_has(g, line);
	snprintf(line, sizeof line, "S %s|answers with a status other than 200: 1, revisits: 1", name);
	gather_has(g, line);
	assert_int_equal(g->documents, 3);
	assert_int_equal(g->problems, 0);
}

static void
t_records(void **state)
{
	gather *g = gather_new();
	buf w, whole, each;

	(void)state;
	unit_seed("warc");
	buf_init(&w);
	buf_init(&whole);
	buf_init(&each);
	put_usual(&w);
	gather_read(g, NULL, "w.warc", w.p, w.len);
	check_usual(g, "w.warc");
	pack(&whole, 31, w.p, w.len);
	gather_read(g, NULL, "w.warc.gz", whole.p, whole.len);
	check_usual(g, "w.warc.gz");
	(void)buf_cstr(&w);
	for (const char *p = (char *)w.p, *end = p + w.len; p < end;) { /* a gzip member a record */
		const char *next = strstr(p + 5, "\r\nWARC/1.0");

		next = next ? next + 2 : end;
		pack(&each, 31, p, (size_t)(next - p));
		p = next;
	}
	gather_read(g, NULL, "w.warc.gz", each.p, each.len);
	check_usual(g, "w.warc.gz");
	gather_cut(g, NULL, "w.warc", (char *)w.p, w.len);
	gather_cut(g, NULL, "w.warc.gz", (char *)each.p, each.len);
	gather_cut(g, NULL, "w.pdf", (char *)w.p, w.len);
	gather_damage(g, NULL, "w.warc", (char *)w.p, w.len, 2000);
	gather_damage(g, NULL, "w.warc.gz", (char *)each.p, each.len, 2000);
	buf_fini(&w);
	buf_fini(&whole);
	buf_fini(&each);
	gather_free(g);
}

static void
t_codings(void **state)
{
	static const char text[] = "<html><title>T</title><p>the text of the page</html>";
	static const struct {
		const char *coding;
		int bits;
	} codings[] = { { "gzip", 31 }, { "x-gzip", 31 }, { "deflate", 15 }, { "deflate", -15 }, { "GZIP", 0 } };
	static const char br[] = "\x0b\x02\x80hello\x03";
	gather *g = gather_new();
	char headers[300];
	buf w, packed, chunks;

	(void)state;
	buf_init(&w);
	buf_init(&packed);
	buf_init(&chunks);
	for (size_t i = 0; i < countof(codings); i++) {
		packed.len = w.len = 0;
		if (codings[i].bits)
			pack(&packed, codings[i].bits, text, strlen(text));
		else /* the crawler has taken it off, and left the header */
			buf_puts(&packed, text);
		snprintf(headers, sizeof headers, HTML "Content-Encoding: %s\r\n", codings[i].coding);
		put_answer(&w, "http://c.d/", 200, headers, packed.p, packed.len, -1);
		put_answer(&w, "http://c.d/half", 200, headers, packed.p, packed.len / 2, -1);
		gather_read(g, NULL, "c.warc", w.p, w.len);
		gather_has(g, "D c.warc/http://c.d/|T|the text of the page");
		if (codings[i].bits)
			gather_has(g, "P c.warc/http://c.d/half|");
	}
	w.len = 0;
	put_answer(&w, "http://c.d/br", 200, "Content-Type: text/plain\r\nContent-Encoding: br\r\n", br, 9, -1);
	put_answer(&w, "http://c.d/br2", 200, "Content-Type: text/plain\r\nContent-Encoding: br\r\n", br, 4, -1);
	put_answer(&w, "http://c.d/zip", 200, "Content-Encoding: compress, x\r\n", br, 4, -1);
	gather_read(g, NULL, "c.warc", w.p, w.len);
	gather_has(g, "D c.warc/http://c.d/br|br|hello");
	gather_has(g, "P c.warc/http://c.d/br2|cut short");
	gather_has(g, "P c.warc/http://c.d/zip|its content encoding is not known: x");
	w.len = packed.len = 0;
	pack(&packed, 31, text, strlen(text));
	buf_printf(&chunks, "5;x=y\r\n%.5s\r\n%zx\r\n%s\r\n0\r\n\r\n", text, strlen(text) - 5, text + 5);
	put_answer(&w, "http://c.d/ch", 200, HTML "Transfer-Encoding: chunked\r\n", chunks.p, chunks.len, -1);
	put_answer(&w, "http://c.d/cut", 200, HTML "Transfer-Encoding: chunked\r\n", chunks.p, 40, -1);
	put_answer(&w, "http://c.d/off", 200, HTML "Transfer-Encoding: chunked\r\n", text, strlen(text), -1);
	chunks.len = 0;
	buf_printf(&chunks, "%zx\r\n", packed.len);
	buf_put(&chunks, packed.p, packed.len);
	buf_puts(&chunks, "\r\n0\r\n\r\n");
	put_answer(&w, "http://c.d/both", 200, HTML "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunks.p,
		   chunks.len, -1);
	gather_read(g, NULL, "c.warc", w.p, w.len);
	gather_has(g, "D c.warc/http://c.d/ch|T|the text of the page");
	gather_has(g, "D c.warc/http://c.d/both|T|the text of the page");
	gather_has(g, "D c.warc/http://c.d/off|T|the text of the page");
	gather_has(g, "P c.warc/http://c.d/cut|cut short in a chunk");
	buf_fini(&w);
	buf_fini(&packed);
	buf_fini(&chunks);
	gather_free(g);
}

static void
t_lies(void **state)
{
	static const long lengths[] = { 0, 3, 200, 1000000, 999999999999 };
	gather *g = gather_new();
	buf w;

	(void)state;
	buf_init(&w);
	for (size_t i = 0; i < countof(lengths); i++) {
		w.len = 0;
		put_page(&w, "http://a.b/1", "<html><p>first</html>");
		put_answer(&w, "http://a.b/2", 200, HTML, "<html><p>second</html>", 22, lengths[i]);
		put_page(&w, "http://a.b/3", "<html><p>third</html>");
		gather_read(g, NULL, "l.warc", w.p, w.len);
		gather_has(g, "D l.warc/http://a.b/1|");
		if (lengths[i] < 999999999999)
			gather_has(g, "D l.warc/http://a.b/3|");
		gather_has(g, lengths[i] < 999999999999 ? "P l.warc|records that say a wrong length" :
							  "P l.warc/http://a.b/2|larger than");
	}
	w.len = 0;
	buf_puts(&w, "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\nxx\r\n\r\n");
	put_page(&w, "http://a.b/3", "<html><p>third</html>");
	buf_puts(&w, "WARC/1.0\r\n");
	for (unsigned i = 0; i < 100000; i++)
		buf_puts(&w, "X: a header that does not end\r\n");
	gather_read(g, NULL, "l.warc", w.p, w.len);
	gather_has(g, "D l.warc/http://a.b/3|");
	gather_has(g, "P l.warc|records that say a wrong length, or are cut short: 2");
	buf_fini(&w);
	gather_free(g);
}

/* A compressed answer that is a bomb, and a record over the limit. */
static void
t_limits(void **state)
{
	enum { BOMB = 100 << 20 };
	char *text = malloc(BOMB);
	gather *g = gather_new();
	buf w, packed;

	(void)state;
	memset(text, 'a', BOMB);
	buf_init(&w);
	buf_init(&packed);
	pack(&packed, 31, text, BOMB);
	put_answer(&w, "http://a.b/bomb", 200, "Content-Encoding: gzip\r\n", packed.p, packed.len, -1);
	put_answer(&w, "http://a.b/large", 200, "Content-Type: text/plain\r\n", text, 3 << 20, -1);
	put_page(&w, "http://a.b/", "<html><p>the last</html>");
	g->job.limits.member = 2 << 20;
	gather_read(g, NULL, "b.warc", w.p, w.len);
	gather_has(g, "P b.warc/http://a.b/bomb|larger than 2097152 bytes when unpacked");
	gather_has(g, "P b.warc/http://a.b/large|larger than 2097152 bytes");
	gather_has(g, "D b.warc/http://a.b/||the last");
	g->job.limits = extract_limits_default;
	gather_read(g, NULL, "b.warc", w.p, w.len);
	gather_has(g, "P b.warc/http://a.b/bomb|unpacks to more than");
	gather_has(g, "D b.warc/http://a.b/large|");
	gather_has(g, "D b.warc/http://a.b/||the last");
	buf_fini(&w);
	buf_fini(&packed);
	free(text);
	gather_free(g);
}

static void
t_types(void **state)
{
	static const struct {
		const char *value, *type, *charset;
	} cases[] = { { "text/html", "text/html", "" },
		      { "Text/HTML; Charset=\"UTF-8\"", "text/html", "utf-8" },
		      { "text/html;a=b ; charset=koi8-r ;", "text/html", "koi8-r" },
		      { "text/html; charset=", "text/html", "" },
		      { ";", "", "" },
		      { "", "", "" } };
	http_type t;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		http_type_parse(read_str(cases[i].value, strlen(cases[i].value)), &t);
		assert_string_equal(t.type, cases[i].type);
		assert_string_equal(t.charset, cases[i].charset);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_records), cmocka_unit_test(t_codings), cmocka_unit_test(t_lies),
		cmocka_unit_test(t_limits),  cmocka_unit_test(t_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
