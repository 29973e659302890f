// text.cc - text to terms: stemmers, stop words, term generators.

#include "backend/xapian/xapc.hh"

using namespace xapc;
using Xapian::TermGenerator;

static_assert(int(XAPC_STEM_NONE) == TermGenerator::STEM_NONE && int(XAPC_STEM_SOME) == TermGenerator::STEM_SOME &&
	      int(XAPC_STEM_ALL) == TermGenerator::STEM_ALL && int(XAPC_STEM_ALL_Z) == TermGenerator::STEM_ALL_Z &&
	      int(XAPC_STEM_SOME_FULL_POS) == TermGenerator::STEM_SOME_FULL_POS &&
	      int(XAPC_STOP_NONE) == TermGenerator::STOP_NONE && int(XAPC_STOP_ALL) == TermGenerator::STOP_ALL &&
	      int(XAPC_STOP_STEMMED) == TermGenerator::STOP_STEMMED &&
	      int(XAPC_TG_SPELLING) == TermGenerator::FLAG_SPELLING &&
	      int(XAPC_TG_CJK_NGRAM) == TermGenerator::FLAG_CJK_NGRAM);

namespace {

class callback_stem : public Xapian::StemImplementation {
	xapc_stem_fn fn;
	context ctx;

public:
	callback_stem(xapc_stem_fn f, context &&c) : fn(f), ctx(std::move(c)) {}
	std::string operator()(const std::string &word) override
	{
		answer a;
		if (fn(ctx.get(), word.data(), word.size(), &a.s) != 0)
			throw stop();
		return a.str();
	}
	std::string get_description() const override { return "Xapian::Stem(callback)"; }
};

class callback_stopper : public Xapian::Stopper {
	xapc_term_fn fn;
	context ctx;

public:
	callback_stopper(xapc_term_fn f, context &&c) : fn(f), ctx(std::move(c)) {}
	bool operator()(const std::string &term) const override
	{
		int verdict = fn(ctx.get(), term.data(), term.size());
		if (verdict < 0)
			throw stop();
		return verdict != 0;
	}
	std::string get_description() const override { return "Xapian::Stopper(callback)"; }
};

} // namespace

xapc_status
xapc_stem_new(const char *language, size_t n, int fallback, xapc_stem **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_stem{ Xapian::Stem(str(language, n), fallback != 0) }); });
}

xapc_status
xapc_stem_new_callback(xapc_stem_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_stem **out, xapc_error *err)
{
	context c(ctx, free_ctx);
	return make(out, err, [&] {
		ref(fn);
		return box(xapc_stem{ Xapian::Stem(new callback_stem(fn, std::move(c))) });
	});
}

xapc_status
xapc_stem_word(const xapc_stem *stem, const char *word, size_t n, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(stem).stem(str(word, n)); });
}

int
xapc_stem_is_none(const xapc_stem *stem)
{
	return !stem || stem->stem.is_none();
}

xapc_status
xapc_stem_languages(xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return Xapian::Stem::get_available_languages(); });
}

xapc_status
xapc_stem_describe(const xapc_stem *stem, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(stem).stem.get_description(); });
}

void
xapc_stem_free(xapc_stem *stem)
{
	delete stem;
}

// ---- stop words ----

xapc_status
xapc_stopper_new(const xapc_bytes *words, size_t nwords, xapc_stopper **out, xapc_error *err)
{
	return make(out, err, [&] {
		auto p = make_counted<Xapian::SimpleStopper>();
		for (size_t i = 0; i < nwords; i++)
			p->add(str(ref(words + i).data, words[i].len));
		return box(xapc_stopper{ p });
	});
}

xapc_status
xapc_stopper_new_callback(xapc_term_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_stopper **out, xapc_error *err)
{
	context c(ctx, free_ctx);
	return make(out, err, [&] {
		ref(fn);
		return box(xapc_stopper{ make_counted<callback_stopper>(fn, std::move(c)) });
	});
}

xapc_status
xapc_stopper_add(xapc_stopper *stopper, const char *word, size_t n, xapc_error *err)
{
	return guard(err, [&] {
		auto p = dynamic_cast<Xapian::SimpleStopper *>(ref(stopper).p.get());
		if (!p)
			throw Xapian::InvalidArgumentError("this stopper is not a list of words");
		p->add(str(word, n));
	});
}

xapc_status
xapc_stopper_test(const xapc_stopper *stopper, const char *word, size_t n, int *out, xapc_error *err)
{
	return value(out, err, [&] { return (*ref(stopper).p)(str(word, n)); });
}

