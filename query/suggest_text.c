/* suggest_text.c - what follows a word or phrase, as the texts have it.
 *
 * An index does not say which word stands at a position, but the stored text does: of
 * some documents that have the phrase, spread over the index, a few places each are read
 * from the nearest anchor on.  What is counted is documents, so that a formula which one
 * document repeats counts once.  Without stored text nothing is found.
 */
#include "query/suggest_impl.h"

#include "query/interval.h"

enum {
	FOLLOW_PLACES = 3,     /* of a document */
	FOLLOW_NEAR = 3,       /* documents of one neighbourhood, whose texts are in one block */
	FOLLOW_LOADS = 8,     /* blocks of texts that are unpacked, which is what takes the time */
	FOLLOW_TRIES = 1000,   /* candidates of the phrase that are looked at */
	FOLLOW_REACH = 4000,   /* positions from an anchor to a place */
	FOLLOW_WORDS = 4       /* taken behind a place; of characters without spaces SUGGEST_AHEAD */
};

typedef struct follow {
	suggest_run *r;
	suggest_found *found;
	const char *prefix;
	size_t prefix_len;
	plan p;
	store_cursor store;
	buf text;
	uint64_t docs[SUGGEST_SAMPLE]; /* looked at */
	unsigned ndocs;
	unsigned tries, loads, near;
	uint32_t block; /* unpacked last */
} follow;

/* ---- one place ----------------------------------------------------------- */

/* Bytes of a token that belong to its own position. */
static uint32_t
token_end(const text_token *t, const char *text)
{
	const char *at = text + t->start;

	if (t->kind != TEXT_CJK)
		return t->end;
	text_decode(&at, text + t->end);
	return (uint32_t)(at - text);
}

static bool
is_cjk(const text_token *t)
{
	return t->kind == TEXT_CJK || t->kind == TEXT_CJK_LAST;
}

/* May the token be part of one phrase with what ends at `end`?  *gap: what is written
 * between, 0 for nothing. */
