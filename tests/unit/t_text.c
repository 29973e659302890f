/* t_text.c - the tokenizer: one table line per rule, then the properties that
 * hold for every text: the ASCII path is the Unicode path, restarts are exact,
 * forms rebuild raw bytes, batches do not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "text/text.h"

/* ---- a stream of tokens as one string -------------------------------- */

typedef struct list {
	text_token *t;
	size_t n, cap;
	buf terms;
} list;

static void
list_fini(list *l)
{
	mem_free(l->t);
	buf_fini(&l->terms);
	memset(l, 0, sizeof *l);
}

/* All tokens of s; terms are kept as offsets + 1 in .term until the end. */
static list
list_of(text_analyzer *an, const char *s, size_t n, uint32_t pos, size_t cap)
{
	list l = { 0 };
	text_token *tok = mem_alloc(cap * sizeof *tok);
	size_t k, i, at = 0;

	assert_non_null(tok);
	text_begin(an, s, n, pos);
	while ((k = text_next(an, tok, cap)) > 0) {
		assert_true(k <= cap);
		assert_true(mem_grow(&l.t, &l.cap, l.n + k, sizeof *l.t));
		for (i = 0; i < k; i++) {
			l.t[l.n++] = tok[i];
			buf_put(&l.terms, tok[i].term, tok[i].len);
		}
	}
	assert_int_equal(text_next(an, tok, cap), 0);
	mem_free(tok);
	for (i = 0; i < l.n; i++) {
		l.t[i].term = (const char *)l.terms.p + at;
		at += l.t[i].len;
	}
	return l;
}

static bool
token_equal(const text_token *a, const text_token *b, uint32_t shift, unsigned but_flags)
{
	return a->len == b->len && !memcmp(a->term, b->term, a->len) &&
	       a->start == b->start + shift && a->end == b->end + shift && a->pos == b->pos &&
	       a->width == b->width && a->kind == b->kind && a->form == b->form &&
	       (a->flags & ~but_flags) == (b->flags & ~but_flags);
}

static const char kind_name[] = "wncl$j";
static const char form_name[] = "ltuo";

/* "term" for a word at the next position in lower case; else marks after it:
 * /kind (n number, c CJK, l last of CJK, $ sign, j joined), :form, @pos when
 * it is not the next. */
static void
render(const list *l, buf *out)
{
	uint32_t next = 0;
	size_t i;

	for (i = 0; i < l->n; i++) {
		const text_token *t = &l->t[i];

		if (i)
			buf_put_u8(out, ' ');
		buf_put(out, t->term, t->len);
		if (t->kind != TEXT_WORD)
			buf_printf(out, "/%c", kind_name[t->kind]);
		if (t->form != TEXT_FORM_LOWER && t->kind != TEXT_JOINED)
			buf_printf(out, ":%c", form_name[t->form]);
		if (t->kind == TEXT_JOINED)
			buf_printf(out, "%u+%u", t->pos, t->width);
		else
			assert_int_equal(t->pos, next++);
	}
}

