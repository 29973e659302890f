/* fz_text.c - any bytes through sanitize, tokenize, fold, stem and detect: no
 * crash, and what text.h promises of every token. */
#include <stdlib.h>

#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool ok)
{
	if (!ok)
		abort();
}

static void
check_token(text_analyzer *an, const char *s, size_t n, const text_token *t, text_lang lang)
{
	char out[2 * TEXT_TERM_MAX];
	size_t len;

	require(t->start < t->end && t->end <= n);
	require(t->len > 0 && t->width > 0 && t->kind <= TEXT_JOINED && t->form <= TEXT_FORM_OTHER);
	len = text_fold(t->term, t->len, out);
	require(len > 0 && len <= TEXT_TERM_MAX);
	require(((t->flags & TEXT_ACCENT) != 0) ==
		(len != t->len || memcmp(out, t->term, len) != 0) || t->kind == TEXT_JOINED);
	len = text_stem(an, lang, t->term, t->len, out);
	require(len > 0 && len <= TEXT_TERM_MAX);
	if (t->form != TEXT_FORM_OTHER) {
		len = text_raw_form(t->term, t->len, (text_form)t->form, out);
		require(len == t->end - t->start && !memcmp(out, s + t->start, len));
	}
}

static void
run(text_analyzer *an, const char *s, size_t n, text_lang lang)
{
	text_token a[2 * TEXT_JOIN_MAX];
	uint32_t pos = 5;
	size_t k, i;

	text_begin(an, s, n, pos);
	while ((k = text_next(an, a, countof(a))) > 0) {
		for (i = 0; i < k; i++) {
			check_token(an, s, n, &a[i], lang);
			require(a[i].kind == TEXT_JOINED ? a[i].pos + a[i].width == pos
							 : a[i].pos == pos++);
		}
	}
	require(text_next_pos(an) == pos);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	text_analyzer *an = text_analyzer_new(NULL);
	const char *view;
	text_clean clean;
	text_lang lang;
	size_t len;
	buf out;

	char tmp[2 * TEXT_TERM_MAX];

	if (!an)
		return 0;
	require(text_fold((const char *)data, size, tmp) <= TEXT_TERM_MAX);
	buf_init(&out);
	if (text_sanitize((const char *)data, size, &out, &view, &len, &clean, NULL) == CDG_OK) {
		lang = size ? (text_lang)(data[0] % text_lang_count()) : 0;
		text_detect(an, view, len);
		run(an, view, len, lang);
		text_force_unicode(an, true);
		run(an, (const char *)data, size, lang);
	}
	buf_fini(&out);
	text_analyzer_free(an);
	return 0;
}
