/* handlers.h - what answers a route.  Each is called by a thread of the pool with the index
 * held, sets status, type and out (or calls web_problem), and returns. */
#ifndef DAEMON_HANDLERS_H
#define DAEMON_HANDLERS_H

#include "daemon/web.h"

void answer_search(web_call *c);  /* search.c: GET /search */
/* export.c: what was found as a table for spreadsheet programs. */
void export_hits(web_call *c, const cdg_results *r);
void export_lines(web_call *c, const cdg_lines *x);
void answer_facets(web_call *c);  /* search.c: GET /docs/facets */
void answer_doc(web_call *c);     /* document.c: GET /doc */
void answer_concordance(web_call *c); /* document.c: GET /docs/concordance */
void answer_histogram(web_call *c); /* search.c: GET /docs/histogram */
void answer_suggest(web_call *c); /* suggest.c: GET /suggest */
void answer_add(web_call *c);     /* write.c: POST /docs */
void answer_delete(web_call *c);  /* write.c: DELETE /docs/ID, /docs?id=ID */
bool write_is_allowed(const web_call *c); /* write.c: it changes something, and has the token */
void answer_opensearch(web_call *c); /* describe.c: GET /opensearch.xml */
void answer_openapi(web_call *c); /* describe.c: GET /openapi.json */
void answer_health(web_call *c);  /* admin.c: GET /healthz */
void answer_home(web_call *c);    /* page_home.c: GET / */
void answer_static(web_call *c);  /* asset.c: GET /static/... */
void answer_metrics(web_call *c); /* admin.c: GET /metrics */

#endif