static const struct {
	const char *text, *tokens;
} table[] = {
	/* words and case */
	{ "", "" },
	{ " \n\t ", "" },
	{ "shall", "shall" },
	{ "The SECRETARY shall iPhone", "the:t secretary:u shall iphone:o" },
	{ "A b I", "a:t b i:t" },
	{ "a,b;c(d)e[f]{g}h/i\\j:k", "a b c d e f g h i j k" },
	{ "foo.Bar foo.", "foo bar:t foo" },
	{ "wait...what?!", "wait what" },
	{ "x=y+z*w<v>u|t~s^r`q#p@o%n$m", "x y z w v u t s r q p o n m" },
	/* top-level and hyphens */
	{ "top-level design", "top level toplevel/j0+2 design" },
	{ "Top-Level", "top:t level:t toplevel/j0+2" },
	{ "state-of-the-art", "state of the art stateoftheart/j0+4" },
	{ "top\u2010level top\u2011level", "top level toplevel/j0+2 top level toplevel/j2+2" },
	{ "top--level top -level top- level", "top level top level top level" },
	{ "-top level-", "top level" },
	{ "2013-2014", "2013/n 2014/n" },
	{ "COVID-19", "covid:u 19/n covid19/j0+2" },
	{ "12-b", "12/n b 12b/j0+2" },
	{ "a-b-c-d-e-f-g-h", "a b c d e f g h abcdefgh/j0+8" },
	{ "a-b-c-d-e-f-g-h-i", "a b c d e f g h i" },
	{ "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r k-l", "a b c d e f g h i j k l m n o p q r k l kl/j18+2" },
	{ "U.S.-China", "us:o china:t uschina/j0+2" },
	{ "anti-\u00c9lite", "anti \u00e9lite:t anti\u00e9lite/j0+2" },
	{ "Marie\u2013Curie top\u2014level", "marie:t curie:t top level" },
	{ "X-\u5c04", "x:t \u5c04/l" },
	/* hyphens at line ends */
	{ "regu-\nlation", "regu lation regulation/j0+2" },
	{ "regu- \r\n  lation", "regu lation regulation/j0+2" },
	{ "regu-\n\nlation", "regu lation" },
	{ "Franco-\nGerman", "franco:t german:t" },
	{ "page 12-\n13", "page 12/n 13/n" },
	{ "regu\u00ad\nlation regu\u00adlation", "regulation:o regulation:o" },
	{ "regu\u00ad lation", "regu lation" },
	{ "end\u00ad", "end" },
	/* numbers and references */
	{ "12(b)(6)", "12/n b 6/n" },
	{ "3.14 38.101 1.2.3", "3.14/n 38.101/n 1.2.3/n" },
	{ "1,000 1,000,000.5 10,00 1,2,3", "1000/n:o 1000000.5/n:o 10,00/n 1,2,3/n" },
	{ "1000,000 1,000,00 1,000.5.2", "1000,000/n 1,000,00/n 1,000.5.2/n" },
	{ "1, 2. 3.", "1/n 2/n 3/n" },
	{ "12b 5th H2O covid19 1,000kg", "12b 5th h2o:u covid19 1000kg:o" },
	{ "v1.2 a1,2 Art.5", "v1.2 a1 2/n art:t 5/n" },
	{ "\u00a7 5 \u00a7\u00a7 12\u201314", "\u00a7/$ 5/n \u00a7/$:o 12/n 14/n" },
	{ "\u00a75\u00b6a", "\u00a7/$ 5/n \u00b6/$ a" },
	{ "$5 50% 5/6", "5/n 50/n 5/n 6/n" },
	{ "\u00bd 5\u00bd m\u00b2 law\u00b9\u00b2 CO\u2082", "1\u20442/n:o 5/n 1\u20442/n:o m 2/n:o law 12/n:o co2:o" },
	{ "\u338f \u2460 \u2116 7 Foo\u2122", "kg:o 1/n:o no:o 7/n foo:t" },
	{ "\u2167", "viii:o" },
	{ "2013\u5e74", "2013/n \u5e74/l" },
	/* dots */
	{ "U.S.C. e.g. i.e., U.S.", "usc:o eg:o ie:o us:o" },
	{ "U.S a.m. p.m", "us:o am:o pm:o" },
	{ "J.Smith J.R.R.Tolkien", "j:t smith:t jrr:o tolkien:t" },
	{ "z.B. d. h.", "zb:o d h" },
	{ "www.example.com", "www example com" },
	{ "A.1", "a:t 1/n" },
	{ "\u0421.\u0428.\u0410.", "\u0441\u0448\u0430:o" },
	/* ampersand, underscore */
	{ "AT&T R&D a & b &c d&", "at&t:u r&d:u a b c d" },
	{ "foo_bar __init__ _ a__b x_", "foo_bar init a__b x" },
	/* apostrophes */
	{ "people's people\u2019s dogs' 'tis don't", "people's people's:o dogs tis don't" },
	{ "PEOPLE'S O'Neill", "people's:u o'neill:o" },
	{ "1990's rock''n", "1990/n s rock n" },
	{ "l'\u00e9tat L\u2019\u00c9tat qu'il aujourd'hui", "l \u00e9tat l:t \u00e9tat:t qu il aujourd'hui" },
	{ "dell'articolo un'altra l'a l's all's", "dell articolo un altra l a l's all's" },
	{ "c'est-\u00e0-dire", "c est \u00e0 dire est\u00e0dire/j1+3" },
	/* other letters */
	{ "Adopt\u00e9e \u00c9TAT stra\u00dfe STRASSE", "adopt\u00e9e:t \u00e9tat:u strasse:o strasse:u" },
	{ "e\u0301tat", "\u00e9tat:o" },
	{ "\ufb01nance \uff21\uff22\uff43 \uff11\uff12", "finance:o abc:o 12/n:o" },
	{ "\u041c\u043e\u0441\u043a\u0432\u0430 \u0417\u0410\u041a\u041e\u041d", "\u043c\u043e\u0441\u043a\u0432\u0430:t \u0437\u0430\u043a\u043e\u043d:u" },
	{ "na\u200cme na\u200bme \ufeffname", "name:o na me name" },
	{ "col\u00b7lecci\u00f3", "col\u00b7lecci\u00f3" },
	{ "\u0661\u0662", "\u0661\u0662/n" },
	{ "\u2022 item \u25a1 \u2713 yes \U0001f600", "item yes" },
	{ "\u201cquoted\u201d \u2018single\u2019 dash\u2014dash", "quoted single dash dash" },
	{ "\u00a0a\u00a0b", "a b" },
	/* scripts without spaces */
	{ "\u4e2d", "\u4e2d/l" },
	{ "\u4e2d\u56fd\u6cd5", "\u4e2d\u56fd/c \u56fd\u6cd5/c \u6cd5/l" },
	{ "\u4e2d\u56fd\uff0c\u6cd5", "\u4e2d\u56fd/c \u56fd/l \u6cd5/l" },
	{ "\u7b2c12\u6761", "\u7b2c/l 12/n \u6761/l" },
	{ "A\u80a1", "a:t \u80a1/l" },
	{ "\u30c7\u30fc\u30bf", "\u30c7\u30fc/c \u30fc\u30bf/c \u30bf/l" },
	{ "\uff76\uff9e\u30ab\u3099", "\u30ac\u30ac/c:o \u30ac/l:o" },
	{ "\u1112\u1161\u11ab\uae00", "\ud55c\uae00/c:o \uae00/l" },
	{ "\u0e01\u0e33", "\u0e01\u0e33/c \u0e33/l" },
	{ "\u2f00\u4e2d", "\u4e00\u4e2d/c:o \u4e2d/l" },
	{ "\U00020000\u4e00", "\U00020000\u4e00/c \u4e00/l" },
	{ "\u8475\U000e0100\u57ce", "\u8475\u57ce/c:o \u57ce/l" },
	/* bytes that are not text */
	{ "foo\xff" "bar", "foo bar" },
	{ "caf\xc3 \xc3\xa9t\xc3\xa9\xe2\x82", "caf \u00e9t\u00e9" },
	{ "a\x01" "b", "a b" },
};

