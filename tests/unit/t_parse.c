/* t_parse.c - the query language: the tables in tests/query/parse_*.q, round trips
 * of random queries and hand-made trees, limits, any bytes, failing memory.
 *
 * A table has three lines a case, and a blank line after it:
 *     query
 *     options: - or any of: or, stem, warn=N (warnings expected; else none),
 *              relax (the third line is q_relax of the tree, or "nothing")
 *     what q_print gives
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "query/ast.h"

static text_analyzer *an;

/* ---- helpers ---------------------------------------------------------- */

static uint64_t rng_state;

static uint32_t
rng(uint32_t n)
{
	rng_state = rng_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(rng_state >> 33) % n;
}

static void
seed(const char *name)
{
	const char *env = getenv("TEST_SEED");

	rng_state = env ? strtoull(env, NULL, 0) : (uint64_t)time(NULL);
	print_message("%s: TEST_SEED=%llu\n", name, (unsigned long long)rng_state);
	rng(1);
}

static void
parse(ast *a, const char *text, size_t n, const q_parse_options *opt)
{
	cdg_error err;

	ast_init(a);
	assert_int_equal(q_parse(text, n, opt, an, a, &err), CDG_OK);
	assert_non_null(a->root);
}

static void
print(const q_node *q, buf *out)
{
	out->len = 0;
	q_print(q, out);
	buf_cstr(out);
	assert_false(out->failed);
}

/* print parses back to an equal tree, and prints the same again */
static void
round_trip(const q_node *root, const q_parse_options *opt)
{
	ast back;
	buf first, second;

	buf_init(&first);
	buf_init(&second);
	print(root, &first);
	parse(&back, (const char *)first.p, first.len, opt);
	print(back.root, &second);
	if (!q_equal(root, back.root))
		fail_msg("%s\n   parses to another tree:\n%s", buf_cstr(&first), buf_cstr(&second));
	assert_string_equal(buf_cstr(&first), buf_cstr(&second));
	ast_fini(&back);
	buf_fini(&first);
	buf_fini(&second);
}

