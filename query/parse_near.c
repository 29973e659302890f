/* parse_near.c - NEAR and ADJ: chains of operands, and what they mean over
 * operands that are more than words.
 *
 * A chain of words and phrases of one field is one node.  AND, OR, NOT and
 * MAYBE inside an operand are about documents, and come out of it:
 *
 *   (a AND b) NEAR c      (a NEAR c) AND (b NEAR c)
 *   (a OR (b AND c)) NEAR d     (a NEAR d) OR ((b NEAR d) AND (c NEAR d))
 *   (a NOT b) NEAR c      (a NEAR c) NOT b
 *   (a MAYBE b) NEAR c    (a NEAR c) MAYBE b
 *   (a AND date:2013..) NEAR c  (a NEAR c) AND date:2013..
 *
 * An OR of words alone stays inside: it costs less there.  Conditions, which
 * have no place in the text, are ranges, whole values, `*`, and words of
 * metadata fields beside such of the text or title.
 */
#include "query/parse_impl.h"

enum {
	NEAR_MOST = 8, /* operands of one NEAR, which may come in any order */
	ADJ_MOST = 16
};

/* ---- what an operand has ------------------------------------------------ */

/* The fields of the words that have a place, of all operands together. */
typedef struct near_fields {
	bool text, title, mixed;
	const char *meta;
} near_fields;

static bool
near_is_text(const char *field)
{
	return !field || !strcmp(field, "text");
}

static void
near_collect(const q_node *q, near_fields *f)
{
	size_t n = q->type == Q_NOT || q->type == Q_MAYBE ? min_size(q->nchild, 1) : q->nchild;

	if ((q->type == Q_TERM || q->type == Q_PREFIX) && !q_is_value(q)) {
		if (near_is_text(q->field))
			f->text = true;
		else if (!strcmp(q->field, "title"))
			f->title = true;
		else if (!f->meta)
			f->meta = q->field;
		else
			f->mixed |= strcmp(f->meta, q->field) != 0;
	}
	for (size_t i = 0; i < n; i++)
		near_collect(q->child[i], f);
}

/* The one field that the words of a chain are in; false: there is none. */
static bool
near_field(const near_fields *f, const char **field)
{
	*field = f->text ? NULL : f->title ? "title" : f->meta;
	return f->text || f->title ? !(f->text && f->title) : f->meta && !f->mixed;
}

/* Words and phrases of the field, and alternatives of such. */
static bool
near_is_words(const q_node *q, const char *field)
{
	switch (q->type) {
	case Q_TERM:
	case Q_PREFIX:
		return !q_is_value(q) && (near_is_text(q->field) ? !field : field && !strcmp(q->field, field));
	case Q_PHRASE:
	case Q_NEAR:
	case Q_ADJ:
	case Q_SYN:
	case Q_OR:
		break;
	default:
		return false;
	}
	for (size_t i = 0; i < q->nchild; i++)
		if (!near_is_words(q->child[i], field))
			return false;
	return true;
}

/* How many operands it becomes when all comes out of it; 0: it is a condition. */
static size_t
near_ways(const q_node *q, const char *field)
{
	size_t n = 0, conditions = 0;

	if (near_is_words(q, field))
		return 1;
	if (q->type == Q_NOT || q->type == Q_MAYBE)
		return q->nchild ? near_ways(q->child[0], field) : 0;
	if (q->type != Q_AND && q->type != Q_OR)
		return 0;
	for (size_t i = 0; i < q->nchild; i++) {
		size_t ways = near_ways(q->child[i], field);
		n += ways;
		conditions += !ways;
	}
	/* (a OR date:2013) NEAR c is (a NEAR c) OR (c AND date:2013) */
	return n && q->type == Q_OR ? n + conditions : n;
}

static size_t
near_leaves(const q_node *q)
{
	size_t n = q->nchild == 0;

	for (size_t i = 0; i < q->nchild; i++)
		n += near_leaves(q->child[i]);
	return n;
}

/* ---- one chain ---------------------------------------------------------- */

typedef struct near_chain {
	parser *p;
	const char *field;
	q_type type;
	uint32_t distance;
	q_node **list; /* the operands; NULL: left out */
	size_t n;
} near_chain;

/* What is left of the operands, all of them words. */
static q_node *
near_join(near_chain *c)
{
	q_node *rest[ADJ_MOST], *q;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->list[i])
			rest[n++] = c->list[i];
	if (n < 2)
		return n ? rest[0] : parse_node(c->p, Q_ALL, 0);
	q = parse_over(c->p, c->type, rest, n);
	if (q)
		q->n = c->distance;
	return q;
}

static q_node *near_spread(near_chain *c, size_t i);

/* The chain with `q` in the place of operand i. */
static q_node *
near_with(near_chain *c, size_t i, q_node *q)
{
	q_node *outer = c->list[i];

	c->list[i] = q;
	q = near_spread(c, q ? i : i + 1);
	c->list[i] = outer;
	return q;
}

/* A condition in the place of operand i: the others, in documents that have it. */
static q_node *
near_condition(near_chain *c, size_t i, q_node *q)
{
	q_node *pair[2] = { near_with(c, i, NULL), q };

	return pair[0] ? parse_over(c->p, Q_AND, pair, 2) : NULL;
}

