/* parse_operand.c - the operands of a query: words, quotes, values, ranges,
 * fields and groups.
 *
 * Each function makes the node of the current token, or NULL (with a warning)
 * where there is nothing to search for.  The field of an operand is given to its
 * leaves as they are made, by p->field.
 */
#include "query/glob.h"
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

/* ---- identifiers -------------------------------------------------------- */

/* An identifier is no text: id:doc-1 is the document of that name, letter for
 * letter, and id:doc-* every one that begins so. */
static bool
parse_is_id(const char *field)
{
	return field && !strcmp(field, "id");
}

static q_node *
parse_whole_value(parser *p, const char *field, lex_span text)
{
	q_node *q;

	if (parse_full(p, 1) || !(q = parse_node(p, Q_TERM, 0)))
		return NULL;
	p->leaves++;
	q->mode = Q_VALUE;
	q->field = field;
	q->raw = q->term = parse_string(p, text, &q->raw_len);
	q->term_len = q->raw_len;
	return q;
}

/* The least string above all that begin with s: the last character that has a
 * successor, one up.  Bytes and characters have the same order in UTF-8.  NULL:
 * nothing is above. */
static const char *
parse_above(parser *p, const char *s, size_t n)
{
	char *out = arena_alloc(&p->a->mem, n + 5);

	if (!out) {
		p->failed = true;
		return NULL;
	}
	while (n) {
		size_t at = n - 1;
		const char *c = s;
		uint32_t next;

		while (at && ((uint8_t)s[at] & 0xc0) == 0x80)
			at--;
		c += at;
		next = text_decode(&c, s + n) + 1;
		n = at;
		if (next > 0x10ffff)
			continue;
		next = next == 0xd800 ? 0xe000 : next;
		memcpy(out, s, n);
		n += text_encode(next, out + n);
		out[n] = 0;
		return out;
	}
	return NULL;
}

/* Identifiers that begin with text: a range, its end excluded. */
static q_node *
parse_id_prefix(parser *p, lex_span text)
{
	q_node *q;
	size_t n = 0;

	if (parse_full(p, 1) || !(q = parse_node(p, Q_RANGE, 0)))
		return NULL;
	p->leaves++;
	q->field = p->field;
	q->lo = parse_string(p, text, &n);
	q->hi = q->lo ? parse_above(p, q->lo, n) : NULL;
	q->hi_open = q->hi != NULL;
	return q;
}

static q_node *
parse_id_word(parser *p)
{
	const lex_token *t = &p->tok;
	lex_span text = t->text;
	bool prefix = t->prefix;

	while (text.n > 1 && text.p[text.n - 1] == '*') {
		text.n--;
		prefix = true;
	}
	return prefix ? parse_id_prefix(p, text) : parse_whole_value(p, p->field, text);
}

/* ---- paths -------------------------------------------------------------- */

/* path:laws/x, path:"a b/?": what has a slash, a star or a question mark is a
 * pattern over whole paths; anything else is looked for among their words. */
static bool
parse_is_glob(const parser *p, lex_span text)
{
	return p->field && !strcmp(p->field, "path") && !p->tok.mark && !p->tok.has_slop &&
	       glob_is_pattern(text.p, text.n);
}

static q_node *
parse_glob(parser *p, lex_span text)
{
	q_node *q = parse_whole_value(p, p->field, text);

	if (!q || !q->raw)
		return NULL;
	q->mode = Q_GLOB;
	/* such a quote could not be printed; any character will do */
	for (size_t i = 0; i < q->raw_len; i++)
		if (q->raw[i] == '"')
			((char *)(uintptr_t)q->raw)[i] = '?';
	return q;
}

static q_node *
parse_word(parser *p)
{
	lex_span whole = { p->tok.text.p, p->tok.whole, false };
	q_node *q;

	if (parse_is_id(p->field))
		return parse_id_word(p);
	if (parse_is_glob(p, whole))
		return parse_glob(p, whole);
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
	lex_span text = p->tok.text;
	q_node *q;

	text.quoted = true;
	if (parse_is_id(p->field) && text.n)
		q = parse_whole_value(p, p->field, text);
	else
		q = parse_is_glob(p, text) ? parse_glob(p, text) : phrase_quote(p, &p->tok);
	if (!p->tok.closed)
		parse_warn(p, W_QUOTE, 0, 0,
			   "a quotation mark is not closed; the phrase goes to the end");
	if (!q && !p->failed)
		parse_warn(p, W_EMPTY_QUOTE, p->tok.at, p->tok.end,
			   "has no word between the quotation marks; ignored");
	return q;
}

/* From a value to the same. */
static bool
parse_is_point(const lex_token *t)
{
	return t->lo.p && t->hi.p && !t->lo_open && !t->hi_open && t->lo.n == t->hi.n &&
	       !memcmp(t->lo.p, t->hi.p, t->lo.n);
}

static q_node *
parse_range(parser *p)
{
	const lex_token *t = &p->tok;
	q_node *q;
	const char *field = parse_string(p, t->name, NULL);

	if (parse_is_id(field) && parse_is_point(t)) /* id:2015-06, id=7 */
		return parse_whole_value(p, field, t->lo);
	if (parse_full(p, 1) || !(q = parse_node(p, Q_RANGE, 0)))
		return NULL;
	p->leaves++;
	q->field = field;
	q->lo = parse_string(p, t->lo, NULL);
	q->hi = parse_string(p, t->hi, NULL);
	q->lo_open = t->lo_open;
	q->hi_open = t->hi_open;
	return q;
}

/* The text and the title have no whole values: there it is a strict phrase. */
static q_node *
parse_value(parser *p)
{
	const char *outer = p->field, *field = parse_string(p, p->tok.name, NULL);
	lex_token t = p->tok;
	q_node *q;

	if (!field || (strcmp(field, "title") && strcmp(field, "text")))
		return parse_whole_value(p, field, t.text);
	t.kind = LEX_QUOTE;
	t.mark = '=';
	t.n = 0;
	p->field = strcmp(field, "text") ? field : NULL;
	q = phrase_quote(p, &t);
	p->field = outer;
	if (!q && !p->failed)
		parse_warn(p, W_EMPTY_QUOTE, t.at, t.end, "has no word in its value; ignored");
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
		q = parse_is_id(p->field) && !t.prefix ?
			    parse_whole_value(p, p->field, t.text) :
			    word_literal(p, t.text, t.lo, t.mark == '=' ? Q_STRICT : Q_STEM, t.prefix);
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
	if (q && boost != 1) {
		q->boost *= boost;
		if (q->boost > LEX_BOOST_MAX) { /* boosts of nested parentheses */
			q->boost = LEX_BOOST_MAX;
			parse_warn(p, W_NUMBER, t.at, p->tok.end,
				   "has boosts that multiply to more than %d, which is used",
				   LEX_BOOST_MAX);
		}
	}
	parse_next(p);
	return q;
}
