// queryparser.cc - what people type to queries.

#include "backend/xapian/xapc.hh"

using namespace xapc;
using Xapian::Query;
using Xapian::QueryParser;

static_assert(int(XAPC_QP_BOOLEAN) == QueryParser::FLAG_BOOLEAN && int(XAPC_QP_PHRASE) == QueryParser::FLAG_PHRASE &&
	      int(XAPC_QP_LOVEHATE) == QueryParser::FLAG_LOVEHATE &&
	      int(XAPC_QP_BOOLEAN_ANY_CASE) == QueryParser::FLAG_BOOLEAN_ANY_CASE &&
	      int(XAPC_QP_WILDCARD) == QueryParser::FLAG_WILDCARD &&
	      int(XAPC_QP_PURE_NOT) == QueryParser::FLAG_PURE_NOT &&
	      int(XAPC_QP_PARTIAL) == QueryParser::FLAG_PARTIAL &&
	      int(XAPC_QP_SPELLING_CORRECTION) == QueryParser::FLAG_SPELLING_CORRECTION &&
	      int(XAPC_QP_SYNONYM) == QueryParser::FLAG_SYNONYM &&
	      int(XAPC_QP_AUTO_SYNONYMS) == QueryParser::FLAG_AUTO_SYNONYMS &&
	      int(XAPC_QP_AUTO_MULTIWORD_SYNONYMS) == QueryParser::FLAG_AUTO_MULTIWORD_SYNONYMS &&
	      int(XAPC_QP_CJK_NGRAM) == QueryParser::FLAG_CJK_NGRAM &&
	      int(XAPC_QP_ACCUMULATE) == QueryParser::FLAG_ACCUMULATE &&
	      int(XAPC_QP_DEFAULT) == QueryParser::FLAG_DEFAULT);
#if XAPIAN_AT_LEAST(1, 4, 19)
static_assert(int(XAPC_QP_NO_POSITIONS) == QueryParser::FLAG_NO_POSITIONS);
#endif
static_assert(int(XAPC_RP_SUFFIX) == Xapian::RP_SUFFIX && int(XAPC_RP_REPEATED) == Xapian::RP_REPEATED &&
	      int(XAPC_RP_DATE_PREFER_MDY) == Xapian::RP_DATE_PREFER_MDY);

namespace {

class callback_field : public Xapian::FieldProcessor {
	xapc_field_fn fn;
	context ctx;

public:
	callback_field(xapc_field_fn f, context &&c) : fn(f), ctx(std::move(c)) {}
	Query operator()(const std::string &s) override
	{
		xapc_query *got = nullptr;
		int verdict = fn(ctx.get(), s.data(), s.size(), &got);
		std::unique_ptr<xapc_query> q(got);
		if (verdict != 0)
			throw stop();
		return q ? q->q : Query();
	}
};

class callback_range : public Xapian::RangeProcessor {
	xapc_range_fn fn;
	context ctx;

public:
	callback_range(xapc_range_fn f, context &&c) : fn(f), ctx(std::move(c)) {}
	Query operator()(const std::string &begin, const std::string &end) override
	{
		xapc_query *got = nullptr;
		int verdict = fn(ctx.get(), begin.data(), begin.size(), end.data(), end.size(), &got);
		std::unique_ptr<xapc_query> q(got);
		if (verdict != 0)
			throw stop();
		return q ? q->q : Query(Query::OP_INVALID);
	}
};

// A grouping as libxapian takes it: NULL stays NULL.
struct group {
	std::string name;
	const std::string *p;
	group(const char *s, size_t n) : name(str(s, s ? n : 0)), p(s ? &name : nullptr) {}
};

} // namespace

xapc_status
xapc_queryparser_new(xapc_queryparser **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_queryparser{}); });
}

xapc_status
xapc_queryparser_set_stemmer(xapc_queryparser *qp, const xapc_stem *stem, xapc_error *err)
{
	return guard(err, [&] { ref(qp).qp.set_stemmer(ref(stem).stem); });
}

xapc_status
xapc_queryparser_set_stemming_strategy(xapc_queryparser *qp, xapc_stem_strategy how, xapc_error *err)
{
	return guard(err, [&] {
		ref(qp).qp.set_stemming_strategy(stem_strategy<QueryParser::stem_strategy>(how));
	});
}

xapc_status
xapc_queryparser_set_stopper(xapc_queryparser *qp, const xapc_stopper *stopper, xapc_error *err)
{
	return guard(err, [&] { ref(qp).qp.set_stopper(stopper ? stopper->p.get() : nullptr); });
}

xapc_status
xapc_queryparser_set_default_op(xapc_queryparser *qp, xapc_op op, xapc_error *err)
{
	return guard(err, [&] { ref(qp).qp.set_default_op(joining(op)); });
}

xapc_status
xapc_queryparser_default_op(const xapc_queryparser *qp, xapc_op *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(qp).qp.get_default_op(); });
}

xapc_status
xapc_queryparser_set_database(xapc_queryparser *qp, const xapc_database *db, xapc_error *err)
{
	return guard(err, [&] { ref(qp).qp.set_database(ref(db).db); });
}

