/* text_gap.c - what lies between two tokens, and what it says of sentences
 * and paragraphs.
 *
 * A sentence begins after . ! ? with closing quotes and brackets, white space,
 * and then anything but a lower-case letter; after an opening quote or bracket
 * always.  A full stop directly after a single letter or an abbreviation does
 * not end one; an acronym's last stop is inside its token, so it does not
 * either.  Ideographic stops need no white space.  A paragraph begins after
 * two newlines with only spaces between.
 *
 * Only the last token is looked back at: this is what makes restarts exact.
 */
#include <unicode/uchar.h>

#include "text/text_internal.h"

typedef enum gap_end {
	GAP_NONE,
	GAP_DOT,    /* one full stop, directly after the token */
	GAP_STRONG, /* any other terminator */
} gap_end;

typedef struct gap_state {
	gap_end end;
	bool space;  /* white space after the terminator */
	bool open;   /* then an opening quote or bracket */
	bool always; /* ideographic stop */
	bool para;
	unsigned newlines;
	bool after_cr;
} gap_state;

/* Abbreviations that take a full stop, in lower case, sorted. */
static const char gap_abbreviation[][8] = {
	"abg", "abk", "abs", "abt", "adm", "al", "allg", "anm", "app", "appx", "approx", "arr",
	"art", "arts", "aufl", "aug", "av", "ave", "az", "bd", "betr", "bgbl", "blvd", "bros",
	"bspw", "bzgl", "bzw", "ca", "capt", "cf", "ch", "chap", "cir", "cl", "co", "col",
	"comm", "comp", "conf", "cong", "cons", "const", "corp", "cp", "ct", "dec", "dept",
	"dgl", "dist", "div", "dr", "ed", "eds", "eg", "einschl", "entspr", "esp", "est", "etc",
	"evtl", "ex", "exec", "feb", "ff", "fig", "figs", "fn", "fr", "gen", "ges", "gesch",
	"ggf", "gov", "hon", "hr", "hrsg", "ibid", "id", "ie", "inc", "incl", "inkl", "insb",
	"int", "jan", "jgg", "jr", "jul", "jun", "kap", "lit", "lt", "ltd", "maj", "mar", "max",
	"mfg", "min", "mio", "misc", "mlle", "mme", "mr", "mrd", "mrs", "ms", "mt", "nat",
	"nos", "nov", "nr", "nrn", "num", "obs", "oct", "op", "org", "para", "paras", "parl",
	"pg", "ph", "pp", "pref", "pres", "prof", "prot", "pt", "pts", "pub", "rdnr", "ref",
	"reg", "regs", "rep", "repr", "res", "resp", "rev", "rn", "sch", "sec", "secs", "sen",
	"sent", "sept", "ser", "sess", "sgt", "sog", "sr", "ss", "st", "stat", "ste", "str",
	"subch", "subd", "subpar", "subsec", "supp", "tab", "tit", "treas", "u", "univ", "urt",
	"usw", "v", "vgl", "viz", "vol", "vols", "vs", "ziff", "zit", "zzgl",
};

/* These are also words: abbreviations only with a capital, or before a digit. */
static const char gap_ambiguous[][8] = {
	"add", "apr", "arch", "bus", "cal", "cas", "fed", "fri", "mass", "mon", "no", "par",
	"sat", "sep", "sun", "wed", "wash",
};

static int
gap_compare(const void *a, const void *b)
{
	return strncmp(a, b, 8);
}

