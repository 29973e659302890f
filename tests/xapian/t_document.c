/* t_document.c - documents, and text to terms. */
#include "tests/xapian/xtest.h"

static xapc_string s = XAPC_STRING_INIT;

static void
t_terms(void **state)
{
	(void)state;
	xapc_document *doc;
	xapc_terms *t;
	xapc_count n;
	OK(xapc_document_new(&doc, &err));
	OK(xapc_document_docid(doc, &n, &err));
	assert_int_equal(n, 0);
	for (xapc_pos p = 1; p <= 5; p++)
		OK(xapc_document_add_posting(doc, STR("law"), p * 10, 1, &err));
	OK(xapc_document_add_term(doc, STR("Xtag"), 0, &err));
	OK(xapc_document_add_term(doc, STR("code"), 3, &err));
	OK(xapc_document_term_count(doc, &n, &err));
	assert_int_equal(n, 3);
	OK(xapc_document_remove_posting(doc, STR("law"), 10, 1, &err));
	OK(xapc_document_remove_postings(doc, STR("law"), 15, 35, 1, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_document_terms(doc, &t, &err));
	OK(xapc_terms_skip_to(t, STR("law"), &err));
	OK(xapc_terms_wdf(t, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_terms_position_count(t, &n, &err));
	assert_int_equal(n, 2);
	xapc_terms_free(t);
	OK(xapc_document_remove_term(doc, STR("code"), &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_document_remove_term(doc, STR("code"), &err));
	OK(xapc_document_terms(doc, &t, &err));
	assert_string_equal(x_terms(t), "Xtag|law");
	OK(xapc_document_clear_terms(doc, &err));
	OK(xapc_document_term_count(doc, &n, &err));
	assert_int_equal(n, 0);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_document_add_term(doc, "", 0, 1, &err));
	xapc_document_free(doc);
}

static void
t_values(void **state)
{
	(void)state;
	xapc_document *doc, *twin;
	xapc_values *v;
	xapc_count n;
	size_t len;
	int valid;
	OK(xapc_document_new(&doc, &err));
	OK(xapc_document_set_data(doc, "\0data", 5, &err));
	OK(xapc_document_set_value(doc, 3, STR("three"), &err));
	OK(xapc_document_set_value(doc, 8, "e\0", 2, &err));
	OK(xapc_document_set_value(doc, 9, STR("gone"), &err));
	OK(xapc_document_remove_value(doc, 9, &err));
	OK(xapc_document_value_count(doc, &n, &err));
	assert_int_equal(n, 2);
	OK(xapc_document_add_term(doc, STR("t"), 1, &err));
	OK(xapc_document_serialise(doc, &s, &err));
	OK(xapc_document_unserialise(s.data, s.len, &twin, &err));
	OK(xapc_document_clear_values(doc, &err));
	OK(xapc_document_value(doc, 3, &s, &err));
	assert_text(s, "");
	OK(xapc_document_data(twin, &s, &err));
	assert_int_equal(s.len, 5);
	assert_memory_equal(s.data, "\0data", 5);
	OK(xapc_document_values(twin, &v, &err));
	OK(xapc_values_next(v, &err));
	OK(xapc_values_slot(v, &n, &err));
	assert_int_equal(n, 3);
	OK(xapc_values_check(v, 4, &valid, &err));
	assert_int_equal(valid, 1);
	FAILS(XAPC_E_INVALID_OPERATION, xapc_values_docid(v, &n, &err));
	OK(xapc_values_skip_to(v, 8, &err));
	assert_memory_equal(xapc_values_value(v, &len), "e\0", 2);
	assert_int_equal(len, 2);
	assert_int_equal(xapc_values_next(v, &err), XAPC_END);
	xapc_values_free(v);
	OK(xapc_document_describe(twin, &s, &err));
	assert_non_null(strstr(s.data, "Document"));
	xapc_document_free(twin);
	xapc_document_free(doc);
	FAILS(XAPC_E_NETWORK, xapc_document_unserialise("\xff\xff", 2, &twin, &err));
}

/* Takes the last byte off; refuses "stop". */
static int
cut(void *ctx, const char *word, size_t n, xapc_string *out)
{
	(void)ctx;
	if (n == 4 && !memcmp(word, "stop", 4))
		return -1;
	return xapc_string_set(out, word, n ? n - 1 : 0, NULL);
}

static void
t_stem(void **state)
{
	(void)state;
	xapc_stem *st;
	OK(xapc_stem_new(STR("en"), 0, &st, &err));
	assert_false(xapc_stem_is_none(st));
	OK(xapc_stem_word(st, STR("reforming"), &s, &err));
	assert_text(s, "reform");
	OK(xapc_stem_describe(st, &s, &err));
	assert_non_null(strstr(s.data, "english"));
	xapc_stem_free(st);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_stem_new(STR("klingon"), 0, &st, &err));
	OK(xapc_stem_new(STR("klingon"), 1, &st, &err));
	assert_true(xapc_stem_is_none(st));
	xapc_stem_free(st);
	OK(xapc_stem_languages(&s, &err));
	assert_non_null(strstr(s.data, "german"));
	freed = 0;
	OK(xapc_stem_new_callback(cut, NULL, count_free, &st, &err));
	OK(xapc_stem_word(st, STR("laws"), &s, &err));
	assert_text(s, "law");
	FAILS(XAPC_E_CALLBACK, xapc_stem_word(st, STR("stop"), &s, &err));
	assert_text(s, "law");
	xapc_stem_free(st);
	assert_int_equal(freed, 1);
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_stem_new_callback(NULL, NULL, count_free, &st, &err));
	assert_int_equal(freed, 2);
}

