/* asset.c - the files of the page, from the program itself.
 *
 * Their addresses have the hash of what is in them, so that browsers may keep them for good
 * and never show an old one with a new page. */
#include <pthread.h>
#include <stdio.h>
#include <xxhash.h>

#include "daemon/handlers.h"
#include "daemon/page.h"

/* From the folder the compiler runs in, which is that of the Makefile. */
#define ASSET(symbol, file) \
	__asm__(".pushsection .rodata\n" \
		".global asset_" #symbol "\nasset_" #symbol ":\n.incbin \"daemon/assets/" file "\"\n" \
		".global asset_" #symbol "_end\nasset_" #symbol "_end:\n.byte 0\n.popsection\n"); \
	extern const char asset_##symbol[], asset_##symbol##_end[]

ASSET(css, "page.css");
ASSET(js, "page.js");
ASSET(icon, "icon.svg");

static const struct {
	const char *name, *type, *from, *end;
} assets[] = {
	{ "page.css", "text/css; charset=utf-8", asset_css, asset_css_end },
	{ "page.js", "text/javascript; charset=utf-8", asset_js, asset_js_end },
	{ "icon.svg", "image/svg+xml", asset_icon, asset_icon_end },
};

static uint64_t hashes[countof(assets)];
static pthread_once_t hashed = PTHREAD_ONCE_INIT;

static void
hash_all(void)
{
	for (size_t i = 0; i < countof(assets); i++)
		hashes[i] = XXH3_64bits(assets[i].from, (size_t)(assets[i].end - assets[i].from));
}

const char *
asset_url(const char *name, char *to, size_t cap)
{
	pthread_once(&hashed, hash_all);
	for (size_t i = 0; i < countof(assets); i++)
		if (!strcmp(assets[i].name, name))
			snprintf(to, cap, "/static/%012llx/%s", (unsigned long long)(hashes[i] >> 16), name);
	return to;
}

/* GET /static/HASH/NAME.  A hash of another build is answered too, but not to be kept. */
void
answer_static(web_call *c)
{
	const char *name = strrchr(c->path, '/') + 1;
	char url[96];

	for (size_t i = 0; i < countof(assets); i++) {
		if (strcmp(assets[i].name, name))
			continue;
		c->type = assets[i].type;
		buf_put(&c->out, assets[i].from, (size_t)(assets[i].end - assets[i].from));
		web_head(c, "Cache-Control", strcmp(c->path, asset_url(name, url, sizeof url))
						     ? "no-cache" : "public, max-age=31536000, immutable");
		return;
	}
	web_problem(c, 404, CDG_E_NOTFOUND, "there is nothing here");
}
