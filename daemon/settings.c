/* settings.c - the table of settings, and reading them from three places.
 *
 * Each place is read whole before the next; a list in a later place replaces the list of an
 * earlier one.  What is wrong is told with where it stands (file:line, variable, option).
 */
#include "daemon/settings.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "daemon/settings_check.h"

typedef enum kind { TEXT, LIST, INDEXES, NUMBER, BYTES, FLAG } kind;

typedef struct setting {
	const char *name, *value; /* what it is, and what its value is called */
	kind kind;
	size_t at;                /* in settings */
	uint64_t min, max, normal;
	const char *help;
	setting_check *check;     /* of a text, or of one of a list */
} setting;

#define AT(m) offsetof(settings, m)
#define PREFIX "CDGSEARCHD_"

extern char **environ;

static const setting table[] = {
	{ "index", "[NAME=]PATH", INDEXES, AT(indexes), 0, 0, 0, "an index to serve; several: the first answers at /, each at /in/NAME/", check_text },
	{ "listen", "HOST:PORT", LIST, AT(listen), 0, 0, 0, "where to listen (127.0.0.1:8642); unix:PATH for a Unix socket; several", check_listen },
	{ "title", "TEXT", TEXT, AT(title), 0, 0, 0, "what the site is called", check_title },
	{ "public-url", "URL", TEXT, AT(public_url), 0, 0, 0, "how browsers reach the site, behind a proxy", check_url },
	{ "language", "CODE", TEXT, AT(language), 0, 0, 0, "of the page when the browser asks for none there is: en, de, zh", check_language },
	{ "cors-origin", "ORIGIN", TEXT, AT(cors_origin), 0, 0, 0, "pages of this origin may use the API; * all", check_origin },
	{ "token-file", "FILE", TEXT, AT(token_file), 0, 0, 0, "allow changes (POST /docs, DELETE /docs/ID) with the token in this file", check_text },
	{ "trusted-proxy", "ADDRESS", TEXT, AT(trusted_proxy), 0, 0, 0, "believe X-Forwarded-For from this address (local: a Unix socket)", check_address },
	{ "access-log", "FILE", TEXT, AT(access_log), 0, 0, 0, "a JSON line for each request; - standard error", check_text },
	{ "slow-log", "FILE", TEXT, AT(slow_log), 0, 0, 0, "slow searches, with query and plan", check_text },
	{ "zero-log", "FILE", TEXT, AT(zero_log), 0, 0, 0, "searches that found nothing, with the query", check_text },
	{ "log-queries", "yes|no", FLAG, AT(log_queries), 0, 1, 0, "query text in the access log too", NULL },
	{ "workers", "N", NUMBER, AT(workers), 0, 1024, 0, "threads that search (0: one a processor)", NULL },
	{ "io-threads", "N", NUMBER, AT(io_threads), 0, 64, 0, "threads that read and write sockets (0: half the processors)", NULL },
	{ "time-limit", "MS", NUMBER, AT(time_limit_ms), 1, 3600000, 2000, "of a search, which then answers with the best so far", NULL },
	{ "slow-ms", "MS", NUMBER, AT(slow_ms), 0, 3600000, 500, "from when on a search is slow", NULL },
	{ "max-query", "BYTES", BYTES, AT(max_query), 16, 1 << 20, 4096, "length of a query", NULL },
	{ "max-body", "BYTES", BYTES, AT(max_body), 0, (uint64_t)1 << 32, 16 << 20, "of a request", NULL },
	{ "max-header", "BYTES", BYTES, AT(max_header), 1024, 1 << 20, 16384, "of a request, its first line included", NULL },
	{ "max-hits", "N", NUMBER, AT(max_hits), 1, CDG_LIMIT_MAX, 1000, "hits of one answer", NULL },
	{ "max-offset", "N", NUMBER, AT(max_offset), 0, CDG_LIMIT_MAX, 10000, "how deep paging goes", NULL },
	{ "max-connections", "N", NUMBER, AT(max_connections), 1, 1000000, 4096, "open at a time", NULL },
	{ "max-client-connections", "N", NUMBER, AT(max_client_connections), 1, 1000000, 512, "of one address", NULL },
	{ "max-client-rate", "N", NUMBER, AT(max_client_rate), 0, 1000000, 0, "requests a second of one address (0: any)", NULL },
	{ "max-queue", "N", NUMBER, AT(max_queue), 1, 1000000, 2048, "requests that wait for a thread", NULL },
	{ "request-timeout", "MS", NUMBER, AT(request_timeout_ms), 100, 3600000, 20000, "for a request to come in, the wait for it included", NULL },
	{ "answer-timeout", "MS", NUMBER, AT(answer_timeout_ms), 100, 3600000, 60000, "for a client to take its answer", NULL },
	{ "idle-timeout", "S", NUMBER, AT(idle_timeout_s), 1, 3600, 30, "after which a silent connection ends", NULL },
	{ "drain", "S", NUMBER, AT(drain_s), 0, 3600, 15, "for what is going on, when the server is to end", NULL },
};

