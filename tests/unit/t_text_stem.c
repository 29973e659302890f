/* t_text_stem.c - folds, languages, stems, detection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "text/text.h"

static text_analyzer *analyzer;

static const struct {
	const char *term, *fold;
} fold_table[] = {
	{ "plain", "plain" },
	{ "adopt\u00e9e", "adoptee" },
	{ "na\u00efve", "naive" },
	{ "m\u00fcnchen", "munchen" },
	{ "\u0142\u00f3d\u017a", "lodz" },
	{ "k\u00f8benhavn", "kobenhavn" },
	{ "\u00e6r\u00f8 \u0153uvre", "aero oeuvre" },
	{ "\u0111uro \u0131", "duro i" },
	{ "\u015ftiin\u021b\u0103", "stiinta" },
	{ "vi\u1ec7t \u01b0\u01a1", "viet uo" },
	{ "\u01fd", "ae" },
	{ "e\u0301", "e" },
	{ "\u03ac\u03bd\u03b8\u03c1\u03c9\u03c0\u03bf\u03c2", "\u03b1\u03bd\u03b8\u03c1\u03c9\u03c0\u03bf\u03c2" },
	{ "\u0451\u0436", "\u0435\u0436" },
	{ "\u0439\u0457\u045e", "\u0439\u0457\u045e" },
	{ "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd", "\u05e9\u05dc\u05d5\u05dd" },
	{ "\u0645\u064f\u062d\u064e\u0645\u0651\u062f", "\u0645\u062d\u0645\u062f" },
	{ "\u0623\u0646 \u0625 \u0622", "\u0627\u0646 \u0627 \u0627" },
	{ "\u30ac\u30d1", "\u30ac\u30d1" },
	{ "\ud55c\uad6d", "\ud55c\uad6d" },
	{ "\u0915\u093f\u0902", "\u0915\u093f\u0902" },
	{ "\u0e01\u0e48", "\u0e01\u0e48" },
	{ "\u0640", "\u0640" }, /* nothing would be left */
	{ "", "" },
};

static void
test_fold(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(fold_table); i++) {
		char out[TEXT_TERM_MAX + 1];
		size_t n = text_fold(fold_table[i].term, strlen(fold_table[i].term), out);

		out[n] = '\0';
		assert_string_equal(out, fold_table[i].fold);
	}
}

static void
test_fold_twice_is_fold(void **state)
{
	uint32_t c;

	(void)state;
	for (c = 1; c < 0x20000; c++) {
		char in[8], a[TEXT_TERM_MAX], b[TEXT_TERM_MAX];
		size_t n = 1, k, m;

		in[0] = 'x';
		n += text_encode(c, in + 1);
		k = text_fold(in, n, a);
		m = text_fold(a, k, b);
		if (k != m || memcmp(a, b, k))
			fail_msg("U+%04X folds to <%.*s> and then to <%.*s>", c, (int)k, a, (int)m, b);
	}
}

static void
test_fold_never_overflows(void **state)
{
	char in[TEXT_TERM_MAX], out[TEXT_TERM_MAX];
	size_t i, n;

	(void)state;
	for (i = 0; i + 1 < sizeof in; i += 2)
		memcpy(in + i, "\u00de", 2);
	in[254] = 'x';
	n = text_fold(in, sizeof in, out);
	assert_int_equal(n, 255);
	for (i = 0; i < sizeof in; i++)
		in[i] = (char)(128 + i % 128);
	assert_true(text_fold(in, sizeof in, out) <= TEXT_TERM_MAX);
}

/* ---- languages ------------------------------------------------------- */

static text_lang
lang(const char *code)
{
	return text_lang_id(code, strlen(code));
}

