/* gen_fit.c - the parameters of a real corpus, see gen.h.
 *
 * Floating point is fine here: what comes out are whole numbers, which are
 * printed and can be given again.  Zipf-Mandelbrot is fitted by least squares
 * of log frequency at ranks spaced evenly by logarithm, over those that occur
 * five times or more; the size of the vocabulary is the one that would give as
 * many distinct words as were seen.
 */
#include <errno.h>
#include <math.h>
#include <xxhash.h>

#include "bench/gen.h"
#include "bench/json.h"

enum { FIT_POINTS = 120 };

typedef struct fit_word {
	uint64_t key;   /* hash of the word; 0: free */
	uint32_t count, docs, twice, last_doc, in_doc;
} fit_word;

typedef struct fit {
	fit_word *table;
	size_t cap, used;
	uint32_t *lengths;
	size_t ndocs, lengths_cap;
	uint64_t tokens, sentences;
} fit;

/* ---- counting --------------------------------------------------------------- */

static fit_word *
fit_find(fit_word *table, size_t cap, uint64_t key)
{
	size_t i = key & (cap - 1);

	while (table[i].key && table[i].key != key)
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static bool
fit_grow(fit *f)
{
	size_t cap = f->cap ? 2 * f->cap : 1 << 16;
	fit_word *t = mem_calloc(cap, sizeof *t);

	if (!t)
		return false;
	for (size_t i = 0; i < f->cap; i++)
		if (f->table[i].key)
			*fit_find(t, cap, f->table[i].key) = f->table[i];
	mem_free(f->table);
	f->table = t;
	f->cap = cap;
	return true;
}

static bool
fit_count(fit *f, const char *word, size_t n)
{
	fit_word *w;
	uint64_t key = XXH3_64bits(word, n) | 1;

	if (2 * f->used >= f->cap && !fit_grow(f))
		return false;
	w = fit_find(f->table, f->cap, key);
	if (!w->key) {
		w->key = key;
		f->used++;
	}
	w->count++;
	if (w->docs == 0 || w->last_doc != (uint32_t)f->ndocs) {
		w->docs++;
		w->last_doc = (uint32_t)f->ndocs;
		w->in_doc = 1;
	} else if (++w->in_doc == 2) {
		w->twice++;
	}
	return true;
}

static bool
fit_text(fit *f, const char *s, size_t n)
{
	char word[64];
	size_t len = 0;
	uint64_t tokens = 0;

	for (size_t i = 0; i <= n; i++) {
		unsigned char c = i < n ? (unsigned char)s[i] : ' ';

		if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) {
			if (len < sizeof word)
				word[len++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
			continue;
		}
		if (len) {
			tokens++;
			if (!fit_count(f, word, len))
				return false;
		}
		len = 0;
		f->sentences += c == '.' || c == '!' || c == '?' || c == ';';
	}
	f->tokens += tokens;
	if (!mem_grow(&f->lengths, &f->lengths_cap, f->ndocs + 1, sizeof *f->lengths))
		return false;
	f->lengths[f->ndocs++] = (uint32_t)(tokens < GEN_WORDS_MAX ? tokens : GEN_WORDS_MAX);
	return true;
}

static bool
fit_record(fit *f, json *j)
{
	const char *key, *text = NULL;
	size_t n, ntext = 0;

	if (!json_take(j, '{'))
		return json_fail(j, "not a JSON object");
	do {
		if (!json_string(j, &key, &n) || !json_take(j, ':'))
			return json_fail(j, "not a JSON object");
		json_blank(j);
		if (n == 4 && !memcmp(key, "text", 4) && j->at < j->end && *j->at == '"') {
			if (!json_string(j, &text, &ntext))
				return false;
		} else if (!json_skip(j)) {
			return false;
		}
	} while (json_take(j, ','));
	if (!text)
		return json_fail(j, "there is no \"text\"");
	return fit_text(f, text, ntext) || json_fail(j, "out of memory");
}

static cdg_status
fit_read(fit *f, const char *path, cdg_error *err)
{
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0, number = 0;
	ssize_t n;
	arena mem;
	cdg_status st = CDG_OK;

	if (!in)
		return err_errno(err, "read", path);
	arena_init(&mem);
	while (st == CDG_OK && (errno = 0, n = getline(&line, &cap, in)) > 0) {
		json j = { line, line + n - (line[n - 1] == '\n'), &mem, NULL };

		number++;
		arena_reset(&mem);
		json_blank(&j);
		if (j.at < j.end && !fit_record(f, &j))
			st = err_set(err, CDG_E_INPUT, "%s: line %zu, byte %zu: %s", path, number,
				     (size_t)(j.at - line) + 1, j.why);
	}
	if (st == CDG_OK && !feof(in))
		st = err_errno(err, "read", path);
	free(line);
	arena_fini(&mem);
	fclose(in);
	if (st == CDG_OK && (f->ndocs < GEN_LENGTHS || f->used < 1000))
		st = err_set(err, CDG_E_INPUT, "%s: too small to fit a model to", path);
	return st;
}

/* ---- fitting ----------------------------------------------------------------- */

static int
by_count(const void *a, const void *b)
{
	const fit_word *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Regression of log f on log(r + q); returns the sum of squares, *s the slope. */
static double
regress(const fit_word *w, size_t n, double q, double *s)
{
	double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, k = 0;

	for (int i = 0; i < FIT_POINTS; i++) {
		size_t r = (size_t)exp(log((double)n) * i / (FIT_POINTS - 1));
		double x = log((double)r + q), y = log(w[r < 1 ? 0 : r > n ? n - 1 : r - 1].count);

		sx += x;
		sy += y;
		sxx += x * x;
		sxy += x * y;
		syy += y * y;
		k++;
	}
	*s = -(k * sxy - sx * sy) / (k * sxx - sx * sx);
	return syy - sy * sy / k - *s * *s * (sxx - sx * sx / k);
}

/* Distinct words among `tokens` of a vocabulary of v. */
static double
distinct(double tokens, double v, double s, double q)
{
	double norm = 0, sum = 0, step;

	for (double r = 1; r <= v; r += step) {
		step = r < 1000 ? 1 : floor(r / 500);
		norm += step * pow(r + step / 2 + q, -s);
	}
	for (double r = 1; r <= v; r += step) {
		step = r < 1000 ? 1 : floor(r / 500);
		sum += step * (1 - exp(-tokens * pow(r + step / 2 + q, -s) / norm));
	}
	return sum;
}

static void
fit_words(fit *f, gen_params *p)
{
	size_t n = 0, at = 0;
	double best = INFINITY, s = 1, q = 0, twice = 0, docs = 0;

	for (size_t i = 0; i < f->cap; i++)
		if (f->table[i].key)
			f->table[at++] = f->table[i];
	qsort(f->table, at, sizeof *f->table, by_count);
	while (n < at && f->table[n].count >= 5)
		n++;
	for (double try = 0; try <= 60; try += 0.25) {
		double slope, e = regress(f->table, n, try, &slope);

		if (e < best) {
			best = e;
			s = slope;
			q = try;
		}
	}
	p->zipf_s = (uint32_t)lrint(1000 * s);
	p->zipf_q = (uint32_t)lrint(100 * q);
	for (p->vocabulary = 1 << 12; p->vocabulary < GEN_VOCABULARY_MAX; p->vocabulary *= 2)
		if (distinct((double)f->tokens, p->vocabulary, s, q) >= (double)f->used)
			break;
	for (size_t i = 200; i < n && i < 5000; i++) {
		twice += f->table[i].twice;
		docs += f->table[i].docs;
	}
	if (docs > 0)
		p->repeat = (uint32_t)lrint(65536 * fmin(0.6, twice / docs));
}

cdg_status
gen_fit(const char *path, gen_params *out, cdg_error *err)
{
	fit f = { 0 };
	cdg_status st = fit_read(&f, path, err);

	*out = gen_defaults;
	if (st == CDG_OK) {
		fit_words(&f, out);
		if (f.sentences)
			out->sentence = (uint32_t)fmin(200, fmax(4, (double)f.tokens / (double)f.sentences));
		qsort(f.lengths, f.ndocs, sizeof *f.lengths, by_number);
		for (size_t i = 0; i < GEN_LENGTHS; i++) {
			uint32_t n = f.lengths[i * (f.ndocs - 1) / (GEN_LENGTHS - 1)];
			out->lengths[i] = n ? n : 1;
		}
		st = gen_params_check(out, err) ? CDG_OK : CDG_E_ARG;
	}
	mem_free(f.table);
	mem_free(f.lengths);
	return st;
}
