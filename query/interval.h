/* interval.h - positions: where phrases, NEAR, ADJ and alternatives match inside
 * one document.  The meaning is backend/reference.c's.
 *
 * An interval tree belongs to one seg_eval and is used for rising documents.
 */
#ifndef QUERY_INTERVAL_H
#define QUERY_INTERVAL_H

#include "query/iter.h"

/* Build for a LEAF or INTERVAL plan node.  NULL: no memory.  `shared` may give
 * the cursor that a single-term leaf already has for its documents. */
interval *interval_make(seg_eval *se, const plan_node *n, post_cursor *shared);

/* The distinct matches in doc, sorted by start, then end; borrowed until the
 * next call.  *n = 0: none. */
const search_span *interval_spans(interval *iv, uint32_t doc, size_t *n);

/* Only how many there are. */
uint32_t interval_freq(interval *iv, uint32_t doc);

#endif
