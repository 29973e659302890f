/* words.c - which language the page speaks, and how it fills in its texts. */
#include "daemon/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "daemon/html.h"

static const char *const codes[WORDS_LANGS] = { "en", "de", "zh" };

words_lang
words_find(const char *code, size_t n)
{
	for (int i = 0; i < WORDS_LANGS; i++)
		if (n >= 2 && !strncasecmp(code, codes[i], 2) && (n == 2 || code[2] == '-' || code[2] == '_'))
			return (words_lang)i;
	return WORDS_LANGS;
}

words_lang
words_accept(const char *accept, words_lang otherwise)
{
	double best = 0;

	while (accept && *accept) {
		size_t n = strcspn(accept, ","), name = strcspn(accept, ",; \t");
		const char *q = memchr(accept, ';', n);
		words_lang lang = words_find(accept, name);
		double weight = 1;

		q = q ? q + 1 + strspn(q + 1, " \t") : NULL;
		if (q && (*q == 'q' || *q == 'Q') && q[1] == '=')
			weight = strtod(q + 2, NULL);
		if (lang != WORDS_LANGS && weight > best) {
			best = weight;
			otherwise = lang;
		}
		accept += n;
		accept += strspn(accept, ", \t");
	}
	return otherwise;
}

const char *
words_code(words_lang lang)
{
	return codes[lang];
}

const char *
words_get(words_lang lang, word_id id)
{
	static const char *const *const tables[WORDS_LANGS] = { words_en, words_de, words_zh };
	const char *s = tables[lang][id];

	return s ? s : words_en[id];
}

void
words_put(buf *out, words_lang lang, word_id id, const char *a, const char *b)
{
	const char *s = words_get(lang, id);

	while (*s) {
		size_t n = strcspn(s, "{");

		html_text_n(out, s, n);
		s += n;
		if (!*s)
			return;
		if ((s[1] == '0' || s[1] == '1') && s[2] == '}') {
			const char *with = s[1] == '0' ? a : b;

			if (with)
				html_text(out, with);
			s += 3;
		} else {
			buf_puts(out, "{");
			s++;
		}
	}
}

const char *
words_number(words_lang lang, uint64_t n, char *to, size_t cap)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	size_t at = 0;

	for (int i = 0; i < len && at + 2 < cap; i++) {
		if (i && (len - i) % 3 == 0)
			to[at++] = lang == WORDS_DE ? '.' : ',';
		to[at++] = digits[i];
	}
	to[at] = 0;
	return to;
}

const char *
words_language(words_lang lang, const char *code, char *to, size_t cap)
{
	UErrorCode err = U_ZERO_ERROR;
	UChar name[64];
	int32_t n = uloc_getDisplayLanguage(code, codes[lang], name, 64, &err), len = 0;

	if (U_FAILURE(err) || n <= 0 || n >= 64)
		return code;
	u_strToUTF8(to, (int32_t)cap, &len, name, n, &err);
	return U_FAILURE(err) || (size_t)len >= cap ? code : to;
}