static void
test_lang_ids_are_pinned(void **state)
{
	static const char codes[] =
		" en zh de fr es it pt nl sv da no fi hu ro ru tr ar ja ko th el ca eu ga lt id hi ne ta"
		" hy sr yi pl cs uk bg he fa vi hr sk sl et lv mt is ms bn ur mk be sq ka km lo my cy";
	buf all;
	unsigned i;

	(void)state;
	buf_init(&all);
	for (i = 1; i < text_lang_count(); i++) {
		buf_printf(&all, " %s", text_lang_code((text_lang)i));
		assert_int_equal(lang(text_lang_code((text_lang)i)), i);
	}
	assert_string_equal(buf_cstr(&all), codes);
	buf_fini(&all);
	assert_string_equal(text_lang_code(0), "");
	assert_string_equal(text_lang_code(200), "");
	assert_int_equal(lang("en"), TEXT_LANG_EN);
}

static void
test_lang_spellings(void **state)
{
	(void)state;
	assert_int_equal(lang("EN-us"), TEXT_LANG_EN);
	assert_int_equal(lang("en_GB.UTF-8"), TEXT_LANG_EN);
	assert_int_equal(lang("eng"), TEXT_LANG_EN);
	assert_int_equal(lang("English"), TEXT_LANG_EN);
	assert_int_equal(lang("deu"), lang("de"));
	assert_int_equal(lang("ger"), lang("de"));
	assert_int_equal(lang("nb"), lang("no"));
	assert_int_equal(lang("nn-NO"), lang("no"));
	assert_int_equal(lang("zh-Hant-TW"), lang("zh"));
	assert_int_equal(lang("norwegian"), lang("no"));
	assert_int_equal(lang(""), 0);
	assert_int_equal(lang("e"), 0);
	assert_int_equal(lang("xx"), 0);
	assert_int_equal(lang("en;x"), 0);
	assert_int_equal(lang("none"), 0);
	assert_int_equal(lang("auto"), 0);
	assert_int_equal(lang("averyverylonglanguagenamethatdoesnotexist"), 0);
	assert_int_equal(text_lang_id("en\0us", 5), 0);
}

static const struct {
	const char *lang, *term, *stem;
} stem_table[] = {
	{ "en", "reforms", "reform" }, { "en", "running", "run" }, { "en", "people's", "peopl" },
	{ "en", "policies", "polici" }, { "en", "adopt\u00e9es", "adopte" },
	{ "en", "pcbs", "pcb" }, { "en", "pcb's", "pcb" }, { "en", "mps", "mp" }, { "zh", "hfcs", "hfc" },
	{ "en", "ms", "ms" }, { "en", "css", "css" }, { "en", "gas", "gas" }, { "de", "pcbs", "pcbs" },
	{ "en", "1000", "1000" }, { "en", "12s", "12s" }, { "en", "\u00a7", "\u00a7" },
	{ "en", "at&t", "at&t" }, { "en", "\u4e2d\u56fd", "\u4e2d\u56fd" },
	{ "", "reforms", "reforms" }, { "", "adopt\u00e9e", "adoptee" },
	{ "zh", "reforms", "reform" }, { "ja", "policies", "polici" }, { "zh", "\u00e9coles", "ecoles" },
	{ "de", "gesetze", "gesetz" }, { "de", "h\u00e4user", "haus" },
	{ "fr", "adopt\u00e9e", "adopt" }, { "fr", "lois", "lois" },
	{ "es", "derechos", "derech" }, { "it", "diritti", "diritt" }, { "nl", "wetten", "wet" },
	{ "sv", "lagarna", "lag" }, { "no", "lovene", "lov" }, { "fi", "talossa", "talo" },
	{ "ru", "\u0437\u0430\u043a\u043e\u043d\u043e\u0432", "\u0437\u0430\u043a\u043e\u043d" },
	{ "ro", "\u0219tiin\u021bific\u0103", "stiintif" },
};

