/* view_cache.c - see view_cache.h. */
#include "daemon/view_cache.h"

#include <pthread.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "daemon/site.h"

enum { KEPT_MAX = 16, BYTES_MAX = 24 << 20 };

struct kept_view {
	kept_view *next; /* used before it */
	view_key key;
	cdg_view *v;
	size_t bytes, uses;
	bool gone;       /* no longer in the list: the last one to give it back frees it */
};

struct view_cache {
	pthread_mutex_t lock;
	kept_view *first; /* the last one used */
};

view_cache *
view_cache_new(void)
{
	view_cache *x = mem_calloc(1, sizeof *x);

	if (x)
		pthread_mutex_init(&x->lock, NULL);
	return x;
}

static void
kept_free(kept_view *k)
{
	cdg_view_free(k->v);
	mem_free(k);
}

void
view_cache_free(view_cache *x)
{
	if (!x)
		return;
	for (kept_view *k = x->first, *next; k; k = next) {
		next = k->next;
		kept_free(k);
	}
	pthread_mutex_destroy(&x->lock);
	mem_free(x);
}

/* Parameters that choose what is shown of it, not what it is. */
static bool
is_part_of_key(const char *name)
{
	static const char *const not[] = { "at", "part", "hl", "filter", "sort", "n", "offset", "more", "view", "by", "facet" };

	for (size_t i = 0; i < countof(not); i++)
		if (!strcmp(name, not[i]))
			return false;
	return true;
}

bool
view_cache_key(const web_call *c, view_key *key)
{
	uint64_t commit = site_commit(c->at, c->index);
	const char *name = site_name(c->at);
	XXH3_state_t *h = XXH3_createState();
	XXH128_hash_t sum;

	if (!h)
		return false;
	XXH3_128bits_reset(h);
	XXH3_128bits_update(h, &commit, sizeof commit);
	XXH3_128bits_update(h, name, strlen(name) + 1);
	for (size_t i = 0; i < c->nparams; i++) {
		if (!is_part_of_key(c->params[i].name))
			continue;
		XXH3_128bits_update(h, c->params[i].name, strlen(c->params[i].name) + 1);
		XXH3_128bits_update(h, &c->params[i].len, sizeof c->params[i].len);
		XXH3_128bits_update(h, c->params[i].value, c->params[i].len);
	}
	sum = XXH3_128bits_digest(h);
	XXH3_freeState(h);
	*key = (view_key){ { sum.low64, sum.high64 } };
	return true;
}

/* With the lock held: out of the list; true: nobody uses it. */
static bool
unlist(kept_view **at)
{
	kept_view *k = *at;

	*at = k->next;
	k->gone = true;
	return !k->uses;
}

static void
to_front(view_cache *x, kept_view **at)
{
	kept_view *k = *at;

	*at = k->next;
	k->next = x->first;
	x->first = k;
}

kept_view *
view_cache_take(view_cache *x, view_key key)
{
	kept_view *found = NULL;

	if (!x)
		return NULL;
	pthread_mutex_lock(&x->lock);
	for (kept_view **at = &x->first; *at && !found; at = &(*at)->next)
		if (!memcmp(&(*at)->key, &key, sizeof key)) {
			found = *at;
			found->uses++;
			to_front(x, at);
			break;
		}
	pthread_mutex_unlock(&x->lock);
	return found;
}

static size_t
bytes_of(const cdg_view *v)
{
	return 4096 + cdg_view_match_count(v) * 16 + (cdg_view_section_count(v) + cdg_view_page_count(v)) * 128;
}

kept_view *
view_cache_put(view_cache *x, view_key key, cdg_view *v)
{
	kept_view *k = x ? mem_calloc(1, sizeof *k) : NULL, *drop = NULL;
	size_t n = 0, bytes = 0;

	if (!k)
		return NULL;
	k->key = key;
	k->v = v;
	k->bytes = bytes_of(v);
	k->uses = 1;
	pthread_mutex_lock(&x->lock);
	k->next = x->first;
	x->first = k;
	for (kept_view **at = &x->first; *at;) {
		kept_view *one = *at;

		bytes += one->bytes;
		if (one == k || (n < KEPT_MAX && bytes <= BYTES_MAX && memcmp(&one->key, &key, sizeof key))) {
			n++;
			at = &one->next;
			continue;
		}
		bytes -= one->bytes;
		if (unlist(at)) {
			one->next = drop;
			drop = one;
		}
	}
	pthread_mutex_unlock(&x->lock);
	for (kept_view *next; drop; drop = next) {
		next = drop->next;
		kept_free(drop);
	}
	return k;
}

void
view_cache_give(view_cache *x, kept_view *k)
{
	bool last;

	if (!k)
		return;
	pthread_mutex_lock(&x->lock);
	last = !--k->uses && k->gone;
	pthread_mutex_unlock(&x->lock);
	if (last)
		kept_free(k);
}

const cdg_view *
view_cache_view(const kept_view *k)
{
	return k->v;
}
