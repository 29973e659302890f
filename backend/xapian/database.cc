// database.cc - databases for reading: opening, statistics, what they hold.

#include "backend/xapian/xapc.hh"

using namespace xapc;

static_assert(int(XAPC_DB_CREATE_OR_OVERWRITE) == Xapian::DB_CREATE_OR_OVERWRITE &&
	      int(XAPC_DB_CREATE) == Xapian::DB_CREATE && int(XAPC_DB_OPEN) == Xapian::DB_OPEN &&
	      int(XAPC_DB_NO_SYNC) == Xapian::DB_NO_SYNC && int(XAPC_DB_FULL_SYNC) == Xapian::DB_FULL_SYNC &&
	      int(XAPC_DB_DANGEROUS) == Xapian::DB_DANGEROUS && int(XAPC_DB_NO_TERMLIST) == Xapian::DB_NO_TERMLIST &&
	      int(XAPC_DB_RETRY_LOCK) == Xapian::DB_RETRY_LOCK && int(XAPC_DB_GLASS) == Xapian::DB_BACKEND_GLASS &&
	      int(XAPC_DB_CHERT) == Xapian::DB_BACKEND_CHERT && int(XAPC_DB_STUB) == Xapian::DB_BACKEND_STUB &&
	      int(XAPC_DB_INMEMORY) == Xapian::DB_BACKEND_INMEMORY &&
	      int(XAPC_DOC_ASSUME_VALID) == Xapian::DOC_ASSUME_VALID);

xapc_status
xapc_database_open(const char *path, size_t n, int flags, xapc_database **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_database{ Xapian::Database(str(path, n), flags) }); });
}

xapc_status
xapc_database_open_fd(int fd, int flags, xapc_database **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_database{ Xapian::Database(fd, flags) }); });
}

xapc_status
xapc_database_open_tcp(const char *host, size_t n, unsigned port, unsigned timeout_ms, unsigned connect_ms,
		       xapc_database **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_database{ Xapian::Remote::open(str(host, n), port, timeout_ms, connect_ms) });
	});
}

xapc_status
xapc_database_open_prog(const char *program, size_t n, const char *args, size_t nargs, unsigned timeout_ms,
			xapc_database **out, xapc_error *err)
{
	return make(out, err, [&] {
		return box(xapc_database{ Xapian::Remote::open(str(program, n), str(args, nargs), timeout_ms) });
	});
}

xapc_status
xapc_database_new(xapc_database **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_database{}); });
}

xapc_status
xapc_database_add(xapc_database *db, const xapc_database *other, xapc_error *err)
{
	return guard(err, [&] { ref(db).db.add_database(ref(other).db); });
}

size_t
xapc_database_size(const xapc_database *db)
{
	return db ? db->db.size() : 0;
}

void
xapc_database_free(xapc_database *db)
{
	delete db;
}

xapc_status
xapc_database_close(xapc_database *db, xapc_error *err)
{
	return guard(err, [&] { ref(db).db.close(); });
}

xapc_status
xapc_database_reopen(xapc_database *db, int *changed, xapc_error *err)
{
	return guard(err, [&] {
		bool moved = ref(db).db.reopen();
		if (changed)
			*changed = moved;
	});
}

xapc_status
xapc_database_keep_alive(xapc_database *db, xapc_error *err)
{
	return guard(err, [&] { ref(db).db.keep_alive(); });
}

// ---- statistics ----

xapc_status
xapc_database_doccount(const xapc_database *db, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_doccount(); });
}

xapc_status
xapc_database_lastdocid(const xapc_database *db, xapc_docid *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_lastdocid(); });
}

xapc_status
xapc_database_average_length(const xapc_database *db, double *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_average_length(); });
}

xapc_status
xapc_database_total_length(const xapc_database *db, uint64_t *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_total_length(); });
}

xapc_status
xapc_database_doclength_lower_bound(const xapc_database *db, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_doclength_lower_bound(); });
}

xapc_status
xapc_database_doclength_upper_bound(const xapc_database *db, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_doclength_upper_bound(); });
}

