/* cdgsearch.h - the public interface of libcdgsearch.
 *
 * Everything is an opaque handle and a status code.  No function prints,
 * exits, reads the environment or installs a signal handler.
 *
 * Threads: a cdg_index is an immutable snapshot and may be searched from any
 * number of threads at once.  A cdg_results or cdg_writer belongs to one
 * thread at a time.
 *
 * Ownership: every *_open / *_search has its *_close / *_free; strings that
 * are returned as `const char *` are borrowed and live as long as the handle
 * they were asked from, unless a function says otherwise.
 */
#ifndef CDGSEARCH_H
#define CDGSEARCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CDG_VERSION_MAJOR 0
#define CDG_VERSION_MINOR 1
#define CDG_VERSION_PATCH 0
#define CDG_VERSION "0.1.0"

/* Result of every call that can fail.  The numbers are pinned for ever. */
typedef enum cdg_status {
	CDG_OK = 0,
	CDG_E_NOMEM = 1,     /* memory could not be had */
	CDG_E_IO = 2,        /* the operating system refused a file operation */
	CDG_E_CORRUPT = 3,   /* index bytes are damaged; message names file and offset */
	CDG_E_VERSION = 4,   /* index was written by a newer format */
	CDG_E_LIMIT = 5,     /* a documented limit was passed */
	CDG_E_QUERY = 6,     /* query refused (only with strict on) */
	CDG_E_BUSY = 7,      /* another writer holds the index */
	CDG_E_ARG = 8,       /* the caller passed something senseless */
	CDG_E_TIMEOUT = 9,   /* time limit passed */
	CDG_E_NOTFOUND = 10, /* no such index, document or field */
	CDG_E_INPUT = 11,    /* an input document cannot be read */
	CDG_E_CANCELLED = 12 /* stopped on request (a signal, a callback) */
} cdg_status;

/* A short English name of a status, never NULL.  Static storage. */
const char *cdg_status_name(cdg_status status);

/* The version of the library that is running, e.g. "0.1.0". */
const char *cdg_version(void);

/* What went wrong, filled by the call that failed.  Caller's storage; pass
 * NULL where the text is not wanted. */
typedef struct cdg_error {
	cdg_status status;
	char message[1024]; /* what, where and what to do; NUL-terminated UTF-8 */
} cdg_error;

/* Bytes going out: called once or more with n bytes that are valid only during
 * the call.  Returns 0 to go on; anything else stops the work, which then
 * returns CDG_E_CANCELLED. */
typedef int (*cdg_write_fn)(void *ctx, const char *bytes, size_t n);

/* ---- an index, open for reading ------------------------------------------ */

typedef struct cdg_index cdg_index;

/* Open the last committed state of the index at `path`.  The handle goes on
 * showing that state whatever a writer does meanwhile.
 * "http://HOST:PORT", "https://..." or one of these with "/in/NAME" is a cdgsearchd, which
 * is asked each time and may have gone on: documents and generation are those of the opening.
 * It can be searched, its documents, concordances and suggestions read (CDG_E_ARG for all
 * else, and for requests that weigh matches); its limits hold.  CDG_E_IO, CDG_E_TIMEOUT: it
 * does not answer (within 60 s, or 5 s more than a request's time limit).
 * CDG_E_NOTFOUND: there is no index.  CDG_E_VERSION, CDG_E_CORRUPT, CDG_E_IO,
 * CDG_E_NOMEM.  CDG_E_ARG: `path` names something this build cannot read (a
 * Xapian database, a remote server). */
cdg_status cdg_index_open(const char *path, cdg_index **out, cdg_error *err);

/* A handle on what has been committed since: *out, or NULL in *out if that is
 * nothing.  `index` itself does not change, stays valid and is still to be
 * closed.  Errors as cdg_index_open. */
cdg_status cdg_index_reopen(const cdg_index *index, cdg_index **out, cdg_error *err);

/* Call when no thread uses it any more; results outlive it.  NULL is allowed. */
void cdg_index_close(cdg_index *index);

/* The path it was opened by; documents that can be found (deleted ones are not
 * counted); the number of the commit, which rises. */
const char *cdg_index_path(const cdg_index *index);
uint64_t cdg_index_documents(const cdg_index *index);
uint64_t cdg_index_generation(const cdg_index *index);

/* Verify every byte and every structure.  `report` (NULL allowed) is told each
 * segment's result, a line of text with its newline.  CDG_E_CORRUPT: err names
 * the file and the offset of the first damage; the other segments are verified
 * all the same.  Takes as long as reading the whole index. */
cdg_status cdg_index_check(const cdg_index *index, cdg_write_fn report, void *ctx, cdg_error *err);

/* Numbers about the index: documents, tokens, terms, segments, bytes by part,
 * languages, fields.  json: one JSON object on a line, else a table for people. */
cdg_status cdg_index_stat(const cdg_index *index, int json, cdg_write_fn write, void *ctx,
			  cdg_error *err);

