/* archive.c - archives as folders, and compressed files, by libarchive.
 *
 * `archive.tar/inner/name.html` is the document of a member; a compressed file
 * `name.html.gz` is a folder of one, `name.html.gz/name.html`, unless a tar or cpio is in
 * it, which is gone through without being held.  Folders, links and devices are passed
 * over, and so is what macOS and Windows leave behind (._name, __MACOSX, .DS_Store,
 * Thumbs.db).  Names that are not UTF-8 are guessed, in a zip from all of them. */

#include <archive.h>
#include <archive_entry.h>

#include "extract/read_encoding.h"
#include "extract/reader/archive_name.h"
#include "extract/reader/readers.h"
#include "extract/reader/unpack.h"

static const struct {
	const char *magic;
	uint8_t n, filter;
} archive_filters[] = {
	{ "\x1f\x8b", 2, ARCHIVE_FILTER_GZIP },		{ "BZh", 3, ARCHIVE_FILTER_BZIP2 },
	{ "\xfd" "7zXZ", 5, ARCHIVE_FILTER_XZ },	{ "\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD },
	{ "\x04\x22\x4d\x18", 4, ARCHIVE_FILTER_LZ4 },	{ "\x1f\x9d", 2, ARCHIVE_FILTER_COMPRESS },
	{ "LZIP", 4, ARCHIVE_FILTER_LZIP },
};

static int
archive_filter(const extract_input *in)
{
	for (size_t i = 0; i < countof(archive_filters); i++)
		if (in->n >= archive_filters[i].n &&
		    memcmp(in->data, archive_filters[i].magic, archive_filters[i].n) == 0)
			return archive_filters[i].filter;
	return ARCHIVE_FILTER_NONE;
}

/* Formats by name, not all there are: some open other files, or start programs. */
static int
archive_formats(struct archive *a, int filter, bool raw)
{
	int bad = 0;

	if (filter != ARCHIVE_FILTER_NONE)
		bad |= archive_read_append_filter(a, filter);
	if (raw)
		return bad | archive_read_set_format(a, ARCHIVE_FORMAT_RAW);
	bad |= archive_read_support_format_tar(a);
	bad |= archive_read_support_format_cpio(a);
	bad |= archive_read_support_format_ar(a);
	if (filter != ARCHIVE_FILTER_NONE)
		return bad;
	bad |= archive_read_support_format_zip(a);
	bad |= archive_read_support_format_7zip(a);
	bad |= archive_read_support_format_iso9660(a);
	bad |= archive_read_support_format_rar(a);
	return bad | archive_read_support_format_rar5(a);
}

static cdg_status
archive_open(unpack *u, int filter, bool raw, cdg_error *err)
{
	u->a = archive_read_new();
	if (!u->a || archive_formats(u->a, filter, raw) < ARCHIVE_WARN)
		return err_nomem(err);
	/* what is wrong with it is said by the first header */
	(void)archive_read_open_memory(u->a, u->in->data, u->in->n);
	return CDG_OK;
}

static void
archive_close(unpack *u)
{
	if (u->a)
		archive_read_free(u->a);
	u->a = NULL;
}

/* What the names of a zip are in, all of them together: one is too little to tell. */
static const char *
archive_guess_names(const extract_input *in)
{
	unpack u = { .in = in };
	struct archive_entry *entry;
	const char *charset = NULL;
	buf names;

	buf_init(&names);
	if (archive_open(&u, ARCHIVE_FILTER_NONE, false, NULL) == CDG_OK)
		while (names.len < (64 << 10) && archive_read_next_header(u.a, &entry) >= ARCHIVE_WARN) {
			const char *name = archive_entry_pathname(entry);

			if (name)
				buf_puts(&names, name);
			buf_put_u8(&names, '\n');
		}
	if (!names.failed)
		charset = archive_name_charset((char *)names.p, names.len);
	buf_fini(&names);
	archive_close(&u);
	return charset;
}

static bool
archive_is_file(struct archive_entry *entry)
{
	__LA_MODE_T type = archive_entry_filetype(entry);
	bool link = archive_entry_hardlink(entry) || archive_entry_symlink(entry);

	if (link && archive_entry_size(entry) <= 0)
		return false;
	return type == AE_IFREG || type == 0;
}

/* *over: no more can be read. */
static cdg_status
archive_entry_read(unpack *u, struct archive_entry *entry, const char *name, bool *over, cdg_error *err)
{
	unpack_end end = UNPACK_DONE;
	char why[256];

	if (archive_entry_is_encrypted(entry) > 0)
		return extract_member_problem(u->job, u->in, name, false, err, "encrypted: unpack it with its password");
	u->data.len = 0;
	CDG_TRY(unpack_member(u, name, &end, err));
	if (end == UNPACK_BOMB) {
		*over = true;
	} else if (end == UNPACK_DAMAGED) {
		/* a member that is damaged may be passed over, an archive not */
		*over = archive_errno(u->a) == 0 || strstr(unpack_why(u, why, sizeof why), "runcated");
	}
	return CDG_OK;
}

/* Members that nobody read still come out of a compressed archive. */
static cdg_status
archive_pass(unpack *u, const extract_input *in, bool *over, cdg_error *err)
{
	unpack_end end;

	if (archive_filter_count(u->a) <= 1)
		return CDG_OK;
	CDG_TRY(unpack_skip(u, &end, err));
	if (end != UNPACK_BOMB)
		return CDG_OK;
	*over = true;
	return extract_problem(u->job, in, false, err, "unpacks to more than %d times its size: left", UNPACK_RATIO);
}

static cdg_status
archive_header_problem(unpack *u, int r, uint64_t entries, cdg_error *err)
{
	char why[256];

	if (archive_read_has_encrypted_entries(u->a) > 0 && r != ARCHIVE_EOF)
		return extract_problem(u->job, u->in, false, err, "encrypted: unpack it with its password");
	return extract_problem(u->job, u->in, false, err, "damaged archive: %s (%llu entries before that)",
			       unpack_why(u, why, sizeof why), (unsigned long long)entries);
}

static cdg_status
archive_members(unpack *u, cdg_error *err)
{
	archive_names names = { .guess = archive_guess_names, .in = u->in };
	struct archive_entry *entry;
	uint64_t entries = 0;
	cdg_status st = CDG_OK;
	bool over = false;
	buf name;
	int r = ARCHIVE_OK;

	buf_init(&name);
	while (st == CDG_OK && !over) {
		r = archive_read_next_header(u->a, &entry);
		if (r == ARCHIVE_RETRY)
			continue;
		if (r < ARCHIVE_WARN || r == ARCHIVE_EOF)
			break;
		if (entries++ >= u->job->limits.documents) {
			st = extract_problem(u->job, u->in, false, err, "more than %llu entries: the rest is left",
					     (unsigned long long)u->job->limits.documents);
			break;
		}
		if (!archive_is_file(entry))
			continue;
		names.zip = (archive_format(u->a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
		u->copied = !names.zip && archive_filter_count(u->a) <= 1 &&
			    (archive_format(u->a) & ARCHIVE_FORMAT_BASE_MASK) <= ARCHIVE_FORMAT_AR &&
			    archive_entry_size(entry) <= (la_int64_t)u->in->n;
		st = archive_name(&names, archive_entry_pathname(entry), entries, &name, err);
		if (st == CDG_OK && !archive_name_is_litter(buf_cstr(&name)))
			st = archive_entry_read(u, entry, buf_cstr(&name), &over, err);
		if (st == CDG_OK && !over)
			st = archive_pass(u, u->in, &over, err);
	}
	buf_fini(&name);
	if (st == CDG_OK && !over && r == ARCHIVE_EOF && !entries)
		st = extract_problem(u->job, u->in, true, err, "an archive without files");
	if (st == CDG_OK && !over && r < ARCHIVE_WARN)
		st = archive_header_problem(u, r, entries, err);
	return st;
}

static cdg_status
archive_read(extract_job *job, const extract_input *in, int filter, cdg_error *err)
{
	unpack u = { .job = job, .in = in };
	locale_t before = unpack_enter();
	cdg_status st = archive_open(&u, filter, false, err);

	if (st == CDG_OK)
		st = archive_members(&u, err);
	archive_close(&u);
	buf_fini(&u.data);
	unpack_leave(before);
	return st;
}

cdg_status
extract_archive(extract_job *job, const extract_input *in, cdg_error *err)
{
	return archive_read(job, in, ARCHIVE_FILTER_NONE, err);
}

/* tar, cpio and ar can be gone through from the beginning to the end. */
static bool
archive_streams(const char *name, const buf *head)
{
	return extract_sniff(name, (char *)head->p, head->len).format == EXTRACT_ARCHIVE &&
	       memcmp(head->p, "7z", 2) != 0 && memcmp(head->p, "Rar", 3) != 0;
}

static cdg_status
archive_one(unpack *u, const char *name, int filter, bool *stream, cdg_error *err)
{
	struct archive_entry *entry;
	unpack_end end = UNPACK_DONE;
	char why[256];

	CDG_TRY(archive_open(u, filter, true, err));
	if (archive_read_next_header(u->a, &entry) < ARCHIVE_WARN)
		return extract_problem(u->job, u->in, false, err, "damaged: %s", unpack_why(u, why, sizeof why));
	CDG_TRY(unpack_read(u, 4096, &end, err));
	*stream = u->data.len > 8 && archive_streams(name, &u->data);
	return *stream ? CDG_OK : unpack_member(u, name, &end, err);
}

cdg_status
extract_compressed(extract_job *job, const extract_input *in, cdg_error *err)
{
	unpack u = { .job = job, .in = in };
	int filter = archive_filter(in);
	locale_t before = unpack_enter();
	cdg_status st;
	bool stream = false;
	buf name;

	buf_init(&name);
	st = archive_name_unpacked(in->name, &name, err);
	if (st == CDG_OK)
		st = archive_one(&u, buf_cstr(&name), filter, &stream, err);
	archive_close(&u);
	buf_fini(&u.data);
	buf_fini(&name);
	if (st == CDG_OK && stream)
		st = archive_read(job, in, filter, err);
	unpack_leave(before);
	return st;
}

void
extract_archive_init(void)
{
	unpack_init();
}
