/* source.c - see source.h: roots, walk, sniffing and chunking put together.
 *
 * At any time at most one record file is open.  Items are single allocations
 * that own their strings; chunk data is a second one.
 */
#include "indexer/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "indexer/decompress.h"
#include "indexer/source_chunk.h"
#include "indexer/source_sniff.h"
#include "indexer/source_walk.h"

/* Looking through the tree for its size must not delay the first document. */
enum {
	SOURCE_PRESCAN_MS = 2000,
	SOURCE_SHORT_MS = 1000 /* nobody asks how much is left of less */
};

typedef struct source_root {
	char *path;
	source_format format; /* standard input only */
	bool is_stdin;
} source_root;

typedef struct source_box {
	source_item item;
	source_hash hash; /* what item.hash points to */
	char *data;       /* what item.data is part of */
	char strings[];
} source_box;

struct source {
	source_options options;
	source_root *roots;
	size_t nroots, roots_cap, next_root;
	source_walk *walk;
	bool walking, prescanned;
	bool reading; /* not all was unchanged so far */
	uint64_t began_ms, done, total;
	uint64_t document_max; /* options.max_file_size for what need not fit into memory */
	/* The record file being read. */
	source_chunker *chunker;
	char *path;
	source_format format;
	uint64_t size;
	int64_t mtime_ns;
	const settings *settings;
};

source *
source_new(const source_options *options, cdg_error *err)
{
	source *src = mem_calloc(1, sizeof *src);

	if (!src) {
		err_nomem(err);
		return NULL;
	}
	if (options)
		src->options = *options;
	src->document_max = src->options.max_file_size ? src->options.max_file_size : UINT64_MAX;
	if (src->options.max_file_size == 0 || src->options.max_file_size > SOURCE_RECORD_MAX)
		src->options.max_file_size = SOURCE_RECORD_MAX;
	if (src->options.record_max == 0 || src->options.record_max > SOURCE_RECORD_MAX)
		src->options.record_max = SOURCE_RECORD_MAX;
	src->walk = source_walk_new(&src->options);
	if (!src->walk) {
		mem_free(src);
		err_nomem(err);
		return NULL;
	}
	return src;
}

static void
source_close_file(source *src)
{
	if (src->chunker)
		src->done += source_chunker_consumed(src->chunker);
	source_chunker_free(src->chunker);
	mem_free(src->path);
	settings_unref(src->settings);
	src->settings = NULL;
	src->chunker = NULL;
	src->path = NULL;
}

void
source_free(source *src)
{
	if (!src)
		return;
	source_close_file(src);
	source_walk_free(src->walk);
	for (size_t i = 0; i < src->nroots; i++)
		mem_free(src->roots[i].path);
	mem_free(src->roots);
	mem_free(src);
}

static cdg_status
source_add(source *src, const char *path, bool is_stdin, source_format format, cdg_error *err)
{
	source_root root = { mem_strdup(path), format, is_stdin };

	if (!root.path ||
	    !mem_grow(&src->roots, &src->roots_cap, src->nroots + 1, sizeof *src->roots)) {
		mem_free(root.path);
		return err_nomem(err);
	}
	src->roots[src->nroots++] = root;
	return CDG_OK;
}

cdg_status
source_add_path(source *src, const char *path, cdg_error *err)
{
	if (strcmp(path, "-") == 0)
		return source_add_stdin(src, src->options.format, err);
	return source_add(src, path, false, SOURCE_AUTO, err);
}

cdg_status
source_add_stdin(source *src, source_format format, cdg_error *err)
{
	return source_add(src, "-", true, format, err);
}

const char *
source_root_path(const source *src, size_t i)
{
	return i < src->nroots ? src->roots[i].path : NULL;
}

/* ---- items ---------------------------------------------------------- */

static cdg_status
source_item_new(source_item **out, source_kind kind, const char *path, const char *message,
		const char *header, size_t header_n, cdg_error *err)
{
	size_t path_n = strlen(path) + 1, message_n = message ? strlen(message) + 1 : 0;
	source_box *box = mem_calloc(1, sizeof *box + path_n + message_n + header_n);
	char *at;

	*out = NULL;
	if (!box)
		return err_nomem(err);
	at = box->strings;
	box->item.kind = kind;
	box->item.hash = &box->hash;
	box->item.path = memcpy(at, path, path_n);
	at += path_n;
	if (message) {
		box->item.message = memcpy(at, message, message_n);
		at += message_n;
	}
	if (header) {
		box->item.header = memcpy(at, header, header_n);
		box->item.header_n = header_n;
	}
	*out = &box->item;
	return CDG_OK;
}

