/* t_tree.c - document structure: every lookup against a slow twin that walks
 * plain arrays, on small and long documents, nested and crossing sections. */
#include "engine/tree.h"
#include "tests/unit/part.h"

enum { DOCS = 60, LABEL = 24 };

static const segment_id id = { { 7 } };
static char path[128], path2[128], path3[128];

typedef struct span {
	uint32_t start, end, level;
	uint8_t kind;
	char label[LABEL];
} span;

/* The plain form of a document. */
typedef struct plain {
	uint32_t title_len, body_pos, end_pos;
	uint32_t *sents; /* pos << 1 | para */
	span *spans;
	tree_anchor *anchors;
	size_t nsents, nspans, nanchors;
	uint64_t off;
} plain;

static plain docs[DOCS];

static void
add_span(plain *d, uint8_t kind, uint32_t level, uint32_t start, uint32_t end)
{
	span *s = &d->spans[d->nspans];
	s->start = start;
	s->end = end;
	s->level = level;
	s->kind = kind;
	snprintf(s->label, LABEL, "%s %u", tree_kind_name(kind), (unsigned)d->nspans);
	d->nspans++;
}

/* Sections that nest: [start, end) cut in pieces, each cut again. */
static void
nest(plain *d, uint32_t level, uint32_t start, uint32_t end, size_t most)
{
	while (start < end && d->nspans < most) {
		uint32_t len = 1 + rnd() % (end - start), k = min_u32(len, end - start);
		add_span(d, rnd() % 2 ? TREE_ARTICLE : TREE_PART, level, start, start + k);
		if (rnd() % 3 && level < 9)
			nest(d, level + 1, start, start + k, most);
		start += k + (rnd() % 2 ? 0 : rnd() % 30);
	}
}

static void
make_doc(plain *d, uint32_t tokens, bool crossing)
{
	uint32_t pos, byte = 0, cp = 0;

	memset(d, 0, sizeof *d);
	d->title_len = rnd() % 20;
	d->body_pos = d->title_len + (rnd() % 2 ? 100 : 0);
	d->end_pos = d->body_pos + tokens;
	d->sents = mem_alloc((tokens + 30) * sizeof *d->sents);
	d->spans = mem_alloc((tokens + 4000) * sizeof *d->spans);
	d->anchors = mem_alloc((tokens + 1) * sizeof *d->anchors);
	if (d->title_len > 10)
		d->sents[d->nsents++] = 0 | (rnd() & 1);
	if (d->title_len > 10)
		d->sents[d->nsents++] = 7 << 1;
	/* one document in three is a single paragraph */
	for (pos = d->body_pos + rnd() % 3; pos < d->end_pos; pos += 1 + rnd() % 45)
		d->sents[d->nsents++] = pos << 1 | (tokens % 3 ? rnd() % 50 == 0 : 0);
	for (pos = d->body_pos; tokens && pos < d->end_pos; pos += 1 + rnd() % 700)
		add_span(d, TREE_PAGE, 1, pos, min_u32(d->end_pos, pos + 1 + rnd() % 700));
	if (crossing)
		for (unsigned i = 0; i < 60 && tokens; i++) {
			uint32_t a = d->body_pos + rnd() % tokens, b = d->body_pos + rnd() % tokens;
			add_span(d, TREE_SPEAKER, 1, min_u32(a, b), max_u32(a, b));
		}
	else
		nest(d, 1, d->body_pos, d->end_pos, d->nspans + min_size(tokens, 3000));
	for (pos = d->body_pos + rnd() % 500; pos < d->end_pos; pos += 1 + rnd() % 1000) {
		tree_anchor a;
		uint32_t more = rnd() % 9000;
		byte += more;
		cp += more - rnd() % (more + 1) / 2;
		a.pos = pos;
		a.byte = byte;
		a.cp = cp;
		d->anchors[d->nanchors++] = a;
	}
}

static void
free_docs(void)
{
	for (unsigned i = 0; i < DOCS; i++) {
		mem_free(docs[i].sents);
		mem_free(docs[i].spans);
		mem_free(docs[i].anchors);
	}
}

