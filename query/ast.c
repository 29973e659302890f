/* ast.c - nodes of the query tree: construction, width, equality.
 *
 * Nodes and their strings live in the arena of one ast.  Nothing here analyses
 * text; a term made by hand is taken as it is.  Not thread-safe on one ast
 * while it is being built; the finished tree is only read.
 */
#include "query/ast.h"

#include <stdarg.h>
#include <stdio.h>

void
ast_init(ast *a)
{
	memset(a, 0, sizeof *a);
	arena_init(&a->mem);
}

void
ast_fini(ast *a)
{
	arena_fini(&a->mem);
	memset(a, 0, sizeof *a);
}

void
ast_reset(ast *a)
{
	arena mem = a->mem;

	arena_reset(&mem);
	memset(a, 0, sizeof *a);
	a->mem = mem;
}

q_node *
q_new(ast *a, q_type type, size_t nchild)
{
	q_node *q = arena_zalloc(&a->mem, sizeof *q);

	if (!q)
		return NULL;
	q->type = (uint8_t)type;
	q->boost = 1;
	q->width = 1;
	if (nchild) {
		if (nchild > SIZE_MAX / sizeof *q->child)
			return NULL;
		q->child = arena_zalloc(&a->mem, nchild * sizeof *q->child);
		if (!q->child)
			return NULL;
		q->nchild = nchild;
	}
	return q;
}

/* The kind of a term judged by its bytes alone.  The analyzer knows better; this
 * is for terms that do not come from it. */
static text_kind
ast_kind(const char *term, size_t len)
{
	const char *at = term, *end = term + len;
	size_t chars = 0, cjk = 0;
	bool letter = false;

	while (at < end) {
		uint32_t c = text_decode(&at, end);
		chars++;
		cjk += text_is_cjk(c);
		letter |= c >= 0x80 || (c | 0x20) - 'a' < 26;
	}
	if (chars && cjk == chars)
		return chars == 1 ? TEXT_CJK_LAST : chars == 2 ? TEXT_CJK : TEXT_WORD;
	if (len == 2 && (!memcmp(term, "\xc2\xa7", 2) || !memcmp(term, "\xc2\xb6", 2)))
		return TEXT_SYMBOL;
	if (len && term[0] >= '0' && term[0] <= '9' && !letter)
		return TEXT_NUMBER;
	return TEXT_WORD;
}

/* Only letters a-z or only digits: any analyzer gives these bytes back. */
static bool
ast_simple(const char *term, size_t len)
{
	size_t letters = 0, digits = 0;

	for (size_t i = 0; i < len; i++) {
		letters += term[i] >= 'a' && term[i] <= 'z';
		digits += term[i] >= '0' && term[i] <= '9';
	}
	return len && len <= TEXT_TERM_MAX / 2 && (letters == len || digits == len);
}

q_node *
q_word(ast *a, const char *term, size_t len, q_mode mode)
{
	q_node *q = q_new(a, Q_TERM, 0);

	if (!q || !(q->term = arena_strndup(&a->mem, term, len)))
		return NULL;
	q->term_len = len;
	q->kind = (uint8_t)ast_kind(term, len);
	q->width = q->kind == TEXT_CJK ? 2 : 1;
	if (mode == Q_STEM && q->kind != TEXT_WORD)
		mode = Q_FOLD; /* these have no stem */
	q->mode = (uint8_t)mode;
	if (mode == Q_STRICT || mode == Q_VALUE || mode == Q_GLOB) {
		q->raw = q->term;
		q->raw_len = len;
	}
	q->plain = ast_simple(term, len);
	return q;
}

void
q_warn(ast *a, const char *fmt, ...)
{
	char text[512];
	const char **list;
	char *copy;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	copy = arena_strndup(&a->mem, text, strlen(text));
	/* Grown at powers of two: the count tells the capacity. */
	if ((a->nwarnings & (a->nwarnings - 1)) == 0) {
		list = arena_alloc(&a->mem, (a->nwarnings ? a->nwarnings * 2 : 1) * sizeof *list);
		if (!list || !copy)
			return;
		if (a->nwarnings)
			memcpy(list, a->warnings, a->nwarnings * sizeof *list);
		a->warnings = list;
	}
	if (copy)
		a->warnings[a->nwarnings++] = copy;
}

uint32_t
q_width(const q_node *node)
{
	switch (node->type) {
	case Q_TERM:
		return node->width;
	case Q_PHRASE:
		if (node->span)
			return node->span;
		if (!node->nchild)
			return 0;
		return node->child[node->nchild - 1]->offset +
		       q_width(node->child[node->nchild - 1]);
	case Q_SYN:
	case Q_OR:
		return node->nchild ? q_width(node->child[0]) : 0;
	default:
		return 1;
	}
}

static bool
ast_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool
ast_same_bytes(const char *a, size_t na, const char *b, size_t nb)
{
	return na == nb && (!na || !memcmp(a, b, na));
}

static bool
ast_same_leaf(const q_node *a, const q_node *b)
{
	return a->kind == b->kind && a->hyphen == b->hyphen &&
	       ast_same_bytes(a->term, a->term_len, b->term, b->term_len) &&
	       ast_same_bytes(a->raw, a->raw_len, b->raw, b->raw_len);
}

bool
q_equal(const q_node *a, const q_node *b)
{
	if (a->type != b->type || a->mode != b->mode || a->width != b->width ||
	    a->cjk1 != b->cjk1 || a->lo_open != b->lo_open || a->hi_open != b->hi_open ||
	    a->boost != b->boost || a->offset != b->offset || a->n != b->n ||
	    a->span != b->span || a->nchild != b->nchild)
		return false;
	if (!ast_same(a->field, b->field) || !ast_same(a->lo, b->lo) || !ast_same(a->hi, b->hi))
		return false;
	if (!ast_same_leaf(a, b))
		return false;
	for (size_t i = 0; i < a->nchild; i++)
		if (!q_equal(a->child[i], b->child[i]))
			return false;
	return true;
}