void
source_item_free(source_item *item)
{
	source_box *box = (source_box *)item; /* item is its first member */

	if (!box)
		return;
	settings_unref(box->item.settings);
	mem_free(box->data);
	mem_free(box);
}

/* Messages of other modules begin with the path, which items carry anyway. */
static const char *
source_bare_message(const char *message, const char *path)
{
	size_t n = strlen(path);

	if (strncmp(message, path, n) == 0 && strncmp(message + n, ": ", 2) == 0)
		return message + n + 2;
	return message;
}

static cdg_status
source_give_failure(source_item **out, const char *path, const char *message, cdg_error *err)
{
	return source_item_new(out, SOURCE_FAILED, path, source_bare_message(message, path), NULL, 0,
			       err);
}

/* ---- record files --------------------------------------------------- */

static cdg_status
source_next_chunk(source *src, source_item **out, cdg_error *err)
{
	source_chunk chunk;
	cdg_error why = { CDG_OK, "" };
	cdg_status st = source_chunker_next(src->chunker, &chunk, &why);
	source_box *box;
	const char *header;
	size_t header_n;
	char separator;

	if (st == CDG_E_NOMEM)
		return err_nomem(err);
	if (st != CDG_OK) {
		CDG_TRY(source_give_failure(out, src->path, why.message, err));
		if (st != CDG_E_LIMIT)
			source_close_file(src);
		return CDG_OK;
	}
	header = source_chunker_header(src->chunker, &header_n, &separator);
	st = source_item_new(out, SOURCE_RECORDS, src->path, NULL, header, header_n, err);
	if (st != CDG_OK) {
		mem_free(chunk.data);
		return st;
	}
	box = (source_box *)*out;
	box->data = chunk.data;
	box->item.data = chunk.data ? chunk.data : "";
	box->item.n = chunk.n;
	box->item.offset = chunk.offset;
	box->item.first_line = chunk.first_line;
	box->item.last = chunk.last;
	box->item.separator = separator;
	box->item.format = src->format;
	box->item.size = src->size;
	box->item.mtime_ns = src->mtime_ns;
	box->item.settings = settings_ref(src->settings);
	if (chunk.last) {
		box->hash = (source_hash){ true, source_chunker_hash(src->chunker) };
		source_close_file(src);
	}
	return CDG_OK;
}

static cdg_status
source_open_records(source *src, decompress *stream, source_format format, const char *path,
		    source_item **out, cdg_error *err)
{
	cdg_error why = { CDG_OK, "" };
	cdg_status st;

	src->path = mem_strdup(path);
	if (!src->path) {
		decompress_free(stream);
		return err_nomem(err);
	}
	src->format = format;
	st = source_chunker_open(&src->chunker, stream, format, src->path, &src->options, &why);
	if (st == CDG_E_NOMEM)
		return err_nomem(err);
	if (st != CDG_OK) {
		st = source_give_failure(out, src->path, why.message, err);
		source_close_file(src);
		return st;
	}
	return CDG_OK;
}

/* ---- how much there is ---------------------------------------------- */

static uint64_t
source_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The sum of all file sizes into src->total, or 0 when it cannot be had in
 * time.  A convenience: running out of memory here is no failure. */
static void
source_prescan(source *src)
{
	source_walk *w = source_walk_new(&src->options);
	uint64_t until = source_now_ms() + SOURCE_PRESCAN_MS, total = 0;
	bool known = w != NULL;

	src->prescanned = true;
	for (size_t i = 0; known && i < src->nroots; i++) {
		source_walk_entry e;
		known = !src->roots[i].is_stdin && source_walk_begin(w, src->roots[i].path);
		for (unsigned n = 1; known; n++) {
			known = source_walk_next(w, &e) && (n % 64 || source_now_ms() < until);
			if (!known || !e.path)
				break;
			known = e.regular || e.message;
			total += e.size;
		}
	}
	source_walk_free(w);
	src->total = known ? total : 0;
}

/* ---- files ---------------------------------------------------------- */

