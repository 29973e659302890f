/* words_note.c - what the library says about a query, which it says in English, in the
 * language of the page.  What is not in the table stays as it is. */
#include "daemon/html.h"
#include "daemon/words.h"

enum { HOLES = 3 };

/* {0} to {2} stand for any text, as short as can be, the last one at the end for the rest. */
static const struct {
	const char *text[WORDS_LANGS];
} notes[] = {
	{ { "no document has all {0} words; showing those with up to {1} of them",
	    "kein Dokument hat alle {0} Wörter; gezeigt werden die mit bis zu {1} davon",
	    "没有文件包含全部 {0} 个词；以下文件最多包含其中 {1} 个" } },
	{ { "no document has all {0} words; showing those with {1} of them",
	    "kein Dokument hat alle {0} Wörter; gezeigt werden die mit {1} davon", "没有文件包含全部 {0} 个词；以下文件包含其中 {1} 个" } },
	{ { "a quotation mark is not closed; the phrase goes to the end",
	    "ein Anführungszeichen ist nicht geschlossen; die Wortfolge geht bis zum Ende", "引号未闭合；词组一直延伸到末尾" } },
	{ { "a parenthesis is not closed; it goes to the end", "eine Klammer ist nicht geschlossen; sie geht bis zum Ende",
	    "括号未闭合；一直延伸到末尾" } },
	{ { "a closing parenthesis has no opening one; ignored", "eine schließende Klammer hat keine öffnende; sie bleibt unbeachtet",
	    "右括号没有对应的左括号；已忽略" } },
	{ { "'{0}' has nothing to search for; ignored", "in „{0}“ ist nichts zu suchen; es bleibt unbeachtet", "“{0}”中没有可搜索的内容；已忽略" } },
	{ { "'{0}' is an operator without anything to work on here; ignored",
	    "„{0}“ ist ein Operator, der hier nichts zu verknüpfen hat; er bleibt unbeachtet", "“{0}”是运算符，但此处没有对象；已忽略" } },
	{ { "'{0}' is not followed by a value; ignored", "auf „{0}“ folgt kein Wert; es bleibt unbeachtet", "“{0}”之后没有值；已忽略" } },
	{ { "'{0}' has no word between the quotation marks; ignored", "in „{0}“ steht kein Wort zwischen den Anführungszeichen; es bleibt unbeachtet",
	    "“{0}”的引号之间没有词；已忽略" } },
	{ { "'{0}' has nothing between the parentheses; ignored", "in „{0}“ steht nichts zwischen den Klammern; es bleibt unbeachtet",
	    "“{0}”的括号之间没有内容；已忽略" } },
	{ { "'{0}' works on words and phrases of one field; read as AND", "„{0}“ verknüpft Wörter und Wortfolgen eines Feldes; gelesen als AND",
	    "“{0}”只能用于同一字段的词和词组；按 AND 处理" } },
	{ { "'{0}' has more than {1} operands in a row; read as AND", "„{0}“ verknüpft mehr als {1} Teile; gelesen als AND",
	    "“{0}”连接的部分超过 {1} 个；按 AND 处理" } },
	{ { "'{0}' (synonyms) is not supported yet; read as the word itself", "„{0}“: Synonyme gibt es noch nicht; gesucht wird das Wort selbst",
	    "“{0}”：尚不支持同义词；按该词本身搜索" } },
	{ { "'{0}' (similar spelling) is not supported yet; read as the word itself",
	    "„{0}“: ähnliche Schreibweisen gibt es noch nicht; gesucht wird das Wort selbst", "“{0}”：尚不支持近似拼写；按该词本身搜索" } },
	{ { "no field named '{0}' in this index", "es gibt kein Feld „{0}“ in dieser Sammlung", "此文献库没有字段“{0}”" } },
	{ { "cannot sort by '{0}': no such field of values", "nach „{0}“ kann nicht sortiert werden: es gibt kein solches Feld",
	    "无法按“{0}”排序：没有此字段" } },
	{ { "the query is longer than {0} bytes; it is cut", "die Anfrage ist länger als {0} Bytes; der Rest fällt weg",
	    "检索式超过 {0} 字节；已截断" } },
	{ { "nested too deeply; inner parentheses are ignored", "zu viele Klammern ineinander; die inneren bleiben unbeachtet",
	    "括号嵌套过深；内层括号已忽略" } },
};

typedef struct hole {
	const char *at;
	size_t n;
} hole;

/* Whether s is the pattern; what stands in its holes. */
static bool
note_matches(const char *pattern, const char *s, hole *holes)
{
	while (*pattern) {
		size_t n = strcspn(pattern, "{"), after;
		hole *h;
		const char *end;

		if (strncmp(pattern, s, n))
			return false;
		pattern += n;
		s += n;
		if (!*pattern)
			break;
		h = &holes[pattern[1] - '0'];
		pattern += 3;
		after = strcspn(pattern, "{");
		h->at = s;
		h->n = strlen(s);
		if (after) {
			for (end = s; *end && strncmp(end, pattern, after); end++)
				;
			h->n = (size_t)(end - s);
		}
		s += h->n;
	}
	return !*s;
}

bool
words_put_note(buf *out, words_lang lang, const char *note)
{
	hole holes[HOLES];

	for (size_t i = 0; lang != WORDS_EN && i < countof(notes); i++) {
		const char *s = notes[i].text[lang];

		if (!note_matches(notes[i].text[WORDS_EN], note, holes))
			continue;
		while (*s) {
			size_t n = strcspn(s, "{");

			html_text_n(out, s, n);
			s += n;
			if (*s) {
				html_text_n(out, holes[s[1] - '0'].at, holes[s[1] - '0'].n);
				s += 3;
			}
		}
		return true;
	}
	html_text(out, note);
	return lang == WORDS_EN;
}
