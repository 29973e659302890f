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
/* For people (render_text.c). */
void render_text_head(cdg_printer *p, const cdg_results *r);
void render_text_hit(cdg_printer *p, const api_hit *h);
void render_text_tail(cdg_printer *p, const cdg_results *r);

#endif
