/* game_query.c - see game_query.h.
 *
 * The tree is made by hand and not through the query parser, whose language is
 * richer: here a colon or AND is text.  What analysis makes several words of is
 * a phrase, as in the other engines of the game.
 */
#include "bench/game_query.h"

typedef enum occur { OCCUR_MAY, OCCUR_MUST, OCCUR_NOT, OCCUR_KINDS } occur;

/* Clauses by kind; many are on the heap.  They move to the tree at the end. */
typedef struct clauses {
	q_node **p; /* NULL: few */
	size_t n, cap;
	q_node *few[8];
} clauses;

static bool
clauses_add(clauses *c, q_node *q)
{
	if (c->n < countof(c->few)) {
		c->few[c->n++] = q;
		return true;
	}
	if (!mem_grow(&c->p, &c->cap, c->n + 1, sizeof *c->p))
		return false;
	if (c->n == countof(c->few))
		memcpy(c->p, c->few, sizeof c->few);
	c->p[c->n++] = q;
	return true;
}

static q_node *const *
clauses_all(const clauses *c)
{
	return c->p ? c->p : c->few;
}

static q_node *
clauses_join(ast *a, const clauses *c, q_type type)
{
	q_node *q;

	if (c->n == 1)
		return clauses_all(c)[0];
	q = q_new(a, type, c->n);
	if (q)
		memcpy(q->child, clauses_all(c), c->n * sizeof *q->child);
	return q;
}

/* first followed by the clauses, as children of one node. */
static q_node *
clauses_under(ast *a, q_type type, q_node *first, const clauses *c)
{
	q_node *q = first ? q_new(a, type, c->n + 1) : NULL;

	if (q) {
		q->child[0] = first;
		memcpy(q->child + 1, clauses_all(c), c->n * sizeof *q->child);
	}
	return q;
}

static q_node *
word_node(ast *a, const text_token *t, uint32_t first_pos)
{
	q_node *q = q_word(a, t->term, t->len, Q_FOLD);

	if (q) {
		q->kind = t->kind;
		q->width = t->width;
		q->offset = t->pos - first_pos;
	}
	return q;
}

/* The words of n bytes: one node, a phrase if they are several.  *none if there
 * are no words. */
static q_node *
words_node(ast *a, text_analyzer *an, const char *text, size_t n, bool *none)
{
	text_token tokens[64];
	clauses c = { 0 };
	q_node *q = NULL;
	size_t got;
	bool good = true;

	text_begin(an, text, n, 0);
	while (good && (got = text_next(an, tokens, countof(tokens))) > 0)
		for (size_t i = 0; good && i < got; i++) {
			if (tokens[i].kind == TEXT_JOINED)
				continue;
			q = word_node(a, &tokens[i], 0);
			good = q && clauses_add(&c, q);
		}
	*none = good && c.n == 0;
	q = good && c.n ? clauses_join(a, &c, Q_PHRASE) : NULL;
	if (q)
		for (size_t i = c.n; i-- > 0;)
			clauses_all(&c)[i]->offset -= clauses_all(&c)[0]->offset;
	mem_free(c.p);
	return q;
}

static q_node *
game_tree(ast *a, clauses by[OCCUR_KINDS])
{
	q_node *q;

	if (by[OCCUR_MUST].n) {
		q = clauses_join(a, &by[OCCUR_MUST], Q_AND);
		if (by[OCCUR_MAY].n)
			q = clauses_under(a, Q_MAYBE, q, &by[OCCUR_MAY]);
	} else if (by[OCCUR_MAY].n) {
		q = clauses_join(a, &by[OCCUR_MAY], Q_OR);
	} else {
		return q_new(a, Q_NONE, 0);
	}
	return by[OCCUR_NOT].n ? clauses_under(a, Q_NOT, q, &by[OCCUR_NOT]) : q;
}

/* The next clause of [at, end) into by; where it ends, or NULL: no memory. */
static const char *
game_clause(ast *a, text_analyzer *an, const char *at, const char *end, clauses by[OCCUR_KINDS])
{
	occur o = *at == '+' ? OCCUR_MUST : *at == '-' ? OCCUR_NOT : OCCUR_MAY;
	const char *stop;
	q_node *q;
	bool none;

	at += o != OCCUR_MAY;
	if (at < end && *at == '"') {
		at++;
		stop = memchr(at, '"', (size_t)(end - at));
	} else {
		for (stop = at; stop < end && *stop != ' ' && *stop != '\t';)
			stop++;
	}
	stop = stop ? stop : end;
	q = words_node(a, an, at, (size_t)(stop - at), &none);
	if (q ? !clauses_add(&by[o], q) : !none)
		return NULL;
	return stop < end ? stop + 1 : end;
}

cdg_status
game_parse(ast *a, text_analyzer *an, const char *text, size_t n, cdg_error *err)
{
	const char *at = text, *end = text + n;
	clauses by[OCCUR_KINDS] = { { 0 } };

	while (at && at < end) {
		if (*at == ' ' || *at == '\t')
			at++;
		else
			at = game_clause(a, an, at, end, by);
	}
	a->root = at || !n ? game_tree(a, by) : NULL;
	for (size_t i = 0; i < OCCUR_KINDS; i++)
		mem_free(by[i].p);
	return a->root ? CDG_OK : err_nomem(err);
}
