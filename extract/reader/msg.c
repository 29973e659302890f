/* msg.c - messages that Outlook saved (.msg), with contacts, notes and appointments.
 *
 * As mail.c makes it of a message of the network: the subject is the title, the day on which
 * it was sent the date; fields author, recipients, message-id, in-reply-to, thread.  The text
 * is the plain one, else that in HTML, else that in RTF.  Attached files and messages are
 * documents `mail.msg/report.pdf` with the field parent; pictures that the text shows are
 * passed over.
 *
 * A property stands in a list (numbers) or in a stream of its own, whose name has its number
 * and type; recipients and attachments are storages. */
#include "extract/reader/msg.h"

#include <stdio.h>

#include "base/date.h"
#include "extract/reader/http.h"
#include "extract/reader/meta.h"
#include "extract/reader/office_old.h"
#include "extract/reader/readers.h"

enum { MSG_TOP_HEAD = 32, MSG_INNER_HEAD = 24, MSG_PART_HEAD = 8, MSG_PROPERTY = 16, MSG_PARTS = 10000 };

/* ---- properties ----------------------------------------------------------------------- */

long
msg_find(const msg *m, long storage, unsigned id, unsigned type)
{
	char name[32];

	snprintf(name, sizeof name, "__substg1.0_%04X%04X", id, type);
	return ole_find(m->o, storage, name);
}

cdg_status
msg_string(msg *m, long storage, unsigned id, bool *found, cdg_error *err)
{
	long wide = msg_find(m, storage, id, MSG_WIDE_STRING);
	long bytes = wide == OLE_NONE ? msg_find(m, storage, id, MSG_BYTES_STRING) : OLE_NONE;

	m->utf8.len = 0;
	*found = wide != OLE_NONE || bytes != OLE_NONE;
	if (!*found)
		return CDG_OK;
	CDG_TRY(ole_read(m->o, wide != OLE_NONE ? wide : bytes, &m->value, err));
	if (wide != OLE_NONE)
		utf16_utf8(&m->utf8, m->value.p, m->value.len / 2);
	else if (m->value.len)
		codepages_utf8(&m->pages, m->page, m->value.p, m->value.len, &m->utf8);
	while (m->utf8.len && !m->utf8.p[m->utf8.len - 1])
		m->utf8.len--;
	return m->utf8.failed ? err_nomem(err) : CDG_OK;
}

/* A number or time of the list that m->properties holds; 0: it is not there. */
static uint64_t
msg_number(const msg *m, size_t head, unsigned id, unsigned type)
{
	for (size_t at = head; at + MSG_PROPERTY <= m->properties.len; at += MSG_PROPERTY) {
		const uint8_t *p = m->properties.p + at;

		if (load_u16(p) == type && load_u16(p + 2) == id)
			return load_u64(p + 8);
	}
	return 0;
}

static cdg_status
msg_properties(msg *m, long storage, cdg_error *err)
{
	return ole_read(m->o, ole_find(m->o, storage, "__properties_version1.0"), &m->properties, err);
}

/* The string of the first of these that has one, as an arena string; n 0: none. */
static cdg_status
msg_first(msg *m, long storage, const uint16_t *ids, size_t n, doc_str *out, cdg_error *err)
{
	bool found;

	*out = read_str("", 0);
	for (size_t i = 0; i < n && !out->n; i++) {
		doc_str s;

		CDG_TRY(msg_string(m, storage, ids[i], &found, err));
		s = read_build_copy(m->b, (const char *)m->utf8.p, m->utf8.len);
		if (s.n && !m->b->failed)
			*out = compose_collapse((char *)(uintptr_t)s.p, s.n);
	}
	return CDG_OK;
}

/* ---- headers -------------------------------------------------------------------------- */

/* "Name <address>"; addresses of Exchange, which are paths, are none. */
static doc_str
msg_person(msg *m, doc_str name, doc_str address)
{
	if (!address.n || !memchr(address.p, '@', address.n) || m->b->failed)
		return name;
	if (!name.n || (name.n == address.n && memcmp(name.p, address.p, name.n) == 0))
		return address;
	m->utf8.len = 0;
	buf_printf(&m->utf8, "%.*s <%.*s>", (int)min_size(name.n, 1000), name.p, (int)min_size(address.n, 1000), address.p);
	return read_build_copy(m->b, (const char *)m->utf8.p, m->utf8.failed ? 0 : m->utf8.len);
}

