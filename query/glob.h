/* glob.h - patterns over the paths of documents: path:laws/water-?.md, path:/laws/.
 *
 * A pattern means files and folders as one does in .gitignore: what it matches
 * is a file, or a folder with all that is below.
 *
 *   *      any characters but a slash
 *   ?      one character but a slash
 *   **     any characters; as a whole part (between slashes) any number of folders, or none
 *   /x     x at the beginning of the path; without a slash in front the pattern
 *          may begin at any part of it
 *   x/     only a folder of this name, that is, what is below it
 *
 * Everything else stands for itself, letter for letter.  Pure; any thread.
 */
#ifndef QUERY_GLOB_H
#define QUERY_GLOB_H

#include "base/base.h"

/* Does text look like a pattern, so that it is not read as words? */
bool glob_is_pattern(const char *s, size_t n);
/* At most about plen * n steps. */
bool glob_match(const char *pattern, size_t plen, const char *path, size_t n);

#endif