static size_t
count(const q_node *q, q_type type)
{
	size_t n = q->type == type;

	for (size_t i = 0; i < q->nchild; i++)
		n += count(q->child[i], type);
	return n;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- tables ----------------------------------------------------------- */

static void
check_case(const char *file, int line, const char *query, const char *options, const char *want)
{
	q_parse_options opt = { 0 };
	const char *w = strstr(options, "warn=");
	const q_node *shown;
	ast a;
	buf got;

	opt.default_or = strstr(options, "or") != NULL;
	opt.langs = strstr(options, "english") ? (uint64_t)1 << TEXT_LANG_EN : 0;
	opt.stem_phrases = strstr(options, "stem") != NULL;
	buf_init(&got);
	parse(&a, query, strlen(query), &opt);
	shown = a.root;
	if (strstr(options, "relax"))
		shown = a.relaxable ? q_relax(&a, a.root) : NULL;
	if (shown)
		print(shown, &got);
	else
		buf_puts(&got, "nothing");
	if (strcmp(buf_cstr(&got), want))
		fail_msg("%s:%d: %s\n  expected %s\n  but got  %s", file, line, query, want,
			 buf_cstr(&got));
	if (a.nwarnings != (w ? strtoul(w + 5, NULL, 10) : 0))
		fail_msg("%s:%d: %s\n  %zu warnings: %s", file, line, query, a.nwarnings,
			 a.nwarnings ? a.warnings[0] : "");
	round_trip(a.root, &opt);
	ast_fini(&a);
	buf_fini(&got);
}

static bool
read_line(FILE *f, char *line, size_t size, int *n)
{
	if (!fgets(line, (int)size, f))
		return false;
	line[strcspn(line, "\n")] = 0;
	++*n;
	return true;
}

static size_t
check_table(const char *file)
{
	char query[2048], options[256], want[2048], blank[16];
	FILE *f = fopen(file, "r");
	size_t cases = 0;
	int n = 0;

	assert_non_null(f);
	while (read_line(f, query, sizeof query, &n)) {
		int line = n;
		assert_true(read_line(f, options, sizeof options, &n));
		assert_true(read_line(f, want, sizeof want, &n));
		if (read_line(f, blank, sizeof blank, &n) && *blank)
			fail_msg("%s:%d: a case has three lines and a blank one", file, n);
		check_case(file, line, query, options, want);
		cases++;
	}
	fclose(f);
	return cases;
}

static void
test_tables(void **state)
{
	glob_t g;
	size_t cases = 0;

	(void)state;
	assert_int_equal(glob("tests/query/parse_*.q", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		cases += check_table(g.gl_pathv[i]);
	globfree(&g);
	assert_true(cases > 200);
}

/* ---- trees ------------------------------------------------------------ */

static void
test_tree(void **state)
{
	static const char text[] = "\"new top-level design\"~2 title:x";
	ast a;
	const q_node *p, *syn;

	(void)state;
	parse(&a, text, strlen(text), NULL);
	assert_int_equal(a.root->type, Q_AND);
	assert_true(a.relaxable);
	p = a.root->child[0];
	assert_int_equal(p->type, Q_PHRASE);
	assert_int_equal(p->n, 2);
	assert_int_equal(p->nchild, 3);
	assert_int_equal(p->child[0]->mode, Q_FOLD);
	syn = p->child[1];
	assert_int_equal(syn->type, Q_SYN);
	assert_int_equal(syn->offset, 1);
	assert_int_equal(q_width(syn), 2);
	assert_int_equal(syn->child[0]->type, Q_PHRASE);
	assert_string_equal(syn->child[1]->term, "toplevel");
	assert_int_equal(p->child[2]->offset, 3);
	assert_int_equal(q_width(p), 4);
	assert_string_equal(a.root->child[1]->field, "title");
	assert_int_equal(a.root->child[1]->mode, Q_STEM);
	ast_fini(&a);
}

static void
test_cjk(void **state)
{
	/* five characters, one, two */
	static const char text[] = "\xe7\xbb\x8f\xe6\xb5\x8e\xe5\x8f\x91\xe5\xb1\x95\xe6\x88\x98 "
				   "\xe6\xb3\x95 \xe7\xbb\x8f\xe6\xb5\x8e";
	ast a;
	const q_node *p;

	(void)state;
	parse(&a, text, strlen(text), NULL);
	assert_int_equal(a.root->nchild, 3);
	p = a.root->child[0];
	assert_int_equal(p->type, Q_PHRASE);
	assert_int_equal(p->span, 5);
	assert_int_equal(p->nchild, 3);
	assert_int_equal(p->child[1]->offset, 2);
	assert_int_equal(p->child[2]->offset, 3);
	assert_int_equal(p->child[2]->width, 2);
	assert_int_equal(p->child[2]->mode, Q_FOLD);
	assert_int_equal(p->child[2]->kind, TEXT_CJK);
	assert_int_equal(a.root->child[1]->type, Q_PREFIX);
	assert_true(a.root->child[1]->cjk1);
	assert_int_equal(a.root->child[2]->type, Q_TERM);
	ast_fini(&a);
}

static void
test_strict_words(void **state)
{
	ast a;
	const q_node *p;

	(void)state;
	parse(&a, "=\"Top-Level design\"", 19, NULL);
	p = a.root;
	assert_int_equal(p->type, Q_PHRASE);
	assert_int_equal(p->nchild, 3);
	assert_true(p->child[0]->hyphen);
	assert_false(p->child[1]->hyphen);
	assert_int_equal(p->child[0]->mode, Q_STRICT);
	assert_string_equal(p->child[0]->raw, "Top");
	assert_string_equal(p->child[0]->term, "top");
	assert_string_equal(p->child[1]->raw, "Level");
	ast_fini(&a);
}

static void
test_places(void **state)
{
	ast a;

	(void)state;
	parse(&a, "ab (cd OR ef)", 13, NULL);
	assert_int_equal(a.root->at, 0);
	assert_int_equal(a.root->child[0]->end, 2);
	assert_int_equal(a.root->child[1]->at, 4);
	assert_int_equal(a.root->child[1]->end, 12);
	ast_fini(&a);
}

static void
test_relax_keeps_quotes(void **state)
{
	static const char text[] = "\"\xe7\xbb\x8f\xe6\xb5\x8e\xe5\x8f\x91\xe5\xb1\x95\" "
				   "\xe7\xbb\x8f\xe6\xb5\x8e\xe5\x8f\x91";
	ast a;
	q_node *r;

	(void)state;
	parse(&a, text, strlen(text), NULL);
	assert_true(a.relaxable);
	r = q_relax(&a, a.root);
	assert_non_null(r);
	assert_int_equal(r->type, Q_OR);
	assert_int_equal(r->nchild, 3);
	assert_int_equal(r->child[0]->type, Q_PHRASE);
	assert_string_equal(r->child[1]->term, "\xe7\xbb\x8f\xe6\xb5\x8e");
	assert_string_equal(r->child[2]->term, "\xe6\xb5\x8e\xe5\x8f\x91");
	ast_fini(&a);
}

static void
test_strict_option(void **state)
{
	q_parse_options opt = { .strict = true };
	cdg_error err;
	ast a;

	(void)state;
	ast_init(&a);
	assert_int_equal(q_parse("a (b", 4, &opt, an, &a, &err), CDG_E_QUERY);
	assert_non_null(strstr(err.message, "parenthesis"));
	ast_fini(&a);
	ast_init(&a);
	assert_int_equal(q_parse("a (b)", 5, &opt, an, &a, &err), CDG_OK);
	ast_fini(&a);
}

/* ---- limits ----------------------------------------------------------- */

typedef struct limit_case {
	const char *head, *piece, *tail;
	size_t times;
	size_t warnings; /* exactly so many */
} limit_case;

static void
check_limit(const limit_case *c)
{
	buf text;
	double t;
	ast a;

	buf_init(&text);
	buf_puts(&text, c->head);
	for (size_t i = 0; i < c->times; i++)
		buf_puts(&text, c->piece);
	buf_puts(&text, c->tail);
	assert_false(text.failed);
	t = seconds();
	parse(&a, (const char *)text.p, text.len, NULL);
	t = seconds() - t;
	if (a.nwarnings != c->warnings)
		fail_msg("%zu times '%s': %zu warnings, the first: %s", c->times, c->piece, a.nwarnings,
			 a.nwarnings ? a.warnings[0] : "none");
	if (t > 1)
		fail_msg("%zu times '%s' took %.2f s", c->times, c->piece, t);
	round_trip(a.root, NULL);
	ast_fini(&a);
	buf_fini(&text);
}

static void
test_limits(void **state)
{
	static const limit_case cases[] = {
		{ "", "(", "", 10000, 3 },          /* too deep, open, empty */
		{ "", "(", "a", 10000, 2 },
		{ "", "(a ", "", 10000, 2 },
		{ "", ")", "", 10000, 1 },
		{ "", "()", "", 100000, 1 },
		{ "", "word ", "", 10000, 0 },
		{ "", "word ", "", 200000, 1 },      /* 1 MB: too many words */
		{ "", "a", "", 1000000, 0 },
		{ "", "a.-", "", 300000, 1 },
		{ "\"", "a b ", "", 250000, 1 },
		{ "\"", "(", "", 1000000, 2 },
		{ "\"", "(a|", "", 300000, 1 },      /* nothing closes: they are text */
		{ "", "a AND ", "", 10000, 1 },
		{ "", "AND ", "", 200000, 1 },
		{ "", "NOT ", "a", 200001, 0 },
		{ "", "-", "a", 100000, 0 },
		{ "", "a NEAR/1 b NEAR/2 ", "c", 5000, 1 },
		{ "", "a NEAR/1 ", "c", 7, 0 },
		{ "", "a NEAR/1 ", "c", 8, 1 },
		{ "", "a ADJ/1 ", "c", 15, 0 },
		{ "", "a ADJ/1 ", "c", 10000, 1 },
		{ "", "(a b) NEAR/1 ", "c", 7, 0 },
		{ "", "(a b) NEAR/1 (c d) NEAR/2 ", "e", 2000, 1 }, /* four times as many each time */
		{ "", "(a b (", "c)) NEAR/1 d", 90, 1 },  /* not closed */
		{ "(", "a ", ") NEAR/1 (b c)", 5000, 1 },
		{ "", "a | ", "b", 9000, 0 },
		{ "", "a OR ", "b", 9000, 0 },
		{ "", "f:(", "a", 10000, 2 },
		{ "", "/s ", "a", 300000, 1 },
		{ "", "`a", "", 300000, 1 },       /* `a` `a` ... */
		{ "", "` ", "", 300000, 1 },
		{ "", "a:=\"", "", 200000, 1 },
		{ "", "a:[", "", 300000, 1 },       /* a field with many words as its value */
		{ "", "\xc2\xa7 ", "5", 300000, 1 },
		{ "", "a^2", "", 300000, 1 },
		{ "", "\xe6\xb3\x95", "", 5000, 0 },
		{ "", "\xe6\xb3\x95", "", 300000, 1 },
		{ "", "12(b)", "", 200000, 1 },
		{ "", "\xff", "a", 1000000, 1 },     /* not UTF-8 */
		{ "", "a b ", "", 1200000, 2 },      /* over 4 MB: cut; too many words */
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		check_limit(&cases[i]);
}

static void
test_limit_nodes(void **state)
{
	q_parse_options opt = { .max_nodes = 3 };
	ast a;

	(void)state;
	parse(&a, "a b c d e f", 11, &opt);
	assert_int_equal(count(a.root, Q_TERM), 3);
	assert_int_equal(a.nwarnings, 1);
	ast_fini(&a);
	parse(&a, "a b c", 5, &opt);
	assert_int_equal(a.nwarnings, 0);
	ast_fini(&a);
	opt.max_depth = 2;
	opt.max_nodes = 0;
	parse(&a, "((a (b OR c) d)) e", 18, &opt);
	assert_int_equal(count(a.root, Q_TERM), 5);
	assert_int_equal(a.nwarnings, 1);
	ast_fini(&a);
}

/* ---- random ----------------------------------------------------------- */

static const char *const pieces[] = {
	"law", "Policy", "top-level", "\xe7\xbb\x8f\xe6\xb5\x8e\xe5\x8f\x91\xe5\xb1\x95", "\xe6\xb3\x95",
	"WTO\xe8\xa7\x84\xe5\x88\x99", "AT&T", "12(b)(6)", "\xc2\xa7", "5", "3.14", "caf\xc3\xa9", "govern*",
	"word^2", "=US", "=\"Top-level Design\"", "\"exact phrase\"", "\"a (b|c d) e\"~3", "~\"any form\"",
	"\"govern* * of\"", "title:x", "title:(", "type:(law|plan)", "f:=\"Whole \"\"V\"\"\"", "f:2013..2018",
	"date>=2015-06", "num=5", "f:{1..5]", "*", "AND", "OR", "NOT", "MAYBE", "NEAR/5", "ADJ", "w/3", "|", "||",
	"(", ")", ")^0.3", "-x", "+y", "!z", "\"", "\xe2\x80\x9c", "`t`", "=`a`B`", "<@3>", "~", "^", "go?ern", "x~1",
	"/re/", "/s", "path:(", "path:laws/*", "path:law*", "=law*", "path:\"a b*\"~0", "path:~\"a * b\"", "id:", "IN section:3", "http://a.b/c", "x@y.z", "\xd0\x97\xd0\xb0\xd0\xba\xd0\xbe\xd0\xbd",
	"\xd9\x82\xd8\xa7\xd9\x86\xd9\x88\xd9\x86", "\xe0\xb8\x81\xe0\xb8\x8e", "\xed\x95\x9c\xea\xb5\xad", "\xff",
};

static void
test_random_queries(void **state)
{
	(void)state;
	seed("random queries");
	for (int round = 0; round < 20000; round++) {
		q_parse_options opt = { .default_or = rng(4) == 0, .stem_phrases = rng(8) == 0,
					.langs = (uint64_t)(rng(2) << TEXT_LANG_EN) };
		buf text;
		ast a;

		buf_init(&text);
		for (uint32_t i = 0, n = 1 + rng(12); i < n; i++) {
			if (rng(8))
				buf_put_u8(&text, ' ');
			buf_puts(&text, pieces[rng(countof(pieces))]);
		}
		parse(&a, buf_cstr(&text), text.len, &opt);
		round_trip(a.root, &opt);
		if (a.relaxable)
			round_trip(q_relax(&a, a.root), &opt);
		ast_fini(&a);
		buf_fini(&text);
	}
}

static void
test_random_bytes(void **state)
{
	static const char special[] = " ab1\"()|~^*:=<>`+-!/\\?&.";

	(void)state;
	seed("random bytes");
	for (int round = 0; round < 20000; round++) {
		char text[64];
		size_t n = rng(sizeof text);
		ast a;

		for (size_t i = 0; i < n; i++)
			text[i] = rng(3) ? special[rng(sizeof special - 1)] : (char)rng(256);
		parse(&a, text, n, NULL);
		round_trip(a.root, NULL);
		ast_fini(&a);
	}
}

static q_node *
random_word(ast *a)
{
	static const char *const words[] = { "law", "2013", "\xe7\xbb\x8f\xe6\xb5\x8e", "caf\xc3\xa9",
					     "a b", "x`y", "and", "c++", "\xc2\xa7", "--", "don't", "w/5" };
	static const q_mode modes[] = { Q_STEM, Q_FOLD, Q_STEM };
	const char *w = words[rng(countof(words))];
	q_node *q = q_word(a, w, strlen(w), modes[rng(countof(modes))]);

	assert_non_null(q);
	if (rng(5) == 0)
		q->boost = (float)rng(1000) / 7;
	return q;
}

/* Trees that no person types, from words that no analyzer gives. */
static q_node *
random_tree(ast *a, uint32_t depth)
{
	static const q_type types[] = { Q_AND, Q_OR, Q_NEAR, Q_ADJ, Q_SYN, Q_NOT, Q_MAYBE, Q_PHRASE };
	q_type type = types[rng(countof(types))];
	size_t n = 2 + rng(3);
	bool words = type == Q_NEAR || type == Q_ADJ || type == Q_SYN || type == Q_PHRASE;
	uint32_t off = 0;
	q_node *q;

	if (!depth || rng(4) == 0)
		return random_word(a);
	q = q_new(a, type, n);
	assert_non_null(q);
	for (size_t i = 0; i < n; i++) {
		q_node *c = words ? random_word(a) : random_tree(a, depth - 1);
		q->child[i] = c;
		if (type == Q_PHRASE) {
			c->boost = 1;
			c->offset = off;
			off += q_width(c) + (rng(4) ? 0 : rng(20));
			q->span |= c->kind == TEXT_CJK;
		}
	}
	if (type == Q_PHRASE && q->span)
		q->span = rng(4) ? q->child[n - 1]->offset + q_width(q->child[n - 1]) : 1 + rng(50);
	if (type == Q_NEAR || type == Q_ADJ)
		q->n = 1 + rng(100);
	if (type == Q_PHRASE)
		q->n = rng(3) ? 0 : rng(10);
	if (rng(4) == 0)
		q->boost = (float)rng(100) / 10;
	return q;
}

/* Every leaf in one field. */
static void
set_field(q_node *q, const char *field)
{
	if (!q->nchild)
		q->field = field;
	for (size_t i = 0; i < q->nchild; i++)
		set_field(q->child[i], field);
}

static void
test_random_trees(void **state)
{
	(void)state;
	seed("random trees");
	for (int round = 0; round < 20000; round++) {
		q_node *q;
		ast a;

		ast_init(&a);
		q = random_tree(&a, 3);
		if (rng(8) == 0)
			set_field(q, rng(2) ? "path" : "title");
		round_trip(q, NULL);
		ast_fini(&a);
	}
}

/* ---- memory ----------------------------------------------------------- */

static void
test_no_memory(void **state)
{
	static const char text[] = "a (b OR title:\"c-d (e|f)\"~2) -g* date:1..2 h NEAR/2 i "
				   "\xe7\xbb\x8f\xe6\xb5\x8e\xe5\x8f\x91 =\"X-y\" \xff ) `t`";
	cdg_status st = CDG_E_NOMEM;

	(void)state;
	for (long n = 1; st != CDG_OK; n++) {
		ast a;
		cdg_error err;
		ast_init(&a);
		mem_fail_after(n, true);
		st = q_parse(text, strlen(text), NULL, an, &a, &err);
		mem_fail_after(0, false);
		assert_true(st == CDG_OK || st == CDG_E_NOMEM);
		assert_true(n < 10000);
		ast_fini(&a);
	}
}

static int
setup(void **state)
{
	(void)state;
	an = text_analyzer_new(NULL);
	return an ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	text_analyzer_free(an);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_cjk),
		cmocka_unit_test(test_strict_words),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_relax_keeps_quotes),
		cmocka_unit_test(test_strict_option),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_limit_nodes),
		cmocka_unit_test(test_random_queries),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_random_trees),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
