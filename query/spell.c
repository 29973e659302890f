/* spell.c - see spell.h: which words of a query are to be looked at, what stands in for
 * them, and whether the query then finds more.
 *
 * Only words are replaced; all else of the query stays byte for byte.  Left alone are
 * numbers, words with digits, values of fields, strict words, patterns, addresses.
 */
#include "query/spell.h"

#include "query/exec.h"
#include "query/lex.h"

enum { SPELL_LINE = 1000, SPELL_TOKENS = 64, SPELL_RARE = 50 };

/* A word of the query that may be wrong. */
typedef struct suspect {
	size_t at, end; /* bytes of the query */
	spell_word near[SPELL_NEAR];
	size_t n, pick;
} suspect;

typedef struct speller {
	const snapshot *snap;
	const search_request *rq;
	const q_parse_options *opt;
	text_analyzer *an;
	const char *query;
	size_t n;
	bool few;
	suspect w[SPELL_WORDS];
	size_t nw;
	char terms[SPELL_TOKENS][TEXT_TERM_MAX + 1];
	buf text;
	cdg_error *err;
} speller;

/* ---- counting --------------------------------------------------------------- */

static cdg_status
spell_tree(speller *s, const q_node *root, uint64_t *total)
{
	search_request rq = *s->rq;
	search_result found;

	rq.root = root;
	rq.relaxed = NULL;
	rq.offset = rq.limit = 0;
	rq.nsort = rq.nfacets = 0;
	rq.want_total = true;
	rq.an = s->an;
	CDG_TRY(exec_search(s->snap, &rq, &found, s->err));
	*total = found.total;
	search_result_fini(&found);
	return CDG_OK;
}

/* Documents of a query. */
static cdg_status
spell_count(speller *s, const char *p, size_t n, uint64_t *total)
{
	q_parse_options opt = *s->opt;
	cdg_status st;
	ast a;

	*total = 0;
	opt.strict = false;
	ast_init(&a);
	st = q_parse(p, n, &opt, s->an, &a, s->err);
	if (st == CDG_OK)
		st = spell_tree(s, a.root, total);
	ast_fini(&a);
	return st;
}

/* Documents of one word, in any form. */
static cdg_status
spell_word_count(speller *s, const char *p, size_t n, const char *field, uint64_t *total)
{
	cdg_status st;
	q_node *q;
	ast a;

	ast_init(&a);
	q = q_word(&a, p, n, Q_STEM);
	if (q)
		q->field = field;
	st = q ? spell_tree(s, q, total) : err_nomem(s->err);
	ast_fini(&a);
	return st;
}

/* ---- suspects ------------------------------------------------------------------ */

/* "supplyside" as two words that stand side by side somewhere. */
static cdg_status
suspect_split(speller *s, suspect *w, const char *term, size_t len, uint64_t df)
{
	spell_word best = { .df = df };

	for (size_t i = 2; i + 2 <= len; i++) {
		char text[2 * TEXT_TERM_MAX];
		uint64_t both;

		if (((uint8_t)term[i] & 0xc0) == 0x80)
			continue;
		text[0] = text[len + 2] = '"';
		memcpy(text + 1, term, i);
		text[i + 1] = ' ';
		memcpy(text + i + 2, term + i, len - i);
		CDG_TRY(spell_count(s, text, len + 3, &both));
		if (both > best.df) {
			memcpy(best.term, text + 1, len + 1);
			best.len = len + 1;
			best.df = both;
			best.distance = 1;
		}
	}
	if (best.len) {
		w->n = min_size(w->n, SPELL_NEAR - 1);
		memmove(w->near + 1, w->near, w->n * sizeof *w->near);
		w->near[0] = best;
		w->n++;
	}
	return CDG_OK;
}

static size_t
count_letters(const char *p, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			return 0;
		k += ((uint8_t)p[i] & 0xc0) != 0x80;
	}
	return k;
}

/* Is it in a dictionary just so?  The cheap way to pass over most words. */
static bool
spell_known(const snapshot *snap, unsigned field, const char *term, size_t len)
{
	dict_entry e;

	for (size_t i = 0; i < snap->nsegs; i++)
		if (dict_find(&snap->segs[i].dict, DICT_TERM, field, term, len, &e))
			return true;
	return false;
}

/* A word of the query: keep it with its candidates if it is suspicious. */
static cdg_status
suspect_add(speller *s, const text_token *t, size_t base, const char *field)
{
	suspect *w = &s->w[s->nw];
	size_t letters = count_letters(t->term, t->len), k = 0;
	unsigned in = field ? DICT_FIELD_TITLE : DICT_FIELD_TEXT;
	uint64_t df;

	if (t->kind != TEXT_WORD || letters < 3 || t->len > 100 || s->nw == SPELL_WORDS)
		return CDG_OK;
	if (!s->few && spell_known(s->snap, in, t->term, t->len))
		return CDG_OK;
	CDG_TRY(spell_word_count(s, t->term, t->len, field, &df));
	if (df && (!s->few || df >= SPELL_FEW))
		return CDG_OK;
	w->at = base + t->start;
	w->end = base + t->end;
	w->pick = 0;
	w->n = spell_near(s->snap, in, t->term, t->len, letters < 5 || df ? 1 : 2, w->near, SPELL_NEAR);
	for (size_t i = 0; i < w->n; i++) /* far more documents, or it is no better */
		if (w->near[i].df >= (df ? SPELL_RARE * df : 1))
			w->near[k++] = w->near[i];
	w->n = k;
	if (!df || s->few)
		CDG_TRY(suspect_split(s, w, t->term, t->len, df));
	s->nw += w->n > 0;
	return CDG_OK;
}