/* What the index holds, as text, a line each; all return CDG_E_NOTFOUND when
 * there is no such thing.
 * terms: every term that begins with the prefix (of len 0: every term), a TAB,
 *   the documents it is in, a TAB, its occurrences.
 * term: documents, occurrences, written forms, then each document's number, id,
 *   occurrences and positions.
 * document: metadata, sections and text of the document with this id.
 * ids: the identifiers of all documents. */
cdg_status cdg_index_dump_terms(const cdg_index *index, const char *prefix, size_t len,
				cdg_write_fn write, void *ctx, cdg_error *err);
cdg_status cdg_index_dump_term(const cdg_index *index, const char *term, size_t len,
			       cdg_write_fn write, void *ctx, cdg_error *err);
cdg_status cdg_index_dump_document(const cdg_index *index, const char *id, size_t len,
				   cdg_write_fn write, void *ctx, cdg_error *err);
cdg_status cdg_index_dump_ids(const cdg_index *index, cdg_write_fn write, void *ctx, cdg_error *err);

/* Every document, a line each: format "jsonl", records that cdgindex reads back to
 * the same documents, structure included; "opensearch-bulk", what the _bulk call of
 * OpenSearch and Elasticsearch takes (two lines a document, without structure).
 * CDG_E_NOTFOUND: there are none.  CDG_E_ARG: no such format. */
cdg_status cdg_index_dump_records(const cdg_index *index, const char *format, cdg_write_fn write, void *ctx,
				  cdg_error *err);

/* Make in the folder `target`, which must not exist or be empty, an index that
 * is the last committed state of the one at `path`, by hard links: next to no
 * time and space, but on the same file system only. */
cdg_status cdg_index_snapshot(const char *path, const char *target, cdg_error *err);

/* ---- a request: all that goes with a query ---------------------------------- */

typedef struct cdg_request cdg_request;

/* With the defaults that each setter names.  A request may be used for any
 * number of searches, also at the same time, while no setter is called on it. */
cdg_status cdg_request_new(cdg_request **out, cdg_error *err);
void cdg_request_free(cdg_request *rq);

enum { CDG_LIMIT_MAX = 1000000 }; /* most of limit and of offset */

/* Hits to give (10), and hits to pass over before (0).  CDG_E_ARG past
 * CDG_LIMIT_MAX. */
cdg_status cdg_request_set_limit(cdg_request *rq, uint64_t limit, cdg_error *err);
cdg_status cdg_request_set_offset(cdg_request *rq, uint64_t offset, cdg_error *err);

/* BM25's k1 (1.2; 0 to 1000) and b (0.75; 0 to 1). */
cdg_status cdg_request_set_k1(cdg_request *rq, double k1, cdg_error *err);
cdg_status cdg_request_set_b(cdg_request *rq, double b, cdg_error *err);
/* How matches are weighed: "bm25" (the default for indexes of cdgsearch) or
 * "xapian-bm25", as libxapian 1.4 does it (the default for its databases, which
 * know no other), perhaps with parameters: "xapian-bm25:k1=1,k2=0,k3=1,b=0.5,
 * min_normlen=0.5" (these are the defaults).  CDG_E_ARG: no such name or number. */
cdg_status cdg_request_set_weighting(cdg_request *rq, const char *name, cdg_error *err);
/* An occurrence in `field` counts as `weight` occurrences, 0 to 1000 (1).  The
 * only field that has a weight so far is "title". */
cdg_status cdg_request_set_weight(cdg_request *rq, const char *field, double weight, cdg_error *err);

/* "KEY,KEY,...": score, or a field; a minus sign before a field: descending.
 * NULL or "": by score. */
cdg_status cdg_request_set_sort(cdg_request *rq, const char *keys, cdg_error *err);
/* Documents must match this query too, and all others that are added; they do not count
 * for the score.  Any of several values is one filter: lang:="en" OR lang:="de".  Copied. */
cdg_status cdg_request_add_filter(cdg_request *rq, const char *query, size_t len, cdg_error *err);
/* Count the matching documents by the values of `field`, the `limit` most
 * frequent ones.  "FIELD:year", "FIELD:month": by the years or months of a field's
 * dates, in order of time, the `limit` latest ones; "year" and "month" are those of
 * date, unless the index has a field of that name.  A date that is known by its year
 * only counts as "2013" among months.  A document counts once for each of its values.
 * ":open" at the end ("lang:open", "date:year:open"): of the documents that would match
 * without the filters that ask for nothing but this field, so what choosing another
 * of its values would find.  Where there are such filters, that is a search more. */
cdg_status cdg_request_add_facet(cdg_request *rq, const char *field, uint32_t limit, cdg_error *err);

/* Words that no operator joins: all must occur (0, the default), or any (1). */
void cdg_request_set_default_or(cdg_request *rq, int on);
/* Every warning is an error, CDG_E_QUERY (0). */
void cdg_request_set_strict(cdg_request *rq, int on);
/* Words in quotes match by stem as well (0). */
void cdg_request_set_stem_phrases(cdg_request *rq, int on);
/* The language whose stems the query's words are taken in: a code such as "en";
 * NULL: all of the index's (the default).  CDG_E_ARG: no such language. */
