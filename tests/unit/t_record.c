/* t_record.c - records, JSON lines and CSV, through the reader as the indexer
 * uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "extract/read_build.h"
#include "indexer/reader.h"

/* What a chunk gives, as text: one line a document or failure. */
static char *
run(source_format format, const char *data, size_t n, const char *header)
{
	char *copy = malloc(n ? n : 1); /* exact size: reading past it is seen */
	source_item item = { .kind = SOURCE_RECORDS,
			     .format = format,
			     .path = "dir/in.jsonl",
			     .first_line = header ? 2 : 1,
			     .n = n,
			     .last = true,
			     .header = header,
			     .header_n = header ? strlen(header) : 0,
			     .separator = ',' };
	reader *r = reader_new(NULL, NULL);
	buf out;

	memcpy(copy, data, n);
	item.data = copy;
	buf_init(&out);
	assert_non_null(r);
	assert_int_equal(reader_begin(r, &item, NULL), CDG_OK);
	for (;;) {
		const document *d;
		reader_failure fail;

		assert_int_equal(reader_next(r, &d, &fail, NULL), CDG_OK);
		if (fail.set)
			buf_printf(&out, "%s %llu: %s\n", fail.warning ? "warning" : "failure",
				   (unsigned long long)fail.line, fail.message);
		if (!fail.set && !d)
			break;
		assert_true(fail.set ? fail.warning == (d != NULL) : d != NULL);
		if (!d)
			continue;
		buf_printf(&out, "id=%.*s", (int)d->id.n, d->id.p);
		if (d->title.p)
			buf_printf(&out, " title=%.*s", (int)d->title.n, d->title.p);
		if (d->lang.p)
			buf_printf(&out, " lang=%.*s", (int)d->lang.n, d->lang.p);
		if (d->url.p)
			buf_printf(&out, " url=%.*s", (int)d->url.n, d->url.p);
		if (d->has_date) {
			char date[24];
			doc_format_date(d->date, date);
			buf_printf(&out, " date=%s", date);
		}
		for (size_t i = 0; i < d->nfields; i++)
			buf_printf(&out, " %.*s%s:%c=%.*s", (int)d->fields[i].name.n,
				   d->fields[i].name.p, d->fields[i].list ? "[]" : "",
				   "snd"[d->fields[i].type], (int)d->fields[i].string.n,
				   d->fields[i].string.p);
		if (d->replaced)
			buf_printf(&out, " replaced=%llu", (unsigned long long)d->replaced);
		buf_puts(&out, " text=");
		buf_put(&out, d->text.p, d->text.n);
		buf_puts(&out, "\n");
	}
	reader_free(r);
	free(copy);
	assert_false(out.failed);
	(void)buf_cstr(&out);
	return (char *)out.p;
}

static void
check(source_format format, const char *data, size_t n, const char *header, const char *want)
{
	char *got = run(format, data, n, header);

	assert_string_equal(got, want);
	free(got);
}

#define JSON(in, want) check(SOURCE_JSONL, in, sizeof(in) - 1, NULL, want)

static void
test_known(void **state)
{
	(void)state;
	JSON("{\"id\":\"a\",\"title\":\"T\",\"date\":\"2013-11\",\"lang\":\"en\",\"url\":\"u\",\"text\":\"x\"}\n",
	     "id=a title=T lang=en url=u date=2013-11 text=x\n");
	JSON(" { \"text\" : \"x\" , \"id\" : 12 , \"date\" : 2013 } \r\n", "id=12 date=2013 text=x\n");
	JSON("{\"text\":\"\"}", "id=in.jsonl:1 text=\n");
	JSON("\n \t\r\n{\"text\":\"x\",\"id\":\"\"}\n\n", "id=in.jsonl:3 text=x\n");
	JSON("{\"text\":\"x\",\"id\":null,\"title\":null,\"date\":null}", "id=in.jsonl:1 text=x\n");
	JSON("", "");
	JSON("{\"path\":\"p/q\",\"text\":\"x\"}", "id=in.jsonl:1 path:s=p/q text=x\n");
}

