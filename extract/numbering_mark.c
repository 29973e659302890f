/* numbering_mark.c - see numbering_mark.h.  What a name or number may be in English,
 * German, French, Spanish, Italian, Portuguese, Dutch and Chinese. */
#include "extract/numbering_mark.h"

#include "extract/word.h"

static const struct {
	const char *name;
	mark_type type;
} mark_names[] = {
	{ "article", MARK_ARTICLE },	   { "articles", MARK_ARTICLE },     { "art.", MARK_ARTICLE },
	{ "art", MARK_ARTICLE },	   { "artikel", MARK_ARTICLE },	     { "artículo", MARK_ARTICLE },
	{ "articulo", MARK_ARTICLE },	   { "articolo", MARK_ARTICLE },     { "artigo", MARK_ARTICLE },
	{ "section", MARK_SECTION },	   { "sec.", MARK_SECTION },	     { "sec", MARK_SECTION },
	{ "sección", MARK_SECTION },	   { "secção", MARK_SECTION },	     { "seção", MARK_SECTION },
	{ "sezione", MARK_SECTION },	   { "abschnitt", MARK_SECTION },    { "afdeling", MARK_SECTION },
	{ "sectie", MARK_SECTION },	   { "unterabschnitt", MARK_SUBSECTION },
	{ "subsection", MARK_SUBSECTION }, { "sous-section", MARK_SUBSECTION }, { "subsección", MARK_SUBSECTION },
	{ "chapter", MARK_CHAPTER },	   { "chapitre", MARK_CHAPTER },     { "capítulo", MARK_CHAPTER },
	{ "capitulo", MARK_CHAPTER },	   { "capitolo", MARK_CHAPTER },     { "kapitel", MARK_CHAPTER },
	{ "hoofdstuk", MARK_CHAPTER },	   { "subchapter", MARK_SUBCHAPTER }, { "unterkapitel", MARK_SUBCHAPTER },
	{ "title", MARK_TITLE },	   { "titre", MARK_TITLE },	     { "título", MARK_TITLE },
	{ "titulo", MARK_TITLE },	   { "titolo", MARK_TITLE },	     { "titel", MARK_TITLE },
	{ "subtitle", MARK_SUBTITLE },	   { "untertitel", MARK_SUBTITLE },  { "part", MARK_PART },
	{ "partie", MARK_PART },	   { "parte", MARK_PART },	     { "teil", MARK_PART },
	{ "deel", MARK_PART },		   { "subpart", MARK_SUBPART },	     { "division", MARK_DIVISION },
	{ "book", MARK_BOOK },		   { "livre", MARK_BOOK },	     { "libro", MARK_BOOK },
	{ "livro", MARK_BOOK },		   { "buch", MARK_BOOK },	     { "annex", MARK_ANNEX },
	{ "annexe", MARK_ANNEX },	   { "anexo", MARK_ANNEX },	     { "allegato", MARK_ANNEX },
	{ "anlage", MARK_ANNEX },	   { "anhang", MARK_ANNEX },	     { "bijlage", MARK_ANNEX },
	{ "schedule", MARK_ANNEX },	   { "appendix", MARK_ANNEX },
};

/* Numbers as words, before the name ("Erster Teil") or behind it ("PART ONE"). */
static const struct {
	const char *name;
	uint8_t value;
} mark_words[] = {
	{ "one", 1 },	    { "two", 2 },	 { "three", 3 },      { "four", 4 },	   { "five", 5 },
	{ "six", 6 },	    { "seven", 7 },	 { "eight", 8 },      { "nine", 9 },	   { "ten", 10 },
	{ "first", 1 },	    { "second", 2 },	 { "third", 3 },      { "fourth", 4 },	   { "fifth", 5 },
	{ "sixth", 6 },	    { "seventh", 7 },	 { "eighth", 8 },     { "ninth", 9 },	   { "tenth", 10 },
	{ "erster", 1 },    { "erstes", 1 },	 { "erste", 1 },      { "zweiter", 2 },	   { "zweites", 2 },
	{ "zweite", 2 },    { "dritter", 3 },	 { "drittes", 3 },    { "dritte", 3 },	   { "vierter", 4 },
	{ "viertes", 4 },   { "vierte", 4 },	 { "fünfter", 5 },    { "fünftes", 5 },	   { "fünfte", 5 },
	{ "sechster", 6 },  { "sechstes", 6 },	 { "sechste", 6 },    { "siebter", 7 },	   { "siebtes", 7 },
	{ "siebenter", 7 }, { "siebentes", 7 },	 { "siebte", 7 },     { "achter", 8 },	   { "achtes", 8 },
	{ "achte", 8 },	    { "neunter", 9 },	 { "neuntes", 9 },    { "zehnter", 10 },   { "zehntes", 10 },
	{ "elfter", 11 },   { "elftes", 11 },	 { "zwölfter", 12 },  { "zwölftes", 12 },  { "premier", 1 },
	{ "première", 1 },  { "premiere", 1 },	 { "deuxième", 2 },   { "troisième", 3 },  { "quatrième", 4 },
	{ "cinquième", 5 }, { "sixième", 6 },	 { "septième", 7 },   { "huitième", 8 },   { "primero", 1 },
	{ "primera", 1 },   { "segundo", 2 },	 { "segunda", 2 },    { "tercero", 3 },	   { "tercera", 3 },
	{ "cuarto", 4 },    { "cuarta", 4 },	 { "quinto", 5 },     { "quinta", 5 },	   { "primo", 1 },
	{ "prima", 1 },	    { "secondo", 2 },	 { "seconda", 2 },    { "terzo", 3 },	   { "terza", 3 },
	{ "primeiro", 1 },  { "primeira", 1 },	 { "terceiro", 3 },   { "terceira", 3 },   { "único", 1 },
	{ "preliminar", 1 },
};

