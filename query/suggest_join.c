/* suggest_join.c - which words stand directly behind the words before, by positions.
 *
 * Documents that have the words before, a few at many places of the index, are found once;
 * every word is looked for in these.  A word that is behind them in none, but perhaps in
 * others, is looked for in documents that have both, until the work for all such words is
 * used up: frequent ones are asked first.
 */
#include "query/suggest_impl.h"

#include "query/interval.h"

enum {
	JOIN_DOCS = 128,   /* documents with the words before */
	JOIN_TRIES = 600,  /* candidates of them, whose positions are read */
	JOIN_PLACES = 16,  /* of a document */
	JOIN_PARTS = 32,   /* of the index, from which they are taken */
	JOIN_RARE = 900,   /* documents with both words, for all words together */
	JOIN_EACH = 32,    /* of them for each word, */
	JOIN_HITS = 3,     /* or as many that have it there */
	JOIN_LEAPS = 250   /* from one to another, to find them, for each word */
};

typedef struct join_doc {
	uint32_t seg, doc, n;
	uint32_t end[JOIN_PLACES];
} join_doc;

typedef struct join {
	suggest_run *r;
	plan p;
	join_doc docs[JOIN_DOCS];
	uint32_t ndocs, tries, rare;
	bool all; /* they are all there are */
} join;

/* Is the term at one of the ends? */
static bool
join_here(post_cursor *c, const uint32_t *end, uint32_t nend)
{
	uint32_t n, i = 0;
	const uint32_t *pos = post_positions(c, &n);

	for (uint32_t k = 0; pos && k < nend; k++) {
		while (i < n && pos[i] < end[k])
			i++;
		if (i < n && pos[i] == end[k])
			return true;
		if (k + 1 < nend && end[k + 1] < end[k])
			i = 0; /* ends need not rise */
	}
	return false;
}

static uint32_t
join_ends(interval *iv, uint32_t doc, uint32_t *end)
{
	size_t n;
	const search_span *s = interval_spans(iv, doc, &n);
	uint32_t k = (uint32_t)min_size(n, JOIN_PLACES);

	for (uint32_t i = 0; i < k; i++)
		end[i] = s[i].end;
	return k;
}

static bool
join_full(const join *j)
{
	return j->ndocs == JOIN_DOCS || j->tries >= JOIN_TRIES;
}

/* Documents of one segment: some that are near one another, then those `stride` further. */
static bool
join_sample(join *j, size_t seg, uint32_t stride)
{
	const segment *s = &j->r->snap->segs[seg];
	interval *iv = NULL;
	uint32_t near = 0;
	seg_eval se;
	arena mem;
	iter *it;
	bool ok;

	arena_init(&mem);
	seg_eval_init(&se, &j->p, seg, &mem);
	it = iter_make(&se, j->p.root);
	if (it)
		iv = interval_make(&se, j->p.root, it->approx);
	for (uint32_t doc = iv ? it->seek(it, 0) : POST_END; doc < s->info.docs && !join_full(j);) {
		join_doc *d = &j->docs[j->ndocs];

		j->tries++;
		d->n = segment_is_live(s, doc) ? join_ends(iv, doc, d->end) : 0;
		d->seg = (uint32_t)seg;
		d->doc = doc;
		j->ndocs += d->n > 0;
		near += stride > 1;
		doc = it->seek(it, doc + (near == JOIN_DOCS / JOIN_PARTS ? stride : 1));
		near %= JOIN_DOCS / JOIN_PARTS;
	}
	ok = iv && !se.failed;
	seg_eval_fini(&se);
	arena_fini(&mem);
	return ok;
}

static bool
join_prepare(join *j)
{
	const snapshot *snap = j->r->snap;
	bool few = j->p.root->cost <= JOIN_TRIES;
	uint32_t stride = few ? 1 : (uint32_t)(snap->ndocs / JOIN_PARTS) + 1;

	for (size_t i = 0; i < snap->nsegs && !join_full(j); i++)
		if (!join_sample(j, i, stride))
			return false;
	j->all = few && !join_full(j);
	return true;
}

