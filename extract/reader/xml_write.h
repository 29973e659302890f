/* xml_write.h - the elements of an XML file, by a mapping, to documents.
 * Knows nothing of the parser.  One thread. */
#ifndef EXTRACT_READER_XML_WRITE_H
#define EXTRACT_READER_XML_WRITE_H

#include "extract/compose.h"
#include "extract/job.h"
#include "extract/xml_map.h"

enum {
	XML_DEPTH = 1024,  /* deeper elements are read as text of the last */
	XML_CAPTURES = 16, /* values under construction */
	XML_VALUE_MAX = 4000,
};

typedef struct xml_attribute {
	const char *name, *value;
	size_t n;
} xml_attribute;

typedef struct xml_element {
	const char *name;
	uint64_t met[2]; /* conditions, of the mapping and the one it is like */
	uint8_t action; /* of its layout */
	uint8_t after;  /* compose_break */
	bool has_text;  /* directly in it, so that elements in it are inline */
	bool has_blocks;
	bool was_ignored, was_pre, was_note, was_html;
	uint8_t rank;     /* of its section; 0: none */
	size_t start;     /* of its text */
} xml_element;

typedef struct xml_capture {
	const xml_rule *rule; /* NULL: part of a label */
	unsigned depth;       /* of its element */
	bool number;
	buf text;
} xml_capture;

typedef struct xml_writer {
	extract_job *job;
	const extract_input *in;
	cdg_error *err;
	cdg_status status; /* other than OK: stop */
	const xml_map *map, *common;
	read_build *b;
	compose c;
	xml_element stack[XML_DEPTH];
	unsigned depth, over; /* over: open elements that are not on the stack */
	unsigned ignored, pre;
	unsigned notes_open; /* of those that are ignored */
	unsigned html_open;  /* the same, of elements whose text is HTML */
	buf html;
	read_build html_build;
	buf notes;           /* to be written behind the paragraph, each with a NUL */
	unsigned document; /* depth of the element of the document; 0: none is open */
	uint64_t documents;
	bool too_deep;
	compose_break later; /* due unless the next thing is text of the same element */
	bool glue;           /* the next break is a space: a number was before */
	xml_capture captures[XML_CAPTURES];
	unsigned ncaptures;
	/* The label under construction: of a section (1 + its index; 0: none) that has had no text but it. */
	size_t label_of, label_end;
	bool kind_from_label;
	buf number, label;
	unsigned next_rank;
	uint16_t order[XML_ACTIONS]; /* of the rule that gave a value of the document; 0: none */
	int ymd[3];
	buf lang;            /* of the root */
	uint64_t replaced;   /* by the encoding; told by the first document */
} xml_writer;

void xml_writer_init(xml_writer *w, extract_job *job, const extract_input *in, cdg_error *err);
void xml_writer_fini(xml_writer *w);

/* w->map is set before the first. name and the attributes' names and values are
 * NUL-terminated (values: n bytes, not terminated); name lives until xml_close. */
void xml_open(xml_writer *w, const char *name, const xml_attribute *atts, size_t natts);
void xml_close(xml_writer *w);
void xml_text(xml_writer *w, const char *p, size_t n);
/* The end of the file: closes what is open. */
void xml_finish(xml_writer *w, const char *warning);

#endif
