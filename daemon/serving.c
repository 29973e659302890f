/* serving.c - what a reload replaces, and when it goes. */
#include "daemon/serving.h"

#include "base/err.h"
#include "base/mem.h"

cdg_status
serving_open(settings *set, serving **out, cdg_error *err)
{
	serving *s = mem_calloc(1, sizeof *s);
	cdg_status st;

	*out = NULL;
	if (!s) {
		settings_free(set);
		return err_nomem(err);
	}
	s->set = set;
	atomic_init(&s->refs, 1);
	st = logs_open(set, &s->logs, err);
	if (st == CDG_OK)
		st = site_open(set, &s->site, err);
	if (st == CDG_OK)
		st = site_watch(s->site, err);
	if (st != CDG_OK) {
		serving_unref(s);
		return st;
	}
	*out = s;
	return CDG_OK;
}

serving *
serving_ref(serving *s)
{
	atomic_fetch_add(&s->refs, 1);
	return s;
}

void
serving_unref(serving *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	site_close(s->site);
	logs_close(s->logs);
	settings_free(s->set);
	mem_free(s);
}
