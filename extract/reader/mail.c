/* mail.c - messages (.eml, .emlx, news articles) by GMime, and pages saved as MHTML.
 *
 * The subject is the title, Date the date; fields: author (From), recipients (To, Cc),
 * message-id, in-reply-to, thread (the first message of it), newsgroups, keywords.  The text
 * is that of the plain part, else of the one in HTML.  Attached files and messages are documents
 * `mail.eml/report.pdf` with the field parent.  Pictures that the text shows, signatures and
 * keys are passed over.  Of an encrypted message only the headers are read. */
#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

#include "extract/read_encoding.h"
#include "extract/reader/http.h"
#include "extract/reader/iconv.h"
#include "extract/reader/mail.h"
#include "extract/reader/readers.h"
#include "text/text.h"

static void
mail_init_once(void)
{
	iconv_ours();
	g_mime_init();
}

void
extract_mail_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, mail_init_once);
}

/* ---- headers ----------------------------------------------------------- */

static doc_str
mail_copy(mail *m, const char *s)
{
	return read_build_copy(m->b, s, strlen(s));
}

static void
mail_field(mail *m, const char *name, const char *value)
{
	doc_str v = value ? read_str_trim(read_str(value, strlen(value))) : read_str("", 0);

	if (v.n)
		read_build_string(m->b, read_str(name, strlen(name)), read_build_copy(m->b, v.p, v.n), false);
}

/* "Name <address>", without the quotes that a header needs.  g_free. */
static char *
mail_person(InternetAddress *address)
{
	const char *name = internet_address_get_name(address);

	if (!INTERNET_ADDRESS_IS_MAILBOX(address) || !name || !*name)
		return internet_address_to_string(address, NULL, false);
	return g_strdup_printf("%s <%s>", name, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)));
}

/* One value each. */
static void
mail_people(mail *m, const char *field, InternetAddressList *list)
{
	int n = list ? internet_address_list_length(list) : 0;

	for (int i = 0; i < n && i < 10000; i++) {
		char *s = mail_person(internet_address_list_get_address(list, i));

		if (s && *s)
			read_build_string(m->b, read_str(field, strlen(field)), mail_copy(m, s), true);
		g_free(s);
	}
}

/* Without the brackets; value may be NULL. */
static doc_str
mail_id(mail *m, const char *value)
{
	const char *open = value ? strchr(value, '<') : NULL, *close = open ? strchr(open, '>') : NULL;

	if (close)
		return read_build_copy(m->b, open + 1, (size_t)(close - open - 1));
	return value ? read_str_trim(mail_copy(m, value)) : read_str("", 0);
}

static void
mail_thread(mail *m)
{
	GMimeObject *o = GMIME_OBJECT(m->message);
	doc_str own = mail_id(m, g_mime_message_get_message_id(m->message));
	doc_str before = mail_id(m, g_mime_object_get_header(o, "In-Reply-To"));
	doc_str first = mail_id(m, g_mime_object_get_header(o, "References"));

	if (own.n)
		read_build_string(m->b, read_str("message-id", 10), own, false);
	if (before.n)
		read_build_string(m->b, read_str("in-reply-to", 11), before, false);
	first = first.n ? first : before.n ? before : own;
	if (first.n)
		read_build_string(m->b, read_str("thread", 6), first, false);
}

/* The day at which it was sent, where it was sent. */
static void
mail_date(mail *m)
{
	const char *raw = g_mime_object_get_header(GMIME_OBJECT(m->message), "Date");
	GDateTime *date = raw ? g_mime_utils_header_decode_date(raw) : NULL;
	int year, month, day;

	if (date) {
		g_date_time_get_ymd(date, &year, &month, &day);
		m->b->doc.has_date = true;
		m->b->doc.date = (doc_date){ .day = doc_day(year, month, day), .precision = DOC_DAY };
		g_date_time_unref(date);
	} else if (raw && *raw && !doc_parse_date(raw, strlen(raw), &m->b->doc.date)) {
		read_build_warn(m->b, "its date cannot be read: %.40s", raw);
	} else if (raw && *raw) {
		m->b->doc.has_date = true;
	}
}

static void
mail_headers(mail *m)
{
	GMimeObject *o = GMIME_OBJECT(m->message);
	const char *lang = g_mime_object_get_header(o, "Content-Language");
	const char *subject = m->subject ? m->subject : g_mime_message_get_subject(m->message);
	doc_str title = subject ? mail_copy(m, subject) : read_str("", 0);

	m->b->doc.title = title.n ? compose_collapse((char *)(uintptr_t)title.p, title.n) : title;
	if (!m->b->doc.title.n)
		m->b->doc.title = read_str("(no subject)", 12);
	if (lang)
		m->b->doc.lang = read_build_copy(m->b, lang, strcspn(lang, ", ;"));
	mail_date(m);
	mail_people(m, "author", g_mime_message_get_from(m->message));
	if (!internet_address_list_length(g_mime_message_get_from(m->message)))
		mail_field(m, "author", g_mime_object_get_header(o, "From"));
	mail_people(m, "recipients", g_mime_message_get_to(m->message));
	mail_people(m, "recipients", g_mime_message_get_cc(m->message));
	mail_thread(m);
	mail_field(m, "newsgroups", g_mime_object_get_header(o, "Newsgroups"));
	mail_field(m, "keywords", g_mime_object_get_header(o, "Keywords"));
}

