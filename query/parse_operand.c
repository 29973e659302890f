/* parse_operand.c - the operands of a query: words, quotes, values, ranges,
 * fields and groups.
 *
 * Each function makes the node of the current token, or NULL (with a warning)
 * where there is nothing to search for.  The field of an operand is given to its
 * leaves as they are made, by p->field.
 */
#include "query/parse_impl.h"

/* ---- operands --------------------------------------------------------- */

/* What the lexer noticed in a word that has no meaning yet. */
static void
parse_later(parser *p, const lex_token *t)
{
	if (t->regex)
		parse_warn(p, W_REGEX, t->at, t->end,
			   "(a regular expression) is not supported yet; read as words");
	if (t->wild)
		parse_warn(p, W_WILD, t->at, t->end,
			   "(a wildcard other than at the end) is not supported yet; read as words");
	if (t->fuzzy)
		parse_warn(p, W_FUZZY, t->at, t->end,
			   "(similar spelling) is not supported yet; read as the word itself");
	if (t->mark == '~' && t->kind == LEX_WORD)
		parse_warn(p, W_SYNONYM, t->at, t->end,
			   "(synonyms) is not supported yet; read as the word itself");
}

static q_node *
parse_word(parser *p)
{
	q_node *q;

	parse_later(p, &p->tok);
	q = word_chunk(p, &p->tok);
	if (!q && !p->failed)
		parse_warn(p, W_NOWORD, p->tok.at, p->tok.end,
			   "has nothing to search for; ignored");
	return q;
}

static q_node *
parse_quote(parser *p)
{
	q_node *q = phrase_quote(p, &p->tok);

	if (!p->tok.closed)
		parse_warn(p, W_QUOTE, 0, 0,
			   "a quotation mark is not closed; the phrase goes to the end");
	if (!q && !p->failed)
		parse_warn(p, W_EMPTY_QUOTE, p->tok.at, p->tok.end,
			   "has no word between the quotation marks; ignored");
	return q;
}

/* A string of the query; in quotes "" is one quote. */
static const char *
parse_string(parser *p, lex_span in, size_t *len)
{
	char *out;
	size_t n = 0;

	if (!in.p)
		return NULL;
	out = arena_alloc(&p->a->mem, in.n + 1);
	if (!out) {
		p->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < in.n; i++) {
		out[n++] = in.p[i];
		i += in.quoted && in.p[i] == '"' && i + 1 < in.n && in.p[i + 1] == '"';
	}
	out[n] = 0;
	if (len)
		*len = n;
	return out;
}

static q_node *
parse_range(parser *p)
{
	const lex_token *t = &p->tok;
	q_node *q;

	if (parse_full(p, 1) || !(q = parse_node(p, Q_RANGE, 0)))
		return NULL;
	p->leaves++;
	q->field = parse_string(p, t->name, NULL);
	q->lo = parse_string(p, t->lo, NULL);
	q->hi = parse_string(p, t->hi, NULL);
	q->lo_open = t->lo_open;
	q->hi_open = t->hi_open;
	return q;
}

static q_node *
parse_value(parser *p)
{
	q_node *q;

	if (parse_full(p, 1) || !(q = parse_node(p, Q_TERM, 0)))
		return NULL;
	p->leaves++;
	q->mode = Q_VALUE;
	q->field = parse_string(p, p->tok.name, NULL);
	q->raw = q->term = parse_string(p, p->tok.text, &q->raw_len);
	q->term_len = q->raw_len;
	return q;
}

/* A parenthesis; on its content afterwards the closing one has been read. */
static q_node *
parse_group(parser *p, float *boost)
{
	size_t base = p->nitem, at = p->tok.at;
	q_node *q = NULL;

	parse_next(p);
	p->depth++;
	parse_alternatives(p);
	p->depth--;
	if (p->nitem > base) {
		q = p->item[base].node;
		p->nitem = base;
	}
	if (p->tok.kind == LEX_CLOSE)
		*boost = p->tok.boost;
	else
		parse_warn(p, W_OPEN, 0, 0, "a parenthesis is not closed; it goes to the end");
	if (!q && !p->failed)
		parse_warn(p, W_EMPTY_GROUP, at, p->tok.end,
			   "has nothing between the parentheses; ignored");
	return q;
}

static q_node *
parse_field(parser *p)
{
	const char *outer = p->field;
	lex_token name = p->tok;
	q_node *q = NULL;

	if (name.section) {
		parse_warn(p, W_SECTION, name.at, name.end,
			   "(search in a section) is not supported yet; what follows is searched in "
			   "the text");
		p->field = NULL;
	} else {
		p->field = parse_string(p, name.text, NULL);
	}
	parse_next(p);
	if (p->tok.kind == LEX_OPEN && p->depth >= p->opt.max_depth) {
		; /* too deep: the caller skips the parenthesis, and its field with it */
	} else if (parse_is_operand(p->tok.kind) && p->tok.kind != LEX_FIELD) {
		q = parse_primary(p);
	} else {
		parse_warn(p, W_FIELD, name.at, name.end, "is not followed by a value; ignored");
	}
	p->field = outer;
	return q;
}

/* The primary at the token; afterwards the token behind it is current. */
q_node *
parse_primary(parser *p)
{
	lex_token t = p->tok;
	float boost = t.boost;
	q_node *q = NULL;

	switch (t.kind) {
	case LEX_WORD:
		q = parse_word(p);
		break;
	case LEX_QUOTE:
		q = parse_quote(p);
		break;
	case LEX_LITERAL:
		q = word_literal(p, t.text, t.lo, t.mark == '=' ? Q_STRICT : Q_STEM, t.prefix);
		break;
	case LEX_ALL:
		q = parse_node(p, Q_ALL, 0);
		break;
	case LEX_RANGE:
		q = parse_range(p);
		break;
	case LEX_VALUE:
		q = parse_value(p);
		break;
	case LEX_FIELD:
		return parse_field(p);
	case LEX_OPEN:
		q = parse_group(p, &boost);
		break;
	default:
		break;
	}
	if (q && boost != 1)
		q->boost *= boost;
	parse_next(p);
	return q;
}
