/* docx_walk.h - WordprocessingML to text: the body, notes, comments and headers are all
 * paragraphs and tables of one kind. */
#ifndef EXTRACT_READER_DOCX_WALK_H
#define EXTRACT_READER_DOCX_WALK_H

#include "extract/reader/docx.h"
#include "extract/reader/grid.h"
#include "extract/reader/meta.h"

enum {
	DOCX_FIELDS = 64, /* fields in fields */
	DOCX_BOXES = 16,  /* text boxes in text boxes */
	DOCX_WAITING = 64, /* notes of one paragraph */
	DOCX_NOTES = 20000,
};

/* A footnote, endnote, comment or header: a part of the text of `notes`. */
typedef struct docx_note {
	long id;
	char kind; /* 'f', 'e', 'c' */
	size_t start, end;
	const char *author;
	bool shown; /* once is enough, however often it is referred to */
} docx_note;

typedef struct docx_notes {
	docx_note *notes;
	size_t count, cap;
	arena strings;
} docx_notes;

typedef struct docx_paragraph {
	docx_props props;
	const docx_style *style;
	size_t start;  /* of its text */
	bool title, caption, merged; /* merged: its mark was deleted, the next goes on */
	bool hidden;   /* the run */
	bool ready;    /* properties are known */
} docx_paragraph;

typedef struct docx_walk {
	compose c;
	grid grid;
	const docx_styles *styles;
	docx_lists *lists;
	docx_notes *into;        /* notes are read: where they are listed; NULL: the body is */
	docx_notes *notes;       /* the body is read: the notes it refers to */
	const char *notes_text;
	docx_note *note;         /* that is open */
	docx_paragraph p, outer[DOCX_BOXES];
	unsigned boxes, in_properties;
	bool in_text, merge;
	bool rendered; /* the file says where pages end, not only which breaks are forced */
	uint8_t fields[DOCX_FIELDS]; /* 1: the code of the field, else its result */
	unsigned nfields, nested, codes;
	meta_langs langs;
	struct {
		char kind;
		long id;
	} waiting[DOCX_WAITING]; /* notes that the paragraph refers to */
	unsigned nwaiting;
	unsigned notes_shown[2];
	unsigned page;
	size_t page_start;
	buf number;
	doc_str title, caption;
	bool nomem;
} docx_walk;

extern const part_reader docx_walk_reader;

/* silent: text without sections. */
void docx_walk_init(docx_walk *w, read_build *b, const docx_styles *styles, docx_lists *lists, bool silent);
void docx_walk_fini(docx_walk *w);
/* What is still waiting is written. */
void docx_walk_end(docx_walk *w);

#endif
