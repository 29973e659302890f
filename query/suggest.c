/* suggest.c - see suggest.h: reads the line as the lexer does, and puts together what
 * the other files find for its last word.
 *
 * What was typed before the last word is kept byte for byte.  Words that stand directly
 * before it, with nothing between but blanks, are its context.
 */
#include "query/suggest_impl.h"

enum { LINE_DEPTH = 32, LINE_WORDS = 64 };

/* ---- reading the line ------------------------------------------------------ */

typedef struct reader {
	suggest_line *l;
	text_analyzer *an;
	arena *mem;
	lex_span field;             /* of the next operand: name directly before it */
	lex_span group[LINE_DEPTH]; /* of the parentheses that are open */
	size_t depth;
} reader;

/* What stood before is no context of what follows. */
static void
line_cut(reader *r)
{
	r->l->nwords = 0;
	r->l->plain = false;
}

/* Append the words of n bytes at p, which are in the line. */
static void
line_words(reader *r, const char *p, size_t n)
{
	suggest_line *l = r->l;
	text_token tok[64];
	size_t got;
	uint32_t base = l->nwords ? l->words[l->nwords - 1].pos + 1 : 0;

	text_begin(r->an, p, n, base);
	while ((got = text_next(r->an, tok, countof(tok))))
		for (size_t i = 0; i < got; i++) {
			suggest_token *w;

			if (tok[i].kind == TEXT_JOINED)
				continue;
			if (l->nwords == LINE_WORDS) { /* the last ones count */
				memmove(l->words, l->words + 1, (LINE_WORDS - 1) * sizeof *l->words);
				l->nwords--;
				l->plain = false;
			}
			w = &l->words[l->nwords++];
			*w = (suggest_token){ arena_strndup(r->mem, tok[i].term, tok[i].len), tok[i].len, tok[i].pos,
					      (uint32_t)(p - l->s) + tok[i].start, (uint32_t)(p - l->s) + tok[i].end,
					      tok[i].kind };
		}
}

/* The field of the operand at hand; p NULL: the text. */
static lex_span
line_field(const reader *r)
{
	return r->field.p ? r->field : r->depth ? r->group[min_size(r->depth, LINE_DEPTH) - 1] : (lex_span){ 0 };
}

static bool
is_title(lex_span f)
{
	return f.n == 5 && !memcmp(f.p, "title", 5);
}

/* The line ends in a value, which begins at `at`. */
static void
line_value(reader *r, lex_span field, char open, size_t at, lex_span value)
{
	line_cut(r);
	r->l->field = arena_strndup(r->mem, field.p, field.n);
	r->l->open = open;
	r->l->at = at;
	r->l->value = value.p;
	r->l->value_len = value.n;
}

/* "name:", "name:=" or a quote more, which the lexer takes for text. */
static bool
line_empty_value(reader *r, const lex_token *t)
{
	const char *p = t->text.p, *colon = memchr(p, ':', t->text.n);
	size_t name = colon ? (size_t)(colon - p) : 0, rest = t->text.n - name;
	lex_span none = { r->l->s + r->l->n, 0, false };

	if (!name || rest > 2 || (rest == 2 && colon[1] != '='))
		return false;
	line_value(r, (lex_span){ p, name, false }, rest == 2 ? '=' : 0, r->l->n, none);
	return true;
}

static void
line_word(reader *r, const lex_token *t)
{
	suggest_line *l = r->l;
	lex_span f = line_field(r);
	bool last = t->end == l->n, odd = t->mark || t->prefix || t->wild || t->fuzzy || t->regex ||
				       t->text.p + t->text.n != l->s + t->end;

	if (f.p && !is_title(f)) {
		line_cut(r);
		if (last && !odd)
			line_value(r, f, r->field.p ? 0 : '(', t->at, t->text);
		return;
	}
	if (odd || (last && line_empty_value(r, t))) {
		line_cut(r);
		return;
	}
	if (r->field.p)
		line_cut(r);
	l->title = f.p != NULL;
	line_words(r, t->text.p, t->text.n);
}

