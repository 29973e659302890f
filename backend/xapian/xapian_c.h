/* xapian_c.h - libxapian 1.4 for C programs.
 *
 * Needs no other header of this project and no C++ in the caller.  Opaque
 * handles are named xapc_OBJECT, functions xapc_OBJECT_VERB; the objects and
 * verbs are libxapian's own, so that its manual holds here too.
 *
 * Errors: what can fail returns an xapc_status, XAPC_OK being 0, and fills the
 * caller's xapc_error, which comes last and may be NULL.  Each class of
 * exception of libxapian has its status; no exception leaves the library.  On
 * failure an out handle is NULL and other results are unchanged.  A NULL handle
 * is XAPC_E_INVALID_ARGUMENT.
 *
 * Ownership: a handle that was put into an `xapc_x **out` is the caller's and
 * goes with xapc_x_free, which takes NULL.  No function takes a handle away.
 * Inside, objects are counted: handles may be freed in any order, an MSet
 * outlives its Enquire, a query its parts.  (Two exceptions, said where they
 * are: handles given to or returned by callbacks.)
 *
 * Strings in are a pointer and a length, XAPC_NUL for up to the first NUL; NULL
 * with length 0 is the empty string.  Terms, values and data may hold any byte.
 * Strings out go to an xapc_string, or are borrowed where `const char **` says.
 *
 * Threads: libxapian counts without atomics.  Everything that was made from one
 * another (a database, its enquires, msets, documents; a query and its parts;
 * what is set on a parser) forms a family, and one family belongs to one thread
 * at a time.  Separate families, the same database opened twice among them, may
 * run at once.  To pass a query or document on, serialise it.  Do not cancel a
 * thread inside a call.  Callbacks run in the thread of the call that needs
 * them, must return (no longjmp, no exception), and must not free what is in use.
 */
#ifndef XAPIAN_C_H
#define XAPIAN_C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined __GNUC__
#pragma GCC visibility push(default)
#endif

/* C++ must not choose a smaller type: C may pass any number, and is told so. */
#ifdef __cplusplus
#define XAPC_INT : int
#else
#define XAPC_INT
#endif

typedef uint32_t xapc_docid; /* documents count from 1; 0 is none */
typedef uint32_t xapc_count; /* of documents, terms or positions */
typedef uint32_t xapc_pos;
typedef uint32_t xapc_slot; /* number of a value; XAPC_NO_SLOT is none */

#define XAPC_NO_SLOT ((xapc_slot)-1)
#define XAPC_NUL ((size_t)-1) /* as a length: strlen() of it */

/* ---- errors ------------------------------------------------------------- */

/* Pinned numbers.  From 10 on, one for each class of exception. */
typedef enum xapc_status XAPC_INT {
	XAPC_OK = 0,
	XAPC_END = 1, /* an iterator is past its last item: no error, err untouched */
	XAPC_E_NOMEM = 2,
	XAPC_E_CALLBACK = 3, /* a callback asked to stop */
	XAPC_E_OTHER = 4,    /* an exception that is not libxapian's */
	XAPC_E_LOGIC = 10,   /* LogicError and RuntimeError: of a class that is newer than this header */
	XAPC_E_RUNTIME = 11,
	XAPC_E_ASSERTION = 12,
	XAPC_E_INVALID_ARGUMENT = 13,
	XAPC_E_INVALID_OPERATION = 14,
	XAPC_E_UNIMPLEMENTED = 15,
	XAPC_E_DATABASE = 16,
	XAPC_E_DATABASE_CORRUPT = 17,
	XAPC_E_DATABASE_CREATE = 18,
	XAPC_E_DATABASE_LOCK = 19,     /* another process or handle writes */
	XAPC_E_DATABASE_MODIFIED = 20, /* changed twice under the reader: reopen and try again */
	XAPC_E_DATABASE_OPENING = 21,
	XAPC_E_DATABASE_VERSION = 22,
	XAPC_E_DATABASE_NOT_FOUND = 23,
	XAPC_E_DATABASE_CLOSED = 24,
	XAPC_E_DOC_NOT_FOUND = 25,
	XAPC_E_FEATURE_UNAVAILABLE = 26,
	XAPC_E_INTERNAL = 27,
	XAPC_E_NETWORK = 28,
	XAPC_E_NETWORK_TIMEOUT = 29,
	XAPC_E_QUERY_PARSER = 30,
	XAPC_E_SERIALISATION = 31,
	XAPC_E_RANGE = 32,
	XAPC_E_WILDCARD = 33
} xapc_status;

/* Caller's storage, filled by the call that failed, NUL-terminated; a text that
 * is too long is cut at a whole UTF-8 character. */
typedef struct xapc_error {
	xapc_status status;
	char type[32];      /* "DatabaseLockError"; "std::bad_alloc", ... */
	char message[1024]; /* what went wrong */
	char context[256];  /* where: "REMOTE:localhost:33333"; often empty */
	char cause[128];    /* what the operating system said; often empty */
} xapc_error;

/* Name of the class of exception, e.g. "DatabaseLockError"; "OK", "END", ...;
 * "?" for a number that is none.  Static storage. */
const char *xapc_status_name(xapc_status status);

/* ---- strings ------------------------------------------------------------ */

/* Bytes that someone else owns. */
typedef struct xapc_bytes {
	const char *data;
	size_t len;
} xapc_bytes;

/* A growing buffer: begins as XAPC_STRING_INIT, is overwritten by each call it
 * is given to (so may be used over and over), data[len] is NUL once filled. */
typedef struct xapc_string {
	char *data;
	size_t len, cap;
} xapc_string;

#define XAPC_STRING_INIT { NULL, 0, 0 }

void xapc_string_free(xapc_string *s); /* and makes it XAPC_STRING_INIT again */
/* For callbacks that answer with a string. */
xapc_status xapc_string_set(xapc_string *s, const char *p, size_t n, xapc_error *err);

/* The libxapian that runs, "1.4.22", and the one compiled against.  Static. */
const char *xapc_version(void);
const char *xapc_version_compiled(void);

typedef struct xapc_database xapc_database;
typedef struct xapc_writable xapc_writable;
typedef struct xapc_document xapc_document;
typedef struct xapc_terms xapc_terms;
typedef struct xapc_postings xapc_postings;
typedef struct xapc_positions xapc_positions;
typedef struct xapc_values xapc_values;
typedef struct xapc_stem xapc_stem;
typedef struct xapc_stopper xapc_stopper;
typedef struct xapc_termgenerator xapc_termgenerator;
typedef struct xapc_query xapc_query;
typedef struct xapc_source xapc_source;
typedef struct xapc_queryparser xapc_queryparser;
typedef struct xapc_rangeprocessor xapc_rangeprocessor;
typedef struct xapc_fieldprocessor xapc_fieldprocessor;
typedef struct xapc_weight xapc_weight;
typedef struct xapc_enquire xapc_enquire;
typedef struct xapc_mset xapc_mset;
typedef struct xapc_rset xapc_rset;
typedef struct xapc_eset xapc_eset;
typedef struct xapc_decider xapc_decider;
typedef struct xapc_expanddecider xapc_expanddecider;
typedef struct xapc_matchspy xapc_matchspy;
typedef struct xapc_keymaker xapc_keymaker;

/* Called once with the callback's ctx when the last object that uses it is gone;
 * also when the call it was given to failed.  NULL: nothing to free. */
typedef void (*xapc_free_fn)(void *ctx);

/* ---- databases, read ---------------------------------------------------- */

