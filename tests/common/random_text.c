/* random_text.c - random queries as people type them.  See random_query.h. */
#include "tests/common/random_query.h"

typedef struct typist {
	const vocab *v;
	rnd *r;
	buf *out;
	size_t doc; /* in mind */
} typist;

static void
type_raw(typist *t, doc_str s, const char *without)
{
	for (size_t i = 0; i < s.n; i++)
		buf_put_u8(t->out, s.p[i] && strchr(without, s.p[i]) ? ' ' : (uint8_t)s.p[i]);
}

/* Part of a run of words as it stands on the page: whole characters. */
static doc_str
type_piece(typist *t)
{
	const vocab_run *run = vocab_pick_run(t->v, t->r, rnd_chance(t->r, 85) ? t->doc : SIZE_MAX);
	const char *from, *to, *end;
	uint32_t chars;

	if (!run)
		return (doc_str){ "x", 1 };
	from = run->text.p;
	end = from + run->text.n;
	if (run->token[0].kind == TEXT_CJK)
		for (chars = rnd_below(t->r, 3); chars && from < end; chars--)
			text_decode(&from, end);
	if (run->token[0].kind != TEXT_CJK || from >= end)
		return run->text;
	to = from;
	for (chars = 1 + rnd_below(t->r, 6); chars && to < end; chars--)
		text_decode(&to, end);
	return (doc_str){ from, (size_t)(to - from) };
}

static void
type_word(typist *t)
{
	static const char *const marks[] = { "", "", "", "", "=", "+", "-" };
	const vocab_token *w = vocab_pick_word(t->v, t->r, t->doc);

	if (!w)
		return;
	buf_puts(t->out, marks[rnd_below(t->r, countof(marks))]);
	if (rnd_chance(t->r, 10)) {
		size_t n = min_size(w->raw.n, 3 + rnd_below(t->r, 4));
		while (n < w->raw.n && (w->raw.p[n] & 0xc0) == 0x80)
			n++;
		type_raw(t, (doc_str){ w->raw.p, n }, "\"()|:");
		buf_puts(t->out, "*");
	} else if (t->v->njoined && rnd_chance(t->r, 5)) {
		type_raw(t, t->v->joined[rnd_below(t->r, (uint32_t)t->v->njoined)], "\"");
	} else {
		type_raw(t, rnd_chance(t->r, 50) ? w->raw : w->term, "\"");
		if (w->hyphen && rnd_chance(t->r, 20))
			buf_puts(t->out, "-and");
	}
	if (rnd_chance(t->r, 8))
		buf_printf(t->out, "^%u", 1 + rnd_below(t->r, 5));
}

static void
type_phrase(typist *t)
{
	static const char *const marks[] = { "", "", "", "=", "~" };

	buf_puts(t->out, marks[rnd_below(t->r, countof(marks))]);
	buf_puts(t->out, "\"");
	if (rnd_chance(t->r, 12)) {
		const vocab_token *w = vocab_pick_word(t->v, t->r, t->doc);
		const vocab_token *x = vocab_pick_word(t->v, t->r, t->doc);
		buf_puts(t->out, "(");
		if (w)
			type_raw(t, w->raw, "\"()|*");
		buf_puts(t->out, "|");
		if (x)
			type_raw(t, x->raw, "\"()|*");
		buf_puts(t->out, ") ");
	}
	type_raw(t, type_piece(t), "\"()|*");
	buf_puts(t->out, "\"");
	if (rnd_chance(t->r, 15))
		buf_printf(t->out, "~%u", rnd_below(t->r, 6));
}

static void
type_field(typist *t)
{
	const vocab_field *f = vocab_pick_field(t->v, t->r);
	static const char *const ops[] = { ">=", "<=", ">", "<", "=" };
	doc_str a, b;

	if (!f || !f->n || rnd_chance(t->r, 25)) {
		buf_puts(t->out, "title:");
		if (rnd_chance(t->r, 60))
			type_word(t);
		else
			type_phrase(t);
		return;
	}
	a = f->values[rnd_below(t->r, (uint32_t)f->n)];
	b = f->values[rnd_below(t->r, (uint32_t)f->n)];
	buf_puts(t->out, f->name);
	switch (rnd_below(t->r, 5)) {
	case 0:
		buf_puts(t->out, ":=\"");
		type_raw(t, a, "\"");
		buf_puts(t->out, "\"");
		break;
	case 1:
		buf_puts(t->out, ":[\"");
		type_raw(t, a, "\"");
		buf_puts(t->out, "\"..\"");
		type_raw(t, b, "\"");
		buf_puts(t->out, rnd_chance(t->r, 50) ? "\"]" : "\"}");
		break;
	case 2:
		buf_puts(t->out, ops[rnd_below(t->r, countof(ops))]);
		type_raw(t, a, "\" ()");
		break;
	case 3:
		buf_puts(t->out, ":(");
		type_raw(t, a, "\"()|:");
		buf_puts(t->out, "|");
		type_raw(t, b, "\"()|:");
		buf_puts(t->out, ")");
		break;
	default:
		buf_puts(t->out, ":");
		type_raw(t, a, "\"()|");
	}
}

static void
type_query(typist *t, unsigned depth)
{
	static const char *const joins[] = { " ", " ", " ", " AND ", " OR ", " NOT ", " | ",
					     " NEAR ", " NEAR/3 ", " ADJ/2 ", " ADJ ", " MAYBE ",
					     " w/5 " };
	uint32_t n = 1 + rnd_below(t->r, 3);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = rnd_below(t->r, 100);

		if (i)
			buf_puts(t->out, joins[rnd_below(t->r, rnd_chance(t->r, 50) ? 3 : countof(joins))]);
		if (depth && k < 20) {
			buf_puts(t->out, "(");
			type_query(t, depth - 1);
			buf_puts(t->out, rnd_chance(t->r, 90) ? ")" : ")^2.5");
		} else if (k < 60) {
			type_word(t);
		} else if (k < 80) {
			type_phrase(t);
		} else if (k < 88) {
			type_field(t);
		} else {
			type_raw(t, type_piece(t), "\"");
		}
	}
}

void
random_query_text(const vocab *v, uint64_t seed, uint64_t number, buf *out)
{
	rnd r = rnd_seed(seed, number);
	typist t = { v, &r, out, vocab_pick_doc(v, &r) };

	type_query(&t, rnd_below(&r, 4));
}
