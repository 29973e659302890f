/* docx_list.c - word/numbering.xml, and the numbers of paragraphs: laws written with a
 * word processor have "Article 5" and "(a)" nowhere but there.
 *
 * A num refers to an abstract list and may begin some levels anew; paragraphs count in
 * the abstract list, so that two nums of one list go on where the other stopped. */
#include "extract/reader/docx.h"

enum { LISTS_MAX = 50000 };

enum {
	L_ABSTRACT = 1,
	L_ABSTRACT_REF,
	L_LEVEL,
	L_START,
	L_FORMAT,
	L_TEXT,
	L_RESTART,
	L_LEGAL,
	L_STYLE,
	L_LINK,
	L_NUM,
	L_OVERRIDE,
	L_START_OVERRIDE
};

static const part_word list_words[] = {
	{ "abstractNum", OPC_WORD, L_ABSTRACT },
	{ "abstractNumId", OPC_WORD, L_ABSTRACT_REF },
	{ "isLgl", OPC_WORD, L_LEGAL },
	{ "lvl", OPC_WORD, L_LEVEL },
	{ "lvlOverride", OPC_WORD, L_OVERRIDE },
	{ "lvlRestart", OPC_WORD, L_RESTART },
	{ "lvlText", OPC_WORD, L_TEXT },
	{ "num", OPC_WORD, L_NUM },
	{ "numFmt", OPC_WORD, L_FORMAT },
	{ "numStyleLink", OPC_WORD, L_LINK },
	{ "pStyle", OPC_WORD, L_STYLE },
	{ "start", OPC_WORD, L_START },
	{ "startOverride", OPC_WORD, L_START_OVERRIDE },
};

typedef struct list_walk {
	docx_lists *l;
	docx_abstract *abstract;
	docx_num *num;
	docx_level *level;
	int override; /* level of num; -1: none */
	bool nomem;
} list_walk;

static const docx_level list_plain = { NUMERAL_DECIMAL, 1, -1, false, "", "" };

static const char *
list_copy(list_walk *w, doc_str v)
{
	const char *copy = v.p ? arena_strndup(&w->l->strings, v.p, v.n) : "";

	w->nomem |= !copy;
	return copy ? copy : "";
}

static numeral
list_format(doc_str v)
{
	static const struct {
		const char *name;
		numeral how;
	} known[] = {
		{ "none", NUMERAL_NONE },
		{ "bullet", NUMERAL_BULLET },
		{ "decimalZero", NUMERAL_DECIMAL_ZERO },
		{ "lowerLetter", NUMERAL_LETTERS },
		{ "upperLetter", NUMERAL_LETTERS_UPPER },
		{ "lowerRoman", NUMERAL_ROMAN },
		{ "upperRoman", NUMERAL_ROMAN_UPPER },
		{ "ordinal", NUMERAL_ORDINAL },
		{ "chineseCounting", NUMERAL_CJK },
		{ "chineseCountingThousand", NUMERAL_CJK },
		{ "japaneseCounting", NUMERAL_CJK },
		{ "taiwaneseCounting", NUMERAL_CJK },
		{ "taiwaneseCountingThousand", NUMERAL_CJK },
		{ "koreanDigital", NUMERAL_CJK_DIGITS },
		{ "ideographDigital", NUMERAL_CJK_DIGITS },
		{ "taiwaneseDigital", NUMERAL_CJK_DIGITS },
		{ "chineseLegalSimplified", NUMERAL_CJK_LEGAL },
		{ "ideographLegalTraditional", NUMERAL_CJK_LEGAL },
		{ "russianLower", NUMERAL_CYRILLIC },
		{ "russianUpper", NUMERAL_CYRILLIC_UPPER },
		{ "decimalEnclosedCircle", NUMERAL_CIRCLED },
		{ "decimalEnclosedCircleChinese", NUMERAL_CIRCLED },
	};

	for (size_t i = 0; i < countof(known); i++)
		if (part_is(v, known[i].name))
			return known[i].how;
	return NUMERAL_DECIMAL;
}

