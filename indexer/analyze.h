/* analyze.h - how a document becomes positions: the few numbers that indexer
 * and reference backend must agree on.
 *
 * The text field (DICT_FIELD_TEXT) of a document is its title and its text on
 * one axis: title tokens from position 0, the text from analyze_body_pos().
 * The title field (DICT_FIELD_TITLE) holds the title's tokens again, from 0.
 * A metadata field holds the tokens of its string values, each value
 * ANALYZE_VALUE_GAP positions after the end of the one before.
 *
 * Length of a field in a document: the number of its tokens, JOINED ones not
 * counted.
 */
#ifndef INDEXER_ANALYZE_H
#define INDEXER_ANALYZE_H

#include "base/base.h"

enum { ANALYZE_TITLE_GAP = 16, ANALYZE_VALUE_GAP = 100 };

/* Position of the text's first token after a title that ends at title_end. */
CDG_INLINE uint32_t
analyze_body_pos(uint32_t title_end)
{
	return title_end ? title_end + ANALYZE_TITLE_GAP : 0;
}

#endif
