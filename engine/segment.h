/* segment.h - one immutable segment opened for reading, and the snapshot: all
 * segments of one manifest under one reference count.
 *
 * A snapshot never changes; readers share it freely between threads.  Its files
 * stay readable after a writer has unlinked them, because they are mapped.
 */
#ifndef ENGINE_SEGMENT_H
#define ENGINE_SEGMENT_H

#include "engine/column.h"
#include "engine/dict.h"
#include "engine/doctab.h"
#include "engine/live.h"
#include "engine/manifest.h"
#include "engine/postings.h"
#include "engine/store.h"
#include "engine/tree.h"

typedef struct segment {
	manifest_segment info;
	dict dict;
	pfile post, pos;
	doctab docs;
	store store;
	tree tree;
	columns cols;
	dict pairs;               /* with info.pairs */
	pfile pairpost;
	live live;                /* of info.livegen */
	bool has_deletes;
	const uint8_t *norms[2];  /* text, title: ndocs bytes, verified */
	uint32_t base;            /* number of the first document in the snapshot */
} segment;

/* Who keeps what: see snapshot_keep. */
enum {
	SNAPSHOT_KEPT_PLAN,                              /* query/plan.c */
	SNAPSHOT_KEPT_LETTER,                            /* query/suggest_word.c: by field and letter */
	SNAPSHOT_KEPT = SNAPSHOT_KEPT_LETTER + 2 * 128
};

typedef struct snapshot {
	_Atomic uint32_t refs;
	char *dir;
	manifest manifest;
	segment *segs;
	size_t nsegs;
	uint64_t ndocs;           /* deleted ones included: N of BM25 */
	uint64_t nlive;
	uint64_t tokens[2];
	uint64_t langs;
	_Atomic(void *) kept[SNAPSHOT_KEPT]; /* see snapshot_keep */
} snapshot;

/* Open one segment's files in dir. */
cdg_status segment_open(segment *s, const char *dir, const manifest_segment *info, cdg_error *err);
/* Its lists of pairs, which were made after it was opened; info.pairs is set. */
cdg_status segment_open_pairs(segment *s, const char *dir, cdg_error *err);
void segment_close(segment *s);

/* The current state of an index folder. */
cdg_status snapshot_open(const char *dir, snapshot **out, cdg_error *err);
snapshot *snapshot_ref(snapshot *s);
void snapshot_unref(snapshot *s);

/* The first damage any of a snapshot's files has met so far; CDG_OK if none. */
cdg_status snapshot_error(const snapshot *s, cdg_error *err);
cdg_status segment_error(const segment *s, cdg_error *err);
/* How often memory was out while reading from it, ever: a reader whose count has
 * risen between begin and end has an answer that may lack something. */
uint64_t snapshot_nomem(const snapshot *s);

/* Pieces of memory that whoever searches the snapshot keeps with it, for a
 * search to find what an earlier one worked out.  Set once, never changed, and
 * freed (mem_free) with the snapshot.  NULL: none yet. */
void *snapshot_kept(const snapshot *s, unsigned slot);
/* Give p to the snapshot; returns p, or what another thread was first to give
 * (then p is freed). */
void *snapshot_keep(const snapshot *s, unsigned slot, void *p);

/* Document number -> segment and number in it. */
const segment *snapshot_find(const snapshot *s, uint64_t doc, uint32_t *local);
/* Live document by id: its number in the snapshot, or UINT64_MAX. */
uint64_t snapshot_by_id(const snapshot *s, const char *id, size_t len);

/* Number of positions of a document's title (0 if unknown). */
uint32_t segment_title_end(const segment *s, uint32_t doc);
/* Documents deleted or not, by id: the document in this segment, or UINT32_MAX. */
uint32_t segment_by_id(const segment *s, const char *id, size_t len);
/* The list of documents in which b stands directly behind a: two terms of the text that
 * more than one document in SEGMENT_PAIR_SHARE has.  False: there is none (which does not
 * say that no document has them so), or damage. */
enum { SEGMENT_PAIR_SHARE = 8 };
bool segment_pair(const segment *s, const dict_entry *a, const dict_entry *b, dict_entry *e);
/* Open a cursor on an entry's list. */
void segment_cursor(const segment *s, const dict_entry *list, post_cursor *c);

CDG_INLINE bool
segment_is_live(const segment *s, uint32_t doc)
{
	return !s->has_deletes || live_test(&s->live, doc);
}

#endif