/* Flags of open.  Actions for writers: one of the first four. */
enum {
	XAPC_DB_CREATE_OR_OPEN = 0x00,
	XAPC_DB_CREATE_OR_OVERWRITE = 0x01,
	XAPC_DB_CREATE = 0x02, /* fails if there is one */
	XAPC_DB_OPEN = 0x03,   /* fails if there is none */
	XAPC_DB_NO_SYNC = 0x04,
	XAPC_DB_FULL_SYNC = 0x08,
	XAPC_DB_DANGEROUS = 0x10, /* overwrites in place: no reader meanwhile */
	XAPC_DB_NO_TERMLIST = 0x20,
	XAPC_DB_RETRY_LOCK = 0x40,
	XAPC_DB_GLASS = 0x100,
	XAPC_DB_CHERT = 0x200,
	XAPC_DB_STUB = 0x300,
	XAPC_DB_INMEMORY = 0x400
};

/* `path`: a folder, a single-file database or a stub file.  XAPC_DB_INMEMORY
 * with an empty path: an empty one. */
xapc_status xapc_database_open(const char *path, size_t n, int flags, xapc_database **out, xapc_error *err);
/* A single-file database in an open file, at its present offset; fd is closed by
 * the database, and at once if this fails. */
xapc_status xapc_database_open_fd(int fd, int flags, xapc_database **out, xapc_error *err);
/* A xapian-tcpsrv.  Times in milliseconds, 0: wait for ever. */
xapc_status xapc_database_open_tcp(const char *host, size_t n, unsigned port, unsigned timeout_ms,
				   unsigned connect_ms, xapc_database **out, xapc_error *err);
/* A xapian-progsrv started as `program args` (split at blanks, no shell). */
xapc_status xapc_database_open_prog(const char *program, size_t n, const char *args, size_t nargs,
				    unsigned timeout_ms, xapc_database **out, xapc_error *err);
/* None yet: add some, to search several together.  Document d of shard s of n
 * gets the number (d - 1) * n + s + 1. */
xapc_status xapc_database_new(xapc_database **out, xapc_error *err);
xapc_status xapc_database_add(xapc_database *db, const xapc_database *other, xapc_error *err);
size_t xapc_database_size(const xapc_database *db); /* shards */
void xapc_database_free(xapc_database *db);
/* Closes files and sockets at once; later calls are XAPC_E_DATABASE_CLOSED. */
xapc_status xapc_database_close(xapc_database *db, xapc_error *err);
/* To the latest revision; *changed (may be NULL): 0 if there was no newer one. */
xapc_status xapc_database_reopen(xapc_database *db, int *changed, xapc_error *err);
xapc_status xapc_database_keep_alive(xapc_database *db, xapc_error *err); /* remote: no timeout */

xapc_status xapc_database_doccount(const xapc_database *db, xapc_count *out, xapc_error *err);
xapc_status xapc_database_lastdocid(const xapc_database *db, xapc_docid *out, xapc_error *err);
xapc_status xapc_database_average_length(const xapc_database *db, double *out, xapc_error *err);
xapc_status xapc_database_total_length(const xapc_database *db, uint64_t *out, xapc_error *err);
xapc_status xapc_database_doclength_lower_bound(const xapc_database *db, xapc_count *out, xapc_error *err);
xapc_status xapc_database_doclength_upper_bound(const xapc_database *db, xapc_count *out, xapc_error *err);
xapc_status xapc_database_has_positions(const xapc_database *db, int *out, xapc_error *err);
xapc_status xapc_database_uuid(const xapc_database *db, xapc_string *out, xapc_error *err);
xapc_status xapc_database_locked(const xapc_database *db, int *out, xapc_error *err);
xapc_status xapc_database_revision(const xapc_database *db, uint64_t *out, xapc_error *err);
/* Of a term; 0 if it is not there. */
xapc_status xapc_database_termfreq(const xapc_database *db, const char *term, size_t n, xapc_count *out,
				   xapc_error *err);
xapc_status xapc_database_collection_freq(const xapc_database *db, const char *term, size_t n, xapc_count *out,
					  xapc_error *err);
xapc_status xapc_database_wdf_upper_bound(const xapc_database *db, const char *term, size_t n, xapc_count *out,
					  xapc_error *err);
xapc_status xapc_database_term_exists(const xapc_database *db, const char *term, size_t n, int *out, xapc_error *err);
/* Of a document. */
xapc_status xapc_database_doclength(const xapc_database *db, xapc_docid did, xapc_count *out, xapc_error *err);
xapc_status xapc_database_unique_terms(const xapc_database *db, xapc_docid did, xapc_count *out, xapc_error *err);
/* Of a slot: documents that have it, and bounds of its values. */
xapc_status xapc_database_value_freq(const xapc_database *db, xapc_slot slot, xapc_count *out, xapc_error *err);
xapc_status xapc_database_value_lower_bound(const xapc_database *db, xapc_slot slot, xapc_string *out,
					    xapc_error *err);
xapc_status xapc_database_value_upper_bound(const xapc_database *db, xapc_slot slot, xapc_string *out,
					    xapc_error *err);

#define XAPC_DOC_ASSUME_VALID 1 /* do not look whether the document is there */
xapc_status xapc_database_document(const xapc_database *db, xapc_docid did, unsigned flags, xapc_document **out,
				   xapc_error *err);
xapc_status xapc_database_metadata(const xapc_database *db, const char *key, size_t n, xapc_string *out,
				   xapc_error *err); /* empty if unset */
/* empty if none */
xapc_status xapc_database_spelling_suggestion(const xapc_database *db, const char *word, size_t n,
					      unsigned max_edit_distance, xapc_string *out, xapc_error *err);

/* Iterators, each before its first item (see below). */
xapc_status xapc_database_all_terms(const xapc_database *db, const char *prefix, size_t n, xapc_terms **out,
				    xapc_error *err);
xapc_status xapc_database_terms(const xapc_database *db, xapc_docid did, xapc_terms **out, xapc_error *err);
/* Empty term: all documents. */
xapc_status xapc_database_postings(const xapc_database *db, const char *term, size_t n, xapc_postings **out,
				   xapc_error *err);
xapc_status xapc_database_positions(const xapc_database *db, xapc_docid did, const char *term, size_t n,
				    xapc_positions **out, xapc_error *err);
xapc_status xapc_database_values(const xapc_database *db, xapc_slot slot, xapc_values **out, xapc_error *err);
xapc_status xapc_database_spellings(const xapc_database *db, xapc_terms **out, xapc_error *err);
xapc_status xapc_database_synonyms(const xapc_database *db, const char *term, size_t n, xapc_terms **out,
				   xapc_error *err);
xapc_status xapc_database_synonym_keys(const xapc_database *db, const char *prefix, size_t n, xapc_terms **out,
				       xapc_error *err);
xapc_status xapc_database_metadata_keys(const xapc_database *db, const char *prefix, size_t n, xapc_terms **out,
					xapc_error *err);

enum {
	XAPC_CHECK_SHORT_TREE = 1,
	XAPC_CHECK_FULL_TREE = 2,
	XAPC_CHECK_SHOW_FREELIST = 4,
	XAPC_CHECK_SHOW_STATS = 8,
	XAPC_CHECK_FIX = 16
};
/* *faults: how many were found; `report` (may be NULL): what was checked, as text. */
xapc_status xapc_database_check(const char *path, size_t n, int flags, size_t *faults, xapc_string *report,
				xapc_error *err);
/* closes fd */
xapc_status xapc_database_check_fd(int fd, int flags, size_t *faults, xapc_string *report, xapc_error *err);

