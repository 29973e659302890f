/* care.h - looking into a Xapian database that is open.  All append to bufs. */
#ifndef BACKEND_XAPIAN_CARE_H
#define BACKEND_XAPIAN_CARE_H

#include "backend/backend.h"

/* By libxapian's own check; the report is what it says. */
cdg_status xap_check(const backend *b, buf *report, cdg_error *err);
cdg_status xap_stat(const backend *b, bool json, buf *out, cdg_error *err);
/* Term, documents, occurrences, a line each; flush now and then empties out. */
typedef cdg_status xap_flush_fn(void *ctx, buf *out, cdg_error *err);
cdg_status xap_dump_terms(const backend *b, const char *prefix, size_t len, buf *out, xap_flush_fn *flush, void *ctx,
			  cdg_error *err);
/* The planned query: terms, frequencies, weights. */
cdg_status xap_explain(const backend *b, const search_request *rq, buf *out, cdg_error *err);

#endif
