/* t_count.c - counts of words that must, may or must not be there are right, at every
 * density of their lists: all documents but few, stretches of them, one in many.
 */
#include "backend/native.h"
#include "base/cpu.h"
#include "indexer/writer.h"
#include "query/ast.h"
#include "query/search.h"
#include "tests/unit/unit.h"

enum { DOCS = 9000, WORDS = 16, QUERIES = 2500 };

static bool has[WORDS][DOCS];
static char *dir;
static backend *native;

/* A word is in one of so many documents, which is another number in each stretch. */
static void
make_words(void)
{
	for (unsigned w = 0; w < WORDS; w++) {
		unsigned one_in = 1, stretch = 0, out = 0;
		for (unsigned d = 0; d < DOCS; d++, stretch -= stretch > 0) {
			if (!stretch) {
				stretch = w % 3 ? DOCS : 1 + unit_below(1500);
				one_in = 1u << (w % 3 ? w % 9 : unit_below(9));
				out = unit_below(4) ? 40 : 2000; /* if in nearly all: left out so rarely */
			}
			has[w][d] = one_in > 1 ? !unit_below(one_in) : unit_below(out) > 0;
		}
	}
}

static int
make_index(void **state)
{
	writer_options opt = { .threads = 1, .no_merge = true, .no_sync = true };
	writer *w;

	(void)state;
	unit_seed("t_count");
	make_words();
	dir = unit_mkdir();
	OK(writer_open(dir, &opt, &w, err));
	for (unsigned d = 0; d < DOCS; d++) {
		char id[16], text[WORDS * 8];
		document doc = { .id = { id, 0 }, .text = { text, 0 } };
		doc.id.n = (size_t)snprintf(id, sizeof id, "d%u", d);
		for (unsigned k = 0; k < WORDS; k++)
			if (has[k][d])
				doc.text.n += (size_t)snprintf(text + doc.text.n, sizeof text - doc.text.n, "w%u ", k);
		OK(writer_add_document(w, &doc, err));
	}
	OK(writer_commit(w, NULL, NULL, err));
	writer_close(w);
	OK(native_open(dir, &native, err));
	return 0;
}

static int
drop_index(void **state)
{
	(void)state;
	native->ops->close(native);
	unit_rmdir(dir);
	return 0;
}

/* Words by sign, and the query of them. */
typedef struct some_query {
	unsigned must, may, not; /* sets */
	char text[WORDS * 8];
	size_t n;
} some_query;

static some_query
make_query(void)
{
	unsigned n = 1 + unit_below(5), kind = unit_below(3); /* all; any; and with words that must not */
	some_query q = { 0 };

	for (unsigned i = 0; i < n; i++) {
		unsigned w = unit_below(WORDS), bit = 1u << w;
		bool not = kind && i && unit_below(2);
		if ((q.must | q.may | q.not) & bit)
			continue;
		*(not ? &q.not : kind == 2 ? &q.may : &q.must) |= bit;
		q.n += (size_t)snprintf(q.text + q.n, sizeof q.text - q.n, "%sw%u ", not ? "-" : kind == 2 ? "" : "+", w);
	}
	return q;
}

static uint64_t
expected(const some_query *q)
{
	uint64_t count = 0;

	for (unsigned d = 0; d < DOCS; d++) {
		unsigned in = 0;
		for (unsigned w = 0; w < WORDS; w++)
			in |= (unsigned)has[w][d] << w;
		count += (in & q->must) == q->must && !(in & q->not) && (q->must || in & q->may);
	}
	return count;
}

static void
test_counts(void **state)
{
	text_analyzer *an = text_analyzer_new(NULL);
	q_parse_options opt = { .default_or = true };

	(void)state;
	for (unsigned i = 0; i < QUERIES; i++) {
		some_query q = make_query();
		search_request rq = { .bm25 = { 1.2f, 0.75f }, .title_weight = 1, .want_total = true, .an = an };
		uint64_t want = expected(&q);
		ast query;

		ast_init(&query);
		OK(q_parse(q.text, q.n, &opt, an, &query, err));
		rq.root = query.root;
		for (unsigned limit = 0; limit <= 10; limit += 10)
			for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
				search_result r;
				cpu_limit(l);
				rq.limit = limit;
				OK(native->ops->search(native, &rq, &r, err));
				if (r.total != want)
					fail_msg("%s: counted %llu, wanted %llu", q.text, (unsigned long long)r.total,
						 (unsigned long long)want);
				search_result_fini(&r);
			}
		cpu_limit(CPU_AVX512);
		ast_fini(&query);
	}
	text_analyzer_free(an);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_counts) };
	return cmocka_run_group_tests(tests, make_index, drop_index);
}
