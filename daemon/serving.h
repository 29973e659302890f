/* serving.h - settings, the indexes opened by them and the logs: what one reload replaces.
 * Counted: each request keeps what it began with. */
#ifndef DAEMON_SERVING_H
#define DAEMON_SERVING_H

#include <stdatomic.h>

#include "daemon/log.h"
#include "daemon/settings.h"
#include "daemon/site.h"

typedef struct serving {
	settings *set;
	site *site;
	logs *logs;
	atomic_size_t refs;
} serving;

/* Takes the settings, opens the rest.  On an error the settings are freed. */
cdg_status serving_open(settings *set, serving **out, cdg_error *err);
serving *serving_ref(serving *s);
void serving_unref(serving *s);

#endif
