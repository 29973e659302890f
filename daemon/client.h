/* client.h - what each address may ask: a token bucket that fills at the rate and holds
 * two seconds of it. */
#ifndef DAEMON_CLIENT_H
#define DAEMON_CLIENT_H

#include "base/base.h"

typedef struct client client;
typedef struct client_table client_table;
typedef enum client_answer { CLIENT_OK, CLIENT_TOO_FAST, CLIENT_NO_MEMORY } client_answer;

cdg_status client_table_new(client_table **out, cdg_error *err);
void client_table_free(client_table *t);
/* A request of this address begins; rate 0: no limit.  With CLIENT_OK *out is set, perhaps
 * to NULL, and goes to client_end when it is over.  Any thread. */
client_answer client_begin(client_table *t, const char *address, uint64_t rate, client **out);
void client_end(client_table *t, client *c);

#endif
