/* each.h - all documents of an index, native or not, as a reader would give them:
 * for dumping, and for indexing them elsewhere. */
#ifndef BACKEND_EACH_H
#define BACKEND_EACH_H

#include "backend/api.h"
#include "extract/document.h"

typedef cdg_status each_fn(void *ctx, const document *doc, cdg_error *err);

/* Live documents in order of their numbers, whole; they live until fn returns.  Any
 * status but CDG_OK of fn ends it. */
cdg_status each_document(const cdg_index *index, each_fn *fn, void *ctx, cdg_error *err);

#endif
