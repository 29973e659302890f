/* mail_parts.c - see mail.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "extract/read_encoding.h"
#include "extract/read_file.h"
#include "extract/reader/mail.h"

enum { MAIL_DEPTH = 100 }; /* multiparts in multiparts */

GByteArray *
mail_content(GMimePart *part)
{
	GByteArray *bytes = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
	GMimeDataWrapper *content = g_mime_part_get_content(part);

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), false);
	if (content)
		g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
	return bytes;
}

char *
mail_type(GMimeObject *object)
{
	char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));

	for (char *p = type; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	return type;
}

static bool
mail_is(GMimeObject *object, const char *type, const char *subtype)
{
	return g_mime_content_type_is_type(g_mime_object_get_content_type(object), type, subtype);
}

static bool
mail_is_attached(GMimeObject *object)
{
	const char *disposition = g_mime_object_get_disposition(object);

	return disposition && g_ascii_strcasecmp(disposition, "attachment") == 0;
}

static const char *
mail_file_name(GMimeObject *object)
{
	return GMIME_IS_PART(object) ? g_mime_part_get_filename(GMIME_PART(object)) : NULL;
}

/* ---- text -------------------------------------------------------------- */

/* Line ends of the network become those of a text. */
static size_t
mail_lines(char *p, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (p[i] != '\r' || (i + 1 < n && p[i + 1] != '\n'))
			p[k++] = p[i];
	return k;
}

/* Messages that are encrypted, or keys, in the text: letters without a meaning. */
static doc_str
mail_armour(mail *m, doc_str text)
{
	static const char *const marks[] = { "-----BEGIN PGP MESSAGE-----", "-----BEGIN PGP SIGNATURE-----",
					     "-----BEGIN PGP PUBLIC KEY BLOCK-----" };

	for (size_t i = 0; i < countof(marks); i++) {
		const char *at = g_strstr_len(text.p, (gssize)text.n, marks[i]);

		if (!at || (at > text.p && at[-1] != '\n'))
			continue;
		if (i == 0)
			m->encrypted = "PGP";
		text.n = (size_t)(at - text.p);
	}
	return text;
}

static cdg_status
mail_utf8(GByteArray *bytes, const char *charset, buf *clean, doc_str *out, uint64_t *replaced, cdg_error *err)
{
	const char *data = bytes->data ? (const char *)bytes->data : "", *view;
	size_t n;

	CDG_TRY(read_encoding_declared(data, bytes->len, charset ? charset : "", charset ? strlen(charset) : 0, clean,
				       &view, &n, replaced, err));
	*out = read_str(view, n);
	return CDG_OK;
}

static cdg_status
mail_html(mail *m, doc_str text, cdg_error *err)
{
	cdg_status st = CDG_OK;
	read_build part;

	read_build_init(&part);
	read_build_reset(&part);
	if (read_html(&part, "", text) && read_build_finish(&part))
		compose_append(&m->c, &part);
	else
		st = err_nomem(err);
	read_build_fini(&part);
	return st;
}

static cdg_status
mail_text(mail *m, GMimePart *part, bool html, cdg_error *err)
{
	GByteArray *bytes = mail_content(part);
	uint64_t replaced = 0;
	doc_str text;
	cdg_status st;
	buf clean;

	buf_init(&clean);
	if (!html)
		bytes->len = (guint)mail_lines((char *)bytes->data, bytes->len);
	st = mail_utf8(bytes, g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset"), &clean, &text,
		       &replaced, err);
	if (st == CDG_OK) {
		m->b->doc.replaced += replaced;
		m->texts++;
		if (html) {
			st = mail_html(m, text, err);
		} else {
			text = mail_armour(m, text);
			compose_ask(&m->c, COMPOSE_PARAGRAPH);
			compose_raw(&m->c, text.p, text.n);
		}
	}
	buf_fini(&clean);
	g_byte_array_unref(bytes);
	return st;
}

/* ---- the tree ---------------------------------------------------------- */

static cdg_status mail_part(mail *m, GMimeObject *object, unsigned depth, cdg_error *err);

