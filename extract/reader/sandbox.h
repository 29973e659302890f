/* sandbox.h - what a worker may still do once it has let the hostile file in: read and
 * write its socket, read what it is handed, use memory up to its limit.  No files (but
 * the character tables of poppler), no network, no processes, no signals. */
#ifndef EXTRACT_READER_SANDBOX_H
#define EXTRACT_READER_SANDBOX_H

#include "base/err.h"

/* Closes for good.  memory: bytes of data the process may have, in all.  Only standard
 * input, output and error stay open.  Before any thread is started.
 * *landlock: the kernel has it; without it no file can be opened at all. */
cdg_status sandbox_close(uint64_t memory, bool *landlock, cdg_error *err);

#endif
