/* msg_text.c - see msg.h. */
#include "extract/reader/msg.h"

#include "extract/read_encoding.h"
#include "extract/read_file.h"
#include "extract/reader/rtf_out.h"

enum { LZ_HEAD = 16, LZ_WINDOW = 4096 };

/* What a compressed text may refer to before its own beginning. */
static const char lz_before[] =
	"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans "
	"SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/* "LZFu": of eight things, bits say which are bytes and which are references: 12 bits where
 * in the window, 4 how many, and one to where the next byte goes is the end. */
static void
msg_unpack(rd r, size_t most, buf *out)
{
	uint8_t window[LZ_WINDOW] = { 0 };
	size_t at = sizeof lz_before - 1;

	memcpy(window, lz_before, at);
	while (rd_left(&r) && out->len < most) {
		uint8_t bits = rd_u8(&r);

		for (unsigned i = 0; i < 8 && out->len < most; i++, bits >>= 1) {
			unsigned ref, n = 1, from;

			ref = rd_u8(&r);
			if (bits & 1) {
				ref = ref << 8 | rd_u8(&r);
				from = ref >> 4;
				n = (ref & 0xf) + 2;
				if (from == at)
					return;
			} else {
				from = (unsigned)at;
				window[at] = (uint8_t)ref;
			}
			if (r.bad)
				return;
			for (; n; n--, from = (from + 1) % LZ_WINDOW, at = (at + 1) % LZ_WINDOW) {
				window[at] = window[from];
				buf_put_u8(out, window[at]);
			}
		}
	}
}

static cdg_status
msg_rtf(msg *m, read_build *part, cdg_error *err)
{
	const uint8_t *p = m->value.p;
	cdg_status st = CDG_OK;
	buf rtf;

	if (m->value.len < LZ_HEAD)
		return CDG_OK;
	buf_init(&rtf);
	if (memcmp(p + 8, "MELA", 4) == 0) {
		buf_put(&rtf, p + LZ_HEAD, m->value.len - LZ_HEAD);
	} else if (memcmp(p + 8, "LZFu", 4) == 0) {
		msg_unpack(rd_make(p + LZ_HEAD, m->value.len - LZ_HEAD), load_u32(p + 4), &rtf);
		st = extract_charge(m->o->job, m->in, rtf.len, err);
	}
	if (st == CDG_OK && (rtf.failed || !rtf_read(part, (const char *)(rtf.p ? rtf.p : (uint8_t *)""), rtf.len)))
		st = err_nomem(err);
	buf_fini(&rtf);
	return st;
}

static cdg_status
msg_html(msg *m, read_build *part, bool bytes, cdg_error *err)
{
	doc_str html = read_str((const char *)m->utf8.p, m->utf8.len), charset;
	uint64_t replaced = 0;
	cdg_status st = CDG_OK;
	buf clean;

	buf_init(&clean);
	if (bytes) {
		html = read_str((const char *)m->value.p, m->value.len);
		charset = read_html_charset(html);
		st = read_encoding_declared(html.p, html.n, charset.p, charset.n, &clean, &html.p, &html.n, &replaced, err);
	}
	m->b->doc.replaced += replaced;
	if (st == CDG_OK && !read_html(part, "", html))
		st = err_nomem(err);
	if (st == CDG_OK && !read_build_finish(part))
		st = err_nomem(err);
	if (st == CDG_OK) /* part borrows from the bytes */
		compose_append(&m->c, part);
	buf_fini(&clean);
	return st;
}

/* Text with line ends of the network. */
static void
msg_plain(msg *m)
{
	char *p = (char *)m->utf8.p;
	size_t k = 0;

	for (size_t i = 0; i < m->utf8.len; i++)
		if (p[i] && (p[i] != '\r' || (i + 1 < m->utf8.len && p[i + 1] != '\n')))
			p[k++] = p[i];
	compose_ask(&m->c, COMPOSE_PARAGRAPH);
	compose_raw(&m->c, p, k);
}

static bool
msg_is_blank(const buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (b->p[i] > ' ')
			return false;
	return true;
}

static cdg_status
msg_marked(msg *m, read_build *part, cdg_error *err)
{
	bool found;

	CDG_TRY(ole_read(m->o, msg_find(m, m->storage, MSG_HTML, MSG_BYTES), &m->value, err));
	if (m->value.len)
		return msg_html(m, part, true, err);
	CDG_TRY(msg_string(m, m->storage, MSG_HTML, &found, err));
	if (m->utf8.len)
		return msg_html(m, part, false, err);
	CDG_TRY(ole_read(m->o, msg_find(m, m->storage, MSG_RTF, MSG_BYTES), &m->value, err));
	CDG_TRY(msg_rtf(m, part, err));
	if (!read_build_finish(part))
		return err_nomem(err);
	compose_append(&m->c, part);
	return CDG_OK;
}

cdg_status
msg_text(msg *m, cdg_error *err)
{
	read_build part;
	cdg_status st;
	bool found;

	CDG_TRY(msg_string(m, m->storage, MSG_BODY, &found, err));
	if (!msg_is_blank(&m->utf8)) {
		msg_plain(m);
		return CDG_OK;
	}
	read_build_init(&part);
	read_build_reset(&part);
	st = msg_marked(m, &part, err);
	read_build_fini(&part);
	return st;
}