static void
test_fields(void **state)
{
	(void)state;
	JSON("{\"text\":\"x\",\"id\":1,\"a\":\"s\",\"b\":-1.5e3,\"c\":true,\"d\":false,\"e\":null,"
	     "\"f\":\"2013-11-12\",\"g\":\"2013\",\"h\":\"2013-99\",\"i\":\"2013-11-12T01:02:03Z\"}",
	     "id=1 a:s=s b:n=-1.5e3 c:s=true d:s=false f:d=2013-11-12 g:s=2013 h:s=2013-99"
	     " i:d=2013-11-12T01:02:03Z text=x\n");
	JSON("{\"text\":\"x\",\"id\":1,\"l\":[\"a\",2,\"2013-11\",null,[3]],\"m\":[],\"n\":[\"one\"]}",
	     "id=1 l[]:s=a l[]:n=2 l[]:d=2013-11 l[]:n=3 n[]:s=one text=x\n");
	JSON("{\"text\":\"x\",\"id\":1,\"o\":{\"p\":1,\"q\":{\"r\":\"deep\",\"s\":{\"t\":1}},\"u\":{}}}",
	     "warning 1: 1 values nested more than 3 deep: left out\n"
	     "id=1 o.p:n=1 o.q.r:s=deep text=x\n");
	JSON("{\"text\":\"x\",\"id\":1,\"by\":[{\"name\":\"A\"},{\"name\":\"B\"}]}",
	     "id=1 by.name[]:s=A by.name[]:s=B text=x\n");
	JSON("{\"text\":\"x\",\"id\":1,\"big\":1e999,\"z\":-0}", "id=1 big:s=1e999 z:n=-0 text=x\n");
}

static void
test_escapes(void **state)
{
	(void)state;
	JSON("{\"id\":1,\"text\":\"a\\n\\t\\\"\\\\\\/\\b\\f\\r\\u0041\\u00e4\\u4e2d\\ud83d\\ude00z\"}",
	     "id=1 text=a\n\t\"\\/\b\f\rA\xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80z\n");
	JSON("{\"id\":1,\"text\":\"\\ud83d|\\ude00|\\ud83d\\u0041|\\ud83d\\ud83d\\ude00\"}",
	     "id=1 replaced=4 text=\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd" "A|\xef\xbf\xbd\xf0\x9f\x98\x80\n");
	JSON("{\"id\":1,\"te\\u0078t\":\"key\",\"\\u0061b\":1}", "id=1 ab:n=1 text=key\n");
	JSON("{\"id\":1,\"text\":\"\\x\"}\n{\"id\":2,\"text\":\"y\"}",
	     "failure 1: a bad escape in a string (byte 17 of the line)\nid=2 text=y\n");
	JSON("{\"id\":1,\"text\":\"\\u12g4\"}", "failure 1: a bad escape in a string (byte 17 of the line)\n");
	JSON("{\"id\":1,\"text\":\"\\u12", "failure 1: a bad escape in a string (byte 17 of the line)\n");
	JSON("{\"id\":1,\"text\":\"a\\", "failure 1: the line ends inside a string (byte 17 of the line)\n");
	JSON("{\"id\":1,\"text\":\"tab\tin\"}", "id=1 text=tab\tin\n");
}

static void
test_zero_bytes(void **state)
{
	char *got;
	static const char raw[] = "{\"id\":1,\"text\":\"a\0b\"}\n{\"id\":2,\"text\":\"\\u0000\"}\n";

	(void)state;
	got = run(SOURCE_JSONL, raw, sizeof raw - 1, NULL);
	assert_memory_equal(got, "id=1 text=a\0b\nid=2 text=\0\n", 26);
	free(got);
}

static void
test_bad_utf8(void **state)
{
	(void)state;
	JSON("{\"id\":1,\"text\":\"good\"}\n{\"id\":2,\"text\":\"a\xff" "b\xc3\"}\n{\"id\":3,\"text\":\"\xc3\xa4\"}\n",
	     "id=1 text=good\nid=2 replaced=2 text=a\xef\xbf\xbd" "b\xef\xbf\xbd\nid=3 text=\xc3\xa4\n");
	/* Surrogates and overlong forms in UTF-8 are damage too. */
	JSON("{\"id\":1,\"text\":\"\xed\xa0\x80\"}", "id=1 replaced=3 text=\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\n");
	JSON("\xff\xfe{\"id\":1,\"text\":\"x\"}\n{\"id\":2,\"text\":\"y\"}\n",
	     "failure 1: not a JSON object (byte 1 of the line)\nid=2 text=y\n");
}

