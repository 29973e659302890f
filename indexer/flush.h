/* flush.h - the inverters of all workers become the .dict, .post and .pos files
 * of one segment.
 *
 * Documents were numbered by each worker for itself; `map` gives their numbers
 * in the segment, rising.  The files are the same bytes whatever the number of
 * workers and threads: terms are sorted, postings are merged by document, and
 * forms are numbered by their first use.
 */
#ifndef INDEXER_FLUSH_H
#define INDEXER_FLUSH_H

#include <stdatomic.h>

#include "engine/dict.h"
#include "indexer/inverter.h"

typedef struct flush_worker {
	const inverter *inv;
	const uint32_t *map; /* its document -> document of the segment */
} flush_worker;

typedef struct flush_id {
	const char *key;     /* as dict_id_key gives it */
	uint32_t len;
	uint32_t doc;
} flush_id;

typedef struct flush_input {
	const char *dir;
	segment_id id;
	const flush_worker *workers;
	size_t nworkers;
	uint32_t ndocs;
	const uint8_t *norms[2]; /* length bytes of text and title, by document */
	const uint8_t *langs;    /* language of each document */
	float avg_len[2];        /* average length of the two fields */
	const flush_id *ids;     /* different ones, sorted by key */
	size_t nids;
	unsigned threads;
	text_analyzer *const *analyzers; /* at least `threads` of them */
	bool sync;
	const atomic_bool *cancel; /* NULL allowed */
	/* Other files of the segment, written while the parts are joined, by a second
	 * thread when there is one; NULL allowed.  Its failure is the flush's. */
	cdg_status (*beside)(void *beside_arg, cdg_error *err);
	void *beside_arg;
} flush_input;

/* Bytes of memory that flush_terms takes for each entry of an inverter, and in
 * all on top of that for each thread. */
enum { FLUSH_BYTES_TERM = 64, FLUSH_BYTES_THREAD = 2 << 20 };

/* On failure no file is left. */
cdg_status flush_terms(const flush_input *in, cdg_error *err);

#endif
