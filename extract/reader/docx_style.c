/* docx_style.c - word/styles.xml: what paragraph styles say of headings and lists. */
#include "extract/reader/docx.h"

#include <strings.h>

enum { STYLES_MAX = 50000, STYLES_CHAIN = 20 };

enum { W_STYLE = 1, W_NAME, W_BASED, W_OUTLINE, W_NUM, W_LEVEL, W_LANG, W_CHANGE };

static const part_word style_words[] = {
	{ "basedOn", OPC_WORD, W_BASED },	  { "ilvl", OPC_WORD, W_LEVEL },    { "lang", OPC_WORD, W_LANG },
	{ "name", OPC_WORD, W_NAME },		  { "numId", OPC_WORD, W_NUM },	    { "outlineLvl", OPC_WORD, W_OUTLINE },
	{ "pPrChange", OPC_WORD, W_CHANGE },	  { "rPrChange", OPC_WORD, W_CHANGE }, { "style", OPC_WORD, W_STYLE },
};

typedef struct style_walk {
	docx_styles *s;
	docx_style *now; /* NULL: outside of any */
	bool nomem;
} style_walk;

static const char *
style_copy(style_walk *w, doc_str v)
{
	const char *copy = v.p ? arena_strndup(&w->s->strings, v.p, v.n) : "";

	w->nomem |= !copy;
	return copy ? copy : "";
}

static void
style_begin(style_walk *w, const part_atts *atts)
{
	docx_styles *s = w->s;

	if (s->count == STYLES_MAX || !mem_grow(&s->styles, &s->cap, s->count + 1, sizeof *s->styles)) {
		w->nomem |= s->count < STYLES_MAX;
		w->now = NULL;
		return;
	}
	w->now = &s->styles[s->count++];
	*w->now = (docx_style){ style_copy(w, part_att(atts, OPC_WORD, "styleId")), "", "", { -1, -1, -1 } };
}

static bool
style_start(void *ctx, unsigned id, const part_atts *atts)
{
	style_walk *w = ctx;
	doc_str val = part_att(atts, OPC_WORD, "val");

	if (id == W_CHANGE)
		return false;
	if (id == W_STYLE)
		style_begin(w, atts);
	if (id == W_LANG && !w->now && val.n < sizeof w->s->lang) {
		memcpy(w->s->lang, val.p ? val.p : "", val.n);
		w->s->lang[val.n] = 0;
	}
	if (!w->now)
		return true;
	if (id == W_NAME)
		w->now->name = style_copy(w, val);
	else if (id == W_BASED)
		w->now->based = style_copy(w, val);
	else if (id == W_OUTLINE)
		w->now->props.outline = (int)part_number(val, -1);
	else if (id == W_NUM)
		w->now->props.num = part_number(val, -1);
	else if (id == W_LEVEL)
		w->now->props.level = (int)part_number(val, -1);
	return true;
}

static void
style_end(void *ctx, unsigned id)
{
	style_walk *w = ctx;

	if (id == W_STYLE)
		w->now = NULL;
}

static void
style_text(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
}

static int
style_order(const void *a, const void *b)
{
	return strcmp(((const docx_style *)a)->id, ((const docx_style *)b)->id);
}

cdg_status
docx_styles_read(docx_styles *s, package *p, long member, cdg_error *err)
{
	static const part_reader reader = { style_words, countof(style_words), opc_space, style_start, style_end, style_text };
	style_walk w = { s, NULL, false };

	if (member < 0)
		return CDG_OK;
	CDG_TRY(part_parse(p, (size_t)member, &reader, &w, NULL, err));
	if (w.nomem)
		return err_nomem(err);
	if (s->count)
		qsort(s->styles, s->count, sizeof *s->styles, style_order);
	return CDG_OK;
}

void
docx_styles_fini(docx_styles *s)
{
	mem_free(s->styles);
	arena_fini(&s->strings);
}

const docx_style *
docx_style_find(const docx_styles *s, const char *id, size_t n)
{
	size_t lo = 0, hi = s->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const docx_style *style = &s->styles[mid];
		int c = strncmp(style->id, id, n);

		if (c == 0 && style->id[n] == 0)
			return style;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* "heading 3", as it is called within a file in any language. */
static int
style_named_level(const char *name)
{
	static const char word[] = "heading ";

	if (strncasecmp(name, word, sizeof word - 1) != 0)
		return -1;
	name += sizeof word - 1;
	return name[0] >= '1' && name[0] <= '9' && !name[1] ? name[0] - '1' : -1;
}

docx_props
docx_style_props(const docx_styles *s, const docx_style *style)
{
	docx_props props = { -1, -1, -1 };

	for (unsigned i = 0; style && i < STYLES_CHAIN; i++) {
		if (props.outline < 0)
			props.outline = style->props.outline;
		if (props.outline < 0)
			props.outline = style_named_level(style->name);
		if (props.num < 0 && style->props.num >= 0) {
			props.num = style->props.num;
			props.level = style->props.level;
		}
		style = *style->based ? docx_style_find(s, style->based, strlen(style->based)) : NULL;
	}
	return props;
}
