/* parse.c - the grammar of queries, from lexical tokens to the tree.
 *
 *   alternatives := any { "|" any }
 *   any          := maybe { OR maybe }
 *   maybe        := words { MAYBE words }
 *   words        := conj { conj }            (default_or: any of them)
 *   conj         := near { [AND] near }      (default_or: AND must be written)
 *   near         := unary { (NEAR | ADJ) unary }
 *   unary        := { NOT | - | ! | + } primary
 *   primary      := word | quote | literal | * | field primary | range
 *                 | "(" alternatives ")"
 *
 * Recursive descent; only a parenthesis recurses, at most max_depth deep.
 * Operands of the levels being read are on p->item, each level remembers where
 * its own begin.  Nothing is an error: an operator without an operand is
 * dropped with a warning.
 */
#include "query/parse_impl.h"

#include <stdio.h>

enum {
	PARSE_NODES = 20000,
	PARSE_DEPTH = 200,
	PARSE_DEPTH_MAX = 1000,
	PARSE_BYTES = 4 << 20 /* longer queries are cut */
};

/* ---- state ------------------------------------------------------------ */

void
parse_warn(parser *p, warn_kind kind, size_t at, size_t end, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	size_t n = end - at, cut = min_size(n, 40);

	/* What comes after the cut of too many words is a consequence of it. */
	if (p->warned & ((uint64_t)1 << kind | (uint64_t)1 << W_NODES))
		return;
	p->warned |= (uint64_t)1 << kind;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (!n) {
		q_warn(p->a, "%s", text);
		return;
	}
	while (cut < n && cut && ((uint8_t)p->lx.s[at + cut] & 0xc0) == 0x80)
		cut--;
	q_warn(p->a, "'%.*s%s' %s", (int)cut, p->lx.s + at, cut < n ? "…" : "", text);
}

bool
parse_full(parser *p, size_t n)
{
	if (p->leaves + n <= p->opt.max_nodes)
		return false;
	parse_warn(p, W_NODES, 0, 0, "more than %zu words; the rest of the query is ignored",
		   p->opt.max_nodes);
	p->lx.at = p->lx.n;
	return true;
}

q_node *
parse_node(parser *p, q_type type, size_t nchild)
{
	q_node *q = p->failed ? NULL : q_new(p->a, type, nchild);

	if (!q) {
		p->failed = true;
		return NULL;
	}
	q->at = (uint32_t)p->tok.at;
	q->end = (uint32_t)p->tok.end;
	return q;
}

q_node *
parse_over(parser *p, q_type type, q_node *const *child, size_t n)
{
	q_node *q = parse_node(p, type, n);

	if (!q)
		return NULL;
	memcpy(q->child, child, n * sizeof *child);
	if (n && type != Q_PHRASE && child[0]->at <= child[n - 1]->end) {
		q->at = child[0]->at;
		q->end = child[n - 1]->end;
	}
	return q;
}

void
parse_push(parser *p, q_node *node, char sign)
{
	if (!node || p->failed)
		return;
	if (!mem_grow(&p->item, &p->item_cap, p->nitem + 1, sizeof *p->item)) {
		p->failed = true;
		return;
	}
	p->item[p->nitem++] = (parse_item){ node, sign };
}

void
parse_next(parser *p)
{
	lex_next(&p->lx, &p->tok);
	/* no operator yet, so what it joins is joined by AND */
	while (p->tok.kind == LEX_LATER) {
		parse_warn(p, W_LATER, p->tok.at, p->tok.end,
			   "(same sentence or paragraph) is not supported yet; both sides are only "
			   "searched in the same document");
		p->explicit_and |= !p->depth;
		lex_next(&p->lx, &p->tok);
	}
	if (p->failed)
		p->tok.kind = LEX_END;
	if (p->tok.bad_boost || p->tok.bad_n)
		parse_warn(p, W_NUMBER, p->tok.at, p->tok.end,
			   "has a number that is too large; %d is used", LEX_NEAR_MAX);
}

