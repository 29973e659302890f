// weight.cc - weighting schemes, libxapian's and the caller's.

#include "backend/xapian/xapc.hh"

using namespace xapc;
using Xapian::Weight;

static_assert(int(XAPC_SMOOTHING_TWO_STAGE) == Weight::TWO_STAGE_SMOOTHING &&
	      int(XAPC_SMOOTHING_DIRICHLET) == Weight::DIRICHLET_SMOOTHING &&
	      int(XAPC_SMOOTHING_ABSOLUTE_DISCOUNT) == Weight::ABSOLUTE_DISCOUNT_SMOOTHING &&
	      int(XAPC_SMOOTHING_JELINEK_MERCER) == Weight::JELINEK_MERCER_SMOOTHING &&
	      int(XAPC_SMOOTHING_DIRICHLET_PLUS) == Weight::DIRICHLET_PLUS_SMOOTHING);

namespace {

// libxapian clones a scheme for each term and then tells the clone of its term.
class callback_weight : public Weight {
	xapc_weight_callbacks cb;
	std::shared_ptr<context> ctx;
	xapc_weight_stats st{};

	void init(double factor) override
	{
		st.factor = factor;
		st.collection = get_collection_size();
		st.termfreq = get_termfreq();
		st.collection_freq = get_collection_freq();
		st.rset_size = get_rset_size();
		st.rel_termfreq = get_reltermfreq();
		st.query_length = get_query_length();
		st.wqf = get_wqf();
		st.doclength_min = get_doclength_lower_bound();
		st.doclength_max = get_doclength_upper_bound();
		st.wdf_max = get_wdf_upper_bound();
		st.average_length = get_average_length();
		st.total_length = get_total_length();
	}

public:
	callback_weight(const xapc_weight_callbacks &c, std::shared_ptr<context> p) : cb(c), ctx(std::move(p))
	{
		for (stat_flags f : { COLLECTION_SIZE, RSET_SIZE, AVERAGE_LENGTH, TERMFREQ, RELTERMFREQ, QUERY_LENGTH,
				      WQF, WDF, DOC_LENGTH, DOC_LENGTH_MIN, DOC_LENGTH_MAX, WDF_MAX, COLLECTION_FREQ,
				      UNIQUE_TERMS })
			need_stat(f);
	}
	Weight *clone() const override { return new callback_weight(cb, ctx); }
	double get_sumpart(xapc_count wdf, xapc_count doclength, xapc_count unique_terms) const override
	{
		return cb.part(ctx->get(), &st, wdf, doclength, unique_terms);
	}
	double get_maxpart() const override { return cb.max_part(ctx->get(), &st); }
	double get_sumextra(xapc_count doclength, xapc_count unique_terms) const override
	{
		return cb.extra ? cb.extra(ctx->get(), &st, doclength, unique_terms) : 0;
	}
	double get_maxextra() const override { return cb.max_extra ? cb.max_extra(ctx->get(), &st) : 0; }
};

template <class W, class... A>
xapc_status
scheme(xapc_weight **out, xapc_error *err, A... a) noexcept
{
	return make(out, err, [&] { return box(xapc_weight{ std::make_unique<W>(a...) }); });
}

} // namespace

xapc_status
xapc_weight_new_bool(xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::BoolWeight>(out, err);
}

xapc_status
xapc_weight_new_coord(xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::CoordWeight>(out, err);
}

xapc_status
xapc_weight_new_trad(double k, xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::TradWeight>(out, err, k);
}

xapc_status
xapc_weight_new_bm25(double k1, double k2, double k3, double b, double min_normlen, xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::BM25Weight>(out, err, k1, k2, k3, b, min_normlen);
}

xapc_status
xapc_weight_new_bm25plus(double k1, double k2, double k3, double b, double min_normlen, double delta,
			 xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::BM25PlusWeight>(out, err, k1, k2, k3, b, min_normlen, delta);
}

xapc_status
xapc_weight_new_tfidf(const char *normalisations, size_t n, xapc_weight **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_weight{ std::make_unique<Xapian::TfIdfWeight>(str(normalisations, n)) });
	});
}

xapc_status
xapc_weight_new_inl2(double c, xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::InL2Weight>(out, err, c);
}

xapc_status
xapc_weight_new_ifb2(double c, xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::IfB2Weight>(out, err, c);
}

xapc_status
xapc_weight_new_ineb2(double c, xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::IneB2Weight>(out, err, c);
}

xapc_status
xapc_weight_new_bb2(double c, xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::BB2Weight>(out, err, c);
}

xapc_status
xapc_weight_new_pl2(double c, xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::PL2Weight>(out, err, c);
}

xapc_status
xapc_weight_new_pl2plus(double c, double delta, xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::PL2PlusWeight>(out, err, c, delta);
}

xapc_status
xapc_weight_new_dlh(xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::DLHWeight>(out, err);
}

xapc_status
xapc_weight_new_dph(xapc_weight **out, xapc_error *err)
{
	return scheme<Xapian::DPHWeight>(out, err);
}

xapc_status
xapc_weight_new_lm(double log, xapc_smoothing smoothing, double p1, double p2, xapc_weight **out, xapc_error *err)
{
	return make(out, err, [&] {
		if (smoothing < XAPC_SMOOTHING_TWO_STAGE || smoothing > XAPC_SMOOTHING_DIRICHLET_PLUS)
			throw Xapian::InvalidArgumentError("no such smoothing");
		return box(xapc_weight{ std::make_unique<Xapian::LMWeight>(
			log, static_cast<Weight::type_smoothing>(smoothing), p1, p2) });
	});
}

xapc_status
xapc_weight_new_callback(const xapc_weight_callbacks *cb, void *ctx, xapc_weight **out, xapc_error *err)
{
	context c(ctx, cb ? cb->free_ctx : nullptr);
	return make(out, err, [&] {
		if (!ref(cb).part || !cb->max_part || !cb->extra != !cb->max_extra)
			null_argument();
		auto shared = std::make_shared<context>(std::move(c));
		return box(xapc_weight{ std::make_unique<callback_weight>(*cb, std::move(shared)) });
	});
}

xapc_status
xapc_weight_name(const xapc_weight *w, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(w).w->name(); });
}

xapc_status
xapc_weight_serialise(const xapc_weight *w, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(w).w->serialise(); });
}

xapc_status
xapc_weight_unserialise(const char *name, size_t nname, const char *p, size_t n, xapc_weight **out, xapc_error *err)
{
	return make(out, err, [&] {
		Xapian::Registry all;
		const Weight *w = all.get_weighting_scheme(str(name, nname));
		if (!w)
			throw Xapian::InvalidArgumentError("unknown weighting scheme: " + str(name, nname));
		return box(xapc_weight{ std::unique_ptr<Weight>(w->unserialise(str(p, n))) });
	});
}

void
xapc_weight_free(xapc_weight *w)
{
	delete w;
}
