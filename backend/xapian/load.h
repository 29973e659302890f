/* load.h - the module libcdgsearch-xapian.so, opened when a Xapian database is
 * named and not before.  Whoever searches no such database needs no libxapian.
 *
 * The module exports the functions of xapian_c.h; they are called through a
 * table of pointers, so that nothing is linked with it.  Any thread may load;
 * a table is read-only once filled.
 */
#ifndef BACKEND_XAPIAN_LOAD_H
#define BACKEND_XAPIAN_LOAD_H

#include "backend/xapian/xapian_c.h"
#include "base/err.h"

/* The functions of the module that this project calls, without their xapc_. */
#define XAP_CALLS(X)                                                                            \
	X(version) X(status_name) X(string_free)                                                \
	X(database_open) X(database_open_tcp) X(database_open_prog) X(database_new) X(database_add) X(database_free)  \
	X(database_reopen) X(database_doccount) X(database_lastdocid)                           \
	X(database_average_length) X(database_has_positions) X(database_uuid)                   \
	X(database_revision) X(database_size) X(database_termfreq) X(database_doclength)        \
	X(database_collection_freq) X(database_total_length)                                    \
	X(database_document) X(database_metadata) X(database_all_terms) X(database_terms)       \
	X(database_postings) X(database_positions) X(database_values) X(database_check)         \
	X(database_compact)                                                                     \
	X(writable_open) X(writable_free) X(writable_database) X(writable_commit)               \
	X(writable_begin_transaction) X(writable_commit_transaction)                            \
	X(writable_cancel_transaction) X(writable_add_document) X(writable_replace_document)    \
	X(writable_delete_document) X(writable_set_metadata)                                    \
	X(terms_next) X(terms_skip_to) X(terms_term) X(terms_termfreq) X(terms_positions)       \
	X(terms_wdf) X(terms_free)                                                              \
	X(postings_next) X(postings_skip_to) X(postings_docid) X(postings_wdf) X(postings_free) \
	X(positions_next) X(positions_pos) X(positions_free)                                    \
	X(values_next) X(values_skip_to) X(values_check) X(values_value) X(values_docid)        \
	X(values_free)                                                                          \
	X(document_new) X(document_free) X(document_docid) X(document_set_data) X(document_data)                  \
	X(document_add_term) X(document_add_posting) X(document_set_value) X(document_value)    \
	X(document_values) X(values_slot) X(document_clear_terms) X(document_clear_values)      \
	X(query_term) X(query_match_all) X(query_match_nothing) X(query_combine)                \
	X(query_combine_terms) X(query_scale) X(query_wildcard) X(query_value_range)            \
	X(query_describe) X(query_free)                                                         \
	X(weight_new_bm25) X(weight_new_bool) X(weight_free)                                    \
	X(enquire_new) X(enquire_free) X(enquire_set_query) X(enquire_set_weighting)            \
	X(enquire_set_docid_order) X(enquire_set_time_limit) X(enquire_mset)                    \
	X(mset_size) X(mset_matches) X(mset_docid) X(mset_weight) X(mset_free)                  \
	X(sortable_unserialise) X(sortable_serialise) X(stem_new) X(stem_word) X(stem_free)

typedef struct xap_calls {
#define XAP_MEMBER(name) __typeof__(xapc_##name) *name;
	XAP_CALLS(XAP_MEMBER)
#undef XAP_MEMBER
} xap_calls;

/* Fill the table.  CDG_E_ARG: there is no module, or it is of another version;
 * the message says what to install. */
cdg_status xap_load(xap_calls *out, cdg_error *err);

/* What a call of the module said, for `what` (a path), as an error of ours. */
cdg_status xap_error(const xapc_error *from, const char *what, cdg_error *err);

#endif