enum {
	XAPC_COMPACT_STANDARD = 0,
	XAPC_COMPACT_FULL = 1,
	XAPC_COMPACT_FULLER = 2,
	XAPC_COMPACT_NO_RENUMBER = 4,
	XAPC_COMPACT_MULTIPASS = 8,
	XAPC_COMPACT_SINGLE_FILE = 16
};
typedef struct xapc_compact_callbacks {
	void *ctx;
	/* Progress; may be NULL. */
	void (*status)(void *ctx, const char *table, size_t ntable, const char *text, size_t ntext);
	/* A metadata key of several databases: sets `out` by xapc_string_set and returns
	 * 0; anything else is XAPC_E_CALLBACK in the end, and what was written is not to
	 * be used.  NULL: the first stands. */
	int (*resolve_metadata)(void *ctx, const char *key, size_t nkey, const xapc_bytes *tags, size_t ntags,
				xapc_string *out);
} xapc_compact_callbacks;
/* All shards of db into one.  block_size 0: 8 KiB or as the source.  cb: may be NULL. */
xapc_status xapc_database_compact(xapc_database *db, const char *path, size_t n, unsigned flags, int block_size,
				  const xapc_compact_callbacks *cb, xapc_error *err);
xapc_status xapc_database_compact_fd(xapc_database *db, int fd, unsigned flags, int block_size,
				     const xapc_compact_callbacks *cb, xapc_error *err); /* closes fd */

/* ---- databases, written ------------------------------------------------- */

xapc_status xapc_writable_open(const char *path, size_t n, int flags, int block_size, xapc_writable **out,
			       xapc_error *err);
xapc_status xapc_writable_open_tcp(const char *host, size_t n, unsigned port, unsigned timeout_ms,
				   unsigned connect_ms, int flags, xapc_writable **out, xapc_error *err);
xapc_status xapc_writable_open_prog(const char *program, size_t n, const char *args, size_t nargs,
				    unsigned timeout_ms, int flags, xapc_writable **out, xapc_error *err);
xapc_status xapc_writable_new(xapc_writable **out, xapc_error *err);
xapc_status xapc_writable_add(xapc_writable *w, const xapc_writable *other, xapc_error *err);
/* Commits what is pending (errors are lost: commit yourself) and unlocks. */
void xapc_writable_free(xapc_writable *w);
/* The same database for reading, pending changes included; belongs to w.
 * NULL for NULL. */
xapc_database *xapc_writable_database(xapc_writable *w);
xapc_status xapc_writable_commit(xapc_writable *w, xapc_error *err);
xapc_status xapc_writable_begin_transaction(xapc_writable *w, int flushed, xapc_error *err);
xapc_status xapc_writable_commit_transaction(xapc_writable *w, xapc_error *err);
xapc_status xapc_writable_cancel_transaction(xapc_writable *w, xapc_error *err);
/* *did (may be NULL): the number it got. */
xapc_status xapc_writable_add_document(xapc_writable *w, const xapc_document *doc, xapc_docid *did, xapc_error *err);
xapc_status xapc_writable_replace_document(xapc_writable *w, xapc_docid did, const xapc_document *doc,
					   xapc_error *err);
/* Every document with the term is replaced by this one; none: it is added. */
xapc_status xapc_writable_replace_by_term(xapc_writable *w, const char *term, size_t n, const xapc_document *doc,
					  xapc_docid *did, xapc_error *err);
xapc_status xapc_writable_delete_document(xapc_writable *w, xapc_docid did, xapc_error *err);
xapc_status xapc_writable_delete_by_term(xapc_writable *w, const char *term, size_t n, xapc_error *err);
xapc_status xapc_writable_set_metadata(xapc_writable *w, const char *key, size_t nkey, const char *value,
				       size_t nvalue, xapc_error *err); /* empty value: removed */
xapc_status xapc_writable_add_spelling(xapc_writable *w, const char *word, size_t n, xapc_count inc, xapc_error *err);
xapc_status xapc_writable_remove_spelling(xapc_writable *w, const char *word, size_t n, xapc_count dec,
					  xapc_error *err);
xapc_status xapc_writable_add_synonym(xapc_writable *w, const char *term, size_t n, const char *synonym, size_t nsyn,
				      xapc_error *err);
xapc_status xapc_writable_remove_synonym(xapc_writable *w, const char *term, size_t n, const char *synonym,
					 size_t nsyn, xapc_error *err);
xapc_status xapc_writable_clear_synonyms(xapc_writable *w, const char *term, size_t n, xapc_error *err);

/* ---- iterators ---------------------------------------------------------- */

/* Before the first item at first; next moves on, XAPC_END past the last.
 * skip_to moves to the first item not before the given one, never backwards.
 * Where no item is under the iterator, getters are XAPC_E_INVALID_OPERATION. */
xapc_status xapc_terms_next(xapc_terms *it, xapc_error *err);
xapc_status xapc_terms_skip_to(xapc_terms *it, const char *term, size_t n, xapc_error *err);
/* The term; borrowed until it moves or is freed; NULL where there is no item. */
const char *xapc_terms_term(const xapc_terms *it, size_t *n);
xapc_status xapc_terms_wdf(const xapc_terms *it, xapc_count *out, xapc_error *err);
xapc_status xapc_terms_termfreq(const xapc_terms *it, xapc_count *out, xapc_error *err);
xapc_status xapc_terms_position_count(const xapc_terms *it, xapc_count *out, xapc_error *err);
xapc_status xapc_terms_positions(const xapc_terms *it, xapc_positions **out, xapc_error *err);
void xapc_terms_free(xapc_terms *it);

xapc_status xapc_postings_next(xapc_postings *it, xapc_error *err);
xapc_status xapc_postings_skip_to(xapc_postings *it, xapc_docid did, xapc_error *err);
xapc_docid xapc_postings_docid(const xapc_postings *it); /* 0 where there is no item */
xapc_status xapc_postings_wdf(const xapc_postings *it, xapc_count *out, xapc_error *err);
xapc_status xapc_postings_doclength(const xapc_postings *it, xapc_count *out, xapc_error *err);
xapc_status xapc_postings_unique_terms(const xapc_postings *it, xapc_count *out, xapc_error *err);
xapc_status xapc_postings_positions(const xapc_postings *it, xapc_positions **out, xapc_error *err);
void xapc_postings_free(xapc_postings *it);

xapc_status xapc_positions_next(xapc_positions *it, xapc_error *err);
xapc_status xapc_positions_skip_to(xapc_positions *it, xapc_pos pos, xapc_error *err);
xapc_pos xapc_positions_pos(const xapc_positions *it); /* (xapc_pos)-1 where there is no item */
void xapc_positions_free(xapc_positions *it);

/* Of a slot over documents (skip_to, check: document), or of a document over slots
 * (skip_to, check: slot; docid: XAPC_E_INVALID_OPERATION where it is not stored). */
xapc_status xapc_values_next(xapc_values *it, xapc_error *err);
xapc_status xapc_values_skip_to(xapc_values *it, uint32_t docid_or_slot, xapc_error *err);
/* Like skip_to, but *valid = 0 may be said instead, cheaply: then nothing is
 * under the iterator and `did` has no value. */
xapc_status xapc_values_check(xapc_values *it, xapc_docid did, int *valid, xapc_error *err);
const char *xapc_values_value(const xapc_values *it, size_t *n); /* as xapc_terms_term */
xapc_status xapc_values_docid(const xapc_values *it, xapc_docid *out, xapc_error *err);
xapc_status xapc_values_slot(const xapc_values *it, xapc_slot *out, xapc_error *err);
void xapc_values_free(xapc_values *it);

