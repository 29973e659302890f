/* fast_phrase.c - an exact phrase of plain words, each one list, alone or with
 * terms that must be there too.
 *
 * The terms' lists and those of the phrase's words are one conjunction, ordered by
 * document frequency; positions are read for what is left of it.
 * The rarest word leads, a block at a time; a block whose ceilings are too low
 * under any of the words is not read.  Words that very many documents have are not
 * sought until the others' positions leave something to look for.  No match of a
 * document has more occurrences than its rarest word has there, so most documents
 * are refused by their frequencies, and positions are read rarest word first.
 *
 * Where the segment has the list of a pair of its words, a phrase of the two is that list;
 * of a longer phrase it is one more list that the document must be in, often enough,
 * if it is shorter than that of every word.
 */
#include "query/fast.h"
#include "query/flat.h"

enum { PHRASE_SLOTS = 32 };

typedef struct phrase_list {
	block_scorer *b; /* of a word of the phrase: for its ceilings under the phrase's weight */
	bool term;       /* a term of its own, which scores */
	uint32_t hint;
} phrase_list;

typedef struct phrase_state {
	seg_eval *se;
	topk *top;
	uint64_t *total;   /* NULL: not wanted */
	const plan_node *phrase;
	uint32_t nslots, nlists, nterms;
	uint32_t off[PHRASE_SLOTS];  /* of a slot, from the first */
	uint8_t list[PHRASE_SLOTS];  /* of a slot */
	phrase_list l[PHRASE_SLOTS]; /* a word that is repeated once; the first is the rarest */
	int16_t pair[2];   /* slots of the first two lists; -1: a term's, or of a pair */
	int32_t whole;     /* list of a pair that is the phrase; -1: none, and there are slots */
	uint32_t nfirst;   /* so many are sought before any positions are read */
	uint32_t nlast;    /* slots of words that are sought later */
	int32_t rest;      /* what terms among the others give at most */
	uint32_t *starts;
	size_t starts_cap;
	const uint8_t *norms;
	/* by length byte: the least tf that passes a threshold */
	uint32_t need[256];
	int32_t need_for[256];
} phrase_state;

static bool
phrase_is_plain(const plan_node *n, size_t segno)
{
	if (n->type != PLAN_INTERVAL || n->interval != Q_PHRASE || n->n || !n->scored || n->nchild < 2 ||
	    n->nchild > PHRASE_SLOTS)
		return false;
	for (uint32_t i = 0; i < n->nchild; i++) {
		const plan_node *k = n->child[i];
		const plan_lists *l;
		if (k->type != PLAN_LEAF || k->strict)
			return false;
		l = &k->seg[segno];
		if (l->nlists != 1 || l->nterms != 1 || l->lists[0].kind != DICT_TERM ||
		    l->lists[0].ord != l->terms[0].entry.ord || l->terms[0].codes ||
		    l->terms[0].mask != UINT64_MAX || l->terms[0].entry.meta.wide)
			return false;
	}
	return true;
}

bool
fast_phrase_fits(const plan_node *n, size_t segno)
{
	uint32_t phrases = 0, lists = 0;

	if (n->type != PLAN_AND)
		return phrase_is_plain(n, segno);
	for (uint32_t i = 0; i < n->nchild; i++) {
		const plan_node *k = n->child[i];
		if (phrase_is_plain(k, segno)) {
			phrases++;
			lists += k->nchild;
		} else if (fast_leaf_fits(k) && k->seg[segno].nlists == 1) {
			lists++;
		} else {
			return false;
		}
	}
	return phrases == 1 && lists <= PHRASE_SLOTS;
}

/* The least tf for which a document of this length gets in, when the terms give it
 * `others` at most. */