/* Where a value came from, for messages. */
typedef struct place {
	const char *name;
	uint64_t line;      /* of a file; 0: none */
	bool fresh[countof(table)]; /* a list was begun here */
} place;

static bool
complain(const place *at, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (at->line)
		fprintf(stderr, "cdgsearchd: %s:%llu: %s\n", at->name, (unsigned long long)at->line, text);
	else
		fprintf(stderr, "cdgsearchd: %s: %s\n", at->name, text);
	return false;
}

static void *
member(settings *s, const setting *t)
{
	return (char *)s + t->at;
}

static void
indexes_clear(settings *s)
{
	for (size_t i = 0; i < s->nindexes; i++) {
		mem_free(s->indexes[i].name);
		mem_free(s->indexes[i].path);
	}
	s->nindexes = 0;
}

static void
listen_clear(settings *s)
{
	for (size_t i = 0; i < s->nlisten; i++)
		mem_free(s->listen[i]);
	s->nlisten = 0;
}

/* Letters of names in addresses: no slash, no escape needed. */
static size_t
name_length(const char *s)
{
	return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
}

static bool
add_index(settings *s, const char *value, const place *at)
{
	size_t n = name_length(value);
	bool named = n && value[n] == '=';
	const char *path = named ? value + n + 1 : value;
	named_path x = { NULL, NULL };
	char name[64];

	if (!*path)
		return complain(at, "index: the path is missing");
	if (named && n < sizeof name) {
		snprintf(name, sizeof name, "%.*s", (int)n, value);
	} else { /* the last part of the path, as far as it can be one */
		const char *last = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

		n = name_length(last);
		snprintf(name, sizeof name, "%.*s", (int)(n < 60 ? n : 60), n && *last != '.' ? last : "default");
	}
	for (size_t i = 0; i < s->nindexes; i++)
		if (!strcmp(s->indexes[i].name, name))
			return complain(at, "index: two are called '%s'; write NAME=PATH", name);
	x.name = mem_strdup(name);
	x.path = mem_strdup(path);
	if (!x.name || !x.path || !mem_grow(&s->indexes, &s->indexes_cap, s->nindexes + 1, sizeof x)) {
		mem_free(x.name);
		mem_free(x.path);
		return complain(at, "out of memory");
	}
	s->indexes[s->nindexes++] = x;
	return true;
}

static bool
add_listen(settings *s, const char *value, const place *at)
{
	char *copy;

	if (!*value)
		return complain(at, "listen: the address is missing");
	copy = mem_strdup(value);
	if (!copy || !mem_grow(&s->listen, &s->listen_cap, s->nlisten + 1, sizeof copy)) {
		mem_free(copy);
		return complain(at, "out of memory");
	}
	s->listen[s->nlisten++] = copy;
	return true;
}

static bool
set_number(settings *s, const setting *t, const char *value, const place *at)
{
	char *end;
	unsigned long long n = strtoull(value, &end, 10);
	unsigned shift = 0;

	if (t->kind == BYTES && *end) {
		const char *units = "KMG", *u = strchr(units, toupper((unsigned char)*end));

		if (u && !end[1]) {
			shift = 10 * (unsigned)(u - units + 1);
			end++;
		}
	}
	if (!isdigit((unsigned char)*value) || *end || n > UINT64_MAX >> shift || n << shift < t->min || n << shift > t->max)
		return complain(at, "%s: '%.100s' is not a number from %llu to %llu", t->name, value,
				(unsigned long long)t->min, (unsigned long long)t->max);
	*(uint64_t *)member(s, t) = n << shift;
	return true;
}

static bool
set_flag(settings *s, const setting *t, const char *value, const place *at)
{
	bool on = !strcmp(value, "yes") || !strcmp(value, "true") || !strcmp(value, "on") || !strcmp(value, "1");
	bool off = !strcmp(value, "no") || !strcmp(value, "false") || !strcmp(value, "off") || !strcmp(value, "0");

	if (!on && !off)
		return complain(at, "%s: '%.100s' is neither yes nor no", t->name, value);
	*(bool *)member(s, t) = on;
	return true;
}