static void
test_stem(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(stem_table); i++) {
		char out[TEXT_TERM_MAX + 1];
		size_t n = text_stem(analyzer, lang(stem_table[i].lang), stem_table[i].term,
				     strlen(stem_table[i].term), out);

		out[n] = '\0';
		if (strcmp(out, stem_table[i].stem))
			fail_msg("%s: %s gives %s, not %s", stem_table[i].lang, stem_table[i].term,
				 out, stem_table[i].stem);
	}
}

/* Any bytes, in any language: no crash, no overflow, something left. */
static void
test_stem_any_bytes(void **state)
{
	uint64_t rng = (uint64_t)time(NULL) | 1;
	int i;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)rng);
	for (i = 0; i < 20000; i++) {
		char in[TEXT_TERM_MAX], out[TEXT_TERM_MAX];
		size_t n = 1 + rng % sizeof in, k;

		for (k = 0; k < n; k++) {
			rng = rng * 6364136223846793005u + 1442695040888963407u;
			in[k] = (char)(i % 3 ? 'a' + (rng >> 40) % 26 : rng >> 33);
		}
		k = text_stem(analyzer, (text_lang)((unsigned)i % 70), in, n, out);
		assert_true(k > 0 && k <= TEXT_TERM_MAX);
	}
}

/* ---- detection ------------------------------------------------------- */

