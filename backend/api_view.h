/* api_view.h - what stands behind cdg_view: shared by api_view.c and render_view*.c. */
#ifndef BACKEND_API_VIEW_H
#define BACKEND_API_VIEW_H

#include "backend/api.h"
#include "query/view.h"

struct cdg_view {
	cdg_results r;    /* memory, query, warnings; it has no hits */
	api_hit hit;      /* metadata */
	view v;
	const char *text; /* of v, as valid UTF-8 */
	uint64_t took_us;
	bool borrows;     /* all but the text is another's */
};

#endif
