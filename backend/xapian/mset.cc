// mset.cc - what searches find: hits, and sets of terms that would find more.

#include "backend/xapian/xapc.hh"

using namespace xapc;
using Xapian::MSet;

static_assert(int(XAPC_SNIPPET_BACKGROUND_MODEL) == MSet::SNIPPET_BACKGROUND_MODEL &&
	      int(XAPC_SNIPPET_EXHAUSTIVE) == MSet::SNIPPET_EXHAUSTIVE &&
	      int(XAPC_SNIPPET_EMPTY_WITHOUT_MATCH) == MSet::SNIPPET_EMPTY_WITHOUT_MATCH &&
	      int(XAPC_SNIPPET_CJK_NGRAM) == MSet::SNIPPET_CJK_NGRAM);

namespace {

// libxapian does not look whether there is a hit i.
Xapian::MSetIterator
hit(const xapc_mset *m, xapc_count i)
{
	if (i >= ref(m).m.size())
		throw Xapian::RangeError("there is no such hit");
	return m->m[i];
}

Xapian::ESetIterator
term(const xapc_eset *e, xapc_count i)
{
	if (i >= ref(e).e.size())
		throw Xapian::RangeError("there is no such term");
	return e->e[i];
}

} // namespace

xapc_count
xapc_mset_size(const xapc_mset *m)
{
	return m ? m->m.size() : 0;
}

xapc_count
xapc_mset_first(const xapc_mset *m)
{
	return m ? m->m.get_firstitem() : 0;
}

xapc_status
xapc_mset_matches(const xapc_mset *m, xapc_matches *out, xapc_error *err)
{
	return value(out, err, [&] {
		const MSet &s = ref(m).m;
		return xapc_matches{ s.get_matches_lower_bound(),
				     s.get_matches_estimated(),
				     s.get_matches_upper_bound(),
				     s.get_uncollapsed_matches_lower_bound(),
				     s.get_uncollapsed_matches_estimated(),
				     s.get_uncollapsed_matches_upper_bound() };
	});
}

double
xapc_mset_max_attained(const xapc_mset *m)
{
	return m ? m->m.get_max_attained() : 0;
}

double
xapc_mset_max_possible(const xapc_mset *m)
{
	return m ? m->m.get_max_possible() : 0;
}

xapc_status
xapc_mset_percent(const xapc_mset *m, double weight, int *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(m).m.convert_to_percent(weight); });
}

xapc_status
xapc_mset_termfreq(const xapc_mset *m, const char *term, size_t n, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(m).m.get_termfreq(str(term, n)); });
}

xapc_status
xapc_mset_termweight(const xapc_mset *m, const char *term, size_t n, double *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(m).m.get_termweight(str(term, n)); });
}

xapc_status
xapc_mset_docid(const xapc_mset *m, xapc_count i, xapc_docid *out, xapc_error *err)
{
	return value(out, err, [&] { return *hit(m, i); });
}

xapc_status
xapc_mset_weight(const xapc_mset *m, xapc_count i, double *out, xapc_error *err)
{
	return value(out, err, [&] { return hit(m, i).get_weight(); });
}

xapc_status
xapc_mset_document(const xapc_mset *m, xapc_count i, xapc_document **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_document{ hit(m, i).get_document() }); });
}

xapc_status
xapc_mset_collapse_key(const xapc_mset *m, xapc_count i, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return hit(m, i).get_collapse_key(); });
}

xapc_status
xapc_mset_collapse_count(const xapc_mset *m, xapc_count i, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return hit(m, i).get_collapse_count(); });
}

xapc_status
xapc_mset_sort_key(const xapc_mset *m, xapc_count i, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return hit(m, i).get_sort_key(); });
}

xapc_status
xapc_mset_fetch(const xapc_mset *m, xapc_count first, xapc_count n, xapc_error *err)
{
	return guard(err, [&] {
		if (n == 0)
			return;
		if (n > ref(m).m.size())
			throw Xapian::RangeError("there are not so many hits");
		m->m.fetch(hit(m, first), hit(m, first + (n - 1)));
	});
}

xapc_status
xapc_mset_snippet(const xapc_mset *m, const char *p, size_t n, size_t length, const xapc_stem *stem, unsigned flags,
		  const char *start, size_t nstart, const char *end, size_t nend, const char *omit, size_t nomit,
		  xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] {
		return ref(m).m.snippet(str(p, n), length, stem ? stem->stem : Xapian::Stem(), flags,
					str(start, nstart), str(end, nend), str(omit, nomit));
	});
}

xapc_status
xapc_mset_describe(const xapc_mset *m, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(m).m.get_description(); });
}

void
xapc_mset_free(xapc_mset *m)
{
	delete m;
}

// ---- relevant documents and their terms ----

xapc_status
xapc_rset_new(xapc_rset **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_rset{}); });
}

xapc_status
xapc_rset_add(xapc_rset *r, xapc_docid did, xapc_error *err)
{
	return guard(err, [&] { ref(r).r.add_document(did); });
}

xapc_status
xapc_rset_remove(xapc_rset *r, xapc_docid did, xapc_error *err)
{
	return guard(err, [&] { ref(r).r.remove_document(did); });
}

int
xapc_rset_contains(const xapc_rset *r, xapc_docid did)
{
	return r && r->r.contains(did);
}

xapc_count
xapc_rset_size(const xapc_rset *r)
{
	return r ? r->r.size() : 0;
}

void
xapc_rset_free(xapc_rset *r)
{
	delete r;
}

xapc_count
xapc_eset_size(const xapc_eset *e)
{
	return e ? e->e.size() : 0;
}

xapc_count
xapc_eset_bound(const xapc_eset *e)
{
	return e ? e->e.get_ebound() : 0;
}

xapc_status
xapc_eset_term(const xapc_eset *e, xapc_count i, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return *term(e, i); });
}

xapc_status
xapc_eset_weight(const xapc_eset *e, xapc_count i, double *out, xapc_error *err)
{
	return value(out, err, [&] { return term(e, i).get_weight(); });
}

void
xapc_eset_free(xapc_eset *e)
{
	delete e;
}
