/* package.h - a zip in memory: what its members are called, and what is in them when
 * it is asked for; shared by the readers of office documents and e-books.
 *
 * Names are only names: nothing is ever written to a disk.  Of two members of one name
 * the first counts.  What is unpacked is charged to the job, and a package may become
 * PACKAGE_RATIO times as large as it was (and PACKAGE_FREE bytes more), which overlapping
 * members do not escape, since bytes that come out are what is counted.
 *
 * A member that is encrypted, damaged or too large yields what can be had of it, and
 * package_trouble says so; only memory and the limits of the job are errors.  One thread.
 */
#ifndef EXTRACT_READER_PACKAGE_H
#define EXTRACT_READER_PACKAGE_H

#include "extract/job.h"

enum {
	PACKAGE_MEMBERS = 100000, /* further ones are left out */
	PACKAGE_RATIO = 256,
	PACKAGE_FREE = 64 << 20,
};

typedef struct package_member {
	const char *name; /* any bytes */
	bool encrypted;
} package_member;

typedef struct package package;

/* in->data is borrowed as long as the package lives. */
cdg_status package_open(package **out, extract_job *job, const extract_input *in, cdg_error *err);
void package_close(package *p);

size_t package_count(const package *p);
const package_member *package_at(const package *p, size_t i);
/* Index of a member; -1: there is none.  A '/' in front is nothing, and case is of no
 * account where the name is not found as it is. */
long package_find(const package *p, const char *name);

/* The member that a reference in another one leads to: a path from its folder, or from
 * the root; %20 is a space, what follows '#' is left out. */
long package_resolve(const package *p, const char *from, doc_str target);

/* Takes n bytes; false: enough. */
typedef bool package_sink(void *ctx, const char *bytes, size_t n);
cdg_status package_stream(package *p, size_t i, package_sink *sink, void *ctx, cdg_error *err);
/* The same in one piece, appended to out; at most `most` bytes. */
cdg_status package_read(package *p, size_t i, size_t most, buf *out, cdg_error *err);

/* What went wrong first; "" if nothing did. */
const char *package_trouble(const package *p);

#endif