static source_sniff
source_recognise(const source *src, decompress *stream, const source_walk_entry *entry,
		 source_format forced, cdg_error *why)
{
	source_sniff sniff = { forced, NULL, false };
	const char *head;
	size_t n;
	cdg_status st = decompress_peek(stream, &head, &n, why);

	if (st != CDG_OK && n == 0) {
		sniff.format = SOURCE_AUTO;
		sniff.why = why->message;
		sniff.failed = true;
		return sniff;
	}
	if (forced == SOURCE_AUTO)
		return source_sniff_format(entry->path,
					   decompress_which(stream) != DECOMPRESS_PLAIN,
					   entry->named, head, n, src->options.images);
	if (forced == SOURCE_JSONL) {
		sniff.why = source_sniff_records(head, n);
		if (sniff.why) {
			sniff.format = SOURCE_AUTO;
			sniff.failed = true;
		}
	}
	return sniff;
}

static bool
source_is_records(source_format format)
{
	return format == SOURCE_JSONL || format == SOURCE_CSV;
}

static source_file
source_file_of(const source_walk_entry *entry)
{
	source_file file = { .path = entry->path, .size = entry->size, .mtime_ns = entry->mtime_ns,
			     .settings = entry->settings ? settings_hash(entry->settings) : 0,
			     .doubtful = entry->doubtful };

	return file;
}

/* Asks the caller whether the bytes are known; *out stays NULL if they must be read, *was
 * then is the path they had before, or NULL. */
static cdg_status
source_ask_known(source *src, decompress *stream, const source_walk_entry *entry, bool records,
		 source_item **out, const char **was, cdg_error *err)
{
	source_file file = source_file_of(entry);
	source_hash hash = { 0 };
	const char *other = NULL;
	source_known known;

	if (!src->options.known || !entry->regular)
		return CDG_OK;
	file.records = records;
	if (decompress_which(stream) == DECOMPRESS_PLAIN &&
	    decompress_peek(stream, &file.head, &file.n, NULL) != CDG_OK)
		file.n = 0;
	known = src->options.known(src->options.hook_ctx, &file, &other, &hash);
	*was = other;
	if (known == SOURCE_KNOWN_NEW)
		return CDG_OK;
	CDG_TRY(source_item_new(out, known == SOURCE_KNOWN_COPY ? SOURCE_COPY : SOURCE_UNCHANGED,
				entry->path, other, NULL, 0, err));
	(*out)->other = (*out)->message;
	(*out)->message = NULL;
	*(*out)->hash = hash;
	(*out)->size = entry->size;
	(*out)->mtime_ns = entry->mtime_ns;
	(*out)->settings = settings_ref(entry->settings);
	src->done += entry->size;
	return CDG_OK;
}

/* What to do with an opened stream: an item now, or chunks to come. */
static cdg_status
source_open_stream(source *src, decompress *stream, const source_walk_entry *entry,
		   source_format forced, source_item **out, cdg_error *err)
{
	cdg_error why = { CDG_OK, "" };
	source_sniff sniff = source_recognise(src, stream, entry, forced, &why);
	const char *message = sniff.why, *was = NULL;
	source_kind kind = sniff.failed ? SOURCE_FAILED : SOURCE_SKIPPED;
	uint64_t limit = sniff.format == SOURCE_DOCUMENT ? src->document_max : src->options.max_file_size;
	char text[128];

	if (sniff.format != SOURCE_AUTO && (source_is_records(sniff.format) || entry->size <= src->options.max_file_size)) {
		cdg_status st = source_ask_known(src, stream, entry, source_is_records(sniff.format), out, &was, err);
		if (st != CDG_OK || *out) {
			decompress_free(stream);
			return st;
		}
	}
	if (source_is_records(sniff.format)) {
		src->size = entry->size;
		src->mtime_ns = entry->mtime_ns;
		settings_unref(src->settings);
		src->settings = settings_ref(entry->settings);
		return source_open_records(src, stream, sniff.format, entry->path, out, err);
	}
	decompress_free(stream);
	src->done += entry->size;
	if (sniff.format != SOURCE_AUTO) {
		kind = SOURCE_FILE;
		message = NULL;
		if (!entry->regular) {
			kind = SOURCE_FAILED;
			message = "only records can be read from a pipe";
		} else if (entry->size > limit) {
			kind = SOURCE_SKIPPED;
			snprintf(text, sizeof text, "larger than the limit of %llu bytes",
				 (unsigned long long)limit);
			message = text;
		}
	}
	CDG_TRY(source_item_new(out, kind, entry->path,
				message ? source_bare_message(message, entry->path) : was, NULL, 0,
				err));
	if (!message) {
		(*out)->other = (*out)->message;
		(*out)->message = NULL;
	}
	(*out)->format = sniff.format;
	(*out)->size = entry->size;
	(*out)->mtime_ns = entry->mtime_ns;
	(*out)->settings = settings_ref(entry->settings);
	return CDG_OK;
}