static void
build_doc(tree_builder *b, const plain *d)
{
	uint32_t *order = mem_alloc((d->nspans + 1) * sizeof *order);

	tree_builder_begin(b);
	for (size_t i = 0; i < d->nsents; i++) {
		tree_builder_sentence(b, d->sents[i] >> 1, d->sents[i] & 1);
		if (rnd() % 10 == 0) /* the same start again adds nothing */
			tree_builder_sentence(b, d->sents[i] >> 1, false);
	}
	for (uint32_t i = 0; i < d->nspans; i++) { /* in any order */
		uint32_t k = rnd() % (i + 1);
		order[i] = order[k];
		order[k] = i;
	}
	for (size_t i = 0; i < d->nspans; i++) {
		const span *s = &d->spans[order[i]];
		tree_builder_section(b, s->kind, s->level, s->label, strlen(s->label), s->start, s->end);
	}
	for (size_t i = 0; i < d->nanchors; i++)
		tree_builder_anchor(b, d->anchors[i].pos, d->anchors[i].byte, d->anchors[i].cp);
	mem_free(order);
}

static void
write_file(void)
{
	tree_part parts[2], *ptr[3] = { &parts[0], NULL, &parts[1] };
	uint64_t base[3];
	tree_builder b;
	pwriter w;

	tree_builder_init(&b);
	for (unsigned i = 0; i < 2; i++) {
		char tmp[160];
		snprintf(tmp, sizeof tmp, "%s/part%u", dir, i);
		assert_int_equal(tree_part_init(&parts[i], tmp, NULL), CDG_OK);
	}
	for (unsigned i = 0; i < DOCS; i++) {
		plain *d = &docs[i];
		make_doc(d, i == 0 ? 0 : i % 20 == 7 ? 200000 + rnd() % 3 : rnd() % 3000, i % 5 == 4);
		build_doc(&b, d);
		assert_int_equal(tree_part_add(&parts[i % 2], &b, d->title_len, d->body_pos, d->end_pos,
					       &d->off, NULL), CDG_OK);
	}
	assert_int_equal(pwriter_open(&w, path, TREE_KIND, &id, NULL), CDG_OK);
	assert_int_equal(tree_join(&w, ptr, 3, base, NULL), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	for (unsigned i = 0; i < DOCS; i++)
		docs[i].off += base[i % 2 ? 2 : 0];
	for (unsigned i = 0; i < 2; i++)
		tree_part_fini(&parts[i]);
	tree_builder_fini(&b);
}

/* ---- the slow twin -------------------------------------------------------------- */

static bool
slow_bounds(const plain *d, uint32_t pos, bool para, uint32_t *start, uint32_t *end)
{
	uint32_t lo = pos < d->title_len ? 0 : d->body_pos;
	uint32_t hi = pos < d->title_len ? d->title_len : d->end_pos;

	if (pos < lo || pos >= hi)
		return false;
	*start = lo;
	*end = hi;
	for (size_t i = 0; i < d->nsents; i++) {
		uint32_t p = d->sents[i] >> 1;
		if ((para && !(d->sents[i] & 1)) || p < lo || p >= hi)
			continue;
		if (p <= pos)
			*start = p;
		else {
			*end = p;
			break;
		}
	}
	return true;
}

static size_t
slow_count(const plain *d, uint32_t pos, bool pages)
{
	size_t n = 0;
	for (size_t i = 0; i < d->nspans; i++)
		n += (d->spans[i].kind == TREE_PAGE) == pages && d->spans[i].start <= pos && pos < d->spans[i].end;
	return n;
}

static void
expect_span(const plain *d, const tree_section *s)
{
	char label[LABEL] = { 0 };
	unsigned n;

	assert_true(s->label_len < LABEL);
	memcpy(label, s->label, s->label_len);
	assert_non_null(strchr(label, ' '));
	n = (unsigned)strtoul(strchr(label, ' ') + 1, NULL, 10);
	assert_true(n < d->nspans);
	assert_int_equal(s->label_len, strlen(d->spans[n].label));
	assert_memory_equal(s->label, d->spans[n].label, s->label_len);
	assert_int_equal(s->start, d->spans[n].start);
	assert_int_equal(s->end, d->spans[n].end);
	assert_int_equal(s->kind, d->spans[n].kind);
	assert_int_equal(s->level, d->spans[n].level);
}

static void
expect_at(tree_view *v, const plain *d, uint32_t pos)
{
	tree_section path_[64], page;
	uint32_t s = 0, e = 0, ws = 0, we = 0;
	tree_anchor a, want = { d->body_pos, 0, 0 };
	size_t n, i;

	for (int para = 0; para < 2; para++) {
		bool want_any = slow_bounds(d, pos, para, &ws, &we);
		bool any = para ? tree_paragraph_bounds(v, pos, &s, &e) : tree_sentence_bounds(v, pos, &s, &e);
		assert_int_equal(any, want_any);
		if (any) {
			assert_int_equal(s, ws);
			assert_int_equal(e, we);
		}
	}
	n = tree_section_path(v, pos, path_, countof(path_));
	assert_int_equal(n, min_size(slow_count(d, pos, false), countof(path_)));
	for (i = 0; i < n; i++) {
		expect_span(d, &path_[i]);
		assert_true(path_[i].start <= pos && pos < path_[i].end);
		if (i)
			assert_true(path_[i].index > path_[i - 1].index);
	}
	if (tree_page(v, pos, &page)) {
		expect_span(d, &page);
		assert_true(page.start <= pos && pos < page.end && page.kind == TREE_PAGE);
	} else {
		assert_int_equal(slow_count(d, pos, true), 0);
	}
	for (i = 0; i < d->nanchors && d->anchors[i].pos <= pos; i++)
		want = d->anchors[i];
	assert_int_equal(tree_anchor_before(v, pos, &a), pos >= d->body_pos);
	if (pos >= d->body_pos)
		assert_memory_equal(&a, &want, sizeof a);
	assert_int_equal(tree_anchor_after(v, pos, &a), i < d->nanchors);
	if (i < d->nanchors)
		assert_memory_equal(&a, &d->anchors[i], sizeof a);
}

static void
expect_doc(const tree *t, const plain *d, uint64_t off)
{
	tree_section_iter it;
	tree_section s;
	tree_view v;
	uint32_t n = 0, step = d->end_pos / 400 + 1;

	assert_true(tree_view_open(t, off, &v));
	assert_int_equal(v.title_len, d->title_len);
	assert_int_equal(v.body_pos, d->body_pos);
	assert_int_equal(v.end_pos, d->end_pos);
	for (uint32_t pos = 0; pos <= d->end_pos + 2; pos += 1 + rnd() % step)
		expect_at(&v, d, pos);
	for (unsigned i = 0; i < 50; i++)
		expect_at(&v, d, rnd() % (d->end_pos + 3));
	for (int pages = 0; pages < 2; pages++)
		for (tree_sections(&v, pages, &it); tree_section_next(&it, &s); n++) {
			assert_int_equal(s.kind == TREE_PAGE, pages);
			expect_span(d, &s);
		}
	assert_int_equal(n, d->nspans);
	assert_int_equal(tree_nsections(&v, true) + tree_nsections(&v, false), n);
}

static void
test_round_trip(void **state)
{
	tree t;
	cdg_error err;

	(void)state;
	write_file();
	assert_int_equal(tree_open(&t, path, &id, &err), CDG_OK);
	if (tree_check(&t, &err) != CDG_OK)
		fail_msg("%s", err.message);
	assert_true(t.nblobs > DOCS * 9 / 10 && t.nblobs <= DOCS); /* some may be equal by chance */
	for (unsigned i = 0; i < DOCS; i++)
		expect_doc(&t, &docs[i], docs[i].off);
	tree_close(&t);
}

/* Documents of the same structure share a blob, in a part and when copied; what comes
 * after the part was written does not refer to what it had. */
static void
test_shared(void **state)
{
	enum { N = 3000, KINDS = 40 };
	uint64_t offs[N], copied[N], base[1];
	tree_part p, *parts[1] = { &p };
	tree_builder b;
	tree_joiner j;
	tree_view v;
	tree t;
	pwriter w;
	cdg_error err;

	(void)state;
	tree_builder_init(&b);
	assert_int_equal(tree_part_init(&p, path2, &err), CDG_OK);
	for (int again = 0; again < 2; again++) {
		for (unsigned i = 0; i < N; i++) {
			tree_builder_begin(&b);
			tree_builder_sentence(&b, 0, true);
			assert_int_equal(tree_part_add(&p, &b, 0, 0, again * KINDS + i % KINDS, &offs[i], &err), CDG_OK);
		}
		assert_int_equal(pwriter_open(&w, path2, TREE_KIND, &id, NULL), CDG_OK);
		assert_int_equal(tree_join(&w, parts, 1, base, &err), CDG_OK);
		assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	}
	assert_int_equal(tree_open(&t, path2, &id, &err), CDG_OK);
	assert_int_equal(tree_check(&t, &err), CDG_OK);
	assert_true(t.nblobs >= KINDS && t.nblobs < 2 * KINDS);
	assert_int_equal(pwriter_open(&w, path3, TREE_KIND, &id, NULL), CDG_OK);
	tree_joiner_init(&j, &w);
	for (unsigned i = 0; i < N; i++) {
		assert_true(tree_view_open(&t, offs[i] + base[0], &v));
		assert_int_equal(v.end_pos, KINDS + i % KINDS);
		assert_int_equal(tree_copy(&j, &t, offs[i] + base[0], &copied[i], &err), CDG_OK);
	}
	assert_int_equal(tree_joiner_finish(&j, &err), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	tree_joiner_fini(&j);
	tree_close(&t);
	assert_int_equal(tree_open(&t, path3, &id, &err), CDG_OK);
	assert_int_equal(tree_check(&t, &err), CDG_OK);
	assert_true(t.nblobs >= KINDS && t.nblobs < 2 * KINDS);
	for (unsigned i = 0; i < N; i++) {
		assert_true(tree_view_open(&t, copied[i], &v));
		assert_int_equal(v.end_pos, KINDS + i % KINDS);
	}
	tree_close(&t);
	tree_part_fini(&p);
	tree_builder_fini(&b);
}

static void
test_merge(void **state)
{
	uint64_t offs[DOCS], shift = 0;
	tree t, out;
	tree_joiner j;
	pwriter w;
	cdg_error err;

	(void)state;
	assert_int_equal(tree_open(&t, path, &id, &err), CDG_OK);
	assert_int_equal(pwriter_open(&w, path2, TREE_KIND, &id, NULL), CDG_OK);
	tree_joiner_init(&j, &w);
	for (unsigned i = DOCS; i-- > 0;) {
		if (i == 20)
			assert_int_equal(tree_append(&j, &t, &shift, &err), CDG_OK);
		assert_int_equal(tree_copy(&j, &t, docs[i].off, &offs[i], &err), CDG_OK);
	}
	assert_int_equal(tree_joiner_finish(&j, &err), CDG_OK);
	assert_int_equal(pwriter_finish(&w, false, NULL), CDG_OK);
	assert_int_equal(tree_open(&out, path2, &id, &err), CDG_OK);
	assert_int_equal(tree_check(&out, &err), CDG_OK);
	tree_joiner_fini(&j);
	assert_int_equal(out.nblobs, 2 * t.nblobs);
	for (unsigned i = 0; i < DOCS; i += 3) {
		expect_doc(&out, &docs[i], offs[i]);
		expect_doc(&out, &docs[i], docs[i].off + shift);
	}
	tree_close(&out);
	tree_close(&t);
}

static void
test_size(void **state)
{
	tree_builder b;
	buf out;

	(void)state;
	tree_builder_init(&b);
	buf_init(&out);
	tree_builder_begin(&b);
	for (uint32_t pos = 0, i = 0; i < 250000; i++, pos += 5 + rnd() % 38)
		tree_builder_sentence(&b, pos, rnd() % 5 == 0);
	assert_int_equal(tree_builder_end(&b, 0, 0, 25000000, &out, NULL), CDG_OK);
	assert_true(out.len < 250000 * 1.1); /* about a byte a sentence, index included */
	tree_builder_begin(&b);
	out.len = 0;
	assert_int_equal(tree_builder_end(&b, 3, 3, 50, &out, NULL), CDG_OK);
	assert_int_equal(out.len, 8);
	tree_builder_fini(&b);
	buf_fini(&out);
}

static void
test_misuse(void **state)
{
	tree_builder b;
	buf out;

	(void)state;
	tree_builder_init(&b);
	buf_init(&out);
	tree_builder_begin(&b);
	assert_int_equal(tree_builder_end(&b, 5, 4, 9, &out, NULL), CDG_E_ARG);
	tree_builder_begin(&b);
	tree_builder_sentence(&b, 9, false);
	tree_builder_sentence(&b, 8, false);
	assert_int_equal(tree_builder_end(&b, 0, 0, 9, &out, NULL), CDG_E_ARG);
	tree_builder_begin(&b);
	tree_builder_anchor(&b, 5, 10, 20); /* more characters than bytes */
	assert_int_equal(tree_builder_end(&b, 0, 0, 9, &out, NULL), CDG_E_ARG);
	tree_builder_begin(&b);
	tree_builder_section(&b, TREE_PART, 1, NULL, 0, 7, 4); /* ends before it starts */
	tree_builder_section(&b, TREE_PART, 1, "x", 1, 7, 4000000000u);
	assert_int_equal(tree_builder_end(&b, 0, 0, 9, &out, NULL), CDG_OK);
	for (long n = 1; n < 6; n++) {
		cdg_status st;
		tree_builder_fini(&b);
		mem_fail_after(n, true);
		tree_builder_begin(&b);
		tree_builder_sentence(&b, 1, true);
		tree_builder_section(&b, TREE_PART, 1, "x", 1, 0, 4);
		tree_builder_anchor(&b, 5, 10, 10);
		st = tree_builder_end(&b, 0, 0, 9, &out, NULL);
		mem_fail_after(0, false);
		assert_int_equal(st, CDG_E_NOMEM);
	}
	assert_string_equal(tree_kind_name(tree_kind_find("article")), "article");
	assert_int_equal(tree_kind_find("no such"), TREE_OTHER);
	assert_string_equal(tree_kind_name(200), "other");
	tree_builder_fini(&b);
	buf_fini(&out);
}

/* ---- damage ----------------------------------------------------------------------- */

static void
exercise(bool must_fail)
{
	tree t;
	cdg_error err;
	cdg_status st;
	uint64_t sum = 0;

	if (tree_open(&t, path2, &id, &err) != CDG_OK)
		return;
	st = tree_check(&t, &err);
	if (must_fail)
		assert_int_equal(st, CDG_E_CORRUPT);
	if (st != CDG_OK)
		assert_non_null(strstr(err.message, "damaged at byte"));
	for (unsigned i = 0; i < 30; i++) {
		const plain *d = &docs[rnd() % DOCS];
		uint32_t s, e, pos = rnd() % (d->end_pos + 10);
		tree_section out[8];
		tree_section_iter it;
		tree_anchor a;
		tree_view v;
		if (!tree_view_open(&t, rnd() % 5 ? d->off : rnd() % t.f.map.len, &v))
			continue;
		for (unsigned k = 0; k < 5; k++, pos += rnd() % 100) {
			if (tree_sentence_bounds(&v, pos, &s, &e))
				assert_true(s <= pos && pos < e);
			if (tree_paragraph_bounds(&v, pos, &s, &e))
				assert_true(s <= pos && pos < e);
			for (size_t n = tree_section_path(&v, pos, out, 8); n-- > 0;)
				for (uint32_t c = 0; c < out[n].label_len; c++)
					sum += (unsigned char)out[n].label[c] != 0; /* readable to its end */
			assert_true(sum < t.f.map.len * 2000);
			tree_page(&v, pos, out);
			tree_anchor_before(&v, pos, &a);
			tree_anchor_after(&v, pos, &a);
		}
		for (tree_sections(&v, rnd() % 2, &it); tree_section_next(&it, out);)
			;
	}
	tree_close(&t);
}

static void
test_damage(void **state)
{
	buf file;
	size_t end;

	(void)state;
	buf_init(&file);
	assert_int_equal(file_read(path, SIZE_MAX, &file, NULL), CDG_OK);
	end = load_u64(file.p + file.len - PFILE_FOOTER) - PFILE_PAD;
	for (unsigned i = 0; i < 60; i++) { /* under right checksums */
		uint8_t *copy = mem_dup(file.p, file.len);
		for (unsigned k = 0; k < 1 + i * 5; k++) {
			size_t at = rnd() % 4 ? docs[rnd() % DOCS].off + rnd() % 40 :
						PFILE_HEADER + rnd() % (end - PFILE_HEADER);
			if (at < end)
				copy[at] = rnd() % 2 ? (uint8_t)rnd() : 0xff;
		}
		part_write(path2, TREE_KIND, &id, copy + PFILE_HEADER, end - PFILE_HEADER);
		exercise(false);
		mem_free(copy);
	}
	for (unsigned i = 0; i < 20; i++) { /* checksums as they were */
		part_flip(path2, &file, 2);
		exercise(true);
	}
	buf_fini(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_shared),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_size),       cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_damage),
	};
	int failed;

	part_begin();
	part_path(path, "a.tree");
	part_path(path2, "b.tree");
	part_path(path3, "c.tree");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free_docs();
	part_end();
	return failed;
}