static text_analyzer *analyzer;

static void
test_table(void **state)
{
	size_t i;
	int forced;

	(void)state;
	for (i = 0; i < countof(table); i++) {
		for (forced = 0; forced < 2; forced++) {
			buf out;
			list l;

			buf_init(&out);
			text_force_unicode(analyzer, forced);
			l = list_of(analyzer, table[i].text, strlen(table[i].text), 0, 64);
			render(&l, &out);
			if (strcmp(buf_cstr(&out), table[i].tokens))
				fail_msg("text <%s> forced %d:\n got  <%s>\n want <%s>", table[i].text,
					 forced, buf_cstr(&out), table[i].tokens);
			list_fini(&l);
			buf_fini(&out);
		}
	}
	text_force_unicode(analyzer, false);
}

/* ---- sentences, paragraphs, other flags ------------------------------- */

static const struct {
	const char *text, *marks;
} flag_table[] = {
	/* | before a sentence, # before a paragraph */
	{ "One two. Three four", "#one two |three four" },
	{ "One two. three", "#one two three" },
	{ "One! Two? 3 is. \u00a7 4", "#one |two |3 is |\u00a7 4" },
	{ "He said \"go.\" Then (he went.) And", "#he said go |then he went |and" },
	{ "end.\u201d Then \u201cit. \u201cbegan", "#end |then it |began" },
	{ "etc. (see)", "#etc see" },
	{ "foo. (see) bar", "#foo |see bar" },
	{ "Art. 5 and No. 7 of Dr. Who", "#art 5 and no 7 of dr who" },
	{ "the answer is no. The next; Then", "#the answer is no |the next then" },
	{ "see no. 7", "#see no 7" },
	{ "U.S.C. The e.g. This", "#usc the eg this" },
	{ "by J. Smith. He", "#by j smith |he" },
	{ "foo.Bar v. Baz vgl. Abs. 3 Nr. 2", "#foo bar v baz vgl abs 3 nr 2" },
	{ "wait... Then", "#wait |then" },
	{ "one\n\ntwo\n \t\nthree\nfour\r\n\r\nfive\r\nsix", "#one #two #three four #five six" },
	{ "one\n-\ntwo\u2029three", "#one two #three" },
	{ "\u7532\u4e59\u3002\u4e19\uff01\u201d\u4e01\uff0c\u620a", "#\u7532\u4e59 \u4e59 |\u4e19 |\u4e01 \u620a" },
	{ "in 1990. The 3. \u0417\u0430\u043a\u043e\u043d. \u041e\u043d. \u043e\u043d", "#in 1990 |the 3 |\u0437\u0430\u043a\u043e\u043d |\u043e\u043d \u043e\u043d" },
	{ "well.\u00b9 The", "#well 1 the" },
};