bool
parse_is_operand(uint8_t kind)
{
	switch (kind) {
	case LEX_WORD:
	case LEX_QUOTE:
	case LEX_LITERAL:
	case LEX_ALL:
	case LEX_OPEN:
	case LEX_NOT:
	case LEX_PLUS:
	case LEX_FIELD:
	case LEX_VALUE:
	case LEX_RANGE:
		return true;
	default:
		return false;
	}
}

/* ---- combining -------------------------------------------------------- */

/* The items from base on by sign: AND of the wanted, NOT the unwanted. */
static q_node *
parse_conjunction(parser *p, size_t base)
{
	size_t n = p->nitem - base, npos = 0, nneg = 0;
	q_node **list, *root;

	if (!n || p->failed)
		return NULL;
	list = arena_alloc(&p->a->mem, (n + 1) * sizeof *list);
	if (!list) {
		p->failed = true;
		return NULL;
	}
	for (size_t i = base; i < p->nitem; i++)
		if (p->item[i].sign != '-')
			list[1 + npos++] = p->item[i].node;
	for (size_t i = base; i < p->nitem; i++)
		if (p->item[i].sign == '-')
			list[1 + npos + nneg++] = p->item[i].node;
	p->nitem = base;
	if (!npos && nneg == 1 && list[1]->type == Q_ALL)
		return parse_node(p, Q_NONE, 0);
	root = !npos ? parse_node(p, Q_ALL, 0) :
	       npos == 1 ? list[1] : parse_over(p, Q_AND, list + 1, npos);
	if (!nneg || !root)
		return root;
	list[npos] = root; /* before the unwanted */
	return parse_over(p, Q_NOT, list + npos, nneg + 1);
}

/* The same with "any of the words": + are wanted, the others add to the score. */
static q_node *
parse_disjunction(parser *p, size_t base)
{
	size_t n = p->nitem - base, must = 0, may = 0, keep = base;
	q_node **list, *root;

	for (size_t i = base; i < p->nitem; i++) {
		must += p->item[i].sign == '+';
		may += p->item[i].sign == 0;
	}
	if (!may || n == 1 || p->failed)
		return parse_conjunction(p, base);
	list = arena_alloc(&p->a->mem, (may + 1) * sizeof *list);
	if (!list) {
		p->failed = true;
		return NULL;
	}
	may = 0;
	for (size_t i = base; i < p->nitem; i++) {
		if (p->item[i].sign == 0)
			list[1 + may++] = p->item[i].node;
		else
			p->item[keep++] = p->item[i];
	}
	p->nitem = keep;
	if (must) {
		/* MAYBE(wanted, others), then the unwanted */
		size_t neg = 0;
		q_node **negs = arena_alloc(&p->a->mem, n * sizeof *negs);
		if (!negs) {
			p->failed = true;
			return NULL;
		}
		keep = base;
		for (size_t i = base; i < p->nitem; i++) {
			if (p->item[i].sign == '-')
				negs[1 + neg++] = p->item[i].node;
			else
				p->item[keep++] = p->item[i];
		}
		p->nitem = keep;
		list[0] = parse_conjunction(p, base);
		root = parse_over(p, Q_MAYBE, list, may + 1);
		if (!neg || !root)
			return root;
		negs[0] = root;
		return parse_over(p, Q_NOT, negs, neg + 1);
	}
	root = may == 1 ? list[1] : parse_over(p, Q_OR, list + 1, may);
	parse_push(p, root, 0);
	return parse_conjunction(p, base);
}

/* Words and phrases of one field: can be alternatives.  *field is set by the
 * first leaf. */
