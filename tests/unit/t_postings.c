/* Posting lists: what is written is read, in every shape, by next and by seek,
 * with positions and codes; check accepts it; damage is found. */
#include "tests/unit/unit.h"

#include "base/cpu.h"
#include "engine/postings.h"

#define KIND_POST PFILE_KIND('P', 'O', 'S', 'T')
#define KIND_POS PFILE_KIND('P', 'O', 'S', 'N')

enum { LISTS = 60 };

static unsigned sets_seen; /* blocks that were given as sets */

typedef struct model {
	uint32_t df;
	uint32_t *docs, *tfs, *first; /* first: index into pos */
	uint32_t *pos, *codes;
	uint8_t *norms;               /* by document */
	uint32_t ndocs;
	bool has_pos, has_codes;
} model;

static model
model_make(uint32_t df, uint32_t gap, uint32_t max_tf, bool has_pos, bool has_codes)
{
	model m = { .df = df, .has_pos = has_pos, .has_codes = has_codes };
	uint32_t doc = gap ? unit_below(gap) : 0, total = 0;
	m.docs = calloc(df, 4);
	m.tfs = calloc(df, 4);
	m.first = calloc(df + 1, 4);
	m.pos = calloc((size_t)df * max_tf + 1, 4);
	m.codes = calloc((size_t)df * max_tf + 1, 4);
	for (uint32_t i = 0; i < df; i++) {
		uint32_t p = unit_below(500);
		m.docs[i] = doc;
		doc += 1 + (gap ? unit_below(gap) : unit_below(12) ? 0 : 1 + unit_below(9)); /* 0: few gaps */
		m.tfs[i] = 1 + (unit_below(3) ? 0 : unit_below(max_tf));
		m.first[i] = total;
		for (uint32_t k = 0; k < m.tfs[i]; k++) {
			m.pos[total] = p;
			p += 1 + unit_below(unit_below(20) ? 30 : unit_below(50) ? 100000 : 20000000);
			m.codes[total++] = has_codes && !unit_below(4) ? unit_below(9) : 0;
		}
	}
	m.ndocs = doc + 1;
	m.norms = malloc(m.ndocs);
	for (uint32_t i = 0; i < m.ndocs; i++)
		m.norms[i] = (uint8_t)(20 + unit_below(60));
	return m;
}

static void
model_free(model *m)
{
	free(m->docs);
	free(m->tfs);
	free(m->first);
	free(m->pos);
	free(m->codes);
	free(m->norms);
}

/* What is given as a set is what loading the block gives. */
static unsigned
compare_sets(post_cursor *c)
{
	unsigned sets = 0;
	post_set s;

	for (uint32_t b = 0; b < c->nb; b++) {
		uint32_t k = 0;
		if (!post_block_set(c, b, &s))
			continue;
		sets++;
		assert_true(post_load(c, b));
		for (uint32_t i = 0; i < s.nbits; i++)
			if (s.bits[i / 8] >> (i % 8) & 1) {
				assert_true(k < c->n);
				assert_int_equal(c->docs[k++], s.first + i);
			}
		assert_int_equal(k, c->n);
		assert_ptr_equal(s.tf.at, c->tf_at);
		assert_ptr_equal(s.tf.end, c->block_end);
		assert_int_equal(s.tf.n, c->n);
	}
	return sets;
}

/* Some tf of a block alone are what loading all gives. */
static void
compare_tfs(post_cursor *c)
{
	for (uint32_t b = 0; b < c->nb && c->meta.df > 1; b++) {
		uint8_t at[POST_BLOCK + 16];
		uint32_t tfs[POST_BLOCK + 16], m = 0, some = 1 + unit_below(40);
		post_tf_place p;
		assert_true(post_load(c, b));
		p = post_tf_of(c);
		for (uint32_t i = 0; i < c->n; i++)
			if (!unit_below(some))
				at[m++] = (uint8_t)i;
		assert_true(post_pick_tfs(c, &p, at, m, tfs));
		assert_true(post_load_tfs(c));
		for (uint32_t i = 0; i < m; i++)
			assert_int_equal(tfs[i], c->tfs[at[i]]);
	}
}

static void
compare_pieces(post_cursor *c, const uint32_t *pos, uint32_t tf)
{
	uint32_t at = 0;
	post_piece p;

	assert_true(post_pieces(c, &p));
	while (post_next_piece(c, &p))
		for (uint32_t k = 0; k < p.n; k++) {
			assert_true(at < tf);
			assert_int_equal(p.v[k] + p.plus, pos[at++]);
		}
	assert_int_equal(at, tf);
}

