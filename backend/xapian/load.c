/* load.c - see load.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "backend/xapian/load.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#define XAP_MODULE "libcdgsearch-xapian.so"

/* Below the folder of `file`, where a build and an installation have it. */
static void *
load_beside(const char *file)
{
	static const char *const places[] = { "", "lib/", "../lib/", "../../lib/", "../../../lib/" };
	const char *slash = strrchr(file, '/');
	char path[4096 + 64];
	void *m = NULL;

	for (size_t i = 0; slash && !m && i < countof(places); i++) {
		snprintf(path, sizeof path, "%.*s%s" XAP_MODULE, (int)min_size((size_t)(slash - file) + 1, 4000),
			 file, places[i]);
		m = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	}
	return m;
}

/* Beside the library or program that this code is in, else where the loader looks. */
static void *
load_open(void)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	Dl_info self;
	void *m = NULL;

	if (dladdr(XAP_MODULE, &self) && self.dli_fname)
		m = load_beside(self.dli_fname);
	if (!m && n > 0) {
		exe[n] = 0;
		m = load_beside(exe);
	}
	return m ? m : dlopen(XAP_MODULE, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

/* ISO C knows no cast from a pointer to a function; POSIX says this works. */
static bool
load_symbol(void *module, const char *name, void *slot)
{
	void *p = dlsym(module, name);

	memcpy(slot, &p, sizeof p);
	return p != NULL;
}

cdg_status
xap_load(xap_calls *out, cdg_error *err)
{
	static const char hint[] = "Xapian databases need the module " XAP_MODULE
				   ": install libxapian (Debian: libxapian-dev) and build again, or put the "
				   "module beside libcdgsearch.so";
	void *m = load_open();
	const char *why = m ? NULL : dlerror(), *missing = NULL;

	if (!m)
		return err_set(err, CDG_E_ARG, "%s (%.300s)", hint, why ? why : "not found");
#define XAP_LOAD(name)                                          \
	if (!load_symbol(m, "xapc_" #name, (void *)&out->name)) \
		missing = "xapc_" #name;
	XAP_CALLS(XAP_LOAD)
#undef XAP_LOAD
	dlclose(m); /* it stays, by RTLD_NODELETE */
	if (missing)
		return err_set(err, CDG_E_ARG, "%s is of another version: it has no %s; build it anew", XAP_MODULE,
			       missing);
	return CDG_OK;
}

static cdg_status
error_status(xapc_status st)
{
	switch (st) {
	case XAPC_E_NOMEM: return CDG_E_NOMEM;
	case XAPC_E_DATABASE_LOCK:
	case XAPC_E_DATABASE_MODIFIED: return CDG_E_BUSY;
	case XAPC_E_DATABASE_VERSION: return CDG_E_VERSION;
	case XAPC_E_DATABASE_CORRUPT: return CDG_E_CORRUPT;
	case XAPC_E_DATABASE_NOT_FOUND:
	case XAPC_E_DOC_NOT_FOUND: return CDG_E_NOTFOUND;
	case XAPC_E_NETWORK_TIMEOUT: return CDG_E_TIMEOUT;
	case XAPC_E_CALLBACK: return CDG_E_CANCELLED;
	case XAPC_E_INVALID_ARGUMENT:
	case XAPC_E_FEATURE_UNAVAILABLE:
	case XAPC_E_UNIMPLEMENTED: return CDG_E_ARG;
	default: return CDG_E_IO;
	}
}

cdg_status
xap_error(const xapc_error *from, const char *what, cdg_error *err)
{
	const char *advice = "";

	switch (from->status) {
	case XAPC_E_NOMEM: return err_nomem(err);
	case XAPC_E_DATABASE_LOCK: advice = "; another writer has it: wait until that has ended"; break;
	case XAPC_E_DATABASE_MODIFIED: advice = "; it was changed too often while it was read: try again"; break;
	case XAPC_E_DATABASE_VERSION: advice = "; a newer or much older libxapian wrote it"; break;
	case XAPC_E_DATABASE_CORRUPT: advice = "; xapian-check says more"; break;
	default: break;
	}
	return err_set(err, error_status(from->status), "%s: %s%s%s%s%s%s", what, from->message,
		       from->cause[0] ? " (" : "", from->cause, from->cause[0] ? ")" : "",
		       from->context[0] ? " at " : "", from->context[0] ? from->context : advice);
}