static void
test_wrong_types(void **state)
{
	(void)state;
	JSON("{\"id\":1,\"text\":5}", "failure 1: \"text\" is a number, not a string (byte 16 of the line)\n");
	JSON("{\"id\":1,\"text\":[\"a\"]}", "failure 1: \"text\" is a list, not a string (byte 16 of the line)\n");
	JSON("{\"id\":1}", "failure 1: no \"text\" (byte 1 of the line)\n");
	JSON("{\"id\":1,\"text\":null}", "failure 1: no \"text\" (byte 1 of the line)\n");
	JSON("{}", "failure 1: no \"text\" (byte 1 of the line)\n");
	JSON("{\"id\":1,\"text\":\"x\",\"title\":7,\"lang\":{},\"url\":[1]}",
	     "warning 1: \"title\" is a number, not a string: left out; \"lang\" is an object, not a"
	     " string: left out; \"url\" is a list, not a string: left out\nid=1 text=x\n");
	JSON("{\"id\":1,\"text\":\"x\",\"date\":\"yesterday\"}",
	     "warning 1: date \"yesterday\" is not YYYY, YYYY-MM or YYYY-MM-DD: left out\nid=1 text=x\n");
	JSON("{\"id\":1,\"text\":\"x\",\"date\":20131112}",
	     "warning 1: \"date\" is a number, not a string: left out\nid=1 text=x\n");
	JSON("{\"id\":1,\"text\":\"x\",\"date\":\"\"}", "id=1 text=x\n");
	JSON("{\"id\":1,\"text\":\"a\",\"text\":\"b\"}\n{\"id\":1,\"id\":2,\"text\":\"a\",\"text\":\"c\"}",
	     "warning 1: \"text\" is there twice: the last counts\nid=1 text=b\n"
	     "warning 2: \"id\" is there twice: the last counts\nid=2 text=c\n");
}

static void
test_broken(void **state)
{
	static const char *const broken[] = {
		"{", "{\"", "{\"text", "{\"text\"", "{\"text\":", "{\"text\":\"", "{\"text\":\"x", "{\"text\":\"x\"",
		"{\"text\":\"x\",", "{\"text\":\"x\",}", "{\"text\":\"x\"]", "{\"text\":\"x\"} x", "{\"text\":\"x\"}{}",
		"{\"a\":tru,\"text\":\"x\"}", "{\"a\":nul", "{\"a\":01,\"text\":\"x\"}", "{\"a\":1.,\"text\":\"x\"}",
		"{\"a\":.5,\"text\":\"x\"}", "{\"a\":-,\"text\":\"x\"}", "{\"a\":1e,\"text\":\"x\"}",
		"{\"a\":1e5e5,\"text\":\"x\"}", "{\"a\":+1,\"text\":\"x\"}", "{\"a\":NaN,\"text\":\"x\"}",
		"{\"a\":[1,],\"text\":\"x\"}", "{\"a\":[1 2],\"text\":\"x\"}", "{\"a\":[", "{\"a\":{\"b\":1]}",
		"{text:\"x\"}", "{'text':'x'}", "[{\"text\":\"x\"}]", "\"text\"", "5", "null", "text",
		"{\"a\" 1}", "{,}", "{\"text\":\"x\",,\"a\":1}", "{\"a\":}", "}",
	};

	(void)state;
	for (size_t i = 0; i < countof(broken); i++) {
		char line[200], *got;
		int n = snprintf(line, sizeof line, "%s\n{\"id\":\"next\",\"text\":\"y\"}", broken[i]);

		got = run(SOURCE_JSONL, line, (size_t)n, NULL);
		if (strncmp(got, "failure 1: ", 11) != 0 || !strstr(got, "\nid=next text=y\n") ||
		    strstr(strchr(got, '\n') + 1, "failure"))
			fail_msg("%s gave %s", broken[i], got);
		free(got);
	}
	JSON("{\"id\":1,\"text\":\"a\nb\"}\n",
	     "failure 1: the line ends inside a string (byte 17 of the line)\n"
	     "failure 2: not a JSON object (byte 1 of the line)\n");
}

