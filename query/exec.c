/* exec.c - see exec.h.  Chooses and runs; sorting, facets and the fall-back
 * have files of their own. */
#include "query/exec_impl.h"

/* On the stack: what the usual query takes for a segment, and for its plan. */
enum { EXEC_ROOM = 64 * 1024, EXEC_PLAN_ROOM = 8 * 1024 };

bool
exec_late(exec *x)
{
	if (!x->timed_out && x->rq->deadline_ns && clock_ns() > x->rq->deadline_ns)
		x->timed_out = true;
	return x->timed_out;
}

iter *
exec_begin(exec *x, seg_eval *se, arena *mem, size_t seg, bool windows)
{
	iter *root, *filter = NULL;

	seg_eval_init(se, &x->plan, seg, mem);
	se->windows = windows;
	root = iter_make(se, x->plan.root);
	if (root && x->plan.filter)
		filter = iter_make(se, x->plan.filter);
	if (!root || (x->plan.filter && !filter))
		return NULL;
	return iter_and2(se, root, filter);
}

/* ---- counting and collecting ----------------------------------------- */

static uint64_t
count_live(const segment *s, uint32_t base, uint64_t *bits)
{
	size_t words = live_nwords(s->info.docs), first = base / 64;

	for (size_t w = 0; s->has_deletes && w < WINDOW_WORDS && first + w < words; w++)
		bits[w] &= s->live.words[first + w];
	return window_count(bits);
}

/* Matches of one segment; into `keep` too unless NULL. */
static cdg_status
exec_windows(exec *x, size_t seg, uint64_t *keep, uint64_t *total)
{
	const segment *s = &x->snap->segs[seg];
	uint64_t bits[WINDOW_WORDS];
	seg_eval se;
	arena mem;
	iter *it;
	cdg_status st = CDG_OK;

	arena_init(&mem);
	it = exec_begin(x, &se, &mem, seg, true);
	for (uint32_t base = 0; it && base < s->info.docs && !exec_late(x); base += WINDOW) {
		iter_window(it, base, bits);
		*total += count_live(s, base, bits);
		if (keep)
			memcpy(keep + base / 64, bits, min_size(WINDOW_WORDS, live_nwords(s->info.docs) - base / 64) * 8);
	}
	if (!it || se.failed)
		st = err_nomem(x->err);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(s, x->err) : st;
}

/* A conjunction with a rare member is counted by leaping from one of its
 * documents to the next; so is a phrase, whose positions are then read by the
 * cursors that found the document. */
static cdg_status
exec_leap(exec *x, size_t seg, uint64_t *total)
{
	const segment *s = &x->snap->segs[seg];
	seg_eval se;
	arena mem;
	iter *it;
	cdg_status st = CDG_OK;

	arena_init(&mem);
	it = exec_begin(x, &se, &mem, seg, false);
	for (uint32_t doc = it ? it->seek(it, 0) : POST_END; doc != POST_END; doc = it->seek(it, doc + 1)) {
		*total += segment_is_live(s, doc) && iter_confirm(it);
		if (seg_eval_step(&se, 16))
			break;
	}
	exec_late(x);
	if (!it || se.failed)
		st = err_nomem(x->err);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(s, x->err) : st;
}

static cdg_status
exec_fast(exec *x, size_t seg, fast_kind kind, uint64_t *total)
{
	_Alignas(POST_ALIGN) char room[EXEC_ROOM];
	seg_eval se;
	arena mem;
	cdg_status st = CDG_OK;

	arena_init_room(&mem, room, sizeof room);
	seg_eval_init(&se, &x->plan, seg, &mem);
	fast_run(&se, kind, &x->top, total);
	if (se.failed)
		st = err_nomem(x->err);
	exec_late(x);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(&x->snap->segs[seg], x->err) : st;
}

/* *counted: it was done. */
static cdg_status
exec_count_fast(exec *x, size_t seg, uint64_t *total, bool *counted)
{
	_Alignas(POST_ALIGN) char room[EXEC_ROOM];
	seg_eval se;
	arena mem;
	cdg_status st = CDG_OK;

	arena_init_room(&mem, room, sizeof room);
	seg_eval_init(&se, &x->plan, seg, &mem);
	*counted = x->plan.root->type == PLAN_OR ? fast_count_or(&se, total) : fast_count(&se, total);
	if (se.failed)
		st = err_nomem(x->err);
	exec_late(x);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(&x->snap->segs[seg], x->err) : st;
}

