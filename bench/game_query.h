/* game_query.h - queries of the public search-benchmark-game, as its engines
 * read them: words and "phrases", each with + (must), - (must not) or nothing
 * (may).
 *
 *   a b          a or b                      "a b"       phrase
 *   +a +b        both                        +a b c      a; b and c only add score
 *   +a -b        a without b                 +"a b" +c   phrase and word
 *
 * Words match as written (case and accents folded), never by stem.  What has
 * only words that must not occur matches nothing, as in Lucene.
 */
#ifndef BENCH_GAME_QUERY_H
#define BENCH_GAME_QUERY_H

#include "base/err.h"
#include "query/ast.h"

/* Never fails for what is typed; CDG_E_NOMEM alone. */
cdg_status game_parse(ast *a, text_analyzer *an, const char *text, size_t n, cdg_error *err);

#endif