static bool
token_joins(const text_token *t, const char *text, uint32_t end, bool cjk, char *gap)
{
	uint32_t i = end;

	if ((t->flags & TEXT_SENTENCE) || t->start < end || t->kind == TEXT_SYMBOL || is_cjk(t) != cjk)
		return false;
	*gap = 0;
	if (cjk)
		return t->start == end;
	if (t->start == end + 1 && text[end] == '-') {
		*gap = '-';
		return true;
	}
	while (i < t->start && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t'))
		i++;
	*gap = ' ';
	return i == t->start && i > end;
}

static bool
token_begins(const follow *f, const text_token *t)
{
	char fold[TEXT_TERM_MAX + 1];
	size_t n;

	if (!f->prefix)
		return true;
	n = text_fold(t->term, t->len, fold);
	return n >= f->prefix_len && !memcmp(fold, f->prefix, f->prefix_len);
}

/* One more word of what follows. */
static void
next_add(suggest_next *x, char *room, const text_token *t, const char *text, char gap)
{
	const char *p = is_cjk(t) ? text + t->start : t->term;
	size_t n = is_cjk(t) ? token_end(t, text) - t->start : t->len;

	if (gap)
		room[x->len++] = gap;
	memcpy(room + x->len, p, n);
	x->len = (uint16_t)(x->len + n);
	x->end[x->n++] = x->len;
}

/* The words behind position `end` among the tokens of f->text, which begin at `first`. */
static bool
follow_words(follow *f, uint32_t first, uint32_t end, suggest_next *x, char *room)
{
	const char *text = (const char *)f->text.p;
	text_token tok[256];
	uint32_t last = UINT32_MAX;
	bool cjk = false;
	size_t n;

	text_begin(f->r->an, text, f->text.len, first);
	while ((n = text_next(f->r->an, tok, countof(tok))))
		for (size_t i = 0; i < n; i++) {
			char gap;

			if (tok[i].kind == TEXT_JOINED)
				continue;
			if (tok[i].pos < end) {
				last = token_end(&tok[i], text);
				cjk = is_cjk(&tok[i]);
				continue;
			}
			/* the last token may be cut by the end of the stretch */
			if (last == UINT32_MAX || !token_joins(&tok[i], text, last, cjk, &gap) ||
			    (!x->n && !token_begins(f, &tok[i])) || tok[i].end == f->text.len)
				return x->n > 0;
			next_add(x, room, &tok[i], text, gap);
			last = token_end(&tok[i], text);
			if (x->n == (cjk ? SUGGEST_AHEAD : FOLLOW_WORDS))
				return true;
		}
	return x->n > 0;
}

/* What follows the match [start, end) of a document. */
static cdg_status
follow_place(follow *f, const segment *s, const tree_view *view, uint64_t ref, search_span m)
{
	suggest_found *out = f->found;
	suggest_next x = { .documents = (uint64_t)1 << f->ndocs };
	char room[SUGGEST_AHEAD * (TEXT_TERM_MAX + 2)];
	tree_anchor a;

	if (m.start < view->body_pos || !tree_anchor_before(view, m.start, &a) || m.end - a.pos > FOLLOW_REACH)
		return segment_error(s, f->r->err);
	f->text.len = 0;
	CDG_TRY(store_text(&f->store, ref, a.byte, 160 + (m.end - a.pos) * 12, &f->text, f->r->err));
	f->loads += f->store.block != f->block;
	f->block = f->store.block;
	if (!follow_words(f, a.pos, m.end, &x, room))
		return CDG_OK;
	x.text = arena_strndup(out->mem, room, x.len);
	if (!x.text || !mem_grow(&out->at, &out->cap, out->n + 1, sizeof *out->at))
		return err_nomem(f->r->err);
	out->at[out->n++] = x;
	return CDG_OK;
}

/* ---- documents ----------------------------------------------------------- */

static cdg_status
follow_document(follow *f, const segment *s, uint32_t doc, interval *iv)
{
	const search_span *spans;
	search_span m[FOLLOW_PLACES];
	uint64_t blob, ref;
	tree_view view;
	size_t n, k;

	spans = interval_spans(iv, doc, &n);
	k = min_size(n, FOLLOW_PLACES);
	memcpy(m, spans, k * sizeof *m);
	if (!doctab_tree(&s->docs, doc, &blob) || !doctab_store(&s->docs, doc, &ref) ||
	    !tree_view_open(&s->tree, blob, &view))
		return segment_error(s, f->r->err);
	store_cursor_use(&f->store, &s->store);
	for (size_t i = 0; i < k; i++)
		CDG_TRY(follow_place(f, s, &view, ref, m[i]));
	f->docs[f->ndocs++] = s->base + doc;
	return CDG_OK;
}

static bool
follow_seen(const follow *f, uint64_t doc)
{
	for (unsigned i = 0; i < f->ndocs; i++)
		if (f->docs[i] == doc)
			return true;
	return false;
}

static bool
follow_done(const follow *f)
{
	return f->ndocs == SUGGEST_SAMPLE || f->tries >= FOLLOW_TRIES || f->loads >= FOLLOW_LOADS;
}

/* Documents of one segment, a few neighbours at a time and these `stride` apart. */
static cdg_status
follow_segment(follow *f, size_t seg, uint32_t stride)
{
	const segment *s = &f->r->snap->segs[seg];
	interval *iv = NULL;
	seg_eval se;
	arena mem;
	iter *it;
	cdg_status st = CDG_OK;

	arena_init(&mem);
	seg_eval_init(&se, &f->p, seg, &mem);
	it = iter_make(&se, f->p.root);
	if (it)
		iv = interval_make(&se, f->p.root, NULL);
	for (uint32_t doc = iv ? it->seek(it, 0) : POST_END; doc != POST_END && st == CDG_OK;) {
		bool hit = segment_is_live(s, doc) && !follow_seen(f, s->base + doc) && iter_confirm(it);

		if (hit)
			st = follow_document(f, s, doc, iv);
		f->tries++;
		if (follow_done(f) || doc >= s->info.docs)
			break;
		doc = it->seek(it, doc + (hit && ++f->near % FOLLOW_NEAR == 0 ? stride : 1));
	}
	if (!iv || se.failed)
		st = err_nomem(f->r->err);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(s, f->r->err) : st;
}

/* First spread over the index; if that finds few, one after the other. */
static cdg_status
follow_all(follow *f)
{
	const snapshot *snap = f->r->snap;
	uint32_t stride = (uint32_t)(snap->ndocs / FOLLOW_LOADS) + 1;

	if (f->p.root->type != PLAN_LEAF && f->p.root->type != PLAN_INTERVAL)
		return CDG_OK;
	if (f->p.root->cost > 2 * FOLLOW_NEAR * FOLLOW_LOADS)
		for (size_t i = 0; i < snap->nsegs && !follow_done(f); i++)
			if (snap->segs[i].info.store)
				CDG_TRY(follow_segment(f, i, stride));
	for (size_t i = 0; i < snap->nsegs && !follow_done(f); i++)
		if (snap->segs[i].info.store)
			CDG_TRY(follow_segment(f, i, 1));
	return CDG_OK;
}

q_node *
suggest_phrase(ast *a, const suggest_token *w, size_t n)
{
	q_node *q = n > 1 ? q_new(a, Q_PHRASE, n) : NULL;

	for (size_t i = 0; i < n && (q || n == 1); i++) {
		q_node *word = q_word(a, w[i].term, w[i].len, Q_FOLD);

		if (!word)
			return NULL;
		word->offset = w[i].pos - w[0].pos;
		word->width = w[i].kind == TEXT_CJK ? 2 : 1;
		if (n == 1)
			return word;
		q->child[i] = word;
	}
	return q;
}

static cdg_status
follow_run(follow *f, const suggest_token *words, size_t n)
{
	suggest_run *r = f->r;
	search_request rq = { .bm25 = { 1.2f, 0.75f }, .title_weight = 1, .an = r->an };
	search_result notes = { 0 };
	ast a;
	arena mem;
	cdg_status st;

	if (!n || !r->snap->nsegs)
		return CDG_OK;
	ast_init(&a);
	arena_init(&mem);
	buf_init(&f->text);
	store_cursor_init(&f->store, &r->snap->segs[0].store);
	rq.root = suggest_phrase(&a, words, n);
	st = rq.root ? plan_make(&f->p, &mem, r->snap, &rq, rq.root, &notes, r->err) : err_nomem(r->err);
	if (st == CDG_OK)
		st = follow_all(f);
	search_result_fini(&notes);
	store_cursor_fini(&f->store);
	buf_fini(&f->text);
	arena_fini(&mem);
	ast_fini(&a);
	return st;
}

cdg_status
suggest_follow(suggest_run *r, const suggest_token *words, size_t n, const char *prefix, size_t prefix_len,
	       suggest_found *found)
{
	follow f = { .r = r, .found = found, .prefix = prefix, .prefix_len = prefix_len, .block = UINT32_MAX };

	return follow_run(&f, words, n);
}

/* ---- counting ------------------------------------------------------------- */

static int
next_cmp(const void *a, const void *b)
{
	const suggest_next *x = a, *y = b;
	int c = memcmp(x->text, y->text, min_size(x->len, y->len));

	return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* The end of the group from `from` on that begins with the same `depth` words; *docs of it. */
static size_t
group_end(const suggest_found *f, size_t from, size_t to, unsigned depth, unsigned *docs)
{
	const suggest_next *x = &f->at[from];
	uint64_t seen = 0;
	size_t i = from;

	for (; i < to; i++) {
		const suggest_next *y = &f->at[i];

		if (y->n < depth || y->end[depth - 1] != x->end[depth - 1] ||
		    memcmp(y->text, x->text, x->end[depth - 1]) != 0)
			break;
		seen |= y->documents;
	}
	*docs = (unsigned)__builtin_popcountll(seen);
	return i;
}

static void
count_offer(suggest_count *out, size_t cap, size_t *n, suggest_count x)
{
	size_t i = *n;

	if (i == cap && (!cap || out[i - 1].documents >= x.documents))
		return;
	i -= i == cap;
	for (; i && out[i - 1].documents < x.documents; i--)
		out[i] = out[i - 1];
	out[i] = x;
	*n += *n < cap;
}

/* Is word k one that a phrase does not end with? */
static bool
is_loose(const suggest_next *x, unsigned k)
{
	const char *p = x->text + (k ? x->end[k - 1] : 0);

	p += *p == ' ' || *p == '-';
	return text_is_function_word(TEXT_LANG_EN, p, (size_t)(x->text + x->end[k] - p));
}

/* As many words of the group as most of its documents have: into *x. */
static void
group_extend(const suggest_found *f, size_t from, size_t to, unsigned docs, suggest_count *x)
{
	unsigned depth = 1, keep = 1;

	for (;;) {
		unsigned most = 0, got;
		size_t best = 0, best_end = 0;

		for (size_t i = from, end; i < to; i = end) {
			end = i + 1;
			if (f->at[i].n <= depth || depth == SUGGEST_AHEAD)
				continue;
			end = group_end(f, i, to, depth + 1, &got);
			if (got > most) {
				most = got;
				best = i;
				best_end = end;
			}
		}
		if ((most < 2 && most < docs) || !most || 5 * most < 2 * docs)
			break;
		from = best;
		to = best_end;
		docs = most;
		depth++;
		if (!is_loose(&f->at[from], depth - 1)) {
			keep = depth;
			x->documents = docs;
		}
	}
	x->text = f->at[from].text;
	x->len = f->at[from].end[keep - 1];
	if (keep == 1 && is_loose(&f->at[from], 0))
		x->len = 0;
}

static size_t
count_groups(suggest_found *f, bool together, unsigned least, suggest_count *out, size_t cap)
{
	size_t n = 0;

	if (f->n > 1)
		qsort(f->at, f->n, sizeof *f->at, next_cmp);
	for (size_t i = 0, end; i < f->n; i = end) {
		suggest_count x = { f->at[i].text, f->at[i].end[0], 0 };

		end = group_end(f, i, f->n, 1, &x.documents);
		if (x.documents < least)
			continue;
		if (together)
			group_extend(f, i, end, x.documents, &x);
		if (x.len)
			count_offer(out, cap, &n, x);
	}
	return n;
}

size_t
suggest_first(suggest_found *found, suggest_count *out, size_t cap)
{
	return count_groups(found, false, 1, out, cap);
}

size_t
suggest_together(suggest_found *found, unsigned least, suggest_count *out, size_t cap)
{
	return count_groups(found, true, least, out, cap);
}
