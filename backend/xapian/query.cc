// query.cc - trees of queries.

#include <vector>

#include "backend/xapian/xapc.hh"

using namespace xapc;
using Xapian::Query;

static_assert(int(XAPC_OP_AND) == Query::OP_AND && int(XAPC_OP_OR) == Query::OP_OR &&
	      int(XAPC_OP_AND_NOT) == Query::OP_AND_NOT && int(XAPC_OP_XOR) == Query::OP_XOR &&
	      int(XAPC_OP_AND_MAYBE) == Query::OP_AND_MAYBE && int(XAPC_OP_FILTER) == Query::OP_FILTER &&
	      int(XAPC_OP_NEAR) == Query::OP_NEAR && int(XAPC_OP_PHRASE) == Query::OP_PHRASE &&
	      int(XAPC_OP_VALUE_RANGE) == Query::OP_VALUE_RANGE &&
	      int(XAPC_OP_SCALE_WEIGHT) == Query::OP_SCALE_WEIGHT && int(XAPC_OP_ELITE_SET) == Query::OP_ELITE_SET &&
	      int(XAPC_OP_VALUE_GE) == Query::OP_VALUE_GE && int(XAPC_OP_VALUE_LE) == Query::OP_VALUE_LE &&
	      int(XAPC_OP_SYNONYM) == Query::OP_SYNONYM && int(XAPC_OP_MAX) == Query::OP_MAX &&
	      int(XAPC_OP_WILDCARD) == Query::OP_WILDCARD && int(XAPC_OP_INVALID) == Query::OP_INVALID &&
	      int(XAPC_LEAF_TERM) == Query::LEAF_TERM && int(XAPC_LEAF_SOURCE) == Query::LEAF_POSTING_SOURCE &&
	      int(XAPC_LEAF_MATCH_ALL) == Query::LEAF_MATCH_ALL &&
	      int(XAPC_LEAF_MATCH_NOTHING) == Query::LEAF_MATCH_NOTHING);
static_assert(int(XAPC_LIMIT_ERROR) == Query::WILDCARD_LIMIT_ERROR &&
	      int(XAPC_LIMIT_FIRST) == Query::WILDCARD_LIMIT_FIRST &&
	      int(XAPC_LIMIT_MOST_FREQUENT) == Query::WILDCARD_LIMIT_MOST_FREQUENT);

namespace {

template <class F>
xapc_status
query(xapc_query **out, xapc_error *err, F &&f) noexcept
{
	return make(out, err, [&] { return box(xapc_query{ f() }); });
}

} // namespace

Query::op
xapc::joining(xapc_op op)
{
	switch (op) {
	case XAPC_OP_AND:
	case XAPC_OP_OR:
	case XAPC_OP_AND_NOT:
	case XAPC_OP_XOR:
	case XAPC_OP_AND_MAYBE:
	case XAPC_OP_FILTER:
	case XAPC_OP_NEAR:
	case XAPC_OP_PHRASE:
	case XAPC_OP_ELITE_SET:
	case XAPC_OP_SYNONYM:
	case XAPC_OP_MAX:
		return static_cast<Query::op>(op);
	default:
		throw Xapian::InvalidArgumentError("this operator does not join queries");
	}
}

xapc_status
xapc_query_term(const char *term, size_t n, xapc_count wqf, xapc_pos pos, xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] { return Query(str(term, n), wqf, pos); });
}

xapc_status
xapc_query_match_all(xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] { return Query(std::string()); });
}

xapc_status
xapc_query_match_nothing(xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] { return Query(); });
}

xapc_status
xapc_query_combine(xapc_op op, const xapc_query *const *parts, size_t nparts, xapc_count parameter, xapc_query **out,
		   xapc_error *err)
{
	return query(out, err, [&] {
		std::vector<Query> list;
		list.reserve(nparts);
		for (size_t i = 0; i < nparts; i++)
			list.push_back(ref(ref(parts + i)).q);
		return Query(joining(op), list.begin(), list.end(), parameter);
	});
}

xapc_status
xapc_query_combine_terms(xapc_op op, const xapc_bytes *terms, size_t nterms, xapc_count parameter, xapc_query **out,
			 xapc_error *err)
{
	return query(out, err, [&] {
		std::vector<std::string> list;
		list.reserve(nterms);
		for (size_t i = 0; i < nterms; i++)
			list.push_back(str(ref(terms + i).data, terms[i].len));
		return Query(joining(op), list.begin(), list.end(), parameter);
	});
}

xapc_status
xapc_query_scale(const xapc_query *part, double factor, xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] { return Query(factor, ref(part).q); });
}

xapc_status
xapc_query_value_range(xapc_slot slot, const char *lower, size_t nlower, const char *upper, size_t nupper,
		       xapc_query **out, xapc_error *err)
{
	return query(out, err,
		     [&] { return Query(Query::OP_VALUE_RANGE, slot, str(lower, nlower), str(upper, nupper)); });
}

xapc_status
xapc_query_value_ge(xapc_slot slot, const char *limit, size_t n, xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] { return Query(Query::OP_VALUE_GE, slot, str(limit, n)); });
}

xapc_status
xapc_query_value_le(xapc_slot slot, const char *limit, size_t n, xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] { return Query(Query::OP_VALUE_LE, slot, str(limit, n)); });
}

xapc_status
xapc_query_wildcard(const char *stem, size_t n, xapc_count max, xapc_limit limit, xapc_op combiner, xapc_query **out,
		    xapc_error *err)
{
	return query(out, err, [&] {
		return Query(Query::OP_WILDCARD, str(stem, n), max, int(limit), joining(combiner));
	});
}

xapc_status
xapc_query_source(xapc_source *source, xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] { return Query(ref(source).p.get()); });
}

xapc_op
xapc_query_type(const xapc_query *q)
{
	return q ? static_cast<xapc_op>(q->q.get_type()) : XAPC_OP_INVALID;
}

size_t
xapc_query_part_count(const xapc_query *q)
{
	return q ? q->q.get_num_subqueries() : 0;
}

xapc_status
xapc_query_part(const xapc_query *q, size_t i, xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] {
		if (i >= ref(q).q.get_num_subqueries())
			throw Xapian::RangeError("the query has no such part");
		return Query(q->q.get_subquery(i));
	});
}

xapc_count
xapc_query_length(const xapc_query *q)
{
	return q ? q->q.get_length() : 0;
}

int
xapc_query_is_empty(const xapc_query *q)
{
	return !q || q->q.empty();
}

xapc_status
xapc_query_terms(const xapc_query *q, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(Xapian::TermIterator(ref(q).q.get_terms_begin()))); });
}

xapc_status
xapc_query_unique_terms(const xapc_query *q, xapc_terms **out, xapc_error *err)
{
	return make(out, err,
		    [&] { return box(xapc_terms(Xapian::TermIterator(ref(q).q.get_unique_terms_begin()))); });
}

xapc_status
xapc_query_serialise(const xapc_query *q, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(q).q.serialise(); });
}

xapc_status
xapc_query_unserialise(const char *p, size_t n, xapc_query **out, xapc_error *err)
{
	return query(out, err, [&] { return Query(Query::unserialise(str(p, n))); });
}

xapc_status
xapc_query_describe(const xapc_query *q, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(q).q.get_description(); });
}

void
xapc_query_free(xapc_query *q)
{
	delete q;
}
