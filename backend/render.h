/* render.h - results as bytes: what the files render_*.c share.  They see
 * results through the public accessors and the arrays of api.h, write into one
 * buf, and the printer hands that to the caller's function. */
#ifndef BACKEND_RENDER_H
#define BACKEND_RENDER_H

#include "backend/api.h"

struct cdg_printer {
	cdg_format format;
	cdg_write_fn write;
	void *ctx;
	buf out;
	char *run_id;
	unsigned width;
	bool color, batch, header_done;
};

/* One object, without a line end. */
void render_json(buf *out, const cdg_results *r);
void render_json_hit(buf *out, const api_hit *h, const char *qid);
/* Parts of JSON: a string (NULL: ""); what stands before one and it, as ",\"id\":"; an
 * object of all metadata; a page's label, after its name. */
void render_string(buf *out, const char *s);
void render_member(buf *out, const char *before, const char *value);
void render_fields(buf *out, const api_hit *h);
void render_page(buf *out, const char *page);
/* A field of CSV, and what follows it. */
void render_csv(buf *out, const char *s, const char *after);
/* For people (render_text.c). */
void render_text_head(cdg_printer *p, const cdg_results *r);
void render_text_hit(cdg_printer *p, const api_hit *h);
/* The lines that say what a document is. */
void render_text_title(cdg_printer *p, const api_hit *h);
void render_text_tail(cdg_printer *p, const cdg_results *r);

/* Parts of text for a terminal: a style, if there are colours; the columns that a
 * character takes; and whether it must not come out, for it changes how others are
 * shown. */
#define RENDER_BOLD "\x1b[1m"
#define RENDER_MATCH "\x1b[1;31m"
#define RENDER_DIM "\x1b[2m"
#define RENDER_PLAIN "\x1b[0m"
void render_style(cdg_printer *p, const char *style);
unsigned render_width(uint32_t c);
bool render_is_control(uint32_t c);

#endif
