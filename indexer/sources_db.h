/* sources_db.h - what was indexed from where: the sources-N file, so that the
 * next run can skip files that have not changed, and prune what vanished.
 *
 * FILE (pfile, kind "SRCS", segment id all zero): varint next id; varint n, then
 * each source: varint id, varint bytes, path, varint size, zigzag varint mtime
 * in ns, u8 flags (1 complete, 2 records, 4 hashed, 8 copy, 16 settings, 32 called by path), if hashed
 * the u64 XXH3 of the file's bytes, if copy the varint id of the source that has
 * the documents, if settings the u64 hash of those of its folder, varint documents,
 * varint bytes, last failure;
 * varint failures in all; varint n, then each: varint source id, varint line,
 * varint bytes, message.
 * What follows may be missing: varint skipped files that are only counted; varint n,
 * then each: varint bytes, path, varint bytes, reason.
 * Where there are copies, then the table of sources_copies.c.
 *
 * Belongs to the writer; one thread at a time.
 */
#ifndef INDEXER_SOURCES_DB_H
#define INDEXER_SOURCES_DB_H

#include "base/buf.h"
#include "base/err.h"
#include "indexer/skipped.h"

#define SOURCES_KIND PFILE_KIND('S', 'R', 'C', 'S')
enum { SOURCES_FAILURES_MAX = 10000 };

typedef struct sources_entry {
	char *path;
	uint32_t id;           /* never 0, never given twice */
	uint64_t size;
	int64_t mtime_ns;
	bool complete;         /* all of it is in the index, as of size and mtime */
	bool records;          /* a record file */
	bool by_path;          /* whose records without an id are called by its path: another has its name */
	bool hashed;           /* hash is known */
	uint64_t hash;         /* XXH3-64 of the bytes that were read, compressed ones where the file is */
	bool copy;             /* has the bytes of another, whose documents are its own */
	uint32_t of;           /* copy: id of that one */
	uint64_t settings;     /* hash of the settings it was read with; 0: none */
	bool seen;             /* in this run (not on disk) */
	bool read;             /* read to its end in this run (not on disk) */
	bool unreadable;       /* it failed as a whole in this run (not on disk) */
	bool stale;            /* its documents go away at the end of the run (not on disk) */
	bool renumbered;       /* those that this run does not give again do: they had other ids (not on disk) */
	bool claimed;          /* claim is the hash of what is being read in this run (not on disk) */
	uint64_t claim;
	uint64_t docs;         /* documents that it gave when read last */
	char *failure;         /* message of the last failure, NULL: none */
} sources_entry;

typedef struct sources_failure {
	uint32_t source;
	uint64_t line;
	char *message;
} sources_failure;

typedef struct sources_db {
	sources_entry *p;
	size_t n, cap;
	uint32_t *slots;       /* by path: index + 1 */
	size_t nslots;
	uint32_t *by_id;       /* index + 1 of each id */
	size_t by_id_cap;
	uint32_t next_id;
	sources_failure *failures;
	size_t nfailures, failures_cap;
	uint64_t failed_total;
	skipped_list skipped;
	bool changed;
} sources_db;

void sources_db_init(sources_db *db);
void sources_db_fini(sources_db *db);
/* generation 0: empty. */
cdg_status sources_db_load(sources_db *db, const char *dir, uint64_t generation, cdg_error *err);
cdg_status sources_db_save(const sources_db *db, const char *dir, uint64_t generation, bool sync, cdg_error *err);

sources_entry *sources_db_find(sources_db *db, const char *path);
sources_entry *sources_db_by_id(sources_db *db, uint32_t id);
/* The innermost folder above path that could not be read in this run (now), or in
 * an earlier one and has not been met in this; NULL: none. */
sources_entry *sources_db_failed_above(sources_db *db, const char *path, bool now);
/* Is path root, or in the folder root, both as the walk writes them? */
bool sources_path_below(const char *path, const char *root);
/* Another path for the same source, which no other source may have.  False: no memory. */
bool sources_db_rename(sources_db *db, uint32_t id, const char *path);
/* Found or added; NULL: no memory. */
sources_entry *sources_db_get(sources_db *db, const char *path);
/* Remove those whose mark[id] is value. */
void sources_db_sweep(sources_db *db, const uint8_t *mark, uint8_t value);
/* Forget the failures of a source: it is read anew. */
void sources_db_clear_failures(sources_db *db, uint32_t source);
/* Is there a failure of the source whose message has these words? */
bool sources_db_failed_with(const sources_db *db, const sources_entry *e, const char *words);
/* Keeps it if there is room; counts it anyway.  False: no memory. */
bool sources_db_fail(sources_db *db, uint32_t source, uint64_t line, const char *message);

#endif
