// xapc.hh - what the C++ files of the bindings share: the guard that every
// function of xapian_c.h stands in, the handles, and helpers for strings.
//
// A handle is a struct around one object of libxapian.  Nothing here or below
// may let an exception out: each function is one call of guard or make, or cannot
// throw.
#ifndef BACKEND_XAPIAN_XAPC_HH
#define BACKEND_XAPIAN_XAPC_HH

#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <xapian.h>

#include "backend/xapian/xapian_c.h"

static_assert(sizeof(Xapian::docid) == sizeof(xapc_docid) && sizeof(Xapian::termcount) == sizeof(xapc_count) &&
		      sizeof(Xapian::doccount) == sizeof(xapc_count) && sizeof(Xapian::valueno) == sizeof(xapc_slot) &&
		      sizeof(Xapian::termpos) == sizeof(xapc_pos),
	      "xapian_c.h is for libxapian with numbers of 32 bits");

namespace xapc {

// Thrown when a callback asked to stop.
struct stop {};

// The one place where exceptions end: to be called within a catch block.
xapc_status caught(xapc_error *err) noexcept;

template <class F>
xapc_status
guard(xapc_error *err, F &&f) noexcept
{
	try {
		if constexpr (std::is_same_v<decltype(f()), xapc_status>) {
			return f();
		} else {
			f();
			return XAPC_OK;
		}
	} catch (...) {
		return caught(err);
	}
}

[[noreturn]] void null_argument();

template <class T>
T &
ref(T *p)
{
	if (!p)
		null_argument();
	return *p;
}

// A guard for functions that make a handle: f returns it as a unique_ptr.
template <class T, class F>
xapc_status
make(T **out, xapc_error *err, F &&f) noexcept
{
	if (out)
		*out = nullptr;
	return guard(err, [&] {
		ref(out); // before there is something to lose
		*out = f().release();
	});
}

// A guard for functions that answer with one value.
template <class T, class F>
xapc_status
value(T *out, xapc_error *err, F &&f) noexcept
{
	return guard(err, [&] { ref(out) = static_cast<T>(f()); });
}

std::string str(const char *p, size_t n);
void put(xapc_string *out, const std::string &s);

// A guard for functions that answer with a string.
template <class F>
xapc_status
text(xapc_string *out, xapc_error *err, F &&f) noexcept
{
	return guard(err, [&] {
		ref(out);
		put(out, f());
	});
}

template <class T>
std::unique_ptr<T>
box(T &&t)
{
	return std::make_unique<T>(std::move(t));
}

// The ctx of a callback, and what frees it in the end.
class context {
	void *p;
	xapc_free_fn free_fn;

public:
	context(void *ctx, xapc_free_fn fn) : p(ctx), free_fn(fn) {}
	context(context &&o) noexcept : p(o.p), free_fn(o.free_fn) { o.free_fn = nullptr; }
	context(const context &) = delete;
	context &operator=(const context &) = delete;
	~context()
	{
		if (free_fn)
			free_fn(p);
	}
	void *get() const { return p; }
};

// A string that callbacks answer with.
struct answer {
	xapc_string s = XAPC_STRING_INIT;
	~answer() { xapc_string_free(&s); }
	std::string str() const { return std::string(s.data ? s.data : "", s.len); }
};

// Strategies have one numbering, but two types.
template <class T>
T
stem_strategy(xapc_stem_strategy how)
{
	if (how < XAPC_STEM_NONE || how > XAPC_STEM_SOME_FULL_POS)
		throw Xapian::InvalidArgumentError("no such stemming strategy");
	return static_cast<T>(how);
}

// The operators that join any number of parts; others throw.
Xapian::Query::op joining(xapc_op op);

// An object of libxapian that counts its owners, made by new.
template <class T>
using counted = Xapian::Internal::opt_intrusive_ptr<T>;

template <class T, class... A>
counted<T>
make_counted(A &&...a)
{
	T *p = new T(std::forward<A>(a)...);
	p->release();
	return counted<T>(p);
}

} // namespace xapc

struct xapc_database {
	Xapian::Database db;
};
struct xapc_writable {
	Xapian::WritableDatabase w;
	xapc_database view;
};
struct xapc_document {
	Xapian::Document doc;
};
// `here`: the iterator is on an item.  `begun`: it is past "before the first".
struct xapc_terms {
	Xapian::TermIterator it;
	bool begun = false, here = false;
	std::string term;
	explicit xapc_terms(Xapian::TermIterator &&i) : it(std::move(i)) {}
};
struct xapc_postings {
	Xapian::PostingIterator it;
	bool begun = false, here = false;
	Xapian::docid did = 0;
	explicit xapc_postings(Xapian::PostingIterator &&i) : it(std::move(i)) {}
};
struct xapc_positions {
	Xapian::PositionIterator it;
	bool begun = false, here = false;
	Xapian::termpos pos = 0;
	explicit xapc_positions(Xapian::PositionIterator &&i) : it(std::move(i)) {}
};
struct xapc_values {
	Xapian::ValueIterator it;
	bool begun = false, here = false;
	std::string value;
	explicit xapc_values(Xapian::ValueIterator &&i) : it(std::move(i)) {}
};
struct xapc_stem {
	Xapian::Stem stem;
};
struct xapc_stopper {
	xapc::counted<Xapian::Stopper> p;
};
struct xapc_termgenerator {
	Xapian::TermGenerator tg;
};
struct xapc_query {
	Xapian::Query q;
};
struct xapc_source {
	xapc::counted<Xapian::PostingSource> p;
};
struct xapc_queryparser {
	Xapian::QueryParser qp;
};
struct xapc_rangeprocessor {
	xapc::counted<Xapian::RangeProcessor> p;
};
struct xapc_fieldprocessor {
	xapc::counted<Xapian::FieldProcessor> p;
};
struct xapc_weight {
	std::unique_ptr<Xapian::Weight> w;
};
struct xapc_enquire {
	Xapian::Enquire enq;
};
struct xapc_mset {
	Xapian::MSet m;
};
struct xapc_rset {
	Xapian::RSet r;
};
struct xapc_eset {
	Xapian::ESet e;
};
struct xapc_decider {
	std::unique_ptr<Xapian::MatchDecider> p;
};
struct xapc_expanddecider {
	xapc::counted<Xapian::ExpandDecider> p;
};
struct xapc_matchspy {
	xapc::counted<Xapian::MatchSpy> p;
};
struct xapc_keymaker {
	xapc::counted<Xapian::KeyMaker> p;
};

#endif
