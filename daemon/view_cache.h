/* view_cache.h - long documents as they were last looked at: where a query matches in one of
 * 30 MB takes a second to find, and the reader who turns its pages asks again and again.
 *
 * An entry is a view without its text (cdgsearch.h), which does not change; entries are
 * counted.  What has not been used for longest goes when there are too many.
 */
#ifndef DAEMON_VIEW_CACHE_H
#define DAEMON_VIEW_CACHE_H

#include "daemon/web.h"

typedef struct view_cache view_cache;
typedef struct kept_view kept_view;

typedef struct view_key {
	uint64_t half[2];
} view_key;

enum { VIEW_CACHE_FROM = 300000 }; /* characters of a document that is worth it */

/* NULL without memory: then nothing is kept. */
view_cache *view_cache_new(void);
void view_cache_free(view_cache *x);

/* What a view depends on: the snapshot, the document, the query and how it is read.  False: no
 * memory. */
bool view_cache_key(const web_call *c, view_key *key);
/* The view of a key, until view_cache_give; NULL: it is not there.  x may be NULL. */
kept_view *view_cache_take(view_cache *x, view_key key);
/* Keeps a view, which is the cache's from now on, and gives it to the caller as view_cache_take
 * does.  NULL without memory, or x NULL: the view is still the caller's. */
kept_view *view_cache_put(view_cache *x, view_key key, cdg_view *v);
void view_cache_give(view_cache *x, kept_view *k);
const cdg_view *view_cache_view(const kept_view *k);

#endif
