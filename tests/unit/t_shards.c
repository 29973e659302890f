/* t_shards.c - shards on other hosts: how lists are read, who is asked, and what
 * is done about those that refuse, hang or come back.  libxapian is played by a
 * few functions; the real one has tests/cluster.  (The threads that pthread_create
 * makes in shards_connect.c: `make tsan` runs this, too.)
 */
#include "backend/xapian/shards_impl.h"
#include "base/file.h"
#include "tests/unit/unit.h"

/* ---- a network ------------------------------------------------------------------ */

/* What a port does, by its hundreds: 1xx answers, 2xx refuses, 3xx hangs. */
static _Atomic int net_asked[1000], net_open;
static _Atomic bool net_heal;

enum { NET_OK = 1, NET_REFUSE = 2, NET_HANG = 3, NET_HANG_MS = 700 };

static xapc_status
net_tcp(const char *host, size_t n, unsigned port, unsigned timeout_ms, unsigned connect_ms, xapc_database **out,
	xapc_error *err)
{
	int does = net_heal ? NET_OK : (int)(port / 100);

	(void)host, (void)n, (void)timeout_ms, (void)connect_ms;
	net_asked[port % 1000]++;
	if (does == NET_HANG)
		usleep(NET_HANG_MS * 1000);
	if (does != NET_OK) {
		err->status = XAPC_E_NETWORK;
		snprintf(err->cause, sizeof err->cause, "Connection refused");
		return XAPC_E_NETWORK;
	}
	*out = malloc(1);
	net_open++;
	return XAPC_OK;
}

static xapc_status
net_open_path(const char *path, size_t n, int flags, xapc_database **out, xapc_error *err)
{
	(void)path, (void)n, (void)flags, (void)err;
	*out = malloc(1);
	net_open++;
	return XAPC_OK;
}

static xapc_status
net_new(xapc_database **out, xapc_error *err)
{
	return net_open_path("", 0, 0, out, err);
}

static xapc_status
net_add(xapc_database *db, const xapc_database *other, xapc_error *err)
{
	(void)err;
	return db && other ? XAPC_OK : XAPC_E_INVALID_ARGUMENT;
}

static void
net_free(xapc_database *db)
{
	net_open -= db != NULL;
	free(db);
}

static const xap_calls net = { .database_open_tcp = net_tcp, .database_open = net_open_path, .database_new = net_new,
			       .database_add = net_add, .database_free = net_free };

static shards *
net_shards(const char *list)
{
	cdg_error err = { 0 };
	shards *s = NULL;

	memset((void *)net_asked, 0, sizeof net_asked);
	net_heal = false;
	if (shards_read(list, &net, &s, &err) != CDG_OK)
		fail_msg("%s: %s", list, err.message);
	assert_non_null(s);
	return s;
}

static unsigned
ms_since(uint64_t start)
{
	return (unsigned)((clock_ns() - start) / 1000000);
}

/* ---- lists ------------------------------------------------------------------------ */

static void
test_lists(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} t[] = {
		{ "a:1", true }, { "a.example:65535", true }, { "[::1]:7000", true }, { "a:1,b:2", true },
		{ "a:1|b:2,c:3", true }, { "[fe80::1]:1|10.0.0.1:2", true },
		{ "", false }, { "a", false }, { "a:", false }, { ":1", false }, { "a:0", false }, { "a:65536", false },
		{ "a:1x", false }, { "dir/a:1", false }, { "a:1,", true }, { ",a:1", false }, { "a:1,,b:2", false },
		{ "a:1|", true }, { "|a:1", false }, { "[]:1", false }, { "[::1:7000", false }, { "a:123456", false },
	};

	(void)state;
	for (size_t i = 0; i < countof(t); i++)
		if (shards_is_list(t[i].text) != t[i].is)
			fail_msg("'%s' is %staken for a list", t[i].text, t[i].is ? "not " : "");
}

static void
test_names(void **state)
{
	shards *s = net_shards("a:101|b:102,[::1]:103");

	(void)state;
	assert_int_equal(shards_count(s), 2);
	assert_int_equal(s->at[0].n, 2);
	assert_string_equal(s->at[0].replica[1].host, "b");
	assert_int_equal(s->at[0].replica[1].port, 102);
	assert_string_equal(s->at[1].replica[0].host, "::1");
	assert_string_equal(s->at[1].replica[0].name, "[::1]:103");
	shards_free(s);
}

