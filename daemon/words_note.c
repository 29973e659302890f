/* words_note.c - what the library says about a query, which it says in English, in the
 * language of the page.  A text that is not in the table stays as it is: tests/daemon/t_note.c
 * looks whether all that the library can say is there. */
#include "daemon/html.h"
#include "daemon/words.h"

enum { HOLES = 4 };

/* {0} to {3} stand for any text, as short as can be, the last one at the end for the rest.
 * The first that fits is taken. */
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
	/* words and operators that cannot be used so */
	{ { "more than {0} words; the rest of the query is ignored", "mehr als {0} Wörter; der Rest der Anfrage bleibt unbeachtet",
	    "超过 {0} 个词；检索式的其余部分已忽略" } },
	{ { "'{0}' (same sentence or paragraph) is not supported yet; both sides are only searched in the same document",
	    "„{0}“: derselbe Satz oder Absatz kann noch nicht verlangt werden; beide Seiten werden nur im selben Dokument gesucht",
	    "“{0}”：尚不支持限定同一句或同一段；两侧仅在同一文件中搜索" } },
	{ { "'{0}' has a number that is too large; {1} is used", "in „{0}“ ist die Zahl zu groß; es gilt {1}", "“{0}”中的数字过大；按 {1} 处理" } },
	{ { "the query is not valid UTF-8; {0} places were replaced", "die Anfrage ist kein gültiges UTF-8; ersetzte Stellen: {0}",
	    "检索式不是有效的 UTF-8；已替换 {0} 处" } },
	{ { "'{0}' works on too many words in parentheses here; read as AND",
	    "„{0}“ verknüpft hier zu viele Wörter in Klammern; gelesen als AND", "“{0}”在此处连接的括号内词过多；按 AND 处理" } },
	{ { "too many NEAR in a row; joined by AND", "zu viele NEAR hintereinander; sie werden durch AND verbunden", "连续的 NEAR 过多；按 AND 连接" } },
	{ { "'{0}' (a regular expression) is not supported yet; read as words",
	    "„{0}“: reguläre Ausdrücke gibt es noch nicht; gesucht werden die Wörter", "“{0}”：尚不支持正则表达式；按普通词搜索" } },
	{ { "'{0}' (a wildcard other than at the end) is not supported yet; read as words",
	    "„{0}“: ein Platzhalter darf noch nur am Ende stehen; gesucht werden die Wörter", "“{0}”：通配符目前只能用在词尾；按普通词搜索" } },
	{ { "wildcards other than at the end of a word (as in go?ern) are not supported yet; read as blanks",
	    "Platzhalter dürfen noch nur am Ende eines Wortes stehen (nicht wie in go?ern); gelesen als Leerzeichen",
	    "通配符目前只能用在词尾（不能如 go?ern）；按空格处理" } },
	{ { "'{0}' has no word in its value; ignored", "in „{0}“ hat der Wert kein Wort; es bleibt unbeachtet", "“{0}”的值中没有词；已忽略" } },
	{ { "'{0}' (search in a section) is not supported yet; what follows is searched in the text",
	    "„{0}“: in einem Abschnitt kann noch nicht gesucht werden; was folgt, wird im Text gesucht",
	    "“{0}”：尚不支持在章节中搜索；其后内容在正文中搜索" } },
	{ { "'{0}' has boosts that multiply to more than {1}, which is used", "in „{0}“ ergeben die Gewichte mehr als {1}; es gilt {1}",
	    "“{0}”中的权重相乘超过 {1}；按 {1} 处理" } },
	{ { "AND, NOT and ranges have no place inside a phrase or NEAR: that part matches nothing",
	    "AND, NOT und Bereiche haben in einer Wortfolge oder in NEAR keinen Platz: dieser Teil findet nichts",
	    "词组或 NEAR 中不能使用 AND、NOT 和范围：该部分没有结果" } },
	{ { "AND, NOT, MAYBE, ranges and * match nothing inside a phrase, NEAR or ADJ",
	    "AND, NOT, MAYBE, Bereiche und * finden in einer Wortfolge, in NEAR und in ADJ nichts",
	    "词组、NEAR 或 ADJ 中的 AND、NOT、MAYBE、范围和 * 没有结果" } },
	{ { "NEAR with more than {0} parts matches nothing", "NEAR mit mehr als {0} Teilen findet nichts", "超过 {0} 个部分的 NEAR 没有结果" } },
	{ { "a phrase or NEAR cannot span different fields: it matches nothing",
	    "eine Wortfolge oder NEAR kann nicht über verschiedene Felder gehen: sie findet nichts", "词组或 NEAR 不能跨越不同字段：没有结果" } },
	{ { "the words of a phrase, NEAR or ADJ are in different fields: it matches nothing",
	    "die Wörter einer Wortfolge, von NEAR oder ADJ stehen in verschiedenen Feldern: sie findet nichts",
	    "词组、NEAR 或 ADJ 的词位于不同字段：没有结果" } },
	/* fields, order, counts */
	{ { "whole values are for metadata fields; for words of the title as written: title:(=\"{0}\")",
	    "ganze Werte gibt es nur in Feldern; für Wörter des Titels, so geschrieben: title:(=\"{0}\")",
	    "整值匹配只用于元数据字段；按原样搜索标题中的词：title:(=\"{0}\")" } },
	{ { "field '{0}' has no order: a range on it matches nothing", "das Feld „{0}“ hat keine Ordnung: ein Bereich findet darin nichts",
	    "字段“{0}”没有顺序：对其使用范围没有结果" } },
	{ { "only the first {0} sort keys are used", "nur nach den ersten {0} Angaben wird sortiert", "只使用前 {0} 个排序字段" } },
	{ { "facet {0}: the latest {1} of {2} periods", "{0}: die letzten {1} von {2} Zeiträumen", "{0}：{2} 个时段中最近的 {1} 个" } },
	{ { "only the first {0} of at least {1} occurrences were sorted", "nur die ersten {0} von mindestens {1} Fundstellen wurden sortiert",
	    "至少 {1} 处匹配中，只对前 {0} 处排序" } },
	{ { "only the first {0} of {1} occurrences were sorted", "nur die ersten {0} von {1} Fundstellen wurden sortiert",
	    "{1} 处匹配中，只对前 {0} 处排序" } },
	{ { "more than {0} occurrences: the rest was not counted", "mehr als {0} Fundstellen: die übrigen wurden nicht gezählt",
	    "匹配超过 {0} 处：其余未计入" } },
	/* time, size */
	{ { "the time limit passed: matches are left out", "die Zeit ist abgelaufen: es fehlen Fundstellen", "已超时：略去部分匹配" } },
	{ { "the time limit passed: some passages are left out", "die Zeit ist abgelaufen: einige Textstellen fehlen", "已超时：略去部分段落" } },
	{ { "the time limit passed: these are the occurrences found until then",
	    "die Zeit ist abgelaufen: dies sind die Fundstellen, die bis dahin gefunden wurden", "已超时：以下是截至此时找到的匹配" } },
	{ { "the time limit of {0} ms passed: these are the best found until then",
	    "die Zeit von {0} ms ist abgelaufen: dies sind die besten, die bis dahin gefunden wurden", "已超过 {0} 毫秒的时限：以下是截至此时找到的最佳结果" } },
	{ { "the time limit passed: these are the best found until then",
	    "die Zeit ist abgelaufen: dies sind die besten, die bis dahin gefunden wurden", "已超时：以下是截至此时找到的最佳结果" } },
	{ { "the time limit was reached: these are the best found until then",
	    "die Zeit ist abgelaufen: dies sind die besten, die bis dahin gefunden wurden", "已超时：以下是截至此时找到的最佳结果" } },
	{ { "the text is cut after {0} characters: ask for the rest by its range",
	    "der Text endet hier nach {0} Zeichen: der Rest ist über seinen Bereich zu haben", "文本在 {0} 个字符后截断：其余部分可按范围获取" } },
	{ { "the index keeps no text of this document", "zu diesem Dokument ist kein Text gespeichert", "索引未保存此文件的文本" } },
	/* databases of Xapian */
	{ { "a Xapian database: the best {0} of {1} documents were read", "eine Xapian-Datenbank: gelesen wurden die besten {0} von {1} Dokumenten",
	    "Xapian 数据库：读取了 {1} 份文件中最佳的 {0} 份" } },
	{ { "a Xapian database is ranked by xapian-bm25: the weight of the title is left out",
	    "eine Xapian-Datenbank wird nach xapian-bm25 geordnet: das Gewicht des Titels zählt nicht", "Xapian 数据库按 xapian-bm25 排序：不计标题权重" } },
	{ { "a Xapian database is ranked by xapian-bm25: {0} is left out",
	    "eine Xapian-Datenbank wird nach xapian-bm25 geordnet: {0} bleibt unbeachtet", "Xapian 数据库按 xapian-bm25 排序：{0} 已忽略" } },
	{ { "patterns are not possible in {0} of this database: nothing matches them",
	    "Muster sind im Feld {0} dieser Datenbank nicht möglich: sie finden nichts", "此数据库的字段 {0} 不支持模式：没有结果" } },
	{ { "this database does not keep capitals and hyphens: ={0} is searched as a word in quotes",
	    "diese Datenbank behält Großschreibung und Bindestriche nicht: ={0} wird wie ein Wort in Anführungszeichen gesucht",
	    "此数据库不保留大小写和连字符：={0} 按带引号的词搜索" } },
	{ { "this database was not made for text without spaces: Chinese and the like may not be found",
	    "diese Datenbank ist nicht für Text ohne Leerzeichen gemacht: Chinesisch und Ähnliches wird vielleicht nicht gefunden",
	    "此数据库不适用于无空格文字：中文等可能搜不到" } },
	{ { "this database keeps no positions: phrases and NEAR match nothing",
	    "diese Datenbank behält nicht, wo Wörter stehen: Wortfolgen und NEAR finden nichts", "此数据库不保存词的位置：词组和 NEAR 没有结果" } },
	{ { "stems have no places in this database: inside phrases and NEAR words match as written",
	    "Wortstämme haben in dieser Datenbank keinen Ort: in Wortfolgen und NEAR zählen die Wörter, wie sie geschrieben sind",
	    "此数据库中的词干没有位置：词组和 NEAR 中按原词匹配" } },
	{ { "values of {0} are not what the mapping says: those that cannot be read are left out",
	    "Werte von {0} sind nicht so, wie die Zuordnung sagt: unlesbare fehlen", "{0} 的值与映射不符：无法读取者已略去" } },
	{ { "partial: shard {0} of {1} ({2}) is missing: {3}", "unvollständig: Teil {0} von {1} ({2}) fehlt: {3}",
	    "结果不完整：分片 {0}/{1}（{2}）缺失：{3}" } },
	{ { "partial: {0}", "unvollständig: {0}", "结果不完整：{0}" } },
	/* what begins with any text comes last */
	{ { "no field named {0}", "es gibt kein Feld „{0}“", "没有字段“{0}”" } },
	{ { "the text has no ranges", "im Text gibt es keine Bereiche", "正文不支持范围" } },
	{ { "{0} has no ranges", "{0} hat keine Bereiche", "{0} 不支持范围" } },
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

/* In this language; false: its text is not known. */
static bool
put_known(buf *out, words_lang lang, const char *note)
{
	hole holes[HOLES];

	for (size_t i = 0; i < countof(notes); i++) {
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
	return false;
}

bool
words_put_note(buf *out, words_lang lang, const char *note)
{
	static const char of_filter[] = "filter: ";
	static const char *const filter[WORDS_LANGS] = { of_filter, "Filter: ", "筛选条件：" };
	size_t len = out->len, skip = strncmp(note, of_filter, sizeof of_filter - 1) ? 0 : sizeof of_filter - 1;

	if (skip)
		buf_puts(out, filter[lang]);
	if (put_known(out, lang, note + skip))
		return true;
	out->len = len;
	html_text(out, note);
	return lang == WORDS_EN;
}
