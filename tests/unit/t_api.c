/* t_api.c - the public interface as a program outside would use it: write,
 * search from several threads while the index changes, look after it.  Also what
 * `make tsan` runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/cdgsearch.h"

enum { THREADS = 4, ROUNDS = 50, DOCS = 200 };

static char dir[256], where[300];

static int
set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof dir, "%s/cdg-api.XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(where, sizeof where, "%s/index", dir);
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

/* Documents [from, to), each with one word of its own and "common". */
static void
add(int from, int to, unsigned threads)
{
	cdg_writer_config *c;
	cdg_writer *w;
	cdg_error err;
	char json[256];

	assert_int_equal(cdg_writer_config_new(&c, &err), CDG_OK);
	assert_int_equal(cdg_writer_config_set_threads(c, threads, &err), CDG_OK);
	assert_int_equal(cdg_writer_open(where, c, &w, &err), CDG_OK);
	cdg_writer_config_free(c);
	for (int i = from; i < to; i++) {
		int n = snprintf(json, sizeof json,
				 "{\"id\":\"d%d\",\"title\":\"Title %d\",\"kind\":\"k%d\",\"text\":\"common word%d.\"}", i, i,
				 i % 3, i);

		assert_int_equal(cdg_writer_add_record(w, json, (size_t)n, &err), CDG_OK);
	}
	assert_int_equal(cdg_writer_add_record(w, "{\"id\":", 6, &err), CDG_E_INPUT);
	assert_int_equal(cdg_writer_add_record(w, "{\"text\":\"x\"}", 12, &err), CDG_E_INPUT);
	assert_int_equal(cdg_writer_commit(w, &err), CDG_OK);
	assert_int_equal(cdg_writer_get(w, CDG_WRITER_DOCUMENTS), (uint64_t)(to - from));
	cdg_writer_close(w);
}

static void
test_write_and_search(void **state)
{
	cdg_index *x, *again;
	cdg_request *rq;
	cdg_results *r;
	cdg_error err;

	(void)state;
	assert_int_equal(cdg_index_open(where, &x, &err), CDG_E_NOTFOUND);
	assert_null(x);
	add(0, DOCS, 2);
	assert_int_equal(cdg_index_open(where, &x, &err), CDG_OK);
	assert_int_equal(cdg_index_documents(x), DOCS);
	assert_int_equal(cdg_index_reopen(x, &again, &err), CDG_OK);
	assert_null(again);
	assert_int_equal(cdg_request_new(&rq, &err), CDG_OK);
	assert_int_equal(cdg_request_add_facet(rq, "kind", 10, &err), CDG_OK);
	assert_int_equal(cdg_request_set_limit(rq, CDG_LIMIT_MAX + 1, &err), CDG_E_ARG);
	assert_int_equal(cdg_request_set_limit(rq, 3, &err), CDG_OK);
	assert_int_equal(cdg_search(x, rq, "common", 6, &r, &err), CDG_OK);
	cdg_index_close(x); /* results outlive it */
	assert_int_equal(cdg_results_total(r), DOCS);
	assert_int_equal(cdg_results_count(r), 3);
	assert_string_equal(cdg_hit_id(r, 0), "d0");
	assert_string_equal(cdg_hit_title(r, 0), "Title 0");
	assert_string_equal(cdg_snippet_html(r, 0, 0), "<mark>common</mark> word0.");
	assert_int_equal(cdg_facet_documents(r, 0, 0), 67);
	assert_string_equal(cdg_hit_id(r, 3), "");
	assert_string_equal(cdg_snippet_text(r, 9, 9), "");
	assert_null(cdg_results_warning(r, 0));
	cdg_results_free(r);
	cdg_request_free(rq);
}

/* What the title of a document that a query finds is marked with. */
static void
expect_title(cdg_index *x, const char *query, const char *want)
{
	cdg_results *r;

	assert_int_equal(cdg_search(x, NULL, query, strlen(query), &r, NULL), CDG_OK);
	assert_int_equal(cdg_results_total(r), 1);
	if (strcmp(cdg_hit_title_html(r, 0), want))
		fail_msg("%s: <%s>, not <%s>", query, cdg_hit_title_html(r, 0), want);
	cdg_results_free(r);
}