static void
list_abstract(list_walk *w, const part_atts *atts)
{
	docx_lists *l = w->l;

	w->num = NULL;
	w->abstract = NULL;
	if (l->nabstracts == LISTS_MAX)
		return;
	if (!mem_grow(&l->abstracts, &l->abstracts_cap, l->nabstracts + 1, sizeof *l->abstracts)) {
		w->nomem = true;
		return;
	}
	w->abstract = &l->abstracts[l->nabstracts++];
	*w->abstract = (docx_abstract){ .id = part_att_number(atts, OPC_WORD, "abstractNumId", -1), .link = "" };
	for (size_t i = 0; i < DOCX_LEVELS; i++) {
		w->abstract->levels[i] = list_plain;
		w->abstract->counts[i] = -1;
	}
}

static void
list_num(list_walk *w, const part_atts *atts)
{
	docx_lists *l = w->l;

	w->abstract = NULL;
	w->num = NULL;
	w->override = -1;
	if (l->nnums == LISTS_MAX)
		return;
	if (!mem_grow(&l->nums, &l->nums_cap, l->nnums + 1, sizeof *l->nums)) {
		w->nomem = true;
		return;
	}
	w->num = &l->nums[l->nnums++];
	*w->num = (docx_num){ .id = part_att_number(atts, OPC_WORD, "numId", -1), .abstract_id = -1 };
	for (size_t i = 0; i < DOCX_LEVELS; i++)
		w->num->start[i] = -1;
}

static void
list_level(list_walk *w, const part_atts *atts)
{
	long i = part_att_number(atts, OPC_WORD, "ilvl", -1);

	w->level = NULL;
	if (i < 0 || i >= DOCX_LEVELS)
		return;
	if (w->abstract) {
		w->level = &w->abstract->levels[i];
	} else if (w->num) {
		w->level = arena_alloc(&w->l->strings, sizeof *w->level);
		w->num->levels[i] = w->level;
		w->nomem |= !w->level;
	}
	if (w->level)
		*w->level = list_plain;
}

static void
list_of_level(docx_level *level, list_walk *w, unsigned id, doc_str val)
{
	long n = part_number(val, -1);

	if (id == L_START && n >= 0)
		level->start = (unsigned)n;
	else if (id == L_FORMAT)
		level->how = list_format(val);
	else if (id == L_TEXT)
		level->text = list_copy(w, val);
	else if (id == L_RESTART)
		level->restart = (int)n;
	else if (id == L_LEGAL)
		level->legal = !part_is(val, "0") && !part_is(val, "false");
	else if (id == L_STYLE)
		level->style = list_copy(w, val);
}

static bool
list_start(void *ctx, unsigned id, const part_atts *atts)
{
	list_walk *w = ctx;
	doc_str val = part_att(atts, OPC_WORD, "val");

	if (id == L_ABSTRACT)
		list_abstract(w, atts);
	else if (id == L_NUM)
		list_num(w, atts);
	else if (id == L_LEVEL)
		list_level(w, atts);
	else if (id == L_LINK && w->abstract)
		w->abstract->link = list_copy(w, val);
	else if (id == L_ABSTRACT_REF && w->num)
		w->num->abstract_id = part_number(val, -1);
	else if (id == L_OVERRIDE)
		w->override = (int)part_att_number(atts, OPC_WORD, "ilvl", -1);
	else if (id == L_START_OVERRIDE && w->num && w->override >= 0 && w->override < DOCX_LEVELS)
		w->num->start[w->override] = part_number(val, -1);
	else if (id && w->level)
		list_of_level(w->level, w, id, val);
	return true;
}

static void
list_end(void *ctx, unsigned id)
{
	list_walk *w = ctx;

	if (id == L_LEVEL)
		w->level = NULL;
}

static void
list_text(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
}

static int
list_abstract_order(const void *a, const void *b)
{
	long x = ((const docx_abstract *)a)->id, y = ((const docx_abstract *)b)->id;

	return (x > y) - (x < y);
}

static int
list_num_order(const void *a, const void *b)
{
	long x = ((const docx_num *)a)->id, y = ((const docx_num *)b)->id;

	return (x > y) - (x < y);
}

cdg_status
docx_lists_read(docx_lists *l, package *p, long member, cdg_error *err)
{
	static const part_reader reader = { list_words, countof(list_words), opc_space, list_start, list_end, list_text };
	list_walk w = { .l = l, .override = -1 };

	if (member < 0)
		return CDG_OK;
	CDG_TRY(part_parse(p, (size_t)member, &reader, &w, NULL, err));
	if (w.nomem)
		return err_nomem(err);
	if (l->nabstracts)
		qsort(l->abstracts, l->nabstracts, sizeof *l->abstracts, list_abstract_order);
	if (l->nnums)
		qsort(l->nums, l->nnums, sizeof *l->nums, list_num_order);
	return CDG_OK;
}

