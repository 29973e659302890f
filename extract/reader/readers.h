/* readers.h - the readers of cdg-extract, one a format (extract/reader/).  Each
 * documents what it makes of its format at the head of its file. */
#ifndef EXTRACT_READER_READERS_H
#define EXTRACT_READER_READERS_H

#include "extract/job.h"

extern extract_reader extract_text; /* plain text, Markdown and HTML of any encoding */

#endif
