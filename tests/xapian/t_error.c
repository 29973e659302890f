/* t_error.c - every class of exception, as people meet it where that can be had,
 * and each of them as a remote server sends it. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/xapian/xtest.h"

X_CHECKS_DATABASES

#if defined __SANITIZE_ADDRESS__
#define ASAN 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif

static xapc_string s = XAPC_STRING_INIT;

static void
t_names(void **state)
{
	(void)state;
	int known = 0;
	for (int i = -1; i < 100; i++)
		known += strcmp(xapc_status_name((xapc_status)i), "?") != 0;
	assert_int_equal(known, 5 + 24);
	assert_string_equal(xapc_status_name(XAPC_E_DATABASE_LOCK), "DatabaseLockError");
	assert_string_equal(xapc_status_name(XAPC_OK), "OK");
	assert_int_equal(xapc_version()[0], '1');
	assert_int_equal(xapc_version_compiled()[0], '1');
}

static void
t_strings(void **state)
{
	(void)state;
	xapc_string own = XAPC_STRING_INIT;
	const char *before;
	OK(xapc_string_set(&own, "a\0b", 3, &err));
	assert_int_equal(own.len, 3);
	assert_memory_equal(own.data, "a\0b", 4);
	before = own.data;
	OK(xapc_string_set(&own, NULL, 0, &err));
	assert_ptr_equal(own.data, before); /* used again */
	assert_text(own, "");
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_string_set(&own, NULL, 4, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_string_set(NULL, "", 0, &err));
	FAILS(XAPC_E_OTHER, xapc_string_set(&own, "", (size_t)-2, &err));
	assert_string_equal(err.type, "std::exception");
#ifndef ASAN
	FAILS(XAPC_E_NOMEM, xapc_string_set(&own, "", (size_t)1 << 61, &err));
	assert_string_equal(err.type, "std::bad_alloc");
#endif
	assert_int_equal(xapc_string_set(NULL, "", 0, NULL), XAPC_E_INVALID_ARGUMENT);
	xapc_string_free(&own);
	assert_null(own.data);
	xapc_string_free(&own);
	xapc_string_free(NULL);
}

static void
t_null(void **state)
{
	(void)state;
	xapc_count n = 7;
	xapc_enquire *enq;
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_database_doccount(NULL, &n, &err));
	assert_int_equal(n, 7);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_enquire_new(NULL, &enq, &err));
	assert_null(enq);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_database_new(NULL, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_terms_next(NULL, &err));
	assert_null(xapc_terms_term(NULL, NULL));
	assert_null(xapc_values_value(NULL, NULL));
	xapc_database_free(NULL);
	xapc_terms_free(NULL);
}

static void
t_opening(void **state)
{
	(void)state;
	xapc_database *db;
	xapc_writable *w, *second;
	char path[3002];
	FAILS(XAPC_E_DATABASE_NOT_FOUND, xapc_database_open(STR(x_path("absent")), 0, &db, &err));
	assert_string_equal(err.type, "DatabaseNotFoundError");
	assert_non_null(strstr(err.message, "absent"));
	assert_string_equal(err.cause, strerror(2));
	w = x_create("first");
	FAILS(XAPC_E_DATABASE_LOCK, xapc_writable_open(STR(x_path("first")), XAPC_DB_OPEN, 0, &second, &err));
	assert_null(second);
	xapc_writable_free(w);
	FAILS(XAPC_E_DATABASE_CREATE, xapc_writable_open(STR(x_path("first")), XAPC_DB_CREATE, 0, &w, &err));
	FAILS(XAPC_E_DATABASE_NOT_FOUND, xapc_writable_open(STR(x_path("absent")), XAPC_DB_OPEN, 0, &w, &err));
	assert_int_equal(mkdir(x_path("flint"), 0700), 0);
	close(open(x_path("flint/iamflint"), O_CREAT | O_WRONLY, 0600));
	FAILS(XAPC_E_FEATURE_UNAVAILABLE, xapc_database_open(STR(x_path("flint")), 0, &db, &err));
	assert_int_equal(mkdir(x_path("empty"), 0700), 0);
	FAILS(XAPC_E_DATABASE_NOT_FOUND, xapc_database_open(STR(x_path("empty")), 0, &db, &err));
	/* a text that is too long is cut between characters: 3-byte ones, so one of three paths would not */
	for (unsigned pad = 0; pad < 3; pad++) {
		memset(path, 'x', pad);
		for (size_t i = pad; i + 3 < sizeof path; i += 3)
			memcpy(path + i, "法", 4);
		assert_int_not_equal(xapc_database_open(STR(path), 0, &db, &err), XAPC_OK);
		size_t n = strlen(err.message);
		assert_in_range(n, sizeof err.message - 3, sizeof err.message - 1);
		assert_memory_equal(err.message + n - 3, "法", 3);
	}
}

