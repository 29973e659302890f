/* native.h - the native engine as a backend. */
#ifndef BACKEND_NATIVE_H
#define BACKEND_NATIVE_H

#include "backend/backend.h"
#include "engine/segment.h"

/* The current snapshot of an index folder; closed by ops->close. */
cdg_status native_open(const char *dir, backend **out, cdg_error *err);
/* The same over a snapshot that is at hand (a reference is taken). */
cdg_status native_wrap(snapshot *snap, backend **out, cdg_error *err);
/* Borrowed. */
const snapshot *native_snapshot(const backend *b);

#endif