static void
line_quote(reader *r, const lex_token *t)
{
	suggest_line *l = r->l;
	lex_span f = line_field(r);
	bool alone = l->plain && !l->nwords;

	line_cut(r);
	if (t->closed || t->mark == '=')
		return;
	if (f.p && !is_title(f)) {
		line_value(r, f, '"', t->at, t->text);
		return;
	}
	l->plain = alone;
	l->quoted = true;
	l->title = f.p != NULL;
	line_words(r, t->text.p, t->text.n);
}

static void
line_token(reader *r, const lex_token *t)
{
	switch (t->kind) {
	case LEX_WORD: line_word(r, t); break;
	case LEX_QUOTE: line_quote(r, t); break;
	case LEX_VALUE:
		line_cut(r);
		if (t->end == r->l->n && !t->closed && !t->text.quoted) {
			/* from the quotation mark, if there is one, on */
			const char *eq = memchr(t->name.p, '=', (size_t)(t->text.p - t->name.p));

			line_value(r, t->name, '=', (size_t)((eq ? eq + 1 : t->text.p) - r->l->s), t->text);
		}
		break;
	case LEX_OPEN:
		line_cut(r);
		if (++r->depth <= LINE_DEPTH)
			r->group[r->depth - 1] = r->field.p || r->depth < 2 ? r->field : r->group[r->depth - 2];
		break;
	case LEX_CLOSE:
		line_cut(r);
		r->depth -= r->depth > 0;
		break;
	default:
		line_cut(r);
	}
	r->field = t->kind == LEX_FIELD && !t->section ? t->text : (lex_span){ 0 };
}

/* What is being typed at the end?  False: nothing that can be completed. */
static bool
line_end(suggest_line *l)
{
	const suggest_token *w = l->nwords ? &l->words[l->nwords - 1] : NULL;
	char c = l->s[l->n - 1];

	if (l->field)
		return true;
	if (!w)
		return false;
	l->typing = w->end == l->n;
	l->at = l->typing ? w->at : l->n;
	if (l->typing && w->kind == TEXT_CJK_LAST && l->nwords > 1 && w[-1].kind == TEXT_CJK && w[-1].end == w->end) {
		/* a run of characters goes on behind its end */
		l->nwords--;
		l->typing = false;
		l->at = l->n;
		return true;
	}
	return w->kind != TEXT_SYMBOL && w->len < 200 && (l->typing || c == '-' || lex_blank(l->s, l->n, l->n - 1));
}

static bool
line_read(suggest_line *l, text_analyzer *an, const char *s, size_t n, arena *mem)
{
	reader r = { .l = l, .an = an, .mem = mem };
	lex_token t;
	lexer lx;

	*l = (suggest_line){ .s = s, .n = n, .plain = true };
	l->words = arena_alloc(mem, LINE_WORDS * sizeof *l->words);
	if (!l->words || !n)
		return false;
	lex_init(&lx, s, n);
	for (lex_next(&lx, &t); t.kind != LEX_END; lex_next(&lx, &t))
		line_token(&r, &t);
	return !mem->failed && line_end(l);
}

/* ---- putting together ------------------------------------------------------ */

static bool
add_whole(suggest_run *r, suggestion *x)
{
	suggestions *out = r->out;

	if (!x->text)
		return false;
	if (x->len == r->line->n && !memcmp(x->text, r->line->s, x->len))
		return true;
	for (size_t i = 0; i < out->n; i++)
		if (out->s[i].len == x->len && !memcmp(out->s[i].text, x->text, x->len) &&
		    out->s[i].kind != SUGGEST_TITLE)
			return true;
	if (out->n < r->limit)
		out->s[out->n++] = *x;
	return true;
}

/* The line up to `at`, and three pieces. */
static bool
add_pieces(suggest_run *r, suggest_kind kind, const char *a, size_t an, const char *b, size_t bn, uint64_t documents)
{
	size_t at = r->line->at;
	char *text = arena_alloc(&r->out->mem, at + an + bn + 1);
	suggestion x = { .text = text, .len = at + an + bn, .kind = (uint8_t)kind, .documents = documents };

	if (!text)
		return false;
	memcpy(text, r->line->s, at);
	memcpy(text + at, a, an);
	if (bn)
		memcpy(text + at + an, b, bn);
	text[x.len] = 0;
	return add_whole(r, &x);
}

bool
suggest_add(suggest_run *r, suggest_kind kind, const char *p, size_t n, uint64_t documents)
{
	return add_pieces(r, kind, p, n, NULL, 0, documents);
}