/* ---- documents ---------------------------------------------------------- */

xapc_status xapc_document_new(xapc_document **out, xapc_error *err);
void xapc_document_free(xapc_document *doc);
xapc_status xapc_document_docid(const xapc_document *doc, xapc_docid *out, xapc_error *err);
xapc_status xapc_document_set_data(xapc_document *doc, const char *p, size_t n, xapc_error *err);
xapc_status xapc_document_data(const xapc_document *doc, xapc_string *out, xapc_error *err);
/* Terms: glass takes 1 to 245 bytes, and refuses longer ones when the document is
 * added; NULs count twice on disk, so that a term of more than about 120 of them
 * is refused at the commit.  Both are XAPC_E_INVALID_ARGUMENT. */
xapc_status xapc_document_add_term(xapc_document *doc, const char *term, size_t n, xapc_count wdf_inc,
				   xapc_error *err); /* wdf_inc 0: a boolean term */
xapc_status xapc_document_add_posting(xapc_document *doc, const char *term, size_t n, xapc_pos pos,
				      xapc_count wdf_inc, xapc_error *err);
xapc_status xapc_document_remove_posting(xapc_document *doc, const char *term, size_t n, xapc_pos pos,
					 xapc_count wdf_dec, xapc_error *err);
/* Positions first..last; *removed (may be NULL): how many there were. */
xapc_status xapc_document_remove_postings(xapc_document *doc, const char *term, size_t n, xapc_pos first,
					  xapc_pos last, xapc_count wdf_dec, xapc_count *removed, xapc_error *err);
xapc_status xapc_document_remove_term(xapc_document *doc, const char *term, size_t n, xapc_error *err);
xapc_status xapc_document_clear_terms(xapc_document *doc, xapc_error *err);
xapc_status xapc_document_term_count(const xapc_document *doc, xapc_count *out, xapc_error *err);
xapc_status xapc_document_terms(const xapc_document *doc, xapc_terms **out, xapc_error *err);
/* empty: removed */
xapc_status xapc_document_set_value(xapc_document *doc, xapc_slot slot, const char *p, size_t n, xapc_error *err);
/* empty if unset */
xapc_status xapc_document_value(const xapc_document *doc, xapc_slot slot, xapc_string *out, xapc_error *err);
xapc_status xapc_document_remove_value(xapc_document *doc, xapc_slot slot, xapc_error *err);
xapc_status xapc_document_clear_values(xapc_document *doc, xapc_error *err);
xapc_status xapc_document_value_count(const xapc_document *doc, xapc_count *out, xapc_error *err);
xapc_status xapc_document_values(const xapc_document *doc, xapc_values **out, xapc_error *err);
xapc_status xapc_document_serialise(const xapc_document *doc, xapc_string *out, xapc_error *err);
/* Damaged bytes: XAPC_E_NETWORK or XAPC_E_SERIALISATION, as libxapian has it. */
xapc_status xapc_document_unserialise(const char *p, size_t n, xapc_document **out, xapc_error *err);

/* ---- text to terms ------------------------------------------------------ */

/* "en", "english", "none" or "" (no stemming), ...  fallback: an unknown name
 * is no stemming instead of XAPC_E_INVALID_ARGUMENT. */
xapc_status xapc_stem_new(const char *language, size_t n, int fallback, xapc_stem **out, xapc_error *err);
/* Sets `out` to the stem and returns 0; anything else stops the call. */
typedef int (*xapc_stem_fn)(void *ctx, const char *word, size_t n, xapc_string *out);
xapc_status xapc_stem_new_callback(xapc_stem_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_stem **out,
				   xapc_error *err);
xapc_status xapc_stem_word(const xapc_stem *stem, const char *word, size_t n, xapc_string *out, xapc_error *err);
int xapc_stem_is_none(const xapc_stem *stem);
xapc_status xapc_stem_languages(xapc_string *out, xapc_error *err); /* names with blanks between */
void xapc_stem_free(xapc_stem *stem);

xapc_status xapc_stopper_new(const xapc_bytes *words, size_t nwords, xapc_stopper **out, xapc_error *err);
/* 1: is a stop word, 0: is none, below 0: stops the call. */
typedef int (*xapc_term_fn)(void *ctx, const char *term, size_t n);
xapc_status xapc_stopper_new_callback(xapc_term_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_stopper **out,
				      xapc_error *err);
/* Of xapc_stopper_new only. */
xapc_status xapc_stopper_add(xapc_stopper *stopper, const char *word, size_t n, xapc_error *err);
xapc_status xapc_stopper_test(const xapc_stopper *stopper, const char *word, size_t n, int *out, xapc_error *err);
void xapc_stopper_free(xapc_stopper *stopper);

/* How words become terms, for term generators and query parsers. */
typedef enum xapc_stem_strategy XAPC_INT {
	XAPC_STEM_NONE = 0,
	XAPC_STEM_SOME = 1,  /* the default: stems with prefix Z, and the words with positions */
	XAPC_STEM_ALL = 2,   /* stems instead of words */
	XAPC_STEM_ALL_Z = 3, /* the same with prefix Z */
	XAPC_STEM_SOME_FULL_POS = 4
} xapc_stem_strategy;
typedef enum xapc_stop_strategy XAPC_INT {
	XAPC_STOP_NONE = 0,
	XAPC_STOP_ALL = 1,
	XAPC_STOP_STEMMED = 2 /* the default: stop words are indexed, but not stemmed */
} xapc_stop_strategy;
enum { XAPC_TG_SPELLING = 128, XAPC_TG_CJK_NGRAM = 2048 };

xapc_status xapc_termgenerator_new(xapc_termgenerator **out, xapc_error *err);
xapc_status xapc_termgenerator_set_stemmer(xapc_termgenerator *tg, const xapc_stem *stem, xapc_error *err);
/* NULL stopper: none */
xapc_status xapc_termgenerator_set_stopper(xapc_termgenerator *tg, const xapc_stopper *stopper, xapc_error *err);
/* Terms go to doc from now on, positions begin at 0 again. */
xapc_status xapc_termgenerator_set_document(xapc_termgenerator *tg, xapc_document *doc, xapc_error *err);
/* a new handle on the same document */
xapc_status xapc_termgenerator_document(const xapc_termgenerator *tg, xapc_document **out, xapc_error *err);
/* where XAPC_TG_SPELLING adds words */
xapc_status xapc_termgenerator_set_database(xapc_termgenerator *tg, xapc_writable *w, xapc_error *err);
/* New flags: (old & mask) ^ toggle.  *old may be NULL. */
xapc_status xapc_termgenerator_set_flags(xapc_termgenerator *tg, int toggle, int mask, int *old, xapc_error *err);
xapc_status xapc_termgenerator_set_stemming_strategy(xapc_termgenerator *tg, xapc_stem_strategy how, xapc_error *err);
xapc_status xapc_termgenerator_set_stopper_strategy(xapc_termgenerator *tg, xapc_stop_strategy how, xapc_error *err);
/* 64 at first */
xapc_status xapc_termgenerator_set_max_word_length(xapc_termgenerator *tg, unsigned bytes, xapc_error *err);
xapc_status xapc_termgenerator_index_text(xapc_termgenerator *tg, const char *text, size_t n, xapc_count wdf_inc,
					  const char *prefix, size_t nprefix, xapc_error *err);
xapc_status xapc_termgenerator_index_text_without_positions(xapc_termgenerator *tg, const char *text, size_t n,
							    xapc_count wdf_inc, const char *prefix, size_t nprefix,
							    xapc_error *err);
