/* text_lang.c - languages and stems.
 *
 * The numbers are on disk: entries are only ever added at the end.  A stemmer
 * is made when a language is first asked for and kept in the analyzer; one that
 * libstemmer lacks, or no memory, leaves terms unstemmed.
 */
#include <libstemmer.h>

#include <unicode/uchar.h>

#include "text/text_internal.h"

typedef struct lang_entry {
	const char *code;    /* ISO 639-1 */
	const char *names;   /* other spellings, each between spaces */
	const char *stemmer; /* Snowball's name */
} lang_entry;

static const lang_entry lang_table[] = {
	{ "", "", NULL },
	{ "en", " eng english ", "english" },
	{ "zh", " zho chi chinese cmn yue ", "english" },
	{ "de", " deu ger german deutsch ", "german" },
	{ "fr", " fra fre french ", "french" },
	{ "es", " spa spanish castilian ", "spanish" },
	{ "it", " ita italian ", "italian" },
	{ "pt", " por portuguese ", "portuguese" },
	{ "nl", " nld dut dutch flemish ", "dutch" },
	{ "sv", " swe swedish ", "swedish" },
	{ "da", " dan danish ", "danish" },
	{ "no", " nor norwegian nb nn nob nno bokmal nynorsk ", "norwegian" },
	{ "fi", " fin finnish ", "finnish" },
	{ "hu", " hun hungarian ", "hungarian" },
	{ "ro", " ron rum romanian moldavian mo ", "romanian" },
	{ "ru", " rus russian ", "russian" },
	{ "tr", " tur turkish ", "turkish" },
	{ "ar", " ara arabic ", "arabic" },
	{ "ja", " jpn japanese ", "english" },
	{ "ko", " kor korean ", "english" },
	{ "th", " tha thai ", "english" },
	{ "el", " ell gre greek ", "greek" },
	{ "ca", " cat catalan valencian ", "catalan" },
	{ "eu", " eus baq basque ", "basque" },
	{ "ga", " gle irish ", "irish" },
	{ "lt", " lit lithuanian ", "lithuanian" },
	{ "id", " ind in indonesian ", "indonesian" },
	{ "hi", " hin hindi ", "hindi" },
	{ "ne", " nep nepali ", "nepali" },
	{ "ta", " tam tamil ", "tamil" },
	{ "hy", " hye arm armenian ", "armenian" },
	{ "sr", " srp serbian ", "serbian" },
	{ "yi", " yid ji yiddish ", "yiddish" },
	{ "pl", " pol polish ", "english" },
	{ "cs", " ces cze czech ", "english" },
	{ "uk", " ukr ukrainian ", "english" },
	{ "bg", " bul bulgarian ", "english" },
	{ "he", " heb iw hebrew ", "english" },
	{ "fa", " fas per persian farsi ", "english" },
	{ "vi", " vie vietnamese ", "english" },
	{ "hr", " hrv croatian bs bos bosnian ", "english" },
	{ "sk", " slk slo slovak ", "english" },
	{ "sl", " slv slovenian slovene ", "english" },
	{ "et", " est estonian ", "english" },
	{ "lv", " lav latvian ", "english" },
	{ "mt", " mlt maltese ", "english" },
	{ "is", " isl ice icelandic ", "english" },
	{ "ms", " msa may malay ", "english" },
	{ "bn", " ben bengali ", "english" },
	{ "ur", " urd urdu ", "english" },
	{ "mk", " mkd mac macedonian ", "english" },
	{ "be", " bel belarusian ", "english" },
	{ "sq", " sqi alb albanian ", "english" },
	{ "ka", " kat geo georgian ", "english" },
	{ "km", " khm khmer ", "english" },
	{ "lo", " lao ", "english" },
	{ "my", " mya bur burmese myanmar ", "english" },
	{ "cy", " cym wel welsh ", "english" },
};

_Static_assert(countof(lang_table) <= TEXT_LANG_COUNT_MAX, "too many languages");

unsigned
text_lang_count(void)
{
	return countof(lang_table);
}

const char *
text_lang_code(text_lang lang)
{
	return lang < countof(lang_table) ? lang_table[lang].code : "";
}