static cdg_status
suspect_words(speller *s, const char *p, size_t n, const char *field)
{
	text_token tok[SPELL_TOKENS];
	size_t got;

	/* what is asked about a word uses the analyzer, too */
	text_begin(s->an, p, n, 0);
	got = text_next(s->an, tok, countof(tok));
	for (size_t i = 0; i < got; i++) {
		memcpy(s->terms[i], tok[i].term, tok[i].len);
		tok[i].term = s->terms[i];
	}
	for (size_t i = 0; i < got; i++)
		CDG_TRY(suspect_add(s, &tok[i], (size_t)(p - s->query), field));
	return CDG_OK;
}

/* Words of the text and the title; what stands in other fields is passed over. */
static cdg_status
suspect_all(speller *s)
{
	size_t depth = 0, other = 0; /* other: depth of the parenthesis of another field */
	const char *field = NULL;
	bool skip = false;
	lex_token t;
	lexer lx;

	lex_init(&lx, s->query, s->n);
	for (lex_next(&lx, &t); t.kind != LEX_END; lex_next(&lx, &t)) {
		bool odd = t.mark == '=' || t.prefix || t.wild || t.fuzzy || t.regex || !t.text.p ||
			   memchr(t.text.p, '@', t.text.n) || memchr(t.text.p, '/', t.text.n);

		if (t.kind == LEX_OPEN && ++depth && skip && !other)
			other = depth;
		if (t.kind == LEX_CLOSE && depth && depth-- == other)
			other = 0;
		if ((t.kind == LEX_WORD || t.kind == LEX_QUOTE) && !odd && !skip && !other)
			CDG_TRY(suspect_words(s, t.text.p, t.text.n, field));
		skip = t.kind == LEX_NOT; /* fewer documents are meant there */
		field = NULL;
		if (t.kind == LEX_FIELD) {
			field = t.text.n == 5 && !memcmp(t.text.p, "title", 5) ? "title" : NULL;
			skip = !field;
		}
	}
	return CDG_OK;
}

/* ---- corrections ------------------------------------------------------------------ */

/* The query with the picked words; its documents. */
static cdg_status
spell_try(speller *s, uint64_t *total)
{
	size_t at = 0;

	s->text.len = 0;
	for (size_t i = 0; i < s->nw; i++) {
		const suspect *w = &s->w[i];

		buf_put(&s->text, s->query + at, w->at - at);
		buf_put(&s->text, w->near[w->pick].term, w->near[w->pick].len);
		at = w->end;
	}
	buf_put(&s->text, s->query + at, s->n - at);
	if (s->text.failed)
		return err_nomem(s->err);
	return spell_count(s, (char *)s->text.p, s->text.len, total);
}

/* For one word after the other, the candidate with which the query has most documents, of
 * those at the least distance with any. */
static cdg_status
spell_pick(speller *s, uint64_t *best)
{
	*best = 0;
	for (size_t i = 0; i < s->nw; i++) {
		suspect *w = &s->w[i];
		size_t pick = 0;

		*best = 0;
		for (w->pick = 0; w->pick < w->n; w->pick++) {
			uint64_t total;

			if (*best && w->near[w->pick].distance > w->near[pick].distance)
				break;
			CDG_TRY(spell_try(s, &total));
			if (total > *best) {
				*best = total;
				pick = w->pick;
			}
		}
		w->pick = pick;
	}
	return CDG_OK;
}

/* "no thing" for "nothing": two words that are one. */
static cdg_status
spell_join(speller *s, uint64_t total, buf *out)
{
	for (size_t i = 1; i + 1 < s->n; i++) {
		uint64_t joined;

		if (s->query[i] != ' ' || !lex_wordish(s->query, s->n, i - 1) || !lex_wordish(s->query, s->n, i + 1))
			continue;
		s->text.len = 0;
		buf_put(&s->text, s->query, i);
		buf_put(&s->text, s->query + i + 1, s->n - i - 1);
		if (s->text.failed)
			return err_nomem(s->err);
		CDG_TRY(spell_count(s, (char *)s->text.p, s->text.len, &joined));
		if (joined > total) {
			buf_put(out, s->text.p, s->text.len);
			break;
		}
	}
	return CDG_OK;
}

static cdg_status
spell_run(speller *s, uint64_t total, buf *out)
{
	uint64_t best = 0;

	CDG_TRY(suspect_all(s));
	if (s->nw) {
		CDG_TRY(spell_pick(s, &best));
		if (best > total) {
			CDG_TRY(spell_try(s, &best));
			buf_put(out, s->text.p, s->text.len);
			return out->failed ? err_nomem(s->err) : CDG_OK;
		}
	}
	return s->few ? spell_join(s, total, out) : CDG_OK;
}

cdg_status
spell_correct(const snapshot *snap, const search_request *rq, const q_parse_options *opt, text_analyzer *an,
	      const char *query, size_t n, uint64_t total, buf *out, cdg_error *err)
{
	speller *s;
	cdg_status st;

	if (!n || n > SPELL_LINE)
		return CDG_OK;
	s = mem_calloc(1, sizeof *s);
	if (!s)
		return err_nomem(err);
	s->snap = snap;
	s->rq = rq;
	s->opt = opt;
	s->an = an;
	s->query = query;
	s->n = n;
	s->few = total < SPELL_FEW;
	s->err = err;
	st = spell_run(s, total, out);
	buf_fini(&s->text);
	mem_free(s);
	return st;
}
