/* t_render.c - the printer on results made by hand: frames hold whatever the
 * strings are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "backend/render.h"

static int
collect(void *ctx, const char *p, size_t n)
{
	buf_put(ctx, p, n);
	return 0;
}

static int
refuse(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return 1;
}

static api_field fields[] = {
	{ "kind", "law", DOCMETA_STRING, false },
	{ "n", "3.5", DOCMETA_NUMBER, false },
	{ "tags", "x", DOCMETA_STRING, true },
	{ "tags", "y\"z", DOCMETA_STRING, true },
	{ "one", "only", DOCMETA_STRING, true },
};
static const char *sections[] = { "Part II", "Art. 5" };
static api_snippet snippets[] = {
	{ "a <b> & c", "a &lt;b&gt; &amp; <mark>c</mark>", "12", 10, 19, sections, 2, "https://y.example/a.pdf#page=12" },
	{ "x", "<mark>x</mark>", "xii", 0, 1, NULL, 0, NULL },
};
static const char *copies[] = { "b\x1b.pdf", "c/\"d\".pdf", "e", "f" };
static api_hit hits[] = {
	{ 1, 1.5, "id 1\n", "T, \"q\"\x1b[31m", "", "en", "2015-06", fields, countof(fields), snippets, 2, NULL,
	  "https://y.example/a.pdf#page=12", copies, 4 },
	{ 2, NAN, "id2", "", "https://x.example/", "", "", NULL, 0, NULL, 0, NULL, NULL, NULL, 0 },
};
static facet_value values[] = { { (char *)"en", 80 }, { (char *)"zh", 3 } };
static api_facet facets[] = { { .field = "lang", .values = values, .n = 2 } };
static const char *warnings[] = { "careful" };

static cdg_results
results(void)
{
	cdg_results r = { .query = "q\"", .parsed = "p", .total = 12345, .took_us = 412, .total_exact = true };

	r.warnings = warnings;
	r.nwarnings = 1;
	r.hits = hits;
	r.nhits = 2;
	r.facets = facets;
	r.nfacets = 1;
	return r;
}

static const char *
print(buf *b, cdg_format format, const char *qid, int color)
{
	cdg_results r = results();
	cdg_printer *p;
	cdg_error err;

	b->len = 0;
	assert_int_equal(cdg_printer_new(format, collect, b, &p, &err), CDG_OK);
	assert_int_equal(cdg_printer_set_run_id(p, "my run", &err), CDG_OK);
	cdg_printer_set_color(p, color);
	cdg_printer_set_width(p, 40);
	assert_int_equal(cdg_printer_print(p, &r, qid, &err), CDG_OK);
	cdg_printer_free(p);
	return buf_cstr(b);
}

static void
test_json(void **state)
{
	buf b = { 0 };

	(void)state;
	assert_string_equal(
		print(&b, CDG_FORMAT_JSON, NULL, 0),
		"{\"query\":\"q\\\"\",\"parsed\":\"p\",\"total\":12345,\"total_exact\":true,\"took_us\":412,"
		"\"warnings\":[\"careful\"],\"hits\":[{\"rank\":1,\"id\":\"id 1\\n\",\"score\":1.5,"
		"\"title\":\"T, \\\"q\\\"\\u001b[31m\",\"date\":\"2015-06\",\"url\":\"\",\"link\":\"https://y.example/a.pdf#page=12\",\"copies\":[\"b\\u001b.pdf\",\"c/\\\"d\\\".pdf\",\"e\",\"f\"],"
		"\"lang\":\"en\","
		"\"fields\":{\"kind\":\"law\",\"n\":3.5,\"tags\":[\"x\",\"y\\\"z\"],\"one\":[\"only\"]},"
		"\"snippets\":[{\"html\":\"a &lt;b&gt; &amp; <mark>c</mark>\",\"text\":\"a <b> & c\",\"start\":10,"
		"\"end\":19,\"page\":12,\"section\":[\"Part II\",\"Art. 5\"],\"link\":\"https://y.example/a.pdf#page=12\"},"
		"{\"html\":\"<mark>x</mark>\",\"text\":\"x\",\"start\":0,\"end\":1,\"page\":\"xii\"}]},"
		"{\"rank\":2,\"id\":\"id2\",\"score\":null,\"title\":\"\",\"date\":\"\","
		"\"url\":\"https://x.example/\",\"lang\":\"\",\"fields\":{},\"snippets\":[]}],"
		"\"facets\":{\"lang\":[{\"value\":\"en\",\"count\":80},{\"value\":\"zh\",\"count\":3}]}}\n");
	buf_fini(&b);
}

static void
test_lines(void **state)
{
	buf b = { 0 };

	(void)state;
	assert_string_equal(print(&b, CDG_FORMAT_IDS, NULL, 0), "id 1 \nid2\n");
	assert_string_equal(print(&b, CDG_FORMAT_COUNT, NULL, 0), "12345\n");
	assert_string_equal(print(&b, CDG_FORMAT_TREC, "q 7", 0),
			    "q_7 Q0 id_1_ 1 1.5 my_run\nq_7 Q0 id2 2 null my_run\n");
	assert_string_equal(print(&b, CDG_FORMAT_CSV, NULL, 0),
			    "rank,id,score,title,date,lang,url,snippet\r\n"
			    "1,\"id 1\n\",1.5,\"T, \"\"q\"\"\x1b[31m\",2015-06,en,,a <b> & c\r\n"
			    "2,id2,null,,,,https://x.example/,\r\n");
	print(&b, CDG_FORMAT_JSONL, "7", 0);
	assert_memory_equal(b.p, "{\"qid\":\"7\",\"rank\":1,", 20);
	buf_fini(&b);
}

static void
test_text(void **state)
{
	buf b = { 0 };
	const char *s = print(&b, CDG_FORMAT_TEXT, NULL, 0);

	(void)state;
	assert_null(strchr(s, 0x1b));
	assert_non_null(strstr(s, "12,345 documents, 0.4 ms\n"));
	assert_non_null(strstr(s, "p. 12, Part II > Art. 5:\n"));
	assert_non_null(strstr(s, "    https://y.example/a.pdf#page=12  id 1"));
	assert_non_null(strstr(s, "    also at: b .pdf, c/\"d\".pdf, e, and 1 more\n"));
	assert_non_null(strstr(s, "    a <b> & c\n"));
	assert_non_null(strstr(s, "        80  en\n"));
	s = print(&b, CDG_FORMAT_TEXT, NULL, 1);
	assert_non_null(strstr(s, "\x1b[1;31mc\x1b[0m"));
	buf_fini(&b);
}

/* No line is wider than asked for, and nothing of the text is lost. */
static void
test_wrap(void **state)
{
	static const char html[] = "one two three four five six seven eight nine ten eleven 改革开放以来供给侧结构性改革"
				   "顶层设计的意见和通知 <mark>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				   "bbbbbbbbbbbbb</mark> end";
	api_snippet sn = { "", html, "", 0, 1, NULL, 0, NULL };
	api_hit h = { .rank = 1, .id = "i", .snippets = &sn, .nsnippets = 1 };
	cdg_results r = results();
	buf b = { 0 };
	cdg_printer *p;

	(void)state;
	r.hits = &h;
	r.nhits = 1;
	assert_int_equal(cdg_printer_new(CDG_FORMAT_TEXT, collect, &b, &p, NULL), CDG_OK);
	cdg_printer_set_width(p, 30);
	assert_int_equal(cdg_printer_print(p, &r, NULL, NULL), CDG_OK);
	cdg_printer_free(p);
	for (char *line = strtok((char *)buf_cstr(&b), "\n"); line; line = strtok(NULL, "\n")) {
		size_t width = 0;

		for (const char *at = line, *end = line + strlen(line); at < end;)
			width += text_decode(&at, end) >= 0x2e80 ? 2 : 1;
		assert_true(width <= 30);
	}
	buf_fini(&b);
}

