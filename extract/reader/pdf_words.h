/* pdf_words.h - the words of a PDF, to tell a hyphen that divides a word at the end of a
 * line from one that belongs to it. */
#ifndef EXTRACT_READER_PDF_WORDS_H
#define EXTRACT_READER_PDF_WORDS_H

#include "extract/reader/pdf.h"

typedef struct pdf_words {
	uint64_t *table; /* hashes of words, and of compounds with their hyphen; 0: free */
	size_t n, cap;
	bool failed;
} pdf_words;

typedef enum pdf_hyphen {
	PDF_HYPHEN_SPACE,   /* it stays, and a space follows: "in- and" */
	PDF_HYPHEN_KEPT,    /* it stays, and the word goes on: "top-level" */
	PDF_HYPHEN_DROPPED, /* it only divided the word: "infor-mation" */
} pdf_hyphen;

void pdf_words_init(pdf_words *w, const pdf_text *t);
void pdf_words_fini(pdf_words *w);
/* What the hyphen between a (that ends before it) and b, the next line, is. */
pdf_hyphen pdf_words_hyphen(const pdf_words *w, const char *a, size_t na, const char *b, size_t nb, bool soft);

#endif