text_lang
text_lang_id(const char *code, size_t len)
{
	char key[20] = " ";
	size_t n = 0, i;

	for (; n < len && n < sizeof key - 3; n++) {
		uint8_t b = (uint8_t)code[n];
		if (b >= 'A' && b <= 'Z')
			b |= 0x20;
		if (b < 'a' || b > 'z')
			break;
		key[n + 1] = (char)b;
	}
	/* a subtag may follow, nothing else */
	if (n < 2 || (n < len && !strchr("-_.@", code[n])) || (n < len && code[n] == '\0'))
		return TEXT_LANG_NONE;
	key[n + 1] = '\0';
	for (i = 1; i < countof(lang_table); i++)
		if (!strcmp(lang_table[i].code, key + 1))
			return (text_lang)i;
	key[n + 1] = ' ';
	key[n + 2] = '\0';
	for (i = 1; i < countof(lang_table); i++)
		if (strstr(lang_table[i].names, key))
			return (text_lang)i;
	return TEXT_LANG_NONE;
}

/* Letters, marks and apostrophes only: what a stemmer understands. */
static bool
lang_is_word(const char *term, size_t len, bool *ascii)
{
	const char *p = term, *end = term + len;

	*ascii = true;
	while (p < end) {
		uint32_t c = text_decode(&p, end);

		if (c < 0x80) {
			if ((c | 0x20) - 'a' >= 26u && c != '\'')
				return false;
			continue;
		}
		*ascii = false;
		if (c < 0xc0 || c == 0x2026 || text_is_cjk(c))
			if (c != 0xb5 && c != 0xb7 && c != 0xaa && c != 0xba)
				return false;
		if (c >= 0x660 && u_isdigit((UChar32)c))
			return false;
	}
	return true;
}

/* libstemmer's Romanian knows s and t with a cedilla; texts have the comma. */
static size_t
lang_romanian(const char *term, size_t len, char *out)
{
	size_t i;

	memcpy(out, term, len);
	for (i = 0; i + 1 < len; i++) {
		if ((uint8_t)out[i] != 0xc8)
			continue;
		if ((uint8_t)out[i + 1] == 0x99) /* U+0219 -> U+015F */
			memcpy(out + i, "\xc5\x9f", 2);
		else if ((uint8_t)out[i + 1] == 0x9b) /* U+021B -> U+0163 */
			memcpy(out + i, "\xc5\xa3", 2);
	}
	return len;
}

static struct sb_stemmer *
lang_stemmer(text_analyzer *an, text_lang lang)
{
	const char *name = lang_table[lang].stemmer;

	/* one English stemmer for all that use it */
	if (lang != TEXT_LANG_EN && !strcmp(name, lang_table[TEXT_LANG_EN].stemmer))
		lang = TEXT_LANG_EN;
	if (!an->stemmers[lang])
		an->stemmers[lang] = sb_stemmer_new(name, "UTF_8");
	return an->stemmers[lang];
}

/* Snowball's English leaves the s of a word without vowels (RXRs, PCBs, MPs),
 * for it asks for a vowel before it; these are plurals of abbreviations. */
static size_t
lang_abbreviations(const char *stem, size_t n)
{
	if (n < 3 || stem[n - 1] != 's' || stem[n - 2] == 's')
		return n;
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)stem[i] < 'a' || stem[i] > 'z' || strchr("aeiouy", stem[i]))
			return n;
	return n - 1;
}

size_t
text_stem(text_analyzer *an, text_lang lang, const char *term, size_t len, char *out)
{
	struct sb_stemmer *stemmer;
	const sb_symbol *stem;
	char tmp[TEXT_TERM_MAX];
	bool ascii;
	int n;

	len = min_size(len, TEXT_TERM_MAX);
	if (lang == TEXT_LANG_NONE || lang >= countof(lang_table) ||
	    !lang_is_word(term, len, &ascii))
		return text_fold(term, len, out);
	/* English for another language's foreign words: these are ASCII */
	if (!ascii && lang != TEXT_LANG_EN && !strcmp(lang_table[lang].stemmer, "english"))
		return text_fold(term, len, out);
	stemmer = lang_stemmer(an, lang);
	if (!stemmer)
		return text_fold(term, len, out);
	if (!strcmp(lang_table[lang].code, "ro")) {
		len = lang_romanian(term, len, tmp);
		term = tmp;
	}
	stem = sb_stemmer_stem(stemmer, (const sb_symbol *)term, (int)len);
	n = sb_stemmer_length(stemmer);
	if (!stem || n <= 0)
		return text_fold(term, len, out);
	if (ascii && !strcmp(lang_table[lang].stemmer, "english"))
		n = (int)lang_abbreviations((const char *)stem, (size_t)n);
	return text_fold((const char *)stem, (size_t)n, out);
}
