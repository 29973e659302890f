/* pairs.c - see pairs.h.
 *
 * The lists of the frequent words are read side by side, a document at a time, and their
 * positions laid out on the axis of the document, a window after the other.  What is found is
 * kept as bytes by pair until all documents were seen.  When that would take too
 * much memory, it is done for some of the first words at a time.
 */
#include "indexer/pairs.h"

#include <stdlib.h>
#include <sys/stat.h>

enum {
	PAIRS_WORDS = 512,        /* at most, the most frequent ones */
	PAIRS_DOCS = 32,          /* a word in fewer documents is not frequent */
	PAIRS_PART = 4,           /* a pair is in less than this part of the documents of its rarer word */
	PAIRS_WINDOW = 1 << 15,   /* positions */
	PAIRS_BYTES = 1,          /* of memory for an occurrence of a first word, about: most are in no list */
	PAIRS_STEP = 1024         /* documents after which it looks up */
};

/* A frequent word; its number is its place in order of ordinals. */
typedef struct pair_word {
	post_meta meta;
	uint32_t ord;
	post_cursor *c;
	/* in the current document */
	const uint32_t *pos;
	uint32_t npos, at;
} pair_word;

/* Its postings so far: varint (delta of document << 1 | more than once), varint tf - 2. */
typedef struct pair_list {
	uint32_t first, second;
	uint32_t df, most;         /* with more documents it is left out */
	uint32_t last, tf;         /* document; so often in the current one */
	buf bytes;
} pair_list;

typedef struct pairs {
	segment *s;
	const pairs_options *opt;
	pair_word *words;
	uint32_t n, from, to;      /* of words; first words of this pass */
	uint32_t *number;          /* of the list of a pair, + 1; by first - from and second */
	pair_list *lists;
	size_t nlists, lists_cap;
	uint32_t *now;             /* lists that the current document has */
	size_t nnow, now_cap;
	uint32_t *here;            /* words that it has */
	uint64_t done, total;
	dict_writer dict;
	post_writer post;
	bool nomem;
	uint16_t axis[PAIRS_WINDOW + 1]; /* word at a position, + 1 */
} pairs;

/* ---- the words -------------------------------------------------------- */

static cdg_status
words_find(pairs *p, cdg_error *err)
{
	size_t cap = 0, n = 0;
	dict_iter it;

	dict_seek(&it, &p->s->dict, DICT_TERM, DICT_FIELD_TEXT, NULL, 0);
	while (dict_next(&it) && it.e.kind == DICT_TERM && it.e.field == DICT_FIELD_TEXT) {
		const post_meta *m = &it.e.meta;
		if (m->df < PAIRS_DOCS || m->df <= p->s->info.docs / SEGMENT_PAIR_SHARE || m->wide || !m->has_pos)
			continue;
		if (!mem_grow(&p->words, &cap, n + 1, sizeof *p->words))
			return err_nomem(err);
		p->words[n++] = (pair_word){ .meta = *m, .ord = (uint32_t)it.e.ord };
	}
	for (uint32_t least = 0; n > PAIRS_WORDS; least += least / 8 + 1) {
		size_t kept = 0;
		for (size_t i = 0; i < n; i++)
			if (p->words[i].meta.df > least)
				p->words[kept++] = p->words[i];
		n = kept;
	}
	p->n = (uint32_t)n;
	p->number = mem_alloc((n * n + 1) * sizeof *p->number);
	p->here = mem_alloc((n + 1) * sizeof *p->here);
	for (size_t i = 0; i < n; i++) {
		p->words[i].c = mem_calloc(1, sizeof *p->words[i].c);
		p->nomem |= !p->words[i].c;
	}
	return p->number && p->here && !p->nomem ? segment_error(p->s, err) : err_nomem(err);
}

/* As many first words as there is memory for, at least one. */
static uint32_t
words_pass(const pairs *p, uint32_t from)
{
	uint64_t bytes = 0;
	uint32_t to = from;

	while (to < p->n && (to == from || bytes + p->words[to].meta.ttf * PAIRS_BYTES <= p->opt->memory))
		bytes += p->words[to++].meta.ttf * PAIRS_BYTES;
	return to;
}

/* ---- documents -------------------------------------------------------- */

static void
pair_count(pairs *p, uint32_t a, uint32_t b)
{
	uint32_t *number = &p->number[(size_t)(a - p->from) * p->n + b];
	pair_list *l;

	if (!*number) {
		uint32_t df = min_u32(p->words[a].meta.df, p->words[b].meta.df);
		p->nomem |= !mem_grow(&p->lists, &p->lists_cap, p->nlists + 1, sizeof *p->lists);
		if (p->nomem)
			return;
		p->lists[p->nlists] = (pair_list){ .first = a, .second = b, .most = df / PAIRS_PART };
		*number = (uint32_t)++p->nlists;
	}
	l = &p->lists[*number - 1];
	if (l->tf++)
		return;
	p->nomem |= !mem_grow(&p->now, &p->now_cap, p->nnow + 1, sizeof *p->now);
	if (!p->nomem)
		p->now[p->nnow++] = *number - 1;
}

