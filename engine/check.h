/* check.h - full verification of a segment: every page, every structure, every
 * reference from one file to another (cdgindex check). */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include "engine/segment.h"

/* CDG_OK, or CDG_E_CORRUPT naming file and offset of the first damage found. */
cdg_status segment_check(const segment *s, cdg_error *err);
/* All segments, then what only holds between them: no live id twice. */
cdg_status snapshot_check(const snapshot *snap, cdg_error *err);

#endif
