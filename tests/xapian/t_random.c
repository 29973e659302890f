/* t_random.c - bytes of any kind over the border: random documents come back as
 * they went in, and random bytes never do worse than fail with a status. */
#include <dlfcn.h>
#include <time.h>

#include "tests/xapian/xtest.h"

static uint64_t rnd_state;
static xapc_string s = XAPC_STRING_INIT;

static uint32_t
below(uint32_t n)
{
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return (uint32_t)((rnd_state * 2685821657736338717u) >> 33) % n;
}

struct bytes {
	char data[40];
	size_t len;
};

/* Few letters, NUL and 0xff among them, so that strings meet and share beginnings. */
static struct bytes
some(size_t min, size_t max)
{
	static const char letters[] = { 0, 1, 'a', 'b', (char)0xff, (char)0xc0 };
	struct bytes b;
	b.len = min + below((uint32_t)(max - min + 1));
	for (size_t i = 0; i < b.len; i++)
		b.data[i] = letters[below(sizeof letters)];
	return b;
}

static int
compare(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->data, y->data, n);
	return c ? c : (x->len > y->len) - (x->len < y->len);
}

enum { DOCS = 60, TERMS = 12 };
static struct model {
	struct bytes term[TERMS], data, value;
	unsigned nterms;
} model[DOCS];

static void
add(xapc_writable *w, struct model *m)
{
	xapc_document *doc;
	unsigned kept = 0;
	m->data = some(0, 40);
	m->value = some(0, 20);
	for (unsigned i = 0; i < TERMS; i++)
		m->term[i] = some(1, 4);
	OK(xapc_document_new(&doc, &err));
	for (unsigned i = 0; i < TERMS; i++)
		OK(xapc_document_add_posting(doc, m->term[i].data, m->term[i].len, i + 1, 1, &err));
	OK(xapc_document_set_data(doc, m->data.data, m->data.len, &err));
	OK(xapc_document_set_value(doc, 5, m->value.data, m->value.len, &err));
	OK(xapc_writable_add_document(w, doc, NULL, &err));
	xapc_document_free(doc);
	qsort(m->term, TERMS, sizeof m->term[0], compare);
	for (unsigned i = 0; i < TERMS; i++)
		if (!i || compare(&m->term[i], &m->term[i - 1]))
			m->term[kept++] = m->term[i];
	m->nterms = kept;
}

static int
has(const struct model *m, const struct bytes *term)
{
	return bsearch(term, m->term, m->nterms, sizeof *term, compare) != NULL;
}

static void
t_round_trip(void **state)
{
	(void)state;
	xapc_writable *w = x_create("random");
	xapc_database *db;
	xapc_status status;
	for (unsigned d = 0; d < DOCS; d++)
		add(w, &model[d]);
	xapc_writable_free(w);
	OK(xapc_database_open(STR(x_path("random")), 0, &db, &err));
	for (unsigned d = 0; d < DOCS; d++) {
		xapc_document *doc;
		xapc_terms *t;
		size_t n;
		OK(xapc_database_document(db, d + 1, 0, &doc, &err));
		OK(xapc_document_data(doc, &s, &err));
		assert_int_equal(s.len, model[d].data.len);
		assert_memory_equal(s.data, model[d].data.data, s.len);
		OK(xapc_document_value(doc, 5, &s, &err));
		assert_int_equal(s.len, model[d].value.len);
		assert_memory_equal(s.data, model[d].value.data, s.len);
		xapc_document_free(doc);
		OK(xapc_database_terms(db, d + 1, &t, &err));
		for (unsigned i = 0; i < model[d].nterms; i++) {
			OK(xapc_terms_next(t, &err));
			const char *term = xapc_terms_term(t, &n);
			assert_int_equal(n, model[d].term[i].len);
			assert_memory_equal(term, model[d].term[i].data, n);
		}
		assert_int_equal(xapc_terms_next(t, &err), XAPC_END);
		xapc_terms_free(t);
	}
	for (unsigned i = 0; i < 300; i++) {
		struct bytes term = i % 2 ? model[below(DOCS)].term[0] : some(1, 4);
		xapc_postings *p;
		OK(xapc_database_postings(db, term.data, term.len, &p, &err));
		status = xapc_postings_next(p, &err);
		for (unsigned d = 0; d < DOCS; d++)
			if (has(&model[d], &term)) {
				assert_int_equal(xapc_postings_docid(p), d + 1);
				status = xapc_postings_next(p, &err);
			}
		assert_int_equal(status, XAPC_END);
		xapc_postings_free(p);
	}
	xapc_database_free(db);
}

/* What reads bytes that anyone may have written.  Not xapc_query_unserialise, of
 * which the header says that its bytes must be known good. */
static void
t_garbage(void **state)
{
	(void)state;
	xapc_writable *w = x_memory();
	xapc_database *db = xapc_writable_database(w);
	xapc_queryparser *qp;
	unsigned good = 0;
	x_add(w, "a b");
	OK(xapc_queryparser_new(&qp, &err));
	OK(xapc_queryparser_set_database(qp, db, &err));
	for (unsigned i = 0; i < 3000; i++) {
		struct bytes b = some(0, 40);
		xapc_query *q = NULL;
		xapc_document *doc = NULL;
		xapc_weight *weight = NULL;
		xapc_docid ids[10];
		for (size_t j = 0; j < b.len; j++)
			if (below(3) == 0)
				b.data[j] = (char)below(256);
		if (xapc_document_unserialise(b.data, b.len, &doc, &err) == XAPC_OK)
			xapc_document_free(doc), good++;
		if (xapc_weight_unserialise(STR("Xapian::BM25Weight"), b.data, b.len, &weight, &err) == XAPC_OK)
			xapc_weight_free(weight), good++;
		if (xapc_queryparser_parse(qp, b.data, b.len, 0xfff, NULL, 0, &q, &err) == XAPC_OK)
			x_find(db, q, ids), good++;
		(void)xapc_sortable_unserialise(b.data, b.len);
		OK(xapc_unicode_tolower(b.data, b.len, &s, &err));
	}
	assert_true(good > 100);
	xapc_queryparser_free(qp);
	xapc_writable_free(w);
}

/* The module has the same functions, for who opens it at run time. */
static void
t_module(void **state)
{
	(void)state;
	const char *build = getenv("CDG_BUILD");
	char path[500];
	void *module;
	const char *(*version)(void);
	snprintf(path, sizeof path, "%s/lib/libcdgsearch-xapian.so", build ? build : "build");
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module)
		print_error("%s\n", dlerror());
	assert_non_null(module);
	*(void **)&version = dlsym(module, "xapc_version");
	assert_non_null(version);
	assert_string_equal(version(), xapc_version());
	dlclose(module);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_round_trip),
		cmocka_unit_test(t_garbage),
		cmocka_unit_test(t_module),
	};
	const char *seed = getenv("CDG_SEED");
	rnd_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
	printf("t_random: CDG_SEED=%llu\n", (unsigned long long)rnd_state);
	rnd_state = rnd_state * 2862933555777941757u + 3037000493u;
	x_mkdir();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xapc_string_free(&s);
	x_rmdir();
	return failed;
}
