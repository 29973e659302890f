/* cli.c - see cli.h. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *program = "cdgsearch";
static char out_buf[1 << 16];
static size_t out_len;
static int out_errno;

void
cli_start(const char *name)
{
	program = name;
	/* a file of the index must never become descriptor 1 or 2 */
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) < 0)
			_exit(CLI_ERROR);
	signal(SIGPIPE, SIG_IGN);
}

const char *
cli_name(void)
{
	return program;
}

/* Names of files and pieces of documents may hold anything: what would command
 * the terminal (C0, C1, DEL) is shown as a question mark. */
static void
say(const char *fmt, va_list ap)
{
	char text[8192];
	int n = vsnprintf(text, sizeof text, fmt, ap);
	uint8_t before = 0;

	for (int i = 0; i < n && text[i]; i++) {
		uint8_t c = (uint8_t)text[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (before == 0xc2 && c >= 0x80 && c < 0xa0)) {
			text[i] = '?';
			if (before == 0xc2)
				text[i - 1] = '?';
		}
		before = c;
	}
	fprintf(stderr, "%s: %s\n", program, n < 0 ? fmt : text);
}

void
cli_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

int
cli_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	fprintf(stderr, "Try '%s --help'.\n", program);
	return CLI_ERROR;
}

int
cli_fail(const cdg_error *err)
{
	cli_error("%s", err->message[0] ? err->message : cdg_status_name(err->status));
	return CLI_ERROR;
}

int
cli_bad_option(int opt, char **argv)
{
	char one[3] = { '-', (char)optopt, 0 };
	bool is_short = optopt > 0x20 && optopt < 0x7f;
	const char *which = optind > 0 && argv[optind - 1] ? argv[optind - 1] : "";

	if (is_short && strncmp(which, "--", 2))
		which = one;
	if (opt == ':')
		return cli_usage("%.100s needs a value", which);
	if (optopt && !is_short)
		return cli_usage("%.100s takes no value", which);
	return cli_usage("there is no option %.100s (what begins with a minus sign and is none comes after --)",
			 which);
}

/* ---- numbers -------------------------------------------------------------- */

static bool
number_digits(const char **text, uint64_t *out)
{
	const char *s = *text;
	uint64_t n = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			n = UINT64_MAX; /* stays above every maximum, and overflows again */
	*text = s;
	*out = n;
	return true;
}

bool
cli_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *s = text;
	uint64_t n;

	if (!number_digits(&s, &n) || *s || n < min || n > max) {
		cli_usage("%s: '%.100s' is not a whole number from %llu to %llu", option, text,
			  (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	*out = n;
	return true;
}

bool
cli_bytes(const char *option, const char *text, uint64_t min, uint64_t *out)
{
	static const char suffixes[] = "KMGT";
	const char *s = text, *suffix;
	uint64_t n;
	bool good = number_digits(&s, &n);

	suffix = good && *s ? strchr(suffixes, *s & ~0x20) : NULL;
	if (suffix) {
		unsigned shift = 10 * (unsigned)(suffix - suffixes + 1);

		s++;
		if (*s == 'B' || *s == 'b')
			s++;
		good = n <= UINT64_MAX >> shift;
		n <<= shift;
	}
	if (!good || *s || n < min || n > (uint64_t)1 << 60) {
		cli_usage("%s: '%.100s' is not a number of bytes of at least %llu; write 512M or 2G", option, text,
			  (unsigned long long)min);
		return false;
	}
	*out = n;
	return true;
}

bool
cli_real(const char *option, const char *text, double min, double max, double *out)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || *end || !isfinite(x) || x < min || x > max) {
		cli_usage("%s: '%.100s' is not a number from %g to %g", option, text, min, max);
		return false;
	}
	*out = x;
	return true;
}

/* ---- the index -------------------------------------------------------------- */

const char *
cli_index(const char *given)
{
	static char path[4096];
	const char *env = getenv("CDG_INDEX"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	struct stat st;
	int n;

	if (given) {
		if (!*given) {
			cli_usage("-d: the name of the index is empty");
			return NULL;
		}
		return given;
	}
	if (env && *env)
		return env;
	if (!stat(".cdgsearch", &st))
		return ".cdgsearch";
	if (xdg && *xdg == '/')
		n = snprintf(path, sizeof path, "%s/cdgsearch/default", xdg);
	else if (home && *home)
		n = snprintf(path, sizeof path, "%s/.local/share/cdgsearch/default", home);
	else
		n = -1;
	if (n < 0 || (size_t)n >= sizeof path) {
		cli_usage("which index? Give -d INDEX, or set CDG_INDEX");
		return NULL;
	}
	return path;
}

/* ---- output ------------------------------------------------------------------ */

void
cli_flush(void)
{
	size_t at = 0;

	while (!out_errno && at < out_len) {
		ssize_t n = write(STDOUT_FILENO, out_buf + at, out_len - at);

		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno != EINTR)
			out_errno = errno;
	}
	out_len = 0;
}

int
cli_write(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	while (n && !out_errno) {
		size_t part = sizeof out_buf - out_len;

		part = part < n ? part : n;
		memcpy(out_buf + out_len, p, part);
		out_len += part;
		p += part;
		n -= part;
		if (out_len == sizeof out_buf)
			cli_flush();
	}
	return out_errno != 0;
}

bool
cli_pipe_closed(void)
{
	return out_errno == EPIPE;
}

int
cli_finish(void)
{
	cli_flush();
	if (out_errno && out_errno != EPIPE) {
		cli_error("cannot write to standard output: %s", strerror(out_errno));
		return CLI_ERROR;
	}
	return CLI_OK;
}

unsigned
cli_width(int fd)
{
	struct winsize w;

	if (!ioctl(fd, TIOCGWINSZ, &w) && w.ws_col >= 20)
		return w.ws_col;
	return 80;
}

const char *
cli_commas(uint64_t n)
{
	static char bufs[8][32];
	static unsigned which;
	char digits[24], *to = bufs[which++ % countof(bufs)], *start = to;
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = 0;
	return start;
}

const char *
cli_count(uint64_t n, const char *one)
{
	static char bufs[4][80];
	static unsigned which;
	char *to = bufs[which++ % countof(bufs)];

	snprintf(to, sizeof bufs[0], "%s %s%s", cli_commas(n), one, n == 1 ? "" : "s");
	return to;
}
