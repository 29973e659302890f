/* parse_question.c - long questions, read as "any of the words".
 *
 * Who asks "what are the reporting duties of state-owned funds" wants documents
 * about the content words.  In a list of at least QUESTION_WORDS operands that no
 * operator joins, with --default-op or and in an index with English documents,
 *
 *  - function words (text_is_function_word) weigh QUESTION_WEIGHT, unless they are
 *    written in capitals (IT, WHO) or there is nothing else;
 *  - compounds fall apart: state-owned is state OR owned OR stateowned^0.3.  The
 *    joined word, which documents have wherever the parts are hyphenated, stands
 *    for their being together and needs no positions.
 *
 * What matches is not less than before: any of the words.  Shorter lists, quotes,
 * parentheses and operands of operators stay as they were written.  The figures
 * that speak for it are in docs/benchmarks.md.
 */
#include "query/parse_impl.h"

enum { QUESTION_WORDS = 5 };
static const float QUESTION_WEIGHT = 0.1f, QUESTION_JOINED = 0.3f;

/* Everything a compound consists of, one after the other. */
static void
question_parts(parser *p, q_node *q)
{
	if (q->type == Q_PHRASE || q->type == Q_SYN) {
		for (size_t i = 0; i < q->nchild; i++) {
			if (q->type == Q_SYN && i)
				q->child[i]->boost = QUESTION_JOINED;
			question_parts(p, q->child[i]);
		}
		return;
	}
	q->offset = 0;
	parse_push(p, q, 0);
}

/* Puts the parts of compounds in their place. */
static void
question_split(parser *p, size_t base)
{
	size_t n = p->nitem - base;
	parse_item *list = arena_alloc(&p->a->mem, n * sizeof *list);

	if (!list) {
		p->failed = true;
		return;
	}
	memcpy(list, p->item + base, n * sizeof *list);
	p->nitem = base;
	for (size_t i = 0; i < n; i++) {
		if (list[i].node->compound && !list[i].sign && list[i].node->boost == 1)
			question_parts(p, list[i].node);
		else
			parse_push(p, list[i].node, list[i].sign);
	}
}

/* Two capitals and no small letter, as in IT or WHO. */
static bool
question_capitals(const parser *p, const q_node *q)
{
	size_t capitals = 0;

	for (size_t i = q->at; i < q->end; i++) {
		if (p->lx.s[i] >= 'a' && p->lx.s[i] <= 'z')
			return false;
		capitals += p->lx.s[i] >= 'A' && p->lx.s[i] <= 'Z';
	}
	return capitals > 1;
}

static bool
question_is_function(const parser *p, const parse_item *item)
{
	const q_node *q = item->node;

	return !item->sign && q->type == Q_TERM && q->mode == Q_STEM && !q->field && q->boost == 1 &&
	       text_is_function_word(TEXT_LANG_EN, q->term, q->term_len) && !question_capitals(p, q);
}

void
parse_question(parser *p, size_t base)
{
	size_t functions = 0;

	if (p->failed || !(p->opt.langs >> TEXT_LANG_EN & 1) || p->nitem - base < QUESTION_WORDS)
		return;
	question_split(p, base);
	for (size_t i = base; i < p->nitem; i++)
		functions += question_is_function(p, &p->item[i]);
	if (p->failed || functions == p->nitem - base)
		return;
	for (size_t i = base; i < p->nitem; i++)
		if (question_is_function(p, &p->item[i]))
			p->item[i].node->boost = QUESTION_WEIGHT;
}
