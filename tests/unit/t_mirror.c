/* t_mirror.c - paths of mirrored sites to the addresses they came from. */
#include "extract/mirror.h"
#include "tests/unit/unit.h"

static void
t_mirror(void **state)
{
	static const struct {
		const char *base, *path, *url;
	} cases[] = {
		{ NULL, "www.example.org/index.html", "https://www.example.org/" },
		{ NULL, "./www.example.org/a/b.html", "https://www.example.org/a/b.html" },
		{ NULL, "http/example.org/a/index.html", "http://example.org/a/" },
		{ NULL, "https/example.org/a", "https://example.org/a" },
		{ NULL, "localhost:8080/x.pdf", "https://localhost:8080/x.pdf" },
		{ NULL, "localhost+8080/x.pdf", "https://localhost:8080/x.pdf" },
		{ NULL, "192.0.2.1/x", "https://192.0.2.1/x" },
		{ NULL, "example.org/index.html?x=y", "https://example.org/?x=y" },
		{ NULL, "example.org/index.html?x=y.html", "https://example.org/?x=y" },
		{ NULL, "example.org/p.php?id=5&a=/b/c.html", "https://example.org/p.php?id=5&a=/b/c" },
		{ NULL, "example.org/p.php.html", "https://example.org/p.php" },
		{ NULL, "example.org/plain.html", "https://example.org/plain.html" },
		{ NULL, "example.org/a b/\xc3\xa4.txt", "https://example.org/a%20b/%C3%A4.txt" },
		{ NULL, "example.org/a%20b%zz#1", "https://example.org/a%20b%25zz%231" },
		{ NULL, "notes/page.html", NULL },
		{ NULL, "example.org", NULL },
		{ NULL, ".hidden/x", NULL },
		{ NULL, "a..b/x", NULL },
		{ NULL, "", NULL },
		{ "https://example.org/docs", "a/index.html", "https://example.org/docs/a/" },
		{ "https://example.org/docs/", "x.html", "https://example.org/docs/x.html" },
		{ "https://example.org", "index.html", "https://example.org/" },
	};
	buf out;

	(void)state;
	buf_init(&out);
	for (size_t i = 0; i < countof(cases); i++) {
		bool got = mirror_url(cases[i].base, cases[i].path, &out);

		if (got != (cases[i].url != NULL) || (got && strcmp(buf_cstr(&out), cases[i].url) != 0))
			fail_msg("%s: '%s', wanted '%s'", cases[i].path, got ? buf_cstr(&out) : "nothing",
				 cases[i].url ? cases[i].url : "nothing");
	}
	buf_fini(&out);
}

static void
t_random(void **state)
{
	static const char chars[] = "ab.:/+?%#-<\xc3\xa4 index.html.php";
	char path[64];
	buf out;

	(void)state;
	unit_seed("mirror");
	buf_init(&out);
	for (unsigned i = 0; i < 200000; i++) {
		size_t n = unit_below(40);

		for (size_t k = 0; k < n; k++)
			path[k] = chars[unit_below(sizeof chars - 1)];
		path[n] = 0;
		if (mirror_url(i & 1 ? NULL : "http://a.b", path, &out))
			for (const char *s = buf_cstr(&out); *s; s++)
				if (*s <= ' ' || (unsigned char)*s >= 127)
					fail_msg("'%s' gives '%s'", path, buf_cstr(&out));
	}
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_mirror),
		cmocka_unit_test(t_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