static bool
set_text(settings *s, const setting *t, const char *value, const place *at)
{
	char **to = member(s, t), *copy = *value ? mem_strdup(value) : NULL;

	if (*value && !copy)
		return complain(at, "out of memory");
	mem_free(*to);
	*to = copy;
	return true;
}

static bool
set_value(settings *s, const setting *t, const char *value, place *at)
{
	bool *fresh = &at->fresh[t - table];
	const char *wanted = t->check && *value ? t->check(value) : NULL;

	if (wanted)
		return complain(at, "%s: '%.100s' is not %s", t->name, value, wanted);
	switch (t->kind) {
	case INDEXES:
		if (!*fresh)
			indexes_clear(s);
		*fresh = true;
		return add_index(s, value, at);
	case LIST:
		if (!*fresh)
			listen_clear(s);
		*fresh = true;
		return add_listen(s, value, at);
	case NUMBER:
	case BYTES: return set_number(s, t, value, at);
	case FLAG: return set_flag(s, t, value, at);
	default: return set_text(s, t, value, at);
	}
}

static const setting *
setting_find(const char *name, size_t len)
{
	for (size_t i = 0; i < countof(table); i++)
		if (strlen(table[i].name) == len && !strncmp(table[i].name, name, len))
			return &table[i];
	return NULL;
}

/* ---- the file ------------------------------------------------------------------------- */

static bool
read_line(settings *s, char *line, place *at)
{
	char *eq, *name = line + strspn(line, " \t"), *value, *end;
	const setting *t;

	if (!*name || *name == '#')
		return true;
	eq = strchr(name, '=');
	if (!eq)
		return complain(at, "this is no setting; write NAME = VALUE");
	for (end = eq; end > name && isspace((unsigned char)end[-1]); end--)
		;
	value = eq + 1 + strspn(eq + 1, " \t");
	for (char *tail = value + strlen(value); tail > value && isspace((unsigned char)tail[-1]);)
		*--tail = 0;
	t = setting_find(name, (size_t)(end - name));
	if (!t)
		return complain(at, "there is no setting '%.*s'; cdgsearchd --help lists them", (int)(end - name), name);
	return set_value(s, t, value, at);
}

static bool
read_file(settings *s, const char *path)
{
	place at = { .name = path };
	cdg_error err;
	bool good = true;
	buf b;

	buf_init(&b);
	if (file_read(path, 1 << 20, &b, &err) != CDG_OK) {
		fprintf(stderr, "cdgsearchd: %s\n", err.message);
		buf_fini(&b);
		return false;
	}
	buf_put_u8(&b, 0);
	for (char *line = (char *)b.p, *next; good && !b.failed && line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		at.line++;
		good = read_line(s, line, &at);
	}
	buf_fini(&b);
	return good;
}

/* ---- environment and command line --------------------------------------------------------- */

/* CDGSEARCHD_MAX_QUERY */
static void
variable_name(const setting *t, char *name, size_t cap)
{
	size_t n = (size_t)snprintf(name, cap, "%s", PREFIX);

	for (const char *p = t->name; *p && n + 1 < cap; p++)
		name[n++] = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	name[n] = 0;
}

/* A mistyped name would be a setting that does not hold.  It is no error: what runs containers
 * makes variables of its own from the names of services. */
static void
tell_unknown_variables(void)
{
	for (char **e = environ; *e; e++) {
		size_t n = strcspn(*e, "=");
		bool known = strncmp(*e, PREFIX, strlen(PREFIX)) || (n == strlen(PREFIX "CONFIG") && !strncmp(*e, PREFIX "CONFIG", n));
		char name[64];

		for (size_t i = 0; i < countof(table) && !known; i++) {
			variable_name(&table[i], name, sizeof name);
			known = strlen(name) == n && !strncmp(*e, name, n);
		}
		if (!known)
			fprintf(stderr, "cdgsearchd: %.*s is no setting, and does nothing; cdgsearchd --help lists them\n",
				(int)n, *e);
	}
}

static bool
read_environment(settings *s)
{
	tell_unknown_variables();
	for (size_t i = 0; i < countof(table); i++) {
		char name[64];
		const char *value;
		place at = { .name = name };

		variable_name(&table[i], name, sizeof name);
		value = getenv(name);
		if (!value)
			continue;
		if (table[i].kind != INDEXES && table[i].kind != LIST) {
			if (!set_value(s, &table[i], value, &at))
				return false;
			continue;
		}
		while (*(value += strspn(value, " \t\n"))) { /* a list: apart by white space */
			char one[4096];
			size_t len = strcspn(value, " \t\n");

			if (len >= sizeof one)
				return complain(&at, "a value is too long");
			snprintf(one, sizeof one, "%.*s", (int)len, value);
			if (!set_value(s, &table[i], one, &at))
				return false;
			value += len;
		}
	}
	return true;
}