/* The last words before `end` that stand one after the other. */
static size_t
context_words(const suggest_line *l, size_t end, const suggest_token **out)
{
	size_t n = 0, most = SUGGEST_CONTEXT;

	if (end && l->words[end - 1].kind == TEXT_CJK)
		most = SUGGEST_AHEAD;
	while (n < end && n < most)
		n++;
	*out = l->words + end - n;
	return n;
}

typedef struct phrase {
	const char *word; /* in place of the typed one; NULL: the text follows what was typed */
	size_t word_len, order;
	suggest_count next;
} phrase;

typedef struct gathered {
	suggest_word words[SUGGEST_WORDS];
	size_t nwords;
	phrase phrases[SUGGEST_WORDS];
	size_t nphrases;
	suggest_found found;
} gathered;

/* The word, added if it is not there; NULL: there are enough. */
static suggest_word *
gather_word(gathered *g, const char *p, size_t n, uint64_t documents)
{
	for (size_t i = 0; i < g->nwords; i++)
		if (g->words[i].len == n && !memcmp(g->words[i].term, p, n))
			return &g->words[i];
	if (g->nwords == SUGGEST_WORDS)
		return NULL;
	g->words[g->nwords] = (suggest_word){ p, n, documents, 0 };
	return &g->words[g->nwords++];
}

