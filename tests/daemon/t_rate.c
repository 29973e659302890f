/* t_rate.c - what one address may ask is the same from however many threads it comes. */
#include "daemon/client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

#include "base/file.h"

enum { RATE = 20, THREADS = 4, CALLS = 100000 };

static client_table *table;
static atomic_uint_fast64_t allowed;

static void *
ask(void *arg)
{
	(void)arg;
	for (int i = 0; i < CALLS; i++) {
		client *c;

		if (client_begin(table, "10.0.0.1", RATE, &c) == CLIENT_OK) {
			atomic_fetch_add(&allowed, 1);
			client_end(table, c);
		}
	}
	return NULL;
}

static void
threads_get_no_more(void **state)
{
	pthread_t threads[THREADS];
	uint64_t began = clock_ns(), most;

	(void)state;
	assert_int_equal(client_table_new(&table, NULL), CDG_OK);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	most = 2 * RATE + (clock_ns() - began) * RATE / 1000000000 + 1;
	assert_in_range(atomic_load(&allowed), 2 * RATE, most);
	client_table_free(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(threads_get_no_more) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