/* Stop words of three bytes; "error" stops. */
static int
short_word(void *ctx, const char *term, size_t n)
{
	(void)ctx;
	return n == 5 && !memcmp(term, "error", 5) ? -1 : n == 3;
}

static void
t_stopper(void **state)
{
	(void)state;
	const xapc_bytes words[] = { { "the", 3 }, { "of", 2 } };
	xapc_stopper *st;
	int yes;
	OK(xapc_stopper_new(words, 2, &st, &err));
	OK(xapc_stopper_add(st, STR("and"), &err));
	OK(xapc_stopper_test(st, STR("and"), &yes, &err));
	assert_int_equal(yes, 1);
	OK(xapc_stopper_test(st, STR("law"), &yes, &err));
	assert_int_equal(yes, 0);
	OK(xapc_stopper_describe(st, &s, &err));
	assert_non_null(strstr(s.data, "the"));
	xapc_stopper_free(st);
	freed = 0;
	OK(xapc_stopper_new_callback(short_word, NULL, count_free, &st, &err));
	OK(xapc_stopper_test(st, STR("law"), &yes, &err));
	assert_int_equal(yes, 1);
	FAILS(XAPC_E_CALLBACK, xapc_stopper_test(st, STR("error"), &yes, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_stopper_add(st, STR("x"), &err));
	xapc_stopper_free(st);
	assert_int_equal(freed, 1);
}

static const char *
terms_of(const xapc_document *doc)
{
	xapc_terms *t;
	OK(xapc_document_terms(doc, &t, &err));
	return x_terms(t);
}

static void
t_generator(void **state)
{
	(void)state;
	xapc_writable *w = x_create("tg");
	xapc_termgenerator *tg;
	xapc_document *doc, *same;
	xapc_stem *stem;
	xapc_stopper *stopper;
	xapc_terms *t;
	const xapc_bytes the = { "the", 3 };
	xapc_pos pos;
	int old;
	OK(xapc_termgenerator_new(&tg, &err));
	OK(xapc_document_new(&doc, &err));
	OK(xapc_stem_new(STR("english"), 0, &stem, &err));
	OK(xapc_stopper_new(&the, 1, &stopper, &err));
	OK(xapc_termgenerator_set_document(tg, doc, &err));
	OK(xapc_termgenerator_set_stemmer(tg, stem, &err));
	OK(xapc_termgenerator_set_stopper(tg, stopper, &err));
	OK(xapc_termgenerator_set_database(tg, w, &err));
	OK(xapc_termgenerator_set_flags(tg, XAPC_TG_SPELLING, ~XAPC_TG_SPELLING, &old, &err));
	assert_int_equal(old, 0);
	xapc_stem_free(stem);
	xapc_stopper_free(stopper);
	OK(xapc_termgenerator_index_text(tg, STR("the Laws"), 1, STR(""), &err));
	OK(xapc_termgenerator_termpos(tg, &pos, &err));
	assert_int_equal(pos, 2);
	OK(xapc_termgenerator_increase_termpos(tg, 100, &err));
	OK(xapc_termgenerator_termpos(tg, &pos, &err));
	assert_int_equal(pos, 102);
	OK(xapc_termgenerator_set_termpos(tg, 7, &err));
	OK(xapc_termgenerator_termpos(tg, &pos, &err));
	assert_int_equal(pos, 7);
	OK(xapc_termgenerator_set_flags(tg, 0, ~XAPC_TG_SPELLING, NULL, &err));
	OK(xapc_termgenerator_index_text_without_positions(tg, STR("acts"), 2, STR("S"), &err));
	assert_string_equal(terms_of(doc), "Sacts|ZSact|Zlaw|laws|the");
	OK(xapc_writable_commit(w, &err));
	OK(xapc_database_spellings(xapc_writable_database(w), &t, &err));
	assert_string_equal(x_terms(t), "laws|the");

	OK(xapc_termgenerator_document(tg, &same, &err));
	OK(xapc_document_clear_terms(same, &err));
	assert_string_equal(terms_of(doc), "");
	OK(xapc_termgenerator_set_stemming_strategy(tg, XAPC_STEM_ALL, &err));
	OK(xapc_termgenerator_set_stopper_strategy(tg, XAPC_STOP_ALL, &err));
	OK(xapc_termgenerator_set_max_word_length(tg, 5, &err));
	OK(xapc_termgenerator_index_text(tg, STR("the rules overlong"), 1, NULL, 0, &err));
	assert_string_equal(terms_of(doc), "rule");
	OK(xapc_termgenerator_set_stopper(tg, NULL, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_termgenerator_set_stemming_strategy(tg, (xapc_stem_strategy)9, &err));
	FAILS(XAPC_E_INVALID_ARGUMENT, xapc_termgenerator_set_stopper_strategy(tg, (xapc_stop_strategy)9, &err));
	OK(xapc_termgenerator_describe(tg, &s, &err));
	assert_non_null(strstr(s.data, "TermGenerator"));
	xapc_document_free(same);
	xapc_document_free(doc);
	xapc_termgenerator_free(tg);
	xapc_writable_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_terms),   cmocka_unit_test(t_values),    cmocka_unit_test(t_stem),
		cmocka_unit_test(t_stopper), cmocka_unit_test(t_generator),
	};
	x_mkdir();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xapc_string_free(&s);
	x_rmdir();
	return failed;
}
