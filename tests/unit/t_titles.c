/* t_titles.c - what sections are called, without their numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "extract/section_titles.h"

static doc_str
str(const char *s)
{
	return (doc_str){ s, strlen(s) };
}

static void
expect(const char *label, const char *want)
{
	size_t n = strlen(label), got;
	char *exact = memcpy(malloc(n + !n), label, n), out[SECTION_TITLE_MAX]; /* a byte read past it is seen by ASan */

	got = section_title((doc_str){ exact, n }, out);
	if (got != strlen(want) || memcmp(out, want, got) != 0)
		fail_msg("%s: '%.*s', not '%s'", label, (int)got, out, want);
	free(exact);
}

static void
test_numbers(void **state)
{
	static const char *const rows[][2] = {
		{ "Chapter 3: Definitions", "Definitions" },
		{ "§ 12 Begriffsbestimmungen", "Begriffsbestimmungen" },
		{ "§\xe2\x80\xaf" "101. Definitions", "Definitions" },
		{ "第二章 职责", "职责" },
		{ "第二章职责", "职责" },
		{ "第五章　附　则", "附则" },
		{ "（一）总体要求", "总体要求" },
		{ "一、指导思想", "指导思想" },
		{ "Art. 5 Ziele", "Ziele" },
		{ "Article 1er - Objet", "Objet" },
		{ "Artículo 3. Ámbito de aplicación", "Ámbito de aplicación" },
		{ "PART II—GENERAL PROVISIONS", "GENERAL PROVISIONS" },
		{ "Subpart A — General", "General" },
		{ "Title 42— THE PUBLIC HEALTH AND WELFARE", "THE PUBLIC HEALTH AND WELFARE" },
		{ "Erster Abschnitt Allgemeine Vorschriften", "Allgemeine Vorschriften" },
		{ "2. Abschnitt: Pflichten", "Pflichten" },
		{ "SCHEDULE 2 Transitional provisions", "Transitional provisions" },
		{ "2. Data  governance.", "Data governance" },
		{ "1. Title search", "Title search" },
		{ "5. Schedule of fees", "Schedule of fees" },
		{ "3.2.1 Scope", "Scope" },
		{ "47-302 Reserved", "Reserved" },
		{ "31(b)(2) Receipt", "Receipt" },
		{ "12A Offences", "Offences" },
		{ "12 The Minister may make regulations", "The Minister may make regulations" },
		{ "Regulation .03 Other Disclosures", "Other Disclosures" },
		{ "IV. Ergebnisse", "Ergebnisse" },
		{ "B) Befund", "Befund" },
		{ "(a) Purpose", "Purpose" },
		{ "  Spaced\n out :", "Spaced out" },
		/* no numbers */
		{ "Definitions", "Definitions" },
		{ "Annex", "Annex" },
		{ "2013 Annual Report", "2013 Annual Report" },
		{ "3D printing", "3D printing" },
		{ "5G networks", "5G networks" },
		{ "2nd reading", "2nd reading" },
		{ "10-year plan", "10-year plan" },
		{ "Part of the plan", "Part of the plan" },
		{ "Title search", "Title search" },
		{ "Relations with the U.S.", "Relations with the U.S." },
		{ "Civil service: pay", "Civil service: pay" },
		{ "First Nations", "First Nations" },
		{ "CIVIL", "CIVIL" },
		{ "(Old) and (new) rules", "(Old) and (new) rules" },
		{ "[Section] two [Repealed]", "[Section] two [Repealed]" },
		/* nothing else */
		{ "", "" },
		{ "  ", "" },
		{ "Article 5", "" },
		{ "§ 12", "" },
		{ "第 一 条", "" },
		{ "XVIII", "" },
		{ "IV.", "" },
		{ "a", "" },
		{ "7", "" },
		{ "2013", "" },
		{ "* * *", "" },
		{ "Chapter 3 — …", "" },
		{ "Appendix B.", "" },
		{ "SCHEDULE 1 (Section 2)", "" },
		{ "§ 7 [Repealed]", "" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		expect(rows[i][0], rows[i][1]);
}

static void
test_length(void **state)
{
	char label[1000], out[SECTION_TITLE_MAX];
	size_t n = 0;

	(void)state;
	while (n < 900) {
		memcpy(label + n, "法", 3);
		n += 3;
	}
	assert_int_equal(section_title((doc_str){ label, n }, out), 120);
	memcpy(label, "abc", 3); /* so that 120 bytes end within a character */
	memcpy(label + 3, "d", 1);
	memmove(label + 4, label + 6, n - 6);
	n -= 2;
	assert_int_equal(section_title((doc_str){ label, n }, out), 118);
	assert_memory_equal(out + 115, "法", 3);
	for (size_t cut = 1; cut < n; cut++)
		assert_true(section_title((doc_str){ label, cut }, out) <= SECTION_TITLE_MAX);
}

/* Any bytes: nothing is read beyond them (ASan), and the result is bounded. */
static void
test_random(void **state)
{
	static const char *const parts[] = { "Part ", "§", " ", "1", "IV", ".", "(", ")", "a", "—", "第", "章", "一", "\xe2\x80", "\xc2", "Art.",
					     "Annex", "\xc2\xa0", ":", "Erster ", "99", "Schedule" };
	const char *seed = getenv("CDG_SEED");
	unsigned s = seed ? (unsigned)strtoul(seed, NULL, 10) : 20261126;

	(void)state;
	printf("seed %u\n", s);
	for (int i = 0; i < 200000; i++) {
		char text[200], *exact, out[SECTION_TITLE_MAX];
		size_t n = 0, k = (s = s * 1664525 + 1013904223) >> 29;

		for (size_t j = 0; j <= k; j++) {
			const char *part = parts[(s = s * 1664525 + 1013904223) / 65536 % countof(parts)];

			memcpy(text + n, part, strlen(part));
			n += strlen(part);
		}
		exact = memcpy(malloc(n), text, n);
		n = section_title((doc_str){ exact, n }, out);
		assert_true(n <= SECTION_TITLE_MAX && (!n || (out[0] != ' ' && out[n - 1] != ' ')));
		free(exact);
	}
}

/* ---- of documents ------------------------------------------------------------------------ */

static const char *
titles(const document *doc)
{
	static char all[8192];
	static section_titles t;
	size_t n = 0;

	section_titles_find(doc, &t);
	all[0] = 0;
	for (size_t i = 0; i < t.n; i++)
		n += (size_t)snprintf(all + n, sizeof all - n, "%s%.*s", i ? "|" : "", (int)t.title[i].n, t.title[i].p);
	return all;
}

static doc_section
section(unsigned level, const char *kind, const char *label)
{
	return (doc_section){ .level = (uint16_t)level, .kind = kind, .label = str(label) };
}

static void
test_levels(void **state)
{
	doc_section few[] = { section(1, "section", "Water Act"), section(2, "chapter", "Chapter 1 Purpose"), section(3, "article", "Art. 1"),
			      section(3, "article", "Art. 2 Scope"), section(4, "section", "Deep"), section(2, "chapter", "Chapter 2 PURPOSE"),
			      section(2, "page", "Page"), section(2, "table", "Table"), section(2, "footnote", "Note"),
			      section(2, "paragraph", "(1) Para"), section(2, "heading", "Übergang"), section(2, "heading", "ÜBERGANG") };
	doc_section many[100];
	char labels[100][32];
	document doc = { .title = str("Water act"), .sections = few, .nsections = countof(few) };

	(void)state;
	assert_string_equal(titles(&doc), "Purpose|Übergang|Scope");
	doc.title = str("");
	assert_string_equal(titles(&doc), "Water Act|Purpose|Übergang|Scope");
	for (size_t i = 0; i < 100; i++) {
		snprintf(labels[i], sizeof labels[i], "Section %zu: Name %c%c", i, (int)('a' + i / 10), (int)('a' + i % 10));
		many[i] = section(i % 2 ? 2 : 1, "section", labels[i]);
	}
	doc.sections = many;
	doc.nsections = 16;
	assert_string_equal(titles(&doc), "Name aa|Name ac|Name ae|Name ag|Name ai|Name ba|Name bc|Name be"); /* eight are enough */
	doc.nsections = 100;
	assert_int_equal(strlen(titles(&doc)), 32 * 7 + 31);
}

static void
test_due(void **state)
{
	doc_section one = section(1, "section", "Purpose");
	doc_field own = { .name = str("section"), .string = str("mine") }, other = { .name = str("sections"), .string = str("mine") };
	document doc = { .sections = &one };

	(void)state;
	assert_false(section_titles_due(&doc));
	doc.nsections = 1;
	assert_true(section_titles_due(&doc));
	doc.nfields = 1;
	doc.fields = &other;
	assert_true(section_titles_due(&doc));
	doc.fields = &own;
	assert_false(section_titles_due(&doc));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_length), cmocka_unit_test(test_random),
		cmocka_unit_test(test_levels),	cmocka_unit_test(test_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