/* The best that can be read: plain text, else the last of the others. */
static GMimeObject *
mail_choose(GMimeMultipart *multipart)
{
	int n = g_mime_multipart_get_count(multipart);
	GMimeObject *best = NULL;

	for (int i = 0; i < n; i++) {
		GMimeObject *part = g_mime_multipart_get_part(multipart, i);

		if (mail_is(part, "text", "plain"))
			return part;
		if (!best || mail_is(part, "text", "html") || GMIME_IS_MULTIPART(part))
			best = part;
	}
	return best;
}

static bool
mail_is_picture(GMimeObject *object)
{
	return mail_is(object, "image", "*") || mail_is(object, "audio", "*") || mail_is(object, "video", "*") ||
	       mail_is(object, "font", "*") || mail_is(object, "text", "css") ||
	       mail_is(object, "application", "javascript");
}

/* multipart/related: a root, and what it shows; files that hang on it are kept. */
static cdg_status
mail_related(mail *m, GMimeMultipart *multipart, unsigned depth, cdg_error *err)
{
	const char *start = g_mime_object_get_content_type_parameter(GMIME_OBJECT(multipart), "start");
	int n = g_mime_multipart_get_count(multipart), root = 0;

	for (int i = 0; start && i < n; i++) {
		const char *id = g_mime_object_get_content_id(g_mime_multipart_get_part(multipart, i));

		if (id && strstr(start, id))
			root = i;
	}
	for (int i = 0; i < n; i++) {
		GMimeObject *part = g_mime_multipart_get_part(multipart, i);

		if (i == root || (mail_is_attached(part) && !mail_is_picture(part)) || mail_is(part, "application", "pdf"))
			CDG_TRY(mail_part(m, part, depth + 1, err));
	}
	return CDG_OK;
}

static cdg_status
mail_multipart(mail *m, GMimeMultipart *multipart, unsigned depth, cdg_error *err)
{
	GMimeObject *object = GMIME_OBJECT(multipart);
	int n = g_mime_multipart_get_count(multipart);

	if (depth >= MAIL_DEPTH) {
		m->deep = true;
		return CDG_OK;
	}
	if (mail_is(object, "multipart", "encrypted")) {
		m->encrypted = "PGP";
		return CDG_OK;
	}
	if (mail_is(object, "multipart", "signed"))
		n = n > 1 ? 1 : n;
	if (mail_is(object, "multipart", "related"))
		return mail_related(m, multipart, depth, err);
	if (mail_is(object, "multipart", "alternative")) {
		object = mail_choose(multipart);
		return object ? mail_part(m, object, depth + 1, err) : CDG_OK;
	}
	for (int i = 0; i < n; i++)
		CDG_TRY(mail_part(m, g_mime_multipart_get_part(multipart, i), depth + 1, err));
	return CDG_OK;
}

/* Text that belongs to the message, and is not a file of its own. */
static bool
mail_is_inline(mail *m, GMimeObject *object)
{
	if (mail_is_attached(object))
		return false;
	if (mail_is(object, "text", "plain") || mail_is(object, "text", "html"))
		return !m->texts || !mail_file_name(object);
	return mail_is(object, "text", "enriched") || mail_is(object, "message", "delivery-status") ||
	       mail_is(object, "text", "x-patch") || mail_is(object, "text", "x-diff");
}

static cdg_status
mail_leaf(mail *m, GMimeObject *object, cdg_error *err)
{
	const char *subject = g_mime_object_get_header(object, "Subject");
	bool protects = g_mime_object_get_content_type_parameter(object, "protected-headers") != NULL;

	if (protects && subject && !m->subject)
		m->subject = subject;
	if (protects && mail_is(object, "text", "rfc822-headers"))
		return CDG_OK; /* the same once more, for old programs */
	if (mail_is(object, "application", "pkcs7-mime") || mail_is(object, "application", "x-pkcs7-mime")) {
		m->encrypted = "S/MIME";
		return CDG_OK;
	}
	if (GMIME_IS_PART(object) && mail_is_inline(m, object)) {
		bool html = mail_is(object, "text", "html");

		if (html && !m->html)
			m->html = GMIME_PART(object);
		return m->saved && html ? CDG_OK : mail_text(m, GMIME_PART(object), html, err);
	}
	if (mail_is_picture(object) && !mail_is_attached(object))
		return CDG_OK;
	if (mail_is(object, "application", "pgp-signature") || mail_is(object, "application", "pkcs7-signature") ||
	    mail_is(object, "application", "x-pkcs7-signature") || mail_is(object, "application", "pgp-keys"))
		return CDG_OK;
	if (m->attached->len < m->job->limits.documents)
		g_ptr_array_add(m->attached, object);
	return CDG_OK;
}

