/* iconv.h - the iconv of this program.
 *
 * The libraries of the readers convert with iconv, and that of the C library loads a
 * module from disk for each encoding it meets, which a closed sandbox does not let it.
 * So cdg-extract has an iconv_open, iconv and iconv_close of its own, on ICU, whose
 * tables come with it; the libraries find these first.  iconv_ours keeps them linked. */
#ifndef EXTRACT_READER_ICONV_H
#define EXTRACT_READER_ICONV_H

void iconv_ours(void);

#endif
