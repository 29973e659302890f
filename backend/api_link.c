/* api_link.c - where a viewer finds a snippet: the page of a PDF, by the fragment
 * `#page=N` that browsers and viewers understand (RFC 8118). */
#include "backend/api.h"

static const char *
link_field(const api_hit *hit, const char *name)
{
	for (size_t i = 0; i < hit->nfields; i++)
		if (hit->fields[i].name && !strcmp(hit->fields[i].name, name))
			return hit->fields[i].value ? hit->fields[i].value : "";
	return "";
}

/* A path as part of a URL (RFC 3986): what may not stand there as it is, by its bytes. */
static void
link_path(buf *out, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/!$&'()*+,;=@";

	buf_puts(out, *path == '/' ? "file://" : "");
	for (; *path; path++)
		if (strchr(plain, *path))
			buf_put_u8(out, (uint8_t)*path);
		else
			buf_printf(out, "%%%02X", (unsigned char)*path);
}

const char *
api_link(arena *mem, const api_hit *hit, const char *page)
{
	const char *path = link_field(hit, "path"), *url = hit->url ? hit->url : "", *link;
	size_t n = strlen(page);
	buf out;

	if (strcmp(link_field(hit, "format"), "pdf") != 0 || !n || strspn(page, "0123456789") != n)
		return NULL;
	buf_init(&out);
	if (*url)
		buf_put(&out, url, strcspn(url, "#"));
	else
		link_path(&out, *path ? path : hit->id);
	buf_printf(&out, "#page=%s", page);
	link = out.failed ? NULL : arena_strndup(mem, (char *)out.p, out.len);
	mem->failed |= out.failed;
	buf_fini(&out);
	return link;
}
