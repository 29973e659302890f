/* backend.h - what a search backend is: one vtable that native, reference and
 * Xapian fill, so that the library, the command line and every test speak to
 * all of them alike.
 *
 * A backend handle is immutable and may be used by several threads at once; a
 * search_result belongs to its caller.
 */
#ifndef BACKEND_BACKEND_H
#define BACKEND_BACKEND_H

#include "base/buf.h"
#include "base/err.h"
#include "query/search.h"

typedef struct backend backend;
struct snippet_source; /* query/locate.h */

/* A document's text, and the places of matches in it; they live until it returns. */
typedef cdg_status backend_whole_fn(void *ctx, const struct snippet_source *text, const search_span *spans,
				    size_t n, cdg_error *err);

struct suggestions;

typedef struct backend_ops {
	const char *name; /* "native", "reference", "xapian" */
	void (*close)(backend *b);
	uint64_t (*ndocs)(const backend *b); /* live documents */
	/* Languages of the index's documents, bit by text_lang. */
	uint64_t (*langs)(const backend *b);
	cdg_status (*search)(const backend *b, const search_request *rq, search_result *out, cdg_error *err);
	/* The stored document of a hit: metadata and text appended to the bufs. */
	cdg_status (*stored)(const backend *b, uint64_t doc, buf *meta, buf *text, cdg_error *err);
	/* Every place in document `doc` (which the tree matches) that takes part in
	 * a match: position ranges, sorted, distinct.  See search_span. */
	cdg_status (*spans)(const backend *b, const search_request *rq, uint64_t doc, search_span **spans,
			    size_t *n, cdg_error *err);
	/* The name of a field number in stored metadata; NULL: the manifest's, as
	 * the native backend has them. */
	const char *(*field_name)(const backend *b, uint16_t number);
	/* Call fn once with the text of a document as it is kept, whole, and the places in
	 * it that rq matches: `spans` are those of the index.  NULL: the index is native. */
	cdg_status (*whole)(const backend *b, const search_request *rq, uint64_t doc, const search_span *spans,
			    size_t n, text_analyzer *an, backend_whole_fn *fn, void *ctx, cdg_error *err);
	/* What a line may become (query/suggest.h).  NULL: the index is native, or has none. */
	cdg_status (*suggest)(const backend *b, text_analyzer *an, const char *line, size_t n, uint32_t limit,
			      struct suggestions *out, cdg_error *err);
} backend_ops;

struct backend {
	const backend_ops *ops;
};

#endif