static void
test_flags(void **state)
{
	size_t i, k;
	int forced;

	(void)state;
	for (i = 0; i < countof(flag_table); i++) {
		for (forced = 0; forced < 2; forced++) {
			list l;
			buf out;

			buf_init(&out);
			text_force_unicode(analyzer, forced);
			l = list_of(analyzer, flag_table[i].text, strlen(flag_table[i].text), 0, 64);
			for (k = 0; k < l.n; k++) {
				uint8_t f = l.t[k].flags;
				if (k)
					buf_put_u8(&out, ' ');
				if (f & TEXT_PARAGRAPH)
					assert_true(f & TEXT_SENTENCE);
				buf_puts(&out, f & TEXT_PARAGRAPH ? "#" : f & TEXT_SENTENCE ? "|" : "");
				buf_put(&out, l.t[k].term, l.t[k].len);
			}
			if (strcmp(buf_cstr(&out), flag_table[i].marks))
				fail_msg("text <%s>:\n got  <%s>\n want <%s>", flag_table[i].text,
					 buf_cstr(&out), flag_table[i].marks);
			list_fini(&l);
			buf_fini(&out);
		}
	}
	text_force_unicode(analyzer, false);
}

static void
test_hyphen_and_accent_flags(void **state)
{
	const char *s = "the top-level \u00c9tat-nation na\u00efve a-b-c-d-e-f-g-h-i";
	list l = list_of(analyzer, s, strlen(s), 7, 64);
	size_t i, hyphens = 0, accents = 0;

	(void)state;
	assert_int_equal(l.t[0].pos, 7);
	assert_true(l.t[0].flags & TEXT_RESTART);
	assert_true(l.t[1].flags & TEXT_HYPHEN);
	assert_true(l.t[1].flags & TEXT_RESTART);
	assert_false(l.t[2].flags & (TEXT_HYPHEN | TEXT_RESTART));
	assert_int_equal(l.t[3].kind, TEXT_JOINED);
	assert_int_equal(l.t[3].flags, 0);
	assert_int_equal(l.t[3].start, l.t[1].start);
	assert_int_equal(l.t[3].end, l.t[2].end);
	for (i = 0; i < l.n; i++) {
		hyphens += (l.t[i].flags & TEXT_HYPHEN) != 0;
		accents += (l.t[i].flags & TEXT_ACCENT) != 0;
	}
	assert_int_equal(hyphens, 1 + 1 + 8);
	assert_int_equal(accents, 3);
	list_fini(&l);
}

/* ---- properties ------------------------------------------------------ */

static uint64_t rng = 1;

static uint32_t
rnd(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)((rng >> 11) % below);
}

static const char *const pieces[] = {
	"the", "Section", "A", "b", "U.S.C.", "e.g.", "x.", "No.", "12", "1,000", "3.14", "'", "-",
	"-\n", ".", ". ", ", ", " ", "  ", "\n", "\n\n", "\r\n", "&", "_", "(", ")", "\"", "!", "? ",
	"'s", "l'", "qu'", "H2O", "9", "a-b", "-c", ";", ":", "/", "Z", "internationalisation",
};
static const char *const wide_pieces[] = {
	"\u2019", "\u2019s", "\u201c", "\u201d ", "\u2014", "\u00a7", "\u00a7\u00a7", "\u00a0",
	"\u00e9", "\u00c9tat", "e\u0301", "\u00ad", "\u00ad\n", "\u200b", "\u200c", "\u2010",
	"\u4e2d", "\u56fd\u6cd5", "\u3002", "\uff01", "\uff76\uff9e", "\u0e01\u0e33", "\u1112\u1161",
	"\u11ab", "\u00bd", "\u00b2", "\u2082", "\u338f", "\u0416", "\u0451", "\u0661", "\u3392",
	"\xff", "\xe2\x82", "\u0130", "\u1e9e", "\ufb03", "\u00b7", "\u2029", "\U0001f600", "\u0301",
	"\ufdfa", "\u01c5", "\u0345", "\u3099",
};

