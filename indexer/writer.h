/* writer.h - the one way to change an index: open, add, commit, close.
 *
 * A writer holds the index's lock from open to close, so there is one at a time
 * in the world.  Nothing is visible to readers before writer_commit; what was
 * not committed is gone after writer_close, and after a crash.  Readers are
 * never blocked.
 *
 * A document replaces the live one with the same id.  When an id comes twice
 * in one run, the last in order of input wins, whatever the number of threads.
 * A record that is exactly as the live document has it is not indexed again.
 *
 * Threads: all calls come from one thread at a time; writer_add_source starts
 * its own threads and has ended them when it returns.  The callbacks come from
 * those, one at a time.
 */
#ifndef INDEXER_WRITER_H
#define INDEXER_WRITER_H

#include <stdatomic.h>

#include "base/err.h"
#include "extract/client.h"
#include "indexer/source.h"
#include "text/text.h"

typedef enum writer_lang {
	WRITER_LANG_AUTO,  /* as the document says, else found out */
	WRITER_LANG_NONE,  /* no stemming, whatever the document says */
	WRITER_LANG_FIXED  /* as the document says, else options.lang */
} writer_lang;

/* Where documents go instead of segments: the writer then only reads sources and
 * keeps its list of them, in its folder.  `worker` tells the threads apart, which
 * call add at the same time; the others come one at a time. */
typedef struct writer_sink {
	/* doc->lang is the code to show.  *what: what became of the document. */
	cdg_status (*add)(void *ctx, unsigned worker, const document *doc, text_lang lang, uint64_t hash,
			  uint64_t order, uint32_t source, int *what, cdg_error *err);
	cdg_status (*delete_id)(void *ctx, const char *id, size_t len, bool *found, cdg_error *err);
	/* Delete the documents of a source, or (unseen) those that this run has not seen. */
	cdg_status (*prune)(void *ctx, uint32_t source, bool unseen, uint64_t *deleted, cdg_error *err);
	/* Make all durable and visible; then the list of sources is written. */
	cdg_status (*commit)(void *ctx, cdg_error *err);
} writer_sink;
enum { WRITER_ADDED, WRITER_REPLACED, WRITER_SAME };

/* Zero is a good default for each. */
typedef struct writer_options {
	unsigned threads;         /* 0: the number of processors */
	uint64_t memory;          /* bytes the process is to stay below; 0: 1 GiB; at least 16 MiB */
	bool no_store;            /* do not keep the text (its metadata is kept) */
	bool no_titles;           /* no field `section` of what sections are called (section_titles.h) */
	writer_lang lang_mode;
	text_lang lang;
	bool force;               /* index again what has not changed */
	bool checksum;            /* do not trust size and time: a file is the same if its bytes are */
	bool retry_failed;        /* read unchanged files again of which something failed */
	bool prune_most;          /* writer_prune also where most files of a root are gone */
	bool keep_copies;         /* files with the same bytes are documents of their own */
	bool optimize;            /* commit merges all into one segment */
	bool reorder;             /* and puts documents with the same terms near one another in it */
	bool pairs;               /* commit makes lists of pairs of frequent words (pairs.h) */
	bool no_merge;            /* commit merges nothing */
	bool no_sync;             /* do not wait for the disk (tests, benchmarks) */
	bool dry_run;             /* read and count only: nothing is locked or written; of documents
				   * with one id each counts, records that are gone not at all */
	unsigned commit_seconds;  /* commit by itself, this long after the last time; 0: 60 */
	extract_client_options documents; /* how files are read by cdg-extract; cancel is this one */
	const atomic_bool *cancel; /* set from anywhere: CDG_E_CANCELLED soon after */
	void (*message)(void *ctx, const char *path, uint64_t line, bool warning, const char *text);
	void *message_ctx;
	/* NULL, or told what becomes of each file: "add", "replace", "unchanged", "renamed" (note: the
	 * path before), "duplicate" (note: of which), "records", "skipped", "failed" (note: why), "delete".
	 * One at a time. */
	void (*file)(void *ctx, const char *what, const char *path, const char *note);
	void *file_ctx;
	const writer_sink *sink;  /* NULL: segments */
	void *sink_ctx;
} writer_options;

