/* settings_date.h - dates in the names of files: "%Y-%m-%d_*".
 *
 * %Y is four digits, %m and %d are two, %% is a percent sign; * is anything, ? one
 * character.  A pattern is for the whole name; %m and %d may be missing.
 */
#ifndef INDEXER_SETTINGS_DATE_H
#define INDEXER_SETTINGS_DATE_H

#include "extract/document.h"

/* What is wrong with a pattern, and what to do; NULL: nothing.  Static. */
const char *settings_date_wrong(const char *pattern, size_t n);
/* The date of a name; false: it does not match, or there is no such day. */
bool settings_date_match(const char *pattern, size_t n, const char *name, doc_date *out);

#endif