static void
help(void)
{
	printf("Usage: cdgsearchd -d INDEX [--listen HOST:PORT] [options]\n"
	       "Serve indexes over HTTP: a web page for people, a JSON API for programs.\n\n"
	       "  -d PATH                 the same as --index PATH\n"
	       "  -c, --config FILE       settings from FILE, a line each: NAME = VALUE\n"
	       "      --check             print the settings that hold, as such a file, and end\n");
	for (size_t i = 0; i < countof(table); i++) {
		char left[64];

		snprintf(left, sizeof left, "--%s %s", table[i].name, table[i].value);
		printf("      %-32s %s", left, table[i].help);
		if (table[i].kind == NUMBER && table[i].normal)
			printf(" (%llu)", (unsigned long long)table[i].normal);
		else if (table[i].kind == BYTES)
			printf(" (%llu%s)", (unsigned long long)(table[i].normal >> (table[i].normal >= 1 << 20 ? 20 : 0)),
			       table[i].normal >= 1 << 20 ? "M" : "");
		printf("\n");
	}
	printf("      --help, --version\n\n"
	       "Each is also a line of the file, `max-query = 4096`, and a variable, CDGSEARCHD_MAX_QUERY.\n"
	       "SIGHUP reads the settings again and opens logs and indexes anew; SIGTERM ends it when the\n"
	       "requests that are being answered are.\n");
}

/* One option with its value; false with a message. *used: arguments it took. */
static bool
read_option(settings *s, char **argv, int argc, int i, int *used, place *at)
{
	const char *arg = argv[i], *value = NULL, *name;
	size_t len;
	const setting *t;

	*used = 1;
	if (!strcmp(arg, "-d")) {
		name = "index";
		len = 5;
	} else if (!strncmp(arg, "--", 2)) {
		name = arg + 2;
		len = strcspn(name, "=");
		value = name[len] ? name + len + 1 : NULL;
	} else {
		return complain(at, "'%.100s' is no option; cdgsearchd --help lists them", arg);
	}
	t = setting_find(name, len);
	if (!t)
		return complain(at, "there is no option '%.100s'; cdgsearchd --help lists them", arg);
	if (!value && i + 1 >= argc)
		return complain(at, "%.100s: its value is missing: %s", arg, t->value);
	if (!value) {
		value = argv[i + 1];
		*used = 2;
	}
	return set_value(s, t, value, at);
}

static bool
is_config(const char *arg)
{
	return !strcmp(arg, "-c") || !strcmp(arg, "--config");
}

/* The file is read before all else, wherever its option stands. */
static bool
read_config_option(settings *s, int argc, char **argv)
{
	const char *path = getenv("CDGSEARCHD_CONFIG");

	for (int i = 1; i < argc; i++) {
		if (is_config(argv[i])) {
			if (i + 1 >= argc) {
				fprintf(stderr, "cdgsearchd: %s: its value is missing: FILE\n", argv[i]);
				return false;
			}
			path = argv[i + 1];
		} else if (!strncmp(argv[i], "--config=", 9)) {
			path = argv[i] + 9;
		}
	}
	if (!path || !*path)
		return true;
	s->file = mem_strdup(path);
	return s->file && read_file(s, path);
}

static bool
read_arguments(settings *s, int argc, char **argv)
{
	place at = { .name = "command line" };

	for (int i = 1, used; i < argc; i += used) {
		used = 1;
		if (is_config(argv[i])) {
			used = 2;
			continue;
		}
		if (!strncmp(argv[i], "--config=", 9) || !strcmp(argv[i], "--check"))
			continue;
		if (!read_option(s, argv, argc, i, &used, &at))
			return false;
	}
	return true;
}

/* The first line of the token file; one that is short could be guessed. */
static bool
read_token(settings *s)
{
	place at = { .name = s->token_file };
	cdg_error err;
	struct stat st;
	size_t n;
	buf b;

	buf_init(&b);
	if (file_read(s->token_file, 4096, &b, &err) != CDG_OK) {
		buf_fini(&b);
		fprintf(stderr, "cdgsearchd: token-file: %s\n", err.message);
		return false;
	}
	n = strcspn(buf_cstr(&b), "\r\n");
	s->token = n < 16 ? NULL : mem_strndup((const char *)b.p, n);
	buf_fini(&b);
	if (!stat(s->token_file, &st) && st.st_mode & S_IROTH)
		fprintf(stderr, "cdgsearchd: token-file: every user of this machine may read %s (chmod 600)\n", s->token_file);
	return s->token || complain(&at, "the token must have 16 characters at least");
}