static void
test_deep(void **state)
{
	size_t n = 10000;
	buf b;

	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		char *got;
		buf_init(&b);
		buf_puts(&b, "{\"text\":\"x\",\"a\":");
		for (size_t i = 0; i < n; i++)
			buf_puts(&b, kind ? "[" : "{\"k\":");
		buf_puts(&b, "\n{\"id\":2,\"text\":\"y\"}\n");
		got = run(SOURCE_JSONL, (char *)b.p, b.len, NULL);
		assert_non_null(strstr(got, "nested too deep"));
		assert_non_null(strstr(got, "\nid=2 text=y\n"));
		free(got);
		buf_fini(&b);
	}
}

/* Strings of every length and escape position, against byte-by-byte writing. */
static void
test_lengths(void **state)
{
	buf line, want;

	(void)state;
	buf_init(&line);
	buf_init(&want);
	for (size_t n = 0; n < 140; n++)
		for (size_t k = 0; k <= n; k++) {
			char *got;
			line.len = want.len = 0;
			buf_puts(&line, "{\"id\":1,\"text\":\"");
			buf_puts(&want, "id=1 text=");
			for (size_t i = 0; i < n; i++) {
				char c = (char)('a' + i % 26);
				buf_puts(&line, i == k ? "\\n" : "");
				buf_puts(&want, i == k ? "\n" : "");
				buf_put_u8(&line, (uint8_t)c);
				buf_put_u8(&want, (uint8_t)c);
			}
			buf_puts(&line, "\"}");
			buf_puts(&want, "\n");
			got = run(SOURCE_JSONL, (char *)line.p, line.len, NULL);
			assert_string_equal(got, buf_cstr(&want));
			free(got);
			if (n > 70)
				k += 6;
		}
	buf_fini(&line);
	buf_fini(&want);
}

/* Random documents written by a plain encoder come back as they were. */
static void
test_round_trip(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	static const char *const bits[] = { "a", "word ", "\n\n", "\"", "\\", "\xc3\xa4", "\xe4\xb8\xad",
					    "\xf0\x9f\x98\x80", "\x01", "/", "{", "}", "[,]", ":", "long run of letters without any" };

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 3000; round++) {
		buf line, want;
		char *got;

		buf_init(&line);
		buf_init(&want);
		buf_puts(&line, "{\"id\":1,\"text\":\"");
		buf_puts(&want, "id=1 text=");
		for (int i = rand() % 40; i > 0; i--) {
			const char *s = bits[(size_t)rand() % countof(bits)];
			buf_puts(&want, s);
			if (strcmp(s, "\xf0\x9f\x98\x80") == 0 && rand() % 2) {
				buf_puts(&line, "\\uD83D\\uDe00");
				continue;
			}
			for (; *s; s++) {
				if (*s == '\n')
					buf_puts(&line, rand() % 2 ? "\\n" : "\\u000a");
				else if (*s == '"' || *s == '\\')
					buf_printf(&line, rand() % 2 ? "\\%c" : "\\u%04x", *s);
				else
					buf_put_u8(&line, (uint8_t)*s);
			}
		}
		buf_puts(&line, "\"}");
		buf_puts(&want, "\n");
		got = run(SOURCE_JSONL, (char *)line.p, line.len, NULL);
		assert_string_equal(got, buf_cstr(&want));
		free(got);
		buf_fini(&line);
		buf_fini(&want);
	}
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *in;
		double v;
	} cases[] = { { "0", 0 }, { "-1", -1 }, { "3.25", 3.25 }, { "0.1", 0.1 }, { "123456789012345678", 123456789012345678.0 },
		      { "9007199254740993", 9007199254740993.0 }, { "1e3", 1000 }, { "2.5E-3", 0.0025 },
		      { "0.000000000000000000000000001", 1e-27 }, { "1.7976931348623157e308", 1.7976931348623157e308 } };
	double v;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(read_build_parse_number(cases[i].in, strlen(cases[i].in), &v), READ_NUMBER_OK);
		assert_true(v == cases[i].v);
	}
	assert_int_equal(read_build_parse_number("1e309", 5, &v), READ_NUMBER_HUGE);
	assert_int_equal(read_build_parse_number("", 0, &v), READ_NUMBER_NONE);
	assert_int_equal(read_build_parse_number("1 ", 2, &v), READ_NUMBER_NONE);
	assert_int_equal(read_build_parse_number("0x10", 4, &v), READ_NUMBER_NONE);
	assert_int_equal(read_build_parse_number("inf", 3, &v), READ_NUMBER_NONE);
}

