/* cli.h - what the programs share: messages, numbers on the command line, where
 * the index is, and output that notices a full disk or a closed pipe.
 *
 * Everything here belongs to the main thread, but for cli_error and cli_note.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/base.h"

enum { CLI_OK = 0, CLI_NOTHING = 1, CLI_ERROR = 2 };

/* First thing in main: the name for messages, descriptors 0 to 2 open, SIGPIPE
 * ignored (a closed pipe is seen by cli_write). */
void cli_start(const char *name);
const char *cli_name(void);

/* "NAME: ..." on standard error. */
void cli_error(const char *fmt, ...) CDG_PRINTF(1, 2);
/* The same, then a hint at --help; returns CLI_ERROR. */
int cli_usage(const char *fmt, ...) CDG_PRINTF(1, 2);
/* Reports and returns CLI_ERROR. */
int cli_fail(const cdg_error *err);

/* getopt_long gave '?' or ':': says which option is unknown, ambiguous or lacks
 * its value.  Returns CLI_ERROR. */
int cli_bad_option(int opt, char **argv);

/* A whole number in [min, max]; false with a message that names the option. */
bool cli_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out);
/* Bytes, with suffix K, M, G or T. */
bool cli_bytes(const char *option, const char *text, uint64_t min, uint64_t *out);
bool cli_real(const char *option, const char *text, double min, double max, double *out);

/* Where the index is: `given` (-d), or the first of $CDG_INDEX, ./.cdgsearch if
 * it is there, $XDG_DATA_HOME/cdgsearch/default, ~/.local/share/...  The string
 * lives as long as the program.  NULL: reported. */
const char *cli_index(const char *given);

/* Standard output as a cdg_write_fn; buffered.  Nonzero once the pipe is closed
 * or the disk full. */
int cli_write(void *ctx, const char *p, size_t n);
/* Write out what is buffered.  CLI_OK, or CLI_ERROR with a message; a pipe that
 * was closed by its reader is no error. */
int cli_finish(void);
/* The reader of our pipe has gone. */
bool cli_pipe_closed(void);
void cli_flush(void);

/* Columns of the terminal behind fd, 80 if it is none. */
unsigned cli_width(int fd);

/* 1234567 as "1,234,567"; one of a few static buffers. */
const char *cli_commas(uint64_t n);
/* "1 input", "1,234 inputs"; a static buffer as above. */
const char *cli_count(uint64_t n, const char *one);

#endif