xapc_status xapc_termgenerator_increase_termpos(xapc_termgenerator *tg, xapc_pos delta, xapc_error *err);
xapc_status xapc_termgenerator_termpos(const xapc_termgenerator *tg, xapc_pos *out, xapc_error *err);
xapc_status xapc_termgenerator_set_termpos(xapc_termgenerator *tg, xapc_pos pos, xapc_error *err);
void xapc_termgenerator_free(xapc_termgenerator *tg);

/* ---- queries ------------------------------------------------------------ */

typedef enum xapc_op XAPC_INT {
	XAPC_OP_AND = 0,
	XAPC_OP_OR = 1,
	XAPC_OP_AND_NOT = 2,
	XAPC_OP_XOR = 3,
	XAPC_OP_AND_MAYBE = 4,
	XAPC_OP_FILTER = 5,
	XAPC_OP_NEAR = 6,   /* parameter: window, 0 for the number of parts */
	XAPC_OP_PHRASE = 7, /* the same */
	XAPC_OP_VALUE_RANGE = 8,
	XAPC_OP_SCALE_WEIGHT = 9,
	XAPC_OP_ELITE_SET = 10, /* parameter: how many of the best parts, 0 for 10 */
	XAPC_OP_VALUE_GE = 11,
	XAPC_OP_VALUE_LE = 12,
	XAPC_OP_SYNONYM = 13,
	XAPC_OP_MAX = 14,
	XAPC_OP_WILDCARD = 15,
	XAPC_OP_INVALID = 99,
	XAPC_LEAF_TERM = 100, /* these are answers of xapc_query_type only */
	XAPC_LEAF_SOURCE = 101,
	XAPC_LEAF_MATCH_ALL = 102,
	XAPC_LEAF_MATCH_NOTHING = 103
} xapc_op;
typedef enum xapc_limit XAPC_INT {
	XAPC_LIMIT_ERROR = 0, /* XAPC_E_WILDCARD, at search time */
	XAPC_LIMIT_FIRST = 1,
	XAPC_LIMIT_MOST_FREQUENT = 2
} xapc_limit;

/* A query does not change once made. */
xapc_status xapc_query_term(const char *term, size_t n, xapc_count wqf, xapc_pos pos, xapc_query **out,
			    xapc_error *err);
xapc_status xapc_query_match_all(xapc_query **out, xapc_error *err);
xapc_status xapc_query_match_nothing(xapc_query **out, xapc_error *err);
xapc_status xapc_query_combine(xapc_op op, const xapc_query *const *parts, size_t nparts, xapc_count parameter,
			       xapc_query **out, xapc_error *err);
xapc_status xapc_query_combine_terms(xapc_op op, const xapc_bytes *terms, size_t nterms, xapc_count parameter,
				     xapc_query **out, xapc_error *err);
xapc_status xapc_query_scale(const xapc_query *part, double factor, xapc_query **out, xapc_error *err);
xapc_status xapc_query_value_range(xapc_slot slot, const char *lower, size_t nlower, const char *upper, size_t nupper,
				   xapc_query **out, xapc_error *err);
xapc_status xapc_query_value_ge(xapc_slot slot, const char *limit, size_t n, xapc_query **out, xapc_error *err);
xapc_status xapc_query_value_le(xapc_slot slot, const char *limit, size_t n, xapc_query **out, xapc_error *err);
/* Terms that begin with `stem` (1.4 has no other wildcard).  max 0: no limit.
 * combiner: XAPC_OP_SYNONYM, XAPC_OP_OR or XAPC_OP_MAX. */
xapc_status xapc_query_wildcard(const char *stem, size_t n, xapc_count max, xapc_limit limit, xapc_op combiner,
				xapc_query **out, xapc_error *err);
xapc_status xapc_query_source(xapc_source *source, xapc_query **out, xapc_error *err);
xapc_op xapc_query_type(const xapc_query *q); /* XAPC_OP_INVALID for NULL */
size_t xapc_query_part_count(const xapc_query *q);
xapc_status xapc_query_part(const xapc_query *q, size_t i, xapc_query **out, xapc_error *err);
xapc_count xapc_query_length(const xapc_query *q); /* sum of wqf */
int xapc_query_is_empty(const xapc_query *q);
xapc_status xapc_query_terms(const xapc_query *q, xapc_terms **out, xapc_error *err);
xapc_status xapc_query_unique_terms(const xapc_query *q, xapc_terms **out, xapc_error *err);
xapc_status xapc_query_serialise(const xapc_query *q, xapc_string *out, xapc_error *err);
/* Only for bytes that xapc_query_serialise made: from others libxapian may ask for
 * memory without measure, and loses some when it refuses them. */
xapc_status xapc_query_unserialise(const char *p, size_t n, xapc_query **out, xapc_error *err);
xapc_status xapc_query_describe(const xapc_query *q, xapc_string *out, xapc_error *err);
void xapc_query_free(xapc_query *q);

/* Posting sources: documents and weights from elsewhere, as a part of a query. */
typedef struct xapc_source_callbacks {
	/* Before each search; `db` is one shard and borrowed.  Sets the frequencies and
	 * the greatest weight, and stands before the first document then. */
	int (*init)(void *ctx, const xapc_database *db, xapc_count *min, xapc_count *est, xapc_count *max,
		    double *max_weight);
	/* Moves to the next document >= `from`, skipping (if it likes) those whose
	 * weight is below min_weight; sets *did, 0 at the end, and *weight. */
	int (*next)(void *ctx, xapc_docid from, double min_weight, xapc_docid *did, double *weight);
	/* Another ctx in the same state, for each further shard; NULL: one shard only. */
	void *(*clone)(void *ctx);
	xapc_free_fn free_ctx; /* for ctx and its clones; may be NULL */
} xapc_source_callbacks;
/* Both return 0, anything else stops the search with XAPC_E_CALLBACK. */
xapc_status xapc_source_new_callback(const xapc_source_callbacks *cb, void *ctx, xapc_source **out, xapc_error *err);
/* Weight: the value, a xapc_sortable_serialise; decreasing: documents first..last
 * are in falling order of it (last 0: to the end). */
xapc_status xapc_source_new_value(xapc_slot slot, xapc_source **out, xapc_error *err);
xapc_status xapc_source_new_decreasing_value(xapc_slot slot, xapc_docid first, xapc_docid last, xapc_source **out,
					     xapc_error *err);
xapc_status xapc_source_new_value_map(xapc_slot slot, double default_weight, xapc_source **out, xapc_error *err);
/* of a value map only, as the next */
xapc_status xapc_source_map_add(xapc_source *source, const char *value, size_t n, double weight, xapc_error *err);
xapc_status xapc_source_map_clear(xapc_source *source, xapc_error *err);
xapc_status xapc_source_new_fixed(double weight, xapc_source **out, xapc_error *err);
void xapc_source_free(xapc_source *source);

/* ---- query parser ------------------------------------------------------- */

enum {
	XAPC_QP_BOOLEAN = 1,
	XAPC_QP_PHRASE = 2,
	XAPC_QP_LOVEHATE = 4,
	XAPC_QP_BOOLEAN_ANY_CASE = 8,
	XAPC_QP_WILDCARD = 16,
	XAPC_QP_PURE_NOT = 32,
	XAPC_QP_PARTIAL = 64,
	XAPC_QP_SPELLING_CORRECTION = 128,
	XAPC_QP_SYNONYM = 256,
	XAPC_QP_AUTO_SYNONYMS = 512,
	XAPC_QP_AUTO_MULTIWORD_SYNONYMS = 1024,
	XAPC_QP_CJK_NGRAM = 2048,
	XAPC_QP_ACCUMULATE = 65536,
	XAPC_QP_NO_POSITIONS = 0x20000, /* from 1.4.19 on */
	XAPC_QP_DEFAULT = 1 | 2 | 4
};

