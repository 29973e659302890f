/* t_glob.c - patterns over paths: what each sign means, and random patterns
 * against the plain search of the reference backend.
 */
#include "backend/reference_impl.h"
#include "query/glob.h"
#include "tests/unit/unit.h"

static bool
both(const char *pattern, size_t np, const char *path, size_t n)
{
	ref_value v = { .type = DOC_STRING, .string = { path, n } };
	bool fast = glob_match(pattern, np, path, n), plain = ref_value_globs(&v, pattern, np);

	if (fast != plain)
		fail_msg("'%.*s' on '%.*s': %d, reference %d", (int)np, pattern, (int)n, path, fast, plain);
	return fast;
}

static void
is(const char *pattern, const char *path, bool wanted)
{
	if (both(pattern, strlen(pattern), path, strlen(path)) != wanted)
		fail_msg("'%s' on '%s' should be %d", pattern, path, wanted);
}

static void
t_signs(void **state)
{
	static const struct {
		const char *pattern, *yes[8], *no[8];
	} table[] = {
		/* a name is a file, or a folder with all below, anywhere, as a whole */
		{ "a/laws", { "a/laws", "x/a/laws", "a/laws/b/c.md" }, { "a/laws.md", "ba/laws", "a/lawsuit/x" } },
		{ "laws/*", { "laws/a.md", "laws/2015/a.md", "eu/laws/a.md", "/srv/laws/a" },
		  { "laws", "on-laws/a.md", "laws.md", "plans/laws", "Laws/a.md" } },
		{ "laws/", { "laws/a.md", "eu/laws/b/c" }, { "laws", "x/laws", "laws2/a" } },
		{ "/laws/*", { "laws/a.md", "/laws/a.md", "laws/b/c" }, { "eu/laws/a.md", "laws" } },
		{ "/", { "a", "a/b", "/a" }, { NULL } },
		{ "*.md", { "a.md", "x/y/a.md", ".md", "a.md/b" }, { "a.mdx", "md", "a.txt" } },
		{ "/*.md", { "a.md" }, { "x/a.md" } },
		{ "laws/*.md", { "laws/a.md", "laws/a.b.md" }, { "laws/x/a.md", "laws/a.txt" } },
		{ "laws/**/*.md", { "laws/a.md", "laws/x/a.md", "laws/x/y/a.md" }, { "laws/x/a.txt", "a.md" } },
		{ "laws/**", { "laws/a", "laws/a/b" }, { "laws", "law/a" } },
		{ "**/b", { "b", "a/b", "a/c/b", "b/c" }, { "ab", "a/xb" } },
		{ "a**b", { "ab", "a/b", "a/x/yb" }, { "a/bc" } },
		{ "a?c/*", { "abc/x", "a\xc3\xa9" "c/x", "a\xe6\xb3\x95" "c/x" }, { "ac/x", "a/c/x", "abbc/x" } },
		{ "*?", { "a", "\xe6\xb3\x95" }, { "" } },
		{ "/?", { "\xe6\xb3\x95", "a/b" }, { "ab", "\xe6\xb3\x95\xe6\xb3\x95" } },
		{ "a b/*", { "a b/c", "x/a b/c" }, { "a  b/c" } },
		{ "../laws/*", { "../laws/a" }, { "laws/a" } },
		{ "a*/x*c", { "ab/xc", "a/x/../ab/xyc" }, { "a/b/xc", "ab/xyd" } },
		{ "[ab]/*", { "[ab]/c" }, { "a/c" } },
	};

	(void)state;
	for (size_t i = 0; i < countof(table); i++)
		for (size_t k = 0; k < countof(table[i].yes); k++) {
			if (table[i].yes[k])
				is(table[i].pattern, table[i].yes[k], true);
			if (table[i].no[k])
				is(table[i].pattern, table[i].no[k], false);
		}
	assert_true(glob_is_pattern("a/", 2) && glob_is_pattern("*", 1) && glob_is_pattern("a?", 2));
	assert_false(glob_is_pattern("a-b.md", 6) || glob_is_pattern("", 0));
}

static void
t_random(void **state)
{
	static const char *const piece[] = { "a", "b", "/", "*", "**", "**/", "?", "\xc3\xa9", "\xe6\xb3\x95", "ab" };
	size_t found = 0;

	(void)state;
	unit_seed("glob");
	for (unsigned round = 0; round < 300000; round++) {
		char g[64] = "", s[64] = "";
		unsigned n = unit_below(8), m = unit_below(10);

		for (unsigned i = 0; i < n; i++)
			strcat(g, piece[unit_below(countof(piece))]);
		for (unsigned i = 0; i < m; i++) {
			unsigned k = unit_below(countof(piece) - 4);
			strcat(s, piece[k < 3 ? k : k + 4]);
		}
		found += both(g, strlen(g), s, strlen(s));
	}
	assert_true(found > 1000);
}

/* A pattern for which trying every way would take years. */
static void
t_long(void **state)
{
	char pattern[402], path[2001];

	(void)state;
	for (size_t i = 0; i < 400; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[400] = 'b';
	memset(path, 'a', 2000);
	assert_false(glob_match(pattern, 401, path, 2000));
	path[2000] = 'b';
	assert_true(glob_match(pattern, 401, path, 2001));
	for (size_t i = 0; i < 399; i += 3)
		memcpy(pattern + i, "**a", 3);
	pattern[399] = 'c';
	assert_false(glob_match(pattern, 400, path, 2001));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_signs),
		cmocka_unit_test(t_random),
		cmocka_unit_test(t_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
