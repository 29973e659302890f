/* gen_model.c - see gen.h: probabilities and words.
 *
 * A rank is drawn by Walker's alias method over slots: one a rank up to
 * GEN_EXACT, then one for each 32nd of a doubling, inside which all ranks are
 * alike (a step of 2 % between neighbours).  Logarithm and power are computed
 * bit by bit in fixed point.
 *
 * Words: real ones first, which make texts readable and give phrases their stop
 * words; then syllables of consonants and vowels in turn, a number in base 210
 * of at least two digits, closed by consonants.  Consonants and vowels
 * alternate, so a word can be read in one way only, and distinct ranks give
 * distinct words.
 */
#include "bench/gen.h"

/* Fitted to the English policy corpus (cdgbench generate --fit), but for topics
 * and phrases, which are set by hand, and the vocabulary, which is four times
 * that of the fit, so that it still grows in corpora that are larger. */
const gen_params gen_defaults = {
	.zipf_s = 1378, .zipf_q = 725, .vocabulary = 1 << 20, .repeat = 26128, .topic = 9000, .phrase = 2000,
	.sentence = 21,
	.lengths = { 4, 20, 31, 40, 49, 58, 68, 79, 90, 103, 116, 131, 147, 164, 183, 204, 227, 252, 277, 307, 339, 377,
		     422, 474, 538, 615, 713, 842, 1026, 1318, 1861, 3387, 283816 },
};

/* ---- fixed point ---------------------------------------------------------- */

typedef unsigned __int128 gen_u128;

/* log2 of x / 2^16, with 32 bits of fraction; x >= 2^16. */
static uint64_t
fixed_log2(uint64_t x)
{
	int top = 63 - __builtin_clzll(x);
	uint64_t m = x << (63 - top), out = (uint64_t)(top - 16) << 32; /* m in [1, 2) */

	for (int bit = 31; bit >= 0; bit--) {
		gen_u128 sq = (gen_u128)m * m;

		if (sq >> 127) { /* m^2 >= 2 */
			out |= 1ULL << bit;
			m = (uint64_t)(sq >> 64);
		} else {
			m = (uint64_t)(sq >> 63);
		}
	}
	return out;
}

/* The root of x, rounded down. */
static uint64_t
root(gen_u128 x)
{
	uint64_t r = 0;

	for (int bit = 63; bit >= 0; bit--) {
		uint64_t t = r | 1ULL << bit;

		if ((gen_u128)t * t <= x)
			r = t;
	}
	return r;
}

/* 2^62 * 2^-y, y with 32 bits of fraction. */
static uint64_t
fixed_exp2(uint64_t y)
{
	uint64_t out = 1ULL << 62, step = 1ULL << 61; /* step: 2^62 * 2^-1 */

	if (y >> 32 > 61)
		return 0;
	for (int bit = 31; bit >= 0; bit--) {
		step = root((gen_u128)step << 62);
		if (y >> bit & 1)
			out = (uint64_t)(((gen_u128)out * step) >> 62);
	}
	return out >> (y >> 32);
}

/* 2^62 / (rank + q)^s for rank from 1, divided by that of rank 1. */
static uint64_t
zipf_weight(const gen_params *p, uint64_t rank)
{
	uint64_t x = (rank << 16) + ((uint64_t)p->zipf_q << 16) / 100;
	uint64_t first = (1 << 16) + ((uint64_t)p->zipf_q << 16) / 100;

	return fixed_exp2((fixed_log2(x) - fixed_log2(first)) * p->zipf_s / 1000);
}

/* ---- the alias method ----------------------------------------------------- */

/* Slots from weights, whose sum must be positive. */
static bool
alias_build(gen_slot *slots, const uint64_t *weight, uint32_t n)
{
	uint64_t *share = mem_alloc(n * sizeof *share); /* of 1/n, 32 bits of fraction */
	uint32_t *stack = mem_alloc(n * sizeof *stack), small = 0, large = n;
	gen_u128 sum = 0;

	if (!share || !stack) {
		mem_free(share);
		mem_free(stack);
		return false;
	}
	for (uint32_t i = 0; i < n; i++)
		sum += weight[i];
	for (uint32_t i = 0; i < n; i++) {
		share[i] = (uint64_t)((gen_u128)weight[i] * n / (sum >> 32));
		if (share[i] < 1ULL << 32)
			stack[small++] = i;
		else
			stack[--large] = i;
	}
	while (small && large < n) {
		uint32_t s = stack[--small], l = stack[large];

		slots[s] = (gen_slot){ (uint32_t)share[s], l };
		share[l] -= (1ULL << 32) - share[s];
		if (share[l] < 1ULL << 32) {
			large++;
			stack[small++] = l;
		}
	}
	for (uint32_t i = 0; i < small; i++) /* what rounding left */
		slots[stack[i]] = (gen_slot){ UINT32_MAX, stack[i] };
	for (; large < n; large++)
		slots[stack[large]] = (gen_slot){ UINT32_MAX, stack[large] };
	mem_free(share);
	mem_free(stack);
	return true;
}