xapc_status
xapc_stopper_describe(const xapc_stopper *stopper, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(stopper).p->get_description(); });
}

void
xapc_stopper_free(xapc_stopper *stopper)
{
	delete stopper;
}

// ---- term generators ----

xapc_status
xapc_termgenerator_new(xapc_termgenerator **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_termgenerator{}); });
}

xapc_status
xapc_termgenerator_set_stemmer(xapc_termgenerator *tg, const xapc_stem *stem, xapc_error *err)
{
	return guard(err, [&] { ref(tg).tg.set_stemmer(ref(stem).stem); });
}

xapc_status
xapc_termgenerator_set_stopper(xapc_termgenerator *tg, const xapc_stopper *stopper, xapc_error *err)
{
	return guard(err, [&] { ref(tg).tg.set_stopper(stopper ? stopper->p.get() : nullptr); });
}

xapc_status
xapc_termgenerator_set_document(xapc_termgenerator *tg, xapc_document *doc, xapc_error *err)
{
	return guard(err, [&] { ref(tg).tg.set_document(ref(doc).doc); });
}

xapc_status
xapc_termgenerator_document(const xapc_termgenerator *tg, xapc_document **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_document{ ref(tg).tg.get_document() }); });
}

xapc_status
xapc_termgenerator_set_database(xapc_termgenerator *tg, xapc_writable *w, xapc_error *err)
{
	return guard(err, [&] { ref(tg).tg.set_database(ref(w).w); });
}

xapc_status
xapc_termgenerator_set_flags(xapc_termgenerator *tg, int toggle, int mask, int *old, xapc_error *err)
{
	return guard(err, [&] {
		int was = ref(tg).tg.set_flags(toggle, mask);
		if (old)
			*old = was;
	});
}

xapc_status
xapc_termgenerator_set_stemming_strategy(xapc_termgenerator *tg, xapc_stem_strategy how, xapc_error *err)
{
	return guard(err, [&] {
		ref(tg).tg.set_stemming_strategy(stem_strategy<TermGenerator::stem_strategy>(how));
	});
}

xapc_status
xapc_termgenerator_set_stopper_strategy(xapc_termgenerator *tg, xapc_stop_strategy how, xapc_error *err)
{
	return guard(err, [&] {
		if (how != XAPC_STOP_NONE && how != XAPC_STOP_ALL && how != XAPC_STOP_STEMMED)
			throw Xapian::InvalidArgumentError("no such stopper strategy");
		ref(tg).tg.set_stopper_strategy(static_cast<TermGenerator::stop_strategy>(how));
	});
}

xapc_status
xapc_termgenerator_set_max_word_length(xapc_termgenerator *tg, unsigned bytes, xapc_error *err)
{
	return guard(err, [&] { ref(tg).tg.set_max_word_length(bytes); });
}

xapc_status
xapc_termgenerator_index_text(xapc_termgenerator *tg, const char *p, size_t n, xapc_count wdf_inc, const char *prefix,
			      size_t nprefix, xapc_error *err)
{
	return guard(err, [&] { ref(tg).tg.index_text(str(p, n), wdf_inc, str(prefix, nprefix)); });
}

xapc_status
xapc_termgenerator_index_text_without_positions(xapc_termgenerator *tg, const char *p, size_t n, xapc_count wdf_inc,
						const char *prefix, size_t nprefix, xapc_error *err)
{
	return guard(err,
		     [&] { ref(tg).tg.index_text_without_positions(str(p, n), wdf_inc, str(prefix, nprefix)); });
}

xapc_status
xapc_termgenerator_increase_termpos(xapc_termgenerator *tg, xapc_pos delta, xapc_error *err)
{
	return guard(err, [&] { ref(tg).tg.increase_termpos(delta); });
}

xapc_status
xapc_termgenerator_termpos(const xapc_termgenerator *tg, xapc_pos *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(tg).tg.get_termpos(); });
}

xapc_status
xapc_termgenerator_set_termpos(xapc_termgenerator *tg, xapc_pos pos, xapc_error *err)
{
	return guard(err, [&] { ref(tg).tg.set_termpos(pos); });
}

xapc_status
xapc_termgenerator_describe(const xapc_termgenerator *tg, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(tg).tg.get_description(); });
}

void
xapc_termgenerator_free(xapc_termgenerator *tg)
{
	delete tg;
}