void
docx_lists_fini(docx_lists *l)
{
	mem_free(l->abstracts);
	mem_free(l->nums);
	arena_fini(&l->strings);
}

/* ---- counting ---------------------------------------------------------- */

static docx_num *
list_find_num(docx_lists *l, long id)
{
	docx_num key = { .id = id };

	return l->nnums ? bsearch(&key, l->nums, l->nnums, sizeof key, list_num_order) : NULL;
}

/* The abstract list of a num, which may be that of a style. */
static docx_abstract *
list_find(docx_lists *l, const docx_styles *s, docx_num **num)
{
	docx_abstract key, *a = NULL;

	for (unsigned step = 0; step < 2 && *num; step++) {
		const docx_style *style;

		key.id = (*num)->abstract_id;
		a = l->nabstracts ? bsearch(&key, l->abstracts, l->nabstracts, sizeof key, list_abstract_order) : NULL;
		if (!a || !*a->link)
			return a;
		style = docx_style_find(s, a->link, strlen(a->link));
		if (!style)
			return a;
		*num = list_find_num(l, style->props.num);
	}
	return a;
}

static const docx_level *
list_level_of(const docx_num *num, const docx_abstract *a, int i)
{
	return num->levels[i] ? num->levels[i] : &a->levels[i];
}

static long
list_begin(const docx_num *num, const docx_abstract *a, int i)
{
	return num->start[i] >= 0 ? num->start[i] : (long)list_level_of(num, a, i)->start;
}

static void
list_count(docx_num *num, docx_abstract *a, int level)
{
	if (a->counts[level] < 0 || (num->start[level] >= 0 && !num->used[level]))
		a->counts[level] = list_begin(num, a, level);
	else if (a->counts[level] < 999999999)
		a->counts[level]++;
	num->used[level] = true;
	for (int i = level + 1; i < DOCX_LEVELS; i++) {
		int restart = list_level_of(num, a, i)->restart;

		if (restart < 0 || level < restart)
			a->counts[i] = -1;
	}
}

/* A bullet of a symbol font is in the private area, where no letter is. */
static void
list_bullet(const char *text, buf *out)
{
	const unsigned char *t = (const unsigned char *)text;

	if (!*t)
		return;
	if (*t == 0xee || *t == 0xef || (*t < 0x80 && t[1] == 0))
		buf_puts(out, *t == '-' ? "-" : "\xe2\x80\xa2");
	else
		buf_puts(out, text);
}

static void
list_write(const docx_num *num, const docx_abstract *a, int level, buf *out)
{
	const docx_level *of = list_level_of(num, a, level);

	if (of->how == NUMERAL_BULLET) {
		list_bullet(of->text, out);
		return;
	}
	for (const char *t = of->text; *t; t++) {
		int i = t[1] - '1';
		const docx_level *shown;

		if (*t != '%' || i < 0 || i >= DOCX_LEVELS) {
			buf_put_u8(out, (uint8_t)*t);
			continue;
		}
		t++;
		if (i > level)
			continue;
		shown = list_level_of(num, a, i);
		numeral_write(out, of->legal && shown->how != NUMERAL_NONE ? NUMERAL_DECIMAL : shown->how,
			      (unsigned)(a->counts[i] >= 0 ? a->counts[i] : list_begin(num, a, i)));
	}
}

void
docx_lists_number(docx_lists *l, const docx_styles *s, docx_props props, const docx_style *style, buf *out)
{
	docx_num *num = props.num > 0 ? list_find_num(l, props.num) : NULL;
	docx_abstract *a = num ? list_find(l, s, &num) : NULL;
	int level = props.level;

	if (!a || !num)
		return;
	for (int i = 0; level < 0 && style && i < DOCX_LEVELS; i++)
		if (strcmp(list_level_of(num, a, i)->style, style->id) == 0)
			level = i;
	level = level < 0 ? 0 : level;
	if (level >= DOCX_LEVELS)
		return;
	list_count(num, a, level);
	list_write(num, a, level, out);
}