/* AND, OR, NOT or MAYBE at operand i: over the chain with each of its children. */
static q_node *
near_distribute(near_chain *c, size_t i)
{
	q_node *q = c->list[i], *out, **child = arena_alloc(&c->p->a->mem, q->nchild * sizeof *child);

	if (!child) {
		c->p->failed = true;
		return NULL;
	}
	for (size_t k = 0; k < q->nchild; k++) {
		bool whole = (q->type == Q_NOT || q->type == Q_MAYBE) ? k > 0 :
			     q->type == Q_AND && !near_ways(q->child[k], c->field);

		child[k] = whole ? q->child[k] : near_with(c, i, q->child[k]);
		if (!child[k])
			return NULL;
	}
	out = parse_over(c->p, q->type, child, q->nchild);
	if (out)
		out->boost = q->boost;
	return out;
}

/* All operands from i on. */
static q_node *
near_spread(near_chain *c, size_t i)
{
	while (i < c->n && (!c->list[i] || near_is_words(c->list[i], c->field)))
		i++;
	if (i == c->n)
		return near_join(c);
	return near_ways(c->list[i], c->field) ? near_distribute(c, i) : near_condition(c, i, c->list[i]);
}

/* The operands [chain, end) of one NEAR or ADJ become one node at chain; false:
 * they are left as they are. */
static bool
near_collapse(parser *p, size_t chain, size_t end, const lex_token *op)
{
	near_chain c = { .p = p, .n = end - chain, .type = op->kind == LEX_NEAR ? Q_NEAR : Q_ADJ,
			 .distance = op->n ? op->n : 1 };
	near_fields f = { 0 };
	size_t ways = 1, leaves = 0;
	q_node *q;

	c.list = arena_alloc(&p->a->mem, c.n * sizeof *c.list);
	if (!c.list) {
		p->failed = true;
		return false;
	}
	for (size_t i = 0; i < c.n; i++) {
		c.list[i] = p->item[chain + i].node;
		near_collect(c.list[i], &f);
	}
	near_field(&f, &c.field);
	for (size_t i = 0; i < c.n; i++) {
		leaves += near_leaves(c.list[i]);
		ways *= min_size(near_ways(c.list[i], c.field), p->opt.max_nodes + 1);
		ways = min_size(ways, p->opt.max_nodes + 1);
	}
	if (ways > 1 && p->repeated + (ways - 1) * leaves > p->opt.max_nodes) {
		parse_warn(p, W_NEAR_MANY, op->at, op->end,
			   "works on too many words in parentheses here; read as AND");
		return false;
	}
	p->repeated += (ways - 1) * leaves;
	q = near_spread(&c, 0);
	if (!q) {
		p->failed = true;
		return false;
	}
	p->item[chain].node = q;
	memmove(p->item + chain + 1, p->item + end, (p->nitem - end) * sizeof *p->item);
	p->nitem -= c.n - 1;
	return true;
}

/* ---- the level ---------------------------------------------------------- */

/* Can the items from `chain` to the top be operands of one NEAR? */
static bool
near_joins(const parser *p, size_t chain)
{
	near_fields f = { 0 };
	const char *field;

	for (size_t i = chain; i < p->nitem; i++) {
		if (p->item[i].sign == '-')
			return false;
		near_collect(p->item[i].node, &f);
	}
	if (!near_field(&f, &field))
		return false;
	for (size_t i = chain; i < p->nitem; i++)
		if (!near_ways(p->item[i].node, field))
			return false;
	return true;
}

/* Why they cannot. */
static void
near_refuse(parser *p, const lex_token *op, bool deep, bool many)
{
	if (deep)
		parse_warn(p, W_DEPTH, 0, 0, "too many NEAR in a row; joined by AND");
	else if (many)
		parse_warn(p, W_NEAR_MANY, op->at, op->end, "has more than %d operands in a row; read as AND",
			   op->kind == LEX_NEAR ? NEAR_MOST : ADJ_MOST);
	else
		parse_warn(p, W_NEAR, op->at, op->end,
			   "works on words and phrases of one field; read as AND");
	if (!p->depth)
		p->explicit_and = true;
}

void
parse_near(parser *p)
{
	size_t chain = p->nitem, links = 0;
	lex_token op, cur = { 0 }; /* cur.kind 0: no chain is open */
	bool many = false;         /* from here on all is joined by AND */

	parse_unary(p);
	while (p->tok.kind == LEX_NEAR || p->tok.kind == LEX_ADJ) {
		size_t end = p->nitem;
		bool deep;

		op = p->tok;
		parse_next(p);
		if (!parse_unary(p) || end == chain) {
			if (!p->failed)
				parse_dropped(p, &op);
			continue;
		}
		if (cur.kind && !many && (cur.kind != op.kind || cur.n != op.n)) {
			many = !near_collapse(p, chain, end, &cur);
			end = many ? end : p->nitem - 1;
			cur.kind = 0;
			links++;
		}
		deep = links > p->opt.max_depth;
		many |= p->nitem - chain > (op.kind == LEX_NEAR ? NEAR_MOST : ADJ_MOST);
		if (p->failed || (!deep && !many && near_joins(p, chain))) {
			cur = op;
			continue;
		}
		if (cur.kind && !many)
			many = !near_collapse(p, chain, end, &cur);
		cur.kind = 0;
		chain = many ? chain : p->nitem - 1;
		near_refuse(p, &op, deep, many);
	}
	if (cur.kind && !many && !p->failed && !near_collapse(p, chain, p->nitem, &cur) && !p->failed && !p->depth)
		p->explicit_and = true;
}