static cdg_status
exec_count(exec *x, size_t seg, uint64_t *total)
{
	const segment *s = &x->snap->segs[seg];
	const plan_node *r = x->plan.root;

	while (r->type == PLAN_MAYBE) /* what may be there changes no count */
		r = r->child[0];
	if (r->type == PLAN_LEAF && !r->strict && r->seg[seg].nlists <= 1 && !x->plan.filter && !s->has_deletes) {
		*total += r->seg[seg].nlists ? r->seg[seg].lists[0].meta.df : 0;
		return CDG_OK;
	}
	if (r == x->plan.root && fast_pick(&x->plan, seg) == FAST_PHRASE)
		return exec_fast(x, seg, FAST_PHRASE, total);
	if ((r->type == PLAN_AND || r->type == PLAN_NOT || r->type == PLAN_OR) && !x->plan.filter) {
		bool counted;
		CDG_TRY(exec_count_fast(x, seg, total, &counted));
		if (counted)
			return CDG_OK;
	}
	if (r->type == PLAN_INTERVAL || ((r->type == PLAN_AND || r->type == PLAN_NOT) && r->cost < x->snap->ndocs / 32))
		return exec_leap(x, seg, total);
	return exec_windows(x, seg, NULL, total);
}

cdg_status
exec_collect(exec *x)
{
	x->bits = arena_zalloc(&x->mem, (x->snap->nsegs + 1) * sizeof *x->bits);
	if (!x->bits)
		return err_nomem(x->err);
	x->out->total = 0;
	for (size_t i = 0; i < x->snap->nsegs; i++) {
		x->bits[i] = arena_zalloc(&x->mem, (live_nwords(x->snap->segs[i].info.docs) + 1) * 8);
		if (!x->bits[i])
			return err_nomem(x->err);
		CDG_TRY(exec_windows(x, i, x->bits[i], &x->out->total));
	}
	return CDG_OK;
}

/* ---- by score -------------------------------------------------------- */

int32_t
exec_score(const exec *x, iter *it, const segment *s, uint32_t doc)
{
	int32_t units = iter_score(it);

	return x->rq->xapian ? units + plan_xapian_extra(&x->plan, s, doc) : units;
}

/* Document at a time.  Counts as it goes if every match must be seen anyway. */
static cdg_status
exec_daat(exec *x, size_t seg, bool all, uint64_t *total)
{
	const segment *s = &x->snap->segs[seg];
	seg_eval se;
	arena mem;
	iter *it;
	cdg_status st = CDG_OK;

	arena_init(&mem);
	it = exec_begin(x, &se, &mem, seg, false);
	for (uint32_t doc = it ? it->seek(it, 0) : POST_END; doc != POST_END; doc = it->seek(it, doc + 1)) {
		if (seg_eval_step(&se, 64))
			break;
		if (!segment_is_live(s, doc))
			continue;
		if (!all && it->two_phase) {
			if (iter_bound(it) <= x->top.threshold)
				continue;
			iter_demand(it, x->top.threshold);
		}
		if (!iter_confirm(it))
			continue;
		++*total;
		topk_push(&x->top, exec_score(x, it, s, doc), s->base + doc);
	}
	exec_late(x);
	if (!it || se.failed)
		st = err_nomem(x->err);
	seg_eval_fini(&se);
	arena_fini(&mem);
	return st == CDG_OK ? segment_error(s, x->err) : st;
}

static cdg_status
exec_by_score(exec *x)
{
	static const char *const names[] = { "document at a time", "one term, block maxima",
					     "windowed MaxScore", "block-max AND", "block-max phrase" };

	x->out->executor = names[FAST_NO];
	for (size_t i = 0; i < x->snap->nsegs && !x->timed_out; i++) {
		fast_kind kind = fast_pick(&x->plan, i);
		if (kind != FAST_NO || !x->top.k) {
			bool one_pass = x->top.k && x->rq->want_total &&
					fast_counts(&x->plan, kind, i, x->snap->segs[i].info.docs);
			x->out->executor = x->top.k ? names[kind] : "counting";
			if (x->top.k)
				CDG_TRY(exec_fast(x, i, kind, one_pass ? &x->out->total : NULL));
			if (x->rq->want_total && !one_pass)
				CDG_TRY(exec_count(x, i, &x->out->total));
		} else {
			CDG_TRY(exec_daat(x, i, x->rq->want_total || x->rq->exhaustive || x->rq->xapian,
					  &x->out->total));
		}
	}
	x->out->total_exact = x->rq->want_total && !x->timed_out;
	if (x->out->total < min_u32(x->top.n, x->top.k))
		x->out->total = min_u32(x->top.n, x->top.k);
	return exec_take(x);
}