/* At any width no line begins with what closes or ends with what opens. */
static void
test_punctuation(void **state)
{
	static const char html[] = "会议强调，要坚持《数据安全法》、《网络安全法》（试行）；所谓“顶层设计”，是指：「统筹」"
				   "与『协调』。<mark>改革</mark>，开放！对吗？“对。”他说（低声）：“好的……”【完】";
	static const char *const no_begin[] = { "，", "。", "、", "》", "）", "；", "”", "：", "」", "』", "！", "？", "】", "…" };
	static const char *const no_end[] = { "《", "（", "「", "『", "【", "“" };
	api_snippet sn = { "", html, "", 0, 1, NULL, 0, NULL };
	api_hit h = { .rank = 1, .id = "i", .snippets = &sn, .nsnippets = 1 };
	cdg_results r = results();
	buf b = { 0 };
	cdg_printer *p;

	(void)state;
	r.hits = &h;
	r.nhits = 1;
	r.nfacets = 0;
	for (unsigned width = 24; width < 90; width++) {
		b.len = 0;
		assert_int_equal(cdg_printer_new(CDG_FORMAT_TEXT, collect, &b, &p, NULL), CDG_OK);
		cdg_printer_set_width(p, width);
		assert_int_equal(cdg_printer_print(p, &r, NULL, NULL), CDG_OK);
		cdg_printer_free(p);
		for (char *line = strtok((char *)buf_cstr(&b), "\n"); line; line = strtok(NULL, "\n")) {
			size_t n = strlen(line);

			for (size_t i = 0; i < countof(no_begin); i++)
				if (n > 4 && !strncmp(line + 4, no_begin[i], strlen(no_begin[i])))
					fail_msg("width %u: <%s>", width, line);
			for (size_t i = 0; i < countof(no_end); i++)
				if (n > 4 && !strcmp(line + n - strlen(no_end[i]), no_end[i]))
					fail_msg("width %u: <%s>", width, line);
		}
	}
	buf_fini(&b);
}