static const struct {
	const char *lang, *text;
} detect_table[] = {
	{ "en", "The Secretary shall submit to the Congress a report on the progress of the plan." },
	{ "de", "Der Bundestag hat mit Zustimmung des Bundesrates das folgende Gesetz beschlossen, das f\u00fcr alle gilt und nicht ge\u00e4ndert werden darf." },
	{ "fr", "La pr\u00e9sente loi sera ex\u00e9cut\u00e9e comme loi de l'\u00c9tat et publi\u00e9e dans le journal des lois par les ministres." },
	{ "es", "La ley entrar\u00e1 en vigor el d\u00eda siguiente al de su publicaci\u00f3n en el bolet\u00edn, y las normas que se opongan a ella no ser\u00e1n de aplicaci\u00f3n." },
	{ "it", "La presente legge entra in vigore il giorno successivo a quello della sua pubblicazione nella Gazzetta e non si applica alle norme del paese." },
	{ "pt", "Esta lei entra em vigor no dia seguinte ao da sua publica\u00e7\u00e3o e n\u00e3o se aplica aos casos que j\u00e1 foram decididos." },
	{ "nl", "Deze wet treedt in werking met ingang van de dag na de datum van uitgifte van het blad waarin zij wordt geplaatst." },
	{ "sv", "Denna lag tr\u00e4der i kraft den dag som regeringen best\u00e4mmer och ska inte till\u00e4mpas p\u00e5 det som har skett f\u00f6re." },
	{ "da", "Loven tr\u00e6der i kraft dagen efter bekendtg\u00f8relsen, og den skal ikke anvendes af dem, der er blevet fritaget fra at betale til det offentlige." },
	{ "no", "Loven trer i kraft fra den tid Kongen bestemmer, og den skal ikke brukes av dem som etter det har blitt fritatt for \u00e5 betale." },
	{ "pl", "Ustawa wchodzi w \u017cycie po up\u0142ywie 14 dni od dnia og\u0142oszenia i nie jest stosowana do spraw, kt\u00f3re zosta\u0142y wszcz\u0119te przez organ." },
	{ "cs", "Tento z\u00e1kon nab\u00fdv\u00e1 \u00fa\u010dinnosti dnem vyhl\u00e1\u0161en\u00ed a nevztahuje se na \u0159\u00edzen\u00ed, kter\u00e1 byla zah\u00e1jena p\u0159ed t\u00edmto dnem." },
	{ "hu", "Ez a t\u00f6rv\u00e9ny a kihirdet\u00e9s\u00e9t k\u00f6vet\u0151 napon l\u00e9p hat\u00e1lyba, \u00e9s nem kell alkalmazni azt az \u00fcgyet, amely m\u00e1r megindult." },
	{ "tr", "Bu kanun yay\u0131m\u0131 tarihinde y\u00fcr\u00fcrl\u00fc\u011fe girer ve h\u00fck\u00fcmleri cumhurba\u015fkan\u0131 taraf\u0131ndan bir y\u0131l i\u00e7in y\u00fcr\u00fct\u00fcl\u00fcr." },
	{ "ru", "\u0417\u0430\u043a\u043e\u043d \u0432\u0441\u0442\u0443\u043f\u0430\u0435\u0442 \u0432 \u0441\u0438\u043b\u0443 \u0441\u043e \u0434\u043d\u044f \u0435\u0433\u043e \u043f\u0443\u0431\u043b\u0438\u043a\u0430\u0446\u0438\u0438 \u0438 \u043d\u0435 \u043f\u0440\u0438\u043c\u0435\u043d\u044f\u0435\u0442\u0441\u044f \u043a \u0434\u0435\u043b\u0430\u043c, \u043a\u043e\u0442\u043e\u0440\u044b\u0435 \u0431\u044b\u043b\u0438 \u043d\u0430\u0447\u0430\u0442\u044b \u0434\u043e \u044d\u0442\u043e\u0433\u043e." },
	{ "uk", "\u0426\u0435\u0439 \u0437\u0430\u043a\u043e\u043d \u043d\u0430\u0431\u0438\u0440\u0430\u0454 \u0447\u0438\u043d\u043d\u043e\u0441\u0442\u0456 \u0437 \u0434\u043d\u044f \u0439\u043e\u0433\u043e \u043e\u043f\u0443\u0431\u043b\u0456\u043a\u0443\u0432\u0430\u043d\u043d\u044f \u0456 \u043d\u0435 \u0437\u0430\u0441\u0442\u043e\u0441\u043e\u0432\u0443\u0454\u0442\u044c\u0441\u044f \u0434\u043e \u0441\u043f\u0440\u0430\u0432, \u0449\u043e \u0440\u043e\u0437\u043f\u043e\u0447\u0430\u0442\u0456 \u0440\u0430\u043d\u0456\u0448\u0435." },
	{ "el", "\u039f \u03bd\u03cc\u03bc\u03bf\u03c2 \u03b9\u03c3\u03c7\u03cd\u03b5\u03b9" },
	{ "zh", "\u4e2d\u534e\u4eba\u6c11\u5171\u548c\u56fd\u5baa\u6cd5" },
	{ "zh", "\u5173\u4e8e5G\u548cAI\u7684\u89c4\u5b9a (Act)" },
	{ "ja", "\u3053\u306e\u6cd5\u5f8b\u306f\u516c\u5e03\u306e\u65e5\u304b\u3089\u65bd\u884c\u3059\u308b" },
	{ "ko", "\uc774 \ubc95\uc740 \uacf5\ud3ec\ud55c \ub0a0\ubd80\ud130 \uc2dc\ud589\ud55c\ub2e4" },
	{ "th", "\u0e1e\u0e23\u0e30\u0e23\u0e32\u0e0a\u0e1a\u0e31\u0e0d\u0e0d\u0e31\u0e15\u0e34" },
	{ "ar", "\u064a\u0639\u0645\u0644 \u0628\u0647\u0630\u0627 \u0627\u0644\u0642\u0627\u0646\u0648\u0646" },
	{ "he", "\u05d7\u05d5\u05e7 \u05d9\u05e1\u05d5\u05d3" },
	{ "", "" }, { "", "12 34 (5)" }, { "", "x" }, { "", "\xff\xfe\x00" },
	/* short, in ASCII letters, and nothing speaks for another language: English */
	{ "en", "rivers" }, { "en", "Rivers, lakes" }, { "en", "Reform in China" },
	{ "en", "GB/T 2312 \u2014 annex tables" }, { "en", "Lorem ipsum dolor sit amet" },
	{ "", "der Fluss" }, { "", "Ley de aguas" }, { "", "caf\u00e9" }, { "", "rivers \u6cd5" },
	{ "", "Lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt ut "
	      "labore dolore magna aliqua enim minim veniam quis nostrud exercitation ullamco laboris "
	      "nisi aliquip commodo consequat duis aute irure dolor reprehenderit voluptate velit esse "
	      "cillum dolore fugiat nulla pariatur excepteur sint" },
};

