/* describe.c - what the site says of itself: to browsers and library systems
 * (OpenSearch 1.1), and to programs (OpenAPI 3.1, from openapi.json beside this file). */
#include "backend/api.h"
#include "daemon/handlers.h"
#include "daemon/settings.h"
#include "daemon/site.h"

/* openapi.json, put into the program by the assembler (daemon.mk knows that it is needed). */
__asm__(".section .rodata\n"
	".global describe_openapi, describe_openapi_end\n"
	"describe_openapi: .incbin \"daemon/openapi.json\"\n"
	"describe_openapi_end: .byte 0\n"
	".previous\n");
extern const uint8_t describe_openapi[], describe_openapi_end[];

/* Text between tags, or in an attribute in double quotes. */
static void
put_xml(buf *out, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '&': buf_puts(out, "&amp;"); break;
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		case '"': buf_puts(out, "&quot;"); break;
		case '\'': buf_puts(out, "&#39;"); break;
		default:
			if ((unsigned char)*s >= 0x20 && *s != 0x7f)
				buf_put_u8(out, (uint8_t)*s);
		}
}

/* OpenSearch allows a short name 16 characters. */
static const char *
short_name(web_call *c)
{
	const char *title = c->set->title, *end = title, *copy;

	for (int n = 0; *end; end++)
		if ((*end & 0xc0) != 0x80 && ++n > 16)
			break;
	copy = arena_strndup(&c->mem, title, (size_t)(end - title));
	return copy ? copy : "";
}

void
answer_opensearch(web_call *c)
{
	static const char *const kinds[] = { "text/html", "application/json" };
	const char *base = web_base(c);
	buf *out = &c->out;

	if (!base)
		return;
	c->type = "application/opensearchdescription+xml; charset=utf-8";
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n  <ShortName>");
	put_xml(out, short_name(c));
	buf_puts(out, "</ShortName>\n  <Description>");
	put_xml(out, c->set->title);
	buf_puts(out, "</Description>\n  <InputEncoding>UTF-8</InputEncoding>\n  <OutputEncoding>UTF-8</OutputEncoding>\n");
	for (size_t i = 0; i < countof(kinds); i++) {
		buf_printf(out, "  <Url type=\"%s\" method=\"get\" template=\"", kinds[i]);
		put_xml(out, base);
		buf_printf(out, "/search?q={searchTerms}&amp;n={count?}&amp;offset={startIndex?}%s\" indexOffset=\"0\"/>\n",
			   i ? "&amp;format=json" : "");
	}
	buf_puts(out, "  <Url type=\"application/x-suggestions+json\" method=\"get\" template=\"");
	put_xml(out, base);
	buf_puts(out, "/suggest?q={searchTerms}&amp;format=opensearch\"/>\n</OpenSearchDescription>\n");
	web_head(c, "Cache-Control", "max-age=3600");
}

void
answer_openapi(web_call *c)
{
	c->type = "application/vnd.oai.openapi+json;version=3.1";
	c->fixed = true;
	c->fixed_body = describe_openapi;
	c->fixed_len = (size_t)(describe_openapi_end - describe_openapi);
	web_head(c, "Cache-Control", "max-age=3600");
}
