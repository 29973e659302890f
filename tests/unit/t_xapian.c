/* t_xapian.c - the Xapian backend through the public interface: threads that search
 * while another writes, states, memory that runs out; and the terms and values of
 * scheme.h, the mapping of map.h.  Without the module what needs it is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/xapian/load.h"
#include "backend/xapian/map.h"
#include "backend/xapian/open.h"
#include "backend/xapian/scheme.h"
#include "base/mem.h"

enum { THREADS = 3, ROUNDS = 60, DOCS = 60 };

static char dir[256], where[300];
static bool have;

static int
set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	xap_calls calls;

	(void)state;
	have = xap_load(&calls, NULL) == CDG_OK;
	snprintf(dir, sizeof dir, "%s/cdg-xap.XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(where, sizeof where, "%s/db", dir);
	return 0;
}

static int
tear_down(void **state)
{
	char command[400];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command);
}

#define NEEDS_MODULE()                                                     \
	do {                                                               \
		if (!have) {                                               \
			print_message("SKIP: libxapian is missing\n");     \
			skip();                                            \
		}                                                          \
	} while (0)

/* ---- terms and values ------------------------------------------------------ */

static void
prefix_is(const char *name, const char *want)
{
	buf b = { 0 };

	xap_put_prefix(&b, name, strlen(name));
	assert_string_equal(buf_cstr(&b), want);
	buf_fini(&b);
}

static void
test_prefixes(void **state)
{
	char a[300], b[300];
	buf x = { 0 }, y = { 0 };

	(void)state;
	prefix_is("text", "");
	prefix_is("title", "S");
	prefix_is("type", "XTYPE:");
	prefix_is("Type", "X%54YPE:");
	prefix_is("art_5", "XART_5:");
	prefix_is("5art", "X%35ART:");
	prefix_is("a.b", "XA%2EB:");
	memset(a, 'n', sizeof a);
	memcpy(b, a, sizeof b);
	b[299] = 'm';
	xap_put_prefix(&x, a, sizeof a);
	xap_put_prefix(&y, b, sizeof b);
	assert_true(x.len < 120 && x.len == y.len && memcmp(x.p, y.p, x.len) != 0);
	buf_fini(&x);
	buf_fini(&y);
}

static void
test_long_terms(void **state)
{
	char long_id[600];
	buf a = { 0 }, b = { 0 };

	(void)state;
	memset(long_id, 'i', sizeof long_id);
	xap_id(&a, long_id, 244);
	assert_int_equal(a.len, 245);
	xap_id(&a, long_id, 245);
	assert_true(a.len <= XAP_TERM_MAX && a.len < 230);
	xap_id(&b, long_id, 246);
	assert_true(a.len == b.len && memcmp(a.p, b.p, a.len) != 0);
	memset(long_id, 0, 150); /* each counts twice */
	xap_id(&a, long_id, 150);
	assert_true(a.len < 130);
	memset(long_id, 0xc3, sizeof long_id); /* not cut inside a character */
	for (size_t i = 1; i < sizeof long_id; i += 2)
		long_id[i] = (char)0xa4;
	xap_id(&a, long_id, sizeof long_id);
	assert_int_equal(a.p[a.len - 18], 0xa4);
	buf_fini(&a);
	buf_fini(&b);
}

