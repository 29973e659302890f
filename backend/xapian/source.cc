// source.cc - posting sources: documents and weights from elsewhere.

#include "backend/xapian/xapc.hh"

using namespace xapc;

namespace {

// Stands before the first document after init, on document `did` after that,
// which is 0 at the end.
class callback_source : public Xapian::PostingSource {
	xapc_source_callbacks cb;
	context ctx;
	xapc_count min = 0, est = 0, max = 0;
	bool begun = false;
	xapc_docid did = 0;
	double weight = 0;

	void move(xapc_docid from, double min_weight)
	{
		begun = true;
		if (cb.next(ctx.get(), from, min_weight, &did, &weight) != 0)
			throw stop();
		if (did && did < from)
			throw Xapian::InvalidOperationError("the callback of a posting source went backwards");
		if (did && (weight < 0 || weight > get_maxweight()))
			throw Xapian::InvalidOperationError("the weight of a posting source is out of its bounds");
	}

public:
	callback_source(const xapc_source_callbacks &callbacks, context &&c) : cb(callbacks), ctx(std::move(c)) {}
	xapc_count get_termfreq_min() const override { return min; }
	xapc_count get_termfreq_est() const override { return est; }
	xapc_count get_termfreq_max() const override { return max; }
	double get_weight() const override { return weight; }
	xapc_docid get_docid() const override { return did; }
	bool at_end() const override { return begun && !did; }
	void next(double min_weight) override { move(did + 1, min_weight); }
	void skip_to(xapc_docid to, double min_weight) override
	{
		if (!begun || (did && did < to))
			move(to ? to : 1, min_weight);
	}
	callback_source *clone() const override
	{
		if (!cb.clone)
			return nullptr;
		void *p = cb.clone(ctx.get());
		if (!p)
			throw stop();
		return new callback_source(cb, context(p, cb.free_ctx));
	}
	void init(const Xapian::Database &db) override
	{
		const xapc_database shard{ db };
		double max_weight = 0;
		begun = false;
		did = 0;
		if (cb.init(ctx.get(), &shard, &min, &est, &max, &max_weight) != 0)
			throw stop();
		set_maxweight(max_weight);
	}
	std::string get_description() const override { return "PostingSource(callback)"; }
};

Xapian::ValueMapPostingSource &
value_map(xapc_source *source)
{
	auto p = dynamic_cast<Xapian::ValueMapPostingSource *>(ref(source).p.get());
	if (!p)
		throw Xapian::InvalidArgumentError("this posting source is not a value map");
	return *p;
}

} // namespace

xapc_status
xapc_source_new_callback(const xapc_source_callbacks *cb, void *ctx, xapc_source **out, xapc_error *err)
{
	context c(ctx, cb ? cb->free_ctx : nullptr);
	return make(out, err, [&] {
		if (!ref(cb).init || !cb->next)
			null_argument();
		return box(xapc_source{ make_counted<callback_source>(*cb, std::move(c)) });
	});
}

xapc_status
xapc_source_new_value(xapc_slot slot, xapc_source **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_source{ make_counted<Xapian::ValueWeightPostingSource>(slot) }); });
}

xapc_status
xapc_source_new_decreasing_value(xapc_slot slot, xapc_docid first, xapc_docid last, xapc_source **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_source{ make_counted<Xapian::DecreasingValueWeightPostingSource>(slot, first, last) });
	});
}

xapc_status
xapc_source_new_value_map(xapc_slot slot, double default_weight, xapc_source **out, xapc_error *err)
{
	return make(out, err, [&] {
		auto p = make_counted<Xapian::ValueMapPostingSource>(slot);
		p->set_default_weight(default_weight);
		return box(xapc_source{ p });
	});
}

xapc_status
xapc_source_map_add(xapc_source *source, const char *value, size_t n, double weight, xapc_error *err)
{
	return guard(err, [&] { value_map(source).add_mapping(str(value, n), weight); });
}

xapc_status
xapc_source_map_clear(xapc_source *source, xapc_error *err)
{
	return guard(err, [&] { value_map(source).clear_mappings(); });
}

xapc_status
xapc_source_new_fixed(double weight, xapc_source **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_source{ make_counted<Xapian::FixedWeightPostingSource>(weight) }); });
}

void
xapc_source_free(xapc_source *source)
{
	delete source;
}