cdg_status
exec_score_bits(exec *x)
{
	for (size_t seg = 0; seg < x->snap->nsegs; seg++) {
		const segment *s = &x->snap->segs[seg];
		size_t words = live_nwords(s->info.docs);
		seg_eval se;
		arena mem;
		iter *it;
		cdg_status st = CDG_OK;

		arena_init(&mem);
		seg_eval_init(&se, &x->plan, seg, &mem);
		it = iter_make(&se, x->plan.root);
		for (size_t w = 0; it && w < words && !seg_eval_step(&se, 16); w++)
			for (uint64_t m = x->bits[seg][w]; m && !seg_eval_step(&se, 64); m &= m - 1) {
				uint32_t doc = (uint32_t)(64 * w) + (uint32_t)__builtin_ctzll(m);
				if (it->seek(it, doc) == doc && iter_confirm(it))
					topk_push(&x->top, exec_score(x, it, s, doc), s->base + doc);
			}
		exec_late(x);
		if (!it || se.failed)
			st = err_nomem(x->err);
		seg_eval_fini(&se);
		arena_fini(&mem);
		CDG_TRY(st);
		CDG_TRY(segment_error(s, x->err));
	}
	return CDG_OK;
}

cdg_status
exec_take(exec *x)
{
	search_result *r = x->out;
	uint32_t n;

	topk_sort(&x->top);
	n = x->top.n > x->rq->offset ? x->top.n - x->rq->offset : 0;
	mem_free(r->hits);
	r->nhits = 0;
	r->hits = mem_calloc(n, sizeof *r->hits);
	if (!r->hits)
		return err_nomem(x->err);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t key = x->top.heap[x->rq->offset + i];
		r->hits[i].doc = topk_doc(key);
		r->hits[i].units = topk_units(key);
		r->hits[i].score = (float)((double)r->hits[i].units / (double)x->plan.scale);
	}
	r->nhits = n;
	return CDG_OK;
}

/* ---- the request ----------------------------------------------------- */

static cdg_status
exec_run(exec *x)
{
	CDG_TRY(plan_make(&x->plan, &x->mem, x->snap, x->rq, x->rq->root, x->out, x->err));
	exec_late(x); /* prefixes may have been left out */
	if (!x->rq->nsort && !x->rq->nfacets) {
		CDG_TRY(exec_by_score(x));
	} else {
		x->out->executor = "counting";
		if (x->rq->nsort || !x->rq->limit)
			CDG_TRY(exec_collect(x)); /* without hits the matches are all that is wanted */
		else
			CDG_TRY(exec_by_score(x));
		if (x->rq->nsort)
			CDG_TRY(exec_sorted(x));
		if (x->rq->nfacets) {
			if (!x->bits)
				CDG_TRY(exec_collect(x));
			CDG_TRY(exec_facets(x));
		}
		x->out->total_exact = !x->timed_out;
	}
	if (x->out->total == 0 && !x->out->nhits && x->rq->relaxed && !x->timed_out) {
		if (!x->rq->want_total && !x->rq->limit)
			return CDG_OK; /* nothing was looked for */
		CDG_TRY(exec_relaxed(x));
	}
	return CDG_OK;
}

cdg_status
exec_search(const snapshot *snap, const search_request *rq, search_result *out, cdg_error *err)
{
	exec x = { .snap = snap, .rq = rq, .out = out, .err = err };
	_Alignas(8) char room[EXEC_PLAN_ROOM];
	uint64_t want = (uint64_t)rq->offset + rq->limit, k = rq->limit ? want : 0, nomem = snapshot_nomem(snap);
	cdg_status st;

	memset(out, 0, sizeof *out);
	arena_init_room(&x.mem, room, sizeof room);
	k = k < snap->ndocs ? k : snap->ndocs;
	x.heap = mem_alloc(topk_room(k) * sizeof *x.heap);
	topk_init(&x.top, x.heap, (uint32_t)k);
	st = x.heap ? exec_run(&x) : err_nomem(err);
	if (st == CDG_OK && snapshot_nomem(snap) != nomem)
		st = err_nomem(err);
	out->timed_out = x.timed_out;
	if (x.timed_out) {
		out->total_exact = false;
		search_warn(out, "the time limit was reached: these are the best found until then");
	}
	mem_free(x.heap);
	arena_fini(&x.mem);
	if (st != CDG_OK)
		search_result_fini(out);
	return st;
}
