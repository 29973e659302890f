/* t_search.c - adding documents and finding them again. */
#include "tests/xapian/xtest.h"

static void
t_basic(void **state)
{
	(void)state;
	xapc_writable *w = x_create("basic");
	xapc_database *db;
	xapc_count n;
	assert_int_equal(x_add(w, "top level design"), 1);
	assert_int_equal(x_add(w, "supply side reform"), 2);
	assert_int_equal(x_add(w, "design of reform"), 3);
	OK(xapc_writable_commit(w, &err));
	OK(xapc_database_open(STR(x_path("basic")), 0, &db, &err));
	OK(xapc_database_doccount(db, &n, &err));
	assert_int_equal(n, 3);
	x_finds(db, x_term("design"), "1 3");
	x_finds(db, x_term("reform"), "2 3");
	x_finds(db, x_term("absent"), "");
	xapc_database_free(db);
	xapc_writable_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(t_basic) };
	x_mkdir();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	x_rmdir();
	return failed;
}
