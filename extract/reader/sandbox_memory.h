/* sandbox_memory.h - has memory run out?  Libraries end the process when it has, each in
 * its way; only who counts the failed allocations can tell why.  A build with a sanitizer,
 * which has its own allocator, does not know. */
#ifndef EXTRACT_READER_SANDBOX_MEMORY_H
#define EXTRACT_READER_SANDBOX_MEMORY_H

#include "base/base.h"

bool sandbox_memory_was_out(void);
void sandbox_memory_forget(void);

#endif
