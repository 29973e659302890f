/* wire.h - what the indexer and a worker (cdg-extract --worker) say to each other.
 *
 * A socket between the two carries messages: a head of 8 bytes (length of what follows
 * and kind, 32 bits each, little-endian), then the payload.  The worker says READY once,
 * when its sandbox is closed (or REFUSED, and why; in READY a byte of version, and one that
 * is 1 where the kernel has no Landlock), and then answers each JOB:
 *
 *   JOB       to the worker, with the descriptor of the file: what to read, and how
 *   MEMBER    a file in the file comes next; nothing of it has been read yet
 *   DOCUMENT  one document
 *   SCAN      one document whose pages are pictures, and the bytes if it is a member
 *   RECORDS   a member that is a record file
 *   PROBLEM   what was not read, and why
 *   END       nothing more comes of this job
 *
 * The worker has read a hostile file, so the indexer believes nothing of what it says:
 * the functions wire_get_* take any bytes.  Numbers are varints unless said otherwise;
 * a string is its length and its bytes.  Both sides are of one version, always: the
 * version is part of READY.
 */
#ifndef EXTRACT_WIRE_H
#define EXTRACT_WIRE_H

#include "base/err.h"
#include "extract/job.h"

enum {
	WIRE_VERSION = 4,
	WIRE_HEAD = 8,
	WIRE_MAX = 1 << 30,      /* bytes of payload, whatever is configured (wire_most) */
	WIRE_BESIDE = 16 << 20,  /* of what is no text, and no member */
	WIRE_ARRAY = 256 << 20,  /* bytes of the fields of a document, and of its sections, as they are in memory */
	WIRE_JOB_MAX = 384 << 10, /* of a JOB */
	WIRE_BAD_MAX = 64,       /* members that a job leaves out */
	/* exit status of a worker */
	WIRE_EXIT_MEMORY = 77,   /* an allocation failed, and a library gave up */
};

typedef enum wire_kind {
	WIRE_JOB = 1,
	WIRE_READY,
	WIRE_REFUSED,
	WIRE_MEMBER,
	WIRE_DOCUMENT,
	WIRE_RECORDS,
	WIRE_PROBLEM,
	WIRE_END,
	WIRE_SCAN
} wire_kind;

typedef struct wire_job {
	doc_str name; /* valid UTF-8; what the file is called, only for its ids and its format */
	uint64_t size;
	extract_limits limits;
	bool scans;                 /* see extract_job */
	bool new_map;               /* mappings for XML (n 0: none), for this job and those that follow */
	doc_str map;
	uint64_t skip;              /* see extract_job */
	uint64_t bad[WIRE_BAD_MAX]; /* members that are not to be read, ascending */
	unsigned nbad;
} wire_job;

typedef struct wire_records {
	doc_str name;
	extract_format format; /* EXTRACT_CSV or EXTRACT_JSONL */
	doc_str data;          /* any bytes */
} wire_records;

typedef struct wire_scan {
	doc_str suffix; /* of a name: a dot and small letters */
	doc_str data;   /* any bytes; n 0: the file itself */
} wire_scan;

typedef struct wire_problem {
	doc_str name, why;
	bool skipped;
} wire_problem;

typedef struct wire_end {
	bool hashed, retire; /* retire: take a fresh worker for the next job */
	uint64_t hash;       /* XXH3-64 of the file */
	doc_str failure;     /* why the job ended before its time; n 0: it did not */
	bool no_memory;
} wire_end;

/* Bytes of payload that a message may have at most, in the answer to a job of these limits on
 * a file of this size: a file gives no more than a member of it may have, or than comes out
 * of an honest one (extract_charge). */
uint64_t wire_most(wire_kind kind, const extract_limits *limits, uint64_t size);
/* Has the document not too many fields and sections to be put? */
bool wire_may_put(const document *doc);

/* A message: begin, put, end.  As buf does, they note that memory was out. */
size_t wire_begin(buf *out, wire_kind kind);
void wire_finish(buf *out, size_t begun);

void wire_put_string(buf *out, doc_str s);
void wire_put_job(buf *out, const wire_job *job);
void wire_put_member(buf *out, uint64_t number, doc_str name);
void wire_put_document(buf *out, const document *doc, const char *warning);
void wire_put_scan(buf *out, const extract_scan *scan, const document *doc, const char *warning);
void wire_put_records(buf *out, const wire_records *r);
void wire_put_problem(buf *out, const wire_problem *p);
void wire_put_end(buf *out, const wire_end *e);

/* The payload [p, p + n) as what it should be; false: it is not that.  Strings point into
 * the payload, and are valid UTF-8 where noted. */
bool wire_get_string(rd *r, doc_str *s);
bool wire_get_job(const void *p, size_t n, wire_job *job); /* name too */
bool wire_get_member(const void *p, size_t n, uint64_t *number, doc_str *name); /* name */
bool wire_get_records(const void *p, size_t n, wire_records *r); /* name too */
bool wire_get_problem(const void *p, size_t n, wire_problem *out); /* all */
bool wire_get_end(const void *p, size_t n, wire_end *e); /* failure too */
/* Into b, which is reset: strings of the document are borrowed from the payload and
 * valid UTF-8, sections are in order and inside of the text.  False with b->failed:
 * memory is out. */
bool wire_get_document(const void *p, size_t n, read_build *b);
bool wire_get_scan(const void *p, size_t n, wire_scan *scan, read_build *b);

#endif
