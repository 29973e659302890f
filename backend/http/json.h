/* json.h - JSON that a server sent, as a tree in an arena. */
#ifndef BACKEND_HTTP_JSON_H
#define BACKEND_HTTP_JSON_H

#include "base/mem.h"

enum {
	JSON_DEPTH_MAX = 64,
	JSON_VALUES_MAX = 4000000 /* 300 MB of memory, whatever their text has; the longest true answer has half as many */
};

typedef enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_type;

typedef struct json_value {
	json_type type;
	const char *key;    /* in an object */
	const char *text;   /* of a string; of a number as it was written; else "" */
	struct json_value *first; /* of an array or object */
	struct json_value *next;  /* in it */
	size_t count;       /* values in it */
} json_value;

/* The value that text is, valid UTF-8 with a NUL at its end.  NULL: it is no JSON, has more or deeper
 * values than are read, or memory is out (mem->failed). */
const json_value *json_read(arena *mem, const char *text);

/* A member of an object; a null if there is none, or o is no object. */
const json_value *json_get(const json_value *o, const char *key);
/* "", 0 and false of what is another type. */
const char *json_text(const json_value *o);
uint64_t json_number(const json_value *o);
bool json_true(const json_value *o);

#endif