static void
test_detect(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(detect_table); i++) {
		const char *s = detect_table[i].text;
		text_lang got = text_detect(analyzer, s, strlen(s));

		if (strcmp(text_lang_code(got), detect_table[i].lang))
			fail_msg("<%s> is %s, not %s", s, text_lang_code(got), detect_table[i].lang);
	}
}

/* The Universal Declaration of Human Rights in UTF-8. */
static void
test_detect_real(void **state)
{
	static const char *const files[][2] = {
		{ "ru", "Russian-UTF8" }, { "bg", "Bulgarian_Balgarski-UTF8" }, { "uk", "Ukrainian-UTF8" },
		{ "be", "Belorus_Belaruski-UTF8" }, { "hu", "Hungarian_Magyar-UTF8" },
		{ "tr", "Turkish_Turkce-UTF8" }, { "vi", "Vietnamese-UTF8" }, { "hi", "Hindi-UTF8" },
		{ "ne", "Nepali-UTF8" }, { "ta", "Tamil-UTF8" }, { "bn", "Bengali-UTF8" },
		{ "fa", "Farsi_Persian-v2-UTF8" }, { "he", "Hebrew_Ivrit-UTF8" },
		{ "ko", "Korean_Hankuko-UTF8" }, { "ja", "Japanese_Nihongo-UTF8" },
		{ "zh", "Chinese_Mandarin-UTF8" }, { "en", "English-Latin1" },
		{ "", "Quechua-Latin1" }, { "", "Baoule-UTF8" },
	};
	size_t i, seen = 0;

	(void)state;
	for (i = 0; i < countof(files); i++) {
		char path[200], s[20000];
		FILE *f;
		size_t n;

		snprintf(path, sizeof path, "../shared/raw-samples/txt-encodings/%s", files[i][1]);
		f = fopen(path, "rb");
		if (!f)
			continue;
		n = fread(s, 1, sizeof s, f);
		fclose(f);
		seen++;
		if (strcmp(text_lang_code(text_detect(analyzer, s, n)), files[i][0]))
			fail_msg("%s is taken for %s", path,
				 text_lang_code(text_detect(analyzer, s, n)));
	}
	if (!seen)
		print_message("SKIP: no ../shared/raw-samples\n");
}

static int
setup(void **state)
{
	(void)state;
	analyzer = text_analyzer_new(NULL);
	return analyzer ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	text_analyzer_free(analyzer);
	return 0;
}

static void
test_function_words(void **state)
{
	static const char *yes[] = { "a", "about", "of", "the", "which", "your" };
	static const char *no[] = { "", "ab", "th", "thee", "ofs", "whichever", "duties", "zz", "die" };

	(void)state;
	for (size_t i = 0; i < countof(yes); i++) {
		assert_true(text_is_function_word(TEXT_LANG_EN, yes[i], strlen(yes[i])));
		assert_false(text_is_function_word(lang("de"), yes[i], strlen(yes[i])));
	}
	for (size_t i = 0; i < countof(no); i++)
		assert_false(text_is_function_word(TEXT_LANG_EN, no[i], strlen(no[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_fold_twice_is_fold),
		cmocka_unit_test(test_fold_never_overflows),
		cmocka_unit_test(test_lang_ids_are_pinned),
		cmocka_unit_test(test_lang_spellings),
		cmocka_unit_test(test_stem),
		cmocka_unit_test(test_stem_any_bytes),
		cmocka_unit_test(test_function_words),
		cmocka_unit_test(test_detect),
		cmocka_unit_test(test_detect_real),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