xapc_status
xapc_database_has_positions(const xapc_database *db, int *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.has_positions(); });
}

xapc_status
xapc_database_uuid(const xapc_database *db, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(db).db.get_uuid(); });
}

xapc_status
xapc_database_locked(const xapc_database *db, int *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.locked(); });
}

xapc_status
xapc_database_revision(const xapc_database *db, uint64_t *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_revision(); });
}

xapc_status
xapc_database_termfreq(const xapc_database *db, const char *term, size_t n, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_termfreq(str(term, n)); });
}

xapc_status
xapc_database_collection_freq(const xapc_database *db, const char *term, size_t n, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_collection_freq(str(term, n)); });
}

xapc_status
xapc_database_wdf_upper_bound(const xapc_database *db, const char *term, size_t n, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_wdf_upper_bound(str(term, n)); });
}

xapc_status
xapc_database_term_exists(const xapc_database *db, const char *term, size_t n, int *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.term_exists(str(term, n)); });
}

xapc_status
xapc_database_doclength(const xapc_database *db, xapc_docid did, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_doclength(did); });
}

xapc_status
xapc_database_unique_terms(const xapc_database *db, xapc_docid did, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_unique_terms(did); });
}

xapc_status
xapc_database_value_freq(const xapc_database *db, xapc_slot slot, xapc_count *out, xapc_error *err)
{
	return value(out, err, [&] { return ref(db).db.get_value_freq(slot); });
}

xapc_status
xapc_database_value_lower_bound(const xapc_database *db, xapc_slot slot, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(db).db.get_value_lower_bound(slot); });
}

xapc_status
xapc_database_value_upper_bound(const xapc_database *db, xapc_slot slot, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(db).db.get_value_upper_bound(slot); });
}

// ---- contents ----

xapc_status
xapc_database_document(const xapc_database *db, xapc_docid did, unsigned flags, xapc_document **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_document{ ref(db).db.get_document(did, flags) }); });
}

xapc_status
xapc_database_metadata(const xapc_database *db, const char *key, size_t n, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(db).db.get_metadata(str(key, n)); });
}

xapc_status
xapc_database_spelling_suggestion(const xapc_database *db, const char *word, size_t n, unsigned max_edit_distance,
				  xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(db).db.get_spelling_suggestion(str(word, n), max_edit_distance); });
}

xapc_status
xapc_database_all_terms(const xapc_database *db, const char *prefix, size_t n, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(db).db.allterms_begin(str(prefix, n)))); });
}

xapc_status
xapc_database_terms(const xapc_database *db, xapc_docid did, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(db).db.termlist_begin(did))); });
}

xapc_status
xapc_database_postings(const xapc_database *db, const char *term, size_t n, xapc_postings **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_postings(ref(db).db.postlist_begin(str(term, n)))); });
}

xapc_status
xapc_database_positions(const xapc_database *db, xapc_docid did, const char *term, size_t n, xapc_positions **out,
			xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_positions(ref(db).db.positionlist_begin(did, str(term, n)))); });
}

xapc_status
xapc_database_values(const xapc_database *db, xapc_slot slot, xapc_values **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_values(ref(db).db.valuestream_begin(slot))); });
}

xapc_status
xapc_database_spellings(const xapc_database *db, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(db).db.spellings_begin())); });
}

xapc_status
xapc_database_synonyms(const xapc_database *db, const char *term, size_t n, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(db).db.synonyms_begin(str(term, n)))); });
}

xapc_status
xapc_database_synonym_keys(const xapc_database *db, const char *prefix, size_t n, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(db).db.synonym_keys_begin(str(prefix, n)))); });
}

xapc_status
xapc_database_metadata_keys(const xapc_database *db, const char *prefix, size_t n, xapc_terms **out, xapc_error *err)
{
	return make(out, err, [&] { return box(xapc_terms(ref(db).db.metadata_keys_begin(str(prefix, n)))); });
}

xapc_status
xapc_database_describe(const xapc_database *db, xapc_string *out, xapc_error *err)
{
	return text(out, err, [&] { return ref(db).db.get_description(); });
}
