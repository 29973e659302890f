/* manifest.h - the one file that says what an index is: MANIFEST, a few lines
 * of text that are replaced atomically at each commit.
 *
 *   cdgsearch-index 1
 *   features NAME NAME ...            names a reader must know, all of them
 *   generation N
 *   field ID NAME                     metadata fields, ids from 2 up
 *   sources N                         file sources-N holds what was indexed (0: none)
 *   segment NAME docs N live N livegen N text-tokens N title-tokens N langs HEX store 0|1 bytes N [pairs 1]
 *   checksum HEX                      xxh3-64 of all bytes before this line
 *
 * Segments are in order of their documents.  NAME of a segment is its id in 32
 * hex digits; its files are NAME.dict .post .pos .docs .text .tree .cols, with pairs
 * NAME.pairs and NAME.pairpost, and NAME.live-N when documents were deleted
 * (livegen N, 0 = none were).
 *
 * Commit: all new files are written and synced, then MANIFEST is replaced
 * (file_replace), then files that no manifest names are removed.  A crash
 * leaves the old manifest, whose files are all there, or the new one.
 */
#ifndef ENGINE_MANIFEST_H
#define ENGINE_MANIFEST_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/pfile.h"

#define MANIFEST_NAME "MANIFEST"
#define MANIFEST_LOCK "LOCK"
enum { MANIFEST_FIELDS_MAX = 4096, MANIFEST_SEGMENTS_MAX = 100000 };

typedef struct manifest_segment {
	segment_id id;
	uint32_t docs, live;     /* documents written; not deleted */
	uint64_t livegen;        /* 0: no deletes */
	uint64_t tokens[2];      /* sum of lengths: text (title included), title */
	uint64_t langs;          /* bit L: has documents of language L */
	bool store;              /* has stored text */
	bool pairs;              /* has lists of pairs of frequent words */
	uint64_t bytes;          /* of all files but .live, for merge policy and stat */
} manifest_segment;

typedef struct manifest {
	uint64_t generation;
	uint64_t sources;
	uint32_t features;       /* as read: bit i for manifest_features[i]; all are written, the last only
	                          * if a segment has pairs */
	char **fields;           /* fields[i] is field id i + 2 */
	size_t nfields, fields_cap;
	manifest_segment *segs;
	size_t nsegs, segs_cap;
} manifest;

/* Names of format features this program knows; a manifest that asks for another
 * is refused by name. */
enum { MANIFEST_FEATURES = 6 };
extern const char *const manifest_features[MANIFEST_FEATURES];

void manifest_init(manifest *m);
void manifest_fini(manifest *m);
cdg_status manifest_copy(manifest *to, const manifest *from, cdg_error *err);
/* CDG_E_NOTFOUND (no index there), _VERSION, _CORRUPT. */
cdg_status manifest_load(manifest *m, const char *dir, cdg_error *err);
/* Write and make it the current one. The caller raised m->generation. */
cdg_status manifest_commit(const manifest *m, const char *dir, cdg_error *err);
/* Id of a metadata field, or 0 if unknown. */
unsigned manifest_field(const manifest *m, const char *name, size_t len);
/* Id, adding it if needed; 0 when there are too many (or no memory: failed). */
unsigned manifest_add_field(manifest *m, const char *name, size_t len);
cdg_status manifest_add_segment(manifest *m, const manifest_segment *s, cdg_error *err);

/* 32 hex digits and NUL. */
void segment_id_hex(const segment_id *id, char out[33]);
/* A new random id. */
cdg_status segment_id_new(segment_id *id, cdg_error *err);
/* DIR/HEX.ext into a new string; NULL: no memory. */
char *segment_path(const char *dir, const segment_id *id, const char *ext);

/* Remove files of the index's kinds that the manifest does not name (left by a
 * crash, or by the segments just replaced).  Only the writer calls it, under
 * the lock.  Errors are not fatal: returns how many could not be removed. */
size_t manifest_collect_garbage(const manifest *m, const char *dir);

#endif
