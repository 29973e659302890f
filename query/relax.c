/* relax.c - the fall-back when no document has all the words: the clauses of an
 * implicit AND become alternatives, and an unquoted run of CJK characters, which
 * is searched as a phrase first, becomes its overlapping bigrams.
 *
 * What a person asked for as a condition stays one: ranges, metadata fields,
 * NOT, groups with AND of their own.
 */
#include "query/parse_impl.h"

/* A word or phrase of the text or the title. */
static bool
relax_is_text(const q_node *q)
{
	switch (q->type) {
	case Q_TERM:
	case Q_PREFIX:
		return !q_is_value(q) && (!q->field || !strcmp(q->field, "title"));
	case Q_PHRASE:
	case Q_SYN:
	case Q_NEAR:
	case Q_ADJ:
	case Q_OR:
		for (size_t i = 0; i < q->nchild; i++)
			if (!relax_is_text(q->child[i]))
				return false;
		return true;
	default:
		return false;
	}
}

/* The wanted clauses of a root. */
static void
relax_clauses(const q_node *const *root, const q_node *const **list, size_t *n)
{
	const q_node *q = *root;

	if (q->type == Q_NOT) {
		root = (const q_node *const *)q->child;
		q = *root;
	}
	if (q->type == Q_AND) {
		*list = (const q_node *const *)q->child;
		*n = q->nchild;
	} else {
		*list = root;
		*n = 1;
	}
}

/* Bytes of the first character of a bigram if it has just two, else 0. */
static size_t
relax_first(const q_node *q)
{
	const char *at, *end;
	size_t first;

	if (q->type != Q_TERM || q->kind != TEXT_CJK)
		return 0;
	at = q->term;
	end = at + q->term_len;
	text_decode(&at, end);
	first = (size_t)(at - q->term);
	if (at < end)
		text_decode(&at, end);
	return at == end && first < q->term_len ? first : 0;
}

/* Two bigrams that touch: CD after AB. */
static bool
relax_touch(const q_node *a, const q_node *b)
{
	return relax_first(a) && relax_first(b) && b->offset == a->offset + 2;
}

/* How many alternatives clause q is. */
static size_t
relax_width(const q_node *q)
{
	size_t n;

	if (!q->run)
		return 1;
	n = q->nchild;
	for (size_t i = 1; i < q->nchild; i++)
		n += relax_touch(q->child[i - 1], q->child[i]);
	return n;
}

bool
relax_possible(const q_node *root)
{
	const q_node *const *list;
	size_t n, alternatives = 0;

	relax_clauses(&root, &list, &n);
	for (size_t i = 0; i < n; i++)
		if (relax_is_text(list[i]))
			alternatives += relax_width(list[i]);
	return alternatives > 1;
}

/* A copy of a slot as a clause. */
static q_node *
relax_copy(ast *a, const q_node *slot, float boost)
{
	q_node *q = q_new(a, slot->type, 0);

	if (!q)
		return NULL;
	*q = *slot;
	q->offset = 0;
	q->boost = slot->boost * boost;
	return q;
}

/* BC between AB and CD. */
static q_node *
relax_between(ast *a, const q_node *left, const q_node *right, float boost)
{
	size_t skip = relax_first(left), head = relax_first(right);
	size_t len = left->term_len - skip + head;
	q_node *q = relax_copy(a, left, boost);
	char *term = q ? arena_alloc(&a->mem, len + 1) : NULL;

	if (!term)
		return NULL;
	memcpy(term, left->term + skip, left->term_len - skip);
	memcpy(term + (left->term_len - skip), right->term, head);
	term[len] = 0;
	q->term = term;
	q->term_len = len;
	return q;
}

/* Write the alternatives of q at out; false: no memory. */
static bool
relax_split(ast *a, const q_node *q, q_node **out, size_t *n)
{
	if (!q->run) {
		out[(*n)++] = (q_node *)q; /* shared: trees are read only */
		return true;
	}
	for (size_t i = 0; i < q->nchild; i++) {
		if (i && relax_touch(q->child[i - 1], q->child[i]) &&
		    !(out[(*n)++] = relax_between(a, q->child[i - 1], q->child[i], q->boost)))
			return false;
		if (!(out[(*n)++] = relax_copy(a, q->child[i], q->boost)))
			return false;
	}
	return true;
}

/* AND of any and the clauses of list that stay mandatory. */
static q_node *
relax_and(ast *a, q_node *any, const q_node *const *list, size_t n, size_t kept)
{
	q_node *and;
	size_t k = 0;

	if (!kept)
		return any;
	and = q_new(a, Q_AND, kept + 1);
	if (!and)
		return NULL;
	and->child[k++] = any;
	for (size_t i = 0; i < n; i++)
		if (!relax_is_text(list[i]))
			and->child[k++] = (q_node *)list[i];
	return and;
}

q_node *
q_relax(ast *a, const q_node *root)
{
	const q_node *const *list;
	size_t n, alternatives = 0, kept = 0, k = 0;
	q_node *q, *not;

	if (!relax_possible(root))
		return NULL;
	relax_clauses(&root, &list, &n);
	for (size_t i = 0; i < n; i++) {
		if (relax_is_text(list[i]))
			alternatives += relax_width(list[i]);
		else
			kept++;
	}
	q = q_new(a, Q_OR, alternatives);
	if (!q)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (relax_is_text(list[i]) && !relax_split(a, list[i], q->child, &k))
			return NULL;
	q = relax_and(a, q, list, n, kept);
	if (!q || root->type != Q_NOT)
		return q;
	not = q_new(a, Q_NOT, root->nchild);
	if (!not)
		return NULL;
	memcpy(not->child, root->child, root->nchild * sizeof *root->child);
	not->child[0] = q;
	return not;
}