static void
test_values(void **state)
{
	static const double numbers[] = { -INFINITY, -1e300, -2, -1.5, -1e-300, 0, 1e-300, 1, 1.5, 2, 1e300 };
	buf a = { 0 }, b = { 0 }, scratch = { 0 };
	xap_value v;
	rd r;

	(void)state;
	for (size_t i = 1; i < countof(numbers); i++) {
		a.len = b.len = 0;
		xap_put_number(&a, numbers[i - 1]);
		xap_put_number(&b, numbers[i]);
		assert_true(a.len == b.len && memcmp(a.p, b.p, a.len) < 0);
	}
	a.len = 0;
	xap_put_number(&a, -0.25);
	xap_put_date(&a, -12345, 2);
	xap_put_string(&a, "a\0b", 3);
	xap_put_string(&a, "", 0);
	r = rd_make(a.p, a.len);
	assert_true(xap_value_next(&r, &scratch, &v) && v.type == XAP_NUMBER && v.number == -0.25);
	assert_true(xap_value_next(&r, &scratch, &v) && v.type == XAP_DATE && v.day == -12345 && v.precision == 2);
	assert_true(xap_value_next(&r, &scratch, &v) && v.n == 3 && !memcmp(v.string, "a\0b", 3));
	assert_true(xap_value_next(&r, &scratch, &v) && v.type == XAP_STRING && v.n == 0);
	assert_false(xap_value_next(&r, &scratch, &v));
	assert_false(r.bad);
	for (size_t n = 1; n < a.len; n++) { /* cut anywhere: no value, or a whole one */
		r = rd_make(a.p, n);
		while (xap_value_next(&r, &scratch, &v))
			;
	}
	r = rd_make("\x09junk", 5);
	assert_false(xap_value_next(&r, &scratch, &v));
	assert_true(r.bad);
	buf_fini(&a);
	buf_fini(&b);
	buf_fini(&scratch);
}

static void
map_try(const char *text, cdg_status want)
{
	char file[400];
	xap_map m;
	cdg_error err;
	FILE *f;

	snprintf(file, sizeof file, "%s/m.map", dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	snprintf(file, sizeof file, "%s/m", dir);
	assert_int_equal(xap_map_load(&m, file, &err), want);
	xap_map_fini(&m);
}

static void
test_map(void **state)
{
	(void)state;
	map_try("", CDG_OK);
	map_try("# c\n\n  stem\tgerman \r\nterm kind XKIND\nvalue pages 5 number\ndata a title", CDG_OK);
	map_try("value pages 5 colour\n", CDG_E_INPUT);
	map_try("value pages -5 number\n", CDG_E_INPUT);
	map_try("value pages 99999999999 number\n", CDG_E_INPUT);
	map_try("value pages\n", CDG_E_INPUT);
	map_try("term kind\n", CDG_E_INPUT);
	map_try("what is this\n", CDG_E_INPUT);
}

/* ---- the library -------------------------------------------------------------- */

static void
add(int from, int to)
{
	cdg_writer_config *c;
	cdg_writer *w;
	cdg_error err;
	char json[256];

	assert_int_equal(cdg_writer_config_new(&c, &err), CDG_OK);
	assert_int_equal(cdg_writer_config_set_backend(c, "xapian", &err), CDG_OK);
	assert_int_equal(cdg_writer_config_set_threads(c, 1, &err), CDG_OK);
	assert_int_equal(cdg_writer_open(where, c, &w, &err), CDG_OK);
	cdg_writer_config_free(c);
	for (int i = from; i < to; i++) {
		int n = snprintf(json, sizeof json,
				 "{\"id\":\"d%d\",\"title\":\"Title %d\",\"kind\":\"k%d\",\"text\":\"common word%d Bürger.\"}", i,
				 i, i % 3, i);
		assert_int_equal(cdg_writer_add_record(w, json, (size_t)n, &err), CDG_OK);
	}
	assert_int_equal(cdg_writer_commit(w, &err), CDG_OK);
	cdg_writer_close(w);
}

static uint64_t
ask(const cdg_index *x, const char *query, cdg_error *err)
{
	cdg_results *r;
	uint64_t n;

	if (cdg_search(x, NULL, query, strlen(query), &r, err) != CDG_OK)
		return UINT64_MAX;
	n = cdg_results_total(r);
	for (size_t i = 0; i < cdg_results_count(r); i++)
		if (!*cdg_hit_id(r, i))
			n = UINT64_MAX - 1;
	cdg_results_free(r);
	return n;
}

static void
test_states(void **state)
{
	cdg_index *x, *y;
	cdg_writer *w;
	cdg_error err;
	int found;

	(void)state;
	NEEDS_MODULE();
	add(0, DOCS);
	assert_int_equal(cdg_index_open(where, &x, &err), CDG_OK);
	assert_int_equal(cdg_index_documents(x), DOCS);
	assert_int_equal(ask(x, "common", &err), DOCS);
	assert_int_equal(ask(x, "burger AND \"word7\"", &err), 1);
	assert_int_equal(cdg_writer_open(where, NULL, &w, &err), CDG_OK); /* stays what it is */
	assert_int_equal(cdg_writer_delete(w, "d7", 2, &found, &err), CDG_OK);
	assert_int_equal(found, 1);
	assert_int_equal(cdg_writer_delete(w, "d7", 2, &found, &err), CDG_OK);
	assert_int_equal(found, 0);
	assert_int_equal(ask(x, "word7", &err), 1); /* not committed */
	assert_int_equal(cdg_writer_commit(w, &err), CDG_OK);
	cdg_writer_close(w);
	assert_int_equal(ask(x, "word7", &err), 1); /* the state it was opened in */
	assert_int_equal(cdg_index_reopen(x, &y, &err), CDG_OK);
	assert_int_equal(ask(y, "word7", &err), 0);
	cdg_index_close(x);
	cdg_index_close(y);
	assert_int_equal(cdg_writer_open(where, NULL, &w, &err), CDG_OK); /* closed without a commit */
	assert_int_equal(cdg_writer_delete(w, "d8", 2, &found, &err), CDG_OK);
	cdg_writer_close(w);
	assert_int_equal(cdg_index_open(where, &x, &err), CDG_OK);
	assert_int_equal(ask(x, "word8", &err), 1);
	cdg_index_close(x);
}

static atomic_int failures;
static atomic_bool ended;

static void *
searcher(void *arg)
{
	cdg_index *x = arg;
	cdg_error err = { 0 };

	for (int i = 0; i < ROUNDS || !atomic_load(&ended); i++) {
		uint64_t n = ask(x, i % 2 ? "common" : "common NEAR/2 burger -word3", &err);

		/* at least what was there, unless libxapian had to move on */
		if (n == UINT64_MAX || n == UINT64_MAX - 1 || n < DOCS - 3) {
			print_message("%lld documents: %s\n", (long long)n, err.message);
			atomic_fetch_add(&failures, 1);
			break;
		}
	}
	return NULL;
}

static void
test_threads(void **state)
{
	pthread_t t[THREADS];
	cdg_index *x;
	cdg_error err;

	(void)state;
	NEEDS_MODULE();
	add(0, DOCS);
	assert_int_equal(cdg_index_open(where, &x, &err), CDG_OK);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, searcher, x), 0);
	for (int i = 0; i < 12; i++)
		add(DOCS + i * 5, DOCS + i * 5 + 5);
	atomic_store(&ended, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(atomic_load(&failures), 0);
	cdg_index_close(x);
}

