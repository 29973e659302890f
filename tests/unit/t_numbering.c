/* t_numbering.c - numbers at the beginnings of lines become sections; references, dates
 * and tables of contents do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "extract/numbering.h"
#include "extract/read_file.h"

/* The outline of a text, one section a line: indented by level, kind and label. */
static const char *
outline(const char *from, size_t n)
{
	static char out[1 << 16];
	char *text = memcpy(malloc(n + !n), from, n); /* exact: a byte read past it is seen by ASan */
	read_build b;
	size_t k = 0;

	read_build_init(&b);
	read_build_reset(&b);
	b.doc.text = read_str(text, n);
	assert_true(numbering_sections(&b));
	out[0] = 0;
	for (size_t i = 0; i < b.doc.nsections && k < sizeof out - 300; i++) {
		const doc_section *s = &b.sections[i];

		assert_true(s->start < s->end && s->end <= n);
		k += (size_t)snprintf(out + k, sizeof out - k, "%*s%.2s %.*s\n", s->level - 1, "", s->kind,
				      (int)(s->label.n < 120 ? s->label.n : 120), s->label.p);
	}
	read_build_fini(&b);
	free(text);
	return out;
}

static void
is_at(int line, const char *text, const char *wanted)
{
	const char *got = outline(text, strlen(text));

	if (strcmp(got, wanted) != 0)
		fail_msg("line %d: got\n%swanted\n%s", line, got, wanted);
}

#define IS(text, wanted) is_at(__LINE__, text, wanted)

static void
test_acts(void **state)
{
	static const char *const cut[] = { "8b", "8bi", "8bis", "8te", "8qu", "Art. 8bi", "Article 1e", "\xc2\xa7 12 Abs.", "12(",
					   "12(b", "4.", "IV", "第", "第十" };

	(void)state;
	for (size_t i = 0; i < countof(cut); i++) /* the text ends within a number */
		assert_non_null(outline(cut[i], strlen(cut[i])));
	IS("An Act to test\n\nPART I\nGENERAL\n\n1. Short title\n\nSection 1. Name.\nThis is the Act.\n\nSection 2. Scope.\n"
	   "(a) It goes far;\n(b) and wide.\n\nPART II\nDUTIES\n\nSection 3. Duties.\nThere are some.\n",
	   "pa PART I GENERAL\n se Section 1. Name.\n se Section 2. Scope.\n  pa (a)\n  pa (b)\npa PART II DUTIES\n"
	   " se Section 3. Duties.\n");
	IS("CHAPTER I\nGeneral provisions\n\nArticle 1\nSubject matter\n\n1. This lays down.\n\n2. It applies.\n\n"
	   "Article 2\nDefinitions\n\nFor the purposes:\n\nCHAPTER II\nPrinciples\n\nSection 1\nTransparency\n\n"
	   "Article 3\nWays\n\nThe controller shall act.\n\nSection 2\nAccess\n\nArticle 4\nGiven\n\nText of it.\n\n"
	   "ANNEX I\n\nList of things.\n\nANNEX II\n\nMore of them.\n",
	   "ch CHAPTER I General provisions\n ar Article 1 Subject matter\n  pa 1.\n  pa 2.\n ar Article 2 Definitions\n"
	   "ch CHAPTER II Principles\n se Section 1 Transparency\n  ar Article 3 Ways\n se Section 2 Access\n"
	   "  ar Article 4 Given\npa ANNEX I\npa ANNEX II\n");
	IS("TITLE I\n\nCHAPTER 1\n\nPART A\n\n§ 1. Names\n\nText here.\n\n§ 2. Places\n\nText here.\n\nPART B\n\n§ 3. Ends\n\nText.\n",
	   "pa TITLE I\n ch CHAPTER 1\n  pa PART A\n   ar § 1. Names\n   ar § 2. Places\n  pa PART B\n   ar § 3. Ends\n");
}

static void
test_paragraphs(void **state)
{
	(void)state;
	/* (i) is a number below (a) and a letter behind (h) */
	IS("Sec. 1. Lists\n\n(a) one:\n(i) first,\n(ii) second.\n(b) two.\n(c) three.\n(d) four.\n(e) five.\n(f) six.\n"
	   "(g) seven.\n(h) eight.\n(i) nine.\n(j) ten.\n",
	   "se Sec. 1. Lists\n pa (a)\n  pa (i)\n  pa (ii)\n pa (b)\n pa (c)\n pa (d)\n pa (e)\n pa (f)\n pa (g)\n pa (h)\n"
	   " pa (i)\n pa (j)\n");
	/* each article says how its paragraphs nest */
	IS("Article 1\n\n(1) One:\n(a) x;\n(b) y.\n(2) Two.\n\nArticle 2\n\n(a) One:\n(1) x;\n(2) y.\n(b) Two.\n",
	   "ar Article 1\n pa (1)\n  pa (a)\n  pa (b)\n pa (2)\nar Article 2\n pa (a)\n  pa (1)\n  pa (2)\n pa (b)\n");
	/* a lone (a) is no list, nor is one in running text */
	IS("Article 1\n\n(a) alone here.\n\nArticle 2\n\nAs said in paragraph\n(a) of this and\n(b) of that.\n",
	   "ar Article 1\nar Article 2\n");
	IS("Article 1\n\n(1) One.\n(1A) Inserted.\n(2) Two.\n(4) Three is repealed.\n",
	   "ar Article 1\n pa (1)\n pa (1A)\n pa (2)\n pa (4)\n");
}