static bool
gap_is_abbreviation(const text_analyzer *an, bool digit_follows)
{
	const char *raw = an->s + an->last_start;
	size_t n = an->at - an->last_start, i;
	char key[8] = { 0 };

	if (n == 0 || n > 7)
		return false;
	for (i = 0; i < n; i++) {
		uint8_t b = (uint8_t)raw[i];
		if (b >= 0x80) { /* one letter of another script */
			const char *p = raw;
			uint32_t c = text_decode(&p, raw + n);
			return i == 0 && p == raw + n && u_isalpha((UChar32)c);
		}
		if ((b | 0x20) < 'a' || (b | 0x20) > 'z')
			return false;
		key[i] = (char)(b | 0x20);
	}
	if (n == 1)
		return true;
	if (bsearch(key, gap_abbreviation, countof(gap_abbreviation), 8, gap_compare))
		return true;
	if (!digit_follows && raw[0] >= 'a')
		return false;
	for (i = 0; i < countof(gap_ambiguous); i++)
		if (!strncmp(key, gap_ambiguous[i], 8))
			return true;
	return false;
}

CDG_INLINE void
gap_newline(gap_state *g, uint32_t c)
{
	if (g->end)
		g->space = true;
	if (c == '\n' && g->after_cr) {
		g->after_cr = false;
		return;
	}
	g->after_cr = c == '\r';
	if (++g->newlines >= 2)
		g->para = true;
}

/* A character of the gap that is neither space nor newline. */
CDG_INLINE void
gap_mark(gap_state *g, uint8_t cls, bool first)
{
	switch (cls) {
	case CLASS_DOT:
		g->end = g->end == GAP_NONE && first ? GAP_DOT : GAP_STRONG;
		g->space = false;
		break;
	case CLASS_BANG:
		g->end = GAP_STRONG;
		g->space = false;
		break;
	case CLASS_STOP:
		g->always = true;
		break;
	case CLASS_OPEN:
		if (g->space)
			g->open = true;
		else
			g->end = GAP_NONE;
		break;
	case CLASS_QUOTE: case CLASS_APOS:
		if (g->space)
			g->open = true;
		break;
	case CLASS_CLOSE: case CLASS_IGNORE: case CLASS_MARK:
		break;
	case CLASS_PARA:
		g->para = true;
		break;
	default:
		if (!g->space)
			g->end = GAP_NONE;
	}
	g->newlines = 0;
	g->after_cr = false;
}

CDG_INLINE void
gap_step(gap_state *g, uint8_t cls, uint32_t c, bool first)
{
	if (cls == CLASS_SPACE) {
		if (g->end)
			g->space = true;
		g->after_cr = false;
	} else if (cls == CLASS_NEWLINE) {
		gap_newline(g, c);
	} else {
		gap_mark(g, cls, first);
	}
}

/* The flags for a token that begins with character c of class cls. */
static uint8_t
gap_verdict(const text_analyzer *an, const gap_state *g, uint32_t c, uint8_t cls)
{
	bool lower;

	if (g->para)
		return TEXT_PARAGRAPH | TEXT_SENTENCE;
	if (g->always)
		return TEXT_SENTENCE;
	if (!g->end || !g->space)
		return 0;
	lower = c < 0x80 ? c >= 'a' && c <= 'z' : u_islower((UChar32)c);
	if (lower && !g->open)
		return 0;
	if (g->end == GAP_DOT && gap_is_abbreviation(an, cls == CLASS_DIGIT))
		return 0;
	return TEXT_SENTENCE;
}

size_t
text_gap_skip(text_analyzer *an)
{
	gap_state g = { 0 };
	size_t i = an->at;

	for (;;) {
		uint32_t c, len;
		uint8_t cls = text_peek(an, i, &c, &len);

		if (cls >= CLASS_LETTER) {
			an->pending |= gap_verdict(an, &g, c, cls);
			return i;
		}
		if (cls == CLASS_END)
			return i;
		gap_step(&g, cls, c, i == an->at);
		i += len;
	}
}

uint8_t
text_gap_flags(text_analyzer *an, size_t end)
{
	const uint8_t *s = (const uint8_t *)an->s;
	gap_state g = { 0 };
	size_t i;

	for (i = an->at; i < end; i++)
		gap_step(&g, text_class_ascii[s[i]], s[i], i == an->at);
	return gap_verdict(an, &g, s[end], text_class_ascii[s[end]]);
}