xapc_status xapc_queryparser_new(xapc_queryparser **out, xapc_error *err);
xapc_status xapc_queryparser_set_stemmer(xapc_queryparser *qp, const xapc_stem *stem, xapc_error *err);
xapc_status xapc_queryparser_set_stemming_strategy(xapc_queryparser *qp, xapc_stem_strategy how, xapc_error *err);
/* NULL stopper: none */
xapc_status xapc_queryparser_set_stopper(xapc_queryparser *qp, const xapc_stopper *stopper, xapc_error *err);
xapc_status xapc_queryparser_set_default_op(xapc_queryparser *qp, xapc_op op, xapc_error *err);
xapc_status xapc_queryparser_default_op(const xapc_queryparser *qp, xapc_op *out, xapc_error *err);
/* For wildcards, partial words, spelling, synonyms. */
xapc_status xapc_queryparser_set_database(xapc_queryparser *qp, const xapc_database *db, xapc_error *err);
/* Of what `which` says: XAPC_QP_WILDCARD, XAPC_QP_PARTIAL or both.  max 0: no limit. */
xapc_status xapc_queryparser_set_max_expansion(xapc_queryparser *qp, xapc_count max, xapc_limit limit, unsigned which,
					       xapc_error *err);
xapc_status xapc_queryparser_add_prefix(xapc_queryparser *qp, const char *field, size_t nfield, const char *prefix,
					size_t nprefix, xapc_error *err);
xapc_status xapc_queryparser_add_prefix_processor(xapc_queryparser *qp, const char *field, size_t nfield,
						  xapc_fieldprocessor *proc, xapc_error *err);
/* grouping: filters of one group are alternatives, of two must both hold.  NULL:
 * a group of this field; empty: no group, AND even within the field. */
xapc_status xapc_queryparser_add_boolean_prefix(xapc_queryparser *qp, const char *field, size_t nfield,
						const char *prefix, size_t nprefix, const char *grouping,
						size_t ngrouping, xapc_error *err);
xapc_status xapc_queryparser_add_boolean_prefix_processor(xapc_queryparser *qp, const char *field, size_t nfield,
							  xapc_fieldprocessor *proc, const char *grouping,
							  size_t ngrouping, xapc_error *err);
xapc_status xapc_queryparser_add_rangeprocessor(xapc_queryparser *qp, xapc_rangeprocessor *rp, const char *grouping,
						size_t ngrouping, xapc_error *err);
xapc_status xapc_queryparser_parse(xapc_queryparser *qp, const char *text, size_t n, unsigned flags,
				   const char *prefix, size_t nprefix, xapc_query **out, xapc_error *err);
/* Of the last parse: the text with its spelling corrected (empty: nothing to
 * correct), the words left out, the words that became `term`. */
xapc_status xapc_queryparser_corrected(const xapc_queryparser *qp, xapc_string *out, xapc_error *err);
xapc_status xapc_queryparser_stoplist(const xapc_queryparser *qp, xapc_terms **out, xapc_error *err);
xapc_status xapc_queryparser_unstem(const xapc_queryparser *qp, const char *term, size_t n, xapc_terms **out,
				    xapc_error *err);
void xapc_queryparser_free(xapc_queryparser *qp);

/* The query for field:text.  *out goes over to the library; left NULL: matches
 * nothing.  0, or anything else stops the parse. */
typedef int (*xapc_field_fn)(void *ctx, const char *text, size_t n, xapc_query **out);
xapc_status xapc_fieldprocessor_new(xapc_field_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_fieldprocessor **out,
				    xapc_error *err);
void xapc_fieldprocessor_free(xapc_fieldprocessor *proc);

/* `mark` before the range, or after it with XAPC_RP_SUFFIX: "$10..20", "5..8kg". */
enum { XAPC_RP_SUFFIX = 1, XAPC_RP_REPEATED = 2, XAPC_RP_DATE_PREFER_MDY = 4 };
xapc_status xapc_rangeprocessor_new(xapc_slot slot, const char *mark, size_t n, unsigned flags,
				    xapc_rangeprocessor **out, xapc_error *err);
xapc_status xapc_rangeprocessor_new_number(xapc_slot slot, const char *mark, size_t n, unsigned flags,
					   xapc_rangeprocessor **out, xapc_error *err);
xapc_status xapc_rangeprocessor_new_date(xapc_slot slot, const char *mark, size_t n, unsigned flags, int epoch_year,
					 xapc_rangeprocessor **out, xapc_error *err);
/* As xapc_field_fn for begin..end; left NULL: not mine, ask the next processor. */
typedef int (*xapc_range_fn)(void *ctx, const char *begin, size_t nbegin, const char *end, size_t nend,
			     xapc_query **out);
xapc_status xapc_rangeprocessor_new_callback(xapc_range_fn fn, void *ctx, xapc_free_fn free_ctx,
					     xapc_rangeprocessor **out, xapc_error *err);
void xapc_rangeprocessor_free(xapc_rangeprocessor *rp);

/* ---- weighting schemes -------------------------------------------------- */

/* Formulas and defaults as in libxapian; parameters out of range are clipped or
 * refused by it. */
