/* t_maintain.c - checking and compacting. */
#include <fcntl.h>

#include "tests/xapian/xtest.h"

X_CHECKS_DATABASES

static xapc_string s = XAPC_STRING_INIT;
static int tables;

static void
progress(void *ctx, const char *table, size_t ntable, const char *text, size_t ntext)
{
	(void)ctx;
	(void)text;
	tables += ntext == 0 && ntable == 8 && !memcmp(table, "postlist", 8);
}

/* All of them with '+' between; stops at a key "stop". */
static int
join(void *ctx, const char *key, size_t nkey, const xapc_bytes *tags, size_t ntags, xapc_string *out)
{
	char all[100] = "";
	(void)ctx;
	if (nkey == 4 && !memcmp(key, "stop", 4))
		return 1;
	for (size_t i = 0; i < ntags; i++)
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s%.*s", i ? "+" : "", (int)tags[i].len,
			 tags[i].data);
	return xapc_string_set(out, all, XAPC_NUL, NULL) != XAPC_OK;
}

static void
t_compact(void **state)
{
	(void)state;
	const xapc_compact_callbacks cb = { NULL, progress, join };
	xapc_writable *a = x_create("a"), *b = x_create("b");
	xapc_database *both, *db;
	size_t faults = 9;
	int fd;
	x_add(a, "first law");
	OK(xapc_writable_set_metadata(a, STR("owner"), STR("A"), &err));
	x_add(b, "second law");
	OK(xapc_writable_set_metadata(b, STR("owner"), STR("B"), &err));
	OK(xapc_writable_commit(a, &err));
	OK(xapc_writable_commit(b, &err));
	OK(xapc_database_new(&both, &err));
	OK(xapc_database_add(both, xapc_writable_database(a), &err));
	OK(xapc_database_add(both, xapc_writable_database(b), &err));
	OK(xapc_database_compact(both, STR(x_path("ab")), XAPC_COMPACT_FULL, 4096, &cb, &err));
	assert_true(tables > 0);
	OK(xapc_database_open(STR(x_path("ab")), 0, &db, &err));
	x_finds(db, x_term("law"), "1 2");
	OK(xapc_database_metadata(db, STR("owner"), &s, &err));
	assert_text(s, "A+B");
	xapc_database_free(db);
	FAILS(XAPC_E_INVALID_OPERATION,
	      xapc_database_compact(both, STR(x_path("no")), XAPC_COMPACT_NO_RENUMBER, 0, NULL, &err));

	fd = open(x_path("file"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	OK(xapc_database_compact_fd(both, fd, XAPC_COMPACT_SINGLE_FILE, 0, NULL, &err));
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	OK(xapc_database_check(STR(x_path("file")), 0, &faults, NULL, &err));
	assert_int_equal(faults, 0);
	fd = open(x_path("file"), O_RDONLY);
	OK(xapc_database_check_fd(fd, XAPC_CHECK_SHOW_STATS, &faults, &s, &err));
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(faults, 0);
	assert_non_null(strstr(s.data, "postlist"));
	OK(xapc_database_open(STR(x_path("file")), 0, &db, &err));
	OK(xapc_database_metadata(db, STR("owner"), &s, &err));
	assert_text(s, "A");
	xapc_database_free(db);

	OK(xapc_writable_set_metadata(a, STR("stop"), STR("A"), &err));
	OK(xapc_writable_set_metadata(b, STR("stop"), STR("B"), &err));
	OK(xapc_writable_commit(a, &err));
	OK(xapc_writable_commit(b, &err));
	FAILS(XAPC_E_CALLBACK, xapc_database_compact(both, STR(x_path("no")), 0, 0, &cb, &err));
	xapc_database_free(both);
	xapc_writable_free(a);
	xapc_writable_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(t_compact) };
	x_mkdir();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xapc_string_free(&s);
	x_rmdir();
	return failed;
}