static uint32_t
phrase_need(phrase_state *s, uint8_t norm, int32_t others)
{
	if (s->total)
		return 1; /* whatever it scores, it counts */
	if (s->nterms)
		return plan_least_tf(s->se->p, s->phrase, norm, s->top->threshold - others);
	if (s->need_for[norm] != s->top->threshold) {
		s->need_for[norm] = s->top->threshold;
		s->need[norm] = plan_least_tf(s->se->p, s->phrase, norm, s->top->threshold);
	}
	return s->need[norm];
}

static bool
phrase_reserve(phrase_state *s, size_t n)
{
	if (n <= s->starts_cap)
		return true;
	s->starts_cap = max_size(2 * n, 256);
	s->starts = arena_alloc(s->se->mem, s->starts_cap * sizeof *s->starts);
	s->se->failed |= !s->starts;
	if (!s->starts)
		s->starts_cap = 0;
	return s->starts != NULL;
}

/* Keep the starts that one slot's word agrees with, and `enough` of them will do. */
static uint32_t
phrase_filter(phrase_state *s, uint32_t slot, uint32_t count, uint32_t need, uint32_t enough)
{
	post_cursor *c = s->l[s->list[slot]].b->c;
	uint32_t off = s->off[slot], kept = 0, i = 0, m, got, last;
	post_piece p;

	if (!post_pieces(c, &p))
		return 0;
	while (i < count && kept < enough && kept + (count - i) >= need && post_next_piece(c, &p)) {
		last = p.v[p.n - 1] + p.plus;
		if (s->starts[i] + off > last)
			continue;
		m = s->starts[count - 1] + off <= last ? count - i : bitpack_rank(s->starts + i, count - i, last - off + 1);
		got = flat_filter(s->starts + i, m, p.v, p.n, off - p.plus, 1);
		memmove(s->starts + kept, s->starts + i, got * sizeof *s->starts);
		kept += got;
		i += m;
	}
	return c->bad ? 0 : kept;
}

/* Where the phrase begins by one slot's word alone. */
static uint32_t
phrase_first_starts(phrase_state *s, uint32_t slot)
{
	post_cursor *c = s->l[s->list[slot]].b->c;
	uint32_t off = s->off[slot], count = 0, early;
	post_piece p;

	if (!post_pieces(c, &p) || !phrase_reserve(s, (size_t)p.left + 16))
		return 0;
	while (post_next_piece(c, &p)) {
		for (early = 0; early < p.n && p.v[early] + p.plus < off; early++) /* the phrase would begin before the text */
			;
		bitpack_plus(p.v + early, p.n - early, p.plus - off, s->starts + count);
		count += p.n - early;
	}
	return c->bad ? 0 : count;
}

/* How often the phrase can be there by the words that are sought first, whose cursors are
 * on the document; 0 when that is less than need; `enough` of them will do. */
static uint32_t
phrase_starts(phrase_state *s, uint32_t need, uint32_t enough)
{
	uint32_t tf[PHRASE_SLOTS], count, n = 0;
	uint8_t order[PHRASE_SLOTS];

	for (uint32_t i = 0; i < s->nslots; i++) {
		uint32_t j = n;
		if (s->list[i] >= s->nfirst)
			continue;
		tf[i] = post_tf(s->l[s->list[i]].b->c);
		for (; j && tf[order[j - 1]] > tf[i]; j--)
			order[j] = order[j - 1];
		order[j] = (uint8_t)i;
		n++;
	}
	count = n ? phrase_first_starts(s, order[0]) : 0;
	for (uint32_t i = 1; i < n && count >= need; i++)
		count = phrase_filter(s, order[i], count, need, i + 1 < n ? UINT32_MAX : enough);
	return count >= need ? count : 0;
}

/* Does list i have the document, often enough? */
static bool
phrase_has(phrase_state *s, uint32_t i, uint32_t doc, uint32_t need)
{
	post_cursor *c = s->l[i].b->c;

	if ((c->block == UINT32_MAX || c->doc < doc) && iter_seek_near(c, doc) != doc)
		return false;
	return c->doc == doc && post_tf(c) >= need;
}