static cdg_status
mail_part(mail *m, GMimeObject *object, unsigned depth, cdg_error *err)
{
	const char *subject;

	if (!GMIME_IS_MULTIPART(object))
		return mail_leaf(m, object, err);
	subject = g_mime_object_get_header(object, "Subject");
	if (subject && !m->subject && g_mime_object_get_content_type_parameter(object, "protected-headers"))
		m->subject = subject;
	return mail_multipart(m, GMIME_MULTIPART(object), depth, err);
}

cdg_status
mail_parts(mail *m, cdg_error *err)
{
	GMimeObject *root = g_mime_message_get_mime_part(m->message);

	return root ? mail_part(m, root, 0, err) : CDG_OK;
}

/* ---- attachments ------------------------------------------------------- */

/* The name of a file, without the folders of who sent it; "part-N" where there is none,
 * and a number before one that came before. */
static char *
mail_name(mail *m, GMimeObject *object, unsigned number)
{
	const char *given = mail_file_name(object), *slash = given ? strrchr(given, '/') : NULL;
	char *name;

	given = slash ? slash + 1 : given;
	slash = given ? strrchr(given, '\\') : NULL;
	given = slash ? slash + 1 : given;
	if (given && *given && strlen(given) < 1000)
		name = g_strdup(given);
	else
		name = g_strdup_printf(GMIME_IS_MESSAGE_PART(object) ? "message-%u.eml" : "part-%u", number);
	if (g_hash_table_contains(m->names, name)) {
		char *other = g_strdup_printf("%u-%s", number, name);

		g_free(name);
		name = other;
	}
	g_hash_table_add(m->names, g_strdup(name));
	return name;
}

static cdg_status
mail_attachment(mail *m, GMimeObject *object, const char *name, cdg_error *err)
{
	const extract_field parent = { "parent", m->in->name };
	extract_input inner = { .fields = &parent, .nfields = 1 };
	GByteArray *bytes;
	char *type;
	cdg_status st;

	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		GMimeStream *stream;

		bytes = g_byte_array_new();
		stream = g_mime_stream_mem_new_with_byte_array(bytes);
		g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), false);
		if (message)
			g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream);
		g_object_unref(stream);
		type = g_strdup("message/rfc822");
	} else {
		bytes = mail_content(GMIME_PART(object));
		type = mail_type(object);
		inner.charset = g_mime_object_get_content_type_parameter(object, "charset");
	}
	inner.content_type = strcmp(type, "application/octet-stream") == 0 ? NULL : type;
	inner.data = bytes->data ? (char *)bytes->data : "";
	inner.n = bytes->len;
	st = extract_member(m->job, m->in, name, &inner, err);
	g_byte_array_unref(bytes);
	g_free(type);
	return st;
}

cdg_status
mail_attachments(mail *m, cdg_error *err)
{
	cdg_status st = CDG_OK;

	for (unsigned i = 0; i < m->attached->len && st == CDG_OK; i++) {
		GMimeObject *object = g_ptr_array_index(m->attached, i);
		char *name = mail_name(m, object, i + 1);

		if (mail_is(object, "application", "ms-tnef") || g_ascii_strcasecmp(name, "winmail.dat") == 0)
			st = extract_member_problem(m->job, m->in, name, true, err,
						    "attachments in Outlook's own wrapping (TNEF)");
		else if (GMIME_IS_MESSAGE_PARTIAL(object))
			st = extract_member_problem(m->job, m->in, name, true, err, "one piece of a larger message");
		else if (GMIME_IS_PART(object) || GMIME_IS_MESSAGE_PART(object))
			st = mail_attachment(m, object, name, err);
		g_free(name);
	}
	return st;
}