xapc_status xapc_weight_new_bool(xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_new_coord(xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_new_trad(double k, xapc_weight **out, xapc_error *err); /* 1 */
/* Defaults 1, 0, 1, 0.5, 0.5; with `plus` also delta 1. */
xapc_status xapc_weight_new_bm25(double k1, double k2, double k3, double b, double min_normlen, xapc_weight **out,
				 xapc_error *err);
xapc_status xapc_weight_new_bm25plus(double k1, double k2, double k3, double b, double min_normlen, double delta,
				     xapc_weight **out, xapc_error *err);
/* "ntn" */
xapc_status xapc_weight_new_tfidf(const char *normalisations, size_t n, xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_new_inl2(double c, xapc_weight **out, xapc_error *err); /* 1, as the next */
xapc_status xapc_weight_new_ifb2(double c, xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_new_ineb2(double c, xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_new_bb2(double c, xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_new_pl2(double c, xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_new_pl2plus(double c, double delta, xapc_weight **out, xapc_error *err); /* 1, 0.8 */
xapc_status xapc_weight_new_dlh(xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_new_dph(xapc_weight **out, xapc_error *err);
typedef enum xapc_smoothing XAPC_INT {
	XAPC_SMOOTHING_TWO_STAGE = 1,
	XAPC_SMOOTHING_DIRICHLET = 2,
	XAPC_SMOOTHING_ABSOLUTE_DISCOUNT = 3,
	XAPC_SMOOTHING_JELINEK_MERCER = 4,
	XAPC_SMOOTHING_DIRICHLET_PLUS = 5
} xapc_smoothing;
/* Defaults 0, two-stage, -1, -1 (below 0: the scheme's own). */
xapc_status xapc_weight_new_lm(double log, xapc_smoothing smoothing, double p1, double p2, xapc_weight **out,
			       xapc_error *err);

/* One's own formula: what is known of one term of the query when it is asked. */
typedef struct xapc_weight_stats {
	double factor;         /* to multiply with */
	xapc_count collection; /* documents */
	xapc_count termfreq, collection_freq;
	xapc_count rset_size, rel_termfreq;
	xapc_count query_length, wqf;
	xapc_count doclength_min, doclength_max, wdf_max;
	double average_length;
	uint64_t total_length;
} xapc_weight_stats;
typedef struct xapc_weight_callbacks {
	/* The term's part of a document's score, and a bound of it for all documents. */
	double (*part)(void *ctx, const xapc_weight_stats *st, xapc_count wdf, xapc_count doclength,
		       xapc_count unique_terms);
	double (*max_part)(void *ctx, const xapc_weight_stats *st);
	/* What a document gets whatever terms it has, and its bound.  NULL: nothing. */
	double (*extra)(void *ctx, const xapc_weight_stats *st, xapc_count doclength, xapc_count unique_terms);
	double (*max_extra)(void *ctx, const xapc_weight_stats *st);
	xapc_free_fn free_ctx;
} xapc_weight_callbacks;
/* Not for remote databases (XAPC_E_UNIMPLEMENTED at the search). */
xapc_status xapc_weight_new_callback(const xapc_weight_callbacks *cb, void *ctx, xapc_weight **out, xapc_error *err);
xapc_status xapc_weight_name(const xapc_weight *w, xapc_string *out, xapc_error *err);
xapc_status xapc_weight_serialise(const xapc_weight *w, xapc_string *out, xapc_error *err);
/* name as xapc_weight_name gives it, e.g. "Xapian::BM25Weight". */
xapc_status xapc_weight_unserialise(const char *name, size_t nname, const char *p, size_t n, xapc_weight **out,
				    xapc_error *err);
void xapc_weight_free(xapc_weight *w);

/* ---- search ------------------------------------------------------------- */

xapc_status xapc_enquire_new(const xapc_database *db, xapc_enquire **out, xapc_error *err);
/* length 0: the query's own */
xapc_status xapc_enquire_set_query(xapc_enquire *enq, const xapc_query *q, xapc_count length, xapc_error *err);
xapc_status xapc_enquire_query(const xapc_enquire *enq, xapc_query **out, xapc_error *err);
xapc_status xapc_enquire_set_weighting(xapc_enquire *enq, const xapc_weight *w, xapc_error *err);
/* "trad" or "bo1"; k for trad, 1 by default. */
xapc_status xapc_enquire_set_expansion(xapc_enquire *enq, const char *scheme, size_t n, double k, xapc_error *err);
/* At most `max` hits of one value of the slot; XAPC_NO_SLOT: no collapsing. */
xapc_status xapc_enquire_set_collapse(xapc_enquire *enq, xapc_slot slot, xapc_count max, xapc_error *err);
typedef enum xapc_docid_order XAPC_INT { XAPC_DESCENDING = 0, XAPC_ASCENDING = 1, XAPC_DONT_CARE = 2 } xapc_docid_order;
xapc_status xapc_enquire_set_docid_order(xapc_enquire *enq, xapc_docid_order order, xapc_error *err);
xapc_status xapc_enquire_set_cutoff(xapc_enquire *enq, int percent, double weight, xapc_error *err);
typedef enum xapc_sort XAPC_INT {
	XAPC_SORT_ALONE,            /* by the key, relevance does not matter */
	XAPC_SORT_THEN_RELEVANCE,   /* by the key, equals by relevance */
	XAPC_SORT_AFTER_RELEVANCE   /* by relevance, equals by the key */
} xapc_sort;
xapc_status xapc_enquire_sort_by_relevance(xapc_enquire *enq, xapc_error *err);
xapc_status xapc_enquire_sort_by_value(xapc_enquire *enq, xapc_slot slot, int reverse, xapc_sort how,
				       xapc_error *err);
xapc_status xapc_enquire_sort_by_key(xapc_enquire *enq, xapc_keymaker *km, int reverse, xapc_sort how,
				     xapc_error *err);
/* Seconds until the search makes do with `checkatleast` 0; 0: no limit. */
xapc_status xapc_enquire_set_time_limit(xapc_enquire *enq, double seconds, xapc_error *err);
xapc_status xapc_enquire_add_matchspy(xapc_enquire *enq, xapc_matchspy *spy, xapc_error *err);
xapc_status xapc_enquire_clear_matchspies(xapc_enquire *enq, xapc_error *err);
/* Hits first .. first + max - 1; bounds are exact once `checkatleast` documents
 * were looked at.  rset, decider: may be NULL; used during the call only. */
xapc_status xapc_enquire_mset(const xapc_enquire *enq, xapc_count first, xapc_count max, xapc_count checkatleast,
			      const xapc_rset *rset, const xapc_decider *decider, xapc_mset **out, xapc_error *err);
enum { XAPC_ESET_INCLUDE_QUERY_TERMS = 1, XAPC_ESET_EXACT_TERMFREQ = 2 };
xapc_status xapc_enquire_eset(const xapc_enquire *enq, xapc_count max, const xapc_rset *rset, int flags,
			      const xapc_expanddecider *decider, double min_weight, xapc_eset **out, xapc_error *err);
xapc_status xapc_enquire_matching_terms(const xapc_enquire *enq, xapc_docid did, xapc_terms **out, xapc_error *err);
void xapc_enquire_free(xapc_enquire *enq);

/* Hit i counts from 0 to size - 1; beyond is XAPC_E_RANGE. */
typedef struct xapc_matches {
	xapc_count lower, estimated, upper;
	xapc_count uncollapsed_lower, uncollapsed_estimated, uncollapsed_upper;
} xapc_matches;
xapc_count xapc_mset_size(const xapc_mset *m);
xapc_count xapc_mset_first(const xapc_mset *m); /* rank of hit 0 */
xapc_status xapc_mset_matches(const xapc_mset *m, xapc_matches *out, xapc_error *err);
double xapc_mset_max_attained(const xapc_mset *m);
double xapc_mset_max_possible(const xapc_mset *m);
xapc_status xapc_mset_percent(const xapc_mset *m, double weight, int *out, xapc_error *err);
/* of a term of the query */
xapc_status xapc_mset_termfreq(const xapc_mset *m, const char *term, size_t n, xapc_count *out, xapc_error *err);
xapc_status xapc_mset_termweight(const xapc_mset *m, const char *term, size_t n, double *out, xapc_error *err);
xapc_status xapc_mset_docid(const xapc_mset *m, xapc_count i, xapc_docid *out, xapc_error *err);
xapc_status xapc_mset_weight(const xapc_mset *m, xapc_count i, double *out, xapc_error *err);
xapc_status xapc_mset_document(const xapc_mset *m, xapc_count i, xapc_document **out, xapc_error *err);
xapc_status xapc_mset_collapse_key(const xapc_mset *m, xapc_count i, xapc_string *out, xapc_error *err);
xapc_status xapc_mset_collapse_count(const xapc_mset *m, xapc_count i, xapc_count *out, xapc_error *err);
xapc_status xapc_mset_sort_key(const xapc_mset *m, xapc_count i, xapc_string *out, xapc_error *err);
/* Asks for all of these documents at once: fewer round trips with remotes. */
xapc_status xapc_mset_fetch(const xapc_mset *m, xapc_count first, xapc_count n, xapc_error *err);
enum {
	XAPC_SNIPPET_BACKGROUND_MODEL = 1,
	XAPC_SNIPPET_EXHAUSTIVE = 2,
	XAPC_SNIPPET_EMPTY_WITHOUT_MATCH = 4,
	XAPC_SNIPPET_CJK_NGRAM = 2048
};
/* About `length` bytes of the text, HTML-escaped; stem NULL: none. */
xapc_status xapc_mset_snippet(const xapc_mset *m, const char *text, size_t n, size_t length, const xapc_stem *stem,
			      unsigned flags, const char *start, size_t nstart, const char *end, size_t nend,
			      const char *omit, size_t nomit, xapc_string *out, xapc_error *err);
void xapc_mset_free(xapc_mset *m);

/* Documents known to be relevant, and terms of theirs that would find more. */
xapc_status xapc_rset_new(xapc_rset **out, xapc_error *err);
xapc_status xapc_rset_add(xapc_rset *r, xapc_docid did, xapc_error *err);
xapc_status xapc_rset_remove(xapc_rset *r, xapc_docid did, xapc_error *err);
int xapc_rset_contains(const xapc_rset *r, xapc_docid did);
xapc_count xapc_rset_size(const xapc_rset *r);
void xapc_rset_free(xapc_rset *r);
xapc_count xapc_eset_size(const xapc_eset *e);
xapc_count xapc_eset_bound(const xapc_eset *e); /* of how many there would be */
xapc_status xapc_eset_term(const xapc_eset *e, xapc_count i, xapc_string *out, xapc_error *err);
xapc_status xapc_eset_weight(const xapc_eset *e, xapc_count i, double *out, xapc_error *err);
void xapc_eset_free(xapc_eset *e);

/* Which documents may be hits.  1: yes, 0: no, below 0 stops the search.  The
 * document is borrowed for the call, as in all callbacks below. */
typedef int (*xapc_document_fn)(void *ctx, const xapc_document *doc);
xapc_status xapc_decider_new_callback(xapc_document_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_decider **out,
				      xapc_error *err);
/* Those whose value is in the set (inclusive), or is not. */
xapc_status xapc_decider_new_values(xapc_slot slot, int inclusive, xapc_decider **out, xapc_error *err);
xapc_status xapc_decider_add_value(xapc_decider *d, const char *value, size_t n, xapc_error *err);
xapc_status xapc_decider_remove_value(xapc_decider *d, const char *value, size_t n, xapc_error *err);
void xapc_decider_free(xapc_decider *d);

/* Which terms an ESet may hold. */
xapc_status xapc_expanddecider_new_callback(xapc_term_fn fn, void *ctx, xapc_free_fn free_ctx,
					    xapc_expanddecider **out, xapc_error *err);
xapc_status xapc_expanddecider_new_reject(const xapc_bytes *terms, size_t nterms, xapc_expanddecider **out,
					  xapc_error *err);
xapc_status xapc_expanddecider_new_prefix(const char *prefix, size_t n, xapc_expanddecider **out, xapc_error *err);
xapc_status xapc_expanddecider_new_and(const xapc_expanddecider *a, const xapc_expanddecider *b,
				       xapc_expanddecider **out, xapc_error *err);
void xapc_expanddecider_free(xapc_expanddecider *d);

/* Facets: looks at each document that matches. */
xapc_status xapc_matchspy_new_valuecount(xapc_slot slot, xapc_matchspy **out, xapc_error *err);
typedef int (*xapc_spy_fn)(void *ctx, const xapc_document *doc, double weight); /* 0, else stops the search */
xapc_status xapc_matchspy_new_callback(xapc_spy_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_matchspy **out,
				       xapc_error *err);
/* Of a value count: documents seen; values with their counts as xapc_terms_termfreq,
 * all in order of bytes, or the most frequent ones first. */
xapc_status xapc_matchspy_total(const xapc_matchspy *spy, size_t *out, xapc_error *err);
xapc_status xapc_matchspy_values(const xapc_matchspy *spy, xapc_terms **out, xapc_error *err);
xapc_status xapc_matchspy_top_values(const xapc_matchspy *spy, size_t max, xapc_terms **out, xapc_error *err);
/* To add up the counts of searches that ran apart. */
xapc_status xapc_matchspy_serialise_results(const xapc_matchspy *spy, xapc_string *out, xapc_error *err);
xapc_status xapc_matchspy_merge_results(xapc_matchspy *spy, const char *p, size_t n, xapc_error *err);
void xapc_matchspy_free(xapc_matchspy *spy);

/* Sort keys. */
xapc_status xapc_keymaker_new_values(xapc_keymaker **out, xapc_error *err);
xapc_status xapc_keymaker_add_value(xapc_keymaker *km, xapc_slot slot, int reverse, const char *absent, size_t n,
				    xapc_error *err); /* absent: value of those without */
typedef int (*xapc_key_fn)(void *ctx, const xapc_document *doc, xapc_string *out); /* 0, else stops the search */
xapc_status xapc_keymaker_new_callback(xapc_key_fn fn, void *ctx, xapc_free_fn free_ctx, xapc_keymaker **out,
				       xapc_error *err);
xapc_status xapc_keymaker_key(const xapc_keymaker *km, const xapc_document *doc, xapc_string *out, xapc_error *err);
void xapc_keymaker_free(xapc_keymaker *km);

/* ---- places ------------------------------------------------------------- */

/* Degrees; distances in metres on a sphere (radius 0: the earth's). */
typedef struct xapc_latlong {
	double latitude, longitude;
} xapc_latlong;
/* as a value */
xapc_status xapc_latlong_serialise(const xapc_latlong *places, size_t n, xapc_string *out, xapc_error *err);
xapc_status xapc_latlong_distance(const xapc_latlong *places, size_t n, const char *value, size_t nvalue,
				  double radius, double *out, xapc_error *err); /* the least */
/* Documents within max_range (0: any), weighing k1 to the power of k2 over that of (distance + k1). */
xapc_status xapc_source_new_latlong(xapc_slot slot, const xapc_latlong *places, size_t n, double radius,
				    double max_range, double k1, double k2, xapc_source **out, xapc_error *err);
/* By distance.  absent: distance of documents without a place; below 0: the farthest. */
xapc_status xapc_keymaker_new_latlong(xapc_slot slot, const xapc_latlong *places, size_t n, double radius,
				      double absent, xapc_keymaker **out, xapc_error *err);

/* ---- numbers and characters --------------------------------------------- */

/* A string that sorts as the number does; at most 9 bytes, their number returned. */
size_t xapc_sortable_serialise(double value, char out[9]);
double xapc_sortable_unserialise(const char *p, size_t n);
int xapc_unicode_is_wordchar(uint32_t ch);
int xapc_unicode_category(uint32_t ch); /* 0 unassigned, 1 upper, 2 lower, ...: Unicode's order */
xapc_status xapc_unicode_tolower(const char *p, size_t n, xapc_string *out, xapc_error *err);
xapc_status xapc_unicode_toupper(const char *p, size_t n, xapc_string *out, xapc_error *err);

/* ---- as text, for people ------------------------------------------------ */

xapc_status xapc_database_describe(const xapc_database *db, xapc_string *out, xapc_error *err);
xapc_status xapc_document_describe(const xapc_document *doc, xapc_string *out, xapc_error *err);
xapc_status xapc_stem_describe(const xapc_stem *stem, xapc_string *out, xapc_error *err);
xapc_status xapc_stopper_describe(const xapc_stopper *stopper, xapc_string *out, xapc_error *err);
xapc_status xapc_termgenerator_describe(const xapc_termgenerator *tg, xapc_string *out, xapc_error *err);
xapc_status xapc_queryparser_describe(const xapc_queryparser *qp, xapc_string *out, xapc_error *err);
xapc_status xapc_enquire_describe(const xapc_enquire *enq, xapc_string *out, xapc_error *err);
xapc_status xapc_mset_describe(const xapc_mset *m, xapc_string *out, xapc_error *err);

#if defined __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