/* What the term gives the document that its cursor is on; 0: no term. */
static int32_t
phrase_term(const phrase_state *s, uint32_t i, uint32_t doc)
{
	const phrase_list *l = &s->l[i];

	if (!l->term)
		return 0;
	return plan_score(s->se->p, l->b->n, (float)post_tf(l->b->c),
			  s->se->seg->norms[l->b->n->field == DICT_FIELD_TITLE][doc]);
}

/* With what the terms give it and no more occurrences than its words have, a document
 * stays out: whether it has the phrase is all that is asked. */
static bool
phrase_only_counts(const phrase_state *s, uint32_t doc, int32_t others)
{
	uint32_t most = UINT32_MAX;

	if (!s->total)
		return false;
	if (!s->top->k)
		return true;
	for (uint32_t i = 0; i < s->nfirst; i++)
		if (!s->l[i].term)
			most = min_u32(most, post_tf(s->l[i].b->c));
	return others + plan_score(s->se->p, s->phrase, (float)most, s->norms[doc]) <= s->top->threshold;
}

/* Words that are sought last, in a document that has the phrase `freq` times but for
 * them; returns how often with them.  What terms among them give is added to *sum. */
static uint32_t
phrase_last(phrase_state *s, uint32_t doc, uint32_t freq, uint32_t need, uint32_t enough, int32_t *sum)
{
	for (uint32_t i = s->nfirst; i < s->nlists && freq; i++) {
		if (!phrase_has(s, i, doc, s->l[i].term ? 1 : need))
			return 0;
		*sum += s->top->k ? phrase_term(s, i, doc) : 0;
		for (uint32_t slot = 0; slot < s->nslots && freq; slot++)
			if (s->list[slot] == i) {
				freq = phrase_filter(s, slot, freq, need, s->nlast > 1 ? UINT32_MAX : enough);
				freq = freq >= need ? freq : 0;
			}
	}
	return freq;
}

/* The same for a phrase of two words, none of whose positions have been looked at: then
 * both are sought first. */
static uint32_t
phrase_two(phrase_state *s, uint32_t doc, uint32_t need, uint32_t enough, int32_t *sum)
{
	post_cursor *a = s->l[s->list[0]].b->c, *b = s->l[s->list[1]].b->c;
	uint32_t freq, rare;
	uint8_t ia, ib, met;

	for (uint32_t i = s->nfirst; i < s->nlists; i++) {
		if (!phrase_has(s, i, doc, s->l[i].term ? 1 : need))
			return 0;
		*sum += s->top->k ? phrase_term(s, i, doc) : 0;
	}
	ia = (uint8_t)a->i;
	ib = (uint8_t)b->i;
	post_meet(a, &ia, s->off[0], b, &ib, s->off[1], 1, min_u32(enough, UINT8_MAX), &met);
	if (met != POST_MEET_UNKNOWN)
		return met >= need ? met : 0;
	rare = post_tf(b) < post_tf(a);
	freq = phrase_first_starts(s, rare);
	freq = freq >= need ? phrase_filter(s, !rare, freq, need, enough) : 0;
	return freq >= need ? freq : 0;
}

/* A document that the first two lists have and are on; met: as phrase_pair says. */
static void
phrase_document(phrase_state *s, uint32_t doc, uint32_t met)
{
	const seg_eval *se = s->se;
	uint32_t need, freq, enough;
	int32_t sum = 0;

	for (uint32_t i = 2; i < s->nfirst; i++)
		if (!phrase_has(s, i, doc, 1))
			return;
	for (uint32_t i = 0; s->nterms && s->top->k && i < s->nfirst; i++)
		sum += phrase_term(s, i, doc);
	need = phrase_need(s, s->norms[doc], sum + s->rest);
	for (uint32_t i = 0; i < s->nfirst; i++)
		if (!s->l[i].term && post_tf(s->l[i].b->c) < need)
			return;
	enough = phrase_only_counts(s, doc, sum + s->rest) ? 1 : UINT32_MAX;
	if (s->whole >= 0) {
		freq = post_tf(s->l[s->whole].b->c);
	} else if (s->nslots == 2 && met == POST_MEET_UNKNOWN) {
		freq = phrase_two(s, doc, need, enough, &sum);
	} else {
		freq = s->nslots == 2 ? met : phrase_starts(s, need, s->nlast ? UINT32_MAX : enough);
		freq = phrase_last(s, doc, freq >= need ? freq : 0, need, enough, &sum);
	}
	if (!freq || !segment_is_live(se->seg, doc))
		return;
	if (s->total)
		++*s->total;
	if (enough > 1)
		topk_push(s->top, sum + plan_score(se->p, s->phrase, (float)freq, s->norms[doc]), se->seg->base + doc);
}

