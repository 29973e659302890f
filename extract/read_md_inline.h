/* read_md_inline.h - markup inside a line of Markdown. */
#ifndef EXTRACT_READ_MD_INLINE_H
#define EXTRACT_READ_MD_INLINE_H

#include "extract/read_build.h"

/* Append the readable text of s to out.  table: a bar separates cells, written
 * as a tab. */
void read_md_inline(buf *out, doc_str s, bool table);

#endif
