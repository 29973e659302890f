/* main.c - cdg-extract: shows what a reader makes of files.  The files are read by a worker
 * in its sandbox, as cdgindex has them read; this side only prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "extract/client.h"
#include "extract/reader/serve.h"
#include "extract/write_record.h"
#include "extract/xml_map.h"
#include "text/text.h"

typedef enum show_as { SHOW_JSON, SHOW_TEXT, SHOW_STRUCTURE } show_as;

typedef struct show {
	show_as as;
	bool time, verbose;
	extract_client_options reading;
	extract_client *client;
	buf map; /* text of --xml-map */
	uint64_t documents, text; /* of the file */
	bool given, failed; /* of all */
} show;

enum { OPT_TEXT = 256, OPT_JSON, OPT_STRUCTURE, OPT_TIME, OPT_MEMORY, OPT_TIMEOUT, OPT_XML_MAP, OPT_WORKER, OPT_HELP, OPT_VERSION };

static const struct option long_options[] = {
	{ "text", no_argument, NULL, OPT_TEXT },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "structure", no_argument, NULL, OPT_STRUCTURE },
	{ "time", no_argument, NULL, OPT_TIME },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "xml-map", required_argument, NULL, OPT_XML_MAP },
	{ "worker", required_argument, NULL, OPT_WORKER },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help[] = "Usage: cdg-extract [options] FILE...\n"
			   "Show what cdgindex reads in documents: PDF, HTML, office files, archives, ...\n"
			   "\n"
			   "      --json        one record a document: text, metadata, sections (the default)\n"
			   "      --text        only the text\n"
			   "      --structure   an outline: title, pages, sections\n"
			   "      --time        say how long each file took\n"
			   "      --memory N    memory for reading (1024M)\n"
			   "      --timeout S   seconds that a document may take (60)\n"
			   "      --xml-map F   what the elements of XML files mean (docs/formats/xml.md)\n"
			   "  -v                say what the kernel lacks to fence the reading in\n"
			   "      --help, --version\n"
			   "      --            end of options: what follows are files\n"
			   "\n"
			   "Exit status: 0 documents were found, 1 none, 2 something could not be read.\n";

/* ---- printing -------------------------------------------------------------------- */

static void
print_text(const document *doc)
{
	fwrite(doc->text.p, 1, doc->text.n, stdout);
	if (doc->text.n && doc->text.p[doc->text.n - 1] != '\n')
		putchar('\n');
}

/* On one line, without what a terminal might obey. */
static void
print_line(FILE *out, doc_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		/* C1 controls are two bytes in UTF-8 */
		if (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0) {
			putc('?', out);
			i++;
		} else {
			putc(c < ' ' || c == 127 ? ' ' : c, out);
		}
	}
}

static void
print_structure(const document *doc)
{
	print_line(stdout, doc->id);
	printf("\n  title    ");
	print_line(stdout, doc->title);
	printf("\n  text     %zu bytes\n", doc->text.n);
	for (size_t i = 0; i < doc->nsections; i++) {
		const doc_section *s = &doc->sections[i];

		printf("  %8u %*s%s ", s->start, 2 * (s->level > 40 ? 40 : s->level ? s->level - 1 : 0), "", s->kind);
		print_line(stdout, s->label);
		putchar('\n');
	}
}

static bool
print_record(const document *doc)
{
	buf out;

	buf_init(&out);
	write_record(&out, doc);
	buf_put_u8(&out, '\n');
	fwrite(out.p, 1, out.len, stdout);
	buf_fini(&out);
	return !out.failed;
}

static void
say(doc_str name, const char *what, doc_str why)
{
	fputs("cdg-extract: ", stderr);
	print_line(stderr, name);
	fprintf(stderr, ": %s", what);
	print_line(stderr, why);
	putc('\n', stderr);
}

static cdg_status
show_document(show *s, const extract_event *e, cdg_error *err)
{
	s->documents++;
	s->text += e->doc->text.n;
	s->given = true;
	if (e->warning[0])
		say(e->doc->id, "warning: ", read_str(e->warning, strlen(e->warning)));
	if (s->as == SHOW_TEXT)
		print_text(e->doc);
	else if (s->as == SHOW_STRUCTURE)
		print_structure(e->doc);
	else if (!print_record(e->doc))
		return err_nomem(err);
	return CDG_OK;
}

static void
show_problem(show *s, doc_str name, const wire_problem *p)
{
	bool partly = p->why.n > sizeof EXTRACT_PARTLY && !memcmp(p->why.p, EXTRACT_PARTLY, sizeof EXTRACT_PARTLY - 1);

	say(p->name.n ? p->name : name, p->skipped && !partly ? "not read: " : "", p->why);
	s->failed |= !p->skipped;
}

/* ---- files ------------------------------------------------------------------------ */

static int
open_file(const char *path, uint64_t *size, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	*why = "";
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
		return fd;
	}
	*why = fd < 0 ? strerror(errno) : S_ISDIR(st.st_mode) ? "a folder: name the files in it" : "not a regular file";
	if (fd >= 0)
		close(fd);
	return -1;
}

