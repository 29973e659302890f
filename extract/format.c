/* format.c - see format.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "extract/format.h"

#include "extract/word.h"

static const struct {
	const char *bytes;
	uint16_t n, at;
	extract_format format;
	const char *why;
} format_magic[] = {
	{ "%PDF-", 5, 0, EXTRACT_PDF, NULL },
	{ "PK\3\4", 4, 0, EXTRACT_ZIP, NULL },
	{ "PK\5\6", 4, 0, EXTRACT_UNKNOWN, "an empty zip archive" },
	{ "{\\rtf", 5, 0, EXTRACT_RTF, NULL },
	{ "WARC/", 5, 0, EXTRACT_WARC, NULL },
	{ "7z\xbc\xaf\x27\x1c", 6, 0, EXTRACT_ARCHIVE, NULL },
	{ "ustar", 5, 257, EXTRACT_ARCHIVE, NULL },
	{ "Rar!\x1a\x07", 6, 0, EXTRACT_ARCHIVE, NULL },
	{ "!<arch>\n", 8, 0, EXTRACT_ARCHIVE, NULL },
	{ "070701", 6, 0, EXTRACT_ARCHIVE, NULL },
	{ "070702", 6, 0, EXTRACT_ARCHIVE, NULL },
	{ "070707", 6, 0, EXTRACT_ARCHIVE, NULL },
	{ "\xc7\x71", 2, 0, EXTRACT_ARCHIVE, NULL },
	{ "CD001", 5, 0x8001, EXTRACT_ARCHIVE, NULL },
	{ "\x1f\x8b", 2, 0, EXTRACT_COMPRESSED, NULL },
	{ "BZh", 3, 0, EXTRACT_COMPRESSED, NULL },
	{ "\xfd" "7zXZ", 5, 0, EXTRACT_COMPRESSED, NULL },
	{ "\x28\xb5\x2f\xfd", 4, 0, EXTRACT_COMPRESSED, NULL },
	{ "\x04\x22\x4d\x18", 4, 0, EXTRACT_COMPRESSED, NULL },
	{ "\x1f\x9d", 2, 0, EXTRACT_COMPRESSED, NULL },
	{ "LZIP\1", 5, 0, EXTRACT_COMPRESSED, NULL },
	{ "\xd0\xcf\x11\xe0", 4, 0, EXTRACT_OLE, NULL },
	{ "%!PS", 4, 0, EXTRACT_UNKNOWN, "PostScript: convert it with ps2pdf" },
	{ "\x89PNG", 4, 0, EXTRACT_IMAGE, "an image" },
	{ "\xff\xd8\xff", 3, 0, EXTRACT_IMAGE, "an image" },
	{ "GIF8", 4, 0, EXTRACT_UNKNOWN, "an image" },
	{ "II*\0", 4, 0, EXTRACT_IMAGE, "an image" },
	{ "MM\0*", 4, 0, EXTRACT_IMAGE, "an image" },
	{ "\x7f" "ELF", 4, 0, EXTRACT_UNKNOWN, "a program" },
	{ "SQLite format 3", 15, 0, EXTRACT_UNKNOWN, "a database" },
};

/* By name, where content is text of some kind. */
static const struct {
	const char *ext;
	extract_format format;
} format_ext[] = {
	{ "csv", EXTRACT_CSV },	      { "eml", EXTRACT_MAIL },	  { "emlx", EXTRACT_MAIL },
	{ "htm", EXTRACT_HTML },      { "html", EXTRACT_HTML },	  { "jsonl", EXTRACT_JSONL },
	{ "markdown", EXTRACT_MARKDOWN }, { "mbox", EXTRACT_MBOX }, { "md", EXTRACT_MARKDOWN },
	{ "mht", EXTRACT_MAIL },      { "mhtml", EXTRACT_MAIL },  { "ndjson", EXTRACT_JSONL },
	{ "adoc", EXTRACT_TEXT },     { "log", EXTRACT_TEXT },	  { "org", EXTRACT_TEXT },
	{ "rst", EXTRACT_TEXT },      { "tex", EXTRACT_TEXT },
	{ "text", EXTRACT_TEXT },     { "tsv", EXTRACT_CSV },	  { "txt", EXTRACT_TEXT },
	{ "xhtml", EXTRACT_HTML },    { "xml", EXTRACT_XML },
};

