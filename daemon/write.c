/* write.c - changes over HTTP, for who has the token: POST /docs, DELETE /docs/ID.
 *
 * Off without a token file.  A request is one commit, all of it or nothing; one at a time
 * writes to an index, and while another program does, the answer is 503.
 */
#include <errno.h>
#include <strings.h>

#include "backend/api.h"
#include "base/err.h"
#include "daemon/handlers.h"
#include "daemon/settings.h"
#include "daemon/site.h"
#include "daemon/trouble.h"

enum { WRITER_MEMORY = 64 << 20 };

/* Equal, in a time that says nothing about where they differ. */
static bool
same_secret(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned char differ = na != nb;

	for (size_t i = 0; i < na; i++)
		differ |= (unsigned char)(a[i] ^ b[nb ? i % nb : 0]);
	return !differ && nb;
}

bool
write_is_allowed(const web_call *c)
{
	const char *said = c->method == WEB_GET ? NULL : web_header(c, "Authorization"), *token = c->set->token;

	if (!token || !said || strncasecmp(said, "Bearer ", 7))
		return false;
	said += 7;
	return same_secret(said, strlen(said), token, strlen(token));
}

static bool
may_write(web_call *c)
{
	if (write_is_allowed(c))
		return true;
	if (!c->set->token) {
		web_problem(c, 403, CDG_E_ARG, "changes are switched off; the operator can allow them by token-file");
		return false;
	}
	web_problem(c, 401, CDG_E_ARG, "a token is needed: Authorization: Bearer TOKEN");
	web_head(c, "WWW-Authenticate", "Bearer");
	return false;
}

/* Only an index that is there: a writer would make a new one in the place of one that was taken
 * away, and what was sent last would be all there is. */
static cdg_status
open_writer(web_call *c, cdg_writer **out, cdg_error *err)
{
	cdg_writer_config *config;
	cdg_status st;

	*out = NULL;
	site_look(c->at);
	if (site_error(c->at, err) != CDG_OK)
		return err->status;
	st = cdg_writer_config_new(&config, err);
	if (st == CDG_OK)
		st = cdg_writer_config_set_threads(config, 1, err);
	if (st == CDG_OK)
		st = cdg_writer_config_set_memory(config, WRITER_MEMORY, err);
	if (st == CDG_OK)
		st = cdg_writer_open(site_path(c->at), config, out, err);
	cdg_writer_config_free(config);
	return st;
}

/* An error has no errno, but says what the system says of one. */
static bool
is_full(const cdg_error *err)
{
	const int causes[] = { ENOSPC, EDQUOT, EFBIG };

	for (size_t i = 0; err->status == CDG_E_IO && i < countof(causes); i++)
		if (strstr(err->message, strerror(causes[i])))
			return true;
	return false;
}

/* Errors of a write name no paths: the client is outside. */
static void
write_failed(web_call *c, const cdg_error *err)
{
	if (err->status == CDG_E_INPUT || err->status == CDG_E_ARG || err->status == CDG_E_LIMIT) {
		web_fail(c, err);
		return;
	}
	if (err->status != CDG_E_BUSY)
		trouble(site_name(c->at), err);
	if (is_full(err)) { /* a second later it is as full */
		web_problem(c, 507, CDG_E_IO, "the disk of the index is full; nothing was changed");
		return;
	}
	web_problem(c, 503, err->status,
		    err->status == CDG_E_BUSY ? "another writer has the index; try again" : "the index cannot be written");
	web_head(c, "Retry-After", "1");
}

static bool
is_blank(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr(" \t\r\n", p[i]) || !p[i])
			return false;
	return true;
}

/* Each line of the body, or (application/json) all of it, is a record. */
static cdg_status
add_records(web_call *c, cdg_writer *w, cdg_error *err)
{
	const char *type = web_header(c, "Content-Type"), *p = (const char *)c->body.p;
	bool one = type && !strncasecmp(type, "application/json", 16) && (!type[16] || type[16] == ';' || type[16] == ' ');
	size_t left = c->body.len, line = 0, records = 0;

	while (left) {
		const char *end = one ? NULL : memchr(p, '\n', left);
		size_t n = end ? (size_t)(end - p) : left;
		cdg_error why;

		line++;
		if (!is_blank(p, n)) {
			cdg_status st = cdg_writer_add_record(w, p, n, &why);

			records++;
			if (st != CDG_OK)
				return one ? err_set(err, st, "%s", why.message)
					   : err_set(err, st, "line %zu: %s; nothing was changed", line, why.message);
		}
		n += end != NULL;
		p += n;
		left -= n;
	}
	return records ? CDG_OK : err_set(err, CDG_E_INPUT, "there is no record in the body");
}

static void
tell(web_call *c, const cdg_writer *w)
{
	const cdg_index *index;

	site_look(c->at); /* so that the next request sees it */
	index = site_take(c->at, NULL);
	c->type = "application/json";
	buf_printf(&c->out, "{\"documents\":%llu,\"replaced\":%llu,\"deleted\":%llu,\"total\":%llu,\"generation\":%llu}\n",
		   (unsigned long long)cdg_writer_get(w, CDG_WRITER_DOCUMENTS),
		   (unsigned long long)cdg_writer_get(w, CDG_WRITER_REPLACED),
		   (unsigned long long)cdg_writer_get(w, CDG_WRITER_DELETED),
		   (unsigned long long)(index ? cdg_index_documents(index) : 0),
		   (unsigned long long)(index ? cdg_index_generation(index) : 0));
	site_give(c->at, index);
}

void
answer_add(web_call *c)
{
	cdg_writer *w = NULL;
	cdg_error err;
	cdg_status st;

	if (!may_write(c))
		return;
	if (c->body.failed) {
		web_no_memory(c);
		return;
	}
	site_write_lock(c->at);
	st = open_writer(c, &w, &err);
	if (st == CDG_OK)
		st = add_records(c, w, &err);
	if (st == CDG_OK)
		st = cdg_writer_commit(w, &err);
	if (st == CDG_OK)
		tell(c, w);
	else
		write_failed(c, &err);
	cdg_writer_close(w);
	site_write_unlock(c->at);
}

void
answer_delete(web_call *c)
{
	const web_pair *p = web_param(c, "id");
	const char *id = p ? p->value : strlen(c->path) > 6 ? c->path + 6 : ""; /* behind "/docs/" */
	cdg_writer *w = NULL;
	cdg_error err;
	cdg_status st;
	int found = 0;

	if (!may_write(c))
		return;
	if (!*id) {
		web_problem(c, 400, CDG_E_ARG, "which document? DELETE /docs/ID or /docs?id=ID");
		return;
	}
	site_write_lock(c->at);
	st = open_writer(c, &w, &err);
	if (st == CDG_OK)
		st = cdg_writer_delete(w, id, strlen(id), &found, &err);
	if (st == CDG_OK && found)
		st = cdg_writer_commit(w, &err);
	if (st != CDG_OK)
		write_failed(c, &err);
	else if (!found)
		web_problem(c, 404, CDG_E_NOTFOUND, "there is no document with this id");
	else
		tell(c, w);
	cdg_writer_close(w);
	site_write_unlock(c->at);
}
