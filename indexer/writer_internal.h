/* writer_internal.h - the writer's insides, for writer.c, pipeline.c, commit.c
 * and prune.c. */
#ifndef INDEXER_WRITER_INTERNAL_H
#define INDEXER_WRITER_INTERNAL_H

#include "indexer/build.h"
#include "indexer/known.h"
#include "indexer/sources_db.h"
#include "indexer/worker.h"
#include "indexer/writer.h"

/* A segment of the next manifest: committed before, or flushed since. */
typedef struct writer_segment {
	segment *seg;         /* opened; its `live` is our own copy once it was changed */
	bool live_changed;    /* since the last commit */
	bool fresh;           /* flushed since writer_commit */
	uint64_t *seen;       /* bit by document: was in the input of this run */
} writer_segment;

struct writer {
	char *dir;
	int lock;             /* -1: none (dry run) */
	writer_options options;
	unsigned threads;
	uint64_t memory;
	manifest committed;   /* as on disk */
	manifest next;        /* its fields; segs are in `segs` */
	writer_segment *segs;
	size_t nsegs, segs_cap;
	segment **old;        /* the same, as workers want it */
	size_t old_cap;
	sources_db sources;
	known_files known;    /* of the sources, by their bytes */
	worker_shared shared;
	worker *workers;
	size_t nworkers;
	uint64_t items;       /* number of the next item */
	uint64_t run_bytes;   /* of single documents since the memory was looked at */
	uint64_t rss, rss_held; /* of the process, with so much held, when the kernel was asked */
	unsigned rss_used;    /* times since then */
	bool changed;         /* something is to be committed */
	bool order_due;       /* options.reorder is to be done: there are new documents, or nothing was
	                       * asked for but that */
	bool broken;          /* an error came: only close */
	uint64_t last_commit_ns;
	writer_stats stats;   /* without those of the workers */
	writer_stats shown;
	writer_progress_fn *progress;
	void *progress_ctx;
	uint64_t done, total;
};

/* writer.c */
cdg_status writer_open_workers(writer *w, cdg_error *err);
uint64_t writer_rss(void);
/* Is it time to write a segment? */
bool writer_memory_full(writer *w);
/* Let the kernel take back the pages of the open segments that are mapped now. */
void writer_forget_segments(const writer *w);
void writer_report(writer *w, const char *phase);

/* commit.c */
/* Everything the workers hold becomes a segment. */
cdg_status writer_flush(writer *w, cdg_error *err);
/* Flush, and make it the committed state, without merging all. */
cdg_status writer_commit_now(writer *w, cdg_error *err);
cdg_status writer_load_segments(writer *w, cdg_error *err);
void writer_drop_segments(writer *w);
/* known.c: mark, by id, the sources that have another path now.  True: there are any. */
bool known_moved(writer *w, uint8_t *moved);
/* known.c: a record file is about to be read: what its records without an id are called by. */
void known_name(writer *w, sources_entry *e);
/* Have both paths the same last part? */
bool known_same_name(const char *a, const char *b);
/* prune.c: the documents of files that have another path now, or are copies. */
cdg_status writer_drop_moved(writer *w, cdg_error *err);
/* Delete one document of segment i. */
cdg_status writer_clear(writer *w, size_t i, uint32_t doc, bool *was_live, cdg_error *err);

#endif
