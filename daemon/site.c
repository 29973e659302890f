/* site.c - the served indexes and the thread that follows their commits.
 *
 * A snapshot is counted: one count for being the current one, one for each request that
 * searches in it.  The last to give it back closes it.
 */
#include "daemon/site.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <xxhash.h>

#include "backend/api.h"
#include "base/err.h"
#include "base/mem.h"
#include "daemon/fault.h"
#include "daemon/trouble.h"

enum { LOOK_MS = 250 };

typedef struct held {
	struct held *next;
	cdg_index *index;
	size_t uses;
	uint64_t faults; /* when it was opened */
	uint64_t place;
} held;

struct site_index {
	const char *name, *path; /* of the settings */
	pthread_mutex_t lock;    /* of what follows */
	pthread_mutex_t looking; /* one at a time opens */
	pthread_mutex_t writing;
	held *now;               /* NULL: never could be opened */
	held *all;
	cdg_error error;
	uint64_t opened;
};

struct site {
	view_cache *views;
	site_index *indexes;
	size_t n;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t end;
	bool watching, ending;
};

/* With x->lock held; closes what nobody uses.  Returns what is to be closed without it. */
static cdg_index *
held_drop(site_index *x, held *h)
{
	cdg_index *index = h->index;

	if (--h->uses)
		return NULL;
	for (held **at = &x->all; *at; at = &(*at)->next)
		if (*at == h) {
			*at = h->next;
			break;
		}
	mem_free(h);
	return index;
}

/* Which folder or file is at the path: another one may have commits of the same numbers. */
static uint64_t
place_of(const site_index *x)
{
	struct stat st;

	return stat(x->path, &st) ? 0 : (uint64_t)st.st_ino * 31 + (uint64_t)st.st_dev;
}

/* Makes index, opened at place after so many faults, the current snapshot. */
static cdg_status
site_set(site_index *x, cdg_index *index, uint64_t place, uint64_t faults, cdg_error *err)
{
	held *h = mem_calloc(1, sizeof *h);
	cdg_index *gone = NULL;

	if (!h) {
		cdg_index_close(index);
		return err_nomem(err);
	}
	h->index = index;
	h->uses = 1;
	h->faults = faults;
	h->place = place;
	pthread_mutex_lock(&x->lock);
	h->next = x->all;
	x->all = h;
	if (x->now)
		gone = held_drop(x, x->now);
	x->now = h;
	x->opened++;
	pthread_mutex_unlock(&x->lock);
	cdg_index_close(gone);
	return CDG_OK;
}

/* A snapshot that was open while a mapped file could not be read has zeros in its place. */
static void
drop_faulty(site_index *x)
{
	cdg_index *gone = NULL;

	pthread_mutex_lock(&x->lock);
	if (x->now && x->now->faults != fault_count()) {
		gone = held_drop(x, x->now);
		x->now = NULL;
	}
	pthread_mutex_unlock(&x->lock);
	cdg_index_close(gone);
}

static uint64_t
place_held(site_index *x, const cdg_index *index)
{
	uint64_t place = 0;

	pthread_mutex_lock(&x->lock);
	for (const held *h = x->all; h; h = h->next)
		if (h->index == index)
			place = h->place;
	pthread_mutex_unlock(&x->lock);
	return place;
}

static const cdg_index *
take_sound(site_index *x, cdg_error *err)
{
	const cdg_index *index = NULL;

	pthread_mutex_lock(&x->lock);
	if (x->now && x->now->faults == fault_count()) {
		x->now->uses++;
		index = x->now->index;
	} else if (err && x->error.status != CDG_OK) {
		*err = x->error;
	} else { /* a fault just now */
		err_set(err, CDG_E_CORRUPT, "%s could not be read", x->path);
	}
	pthread_mutex_unlock(&x->lock);
	return index;
}

void
site_look(site_index *x)
{
	cdg_error err = { .status = CDG_OK };
	cdg_index *newer = NULL;
	uint64_t faults, place;
	const cdg_index *now;
	cdg_status st;

	pthread_mutex_lock(&x->looking);
	drop_faulty(x);
	faults = fault_count();
	place = place_of(x);
	now = take_sound(x, NULL);
	if (now && place_held(x, now) == place) {
		st = cdg_index_reopen(now, &newer, &err);
		site_give(x, now);
	} else {
		site_give(x, now);
		st = cdg_index_open(x->path, &newer, &err);
	}
	if (st == CDG_OK && newer)
		st = site_set(x, newer, place, faults, &err);
	pthread_mutex_lock(&x->lock);
	if (st != CDG_OK && (x->error.status != st || strcmp(x->error.message, err.message)))
		trouble(x->name, &err);
	if (st == CDG_OK)
		x->error.status = CDG_OK;
	else
		x->error = err;
	pthread_mutex_unlock(&x->lock);
	pthread_mutex_unlock(&x->looking);
}

static void *
site_thread(void *arg)
{
	site *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->ending) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += LOOK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&s->end, &s->lock, &until);
		if (s->ending)
			break;
		pthread_mutex_unlock(&s->lock);
		for (size_t i = 0; i < s->n; i++)
			site_look(&s->indexes[i]);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