static size_t
random_text(char *s, size_t cap, bool wide)
{
	size_t n = 0, want = rnd(2) ? rnd(60) : rnd((uint32_t)cap - 64);

	while (n < want) {
		const char *p = wide && rnd(3) == 0 ? wide_pieces[rnd(countof(wide_pieces))]
						   : pieces[rnd(countof(pieces))];
		size_t k = strlen(p);

		if (rnd(40) == 0) { /* any byte */
			s[n++] = (char)rnd(wide ? 256 : 128);
			continue;
		}
		memcpy(s + n, p, k);
		n += k;
	}
	return n;
}

static void
assert_same(const list *a, const list *b, const char *what, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (!token_equal(&a->t[i], &b->t[i], 0, 0))
			fail_msg("%s differs at token %zu <%.*s> [%u,%u) flags %u and <%.*s> [%u,%u) flags %u in <%.*s>",
				 what, i, a->t[i].len, a->t[i].term, a->t[i].start, a->t[i].end,
				 a->t[i].flags, b->t[i].len, b->t[i].term, b->t[i].start,
				 b->t[i].end, b->t[i].flags, (int)min_size(n, 400), s);
	if (a->n != b->n)
		fail_msg("%s: %zu and %zu tokens in <%.*s>", what, a->n, b->n,
			 (int)min_size(n, 400), s);
}

static void
check_paths(const char *s, size_t n)
{
	list a, b, c;

	a = list_of(analyzer, s, n, 3, 1024);
	text_force_unicode(analyzer, true);
	b = list_of(analyzer, s, n, 3, 512);
	text_force_unicode(analyzer, false);
	assert_same(&a, &b, "Unicode path", s, n);
	for (cpu_level level = CPU_PORTABLE; level < CPU_AVX512; level++) {
		cpu_limit(level);
		c = list_of(analyzer, s, n, 3, 1024);
		assert_same(&c, &b, "Unicode path and that of a lesser processor", s, n);
		list_fini(&c);
	}
	cpu_limit(CPU_AVX512);
	c = list_of(analyzer, s, n, 3, 2 * TEXT_JOIN_MAX);
	assert_same(&a, &c, "small batches", s, n);
	list_fini(&a);
	list_fini(&b);
	list_fini(&c);
}

static void
test_ascii_path_is_unicode_path(void **state)
{
	static char s[40000];
	int i;

	(void)state;
	for (i = 0; i < 1500; i++) {
		size_t n = random_text(s, i % 50 == 0 ? sizeof s : 1000, i % 2);
		check_paths(s, n);
	}
}

static void
test_real_text(void **state)
{
	static const char *const names[] = {
		"../shared/raw-samples/txt/USA_42_1987.txt",
		"../shared/raw-samples/txt/IND_51_1996.txt",
		"../shared/raw-samples/md/chunck-0.md",
		"../shared/raw-samples/md/multilingual.md",
		"../shared/raw-samples/html/gov.ga.ocga.title.08.html",
		"../shared/raw-samples/html/hansard-current.html",
	};
	size_t i, seen = 0;

	(void)state;
	for (i = 0; i < countof(names); i++) {
		FILE *f = fopen(names[i], "rb");
		char *s;
		size_t n;

		if (!f)
			continue;
		s = mem_alloc(400000);
		assert_non_null(s);
		n = fread(s, 1, 400000, f);
		fclose(f);
		check_paths(s, n);
		mem_free(s);
		seen++;
	}
	if (!seen)
		print_message("SKIP: no ../shared/raw-samples: paths compared on random text only\n");
}