/* Of documents that the loaded blocks of the first two lists have keep those in which both
 * words are often enough, and next to one another if that can be told: met says how
 * often.  which is counted from `from` on, and from the block's first afterwards. */
static uint32_t
phrase_pair(phrase_state *s, uint32_t from, uint8_t *which, uint8_t *at, uint32_t found, uint8_t *met)
{
	post_cursor *a = s->l[0].b->c, *b = s->l[1].b->c;
	uint32_t kept = 0, off;

	for (uint32_t j = 0; j < found; j++)
		which[j] = (uint8_t)(which[j] + from);
	memset(met, POST_MEET_UNKNOWN, found);
	if (s->pair[0] < 0 || s->pair[1] < 0 || !post_load_tfs(a) || !post_load_tfs(b))
		return found;
	if (!s->total && !s->nterms) {
		for (uint32_t j = 0; j < found; j++) {
			uint32_t need = phrase_need(s, s->norms[a->docs[which[j]]], 0);
			which[kept] = which[j];
			at[kept] = at[j];
			kept += a->tfs[which[j]] >= need && b->tfs[at[j]] >= need;
		}
		found = kept;
		kept = 0;
	}
	off = min_u32(s->off[s->pair[0]], s->off[s->pair[1]]);
	post_meet(a, which, s->off[s->pair[0]] - off, b, at, s->off[s->pair[1]] - off, found,
		  s->total && !s->top->k ? 1 : UINT8_MAX, met);
	for (uint32_t j = 0; j < found; j++) {
		which[kept] = which[j];
		at[kept] = at[j];
		met[kept] = met[j];
		kept += met[j] != 0;
	}
	return kept;
}

/* The lead's loaded block: its documents are sought in the next list by the blocks
 * of that.  False: nothing more is to be found, or damage. */
static bool
phrase_block(phrase_state *s)
{
	uint8_t which[POST_BLOCK + 16], at[POST_BLOCK + 16], met[POST_BLOCK];
	post_cursor *lead = s->l[0].b->c, *c = s->nlists > 1 ? s->l[1].b->c : NULL;
	uint32_t n = lead->n, m, found;

	for (uint32_t i = 0; i < n; i += m) {
		uint32_t k = c ? probe_find(c, lead->docs[i]) : 0;
		if (!c) {
			m = 1;
			lead->i = i;
			lead->doc = lead->docs[i];
			phrase_document(s, lead->doc, POST_MEET_UNKNOWN);
			if (lead->bad)
				return false;
			continue;
		}
		if (k >= c->nb)
			return false;
		if (k != c->block) {
			m = probe_group(lead->docs + i, n - i, post_block_last(c, k));
			if (!s->total && !s->nterms && m && block_bound(s->l[1].b, s->se->p, k) <= s->top->threshold)
				continue;
			if (!post_load(c, k))
				return false;
		}
		m = probe_group(lead->docs + i, n - i, c->docs[c->n - 1]);
		if (!m)
			return false;
		found = bitpack_match(c->docs, c->n, lead->docs + i, m, which, at);
		if (found) {
			post_expect_positions(lead);
			post_expect_positions(c);
			found = phrase_pair(s, i, which, at, found, met);
			if (lead->bad || c->bad)
				return false;
		}
		for (uint32_t j = 0; j < found; j++) {
			lead->i = which[j];
			c->i = at[j];
			c->doc = lead->doc = lead->docs[lead->i];
			phrase_document(s, lead->doc, met[j]);
			if (lead->bad || c->bad)
				return false;
		}
	}
	return true;
}

