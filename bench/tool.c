/* tool.c - see tool.h. */
#include "bench/tool.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/file.h"

static char program[64] = "cdgbench";

void
tool_start(const char *command)
{
	snprintf(program, sizeof program, "cdgbench%s%.40s", *command ? " " : "", command);
}

/* ---- messages ------------------------------------------------------------- */

static void
say(const char *fmt, va_list ap)
{
	flockfile(stderr);
	fprintf(stderr, "%s: ", program);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	funlockfile(stderr);
}

int
tool_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return TOOL_ERROR;
}

int
tool_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	fprintf(stderr, "Try '%s --help'.\n", program);
	return TOOL_ERROR;
}

int
tool_fail(const cdg_error *err)
{
	return tool_error("%s", err->message[0] ? err->message : cdg_status_name(err->status));
}

int
tool_nomem(void)
{
	return tool_error("out of memory");
}

int
tool_bad_option(int opt, char **argv)
{
	char one[3] = { '-', (char)optopt, 0 };
	bool is_short = optopt > 0x20 && optopt < 0x7f;
	const char *which = is_short ? one : optind > 0 && argv[optind - 1] ? argv[optind - 1] : "";

	if (opt == ':')
		return tool_usage("%.100s needs a value", which);
	return tool_usage("there is no option %.100s", which);
}

/* ---- numbers -------------------------------------------------------------- */

/* Digits, then perhaps one of the suffixes, each `step` times the one before. */
static bool
parse_scaled(const char **text, const char *suffixes, uint64_t step, uint64_t *out)
{
	char *end;
	const char *suffix;
	uint64_t n;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	n = strtoull(*text, &end, 10);
	if (errno)
		return false;
	suffix = *end ? strchr(suffixes, *end | 0x20) : NULL;
	if (suffix) {
		end++;
		for (; suffix >= suffixes; suffix--)
			if (__builtin_mul_overflow(n, step, &n))
				return false;
	}
	*text = end;
	*out = n;
	return true;
}

bool
tool_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *s = text;
	uint64_t n;

	if (!parse_scaled(&s, "kmg", 1000, &n) || *s || n < min || n > max) {
		tool_usage("%s: '%.100s' is not a whole number from %llu to %llu", option, text,
			   (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	*out = n;
	return true;
}

bool
tool_bytes(const char *option, const char *text, uint64_t min, uint64_t *out)
{
	const char *s = text;
	uint64_t n;

	if (!parse_scaled(&s, "kmgt", 1024, &n) || *s || n < min || n > (uint64_t)1 << 60) {
		tool_usage("%s: '%.100s' is not a number of bytes of at least %llu; write 512M or 2G", option, text,
			   (unsigned long long)min);
		return false;
	}
	*out = n;
	return true;
}

bool
tool_real(const char *option, const char *text, double min, double max, double *out)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || *end || !isfinite(x) || x < min || x > max) {
		tool_usage("%s: '%.100s' is not a number from %g to %g", option, text, min, max);
		return false;
	}
	*out = x;
	return true;
}

bool
tool_numbers(const char *option, const char *text, uint64_t least, uint64_t *out, size_t max, size_t *n)
{
	const char *s = text;

	for (*n = 0; *n < max;) {
		if (!parse_scaled(&s, "kmg", 1000, &out[*n]) || out[*n] < least)
			break;
		++*n;
		if (!*s)
			return true;
		if (*s++ != ',')
			break;
	}
	tool_usage("%s: '%.100s' is not a list of at most %zu whole numbers from %llu, as in 1000,10k,1m", option,
		   text, max, (unsigned long long)least);
	return false;
}

/* ---- the index ------------------------------------------------------------ */

const char *
tool_index(const char *given)
{
	static char path[4096];
	const char *env = getenv("CDG_INDEX"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int n = -1;

	if (given && *given)
		return given;
	if (!given && env && *env)
		return env;
	if (!given && file_exists(".cdgsearch"))
		return ".cdgsearch";
	if (!given && xdg && *xdg == '/')
		n = snprintf(path, sizeof path, "%s/cdgsearch/default", xdg);
	else if (!given && home && *home)
		n = snprintf(path, sizeof path, "%s/.local/share/cdgsearch/default", home);
	if (n < 0 || (size_t)n >= sizeof path) {
		tool_usage("which index? Give -d INDEX, or set CDG_INDEX");
		return NULL;
	}
	return path;
}

/* ---- output --------------------------------------------------------------- */

int
tool_finish(void)
{
	if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE)
		return tool_error("cannot write to standard output: %s", strerror(errno));
	return TOOL_OK;
}

/* Bytes of the character at s: 0 if it is not UTF-8. */
static size_t
utf8_length(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

bool
tool_is_text(const char *s, size_t n)
{
	for (size_t i = 0, len; i < n; i += len) {
		len = utf8_length(s + i, n - i);
		if (!len || ((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
			return false;
	}
	return true;
}

void
tool_put_json(buf *out, const char *s, size_t n)
{
	buf_put_u8(out, '"');
	for (size_t i = 0, len; i < n; i += len) {
		unsigned char c = (unsigned char)s[i];

		len = utf8_length(s + i, n - i);
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\u%04x", c);
		else if (len)
			buf_put(out, s + i, len);
		else
			buf_put_u8(out, '?');
		len = len ? len : 1;
	}
	buf_put_u8(out, '"');
}

uint64_t
tool_peak_memory(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) ? 0 : (uint64_t)u.ru_maxrss * 1024;
}

double
tool_seconds(void)
{
	return (double)clock_ns() / 1e9;
}
