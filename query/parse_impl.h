/* parse_impl.h - what the files of the parser share: the state of one parse.
 *
 *   parse.c         grammar, options, limits
 *   parse_near.c    NEAR and ADJ
 *   parse_operand.c words, quotes, fields, ranges, groups
 *   parse_word.c    a chunk of text -> words, compounds, CJK runs
 *   parse_phrase.c  what stands between quotes
 *   parse_question.c function words and compounds of long questions
 *
 * Sticky: when memory is out, `failed` is set, nodes are NULL and the parse
 * ends at the next token.  NULL nodes are "nothing here" everywhere.
 */
#ifndef QUERY_PARSE_IMPL_H
#define QUERY_PARSE_IMPL_H

#include "query/ast.h"
#include "query/lex.h"

/* Kinds of warning; each is given once, for its first occasion. */
typedef enum warn_kind {
	W_UTF8, W_LENGTH, W_NODES, W_DEPTH, W_OPEN, W_CLOSE, W_QUOTE, W_EMPTY_GROUP,
	W_EMPTY_QUOTE, W_OPERATOR, W_NOWORD, W_NEAR, W_NEAR_MANY, W_NUMBER, W_WILD, W_FUZZY, W_REGEX,
	W_LATER, W_SECTION, W_SYNONYM, W_FIELD, W_ALTERNATIVE
} warn_kind;

/* A token of the analyzer, copied. */
typedef struct word_token {
	const char *term;
	size_t len;
	uint32_t start, end, pos;
	uint8_t width, kind, flags;
} word_token;

/* An operand with its sign: '+', '-' or 0. */
typedef struct parse_item {
	q_node *node;
	char sign;
} parse_item;

typedef struct parser {
	ast *a;
	text_analyzer *an;
	q_parse_options opt;
	lexer lx;
	lex_token tok;      /* the token to look at */
	const char *field;  /* of the operand being read; NULL: the text */
	bool failed;        /* out of memory */
	bool explicit_and;  /* AND or + outside all parentheses */
	size_t clauses;     /* wanted operands of the last words outside all parentheses */
	uint64_t warned;    /* bits of warn_kind */
	size_t leaves;      /* words so far */
	size_t repeated;    /* words that stand in the tree once more, by NEAR */
	size_t depth;       /* parentheses and alternatives open */
	size_t ignored;     /* parentheses beyond max_depth */
	parse_item *item;   /* operands of the levels being read, as a stack */
	size_t nitem, item_cap;
	q_node **slot;      /* slots of the phrases being read, as a stack */
	size_t nslot, slot_cap;
	word_token *word;   /* the tokens of one piece of text */
	size_t nword, word_cap;
} parser;

void parse_warn(parser *p, warn_kind kind, size_t at, size_t end, const char *fmt, ...)
    CDG_PRINTF(5, 6);
/* No room for n more words: ends the parse, with a warning. */
bool parse_full(parser *p, size_t n);
q_node *parse_node(parser *p, q_type type, size_t nchild);
/* A node over the n nodes at child. */
q_node *parse_over(parser *p, q_type type, q_node *const *child, size_t n);

void parse_push(parser *p, q_node *node, char sign);
void parse_next(parser *p);
bool parse_is_operand(uint8_t kind);
/* Lowest level of the grammar: pushes at most one item. */
void parse_alternatives(parser *p);
/* One operand with its signs; true if an item was pushed. */
bool parse_unary(parser *p);
/* Say that an operator had no operand. */
void parse_dropped(parser *p, const lex_token *op);

/* ---- parse_near.c ------------------------------------------------------ */

/* near := unary { (NEAR | ADJ) unary }; pushes what cannot be joined apart. */
void parse_near(parser *p);

/* ---- parse_operand.c -------------------------------------------------- */

/* The operand at the token, which is then the one behind it. */
q_node *parse_primary(parser *p);

/* ---- parse_question.c ------------------------------------------------- */

/* The items from base on are a list joined by nothing, of which any will do. */
void parse_question(parser *p, size_t base);

/* ---- relax.c ---------------------------------------------------------- */

/* Would q_relax find something to do? */
bool relax_possible(const q_node *root);

/* ---- parse_word.c ----------------------------------------------------- */

/* Analyse text and push its slots, at offsets from *off on, which is advanced by
 * the positions of the text.  With prefix the last word becomes a Q_PREFIX.
 * With spread, all overlapping bigrams of CJK runs are pushed. */
void word_slots(parser *p, const char *s, size_t n, q_mode mode, bool prefix, bool spread,
		uint32_t *off);
/* The slots from base on as one node: the slot itself or a Q_PHRASE; popped. */
q_node *word_phrase(parser *p, size_t base, uint32_t slop);
/* A chunk outside quotes. */
q_node *word_chunk(parser *p, const lex_token *t);
/* `term`, with the raw form of a strict word (raw.p NULL: none). */
q_node *word_literal(parser *p, lex_span term, lex_span raw, q_mode mode, bool prefix);
void word_push(parser *p, q_node *node, uint32_t offset);
/* Positions from the first slot to the end, if a CJK word is among the slots. */
uint32_t word_span(q_node *const *slot, size_t n);

/* ---- parse_phrase.c --------------------------------------------------- */

q_node *phrase_quote(parser *p, const lex_token *t);

#endif