static cdg_status
msg_people(msg *m, cdg_error *err)
{
	static const uint16_t names[] = { MSG_FOR_NAME, MSG_SENDER_NAME };
	static const uint16_t addresses[] = { MSG_FOR_SMTP, MSG_SENDER_SMTP, MSG_FOR_ADDRESS, MSG_SENDER_ADDRESS };
	static const uint16_t to_name[] = { MSG_NAME }, to_address[] = { MSG_SMTP, MSG_ADDRESS };
	static const uint16_t shown[] = { MSG_TO, MSG_CC };
	doc_str name, address, who;
	unsigned n = 0;

	CDG_TRY(msg_first(m, m->storage, names, countof(names), &name, err));
	CDG_TRY(msg_first(m, m->storage, addresses, countof(addresses), &address, err));
	who = msg_person(m, name, address);
	if (who.n)
		read_build_string(m->b, read_str("author", 6), who, true);
	for (long i = ole_first(m->o, m->storage); i != OLE_NONE && n < MSG_PARTS; i = ole_next(m->o, i)) {
		if (strncmp(m->o->entries[i].name, "__recip_version1.0_", 19) != 0)
			continue;
		CDG_TRY(msg_first(m, i, to_name, countof(to_name), &name, err));
		CDG_TRY(msg_first(m, i, to_address, countof(to_address), &address, err));
		who = msg_person(m, name, address);
		if (who.n)
			read_build_string(m->b, read_str("recipients", 10), who, true);
		n++;
	}
	for (size_t i = 0; !n && i < countof(shown); i++) {
		CDG_TRY(msg_first(m, m->storage, &shown[i], 1, &who, err));
		if (who.n)
			read_build_string(m->b, read_str("recipients", 10), who, true);
	}
	return CDG_OK;
}

/* Without brackets, the first of several. */
static doc_str
msg_bare_id(doc_str s)
{
	const char *open = s.n ? memchr(s.p, '<', s.n) : NULL;
	const char *close = open ? memchr(open, '>', (size_t)(s.p + s.n - open)) : NULL;

	return close ? read_str(open + 1, (size_t)(close - open - 1)) : s;
}

static cdg_status
msg_thread(msg *m, cdg_error *err)
{
	static const uint16_t ids[] = { MSG_ID, MSG_REPLY_TO, MSG_REFERENCES };
	doc_str s[3], first;

	for (size_t i = 0; i < countof(ids); i++) {
		CDG_TRY(msg_first(m, m->storage, &ids[i], 1, &s[i], err));
		s[i] = msg_bare_id(s[i]);
	}
	if (s[0].n)
		read_build_string(m->b, read_str("message-id", 10), s[0], false);
	if (s[1].n)
		read_build_string(m->b, read_str("in-reply-to", 11), s[1], false);
	first = s[2].n ? s[2] : s[1].n ? s[1] : s[0];
	if (first.n)
		read_build_string(m->b, read_str("thread", 6), first, false);
	return CDG_OK;
}

/* The day at which it was sent, where it was sent if that is known, else in Greenwich. */
static cdg_status
msg_date(msg *m, size_t head, cdg_error *err)
{
	static const uint16_t times[] = { MSG_SENT, MSG_DELIVERED, MSG_CREATED };
	GDateTime *date = NULL;
	doc_str line;
	int year, month, day;
	uint64_t time = 0;
	bool found;

	CDG_TRY(msg_string(m, m->storage, MSG_HEADERS, &found, err));
	line = found ? http_header(read_str(buf_cstr(&m->utf8), m->utf8.len), "Date") : read_str("", 0);
	line = read_build_copy(m->b, line.p, line.n);
	if (line.n && !m->b->failed)
		date = g_mime_utils_header_decode_date(line.p);
	for (size_t i = 0; i < countof(times) && !time; i++)
		time = msg_number(m, head, times[i], MSG_TIME) / 864000000000u;
	if (date) {
		g_date_time_get_ymd(date, &year, &month, &day);
		g_date_time_unref(date);
	} else if (time && time < 4000000) {
		date_civil(date_day(1601, 1, 1) + (int32_t)time, &year, &month, &day);
	} else {
		return CDG_OK;
	}
	m->b->doc.has_date = true;
	m->b->doc.date = (doc_date){ .day = doc_day(year, month, day), .precision = DOC_DAY };
	return CDG_OK;
}

static cdg_status
msg_headers(msg *m, size_t head, cdg_error *err)
{
	static const uint16_t subject[] = { MSG_SUBJECT, MSG_NAME };
	uint64_t page = msg_number(m, head, MSG_PAGE, MSG_LONG) & 0xffffffff;

	if (!page)
		page = msg_number(m, head, MSG_PAGE_INTERNET, MSG_LONG) & 0xffffffff;
	m->page = page && page < 65536 ? (unsigned)page : 1252;
	CDG_TRY(msg_first(m, m->storage, subject, countof(subject), &m->b->doc.title, err));
	if (!m->b->doc.title.n)
		m->b->doc.title = read_str("(no subject)", 12);
	CDG_TRY(msg_date(m, head, err));
	CDG_TRY(msg_people(m, err));
	return msg_thread(m, err);
}

/* A card of the address book: what it says, a line each. */
static cdg_status
msg_contact(msg *m, cdg_error *err)
{
	static const uint16_t ids[] = { MSG_NAME, 0x3a17 /* title */, 0x3a18 /* department */, 0x3a16 /* company */, 0x3a15 /* address */,
					0x3a08, 0x3a1c, 0x3a09 /* telephones */, 0x3a51 /* page */ };
	doc_str s, kind;
	static const uint16_t class[] = { MSG_CLASS };

	CDG_TRY(msg_first(m, m->storage, class, 1, &kind, err));
	if (kind.n < 11 || memcmp(kind.p, "IPM.Contact", 11) != 0)
		return CDG_OK;
	for (size_t i = 0; i < countof(ids); i++) {
		CDG_TRY(msg_first(m, m->storage, &ids[i], 1, &s, err));
		compose_ask(&m->c, COMPOSE_LINE);
		compose_text(&m->c, s.p, s.n);
	}
	return CDG_OK;
}

