/* ignore.h - which files of a folder are not wanted: patterns as in .gitignore.
 *
 * A pattern with a slash that is not its last character is for the path from the
 * folder of its file on, one without for a name in any folder below; a last slash
 * makes it one for folders only; "!" takes back.  "*" and "?" and "[...]" match no
 * slash, "**" between slashes any number of folders.  "?" is one character of UTF-8.
 * The last pattern that matches decides.  Matching takes time in proportion to
 * pattern times path, whatever they are.
 *
 * Rules do not change once they are read: any number of threads may match.
 */
#ifndef INDEXER_IGNORE_H
#define INDEXER_IGNORE_H

#include "base/err.h"

#define IGNORE_NAME ".cdgignore"
enum { IGNORE_FILE_MAX = 1 << 20 };

typedef struct ignore_rules ignore_rules;
typedef enum ignore_verdict { IGNORE_UNDECIDED, IGNORE_OUT, IGNORE_IN } ignore_verdict;

/* The rules of a file.  CDG_E_IO, CDG_E_LIMIT: it cannot be read, or is too long. */
cdg_status ignore_load(const char *path, ignore_rules **out, cdg_error *err);
/* NULL: no memory.  text is copied. */
ignore_rules *ignore_parse(const char *text, size_t n);
void ignore_free(ignore_rules *r);
/* path: from the folder of the rules on, without a slash at its end. */
ignore_verdict ignore_match(const ignore_rules *r, const char *path, bool folder);

/* One pattern, without "!", as on the command line. */
bool ignore_pattern_matches(const char *pattern, const char *path, bool folder);

#endif