/* ---- stub files ---------------------------------------------------------------------- */

static cdg_status
stub_read(const char *dir, const char *text, shards **out, cdg_error *err)
{
	char path[256];

	assert_int_equal(file_join(path, sizeof path, dir, "stub", NULL), CDG_OK);
	assert_int_equal(file_replace(path, text, strlen(text), NULL), CDG_OK);
	return shards_read(path, &net, out, err);
}

static void
test_stubs(void **state)
{
	char dir[] = "/tmp/t_shards.XXXXXX", path[256];
	cdg_error err;
	shards *s;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(stub_read(dir, "# ours\nremote a:101|b:102\n\nremote :ssh c xapian-progsrv /db\nauto x\n", &s,
				   &err), CDG_OK);
	assert_non_null(s);
	assert_int_equal(shards_count(s), 3);
	assert_int_equal(s->at[0].n, 2);
	assert_int_equal(s->at[1].replica[0].kind, SHARD_PROG);
	assert_string_equal(s->at[1].replica[0].host, "ssh");
	assert_string_equal(s->at[1].replica[0].args, "c xapian-progsrv /db");
	snprintf(path, sizeof path, "%s/x", dir);
	assert_string_equal(s->at[2].replica[0].host, path); /* relative to the file */
	shards_free(s);
	/* nothing elsewhere: left to libxapian */
	assert_int_equal(stub_read(dir, "auto x\nglass /y\n", &s, &err), CDG_OK);
	assert_null(s);
	/* what is wrong is named */
	assert_int_equal(stub_read(dir, "auto x\nremote nohost\n", &s, &err), CDG_E_ARG);
	assert_non_null(strstr(err.message, "line 2: 'nohost'"));
	assert_int_equal(stub_read(dir, "remote a:1\nfoo bar\n", &s, &err), CDG_E_ARG);
	assert_non_null(strstr(err.message, "line 2: 'foo bar'"));
	assert_int_equal(stub_read(dir, "auto stub\n", &s, &err), CDG_E_ARG);
	assert_non_null(strstr(err.message, "name one another"));
	snprintf(path, sizeof path, "%s/stub", dir);
	unlink(path);
	rmdir(dir);
}

/* ---- connecting -------------------------------------------------------------------------- */

/* Connect; returns the milliseconds it took. */
static unsigned
net_connect(shards *s, unsigned limit_ms, shards_use *u, cdg_status want)
{
	uint64_t start = clock_ns();
	xapc_database *db = NULL;
	cdg_error err = { 0 };
	cdg_status st = shards_connect(s, limit_ms, u, &db, &err);
	unsigned took = ms_since(start);

	if (st != want)
		fail_msg("status %d instead of %d: %s", st, want, err.message);
	assert_int_equal(db != NULL, want == CDG_OK);
	if (db)
		shards_disconnect(s, db);
	return took;
}

static void
test_all_answer(void **state)
{
	shards *s = net_shards("a:101,b:102|c:103,d:104");
	shards_use u;

	(void)state;
	net_connect(s, 1000, &u, CDG_OK);
	assert_int_equal(u.missing, 0);
	assert_int_equal(u.timeout_ms, 400);
	assert_int_equal(net_asked[103], 0); /* a replica that is not needed */
	assert_true(shards_is_current(s, &u));
	shards_use_fini(&u);
	shards_free(s);
}

static void
test_refused(void **state)
{
	shards *s = net_shards("a:101,b:202,c:203|d:104");
	char text[256];
	shards_use u;

	(void)state;
	assert_true(net_connect(s, 1000, &u, CDG_OK) < 150);
	assert_int_equal(u.missing, 1);
	assert_int_equal(u.replica[0], 0);
	assert_true(u.replica[1] < 0);
	assert_int_equal(u.replica[2], 1); /* took over */
	shards_describe(s, 1, text, sizeof text);
	assert_string_equal(text, "shard 2 of 3 (b:202) is missing: Connection refused");
	assert_true(shards_is_current(s, &u));
	/* known to be down: not asked again so soon */
	shards_use_fini(&u);
	net_connect(s, 1000, &u, CDG_OK);
	assert_int_equal(net_asked[202], 1);
	assert_int_equal(net_asked[203], 1);
	shards_use_fini(&u);
	shards_free(s);
}

