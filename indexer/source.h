/* source.h - where documents come from, step one: paths and pipes become a
 * sequence of items that workers can read on their own.
 *
 * One thread (the producer) asks source_next; the items it gets belong to the
 * caller and may be read and freed by any thread, in any order, also after the
 * source is gone.  The order of items is deterministic: paths as given, folders
 * in the byte order of names.
 *
 *   RECORDS    a chunk of a record file (JSON lines or CSV), cut at record
 *              boundaries, decompressed and without byte order mark
 *   FILE       a file that is one document, or an archive of some; the worker opens it (reader.h)
 *   UNCHANGED  the caller's hook knew path, size and mtime, or that a record file
 *              only has another path: nothing to read
 *   COPY       a file with the bytes of another that is read already
 *   SKIPPED    a file that is not for us; message says why
 *   FAILED     something could not be read; message says what and why.  Never
 *              the end: the next item goes on with the next file
 *
 * A record file gives one or more RECORDS items of which the last has
 * `last` set (and may be empty), unless a FAILED item with its path ends it.
 */
#ifndef INDEXER_SOURCE_H
#define INDEXER_SOURCE_H

#include "base/base.h"
#include "base/err.h"
#include "indexer/settings.h"

enum {
	SOURCE_CHUNK = 1 << 20,        /* usual size of a chunk */
	SOURCE_RECORD_MAX = INT32_MAX, /* a longer record is a failure */
};

typedef enum source_kind {
	SOURCE_RECORDS,
	SOURCE_FILE,
	SOURCE_UNCHANGED,
	SOURCE_SKIPPED,
	SOURCE_FAILED,
	SOURCE_COPY
} source_kind;

typedef enum source_format {
	SOURCE_AUTO, /* by content, then by name */
	SOURCE_JSONL,
	SOURCE_CSV,
	SOURCE_TEXT,
	SOURCE_MARKDOWN,
	SOURCE_HTML,
	SOURCE_DOCUMENT /* all that only cdg-extract reads, archives too */
} source_format;

/* What the caller may know of a file's bytes. */
typedef enum source_known { SOURCE_KNOWN_NEW, SOURCE_KNOWN_COPY, SOURCE_KNOWN_MOVED } source_known;

/* Of the bytes of a whole file as they are on disk. */
typedef struct source_hash {
	bool known;
	uint64_t xxh3;
} source_hash;

/* A file that is about to be read. */
typedef struct source_file {
	const char *path;
	uint64_t size;
	const char *head; /* its first bytes on disk, all of them if n is size; n 0: not known */
	size_t n;
	int64_t mtime_ns;
	uint64_t settings; /* hash of those of its folder; 0: none */
	bool doubtful;     /* some of these cannot be read */
	bool records;
} source_file;

typedef struct source_options {
	/* Shell patterns, tried on the path below the folder that was added
	 * and on the base name, and as those of a .cdgignore there.  A file inside a folder is taken if it matches
	 * an include (or there is none) and no exclude; a folder that matches
	 * an exclude is not entered.  Paths that were added themselves are
	 * always taken. */
	const char *const *include;
	size_t ninclude;
	const char *const *exclude;
	size_t nexclude;
	const settings *settings; /* that those of all folders begin as; NULL: none; borrowed */
	bool hidden;            /* also names that begin with a dot */
	uint64_t max_file_size; /* of FILE items; 0: no limit but SOURCE_RECORD_MAX for text, also the most */
	bool images;            /* are read too */
	source_format format;   /* SOURCE_JSONL, SOURCE_CSV: all files are this */
	size_t chunk_size;      /* 0: SOURCE_CHUNK */
	size_t record_max;      /* 0: SOURCE_RECORD_MAX, also the most */
	/* The folder of this device and inode is not entered (inode 0: none) when it
	 * is met: the index that is being written may lie among the documents. */
	uint64_t own_dev, own_ino;
	/* Asked once a regular file, before it is opened (the hook may read it). */
	bool (*unchanged)(void *ctx, const source_file *file);
	/* Asked once a regular file that would be read (NULL: none is known).
	 * *other is the path it is a copy of, or which it had before (NEW: or NULL), borrowed until
	 * the next call.  *hash may be set. */
	source_known (*known)(void *ctx, const source_file *file, const char **other, source_hash *hash);
	void *hook_ctx;
} source_options;

typedef struct source_item {
	source_kind kind;
	source_format format; /* RECORDS and FILE: never SOURCE_AUTO */
	const char *path;     /* as given, without "./"; "-" is standard input */
	uint64_t size;        /* of the file on disk; 0 for pipes */
	int64_t mtime_ns;     /* since 1970; 0 for pipes */
	const char *message;  /* SKIPPED, FAILED */
	const char *other;    /* COPY: the path of the other; UNCHANGED, FILE: that which it had before, or NULL */
	const settings *settings; /* of its folder; NULL: none */
	bool by_path;         /* RECORDS: those without an id are called by its path, not by its name */
	source_hash *hash;    /* RECORDS: known with `last`; FILE: whoever reads it sets it; COPY; may be NULL */

	/* RECORDS */
	const char *data;
	size_t n;
	uint64_t offset;     /* of data in the (decompressed) file */
	uint64_t first_line; /* number of the line at data, from 1 */
	bool last;
	const char *header; /* CSV: the header record, without line end */
	size_t header_n;
	char separator; /* CSV */
} source_item;

typedef struct source source;

/* The strings and arrays of options must outlive the source. */
source *source_new(const source_options *options, cdg_error *err);
void source_free(source *src);
/* A file or a folder; "-" is standard input.  Copies path. */
cdg_status source_add_path(source *src, const char *path, cdg_error *err);
cdg_status source_add_stdin(source *src, source_format format, cdg_error *err);

/* The next item, NULL at the end.  Fails only when memory is out. */
cdg_status source_next(source *src, source_item **item, cdg_error *err);
void source_item_free(source_item *item);

/* The i'th path that was added, NULL after the last; borrowed. */
const char *source_root_path(const source *src, size_t i);

/* Bytes read from disk so far (compressed ones where files are) and in all;
 * *total is 0 while unknown (pipes; a tree too large to look through first; the first
 * second, since most runs over what is known are no longer).  The producer's thread only. */
void source_progress(source *src, uint64_t *done, uint64_t *total);

#endif