static void
pair_document(pairs *p, uint32_t doc)
{
	for (size_t i = 0; i < p->nnow; i++) {
		pair_list *l = &p->lists[p->now[i]];
		if (l->df < l->most) {
			buf_put_varint(&l->bytes, (uint64_t)(doc - l->last) << 1 | (l->tf > 1));
			if (l->tf > 1)
				buf_put_varint(&l->bytes, l->tf - 2);
			p->nomem |= l->bytes.failed;
		} else {
			buf_fini(&l->bytes);
		}
		l->df++;
		l->last = doc;
		l->tf = 0;
	}
	p->nnow = 0;
}

/* The least position not looked at; UINT32_MAX: none. */
static uint32_t
axis_next(const pairs *p, uint32_t nhere)
{
	uint32_t least = UINT32_MAX;

	for (uint32_t i = 0; i < nhere; i++) {
		const pair_word *w = &p->words[p->here[i]];
		if (w->at < w->npos)
			least = min_u32(least, w->pos[w->at]);
	}
	return least;
}

/* Positions from base on: so many, and one more for what follows. */
static void
axis_window(pairs *p, uint32_t nhere, uint32_t base)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < nhere; i++) {
		const pair_word *w = &p->words[p->here[i]];
		for (uint32_t k = w->at; k < w->npos && w->pos[k] - base <= PAIRS_WINDOW; k++) {
			p->axis[w->pos[k] - base] = (uint16_t)(p->here[i] + 1);
			last = max_u32(last, w->pos[k] - base);
		}
	}
	for (uint32_t i = 0; i < nhere; i++) {
		uint32_t a = p->here[i];
		pair_word *w = &p->words[a];
		for (; w->at < w->npos && w->pos[w->at] - base < PAIRS_WINDOW; w->at++) {
			uint32_t b = p->axis[w->pos[w->at] - base + 1];
			if (b && a >= p->from && a < p->to)
				pair_count(p, a, b - 1);
		}
	}
	memset(p->axis, 0, ((size_t)last + 1) * sizeof *p->axis);
}

static cdg_status
words_error(const pairs *p, const post_cursor *c, cdg_error *err)
{
	if (c->nomem || p->nomem)
		return err_nomem(err);
	return pfile_error(atomic_load(&p->s->post.bad) ? &p->s->post : &p->s->pos, err);
}

static cdg_status
pairs_document(pairs *p, uint32_t doc, cdg_error *err)
{
	uint32_t nhere = 0, base;

	for (uint32_t i = 0; i < p->n; i++) {
		pair_word *w = &p->words[i];
		if (w->c->doc != doc)
			continue;
		w->pos = post_positions(w->c, &w->npos);
		w->at = 0;
		if (!w->pos)
			return words_error(p, w->c, err);
		p->here[nhere++] = i;
	}
	while ((base = axis_next(p, nhere)) != UINT32_MAX)
		axis_window(p, nhere, base);
	pair_document(p, doc);
	for (uint32_t i = 0; i < nhere; i++) {
		post_cursor *c = p->words[p->here[i]].c;
		if (post_next(c) <= doc || c->bad)
			return words_error(p, c, err);
	}
	return p->nomem ? err_nomem(err) : CDG_OK;
}

static cdg_status
pairs_look_up(pairs *p, cdg_error *err)
{
	p->done += PAIRS_STEP;
	if (p->opt->cancel && atomic_load_explicit(p->opt->cancel, memory_order_relaxed))
		return err_set(err, CDG_E_CANCELLED, "stopped on request");
	if (p->opt->progress)
		p->opt->progress(p->opt->progress_ctx, p->done < p->total ? p->done : p->total, p->total);
	pfile_forget(&p->s->pos, 0, p->s->pos.map.len);
	pfile_forget(&p->s->post, 0, p->s->post.map.len);
	return CDG_OK;
}

static cdg_status
pairs_documents(pairs *p, cdg_error *err)
{
	for (uint32_t i = 0; i < p->n; i++) {
		pair_word *w = &p->words[i];
		post_open(w->c, &p->s->post, &p->s->pos, &w->meta, p->s->info.docs);
		if (post_next(w->c) == POST_END)
			return words_error(p, w->c, err);
	}
	for (uint32_t d = 0; d < p->s->info.docs; d++) {
		CDG_TRY(pairs_document(p, d, err));
		if (d % PAIRS_STEP == PAIRS_STEP - 1)
			CDG_TRY(pairs_look_up(p, err));
	}
	for (uint32_t i = 0; i < p->n; i++)
		post_close(p->words[i].c);
	return CDG_OK;
}

/* ---- writing ---------------------------------------------------------- */