/* How often a word follows itself, in some documents of each block. */
static unsigned
compare_meet(const model *m, const post_meta *meta, const pfile *post, const pfile *pos)
{
	post_cursor *a = malloc(sizeof *a), *b = malloc(sizeof *b);
	unsigned told = 0;

	post_open(a, post, pos, meta, m->ndocs);
	post_open(b, post, pos, meta, m->ndocs);
	for (uint32_t k = 0; k < a->nb; k++) {
		uint32_t off_a = unit_below(2) ? unit_below(4) : 0, off_b = off_a ? 0 : unit_below(4), n = 0;
		uint8_t i[POST_BLOCK], met[POST_BLOCK], enough = unit_below(2) ? 1 : 255;
		assert_true(post_load(a, k) && post_load(b, k));
		for (uint32_t d = 0; d < a->n; d++)
			if (unit_below(3))
				i[n++] = (uint8_t)d;
		post_meet(a, i, off_a, b, i, off_b, n, enough, met);
		for (uint32_t j = 0; j < n; j++) {
			uint32_t d = k * POST_BLOCK + i[j], want = 0;
			const uint32_t *p = m->pos + m->first[d];
			for (uint32_t x = 0; x < m->tfs[d]; x++)
				for (uint32_t y = 0; y < m->tfs[d]; y++)
					want += p[x] >= off_a && p[y] >= off_b && p[x] - off_a == p[y] - off_b;
			told += met[j] != POST_MEET_UNKNOWN;
			if (!unit_below(8)) { /* also back in the block */
				uint32_t back = unit_below(j + 1);
				a->i = i[back];
				compare_pieces(a, m->pos + m->first[k * POST_BLOCK + i[back]], m->tfs[k * POST_BLOCK + i[back]]);
			}
			assert_true(met[j] == POST_MEET_UNKNOWN || met[j] == want || (met[j] >= enough && met[j] < want));
		}
	}
	assert_false(a->bad || b->bad);
	post_close(a);
	post_close(b);
	free(a);
	free(b);
	return told;
}

static void
compare(const model *m, const post_meta *meta, const pfile *post, const pfile *pos)
{
	post_cursor *c = malloc(sizeof *c);
	cdg_error err;
	uint32_t at = 0;

	assert_int_equal(meta->df, m->df);
	post_open(c, post, pos, meta, m->ndocs);
	for (uint32_t i = 0; i < m->df; i++) {
		assert_int_equal(post_next(c), m->docs[i]);
		assert_int_equal(post_tf(c), m->tfs[i]);
		if (m->has_pos && unit_below(2)) {
			uint32_t n;
			const uint32_t *p = post_positions(c, &n), *codes;
			assert_non_null(p);
			assert_int_equal(n, m->tfs[i]);
			assert_memory_equal(p, m->pos + m->first[i], n * 4);
			if (unit_below(2))
				compare_pieces(c, m->pos + m->first[i], m->tfs[i]);
			codes = post_codes(c);
			for (uint32_t k = 0; k < n; k++)
				assert_int_equal(codes ? codes[k] : 0, m->codes[m->first[i] + k]);
		}
	}
	assert_int_equal(post_next(c), POST_END);
	assert_false(c->bad);
	post_close(c);
	post_open(c, post, pos, meta, m->ndocs);
	for (uint32_t target = 0; target < m->ndocs; target += 1 + unit_below(m->ndocs / 20 + 2)) {
		while (at < m->df && m->docs[at] < target)
			at++;
		assert_int_equal(post_seek(c, target), at < m->df ? m->docs[at] : POST_END);
		if (at < m->df)
			assert_int_equal(post_tf(c), m->tfs[at]);
	}
	post_close(c);
	post_open(c, post, pos, meta, m->ndocs);
	sets_seen += compare_sets(c);
	post_close(c);
	post_open(c, post, pos, meta, m->ndocs);
	compare_tfs(c);
	post_close(c);
	assert_int_equal(post_check(c, post, pos, meta, m->ndocs, m->norms, 9, &err), CDG_OK);
	free(c);
}


