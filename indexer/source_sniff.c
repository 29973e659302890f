/* source_sniff.c - see source_sniff.h.
 *
 * What the bytes are, extract/format.h tells; here it is decided what an indexer does
 * with them, which also depends on how it came to the file.  Pure functions.
 */
#include "indexer/source_sniff.h"

#include <strings.h>

#include "extract/format.h"
#include "extract/read_csv.h"

/* path without its folders, and without .gz and the like when what is in it counts. */
static const char *
sniff_name(const char *path, bool compressed, char *room, size_t cap)
{
	static const char *const packed[] = { ".gz", ".gzip", ".zst", ".zstd", ".lz4", ".xz" };
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t n = strlen(base);

	for (size_t i = 0; compressed && i < countof(packed); i++) {
		size_t k = strlen(packed[i]);

		if (n <= k || n - k >= cap || strcasecmp(base + n - k, packed[i]) != 0)
			continue;
		memcpy(room, base, n - k);
		room[n - k] = 0;
		return room;
	}
	return base;
}

static bool
sniff_is_json_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot > name && strcasecmp(dot, ".json") == 0;
}

static const char *
sniff_skip_space(const char *s, const char *end)
{
	if (end - s >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;
	while (s < end && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n'))
		s++;
	return s;
}

const char *
source_sniff_records(const char *head, size_t n)
{
	const char *end = head + n, *s = sniff_skip_space(head, end);

	if (s < end && *s == '[')
		return "a JSON array is not a record file: write one object a line, "
		       "for example with jq -c '.[]'";
	if (s < end && *s == '{') {
		for (s++; s < end && (*s == ' ' || *s == '\t' || *s == '\r'); s++)
			;
		if (s < end && *s == '\n')
			return "JSON objects over several lines: write one object a line, "
			       "for example with jq -c .";
	}
	return NULL;
}

static source_sniff
sniff_result(source_format format, const char *why, bool failed)
{
	source_sniff r = { format, why, failed };

	return r;
}

static source_sniff
sniff_json_named(const char *head, size_t n, bool jsonl)
{
	const char *why = source_sniff_records(head, n);
	const char *s = sniff_skip_space(head, head + n);

	if (why)
		return sniff_result(SOURCE_AUTO, why, true);
	if (jsonl || (s < head + n && *s == '{'))
		return sniff_result(SOURCE_JSONL, NULL, false);
	return sniff_result(SOURCE_AUTO, "JSON that is not records", false);
}

/* Text of no known name: a file that was named itself or has no ending is taken; with an
 * ending that is not known it may be anything (source code, settings, ...). */
static source_sniff
sniff_plain(const char *name, bool named, bool known, const char *head, size_t n)
{
	const char *s = sniff_skip_space(head, head + n);

	if (known || (!named && n && !extract_has_ending(name)))
		return sniff_result(SOURCE_TEXT, NULL, false);
	if (!named)
		return sniff_result(SOURCE_AUTO, n ? extract_why_unnamed : "an empty file", false);
	return sniff_result(s < head + n && *s == '{' ? SOURCE_JSONL : SOURCE_TEXT, NULL, false);
}

source_sniff
source_sniff_format(const char *path, bool compressed, bool named, const char *head, size_t n, bool images)
{
	char room[256];
	const char *name = sniff_name(path, compressed, room, sizeof room);
	extract_format by_name = extract_format_named(name);
	extract_sniffed found = extract_sniff(name, head, n);
	source_sniff r;

	if (n == 0)
		found.format = by_name == EXTRACT_UNKNOWN ? EXTRACT_TEXT : by_name;
	if (found.format == EXTRACT_JSONL || (found.format == EXTRACT_TEXT && sniff_is_json_name(name)))
		return sniff_json_named(head, n, found.format == EXTRACT_JSONL);
	switch (found.format) {
	case EXTRACT_IMAGE:
		return images ? sniff_result(SOURCE_DOCUMENT, NULL, false) : sniff_result(SOURCE_AUTO, found.why, false);
	case EXTRACT_UNKNOWN:
		return sniff_result(SOURCE_AUTO, found.why, false);
	case EXTRACT_CSV:
		/* one without a column of text is a document, unless it was said to be records */
		return sniff_result(read_csv_is_table(head, n) ? SOURCE_DOCUMENT : SOURCE_CSV, NULL, false);
	case EXTRACT_TEXT:
		r = sniff_plain(name, named, by_name == EXTRACT_TEXT, head, n);
		break;
	case EXTRACT_MARKDOWN:
		r = sniff_result(SOURCE_MARKDOWN, NULL, false);
		break;
	case EXTRACT_HTML:
		r = sniff_result(SOURCE_HTML, NULL, false);
		break;
	default:
		r = sniff_result(SOURCE_DOCUMENT, NULL, false);
	}
	/* what is compressed and no record file is unpacked by cdg-extract */
	if (compressed && r.format != SOURCE_AUTO && r.format != SOURCE_JSONL)
		r.format = SOURCE_DOCUMENT;
	return r;
}
