/* text_function.c - function words: articles, pronouns, prepositions, auxiliary
 * verbs, conjunctions and question words, which say nothing of what a text is
 * about.  They are indexed and found like all words; only the parser of long
 * questions asks for them.
 */
#include "text/text.h"

/* In the order of their bytes. */
static const char function_words[][8] = {
	"a", "about", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been",
	"being", "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has",
	"have", "he", "her", "here", "his", "how", "i", "if", "in", "into", "is", "it", "its",
	"may", "me", "might", "more", "most", "must", "my", "no", "not", "of", "on", "only", "or",
	"other", "our", "she", "should", "so", "some", "such", "than", "that", "the", "their",
	"then", "there", "these", "they", "this", "to", "was", "we", "were", "what", "when",
	"where", "which", "who", "whom", "whose", "why", "will", "with", "would", "you", "your",
};

bool
text_is_function_word(text_lang lang, const char *term, size_t len)
{
	size_t lo = 0, hi = countof(function_words);

	if (lang != TEXT_LANG_EN || len >= sizeof *function_words)
		return false;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = strncmp(term, function_words[mid], len);

		if (!cmp && !function_words[mid][len])
			return true;
		if (cmp < 0 || !cmp)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}
