// match.cc - what looks at documents while a search runs: deciders, spies
// (facets), keys to sort by; and deciders about the terms of an ESet.

#include <vector>

#include "backend/xapian/xapc.hh"

using namespace xapc;

namespace {

// The verdict of a callback: yes, no, or stop.
bool
yes(int verdict)
{
	if (verdict < 0)
		throw stop();
	return verdict != 0;
}

class callback_decider : public Xapian::MatchDecider {
	xapc_document_fn fn;
	context ctx;

public:
	callback_decider(xapc_document_fn f, context &&c) : fn(f), ctx(std::move(c)) {}
	bool operator()(const Xapian::Document &d) const override
	{
		const xapc_document doc{ d };
		return yes(fn(ctx.get(), &doc));
	}
};

class callback_expand : public Xapian::ExpandDecider {
	xapc_term_fn fn;
	context ctx;

public:
	callback_expand(xapc_term_fn f, context &&c) : fn(f), ctx(std::move(c)) {}
	bool operator()(const std::string &term) const override
	{
		return yes(fn(ctx.get(), term.data(), term.size()));
	}
};

class callback_spy : public Xapian::MatchSpy {
	xapc_spy_fn fn;
	context ctx;

public:
	callback_spy(xapc_spy_fn f, context &&c) : fn(f), ctx(std::move(c)) {}
	void operator()(const Xapian::Document &d, double weight) override
	{
		const xapc_document doc{ d };
		if (fn(ctx.get(), &doc, weight) != 0)
			throw stop();
	}
};

class callback_key : public Xapian::KeyMaker {
	xapc_key_fn fn;
	context ctx;

public:
	callback_key(xapc_key_fn f, context &&c) : fn(f), ctx(std::move(c)) {}
	std::string operator()(const Xapian::Document &d) const override
	{
		const xapc_document doc{ d };
		answer a;
		if (fn(ctx.get(), &doc, &a.s) != 0)
			throw stop();
		return a.str();
	}
};

// The object behind a handle as the kind that the call is for.
template <class T, class P>
T &
kind(const P &p, const char *what)
{
	auto t = dynamic_cast<T *>(p.get());
	if (!t)
		throw Xapian::InvalidArgumentError(what);
	return *t;
}

Xapian::ValueSetMatchDecider &
value_set(xapc_decider *d)
{
	return kind<Xapian::ValueSetMatchDecider>(ref(d).p, "this decider is not a set of values");
}

Xapian::ValueCountMatchSpy &
value_count(const xapc_matchspy *spy)
{
	return kind<Xapian::ValueCountMatchSpy>(ref(spy).p, "this match spy does not count values");
}

} // namespace

xapc_status
xapc_decider_new_callback(xapc_document_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_decider **out, xapc_error *err)
{
	context c(ctx, free_ctx);
	return make(out, err, [&] {
		ref(fn);
		return box(xapc_decider{ std::make_unique<callback_decider>(fn, std::move(c)) });
	});
}

xapc_status
xapc_decider_new_values(xapc_slot slot, int inclusive, xapc_decider **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_decider{ std::make_unique<Xapian::ValueSetMatchDecider>(slot, inclusive != 0) });
	});
}

xapc_status
xapc_decider_add_value(xapc_decider *d, const char *value, size_t n, xapc_error *err)
{
	return guard(err, [&] { value_set(d).add_value(str(value, n)); });
}

xapc_status
xapc_decider_remove_value(xapc_decider *d, const char *value, size_t n, xapc_error *err)
{
	return guard(err, [&] { value_set(d).remove_value(str(value, n)); });
}

void
xapc_decider_free(xapc_decider *d)
{
	delete d;
}

// ---- terms of an ESet ----

xapc_status
xapc_expanddecider_new_callback(xapc_term_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_expanddecider **out,
				xapc_error *err)
{
	context c(ctx, free_ctx);
	return make(out, err, [&] {
		ref(fn);
		return box(xapc_expanddecider{ make_counted<callback_expand>(fn, std::move(c)) });
	});
}

