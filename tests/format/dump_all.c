/* dump_all.c - everything an index holds, line by line, as the engine reads it.
 *
 *   dump_all INDEX >lines
 *
 * The lines are exactly those of `tools/cdgdump.py INDEX --all`, which knows the
 * format from docs/format.md alone; tests/format/run.sh compares the two.  So
 * this goes through the readers that searching uses (cursors, views, columns)
 * and not through the bytes, but for the two streams of a tree that no reader
 * lists: those are taken apart here and compared with what the lookups say.
 *
 * stderr gets one line of totals.  Exit 2: damage, or a reader that
 * contradicts another.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "engine/dict_flags.h"
#include "engine/docmeta.h"
#include "engine/segment.h"

static uint64_t nkeys, npostings, nclasses;

static _Noreturn void
die(const char *what, const cdg_error *err)
{
	fflush(stdout);
	fprintf(stderr, "dump_all: %s%s%s\n", what, err ? ": " : "", err ? err->message : "");
	exit(2);
}

static void
need(bool ok, const char *what)
{
	if (!ok)
		die(what, NULL);
}

static void
quote(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	putchar(' ');
	putchar('"');
	for (size_t i = 0; i < n; i++) {
		if (p[i] < 32 || p[i] == 127)
			printf("\\x%02x", p[i]);
		else {
			if (p[i] == '"' || p[i] == '\\')
				putchar('\\');
			putchar(p[i]);
		}
	}
	putchar('"');
}

/* ---- manifest -------------------------------------------------------- */

static void
dump_manifest(const manifest *m)
{
	printf("format %d\nfeatures", PFILE_FORMAT);
	for (size_t i = 0; i < MANIFEST_FEATURES; i++)
		if (m->features >> i & 1)
			printf(" %s", manifest_features[i]);
	printf("\ngeneration %" PRIu64 "\n", m->generation);
	for (size_t i = 0; i < m->nfields; i++) {
		printf("field %zu", i + 2);
		quote(m->fields[i], strlen(m->fields[i]));
		putchar('\n');
	}
	printf("sources %" PRIu64 "\n", m->sources);
}

static void
dump_head(const segment *s)
{
	const manifest_segment *i = &s->info;
	char hex[33];

	segment_id_hex(&i->id, hex);
	printf("segment %s docs %" PRIu32 " live %" PRIu32 " livegen %" PRIu64 " text-tokens %" PRIu64
	       " title-tokens %" PRIu64 " langs %" PRIx64 " store %d bytes %" PRIu64 "%s\n",
	       hex, i->docs, i->live, i->livegen, i->tokens[0], i->tokens[1], i->langs, i->store, i->bytes,
	       i->pairs ? " pairs 1" : "");
	printf("keys %" PRIu64, s->dict.nkeys);
	for (unsigned kind = DICT_TERM; kind <= DICT_ID; kind++)
		printf(" %" PRIu64, s->dict.kind_count[kind]);
	putchar('\n');
}

/* ---- documents ------------------------------------------------------- */

static void
dump_value(const docmeta_value *v)
{
	printf("value %u %s %c", v->field, v->list ? "list" : "one", "snd"[v->type]);
	if (v->type == DOCMETA_STRING)
		quote(v->string, v->len);
	else if (v->type == DOCMETA_NUMBER)
		printf(" %.17g", v->number);
	else
		printf(" %" PRId32 " %u", v->day, v->precision);
	putchar('\n');
}

static void
dump_meta(const void *bytes, size_t n)
{
	docmeta m;
	docmeta_value v;

	need(docmeta_parse(&m, bytes, n), "metadata that cannot be parsed");
	printf("meta");
	quote(m.id, m.id_len);
	quote(m.title, m.title_len);
	quote(m.url, m.url_len);
	quote(m.lang, m.lang_len);
	if (m.has_date)
		printf(" date %" PRId32 " %u\n", m.day, m.precision);
	else
		printf(" undated\n");
	for (uint32_t i = 0, count = m.nfields; i < count; i++) {
		need(docmeta_next(&m, &v), "a metadata value that cannot be parsed");
		dump_value(&v);
	}
}

static void
dump_record(store_cursor *c, uint64_t ref)
{
	cdg_error err;
	uint32_t meta_len, text_len;
	buf b;

	buf_init(&b);
	if (store_lengths(c, ref, &meta_len, &text_len, &err) != CDG_OK || store_meta(c, ref, &b, &err) != CDG_OK)
		die("store", &err);
	dump_meta(b.p, b.len);
	b.len = 0;
	if (store_text(c, ref, 0, text_len, &b, &err) != CDG_OK)
		die("store", &err);
	printf("text %" PRIu32, text_len);
	quote(b.p, b.len);
	putchar('\n');
	buf_fini(&b);
}

