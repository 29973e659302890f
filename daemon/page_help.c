/* page_help.c - how to search, for those who do. */
#include "daemon/page.h"

typedef struct help_row {
	const char *query; /* NULL: a heading */
	const char *text[WORDS_LANGS];
} help_row;

static const help_row rows[] = {
	{ NULL, { "Words", "Wörter", "词语" } },
	{ "supply chain", { "All words, in any form (supplies, chains), anywhere in the document. If no document has all, the best of those with most are shown, and the page says so.",
	  "Alle Wörter, in jeder Form, irgendwo im Dokument. Hat kein Dokument alle, werden die besten mit den meisten gezeigt, und die Seite sagt es.",
	  "包含全部词语（任意词形），位置不限。若没有文件包含全部词语，则显示包含最多者，并加以说明。" } },
	{ "supply OR chain", { "Either word.", "Eines der Wörter.", "任一词语。" } },
	{ "supply -chain", { "The first without the second. NOT is the same.", "Das erste ohne das zweite. NOT bedeutet dasselbe.", "含前者而不含后者，也可写作 NOT。" } },
	{ "govern*", { "Words that begin so.", "Wörter, die so beginnen.", "以此开头的词。" } },
	{ "=US", { "Exactly these letters, capitals and accents included.", "Genau diese Buchstaben, auch Großschreibung und Akzente.", "字母、大小写和重音完全一致。" } },
	{ "经济发展", { "Chinese and other scripts without spaces: found exactly, inside longer text too.",
	  "Chinesisch und andere Schriften ohne Leerzeichen: genau gefunden, auch im Inneren längerer Texte.", "中文等无空格文字：按原样查找，包括长句之中。" } },
	{ NULL, { "Phrases and distance", "Wortfolgen und Abstand", "词组与距离" } },
	{ "\"supply chain\"", { "These words as written, next to each other. Capitals, accents and hyphens do not count.",
	  "Diese Wörter, so geschrieben, nebeneinander. Großschreibung, Akzente und Bindestriche zählen nicht.", "与书写一致且相邻；不区分大小写、重音和连字符。" } },
	{ "\"supply chain\"~3", { "The same, each word up to three places off.", "Dasselbe, jedes Wort bis zu drei Stellen versetzt.", "同上，每个词可偏离至多三个位置。" } },
	{ "\"(supply|demand)-side reform\"", { "Alternatives inside a phrase.", "Alternativen in einer Wortfolge.", "词组中的可选词。" } },
	{ "tax NEAR/5 reform", { "At most five words apart, in any order; ADJ/5 in this order.", "Höchstens fünf Wörter auseinander, Reihenfolge beliebig; ADJ/5 in dieser Reihenfolge.", "间隔至多五个词，顺序不限；ADJ/5 则按此顺序。" } },
	{ NULL, { "Where and when", "Wo und wann", "范围与时间" } },
	{ "title:reform", { "In the title.", "Im Titel.", "在标题中。" } },
	{ "date:2013..2018", { "A date in these years; either end may be left out. 2015-06 is a month.", "Ein Datum in diesen Jahren; ein Ende darf fehlen. 2015-06 ist ein Monat.", "日期在此区间，一端可省略；2015-06 表示某月。" } },
	{ "lang:en", { "The language of the document.", "Die Sprache des Dokuments.", "文件语言。" } },
	{ "type:(law|plan)", { "A field of the document that has either value.", "Ein Feld des Dokuments, das einen der Werte hat.", "字段含任一值。" } },
	{ "path:laws/", { "Files below a folder of this name.", "Dateien unter einem Ordner dieses Namens.", "位于该文件夹之下的文件。" } },
	{ NULL, { "Putting it together", "Zusammensetzen", "组合" } },
	{ "(water OR energy) AND \"climate change\" -title:report", { "Parentheses group. AND, OR, NOT and NEAR need capitals; in small letters they are words like others.",
	  "Klammern fassen zusammen. AND, OR, NOT und NEAR brauchen Großbuchstaben; klein geschrieben sind sie Wörter wie andere.", "括号用于分组。AND、OR、NOT、NEAR 须大写；小写时视为普通词。" } },
	{ "water^3 energy", { "The first weighs three times as much in the order.", "Das erste zählt in der Reihenfolge dreifach.", "排序时前者权重为三倍。" } },
};

static const help_row keys[] = {
	{ "/", { "To the search box", "Zum Suchfeld", "跳到搜索框" } },
	{ "\xe2\x86\x93 \xe2\x86\x91", { "Through the suggestions; Enter takes one, Esc closes them", "Durch die Vorschläge; Enter nimmt einen, Esc schließt sie", "选择建议；回车采用，Esc 关闭" } },
	{ "n  p", { "To the next, previous match in a document", "Zur nächsten, vorigen Fundstelle in einem Dokument", "文件中的下一处、上一处匹配" } },
};

static void
put_rows(page *p, const help_row *r, size_t n, bool links)
{
	bool open = false;

	for (size_t i = 0; i < n; i++) {
		if (!r[i].query) {
			page_put(p, open ? "</dl>\n<h2>" : "<h2>");
			page_text(p, r[i].text[p->lang]);
			page_put(p, "</h2>\n<dl>\n");
			open = true;
			continue;
		}
		page_put(p, "<div><dt>");
		if (links) {
			page_put(p, "<a href=\"");
			page_put_link(p, &(page_link){ .path = "/search", .set = { { "q", r[i].query }, { "sort", NULL } }, .no_filters = true });
			page_put(p, "\"><code>");
		} else {
			page_put(p, "<kbd>");
		}
		page_text(p, r[i].query);
		page_put(p, links ? "</code></a></dt><dd>" : "</kbd></dt><dd>");
		page_text(p, r[i].text[p->lang]);
		page_put(p, "</dd></div>\n");
	}
	page_put(p, open ? "</dl>\n" : "");
}

void
page_help(web_call *c)
{
	page p;

	page_init(&p, c);
	page_begin(&p, page_word(&p, W_HELP_TITLE), true);
	page_put(&p, "<div class=\"help\">\n<h1>");
	page_say(&p, W_HELP_TITLE, NULL, NULL);
	page_put(&p, "</h1>\n");
	put_rows(&p, rows, countof(rows), true);
	page_put(&p, "<h2>");
	page_say(&p, W_HELP_KEYS, NULL, NULL);
	page_put(&p, "</h2>\n<dl>\n");
	put_rows(&p, keys, countof(keys), false);
	page_put(&p, "</dl>\n<p class=\"keys\" data-keys=\"");
	page_text(&p, page_word(&p, W_HELP_KEYS_ON));
	page_put(&p, "\"></p>\n</div>\n");
	page_end(&p);
}
