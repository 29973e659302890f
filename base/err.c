/* err.c - see err.h. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>

static const char *const status_names[] = {
	"ok", "out of memory", "input/output error", "damaged index", "newer format",
	"limit passed", "query error", "busy", "bad argument", "timeout", "not found",
	"unreadable input", "cancelled",
};

const char *
cdg_status_name(cdg_status status)
{
	if ((unsigned)status < countof(status_names))
		return status_names[status];
	return "unknown status";
}

const char *
cdg_version(void)
{
	return CDG_VERSION;
}

cdg_status
err_set(cdg_error *err, cdg_status status, const char *fmt, ...)
{
	if (err) {
		va_list ap;
		err->status = status;
		va_start(ap, fmt);
		vsnprintf(err->message, sizeof err->message, fmt, ap);
		va_end(ap);
	}
	return status;
}

cdg_status
err_errno(cdg_error *err, const char *what, const char *path)
{
	return err_set(err, CDG_E_IO, "cannot %s %s: %s", what, path, strerror(errno));
}

cdg_status
err_corrupt(cdg_error *err, const char *path, uint64_t offset, const char *fmt, ...)
{
	if (err) {
		va_list ap;
		int n;
		err->status = CDG_E_CORRUPT;
		n = snprintf(err->message, sizeof err->message, "%s: damaged at byte %llu: ", path,
			     (unsigned long long)offset);
		if (n < 0 || (size_t)n >= sizeof err->message)
			return CDG_E_CORRUPT;
		va_start(ap, fmt);
		vsnprintf(err->message + n, sizeof err->message - (size_t)n, fmt, ap);
		va_end(ap);
	}
	return CDG_E_CORRUPT;
}

cdg_status
err_nomem(cdg_error *err)
{
	return err_set(err, CDG_E_NOMEM, "out of memory");
}
