/* text.c - the tokenizer's front: batches, and which scanner takes the next
 * token.
 *
 * The ASCII path (text_window.c) runs until it meets something it does not
 * take; the general scanner (text_scan.c) takes one token or compound, and so
 * on.  Both leave `at` at the end of the last token, so that the gap to the next
 * one is always seen whole by one of them.
 *
 * One thread owns an analyzer.
 */
#include <unicode/unorm2.h>

#include <libstemmer.h>

#include "text/text_detect.h"

text_analyzer *
text_analyzer_new(cdg_error *err)
{
	text_analyzer *an = mem_calloc(1, sizeof *an);
	UErrorCode st = U_ZERO_ERROR;

	if (!an) {
		err_nomem(err);
		return NULL;
	}
	an->casefold = unorm2_getNFKCCasefoldInstance(&st);
	if (U_FAILURE(st)) {
		err_set(err, CDG_E_NOMEM, "Unicode data for case folding is missing: %s",
			u_errorName(st));
		mem_free(an);
		return NULL;
	}
	return an;
}

void
text_analyzer_free(text_analyzer *an)
{
	size_t i;

	if (!an)
		return;
	for (i = 0; i < countof(an->stemmers); i++)
		if (an->stemmers[i])
			sb_stemmer_delete(an->stemmers[i]);
	text_detector_free(an->detector);
	mem_free(an);
}

void
text_begin(text_analyzer *an, const char *s, size_t n, uint32_t first_pos)
{
	an->s = s;
	an->n = n;
	an->at = an->last_start = 0;
	an->pos = first_pos;
	an->pending = TEXT_PARAGRAPH | TEXT_SENTENCE;
	an->in_chain = false;
	an->win_base = an->win_len = 0;
}

uint32_t
text_next_pos(const text_analyzer *an)
{
	return an->pos;
}

void
text_force_unicode(text_analyzer *an, bool on)
{
	an->forced = on;
}

/* The window is used up: too little of it is left for the ASCII path. */
static bool
text_window_spent(const text_analyzer *an)
{
	size_t end = an->win_base + an->win_len;

	return an->at >= end || (end < an->n && an->at + 64 >= end);
}

size_t
text_next(text_analyzer *an, text_token *tokens, size_t cap)
{
	an->out = tokens;
	an->out_len = 0;
	an->out_cap = cap;
	an->terms_len = 0;
	while (an->at < an->n) {
		size_t i;

		if (!an->forced && !an->in_chain) {
			if (text_window_spent(an)) {
				/* terms in the old window are still in use */
				if (an->out_len)
					break;
				text_window_fill(an);
			}
			text_window_run(an);
		}
		/* room for the longest compound, its terms included */
		if (an->out_cap - an->out_len < TEXT_JOIN_MAX + 1 ||
		    TERM_ROOM - an->terms_len < (TEXT_JOIN_MAX + 2) * (TEXT_TERM_MAX + 1))
			break;
		i = text_gap_skip(an);
		if (i >= an->n) {
			an->at = an->n;
			break;
		}
		text_scan_token(an, i);
	}
	return an->out_len;
}
