/* read_date.h - dates as documents write them.  Pure; any thread. */
#ifndef EXTRACT_READ_DATE_H
#define EXTRACT_READ_DATE_H

#include "extract/document.h"

/* What date_parse takes; 20130105 and 20130105T08...; and with an English month:
 * "5 Jan 2013", "January 5, 2013", "Sat, 05 Jan 2013 12:00:00 +0100".  The time of day
 * is not read.  False if it is none of these. */
bool read_date(const char *s, size_t n, doc_date *out);

#endif
