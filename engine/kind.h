/* kind.h - what a section of a document is: a word of docs/format.md. */
#ifndef ENGINE_KIND_H
#define ENGINE_KIND_H

#include "base/base.h"

/* Kinds of sections.  The numbers are on disk. */
typedef enum tree_kind {
	TREE_SECTION = 0,
	TREE_PAGE = 1,
	TREE_PART = 2,
	TREE_CHAPTER = 3,
	TREE_ARTICLE = 4,
	TREE_PARAGRAPH = 5,
	TREE_HEADING = 6,
	TREE_FOOTNOTE = 7,
	TREE_TABLE = 8,
	TREE_SPEAKER = 9,
	TREE_OTHER = 10,
	TREE_KINDS = 11
} tree_kind;

/* "section", "page", ...; "other" for a number this version does not know. */
const char *tree_kind_name(unsigned kind);
/* The number of a name; TREE_OTHER if it is none of them. */
tree_kind tree_kind_find(const char *name);

#endif