static bool
parse_is_alternative(const q_node *q, const char **field, bool *seen)
{
	switch (q->type) {
	case Q_TERM:
	case Q_PREFIX:
		if (*seen && *field != q->field &&
		    (!*field || !q->field || strcmp(*field, q->field)))
			return false;
		*seen = true;
		*field = q->field;
		return true;
	case Q_PHRASE:
	case Q_NEAR:
	case Q_ADJ:
	case Q_SYN:
		break;
	default:
		return false;
	}
	for (size_t i = 0; i < q->nchild; i++)
		if (!parse_is_alternative(q->child[i], field, seen))
			return false;
	return true;
}

/* ---- levels ----------------------------------------------------------- */

/* An opening parenthesis beyond the limit is skipped, and its partner too. */
static bool
parse_skip_deep(parser *p)
{
	if (p->tok.kind == LEX_OPEN && p->depth >= p->opt.max_depth) {
		p->ignored++;
		parse_warn(p, W_DEPTH, 0, 0, "nested too deeply; inner parentheses are ignored");
		return true;
	}
	if (p->tok.kind == LEX_CLOSE && p->ignored) {
		p->ignored--;
		return true;
	}
	if (p->tok.kind == LEX_CLOSE && !p->depth) {
		parse_warn(p, W_CLOSE, 0, 0, "a closing parenthesis has no opening one; ignored");
		return true;
	}
	return false;
}

static void
parse_skip(parser *p)
{
	while (parse_skip_deep(p))
		parse_next(p);
}

void
parse_dropped(parser *p, const lex_token *op)
{
	parse_warn(p, W_OPERATOR, op->at, op->end,
		   "is an operator without anything to work on here; ignored");
}

bool
parse_unary(parser *p)
{
	size_t base = p->nitem;
	lex_token first = p->tok;
	bool not = false, plus = false;
	q_node *q = NULL;

	parse_skip(p);
	while (p->tok.kind == LEX_NOT || p->tok.kind == LEX_PLUS) {
		not ^= p->tok.kind == LEX_NOT;
		plus |= p->tok.kind == LEX_PLUS;
		first = p->tok;
		parse_next(p);
		parse_skip(p);
	}
	if (plus && !p->depth)
		p->explicit_and = true;
	if (parse_is_operand(p->tok.kind)) {
		q = parse_primary(p);
	} else if (not || plus) {
		parse_dropped(p, &first);
	}
	parse_push(p, q, not ? '-' : plus ? '+' : 0);
	parse_skip(p);
	return p->nitem > base;
}

/* Operands that are all wanted. */
static void
parse_conj(parser *p)
{
	do {
		size_t before = p->nitem;
		parse_near(p);
		while (p->tok.kind == LEX_AND) {
			lex_token op = p->tok;
			if (!p->depth)
				p->explicit_and = true;
			parse_next(p);
			parse_skip(p);
			if (p->nitem == before || !parse_is_operand(p->tok.kind))
				parse_dropped(p, &op);
			else
				parse_near(p);
		}
	} while (!p->opt.default_or && parse_is_operand(p->tok.kind));
}

static bool
parse_words(parser *p)
{
	size_t base = p->nitem;
	q_node *q;

	do {
		size_t first = p->nitem;
		parse_conj(p);
		if (p->opt.default_or && p->nitem - first > 1) {
			q = parse_conjunction(p, first);
			parse_push(p, q, 0);
		}
	} while (parse_is_operand(p->tok.kind));
	if (!p->depth) {
		p->clauses = 0;
		for (size_t i = base; i < p->nitem; i++)
			p->clauses += p->item[i].sign != '-';
	}
	if (p->opt.default_or)
		parse_question(p, base);
	q = p->opt.default_or ? parse_disjunction(p, base) : parse_conjunction(p, base);
	parse_push(p, q, 0);
	return p->nitem > base;
}

