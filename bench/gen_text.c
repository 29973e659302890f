/* gen_text.c - one document of a synthetic corpus, see gen.h.
 *
 * Words come from five sources: recurring phrases, the document's topics, its
 * own earlier content words (which makes terms bursty), numbers, and the law of
 * the vocabulary for all others.  Around them stands what a law or a plan looks
 * like: a title with a year, numbered parts and sections with headings,
 * paragraphs, (a) (b) items, sentences with commas.
 */
#include "bench/gen.h"

enum { HISTORY = 256, DOC_TOPICS = 3 };

typedef struct gen_doc {
	const gen_model *m;
	buf *out;
	uint64_t rng;
	uint32_t topics[DOC_TOPICS];
	uint32_t history[HISTORY], nhistory;
	uint32_t phrase, phrase_at; /* phrase under way; UINT32_MAX: none */
	uint32_t section, part;
} gen_doc;

/* ---- words ---------------------------------------------------------------- */

static uint32_t
topic_rank(gen_doc *d)
{
	uint64_t r = gen_random(&d->rng);
	uint32_t t = d->topics[gen_below(r, DOC_TOPICS)], a = (uint32_t)r & 255, b = (uint32_t)r >> 8 & 255;

	return gen_topic_rank(d->m, t, a < b ? a : b); /* the first ones are more frequent */
}

static void
remember(gen_doc *d, uint32_t rank)
{
	if (rank >= GEN_STOP)
		d->history[d->nhistory++ % HISTORY] = rank;
}

static uint32_t
next_rank(gen_doc *d)
{
	const gen_params *p = &d->m->p;
	uint32_t u, rank;

	if (d->phrase != UINT32_MAX) {
		rank = gen_phrase_rank(d->m, d->phrase, d->phrase_at++);
		if (rank != UINT32_MAX)
			return rank;
		d->phrase = UINT32_MAX;
	}
	u = (uint32_t)(gen_random(&d->rng) >> 48);
	if (u < p->phrase) {
		d->phrase = gen_phrase(d->m, &d->rng);
		d->phrase_at = 1;
		return gen_phrase_rank(d->m, d->phrase, 0);
	}
	u -= p->phrase;
	if (u < p->topic) {
		rank = topic_rank(d);
	} else {
		rank = gen_rank(d->m, &d->rng);
		/* a content word: perhaps one that the document has already */
		if (rank >= GEN_STOP && d->nhistory && (gen_random(&d->rng) >> 48) < p->repeat)
			return d->history[gen_below(gen_random(&d->rng),
						    d->nhistory < HISTORY ? d->nhistory : HISTORY)];
	}
	remember(d, rank);
	return rank;
}

static void
put_number(buf *out, uint32_t n)
{
	char digits[12];
	int at = sizeof digits;

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	buf_put(out, digits + at, sizeof digits - (size_t)at);
}

/* A word, with a capital if asked for. */
static void
put_rank(gen_doc *d, uint32_t rank, bool capital)
{
	size_t at = d->out->len;

	gen_put_word(d->m, rank, d->out);
	if (capital && d->out->len > at)
		d->out->p[at] = (uint8_t)(d->out->p[at] - 'a' + 'A');
}

/* ---- sentences and sections ------------------------------------------------ */

/* n words; capital: the first one, titles: the long ones. */
static void
put_words(gen_doc *d, uint32_t n, bool capital, bool titles)
{
	bool plain = d->m->plain;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t r = gen_random(&d->rng);
		uint32_t rank;

		if (i)
			buf_put_u8(d->out, ' ');
		if (!plain && !titles && (r & 127) == 0) {
			put_number(d->out, 1 + gen_below(r, r & 128 ? 30 : 2500));
			continue;
		}
		rank = next_rank(d);
		put_rank(d, rank, !plain && ((capital && i == 0) || (titles && rank >= GEN_STOP)));
		if (!plain && !titles && i + 2 < n && (r >> 8 & 15) == 0)
			buf_put_u8(d->out, ',');
	}
}

static void
put_break(gen_doc *d)
{
	buf_puts(d->out, d->m->plain ? " " : "\\n\\n");
}

static void
put_heading(gen_doc *d)
{
	uint64_t r = gen_random(&d->rng);

	put_break(d);
	if (d->m->plain)
		return;
	if (d->section % 8 == 0) {
		buf_puts(d->out, "PART ");
		put_number(d->out, ++d->part);
		put_break(d);
	}
	buf_puts(d->out, "Section ");
	put_number(d->out, ++d->section);
	buf_puts(d->out, ". ");
	put_words(d, 2 + gen_below(r, 5), true, true);
	put_break(d);
}