CDG_INLINE uint32_t
alias_draw(const gen_slot *slots, uint32_t n, uint64_t random)
{
	uint32_t i = gen_below(random, n);

	return (uint32_t)random < slots[i].below ? i : slots[i].other;
}

/* First rank (from 0) of a slot. */
CDG_INLINE uint32_t
slot_first(uint32_t slot)
{
	uint32_t step = slot - GEN_EXACT;

	return slot < GEN_EXACT ? slot
				: (GEN_EXACT / GEN_STEPS * (GEN_STEPS + step % GEN_STEPS)) << step / GEN_STEPS;
}

uint32_t
gen_rank(const gen_model *m, uint64_t *state)
{
	uint32_t slot = alias_draw(m->slots, m->nslots, gen_random(state)), first;

	if (likely(slot < GEN_EXACT))
		return slot;
	first = slot_first(slot);
	return first + gen_below(gen_random(state), slot_first(slot + 1) - first);
}

static bool
vocabulary_build(gen_model *m)
{
	uint64_t *w = mem_calloc(GEN_SLOTS, sizeof *w);
	bool good;

	if (!w)
		return false;
	for (m->nslots = 0; m->nslots < GEN_SLOTS && slot_first(m->nslots) < m->p.vocabulary; m->nslots++) {
		uint64_t first = slot_first(m->nslots), after = slot_first(m->nslots + 1);

		w[m->nslots] = zipf_weight(&m->p, (first + after + 1) / 2) * (after - first);
	}
	good = alias_build(m->slots, w, m->nslots);
	for (uint32_t i = 0; i < countof(m->phrase_slots); i++)
		w[i] = (1ULL << 62) / (i + 4);
	good = good && alias_build(m->phrase_slots, w, countof(m->phrase_slots));
	mem_free(w);
	return good;
}

/* ---- words ---------------------------------------------------------------- */

static const char real_words[GEN_REAL_WORDS][12] = {
	"the", "of", "and", "to", "in", "a", "or", "for", "be", "is", "by", "shall", "that", "on", "as", "with", "any",
	"not", "this", "such", "under", "an", "from", "at", "may", "are", "which", "it", "other", "has", "if", "was",
	"all", "its", "have", "been", "will", "no", "who", "must", "than", "each", "into", "their", "were", "these",
	"his", "but", "upon", "we", "after", "there", "also", "more", "per", "when", "within", "so", "those", "they",
	"before", "can", "our", "between", "one", "where", "only", "he", "her", "out", "what", "up", "about", "do",
	"would", "during", "some", "through", "same", "you", "because", "should", "over", "them", "had", "how", "both",
	"against", "she", "most", "two", "being", "then", "until", "every", "while",
	"section", "act", "law", "person", "state", "public", "government", "agency", "plan", "policy", "court",
	"minister", "council", "property", "program", "service", "tax", "title", "federal", "report", "commission",
	"article", "right", "security", "health", "education", "development", "economic", "reform", "national",
	"committee", "budget", "regulation", "authority", "energy", "forest", "trade", "market", "industry", "climate",
	"environment", "transport", "housing", "labour", "employment", "research", "digital", "justice", "treaty",
	"finance", "bank", "fund", "child", "family", "school", "hospital", "patent", "privacy", "election", "citizen",
	"emergency", "defence", "border", "agriculture",
};

enum { ONSETS = 30, VOWELS = 7, SYLLABLES = ONSETS * VOWELS };

/* The consonants and the vowels of a word, a digit at a time. */
static char *
put_syllable(char *to, uint64_t digit)
{
	static const char onsets[ONSETS][3] = { "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t",
						"v", "w", "z", "br", "cr", "dr", "fr", "gr", "pl", "pr", "tr", "sh", "ch",
						"th", "sp" };
	static const char vowels[VOWELS][3] = { "a", "e", "i", "o", "u", "ai", "ea" };

	for (const char *s = onsets[digit / VOWELS]; *s; s++)
		*to++ = *s;
	for (const char *s = vowels[digit % VOWELS]; *s; s++)
		*to++ = *s;
	return to;
}

