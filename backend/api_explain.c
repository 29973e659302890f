/* api_explain.c - what cdg_results_explain says: the tree, the way it was
 * evaluated, the segments, then the plan with what each leaf gives each hit. */
#include "backend/api.h"
#include "backend/xapian/care.h"
#include "query/exec.h"

static void
explain_segments(const snapshot *snap, buf *out)
{
	buf_printf(out, "index: %llu document%s, %zu segment%s\n", (unsigned long long)snap->nlive,
		   snap->nlive == 1 ? "" : "s", snap->nsegs, snap->nsegs == 1 ? "" : "s");
	for (size_t i = 0; i < snap->nsegs && i < 20; i++)
		buf_printf(out, "  segment %zu: documents %u to %u, %u live, %llu tokens\n", i,
			   snap->segs[i].base, snap->segs[i].base + snap->segs[i].info.docs,
			   snap->segs[i].info.live, (unsigned long long)snap->segs[i].info.tokens[0]);
	if (snap->nsegs > 20)
		buf_printf(out, "  and %zu more\n", snap->nsegs - 20);
}

cdg_status
api_explain(const cdg_index *index, const search_request *sr, const search_result *found, cdg_results *r,
	    cdg_error *err)
{
	cdg_status st = CDG_OK;
	buf out;

	buf_init(&out);
	buf_printf(&out, "query: %s\n", r->parsed);
	if (found->relaxed) {
		buf_puts(&out, "relaxed: ");
		q_print(sr->root, &out);
		buf_puts(&out, "\n");
	}
	buf_printf(&out, "backend: %s\nexecutor: %s\n", index->be->ops->name,
		   found->executor ? found->executor : "?");
	if (!index->snap)
		st = xap_explain(index->be, sr, &out, err);
	if (index->snap) {
		explain_segments(index->snap, &out);
		buf_puts(&out, "plan:\n");
		st = exec_explain(index->snap, sr, UINT64_MAX, &out, err);
	}
	for (size_t i = 0; st == CDG_OK && index->snap && i < found->nhits && i < 100; i++) {
		if (sr->deadline_ns && clock_ns() > sr->deadline_ns) {
			buf_puts(&out, "the time limit passed: hits from here on are left out\n");
			break;
		}
		buf_printf(&out, "hit %llu, %s: score ", (unsigned long long)r->hits[i].rank, r->hits[i].id);
		api_put_number(&out, (double)found->hits[i].score, 9);
		buf_puts(&out, "\n");
		st = exec_explain(index->snap, sr, found->hits[i].doc, &out, err);
	}
	r->explain = out.failed ? NULL : api_string(&r->mem, (char *)out.p, out.len);
	buf_fini(&out);
	if (st == CDG_OK && !r->explain)
		return err_nomem(err);
	return st;
}
