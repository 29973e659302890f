/* html.h - a page while it is read: shared by read_html.c (the events of the parser),
 * html_meta.c (what the page says of itself) and html_cut.c (what is not of the page's
 * matter, and is cut out when all is known). */
#ifndef EXTRACT_HTML_H
#define EXTRACT_HTML_H

#include <libxml/HTMLparser.h>

#include "extract/compose.h"
#include "extract/word.h"

enum { HTML_DEPTH = 2048, HTML_JSON_MAX = 64 << 10 };

/* What an element does. */
enum {
	HTML_DROP = 1,
	HTML_PRE = 2,
	HTML_HEADING = 4,
	HTML_TITLE = 8,
	HTML_HEAD = 16,
	HTML_LINK = 32,
	HTML_CELL = 64,
	HTML_ROW = 128,
	HTML_META = 256, /* says something of the page */
	HTML_SUP = 512,
	HTML_IMAGE = 1024
};

/* Why a span of the text may have to go; those above SPAN_MAIN are weighed first. */
typedef enum html_why {
	SPAN_NONE,
	SPAN_MAIN,    /* stays if it is most of the page */
	SPAN_ARTICLE, /* the same where nothing is main */
	SPAN_DENSE,   /* mostly links */
	SPAN_NAMED,   /* by its class: a cookie banner, breadcrumbs */
	SPAN_HIDDEN,
	SPAN_ASIDE,
	SPAN_FOOTER,
	SPAN_NAV
} html_why;

typedef struct html_count {
	size_t text;  /* characters that are no space */
	size_t links; /* those that are in links to other pages */
	size_t count; /* such links */
} html_count;

typedef struct html_span {
	size_t start, end; /* of the text */
	html_count in;
	html_why why;
	bool in_main;
} html_span;

typedef struct html_element {
	const char *name;
	uint16_t does;
	uint8_t before, after; /* compose_break */
	uint8_t why;           /* html_why, if no role says otherwise */
} html_element;

typedef struct html_open {
	const html_element *e; /* NULL: an element of no effect */
	uint8_t why;           /* html_why */
	uint8_t rank;          /* of the heading that it is; 0: none */
	bool link;             /* to another page */
	size_t start;
	html_count before;
} html_open;

enum { HTML_CACHE = 128 };

typedef struct html {
	read_build *b;
	htmlParserCtxtPtr parser;
	html_open stack[HTML_DEPTH];
	struct {
		const xmlChar *name; /* the parser has one string for each name */
		const html_element *e;
	} cache[HTML_CACHE];
	unsigned depth, drop, pre, head, in_title, link, main, json;
	unsigned sup; /* elements that stand above the line */
	bool too_deep;
	compose c;
	compose_break later; /* behind a block in a cell: due if the cell goes on */
	size_t cell;         /* 1 + where the text of the innermost cell begins; 0: none */
	html_count seen;
	html_count block;    /* seen before the block that is read */
	size_t block_start;
	size_t first, last;  /* the text between these is in sentences; last 0: none */
	size_t h1;    /* 1 + where the first <h1> begins; 0: none */
	bool main_h1; /* there is one in the main part */
	html_span *spans;
	size_t nspans, spans_cap;
	buf title; /* of <title> */
	buf jsonld;
	doc_str base;        /* of <base href> */
	doc_str no_date;         /* the first date that is none, if any */
	doc_date time, modified; /* of the first <time>; modified */
	uint8_t title_order, date_order, url_order, lang_order; /* how good what we have is: 1 best, 0 nothing */
	bool has_time;
} html;

/* The attribute's value; p NULL: it is not there. */
doc_str html_attribute(const xmlChar **atts, const char *name);

/* An element's share in what the page says of itself. */
void html_meta_element(html *h, const char *name, const xmlChar **atts);
/* At the end of the page. */
void html_meta_finish(html *h, const char *path);

/* Why the element may have to go, if its name says `why`. */
html_why html_cut_why(html_why why, const xmlChar **atts);
/* Its end: remembers the span if there is a reason. */
void html_cut_close(html *h, const html_open *o);
/* The end of a line or paragraph, or of the page. */
void html_cut_block(html *h);
/* Takes out of the text what is not of it. */
void html_cut_finish(html *h);

#endif
