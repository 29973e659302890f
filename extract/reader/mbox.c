/* mbox.c - boxes of messages (mboxo, mboxrd, mboxcl, mboxcl2) as folders.
 *
 * A message begins with a line "From ..." at the beginning or behind a blank line, if what
 * follows looks like a header; or where the Content-Length of the one before says.  It is
 * `box/MESSAGE-ID`, so that nothing is renumbered when messages go; the running number
 * where there is no id, or one that was had. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "base/buf.h"
#include "extract/reader/http.h"
#include "extract/reader/readers.h"

enum { MBOX_ID = 200 }; /* longest message id that makes a name */

typedef struct mbox {
	const char *at, *end;
	uint64_t *seen; /* hashes of ids, open addressing; 0: free */
	size_t mask, used;
	uint64_t number;
} mbox;

static bool
mbox_is_from(const char *p, const char *end)
{
	return end - p >= 5 && memcmp(p, "From ", 5) == 0;
}

static const char *
mbox_line(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl ? nl + 1 : end;
}

/* "Name: ", as a header begins; or a quoted ">From ", which old programs put there. */
static bool
mbox_is_header(const char *p, const char *end)
{
	const char *from = p;

	if (end - p >= 6 && memcmp(p, ">From ", 6) == 0)
		return true;
	while (p < end && p - from < 100 && *p > ' ' && *p != ':' && *p < 127)
		p++;
	return p < end && p > from && *p == ':';
}

static bool
mbox_starts(const char *p, const char *end)
{
	return mbox_is_from(p, end) && mbox_is_header(mbox_line(p, end), end);
}

/* Where the next message begins, from the first line of this one's body on. */
static const char *
mbox_find(const char *body, const char *end)
{
	bool blank = true;

	for (const char *p = body; p < end;) {
		const char *next = mbox_line(p, end);

		if (blank && mbox_starts(p, end))
			return p;
		blank = *p == '\n' || (*p == '\r' && next - p == 2);
		p = next;
	}
	return end;
}

/* The end of the body, if Content-Length is true: it ends the box, or another follows. */
static const char *
mbox_length(doc_str head, const char *end)
{
	const char *body = head.p + head.n, *p;
	uint64_t n;

	if (!http_number(http_header(head, "Content-Length"), &n) || n > (size_t)(end - body))
		return NULL;
	p = body + n;
	if (p > body && p < end && p[-1] != '\n' && *p != '\n' && *p != '\r')
		return NULL;
	while (p < end && (*p == '\n' || *p == '\r'))
		p++;
	return p == end || mbox_starts(p, end) ? p : NULL;
}

/* One '>' off the lines that were given one. */
static void
mbox_unquote(const char *p, const char *end, buf *out)
{
	out->len = 0;
	while (p < end) {
		const char *next = mbox_line(p, end), *q = p;

		while (q < next && *q == '>')
			q++;
		if (q > p && mbox_is_from(q, next))
			p++;
		buf_put(out, p, (size_t)(next - p));
		p = next;
	}
}

/* False: it was had before. */
static bool
mbox_remember(mbox *m, doc_str id, bool *nomem)
{
	uint64_t h = XXH3_64bits(id.p, id.n) | 1;
	size_t i;

	if (m->used * 2 >= m->mask) {
		size_t n = m->mask ? 2 * (m->mask + 1) : 1024;
		uint64_t *table = mem_calloc(n, sizeof *table);

		if (!table) {
			*nomem = true;
			return false;
		}
		for (size_t k = 0; m->mask && k <= m->mask; k++) {
			if (!m->seen[k])
				continue;
			for (i = m->seen[k] & (n - 1); table[i]; i = (i + 1) & (n - 1))
				;
			table[i] = m->seen[k];
		}
		mem_free(m->seen);
		m->seen = table;
		m->mask = n - 1;
	}
	for (i = h & m->mask; m->seen[i]; i = (i + 1) & m->mask)
		if (m->seen[i] == h)
			return false;
	m->seen[i] = h;
	m->used++;
	return true;
}

static cdg_status
mbox_name(mbox *m, doc_str head, char *out, size_t cap, cdg_error *err)
{
	doc_str id = http_header(head, "Message-ID");
	const char *open = id.n ? memchr(id.p, '<', id.n) : NULL;
	const char *close = open ? memchr(open, '>', id.n - (size_t)(open - id.p)) : NULL;
	bool nomem = false, fine = close && close - open > 1 && close - open <= MBOX_ID;

	for (const char *p = open; fine && p < close; p++)
		fine = *p > ' ' && *p < 127;
	if (fine)
		fine = mbox_remember(m, read_str(open + 1, (size_t)(close - open - 1)), &nomem);
	if (nomem)
		return err_nomem(err);
	if (fine)
		snprintf(out, cap, "%.*s", (int)(close - open - 1), open + 1);
	else
		snprintf(out, cap, "%llu", (unsigned long long)m->number);
	return CDG_OK;
}

/* The message at m->at, behind its line "From ". */
static cdg_status
mbox_message(mbox *m, extract_job *job, const extract_input *in, buf *room, cdg_error *err)
{
	const char *from = mbox_line(m->at, m->end), *body, *next;
	size_t head = http_head(from, (size_t)(m->end - from));
	extract_input inner = { .content_type = "message/rfc822" };
	bool exact;
	char name[MBOX_ID + 32];

	body = head ? from + head : m->end;
	next = head ? mbox_length(read_str(from, head), m->end) : NULL;
	/* a length that is true, over lines that nobody has quoted */
	exact = next && mbox_find(body, next) < next;
	next = next ? next : mbox_find(body, m->end);
	m->number++;
	CDG_TRY(mbox_name(m, read_str(from, (size_t)(body - from)), name, sizeof name, err));
	m->at = next;
	if ((uint64_t)(next - from) > job->limits.member)
		return extract_member_problem(job, in, name, false, err, "larger than %llu bytes",
					      (unsigned long long)job->limits.member);
	room->len = 0;
	if (exact)
		buf_put(room, from, (size_t)(next - from));
	else
		mbox_unquote(from, next, room);
	if (room->failed)
		return err_nomem(err);
	inner.data = room->p ? (char *)room->p : "";
	inner.n = room->len;
	return extract_member(job, in, name, &inner, err);
}

/* One message that some program has saved as if in a box: "x.eml" is its name then. */
static bool
mbox_is_single(const extract_input *in, const char *from)
{
	size_t n = strlen(in->name), head = http_head(from, (size_t)(in->data + in->n - from));

	return n > 4 && strcasecmp(in->name + n - 4, ".eml") == 0 && head &&
	       mbox_find(from + head, in->data + in->n) == in->data + in->n;
}

cdg_status
extract_mbox(extract_job *job, const extract_input *in, cdg_error *err)
{
	mbox m = { .at = in->data, .end = in->data + in->n };
	extract_input inner = *in;
	cdg_status st = CDG_OK;
	buf room;

	buf_init(&room);
	while (m.at < m.end && (*m.at == '\n' || *m.at == '\r'))
		m.at++;
	inner.data = mbox_is_from(m.at, m.end) ? mbox_line(m.at, m.end) : m.at;
	inner.n = (size_t)(m.end - inner.data);
	if (inner.data == m.at || mbox_is_single(in, inner.data))
		st = extract_mail(job, &inner, err);
	else
		while (st == CDG_OK && m.at < m.end)
			st = mbox_message(&m, job, in, &room, err);
	buf_fini(&room);
	mem_free(m.seen);
	return st;
}