static cdg_status
show_events(show *s, doc_str name, cdg_error *err)
{
	extract_event e;

	for (;;) {
		CDG_TRY(extract_client_next(s->client, &e, err));
		switch (e.kind) {
		case EXTRACT_EVENT_END:
			return CDG_OK;
		case EXTRACT_EVENT_DOCUMENT:
			CDG_TRY(show_document(s, &e, err));
			break;
		case EXTRACT_EVENT_SCAN: /* not asked for */
			break;
		case EXTRACT_EVENT_RECORDS:
			s->given = true;
			say(e.records.name, "a record file, each record of which is a document", read_str("", 0));
			break;
		case EXTRACT_EVENT_PROBLEM:
			show_problem(s, name, &e.problem);
			break;
		}
	}
}

static cdg_status
show_file(show *s, const char *path, cdg_error *err)
{
	uint64_t size = 0, start = clock_ns();
	text_clean clean;
	const char *why, *view;
	cdg_status st;
	size_t n;
	buf room;
	int fd = open_file(path, &size, &why);

	buf_init(&room);
	st = text_sanitize(path, strlen(path), &room, &view, &n, &clean, err);
	s->documents = s->text = 0;
	if (st == CDG_OK && fd < 0) {
		s->failed = true;
		say(read_str(view, n), "", read_str(why, strlen(why)));
	} else if (st == CDG_OK) {
		st = extract_client_begin(s->client, read_str(view, n), fd, size, err);
		if (st == CDG_OK)
			st = show_events(s, read_str(view, n), err);
		if (s->time)
			fprintf(stderr, "cdg-extract: %.*s: %.1f ms, %llu documents, %llu bytes of text\n", (int)n, view,
				(double)(clock_ns() - start) / 1e6, (unsigned long long)s->documents,
				(unsigned long long)s->text);
	}
	buf_fini(&room);
	return st;
}

/* ---- options ------------------------------------------------------------------------ */

static bool
parse_number(const char *arg, uint64_t least, uint64_t most, bool suffixes, uint64_t *out)
{
	char *end;
	unsigned shift;

	errno = 0;
	*out = strtoull(arg, &end, 10);
	shift = !suffixes ? 0 : *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
	if (end == arg || *arg == '-' || errno || end[shift != 0] || *out > most >> shift)
		return false;
	*out <<= shift;
	return *out >= least;
}

static int
usage(const char *what, const char *arg)
{
	fprintf(stderr, "cdg-extract: %s%s (--help tells more)\n", what, arg);
	return 2;
}

/* A mistake in it is told before any file is read. */
static bool
read_map(show *s, const char *path)
{
	cdg_error err;

	s->map.len = 0;
	if (extract_xml_map_read(path, &s->map, &err) == CDG_OK)
		return true;
	fprintf(stderr, "cdg-extract: %s\n", err.message);
	return false;
}

/* -1: go on; else the exit status. */
static int
parse_options(show *s, int argc, char **argv)
{
	uint64_t n;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":v", long_options, NULL)) != -1)
		switch (opt) {
		case OPT_TEXT: s->as = SHOW_TEXT; break;
		case OPT_JSON: s->as = SHOW_JSON; break;
		case OPT_STRUCTURE: s->as = SHOW_STRUCTURE; break;
		case OPT_TIME: s->time = true; break;
		case 'v': s->verbose = true; break;
		case OPT_MEMORY:
			if (!parse_number(optarg, (uint64_t)64 << 20, (uint64_t)1 << 50, true, &n))
				return usage("--memory: give bytes, 64M at least, not ", optarg);
			s->reading.memory = n;
			break;
		case OPT_TIMEOUT:
			if (!parse_number(optarg, 1, 86400, false, &n))
				return usage("--timeout: give seconds, 1 to 86400, not ", optarg);
			s->reading.seconds = (unsigned)n;
			break;
		case OPT_XML_MAP:
			if (!read_map(s, optarg))
				return 2;
			break;
		case OPT_WORKER: return serve(STDIN_FILENO, strtoull(optarg, NULL, 10));
		case OPT_HELP: return fputs(help, stdout) < 0 ? 2 : 0;
		case OPT_VERSION: return puts("cdg-extract " CDG_VERSION) < 0 ? 2 : 0;
		case ':': return usage("a value is missing for ", argv[optind - 1]);
		default: return usage("there is no option ", argv[optind - 1]);
		}
	return optind == argc ? usage("which files?", "") : -1;
}

int
main(int argc, char **argv)
{
	show s = { .reading = { .program = "/proc/self/exe" } };
	cdg_error err = { CDG_OK, "" };
	int code = parse_options(&s, argc, argv);

	if (code >= 0) {
		buf_fini(&s.map);
		return code;
	}
	s.client = extract_client_new(&s.reading, &err);
	if (s.client)
		extract_client_set_map(s.client, read_str(s.map.p ? (char *)s.map.p : "", s.map.len));
	for (int i = optind; s.client && err.status == CDG_OK && i < argc; i++)
		(void)show_file(&s, argv[i], &err);
	if (s.verbose && s.client && extract_client_no_landlock(s.client))
		fputs("cdg-extract: the kernel has no Landlock: files are kept from readers by seccomp alone\n", stderr);
	extract_client_free(s.client);
	buf_fini(&s.map);
	if (err.status != CDG_OK) {
		fprintf(stderr, "cdg-extract: %s\n", err.message);
		return 2;
	}
	if (fflush(stdout) != 0) {
		fprintf(stderr, "cdg-extract: cannot write: %s\n", strerror(errno));
		return 2;
	}
	return s.failed ? 2 : s.given ? 0 : 1;
}
