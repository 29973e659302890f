/* err.h - how errors travel.
 *
 * A function that can fail returns cdg_status and takes a `cdg_error *err` as
 * its last parameter (NULL allowed: the text is not wanted).  err_set* fill it
 * and return the status, so that `return err_set(err, CDG_E_IO, "...")` is one
 * line.  Damage in index files goes through err_corrupt and nothing else: a
 * breakpoint there sees every such exit.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

#include "base/base.h"

cdg_status err_set(cdg_error *err, cdg_status status, const char *fmt, ...) CDG_PRINTF(3, 4);

/* "cannot WHAT PATH: strerror(errno)". */
cdg_status err_errno(cdg_error *err, const char *what, const char *path);

/* Damaged index: "PATH: damaged at byte OFFSET: why". */
cdg_status err_corrupt(cdg_error *err, const char *path, uint64_t offset, const char *fmt, ...)
    CDG_PRINTF(4, 5);

cdg_status err_nomem(cdg_error *err);

#define CDG_TRY(expr)                                   \
	do {                                            \
		cdg_status try_status_ = (expr);        \
		if (unlikely(try_status_ != CDG_OK))    \
			return try_status_;             \
	} while (0)

/* The same for functions that have to clean up: jumps to `label` with the
 * status in the local variable `st`. */
#define CDG_TRY_GOTO(expr, label)                       \
	do {                                            \
		st = (expr);                            \
		if (unlikely(st != CDG_OK))             \
			goto label;                     \
	} while (0)

#endif