/* A word of ASCII letters and bytes beyond it, '-' and one '.' at its end. */
static size_t
mark_word(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') || (unsigned char)p[i] >= 0xc3 ||
			 ((unsigned char)p[i] >= 0x80 && (unsigned char)p[i] < 0xc0) || (p[i] == '-' && i)))
		i++;
	return i;
}

/* p[0, n) is `name` whatever its case; É and é of two bytes too. */
static bool
mark_same(const char *p, size_t n, const char *name)
{
	if (n != strlen(name))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i], d = (unsigned char)name[i];

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		else if (c >= 0x80 && c < 0xa0 && i && (unsigned char)p[i - 1] == 0xc3)
			c |= 0x20;
		if (c != d)
			return false;
	}
	return true;
}

static mark_type
mark_name(const char *p, size_t n)
{
	for (size_t i = 0; i < countof(mark_names); i++)
		if (mark_same(p, n, mark_names[i].name))
			return mark_names[i].type;
	return MARK_NONE;
}

static uint32_t
mark_spoken(const char *p, size_t n)
{
	for (size_t i = 0; i < countof(mark_words); i++)
		if (mark_same(p, n, mark_words[i].name))
			return mark_words[i].value;
	return 0;
}

static size_t
mark_spaces(const char *p, size_t n)
{
	size_t i = 0;

	for (;;)
		if (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r'))
			i++;
		else if (i + 3 <= n && !memcmp(p + i, "\xe3\x80\x80", 3)) /* ideographic */
			i += 3;
		else if (i + 2 <= n && !memcmp(p + i, "\xc2\xa0", 2))
			i += 2;
		else
			return i;
}

static size_t
mark_digits(const char *p, size_t n, uint32_t *value)
{
	size_t i = 0;

	for (*value = 0; i < n && i < 6 && p[i] >= '0' && p[i] <= '9'; i++)
		*value = *value * 10 + (uint32_t)(p[i] - '0');
	return i < n && p[i] >= '0' && p[i] <= '9' ? 0 : i;
}

/* A Roman number of one case, written as Romans are (so that "mix" and "civil" are none). */
static size_t
mark_roman(const char *p, size_t n, uint32_t *value)
{
	static const struct {
		const char *upper, *lower;
		uint32_t value;
	} parts[] = {
		{ "C", "c", 100 }, { "XC", "xc", 90 }, { "L", "l", 50 }, { "XL", "xl", 40 }, { "X", "x", 10 },
		{ "IX", "ix", 9 }, { "V", "v", 5 },    { "IV", "iv", 4 }, { "I", "i", 1 },
	};
	bool lower = n && p[0] >= 'a';
	size_t i = 0;

	*value = 0;
	for (size_t k = 0; k < countof(parts); k++) {
		const char *s = lower ? parts[k].lower : parts[k].upper;
		size_t len = strlen(s), most = len == 1 && k % 4 == 0 ? 3 : 1;

		for (; most && i + len <= n && !memcmp(p + i, s, len); most--) {
			*value += parts[k].value;
			i += len;
		}
	}
	return i;
}

static bool
mark_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* 5  5a  5bis  4.2  102(b)  12 Abs. 3 */
static size_t
mark_arabic(const char *p, size_t n, mark_number *out)
{
	size_t i = mark_digits(p, n, &out->major), k;

	if (!i)
		return 0;
	if (i + 1 < n && (p[i] == '.' || p[i] == '-') && (k = mark_digits(p + i + 1, n - i - 1, &out->minor)) > 0)
		i += 1 + k;
	while (i + 1 < n && (p[i] == '.' || p[i] == '-') && p[i + 1] >= '0' && p[i + 1] <= '9') /* 1-1001.04 */
		for (i++; i < n && p[i] >= '0' && p[i] <= '9';)
			i++;
	if (i < n && mark_is_letter(p[i]) && (unsigned char)p[i] < 0x80) {
		k = mark_word(p + i, n - i);
		if (k == 1)
			out->letter = 1 + (uint32_t)((p[i] | 0x20) - 'a');
		else if (k == 2 && word_starts(p + i, p + n, "er")) /* Article 1er */
			out->letter = 0;
		else if (k <= 6 && (word_starts(p + i, p + n, "bis") || word_starts(p + i, p + n, "ter") ||
				    word_starts(p + i, p + n, "qua")))
			out->letter = (p[i] | 0x20) == 'b' ? 1 : (p[i] | 0x20) == 't' ? 2 : 3;
		else
			return 0;
		i += k;
	} else if (i + 1 < n && (!memcmp(p + i, "\xc2\xba", 2) || !memcmp(p + i, "\xc2\xb0", 2))) {
		i += 2; /* Artigo 1º */
	}
	while (i + 2 < n && p[i] == '(' && (k = i + 1) < n) {
		while (k < n && k - i < 6 && p[k] != ')' && p[k] != ' ')
			k++;
		if (k >= n || p[k] != ')')
			break;
		i = k + 1;
	}
	if (i + 7 <= n && !memcmp(p + i, " Abs. ", 6) && p[i + 6] >= '0' && p[i + 6] <= '9')
		for (i += 6; i < n && p[i] >= '0' && p[i] <= '9';)
			i++;
	return i;
}

/* What a name is followed by. */
static size_t
mark_after_name(const char *p, size_t n, mark_number *out)
{
	size_t word = mark_word(p, n), i;

	if (n && p[0] >= '0' && p[0] <= '9')
		return mark_arabic(p, n, out);
	i = mark_roman(p, n, &out->major);
	if (i && i == word)
		return i;
	if (i && i + 1 == word && p[i] >= 'A' && p[i] <= 'Z' && i > 1) { /* IIA */
		out->letter = 1 + (uint32_t)(p[i] - 'A');
		return word;
	}
	out->major = mark_spoken(p, word);
	if (out->major)
		return word;
	if (word == 1 && p[0] >= 'A' && p[0] <= 'Z') { /* Part A */
		out->major = 1 + (uint32_t)(p[0] - 'A');
		return 1;
	}
	return 0;
}

/* What stands behind name and number. */
static void
mark_rest(mark *m, const char *p, size_t n)
{
	static const char *const marks[] = { ".", ":", "-", "—", "–", "：", "、", "．" };
	size_t i = m->n, k = mark_spaces(p + i, n - i);

	m->spaced = k > 0 || i == n;
	i += k;
	for (size_t s = 0; s < countof(marks); s++) {
		size_t len = strlen(marks[s]);

		if (i + len <= n && !memcmp(p + i, marks[s], len)) {
			m->separator = true;
			i += len;
			s = (size_t)-1; /* ".-" and the like */
		}
	}
	m->rest = (uint32_t)(i + mark_spaces(p + i, n - i));
	m->separator &= m->rest == n || m->rest > i || (unsigned char)p[i] >= 0x80 || (p[i] >= 'A' && p[i] <= 'Z');
}

/* Article 5, PART TWO, Annex */
static mark
mark_named(const char *p, size_t n)
{
	size_t word = mark_word(p, n), i;
	mark m = { 0 };

	if (word < n && p[word] == '.' && word <= 3)
		word++;
	m.type = word > 15 ? MARK_NONE : mark_name(p, word);
	if (!m.type)
		return m;
	i = word + mark_spaces(p + word, n - word);
	if (i + 1 < n && p[i] == '.' && p[i + 1] == ' ') /* Section. 1. */
		i += 2;
	if (i > word || p[word - 1] == '.') {
		size_t k = mark_after_name(p + i, n - i, &m.number);

		if (k) {
			m.n = (uint32_t)(i + k);
			mark_rest(&m, p, n);
			return m;
		}
	}
	m.bare = m.type == MARK_ANNEX && i == n;
	m.n = (uint32_t)word;
	m.rest = (uint32_t)n;
	m.spaced = true;
	if (!m.bare)
		m.type = MARK_NONE;
	return m;
}

/* Erster Teil, 2. Abschnitt, FIRST SCHEDULE, Première partie */
static mark
mark_ordinal(const char *p, size_t n)
{
	size_t i = 0, word = mark_word(p, n);
	mark m = { 0 };

	if (p[0] >= '0' && p[0] <= '9') {
		i = mark_digits(p, n, &m.number.major);
		if (!i || i + 1 >= n || p[i] != '.')
			return m;
		i++;
	} else {
		m.number.major = mark_spoken(p, word);
		i = word;
	}
	if (!m.number.major || i >= n || p[i] != ' ')
		return m;
	i++;
	word = mark_word(p + i, n - i);
	m.type = mark_name(p + i, word);
	m.n = (uint32_t)(i + word);
	mark_rest(&m, p, n);
	return m;
}

static mark
mark_sign(const char *p, size_t n)
{
	size_t i = 2, k;
	mark m = { 0 };

	if (i + 2 <= n && !memcmp(p + i, "\xc2\xa7", 2))
		i += 2;
	i += mark_spaces(p + i, n - i);
	k = mark_arabic(p + i, n - i, &m.number);
	if (!k)
		return m;
	m.type = MARK_SIGN;
	m.n = (uint32_t)(i + k);
	mark_rest(&m, p, n);
	return m;
}

/* (a) (1) (iv) (3A) (aa), and a) */
static mark
mark_paren(const char *p, size_t n)
{
	size_t from = p[0] == '(', i = from, k;
	mark m = { 0 };

	while (i < n && i - from < 6 && ((p[i] >= '0' && p[i] <= '9') || (mark_is_letter(p[i]) && (unsigned char)p[i] < 0x80)))
		i++;
	if (i == from || i >= n || p[i] != ')' || (i + 1 < n && p[i + 1] != ' ' && p[i + 1] != '\t'))
		return m;
	m.n = (uint32_t)i + 1;
	k = mark_digits(p + from, i - from, &m.number.major);
	if (k && from) {
		if (k + 1 == i - from)
			m.number.letter = 1 + (uint32_t)((p[i - 1] | 0x20) - 'a');
		m.type = k + 1 < i - from ? MARK_NONE : MARK_PAREN_NUMBER;
	} else if (!k && (i - from == 1 || (i - from == 2 && p[from] == p[from + 1]))) {
		bool upper = p[from] <= 'Z';

		m.type = !from ? (upper ? MARK_NONE : MARK_HALF_LOWER) : upper ? MARK_PAREN_UPPER : MARK_PAREN_LOWER;
		m.number.major = 1 + (uint32_t)((p[from] | 0x20) - 'a') + (i - from == 2 ? 26 : 0);
	}
	if (!k && from && mark_roman(p + from, i - from, &m.other_number.major) == i - from) {
		m.other = p[from] <= 'Z' ? MARK_PAREN_ROMAN_UPPER : MARK_PAREN_ROMAN;
		if (!m.type) {
			m.type = m.other;
			m.number = m.other_number;
			m.other = MARK_NONE;
		}
	}
	mark_rest(&m, p, n);
	return m;
}

static mark
mark_dot(const char *p, size_t n)
{
	mark m = { 0 };
	size_t i = mark_digits(p, n, &m.number.major);

	if (!i || i > 3 || i + 1 >= n || p[i] != '.' || (p[i + 1] != ' ' && p[i + 1] != '\t'))
		return m;
	m.type = MARK_DOT_NUMBER;
	m.n = (uint32_t)i + 1;
	mark_rest(&m, p, n);
	return m;
}

/* 12 The Minister may ...: only a number, then a sentence. */
static mark
mark_plain(const char *p, size_t n)
{
	mark m = { 0 };
	size_t i = mark_arabic(p, n, &m.number), k = mark_spaces(p + i, n - i);

	if (!i || i > 8 || !k || n - i < 20 || i + k >= n)
		return m;
	i += k;
	if (!(p[i] >= 'A' && p[i] <= 'Z') && p[i] != '[' && p[i] != '(' && (unsigned char)p[i] != 0xc3)
		return m;
	m.type = MARK_PLAIN;
	m.n = (uint32_t)(i - k);
	m.rest = (uint32_t)i;
	m.spaced = true;
	return m;
}

/* ---- Chinese ------------------------------------------------------------------------ */

/* A Han or Arabic number (perhaps with spaces, as some print it): bytes, 0 for none. */
static size_t
mark_han_number(const char *p, size_t n, uint32_t *value)
{
	static const char digits[] = "〇一二三四五六七八九";
	uint32_t sum = 0, digit = 0;
	size_t i = mark_digits(p, n, value), from;
	bool any = false;

	if (i)
		return i;
	for (i = from = 0; i + 3 <= n; i += mark_spaces(p + i, n - i)) {
		const char *at = NULL;

		for (size_t k = 0; k < 10 && !at; k++)
			at = !memcmp(p + i, digits + 3 * k, 3) ? digits + 3 * k : NULL;
		if (at)
			digit = (uint32_t)(at - digits) / 3;
		else if (!memcmp(p + i, "两", 3))
			digit = 2;
		else if (!memcmp(p + i, "零", 3))
			digit = 0;
		else if (!memcmp(p + i, "十", 3))
			sum += 10 * (digit ? digit : 1), digit = 0;
		else if (!memcmp(p + i, "百", 3))
			sum += 100 * (digit ? digit : 1), digit = 0;
		else if (!memcmp(p + i, "千", 3))
			sum += 1000 * (digit ? digit : 1), digit = 0;
		else
			break;
		any = true;
		i += 3;
		from = i;
	}
	*value = sum + digit;
	return any ? from : 0;
}

/* 第十五条 第三章 第一编 */
static mark
mark_han(const char *p, size_t n)
{
	static const struct {
		const char *name;
		mark_type type;
	} names[] = { { "条", MARK_ARTICLE }, { "章", MARK_CHAPTER },	 { "节", MARK_SECTION },      { "編", MARK_BOOK },
		      { "编", MARK_BOOK },    { "篇", MARK_BOOK },	 { "分编", MARK_PART },	      { "部分", MARK_PART },
		      { "條", MARK_ARTICLE }, { "節", MARK_SECTION } };
	mark m = { 0 };
	size_t i = 3, k;

	i += mark_spaces(p + i, n - i);
	k = mark_han_number(p + i, n - i, &m.number.major);
	if (!k)
		return m;
	i += k;
	i += mark_spaces(p + i, n - i);
	for (k = 0; k < countof(names); k++) {
		size_t len = strlen(names[k].name);

		if (i + len <= n && !memcmp(p + i, names[k].name, len)) {
			m.type = names[k].type;
			m.n = (uint32_t)(i + len);
			break;
		}
	}
	if (m.type == MARK_ARTICLE && m.n + 6 <= n && !memcmp(p + m.n, "之", 3) &&
	    (k = mark_han_number(p + m.n + 3, n - m.n - 3, &m.number.letter)) > 0)
		m.n += (uint32_t)(3 + k);
	if (m.type)
		mark_rest(&m, p, n);
	return m;
}

/* （一） (一) 一、 */
static mark
mark_han_item(const char *p, size_t n)
{
	size_t open = p[0] == '(' ? 1 : !memcmp(p, "（", 3) ? 3 : 0, k;
	mark m = { 0 };

	k = mark_han_number(p + open, n - open, &m.number.major);
	if (!k || (unsigned char)p[open] < 0x80 || open + k >= n)
		return m;
	m.n = (uint32_t)(open + k);
	if (open && p[m.n] == ')')
		m.n++;
	else if (m.n + 3 <= n && !memcmp(p + m.n, open ? "）" : "、", 3))
		m.n += 3;
	else
		return m;
	m.type = open ? MARK_HAN_PAREN : MARK_HAN_COMMA;
	mark_rest(&m, p, n);
	return m;
}

mark
mark_parse(const char *p, size_t n)
{
	unsigned char c = n ? (unsigned char)p[0] : 0;
	mark m = { 0 };

	if ((c >= 'A' && c <= 'Z') || c == 0xc3) {
		m = mark_named(p, n);
		if (!m.type)
			m = mark_ordinal(p, n);
	} else if (c >= '0' && c <= '9') {
		m = mark_ordinal(p, n);
		if (!m.type)
			m = mark_dot(p, n);
		if (!m.type)
			m = mark_plain(p, n);
	} else if (c == '(' || (c >= 'a' && c <= 'z' && n > 1 && (p[1] == ')' || (n > 2 && p[2] == ')')))) {
		m = n > 4 && (unsigned char)p[1] >= 0x80 ? mark_han_item(p, n) : mark_paren(p, n);
	} else if (c >= 0xc2 && n > 3) {
		if (c == 0xc2 && (unsigned char)p[1] == 0xa7)
			m = mark_sign(p, n);
		else if (!memcmp(p, "第", 3))
			m = mark_han(p, n);
		else if (c >= 0xe3)
			m = mark_han_item(p, n);
	}
	return m;
}
