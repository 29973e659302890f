/* state.h - what documents an index is to hold, known from outside: a version
 * for each of a few ids, and a way to find out from a snapshot.
 *
 * A document is a function of its id and version, so that every byte of its
 * stored text can be compared.
 */
#ifndef TESTS_CRASH_STATE_H
#define TESTS_CRASH_STATE_H

#include <inttypes.h>
#include <stdatomic.h>

#include "engine/docmeta.h"
#include "tests/corrupt/victim.h"

enum { STATE_IDS = 160, STATE_HOT = 24 };

typedef struct state {
	uint32_t version[STATE_IDS]; /* 0: not there */
} state;

static uint64_t
state_number(unsigned id, uint32_t version)
{
	return (uint64_t)version * 100000 + id;
}

static cdg_status
state_add(writer *w, unsigned id, uint32_t version, cdg_error *err)
{
	victim_doc v = { 0 };
	cdg_status st;
	char name[32];

	victim_make(&v, state_number(id, version), 8 + version % 40);
	snprintf(name, sizeof name, "only%uv%" PRIu32 " ", id, version);
	buf_puts(&v.text, name); /* a word that only this version has */
	v.doc.text = (doc_str){ (const char *)v.text.p, v.text.len };
	v.doc.nsections = 0;
	snprintf(v.id, sizeof v.id, "d%u", id);
	v.doc.id = (doc_str){ v.id, strlen(v.id) };
	st = v.text.failed ? err_nomem(err) : writer_add_document(w, &v.doc, err);
	buf_fini(&v.text);
	return st;
}

/* What a writer is at, from opening the index to closing it. */
typedef enum state_doing {
	STATE_OPENING,
	STATE_INDEXING, /* documents taken in or being written out */
	STATE_DELETING, /* a document marked dead, or a commit of nothing but that */
	STATE_MERGING,  /* after the changes were committed, until the merge is */
	STATE_NDOING
} state_doing;

/* A few random changes: some ids change often, others stay.  One time in four
 * nothing is added and more goes away. */
static cdg_status
state_change(writer *w, state *s, uint32_t version, uint64_t *r, _Atomic uint32_t *doing, cdg_error *err)
{
	bool only_deletes = victim_rand(r) % 4 == 0;
	unsigned n = only_deletes ? 0 : 1 + (unsigned)(victim_rand(r) % 12);
	unsigned ndel = (unsigned)(victim_rand(r) % 4) + (only_deletes ? 8 : 0);

	atomic_store(doing, STATE_INDEXING);
	for (unsigned i = 0; i < n; i++) {
		unsigned id = (unsigned)(victim_rand(r) % (victim_rand(r) % 2 ? STATE_IDS : STATE_HOT));
		CDG_TRY(state_add(w, id, version, err));
		s->version[id] = version;
	}
	for (unsigned i = 0; i < ndel; i++) {
		unsigned id = (unsigned)(victim_rand(r) % STATE_IDS);
		atomic_store(doing, STATE_DELETING);
		char name[32];
		bool found, had = s->version[id] != 0;
		size_t len = (size_t)snprintf(name, sizeof name, "d%u", id);
		CDG_TRY(writer_delete_id(w, name, len, &found, err));
		if (found != had)
			return err_set(err, CDG_E_CORRUPT, "deleting %s: found is %d", name, found);
		s->version[id] = 0;
	}
	/* the commit that follows writes documents, if there are any */
	atomic_store(doing, n ? STATE_INDEXING : STATE_DELETING);
	return CDG_OK;
}

/* ---- looking ---------------------------------------------------------------- */

/* The word of an id and version in a stored text: its version, or 0. */
static uint32_t
state_version(unsigned id, const buf *text)
{
	char want[32];
	size_t n = (size_t)snprintf(want, sizeof want, "only%uv", id);
	const char *at = memmem(text->p, text->len, want, n);

	return at ? (uint32_t)strtoul(at + n, NULL, 10) : 0;
}