/* About `words` words in sentences, paragraphs and sections. */
static void
put_text(gen_doc *d, uint32_t words)
{
	uint32_t in_paragraph = 0, in_section = 0, item = 0, mean = d->m->p.sentence;

	while (words) {
		uint64_t r = gen_random(&d->rng);
		/* two throws: the middle is more likely than the ends */
		uint32_t n = 3 + gen_below(r, mean) + (uint32_t)(((r & 0xffffffff) * (mean > 6 ? mean - 6 : 1)) >> 32);

		n = n < words ? n : words;
		words -= n;
		put_words(d, n, true, false);
		in_paragraph += n;
		in_section += n;
		if (!d->m->plain)
			buf_put_u8(d->out, '.');
		if (!words)
			break;
		if (in_section > 150 && (r & 3) == 0) {
			put_heading(d);
			in_section = in_paragraph = item = 0;
		} else if (in_paragraph > 40 && (r & 4)) {
			put_break(d);
			in_paragraph = 0;
			if (!d->m->plain && (r & 8)) {
				buf_put_u8(d->out, '(');
				buf_put_u8(d->out, (uint8_t)('a' + item++ % 26));
				buf_puts(d->out, ") ");
			}
		} else {
			buf_put_u8(d->out, ' ');
		}
	}
}

/* ---- the record ------------------------------------------------------------ */

static uint32_t
draw_length(gen_doc *d)
{
	uint64_t r = gen_random(&d->rng);
	uint32_t i = gen_below(r, GEN_LENGTHS - 1), low = d->m->p.lengths[i], high = d->m->p.lengths[i + 1], n;

	if (i + 2 < GEN_LENGTHS)
		return low + (uint32_t)(((r & 0xffffffff) * (high - low + 1)) >> 32);
	/* the last part is long: each doubling is half as likely as the one before */
	for (n = low; (r & 1) && n < high; r >>= 1)
		n *= 2;
	n += gen_below(gen_random(&d->rng), n);
	return n < high ? n : high;
}

static void
put_two(buf *out, uint32_t n)
{
	buf_put_u8(out, (uint8_t)('0' + n / 10));
	buf_put_u8(out, (uint8_t)('0' + n % 10));
}

static void
put_fields(gen_doc *d)
{
	static const char *const kinds[] = { "law", "regulation", "plan", "guidance", "speech" };
	static const char *const names[] = { "Act", "Regulations", "Plan", "Guidance", "Statement" };
	uint64_t r = gen_random(&d->rng);
	uint32_t kind = gen_below(r, countof(kinds)), year = 2025 - (uint32_t)((r & 255) * (r >> 8 & 255) >> 10);

	buf_puts(d->out, "\"title\":\"");
	put_words(d, 2 + (uint32_t)(r >> 16 & 3), true, true);
	buf_put_u8(d->out, ' ');
	buf_puts(d->out, names[kind]);
	buf_put_u8(d->out, ' ');
	put_number(d->out, year);
	buf_puts(d->out, "\",\"date\":\"");
	put_number(d->out, year);
	buf_put_u8(d->out, '-');
	put_two(d->out, 1 + (uint32_t)(r >> 20) % 12);
	buf_put_u8(d->out, '-');
	put_two(d->out, 1 + (uint32_t)(r >> 24) % 28);
	buf_puts(d->out, "\",\"lang\":\"en\",\"type\":\"");
	buf_puts(d->out, kinds[kind]);
	buf_puts(d->out, "\",\"topic\":");
	put_number(d->out, d->topics[0]);
	buf_put_u8(d->out, ',');
}

void
gen_document(const gen_model *m, uint64_t number, buf *out, size_t *text, size_t *end)
{
	gen_doc d = { .m = m, .out = out, .rng = gen_mix(m->seed, number), .phrase = UINT32_MAX };
	uint32_t words;

	for (int i = 0; i < DOC_TOPICS; i++) {
		uint32_t a = gen_below(gen_random(&d.rng), GEN_TOPICS), b = gen_below(gen_random(&d.rng), GEN_TOPICS);

		d.topics[i] = a < b ? a : b;
	}
	words = draw_length(&d);
	buf_printf(out, "{\"id\":\"%llu\",", (unsigned long long)number);
	if (!m->plain)
		put_fields(&d);
	buf_puts(out, "\"text\":\"");
	*text = out->len;
	if (!m->plain && words > 150) {
		put_heading(&d);
		d.phrase = UINT32_MAX;
	}
	put_text(&d, words);
	*end = out->len;
	buf_puts(out, "\"}\n");
}
