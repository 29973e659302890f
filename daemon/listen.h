/* listen.h - the sockets the server listens at: those that systemd hands over, or those of
 * the settings. */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include "daemon/settings.h"

struct sockaddr;

typedef struct listener {
	int fd;      /* -1: given away */
	bool local;  /* a Unix socket */
	char *path;  /* of a Unix socket that we made: removed at the end */
	char name[300]; /* for people */
} listener;

cdg_status listen_open(const settings *set, listener **out, size_t *n, cdg_error *err);
/* Closes those not given away, and frees. */
void listen_close(listener *l, size_t n);
/* An address as text ("local" for a Unix socket). */
void listen_address(const struct sockaddr *address, char *out, size_t cap);

#endif
