/* archive.c - archives as folders, and compressed files, by libarchive.
 *
 * `archive.tar/inner/name.html` is the document of a member; a compressed file
 * `name.html.gz` is a folder of one, `name.html.gz/name.html`, unless a tar or cpio is in
 * it, which is gone through without being held.  Folders, links and devices are passed
 * over, and so is what macOS and Windows leave behind (._name, __MACOSX, .DS_Store,
 * Thumbs.db).  Names that are not UTF-8 are guessed, in a zip from all of them. */

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <time.h>

#include "extract/read_encoding.h"
#include "extract/reader/archive_name.h"
#include "extract/reader/readers.h"
#include "extract/reader/unpack.h"

/* What the names of a zip are in, all of them together: one is too little to tell. */
static const char *
archive_guess_names(const extract_input *in)
{
	unpack u = { .in = in };
	struct archive_entry *entry;
	const char *charset = NULL;
	buf names;

	buf_init(&names);
	if (unpack_open(&u, ARCHIVE_FILTER_NONE, false, NULL) == CDG_OK)
		while (names.len < (64 << 10) && archive_read_next_header(u.a, &entry) >= ARCHIVE_WARN) {
			const char *name = archive_entry_pathname(entry);

			if (name)
				buf_puts(&names, name);
			buf_put_u8(&names, '\n');
		}
	if (!names.failed)
		charset = archive_name_charset((char *)names.p, names.len);
	buf_fini(&names);
	unpack_close(&u);
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
	return extract_problem(u->job, in, false, err, "unpacks to more than %d times its size: left", EXTRACT_RATIO);
}

static cdg_status
archive_header_problem(unpack *u, uint64_t entries, cdg_error *err)
{
	char why[256];

	if (u->opened && archive_read_has_encrypted_entries(u->a) > 0)
		return extract_problem(u->job, u->in, false, err, "encrypted: unpack it with its password");
	return extract_problem(u->job, u->in, false, err, "damaged archive: %s (%llu entries before that)",
			       unpack_why(u, why, sizeof why), (unsigned long long)entries);
}

static cdg_status
archive_members(unpack *u, cdg_error *err)
{
	archive_names names = { .guess = archive_guess_names, .in = u->in };
	struct archive_entry *entry;
	uint64_t entries = 0, files = 0;
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
		if (st == CDG_OK && !archive_name_is_litter(buf_cstr(&name)) && ++files)
			st = archive_entry_read(u, entry, buf_cstr(&name), &over, err);
		if (st == CDG_OK && !over)
			st = archive_pass(u, u->in, &over, err);
	}
	buf_fini(&name);
	if (st == CDG_OK && !over && r == ARCHIVE_EOF && !files)
		st = extract_problem(u->job, u->in, true, err, "an archive without files");
	if (st == CDG_OK && !over && r < ARCHIVE_WARN)
		st = archive_header_problem(u, entries, err);
	return st;
}

cdg_status
extract_archive(extract_job *job, const extract_input *in, cdg_error *err)
{
	unpack u = { .job = job, .in = in };
	locale_t before = unpack_enter();
	cdg_status st = unpack_open(&u, unpack_filter(in), false, err);

	if (st == CDG_OK)
		st = archive_members(&u, err);
	unpack_close(&u);
	buf_fini(&u.data);
	unpack_leave(before);
	return st;
}

/* What goes through a compressed file from the beginning to the end, and does not need it
 * in memory; NULL: what is in it has to be held. */
static extract_reader *
archive_streams(const char *name, const buf *head)
{
	extract_format format = extract_sniff(name, (char *)head->p, head->len).format;

	if (format == EXTRACT_WARC)
		return extract_warc;
	if (format != EXTRACT_ARCHIVE || memcmp(head->p, "7z", 2) == 0 || memcmp(head->p, "Rar", 3) == 0)
		return NULL;
	return head->len > 0x8006 && memcmp(head->p + 0x8001, "CD001", 5) == 0 ? NULL : extract_archive;
}

static cdg_status
archive_one(unpack *u, const char *name, extract_reader **stream, cdg_error *err)
{
	struct archive_entry *entry;
	unpack_end end = UNPACK_DONE;
	char why[256];

	CDG_TRY(unpack_open(u, unpack_filter(u->in), true, err));
	if (archive_read_next_header(u->a, &entry) < ARCHIVE_WARN)
		return extract_problem(u->job, u->in, false, err, "damaged: %s", unpack_why(u, why, sizeof why));
	CDG_TRY(unpack_read(u, EXTRACT_HEAD, &end, err));
	*stream = u->data.len ? archive_streams(name, &u->data) : NULL;
	return *stream ? CDG_OK : unpack_member(u, name, &end, err);
}

cdg_status
extract_compressed(extract_job *job, const extract_input *in, cdg_error *err)
{
	unpack u = { .job = job, .in = in };
	extract_reader *stream = NULL;
	locale_t before = unpack_enter();
	cdg_status st;
	buf name;

	buf_init(&name);
	st = archive_name_unpacked(in->name, &name, err);
	if (st == CDG_OK)
		st = archive_one(&u, buf_cstr(&name), &stream, err);
	unpack_close(&u);
	buf_fini(&u.data);
	buf_fini(&name);
	if (st == CDG_OK && stream)
		st = stream(job, in, err);
	unpack_leave(before);
	return st;
}

/* Times in a zip are those of some place; asking which would open /etc/localtime. */
void
extract_archive_init(void)
{
	unpack_init();
	setenv("TZ", "UTC0", 1);
	tzset();
}
