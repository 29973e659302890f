/* kind.c - see kind.h. */
#include "engine/kind.h"

#include <string.h>

static const char *const kind_names[TREE_KINDS] = {
	"section", "page", "part", "chapter", "article", "paragraph",
	"heading", "footnote", "table", "speaker", "other",
};

const char *
tree_kind_name(unsigned kind)
{
	return kind_names[kind < TREE_KINDS ? kind : TREE_OTHER];
}

tree_kind
tree_kind_find(const char *name)
{
	for (unsigned i = 0; name && i < TREE_KINDS; i++)
		if (strcmp(name, kind_names[i]) == 0)
			return (tree_kind)i;
	return TREE_OTHER;
}