/* Every request for memory of ours fails once: an error, nothing else. */
static void
test_memory(void **state)
{
	static const char *const queries[] = { "common word1*", "\"common word2\" OR =Bürger", "kind:k1 title:2" };
	cdg_index *x;
	cdg_error err;
	int ok = 0;

	(void)state;
	NEEDS_MODULE();
	for (long n = 1; n < 3000 && ok < 3; n++) {
		bool good = true;

		mem_fail_after(n, false);
		if (cdg_index_open(where, &x, &err) == CDG_OK) {
			for (size_t i = 0; i < countof(queries); i++)
				good &= ask(x, queries[i], &err) != UINT64_MAX;
			cdg_index_close(x);
		} else {
			good = false;
		}
		mem_fail_after(0, false);
		if (!good)
			assert_int_equal(err.status, CDG_E_NOMEM);
		ok = good ? ok + 1 : 0;
	}
	assert_int_equal(ok, 3);
}

/* ---- databases made by hand ------------------------------------------------------ */

/* One with one document that has the term "common", perhaps as ours. */
static void
make_odd(const char *path, bool ours, const char *data, bool positions)
{
	xapc_writable *w;
	xapc_document *doc;
	xap_calls c;

	assert_int_equal(xap_load(&c, NULL), CDG_OK);
	assert_int_equal(c.writable_open(path, XAPC_NUL, XAPC_DB_CREATE_OR_OVERWRITE, 0, &w, NULL), XAPC_OK);
	assert_int_equal(c.document_new(&doc, NULL), XAPC_OK);
	if (positions)
		c.document_add_posting(doc, "common", XAPC_NUL, 1, 1, NULL);
	else
		c.document_add_term(doc, "common", XAPC_NUL, 1, NULL);
	c.document_add_term(doc, "Zcommon", XAPC_NUL, 1, NULL);
	c.document_add_term(doc, "words", XAPC_NUL, 1, NULL);
	c.document_add_term(doc, "X-L:en", XAPC_NUL, 0, NULL);
	c.document_set_data(doc, data, XAPC_NUL, NULL);
	c.document_set_value(doc, 0, "\xff\xff\xff", 3, NULL);
	if (ours)
		c.writable_set_metadata(w, XAP_KEY_FORMAT, XAPC_NUL, XAP_FORMAT, XAPC_NUL, NULL);
	assert_int_equal(c.writable_add_document(w, doc, NULL, NULL), XAPC_OK);
	assert_int_equal(c.writable_commit(w, NULL), XAPC_OK);
	c.document_free(doc);
	c.writable_free(w);
}

