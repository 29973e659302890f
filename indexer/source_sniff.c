/* source_sniff.c - see source_sniff.h.
 *
 * Content speaks first (a PDF called .txt is a PDF), the name second (JSON
 * lines, CSV, Markdown and plain text look alike).  Pure functions.
 */
#include "indexer/source_sniff.h"

#include <strings.h>

static const struct {
	const char *bytes;
	uint8_t n;
	const char *why;
} sniff_magic[] = {
	{ "%PDF-", 5, "PDF is not read yet" },
	{ "PK\3\4", 4, "a zip archive or office document is not read yet" },
	{ "PK\5\6", 4, "an empty zip archive" },
	{ "\xd0\xcf\x11\xe0", 4, "an old office document is not read yet" },
	{ "{\\rtf", 5, "RTF is not read yet" },
	{ "%!PS", 4, "PostScript is not read" },
	{ "\x89PNG", 4, "an image" },
	{ "\xff\xd8\xff", 3, "an image" },
	{ "GIF8", 4, "an image" },
	{ "BZh", 3, "bzip2 is not read; gzip, zstd, lz4 and xz are" },
	{ "7z\xbc\xaf", 4, "a 7-Zip archive is not read" },
	{ "\x7f" "ELF", 4, "a program" },
	{ "SQLite format 3", 15, "a database" },
};

static const struct {
	const char *ext;
	source_format format;
} sniff_ext[] = {
	{ "jsonl", SOURCE_JSONL },  { "ndjson", SOURCE_JSONL },  { "csv", SOURCE_CSV },
	{ "tsv", SOURCE_CSV },	    { "txt", SOURCE_TEXT },	 { "text", SOURCE_TEXT },
	{ "md", SOURCE_MARKDOWN },  { "markdown", SOURCE_MARKDOWN }, { "html", SOURCE_HTML },
	{ "htm", SOURCE_HTML },	    { "xhtml", SOURCE_HTML },
};

static const char *
sniff_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The extension; for a compressed file the one before .gz and the like. */
static size_t
sniff_extension(const char *path, bool compressed, const char **ext)
{
	const char *base = sniff_base(path), *end = base + strlen(base), *s;

	for (int i = 0;; i++) {
		for (s = end; s > base && s[-1] != '.';)
			s--;
		if (s == base) /* no dot, or only a leading one */
			return 0;
		*ext = s;
		if (i || !compressed ||
		    !(strcasecmp(s, "gz") == 0 || strcasecmp(s, "zst") == 0 ||
		      strcasecmp(s, "lz4") == 0 || strcasecmp(s, "xz") == 0 ||
		      strcasecmp(s, "zstd") == 0 || strcasecmp(s, "gzip") == 0))
			return (size_t)(end - s);
		end = s - 1;
	}
}

static source_format
sniff_by_name(const char *path, bool compressed, bool *json)
{
	const char *ext = NULL;
	size_t n = sniff_extension(path, compressed, &ext);

	*json = n == 4 && strncasecmp(ext, "json", 4) == 0;
	for (size_t i = 0; i < countof(sniff_ext); i++)
		if (n == strlen(sniff_ext[i].ext) && strncasecmp(ext, sniff_ext[i].ext, n) == 0)
			return sniff_ext[i].format;
	return SOURCE_AUTO;
}

static bool
sniff_is_utf16(const char *head, size_t n)
{
	return n >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0);
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

static bool
sniff_is_html(const char *s, const char *end)
{
	static const char *const starts[] = { "<!doctype html", "<html", "<head", "<body" };

	s = sniff_skip_space(s, end);
	for (size_t i = 0; i < countof(starts); i++) {
		size_t n = strlen(starts[i]);
		if ((size_t)(end - s) >= n && strncasecmp(s, starts[i], n) == 0)
			return true;
	}
	return false;
}

/* Control characters that no text has. */
static bool
sniff_is_binary(const char *head, size_t n)
{
	size_t odd = 0, zeros = 0;

	if (sniff_is_utf16(head, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)head[i];
		zeros += c == 0;
		odd += (c && c < 9) || (c > 13 && c < 27) || (c > 27 && c < 32);
	}
	/* UTF-16 without a mark has a zero in nearly every other byte. */
	if (zeros > n / 4 && zeros <= n / 2)
		zeros = 0;
	return odd + zeros > n / 16;
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

source_sniff
source_sniff_format(const char *path, bool compressed, bool named, const char *head, size_t n)
{
	bool json;
	source_format format = sniff_by_name(path, compressed, &json);
	source_sniff r;

	for (size_t i = 0; i < countof(sniff_magic); i++)
		if (n >= sniff_magic[i].n && memcmp(head, sniff_magic[i].bytes, sniff_magic[i].n) == 0)
			return sniff_result(SOURCE_AUTO, sniff_magic[i].why, false);
	if (format == SOURCE_JSONL || json)
		return sniff_json_named(head, n, format == SOURCE_JSONL);
	if (sniff_is_binary(head, n))
		return sniff_result(SOURCE_AUTO, "a binary file of unknown type", false);
	r = sniff_result(format, NULL, false);
	if ((format == SOURCE_AUTO || format == SOURCE_TEXT) && sniff_is_html(head, head + n))
		r.format = SOURCE_HTML;
	else if (format == SOURCE_AUTO && named) {
		const char *s = sniff_skip_space(head, head + n);
		r.format = s < head + n && *s == '{' ? SOURCE_JSONL : SOURCE_TEXT;
	}
	if (r.format == SOURCE_AUTO)
		r.why = "a file of unknown type";
	else if (compressed && r.format != SOURCE_JSONL && r.format != SOURCE_CSV)
		r = sniff_result(SOURCE_AUTO, "a compressed file that does not hold records", false);
	return r;
}
