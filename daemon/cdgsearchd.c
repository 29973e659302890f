/* cdgsearchd.c - the program: settings, signals, and the server in between. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/base.h"
#include "daemon/fault.h"
#include "daemon/notify.h"
#include "daemon/server.h"

/* What a heavy request took goes back to the system when it is over: blocks of a megabyte by
 * mappings of their own, for ever (glibc would raise the limit each time one is freed). */
static void
give_memory_back(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

/* Each connection is a descriptor, and each segment some for a moment. */
static void
raise_descriptors(void)
{
	struct rlimit l;

	if (!getrlimit(RLIMIT_NOFILE, &l) && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

static void
reload(server *sv, int argc, char **argv)
{
	settings *set;
	serving *with;
	cdg_error err;
	bool done;

	notify_state("RELOADING=1");
	if (settings_read(&set, argc, argv, &done) || done)
		fprintf(stderr, "cdgsearchd: the settings stay as they were\n");
	else if (serving_open(set, &with, &err) != CDG_OK)
		fprintf(stderr, "cdgsearchd: %s; the settings stay as they were\n", err.message);
	else
		server_reload(sv, with);
	notify_state("READY=1");
}

int
main(int argc, char **argv)
{
	const int wanted[] = { SIGTERM, SIGINT, SIGHUP };
	server *sv;
	serving *with;
	settings *set;
	cdg_error err;
	sigset_t signals;
	bool done;
	int status, got = 0;

	signal(SIGPIPE, SIG_IGN);
	status = settings_read(&set, argc, argv, &done);
	if (done)
		return status;
	/* before any thread is there: all of them leave signals to this one */
	sigemptyset(&signals);
	for (size_t i = 0; i < countof(wanted); i++)
		sigaddset(&signals, wanted[i]);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	give_memory_back();
	raise_descriptors();
	fault_catch();
	if (serving_open(set, &with, &err) != CDG_OK || server_start(with, &sv, &err) != CDG_OK) {
		fprintf(stderr, "cdgsearchd: %s\n", err.message);
		return 2;
	}
	fprintf(stderr, "cdgsearchd: serving at %s", server_addresses(sv));
	notify_state("READY=1");
	while (sigwait(&signals, &got) == 0 && got == SIGHUP)
		reload(sv, argc, argv);
	notify_state("STOPPING=1");
	if (!server_stop(sv)) {
		fprintf(stderr, "cdgsearchd: some requests took longer than drain, and were given up\n");
		_exit(0); /* threads use what return would take away */
	}
	return 0;
}
