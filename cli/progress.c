/* progress.c - see progress.h.  Called from the writer's threads, one at a time;
 * writes to standard error only. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"

#define SECOND 1000000000ull

void
progress_init(progress *p, bool quiet, int verbose)
{
	memset(p, 0, sizeof *p);
	p->tty = isatty(STDERR_FILENO);
	p->quiet = quiet;
	p->verbose = verbose;
	p->start = p->last = clock_ns();
}

const char *
progress_bytes(double n, char *out)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	size_t u = 0;

	for (; n >= 1000 && u + 1 < countof(units); u++)
		n /= 1000;
	snprintf(out, 32, u ? "%.1f %s" : "%.0f %s", n, units[u]);
	return out;
}

static void
progress_clear(progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

/* "3:07", or "1:02:03". */
static void
put_duration(FILE *f, double seconds)
{
	unsigned long s = (unsigned long)(seconds + 0.5);

	if (s >= 3600)
		fprintf(f, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else
		fprintf(f, "%lu:%02lu", s / 60, s % 60);
}

static void
put_bar(double share)
{
	enum { CELLS = 20 };
	char bar[CELLS + 1];
	unsigned full = (unsigned)(share * CELLS);

	for (unsigned i = 0; i < CELLS; i++)
		bar[i] = i < full ? '=' : i == full ? '>' : ' ';
	bar[CELLS] = 0;
	fprintf(stderr, "[%s] %3.0f%%  ", bar, share * 100);
}

static void
put_figures(uint64_t done, uint64_t total, uint64_t documents, double seconds)
{
	char a[32], b[32], r[32];
	double rate = seconds > 0 ? (double)done / seconds : 0;

	fprintf(stderr, "%s", progress_bytes((double)done, a));
	if (total)
		fprintf(stderr, " of %s", progress_bytes((double)total, b));
	fprintf(stderr, ", %s/s, %s", progress_bytes(rate, r), cli_count(documents, "document"));
	if (total > done && rate > 0) {
		fputs(", ", stderr);
		put_duration(stderr, (double)(total - done) / rate);
		fputs(" left", stderr);
	}
}

void
progress_update(void *ctx, const char *phase, uint64_t done, uint64_t total, uint64_t documents,
		uint64_t text_bytes)
{
	progress *p = ctx;
	uint64_t now = clock_ns();
	double seconds = (double)(now - p->start) / 1e9;
	bool reading = !strcmp(phase, "reading");

	(void)text_bytes;
	if (p->quiet || now - p->start < SECOND)
		return;
	if (now - p->last < (p->tty ? SECOND / 5 : 10 * SECOND) && p->phase && !strcmp(p->phase, phase))
		return;
	p->last = now;
	p->phase = phase;
	if (p->tty)
		fputs("\r", stderr);
	else
		fprintf(stderr, "%s: ", cli_name());
	if (p->tty && total && strcmp(phase, "writing") != 0)
		put_bar(done < total ? (double)done / (double)total : 1.0);
	if (!reading)
		fprintf(stderr, "%s, %s, ", phase, cli_count(documents, "document"));
	if (reading)
		put_figures(done, total, documents, seconds);
	else
		put_duration(stderr, seconds);
	fputs(p->tty ? "\033[K" : "\n", stderr);
	fflush(stderr);
	p->shown = p->tty;
}

void
progress_message(void *ctx, const char *path, uint64_t line, int warning, const char *text)
{
	progress *p = ctx;

	if (warning) {
		p->warnings++;
		if (p->quiet || (!p->verbose && p->warnings > PROGRESS_NAMED))
			return;
	} else {
		p->failures++;
		if (!p->verbose && p->failures > PROGRESS_NAMED)
			return;
		p->named++;
	}
	progress_clear(p);
	if (line)
		cli_error("%s:%llu: %s%s", path, (unsigned long long)line, warning ? "warning: " : "", text);
	else
		cli_error("%s: %s%s", path, warning ? "warning: " : "", text);
}

void
progress_end(progress *p)
{
	progress_clear(p);
	if (p->failures > p->named)
		cli_error("and %s more: cdgindex stat --failed lists them", cli_commas(p->failures - p->named));
	if (!p->quiet && !p->verbose && p->warnings > PROGRESS_NAMED)
		cli_error("and %s more (-v shows all)", cli_count(p->warnings - PROGRESS_NAMED, "warning"));
}