cdg_status cdg_request_set_lang(cdg_request *rq, const char *code, cdg_error *err);
/* Passages a hit (2; 0 to 100) of about so many characters (200; 20 to 100000). */
cdg_status cdg_request_set_snippets(cdg_request *rq, uint32_t count, uint32_t length, cdg_error *err);
/* Milliseconds after which a search ends with the best it has, and says so; 0:
 * never (the default).  Passages have what the search left of it, at least a tenth; a
 * concordance or the matches of a document are cut as well.  The clock is looked at every
 * fraction of a millisecond, and once for each hit when they are filled. */
void cdg_request_set_time_limit(cdg_request *rq, uint64_t ms);
/* Count all matching documents (1).  Off, the total is a lower bound. */
void cdg_request_set_total(cdg_request *rq, int on);
/* Score every match, slowly: what the fast ways are tested against (0). */
void cdg_request_set_exhaustive(cdg_request *rq, int on);
/* Also say how the query was evaluated and what each term gives to the score
 * of each hit: cdg_results_explain (0). */
void cdg_request_set_explain(cdg_request *rq, int on);
/* Where a query finds little, also look whether words spelt nearly as its own would find
 * more: cdg_results_suggestion (0).  Takes milliseconds then, and next to nothing otherwise. */
void cdg_request_set_suggest(cdg_request *rq, int on);

/* ---- searching -------------------------------------------------------------- */

typedef struct cdg_results cdg_results;

/* Answer a query: len bytes, any bytes at all.  request NULL: the defaults.
 * A query a person typed never fails (see warnings), unless strict is on
 * (CDG_E_QUERY).  CDG_E_CORRUPT, CDG_E_IO, CDG_E_NOMEM. */
cdg_status cdg_search(const cdg_index *index, const cdg_request *request, const char *query, size_t len,
		      cdg_results **out, cdg_error *err);
void cdg_results_free(cdg_results *r);

/* The query as given (invalid UTF-8 replaced) and as understood. */
const char *cdg_results_query(const cdg_results *r);
const char *cdg_results_parsed(const cdg_results *r);
/* Documents that match; total_exact 0: at least so many. */
uint64_t cdg_results_total(const cdg_results *r);
int cdg_results_total_exact(const cdg_results *r);
/* The time limit passed: the hits are the best found until then. */
int cdg_results_timed_out(const cdg_results *r);
/* Microseconds from cdg_search's call to its return. */
uint64_t cdg_results_took_us(const cdg_results *r);
/* Warnings i in [0, count); NULL past them. */
size_t cdg_results_warning_count(const cdg_results *r);
const char *cdg_results_warning(const cdg_results *r, size_t i);
/* With cdg_request_set_suggest: a query like this one, a few words of it spelt otherwise, that
 * has more documents; "" if there is none.  All but these words is as it was given.  Always ""
 * from a Xapian database. */
const char *cdg_results_suggestion(const cdg_results *r);
/* Text for people, only with cdg_request_set_explain; else "". */
const char *cdg_results_explain(const cdg_results *r);

/* Hits i in [0, count), best first.  All strings are valid UTF-8, never NULL,
 * "" where the document has no such thing or i is past the hits. */
size_t cdg_results_count(const cdg_results *r);
uint64_t cdg_hit_rank(const cdg_results *r, size_t i); /* from 1, offset included */
double cdg_hit_score(const cdg_results *r, size_t i);
const char *cdg_hit_id(const cdg_results *r, size_t i);
const char *cdg_hit_title(const cdg_results *r, size_t i);
/* As HTML with what matched in it between <mark> and </mark>; "" when nothing did
 * or no snippets were asked for. */
const char *cdg_hit_title_html(const cdg_results *r, size_t i);
const char *cdg_hit_url(const cdg_results *r, size_t i);
const char *cdg_hit_lang(const cdg_results *r, size_t i);
const char *cdg_hit_date(const cdg_results *r, size_t i); /* YYYY, YYYY-MM or YYYY-MM-DD */

/* Its metadata: values f in [0, count); the values of a list have the same name
 * and follow one another. */
size_t cdg_hit_field_count(const cdg_results *r, size_t i);
const char *cdg_hit_field_name(const cdg_results *r, size_t i, size_t f);
const char *cdg_hit_field_value(const cdg_results *r, size_t i, size_t f); /* as text */

/* Its passages s in [0, count).  text: exactly the characters [start, end) of
 * the document's text, counted in code points.  html: the same escaped, the
 * matches in <mark>, an ellipsis where text was left out.  page: as the
 * document numbers it, "" if unknown.  sections: outermost first, those
 * that have a label.  link: a URL that opens the document at the passage
 * (`...#page=12`), "" if there is none. */
