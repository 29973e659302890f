/* fz_query.c - any bytes as a query: no crash, no hang, limits kept, and what
 * q_print writes parses back to an equal tree.  The first byte chooses the
 * options.
 */
#include <stdio.h>
#include <stdlib.h>

#include "query/ast.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fz_die(const char *what, const buf *first, const buf *second)
{
	fprintf(stderr, "%s\n first: %.*s\nsecond: %.*s\n", what, (int)first->len,
		(const char *)first->p, second ? (int)second->len : 0,
		second ? (const char *)second->p : "");
	abort();
}

/* Every tree: children present, depth bounded, floats finite. */
static size_t
fz_walk(const q_node *q, size_t depth)
{
	size_t n = 1;

	if (!q || depth > 2500 || !(q->boost >= 0))
		abort();
	if ((q->type == Q_TERM || q->type == Q_PREFIX) && (!q->term || q->term[q->term_len]))
		abort();
	for (size_t i = 0; i < q->nchild; i++)
		n += fz_walk(q->child[i], depth + 1);
	return n;
}

static void
fz_round(const ast *a, const q_parse_options *opt, text_analyzer *an)
{
	buf first, second;
	ast back;

	buf_init(&first);
	buf_init(&second);
	ast_init(&back);
	q_print(a->root, &first);
	if (q_parse(buf_cstr(&first), first.len, opt, an, &back, NULL) != CDG_OK)
		fz_die("the printed query does not parse", &first, NULL);
	q_print(back.root, &second);
	if (!q_equal(a->root, back.root))
		fz_die("parses back to another tree", &first, &second);
	ast_fini(&back);
	buf_fini(&first);
	buf_fini(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static text_analyzer *an;
	q_parse_options opt = { 0 };
	ast a;

	if (!an && !(an = text_analyzer_new(NULL)))
		return 0;
	if (size) {
		opt.default_or = data[0] & 1;
		opt.stem_phrases = data[0] & 2;
		opt.langs = (uint64_t)(data[0] >> 3 & 1) << TEXT_LANG_EN;
		if (data[0] & 4) {
			opt.max_nodes = 5;
			opt.max_depth = 3;
		}
		data++;
		size--;
	}
	ast_init(&a);
	if (q_parse((const char *)data, size, &opt, an, &a, NULL) != CDG_OK)
		abort();
	fz_walk(a.root, 0);
	if (a.nwarnings > 64)
		abort();
	/* some parentheses of the printed text were not typed */
	opt.max_nodes = 0;
	opt.max_depth = 1000;
	if (a.relaxable) {
		q_node *r = q_relax(&a, a.root);
		if (!r)
			abort();
		fz_walk(r, 0);
	}
	fz_round(&a, &opt, an);
	ast_fini(&a);
	return 0;
}
