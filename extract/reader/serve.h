/* serve.h - a worker: reads the files it is handed over its socket (extract/wire.h). */
#ifndef EXTRACT_READER_SERVE_H
#define EXTRACT_READER_SERVE_H

#include "base/base.h"

/* Closes the sandbox, and serves until the other side hangs up; gives the exit status. */
int serve(int sock, uint64_t memory);

#endif
