/* warm.h - what libraries load or set up at first use, done while files may still be opened. */
#ifndef EXTRACT_READER_WARM_H
#define EXTRACT_READER_WARM_H

/* Before sandbox_close; once. */
void warm_up(void);

#endif
