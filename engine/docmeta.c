/* docmeta.c - see docmeta.h.  Pure functions over bytes. */
#include "engine/docmeta.h"

static void
docmeta_put_str(buf *b, const char *s, size_t n)
{
	buf_put_varint(b, n);
	buf_put(b, s, n);
}

void
docmeta_put(buf *b, const docmeta *m)
{
	docmeta_put_str(b, m->id, m->id_len);
	docmeta_put_str(b, m->title, m->title_len);
	docmeta_put_str(b, m->url, m->url_len);
	docmeta_put_str(b, m->lang, m->lang_len);
	buf_put_u8(b, m->has_date ? (uint8_t)(m->precision + 1) : 0);
	if (m->has_date)
		buf_put_varint(b, zigzag(m->day));
	buf_put_varint(b, m->nfields);
}

void
docmeta_put_value(buf *b, const docmeta_value *v)
{
	buf_put_varint(b, v->field);
	buf_put_u8(b, (uint8_t)(v->type | (v->list ? 128 : 0)));
	if (v->type == DOCMETA_STRING) {
		docmeta_put_str(b, v->string, v->len);
	} else if (v->type == DOCMETA_NUMBER) {
		buf_put(b, &v->number, 8);
	} else {
		buf_put_u8(b, v->precision);
		buf_put_varint(b, zigzag(v->day));
	}
}

static const char *
docmeta_str(rd *r, size_t *n)
{
	*n = rd_varint32(r);
	return (const char *)rd_bytes(r, *n);
}

bool
docmeta_parse(docmeta *m, const void *p, size_t n)
{
	rd r = rd_make(p, n);
	unsigned date;

	memset(m, 0, sizeof *m);
	m->id = docmeta_str(&r, &m->id_len);
	m->title = docmeta_str(&r, &m->title_len);
	m->url = docmeta_str(&r, &m->url_len);
	m->lang = docmeta_str(&r, &m->lang_len);
	date = rd_u8(&r);
	if (date) {
		m->has_date = true;
		m->precision = (uint8_t)(date - 1);
		m->day = (int32_t)unzigzag(rd_varint(&r));
	}
	m->nfields = rd_varint32(&r);
	m->fields = r;
	return !r.bad && date <= 3;
}

bool
docmeta_next(docmeta *m, docmeta_value *v)
{
	rd *r = &m->fields;
	unsigned type;

	memset(v, 0, sizeof *v);
	v->field = (uint16_t)rd_varint32(r);
	type = rd_u8(r);
	v->list = type & 128;
	v->type = type & 127;
	if (v->type == DOCMETA_STRING) {
		v->string = docmeta_str(r, &v->len);
	} else if (v->type == DOCMETA_NUMBER) {
		uint64_t bits = rd_u64(r);
		memcpy(&v->number, &bits, 8);
	} else {
		v->precision = rd_u8(r);
		v->day = (int32_t)unzigzag(rd_varint(r));
	}
	return !r->bad && v->type <= DOCMETA_DATE;
}
