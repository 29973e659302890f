/* glob.c - see glob.h.
 *
 * Two places to come back to are enough: the last * and the last ** before it.
 * For the part of a pattern between two stars the first place where it fits is
 * the best one, since whatever fits behind a later place fits behind this one;
 * only a slash, which * does not cross, sends the search back to the **.
 */
#include "query/glob.h"

bool
glob_is_pattern(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] == '/' || s[i] == '*' || s[i] == '?')
			return true;
	return false;
}

/* Where to go on after a mismatch: pattern byte p against path byte s, one later
 * each time. */
typedef struct glob_back {
	size_t p, s;
	bool set;
	bool folders; /* of a double star that is a whole part: from folder to folder */
} glob_back;

typedef struct glob {
	const char *pattern, *path;
	size_t np, n, p, s;
	bool below; /* the pattern ended in a slash: it names a folder */
	glob_back star, stars;
} glob;

/* The byte after the character at i. */
static size_t
glob_next(const glob *g, size_t i)
{
	for (i++; i < g->n && ((uint8_t)g->path[i] & 0xc0) == 0x80; i++)
		;
	return i;
}

/* At a star or stars: remember the place. */
static void
glob_star(glob *g)
{
	size_t from = g->p;

	while (g->p < g->np && g->pattern[g->p] == '*')
		g->p++;
	if (g->p - from == 1) {
		g->star = (glob_back){ g->p, g->s, true, false };
		return;
	}
	g->star.set = false;
	g->stars = (glob_back){ g->p, g->s, true, false };
	if (g->p < g->np && g->pattern[g->p] == '/' && (!from || g->pattern[from - 1] == '/')) {
		g->stars.p = ++g->p;
		g->stars.folders = true;
	}
}

/* Try again, a little later; false: there is nowhere left. */
static bool
glob_again(glob *g)
{
	glob_back *b = &g->star;

	if (b->set && b->s < g->n && g->path[b->s] != '/') {
		b->s = glob_next(g, b->s);
	} else {
		b->set = false;
		b = &g->stars;
		if (!b->set || b->s >= g->n)
			return false;
		if (b->folders) {
			const char *slash = memchr(g->path + b->s, '/', g->n - b->s);
			if (!slash)
				return false;
			b->s = (size_t)(slash - g->path) + 1;
		} else {
			b->s = glob_next(g, b->s);
		}
	}
	g->p = b->p;
	g->s = b->s;
	return true;
}

bool
glob_match(const char *pattern, size_t plen, const char *path, size_t n)
{
	glob g = { .pattern = pattern, .np = plen, .path = path, .n = n };

	if (plen && pattern[0] == '/') {
		g.p = 1;
		g.s = n && path[0] == '/';
		if (plen == 1) /* everything is below the root */
			return true;
	} else {
		g.stars = (glob_back){ 0, 0, true, true };
	}
	while (g.np > g.p && g.pattern[g.np - 1] == '/') {
		g.np--;
		g.below = true;
	}
	for (;;) {
		char c = g.p < g.np ? g.pattern[g.p] : 0;

		if (g.p == g.np) {
			if (g.s < n ? path[g.s] == '/' : !g.below)
				return true;
		} else if (c == '*') {
			glob_star(&g);
			continue;
		} else if (g.s < n && (c == '?' ? path[g.s] != '/' : path[g.s] == c)) {
			g.s = c == '?' ? glob_next(&g, g.s) : g.s + 1;
			g.p++;
			continue;
		}
		if (!glob_again(&g))
			return false;
	}
}