size_t cdg_hit_snippet_count(const cdg_results *r, size_t i);
const char *cdg_snippet_text(const cdg_results *r, size_t i, size_t s);
const char *cdg_snippet_html(const cdg_results *r, size_t i, size_t s);
uint64_t cdg_snippet_start(const cdg_results *r, size_t i, size_t s);
uint64_t cdg_snippet_end(const cdg_results *r, size_t i, size_t s);
const char *cdg_snippet_page(const cdg_results *r, size_t i, size_t s);
const char *cdg_snippet_link(const cdg_results *r, size_t i, size_t s);
size_t cdg_snippet_section_count(const cdg_results *r, size_t i, size_t s);
const char *cdg_snippet_section(const cdg_results *r, size_t i, size_t s, size_t k);

/* Other files that have the same bytes as the one the document is from: c in [0, count).  Of a Xapian
 * database none are known. */
size_t cdg_hit_copy_count(const cdg_results *r, size_t i);
const char *cdg_hit_copy(const cdg_results *r, size_t i, size_t c);

/* Facets in the order they were asked for; values by count, periods by time. */
size_t cdg_results_facet_count(const cdg_results *r);
const char *cdg_facet_field(const cdg_results *r, size_t f);
size_t cdg_facet_value_count(const cdg_results *r, size_t f);
const char *cdg_facet_value(const cdg_results *r, size_t f, size_t v);
uint64_t cdg_facet_documents(const cdg_results *r, size_t f, size_t v);
/* Of years and months: matching documents that have no date. */
uint64_t cdg_facet_missing(const cdg_results *r, size_t f);

/* ---- reading a document ------------------------------------------------------- */

typedef struct cdg_view cdg_view;

enum {
	CDG_VIEW_TEXT_MAX = 1000000,   /* characters of text in a view */
	CDG_VIEW_MATCHES_MAX = 100000, /* matches in its list */
	CDG_VIEW_PARTS_MAX = 20000     /* sections in its outline, and pages */
};

/* The document with this identifier: its metadata, characters [from, to) of its text
 * (0 and UINT64_MAX: all of it, up to CDG_VIEW_TEXT_MAX), its sections and pages, and
 * where `query` matches in it, whether or not a search would find it.  All places are
 * code points of the whole text.  An empty query: no matches.  request NULL: the
 * defaults; of a request its limit, sort and facets are not used.
 * CDG_E_NOTFOUND: there is no such document.  CDG_E_ARG: from > to.  Otherwise as
 * cdg_search. */
cdg_status cdg_index_view(const cdg_index *index, const cdg_request *request, const char *query, size_t len,
			  const char *id, size_t idlen, uint64_t from, uint64_t to, cdg_view **out, cdg_error *err);
/* NULL is allowed. */
void cdg_view_free(cdg_view *v);

/* Strings are valid UTF-8, never NULL, "" where there is no such thing; only
 * cdg_view_warning is NULL past the last.  title_html: "" when nothing in it matched. */
const char *cdg_view_id(const cdg_view *v);
const char *cdg_view_title(const cdg_view *v);
const char *cdg_view_title_html(const cdg_view *v);
const char *cdg_view_url(const cdg_view *v);
const char *cdg_view_lang(const cdg_view *v);
const char *cdg_view_date(const cdg_view *v);
size_t cdg_view_field_count(const cdg_view *v);
const char *cdg_view_field_name(const cdg_view *v, size_t f);
const char *cdg_view_field_value(const cdg_view *v, size_t f);
const char *cdg_view_query(const cdg_view *v);
const char *cdg_view_parsed(const cdg_view *v);
const char *cdg_view_warning(const cdg_view *v, size_t i);
/* Characters [START, END) of the text; bytes 0 in it are U+FFFD. */
const char *cdg_view_text(const cdg_view *v);

typedef enum cdg_view_figure {
	CDG_VIEW_LENGTH = 0,      /* characters of the whole text; 0: the index keeps none */
	CDG_VIEW_START = 1,       /* of the text here */
	CDG_VIEW_END = 2,
	CDG_VIEW_CUT = 3,         /* 1: it ends before `to`, because of CDG_VIEW_TEXT_MAX */
	CDG_VIEW_MATCHES = 4,     /* in the whole text */
	CDG_VIEW_FIRST_MATCH = 5, /* number of the first one in the list: 0, unless there are more than
	                           * CDG_VIEW_MATCHES_MAX: then the list begins in the range asked for */
	CDG_VIEW_SECTIONS = 6,    /* of the whole text, also those past CDG_VIEW_PARTS_MAX */
	CDG_VIEW_PAGES = 7,
	CDG_VIEW_MICROSECONDS = 8
} cdg_view_figure;
uint64_t cdg_view_get(const cdg_view *v, cdg_view_figure which);

/* Matches in order of the text, not overlapping (those that overlap are one). */
size_t cdg_view_match_count(const cdg_view *v);
uint64_t cdg_view_match_start(const cdg_view *v, size_t i);
uint64_t cdg_view_match_end(const cdg_view *v, size_t i);

/* Sections in order of the text, outer ones first, and pages.  Strings as above. */
typedef struct cdg_part {
	const char *kind;    /* "chapter", "article", "page", ... */
	const char *label;   /* title of a section, number of a page */
	const char *page;    /* of a section: the one it begins on */
	unsigned depth;      /* sections around it */
	uint64_t start, end; /* code points of the text */
	uint64_t matches;    /* that begin in it */
} cdg_part;
size_t cdg_view_section_count(const cdg_view *v);
cdg_part cdg_view_section(const cdg_view *v, size_t i);
size_t cdg_view_page_count(const cdg_view *v);
cdg_part cdg_view_page(const cdg_view *v, size_t i);

