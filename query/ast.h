/* ast.h - the query tree: what the parser makes of a person's text, what every
 * backend evaluates.  Its meaning is defined by backend/reference.c.
 *
 * Nodes live in one arena (ast.mem) and are freed as a whole.  After parsing a
 * tree is immutable and may be shared by threads.
 */
#ifndef QUERY_AST_H
#define QUERY_AST_H

#include "base/base.h"
#include "base/mem.h"
#include "text/text.h"

typedef enum q_type {
	Q_NONE,   /* matches nothing */
	Q_ALL,    /* matches every document, score 0 */
	Q_TERM,   /* one word; see q_mode */
	Q_PREFIX, /* every term whose fold begins with `term` (or, if cjk1, whose term does) */
	Q_PHRASE, /* children are the slots: child i stands at start + child->offset, +- slop */
	Q_NEAR,   /* children in any order, within n positions of each other */
	Q_ADJ,    /* children in this order, each beginning at most n positions after the one before ends */
	Q_SYN,    /* children are alternatives for one another, scored as one term */
	Q_AND,    /* all children */
	Q_OR,     /* any child; the scores of those that match add up */
	Q_NOT,    /* child 0 but none of children 1.. */
	Q_MAYBE,  /* child 0, plus the scores of children 1.. where they match */
	Q_RANGE   /* field value between lo and hi; score 0 */
} q_type;

/* How a Q_TERM matches. */
typedef enum q_mode {
	Q_STEM,   /* any form with the same stem (unquoted words) */
	Q_FOLD,   /* the word as written, case and diacritics folded (in quotes) */
	Q_STRICT, /* exactly the raw form (=word, ="Strict Phrase") */
	Q_VALUE,  /* the whole value of a metadata field, exactly (field:="Whole Value") */
	Q_GLOB    /* the whole value by a pattern, see glob.h (path:laws/?.md) */
} q_mode;

/* Asks whole values of a metadata field, not words. */
#define q_is_value(q) ((q)->type == Q_TERM && ((q)->mode == Q_VALUE || (q)->mode == Q_GLOB))

typedef struct q_node q_node;
struct q_node {
	uint8_t type;
	uint8_t mode;        /* q_mode of TERM */
	uint8_t width;       /* TERM: positions it covers when highlighted (2 for a CJK bigram, else 1) */
	bool cjk1;           /* PREFIX: one CJK character, matches all bigrams that begin with it */
	bool hyphen;         /* STRICT TERM inside a phrase: a hyphen must (true) or must not (false)
	                      * join it to the next token; not asked of the last word */
	bool lo_open, hi_open; /* RANGE: exclusive bounds */
	uint8_t kind;        /* text_kind of a TERM (numbers and CJK have no stem) */
	bool plain;          /* TERM, PREFIX: the bytes analyse to this term alone; q_print may
	                      * write them bare.  Not part of equality */
	bool run;            /* PHRASE: an unquoted chunk with CJK characters, which q_relax may
	                      * split.  Not part of equality */
	bool compound;       /* PHRASE, SYN: an unquoted chunk of several words without CJK
	                      * characters, as it was read.  Not part of equality */
	float boost;         /* multiplies the score; 1 */
	uint32_t offset;     /* as a slot of a PHRASE */
	uint32_t n;          /* NEAR, ADJ: distance; PHRASE: slop */
	uint32_t span;       /* PHRASE of CJK bigrams: positions covered; else 0 = by the last slot */
	const char *field;   /* NULL = the text (title included); "title"; or a metadata field */
	const char *term;    /* TERM, PREFIX: term form (accents kept), NUL-terminated */
	size_t term_len;
	const char *raw;     /* STRICT, VALUE, GLOB: the raw bytes */
	size_t raw_len;
	const char *lo, *hi; /* RANGE: as typed, NULL = unbounded */
	q_node **child;
	size_t nchild;
	uint32_t at, end;    /* byte range in the query text, for messages */
};

typedef struct ast {
	arena mem;
	q_node *root;             /* never NULL after a successful parse */
	const char **warnings;    /* what was not understood, expanded, capped, dropped */
	size_t nwarnings;
	bool relaxable;           /* root is an implicit AND of words: the fall-back applies */
} ast;

typedef struct q_parse_options {
	bool default_or;     /* --default-op or */
	uint64_t langs;      /* with default_or: languages whose long questions are read as such
	                      * (parse_question.c), bit by text_lang */
	bool strict;         /* warnings are errors */
	bool stem_phrases;   /* stems inside quotes on request */
	size_t max_nodes;    /* 0 = 20000; more are dropped with a warning */
	size_t max_depth;    /* 0 = 200; most 1000; deeper nesting is flattened with a warning */
} q_parse_options;

void ast_init(ast *a);
void ast_fini(ast *a);
/* Empty again, with some of its memory kept for the next query. */
void ast_reset(ast *a);

/* Parse n bytes of any bytes at all.  Fails only when memory is out or, with
 * strict, when there would be a warning. `an` tokenises the words. */
cdg_status q_parse(const char *text, size_t n, const q_parse_options *opt, text_analyzer *an,
		   ast *out, cdg_error *err);

/* A canonical text of the tree, which parses back to an equal tree: appended to
 * out.  This is the "parsed" of the JSON.  It has parentheses that nobody typed: what
 * was nested nearly as deep as may be needs a larger max_depth to be read again. */
void q_print(const q_node *node, buf *out);

/* Structural equality. */
bool q_equal(const q_node *a, const q_node *b);

/* Positions a slot covers as written: 1 for a word, 2 for a CJK bigram, up to the
 * last slot (or span) for a PHRASE, the first alternative for a SYN.  The gap
 * before slot i of a phrase is
 *   child[i]->offset - child[i-1]->offset - q_width(child[i-1]). */
uint32_t q_width(const q_node *node);

/* The fall-back of a relaxable root: a new tree in a->mem (not thread-safe)
 * whose clauses are alternatives: Q_OR over words and phrases, with unquoted CJK
 * runs split into their overlapping bigrams.  Ranges, metadata fields and
 * NOT stay mandatory: Q_NOT(Q_AND(Q_OR(...), ranges...), nots...).  Shares
 * nodes with root.  NULL: nothing to relax, or no memory. */
q_node *q_relax(ast *a, const q_node *root);

/* Construct nodes by hand (tests, fall-back, random queries). NULL: no memory. */
q_node *q_new(ast *a, q_type type, size_t nchild);
/* A word in a mode; analyses nothing: term is the term form. */
q_node *q_word(ast *a, const char *term, size_t len, q_mode mode);
void q_warn(ast *a, const char *fmt, ...) CDG_PRINTF(2, 3);

#endif