/* What is still missing: an index as the other programs find theirs, an address, a name. */
static bool
complete(settings *s)
{
	place at = { .name = "settings" };
	const char *index = getenv("CDG_INDEX");
	size_t n;

	if (!s->nindexes && !index && file_exists(".cdgsearch"))
		index = ".cdgsearch";
	if (!s->nindexes && index && *index && !add_index(s, index, &at))
		return false;
	if (!s->nindexes)
		return complain(&at, "no index is given: cdgsearchd -d INDEX");
	if (!s->nlisten && !add_listen(s, "127.0.0.1:8642", &at))
		return false;
	if (s->token_file && !read_token(s))
		return false;
	if (!s->title)
		s->title = mem_strdup("cdgsearch");
	n = s->public_url ? strlen(s->public_url) : 0;
	while (n && s->public_url[n - 1] == '/')
		s->public_url[--n] = 0;
	return s->title != NULL;
}

static void
hash_text(XXH3_state_t *h, const char *s)
{
	XXH3_64bits_update(h, s ? s : "", s ? strlen(s) + 1 : 1);
}

/* The same for the same settings, in each process. */
static bool
digest(settings *s)
{
	XXH3_state_t *h = XXH3_createState();

	if (!h)
		return false;
	XXH3_64bits_reset(h);
	for (size_t i = 0; i < countof(table); i++)
		switch (table[i].kind) {
		case TEXT: hash_text(h, *(char **)member(s, &table[i])); break;
		case NUMBER:
		case BYTES: XXH3_64bits_update(h, member(s, &table[i]), sizeof(uint64_t)); break;
		case FLAG: XXH3_64bits_update(h, member(s, &table[i]), sizeof(bool)); break;
		default: break;
		}
	for (size_t i = 0; i < s->nindexes; i++)
		hash_text(h, s->indexes[i].name); /* pages name them all */
	s->digest = XXH3_64bits_digest(h);
	XXH3_freeState(h);
	return true;
}

/* As a file that settings_read would read; what is not set is a comment. */
static void
settings_print(settings *s)
{
	for (size_t i = 0; i < countof(table); i++) {
		const setting *t = &table[i];
		const char *text = t->kind == TEXT ? *(char **)member(s, t) : NULL;

		switch (t->kind) {
		case INDEXES:
			for (size_t k = 0; k < s->nindexes; k++)
				printf("%s = %s=%s\n", t->name, s->indexes[k].name, s->indexes[k].path);
			break;
		case LIST:
			for (size_t k = 0; k < s->nlisten; k++)
				printf("%s = %s\n", t->name, s->listen[k]);
			break;
		case FLAG: printf("%s = %s\n", t->name, *(bool *)member(s, t) ? "yes" : "no"); break;
		case TEXT: printf(text ? "%s = %s\n" : "#%s = %s\n", t->name, text ? text : t->value); break;
		default: printf("%s = %llu\n", t->name, (unsigned long long)*(uint64_t *)member(s, t));
		}
	}
}

int
settings_read(settings **out, int argc, char **argv, bool *done)
{
	bool check = false;
	settings *s;

	*out = NULL;
	*done = true;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			help();
			return 0;
		}
		if (!strcmp(argv[i], "--version")) {
			printf("cdgsearchd %s\n", cdg_version());
			return 0;
		}
		check = check || !strcmp(argv[i], "--check");
	}
	s = mem_calloc(1, sizeof *s);
	if (!s)
		return 2;
	for (size_t i = 0; i < countof(table); i++)
		if (table[i].kind == NUMBER || table[i].kind == BYTES)
			*(uint64_t *)member(s, &table[i]) = table[i].normal;
	if (!read_config_option(s, argc, argv) || !read_environment(s) || !read_arguments(s, argc, argv) || !complete(s) ||
	    !digest(s)) {
		settings_free(s);
		return 2;
	}
	if (check) {
		settings_print(s);
		settings_free(s);
		return 0;
	}
	*done = false;
	*out = s;
	return 0;
}

void
settings_free(settings *s)
{
	if (!s)
		return;
	indexes_clear(s);
	listen_clear(s);
	mem_free(s->indexes);
	mem_free(s->listen);
	for (size_t i = 0; i < countof(table); i++)
		if (table[i].kind == TEXT)
			mem_free(*(char **)member(s, &table[i]));
	mem_free(s->token);
	mem_free(s->file);
	mem_free(s);
}
