/* direct.h - queries that libxapian answers alone, ranking included. */
#ifndef BACKEND_XAPIAN_DIRECT_H
#define BACKEND_XAPIAN_DIRECT_H

#include "backend/xapian/impl.h"

/* Answer the planned root into r->s.out, if libxapian's own operators and weights
 * give exactly what the evaluation would; *done says whether. */
cdg_status xap_direct(xap_run *r, bool *done);

#endif