static uint64_t
ask_odd(bool ours, const char *data, bool positions, const char *query, cdg_error *err)
{
	char path[400];
	cdg_index *x;
	uint64_t n;

	snprintf(path, sizeof path, "%s/odd", dir);
	make_odd(path, ours, data, positions);
	assert_int_equal(cdg_index_open(path, &x, err), CDG_OK);
	n = ask(x, query, err);
	cdg_index_close(x);
	return n;
}

static void
test_odd(void **state)
{
	static const char *const data[] = { "record=", "record={", "record={\"id\":1", "nothing", "",
					    "record={\"id\":\"a\",\"text\":5}" };
	cdg_error err;

	(void)state;
	NEEDS_MODULE();
	for (size_t i = 0; i < countof(data); i++) {
		assert_true(ask_odd(true, data[i], true, "common", &err) == UINT64_MAX);
		assert_int_equal(err.status, CDG_E_CORRUPT);
	}
	assert_int_equal(ask_odd(true, "record={\"id\":\"a\",\"text\":\"common\"}", true, "common", &err), 1);
	/* others' data may be anything: the document has its number as identifier */
	for (size_t i = 0; i < countof(data); i++)
		assert_int_equal(ask_odd(false, data[i], true, "common", &err), 1);
	assert_int_equal(ask_odd(false, "caption=a\xff\nurl\n=\nsample=common x\nmodtime=-1\ndate=soon", true, "common", &err), 1);
	assert_int_equal(ask_odd(false, "x", true, "common date>2000", &err), 0);
	assert_int_equal(ask_odd(false, "x", true, "\"common words\"", &err), 0);
	assert_int_equal(ask_odd(false, "x", false, "\"common words\"", &err), 0);
	assert_int_equal(ask_odd(false, "x", false, "common words", &err), 1);
	assert_int_equal(ask_odd(false, "x", false, "commons NEAR/3 words", &err), 0);
	assert_int_equal(ask_odd(false, "x", false, "comm*", &err), 1);
}

static void
test_names(void **state)
{
	static const char *const no[] = { "/nowhere", "a/b:33", "host:", ":33", "host:99999999", "host:0", "host:3x", "." };

	(void)state;
	for (size_t i = 0; i < countof(no); i++)
		assert_false(xap_is_database(no[i]));
	assert_true(xap_is_database("localhost:3333"));
	assert_true(xap_is_database("[::1]:3333"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes), cmocka_unit_test(test_long_terms), cmocka_unit_test(test_values),
		cmocka_unit_test(test_map),	 cmocka_unit_test(test_names),	    cmocka_unit_test(test_states),
		cmocka_unit_test(test_threads),	 cmocka_unit_test(test_memory),	    cmocka_unit_test(test_odd),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
