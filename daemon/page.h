/* page.h - what all pages have: head, search box, foot, links that keep the state.
 *
 * The state of a page is its address: q, filter (any number), sort, n, offset, view, by, more
 * and hl are parameters and nothing else is kept.  Handlers make a page, write the main part
 * between page_begin and page_end, and write all that is not theirs with html.h.
 */
#ifndef DAEMON_PAGE_H
#define DAEMON_PAGE_H

#include "daemon/html.h"
#include "daemon/web.h"
#include "daemon/words.h"

enum { PAGE_PASSAGES = 3, PAGE_PASSAGE_LENGTH = 260, PAGE_VALUES = 7, PAGE_VALUES_MORE = 100 };

typedef struct page {
	web_call *c;
	buf *o;          /* of the call */
	words_lang lang;
	const char *q;   /* as text; "" if there is none */
} page;

/* A link to `path` of this index with the parameters of this call, but for the changes. */
typedef struct page_link {
	const char *path;
	const char *set[5][2];         /* name and value; value NULL or "": left out */
	const char *add, *drop;        /* a filter to add, to leave out */
	bool no_filters;
	const char *fragment;
} page_link;

/* Reads the language and the query; the answer's type and the headers of a page are set. */
void page_init(page *p, web_call *c);
/* To <main>.  title is of the document in the browser's list of tabs (NULL: the site's).
 * box: with the search box above. */
void page_begin(page *p, const char *title, bool box);
void page_end(page *p);
/* The form with the search box, alone; what of the state goes with it is hidden in it. */
void page_form(page *p, bool large);
/* The form that goes to another page of the same state: fields of it, hidden. */
void page_hidden(page *p, const char *name);

/* An address, to be put between the quotes of an attribute. */
void page_put_link(page *p, const page_link *l);

/* Short forms of words.h and html.h. */
const char *page_word(const page *p, word_id id);
void page_put(page *p, const char *html);
void page_text(page *p, const char *text);
void page_say(page *p, word_id id, const char *a, const char *b);
/* {0} being a number. */
void page_count(page *p, word_id id, uint64_t n);

/* The label of a field, and of a value of it, escaped. */
void page_field(page *p, const char *field);
void page_value(page *p, const char *field, const char *value);
/* The fields of the index, those first that people ask for; *n of them.  Valid as long as
 * the index is held. */
const char *const *page_fields(page *p, size_t *n);
bool page_has_field(page *p, const char *field);

/* `field:="value"`, a filter; in the arena of the call, NULL without memory. */
const char *page_filter(page *p, const char *field, const char *value);
/* Field and value of such a filter, or of `date:2013`, `date:2013..2018`; false: another. */
bool page_filter_read(page *p, const char *filter, const char **field, const char **value);

/* What is chosen of one field, any of it: `field:="value" OR field:="value"`. */
enum { PAGE_CHOICES = 50 };
typedef struct page_choice {
	const char *field, *values[PAGE_CHOICES];
	size_t n;
} page_choice;
/* False: filter is another.  Strings in the arena of the call. */
bool page_choice_read(page *p, const char *filter, page_choice *out);
/* As a filter; NULL: of nothing, or no memory. */
const char *page_choice_filter(page *p, const page_choice *c);
bool page_choice_has(const page_choice *c, const char *value);
/* What the address chooses of the field, and the filter that does; NULL: nothing. */
const char *page_choice_of(page *p, const char *field, page_choice *out);
/* The address with `value` chosen as well or, if it is in c, no more; c stands in `filter`. */
void page_put_choice(page *p, const char *filter, const page_choice *c, const char *value);

/* page_facet.c: the column beside the results, and the chips above them. */
void page_add_facets(page *p, cdg_request *rq);
void page_put_chips(page *p);
void page_put_facets(page *p, const cdg_results *r);
/* Whether there is anything in them: also where nothing is found but something was chosen. */
bool page_has_facets(page *p, const cdg_results *r);
/* page_years.c */
void page_put_years(page *p, const cdg_results *r, size_t facet);
/* The facet to be asked for: years, or the months of the one that is filtered by. */
const char *page_years_facet(page *p);
/* page_hit.c */
void page_put_hit(page *p, const cdg_results *r, size_t i);

/* page_list.c: what stands around a list.  parsed: the query as understood.  After
 * page_put_notes come the notes, if there are any, then page_end_notes. */
void page_put_time(page *p, uint64_t us);
void page_put_asked(page *p);
void page_put_notes(page *p, const char *parsed, bool notes, bool timed_out);
void page_put_note(page *p, const char *warning);
void page_end_notes(page *p, bool notes);
void page_put_paging(page *p, const char *path, uint64_t n, uint64_t offset, uint64_t total);
void page_put_export(page *p, const char *path, uint64_t total);
/* page_lines.c: links to the list and to the lines. */
void page_put_views(page *p, bool lines);

/* page_home.c: the page without a query. */
void page_home(page *p);
/* What is wrong, as a page. */
void page_problem(web_call *c, unsigned status, const char *detail);
/* What answers a route for a browser. */
void page_search(web_call *c);   /* GET /search */
void page_doc(web_call *c);      /* GET /doc */
void page_lines(web_call *c);    /* GET /docs/concordance */
void page_advanced(web_call *c); /* GET /advanced: the form, or where it leads */
void page_help(web_call *c);     /* GET /help */

/* asset.c: the address of a file of the page with the hash of what is in it. */
const char *asset_url(const char *name, char *to, size_t cap);

#endif