/* All of it as one JSON object on a line; docs/query.md has the members. */
cdg_status cdg_view_write_json(const cdg_view *v, cdg_write_fn write, void *ctx, cdg_error *err);
/* The text as HTML to be put into a page: escaped, in paragraphs (a line end inside one
 * stays a line end), matches as <mark id="m1"> (numbered through the document; a match
 * that goes on in another paragraph has further marks with class "more" and no id),
 * sections as <section id="s1" class="article"> with the line that is their title as a
 * heading, pages as <span id="p1" class="page">.  The numbers are those of the lists
 * above, from 1. */
cdg_status cdg_view_write_html(const cdg_view *v, cdg_write_fn write, void *ctx, cdg_error *err);

/* ---- concordance: keyword in context ------------------------------------------- */

typedef struct cdg_lines cdg_lines;

typedef enum cdg_line_order {
	CDG_LINES_DOCUMENT = 0, /* as documents stand in the index, and places in them */
	CDG_LINES_LEFT = 1,     /* by the words before the match, the nearest first */
	CDG_LINES_RIGHT = 2     /* by the words after it */
} cdg_line_order;

enum {
	CDG_LINES_SORT_MAX = 100000,    /* lines that are sorted, and that one call gives */
	CDG_LINES_COUNT_MAX = 10000000, /* occurrences that are counted */
	CDG_LINES_DOCUMENTS_MAX = 10000 /* documents of a Xapian database that are read */
};

/* Every occurrence, in the text of the documents that match query and filters, of what
 * the query asks of the text; occurrences that overlap are one.  A query that no
 * document matches is not relaxed.  context: characters, or words (words != 0), on each
 * side (0 to 1000); words are not cut.  Of the request its limit and offset count lines;
 * sort, facets and snippets are not used.  Words are compared folded (case and
 * diacritics), by their bytes.
 * Past the limits above the answer is a part, which it says: of the sorted orders then
 * the first CDG_LINES_SORT_MAX occurrences in order of documents are sorted.
 * CDG_E_ARG: no such order, or too much context.  Otherwise as cdg_search. */
cdg_status cdg_concordance(const cdg_index *index, const cdg_request *request, const char *query, size_t len,
			   cdg_line_order order, uint32_t context, int words, cdg_lines **out, cdg_error *err);
/* NULL is allowed. */
void cdg_lines_free(cdg_lines *x);

typedef enum cdg_lines_figure {
	CDG_LINES_TOTAL = 0,        /* occurrences */
	CDG_LINES_TOTAL_EXACT = 1,  /* 0: at least so many */
	CDG_LINES_DOCUMENTS = 2,    /* with an occurrence, among those counted */
	CDG_LINES_SORTED = 3,       /* occurrences that were sorted; 0 in order of documents */
	CDG_LINES_TRUNCATED = 4,    /* 1: not all occurrences could be shown, however many pages are asked for */
	CDG_LINES_MICROSECONDS = 5
} cdg_lines_figure;
uint64_t cdg_lines_get(const cdg_lines *x, cdg_lines_figure which);
const char *cdg_lines_query(const cdg_lines *x);
const char *cdg_lines_parsed(const cdg_lines *x);
/* NULL past the last. */
const char *cdg_lines_warning(const cdg_lines *x, size_t i);

/* One line; strings are never NULL and live as long as x.  In left, match and right
 * white space is a single space each; one after the other they read as the text does. */
typedef struct cdg_line {
	const char *id, *title, *date, *url, *lang;
	const char *left, *match, *right;
	const char *page;             /* its label, "" if none is known */
	const char *link;             /* opens the document there, "" if nothing does */
	const char *const *sections;  /* outermost first */
	size_t section_count;
	uint64_t start, end;          /* of the match: code points of the text */
} cdg_line;
size_t cdg_lines_count(const cdg_lines *x);
/* All empty past the last. */
cdg_line cdg_lines_at(const cdg_lines *x, size_t i);

/* ---- suggestions while typing --------------------------------------------------- */

typedef struct cdg_suggestions cdg_suggestions;

/* What a line that is being typed (len bytes, any bytes at all) may become, best first, at
 * most limit (1 to 100; CDG_E_ARG).  No suggestion is no error, nor is a line of more than
 * 2000 bytes, which has none.  Looks at a bounded part of dictionaries and documents, a few
 * milliseconds' worth.  A Xapian database gives none.  CDG_E_CORRUPT, CDG_E_IO, CDG_E_NOMEM. */
cdg_status cdg_index_suggest(const cdg_index *index, const char *line, size_t len, uint32_t limit,
			     cdg_suggestions **out, cdg_error *err);
/* NULL is allowed. */
void cdg_suggestions_free(cdg_suggestions *s);

