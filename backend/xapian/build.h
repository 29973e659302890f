/* build.h - a document as one of libxapian: its terms by scheme.h, its values,
 * its data.  One builder a thread. */
#ifndef BACKEND_XAPIAN_BUILD_H
#define BACKEND_XAPIAN_BUILD_H

#include "backend/xapian/load.h"
#include "backend/xapian/scheme.h"
#include "extract/document.h"
#include "text/text.h"

typedef struct xap_builder xap_builder;

/* call must outlive it.  NULL: out of memory. */
xap_builder *xap_builder_new(const xap_calls *call, cdg_error *err);
void xap_builder_free(xap_builder *b);

typedef struct xap_origin {
	text_lang lang;    /* that it counts as */
	uint64_t hash;     /* of its content, so that it need not be written again */
	uint32_t source;   /* where it was read; 0: nowhere */
	bool no_store;     /* leave its text out of the data */
} xap_origin;

/* doc->lang is the code that is shown.  *out: for document_free. */
cdg_status xap_build(xap_builder *b, const document *doc, const xap_origin *from, xapc_document **out,
		     cdg_error *err);

#endif