#define CSV(header, in, want) check(SOURCE_CSV, in, sizeof(in) - 1, header, want)

static void
test_csv(void **state)
{
	(void)state;
	CSV("id,title,text,n,when", "1,T,hello,42,2013-11-12\r\n2,,\"a, \"\"b\"\"\nc\",007,\n",
	    "id=1 title=T n:n=42 when:d=2013-11-12 text=hello\n"
	    "id=2 n:s=007 text=a, \"b\"\nc\n");
	CSV("ID,Body,n", "1,x,-3.5\n\n2,y,1e5\n3,z,\n", "id=1 n:n=-3.5 text=x\nid=2 n:s=1e5 text=y\nid=3 text=z\n");
	CSV("text,id", "\"open,1\nnext,2\n", "failure 2: a quote is opened and never closed\nid=2 text=next\n");
	CSV("text,id", "5\" pipe,1\n\"a\"b,2\n\"a\"\"q\"b,3\n", "id=1 text=5\" pipe\nid=2 text=ab\nid=3 text=a\"qb\n");
	CSV("id,text", "1\n2,x,more\n", "failure 2: 1 columns where the header has 2: the text is missing\n"
	    "warning 3: 1 values more than the header has columns: left out\nid=2 text=x\n");
	CSV("text", "\"multi\nline\"\nlast", "id=in.jsonl:2 text=multi\nline\nid=in.jsonl:4 text=last\n");
	CSV("id,name", "1,x\n", "failure 1: no column is called text (nor content or body): the header is \"id,name\"\n");
	CSV("text,date", "x,2013\ny,never\n",
	    "id=in.jsonl:2 date=2013 text=x\n"
	    "warning 3: date \"never\" is not YYYY, YYYY-MM or YYYY-MM-DD: left out\nid=in.jsonl:3 text=y\n");
	/* Windows-1252, as spreadsheets write it. */
	CSV("text,id", "Gr\xf6\xdf" "e und \xdc" "bung f\xfcr alle Stra\xdf" "en der Stadt,1\n",
	    "id=1 text=Gr\xc3\xb6\xc3\x9f" "e und \xc3\x9c" "bung f\xc3\xbcr alle Stra\xc3\x9f" "en der Stadt\n");
}

/* Every allocation that fails is reported as such, and nothing leaks. */
static void
test_no_memory(void **state)
{
	static const char data[] = "{\"id\":1,\"a\":{\"b\":[1,\"x\"]},\"text\":\"a\\nb\xff\"}\n{\"text\":\"y\"}\n";
	source_item item = { .kind = SOURCE_RECORDS, .format = SOURCE_JSONL, .path = "f", .first_line = 1,
			     .data = data, .n = sizeof data - 1, .last = true };
	bool through = false;

	(void)state;
	for (long k = 1; !through && k < 200; k++) {
		const document *d = NULL;
		reader_failure fail;
		cdg_status st;
		reader *r;

		mem_fail_after(k, true);
		r = reader_new(NULL, NULL);
		st = r ? reader_begin(r, &item, NULL) : CDG_E_NOMEM;
		while (st == CDG_OK) {
			st = reader_next(r, &d, &fail, NULL);
			if (st == CDG_OK && !d && !fail.set) {
				through = true;
				break;
			}
		}
		mem_fail_after(0, false);
		if (!through)
			assert_int_equal(st, CDG_E_NOMEM);
		reader_free(r);
	}
	assert_true(through);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),	    cmocka_unit_test(test_fields),
		cmocka_unit_test(test_escapes),	    cmocka_unit_test(test_zero_bytes),
		cmocka_unit_test(test_bad_utf8),    cmocka_unit_test(test_wrong_types),
		cmocka_unit_test(test_broken),	    cmocka_unit_test(test_deep),
		cmocka_unit_test(test_lengths),	    cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_numbers),	    cmocka_unit_test(test_csv),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