static void
test_hangs(void **state)
{
	shards *s = net_shards("a:101,b:302,c:303|d:104");
	char text[256];
	shards_use u;
	unsigned took;

	(void)state;
	took = net_connect(s, 1000, &u, CDG_OK);
	if (took < 190 || took > 400)
		fail_msg("%u ms for a limit of 200", took);
	assert_int_equal(u.missing, 1);
	assert_int_equal(u.replica[2], 1); /* asked a turn later, in time */
	shards_describe(s, 1, text, sizeof text);
	assert_non_null(strstr(text, "no answer within 2"));
	shards_use_fini(&u);
	/* and then nobody waits for it */
	assert_true(net_connect(s, 1000, &u, CDG_OK) < 150);
	shards_use_fini(&u);
	shards_free(s); /* with threads that are still out */
}

static void
test_none(void **state)
{
	shards *s = net_shards("a:201,b:302");
	shards_use u;
	uint64_t start = clock_ns();
	xapc_database *db;
	cdg_error err;

	(void)state;
	assert_int_equal(shards_connect(s, 1000, &u, &db, &err), CDG_E_IO);
	assert_non_null(strstr(err.message, "none of the 2 shards answers: shard 1 of 2 (a:201) is missing: Connection"));
	assert_true(ms_since(start) < 1000);
	shards_free(s);
}

static void
test_back_again(void **state)
{
	shards *s = net_shards("a:101,b:202");
	uint64_t start = clock_ns();
	shards_use u;

	(void)state;
	net_connect(s, 20000, &u, CDG_OK);
	assert_int_equal(u.missing, 1);
	net_heal = true;
	while (shards_is_current(s, &u) && ms_since(start) < 30000)
		usleep(20000);
	if (ms_since(start) < 900 || ms_since(start) > 25000)
		fail_msg("seen after %u ms", ms_since(start));
	shards_use_fini(&u);
	net_connect(s, 20000, &u, CDG_OK);
	assert_int_equal(u.missing, 0);
	shards_use_fini(&u);
	shards_free(s);
}

static void
test_failed(void **state)
{
	shards *s = net_shards("a:101|b:102,c:103");
	xapc_error why = { .status = XAPC_E_NETWORK, .context = "remote:tcp(a:101)", .cause = "Broken pipe" };
	shards_use u;

	(void)state;
	net_connect(s, 1000, &u, CDG_OK);
	shards_failed(s, &u, &why, true); /* an old connection: its end proves nothing */
	assert_true(shards_is_current(s, &u));
	shards_failed(s, &u, &why, false);
	assert_false(shards_is_current(s, &u));
	shards_use_fini(&u);
	net_connect(s, 1000, &u, CDG_OK);
	assert_int_equal(u.replica[0], 1);
	why.status = XAPC_E_NETWORK_TIMEOUT;
	snprintf(why.context, sizeof why.context, "remote:tcp(c:103)");
	shards_failed(s, &u, &why, true); /* but silence does */
	assert_false(shards_is_current(s, &u));
	shards_use_fini(&u);
	net_connect(s, 1000, &u, CDG_OK);
	assert_int_equal(u.missing, 1);
	shards_use_fini(&u);
	shards_free(s);
}

/* Threads that were left behind have freed what they opened. */
static void
test_nothing_left(void **state)
{
	uint64_t start = clock_ns();

	(void)state;
	while (net_open && ms_since(start) < 5000)
		usleep(10000);
	assert_int_equal(net_open, 0);
	usleep(NET_HANG_MS * 1000 + 100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),      cmocka_unit_test(test_names),
		cmocka_unit_test(test_stubs),      cmocka_unit_test(test_all_answer),
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_none),       cmocka_unit_test(test_back_again),
		cmocka_unit_test(test_failed),     cmocka_unit_test(test_nothing_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
