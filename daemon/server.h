/* server.h - sockets and HTTP, by libmicrohttpd.
 *
 * Few threads do all reading and writing; when the head and the body of a request are
 * there, the connection is suspended and the call waits in the queue for a thread that
 * answers it (route.h).  A slow query therefore holds up no connection but its own.
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include "daemon/serving.h"

typedef struct server server;

/* Listens where the settings say (or on the sockets that systemd hands over) and answers.
 * `with` is the server's from now on, also after an error. */
cdg_status server_start(serving *with, server **out, cdg_error *err);
/* Addresses it listens at, one a line, for people: "http://127.0.0.1:8642". */
const char *server_addresses(server *sv);
/* Settings and indexes for requests from now on (`with` is the server's); those that are
 * running keep the old ones.  Addresses, threads and limits of connections stay. */
void server_reload(server *sv, serving *with);
/* Takes no more connections, waits for the requests that are there as long as the setting drain
 * says, refuses what still waits for a thread then, and ends all.  False: a request is still
 * worked on a second later; the process can only be ended. */
bool server_stop(server *sv);

#endif
