/* xtest.h - what the tests of the bindings share: only xapian_c.h, cmocka and
 * the C library, as for any user of the bindings. */
#ifndef TESTS_XAPIAN_XTEST_H
#define TESTS_XAPIAN_XTEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/xapian/xapian_c.h"

static xapc_error err;

/* The call succeeds, or fails with just this status. */
#define OK(call)                                                                                             \
	do {                                                                                                 \
		xapc_status status_ = (call);                                                                \
		if (status_ != XAPC_OK)                                                                      \
			print_error("%s: %s: %s (%s)\n", #call, xapc_status_name(status_), err.message, err.context); \
		assert_int_equal(status_, XAPC_OK);                                                          \
	} while (0)
#define FAILS(want, call)                                                                                    \
	do {                                                                                                 \
		xapc_status status_ = (call);                                                                \
		if (status_ != (want))                                                                       \
			print_error("%s: %s\n", #call, xapc_status_name(status_));                           \
		assert_int_equal(status_, want);                                                             \
		assert_int_equal(err.status, want);                                                          \
		assert_true(err.type[0] && err.message[0]);                                                  \
	} while (0)
#define STR(s) (s), XAPC_NUL
#define assert_text(s, want)                                                                                 \
	do {                                                                                                 \
		assert_int_equal((s).len, strlen(want));                                                     \
		assert_string_equal((s).data, want);                                                         \
	} while (0)

/* At the top of a test that checks databases: libxapian 1.4 deletes its tables
 * there as if they were of their base class, which the sanitizer would end. */
#define X_CHECKS_DATABASES                                                                                   \
	const char *__asan_default_options(void);                                                            \
	const char *__asan_default_options(void)                                                             \
	{                                                                                                    \
		return "new_delete_type_mismatch=0";                                                         \
	}

/* A new folder below $TMPDIR, removed by x_rmdir; names in it by x_path, which
 * are good until the fourth call after. */
static char x_dir[256];

static inline void
x_mkdir(void)
{
	const char *base = getenv("TMPDIR");
	snprintf(x_dir, sizeof x_dir, "%s/cdg-xapian-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(x_dir));
}

static inline void
x_rmdir(void)
{
	char cmd[300];
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", x_dir);
	assert_int_equal(system(cmd), 0);
}

static inline const char *
x_path(const char *name)
{
	static char paths[4][400];
	static unsigned turn;
	char *p = paths[turn++ % 4];
	snprintf(p, sizeof paths[0], "%s/%s", x_dir, name);
	return p;
}

static inline xapc_writable *
x_create(const char *name)
{
	xapc_writable *w;
	OK(xapc_writable_open(STR(x_path(name)), XAPC_DB_CREATE_OR_OVERWRITE, 0, &w, &err));
	return w;
}

static inline xapc_writable *
x_memory(void)
{
	xapc_writable *w;
	OK(xapc_writable_open("", 0, XAPC_DB_INMEMORY, 0, &w, &err));
	return w;
}

/* Adds a document whose terms are the words of `text`, at positions 1, 2, ... */
static inline xapc_docid
x_add(xapc_writable *w, const char *text)
{
	xapc_document *doc;
	xapc_docid did = 0;
	xapc_pos pos = 0;
	OK(xapc_document_new(&doc, &err));
	OK(xapc_document_set_data(doc, STR(text), &err));
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, " ");
		OK(xapc_document_add_posting(doc, p, n, ++pos, 1, &err));
		p += n + (p[n] != 0);
	}
	OK(xapc_writable_add_document(w, doc, &did, &err));
	xapc_document_free(doc);
	return did;
}

static inline xapc_query *
x_term(const char *term)
{
	xapc_query *q;
	OK(xapc_query_term(STR(term), 1, 0, &q, &err));
	return q;
}

/* The numbers of the documents that q finds, best first, into ids[10]; frees q. */
static inline xapc_count
x_find(const xapc_database *db, xapc_query *q, xapc_docid *ids)
{
	xapc_enquire *enq;
	xapc_mset *m;
	xapc_count n;
	OK(xapc_enquire_new(db, &enq, &err));
	OK(xapc_enquire_set_query(enq, q, 0, &err));
	OK(xapc_enquire_mset(enq, 0, 10, 0, NULL, NULL, &m, &err));
	n = xapc_mset_size(m);
	for (xapc_count i = 0; i < n; i++)
		OK(xapc_mset_docid(m, i, &ids[i], &err));
	xapc_mset_free(m);
	xapc_enquire_free(enq);
	xapc_query_free(q);
	return n;
}

/* Asserts that q finds just these documents, in order of their numbers. */
static inline void
x_finds(const xapc_database *db, xapc_query *q, const char *want)
{
	char got[200] = "";
	xapc_docid ids[10];
	xapc_count n = x_find(db, q, ids);
	for (xapc_docid d = 1, left = n; left && d < 1000000; d++)
		for (xapc_count i = 0; i < n; i++)
			if (ids[i] == d) {
				snprintf(got + strlen(got), sizeof got - strlen(got), "%s%u", *got ? " " : "", d);
				left--;
			}
	assert_string_equal(got, want);
}

/* All terms of an iterator, with '|' between; frees it. */
static inline const char *
x_terms(xapc_terms *it)
{
	static char got[1000];
	xapc_status status;
	got[0] = 0;
	while ((status = xapc_terms_next(it, &err)) == XAPC_OK) {
		size_t n;
		const char *t = xapc_terms_term(it, &n);
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", *got ? "|" : "", (int)n, t);
	}
	assert_int_equal(status, XAPC_END);
	xapc_terms_free(it);
	return got;
}

/* For what the library frees: how often it did. */
static int freed;

static inline void
count_free(void *ctx)
{
	(void)ctx;
	freed++;
}

#endif