/* Can a document of the lead's block k get in? */
static bool
phrase_hopeful(phrase_state *s, uint32_t k)
{
	const post_cursor *lead = s->l[0].b->c;
	uint32_t from = k ? post_block_last(lead, k - 1) + 1 : 0, to = post_block_last(lead, k) + 1;
	int32_t phrase = INT32_MAX, terms = 0;

	if (s->total || s->top->threshold < 0)
		return true;
	for (uint32_t i = 0; i < s->nlists; i++) {
		int32_t x = block_range_bound(s->l[i].b, s->se->p, &s->l[i].hint, from, to);
		if (x < 0)
			return false;
		if (s->l[i].term)
			terms += x;
		else
			phrase = x < phrase ? x : phrase;
		if (!s->nterms && x <= s->top->threshold)
			return false;
	}
	return phrase + (int64_t)terms > s->top->threshold;
}

/* ---- opening ------------------------------------------------------------ */

/* A list and whose it is. */
typedef struct phrase_part {
	const dict_entry *e;
	const plan_node *term; /* NULL: a word of the phrase, or a pair of them */
} phrase_part;

/* Into their order by document frequency; a word or pair of the phrase once. */
static void
phrase_add(phrase_state *s, phrase_part *part, const dict_entry *e, const plan_node *term)
{
	uint32_t j;

	for (j = 0; !term && j < s->nlists; j++)
		if (!part[j].term && part[j].e->kind == e->kind && part[j].e->ord == e->ord)
			return;
	for (j = s->nlists++; j && part[j - 1].e->meta.df > e->meta.df; j--)
		part[j] = part[j - 1];
	part[j] = (phrase_part){ e, term };
}

/* How many lists are sought before positions: what very many documents have is
 * asked about its positions only. */
static uint32_t
phrase_first(const phrase_state *s, const phrase_part *part)
{
	bool word = false;
	uint32_t n;

	for (n = 0; n < s->nlists; n++) {
		if (n >= 2 && word && (uint64_t)part[n].e->meta.df * 8 > s->se->seg->info.docs)
			break;
		word |= !part[n].term && part[n].e->kind == DICT_TERM;
	}
	return n;
}

/* The words of the phrase, and the lists of pairs of them that help. */
static bool
phrase_words(phrase_state *s, phrase_part *part)
{
	const plan_node *root = s->se->p->root, *n = s->phrase;
	size_t segno = s->se->segno;
	dict_entry e, *pair;
	uint32_t rarest;

	s->whole = -1;
	for (uint32_t i = 0; i < n->nchild; i++)
		phrase_add(s, part, &n->child[i]->seg[segno].lists[0], NULL);
	rarest = part[0].e->meta.df;
	for (uint32_t i = 0; i + 1 < n->nchild && s->nlists + root->nchild < PHRASE_SLOTS; i++) {
		if (n->child[i + 1]->offset - n->child[i]->offset != 1 ||
		    !segment_pair(s->se->seg, &n->child[i]->seg[segno].lists[0], &n->child[i + 1]->seg[segno].lists[0], &e) ||
		    e.meta.df >= rarest)
			continue;
		pair = arena_alloc(s->se->mem, sizeof *pair);
		if (!pair)
			return false;
		*pair = e;
		if (n->nchild == 2)
			s->whole = (int32_t)(s->nlists = 0);
		phrase_add(s, part, pair, NULL);
	}
	s->nslots = s->whole < 0 ? n->nchild : 0;
	return true;
}

