/* reference.h - the slow backend that defines what a search means: documents in
 * plain arrays, every query evaluated by looking at every token of every
 * document.  The oracle of the tests; no program uses it.
 *
 *   reference.c         documents in, documents out; the vtable
 *   reference_plan.c    a tree against the index: fields, classes of terms, weights
 *   reference_spans.c   the places in a document where a leaf matches
 *   reference_field.c   values of metadata: equality, ranges, order, text
 *   reference_search.c  documents: matching, scores, fall-back
 *   reference_order.c   order, facets, the page
 *
 * Threads: ref_add, ref_kill, ref_compact and ref_reorder need the index for themselves;
 * between them any number of threads may search.
 */
#ifndef BACKEND_REFERENCE_H
#define BACKEND_REFERENCE_H

#include "backend/backend.h"
#include "extract/document.h"
#include "text/text.h"

typedef struct ref_index ref_index;

ref_index *ref_new(cdg_error *err); /* NULL: out of memory */
/* NULL allowed.  The same as close of its backend: call one of the two. */
void ref_free(ref_index *ref);

/* The next document, number = how many were added before (and not compacted
 * away).  Copies everything.  lang: the language it counts as; text_detect is
 * the caller's business.  After a failure the index has the documents it had. */
cdg_status ref_add(ref_index *ref, const document *doc, text_lang lang, cdg_error *err);

/* Deleted but not merged yet: in all statistics, in no result. */
void ref_kill(ref_index *ref, uint64_t doc);
/* As after a merge of everything: deleted documents are gone, those behind them
 * have smaller numbers.  Names of fields stay. */
void ref_compact(ref_index *ref);
/* As after a merge that chose another order: document i is the one that was order[i].
 * Nothing may be deleted.  False: out of memory. */
bool ref_reorder(ref_index *ref, const uint32_t *order);

/* Number of documents, deleted ones included. */
uint64_t ref_ndocs(const ref_index *ref);
/* The name of a field number in stored metadata, NULL if there is none. */
const char *ref_field_name(const ref_index *ref, uint16_t field);

/* The index as a backend: borrowed, the same each time. */
backend *ref_backend(ref_index *ref);

#endif