/* The walk saw the file a moment ago; what is opened may be another one. */
static int
source_open_fd(source_walk_entry *entry, char *why, size_t why_size)
{
	int fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		snprintf(why, why_size, "cannot open: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!entry->regular) {
		(void)fcntl(fd, F_SETFL, 0); /* a pipe, whose next bytes are waited for */
	} else {
		if (!S_ISREG(st.st_mode)) {
			snprintf(why, why_size, "changed while it was opened");
			close(fd);
			return -1;
		}
		entry->size = (uint64_t)st.st_size;
		entry->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return fd;
}

static cdg_status
source_visit(source *src, source_walk_entry *entry, source_item **out, cdg_error *err)
{
	cdg_error why = { CDG_OK, "" };
	source_file file = source_file_of(entry);
	decompress *stream;
	cdg_status st;
	char text[256];
	int fd;

	if (entry->message) {
		src->done += entry->size;
		return source_item_new(out, entry->skip ? SOURCE_SKIPPED : SOURCE_FAILED,
				       entry->path, entry->message, NULL, 0, err);
	}
	if (entry->regular && src->options.unchanged &&
	    src->options.unchanged(src->options.hook_ctx, &file)) {
		src->done += entry->size;
		CDG_TRY(source_item_new(out, SOURCE_UNCHANGED, entry->path, NULL, NULL, 0, err));
		(*out)->size = entry->size;
		(*out)->mtime_ns = entry->mtime_ns;
		return CDG_OK;
	}
	src->reading = true;
	fd = source_open_fd(entry, text, sizeof text);
	if (fd < 0) {
		src->done += entry->size;
		return source_give_failure(out, entry->path, text, err);
	}
	st = decompress_open(&stream, fd, true, entry->path, &why);
	if (st == CDG_E_NOMEM)
		return err_nomem(err);
	if (st != CDG_OK)
		return source_give_failure(out, entry->path, why.message, err);
	return source_open_stream(src, stream, entry, src->options.format, out, err);
}

static cdg_status
source_visit_stdin(source *src, source_format format, source_item **out, cdg_error *err)
{
	source_walk_entry entry = { .path = "-", .named = true };
	cdg_error why = { CDG_OK, "" };
	decompress *stream;
	cdg_status st = decompress_open(&stream, STDIN_FILENO, false, "-", &why);

	if (st == CDG_E_NOMEM)
		return err_nomem(err);
	if (st != CDG_OK)
		return source_give_failure(out, "-", why.message, err);
	return source_open_stream(src, stream, &entry, format, out, err);
}

/* ---- progress ------------------------------------------------------- */

void
source_progress(source *src, uint64_t *done, uint64_t *total)
{
	bool ends = !src->walking && !src->chunker && src->next_root == src->nroots;

	if (src->reading && !src->prescanned && !ends && source_now_ms() - src->began_ms >= SOURCE_SHORT_MS)
		source_prescan(src);
	*done = src->done + (src->chunker ? source_chunker_consumed(src->chunker) : 0);
	*total = src->total;
	if (*total && *done > *total) /* files that grew meanwhile */
		*total = *done;
}

cdg_status
source_next(source *src, source_item **item, cdg_error *err)
{
	*item = NULL;
	if (!src->began_ms)
		src->began_ms = source_now_ms();
	while (!*item) {
		if (src->chunker) {
			CDG_TRY(source_next_chunk(src, item, err));
		} else if (src->walking) {
			source_walk_entry entry;
			if (!source_walk_next(src->walk, &entry))
				return err_nomem(err);
			if (!entry.path)
				src->walking = false;
			else
				CDG_TRY(source_visit(src, &entry, item, err));
		} else if (src->next_root < src->nroots) {
			const source_root *root = &src->roots[src->next_root++];
			if (root->is_stdin)
				CDG_TRY(source_visit_stdin(src, root->format, item, err));
			else if (source_walk_begin(src->walk, root->path))
				src->walking = true;
			else
				return err_nomem(err);
		} else {
			break;
		}
	}
	return CDG_OK;
}
