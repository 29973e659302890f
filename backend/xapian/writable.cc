// writable.cc - databases for writing.

#include "backend/xapian/xapc.hh"

using namespace xapc;

namespace {

std::unique_ptr<xapc_writable>
wrap(const Xapian::WritableDatabase &w)
{
	return box(xapc_writable{ w, xapc_database{ w } });
}

// Gives the number of a new document to who wants to know it.
void
tell(xapc_docid *did, Xapian::docid got)
{
	if (did)
		*did = got;
}

} // namespace

xapc_status
xapc_writable_open(const char *path, size_t n, int flags, int block_size, xapc_writable **out, xapc_error *err)
{
	return make(out, err, [&] { return wrap(Xapian::WritableDatabase(str(path, n), flags, block_size)); });
}

xapc_status
xapc_writable_open_tcp(const char *host, size_t n, unsigned port, unsigned timeout_ms, unsigned connect_ms, int flags,
		       xapc_writable **out, xapc_error *err)
{
	return make(out, err, [&] {
		return wrap(Xapian::Remote::open_writable(str(host, n), port, timeout_ms, connect_ms, flags));
	});
}

xapc_status
xapc_writable_open_prog(const char *program, size_t n, const char *args, size_t nargs, unsigned timeout_ms, int flags,
			xapc_writable **out, xapc_error *err)
{
	return make(out, err, [&] {
		return wrap(Xapian::Remote::open_writable(str(program, n), str(args, nargs), timeout_ms, flags));
	});
}

xapc_status
xapc_writable_new(xapc_writable **out, xapc_error *err)
{
	return make(out, err, [&] { return wrap(Xapian::WritableDatabase()); });
}

xapc_status
xapc_writable_add(xapc_writable *w, const xapc_writable *other, xapc_error *err)
{
	return guard(err, [&] {
		ref(w).w.add_database(ref(other).w);
		w->view.db = w->w;
	});
}

void
xapc_writable_free(xapc_writable *w)
{
	delete w;
}

xapc_database *
xapc_writable_database(xapc_writable *w)
{
	return w ? &w->view : nullptr;
}

xapc_status
xapc_writable_commit(xapc_writable *w, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.commit(); });
}

xapc_status
xapc_writable_begin_transaction(xapc_writable *w, int flushed, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.begin_transaction(flushed != 0); });
}

xapc_status
xapc_writable_commit_transaction(xapc_writable *w, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.commit_transaction(); });
}

xapc_status
xapc_writable_cancel_transaction(xapc_writable *w, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.cancel_transaction(); });
}

xapc_status
xapc_writable_add_document(xapc_writable *w, const xapc_document *doc, xapc_docid *did, xapc_error *err)
{
	return guard(err, [&] { tell(did, ref(w).w.add_document(ref(doc).doc)); });
}

xapc_status
xapc_writable_replace_document(xapc_writable *w, xapc_docid did, const xapc_document *doc, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.replace_document(did, ref(doc).doc); });
}

xapc_status
xapc_writable_replace_by_term(xapc_writable *w, const char *term, size_t n, const xapc_document *doc, xapc_docid *did,
			      xapc_error *err)
{
	return guard(err, [&] { tell(did, ref(w).w.replace_document(str(term, n), ref(doc).doc)); });
}

xapc_status
xapc_writable_delete_document(xapc_writable *w, xapc_docid did, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.delete_document(did); });
}

xapc_status
xapc_writable_delete_by_term(xapc_writable *w, const char *term, size_t n, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.delete_document(str(term, n)); });
}

xapc_status
xapc_writable_set_metadata(xapc_writable *w, const char *key, size_t nkey, const char *value, size_t nvalue,
			   xapc_error *err)
{
	return guard(err, [&] { ref(w).w.set_metadata(str(key, nkey), str(value, nvalue)); });
}

xapc_status
xapc_writable_add_spelling(xapc_writable *w, const char *word, size_t n, xapc_count inc, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.add_spelling(str(word, n), inc); });
}

xapc_status
xapc_writable_remove_spelling(xapc_writable *w, const char *word, size_t n, xapc_count dec, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.remove_spelling(str(word, n), dec); });
}

xapc_status
xapc_writable_add_synonym(xapc_writable *w, const char *term, size_t n, const char *synonym, size_t nsyn,
			  xapc_error *err)
{
	return guard(err, [&] { ref(w).w.add_synonym(str(term, n), str(synonym, nsyn)); });
}

xapc_status
xapc_writable_remove_synonym(xapc_writable *w, const char *term, size_t n, const char *synonym, size_t nsyn,
			     xapc_error *err)
{
	return guard(err, [&] { ref(w).w.remove_synonym(str(term, n), str(synonym, nsyn)); });
}

xapc_status
xapc_writable_clear_synonyms(xapc_writable *w, const char *term, size_t n, xapc_error *err)
{
	return guard(err, [&] { ref(w).w.clear_synonyms(str(term, n)); });
}
