/* pair_write.c - the writing half of pair.h.  Lists go to the file as they come;
 * words, rows and index are held back to the end.  One thread. */
#include "engine/pair.h"

struct pair_writer {
	pwriter *out;
	const pair_name *words;
	uint32_t nwords, wanted;
	uint64_t npairs;
	uint32_t a, b, next;  /* the pair being written; rows before `next` have begun */
	uint32_t last;        /* word of the pair before in the row of a, from 0 */
	bool open;
	buf rows, index;
	post_writer lists;
};

cdg_status
pair_writer_new(pair_writer **out, pwriter *to, const pair_name *words, uint32_t n, uint32_t wanted, float avg_len,
		cdg_error *err)
{
	pair_writer *w = mem_calloc(1, sizeof *w);

	*out = NULL;
	if (!w)
		return err_nomem(err);
	assert(n <= PAIR_WORDS_MAX);
	w->out = to;
	w->words = words;
	w->nwords = n;
	w->wanted = wanted;
	post_writer_init(&w->lists, to, NULL, avg_len);
	*out = w;
	return CDG_OK;
}

void
pair_writer_free(pair_writer *w)
{
	if (!w)
		return;
	post_writer_fini(&w->lists);
	buf_fini(&w->rows);
	buf_fini(&w->index);
	mem_free(w);
}

/* The rows up to that of a begin here; offsets count in `rows` until the end. */
static void
pair_begin_rows(pair_writer *w, uint32_t a)
{
	for (; w->next <= a; w->next++) {
		buf_put_u32(&w->index, 0);
		buf_put_u64(&w->index, w->rows.len);
		buf_put_u64(&w->index, pwriter_tell(w->out));
		w->last = 0;
	}
}

void
pair_writer_begin(pair_writer *w, uint32_t a, uint32_t b)
{
	assert(a < w->nwords && b < w->nwords && !w->open);
	pair_begin_rows(w, a);
	w->a = a;
	w->b = b;
	w->open = true;
	post_begin(&w->lists, false, false);
}

void
pair_writer_add(pair_writer *w, uint32_t doc, uint32_t tf, uint8_t norm)
{
	post_add(&w->lists, doc, tf, NULL, NULL, norm);
}

cdg_status
pair_writer_end(pair_writer *w, cdg_error *err)
{
	post_meta m;

	w->open = false;
	CDG_TRY(post_end(&w->lists, &m, err));
	if (!m.df)
		return CDG_OK;
	buf_put_varint(&w->rows, w->b - w->last);
	buf_put_varint(&w->rows, m.df);
	if (m.df == 1) {
		buf_put_varint(&w->rows, m.single_doc);
		buf_put_varint(&w->rows, m.ttf - 1);
	} else {
		buf_put_varint(&w->rows, m.ttf - m.df);
		buf_put_varint(&w->rows, m.post_len);
	}
	w->last = w->b;
	w->npairs++;
	return CDG_OK;
}

cdg_status
pair_writer_finish(pair_writer *w, cdg_error *err)
{
	uint64_t words = pwriter_tell(w->out), rows, index;
	uint8_t trailer[PAIR_TRAILER];
	uint32_t at = 0;

	pair_begin_rows(w, w->nwords); /* and the ends */
	if (w->rows.failed || w->index.failed)
		return err_nomem(err);
	for (uint32_t i = 0; i <= w->nwords; i++) {
		uint8_t *e = w->index.p + (size_t)i * PAIR_INDEX_ENTRY;
		store_u32(e, at);
		if (i == w->nwords)
			break;
		uint8_t len = (uint8_t)w->words[i].len;
		pwriter_put(w->out, &len, 1);
		pwriter_put(w->out, w->words[i].p, len);
		at += 1u + len;
	}
	rows = pwriter_tell(w->out);
	for (uint32_t i = 0; i <= w->nwords; i++) {
		uint8_t *e = w->index.p + (size_t)i * PAIR_INDEX_ENTRY + 4;
		store_u64(e, load_u64(e) + rows);
	}
	pwriter_put(w->out, w->rows.p, w->rows.len);
	index = pwriter_tell(w->out);
	pwriter_put(w->out, w->index.p, w->index.len);
	store_u64(trailer, w->nwords);
	store_u64(trailer + 8, w->npairs);
	store_u64(trailer + 16, words);
	store_u64(trailer + 24, rows);
	store_u64(trailer + 32, index);
	store_u64(trailer + 40, w->wanted);
	pwriter_put(w->out, trailer, sizeof trailer);
	return CDG_OK;
}
