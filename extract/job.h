/* job.h - reading one file: what a reader is given, and where its documents go.
 *
 * A reader is a function `read_FORMAT(job, in, err)`.  It makes documents
 * (extract_begin ... extract_give), hands files inside a file to extract_member, and
 * says of what it cannot read why (extract_problem).  It returns CDG_OK also then:
 * anything else means that the whole job must end (memory is out, the sink said so, a
 * limit of the job was passed: CDG_E_LIMIT).  Readers never print, open files, start
 * processes or keep anything between two calls; the bytes they are given may be
 * anything at all.
 *
 * Strings that go out are valid UTF-8; extract_give checks, and replaces what is not.
 * One job a thread.
 */
#ifndef EXTRACT_JOB_H
#define EXTRACT_JOB_H

#include "base/err.h"
#include "extract/format.h"
#include "extract/read_build.h"

/* How a problem (skipped) of a document that is given all the same begins: a part of it was not read. */
#define EXTRACT_PARTLY "indexed without "

enum {
	EXTRACT_DEPTH = 8,	/* files in files in files ... */
	EXTRACT_RATIO = 250,	/* more than this times its size comes out of no honest file */
	EXTRACT_SMALL = 64 << 20 /* and so much is let through at any ratio */
};

/* A metadata value that the container knows. */
typedef struct extract_field {
	const char *name, *value;
} extract_field;

typedef struct extract_input {
	const char *name; /* valid UTF-8: path of the file, and of the member behind a '/' */
	const char *data;
	size_t n;
	unsigned depth;           /* 0: the file itself */
	const char *charset;      /* that the container declares; NULL: none */
	const char *content_type; /* the same (MIME, without parameters); NULL: none */
	const char *url;          /* where it came from (WARC, Content-Location); NULL: unknown */
	const extract_field *fields; /* given to the document if it has none of the name */
	size_t nfields;
} extract_input;

/* What stands in pictures of pages, and is for a program outside to read. */
typedef struct extract_scan {
	const char *suffix; /* ".pdf", ".png", ... */
	const char *data;   /* of the member; NULL: it is the file itself */
	size_t n;
} extract_scan;

typedef struct extract_sink {
	void *ctx;
	/* A document; all of it is borrowed. warning: "" if there is none. */
	cdg_status (*document)(void *ctx, const document *doc, const char *warning, cdg_error *err);
	/* Bytes of a member that is a record file (CSV, JSONL). */
	cdg_status (*records)(void *ctx, const char *name, extract_format format, const char *data, size_t n,
			      cdg_error *err);
	/* What was not read. skipped: not for us (an image), else it should have been. */
	cdg_status (*problem)(void *ctx, const char *name, bool skipped, const char *why, cdg_error *err);
	/* A document but for the text of pages that are pictures, which are empty sections where it has
	 * other text; only asked for by job.scans. */
	cdg_status (*scan)(void *ctx, const document *doc, const char *warning, const extract_scan *scan, cdg_error *err);
	/* A file in the file comes next, and nothing of it has been looked at yet; may be NULL. */
	cdg_status (*member)(void *ctx, const char *name, cdg_error *err);
} extract_sink;

typedef struct extract_limits {
	uint64_t unpacked;  /* bytes that may come out of archives and compressed parts, in all */
	uint64_t member;    /* bytes of one member, which is held in memory */
	uint64_t text;      /* bytes of text in one document; the rest is left out with a warning */
	uint64_t documents; /* of one file */
} extract_limits;

extern const extract_limits extract_limits_default; /* 4 GiB, 512 MiB, 256 MiB, 1,000,000 */

struct extract_xml_map; /* extract/xml_map.h */

typedef struct extract_job {
	extract_sink sink;
	extract_limits limits;
	uint64_t unpacked, documents; /* used so far */
	uint64_t size;                /* of the file itself; 0: not known */
	uint64_t skip;                /* documents, records and problems already had: not given again */
	uint64_t members;             /* met so far, those in members too */
	bool scans;                   /* what has pictures of pages goes to sink.scan */
	const uint64_t *bad;          /* numbers of members that are not to be read, ascending */
	size_t nbad;
	const struct extract_xml_map *xml_map; /* the user's own, before those built in; NULL: none; borrowed */
	read_build builds[EXTRACT_DEPTH + 1];
} extract_job;

typedef cdg_status extract_reader(extract_job *job, const extract_input *in, cdg_error *err);

void extract_job_init(extract_job *job, const extract_sink *sink);
void extract_job_fini(extract_job *job);
/* Forget the file before; limits stay. */
void extract_job_reset(extract_job *job);

/* Does the next document, record file or problem count?  Counts it. */
bool extract_wanted(extract_job *job);

/* All of a file or member: tells what it is and reads it. */
extract_reader extract_read;

/* An empty document (of this depth), with in->name as its id. */
read_build *extract_begin(extract_job *job, const extract_input *in);
/* The document is complete: to the sink.  `format` and `path` become fields unless
 * there are some; the url is in->url unless there is one; text over the limit is cut. */
cdg_status extract_give(extract_job *job, const extract_input *in, const char *format, cdg_error *err);
/* The same of one whose pages, or some of them, are pictures. */
cdg_status extract_give_scan(extract_job *job, const extract_input *in, const char *format, const char *suffix,
			     cdg_error *err);
/* The name of a member (any bytes) behind that of `in`: into *path, as valid UTF-8. */
cdg_status extract_member_name(const extract_input *in, const char *name, buf *path, cdg_error *err);
/* A file inside of `in`, by its name there (any bytes).  inner gives data, n, and what is known of
 * it; its name and depth are set here. */
cdg_status extract_member(extract_job *job, const extract_input *in, const char *name, const extract_input *inner,
			  cdg_error *err);
/* The same of one that `read` makes, since it does not stand in bytes of its own. */
typedef cdg_status extract_inside(void *ctx, const extract_input *member, cdg_error *err);
cdg_status extract_member_by(extract_job *job, const extract_input *in, const char *name, const extract_input *inner,
			     extract_inside *read, void *ctx, cdg_error *err);
/* `in` as a whole, or what is named by the text, could not be read. */
cdg_status extract_problem(extract_job *job, const extract_input *in, bool skipped, cdg_error *err, const char *fmt,
			   ...) CDG_PRINTF(5, 6);
/* The same of a file inside of `in`. */
cdg_status extract_member_problem(extract_job *job, const extract_input *in, const char *name, bool skipped,
				  cdg_error *err, const char *fmt, ...) CDG_PRINTF(6, 7);
/* n bytes more are about to be unpacked; CDG_E_LIMIT: too many, stop. */
cdg_status extract_charge(extract_job *job, const extract_input *in, uint64_t n, cdg_error *err);

#endif
