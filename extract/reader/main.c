/* main.c - cdg-extract: shows what a reader makes of a file, as records. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extract/reader/readers.h"
#include "extract/reader/serve.h"
#include "extract/write_record.h"

static cdg_status
show_document(void *ctx, const document *doc, const char *warning, cdg_error *err)
{
	buf out;

	(void)ctx;
	buf_init(&out);
	write_record(&out, doc);
	if (out.failed)
		return err_nomem(err);
	printf("%.*s\n", (int)out.len, (const char *)out.p);
	buf_fini(&out);
	if (warning[0])
		fprintf(stderr, "cdg-extract: %.*s: %s\n", (int)doc->id.n, doc->id.p, warning);
	return CDG_OK;
}

static cdg_status
show_records(void *ctx, const char *name, extract_format format, const char *data, size_t n, cdg_error *err)
{
	(void)ctx;
	(void)err;
	(void)data;
	fprintf(stderr, "cdg-extract: %s: %zu bytes of records (%s)\n", name, n, extract_format_name(format));
	return CDG_OK;
}

static cdg_status
show_problem(void *ctx, const char *name, bool skipped, const char *why, cdg_error *err)
{
	int *status = ctx;

	(void)err;
	fprintf(stderr, "cdg-extract: %s: %s%s\n", name, skipped ? "not read: " : "", why);
	*status = 2;
	return CDG_OK;
}

static int
show_file(extract_job *job, const char *path, cdg_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	extract_input in = { .name = path, .data = "" };
	struct stat st;
	void *map = NULL;
	cdg_status status;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		fprintf(stderr, "cdg-extract: %s: %s\n", path, fd < 0 ? strerror(errno) : "not a regular file");
		if (fd >= 0)
			close(fd);
		return 2;
	}
	in.n = (size_t)st.st_size;
	if (in.n)
		map = mmap(NULL, in.n, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED) {
		fprintf(stderr, "cdg-extract: %s: %s\n", path, strerror(errno));
		return 2;
	}
	in.data = map ? map : "";
	extract_job_reset(job);
	status = extract_read(job, &in, err);
	if (map)
		munmap(map, in.n);
	if (status != CDG_OK)
		fprintf(stderr, "cdg-extract: %s: %s\n", path, err->message);
	return status == CDG_OK ? 0 : 2;
}

int
main(int argc, char **argv)
{
	cdg_error err = { CDG_OK, "" };
	int status = 0;
	extract_sink sink = { .ctx = &status, .document = show_document, .records = show_records, .problem = show_problem };
	extract_job *job;

	if (argc == 3 && !strcmp(argv[1], "--worker"))
		return serve(STDIN_FILENO, strtoull(argv[2], NULL, 10));
	if (argc < 2) {
		fprintf(stderr, "usage: cdg-extract FILE...\n");
		return 2;
	}
	job = mem_alloc(sizeof *job);
	if (!job)
		return 2;
	extract_archive_init();
	extract_mail_init();
	extract_job_init(job, &sink);
	for (int i = 1; i < argc; i++) {
		int s = show_file(job, argv[i], &err);

		status = status > s ? status : s;
	}
	extract_job_fini(job);
	mem_free(job);
	return status;
}
