/* worker.h - one thread's share of a segment that is being made: documents
 * become tokens, postings, stored text, structure, columns and rows.
 *
 * Between two flushes workers share nothing but what the writer does not change
 * meanwhile: the older segments, and the table of field names under its mutex.
 * Documents count from 0 in each worker; a worker's documents are in the order
 * of the input, and `order` says where they belong among those of all.
 */
#ifndef INDEXER_WORKER_H
#define INDEXER_WORKER_H

#include <pthread.h>

#include "engine/segment.h"
#include "extract/section_titles.h"
#include "indexer/inverter.h"
#include "indexer/reader.h"
#include "indexer/writer.h"

enum { WORKER_TOKENS = 256, WORKER_NO_OLD = UINT32_MAX };

/* Where a document stands in the input: number of the item, number in it. */
#define WORKER_ORDER(item, index) ((uint64_t)(item) << 28 | (index))

typedef struct worker_doc {
	uint64_t order;
	uint64_t id_at;           /* in ids */
	uint32_t id_len;          /* of the key (dict_id_key) */
	uint32_t old_seg, old_doc; /* the live document it replaces; WORKER_NO_OLD */
	bool broken;              /* did not fit: must not become live */
} worker_doc;

/* A record that is in an older segment as it is. */
typedef struct worker_same {
	uint64_t order, id_at;
	uint32_t id_len, origin;
	uint32_t old_seg, old_doc;
} worker_same;

typedef struct worker_failure {
	uint64_t order;
	uint32_t origin;          /* id of the source */
	uint64_t line;
	char *message;
} worker_failure;

typedef struct worker_field {
	char *name;
	size_t len;
	uint16_t id;              /* 0: there are too many fields */
	uint32_t doc, end;        /* last document with it; position after its last value */
} worker_field;

/* Names of fields to ids; shared. */
typedef struct worker_names {
	pthread_mutex_t lock;
	manifest *manifest;
} worker_names;

typedef struct worker_shared {
	const writer_options *options;
	worker_names names;
	bool told_general;    /* of a failure that all files of a kind have; under its mutex */
	store_sink text;          /* stored text of the segment being made */
	uint16_t field_date, field_lang, field_url;
	/* older segments, newest last; constant while workers run */
	segment **old;
	size_t nold;
	uint64_t analysis;        /* hash of the options that change what is indexed */
} worker_shared;

/* What other threads may know of a worker while it works: how it was after its last
 * document, or some ten thousand words ago. */
typedef struct worker_told {
	uint64_t bytes;           /* of memory that it holds */
	uint64_t docs, terms, tokens;
	bool something;           /* a flush would free some of it */
	bool full;                /* a segment can hardly take more */
	writer_stats stats;
} worker_told;

typedef struct worker {
	worker_shared *shared;
	unsigned number;
	reader *reader;
	text_analyzer *analyzer;
	inverter inv;
	store_part store;
	tree_part tree;
	tree_builder builder;
	column_builder *columns;
	doctab_writer rows;
	worker_doc *docs;
	size_t ndocs, docs_cap;
	worker_same *same;
	size_t nsame, same_cap;
	worker_failure *failures;
	size_t nfailures, failures_cap;
	buf ids, meta, values;
	char partly[512];         /* what of its documents was not read; "": nothing */
	char nothing[512];        /* why the last item gave neither a document nor a failure; "": it did */
	section_titles titles;    /* of the document */
	read_build made;          /* a document as the settings of its folder make it */
	worker_field *fields;
	size_t nfields, fields_cap, field_next;
	uint32_t *ends;           /* sections by end */
	uint32_t *section_pos;    /* start and end position of each */
	size_t ends_cap, section_cap;
	uint64_t title_tokens, text_tokens, langs;
	writer_stats stats;       /* added up by the writer */
	pthread_mutex_t told_lock;
	worker_told told;         /* under its lock; all else is the worker's own until the threads are joined */
	text_token tokens[WORKER_TOKENS];
} worker;

/* dir: where temporary files go; number: of this worker. */
cdg_status worker_init(worker *w, worker_shared *shared, const char *dir, unsigned number, uint64_t limit,
		       cdg_error *err);
void worker_fini(worker *w);
/* After a flush, or to forget everything. */
void worker_reset(worker *w);
/* By its own thread: make known how it is. */
void worker_tell(worker *w);
/* By any thread. */
worker_told worker_heard(worker *w);

cdg_status worker_add(worker *w, const document *doc, uint64_t order, uint32_t origin, cdg_error *err);
/* All documents of an item. */
cdg_status worker_item(worker *w, const source_item *item, uint64_t number, uint32_t origin, cdg_error *err);
/* message is copied.  False: no memory. */
bool worker_fail(worker *w, uint64_t order, uint32_t origin, uint64_t line, const char *message);

#endif
