/* opc.h - what DOCX, PPTX and XLSX have in common: namespaces, relations between the
 * parts of a package, and metadata.  One thread. */
#ifndef EXTRACT_READER_OPC_H
#define EXTRACT_READER_OPC_H

#include "extract/reader/part.h"

/* Namespaces, those of strict documents too. */
enum {
	OPC_NONE, /* no namespace */
	OPC_WORD,
	OPC_SHEET,
	OPC_SLIDE,
	OPC_DRAWING,
	OPC_REL, /* of the attributes that name relations */
	OPC_COMPAT,
	OPC_MATH,
	OPC_META,
	OPC_OTHER
};

unsigned opc_space(const char *uri);

typedef struct opc_rel {
	const char *id, *type; /* type: the last word of its URI ("styles") */
	long member;           /* -1: outside of the package, or missing */
} opc_rel;

typedef struct opc_rels {
	opc_rel *rels;
	size_t count, cap;
	arena strings;
} opc_rels;

/* The relations of a part ("word/document.xml"); of the package for "". */
cdg_status opc_rels_read(opc_rels *rels, package *p, const char *part_path, cdg_error *err);
void opc_rels_fini(opc_rels *rels);
/* Member of the first relation of this type, or of this id; -1: there is none. */
long opc_rels_type(const opc_rels *rels, const char *type);
long opc_rels_id(const opc_rels *rels, doc_str id);

/* docProps/core.xml and app.xml, by the relations of the package. */
cdg_status opc_meta(read_build *b, package *p, const opc_rels *rels, cdg_error *err);

#endif
