// iterator.cc - the four iterators, which all move alike.

#include "backend/xapian/xapc.hh"

using namespace xapc;

namespace {

// Borrowed getters read these, so they are fetched once a move.
void
load(xapc_terms &i)
{
	i.term = *i.it;
}

void
load(xapc_values &i)
{
	i.value = *i.it;
}

void
load(xapc_postings &i)
{
	i.did = *i.it;
}

void
load(xapc_positions &i)
{
	i.pos = *i.it;
}

template <class I>
xapc_status
land(I &i)
{
	using iterator = decltype(i.it);
	if (i.it == iterator())
		return XAPC_END;
	load(i);
	i.here = true;
	return XAPC_OK;
}

template <class I>
xapc_status
next(I *p, xapc_error *err)
{
	return guard(err, [&] {
		I &i = ref(p);
		using iterator = decltype(i.it);
		i.here = false;
		if (i.begun && i.it != iterator())
			++i.it;
		i.begun = true;
		return land(i);
	});
}

template <class I, class K>
xapc_status
skip_to(I *p, K key, xapc_error *err)
{
	return guard(err, [&] {
		I &i = ref(p);
		using iterator = decltype(i.it);
		i.here = false;
		i.begun = true;
		if (i.it != iterator())
			i.it.skip_to(key());
		return land(i);
	});
}

// The iterator of something that is on an item.
template <class I>
auto &
on(I *p)
{
	if (!ref(p).here)
		throw Xapian::InvalidOperationError("the iterator is on no item");
	return p->it;
}

} // namespace

xapc_status
xapc_terms_next(xapc_terms *it, xapc_error *err)
{
	return next(it, err);
}

xapc_status
xapc_terms_skip_to(xapc_terms *it, const char *term, size_t n, xapc_error *err)
{
	return skip_to(it, [&] { return str(term, n); }, err);
}

const char *
xapc_terms_term(const xapc_terms *it, size_t *n)
{
	bool here = it && it->here;
	if (n)
		*n = here ? it->term.size() : 0;
	return here ? it->term.c_str() : nullptr;
}

xapc_status
xapc_terms_wdf(const xapc_terms *it, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return on(it).get_wdf(); });
}

xapc_status
xapc_terms_termfreq(const xapc_terms *it, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return on(it).get_termfreq(); });
}

xapc_status
xapc_terms_position_count(const xapc_terms *it, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return on(it).positionlist_count(); });
}

xapc_status
xapc_terms_positions(const xapc_terms *it, xapc_positions **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_positions(on(it).positionlist_begin())); });
}

void
xapc_terms_free(xapc_terms *it)
{
	delete it;
}

xapc_status
xapc_postings_next(xapc_postings *it, xapc_error *err)
{
	return next(it, err);
}

xapc_status
xapc_postings_skip_to(xapc_postings *it, xapc_docid did, xapc_error *err)
{
	return skip_to(it, [&] { return did; }, err);
}

xapc_docid
xapc_postings_docid(const xapc_postings *it)
{
	return it && it->here ? it->did : 0;
}

xapc_status
xapc_postings_wdf(const xapc_postings *it, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return on(it).get_wdf(); });
}

xapc_status
xapc_postings_doclength(const xapc_postings *it, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return on(it).get_doclength(); });
}

xapc_status
xapc_postings_unique_terms(const xapc_postings *it, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return on(it).get_unique_terms(); });
}

xapc_status
xapc_postings_positions(const xapc_postings *it, xapc_positions **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_positions(on(it).positionlist_begin())); });
}

void
xapc_postings_free(xapc_postings *it)
{
	delete it;
}

xapc_status
xapc_positions_next(xapc_positions *it, xapc_error *err)
{
	return next(it, err);
}

xapc_status
xapc_positions_skip_to(xapc_positions *it, xapc_pos pos, xapc_error *err)
{
	return skip_to(it, [&] { return pos; }, err);
}

xapc_pos
xapc_positions_pos(const xapc_positions *it)
{
	return it && it->here ? it->pos : xapc_pos(-1);
}

void
xapc_positions_free(xapc_positions *it)
{
	delete it;
}

xapc_status
xapc_values_next(xapc_values *it, xapc_error *err)
{
	return next(it, err);
}

xapc_status
xapc_values_skip_to(xapc_values *it, uint32_t docid_or_slot, xapc_error *err)
{
	return skip_to(it, [&] { return docid_or_slot; }, err);
}

xapc_status
xapc_values_check(xapc_values *it, xapc_docid did, int *valid, xapc_error *err)
{
	return guard(err, [&] {
		ref(it).here = false;
		ref(valid) = 0;
		it->begun = true;
		if (it->it == Xapian::ValueIterator())
			return XAPC_END;
		if (!(it->it.check)(did))
			return XAPC_OK;
		xapc_status status = land(*it);
		*valid = status == XAPC_OK;
		return status;
	});
}

const char *
xapc_values_value(const xapc_values *it, size_t *n)
{
	bool here = it && it->here;
	if (n)
		*n = here ? it->value.size() : 0;
	return here ? it->value.c_str() : nullptr;
}

xapc_status
xapc_values_docid(const xapc_values *it, xapc_docid *out, xapc_error *err)
{
	return value(out, err, [&] { return on(it).get_docid(); });
}

xapc_status
xapc_values_slot(const xapc_values *it, xapc_slot *out, xapc_error *err)
{
	return value(out, err, [&] { return on(it).get_valueno(); });
}

void
xapc_values_free(xapc_values *it)
{
	delete it;
}