/* ---- attachments ---------------------------------------------------------------------- */

typedef struct msg_object {
	ole *o;
	long storage;
} msg_object;

static cdg_status
msg_inside(void *ctx, const extract_input *member, cdg_error *err)
{
	const msg_object *object = ctx;

	return office_old_choose(object->o, object->storage, member, err);
}

/* The name of a file, without the folders of who sent it; "part-N" where there is none, and a
 * number before one that came before. */
static void
msg_name(msg *m, doc_str given, unsigned number, bool message, buf *name)
{
	const char *p = given.p + given.n;

	while (p > given.p && p[-1] != '/' && p[-1] != '\\' && p[-1])
		p--;
	given.n -= (size_t)(p - given.p);
	name->len = 0;
	for (unsigned step = 0; step < 2; step++) {
		name->len = 0;
		if (step)
			buf_printf(name, "%u-", number);
		if (given.n && given.n < 1000)
			buf_put(name, p, given.n);
		else
			buf_printf(name, "part-%u", number);
		if (message)
			buf_puts(name, ".msg");
		if (g_hash_table_add(m->names, g_strdup(buf_cstr(name))))
			return;
	}
}

static cdg_status
msg_attached(msg *m, long storage, unsigned number, cdg_error *err)
{
	static const uint16_t names[] = { MSG_FILE, MSG_FILE_SHORT, MSG_NAME }, type[] = { MSG_MEDIA_TYPE }, id[] = { MSG_CONTENT_ID };
	const extract_field parent = { "parent", m->in->name };
	extract_input inner = { .fields = &parent, .nfields = 1 };
	msg_object object = { m->o, msg_find(m, storage, MSG_DATA, MSG_OBJECT) };
	doc_str given, media, shown;
	cdg_status st;
	buf name;

	CDG_TRY(msg_first(m, storage, names, countof(names), &given, err));
	CDG_TRY(msg_first(m, storage, type, 1, &media, err));
	CDG_TRY(msg_first(m, storage, id, 1, &shown, err));
	CDG_TRY(msg_properties(m, storage, err));
	if (msg_number(m, MSG_PART_HEAD, MSG_HIDDEN, MSG_TRUTH) & 1)
		shown.n = 1;
	if (shown.n && media.n > 6 && memcmp(media.p, "image/", 6) == 0)
		return CDG_OK;
	buf_init(&name);
	msg_name(m, given, number, object.storage != OLE_NONE, &name);
	if (object.storage != OLE_NONE) {
		st = extract_member_by(m->o->job, m->in, buf_cstr(&name), &inner, msg_inside, &object, err);
	} else {
		st = ole_read(m->o, msg_find(m, storage, MSG_DATA, MSG_BYTES), &m->value, err);
		inner.data = m->value.p ? (const char *)m->value.p : "";
		inner.n = m->value.len;
		if (st == CDG_OK)
			st = extract_member(m->o->job, m->in, buf_cstr(&name), &inner, err);
	}
	buf_fini(&name);
	return st;
}

static cdg_status
msg_attachments(msg *m, cdg_error *err)
{
	cdg_status st = CDG_OK;
	unsigned n = 0;

	m->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (long i = ole_first(m->o, m->storage); st == CDG_OK && i != OLE_NONE && n < MSG_PARTS; i = ole_next(m->o, i))
		if (strncmp(m->o->entries[i].name, "__attach_version1.0_", 20) == 0)
			st = msg_attached(m, i, ++n, err);
	g_hash_table_unref(m->names);
	return st;
}

/* ---- the whole ------------------------------------------------------------------------ */

static cdg_status
msg_read(msg *m, cdg_error *err)
{
	CDG_TRY(msg_properties(m, m->storage, err));
	CDG_TRY(msg_headers(m, m->storage == OLE_ROOT ? MSG_TOP_HEAD : MSG_INNER_HEAD, err));
	CDG_TRY(msg_text(m, err));
	CDG_TRY(msg_contact(m, err));
	compose_end(&m->c);
	CDG_TRY(office_old_give(m->o, m->in, "msg", err));
	return msg_attachments(m, err);
}

cdg_status
office_msg(ole *o, long storage, const extract_input *in, cdg_error *err)
{
	msg m = { .o = o, .in = in, .storage = storage, .b = extract_begin(o->job, in), .page = 1252 };
	cdg_status st;

	extract_mail_init(); /* dates of headers are read by GMime */
	compose_init(&m.c, m.b);
	st = msg_read(&m, err);
	codepages_fini(&m.pages);
	buf_fini(&m.properties);
	buf_fini(&m.value);
	buf_fini(&m.utf8);
	return st;
}