static bool
phrase_open(phrase_state *s)
{
	const plan_node *root = s->se->p->root, *n = s->phrase;
	phrase_part part[PHRASE_SLOTS];
	size_t segno = s->se->segno;

	if (!phrase_words(s, part))
		return false;
	for (uint32_t i = 0; root != n && i < root->nchild; i++)
		if (root->child[i] != n) {
			phrase_add(s, part, &root->child[i]->seg[segno].lists[0], root->child[i]);
			s->nterms++;
		}
	for (uint32_t i = 0; i < s->nslots; i++) {
		uint64_t ord = n->child[i]->seg[segno].lists[0].ord;
		s->off[i] = n->child[i]->offset - n->child[0]->offset;
		while (part[s->list[i]].term || part[s->list[i]].e->kind != DICT_TERM || part[s->list[i]].e->ord != ord)
			s->list[i]++;
	}
	for (uint32_t i = 0; i < 2; i++) {
		s->pair[i] = -1;
		for (uint32_t slot = 0; slot < s->nslots && s->pair[i] < 0; slot++)
			if (s->list[slot] == i)
				s->pair[i] = (int16_t)slot;
	}
	s->nfirst = phrase_first(s, part);
	for (uint32_t slot = 0; slot < s->nslots; slot++)
		s->nlast += s->list[slot] >= s->nfirst;
	for (uint32_t i = 0; i < s->nlists; i++) {
		phrase_list *l = &s->l[i];
		l->b = arena_alloc(s->se->mem, sizeof *l->b);
		l->term = part[i].term != NULL;
		if (s->whole >= 0 && !l->term)
			s->whole = (int32_t)i;
		if (!l->b || !block_scorer_init(l->b, s->se, l->term ? part[i].term : n, part[i].e))
			return false;
		if (l->term && i >= s->nfirst)
			s->rest += l->b->max;
	}
	return true;
}

/* The phrase is one list, and all that was asked for. */
static void
phrase_as_list(phrase_state *s)
{
	post_cursor *c = s->l[0].b->c;

	if (s->total && !s->se->seg->has_deletes) {
		*s->total += c->meta.df;
	} else if (s->total) {
		for (uint32_t k = 0; k < c->nb && (c->block == k || post_load(c, k)); k++)
			for (uint32_t i = 0; i < c->n; i++)
				*s->total += segment_is_live(s->se->seg, c->docs[i]);
		if (c->nb > 1)
			post_rewind(c);
	}
	if (s->top->k)
		fast_list(s->se, s->top, s->l[0].b);
}

/* The phrase of a query that fast_phrase_fits. */
static const plan_node *
phrase_of(const plan_node *root)
{
	for (uint32_t i = 0; root->type == PLAN_AND && i < root->nchild; i++)
		if (root->child[i]->type == PLAN_INTERVAL)
			return root->child[i];
	return root;
}

void
fast_phrase(seg_eval *se, topk *top, uint64_t *total)
{
	phrase_state *s = arena_zalloc(se->mem, sizeof *s);
	uint64_t deadline = se->p->rq->deadline_ns;
	post_cursor *lead;

	if (s) {
		s->se = se;
		s->top = top;
		s->total = total;
		s->phrase = phrase_of(se->p->root);
		s->norms = se->seg->norms[s->phrase->field == DICT_FIELD_TITLE];
		memset(s->need_for, 0xff, sizeof s->need_for);
		for (unsigned i = 0; i < 256; i++)
			s->need[i] = 1; /* for a threshold of -1 */
	}
	if (!s || !phrase_open(s)) {
		se->failed = true;
		return;
	}
	if (s->whole >= 0 && s->nlists == 1) {
		phrase_as_list(s);
		return;
	}
	lead = s->l[0].b->c;
	for (uint32_t k = 0; k < lead->nb; k++) {
		if (k % 8 == 7 && deadline && clock_ns() > deadline)
			return;
		if (!phrase_hopeful(s, k))
			continue;
		if (lead->block == k)
			lead->i = 0;
		else if (!post_load(lead, k))
			return;
		if (!phrase_block(s))
			return;
	}
}
