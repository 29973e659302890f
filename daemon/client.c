/* client.c - addresses seen of late.  A table of chains under one mutex; an address with
 * nothing going on and a full bucket is forgotten when its chain is walked. */
#include "daemon/client.h"

#include <pthread.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { CHAINS = 4096 };

struct client {
	client *next;
	uint64_t at_ns;
	double tokens;
	size_t running;
	char address[];
};

struct client_table {
	pthread_mutex_t lock;
	client *chains[CHAINS];
};

cdg_status
client_table_new(client_table **out, cdg_error *err)
{
	*out = mem_calloc(1, sizeof **out);
	if (!*out)
		return err_nomem(err);
	pthread_mutex_init(&(*out)->lock, NULL);
	return CDG_OK;
}

void
client_table_free(client_table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < CHAINS; i++)
		for (client *c = t->chains[i], *next; c; c = next) {
			next = c->next;
			mem_free(c);
		}
	pthread_mutex_destroy(&t->lock);
	mem_free(t);
}

static size_t
chain_of(const char *address)
{
	uint32_t h = 2166136261u;

	for (; *address; address++)
		h = (h ^ (unsigned char)*address) * 16777619u;
	return h % CHAINS;
}

/* The client of an address, made if need be; others of the chain that have been idle for
 * three seconds go (their buckets are full again). */
static client *
client_find(client_table *t, const char *address, uint64_t now, double full)
{
	client **at = &t->chains[chain_of(address)], **chain = at, *found = NULL;

	while (*at) {
		client *c = *at;

		if (!strcmp(c->address, address)) {
			found = c;
		} else if (!c->running && now - c->at_ns > 3000000000) {
			*at = c->next;
			mem_free(c);
			continue;
		}
		at = &c->next;
	}
	if (found)
		return found;
	found = mem_calloc(1, sizeof *found + strlen(address) + 1);
	if (!found)
		return NULL;
	memcpy(found->address, address, strlen(address) + 1);
	found->tokens = full;
	found->at_ns = now;
	found->next = *chain;
	*chain = found;
	return found;
}

client_answer
client_begin(client_table *t, const char *address, uint64_t rate, client **out)
{
	client_answer answer = CLIENT_OK;
	double full = 2.0 * (double)rate;
	uint64_t now;
	client *c;

	*out = NULL;
	if (!rate)
		return CLIENT_OK;
	pthread_mutex_lock(&t->lock);
	now = clock_ns(); /* with the lock: time goes on from one request to the next */
	c = client_find(t, address, now, full);
	if (!c) {
		answer = CLIENT_NO_MEMORY;
	} else {
		c->tokens += (double)(now - c->at_ns) * 1e-9 * (double)rate;
		c->tokens = c->tokens > full ? full : c->tokens;
		c->at_ns = now;
		if (c->tokens < 1) {
			answer = CLIENT_TOO_FAST;
		} else {
			c->tokens -= 1;
			c->running++;
			*out = c;
		}
	}
	pthread_mutex_unlock(&t->lock);
	return answer;
}

void
client_end(client_table *t, client *c)
{
	pthread_mutex_lock(&t->lock);
	c->running--;
	pthread_mutex_unlock(&t->lock);
}