size_t
gen_spell(uint32_t rank, char out[GEN_WORD_MAX])
{
	static const char codas[8][3] = { "n", "r", "l", "s", "ng", "m", "nd", "rt" };
	static const uint64_t scatter[] = { 27011, 1000003, 1000000007 }; /* prime to 210 */
	uint64_t n, size = SYLLABLES * SYLLABLES, code;
	unsigned digits = 2;
	char *to = out;

	if (rank < GEN_REAL_WORDS) {
		memcpy(out, real_words[rank], 12);
		return strlen(real_words[rank]);
	}
	n = rank - GEN_REAL_WORDS;
	for (; n >= size && digits < 4; digits++, size *= SYLLABLES)
		n -= size;
	code = n * scatter[digits - 2] % size;
	for (unsigned i = 0; i < digits; i++, code /= SYLLABLES)
		to = put_syllable(to, code % SYLLABLES);
	for (const char *s = codas[gen_mix(rank, 77) & 7]; *s; s++)
		*to++ = *s;
	return (size_t)(to - out);
}

/* ---- topics and phrases --------------------------------------------------- */

uint64_t
gen_mix(uint64_t a, uint64_t b)
{
	uint64_t state = a * 0xd1342543de82ef95u + b;

	return gen_random(&state);
}

/* A content word by the vocabulary's law, so that topics and phrases do not bend
 * its curve. */
static uint32_t
content_rank(const gen_model *m, uint64_t h)
{
	uint32_t rank = gen_rank(m, &h);

	for (int i = 0; i < 8 && rank < GEN_STOP; i++)
		rank = gen_rank(m, &h);
	return rank < GEN_STOP ? GEN_STOP + gen_below(h, 900) : rank;
}

uint32_t
gen_topic_rank(const gen_model *m, uint32_t topic, uint32_t j)
{
	return content_rank(m, gen_mix(m->seed ^ 0x746f706963, (uint64_t)topic << 32 | j));
}

uint32_t
gen_phrase(const gen_model *m, uint64_t *state)
{
	uint64_t r = gen_random(state);

	return alias_draw(m->phrase_slots, countof(m->phrase_slots), r) << 4 | (gen_random(state) >> 60);
}

/* Two to six words; two in five of those within are stop words. */
uint32_t
gen_phrase_rank(const gen_model *m, uint32_t k, uint32_t i)
{
	uint64_t head = gen_mix(m->seed ^ 0x706872617365, k), h = gen_mix(head, i);
	uint32_t n = 2 + (0x4322110u >> (4 * (head % 7)) & 7);

	if (i >= n)
		return UINT32_MAX;
	if (i > 0 && i + 1 < n && h % 5 < 2)
		return gen_below(h, 12);
	return content_rank(m, h);
}

/* ---- the model ------------------------------------------------------------ */

bool
gen_params_check(const gen_params *p, cdg_error *err)
{
	bool rising = p->lengths[0] >= 1 && p->lengths[GEN_LENGTHS - 1] <= GEN_WORDS_MAX;

	for (int i = 1; i < GEN_LENGTHS; i++)
		rising = rising && p->lengths[i] >= p->lengths[i - 1];
	if (!rising)
		err_set(err, CDG_E_ARG, "lengths of documents must rise, from 1 to %d", GEN_WORDS_MAX);
	else if (p->zipf_s < 500 || p->zipf_s > 3000 || p->zipf_q > 100000)
		err_set(err, CDG_E_ARG, "the exponent must be from 0.5 to 3, the shift at most 1000");
	else if (p->vocabulary < 1024 || p->vocabulary > GEN_VOCABULARY_MAX)
		err_set(err, CDG_E_ARG, "the vocabulary must be from 1024 to %d words", GEN_VOCABULARY_MAX);
	else if (p->repeat + p->topic + p->phrase > 60000 || p->sentence < 4 || p->sentence > 200)
		err_set(err, CDG_E_ARG, "repeats, topics and phrases leave no place for other words");
	else
		return true;
	return false;
}

gen_model *
gen_model_new(const gen_params *p, uint64_t seed, bool plain)
{
	gen_model *m = mem_calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->p = *p;
	m->seed = seed;
	m->plain = plain;
	if (!vocabulary_build(m)) {
		mem_free(m);
		return NULL;
	}
	for (uint32_t i = 0; i < GEN_EXACT; i++)
		m->words[i].len = (uint8_t)gen_spell(i, m->words[i].s);
	return m;
}

void
gen_model_free(gen_model *m)
{
	mem_free(m);
}
