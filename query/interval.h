/* interval.h - positions: where phrases, NEAR, ADJ and alternatives match inside
 * one document.  The meaning is backend/reference.c's.
 *
 * An interval tree belongs to one seg_eval and is used for rising documents.
 */
#ifndef QUERY_INTERVAL_H
#define QUERY_INTERVAL_H

#include "query/iter.h"

/* Build for a LEAF or INTERVAL plan node.  NULL: no memory.  `approx` may be the
 * iterator over the node's candidates: its cursors are then used here too, for
 * the document it is on only. */
interval *interval_make(seg_eval *se, const plan_node *n, const iter *approx);

/* May matches in doc share occurrences?  (An exact phrase's do not unless a word
 * before the last is written there in a form that covers several positions.) */
bool interval_is_wide(interval *iv, uint32_t doc);

/* The distinct matches in doc, sorted by start, then end; borrowed until the
 * next call.  *n = 0: none, or the time is up (se->late). */
const search_span *interval_spans(interval *iv, uint32_t doc, size_t *n);

/* Only how many there are; if fewer than `need`, 0 will do. */
uint32_t interval_freq(interval *iv, uint32_t doc, uint32_t need);

#endif