/* All live documents of a snapshot. */
static cdg_status
state_read(const snapshot *snap, state *out, cdg_error *err)
{
	store_cursor c = { 0 };
	buf meta = { 0 }, text = { 0 };
	cdg_status st = CDG_OK;

	memset(out, 0, sizeof *out);
	for (uint64_t d = 0; d < snap->ndocs && st == CDG_OK; d++) {
		uint32_t local, a, b;
		const segment *s = snapshot_find(snap, d, &local);
		uint64_t ref;
		unsigned id = STATE_IDS;
		docmeta m;
		if (!segment_is_live(s, local))
			continue;
		meta.len = text.len = 0;
		if (!doctab_store(&s->docs, local, &ref)) {
			st = segment_error(s, err);
			break;
		}
		store_cursor_init(&c, &s->store);
		st = store_lengths(&c, ref, &a, &b, err);
		if (st == CDG_OK)
			st = store_meta(&c, ref, &meta, err);
		if (st == CDG_OK)
			st = store_text(&c, ref, 0, b, &text, err);
		store_cursor_fini(&c);
		buf_cstr(&meta);
		buf_cstr(&text);
		if (st == CDG_OK && docmeta_parse(&m, meta.p, meta.len) && m.id_len > 1 && m.id[0] == 'd')
			id = (unsigned)atoi(m.id + 1);
		if (st == CDG_OK && (id >= STATE_IDS || out->version[id] || !state_version(id, &text)))
			st = err_set(err, CDG_E_CORRUPT, "document %" PRIu64 " has id %u, which is wrong or there twice", d, id);
		if (st == CDG_OK)
			out->version[id] = state_version(id, &text);
	}
	buf_fini(&meta);
	buf_fini(&text);
	return st;
}

static unsigned
state_count(const state *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < STATE_IDS; i++)
		n += s->version[i] != 0;
	return n;
}

/* Is the word of a version found, and that of an older one not? */
static cdg_status
state_search(const cdg_index *x, const state *s, uint64_t *r, cdg_error *err)
{
	for (unsigned k = 0; k < 4; k++) {
		unsigned id = (unsigned)(victim_rand(r) % STATE_IDS);
		for (uint32_t back = 0; back < 2; back++) {
			uint32_t version = s->version[id] - back;
			char q[64];
			cdg_results *res;
			uint64_t n;
			if (!s->version[id] || !version)
				continue;
			snprintf(q, sizeof q, "only%uv%" PRIu32, id, version);
			CDG_TRY(cdg_search(x, NULL, q, strlen(q), &res, err));
			n = cdg_results_total(res);
			cdg_results_free(res);
			if (n != !back)
				return err_set(err, CDG_E_CORRUPT, "%s is found %" PRIu64 " times", q, n);
		}
	}
	return CDG_OK;
}

/* ---- files ------------------------------------------------------------------- */

/* Files that neither the manifest nor the lock accounts for, counted; the name
 * of one in `name`. */
static size_t
state_strays(const char *dir, const manifest *m, char name[128])
{
	static const char *const ext[] = { "dict", "post", "pos", "docs", "text", "tree", "cols" };
	char **names, want[128], hex[33];
	size_t n, strays = 0;

	if (file_list(dir, &names, &n, NULL) != CDG_OK)
		return 1;
	for (size_t i = 0; i < n; i++) {
		bool known = !strcmp(names[i], MANIFEST_NAME) || !strcmp(names[i], MANIFEST_LOCK);
		snprintf(want, sizeof want, "sources-%" PRIu64, m->sources);
		known |= m->sources && !strcmp(names[i], want);
		for (size_t s = 0; s < m->nsegs && !known; s++) {
			segment_id_hex(&m->segs[s].id, hex);
			for (size_t k = 0; k < countof(ext) && !known; k++) {
				snprintf(want, sizeof want, "%s.%s", hex, ext[k]);
				known = !strcmp(names[i], want);
			}
			for (int k = 0; m->segs[s].pairs && k < 2 && !known; k++) {
				snprintf(want, sizeof want, "%s.%s", hex, k ? "pairpost" : "pairs");
				known = !strcmp(names[i], want);
			}
			snprintf(want, sizeof want, "%s.live-%" PRIu64, hex, m->segs[s].livegen);
			known |= m->segs[s].livegen && !strcmp(names[i], want);
		}
		if (!known) {
			strays++;
			snprintf(name, 128, "%s", names[i]);
		}
	}
	file_list_free(names, n);
	return strays;
}

#endif
