/* site.h - the indexes that are served, each by its last commit.
 *
 * A thread looks at each index four times a second and opens what has been committed since.
 * Requests hold the snapshot they began with: none waits, none is dropped.  An index that
 * cannot be opened (again) keeps its last good snapshot if there is one; its error is told
 * by /healthz, and by requests only where there is nothing to answer from.
 */
#ifndef DAEMON_SITE_H
#define DAEMON_SITE_H

#include "base/base.h"
#include "daemon/settings.h"
#include "daemon/view_cache.h"

typedef struct site site;
typedef struct site_index site_index;

/* Opens the indexes of the settings.  One that cannot be opened is no error here, but none
 * at all is.  The settings must outlive it. */
cdg_status site_open(const settings *set, site **out, cdg_error *err);
/* Starts, ends the thread that looks for commits. */
cdg_status site_watch(site *s, cdg_error *err);
void site_close(site *s);

/* name NULL: the default one.  NULL: there is no such index. */
site_index *site_find(site *s, const char *name);
/* What is kept of long documents; NULL: nothing is. */
view_cache *site_views(const site *s);
size_t site_count(const site *s);
site_index *site_at(site *s, size_t i);
const char *site_name(const site_index *x);
const char *site_path(const site_index *x);

/* A snapshot to search in, until site_give; NULL with err.  Any thread. */
const cdg_index *site_take(site_index *x, cdg_error *err);
void site_give(site_index *x, const cdg_index *index);
/* Whether all of a snapshot that is held could be read up to now. */
bool site_sound(site_index *x, const cdg_index *index);
/* A number for what a held snapshot has: another one for another commit, for an index made anew
 * that counts from one again, and after a read that failed. */
uint64_t site_commit(site_index *x, const cdg_index *index);
/* One writes at a time. */
void site_write_lock(site_index *x);
void site_write_unlock(site_index *x);
/* Opens what is there now, without waiting for the thread: after a write. */
void site_look(site_index *x);
/* The error of the last look, CDG_OK if it went well. */
cdg_status site_error(site_index *x, cdg_error *err);
/* Snapshots opened so far. */
uint64_t site_opened(site_index *x);

#endif
