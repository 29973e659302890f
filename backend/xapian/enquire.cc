// enquire.cc - searches: their settings, and running them.

#include "backend/xapian/xapc.hh"

using namespace xapc;
using Xapian::Enquire;

static_assert(int(XAPC_DESCENDING) == Enquire::DESCENDING && int(XAPC_ASCENDING) == Enquire::ASCENDING &&
	      int(XAPC_DONT_CARE) == Enquire::DONT_CARE);
static_assert(int(XAPC_ESET_INCLUDE_QUERY_TERMS) == Enquire::INCLUDE_QUERY_TERMS &&
	      int(XAPC_ESET_EXACT_TERMFREQ) == Enquire::USE_EXACT_TERMFREQ);

xapc_status
xapc_enquire_new(const xapc_database *db, xapc_enquire **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_enquire{ Enquire(ref(db).db) }); });
}

xapc_status
xapc_enquire_set_query(xapc_enquire *enq, const xapc_query *q, xapc_count length, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.set_query(ref(q).q, length); });
}

xapc_status
xapc_enquire_query(const xapc_enquire *enq, xapc_query **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_query{ ref(enq).enq.get_query() }); });
}

xapc_status
xapc_enquire_set_weighting(xapc_enquire *enq, const xapc_weight *w, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.set_weighting_scheme(*ref(w).w); });
}

xapc_status
xapc_enquire_set_expansion(xapc_enquire *enq, const char *scheme, size_t n, double k, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.set_expansion_scheme(str(scheme, n), k); });
}

xapc_status
xapc_enquire_set_collapse(xapc_enquire *enq, xapc_slot slot, xapc_count max, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.set_collapse_key(slot, max); });
}

xapc_status
xapc_enquire_set_docid_order(xapc_enquire *enq, xapc_docid_order order, xapc_error *err)
{
	return guard(err, [&] {
		if (order != XAPC_ASCENDING && order != XAPC_DESCENDING && order != XAPC_DONT_CARE)
			throw Xapian::InvalidArgumentError("no such order of documents");
		ref(enq).enq.set_docid_order(static_cast<Enquire::docid_order>(order));
	});
}

xapc_status
xapc_enquire_set_cutoff(xapc_enquire *enq, int percent, double weight, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.set_cutoff(percent, weight); });
}

xapc_status
xapc_enquire_sort_by_relevance(xapc_enquire *enq, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.set_sort_by_relevance(); });
}

xapc_status
xapc_enquire_sort_by_value(xapc_enquire *enq, xapc_slot slot, int reverse, xapc_sort how, xapc_error *err)
{
	return guard(err, [&] {
		Enquire &e = ref(enq).enq;
		switch (how) {
		case XAPC_SORT_ALONE:
			return e.set_sort_by_value(slot, reverse != 0);
		case XAPC_SORT_THEN_RELEVANCE:
			return e.set_sort_by_value_then_relevance(slot, reverse != 0);
		case XAPC_SORT_AFTER_RELEVANCE:
			return e.set_sort_by_relevance_then_value(slot, reverse != 0);
		}
		throw Xapian::InvalidArgumentError("no such way to sort");
	});
}

xapc_status
xapc_enquire_sort_by_key(xapc_enquire *enq, xapc_keymaker *km, int reverse, xapc_sort how, xapc_error *err)
{
	return guard(err, [&] {
		Enquire &e = ref(enq).enq;
		Xapian::KeyMaker *key = ref(km).p.get();
		switch (how) {
		case XAPC_SORT_ALONE:
			return e.set_sort_by_key(key, reverse != 0);
		case XAPC_SORT_THEN_RELEVANCE:
			return e.set_sort_by_key_then_relevance(key, reverse != 0);
		case XAPC_SORT_AFTER_RELEVANCE:
			return e.set_sort_by_relevance_then_key(key, reverse != 0);
		}
		throw Xapian::InvalidArgumentError("no such way to sort");
	});
}

xapc_status
xapc_enquire_set_time_limit(xapc_enquire *enq, double seconds, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.set_time_limit(seconds); });
}

xapc_status
xapc_enquire_add_matchspy(xapc_enquire *enq, xapc_matchspy *spy, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.add_matchspy(ref(spy).p.get()); });
}

xapc_status
xapc_enquire_clear_matchspies(xapc_enquire *enq, xapc_error *err)
{
	return guard(err, [&] { ref(enq).enq.clear_matchspies(); });
}

xapc_status
xapc_enquire_mset(const xapc_enquire *enq, xapc_count first, xapc_count max, xapc_count checkatleast,
		  const xapc_rset *rset, const xapc_decider *decider, xapc_mset **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_mset{ ref(enq).enq.get_mset(first, max, checkatleast, rset ? &rset->r : nullptr,
							    decider ? decider->p.get() : nullptr) });
	});
}

xapc_status
xapc_enquire_eset(const xapc_enquire *enq, xapc_count max, const xapc_rset *rset, int flags,
		  const xapc_expanddecider *decider, double min_weight, xapc_eset **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_eset{ ref(enq).enq.get_eset(max, ref(rset).r, flags, decider ? decider->p.get() : nullptr,
							    min_weight) });
	});
}

xapc_status
xapc_enquire_matching_terms(const xapc_enquire *enq, xapc_docid did, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(enq).enq.get_matching_terms_begin(did))); });
}

xapc_status
xapc_enquire_describe(const xapc_enquire *enq, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(enq).enq.get_description(); });
}

void
xapc_enquire_free(xapc_enquire *enq)
{
	delete enq;
}