/* Sections that are only numbers, as in Canada. */
static void
test_plain(void **state)
{
	(void)state;
	IS("Short title\n\n1 This Act may be cited as the Test Act.\n\nInterpretation\n\n2 (1) In this Act there are words.\n\n"
	   "(a) one of them;\n\n(b) another of them.\n\n(2) There are others.\n\n3 [Repealed, 1990, c. 5, s. 12]\n\n3.1 The Minister may do a thing.\n\n"
	   "4 The Governor may do another thing.\n",
	   "ar 1\nar 2\n pa (1)\n  pa (a)\n  pa (b)\n pa (2)\nar 3\nar 3.1\nar 4\n");
	IS("12 March is a day on which we met.\n\n13 March is a day on which we did not.\n\n14 March is a day as well, they say.\n", "");
	IS("Schedule\n\n9:15 Arrival\n", "");
}

static void
test_languages(void **state)
{
	(void)state;
	IS("Erster Teil\nAllgemeines\n\n1. Abschnitt\nZweck\n\n§ 1 Zweck des Gesetzes\n\nDas Gesetz dient.\n\n§ 2 Begriffe\n\n"
	   "(1) Im Sinne.\n\n(2) Auch dies.\n\nZweiter Teil\nSchluss\n\n§ 3 Inkrafttreten\n\nEs tritt in Kraft.\n\nAnlage 1\n\nTabelle.\n",
	   "pa Erster Teil Allgemeines\n se 1. Abschnitt Zweck\n  ar § 1 Zweck des Gesetzes\n  ar § 2 Begriffe\n   pa (1)\n"
	   "   pa (2)\npa Zweiter Teil Schluss\n ar § 3 Inkrafttreten\npa Anlage 1\n");
	IS("Titre premier\nDe la République\n\nArticle 1er\n\nLa France est une.\n\nArticle 2\n\nLa langue est.\n\nTitre II\n\n"
	   "Article 3\n\nLe reste.\n",
	   "pa Titre premier De la République\n ar Article 1er\n ar Article 2\npa Titre II\n"
	   " ar Article 3\n");
	IS("CAPÍTULO I\nDe los derechos\n\nArtículo 1º\nTodos tienen derechos y son libres en la ley.\n\nArtículo 2º\nNadie puede "
	   "ser detenido sin causa.\n",
	   "ch CAPÍTULO I De los derechos\n ar Artículo 1º\n ar Artículo 2º\n");
	IS("第一章　总则\n\n第一条 为了保护环境，制定本法。\n\n第二条 本法所称环境，是指：\n（一）大气；\n（二）水。\n\n第二章 监督\n\n"
	   "第三条 国务院主管。\n\n第三条之一 新增的规定。\n",
	   "ch 第一章 总则\n ar 第一条\n ar 第二条\n  pa （一）\n  pa （二）\nch 第二章 监督\n ar 第三条\n ar 第三条之一\n");
}

/* What is no heading. */
static void
test_none(void **state)
{
	(void)state;
	IS("The Court found that\nArticle 5 of the Treaty applies, and so does\nArticle 6 thereof.\n", "");
	IS("We met on\n\n1. January 2020\n\n2. February 2020\n\n3. March 2020\n", "");
	IS("Article 12 Group is a company that trades in books, papers and other goods of many kinds, and has done so for years now, as all know.\n",
	   "");
	IS("根据\n第五条的规定\n第六条和第七条\n", "");
	IS("Section A was chosen.\nPart of it fell.\nTitle to the land passed.\n", "");
	IS("(a)\n", "");
	IS("", "");
	IS("a) x\nb) y\n", "");
}

static void
test_contents(void **state)
{
	(void)state;
	IS("Contents\n\nPart 1 Start .......... 1\nPart 2 Middle ........ 5\nPart 3 End ........... 9\n\nPart 1 Start\n\nText one.\n\n"
	   "Part 2 Middle\n\nText two.\n\nPart 3 End\n\nText three.\n",
	   "pa Part 1 Start\npa Part 2 Middle\npa Part 3 End\n");
	IS("目 录\n\n第一章 总则\n第二章 监督\n第三章 罚则\n第四章 附则\n\n第一章 总则\n\n第一条 有。\n\n第二章 监督\n\n第二条 有。\n\n"
	   "第三章 罚则\n\n第三条 有。\n\n第四章 附则\n\n第四条 有。\n",
	   "ch 第一章 总则\n ar 第一条\nch 第二章 监督\n ar 第二条\nch 第三章 罚则\n ar 第三条\nch 第四章 附则\n ar 第四条\n");
}

