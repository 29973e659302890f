/* readers.h - the readers of cdg-extract, one a format (extract/reader/).  Each
 * documents what it makes of its format at the head of its file. */
#ifndef EXTRACT_READER_READERS_H
#define EXTRACT_READER_READERS_H

#include "extract/job.h"

/* Once, before the first file: what libraries read or load later than they start. */
void extract_archive_init(void);
void extract_mail_init(void);

extern extract_reader extract_text; /* plain text, Markdown and HTML of any encoding */
extern extract_reader extract_table; /* comma and tab separated values that are no records */
extern extract_reader extract_archive;	  /* tar, 7z, zip, cpio, ar, ISO 9660, rar: a folder */
extern extract_reader extract_compressed; /* gzip, bzip2, xz, zstd, lz4, compress, lzip */
extern extract_reader extract_warc;	  /* archives of the Web, plain or compressed */
extern extract_reader extract_mail;	  /* a message with what is attached; a page saved as MHTML */
extern extract_reader extract_mbox;	  /* a folder of messages */
extern extract_reader extract_zip;  /* office documents and e-books; other zips are archives */
extern extract_reader extract_xml;
extern extract_reader extract_pdf;
extern extract_reader extract_rtf;
extern extract_reader extract_ole; /* Word, Excel and PowerPoint 97 to 2003, messages of Outlook */
extern extract_reader extract_zip;  /* office documents and e-books; other zips are archives */
extern extract_reader extract_fodf; /* flat OpenDocument: XML with the root office:document */
extern extract_reader extract_archive;

#endif