/* Suggestions i in [0, count); "" and 0 past them.
 * kind: "word" (the last word completed, and its documents), "phrase" (with words that
 * follow in the texts), "value" (of the field that is being typed, and its documents),
 * "title" (a document's).
 * text: the whole line as it is once this is chosen, what was typed before the last word
 * kept; for a title the title alone.
 * documents: that have it, deleted ones included until they are merged away; 0: not known.
 * id: of a title its document, else "". */
size_t cdg_suggestions_count(const cdg_suggestions *s);
const char *cdg_suggestion_kind(const cdg_suggestions *s, size_t i);
const char *cdg_suggestion_text(const cdg_suggestions *s, size_t i);
uint64_t cdg_suggestion_documents(const cdg_suggestions *s, size_t i);
const char *cdg_suggestion_id(const cdg_suggestions *s, size_t i);

/* ---- results as text ---------------------------------------------------------- */

typedef enum cdg_format {
	CDG_FORMAT_TEXT = 0,  /* for people */
	CDG_FORMAT_JSON = 1,  /* one object a query, one line */
	CDG_FORMAT_JSONL = 2, /* one object a hit */
	CDG_FORMAT_CSV = 3,   /* RFC 4180: a line of names, one line a hit */
	CDG_FORMAT_TREC = 4,  /* a run: qid Q0 id rank score run */
	CDG_FORMAT_IDS = 5,   /* identifiers, one a line */
	CDG_FORMAT_COUNT = 6  /* the total alone, one line a query */
} cdg_format;

/* The format of a name ("json"), or CDG_E_ARG. */
cdg_status cdg_format_find(const char *name, cdg_format *out);

/* Prints results one after the other.  One thread. */
typedef struct cdg_printer cdg_printer;
cdg_status cdg_printer_new(cdg_format format, cdg_write_fn write, void *ctx, cdg_printer **out,
			   cdg_error *err);
void cdg_printer_free(cdg_printer *p);
/* TEXT: with the colours of a terminal (0), lines of so many columns (80; 20 to 1000). */
void cdg_printer_set_color(cdg_printer *p, int on);
void cdg_printer_set_width(cdg_printer *p, unsigned width);
/* TEXT: say which query it is before the hits (0: there is only one). */
void cdg_printer_set_batch(cdg_printer *p, int on);
/* TREC: last column ("cdgsearch").  Copied; white space becomes "_". */
cdg_status cdg_printer_set_run_id(cdg_printer *p, const char *name, cdg_error *err);
/* Of a document and of a concordance: as TEXT, JSON, and a concordance as CSV (with a
 * line of names); other formats are CDG_E_ARG. */
cdg_status cdg_printer_print_view(cdg_printer *p, const cdg_view *v, cdg_error *err);
cdg_status cdg_printer_print_lines(cdg_printer *p, const cdg_lines *x, cdg_error *err);
/* qid: the query's name, for TREC (and JSONL, when not NULL).  Nothing is
 * written for hits that are not there.  CDG_E_CANCELLED: write said so. */
cdg_status cdg_printer_print(cdg_printer *p, const cdg_results *r, const char *qid, cdg_error *err);

/* ---- changing an index -------------------------------------------------------- */

/* How a writer works; set up before cdg_writer_open, which copies it. */
typedef struct cdg_writer_config cdg_writer_config;
cdg_status cdg_writer_config_new(cdg_writer_config **out, cdg_error *err);
void cdg_writer_config_free(cdg_writer_config *c);

/* Threads (0, the default: one a processor; at most 1024) and bytes of memory
 * (0: 1 GiB; at least 16 MiB). */
cdg_status cdg_writer_config_set_threads(cdg_writer_config *c, unsigned threads, cdg_error *err);
cdg_status cdg_writer_config_set_memory(cdg_writer_config *c, uint64_t bytes, cdg_error *err);
/* Language of documents that do not name theirs: "auto" (the default: found
 * out), "none" (nothing is stemmed at all), or a code such as "en". */
cdg_status cdg_writer_config_set_lang(cdg_writer_config *c, const char *lang, cdg_error *err);

/* What a new index is: "native" (the default), or "xapian", a database of
 * libxapian; one that is there stays what it is.  Shards (0: one database): a new
 * Xapian database in so many parts behind a stub file, documents by the hash of
 * their id.  CDG_E_ARG. */
cdg_status cdg_writer_config_set_backend(cdg_writer_config *c, const char *name, cdg_error *err);
cdg_status cdg_writer_config_set_shards(cdg_writer_config *c, unsigned shards, cdg_error *err);