static void
check_restarts(const char *s, size_t n)
{
	list a = list_of(analyzer, s, n, 0, 256);
	size_t i, k;

	for (i = 0; i < a.n; i++) {
		const text_token *t = &a.t[i];
		list b;

		if (!(t->flags & TEXT_RESTART) || (a.n > 200 && rnd((uint32_t)a.n / 50)))
			continue;
		b = list_of(analyzer, s + t->start, n - t->start, t->pos, 256);
		assert_true(b.n >= 1);
		/* tokens from i on are those that begin here or later */
		for (k = 0; k < b.n && i + k < a.n; k++)
			if (!token_equal(&a.t[i + k], &b.t[k], t->start,
					 k ? 0 : TEXT_SENTENCE | TEXT_PARAGRAPH))
				fail_msg("restart at %u of <%.*s>: token %zu <%.*s> was <%.*s>",
					 t->start, (int)min_size(n, 400), s, k, b.t[k].len,
					 b.t[k].term, a.t[i + k].len, a.t[i + k].term);
		assert_int_equal(b.n, a.n - i);
		list_fini(&b);
	}
	list_fini(&a);
}

static void
test_restart_is_exact(void **state)
{
	static char s[6000];
	int i;

	(void)state;
	for (i = 0; i < 1200; i++)
		check_restarts(s, random_text(s, i % 40 == 0 ? sizeof s : 500, i % 4 != 0));
}

static void
test_restarts_are_frequent(void **state)
{
	buf b;
	list l;
	size_t i;
	uint32_t last = 0;

	(void)state;
	buf_init(&b);
	for (i = 0; i < 3000; i++)
		buf_puts(&b, i % 2 ? "\u7b2c\u4e00\u6761" : "The top-level plan, ");
	for (i = 0; i < 3000; i++)
		buf_puts(&b, "\u4e2d\u56fd");
	assert_false(b.failed);
	l = list_of(analyzer, (char *)b.p, b.len, 0, 256);
	for (i = 0; i < l.n; i++) {
		if (!(l.t[i].flags & TEXT_RESTART))
			continue;
		assert_true(l.t[i].start - last < 100);
		last = l.t[i].start;
	}
	assert_true(b.len - last < 100);
	list_fini(&l);
	buf_fini(&b);
}

static void
test_forms_rebuild_raw(void **state)
{
	static char s[4000];
	size_t seen[4] = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		size_t n = random_text(s, sizeof s, true), k;
		list l = list_of(analyzer, s, n, 0, 256);

		for (k = 0; k < l.n; k++) {
			const text_token *t = &l.t[k];
			char raw[2 * TEXT_TERM_MAX];
			size_t len = text_fold(t->term, t->len, raw);
			bool folds = len != t->len || memcmp(raw, t->term, len);

			assert_int_equal((t->flags & TEXT_ACCENT) != 0, folds);

			assert_true(t->start < t->end && t->end <= n);
			assert_true(t->len > 0);
			seen[t->form]++;
			if (t->form == TEXT_FORM_OTHER)
				continue;
			len = text_raw_form(t->term, t->len, t->form, raw);
			assert_int_equal(len, t->end - t->start);
			assert_memory_equal(raw, s + t->start, len);
		}
		list_fini(&l);
	}
	for (i = 0; i < 4; i++)
		assert_true(seen[i] > 100);
}

static void
check_long(const char *unit, size_t times, size_t min_tokens, size_t max_tokens)
{
	buf b;
	list l;
	size_t i;
	clock_t t0 = clock();

	buf_init(&b);
	for (i = 0; i < times; i++)
		buf_puts(&b, unit);
	buf_puts(&b, " end");
	l = list_of(analyzer, (char *)b.p, b.len, 0, 256);
	assert_in_range(l.n, min_tokens, max_tokens);
	assert_int_equal(l.t[l.n - 1].pos + 1, text_next_pos(analyzer));
	assert_memory_equal(l.t[l.n - 1].term, "end", 3);
	assert_true((double)(clock() - t0) / CLOCKS_PER_SEC < 3.0);
	list_fini(&l);
	buf_fini(&b);
}