cdg_status
site_open(const settings *set, site **out, cdg_error *err)
{
	site *s = mem_calloc(1, sizeof *s);
	size_t good = 0;
	pthread_condattr_t attr;

	*out = s;
	if (!s)
		return err_nomem(err);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->end, &attr);
	pthread_condattr_destroy(&attr);
	s->views = view_cache_new();
	s->indexes = mem_calloc(set->nindexes, sizeof *s->indexes);
	for (; s->indexes && s->n < set->nindexes; s->n++) {
		site_index *x = &s->indexes[s->n];

		x->name = set->indexes[s->n].name;
		x->path = set->indexes[s->n].path;
		pthread_mutex_init(&x->lock, NULL);
		pthread_mutex_init(&x->looking, NULL);
		pthread_mutex_init(&x->writing, NULL);
		site_look(x);
		good += x->now != NULL;
	}
	if (!good) {
		if (s->n)
			site_error(&s->indexes[0], err);
		else
			err_set(err, CDG_E_ARG, "no index is given: cdgsearchd -d INDEX");
		site_close(s);
		*out = NULL;
		return err ? err->status : CDG_E_NOTFOUND;
	}
	return CDG_OK;
}

cdg_status
site_watch(site *s, cdg_error *err)
{
	if (pthread_create(&s->thread, NULL, site_thread, s))
		return err_set(err, CDG_E_IO, "cannot start the thread that looks for commits");
	s->watching = true;
	return CDG_OK;
}

void
site_close(site *s)
{
	if (!s)
		return;
	if (s->watching) {
		pthread_mutex_lock(&s->lock);
		s->ending = true;
		pthread_cond_signal(&s->end);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	for (size_t i = 0; i < s->n; i++) {
		site_index *x = &s->indexes[i];

		for (held *h = x->all, *next; h; h = next) {
			next = h->next;
			cdg_index_close(h->index);
			mem_free(h);
		}
		pthread_mutex_destroy(&x->lock);
		pthread_mutex_destroy(&x->looking);
		pthread_mutex_destroy(&x->writing);
	}
	pthread_cond_destroy(&s->end);
	pthread_mutex_destroy(&s->lock);
	view_cache_free(s->views);
	mem_free(s->indexes);
	mem_free(s);
}

site_index *
site_find(site *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!name || !strcmp(s->indexes[i].name, name))
			return &s->indexes[i];
	return NULL;
}

view_cache *
site_views(const site *s)
{
	return s ? s->views : NULL;
}

size_t
site_count(const site *s)
{
	return s->n;
}

site_index *
site_at(site *s, size_t i)
{
	return &s->indexes[i];
}

const char *
site_name(const site_index *x)
{
	return x->name;
}

const char *
site_path(const site_index *x)
{
	return x->path;
}

const cdg_index *
site_take(site_index *x, cdg_error *err)
{
	bool stale;

	pthread_mutex_lock(&x->lock);
	stale = x->now && x->now->faults != fault_count();
	pthread_mutex_unlock(&x->lock);
	if (stale)
		site_look(x);
	return take_sound(x, err);
}

bool
site_sound(site_index *x, const cdg_index *index)
{
	bool sound = false;

	pthread_mutex_lock(&x->lock);
	for (const held *h = x->all; h; h = h->next)
		if (h->index == index)
			sound = h->faults == fault_count();
	pthread_mutex_unlock(&x->lock);
	return sound;
}

void
site_give(site_index *x, const cdg_index *index)
{
	cdg_index *gone = NULL;

	if (!index)
		return;
	pthread_mutex_lock(&x->lock);
	for (held *h = x->all; h; h = h->next)
		if (h->index == index) {
			gone = held_drop(x, h);
			break;
		}
	pthread_mutex_unlock(&x->lock);
	cdg_index_close(gone);
}

uint64_t
site_commit(site_index *x, const cdg_index *index)
{
	uint64_t said[3] = { cdg_index_generation(index) }, sum;
	const manifest *m = index->snap ? &index->snap->manifest : NULL;

	pthread_mutex_lock(&x->lock);
	for (const held *h = x->all; h; h = h->next)
		if (h->index == index) {
			said[1] = h->place;
			said[2] = h->faults;
		}
	pthread_mutex_unlock(&x->lock);
	sum = XXH3_64bits(said, sizeof said);
	for (size_t i = 0; m && i < m->nsegs; i++)
		sum = XXH3_64bits_withSeed(&m->segs[i].id, sizeof m->segs[i].id, sum);
	return sum;
}

void
site_write_lock(site_index *x)
{
	pthread_mutex_lock(&x->writing);
}

void
site_write_unlock(site_index *x)
{
	pthread_mutex_unlock(&x->writing);
}

cdg_status
site_error(site_index *x, cdg_error *err)
{
	cdg_error copy;

	pthread_mutex_lock(&x->lock);
	copy = x->error;
	pthread_mutex_unlock(&x->lock);
	if (err)
		*err = copy;
	return copy.status;
}

uint64_t
site_opened(site_index *x)
{
	uint64_t n;

	pthread_mutex_lock(&x->lock);
	n = x->opened;
	pthread_mutex_unlock(&x->lock);
	return n;
}