static void
test_title(void **state)
{
	api_hit h = { .rank = 1, .id = "i", .title = "A <b> title", .title_html = "A &lt;b&gt; <mark>title</mark>" };
	cdg_results r = results();
	cdg_format formats[] = { CDG_FORMAT_TEXT, CDG_FORMAT_JSON };
	static const char *const want[] = { " 1. \x1b[1mA <b> \x1b[1;31mtitle\x1b[0m\x1b[1m\x1b[0m\n",
					    "\"title\":\"A <b> title\",\"title_html\":\"A &lt;b&gt; <mark>title</mark>\"," };
	cdg_printer *p;

	(void)state;
	r.hits = &h;
	r.nhits = 1;
	for (size_t i = 0; i < countof(formats); i++) {
		buf b = { 0 };

		assert_int_equal(cdg_printer_new(formats[i], collect, &b, &p, NULL), CDG_OK);
		cdg_printer_set_color(p, true);
		assert_int_equal(cdg_printer_print(p, &r, NULL, NULL), CDG_OK);
		cdg_printer_free(p);
		if (!strstr(buf_cstr(&b), want[i]))
			fail_msg("<%s>", buf_cstr(&b));
		buf_fini(&b);
	}
}

static void
test_refused(void **state)
{
	cdg_results r = results();
	cdg_printer *p;
	cdg_format f;

	(void)state;
	assert_int_equal(cdg_printer_new(CDG_FORMAT_IDS, refuse, NULL, &p, NULL), CDG_OK);
	assert_int_equal(cdg_printer_print(p, &r, NULL, NULL), CDG_E_CANCELLED);
	cdg_printer_free(p);
	assert_int_equal(cdg_printer_new((cdg_format)7, refuse, NULL, &p, NULL), CDG_E_ARG);
	assert_int_equal(cdg_format_find("xml", &f), CDG_E_ARG);
	assert_int_equal(cdg_format_find("trec", &f), CDG_OK);
	assert_int_equal(f, CDG_FORMAT_TREC);
}

/* With the n-th allocation failing the printer says so and leaks nothing. */
static void
test_no_memory(void **state)
{
	(void)state;
	for (long n = 1; n < 12; n++) {
		cdg_results r = results();
		buf b = { 0 };
		cdg_printer *p = NULL;
		cdg_status st;

		mem_fail_after(n, true);
		st = cdg_printer_new(CDG_FORMAT_JSON, collect, &b, &p, NULL);
		if (st == CDG_OK)
			st = cdg_printer_print(p, &r, NULL, NULL);
		mem_fail_after(0, false);
		assert_true(st == CDG_OK || st == CDG_E_NOMEM);
		cdg_printer_free(p);
		buf_fini(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),	cmocka_unit_test(test_lines),  cmocka_unit_test(test_text),
		cmocka_unit_test(test_wrap),	cmocka_unit_test(test_punctuation), cmocka_unit_test(test_title),	cmocka_unit_test(test_refused), cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
