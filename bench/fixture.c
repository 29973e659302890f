/* fixture.c - see fixture.h. */
#include "bench/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/generate.h"
#include "bench/indexing.h"

enum { FIXTURE_SEED = 20260, FIXTURE_LENGTH = 80 };

static cdg_status
fixture_folder(fixture *f, const char *dir, cdg_error *err)
{
	const char *tmp = getenv("TMPDIR");

	f->temporary = !dir;
	if (dir) {
		if (strlen(dir) >= sizeof f->dir)
			return err_set(err, CDG_E_ARG, "the name of the folder is too long");
		memcpy(f->dir, dir, strlen(dir) + 1);
		return file_mkdirs(dir, err);
	}
	if (!tmp || !*tmp || strlen(tmp) > 3000)
		tmp = "/tmp";
	snprintf(f->dir, sizeof f->dir, "%s/cdgbench.XXXXXX", tmp);
	return mkdtemp(f->dir) ? CDG_OK : err_errno(err, "make a folder in", tmp);
}

static cdg_status
fixture_make(fixture *f, uint64_t docs, uint64_t per_kind, cdg_error *err)
{
	const char *paths[] = { f->corpus };
	generate_plan g = { .params = gen_defaults, .seed = FIXTURE_SEED, .ndocs = docs, .per_kind = per_kind,
			    .out = f->corpus, .queries = f->queries };
	indexing_plan p = { .dir = f->index, .paths = paths, .npaths = 1, .lang = "none", .jsonl = true,
			    .threads = 1 };
	generate_figures made;
	indexing_figures figures;

	generate_scale_lengths(&g.params, FIXTURE_LENGTH);
	g.params.lengths[GEN_LENGTHS - 1] = 20000; /* no document takes half the time */
	CDG_TRY(generate_run(&g, &made, err));
	f->hash = made.hash;
	return indexing_run(&p, &figures, err);
}

cdg_status
fixture_open(fixture *f, const char *dir, uint64_t docs, uint64_t per_kind, cdg_error *err)
{
	cdg_status st;

	memset(f, 0, sizeof *f);
	CDG_TRY(fixture_folder(f, dir, err));
	snprintf(f->corpus, sizeof f->corpus, "%s/corpus.jsonl", f->dir);
	snprintf(f->queries, sizeof f->queries, "%s/queries.jsonl", f->dir);
	snprintf(f->index, sizeof f->index, "%s/index", f->dir);
	if (indexing_taken(f->index) && file_exists(f->queries))
		return CDG_OK;
	st = fixture_make(f, docs, per_kind, err);
	if (st != CDG_OK)
		fixture_close(f);
	return st;
}

void
fixture_close(fixture *f)
{
	if (!f->temporary)
		return;
	file_unlink(f->corpus, NULL);
	file_unlink(f->queries, NULL);
	if (file_exists(f->index))
		indexing_remove(f->index, NULL);
	rmdir(f->dir);
}