/* ---- the whole --------------------------------------------------------- */

/* Bytes of headers that are not ASCII and have no encoding said. */
static GMimeParserOptions *
mail_options(const char *data, size_t n)
{
	GMimeParserOptions *options = g_mime_parser_options_new();
	size_t head = http_head(data, n);
	const char *charsets[] = { "utf-8", "windows-1252", NULL };
	bool odd = false;

	for (size_t i = 0; i < head && !odd; i++)
		odd = (unsigned char)data[i] >= 0x80;
	if (odd)
		charsets[1] = read_encoding_guess(data, head);
	g_mime_parser_options_set_fallback_charsets(options, charsets);
	return options;
}

static GMimeMessage *
mail_parse(const char *data, size_t n)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeParserOptions *options = mail_options(data, n);
	GMimeMessage *message = g_mime_parser_construct_message(parser, options);

	g_mime_parser_options_free(options);
	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

/* Saved by a browser: parts that belong together, none of them for a person. */
static bool
mail_is_page(GMimeMessage *message)
{
	GMimeObject *root = g_mime_message_get_mime_part(message);
	GMimeContentType *type = root ? g_mime_object_get_content_type(root) : NULL;
	const char *from = g_mime_object_get_header(GMIME_OBJECT(message), "From");
	InternetAddressList *to = g_mime_message_get_to(message);

	if (!type)
		return false;
	if (g_mime_object_get_header(GMIME_OBJECT(message), "Snapshot-Content-Location"))
		return true;
	if (!g_mime_content_type_is_type(type, "multipart", "related") &&
	    !g_mime_object_get_header(GMIME_OBJECT(message), "Content-Location"))
		return false;
	return (!from || strncasecmp(from, "<Saved by", 9) == 0) && internet_address_list_length(to) == 0;
}

/* The page goes to the reader of HTML, under the name of the file. */
static cdg_status
mail_page(mail *m, cdg_error *err)
{
	GMimeObject *o = GMIME_OBJECT(m->message);
	GByteArray *bytes = mail_content(m->html);
	const char *at = g_mime_object_get_header(o, "Snapshot-Content-Location");
	extract_field when = { "retrieved", NULL };
	extract_input page = *m->in;
	extract_format format;
	cdg_status st;
	char date[24];

	page.data = bytes->data ? (char *)bytes->data : "";
	page.n = bytes->len;
	page.charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(m->html), "charset");
	page.content_type = "text/html";
	at = at ? at : g_mime_part_get_content_location(m->html);
	at = at ? at : g_mime_object_get_header(o, "Content-Location");
	if (at && (strncmp(at, "http://", 7) == 0 || strncmp(at, "https://", 8) == 0))
		page.url = at;
	mail_date(m);
	if (m->b->doc.has_date) {
		date[doc_format_date(m->b->doc.date, date)] = 0;
		when.value = date;
		page.fields = &when;
		page.nfields = 1;
	}
	format = extract_sniff_as(page.name, page.content_type, page.data, min_size(page.n, EXTRACT_HEAD)).format;
	if (format == EXTRACT_HTML || format == EXTRACT_UNKNOWN || format == EXTRACT_IMAGE) /* not a message again, without end */
		st = extract_read(m->job, &page, err);
	else
		st = extract_problem(m->job, m->in, false, err, "a saved page whose first part is not HTML");
	g_byte_array_unref(bytes);
	return st;
}

static cdg_status
mail_give(mail *m, cdg_error *err)
{
	compose_end(&m->c);
	mail_headers(m);
	if (m->deep)
		read_build_warn(m->b, "parts that stand in too many others are left out");
	CDG_TRY(extract_give(m->job, m->in, "mail", err));
	if (m->encrypted)
		CDG_TRY(extract_problem(m->job, m->in, false, err, "encrypted (%s): only its headers are read",
					m->encrypted));
	return mail_attachments(m, err);
}

static cdg_status
mail_read(mail *m, cdg_error *err)
{
	m->saved = mail_is_page(m->message);
	m->b = extract_begin(m->job, m->in);
	compose_init(&m->c, m->b);
	CDG_TRY(mail_parts(m, err));
	return m->saved && m->html ? mail_page(m, err) : mail_give(m, err);
}

/* A line with the size, and behind the message a list of properties (Apple Mail). */
static doc_str
mail_emlx(const char *data, size_t n)
{
	const char *nl = memchr(data, '\n', min_size(n, 24));
	uint64_t size;
	size_t left;

	if (!nl || !http_number(read_str_trim(read_str(data, (size_t)(nl - data))), &size))
		return read_str(data, n);
	left = n - (size_t)(nl + 1 - data);
	return read_str(nl + 1, size < left ? (size_t)size : left);
}

cdg_status
extract_mail(extract_job *job, const extract_input *in, cdg_error *err)
{
	doc_str data = mail_emlx(in->data, in->n);
	mail m = { .job = job, .in = in };
	cdg_status st;

	extract_mail_init();
	m.message = mail_parse(data.p, data.n);
	if (!m.message)
		return extract_problem(job, in, false, err, "not a message: its headers cannot be read");
	m.attached = g_ptr_array_new();
	m.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	st = mail_read(&m, err);
	g_hash_table_unref(m.names);
	g_ptr_array_unref(m.attached);
	g_object_unref(m.message);
	return st;
}