/* Words that are really behind those before come first. */
static int
here_cmp(const void *a, const void *b)
{
	const suggest_word *x = a, *y = b;
	int c;

	if (x->here != y->here)
		return x->here < y->here ? 1 : -1;
	if (x->df != y->df)
		return x->df < y->df ? 1 : -1;
	c = memcmp(x->term, y->term, min_size(x->len, y->len));
	return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* Words that the texts have behind those before. */
static cdg_status
gather_sample(suggest_run *r, gathered *g, const suggest_token *before, size_t n, const char *prefix, size_t len)
{
	suggest_count next[SUGGEST_TRIED];

	CDG_TRY(suggest_follow(r, before, n, prefix, len, &g->found));
	n = suggest_first(&g->found, next, countof(next));
	for (size_t i = 0; i < n; i++) {
		const char *p = next[i].text + 1; /* after the blank or hyphen */

		gather_word(g, p, next[i].len - 1, suggest_documents(r->snap, DICT_FIELD_TEXT, p, next[i].len - 1));
	}
	return CDG_OK;
}

/* Words that begin as typed, those that stand behind the words before first.  Where more
 * begin so than are looked for there, the texts tell of others. */
static cdg_status
gather_words(suggest_run *r, gathered *g)
{
	const suggest_line *l = r->line;
	const suggest_token *w = &l->words[l->nwords - 1], *before;
	unsigned field = l->title ? DICT_FIELD_TITLE : DICT_FIELD_TEXT;
	bool cjk = w->kind == TEXT_CJK_LAST;
	suggest_word all[SUGGEST_WORDS];
	char fold[TEXT_TERM_MAX + 1];
	size_t len = cjk ? w->len : text_fold(w->term, w->len, fold), n;
	size_t behind = l->title || cjk ? 0 : context_words(l, l->nwords - 1, &before);
	const char *prefix = cjk ? w->term : fold;

	suggest_words(r->snap, field, prefix, len, cjk, &r->out->mem, all,
		      behind ? SUGGEST_TRIED : min_size(r->limit + 1, countof(all)), &n);
	if (behind && n == SUGGEST_TRIED)
		CDG_TRY(gather_sample(r, g, before, behind, prefix, len));
	for (size_t i = 0; i < n; i++) {
		suggest_written(r, field, &all[i]);
		gather_word(g, all[i].term, all[i].len, all[i].df);
	}
	if (behind)
		CDG_TRY(suggest_join(r, before, behind, g->words, g->nwords));
	if (g->nwords > 1)
		qsort(g->words, g->nwords, sizeof *g->words, here_cmp);
	return r->out->mem.failed ? err_nomem(r->err) : CDG_OK;
}

static void
gather_phrases_of(gathered *g, const char *word, size_t len, unsigned least, size_t cap)
{
	suggest_count next[SUGGEST_WORDS];
	size_t n = suggest_together(&g->found, least, next, min_size(cap, countof(next)));

	for (size_t i = 0; i < n && g->nphrases < countof(g->phrases); i++) {
		g->phrases[g->nphrases] = (phrase){ word, len, g->nphrases, next[i] };
		g->nphrases++;
	}
}

/* What follows the word `with` (NULL: none) in place of the typed one. */
static cdg_status
gather_follow(suggest_run *r, gathered *g, const char *with, size_t len)
{
	const suggest_line *l = r->line;
	suggest_token words[SUGGEST_AHEAD + 1];
	const suggest_token *before;
	size_t n = context_words(l, l->nwords - (with != NULL), &before);

	memcpy(words, before, n * sizeof *words);
	if (with) {
		words[n] = l->words[l->nwords - 1];
		words[n].term = with;
		words[n].len = len;
		n++;
	}
	g->found.n = 0;
	CDG_TRY(suggest_follow(r, words, n, NULL, 0, &g->found));
	/* what one document alone has is chance, but in a small index */
	gather_phrases_of(g, with, len, r->snap->ndocs < 100 ? 1 : 2, r->limit);
	return CDG_OK;
}

/* Continuations of the typed word, if it is one, and of its best completions. */
static cdg_status
gather_phrases(suggest_run *r, gathered *g)
{
	const suggest_line *l = r->line;
	const suggest_token *w = &l->words[l->nwords - 1];
	unsigned asked = 0;

	if (l->title || (l->typing && w->kind == TEXT_CJK_LAST))
		return CDG_OK;
	if (!l->typing)
		return gather_follow(r, g, NULL, 0);
	if (suggest_documents(r->snap, DICT_FIELD_TEXT, w->term, w->len)) {
		CDG_TRY(gather_follow(r, g, w->term, w->len));
		asked++;
	}
	for (size_t i = 0; i < g->nwords && asked < 2; i++) {
		const suggest_word *x = &g->words[i];

		if ((x->len == w->len && !memcmp(x->term, w->term, w->len)) || memchr(x->term, '-', x->len))
			continue;
		CDG_TRY(gather_follow(r, g, x->term, x->len));
		asked++;
	}
	return CDG_OK;
}

/* More documents first; of the typed word first. */
static int
phrase_cmp(const void *a, const void *b)
{
	const phrase *x = a, *y = b;

	if (x->next.documents != y->next.documents)
		return x->next.documents < y->next.documents ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

static bool
add_gathered(suggest_run *r, gathered *g)
{
	const suggest_line *l = r->line;
	size_t room = r->limit - r->out->n, phrases = min_size(g->nphrases, (room + 2) / 3);
	size_t words = min_size(g->nwords, room - phrases);
	bool ok = true, blank = l->n && (l->s[l->n - 1] == '-' || lex_blank(l->s, l->n, l->n - 1));

	phrases = min_size(g->nphrases, room - words);
	if (g->nphrases > 1)
		qsort(g->phrases, g->nphrases, sizeof *g->phrases, phrase_cmp);
	for (size_t i = 0; i < words && ok; i++)
		ok = suggest_add(r, SUGGEST_WORD, g->words[i].term, g->words[i].len, g->words[i].df);
	for (size_t i = 0, full = r->out->n + phrases; i < g->nphrases && r->out->n < full && ok; i++) {
		const phrase *p = &g->phrases[i];
		size_t skip = !p->word && blank && (*p->next.text == ' ' || *p->next.text == '-');

		ok = add_pieces(r, SUGGEST_PHRASE, p->word ? p->word : "", p->word_len, p->next.text + skip,
				p->next.len - skip, 0);
	}
	return ok;
}

static cdg_status
suggest_text(suggest_run *r)
{
	const suggest_line *l = r->line;
	gathered *g = mem_calloc(1, sizeof *g);
	cdg_status st = CDG_OK;

	if (!g)
		return err_nomem(r->err);
	g->found.mem = &r->out->mem;
	/* one letter alone is the beginning of too much */
	if (l->plain && !(l->typing && l->nwords == 1 && l->words[0].len == 1))
		st = suggest_titles(r, r->limit / 4);
	if (st == CDG_OK && l->typing)
		st = gather_words(r, g);
	if (st == CDG_OK)
		st = gather_phrases(r, g);
	if (st == CDG_OK && !add_gathered(r, g))
		st = err_nomem(r->err);
	mem_free(g->found.at);
	mem_free(g);
	return st;
}

/* Titles, which were looked for first, come last. */
static void
titles_last(suggestions *out)
{
	suggestion *s = out->s, *copy = out->s + out->n; /* there is room for twice as many */
	size_t n = 0;

	for (int titles = 0; titles < 2; titles++)
		for (size_t i = 0; i < out->n; i++)
			if ((s[i].kind == SUGGEST_TITLE) == titles)
				copy[n++] = s[i];
	out->s = copy;
}

/* ---- other dictionaries ----------------------------------------------------- */

static cdg_status
by_words(suggest_run *r, suggest_terms_fn *fn, void *ctx)
{
	const suggest_line *l = r->line;
	const suggest_token *w = l->nwords ? &l->words[l->nwords - 1] : NULL;
	suggest_word words[SUGGEST_MAX];
	char fold[TEXT_TERM_MAX + 1];
	suggest_begin b;
	size_t n = 0;
	bool ok = true;

	if (l->field) {
		b = (suggest_begin){ l->value, l->value, l->value_len, l->value_len };
		CDG_TRY(fn(ctx, l->field, &b, &r->out->mem, words, r->limit, &n, r->err));
		return suggest_put_values(r, words, n, false);
	}
	if (!l->typing)
		return CDG_OK;
	b = (suggest_begin){ w->term, w->term, w->len, w->len };
	if (w->kind != TEXT_CJK_LAST) {
		b.plain = fold;
		b.plain_len = text_fold(w->term, w->len, fold);
	}
	CDG_TRY(fn(ctx, l->title ? "title" : NULL, &b, &r->out->mem, words, r->limit, &n, r->err));
	for (size_t i = 0; i < n && ok; i++)
		ok = suggest_add(r, SUGGEST_WORD, words[i].term, words[i].len, words[i].df);
	return ok ? CDG_OK : err_nomem(r->err);
}

cdg_status
suggest_by(suggest_terms_fn *fn, void *ctx, text_analyzer *an, const char *line, size_t n, uint32_t limit,
	   suggestions *out, cdg_error *err)
{
	suggest_line l;
	suggest_run r = { .an = an, .line = &l, .limit = min_u32(limit, SUGGEST_MAX), .out = out, .err = err };
	cdg_status st = CDG_OK;

	memset(out, 0, sizeof *out);
	arena_init(&out->mem);
	out->s = arena_alloc(&out->mem, (2 * r.limit + 1) * sizeof *out->s);
	if (out->s && r.limit && n <= SUGGEST_LINE_MAX && line_read(&l, an, line, n, &out->mem))
		st = by_words(&r, fn, ctx);
	if (st == CDG_OK && out->mem.failed)
		st = err_nomem(err);
	if (st != CDG_OK)
		suggestions_fini(out);
	return st;
}

/* ---- an index of our own ------------------------------------------------------ */

cdg_status
suggest(const snapshot *snap, text_analyzer *an, const char *line, size_t n, uint32_t limit, suggestions *out,
	cdg_error *err)
{
	suggest_line l;
	suggest_run r = { .snap = snap, .an = an, .line = &l, .limit = min_u32(limit, SUGGEST_MAX), .out = out, .err = err };
	uint64_t nomem = snapshot_nomem(snap);
	cdg_status st = CDG_OK;

	memset(out, 0, sizeof *out);
	arena_init(&out->mem);
	out->s = arena_alloc(&out->mem, (2 * r.limit + 1) * sizeof *out->s);
	if (out->s && r.limit && n <= SUGGEST_LINE_MAX && line_read(&l, an, line, n, &out->mem))
		st = l.field ? suggest_values(&r) : suggest_text(&r);
	if (st == CDG_OK && (out->mem.failed || snapshot_nomem(snap) != nomem))
		st = err_nomem(err);
	if (st == CDG_OK)
		st = snapshot_error(snap, err);
	if (st != CDG_OK)
		suggestions_fini(out);
	else
		titles_last(out);
	return st;
}

void
suggestions_fini(suggestions *s)
{
	arena_fini(&s->mem);
	memset(s, 0, sizeof *s);
}