xapc_status
xapc_expanddecider_new_reject(const xapc_bytes *terms, size_t nterms, xapc_expanddecider **out, xapc_error *err)
{
	return make(out, err, [&] {
		std::vector<std::string> list;
		for (size_t i = 0; i < nterms; i++)
			list.push_back(str(ref(terms + i).data, terms[i].len));
		return box(xapc_expanddecider{
			make_counted<Xapian::ExpandDeciderFilterTerms>(list.begin(), list.end()) });
	});
}

xapc_status
xapc_expanddecider_new_prefix(const char *prefix, size_t n, xapc_expanddecider **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_expanddecider{ make_counted<Xapian::ExpandDeciderFilterPrefix>(str(prefix, n)) });
	});
}

xapc_status
xapc_expanddecider_new_and(const xapc_expanddecider *a, const xapc_expanddecider *b, xapc_expanddecider **out,
			   xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_expanddecider{
			make_counted<Xapian::ExpandDeciderAnd>(ref(a).p.get(), ref(b).p.get()) });
	});
}

void
xapc_expanddecider_free(xapc_expanddecider *d)
{
	delete d;
}

// ---- facets ----

xapc_status
xapc_matchspy_new_valuecount(xapc_slot slot, xapc_matchspy **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_matchspy{ make_counted<Xapian::ValueCountMatchSpy>(slot) }); });
}

xapc_status
xapc_matchspy_new_callback(xapc_spy_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_matchspy **out, xapc_error *err)
{
	context c(ctx, free_ctx);
	return make(out, err, [&] {
		ref(fn);
		return box(xapc_matchspy{ make_counted<callback_spy>(fn, std::move(c)) });
	});
}

xapc_status
xapc_matchspy_total(const xapc_matchspy *spy, size_t *out, xapc_error *err)
{
	return value(out, err, [&] { return value_count(spy).get_total(); });
}

xapc_status
xapc_matchspy_values(const xapc_matchspy *spy, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(value_count(spy).values_begin())); });
}

xapc_status
xapc_matchspy_top_values(const xapc_matchspy *spy, size_t max, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(value_count(spy).top_values_begin(max))); });
}

xapc_status
xapc_matchspy_serialise_results(const xapc_matchspy *spy, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return value_count(spy).serialise_results(); });
}

xapc_status
xapc_matchspy_merge_results(xapc_matchspy *spy, const char *p, size_t n, xapc_error *err)
{
	return guard(err, [&] { value_count(spy).merge_results(str(p, n)); });
}

void
xapc_matchspy_free(xapc_matchspy *spy)
{
	delete spy;
}

// ---- sort keys ----

xapc_status
xapc_keymaker_new_values(xapc_keymaker **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_keymaker{ make_counted<Xapian::MultiValueKeyMaker>() }); });
}

xapc_status
xapc_keymaker_add_value(xapc_keymaker *km, xapc_slot slot, int reverse, const char *absent, size_t n, xapc_error *err)
{
	return guard(err, [&] {
		kind<Xapian::MultiValueKeyMaker>(ref(km).p, "this key maker is not one of values")
			.add_value(slot, reverse != 0, str(absent, n));
	});
}

xapc_status
xapc_keymaker_new_callback(xapc_key_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_keymaker **out, xapc_error *err)
{
	context c(ctx, free_ctx);
	return make(out, err, [&] {
		ref(fn);
		return box(xapc_keymaker{ make_counted<callback_key>(fn, std::move(c)) });
	});
}

xapc_status
xapc_keymaker_key(const xapc_keymaker *km, const xapc_document *doc, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return (*ref(km).p)(ref(doc).doc); });
}

void
xapc_keymaker_free(xapc_keymaker *km)
{
	delete km;
}
