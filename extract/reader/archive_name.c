/* archive_name.c - see archive_name.h. */
#include "extract/reader/archive_name.h"

#include <strings.h>

#include "extract/read_encoding.h"

/* Letters of MS-DOS (code pages 437 and 850) stand at 80 to a5; in Windows-1252 there is
 * punctuation, and the letters are from c0 on, where MS-DOS draws lines. */
const char *
archive_name_charset(const char *names, size_t n)
{
	const char *found = read_encoding_guess(names, n);
	size_t dos = 0, windows = 0;

	if (strncmp(found, "windows-125", 11) != 0 && strncmp(found, "ISO-8859-", 9) != 0)
		return found;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)names[i];

		dos += c >= 0x80 && c <= 0xa5;
		windows += c >= 0xc0;
	}
	return dos > windows ? "ibm-437" : found;
}

static cdg_status
name_decode(archive_names *names, const char *raw, size_t n, buf *out, const char **view, size_t *len, cdg_error *err)
{
	uint64_t replaced;
	const char *charset;

	if (names->zip && !names->guessed) {
		bool ascii = true;

		for (size_t i = 0; i < n; i++)
			ascii &= (unsigned char)raw[i] < 0x80;
		if (!ascii) {
			names->charset = names->guess(names->in);
			names->guessed = true;
		}
	}
	charset = names->charset ? names->charset : archive_name_charset(raw, n);
	return read_encoding_declared(raw, n, charset, strlen(charset), out, view, len, &replaced, err);
}

/* Parts of a path that lead nowhere or out of it are left out. */
static void
name_path(const char *p, size_t n, buf *out)
{
	const char *end = p + n;

	while (p < end) {
		const char *slash = memchr(p, '/', (size_t)(end - p)), *to = slash ? slash : end;
		size_t part = (size_t)(to - p);

		if (part && !(part == 1 && *p == '.') && !(part == 2 && p[0] == '.' && p[1] == '.')) {
			if (out->len)
				buf_put_u8(out, '/');
			buf_put(out, p, part);
		}
		p = to + 1;
	}
}

cdg_status
archive_name(archive_names *names, const char *raw, uint64_t number, buf *out, cdg_error *err)
{
	const char *view = "";
	size_t len = 0;
	cdg_status st = CDG_OK;
	buf clean;

	buf_init(&clean);
	out->len = 0;
	if (raw && *raw)
		st = name_decode(names, raw, strlen(raw), &clean, &view, &len, err);
	if (st == CDG_OK)
		name_path(view, len, out);
	if (!out->len)
		buf_printf(out, "unnamed-%llu", (unsigned long long)number);
	(void)buf_cstr(out);
	if (st == CDG_OK && out->failed)
		st = err_nomem(err);
	buf_fini(&clean);
	return st;
}

bool
archive_name_is_litter(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	/* the last two: of office documents that are too damaged to be read as such */
	return strncmp(path, "__MACOSX/", 9) == 0 || strstr(path, "/__MACOSX/") || strncmp(base, "._", 2) == 0 ||
	       strcmp(base, ".DS_Store") == 0 || strcasecmp(base, "thumbs.db") == 0 ||
	       strcasecmp(base, "desktop.ini") == 0 || strcmp(path, "[Content_Types].xml") == 0 ||
	       (strlen(base) >= 5 && strcmp(base + strlen(base) - 5, ".rels") == 0);
}

cdg_status
archive_name_unpacked(const char *path, buf *out, cdg_error *err)
{
	static const struct {
		const char *suffix, *instead;
	} suffixes[] = {
		{ ".gz", "" },	    { ".bz2", "" },    { ".xz", "" },	   { ".zst", "" },     { ".lz4", "" },
		{ ".z", "" },	    { ".lz", "" },     { ".bz", "" },	   { ".tgz", ".tar" }, { ".taz", ".tar" },
		{ ".tbz", ".tar" }, { ".tbz2", ".tar" }, { ".txz", ".tar" }, { ".tzst", ".tar" },
	};
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *instead = "";
	size_t n = strlen(base);

	for (size_t i = 0; i < countof(suffixes); i++) {
		size_t k = strlen(suffixes[i].suffix);

		if (n > k && strcasecmp(base + n - k, suffixes[i].suffix) == 0) {
			n -= k;
			instead = suffixes[i].instead;
			break;
		}
	}
	out->len = 0;
	buf_put(out, base, n);
	buf_puts(out, instead);
	(void)buf_cstr(out);
	return out->failed ? err_nomem(err) : CDG_OK;
}