typedef struct writer_stats {
	uint64_t documents;       /* added, those that replace others included */
	uint64_t replaced;        /* live documents that went away for one with their id */
	uint64_t duplicates;      /* documents whose id came again later in this run */
	uint64_t unchanged;       /* records that were there already */
	uint64_t unchanged_files; /* files that are as they were when they were read */
	uint64_t failed_before;   /* of these: something of them could not be read then */
	uint64_t copies;          /* files with the bytes of another, which has the documents */
	uint64_t orphans;         /* copies of a file that was pruned: to be read by one more run */
	uint64_t renamed;         /* files that had another path before */
	uint64_t deleted;         /* by writer_delete_id and writer_prune */
	uint64_t files, skipped, failed, warnings;
	bool no_landlock;         /* of the kernel, as a process that reads documents found */
	uint64_t text_bytes, tokens;
	uint64_t invalid_utf8;    /* sequences that were replaced */
	uint64_t flushes, commits, merges;
	uint64_t peak_rss;        /* of the process, bytes */
	double seconds;           /* in writer_add_source, writer_commit */
	double flush_seconds, merge_seconds;
} writer_stats;

typedef struct writer_progress {
	uint64_t done, total;     /* bytes of input; total 0: unknown */
	const writer_stats *stats; /* documents, text_bytes, failed are current */
	const char *phase;        /* "reading", "writing", "reordering", "merging", "pairing"; static */
} writer_progress;
typedef void writer_progress_fn(void *ctx, const writer_progress *p);

typedef struct writer writer;

/* CDG_E_BUSY: another writer has the index.  Makes the folder if needed. */
cdg_status writer_open(const char *dir, const writer_options *options, writer **out, cdg_error *err);
/* What was not committed is removed. */
void writer_close(writer *w);

/* One document, copied.  Without an id: CDG_E_ARG. */
cdg_status writer_add_document(writer *w, const document *doc, cdg_error *err);
/* All items of the source (writer_hook first).  On CDG_E_CANCELLED what was
 * committed on the way stays; a later run skips it. */
cdg_status writer_add_source(writer *w, source *src, writer_progress_fn *progress, void *ctx, cdg_error *err);
/* Put the hooks that know files, and which folder is the index itself, into
 * the options that source_new gets: known
 * by size and time, or, where the time is another one and with options.checksum,
 * by size and a hash of the bytes.  A file with the bytes of another one is not read
 * (options.keep_copies); one whose bytes had another path before, which is gone,
 * takes the place of that one.  The writer must outlive the source. */
void writer_hook(writer *w, source_options *options);

cdg_status writer_delete_id(writer *w, const char *id, size_t len, bool *found, cdg_error *err);
/* After writer_add_source over the same paths, all of which it finished: delete
 * documents of files at or below `roots` that were not there, and of record
 * files that were read again without them.  CDG_E_LIMIT: more than half of the files
 * of a root are gone, and it is more than a few or all; nothing was done, and the
 * writer goes on (options.prune_most).  Where stats.orphans grew, add the same
 * sources once more. */
cdg_status writer_prune(writer *w, const char *const *roots, size_t nroots, cdg_error *err);

/* Make everything since the last commit visible and durable; merge as the
 * policy or options.optimize say.  After an error the writer can only be closed. */
cdg_status writer_commit(writer *w, writer_progress_fn *progress, void *ctx, cdg_error *err);
/* Forget everything since the last commit. */
cdg_status writer_rollback(writer *w, cdg_error *err);

/* Current figures.  Borrowed. */
const writer_stats *writer_get_stats(writer *w);

/* ---- what could not be read (stat --failed), from the committed index -------- */

typedef struct writer_failure {
	const char *path;
	uint64_t line;            /* 0: the file as a whole */
	const char *message;
} writer_failure;
/* Calls fn for each failure kept (10,000 at most); *total counts all. */
cdg_status writer_failures(const char *dir, void (*fn)(void *ctx, const writer_failure *f), void *ctx,
			   uint64_t *total, cdg_error *err);

#endif
