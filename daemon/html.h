/* html.h - the one writer of what comes from documents, queries, metadata and file names
 * into HTML.  Everything that is not a constant of the program goes through it. */
#ifndef DAEMON_HTML_H
#define DAEMON_HTML_H

#include "base/buf.h"

/* As text between tags, or as the value of an attribute in double quotes.  Control characters
 * that HTML forbids become U+FFFD. */
void html_text(buf *out, const char *s);
void html_text_n(buf *out, const char *s, size_t n);
/* As a part of the query of a URL: everything but letters, digits and -._~ by its bytes.
 * Needs no further escaping in an attribute. */
void html_query(buf *out, const char *s);
/* A URL as the value of href, if it may be followed: http, https, or relative to this site
 * (no scheme, no other host).  False, and nothing written: it may not. */
bool html_href(buf *out, const char *url);
/* Whether html_href would write it as one with a scheme, so that it leads somewhere. */
bool html_is_web(const char *url);

#endif