static cdg_status
list_write(pairs *p, const pair_list *l, cdg_error *err)
{
	const uint8_t *norms = p->s->norms[DICT_FIELD_TEXT];
	rd r = rd_make(l->bytes.p, l->bytes.len);
	uint8_t key[DICT_PAIR_KEY];
	uint32_t doc = 0;
	post_meta meta;

	post_begin(&p->post, false, false);
	while (rd_left(&r)) {
		uint64_t x = rd_varint(&r);
		doc += (uint32_t)(x >> 1);
		post_add(&p->post, doc, x & 1 ? rd_varint32(&r) + 2 : 1, NULL, NULL, norms[doc]);
	}
	CDG_TRY(post_end(&p->post, &meta, err));
	dict_pair_key(p->words[l->first].ord, p->words[l->second].ord, key);
	dict_writer_term(&p->dict, DICT_PAIR, DICT_FIELD_TEXT, key, sizeof key, &meta, false, NULL, 0);
	return CDG_OK;
}

/* The lists of a pass, by pair. */
static cdg_status
lists_write(pairs *p, cdg_error *err)
{
	for (size_t i = 0; i < (size_t)(p->to - p->from) * p->n; i++) {
		pair_list *l = p->number[i] ? &p->lists[p->number[i] - 1] : NULL;
		if (!l || l->df > l->most)
			continue;
		CDG_TRY(list_write(p, l, err));
		buf_fini(&l->bytes);
	}
	return CDG_OK;
}

static void
lists_drop(pairs *p)
{
	for (size_t i = 0; i < p->nlists; i++)
		buf_fini(&p->lists[i].bytes);
	p->nlists = p->nnow = 0;
}

static cdg_status
pairs_run(pairs *p, cdg_error *err)
{
	CDG_TRY(words_find(p, err));
	for (uint32_t from = 0; from < p->n; from = words_pass(p, from))
		p->total += p->s->info.docs;
	for (p->from = 0; p->from < p->n; p->from = p->to) {
		p->to = words_pass(p, p->from);
		memset(p->number, 0, (size_t)(p->to - p->from) * p->n * sizeof *p->number);
		CDG_TRY(pairs_documents(p, err));
		CDG_TRY(lists_write(p, err));
		lists_drop(p);
	}
	return dict_writer_finish(&p->dict, err);
}

static void
pairs_fini(pairs *p)
{
	lists_drop(p);
	for (uint32_t i = 0; i < p->n; i++) {
		if (p->words[i].c)
			post_close(p->words[i].c);
		mem_free(p->words[i].c);
	}
	mem_free(p->words);
	mem_free(p->number);
	mem_free(p->lists);
	mem_free(p->now);
	mem_free(p->here);
	dict_writer_fini(&p->dict);
	post_writer_fini(&p->post);
	mem_free(p);
}

/* ---- the files -------------------------------------------------------- */

static uint64_t
file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static cdg_status
pairs_files(segment *s, const char *const path[2], const pairs_options *opt, cdg_error *err)
{
	pairs *p = mem_calloc(1, sizeof *p);
	pwriter keys = { .fd = -1 }, lists = { .fd = -1 };
	cdg_status st;

	if (!p)
		return err_nomem(err);
	p->s = s;
	p->opt = opt;
	st = pwriter_open(&keys, path[0], PFILE_KIND('D', 'I', 'C', 'T'), &s->info.id, err);
	if (st == CDG_OK)
		st = pwriter_open(&lists, path[1], PFILE_KIND('P', 'O', 'S', 'T'), &s->info.id, err);
	if (st == CDG_OK) {
		dict_writer_init(&p->dict, &keys, PFILE_HEADER, PFILE_HEADER);
		post_writer_init(&p->post, &lists, NULL, (float)((double)s->info.tokens[0] / (double)s->info.docs));
		st = pairs_run(p, err);
	}
	pairs_fini(p);
	if (st == CDG_OK)
		st = pwriter_finish(&keys, opt->sync, err);
	if (st == CDG_OK)
		st = pwriter_finish(&lists, opt->sync, err);
	pwriter_abort(&keys);
	pwriter_abort(&lists);
	return st;
}

cdg_status
pairs_make(segment *s, const char *dir, const pairs_options *opt, cdg_error *err)
{
	char *path[2] = { segment_path(dir, &s->info.id, "pairs"), segment_path(dir, &s->info.id, "pairpost") };
	cdg_status st = path[0] && path[1] ? CDG_OK : err_nomem(err);

	if (st == CDG_OK)
		st = pairs_files(s, (const char *const *)path, opt, err);
	if (st == CDG_OK)
		st = segment_open_pairs(s, dir, err);
	for (unsigned i = 0; i < 2; i++) {
		if (st == CDG_OK)
			s->info.bytes += file_bytes(path[i]);
		else if (path[i])
			file_unlink(path[i], NULL);
		mem_free(path[i]);
	}
	return st;
}