/* A match in the title only is shown there, and the text from its beginning. */
static void
test_titles(void **state)
{
	static const char json[] = "{\"id\":\"t\",\"title\":\"Water & river-basin law 水资源法 of 1998\","
				   "\"text\":\"Nothing of it is here.\"}";
	cdg_results *r;
	cdg_writer *w;
	cdg_index *x;
	char place[320];

	(void)state;
	snprintf(place, sizeof place, "%s/titles", dir);
	assert_int_equal(cdg_writer_open(place, NULL, &w, NULL), CDG_OK);
	assert_int_equal(cdg_writer_add_record(w, json, sizeof json - 1, NULL), CDG_OK);
	assert_int_equal(cdg_writer_commit(w, NULL), CDG_OK);
	cdg_writer_close(w);
	assert_int_equal(cdg_index_open(place, &x, NULL), CDG_OK);
	expect_title(x, "water", "<mark>Water</mark> &amp; river-basin law 水资源法 of 1998");
	expect_title(x, "title:water", "<mark>Water</mark> &amp; river-basin law 水资源法 of 1998");
	expect_title(x, "title:\"river basin law\"", "Water &amp; <mark>river-basin law</mark> 水资源法 of 1998");
	expect_title(x, "title:(waters NEAR/5 law)", "<mark>Water &amp; river-basin law</mark> 水资源法 of 1998");
	expect_title(x, "title:资源", "Water &amp; river-basin law 水<mark>资源</mark>法 of 1998");
	expect_title(x, "title:1998 here -title:zebra", "Water &amp; river-basin law 水资源法 of <mark>1998</mark>");
	expect_title(x, "nothing", "");
	assert_int_equal(cdg_search(x, NULL, "title:water", 11, &r, NULL), CDG_OK);
	assert_string_equal(cdg_snippet_html(r, 0, 0), "Nothing of it is here.");
	cdg_results_free(r);
	cdg_index_close(x);
}

typedef struct shared {
	cdg_index *index;
	atomic_int wrong;
} shared;

static void *
searcher(void *ctx)
{
	shared *s = ctx;

	for (int i = 0; i < ROUNDS; i++) {
		char query[64], id[16];
		cdg_results *r = NULL;
		int n = snprintf(query, sizeof query, "common AND word%d", i);

		snprintf(id, sizeof id, "d%d", i);
		if (cdg_search(s->index, NULL, query, (size_t)n, &r, NULL) != CDG_OK ||
		    cdg_results_total(r) != 1 || strcmp(cdg_hit_id(r, 0), id))
			atomic_fetch_add(&s->wrong, 1);
		cdg_results_free(r);
		if (cdg_search(s->index, NULL, "common", 6, &r, NULL) != CDG_OK || cdg_results_total(r) != DOCS)
			atomic_fetch_add(&s->wrong, 1);
		cdg_results_free(r);
	}
	return NULL;
}

/* Readers see their own snapshot, whatever is added, deleted and merged. */
static void
test_threads(void **state)
{
	pthread_t threads[THREADS];
	shared s = { 0 };
	cdg_index *fresh;
	cdg_writer *w;
	cdg_error err;
	int found;

	(void)state;
	assert_int_equal(cdg_index_open(where, &s.index, &err), CDG_OK);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, searcher, &s), 0);
	for (int i = 0; i < 5; i++)
		add(DOCS + 10 * i, DOCS + 10 * i + 10, 2);
	assert_int_equal(cdg_writer_open(where, NULL, &w, &err), CDG_OK);
	assert_int_equal(cdg_writer_delete(w, "d0", 2, &found, &err), CDG_OK);
	assert_true(found);
	assert_int_equal(cdg_writer_commit(w, &err), CDG_OK);
	cdg_writer_close(w);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(s.wrong, 0);
	assert_int_equal(cdg_index_reopen(s.index, &fresh, &err), CDG_OK);
	assert_non_null(fresh);
	assert_int_equal(cdg_index_documents(fresh), DOCS + 50 - 1);
	assert_int_equal(cdg_index_check(fresh, NULL, NULL, &err), CDG_OK);
	cdg_index_close(fresh);
	cdg_index_close(s.index);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_and_search),
		cmocka_unit_test(test_titles),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