/* Below the headings of a document, whose kinds they tell. */
static void
test_headings(void **state)
{
	static const char text[] = "# Law\n\n## 第一章 总则\n\n第一条 有。\n\n第二条 有。\n\n## 第二章 监督\n\n第三条 有。\n\n## 附\n\n有。\n";
	read_build b;

	(void)state;
	read_build_init(&b);
	read_build_reset(&b);
	assert_true(read_md(&b, "x.md", read_str(text, sizeof text - 1)));
	assert_int_equal(b.doc.nsections, 7);
	assert_string_equal(b.sections[1].kind, "chapter");
	assert_memory_equal(b.sections[2].label.p, "第一条", 9);
	assert_int_equal(b.sections[2].level, 3);
	assert_string_equal(b.sections[2].kind, "article");
	assert_int_equal(b.sections[3].end, b.sections[4].start);
	assert_int_equal(b.sections[5].end, b.sections[6].start);
	assert_int_equal(b.sections[6].level, 2);
	read_build_fini(&b);
}

/* Where a text goes on without numbers for long, those before it do not go on. */
static void
test_lapse(void **state)
{
	static const struct {
		const char *before, *after;
		bool ends;
	} cases[] = { { "Part 1 Scope\n\nArticle 1 Things\n\nThings are (1).\n\n(1) first thing\nits second line\n\n", "Article 2 More\n\nMore.\n", true },
		      { "Article 1 Things\n\n(1) first thing\nits second line\n\n", "", true },
		      { "Article 1 Things\n\nText.\n\nPart 2 Long\n\n", "Article 2 More\n\nMore.\n", false } };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		for (unsigned lines = 100; lines <= 1000; lines += 900) { /* 2 and 20 KB and more */
			read_build b;
			buf text;
			size_t from;

			buf_init(&text);
			buf_puts(&text, cases[i].before);
			from = text.len;
			for (unsigned k = 0; k < lines; k++)
				buf_puts(&text, "The House went on to other things.\n\n");
			buf_puts(&text, cases[i].after);
			read_build_init(&b);
			read_build_reset(&b);
			b.doc.text = read_str((char *)text.p, text.len);
			assert_true(numbering_sections(&b));
			for (size_t k = 0; k < b.doc.nsections; k++)
				if (b.sections[k].start < from) {
					bool goes_on = b.sections[k].end > from + 3000;
					bool last = cases[i].ends || !memcmp(b.sections[k].label.p, "Part 2", 6);

					if (lines == 1000 && cases[i].ends)
						assert_true(!goes_on && b.sections[k].end > from + 1000);
					else if (last)
						assert_true(goes_on);
				}
			assert_true(b.doc.nsections >= 1);
			read_build_fini(&b);
			buf_fini(&text);
		}
}

/* Any text: sections lie inside it, begin in order and nest. */
static void
test_random(void **state)
{
	static const char *const pieces[] = { "Article ", "Part ", "§ ", "(a) ", "(1) ", "(i) ", "(ii)", "1. ", "2. ", "12", "IV", "\n",
					      "\n\n", " ", "第", "一", "十", "条", "章", "（", "）", "、", "Text.", "of the", "ANNEX",
					      "Erster Teil", "Section 1", "Section 2", "\t", "....", "\xc2\xa7", "Schedule", "b)", "bis",
					      "9999999999", ")", "(", "\xe3\x80\x80", "Chapter one", "CHAPTER II" };
	unsigned seed = (unsigned)time(NULL), s = seed;
	char text[4096];

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 3000; round++) {
		read_build b;
		size_t n = 0, open = 0;
		uint32_t ends[64];

		while (n < sizeof text - 32 && (s = s * 1664525 + 1013904223) >> 8 & 127) {
			const char *p = pieces[(s >> 16) % countof(pieces)];

			memcpy(text + n, p, strlen(p));
			n += strlen(p);
		}
		read_build_init(&b);
		read_build_reset(&b);
		b.doc.text = read_str(text, n);
		assert_true(numbering_sections(&b));
		for (size_t i = 0; i < b.doc.nsections; i++) {
			const doc_section *x = &b.sections[i];

			assert_true(x->start < n && x->end <= n && x->start <= x->end && x->label.n > 0);
			assert_true(!i || x->start >= b.sections[i - 1].start);
			while (open && ends[open - 1] <= x->start)
				open--;
			assert_true(!open || x->end <= ends[open - 1]);
			assert_int_equal(x->level, open + 1);
			ends[open++] = x->end;
		}
		read_build_fini(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_acts),	  cmocka_unit_test(test_paragraphs), cmocka_unit_test(test_plain), cmocka_unit_test(test_languages),
		cmocka_unit_test(test_none),	  cmocka_unit_test(test_contents),   cmocka_unit_test(test_headings), cmocka_unit_test(test_lapse), cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
