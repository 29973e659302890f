/* fz_segment.c - an index with changed bytes whose checksums are right: opened,
 * verified, searched, dumped, and now and then merged.
 *
 * The input is a list of changes of 6 bytes: which file, at which offset (three
 * bytes, modulo the file), how, with which value; the last may be short, so that
 * small inputs do something too.  The first byte chooses the questions, bit 7 of
 * it a merge.  The index is made once and lies in memory.
 */
#include <fcntl.h>

#include "tests/corrupt/repair.h"
#include "tests/corrupt/victim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FZ_FILES = 32, FZ_CHANGES = 32, FZ_CHANGE = 6 };

static struct fz_index {
	char dir[64];
	struct {
		char name[80];
		uint8_t *p, *work;
		size_t n, len; /* as it was; of work */
		bool manifest, changed;
	} file[FZ_FILES];
	size_t n;
} fz;

static void
fz_clean(void)
{
	victim_remove(fz.dir);
	for (size_t i = 0; i < fz.n; i++) {
		mem_free(fz.file[i].p);
		mem_free(fz.file[i].work);
	}
}

static void
fz_write(const char *name, const uint8_t *p, size_t n)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/%s", fz.dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || file_write_fd(fd, p, n, path, NULL) != CDG_OK)
		abort();
	close(fd);
}

static void
fz_prepare(void)
{
	char **names, path[4096];
	size_t n;

	victim_folder(fz.dir, "fuzz");
	if (victim_build(fz.dir, 340, 8, NULL) != CDG_OK || file_list(fz.dir, &names, &n, NULL) != CDG_OK)
		abort();
	for (size_t i = 0; i < n && fz.n < FZ_FILES; i++) {
		buf b = { 0 };
		if (!strcmp(names[i], MANIFEST_LOCK))
			continue;
		snprintf(fz.file[fz.n].name, sizeof fz.file[0].name, "%s", names[i]);
		snprintf(path, sizeof path, "%s/%s", fz.dir, names[i]);
		if (file_read(path, SIZE_MAX / 2, &b, NULL) != CDG_OK)
			abort();
		fz.file[fz.n].p = b.p;
		fz.file[fz.n].n = b.len;
		fz.file[fz.n].work = mem_dup(b.p, b.len);
		fz.file[fz.n].manifest = !strcmp(names[i], MANIFEST_NAME);
		fz.n++;
	}
	file_list_free(names, n);
	atexit(fz_clean);
}

static void
fz_change(const uint8_t *c)
{
	static const uint64_t wild[] = { 0, 1, 0x7f, 0x80, 0xffff, 0x7fffffff, 0xffffffff, UINT64_MAX };
	size_t f = c[0] % fz.n, n = fz.file[f].len, at, room;
	uint8_t *p = fz.file[f].work;
	uint64_t v = wild[c[5] % 8];

	if (fz.file[f].manifest) {
		at = (load_u32(c + 1) & 0xffffff) % (n - 26);
		p[at] = c[5];
	} else {
		room = n - PFILE_HEADER - PFILE_FOOTER - 8;
		at = PFILE_HEADER + (load_u32(c + 1) & 0xffffff) % room;
		switch (c[4] % 6) {
		case 0: p[at] = c[5]; break;
		case 1: p[at] ^= c[5]; break;
		case 2: p[at] = (uint8_t)(p[at] + c[5]); break;
		case 3: memcpy(p + at, &v, min_size(4, n - at)); break;
		case 4: memcpy(p + at, &v, min_size(8, n - at)); break;
		default: fz.file[f].len = repair_cut(p, n, at, 1 + c[5] % 64); break;
		}
	}
	fz.file[f].changed = true;
}

static int
fz_discard(void *ctx, const char *bytes, size_t n)
{
	(void)ctx;
	(void)bytes;
	(void)n;
	return 0;
}

static void
fz_read(uint8_t choice)
{
	cdg_index *x;

	if (cdg_index_open(fz.dir, &x, NULL) != CDG_OK)
		return;
	if (choice & 1)
		snapshot_check(x->snap, NULL);
	for (unsigned k = 0; k < 3; k++) {
		buf b = { 0 };
		victim_ask(x, (choice / 2 + k * 5) % VICTIM_QUERIES, &b, NULL);
		buf_fini(&b);
	}
	if (choice & 64) {
		cdg_index_dump_terms(x, "", 0, fz_discard, NULL, NULL);
		cdg_index_dump_term(x, "reform", 6, fz_discard, NULL, NULL);
		cdg_index_dump_document(x, "doc-7", 5, fz_discard, NULL, NULL);
		cdg_index_dump_ids(x, fz_discard, NULL, NULL);
	}
	cdg_index_close(x);
}

static void
fz_merge(void)
{
	writer_options opt = { .threads = 1, .optimize = true, .reorder = true, .pairs = true, .no_sync = true };
	writer *w;
	char **names, path[256];
	size_t n;

	if (writer_open(fz.dir, &opt, &w, NULL) == CDG_OK) {
		victim_add(w, 7, 5, NULL);
		writer_commit(w, NULL, NULL, NULL);
		writer_close(w);
	}
	/* it may have removed and replaced anything */
	if (file_list(fz.dir, &names, &n, NULL) == CDG_OK) {
		for (size_t i = 0; i < n; i++) {
			snprintf(path, sizeof path, "%s/%s", fz.dir, names[i]);
			unlink(path);
		}
		file_list_free(names, n);
	}
	for (size_t i = 0; i < fz.n; i++)
		fz.file[i].changed = true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = size ? data[0] : 0;

	if (!fz.n)
		fz_prepare();
	for (size_t i = 0; i < fz.n; i++)
		fz.file[i].len = fz.file[i].n;
	for (size_t at = 1; at < size && at < FZ_CHANGE * FZ_CHANGES; at += FZ_CHANGE) {
		uint8_t c[FZ_CHANGE + 2] = { 0 };
		memcpy(c, data + at, min_size(FZ_CHANGE, size - at));
		fz_change(c);
	}
	for (size_t i = 0; i < fz.n; i++) {
		if (!fz.file[i].changed)
			continue;
		if (fz.file[i].manifest)
			repair_manifest(fz.file[i].work, fz.file[i].len);
		else
			repair_pages(fz.file[i].work, fz.file[i].len);
		fz_write(fz.file[i].name, fz.file[i].work, fz.file[i].len);
	}
	fz_read(choice);
	if (choice & 128)
		fz_merge();
	for (size_t i = 0; i < fz.n; i++) {
		if (!fz.file[i].changed)
			continue;
		fz_write(fz.file[i].name, fz.file[i].p, fz.file[i].n);
		memcpy(fz.file[i].work, fz.file[i].p, fz.file[i].n);
		fz.file[i].changed = false;
	}
	return 0;
}
