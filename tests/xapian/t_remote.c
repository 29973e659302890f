/* t_remote.c - databases of other processes: xapian-tcpsrv and xapian-progsrv. */
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/xapian/xtest.h"

static xapc_string s = XAPC_STRING_INIT;
static pid_t server;

/* Below those that the system gives to clients, of which one may have it a moment later. */
static int
free_port(void)
{
	static int tried;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	for (int i = 0; i < 1000; i++) {
		int port = 20000 + ((int)getpid() + 97 * tried++) % 12000, fd = socket(AF_INET, SOCK_STREAM, 0), failed;

		a.sin_port = htons((uint16_t)port);
		failed = bind(fd, (struct sockaddr *)&a, sizeof a);
		close(fd);
		if (!failed)
			return port;
	}
	fail_msg("no port is free");
	return 0;
}

/* Serves the database `name`; the port it listens at. */
static int
serve(const char *name, int writable)
{
	int port = free_port();
	char number[12], path[400];
	snprintf(number, sizeof number, "%d", port);
	snprintf(path, sizeof path, "%s", x_path(name));
	server = fork();
	assert_true(server >= 0);
	if (server == 0) {
		setsid(); /* at its end it ends its whole process group */
		execlp("xapian-tcpsrv", "xapian-tcpsrv", "--quiet", "--interface", "127.0.0.1", "--port", number, path,
		       writable ? "--writable" : (char *)NULL, (char *)NULL);
		_exit(127);
	}
	return port;
}

static void
stop_server(void)
{
	int status;
	kill(server, SIGTERM);
	waitpid(server, &status, 0);
}

static int
installed(void)
{
	if (system("command -v xapian-tcpsrv xapian-progsrv >/dev/null") == 0)
		return 1;
	print_message("SKIP: xapian-tcpsrv and xapian-progsrv are not installed (Debian: xapian-tools)\n");
	return 0;
}

/* Tries until the server listens, 10 seconds at most. */
static void
until(xapc_status (*try_open)(int port, void *out), int port, void *out)
{
	xapc_status status = XAPC_E_NETWORK;
	for (int i = 0; i < 200 && status == XAPC_E_NETWORK; i++) {
		status = try_open(port, out);
		if (status == XAPC_E_NETWORK)
			nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	}
	OK(status);
}

static xapc_status
try_read(int port, void *out)
{
	return xapc_database_open_tcp(STR("127.0.0.1"), port, 5000, 5000, out, &err);
}

static xapc_status
try_write(int port, void *out)
{
	return xapc_writable_open_tcp(STR("127.0.0.1"), port, 5000, 5000, 0, out, &err);
}

static void
t_tcp(void **state)
{
	(void)state;
	xapc_writable *w;
	xapc_database *db, *reader;
	xapc_document *doc;
	int port;
	if (!installed())
		skip();
	w = x_create("tcp");
	x_add(w, "remote law");
	xapc_writable_free(w);
	port = serve("tcp", 1);
	until(try_write, port, &w);
	db = xapc_writable_database(w);
	x_finds(db, x_term("law"), "1");
	assert_int_equal(x_add(w, "second law"), 2);
	OK(xapc_writable_commit(w, &err));
	x_finds(db, x_term("law"), "1 2");
	OK(xapc_database_keep_alive(db, &err));
	xapc_writable_free(w);
	OK(try_read(port, &reader));
	OK(xapc_database_document(reader, 2, 0, &doc, &err));
	OK(xapc_document_data(doc, &s, &err));
	assert_text(s, "second law");
	xapc_document_free(doc);
	stop_server();
	xapc_database_free(reader);
	assert_int_equal(try_read(port, &reader), XAPC_E_NETWORK);
}

/* Schemes and spies travel by name and bytes; one's own have neither. */
static double
one(void *ctx, const xapc_weight_stats *st, xapc_count wdf, xapc_count length, xapc_count unique)
{
	(void)ctx;
	(void)wdf;
	(void)length;
	(void)unique;
	return st->factor;
}

static double
at_most_one(void *ctx, const xapc_weight_stats *st)
{
	(void)ctx;
	return st->factor;
}

static void
t_prog(void **state)
{
	(void)state;
	const xapc_weight_callbacks cb = { one, at_most_one, NULL, NULL, NULL };
	xapc_writable *w;
	xapc_database *db;
	xapc_enquire *enq;
	xapc_query *q;
	xapc_weight *own, *pl2;
	xapc_matchspy *spy;
	xapc_mset *m;
	size_t total;
	char args[500];
	if (!installed())
		skip();
	w = x_create("prog");
	x_add(w, "remote law");
	x_add(w, "remote act");
	xapc_writable_free(w);
	snprintf(args, sizeof args, "--writable %s", x_path("prog"));
	OK(xapc_writable_open_prog(STR("xapian-progsrv"), STR(args), 5000, 0, &w, &err));
	x_add(w, "third law");
	OK(xapc_writable_commit(w, &err));
	xapc_writable_free(w);
	OK(xapc_database_open_prog(STR("xapian-progsrv"), STR(x_path("prog")), 5000, &db, &err));
	x_finds(db, x_term("law"), "1 3");
	OK(xapc_enquire_new(db, &enq, &err));
	q = x_term("law");
	OK(xapc_enquire_set_query(enq, q, 0, &err));
	OK(xapc_weight_new_pl2(1, &pl2, &err));
	OK(xapc_enquire_set_weighting(enq, pl2, &err));
	OK(xapc_matchspy_new_valuecount(0, &spy, &err));
	OK(xapc_enquire_add_matchspy(enq, spy, &err));
	OK(xapc_enquire_mset(enq, 0, 10, 10, NULL, NULL, &m, &err));
	assert_int_equal(xapc_mset_size(m), 2);
	OK(xapc_mset_fetch(m, 0, 2, &err));
	xapc_mset_free(m);
	OK(xapc_matchspy_total(spy, &total, &err));
	assert_int_equal(total, 2);
	OK(xapc_weight_new_callback(&cb, NULL, &own, &err));
	OK(xapc_enquire_set_weighting(enq, own, &err));
	FAILS(XAPC_E_UNIMPLEMENTED, xapc_enquire_mset(enq, 0, 10, 10, NULL, NULL, &m, &err));
	xapc_weight_free(own);
	xapc_weight_free(pl2);
	xapc_matchspy_free(spy);
	xapc_query_free(q);
	xapc_enquire_free(enq);
	xapc_database_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(t_tcp), cmocka_unit_test(t_prog) };
	x_mkdir();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	xapc_string_free(&s);
	x_rmdir();
	return failed;
}
