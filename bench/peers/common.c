/*
 * common.c - see common.h.  The JSON reader knows one object a line with string
 * members; members other than "id" and "text" are skipped if they are strings
 * and refused otherwise, as normalise.py writes none.
 */
#include "bench/peers/common.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

const char *peer_name = "peer";

void
peer_die(const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s: ", peer_name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/* --- JSON lines --- */

static char *
json_space(char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
		p++;
	return p;
}

static char *
utf8_put(char *out, unsigned long c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 63));
		*out++ = (char)(0x80 | (c & 63));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 63));
		*out++ = (char)(0x80 | (c >> 6 & 63));
		*out++ = (char)(0x80 | (c & 63));
	}
	return out;
}

/* Four hex digits at p into *c; false where there are not four. */
static bool
json_hex(const char *p, unsigned long *c)
{
	*c = 0;
	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef", *at;

		if (!p[i] || !(at = strchr(digits, p[i] | (p[i] >= 'A' ? 0x20 : 0))))
			return false;
		*c = *c << 4 | (unsigned long)(at - digits);
	}
	return true;
}

/* What stands after "\u" at *p, a surrogate pair too; moves *p past it. */
static bool
json_unicode(char **p, unsigned long *c)
{
	unsigned long low;

	if (!json_hex(*p, c) || *c == 0)
		return false;
	*p += 4;
	if (*c < 0xd800 || *c > 0xdfff)
		return true;
	if (*c > 0xdbff || (*p)[0] != '\\' || (*p)[1] != 'u' || !json_hex(*p + 2, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return false;
	*p += 6;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/*
 * Decodes the string that begins at the quote *p in place (it never grows) and
 * moves *p past it; NULL when it is malformed.
 */
static char *
json_string(char **p)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char *in = *p + 1, *out = in, *begin = in;
	const char *at;
	unsigned long c;

	if (**p != '"')
		return NULL;
	for (; *in != '"'; ) {
		if (!*in)
			return NULL;
		if (*in != '\\') {
			*out++ = *in++;
			continue;
		}
		in++;
		if (*in == 'u') {
			in++;
			if (!json_unicode(&in, &c))
				return NULL;
			out = utf8_put(out, c);
		} else if (*in && (at = strchr(from, *in))) {
			*out++ = to[at - from];
			in++;
		} else {
			return NULL;
		}
	}
	*out = '\0';
	*p = in + 1;
	return begin;
}

/* Finds id and text in the line; false when it is not such an object. */
static bool
json_line(struct peer_corpus *corpus)
{
	char *p = json_space(corpus->line), *name, *value;

	corpus->id = corpus->text = NULL;
	if (*p != '{')
		return false;
	do {
		p = json_space(p + 1);
		if (!(name = json_string(&p)))
			return false;
		p = json_space(p);
		if (*p != ':')
			return false;
		p = json_space(p + 1);
		if (!(value = json_string(&p)))
			return false;
		if (!strcmp(name, "id"))
			corpus->id = value;
		else if (!strcmp(name, "text"))
			corpus->text = value;
		p = json_space(p);
	} while (*p == ',');
	return *p == '}' && !*json_space(p + 1) && corpus->id && corpus->text;
}

void
peer_corpus_open(struct peer_corpus *corpus, const char *name)
{
	memset(corpus, 0, sizeof(*corpus));
	corpus->name = name;
	corpus->file = fopen(name, "rb");
	if (!corpus->file)
		peer_die("%s: %s", name, strerror(errno));
}

bool
peer_corpus_next(struct peer_corpus *corpus)
{
	ssize_t length = getline(&corpus->line, &corpus->room, corpus->file);

	if (length < 0) {
		if (ferror(corpus->file))
			peer_die("%s: %s", corpus->name, strerror(errno));
		return false;
	}
	corpus->number++;
	if (strlen(corpus->line) != (size_t)length || !json_line(corpus))
		peer_die("%s, line %lu: not an object with the strings \"id\" and \"text\"",
			 corpus->name, corpus->number);
	return true;
}

void
peer_corpus_close(struct peer_corpus *corpus)
{
	fclose(corpus->file);
	free(corpus->line);
}

/* --- the game's lines --- */

/* Adds the word that begins at p; what follows it, or NULL if it has no letter. */
static char *
syntax_word(struct peer_query *query, char *p, char *end)
{
	if (*p < 'a' || *p > 'z' || query->nwords == PEER_MAX_WORDS)
		return NULL;
	query->words[query->nwords++] = p;
	while (*p >= 'a' && *p <= 'z')
		p++;
	*end = *p;
	*p = '\0';
	return p;
}

/* One clause from p on; what follows it, or NULL. */
static char *
syntax_clause(struct peer_query *query, char *p)
{
	struct peer_clause *clause = &query->clauses[query->nclauses++];
	char end;

	clause->occur = *p == '+' ? PEER_MUST : *p == '-' ? PEER_NOT : PEER_SHOULD;
	clause->first = query->nwords;
	query->of[clause->occur]++;
	if (clause->occur != PEER_SHOULD)
		p++;
	if (*p != '"') {
		p = syntax_word(query, p, &end);
		clause->count = 1;
		return !p ? NULL : end == ' ' ? p + 1 : end ? NULL : p;
	}
	for (p++;;) {
		while (*p == ' ')
			p++;
		if (*p == '"')
			break;
		if (!(p = syntax_word(query, p, &end)) || (end != ' ' && end != '"'))
			return NULL;
		p++;
		if (end == '"') {
			p--;
			break;
		}
	}
	clause->count = query->nwords - clause->first;
	return clause->count ? p + 1 : NULL;
}

/*
 * False for what is outside the syntax: other characters, an open quote, only
 * negated clauses.
 */
static bool
syntax_query(struct peer_query *query, char *p)
{
	query->nclauses = query->nwords = 0;
	memset(query->of, 0, sizeof(query->of));
	for (;;) {
		while (*p == ' ')
			p++;
		if (!*p)
			return query->of[PEER_SHOULD] + query->of[PEER_MUST] > 0;
		if (query->nclauses == PEER_MAX_CLAUSES || !(p = syntax_clause(query, p)))
			return false;
	}
}

static bool
syntax_command(struct peer_request *request, const char *command)
{
	char *end;
	unsigned long k;

	request->k = 0;
	request->verb = PEER_COUNT;
	if (!strcmp(command, "COUNT"))
		return true;
	if (strncmp(command, "TOP_", 4) && strncmp(command, "HITS_", 5))
		return false;
	request->verb = *command == 'H' ? PEER_HITS : PEER_TOP;
	command = strchr(command, '_') + 1;
	if (*command < '1' || *command > '9')
		return false;
	k = strtoul(command, &end, 10);
	if (request->verb == PEER_TOP && !strcmp(end, "_COUNT"))
		request->verb = PEER_TOP_COUNT;
	else if (*end)
		return false;
	request->k = k;
	return k <= 10000000;
}

bool
peer_request_read(struct peer_request *request)
{
	static char *line;
	static size_t room;
	ssize_t length = getline(&line, &room, stdin);
	char *tab;

	if (length < 0)
		return false;
	request->number++;
	while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
		line[--length] = '\0';
	tab = strchr(line, '\t');
	if (!tab || tab == line || strchr(tab + 1, '\t') || !tab[1 + strspn(tab + 1, " ")] ||
	    strlen(line) != (size_t)length)
		peer_die("line %lu: not of the form COMMAND<TAB>query", request->number);
	*tab = '\0';
	if (!syntax_command(request, line) || !syntax_query(&request->query, tab + 1))
		request->verb = PEER_UNSUPPORTED;
	return true;
}

void
peer_id_print(const char *id)
{
	for (; *id; id++) {
		unsigned char c = (unsigned char)*id;

		if (c <= ' ' || c == ':' || c == '%' || c == 0x7f)
			printf("%%%02X", c);
		else
			putchar(c);
	}
}

void
peer_answer_end(void)
{
	putchar('\n');
	if (fflush(stdout) || ferror(stdout))
		peer_die("standard output: %s", strerror(errno));
}

/* --- this process --- */

double
peer_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double
peer_cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

unsigned long
peer_peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (unsigned long)usage.ru_maxrss;
}

void
peer_report(const char *version, unsigned long documents, double seconds,
	    unsigned long long bytes)
{
	printf("{\"peer\":\"%s\",\"version\":\"%s\",\"documents\":%lu,\"threads\":1,"
	       "\"seconds\":%.3f,\"cpu_seconds\":%.2f,\"bytes\":%llu,\"peak_kib\":%lu}",
	       peer_name, version, documents, seconds, peer_cpu_seconds(), bytes,
	       peer_peak_kib());
	peer_answer_end();
}