/* The starts, and that the lookups agree with them. */
static void
dump_sentences(tree_view *v)
{
	rd r = rd_make(v->sents.at, v->sents.bytes);
	uint32_t at = 0, start, end, before = 0;

	for (uint32_t i = 0; i < v->sents.n; i++) {
		uint64_t x = rd_varint(&r);

		before = at;
		at += (uint32_t)(x >> 1);
		printf("sentence %" PRIu32 " %d\n", at, (int)(x & 1));
		if (at < v->body_pos || at >= v->end_pos)
			continue;
		need(tree_sentence_bounds(v, at, &start, &end) && start == at, "tree_sentence_bounds");
		if (i && before >= v->body_pos)
			need(tree_sentence_bounds(v, at - 1, &start, &end) && start == before && end == at,
			     "tree_sentence_bounds before a start");
		if (x & 1)
			need(tree_paragraph_bounds(v, at, &start, &end) && start == at, "tree_paragraph_bounds");
	}
	need(!r.bad && !rd_left(&r), "the stream of sentences");
}

static void
dump_spans(const tree_view *v, bool pages)
{
	uint32_t n = tree_nsections(v, pages), count = 0;
	tree_section *all = calloc(n + 1, sizeof *all);
	tree_section_iter it;

	need(all != NULL, "memory");
	for (tree_sections(v, pages, &it); count < n && tree_section_next(&it, &all[count]); count++) {
		const tree_section *s = &all[count];
		int64_t parent = (int64_t)count - 1;

		/* the latest that is still open: what `up` says on disk */
		while (parent >= 0 && all[parent].end <= s->start)
			parent--;
		printf("%s %" PRIu32 " %" PRIu32 " %u %" PRIu32 " %" PRId64, pages ? "page" : "section", s->start, s->end,
		       s->kind, s->level, parent);
		quote(s->label, s->label_len);
		putchar('\n');
	}
	need(count == n, "fewer sections than promised");
	free(all);
}

static void
dump_anchors(const tree_view *v)
{
	rd r = rd_make(v->anchors.at, v->anchors.bytes);
	uint32_t pos = v->body_pos, byte = 0, cp = 0;
	tree_anchor a;

	for (uint32_t i = 0; i < v->anchors.n; i++) {
		uint32_t delta;

		pos += (uint32_t)rd_varint(&r);
		delta = (uint32_t)rd_varint(&r);
		byte += delta;
		cp += delta - (uint32_t)rd_varint(&r);
		printf("anchor %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", pos, byte, cp);
		need(tree_anchor_before(v, pos, &a) && a.pos == pos && a.byte >= byte && a.cp >= cp,
		     "tree_anchor_before");
	}
	need(!r.bad && !rd_left(&r), "the stream of anchors");
}

static void
dump_tree(const segment *s, uint64_t off)
{
	tree_view v;

	need(tree_view_open(&s->tree, off, &v), "tree_view_open");
	printf("tree %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", v.title_len,
	       v.body_pos, v.end_pos, v.sents.n, v.pages.n, v.sects.n, v.anchors.n);
	dump_sentences(&v);
	dump_spans(&v, true);
	dump_spans(&v, false);
	dump_anchors(&v);
}

static void
dump_docs(const segment *s)
{
	store_cursor c;

	store_cursor_init(&c, &s->store);
	for (uint32_t d = 0; d < s->docs.ndocs; d++) {
		doctab_row row;

		need(doctab_get(&s->docs, d, &row), "doctab_get");
		printf("doc %" PRIu32 " codes %u %u lang %u length %" PRIu32 " source %" PRIu32 " hash %016" PRIx64
		       " live %d\n", d, row.norm_text, row.norm_title, row.lang, row.length, row.source, row.hash,
		       segment_is_live(s, d));
		dump_record(&c, row.store);
		dump_tree(s, row.tree);
	}
	store_cursor_fini(&c);
}

/* ---- columns --------------------------------------------------------- */

static void
dump_column_value(const column_value *v)
{
	if (v->type == COLUMN_NUMBER) {
		printf("number %.17g", v->number);
	} else if (v->type == COLUMN_DATE) {
		printf("date %" PRId32 " %u", v->day, v->precision);
	} else {
		printf("string");
		quote(v->p, v->n);
	}
	putchar('\n');
}

static void
dump_column(const column *c)
{
	column_cursor cur = { 0 };
	column_value v;
	column_list l;

	printf("column %u width %u list %d numbers %" PRIu32 " dates %" PRIu32 " strings %" PRIu32 " pairs %" PRIu32 "\n",
	       c->field, c->width, c->list, c->nnumbers, c->ndates, c->nstrings, c->nords);
	for (uint32_t i = 0; i < column_nvalues(c); i++) {
		need(column_get(c, i, &v, &cur), "column_get");
		dump_column_value(&v);
	}
	for (uint32_t d = 0; d < c->cols->ndocs; d++) {
		column_doc(c, d, &l);
		if (!l.n)
			continue;
		printf("cell %" PRIu32, d);
		for (uint32_t i = 0; i < l.n; i++)
			printf(" %" PRIu32, column_list_at(&l, i));
		putchar('\n');
	}
	column_cursor_fini(&cur);
}

