/* t_database.c - databases: opening in every way, statistics, contents, writing. */
#include <fcntl.h>

#include "tests/xapian/xtest.h"

static xapc_string s = XAPC_STRING_INIT;

/* Three documents, values, a document without positions. */
static void
fill(xapc_writable *w)
{
	xapc_document *doc;
	x_add(w, "top level design of the top");
	x_add(w, "supply side reform");
	OK(xapc_document_new(&doc, &err));
	OK(xapc_document_add_term(doc, "a\0b", 3, 2, &err));
	OK(xapc_document_add_term(doc, STR("Kbool"), 0, &err));
	OK(xapc_document_set_value(doc, 0, STR("red"), &err));
	OK(xapc_document_set_value(doc, 7, "x\0y", 3, &err));
	OK(xapc_writable_add_document(w, doc, NULL, &err));
	OK(xapc_document_set_value(doc, 0, STR("blue"), &err));
	OK(xapc_writable_replace_document(w, 9, doc, &err));
	xapc_document_free(doc);
	OK(xapc_writable_commit(w, &err));
}

static void
t_statistics(void **state)
{
	(void)state;
	xapc_writable *w = x_create("stat");
	xapc_database *db = xapc_writable_database(w);
	xapc_count n;
	uint64_t big;
	double x;
	int yes;
	fill(w);
	OK(xapc_database_doccount(db, &n, &err));
	assert_int_equal(n, 4);
	OK(xapc_database_lastdocid(db, &n, &err));
	assert_int_equal(n, 9);
	OK(xapc_database_total_length(db, &big, &err));
	assert_int_equal(big, 6 + 3 + 2 + 2);
	OK(xapc_database_average_length(db, &x, &err));
	assert_true(x == 13 / 4.0);
	OK(xapc_database_doclength_lower_bound(db, &n, &err));
	assert_in_range(n, 1, 2);
	OK(xapc_database_doclength_upper_bound(db, &n, &err));
	assert_int_equal(n, 6);
	OK(xapc_database_has_positions(db, &yes, &err));
	assert_int_equal(yes, 1);
	OK(xapc_database_termfreq(db, "a\0b", 3, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_database_termfreq(db, "a", 1, &n, &err));
	assert_int_equal(n, 0);
	OK(xapc_database_collection_freq(db, STR("top"), &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_database_wdf_upper_bound(db, STR("top"), &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_database_term_exists(db, STR("reform"), &yes, &err));
	assert_int_equal(yes, 1);
	OK(xapc_database_term_exists(db, STR("reforms"), &yes, &err));
	assert_int_equal(yes, 0);
	OK(xapc_database_doclength(db, 1, &n, &err));
	assert_int_equal(n, 6);
	OK(xapc_database_unique_terms(db, 1, &n, &err));
	assert_int_equal(n, 5);
	OK(xapc_database_value_freq(db, 0, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_database_value_lower_bound(db, 0, &s, &err));
	assert_text(s, "blue");
	OK(xapc_database_value_upper_bound(db, 0, &s, &err));
	assert_text(s, "red");
	OK(xapc_database_uuid(db, &s, &err));
	assert_int_equal(s.len, 36);
	OK(xapc_database_revision(db, &big, &err));
	assert_int_equal(big, 1);
	OK(xapc_database_locked(db, &yes, &err));
	assert_int_equal(yes, 1);
	OK(xapc_database_describe(db, &s, &err));
	assert_non_null(strstr(s.data, "Database"));
	xapc_writable_free(w);
	OK(xapc_database_open(STR(x_path("stat")), XAPC_DB_GLASS, &db, &err));
	OK(xapc_database_locked(db, &yes, &err));
	assert_int_equal(yes, 0);
	xapc_database_free(db);
}

static void
t_iterators(void **state)
{
	(void)state;
	xapc_writable *w = x_create("iter");
	xapc_database *db = xapc_writable_database(w);
	xapc_terms *t;
	xapc_postings *p;
	xapc_positions *pos;
	xapc_values *v;
	xapc_count n;
	size_t len;
	int valid;
	fill(w);
	OK(xapc_database_all_terms(db, NULL, 0, &t, &err));
	/* the term with a NUL prints as its first byte */
	assert_string_equal(x_terms(t), "Kbool|a|design|level|of|reform|side|supply|the|top");
	OK(xapc_database_all_terms(db, STR("s"), &t, &err));
	assert_string_equal(x_terms(t), "side|supply");

	OK(xapc_database_terms(db, 1, &t, &err));
	assert_null(xapc_terms_term(t, &len));
	FAILS(XAPC_E_INVALID_OPERATION, xapc_terms_wdf(t, &n, &err));
	OK(xapc_terms_skip_to(t, STR("thi"), &err));
	assert_string_equal(xapc_terms_term(t, &len), "top");
	assert_int_equal(len, 3);
	OK(xapc_terms_wdf(t, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_terms_termfreq(t, &n, &err));
	assert_int_equal(n, 1);
	OK(xapc_terms_position_count(t, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_terms_positions(t, &pos, &err));
	xapc_terms_free(t); /* positions outlive it */
	assert_int_equal(xapc_positions_pos(pos), (xapc_pos)-1);
	OK(xapc_positions_next(pos, &err));
	assert_int_equal(xapc_positions_pos(pos), 1);
	OK(xapc_positions_next(pos, &err));
	assert_int_equal(xapc_positions_pos(pos), 6);
	assert_int_equal(xapc_positions_next(pos, &err), XAPC_END);
	assert_int_equal(xapc_positions_next(pos, &err), XAPC_END);
	xapc_positions_free(pos);
	OK(xapc_database_positions(db, 1, STR("top"), &pos, &err));
	OK(xapc_positions_skip_to(pos, 2, &err));
	assert_int_equal(xapc_positions_pos(pos), 6);
	assert_int_equal(xapc_positions_skip_to(pos, 7, &err), XAPC_END);
	xapc_positions_free(pos);

	OK(xapc_database_postings(db, "a\0b", 3, &p, &err));
	assert_int_equal(xapc_postings_docid(p), 0);
	OK(xapc_postings_next(p, &err));
	assert_int_equal(xapc_postings_docid(p), 3);
	OK(xapc_postings_wdf(p, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_postings_doclength(p, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_postings_unique_terms(p, &n, &err));
	assert_in_range(n, 1, 2); /* glass counts a boolean term or not, by what the length bounds it to */
	OK(xapc_postings_skip_to(p, 4, &err));
	assert_int_equal(xapc_postings_docid(p), 9);
	assert_int_equal(xapc_postings_next(p, &err), XAPC_END);
	FAILS(XAPC_E_INVALID_OPERATION, xapc_postings_wdf(p, &n, &err));
	xapc_postings_free(p);
	OK(xapc_database_postings(db, STR("reform"), &p, &err));
	OK(xapc_postings_next(p, &err));
	OK(xapc_postings_positions(p, &pos, &err));
	OK(xapc_positions_next(pos, &err));
	assert_int_equal(xapc_positions_pos(pos), 3);
	xapc_positions_free(pos);
	xapc_postings_free(p);

	OK(xapc_database_values(db, 0, &v, &err));
	assert_null(xapc_values_value(v, NULL));
	OK(xapc_values_next(v, &err));
	assert_string_equal(xapc_values_value(v, &len), "red");
	OK(xapc_values_docid(v, &n, &err));
	assert_int_equal(n, 3);
	OK(xapc_values_slot(v, &n, &err));
	assert_int_equal(n, 0);
	OK(xapc_values_check(v, 9, &valid, &err));
	assert_int_equal(valid, 1);
	assert_string_equal(xapc_values_value(v, NULL), "blue");
	assert_int_equal(xapc_values_skip_to(v, 10, &err), XAPC_END);
	assert_int_equal(xapc_values_check(v, 11, &valid, &err), XAPC_END);
	xapc_values_free(v);
	xapc_writable_free(w);
}

static void
t_write(void **state)
{
	(void)state;
	xapc_writable *w = x_create("write");
	xapc_database *db = xapc_writable_database(w), *reader;
	xapc_document *doc;
	xapc_docid did;
	int changed;
	x_add(w, "one Q1");
	x_add(w, "two Q2");
	x_add(w, "three Q2");
	OK(xapc_writable_commit(w, &err));
	OK(xapc_database_open(STR(x_path("write")), 0, &reader, &err));
	OK(xapc_document_new(&doc, &err));
	OK(xapc_document_add_term(doc, STR("new"), 1, &err));
	OK(xapc_writable_replace_by_term(w, STR("Q2"), doc, &did, &err));
	assert_int_equal(did, 2);
	x_finds(db, x_term("Q2"), "");
	x_finds(db, x_term("new"), "2");
	OK(xapc_writable_replace_by_term(w, STR("Q9"), doc, &did, &err));
	assert_int_equal(did, 4);
	OK(xapc_writable_delete_document(w, 4, &err));
	OK(xapc_writable_delete_by_term(w, STR("Q1"), &err));
	x_finds(db, x_term("one"), "");
	x_finds(reader, x_term("one"), "1");
	OK(xapc_database_reopen(reader, &changed, &err));
	assert_int_equal(changed, 0);
	OK(xapc_writable_commit(w, &err));
	OK(xapc_database_reopen(reader, &changed, &err));
	assert_int_equal(changed, 1);
	x_finds(reader, x_term("one"), "");

	OK(xapc_writable_begin_transaction(w, 1, &err));
	x_add(w, "kept");
	OK(xapc_writable_commit_transaction(w, &err));
	OK(xapc_writable_begin_transaction(w, 0, &err));
	x_add(w, "lost");
	FAILS(XAPC_E_INVALID_OPERATION, xapc_writable_begin_transaction(w, 1, &err));
	OK(xapc_writable_cancel_transaction(w, &err));
	FAILS(XAPC_E_INVALID_OPERATION, xapc_writable_cancel_transaction(w, &err));
	x_finds(db, x_term("kept"), "5");
	x_finds(db, x_term("lost"), "");
	xapc_document_free(doc);
	xapc_database_free(reader);
	xapc_writable_free(w);
}

static void
t_dictionary(void **state)
{
	(void)state;
	xapc_writable *w = x_create("dict");
	xapc_database *db = xapc_writable_database(w);
	xapc_terms *t;
	OK(xapc_writable_set_metadata(w, STR("owner"), "a\0b", 3, &err));
	OK(xapc_writable_set_metadata(w, STR("other"), STR("x"), &err));
	OK(xapc_writable_add_spelling(w, STR("reform"), 3, &err));
	OK(xapc_writable_add_spelling(w, STR("design"), 1, &err));
	OK(xapc_writable_add_synonym(w, STR("law"), STR("act"), &err));
	OK(xapc_writable_add_synonym(w, STR("law"), STR("code"), &err));
	OK(xapc_writable_add_synonym(w, STR("tax"), STR("levy"), &err));
	OK(xapc_writable_commit(w, &err));
	OK(xapc_database_metadata(db, STR("owner"), &s, &err));
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.data, "a\0b", 4);
	OK(xapc_database_metadata(db, STR("nothing"), &s, &err));
	assert_text(s, "");
	OK(xapc_database_metadata_keys(db, STR("o"), &t, &err));
	assert_string_equal(x_terms(t), "other|owner");
	OK(xapc_database_spelling_suggestion(db, STR("refrom"), 2, &s, &err));
	assert_text(s, "reform");
	OK(xapc_database_spellings(db, &t, &err));
	assert_string_equal(x_terms(t), "design|reform");
	OK(xapc_writable_remove_spelling(w, STR("design"), 1, &err));
	OK(xapc_writable_commit(w, &err));
	OK(xapc_database_spellings(db, &t, &err));
	assert_string_equal(x_terms(t), "reform");
	OK(xapc_database_synonyms(db, STR("law"), &t, &err));
	assert_string_equal(x_terms(t), "act|code");
	OK(xapc_database_synonym_keys(db, NULL, 0, &t, &err));
	assert_string_equal(x_terms(t), "law|tax");
	OK(xapc_writable_remove_synonym(w, STR("law"), STR("act"), &err));
	OK(xapc_writable_clear_synonyms(w, STR("tax"), &err));
	OK(xapc_writable_commit(w, &err));
	OK(xapc_database_synonyms(db, STR("law"), &t, &err));
	assert_string_equal(x_terms(t), "code");
	OK(xapc_database_synonyms(db, STR("tax"), &t, &err));
	assert_string_equal(x_terms(t), "");
	xapc_writable_free(w);
}

static void
t_together(void **state)
{
	(void)state;
	xapc_writable *a = x_create("one"), *b = x_memory(), *both;
	xapc_database *db, *dba = xapc_writable_database(a);
	xapc_count n;
	x_add(a, "shared first");
	x_add(a, "only");
	x_add(b, "shared second");
	OK(xapc_database_new(&db, &err));
	assert_int_equal(xapc_database_size(db), 0);
	OK(xapc_database_doccount(db, &n, &err));
	assert_int_equal(n, 0);
	OK(xapc_database_add(db, dba, &err));
	OK(xapc_database_add(db, xapc_writable_database(b), &err));
	assert_int_equal(xapc_database_size(db), 2);
	x_finds(db, x_term("shared"), "1 2");
	x_finds(db, x_term("only"), "3");
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_database_add(db, db, &err));
	xapc_database_free(db);

	OK(xapc_writable_new(&both, &err));
	OK(xapc_writable_add(both, a, &err));
	OK(xapc_writable_add(both, b, &err));
	assert_int_equal(xapc_database_size(xapc_writable_database(both)), 2);
	assert_int_equal(x_add(both, "late"), 4);
	x_finds(xapc_writable_database(both), x_term("late"), "4");
	OK(xapc_writable_commit(both, &err));
	xapc_writable_free(both);
	xapc_writable_free(b);
	xapc_writable_free(a);
	assert_null(xapc_writable_database(NULL));
	assert_int_equal(xapc_database_size(NULL), 0);
}

static void
t_stub(void **state)
{
	(void)state;
	xapc_writable *a = x_create("s1"), *b = x_create("s2");
	xapc_database *db;
	FILE *f;
	x_add(a, "first");
	x_add(b, "second");
	xapc_writable_free(a);
	xapc_writable_free(b);
	f = fopen(x_path("stub"), "w");
	fprintf(f, "auto %s\nauto s2\n", x_path("s1"));
	fclose(f);
	OK(xapc_database_open(STR(x_path("stub")), XAPC_DB_STUB, &db, &err));
	assert_int_equal(xapc_database_size(db), 2);
	x_finds(db, x_term("first"), "1");
	x_finds(db, x_term("second"), "2");
	xapc_database_free(db);
	f = fopen(x_path("stub"), "w");
	fprintf(f, "nonsense x\n");
	fclose(f);
	FAILS(XAPC_E_DATABASE_OPENING, xapc_database_open(STR(x_path("stub")), 0, &db, &err));
	assert_null(db);
}

static void
t_fd(void **state)
{
	(void)state;
	xapc_writable *w = x_create("many");
	xapc_database *db;
	int fd;
	x_add(w, "inside one file");
	OK(xapc_writable_commit(w, &err));
	OK(xapc_database_compact(xapc_writable_database(w), STR(x_path("single")), XAPC_COMPACT_SINGLE_FILE, 0, NULL,
				 &err));
	xapc_writable_free(w);
	OK(xapc_database_open(STR(x_path("single")), 0, &db, &err));
	x_finds(db, x_term("file"), "1");
	xapc_database_free(db);
	fd = open(x_path("single"), O_RDONLY);
	OK(xapc_database_open_fd(fd, 0, &db, &err));
	x_finds(db, x_term("file"), "1");
	xapc_database_free(db);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_database_open_fd(-1, 0, &db, &err));
	fd = open("/dev/null", O_RDONLY);
	assert_int_not_equal(xapc_database_open_fd(fd, 0, &db, &err), XAPC_OK);
	assert_null(db);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void
t_memory(void **state)
{
	(void)state;
	xapc_writable *w = x_memory();
	xapc_database *db;
	xapc_count n;
	xapc_document *doc;
	x_add(w, "held in memory");
	x_finds(xapc_writable_database(w), x_term("memory"), "1");
	OK(xapc_database_document(xapc_writable_database(w), 1, XAPC_DOC_ASSUME_VALID, &doc, &err));
	xapc_writable_free(w); /* the document keeps it */
	OK(xapc_document_data(doc, &s, &err));
	assert_text(s, "held in memory");
	xapc_document_free(doc);
	OK(xapc_database_open(NULL, 0, XAPC_DB_INMEMORY, &db, &err));
	OK(xapc_database_doccount(db, &n, &err));
	assert_int_equal(n, 0);
	OK(xapc_database_keep_alive(db, &err));
	OK(xapc_database_close(db, &err));
	xapc_database_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_statistics), cmocka_unit_test(t_iterators), cmocka_unit_test(t_write),
		cmocka_unit_test(t_dictionary), cmocka_unit_test(t_together),  cmocka_unit_test(t_stub),
		cmocka_unit_test(t_fd),		cmocka_unit_test(t_memory),
	};
	x_mkdir();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xapc_string_free(&s);
	x_rmdir();
	return failed;
}
