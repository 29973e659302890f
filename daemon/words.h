/* words.h - the texts of the page, in each of its languages.
 *
 * words_en.c, words_de.c and words_zh.c have a table each, in the order of nothing but their
 * names.  {0} and {1} stand for what is put in. */
#ifndef DAEMON_WORDS_H
#define DAEMON_WORDS_H

#include "base/buf.h"

typedef enum words_lang { WORDS_EN, WORDS_DE, WORDS_ZH, WORDS_LANGS } words_lang;

#define WORDS_LIST(X) \
	X(SKIP) X(SEARCH) X(SEARCH_LABEL) X(CLEAR) X(ADVANCED) X(HELP) X(HOME) X(LANGUAGE_OF_PAGE) X(COLLECTIONS) \
	X(INTRO) X(INTRO_ONE) X(EXAMPLES) X(TRY) \
	X(FOUND_NONE) X(FOUND_ONE) X(FOUND) X(FOUND_LEAST) X(SHOWING) X(SECONDS) X(MILLISECONDS) X(UNDERSTOOD) \
	X(NOTES) X(TIMED_OUT) X(DID_YOU_MEAN) X(NONE_HINT) X(NONE_FILTERS) \
	X(SORT) X(BY_RELEVANCE) X(BY_NEWEST) X(BY_OLDEST) X(VIEW) X(VIEW_LIST) X(VIEW_KWIC) \
	X(FILTERS) X(ACTIVE_FILTERS) X(REMOVE_FILTER) X(REMOVE_ALL) X(TO_FILTERS) X(MORE_VALUES) X(FEWER_VALUES) X(NO_DATE) \
	X(TIMELINE) X(TIMELINE_BAR) X(TIMELINE_MONTHS) X(TIMELINE_YEAR) X(TIMELINE_ALL) X(TIMELINE_BEFORE) X(RESULTS) X(PASSAGES) X(PAGE_NO) X(OPEN_ORIGINAL) X(ORIGINAL) X(AT_PAGE) X(MATCH_IN_TITLE) \
	X(UNTITLED) X(PAGING) X(PREVIOUS) X(NEXT) X(PAGE_N) X(EXPORT) X(EXPORT_LIMIT) \
	X(F_LANG) X(F_TYPE) X(F_FORMAT) X(F_JURISDICTION) X(F_COUNTRY) X(F_COLLECTION) X(F_CATEGORY) X(F_STATUS) X(F_YEAR) \
	X(F_DATE) X(F_AUTHOR) X(F_SECTION) X(F_NUMBER) X(F_HIERARCHY) X(F_PATH) X(F_SOURCE) X(F_AGENCY) X(F_SPEAKER) \
	X(F_PAGES) X(F_ID) X(F_URL) X(F_DESCRIPTION) \
	X(DOC_BACK) X(DOC_MATCHES) X(DOC_MATCH_ONE) X(DOC_NO_MATCH) X(DOC_MATCHES_OF) X(DOC_MATCH_N) X(DOC_FIND) X(DOC_PREV) X(DOC_NEXT) X(DOC_OUTLINE) \
	X(DOC_ABOUT) X(DOC_CITE) X(CITE_PLAIN) X(CITE_BIBTEX) X(COPY) X(COPIED) X(DOC_TEXT) X(DOC_EMPTY) X(DOC_PART) \
	X(DOC_PART_PREV) X(DOC_PART_NEXT) X(DOC_QUERY) X(DOC_ACCESSED) X(DOC_MANY) \
	X(ADV_INTRO) X(ADV_ALL) X(ADV_ALL_HINT) X(ADV_PHRASE) X(ADV_PHRASE_HINT) X(ADV_ANY) X(ADV_ANY_HINT) X(ADV_NONE) \
	X(ADV_NONE_HINT) X(ADV_NEAR) X(ADV_NEAR_A) X(ADV_NEAR_B) X(ADV_NEAR_N) X(ADV_TITLE) X(ADV_FROM) X(ADV_TO) \
	X(ADV_DATE_HINT) X(ADV_LANG) X(ADV_TYPE) X(ADV_WORDS) X(ADV_WHERE) X(ADV_ANY_VALUE) X(ADV_GO) \
	X(KWIC_SORT) X(KWIC_LEFT) X(KWIC_RIGHT) X(KWIC_ORDER) X(KWIC_CAPTION) X(KWIC_COL_LEFT) X(KWIC_COL_MATCH) \
	X(KWIC_COL_RIGHT) X(KWIC_COL_DOC) X(KWIC_LINES) X(KWIC_LINE_ONE) X(KWIC_CUT) \
	X(HELP_TITLE) X(HELP_QUERY) X(HELP_KEYS) X(HELP_KEYS_ON) X(PROBLEM_BACK) X(PROBLEM_TITLE) X(PROBLEM_404) X(PROBLEM_503) X(PROBLEM_400) \
	X(EX_WORDS) X(EX_PHRASE) X(EX_OR) X(EX_NOT) X(EX_NEAR) X(EX_PREFIX) X(EX_TITLE) X(EX_DATE) \
	X(SUGGESTIONS) X(SUGGEST_COUNT) X(SUGGEST_NONE) X(COLOPHON) X(DOCUMENTS)

#define WORDS_ID(x) W_##x,
typedef enum word_id { WORDS_LIST(WORDS_ID) WORDS_COUNT } word_id;
#undef WORDS_ID

extern const char *const words_en[WORDS_COUNT], *const words_de[WORDS_COUNT], *const words_zh[WORDS_COUNT];

/* The language of a code or a range ("de-AT"), WORDS_LANGS if it is none of ours. */
words_lang words_find(const char *code, size_t n);
/* The one that Accept-Language (NULL: none) weighs most; otherwise `otherwise`. */
words_lang words_accept(const char *accept, words_lang otherwise);
/* "en", "de", "zh". */
const char *words_code(words_lang lang);

const char *words_get(words_lang lang, word_id id);
/* The text with what {0} and {1} stand for, escaped (html.h); NULL: nothing. */
void words_put(buf *out, words_lang lang, word_id id, const char *a, const char *b);
/* A note of the library, escaped, in this language if its text is known; false: in English. */
bool words_put_note(buf *out, words_lang lang, const char *note);
/* A number as the language writes it: 86,693 or 86.693. */
const char *words_number(words_lang lang, uint64_t n, char *to, size_t cap);
/* The name of the language of a code, the code itself if there is none. */
const char *words_language(words_lang lang, const char *code, char *to, size_t cap);

#endif