/* ---- keys and their lists -------------------------------------------- */

static unsigned
entry_flags(const dict_entry *e)
{
	unsigned flags = e->meta.df == 1 ? DICT_SINGLE : 0;

	if (e->alias)
		return DICT_ALIAS;
	if (e->kind == DICT_TERM ? e->self_stem : e->is_class)
		flags |= DICT_CLASS;
	flags |= e->meta.has_pos ? DICT_POS : 0;
	flags |= e->meta.has_codes ? DICT_CODES : 0;
	flags |= e->meta.wide ? DICT_WIDE : 0;
	flags |= e->meta.inline_pos ? DICT_INLINE : 0;
	return flags | (e->forms ? DICT_FORMS : 0u);
}

static void
dump_key(const dict_iter *it)
{
	const dict_entry *e = &it->e;
	dict_member_iter members;
	dict_member m;
	const char *raw;
	size_t len;
	unsigned width;

	raw = dict_iter_bytes(it, &len);
	printf("key %" PRIu64 " kind %u field %u", e->ord, e->kind, e->field);
	if (e->kind == DICT_PAIR)
		printf(" %" PRIu32 " %" PRIu32, __builtin_bswap32(load_u32(raw)), __builtin_bswap32(load_u32(raw + 4)));
	else
		quote(raw, len);
	printf(" flags %02x df %" PRIu32 " ttf %" PRIu64 "\n", entry_flags(e), e->meta.df, e->meta.ttf);
	for (uint32_t i = 0, n = e->forms ? dict_form_count(e) : 0; i < n; i++) {
		need(dict_form(e, i, &raw, &len, &width), "dict_form");
		printf("form %u", width);
		quote(raw, len);
		putchar('\n');
	}
	if (e->kind != DICT_FOLD && e->kind != DICT_STEM)
		return;
	nclasses++;
	for (dict_members(e, &members); dict_member_next(&members, &m);) {
		if (m.mask == UINT64_MAX)
			printf("member %" PRIu64 " all\n", m.ord);
		else
			printf("member %" PRIu64 " %" PRIx64 "\n", m.ord, m.mask);
	}
}

static void
dump_impacts(const post_cursor *c)
{
	if (c->nb < 2)
		return;
	printf("impacts %016" PRIx64 "\nsuper", c->list_impacts);
	for (uint32_t i = 0; i < (c->nb + POST_SUPER - 1) / POST_SUPER; i++)
		printf(" %016" PRIx64, post_super_impacts(c, i));
	printf("\nblocks");
	for (uint32_t i = 0; i < c->nb; i++)
		printf(" %016" PRIx64, post_block_impacts(c, i));
	putchar('\n');
}

static void
dump_posting(post_cursor *c)
{
	uint32_t n, tf = post_tf(c);
	const uint32_t *pos, *codes;

	npostings++;
	printf("%" PRIu32 " %" PRIu32, c->doc, tf);
	if (c->meta.has_pos) {
		pos = post_positions(c, &n);
		need(pos && n == tf, "post_positions");
		codes = post_codes(c);
		putchar(':');
		for (uint32_t i = 0; i < n; i++) {
			printf(" %" PRIu32, pos[i]);
			if (codes && codes[i])
				printf("/%" PRIu32, codes[i]);
		}
	}
	putchar('\n');
}

static void
dump_keys(const segment *s, const dict *d)
{
	dict_iter it;
	post_cursor c;

	dict_seek_ord(&it, d, 0);
	while (dict_next(&it)) {
		nkeys++;
		dump_key(&it);
		if (it.e.alias)
			continue;
		segment_cursor(s, &it.e, &c);
		dump_impacts(&c);
		while (post_next(&c) != POST_END)
			dump_posting(&c);
		need(!c.bad, "a list is damaged");
		post_close(&c);
	}
}

int
main(int argc, char **argv)
{
	cdg_error err;
	snapshot *snap;

	if (argc != 2)
		die("usage: dump_all INDEX", NULL);
	if (snapshot_open(argv[1], &snap, &err) != CDG_OK)
		die(argv[1], &err);
	dump_manifest(&snap->manifest);
	for (size_t i = 0; i < snap->nsegs; i++) {
		const segment *s = &snap->segs[i];

		dump_head(s);
		dump_docs(s);
		for (uint32_t f = 0; f < s->cols.nfields; f++)
			dump_column(&s->cols.fields[f]);
		dump_keys(s, &s->dict);
		if (s->info.pairs)
			dump_keys(s, &s->pairs);
	}
	if (snapshot_error(snap, &err) != CDG_OK)
		die(argv[1], &err);
	fprintf(stderr, "%" PRIu64 " keys, %" PRIu64 " postings, %" PRIu64 " classes\n", nkeys, npostings, nclasses);
	snapshot_unref(snap);
	return ferror(stdout) || fflush(stdout) ? 2 : 0;
}