static void
test_round_trip(void **state)
{
	char *dir = unit_mkdir(), p1[4200], p2[4200];
	segment_id id = { { 1, 2, 3 } };
	pwriter post, pos;
	post_writer *w = malloc(sizeof *w);
	model models[LISTS];
	post_meta meta[LISTS];
	pfile fpost, fpos;
	unsigned told = 0;
	(void)state;

	snprintf(p1, sizeof p1, "%s/a.post", dir);
	snprintf(p2, sizeof p2, "%s/a.pos", dir);
	assert_int_equal(pwriter_open(&post, p1, KIND_POST, &id, NULL), CDG_OK);
	assert_int_equal(pwriter_open(&pos, p2, KIND_POS, &id, NULL), CDG_OK);
	post_writer_init(w, &post, &pos, 300);
	for (unsigned i = 0; i < LISTS; i++) {
		static const uint32_t dfs[] = { 1, 2, 127, 128, 129, 256, 1000, 5000, 20000 };
		static const uint32_t gaps[] = { 0, 1, 2, 3, 20, 1000 };
		model *m = &models[i];
		*m = model_make(dfs[i % 9], gaps[unit_below(6)], unit_below(5) ? 8 : 400, i % 4 != 3, i % 3 == 0);
		post_begin(w, m->has_pos, m->has_codes);
		for (uint32_t k = 0; k < m->df; k++)
			post_add(w, m->docs[k], m->tfs[k], m->pos + m->first[k], m->codes + m->first[k], m->norms[m->docs[k]]);
		assert_int_equal(post_end(w, &meta[i], NULL), CDG_OK);
	}
	post_writer_fini(w);
	free(w);
	assert_int_equal(pwriter_finish(&post, false, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&pos, false, NULL), CDG_OK);
	assert_int_equal(pfile_open(&fpost, p1, KIND_POST, &id, NULL), CDG_OK);
	assert_int_equal(pfile_open(&fpos, p2, KIND_POS, &id, NULL), CDG_OK);
	for (cpu_level l = CPU_PORTABLE; l <= CPU_AVX512; l++) {
		cpu_limit(l);
		for (unsigned i = 0; i < LISTS; i++) {
			compare(&models[i], &meta[i], &fpost, &fpos);
			if (models[i].has_pos)
				told += compare_meet(&models[i], &meta[i], &fpost, &fpos);
		}
	}
	assert_true(told > 1000 || cpu_limit(CPU_AVX512) < CPU_AVX512);
	cpu_limit(CPU_AVX512);
	assert_true(sets_seen > 20);
	for (unsigned i = 0; i < LISTS; i++)
		model_free(&models[i]);
	pfile_close(&fpost);
	pfile_close(&fpos);
	unit_rmdir(dir);
}

/* Any bytes under right checksums: no crash, no endless loop. */
static void
test_garbage(void **state)
{
	char *dir = unit_mkdir(), path[4200];
	segment_id id = { { 9 } };
	static uint8_t junk[40000];
	post_cursor *c = malloc(sizeof *c);
	uint64_t accepted = 0, refused = 0;
	(void)state;

	snprintf(path, sizeof path, "%s/junk", dir);
	for (unsigned round = 0; round < 300; round++) {
		pwriter w;
		pfile f;
		for (size_t i = 0; i < sizeof junk; i++)
			junk[i] = (uint8_t)(unit_below(3) ? unit_below(8) : unit_rand());
		assert_int_equal(pwriter_open(&w, path, KIND_POST, &id, NULL), CDG_OK);
		pwriter_put(&w, junk, sizeof junk);
		assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
		assert_int_equal(pfile_open(&f, path, KIND_POST, &id, NULL), CDG_OK);
		for (unsigned k = 0; k < 50; k++) {
			post_meta m = { .df = 1 + unit_below(unit_below(2) ? 128 : 4000), .post = 64 + unit_below(40000),
					.pos = 64 + unit_below(40000), .post_len = unit_below(40000),
					.pos_len = unit_below(40000), .has_pos = true, .has_codes = true };
			m.ttf = m.df;
			post_open(c, &f, &f, &m, 10000);
			for (unsigned i = 0; i < 300 && post_next(c) != POST_END; i++) {
				uint32_t n;
				assert_true(c->doc < 10000);
				post_tf(c);
				if (unit_below(2)) {
					uint8_t at = (uint8_t)c->i, met;
					post_meet(c, &at, 0, c, &at, 1, 1, 255, &met);
				}
				if (post_positions(c, &n))
					post_codes(c);
			}
			*(c->bad ? &refused : &accepted) += 1;
			post_close(c);
		}
		pfile_close(&f);
	}
	printf("garbage lists: %llu refused, %llu readable as far as read\n", (unsigned long long)refused,
	       (unsigned long long)accepted);
	assert_true(refused > accepted);
	free(c);
	unit_rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_garbage),
	};
	unit_seed("t_postings");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
