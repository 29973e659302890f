/* spell_near.c - words of the dictionaries within an edit distance.
 *
 * The keys of a dictionary are read in their order; of two neighbours the rows of the
 * distance table that belong to the letters they share are the same, and where no cell of a
 * row is within the distance all keys that begin so are passed over.  (Distance: optimal
 * string alignment, that is Damerau's without edits inside a swap.)
 */
#include "query/spell.h"

enum { NEAR_CHARS = 40, NEAR_MORE = 4, NEAR_SKIP = 24, NEAR_KEPT = 256 };

typedef struct near {
	uint32_t want[NEAR_CHARS];
	size_t n;
	unsigned most;
	/* of the key at hand: its letters, where each ends, and the table */
	uint32_t c[NEAR_CHARS + NEAR_MORE + 1];
	uint8_t end[NEAR_CHARS + NEAR_MORE + 1], row[NEAR_CHARS + NEAR_MORE + 1][NEAR_CHARS + 1];
	uint8_t least[NEAR_CHARS + NEAR_MORE + 1]; /* of each row */
	size_t depth;                              /* rows that hold */
	spell_word *found;
	size_t nfound;
} near;

static void
near_row(near *d, size_t i)
{
	uint8_t *row = d->row[i];

	row[0] = d->least[i] = (uint8_t)i;
	for (size_t k = 1; k <= d->n; k++) {
		unsigned x = d->row[i - 1][k - 1] + (d->c[i - 1] != d->want[k - 1]);

		x = min_u32(x, min_u32(d->row[i - 1][k], row[k - 1]) + 1u);
		if (i > 1 && k > 1 && d->c[i - 1] == d->want[k - 2] && d->c[i - 2] == d->want[k - 1])
			x = min_u32(x, d->row[i - 2][k - 2] + 1u);
		row[k] = (uint8_t)x;
		d->least[i] = (uint8_t)min_u32(d->least[i], x);
	}
}

static unsigned
near_limit(const near *d)
{
	return d->most > 1 && d->c[0] == d->want[0] ? d->most : 1;
}

/* The table for a key, `same` bytes of which are those of the key before.  Returns the
 * distance, or with *dead the bytes after which nothing can be near. */
static unsigned
near_key(near *d, const char *key, size_t len, size_t same, size_t *dead)
{
	const char *p, *end = key + len;

	while (d->depth && d->end[d->depth - 1] > same)
		d->depth--;
	*dead = 0;
	for (p = key + (d->depth ? d->end[d->depth - 1] : 0); p < end;) {
		size_t i = d->depth + 1;

		d->c[i - 1] = text_decode(&p, end);
		d->end[i - 1] = (uint8_t)(p - key);
		near_row(d, i);
		d->depth = i;
		/* a swap may reach over one row */
		if (i == d->n + NEAR_MORE || (d->least[i] > near_limit(d) && d->least[i - 1] >= near_limit(d))) {
			*dead = (size_t)(p - key);
			return UINT32_MAX;
		}
	}
	return d->row[d->depth][d->n];
}

static int
near_cmp(const void *a, const void *b)
{
	const spell_word *x = a, *y = b;
	int c;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->df != y->df)
		return x->df < y->df ? 1 : -1;
	c = memcmp(x->term, y->term, min_size(x->len, y->len));
	return c ? c : (x->len > y->len) - (x->len < y->len);
}

static void
near_add(near *d, const char *p, size_t n, unsigned distance, uint64_t df)
{
	spell_word *w;

	for (size_t i = 0; i < d->nfound; i++)
		if (d->found[i].len == n && !memcmp(d->found[i].term, p, n)) {
			d->found[i].df += df;
			return;
		}
	if (d->nfound == NEAR_KEPT) {
		qsort(d->found, d->nfound, sizeof *d->found, near_cmp);
		d->nfound = NEAR_KEPT / 2;
	}
	w = &d->found[d->nfound++];
	memcpy(w->term, p, n);
	w->term[n] = 0;
	w->len = n;
	w->distance = distance;
	w->df = df;
}

/* Stand before the first key that does not begin with these bytes. */
static bool
near_pass(dict_iter *it, const segment *s, unsigned field, const char *key, size_t n)
{
	char next[DICT_KEY_MAX];

	memcpy(next, key, n);
	while (n && (uint8_t)next[n - 1] == 0xff)
		n--;
	if (!n)
		return false;
	next[n - 1]++;
	dict_seek(it, &s->dict, DICT_TERM, field, next, n);
	return true;
}

/* The words of a segment that begin with a letter. */
static void
near_segment(near *d, const segment *s, unsigned field, uint32_t letter)
{
	char last[DICT_KEY_MAX], first[4];
	size_t last_len = 0, dead = 0, passed = 0, nfirst = text_encode(letter, first);
	dict_iter it;

	d->depth = 0;
	dict_seek(&it, &s->dict, DICT_TERM, field, first, nfirst);
	while (dict_next(&it) && it.e.kind == DICT_TERM && it.e.field == field) {
		size_t n, same = 0;
		const char *key = dict_iter_bytes(&it, &n);
		unsigned distance;

		if (n < nfirst || memcmp(key, first, nfirst))
			break;
		if (dead && n >= dead && !memcmp(key, last, dead)) {
			if (++passed < NEAR_SKIP)
				continue;
			passed = 0;
			if (!near_pass(&it, s, field, last, dead))
				break;
			dead = 0;
			continue;
		}
		passed = 0;
		while (same < n && same < last_len && key[same] == last[same])
			same++;
		distance = near_key(d, key, n, same, &dead);
		memcpy(last, key, n);
		last_len = n;
		if (distance && distance <= near_limit(d))
			near_add(d, key, n, distance, it.e.meta.df);
	}
}

size_t
spell_near(const snapshot *snap, unsigned field, const char *term, size_t len, unsigned most, spell_word *out, size_t cap)
{
	near *d = mem_calloc(1, sizeof *d);
	const char *p = term, *end = term + len;
	size_t n = 0;

	if (d)
		d->found = mem_alloc(NEAR_KEPT * sizeof *d->found);
	while (d && p < end && d->n < NEAR_CHARS)
		d->want[d->n++] = text_decode(&p, end);
	if (d && d->found && p == end && d->n) {
		d->most = most;
		for (size_t k = 0; k <= d->n; k++)
			d->row[0][k] = (uint8_t)k;
		for (size_t i = 0; i < snap->nsegs; i++) {
			near_segment(d, &snap->segs[i], field, d->want[0]);
			if (d->n > 1 && d->want[1] != d->want[0])
				near_segment(d, &snap->segs[i], field, d->want[1]);
		}
		if (d->nfound > 1)
			qsort(d->found, d->nfound, sizeof *d->found, near_cmp);
		n = min_size(d->nfound, cap);
		memcpy(out, d->found, n * sizeof *out);
	}
	if (d)
		mem_free(d->found);
	mem_free(d);
	return n;
}
