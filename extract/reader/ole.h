/* ole.h - compound files (OLE2, "structured storage"): a small file system in a file, which
 * office formats of before 2007 are kept in.
 *
 * Our own, since the library there is (libgsf) opens a file whole or not at all, goes down
 * the tree of its names by recursion, one call a name, and ends the program where memory
 * does.  Here every chain is followed no further than the file has sectors, and what is cut
 * off or damaged is read as far as it goes, with `damaged` set.  One thread. */
#ifndef EXTRACT_READER_OLE_H
#define EXTRACT_READER_OLE_H

#include "base/buf.h"
#include "extract/job.h"

enum { OLE_ROOT = 0, OLE_NONE = -1, OLE_ENTRIES = 1 << 18 };

typedef enum ole_type { OLE_FREE = 0, OLE_STORAGE = 1, OLE_STREAM = 2, OLE_TOP = 5 } ole_type;

typedef struct ole_entry {
	char name[33]; /* its ASCII, control characters too; anything else is '?' */
	uint8_t type;  /* ole_type */
	bool seen;     /* hangs in the tree */
	int32_t parent, first, next; /* first: in it; next: beside it; OLE_NONE */
	uint32_t left, right, child, start;
	uint64_t size;
} ole_entry;

typedef struct ole {
	extract_job *job;
	const extract_input *in;
	const uint8_t *data;
	size_t n;
	unsigned shift, mini_shift; /* sizes of sectors */
	uint32_t cutoff;	    /* smaller streams stand in small sectors */
	uint32_t sectors;
	uint32_t *fat, *mini_fat;
	size_t nmini;
	buf mini; /* all small sectors */
	ole_entry *entries;
	size_t nentries, entries_cap;
	bool damaged;
} ole;

/* False: in->data is no compound file, or nothing in it can be found (*why; static).  *st: memory
 * or a limit.  ole_close in any case. */
bool ole_open(ole *o, extract_job *job, const extract_input *in, const char **why, cdg_status *st, cdg_error *err);
void ole_close(ole *o);
/* What stands in a storage, in the order of the file: the first, and the one behind an entry; OLE_NONE. */
long ole_first(const ole *o, long storage);
long ole_next(const ole *o, long entry);
/* A stream or storage in a storage by its name (ASCII, in any case); OLE_NONE. */
long ole_find(const ole *o, long storage, const char *name);
/* All of a stream into *out (emptied), as far as it can be read; none for OLE_NONE.  What
 * is read counts as unpacked. */
cdg_status ole_read(ole *o, long stream, buf *out, cdg_error *err);

/* The summaries of a document (title, author, dates, ...) into b. */
cdg_status ole_meta(ole *o, long storage, read_build *b, cdg_error *err);

#endif