/* In how many of the documents is the term behind the words? */
static uint32_t
join_count(const join *j, const suggest_word *w)
{
	const snapshot *snap = j->r->snap;
	uint32_t hits = 0;

	for (uint32_t i = 0, to; i < j->ndocs; i = to) {
		uint32_t seg = j->docs[i].seg;
		_Alignas(POST_ALIGN) post_cursor c;
		dict_entry e;
		bool has = dict_find(&snap->segs[seg].dict, DICT_TERM, DICT_FIELD_TEXT, w->term, w->len, &e);

		if (has)
			segment_cursor(&snap->segs[seg], &e, &c);
		for (to = i; to < j->ndocs && j->docs[to].seg == seg; to++)
			hits += has && post_seek(&c, j->docs[to].doc) == j->docs[to].doc &&
				join_here(&c, j->docs[to].end, j->docs[to].n);
		if (has)
			post_close(&c);
	}
	return hits;
}

/* What is known of a word that stands behind the words in none of the documents. */
typedef struct join_more {
	uint32_t hits, tries, leaps;
	uint64_t reached; /* documents of the index */
} join_more;

static bool
more_done(const join *j, const join_more *m)
{
	return m->hits == JOIN_HITS || m->tries == JOIN_EACH || m->leaps == JOIN_LEAPS || j->rare >= JOIN_RARE;
}

/* Documents of a segment that have it there; false: no memory. */
static bool
join_rare(join *j, size_t seg, const dict_entry *e, join_more *m)
{
	const segment *s = &j->r->snap->segs[seg];
	_Alignas(POST_ALIGN) post_cursor c;
	uint32_t end[JOIN_PLACES], doc = 0;
	interval *iv = NULL;
	seg_eval se;
	arena mem;
	iter *it;
	bool ok;

	arena_init(&mem);
	seg_eval_init(&se, &j->p, seg, &mem);
	it = iter_make(&se, j->p.root);
	if (it)
		iv = interval_make(&se, j->p.root, it->approx);
	segment_cursor(s, e, &c);
	for (; iv && !more_done(j, m); m->leaps++) {
		uint32_t other;

		doc = it->seek(it, doc);
		other = doc < s->info.docs ? post_seek(&c, doc) : POST_END;
		m->reached = s->base + min_u32(other, s->info.docs);
		if (other >= s->info.docs)
			break;
		if (other == doc) {
			j->rare++;
			m->tries++;
			m->hits += segment_is_live(s, doc) && join_here(&c, end, join_ends(iv, doc, end));
			other++;
		}
		doc = other;
	}
	ok = iv && !se.failed;
	post_close(&c);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return ok;
}

/* About how many documents have it there. */
static bool
join_word(join *j, suggest_word *w)
{
	const snapshot *snap = j->r->snap;
	uint64_t before = j->p.root->cost < snap->ndocs ? j->p.root->cost : snap->ndocs;
	uint32_t hits = join_count(j, w);
	join_more m = { 0 };
	dict_entry e;

	w->here = hits;
	if (j->all)
		return true;
	if (hits) {
		w->here = 1 + hits * before / (j->tries + 1);
		return true;
	}
	for (size_t i = 0; i < snap->nsegs && !more_done(j, &m); i++)
		if (dict_find(&snap->segs[i].dict, DICT_TERM, DICT_FIELD_TEXT, w->term, w->len, &e) &&
		    !join_rare(j, i, &e, &m))
			return false;
	w->here = m.hits;
	if (m.hits == JOIN_HITS || m.tries == JOIN_EACH)
		w->here = m.hits * snap->ndocs / (m.reached + 1);
	/* if it were more, one of the documents would probably have had it */
	if (w->here > before / (j->tries + 1))
		w->here = m.hits ? before / (j->tries + 1) : 0;
	return true;
}

cdg_status
suggest_join(suggest_run *r, const suggest_token *words, size_t n, suggest_word *w, size_t nw)
{
	search_request rq = { .bm25 = { 1.2f, 0.75f }, .title_weight = 1, .an = r->an };
	search_result notes = { 0 };
	join *j = mem_calloc(1, sizeof *j);
	arena mem;
	ast a;
	bool ok = true;
	cdg_status st;

	ast_init(&a);
	arena_init(&mem);
	rq.root = suggest_phrase(&a, words, n);
	st = j && rq.root ? plan_make(&j->p, &mem, r->snap, &rq, rq.root, &notes, r->err) : err_nomem(r->err);
	if (st == CDG_OK && (j->p.root->type == PLAN_LEAF || j->p.root->type == PLAN_INTERVAL)) {
		j->r = r;
		ok = join_prepare(j);
		for (size_t i = 0; i < nw && ok; i++)
			ok = join_word(j, &w[i]);
	}
	if (!ok)
		st = err_nomem(r->err);
	search_result_fini(&notes);
	arena_fini(&mem);
	ast_fini(&a);
	mem_free(j);
	return st;
}
