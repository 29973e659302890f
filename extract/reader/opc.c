/* opc.c - see opc.h. */
#include "extract/reader/opc.h"

#include "extract/reader/meta.h"

enum {
	OPC_RELS_MAX = 200000,
	OPC_VALUE_MAX = 8000,
};

unsigned
opc_space(const char *uri)
{
	static const struct {
		const char *part;
		uint8_t space;
	} known[] = {
		{ "/wordprocessingml/", OPC_WORD },
		{ "/spreadsheetml/", OPC_SHEET },
		{ "/presentationml/", OPC_SLIDE },
		{ "/drawingml/", OPC_DRAWING },
		{ "/relationships", OPC_REL },
		{ "/markup-compatibility/", OPC_COMPAT },
		{ "/math", OPC_MATH },
		{ "/metadata/core-properties", OPC_META },
		{ "/extended-properties", OPC_META },
		{ "purl.org/dc/", OPC_META },
	};

	if (!*uri)
		return OPC_NONE;
	for (size_t i = 0; i < countof(known); i++)
		if (strstr(uri, known[i].part))
			return known[i].space;
	return OPC_OTHER;
}

/* ---- relations -------------------------------------------------------- */

typedef struct opc_walk {
	opc_rels *rels;
	package *p;
	const char *part_path;
	bool nomem;
} opc_walk;

static bool
opc_rel_start(void *ctx, unsigned id, const part_atts *atts)
{
	opc_walk *w = ctx;
	opc_rels *rels = w->rels;
	doc_str name = part_att(atts, PART_ANY, "Id"), type = part_att(atts, PART_ANY, "Type");
	opc_rel *rel;
	size_t slash = type.n;

	if (!id || !name.p || rels->count == OPC_RELS_MAX)
		return true;
	if (!mem_grow(&rels->rels, &rels->cap, rels->count + 1, sizeof *rels->rels)) {
		w->nomem = true;
		return true;
	}
	while (slash && type.p[slash - 1] != '/')
		slash--;
	rel = &rels->rels[rels->count++];
	rel->id = arena_strndup(&rels->strings, name.p, name.n);
	rel->type = arena_strndup(&rels->strings, type.p ? type.p + slash : "", type.n - slash);
	rel->member = -1;
	if (!part_is(part_att(atts, PART_ANY, "TargetMode"), "External"))
		rel->member = package_resolve(w->p, w->part_path, part_att(atts, PART_ANY, "Target"));
	w->nomem |= !rel->id || !rel->type;
	return true;
}

static void
opc_nothing(void *ctx, unsigned id)
{
	(void)ctx;
	(void)id;
}

static void
opc_no_text(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
}

cdg_status
opc_rels_read(opc_rels *rels, package *p, const char *part_path, cdg_error *err)
{
	static const part_word words[] = { { "Relationship", OPC_REL, 1 } };
	static const part_reader reader = { words, 1, opc_space, opc_rel_start, opc_nothing, opc_no_text };
	const char *slash = strrchr(part_path, '/');
	size_t folder = slash ? (size_t)(slash + 1 - part_path) : 0;
	opc_walk w = { rels, p, part_path, false };
	buf path;
	long member;

	memset(rels, 0, sizeof *rels);
	arena_init(&rels->strings);
	buf_init(&path);
	buf_printf(&path, "%.*s_rels/%s.rels", (int)folder, part_path, part_path + folder);
	member = path.failed ? -1 : package_find(p, buf_cstr(&path));
	buf_fini(&path);
	if (member < 0)
		return CDG_OK;
	CDG_TRY(part_parse(p, (size_t)member, &reader, &w, NULL, err));
	return w.nomem ? err_nomem(err) : CDG_OK;
}

void
opc_rels_fini(opc_rels *rels)
{
	mem_free(rels->rels);
	arena_fini(&rels->strings);
	memset(rels, 0, sizeof *rels);
}

long
opc_rels_type(const opc_rels *rels, const char *type)
{
	for (size_t i = 0; i < rels->count; i++)
		if (strcmp(rels->rels[i].type, type) == 0 && rels->rels[i].member >= 0)
			return rels->rels[i].member;
	return -1;
}

long
opc_rels_id(const opc_rels *rels, doc_str id)
{
	for (size_t i = 0; i < rels->count; i++)
		if (part_is(id, rels->rels[i].id))
			return rels->rels[i].member;
	return -1;
}

/* ---- metadata ---------------------------------------------------------- */

typedef struct opc_props {
	read_build *b;
	buf value;
} opc_props;

static bool
opc_meta_start(void *ctx, unsigned id, const part_atts *atts)
{
	opc_props *m = ctx;

	(void)id;
	(void)atts;
	m->value.len = 0;
	return true;
}

static void
opc_meta_text(void *ctx, const char *p, size_t n)
{
	opc_props *m = ctx;

	if (m->value.len + n <= OPC_VALUE_MAX)
		buf_put(&m->value, p, n);
}

static void
opc_meta_end(void *ctx, unsigned id)
{
	opc_props *m = ctx;

	if (id && m->value.len)
		meta_set(m->b, (meta_key)id, read_str((const char *)m->value.p, m->value.len));
	m->value.len = 0;
}

cdg_status
opc_meta(read_build *b, package *p, const opc_rels *rels, cdg_error *err)
{
	static const part_word words[] = {
		{ "Company", OPC_META, META_PUBLISHER },
		{ "category", OPC_META, META_TYPE },
		{ "created", OPC_META, META_CREATED },
		{ "creator", OPC_META, META_AUTHOR },
		{ "description", OPC_META, META_DESCRIPTION },
		{ "keywords", OPC_META, META_KEYWORDS },
		{ "language", OPC_META, META_LANG },
		{ "modified", OPC_META, META_MODIFIED },
		{ "subject", OPC_META, META_SUBJECT },
		{ "title", OPC_META, META_TITLE },
	};
	static const part_reader reader = { words, countof(words), opc_space, opc_meta_start, opc_meta_end, opc_meta_text };
	static const char *const types[] = { "core-properties", "extended-properties", "extendedProperties", "coreProperties" };
	opc_props m = { .b = b };
	cdg_status st = CDG_OK;

	buf_init(&m.value);
	for (size_t i = 0; i < countof(types) && st == CDG_OK; i++) {
		long member = opc_rels_type(rels, types[i]);

		if (member >= 0)
			st = part_parse(p, (size_t)member, &reader, &m, NULL, err);
	}
	if (m.value.failed)
		b->failed = true;
	buf_fini(&m.value);
	return st;
}