/* A level of one operator: operands by `lower`, then one node over them. */
static bool
parse_level(parser *p, lex_kind op, q_type type, bool (*lower)(parser *p))
{
	size_t base = p->nitem, n;
	q_node **list, *q;

	lower(p);
	while (p->tok.kind == op) {
		lex_token t = p->tok;
		size_t before = p->nitem;
		parse_next(p);
		if (!lower(p) || before == base)
			parse_dropped(p, &t);
	}
	n = p->nitem - base;
	if (n < 2 || p->failed)
		return n > 0;
	list = arena_alloc(&p->a->mem, n * sizeof *list);
	if (!list) {
		p->failed = true;
		return false;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = p->item[base + i].node;
	if (type == Q_SYN) {
		const char *field = NULL;
		bool seen = false;
		for (size_t i = 0; i < n; i++)
			if (!parse_is_alternative(list[i], &field, &seen))
				type = Q_OR;
	}
	p->nitem = base;
	q = parse_over(p, type, list, n);
	parse_push(p, q, 0);
	return q != NULL;
}

static bool
parse_maybe(parser *p)
{
	return parse_level(p, LEX_MAYBE, Q_MAYBE, parse_words);
}

static bool
parse_or(parser *p)
{
	return parse_level(p, LEX_OR, Q_OR, parse_maybe);
}

void
parse_alternatives(parser *p)
{
	parse_level(p, LEX_BAR, Q_SYN, parse_or);
}

/* ---- entry ------------------------------------------------------------ */

static void
parse_root(parser *p)
{
	q_node *root = NULL;

	parse_next(p);
	parse_alternatives(p);
	if (p->nitem)
		root = p->item[0].node;
	if (!root)
		root = parse_node(p, Q_NONE, 0);
	p->a->root = root;
	if (root && !p->opt.default_or && !p->explicit_and)
		p->a->relaxable = (p->clauses >= 2 || root->run) && relax_possible(root);
}

static void
parse_options(parser *p, const q_parse_options *opt)
{
	if (opt)
		p->opt = *opt;
	if (!p->opt.max_nodes)
		p->opt.max_nodes = PARSE_NODES;
	if (!p->opt.max_depth)
		p->opt.max_depth = PARSE_DEPTH;
	p->opt.max_depth = min_size(p->opt.max_depth, PARSE_DEPTH_MAX);
	p->opt.max_nodes = min_size(p->opt.max_nodes, UINT32_MAX / 4);
}

static cdg_status
parse_finish(parser *p, cdg_status st, cdg_error *err)
{
	ast *a = p->a;

	mem_free(p->item);
	mem_free(p->slot);
	mem_free(p->word);
	if (st == CDG_OK && (p->failed || a->mem.failed || !a->root))
		st = err_nomem(err);
	if (st == CDG_OK && p->opt.strict && a->nwarnings)
		st = err_set(err, CDG_E_QUERY, "query: %s", a->warnings[0]);
	return st;
}

cdg_status
q_parse(const char *text, size_t n, const q_parse_options *opt, text_analyzer *an, ast *out,
	cdg_error *err)
{
	parser p = { .a = out, .an = an };
	const char *view;
	size_t view_len;
	text_clean clean = { 0 };
	cdg_status st;
	buf clean_text;

	parse_options(&p, opt);
	out->root = NULL;
	out->relaxable = false;
	if (n > PARSE_BYTES)
		parse_warn(&p, W_LENGTH, 0, 0, "the query is longer than %d bytes; it is cut",
			   PARSE_BYTES);
	buf_init(&clean_text);
	st = text_sanitize(text, min_size(n, PARSE_BYTES), &clean_text, &view, &view_len, &clean,
			   err);
	if (st == CDG_OK) {
		if (clean.replaced)
			parse_warn(&p, W_UTF8, 0, 0, "the query is not valid UTF-8; %llu places were "
				   "replaced", (unsigned long long)clean.replaced);
		lex_init(&p.lx, view, view_len);
		parse_root(&p);
	}
	st = parse_finish(&p, st, err);
	buf_fini(&clean_text);
	return st;
}