/* A tar of before POSIX has no mark but the sum of its first header. */
static bool
format_is_old_tar(const char *head, size_t n)
{
	unsigned sum = 0, said = 0;
	const char *s = head + 148;

	if (n < 512 || !head[0])
		return false;
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)head[i];
	while (s < head + 156 && *s == ' ')
		s++;
	for (; s < head + 156 && *s >= '0' && *s <= '7'; s++)
		said = said * 8 + (unsigned)(*s - '0');
	return sum == said;
}

static extract_sniffed
format_result(extract_format format, const char *why)
{
	extract_sniffed r = { format, why };

	return r;
}

extract_format
extract_format_named(const char *name)
{
	const char *slash = strrchr(name, '/'), *dot;

	name = slash ? slash + 1 : name;
	dot = strrchr(name, '.');
	for (size_t i = 0; dot && dot > name && i < countof(format_ext); i++)
		if (strcasecmp(dot + 1, format_ext[i].ext) == 0)
			return format_ext[i].format;
	return EXTRACT_UNKNOWN;
}

static const char *
format_skip_space(const char *s, const char *end)
{
	if (end - s >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;
	while (s < end && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n'))
		s++;
	return s;
}

/* Behind comments, processing instructions and a document type: <html> or another. */
static extract_format
format_markup(const char *s, const char *end)
{
	bool xml = false;

	s = format_skip_space(s, end);
	for (;;) {
		const char *close;

		if (s >= end || *s != '<')
			return xml ? EXTRACT_XML : EXTRACT_UNKNOWN;
		if (word_starts(s, end, "<!doctype html") || word_starts(s, end, "<html") ||
		    word_starts(s, end, "<head") || word_starts(s, end, "<body"))
			return EXTRACT_HTML;
		if (s + 1 == end || (s[1] != '?' && s[1] != '!'))
			return xml ? EXTRACT_XML : EXTRACT_UNKNOWN;
		xml |= word_starts(s, end, "<?xml") || word_starts(s, end, "<!doctype");
		close = word_starts(s, end, "<!--") ? (const char *)memmem(s, (size_t)(end - s), "-->", 3) : NULL;
		close = close ? close + 2 : memchr(s, '>', (size_t)(end - s));
		if (!close)
			return xml ? EXTRACT_XML : EXTRACT_UNKNOWN;
		s = format_skip_space(close + 1, end);
	}
}

/* A header line that begins a message, or the line between those of an mbox. */
static extract_format
format_mail(const char *s, const char *end)
{
	static const char *const headers[] = { "Received:", "Return-Path:", "From:", "Date:", "Subject:", "Message-ID:",
					       "MIME-Version:", "Delivered-To:", "X-Mozilla-Status:",
					       "Path:", "Newsgroups:", "References:", "To:", "Content-Type:",
					       "Snapshot-Content-Location:" };
	const char *nl = memchr(s, '\n', (size_t)(end - s));
	unsigned found = 0;
	size_t digits = 0;

	/* Apple Mail puts the size before a message */
	while (digits < 12 && s + digits < end && s[digits] >= '0' && s[digits] <= '9')
		digits++;
	if (digits && nl && s + digits <= nl && nl - (s + digits) < 8)
		s = nl + 1;

	if (word_starts(s, end, "From ") && memchr(s, '\n', (size_t)(end - s)))
		return EXTRACT_MBOX;
	for (unsigned line = 0; line < 40 && s < end && *s != '\n' && *s != '\r'; line++) {
		nl = memchr(s, '\n', (size_t)(end - s));
		for (size_t i = 0; i < countof(headers); i++)
			found |= word_starts(s, end, headers[i]) ? 1u << i : 0;
		if (!nl)
			break;
		s = nl + 1;
	}
	return __builtin_popcount(found) >= 3 ? EXTRACT_MAIL : EXTRACT_UNKNOWN;
}

/* Control characters that no text has; UTF-16 is let through. */
static bool
format_is_binary(const char *head, size_t n)
{
	size_t odd = 0, zeros = 0;

	if (n >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)head[i];

		zeros += c == 0;
		odd += (c && c < 9) || (c > 13 && c < 27) || (c > 27 && c < 32);
	}
	if (zeros > n / 4 && zeros <= n / 2)
		zeros = 0;
	return odd + zeros > n / 16;
}

extract_sniffed
extract_sniff(const char *name, const char *head, size_t n)
{
	extract_format named = extract_format_named(name), found;

	for (size_t i = 0; i < countof(format_magic); i++)
		if (n >= (size_t)format_magic[i].at + format_magic[i].n &&
		    memcmp(head + format_magic[i].at, format_magic[i].bytes, format_magic[i].n) == 0)
			return format_result(format_magic[i].format, format_magic[i].why);
	n = n < 4096 ? n : 4096;
	if (n == 0)
		return format_result(EXTRACT_UNKNOWN, "an empty file");
	if (named == EXTRACT_JSONL) /* broken records are named one by one */
		return format_result(named, NULL);
	if (format_is_old_tar(head, n))
		return format_result(EXTRACT_ARCHIVE, NULL);
	if (format_is_binary(head, n))
		return format_result(EXTRACT_UNKNOWN, "a binary file of unknown type");
	if (named == EXTRACT_CSV || named == EXTRACT_MARKDOWN)
		return format_result(named, NULL);
	found = format_markup(head, head + n);
	if (found == EXTRACT_UNKNOWN)
		found = format_mail(head, head + n);
	/* an .xhtml page begins as XML does */
	if (found == EXTRACT_UNKNOWN || (found == EXTRACT_XML && named == EXTRACT_HTML))
		found = named == EXTRACT_UNKNOWN ? EXTRACT_TEXT : named;
	return format_result(found, NULL);
}

extract_sniffed
extract_sniff_as(const char *name, const char *type, const char *head, size_t n)
{
	static const struct {
		const char *type;
		extract_format format;
	} types[] = {
		{ "text/html", EXTRACT_HTML },	      { "application/xhtml+xml", EXTRACT_HTML },
		{ "text/markdown", EXTRACT_MARKDOWN }, { "text/csv", EXTRACT_CSV },
		{ "message/rfc822", EXTRACT_MAIL },   { "application/x-ndjson", EXTRACT_JSONL },
		{ "application/mbox", EXTRACT_MBOX },
	};
	extract_sniffed r = extract_sniff(type ? "" : name, head, n);

	if (!type || (r.format != EXTRACT_TEXT && r.format != EXTRACT_XML))
		return r;
	for (size_t i = 0; i < countof(types); i++)
		if (strcmp(type, types[i].type) == 0 && (r.format == EXTRACT_TEXT || types[i].format == EXTRACT_HTML))
			return format_result(types[i].format, NULL);
	return strcmp(type, "text/plain") == 0 ? r : extract_sniff(name, head, n);
}

const char *const extract_why_unnamed = "text of a type that is not known by its name";

bool
extract_has_ending(const char *name)
{
	const char *slash = strrchr(name, '/'), *dot, *s;
	bool letter = false;

	name = slash ? slash + 1 : name;
	dot = strrchr(name, '.');
	if (!dot || dot == name || strlen(dot + 1) > 8)
		return false;
	for (s = dot + 1; *s; s++) {
		bool alpha = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');

		if (!alpha && (*s < '0' || *s > '9'))
			return false;
		letter |= alpha;
	}
	return letter;
}

const char *
extract_format_name(extract_format format)
{
	static const char *const names[EXTRACT_FORMATS] = {
		"unknown", "text", "markdown", "html", "xml", "pdf", "rtf", "zip", "archive",
		"compressed", "warc", "mail", "mbox", "csv", "jsonl", "ole", "image",
	};

	return names[format < EXTRACT_FORMATS ? format : EXTRACT_UNKNOWN];
}
