/* settings.h - what a folder says of the documents below it: the file
 * .cdgindex.conf, docs/formats/folder.md.
 *
 * Settings of a folder begin as those of the folder above, and each line replaces
 * what that one said of the same thing.  They fill in what a document does not say
 * itself.  Unchanging once they are loaded, and counted: any thread may use, keep
 * and drop them.
 */
#ifndef INDEXER_SETTINGS_H
#define INDEXER_SETTINGS_H

#include "base/err.h"
#include "extract/read_build.h"

#define SETTINGS_NAME ".cdgindex.conf"
enum { SETTINGS_FILE_MAX = 1 << 20 };

typedef struct settings settings;

/* path: of the file.  above: NULL, or those of the folder above, which are kept.
 * CDG_E_INPUT, with "line N: " and what to do, and without the path. */
cdg_status settings_load(const char *path, const settings *above, const settings **out, cdg_error *err);
/* The same from text that is there. */
cdg_status settings_parse(const char *path, const char *text, size_t n, const settings *above, const settings **out,
			  cdg_error *err);
/* What the command line says: settings that those of all folders begin as.  A base gives the
 * files below dir (as the walk writes paths) the addresses below url, or, where url is NULL,
 * those that the paths of a mirror of `wget -r` say. */
typedef struct settings_base {
	const char *dir, *url;
} settings_base;
/* map: text of mappings that is right, n 0: none.  *out NULL: they say nothing. */
cdg_status settings_global(doc_str map, const settings_base *bases, size_t n, const settings **out, cdg_error *err);
/* Those for the files below; n 0: none.  Lives as long as s. */
doc_str settings_map(const settings *s);
/* NULL is allowed, and given back. */
const settings *settings_ref(const settings *s);
void settings_unref(const settings *s);
/* Of all that they say; never 0. */
uint64_t settings_hash(const settings *s);

/* The document as the settings make it: *out is doc itself, or made in room (until
 * its next use) of strings of both.  record: path is that of the file it came from.
 * False: no memory. */
bool settings_apply(const settings *s, const char *path, bool record, const document *doc, read_build *room,
		    const document **out);

#endif