typedef enum cdg_writer_flag {
	CDG_WRITER_STORE = 0,    /* keep the text, for snippets (1) */
	CDG_WRITER_FORCE = 1,    /* index again also what has not changed (0) */
	CDG_WRITER_OPTIMIZE = 2, /* commit merges everything into one segment (0) */
	CDG_WRITER_DRY_RUN = 3,  /* read and count only (0) */
	CDG_WRITER_HIDDEN = 4,   /* in folders, also names that begin with a dot (0) */
	CDG_WRITER_JSONL = 5,    /* all inputs are JSON records (0) */
	CDG_WRITER_CSV = 6,      /* all inputs are CSV (0) */
	CDG_WRITER_CHECKSUM = 7, /* files are known by their bytes, not by size and time (0) */
	CDG_WRITER_RETRY_FAILED = 8, /* read unchanged files again of which something failed (0) */
	CDG_WRITER_REORDER = 9,  /* with OPTIMIZE: commit also puts documents with the same words near one
	                          * another: smaller and faster to search, slower to make (0) */
	CDG_WRITER_KEEP_DUPLICATES = 10, /* files with the same bytes are documents of their own (0) */
	CDG_WRITER_PRUNE_MOST = 11, /* cdg_writer_prune also where more than half of the files are gone (0) */
	CDG_WRITER_PAIRS = 12,   /* with OPTIMIZE: commit also makes lists of pairs of frequent words, for
	                          * phrases of them: a larger index (0) */
	CDG_WRITER_SECTION_TITLES = 13 /* a document with sections, and no field `section` of its own, has
	                          * what its outer ones are called as values of that field (1) */
} cdg_writer_flag;
cdg_status cdg_writer_config_set(cdg_writer_config *c, cdg_writer_flag flag, int on, cdg_error *err);

/* In folders: shell patterns of the files to take or leave out.  Copied. */
cdg_status cdg_writer_config_include(cdg_writer_config *c, const char *glob, cdg_error *err);
cdg_status cdg_writer_config_exclude(cdg_writer_config *c, const char *glob, cdg_error *err);
/* Larger files are skipped (0: those of 2 GiB and more, if they are text). */
cdg_status cdg_writer_config_set_max_file_size(cdg_writer_config *c, uint64_t bytes, cdg_error *err);

/* Document formats (all but records, text and Markdown) are read by processes of the program
 * cdg-extract, one a thread, in a sandbox: bytes of memory that each may use (0: 1 GiB; at
 * least 64 MiB), and seconds that a file, or one of the documents in it, may take (0: 60; at
 * most 86400).  The program is found by $CDG_EXTRACT, beside the one that runs, where it was
 * installed, and by $PATH; without it files of these formats fail, and say so. */
cdg_status cdg_writer_config_set_extract_memory(cdg_writer_config *c, uint64_t bytes, cdg_error *err);
cdg_status cdg_writer_config_set_extract_timeout(cdg_writer_config *c, unsigned seconds, cdg_error *err);
/* A program that is given scanned PDFs and pictures (PNG, JPEG, TIFF), and writes their text to standard
 * output as UTF-8, a form feed between pages.  command is cut into words as a shell does it, with quotes and
 * backslashes; there is no shell.  The path of the file takes the place of a word {}, or stands at the end.
 * It runs outside of the sandbox of the readers.  Files that were listed as scanned are tried again.
 * CDG_E_NOTFOUND: there is no such program.  NULL: none. */
cdg_status cdg_writer_config_set_ocr(cdg_writer_config *c, const char *command, cdg_error *err);
/* Seconds that it may take without writing anything; in all 20 times as long; 0: 600. */
cdg_status cdg_writer_config_set_ocr_timeout(cdg_writer_config *c, unsigned seconds, cdg_error *err);
/* What the elements of XML files mean: a file of mappings (docs/formats/xml.md), which is read now.
 * CDG_E_INPUT, with file and line: there is a mistake in it.  NULL: only those that are built in. */
cdg_status cdg_writer_config_set_xml_map(cdg_writer_config *c, const char *path, cdg_error *err);
/* Files below dir have the address url and their path below dir, unless they say another; url NULL: dir
 * is a mirror as `wget -r` makes it, whose folders are hosts.  Of several folders the innermost counts. */
cdg_status cdg_writer_config_add_url_base(cdg_writer_config *c, const char *dir, const char *url, cdg_error *err);

/* Told what could not be read, or (warning) only in part: line 0 is the file as
 * a whole.  May be called from other threads than yours, one at a time. */
typedef void (*cdg_message_fn)(void *ctx, const char *path, uint64_t line, int warning, const char *text);
void cdg_writer_config_on_message(cdg_writer_config *c, cdg_message_fn fn, void *ctx);
/* Told what becomes of each file, or with CDG_WRITER_DRY_RUN would: "add", "replace",
 * "unchanged", "renamed" (note: its path before), "duplicate" (note: of which file), "records",
 * "skipped", "failed" (note: why, or ""), "delete".  Called as on_message is. */
typedef void (*cdg_file_fn)(void *ctx, const char *what, const char *path, const char *note);
void cdg_writer_config_on_file(cdg_writer_config *c, cdg_file_fn fn, void *ctx);
/* Told now and then how far the work is: bytes of input (total 0: unknown).
 * phase: "reading", "writing", "reordering" (total: steps), "merging", "pairing" (total:
 * documents). */
typedef void (*cdg_progress_fn)(void *ctx, const char *phase, uint64_t done, uint64_t total,
				uint64_t documents, uint64_t text_bytes);
void cdg_writer_config_on_progress(cdg_writer_config *c, cdg_progress_fn fn, void *ctx);

