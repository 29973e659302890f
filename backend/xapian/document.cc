// document.cc - documents: data, terms with positions, values.

#include "backend/xapian/xapc.hh"

using namespace xapc;

xapc_status
xapc_document_new(xapc_document **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_document{}); });
}

void
xapc_document_free(xapc_document *doc)
{
	delete doc;
}

xapc_status
xapc_document_docid(const xapc_document *doc, xapc_docid *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(doc).doc.get_docid(); });
}

xapc_status
xapc_document_set_data(xapc_document *doc, const char *p, size_t n, xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.set_data(str(p, n)); });
}

xapc_status
xapc_document_data(const xapc_document *doc, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(doc).doc.get_data(); });
}

xapc_status
xapc_document_add_term(xapc_document *doc, const char *term, size_t n, xapc_count wdf_inc, xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.add_term(str(term, n), wdf_inc); });
}

xapc_status
xapc_document_add_posting(xapc_document *doc, const char *term, size_t n, xapc_pos pos, xapc_count wdf_inc,
			  xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.add_posting(str(term, n), pos, wdf_inc); });
}

xapc_status
xapc_document_remove_posting(xapc_document *doc, const char *term, size_t n, xapc_pos pos, xapc_count wdf_dec,
			     xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.remove_posting(str(term, n), pos, wdf_dec); });
}

xapc_status
xapc_document_remove_postings(xapc_document *doc, const char *term, size_t n, xapc_pos first, xapc_pos last,
			      xapc_count wdf_dec, xapc_count *removed, xapc_error *err)
{
	return guard(err, [&] {
		xapc_count got = ref(doc).doc.remove_postings(str(term, n), first, last, wdf_dec);
		if (removed)
			*removed = got;
	});
}

xapc_status
xapc_document_remove_term(xapc_document *doc, const char *term, size_t n, xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.remove_term(str(term, n)); });
}

xapc_status
xapc_document_clear_terms(xapc_document *doc, xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.clear_terms(); });
}

xapc_status
xapc_document_term_count(const xapc_document *doc, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(doc).doc.termlist_count(); });
}

xapc_status
xapc_document_terms(const xapc_document *doc, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(doc).doc.termlist_begin())); });
}

xapc_status
xapc_document_set_value(xapc_document *doc, xapc_slot slot, const char *p, size_t n, xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.add_value(slot, str(p, n)); });
}

xapc_status
xapc_document_value(const xapc_document *doc, xapc_slot slot, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(doc).doc.get_value(slot); });
}

xapc_status
xapc_document_remove_value(xapc_document *doc, xapc_slot slot, xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.remove_value(slot); });
}

xapc_status
xapc_document_clear_values(xapc_document *doc, xapc_error *err)
{
	return guard(err, [&] { ref(doc).doc.clear_values(); });
}

xapc_status
xapc_document_value_count(const xapc_document *doc, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(doc).doc.values_count(); });
}

xapc_status
xapc_document_values(const xapc_document *doc, xapc_values **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_values(ref(doc).doc.values_begin())); });
}

xapc_status
xapc_document_serialise(const xapc_document *doc, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(doc).doc.serialise(); });
}

xapc_status
xapc_document_unserialise(const char *p, size_t n, xapc_document **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_document{ Xapian::Document::unserialise(str(p, n)) }); });
}

xapc_status
xapc_document_describe(const xapc_document *doc, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(doc).doc.get_description(); });
}
