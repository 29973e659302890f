/* tool.h - what the commands of cdgbench share: messages, numbers on the command
 * line, where the index is, and output that notices a full disk.
 *
 * Exit statuses are as those of the other programs: 0 done, 1 nothing there to
 * measure, 2 wrong usage or an error.  Main thread, but for tool_error.
 */
#ifndef BENCH_TOOL_H
#define BENCH_TOOL_H

#include <getopt.h>
#include <stdio.h>

#include "base/base.h"
#include "base/buf.h"

enum { TOOL_OK = 0, TOOL_NOTHING = 1, TOOL_ERROR = 2 };

/* The command that runs ("cdgbench game"), for messages. */
void tool_start(const char *command);

/* "cdgbench COMMAND: ..." on standard error; returns TOOL_ERROR. */
int tool_error(const char *fmt, ...) CDG_PRINTF(1, 2);
/* The same, then a hint at --help. */
int tool_usage(const char *fmt, ...) CDG_PRINTF(1, 2);
int tool_fail(const cdg_error *err);
int tool_nomem(void);

/* getopt_long gave '?' or ':': says which option is unknown or lacks its value. */
int tool_bad_option(int opt, char **argv);

/* A whole number in [min, max], with suffix k, m or g (1000s); false with a
 * message that names the option. */
bool tool_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out);
bool tool_real(const char *option, const char *text, double min, double max, double *out);
/* Bytes, with suffix K, M or G (1024s). */
bool tool_bytes(const char *option, const char *text, uint64_t min, uint64_t *out);
/* A list N,N,... into out (at most max of them); *n of them. */
bool tool_numbers(const char *option, const char *text, uint64_t least, uint64_t *out, size_t max, size_t *n);

/* Where the index is: `given`, or $CDG_INDEX, ./.cdgsearch, the user's own. NULL:
 * reported.  Lives as long as the program. */
const char *tool_index(const char *given);

/* Standard output written out; TOOL_OK, or a message when it could not be. */
int tool_finish(void);

/* A JSON string with its quotes; bytes that are no UTF-8 become "?". */
void tool_put_json(buf *out, const char *s, size_t n);
/* True: n bytes of valid UTF-8 without control characters other than TAB. */
bool tool_is_text(const char *s, size_t n);

/* Peak resident memory of this process so far, in bytes. */
uint64_t tool_peak_memory(void);
double tool_seconds(void);

/* The commands; argv[0] is the command's name. */
int game_main(int argc, char **argv);
int query_main(int argc, char **argv);
int answer_main(int argc, char **argv);
int index_main(int argc, char **argv);
int generate_main(int argc, char **argv);
int scale_main(int argc, char **argv);
int micro_main(int argc, char **argv);
int smoke_main(int argc, char **argv);

#endif