static void
test_long_tokens(void **state)
{
	char s[600];
	list a, b, c;

	(void)state;
	memset(s, 'x', sizeof s);
	a = list_of(analyzer, s, 255, 0, 16);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.t[0].len, 255);
	assert_memory_equal(a.t[0].term, s, 255);
	b = list_of(analyzer, s, 256, 0, 16);
	assert_int_equal(b.t[0].len, 255);
	assert_int_equal(b.t[0].form, TEXT_FORM_OTHER);
	assert_memory_equal(b.t[0].term + 236, "\u2026", 3);
	s[300] = 'y';
	c = list_of(analyzer, s, 400, 0, 16);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.t[0].end, 400);
	assert_memory_equal(c.t[0].term, b.t[0].term, 239);
	assert_memory_not_equal(c.t[0].term, b.t[0].term, 255);
	list_fini(&a);
	list_fini(&b);
	list_fini(&c);
	check_long("x", 1 << 20, 2, 2);
	check_long("\u00e9", 1 << 19, 2, 2);
	check_long("e\u0301", 1 << 18, 2, 2);
	check_long("a.", 1 << 19, 2, 2);
	check_long("1,", 1 << 19, 2, 2);
	check_long("1,000", 1 << 17, 2, 2);
	check_long("a'", 1 << 19, 2, 2);
	check_long("a_", 1 << 19, 2, 2);
	check_long("a&", 1 << 19, 2, 2);
	check_long("\u00ad", 1 << 19, 1, 1);
	check_long("a\u00ad", 1 << 18, 2, 2);
	check_long("a-", 1 << 19, (1 << 19) + 1, (1 << 19) + 1);
	check_long("\u4e2d", 1 << 18, (1 << 18) + 1, (1 << 18) + 1);
	check_long("\u4e2d\u3099", 1 << 18, (1 << 18) + 1, (1 << 18) + 1);
	check_long("\u00a7", 1 << 18, 2, 2);
	check_long("\u0301", 1 << 18, 1, 1);
	check_long("a\u0301\u0301\u0301\u0301", 1 << 16, 2, 2);
	check_long("-\n", 1 << 19, 1, 1);
	check_long("l'", 1 << 18, 2, 2);
}

/* Every character alone between letters and alone: both paths agree. */
static void
test_every_character(void **state)
{
	uint32_t c;

	(void)state;
	for (c = 1; c < 0x30000; c += c < 0x3400 || (c > 0x4d80 && c < 0x4e80) || c > 0x9f80 ? 1 : 37) {
		char s[64], in[4];
		int n;
		size_t k;

		if (c > 0x20100)
			break;
		k = text_encode(c, in);
		n = snprintf(s, sizeof s, "a%.*sb %.*s 1%.*s2", (int)k, in, (int)k, in, (int)k, in);
		check_paths(s, (size_t)n);
		/* within a run of ideographs, which has a bulk path of its own */
		n = snprintf(s, sizeof s, "\u4e2d\u56fd%.*s\u6cd5%.*s\u6cd5\u5f8b\u6cd5%.*s", (int)k, in,
			     (int)k, in, (int)k, in);
		check_paths(s, (size_t)n);
	}
}

/* What a character is must not depend on the characters seen before it. */
static void
test_classes_are_remembered_apart(void **state)
{
	text_analyzer *fresh = NULL;
	uint32_t c;

	(void)state;
	for (c = 0x30000; --c;) { /* from above: what is remembered by a part of the code point */
		char s[32], in[4];
		size_t k = text_encode(c, in);
		int n = snprintf(s, sizeof s, "\u30a7%.*s ", (int)k, in);
		list a, b;

		if (c % 0x400 == 0x3ff) {
			text_analyzer_free(fresh);
			fresh = text_analyzer_new(NULL);
			assert_non_null(fresh);
		}
		a = list_of(analyzer, s, (size_t)n, 0, 64);
		b = list_of(fresh, s, (size_t)n, 0, 64);
		assert_same(&a, &b, "fresh analyzer", s, (size_t)n);
		list_fini(&a);
		list_fini(&b);
	}
	text_analyzer_free(fresh);
}

static int
setup(void **state)
{
	cdg_error err;

	(void)state;
	analyzer = text_analyzer_new(&err);
	rng = (uint64_t)time(NULL) * 2654435761u | 1;
	if (getenv("CDG_SEED"))
		rng = strtoull(getenv("CDG_SEED"), NULL, 10) | 1;
	print_message("CDG_SEED=%llu\n", (unsigned long long)rng);
	return analyzer ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	text_analyzer_free(analyzer);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_hyphen_and_accent_flags),
		cmocka_unit_test(test_ascii_path_is_unicode_path),
		cmocka_unit_test(test_real_text),
		cmocka_unit_test(test_restart_is_exact),
		cmocka_unit_test(test_restarts_are_frequent),
		cmocka_unit_test(test_forms_rebuild_raw),
		cmocka_unit_test(test_long_tokens),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_classes_are_remembered_apart),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