/* Nothing is visible to readers before a commit; what was not committed is gone
 * after cdg_writer_close, and after a crash.  (cdg_writer_add_paths commits by
 * itself when the last time is a minute ago.)  One thread at a time, but for
 * cdg_writer_cancel. */
typedef struct cdg_writer cdg_writer;

/* The index is made if it is not there.  config NULL: the defaults.
 * CDG_E_BUSY: another writer has it. */
cdg_status cdg_writer_open(const char *path, const cdg_writer_config *config, cdg_writer **out,
			   cdg_error *err);
/* NULL is allowed. */
void cdg_writer_close(cdg_writer *w);
/* Ask the call that is running in another thread to end soon, with
 * CDG_E_CANCELLED.  Also from a signal handler. */
void cdg_writer_cancel(cdg_writer *w);

/* One record, a JSON object with "text" and "id"; CDG_E_INPUT says what is
 * wrong with it, and the writer goes on. */
cdg_status cdg_writer_add_record(cdg_writer *w, const char *json, size_t len, cdg_error *err);
/* Files, folders with everything below, "-" for standard input.  Inputs that
 * cannot be read are told to on_message and counted, and are no error. */
cdg_status cdg_writer_add_paths(cdg_writer *w, const char *const *paths, size_t n, cdg_error *err);
/* All documents of an index, of whatever kind, as if their records were added.
 * *documents (NULL allowed): how many.  What others' Xapian databases keep of a
 * text may be less than they indexed: then words are put together as they stood. */
cdg_status cdg_writer_import(cdg_writer *w, const cdg_index *from, uint64_t *documents, cdg_error *err);
/* After cdg_writer_add_paths of the same paths: delete documents whose source
 * is no longer there.  CDG_E_LIMIT: more than half of the files of one of them are
 * gone, as of a folder that is not mounted: nothing was deleted, the writer goes on
 * (CDG_WRITER_PRUNE_MOST). */
cdg_status cdg_writer_prune(cdg_writer *w, const char *const *paths, size_t n, cdg_error *err);
/* *found (NULL allowed): whether there was such a document. */
cdg_status cdg_writer_delete(cdg_writer *w, const char *id, size_t len, int *found, cdg_error *err);

/* Make all since the last commit visible and durable.  After an error the
 * writer can only be closed. */
cdg_status cdg_writer_commit(cdg_writer *w, cdg_error *err);

typedef enum cdg_writer_figure {
	CDG_WRITER_DOCUMENTS = 0,       /* added, those that replaced others included */
	CDG_WRITER_REPLACED = 1,
	CDG_WRITER_UNCHANGED = 2,       /* records that were there already */
	CDG_WRITER_UNCHANGED_FILES = 3, /* files that are as they were */
	CDG_WRITER_DELETED = 4,
	CDG_WRITER_FILES = 5,
	CDG_WRITER_SKIPPED = 6,         /* files of other kinds, or with nothing in them */
	CDG_WRITER_FAILED = 7,
	CDG_WRITER_WARNINGS = 8,
	CDG_WRITER_TEXT_BYTES = 9,
	CDG_WRITER_TOKENS = 10,
	CDG_WRITER_INVALID_UTF8 = 11,   /* sequences that were replaced */
	CDG_WRITER_PEAK_MEMORY = 12,    /* bytes, of the process */
	CDG_WRITER_MICROSECONDS = 13,   /* spent adding and committing */
	CDG_WRITER_DUPLICATES = 14,     /* documents whose id came again later */
	CDG_WRITER_FAILED_BEFORE = 15,  /* of the unchanged files: those of which something failed */
	CDG_WRITER_COPIES = 16,         /* files with the bytes of another, which has the documents */
	CDG_WRITER_RENAMED = 17,        /* files that had another path before */
	CDG_WRITER_NO_LANDLOCK = 18     /* 1: readers of documents found that the kernel has none */
} cdg_writer_figure;
/* So far; 0 for a number that is no figure. */
uint64_t cdg_writer_get(const cdg_writer *w, cdg_writer_figure which);

/* What could not be read when the index at `path` was last written: fn for each
 * that is kept (10,000 at most), *total (NULL allowed) counts all. */
cdg_status cdg_index_failures(const char *path, cdg_message_fn fn, void *ctx, uint64_t *total,
			      cdg_error *err);
/* What the index at `path` knows of files, as text for people or (json) one array of
 * objects: FAILED and SKIPPED a line each with the reason (10,000 of either at most;
 * "path", "line", "reason"), DUPLICATES each file with those that have the same bytes
 * ("path", "copies").  *total (NULL allowed) counts all. */
typedef enum cdg_source_list {
	CDG_SOURCES_FAILED = 0,
	CDG_SOURCES_SKIPPED = 1,
	CDG_SOURCES_DUPLICATES = 2
} cdg_source_list;
cdg_status cdg_index_list_sources(const char *path, cdg_source_list what, int json, cdg_write_fn write,
				  void *ctx, uint64_t *total, cdg_error *err);

#ifdef __cplusplus
}
#endif
#endif
