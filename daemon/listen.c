/* listen.c - making and taking over listening sockets. */
#include "daemon/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

enum { FIRST_PASSED = 3, BACKLOG = 1024 };

void
listen_address(const struct sockaddr *address, char *out, size_t cap)
{
	const void *from = NULL;
	int family = address ? address->sa_family : AF_UNSPEC;

	if (family == AF_INET) {
		from = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	} else if (family == AF_INET6) {
		const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

		from = v6;
		if (IN6_IS_ADDR_V4MAPPED(v6)) { /* one client, one name */
			family = AF_INET;
			from = v6->s6_addr + 12;
		}
	}
	if (!from || !inet_ntop(family, from, out, (socklen_t)cap))
		snprintf(out, cap, "local");
}

static bool
listener_add(listener **list, size_t *n, listener l)
{
	listener *more = mem_realloc(*list, (*n + 1) * sizeof **list);

	if (!more)
		return false;
	*list = more;
	more[(*n)++] = l;
	return true;
}

/* What a socket is called, by what it is bound to. */
static void
listener_name(listener *l)
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = sizeof at;
	char text[INET6_ADDRSTRLEN];

	if (getsockname(l->fd, (struct sockaddr *)&at, &len)) {
		snprintf(l->name, sizeof l->name, "socket %d", l->fd);
	} else if (at.ss_family == AF_UNIX) {
		l->local = true;
		snprintf(l->name, sizeof l->name, "unix:%s", ((struct sockaddr_un *)&at)->sun_path);
	} else {
		unsigned port = at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
							 : ((struct sockaddr_in *)&at)->sin_port;

		listen_address((struct sockaddr *)&at, text, sizeof text);
		snprintf(l->name, sizeof l->name, strchr(text, ':') ? "http://[%s]:%u" : "http://%s:%u", text,
			 ntohs((uint16_t)port));
	}
}

/* sd_listen_fds(3): LISTEN_PID is ours, LISTEN_FDS sockets from 3 on. */
static cdg_status
take_passed(listener **list, size_t *n, cdg_error *err)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int count;

	if (!pid || !fds || strtol(pid, NULL, 10) != (long)getpid())
		return CDG_OK;
	count = atoi(fds);
	for (int fd = FIRST_PASSED; fd < FIRST_PASSED + count && fd < 1024; fd++) {
		listener l = { .fd = fd };

		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		listener_name(&l);
		if (!listener_add(list, n, l))
			return err_nomem(err);
	}
	return CDG_OK;
}

static cdg_status
listen_unix(const char *path, listener *l, cdg_error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;

	if (strlen(path) >= sizeof at.sun_path)
		return err_set(err, CDG_E_ARG, "listen: the path of a Unix socket may have %zu bytes: %s",
			       sizeof at.sun_path - 1, path);
	strcpy(at.sun_path, path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return err_errno(err, "make a socket for", path);
	if (!lstat(path, &st)) {
		/* one that nobody serves any more is in the way; anything else is not ours to remove */
		if (S_ISSOCK(st.st_mode) && connect(l->fd, (struct sockaddr *)&at, sizeof at) && errno == ECONNREFUSED)
			unlink(path);
		close(l->fd);
		l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	}
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&at, sizeof at) || listen(l->fd, BACKLOG))
		return err_errno(err, "listen at", path);
	l->path = mem_strdup(path);
	return l->path ? CDG_OK : err_nomem(err);
}

static cdg_status
listen_one(const struct addrinfo *a, const char *what, listener *l, cdg_error *err)
{
	int on = 1;

	l->fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return err_errno(err, "make a socket for", what);
	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (a->ai_family == AF_INET6)
		setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(l->fd, a->ai_addr, a->ai_addrlen) || listen(l->fd, BACKLOG))
		return err_errno(err, "listen at", what);
	return CDG_OK;
}

/* HOST:PORT, [V6]:PORT, PORT, unix:PATH. */
static cdg_status
listen_at(const char *what, listener **list, size_t *n, cdg_error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *all = NULL;
	const char *colon = strrchr(what, ':'), *port = colon ? colon + 1 : what;
	char host[256] = "127.0.0.1";
	cdg_status st = CDG_OK;
	int why;

	if (!strncmp(what, "unix:", 5)) {
		listener l = { .fd = -1 };

		st = listen_unix(what + 5, &l, err);
		if (l.fd >= 0)
			listener_name(&l);
		return listener_add(list, n, l) ? st : err_nomem(err);
	}
	if (colon) {
		size_t len = (size_t)(colon - what);
		bool brackets = len > 1 && what[0] == '[' && what[len - 1] == ']';

		if (len >= sizeof host)
			return err_set(err, CDG_E_ARG, "listen: '%s' is not HOST:PORT", what);
		snprintf(host, sizeof host, "%.*s", (int)(brackets ? len - 2 : len), brackets ? what + 1 : what);
	}
	why = getaddrinfo(*host && strcmp(host, "*") ? host : NULL, port, &hints, &all);
	if (why)
		return err_set(err, CDG_E_ARG, "listen: '%s' is not HOST:PORT or unix:PATH: %s", what, gai_strerror(why));
	for (const struct addrinfo *a = all; a && st == CDG_OK; a = a->ai_next) {
		listener l = { .fd = -1 };

		st = listen_one(a, what, &l, err);
		if (st == CDG_OK)
			listener_name(&l);
		if (!listener_add(list, n, l))
			st = err_nomem(err);
	}
	freeaddrinfo(all);
	return st;
}

cdg_status
listen_open(const settings *set, listener **out, size_t *n, cdg_error *err)
{
	cdg_status st;

	*out = NULL;
	*n = 0;
	st = take_passed(out, n, err);
	if (*n)
		return st;
	for (size_t i = 0; st == CDG_OK && i < set->nlisten; i++)
		st = listen_at(set->listen[i], out, n, err);
	return st;
}

void
listen_close(listener *l, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (l[i].fd >= 0)
			close(l[i].fd);
		if (l[i].path)
			unlink(l[i].path);
		mem_free(l[i].path);
	}
	mem_free(l);
}
