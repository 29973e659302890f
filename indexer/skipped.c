/* skipped.c - see skipped.h. */
#include "indexer/skipped.h"

#include <xxhash.h>

#include "base/mem.h"
#include "indexer/sources_db.h"

void
skipped_fini(skipped_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		mem_free(l->p[i].path);
		mem_free(l->p[i].reason);
	}
	mem_free(l->p);
	mem_free(l->slots);
	memset(l, 0, sizeof *l);
}

static size_t
skipped_slot(const skipped_list *l, const char *path)
{
	size_t at = XXH3_64bits(path, strlen(path)) & (l->nslots - 1);

	while (l->slots[at] && strcmp(l->p[l->slots[at] - 1].path, path) != 0)
		at = (at + 1) & (l->nslots - 1);
	return at;
}

static bool
skipped_index(skipped_list *l, size_t nslots)
{
	uint32_t *slots = mem_calloc(nslots, sizeof *slots);

	if (!slots)
		return false;
	mem_free(l->slots);
	l->slots = slots;
	l->nslots = nslots;
	for (size_t i = 0; i < l->n; i++)
		l->slots[skipped_slot(l, l->p[i].path)] = (uint32_t)i + 1;
	return true;
}

static bool
skipped_add(skipped_list *l, const char *path, const char *reason)
{
	skipped_file f = { mem_strdup(path), mem_strdup(reason), true };
	bool room = (l->n + 1) * 2 <= l->nslots || skipped_index(l, l->nslots ? l->nslots * 2 : 64);

	if (!f.path || !f.reason || !room || !mem_grow(&l->p, &l->cap, l->n + 1, sizeof *l->p)) {
		mem_free(f.path);
		mem_free(f.reason);
		return false;
	}
	l->p[l->n] = f;
	l->slots[skipped_slot(l, path)] = (uint32_t)l->n + 1;
	l->n++;
	return true;
}

bool
skipped_note(skipped_list *l, const char *path, const char *reason, bool *changed)
{
	uint32_t i = l->nslots ? l->slots[skipped_slot(l, path)] : 0;
	skipped_file *f = i ? &l->p[i - 1] : NULL;
	char *copy;

	if (!f && l->n >= SKIPPED_MAX) {
		l->now++;
		return true;
	}
	if (!f) {
		*changed = true;
		return skipped_add(l, path, reason);
	}
	f->seen = true;
	if (strcmp(f->reason, reason) == 0)
		return true;
	copy = mem_strdup(reason);
	if (!copy)
		return false;
	mem_free(f->reason);
	f->reason = copy;
	*changed = true;
	return true;
}

const char *
skipped_reason(const skipped_list *l, const char *path)
{
	uint32_t i = l->nslots ? l->slots[skipped_slot(l, path)] : 0;

	return i ? l->p[i - 1].reason : NULL;
}

void
skipped_keep(skipped_list *l, const char *path)
{
	uint32_t i = l->nslots ? l->slots[skipped_slot(l, path)] : 0;

	if (i)
		l->p[i - 1].seen = true;
}

void
skipped_forget_run(skipped_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->p[i].seen = false;
	l->now = 0;
}

void
skipped_sweep(skipped_list *l, const char *root, bool *changed)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (!l->p[i].seen && sources_path_below(l->p[i].path, root)) {
			mem_free(l->p[i].path);
			mem_free(l->p[i].reason);
		} else {
			l->p[n++] = l->p[i];
		}
	}
	if (n == l->n && l->now == l->more)
		return;
	*changed = true;
	l->n = n;
	l->more = l->now;
	if (l->nslots)
		memset(l->slots, 0, l->nslots * sizeof *l->slots);
	for (size_t i = 0; i < l->n; i++)
		l->slots[skipped_slot(l, l->p[i].path)] = (uint32_t)i + 1;
}