xapc_status
xapc_queryparser_set_max_expansion(xapc_queryparser *qp, xapc_count max, xapc_limit limit, unsigned which,
				   xapc_error *err)
{
	return guard(err, [&] { ref(qp).qp.set_max_expansion(max, int(limit), which); });
}

xapc_status
xapc_queryparser_add_prefix(xapc_queryparser *qp, const char *field, size_t nfield, const char *prefix,
			    size_t nprefix, xapc_error *err)
{
	return guard(err, [&] { ref(qp).qp.add_prefix(str(field, nfield), str(prefix, nprefix)); });
}

xapc_status
xapc_queryparser_add_prefix_processor(xapc_queryparser *qp, const char *field, size_t nfield,
				      xapc_fieldprocessor *proc, xapc_error *err)
{
	return guard(err, [&] { ref(qp).qp.add_prefix(str(field, nfield), ref(proc).p.get()); });
}

xapc_status
xapc_queryparser_add_boolean_prefix(xapc_queryparser *qp, const char *field, size_t nfield, const char *prefix,
				    size_t nprefix, const char *grouping, size_t ngrouping, xapc_error *err)
{
	return guard(err, [&] {
		group g(grouping, ngrouping);
		ref(qp).qp.add_boolean_prefix(str(field, nfield), str(prefix, nprefix), g.p);
	});
}

xapc_status
xapc_queryparser_add_boolean_prefix_processor(xapc_queryparser *qp, const char *field, size_t nfield,
					      xapc_fieldprocessor *proc, const char *grouping, size_t ngrouping,
					      xapc_error *err)
{
	return guard(err, [&] {
		group g(grouping, ngrouping);
		ref(qp).qp.add_boolean_prefix(str(field, nfield), ref(proc).p.get(), g.p);
	});
}

xapc_status
xapc_queryparser_add_rangeprocessor(xapc_queryparser *qp, xapc_rangeprocessor *rp, const char *grouping,
				    size_t ngrouping, xapc_error *err)
{
	return guard(err, [&] {
		group g(grouping, ngrouping);
		ref(qp).qp.add_rangeprocessor(ref(rp).p.get(), g.p);
	});
}

xapc_status
xapc_queryparser_parse(xapc_queryparser *qp, const char *p, size_t n, unsigned flags, const char *prefix,
		       size_t nprefix, xapc_query **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_query{ ref(qp).qp.parse_query(str(p, n), flags, str(prefix, nprefix)) });
	});
}

xapc_status
xapc_queryparser_corrected(const xapc_queryparser *qp, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(qp).qp.get_corrected_query_string(); });
}

xapc_status
xapc_queryparser_stoplist(const xapc_queryparser *qp, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(qp).qp.stoplist_begin())); });
}

xapc_status
xapc_queryparser_unstem(const xapc_queryparser *qp, const char *term, size_t n, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(qp).qp.unstem_begin(str(term, n)))); });
}

xapc_status
xapc_queryparser_describe(const xapc_queryparser *qp, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(qp).qp.get_description(); });
}

void
xapc_queryparser_free(xapc_queryparser *qp)
{
	delete qp;
}

// ---- processors of fields and ranges ----

xapc_status
xapc_fieldprocessor_new(xapc_field_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_fieldprocessor **out, xapc_error *err)
{
	context c(ctx, free_ctx);
	return make(out, err, [&] {
		ref(fn);
		return box(xapc_fieldprocessor{ make_counted<callback_field>(fn, std::move(c)) });
	});
}

void
xapc_fieldprocessor_free(xapc_fieldprocessor *proc)
{
	delete proc;
}

xapc_status
xapc_rangeprocessor_new(xapc_slot slot, const char *mark, size_t n, unsigned flags, xapc_rangeprocessor **out,
			xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_rangeprocessor{ make_counted<Xapian::RangeProcessor>(slot, str(mark, n), flags) });
	});
}

xapc_status
xapc_rangeprocessor_new_number(xapc_slot slot, const char *mark, size_t n, unsigned flags, xapc_rangeprocessor **out,
			       xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_rangeprocessor{ make_counted<Xapian::NumberRangeProcessor>(slot, str(mark, n), flags) });
	});
}

xapc_status
xapc_rangeprocessor_new_date(xapc_slot slot, const char *mark, size_t n, unsigned flags, int epoch_year,
			     xapc_rangeprocessor **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_rangeprocessor{
			make_counted<Xapian::DateRangeProcessor>(slot, str(mark, n), flags, epoch_year) });
	});
}

xapc_status
xapc_rangeprocessor_new_callback(xapc_range_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_rangeprocessor **out,
				 xapc_error *err)
{
	context c(ctx, free_ctx);
	return make(out, err, [&] {
		ref(fn);
		return box(xapc_rangeprocessor{ make_counted<callback_range>(fn, std::move(c)) });
	});
}

void
xapc_rangeprocessor_free(xapc_rangeprocessor *rp)
{
	delete rp;
}