/* Writes n bytes at `at` (below 0: from the end) of a file. */
static void
patch(const char *path, long at, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void
t_damage(void **state)
{
	(void)state;
	xapc_writable *w = x_create("bad");
	xapc_database *db;
	xapc_status status;
	size_t faults = 0;
	static char junk[4096];
	memset(junk, 0x5a, sizeof junk);
	x_add(w, "some words of text");
	xapc_writable_free(w);
	patch(x_path("bad/postlist.glass"), 0, junk, sizeof junk);
	FAILS(XAPC_E_DATABASE_CORRUPT, xapc_database_open(STR(x_path("bad")), 0, &db, &err));
	status = xapc_database_check(STR(x_path("bad")), 0, &faults, NULL, &err);
	assert_true(faults > 0 || status == XAPC_E_DATABASE_CORRUPT);
	/* another format: the number stands behind the magic in iamglass */
	patch(x_path("bad/iamglass"), 14, "\x7f\x7f", 2);
	FAILS(XAPC_E_DATABASE_VERSION, xapc_database_open(STR(x_path("bad")), 0, &db, &err));
	patch(x_path("bad/iamglass"), 0, "nothing known", 13);
	assert_int_not_equal(xapc_database_open(STR(x_path("bad")), 0, &db, &err), XAPC_OK);
	assert_null(db);
}

/* Rewrites all documents, so that two commits use all old blocks again. */
static void
churn(xapc_writable *w, unsigned turn)
{
	for (unsigned d = 1; d <= 200; d++) {
		char text[200];
		xapc_document *doc;
		snprintf(text, sizeof text, "data %u of turn %u, long enough to fill blocks", d, turn);
		OK(xapc_document_new(&doc, &err));
		OK(xapc_document_set_data(doc, STR(text), &err));
		for (unsigned i = 0; i < 10; i++) {
			snprintf(text, sizeof text, "t%u", (d * 7 + i * 31 + turn) % 500);
			OK(xapc_document_add_posting(doc, STR(text), i + 1, 1, &err));
		}
		OK(xapc_writable_replace_document(w, d, doc, &err));
		xapc_document_free(doc);
	}
	OK(xapc_writable_commit(w, &err));
}

static xapc_status
read_all(xapc_database *db)
{
	xapc_status status = XAPC_OK;
	for (xapc_docid d = 1; d <= 200 && status == XAPC_OK; d++) {
		xapc_document *doc;
		status = xapc_database_document(db, d, 0, &doc, &err);
		if (status == XAPC_OK)
			status = xapc_document_data(doc, &s, &err);
		xapc_document_free(doc);
	}
	return status;
}

static void
t_modified(void **state)
{
	(void)state;
	xapc_writable *w = x_create("mod");
	xapc_database *db;
	xapc_document *doc;
	xapc_count n;
	int changed;
	churn(w, 0);
	OK(xapc_database_open(STR(x_path("mod")), 0, &db, &err));
	OK(read_all(db));
	for (unsigned i = 1; i < 4; i++)
		churn(w, i);
	FAILS(XAPC_E_DATABASE_MODIFIED, read_all(db));
	OK(xapc_database_reopen(db, &changed, &err));
	assert_int_equal(changed, 1);
	OK(read_all(db));
	assert_non_null(strstr(s.data, "turn 3"));
	FAILS(XAPC_E_DOC_NOT_FOUND, xapc_database_document(db, 999, 0, &doc, &err));
	FAILS(XAPC_E_DOC_NOT_FOUND, xapc_database_doclength(db, 999, &n, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_database_document(db, 0, 0, &doc, &err));
	OK(xapc_database_close(db, &err));
	FAILS(XAPC_E_DATABASE_CLOSED, read_all(db));
	xapc_database_free(db);
	/* too long a term is refused, at the latest at the commit */
	OK(xapc_document_new(&doc, &err));
	static const char zeros[200];
	static char long_term[247];
	memset(long_term, 'x', 246);
	OK(xapc_document_add_term(doc, zeros, 120, 1, &err));
	OK(xapc_writable_add_document(w, doc, NULL, &err));
	OK(xapc_writable_commit(w, &err));
	OK(xapc_document_add_term(doc, zeros, 130, 1, &err));
	OK(xapc_writable_add_document(w, doc, NULL, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_writable_commit(w, &err));
	OK(xapc_document_add_term(doc, STR(long_term), 1, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_writable_add_document(w, doc, NULL, &err));
	xapc_document_free(doc);
	xapc_writable_free(w);
}

/* A port where nobody listens, or where `listening` somebody does who never answers. */
static int
port(int *listening)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	if (listening)
		assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	if (listening)
		*listening = fd;
	else
		close(fd);
	return ntohs(a.sin_port);
}

static void
t_network(void **state)
{
	(void)state;
	xapc_database *db;
	xapc_writable *w;
	int fd, nobody = port(NULL), mute = port(&fd);
	FAILS(XAPC_E_NETWORK, xapc_database_open_tcp(STR("127.0.0.1"), nobody, 1000, 1000, &db, &err));
	assert_non_null(strstr(err.context, "127.0.0.1"));
	assert_true(err.cause[0]);
	FAILS(XAPC_E_NETWORK, xapc_writable_open_tcp(STR("127.0.0.1"), nobody, 1000, 1000, 0, &w, &err));
	FAILS(XAPC_E_NETWORK_TIMEOUT, xapc_database_open_tcp(STR("127.0.0.1"), mute, 100, 1000, &db, &err));
	FAILS(XAPC_E_NETWORK, xapc_database_open_prog(STR("/bin/false"), STR(""), 1000, &db, &err));
	FAILS(XAPC_E_NETWORK, xapc_writable_open_prog(STR("/bin/false"), STR(""), 1000, 0, &w, &err));
	close(fd);
}

/* What a server sends that met an exception: type 1, length, class, context,
 * message, cause. */
static xapc_status
from_server(unsigned code)
{
	unsigned char bytes[] = "\x01\x14?\x03" "ctx\x08" "provoked" "because";
	FILE *f = fopen(x_path("answer"), "wb");
	xapc_database *db;
	xapc_status status;
	bytes[1] = sizeof bytes - 1 - 2;
	bytes[2] = (unsigned char)code;
	assert_int_equal(fwrite(bytes, 1, sizeof bytes - 1, f), sizeof bytes - 1);
	fclose(f);
	status = xapc_database_open_prog(STR("cat"), STR(x_path("answer")), 5000, &db, &err);
	assert_null(db);
	return status;
}

static void
t_each(void **state)
{
	(void)state;
	int seen[40] = { 0 };
	for (unsigned code = 0; code < 40; code++) {
		xapc_status status = from_server(code);
		if (!strstr(err.message, "provoked"))
			continue;
		assert_string_equal(err.type, xapc_status_name(status));
		assert_int_equal(err.status, status);
		assert_non_null(strstr(err.message, "ctx")); /* the context is the connection here */
		assert_non_null(strstr(err.context, "remote:prog"));
		assert_string_equal(err.cause, "because");
		seen[status] = 1;
	}
	for (int status = XAPC_E_ASSERTION; status <= XAPC_E_WILDCARD; status++) {
		if (!seen[status])
			print_error("%s was not provoked\n", xapc_status_name((xapc_status)status));
		assert_true(seen[status]);
	}
}

static void *
searcher(void *found)
{
	xapc_database *db = NULL;
	xapc_enquire *enq = NULL;
	xapc_query *q = NULL;
	char absent[300];
	snprintf(absent, sizeof absent, "%s/absent", x_dir);
	for (int i = 0; i < 50; i++) {
		xapc_error mine;
		xapc_mset *m = NULL;
		if (xapc_database_open(absent, XAPC_NUL, 0, &db, &mine) == XAPC_E_DATABASE_NOT_FOUND &&
		    strstr(mine.message, absent) &&
		    xapc_database_open(getenv("T_THREADS"), XAPC_NUL, 0, &db, &mine) == XAPC_OK &&
		    xapc_query_term("law", 3, 1, 0, &q, &mine) == XAPC_OK &&
		    xapc_enquire_new(db, &enq, &mine) == XAPC_OK &&
		    xapc_enquire_set_query(enq, q, 0, &mine) == XAPC_OK &&
		    xapc_enquire_mset(enq, 0, 5, 0, NULL, NULL, &m, &mine) == XAPC_OK)
			*(unsigned *)found += xapc_mset_size(m);
		xapc_mset_free(m);
		xapc_enquire_free(enq);
		xapc_query_free(q);
		xapc_database_free(db);
		enq = NULL;
		q = NULL;
	}
	return NULL;
}

/* Families of their own run side by side. */
static void
t_threads(void **state)
{
	(void)state;
	xapc_writable *w = x_create("threads");
	pthread_t th[4];
	unsigned found[4] = { 0 };
	x_add(w, "law one");
	x_add(w, "law two");
	xapc_writable_free(w);
	setenv("T_THREADS", x_path("threads"), 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&th[i], NULL, searcher, &found[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(th[i], NULL);
		assert_int_equal(found[i], 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_names),   cmocka_unit_test(t_strings), cmocka_unit_test(t_null),
		cmocka_unit_test(t_opening), cmocka_unit_test(t_damage),  cmocka_unit_test(t_modified),
		cmocka_unit_test(t_network), cmocka_unit_test(t_each),	  cmocka_unit_test(t_threads),
	};
	x_mkdir();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xapc_string_free(&s);
	x_rmdir();
	return failed;
}
